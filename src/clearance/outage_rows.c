/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/outages.h"
#include "clearance/record.h"

/* All SQL on outages, their hash and their events. */

#define COLUMNS                                                                                    \
    "id, version, from_at, to_at, engine, reason_vi, reason_en, declared_by, ended_by, moved"

static hq_sql next_id = HQ_SQL_OF("SELECT COALESCE(MAX(id), 0) + 1 FROM outage");
static hq_sql insert_one = HQ_SQL_OF("INSERT INTO outage (" COLUMNS ")"
                                     " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)");
static hq_sql update_one = HQ_SQL_OF("UPDATE outage SET version = ?2, to_at = ?3, ended_by = ?4,"
                                     " moved = ?5 WHERE id = ?1 AND version = ?2 - 1");
static hq_sql select_one = HQ_SQL_OF("SELECT " COLUMNS " FROM outage WHERE id = ?1");
static hq_sql select_page = HQ_SQL_OF("SELECT " COLUMNS " FROM outage WHERE id < ?1"
                                      " ORDER BY id DESC LIMIT ?2");
static hq_sql select_open = HQ_SQL_OF("SELECT " COLUMNS " FROM outage WHERE moved = 0"
                                      " ORDER BY id LIMIT 1");
static hq_sql select_beat = HQ_SQL_OF("SELECT at FROM engine_beat WHERE one = 1");
static hq_sql upsert_beat = HQ_SQL_OF("INSERT INTO engine_beat (one, at) VALUES (1, ?1)"
                                      " ON CONFLICT (one) DO UPDATE SET at = excluded.at");

static void take(hq_clr__outage *out, const hq_rows *rows, hq_arena *arena)
{
    *out = (hq_clr__outage){
        .id = hq_rows_i64(rows, 0),
        .version = hq_rows_i64(rows, 1),
        .from = hq_rows_i64(rows, 2),
        .to = hq_rows_i64(rows, 3),
        .engine = hq_rows_i64(rows, 4) != 0,
        .reason_vi = hq_arena_dup(arena, hq_rows_text(rows, 5)),
        .reason_en = hq_arena_dup(arena, hq_rows_text(rows, 6)),
        .declared_by = hq_arena_dup(arena, hq_rows_text(rows, 7)),
        .ended_by = hq_arena_dup(arena, hq_rows_text(rows, 8)),
        .moved = hq_rows_i64(rows, 9) != 0,
    };
}

static hq_status take_first(hq_clr__outage *out, hq_rows *rows, hq_arena *arena)
{
    bool found = hq_rows_next(rows);
    if (found) {
        take(out, rows, arena);
    }
    HQ_TRY(hq_rows_end(rows));
    return found ? HQ_DONE : HQ_FAIL(NOT_FOUND);
}

hq_status hq_clr__outage_load(hq_clr__outage *out, hq_tx *tx, int64_t id, hq_arena *arena)
{
    hq_rows rows;
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &select_one, HQ_B_I64(id)));
    return take_first(out, &rows, arena);
}

hq_status hq_clr__outage_first_open(hq_clr__outage *out, hq_tx *tx, hq_arena *arena)
{
    hq_rows rows;
    HQ_TRY(hq_tx_query(&rows, tx, &select_open, NULL, 0));
    return take_first(out, &rows, arena);
}

hq_status hq_clr__outage_list(hq_clr__outage *out, size_t *count, size_t max, hq_tx *tx,
                              int64_t before, hq_arena *arena)
{
    hq_rows rows;
    *count = 0;
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &select_page, HQ_B_I64(before == 0 ? INT64_MAX : before),
                       HQ_B_I64((int64_t)max)));
    while (*count < max && hq_rows_next(&rows)) {
        take(&out[(*count)++], &rows, arena);
    }
    return hq_rows_end(&rows);
}

/* ------------------------------------------------------------------ hash and event */

static void hash_of(hq_hash32 *out, const hq_clr__outage *o, hq_arena *arena)
{
    hq_buf buf = HQ_BUF_ARENA(arena, 65536);
    const int64_t numbers[] = { o->id, o->version, o->from, o->to, o->engine, o->moved };
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        hq_buf_le64(&buf, (uint64_t)numbers[i]);
    }
    hq_buf_bytes32(&buf, o->reason_vi);
    hq_buf_bytes32(&buf, o->reason_en);
    hq_buf_bytes32(&buf, o->declared_by);
    hq_buf_bytes32(&buf, o->ended_by);
    hq_blake2b(out, hq_buf_view(&buf));
}

hq_status hq_clr__outage_hash(hq_hash32 *out, hq_tx *tx, hq_sv subject)
{
    hq_clr__outage outage;
    hq_sv number = subject;
    int64_t id;
    hq_sv_cut(&number, '/');
    if (number.ptr == NULL || !hq_sv_i64(&id, number)) {
        return HQ_FAIL(NOT_FOUND);
    }
    HQ_TRY(hq_clr__outage_load(&outage, tx, id, hq_tx_arena(tx)));
    hash_of(out, &outage, hq_tx_arena(tx));
    return HQ_DONE;
}

static hq_status write_event(hq_tx *tx, const hq_clr__outage *o, const char *kind, hq_sv actor)
{
    hq_arena *arena = hq_tx_arena(tx);
    hq_hash32 hash;
    hq_buf text = HQ_BUF_ARENA(arena, 1024);
    hq_json_w w = hq_json_writer(&text);
    hq_json_open(&w, '{');
    HQ_JSON_KEY(&w, "from");
    hq_json_time(&w, o->from);
    HQ_JSON_KEY(&w, "to");
    hq_clr__put_time(&w, o->to);
    HQ_JSON_KEY(&w, "engine");
    hq_json_bool(&w, o->engine);
    hq_json_close(&w, '}');
    hash_of(&hash, o, arena);
    HQ_TRY(hq_buf_status(&text));
    return hq_tx_event(
        tx,
        &(hq_event){ .room = HQ_SV("clearance"),
                     .kind = hq_sv_from_cstr(kind),
                     .subject = hq_arena_printf(arena, "outage/%lld", (long long)o->id),
                     .version = o->version,
                     .actor = actor,
                     .at = hq_tx_now(tx),
                     .payload = hq_buf_view(&text),
                     .row_hash = &hash },
        NULL);
}

hq_status hq_clr__outage_insert(hq_tx *tx, hq_clr__outage *o)
{
    hq_rows rows;
    HQ_TRY(hq_tx_query(&rows, tx, &next_id, NULL, 0));
    o->id = hq_rows_next(&rows) ? hq_rows_i64(&rows, 0) : 1;
    HQ_TRY(hq_rows_end(&rows));
    o->version = 1;
    HQ_TRY(HQ_TX_RUN(tx, &insert_one, HQ_B_I64(o->id), HQ_B_I64(o->version), HQ_B_I64(o->from),
                     HQ_B_I64(o->to), HQ_B_I64(o->engine), HQ_B_TEXT(o->reason_vi),
                     HQ_B_TEXT(o->reason_en), HQ_B_TEXT(o->declared_by), HQ_B_TEXT(o->ended_by),
                     HQ_B_I64(o->moved)));
    return write_event(tx, o, "outage.declared", o->declared_by);
}

hq_status hq_clr__outage_update(hq_tx *tx, const hq_clr__outage *o)
{
    const hq_bind binds[] = { HQ_B_I64(o->id), HQ_B_I64(o->version), HQ_B_I64(o->to),
                              HQ_B_TEXT(o->ended_by), HQ_B_I64(o->moved) };
    int64_t changed;
    HQ_TRY(hq_tx_run(tx, &update_one, binds, sizeof binds / sizeof binds[0], &changed));
    if (changed != 1) {
        return HQ_FAIL(RERUN);
    }
    return write_event(tx, o, o->moved ? "outage.clocks_moved" : "outage.ended", o->ended_by);
}

/* ------------------------------------------------------------------ the beat */

hq_status hq_clr__beat_read(hq_time_us *at, hq_tx *tx)
{
    hq_rows rows;
    HQ_TRY(hq_tx_query(&rows, tx, &select_beat, NULL, 0));
    *at = hq_rows_next(&rows) ? hq_rows_i64(&rows, 0) : 0;
    return hq_rows_end(&rows);
}

hq_status hq_clr__beat_write(hq_tx *tx, hq_time_us at)
{
    return HQ_TX_RUN(tx, &upsert_beat, HQ_B_I64(at));
}
