/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger.h"

#include <stdio.h>

/* Seeded random sequences of everything the ledger can do; after each step it must come out, no
 * guarantee is over-drawn, and what the ledger says is owed, credited and held equals a plain model
 * kept beside it. */

#define DECLARATIONS 12
#define PAYERS       3
#define GUARANTEES   3
#define STEPS        250
#define FIRST        INT64_C(10000000001)

static const char *const payers[PAYERS] = { "9900000016", "9900000023", "9900000030" };
static const char *const numbers[GUARANTEES] = { "G0", "G1", "G2" };
static const int64_t limits[GUARANTEES] = { 1000, 5000, 20000 };

typedef struct {
    ledger *l;
    uint64_t seed;
    int64_t paid_in; /* all money of all payments */
    int64_t references;
    char last[256]; /* what was done, for the message */
} world;

static uint32_t below(world *w, uint32_t bound)
{
    w->seed ^= w->seed << 13;
    w->seed ^= w->seed >> 7;
    w->seed ^= w->seed << 17;
    return (uint32_t)((w->seed >> 11) % bound);
}

static int64_t any_declaration(world *w)
{
    return FIRST + below(w, DECLARATIONS);
}

static const char *trader_of(int64_t declaration)
{
    return payers[(declaration - FIRST) % PAYERS];
}

static void step_open(world *w)
{
    int64_t taxes[HQ_TAX_COUNT] = { 0 };
    int64_t owed;
    int64_t declaration = any_declaration(w);
    hq_tre__debt debt;
    bool known = ledger_debt_of(w->l, declaration, &debt);
    hq_tre__sums sums = known ? hq_tre__debt_sums(&debt) : (hq_tre__sums){ 0 };
    if (sums.owed_vnd != sums.cancelled_vnd) {
        return; /* clearance opens again only after taking back */
    }
    taxes[HQ_TAX_IMPORT] = below(w, 3000);
    taxes[HQ_TAX_VAT] = below(w, 1000);
    hq_debts_new debts = { .declaration = declaration,
                           .office = HQ_SV("15BB"),
                           .tax_code = hq_sv_from_cstr(trader_of(declaration)),
                           .tax_vnd = taxes,
                           .term = "ABCD"[below(w, 4)],
                           .actor = HQ_SV("key/test") };
    snprintf(w->last, sizeof w->last, "open %lld", (long long)declaration);
    assert_true(hq_ok(ledger_debts_open(w->l, &debts, &owed)));
    assert_true(owed == ledger_left(w->l, declaration));
}

static void step_pay(world *w)
{
    hq_payment_line lines[4];
    char text[4][16];
    char reference[32];
    bool repeated;
    hq_sv answer;
    hq_why why;
    hq_payment payment = { .bank = HQ_SV("VCB"),
                           .lines = lines,
                           .line_count = 1 + below(w, 4),
                           .payer_tax_code = hq_sv_from_cstr(payers[below(w, PAYERS)]),
                           .debited_at = hq_now(hq_test_clock_face(w->l->clock)),
                           .actor = HQ_SV("key/bank") };
    int64_t sum = 0;
    for (size_t i = 0; i < payment.line_count; i++) {
        /* one in DECLARATIONS + 1 is unknown to the ledger */
        int64_t declaration = FIRST + below(w, DECLARATIONS + 1);
        snprintf(text[i], sizeof text[i], "%lld0", (long long)declaration);
        lines[i] = (hq_payment_line){ .declaration = hq_sv_from_cstr(text[i]),
                                      .tax = below(w, 2) == 0 ? HQ_TAX_IMPORT : HQ_TAX_VAT,
                                      .kind = below(w, 4) == 0 ? HQ_DEBT_INTEREST : HQ_DEBT_TAX,
                                      .amount_vnd = 1 + below(w, 1500) };
        sum += lines[i].amount_vnd;
    }
    snprintf(reference, sizeof reference, "R%lld", (long long)w->references++);
    payment.reference = hq_sv_from_cstr(reference);
    snprintf(w->last, sizeof w->last, "pay %s %lld", reference, (long long)sum);
    assert_true(hq_ok(ledger_pay(w->l, &payment, &repeated, &answer, &why)));
    assert_false(repeated);
    w->paid_in += sum;
    if (below(w, 3) == 0) {
        hq_sv again;
        assert_true(hq_ok(ledger_pay(w->l, &payment, &repeated, &again, &why)));
        assert_true(repeated && hq_sv_eq(answer, again));
    }
}

static void step_cover(world *w)
{
    int64_t declaration = any_declaration(w);
    const char *rule;
    size_t g = below(w, GUARANTEES);
    hq_cover_ask ask = { .term = 'B',
                         .guarantee = hq_sv_from_cstr(numbers[g]),
                         .declaration = declaration,
                         .amount_vnd = ledger_left(w->l, declaration),
                         .tax_code = hq_sv_from_cstr(trader_of(declaration)),
                         .day = hq_day_of(hq_now(hq_test_clock_face(w->l->clock))),
                         .actor = HQ_SV("key/test") };
    hq_tre__guarantee before;
    hq_tre__debt debt;
    bool exists = ledger_guarantee_of(w->l, trader_of(declaration), numbers[g], &before);
    snprintf(w->last, sizeof w->last, "cover %lld by %s", (long long)declaration, numbers[g]);
    hq_status s = ledger_cover(w->l, &ask, &rule);
    if (ask.amount_vnd == 0) {
        assert_true(hq_ok(s));
        return;
    }
    assert_true(ledger_debt_of(w->l, declaration, &debt));
    assert_true(hq_ok(s) || s.code == HQ_E_INVALID);
    if (!exists) {
        assert_string_equal(rule, "E7021");
    } else if (before.limit_vnd - before.reserved_vnd >= ask.amount_vnd) {
        assert_true(hq_ok(s)); /* there was room, so it is covered */
    }
}

/* What is owed, paid and struck off comes out at the new assessment, tax by tax. */
static void step_amend(world *w)
{
    int64_t taxes[HQ_TAX_COUNT] = { 0 };
    int64_t declaration = any_declaration(w);
    hq_debts_amended amended;
    hq_tre__debt debt;
    hq_day today = hq_day_of(hq_now(hq_test_clock_face(w->l->clock)));
    if (!ledger_debt_of(w->l, declaration, &debt)) {
        return;
    }
    taxes[HQ_TAX_IMPORT] = below(w, 3000);
    taxes[HQ_TAX_VAT] = below(w, 1000);
    bool gone = below(w, 2) == 0;
    hq_debts_amendment ask = { .declaration = declaration,
                               .office = HQ_SV("15BB"),
                               .tax_code = hq_sv_from_cstr(trader_of(declaration)),
                               .tax_vnd = taxes,
                               .term = gone || below(w, 4) > 0 ? debt.term : "ABCD"[below(w, 4)],
                               .registered_at = debt.opened_at,
                               .gone = gone ? today - (hq_day)below(w, 20) : 0,
                               .actor = HQ_SV("key/test") };
    snprintf(w->last, sizeof w->last, "amend %lld", (long long)declaration);
    assert_true(hq_ok(ledger_amend(w->l, &ask, &amended)));
    assert_true(amended.left_vnd == ledger_left(w->l, declaration));
    assert_true(ledger_debt_of(w->l, declaration, &debt));
    int64_t sums[HQ_TAX_COUNT] = { 0 };
    for (size_t i = 0; i < debt.entry_count; i++) {
        const hq_tre__entry *e = &debt.entries[i];
        assert_true(hq_tre__entry_left(e) >= 0);
        if (e->kind == HQ_DEBT_TAX) {
            sums[e->tax] += hq_tre__entry_left(e) + e->paid_vnd;
        }
    }
    for (int tax = 0; tax < HQ_TAX_COUNT; tax++) {
        assert_true(sums[tax] == taxes[tax]);
    }
}

static void step_other(world *w)
{
    int64_t declaration = any_declaration(w);
    switch (below(w, 4)) {
    case 0:
        snprintf(w->last, sizeof w->last, "cancel %lld", (long long)declaration);
        assert_true(hq_ok(ledger_cancel(w->l, declaration)));
        assert_true(ledger_left(w->l, declaration) == 0);
        break;
    case 1:
        snprintf(w->last, sizeof w->last, "restore %lld", (long long)declaration);
        assert_true(hq_ok(ledger_restore(w->l, declaration)));
        break;
    case 2:
        snprintf(w->last, sizeof w->last, "cleared %lld", (long long)declaration);
        assert_true(hq_ok(
            ledger_cleared(w->l, declaration, hq_day_of(hq_now(hq_test_clock_face(w->l->clock))))));
        break;
    default:
        snprintf(w->last, sizeof w->last, "a day later");
        assert_true(hq_ok(hq_test_clock_advance(w->l->clock, HQ_US_PER_DAY)));
        break;
    }
}

static void check(world *w)
{
    int64_t money = 0;
    ledger_assert_balanced(w->l);
    for (size_t p = 0; p < PAYERS; p++) {
        money += ledger_credit(w->l, payers[p]);
        for (size_t g = 0; g < GUARANTEES; g++) {
            hq_tre__guarantee guarantee;
            if (ledger_guarantee_of(w->l, payers[p], numbers[g], &guarantee)) {
                assert_in_range(guarantee.reserved_vnd, 0, guarantee.limit_vnd);
            }
        }
    }
    for (int64_t d = FIRST; d < FIRST + DECLARATIONS; d++) {
        hq_tre__debt debt;
        if (ledger_debt_of(w->l, d, &debt)) {
            money += hq_tre__debt_sums(&debt).paid_vnd;
        }
    }
    if (money != w->paid_in) {
        fail_msg("after %s: %lld came in, %lld is on debts and credits", w->last,
                 (long long)w->paid_in, (long long)money);
    }
}

static void register_guarantees(world *w)
{
    for (size_t g = 0; g < GUARANTEES; g++) {
        hq_guarantee_new guarantee = { .bank = HQ_SV("VCB"),
                                       .number = hq_sv_from_cstr(numbers[g]),
                                       .general = true,
                                       .tax_code = hq_sv_from_cstr(payers[g]),
                                       .limit_vnd = limits[g],
                                       .valid_from = 0,
                                       .valid_to = day_of("2099-12-31"),
                                       .actor = HQ_SV("key/bank") };
        bool repeated;
        hq_why why;
        assert_true(hq_ok(ledger_guarantee(w->l, &guarantee, &repeated, &why)));
    }
    /* the second trader may use all, so that refusals and room both occur */
    for (size_t g = 0; g < GUARANTEES; g++) {
        char number[8];
        snprintf(number, sizeof number, "G%zu", g);
        hq_guarantee_new guarantee = { .bank = HQ_SV("BIDV"),
                                       .number = hq_sv_from_cstr(number),
                                       .general = true,
                                       .tax_code = hq_sv_from_cstr(payers[1]),
                                       .limit_vnd = limits[g],
                                       .valid_to = day_of("2099-12-31"),
                                       .actor = HQ_SV("key/bank") };
        bool repeated;
        hq_why why;
        hq_status s = ledger_guarantee(w->l, &guarantee, &repeated, &why);
        assert_true(hq_ok(s) || s.code == HQ_E_CONFLICT);
    }
}

static void run_seed(uint64_t seed)
{
    world w = { .l = ledger_open(), .seed = seed };
    ledger_reference(w.l, "interest_rates",
                     "kind,percent_per_day,valid_from,valid_to\nTAX,0.5,2016-07-01,\n");
    register_guarantees(&w);
    for (int step = 0; step < STEPS; step++) {
        uint32_t choice = below(&w, 10);
        if (choice < 3) {
            step_open(&w);
        } else if (choice < 6) {
            step_pay(&w);
        } else if (choice < 8) {
            (below(&w, 2) == 0 ? step_cover : step_amend)(&w);
        } else {
            step_other(&w);
        }
        check(&w);
    }
    ledger_close(w.l);
}

static void random_sequences(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 6; seed++) {
        print_message("         seed %llu\n", (unsigned long long)seed);
        run_seed(seed * UINT64_C(0x9E3779B97F4A7C15));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(random_sequences) };
    return cmocka_run_group_tests_name("treasury random", tests, NULL, NULL);
}
