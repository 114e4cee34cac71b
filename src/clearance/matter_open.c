/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/amend.h"
#include "clearance/elements.h"
#include "clearance/matter_body.h"
#include "clearance/proposals.h"

/* Opening a matter: an officer, or for what a head decides the head, says what the discrepancy of a
 * check leads to. */

/* ------------------------------------------------------------------ the check it came of */

/* The check that the body names, else the last one; 0 when that found no discrepancy. */
static hq_status find_check(int64_t *out, const hq_clr__life *life, int64_t wanted, hq_arena *arena)
{
    const hq_json *all;
    int64_t number = 0;
    *out = 0;
    HQ_TRY(hq_clr__elements(&all, life->sections[HQ_CLR__CHECKS], arena));
    for (const hq_json *check = hq_json_first(all); check != NULL;
         check = hq_json_next(all, check)) {
        bool found = hq_sv_eq(hq_json_get_text(check, "result"), HQ_SV("discrepancy"));
        number++;
        if (wanted == 0 || wanted == number) {
            *out = found ? number : 0;
        }
    }
    return HQ_DONE;
}

static hq_status no_discrepancy(hq_clr__change *c)
{
    c->explained = true;
    return HQ_CLR__REFUSE(
        c->request, CONFLICT, "/check",
        "Lần kiểm tra này không ghi nhận sai lệch: hãy ghi kết quả kiểm tra có sai lệch trước "
        "(document-check hoặc goods-check, result \"discrepancy\")",
        "This check found no discrepancy: record the check that did first (document-check or "
        "goods-check, result \"discrepancy\")");
}

/* ------------------------------------------------------------------ members of its kind */

static hq_sv record_number_of(const hq_clr__matter_body *b, const hq_clr__row *row, int64_t id,
                              hq_arena *arena)
{
    char number[12];
    hq_declaration_number_write(number, row->id, 0);
    return b->record_number.len > 0
               ? b->record_number
               : hq_arena_printf(arena, "%.*s/%.12s/%lld", HQ_SV_FMT(row->office), number,
                                 (long long)id);
}

static void put_own(hq_json_w *w, const hq_clr__matter_body *b, hq_sv earlier, hq_sv record_number)
{
    switch (b->opening.kind) {
    case HQ_MATTER_ORDERED_AMENDMENT:
        HQ_JSON_KEY(w, "about");
        hq_json_text(w, b->about);
        HQ_JSON_KEY(w, "changes");
        hq_json_raw(w, b->changes);
        return;
    case HQ_MATTER_IMPOSED_TAX:
        HQ_JSON_KEY(w, "amounts");
        hq_json_raw(w, b->amounts);
        HQ_JSON_KEY(w, "ground");
        hq_json_text(w, b->ground);
        return;
    case HQ_MATTER_ANALYSIS:
        HQ_JSON_KEY(w, "samples");
        hq_json_raw(w, HQ_SV("[]"));
        HQ_JSON_KEY(w, "earlier");
        hq_json_raw(w, earlier);
        return;
    case HQ_MATTER_CONSULTATION:
        HQ_JSON_KEY(w, "invitation");
        hq_json_open(w, '{');
        HQ_JSON_KEY(w, "at");
        hq_json_time(w, b->invited_to);
        HQ_JSON_KEY(w, "place");
        hq_json_text(w, b->place);
        hq_json_close(w, '}');
        return;
    case HQ_MATTER_VIOLATION:
        HQ_JSON_KEY(w, "act");
        hq_json_text(w, b->act);
        HQ_JSON_KEY(w, "record_number");
        hq_json_text(w, record_number);
        return;
    case HQ_MATTER_REFUSAL:
        HQ_JSON_KEY(w, "ground");
        hq_json_text(w, b->ground);
        HQ_JSON_KEY(w, "disposal");
        hq_json_text(w, b->disposal);
        return;
    case HQ_CLR__MATTER_KINDS:
        break;
    }
}

static hq_status own_members(hq_sv *out, hq_clr__change *c, hq_tx *tx, const hq_clr__row *row,
                             const hq_clr__matter_body *b, int64_t id)
{
    hq_arena *arena = c->request->arena;
    hq_buf text = HQ_BUF_ARENA(arena, HQ_CLR__RECORD_MAX);
    hq_buf earlier = HQ_BUF_ARENA(arena, HQ_CLR__RECORD_MAX);
    hq_json_w w = hq_json_writer(&text);
    hq_json_w ew = hq_json_writer(&earlier);
    if (b->opening.kind == HQ_MATTER_ANALYSIS) {
        HQ_TRY(hq_clr__earlier_json(&ew, tx, row, b->opening.lines, c->day, arena));
        HQ_TRY(hq_buf_status(&earlier));
    }
    put_own(&w, b, hq_buf_view(&earlier), record_number_of(b, row, id, arena));
    *out = hq_buf_view(&text);
    return hq_buf_status(&text);
}

/* What the event says beside number and kind: no words of anybody. */
static hq_sv event_members(const hq_clr__matter_body *b, hq_arena *arena)
{
    hq_buf text = HQ_BUF_ARENA(arena, 65536);
    hq_json_w w = hq_json_writer(&text);
    HQ_JSON_KEY(&w, "lines");
    hq_json_raw(&w, b->opening.lines);
    if (b->opening.due != 0) {
        HQ_JSON_KEY(&w, "due");
        hq_json_time(&w, b->opening.due);
    }
    if (b->about.len > 0) {
        HQ_JSON_KEY(&w, "about");
        hq_json_text(&w, b->about);
    }
    if (b->disposal.len > 0) {
        HQ_JSON_KEY(&w, "disposal");
        hq_json_text(&w, b->disposal);
    }
    if (b->amounts.len > 0) {
        HQ_JSON_KEY(&w, "amounts");
        hq_json_raw(&w, b->amounts);
    }
    return hq_buf_view(&text);
}

/* ------------------------------------------------------------------ the verb */

static hq_time_us due_of(const hq_clr__change *c, const hq_clr__opening *o, const hq_clr__row *row)
{
    hq_sv term = hq_clr__matter_term(o->kind);
    if (term.len == 0) {
        return o->due;
    }
    const hq_ref *ref = hq_reference_acquire(c->clearance->reference);
    hq_time_us due = hq_ref_term_end(ref, term, row->office, c->at);
    hq_reference_release(c->clearance->reference, ref);
    return due;
}

/* Kept for enforcement: what, where, by whom; the words stay in the record. */
static hq_status record_violation(hq_clr__change *c, hq_tx *tx, hq_clr__row *row,
                                  const hq_clr__matter_body *b, int64_t id)
{
    hq_arena *arena = c->request->arena;
    hq_buf text = HQ_BUF_ARENA(arena, 65536);
    hq_json_w w = hq_json_writer(&text);
    HQ_JSON_KEY(&w, "matter");
    hq_json_i64(&w, id);
    HQ_JSON_KEY(&w, "act");
    hq_json_text(&w, b->act);
    HQ_JSON_KEY(&w, "lines");
    hq_json_raw(&w, b->opening.lines);
    HQ_TRY(hq_buf_status(&text));
    return hq_clr__row_event(row, tx,
                             &(hq_clr__event){ HQ_SV("declaration.violation_recorded"),
                                               c->request->caller->id, c->at, hq_buf_view(&text) },
                             arena);
}

static hq_status too_many(hq_clr__change *c)
{
    c->explained = true;
    return HQ_CLR__REFUSE(c->request, CONFLICT, "",
                          "Tờ khai đã có 100 vụ việc; hãy dùng các vụ việc đã có",
                          "The declaration has 100 matters; use those there are");
}

/* What a head is asked to decide: all but the words, which are his who decides. */
static hq_sv content_of(const hq_clr__matter_body *b, hq_arena *arena)
{
    hq_buf text = HQ_BUF_ARENA(arena, HQ_CLR__RECORD_MAX);
    hq_json_w w = hq_json_writer(&text);
    hq_json_open(&w, '{');
    HQ_JSON_KEY(&w, "kind");
    hq_json_text(&w, hq_sv_from_cstr(hq_clr__matter_kind_name(b->opening.kind)));
    HQ_JSON_KEY(&w, "lines");
    hq_json_raw(&w, b->opening.lines);
    put_own(&w, b, HQ_SV(""), HQ_SV(""));
    if (b->opening.due != 0) {
        HQ_JSON_KEY(&w, "due");
        hq_json_time(&w, b->opening.due);
    }
    hq_json_close(&w, '}');
    return hq_buf_view(&text);
}

/* What a head decided once he does not decide again: two who confirm one proposal at once must not
 * tax twice. */
static hq_status decided_before(hq_clr__change *c, const hq_clr__life *life,
                                const hq_clr__matter_body *b)
{
    const hq_json *all;
    HQ_TRY(hq_clr__elements(&all, life->sections[HQ_CLR__MATTERS], c->request->arena));
    for (const hq_json *m = hq_json_first(all); m != NULL; m = hq_json_next(all, m)) {
        const hq_json *amounts = hq_json_get(m, "amounts");
        bool kind = hq_clr__matter_kind_of(hq_json_get_text(m, "kind")) == (int)b->opening.kind;
        bool same = b->opening.kind == HQ_MATTER_IMPOSED_TAX
                        ? amounts != NULL && hq_sv_eq(amounts->text, b->amounts)
                        : hq_sv_eq(hq_json_get_text(m, "state"), HQ_SV("ORDERED"));
        if (kind && same) {
            c->explained = true;
            return HQ_CLR__REFUSE(c->request, CONFLICT, "",
                                  "Việc này đã được quyết định cho tờ khai này (xem matters)",
                                  "This was decided for the declaration already (see matters)");
        }
    }
    return HQ_DONE;
}

/* Imposed tax and refusal are decided by a head; an officer proposes them. */
static hq_status weigh(hq_clr__ruling *ruling, hq_clr__change *c, hq_tx *tx, hq_clr__row *row,
                       hq_clr__life *life, const hq_clr__matter_body *b)
{
    hq_arena *arena = c->request->arena;
    *ruling = (hq_clr__ruling){ .decides = true };
    if (!hq_clr__matter_decided(b->opening.kind)) {
        return HQ_DONE;
    }
    hq_clr__wish wish = { content_of(b, arena), b->opening.text };
    HQ_TRY(decided_before(c, life, b));
    HQ_TRY(hq_clr__weigh(ruling, c, tx, row, life, &wish));
    return ruling->decides
               ? hq_clr__decided(life, c, row, ruling, b->opening.text,
                                 hq_arena_printf(arena, "\"matter_kind\":\"%s\"",
                                                 hq_clr__matter_kind_name(b->opening.kind)))
               : HQ_DONE;
}

static hq_status amounts_known(hq_clr__change *c, const hq_clr__row *row,
                               const hq_clr__matter_body *b)
{
    const hq_json *list;
    hq_arena *arena = c->request->arena;
    hq_findings findings = { .arena = arena };
    size_t lines;
    size_t index = 0;
    if (b->amounts.len == 0) {
        return HQ_DONE;
    }
    HQ_TRY(hq_clr__line_count(&lines, row, arena));
    HQ_TRY(hq_clr__elements(&list, b->amounts, arena));
    for (const hq_json *a = hq_json_first(list); a != NULL; a = hq_json_next(list, a), index++) {
        int64_t line;
        if (!hq_json_get_i64(&line, a, "line") || line > (int64_t)lines) {
            hq_findings_add(
                &findings, "HQ021", hq_arena_printf(arena, "/amounts/%zu/line", index),
                hq_findings__i64(arena, line),
                HQ_ARGS(hq_findings__i64(arena, line), hq_findings__i64(arena, (int64_t)lines)));
        }
    }
    return hq_clr__body_found(c->request, &findings);
}

static hq_status open_matter(hq_clr__change *c, hq_tx *tx, hq_clr__row *row)
{
    hq_clr__matter_body b = *(const hq_clr__matter_body *)c->body;
    hq_arena *arena = c->request->arena;
    hq_clr__life life;
    hq_clr__ruling ruling;
    const hq_json *all;
    int64_t id;
    HQ_TRY(hq_clr__life_unpack(&life, row->life));
    HQ_TRY(find_check(&b.opening.check, &life, b.check, arena));
    hq_clr__facts facts = { .channel = (hq_channel)row->channel,
                            .discrepancy = b.opening.check != 0 };
    if (hq_clr__move_find(row->status, HQ_VERB_MATTER, NULL) == NULL) {
        return HQ_FAIL(CONFLICT);
    }
    if (hq_clr__move_find(row->status, HQ_VERB_MATTER, &facts) == NULL) {
        return no_discrepancy(c);
    }
    HQ_TRY(hq_clr__lines_known(c, row, b.opening.lines, "/lines"));
    HQ_TRY(amounts_known(c, row, &b));
    HQ_TRY(weigh(&ruling, c, tx, row, &life, &b));
    if (!ruling.decides) {
        return HQ_DONE;
    }
    HQ_TRY(hq_clr__elements(&all, life.sections[HQ_CLR__MATTERS], arena));
    b.opening.due = due_of(c, &b.opening, row);
    HQ_TRY(own_members(&b.opening.more, c, tx, row, &b, (int64_t)all->count + 1));
    hq_status s = hq_clr__matter_open(&id, tx, row, &life, &b.opening, arena);
    if (s.code == HQ_E_LIMIT) {
        return too_many(c);
    }
    HQ_TRY(s);
    if (b.opening.kind == HQ_MATTER_IMPOSED_TAX) {
        HQ_TRY(hq_clr__impose_tax(c, tx, row, &life));
    }
    HQ_TRY(hq_clr__life_pack(&row->life, &life, arena));
    hq_clr__matter opened = { .id = id, .kind = b.opening.kind };
    hq_clr__step step = { .verb = HQ_VERB_MATTER,
                          .facts = facts,
                          .actor = b.opening.by,
                          .at = c->at,
                          .more =
                              hq_clr__matter_members(&opened, event_members(&b, arena), arena) };
    HQ_TRY(hq_clr__row_move(row, tx, &step, arena));
    return b.opening.kind == HQ_MATTER_VIOLATION ? record_violation(c, tx, row, &b, id) : HQ_DONE;
}

/* What is ordered must be possible, for it may have to be imposed: it is checked, valued and taxed
 * as an amendment would be, and all that is wrong with it is told at once. */
static hq_status try_changes(hq_clr__change *c, const hq_clr__matter_body *b)
{
    hq_clr__row row;
    hq_clr__amend *amend;
    const hq_json *changes;
    hq_arena *arena = c->request->arena;
    if (b->opening.kind != HQ_MATTER_ORDERED_AMENDMENT || b->changes.len <= 2) {
        return HQ_DONE;
    }
    HQ_TRY(hq_clr__row_read(&row, c->clearance, c->id, true, arena));
    if (hq_clr__move_find(row.status, HQ_VERB_MATTER, NULL) == NULL) {
        return HQ_DONE; /* the closure says so */
    }
    HQ_TRY(hq_json_parse(&changes, b->changes, arena, NULL));
    return hq_clr__amend_impose_prepare(&amend, c->clearance, c->request, &row, changes, HQ_SV("6"),
                                        b->opening.text, HQ_SV(""));
}

hq_status hq_clr__post_matter(hq_request *request, void *room)
{
    hq_clr__change *c;
    hq_clr__matter_body *b = HQ_NEW(request->arena, hq_clr__matter_body);
    if (b == NULL) {
        return HQ_FAIL(NOMEM);
    }
    HQ_TRY(hq_clr__change_new(&c, request, room, HQ_VERB_MATTER));
    hq_clr__change_keyed(c);
    HQ_TRY(hq_clr__matter_body_read(b, c));
    HQ_TRY(try_changes(c, b));
    c->body = b;
    return hq_clr__change_write(c, open_matter);
}
