/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/rows.h"

/* Users, keys and their recovery codes. Sessions, approvals and delegations are in rows_acts.c,
 * what a process loads in rows_changes.c. */

#define USER_COLUMNS                                                                               \
    "id, username, name, role, office, tax_code, bank, on_roster, pw_ops, pw_mem, pw_salt, "       \
    "pw_hash, must_change, totp_sealed, totp_on, totp_step, created_at, created_by, disabled_at, " \
    "version"
#define KEY_COLUMNS                                                                                \
    "id, hash, name, role, office, tax_code, bank, on_roster, person, created_at, created_by, "    \
    "revoked_at, version"

static hq_sql change_next =
    HQ_SQL_OF("UPDATE identity_state SET version = version + 1 WHERE one = 1 RETURNING version");
static hq_sql user_insert =
    HQ_SQL_OF("INSERT INTO identity_user (" USER_COLUMNS ", changed) VALUES (?1, ?2, ?3, ?4, ?5, "
              "?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21)");
static hq_sql user_get = HQ_SQL_OF("SELECT " USER_COLUMNS " FROM identity_user WHERE id = ?1");
static hq_sql user_by_name =
    HQ_SQL_OF("SELECT " USER_COLUMNS " FROM identity_user WHERE username = ?1");
static hq_sql user_update =
    HQ_SQL_OF("UPDATE identity_user SET on_roster = ?3, pw_ops = ?4, pw_mem = ?5, pw_salt = ?6, "
              "pw_hash = ?7, must_change = ?8, totp_sealed = ?9, totp_on = ?10, disabled_at = ?11, "
              "changed = ?12, version = version + 1 WHERE id = ?1 AND version = ?2");
static hq_sql user_use_step =
    HQ_SQL_OF("UPDATE identity_user SET totp_step = ?2 WHERE id = ?1 AND totp_step < ?2");
static hq_sql users_page =
    HQ_SQL_OF("SELECT " USER_COLUMNS " FROM identity_user WHERE id > ?1 ORDER BY id LIMIT ?2");
static hq_sql recovery_clear = HQ_SQL_OF("DELETE FROM identity_recovery WHERE user_id = ?1");
static hq_sql recovery_insert =
    HQ_SQL_OF("INSERT INTO identity_recovery (user_id, hash, used_at) VALUES (?1, ?2, 0)");
static hq_sql recovery_use = HQ_SQL_OF("UPDATE identity_recovery SET used_at = ?3 "
                                       "WHERE user_id = ?1 AND hash = ?2 AND used_at = 0");
static hq_sql recovery_left =
    HQ_SQL_OF("SELECT COUNT(*) FROM identity_recovery WHERE user_id = ?1 AND used_at = 0");
static hq_sql key_insert =
    HQ_SQL_OF("INSERT INTO identity_key (" KEY_COLUMNS ", changed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, "
              "?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)");
static hq_sql key_get = HQ_SQL_OF("SELECT " KEY_COLUMNS " FROM identity_key WHERE id = ?1");
static hq_sql key_update =
    HQ_SQL_OF("UPDATE identity_key SET on_roster = ?3, revoked_at = ?4, changed = ?5, "
              "version = version + 1 WHERE id = ?1 AND version = ?2");
static hq_sql keys_page =
    HQ_SQL_OF("SELECT " KEY_COLUMNS " FROM identity_key WHERE id > ?1 ORDER BY id LIMIT ?2");

static hq_status end_rows(hq_rows *rows, hq_status so_far)
{
    hq_status ended = hq_rows_end(rows);
    return hq_failed(so_far) ? so_far : ended;
}

static bool take_bytes(void *out, size_t len, const hq_rows *rows, int column)
{
    hq_sv bytes = hq_rows_text(rows, column);
    if (bytes.len != len) {
        return false;
    }
    memcpy(out, bytes.ptr, len);
    return true;
}

hq_status hq_identity__change_next(int64_t *out, hq_tx *tx)
{
    hq_rows rows;
    HQ_TRY(hq_tx_query(&rows, tx, &change_next, NULL, 0));
    bool found = hq_rows_next(&rows);
    *out = found ? hq_rows_i64(&rows, 0) : 0;
    return end_rows(&rows, found ? HQ_DONE : HQ_FAIL(CORRUPT));
}

/* ------------------------------------------------------------------ users */

hq_status hq_identity__user_insert(hq_tx *tx, const hq_identity__user_row *row, int64_t changed)
{
    return HQ_TX_RUN(tx, &user_insert, HQ_B_TEXT(row->id), HQ_B_TEXT(row->username),
                     HQ_B_TEXT(row->name), HQ_B_TEXT(row->role), HQ_B_TEXT(row->office),
                     HQ_B_TEXT(row->tax_code), HQ_B_TEXT(row->bank), HQ_B_I64(row->on_roster),
                     HQ_B_I64(row->password.ops), HQ_B_I64(row->password.mem),
                     HQ_B_BLOB(hq_sv_make(row->password.salt, sizeof row->password.salt)),
                     HQ_B_HASH(&row->password.hash), HQ_B_I64(row->must_change),
                     HQ_B_BLOB(row->totp_sealed), HQ_B_I64(row->totp_on), HQ_B_I64(row->totp_step),
                     HQ_B_I64(row->created_at), HQ_B_TEXT(row->created_by),
                     HQ_B_I64(row->disabled_at), HQ_B_I64(row->version), HQ_B_I64(changed));
}

static hq_status take_user(hq_identity__user_row *out, const hq_rows *rows, hq_arena *arena)
{
    *out = (hq_identity__user_row){
        .id = hq_arena_dup(arena, hq_rows_text(rows, 0)),
        .username = hq_arena_dup(arena, hq_rows_text(rows, 1)),
        .name = hq_arena_dup(arena, hq_rows_text(rows, 2)),
        .role = hq_arena_dup(arena, hq_rows_text(rows, 3)),
        .office = hq_arena_dup(arena, hq_rows_text(rows, 4)),
        .tax_code = hq_arena_dup(arena, hq_rows_text(rows, 5)),
        .bank = hq_arena_dup(arena, hq_rows_text(rows, 6)),
        .on_roster = hq_rows_i64(rows, 7) != 0,
        .password = { .ops = hq_rows_i64(rows, 8), .mem = hq_rows_i64(rows, 9) },
        .must_change = hq_rows_i64(rows, 12),
        .totp_sealed = hq_arena_dup(arena, hq_rows_text(rows, 13)),
        .totp_on = hq_rows_i64(rows, 14) != 0,
        .totp_step = hq_rows_i64(rows, 15),
        .created_at = hq_rows_i64(rows, 16),
        .created_by = hq_arena_dup(arena, hq_rows_text(rows, 17)),
        .disabled_at = hq_rows_i64(rows, 18),
        .version = hq_rows_i64(rows, 19),
    };
    if (!take_bytes(out->password.salt, sizeof out->password.salt, rows, 10) ||
        !take_bytes(out->password.hash.bytes, sizeof out->password.hash.bytes, rows, 11)) {
        return HQ_FAIL(CORRUPT);
    }
    return out->id.ptr == NULL || out->created_by.ptr == NULL ? HQ_FAIL(NOMEM) : HQ_DONE;
}

static hq_status one_user(hq_identity__user_row *out, hq_tx *tx, hq_sql *sql, hq_sv by,
                          hq_arena *arena)
{
    hq_rows rows;
    HQ_TRY(HQ_TX_QUERY(&rows, tx, sql, HQ_B_TEXT(by)));
    hq_status s = hq_rows_next(&rows) ? take_user(out, &rows, arena) : HQ_FAIL(NOT_FOUND);
    return end_rows(&rows, s);
}

hq_status hq_identity__user_get(hq_identity__user_row *out, hq_tx *tx, hq_sv id, hq_arena *arena)
{
    return one_user(out, tx, &user_get, id, arena);
}

hq_status hq_identity__user_by_name(hq_identity__user_row *out, hq_tx *tx, hq_sv username,
                                    hq_arena *arena)
{
    return one_user(out, tx, &user_by_name, username, arena);
}

hq_status hq_identity__user_update(hq_tx *tx, hq_identity__user_row *row, int64_t changed)
{
    int64_t rows;
    const hq_bind binds[] = {
        HQ_B_TEXT(row->id),
        HQ_B_I64(row->version),
        HQ_B_I64(row->on_roster),
        HQ_B_I64(row->password.ops),
        HQ_B_I64(row->password.mem),
        HQ_B_BLOB(hq_sv_make(row->password.salt, sizeof row->password.salt)),
        HQ_B_HASH(&row->password.hash),
        HQ_B_I64(row->must_change),
        HQ_B_BLOB(row->totp_sealed),
        HQ_B_I64(row->totp_on),
        HQ_B_I64(row->disabled_at),
        HQ_B_I64(changed),
    };
    HQ_TRY(hq_tx_run(tx, &user_update, binds, sizeof binds / sizeof binds[0], &rows));
    row->version++;
    return rows == 1 ? HQ_DONE : HQ_FAIL(RERUN);
}

hq_status hq_identity__user_use_step(hq_tx *tx, hq_sv id, int64_t step)
{
    int64_t rows;
    const hq_bind binds[] = { HQ_B_TEXT(id), HQ_B_I64(step) };
    HQ_TRY(hq_tx_run(tx, &user_use_step, binds, 2, &rows));
    return rows == 1 ? HQ_DONE : HQ_FAIL(NOT_FOUND);
}

hq_status hq_identity__users_page(hq_identity__user_row *out, size_t *count, size_t limit,
                                  hq_tx *tx, hq_sv after, hq_arena *arena)
{
    hq_rows rows;
    *count = 0;
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &users_page, HQ_B_TEXT(after), HQ_B_I64((int64_t)limit)));
    hq_status s = HQ_DONE;
    while (hq_ok(s) && *count < limit && hq_rows_next(&rows)) {
        s = take_user(&out[(*count)++], &rows, arena);
    }
    return end_rows(&rows, s);
}

/* ------------------------------------------------------------------ recovery codes */

hq_status hq_identity__recovery_replace(hq_tx *tx, hq_sv user_id, const hq_hash32 *hashes,
                                        size_t count)
{
    HQ_TRY(HQ_TX_RUN(tx, &recovery_clear, HQ_B_TEXT(user_id)));
    for (size_t i = 0; i < count; i++) {
        HQ_TRY(HQ_TX_RUN(tx, &recovery_insert, HQ_B_TEXT(user_id), HQ_B_HASH(&hashes[i])));
    }
    return HQ_DONE;
}

hq_status hq_identity__recovery_use(hq_tx *tx, hq_sv user_id, const hq_hash32 *hash)
{
    int64_t rows;
    const hq_bind binds[] = { HQ_B_TEXT(user_id), HQ_B_HASH(hash), HQ_B_I64(hq_tx_now(tx)) };
    HQ_TRY(hq_tx_run(tx, &recovery_use, binds, 3, &rows));
    return rows == 1 ? HQ_DONE : HQ_FAIL(NOT_FOUND);
}

hq_status hq_identity__recovery_left(int64_t *out, hq_tx *tx, hq_sv user_id)
{
    hq_rows rows;
    *out = 0;
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &recovery_left, HQ_B_TEXT(user_id)));
    if (hq_rows_next(&rows)) {
        *out = hq_rows_i64(&rows, 0);
    }
    return end_rows(&rows, HQ_DONE);
}

/* ------------------------------------------------------------------ keys */

hq_status hq_identity__key_insert(hq_tx *tx, const hq_identity__key_row *row, int64_t changed)
{
    return HQ_TX_RUN(tx, &key_insert, HQ_B_TEXT(row->id), HQ_B_HASH(&row->hash),
                     HQ_B_TEXT(row->name), HQ_B_TEXT(row->role), HQ_B_TEXT(row->office),
                     HQ_B_TEXT(row->tax_code), HQ_B_TEXT(row->bank), HQ_B_I64(row->on_roster),
                     HQ_B_TEXT(row->person), HQ_B_I64(row->created_at), HQ_B_TEXT(row->created_by),
                     HQ_B_I64(row->revoked_at), HQ_B_I64(row->version), HQ_B_I64(changed));
}

static hq_status take_key(hq_identity__key_row *out, const hq_rows *rows, hq_arena *arena)
{
    *out = (hq_identity__key_row){
        .id = hq_arena_dup(arena, hq_rows_text(rows, 0)),
        .name = hq_arena_dup(arena, hq_rows_text(rows, 2)),
        .role = hq_arena_dup(arena, hq_rows_text(rows, 3)),
        .office = hq_arena_dup(arena, hq_rows_text(rows, 4)),
        .tax_code = hq_arena_dup(arena, hq_rows_text(rows, 5)),
        .bank = hq_arena_dup(arena, hq_rows_text(rows, 6)),
        .on_roster = hq_rows_i64(rows, 7) != 0,
        .person = hq_arena_dup(arena, hq_rows_text(rows, 8)),
        .created_at = hq_rows_i64(rows, 9),
        .created_by = hq_arena_dup(arena, hq_rows_text(rows, 10)),
        .revoked_at = hq_rows_i64(rows, 11),
        .version = hq_rows_i64(rows, 12),
    };
    if (!take_bytes(out->hash.bytes, sizeof out->hash.bytes, rows, 1)) {
        return HQ_FAIL(CORRUPT);
    }
    return out->id.ptr == NULL || out->created_by.ptr == NULL ? HQ_FAIL(NOMEM) : HQ_DONE;
}

hq_status hq_identity__key_get(hq_identity__key_row *out, hq_tx *tx, hq_sv id, hq_arena *arena)
{
    hq_rows rows;
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &key_get, HQ_B_TEXT(id)));
    hq_status s = hq_rows_next(&rows) ? take_key(out, &rows, arena) : HQ_FAIL(NOT_FOUND);
    return end_rows(&rows, s);
}

hq_status hq_identity__key_update(hq_tx *tx, hq_identity__key_row *row, int64_t changed)
{
    int64_t rows;
    const hq_bind binds[] = { HQ_B_TEXT(row->id), HQ_B_I64(row->version), HQ_B_I64(row->on_roster),
                              HQ_B_I64(row->revoked_at), HQ_B_I64(changed) };
    HQ_TRY(hq_tx_run(tx, &key_update, binds, 5, &rows));
    row->version++;
    return rows == 1 ? HQ_DONE : HQ_FAIL(RERUN);
}

hq_status hq_identity__keys_page(hq_identity__key_row *out, size_t *count, size_t limit, hq_tx *tx,
                                 hq_sv after, hq_arena *arena)
{
    hq_rows rows;
    *count = 0;
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &keys_page, HQ_B_TEXT(after), HQ_B_I64((int64_t)limit)));
    hq_status s = HQ_DONE;
    while (hq_ok(s) && *count < limit && hq_rows_next(&rows)) {
        s = take_key(&out[(*count)++], &rows, arena);
    }
    return end_rows(&rows, s);
}
