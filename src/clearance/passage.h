/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside clearance/: passage of the goods out of the supervision area, in parts or at once. */

#include "clearance/record.h"

/* Did a passage say that all is gone? */
bool hq_clr__all_gone(const hq_clr__life *life);

/* What may pass and what has passed, for whoever prints or shows it. Texts live in the arena or in
 * the row. */
typedef struct {
    hq_sv number; /* of the container */
    bool passed;
} hq_clr__pass_container;
typedef struct {
    int64_t declared, passed; /* packages; declared 0: the declaration does not say */
    const hq_clr__pass_container *containers;
    size_t container_count;
    bool gone;
    bool held;
    bool may_pass; /* the status allows it, nothing holds it, something is left */
} hq_clr__pass;
hq_status hq_clr__pass_of(hq_clr__pass *out, const hq_clr__row *row, const hq_clr__life *life,
                          hq_arena *arena);

/* What an operator is told of a declaration: nothing of values, taxes or people. */
hq_status hq_clr__pass_answer(hq_request *request, const hq_clr__row *row);

/* Is this what stands on the pass list, typed (any case, hyphen or not) or scanned
 * ("HQP:number:code")? */
bool hq_clr__pass_code_fits(const hq_clearance *clearance, int64_t id, hq_sv code);
