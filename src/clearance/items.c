/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/items.h"

/* GET /api/v1/items, PUT of a whole file (CSV or lines of JSON; all rows or none), and one item by
 * its code. An agent names his client with ?trader=. */

#define LIST_LIMIT 200
#define JSON_MAX   ((size_t)4 << 20)

typedef struct {
    hq_request *request;
    hq_clearance *clearance;
    hq_sv trader;
    hq_day day;
    hq_findings findings;
    hq_clr__item *items;
    size_t count;
    hq_clr__item_page page;
    hq_why why;
    int64_t fates[3];
    bool removes;
} job;

/* ------------------------------------------------------------------ whose */

static hq_status job_new(job **out, hq_request *request, void *room)
{
    job *j = HQ_NEW(request->arena, job);
    if (j == NULL) {
        return HQ_FAIL(NOMEM);
    }
    j->request = request;
    j->clearance = room;
    j->day = hq_day_of(hq_now(j->clearance->clock));
    j->findings.arena = request->arena;
    j->trader = hq_request_query(request, "trader");
    if (j->trader.len == 0) {
        j->trader = request->caller->tax_code;
    }
    hq_target target = { .trader_tax_code = j->trader,
                         .agent_tax_code = request->caller->tax_code };
    const hq_ref *ref = hq_reference_acquire(j->clearance->reference);
    hq_status s = hq_may(request->caller, HQ_MAY_FILE, &target, ref, j->day);
    hq_reference_release(j->clearance->reference, ref);
    if (hq_failed(s)) {
        return HQ_CLR__REFUSE(
            request, FORBIDDEN, "/query/trader",
            "Bạn chỉ quản lý được mặt hàng của mình hoặc của người đã ủy quyền "
            "cho bạn",
            "You keep your own items or those of somebody who has authorised you");
    }
    *out = j;
    return HQ_DONE;
}

/* ------------------------------------------------------------------ out */

static void put(hq_json_w *w, const char *name, hq_sv text)
{
    hq_json_key_sv(w, hq_sv_from_cstr(name));
    hq_json_text_or_null(w, text.len == 0 ? HQ_SV_NULL : text);
}

static void put_item(hq_json_w *w, const hq_clr__item *item)
{
    hq_json_open(w, '{');
    put(w, "code", item->code);
    put(w, "description", item->description);
    put(w, "hs", item->hs);
    put(w, "origin", item->origin);
    put(w, "unit", item->unit);
    HQ_JSON_KEY(w, "price");
    if (item->price < 0) {
        hq_json_null(w);
    } else {
        hq_json_decimal(w, hq_decimal_trim((hq_decimal){ item->price, HQ_SCALE_PRICE }));
    }
    put(w, "currency", item->currency);
    HQ_JSON_KEY(w, "version");
    hq_json_i64(w, item->version);
    HQ_JSON_KEY(w, "changed_at");
    hq_json_time(w, item->changed_at);
    hq_json_close(w, '}');
}

static hq_status answer_item(hq_request *request, const hq_clr__item *item)
{
    request->answer.etag = hq_arena_printf(request->arena, "%lld", (long long)item->version);
    request->answer.body = HQ_BUF_ARENA(request->arena, 16384);
    hq_json_w w = hq_json_writer(&request->answer.body);
    put_item(&w, item);
    return hq_buf_status(&request->answer.body);
}

static hq_status answer_findings(job *j)
{
    j->request->answer.findings = j->findings.items;
    j->request->answer.finding_count = j->findings.count;
    return HQ_CLR__REFUSE(j->request, INVALID, "",
                          "Có lỗi, không dòng nào được ghi; tất cả lỗi nằm ở errors",
                          "There are errors and nothing was written; all of them are in errors");
}

/* ------------------------------------------------------------------ reading */

static hq_status read_page(hq_tx *tx, void *user)
{
    job *j = user;
    return hq_clr__item_list(&j->items, &j->count, tx, &j->page, j->request->arena);
}

hq_status hq_clr__get_items(hq_request *request, void *room)
{
    job *j;
    int64_t limit = 50;
    HQ_TRY(job_new(&j, request, room));
    hq_sv text = hq_request_query(request, "limit");
    hq_sv q = hq_sv_trim(hq_request_query(request, "q"));
    if (text.len > 0 &&
        (!hq_sv_digits(text) || !hq_sv_i64(&limit, text) || limit < 1 || limit > LIST_LIMIT)) {
        return HQ_CLR__REFUSE(request, INVALID, "/query/limit", "limit phải từ 1 đến 200",
                              "limit must be from 1 to 200");
    }
    j->page = (hq_clr__item_page){ .trader = j->trader,
                                   .words = HQ_SV(""),
                                   .after = hq_request_query(request, "cursor"),
                                   .max = (size_t)limit + 1 };
    if (q.len > 0) {
        HQ_TRY(hq_fold(&j->page.words, request->arena, hq_sv_sub(q, 0, 200)));
    }
    HQ_TRY(hq_store_read(j->clearance->store, read_page, j));
    bool more = j->count > (size_t)limit;
    size_t shown = more ? (size_t)limit : j->count;
    request->answer.body = HQ_BUF_ARENA(request->arena, JSON_MAX);
    hq_json_w w = hq_json_writer(&request->answer.body);
    hq_json_open(&w, '{');
    HQ_JSON_KEY(&w, "items");
    hq_json_open(&w, '[');
    for (size_t i = 0; i < shown; i++) {
        put_item(&w, &j->items[i]);
    }
    hq_json_close(&w, ']');
    HQ_JSON_KEY(&w, "next");
    hq_json_text_or_null(&w, more ? j->items[shown - 1].code : HQ_SV_NULL);
    hq_json_close(&w, '}');
    return hq_buf_status(&request->answer.body);
}

static hq_status read_one(hq_tx *tx, void *user)
{
    job *j = user;
    return hq_clr__item_get(j->items, tx, j->trader, j->request->params[0], j->request->arena);
}

hq_status hq_clr__get_item(hq_request *request, void *room)
{
    job *j;
    hq_clr__item item;
    HQ_TRY(job_new(&j, request, room));
    j->items = &item;
    HQ_TRY(hq_store_read(j->clearance->store, read_one, j));
    return answer_item(request, &item);
}

/* ------------------------------------------------------------------ one */

static hq_status stale(job *j)
{
    j->why = (hq_why){
        .vi = HQ_SV("Mặt hàng đã thay đổi kể từ khi bạn đọc; hãy đọc lại rồi gửi lại"),
        .en = HQ_SV("The item changed since you read it; read it again, then send again"),
    };
    return HQ_FAIL(STALE);
}

static hq_status check_version(job *j, hq_tx *tx, hq_sv code)
{
    hq_clr__item had;
    if (j->request->if_match.len == 0) {
        return HQ_DONE;
    }
    hq_status s = hq_clr__item_get(&had, tx, j->trader, code, hq_tx_arena(tx));
    if (s.code == HQ_E_NOT_FOUND) {
        return stale(j);
    }
    HQ_TRY(s);
    hq_sv etag = hq_arena_printf(hq_tx_arena(tx), "%lld", (long long)had.version);
    return hq_if_match(j->request, etag) ? HQ_DONE : stale(j);
}

static hq_sv code_payload(hq_tx *tx, hq_sv code)
{
    return hq_arena_printf(hq_tx_arena(tx), "{\"code\":\"%.*s\"}", HQ_SV_FMT(code));
}

static hq_status write_item(hq_tx *tx, void *user)
{
    job *j = user;
    hq_clr__item_fate fate;
    hq_clr__item *item = j->items;
    hq_sv actor = j->request->caller->id;
    j->fates[HQ_CLR__ITEM_ADDED] = 0;
    HQ_TRY(check_version(j, tx, item->code));
    HQ_TRY(hq_clr__item_put(&fate, tx, j->trader, item));
    j->fates[HQ_CLR__ITEM_ADDED] = fate == HQ_CLR__ITEM_ADDED;
    return fate == HQ_CLR__ITEM_SAME
               ? HQ_DONE
               : hq_clr__item_list_changed(tx, j->trader, fate == HQ_CLR__ITEM_ADDED, actor,
                                           HQ_SV("items.saved"), code_payload(tx, item->code));
}

static hq_status refused(job *j, hq_status s)
{
    j->request->answer.why = j->why;
    if (s.code == HQ_E_LIMIT) {
        return HQ_CLR__REFUSE(j->request, CONFLICT, "",
                              "Danh mục mặt hàng có tối đa 20.000 dòng; hãy xóa bớt",
                              "A list of items has at most 20,000; delete some");
    }
    return s;
}

static hq_status after_item(hq_request *request, hq_status s, void *user)
{
    job *j = user;
    if (hq_failed(s)) {
        return refused(j, s);
    }
    request->answer.http = j->fates[HQ_CLR__ITEM_ADDED] > 0 ? 201 : 200;
    return answer_item(request, j->items);
}

hq_status hq_clr__put_item(hq_request *request, void *room)
{
    job *j;
    const hq_json *body;
    HQ_TRY(job_new(&j, request, room));
    j->items = HQ_NEW(request->arena, hq_clr__item);
    if (j->items == NULL) {
        return HQ_FAIL(NOMEM);
    }
    HQ_TRY(hq_json_parse(&body, request->body, request->arena, &request->answer.why));
    if (body->type != HQ_JSON_OBJECT) {
        return HQ_CLR__REFUSE(request, INVALID, "", "Nội dung phải là một đối tượng JSON {...}",
                              "The body must be one JSON object {...}");
    }
    const hq_ref *ref = hq_reference_acquire(j->clearance->reference);
    hq_clr__item_reading reading = { &j->findings, ref, j->day, request->arena };
    j->items->code = request->params[0];
    bool good = hq_clr__item_of_json(j->items, &reading, body, HQ_SV(""), false);
    hq_reference_release(j->clearance->reference, ref);
    if (j->findings.failed) {
        return HQ_FAIL(NOMEM);
    }
    return good ? hq_request_write(request, write_item, after_item, j) : answer_findings(j);
}

static hq_status remove_item(hq_tx *tx, void *user)
{
    job *j = user;
    hq_sv code = j->request->params[0];
    HQ_TRY(check_version(j, tx, code));
    HQ_TRY(hq_clr__item_delete(tx, j->trader, code));
    return hq_clr__item_list_changed(tx, j->trader, -1, j->request->caller->id,
                                     HQ_SV("items.deleted"), code_payload(tx, code));
}

static hq_status after_remove(hq_request *request, hq_status s, void *user)
{
    if (hq_failed(s)) {
        return refused(user, s);
    }
    request->answer.body = HQ_BUF_ARENA(request->arena, 64);
    hq_buf_lit(&request->answer.body, "{\"deleted\":true}");
    return hq_buf_status(&request->answer.body);
}

hq_status hq_clr__delete_item(hq_request *request, void *room)
{
    job *j;
    HQ_TRY(job_new(&j, request, room));
    return hq_request_write(request, remove_item, after_remove, j);
}

/* ------------------------------------------------------------------ many */

static hq_status write_items(hq_tx *tx, void *user)
{
    job *j = user;
    memset(j->fates, 0, sizeof j->fates);
    for (size_t i = 0; i < j->count; i++) {
        hq_clr__item_fate fate;
        HQ_TRY(hq_clr__item_put(&fate, tx, j->trader, &j->items[i]));
        j->fates[fate]++;
    }
    int64_t added = j->fates[HQ_CLR__ITEM_ADDED];
    int64_t changed = j->fates[HQ_CLR__ITEM_CHANGED];
    hq_sv payload = hq_arena_printf(hq_tx_arena(tx), "{\"added\":%lld,\"changed\":%lld}",
                                    (long long)added, (long long)changed);
    return added + changed == 0
               ? HQ_DONE
               : hq_clr__item_list_changed(tx, j->trader, added, j->request->caller->id,
                                           HQ_SV("items.imported"), payload);
}

static hq_status after_items(hq_request *request, hq_status s, void *user)
{
    static const char *const names[] = { "added", "changed", "unchanged" };
    job *j = user;
    if (hq_failed(s)) {
        return refused(j, s);
    }
    request->answer.body = HQ_BUF_ARENA(request->arena, 256);
    hq_json_w w = hq_json_writer(&request->answer.body);
    hq_json_open(&w, '{');
    for (size_t i = 0; i < 3; i++) {
        hq_json_key_sv(&w, hq_sv_from_cstr(names[i]));
        hq_json_i64(&w, j->fates[i]);
    }
    hq_json_close(&w, '}');
    return hq_buf_status(&request->answer.body);
}

hq_status hq_clr__put_items(hq_request *request, void *room)
{
    job *j;
    HQ_TRY(job_new(&j, request, room));
    bool csv = hq_sv_starts(request->content_type, HQ_SV("text/csv"));
    const hq_ref *ref = hq_reference_acquire(j->clearance->reference);
    hq_clr__item_reading reading = { &j->findings, ref, j->day, request->arena };
    hq_status s = csv ? hq_clr__items_of_csv(&j->items, &j->count, &reading, request->body,
                                             &request->answer.why)
                      : hq_clr__items_of_lines(&j->items, &j->count, &reading, request->body,
                                               &request->answer.why);
    hq_reference_release(j->clearance->reference, ref);
    if (j->findings.count > 0) {
        return answer_findings(j);
    }
    HQ_TRY(s);
    return j->findings.failed ? HQ_FAIL(NOMEM)
                              : hq_request_write(request, write_items, after_items, j);
}
