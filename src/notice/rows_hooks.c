/* SPDX-License-Identifier: Apache-2.0 */
#include "notice/room.h"

#define B_ID(id) HQ_B_BLOB(hq_sv_make((id)->bytes, sizeof(id)->bytes))
#define COLUMNS                                                                                    \
    "h.id, h.owner, h.tax_code, h.url, h.kinds, h.secret, h.state, h.failures, h.due, h.error, "   \
    "h.delivered, h.parked_at, h.at, "                                                             \
    "(SELECT count(*) FROM notice_delivery d WHERE d.webhook = h.id)"

static hq_sql add = HQ_SQL_OF(
    "INSERT INTO notice_webhook (id, owner, tax_code, url, kinds, secret, state, failures, due, "
    "error, delivered, parked_at, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, 0, 0, '', 0, 0, ?7)");
static hq_sql get = HQ_SQL_OF("SELECT " COLUMNS " FROM notice_webhook h WHERE h.id = ?1");
static hq_sql of_owner =
    HQ_SQL_OF("SELECT " COLUMNS " FROM notice_webhook h WHERE h.owner = ?1 AND h.state <> 2 "
              "ORDER BY h.id LIMIT 1000");
static hq_sql heard = HQ_SQL_OF("SELECT " COLUMNS " FROM notice_webhook h WHERE h.state <> 2 "
                                "ORDER BY h.id LIMIT 100000");
static hq_sql count_heard = HQ_SQL_OF("SELECT count(*) FROM notice_webhook WHERE state <> 2");
static hq_sql update =
    HQ_SQL_OF("UPDATE notice_webhook SET state = ?2, failures = ?3, due = ?4, error = ?5, "
              "delivered = ?6, parked_at = ?7 WHERE id = ?1");
static hq_sql queue = HQ_SQL_OF("INSERT INTO notice_delivery (webhook, position) VALUES (?1, ?2) "
                                "ON CONFLICT (webhook, position) DO NOTHING");
static hq_sql unqueue =
    HQ_SQL_OF("DELETE FROM notice_delivery WHERE webhook = ?1 AND position = ?2");
static hq_sql drop = HQ_SQL_OF("DELETE FROM notice_delivery WHERE webhook = ?1");
static hq_sql waiting = HQ_SQL_OF("SELECT position FROM notice_delivery WHERE webhook = ?1 "
                                  "ORDER BY position LIMIT ?2");

hq_status hq_notice__hook_add(hq_tx *tx, const hq_hook *h)
{
    return HQ_TX_RUN(tx, &add, B_ID(&h->id), HQ_B_TEXT(h->owner), HQ_B_TEXT(h->tax_code),
                     HQ_B_TEXT(h->url), HQ_B_TEXT(h->kinds),
                     HQ_B_BLOB(hq_sv_make(h->secret, sizeof h->secret)), HQ_B_I64(h->at));
}

static hq_status read_row(hq_hook *out, const hq_rows *rows, hq_arena *arena)
{
    hq_sv id = hq_rows_text(rows, 0), secret = hq_rows_text(rows, 5);
    *out = (hq_hook){
        .owner = hq_arena_dup(arena, hq_rows_text(rows, 1)),
        .tax_code = hq_arena_dup(arena, hq_rows_text(rows, 2)),
        .url = hq_arena_dup(arena, hq_rows_text(rows, 3)),
        .kinds = hq_arena_dup(arena, hq_rows_text(rows, 4)),
        .state = (hq_hook_state)hq_rows_i64(rows, 6),
        .failures = hq_rows_i64(rows, 7),
        .due = hq_rows_i64(rows, 8),
        .error = hq_arena_dup(arena, hq_rows_text(rows, 9)),
        .delivered = hq_rows_i64(rows, 10),
        .parked_at = hq_rows_i64(rows, 11),
        .at = hq_rows_i64(rows, 12),
        .waiting = hq_rows_i64(rows, 13),
    };
    if (id.len != sizeof out->id.bytes || secret.len != sizeof out->secret) {
        return HQ_FAIL(CORRUPT);
    }
    memcpy(out->id.bytes, id.ptr, id.len);
    memcpy(out->secret, secret.ptr, secret.len);
    bool whole = out->owner.ptr != NULL && out->tax_code.ptr != NULL && out->url.ptr != NULL &&
                 out->kinds.ptr != NULL && out->error.ptr != NULL;
    return whole ? HQ_DONE : HQ_FAIL(NOMEM);
}

hq_status hq_notice__hook_get(hq_hook *out, hq_tx *tx, const hq_id *id, hq_sv owner,
                              hq_arena *arena)
{
    hq_rows rows;
    hq_status s = HQ_FAIL(NOT_FOUND);
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &get, B_ID(id)));
    if (hq_rows_next(&rows)) {
        s = read_row(out, &rows, arena);
    }
    HQ_TRY(hq_rows_end(&rows));
    if (hq_ok(s) && owner.len > 0 && !hq_sv_eq(owner, out->owner)) {
        return HQ_FAIL(NOT_FOUND);
    }
    return s;
}

static hq_status read_rows(hq_hook **out, size_t *count, hq_rows *rows, size_t most,
                           hq_arena *arena)
{
    hq_status s = HQ_DONE;
    hq_hook *list = HQ_NEW_ARRAY(arena, hq_hook, most);
    *count = 0;
    while (list != NULL && *count < most && hq_ok(s) && hq_rows_next(rows)) {
        s = read_row(&list[(*count)++], rows, arena);
    }
    HQ_TRY(hq_rows_end(rows));
    *out = list;
    return list == NULL ? HQ_FAIL(NOMEM) : s;
}

static hq_status count_all(size_t *out, hq_tx *tx)
{
    hq_rows rows;
    HQ_TRY(hq_tx_query(&rows, tx, &count_heard, NULL, 0));
    *out = hq_rows_next(&rows) ? (size_t)hq_rows_i64(&rows, 0) : 0;
    return hq_rows_end(&rows);
}

hq_status hq_notice__hooks_of(hq_hook **out, size_t *count, hq_tx *tx, hq_sv owner, hq_arena *arena)
{
    size_t most = 0;
    hq_rows rows;
    HQ_TRY(count_all(&most, tx));
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &of_owner, HQ_B_TEXT(owner)));
    return read_rows(out, count, &rows, most, arena);
}

hq_status hq_notice__hooks_heard(hq_hook **out, size_t *count, hq_tx *tx, hq_arena *arena)
{
    size_t most = 0;
    hq_rows rows;
    *count = 0;
    *out = NULL;
    HQ_TRY(count_all(&most, tx));
    if (most == 0) {
        return HQ_DONE;
    }
    HQ_TRY(hq_tx_query(&rows, tx, &heard, NULL, 0));
    return read_rows(out, count, &rows, most, arena);
}

hq_status hq_notice__hook_update(hq_tx *tx, const hq_hook *h)
{
    return HQ_TX_RUN(tx, &update, B_ID(&h->id), HQ_B_I64((int64_t)h->state), HQ_B_I64(h->failures),
                     HQ_B_I64(h->due), HQ_B_TEXT(h->error), HQ_B_I64(h->delivered),
                     HQ_B_I64(h->parked_at));
}

hq_status hq_notice__queue(hq_tx *tx, const hq_id *hook, int64_t position)
{
    return HQ_TX_RUN(tx, &queue, B_ID(hook), HQ_B_I64(position));
}

hq_status hq_notice__unqueue(hq_tx *tx, const hq_id *hook, int64_t position)
{
    return HQ_TX_RUN(tx, &unqueue, B_ID(hook), HQ_B_I64(position));
}

hq_status hq_notice__drop(hq_tx *tx, const hq_id *hook)
{
    return HQ_TX_RUN(tx, &drop, B_ID(hook));
}

hq_status hq_notice__waiting(int64_t *out, size_t *count, size_t max, hq_tx *tx, const hq_id *hook)
{
    hq_rows rows;
    *count = 0;
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &waiting, B_ID(hook), HQ_B_I64((int64_t)max)));
    while (*count < max && hq_rows_next(&rows)) {
        out[(*count)++] = hq_rows_i64(&rows, 0);
    }
    return hq_rows_end(&rows);
}
