/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/verbs.h"

#include "clearance/dialogue.h"
#include "clearance/facts.h"
#include "clearance/holds.h"
#include "clearance/matters.h"
#include "clearance/pauses.h"

/* ------------------------------------------------------------------ presenting */

/* End of the legal clock that begins now: documents where it is registered, goods where they lie.
 */
static hq_time_us clock_end(const hq_clr__change *c, const hq_clr__row *row)
{
    bool goods = c->verb == HQ_VERB_GOODS_PRESENTED && row->goods_office.len > 0;
    const hq_ref *ref = hq_reference_acquire(c->clearance->reference);
    hq_sv term =
        c->verb == HQ_VERB_DOCUMENTS_COMPLETE ? HQ_SV("DOCUMENT_CHECK") : HQ_SV("GOODS_CHECK");
    hq_time_us end = hq_ref_term_end(ref, term, goods ? row->goods_office : row->office, c->at);
    hq_reference_release(c->clearance->reference, ref);
    return end;
}

static hq_sv presented_members(const hq_clr__presented *p, bool confirmed, hq_arena *arena)
{
    hq_buf buf = HQ_BUF_ARENA(arena, 256);
    hq_json_w w = hq_json_writer(&buf);
    HQ_JSON_KEY(&w, "confirmed");
    hq_json_bool(&w, confirmed);
    HQ_JSON_KEY(&w, "due");
    hq_json_time(&w, p->due);
    return hq_buf_view(&buf);
}

/* The declarant's word starts the clock; the officer's confirms it, or starts it too when the
 * papers were handed to him. Saying it twice changes nothing. */
static hq_status present(hq_clr__change *c, hq_tx *tx, hq_clr__row *row)
{
    hq_clr__life life;
    bool confirms = c->request->caller->role != HQ_ROLE_DECLARANT;
    HQ_TRY(hq_clr__life_unpack(&life, row->life));
    hq_clr__presented *p = c->verb == HQ_VERB_DOCUMENTS_COMPLETE ? &life.documents : &life.goods;
    hq_clr__facts facts = { .channel = (hq_channel)row->channel };
    if (hq_clr__move_find(row->status, c->verb, &facts) == NULL) {
        return HQ_FAIL(CONFLICT);
    }
    if (confirms ? p->confirmed_at != 0 : p->at != 0) {
        c->unchanged = true;
        return HQ_DONE;
    }
    if (p->at == 0) {
        p->at = c->at;
        p->by = c->request->caller->id;
        p->due = clock_end(c, row);
    }
    if (confirms) {
        p->confirmed_at = c->at;
        p->confirmed_by = c->request->caller->id;
    }
    HQ_TRY(hq_clr__life_pack(&row->life, &life, c->request->arena));
    hq_clr__step step = { .verb = c->verb,
                          .facts = facts,
                          .actor = c->request->caller->id,
                          .at = c->at,
                          .more = presented_members(p, confirms, c->request->arena) };
    return hq_clr__row_move(row, tx, &step, c->request->arena);
}

static hq_status post_presented(hq_request *request, void *room, hq_clr__verb verb)
{
    hq_clr__change *c;
    HQ_TRY(hq_clr__change_new(&c, request, room, verb));
    HQ_TRY(hq_clr__body_read(NULL, request, NULL, 0));
    return hq_clr__change_write(c, present);
}

hq_status hq_clr__post_documents_complete(hq_request *request, void *room)
{
    return post_presented(request, room, HQ_VERB_DOCUMENTS_COMPLETE);
}

hq_status hq_clr__post_goods_presented(hq_request *request, void *room)
{
    return post_presented(request, room, HQ_VERB_GOODS_PRESENTED);
}

/* ------------------------------------------------------------------ checks */

typedef struct {
    hq_sv result, note, lines, evidence;
    int64_t minutes;
    bool has_minutes;
} check_body;

static hq_status read_result(check_body *b, hq_request *request, const hq_json *body)
{
    b->result = hq_json_get_text(body, "result");
    if (hq_sv_eq(b->result, HQ_SV("satisfactory")) || hq_sv_eq(b->result, HQ_SV("discrepancy"))) {
        return HQ_DONE;
    }
    return HQ_CLR__REFUSE(
        request, INVALID, "/result",
        "result phải là \"satisfactory\" (đạt) hoặc \"discrepancy\" (có sai lệch)",
        "result must be \"satisfactory\" or \"discrepancy\"");
}

static hq_status read_check(check_body *b, hq_request *request, const hq_json *body)
{
    const hq_json *minutes = hq_json_get(body, "minutes");
    const hq_json *lines = hq_json_get(body, "lines");
    const hq_json *evidence = hq_json_get(body, "evidence");
    HQ_TRY(read_result(b, request, body));
    b->note = hq_json_get_text(body, "note");
    b->has_minutes = hq_json_get_i64(&b->minutes, body, "minutes");
    bool given = minutes != NULL && minutes->type != HQ_JSON_NULL;
    if (given && (!b->has_minutes || b->minutes < 0 || b->minutes > 100000)) {
        return HQ_CLR__REFUSE(request, INVALID, "/minutes",
                              "minutes phải là số phút, số nguyên từ 0 đến 100000",
                              "minutes must be a whole number from 0 to 100000");
    }
    if (b->note.len > 8000 || hq_utf8_length(b->note) > 2000) {
        return HQ_CLR__REFUSE(request, INVALID, "/note", "note dài tối đa 2000 ký tự",
                              "note has at most 2000 characters");
    }
    b->lines = lines != NULL && lines->type == HQ_JSON_ARRAY ? lines->text : HQ_SV("[]");
    b->evidence =
        evidence != NULL && evidence->type == HQ_JSON_ARRAY ? evidence->text : HQ_SV("[]");
    return HQ_DONE;
}

static bool discrepant(const check_body *b)
{
    return hq_sv_eq(b->result, HQ_SV("discrepancy"));
}

/* Members of the event; the note stays in the record, it may name people. */
static hq_sv check_members(const check_body *b, hq_arena *arena)
{
    hq_buf buf = HQ_BUF_ARENA(arena, 256);
    hq_json_w w = hq_json_writer(&buf);
    HQ_JSON_KEY(&w, "result");
    hq_json_text(&w, b->result);
    if (b->has_minutes) {
        HQ_JSON_KEY(&w, "minutes");
        hq_json_i64(&w, b->minutes);
    }
    return hq_buf_view(&buf);
}

static hq_status check_json(hq_sv *out, const hq_clr__change *c, const check_body *b,
                            const hq_clr__presented *clock)
{
    hq_buf buf = HQ_BUF_ARENA(c->request->arena, HQ_CLR__RECORD_MAX);
    hq_json_w w = hq_json_writer(&buf);
    hq_json_open(&w, '{');
    HQ_JSON_KEY(&w, "check");
    hq_json_text(&w, c->verb == HQ_VERB_DOCUMENT_CHECK ? HQ_SV("document") : HQ_SV("goods"));
    HQ_JSON_KEY(&w, "at");
    hq_json_time(&w, c->at);
    HQ_JSON_KEY(&w, "by");
    hq_json_text(&w, c->request->caller->id);
    HQ_JSON_KEY(&w, "result");
    hq_json_text(&w, b->result);
    HQ_JSON_KEY(&w, "note");
    hq_json_text_or_null(&w, b->note);
    HQ_JSON_KEY(&w, "lines");
    hq_json_raw(&w, b->lines);
    HQ_JSON_KEY(&w, "evidence");
    hq_json_raw(&w, b->evidence);
    HQ_JSON_KEY(&w, "minutes");
    if (b->has_minutes) {
        hq_json_i64(&w, b->minutes);
    } else {
        hq_json_null(&w);
    }
    HQ_JSON_KEY(&w, "late");
    hq_json_bool(&w, clock->due != 0 && c->at > clock->due);
    hq_json_close(&w, '}');
    *out = hq_buf_view(&buf);
    return hq_buf_status(&buf);
}

static bool may(const hq_clr__change *c, const hq_clr__row *row, hq_deed deed)
{
    hq_target target = hq_clr__target_of(row);
    const hq_ref *ref = hq_reference_acquire(c->clearance->reference);
    hq_status s = hq_may(c->request->caller, deed, &target, ref, c->day);
    hq_reference_release(c->clearance->reference, ref);
    return hq_ok(s);
}

/* Where the goods lie they are inspected when an open hold orders it: by an officer of that place,
 * in whatever state the declaration is, and for the goods check too. */
static bool inspects(const hq_clr__change *c, const hq_clr__row *row, const hq_clr__facts *facts)
{
    return c->verb == HQ_VERB_GOODS_CHECK && facts->ordered && may(c, row, HQ_MAY_PASS);
}

/* Only the assigned officer checks. Where nobody is on the roster, so that nobody can be drawn, the
 * officer who acts is recorded as the one who took it. */
static hq_status check_officer(hq_clr__change *c, hq_tx *tx, hq_clr__row *row,
                               const hq_clr__facts *facts)
{
    hq_sv me = c->request->caller->id;
    if (hq_sv_eq(row->officer, me) || inspects(c, row, facts)) {
        return HQ_DONE;
    }
    if (!may(c, row, HQ_MAY_ACT)) {
        return HQ_CLR__REFUSE(c->request, FORBIDDEN, "",
                              "Đơn vị nơi để hàng chỉ kiểm tra khi có lệnh (holds, GOODS_CHECK)",
                              "The office where the goods lie inspects them when it is ordered "
                              "(holds, GOODS_CHECK)");
    }
    if (row->officer.len > 0) {
        return HQ_CLR__REFUSE(c->request, FORBIDDEN, "",
                              "Tờ khai này được phân cho công chức khác kiểm tra",
                              "Another officer is assigned to check this declaration");
    }
    hq_status s = hq_clr__take_unassigned(c, tx, row);
    if (s.code == HQ_E_CONFLICT) {
        c->explained = true;
        return HQ_CLR__REFUSE(c->request, CONFLICT, "",
                              "Chưa phân công công chức kiểm tra; đội trưởng phân công trước "
                              "(assignment)",
                              "No officer is assigned yet; the team leader assigns one first "
                              "(assignment)");
    }
    return s;
}

/* What was found goes into the checks, and into the orders to inspect that it answers. */
static hq_status keep_check(hq_clr__change *c, hq_clr__row *row, hq_clr__life *life)
{
    const check_body *b = c->body;
    hq_arena *arena = c->request->arena;
    hq_clr__presented *clock = c->verb == HQ_VERB_DOCUMENT_CHECK ? &life->documents : &life->goods;
    hq_sv element;
    HQ_TRY(check_json(&element, c, b, clock));
    HQ_TRY(hq_clr__array_add(&life->sections[HQ_CLR__CHECKS], element, arena));
    if (c->verb == HQ_VERB_GOODS_CHECK && hq_clr__inspection_ordered(life)) {
        HQ_TRY(hq_clr__inspected(life, b->result, c->request->caller->id, c->at, arena));
    }
    return hq_clr__life_pack(&row->life, life, arena);
}

/* Outside the goods check goods are looked at by order alone. */
static hq_status by_order(hq_clr__change *c, const hq_clr__row *row, const hq_clr__facts *facts)
{
    if (hq_clr__move_find(row->status, c->verb, facts) == NULL) {
        return HQ_FAIL(CONFLICT);
    }
    return inspects(c, row, facts)
               ? HQ_DONE
               : HQ_CLR__REFUSE(c->request, FORBIDDEN, "",
                                "Chỉ công chức nơi để hàng kiểm tra hàng theo lệnh",
                                "Only an officer of where the goods lie inspects them on order");
}

static hq_status check(hq_clr__change *c, hq_tx *tx, hq_clr__row *row)
{
    const check_body *b = c->body;
    hq_arena *arena = c->request->arena;
    hq_clr__life life;
    hq_clr__facts facts;
    bool own = c->verb == HQ_VERB_DOCUMENT_CHECK || row->status == HQ_DECLARATION_GOODS_CHECK;
    if (hq_clr__move_find(row->status, c->verb, NULL) == NULL) {
        return HQ_FAIL(CONFLICT);
    }
    HQ_TRY(hq_clr__life_unpack(&life, row->life));
    HQ_TRY(hq_clr__facts_of(&facts, tx, row, &life));
    HQ_TRY(own ? check_officer(c, tx, row, &facts) : by_order(c, row, &facts));
    HQ_TRY(hq_clr__life_unpack(&life, row->life)); /* an officer may have been taken */
    facts.discrepancy = discrepant(b);
    if (own && !discrepant(b)) {
        HQ_TRY(hq_clr__matters_ended(c, &life));
        HQ_TRY(hq_clr__instructions_settled(c, tx, row, &life));
        HQ_TRY(hq_clr__pauses_settled(c, &life));
    }
    HQ_TRY(keep_check(c, row, &life));
    hq_clr__step step = { .verb = c->verb,
                          .facts = facts,
                          .actor = c->request->caller->id,
                          .at = c->at,
                          .more = check_members(b, arena) };
    hq_declaration_status was = row->status;
    HQ_TRY(hq_clr__row_move(row, tx, &step, arena));
    return row->status == HQ_DECLARATION_CLEARED && was != HQ_DECLARATION_CLEARED
               ? hq_clr__after_clearing(c->clearance, tx, row, step.actor, c->at, arena)
               : HQ_DONE;
}

static hq_status post_check(hq_request *request, void *room, hq_clr__verb verb)
{
    static const hq_clr__member members[] = {
        { "result", HQ_JSON_STRING },  { "note", HQ_JSON_STRING },    { "lines", HQ_JSON_ARRAY },
        { "minutes", HQ_JSON_NUMBER }, { "evidence", HQ_JSON_ARRAY },
    };
    hq_clr__change *c;
    const hq_json *body;
    check_body *b = HQ_NEW(request->arena, check_body);
    HQ_TRY(hq_clr__change_new(&c, request, room, verb));
    HQ_TRY(hq_clr__body_read(&body, request, members, sizeof members / sizeof members[0]));
    if (b == NULL) {
        return HQ_FAIL(NOMEM);
    }
    HQ_TRY(read_check(b, request, body));
    c->body = b;
    return hq_clr__change_write(c, check);
}

hq_status hq_clr__post_document_check(hq_request *request, void *room)
{
    return post_check(request, room, HQ_VERB_DOCUMENT_CHECK);
}

hq_status hq_clr__post_goods_check(hq_request *request, void *room)
{
    return post_check(request, room, HQ_VERB_GOODS_CHECK);
}
