/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/room.h"

#include <sodium.h>

/* Time-based one-time codes (RFC 6238 over RFC 4226): SHA-1, six digits, steps of 30 seconds, which
 * is what every authenticator program has. SHA-1 stands here because libsodium rightly has none; as
 * HMAC it is still sound (RFC 6194, 3.3). */

/* ------------------------------------------------------------------ SHA-1, FIPS 180-4 */

typedef struct {
    uint32_t state[5];
    uint8_t block[64];
    uint64_t len;
} sha1;

static uint32_t rotate(uint32_t v, int by)
{
    return v << by | v >> (32 - by);
}

static uint32_t mix(int round, uint32_t b, uint32_t c, uint32_t d)
{
    if (round < 20) {
        return ((b & c) | (~b & d)) + 0x5A827999u;
    }
    if (round < 40) {
        return (b ^ c ^ d) + 0x6ED9EBA1u;
    }
    if (round < 60) {
        return ((b & c) | (b & d) | (c & d)) + 0x8F1BBCDCu;
    }
    return (b ^ c ^ d) + 0xCA62C1D6u;
}

static void sha1_block(sha1 *s)
{
    uint32_t w[80];
    for (int i = 0; i < 16; i++) {
        const uint8_t *at = s->block + i * 4;
        w[i] = (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
    }
    for (int i = 16; i < 80; i++) {
        w[i] = rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    }
    uint32_t v[5];
    memcpy(v, s->state, sizeof v);
    for (int i = 0; i < 80; i++) {
        uint32_t next = rotate(v[0], 5) + mix(i, v[1], v[2], v[3]) + v[4] + w[i];
        v[4] = v[3];
        v[3] = v[2];
        v[2] = rotate(v[1], 30);
        v[1] = v[0];
        v[0] = next;
    }
    for (int i = 0; i < 5; i++) {
        s->state[i] += v[i];
    }
}

static void sha1_begin(sha1 *s)
{
    static const uint32_t start[5] = { 0x67452301u, 0xEFCDAB89u, 0x98BADCFEu, 0x10325476u,
                                       0xC3D2E1F0u };
    *s = (sha1){ .len = 0 };
    memcpy(s->state, start, sizeof start);
}

static void sha1_take(sha1 *s, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        s->block[s->len++ % 64] = bytes[i];
        if (s->len % 64 == 0) {
            sha1_block(s);
        }
    }
}

static void sha1_end(uint8_t out[20], sha1 *s)
{
    uint64_t bits = s->len * 8;
    uint8_t length[8];
    for (int i = 0; i < 8; i++) {
        length[i] = (uint8_t)(bits >> (56 - 8 * i));
    }
    sha1_take(s, &(uint8_t){ 0x80 }, 1);
    while (s->len % 64 != 56) {
        sha1_take(s, &(uint8_t){ 0 }, 1);
    }
    sha1_take(s, length, sizeof length);
    for (int i = 0; i < 20; i++) {
        out[i] = (uint8_t)(s->state[i / 4] >> (24 - 8 * (i % 4)));
    }
}

void hq_identity__hmac_sha1(uint8_t out[20], hq_sv key, hq_sv message)
{
    uint8_t padded[64] = { 0 };
    uint8_t outer[64];
    sha1 s;
    if (key.len > sizeof padded) {
        sha1_begin(&s);
        sha1_take(&s, (const uint8_t *)key.ptr, key.len);
        sha1_end(padded, &s);
    } else {
        memcpy(padded, key.ptr, key.len);
    }
    for (size_t i = 0; i < sizeof padded; i++) {
        outer[i] = padded[i] ^ 0x5C;
        padded[i] ^= 0x36;
    }
    sha1_begin(&s);
    sha1_take(&s, padded, sizeof padded);
    sha1_take(&s, (const uint8_t *)message.ptr, message.len);
    sha1_end(out, &s);
    sha1_begin(&s);
    sha1_take(&s, outer, sizeof outer);
    sha1_take(&s, out, 20);
    sha1_end(out, &s);
}

/* ------------------------------------------------------------------ codes */

uint32_t hq_identity__totp_code(hq_sv secret, int64_t step, int digits)
{
    uint8_t counter[8];
    uint8_t mac[20];
    for (int i = 0; i < 8; i++) {
        counter[i] = (uint8_t)((uint64_t)step >> (56 - 8 * i));
    }
    hq_identity__hmac_sha1(mac, secret, hq_sv_make(counter, sizeof counter));
    const uint8_t *at = mac + (mac[19] & 0x0F); /* dynamic truncation, RFC 4226 5.3 */
    uint32_t code = (uint32_t)(at[0] & 0x7F) << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 |
                    (uint32_t)at[3];
    uint32_t bound = 1;
    for (int i = 0; i < digits; i++) {
        bound *= 10;
    }
    return code % bound;
}

int64_t hq_identity__totp_match(hq_sv secret, hq_sv code, int64_t used, hq_time_us now)
{
    int64_t wanted;
    int64_t found = 0;
    int64_t present = now / HQ_US_PER_SECOND / HQ_IDENTITY__STEP_S;
    if (code.len != 6 || !hq_sv_digits(code) || !hq_sv_i64(&wanted, code)) {
        return 0;
    }
    for (int64_t step = present - 1; step <= present + 1; step++) {
        bool same = hq_identity__totp_code(secret, step, 6) == (uint32_t)wanted;
        found = same && step > used && found == 0 ? step : found;
    }
    return found;
}

void hq_identity__base32(hq_buf *out, const uint8_t *bytes, size_t len)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    uint32_t held = 0;
    int bits = 0;
    for (size_t i = 0; i < len; i++) {
        held = held << 8 | bytes[i];
        bits += 8;
        while (bits >= 5) {
            bits -= 5;
            hq_buf_char(out, letters[held >> bits & 31]);
        }
    }
    if (bits > 0) {
        hq_buf_char(out, letters[held << (5 - bits) & 31]);
    }
}

hq_sv hq_identity__totp_uri(hq_sv username, const uint8_t secret[HQ_IDENTITY__TOTP_BYTES],
                            hq_arena *arena)
{
    hq_buf out = HQ_BUF_ARENA(arena, 1024);
    hq_buf_lit(&out, "otpauth://totp/Haiquan:");
    for (size_t i = 0; i < username.len; i++) {
        if (username.ptr[i] == '@') {
            hq_buf_lit(&out, "%40");
        } else {
            hq_buf_char(&out, username.ptr[i]);
        }
    }
    hq_buf_lit(&out, "?secret=");
    hq_identity__base32(&out, secret, HQ_IDENTITY__TOTP_BYTES);
    hq_buf_lit(&out, "&issuer=Haiquan&algorithm=SHA1&digits=6&period=30");
    return hq_ok(hq_buf_status(&out)) ? hq_buf_view(&out) : HQ_SV_NULL;
}

/* ------------------------------------------------------------------ keeping the secret */

void hq_identity__totp_seal(uint8_t out[HQ_IDENTITY__SEAL_BYTES], size_t *len,
                            const uint8_t secret[HQ_IDENTITY__TOTP_BYTES], const uint8_t key[32])
{
    hq_random_bytes(out, crypto_secretbox_NONCEBYTES);
    crypto_secretbox_easy(out + crypto_secretbox_NONCEBYTES, secret, HQ_IDENTITY__TOTP_BYTES, out,
                          key);
    *len = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + HQ_IDENTITY__TOTP_BYTES;
}

bool hq_identity__totp_open(uint8_t secret[HQ_IDENTITY__TOTP_BYTES], hq_sv sealed,
                            const uint8_t key[32])
{
    size_t head = crypto_secretbox_NONCEBYTES;
    const uint8_t *bytes = (const uint8_t *)sealed.ptr;
    return sealed.len == head + crypto_secretbox_MACBYTES + HQ_IDENTITY__TOTP_BYTES &&
           crypto_secretbox_open_easy(secret, bytes + head, sealed.len - head, bytes, key) == 0;
}

/* ------------------------------------------------------------------ recovery codes */

#define RECOVERY_LETTERS 16
static const char recovery_letters[] = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

void hq_identity__recovery_make(char out[20], hq_hash32 *hash)
{
    size_t at = 0;
    for (int i = 0; i < RECOVERY_LETTERS; i++) {
        if (i > 0 && i % 4 == 0) {
            out[at++] = '-';
        }
        out[at++] = recovery_letters[hq_random_below(sizeof recovery_letters - 1)];
    }
    out[at] = '\0';
    (void)hq_identity__recovery_hash(hash, hq_sv_from_cstr(out));
}

bool hq_identity__recovery_hash(hq_hash32 *out, hq_sv code)
{
    char bare[RECOVERY_LETTERS];
    size_t len = 0;
    for (size_t i = 0; i < code.len; i++) {
        char c = code.ptr[i];
        c = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
        if (c == '-' || c == ' ') {
            continue;
        }
        if (len == RECOVERY_LETTERS || c == '\0' || strchr(recovery_letters, c) == NULL) {
            return false;
        }
        bare[len++] = c;
    }
    hq_blake2b(out, hq_sv_make(bare, len));
    return len == RECOVERY_LETTERS;
}
