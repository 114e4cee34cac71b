/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/proposals.h"

#define COLUMNS                                                                                    \
    "SELECT id, declaration, verb, state, office, goods_office FROM declaration_proposal"
#define FILTER " AND (?2 = '' OR verb = ?2) AND (?3 = '' OR office = ?3 OR goods_office = ?3)"

static hq_sql insert_one =
    HQ_SQL_OF("INSERT INTO declaration_proposal (id, declaration, verb, state, office,"
              " goods_office) VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
static hq_sql set_state = HQ_SQL_OF("UPDATE declaration_proposal SET state = ?2 WHERE id = ?1");
static hq_sql oldest_first =
    HQ_SQL_OF(COLUMNS " WHERE state = ?1" FILTER " AND id > ?4 ORDER BY id LIMIT ?5");
static hq_sql newest_first = HQ_SQL_OF(COLUMNS " WHERE (?1 = '' OR state = ?1)" FILTER
                                               " AND id < ?4 ORDER BY id DESC LIMIT ?5");

hq_status hq_clr__proposal_insert(hq_tx *tx, const hq_clr__proposal_row *row)
{
    return HQ_TX_RUN(tx, &insert_one, HQ_B_TEXT(row->id), HQ_B_I64(row->declaration),
                     HQ_B_TEXT(row->verb), HQ_B_TEXT(row->state), HQ_B_TEXT(row->office),
                     HQ_B_TEXT(row->goods_office));
}

hq_status hq_clr__proposal_state(hq_tx *tx, hq_sv id, hq_sv state)
{
    return HQ_TX_RUN(tx, &set_state, HQ_B_TEXT(id), HQ_B_TEXT(state));
}

static hq_status take(hq_clr__proposal_row *out, const hq_rows *rows, hq_arena *arena)
{
    hq_sv *const texts[] = { &out->id,    NULL,         &out->verb,
                             &out->state, &out->office, &out->goods_office };
    out->declaration = hq_rows_i64(rows, 1);
    for (int i = 0; i < 6; i++) {
        if (texts[i] == NULL) {
            continue;
        }
        *texts[i] = hq_arena_dup(arena, hq_rows_text(rows, i));
        if (texts[i]->ptr == NULL) {
            return HQ_FAIL(NOMEM);
        }
    }
    return HQ_DONE;
}

hq_status hq_clr__proposal_list(hq_clr__proposal_row *out, size_t *count, hq_tx *tx,
                                const hq_clr__proposal_page *page, hq_arena *arena)
{
    hq_rows rows;
    hq_sv from = page->after.len > 0 ? page->after : page->newest_first ? HQ_SV("g") : HQ_SV("");
    *count = 0;
    HQ_TRY(HQ_TX_QUERY(&rows, tx, page->newest_first ? &newest_first : &oldest_first,
                       HQ_B_TEXT(page->state), HQ_B_TEXT(page->verb), HQ_B_TEXT(page->office),
                       HQ_B_TEXT(from), HQ_B_I64((int64_t)page->limit)));
    hq_status s = HQ_DONE;
    while (hq_ok(s) && *count < page->limit && hq_rows_next(&rows)) {
        s = take(&out[(*count)++], &rows, arena);
    }
    hq_status end = hq_rows_end(&rows);
    return hq_failed(end) ? end : s;
}
