/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/undo.h"

#include "clearance/draws.h"
#include "clearance/matters.h"

/* One function a thing that a declaration holds of somebody else's: what is not in this list is not
 * restored. Each takes back what there is and is fine when there is nothing. */

/* Debts end; what was paid becomes its payer's credit; the guarantee is free again. */
static hq_status give_back_money(const hq_clr__undoing *u)
{
    HQ_TRY(hq_debts_cancel(u->clearance->treasury, u->tx, u->row->id, u->actor));
    u->life->covered = false;
    return HQ_DONE;
}

/* What was drawn from accounts of goods; not when others have used what this one brought in. */
static hq_status give_back_draws(const hq_clr__undoing *u)
{
    const hq_clr__draws_by by = { u->actor, u->at, u->arena };
    return hq_clr__draws_undo(u->tx, u->row, u->life, &by, u->why);
}

/* What a check led to and is not at its end yet: nobody goes on with it. */
static hq_status end_matters(const hq_clr__undoing *u)
{
    return hq_clr__matters_drop(u->tx, u->row, u->life, u->actor, u->at, u->arena);
}

static hq_status (*const parts[])(const hq_clr__undoing *) = {
    give_back_money,
    give_back_draws,
    end_matters,
};

hq_status hq_clr__undo(const hq_clr__undoing *undoing)
{
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        HQ_TRY(parts[i](undoing));
    }
    return HQ_DONE;
}
