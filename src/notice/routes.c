/* SPDX-License-Identifier: Apache-2.0 */
#include "notice/room.h"

/* Notices in the application, and the table of all routes of the room. */

#define ANSWER_MAX ((size_t)1 << 20)

enum { LIMIT_DEFAULT = 50, LIMIT_MAX = 200 };

typedef struct {
    hq_request *request;
    hq_reader reader;
    bool unread_only;
    const hq_id *before;
    hq_id cursor, id;
    size_t limit, count;
    hq_item *items;
    int64_t unread;
} reading;

static hq_status bad_parameter(hq_request *request, const char *path, const char *vi,
                               const char *en)
{
    request->answer.why =
        (hq_why){ hq_sv_from_cstr(path), hq_sv_from_cstr(vi), hq_sv_from_cstr(en) };
    return HQ_FAIL(INVALID);
}

static hq_status read_limit(size_t *out, hq_request *request)
{
    hq_sv text = hq_request_query(request, "limit");
    int64_t limit = LIMIT_DEFAULT;
    if (text.len > 0 && (!hq_sv_i64(&limit, text) || limit < 1 || limit > LIMIT_MAX)) {
        return bad_parameter(request, "/query/limit", "Cần số nguyên từ 1 đến 200",
                             "Needs a whole number from 1 to 200");
    }
    *out = (size_t)limit;
    return HQ_DONE;
}

static hq_status read_items(hq_tx *tx, void *user)
{
    reading *r = user;
    /* One more than asked for tells whether there is a next page. */
    HQ_TRY(hq_notice__items(&r->items, &r->count, tx, &r->reader, r->unread_only, r->before,
                            r->limit + 1, r->request->arena));
    return hq_notice__unread(&r->unread, tx, &r->reader);
}

static void write_id(hq_json_w *w, const hq_id *id)
{
    char text[36];
    hq_buf buf = { .ptr = text, .cap = sizeof text, .ceiling = sizeof text };
    hq_id_write(&buf, id);
    hq_json_text(w, hq_buf_view(&buf));
}

static void write_item(hq_json_w *w, const hq_item *item)
{
    hq_json_open(w, '{');
    HQ_JSON_KEY(w, "id");
    write_id(w, &item->id);
    HQ_JSON_KEY(w, "kind");
    hq_json_text(w, item->kind);
    HQ_JSON_KEY(w, "subject");
    hq_json_text(w, item->subject);
    HQ_JSON_KEY(w, "text");
    hq_json_open(w, '{');
    HQ_JSON_KEY(w, "vi");
    hq_json_text(w, item->vi);
    HQ_JSON_KEY(w, "en");
    hq_json_text(w, item->en);
    hq_json_close(w, '}');
    HQ_JSON_KEY(w, "at");
    hq_json_time(w, item->at);
    HQ_JSON_KEY(w, "read");
    hq_json_bool(w, item->read);
    hq_json_close(w, '}');
}

static hq_status write_items(const reading *r)
{
    size_t shown = r->count < r->limit ? r->count : r->limit;
    r->request->answer.body = HQ_BUF_ARENA(r->request->arena, ANSWER_MAX);
    hq_json_w w = hq_json_writer(&r->request->answer.body);
    hq_json_open(&w, '{');
    HQ_JSON_KEY(&w, "items");
    hq_json_open(&w, '[');
    for (size_t i = 0; i < shown; i++) {
        write_item(&w, &r->items[i]);
    }
    hq_json_close(&w, ']');
    HQ_JSON_KEY(&w, "next");
    if (r->count > r->limit) {
        write_id(&w, &r->items[shown - 1].id);
    } else {
        hq_json_null(&w);
    }
    HQ_JSON_KEY(&w, "unread");
    hq_json_i64(&w, r->unread);
    hq_json_close(&w, '}');
    return hq_buf_status(&r->request->answer.body);
}

static hq_status get_notices(hq_request *request, void *room)
{
    hq_notice *notice = room;
    reading r = { .request = request,
                  .reader = hq_notice__reader_of(request->arena, request->caller),
                  .unread_only = hq_sv_eq(hq_request_query(request, "unread"), HQ_SV("true")) };
    HQ_TRY(read_limit(&r.limit, request));
    hq_sv cursor = hq_request_query(request, "cursor");
    if (cursor.len > 0) {
        if (hq_failed(hq_id_parse(&r.cursor, cursor))) {
            return bad_parameter(request, "/query/cursor", "Con trỏ trang không hợp lệ",
                                 "This cursor was not given by this list");
        }
        r.before = &r.cursor;
    }
    HQ_TRY(hq_store_read(notice->store, read_items, &r));
    return write_items(&r);
}

/* ------------------------------------------------------------------ marking as read */

static hq_status mark_one(hq_tx *tx, void *user)
{
    reading *r = user;
    HQ_TRY(hq_notice__mark(tx, &r->reader, &r->id));
    return hq_notice__unread(&r->unread, tx, &r->reader);
}

static hq_status mark_until(hq_tx *tx, void *user)
{
    reading *r = user;
    HQ_TRY(hq_notice__mark_until(tx, &r->reader, &r->id));
    return hq_notice__unread(&r->unread, tx, &r->reader);
}

static hq_status marked(hq_request *request, hq_status written, void *user)
{
    const reading *r = user;
    HQ_TRY(written);
    request->answer.body = HQ_BUF_ARENA(request->arena, ANSWER_MAX);
    hq_json_w w = hq_json_writer(&request->answer.body);
    hq_json_open(&w, '{');
    HQ_JSON_KEY(&w, "id");
    write_id(&w, &r->id);
    HQ_JSON_KEY(&w, "unread");
    hq_json_i64(&w, r->unread);
    hq_json_close(&w, '}');
    return hq_buf_status(&request->answer.body);
}

static hq_status mark(hq_request *request, hq_sv id, hq_status (*fn)(hq_tx *tx, void *user))
{
    reading *r = HQ_NEW(request->arena, reading);
    if (r == NULL) {
        return HQ_FAIL(NOMEM);
    }
    r->request = request;
    r->reader = hq_notice__reader_of(request->arena, request->caller);
    if (hq_failed(hq_id_parse(&r->id, id))) {
        return HQ_FAIL(NOT_FOUND);
    }
    request->low_value = true;
    return hq_request_write(request, fn, marked, r);
}

static hq_status post_read(hq_request *request, void *room)
{
    (void)room;
    return mark(request, request->params[0], mark_one);
}

static hq_status post_read_until(hq_request *request, void *room)
{
    (void)room;
    return mark(request, hq_request_query(request, "until"), mark_until);
}

#define DECLARANTS HQ_ROLE_BIT(HQ_ROLE_DECLARANT)

const hq_route hq_notice_routes[] = {
    { HQ_GET, "/api/v1/notices", get_notices, 0, HQ_ROUTE_SLOW, HQ_POOL_FORMAL, 0 },
    { HQ_POST, "/api/v1/notices/{id}/read", post_read, 0, 0, HQ_POOL_FORMAL, 0 },
    { HQ_POST, "/api/v1/notices:read", post_read_until, 0, 0, HQ_POOL_FORMAL, 0 },
    { HQ_POST, "/api/v1/webhooks", hq_notice__post_hook, DECLARANTS, HQ_ROUTE_KEY, HQ_POOL_FORMAL,
      0 },
    { HQ_GET, "/api/v1/webhooks", hq_notice__get_hooks, DECLARANTS, HQ_ROUTE_SLOW, HQ_POOL_FORMAL,
      0 },
    { HQ_GET, "/api/v1/webhooks/{id}", hq_notice__get_hook, DECLARANTS, HQ_ROUTE_SLOW,
      HQ_POOL_FORMAL, 0 },
    { HQ_DELETE, "/api/v1/webhooks/{id}", hq_notice__delete_hook, DECLARANTS, 0, HQ_POOL_FORMAL,
      0 },
    { HQ_POST, "/api/v1/webhooks/{id}/replay", hq_notice__post_replay, DECLARANTS,
      HQ_ROUTE_KEY | HQ_ROUTE_SLOW, HQ_POOL_FORMAL, 0 },
};
const size_t hq_notice_route_count = sizeof hq_notice_routes / sizeof hq_notice_routes[0];
