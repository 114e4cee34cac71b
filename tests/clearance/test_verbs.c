/* SPDX-License-Identifier: Apache-2.0 */
#include "lives.h"
#include "overlay.h"

#include <stdatomic.h>

/* Decisions of heads: what a cancellation gives back from every status, and several who decide,
 * pay, hold and let pass at the same moment. */

/* ------------------------------------------------------------------ giving back */

typedef enum { UNPAID, HALF, PAID, GUARANTEED, MONEYS } money;

typedef struct {
    lives l;
    const char *plain, *covered;
} desk_of_heads;

static void begin(desk_of_heads *d)
{
    static const char body[] =
        "{\"bank\":\"EXB\",\"number\":\"BL1\",\"kind\":\"general\",\"tax_code\":\"9900000016\","
        "\"limit_vnd\":100000000000,\"valid_from\":\"2026-11-01\",\"valid_to\":\"2027-12-31\"}";
    const overlay_change change = { .pointer = HQ_SV("/payment"),
                                    .json = HQ_SV("{\"term\":\"B\",\"guarantee\":\"BL1\"}") };
    lives_begin(&d->l);
    hq_arena *arena = d->l.h.arena;
    assert_int_equal(
        house_call(&d->l.h, arena, d->l.bank, HQ_POST, "/api/v1/guarantees", body, NULL).http, 201);
    d->plain = d->l.document;
    d->covered = hq_arena_cstr(arena, overlay_apply(hq_sv_from_cstr(d->plain), &change, 1, arena));
}

static int post(desk_of_heads *d, const hq_caller *who, const char *number, const char *verb,
                const char *body)
{
    hq_arena *arena = hq_arena_new((size_t)64 << 20);
    int http = lives_post(&d->l, arena, who, number, verb, body).http;
    hq_arena_free(arena);
    return http;
}

static void pay(desk_of_heads *d, const char *number, money how)
{
    hq_arena *arena = hq_arena_new((size_t)64 << 20);
    if (how == HALF || how == PAID) {
        assert_int_equal(lives_pay(&d->l, arena, number, how == HALF ? 50 : 100).http, 201);
    }
    hq_arena_free(arena);
}

/* Brings a declaration to the status, with the tax as asked; false: there is no such way. */
static bool lead(desk_of_heads *d, char *number, hq_declaration_status to, money how)
{
    bool stopped = to == HQ_DECLARATION_DOCUMENT_CHECK || to == HQ_DECLARATION_GOODS_CHECK ||
                   to == HQ_DECLARATION_RELEASED || to == HQ_DECLARATION_STORED;
    lives_rule(&d->l, to == HQ_DECLARATION_GOODS_CHECK ? "RED" : stopped ? "YELLOW" : "GREEN");
    d->l.document = how == GUARANTEED ? d->covered : d->plain;
    lives_file(&d->l, to == HQ_DECLARATION_PREREGISTERED ? "preregister" : "register", number);
    if (to == HQ_DECLARATION_PREREGISTERED) {
        return how == UNPAID;
    }
    pay(d, number, how);
    if (to == HQ_DECLARATION_GOODS_CHECK) {
        assert_int_equal(
            post(d, d->l.officer, number, "document-check", "{\"result\":\"satisfactory\"}"), 200);
    } else if (to == HQ_DECLARATION_RELEASED) {
        post(d, d->l.head, number, "release", "{\"ground\":\"VALUE\"}");
    } else if (to == HQ_DECLARATION_STORED) {
        post(d, d->l.head, number, "storage", "{\"ground\":\"QUALITY\"}");
    }
    return lives_status(&d->l, number) == to;
}

static int64_t sum(desk_of_heads *d, const char *what, const char *table)
{
    char sql[256];
    snprintf(sql, sizeof sql, "SELECT coalesce(sum(%s), 0) FROM %s", what, table);
    return house_ask(&d->l.h, sql);
}

static hq_status balanced(hq_tx *tx, void *user)
{
    hq_sv difference = HQ_SV("");
    bool good = false;
    hq_status s = hq_treasury_balanced(&good, &difference, tx, user);
    if (hq_ok(s) && !good) {
        fail_msg("treasury: %.*s", HQ_SV_FMT(difference));
    }
    return s;
}

static void cancel_and_look(desk_of_heads *d, const char *number, bool own)
{
    int64_t paid = sum(d, "amount_vnd", "treasury_payments");
    assert_int_equal(post(d, own ? d->l.trader : d->l.head, number, "cancellation",
                          "{\"ground\":\"OTHER\",\"reason\":\"x\"}"),
                     200);
    assert_int_equal(lives_status(&d->l, number), HQ_DECLARATION_CANCELLED);
    assert_int_equal(sum(d, "owed_vnd - cancelled_vnd", "treasury_debts"), 0);
    assert_int_equal(sum(d, "paid_vnd", "treasury_debts"), 0);
    assert_int_equal(sum(d, "reserved_vnd", "treasury_guarantees"), 0);
    assert_int_equal(sum(d, "held_vnd", "treasury_reservations"), 0);
    assert_int_equal(sum(d, "balance_vnd", "treasury_credits"), paid);
    HOUSE_MUST(hq_store_read(d->l.h.store, balanced, d->l.h.arena));
}

static void test_cancellation_gives_back_from_every_status(void **state)
{
    static const hq_declaration_status from[] = {
        HQ_DECLARATION_PREREGISTERED, HQ_DECLARATION_DOCUMENT_CHECK, HQ_DECLARATION_GOODS_CHECK,
        HQ_DECLARATION_AWAITING_TAX,  HQ_DECLARATION_RELEASED,       HQ_DECLARATION_STORED,
        HQ_DECLARATION_CLEARED,
    };
    (void)state;
    desk_of_heads d;
    int led = 0;
    begin(&d);
    for (size_t s = 0; s < sizeof from / sizeof from[0]; s++) {
        for (int how = UNPAID; how < MONEYS; how++) {
            char number[13];
            if (lead(&d, number, from[s], (money)how)) {
                cancel_and_look(&d, number, from[s] == HQ_DECLARATION_PREREGISTERED);
                led++;
            } else {
                /* Whatever else it became is cancelled too, so that the sums begin at nothing. */
                cancel_and_look(&d, number,
                                lives_status(&d.l, number) == HQ_DECLARATION_PREREGISTERED);
            }
        }
    }
    assert_int_equal(led, 1 + 4 + 4 + 2 + 2 + 4 + 2);
    lives_end(&d.l);
}

/* ------------------------------------------------------------------ at the same moment */

#define CROWD 6

typedef struct crowd crowd;
typedef int (*deed)(crowd *c, int who);
struct crowd {
    desk_of_heads *d;
    const char *number;
    deed deed;
    _Atomic int next, ready, done_200;
};

static void one_of_them(void *user)
{
    crowd *c = user;
    int who = atomic_fetch_add(&c->next, 1);
    atomic_fetch_add(&c->ready, 1);
    while (atomic_load(&c->ready) < CROWD) {
    }
    atomic_fetch_add(&c->done_200, c->deed(c, who) == 200);
}

static int all_at_once(crowd *c)
{
    hq_thread threads[CROWD];
    for (int i = 0; i < CROWD; i++) {
        HOUSE_MUST(hq_thread_start(&threads[i], "crowd", one_of_them, c));
    }
    for (int i = 0; i < CROWD; i++) {
        hq_thread_join(&threads[i]);
    }
    return c->done_200;
}

static int cancel_or_pay(crowd *c, int who)
{
    hq_arena *arena = hq_arena_new((size_t)64 << 20);
    int http = 0;
    if (who == 0) {
        assert_int_equal(lives_pay(&c->d->l, arena, c->number, 100).http, 201);
    } else if (who < 4) {
        http = lives_post(&c->d->l, arena, c->d->l.head, c->number, "cancellation",
                          "{\"ground\":\"DUPLICATE\"}")
                   .http;
        assert_true(http == 200 || http == 409);
    }
    hq_arena_free(arena);
    return http;
}

/* Either the money came first and goes back, or it found nothing to pay: it is all there. */
static void test_a_payment_arrives_while_it_is_cancelled(void **state)
{
    (void)state;
    desk_of_heads d;
    begin(&d);
    for (int round = 0; round < 20; round++) {
        char number[13];
        lives_file(&d.l, "register", number);
        crowd c = { .d = &d, .number = number, .deed = cancel_or_pay };
        assert_int_equal(all_at_once(&c), 1);
        assert_int_equal(lives_status(&d.l, number), HQ_DECLARATION_CANCELLED);
        assert_int_equal(sum(&d, "balance_vnd", "treasury_credits"),
                         sum(&d, "amount_vnd", "treasury_payments"));
        assert_int_equal(sum(&d, "paid_vnd", "treasury_debts"), 0);
    }
    HOUSE_MUST(hq_store_read(d.l.h.store, balanced, d.l.h.arena));
    assert_int_equal(
        house_ask(&d.l.h,
                  "SELECT count(*) FROM journal_event WHERE kind = 'declaration.cancelled'"),
        20);
    lives_end(&d.l);
}

static int hold_or_pay(crowd *c, int who)
{
    hq_arena *arena = hq_arena_new((size_t)64 << 20);
    int http = 0;
    if (who == 0) {
        assert_int_equal(lives_pay(&c->d->l, arena, c->number, 100).http, 201);
    } else if (who == 1) {
        http = lives_post(&c->d->l, arena, c->d->l.head, c->number, "holds",
                          "{\"order\":\"HOLD\",\"ground\":\"x\"}")
                   .http;
    } else if (who == 2) {
        lives_post(&c->d->l, arena, c->d->l.officer, c->number, "passage", "{\"vehicle\":\"x\"}");
    }
    hq_arena_free(arena);
    return http;
}

/* Held before the money: it waits. After it: cleared, and nothing passes any more. */
static void test_a_payment_arrives_while_it_is_held(void **state)
{
    (void)state;
    desk_of_heads d;
    begin(&d);
    for (int round = 0; round < 20; round++) {
        char number[13];
        lives_file(&d.l, "register", number);
        crowd c = { .d = &d, .number = number, .deed = hold_or_pay };
        int held = all_at_once(&c);
        hq_declaration_status status = lives_status(&d.l, number);
        if (status == HQ_DECLARATION_PASSED) {
            continue; /* all of it before the hold, which then came too late */
        }
        assert_int_equal(held, 1);
        assert_true(status == HQ_DECLARATION_AWAITING_TAX || status == HQ_DECLARATION_CLEARED);
        assert_int_equal(post(&d, d.l.officer, number, "passage", "{\"vehicle\":\"x\"}"), 409);
    }
    lives_end(&d.l);
}

static int pass_some(crowd *c, int who)
{
    (void)who;
    return post(c->d, c->d->l.officer, c->number, "passage",
                "{\"vehicle\":\"x\",\"packages\":30,\"partial\":true}");
}

/* 120 packages in parts of 30: four parts, whoever is faster. */
static void test_never_more_passes_than_was_declared(void **state)
{
    (void)state;
    desk_of_heads d;
    begin(&d);
    for (int round = 0; round < 10; round++) {
        char number[13];
        lives_file(&d.l, "register", number);
        pay(&d, number, PAID);
        crowd c = { .d = &d, .number = number, .deed = pass_some };
        assert_int_equal(all_at_once(&c), 4);
        assert_int_equal(lives_status(&d.l, number), HQ_DECLARATION_PASSED);
    }
    lives_end(&d.l);
}

static int decide_or_refuse(crowd *c, int who)
{
    hq_arena *arena = hq_arena_new((size_t)64 << 20);
    house_answer list =
        house_call(&c->d->l.h, arena, c->d->l.head, HQ_GET, "/api/v1/proposals", NULL, NULL);
    hq_sv id = house_at(&list, "/items/0/id");
    int http = 0;
    if (who % 2 == 0 && id.len > 0) {
        char verb[96];
        snprintf(verb, sizeof verb, "proposals/%.*s/refusal", HQ_SV_FMT(id));
        http =
            lives_post(&c->d->l, arena, c->d->l.head, c->number, verb, "{\"reason\":\"x\"}").http;
    } else if (who == 1) {
        http = lives_post(&c->d->l, arena, c->d->l.head, c->number, "channel",
                          "{\"to\":\"RED\",\"reason\":\"x\"}")
                   .http;
        assert_int_equal(http, 200); /* a head may without a proposal too */
        http = 0;
    }
    hq_arena_free(arena);
    return http;
}

/* A proposal ends once: accepted or refused. */
static void test_a_proposal_ends_once(void **state)
{
    (void)state;
    desk_of_heads d;
    begin(&d);
    for (int round = 0; round < 10; round++) {
        char number[13];
        lives_file(&d.l, "register", number);
        assert_int_equal(
            post(&d, d.l.officer, number, "channel", "{\"to\":\"RED\",\"reason\":\"x\"}"), 202);
        crowd c = { .d = &d, .number = number, .deed = decide_or_refuse };
        assert_true(all_at_once(&c) <= 1);
        assert_int_equal(lives_status(&d.l, number), HQ_DECLARATION_DOCUMENT_CHECK);
    }
    assert_int_equal(
        house_ask(&d.l.h, "SELECT count(*) FROM declaration_proposal WHERE state = 'OPEN'"), 0);
    assert_int_equal(house_ask(&d.l.h, "SELECT count(*) FROM declaration_proposal"), 10);
    lives_end(&d.l);
}

/* The same key again: the same answer, also of what only waits, and nothing is held twice. */
static void test_a_hold_asked_for_again(void **state)
{
    static const char body[] = "{\"order\":\"HOLD\",\"ground\":\"x\"}";
    (void)state;
    desk_of_heads d;
    char number[13];
    char path[64];
    begin(&d);
    hq_arena *arena = d.l.h.arena;
    lives_file(&d.l, "register", number);
    snprintf(path, sizeof path, "/api/v1/declarations/%s/holds", number);
    for (int i = 0; i < 3; i++) {
        house_answer waits = house_call(&d.l.h, arena, d.l.officer, HQ_POST, path, body, "wait");
        assert_int_equal(waits.http, 202);
        assert_int_equal(house_at(&waits, "/approval").len, 36);
    }
    for (int i = 0; i < 3; i++) {
        house_answer held = house_call(&d.l.h, arena, d.l.head, HQ_POST, path, body, "held");
        assert_int_equal(held.http, 200);
        assert_null(house_at(&held, "/holds/1/id").ptr);
    }
    lives_end(&d.l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cancellation_gives_back_from_every_status),
        cmocka_unit_test(test_a_payment_arrives_while_it_is_cancelled),
        cmocka_unit_test(test_a_payment_arrives_while_it_is_held),
        cmocka_unit_test(test_never_more_passes_than_was_declared),
        cmocka_unit_test(test_a_proposal_ends_once),
        cmocka_unit_test(test_a_hold_asked_for_again),
    };
    return cmocka_run_group_tests_name("verbs", tests, NULL, NULL);
}
