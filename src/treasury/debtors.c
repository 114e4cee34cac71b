/* SPDX-License-Identifier: Apache-2.0 */
#include "treasury/room.h"

/* Which declarations have open debts, by tax code: a projection that a follower keeps, so that the
 * hot commit carries no index on a random value. Rows are grouped in blocks of declaration numbers;
 * numbers only grow, so a batch lands in the last block's few pages whatever the size of the whole,
 * and a look-up probes each block that still has open debts once. */

#define BLOCK_SHIFT                                                                                \
    13 /* 8192 numbers: about 80 pages a block; 5 million open debts are 610 probes */
#define GATHER_US 100000

static hq_sql add = HQ_SQL_OF("INSERT INTO treasury_debtors (block, tax_code, declaration) "
                              "VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING");
static hq_sql drop = HQ_SQL_OF(
    "DELETE FROM treasury_debtors WHERE block = ?1 AND tax_code = ?2 AND declaration = ?3");
static hq_sql drop_all = HQ_SQL_OF("DELETE FROM treasury_debtors WHERE block >= 0");

/* ------------------------------------------------------------------ following */

static hq_status put(hq_tx *tx, hq_sql *sql, hq_sv tax_code, int64_t declaration)
{
    if (hq_sv_is_empty(tax_code)) {
        return HQ_DONE;
    }
    return HQ_TX_RUN(tx, sql, HQ_B_I64(declaration >> BLOCK_SHIFT), HQ_B_TEXT(tax_code),
                     HQ_B_I64(declaration));
}

static hq_status put_both(hq_tx *tx, hq_sql *sql, hq_sv tax_code, hq_sv payer, int64_t declaration)
{
    HQ_TRY(put(tx, sql, tax_code, declaration));
    return put(tx, sql, payer, declaration);
}

static hq_status take_opened(hq_tx *tx, int64_t declaration, const hq_json *payload)
{
    int64_t left;
    if (!hq_json_get_i64(&left, payload, "left_vnd")) {
        return HQ_FAIL(CORRUPT);
    }
    return left == 0 ? HQ_DONE
                     : put_both(tx, &add, hq_json_get_text(payload, "tax_code"),
                                hq_json_get_text(payload, "payer_tax_code"), declaration);
}

/* The debt row tells whose it was; it is newer than the event or as old, and stays. */
static hq_status take_lowered(hq_tx *tx, int64_t declaration, const hq_json *payload)
{
    int64_t left;
    hq_tre__debt debt;
    if (!hq_json_get_i64(&left, payload, "left_vnd")) {
        return HQ_FAIL(CORRUPT);
    }
    if (left > 0) {
        return HQ_DONE;
    }
    HQ_TRY(hq_tre__debt_get(&debt, tx, declaration));
    return put_both(tx, &drop, debt.tax_code, debt.payer_tax_code, declaration);
}

static hq_status take_event(hq_tx *tx, const hq_event *event)
{
    bool amended = hq_sv_eq(event->kind, HQ_SV("debt.amended"));
    bool opened = amended || hq_sv_eq(event->kind, HQ_SV("debt.opened"));
    bool lowered = amended || hq_sv_eq(event->kind, HQ_SV("debt.paid")) ||
                   hq_sv_eq(event->kind, HQ_SV("debt.cancelled"));
    if (!opened && !lowered) {
        return HQ_DONE;
    }
    const hq_json *payload;
    int64_t declaration;
    hq_sv number = hq_sv_sub(event->subject, sizeof "debt/" - 1, event->subject.len);
    if (!hq_sv_i64(&declaration, number)) {
        return HQ_FAIL(CORRUPT);
    }
    HQ_TRY(hq_json_parse_copy(&payload, event->payload, hq_tx_arena(tx), NULL));
    if (opened) {
        HQ_TRY(take_opened(tx, declaration, payload));
    }
    return lowered ? take_lowered(tx, declaration, payload) : HQ_DONE;
}

static hq_status take(hq_tx *tx, const hq_event_view *events, size_t count, void *user)
{
    (void)user;
    for (size_t i = 0; i < count; i++) {
        if (hq_sv_eq(events[i].event.room, HQ_SV("treasury"))) {
            HQ_TRY(take_event(tx, &events[i].event));
        }
    }
    return HQ_DONE;
}

static hq_status forget(hq_tx *tx, void *user)
{
    (void)user;
    return hq_tx_run(tx, &drop_all, NULL, 0, NULL);
}

hq_status hq_tre__follow(hq_treasury *treasury)
{
    static const hq_follower follower = {
        .name = HQ_TRE__DEBTORS, .take = take, .forget = forget, .gather_us = GATHER_US
    };
    return hq_store_follow(treasury->store, &follower);
}

/* ------------------------------------------------------------------ looking up */

static hq_sql list = HQ_SQL_OF(
    "WITH RECURSIVE b(n) AS ("
    "SELECT MIN(block) FROM treasury_debtors WHERE block >= ?2 "
    "UNION ALL "
    "SELECT (SELECT MIN(t.block) FROM treasury_debtors t WHERE t.block > b.n) FROM b "
    "WHERE b.n IS NOT NULL) "
    "SELECT d.declaration FROM b JOIN treasury_debtors d ON d.block = b.n AND d.tax_code = ?1 "
    "WHERE d.declaration >= ?3 ORDER BY d.declaration LIMIT ?4");

hq_status hq_tre__debtor_list(int64_t **out, size_t *count, hq_tx *tx, hq_sv tax_code, int64_t from,
                              size_t max)
{
    hq_rows rows;
    *count = 0;
    *out = HQ_NEW_ARRAY(hq_tx_arena(tx), int64_t, max);
    if (*out == NULL) {
        return HQ_FAIL(NOMEM);
    }
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &list, HQ_B_TEXT(tax_code), HQ_B_I64(from >> BLOCK_SHIFT),
                       HQ_B_I64(from), HQ_B_I64((int64_t)max)));
    while (*count < max && hq_rows_next(&rows)) {
        (*out)[(*count)++] = hq_rows_i64(&rows, 0);
    }
    return hq_rows_end(&rows);
}
