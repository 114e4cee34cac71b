/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside clearance/: what a cancellation restores, all of it in its own transaction. */

#include "clearance/row.h"

typedef struct {
    hq_clearance *clearance;
    hq_tx *tx;
    const hq_clr__row *row;
    hq_clr__life *life; /* packed afterwards by the caller */
    hq_sv actor;
    hq_time_us at;
    hq_arena *arena;
    hq_why *why; /* of a CONFLICT: something cannot be taken back any more */
} hq_clr__undoing;
hq_status hq_clr__undo(const hq_clr__undoing *undoing);
