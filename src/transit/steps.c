/* SPDX-License-Identifier: Apache-2.0 */
#include "transit/room.h"

/* One change of a transport by one request: who may, the body, then in one closure the row afresh,
 * the move by the table, the step remembered, one event. */

typedef struct {
    hq_transit *transit;
    hq_request *request;
    hq_tra__verb verb;
    int64_t id, expected; /* expected 0: any version */
    hq_time_us at;
    hq_tra__row row; /* what is declared; in the end what is answered */
    hq_tra__told told;
    hq_tra__found found;
} change;

/* ------------------------------------------------------------------ numbers, JSON */

hq_sv hq_tra__number(hq_arena *arena, int64_t id)
{
    return hq_arena_printf(arena, "%011lld0", (long long)id);
}

bool hq_tra__number_parse(int64_t *out, hq_sv number)
{
    return number.len == 12 && hq_sv_digits(number) && hq_sv_i64(out, hq_sv_sub(number, 0, 11));
}

hq_target hq_tra__target_of(const hq_tra__row *row)
{
    return (hq_target){ .office = row->office_from,
                        .goods_office = row->office_to,
                        .trader_tax_code = row->trader,
                        .agent_tax_code = row->agent };
}

static void put_possible(hq_json_w *w, const hq_tra__row *row, uint32_t roles)
{
    hq_json_open(w, '[');
    for (int verb = 0; verb < HQ_TRA__VERBS; verb++) {
        if ((hq_tra__verbs[verb].roles & roles) != 0 &&
            hq_tra__move_find(row->status, (hq_tra__verb)verb) != NULL) {
            hq_json_text(w, hq_sv_from_cstr(hq_tra__verbs[verb].path));
        }
    }
    hq_json_close(w, ']');
}

void hq_tra__row_json(hq_json_w *w, const hq_tra__row *row, uint32_t roles)
{
    char digits[16];
    hq_buf number = { .ptr = digits, .cap = sizeof digits, .ceiling = sizeof digits };
    hq_buf_i64(&number, row->id);
    hq_buf_char(&number, '0');
    hq_json_open(w, '{');
    HQ_JSON_KEY(w, "number");
    hq_json_text(w, hq_buf_view(&number));
    HQ_JSON_KEY(w, "version");
    hq_json_i64(w, row->version);
    HQ_JSON_KEY(w, "status");
    hq_json_text(w, hq_sv_from_cstr(hq_tra__state_name(row->status)));
    HQ_JSON_KEY(w, "office_from");
    hq_json_text(w, row->office_from);
    HQ_JSON_KEY(w, "office_to");
    hq_json_text(w, row->office_to);
    HQ_JSON_KEY(w, "trader");
    hq_json_text(w, row->trader);
    HQ_JSON_KEY(w, "agent");
    hq_json_text_or_null(w, row->agent.len == 0 ? HQ_SV_NULL : row->agent);
    HQ_JSON_KEY(w, "created_at");
    hq_json_time(w, row->created_at);
    HQ_JSON_KEY(w, "changed_at");
    hq_json_time(w, row->changed_at);
    HQ_JSON_KEY(w, "due");
    if (row->due_at == 0) {
        hq_json_null(w);
    } else {
        hq_json_time(w, row->due_at);
    }
    HQ_JSON_KEY(w, "overdue");
    hq_json_bool(w, row->overdue);
    HQ_JSON_KEY(w, "possible");
    put_possible(w, row, roles);
    HQ_JSON_KEY(w, "declared");
    hq_json_raw(w, row->body);
    HQ_JSON_KEY(w, "steps");
    hq_json_raw(w, row->steps);
    hq_json_close(w, '}');
}

static hq_status answer_row(hq_request *request, const hq_tra__row *row)
{
    request->answer.body = HQ_BUF_ARENA(request->arena, (size_t)8 << 20);
    hq_json_w w = hq_json_writer(&request->answer.body);
    hq_tra__row_json(&w, row, HQ_ROLE_BIT(request->caller->role));
    request->answer.etag = hq_arena_printf(request->arena, "%lld", (long long)row->version);
    return hq_buf_status(&request->answer.body);
}

/* ------------------------------------------------------------------ steps */

static void put_step(hq_json_w *w, const change *c, const hq_tra__row *row, bool differs)
{
    const hq_tra__told *t = &c->told;
    hq_json_open(w, '{');
    HQ_JSON_KEY(w, "verb");
    hq_json_text(w, hq_sv_from_cstr(hq_tra__verbs[c->verb].path));
    HQ_JSON_KEY(w, "at");
    hq_json_time(w, c->at);
    HQ_JSON_KEY(w, "by");
    hq_json_text(w, c->request->caller->id);
    HQ_JSON_KEY(w, "reason");
    hq_json_text_or_null(w, t->reason.len == 0 ? HQ_SV_NULL : t->reason);
    HQ_JSON_KEY(w, "note");
    hq_json_text_or_null(w, t->note.len == 0 ? HQ_SV_NULL : t->note);
    if (c->verb == HQ_TRA__DEPART) {
        HQ_JSON_KEY(w, "seals");
        hq_json_raw(w, t->seals);
    }
    if (c->verb == HQ_TRA__DEPART || c->verb == HQ_TRA__EXTEND) {
        HQ_JSON_KEY(w, "due");
        hq_json_time(w, row->due_at);
    }
    if (c->verb == HQ_TRA__ARRIVE) {
        HQ_JSON_KEY(w, "seal_state");
        hq_json_text(w, t->seal_state);
        HQ_JSON_KEY(w, "packages");
        hq_json_i64(w, t->package_count);
        HQ_JSON_KEY(w, "late");
        hq_json_bool(w, row->due_at != 0 && c->at > row->due_at);
        HQ_JSON_KEY(w, "discrepancy");
        hq_json_bool(w, differs);
    }
    hq_json_close(w, '}');
}

/* Seals that are broken, or another number of packages than was declared. */
static hq_status arrival_differs(bool *out, const change *c, const hq_tra__row *row)
{
    const hq_json *body;
    int64_t declared = 0;
    *out = false;
    if (c->verb != HQ_TRA__ARRIVE) {
        return HQ_DONE;
    }
    HQ_TRY(hq_json_parse_copy(&body, row->body, c->request->arena, NULL));
    hq_json_get_i64(&declared, hq_json_get(body, "packages"), "count");
    *out = declared != c->told.package_count || hq_sv_eq(c->told.seal_state, HQ_SV("BROKEN"));
    return HQ_DONE;
}

static hq_status add_step(change *c, hq_tra__row *row)
{
    bool differs;
    hq_buf buf = HQ_BUF_ARENA(c->request->arena, (size_t)4 << 20);
    hq_sv before = row->steps;
    HQ_TRY(arrival_differs(&differs, c, row));
    hq_buf_append(&buf, before.ptr, before.len - 1);
    if (before.len > 2) {
        hq_buf_char(&buf, ',');
    }
    hq_json_w w = hq_json_writer(&buf);
    put_step(&w, c, row, differs);
    hq_buf_char(&buf, ']');
    row->steps = hq_buf_view(&buf);
    return hq_buf_status(&buf);
}

/* A transport that departs has as long as the law gives. */
static void set_due(const change *c, hq_tra__row *row)
{
    if (c->verb == HQ_TRA__EXTEND) {
        row->due_at = c->told.due;
        row->overdue = false;
    } else if (c->verb == HQ_TRA__DEPART) {
        const hq_ref *ref = hq_reference_acquire(c->transit->reference);
        row->due_at = hq_ref_term_end(ref, HQ_SV("TRANSPORT_BOND"), row->office_to, c->at);
        hq_reference_release(c->transit->reference, ref);
    }
}

static hq_sv possible_text(const hq_request *request, const hq_tra__row *row)
{
    hq_buf text = HQ_BUF_ARENA(request->arena, 1024);
    uint32_t role = HQ_ROLE_BIT(request->caller->role);
    for (int verb = 0; verb < HQ_TRA__VERBS; verb++) {
        if ((hq_tra__verbs[verb].roles & role) != 0 &&
            hq_tra__move_find(row->status, (hq_tra__verb)verb) != NULL) {
            hq_buf_printf(&text, "%s%s", text.len > 0 ? ", " : "", hq_tra__verbs[verb].path);
        }
    }
    return text.len > 0 ? hq_buf_view(&text) : HQ_SV("-");
}

static hq_status impossible(hq_request *request, const hq_tra__row *row, hq_tra__verb verb)
{
    hq_sv can = possible_text(request, row);
    request->answer.why = (hq_why){
        .vi = hq_arena_printf(request->arena,
                              "Tờ khai vận chuyển đang ở trạng thái %s, không thực hiện được %s; "
                              "các bước có thể làm: %.*s",
                              hq_tra__state_name(row->status), hq_tra__verbs[verb].path,
                              HQ_SV_FMT(can)),
        .en = hq_arena_printf(
            request->arena, "The transport is %s, %s cannot be done now; what can: %.*s",
            hq_tra__state_name(row->status), hq_tra__verbs[verb].path, HQ_SV_FMT(can)),
    };
    return HQ_FAIL(CONFLICT);
}

/* ------------------------------------------------------------------ who may */

static hq_status may(hq_transit *transit, const hq_request *request, const hq_tra__row *row,
                     hq_deed deed)
{
    const hq_target target = hq_tra__target_of(row);
    const hq_ref *ref = hq_reference_acquire(transit->reference);
    hq_status s = hq_may(request->caller, deed, &target, ref, hq_day_of(hq_now(transit->clock)));
    hq_reference_release(transit->reference, ref);
    return s;
}

/* Officers take back what a declarant may: where it left. */
static hq_deed deed_of(const hq_request *request, hq_tra__verb verb)
{
    bool officer = request->caller->role != HQ_ROLE_DECLARANT;
    return verb == HQ_TRA__CANCEL && officer ? HQ_MAY_ACT : hq_tra__verbs[verb].deed;
}

typedef struct {
    int64_t id;
    hq_arena *arena;
    hq_tra__row row;
} reading;

static hq_status read_row(hq_tx *tx, void *user)
{
    reading *r = user;
    return hq_tra__row_get(&r->row, tx, r->id, r->arena);
}

static hq_status find(hq_tra__row *out, hq_request *request, hq_transit *transit, hq_deed deed)
{
    reading r = { .arena = request->arena };
    if (!hq_tra__number_parse(&r.id, request->params[0])) {
        return HQ_FAIL(NOT_FOUND);
    }
    HQ_TRY(hq_store_read(transit->store, read_row, &r));
    *out = r.row;
    return may(transit, request, &r.row, deed);
}

/* ------------------------------------------------------------------ declaring */

static hq_status write_new(hq_tx *tx, void *user)
{
    change *c = user;
    hq_tra__row *row = &c->row;
    c->found.count = 0;
    HQ_TRY(hq_tra__check_declarations(&c->found, tx, row));
    HQ_TRY(hq_tra__found_status(c->request, &c->found));
    row->version = 1;
    row->status = HQ_TRA__DECLARED;
    row->created_at = c->at;
    row->changed_at = c->at;
    row->steps = HQ_SV("[]");
    HQ_TRY(add_step(c, row));
    HQ_TRY(hq_tra__row_insert(tx, row));
    return hq_tra__event(tx, row, "transport.declared", c->request->caller->id);
}

static hq_status after_new(hq_request *request, hq_status written, void *user)
{
    change *c = user;
    HQ_TRY(written);
    request->answer.http = 201;
    request->answer.location =
        hq_arena_printf(request->arena, "/api/v1/transports/%.*s",
                        HQ_SV_FMT(hq_tra__number(request->arena, c->row.id)));
    return answer_row(request, &c->row);
}

static hq_status begin(change **out, hq_request *request, void *room, hq_tra__verb verb)
{
    change *c = HQ_NEW(request->arena, change);
    if (c == NULL) {
        return HQ_FAIL(NOMEM);
    }
    c->transit = room;
    c->request = request;
    c->verb = verb;
    c->at = hq_now(c->transit->clock);
    c->found.arena = request->arena;
    *out = c;
    return HQ_DONE;
}

static hq_status read_declared(change *c)
{
    const hq_json *body;
    HQ_TRY(hq_tra__body(&body, c->request));
    const hq_ref *ref = hq_reference_acquire(c->transit->reference);
    hq_status s =
        hq_tra__read_declared(&c->row, &c->found, body, ref, hq_day_of(c->at), c->request->caller);
    hq_reference_release(c->transit->reference, ref);
    HQ_TRY(s);
    HQ_TRY(hq_tra__found_status(c->request, &c->found));
    return may(c->transit, c->request, &c->row, HQ_MAY_FILE);
}

hq_status hq_tra__post(hq_request *request, void *room)
{
    change *c;
    HQ_TRY(begin(&c, request, room, HQ_TRA__DECLARE));
    HQ_TRY(read_declared(c));
    return hq_request_write(request, write_new, after_new, c);
}

static hq_status stale(hq_request *request)
{
    request->answer.why = (hq_why){
        .vi = HQ_SV("Tờ khai vận chuyển đã thay đổi kể từ khi đọc; hãy đọc lại rồi sửa"),
        .en = HQ_SV("The transport changed since it was read; read it again"),
    };
    return HQ_FAIL(STALE);
}

static hq_status write_replacement(hq_tx *tx, void *user)
{
    change *c = user;
    hq_tra__row row;
    c->found.count = 0;
    HQ_TRY(hq_tra__row_get(&row, tx, c->id, c->request->arena));
    if (c->expected != 0 && c->expected != row.version) {
        return stale(c->request);
    }
    const hq_tra__move *move = hq_tra__move_find(row.status, c->verb);
    if (move == NULL) {
        return impossible(c->request, &row, c->verb);
    }
    HQ_TRY(hq_tra__check_declarations(&c->found, tx, &c->row));
    HQ_TRY(hq_tra__found_status(c->request, &c->found));
    row.office_from = c->row.office_from;
    row.office_to = c->row.office_to;
    row.trader = c->row.trader;
    row.agent = c->row.agent;
    row.body = c->row.body;
    row.status = move->next;
    row.version++;
    row.changed_at = c->at;
    HQ_TRY(add_step(c, &row));
    HQ_TRY(hq_tra__row_update(tx, &row));
    c->row = row;
    return hq_tra__event(tx, &row, move->event, c->request->caller->id);
}

static hq_status after_change(hq_request *request, hq_status written, void *user)
{
    change *c = user;
    HQ_TRY(written);
    return answer_row(request, &c->row);
}

hq_status hq_tra__put(hq_request *request, void *room)
{
    change *c;
    hq_tra__row old;
    HQ_TRY(begin(&c, request, room, HQ_TRA__REPLACE));
    HQ_TRY(find(&old, request, room, HQ_MAY_FILE));
    if (request->if_match.len > 0 &&
        !hq_if_match(request, hq_arena_printf(request->arena, "%lld", (long long)old.version))) {
        return stale(request);
    }
    c->expected = request->if_match.len > 0 ? old.version : 0;
    c->id = old.id;
    HQ_TRY(read_declared(c));
    return hq_request_write(request, write_replacement, after_change, c);
}

/* ------------------------------------------------------------------ verbs */

static hq_status write_step(hq_tx *tx, void *user)
{
    change *c = user;
    hq_tra__row row;
    HQ_TRY(hq_tra__row_get(&row, tx, c->id, c->request->arena));
    const hq_tra__move *move = hq_tra__move_find(row.status, c->verb);
    if (move == NULL) {
        return impossible(c->request, &row, c->verb);
    }
    set_due(c, &row);
    row.status = move->next;
    row.version++;
    row.changed_at = c->at;
    HQ_TRY(add_step(c, &row));
    HQ_TRY(hq_tra__row_update(tx, &row));
    c->row = row;
    return hq_tra__event(tx, &row, move->event, c->request->caller->id);
}

static hq_status post_step(hq_request *request, void *room, hq_tra__verb verb)
{
    change *c;
    const hq_json *body;
    HQ_TRY(begin(&c, request, room, verb));
    HQ_TRY(find(&c->row, request, room, deed_of(request, verb)));
    c->id = c->row.id;
    HQ_TRY(hq_tra__body(&body, request));
    hq_tra__read_told(&c->told, &c->found, body, verb, c->at);
    HQ_TRY(hq_tra__found_status(request, &c->found));
    return hq_request_write(request, write_step, after_change, c);
}

#define STEP(name, verb)                                                                           \
    hq_status name(hq_request *request, void *room)                                                \
    {                                                                                              \
        return post_step(request, room, verb);                                                     \
    }
STEP(hq_tra__approval, HQ_TRA__APPROVE)
STEP(hq_tra__correction, HQ_TRA__RETURN)
STEP(hq_tra__refusal, HQ_TRA__REFUSE)
STEP(hq_tra__cancellation, HQ_TRA__CANCEL)
STEP(hq_tra__departure, HQ_TRA__DEPART)
STEP(hq_tra__extension, HQ_TRA__EXTEND)
STEP(hq_tra__arrival, HQ_TRA__ARRIVE)

/* ------------------------------------------------------------------ reading */

hq_status hq_tra__get(hq_request *request, void *room)
{
    hq_tra__row row;
    HQ_TRY(find(&row, request, room, HQ_MAY_SEE));
    return answer_row(request, &row);
}

typedef struct {
    hq_transit *transit;
    hq_request *request;
    hq_tra__page page;
    hq_tra__row *found; /* within scope */
    size_t count, limit;
    bool more;
} listing;

/* Rows are read in pages until enough of them lie within the caller's scope. */
static hq_status read_list(hq_tx *tx, void *user)
{
    listing *l = user;
    size_t got = l->page.max;
    for (int i = 0; i < 20 && got == l->page.max && !l->more; i++) {
        hq_tra__row *rows;
        HQ_TRY(hq_tra__row_page(&rows, &got, tx, &l->page, l->request->arena));
        for (size_t k = 0; k < got && !l->more; k++) {
            bool sees = hq_ok(may(l->transit, l->request, &rows[k], HQ_MAY_SEE));
            l->more = sees && l->count == l->limit;
            if (sees && !l->more) {
                l->found[l->count++] = rows[k];
            }
            if (!l->more) {
                l->page.before = rows[k].id;
            }
        }
    }
    return HQ_DONE;
}

static hq_status wrong_query(hq_request *request, const char *name, const char *vi, const char *en)
{
    request->answer.why = (hq_why){ hq_arena_printf(request->arena, "/query/%s", name),
                                    hq_sv_from_cstr(vi), hq_sv_from_cstr(en) };
    return HQ_FAIL(INVALID);
}

static hq_status read_query(listing *l)
{
    hq_request *request = l->request;
    hq_tra__state state;
    int64_t limit = 50;
    hq_sv status = hq_request_query(request, "status");
    hq_sv overdue = hq_request_query(request, "overdue");
    hq_sv count = hq_request_query(request, "limit");
    hq_sv cursor = hq_request_query(request, "cursor");
    hq_sv office = hq_request_query(request, "office");
    l->page = (hq_tra__page){ .status = -1,
                              .office = office.ptr == NULL ? HQ_SV("") : office,
                              .trader = request->caller->role == HQ_ROLE_DECLARANT
                                            ? request->caller->tax_code
                                            : HQ_SV("") };
    if (status.len > 0 && !hq_tra__state_parse(&state, status)) {
        return wrong_query(request, "status", "status phải là một trạng thái vận chuyển",
                           "status must be one of a transport");
    }
    l->page.status = status.len > 0 ? (int)state : -1;
    l->page.overdue = hq_sv_eq(overdue, HQ_SV("true"));
    if (overdue.len > 0 && !l->page.overdue && !hq_sv_eq(overdue, HQ_SV("false"))) {
        return wrong_query(request, "overdue", "overdue phải là true hoặc false",
                           "overdue must be true or false");
    }
    if (count.len > 0 &&
        (!hq_sv_digits(count) || !hq_sv_i64(&limit, count) || limit < 1 || limit > 200)) {
        return wrong_query(request, "limit", "limit phải từ 1 đến 200", "limit must be 1 to 200");
    }
    if (cursor.len > 0 && (!hq_sv_digits(cursor) || !hq_sv_i64(&l->page.before, cursor))) {
        return wrong_query(request, "cursor", "cursor phải là next của trang trước",
                           "cursor must be the next of the page before");
    }
    l->limit = (size_t)limit;
    l->page.max = l->limit + 1;
    return HQ_DONE;
}

hq_status hq_tra__list(hq_request *request, void *room)
{
    listing l = { .transit = room, .request = request };
    HQ_TRY(read_query(&l));
    l.found = HQ_NEW_ARRAY(request->arena, hq_tra__row, l.limit);
    if (l.found == NULL) {
        return HQ_FAIL(NOMEM);
    }
    HQ_TRY(hq_store_read(l.transit->store, read_list, &l));
    request->answer.body = HQ_BUF_ARENA(request->arena, (size_t)64 << 20);
    hq_json_w w = hq_json_writer(&request->answer.body);
    hq_json_open(&w, '{');
    HQ_JSON_KEY(&w, "items");
    hq_json_open(&w, '[');
    for (size_t i = 0; i < l.count; i++) {
        hq_tra__row_json(&w, &l.found[i], HQ_ROLE_BIT(request->caller->role));
    }
    hq_json_close(&w, ']');
    HQ_JSON_KEY(&w, "next");
    if (l.more) {
        hq_json_text(&w, hq_arena_printf(request->arena, "%lld", (long long)l.page.before));
    } else {
        hq_json_null(&w);
    }
    hq_json_close(&w, '}');
    return hq_buf_status(&request->answer.body);
}
