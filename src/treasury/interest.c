/* SPDX-License-Identifier: Apache-2.0 */
#include "treasury/room.h"

/* Late interest: simple, on the unpaid tax, for the days after interest_from and before the day of
 * payment (contract, "Debts"; Law 38/2019/QH14 art. 59). Rates are dated; the percentages of all
 * days are summed exactly and rounded once. */

#define RATE_SCALE 9
#define RATE_UNITS INT64_C(1000000000)

static hq_status percent_days(int64_t *out, const hq_ref *ref, hq_day first, hq_day last)
{
    *out = 0;
    for (hq_day day = first; day <= last;) {
        const hq_interest_row *row = hq_ref_interest(ref, HQ_SV("TAX"), day);
        if (row == NULL) {
            day++;
            continue;
        }
        hq_day until = row->to < last ? row->to : last;
        hq_decimal rate;
        int64_t part;
        HQ_TRY(hq_decimal_rescale(&rate, row->percent_per_day, RATE_SCALE, HQ_ROUND_HALF_UP));
        HQ_TRY(hq_muldiv(&part, rate.units, until - day + 1, 1, HQ_ROUND_NEVER));
        if (hq_add_overflows(out, *out, part)) {
            return HQ_FAIL(RANGE);
        }
        day = until + 1;
    }
    return HQ_DONE;
}

hq_status hq_tre__interest(int64_t *out_vnd, int64_t *days, const hq_ref *ref, int64_t left_vnd,
                           hq_day from, hq_day until)
{
    int64_t percent = 0;
    int64_t count = until > from ? (int64_t)until - from - 1 : 0;
    *out_vnd = 0;
    if (days != NULL) {
        *days = count;
    }
    if (count == 0 || left_vnd == 0) {
        return HQ_DONE;
    }
    HQ_TRY(percent_days(&percent, ref, from + 1, until - 1));
    return hq_muldiv(out_vnd, left_vnd, percent, 100 * RATE_UNITS, HQ_ROUND_HALF_UP);
}

hq_status hq_tre__interest_running(int64_t *out_vnd, const hq_ref *ref, const hq_tre__debt *debt,
                                   const hq_tre__entry *entry, hq_day day)
{
    hq_day begins = hq_tre__interest_from(debt, entry);
    *out_vnd = 0;
    if (begins == 0 || entry->kind != HQ_DEBT_TAX) {
        return HQ_DONE;
    }
    hq_day from = entry->counted_to > begins ? entry->counted_to : begins;
    return hq_tre__interest(out_vnd, NULL, ref, hq_tre__entry_left(entry), from, day);
}

static hq_status accrue_entry(hq_tre__debt *debt, hq_tre__entry *entry, const hq_ref *ref,
                              hq_day day)
{
    int64_t interest;
    hq_day begins = hq_tre__interest_from(debt, entry);
    HQ_TRY(hq_tre__interest_running(&interest, ref, debt, entry, day));
    if (begins != 0 && day - 1 > begins && day - 1 > entry->counted_to) {
        entry->counted_to = day - 1;
    }
    if (interest == 0) {
        return HQ_DONE;
    }
    hq_tre__entry *owed = hq_tre__entry_of(debt, HQ_DEBT_INTEREST, entry->tax, true);
    if (owed == NULL) {
        return HQ_FAIL(CORRUPT);
    }
    owed->owed_vnd += interest;
    return HQ_DONE;
}

hq_status hq_tre__accrue(hq_tre__debt *debt, hq_tax tax, const hq_ref *ref, hq_day day)
{
    hq_tre__entry *opened = hq_tre__entry_of(debt, HQ_DEBT_TAX, tax, false);
    hq_tre__entry *added = hq_tre__entry_added(debt, tax, 0);
    if (opened != NULL) {
        HQ_TRY(accrue_entry(debt, opened, ref, day));
    }
    return added == NULL ? HQ_DONE : accrue_entry(debt, added, ref, day);
}
