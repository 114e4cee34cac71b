/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/numbers.h"

/* Is every number accounted for? Those below the next to be leased belong to a declaration or one
 * of its branches, are void, or lie in a block that some process still holds. */

typedef struct {
    int64_t first, next; /* of one flow: [first, next) has been leased */
} range;

static const int64_t first_of[] = { INT64_C(10000000001), INT64_C(30000000001) };

static hq_status read_range(range *out, hq_tx *tx, size_t flow)
{
    static hq_sql find = HQ_SQL_OF("SELECT next_id FROM declaration_number_next WHERE flow = ?1");
    hq_rows rows;
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &find, HQ_B_I64((int64_t)flow)));
    *out = (range){ first_of[flow], first_of[flow] };
    if (hq_rows_next(&rows)) {
        out->next = hq_rows_i64(&rows, 0);
    }
    return hq_rows_end(&rows);
}

/* The pieces in order, each with where those before it end; a further empty piece stands at the end
 * of the range, so that a gap there shows too. */
static hq_status find_gap(int64_t *gap, hq_tx *tx, const range *r)
{
    static hq_sql find = HQ_SQL_OF(
        "WITH piece (a, b) AS ("
        " SELECT id, id FROM declaration WHERE id >= ?1 AND id < ?2"
        " UNION ALL SELECT id, id FROM declaration_branch WHERE id >= ?1 AND id < ?2"
        " UNION ALL SELECT first_id, last_id FROM declaration_number_void"
        "  WHERE first_id >= ?1 AND first_id < ?2"
        " UNION ALL SELECT first_id, last_id FROM declaration_number_block"
        "  WHERE first_id >= ?1 AND first_id < ?2"
        " UNION ALL SELECT ?2, ?2),"
        " ordered AS (SELECT a, MAX(b) OVER (ORDER BY a ROWS BETWEEN UNBOUNDED PRECEDING AND"
        "  1 PRECEDING) AS done FROM piece)"
        " SELECT MIN(COALESCE(done, ?1 - 1) + 1) FROM ordered WHERE a > COALESCE(done, ?1 - 1) + "
        "1");
    hq_rows rows;
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &find, HQ_B_I64(r->first), HQ_B_I64(r->next)));
    if (hq_rows_next(&rows) && !hq_rows_null(&rows, 0)) {
        *gap = hq_rows_i64(&rows, 0);
    }
    return hq_rows_end(&rows);
}

hq_status hq_clearance_number_gap(int64_t *gap, hq_tx *tx)
{
    *gap = 0;
    for (size_t flow = 0; flow < sizeof first_of / sizeof first_of[0] && *gap == 0; flow++) {
        range r;
        HQ_TRY(read_range(&r, tx, flow));
        HQ_TRY(find_gap(gap, tx, &r));
    }
    return HQ_DONE;
}
