/* SPDX-License-Identifier: Apache-2.0 */
#include "treasury/room.h"

/* POST /api/v1/guarantees, /{id}/extend, /{id}/cancel by the bank; GET by the bank, customs people
 * and the trader whose it is. */

typedef struct {
    hq_request *request;
    hq_guarantee_new want;
    hq_sv id;
    hq_day valid_to;
    hq_tre__guarantee guarantee;
    bool repeated, cancel;
    hq_why why;
} job;

/* ------------------------------------------------------------------ out */

static void write_declaration(hq_json_w *json, hq_arena *arena, int64_t declaration)
{
    HQ_JSON_KEY(json, "declaration");
    if (declaration == 0) {
        hq_json_null(json);
    } else {
        hq_json_text(json, hq_tre__declaration_text(arena, declaration));
    }
}

static void write_guarantee(hq_json_w *json, const hq_tre__guarantee *g, hq_arena *arena)
{
    hq_json_open(json, '{');
    HQ_JSON_KEY(json, "id");
    hq_json_text(json, g->id);
    HQ_JSON_KEY(json, "bank");
    hq_json_text(json, g->bank);
    HQ_JSON_KEY(json, "number");
    hq_json_text(json, g->number);
    HQ_JSON_KEY(json, "kind");
    hq_json_text(json, g->general ? HQ_SV("general") : HQ_SV("individual"));
    HQ_JSON_KEY(json, "tax_code");
    hq_json_text(json, g->tax_code);
    write_declaration(json, arena, g->declaration);
    HQ_JSON_KEY(json, "limit_vnd");
    hq_json_i64(json, g->limit_vnd);
    HQ_JSON_KEY(json, "reserved_vnd");
    hq_json_i64(json, g->reserved_vnd);
    HQ_JSON_KEY(json, "available_vnd");
    hq_json_i64(json, g->cancelled ? 0 : g->limit_vnd - g->reserved_vnd);
    HQ_JSON_KEY(json, "valid_from");
    hq_json_day(json, g->valid_from);
    HQ_JSON_KEY(json, "valid_to");
    hq_json_day(json, g->valid_to);
    HQ_JSON_KEY(json, "state");
    hq_json_text(json, g->cancelled ? HQ_SV("CANCELLED") : HQ_SV("ACTIVE"));
    HQ_JSON_KEY(json, "version");
    hq_json_i64(json, g->version);
    HQ_JSON_KEY(json, "registered_at");
    hq_json_time(json, g->registered_at);
    hq_json_close(json, '}');
}

/* Out of the transaction's arena into the request's. */
static hq_status keep(hq_tre__guarantee *out, const hq_tre__guarantee *g, hq_arena *arena)
{
    *out = *g;
    out->id = hq_arena_dup(arena, g->id);
    out->bank = hq_arena_dup(arena, g->bank);
    out->number = hq_arena_dup(arena, g->number);
    out->tax_code = hq_arena_dup(arena, g->tax_code);
    bool whole = out->id.ptr != NULL && out->bank.ptr != NULL && out->number.ptr != NULL &&
                 out->tax_code.ptr != NULL;
    return whole ? HQ_DONE : HQ_FAIL(NOMEM);
}

static void keep_why(job *j, const hq_why *why)
{
    hq_arena *arena = j->request->arena;
    j->why = (hq_why){ hq_arena_dup(arena, why->path), hq_arena_dup(arena, why->vi),
                       hq_arena_dup(arena, why->en) };
}

static hq_sv etag_of(const hq_tre__guarantee *g, hq_arena *arena)
{
    return hq_arena_printf(arena, "%lld", (long long)g->version);
}

static hq_status answer_one(hq_request *request, const hq_tre__guarantee *g)
{
    request->answer.etag = etag_of(g, request->arena);
    request->answer.body = HQ_BUF_ARENA(request->arena, 8192);
    hq_json_w json = hq_json_writer(&request->answer.body);
    write_guarantee(&json, g, request->arena);
    return hq_buf_status(&request->answer.body);
}

static hq_status written(hq_request *request, hq_status s, void *user)
{
    const job *j = user;
    if (hq_failed(s)) {
        request->answer.why = j->why;
        return s;
    }
    return answer_one(request, &j->guarantee);
}

static hq_status registered(hq_request *request, hq_status s, void *user)
{
    const job *j = user;
    request->answer.http = j->repeated ? 200 : 201;
    if (hq_ok(s)) {
        request->answer.location =
            hq_arena_printf(request->arena, "/api/v1/guarantees/%.*s", HQ_SV_FMT(j->guarantee.id));
    } else {
        request->answer.http = 0;
    }
    return written(request, s, user);
}

/* ------------------------------------------------------------------ registering */

static void read_kind(hq_guarantee_new *want, hq_tre__found *found, const hq_json *body)
{
    hq_sv kind;
    hq_tre__member_text(&kind, found, body, HQ_SV(""), "kind", 16);
    want->general = hq_sv_eq(kind, HQ_SV("general"));
    if (kind.len > 0 && !want->general && !hq_sv_eq(kind, HQ_SV("individual"))) {
        hq_tre__find(found, "H7020", HQ_SV("/kind"), hq_json_get(body, "kind"),
                     HQ_SV("Loại bảo lãnh là individual (riêng) hoặc general (chung)"),
                     HQ_SV("The kind is individual or general"));
    }
}

static void read_declaration(hq_guarantee_new *want, hq_tre__found *found, const hq_json *body)
{
    const hq_json *value = hq_json_get(body, "declaration");
    if (value == NULL || value->type == HQ_JSON_NULL ||
        (value->type == HQ_JSON_STRING && value->text.len == 0)) {
        return;
    }
    if (want->general) {
        hq_tre__find(found, "H7021", HQ_SV("/declaration"), value,
                     HQ_SV("Bảo lãnh chung không gắn với tờ khai nào"),
                     HQ_SV("A general guarantee names no declaration"));
        return;
    }
    if (value->type != HQ_JSON_STRING ||
        !hq_tre__declaration_parse(&want->declaration, value->text)) {
        want->declaration = 0;
        hq_tre__find(found, "H7008", HQ_SV("/declaration"), value, HQ_SV("Số tờ khai có 12 chữ số"),
                     HQ_SV("A declaration number has 12 digits"));
    }
}

static hq_status decode(hq_guarantee_new *want, hq_request *request)
{
    static const hq_sv names[] = { { "bank", 4 },        { "number", 6 },       { "kind", 4 },
                                   { "tax_code", 8 },    { "declaration", 11 }, { "limit_vnd", 9 },
                                   { "valid_from", 10 }, { "valid_to", 8 } };
    const hq_json *body;
    HQ_TRY(hq_tre__body(&body, request));
    hq_tre__found found = { .arena = request->arena };
    hq_tre__only(&found, body, HQ_SV(""), names, sizeof names / sizeof names[0]);
    hq_tre__member_text(&want->bank, &found, body, HQ_SV(""), "bank", 20);
    hq_tre__member_text(&want->number, &found, body, HQ_SV(""), "number", 40);
    read_kind(want, &found, body);
    hq_tre__member_tax_code(&want->tax_code, &found, body, HQ_SV(""), "tax_code");
    read_declaration(want, &found, body);
    hq_tre__member_vnd(&want->limit_vnd, &found, body, HQ_SV(""), "limit_vnd");
    hq_tre__member_day(&want->valid_from, &found, body, HQ_SV(""), "valid_from");
    hq_tre__member_day(&want->valid_to, &found, body, HQ_SV(""), "valid_to");
    if (found.count == 0 && want->valid_to < want->valid_from) {
        hq_tre__find(&found, "H7022", HQ_SV("/valid_to"), hq_json_get(body, "valid_to"),
                     HQ_SV("Ngày hết hạn trước ngày hiệu lực"),
                     HQ_SV("The end lies before the beginning"));
    }
    return hq_tre__found_status(request, &found);
}

static hq_status own_bank(hq_request *request, hq_sv bank)
{
    if (hq_sv_eq(bank, request->caller->bank)) {
        return HQ_DONE;
    }
    hq_tre__why(&request->answer.why, HQ_SV("/bank"),
                HQ_SV("Ngân hàng chỉ đăng ký được bảo lãnh của chính mình"),
                HQ_SV("A bank registers its own guarantees only"));
    return HQ_FAIL(FORBIDDEN);
}

static hq_status do_register(hq_tx *tx, void *user)
{
    job *j = user;
    hq_sv id;
    hq_why why = { 0 };
    hq_tre__guarantee g;
    hq_status s = hq_guarantee_register(&id, &j->repeated, tx, &j->want, &why);
    if (hq_failed(s)) {
        keep_why(j, &why);
        return s;
    }
    HQ_TRY(hq_tre__guarantee_get(&g, tx, id));
    return keep(&j->guarantee, &g, j->request->arena);
}

hq_status hq_tre__post_guarantee(hq_request *request, void *room)
{
    (void)room;
    job *j = HQ_NEW(request->arena, job);
    if (j == NULL) {
        return HQ_FAIL(NOMEM);
    }
    j->request = request;
    j->want.actor = request->caller->id;
    HQ_TRY(decode(&j->want, request));
    HQ_TRY(own_bank(request, j->want.bank));
    return hq_request_write(request, do_register, registered, j);
}

/* ------------------------------------------------------------------ extending, cancelling */

static hq_status do_change(hq_tx *tx, void *user)
{
    job *j = user;
    hq_why why = { 0 };
    hq_tre__guarantee g;
    hq_sv actor = j->request->caller->id;
    HQ_TRY(hq_tre__guarantee_get(&g, tx, j->id));
    if (!hq_sv_eq(g.bank, j->request->caller->bank)) {
        return HQ_FAIL(NOT_FOUND); /* another bank's is out of scope */
    }
    if (!hq_if_match(j->request, etag_of(&g, hq_tx_arena(tx)))) {
        j->why = (hq_why){
            .vi = HQ_SV("Bảo lãnh đã thay đổi kể từ khi bạn đọc; hãy đọc lại rồi gửi lại"),
            .en = HQ_SV("The guarantee changed since you read it; read it again, then send again"),
        };
        return HQ_FAIL(STALE);
    }
    hq_status s = j->cancel ? hq_tre__guarantee_cancel(&g, tx, actor, &why)
                            : hq_tre__guarantee_extend(&g, tx, j->valid_to, actor, &why);
    if (hq_failed(s)) {
        keep_why(j, &why);
        return s;
    }
    return keep(&j->guarantee, &g, j->request->arena);
}

static job *change_job(hq_request *request)
{
    job *j = HQ_NEW(request->arena, job);
    if (j != NULL) {
        j->request = request;
        j->id = request->params[0];
    }
    return j;
}

hq_status hq_tre__post_extend(hq_request *request, void *room)
{
    (void)room;
    static const hq_sv names[] = { { "valid_to", 8 } };
    const hq_json *body;
    job *j = change_job(request);
    if (j == NULL) {
        return HQ_FAIL(NOMEM);
    }
    HQ_TRY(hq_tre__body(&body, request));
    hq_tre__found found = { .arena = request->arena };
    hq_tre__only(&found, body, HQ_SV(""), names, 1);
    hq_tre__member_day(&j->valid_to, &found, body, HQ_SV(""), "valid_to");
    HQ_TRY(hq_tre__found_status(request, &found));
    return hq_request_write(request, do_change, written, j);
}

hq_status hq_tre__post_cancel(hq_request *request, void *room)
{
    (void)room;
    job *j = change_job(request);
    if (j == NULL) {
        return HQ_FAIL(NOMEM);
    }
    j->cancel = true;
    return hq_request_write(request, do_change, written, j);
}

/* ------------------------------------------------------------------ reading */

typedef struct {
    hq_request *request;
    hq_tre__guarantee_page page;
    hq_tre__guarantee *items;
    size_t count;
    hq_sv id;
} reading;

static hq_status read_page(hq_tx *tx, void *user)
{
    reading *r = user;
    hq_tre__guarantee *rows;
    hq_arena *arena = r->request->arena;
    HQ_TRY(hq_tre__guarantee_list(&rows, &r->count, tx, &r->page));
    r->items = HQ_NEW_ARRAY(arena, hq_tre__guarantee, r->count + 1);
    if (r->items == NULL) {
        return HQ_FAIL(NOMEM);
    }
    for (size_t i = 0; i < r->count; i++) {
        HQ_TRY(keep(&r->items[i], &rows[i], arena));
    }
    return HQ_DONE;
}

/* A bank sees its own, a trader his own, customs people and the treasury all. */
static void narrow(hq_tre__guarantee_page *page, const hq_caller *caller, hq_sv tax_code)
{
    page->tax_code = tax_code;
    page->bank = HQ_SV("");
    if (caller->role == HQ_ROLE_BANK) {
        page->bank = caller->bank;
    } else if (caller->role == HQ_ROLE_DECLARANT) {
        page->tax_code = caller->tax_code;
    }
}

static hq_status read_cursor(hq_sv *out, hq_request *request)
{
    hq_id id;
    *out = hq_request_query(request, "cursor");
    if (out->len == 0 || hq_ok(hq_id_parse(&id, *out))) {
        return HQ_DONE;
    }
    hq_tre__why(&request->answer.why, HQ_SV("/query/cursor"),
                HQ_SV("cursor không phải do máy chủ này cấp"),
                HQ_SV("the cursor was not given by this server"));
    return HQ_FAIL(INVALID);
}

hq_status hq_tre__list_guarantees(hq_request *request, void *room)
{
    hq_treasury *treasury = room;
    reading r = { .request = request };
    size_t limit;
    HQ_TRY(hq_tre__limit(&limit, request));
    narrow(&r.page, request->caller, hq_request_query(request, "tax_code"));
    HQ_TRY(read_cursor(&r.page.after_id, request));
    r.page.max = limit + 1;
    HQ_TRY(hq_store_read(treasury->store, read_page, &r));
    bool more = r.count > limit;
    size_t shown = more ? limit : r.count;
    request->answer.body = HQ_BUF_ARENA(request->arena, (size_t)1 << 20);
    hq_json_w json = hq_json_writer(&request->answer.body);
    hq_json_open(&json, '{');
    HQ_JSON_KEY(&json, "items");
    hq_json_open(&json, '[');
    for (size_t i = 0; i < shown; i++) {
        write_guarantee(&json, &r.items[i], request->arena);
    }
    hq_json_close(&json, ']');
    HQ_JSON_KEY(&json, "next");
    hq_json_text_or_null(&json, more ? r.items[shown - 1].id : HQ_SV_NULL);
    hq_json_close(&json, '}');
    return hq_buf_status(&request->answer.body);
}

static hq_status read_one(hq_tx *tx, void *user)
{
    reading *r = user;
    hq_tre__guarantee g;
    HQ_TRY(hq_tre__guarantee_get(&g, tx, r->id));
    r->items = HQ_NEW(r->request->arena, hq_tre__guarantee);
    return r->items == NULL ? HQ_FAIL(NOMEM) : keep(r->items, &g, r->request->arena);
}

hq_status hq_tre__get_guarantee(hq_request *request, void *room)
{
    hq_treasury *treasury = room;
    const hq_caller *caller = request->caller;
    reading r = { .request = request, .id = request->params[0] };
    HQ_TRY(hq_store_read(treasury->store, read_one, &r));
    bool foreign =
        (caller->role == HQ_ROLE_BANK && !hq_sv_eq(r.items->bank, caller->bank)) ||
        (caller->role == HQ_ROLE_DECLARANT && !hq_sv_eq(r.items->tax_code, caller->tax_code));
    return foreign ? HQ_FAIL(NOT_FOUND) : answer_one(request, r.items);
}
