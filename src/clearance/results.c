/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/due.h"
#include "clearance/elements.h"
#include "clearance/exits.h"
#include "clearance/facts.h"
#include "clearance/matters.h"
#include "clearance/passage.h"
#include "clearance/proposals.h"
#include "clearance/verbs.h"

/* The result that a released, stored or paper declaration waits for, entered by an officer. Good:
 * the checks go on where they were left, or the tax test follows. Not good: it stays where it is,
 * with what became of the goods. A paper declaration is closed by it and stays MANUAL: paper
 * cleared it. */

#define NOTE_CHARS   2000
#define AGENCY_CHARS 200
#define NUMBER_CHARS 100
#define RESULTS_MAX  50

static const char *const results[] = { "satisfactory", "unsatisfactory" };
static const char *const disposals[] = { "REEXPORT", "DESTROY", "RECYCLE", "OTHER" };

typedef struct {
    bool good, breach;
    hq_sv disposal, agency, document, note;
    hq_day date;
} result_body;

static hq_status explain(hq_clr__change *c, const char *vi, const char *en)
{
    c->explained = true;
    return hq_clr__refuse(c->request, HQ_FAIL(CONFLICT), HQ_SV(""), vi, en);
}

/* ------------------------------------------------------------------ the element */

static hq_status result_json(hq_sv *out, const hq_clr__change *c)
{
    const result_body *b = c->body;
    hq_buf text = HQ_BUF_ARENA(c->request->arena, 65536);
    hq_json_w w = hq_json_writer(&text);
    hq_json_open(&w, '{');
    HQ_JSON_KEY(&w, "result");
    hq_json_text(&w, hq_sv_from_cstr(results[b->good ? 0 : 1]));
    HQ_JSON_KEY(&w, "agency");
    hq_clr__put_text(&w, b->agency);
    HQ_JSON_KEY(&w, "document");
    hq_clr__put_text(&w, b->document);
    HQ_JSON_KEY(&w, "date");
    hq_json_day(&w, b->date);
    HQ_JSON_KEY(&w, "note");
    hq_clr__put_text(&w, b->note);
    HQ_JSON_KEY(&w, "disposal");
    hq_clr__put_text(&w, b->disposal);
    HQ_JSON_KEY(&w, "breach");
    hq_json_bool(&w, b->breach);
    HQ_JSON_KEY(&w, "by");
    hq_json_text(&w, c->request->caller->id);
    HQ_JSON_KEY(&w, "at");
    hq_json_time(&w, c->at);
    hq_json_close(&w, '}');
    *out = hq_buf_view(&text);
    return hq_buf_status(&text);
}

static hq_status add_result(hq_clr__change *c, hq_clr__life *life, const hq_json *exit)
{
    const result_body *b = c->body;
    hq_arena *arena = c->request->arena;
    const hq_json *given = hq_json_get(exit, "results");
    hq_sv all = given == NULL ? HQ_SV("") : given->text;
    hq_buf patch = HQ_BUF_ARENA(arena, HQ_CLR__RECORD_MAX);
    hq_json_w w = hq_json_writer(&patch);
    hq_sv one;
    if (given != NULL && given->count >= RESULTS_MAX) {
        return explain(c, "Đã ghi 50 kết quả cho lần này",
                       "50 results were entered for it already");
    }
    HQ_TRY(result_json(&one, c));
    HQ_TRY(hq_clr__array_add(&all, one, arena));
    HQ_JSON_KEY(&w, "results");
    hq_json_raw(&w, all);
    if (b->good) {
        HQ_JSON_KEY(&w, "closed_at");
        hq_json_time(&w, c->at);
    }
    HQ_TRY(hq_buf_status(&patch));
    return hq_clr__element_change(&life->sections[HQ_CLR__DECISIONS], exit, hq_buf_view(&patch),
                                  arena);
}

/* ------------------------------------------------------------------ entering it */

static hq_sv event_members(const result_body *b, hq_arena *arena)
{
    hq_buf text = HQ_BUF_ARENA(arena, 256);
    hq_json_w w = hq_json_writer(&text);
    HQ_JSON_KEY(&w, "result");
    hq_json_text(&w, hq_sv_from_cstr(results[b->good ? 0 : 1]));
    if (b->disposal.len > 0) {
        HQ_JSON_KEY(&w, "disposal");
        hq_json_text(&w, b->disposal);
    }
    return hq_buf_view(&text);
}

static hq_status move(hq_clr__change *c, hq_tx *tx, hq_clr__row *row, const hq_clr__facts *facts)
{
    hq_arena *arena = c->request->arena;
    hq_clr__step step = { .verb = HQ_VERB_RESULT,
                          .facts = *facts,
                          .actor = c->request->caller->id,
                          .at = c->at,
                          .more = event_members(c->body, arena) };
    HQ_TRY(hq_clr__row_move(row, tx, &step, arena));
    return row->status == HQ_DECLARATION_CLEARED
               ? hq_clr__after_clearing(c->clearance, tx, row, step.actor, c->at, arena)
               : HQ_DONE;
}

/* What a check led to is carried along by a release; it must be at its end before the result that
 * leads to clearing. */
static hq_status may_end(hq_clr__change *c, const hq_clr__life *life, const hq_clr__row *row,
                         const hq_clr__facts *facts)
{
    const hq_clr__move *to = hq_clr__move_find(row->status, HQ_VERB_RESULT, facts);
    bool ends = to != NULL &&
                (to->next == HQ_DECLARATION_AWAITING_TAX || to->next == HQ_DECLARATION_CLEARED);
    return ends ? hq_clr__matters_ended(c, life) : HQ_DONE;
}

static hq_status enter(hq_clr__change *c, hq_tx *tx, hq_clr__row *row)
{
    const result_body *b = c->body;
    hq_clr__life life;
    hq_clr__facts facts;
    const hq_json *all;
    if (hq_clr__move_find(row->status, HQ_VERB_RESULT, NULL) == NULL) {
        return HQ_FAIL(CONFLICT);
    }
    HQ_TRY(hq_clr__life_unpack(&life, row->life));
    HQ_TRY(hq_clr__elements(&all, life.sections[HQ_CLR__DECISIONS], c->request->arena));
    const hq_json *exit = hq_clr__exit_of(all);
    if (exit == NULL || hq_clr__json_time(exit, "closed_at") != 0) {
        return explain(c, "Kết quả đã được ghi, không còn chờ kết quả nào",
                       "The result was entered: nothing waits for another");
    }
    HQ_TRY(hq_clr__facts_of(&facts, tx, row, &life));
    facts.discrepancy = !b->good;
    facts.before = hq_clr__stored_from(exit);
    HQ_TRY(may_end(c, &life, row, &facts));
    HQ_TRY(add_result(c, &life, exit));
    HQ_TRY(hq_clr__life_pack(&row->life, &life, c->request->arena));
    if (b->good) {
        HQ_TRY(hq_clr__due_clear(tx, row, HQ_SV("result/1")));
    }
    if (b->breach && row->status == HQ_DECLARATION_STORED) {
        HQ_TRY(hq_clr__storage_ban(c->clearance, tx, row, HQ_SV("STORAGE_BAN_SALE"), c->day));
    }
    return move(c, tx, row, &facts);
}

/* ------------------------------------------------------------------ the body */

static void read_date(result_body *b, hq_clr__form *form, hq_day today)
{
    const hq_json *given = hq_json_get(form->body, "date");
    b->date = today;
    if (given == NULL || given->type != HQ_JSON_STRING) {
        return;
    }
    if (hq_failed(hq_day_parse(&b->date, given->text))) {
        hq_clr__form_wrong(form, "HQ013", "date", given, HQ_ARGS(HQ_SV("date")));
    } else if (b->date > today) {
        hq_clr__form_wrong(form, "HQ650", "date", given, HQ_ARGS(HQ_SV("date")));
    }
}

static void read_result(result_body *b, hq_clr__form *form, hq_day today)
{
    int good = hq_clr__form_word(form, "result", results, 2, HQ_CLR__NEEDED);
    int disposal =
        hq_clr__form_word(form, "disposal", disposals, sizeof disposals / sizeof disposals[0], 0);
    const hq_json *breach = hq_json_get(form->body, "breach");
    b->good = good == 0;
    b->disposal = disposal < 0 ? HQ_SV("") : hq_sv_from_cstr(disposals[disposal]);
    b->breach = breach != NULL && breach->type == HQ_JSON_TRUE;
    b->agency = hq_clr__form_text(form, "agency", AGENCY_CHARS, 0);
    b->document = hq_clr__form_text(form, "document", NUMBER_CHARS, 0);
    b->note = hq_clr__form_text(form, "note", NOTE_CHARS, 0);
    read_date(b, form, today);
    if (b->good && (b->disposal.len > 0 || b->breach)) {
        const char *name = b->disposal.len > 0 ? "disposal" : "breach";
        hq_clr__form_wrong(form, "HQ651", name, NULL, HQ_ARGS(hq_sv_from_cstr(name)));
    }
}

hq_status hq_clr__post_exit_result(hq_request *request, void *room)
{
    static const hq_clr__member members[] = {
        { "result", HQ_JSON_STRING }, { "agency", HQ_JSON_STRING }, { "document", HQ_JSON_STRING },
        { "date", HQ_JSON_STRING },   { "note", HQ_JSON_STRING },   { "disposal", HQ_JSON_STRING },
        { "breach", HQ_JSON_TRUE },
    };
    hq_clr__change *c;
    hq_clr__form form;
    result_body *b = HQ_NEW(request->arena, result_body);
    if (b == NULL) {
        return HQ_FAIL(NOMEM);
    }
    HQ_TRY(hq_clr__change_new(&c, request, room, HQ_VERB_RESULT));
    HQ_TRY(hq_clr__form_open(&form, request, members, sizeof members / sizeof members[0]));
    read_result(b, &form, c->day);
    HQ_TRY(hq_clr__form_close(&form));
    c->body = b;
    return hq_clr__change_write(c, enter);
}

/* ------------------------------------------------------------------ too late, and after */

hq_status hq_clr__result_overdue(hq_clearance *clearance, hq_tx *tx, hq_clr__row *row, hq_sv which,
                                 hq_time_us now)
{
    hq_arena *arena = hq_tx_arena(tx);
    hq_clr__life life;
    const hq_json *all;
    bool stored = row->status == HQ_DECLARATION_STORED;
    (void)which;
    if (!stored && row->status != HQ_DECLARATION_RELEASED) {
        return HQ_DONE;
    }
    HQ_TRY(hq_clr__life_unpack(&life, row->life));
    HQ_TRY(hq_clr__elements(&all, life.sections[HQ_CLR__DECISIONS], arena));
    const hq_json *exit = hq_clr__exit_of(all);
    if (exit == NULL) {
        return HQ_FAIL(CORRUPT);
    }
    hq_buf patch = HQ_BUF_ARENA(arena, 128);
    hq_json_w w = hq_json_writer(&patch);
    HQ_JSON_KEY(&w, "overdue_at");
    hq_json_time(&w, now);
    HQ_TRY(hq_clr__element_change(&life.sections[HQ_CLR__DECISIONS], exit, hq_buf_view(&patch),
                                  arena));
    HQ_TRY(hq_clr__life_pack(&row->life, &life, arena));
    if (stored) {
        HQ_TRY(hq_clr__storage_ban(clearance, tx, row, HQ_SV("STORAGE_BAN_LATE"), hq_day_of(now)));
    }
    hq_clr__step step = { .verb = HQ_VERB_LAPSE,
                          .facts = hq_clr__facts_seen(row, &life),
                          .actor = HQ_SV("system"),
                          .at = now,
                          .more = stored ? HQ_SV("\"deadline\":\"storage\"")
                                         : HQ_SV("\"deadline\":\"release\"") };
    return hq_clr__row_move(row, tx, &step, arena);
}

hq_status hq_clr__after_clearing(hq_clearance *clearance, hq_tx *tx, hq_clr__row *row, hq_sv actor,
                                 hq_time_us at, hq_arena *arena)
{
    hq_clr__life life;
    HQ_TRY(hq_clr__tell_cleared(clearance, tx, row, actor, at));
    HQ_TRY(hq_clr__life_unpack(&life, row->life));
    if (!hq_clr__all_gone(&life)) {
        return HQ_DONE;
    }
    /* Gone while it was released or stored. */
    hq_clr__step step = { .verb = HQ_VERB_PASSAGE,
                          .facts = hq_clr__facts_seen(row, &life),
                          .actor = HQ_SV("system"),
                          .at = at,
                          .more = HQ_SV("\"gone\":true") };
    return hq_clr__row_move(row, tx, &step, arena);
}
