/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside clearance/: what a declaration asks of accounts of goods (balance/), from its lines to the
 * record's `draws`. A declaration whose kind needs nothing and whose lines name nothing passes with
 * one look into the table of kinds. */

#include "clearance/filing.h"

/* In the worker, after assessing: what the accounts do not hold as of now goes to the findings. */
hq_status hq_clr__draws_check(hq_clr__filing *filing, const hq_ref *ref);
/* In the closure, before the move: draws, announces and opens what the declaration asks; at an
 * amendment only the difference moves. life->sections[DRAWS] is written. INVALID with `late`. */
typedef struct {
    hq_clearance *clearance;
    hq_request *request;
    const hq_declaration *declaration;
    hq_time_us at;
    hq_day day;   /* the legal one */
    bool asks;    /* hq_clr__draws_asks */
    bool cleared; /* its goods are through */
} hq_clr__drawing;
hq_status hq_clr__draws_take(hq_findings *late, const hq_clr__drawing *drawing, hq_tx *tx,
                             const hq_clr__row *row, hq_clr__life *life);
/* Does its kind need an account, or does it name one? */
bool hq_clr__draws_asks(const hq_declaration *declaration, const hq_ref *ref, hq_day day);
/* In the closure of a cancellation, from any state: everything is given back. CONFLICT with *why
 * (in `arena`) when others have used what this declaration brought in. */
typedef struct {
    hq_sv actor;
    hq_time_us at;
    hq_arena *arena;
} hq_clr__draws_by;
hq_status hq_clr__draws_undo(hq_tx *tx, const hq_clr__row *row, hq_clr__life *life,
                             const hq_clr__draws_by *by, hq_why *why);
/* In every move that lets the goods go: what it opened and announced counts from now on. */
hq_status hq_clr__draws_cleared(hq_tx *tx, const hq_clr__row *row, hq_sv actor, hq_time_us at);
