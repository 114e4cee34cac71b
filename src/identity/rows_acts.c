/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/rows.h"

/* Sessions, approvals, delegations. */

#define SESSION_COLUMNS "id, hash, user_id, peer, agent, created_at, seen_at, expires_at, ended_at"
#define APPROVAL_COLUMNS                                                                           \
    "id, deed, subject, body, body_hash, roles, office, asked_by, asked_person, asked_at, "        \
    "expires_at, state, decided_by, decided_at"

static hq_sql session_insert =
    HQ_SQL_OF("INSERT INTO identity_session (" SESSION_COLUMNS ", changed) "
              "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)");
static hq_sql session_seen_get = HQ_SQL_OF("SELECT seen_at FROM identity_session WHERE hash = ?1");
static hq_sql session_seen_put =
    HQ_SQL_OF("UPDATE identity_session SET seen_at = ?2 WHERE hash = ?1 AND seen_at < ?2");
static hq_sql session_end =
    HQ_SQL_OF("UPDATE identity_session SET ended_at = ?3, changed = ?4 "
              "WHERE id = ?1 AND user_id = ?2 AND ended_at = 0 AND expires_at > ?3");
static hq_sql sessions_of =
    HQ_SQL_OF("SELECT " SESSION_COLUMNS " FROM identity_session WHERE user_id = ?1 "
              "AND ended_at = 0 AND expires_at > ?2 ORDER BY created_at DESC, id LIMIT ?3");
static hq_sql session_known = HQ_SQL_OF("SELECT 1 FROM identity_session WHERE user_id = ?1 "
                                        "AND created_at >= ?2 AND peer = ?3 LIMIT 1");
static hq_sql sessions_forget = HQ_SQL_OF("DELETE FROM identity_session WHERE expires_at < ?1");
static hq_sql approval_insert =
    HQ_SQL_OF("INSERT INTO identity_approval (" APPROVAL_COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, "
              "?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)");
static hq_sql approval_open =
    HQ_SQL_OF("SELECT " APPROVAL_COLUMNS " FROM identity_approval WHERE deed = ?1 "
              "AND subject = ?2 AND body_hash = ?3 AND state = 'OPEN'");
static hq_sql approval_close =
    HQ_SQL_OF("UPDATE identity_approval SET state = ?2, decided_by = ?3, decided_at = ?4 "
              "WHERE id = ?1 AND state = 'OPEN'");
static hq_sql approvals_due =
    HQ_SQL_OF("SELECT " APPROVAL_COLUMNS " FROM identity_approval WHERE state = 'OPEN' "
              "AND expires_at <= ?1 ORDER BY expires_at, id LIMIT ?2");
static hq_sql approvals_valid =
    HQ_SQL_OF("SELECT " APPROVAL_COLUMNS " FROM identity_approval WHERE state = 'OPEN' "
              "AND expires_at > ?1 ORDER BY expires_at, id LIMIT ?2");
static hq_sql delegation_insert =
    HQ_SQL_OF("INSERT INTO identity_delegation (id, head_id, to_id, act, office, valid_from, "
              "valid_to, created_at, ended_at, changed) "
              "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0, ?9)");
static hq_sql delegation_get =
    HQ_SQL_OF("SELECT id, head_id, to_id, act, office, valid_from, valid_to, created_at, ended_at "
              "FROM identity_delegation WHERE id = ?1");
static hq_sql delegation_page =
    HQ_SQL_OF("SELECT id, head_id, to_id, act, office, valid_from, valid_to, created_at, ended_at "
              "FROM identity_delegation WHERE id < ?1 ORDER BY id DESC LIMIT ?2");
static hq_sql delegation_end =
    HQ_SQL_OF("UPDATE identity_delegation SET ended_at = ?3, changed = ?4 "
              "WHERE id = ?1 AND head_id = ?2 AND ended_at = 0");

static hq_status end_rows(hq_rows *rows, hq_status so_far)
{
    hq_status ended = hq_rows_end(rows);
    return hq_failed(so_far) ? so_far : ended;
}

static hq_status run_one(hq_tx *tx, hq_sql *sql, const hq_bind *binds, size_t count, hq_status none)
{
    int64_t rows;
    HQ_TRY(hq_tx_run(tx, sql, binds, count, &rows));
    return rows == 1 ? HQ_DONE : none;
}

/* ------------------------------------------------------------------ sessions */

hq_status hq_identity__session_insert(hq_tx *tx, const hq_identity__session_row *row,
                                      int64_t changed)
{
    return HQ_TX_RUN(tx, &session_insert, HQ_B_TEXT(row->id), HQ_B_HASH(&row->hash),
                     HQ_B_TEXT(row->user_id), HQ_B_TEXT(row->peer), HQ_B_TEXT(row->agent),
                     HQ_B_I64(row->created_at), HQ_B_I64(row->seen_at), HQ_B_I64(row->expires_at),
                     HQ_B_I64(row->ended_at), HQ_B_I64(changed));
}

hq_status hq_identity__session_seen_get(hq_time_us *out, hq_tx *tx, const hq_hash32 *hash)
{
    hq_rows rows;
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &session_seen_get, HQ_B_HASH(hash)));
    bool found = hq_rows_next(&rows);
    *out = found ? hq_rows_i64(&rows, 0) : 0;
    return end_rows(&rows, found ? HQ_DONE : HQ_FAIL(NOT_FOUND));
}

hq_status hq_identity__session_seen_put(hq_tx *tx, const hq_hash32 *hash, hq_time_us seen_at)
{
    return HQ_TX_RUN(tx, &session_seen_put, HQ_B_HASH(hash), HQ_B_I64(seen_at));
}

hq_status hq_identity__session_end(hq_tx *tx, hq_sv id, hq_sv user_id, int64_t changed)
{
    const hq_bind binds[] = { HQ_B_TEXT(id), HQ_B_TEXT(user_id), HQ_B_I64(hq_tx_now(tx)),
                              HQ_B_I64(changed) };
    return run_one(tx, &session_end, binds, 4, HQ_FAIL(NOT_FOUND));
}

static hq_status take_session(hq_identity__session_row *out, const hq_rows *rows, hq_arena *arena)
{
    hq_sv hash = hq_rows_text(rows, 1);
    if (hash.len != sizeof out->hash.bytes) {
        return HQ_FAIL(CORRUPT);
    }
    *out = (hq_identity__session_row){
        .id = hq_arena_dup(arena, hq_rows_text(rows, 0)),
        .user_id = hq_arena_dup(arena, hq_rows_text(rows, 2)),
        .peer = hq_arena_dup(arena, hq_rows_text(rows, 3)),
        .agent = hq_arena_dup(arena, hq_rows_text(rows, 4)),
        .created_at = hq_rows_i64(rows, 5),
        .seen_at = hq_rows_i64(rows, 6),
        .expires_at = hq_rows_i64(rows, 7),
        .ended_at = hq_rows_i64(rows, 8),
    };
    memcpy(out->hash.bytes, hash.ptr, hash.len);
    return out->id.ptr == NULL || out->agent.ptr == NULL ? HQ_FAIL(NOMEM) : HQ_DONE;
}

hq_status hq_identity__sessions_of(hq_identity__session_row *out, size_t *count, size_t limit,
                                   hq_tx *tx, hq_sv user_id, hq_arena *arena)
{
    hq_rows rows;
    *count = 0;
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &sessions_of, HQ_B_TEXT(user_id), HQ_B_I64(hq_tx_now(tx)),
                       HQ_B_I64((int64_t)limit)));
    hq_status s = HQ_DONE;
    while (hq_ok(s) && *count < limit && hq_rows_next(&rows)) {
        s = take_session(&out[(*count)++], &rows, arena);
    }
    return end_rows(&rows, s);
}

hq_status hq_identity__session_known(bool *out, hq_tx *tx, hq_sv user_id, hq_sv peer,
                                     hq_time_us since)
{
    hq_rows rows;
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &session_known, HQ_B_TEXT(user_id), HQ_B_I64(since),
                       HQ_B_TEXT(peer)));
    *out = hq_rows_next(&rows);
    return end_rows(&rows, HQ_DONE);
}

hq_status hq_identity__sessions_forget(hq_tx *tx, hq_time_us expired_before)
{
    return HQ_TX_RUN(tx, &sessions_forget, HQ_B_I64(expired_before));
}

/* ------------------------------------------------------------------ approvals */

hq_status hq_identity__approval_insert(hq_tx *tx, const hq_identity__approval_row *row)
{
    return HQ_TX_RUN(tx, &approval_insert, HQ_B_TEXT(row->id), HQ_B_TEXT(row->deed),
                     HQ_B_TEXT(row->subject), HQ_B_BLOB(row->body), HQ_B_HASH(&row->body_hash),
                     HQ_B_I64(row->roles), HQ_B_TEXT(row->office), HQ_B_TEXT(row->asked_by),
                     HQ_B_TEXT(row->asked_person), HQ_B_I64(row->asked_at),
                     HQ_B_I64(row->expires_at), HQ_B_TEXT(row->state), HQ_B_TEXT(row->decided_by),
                     HQ_B_I64(row->decided_at));
}

static hq_status take_approval(hq_identity__approval_row *out, const hq_rows *rows, hq_arena *arena)
{
    hq_sv hash = hq_rows_text(rows, 4);
    if (hash.len != sizeof out->body_hash.bytes) {
        return HQ_FAIL(CORRUPT);
    }
    *out = (hq_identity__approval_row){
        .id = hq_arena_dup(arena, hq_rows_text(rows, 0)),
        .deed = hq_arena_dup(arena, hq_rows_text(rows, 1)),
        .subject = hq_arena_dup(arena, hq_rows_text(rows, 2)),
        .body = hq_arena_dup(arena, hq_rows_text(rows, 3)),
        .roles = (uint32_t)hq_rows_i64(rows, 5),
        .office = hq_arena_dup(arena, hq_rows_text(rows, 6)),
        .asked_by = hq_arena_dup(arena, hq_rows_text(rows, 7)),
        .asked_person = hq_arena_dup(arena, hq_rows_text(rows, 8)),
        .asked_at = hq_rows_i64(rows, 9),
        .expires_at = hq_rows_i64(rows, 10),
        .state = hq_arena_dup(arena, hq_rows_text(rows, 11)),
        .decided_by = hq_arena_dup(arena, hq_rows_text(rows, 12)),
        .decided_at = hq_rows_i64(rows, 13),
    };
    memcpy(out->body_hash.bytes, hash.ptr, hash.len);
    return out->id.ptr == NULL || out->decided_by.ptr == NULL ? HQ_FAIL(NOMEM) : HQ_DONE;
}

hq_status hq_identity__approval_open(hq_identity__approval_row *out, hq_tx *tx, hq_sv deed,
                                     hq_sv subject, const hq_hash32 *body, hq_arena *arena)
{
    hq_rows rows;
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &approval_open, HQ_B_TEXT(deed), HQ_B_TEXT(subject),
                       HQ_B_HASH(body)));
    hq_status s = hq_rows_next(&rows) ? take_approval(out, &rows, arena) : HQ_FAIL(NOT_FOUND);
    return end_rows(&rows, s);
}

hq_status hq_identity__approval_close(hq_tx *tx, hq_sv id, hq_sv state, hq_sv by)
{
    const hq_bind binds[] = { HQ_B_TEXT(id), HQ_B_TEXT(state), HQ_B_TEXT(by),
                              HQ_B_I64(hq_tx_now(tx)) };
    return run_one(tx, &approval_close, binds, 4, HQ_FAIL(RERUN));
}

hq_status hq_identity__approvals(hq_identity__approval_row *out, size_t *count, size_t limit,
                                 hq_tx *tx, hq_time_us due, hq_arena *arena)
{
    hq_rows rows;
    hq_time_us at = due != 0 ? due : hq_tx_now(tx);
    *count = 0;
    HQ_TRY(HQ_TX_QUERY(&rows, tx, due != 0 ? &approvals_due : &approvals_valid, HQ_B_I64(at),
                       HQ_B_I64((int64_t)limit)));
    hq_status s = HQ_DONE;
    while (hq_ok(s) && *count < limit && hq_rows_next(&rows)) {
        s = take_approval(&out[(*count)++], &rows, arena);
    }
    return end_rows(&rows, s);
}

/* ------------------------------------------------------------------ delegations */

hq_status hq_identity__delegation_insert(hq_tx *tx, const hq_identity__delegation_row *row,
                                         int64_t changed)
{
    return HQ_TX_RUN(tx, &delegation_insert, HQ_B_TEXT(row->id), HQ_B_TEXT(row->head_id),
                     HQ_B_TEXT(row->to_id), HQ_B_TEXT(row->act), HQ_B_TEXT(row->office),
                     HQ_B_I64(row->from), HQ_B_I64(row->to), HQ_B_I64(row->created_at),
                     HQ_B_I64(changed));
}

hq_status hq_identity__delegation_end(hq_tx *tx, hq_sv id, hq_sv head_id, int64_t changed)
{
    const hq_bind binds[] = { HQ_B_TEXT(id), HQ_B_TEXT(head_id), HQ_B_I64(hq_tx_now(tx)),
                              HQ_B_I64(changed) };
    return run_one(tx, &delegation_end, binds, 4, HQ_FAIL(NOT_FOUND));
}

static hq_status take_delegation(hq_identity__delegation_row *out, const hq_rows *rows,
                                 hq_arena *arena)
{
    hq_sv *const texts[] = { &out->id, &out->head_id, &out->to_id, &out->act, &out->office };
    for (int i = 0; i < 5; i++) {
        *texts[i] = hq_arena_dup(arena, hq_rows_text(rows, i));
        if (texts[i]->ptr == NULL) {
            return HQ_FAIL(NOMEM);
        }
    }
    out->from = (hq_day)hq_rows_i64(rows, 5);
    out->to = (hq_day)hq_rows_i64(rows, 6);
    out->created_at = hq_rows_i64(rows, 7);
    out->ended_at = hq_rows_i64(rows, 8);
    return HQ_DONE;
}

hq_status hq_identity__delegation_get(hq_identity__delegation_row *out, hq_tx *tx, hq_sv id,
                                      hq_arena *arena)
{
    hq_rows rows;
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &delegation_get, HQ_B_TEXT(id)));
    hq_status s = hq_rows_next(&rows) ? take_delegation(out, &rows, arena) : HQ_FAIL(NOT_FOUND);
    return end_rows(&rows, s);
}

hq_status hq_identity__delegations_page(hq_identity__delegation_row *out, size_t *count,
                                        size_t limit, hq_tx *tx, hq_sv before, hq_arena *arena)
{
    hq_rows rows;
    *count = 0;
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &delegation_page, HQ_B_TEXT(before), HQ_B_I64((int64_t)limit)));
    hq_status s = HQ_DONE;
    while (hq_ok(s) && *count < limit && hq_rows_next(&rows)) {
        s = take_delegation(&out[(*count)++], &rows, arena);
    }
    return end_rows(&rows, s);
}
