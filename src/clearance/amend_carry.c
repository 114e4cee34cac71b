/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/amend.h"

#include "clearance/branches.h"
#include "clearance/facts.h"
#include "clearance/matters.h"
#include "clearance/proposals.h"
#include "clearance/redraw.h"
#include "clearance/step.h"
#include "clearance/verbs.h"

/* The closure's part of an amendment: money, balances, record and events, all or nothing. */

/* ------------------------------------------------------------------ as the worker saw it? */

static hq_status changed_meanwhile(hq_request *request)
{
    return HQ_CLR__REFUSE(request, CONFLICT, "",
                          "Tờ khai đã thay đổi trong lúc xử lý: hãy đọc lại tờ khai rồi làm lại",
                          "The declaration changed meanwhile: read it again, then do it again");
}

hq_status hq_clr__amend_load(hq_clr__amend *a, hq_tx *tx)
{
    hq_clr__life life;
    hq_arena *arena = a->request->arena;
    HQ_TRY(hq_clr__row_load_full(&a->out, tx, a->before.id, arena));
    if (hq_clr__move_find(a->out.status, HQ_VERB_AMEND, NULL) == NULL) {
        return hq_clr__impossible(a->request, a->out.status, HQ_VERB_AMEND);
    }
    HQ_TRY(hq_clr__life_unpack(&life, a->out.life));
    bool same = a->out.content_version == a->before.content_version &&
                hq_clr__moment_of(&a->out, &life, arena) == a->moment;
    return same ? HQ_DONE : changed_meanwhile(a->request);
}

/* ------------------------------------------------------------------ money */

static bool same_payment(const hq_declaration *a, const hq_declaration *b)
{
    return a->payment_term == b->payment_term && hq_sv_eq(a->guarantee, b->guarantee);
}

static bool is_covered_term(char term)
{
    return term == 'A' || term == 'B' || term == 'C';
}

/* Before clearance what is owed is covered whole or not at all: the guarantee grows with the tax.
 */
static hq_status adjust_cover(hq_clr__amend *a, hq_tx *tx, hq_clr__life *life,
                              const hq_debts_amended *debts)
{
    hq_treasury *treasury = a->clearance->treasury;
    hq_clr__filing *f = a->filing;
    bool kept = same_payment(a->old, f->declaration);
    if (a->moment == HQ_CLR__GONE) {
        return HQ_DONE; /* what was added is owed at once */
    }
    if (!kept) {
        HQ_TRY(hq_cover_restore(treasury, tx, a->out.id, a->request->caller->id));
        life->covered = false;
    }
    if (!is_covered_term(f->declaration->payment_term) || debts->left_vnd == 0 ||
        (kept && life->covered && debts->left_vnd <= debts->before_vnd)) {
        return HQ_DONE;
    }
    return hq_clr__filing_cover(&life->covered, f, tx, &a->out, debts->left_vnd);
}

static hq_status change_debts(hq_clr__amend *a, hq_tx *tx, const hq_clr__life *life,
                              hq_debts_amended *debts)
{
    int64_t tax_vnd[HQ_TAX_COUNT];
    const hq_declaration *d = a->moment == HQ_CLR__GONE ? a->old : a->filing->declaration;
    hq_debts_amendment ask = { .declaration = a->out.id,
                               .office = a->out.office,
                               .tax_code = a->out.trader,
                               .tax_vnd = tax_vnd,
                               .term = d->payment_term,
                               .registered_at = a->out.registered_at,
                               .gone = a->gone,
                               .actor = a->request->caller->id };
    memcpy(tax_vnd, a->filing->assessment->tax_vnd, sizeof tax_vnd);
    HQ_TRY(hq_clr__matters_imposed(tax_vnd, life, a->request->arena));
    return hq_debts_amend(debts, a->clearance->treasury, tx, &ask);
}

/* ------------------------------------------------------------------ record and event */

/* Puts `done` into the list: in the place of the one of its id, or at the end. An open request that
 * an amendment of customs overtakes is closed: what it was compared with is no longer there. */
static hq_status list_done(hq_clr__amend *a, hq_clr__life *life)
{
    hq_clr__amendment *list;
    size_t count;
    bool placed = false;
    HQ_TRY(hq_clr__amendments_read(&list, &count, life, a->request->arena));
    hq_clr__amendment *all = HQ_NEW_ARRAY(a->request->arena, hq_clr__amendment, count + 1);
    if (all == NULL) {
        return HQ_FAIL(NOMEM);
    }
    a->done.number = hq_clr__amendment_count(list, count, a->done.after_clearance) + 1;
    for (size_t i = 0; i < count; i++) {
        bool own = hq_sv_eq(list[i].id, a->done.id);
        placed |= own;
        all[i] = own ? a->done : list[i];
        if (!own && list[i].state == HQ_AMENDMENT_REQUESTED) {
            all[i].state = HQ_AMENDMENT_REFUSED;
            all[i].decided_by = a->done.decided_by;
            all[i].decided_at = a->done.decided_at;
            all[i].note = HQ_SV("Hải quan đã ấn định nội dung khác (customs amended it otherwise)");
        }
    }
    if (!placed) {
        all[count++] = a->done;
    }
    return hq_clr__amendments_write(life, all, count, a->request->arena);
}

static hq_sv event_members(const hq_clr__amend *a, const hq_debts_amended *debts)
{
    hq_buf buf = HQ_BUF_ARENA(a->request->arena, 2048);
    hq_json_w w = hq_json_writer(&buf);
    const hq_clr__amendment *d = &a->done;
    HQ_JSON_KEY(&w, "amendment");
    hq_json_text(&w, d->id);
    HQ_JSON_KEY(&w, "amendment_number");
    hq_json_i64(&w, d->number);
    HQ_JSON_KEY(&w, "stage");
    hq_json_text(&w, d->after_clearance ? HQ_SV("AFTER_CLEARANCE") : HQ_SV("IN_CLEARANCE"));
    HQ_JSON_KEY(&w, "imposed");
    hq_json_bool(&w, d->state == HQ_AMENDMENT_IMPOSED);
    HQ_JSON_KEY(&w, "reason_code");
    hq_json_text(&w, d->reason_code);
    HQ_JSON_KEY(&w, "before_version");
    hq_json_i64(&w, d->before_version);
    HQ_JSON_KEY(&w, "difference");
    hq_json_raw(&w, d->difference);
    HQ_JSON_KEY(&w, "returned_vnd");
    hq_json_i64(&w, debts->returned_vnd);
    HQ_JSON_KEY(&w, "left_vnd");
    hq_json_i64(&w, debts->left_vnd);
    return hq_buf_view(&buf);
}

static hq_status redraw(hq_clr__amend *a, hq_tx *tx)
{
    hq_clr__redrawing r = { .clearance = a->clearance,
                            .request = a->request,
                            .row = &a->out,
                            .before = a->old,
                            .after = a->filing->declaration,
                            .after_of = a->changes.after_of,
                            .at = a->filing->at,
                            .day = a->filing->day,
                            .actor = a->request->caller->id };
    return hq_clr__redraw(&r, tx);
}

hq_status hq_clr__amend_carry_out(hq_clr__amend *a, hq_tx *tx, hq_clr__life *life)
{
    hq_arena *arena = a->request->arena;
    hq_clr__row *row = &a->out;
    hq_debts_amended debts;
    int64_t was = row->version;
    a->filing->refused = false;
    HQ_TRY(change_debts(a, tx, life, &debts));
    HQ_TRY(adjust_cover(a, tx, life, &debts));
    hq_clr__take_content(row, &a->filing->row);
    a->done.after_clearance = a->amendment.after_clearance;
    a->done.decided_at = a->filing->at;
    a->done.after_version = row->content_version;
    HQ_TRY(list_done(a, life));
    HQ_TRY(hq_clr__matter_amended(tx, row, life, a->done.matter, a->done.id, a->request->caller->id,
                                  a->filing->at, arena));
    HQ_TRY(hq_clr__life_pack(&row->life, life, arena));
    HQ_TRY(redraw(a, tx));
    HQ_TRY(hq_clr__branches_change(row, tx, a->filing->declaration->line_count,
                                   a->request->caller->id, arena));
    hq_clr__step step = { .verb = HQ_VERB_AMEND,
                          .actor = a->request->caller->id,
                          .at = a->filing->at,
                          .more = event_members(a, &debts) };
    HQ_TRY(hq_clr__facts_of(&step.facts, tx, row, life));
    hq_declaration_status before = row->status;
    HQ_TRY(hq_clr__row_move(row, tx, &step, arena));
    if (row->status != before) {
        HQ_TRY(hq_clr__after_clearing(a->clearance, tx, row, step.actor, step.at, arena));
        HQ_TRY(hq_clr__proposals_lapse(tx, row, step.at, arena));
    }
    return hq_clr__row_replace(tx, row, was);
}

hq_status hq_clr__amend_impose(hq_clr__amend *a, hq_tx *tx,
                               hq_status (*also)(void *user, hq_tx *tx, hq_clr__row *row,
                                                 hq_clr__life *life),
                               void *user)
{
    hq_clr__life life;
    hq_clr__amendment *list;
    size_t count;
    HQ_TRY(hq_clr__amend_load(a, tx));
    HQ_TRY(hq_clr__life_unpack(&life, a->out.life));
    HQ_TRY(hq_clr__amendments_read(&list, &count, &life, a->request->arena));
    a->done = a->amendment;
    a->done.id = hq_arena_printf(a->request->arena, "A%zu", count + 1);
    a->done.state = HQ_AMENDMENT_IMPOSED;
    a->done.decided_by = a->request->caller->id;
    a->done.due = 0;
    if (also != NULL) {
        HQ_TRY(also(user, tx, &a->out, &life));
    }
    return hq_clr__amend_carry_out(a, tx, &life);
}
