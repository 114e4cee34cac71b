/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside clearance/: deadlines of single things within a declaration (an instruction, a matter).
 * Whoever sets a deadline in the life notes it here in the same transaction; when it has passed the
 * tick hands it to the function of its kind, once. */

#include "clearance/row.h"

/* Sets or moves the deadline of `item` ("instruction/1"). */
hq_status hq_clr__due_set(hq_tx *tx, const hq_clr__row *row, hq_sv item, hq_time_us at);
/* It was met, or matters no more. Fine when there is none. */
hq_status hq_clr__due_clear(hq_tx *tx, const hq_clr__row *row, hq_sv item);
/* "instruction/1" */
hq_sv hq_clr__due_item(hq_arena *arena, const char *kind, int64_t number);

/* What passing means: changes the row in memory and moves it, or leaves it (version unchanged). The
 * note is gone already. `number` is what comes after the '/'. */
typedef hq_status (*hq_clr__due_fn)(hq_clearance *clearance, hq_tx *tx, hq_clr__row *row,
                                    hq_sv number, hq_time_us now);

/* What can do it in a write of its own, with work before it: true when it did. */
typedef bool (*hq_clr__due_first)(hq_clearance *clearance, int64_t declaration, hq_sv number,
                                  hq_time_us now);

/* Does what has passed; *next is when the next one is, 0 none. */
hq_status hq_clr__due_pass(hq_clearance *clearance, hq_time_us *next);
