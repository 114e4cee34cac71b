/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/assess_run.h"

/* Customs value (contract, "Value."; clearance.md 1.9). Every charge is turned into whole dong
 * apart and shared apart over the lines it touches, so that the parts sum to the whole. */

enum { ONE = 10000 }; /* 1 in units of HQ_SCALE_VALUE */

static bool is_automatic(const hq_declaration *d)
{
    return d->method == '6' || d->method == '7';
}

/* ------------------------------------------------------------------ charges */

static const hq_line_set all_lines = { NULL, 0 };

/* Values are below 10^17 units; their sum stays where it passes SUM_MAX, which check_total finds,
 * so that nothing after it overflows. */
#define SUM_MAX INT64_C(4000000000000000000)

static int64_t value_of(const hq_declaration *d, const hq_line_set *lines)
{
    int64_t sum = 0;
    for (size_t i = 0; i < d->line_count && sum < SUM_MAX; i++) {
        sum += hq_line_set_has(lines, i) ? d->lines[i].invoice_value.units : 0;
    }
    return sum;
}

/* Are the invoice values of all lines known? */
static bool is_whole(const hq_declaration *d)
{
    for (size_t i = 0; i < d->line_count; i++) {
        if (d->lines[i].broken) {
            return false;
        }
    }
    return d->line_count > 0;
}

static hq_value__charge over_all(const hq_declaration *d)
{
    int64_t own = value_of(d, &all_lines);
    return (hq_value__charge){
        .sign = 1,
        .lines = all_lines,
        .own = own,
        .base = d->invoice_total_all.given ? d->invoice_total_all.amount.units : own,
        .prior = d->invoice_prior.given ? d->invoice_prior.amount.units : 0,
    };
}

/* On an export the price includes what is stated, and the value is free on board. */
static bool put_charge(hq_value__charge *out, const hq_declaration *d, const hq_charge *charge,
                       const char *what, hq_value__charge shares)
{
    if (!charge->given || charge->amount.units == 0) {
        return false;
    }
    *out = shares;
    out->what = what;
    out->sign = d->flow == HQ_FLOW_EXPORT ? -1 : 1;
    out->currency = charge->currency == 0 ? d->currency : charge->currency;
    out->amount = charge->amount;
    return true;
}

static void put_adjustment(hq_value__charge *out, const hq_declaration *d, size_t index,
                           hq_value__charge shares)
{
    const hq_adjustment *a = &d->adjustments[index];
    *out = shares;
    out->what = "adjustment";
    out->index = index;
    out->sign = hq_sv_eq(a->sign, HQ_SV("SB")) ? -1 : 1;
    out->by_hand = !hq_sv_eq(a->sign, HQ_SV("SB")) && !hq_sv_eq(a->sign, HQ_SV("AD"));
    out->currency = a->currency;
    out->amount = a->amount;
    if (a->lines.words != NULL) {
        out->lines = a->lines;
        out->own = value_of(d, &out->lines);
        out->base = out->own;
        out->prior = 0;
    }
    if (a->base.given) {
        out->base = a->base.amount.units;
        out->prior = 0;
    }
    if (a->prior.given) {
        out->prior = a->prior.amount.units;
    }
}

size_t hq_value__charges(hq_value__charge out[HQ_VALUE__CHARGES], const hq_declaration *d)
{
    size_t count = 0;
    hq_value__charge shares = over_all(d);
    if (put_charge(&out[count], d, &d->freight, "freight", shares)) {
        out[count++].by_hand = d->freight.kind == 'D';
    }
    if (d->insurance.kind != 'D' &&
        put_charge(&out[count], d, &d->insurance, "insurance", shares)) {
        count++;
    }
    for (size_t i = 0; i < d->adjustment_count; i++) {
        put_adjustment(&out[count++], d, i, shares);
    }
    return count;
}

hq_status hq_value__slice(int64_t *out, int64_t whole_vnd, int64_t own, int64_t base, int64_t prior,
                          hq_rounding rounding)
{
    int64_t before;
    int64_t until;
    if (prior == 0 && own == base) {
        *out = whole_vnd;
        return HQ_DONE;
    }
    HQ_TRY(hq_muldiv(&until, whole_vnd, prior + own, base, rounding));
    HQ_TRY(hq_muldiv(&before, whole_vnd, prior, base, rounding));
    *out = until - before;
    return HQ_DONE;
}

hq_status hq_value__part(int64_t *out, int64_t whole_vnd, const hq_value__charge *charge,
                         hq_rounding rounding)
{
    HQ_TRY(hq_value__slice(out, whole_vnd, charge->own, charge->base, charge->prior, rounding));
    *out *= charge->sign;
    return HQ_DONE;
}

/* ------------------------------------------------------------------ paths and findings */

static hq_sv charge_path(hq_assess__run *run, const hq_value__charge *charge, const char *member)
{
    if (charge->what[0] == 'a') {
        return hq_findings__item_path(run->arena, "/valuation/adjustments", charge->index, member);
    }
    return hq_arena_printf(run->arena, "/valuation/%s%s", charge->what, member);
}

static hq_sv shown(hq_assess__run *run, int64_t units)
{
    return hq_findings__decimal(run->arena, (hq_decimal){ units, HQ_SCALE_VALUE });
}

/* Dong have no decimals; a multiple of ONE is whole. */
static bool is_payable(hq_code4 currency, int64_t units)
{
    return currency != HQ_DONG || units % ONE == 0;
}

static void find_broken_dong(hq_assess__run *run, int64_t units, hq_sv path)
{
    hq_findings_add(run->findings, "HQ132", path,
                    hq_findings__json_text(run->arena, shown(run, units)), HQ_NO_ARGS);
}

static void find_too_large(hq_assess__run *run, size_t line)
{
    hq_findings_add(run->findings, "HQ187", hq_findings__line_path(run->arena, line, ""),
                    HQ_SV_NULL, HQ_ARGS(hq_findings__i64(run->arena, (int64_t)line + 1)));
}

/* The line with which the sum of the invoice values passes what can be computed. */
static size_t line_past(const hq_declaration *d)
{
    int64_t sum = 0;
    size_t i = 0;
    while (i + 1 < d->line_count && (sum += d->lines[i].invoice_value.units) < SUM_MAX) {
        i++;
    }
    return i;
}

static void check_total(hq_assess__run *run)
{
    const hq_declaration *d = run->declaration;
    int64_t own = value_of(d, &all_lines);
    int64_t all = d->invoice_total_all.given ? d->invoice_total_all.amount.units : own;
    int64_t prior = d->invoice_prior.given ? d->invoice_prior.amount.units : 0;
    if (own >= SUM_MAX) {
        find_too_large(run, line_past(d));
        return;
    }
    if (all < prior + own) {
        hq_findings_add(run->findings, "R0170", HQ_SV("/valuation/invoice_total_all"),
                        hq_findings__json_text(run->arena, shown(run, all)),
                        HQ_ARGS(shown(run, all), shown(run, prior + own)));
    }
    int64_t off = d->invoice_total.units - all;
    if (d->invoice_total_given && (off > ONE || off < -ONE)) {
        hq_sv total = shown(run, d->invoice_total.units);
        hq_findings_add(run->findings, "HQ130", HQ_SV("/invoice/total"),
                        hq_findings__json_text(run->arena, total), HQ_ARGS(total, shown(run, all)));
    }
}

/* clearance.md 1.8, items 86 to 110: which codes add and which take off. */
static void check_sign(hq_assess__run *run, size_t index)
{
    const hq_adjustment *a = &run->declaration->adjustments[index];
    if (a->code.len != 1 || a->code.ptr[0] == 'N' || a->sign.len != 2) {
        return;
    }
    bool adds = memchr("ABCDEPQKM", a->code.ptr[0], 9) != NULL;
    hq_sv wrong = adds ? HQ_SV("SB") : HQ_SV("AD");
    if (hq_sv_eq(a->sign, wrong)) {
        hq_findings_add(
            run->findings, "HQ141",
            hq_findings__item_path(run->arena, "/valuation/adjustments", index, "/sign"),
            hq_findings__json_text(run->arena, a->sign),
            HQ_ARGS(a->code, a->sign, adds ? HQ_SV("AD") : HQ_SV("SB")));
    }
}

/* ------------------------------------------------------------------ lines without a computed value
 */

static void check_by_hand(hq_assess__run *run, const hq_value__charge *charge)
{
    const hq_declaration *d = run->declaration;
    for (size_t i = 0; i < d->line_count; i++) {
        if (!hq_line_set_has(&charge->lines, i) || d->lines[i].customs_value_given ||
            d->lines[i].broken) {
            continue;
        }
        hq_sv path = hq_findings__line_path(run->arena, i, "/customs_value");
        hq_sv number = hq_findings__i64(run->arena, (int64_t)i + 1);
        if (charge->what[0] == 'a') {
            hq_findings_add(run->findings, "HQ142", path, HQ_SV_NULL,
                            HQ_ARGS(d->adjustments[charge->index].code, number));
        } else {
            hq_findings_add(run->findings, "HQ128", path, HQ_SV_NULL, &number, 1);
        }
    }
}

static void check_manual(hq_assess__run *run)
{
    const hq_declaration *d = run->declaration;
    for (size_t i = 0; i < d->line_count; i++) {
        const hq_line *line = &d->lines[i];
        if (line->customs_value_given || line->broken || d->method == '\0') {
            continue;
        }
        hq_sv number = hq_findings__i64(run->arena, (int64_t)i + 1);
        if (!is_automatic(d)) {
            hq_findings_add(run->findings, "HQ160",
                            hq_findings__line_path(run->arena, i, "/customs_value"), HQ_SV_NULL,
                            HQ_ARGS(hq_sv_make(&d->method, 1), number));
        } else if (line->invoice_value.units == 0) {
            hq_findings_add(run->findings, "HQ161",
                            hq_findings__line_path(run->arena, i, "/customs_value"), HQ_SV_NULL,
                            &number, 1);
        }
    }
}

/* ------------------------------------------------------------------ computing */

static void put_shares(hq_assess__run *run, const hq_value__charge *charge, const int64_t *parts)
{
    for (size_t i = 0; i < run->declaration->line_count; i++) {
        hq_line_assessment *line = &run->assessment->lines[i];
        if (charge->what[0] == 'f') {
            line->freight_vnd = parts[i];
        } else if (charge->what[0] == 'i') {
            line->insurance_vnd = parts[i];
        } else {
            line->adjustments_vnd[charge->index] = parts[i];
        }
    }
}

static hq_status share(hq_assess__run *run, const hq_value__charge *charge, const hq_rate_row *rate)
{
    const hq_declaration *d = run->declaration;
    int64_t whole;
    int64_t part;
    int64_t few[2 * HQ_BRANCH_LINES];
    bool many = d->line_count > HQ_BRANCH_LINES;
    int64_t *weights = many ? HQ_NEW_ARRAY(run->arena, int64_t, 2 * d->line_count) : few;
    hq_rounding rounding = run->assessment->rounding;
    if (weights == NULL) {
        run->findings->failed = true;
        return HQ_DONE;
    }
    int64_t *parts = weights + d->line_count;
    for (size_t i = 0; i < d->line_count; i++) {
        weights[i] = hq_line_set_has(&charge->lines, i) ? d->lines[i].invoice_value.units : 0;
    }
    HQ_TRY(hq_decimal_mul_to_int(&whole, charge->amount, rate->rate, rounding));
    HQ_TRY(hq_value__part(&part, whole, charge, rounding));
    HQ_TRY(hq_distribute(parts, part, weights, d->line_count, run->arena));
    put_shares(run, charge, parts);
    return HQ_DONE;
}

/* Can shares be taken of its base? A base that is too small for the whole invoice is a finding of
 * its own (check_total). */
static bool check_base(hq_assess__run *run, const hq_value__charge *charge)
{
    const hq_declaration *d = run->declaration;
    if (charge->own == 0) {
        hq_sv path = charge_path(run, charge, "");
        bool needed = false;
        for (size_t i = 0; i < d->line_count; i++) {
            needed |= hq_line_set_has(&charge->lines, i) && !d->lines[i].customs_value_given;
        }
        if (needed) {
            hq_findings_add(run->findings, "HQ144", path, HQ_SV_NULL, &path, 1);
        }
        return false;
    }
    if (charge->base >= charge->prior + charge->own) {
        return true;
    }
    if (charge->what[0] == 'a' && d->adjustments[charge->index].base.given) {
        hq_findings_add(run->findings, "R0170", charge_path(run, charge, "/base"),
                        hq_findings__json_text(run->arena, shown(run, charge->base)),
                        HQ_ARGS(shown(run, charge->base), shown(run, charge->prior + charge->own)));
    }
    return false;
}

static void settle_charge(hq_assess__run *run, const hq_value__charge *charge)
{
    if (charge->currency == 0) { /* one of a wrong form has its finding already */
        if (run->findings->errors == 0) {
            hq_findings_add(run->findings, "HQ003", charge_path(run, charge, "/currency"),
                            HQ_SV_NULL, HQ_ARGS(HQ_SV("currency")));
        }
        return;
    }
    const hq_rate_row *rate = hq_assess__rate(run, charge->currency);
    if (rate == NULL) {
        hq_assess__find_rate(run, charge->currency, charge_path(run, charge, "/currency"));
    } else if (!is_payable(charge->currency, charge->amount.units)) {
        find_broken_dong(run, charge->amount.units, charge_path(run, charge, "/amount"));
    } else if (charge->by_hand) {
        check_by_hand(run, charge);
    } else if (is_whole(run->declaration) && check_base(run, charge) &&
               hq_failed(share(run, charge, rate))) {
        find_too_large(run, 0);
    }
}

static void settle_invoice(hq_assess__run *run)
{
    const hq_declaration *d = run->declaration;
    if (d->currency == 0 || value_of(d, &all_lines) == 0) {
        return;
    }
    const hq_rate_row *rate = hq_assess__rate(run, d->currency);
    if (rate == NULL) {
        hq_assess__find_rate(run, d->currency, HQ_SV("/invoice/currency"));
        return;
    }
    for (size_t i = 0; i < d->line_count; i++) {
        hq_decimal value = d->lines[i].invoice_value;
        if (!is_payable(d->currency, value.units)) {
            find_broken_dong(run, value.units,
                             hq_findings__line_path(run->arena, i, "/invoice_value"));
        } else if (hq_failed(hq_decimal_mul_to_int(&run->assessment->lines[i].invoice_vnd, value,
                                                   rate->rate, run->assessment->rounding))) {
            find_too_large(run, i);
        }
    }
}

static bool sum_up(hq_line_assessment *line)
{
    int64_t sum;
    bool over = hq_add_overflows(&sum, line->invoice_vnd, line->freight_vnd);
    over |= hq_add_overflows(&sum, sum, line->insurance_vnd);
    for (size_t i = 0; i < HQ_ADJUSTMENTS_MAX; i++) {
        over |= hq_add_overflows(&sum, sum, line->adjustments_vnd[i]);
    }
    line->customs_value_vnd = sum;
    return !over;
}

static void settle_line(hq_assess__run *run, size_t i)
{
    const hq_line *line = &run->declaration->lines[i];
    hq_line_assessment *to = &run->assessment->lines[i];
    to->manual = line->customs_value_given;
    if (!sum_up(to)) {
        find_too_large(run, i);
    }
    if (to->manual) {
        to->customs_value_vnd = line->customs_value_vnd;
    } else if (to->customs_value_vnd <= 0 && run->findings->errors == 0) {
        hq_findings_add(run->findings, "E0252", hq_findings__line_path(run->arena, i, ""),
                        HQ_SV_NULL,
                        HQ_ARGS(hq_findings__i64(run->arena, (int64_t)i + 1),
                                hq_findings__i64(run->arena, to->customs_value_vnd)));
    }
}

void hq_value__compute(hq_assess__run *run)
{
    hq_value__charge charges[HQ_VALUE__CHARGES];
    size_t count = hq_value__charges(charges, run->declaration);
    if (is_whole(run->declaration)) {
        check_total(run);
    }
    check_manual(run);
    for (size_t i = 0; i < run->declaration->adjustment_count; i++) {
        check_sign(run, i);
    }
    settle_invoice(run);
    for (size_t i = 0; i < count; i++) {
        settle_charge(run, &charges[i]);
    }
    for (size_t i = 0; i < run->declaration->line_count; i++) {
        settle_line(run, i);
    }
}
