/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger.h"

#include <stdio.h>

/* The balance check is of use only when it fails: each tampering must be named. And the limit of a
 * guarantee holds in the row itself, whatever the program read before. */

#define TRADER "9900000016"

typedef struct {
    const char *sql, *says;
} tampering;

static const tampering all[] = {
    { "UPDATE treasury_debts SET paid_vnd = paid_vnd + 1", "debt: paid, and its taxes" },
    { "UPDATE treasury_debts SET owed_vnd = owed_vnd + 1", "debt: owed, and its taxes" },
    { "UPDATE treasury_debts SET cancelled_vnd = 1", "debt: cancelled, and its taxes" },
    { "UPDATE treasury_postings SET amount_vnd = amount_vnd - 1 WHERE declaration = 10000000001",
      "debt: paid, and its postings" },
    { "DELETE FROM treasury_postings WHERE cause = 'PAID'", "debt: paid, and its postings" },
    { "DELETE FROM treasury_debts WHERE declaration = 10000000001", "posting without a debt" },
    { "UPDATE treasury_payments SET amount_vnd = amount_vnd + 1",
      "payment: money received, and on debts and credit" },
    { "UPDATE treasury_payments SET amount_vnd = amount_vnd + 1, applied_vnd = applied_vnd + 1",
      "payment: applied, and its postings" },
    { "DELETE FROM treasury_payments WHERE reference = 'R1'",
      "payment: applied, and its postings" },
    { "UPDATE treasury_payments SET credited_vnd = credited_vnd + 1, amount_vnd = amount_vnd + 1",
      "payment: credited, and its credit entries" },
    { "UPDATE treasury_credits SET balance_vnd = balance_vnd + 1", "credit: balance" },
    { "DELETE FROM treasury_credit_entries WHERE cause = 'RETURNED'",
      "declaration: money between debt and credit" },
    { "UPDATE treasury_guarantees SET reserved_vnd = reserved_vnd + 1", "guarantee: reserved" },
    { "UPDATE treasury_guarantees SET limit_vnd = 1", "guarantee over-drawn" },
    { "UPDATE treasury_reservations SET held_vnd = held_vnd + 1", "guarantee: reserved" },
    { "UPDATE treasury_reservations SET declaration = 10000000002", "reservation: held" },
};

typedef struct {
    ledger *l;
    const tampering *what;
    bool balanced;
    hq_sv difference;
} attempt;

static hq_status tx_tamper(hq_tx *tx, void *user)
{
    attempt *a = user;
    HQ_TRY(hq_tx_run_text(tx, hq_sv_from_cstr(a->what->sql), NULL, 0));
    HQ_TRY(hq_treasury_balanced(&a->balanced, &a->difference, tx, a->l->arena));
    return HQ_FAIL(CONFLICT); /* takes it back */
}

static void pay(ledger *l, const char *reference, const char *declaration, int64_t amount)
{
    hq_payment_line line = { .declaration = hq_sv_from_cstr(declaration),
                             .tax = HQ_TAX_IMPORT,
                             .amount_vnd = amount };
    hq_payment payment = { .bank = HQ_SV("VCB"),
                           .reference = hq_sv_from_cstr(reference),
                           .debited_at = hq_now(hq_test_clock_face(l->clock)),
                           .payer_tax_code = HQ_SV(TRADER),
                           .lines = &line,
                           .line_count = 1,
                           .actor = HQ_SV("key/bank") };
    bool repeated;
    hq_sv answer;
    hq_why why;
    assert_true(hq_ok(ledger_pay(l, &payment, &repeated, &answer, &why)));
}

static void open_debt(ledger *l, int64_t declaration)
{
    int64_t taxes[HQ_TAX_COUNT] = { [HQ_TAX_IMPORT] = 100 };
    int64_t owed;
    hq_debts_new debts = { .declaration = declaration,
                           .office = HQ_SV("15BB"),
                           .tax_code = HQ_SV(TRADER),
                           .tax_vnd = taxes,
                           .term = 'B',
                           .actor = HQ_SV("key/test") };
    assert_true(hq_ok(ledger_debts_open(l, &debts, &owed)));
}

static ledger *busy_ledger(void)
{
    ledger *l = ledger_open();
    hq_guarantee_new g = { .bank = HQ_SV("VCB"),
                           .number = HQ_SV("G1"),
                           .general = true,
                           .tax_code = HQ_SV(TRADER),
                           .limit_vnd = 1000,
                           .valid_to = day_of("2099-12-31"),
                           .actor = HQ_SV("key/bank") };
    hq_cover_ask ask = { .term = 'B',
                         .guarantee = HQ_SV("G1"),
                         .declaration = 10000000003,
                         .amount_vnd = 100,
                         .tax_code = HQ_SV(TRADER),
                         .day = day_of("2026-11-20"),
                         .actor = HQ_SV("key/test") };
    bool repeated;
    hq_why why;
    const char *rule;
    assert_true(hq_ok(ledger_guarantee(l, &g, &repeated, &why)));
    for (int64_t d = 10000000001; d <= 10000000003; d++) {
        open_debt(l, d);
    }
    assert_true(hq_ok(ledger_cover(l, &ask, &rule)));
    pay(l, "R1", "100000000010", 130);
    pay(l, "R2", "100000000020", 40);
    assert_true(hq_ok(ledger_cancel(l, 10000000002)));
    ledger_assert_balanced(l);
    return l;
}

static void every_tampering_is_named(void **state)
{
    (void)state;
    ledger *l = busy_ledger();
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        attempt a = { .l = l, .what = &all[i], .balanced = true };
        hq_status s = hq_store_write(l->store, tx_tamper, &a);
        assert_int_equal(s.code, HQ_E_CONFLICT);
        if (a.balanced || !hq_sv_starts(a.difference, hq_sv_from_cstr(all[i].says))) {
            fail_msg("%s: it says \"%.*s\"", all[i].sql, HQ_SV_FMT(a.difference));
        }
        ledger_assert_balanced(l);
    }
    ledger_close(l);
}

/* The hash kept with the last event of a row changes with the row. */
static hq_status tx_hashes(hq_tx *tx, void *user)
{
    static const char *const pairs[][2] = {
        { "debt/10000000001", "UPDATE treasury_debts SET office = '20BB'" },
        { "credit/" TRADER, "UPDATE treasury_credits SET balance_vnd = 7" },
        { "payment/VCB/R1", "UPDATE treasury_payments SET actor = 'x'" },
    };
    (void)user;
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        hq_hash32 before;
        hq_hash32 after;
        hq_sv subject = hq_sv_from_cstr(pairs[i][0]);
        HQ_TRY(hq_treasury_room.row_hash(&before, tx, subject));
        HQ_TRY(hq_tx_run_text(tx, hq_sv_from_cstr(pairs[i][1]), NULL, 0));
        HQ_TRY(hq_treasury_room.row_hash(&after, tx, subject));
        if (hq_hash_eq(&before, &after)) {
            return HQ_FAIL(CORRUPT);
        }
    }
    hq_hash32 none;
    hq_status s = hq_treasury_room.row_hash(&none, tx, HQ_SV("debt/99999999999"));
    return s.code == HQ_E_NOT_FOUND ? HQ_FAIL(CONFLICT) : HQ_FAIL(CORRUPT);
}

static void hashes_follow_rows(void **state)
{
    (void)state;
    ledger *l = busy_ledger();
    assert_int_equal(hq_store_write(l->store, tx_hashes, NULL).code, HQ_E_CONFLICT);
    hq_journal_report report;
    assert_true(hq_ok(hq_journal_verify(&report, l->store, NULL, NULL, l->arena)));
    if (!report.intact) {
        fail_msg("journal: %.*s", HQ_SV_FMT(report.first_bad));
    }
    ledger_close(l);
}

static hq_status tx_overdraw(hq_tx *tx, void *user)
{
    hq_tre__guarantee g;
    (void)user;
    HQ_TRY(hq_tre__guarantee_by_trader(&g, tx, HQ_SV(TRADER), HQ_SV("G1")));
    g.reserved_vnd = g.limit_vnd + 1;
    g.version++;
    return hq_tre__guarantee_update(tx, &g);
}

static void the_row_refuses_to_be_overdrawn(void **state)
{
    (void)state;
    ledger *l = busy_ledger();
    assert_false(hq_ok(hq_store_write(l->store, tx_overdraw, NULL)));
    ledger_assert_balanced(l);
    ledger_close(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(every_tampering_is_named),
                                        cmocka_unit_test(hashes_follow_rows),
                                        cmocka_unit_test(the_row_refuses_to_be_overdrawn) };
    return cmocka_run_group_tests_name("treasury balance", tests, NULL, NULL);
}
