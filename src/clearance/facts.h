/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside clearance/: what the conditions of the transition table need to know of a declaration. */

#include "clearance/row.h"

/* Channel, tax, holds, passages and whence stored goods were taken, as they are now. */
hq_status hq_clr__facts_of(hq_clr__facts *out, hq_tx *tx, const hq_clr__row *row,
                           const hq_clr__life *life);
/* The same without the tax: from the life alone. */
hq_clr__facts hq_clr__facts_seen(const hq_clr__row *row, const hq_clr__life *life);
