/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Checks, value and tax of a declaration: a pure function of the declaration, one snapshot of
 * reference data and the legal day. No I/O, no clock, no heap but the arena. */

#include "clearance/model.h"

#define HQ_RATES_MAX 16 /* currencies of one declaration and its specific duties */

typedef struct {
    hq_tax tax;
    int64_t base_vnd;         /* what the rate is taken of; for specific duties the value */
    int64_t computed_vnd;     /* before exemption and reduction */
    int64_t amount_vnd;       /* payable */
    int64_t reduction_vnd;    /* taken off */
    int64_t row_id;           /* tariff row */
    int64_t rate_row_id;      /* exchange rate of a specific amount, 0 none */
    const hq_tariff_row *row; /* while the snapshot is held */
    const hq_exemption_row *exemption; /* or NULL */
} hq_tax_item;

typedef struct {
    int64_t customs_value_vnd;
    int64_t invoice_vnd, freight_vnd, insurance_vnd; /* its parts, before a manual value */
    int64_t adjustments_vnd[HQ_ADJUSTMENTS_MAX];     /* signed shares */
    bool manual;
    hq_sv scheme; /* applied: MFN when lower than what was claimed */
    size_t tax_count;
    hq_tax_item taxes[HQ_TAX_COUNT]; /* in order of computation; last: those beyond tax_count are
                                        not even zeroed */
} hq_line_assessment;

typedef struct {
    hq_code4 currency;
    const hq_rate_row *row;
} hq_used_rate;

typedef struct {
    int64_t reference_version;
    hq_day day;
    hq_rounding rounding;
    int64_t customs_value_vnd, total_payable_vnd;
    int64_t tax_vnd[HQ_TAX_COUNT];
    uint32_t taxes_present;           /* bits of taxes that appear, also when 0 */
    hq_used_rate rates[HQ_RATES_MAX]; /* dong itself is not among them */
    size_t rate_count;
    hq_line_assessment *lines;
    size_t line_count;
} hq_assessment;

typedef enum {
    HQ_CHECK_PREREGISTER,
    HQ_CHECK_REGISTER,
    HQ_CHECK_AMEND /* registered once: who may file is not asked again */
} hq_check_stage;

/* Validates, values and taxes: all findings at once. The assessment is complete when the findings
 * hold no error, otherwise *out is what could be computed (may be NULL). */
hq_status hq_assess(hq_assessment **out, hq_findings *findings, const hq_declaration *declaration,
                    const hq_ref *ref, hq_day day, hq_check_stage stage, hq_arena *arena);

/* The assessment as the contract shapes it. */
void hq_assessment_json(hq_json_w *w, const hq_assessment *assessment);
/* Packed form for the record: little-endian, versioned; and back (rows looked up by id in `ref`,
 * which keeps closed rows). */
hq_status hq_assessment_pack(hq_buf *buf, const hq_assessment *assessment);
hq_status hq_assessment_unpack(hq_assessment **out, hq_sv packed, const hq_ref *ref,
                               hq_arena *arena);

/* The receipt tree: every amount with base, rate, source row, date and rounding, enough to be
 * computed again without the program's tables. */
hq_status hq_receipt_json(hq_json_w *w, hq_sv number, const hq_declaration *declaration,
                          const hq_assessment *assessment, const hq_ref *ref);
/* Recomputes a receipt from its own text alone. INVALID with *why naming the first amount that does
 * not follow from its parts. */
hq_status hq_receipt_verify(hq_sv receipt_json, hq_arena *arena, hq_why *why);

/* What each scheme open to this line would cost and what is missing for it, cheapest first. */
typedef struct {
    hq_sv scheme;
    int64_t total_vnd;  /* duty and the taxes that follow from it */
    int64_t saving_vnd; /* against what was assessed */
    bool applied;
    bool proof_missing, direct_shipment_needed;
    const hq_tariff_row *row;
} hq_scheme_advice;
hq_status hq_advise_schemes(hq_scheme_advice **out, size_t *count,
                            const hq_declaration *declaration, const hq_assessment *assessment,
                            size_t line, const hq_ref *ref, hq_arena *arena);
