/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/amend.h"

#include "clearance/declare.h"
#include "clearance/list.h"
#include "clearance/step.h"

/* The worker's part of an amendment: may it be asked at all, what is the new content, what may not
 * be touched, what does it come to. */

#define DOCUMENT_MAX ((size_t)16 << 20)

/* ------------------------------------------------------------------ where it stands */

static bool has_goods_check(const hq_clr__life *life, hq_arena *arena)
{
    const hq_json *checks;
    hq_sv text = life->sections[HQ_CLR__CHECKS];
    if (text.len == 0 || hq_failed(hq_json_parse_copy(&checks, text, arena, NULL))) {
        return false;
    }
    for (const hq_json *c = hq_json_first(checks); c != NULL; c = hq_json_next(checks, c)) {
        if (hq_sv_eq(hq_json_get_text(c, "check"), HQ_SV("goods"))) {
            return true;
        }
    }
    return false;
}

hq_clr__moment hq_clr__moment_of(const hq_clr__row *row, const hq_clr__life *life, hq_arena *arena)
{
    switch (row->status) {
    case HQ_DECLARATION_CLEARED:
    case HQ_DECLARATION_PASSED:
        return HQ_CLR__GONE;
    case HQ_DECLARATION_RELEASED:
    case HQ_DECLARATION_STORED:
        return HQ_CLR__CHECKED;
    case HQ_DECLARATION_PREREGISTERED:
    case HQ_DECLARATION_EXPIRED:
    case HQ_DECLARATION_REGISTERED:
    case HQ_DECLARATION_DOCUMENT_CHECK:
    case HQ_DECLARATION_GOODS_CHECK:
    case HQ_DECLARATION_AWAITING_TAX:
    case HQ_DECLARATION_CANCELLED:
    case HQ_DECLARATION_MANUAL:
        break;
    }
    return has_goods_check(life, arena) ? HQ_CLR__CHECKED : HQ_CLR__HELD;
}

/* When the goods left: released first or cleared; and when they were cleared. 0: not. */
static hq_status find_leaving(hq_time_us *left, hq_time_us *cleared, const hq_clr__amend *a)
{
    hq_event_view *events;
    size_t count;
    *left = 0;
    *cleared = 0;
    HQ_TRY(hq_clr__events_of(&events, &count, a->clearance, &a->before, a->request->arena));
    for (size_t i = 0; i < count; i++) {
        const hq_event *e = &events[i].event;
        bool clears = hq_sv_eq(e->kind, HQ_SV("declaration.cleared"));
        if (*left == 0 && (clears || hq_sv_eq(e->kind, HQ_SV("declaration.released")))) {
            *left = e->at;
        }
        *cleared = clears ? e->at : *cleared;
    }
    if (a->moment == HQ_CLR__GONE && *cleared == 0) {
        *cleared = a->before.changed_at; /* it came in as a cleared one */
        *left = *left == 0 ? *cleared : *left;
    }
    return HQ_DONE;
}

/* ------------------------------------------------------------------ refusing at once */

static hq_status refuse_tenth(hq_request *request, int64_t most)
{
    request->answer.code = HQ_SV("E0301");
    request->answer.why = (hq_why){
        .vi = hq_arena_printf(request->arena,
                              "Tờ khai đã khai bổ sung đủ %lld lần trong thông quan, không thể "
                              "khai bổ sung thêm: hãy "
                              "đợi thông quan rồi khai bổ sung sau thông quan, hoặc gửi văn bản "
                              "tới hải quan nơi đăng "
                              "ký tờ khai",
                              (long long)most),
        .en = hq_arena_printf(
            request->arena,
            "The declaration was amended %lld times inside clearance and cannot be amended again: "
            "amend it after clearance, or write to the customs office where it is registered",
            (long long)most),
    };
    return HQ_FAIL(CONFLICT);
}

static hq_status refuse_late(hq_request *request, hq_time_us end)
{
    hq_buf day = HQ_BUF_ARENA(request->arena, 32);
    hq_day_write(&day, hq_day_of(end));
    request->answer.code = HQ_SV("HQ367");
    request->answer.why = (hq_why){
        .vi = hq_arena_printf(
            request->arena,
            "Đã hết thời hạn khai bổ sung sau thông quan (ngày %.*s; khoản 4 Điều 29 Luật Hải quan "
            "54/2014/QH13): hãy gửi văn bản tới đơn vị kiểm tra sau thông quan",
            HQ_SV_FMT(hq_buf_view(&day))),
        .en = hq_arena_printf(
            request->arena,
            "The time to amend after clearance ended on %.*s (Customs Law 54/2014/QH13 Art 29(4)): "
            "write to the post-clearance audit unit",
            HQ_SV_FMT(hq_buf_view(&day))),
    };
    return HQ_FAIL(CONFLICT);
}

static hq_status check_tenth(const hq_clr__amend *a, const hq_clr__life *life, const hq_ref *ref)
{
    hq_clr__amendment *list;
    size_t count;
    hq_day today = hq_day_of(a->amendment.at);
    int64_t most = hq_ref_term_amount(ref, HQ_SV("AMENDMENTS_MAX"), today);
    HQ_TRY(hq_clr__amendments_read(&list, &count, life, a->request->arena));
    most = most > HQ_CLR__AMENDMENTS_MAX ? HQ_CLR__AMENDMENTS_MAX : most; /* one digit */
    bool full = a->moment != HQ_CLR__GONE && hq_clr__amendment_count(list, count, false) >= most;
    return full ? refuse_tenth(a->request, most) : HQ_DONE;
}

static hq_status check_time(hq_clr__amend *a, const hq_ref *ref)
{
    hq_time_us left = 0;
    hq_time_us cleared = 0;
    bool checked = a->moment != HQ_CLR__HELD;
    a->amendment.due = hq_ref_term_end(
        ref, checked ? HQ_SV("AMENDMENT_ANSWER_CHECKED") : HQ_SV("AMENDMENT_ANSWER"),
        a->before.office, a->amendment.at);
    HQ_TRY(find_leaving(&left, &cleared, a));
    a->gone = left == 0 ? 0 : hq_day_of(left);
    if (a->moment != HQ_CLR__GONE || a->ordered) {
        return HQ_DONE;
    }
    hq_time_us end =
        hq_ref_term_end(ref, HQ_SV("AMENDMENT_AFTER_CLEARANCE"), a->before.office, cleared);
    return a->amendment.at > end ? refuse_late(a->request, end) : HQ_DONE;
}

hq_status hq_clr__amend_new(hq_clr__amend **out, hq_clearance *clearance, hq_request *request,
                            const hq_clr__row *before, bool ordered)
{
    hq_clr__life life;
    hq_clr__amend *a = HQ_NEW(request->arena, hq_clr__amend);
    if (a == NULL) {
        return HQ_FAIL(NOMEM);
    }
    *out = a;
    a->clearance = clearance;
    a->request = request;
    a->ordered = ordered;
    a->before = *before;
    a->amendment.at = hq_now(clearance->clock);
    a->amendment.by = request->caller->id;
    a->amendment.before_version = before->content_version;
    if (hq_clr__move_find(before->status, HQ_VERB_AMEND, NULL) == NULL) {
        return hq_clr__impossible(request, before->status, HQ_VERB_AMEND);
    }
    HQ_TRY(hq_clr__life_unpack(&life, before->life));
    a->moment = hq_clr__moment_of(before, &life, request->arena);
    a->amendment.after_clearance = a->moment == HQ_CLR__GONE;
    const hq_ref *ref = hq_reference_acquire(clearance->reference);
    hq_status s = check_tenth(a, &life, ref);
    s = hq_ok(s) ? check_time(a, ref) : s;
    hq_reference_release(clearance->reference, ref);
    HQ_TRY(s);
    HQ_TRY(hq_doc_parse(&a->old_doc, before->body, request->arena));
    HQ_TRY(hq_clr__filing_new(&a->filing, clearance, request, false));
    a->filing->amends = true;
    a->filing->low_value = life.low_value;
    a->filing->carrier = before->agent;
    a->filing->id = before->id; /* what it has drawn is its own */
    a->filing->at = a->amendment.at;
    a->filing->day = hq_day_of(before->registered_at);
    return HQ_DONE;
}

/* ------------------------------------------------------------------ the new content */

hq_status hq_clr__amend_by_document(hq_clr__amend *a, const hq_json *declaration)
{
    a->new_doc = hq_doc_read(declaration, a->request->arena);
    return a->new_doc == NULL ? HQ_FAIL(NOMEM) : HQ_DONE;
}

static hq_status put_change(hq_clr__amend *a, const hq_json *change, size_t index)
{
    hq_arena *arena = a->request->arena;
    hq_findings *findings = &a->filing->findings;
    hq_sv pointer = hq_json_get_text(change, "path");
    const hq_json *given = hq_json_get(change, "value");
    hq_doc *value = given == NULL ? NULL : hq_doc_read(given, arena);
    hq_sv path = hq_arena_printf(arena, "/changes/%zu", index);
    if (given == NULL) {
        hq_findings_add(findings, "HQ003", path, hq_findings__json_of(arena, change),
                        HQ_ARGS(pointer.ptr == NULL ? HQ_SV("path, value") : HQ_SV("value")));
        return HQ_DONE;
    }
    if (value == NULL) {
        return HQ_FAIL(NOMEM);
    }
    switch (hq_doc_put(a->new_doc, pointer, value, arena)) {
    case HQ_DOC_DONE:
        return HQ_DONE;
    case HQ_DOC_NO_MEMORY:
        return HQ_FAIL(NOMEM);
    case HQ_DOC_NO_POINTER:
    case HQ_DOC_NOT_THERE:
        break;
    }
    hq_findings_add(findings, "HQ365", hq_arena_printf(arena, "%.*s/path", HQ_SV_FMT(path)),
                    hq_findings__json_text(arena, pointer),
                    HQ_ARGS(pointer.ptr == NULL ? HQ_SV("(path)") : pointer));
    return HQ_DONE;
}

hq_status hq_clr__amend_by_pointers(hq_clr__amend *a, const hq_json *changes)
{
    size_t index = 0;
    HQ_TRY(hq_doc_parse(&a->new_doc, a->before.body, a->request->arena));
    for (const hq_json *c = hq_json_first(changes); c != NULL; c = hq_json_next(changes, c)) {
        HQ_TRY(put_change(a, c, index++));
    }
    return HQ_DONE;
}

hq_status hq_clr__amend_by_amendment(hq_clr__amend *a, const hq_clr__amendment *asked)
{
    a->amendment.by = asked->by;
    a->amendment.at = asked->at;
    a->amendment.due = asked->due;
    a->amendment.id = asked->id;
    a->amendment.matter = asked->matter;
    HQ_TRY(hq_doc_parse(&a->new_doc, a->before.body, a->request->arena));
    return hq_clr__changes_apply(a->new_doc, asked->lines, asked->header, a->request->arena);
}

/* ------------------------------------------------------------------ preparing */

/* As text with the bytes after it that the decoder reads. */
static hq_status render(hq_sv *out, const hq_doc *doc, hq_arena *arena)
{
    hq_buf text = HQ_BUF_ARENA(arena, DOCUMENT_MAX);
    hq_json_w w = hq_json_writer(&text);
    hq_doc_write(&w, doc);
    HQ_TRY(hq_buf_status(&text));
    *out = hq_clr__padded(hq_buf_view(&text), arena);
    return out->ptr == NULL ? HQ_FAIL(NOMEM) : HQ_DONE;
}

/* It passed once, so findings are of no interest. */
static hq_status decode_old(hq_clr__amend *a)
{
    hq_findings none = { .arena = a->request->arena };
    hq_sv body = hq_clr__padded(a->before.body, a->request->arena);
    return body.ptr == NULL ? HQ_FAIL(NOMEM)
                            : hq_declaration_decode(&a->old, &none, body, a->request->arena, NULL);
}

hq_status hq_clr__amend_prepare(hq_clr__amend *a, hq_sv reason_code, hq_sv reason)
{
    hq_sv text;
    bool recomputes = hq_sv_eq(reason_code, HQ_SV(HQ_CLR__TAX_CALCULATION));
    a->amendment.reason_code = reason_code;
    a->amendment.reason = reason;
    /* The tables as they were known when it was assessed: what was corrected in them since changes
     * no declaration that stood on it, unless it is the computation itself that is amended. */
    a->filing->as_of = recomputes ? 0 : a->before.reference_version;
    HQ_TRY(hq_clr__changes_between(&a->changes, a->old_doc, a->new_doc, a->request->arena));
    a->amendment.lines = a->changes.lines;
    a->amendment.header = a->changes.header;
    const hq_ref *ref = hq_reference_acquire(a->clearance->reference);
    hq_status s = hq_clr__amend_find(a, ref);
    hq_reference_release(a->clearance->reference, ref);
    HQ_TRY(s);
    HQ_TRY(decode_old(a));
    HQ_TRY(render(&text, a->new_doc, a->request->arena));
    return hq_clr__filing_build(a->filing, text, hq_clr__amend_compare, a);
}

hq_status hq_clr__amend_impose_prepare(hq_clr__amend **out, hq_clearance *clearance,
                                       hq_request *request, const hq_clr__row *before,
                                       const hq_json *changes, hq_sv reason_code, hq_sv reason,
                                       hq_sv matter)
{
    HQ_TRY(hq_clr__amend_new(out, clearance, request, before, true));
    (*out)->amendment.matter = matter;
    HQ_TRY(hq_clr__amend_by_pointers(*out, changes));
    return hq_clr__amend_prepare(*out, reason_code, reason);
}
