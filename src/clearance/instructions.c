/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/dialogue.h"
#include "clearance/due.h"
#include "clearance/elements.h"
#include "clearance/pauses.h"

/* What customs asks of the declarant and what he answers, numbered from 1. An instruction is OPEN
 * until it is answered, OVERDUE when its time passed first, and CLOSED when the officer has what he
 * wanted. Each keeps the times of all of it, from which a clock that waits for the declarant can be
 * stopped. */

#define TEXT_CHARS       2000
#define INSTRUCTIONS_MAX 100 /* of a declaration */
#define ANSWERS_MAX      20  /* of an instruction */
#define FILES_MAX        50  /* of an answer */

static const char *const kinds[] = { "SUPPLEMENT", "EXPLAIN", "AMEND", "PRESENT", "OTHER" };

static hq_status move(hq_clr__change *c, hq_tx *tx, hq_clr__row *row, hq_sv more)
{
    hq_clr__step step = { .verb = c->verb,
                          .facts = { .channel = (hq_channel)row->channel },
                          .actor = c->request->caller->id,
                          .at = c->at,
                          .more = more };
    return hq_clr__row_move(row, tx, &step, c->request->arena);
}

static bool state_is(const hq_json *element, const char *state)
{
    return hq_sv_eq(hq_json_get_text(element, "state"), hq_sv_from_cstr(state));
}

/* ------------------------------------------------------------------ asking */

typedef struct {
    hq_sv kind, text, lines;
    hq_time_us due;
} instruct_body;

static hq_status element_of(hq_sv *out, const hq_clr__change *c, const instruct_body *b,
                            int64_t number)
{
    hq_buf text = HQ_BUF_ARENA(c->request->arena, 65536);
    hq_json_w w = hq_json_writer(&text);
    hq_json_open(&w, '{');
    HQ_JSON_KEY(&w, "number");
    hq_json_i64(&w, number);
    HQ_JSON_KEY(&w, "kind");
    hq_json_text(&w, b->kind);
    HQ_JSON_KEY(&w, "state");
    hq_json_text(&w, HQ_SV("OPEN"));
    HQ_JSON_KEY(&w, "text");
    hq_json_text(&w, b->text);
    HQ_JSON_KEY(&w, "lines");
    hq_json_raw(&w, b->lines);
    HQ_JSON_KEY(&w, "by");
    hq_json_text(&w, c->request->caller->id);
    HQ_JSON_KEY(&w, "at");
    hq_json_time(&w, c->at);
    HQ_JSON_KEY(&w, "due");
    hq_json_time(&w, b->due);
    HQ_JSON_KEY(&w, "overdue_at");
    hq_json_null(&w);
    HQ_JSON_KEY(&w, "answers");
    hq_json_raw(&w, HQ_SV("[]"));
    HQ_JSON_KEY(&w, "answered_at");
    hq_json_null(&w);
    HQ_JSON_KEY(&w, "closed_by");
    hq_json_null(&w);
    HQ_JSON_KEY(&w, "closed_at");
    hq_json_null(&w);
    HQ_JSON_KEY(&w, "closure");
    hq_json_null(&w);
    hq_json_close(&w, '}');
    *out = hq_buf_view(&text);
    return hq_buf_status(&text);
}

/* As the officer set it, or as long as the law gives. */
static hq_time_us due_of(const hq_clr__change *c, const instruct_body *b, const hq_clr__row *row)
{
    if (b->due != 0) {
        return b->due;
    }
    const hq_ref *ref = hq_reference_acquire(c->clearance->reference);
    hq_time_us due = hq_ref_term_end(ref, HQ_SV("INSTRUCTION_ANSWER"), row->office, c->at);
    hq_reference_release(c->clearance->reference, ref);
    return due;
}

static hq_sv instruct_members(const instruct_body *b, int64_t number, hq_arena *arena)
{
    hq_buf text = HQ_BUF_ARENA(arena, 256);
    hq_json_w w = hq_json_writer(&text);
    HQ_JSON_KEY(&w, "instruction");
    hq_json_i64(&w, number);
    HQ_JSON_KEY(&w, "instruction_kind");
    hq_json_text(&w, b->kind);
    HQ_JSON_KEY(&w, "due");
    hq_json_time(&w, b->due);
    return hq_buf_view(&text);
}

static hq_status too_many(hq_clr__change *c, const char *vi, const char *en)
{
    c->explained = true;
    return HQ_CLR__REFUSE(c->request, CONFLICT, "", vi, en);
}

static hq_status instruct(hq_clr__change *c, hq_tx *tx, hq_clr__row *row)
{
    instruct_body asked = *(const instruct_body *)c->body;
    const instruct_body *b = &asked;
    hq_arena *arena = c->request->arena;
    hq_clr__life life;
    const hq_json *all;
    hq_sv element;
    if (hq_clr__move_find(row->status, HQ_VERB_INSTRUCT, NULL) == NULL) {
        return HQ_FAIL(CONFLICT);
    }
    HQ_TRY(hq_clr__lines_known(c, row, b->lines, "/lines"));
    HQ_TRY(hq_clr__life_unpack(&life, row->life));
    HQ_TRY(hq_clr__elements(&all, life.sections[HQ_CLR__INSTRUCTIONS], arena));
    if (all->count >= INSTRUCTIONS_MAX) {
        return too_many(c, "Tờ khai đã có 100 chỉ thị; hãy dùng các chỉ thị đã có",
                        "The declaration has 100 instructions; use those there are");
    }
    int64_t number = (int64_t)all->count + 1;
    asked.due = due_of(c, b, row);
    HQ_TRY(element_of(&element, c, b, number));
    HQ_TRY(hq_clr__array_add(&life.sections[HQ_CLR__INSTRUCTIONS], element, arena));
    HQ_TRY(hq_clr__pause_for_instruction(c, row, &life, number));
    HQ_TRY(hq_clr__life_pack(&row->life, &life, arena));
    HQ_TRY(hq_clr__due_set(tx, row, hq_clr__due_item(arena, "instruction", number), b->due));
    return move(c, tx, row, instruct_members(b, number, arena));
}

hq_status hq_clr__post_instruction(hq_request *request, void *room)
{
    static const hq_clr__member members[] = {
        { "kind", HQ_JSON_STRING },
        { "text", HQ_JSON_STRING },
        { "lines", HQ_JSON_ARRAY },
        { "due", HQ_JSON_STRING },
    };
    hq_clr__change *c;
    hq_clr__form form;
    instruct_body *b = HQ_NEW(request->arena, instruct_body);
    if (b == NULL) {
        return HQ_FAIL(NOMEM);
    }
    HQ_TRY(hq_clr__change_new(&c, request, room, HQ_VERB_INSTRUCT));
    hq_clr__change_keyed(c);
    HQ_TRY(hq_clr__form_open(&form, request, members, sizeof members / sizeof members[0]));
    int kind =
        hq_clr__form_word(&form, "kind", kinds, sizeof kinds / sizeof kinds[0], HQ_CLR__NEEDED);
    b->kind = kind < 0 ? HQ_SV("") : hq_sv_from_cstr(kinds[kind]);
    b->text = hq_clr__form_text(&form, "text", TEXT_CHARS, HQ_CLR__NEEDED);
    b->lines = hq_clr__form_lines(&form, "lines");
    b->due = hq_clr__form_time(&form, "due", c->at, 0);
    HQ_TRY(hq_clr__form_close(&form));
    c->body = b;
    return hq_clr__change_write(c, instruct);
}

/* ------------------------------------------------------------------ the one that is meant */

/* `path` is where the caller named it: in the body, or in the path of the route. */
static hq_status find_instruction(const hq_json **out, hq_clr__change *c, const hq_clr__life *life,
                                  int64_t number, const char *path)
{
    const hq_json *all;
    HQ_TRY(hq_clr__elements(&all, life->sections[HQ_CLR__INSTRUCTIONS], c->request->arena));
    *out = hq_clr__element_numbered(all, "number", number);
    if (*out != NULL) {
        return HQ_DONE;
    }
    bool in_body = path[0] != '\0';
    return hq_clr__refuse(c->request, in_body ? HQ_FAIL(INVALID) : HQ_FAIL(NOT_FOUND),
                          hq_sv_from_cstr(in_body ? path : "/id"),
                          "Tờ khai này không có chỉ thị mang số này",
                          "The declaration has no instruction of this number");
}

static hq_status is_closed(hq_clr__change *c)
{
    c->explained = true;
    return HQ_CLR__REFUSE(c->request, CONFLICT, "",
                          "Chỉ thị này đã đóng; nếu cần, hãy gửi chỉ thị mới",
                          "This instruction is closed; ask a new one if need be");
}

/* ------------------------------------------------------------------ answering */

typedef struct {
    int64_t instruction;
    hq_sv text, attachments;
} answer_body;

static hq_status answer_element(hq_sv *out, const hq_clr__change *c, const answer_body *b,
                                int64_t number)
{
    hq_buf text = HQ_BUF_ARENA(c->request->arena, 65536);
    hq_json_w w = hq_json_writer(&text);
    hq_json_open(&w, '{');
    HQ_JSON_KEY(&w, "number");
    hq_json_i64(&w, number);
    HQ_JSON_KEY(&w, "text");
    hq_clr__put_text(&w, b->text);
    HQ_JSON_KEY(&w, "attachments");
    hq_json_raw(&w, b->attachments);
    HQ_JSON_KEY(&w, "by");
    hq_json_text(&w, c->request->caller->id);
    HQ_JSON_KEY(&w, "at");
    hq_json_time(&w, c->at);
    hq_json_close(&w, '}');
    *out = hq_buf_view(&text);
    return hq_buf_status(&text);
}

/* `answered_at` is the first answer: from then on customs has the word. */
static hq_status answer_patch(hq_sv *out, const hq_clr__change *c, const hq_json *element,
                              hq_sv answers)
{
    hq_buf text = HQ_BUF_ARENA(c->request->arena, HQ_CLR__RECORD_MAX);
    hq_json_w w = hq_json_writer(&text);
    HQ_JSON_KEY(&w, "state");
    hq_json_text(&w, HQ_SV("ANSWERED"));
    HQ_JSON_KEY(&w, "answers");
    hq_json_raw(&w, answers);
    if (hq_clr__json_time(element, "answered_at") == 0) {
        HQ_JSON_KEY(&w, "answered_at");
        hq_json_time(&w, c->at);
    }
    *out = hq_buf_view(&text);
    return hq_buf_status(&text);
}

static hq_status answer(hq_clr__change *c, hq_tx *tx, hq_clr__row *row)
{
    const answer_body *b = c->body;
    hq_arena *arena = c->request->arena;
    hq_clr__life life;
    const hq_json *element;
    hq_sv one;
    hq_sv patch;
    if (hq_clr__move_find(row->status, HQ_VERB_ANSWER, NULL) == NULL) {
        return HQ_FAIL(CONFLICT);
    }
    HQ_TRY(hq_clr__life_unpack(&life, row->life));
    HQ_TRY(find_instruction(&element, c, &life, b->instruction, "/instruction"));
    HQ_TRY(hq_clr__attachments_known(c, &life, b->attachments, "/attachments"));
    if (state_is(element, "CLOSED")) {
        return is_closed(c);
    }
    const hq_json *before = hq_json_get(element, "answers");
    if (before->count >= ANSWERS_MAX) {
        return too_many(c, "Chỉ thị này đã có 20 câu trả lời", "The instruction has 20 answers");
    }
    hq_sv answers = before->text;
    HQ_TRY(answer_element(&one, c, b, (int64_t)before->count + 1));
    HQ_TRY(hq_clr__array_add(&answers, one, arena));
    HQ_TRY(answer_patch(&patch, c, element, answers));
    HQ_TRY(hq_clr__element_change(&life.sections[HQ_CLR__INSTRUCTIONS], element, patch, arena));
    HQ_TRY(hq_clr__resume_when_answered(c, row, &life));
    HQ_TRY(hq_clr__life_pack(&row->life, &life, arena));
    HQ_TRY(hq_clr__due_clear(tx, row, hq_clr__due_item(arena, "instruction", b->instruction)));
    return move(c, tx, row,
                hq_arena_printf(arena, "\"instruction\":%lld", (long long)b->instruction));
}

hq_status hq_clr__post_answer(hq_request *request, void *room)
{
    static const hq_clr__member members[] = {
        { "instruction", HQ_JSON_NUMBER },
        { "text", HQ_JSON_STRING },
        { "attachments", HQ_JSON_ARRAY },
    };
    hq_clr__change *c;
    hq_clr__form form;
    answer_body *b = HQ_NEW(request->arena, answer_body);
    if (b == NULL) {
        return HQ_FAIL(NOMEM);
    }
    HQ_TRY(hq_clr__change_new(&c, request, room, HQ_VERB_ANSWER));
    hq_clr__change_keyed(c);
    HQ_TRY(hq_clr__form_open(&form, request, members, sizeof members / sizeof members[0]));
    b->instruction = hq_clr__form_number(&form, "instruction", 1, INSTRUCTIONS_MAX, HQ_CLR__NEEDED);
    b->attachments = hq_clr__form_ids(&form, "attachments", FILES_MAX);
    b->text =
        hq_clr__form_text(&form, "text", TEXT_CHARS, b->attachments.len > 2 ? 0 : HQ_CLR__NEEDED);
    HQ_TRY(hq_clr__form_close(&form));
    c->body = b;
    return hq_clr__change_write(c, answer);
}

/* ------------------------------------------------------------------ closing */

static hq_status closed_patch(hq_sv *out, const hq_clr__change *c, hq_sv note)
{
    hq_buf text = HQ_BUF_ARENA(c->request->arena, 65536);
    hq_json_w w = hq_json_writer(&text);
    HQ_JSON_KEY(&w, "state");
    hq_json_text(&w, HQ_SV("CLOSED"));
    HQ_JSON_KEY(&w, "closed_by");
    hq_json_text(&w, c->request->caller->id);
    HQ_JSON_KEY(&w, "closed_at");
    hq_json_time(&w, c->at);
    HQ_JSON_KEY(&w, "closure");
    hq_clr__put_text(&w, note);
    *out = hq_buf_view(&text);
    return hq_buf_status(&text);
}

typedef struct {
    int64_t number;
    hq_sv note;
} close_body;

static hq_status close_one(hq_clr__change *c, hq_tx *tx, hq_clr__row *row)
{
    const close_body *b = c->body;
    hq_arena *arena = c->request->arena;
    hq_clr__life life;
    const hq_json *element;
    hq_sv patch;
    if (hq_clr__move_find(row->status, HQ_VERB_INSTRUCTION_CLOSE, NULL) == NULL) {
        return HQ_FAIL(CONFLICT);
    }
    HQ_TRY(hq_clr__life_unpack(&life, row->life));
    HQ_TRY(find_instruction(&element, c, &life, b->number, ""));
    if (state_is(element, "CLOSED")) {
        return is_closed(c);
    }
    HQ_TRY(closed_patch(&patch, c, b->note));
    HQ_TRY(hq_clr__element_change(&life.sections[HQ_CLR__INSTRUCTIONS], element, patch, arena));
    HQ_TRY(hq_clr__resume_when_answered(c, row, &life));
    HQ_TRY(hq_clr__life_pack(&row->life, &life, arena));
    HQ_TRY(hq_clr__due_clear(tx, row, hq_clr__due_item(arena, "instruction", b->number)));
    return move(c, tx, row, hq_arena_printf(arena, "\"instruction\":%lld", (long long)b->number));
}

hq_status hq_clr__post_instruction_closure(hq_request *request, void *room)
{
    static const hq_clr__member members[] = { { "note", HQ_JSON_STRING } };
    hq_clr__change *c;
    hq_clr__form form;
    close_body *b = HQ_NEW(request->arena, close_body);
    if (b == NULL) {
        return HQ_FAIL(NOMEM);
    }
    HQ_TRY(hq_clr__change_new(&c, request, room, HQ_VERB_INSTRUCTION_CLOSE));
    HQ_TRY(hq_clr__form_open(&form, request, members, 1));
    b->note = hq_clr__form_text(&form, "note", TEXT_CHARS, 0);
    HQ_TRY(hq_clr__form_close(&form));
    if (!hq_sv_digits(request->params[1]) || !hq_sv_i64(&b->number, request->params[1])) {
        b->number = 0; /* no such one */
    }
    c->body = b;
    return hq_clr__change_write(c, close_one);
}

hq_status hq_clr__instructions_settled(hq_clr__change *c, hq_tx *tx, const hq_clr__row *row,
                                       hq_clr__life *life)
{
    hq_arena *arena = c->request->arena;
    hq_sv *section = &life->sections[HQ_CLR__INSTRUCTIONS];
    const hq_json *all;
    hq_sv patch;
    HQ_TRY(hq_clr__elements(&all, *section, arena));
    HQ_TRY(closed_patch(&patch, c, HQ_SV("")));
    for (int64_t number = 1; number <= (int64_t)all->count; number++) {
        const hq_json *now;
        HQ_TRY(hq_clr__elements(&now, *section, arena));
        const hq_json *element = hq_clr__element_numbered(now, "number", number);
        if (element == NULL || state_is(element, "CLOSED")) {
            continue;
        }
        HQ_TRY(hq_clr__element_change(section, element, patch, arena));
        HQ_TRY(hq_clr__due_clear(tx, row, hq_clr__due_item(arena, "instruction", number)));
    }
    return HQ_DONE;
}

/* ------------------------------------------------------------------ time */

hq_status hq_clr__instruction_late(hq_clearance *clearance, hq_tx *tx, hq_clr__row *row,
                                   hq_sv number, hq_time_us now)
{
    hq_arena *arena = hq_tx_arena(tx);
    hq_clr__life life;
    const hq_json *all;
    int64_t n;
    (void)clearance;
    HQ_TRY(hq_clr__life_unpack(&life, row->life));
    HQ_TRY(hq_clr__elements(&all, life.sections[HQ_CLR__INSTRUCTIONS], arena));
    const hq_json *element =
        hq_sv_i64(&n, number) ? hq_clr__element_numbered(all, "number", n) : NULL;
    if (element == NULL || !state_is(element, "OPEN") ||
        hq_clr__move_find(row->status, HQ_VERB_LAPSE, NULL) == NULL) {
        return HQ_DONE;
    }
    hq_buf patch = HQ_BUF_ARENA(arena, 256);
    hq_json_w w = hq_json_writer(&patch);
    HQ_JSON_KEY(&w, "state");
    hq_json_text(&w, HQ_SV("OVERDUE"));
    HQ_JSON_KEY(&w, "overdue_at");
    hq_json_time(&w, now);
    HQ_TRY(hq_buf_status(&patch));
    HQ_TRY(hq_clr__element_change(&life.sections[HQ_CLR__INSTRUCTIONS], element,
                                  hq_buf_view(&patch), arena));
    HQ_TRY(hq_clr__life_pack(&row->life, &life, arena));
    hq_clr__step step = { .verb = HQ_VERB_LAPSE,
                          .facts = { .channel = (hq_channel)row->channel },
                          .actor = HQ_SV("system"),
                          .at = now,
                          .more = hq_arena_printf(arena, "\"instruction\":%lld", (long long)n) };
    return hq_clr__row_move(row, tx, &step, arena);
}
