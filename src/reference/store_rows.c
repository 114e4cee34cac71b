/* SPDX-License-Identifier: Apache-2.0 */
#include "reference/store_rows.h"

#include <stdlib.h>

#define KNOWN_NOW   INT64_MAX
#define ROWS_MAX    ((size_t)4 << 20)
#define HASH_ROWS   512 /* rows hashed together: part of what the hash means, never change it */
#define ROW_COLUMNS "id, known_from, tbl, row_key, valid_from, valid_to, cells"

static hq_sql state_get = HQ_SQL_OF("SELECT version, next_id FROM reference_state WHERE one = 1");
static hq_sql state_put =
    HQ_SQL_OF("UPDATE reference_state SET version = ?1, next_id = ?2 WHERE one = 1");
static hq_sql rows_all = HQ_SQL_OF("SELECT " ROW_COLUMNS " FROM reference_row "
                                   "WHERE known_from <= ?1 AND known_to > ?1");
static hq_sql rows_table = HQ_SQL_OF("SELECT " ROW_COLUMNS " FROM reference_row "
                                     "WHERE tbl = ?2 AND known_from <= ?1 AND known_to > ?1");
/* What rows were before they were corrected. Of a row that was only closed the next revision says
 * the same, but for exemptions, which are found by their day. */
static hq_sql rows_revised = HQ_SQL_OF(
    "SELECT " ROW_COLUMNS ", known_to FROM reference_row r WHERE known_to <= ?1 "
    "AND tbl IN ('tariff', 'exchange_rates', 'exemptions') "
    "AND (tbl = 'exemptions' OR NOT EXISTS (SELECT 1 FROM reference_row n WHERE n.id = r.id AND "
    "n.known_from = r.known_to AND n.valid_from = r.valid_from AND n.cells = r.cells))");
static hq_sql row_insert =
    HQ_SQL_OF("INSERT INTO reference_row (id, known_from, known_to, tbl, row_key, valid_from, "
              "valid_to, cells) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
static hq_sql row_end =
    HQ_SQL_OF("UPDATE reference_row SET known_to = ?3 WHERE id = ?1 AND known_from = ?2");
static hq_sql import_put =
    HQ_SQL_OF("INSERT INTO reference_import (version, tbl, at, actor, file_hash, added, changed, "
              "closed, unchanged) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
static hq_sql table_rows =
    HQ_SQL_OF("SELECT id, known_from, known_to, row_key, valid_from, valid_to, cells "
              "FROM reference_row WHERE tbl = ?1 "
              "ORDER BY row_key, valid_from, id, known_from");
static hq_sql listener_put =
    HQ_SQL_OF("INSERT INTO reference_listener (id, version) VALUES (?1, ?2) "
              "ON CONFLICT (id) DO UPDATE SET version = excluded.version");
static hq_sql listener_drop = HQ_SQL_OF("DELETE FROM reference_listener WHERE id = ?1");
static hq_sql listeners_behind =
    HQ_SQL_OF("SELECT COUNT(*) FROM reference_listener WHERE id <> ?1 AND version < ?2");
static hq_sql listeners_drop_behind =
    HQ_SQL_OF("DELETE FROM reference_listener WHERE id <> ?1 AND version < ?2");
static hq_sql rows_page =
    HQ_SQL_OF("SELECT " ROW_COLUMNS " FROM reference_row "
              "WHERE tbl = ?1 AND known_to = ?2 AND (row_key, valid_from, id) > (?3, ?4, ?5) "
              "ORDER BY row_key, valid_from, id");

/* ------------------------------------------------------------------ rows */

void hq_ref__rows_free(hq_ref__rows *rows)
{
    free(rows->items);
    *rows = (hq_ref__rows){ .arena = rows->arena };
}

static hq_ref__row *next_row(hq_ref__rows *rows)
{
    if (rows->count == rows->cap) {
        size_t cap = rows->cap == 0 ? 256 : rows->cap * 2;
        hq_ref__row *grown = cap > ROWS_MAX ? NULL : realloc(rows->items, cap * sizeof *grown);
        if (grown == NULL) {
            return NULL;
        }
        rows->items = grown;
        rows->cap = cap;
    }
    return &rows->items[rows->count++];
}

/* Key and cells share their beginning more often than not, but two copies are simpler to own. */
static hq_status take_row(hq_ref__rows *rows, const hq_rows *from)
{
    const hq_ref__table *table = hq_ref__table_find(hq_rows_text(from, 2));
    hq_ref__row *row = next_row(rows);
    if (table == NULL || row == NULL) {
        return table == NULL ? HQ_FAIL(CORRUPT) : HQ_FAIL(NOMEM);
    }
    *row = (hq_ref__row){
        .id = hq_rows_i64(from, 0),
        .known_from = hq_rows_i64(from, 1),
        .table = (uint8_t)hq_ref__table_id_of(table),
        .key = hq_arena_dup(rows->arena, hq_rows_text(from, 3)),
        .from = (hq_day)hq_rows_i64(from, 4),
        .to = (hq_day)hq_rows_i64(from, 5),
        .cells = hq_arena_dup(rows->arena, hq_rows_text(from, 6)),
    };
    return row->key.ptr == NULL || row->cells.ptr == NULL ? HQ_FAIL(NOMEM) : HQ_DONE;
}

static hq_status end_rows(hq_rows *rows, hq_status so_far)
{
    hq_status ended = hq_rows_end(rows);
    return hq_failed(so_far) ? so_far : ended;
}

hq_status hq_ref__rows_load(hq_ref__rows *rows, hq_tx *tx, const hq_ref__table *table,
                            int64_t version)
{
    hq_rows found;
    hq_bind binds[2] = { HQ_B_I64(version) };
    size_t count = 1;
    if (table != NULL) {
        binds[count++] = HQ_B_TEXT(hq_sv_from_cstr(table->name));
    }
    rows->count = 0; /* a closure may run again */
    HQ_TRY(hq_tx_query(&found, tx, table == NULL ? &rows_all : &rows_table, binds, count));
    hq_status s = HQ_DONE;
    while (hq_ok(s) && hq_rows_next(&found)) {
        s = take_row(rows, &found);
    }
    return end_rows(&found, s);
}

hq_status hq_ref__revisions_load(hq_ref__rows *rows, hq_tx *tx, int64_t version)
{
    hq_rows found;
    HQ_TRY(HQ_TX_QUERY(&found, tx, &rows_revised, HQ_B_I64(version)));
    hq_status s = HQ_DONE;
    while (hq_ok(s) && hq_rows_next(&found)) {
        s = take_row(rows, &found);
        if (hq_ok(s)) {
            rows->items[rows->count - 1].known_to = hq_rows_i64(&found, 7);
        }
    }
    return end_rows(&found, s);
}

hq_status hq_ref__row_insert(hq_tx *tx, const hq_ref__table *table, const hq_ref__row *row,
                             int64_t version)
{
    return HQ_TX_RUN(tx, &row_insert, HQ_B_I64(row->id), HQ_B_I64(version), HQ_B_I64(KNOWN_NOW),
                     HQ_B_TEXT(hq_sv_from_cstr(table->name)), HQ_B_TEXT(row->key),
                     HQ_B_I64(row->from), HQ_B_I64(row->to), HQ_B_TEXT(row->cells));
}

hq_status hq_ref__row_end(hq_tx *tx, const hq_ref__row *row, int64_t version)
{
    return HQ_TX_RUN(tx, &row_end, HQ_B_I64(row->id), HQ_B_I64(row->known_from), HQ_B_I64(version));
}

/* ------------------------------------------------------------------ state and history */

hq_status hq_ref__state_get(hq_ref__state *out, hq_tx *tx)
{
    hq_rows rows;
    *out = (hq_ref__state){ 0 };
    HQ_TRY(hq_tx_query(&rows, tx, &state_get, NULL, 0));
    bool found = hq_rows_next(&rows);
    if (found) {
        out->version = hq_rows_i64(&rows, 0);
        out->next_id = hq_rows_i64(&rows, 1);
    }
    return end_rows(&rows, HQ_DONE);
}

hq_status hq_ref__state_put(hq_tx *tx, const hq_ref__state *state)
{
    return HQ_TX_RUN(tx, &state_put, HQ_B_I64(state->version), HQ_B_I64(state->next_id));
}

hq_status hq_ref__import_put(hq_tx *tx, const hq_ref__import_record *record)
{
    return HQ_TX_RUN(tx, &import_put, HQ_B_I64(record->version),
                     HQ_B_TEXT(hq_sv_from_cstr(record->table->name)), HQ_B_I64(hq_tx_now(tx)),
                     HQ_B_TEXT(record->actor), HQ_B_TEXT(record->file_hash),
                     HQ_B_I64(record->added), HQ_B_I64(record->changed), HQ_B_I64(record->closed),
                     HQ_B_I64(record->unchanged));
}

static void hash_row(hq_buf *chunk, const hq_rows *rows)
{
    hq_buf_le64(chunk, (uint64_t)hq_rows_i64(rows, 0));
    hq_buf_le64(chunk, (uint64_t)hq_rows_i64(rows, 1));
    hq_buf_le64(chunk, (uint64_t)hq_rows_i64(rows, 2));
    hq_buf_bytes32(chunk, hq_rows_text(rows, 3));
    hq_buf_le64(chunk, (uint64_t)hq_rows_i64(rows, 4));
    hq_buf_le64(chunk, (uint64_t)hq_rows_i64(rows, 5));
    hq_buf_bytes32(chunk, hq_rows_text(rows, 6));
}

/* The hash so far goes in front of the next chunk. */
static hq_status hash_chunk(hq_hash32 *so_far, hq_buf *chunk)
{
    HQ_TRY(hq_buf_status(chunk));
    hq_blake2b(so_far, hq_buf_view(chunk));
    hq_buf_clear(chunk);
    hq_buf_append(chunk, so_far->bytes, sizeof so_far->bytes);
    return hq_buf_status(chunk);
}

hq_status hq_ref__table_hash(hq_hash32 *out, hq_tx *tx, hq_sv table)
{
    hq_rows rows;
    hq_buf chunk = HQ_BUF_HEAP((size_t)16 << 20);
    size_t count = 0;
    *out = (hq_hash32){ { 0 } };
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &table_rows, HQ_B_TEXT(table)));
    hq_buf_append(&chunk, out->bytes, sizeof out->bytes);
    hq_status s = HQ_DONE;
    while (hq_ok(s) && hq_rows_next(&rows)) {
        hash_row(&chunk, &rows);
        if (++count % HASH_ROWS == 0) {
            s = hash_chunk(out, &chunk);
        }
    }
    s = end_rows(&rows, s);
    if (hq_ok(s)) {
        s = hash_chunk(out, &chunk);
    }
    hq_buf_free(&chunk);
    return hq_ok(s) && count == 0 ? HQ_FAIL(NOT_FOUND) : s;
}

/* ------------------------------------------------------------------ listeners */

hq_status hq_ref__listener_put(hq_tx *tx, hq_sv id, int64_t version)
{
    return HQ_TX_RUN(tx, &listener_put, HQ_B_TEXT(id), HQ_B_I64(version));
}

hq_status hq_ref__listener_drop(hq_tx *tx, hq_sv id)
{
    return HQ_TX_RUN(tx, &listener_drop, HQ_B_TEXT(id));
}

hq_status hq_ref__listeners_behind(int64_t *out, hq_tx *tx, hq_sv self, int64_t version)
{
    hq_rows rows;
    *out = 0;
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &listeners_behind, HQ_B_TEXT(self), HQ_B_I64(version)));
    if (hq_rows_next(&rows)) {
        *out = hq_rows_i64(&rows, 0);
    }
    return end_rows(&rows, HQ_DONE);
}

hq_status hq_ref__listeners_drop_behind(hq_tx *tx, hq_sv self, int64_t version)
{
    return HQ_TX_RUN(tx, &listeners_drop_behind, HQ_B_TEXT(self), HQ_B_I64(version));
}

/* ------------------------------------------------------------------ pages */

static bool has_words(hq_sv folded, hq_sv words)
{
    hq_sv rest = words;
    while (rest.ptr != NULL) {
        hq_sv word = hq_sv_cut(&rest, ' ');
        if (memmem(folded.ptr, folded.len, word.ptr, word.len) == NULL) {
            return false;
        }
    }
    return true;
}

static hq_status wanted(bool *out, const hq_rows *row, const hq_ref__page *page, hq_arena *scratch)
{
    *out = page->at == 0 || (hq_rows_i64(row, 4) <= page->at && page->at <= hq_rows_i64(row, 5));
    if (*out && page->words.len > 0) {
        hq_sv folded;
        HQ_TRY(hq_fold(&folded, scratch, hq_rows_text(row, 6)));
        *out = has_words(folded, page->words);
        hq_arena_reset(scratch);
    }
    return HQ_DONE;
}

static hq_status take_page(hq_ref__rows *rows, bool *more, hq_rows *found, const hq_ref__page *page,
                           hq_arena *scratch)
{
    while (hq_rows_next(found)) {
        bool want;
        HQ_TRY(wanted(&want, found, page, scratch));
        if (want && rows->count == page->limit) {
            *more = true;
            return HQ_DONE;
        }
        if (want) {
            HQ_TRY(take_row(rows, found));
        }
    }
    return HQ_DONE;
}

hq_status hq_ref__rows_page(hq_ref__rows *rows, bool *more, hq_tx *tx, const hq_ref__page *page)
{
    hq_rows found;
    hq_arena *scratch = hq_arena_new((size_t)1 << 20);
    if (scratch == NULL) {
        return HQ_FAIL(NOMEM);
    }
    bool start = page->after_key.ptr == NULL;
    rows->count = 0;
    *more = false;
    hq_status s = HQ_TX_QUERY(&found, tx, &rows_page, HQ_B_TEXT(hq_sv_from_cstr(page->table->name)),
                              HQ_B_I64(KNOWN_NOW), HQ_B_TEXT(start ? HQ_SV("") : page->after_key),
                              HQ_B_I64(start ? INT32_MIN : page->after_from),
                              HQ_B_I64(start ? 0 : page->after_id));
    if (hq_ok(s)) {
        s = end_rows(&found, take_page(rows, more, &found, page, scratch));
    }
    hq_arena_free(scratch);
    return s;
}
