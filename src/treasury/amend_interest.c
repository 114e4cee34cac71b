/* SPDX-License-Identifier: Apache-2.0 */
#include "treasury/room.h"

/* Late interest of a tax that turned out lower: what stands in the ledger was counted on more than
 * was ever owed. It is counted again from the movements, on what is owed now; the rule for each
 * stretch between two of them is that of hq_tre__accrue. */

static hq_sql list_movements =
    HQ_SQL_OF("SELECT p.kind, p.amount_vnd, COALESCE(y.debited_at, p.at) FROM treasury_postings p "
              "LEFT JOIN treasury_payments y ON y.bank = p.bank AND y.reference = p.reference "
              "WHERE p.declaration = ?1 AND p.tax = ?2 ORDER BY p.number");

typedef struct {
    const hq_ref *ref;
    const hq_tre__debt *debt;
    const hq_tre__entry *opened, *added; /* as they are now; either may be NULL */
    hq_day opened_to, added_to;          /* last days counted */
    int64_t money_vnd, interest_vnd;
} recount;

static int64_t net(const hq_tre__entry *entry)
{
    return entry == NULL ? 0 : entry->owed_vnd - entry->cancelled_vnd;
}

/* What was left of an entry of `owed` after `money`. */
static int64_t left_of(int64_t owed, int64_t money)
{
    int64_t paid = money < 0 ? 0 : money;
    return owed > paid ? owed - paid : 0;
}

static hq_status count_entry(recount *r, const hq_tre__entry *entry, hq_day *to, int64_t left,
                             hq_day day)
{
    int64_t interest;
    if (entry == NULL) {
        return HQ_DONE;
    }
    hq_day begins = hq_tre__interest_from(r->debt, entry);
    if (begins == 0) {
        return HQ_DONE;
    }
    HQ_TRY(hq_tre__interest(&interest, NULL, r->ref, left, *to > begins ? *to : begins, day));
    r->interest_vnd += interest;
    if (day - 1 > begins && day - 1 > *to) {
        *to = day - 1;
    }
    return HQ_DONE;
}

static hq_status count_until(recount *r, hq_day day)
{
    int64_t opened = net(r->opened);
    HQ_TRY(count_entry(r, r->opened, &r->opened_to, left_of(opened, r->money_vnd), day));
    return count_entry(r, r->added, &r->added_to, left_of(net(r->added), r->money_vnd - opened),
                       day);
}

static hq_status count_again(recount *r, hq_tx *tx, hq_tax tax)
{
    hq_rows rows;
    hq_status s = HQ_DONE;
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &list_movements, HQ_B_I64(r->debt->declaration), HQ_B_I64(tax)));
    while (hq_ok(s) && hq_rows_next(&rows)) {
        s = count_until(r, hq_day_of(hq_rows_i64(&rows, 2)));
        if (hq_rows_i64(&rows, 0) == HQ_DEBT_TAX) {
            r->money_vnd += hq_rows_i64(&rows, 1);
        }
    }
    hq_status end = hq_rows_end(&rows);
    return hq_failed(end) ? end : s;
}

hq_status hq_tre__interest_excess(int64_t *out_vnd, hq_tx *tx, hq_tre__debt *debt, hq_tax tax,
                                  const hq_ref *ref)
{
    const hq_tre__entry *stands = hq_tre__entry_of(debt, HQ_DEBT_INTEREST, tax, false);
    *out_vnd = 0;
    if (stands == NULL || net(stands) == 0) {
        return HQ_DONE;
    }
    recount r = { .ref = ref,
                  .debt = debt,
                  .opened = hq_tre__entry_of(debt, HQ_DEBT_TAX, tax, false),
                  .added = hq_tre__entry_added(debt, tax, 0) };
    HQ_TRY(count_again(&r, tx, tax));
    /* Days counted since the last movement (tax added later than them) on what is still left. */
    if (r.opened != NULL && r.opened->counted_to > r.opened_to) {
        HQ_TRY(count_entry(&r, r.opened, &r.opened_to, left_of(net(r.opened), r.money_vnd),
                           r.opened->counted_to + 1));
    }
    if (r.added != NULL && r.added->counted_to > r.added_to) {
        HQ_TRY(count_entry(&r, r.added, &r.added_to,
                           left_of(net(r.added), r.money_vnd - net(r.opened)),
                           r.added->counted_to + 1));
    }
    *out_vnd = net(stands) > r.interest_vnd ? net(stands) - r.interest_vnd : 0;
    return HQ_DONE;
}
