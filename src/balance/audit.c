/* SPDX-License-Identifier: Apache-2.0 */
#include "balance/room.h"

/* The double check over all accounts: trusts no counter. */

#define AT_ONCE 64

static hq_status check_some(hq_sv *difference, hq_sv *last, hq_tx *tx, hq_arena *arena)
{
    hq_bal__account *accounts;
    size_t count;
    hq_bal__page page = { .kind = -1, .state = -1, .before = *last, .max = AT_ONCE };
    HQ_TRY(hq_bal__account_page(&accounts, &count, tx, &page, arena));
    for (size_t i = 0; i < count && difference->len == 0; i++) {
        HQ_TRY(hq_bal__account_sound(difference, tx, &accounts[i], arena));
    }
    *last = count < AT_ONCE ? HQ_SV("") : accounts[count - 1].id;
    return HQ_DONE;
}

hq_status hq_balance_audit(bool *sound, hq_sv *difference, hq_tx *tx, hq_arena *arena)
{
    hq_sv last = HQ_SV("");
    *difference = HQ_SV("");
    do {
        HQ_TRY(check_some(difference, &last, tx, arena));
    } while (last.len > 0 && difference->len == 0);
    *sound = difference->len == 0;
    return HQ_DONE;
}
