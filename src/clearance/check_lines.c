/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/assess_run.h"

/* Checks of each line of goods but for its value and taxes. */

enum { ONE = 10000 }; /* 1 in units of HQ_SCALE_VALUE: what a product may be off */

/* Units that the nomenclature does not ask for must at least be known. */
static void check_units(hq_assess__run *run, const hq_line *line, size_t i, const hq_hs_row *row)
{
    const hq_amount *quantities[2] = { &line->quantity, &line->quantity2 };
    for (size_t k = 0; k < 2; k++) {
        hq_code4 unit = quantities[k]->unit_or_currency;
        char text[4];
        if (unit == 0 || unit == row->unit || unit == row->unit2 ||
            hq_ref_code(run->ref, HQ_LIST_UNIT, hq_code4_text(text, unit), run->day) != NULL) {
            continue;
        }
        hq_findings_add(
            run->findings, "HQ118",
            hq_findings__line_path(run->arena, i, k == 0 ? "/quantity/unit" : "/quantity2/unit"),
            hq_findings__json_code(run->arena, unit),
            HQ_ARGS(hq_findings__code(run->arena, unit), hq_findings__day(run->arena, run->day)));
    }
}

static void check_hs(hq_assess__run *run, const hq_line *line, size_t i)
{
    if (line->hs_text.len == 0) {
        return;
    }
    const hq_hs_row *row = hq_ref_hs(run->ref, line->hs, run->day);
    hq_sv day = HQ_SV_NULL;
    if (row == NULL) {
        day = hq_findings__day(run->arena, run->day);
        hq_findings_add(run->findings, "HQ150", hq_findings__line_path(run->arena, i, "/hs"),
                        hq_findings__json_text(run->arena, line->hs_text),
                        HQ_ARGS(line->hs_text, day));
        return;
    }
    check_units(run, line, i, row);
    hq_code4 units[2] = { row->unit, row->unit2 };
    size_t counted = run->declaration->low_value ? 1 : 2; /* a parcel has no second quantity */
    for (size_t k = 0; k < counted; k++) {
        if (units[k] != 0 && line->quantity.given && hq_tax__quantity(line, units[k]) == NULL) {
            hq_findings_add(
                run->findings, "HQ151",
                hq_findings__line_path(run->arena, i, k == 0 ? "/quantity/unit" : "/quantity2"),
                hq_findings__json_code(run->arena, line->quantity.unit_or_currency),
                HQ_ARGS(line->hs_text, hq_findings__code(run->arena, units[k])));
        }
    }
}

static void check_origin(hq_assess__run *run, const hq_line *line, size_t i)
{
    if (line->origin != 0 && !hq_ref_country_known(run->ref, line->origin)) {
        hq_findings_add(run->findings, "HQ104", hq_findings__line_path(run->arena, i, "/origin"),
                        hq_findings__json_code(run->arena, line->origin),
                        HQ_ARGS(hq_findings__code(run->arena, line->origin)));
    }
}

/* Exact: the product is taken down and up to the places of the invoice value. */
static bool within_one(const hq_line *line)
{
    int64_t down;
    int64_t up;
    const int64_t excess = 10000; /* scales 2 + 6 of the product over 4 of the value */
    int64_t q = line->quantity.amount.units;
    int64_t p = line->unit_price.units;
    int64_t v = line->invoice_value.units;
    if (hq_failed(hq_muldiv(&down, q, p, excess, HQ_ROUND_DOWN)) ||
        hq_failed(hq_muldiv(&up, q, p, excess, HQ_ROUND_UP))) {
        return false;
    }
    return up <= v + ONE && down >= v - ONE;
}

static void check_product(hq_assess__run *run, const hq_line *line, size_t i)
{
    if (!line->unit_price_given || !line->quantity.given || line->broken || within_one(line)) {
        return;
    }
    hq_decimal product;
    hq_sv shown = HQ_SV("…");
    if (hq_ok(hq_decimal_mul(&product, hq_decimal_trim(line->unit_price),
                             hq_decimal_trim(line->quantity.amount)))) {
        shown = hq_findings__decimal(run->arena, product);
    }
    hq_findings_add(run->findings, "R1088", hq_findings__line_path(run->arena, i, "/invoice_value"),
                    hq_findings__json_decimal(run->arena, line->invoice_value),
                    HQ_ARGS(hq_findings__decimal(run->arena, line->invoice_value),
                            hq_findings__decimal(run->arena, line->unit_price),
                            hq_findings__decimal(run->arena, line->quantity.amount), shown));
}

static void check_direct_shipment(hq_assess__run *run, const hq_line *line, size_t i,
                                  const hq_scheme_row *scheme)
{
    hq_sv place = run->declaration->loading_place;
    hq_code4 country = hq_code4_of(hq_sv_sub(place, 0, 2));
    if (!scheme->direct_shipment || place.len < 2 || country == line->origin ||
        (!scheme->countries->any && hq_country_named(scheme->countries, country))) {
        return;
    }
    hq_findings_add(run->findings, "HQ173", hq_findings__line_path(run->arena, i, "/scheme"),
                    hq_findings__json_text(run->arena, line->scheme), HQ_ARGS(line->scheme, place));
}

static void check_proof(hq_assess__run *run, const hq_line *line, size_t i,
                        const hq_scheme_row *scheme)
{
    if (scheme->proof_required && !line->proof_given) {
        const hq_code_row *mfn = hq_ref_code_with(run->ref, HQ_LIST_SCHEME, HQ_CODE_MFN, run->day);
        hq_findings_add(run->findings, "HQ172",
                        hq_findings__line_path(run->arena, i, "/origin_proof"), HQ_SV_NULL,
                        HQ_ARGS(line->scheme, mfn == NULL ? HQ_SV("MFN") : mfn->code));
    }
    /* A proof that is claimed by amendment may be younger than the registration. */
    if (line->proof_date > run->day && run->stage != HQ_CHECK_AMEND) {
        hq_sv text = hq_findings__day(run->arena, line->proof_date);
        hq_findings_add(run->findings, "HQ174",
                        hq_findings__line_path(run->arena, i, "/origin_proof/date"),
                        hq_findings__json_text(run->arena, text),
                        HQ_ARGS(text, hq_findings__day(run->arena, run->day)));
    }
}

static void check_scheme(hq_assess__run *run, const hq_line *line, size_t i)
{
    if (line->scheme.len == 0) {
        return;
    }
    hq_sv seen = HQ_SV_NULL;
    if (run->declaration->flow == HQ_FLOW_EXPORT) {
        seen = hq_findings__json_text(run->arena, line->scheme);
        hq_findings_add(run->findings, "HQ175", hq_findings__line_path(run->arena, i, "/scheme"),
                        seen, HQ_ARGS(line->scheme));
        return;
    }
    const hq_scheme_row *scheme = hq_ref_scheme(run->ref, line->scheme, run->day);
    if (scheme == NULL) {
        seen = hq_findings__json_text(run->arena, line->scheme);
        hq_findings_add(run->findings, "HQ170", hq_findings__line_path(run->arena, i, "/scheme"),
                        seen, HQ_ARGS(line->scheme, hq_findings__day(run->arena, run->day)));
        return;
    }
    if (line->origin != 0 && !hq_country_in(scheme->countries, line->origin)) {
        seen = hq_findings__json_text(run->arena, line->scheme);
        hq_findings_add(run->findings, "HQ171", hq_findings__line_path(run->arena, i, "/scheme"),
                        seen, HQ_ARGS(line->scheme, hq_findings__code(run->arena, line->origin)));
        return;
    }
    check_proof(run, line, i, scheme);
    check_direct_shipment(run, line, i, scheme);
}

static void check_temporary(hq_assess__run *run, const hq_line *line, size_t i)
{
    hq_sv header = run->declaration->temporary_declaration;
    if (line->temporary == NULL || header.len == 0 || line->temporary->number.len == 0 ||
        hq_sv_eq(line->temporary->number, header)) {
        return;
    }
    hq_findings_add(run->findings, "HQ238",
                    hq_findings__line_path(run->arena, i, "/temporary/declaration"),
                    hq_findings__json_text(run->arena, line->temporary->number),
                    HQ_ARGS(line->temporary->number, header));
}

void hq_check__lines(hq_assess__run *run)
{
    static void (*const checks[])(hq_assess__run *, const hq_line *, size_t) = {
        check_hs, check_origin, check_product, check_scheme, check_temporary,
    };
    for (size_t i = 0; i < run->declaration->line_count; i++) {
        for (size_t k = 0; k < sizeof checks / sizeof checks[0]; k++) {
            checks[k](run, &run->declaration->lines[i], i);
        }
    }
}
