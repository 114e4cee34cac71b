/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/assess_run.h"

/* Delivery terms: what the price includes decides what must still be added to an import and what
 * must be taken off an export (clearance.md 1.9). Older names stay valid on old contracts. */

static const hq_term terms[] = {
    { "EXW", false, false }, { "FCA", false, false }, { "FAS", false, false },
    { "FOB", false, false }, { "CFR", true, false },  { "CPT", true, false },
    { "C&F", true, false },  { "C&I", false, true },  { "CIF", true, true },
    { "CIP", true, true },   { "DAP", true, true },   { "DPU", true, true },
    { "DDP", true, true },   { "DAT", true, true },   { "DDU", true, true },
    { "DAF", true, true },   { "DES", true, true },   { "DEQ", true, true },
};
#define TERM_NAMES "EXW FCA FAS FOB CFR CPT CIF CIP DAP DPU DDP C&F C&I DAT DDU DAF DES DEQ"

const hq_term *hq_term_of(hq_sv incoterm)
{
    for (size_t i = 0; incoterm.len == 3 && i < sizeof terms / sizeof terms[0]; i++) {
        if (memcmp(terms[i].code, incoterm.ptr, 3) == 0) {
            return &terms[i];
        }
    }
    return NULL;
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
    const hq_term *term = hq_term_of(d->incoterm);
    if (term == NULL) {
        hq_findings_add(run->findings, "HQ120", HQ_SV("/invoice/incoterm"),
                        hq_findings__json_text(run->arena, d->incoterm),
                        HQ_ARGS(d->incoterm, HQ_SV(TERM_NAMES)));
        return;
    }
    if (d->flow == HQ_FLOW_IMPORT) {
        check_import(run, term);
    } else {
        check_export(run, term);
    }
}
