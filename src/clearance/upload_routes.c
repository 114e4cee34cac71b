/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/upload_inside.h"

/* Uploads read again: their state, their results as JSON and as a workbook, the template. */

#define ANSWER_MAX ((size_t)65 << 20)
#define LIST_MAX   200
#define LIST_USUAL 50

typedef struct {
    hq_request *request;
    hq_id id;
    hq_upl__upload upload;
    hq_upl__upload *list;
    size_t count, limit;
    bool before;
} reading;

static hq_status read_one(hq_tx *tx, void *user)
{
    reading *r = user;
    return hq_upl__get(&r->upload, tx, &r->id, r->request->arena);
}

/* Those of one's enterprise. */
static hq_status find(reading *r, hq_request *request, hq_clearance *clearance)
{
    *r = (reading){ .request = request };
    if (hq_failed(hq_id_parse(&r->id, request->params[0]))) {
        return HQ_FAIL(NOT_FOUND);
    }
    HQ_TRY(hq_store_read(clearance->store, read_one, r));
    bool own = request->caller->tax_code.len > 0 &&
               hq_sv_eq(r->upload.tax_code, request->caller->tax_code);
    return own ? HQ_DONE : HQ_FAIL(NOT_FOUND);
}

static const char *state_of(int64_t *done, const hq_upl__upload *u, hq_upl__engine *engine)
{
    size_t so_far = 0;
    if (u->done_at > 0) {
        *done = u->items;
        return "DONE";
    }
    bool running = hq_upl__is_running(&so_far, engine, &u->id);
    *done = (int64_t)so_far;
    return running ? "RUNNING" : "INTERRUPTED";
}

hq_status hq_clr__get_upload(hq_request *request, void *room)
{
    hq_clearance *clearance = room;
    reading r;
    int64_t done;
    HQ_TRY(find(&r, request, clearance));
    const char *state = state_of(&done, &r.upload, clearance->uploads);
    request->answer.body = HQ_BUF_ARENA(request->arena, ANSWER_MAX);
    request->answer.no_store = true;
    hq_json_w w = hq_json_writer(&request->answer.body);
    hq_upl__upload_json(&w, &r.upload, state, done, true);
    return hq_buf_status(&request->answer.body);
}

/* ------------------------------------------------------------------ the list */

static hq_status read_list(hq_tx *tx, void *user)
{
    reading *r = user;
    return hq_upl__list(&r->list, &r->count, tx, r->request->caller->tax_code,
                        r->before ? &r->id : NULL, r->limit + 1, r->request->arena);
}

static hq_status read_page(reading *r, hq_request *request)
{
    hq_sv text = hq_request_query(request, "limit");
    hq_sv cursor = hq_request_query(request, "cursor");
    int64_t limit = LIST_USUAL;
    *r = (reading){ .request = request, .before = cursor.ptr != NULL };
    if (text.ptr != NULL &&
        (!hq_sv_digits(text) || !hq_sv_i64(&limit, text) || limit < 1 || limit > LIST_MAX)) {
        return HQ_CLR__REFUSE(request, INVALID, "/query/limit", "limit phải từ 1 đến 200",
                              "limit must be from 1 to 200");
    }
    r->limit = (size_t)limit;
    if (r->before && hq_failed(hq_id_parse(&r->id, cursor))) {
        return HQ_CLR__REFUSE(request, INVALID, "/query/cursor",
                              "cursor không phải do máy chủ này cấp",
                              "the cursor was not given by this server");
    }
    return HQ_DONE;
}

hq_status hq_clr__get_uploads(hq_request *request, void *room)
{
    hq_clearance *clearance = room;
    reading r;
    HQ_TRY(read_page(&r, request));
    HQ_TRY(hq_store_read(clearance->store, read_list, &r));
    bool more = r.count > r.limit;
    size_t count = more ? r.limit : r.count;
    request->answer.body = HQ_BUF_ARENA(request->arena, ANSWER_MAX);
    hq_json_w w = hq_json_writer(&request->answer.body);
    hq_json_open(&w, '{');
    HQ_JSON_KEY(&w, "items");
    hq_json_open(&w, '[');
    for (size_t i = 0; i < count; i++) {
        int64_t done;
        const char *state = state_of(&done, &r.list[i], clearance->uploads);
        hq_upl__upload_json(&w, &r.list[i], state, done, false);
    }
    hq_json_close(&w, ']');
    HQ_JSON_KEY(&w, "next");
    char text[36];
    hq_buf next = { .ptr = text, .cap = sizeof text, .ceiling = sizeof text };
    if (more) {
        hq_id_write(&next, &r.list[count - 1].id);
    }
    hq_json_text_or_null(&w, more ? hq_buf_view(&next) : HQ_SV_NULL);
    hq_json_close(&w, '}');
    return hq_buf_status(&request->answer.body);
}

/* ------------------------------------------------------------------ workbooks */

/* ?lang=, else what the reader's browser prefers. */
static hq_status read_language(bool *vi, hq_request *request)
{
    hq_sv lang = hq_request_query(request, "lang");
    *vi = lang.ptr == NULL ? request->vietnamese : hq_sv_eq(lang, HQ_SV("vi"));
    if (lang.ptr != NULL && !*vi && !hq_sv_eq(lang, HQ_SV("en"))) {
        return HQ_CLR__REFUSE(request, INVALID, "/query/lang", "lang phải là vi hoặc en",
                              "lang must be vi or en");
    }
    return HQ_DONE;
}

static void set_book(hq_request *request, hq_sv name)
{
    request->answer.content_type = HQ_SV(HQ_UPL__XLSX_TYPE);
    request->answer.disposition = name;
    request->answer.body = HQ_BUF_ARENA(request->arena, ANSWER_MAX);
}

hq_status hq_clr__get_upload_book(hq_request *request, void *room)
{
    hq_clearance *clearance = room;
    reading r;
    bool vi;
    HQ_TRY(read_language(&vi, request));
    HQ_TRY(find(&r, request, clearance));
    if (r.upload.done_at == 0) {
        return HQ_CLR__REFUSE(request, CONFLICT, "",
                              "Tệp chưa khai xong; khi bị ngắt giữa chừng hãy gửi lại cùng tệp với "
                              "cùng Idempotency-Key",
                              "The file is not done; where it was interrupted, send the same file "
                              "with the same Idempotency-Key");
    }
    set_book(request, HQ_SV("attachment; filename=\"result.xlsx\""));
    request->answer.no_store = true;
    return hq_upl__result_book(&request->answer.body, &r.upload, vi, request->arena);
}

hq_status hq_clr__get_upload_template(hq_request *request, void *room)
{
    hq_clearance *clearance = room;
    bool vi;
    HQ_TRY(read_language(&vi, request));
    set_book(request, HQ_SV("attachment; filename=\"declarations.xlsx\""));
    const hq_ref *ref = hq_reference_acquire(clearance->reference);
    hq_status s =
        hq_upl__template(&request->answer.body, ref, hq_day_of(hq_now(clearance->clock)), vi);
    hq_reference_release(clearance->reference, ref);
    return s;
}
