/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/list.h"
#include "clearance/matters.h"

/* Worklists: matters within scope, samples for the laboratory, earlier results for an officer. */

#define LIMIT_DEFAULT 50
#define LIMIT_MAX     200
#define STRIDE        256  /* rows that are read at a time */
#define SCANNED_MAX   8192 /* rows a request looks at, so that nobody's list takes long */

typedef struct {
    hq_request *request;
    hq_clearance *clearance;
    const hq_ref *ref;
    hq_day day;
    hq_time_us now;
    hq_deed deed;
    bool laboratory, overdue;
    hq_sv office;
    size_t limit, found, scanned;
    int64_t next; /* cursor, 0 at the end */
    hq_clr__matter_page page;
    hq_json_w *w;
} listing;

/* ------------------------------------------------------------------ parameters */

static hq_status bad(hq_request *request, const char *path, const char *vi, const char *en)
{
    return hq_clr__refuse(request, HQ_FAIL(INVALID), hq_sv_from_cstr(path), vi, en);
}

static hq_status read_page(listing *l)
{
    hq_request *request = l->request;
    hq_sv limit = hq_request_query(request, "limit");
    hq_sv cursor = hq_request_query(request, "cursor");
    int64_t n = LIMIT_DEFAULT;
    l->page.below = INT64_MAX;
    if (limit.len > 0 &&
        (!hq_sv_digits(limit) || !hq_sv_i64(&n, limit) || n < 1 || n > LIMIT_MAX)) {
        return bad(request, "/query/limit", "limit phải từ 1 đến 200",
                   "limit must be from 1 to 200");
    }
    if (cursor.len > 0 && (!hq_sv_digits(cursor) || !hq_sv_i64(&l->page.below, cursor))) {
        return bad(request, "/query/cursor", "cursor không phải do máy chủ này cấp",
                   "the cursor was not given by this server");
    }
    l->limit = (size_t)n;
    return HQ_DONE;
}

static hq_status read_state(listing *l)
{
    hq_sv state = hq_request_query(l->request, "state");
    if (hq_sv_eq(state, HQ_SV("WAITING"))) {
        l->page.waiting = true;
        return HQ_DONE;
    }
    if (state.len > 0 && hq_clr__matter_state_of(state) < 0) {
        return bad(l->request, "/query/state",
                   "state phải là OPEN, INVITED, SAMPLED, RECEIVED, RESULTED, ORDERED, RECORDED, "
                   "CLOSED hoặc WAITING (chưa kết thúc)",
                   "state must be OPEN, INVITED, SAMPLED, RECEIVED, RESULTED, ORDERED, RECORDED, "
                   "CLOSED or WAITING (not at its end)");
    }
    l->page.state = state;
    return HQ_DONE;
}

static hq_status read_filters(listing *l)
{
    hq_request *request = l->request;
    hq_sv kind = hq_request_query(request, "kind");
    hq_sv overdue = hq_request_query(request, "overdue");
    if (kind.len > 0 && hq_clr__matter_kind_of(kind) < 0) {
        return bad(request, "/query/kind",
                   "kind phải là ORDERED_AMENDMENT, IMPOSED_TAX, ANALYSIS, CONSULTATION, VIOLATION "
                   "hoặc REFUSAL",
                   "kind must be ORDERED_AMENDMENT, IMPOSED_TAX, ANALYSIS, CONSULTATION, VIOLATION "
                   "or REFUSAL");
    }
    if (overdue.len > 0 && !hq_sv_eq(overdue, HQ_SV("0")) && !hq_sv_eq(overdue, HQ_SV("1"))) {
        return bad(request, "/query/overdue", "overdue phải là 0 hoặc 1", "overdue must be 0 or 1");
    }
    l->page.kind = kind;
    l->overdue = hq_sv_eq(overdue, HQ_SV("1"));
    l->page.waiting = l->overdue;
    l->office = hq_request_query(request, "office");
    return HQ_DONE;
}

/* ------------------------------------------------------------------ items */

static bool within(const listing *l, const hq_clr__matter_row *m)
{
    hq_target target = { .office = m->office,
                         .goods_office = m->goods_office,
                         .trader_tax_code = m->trader,
                         .agent_tax_code = m->agent };
    bool asked = l->office.len == 0 || hq_sv_eq(l->office, m->office) ||
                 hq_ref_office_below(l->ref, m->office, l->office, l->day);
    bool late = !l->overdue || m->overdue_at != 0 || (m->due_at != 0 && m->due_at < l->now);
    return asked && late && hq_ok(hq_may(l->request->caller, l->deed, &target, l->ref, l->day));
}

static void put_item(hq_json_w *w, const hq_clr__matter_row *m)
{
    char number[12];
    hq_json_open(w, '{');
    HQ_JSON_KEY(w, "declaration");
    hq_json_text(w, hq_declaration_number_write(number, m->id, 0));
    HQ_JSON_KEY(w, "matter");
    hq_json_i64(w, m->matter);
    HQ_JSON_KEY(w, "kind");
    hq_json_text(w, m->kind);
    HQ_JSON_KEY(w, "state");
    hq_json_text(w, m->state);
    HQ_JSON_KEY(w, "office");
    hq_json_text(w, m->office);
    HQ_JSON_KEY(w, "goods_office");
    hq_clr__put_text(w, m->goods_office);
    HQ_JSON_KEY(w, "trader");
    hq_json_text(w, m->trader);
    HQ_JSON_KEY(w, "opened_at");
    hq_json_time(w, m->opened_at);
    HQ_JSON_KEY(w, "due");
    hq_clr__put_time(w, m->due_at);
    HQ_JSON_KEY(w, "overdue_at");
    hq_clr__put_time(w, m->overdue_at);
    hq_json_close(w, '}');
}

static hq_status put_blind(listing *l, hq_tx *tx, const hq_clr__matter_row *m)
{
    hq_clr__row row;
    hq_clr__life life;
    hq_clr__matter matter;
    hq_arena *arena = l->request->arena;
    HQ_TRY(hq_clr__row_load_full(&row, tx, m->id, arena));
    HQ_TRY(hq_clr__life_unpack(&life, row.life));
    HQ_TRY(hq_clr__matter_find(&matter, &life, m->matter, arena));
    return hq_clr__blind_json(l->w, &row, &matter, arena);
}

/* Samples that were not taken yet are nothing to the laboratory. */
static bool for_laboratory(const hq_clr__matter_row *m)
{
    return !hq_sv_eq(m->state, HQ_SV("OPEN")) && !hq_sv_eq(m->state, HQ_SV("CLOSED"));
}

static hq_status take_stride(listing *l, hq_tx *tx, const hq_clr__matter_row *rows, size_t count)
{
    for (size_t i = 0; i < count && l->found < l->limit; i++) {
        l->page.below = rows[i].seq;
        l->scanned++;
        if (!within(l, &rows[i]) || (l->laboratory && !for_laboratory(&rows[i]))) {
            continue;
        }
        l->found++;
        if (l->laboratory) {
            HQ_TRY(put_blind(l, tx, &rows[i]));
        } else {
            put_item(l->w, &rows[i]);
        }
    }
    return HQ_DONE;
}

static hq_status scan(hq_tx *tx, void *user)
{
    listing *l = user;
    hq_arena *arena = l->request->arena;
    hq_clr__matter_row *rows = HQ_NEW_ARRAY(arena, hq_clr__matter_row, STRIDE);
    size_t count = STRIDE;
    if (rows == NULL) {
        return HQ_FAIL(NOMEM);
    }
    l->page.limit = STRIDE;
    while (count == STRIDE && l->found < l->limit && l->scanned < SCANNED_MAX) {
        HQ_TRY(hq_clr__matter_rows(rows, &count, tx, &l->page, arena));
        HQ_TRY(take_stride(l, tx, rows, count));
    }
    l->next = count < STRIDE && l->found < l->limit ? 0 : l->page.below;
    return HQ_DONE;
}

static hq_status answer_list(listing *l)
{
    hq_request *request = l->request;
    request->answer.body = HQ_BUF_ARENA(request->arena, HQ_CLR__RECORD_MAX);
    hq_json_w w = hq_json_writer(&request->answer.body);
    l->w = &w;
    l->now = hq_now(l->clearance->clock);
    l->day = hq_day_of(l->now);
    l->ref = hq_reference_acquire(l->clearance->reference);
    hq_json_open(&w, '{');
    HQ_JSON_KEY(&w, "items");
    hq_json_open(&w, '[');
    hq_status s = hq_store_read(l->clearance->store, scan, l);
    hq_json_close(&w, ']');
    hq_reference_release(l->clearance->reference, l->ref);
    HQ_TRY(s);
    HQ_JSON_KEY(&w, "next");
    hq_json_text_or_null(&w, l->next == 0
                                 ? HQ_SV_NULL
                                 : hq_arena_printf(request->arena, "%lld", (long long)l->next));
    hq_json_close(&w, '}');
    return hq_buf_status(&request->answer.body);
}

hq_status hq_clr__get_matters(hq_request *request, void *room)
{
    listing l = { .request = request, .clearance = room, .deed = HQ_MAY_SEE };
    HQ_TRY(read_page(&l));
    HQ_TRY(read_filters(&l));
    HQ_TRY(read_state(&l));
    return answer_list(&l);
}

hq_status hq_clr__get_samples(hq_request *request, void *room)
{
    listing l = { .request = request,
                  .clearance = room,
                  .deed = HQ_MAY_ANALYSE,
                  .laboratory = true,
                  .page = { .kind = HQ_SV("ANALYSIS") } };
    hq_sv state = hq_request_query(request, "state");
    HQ_TRY(read_page(&l));
    if (state.len == 0) {
        l.page.waiting = true;
        return answer_list(&l);
    }
    if (!hq_sv_eq(state, HQ_SV("SAMPLED")) && !hq_sv_eq(state, HQ_SV("RECEIVED")) &&
        !hq_sv_eq(state, HQ_SV("RESULTED"))) {
        return bad(request, "/query/state", "state phải là SAMPLED, RECEIVED hoặc RESULTED",
                   "state must be SAMPLED, RECEIVED or RESULTED");
    }
    l.page.state = state;
    return answer_list(&l);
}

/* ------------------------------------------------------------------ earlier results */

typedef struct {
    hq_clr__row row;
    hq_request *request;
    hq_json_w *w;
    hq_day day;
} looking;

static hq_status look(hq_tx *tx, void *user)
{
    looking *l = user;
    return hq_clr__earlier_json(l->w, tx, &l->row, HQ_SV("[]"), l->day, l->request->arena);
}

hq_status hq_clr__get_earlier_analyses(hq_request *request, void *room)
{
    hq_clearance *clearance = room;
    looking l = { .request = request, .day = hq_day_of(hq_now(clearance->clock)) };
    HQ_TRY(hq_clr__find(&l.row, request, clearance, true, HQ_MAY_SEE));
    request->answer.body = HQ_BUF_ARENA(request->arena, HQ_CLR__RECORD_MAX);
    hq_json_w w = hq_json_writer(&request->answer.body);
    l.w = &w;
    hq_json_open(&w, '{');
    HQ_JSON_KEY(&w, "items");
    HQ_TRY(hq_store_read(clearance->store, look, &l));
    HQ_JSON_KEY(&w, "next");
    hq_json_null(&w);
    hq_json_close(&w, '}');
    return hq_buf_status(&request->answer.body);
}
