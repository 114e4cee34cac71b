/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/rows.h"

/* From headers to a caller. */

static hq_status refuse(hq_why *why, const char *vi, const char *en)
{
    if (why != NULL) {
        *why = (hq_why){ .vi = hq_sv_from_cstr(vi), .en = hq_sv_from_cstr(en) };
    }
    return HQ_FAIL(UNAUTHENTICATED);
}

/* ------------------------------------------------------------------ tokens */

void hq_identity__secret_make(char out[HQ_IDENTITY__SECRET_LEN + 1], hq_hash32 *hash)
{
    static const char letters[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    memcpy(out, "hq_", 3);
    for (int i = 3; i < HQ_IDENTITY__SECRET_LEN; i++) {
        out[i] = letters[hq_random_below(sizeof letters - 1)];
    }
    out[HQ_IDENTITY__SECRET_LEN] = '\0';
    hq_blake2b(hash, hq_sv_make(out, HQ_IDENTITY__SECRET_LEN));
}

void hq_identity__csrf(char out[65], const hq_hash32 *session)
{
    static const char digits[] = "0123456789abcdef";
    char text[4 + sizeof session->bytes];
    hq_hash32 hash;
    memcpy(text, "csrf", 4);
    memcpy(text + 4, session->bytes, sizeof session->bytes);
    hq_blake2b(&hash, hq_sv_make(text, sizeof text));
    for (size_t i = 0; i < sizeof hash.bytes; i++) {
        out[i * 2] = digits[hash.bytes[i] >> 4];
        out[i * 2 + 1] = digits[hash.bytes[i] & 15];
    }
    out[64] = '\0';
}

hq_sv hq_identity__id_text(const char *prefix, const hq_id *id, hq_arena *arena)
{
    hq_buf out = HQ_BUF_ARENA(arena, 128);
    hq_buf_sv(&out, hq_sv_from_cstr(prefix));
    hq_id_write(&out, id);
    return hq_ok(hq_buf_status(&out)) ? hq_buf_view(&out) : HQ_SV_NULL;
}

/* The key of "Bearer <key>", ptr NULL for anything else. */
static hq_sv bearer(hq_sv authorization)
{
    hq_sv scheme = hq_sv_sub(authorization, 0, 7);
    return hq_sv_eq_nocase(scheme, HQ_SV("Bearer "))
               ? hq_sv_trim(hq_sv_sub(authorization, 7, authorization.len))
               : HQ_SV_NULL;
}

static hq_sv session_cookie(hq_sv cookie)
{
    hq_sv rest = cookie;
    while (rest.ptr != NULL) {
        hq_sv pair = hq_sv_trim(hq_sv_cut(&rest, ';'));
        if (hq_sv_starts(pair, HQ_SV(HQ_IDENTITY__COOKIE "="))) {
            return hq_sv_sub(pair, sizeof HQ_IDENTITY__COOKIE, pair.len);
        }
    }
    return HQ_SV_NULL;
}

/* ------------------------------------------------------------------ keys */

static hq_status by_key(hq_caller **out, hq_identity *identity, hq_sv key, hq_arena *arena,
                        hq_why *why)
{
    hq_hash32 hash;
    if (key.len != HQ_IDENTITY__SECRET_LEN || !hq_sv_starts(key, HQ_SV("hq_"))) {
        return refuse(why, "Khóa API không đúng dạng; khóa bắt đầu bằng hq_ và có 46 ký tự",
                      "This is no API key; a key begins with hq_ and has 46 characters");
    }
    hq_blake2b(&hash, key);
    hq_identity__found found = hq_identity__find_key(out, identity, &hash, arena);
    if (found == HQ_IDENTITY__UNKNOWN) { /* made a moment ago, perhaps by another process */
        HQ_TRY(hq_identity_refresh(identity));
        found = hq_identity__find_key(out, identity, &hash, arena);
    }
    if (found == HQ_IDENTITY__KNOWN) {
        return HQ_DONE;
    }
    if (found == HQ_IDENTITY__NOMEM) {
        return HQ_FAIL(NOMEM);
    }
    return refuse(why, "Khóa API không có hoặc đã bị thu hồi", "The API key is unknown or revoked");
}

/* ------------------------------------------------------------------ sessions */

typedef struct {
    const hq_hash32 *hash;
    hq_time_us seen_at;
} seen;

static hq_status read_seen(hq_tx *tx, void *user)
{
    seen *s = user;
    return hq_identity__session_seen_get(&s->seen_at, tx, s->hash);
}

static hq_status find_session(hq_identity__found *found, hq_caller **out, hq_identity *identity,
                              const hq_hash32 *hash, hq_arena *arena)
{
    *found = hq_identity__find_session(out, identity, hash, arena);
    if (*found == HQ_IDENTITY__UNKNOWN) { /* opened a moment ago, perhaps by another process */
        HQ_TRY(hq_identity_refresh(identity));
        *found = hq_identity__find_session(out, identity, hash, arena);
    }
    if (*found == HQ_IDENTITY__IDLE) { /* perhaps it was used in another process */
        seen s = { .hash = hash };
        hq_status read = hq_store_read(identity->store, read_seen, &s);
        if (hq_ok(read)) {
            hq_identity__session_seen(identity, hash, s.seen_at);
            *found = hq_identity__find_session(out, identity, hash, arena);
        } else if (read.code != HQ_E_NOT_FOUND) {
            return read;
        }
    }
    return HQ_DONE;
}

static bool csrf_holds(const hq_hash32 *session, hq_sv csrf)
{
    char expected[65];
    hq_hash32 a;
    hq_hash32 b;
    hq_identity__csrf(expected, session);
    /* Comparing hashes takes the same time whatever was sent. */
    hq_blake2b(&a, hq_sv_from_cstr(expected));
    hq_blake2b(&b, csrf);
    return hq_hash_eq(&a, &b);
}

static hq_status by_cookie(hq_caller **out, hq_identity *identity, hq_sv token, hq_sv csrf,
                           hq_method method, hq_arena *arena, hq_why *why)
{
    hq_hash32 hash;
    hq_identity__found found;
    hq_blake2b(&hash, token);
    if (token.len != HQ_IDENTITY__SECRET_LEN) {
        return refuse(why, "Phiên làm việc không có; hãy đăng nhập lại",
                      "There is no such session; sign in again");
    }
    if (method != HQ_GET && !csrf_holds(&hash, csrf)) {
        HQ_IGNORE(refuse(why,
                         "Thiếu đầu mục X-CSRF-Token của phiên này, hoặc không đúng; tải lại trang",
                         "The header X-CSRF-Token of this session is missing or wrong; load the "
                         "page again"));
        return HQ_FAIL(FORBIDDEN);
    }
    HQ_TRY(find_session(&found, out, identity, &hash, arena));
    switch (found) {
    case HQ_IDENTITY__KNOWN:
        return HQ_DONE;
    case HQ_IDENTITY__NOMEM:
        return HQ_FAIL(NOMEM);
    case HQ_IDENTITY__IDLE:
        return refuse(why, "Phiên đã kết thúc vì lâu không dùng; hãy đăng nhập lại",
                      "The session ended because it was not used; sign in again");
    case HQ_IDENTITY__OUT:
    case HQ_IDENTITY__UNKNOWN:
        break;
    }
    return refuse(why, "Phiên đã kết thúc; hãy đăng nhập lại",
                  "The session has ended; sign in again");
}

hq_status hq_authenticate(const hq_caller **out, hq_identity *identity, hq_sv authorization,
                          hq_sv cookie, hq_sv csrf, hq_method method, hq_arena *arena, hq_why *why)
{
    hq_caller *caller = NULL;
    hq_sv token = session_cookie(cookie);
    hq_status s;
    if (authorization.len > 0) {
        hq_sv key = bearer(authorization);
        s = by_key(&caller, identity, key, arena, why);
    } else if (token.ptr != NULL) {
        s = by_cookie(&caller, identity, token, csrf, method, arena, why);
    } else {
        s = refuse(why, "Cần đăng nhập, hoặc gửi khóa API trong đầu mục Authorization: Bearer",
                   "Sign in, or send an API key in the header Authorization: Bearer");
    }
    *out = hq_ok(s) ? caller : NULL;
    return s;
}
