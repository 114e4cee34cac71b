/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/rows.h"

#include <stdlib.h>

/* What a process loads into memory, and the hashes that the journal carries of rows. */

static hq_sql state_get = HQ_SQL_OF("SELECT version FROM identity_state WHERE one = 1");
static hq_sql users_changed =
    HQ_SQL_OF("SELECT id, username, name, office, tax_code, bank, role, on_roster, disabled_at, "
              "totp_on FROM identity_user WHERE changed > ?1");
static hq_sql keys_changed =
    HQ_SQL_OF("SELECT id, name, office, tax_code, bank, person, role, on_roster, revoked_at, hash "
              "FROM identity_key WHERE changed > ?1");
static hq_sql sessions_changed =
    HQ_SQL_OF("SELECT id, user_id, hash, created_at, expires_at, seen_at, ended_at "
              "FROM identity_session WHERE changed > ?1 AND expires_at > ?2");
static hq_sql delegations_changed =
    HQ_SQL_OF("SELECT id, to_id, act, office, head_id, valid_from, valid_to, ended_at "
              "FROM identity_delegation WHERE changed > ?1");

static hq_sql hash_user =
    HQ_SQL_OF("SELECT username, name, role, office, tax_code, bank, on_roster, pw_ops, pw_mem, "
              "pw_salt, pw_hash, must_change, totp_sealed, totp_on, created_at, created_by, "
              "disabled_at, version FROM identity_user WHERE id = ?1");
static hq_sql hash_recovery =
    HQ_SQL_OF("SELECT hash FROM identity_recovery WHERE user_id = ?1 ORDER BY hash");
static hq_sql hash_key =
    HQ_SQL_OF("SELECT hash, name, role, office, tax_code, bank, on_roster, person, created_at, "
              "created_by, revoked_at, version FROM identity_key WHERE id = ?1");
static hq_sql hash_approval =
    HQ_SQL_OF("SELECT deed, subject, body, roles, office, asked_by, asked_person, asked_at, "
              "expires_at, state, decided_by, decided_at FROM identity_approval WHERE id = ?1");
static hq_sql hash_delegation =
    HQ_SQL_OF("SELECT head_id, to_id, act, office, valid_from, valid_to, created_at, ended_at "
              "FROM identity_delegation WHERE id = ?1");

static hq_status end_rows(hq_rows *rows, hq_status so_far)
{
    hq_status ended = hq_rows_end(rows);
    return hq_failed(so_far) ? so_far : ended;
}

/* ------------------------------------------------------------------ blocks */

/* Zeroed memory of `size` with copies of the texts behind it; texts[] then point to the copies. */
static void *pack(size_t size, hq_sv *texts, size_t count)
{
    size_t total = size;
    for (size_t i = 0; i < count; i++) {
        total += texts[i].len;
    }
    char *block = calloc(1, total);
    if (block == NULL) {
        return NULL;
    }
    char *at = block + size;
    for (size_t i = 0; i < count; i++) {
        if (texts[i].len > 0) {
            memcpy(at, texts[i].ptr, texts[i].len);
        }
        texts[i].ptr = at;
        at += texts[i].len;
    }
    return block;
}

void hq_identity__changes_free(hq_identity__changes *changes)
{
    while (changes->who != NULL) {
        hq_identity__who *next = changes->who->next;
        free(changes->who);
        changes->who = next;
    }
    while (changes->sessions != NULL) {
        hq_identity__session *next = changes->sessions->next;
        free(changes->sessions);
        changes->sessions = next;
    }
    while (changes->given != NULL) {
        hq_identity__given *next = changes->given->next;
        free(changes->given);
        changes->given = next;
    }
}

/* ------------------------------------------------------------------ loading */

static hq_status take_user(hq_identity__changes *changes, const hq_rows *rows)
{
    hq_sv t[6];
    hq_role role;
    for (int i = 0; i < 6; i++) {
        t[i] = hq_rows_text(rows, i);
    }
    hq_identity__who *who = pack(sizeof *who, t, 6);
    if (who == NULL || !hq_role_parse(&role, hq_rows_text(rows, 6))) {
        free(who);
        return who == NULL ? HQ_FAIL(NOMEM) : HQ_FAIL(CORRUPT);
    }
    *who = (hq_identity__who){
        .id = t[0],
        .login = t[1],
        .name = t[2],
        .office = t[3],
        .tax_code = t[4],
        .bank = t[5],
        .person = t[0],
        .role = role,
        .on_roster = hq_rows_i64(rows, 7) != 0,
        .out = hq_rows_i64(rows, 8) != 0,
        .totp_on = hq_rows_i64(rows, 9) != 0,
        .next = changes->who,
    };
    changes->who = who;
    return HQ_DONE;
}

static hq_status take_key(hq_identity__changes *changes, const hq_rows *rows)
{
    hq_sv t[6];
    hq_role role;
    hq_sv hash = hq_rows_text(rows, 9);
    for (int i = 0; i < 6; i++) {
        t[i] = hq_rows_text(rows, i);
    }
    hq_identity__who *who = pack(sizeof *who, t, 6);
    if (who == NULL || hash.len != sizeof who->hash.bytes ||
        !hq_role_parse(&role, hq_rows_text(rows, 6))) {
        free(who);
        return who == NULL ? HQ_FAIL(NOMEM) : HQ_FAIL(CORRUPT);
    }
    *who = (hq_identity__who){
        .id = t[0],
        .name = t[1],
        .office = t[2],
        .tax_code = t[3],
        .bank = t[4],
        .person = t[5],
        .role = role,
        .is_key = true,
        .on_roster = hq_rows_i64(rows, 7) != 0,
        .out = hq_rows_i64(rows, 8) != 0,
        .next = changes->who,
    };
    memcpy(who->hash.bytes, hash.ptr, hash.len);
    changes->who = who;
    return HQ_DONE;
}

static hq_status take_session(hq_identity__changes *changes, const hq_rows *rows)
{
    hq_sv t[2] = { hq_rows_text(rows, 0), hq_rows_text(rows, 1) };
    hq_sv hash = hq_rows_text(rows, 2);
    hq_identity__session *session = pack(sizeof *session, t, 2);
    if (session == NULL || hash.len != sizeof session->hash.bytes) {
        free(session);
        return session == NULL ? HQ_FAIL(NOMEM) : HQ_FAIL(CORRUPT);
    }
    session->id = t[0];
    session->user_id = t[1];
    memcpy(session->hash.bytes, hash.ptr, hash.len);
    session->created_at = hq_rows_i64(rows, 3);
    session->expires_at = hq_rows_i64(rows, 4);
    atomic_init(&session->seen_at, hq_rows_i64(rows, 5));
    atomic_init(&session->seen_stored, hq_rows_i64(rows, 5));
    session->ended = hq_rows_i64(rows, 6) != 0;
    session->next = changes->sessions;
    changes->sessions = session;
    return HQ_DONE;
}

static hq_status take_given(hq_identity__changes *changes, const hq_rows *rows)
{
    hq_sv t[5];
    for (int i = 0; i < 5; i++) {
        t[i] = hq_rows_text(rows, i);
    }
    hq_identity__given *given = pack(sizeof *given, t, 5);
    if (given == NULL) {
        return HQ_FAIL(NOMEM);
    }
    *given = (hq_identity__given){
        .id = t[0],
        .to_id = t[1],
        .what = { .deed = HQ_MAY_DECIDE,
                  .act = t[2],
                  .office = t[3],
                  .id = t[0],
                  .head = t[4],
                  .from = (hq_day)hq_rows_i64(rows, 5),
                  .to = (hq_day)hq_rows_i64(rows, 6) },
        .ended = hq_rows_i64(rows, 7) != 0,
        .next = changes->given,
    };
    changes->given = given;
    return HQ_DONE;
}

static hq_status load(hq_identity__changes *changes, hq_tx *tx, hq_sql *sql, size_t binds,
                      hq_status (*take)(hq_identity__changes *, const hq_rows *))
{
    hq_rows rows;
    const hq_bind all[2] = { HQ_B_I64(changes->since), HQ_B_I64(changes->now) };
    HQ_TRY(hq_tx_query(&rows, tx, sql, all, binds));
    hq_status s = HQ_DONE;
    while (hq_ok(s) && hq_rows_next(&rows)) {
        s = take(changes, &rows);
    }
    return end_rows(&rows, s);
}

hq_status hq_identity__changes_load(hq_identity__changes *changes, hq_tx *tx)
{
    hq_rows rows;
    hq_identity__changes_free(changes);
    HQ_TRY(hq_tx_query(&rows, tx, &state_get, NULL, 0));
    changes->version = hq_rows_next(&rows) ? hq_rows_i64(&rows, 0) : 0;
    HQ_TRY(end_rows(&rows, HQ_DONE));
    if (changes->version == changes->since) {
        return HQ_DONE;
    }
    HQ_TRY(load(changes, tx, &users_changed, 1, take_user));
    HQ_TRY(load(changes, tx, &keys_changed, 1, take_key));
    HQ_TRY(load(changes, tx, &sessions_changed, 2, take_session));
    return load(changes, tx, &delegations_changed, 1, take_given);
}

/* ------------------------------------------------------------------ hashes of rows */

/* Which columns of a hashed statement are texts or bytes; the others are numbers. */
typedef struct {
    hq_sv prefix;
    hq_sql *sql;
    const char *types; /* t or i, one a column */
} hashed;

static const hashed hashed_rows[] = {
    { { "user/", 5 }, &hash_user, "ttttttiiittitiitii" },
    { { "key/", 4 }, &hash_key, "ttttttititii" },
    { { "approval/", 9 }, &hash_approval, "tttitttiitti" },
    { { "delegation/", 11 }, &hash_delegation, "ttttiiii" },
};

static void hash_columns(hq_buf *out, const hq_rows *rows, const char *types)
{
    for (int i = 0; types[i] != '\0'; i++) {
        if (types[i] == 't') {
            hq_buf_bytes32(out, hq_rows_text(rows, i));
        } else {
            hq_buf_le64(out, (uint64_t)hq_rows_i64(rows, i));
        }
    }
}

static hq_status hash_one(hq_buf *out, hq_tx *tx, const hashed *by, hq_sv subject)
{
    hq_rows rows;
    HQ_TRY(HQ_TX_QUERY(&rows, tx, by->sql, HQ_B_TEXT(subject)));
    bool found = hq_rows_next(&rows);
    if (found) {
        hash_columns(out, &rows, by->types);
    }
    return end_rows(&rows, found ? HQ_DONE : HQ_FAIL(NOT_FOUND));
}

/* Recovery codes belong to the user, but not when they were used: signing in changes that. */
static hq_status hash_codes(hq_buf *out, hq_tx *tx, hq_sv subject)
{
    hq_rows rows;
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &hash_recovery, HQ_B_TEXT(subject)));
    while (hq_rows_next(&rows)) {
        hq_buf_bytes32(out, hq_rows_text(&rows, 0));
    }
    return end_rows(&rows, HQ_DONE);
}

hq_status hq_identity__row_hash(hq_hash32 *out, hq_tx *tx, hq_sv subject)
{
    for (size_t i = 0; i < sizeof hashed_rows / sizeof hashed_rows[0]; i++) {
        const hashed *by = &hashed_rows[i];
        if (!hq_sv_starts(subject, by->prefix)) {
            continue;
        }
        hq_buf text = HQ_BUF_HEAP(1 << 20);
        hq_status s = hash_one(&text, tx, by, subject);
        if (hq_ok(s) && i == 0) {
            s = hash_codes(&text, tx, subject);
        }
        s = hq_ok(s) ? hq_buf_status(&text) : s;
        if (hq_ok(s)) {
            hq_blake2b(out, hq_buf_view(&text));
        }
        hq_buf_free(&text);
        return s;
    }
    return HQ_FAIL(NOT_FOUND);
}
