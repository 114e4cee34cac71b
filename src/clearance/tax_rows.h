/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside clearance/: which tariff row applies to a line, and what the declarant claims for a tax.
 */

#include "clearance/assess_run.h"

typedef struct {
    hq_assess__run *run;
    const hq_line *line;
    size_t index;
    uint32_t present; /* taxes that the tariff has for this code at all */
} hq_tax__at;

/* The element of lines[].taxes that names the tax, or NULL. */
const hq_tax_claim *hq_tax__claim(const hq_tax__at *at, hq_tax tax);
/* Where its exemption is claimed: lines[].exemption for the duty, else the element of taxes. */
const hq_tax_claim *hq_tax__exemption_claim(const hq_tax__at *at, hq_tax tax);
/* Path of that claim's exemption and a member of it. */
hq_sv hq_tax__claim_path(const hq_tax__at *at, hq_tax tax, const char *member);
/* Taxes named twice or out of order, and taxes that this flow does not have. */
void hq_tax__check_claims(hq_tax__at *at);

/* The row that applies; NULL when the tariff has none. A duty without a row, a tax that is named
 * and not there, and a condition that is open or unknown become findings. */
const hq_tariff_row *hq_tax__row(hq_tax__at *at, hq_tax tax);
/* The MFN row of the line when MFN is open to it and its condition is clear. */
const hq_tariff_row *hq_tax__mfn_row(hq_tax__at *at);
/* Schemes other than these are trade agreements, below which MFN applies where it is lower. The
 * ordinary rate is there because MFN is not open to the goods; chapter 98, quotas and the rest are
 * chosen for other reasons (clearance.md 1.11). */
bool hq_tax__is_agreement(const hq_ref *ref, hq_sv scheme, hq_day day);
