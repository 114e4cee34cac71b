/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/parcels.h"

/* Groups of parcels: their rows, their hash, and the numbers they take. */

#define FORMAT 1

static hq_sql insert_group =
    HQ_SQL_OF("INSERT INTO declaration_parcels (first_id, count, at, filer, prints, hashes)"
              " VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
static hq_sql select_group =
    HQ_SQL_OF("SELECT count, at, filer, prints, hashes FROM declaration_parcels"
              " WHERE first_id = ?1");
static hq_sql newer_prints = HQ_SQL_OF("SELECT first_id, prints FROM declaration_parcels"
                                       " WHERE first_id > ?1 AND first_id < ?2 ORDER BY first_id");
static hq_sql later_prints = HQ_SQL_OF("SELECT first_id, prints FROM declaration_parcels"
                                       " WHERE at >= ?1 ORDER BY first_id");
static hq_sql take_ids =
    HQ_SQL_OF("UPDATE declaration_number_next SET next_id = next_id + ?2 WHERE flow = ?1"
              " RETURNING next_id - ?2");
static hq_sql give_ids = HQ_SQL_OF("UPDATE declaration_number_next SET next_id = ?2"
                                   " WHERE flow = ?1 AND next_id = ?3");

/* ------------------------------------------------------------------ numbers */

hq_status hq_clr__ids_take(int64_t *first, hq_tx *tx, hq_flow flow, size_t count)
{
    hq_rows rows;
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &take_ids, HQ_B_I64(flow), HQ_B_I64((int64_t)count)));
    bool found = hq_rows_next(&rows);
    if (found) {
        *first = hq_rows_i64(&rows, 0);
    }
    HQ_TRY(hq_rows_end(&rows));
    return found ? HQ_DONE : HQ_FAIL(CORRUPT);
}

hq_status hq_clr__ids_back(hq_tx *tx, hq_flow flow, int64_t first_unused, size_t count)
{
    const hq_bind binds[] = { HQ_B_I64(flow), HQ_B_I64(first_unused),
                              HQ_B_I64(first_unused + (int64_t)count) };
    int64_t changed;
    HQ_TRY(hq_tx_run(tx, &give_ids, binds, 3, &changed));
    return changed == 1 ? HQ_DONE : HQ_FAIL(RERUN);
}

/* ------------------------------------------------------------------ rows */

hq_status hq_clr__group_insert(hq_tx *tx, const hq_clr__group *g)
{
    return HQ_TX_RUN(tx, &insert_group, HQ_B_I64(g->first_id), HQ_B_I64((int64_t)g->count),
                     HQ_B_I64(g->at), HQ_B_TEXT(g->filer), HQ_B_BLOB(g->prints),
                     HQ_B_BLOB(g->hashes));
}

void hq_clr__group_hash(hq_hash32 *out, const hq_clr__group *g, hq_arena *arena, hq_status *status)
{
    hq_buf buf = HQ_BUF_ARENA(arena, 64 << 10);
    hq_buf_reserve(&buf, 128 + g->filer.len + g->prints.len + g->hashes.len);
    hq_buf_le32(&buf, FORMAT);
    hq_buf_le64(&buf, (uint64_t)g->first_id);
    hq_buf_le64(&buf, g->count);
    hq_buf_le64(&buf, (uint64_t)g->at);
    hq_buf_bytes32(&buf, g->filer);
    hq_buf_bytes32(&buf, g->prints);
    hq_buf_bytes32(&buf, g->hashes);
    *status = hq_buf_status(&buf);
    hq_blake2b(out, hq_buf_view(&buf));
}

static hq_status load_group(hq_clr__group *out, hq_tx *tx, int64_t first, hq_arena *arena)
{
    hq_rows rows;
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &select_group, HQ_B_I64(first)));
    hq_status s = HQ_FAIL(NOT_FOUND);
    if (hq_rows_next(&rows)) {
        *out = (hq_clr__group){ .first_id = first,
                                .count = (size_t)hq_rows_i64(&rows, 0),
                                .at = hq_rows_i64(&rows, 1),
                                .filer = hq_arena_dup(arena, hq_rows_text(&rows, 2)),
                                .prints = hq_arena_dup(arena, hq_rows_text(&rows, 3)),
                                .hashes = hq_arena_dup(arena, hq_rows_text(&rows, 4)) };
        s = out->hashes.ptr == NULL ? HQ_FAIL(NOMEM) : HQ_DONE;
    }
    hq_status end = hq_rows_end(&rows);
    return hq_failed(end) ? end : s;
}

/* ------------------------------------------------------------------ verifying */

/* The row's hash as it is now, or, of one that has events of its own, the hash that was kept: its
 * last event answers for what it is now. A row that says it was changed and has no such event is no
 * row of ours. */
static hq_status member_hash(hq_hash32 *out, hq_tx *tx, int64_t id, hq_sv kept)
{
    char subject[32] = "declaration/";
    char number[12];
    hq_event_view *events;
    size_t count;
    hq_clr__row row;
    hq_declaration_number_write(number, id, 0);
    memcpy(subject + 12, number, 11);
    HQ_TRY(hq_clr__row_load(&row, tx, id, hq_tx_arena(tx)));
    if (row.version == 1) {
        return hq_clr__row_hash(out, tx, hq_sv_make(subject, 23));
    }
    HQ_TRY(hq_tx_events_of(&events, &count, tx, hq_sv_make(subject, 23), 0, 1000, hq_tx_arena(tx)));
    bool told = count > 0 && events[count - 1].event.version >= row.version;
    memset(out->bytes, 0, sizeof out->bytes);
    if (told && kept.len == sizeof out->bytes) {
        memcpy(out->bytes, kept.ptr, sizeof out->bytes);
    }
    return HQ_DONE;
}

hq_status hq_clr__group_row_hash(hq_hash32 *out, hq_tx *tx, hq_sv subject)
{
    hq_sv number = subject;
    int64_t first;
    hq_clr__group g;
    hq_status s = HQ_DONE;
    hq_arena *arena = hq_tx_arena(tx);
    hq_sv_cut(&number, '/');
    if (number.ptr == NULL || !hq_sv_i64(&first, number)) {
        return HQ_FAIL(NOT_FOUND);
    }
    HQ_TRY(load_group(&g, tx, first, arena));
    hq_buf hashes = HQ_BUF_ARENA(arena, 64 << 10);
    for (size_t i = 0; i < g.count; i++) {
        hq_hash32 hash;
        hq_sv kept = hq_sv_sub(g.hashes, i * sizeof hash.bytes, sizeof hash.bytes);
        HQ_TRY(member_hash(&hash, tx, first + (int64_t)i, kept));
        hq_buf_append(&hashes, hash.bytes, sizeof hash.bytes);
    }
    HQ_TRY(hq_buf_status(&hashes));
    g.hashes = hq_buf_view(&hashes);
    hq_clr__group_hash(out, &g, arena, &s);
    return s;
}

/* ------------------------------------------------------------------ references */

static hq_status each_print(hq_rows *rows, hq_clr__print_fn fn, void *user)
{
    while (hq_rows_next(rows)) {
        int64_t first = hq_rows_i64(rows, 0);
        hq_cursor cur = { .in = hq_rows_text(rows, 1) };
        for (int64_t i = 0; cur.at < cur.in.len && !cur.failed; i++) {
            fn(user, hq_cursor_le64(&cur), first + i);
        }
    }
    return hq_rows_end(rows);
}

hq_status hq_clr__group_prints(hq_tx *tx, const int64_t known[2], hq_clr__print_fn fn, void *user)
{
    /* Numbers of imports and of exports lie apart. */
    static const int64_t bounds[3] = { INT64_C(10000000000), INT64_C(30000000000),
                                       INT64_C(100000000000) };
    for (int flow = 0; flow < 2; flow++) {
        hq_rows rows;
        int64_t after = known[flow] > bounds[flow] ? known[flow] : bounds[flow];
        HQ_TRY(HQ_TX_QUERY(&rows, tx, &newer_prints, HQ_B_I64(after), HQ_B_I64(bounds[flow + 1])));
        HQ_TRY(each_print(&rows, fn, user));
    }
    return HQ_DONE;
}

hq_status hq_clr__group_prints_since(hq_tx *tx, hq_time_us from, hq_clr__print_fn fn, void *user)
{
    hq_rows rows;
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &later_prints, HQ_B_I64(from)));
    return each_print(&rows, fn, user);
}
