/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/elements.h"
#include "clearance/proposals.h"

/* GET /api/v1/proposals: what waits for a head, oldest first; what was decided, newest first. */

#define LIMIT_DEFAULT 50
#define LIMIT_MAX     200
#define SCAN_PAGE     ((size_t)200)
#define SCAN_PAGES    20

typedef struct {
    hq_clr__proposal_row found;
    hq_clr__row row;
} item;

typedef struct {
    hq_request *request;
    hq_clearance *clearance;
    const hq_ref *ref;
    hq_day today;
    hq_clr__proposal_page page;
    hq_clr__proposal_row *scanned;
    item *items;
    size_t limit, count;
    bool more;
} listing;

static hq_status bad(hq_request *request, const char *name, const char *vi, const char *en)
{
    return hq_clr__refuse(request, HQ_FAIL(INVALID),
                          hq_arena_printf(request->arena, "/query/%s", name), vi, en);
}

/* ------------------------------------------------------------------ the question */

static hq_status read_state(listing *l)
{
    static const char *const states[] = { "OPEN", "ACCEPTED", "REFUSED", "WITHDRAWN", "EXPIRED" };
    hq_sv state = hq_request_query(l->request, "state");
    l->page.state = state.len == 0 ? HQ_SV("OPEN") : state;
    l->page.newest_first = !hq_sv_eq(l->page.state, HQ_SV("OPEN"));
    if (hq_sv_eq(l->page.state, HQ_SV("all"))) {
        l->page.state = HQ_SV("");
        return HQ_DONE;
    }
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
        if (hq_sv_eq(l->page.state, hq_sv_from_cstr(states[i]))) {
            return HQ_DONE;
        }
    }
    return bad(l->request, "state",
               "state phải là OPEN, ACCEPTED, REFUSED, WITHDRAWN, EXPIRED hoặc all",
               "state must be OPEN, ACCEPTED, REFUSED, WITHDRAWN, EXPIRED or all");
}

static hq_status read_query(listing *l)
{
    hq_request *request = l->request;
    hq_sv limit = hq_request_query(request, "limit");
    hq_sv cursor = hq_request_query(request, "cursor");
    int64_t number = LIMIT_DEFAULT;
    hq_id id;
    HQ_TRY(read_state(l));
    l->page.verb = hq_request_query(request, "verb");
    l->page.office = hq_request_query(request, "office");
    l->page.verb = l->page.verb.ptr == NULL ? HQ_SV("") : l->page.verb;
    l->page.office = l->page.office.ptr == NULL ? HQ_SV("") : l->page.office;
    if (limit.len > 0 && (!hq_sv_i64(&number, limit) || number < 1 || number > LIMIT_MAX)) {
        return bad(request, "limit", "limit phải từ 1 đến 200", "limit must be from 1 to 200");
    }
    if (cursor.len > 0 && hq_failed(hq_id_parse(&id, cursor))) {
        return bad(request, "cursor", "cursor không phải do máy chủ này cấp",
                   "the cursor was not given by this server");
    }
    l->limit = (size_t)number;
    l->page.after = cursor.len == 0 ? HQ_SV("") : cursor;
    l->page.limit = SCAN_PAGE;
    return HQ_DONE;
}

/* ------------------------------------------------------------------ finding */

static hq_status take_one(listing *l, hq_tx *tx, const hq_clr__proposal_row *found)
{
    item *to = &l->items[l->count];
    to->found = *found;
    HQ_TRY(hq_clr__row_load(&to->row, tx, found->declaration, l->request->arena));
    hq_target target = hq_clr__target_of(&to->row);
    l->count += hq_ok(hq_may(l->request->caller, HQ_MAY_SEE, &target, l->ref, l->today));
    return HQ_DONE;
}

/* Reads on until the page is full; of what lies outside the caller's scope only so much at a time.
 */
static hq_status scan(hq_tx *tx, void *user)
{
    listing *l = user;
    hq_clr__proposal_page page = l->page;
    size_t got = SCAN_PAGE;
    l->count = 0;
    for (int i = 0; i < SCAN_PAGES && got == SCAN_PAGE; i++) {
        HQ_TRY(hq_clr__proposal_list(l->scanned, &got, tx, &page, l->request->arena));
        for (size_t k = 0; k < got && l->count < l->limit; k++) {
            HQ_TRY(take_one(l, tx, &l->scanned[k]));
            page.after = l->scanned[k].id;
        }
        l->more = l->count == l->limit || got == SCAN_PAGE;
        if (l->count == l->limit) {
            break;
        }
    }
    l->page.after = page.after;
    return HQ_DONE;
}

/* ------------------------------------------------------------------ the answer */

static void put_member(hq_json_w *w, const hq_json *element, const char *name)
{
    const hq_json *value = hq_json_get(element, name);
    hq_json_key_sv(w, hq_sv_from_cstr(name));
    if (value == NULL) {
        hq_json_null(w);
    } else {
        hq_clr__json_value(w, value);
    }
}

static void put_name(hq_json_w *w, const listing *l, const hq_json *element, const char *of,
                     const char *as)
{
    hq_json_key_sv(w, hq_sv_from_cstr(as));
    hq_sv id = hq_json_get_text(element, of);
    hq_clr__put_text(
        w, hq_clr__name_of(l->clearance, id.ptr == NULL ? HQ_SV("") : id, l->request->arena));
}

static bool decides(const listing *l, const hq_clr__row *row, const hq_json *element)
{
    hq_sv on_behalf;
    hq_sv verb = hq_json_get_text(element, "verb");
    if (hq_sv_eq(hq_json_get_text(element, "by"), l->request->caller->id)) {
        return false;
    }
    for (int i = 0; i < HQ_CLR__VERBS; i++) {
        if (hq_sv_eq(verb, hq_sv_from_cstr(hq_clr__verbs[i].path))) {
            return hq_clr__may_decide(&on_behalf, l->clearance, l->request->caller, row,
                                      (hq_clr__verb)i);
        }
    }
    return false;
}

static void put_declaration(hq_json_w *w, const hq_clr__row *row)
{
    char number[12];
    bool channelled = row->channel != HQ_CLR__NO_CHANNEL;
    HQ_JSON_KEY(w, "number");
    hq_json_text(w, hq_declaration_number_write(number, row->id, 0));
    HQ_JSON_KEY(w, "status");
    hq_json_text(w, hq_sv_from_cstr(hq_declaration_status_name(row->status)));
    HQ_JSON_KEY(w, "channel");
    hq_json_text_or_null(w, channelled ? hq_sv_from_cstr(hq_channel_name((hq_channel)row->channel))
                                       : HQ_SV_NULL);
    HQ_JSON_KEY(w, "office");
    hq_json_text(w, row->office);
    HQ_JSON_KEY(w, "goods_office");
    hq_clr__put_text(w, row->goods_office);
    HQ_JSON_KEY(w, "trader");
    hq_json_text(w, row->trader);
}

static hq_status put_item(hq_json_w *w, const listing *l, const item *i)
{
    static const char *const members[] = { "id",    "verb",       "by",     "role",
                                           "at",    "expires_at", "reason", "body",
                                           "state", "decided_by", "note",   "decided_at",
                                           "for" };
    hq_clr__life life;
    const hq_json *all;
    HQ_TRY(hq_clr__life_unpack(&life, i->row.life));
    HQ_TRY(hq_clr__elements(&all, life.sections[HQ_CLR__PROPOSALS], l->request->arena));
    const hq_json *element = hq_clr__element_named(all, "id", i->found.id);
    if (element == NULL) {
        return HQ_FAIL(CORRUPT);
    }
    hq_json_open(w, '{');
    put_declaration(w, &i->row);
    for (size_t m = 0; m < sizeof members / sizeof members[0]; m++) {
        put_member(w, element, members[m]);
    }
    put_name(w, l, element, "by", "by_name");
    put_name(w, l, element, "decided_by", "decided_by_name");
    HQ_JSON_KEY(w, "decides");
    hq_json_bool(w, hq_sv_eq(i->found.state, HQ_SV("OPEN")) && decides(l, &i->row, element));
    hq_json_close(w, '}');
    return HQ_DONE;
}

static hq_status answer(listing *l)
{
    l->request->answer.body = HQ_BUF_ARENA(l->request->arena, 2 * HQ_CLR__RECORD_MAX);
    hq_json_w w = hq_json_writer(&l->request->answer.body);
    hq_json_open(&w, '{');
    HQ_JSON_KEY(&w, "items");
    hq_json_open(&w, '[');
    for (size_t i = 0; i < l->count; i++) {
        HQ_TRY(put_item(&w, l, &l->items[i]));
    }
    hq_json_close(&w, ']');
    HQ_JSON_KEY(&w, "next");
    hq_clr__put_text(&w, l->more ? l->page.after : HQ_SV(""));
    hq_json_close(&w, '}');
    return hq_buf_status(&l->request->answer.body);
}

hq_status hq_clr__get_proposals(hq_request *request, void *room)
{
    hq_clearance *clearance = room;
    listing l = { .request = request, .clearance = clearance };
    l.today = hq_day_of(hq_now(clearance->clock));
    HQ_TRY(read_query(&l));
    l.scanned = HQ_NEW_ARRAY(request->arena, hq_clr__proposal_row, SCAN_PAGE);
    l.items = HQ_NEW_ARRAY(request->arena, item, l.limit + 1);
    if (l.scanned == NULL || l.items == NULL) {
        return HQ_FAIL(NOMEM);
    }
    l.ref = hq_reference_acquire(clearance->reference);
    hq_status s = hq_store_read(clearance->store, scan, &l);
    hq_reference_release(clearance->reference, l.ref);
    HQ_TRY(s);
    return answer(&l);
}
