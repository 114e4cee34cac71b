/* SPDX-License-Identifier: Apache-2.0 */
#include "store/inside.h"

/* Events read back: from memory while they are new, else from the database. */

static hq_sql after_get = HQ_SQL_OF("SELECT position, bytes FROM journal_event WHERE position > ?1 "
                                    "ORDER BY position LIMIT ?2");
static hq_sql subject_get =
    HQ_SQL_OF("SELECT position, bytes FROM journal_event WHERE subject = ?1 AND position > ?2 "
              "ORDER BY position LIMIT ?3");

enum { FIRST_VIEWS = 64 };

typedef struct {
    hq_event_view *views;
    size_t count, room, limit;
    int64_t after;
    hq_sv subject;
    hq_arena *arena;
} reading;

static hq_status grow(reading *r)
{
    size_t room = r->room == 0 ? FIRST_VIEWS : 2 * r->room;
    hq_event_view *views = HQ_NEW_ARRAY(r->arena, hq_event_view, room);
    if (views == NULL) {
        return HQ_FAIL(NOMEM);
    }
    if (r->count > 0) {
        memcpy(views, r->views, r->count * sizeof *views);
    }
    r->views = views;
    r->room = room;
    return HQ_DONE;
}

static hq_status take(reading *r, int64_t position, hq_sv stored)
{
    hq_sv bytes = hq_arena_dup(r->arena, stored);
    hq_hash32 *hash = HQ_NEW(r->arena, hq_hash32);
    if (bytes.ptr == NULL || hash == NULL) {
        return HQ_FAIL(NOMEM);
    }
    if (r->count == r->room) {
        HQ_TRY(grow(r));
    }
    hq_event_view *view = &r->views[r->count++];
    view->position = position;
    hq_sha256_prefixed(&view->leaf, 0, bytes, HQ_SV_NULL);
    return hq_failed(hq_store__event_decode(view, hash, bytes)) ? HQ_FAIL(CORRUPT) : HQ_DONE;
}

static hq_status take_all(reading *r, hq_rows *rows)
{
    hq_status s = HQ_DONE;
    while (hq_ok(s) && hq_rows_next(rows)) {
        s = take(r, hq_rows_i64(rows, 0), hq_rows_text(rows, 1));
    }
    hq_status ended = hq_rows_end(rows);
    return hq_failed(s) ? s : ended;
}

static hq_status read_after(hq_tx *tx, void *user)
{
    reading *r = user;
    hq_rows rows;
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &after_get, HQ_B_I64(r->after), HQ_B_I64((int64_t)r->limit)));
    return take_all(r, &rows);
}

hq_status hq_journal_read(hq_event_view **out, size_t *count, hq_store *store, int64_t after,
                          size_t limit, hq_arena *arena)
{
    hq_status s;
    if (hq_store__tail_read(store->tail, after, limit, arena, out, count, &s)) {
        return s;
    }
    reading r = { .after = after, .limit = limit, .arena = arena };
    s = hq_store_read(store, read_after, &r);
    *out = r.views;
    *count = r.count;
    return s;
}

hq_status hq_tx_events_of(hq_event_view **out, size_t *count, hq_tx *tx, hq_sv subject,
                          int64_t after, size_t limit, hq_arena *arena)
{
    reading r = { .arena = arena };
    hq_rows rows;
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &subject_get, HQ_B_TEXT(subject), HQ_B_I64(after),
                       HQ_B_I64((int64_t)limit)));
    hq_status s = take_all(&r, &rows);
    *out = r.views;
    *count = r.count;
    return s;
}
