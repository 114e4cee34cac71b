/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A snapshot of reference data from a folder of CSV files, without a store; and the path of one
 * declaration through decoding and assessment. */

#include "../reference/rows.h"
#include "clearance/assess.h"

/* Every table of the contract that has a file TABLE.csv in the folder. hq_ref_free it. */
hq_ref *desk_reference(const char *folder);

typedef struct {
    hq_arena *arena;
    hq_findings findings;
    hq_declaration *declaration;
    hq_assessment *assessment;
    hq_status status;
} desk_work;
/* Decodes a copy of the text and assesses it on the day. desk_end it. */
desk_work desk_assess(hq_sv json, const hq_ref *ref, hq_day day, hq_check_stage stage);
/* The same for a parcel of the low-value flow, which is registered at once. */
desk_work desk_assess_parcel(hq_sv json, const hq_ref *ref, hq_day day);
void desk_end(desk_work *work);
