/* SPDX-License-Identifier: Apache-2.0 */
#include "balance/room.h"

/* GET /api/v1/balances, /{id}, /{id}/report. The holder sees his own, his agent what he registered,
 * customs people those of their office and below. */

#define LIST_MAX   200
#define SCAN_MAX   5000 /* rows looked at for one page */
#define SCAN_BATCH 200
#define JSON_MAX   ((size_t)16 << 20)

typedef struct {
    hq_request *request;
    hq_balance *balance;
    const hq_ref *ref;
    hq_day today;
    bool customs;
    hq_bal__page page;
    size_t limit;
    int64_t before;
    hq_bal__account *items;
    size_t count;
    hq_sv next;
    hq_bal__account account;
    hq_bal__line *lines;
    size_t line_count;
    hq_bal__movement *movements;
    size_t movement_count;
    hq_bal__use *uses;
    size_t use_count;
} reading;

static hq_status bad(hq_request *request, const char *name, const char *vi, const char *en)
{
    hq_bal__why(&request->answer.why, hq_arena_printf(request->arena, "/query/%s", name),
                hq_sv_from_cstr(vi), hq_sv_from_cstr(en));
    return HQ_FAIL(INVALID);
}

static bool sees(const reading *r, const hq_bal__account *account)
{
    hq_target target = hq_bal__target_of(account);
    return hq_ok(hq_may(r->request->caller, HQ_MAY_SEE, &target, r->ref, r->today));
}

/* ------------------------------------------------------------------ list */

static hq_status read_state(reading *r)
{
    hq_sv state = hq_request_query(r->request, "state");
    r->page.state = -1;
    for (int i = 0; i < HQ_BAL__STATES; i++) {
        if (hq_sv_eq(state, hq_sv_from_cstr(hq_bal__state_name((hq_bal__state)i)))) {
            r->page.state = i;
        }
    }
    r->page.overdue = hq_sv_eq(state, HQ_SV("OVERDUE"));
    if (state.len > 0 && r->page.state < 0 && !r->page.overdue) {
        return bad(r->request, "state",
                   "state là DECLARED, REGISTERED, REFUSED, SUSPENDED, CANCELLED hoặc OVERDUE",
                   "state is DECLARED, REGISTERED, REFUSED, SUSPENDED, CANCELLED or OVERDUE");
    }
    return HQ_DONE;
}

static hq_status read_filters(reading *r)
{
    hq_account_kind kind;
    hq_request *request = r->request;
    hq_id id;
    hq_sv text = hq_request_query(request, "kind");
    r->page.kind = -1;
    r->page.today = r->today;
    if (text.len > 0 && !hq_account_kind_parse(&kind, text)) {
        return bad(request, "kind", "Không có loại theo dõi này",
                   "There is no such kind of balance");
    }
    if (text.len > 0) {
        r->page.kind = (int)kind;
    }
    HQ_TRY(read_state(r));
    r->page.holder = hq_request_query(request, "holder");
    text = hq_request_query(request, "q");
    if (hq_utf8_length(text) > 200) {
        return bad(request, "q", "q dài tối đa 200 ký tự", "q has at most 200 characters");
    }
    if (text.len > 0) {
        HQ_TRY(hq_fold(&r->page.words, request->arena, hq_sv_trim(text)));
    }
    r->page.before = hq_request_query(request, "cursor");
    if (r->page.before.len > 0 && hq_failed(hq_id_parse(&id, r->page.before))) {
        return bad(request, "cursor", "cursor không phải do máy chủ này cấp",
                   "the cursor was not given by this server");
    }
    if (request->caller->role == HQ_ROLE_DECLARANT) {
        r->page.either = request->caller->tax_code;
    }
    return hq_bal__limit(&r->limit, request, LIST_MAX);
}

/* Pages of the table until enough of it may be seen; a page that ends early says where it stopped.
 */
static hq_status gather(hq_tx *tx, void *user)
{
    reading *r = user;
    size_t scanned = 0;
    size_t count = SCAN_BATCH;
    r->next = HQ_SV_NULL;
    r->page.max = SCAN_BATCH;
    while (count == SCAN_BATCH && r->next.ptr == NULL) {
        hq_bal__account *rows;
        HQ_TRY(hq_bal__account_page(&rows, &count, tx, &r->page, r->request->arena));
        for (size_t i = 0; i < count && r->next.ptr == NULL; i++) {
            r->page.before = rows[i].id;
            if (!sees(r, &rows[i])) {
                continue;
            }
            if (r->count == r->limit) {
                r->next = r->items[r->count - 1].id;
                break;
            }
            r->items[r->count++] = rows[i];
        }
        scanned += count;
        if (count == SCAN_BATCH && scanned >= SCAN_MAX && r->next.ptr == NULL) {
            r->next = r->page.before;
        }
    }
    return HQ_DONE;
}

static hq_status begin(reading *r, hq_request *request, void *room)
{
    *r = (reading){ .request = request, .balance = room };
    r->today = hq_day_of(hq_now(r->balance->clock));
    r->customs = (HQ_ROLES_CUSTOMS & HQ_ROLE_BIT(request->caller->role)) != 0;
    request->answer.body = HQ_BUF_ARENA(request->arena, JSON_MAX);
    return HQ_DONE;
}

static hq_status run(reading *r, hq_tx_fn fn)
{
    r->ref = hq_reference_acquire(r->balance->reference);
    hq_status s = hq_store_read(r->balance->store, fn, r);
    hq_reference_release(r->balance->reference, r->ref);
    return s;
}

hq_status hq_bal__list(hq_request *request, void *room)
{
    reading r;
    HQ_TRY(begin(&r, request, room));
    HQ_TRY(read_filters(&r));
    r.items = HQ_NEW_ARRAY(request->arena, hq_bal__account, r.limit + 1);
    if (r.items == NULL) {
        return HQ_FAIL(NOMEM);
    }
    HQ_TRY(run(&r, gather));
    hq_json_w w = hq_json_writer(&request->answer.body);
    hq_json_open(&w, '{');
    HQ_JSON_KEY(&w, "items");
    hq_json_open(&w, '[');
    for (size_t i = 0; i < r.count; i++) {
        hq_json_open(&w, '{');
        hq_bal__account_json(&w, &r.items[i], r.today, r.customs);
        hq_json_close(&w, '}');
    }
    hq_json_close(&w, ']');
    HQ_JSON_KEY(&w, "next");
    hq_json_text_or_null(&w, r.next);
    hq_json_close(&w, '}');
    return hq_buf_status(&request->answer.body);
}

/* ------------------------------------------------------------------ one */

static hq_status read_one(hq_tx *tx, void *user)
{
    reading *r = user;
    hq_arena *arena = r->request->arena;
    HQ_TRY(hq_bal__account_get(&r->account, tx, r->request->params[0], arena));
    if (!sees(r, &r->account)) {
        return HQ_FAIL(NOT_FOUND);
    }
    HQ_TRY(hq_bal__lines_of(&r->lines, &r->line_count, tx, r->account.id, arena));
    HQ_TRY(hq_bal__uses_of(&r->uses, &r->use_count, tx, r->account.id, arena));
    return hq_bal__movements(&r->movements, &r->movement_count, tx, r->account.id, r->before,
                             r->limit + 1, arena);
}

static void put_optional(hq_json_w *w, const char *name, int64_t number)
{
    hq_json_key_sv(w, hq_sv_from_cstr(name));
    if (number == 0) {
        hq_json_null(w);
    } else {
        hq_json_i64(w, number);
    }
}

static void put_movement(hq_json_w *w, const hq_bal__movement *m, bool customs)
{
    hq_json_open(w, '{');
    HQ_JSON_KEY(w, "number");
    hq_json_i64(w, m->number);
    HQ_JSON_KEY(w, "at");
    hq_json_time(w, m->at);
    HQ_JSON_KEY(w, "cause");
    hq_json_text(w, hq_sv_from_cstr(hq_bal__cause_name(m->cause)));
    HQ_JSON_KEY(w, "line");
    hq_json_i64(w, m->line);
    HQ_JSON_KEY(w, "quantity");
    hq_bal__quantity_json(w, m->quantity);
    HQ_JSON_KEY(w, "declaration");
    hq_bal__declaration_json(w, m->declaration);
    put_optional(w, "declaration_line", m->declaration_line);
    put_optional(w, "product", m->product);
    if (customs) {
        HQ_JSON_KEY(w, "actor");
        hq_json_text(w, m->actor);
    }
    hq_json_close(w, '}');
}

static void put_movements(hq_json_w *w, const reading *r)
{
    bool more = r->movement_count > r->limit;
    size_t shown = more ? r->limit : r->movement_count;
    HQ_JSON_KEY(w, "movements");
    hq_json_open(w, '{');
    HQ_JSON_KEY(w, "items");
    hq_json_open(w, '[');
    for (size_t i = 0; i < shown; i++) {
        put_movement(w, &r->movements[i], r->customs);
    }
    hq_json_close(w, ']');
    HQ_JSON_KEY(w, "next");
    if (more) {
        hq_json_text(w, hq_arena_printf(r->request->arena, "%lld",
                                        (long long)r->movements[shown - 1].number));
    } else {
        hq_json_null(w);
    }
    hq_json_close(w, '}');
}

hq_status hq_bal__get(hq_request *request, void *room)
{
    reading r;
    hq_sv cursor = hq_request_query(request, "cursor");
    HQ_TRY(begin(&r, request, room));
    HQ_TRY(hq_bal__limit(&r.limit, request, LIST_MAX));
    if (cursor.len > 0 && (!hq_sv_digits(cursor) || !hq_sv_i64(&r.before, cursor))) {
        return bad(request, "cursor", "cursor không phải do máy chủ này cấp",
                   "the cursor was not given by this server");
    }
    HQ_TRY(run(&r, read_one));
    request->answer.etag = hq_arena_printf(request->arena, "%lld", (long long)r.account.version);
    hq_json_w w = hq_json_writer(&request->answer.body);
    hq_json_open(&w, '{');
    hq_bal__account_json(&w, &r.account, r.today, r.customs);
    hq_bal__lines_json(&w, r.lines, r.line_count);
    put_movements(&w, &r);
    hq_json_close(&w, '}');
    return hq_buf_status(&request->answer.body);
}

/* ------------------------------------------------------------------ report */

static const hq_bal__line *line_of(const reading *r, int64_t number)
{
    for (size_t i = 0; i < r->line_count; i++) {
        if (r->lines[i].line == number) {
            return &r->lines[i];
        }
    }
    return NULL;
}

static void put_use(hq_json_w *w, const reading *r, const hq_bal__use *use)
{
    const hq_bal__line *product = use->product == 0 ? NULL : line_of(r, use->product);
    hq_json_open(w, '{');
    put_optional(w, "product", use->product);
    HQ_JSON_KEY(w, "code");
    hq_json_text_or_null(w, product == NULL ? HQ_SV_NULL : product->code);
    HQ_JSON_KEY(w, "exported");
    if (product == NULL) {
        hq_json_null(w);
    } else {
        hq_bal__quantity_json(w, product->drawn);
    }
    HQ_JSON_KEY(w, "drawn");
    hq_bal__quantity_json(w, use->drawn);
    hq_json_close(w, '}');
}

static void put_report_line(hq_json_w *w, const reading *r, const hq_bal__line *line)
{
    hq_json_open(w, '{');
    HQ_JSON_KEY(w, "line");
    hq_json_i64(w, line->line);
    HQ_JSON_KEY(w, "role");
    hq_json_text(w, hq_sv_from_cstr(hq_bal__role_name(line->role)));
    HQ_JSON_KEY(w, "code");
    hq_json_text_or_null(w, line->code.len == 0 ? HQ_SV_NULL : line->code);
    HQ_JSON_KEY(w, "description");
    hq_json_text(w, line->description);
    HQ_JSON_KEY(w, "unit");
    hq_json_text(w, line->unit);
    HQ_JSON_KEY(w, "in");
    hq_bal__quantity_json(w, line->opened);
    HQ_JSON_KEY(w, "expected");
    hq_bal__quantity_json(w, line->expected);
    HQ_JSON_KEY(w, "out");
    hq_bal__quantity_json(w, line->drawn);
    HQ_JSON_KEY(w, "left");
    if (hq_bal__unlimited(line)) {
        hq_json_null(w);
    } else {
        hq_bal__quantity_json(w, hq_bal__left(line));
    }
    HQ_JSON_KEY(w, "uses");
    hq_json_open(w, '[');
    for (size_t i = 0; i < r->use_count; i++) {
        if (r->uses[i].line == line->line && r->uses[i].drawn != 0) {
            put_use(w, r, &r->uses[i]);
        }
    }
    hq_json_close(w, ']');
    hq_json_close(w, '}');
}

hq_status hq_bal__report(hq_request *request, void *room)
{
    reading r;
    HQ_TRY(begin(&r, request, room));
    r.limit = 1;
    HQ_TRY(run(&r, read_one));
    hq_json_w w = hq_json_writer(&request->answer.body);
    hq_json_open(&w, '{');
    HQ_JSON_KEY(&w, "as_of");
    hq_json_time(&w, hq_now(r.balance->clock));
    HQ_JSON_KEY(&w, "balance");
    hq_json_open(&w, '{');
    hq_bal__account_json(&w, &r.account, r.today, r.customs);
    hq_json_close(&w, '}');
    HQ_JSON_KEY(&w, "lines");
    hq_json_open(&w, '[');
    for (size_t i = 0; i < r.line_count; i++) {
        put_report_line(&w, &r, &r.lines[i]);
    }
    hq_json_close(&w, ']');
    hq_json_close(&w, '}');
    return hq_buf_status(&request->answer.body);
}
