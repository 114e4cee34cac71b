/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/tax_rows.h"

/* What a line would cost under each scheme that is open to it, cheapest first. */

enum { SCHEMES_MAX = 64 };

static int64_t total_of(const hq_line_assessment *line)
{
    int64_t sum = 0;
    for (size_t i = 0; i < line->tax_count; i++) {
        sum += line->taxes[i].amount_vnd;
    }
    return sum;
}

/* The ordinary rates and agreements are. Chapter 98, quotas and the like ask for more than papers;
 * they are no advice, but stay in the list when they were claimed. */
static bool is_open(const hq_line *line, const hq_tariff_row *row, const hq_scheme_row *scheme,
                    const hq_ref *ref, hq_day day)
{
    const hq_code_row *code = hq_ref_code(ref, HQ_LIST_SCHEME, row->scheme, day);
    bool general =
        code == NULL || code->property == HQ_CODE_MFN || code->property == HQ_CODE_ORDINARY;
    if (scheme == NULL || !hq_country_in(scheme->countries, line->origin)) {
        return false;
    }
    return general || hq_sv_eq(row->scheme, line->scheme);
}

static void insert(hq_scheme_advice *list, size_t count, hq_scheme_advice one)
{
    size_t at = count;
    while (at > 0 && (list[at - 1].total_vnd > one.total_vnd ||
                      (list[at - 1].total_vnd == one.total_vnd && list[at - 1].proof_missing &&
                       !one.proof_missing))) {
        list[at] = list[at - 1];
        at--;
    }
    list[at] = one;
}

hq_status hq_advise_schemes(hq_scheme_advice **out, size_t *count,
                            const hq_declaration *declaration, const hq_assessment *assessment,
                            size_t line, const hq_ref *ref, hq_arena *arena)
{
    const hq_tariff_row *rows[SCHEMES_MAX];
    hq_assessment scratch = { .rounding = assessment->rounding };
    hq_findings unsaid = { .arena = arena };
    hq_assess__run run = { declaration, ref, assessment->day, HQ_CHECK_PREREGISTER, arena, &unsaid,
                           &scratch,    0,   { NULL } };
    *count = 0;
    *out = HQ_NEW_ARRAY(arena, hq_scheme_advice, SCHEMES_MAX);
    if (*out == NULL) {
        return HQ_FAIL(NOMEM);
    }
    if (line >= declaration->line_count || declaration->flow == HQ_FLOW_EXPORT) {
        return HQ_DONE;
    }
    const hq_line *goods = &declaration->lines[line];
    const hq_line_assessment *assessed = &assessment->lines[line];
    for (size_t i = 0; declaration->low_value && i < assessed->tax_count; i++) {
        const hq_tax_item *item = &assessed->taxes[i];
        run.relief[item->tax] = item->exemption; /* stays whatever the scheme */
    }
    int64_t paid = total_of(assessed);
    size_t found =
        hq_ref_schemes_for(rows, SCHEMES_MAX, ref, goods->hs, goods->origin, assessment->day);
    for (size_t i = 0; i < found; i++) {
        const hq_scheme_row *scheme = hq_ref_scheme(ref, rows[i]->scheme, assessment->day);
        hq_line_assessment would = { .customs_value_vnd = assessed->customs_value_vnd };
        if (!is_open(goods, rows[i], scheme, ref, assessment->day)) {
            continue;
        }
        hq_tax__line(&run, line, rows[i], &would);
        if (would.tax_count == 0 || would.taxes[0].row != rows[i]) {
            continue; /* its duty cannot be computed from what is declared */
        }
        int64_t total = total_of(&would);
        bool applied = assessed->tax_count > 0 && assessed->taxes[0].row == rows[i];
        insert(*out, (*count)++,
               (hq_scheme_advice){ .scheme = rows[i]->scheme,
                                   .total_vnd = total,
                                   .saving_vnd = paid - total,
                                   .applied = applied,
                                   .proof_missing = scheme->proof_required && !goods->proof_given,
                                   .direct_shipment_needed = scheme->direct_shipment,
                                   .row = rows[i] });
    }
    return unsaid.failed ? HQ_FAIL(NOMEM) : HQ_DONE;
}
