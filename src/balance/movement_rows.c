/* SPDX-License-Identifier: Apache-2.0 */
#include "balance/room.h"

/* Rows of balance_movements: inserted, never touched again. */

#define COLUMNS "number, at, cause, line, quantity, declaration, declaration_line, product, actor"

static hq_sql insert = HQ_SQL_OF("INSERT INTO balance_movements (account, " COLUMNS
                                 ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)");
static hq_sql newest = HQ_SQL_OF("SELECT " COLUMNS " FROM balance_movements WHERE account = ?1 AND "
                                 "number < ?2 ORDER BY number DESC LIMIT ?3");
static hq_sql moved = HQ_SQL_OF(
    "SELECT account, line, declaration_line, product, cause, CAST(SUM(quantity) AS BIGINT) "
    "FROM balance_movements WHERE declaration = ?1 "
    "GROUP BY account, line, declaration_line, product, cause "
    "ORDER BY account, line, declaration_line, product, cause");
static hq_sql uses = HQ_SQL_OF(
    "SELECT line, product, CAST(SUM(CASE WHEN cause = 3 THEN quantity ELSE -quantity END) AS "
    "BIGINT) FROM balance_movements WHERE account = ?1 AND cause IN (3, 4) "
    "GROUP BY line, product ORDER BY line, product");

hq_status hq_bal__movement_insert(hq_tx *tx, hq_sv account, const hq_bal__movement *m)
{
    return HQ_TX_RUN(tx, &insert, HQ_B_TEXT(account), HQ_B_I64(m->number), HQ_B_I64(m->at),
                     HQ_B_I64(m->cause), HQ_B_I64(m->line), HQ_B_I64(m->quantity),
                     HQ_B_I64(m->declaration), HQ_B_I64(m->declaration_line), HQ_B_I64(m->product),
                     HQ_B_TEXT(m->actor));
}

/* Room for one more element of `size`. */
static bool room(void **items, size_t count, size_t *cap, size_t size, hq_arena *arena)
{
    if (count < *cap) {
        return true;
    }
    size_t more = *cap == 0 ? 32 : *cap * 2;
    void *grown = hq_arena_array(arena, more, size);
    if (grown == NULL) {
        return false;
    }
    if (count > 0) {
        memcpy(grown, *items, count * size);
    }
    *items = grown;
    *cap = more;
    return true;
}

/* ------------------------------------------------------------------ what a declaration moved */

static bool same(const hq_bal__moved *m, const hq_rows *rows)
{
    return hq_sv_eq(m->account, hq_rows_text(rows, 0)) && m->line == hq_rows_i64(rows, 1) &&
           m->declaration_line == hq_rows_i64(rows, 2) && m->product == hq_rows_i64(rows, 3);
}

static hq_status take_moved(hq_bal__moved **out, size_t *count, size_t *cap, const hq_rows *rows,
                            hq_arena *arena)
{
    int64_t cause = hq_rows_i64(rows, 4);
    int64_t sum = hq_rows_i64(rows, 5);
    void *items = *out;
    if (cause < 0 || cause >= HQ_BAL__CAUSES) {
        return HQ_FAIL(CORRUPT);
    }
    if (*count == 0 || !same(&(*out)[*count - 1], rows)) {
        if (!room(&items, *count, cap, sizeof **out, arena)) {
            return HQ_FAIL(NOMEM);
        }
        *out = items;
        (*out)[(*count)++] = (hq_bal__moved){
            .account = hq_arena_dup(arena, hq_rows_text(rows, 0)),
            .line = hq_rows_i64(rows, 1),
            .declaration_line = hq_rows_i64(rows, 2),
            .product = hq_rows_i64(rows, 3),
        };
    }
    hq_bal__moved *m = &(*out)[*count - 1];
    if (cause == HQ_BAL__RESTORED) {
        m->sum[HQ_BAL__DRAWN] -= sum;
    } else {
        m->sum[cause] += sum;
    }
    return m->account.ptr == NULL ? HQ_FAIL(NOMEM) : HQ_DONE;
}

hq_status hq_bal__moved_by(hq_bal__moved **out, size_t *count, hq_tx *tx, int64_t declaration,
                           hq_arena *arena)
{
    hq_rows rows;
    size_t cap = 0;
    hq_status read = HQ_DONE;
    *out = NULL;
    *count = 0;
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &moved, HQ_B_I64(declaration)));
    while (hq_ok(read) && hq_rows_next(&rows)) {
        read = take_moved(out, count, &cap, &rows, arena);
    }
    HQ_TRY(hq_rows_end(&rows));
    return read;
}

/* ------------------------------------------------------------------ lists */

hq_status hq_bal__uses_of(hq_bal__use **out, size_t *count, hq_tx *tx, hq_sv account,
                          hq_arena *arena)
{
    hq_rows rows;
    size_t cap = 0;
    bool whole = true;
    void *items = NULL;
    *count = 0;
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &uses, HQ_B_TEXT(account)));
    while (whole && hq_rows_next(&rows)) {
        whole = room(&items, *count, &cap, sizeof **out, arena);
        if (whole) {
            ((hq_bal__use *)items)[(*count)++] =
                (hq_bal__use){ hq_rows_i64(&rows, 0), hq_rows_i64(&rows, 1),
                               hq_rows_i64(&rows, 2) };
        }
    }
    *out = items;
    HQ_TRY(hq_rows_end(&rows));
    return whole ? HQ_DONE : HQ_FAIL(NOMEM);
}

hq_status hq_bal__movements(hq_bal__movement **out, size_t *count, hq_tx *tx, hq_sv account,
                            int64_t before, size_t max, hq_arena *arena)
{
    hq_rows rows;
    bool whole = true;
    *count = 0;
    *out = HQ_NEW_ARRAY(arena, hq_bal__movement, max + 1);
    if (*out == NULL) {
        return HQ_FAIL(NOMEM);
    }
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &newest, HQ_B_TEXT(account),
                       HQ_B_I64(before == 0 ? INT64_MAX : before), HQ_B_I64((int64_t)max)));
    while (whole && *count < max && hq_rows_next(&rows)) {
        hq_bal__movement *m = &(*out)[(*count)++];
        *m = (hq_bal__movement){
            .number = hq_rows_i64(&rows, 0),
            .at = hq_rows_i64(&rows, 1),
            .cause = (hq_bal__cause)hq_rows_i64(&rows, 2),
            .line = hq_rows_i64(&rows, 3),
            .quantity = hq_rows_i64(&rows, 4),
            .declaration = hq_rows_i64(&rows, 5),
            .declaration_line = hq_rows_i64(&rows, 6),
            .product = hq_rows_i64(&rows, 7),
            .actor = hq_arena_dup(arena, hq_rows_text(&rows, 8)),
        };
        whole = m->actor.ptr != NULL && m->cause < HQ_BAL__CAUSES;
    }
    HQ_TRY(hq_rows_end(&rows));
    return whole ? HQ_DONE : HQ_FAIL(CORRUPT);
}
