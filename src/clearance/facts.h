/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside clearance/: what the conditions of the transition table need to know of a declaration. */

#include "clearance/row.h"

/* Channel, tax, holds and passages as they are now. Debts are asked of treasury only while
 * something may be owed. */
hq_status hq_clr__facts_of(hq_clr__facts *out, hq_tx *tx, const hq_clr__row *row,
                           const hq_clr__life *life, hq_arena *arena);
/* From the life alone: what `possible` of a record can know. */
hq_clr__facts hq_clr__facts_seen(const hq_clr__row *row, const hq_clr__life *life);
