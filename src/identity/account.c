/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/acts.h"

#include <sodium.h>

/* What somebody who is signed in does with his own account: all of it wants the password again, so
 * that a screen left open is not enough. */

typedef struct {
    hq_identity *identity;
    const hq_caller *caller;
    hq_arena *arena;
    hq_identity__user_row user;
    uint8_t seal[32];
    const char *kind; /* of the event */
    int64_t step;
    bool recovery;
    hq_hash32 recovery_hash;
    const hq_hash32 *codes; /* new recovery codes */
    size_t code_count;
    bool replaces_codes;
    bool ends_sessions;
    bool wants_code; /* a right password alone is not enough, or codes could be guessed */
} account;

static hq_status refuse(hq_status status, hq_why *why, const char *path, const char *vi,
                        const char *en)
{
    if (why != NULL) {
        *why = (hq_why){ hq_sv_from_cstr(path), hq_sv_from_cstr(vi), hq_sv_from_cstr(en) };
    }
    return status;
}

/* ------------------------------------------------------------------ password again */

static hq_status read_user(hq_tx *tx, void *user)
{
    account *a = user;
    return hq_identity__user_get(&a->user, tx, a->caller->id, a->arena);
}

/* What was wrong before is forgiven. */
static void forgive(account *a)
{
    hq_identity__throttle_passed(&a->identity->throttle, a->user.username, a->caller->session, true,
                                 hq_now(a->identity->clock));
}

static hq_status enter(account *a, hq_sv password, hq_why *why)
{
    bool same;
    hq_identity__throttle *throttle = &a->identity->throttle;
    hq_time_us now = hq_now(a->identity->clock);
    hq_status s = hq_store_read(a->identity->store, read_user, a);
    if (s.code == HQ_E_NOT_FOUND) {
        return refuse(HQ_FAIL(FORBIDDEN), why, "",
                      "Chỉ dành cho người dùng đăng nhập bằng mật khẩu",
                      "Only for people who signed in with a password");
    }
    HQ_TRY(s);
    /* By session: a stolen one cannot guess, and its guesses delay nobody who signs in. */
    if (hq_identity__throttle_enter(throttle, a->user.username, a->caller->session, true, now) >
        0) {
        return refuse(HQ_FAIL(RATE), why, "/password",
                      "Sai nhiều lần; xin đợi một phút rồi thử lại",
                      "Wrong several times; wait a minute and try again");
    }
    HQ_TRY(hq_identity__password_match(&same, a->seal, &a->user.password, password));
    if (!same) {
        return refuse(HQ_FAIL(FORBIDDEN), why, "/password", "Mật khẩu hiện tại không đúng",
                      "The present password is wrong");
    }
    if (!a->wants_code) {
        forgive(a);
    }
    return HQ_DONE;
}

/* ------------------------------------------------------------------ writing */

static hq_status write_account(hq_tx *tx, void *user)
{
    account *a = user;
    hq_identity__user_row now;
    size_t ended;
    HQ_TRY(hq_identity__user_get(&now, tx, a->user.id, hq_tx_arena(tx)));
    if (now.version != a->user.version) {
        return HQ_FAIL(CONFLICT);
    }
    if (a->step != 0) {
        HQ_TRY(hq_identity__user_use_step(tx, a->user.id, a->step));
    }
    if (a->recovery) {
        HQ_TRY(hq_identity__recovery_use(tx, a->user.id, &a->recovery_hash));
    }
    if (a->replaces_codes) {
        HQ_TRY(hq_identity__recovery_replace(tx, a->user.id, a->codes, a->code_count));
    }
    hq_identity__user_row next = a->user; /* this closure may run again */
    HQ_TRY(hq_identity__user_change(tx, &next, a->kind, a->caller->id));
    if (a->ends_sessions) {
        HQ_TRY(hq_identity__sessions_end_all(&ended, tx, a->user.id, a->caller->session,
                                             "session.revoked", a->caller->id));
    }
    return HQ_DONE;
}

static hq_status save(account *a, hq_why *why)
{
    hq_status s = hq_store_write(a->identity->store, write_account, a);
    sodium_memzero(a->seal, sizeof a->seal);
    if (s.code == HQ_E_NOT_FOUND) {
        return refuse(HQ_FAIL(FORBIDDEN), why, "/code", "Mã này đã được dùng; đợi mã kế tiếp",
                      "This code was used; wait for the next one");
    }
    if (s.code == HQ_E_CONFLICT) {
        return refuse(s, why, "", "Tài khoản vừa được thay đổi ở nơi khác; xin thử lại",
                      "The account was just changed elsewhere; try again");
    }
    HQ_TRY(s);
    return hq_identity_refresh(a->identity);
}

/* ------------------------------------------------------------------ TOTP */

static hq_status take_code(account *a, hq_sv code, bool recovery_too, hq_why *why)
{
    uint8_t secret[HQ_IDENTITY__TOTP_BYTES];
    if (hq_identity__totp_open(secret, a->user.totp_sealed, a->seal)) {
        a->step = hq_identity__totp_match(hq_sv_make(secret, sizeof secret), code,
                                          a->user.totp_step, hq_now(a->identity->clock));
    }
    sodium_memzero(secret, sizeof secret);
    a->recovery =
        recovery_too && a->step == 0 && hq_identity__recovery_hash(&a->recovery_hash, code);
    if (a->step == 0 && !a->recovery) {
        return refuse(HQ_FAIL(FORBIDDEN), why, "/code",
                      "Mã không đúng hoặc đã hết hạn; kiểm tra giờ của điện thoại",
                      "The code is wrong or too old; check the clock of the phone");
    }
    return HQ_DONE;
}

hq_status hq_identity__totp_enrol(hq_identity__totp_offer *out, hq_identity *identity,
                                  const hq_caller *caller, hq_sv password, hq_arena *arena,
                                  hq_why *why)
{
    account a = { .identity = identity, .caller = caller, .arena = arena };
    uint8_t sealed[HQ_IDENTITY__SEAL_BYTES];
    size_t len;
    HQ_TRY(enter(&a, password, why));
    if (a.user.totp_on) {
        return refuse(HQ_FAIL(CONFLICT), why, "", "Xác thực hai lớp đang bật; hãy tắt trước",
                      "Two-step sign-in is on; remove it first");
    }
    hq_random_bytes(out->secret, sizeof out->secret);
    out->uri = hq_identity__totp_uri(a.user.username, out->secret, arena);
    if (out->uri.ptr == NULL) {
        return HQ_FAIL(NOMEM);
    }
    hq_identity__totp_seal(sealed, &len, out->secret, a.seal);
    a.user.totp_sealed = hq_sv_make(sealed, len);
    a.kind = "user.totp_offered";
    return save(&a, why);
}

hq_status hq_identity__totp_confirm(hq_identity__recovery_codes *out, hq_identity *identity,
                                    const hq_caller *caller, hq_sv password, hq_sv code,
                                    hq_arena *arena, hq_why *why)
{
    account a = { .identity = identity, .caller = caller, .arena = arena };
    hq_hash32 hashes[HQ_IDENTITY__RECOVERY];
    HQ_TRY(enter(&a, password, why));
    if (a.user.totp_on || a.user.totp_sealed.len == 0) {
        return refuse(HQ_FAIL(CONFLICT), why, "", "Chưa bắt đầu bật xác thực hai lớp, hoặc đã bật",
                      "Two-step sign-in was not begun, or is on already");
    }
    HQ_TRY(take_code(&a, code, false, why));
    for (int i = 0; i < HQ_IDENTITY__RECOVERY; i++) {
        hq_identity__recovery_make((*out)[i], &hashes[i]);
    }
    a.codes = hashes;
    a.code_count = HQ_IDENTITY__RECOVERY;
    a.replaces_codes = true;
    a.user.totp_on = true;
    a.kind = "user.totp_confirmed";
    return save(&a, why);
}

hq_status hq_identity__totp_remove(hq_identity *identity, const hq_caller *caller, hq_sv password,
                                   hq_sv code, hq_arena *arena, hq_why *why)
{
    account a = { .identity = identity, .caller = caller, .arena = arena, .wants_code = true };
    HQ_TRY(enter(&a, password, why));
    if (!a.user.totp_on) {
        return refuse(HQ_FAIL(CONFLICT), why, "", "Xác thực hai lớp chưa bật",
                      "Two-step sign-in is not on");
    }
    HQ_TRY(take_code(&a, code, true, why));
    a.replaces_codes = true;
    a.user.totp_on = false;
    a.user.totp_sealed = HQ_SV("");
    a.kind = "user.totp_removed";
    HQ_TRY(save(&a, why));
    forgive(&a);
    return HQ_DONE;
}

/* ------------------------------------------------------------------ password */

/* The TOTP secret is sealed by the password, so it must change hands. */
static hq_status seal_again(account *a, uint8_t sealed[HQ_IDENTITY__SEAL_BYTES],
                            const uint8_t seal[32])
{
    uint8_t secret[HQ_IDENTITY__TOTP_BYTES];
    size_t len;
    if (a->user.totp_sealed.len == 0) {
        return HQ_DONE;
    }
    if (!hq_identity__totp_open(secret, a->user.totp_sealed, a->seal)) {
        return HQ_FAIL(CORRUPT);
    }
    hq_identity__totp_seal(sealed, &len, secret, seal);
    sodium_memzero(secret, sizeof secret);
    a->user.totp_sealed = hq_sv_make(sealed, len);
    return HQ_DONE;
}

hq_status hq_identity__password_change(hq_identity *identity, const hq_caller *caller,
                                       hq_sv password, hq_sv new_password, hq_arena *arena,
                                       hq_why *why)
{
    account a = { .identity = identity, .caller = caller, .arena = arena };
    uint8_t seal[32];
    uint8_t sealed[HQ_IDENTITY__SEAL_BYTES];
    HQ_TRY(enter(&a, password, why));
    hq_status s = hq_identity__password_check(new_password, a.user.username, arena, why);
    if (s.code == HQ_E_INVALID && why != NULL) {
        why->path = HQ_SV("/new_password");
    }
    HQ_TRY(s);
    HQ_TRY(hq_identity__password_make(&a.user.password, seal, new_password));
    s = seal_again(&a, sealed, seal);
    sodium_memzero(seal, sizeof seal);
    HQ_TRY(s);
    a.kind = "user.password_changed";
    a.ends_sessions = true;
    return save(&a, why);
}
