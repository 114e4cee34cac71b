/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside identity/: what the room does, as closures' bodies and as calls that block until durable.
 * Refusals are explained in *why. */

#include "identity/rows.h"

/* ------------------------------------------------------------------ events */

typedef struct {
    const char *kind; /* "user.added" */
    hq_sv subject;
    int64_t version;
    hq_sv office, actor;
    hq_sv payload; /* empty: {} */
    bool hashed;   /* carries the hash of the subject's row */
} hq_identity__act;
hq_status hq_identity__event(hq_tx *tx, const hq_identity__act *act);
/* {"role": .., "office": .., "tax_code": .., "bank": ..} with what is not empty. */
hq_sv hq_identity__scope_payload(hq_sv role, hq_sv office, hq_sv tax_code, hq_sv bank,
                                 hq_arena *arena);

/* ------------------------------------------------------------------ people */

/* The username as it is kept: lower case. INVALID with *why. */
hq_status hq_identity__username(hq_sv *out, hq_sv username, hq_arena *arena, hq_why *why);
hq_status hq_identity__name_check(hq_sv *out, hq_sv name, hq_arena *arena, hq_why *why);
/* Fills a new row from what was asked; hashes the password, which takes a while. */
hq_status hq_identity__user_prepare(hq_identity__user_row *out, const hq_new_user *user,
                                    hq_time_us now, hq_sv actor, hq_arena *arena, hq_why *why);
/* Inside a transaction. EXISTS with *why when the username is taken. */
hq_status hq_identity__user_put(hq_tx *tx, const hq_identity__user_row *row, hq_why *why);
/* Writes the row back with its event; ends the user's sessions but `keep` when asked. */
hq_status hq_identity__user_change(hq_tx *tx, hq_identity__user_row *row, const char *kind,
                                   hq_sv actor);
hq_status hq_identity__sessions_end_all(size_t *ended, hq_tx *tx, hq_sv user_id, hq_sv keep,
                                        const char *kind, hq_sv actor);

/* ------------------------------------------------------------------ keys */

hq_status hq_identity__key_prepare(hq_identity__key_row *out, char secret[], const hq_new_key *key,
                                   hq_time_us now, hq_sv actor, hq_sv person, hq_arena *arena,
                                   hq_why *why);
hq_status hq_identity__key_put(hq_tx *tx, const hq_identity__key_row *row);

/* ------------------------------------------------------------------ signing in */

typedef struct {
    hq_sv username, password, code, new_password, peer, agent;
} hq_identity__sign_in;
typedef enum {
    HQ_IDENTITY__IN,
    HQ_IDENTITY__WRONG,        /* username, password, or disabled: nobody is told which */
    HQ_IDENTITY__WAIT,         /* too early after failures */
    HQ_IDENTITY__NEEDS_CODE,   /* the password is right, TOTP is on and no code came */
    HQ_IDENTITY__WRONG_CODE,   /* or a code that was used */
    HQ_IDENTITY__NEEDS_CHANGE, /* a one-time password: a new one must come with it */
    HQ_IDENTITY__STALE         /* the one-time password is too old */
} hq_identity__signed;
typedef struct {
    hq_identity__signed result;
    int64_t wait_us;
    char token[HQ_IDENTITY__SECRET_LEN + 1];
    hq_hash32 hash;
} hq_identity__session_new;
/* Blocks for the hash and the commit. A status that fails is another trouble than those above;
 * INVALID with *why is about the new password. */
hq_status hq_identity__sign_in_do(hq_identity__session_new *out, hq_identity *identity,
                                  const hq_identity__sign_in *in, hq_arena *arena, hq_why *why);

/* ------------------------------------------------------------------ TOTP of the signed-in user */

typedef struct {
    uint8_t secret[HQ_IDENTITY__TOTP_BYTES];
    hq_sv uri;
} hq_identity__totp_offer;
/* All want the password again; FORBIDDEN with *why when it is wrong, RATE when it comes too early.
 */
hq_status hq_identity__totp_enrol(hq_identity__totp_offer *out, hq_identity *identity,
                                  const hq_caller *caller, hq_sv password, hq_arena *arena,
                                  hq_why *why);
typedef char hq_identity__recovery_codes[HQ_IDENTITY__RECOVERY][20];
hq_status hq_identity__totp_confirm(hq_identity__recovery_codes *out, hq_identity *identity,
                                    const hq_caller *caller, hq_sv password, hq_sv code,
                                    hq_arena *arena, hq_why *why);
hq_status hq_identity__totp_remove(hq_identity *identity, const hq_caller *caller, hq_sv password,
                                   hq_sv code, hq_arena *arena, hq_why *why);
hq_status hq_identity__password_change(hq_identity *identity, const hq_caller *caller,
                                       hq_sv password, hq_sv new_password, hq_arena *arena,
                                       hq_why *why);

/* ------------------------------------------------------------------ sessions */

/* One open session of a user; NOT_FOUND. All of them but `keep` (empty: none is kept). */
hq_status hq_identity__session_close(hq_identity *identity, hq_sv id, hq_sv user_id,
                                     const char *kind, hq_sv actor);
hq_status hq_identity__sessions_close(hq_identity *identity, hq_sv user_id, hq_sv keep,
                                      const char *kind, hq_sv actor);

/* ------------------------------------------------------------------ approvals */

hq_status hq_identity__approval_expire(hq_tx *tx, const hq_identity__approval_row *row);
