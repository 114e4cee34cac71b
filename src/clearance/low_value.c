/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/low_value.h"

/* What is particular to a parcel of the low-value flow: which kinds may come this way up to which
 * customs value, whose parcel may be, and which taxes it is free of. All figures are rows of the
 * table of terms on the legal day:
 *
 *   PARCEL_MAX_<kind>   the flow is open to the kind up to this customs value of the whole parcel
 *   PARCEL_DUTY_FREE    no import duty up to this customs value
 *   PARCEL_VAT_FREE     no VAT up to this customs value (0 since 18 February 2025)
 */

#define MAX_TERM "PARCEL_MAX_"

static const struct {
    hq_tax tax;
    const char *term;
} reliefs[] = {
    { HQ_TAX_IMPORT, "PARCEL_DUTY_FREE" },
    { HQ_TAX_VAT, "PARCEL_VAT_FREE" },
};
#define RELIEFS (sizeof reliefs / sizeof reliefs[0])

/* ------------------------------------------------------------------ who */

/* Goods for a person are found by name and address; a trader's are in the register. */
static void check_consignee(hq_assess__run *run)
{
    const hq_declaration *d = run->declaration;
    const hq_party *party = hq_declaration_party(d);
    bool import = d->flow == HQ_FLOW_IMPORT;
    if (party->tax_code.len > 0) {
        return;
    }
    if (party->name.len == 0) {
        hq_findings_add(run->findings, "HQ903",
                        import ? HQ_SV("/importer/name") : HQ_SV("/exporter/name"), HQ_SV_NULL,
                        HQ_NO_ARGS);
    }
    if (party->address.len == 0) {
        hq_findings_add(run->findings, "HQ903",
                        import ? HQ_SV("/importer/address") : HQ_SV("/exporter/address"),
                        HQ_SV_NULL, HQ_NO_ARGS);
    }
}

/* ------------------------------------------------------------------ how much */

static const hq_term_row *limit_of(const hq_assess__run *run)
{
    char term[32] = MAX_TERM;
    hq_sv kind = run->declaration->kind;
    size_t len = sizeof MAX_TERM - 1;
    if (kind.len == 0 || kind.len > sizeof term - len) {
        return NULL;
    }
    memcpy(term + len, kind.ptr, kind.len);
    return hq_ref_term(run->ref, hq_sv_make(term, len + kind.len), run->day);
}

void hq_low_value__check(hq_assess__run *run)
{
    const hq_declaration *d = run->declaration;
    check_consignee(run);
    if (d->kind.len > 0 && limit_of(run) == NULL) {
        hq_findings_add(run->findings, "HQ901", HQ_SV("/kind"),
                        hq_findings__json_text(run->arena, d->kind),
                        HQ_ARGS(d->kind, hq_findings__day(run->arena, run->day)));
    }
}

void hq_low_value__check_total(hq_assess__run *run)
{
    const hq_term_row *limit = limit_of(run);
    int64_t value = run->assessment->customs_value_vnd;
    if (limit == NULL || value <= limit->amount) {
        return;
    }
    hq_findings_add(run->findings, "HQ902", HQ_SV("/lines"), HQ_SV_NULL,
                    HQ_ARGS(hq_findings__i64(run->arena, value),
                            hq_findings__i64(run->arena, limit->amount), limit->term));
}

/* ------------------------------------------------------------------ free of what */

const hq_exemption_row *hq_low_value__exemption(const hq_ref *ref, hq_sv code, hq_tax tax,
                                                hq_day day, hq_arena *arena)
{
    for (size_t i = 0; i < RELIEFS; i++) {
        if (reliefs[i].tax != tax || !hq_sv_eq(code, hq_sv_from_cstr(reliefs[i].term))) {
            continue;
        }
        const hq_term_row *term = hq_ref_term(ref, code, day);
        hq_exemption_row *row = term == NULL ? NULL : HQ_NEW(arena, hq_exemption_row);
        if (row != NULL) {
            *row = (hq_exemption_row){ .id = term->id,
                                       .code = term->term,
                                       .name_vi = term->name_vi,
                                       .name_en = term->name_en,
                                       .legal_ground = term->legal_ground,
                                       .tax = tax,
                                       .effect = HQ_EXEMPT,
                                       .from = term->from,
                                       .to = term->to };
        }
        return row;
    }
    return NULL;
}

void hq_low_value__relieve(hq_assess__run *run)
{
    const hq_declaration *d = run->declaration;
    int64_t value = 0; /* of at most ten lines below 10^17 each */
    for (size_t i = 0; i < d->line_count; i++) {
        value += run->assessment->lines[i].customs_value_vnd;
    }
    for (size_t i = 0; d->flow == HQ_FLOW_IMPORT && i < RELIEFS; i++) {
        hq_sv term = hq_sv_from_cstr(reliefs[i].term);
        if (value > 0 && value <= hq_ref_term_amount(run->ref, term, run->day)) {
            run->relief[reliefs[i].tax] =
                hq_low_value__exemption(run->ref, term, reliefs[i].tax, run->day, run->arena);
            run->findings->failed |= run->relief[reliefs[i].tax] == NULL;
        }
    }
}
