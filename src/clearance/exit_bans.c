/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/exits.h"

/* Who may not take goods into storage for a while. */

static hq_sql ban_of = HQ_SQL_OF("SELECT last_day FROM declaration_storage_ban WHERE trader = ?1"
                                 " AND last_day >= ?2 ORDER BY last_day DESC LIMIT 1");
static hq_sql put_ban =
    HQ_SQL_OF("INSERT INTO declaration_storage_ban (trader, declaration, ground, last_day)"
              " VALUES (?1, ?2, ?3, ?4) ON CONFLICT (trader, declaration, ground)"
              " DO UPDATE SET last_day = excluded.last_day");

hq_status hq_clr__storage_banned(hq_day *until, hq_tx *tx, hq_sv trader, hq_day day)
{
    hq_rows rows;
    *until = 0;
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &ban_of, HQ_B_TEXT(trader), HQ_B_I64(day)));
    if (hq_rows_next(&rows)) {
        *until = (hq_day)hq_rows_i64(&rows, 0);
    }
    return hq_rows_end(&rows);
}

hq_status hq_clr__storage_ban(hq_clearance *clearance, hq_tx *tx, const hq_clr__row *row,
                              hq_sv term, hq_day from)
{
    const hq_ref *ref = hq_reference_acquire(clearance->reference);
    hq_day last = hq_ref_term_last_day(ref, term, from);
    hq_reference_release(clearance->reference, ref);
    return HQ_TX_RUN(tx, &put_ban, HQ_B_TEXT(row->trader), HQ_B_I64(row->id), HQ_B_TEXT(term),
                     HQ_B_I64(last));
}
