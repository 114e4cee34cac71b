/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/facts.h"

#include "clearance/holds.h"
#include "clearance/passage.h"

hq_clr__facts hq_clr__facts_seen(const hq_clr__row *row, const hq_clr__life *life)
{
    return (hq_clr__facts){ .channel = (hq_channel)row->channel,
                            .held = hq_clr__is_held(life),
                            .ordered = hq_clr__inspection_ordered(life),
                            .was_green = row->channel == HQ_CHANNEL_GREEN,
                            .moved = life->sections[HQ_CLR__PASSAGES].len > 0,
                            .gone = hq_clr__all_gone(life) };
}

hq_status hq_clr__facts_of(hq_clr__facts *out, hq_tx *tx, const hq_clr__row *row,
                           const hq_clr__life *life)
{
    int64_t left;
    *out = hq_clr__facts_seen(row, life);
    HQ_TRY(hq_debts_left(&left, tx, row->id));
    out->owed = left > 0 && !life->covered;
    return HQ_DONE;
}
