/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/acts.h"

#include <sodium.h>

/* Signing in. The hash is computed whether the user exists or not, before anything is told; what is
 * wrong is not told apart. Nothing but the last step writes, and that step looks again at what the
 * decision stood on. */

#define KNOWN_FOR_US (90 * HQ_US_PER_DAY)

typedef struct {
    hq_identity *identity;
    const hq_identity__sign_in *in;
    hq_arena *arena;
    hq_identity__session_new *out;
    hq_sv username;
    hq_identity__user_row user;
    bool exists, known;
    uint8_t seal[32];
    int64_t step;  /* of the code that came, 0: none */
    bool recovery; /* a recovery code came */
    hq_hash32 recovery_hash;
    hq_identity__password new_password;
    bool changes_password;
} attempt;

/* ------------------------------------------------------------------ looking */

static hq_status look(hq_tx *tx, void *user)
{
    attempt *a = user;
    hq_status s = hq_identity__user_by_name(&a->user, tx, a->username, a->arena);
    a->exists = hq_ok(s);
    a->known = false;
    if (s.code == HQ_E_NOT_FOUND) {
        return HQ_DONE;
    }
    HQ_TRY(s);
    return hq_identity__session_known(&a->known, tx, a->user.id, a->in->peer,
                                      hq_tx_now(tx) - KNOWN_FOR_US);
}

static void tell_refused(const attempt *a, const char *reason)
{
    hq_id id;
    hq_time_us now = hq_now(a->identity->clock);
    if (!a->exists) {
        return; /* what was typed may be anything, even a password */
    }
    hq_id_make(&id, now);
    hq_event event = {
        .office = a->user.office,
        .room = HQ_SV("identity"),
        .kind = HQ_SV("session.refused"),
        .subject = hq_identity__id_text("refusal/", &id, a->arena),
        .version = 1,
        .actor = a->user.id,
        .at = now,
        .payload = hq_arena_printf(a->arena, "{\"reason\":\"%s\"}", reason),
    };
    if (event.subject.ptr != NULL && event.payload.ptr != NULL) {
        /* A flood of failures must not stop people from signing in: this note may be lost. */
        HQ_IGNORE(hq_identity__note_later(a->identity, &event));
    }
}

static hq_status check_password(attempt *a)
{
    bool same;
    HQ_TRY(hq_identity__password_match(&same, a->seal, a->exists ? &a->user.password : NULL,
                                       a->in->password));
    if (!same || a->user.disabled_at != 0) {
        tell_refused(a, same ? "disabled" : "password");
        a->out->result = HQ_IDENTITY__WRONG;
    }
    return HQ_DONE;
}

/* A one-time password is good for one thing: to be changed. */
static hq_status check_change(attempt *a, hq_why *why)
{
    uint8_t seal[32];
    if (a->user.must_change == 0) {
        return HQ_DONE;
    }
    if (a->user.must_change <= hq_now(a->identity->clock)) {
        a->out->result = HQ_IDENTITY__STALE;
        return HQ_DONE;
    }
    if (a->in->new_password.len == 0) {
        a->out->result = HQ_IDENTITY__NEEDS_CHANGE;
        return HQ_DONE;
    }
    HQ_TRY(hq_identity__password_check(a->in->new_password, a->user.username, a->arena, why));
    if (hq_sv_eq(a->in->new_password, a->in->password)) {
        if (why != NULL) {
            *why =
                (hq_why){ HQ_SV("/new_password"), HQ_SV("Mật khẩu mới phải khác mật khẩu một lần"),
                          HQ_SV("The new password must differ from the one-time password") };
        }
        return HQ_FAIL(INVALID);
    }
    HQ_TRY(hq_identity__password_make(&a->new_password, seal, a->in->new_password));
    sodium_memzero(seal, sizeof seal);
    a->changes_password = true;
    return HQ_DONE;
}

static void check_code(attempt *a)
{
    uint8_t secret[HQ_IDENTITY__TOTP_BYTES];
    if (!a->user.totp_on) {
        return;
    }
    if (a->in->code.len == 0) {
        a->out->result = HQ_IDENTITY__NEEDS_CODE;
        return;
    }
    if (hq_identity__totp_open(secret, a->user.totp_sealed, a->seal)) {
        a->step = hq_identity__totp_match(hq_sv_make(secret, sizeof secret), a->in->code,
                                          a->user.totp_step, hq_now(a->identity->clock));
    }
    sodium_memzero(secret, sizeof secret);
    if (a->step == 0) {
        a->recovery = hq_identity__recovery_hash(&a->recovery_hash, a->in->code);
    }
    if (a->step == 0 && !a->recovery) {
        tell_refused(a, "code");
        a->out->result = HQ_IDENTITY__WRONG_CODE;
    }
}

/* ------------------------------------------------------------------ writing */

static hq_status use_code(attempt *a, hq_tx *tx)
{
    hq_status s = HQ_DONE;
    if (a->step != 0) {
        s = hq_identity__user_use_step(tx, a->user.id, a->step);
    } else if (a->recovery) {
        s = hq_identity__recovery_use(tx, a->user.id, &a->recovery_hash);
    }
    if (s.code == HQ_E_NOT_FOUND) {
        a->out->result = HQ_IDENTITY__WRONG_CODE;
        return HQ_FAIL(CONFLICT);
    }
    return s;
}

static hq_status insert_session(attempt *a, hq_tx *tx)
{
    hq_time_us now = hq_tx_now(tx);
    int64_t changed;
    hq_id id;
    hq_id_make(&id, now);
    hq_identity__session_row row = {
        .id = hq_identity__id_text("session/", &id, hq_tx_arena(tx)),
        .hash = a->out->hash,
        .user_id = a->user.id,
        .peer = hq_sv_sub(a->in->peer, 0, 64),
        .agent = hq_sv_sub(a->in->agent, 0, 200),
        .created_at = now,
        .seen_at = now,
        .expires_at = now + HQ_IDENTITY__SESSION_LIFE_US,
    };
    HQ_TRY(hq_identity__change_next(&changed, tx));
    HQ_TRY(hq_identity__session_insert(tx, &row, changed));
    const char *factor = a->step != 0 ? "\"totp\"" : a->recovery ? "\"recovery\"" : "null";
    return hq_identity__event(
        tx, &(hq_identity__act){
                .kind = "session.opened",
                .subject = row.id,
                .version = 1,
                .office = a->user.office,
                .actor = a->user.id,
                .payload = hq_arena_printf(hq_tx_arena(tx), "{\"second_factor\":%s}", factor),
            });
}

static hq_status open_session(hq_tx *tx, void *user)
{
    attempt *a = user;
    hq_identity__user_row row;
    a->out->result = HQ_IDENTITY__IN; /* this closure may run again */
    HQ_TRY(hq_identity__user_get(&row, tx, a->user.id, hq_tx_arena(tx)));
    if (row.version != a->user.version) { /* changed since it was looked at */
        a->out->result = HQ_IDENTITY__WRONG;
        return HQ_FAIL(CONFLICT);
    }
    HQ_TRY(use_code(a, tx));
    if (a->changes_password) {
        row.password = a->new_password;
        row.must_change = 0;
        HQ_TRY(hq_identity__user_change(tx, &row, "user.password_changed", row.id));
    }
    return insert_session(a, tx);
}

static hq_status decide(attempt *a, hq_why *why)
{
    HQ_TRY(check_password(a));
    if (a->out->result == HQ_IDENTITY__IN) {
        check_code(a);
    }
    if (a->out->result == HQ_IDENTITY__IN) {
        HQ_TRY(check_change(a, why));
    }
    if (a->out->result != HQ_IDENTITY__IN) {
        return HQ_DONE;
    }
    hq_identity__secret_make(a->out->token, &a->out->hash);
    hq_status s = hq_store_write(a->identity->store, open_session, a);
    if (s.code == HQ_E_CONFLICT && a->out->result != HQ_IDENTITY__IN) {
        tell_refused(a, a->out->result == HQ_IDENTITY__WRONG_CODE ? "code used" : "changed");
        return HQ_DONE;
    }
    return s;
}

hq_status hq_identity__sign_in_do(hq_identity__session_new *out, hq_identity *identity,
                                  const hq_identity__sign_in *in, hq_arena *arena, hq_why *why)
{
    attempt a = { .identity = identity, .in = in, .arena = arena, .out = out };
    hq_time_us now = hq_now(identity->clock);
    *out = (hq_identity__session_new){ .result = HQ_IDENTITY__IN };
    if (hq_failed(hq_identity__username(&a.username, in->username, arena, NULL))) {
        a.username = HQ_SV("?"); /* nobody's, and counted as one */
    }
    HQ_TRY(hq_store_read(identity->store, look, &a));
    out->wait_us =
        hq_identity__throttle_enter(&identity->throttle, a.username, in->peer, a.known, now);
    if (out->wait_us > 0) {
        out->result = HQ_IDENTITY__WAIT;
        return HQ_DONE;
    }
    hq_status s = decide(&a, why);
    sodium_memzero(a.seal, sizeof a.seal);
    HQ_TRY(s);
    if (out->result != HQ_IDENTITY__IN) {
        return HQ_DONE; /* a right password without its code counts too, or codes could be guessed
                         */
    }
    hq_identity__throttle_passed(&identity->throttle, a.username, in->peer, a.known, now);
    return hq_identity_refresh(identity);
}
