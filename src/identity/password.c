/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/room.h"

#include <sodium.h>

/* argon2id makes 64 bytes of a password. A hash of the first half is stored and says whether the
 * password is right; the second half seals the TOTP secret and is never stored.
 *
 * Cost: 32 MiB and three passes, above the second choice of OWASP's Password Storage Cheat Sheet
 * (19 MiB, two passes), some 100 ms on one core of a small machine. Each stored password carries
 * its own cost, so it can be raised. */
#define OPS ((int64_t)3)
#define MEM ((int64_t)32 << 20)

#define LENGTH_MIN   10
#define LENGTH_MAX   128
#define DISTINCT_MIN 5

typedef struct {
    uint8_t verifier[32], seal[32];
} derived;

static void wipe(hq_sv copy)
{
    char *bytes;
    memcpy(&bytes, &copy.ptr, sizeof bytes);
    sodium_memzero(bytes, copy.len);
}

/* Two ways to type one text must give one password. */
static hq_status derive(derived *out, const hq_identity__password *by, hq_sv password)
{
    hq_arena *arena = hq_arena_new(65536);
    hq_sv normal;
    if (arena == NULL) {
        return HQ_FAIL(NOMEM);
    }
    hq_status s = hq_utf8_valid(password) && password.len <= (size_t)LENGTH_MAX * 4
                      ? hq_utf8_nfc(&normal, arena, password)
                      : HQ_FAIL(SYNTAX);
    bool strange = s.code == HQ_E_SYNTAX; /* cannot be anybody's, but must cost the same */
    if (strange) {
        normal = password = HQ_SV("?");
        s = HQ_DONE;
    }
    if (hq_ok(s) && crypto_pwhash((unsigned char *)out, sizeof *out, normal.ptr, normal.len,
                                  by->salt, (unsigned long long)by->ops, (size_t)by->mem,
                                  crypto_pwhash_ALG_ARGON2ID13) != 0) {
        s = HQ_FAIL(NOMEM);
    }
    if (hq_ok(s) && normal.ptr != password.ptr) { /* NFC made a copy */
        wipe(normal);
    }
    hq_arena_free(arena);
    return s;
}

hq_status hq_identity__password_make(hq_identity__password *out, uint8_t seal[32], hq_sv password)
{
    derived d;
    *out = (hq_identity__password){ .ops = OPS, .mem = MEM };
    hq_random_bytes(out->salt, sizeof out->salt);
    HQ_TRY(derive(&d, out, password));
    hq_blake2b(&out->hash, hq_sv_make(d.verifier, sizeof d.verifier));
    memcpy(seal, d.seal, 32);
    sodium_memzero(&d, sizeof d);
    return HQ_DONE;
}

hq_status hq_identity__password_match(bool *out, uint8_t seal[32],
                                      const hq_identity__password *stored, hq_sv password)
{
    static const hq_identity__password nobody = { .ops = OPS, .mem = MEM };
    derived d;
    hq_hash32 hash;
    const hq_identity__password *by = stored == NULL ? &nobody : stored;
    *out = false;
    HQ_TRY(derive(&d, by, password));
    hq_blake2b(&hash, hq_sv_make(d.verifier, sizeof d.verifier));
    bool same = hq_hash_eq(&hash, &by->hash);
    *out = same && stored != NULL;
    memcpy(seal, d.seal, 32);
    sodium_memzero(&d, sizeof d);
    return HQ_DONE;
}

void hq_identity__password_invent(char out[25])
{
    static const char letters[] = "abcdefghijkmnpqrstuvwxyz23456789"; /* no l, o, 0, 1 */
    size_t at = 0;
    for (int i = 0; i < 20; i++) {
        if (i > 0 && i % 4 == 0) {
            out[at++] = '-';
        }
        out[at++] = letters[hq_random_below(sizeof letters - 1)];
    }
    out[at] = '\0';
}

/* ------------------------------------------------------------------ rules */

/* What people choose when a system asks for ten characters; compared after folding, without spaces.
 */
static const char *const common[] = {
    "1234567890",     "0123456789",   "123456789a",    "12345678910",   "0987654321",
    "1q2w3e4r5t",     "qwertyuiop",   "qwerty123456",  "password123",   "password1234",
    "passw0rd123",    "p@ssw0rd123",  "administrator", "admin123456",   "admin12345",
    "matkhau123",     "matkhau1234",  "matkhau12345",  "matkhau123456", "vietnam123",
    "vietnam1234",    "haiquan123",   "haiquan1234",   "haiquan12345",  "haiquan123456",
    "tongcuchaiquan", "cuchaiquan",   "customs123",    "customs1234",   "iloveyou123",
    "anhyeuem123",    "letmein1234",  "welcome1234",   "welcome123",    "changeme123",
    "abcdefghij",     "abcd123456",   "abc1234567",    "a123456789",    "abc123456789",
    "zaq12wsxcde3",   "1qaz2wsx3edc", "qazwsxedcrfv",  "asdfghjkl123",  "trustno1234",
};

static hq_status refuse(hq_why *why, const char *vi, const char *en)
{
    if (why != NULL) {
        *why = (hq_why){ HQ_SV("/password"), hq_sv_from_cstr(vi), hq_sv_from_cstr(en) };
    }
    return HQ_FAIL(INVALID);
}

static int distinct_bytes(hq_sv v)
{
    bool seen[256] = { false };
    int count = 0;
    for (size_t i = 0; i < v.len; i++) {
        unsigned char c = (unsigned char)v.ptr[i];
        count += !seen[c];
        seen[c] = true;
    }
    return count;
}

static hq_status squeeze(hq_sv *out, hq_arena *arena, hq_sv v)
{
    hq_sv folded;
    HQ_TRY(hq_fold(&folded, arena, v));
    char *to = hq_arena_alloc(arena, folded.len + 1);
    size_t len = 0;
    if (to == NULL) {
        return HQ_FAIL(NOMEM);
    }
    for (size_t i = 0; i < folded.len; i++) {
        if (folded.ptr[i] != ' ') {
            to[len++] = folded.ptr[i];
        }
    }
    *out = hq_sv_make(to, len);
    return HQ_DONE;
}

static bool is_common(hq_sv squeezed, hq_sv password)
{
    for (size_t i = 0; i < sizeof common / sizeof common[0]; i++) {
        hq_sv word = hq_sv_from_cstr(common[i]);
        if (hq_sv_eq(squeezed, word) || hq_sv_eq_nocase(password, word)) {
            return true;
        }
    }
    return false;
}

hq_status hq_identity__password_check(hq_sv password, hq_sv username, hq_arena *arena, hq_why *why)
{
    hq_sv squeezed;
    hq_sv name;
    if (!hq_utf8_valid(password) || hq_utf8_has_control(password)) {
        return refuse(why, "Mật khẩu không được chứa ký tự điều khiển",
                      "The password must not hold control characters");
    }
    size_t length = hq_utf8_length(password);
    if (length < LENGTH_MIN) {
        return refuse(why, "Mật khẩu cần ít nhất 10 ký tự; một câu ngắn dễ nhớ là tốt nhất",
                      "The password needs at least 10 characters; a short sentence is best");
    }
    if (length > LENGTH_MAX) {
        return refuse(why, "Mật khẩu dài nhất 128 ký tự",
                      "The password has at most 128 characters");
    }
    HQ_TRY(squeeze(&squeezed, arena, password));
    HQ_TRY(squeeze(&name, arena, username));
    if (distinct_bytes(password) < DISTINCT_MIN || is_common(squeezed, password)) {
        return refuse(why, "Mật khẩu này quá dễ đoán; hãy chọn mật khẩu khác",
                      "This password is too easy to guess; choose another");
    }
    if (name.len >= 3 && memmem(squeezed.ptr, squeezed.len, name.ptr, name.len) != NULL) {
        return refuse(why, "Mật khẩu không được chứa tên đăng nhập",
                      "The password must not contain the username");
    }
    return HQ_DONE;
}
