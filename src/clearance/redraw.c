/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/redraw.h"

/* No kind of declaration draws from a balance yet. */
hq_status hq_clr__redraw(const hq_clr__redrawing *redrawing, hq_tx *tx)
{
    (void)redrawing;
    (void)tx;
    return HQ_DONE;
}
