/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/upload.h"

#define B_ID(id) HQ_B_BLOB(hq_sv_make((id)->bytes, sizeof(id)->bytes))
#define COLUMNS                                                                                    \
    "id, caller, tax_code, key, hash, mode, is_sheet, at, done_at, items, filed, refused"

static hq_sql find_sql =
    HQ_SQL_OF("SELECT " COLUMNS ", result FROM upload WHERE caller = ?1 AND key = ?2");
static hq_sql get_sql = HQ_SQL_OF("SELECT " COLUMNS ", result FROM upload WHERE id = ?1");
static hq_sql list_sql = HQ_SQL_OF("SELECT " COLUMNS " FROM upload WHERE tax_code = ?1"
                                   " AND id < ?2 ORDER BY id DESC LIMIT ?3");
static hq_sql insert_sql = HQ_SQL_OF(
    "INSERT INTO upload (id, caller, tax_code, key, hash, mode, is_sheet, at, done_at, items,"
    " filed, refused, result) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0, ?9, 0, 0, ?10)");
static hq_sql finish_sql = HQ_SQL_OF("UPDATE upload SET done_at = ?2, filed = ?3, refused = ?4,"
                                     " result = ?5 WHERE id = ?1 AND done_at = 0");
static hq_sql note_sql =
    HQ_SQL_OF("INSERT INTO upload_row (upload, row, declaration) VALUES (?1, ?2, ?3)");
static hq_sql rows_sql =
    HQ_SQL_OF("SELECT row, declaration FROM upload_row WHERE upload = ?1 ORDER BY row");
static hq_sql forget_rows_sql = HQ_SQL_OF("DELETE FROM upload_row WHERE upload < ?1");
static hq_sql forget_sql = HQ_SQL_OF("DELETE FROM upload WHERE id < ?1");

const char *const hq_upl__mode_names[3] = { "dry_run", "preregister", "register" };

static hq_status read_upload(hq_upl__upload *out, const hq_rows *rows, bool result, hq_arena *arena)
{
    hq_sv id = hq_rows_text(rows, 0);
    hq_sv hash = hq_rows_text(rows, 4);
    *out = (hq_upl__upload){
        .caller = hq_arena_dup(arena, hq_rows_text(rows, 1)),
        .tax_code = hq_arena_dup(arena, hq_rows_text(rows, 2)),
        .key = hq_arena_dup(arena, hq_rows_text(rows, 3)),
        .mode = (hq_upl__mode)hq_rows_i64(rows, 5),
        .is_sheet = hq_rows_i64(rows, 6) != 0,
        .at = hq_rows_i64(rows, 7),
        .done_at = hq_rows_i64(rows, 8),
        .items = hq_rows_i64(rows, 9),
        .filed = hq_rows_i64(rows, 10),
        .refused = hq_rows_i64(rows, 11),
        .rows = result ? hq_arena_dup(arena, hq_rows_text(rows, 12)) : HQ_SV(""),
    };
    if (id.len != sizeof out->id.bytes || hash.len != sizeof out->hash.bytes ||
        out->mode > HQ_UPL__REGISTER) {
        return HQ_FAIL(CORRUPT);
    }
    memcpy(out->id.bytes, id.ptr, id.len);
    memcpy(out->hash.bytes, hash.ptr, hash.len);
    return out->rows.ptr == NULL || out->key.ptr == NULL ? HQ_FAIL(NOMEM) : HQ_DONE;
}

static hq_status read_one(hq_upl__upload *out, hq_rows *rows, hq_arena *arena)
{
    hq_status s = HQ_FAIL(NOT_FOUND);
    if (hq_rows_next(rows)) {
        s = read_upload(out, rows, true, arena);
    }
    HQ_TRY(hq_rows_end(rows));
    return s;
}

hq_status hq_upl__find(hq_upl__upload *out, hq_tx *tx, hq_sv caller, hq_sv key, hq_arena *arena)
{
    hq_rows rows;
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &find_sql, HQ_B_TEXT(caller), HQ_B_TEXT(key)));
    return read_one(out, &rows, arena);
}

hq_status hq_upl__get(hq_upl__upload *out, hq_tx *tx, const hq_id *id, hq_arena *arena)
{
    hq_rows rows;
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &get_sql, B_ID(id)));
    return read_one(out, &rows, arena);
}

hq_status hq_upl__insert(hq_tx *tx, const hq_upl__upload *u)
{
    return HQ_TX_RUN(tx, &insert_sql, B_ID(&u->id), HQ_B_TEXT(u->caller), HQ_B_TEXT(u->tax_code),
                     HQ_B_TEXT(u->key), HQ_B_HASH(&u->hash), HQ_B_I64((int64_t)u->mode),
                     HQ_B_I64(u->is_sheet), HQ_B_I64(u->at), HQ_B_I64(u->items),
                     HQ_B_BLOB(HQ_SV("")));
}

static hq_status tell(hq_tx *tx, const hq_upl__upload *u)
{
    hq_buf subject = HQ_BUF_ARENA(hq_tx_arena(tx), 64);
    hq_buf payload = HQ_BUF_ARENA(hq_tx_arena(tx), 512);
    hq_json_w w = hq_json_writer(&payload);
    hq_buf_lit(&subject, "upload/");
    hq_id_write(&subject, &u->id);
    hq_json_open(&w, '{');
    HQ_JSON_KEY(&w, "mode");
    hq_json_text(&w, hq_sv_from_cstr(hq_upl__mode_names[u->mode]));
    HQ_JSON_KEY(&w, "agent");
    hq_json_text(&w, u->tax_code);
    HQ_JSON_KEY(&w, "filed");
    hq_json_i64(&w, u->filed);
    HQ_JSON_KEY(&w, "refused");
    hq_json_i64(&w, u->refused);
    hq_json_close(&w, '}');
    HQ_TRY(hq_buf_status(&subject));
    HQ_TRY(hq_buf_status(&payload));
    return hq_tx_event(tx,
                       &(hq_event){ .room = HQ_SV("clearance"),
                                    .kind = HQ_SV("upload.filed"),
                                    .subject = hq_buf_view(&subject),
                                    .version = 1,
                                    .actor = u->caller,
                                    .payload = hq_buf_view(&payload) },
                       NULL);
}

hq_status hq_upl__finish(hq_tx *tx, const hq_upl__upload *u)
{
    hq_bind binds[] = { B_ID(&u->id), HQ_B_I64(u->done_at), HQ_B_I64(u->filed),
                        HQ_B_I64(u->refused), HQ_B_BLOB(u->rows) };
    int64_t changed = 0;
    HQ_TRY(hq_tx_run(tx, &finish_sql, binds, sizeof binds / sizeof binds[0], &changed));
    return changed == 1 ? tell(tx, u) : HQ_FAIL(CONFLICT);
}

hq_status hq_upl__note_row(hq_tx *tx, const hq_id *upload, uint32_t row, int64_t declaration)
{
    return HQ_TX_RUN(tx, &note_sql, B_ID(upload), HQ_B_I64(row), HQ_B_I64(declaration));
}

hq_status hq_upl__each_filed(hq_tx *tx, const hq_id *upload, hq_upl__filed_fn fn, void *user)
{
    hq_rows rows;
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &rows_sql, B_ID(upload)));
    while (hq_rows_next(&rows)) {
        fn(user, (uint32_t)hq_rows_i64(&rows, 0), hq_rows_i64(&rows, 1));
    }
    return hq_rows_end(&rows);
}

hq_status hq_upl__list(hq_upl__upload **out, size_t *count, hq_tx *tx, hq_sv tax_code,
                       const hq_id *before, size_t limit, hq_arena *arena)
{
    static const hq_id last = { { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                  0xff, 0xff, 0xff, 0xff, 0xff } };
    hq_rows rows;
    hq_status s = HQ_DONE;
    hq_upl__upload *list = HQ_NEW_ARRAY(arena, hq_upl__upload, limit);
    *count = 0;
    *out = list;
    if (list == NULL) {
        return HQ_FAIL(NOMEM);
    }
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &list_sql, HQ_B_TEXT(tax_code),
                       B_ID(before == NULL ? &last : before), HQ_B_I64((int64_t)limit)));
    while (hq_ok(s) && *count < limit && hq_rows_next(&rows)) {
        s = read_upload(&list[(*count)++], &rows, false, arena);
    }
    HQ_TRY(hq_rows_end(&rows));
    return s;
}

hq_status hq_upl__forget(hq_tx *tx, hq_time_us before)
{
    hq_id first;
    hq_id_make(&first, before < 0 ? 0 : before);
    HQ_TRY(HQ_TX_RUN(tx, &forget_rows_sql, B_ID(&first)));
    return HQ_TX_RUN(tx, &forget_sql, B_ID(&first));
}

/* ------------------------------------------------------------------ JSON */

void hq_upl__upload_json(hq_json_w *w, const hq_upl__upload *u, const char *state, int64_t done,
                         bool with_rows)
{
    char text[36];
    hq_buf id = { .ptr = text, .cap = sizeof text, .ceiling = sizeof text };
    hq_id_write(&id, &u->id);
    hq_json_open(w, '{');
    HQ_JSON_KEY(w, "id");
    hq_json_text_or_null(w, u->mode == HQ_UPL__DRY_RUN ? HQ_SV_NULL : hq_buf_view(&id));
    HQ_JSON_KEY(w, "state");
    hq_json_text(w, hq_sv_from_cstr(state));
    HQ_JSON_KEY(w, "mode");
    hq_json_text(w, hq_sv_from_cstr(hq_upl__mode_names[u->mode]));
    HQ_JSON_KEY(w, "format");
    hq_json_text(w, u->is_sheet ? HQ_SV("xlsx") : HQ_SV("ndjson"));
    HQ_JSON_KEY(w, "at");
    hq_json_time(w, u->at);
    HQ_JSON_KEY(w, "done_at");
    if (u->done_at > 0) {
        hq_json_time(w, u->done_at);
    } else {
        hq_json_null(w);
    }
    HQ_JSON_KEY(w, "declarations");
    hq_json_i64(w, u->items);
    HQ_JSON_KEY(w, "done");
    hq_json_i64(w, done);
    HQ_JSON_KEY(w, "filed");
    hq_json_i64(w, u->filed);
    HQ_JSON_KEY(w, "refused");
    hq_json_i64(w, u->refused);
    if (with_rows) {
        HQ_JSON_KEY(w, "rows");
        hq_json_raw(w, u->rows.len == 0 ? HQ_SV("[]") : u->rows);
    }
    hq_json_close(w, '}');
}
