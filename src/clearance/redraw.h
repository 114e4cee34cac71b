/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside clearance/: what a declaration drew from lists and stocks, after its content was amended.
 */

#include "clearance/row.h"

typedef struct {
    hq_clearance *clearance;
    hq_request *request;
    hq_clr__row *row; /* as it will be; its life may be changed (section DRAWS) */
    const hq_declaration *before, *after;
    const size_t *after_of; /* [before->line_count] which line after each is, SIZE_MAX: removed */
    hq_time_us at;
    hq_day day; /* of registration: the legal day */
    hq_sv actor;
} hq_clr__redrawing;

/* In the closure that amends, before the row is written: brings every balance from what `before`
 * drew to what `after` draws. INVALID when a balance does not hold it: sets the answer's findings,
 * nothing is written. */
hq_status hq_clr__redraw(const hq_clr__redrawing *redrawing, hq_tx *tx);
