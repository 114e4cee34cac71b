/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/assess_run.h"

/* Delivery terms: what the price includes decides what must still be added to an import and what
 * must be taken off an export (clearance.md 1.9). The terms are a list of codes. */

hq_term hq_term_of(const hq_ref *ref, hq_sv incoterm, hq_day day)
{
    const hq_code_row *row = hq_ref_code(ref, HQ_LIST_INCOTERM, incoterm, day);
    if (row == NULL) {
        return (hq_term){ 0 };
    }
    return (hq_term){
        .known = true,
        .freight = row->property == HQ_CODE_FREIGHT || row->property == HQ_CODE_CHARGES,
        .insurance = row->property == HQ_CODE_INSURANCE || row->property == HQ_CODE_CHARGES,
    };
}

static bool stated(const hq_charge *charge)
{
    return charge->given && charge->amount.units > 0;
}

static void find(hq_assess__run *run, const char *rule, hq_sv path)
{
    hq_findings_add(run->findings, rule, path, HQ_SV_NULL, HQ_ARGS(run->declaration->incoterm));
}

static void check_import(hq_assess__run *run, const hq_term *term)
{
    const hq_declaration *d = run->declaration;
    const hq_charge *freight = &d->freight;
    if (term->freight && stated(freight) && freight->kind != 'E') {
        find(run, "HQ121", HQ_SV("/valuation/freight"));
    }
    if (!term->freight && !term->insurance && !stated(freight)) {
        find(run, "HQ123", HQ_SV("/valuation/freight"));
    }
    if (term->insurance && stated(&d->insurance) && d->insurance.kind != 'D') {
        find(run, "HQ122", HQ_SV("/valuation/insurance"));
    }
}

static void check_export(hq_assess__run *run, const hq_term *term)
{
    const hq_declaration *d = run->declaration;
    if (!term->freight && stated(&d->freight)) {
        find(run, "HQ124", HQ_SV("/valuation/freight"));
    }
    if (term->freight && !stated(&d->freight)) {
        find(run, "HQ126", HQ_SV("/valuation/freight"));
    }
    if (!term->insurance && stated(&d->insurance)) {
        find(run, "HQ125", HQ_SV("/valuation/insurance"));
    }
}

void hq_check__terms(hq_assess__run *run)
{
    const hq_declaration *d = run->declaration;
    if (d->insurance.kind == 'D' && stated(&d->insurance)) {
        hq_findings_add(run->findings, "HQ127", HQ_SV("/valuation/insurance/amount"),
                        hq_findings__json_decimal(run->arena, d->insurance.amount), HQ_NO_ARGS);
    }
    if (d->incoterm.len == 0) {
        return;
    }
    hq_term term = hq_term_of(run->ref, d->incoterm, run->day);
    if (!term.known) {
        hq_findings_add(run->findings, "HQ120", HQ_SV("/invoice/incoterm"),
                        hq_findings__json_text(run->arena, d->incoterm),
                        HQ_ARGS(d->incoterm, hq_check__codes(run, HQ_LIST_INCOTERM)));
        return;
    }
    if (d->flow == HQ_FLOW_IMPORT) {
        check_import(run, &term);
    } else {
        check_export(run, &term);
    }
}
