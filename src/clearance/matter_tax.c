/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/elements.h"
#include "clearance/matters.h"

/* Tax that customs imposes: sums by line and tax, on top of what the assessment comes to. */

/* ------------------------------------------------------------------ sums */

static hq_status add_amounts(int64_t tax_vnd[HQ_TAX_COUNT], const hq_json *amounts)
{
    for (const hq_json *a = amounts == NULL ? NULL : hq_json_first(amounts); a != NULL;
         a = hq_json_next(amounts, a)) {
        hq_tax tax;
        int64_t amount;
        if (!hq_tax_parse(&tax, hq_json_get_text(a, "tax")) ||
            !hq_json_get_i64(&amount, a, "amount")) {
            return HQ_FAIL(CORRUPT);
        }
        if (hq_add_overflows(&tax_vnd[tax], tax_vnd[tax], amount)) {
            return HQ_FAIL(RANGE);
        }
    }
    return HQ_DONE;
}

hq_status hq_clr__matters_imposed(int64_t tax_vnd[HQ_TAX_COUNT], const hq_clr__life *life,
                                  hq_arena *arena)
{
    const hq_json *all;
    HQ_TRY(hq_clr__elements(&all, life->sections[HQ_CLR__MATTERS], arena));
    for (const hq_json *m = hq_json_first(all); m != NULL; m = hq_json_next(all, m)) {
        if (hq_sv_eq(hq_json_get_text(m, "outcome"), HQ_SV("IMPOSED"))) {
            HQ_TRY(add_amounts(tax_vnd, hq_json_get(m, "amounts")));
        }
    }
    return HQ_DONE;
}

/* ------------------------------------------------------------------ debts */

typedef struct {
    char term;
    hq_sv guarantee;
} payment;

static hq_status payment_of(payment *out, const hq_clr__row *row, hq_arena *arena)
{
    const hq_json *body;
    HQ_TRY(hq_json_parse(&body, row->body, arena, NULL));
    const hq_json *p = hq_json_get(body, "payment");
    hq_sv term = p == NULL ? HQ_SV_NULL : hq_json_get_text(p, "term");
    hq_sv guarantee = p == NULL ? HQ_SV_NULL : hq_json_get_text(p, "guarantee");
    *out = (payment){ .term = term.len == 1 ? term.ptr[0] : 'D',
                      .guarantee = guarantee.ptr == NULL ? HQ_SV("") : guarantee };
    return HQ_DONE;
}

static hq_status assessed(int64_t tax_vnd[HQ_TAX_COUNT], hq_clearance *clearance,
                          const hq_clr__row *row, hq_arena *arena)
{
    hq_assessment *assessment;
    const hq_ref *ref = hq_reference_acquire(clearance->reference);
    hq_status s = hq_assessment_unpack(&assessment, row->assessment, ref, arena);
    if (hq_ok(s)) {
        memcpy(tax_vnd, assessment->tax_vnd, sizeof assessment->tax_vnd);
    }
    hq_reference_release(clearance->reference, ref);
    return s;
}

/* When the goods left, 0 when customs still holds them. */
static hq_status gone_on(hq_day *out, hq_tx *tx, const hq_clr__row *row, hq_arena *arena)
{
    hq_event_view *events;
    size_t count;
    *out = 0;
    if (row->status != HQ_DECLARATION_RELEASED) {
        return HQ_DONE;
    }
    HQ_TRY(hq_tx_events_of(&events, &count, tx, hq_clr__subject_of(row, arena), 0, 1000, arena));
    for (size_t i = 0; i < count; i++) {
        if (hq_sv_eq(events[i].event.kind, HQ_SV("declaration.released"))) {
            *out = hq_day_of(events[i].event.at);
        }
    }
    return HQ_DONE;
}

/* A guarantee that stood for the whole must stand for the more, or it is no cover any longer. */
static hq_status cover_more(hq_clr__change *c, hq_tx *tx, const hq_clr__row *row,
                            hq_clr__life *life, const payment *p, const hq_debts_amended *debts)
{
    const char *rule;
    hq_why why = { .path = HQ_SV("") };
    if (!life->covered || debts->left_vnd <= debts->before_vnd) {
        return HQ_DONE;
    }
    hq_cover_ask ask = { .term = p->term,
                         .guarantee = p->guarantee,
                         .declaration = row->id,
                         .amount_vnd = debts->left_vnd,
                         .tax_code = row->trader,
                         .kind = row->kind,
                         .office = row->office,
                         .day = c->day,
                         .actor = c->request->caller->id };
    hq_status s = hq_cover_reserve(c->clearance->treasury, tx, &ask, &rule, &why);
    life->covered = hq_ok(s);
    return s.code == HQ_E_INVALID ? HQ_DONE : s;
}

hq_status hq_clr__impose_tax(hq_clr__change *c, hq_tx *tx, const hq_clr__row *row,
                             hq_clr__life *life)
{
    hq_arena *arena = c->request->arena;
    int64_t tax_vnd[HQ_TAX_COUNT];
    payment p;
    hq_debts_amended debts;
    hq_debts_amendment ask = { .declaration = row->id,
                               .office = row->office,
                               .tax_code = row->trader,
                               .tax_vnd = tax_vnd,
                               .registered_at = row->registered_at,
                               .actor = c->request->caller->id };
    HQ_TRY(payment_of(&p, row, arena));
    HQ_TRY(assessed(tax_vnd, c->clearance, row, arena));
    HQ_TRY(hq_clr__matters_imposed(tax_vnd, life, arena));
    HQ_TRY(gone_on(&ask.gone, tx, row, arena));
    ask.term = p.term;
    HQ_TRY(hq_debts_amend(&debts, c->clearance->treasury, tx, &ask));
    return cover_more(c, tx, row, life, &p, &debts);
}
