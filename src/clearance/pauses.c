/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/pauses.h"

#include "clearance/elements.h"
#include "clearance/facts.h"
#include "clearance/proposals.h"

#define REASON_CHARS 2000
#define PAUSES_MAX   50

static const char *const clocks[] = { "document_check", "goods_check" };
enum { DOCUMENTS, GOODS };

static hq_clr__presented *presented_of(hq_clr__life *life, int clock)
{
    return clock == DOCUMENTS ? &life->documents : &life->goods;
}

static hq_sv office_of(const hq_clr__row *row, int clock)
{
    return clock == GOODS && row->goods_office.len > 0 ? row->goods_office : row->office;
}

/* ------------------------------------------------------------------ stopping and going on */

typedef struct {
    const char *kind; /* STATED, INSTRUCTION */
    int clock;
    int64_t instruction; /* 0: none */
    hq_sv reason;
} stop;

static hq_status put_pause(hq_clr__life *life, const hq_clr__change *c, const stop *s, int64_t id,
                           int64_t left_us)
{
    hq_buf text = HQ_BUF_ARENA(c->request->arena, 65536);
    hq_json_w w = hq_json_writer(&text);
    hq_json_open(&w, '{');
    HQ_JSON_KEY(&w, "id");
    hq_json_i64(&w, id);
    HQ_JSON_KEY(&w, "kind");
    hq_json_text(&w, hq_sv_from_cstr(s->kind));
    HQ_JSON_KEY(&w, "clock");
    hq_json_text(&w, hq_sv_from_cstr(clocks[s->clock]));
    HQ_JSON_KEY(&w, "instruction");
    if (s->instruction > 0) {
        hq_json_i64(&w, s->instruction);
    } else {
        hq_json_null(&w);
    }
    HQ_JSON_KEY(&w, "from");
    hq_json_time(&w, c->at);
    HQ_JSON_KEY(&w, "to");
    hq_json_null(&w);
    HQ_JSON_KEY(&w, "left_seconds");
    hq_json_i64(&w, left_us / HQ_US_PER_SECOND);
    HQ_JSON_KEY(&w, "by");
    hq_json_text(&w, c->request->caller->id);
    HQ_JSON_KEY(&w, "reason");
    hq_clr__put_text(&w, s->reason);
    hq_json_close(&w, '}');
    HQ_TRY(hq_buf_status(&text));
    return hq_clr__array_add(&life->sections[HQ_CLR__PAUSES], hq_buf_view(&text),
                             c->request->arena);
}

static hq_status stop_clock(hq_clr__life *life, const hq_clr__change *c, const hq_clr__row *row,
                            const stop *s)
{
    const hq_json *all;
    hq_clr__presented *p = presented_of(life, s->clock);
    HQ_TRY(hq_clr__elements(&all, life->sections[HQ_CLR__PAUSES], c->request->arena));
    const hq_ref *ref = hq_reference_acquire(c->clearance->reference);
    int64_t left = hq_ref_working_time_between(ref, office_of(row, s->clock), c->at, p->due);
    hq_reference_release(c->clearance->reference, ref);
    HQ_TRY(put_pause(life, c, s, (int64_t)all->count + 1, left));
    p->due = 0;
    return HQ_DONE;
}

static bool is_open(const hq_json *pause)
{
    const hq_json *to = hq_json_get(pause, "to");
    return to != NULL && to->type == HQ_JSON_NULL;
}

static int clock_of(const hq_json *pause)
{
    return hq_sv_eq(hq_json_get_text(pause, "clock"), HQ_SV("goods_check")) ? GOODS : DOCUMENTS;
}

/* The open pause of a clock, NULL: it is not stopped. */
static const hq_json *open_pause(const hq_json *all, int clock)
{
    for (const hq_json *p = hq_json_first(all); p != NULL; p = hq_json_next(all, p)) {
        if (is_open(p) && clock_of(p) == clock) {
            return p;
        }
    }
    return NULL;
}

static hq_status end_pause(hq_clr__life *life, const hq_clr__change *c, const hq_json *pause)
{
    hq_buf patch = HQ_BUF_ARENA(c->request->arena, 512);
    hq_json_w w = hq_json_writer(&patch);
    HQ_JSON_KEY(&w, "to");
    hq_json_time(&w, c->at);
    HQ_JSON_KEY(&w, "ended_by");
    hq_json_text(&w, c->request->caller->id);
    return hq_clr__element_change(&life->sections[HQ_CLR__PAUSES], pause, hq_buf_view(&patch),
                                  c->request->arena);
}

static hq_status go_on(hq_clr__life *life, const hq_clr__change *c, const hq_clr__row *row,
                       const hq_json *pause)
{
    int64_t left = 0;
    int clock = clock_of(pause);
    hq_json_get_i64(&left, pause, "left_seconds");
    HQ_TRY(end_pause(life, c, pause));
    const hq_ref *ref = hq_reference_acquire(c->clearance->reference);
    presented_of(life, clock)->due =
        hq_ref_working_time_add(ref, office_of(row, clock), c->at, left * HQ_US_PER_SECOND);
    hq_reference_release(c->clearance->reference, ref);
    return HQ_DONE;
}

/* Of a check that is going on. */
static int running_clock(const hq_clr__row *row)
{
    if (row->status == HQ_DECLARATION_DOCUMENT_CHECK) {
        return DOCUMENTS;
    }
    return row->status == HQ_DECLARATION_GOODS_CHECK ? GOODS : -1;
}

/* ------------------------------------------------------------------ by instructions */

hq_status hq_clr__pause_for_instruction(hq_clr__change *c, const hq_clr__row *row,
                                        hq_clr__life *life, int64_t instruction)
{
    int clock = running_clock(row);
    if (clock < 0 || presented_of(life, clock)->due <= c->at) {
        return HQ_DONE; /* none runs, one is stopped already, or its time is over */
    }
    stop s = { .kind = "INSTRUCTION", .clock = clock, .instruction = instruction };
    return stop_clock(life, c, row, &s);
}

static bool waits(const hq_json *instructions)
{
    for (const hq_json *i = hq_json_first(instructions); i != NULL;
         i = hq_json_next(instructions, i)) {
        hq_sv state = hq_json_get_text(i, "state");
        if (hq_sv_eq(state, HQ_SV("OPEN")) || hq_sv_eq(state, HQ_SV("OVERDUE"))) {
            return true;
        }
    }
    return false;
}

hq_status hq_clr__resume_when_answered(hq_clr__change *c, const hq_clr__row *row,
                                       hq_clr__life *life)
{
    const hq_json *instructions;
    const hq_json *pauses;
    hq_arena *arena = c->request->arena;
    HQ_TRY(hq_clr__elements(&pauses, life->sections[HQ_CLR__PAUSES], arena));
    HQ_TRY(hq_clr__elements(&instructions, life->sections[HQ_CLR__INSTRUCTIONS], arena));
    for (int clock = DOCUMENTS; clock <= GOODS; clock++) {
        const hq_json *pause = open_pause(pauses, clock);
        if (pause == NULL || waits(instructions) ||
            !hq_sv_eq(hq_json_get_text(pause, "kind"), HQ_SV("INSTRUCTION"))) {
            continue;
        }
        return go_on(life, c, row, pause); /* only one clock runs at a time */
    }
    return HQ_DONE;
}

hq_status hq_clr__pauses_settled(hq_clr__change *c, hq_clr__life *life)
{
    for (int clock = DOCUMENTS; clock <= GOODS; clock++) {
        const hq_json *all;
        HQ_TRY(hq_clr__elements(&all, life->sections[HQ_CLR__PAUSES], c->request->arena));
        const hq_json *pause = open_pause(all, clock);
        if (pause != NULL) {
            HQ_TRY(end_pause(life, c, pause));
        }
    }
    return HQ_DONE;
}

/* ------------------------------------------------------------------ by the officer */

static hq_status conflict(hq_clr__change *c, const char *vi, const char *en)
{
    c->explained = true;
    return HQ_CLR__REFUSE(c->request, CONFLICT, "", vi, en);
}

static hq_status move(hq_clr__change *c, hq_tx *tx, hq_clr__row *row, const hq_clr__life *life,
                      int clock)
{
    hq_arena *arena = c->request->arena;
    hq_clr__step step = { .verb = c->verb,
                          .facts = hq_clr__facts_seen(row, life),
                          .actor = c->request->caller->id,
                          .at = c->at,
                          .more = hq_arena_printf(arena, "\"clock\":\"%s\"", clocks[clock]) };
    HQ_TRY(hq_clr__life_pack(&row->life, life, arena));
    return hq_clr__row_move(row, tx, &step, arena);
}

typedef struct {
    int clock;
    int64_t id;
    hq_sv reason;
} pause_body;

static hq_status pause(hq_clr__change *c, hq_tx *tx, hq_clr__row *row)
{
    const pause_body *b = c->body;
    hq_clr__life life;
    const hq_json *all;
    if (hq_clr__move_find(row->status, HQ_VERB_PAUSE, NULL) == NULL) {
        return HQ_FAIL(CONFLICT);
    }
    HQ_TRY(hq_clr__life_unpack(&life, row->life));
    HQ_TRY(hq_clr__elements(&all, life.sections[HQ_CLR__PAUSES], c->request->arena));
    const hq_clr__presented *p = presented_of(&life, b->clock);
    if (open_pause(all, b->clock) != NULL) {
        return conflict(c, "Thời hạn này đang được tạm dừng", "This clock is stopped already");
    }
    if (p->at == 0 || p->due <= c->at) {
        return conflict(c, "Thời hạn này chưa bắt đầu hoặc đã hết; không còn gì để tạm dừng",
                        "This clock has not begun or is over; there is nothing to stop");
    }
    if (all->count >= PAUSES_MAX) {
        return conflict(c, "Thời hạn của tờ khai đã được tạm dừng 50 lần",
                        "Clocks of this declaration were stopped 50 times");
    }
    stop s = { .kind = "STATED", .clock = b->clock, .reason = b->reason };
    HQ_TRY(stop_clock(&life, c, row, &s));
    return move(c, tx, row, &life, b->clock);
}

hq_status hq_clr__post_pause(hq_request *request, void *room)
{
    static const hq_clr__member members[] = { { "clock", HQ_JSON_STRING },
                                              { "reason", HQ_JSON_STRING } };
    hq_clr__change *c;
    hq_clr__form form;
    pause_body *b = HQ_NEW(request->arena, pause_body);
    if (b == NULL) {
        return HQ_FAIL(NOMEM);
    }
    HQ_TRY(hq_clr__change_new(&c, request, room, HQ_VERB_PAUSE));
    hq_clr__change_keyed(c);
    HQ_TRY(hq_clr__form_open(&form, request, members, 2));
    b->clock = hq_clr__form_word(&form, "clock", clocks, 2, HQ_CLR__NEEDED);
    b->reason = hq_clr__form_text(&form, "reason", REASON_CHARS, HQ_CLR__NEEDED);
    HQ_TRY(hq_clr__form_close(&form));
    c->body = b;
    return hq_clr__change_write(c, pause);
}

static hq_status resume(hq_clr__change *c, hq_tx *tx, hq_clr__row *row)
{
    const pause_body *b = c->body;
    hq_clr__life life;
    const hq_json *all;
    if (hq_clr__move_find(row->status, HQ_VERB_RESUME, NULL) == NULL) {
        return HQ_FAIL(CONFLICT);
    }
    HQ_TRY(hq_clr__life_unpack(&life, row->life));
    HQ_TRY(hq_clr__elements(&all, life.sections[HQ_CLR__PAUSES], c->request->arena));
    const hq_json *one = hq_clr__element_numbered(all, "id", b->id);
    if (one == NULL) {
        return HQ_CLR__REFUSE(c->request, NOT_FOUND, "/id",
                              "Tờ khai này không có lần tạm dừng mang số này",
                              "The declaration has no pause of this number");
    }
    if (!is_open(one)) {
        return conflict(c, "Lần tạm dừng này đã kết thúc", "This pause has ended");
    }
    int clock = clock_of(one);
    HQ_TRY(go_on(&life, c, row, one));
    return move(c, tx, row, &life, clock);
}

hq_status hq_clr__post_pause_end(hq_request *request, void *room)
{
    hq_clr__change *c;
    pause_body *b = HQ_NEW(request->arena, pause_body);
    if (b == NULL) {
        return HQ_FAIL(NOMEM);
    }
    HQ_TRY(hq_clr__change_new(&c, request, room, HQ_VERB_RESUME));
    HQ_TRY(hq_clr__body_read(NULL, request, NULL, 0));
    if (!hq_sv_digits(request->params[1]) || !hq_sv_i64(&b->id, request->params[1])) {
        b->id = 0; /* no such one */
    }
    c->body = b;
    return hq_clr__change_write(c, resume);
}

/* ------------------------------------------------------------------ a longer goods check */

/* Only once: what the law adds it adds once. */
static bool was_extended(const hq_json *decisions)
{
    return hq_clr__element_named(decisions, "verb", HQ_SV("extension")) != NULL;
}

static hq_status extend(hq_clr__change *c, hq_tx *tx, hq_clr__row *row)
{
    const pause_body *b = c->body;
    hq_arena *arena = c->request->arena;
    hq_clr__life life;
    hq_clr__ruling ruling;
    const hq_json *decisions;
    if (hq_clr__move_find(row->status, HQ_VERB_EXTEND, NULL) == NULL) {
        return HQ_FAIL(CONFLICT);
    }
    HQ_TRY(hq_clr__life_unpack(&life, row->life));
    HQ_TRY(hq_clr__elements(&decisions, life.sections[HQ_CLR__DECISIONS], arena));
    if (was_extended(decisions)) {
        return conflict(c, "Thời hạn kiểm tra đã được gia hạn một lần",
                        "The time of the check was extended once already");
    }
    if (life.goods.due <= c->at) {
        return conflict(c, "Thời hạn kiểm tra hàng không đang chạy nên không gia hạn được",
                        "The clock of the goods check does not run, so it cannot be extended");
    }
    HQ_TRY(hq_clr__weigh(&ruling, c, tx, row, &life, &(hq_clr__wish){ HQ_SV("{}"), b->reason }));
    if (!ruling.decides) {
        return HQ_DONE;
    }
    hq_buf more = HQ_BUF_ARENA(arena, 256);
    hq_json_w w = hq_json_writer(&more);
    HQ_JSON_KEY(&w, "due_before");
    hq_json_time(&w, life.goods.due);
    const hq_ref *ref = hq_reference_acquire(c->clearance->reference);
    life.goods.due =
        hq_ref_term_end(ref, HQ_SV("GOODS_CHECK_EXTENSION"), office_of(row, GOODS), life.goods.due);
    hq_reference_release(c->clearance->reference, ref);
    HQ_JSON_KEY(&w, "due_after");
    hq_json_time(&w, life.goods.due);
    HQ_TRY(hq_clr__decided(&life, c, row, &ruling, b->reason, hq_buf_view(&more)));
    return move(c, tx, row, &life, GOODS);
}

hq_status hq_clr__post_extension(hq_request *request, void *room)
{
    static const hq_clr__member members[] = { { "reason", HQ_JSON_STRING } };
    hq_clr__change *c;
    hq_clr__form form;
    pause_body *b = HQ_NEW(request->arena, pause_body);
    if (b == NULL) {
        return HQ_FAIL(NOMEM);
    }
    HQ_TRY(hq_clr__change_new(&c, request, room, HQ_VERB_EXTEND));
    HQ_TRY(hq_clr__form_open(&form, request, members, 1));
    b->reason = hq_clr__form_text(&form, "reason", REASON_CHARS, HQ_CLR__NEEDED);
    HQ_TRY(hq_clr__form_close(&form));
    c->body = b;
    return hq_clr__change_write(c, extend);
}
