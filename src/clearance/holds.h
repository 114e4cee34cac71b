/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside clearance/: holds. While one is OPEN nothing is cleared, released, stored or let pass,
 * also after clearance. */

#include "clearance/form.h"

/* Is there an open hold? */
bool hq_clr__is_held(const hq_clr__life *life);
/* Does an open hold want the goods inspected (orders GOODS_CHECK and SCAN)? */
bool hq_clr__inspection_ordered(const hq_clr__life *life);
/* Notes in every open hold that orders an inspection what it found; the holds stay. */
hq_status hq_clr__inspected(hq_clr__life *life, hq_sv result, hq_sv by, hq_time_us at,
                            hq_arena *arena);
