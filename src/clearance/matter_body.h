/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside clearance/: the body by which a matter is opened. */

#include "clearance/matters.h"

typedef struct {
    hq_clr__opening opening;
    int64_t check; /* as the body names it, 0: the last one */
    hq_sv about, changes, act, record_number, amounts, ground, disposal, place;
    hq_time_us invited_to;
} hq_clr__matter_body;

/* Reads it; what does not belong to the kind is a finding like any other. INVALID. */
hq_status hq_clr__matter_body_read(hq_clr__matter_body *body, hq_clr__change *change);
