/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside clearance/: branches. The legal form holds 50 lines, so a declaration of more is printed
 * as up to 99 branches with a number each. Here it is one record with one decision; its number is
 * that of the first branch, and the number of any other leads to it. Which numbers they are stands
 * in the record (HQ_CLR__BRANCHES); a declaration of one branch has none there. */

#include "clearance/row.h"

static inline size_t hq_clr__branch_count(size_t lines)
{
    return (lines + HQ_BRANCH_LINES - 1) / HQ_BRANCH_LINES;
}

/* In the closure of a new declaration of more lines than one branch holds: sets row->id and the
 * branches in row->life. The numbers follow one another and go back with the transaction. */
hq_status hq_clr__branches_new(hq_clr__row *row, hq_tx *tx, size_t lines, hq_arena *arena);
/* In the closure of a change that may bring another number of lines, before its event: gives
 * further branches numbers, and records those that are no longer needed as void. */
hq_status hq_clr__branches_change(hq_clr__row *row, hq_tx *tx, size_t lines, hq_sv actor,
                                  hq_arena *arena);
/* The declaration that has a branch of this number; NOT_FOUND. */
hq_status hq_clr__branch_first(int64_t *first, hq_tx *tx, int64_t id);
/* Treasury's hook: the number under which a branch owes. */
hq_status hq_clr__branch_owner(int64_t *declaration, hq_tx *tx, void *user);
/* Does the record itself say that the number is one of its branches? */
bool hq_clr__branch_of(const hq_clr__row *row, int64_t id);
