/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/proposals.h"

#include <stdio.h>

#include "clearance/due.h"
#include "clearance/elements.h"

/* A proposal is an element of the section PROPOSALS from its first day: OPEN, then ACCEPTED by a
 * decision, REFUSED by one who could have decided, WITHDRAWN by its side, or EXPIRED: its time
 * (term PROPOSAL_KEPT) is over, another decision of the same verb was made, or the declaration went
 * on. */

#define OPEN_MAX     20 /* of a declaration at a time */
#define REASON_CHARS 2000

/* As this file writes it; inside a text the quotes would be escaped. */
#define OPEN_TEXT "\"state\":\"OPEN\""

static bool is_open(const hq_json *element)
{
    return hq_sv_eq(hq_json_get_text(element, "state"), HQ_SV("OPEN"));
}

static bool any_open(const hq_clr__life *life)
{
    return hq_clr__section_has(life->sections[HQ_CLR__PROPOSALS], HQ_SV(OPEN_TEXT));
}

static bool by_customs(const hq_json *element)
{
    return !hq_sv_eq(hq_json_get_text(element, "role"), HQ_SV("declarant"));
}

/* What customs proposes to itself is not the declarant's to hear: other kinds of event. */
static hq_sv kind_of(bool customs, const char *what, hq_arena *arena)
{
    return hq_arena_printf(arena, "declaration.%sproposal_%s", customs ? "customs_" : "", what);
}

/* ------------------------------------------------------------------ who decides */

static bool is_head(const hq_caller *caller)
{
    return (HQ_CLR__HEADS & HQ_ROLE_BIT(caller->role)) != 0;
}

/* As head of the office, as a supervisor where the verb lets him, or as somebody's delegate. */
static bool decides_at(hq_sv *on_behalf, const hq_caller *caller, const hq_target *target,
                       hq_clr__verb verb, const hq_ref *ref, hq_day day)
{
    bool supervises =
        (hq_clr__verbs[verb].roles & HQ_CLR__SUPERVISOR) != 0 && caller->role == HQ_ROLE_SUPERVISOR;
    if ((is_head(caller) && hq_ok(hq_may_himself(caller, HQ_MAY_DECIDE, target, ref, day))) ||
        (supervises && hq_ok(hq_may_himself(caller, HQ_MAY_ACT, target, ref, day)))) {
        return true;
    }
    const hq_delegated *by = hq_may_by_delegation(caller, target, ref, day);
    if (by != NULL) {
        *on_behalf = by->head;
    }
    return by != NULL;
}

bool hq_clr__may_decide(hq_sv *on_behalf, hq_clearance *clearance, const hq_caller *caller,
                        const hq_clr__row *row, hq_clr__verb verb)
{
    char act[64];
    hq_target target = hq_clr__target_of(row);
    hq_day day = hq_day_of(hq_now(clearance->clock));
    int len = snprintf(act, sizeof act, "declaration.%s", hq_clr__verbs[verb].path);
    target.act = hq_sv_make(act, (size_t)len);
    *on_behalf = HQ_SV("");
    const hq_ref *ref = hq_reference_acquire(clearance->reference);
    bool decides = decides_at(on_behalf, caller, &target, verb, ref, day);
    if (!decides && row->goods_office.len > 0 && (verb == HQ_VERB_HOLD || verb == HQ_VERB_LIFT)) {
        target.office = row->goods_office;
        decides = decides_at(on_behalf, caller, &target, verb, ref, day);
    }
    hq_reference_release(clearance->reference, ref);
    return decides;
}

/* ------------------------------------------------------------------ elements */

static hq_sv verb_name(hq_clr__verb verb)
{
    return hq_sv_from_cstr(hq_clr__verbs[verb].path);
}

/* The open proposal of this verb that asks for the same; NULL: there is none. */
static const hq_json *find_same(const hq_json *all, hq_sv verb, hq_sv content)
{
    for (const hq_json *e = hq_json_first(all); e != NULL; e = hq_json_next(all, e)) {
        const hq_json *body = hq_json_get(e, "body");
        if (is_open(e) && hq_sv_eq(hq_json_get_text(e, "verb"), verb) && body != NULL &&
            hq_sv_eq(body->text, content)) {
            return e;
        }
    }
    return NULL;
}

static hq_status element_of(hq_sv *out, const hq_clr__change *c, hq_sv id, hq_time_us expires,
                            const hq_clr__wish *wish)
{
    const hq_caller *caller = c->request->caller;
    hq_buf text = HQ_BUF_ARENA(c->request->arena, HQ_CLR__RECORD_MAX);
    hq_json_w w = hq_json_writer(&text);
    hq_json_open(&w, '{');
    HQ_JSON_KEY(&w, "id");
    hq_json_text(&w, id);
    HQ_JSON_KEY(&w, "verb");
    hq_json_text(&w, verb_name(c->verb));
    HQ_JSON_KEY(&w, "by");
    hq_json_text(&w, caller->id);
    HQ_JSON_KEY(&w, "role");
    hq_json_text(&w, hq_sv_from_cstr(hq_role_name(caller->role)));
    HQ_JSON_KEY(&w, "at");
    hq_json_time(&w, c->at);
    HQ_JSON_KEY(&w, "expires_at");
    hq_json_time(&w, expires);
    HQ_JSON_KEY(&w, "reason");
    hq_clr__put_text(&w, wish->reason);
    HQ_JSON_KEY(&w, "body");
    hq_json_raw(&w, wish->content);
    hq_buf_lit(&text, "," OPEN_TEXT ",\"decided_by\":null,\"decided_at\":null,\"note\":null,"
                      "\"for\":null}");
    *out = hq_buf_view(&text);
    return hq_buf_status(&text);
}

/* Ends a proposal in `life`, its row and its deadline; not the event. */
typedef struct {
    const char *state;
    hq_sv by, on_behalf, note; /* by: empty, the program */
    hq_time_us at;
} ending;

static hq_status end_proposal(hq_tx *tx, const hq_clr__row *row, hq_clr__life *life, hq_sv id,
                              const ending *how, hq_arena *arena)
{
    const hq_json *all;
    hq_buf patch = HQ_BUF_ARENA(arena, 65536);
    hq_json_w w = hq_json_writer(&patch);
    HQ_JSON_KEY(&w, "state");
    hq_json_text(&w, hq_sv_from_cstr(how->state));
    HQ_JSON_KEY(&w, "decided_by");
    hq_json_text(&w, how->by.len == 0 ? HQ_SV("system") : how->by);
    HQ_JSON_KEY(&w, "decided_at");
    hq_json_time(&w, how->at);
    HQ_JSON_KEY(&w, "note");
    hq_clr__put_text(&w, how->note);
    HQ_JSON_KEY(&w, "for");
    hq_clr__put_text(&w, how->on_behalf);
    HQ_TRY(hq_buf_status(&patch));
    HQ_TRY(hq_clr__elements(&all, life->sections[HQ_CLR__PROPOSALS], arena));
    const hq_json *element = hq_clr__element_named(all, "id", id);
    if (element == NULL) {
        return HQ_FAIL(CORRUPT);
    }
    HQ_TRY(hq_clr__element_change(&life->sections[HQ_CLR__PROPOSALS], element, hq_buf_view(&patch),
                                  arena));
    HQ_TRY(hq_clr__proposal_state(tx, id, hq_sv_from_cstr(how->state)));
    return hq_clr__due_clear(tx, row, hq_arena_printf(arena, "proposal/%.*s", HQ_SV_FMT(id)));
}

static hq_status write_event(hq_clr__row *row, hq_tx *tx, hq_sv kind, hq_sv id, hq_sv verb,
                             hq_sv actor, hq_time_us at, hq_arena *arena)
{
    hq_sv more = hq_arena_printf(arena, "\"proposal\":\"%.*s\",\"verb\":\"%.*s\"", HQ_SV_FMT(id),
                                 HQ_SV_FMT(verb));
    return hq_clr__row_event(row, tx, &(hq_clr__event){ kind, actor, at, more }, arena);
}

/* ------------------------------------------------------------------ proposing */

static hq_time_us expiry_of(const hq_clr__change *c, const hq_clr__row *row)
{
    const hq_ref *ref = hq_reference_acquire(c->clearance->reference);
    hq_time_us end = hq_ref_term_end(ref, HQ_SV("PROPOSAL_KEPT"), row->office, c->at);
    hq_reference_release(c->clearance->reference, ref);
    return end;
}

static size_t count_open(const hq_json *all)
{
    size_t count = 0;
    for (const hq_json *e = hq_json_first(all); e != NULL; e = hq_json_next(all, e)) {
        count += is_open(e);
    }
    return count;
}

static hq_status propose(hq_clr__change *c, hq_tx *tx, hq_clr__row *row, hq_clr__life *life,
                         const hq_clr__wish *wish)
{
    hq_arena *arena = c->request->arena;
    hq_buf id = HQ_BUF_ARENA(arena, 64);
    hq_sv element;
    hq_time_us expires = expiry_of(c, row);
    bool customs = c->request->caller->role != HQ_ROLE_DECLARANT;
    hq_id_make(&c->approval, c->at);
    hq_id_write(&id, &c->approval);
    HQ_TRY(element_of(&element, c, hq_buf_view(&id), expires, wish));
    HQ_TRY(hq_clr__array_add(&life->sections[HQ_CLR__PROPOSALS], element, arena));
    HQ_TRY(hq_clr__life_pack(&row->life, life, arena));
    HQ_TRY(
        hq_clr__proposal_insert(tx, &(hq_clr__proposal_row){ .id = hq_buf_view(&id),
                                                             .declaration = row->id,
                                                             .verb = verb_name(c->verb),
                                                             .state = HQ_SV("OPEN"),
                                                             .office = row->office,
                                                             .goods_office = row->goods_office }));
    hq_sv item = hq_arena_printf(arena, "proposal/%.*s", HQ_SV_FMT(hq_buf_view(&id)));
    HQ_TRY(hq_clr__due_set(tx, row, item, expires));
    return write_event(row, tx, kind_of(customs, "made", arena), hq_buf_view(&id),
                       verb_name(c->verb), c->request->caller->id, c->at, arena);
}

static hq_status wait_for(hq_clr__change *c, const hq_json *open)
{
    c->unchanged = true;
    return hq_id_parse(&c->approval, hq_json_get_text(open, "id"));
}

static hq_status too_many(hq_clr__change *c)
{
    c->explained = true;
    return HQ_CLR__REFUSE(c->request, CONFLICT, "",
                          "Tờ khai đang có 20 đề xuất chờ quyết định; hãy rút bớt (withdrawal)",
                          "20 proposals of this declaration wait already; withdraw some");
}

/* ------------------------------------------------------------------ deciding */

static hq_status not_his_own(hq_clr__change *c)
{
    return HQ_CLR__REFUSE(c->request, FORBIDDEN, "",
                          "Người đề xuất không được quyết định đề xuất của chính mình",
                          "Nobody decides his own proposal: another head or delegate must");
}

/* Holds stand side by side; of everything else one decision answers all proposals of the verb. */
static hq_status lapse_others(hq_clr__change *c, hq_tx *tx, const hq_clr__row *row,
                              hq_clr__life *life)
{
    const hq_json *all;
    hq_arena *arena = c->request->arena;
    if (c->verb == HQ_VERB_HOLD || c->verb == HQ_VERB_LIFT) {
        return HQ_DONE;
    }
    HQ_TRY(hq_clr__elements(&all, life->sections[HQ_CLR__PROPOSALS], arena));
    for (const hq_json *e = hq_json_first(all); e != NULL; e = hq_json_next(all, e)) {
        if (is_open(e) && hq_sv_eq(hq_json_get_text(e, "verb"), verb_name(c->verb))) {
            ending how = { .state = "EXPIRED", .at = c->at };
            HQ_TRY(end_proposal(tx, row, life, hq_json_get_text(e, "id"), &how, arena));
        }
    }
    return HQ_DONE;
}

static hq_status accept(hq_clr__ruling *out, hq_clr__change *c, hq_tx *tx, const hq_clr__row *row,
                        hq_clr__life *life, const hq_json *open, hq_sv note)
{
    hq_sv by = hq_json_get_text(open, "by");
    if (hq_sv_eq(by, c->request->caller->id)) {
        return not_his_own(c);
    }
    ending how = { .state = "ACCEPTED",
                   .by = c->request->caller->id,
                   .on_behalf = out->on_behalf,
                   .note = note,
                   .at = c->at };
    out->proposal = hq_json_get_text(open, "id");
    out->proposed_by = by;
    return end_proposal(tx, row, life, out->proposal, &how, c->request->arena);
}

/* A delegate who is the officer of this very declaration does not decide alone what nobody else
 * proposed: two pairs of eyes, and his is one. */
static bool needs_another(const hq_clr__ruling *ruling, const hq_clr__change *c,
                          const hq_clr__row *row)
{
    return ruling->on_behalf.len > 0 && hq_sv_eq(row->officer, c->request->caller->id);
}

hq_status hq_clr__weigh(hq_clr__ruling *out, hq_clr__change *c, hq_tx *tx, hq_clr__row *row,
                        hq_clr__life *life, const hq_clr__wish *wish)
{
    const hq_json *all;
    *out = (hq_clr__ruling){ .decides = false };
    HQ_TRY(hq_clr__elements(&all, life->sections[HQ_CLR__PROPOSALS], c->request->arena));
    const hq_json *open = find_same(all, verb_name(c->verb), wish->content);
    bool may = hq_clr__may_decide(&out->on_behalf, c->clearance, c->request->caller, row, c->verb);
    out->decides = may && (open != NULL || !needs_another(out, c, row));
    if (out->decides) {
        if (open != NULL) {
            HQ_TRY(accept(out, c, tx, row, life, open, wish->reason));
        }
        return lapse_others(c, tx, row, life);
    }
    c->pending = true;
    if (open != NULL) {
        return wait_for(c, open);
    }
    return count_open(all) >= OPEN_MAX ? too_many(c) : propose(c, tx, row, life, wish);
}

/* ------------------------------------------------------------------ refusing, withdrawing */

typedef struct {
    hq_sv reason;
    bool withdraws;
} end_body;

static hq_status no_such(hq_clr__change *c)
{
    return HQ_CLR__REFUSE(c->request, NOT_FOUND, "/id", "Tờ khai này không có đề xuất như vậy",
                          "This declaration has no such proposal");
}

static hq_status not_open(hq_clr__change *c, const hq_json *element)
{
    hq_sv state = hq_json_get_text(element, "state");
    c->explained = true;
    c->request->answer.why = (hq_why){
        .vi = hq_arena_printf(c->request->arena, "Đề xuất này đã kết thúc: %.*s", HQ_SV_FMT(state)),
        .en = hq_arena_printf(c->request->arena, "This proposal is over: %.*s", HQ_SV_FMT(state)),
    };
    return HQ_FAIL(CONFLICT);
}

static hq_clr__verb verb_of(hq_sv name)
{
    int verb = 0;
    while (verb < HQ_CLR__VERBS && !hq_sv_eq(name, hq_sv_from_cstr(hq_clr__verbs[verb].path))) {
        verb++;
    }
    return (hq_clr__verb)verb;
}

/* The proposal's own side withdraws it: the officer himself, or a declarant of the declaration. */
static bool may_withdraw(const hq_clr__change *c, const hq_json *element)
{
    const hq_caller *caller = c->request->caller;
    return by_customs(element) ? hq_sv_eq(hq_json_get_text(element, "by"), caller->id)
                               : caller->role == HQ_ROLE_DECLARANT;
}

static hq_status may_end(ending *how, hq_clr__change *c, const hq_clr__row *row,
                         const hq_json *element)
{
    const end_body *b = c->body;
    hq_clr__verb verb = verb_of(hq_json_get_text(element, "verb"));
    if (b->withdraws) {
        return may_withdraw(c, element) ? HQ_DONE
                                        : HQ_CLR__REFUSE(c->request, FORBIDDEN, "",
                                                         "Chỉ bên đã đề xuất mới rút được đề xuất",
                                                         "Only who made a proposal withdraws it");
    }
    if (verb == HQ_CLR__VERBS) {
        return HQ_FAIL(CORRUPT);
    }
    if (!hq_clr__may_decide(&how->on_behalf, c->clearance, c->request->caller, row, verb)) {
        return HQ_CLR__REFUSE(c->request, FORBIDDEN, "",
                              "Chỉ lãnh đạo đơn vị hoặc người được ủy quyền mới từ chối đề xuất",
                              "Only a head of the office or his delegate refuses a proposal");
    }
    return hq_sv_eq(hq_json_get_text(element, "by"), c->request->caller->id) ? not_his_own(c)
                                                                             : HQ_DONE;
}

static hq_status end_by_request(hq_clr__change *c, hq_tx *tx, hq_clr__row *row)
{
    const end_body *b = c->body;
    hq_arena *arena = c->request->arena;
    hq_sv id = c->request->params[1];
    hq_clr__life life;
    const hq_json *all;
    ending how = { .state = b->withdraws ? "WITHDRAWN" : "REFUSED",
                   .by = c->request->caller->id,
                   .note = b->reason,
                   .at = c->at };
    HQ_TRY(hq_clr__life_unpack(&life, row->life));
    HQ_TRY(hq_clr__elements(&all, life.sections[HQ_CLR__PROPOSALS], arena));
    const hq_json *element = hq_clr__element_named(all, "id", id);
    bool hidden =
        element != NULL && by_customs(element) && c->request->caller->role == HQ_ROLE_DECLARANT;
    if (element == NULL || hidden) {
        return no_such(c);
    }
    HQ_TRY(may_end(&how, c, row, element));
    if (!is_open(element)) {
        return not_open(c, element);
    }
    hq_sv kind = kind_of(by_customs(element), b->withdraws ? "withdrawn" : "refused", arena);
    hq_sv verb = hq_json_get_text(element, "verb");
    HQ_TRY(end_proposal(tx, row, &life, id, &how, arena));
    HQ_TRY(hq_clr__life_pack(&row->life, &life, arena));
    return write_event(row, tx, kind, id, verb, how.by, c->at, arena);
}

static hq_status post_end(hq_request *request, void *room, bool withdraws)
{
    static const hq_clr__member members[] = { { "reason", HQ_JSON_STRING } };
    hq_clr__change *c;
    hq_clr__form form;
    end_body *b = HQ_NEW(request->arena, end_body);
    if (b == NULL) {
        return HQ_FAIL(NOMEM);
    }
    HQ_TRY(hq_clr__change_new(&c, request, room, withdraws ? HQ_VERB_WITHDRAW : HQ_VERB_REFUSE));
    HQ_TRY(hq_clr__form_open(&form, request, members, 1));
    b->withdraws = withdraws;
    b->reason = hq_clr__form_text(&form, "reason", REASON_CHARS, withdraws ? 0 : HQ_CLR__NEEDED);
    HQ_TRY(hq_clr__form_close(&form));
    c->body = b;
    return hq_clr__change_write(c, end_by_request);
}

hq_status hq_clr__post_refusal(hq_request *request, void *room)
{
    return post_end(request, room, false);
}

hq_status hq_clr__post_withdrawal(hq_request *request, void *room)
{
    return post_end(request, room, true);
}

/* ------------------------------------------------------------------ by itself */

static hq_status expire_one(hq_tx *tx, hq_clr__row *row, hq_clr__life *life, const hq_json *element,
                            hq_time_us at, hq_arena *arena)
{
    ending how = { .state = "EXPIRED", .at = at };
    hq_sv id = hq_json_get_text(element, "id");
    HQ_TRY(end_proposal(tx, row, life, id, &how, arena));
    HQ_TRY(hq_clr__life_pack(&row->life, life, arena));
    return write_event(row, tx, kind_of(by_customs(element), "expired", arena), id,
                       hq_json_get_text(element, "verb"), HQ_SV("system"), at, arena);
}

hq_status hq_clr__proposals_lapse(hq_tx *tx, hq_clr__row *row, hq_time_us at, hq_arena *arena)
{
    hq_clr__life life;
    const hq_json *all;
    if (row->life.len == 0) {
        return HQ_DONE;
    }
    HQ_TRY(hq_clr__life_unpack(&life, row->life));
    if (!any_open(&life)) {
        return HQ_DONE;
    }
    HQ_TRY(hq_clr__elements(&all, life.sections[HQ_CLR__PROPOSALS], arena));
    for (const hq_json *e = hq_json_first(all); e != NULL; e = hq_json_next(all, e)) {
        hq_clr__verb verb = verb_of(hq_json_get_text(e, "verb"));
        if (is_open(e) &&
            (verb == HQ_CLR__VERBS || hq_clr__move_find(row->status, verb, NULL) == NULL)) {
            HQ_TRY(expire_one(tx, row, &life, e, at, arena));
        }
    }
    return HQ_DONE;
}

hq_status hq_clr__proposal_expired(hq_clearance *clearance, hq_tx *tx, hq_clr__row *row, hq_sv id,
                                   hq_time_us now)
{
    hq_clr__life life;
    const hq_json *all;
    hq_arena *arena = hq_tx_arena(tx);
    (void)clearance;
    HQ_TRY(hq_clr__life_unpack(&life, row->life));
    HQ_TRY(hq_clr__elements(&all, life.sections[HQ_CLR__PROPOSALS], arena));
    const hq_json *element = hq_clr__element_named(all, "id", id);
    return element == NULL || !is_open(element) ? HQ_DONE
                                                : expire_one(tx, row, &life, element, now, arena);
}
