/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside clearance/: what checks, value and tax of one declaration share. */

#include "clearance/assess.h"
#include "clearance/findings.h"

typedef struct {
    const hq_declaration *declaration;
    const hq_ref *ref;
    hq_day day;
    hq_check_stage stage;
    hq_arena *arena;
    hq_findings *findings;
    hq_assessment *assessment;
    size_t read_findings; /* so many were made while reading */
    /* Taxes that a parcel is free of by its value; NULL: charged. */
    const hq_exemption_row *relief[HQ_TAX_COUNT];
} hq_assess__run;

/* The dated rate of a currency, noted as used; NULL when there is none on the day. */
const hq_rate_row *hq_assess__rate(hq_assess__run *run, hq_code4 currency);
/* Says why there is none. */
void hq_assess__find_rate(hq_assess__run *run, hq_code4 currency, hq_sv path);
#define HQ_DONG 0x564E44 /* the code of the currency */

/* Adds a line to the sums of the whole; false when they overflow. */
bool hq_assess__add_line(hq_assessment *assessment, const hq_line_assessment *line);

/* ------------------------------------------------------------------ checks */

void hq_check__header(hq_assess__run *run);
void hq_check__lines(hq_assess__run *run);
/* Debt, suspension and closing of the enterprise; once the taxes are known. */
void hq_check__eligibility(hq_assess__run *run);
/* What must be stated by flow, transport and kind: requirements.def. */
void hq_check__needs(hq_assess__run *run);
/* Places, unit of weight, permits, other laws, bills; days past or too far off. */
void hq_check__codes_of(hq_assess__run *run);
void hq_check__dates(hq_assess__run *run);
/* Delivery terms of the invoice, with freight and insurance. */
void hq_check__terms(hq_assess__run *run);

typedef struct {
    bool known;
    bool freight, insurance; /* included in the price */
} hq_term;
hq_term hq_term_of(const hq_ref *ref, hq_sv incoterm, hq_day day);
/* The codes of a list on the day, parted by spaces: what there is to choose from. */
hq_sv hq_check__codes(hq_assess__run *run, hq_code_list list);

/* ------------------------------------------------------------------ value */

/* One amount that is shared over lines by their invoice value. */
typedef struct {
    const char *what; /* "freight", "insurance", "adjustment" */
    size_t index;     /* of the adjustment */
    int sign;         /* 1 added, -1 taken off */
    bool by_hand;     /* not shared: the lines have values stated by hand */
    hq_code4 currency;
    hq_decimal amount;
    hq_line_set lines;   /* those it touches */
    int64_t own;         /* their invoice value here, in units of HQ_SCALE_VALUE */
    int64_t base, prior; /* what shares are taken of, and what earlier declarations held */
} hq_value__charge;
#define HQ_VALUE__CHARGES (2 + HQ_ADJUSTMENTS_MAX)

/* Those that the declaration states, in the order in which they are computed. */
size_t hq_value__charges(hq_value__charge out[HQ_VALUE__CHARGES], const hq_declaration *d);
/* What falls on this declaration: whole dong, signed. */
hq_status hq_value__part(int64_t *out, int64_t whole_vnd, const hq_value__charge *charge,
                         hq_rounding rounding);
/* round(whole x (prior + own) / base) - round(whole x prior / base) of plain numbers. */
hq_status hq_value__slice(int64_t *out, int64_t whole_vnd, int64_t own, int64_t base, int64_t prior,
                          hq_rounding rounding);
/* Values of all lines into run->assessment. */
void hq_value__compute(hq_assess__run *run);

/* ------------------------------------------------------------------ tax */

/* Taxes of one line on its customs value. `duty` NULL: the scheme as declared, or MFN when lower.
 */
void hq_tax__line(hq_assess__run *run, size_t line, const hq_tariff_row *duty,
                  hq_line_assessment *out);
/* The amount of a row, rounded once: of `base` at its rate, of `quantity` at its amount, or both.
 */
hq_status hq_tax__amount(int64_t *out, int64_t base_vnd, const hq_decimal *rate_percent,
                         const hq_decimal *amount, hq_decimal quantity, hq_decimal exchange_rate,
                         hq_rounding rounding);
/* The quantity of the line in that unit; NULL when neither is. */
const hq_decimal *hq_tax__quantity(const hq_line *line, hq_code4 unit);
/* Is the base of this tax the value alone, or the value with all taxes before it? */
static inline bool hq_tax__on_sum(hq_tax tax)
{
    return tax == HQ_TAX_SCT || tax == HQ_TAX_VAT;
}
