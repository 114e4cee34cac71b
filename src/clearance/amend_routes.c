/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/amend.h"

#include "clearance/declare.h"
#include "clearance/index.h"
#include "clearance/proposals.h"
#include "clearance/step.h"

/* POST .../amendments and the decisions on it. The declarant asks: 202 with the number of what he
 * asked for. An officer who sends the same carries it out, as he does with /acceptance; a head may
 * amend without being asked. */

#define TEXT_CHARACTERS 2000

typedef struct {
    hq_sv reason_code, reason, matter;
    const hq_json *declaration, *changes; /* one of them */
} amendment_body;

typedef struct {
    hq_clr__amend *amend; /* NULL: nothing is carried out */
    hq_clearance *clearance;
    hq_request *request;
    int64_t id;
    hq_sv amendment; /* its id, empty: a new one */
    hq_clr__amendment_state state;
    hq_sv note;
    hq_clr__row out;
    hq_sv wished; /* the answer of a wish, as JSON */
} deciding;

/* ------------------------------------------------------------------ body */

static bool too_long(hq_sv text)
{
    return text.len > 4 * TEXT_CHARACTERS || hq_utf8_length(text) > TEXT_CHARACTERS;
}

static hq_status read_reason(amendment_body *b, hq_request *request, const hq_json *body)
{
    b->reason_code = hq_json_get_text(body, "reason_code");
    b->reason = hq_sv_trim(hq_json_get_text(body, "reason"));
    b->matter = hq_json_get_text(body, "matter");
    if (b->reason_code.len != 1 || b->reason_code.ptr[0] < '1' || b->reason_code.ptr[0] > '6') {
        return HQ_CLR__REFUSE(
            request, INVALID, "/reason_code",
            "reason_code phải là 1 (tính thuế), 2 (trị giá), 3 (thuế suất), 4 (mã HS), 5 (số "
            "lượng) hoặc 6 (khác), viết trong chuỗi",
            "reason_code must be 1 (tax calculation), 2 (customs value), 3 (rate), 4 (HS code), 5 "
            "(quantity) or 6 (other), in a string");
    }
    if (b->reason.len == 0 || too_long(b->reason)) {
        return HQ_CLR__REFUSE(request, INVALID, "/reason",
                              "Hãy nêu lý do khai bổ sung (reason), tối đa 2000 ký tự",
                              "State the reason of the amendment, at most 2000 characters");
    }
    if (b->matter.len > 64) {
        return HQ_CLR__REFUSE(request, INVALID, "/matter", "matter dài tối đa 64 byte",
                              "matter has at most 64 bytes");
    }
    return HQ_DONE;
}

static const hq_json *given(const hq_json *body, const char *name)
{
    const hq_json *member = hq_json_get(body, name);
    return member == NULL || member->type == HQ_JSON_NULL ? NULL : member;
}

static hq_status read_body(amendment_body *b, hq_request *request)
{
    static const hq_clr__member members[] = { { "reason_code", HQ_JSON_STRING },
                                              { "reason", HQ_JSON_STRING },
                                              { "matter", HQ_JSON_STRING },
                                              { "declaration", HQ_JSON_OBJECT },
                                              { "changes", HQ_JSON_ARRAY } };
    const hq_json *body;
    HQ_TRY(hq_clr__body_read(&body, request, members, sizeof members / sizeof members[0]));
    HQ_TRY(read_reason(b, request, body));
    b->declaration = given(body, "declaration");
    b->changes = given(body, "changes");
    if ((b->declaration == NULL) == (b->changes == NULL)) {
        return HQ_CLR__REFUSE(
            request, INVALID, "",
            "Hãy nêu một trong hai: declaration (toàn bộ tờ khai mới) hoặc changes ([{\"path\", "
            "\"value\"}])",
            "State one of the two: declaration (all of it, as it should be) or changes "
            "([{\"path\", "
            "\"value\"}])");
    }
    return HQ_DONE;
}

/* ------------------------------------------------------------------ what is open */

static hq_status read_list(hq_clr__amendment **list, size_t *count, hq_clr__life *life,
                           const hq_clr__row *row, hq_arena *arena)
{
    HQ_TRY(hq_clr__life_unpack(life, row->life));
    return hq_clr__amendments_read(list, count, life, arena);
}

static const hq_clr__amendment *open_one(const hq_clr__amendment *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (list[i].state == HQ_AMENDMENT_REQUESTED) {
            return &list[i];
        }
    }
    return NULL;
}

static hq_clr__amendment *by_id(hq_clr__amendment *list, size_t count, hq_sv id)
{
    for (size_t i = 0; i < count; i++) {
        if (hq_sv_eq(list[i].id, id)) {
            return &list[i];
        }
    }
    return NULL;
}

static hq_status still_open(hq_request *request)
{
    return HQ_CLR__REFUSE(request, CONFLICT, "",
                          "Đang có một đề nghị khai bổ sung chờ quyết định: hãy đợi, hoặc rút đề "
                          "nghị đó (withdrawal) "
                          "rồi gửi lại",
                          "An amendment that was asked for waits for its decision: wait, or "
                          "withdraw it, then ask again");
}

static hq_status decided_already(hq_request *request)
{
    return HQ_CLR__REFUSE(request, CONFLICT, "",
                          "Đề nghị khai bổ sung này đã được quyết định hoặc đã rút; xem amendments",
                          "This amendment was decided or withdrawn already; see amendments");
}

static hq_status no_such(hq_request *request)
{
    return HQ_CLR__REFUSE(request, NOT_FOUND, "/id", "Tờ khai không có khai bổ sung mang mã này",
                          "The declaration has no amendment of this id");
}

/* ------------------------------------------------------------------ answers */

static hq_status answer_wish(hq_request *request, hq_sv json)
{
    request->answer.http = 202;
    request->answer.body = HQ_BUF_ARENA(request->arena, HQ_CLR__RECORD_MAX);
    hq_buf_sv(&request->answer.body, json);
    return hq_buf_status(&request->answer.body);
}

static hq_status after_deciding(hq_request *request, hq_status written, void *user)
{
    deciding *d = user;
    if (hq_failed(written)) {
        return d->amend == NULL ? written : hq_clr__filing_refused(d->amend->filing, written);
    }
    if (d->wished.len > 0) {
        return answer_wish(request, d->wished);
    }
    hq_clr__index_note(d->clearance->index, d->out.trader, d->out.reference, d->out.id);
    return hq_clr__row_answer(request, d->clearance, &d->out);
}

/* The same request again: what was answered first. */
static hq_status answer_again(hq_request *request, hq_sv remembered, void *user)
{
    deciding *d = user;
    hq_clr__row row;
    hq_clr__record record = { .row = &row };
    if (remembered.len > 0 && remembered.ptr[0] == '{') {
        return answer_wish(request, remembered);
    }
    HQ_TRY(hq_clr__recall(&row, &record.assessment, request, remembered, d->clearance));
    return hq_clr__record_answer(request, d->clearance, &record);
}

/* ------------------------------------------------------------------ asking */

static hq_sv wish_members(const hq_clr__amendment *a, hq_arena *arena)
{
    hq_buf buf = HQ_BUF_ARENA(arena, 1024);
    hq_json_w w = hq_json_writer(&buf);
    HQ_JSON_KEY(&w, "amendment");
    hq_json_text(&w, a->id);
    HQ_JSON_KEY(&w, "reason_code");
    hq_json_text(&w, a->reason_code);
    HQ_JSON_KEY(&w, "difference");
    hq_json_raw(&w, a->difference);
    HQ_JSON_KEY(&w, "due");
    hq_json_time(&w, a->due);
    return hq_buf_view(&buf);
}

static hq_status put_wish(deciding *d, const hq_clr__amendment *a)
{
    hq_buf text = HQ_BUF_ARENA(d->request->arena, HQ_CLR__RECORD_MAX);
    hq_json_w w = hq_json_writer(&text);
    hq_json_open(&w, '{');
    HQ_JSON_KEY(&w, "approval");
    hq_json_text(&w, a->id);
    HQ_JSON_KEY(&w, "amendment");
    hq_clr__amendment_json(&w, a);
    hq_json_close(&w, '}');
    d->wished = hq_buf_view(&text);
    d->request->remember = d->wished;
    return hq_buf_status(&text);
}

static hq_status write_wish(hq_tx *tx, void *user)
{
    deciding *d = user;
    hq_arena *arena = d->request->arena;
    hq_clr__amend *a = d->amend;
    hq_clr__life life;
    hq_clr__amendment *list;
    size_t count;
    HQ_TRY(hq_clr__amend_load(a, tx));
    HQ_TRY(read_list(&list, &count, &life, &a->out, arena));
    if (open_one(list, count) != NULL) {
        return still_open(d->request);
    }
    hq_clr__amendment wish = a->amendment;
    wish.id = hq_arena_printf(arena, "A%zu", count + 1);
    hq_clr__amendment *all = HQ_NEW_ARRAY(arena, hq_clr__amendment, count + 1);
    if (all == NULL) {
        return HQ_FAIL(NOMEM);
    }
    if (count > 0) {
        memcpy(all, list, count * sizeof *all);
    }
    all[count] = wish;
    HQ_TRY(hq_clr__amendments_write(&life, all, count + 1, arena));
    HQ_TRY(hq_clr__life_pack(&a->out.life, &life, arena));
    int64_t was = a->out.version;
    hq_clr__event event = { HQ_SV("declaration.amendment_requested"), d->request->caller->id,
                            a->filing->at, wish_members(&wish, arena) };
    HQ_TRY(hq_clr__row_event(&a->out, tx, &event, arena));
    HQ_TRY(hq_clr__row_update(tx, &a->out, was));
    return put_wish(d, &wish);
}

/* ------------------------------------------------------------------ carrying out */

static hq_status write_acceptance(hq_tx *tx, void *user)
{
    deciding *d = user;
    hq_clr__amend *a = d->amend;
    hq_clr__life life;
    hq_clr__amendment *list;
    size_t count;
    HQ_TRY(hq_clr__amend_load(a, tx));
    HQ_TRY(read_list(&list, &count, &life, &a->out, d->request->arena));
    const hq_clr__amendment *asked = by_id(list, count, d->amendment);
    if (asked == NULL || asked->state != HQ_AMENDMENT_REQUESTED) {
        return decided_already(d->request);
    }
    a->done = a->amendment;
    a->done.id = asked->id;
    a->done.state = HQ_AMENDMENT_ACCEPTED;
    a->done.decided_by = d->request->caller->id;
    a->done.note = d->note;
    HQ_TRY(hq_clr__amend_carry_out(a, tx, &life));
    d->out = a->out;
    return hq_clr__row_remember(&d->request->remember, &d->out, d->request->arena);
}

static hq_status write_imposition(hq_tx *tx, void *user)
{
    deciding *d = user;
    HQ_TRY(hq_clr__amend_impose(d->amend, tx, NULL, NULL));
    d->out = d->amend->out;
    return hq_clr__row_remember(&d->request->remember, &d->out, d->request->arena);
}

/* May he amend without having been asked: heads, and whom a head gave this act. */
static hq_status may_impose(deciding *d, const hq_clr__row *row)
{
    hq_clr__amendment *a = &d->amend->amendment;
    if (hq_clr__may_decide(&a->decided_for, d->clearance, d->request->caller, row,
                           HQ_VERB_AMEND)) {
        return HQ_DONE;
    }
    return HQ_CLR__REFUSE(
        d->request, FORBIDDEN, "",
        "Công chức quyết định đề nghị của người khai, không tự khai bổ sung thay: hãy yêu cầu "
        "người "
        "khai khai bổ sung, hoặc trình lãnh đạo chi cục ấn định",
        "An officer decides on what the declarant asks and does not amend of his own: order the "
        "amendment, or have the branch head impose it");
}

/* Is this what the open request asks for? Then the officer's call is its acceptance. */
static bool same_wish(const hq_clr__amendment *asked, const hq_clr__amendment *sent)
{
    return asked != NULL && hq_sv_eq(asked->lines, sent->lines) &&
           hq_sv_eq(asked->header, sent->header) && hq_sv_eq(asked->reason_code, sent->reason_code);
}

static hq_status customs_amends(deciding *d, const hq_clr__row *row)
{
    hq_clr__life life;
    hq_clr__amendment *list;
    size_t count;
    HQ_TRY(read_list(&list, &count, &life, row, d->request->arena));
    const hq_clr__amendment *asked = open_one(list, count);
    if (same_wish(asked, &d->amend->amendment)) {
        hq_clr__amendment *a = &d->amend->amendment;
        d->amendment = asked->id;
        a->by = asked->by;
        a->at = asked->at;
        a->due = asked->due;
        a->reason = asked->reason;
        a->matter = asked->matter;
        return hq_request_write(d->request, write_acceptance, after_deciding, d);
    }
    HQ_TRY(may_impose(d, row));
    return hq_request_write(d->request, write_imposition, after_deciding, d);
}

/* ------------------------------------------------------------------ routes */

static hq_status deciding_new(deciding **out, hq_clr__row *row, hq_request *request, void *room,
                              hq_deed deed)
{
    deciding *d = HQ_NEW(request->arena, deciding);
    if (d == NULL) {
        return HQ_FAIL(NOMEM);
    }
    HQ_TRY(hq_clr__find(row, request, room, true, deed));
    d->clearance = room;
    d->request = request;
    d->id = row->id;
    *out = d;
    return HQ_DONE;
}

hq_status hq_clr__post_amendments(hq_request *request, void *room)
{
    hq_clr__row row;
    deciding *d;
    amendment_body b;
    bool asks = request->caller->role == HQ_ROLE_DECLARANT;
    HQ_TRY(deciding_new(&d, &row, request, room, asks ? HQ_MAY_FILE : HQ_MAY_ACT));
    request->again = answer_again;
    request->write_user = d;
    HQ_TRY(read_body(&b, request));
    HQ_TRY(hq_clr__amend_new(&d->amend, d->clearance, request, &row, !asks));
    d->amend->amendment.matter = b.matter;
    HQ_TRY(b.declaration != NULL ? hq_clr__amend_by_document(d->amend, b.declaration)
                                 : hq_clr__amend_by_pointers(d->amend, b.changes));
    HQ_TRY(hq_clr__amend_prepare(d->amend, b.reason_code, b.reason));
    return asks ? hq_request_write(request, write_wish, after_deciding, d)
                : customs_amends(d, &row);
}

static hq_status read_note(hq_sv *out, hq_request *request, const char *name, bool required)
{
    const hq_clr__member member = { name, HQ_JSON_STRING };
    const hq_json *body;
    HQ_TRY(hq_clr__body_read(&body, request, &member, 1));
    *out = hq_sv_trim(hq_json_get_text(body, name));
    if (too_long(*out) || (required && out->len == 0)) {
        request->answer.why = (hq_why){
            .path = hq_arena_printf(request->arena, "/%s", name),
            .vi = hq_arena_printf(request->arena, "Hãy nêu %s, tối đa 2000 ký tự", name),
            .en = hq_arena_printf(request->arena, "State the %s, at most 2000 characters", name),
        };
        return HQ_FAIL(INVALID);
    }
    return HQ_DONE;
}

/* The open one that the path names. */
static hq_status find_asked(const hq_clr__amendment **out, deciding *d, const hq_clr__row *row)
{
    hq_clr__life life;
    hq_clr__amendment *list;
    size_t count;
    HQ_TRY(read_list(&list, &count, &life, row, d->request->arena));
    *out = by_id(list, count, d->request->params[1]);
    if (*out == NULL) {
        return no_such(d->request);
    }
    d->amendment = (*out)->id;
    return (*out)->state == HQ_AMENDMENT_REQUESTED ? HQ_DONE : decided_already(d->request);
}

hq_status hq_clr__post_amendment_acceptance(hq_request *request, void *room)
{
    hq_clr__row row;
    deciding *d;
    const hq_clr__amendment *asked;
    HQ_TRY(deciding_new(&d, &row, request, room, HQ_MAY_ACT));
    HQ_TRY(read_note(&d->note, request, "note", false));
    HQ_TRY(find_asked(&asked, d, &row));
    /* The declarant kept the time when he asked: `ordered` leaves it aside. */
    HQ_TRY(hq_clr__amend_new(&d->amend, d->clearance, request, &row, true));
    HQ_TRY(hq_clr__amend_by_amendment(d->amend, asked));
    HQ_TRY(hq_clr__amend_prepare(d->amend, asked->reason_code, asked->reason));
    return hq_request_write(request, write_acceptance, after_deciding, d);
}

static hq_status write_ending(hq_tx *tx, void *user)
{
    deciding *d = user;
    hq_arena *arena = d->request->arena;
    hq_clr__life life;
    hq_clr__amendment *list;
    size_t count;
    bool refused = d->state == HQ_AMENDMENT_REFUSED;
    HQ_TRY(hq_clr__row_load_full(&d->out, tx, d->id, arena));
    HQ_TRY(read_list(&list, &count, &life, &d->out, arena));
    hq_clr__amendment *a = by_id(list, count, d->amendment);
    if (a == NULL || a->state != HQ_AMENDMENT_REQUESTED) {
        return decided_already(d->request);
    }
    a->state = d->state;
    a->decided_by = d->request->caller->id;
    a->decided_at = hq_now(d->clearance->clock);
    a->note = d->note;
    HQ_TRY(hq_clr__amendments_write(&life, list, count, arena));
    HQ_TRY(hq_clr__life_pack(&d->out.life, &life, arena));
    int64_t was = d->out.version;
    d->out.changed_at = a->decided_at;
    hq_clr__event event = { refused ? HQ_SV("declaration.amendment_refused")
                                    : HQ_SV("declaration.amendment_withdrawn"),
                            d->request->caller->id, a->decided_at,
                            hq_arena_printf(arena, "\"amendment\":\"%.*s\"", HQ_SV_FMT(a->id)) };
    HQ_TRY(hq_clr__row_event(&d->out, tx, &event, arena));
    return hq_clr__row_update(tx, &d->out, was);
}

static hq_status end_asked(hq_request *request, void *room, hq_clr__amendment_state state)
{
    hq_clr__row row;
    deciding *d;
    const hq_clr__amendment *asked;
    bool refuses = state == HQ_AMENDMENT_REFUSED;
    HQ_TRY(deciding_new(&d, &row, request, room, refuses ? HQ_MAY_ACT : HQ_MAY_FILE));
    d->state = state;
    HQ_TRY(read_note(&d->note, request, "reason", refuses));
    HQ_TRY(find_asked(&asked, d, &row));
    return hq_request_write(request, write_ending, after_deciding, d);
}

hq_status hq_clr__post_amendment_refusal(hq_request *request, void *room)
{
    return end_asked(request, room, HQ_AMENDMENT_REFUSED);
}

hq_status hq_clr__post_amendment_withdrawal(hq_request *request, void *room)
{
    return end_asked(request, room, HQ_AMENDMENT_WITHDRAWN);
}
