/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger.h"

#include <stdatomic.h>
#include <stdio.h>

/* Many threads reserve, pay and cancel at once: no guarantee is over-drawn, no room is lost, and
 * the same payment sent by all posts once. */

#define THREADS 8
#define EACH    40
#define AMOUNT  100
#define TRADER  "9900000016"

typedef struct {
    ledger *l;
    int64_t first; /* declaration */
    int64_t covered, refused, posted, repeated;
    hq_thread thread;
    bool pay;
} worker;

typedef struct {
    ledger *l;
    int64_t declaration;
    bool covered;
} registration;

/* Debt and reservation in one transaction, as registration does it. */
static hq_status tx_register(hq_tx *tx, void *user)
{
    registration *r = user;
    int64_t taxes[HQ_TAX_COUNT] = { [HQ_TAX_IMPORT] = AMOUNT };
    int64_t owed;
    const char *rule;
    hq_debts_new debts = { .declaration = r->declaration,
                           .office = HQ_SV("15BB"),
                           .tax_code = HQ_SV(TRADER),
                           .tax_vnd = taxes,
                           .term = 'B',
                           .actor = HQ_SV("key/test") };
    hq_cover_ask ask = { .term = 'B',
                         .guarantee = HQ_SV("G1"),
                         .declaration = r->declaration,
                         .amount_vnd = AMOUNT,
                         .tax_code = HQ_SV(TRADER),
                         .day = hq_day_of(hq_tx_now(tx)),
                         .actor = HQ_SV("key/test") };
    HQ_TRY(hq_debts_open(&owed, r->l->treasury, tx, &debts));
    hq_status s = hq_cover_reserve(r->l->treasury, tx, &ask, &rule, NULL);
    r->covered = hq_ok(s);
    return s.code == HQ_E_INVALID ? HQ_DONE : s;
}

static void pay_one(worker *w, int64_t declaration)
{
    char number[16];
    char reference[32];
    snprintf(number, sizeof number, "%lld0", (long long)declaration);
    snprintf(reference, sizeof reference, "P%lld", (long long)declaration);
    hq_payment_line line = { .declaration = hq_sv_from_cstr(number),
                             .tax = HQ_TAX_IMPORT,
                             .amount_vnd = AMOUNT };
    hq_payment payment = { .bank = HQ_SV("VCB"),
                           .reference = hq_sv_from_cstr(reference),
                           .debited_at = hq_now(hq_test_clock_face(w->l->clock)),
                           .payer_tax_code = HQ_SV(TRADER),
                           .lines = &line,
                           .line_count = 1,
                           .actor = HQ_SV("key/bank") };
    /* an arena of its own; the hook writes into the shared ledger */
    ledger mine = { .store = w->l->store, .treasury = w->l->treasury, .clock = w->l->clock };
    bool repeated;
    hq_sv answer;
    hq_why why;
    mine.arena = hq_arena_new(1 << 20);
    assert_true(hq_ok(ledger_pay(&mine, &payment, &repeated, &answer, &why)));
    w->posted += !repeated;
    w->repeated += repeated;
    hq_arena_free(mine.arena);
}

static void work(void *user)
{
    worker *w = user;
    for (int i = 0; i < EACH; i++) {
        registration r = { .l = w->l, .declaration = w->first + i };
        if (w->pay) {
            pay_one(w, r.declaration);
            continue;
        }
        assert_true(hq_ok(hq_store_write(w->l->store, tx_register, &r)));
        w->covered += r.covered;
        w->refused += !r.covered;
        if (i % 4 == 3) {
            assert_true(hq_ok(ledger_cancel(w->l, r.declaration)));
        }
    }
}

static void run_all(worker *workers)
{
    for (int i = 0; i < THREADS; i++) {
        assert_true(hq_ok(hq_thread_start(&workers[i].thread, "ledger", work, &workers[i])));
    }
    for (int i = 0; i < THREADS; i++) {
        hq_thread_join(&workers[i].thread);
    }
}

static void guarantee(ledger *l, int64_t limit)
{
    hq_guarantee_new g = { .bank = HQ_SV("VCB"),
                           .number = HQ_SV("G1"),
                           .general = true,
                           .tax_code = HQ_SV(TRADER),
                           .limit_vnd = limit,
                           .valid_from = 0,
                           .valid_to = day_of("2099-12-31"),
                           .actor = HQ_SV("key/bank") };
    bool repeated;
    hq_why why;
    assert_true(hq_ok(ledger_guarantee(l, &g, &repeated, &why)));
}

static void reservations_of_many_threads(void **state)
{
    (void)state;
    ledger *l = ledger_open();
    worker workers[THREADS] = { 0 };
    hq_tre__guarantee g;
    int64_t covered = 0;
    int64_t refused = 0;
    guarantee(l, 50 * AMOUNT);
    for (int i = 0; i < THREADS; i++) {
        workers[i].l = l;
        workers[i].first = INT64_C(10000000001) + i * EACH;
    }
    run_all(workers);
    for (int i = 0; i < THREADS; i++) {
        covered += workers[i].covered;
        refused += workers[i].refused;
    }
    assert_true(covered + refused == THREADS * EACH);
    assert_true(refused > 0);
    assert_true(ledger_guarantee_of(l, TRADER, "G1", &g));
    assert_in_range(g.reserved_vnd, 0, g.limit_vnd);
    ledger_assert_balanced(l);
    ledger_close(l);
}

static void same_payments_of_many_threads(void **state)
{
    (void)state;
    ledger *l = ledger_open();
    worker workers[THREADS] = { 0 };
    hq_tre__guarantee g;
    int64_t posted = 0;
    int64_t repeated = 0;
    guarantee(l, EACH * AMOUNT);
    for (int i = 0; i < EACH; i++) {
        registration r = { .l = l, .declaration = INT64_C(10000000001) + i };
        assert_true(hq_ok(hq_store_write(l->store, tx_register, &r)));
        assert_true(r.covered);
    }
    for (int i = 0; i < THREADS; i++) {
        workers[i] = (worker){ .l = l, .first = INT64_C(10000000001), .pay = true };
    }
    run_all(workers);
    for (int i = 0; i < THREADS; i++) {
        posted += workers[i].posted;
        repeated += workers[i].repeated;
    }
    assert_int_equal(posted, EACH);
    assert_int_equal(repeated, EACH * (THREADS - 1));
    assert_int_equal(l->settled_count, EACH);
    assert_true(ledger_guarantee_of(l, TRADER, "G1", &g));
    assert_int_equal(g.reserved_vnd, 0);
    assert_int_equal(ledger_credit(l, TRADER), 0);
    ledger_assert_balanced(l);
    ledger_close(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(reservations_of_many_threads),
                                        cmocka_unit_test(same_payments_of_many_threads) };
    return cmocka_run_group_tests_name("treasury threads", tests, NULL, NULL);
}
