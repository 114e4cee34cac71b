/* SPDX-License-Identifier: Apache-2.0 */
#include "treasury/room.h"

/* Rows of treasury_guarantees and treasury_reservations. */

#define COLUMNS                                                                                    \
    "id, bank, number, general, tax_code, declaration, named, limit_vnd, reserved_vnd, "           \
    "valid_from, valid_to, first_valid_to, cancelled, version, registered_at"

static hq_sql find = HQ_SQL_OF("SELECT " COLUMNS " FROM treasury_guarantees WHERE id = ?1");
static hq_sql find_bank =
    HQ_SQL_OF("SELECT " COLUMNS " FROM treasury_guarantees WHERE bank = ?1 AND number = ?2");
static hq_sql find_trader =
    HQ_SQL_OF("SELECT " COLUMNS " FROM treasury_guarantees WHERE tax_code = ?1 AND number = ?2");
static hq_sql list = HQ_SQL_OF("SELECT " COLUMNS " FROM treasury_guarantees WHERE id > ?1 "
                               "AND (?2 = '' OR bank = ?2) AND (?3 = '' OR tax_code = ?3) "
                               "ORDER BY id LIMIT ?4");
static hq_sql insert = HQ_SQL_OF("INSERT INTO treasury_guarantees (" COLUMNS
                                 ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, "
                                 "?10, ?11, ?12, ?13, ?14, ?15) ON CONFLICT DO NOTHING");
/* The limit stands in the condition too: whatever was read before, it is never over-drawn. */
static hq_sql update =
    HQ_SQL_OF("UPDATE treasury_guarantees SET declaration = ?2, reserved_vnd = ?3, valid_to = ?4, "
              "cancelled = ?5, version = ?6 WHERE id = ?1 AND version = ?6 - 1 AND ?3 >= 0 "
              "AND ?3 <= limit_vnd");

/* ------------------------------------------------------------------ reading */

static hq_status read_row(hq_tre__guarantee *out, const hq_rows *rows, hq_arena *arena)
{
    *out = (hq_tre__guarantee){
        .id = hq_arena_dup(arena, hq_rows_text(rows, 0)),
        .bank = hq_arena_dup(arena, hq_rows_text(rows, 1)),
        .number = hq_arena_dup(arena, hq_rows_text(rows, 2)),
        .general = hq_rows_i64(rows, 3) != 0,
        .tax_code = hq_arena_dup(arena, hq_rows_text(rows, 4)),
        .declaration = hq_rows_i64(rows, 5),
        .named = hq_rows_i64(rows, 6) != 0,
        .limit_vnd = hq_rows_i64(rows, 7),
        .reserved_vnd = hq_rows_i64(rows, 8),
        .valid_from = (hq_day)hq_rows_i64(rows, 9),
        .valid_to = (hq_day)hq_rows_i64(rows, 10),
        .first_valid_to = (hq_day)hq_rows_i64(rows, 11),
        .cancelled = hq_rows_i64(rows, 12) != 0,
        .version = hq_rows_i64(rows, 13),
        .registered_at = hq_rows_i64(rows, 14),
    };
    bool whole = out->id.ptr != NULL && out->bank.ptr != NULL && out->number.ptr != NULL &&
                 out->tax_code.ptr != NULL;
    return whole ? HQ_DONE : HQ_FAIL(NOMEM);
}

static hq_status find_one(hq_tre__guarantee *out, hq_tx *tx, hq_sql *sql, hq_sv first, hq_sv second,
                          size_t count)
{
    hq_rows rows;
    const hq_bind binds[] = { HQ_B_TEXT(first), HQ_B_TEXT(second) };
    HQ_TRY(hq_tx_query(&rows, tx, sql, binds, count));
    hq_status read = HQ_FAIL(NOT_FOUND);
    if (hq_rows_next(&rows)) {
        read = read_row(out, &rows, hq_tx_arena(tx));
    }
    HQ_TRY(hq_rows_end(&rows));
    return read;
}

hq_status hq_tre__guarantee_get(hq_tre__guarantee *out, hq_tx *tx, hq_sv id)
{
    return find_one(out, tx, &find, id, HQ_SV(""), 1);
}

hq_status hq_tre__guarantee_by_bank(hq_tre__guarantee *out, hq_tx *tx, hq_sv bank, hq_sv number)
{
    return find_one(out, tx, &find_bank, bank, number, 2);
}

hq_status hq_tre__guarantee_by_trader(hq_tre__guarantee *out, hq_tx *tx, hq_sv tax_code,
                                      hq_sv number)
{
    return find_one(out, tx, &find_trader, tax_code, number, 2);
}

hq_status hq_tre__guarantee_list(hq_tre__guarantee **out, size_t *count, hq_tx *tx,
                                 const hq_tre__guarantee_page *page)
{
    hq_rows rows;
    hq_status read = HQ_DONE;
    *count = 0;
    *out = HQ_NEW_ARRAY(hq_tx_arena(tx), hq_tre__guarantee, page->max);
    if (*out == NULL) {
        return HQ_FAIL(NOMEM);
    }
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &list, HQ_B_TEXT(page->after_id), HQ_B_TEXT(page->bank),
                       HQ_B_TEXT(page->tax_code), HQ_B_I64((int64_t)page->max)));
    while (hq_ok(read) && *count < page->max && hq_rows_next(&rows)) {
        read = read_row(&(*out)[(*count)++], &rows, hq_tx_arena(tx));
    }
    HQ_TRY(hq_rows_end(&rows));
    return read;
}

/* ------------------------------------------------------------------ writing */

hq_status hq_tre__guarantee_insert(bool *inserted, hq_tx *tx, const hq_tre__guarantee *g)
{
    int64_t changed;
    const hq_bind binds[] = {
        HQ_B_TEXT(g->id),        HQ_B_TEXT(g->bank),     HQ_B_TEXT(g->number),
        HQ_B_I64(g->general),    HQ_B_TEXT(g->tax_code), HQ_B_I64(g->declaration),
        HQ_B_I64(g->named),      HQ_B_I64(g->limit_vnd), HQ_B_I64(g->reserved_vnd),
        HQ_B_I64(g->valid_from), HQ_B_I64(g->valid_to),  HQ_B_I64(g->first_valid_to),
        HQ_B_I64(g->cancelled),  HQ_B_I64(g->version),   HQ_B_I64(g->registered_at),
    };
    HQ_TRY(hq_tx_run(tx, &insert, binds, sizeof binds / sizeof binds[0], &changed));
    *inserted = changed == 1;
    return HQ_DONE;
}

hq_status hq_tre__guarantee_update(hq_tx *tx, const hq_tre__guarantee *g)
{
    int64_t changed;
    const hq_bind binds[] = {
        HQ_B_TEXT(g->id),      HQ_B_I64(g->declaration), HQ_B_I64(g->reserved_vnd),
        HQ_B_I64(g->valid_to), HQ_B_I64(g->cancelled),   HQ_B_I64(g->version),
    };
    HQ_TRY(hq_tx_run(tx, &update, binds, sizeof binds / sizeof binds[0], &changed));
    return changed == 1 ? HQ_DONE : HQ_FAIL(RERUN);
}

/* ------------------------------------------------------------------ hash and event */

static hq_status hash_row(hq_hash32 *out, const hq_tre__guarantee *g, hq_arena *arena)
{
    hq_buf buf = HQ_BUF_ARENA(arena, 1024);
    hq_buf_bytes32(&buf, g->id);
    hq_buf_bytes32(&buf, g->bank);
    hq_buf_bytes32(&buf, g->number);
    hq_buf_char(&buf, g->general ? 1 : 0);
    hq_buf_bytes32(&buf, g->tax_code);
    hq_buf_le64(&buf, (uint64_t)g->declaration);
    hq_buf_char(&buf, g->named ? 1 : 0);
    hq_buf_le64(&buf, (uint64_t)g->limit_vnd);
    hq_buf_le64(&buf, (uint64_t)g->reserved_vnd);
    hq_buf_le32(&buf, (uint32_t)g->valid_from);
    hq_buf_le32(&buf, (uint32_t)g->valid_to);
    hq_buf_le32(&buf, (uint32_t)g->first_valid_to);
    hq_buf_char(&buf, g->cancelled ? 1 : 0);
    hq_buf_le64(&buf, (uint64_t)g->version);
    hq_buf_le64(&buf, (uint64_t)g->registered_at);
    HQ_TRY(hq_buf_status(&buf));
    hq_blake2b(out, hq_buf_view(&buf));
    return HQ_DONE;
}

hq_status hq_tre__guarantee_hash(hq_hash32 *out, hq_tx *tx, hq_sv id)
{
    hq_tre__guarantee g;
    HQ_TRY(hq_tre__guarantee_get(&g, tx, id));
    return hash_row(out, &g, hq_tx_arena(tx));
}

hq_status hq_tre__guarantee_event(hq_tx *tx, const hq_tre__guarantee *g, const char *kind,
                                  hq_sv more, hq_sv actor)
{
    hq_arena *arena = hq_tx_arena(tx);
    hq_buf text = HQ_BUF_ARENA(arena, 1024);
    hq_json_w json = hq_json_writer(&text);
    hq_hash32 hash;
    hq_json_open(&json, '{');
    HQ_JSON_KEY(&json, "bank");
    hq_json_text(&json, g->bank);
    HQ_JSON_KEY(&json, "number");
    hq_json_text(&json, g->number);
    HQ_JSON_KEY(&json, "reserved_vnd");
    hq_json_i64(&json, g->reserved_vnd);
    if (more.len > 0) {
        hq_buf_char(&text, ',');
        hq_buf_sv(&text, more);
    }
    hq_buf_char(&text, '}');
    HQ_TRY(hq_buf_status(&text));
    HQ_TRY(hash_row(&hash, g, arena));
    hq_tre__event event = {
        .subject = hq_arena_printf(arena, "guarantee/%.*s", HQ_SV_FMT(g->id)),
        .actor = actor,
        .payload = hq_buf_view(&text),
        .kind = kind,
        .version = g->version,
        .hash = &hash,
    };
    return hq_tre__event_write(tx, &event);
}

/* ------------------------------------------------------------------ reservations */

static hq_sql find_held = HQ_SQL_OF(
    "SELECT guarantee, held_vnd, version FROM treasury_reservations WHERE declaration = ?1");
static hq_sql insert_held =
    HQ_SQL_OF("INSERT INTO treasury_reservations (declaration, guarantee, held_vnd, version, at) "
              "VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING");
static hq_sql update_held =
    HQ_SQL_OF("UPDATE treasury_reservations SET guarantee = ?2, held_vnd = ?3, version = ?4, "
              "at = ?5 WHERE declaration = ?1 AND version = ?4 - 1");

hq_status hq_tre__reservation_get(hq_tre__reservation *out, hq_tx *tx, int64_t declaration)
{
    hq_rows rows;
    hq_status read = HQ_FAIL(NOT_FOUND);
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &find_held, HQ_B_I64(declaration)));
    if (hq_rows_next(&rows)) {
        *out = (hq_tre__reservation){
            .declaration = declaration,
            .guarantee = hq_arena_dup(hq_tx_arena(tx), hq_rows_text(&rows, 0)),
            .held_vnd = hq_rows_i64(&rows, 1),
            .version = hq_rows_i64(&rows, 2),
        };
        read = out->guarantee.ptr == NULL ? HQ_FAIL(NOMEM) : HQ_DONE;
    }
    HQ_TRY(hq_rows_end(&rows));
    return read;
}

hq_status hq_tre__reservation_put(hq_tx *tx, const hq_tre__reservation *r)
{
    int64_t changed;
    const hq_bind binds[] = { HQ_B_I64(r->declaration), HQ_B_TEXT(r->guarantee),
                              HQ_B_I64(r->held_vnd), HQ_B_I64(r->version),
                              HQ_B_I64(hq_tx_now(tx)) };
    HQ_TRY(hq_tx_run(tx, r->version == 1 ? &insert_held : &update_held, binds,
                     sizeof binds / sizeof binds[0], &changed));
    return changed == 1 ? HQ_DONE : HQ_FAIL(RERUN);
}
