/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/tax_rows.h"

/* The taxes of one line in their order (clearance.md 1.12; contract, "Tax." and "Exemptions"). */

static hq_status compound(int64_t *out, int64_t base_vnd, hq_decimal percent, hq_decimal specific,
                          hq_decimal exchange_rate, hq_rounding rounding)
{
    hq_decimal by_value;
    hq_decimal by_quantity;
    hq_decimal sum;
    percent = hq_decimal_trim(percent);
    percent.scale = (uint8_t)(percent.scale + 2);
    HQ_TRY(hq_decimal_mul(&by_value, (hq_decimal){ base_vnd, 0 }, percent));
    HQ_TRY(hq_decimal_mul(&by_quantity, specific, hq_decimal_trim(exchange_rate)));
    HQ_TRY(hq_decimal_add(&sum, by_value, by_quantity));
    HQ_TRY(hq_decimal_rescale(&sum, sum, 0, rounding));
    *out = sum.units;
    return HQ_DONE;
}

hq_status hq_tax__amount(int64_t *out, int64_t base_vnd, const hq_decimal *rate_percent,
                         const hq_decimal *amount, hq_decimal quantity, hq_decimal exchange_rate,
                         hq_rounding rounding)
{
    hq_decimal specific;
    if (amount == NULL) {
        return hq_percent_of(out, base_vnd, *rate_percent, rounding);
    }
    HQ_TRY(hq_decimal_mul(&specific, hq_decimal_trim(quantity), hq_decimal_trim(*amount)));
    if (rate_percent == NULL) {
        return hq_decimal_mul_to_int(out, specific, exchange_rate, rounding);
    }
    return compound(out, base_vnd, *rate_percent, specific, exchange_rate, rounding);
}

const hq_decimal *hq_tax__quantity(const hq_line *line, hq_code4 unit)
{
    if (line->quantity.given && line->quantity.unit_or_currency == unit) {
        return &line->quantity.amount;
    }
    if (line->quantity2.given && line->quantity2.unit_or_currency == unit) {
        return &line->quantity2.amount;
    }
    return NULL;
}

/* ------------------------------------------------------------------ one tax */

static void find_too_large(hq_tax__at *at)
{
    hq_findings_add(at->run->findings, "HQ187",
                    hq_findings__line_path(at->run->arena, at->index, ""), HQ_SV_NULL,
                    HQ_ARGS(hq_findings__i64(at->run->arena, (int64_t)at->index + 1)));
}

/* What a specific amount is multiplied with; false with a finding when the line lacks the unit or
 * the day has no rate. */
static bool specific_of(hq_tax__at *at, const hq_tariff_row *row, hq_decimal *quantity,
                        const hq_rate_row **rate)
{
    hq_assess__run *run = at->run;
    hq_code4 currency = row->amount_currency == 0 ? HQ_DONG : row->amount_currency;
    const hq_decimal *found = hq_tax__quantity(at->line, row->amount_unit);
    if (found == NULL) {
        hq_findings_add(run->findings, "HQ184",
                        hq_findings__line_path(run->arena, at->index, "/quantity/unit"),
                        hq_findings__json_code(run->arena, at->line->quantity.unit_or_currency),
                        HQ_ARGS(hq_sv_from_cstr(hq_tax_name((hq_tax)row->tax)),
                                hq_findings__code(run->arena, row->amount_unit)));
        return false;
    }
    *quantity = *found;
    *rate = hq_assess__rate(run, currency);
    if (*rate == NULL) {
        hq_assess__find_rate(run, currency, hq_findings__line_path(run->arena, at->index, "/hs"));
        return false;
    }
    return true;
}

/* Computed amount of a row on a base; false with a finding when it cannot be. */
static bool compute(hq_tax__at *at, const hq_tariff_row *row, int64_t base, hq_tax_item *item)
{
    hq_decimal quantity = { 0, 0 };
    const hq_rate_row *rate = NULL;
    *item =
        (hq_tax_item){ .tax = (hq_tax)row->tax, .base_vnd = base, .row_id = row->id, .row = row };
    if (row->has_amount && !specific_of(at, row, &quantity, &rate)) {
        return false;
    }
    item->rate_row_id = rate == NULL ? 0 : rate->id;
    hq_status done = hq_tax__amount(
        &item->computed_vnd, base, row->has_rate ? &row->rate_percent : NULL,
        row->has_amount ? &row->amount : NULL, quantity,
        rate == NULL ? (hq_decimal){ 1, 0 } : rate->rate, at->run->assessment->rounding);
    if (hq_failed(done)) {
        find_too_large(at);
        return false;
    }
    item->amount_vnd = item->computed_vnd;
    return true;
}

/* ------------------------------------------------------------------ exemption */

static void find_exemption(hq_tax__at *at, hq_tax tax, const char *rule, const char *member,
                           hq_sv value, const hq_sv *args, size_t arg_count)
{
    hq_findings_add(at->run->findings, rule, hq_tax__claim_path(at, tax, member), value, args,
                    arg_count);
}

static void reduce(hq_tax__at *at, const hq_tax_claim *claim, hq_tax_item *item)
{
    hq_arena *arena = at->run->arena;
    hq_sv tax = hq_sv_from_cstr(hq_tax_name(item->tax));
    bool duty = item->tax <= HQ_TAX_EXPORT;
    if (at->line->broken) {
        return; /* its reduction may only be unreadable */
    }
    if (!claim->reduction_given || claim->reduction_vnd == 0) {
        find_exemption(at, item->tax, duty ? "E0281" : "E0292", "/reduction", HQ_SV_NULL,
                       HQ_ARGS(claim->exemption, tax));
        return;
    }
    if (claim->reduction_vnd > item->computed_vnd) {
        if (at->run->findings->errors == 0) { /* else the tax may not be what it seems */
            hq_sv reduction = hq_findings__i64(arena, claim->reduction_vnd);
            find_exemption(at, item->tax, duty ? "E0280" : "E0291", "/reduction", reduction,
                           HQ_ARGS(reduction, tax, hq_findings__i64(arena, item->computed_vnd)));
        }
        return;
    }
    item->reduction_vnd = claim->reduction_vnd;
}

static void exempt(hq_tax__at *at, hq_tax_item *item)
{
    const hq_tax_claim *claim = hq_tax__exemption_claim(at, item->tax);
    hq_sv tax = hq_sv_from_cstr(hq_tax_name(item->tax));
    if (at->run->relief[item->tax] != NULL) {
        item->exemption = at->run->relief[item->tax];
        item->reduction_vnd = item->computed_vnd;
        item->amount_vnd = 0;
        return;
    }
    if (claim == NULL) {
        return;
    }
    if (claim->exemption.len == 0) {
        if (claim->reduction_given && claim->reduction_vnd > 0) {
            find_exemption(at, item->tax, "HQ188", "/code", HQ_SV_NULL, HQ_NO_ARGS);
        }
        return;
    }
    const hq_exemption_row *row =
        hq_ref_exemption(at->run->ref, claim->exemption, item->tax, at->run->day);
    if (row == NULL) {
        find_exemption(
            at, item->tax, "HQ185", "/code",
            hq_findings__json_text(at->run->arena, claim->exemption),
            HQ_ARGS(claim->exemption, tax, hq_findings__day(at->run->arena, at->run->day)));
        return;
    }
    if (row->list_required && at->line->list == NULL) {
        hq_findings_add(at->run->findings, "HQ241",
                        hq_findings__line_path(at->run->arena, at->index, "/list"), HQ_SV_NULL,
                        HQ_ARGS(claim->exemption));
    }
    item->exemption = row;
    if (row->effect == HQ_REDUCE) {
        reduce(at, claim, item);
    } else {
        if (claim->reduction_given && claim->reduction_vnd > 0) {
            find_exemption(at, item->tax, item->tax <= HQ_TAX_EXPORT ? "E0279" : "E0293",
                           "/reduction", hq_findings__i64(at->run->arena, claim->reduction_vnd),
                           HQ_ARGS(claim->exemption, tax));
        }
        item->reduction_vnd = item->computed_vnd;
    }
    item->amount_vnd = item->computed_vnd - item->reduction_vnd;
}

/* ------------------------------------------------------------------ duty and MFN */

static bool is_lower(const hq_tax_item *a, const hq_tax_item *b)
{
    if (!a->row->has_amount && !b->row->has_amount) {
        return hq_decimal_cmp(a->row->rate_percent, b->row->rate_percent) < 0;
    }
    return a->computed_vnd < b->computed_vnd;
}

/* Circular 38/2015 Art 37(1)c.2.4: where MFN is below the agreement's rate, MFN applies. */
static void take_mfn_when_lower(hq_tax__at *at, int64_t value, hq_tax_item *item)
{
    hq_tax_item mfn;
    hq_findings unsaid = { .arena = at->run->arena };
    hq_findings *findings = at->run->findings;
    const hq_tariff_row *row = hq_tax__mfn_row(at);
    if (row == NULL) {
        return;
    }
    at->run->findings = &unsaid; /* that MFN cannot be computed is no fault of the declaration */
    bool computed = compute(at, row, value, &mfn);
    at->run->findings = findings;
    if (computed && is_lower(&mfn, item)) {
        *item = mfn;
    }
}

static bool duty_of(hq_tax__at *at, const hq_tariff_row *given, int64_t value, hq_tax_item *item)
{
    bool export = at->run->declaration->flow == HQ_FLOW_EXPORT;
    const hq_tariff_row *row =
        given != NULL ? given : hq_tax__row(at, export ? HQ_TAX_EXPORT : HQ_TAX_IMPORT);
    if (row == NULL || !compute(at, row, value, item)) {
        return false;
    }
    if (given == NULL && !export &&
        hq_tax__is_agreement(at->run->ref, at->line->scheme, at->run->day)) {
        take_mfn_when_lower(at, value, item);
    }
    return true;
}

/* ------------------------------------------------------------------ a line */

static void put_item(hq_tax__at *at, hq_tax_item *item, hq_line_assessment *out, int64_t *sum)
{
    exempt(at, item);
    if (hq_add_overflows(sum, *sum, item->amount_vnd)) {
        find_too_large(at);
    }
    out->taxes[out->tax_count++] = *item;
}

void hq_tax__line(hq_assess__run *run, size_t line, const hq_tariff_row *duty,
                  hq_line_assessment *out)
{
    static const hq_tax others[] = { HQ_TAX_AD,  HQ_TAX_CVD, HQ_TAX_SG,
                                     HQ_TAX_SCT, HQ_TAX_EPT, HQ_TAX_VAT };
    hq_tax__at at = { .run = run, .line = &run->declaration->lines[line], .index = line };
    int64_t value = out->customs_value_vnd;
    int64_t sum = value;
    hq_tax_item item;
    if (at.line->hs == 0 || at.line->origin == 0) {
        return; /* found when decoding */
    }
    at.present = hq_ref_taxes_of(run->ref, at.line->hs);
    hq_tax__check_claims(&at);
    out->tax_count = 0;
    if (duty_of(&at, duty, value, &item)) {
        out->scheme = item.row->scheme;
        put_item(&at, &item, out, &sum);
    }
    if (run->declaration->flow == HQ_FLOW_EXPORT) {
        return;
    }
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        if ((at.present >> others[i] & 1) == 0 && hq_tax__claim(&at, others[i]) == NULL) {
            continue;
        }
        const hq_tariff_row *row = hq_tax__row(&at, others[i]);
        if (row != NULL && compute(&at, row, hq_tax__on_sum(others[i]) ? sum : value, &item)) {
            put_item(&at, &item, out, &sum);
        }
    }
}
