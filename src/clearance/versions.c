/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/amendment.h"
#include "clearance/list.h"

/* What a declaration said in each of its contents: as it was filed, replaced, registered, amended.
 */

static hq_sql list_kept = HQ_SQL_OF("SELECT content_version FROM declaration_content WHERE id = ?1"
                                    " ORDER BY content_version");

typedef struct {
    hq_clr__row *row;
    hq_arena *arena;
    int64_t wanted;    /* of one, 0: the list */
    int64_t *versions; /* kept ones and the present one, ascending */
    size_t count;
} reading;

/* ------------------------------------------------------------------ from the store */

static hq_status read_versions(hq_tx *tx, void *user)
{
    reading *r = user;
    hq_rows rows;
    r->count = 0;
    r->versions = HQ_NEW_ARRAY(r->arena, int64_t, (size_t)r->row->version + 1);
    if (r->versions == NULL) {
        return HQ_FAIL(NOMEM);
    }
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &list_kept, HQ_B_I64(r->row->id)));
    while (r->count < (size_t)r->row->version && hq_rows_next(&rows)) {
        r->versions[r->count++] = hq_rows_i64(&rows, 0);
    }
    HQ_TRY(hq_rows_end(&rows));
    r->versions[r->count++] = r->row->content_version;
    return HQ_DONE;
}

static hq_status read_content(hq_tx *tx, void *user)
{
    reading *r = user;
    return r->wanted == r->row->content_version
               ? HQ_DONE
               : hq_clr__content_load(r->row, tx, r->wanted, r->arena);
}

/* ------------------------------------------------------------------ JSON */

typedef struct {
    hq_json_w *w;
    hq_clearance *clearance;
    const hq_event_view *events;
    size_t event_count;
    const hq_clr__amendment *amendments;
    size_t amendment_count;
    hq_arena *arena;
} telling;

static void put_amendment(const telling *t, int64_t version)
{
    HQ_JSON_KEY(t->w, "amendment");
    for (size_t i = 0; i < t->amendment_count; i++) {
        if (t->amendments[i].after_version == version) {
            hq_json_text(t->w, t->amendments[i].id);
            return;
        }
    }
    hq_json_null(t->w);
}

static void put_integer(hq_json_w *w, const char *name, const hq_json *payload)
{
    int64_t v;
    hq_json_key_sv(w, hq_sv_from_cstr(name));
    if (hq_json_get_i64(&v, payload, name)) {
        hq_json_i64(w, v);
    } else {
        hq_json_null(w);
    }
}

/* Who brought it when, and what stood in the record then: from the event of that version. */
static void put_origin(const telling *t, int64_t version)
{
    const hq_event *event = NULL;
    const hq_json *payload;
    for (size_t i = 0; i < t->event_count; i++) {
        if (t->events[i].event.version == version) {
            event = &t->events[i].event;
        }
    }
    HQ_JSON_KEY(t->w, "version");
    hq_json_i64(t->w, version);
    put_amendment(t, version);
    if (event == NULL || hq_failed(hq_json_parse_copy(&payload, event->payload, t->arena, NULL))) {
        return;
    }
    HQ_JSON_KEY(t->w, "event");
    hq_json_text(t->w, event->kind);
    HQ_JSON_KEY(t->w, "at");
    hq_json_time(t->w, event->at);
    HQ_JSON_KEY(t->w, "by");
    hq_json_text(t->w, event->actor);
    HQ_JSON_KEY(t->w, "by_name");
    hq_clr__put_text(t->w, hq_clr__name_of(t->clearance, event->actor, t->arena));
    HQ_JSON_KEY(t->w, "status");
    hq_json_text_or_null(t->w, hq_json_get_text(payload, "status"));
    put_integer(t->w, "customs_value", payload);
    put_integer(t->w, "total_payable", payload);
}

static hq_status begin(telling *t, hq_request *request, hq_clearance *clearance,
                       const hq_clr__row *row)
{
    hq_clr__life life;
    hq_event_view *events;
    hq_clr__amendment *list;
    t->clearance = clearance;
    t->arena = request->arena;
    HQ_TRY(hq_clr__life_unpack(&life, row->life));
    HQ_TRY(hq_clr__amendments_read(&list, &t->amendment_count, &life, request->arena));
    HQ_TRY(hq_clr__events_of(&events, &t->event_count, clearance, row, request->arena));
    t->amendments = list;
    t->events = events;
    request->answer.body = HQ_BUF_ARENA(request->arena, 2 * HQ_CLR__RECORD_MAX);
    return HQ_DONE;
}

static void put_number(hq_json_w *w, const hq_clr__row *row)
{
    char number[12];
    HQ_JSON_KEY(w, "number");
    hq_json_text(w, hq_declaration_number_write(number, row->id, 0));
}

hq_status hq_clr__get_versions(hq_request *request, void *room)
{
    hq_clr__row row;
    telling t = { .w = NULL };
    hq_clearance *clearance = room;
    reading r = { .row = &row, .arena = request->arena };
    HQ_TRY(hq_clr__find(&row, request, clearance, false, HQ_MAY_SEE));
    HQ_TRY(hq_store_read(clearance->store, read_versions, &r));
    HQ_TRY(begin(&t, request, clearance, &row));
    hq_json_w w = hq_json_writer(&request->answer.body);
    t.w = &w;
    hq_json_open(&w, '{');
    put_number(&w, &row);
    HQ_JSON_KEY(&w, "items");
    hq_json_open(&w, '[');
    for (size_t i = 0; i < r.count; i++) {
        hq_json_open(&w, '{');
        put_origin(&t, r.versions[i]);
        hq_json_close(&w, '}');
    }
    hq_json_close(&w, ']');
    HQ_JSON_KEY(&w, "next");
    hq_json_null(&w);
    hq_json_close(&w, '}');
    return hq_buf_status(&request->answer.body);
}

static hq_status no_version(hq_request *request)
{
    return HQ_CLR__REFUSE(request, NOT_FOUND, "/version",
                          "Tờ khai không có nội dung mang phiên bản này; xem /versions",
                          "The declaration had no content of this version; see /versions");
}

static hq_status put_content(hq_json_w *w, hq_request *request, hq_clearance *clearance,
                             const hq_clr__row *row)
{
    hq_sv assessment;
    HQ_TRY(hq_clr__assessment_text(&assessment, clearance, row->assessment, request->arena));
    HQ_JSON_KEY(w, "declaration");
    hq_json_raw(w, row->body);
    HQ_JSON_KEY(w, "assessment");
    hq_json_raw(w, assessment);
    HQ_JSON_KEY(w, "findings");
    hq_json_raw(w, row->findings);
    return HQ_DONE;
}

hq_status hq_clr__get_version(hq_request *request, void *room)
{
    hq_clr__row row;
    telling t = { .w = NULL };
    hq_clearance *clearance = room;
    reading r = { .row = &row, .arena = request->arena };
    HQ_TRY(hq_clr__find(&row, request, clearance, true, HQ_MAY_SEE));
    if (!hq_sv_digits(request->params[1]) || !hq_sv_i64(&r.wanted, request->params[1])) {
        return no_version(request);
    }
    hq_status s = hq_store_read(clearance->store, read_content, &r);
    if (s.code == HQ_E_NOT_FOUND) {
        return no_version(request);
    }
    HQ_TRY(s);
    HQ_TRY(begin(&t, request, clearance, &row));
    hq_json_w w = hq_json_writer(&request->answer.body);
    t.w = &w;
    hq_json_open(&w, '{');
    put_number(&w, &row);
    put_origin(&t, r.wanted);
    HQ_TRY(put_content(&w, request, clearance, &row));
    hq_json_close(&w, '}');
    return hq_buf_status(&request->answer.body);
}
