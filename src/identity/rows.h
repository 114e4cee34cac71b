/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside identity/: all of the room's SQL. Every function runs inside a transaction; texts read
 * live in the arena given. */

#include "identity/room.h"

typedef struct {
    hq_sv id, username, name, role, office, tax_code, bank;
    bool on_roster;
    hq_identity__password password;
    hq_time_us must_change; /* 0, or until when the one-time password is good */
    hq_sv totp_sealed;
    bool totp_on;
    int64_t totp_step;
    hq_time_us created_at;
    hq_sv created_by;
    hq_time_us disabled_at;
    int64_t version;
} hq_identity__user_row;

typedef struct {
    hq_sv id, name, role, office, tax_code, bank;
    hq_hash32 hash;
    bool on_roster;
    hq_sv person;
    hq_time_us created_at;
    hq_sv created_by;
    hq_time_us revoked_at;
    int64_t version;
} hq_identity__key_row;

typedef struct {
    hq_sv id;
    hq_hash32 hash;
    hq_sv user_id, peer, agent;
    hq_time_us created_at, seen_at, expires_at, ended_at;
} hq_identity__session_row;

typedef struct {
    hq_sv id, deed, subject, body;
    hq_hash32 body_hash;
    uint32_t roles;
    hq_sv office, asked_by, asked_person;
    hq_time_us asked_at, expires_at;
    hq_sv state; /* OPEN, GIVEN, EXPIRED */
    hq_sv decided_by;
    hq_time_us decided_at;
} hq_identity__approval_row;

typedef struct {
    hq_sv id, head_id, to_id, act, office;
    hq_day from, to;
    hq_time_us created_at, ended_at;
} hq_identity__delegation_row;

/* One more change that other processes must load; the number goes into `changed` of its rows. */
hq_status hq_identity__change_next(int64_t *out, hq_tx *tx);
/* Fills everything changed after changes->since. May run again. */
hq_status hq_identity__changes_load(hq_identity__changes *changes, hq_tx *tx);

/* EXISTS: the username is taken. */
hq_status hq_identity__user_insert(hq_tx *tx, const hq_identity__user_row *row, int64_t changed);
/* NOT_FOUND. */
hq_status hq_identity__user_get(hq_identity__user_row *out, hq_tx *tx, hq_sv id, hq_arena *arena);
hq_status hq_identity__user_by_name(hq_identity__user_row *out, hq_tx *tx, hq_sv username,
                                    hq_arena *arena);
/* Writes what may change and counts row->version up; RERUN when somebody else was first. */
hq_status hq_identity__user_update(hq_tx *tx, hq_identity__user_row *row, int64_t changed);
/* Uses a time step up; NOT_FOUND when it, or a later one, was used. */
hq_status hq_identity__user_use_step(hq_tx *tx, hq_sv id, int64_t step);
hq_status hq_identity__recovery_replace(hq_tx *tx, hq_sv user_id, const hq_hash32 *hashes,
                                        size_t count);
/* NOT_FOUND when there is no such unused code. */
hq_status hq_identity__recovery_use(hq_tx *tx, hq_sv user_id, const hq_hash32 *hash);
hq_status hq_identity__recovery_left(int64_t *out, hq_tx *tx, hq_sv user_id);

hq_status hq_identity__key_insert(hq_tx *tx, const hq_identity__key_row *row, int64_t changed);
hq_status hq_identity__key_get(hq_identity__key_row *out, hq_tx *tx, hq_sv id, hq_arena *arena);
hq_status hq_identity__key_update(hq_tx *tx, hq_identity__key_row *row, int64_t changed);

/* Pages in order of id, after `after` (empty: from the start), at most `limit`. */
hq_status hq_identity__users_page(hq_identity__user_row *out, size_t *count, size_t limit,
                                  hq_tx *tx, hq_sv after, hq_arena *arena);
hq_status hq_identity__keys_page(hq_identity__key_row *out, size_t *count, size_t limit, hq_tx *tx,
                                 hq_sv after, hq_arena *arena);

hq_status hq_identity__session_insert(hq_tx *tx, const hq_identity__session_row *row,
                                      int64_t changed);
hq_status hq_identity__session_seen_get(hq_time_us *out, hq_tx *tx, const hq_hash32 *hash);
hq_status hq_identity__session_seen_put(hq_tx *tx, const hq_hash32 *hash, hq_time_us seen_at);
/* Ends one open session of a user; NOT_FOUND. */
hq_status hq_identity__session_end(hq_tx *tx, hq_sv id, hq_sv user_id, int64_t changed);
/* Open sessions of a user, newest first, at most `limit`. */
hq_status hq_identity__sessions_of(hq_identity__session_row *out, size_t *count, size_t limit,
                                   hq_tx *tx, hq_sv user_id, hq_arena *arena);
/* Did the user sign in from there since? */
hq_status hq_identity__session_known(bool *out, hq_tx *tx, hq_sv user_id, hq_sv peer,
                                     hq_time_us since);
hq_status hq_identity__sessions_forget(hq_tx *tx, hq_time_us expired_before);

hq_status hq_identity__approval_insert(hq_tx *tx, const hq_identity__approval_row *row);
hq_status hq_identity__approval_open(hq_identity__approval_row *out, hq_tx *tx, hq_sv deed,
                                     hq_sv subject, const hq_hash32 *body, hq_arena *arena);
/* Closes an open one: GIVEN or EXPIRED. RERUN when it is no longer open. */
hq_status hq_identity__approval_close(hq_tx *tx, hq_sv id, hq_sv state, hq_sv by);
/* Open ones in order of time: those that expire at or before `due` when it is not 0, else those
 * still valid. */
hq_status hq_identity__approvals(hq_identity__approval_row *out, size_t *count, size_t limit,
                                 hq_tx *tx, hq_time_us due, hq_arena *arena);

hq_status hq_identity__delegation_insert(hq_tx *tx, const hq_identity__delegation_row *row,
                                         int64_t changed);
/* NOT_FOUND when the head gave no such one that still stands. */
hq_status hq_identity__delegation_end(hq_tx *tx, hq_sv id, hq_sv head_id, int64_t changed);
/* NOT_FOUND. */
hq_status hq_identity__delegation_get(hq_identity__delegation_row *out, hq_tx *tx, hq_sv id,
                                      hq_arena *arena);
/* Newest first, at most `limit` with ids before `before`. */
hq_status hq_identity__delegations_page(hq_identity__delegation_row *out, size_t *count,
                                        size_t limit, hq_tx *tx, hq_sv before, hq_arena *arena);

/* Hash of a subject's row as stored: users, keys, approvals, delegations. */
hq_status hq_identity__row_hash(hq_hash32 *out, hq_tx *tx, hq_sv subject);
