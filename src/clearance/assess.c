/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/assess_run.h"
#include "clearance/low_value.h"

/* One setting for every amount in dong; each assessment and receipt records it. */
static const hq_rounding whole_dong = HQ_ROUND_HALF_UP;

/* ------------------------------------------------------------------ exchange rates */

const hq_rate_row *hq_assess__rate(hq_assess__run *run, hq_code4 currency)
{
    hq_assessment *a = run->assessment;
    for (size_t i = 0; i < a->rate_count; i++) {
        if (a->rates[i].currency == currency) {
            return a->rates[i].row;
        }
    }
    const hq_rate_row *row = hq_ref_rate(run->ref, currency, run->day);
    if (row == NULL || currency == HQ_DONG) {
        return row;
    }
    if (a->rate_count == HQ_RATES_MAX) {
        return NULL;
    }
    a->rates[a->rate_count++] = (hq_used_rate){ currency, row };
    return row;
}

void hq_assess__find_rate(hq_assess__run *run, hq_code4 currency, hq_sv path)
{
    hq_sv code = hq_findings__code(run->arena, currency);
    hq_sv seen = hq_findings__json_code(run->arena, currency);
    if (hq_ref_currency_known(run->ref, currency)) {
        hq_findings_add(run->findings, "HQ106", path, seen,
                        HQ_ARGS(code, hq_findings__day(run->arena, run->day)));
    } else {
        hq_findings_add(run->findings, "HQ105", path, seen, &code, 1);
    }
}

/* ------------------------------------------------------------------ eligibility */

/* Exports at 0 % and goods free of duty pass without a look at debts, and so do defence and relief
 * (contract, "Eligibility"; Circular 38/2015 Art 14). */
static bool is_let_through(const hq_assess__run *run)
{
    const hq_declaration *d = run->declaration;
    if (d->cargo_class == 'B' || d->cargo_class == 'C') {
        return true;
    }
    for (size_t i = 0; i < d->line_count; i++) {
        const hq_line_assessment *line = &run->assessment->lines[i];
        if (line->tax_count == 0 || line->taxes[0].tax > HQ_TAX_EXPORT) {
            return false;
        }
        const hq_tax_item *duty = &line->taxes[0];
        bool exempt = duty->exemption != NULL && duty->exemption->effect != HQ_REDUCE;
        bool export_at_zero = duty->tax == HQ_TAX_EXPORT && duty->computed_vnd == 0;
        if (!exempt && !export_at_zero) {
            return false;
        }
    }
    return d->line_count > 0;
}

/* What the tax office says of a tax code: its ground where it gives one, otherwise what its status
 * means. NULL: nothing against it. */
static const char *standing_of(const hq_enterprise_row *row, hq_arena *arena)
{
    if (row->ground.len > 0) {
        return hq_arena_cstr(arena, row->ground);
    }
    if (row->status == HQ_ENTERPRISE_CLOSED) {
        return "E8001";
    }
    return row->status == HQ_ENTERPRISE_SUSPENDED ? "E8003" : NULL;
}

void hq_check__eligibility(hq_assess__run *run)
{
    const hq_declaration *d = run->declaration;
    hq_sv tax_code = hq_declaration_party(d)->tax_code;
    const hq_enterprise_row *row = hq_ref_enterprise(run->ref, tax_code);
    if (row == NULL ||
        (row->status == HQ_ENTERPRISE_ACTIVE && row->tax_debt_days == 0 && row->ground.len == 0)) {
        return;
    }
    int64_t bar = hq_ref_term_amount(run->ref, HQ_SV("DEBT_BAR"), run->day);
    const char *standing = standing_of(row, run->arena);
    if ((standing == NULL && row->tax_debt_days <= bar) || is_let_through(run)) {
        return;
    }
    hq_sv path =
        d->flow == HQ_FLOW_IMPORT ? HQ_SV("/importer/tax_code") : HQ_SV("/exporter/tax_code");
    hq_severity severity =
        run->stage == HQ_CHECK_REGISTER ? HQ_SEVERITY_ERROR : HQ_SEVERITY_WARNING;
    hq_sv seen = hq_findings__json_text(run->arena, tax_code);
    if (row->tax_debt_days > bar) {
        hq_findings__add_as(run->findings, "E8000", severity, path, seen,
                            HQ_ARGS(tax_code, hq_findings__i64(run->arena, row->tax_debt_days),
                                    hq_findings__i64(run->arena, bar)));
    }
    if (standing != NULL) {
        hq_findings__add_as(run->findings, standing, severity, path, seen, HQ_ARGS(tax_code));
    }
}

/* ------------------------------------------------------------------ whole */

bool hq_assess__add_line(hq_assessment *a, const hq_line_assessment *line)
{
    bool over =
        hq_add_overflows(&a->customs_value_vnd, a->customs_value_vnd, line->customs_value_vnd);
    for (size_t i = 0; i < line->tax_count; i++) {
        const hq_tax_item *item = &line->taxes[i];
        a->taxes_present |= 1U << item->tax;
        over |= hq_add_overflows(&a->tax_vnd[item->tax], a->tax_vnd[item->tax], item->amount_vnd);
        over |= hq_add_overflows(&a->total_payable_vnd, a->total_payable_vnd, item->amount_vnd);
    }
    return !over;
}

static void compute(hq_assess__run *run)
{
    hq_value__compute(run);
    if (run->declaration->low_value) {
        hq_low_value__relieve(run);
    }
    for (size_t i = 0; i < run->declaration->line_count; i++) {
        hq_tax__line(run, i, NULL, &run->assessment->lines[i]);
        if (!hq_assess__add_line(run->assessment, &run->assessment->lines[i])) {
            hq_findings_add(run->findings, "HQ187", hq_findings__line_path(run->arena, i, ""),
                            HQ_SV_NULL, HQ_ARGS(hq_findings__i64(run->arena, (int64_t)i + 1)));
        }
    }
}

static void ask_ahead(const hq_declaration *declaration, const hq_ref *ref)
{
    enum { AHEAD = 8 };
    hq_ref_wanted wanted[AHEAD];
    size_t count = declaration->line_count < AHEAD ? declaration->line_count : AHEAD;
    for (size_t i = 0; i < count; i++) {
        const hq_line *line = &declaration->lines[i];
        wanted[i] = (hq_ref_wanted){ line->hs, hq_code4_of(line->scheme) };
    }
    hq_ref_prefetch(ref, wanted, count);
}

hq_status hq_assess(hq_assessment **out, hq_findings *findings, const hq_declaration *declaration,
                    const hq_ref *ref, hq_day day, hq_check_stage stage, hq_arena *arena)
{
    hq_assessment *a = HQ_NEW(arena, hq_assessment);
    hq_assess__run run = { declaration,     ref,     day, stage, arena, findings, a,
                           findings->count, { NULL } };
    *out = NULL;
    if (a == NULL) {
        return HQ_FAIL(NOMEM);
    }
    ask_ahead(declaration, ref);
    a->line_count = declaration->line_count;
    a->lines = hq_arena_alloc(arena, (a->line_count + 1) * sizeof *a->lines);
    if (a->lines == NULL) {
        return HQ_FAIL(NOMEM);
    }
    for (size_t i = 0; i < a->line_count; i++) {
        memset(&a->lines[i], 0, offsetof(hq_line_assessment, taxes));
    }
    a->reference_version = hq_ref_version(ref);
    a->day = day;
    a->rounding = whole_dong;
    hq_check__header(&run);
    if (declaration->low_value) {
        hq_low_value__check(&run);
    }
    hq_check__lines(&run);
    compute(&run);
    if (declaration->low_value) {
        hq_low_value__check_total(&run);
    }
    if (stage != HQ_CHECK_AMEND) {
        hq_check__eligibility(&run);
    }
    if (findings->failed) {
        return HQ_FAIL(NOMEM);
    }
    *out = findings->errors > 0 ? NULL : a;
    return HQ_DONE;
}
