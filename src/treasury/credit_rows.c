/* SPDX-License-Identifier: Apache-2.0 */
#include "treasury/room.h"

/* Rows of treasury_postings, treasury_credits and treasury_credit_entries: the movements of money,
 * only ever inserted, and the balance they make. */

#define POSTINGS_PER_VERSION 1024

hq_sv hq_tre__cause_name(hq_tre__cause cause)
{
    switch (cause) {
    case HQ_TRE__PAID:
        return HQ_SV("PAID");
    case HQ_TRE__RETURNED:
        return HQ_SV("RETURNED");
    case HQ_TRE__OFFSET:
        return HQ_SV("OFFSET");
    }
    return HQ_SV("");
}

/* ------------------------------------------------------------------ postings */

static hq_sql insert_posting = HQ_SQL_OF(
    "INSERT INTO treasury_postings (declaration, number, at, cause, kind, tax, amount_vnd, "
    "payer_tax_code, bank, reference) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)");

hq_status hq_tre__post(hq_tx *tx, const hq_tre__debt *debt, size_t place,
                       const hq_tre__posting *posting)
{
    if (place >= POSTINGS_PER_VERSION) {
        return HQ_FAIL(LIMIT);
    }
    int64_t number = debt->version * POSTINGS_PER_VERSION + (int64_t)place;
    return HQ_TX_RUN(tx, &insert_posting, HQ_B_I64(debt->declaration), HQ_B_I64(number),
                     HQ_B_I64(hq_tx_now(tx)), HQ_B_TEXT(hq_tre__cause_name(posting->cause)),
                     HQ_B_I64(posting->kind), HQ_B_I64(posting->tax), HQ_B_I64(posting->amount_vnd),
                     HQ_B_TEXT(posting->payer_tax_code), HQ_B_TEXT(posting->bank),
                     HQ_B_TEXT(posting->reference));
}

static hq_sql sum_paid =
    HQ_SQL_OF("SELECT payer_tax_code, kind, tax, CAST(SUM(amount_vnd) AS BIGINT) "
              "FROM treasury_postings WHERE declaration = ?1 GROUP BY payer_tax_code, kind, tax "
              "HAVING SUM(amount_vnd) <> 0 ORDER BY payer_tax_code, kind, tax");
static hq_sql sum_returned =
    HQ_SQL_OF("SELECT payer_tax_code, 0, 0, CAST(-SUM(amount_vnd) AS BIGINT) "
              "FROM treasury_postings WHERE declaration = ?1 AND cause IN ('RETURNED', 'OFFSET') "
              "GROUP BY payer_tax_code HAVING SUM(amount_vnd) < 0 ORDER BY payer_tax_code");

/* Payers times taxes of one declaration: doubled as needed. */
static hq_status paid_push(hq_tre__paid **items, size_t *count, size_t *cap, hq_rows *rows,
                           hq_arena *arena)
{
    if (*count == *cap) {
        size_t more = *cap == 0 ? 16 : *cap * 2;
        hq_tre__paid *grown = HQ_NEW_ARRAY(arena, hq_tre__paid, more);
        if (grown == NULL) {
            return HQ_FAIL(NOMEM);
        }
        if (*count > 0) {
            memcpy(grown, *items, *count * sizeof **items);
        }
        *items = grown;
        *cap = more;
    }
    hq_tre__paid *paid = &(*items)[(*count)++];
    paid->payer_tax_code = hq_arena_dup(arena, hq_rows_text(rows, 0));
    paid->kind = (hq_debt_kind)hq_rows_i64(rows, 1);
    paid->tax = (hq_tax)hq_rows_i64(rows, 2);
    paid->amount_vnd = hq_rows_i64(rows, 3);
    return paid->payer_tax_code.ptr == NULL ? HQ_FAIL(NOMEM) : HQ_DONE;
}

static hq_status read_sums(hq_tre__paid **out, size_t *count, hq_tx *tx, hq_sql *sql,
                           int64_t declaration)
{
    hq_rows rows;
    hq_status push = HQ_DONE;
    size_t cap = 0;
    *out = NULL;
    *count = 0;
    HQ_TRY(HQ_TX_QUERY(&rows, tx, sql, HQ_B_I64(declaration)));
    while (hq_ok(push) && hq_rows_next(&rows)) {
        push = paid_push(out, count, &cap, &rows, hq_tx_arena(tx));
    }
    HQ_TRY(hq_rows_end(&rows));
    return push;
}

hq_status hq_tre__paid_for(hq_tre__paid **out, size_t *count, hq_tx *tx, int64_t declaration)
{
    return read_sums(out, count, tx, &sum_paid, declaration);
}

hq_status hq_tre__returned_from(hq_tre__paid **out, size_t *count, hq_tx *tx, int64_t declaration)
{
    return read_sums(out, count, tx, &sum_returned, declaration);
}

/* ------------------------------------------------------------------ credits */

static hq_sql find_credit =
    HQ_SQL_OF("SELECT balance_vnd, version FROM treasury_credits WHERE tax_code = ?1");
static hq_sql insert_credit = HQ_SQL_OF("INSERT INTO treasury_credits (tax_code, balance_vnd, "
                                        "version) VALUES (?1, ?2, 1) ON CONFLICT DO NOTHING");
static hq_sql update_credit =
    HQ_SQL_OF("UPDATE treasury_credits SET balance_vnd = ?2, version = ?3 "
              "WHERE tax_code = ?1 AND version = ?3 - 1");
static hq_sql insert_entry =
    HQ_SQL_OF("INSERT INTO treasury_credit_entries (tax_code, number, at, cause, amount_vnd, "
              "declaration, bank, reference) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");

static hq_status credit_get(int64_t *balance_vnd, int64_t *version, hq_tx *tx, hq_sv tax_code)
{
    hq_rows rows;
    *balance_vnd = 0;
    *version = 0;
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &find_credit, HQ_B_TEXT(tax_code)));
    if (hq_rows_next(&rows)) {
        *balance_vnd = hq_rows_i64(&rows, 0);
        *version = hq_rows_i64(&rows, 1);
    }
    return hq_rows_end(&rows);
}

static hq_status credit_put(hq_tx *tx, hq_sv tax_code, int64_t balance_vnd, int64_t version)
{
    int64_t changed;
    const hq_bind binds[] = { HQ_B_TEXT(tax_code), HQ_B_I64(balance_vnd), HQ_B_I64(version) };
    HQ_TRY(version == 1 ? hq_tx_run(tx, &insert_credit, binds, 2, &changed)
                        : hq_tx_run(tx, &update_credit, binds, 3, &changed));
    return changed == 1 ? HQ_DONE : HQ_FAIL(RERUN);
}

static void hash_credit(hq_hash32 *out, hq_sv tax_code, int64_t balance_vnd, int64_t version)
{
    char bytes[128];
    hq_buf buf = { .ptr = bytes, .cap = sizeof bytes, .ceiling = sizeof bytes };
    hq_buf_bytes32(&buf, hq_sv_sub(tax_code, 0, 64));
    hq_buf_le64(&buf, (uint64_t)balance_vnd);
    hq_buf_le64(&buf, (uint64_t)version);
    hq_blake2b(out, hq_buf_view(&buf));
}

hq_status hq_tre__credit_hash(hq_hash32 *out, hq_tx *tx, hq_sv tax_code)
{
    int64_t balance_vnd;
    int64_t version;
    HQ_TRY(credit_get(&balance_vnd, &version, tx, tax_code));
    if (version == 0) {
        return HQ_FAIL(NOT_FOUND);
    }
    hash_credit(out, tax_code, balance_vnd, version);
    return HQ_DONE;
}

hq_status hq_tre__credit_balance(int64_t *out, hq_tx *tx, hq_sv tax_code)
{
    int64_t version;
    return credit_get(out, &version, tx, tax_code);
}

static hq_status credit_event(hq_tx *tx, const hq_tre__credit *move, int64_t balance_vnd,
                              int64_t version)
{
    hq_arena *arena = hq_tx_arena(tx);
    hq_buf text = HQ_BUF_ARENA(arena, 512);
    hq_json_w json = hq_json_writer(&text);
    hq_hash32 hash;
    hq_json_open(&json, '{');
    HQ_JSON_KEY(&json, "cause");
    hq_json_text(&json, hq_tre__cause_name(move->cause));
    HQ_JSON_KEY(&json, "amount_vnd");
    hq_json_i64(&json, move->amount_vnd);
    HQ_JSON_KEY(&json, "balance_vnd");
    hq_json_i64(&json, balance_vnd);
    hq_json_close(&json, '}');
    HQ_TRY(hq_buf_status(&text));
    hash_credit(&hash, move->tax_code, balance_vnd, version);
    hq_tre__event event = {
        .subject = hq_arena_printf(arena, "credit/%.*s", HQ_SV_FMT(move->tax_code)),
        .actor = move->actor,
        .payload = hq_buf_view(&text),
        .kind = "credit.changed",
        .version = version,
        .hash = &hash,
    };
    return hq_tre__event_write(tx, &event);
}

hq_status hq_tre__credit_move(hq_tx *tx, const hq_tre__credit *move)
{
    int64_t balance_vnd;
    int64_t version;
    HQ_TRY(credit_get(&balance_vnd, &version, tx, move->tax_code));
    if (hq_add_overflows(&balance_vnd, balance_vnd, move->amount_vnd)) {
        return HQ_FAIL(RANGE);
    }
    if (balance_vnd < 0) {
        return HQ_FAIL(CONFLICT);
    }
    version++;
    HQ_TRY(credit_put(tx, move->tax_code, balance_vnd, version));
    HQ_TRY(HQ_TX_RUN(tx, &insert_entry, HQ_B_TEXT(move->tax_code), HQ_B_I64(version),
                     HQ_B_I64(hq_tx_now(tx)), HQ_B_TEXT(hq_tre__cause_name(move->cause)),
                     HQ_B_I64(move->amount_vnd), HQ_B_I64(move->declaration), HQ_B_TEXT(move->bank),
                     HQ_B_TEXT(move->reference)));
    return credit_event(tx, move, balance_vnd, version);
}
