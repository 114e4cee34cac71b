/* SPDX-License-Identifier: Apache-2.0 */
#include "transit/room.h"

/* All of the room's SQL, the hash of a row and its events. */

#define FIRST_ID INT64_C(50000000001)
#define COLUMNS                                                                                    \
    "id, version, status, office_from, office_to, trader, agent, created_at, changed_at, due_at,"  \
    " overdue, body, steps"

static hq_sql next_id = HQ_SQL_OF("SELECT COALESCE(MAX(id) + 1, 50000000001) FROM transport");
static hq_sql insert_row =
    HQ_SQL_OF("INSERT INTO transport (" COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10,"
              " ?11, ?12, ?13)");
static hq_sql update_row =
    HQ_SQL_OF("UPDATE transport SET version = ?2, status = ?3, office_from = ?4, office_to = ?5,"
              " trader = ?6, agent = ?7, changed_at = ?8, due_at = ?9, overdue = ?10, body = ?11,"
              " steps = ?12 WHERE id = ?1 AND version = ?2 - 1");
static hq_sql select_row = HQ_SQL_OF("SELECT " COLUMNS " FROM transport WHERE id = ?1");
static hq_sql select_page =
    HQ_SQL_OF("SELECT " COLUMNS " FROM transport WHERE id < ?1 AND (?2 < 0 OR status = ?2)"
              " AND (?3 = '' OR office_from = ?3 OR office_to = ?3)"
              " AND (?4 = '' OR trader = ?4 OR agent = ?4) AND (?5 = 0 OR overdue = 1)"
              " ORDER BY id DESC LIMIT ?6");
static hq_sql select_due = HQ_SQL_OF("SELECT id, due_at FROM transport WHERE status = 3 AND"
                                     " overdue = 0 ORDER BY due_at, id LIMIT 1");

static void take(hq_tra__row *out, const hq_rows *rows, hq_arena *arena)
{
    *out = (hq_tra__row){
        .id = hq_rows_i64(rows, 0),
        .version = hq_rows_i64(rows, 1),
        .status = (hq_tra__state)hq_rows_i64(rows, 2),
        .office_from = hq_arena_dup(arena, hq_rows_text(rows, 3)),
        .office_to = hq_arena_dup(arena, hq_rows_text(rows, 4)),
        .trader = hq_arena_dup(arena, hq_rows_text(rows, 5)),
        .agent = hq_arena_dup(arena, hq_rows_text(rows, 6)),
        .created_at = hq_rows_i64(rows, 7),
        .changed_at = hq_rows_i64(rows, 8),
        .due_at = hq_rows_i64(rows, 9),
        .overdue = hq_rows_i64(rows, 10) != 0,
        .body = hq_arena_dup(arena, hq_rows_text(rows, 11)),
        .steps = hq_arena_dup(arena, hq_rows_text(rows, 12)),
    };
}

hq_status hq_tra__row_get(hq_tra__row *out, hq_tx *tx, int64_t id, hq_arena *arena)
{
    hq_rows rows;
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &select_row, HQ_B_I64(id)));
    bool found = hq_rows_next(&rows);
    if (found) {
        take(out, &rows, arena);
    }
    HQ_TRY(hq_rows_end(&rows));
    return found ? HQ_DONE : HQ_FAIL(NOT_FOUND);
}

hq_status hq_tra__row_insert(hq_tx *tx, hq_tra__row *r)
{
    hq_rows rows;
    HQ_TRY(hq_tx_query(&rows, tx, &next_id, NULL, 0));
    r->id = hq_rows_next(&rows) ? hq_rows_i64(&rows, 0) : FIRST_ID;
    HQ_TRY(hq_rows_end(&rows));
    return HQ_TX_RUN(tx, &insert_row, HQ_B_I64(r->id), HQ_B_I64(r->version), HQ_B_I64(r->status),
                     HQ_B_TEXT(r->office_from), HQ_B_TEXT(r->office_to), HQ_B_TEXT(r->trader),
                     HQ_B_TEXT(r->agent), HQ_B_I64(r->created_at), HQ_B_I64(r->changed_at),
                     HQ_B_I64(r->due_at), HQ_B_I64(r->overdue), HQ_B_TEXT(r->body),
                     HQ_B_TEXT(r->steps));
}

hq_status hq_tra__row_update(hq_tx *tx, const hq_tra__row *r)
{
    int64_t changed;
    const hq_bind binds[] = { HQ_B_I64(r->id),         HQ_B_I64(r->version),
                              HQ_B_I64(r->status),     HQ_B_TEXT(r->office_from),
                              HQ_B_TEXT(r->office_to), HQ_B_TEXT(r->trader),
                              HQ_B_TEXT(r->agent),     HQ_B_I64(r->changed_at),
                              HQ_B_I64(r->due_at),     HQ_B_I64(r->overdue),
                              HQ_B_TEXT(r->body),      HQ_B_TEXT(r->steps) };
    HQ_TRY(hq_tx_run(tx, &update_row, binds, sizeof binds / sizeof binds[0], &changed));
    return changed == 1 ? HQ_DONE : HQ_FAIL(RERUN);
}

hq_status hq_tra__row_page(hq_tra__row **out, size_t *count, hq_tx *tx, const hq_tra__page *page,
                           hq_arena *arena)
{
    hq_rows rows;
    *count = 0;
    *out = HQ_NEW_ARRAY(arena, hq_tra__row, page->max + 1);
    if (*out == NULL) {
        return HQ_FAIL(NOMEM);
    }
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &select_page,
                       HQ_B_I64(page->before == 0 ? INT64_MAX : page->before),
                       HQ_B_I64(page->status), HQ_B_TEXT(page->office), HQ_B_TEXT(page->trader),
                       HQ_B_I64(page->overdue), HQ_B_I64((int64_t)page->max)));
    while (*count < page->max && hq_rows_next(&rows)) {
        take(&(*out)[(*count)++], &rows, arena);
    }
    return hq_rows_end(&rows);
}

hq_status hq_tra__row_due(int64_t *id, hq_time_us *at, hq_tx *tx)
{
    hq_rows rows;
    HQ_TRY(hq_tx_query(&rows, tx, &select_due, NULL, 0));
    bool found = hq_rows_next(&rows);
    if (found) {
        *id = hq_rows_i64(&rows, 0);
        *at = hq_rows_i64(&rows, 1);
    }
    HQ_TRY(hq_rows_end(&rows));
    return found ? HQ_DONE : HQ_FAIL(NOT_FOUND);
}

/* ------------------------------------------------------------------ hash, event */

static hq_status hash_of(hq_hash32 *out, const hq_tra__row *r, hq_arena *arena)
{
    hq_buf buf = HQ_BUF_ARENA(arena, (size_t)4 << 20);
    const int64_t numbers[] = { r->id,         r->version, r->status, r->created_at,
                                r->changed_at, r->due_at,  r->overdue };
    const hq_sv texts[] = { r->office_from, r->office_to, r->trader, r->agent, r->body, r->steps };
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        hq_buf_le64(&buf, (uint64_t)numbers[i]);
    }
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        hq_buf_bytes32(&buf, texts[i]);
    }
    HQ_TRY(hq_buf_status(&buf));
    hq_blake2b(out, hq_buf_view(&buf));
    return HQ_DONE;
}

hq_status hq_tra__row_hash(hq_hash32 *out, hq_tx *tx, int64_t id)
{
    hq_tra__row row;
    HQ_TRY(hq_tra__row_get(&row, tx, id, hq_tx_arena(tx)));
    return hash_of(out, &row, hq_tx_arena(tx));
}

hq_status hq_tra__event(hq_tx *tx, const hq_tra__row *row, const char *kind, hq_sv actor)
{
    hq_arena *arena = hq_tx_arena(tx);
    hq_hash32 hash;
    hq_buf text = HQ_BUF_ARENA(arena, 1024);
    hq_json_w w = hq_json_writer(&text);
    hq_json_open(&w, '{');
    HQ_JSON_KEY(&w, "number");
    hq_json_text(&w, hq_tra__number(arena, row->id));
    HQ_JSON_KEY(&w, "status");
    hq_json_text(&w, hq_sv_from_cstr(hq_tra__state_name(row->status)));
    HQ_JSON_KEY(&w, "office_to");
    hq_json_text(&w, row->office_to);
    HQ_JSON_KEY(&w, "trader");
    hq_json_text(&w, row->trader);
    HQ_JSON_KEY(&w, "agent");
    hq_json_text_or_null(&w, row->agent.len == 0 ? HQ_SV_NULL : row->agent);
    hq_json_close(&w, '}');
    HQ_TRY(hq_buf_status(&text));
    HQ_TRY(hash_of(&hash, row, arena));
    return hq_tx_event(
        tx,
        &(hq_event){ .office = row->office_from,
                     .room = HQ_SV("transit"),
                     .kind = hq_sv_from_cstr(kind),
                     .subject = hq_arena_printf(arena, "transport/%lld", (long long)row->id),
                     .version = row->version,
                     .actor = actor,
                     .at = row->changed_at,
                     .payload = hq_buf_view(&text),
                     .row_hash = &hash },
        NULL);
}
