/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/facts.h"

#include "clearance/elements.h"
#include "clearance/holds.h"

hq_clr__facts hq_clr__facts_seen(const hq_clr__row *row, const hq_clr__life *life)
{
    hq_clr__facts facts = { .channel = (hq_channel)row->channel };
    facts.held = hq_clr__is_held(life);
    facts.moved = life->sections[HQ_CLR__PASSAGES].len > 0;
    facts.was_green = row->channel == HQ_CHANNEL_GREEN;
    return facts;
}

hq_status hq_clr__facts_of(hq_clr__facts *out, hq_tx *tx, const hq_clr__row *row,
                           const hq_clr__life *life, hq_arena *arena)
{
    int64_t left;
    *out = hq_clr__facts_seen(row, life);
    HQ_TRY(hq_debts_left(&left, tx, row->id));
    out->owed = left > 0 && !life->covered;
    return out->held ? hq_clr__inspection_ordered(&out->ordered, life, arena) : HQ_DONE;
}
