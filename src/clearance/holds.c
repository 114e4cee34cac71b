/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/holds.h"

#include "clearance/due.h"
#include "clearance/elements.h"
#include "clearance/facts.h"
#include "clearance/proposals.h"
#include "clearance/verbs.h"

/* A hold is placed by the head of the office where the goods lie or of that where the declaration
 * was registered, by a supervisor or by a delegate; officers propose it. It is OPEN until one who
 * may place it lifts it (LIFTED) or its time is over (ENDED). An order to inspect or scan is lifted
 * after the goods were looked at, not before. */

#define HOLDS_MAX    50
#define GROUND_CHARS 2000

static const char *const orders[] = { "HOLD", "GOODS_CHECK", "SCAN" };

/* Side by side as this file writes them; within a text the quotes would be escaped. */
#define STATE_OPEN     "\"state\":\"OPEN\""
#define OPEN_AS(order) "\"order\":\"" order "\"," STATE_OPEN

bool hq_clr__is_held(const hq_clr__life *life)
{
    return hq_clr__section_has(life->sections[HQ_CLR__HOLDS], HQ_SV(STATE_OPEN));
}

bool hq_clr__inspection_ordered(const hq_clr__life *life)
{
    hq_sv holds = life->sections[HQ_CLR__HOLDS];
    return hq_clr__section_has(holds, HQ_SV(OPEN_AS("GOODS_CHECK"))) ||
           hq_clr__section_has(holds, HQ_SV(OPEN_AS("SCAN")));
}

static bool is_open(const hq_json *hold)
{
    return hq_sv_eq(hq_json_get_text(hold, "state"), HQ_SV("OPEN"));
}

static bool orders_inspection(const hq_json *hold)
{
    return !hq_sv_eq(hq_json_get_text(hold, "order"), HQ_SV("HOLD"));
}

static hq_status explain(hq_clr__change *c, const char *vi, const char *en)
{
    c->explained = true;
    return hq_clr__refuse(c->request, HQ_FAIL(CONFLICT), HQ_SV(""), vi, en);
}

/* ------------------------------------------------------------------ placing */

typedef struct {
    hq_sv order, ground, content;
    hq_time_us until;
} hold_body;

static hq_status hold_json(hq_sv *out, const hq_clr__change *c, const hq_clr__ruling *ruling,
                           hq_sv id)
{
    const hold_body *b = c->body;
    const hq_caller *caller = c->request->caller;
    hq_buf text = HQ_BUF_ARENA(c->request->arena, 65536);
    hq_json_w w = hq_json_writer(&text);
    hq_json_open(&w, '{');
    HQ_JSON_KEY(&w, "id");
    hq_json_text(&w, id);
    HQ_JSON_KEY(&w, "order");
    hq_json_text(&w, b->order);
    hq_buf_lit(&text, "," STATE_OPEN);
    HQ_JSON_KEY(&w, "ground");
    hq_json_text(&w, b->ground);
    HQ_JSON_KEY(&w, "until");
    hq_clr__put_time(&w, b->until);
    HQ_JSON_KEY(&w, "at");
    hq_json_time(&w, c->at);
    HQ_JSON_KEY(&w, "by");
    hq_json_text(&w, caller->id);
    HQ_JSON_KEY(&w, "role");
    hq_json_text(&w, hq_sv_from_cstr(hq_role_name(caller->role)));
    HQ_JSON_KEY(&w, "for");
    hq_clr__put_text(&w, ruling->on_behalf);
    HQ_JSON_KEY(&w, "proposal");
    hq_clr__put_text(&w, ruling->proposal);
    HQ_JSON_KEY(&w, "inspection");
    hq_json_null(&w);
    HQ_JSON_KEY(&w, "lifted_by");
    hq_json_null(&w);
    HQ_JSON_KEY(&w, "lifted_at");
    hq_json_null(&w);
    HQ_JSON_KEY(&w, "lift_reason");
    hq_json_null(&w);
    hq_json_close(&w, '}');
    *out = hq_buf_view(&text);
    return hq_buf_status(&text);
}

static hq_sv hold_members(const hold_body *b, hq_sv id, hq_arena *arena)
{
    hq_buf text = HQ_BUF_ARENA(arena, 256);
    hq_json_w w = hq_json_writer(&text);
    HQ_JSON_KEY(&w, "hold");
    hq_json_text(&w, id);
    HQ_JSON_KEY(&w, "order");
    hq_json_text(&w, b->order);
    if (b->until != 0) {
        HQ_JSON_KEY(&w, "until");
        hq_json_time(&w, b->until);
    }
    return hq_buf_view(&text);
}

static hq_sv hold_item(hq_sv id, hq_arena *arena)
{
    return hq_arena_printf(arena, "hold/%.*s", HQ_SV_FMT(id));
}

static hq_status add_hold(hq_clr__change *c, hq_tx *tx, hq_clr__row *row, hq_clr__life *life,
                          const hq_clr__ruling *ruling)
{
    const hold_body *b = c->body;
    hq_arena *arena = c->request->arena;
    hq_id made;
    hq_buf name = HQ_BUF_ARENA(arena, 64);
    hq_sv element;
    hq_id_make(&made, c->at);
    hq_id_write(&name, &made);
    hq_sv id = hq_buf_view(&name);
    HQ_TRY(hold_json(&element, c, ruling, id));
    HQ_TRY(hq_clr__array_add(&life->sections[HQ_CLR__HOLDS], element, arena));
    HQ_TRY(hq_clr__life_pack(&row->life, life, arena));
    if (b->until != 0) {
        HQ_TRY(hq_clr__due_set(tx, row, hold_item(id, arena), b->until));
    }
    hq_clr__step step = { .verb = HQ_VERB_HOLD,
                          .facts = hq_clr__facts_seen(row, life),
                          .actor = c->request->caller->id,
                          .at = c->at,
                          .more =
                              hq_clr__ruling_members(ruling, hold_members(b, id, arena), arena) };
    return hq_clr__row_move(row, tx, &step, arena);
}

static hq_status place(hq_clr__change *c, hq_tx *tx, hq_clr__row *row)
{
    const hold_body *b = c->body;
    hq_clr__life life;
    hq_clr__ruling ruling;
    const hq_json *all;
    if (hq_clr__move_find(row->status, HQ_VERB_HOLD, NULL) == NULL) {
        return HQ_FAIL(CONFLICT);
    }
    HQ_TRY(hq_clr__life_unpack(&life, row->life));
    HQ_TRY(hq_clr__elements(&all, life.sections[HQ_CLR__HOLDS], c->request->arena));
    if (all->count >= HOLDS_MAX) {
        return explain(c, "Tờ khai đã có 50 lệnh tạm dừng",
                       "The declaration has had 50 holds, no more are kept");
    }
    HQ_TRY(hq_clr__weigh(&ruling, c, tx, row, &life, &(hq_clr__wish){ b->content, b->ground }));
    return ruling.decides ? add_hold(c, tx, row, &life, &ruling) : HQ_DONE;
}

hq_status hq_clr__post_hold(hq_request *request, void *room)
{
    static const hq_clr__member members[] = { { "order", HQ_JSON_STRING },
                                              { "ground", HQ_JSON_STRING },
                                              { "until", HQ_JSON_STRING } };
    hq_clr__change *c;
    hq_clr__form form;
    hold_body *b = HQ_NEW(request->arena, hold_body);
    if (b == NULL) {
        return HQ_FAIL(NOMEM);
    }
    HQ_TRY(hq_clr__change_new(&c, request, room, HQ_VERB_HOLD));
    hq_clr__change_keyed(c);
    HQ_TRY(hq_clr__form_open(&form, request, members, 3));
    int order = hq_clr__form_word(&form, "order", orders, 3, HQ_CLR__NEEDED);
    b->ground = hq_clr__form_text(&form, "ground", GROUND_CHARS, HQ_CLR__NEEDED);
    b->until = hq_clr__form_time(&form, "until", c->at, 0);
    HQ_TRY(hq_clr__form_close(&form));
    b->order = hq_sv_from_cstr(orders[order < 0 ? 0 : order]);
    hq_buf content = HQ_BUF_ARENA(request->arena, 65536);
    hq_json_w w = hq_json_writer(&content);
    hq_json_open(&w, '{');
    HQ_JSON_KEY(&w, "order");
    hq_json_text(&w, b->order);
    HQ_JSON_KEY(&w, "ground");
    hq_json_text(&w, b->ground);
    HQ_JSON_KEY(&w, "until");
    hq_clr__put_time(&w, b->until);
    hq_json_close(&w, '}');
    b->content = hq_buf_view(&content);
    c->body = b;
    return hq_clr__change_write(c, place);
}

/* ------------------------------------------------------------------ inspecting */

hq_status hq_clr__inspected(hq_clr__life *life, hq_sv result, hq_sv by, hq_time_us at,
                            hq_arena *arena)
{
    hq_sv *section = &life->sections[HQ_CLR__HOLDS];
    hq_buf patch = HQ_BUF_ARENA(arena, 1024);
    hq_json_w w = hq_json_writer(&patch);
    const hq_json *all;
    HQ_JSON_KEY(&w, "inspection");
    hq_json_open(&w, '{');
    HQ_JSON_KEY(&w, "result");
    hq_json_text(&w, result);
    HQ_JSON_KEY(&w, "by");
    hq_json_text(&w, by);
    HQ_JSON_KEY(&w, "at");
    hq_json_time(&w, at);
    hq_json_close(&w, '}');
    HQ_TRY(hq_buf_status(&patch));
    HQ_TRY(hq_clr__elements(&all, *section, arena));
    size_t index = 0;
    for (size_t i = 0; i < all->count; i++) {
        /* The section is a new text after each change: its nodes are read anew. */
        const hq_json *hold = hq_json_first(all);
        for (index = 0; index < i; index++) {
            hold = hq_json_next(all, hold);
        }
        if (is_open(hold) && orders_inspection(hold)) {
            HQ_TRY(hq_clr__element_change(section, hold, hq_buf_view(&patch), arena));
            HQ_TRY(hq_clr__elements(&all, *section, arena));
        }
    }
    return HQ_DONE;
}

/* ------------------------------------------------------------------ lifting */

typedef struct {
    hq_sv hold, reason, content;
} lift_body;

typedef struct {
    const char *state, *how;
    hq_sv by, reason;
    hq_time_us at;
} release;

static hq_status close_hold(hq_clr__life *life, const hq_json *hold, const release *r,
                            hq_arena *arena)
{
    hq_buf patch = HQ_BUF_ARENA(arena, 65536);
    hq_json_w w = hq_json_writer(&patch);
    HQ_JSON_KEY(&w, "state");
    hq_json_text(&w, hq_sv_from_cstr(r->state));
    HQ_JSON_KEY(&w, "lifted_by");
    hq_json_text(&w, r->by);
    HQ_JSON_KEY(&w, "lifted_at");
    hq_json_time(&w, r->at);
    HQ_JSON_KEY(&w, "lift_reason");
    hq_clr__put_text(&w, r->reason);
    HQ_TRY(hq_buf_status(&patch));
    return hq_clr__element_change(&life->sections[HQ_CLR__HOLDS], hold, hq_buf_view(&patch), arena);
}

/* The hold is closed in `life`: moves, and clears what waited for nothing else. */
static hq_status move_lifted(hq_clearance *clearance, hq_tx *tx, hq_clr__row *row,
                             hq_clr__life *life, const release *r, hq_sv more, hq_arena *arena)
{
    hq_declaration_status was = row->status;
    hq_clr__step step = { .verb = HQ_VERB_LIFT, .actor = r->by, .at = r->at, .more = more };
    HQ_TRY(hq_clr__life_pack(&row->life, life, arena));
    HQ_TRY(hq_clr__facts_of(&step.facts, tx, row, life));
    HQ_TRY(hq_clr__row_move(row, tx, &step, arena));
    return row->status == HQ_DECLARATION_CLEARED && was != HQ_DECLARATION_CLEARED
               ? hq_clr__after_clearing(clearance, tx, row, r->by, r->at, arena)
               : HQ_DONE;
}

static hq_sv lift_members(hq_sv id, const char *how, hq_arena *arena)
{
    return hq_arena_printf(arena, "\"hold\":\"%.*s\",\"how\":\"%s\"", HQ_SV_FMT(id), how);
}

static hq_status check_hold(hq_clr__change *c, const hq_json *hold)
{
    if (hold == NULL) {
        return HQ_CLR__REFUSE(c->request, NOT_FOUND, "/id", "Tờ khai không có lệnh tạm dừng này",
                              "The declaration has no such hold");
    }
    if (!is_open(hold)) {
        return explain(c, "Lệnh tạm dừng này đã được dỡ bỏ hoặc hết hạn",
                       "This hold was lifted or has ended");
    }
    const hq_json *inspection = hq_json_get(hold, "inspection");
    bool looked = inspection != NULL && inspection->type == HQ_JSON_OBJECT;
    if (orders_inspection(hold) && !looked) {
        return explain(
            c, "Lệnh này yêu cầu kiểm tra hàng: ghi kết quả kiểm tra (goods-check) trước",
            "This order wants the goods inspected: enter the result (goods-check) first");
    }
    return HQ_DONE;
}

static hq_status lift(hq_clr__change *c, hq_tx *tx, hq_clr__row *row)
{
    const lift_body *b = c->body;
    hq_arena *arena = c->request->arena;
    hq_clr__life life;
    hq_clr__ruling ruling;
    const hq_json *all;
    release r = {
        .state = "LIFTED", .by = c->request->caller->id, .reason = b->reason, .at = c->at
    };
    HQ_TRY(hq_clr__life_unpack(&life, row->life));
    HQ_TRY(hq_clr__elements(&all, life.sections[HQ_CLR__HOLDS], arena));
    const hq_json *hold = hq_clr__element_named(all, "id", b->hold);
    if (hold != NULL && hq_clr__move_find(row->status, HQ_VERB_LIFT, NULL) == NULL) {
        return HQ_FAIL(CONFLICT);
    }
    HQ_TRY(check_hold(c, hold));
    HQ_TRY(hq_clr__weigh(&ruling, c, tx, row, &life, &(hq_clr__wish){ b->content, b->reason }));
    if (!ruling.decides) {
        return HQ_DONE;
    }
    HQ_TRY(close_hold(&life, hold, &r, arena));
    HQ_TRY(hq_clr__due_clear(tx, row, hold_item(b->hold, arena)));
    hq_sv more = hq_clr__ruling_members(&ruling, lift_members(b->hold, "lifted", arena), arena);
    return move_lifted(c->clearance, tx, row, &life, &r, more, arena);
}

hq_status hq_clr__post_lift(hq_request *request, void *room)
{
    static const hq_clr__member members[] = { { "reason", HQ_JSON_STRING },
                                              { "hold", HQ_JSON_STRING } };
    hq_clr__change *c;
    hq_clr__form form;
    hq_id id;
    lift_body *b = HQ_NEW(request->arena, lift_body);
    if (b == NULL) {
        return HQ_FAIL(NOMEM);
    }
    HQ_TRY(hq_clr__change_new(&c, request, room, HQ_VERB_LIFT));
    HQ_TRY(hq_clr__form_open(&form, request, members, 2));
    b->reason = hq_clr__form_text(&form, "reason", GROUND_CHARS, HQ_CLR__NEEDED);
    HQ_TRY(hq_clr__form_close(&form));
    hq_sv named = hq_json_get_text(form.body, "hold"); /* as the body of a proposal has it */
    if (named.len > 0 && !hq_sv_eq(named, request->params[1])) {
        return HQ_CLR__REFUSE(request, INVALID, "/hold",
                              "hold phải là lệnh tạm dừng của đường dẫn, hoặc bỏ trống",
                              "hold must be the one of the path, or be left out");
    }
    if (hq_failed(hq_id_parse(&id, request->params[1]))) {
        return check_hold(c, NULL);
    }
    b->hold = request->params[1];
    b->content = hq_arena_printf(request->arena, "{\"hold\":\"%.*s\"}", HQ_SV_FMT(b->hold));
    c->body = b;
    return hq_clr__change_write(c, lift);
}

hq_status hq_clr__hold_ended(hq_clearance *clearance, hq_tx *tx, hq_clr__row *row, hq_sv id,
                             hq_time_us now)
{
    hq_arena *arena = hq_tx_arena(tx);
    hq_clr__life life;
    const hq_json *all;
    release r = { .state = "ENDED", .by = HQ_SV("system"), .at = now };
    if (hq_clr__move_find(row->status, HQ_VERB_LIFT, NULL) == NULL) {
        return HQ_DONE; /* cancelled or passed since: nothing is held any more */
    }
    HQ_TRY(hq_clr__life_unpack(&life, row->life));
    HQ_TRY(hq_clr__elements(&all, life.sections[HQ_CLR__HOLDS], arena));
    const hq_json *hold = hq_clr__element_named(all, "id", id);
    if (hold == NULL || !is_open(hold)) {
        return HQ_DONE;
    }
    HQ_TRY(close_hold(&life, hold, &r, arena));
    return move_lifted(clearance, tx, row, &life, &r, lift_members(id, "ended", arena), arena);
}
