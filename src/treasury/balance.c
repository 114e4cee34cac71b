/* SPDX-License-Identifier: Apache-2.0 */
#include "treasury/room.h"

/* Does the ledger come out? Each figure is held against the movements it is made of, from both
 * sides: a debt's paid sum against its postings, a payment against its postings and its credit
 * entry, a balance against its entries, a guarantee against its reservations, and at the end all
 * money that came in against all that lies on debts and credits. */

/* ------------------------------------------------------------------ checks in SQL */

/* Each query returns the first row that does not come out: a text naming it and two figures that
 * should be equal (or the first at most the second). */
typedef struct {
    const char *what;
    hq_sql sql;
} check;

static check checks[] = {
    { "payment: money received, and on debts and credit",
      HQ_SQL_OF("SELECT bank || '/' || reference, amount_vnd, applied_vnd + credited_vnd "
                "FROM treasury_payments WHERE amount_vnd <> applied_vnd + credited_vnd LIMIT 1") },
    { "payment: applied, and its postings",
      HQ_SQL_OF("SELECT bank || '/' || reference, CAST(SUM(a) AS BIGINT), CAST(SUM(b) AS BIGINT) "
                "FROM (SELECT bank, reference, applied_vnd AS a, 0 AS b FROM treasury_payments "
                "UNION ALL SELECT bank, reference, 0, amount_vnd FROM treasury_postings "
                "WHERE cause = 'PAID') p GROUP BY bank, reference HAVING SUM(a) <> SUM(b) "
                "LIMIT 1") },
    { "payment: credited, and its credit entries",
      HQ_SQL_OF("SELECT bank || '/' || reference, CAST(SUM(a) AS BIGINT), CAST(SUM(b) AS BIGINT) "
                "FROM (SELECT bank, reference, credited_vnd AS a, 0 AS b FROM treasury_payments "
                "UNION ALL SELECT bank, reference, 0, amount_vnd FROM treasury_credit_entries "
                "WHERE cause = 'PAID') p GROUP BY bank, reference HAVING SUM(a) <> SUM(b) "
                "LIMIT 1") },
    { "declaration: money between debt and credit, both sides",
      HQ_SQL_OF("SELECT CAST(declaration AS TEXT), CAST(SUM(a) AS BIGINT), CAST(SUM(b) AS BIGINT) "
                "FROM (SELECT declaration, -amount_vnd AS a, 0 AS b FROM treasury_postings "
                "WHERE cause IN ('RETURNED', 'OFFSET') "
                "UNION ALL SELECT declaration, 0, amount_vnd FROM treasury_credit_entries "
                "WHERE cause IN ('RETURNED', 'OFFSET')) p GROUP BY declaration "
                "HAVING SUM(a) <> SUM(b) LIMIT 1") },
    { "credit: balance, and its entries",
      HQ_SQL_OF("SELECT tax_code, CAST(SUM(a) AS BIGINT), CAST(SUM(b) AS BIGINT) "
                "FROM (SELECT tax_code, balance_vnd AS a, 0 AS b FROM treasury_credits "
                "UNION ALL SELECT tax_code, 0, amount_vnd FROM treasury_credit_entries) p "
                "GROUP BY tax_code HAVING SUM(a) <> SUM(b) LIMIT 1") },
    { "credit below zero: zero, and balance",
      HQ_SQL_OF("SELECT tax_code, 0, balance_vnd FROM treasury_credits WHERE balance_vnd < 0 "
                "LIMIT 1") },
    { "guarantee: reserved, and its reservations",
      HQ_SQL_OF("SELECT id, CAST(SUM(a) AS BIGINT), CAST(SUM(b) AS BIGINT) "
                "FROM (SELECT id, reserved_vnd AS a, 0 AS b FROM treasury_guarantees "
                "UNION ALL SELECT guarantee, 0, held_vnd FROM treasury_reservations) p "
                "GROUP BY id HAVING SUM(a) <> SUM(b) LIMIT 1") },
    { "guarantee over-drawn: reserved, and limit",
      HQ_SQL_OF("SELECT id, reserved_vnd, limit_vnd FROM treasury_guarantees "
                "WHERE reserved_vnd > limit_vnd OR reserved_vnd < 0 LIMIT 1") },
    { "reservation: held, and what is still owed",
      HQ_SQL_OF("SELECT CAST(r.declaration AS TEXT), r.held_vnd, "
                "COALESCE(d.owed_vnd - d.paid_vnd - d.cancelled_vnd, 0) "
                "FROM treasury_reservations r "
                "LEFT JOIN treasury_debts d ON d.declaration = r.declaration "
                "WHERE r.held_vnd < 0 OR "
                "r.held_vnd > COALESCE(d.owed_vnd - d.paid_vnd - d.cancelled_vnd, 0) LIMIT 1") },
    { "all money: received, and on debts and credits",
      HQ_SQL_OF(
          "SELECT 'ledger', a, b FROM (SELECT "
          "CAST(COALESCE((SELECT SUM(amount_vnd) FROM treasury_payments), 0) AS BIGINT) AS a, "
          "CAST(COALESCE((SELECT SUM(paid_vnd) FROM treasury_debts), 0) + "
          "COALESCE((SELECT SUM(balance_vnd) FROM treasury_credits), 0) AS BIGINT) AS b) s "
          "WHERE a <> b") },
};

static hq_status run_check(hq_sv *difference, hq_tx *tx, check *c, hq_arena *arena)
{
    hq_rows rows;
    HQ_TRY(hq_tx_query(&rows, tx, &c->sql, NULL, 0));
    if (hq_rows_next(&rows)) {
        *difference =
            hq_arena_printf(arena, "%s, do not agree at %.*s: %lld and %lld", c->what,
                            HQ_SV_FMT(hq_rows_text(&rows, 0)), (long long)hq_rows_i64(&rows, 1),
                            (long long)hq_rows_i64(&rows, 2));
    }
    return hq_rows_end(&rows);
}

/* ------------------------------------------------------------------ debts against postings */

/* One stream in order of declarations: its debt row, then its postings summed by kind and tax. */
static hq_sql debts_and_postings = HQ_SQL_OF(
    "SELECT declaration, 0 AS part, 0 AS kind, 0 AS tax, owed_vnd AS amount_vnd, paid_vnd, "
    "cancelled_vnd, entries FROM treasury_debts "
    "UNION ALL SELECT declaration, 1, kind, tax, CAST(SUM(amount_vnd) AS BIGINT), 0, 0, NULL "
    "FROM treasury_postings GROUP BY declaration, kind, tax ORDER BY 1, 2, 3, 4");

typedef struct {
    hq_tre__debt debt; /* 0: before the first */
    int64_t posted[HQ_TRE__ENTRIES_MAX];
    hq_arena *arena;
    hq_sv difference;
} walk;

static void differ(walk *w, const char *what, const hq_tre__entry *entry, int64_t a, int64_t b)
{
    if (w->difference.len > 0) {
        return;
    }
    w->difference = hq_arena_printf(
        w->arena, "%s, do not agree at %lld %s %s: %lld and %lld", what,
        (long long)w->debt.declaration, entry == NULL ? "sum" : hq_tax_name(entry->tax),
        entry == NULL ? "" : hq_debt_kind_name(entry->kind), (long long)a, (long long)b);
}

/* Postings name kind and tax: they are held against the first entry of these, with what was paid
 * on all. */
static size_t first_of(const hq_tre__debt *debt, hq_debt_kind kind, hq_tax tax)
{
    size_t i = 0;
    while (i < debt->entry_count &&
           (debt->entries[i].kind != kind || debt->entries[i].tax != tax)) {
        i++;
    }
    return i;
}

static int64_t paid_of(const hq_tre__debt *debt, size_t entry)
{
    const hq_tre__entry *e = &debt->entries[entry];
    int64_t paid = 0;
    if (first_of(debt, e->kind, e->tax) != entry) {
        return 0;
    }
    for (size_t i = entry; i < debt->entry_count; i++) {
        bool same = debt->entries[i].kind == e->kind && debt->entries[i].tax == e->tax;
        paid += same ? debt->entries[i].paid_vnd : 0;
    }
    return paid;
}

static void finish_debt(walk *w)
{
    for (size_t i = 0; i < w->debt.entry_count; i++) {
        const hq_tre__entry *entry = &w->debt.entries[i];
        int64_t paid = paid_of(&w->debt, i);
        if (paid != w->posted[i]) {
            differ(w, "debt: paid, and its postings", entry, paid, w->posted[i]);
        }
        if (entry->paid_vnd < 0 || entry->cancelled_vnd < 0 || hq_tre__entry_left(entry) < 0) {
            differ(w, "debt: owed, and paid with cancelled", entry, entry->owed_vnd,
                   entry->paid_vnd + entry->cancelled_vnd);
        }
    }
}

static hq_status begin_debt(walk *w, const hq_rows *rows)
{
    memset(w->posted, 0, sizeof w->posted);
    w->debt = (hq_tre__debt){ .declaration = hq_rows_i64(rows, 0) };
    HQ_TRY(hq_tre__entries_unpack(&w->debt, hq_rows_text(rows, 7)));
    hq_tre__sums sums = hq_tre__debt_sums(&w->debt);
    if (sums.owed_vnd != hq_rows_i64(rows, 4)) {
        differ(w, "debt: owed, and its taxes", NULL, hq_rows_i64(rows, 4), sums.owed_vnd);
    }
    if (sums.paid_vnd != hq_rows_i64(rows, 5)) {
        differ(w, "debt: paid, and its taxes", NULL, hq_rows_i64(rows, 5), sums.paid_vnd);
    }
    if (sums.cancelled_vnd != hq_rows_i64(rows, 6)) {
        differ(w, "debt: cancelled, and its taxes", NULL, hq_rows_i64(rows, 6), sums.cancelled_vnd);
    }
    return HQ_DONE;
}

static void add_posting(walk *w, const hq_rows *rows)
{
    int64_t amount = hq_rows_i64(rows, 4);
    size_t entry = w->debt.entry_count;
    if (hq_rows_i64(rows, 0) == w->debt.declaration) {
        entry =
            first_of(&w->debt, (hq_debt_kind)hq_rows_i64(rows, 2), (hq_tax)hq_rows_i64(rows, 3));
    }
    if (entry == w->debt.entry_count) {
        if (amount != 0) {
            w->debt.declaration = hq_rows_i64(rows, 0);
            differ(w, "posting without a debt: none, and posted", NULL, 0, amount);
        }
        return;
    }
    w->posted[entry] = amount;
}

static hq_status check_debts(hq_sv *difference, hq_tx *tx, hq_arena *arena)
{
    hq_rows rows;
    hq_status read = HQ_DONE;
    walk w = { .arena = arena };
    HQ_TRY(hq_tx_query(&rows, tx, &debts_and_postings, NULL, 0));
    while (hq_ok(read) && w.difference.len == 0 && hq_rows_next(&rows)) {
        if (hq_rows_i64(&rows, 1) == 0) {
            finish_debt(&w);
            read = begin_debt(&w, &rows);
        } else {
            add_posting(&w, &rows);
        }
    }
    HQ_TRY(hq_rows_end(&rows));
    HQ_TRY(read);
    finish_debt(&w);
    *difference = w.difference;
    return HQ_DONE;
}

hq_status hq_treasury_balanced(bool *balanced, hq_sv *difference, hq_tx *tx, hq_arena *arena)
{
    *difference = HQ_SV("");
    *balanced = false;
    HQ_TRY(check_debts(difference, tx, arena));
    for (size_t i = 0; i < sizeof checks / sizeof checks[0] && difference->len == 0; i++) {
        HQ_TRY(run_check(difference, tx, &checks[i], arena));
    }
    *balanced = difference->len == 0;
    return HQ_DONE;
}
