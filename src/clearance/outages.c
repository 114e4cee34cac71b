/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/outages.h"

#include "clearance/form.h"
#include "clearance/list.h"

#define BEAT_US                                                                                    \
    (INT64_C(55) * HQ_US_PER_SECOND) /* several programs on one database beat once a minute */
#define REASON_MAX 500
#define PAGE_MAX   ((size_t)100)
#define FUTURE_US  (7 * HQ_US_PER_DAY)
#define MINUTE_US  (INT64_C(60) * HQ_US_PER_SECOND)

/* ------------------------------------------------------------------ what the program finds */

typedef struct {
    hq_clearance *clearance;
    hq_time_us now, least_us;
    bool begins; /* the first beat of this process */
} beating;

static hq_status beat(hq_tx *tx, void *user)
{
    const beating *b = user;
    hq_time_us last;
    HQ_TRY(hq_clr__beat_read(&last, tx));
    if (b->begins && last != 0 && b->least_us > 0 && b->now - last >= b->least_us) {
        hq_clr__outage found = {
            .from = last,
            .to = b->now,
            .engine = true,
            .reason_vi = HQ_SV("Hệ thống ngừng hoạt động"),
            .reason_en = HQ_SV("The engine was down"),
            .declared_by = HQ_SV("system"),
            .ended_by = HQ_SV("system"),
        };
        HQ_TRY(hq_clr__outage_insert(tx, &found));
    }
    return b->now - last >= BEAT_US || b->begins ? hq_clr__beat_write(tx, b->now) : HQ_DONE;
}

hq_status hq_clr__outages_begin(hq_clearance *clearance)
{
    beating b = { .clearance = clearance,
                  .now = hq_now(clearance->clock),
                  .begins = !clearance->beats };
    if (clearance->beats && b.now - clearance->last_beat < BEAT_US) {
        return HQ_DONE;
    }
    const hq_ref *ref = hq_reference_acquire(clearance->reference);
    b.least_us =
        hq_ref_term_amount(ref, HQ_SV("ENGINE_OUTAGE_MINUTES"), hq_day_of(b.now)) * MINUTE_US;
    hq_reference_release(clearance->reference, ref);
    HQ_TRY(hq_store_write(clearance->store, beat, &b));
    clearance->beats = true;
    clearance->last_beat = b.now;
    return HQ_DONE;
}

/* ------------------------------------------------------------------ what is to be done */

typedef struct {
    hq_arena *arena;
    hq_clr__outage outage;
    bool found;
} pending;

static hq_status read_pending(hq_tx *tx, void *user)
{
    pending *p = user;
    hq_status s = hq_clr__outage_first_open(&p->outage, tx, p->arena);
    p->found = hq_ok(s);
    return s.code == HQ_E_NOT_FOUND ? HQ_DONE : s;
}

static hq_status mark_moved(hq_tx *tx, void *user)
{
    const pending *p = user;
    hq_clr__outage outage;
    HQ_TRY(hq_clr__outage_load(&outage, tx, p->outage.id, hq_tx_arena(tx)));
    if (outage.moved) {
        return HQ_DONE; /* another program was quicker */
    }
    outage.moved = true;
    outage.version++;
    return hq_clr__outage_update(tx, &outage);
}

hq_status hq_clr__outages_tend(hq_clearance *clearance, bool *standing)
{
    pending p = { .arena = hq_arena_new((size_t)4 << 20) };
    *standing = true;
    if (p.arena == NULL) {
        return HQ_FAIL(NOMEM);
    }
    hq_status s = hq_clr__outages_begin(clearance);
    if (hq_ok(s)) {
        s = hq_store_read(clearance->store, read_pending, &p);
    }
    while (hq_ok(s) && p.found && p.outage.to != 0 && p.outage.to <= hq_now(clearance->clock)) {
        s = hq_clr__outage_move_clocks(clearance, &p.outage);
        if (hq_ok(s)) {
            s = hq_store_write(clearance->store, mark_moved, &p);
        }
        if (hq_ok(s)) {
            s = hq_store_read(clearance->store, read_pending, &p);
        }
    }
    /* One that only begins later holds nothing up yet. */
    *standing = hq_failed(s) || (p.found && p.outage.from <= hq_now(clearance->clock));
    hq_arena_free(p.arena);
    return s;
}

/* ------------------------------------------------------------------ JSON */

static const char *state_of(const hq_clr__outage *o, hq_time_us now)
{
    if (o->from > now) {
        return "PLANNED";
    }
    if (o->to == 0 || o->to > now) {
        return "LASTS";
    }
    return o->moved ? "OVER" : "ENDED";
}

static void put_outage(hq_json_w *w, const hq_clr__outage *o, hq_time_us now)
{
    hq_json_open(w, '{');
    HQ_JSON_KEY(w, "id");
    hq_json_i64(w, o->id);
    HQ_JSON_KEY(w, "state");
    hq_json_text(w, hq_sv_from_cstr(state_of(o, now)));
    HQ_JSON_KEY(w, "from");
    hq_json_time(w, o->from);
    HQ_JSON_KEY(w, "to");
    hq_clr__put_time(w, o->to);
    HQ_JSON_KEY(w, "engine");
    hq_json_bool(w, o->engine);
    HQ_JSON_KEY(w, "reason");
    hq_json_open(w, '{');
    HQ_JSON_KEY(w, "vi");
    hq_json_text(w, o->reason_vi);
    HQ_JSON_KEY(w, "en");
    hq_json_text(w, o->reason_en);
    hq_json_close(w, '}');
    hq_json_close(w, '}');
}

static hq_status answer_one(hq_request *request, hq_clearance *clearance, const hq_clr__outage *o)
{
    request->answer.body = HQ_BUF_ARENA(request->arena, 65536);
    hq_json_w w = hq_json_writer(&request->answer.body);
    put_outage(&w, o, hq_now(clearance->clock));
    return hq_buf_status(&request->answer.body);
}

/* ------------------------------------------------------------------ list, for everybody */

typedef struct {
    hq_arena *arena;
    hq_clr__outage *items;
    size_t count, limit;
    int64_t before;
} listing;

static hq_status read_list(hq_tx *tx, void *user)
{
    listing *l = user;
    return hq_clr__outage_list(l->items, &l->count, l->limit + 1, tx, l->before, l->arena);
}

static hq_status read_page(listing *l, hq_request *request)
{
    hq_sv limit = hq_request_query(request, "limit");
    hq_sv cursor = hq_request_query(request, "cursor");
    int64_t n = 20;
    if ((limit.len > 0 &&
         (!hq_sv_digits(limit) || !hq_sv_i64(&n, limit) || n < 1 || n > (int64_t)PAGE_MAX))) {
        return HQ_CLR__REFUSE(request, INVALID, "/query/limit", "limit phải từ 1 đến 100",
                              "limit must be from 1 to 100");
    }
    if (cursor.len > 0 && (!hq_sv_digits(cursor) || !hq_sv_i64(&l->before, cursor))) {
        return HQ_CLR__REFUSE(request, INVALID, "/query/cursor",
                              "cursor phải là giá trị next của trang trước",
                              "cursor must be the next of the page before");
    }
    l->limit = (size_t)n;
    return HQ_DONE;
}

hq_status hq_clr__get_outages(hq_request *request, void *room)
{
    hq_clearance *clearance = room;
    listing l = { .arena = request->arena };
    HQ_TRY(read_page(&l, request));
    l.items = HQ_NEW_ARRAY(request->arena, hq_clr__outage, l.limit + 1);
    if (l.items == NULL) {
        return HQ_FAIL(NOMEM);
    }
    HQ_TRY(hq_store_read(clearance->store, read_list, &l));
    request->answer.body = HQ_BUF_ARENA(request->arena, (size_t)1 << 20);
    hq_json_w w = hq_json_writer(&request->answer.body);
    size_t shown = l.count > l.limit ? l.limit : l.count;
    hq_json_open(&w, '{');
    HQ_JSON_KEY(&w, "items");
    hq_json_open(&w, '[');
    for (size_t i = 0; i < shown; i++) {
        put_outage(&w, &l.items[i], hq_now(clearance->clock));
    }
    hq_json_close(&w, ']');
    HQ_JSON_KEY(&w, "next");
    if (l.count > l.limit) {
        hq_json_text(&w, hq_arena_printf(request->arena, "%lld", (long long)l.items[shown - 1].id));
    } else {
        hq_json_null(&w);
    }
    hq_json_close(&w, '}');
    return hq_buf_status(&request->answer.body);
}

/* ------------------------------------------------------------------ declared by people */

typedef struct {
    hq_clearance *clearance;
    hq_request *request;
    hq_clr__outage outage;
    int64_t id;
    hq_time_us now;
} declaring;

static hq_status declare(hq_tx *tx, void *user)
{
    declaring *d = user;
    hq_clr__outage open;
    hq_status s = hq_clr__outage_first_open(&open, tx, d->request->arena);
    if (hq_ok(s)) {
        return HQ_CLR__REFUSE(d->request, CONFLICT, "",
                              "Còn một lần ngừng hệ thống chưa kết thúc; hãy kết thúc lần đó trước",
                              "An outage has not ended yet; end that one first");
    }
    return s.code == HQ_E_NOT_FOUND ? hq_clr__outage_insert(tx, &d->outage) : s;
}

/* What waits for its clocks is dealt with by the loop at once. */
static hq_status declared(hq_request *request, hq_status written, void *user)
{
    declaring *d = user;
    HQ_TRY(written);
    request->answer.http = 201;
    request->answer.location =
        hq_arena_printf(request->arena, "/api/v1/outages/%lld", (long long)d->outage.id);
    return answer_one(request, d->clearance, &d->outage);
}

static hq_status read_times(declaring *d, hq_clr__form *form)
{
    const hq_json *from = hq_json_get(form->body, "from");
    const hq_json *to = hq_json_get(form->body, "to");
    hq_clr__outage *o = &d->outage;
    o->from = d->now;
    o->to = 0;
    if (from != NULL && from->type == HQ_JSON_STRING &&
        hq_failed(hq_time_parse(&o->from, from->text))) {
        return HQ_CLR__REFUSE(d->request, INVALID, "/from", "from phải là thời điểm RFC 3339",
                              "from must be a time as in RFC 3339");
    }
    if (to != NULL && to->type == HQ_JSON_STRING && hq_failed(hq_time_parse(&o->to, to->text))) {
        return HQ_CLR__REFUSE(d->request, INVALID, "/to", "to phải là thời điểm RFC 3339",
                              "to must be a time as in RFC 3339");
    }
    if (o->from > d->now + FUTURE_US || o->from < d->now - 30 * HQ_US_PER_DAY) {
        return HQ_CLR__REFUSE(d->request, INVALID, "/from",
                              "from không được sớm hơn 30 ngày trước hoặc muộn hơn 7 ngày tới",
                              "from may be at most 30 days ago and 7 days ahead");
    }
    if (o->to != 0 && o->to <= o->from) {
        return HQ_CLR__REFUSE(d->request, INVALID, "/to", "to phải sau from",
                              "to must be after from");
    }
    return HQ_DONE;
}

hq_status hq_clr__post_outage(hq_request *request, void *room)
{
    static const hq_clr__member members[] = {
        { "from", HQ_JSON_STRING },
        { "to", HQ_JSON_STRING },
        { "reason_vi", HQ_JSON_STRING },
        { "reason_en", HQ_JSON_STRING },
    };
    hq_clr__form form;
    declaring *d = HQ_NEW(request->arena, declaring);
    if (d == NULL) {
        return HQ_FAIL(NOMEM);
    }
    d->clearance = room;
    d->request = request;
    d->now = hq_now(d->clearance->clock);
    HQ_TRY(hq_clr__form_open(&form, request, members, sizeof members / sizeof members[0]));
    d->outage.reason_vi = hq_clr__form_text(&form, "reason_vi", REASON_MAX, HQ_CLR__NEEDED);
    d->outage.reason_en = hq_clr__form_text(&form, "reason_en", REASON_MAX, 0);
    d->outage.declared_by = request->caller->id;
    d->outage.ended_by = HQ_SV("");
    HQ_TRY(hq_clr__form_close(&form));
    HQ_TRY(read_times(d, &form));
    return hq_request_write(request, declare, declared, d);
}

/* ------------------------------------------------------------------ ended by people */

static hq_status end_one(hq_tx *tx, void *user)
{
    declaring *d = user;
    HQ_TRY(hq_clr__outage_load(&d->outage, tx, d->id, d->request->arena));
    if (d->outage.to != 0 && d->outage.to <= d->now) {
        return HQ_CLR__REFUSE(d->request, CONFLICT, "", "Lần ngừng hệ thống này đã kết thúc",
                              "This outage has ended");
    }
    /* One that had not begun is taken back: it lasted no time. */
    d->outage.to = d->outage.from > d->now ? d->outage.from : d->now;
    d->outage.ended_by = d->request->caller->id;
    d->outage.moved = d->outage.from > d->now;
    d->outage.version++;
    return hq_clr__outage_update(tx, &d->outage);
}

static hq_status ended(hq_request *request, hq_status written, void *user)
{
    declaring *d = user;
    HQ_TRY(written);
    return answer_one(request, d->clearance, &d->outage);
}

hq_status hq_clr__post_outage_end(hq_request *request, void *room)
{
    declaring *d = HQ_NEW(request->arena, declaring);
    if (d == NULL) {
        return HQ_FAIL(NOMEM);
    }
    d->clearance = room;
    d->request = request;
    d->now = hq_now(d->clearance->clock);
    HQ_TRY(hq_clr__body_read(NULL, request, NULL, 0));
    if (!hq_sv_digits(request->params[0]) || !hq_sv_i64(&d->id, request->params[0])) {
        return HQ_FAIL(NOT_FOUND);
    }
    return hq_request_write(request, end_one, ended, d);
}
