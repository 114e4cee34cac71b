/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/assess_run.h"

/* Checks of the header, one function a subject. What is missing or of a wrong shape was found when
 * decoding and is passed over here. */

static hq_sv json_of(hq_assess__run *run, hq_sv text)
{
    return hq_findings__json_text(run->arena, text);
}

static void check_kind(hq_assess__run *run)
{
    const hq_declaration *d = run->declaration;
    if (d->kind.len == 0) {
        return;
    }
    const hq_kind_row *row = hq_ref_kind(run->ref, d->kind, run->day);
    if (row == NULL) {
        hq_findings_add(run->findings, "HQ101", HQ_SV("/kind"), json_of(run, d->kind),
                        HQ_ARGS(d->kind, hq_findings__day(run->arena, run->day)));
    } else if (row->flow != d->flow) {
        hq_findings_add(run->findings, d->flow == HQ_FLOW_IMPORT ? "HQ102" : "HQ109",
                        HQ_SV("/kind"), json_of(run, d->kind), HQ_ARGS(d->kind));
    }
}

static void check_office(hq_assess__run *run)
{
    hq_sv office = run->declaration->office;
    if (office.len == 0) {
        return;
    }
    const hq_office_row *row = hq_ref_office(run->ref, office, run->day);
    if (row == NULL) {
        hq_findings_add(run->findings, "HQ103", HQ_SV("/office"), json_of(run, office),
                        HQ_ARGS(office, hq_findings__day(run->arena, run->day)));
    } else if (row->level < HQ_LEVEL_BRANCH) {
        hq_findings_add(run->findings, "HQ115", HQ_SV("/office"), json_of(run, office),
                        HQ_ARGS(office));
    }
}

static void check_tax_codes(hq_assess__run *run)
{
    const hq_declaration *d = run->declaration;
    const struct {
        hq_sv tax_code, path;
    } codes[] = {
        { d->importer.tax_code, HQ_SV("/importer/tax_code") },
        { d->exporter.tax_code, HQ_SV("/exporter/tax_code") },
        { d->principal.tax_code, HQ_SV("/principal/tax_code") },
        { d->agent_tax_code, HQ_SV("/agent/tax_code") },
    };
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        if (codes[i].tax_code.len > 0 && !hq_tax_code_valid(codes[i].tax_code)) {
            hq_findings_add(run->findings, "HQ107", codes[i].path, json_of(run, codes[i].tax_code),
                            HQ_ARGS(codes[i].tax_code));
        }
    }
}

static void check_country(hq_assess__run *run)
{
    const hq_declaration *d = run->declaration;
    bool import = d->flow == HQ_FLOW_IMPORT;
    hq_code4 country = import ? d->exporter.country : d->importer.country;
    if (country != 0 && !hq_ref_country_known(run->ref, country)) {
        hq_findings_add(run->findings, "HQ104",
                        import ? HQ_SV("/exporter/country") : HQ_SV("/importer/country"),
                        hq_findings__json_code(run->arena, country),
                        HQ_ARGS(hq_findings__code(run->arena, country)));
    }
}

static void check_principal(hq_assess__run *run)
{
    hq_sv principal = run->declaration->principal.tax_code;
    if (principal.len > 0 &&
        hq_sv_eq(principal, hq_declaration_party(run->declaration)->tax_code)) {
        hq_findings_add(run->findings, "HQ253", HQ_SV("/principal/tax_code"),
                        json_of(run, principal), HQ_ARGS(principal));
    }
}

/* Whether the caller may act for the agent is asked elsewhere; here, whether the agent may for the
 * client. */
static void check_agent(hq_assess__run *run)
{
    const hq_declaration *d = run->declaration;
    hq_sv client = hq_declaration_party(d)->tax_code;
    if (d->agent_tax_code.len == 0 || client.len == 0 || hq_sv_eq(d->agent_tax_code, client) ||
        hq_ref_authorised(run->ref, d->agent_tax_code, client, run->day)) {
        return;
    }
    hq_findings_add(run->findings, "HQ108", HQ_SV("/agent/tax_code"),
                    json_of(run, d->agent_tax_code),
                    HQ_ARGS(d->agent_tax_code, client, hq_findings__day(run->arena, run->day)));
}

static void check_containers(hq_assess__run *run)
{
    const hq_declaration *d = run->declaration;
    for (size_t i = 0; i < d->container_count; i++) {
        if (d->containers[i].len > 0 && !hq_container_valid(d->containers[i])) {
            hq_findings_add(run->findings, "HQ110",
                            hq_findings__item_path(run->arena, "/containers", i, ""),
                            json_of(run, d->containers[i]), HQ_ARGS(d->containers[i]));
        }
    }
}

static void check_payment(hq_assess__run *run)
{
    const hq_declaration *d = run->declaration;
    bool guaranteed = d->payment_term == 'A' || d->payment_term == 'B';
    hq_sv term = hq_sv_make(&d->payment_term, 1);
    if (guaranteed && d->guarantee.len == 0) {
        hq_findings_add(run->findings, "HQ112", HQ_SV("/payment/guarantee"), HQ_SV_NULL,
                        HQ_ARGS(term));
    }
    if (!guaranteed && d->guarantee.len > 0 && d->release_reason == '\0') {
        hq_findings_add(run->findings, "HQ113", HQ_SV("/payment/guarantee"),
                        json_of(run, d->guarantee), HQ_ARGS(term));
    }
}

hq_sv hq_check__codes(hq_assess__run *run, hq_code_list list)
{
    size_t count;
    hq_buf out = HQ_BUF_ARENA(run->arena, 4096);
    const hq_code_row *rows = hq_ref_codes(&count, run->ref, list);
    for (size_t i = 0; i < count; i++) {
        if (rows[i].from <= run->day && run->day <= rows[i].to) {
            hq_buf_sv(&out, out.len == 0 ? HQ_SV("") : HQ_SV(" "));
            hq_buf_sv(&out, rows[i].code);
        }
    }
    return hq_buf_view(&out);
}

/* clearance.md 1.8, items 66 to 74. */
static void check_payment_method(hq_assess__run *run)
{
    hq_sv method = run->declaration->payment_method;
    if (method.len > 0 && hq_ref_code(run->ref, HQ_LIST_PAYMENT_METHOD, method, run->day) == NULL) {
        hq_findings_add(run->findings, "HQ111", HQ_SV("/invoice/payment_method"),
                        json_of(run, method), HQ_ARGS(method));
    }
}

static void check_invoice_date(hq_assess__run *run)
{
    hq_day date = run->declaration->invoice_date;
    if (date > run->day) {
        hq_sv text = hq_findings__day(run->arena, date);
        hq_findings_add(run->findings, "HQ114", HQ_SV("/invoice/date"), json_of(run, text),
                        HQ_ARGS(text, hq_findings__day(run->arena, run->day)));
    }
}

static void check_enterprise(hq_assess__run *run)
{
    const hq_declaration *d = run->declaration;
    hq_sv tax_code = hq_declaration_party(d)->tax_code;
    if (hq_tax_code_valid(tax_code) && hq_ref_enterprise(run->ref, tax_code) == NULL) {
        hq_findings_add(run->findings, "E8022",
                        d->flow == HQ_FLOW_IMPORT ? HQ_SV("/importer/tax_code")
                                                  : HQ_SV("/exporter/tax_code"),
                        json_of(run, tax_code), HQ_ARGS(tax_code));
    }
}

void hq_check__header(hq_assess__run *run)
{
    static void (*const checks[])(hq_assess__run *) = {
        check_kind,         check_office,         check_tax_codes,  check_country,
        check_enterprise,   check_agent,          check_containers, check_payment,
        check_invoice_date, check_payment_method, check_principal,  hq_check__terms,
        hq_check__needs,    hq_check__codes_of,   hq_check__dates,
    };
    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
        checks[i](run);
    }
}
