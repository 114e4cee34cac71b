/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"

#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>

#include "base/sha256.h"
#include "base/wide.h"

enum { POOL = 512, POOLED_MAX = 64 };

static uint64_t table_key[6]; /* of hq_hash64, drawn when the process starts */
static atomic_uint forks; /* counts forks, so that a child never repeats its parent's randomness */

static void count_fork(void)
{
    atomic_fetch_add(&forks, 1);
}

hq_status hq_base_init(void)
{
    int rc = sodium_init(); /* 1: ran before */
    if (rc < 0) {
        return HQ_FAIL(INTERNAL);
    }
    if (rc == 0) {
        hq_sha256__choose();
        randombytes_buf(table_key, sizeof table_key);
        table_key[0] |= 1; /* what a length is multiplied by */
        if (pthread_atfork(NULL, NULL, count_fork) != 0) {
            return HQ_FAIL(NOMEM);
        }
    }
    return HQ_DONE;
}

static const unsigned char *bytes_of(hq_sv v)
{
    return (const unsigned char *)(v.len == 0 ? "" : v.ptr);
}

typedef struct {
    uint32_t state[8];
    uint8_t rest[64];
    size_t have; /* in rest */
    uint64_t len;
} sha256;

static void sha256_update(sha256 *s, const void *bytes, size_t len)
{
    const uint8_t *from = bytes;
    s->len += len;
    if (s->have > 0) {
        size_t part = sizeof s->rest - s->have < len ? sizeof s->rest - s->have : len;
        memcpy(s->rest + s->have, from, part);
        s->have += part;
        from += part;
        len -= part;
        if (s->have < sizeof s->rest) {
            return;
        }
        hq_sha256__blocks(s->state, s->rest, 1);
        s->have = 0;
    }
    hq_sha256__blocks(s->state, from, len / 64);
    s->have = len % 64;
    memcpy(s->rest, from + len - s->have, s->have);
}

static void sha256_final(sha256 *s, uint8_t out[32])
{
    s->rest[s->have++] = 0x80;
    memset(s->rest + s->have, 0, sizeof s->rest - s->have);
    if (s->have > 56) {
        hq_sha256__blocks(s->state, s->rest, 1);
        memset(s->rest, 0, 56);
    }
    uint64_t bits = __builtin_bswap64(s->len * 8);
    memcpy(s->rest + 56, &bits, sizeof bits);
    hq_sha256__blocks(s->state, s->rest, 1);
    for (size_t i = 0; i < 8; i++) {
        uint32_t v = __builtin_bswap32(s->state[i]);
        memcpy(out + 4 * i, &v, sizeof v);
    }
}

#define SHA256_START                                                                               \
    ((sha256){ .state = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c,  \
                          0x1f83d9ab, 0x5be0cd19 } })

void hq_sha256(hq_hash32 *out, hq_sv in)
{
    sha256 s = SHA256_START;
    sha256_update(&s, bytes_of(in), in.len);
    sha256_final(&s, out->bytes);
}

void hq_sha256_prefixed(hq_hash32 *out, uint8_t prefix, hq_sv a, hq_sv b)
{
    sha256 s = SHA256_START;
    sha256_update(&s, &prefix, 1);
    sha256_update(&s, bytes_of(a), a.len);
    sha256_update(&s, bytes_of(b), b.len);
    sha256_final(&s, out->bytes);
}

void hq_blake2b(hq_hash32 *out, hq_sv in)
{
    crypto_generichash(out->bytes, sizeof out->bytes, bytes_of(in), in.len, NULL, 0);
}

bool hq_hash_eq(const hq_hash32 *a, const hq_hash32 *b)
{
    return sodium_memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

static inline uint64_t word_at(const char *from)
{
    uint64_t v;
    memcpy(&v, from, sizeof v);
    return v;
}

/* Both halves of a product count. */
static inline uint64_t mixed(uint64_t a, uint64_t b)
{
    hq_u128 product = (hq_u128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Up to eight bytes in one word; overlapping pieces, so that none is looked at alone. */
static inline uint64_t short_word(hq_sv in)
{
    if (in.len >= 4) {
        uint32_t two[2];
        memcpy(&two[0], in.ptr, 4);
        memcpy(&two[1], in.ptr + in.len - 4, 4);
        return (uint64_t)two[1] << 32 | two[0];
    }
    return in.len == 0 ? 0
                       : (uint64_t)(unsigned char)in.ptr[0] |
                             (uint64_t)(unsigned char)in.ptr[in.len / 2] << 8 |
                             (uint64_t)(unsigned char)in.ptr[in.len - 1] << 16;
}

bool hq_ed25519_holds(const uint8_t signature[64], hq_sv message, const uint8_t public_key[32])
{
    return crypto_sign_verify_detached(signature, bytes_of(message), message.len, public_key) == 0;
}

/* Words are multiplied pair by pair, each under its own secret. Who does not know the secrets can
 * neither make a factor zero nor two texts alike; nobody is shown a hash. */
uint64_t hq_hash64(hq_sv in)
{
    uint64_t state = table_key[0] * (in.len + 1);
    while (in.len > 16) {
        state = mixed(word_at(in.ptr) ^ table_key[1] ^ state, word_at(in.ptr + 8) ^ table_key[2]) +
                state * table_key[0];
        in.ptr += 16;
        in.len -= 16;
    }
    uint64_t a = in.len > 8 ? word_at(in.ptr) : short_word(in);
    uint64_t b = in.len > 8 ? word_at(in.ptr + in.len - 8) : 0;
    return mixed(mixed(a ^ table_key[3] ^ state, b ^ table_key[4]) ^ table_key[5],
                 state ^ table_key[1]);
}

/* Small draws come from a pool of the thread, filled by one system call for many; each byte is
 * wiped as it is handed out, so that a later look at memory finds no key. */
void hq_random_bytes(void *out, size_t len)
{
    static _Thread_local uint8_t pool[POOL];
    static _Thread_local size_t left;
    static _Thread_local unsigned seen_forks;
    if (len > POOLED_MAX) {
        randombytes_buf(out, len);
        return;
    }
    unsigned now = atomic_load_explicit(&forks, memory_order_relaxed);
    if (left < len || seen_forks != now) {
        randombytes_buf(pool, sizeof pool);
        left = sizeof pool;
        seen_forks = now;
    }
    if (len > 0) {
        left -= len;
        memcpy(out, pool + left, len);
        sodium_memzero(pool + left, len);
    }
}

uint64_t hq_random_u64(void)
{
    uint64_t v;
    hq_random_bytes(&v, sizeof v);
    return v;
}

uint32_t hq_random_below(uint32_t bound)
{
    /* Multiply-shift; draws in the short tail that would favour some values are thrown away. */
    for (;;) {
        uint32_t draw;
        hq_random_bytes(&draw, sizeof draw);
        uint64_t wide = (uint64_t)draw * bound;
        if ((uint32_t)wide >= bound || (uint32_t)wide >= (0 - bound) % bound) {
            return (uint32_t)(wide >> 32);
        }
    }
}

void hq_id_make(hq_id *out, hq_time_us now)
{
    uint64_t us = now < 0 ? 0 : (uint64_t)now;
    uint64_t ms = us / 1000;
    /* RFC 9562, 6.2 method 3: the part of the millisecond goes into the 12 bits after the version.
     */
    unsigned part = (unsigned)(us % 1000 * 4096 / 1000);
    for (size_t i = 0; i < 6; i++) {
        out->bytes[i] = (uint8_t)(ms >> (8 * (5 - i)));
    }
    out->bytes[6] = (uint8_t)(0x70 | (part >> 8));
    out->bytes[7] = (uint8_t)part;
    hq_random_bytes(out->bytes + 8, 8);
    out->bytes[8] = (uint8_t)(0x80 | (out->bytes[8] & 0x3f));
}

void hq_id_write(hq_buf *buf, const hq_id *id)
{
    hq_buf_hex(buf, id->bytes, 4);
    for (size_t i = 4; i < 10; i += 2) {
        hq_buf_char(buf, '-');
        hq_buf_hex(buf, id->bytes + i, 2);
    }
    hq_buf_char(buf, '-');
    hq_buf_hex(buf, id->bytes + 10, 6);
}

static int nibble(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

hq_status hq_id_parse(hq_id *out, hq_sv text)
{
    hq_id id;
    if (text.len != 36) {
        return HQ_FAIL(SYNTAX);
    }
    size_t at = 0;
    for (size_t i = 0; i < sizeof id.bytes; i++) {
        if ((i == 4 || i == 6 || i == 8 || i == 10) && text.ptr[at++] != '-') {
            return HQ_FAIL(SYNTAX);
        }
        int high = nibble(text.ptr[at]), low = nibble(text.ptr[at + 1]);
        if (high < 0 || low < 0) {
            return HQ_FAIL(SYNTAX);
        }
        id.bytes[i] = (uint8_t)(high << 4 | low);
        at += 2;
    }
    *out = id;
    return HQ_DONE;
}
