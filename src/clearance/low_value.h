/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside clearance/: the rules of the low-value flow in an assessment. */

#include "clearance/assess_run.h"

/* Kind and consignee. */
void hq_low_value__check(hq_assess__run *run);
/* Sets run->relief, once the values of all lines are known. */
void hq_low_value__relieve(hq_assess__run *run);
/* The value of the whole parcel against what the flow is open to. */
void hq_low_value__check_total(hq_assess__run *run);
/* The relief that a packed assessment names by its term; NULL when the code is none. In the arena.
 */
const hq_exemption_row *hq_low_value__exemption(const hq_ref *ref, hq_sv code, hq_tax tax,
                                                hq_day day, hq_arena *arena);
