/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/tax_rows.h"

enum { ROWS_MAX = 16 }; /* rows of one tax that differ by condition */

/* ------------------------------------------------------------------ claims */

static hq_tax duty_of_flow(const hq_tax__at *at)
{
    return at->run->declaration->flow == HQ_FLOW_EXPORT ? HQ_TAX_EXPORT : HQ_TAX_IMPORT;
}

/* An element whose tax was not understood has no tax to name: decoding left it at IMPORT, which is
 * harmless beside the error. */
const hq_tax_claim *hq_tax__claim(const hq_tax__at *at, hq_tax tax)
{
    for (size_t i = 0; i < at->line->tax_count; i++) {
        if (at->line->taxes[i].tax == tax) {
            return &at->line->taxes[i];
        }
    }
    return NULL;
}

static bool claims_exemption(const hq_tax_claim *claim)
{
    return claim->exemption.len > 0 || claim->reduction_given;
}

const hq_tax_claim *hq_tax__exemption_claim(const hq_tax__at *at, hq_tax tax)
{
    if (tax == duty_of_flow(at) && claims_exemption(&at->line->duty)) {
        return &at->line->duty;
    }
    return hq_tax__claim(at, tax);
}

hq_sv hq_tax__claim_path(const hq_tax__at *at, hq_tax tax, const char *member)
{
    const hq_tax_claim *claim = hq_tax__exemption_claim(at, tax);
    if (claim == NULL || claim == &at->line->duty) {
        return hq_arena_printf(at->run->arena, "/lines/%zu/exemption%s", at->index, member);
    }
    return hq_arena_printf(at->run->arena, "/lines/%zu/taxes/%u/exemption%s", at->index,
                           claim->json_index, member);
}

static hq_sv element_path(const hq_tax__at *at, const hq_tax_claim *claim, const char *member)
{
    return hq_arena_printf(at->run->arena, "/lines/%zu/taxes/%u%s", at->index, claim->json_index,
                           member);
}

static hq_sv name_of(hq_tax tax)
{
    return hq_sv_from_cstr(hq_tax_name(tax));
}

static void find_absent(hq_tax__at *at, const hq_tax_claim *claim)
{
    hq_arena *arena = at->run->arena;
    hq_sv tax = name_of(claim->tax);
    hq_findings_add(at->run->findings, "HQ181", element_path(at, claim, "/tax"),
                    hq_findings__json_text(arena, tax),
                    HQ_ARGS(tax, at->line->hs_text, hq_findings__code(arena, at->line->origin),
                            hq_findings__day(arena, at->run->day)));
}

/* Duty, trade remedies in any order, excise, environment, VAT (clearance.md 1.8). */
static int rank_of(hq_tax tax)
{
    if (tax <= HQ_TAX_EXPORT) {
        return 0;
    }
    return tax <= HQ_TAX_SG ? 1 : (int)tax;
}

static bool is_out_of_order(hq_tax last, hq_tax tax)
{
    return tax < last && rank_of(tax) < rank_of(last);
}

static void find_order(hq_tax__at *at, const hq_tax_claim *claim, hq_tax last)
{
    hq_sv tax = name_of(claim->tax);
    hq_findings_add(at->run->findings, "R0184", element_path(at, claim, "/tax"),
                    hq_findings__json_text(at->run->arena, tax), HQ_ARGS(tax, name_of(last)));
}

void hq_tax__check_claims(hq_tax__at *at)
{
    bool export = at->run->declaration->flow == HQ_FLOW_EXPORT;
    uint32_t named = 0;
    hq_tax last = HQ_TAX_IMPORT;
    for (size_t i = 0; i < at->line->tax_count; i++) {
        const hq_tax_claim *claim = &at->line->taxes[i];
        hq_sv tax = name_of(claim->tax);
        bool twice = (named >> claim->tax & 1) != 0;
        named |= 1U << claim->tax;
        if (!at->line->broken && is_out_of_order(last, claim->tax)) {
            find_order(at, claim, last);
        }
        last = claim->tax > last ? claim->tax : last;
        if (twice || (claim->tax == duty_of_flow(at) && claims_exemption(claim) &&
                      claims_exemption(&at->line->duty))) {
            hq_findings_add(at->run->findings, "HQ186", element_path(at, claim, ""),
                            hq_findings__json_text(at->run->arena, tax), &tax, 1);
        } else if (export ? claim->tax != HQ_TAX_EXPORT : claim->tax == HQ_TAX_EXPORT) {
            find_absent(at, claim);
        }
    }
}

/* ------------------------------------------------------------------ conditions */

/* "condition" 5 %; "other" 10 %: what there is to choose from. */
static hq_sv list_conditions(const hq_tax__at *at, const hq_tariff_row *const *rows, size_t count)
{
    hq_buf out = HQ_BUF_ARENA(at->run->arena, 8192);
    for (size_t i = 0; i < count; i++) {
        hq_buf_printf(&out, "%s\"%.*s\" (", i == 0 ? "" : "; ", HQ_SV_FMT(rows[i]->condition));
        if (rows[i]->has_rate) {
            hq_decimal_write(&out, hq_decimal_trim(rows[i]->rate_percent));
            hq_buf_lit(&out, " %");
        }
        if (rows[i]->has_amount) {
            char text[4];
            char unit[4];
            hq_buf_sv(&out, rows[i]->has_rate ? HQ_SV(" + ") : HQ_SV(""));
            hq_decimal_write(&out, hq_decimal_trim(rows[i]->amount));
            hq_buf_char(&out, ' ');
            hq_buf_sv(&out, rows[i]->amount_currency == 0
                                ? HQ_SV("VND")
                                : hq_code4_text(text, rows[i]->amount_currency));
            hq_buf_char(&out, '/');
            hq_buf_sv(&out, hq_code4_text(unit, rows[i]->amount_unit));
        }
        hq_buf_char(&out, ')');
    }
    return hq_buf_view(&out);
}

static void find_condition(hq_tax__at *at, hq_tax tax, const hq_tax_claim *claim, const char *rule,
                           const hq_tariff_row *const *rows, size_t count)
{
    hq_sv path;
    if (claim != NULL) {
        path = element_path(at, claim, "/condition");
    } else {
        path = hq_findings__line_path(at->run->arena, at->index, "/taxes");
    }
    hq_sv seen = claim == NULL || claim->condition.ptr == NULL
                     ? HQ_SV_NULL
                     : hq_findings__json_text(at->run->arena, claim->condition);
    hq_findings_add(at->run->findings, rule, path, seen,
                    HQ_ARGS(name_of(tax), list_conditions(at, rows, count)));
}

/* The row of the chosen condition; `loud`: say what is wrong. */
static const hq_tariff_row *choose(hq_tax__at *at, hq_tax tax, const hq_tariff_row *const *rows,
                                   size_t count, bool loud)
{
    const hq_tax_claim *claim = hq_tax__claim(at, tax);
    if (claim == NULL || claim->condition.ptr == NULL) {
        if (count > 1 && loud) {
            find_condition(at, tax, claim, "HQ182", rows, count);
        }
        return count == 1 ? rows[0] : NULL;
    }
    for (size_t i = 0; i < count; i++) {
        if (hq_sv_eq(rows[i]->condition, claim->condition)) {
            return rows[i];
        }
    }
    if (loud) {
        find_condition(at, tax, claim, "HQ183", rows, count);
    }
    return NULL;
}

/* ------------------------------------------------------------------ rows */

static size_t rows_of(const hq_tax__at *at, hq_tax tax, hq_sv scheme,
                      const hq_tariff_row *rows[ROWS_MAX])
{
    const hq_tariff_query query = { .tax = tax,
                                    .hs8 = at->line->hs,
                                    .origin = at->line->origin,
                                    .scheme = scheme,
                                    .producer = at->line->producer,
                                    .day = at->run->day };
    return (at->present >> tax & 1) == 0 ? 0 : hq_ref_tariff(rows, ROWS_MAX, at->run->ref, &query);
}

static void find_no_duty(hq_tax__at *at, hq_tax tax)
{
    hq_arena *arena = at->run->arena;
    bool import = tax == HQ_TAX_IMPORT;
    hq_sv scheme = import ? at->line->scheme : HQ_SV("-");
    hq_findings_add(at->run->findings, "HQ180",
                    hq_findings__line_path(arena, at->index, import ? "/scheme" : "/hs"),
                    hq_findings__json_text(arena, import ? at->line->scheme : at->line->hs_text),
                    HQ_ARGS(name_of(tax), at->line->hs_text, scheme,
                            hq_findings__code(arena, at->line->origin),
                            hq_findings__day(arena, at->run->day)));
}

/* Has another check said already why there can be no row? */
static bool is_explained(const hq_tax__at *at, hq_tax tax)
{
    const hq_assess__run *run = at->run;
    const hq_scheme_row *scheme;
    if (hq_ref_hs(run->ref, at->line->hs, run->day) == NULL) {
        return true;
    }
    if (tax != HQ_TAX_IMPORT) {
        return false;
    }
    scheme = hq_ref_scheme(run->ref, at->line->scheme, run->day);
    return scheme == NULL || !hq_country_in(scheme->countries, at->line->origin);
}

const hq_tariff_row *hq_tax__row(hq_tax__at *at, hq_tax tax)
{
    const hq_tariff_row *rows[ROWS_MAX];
    bool duty = tax == duty_of_flow(at);
    hq_sv scheme = tax == HQ_TAX_IMPORT ? at->line->scheme : HQ_SV("");
    size_t count = rows_of(at, tax, scheme, rows);
    if (count > 0) {
        return choose(at, tax, rows, count, true);
    }
    if (duty && !is_explained(at, tax)) {
        find_no_duty(at, tax);
    }
    const hq_tax_claim *claim = duty ? NULL : hq_tax__claim(at, tax);
    if (claim != NULL && hq_ref_hs(at->run->ref, at->line->hs, at->run->day) != NULL) {
        find_absent(at, claim);
    }
    return NULL;
}

bool hq_tax__is_agreement(const hq_ref *ref, hq_sv scheme, hq_day day)
{
    return hq_ref_code(ref, HQ_LIST_SCHEME, scheme, day) == NULL;
}

const hq_tariff_row *hq_tax__mfn_row(hq_tax__at *at)
{
    const hq_tariff_row *rows[ROWS_MAX];
    const hq_code_row *mfn =
        hq_ref_code_with(at->run->ref, HQ_LIST_SCHEME, HQ_CODE_MFN, at->run->day);
    const hq_scheme_row *scheme =
        mfn == NULL ? NULL : hq_ref_scheme(at->run->ref, mfn->code, at->run->day);
    if (scheme == NULL || !hq_country_in(scheme->countries, at->line->origin)) {
        return NULL;
    }
    size_t count = rows_of(at, HQ_TAX_IMPORT, mfn->code, rows);
    return count == 0 ? NULL : choose(at, HQ_TAX_IMPORT, rows, count, false);
}
