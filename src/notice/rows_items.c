/* SPDX-License-Identifier: Apache-2.0 */
#include "notice/room.h"

#define B_ID(id) HQ_B_BLOB(hq_sv_make((id)->bytes, sizeof(id)->bytes))
#define MINE     "n.recipient IN (?1, ?2)"
#define SEEN     "EXISTS (SELECT 1 FROM notice_read r WHERE r.reader = ?3 AND r.notice = n.id)"

static hq_sql add = HQ_SQL_OF("INSERT INTO notice_item (id, recipient, kind, subject, vi, en, at) "
                              "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
static hq_sql list =
    HQ_SQL_OF("SELECT n.id, n.kind, n.subject, n.vi, n.en, n.at, " SEEN " FROM notice_item n "
              "WHERE " MINE " AND n.id < ?4 ORDER BY n.id DESC LIMIT ?5");
static hq_sql list_unread =
    HQ_SQL_OF("SELECT n.id, n.kind, n.subject, n.vi, n.en, n.at, 0 FROM notice_item n "
              "WHERE " MINE " AND n.id < ?4 AND NOT " SEEN " ORDER BY n.id DESC LIMIT ?5");
static hq_sql count_unread =
    HQ_SQL_OF("SELECT count(*) FROM (SELECT 1 FROM notice_item n WHERE " MINE " AND NOT " SEEN
              " LIMIT 1000) AS few");
static hq_sql find = HQ_SQL_OF("SELECT 1 FROM notice_item n WHERE " MINE " AND n.id = ?3");
static hq_sql mark = HQ_SQL_OF("INSERT INTO notice_read (reader, notice, at) VALUES (?1, ?2, ?3) "
                               "ON CONFLICT (reader, notice) DO NOTHING");
static hq_sql mark_until =
    HQ_SQL_OF("INSERT INTO notice_read (reader, notice, at) SELECT ?3, n.id, ?5 FROM notice_item n "
              "WHERE " MINE " AND n.id <= ?4 AND NOT " SEEN);

static hq_sv enterprise(hq_arena *arena, hq_sv tax_code, hq_sv role)
{
    return hq_arena_printf(arena, "tax/%.*s/%.*s", HQ_SV_FMT(tax_code), HQ_SV_FMT(role));
}

hq_status hq_notice__put_at(hq_tx *tx, const hq_notice_new *n, hq_time_us at)
{
    hq_sv recipient = n->user;
    if (recipient.len == 0) {
        if (n->tax_code.len == 0 || n->role.len == 0) {
            return HQ_FAIL(INVALID);
        }
        recipient = enterprise(hq_tx_arena(tx), n->tax_code, n->role);
    }
    if (recipient.ptr == NULL) {
        return HQ_FAIL(NOMEM);
    }
    hq_id id;
    hq_id_make(&id, at);
    return HQ_TX_RUN(tx, &add, B_ID(&id), HQ_B_TEXT(recipient), HQ_B_TEXT(n->kind),
                     HQ_B_TEXT(n->subject), HQ_B_TEXT(n->vi), HQ_B_TEXT(n->en), HQ_B_I64(at));
}

hq_status hq_notice_put(hq_tx *tx, const hq_notice_new *n)
{
    return hq_notice__put_at(tx, n, hq_tx_now(tx));
}

hq_reader hq_notice__reader_of(hq_arena *arena, const hq_caller *caller)
{
    hq_sv shared = caller->id;
    if (caller->tax_code.len > 0) {
        shared = enterprise(arena, caller->tax_code, hq_sv_from_cstr(hq_role_name(caller->role)));
    }
    return (hq_reader){ { caller->id, shared }, caller->id };
}

static hq_status read_row(hq_item *out, const hq_rows *rows, hq_arena *arena)
{
    hq_sv id = hq_rows_text(rows, 0);
    *out = (hq_item){
        .kind = hq_arena_dup(arena, hq_rows_text(rows, 1)),
        .subject = hq_arena_dup(arena, hq_rows_text(rows, 2)),
        .vi = hq_arena_dup(arena, hq_rows_text(rows, 3)),
        .en = hq_arena_dup(arena, hq_rows_text(rows, 4)),
        .at = hq_rows_i64(rows, 5),
        .read = hq_rows_i64(rows, 6) != 0,
    };
    if (id.len != sizeof out->id.bytes) {
        return HQ_FAIL(CORRUPT);
    }
    memcpy(out->id.bytes, id.ptr, id.len);
    bool whole = out->kind.ptr != NULL && out->subject.ptr != NULL && out->vi.ptr != NULL &&
                 out->en.ptr != NULL;
    return whole ? HQ_DONE : HQ_FAIL(NOMEM);
}

hq_status hq_notice__items(hq_item **out, size_t *count, hq_tx *tx, const hq_reader *reader,
                           bool unread, const hq_id *before, size_t limit, hq_arena *arena)
{
    hq_rows rows;
    hq_id last;
    hq_status s = HQ_DONE;
    memset(last.bytes, 0xff, sizeof last.bytes);
    hq_item *items = HQ_NEW_ARRAY(arena, hq_item, limit);
    *count = 0;
    if (items == NULL) {
        return HQ_FAIL(NOMEM);
    }
    HQ_TRY(HQ_TX_QUERY(&rows, tx, unread ? &list_unread : &list, HQ_B_TEXT(reader->recipients[0]),
                       HQ_B_TEXT(reader->recipients[1]), HQ_B_TEXT(reader->reader),
                       B_ID(before != NULL ? before : &last), HQ_B_I64((int64_t)limit)));
    while (*count < limit && hq_ok(s) && hq_rows_next(&rows)) {
        s = read_row(&items[(*count)++], &rows, arena);
    }
    HQ_TRY(hq_rows_end(&rows));
    *out = items;
    return s;
}

hq_status hq_notice__unread(int64_t *out, hq_tx *tx, const hq_reader *reader)
{
    hq_rows rows;
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &count_unread, HQ_B_TEXT(reader->recipients[0]),
                       HQ_B_TEXT(reader->recipients[1]), HQ_B_TEXT(reader->reader)));
    *out = hq_rows_next(&rows) ? hq_rows_i64(&rows, 0) : 0;
    return hq_rows_end(&rows);
}

hq_status hq_notice__mark(hq_tx *tx, const hq_reader *reader, const hq_id *id)
{
    hq_rows rows;
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &find, HQ_B_TEXT(reader->recipients[0]),
                       HQ_B_TEXT(reader->recipients[1]), B_ID(id)));
    bool his = hq_rows_next(&rows);
    HQ_TRY(hq_rows_end(&rows));
    if (!his) {
        return HQ_FAIL(NOT_FOUND);
    }
    return HQ_TX_RUN(tx, &mark, HQ_B_TEXT(reader->reader), B_ID(id), HQ_B_I64(hq_tx_now(tx)));
}

hq_status hq_notice__mark_until(hq_tx *tx, const hq_reader *reader, const hq_id *id)
{
    return HQ_TX_RUN(tx, &mark_until, HQ_B_TEXT(reader->recipients[0]),
                     HQ_B_TEXT(reader->recipients[1]), HQ_B_TEXT(reader->reader), B_ID(id),
                     HQ_B_I64(hq_tx_now(tx)));
}
