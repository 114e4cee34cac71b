/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/step.h"

#include "clearance/findings.h"
#include "clearance/passage.h"
#include "clearance/proposals.h"

/* ------------------------------------------------------------------ refusing */

hq_status hq_clr__impossible(hq_request *request, hq_declaration_status status, hq_clr__verb verb)
{
    const char *name = hq_declaration_status_name(status);
    hq_buf members = HQ_BUF_ARENA(request->arena, 1024);
    hq_json_w w = hq_json_writer(&members);
    HQ_JSON_KEY(&w, "declaration_status");
    hq_json_text(&w, hq_sv_from_cstr(name));
    HQ_JSON_KEY(&w, "possible");
    hq_clr__possible_json(&w, status, HQ_ROLE_BIT(request->caller->role), NULL);
    request->answer.members = hq_buf_view(&members);
    request->answer.why = (hq_why){
        .vi = hq_arena_printf(request->arena,
                              "Tờ khai đang ở trạng thái %s, không thực hiện được %s; các bước có "
                              "thể làm nằm ở possible",
                              name, hq_clr__verbs[verb].path),
        .en = hq_arena_printf(request->arena,
                              "The declaration is %s, %s cannot be done now; possible has what can",
                              name, hq_clr__verbs[verb].path),
    };
    return HQ_FAIL(CONFLICT);
}

/* ------------------------------------------------------------------ bodies */

static const hq_clr__member *member_of(const hq_clr__member *members, size_t count, hq_sv name)
{
    for (size_t i = 0; i < count; i++) {
        if (hq_sv_eq(name, hq_sv_from_cstr(members[i].name))) {
            return &members[i];
        }
    }
    return NULL;
}

static void unknown_member(hq_findings *findings, const hq_json *value, hq_sv path,
                           const hq_clr__member *members, size_t count)
{
    hq_sv names[HQ_CLR__MEMBERS_MAX];
    size_t named = count < HQ_CLR__MEMBERS_MAX ? count : HQ_CLR__MEMBERS_MAX;
    for (size_t i = 0; i < named; i++) {
        names[i] = hq_sv_from_cstr(members[i].name);
    }
    hq_sv near = hq_sv_nearest(value->key, names, named);
    hq_sv seen = hq_findings__json_of(findings->arena, value);
    if (near.ptr != NULL) {
        hq_findings_add(findings, "HQ001", path, seen, HQ_ARGS(value->key, near));
    } else {
        hq_findings_add(findings, "HQ002", path, seen, HQ_ARGS(value->key));
    }
}

static hq_sv type_name(hq_json_type type)
{
    static const char *const names[] = { "null",   "boolean", "boolean", "number",
                                         "string", "array",   "object" };
    return hq_sv_from_cstr(names[type]);
}

/* TRUE stands for both booleans. */
static bool is_type(const hq_json *value, hq_json_type type)
{
    return value->type == type || (type == HQ_JSON_TRUE && value->type == HQ_JSON_FALSE);
}

static void check_member(hq_findings *findings, hq_sv under, const hq_json *value,
                         const hq_clr__member *members, size_t count)
{
    const hq_clr__member *member = member_of(members, count, value->key);
    hq_sv path =
        hq_arena_printf(findings->arena, "%.*s/%.*s", HQ_SV_FMT(under), HQ_SV_FMT(value->key));
    if (member == NULL) {
        unknown_member(findings, value, path, members, count);
    } else if (value->type != HQ_JSON_NULL && !is_type(value, member->type)) {
        hq_findings_add(
            findings, "HQ004", path, hq_findings__json_of(findings->arena, value),
            HQ_ARGS(value->key, type_name(member->type), type_name((hq_json_type)value->type)));
    }
}

void hq_clr__members_look(hq_findings *findings, hq_sv under, const hq_json *object,
                          const hq_clr__member *members, size_t count)
{
    for (const hq_json *c = hq_json_first(object); c != NULL; c = hq_json_next(object, c)) {
        check_member(findings, under, c, members, count);
    }
}

hq_status hq_clr__body_look(const hq_json **out, hq_findings *findings, hq_request *request,
                            const hq_clr__member *members, size_t count)
{
    static const hq_json empty = { .type = HQ_JSON_OBJECT, .skip = 1 };
    const hq_json *body = &empty;
    if (hq_sv_trim(request->body).len > 0) {
        HQ_TRY(hq_json_parse(&body, request->body, request->arena, &request->answer.why));
    }
    if (body->type != HQ_JSON_OBJECT) {
        return HQ_CLR__REFUSE(request, INVALID, "", "Nội dung phải là một đối tượng JSON {...}",
                              "The body must be one JSON object {...}");
    }
    hq_clr__members_look(findings, HQ_SV(""), body, members, count);
    *out = body;
    return HQ_DONE;
}

hq_status hq_clr__body_found(hq_request *request, const hq_findings *findings)
{
    if (findings->failed) {
        return HQ_FAIL(NOMEM);
    }
    if (findings->count == 0) {
        return HQ_DONE;
    }
    request->answer.findings = findings->items;
    request->answer.finding_count = findings->count;
    return HQ_CLR__REFUSE(request, INVALID, "", "Nội dung có lỗi; tất cả được nêu ở errors",
                          "The body has errors; all of them are in errors");
}

hq_status hq_clr__body_read(const hq_json **out, hq_request *request, const hq_clr__member *members,
                            size_t count)
{
    const hq_json *body = NULL;
    hq_findings findings = { .arena = request->arena };
    HQ_TRY(hq_clr__body_look(&body, &findings, request, members, count));
    if (out != NULL) {
        *out = body;
    }
    return hq_clr__body_found(request, &findings);
}

/* ------------------------------------------------------------------ changes */

/* What the verb is to the one function of scope. */
static hq_deed deed_of(const hq_caller *caller, hq_clr__verb verb)
{
    if (caller->role == HQ_ROLE_DECLARANT) {
        return HQ_MAY_FILE;
    }
    if (caller->role == HQ_ROLE_LABORATORY) {
        return HQ_MAY_ANALYSE;
    }
    if (verb == HQ_VERB_PASSAGE) {
        return HQ_MAY_PASS;
    }
    /* Also for the office where the goods lie; the verb itself says what it may there. */
    bool there = verb == HQ_VERB_HOLD || verb == HQ_VERB_LIFT || verb == HQ_VERB_GOODS_CHECK ||
                 verb == HQ_VERB_REFUSE || verb == HQ_VERB_WITHDRAW;
    return there ? HQ_MAY_SEE : HQ_MAY_ACT;
}

/* A delegate decides wherever his head does, also outside his own office. */
static hq_status find_row(hq_clr__row *row, hq_request *request, void *room, hq_clr__verb verb)
{
    hq_sv on_behalf;
    const hq_caller *caller = request->caller;
    hq_status s = hq_clr__find(row, request, room, false, deed_of(caller, verb));
    if (hq_ok(s) || caller->delegated_count == 0) {
        return s;
    }
    HQ_TRY(hq_clr__find(row, request, room, false, HQ_MAY_SEE));
    return hq_clr__may_decide(&on_behalf, room, caller, row, verb) ? HQ_DONE : s;
}

hq_status hq_clr__change_new(hq_clr__change **out, hq_request *request, void *room,
                             hq_clr__verb verb)
{
    hq_clr__row row;
    hq_clr__change *c = HQ_NEW(request->arena, hq_clr__change);
    if (c == NULL) {
        return HQ_FAIL(NOMEM);
    }
    HQ_TRY(find_row(&row, request, room, verb));
    c->clearance = room;
    c->request = request;
    c->verb = verb;
    c->id = row.id;
    c->at = hq_now(c->clearance->clock);
    c->day = hq_day_of(c->at);
    c->draw = hq_random_u64();
    *out = c;
    return HQ_DONE;
}

#define WAITS "approval/"

static hq_status remember(hq_clr__change *c)
{
    hq_buf text = HQ_BUF_ARENA(c->request->arena, 64);
    if (!c->pending) {
        return hq_clr__row_remember(&c->request->remember, &c->out, c->request->arena);
    }
    hq_buf_lit(&text, WAITS);
    hq_id_write(&text, &c->approval);
    c->request->remember = hq_buf_view(&text);
    return hq_buf_status(&text);
}

static hq_status write_change(hq_tx *tx, void *user)
{
    hq_clr__change *c = user;
    c->unchanged = false;
    c->explained = false;
    c->pending = false;
    HQ_TRY(hq_clr__row_load_full(&c->out, tx, c->id, c->request->arena));
    int64_t was = c->out.version;
    hq_declaration_status status = c->out.status;
    HQ_TRY(c->apply(c, tx, &c->out));
    if (c->out.status != status) {
        HQ_TRY(hq_clr__proposals_lapse(tx, &c->out, c->at, c->request->arena));
    }
    if (!c->unchanged) {
        HQ_TRY(hq_clr__row_update(tx, &c->out, was));
    }
    return c->request->again == NULL ? HQ_DONE : remember(c);
}

/* The record; an operator needs less and is told less. */
static hq_status answer_row(hq_request *request, hq_clearance *clearance, const hq_clr__row *row)
{
    return request->caller->role == HQ_ROLE_OPERATOR ? hq_clr__pass_answer(request, row)
                                                     : hq_clr__row_answer(request, clearance, row);
}

static hq_status after_change(hq_request *request, hq_status written, void *user)
{
    hq_clr__change *c = user;
    if (written.code == HQ_E_CONFLICT && !c->explained) {
        return hq_clr__impossible(request, c->out.status, c->verb);
    }
    HQ_TRY(written);
    if (c->pending) {
        return hq_approval_answer(request, &c->approval);
    }
    return c->answer != NULL ? c->answer(c) : answer_row(request, c->clearance, &c->out);
}

/* The record as the change left it, whatever has happened to it since. */
static hq_status again_change(hq_request *request, hq_sv remembered, void *user)
{
    const hq_clr__change *c = user;
    hq_clr__row row;
    hq_id approval;
    if (hq_sv_starts(remembered, HQ_SV(WAITS))) {
        HQ_TRY(hq_id_parse(&approval, hq_sv_sub(remembered, sizeof WAITS - 1, remembered.len)));
        return hq_approval_answer(request, &approval);
    }
    HQ_TRY(hq_clr__row_recall_full(&row, remembered, c->clearance, request->arena));
    return answer_row(request, c->clearance, &row);
}

void hq_clr__change_keyed(hq_clr__change *c)
{
    c->request->again = again_change;
    c->request->write_user = c;
}

hq_status hq_clr__change_write(hq_clr__change *c, hq_clr__apply_fn apply)
{
    c->apply = apply;
    return hq_request_write(c->request, write_change, after_change, c);
}
