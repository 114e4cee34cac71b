/* SPDX-License-Identifier: Apache-2.0 */
#include "lives.h"

#include <stdatomic.h>

/* Several at once on one declaration: one wins, nothing is done twice, money and status agree. */

#define CROWD 6

typedef struct crowd crowd;
typedef int (*deed)(crowd *c, hq_arena *arena, int who);

struct crowd {
    lives *l;
    const char *number;
    deed deed;
    _Atomic int next, ready, done_200, done_other;
};

static void one_of_them(void *user)
{
    crowd *c = user;
    int who = atomic_fetch_add(&c->next, 1);
    hq_arena *arena = hq_arena_new((size_t)64 << 20);
    atomic_fetch_add(&c->ready, 1);
    while (atomic_load(&c->ready) < CROWD) {
    }
    int http = c->deed(c, arena, who);
    atomic_fetch_add(http == 200 ? &c->done_200 : &c->done_other, 1);
    hq_arena_free(arena);
}

static void all_at_once(crowd *c)
{
    hq_thread threads[CROWD];
    for (int i = 0; i < CROWD; i++) {
        HOUSE_MUST(hq_thread_start(&threads[i], "crowd", one_of_them, c));
    }
    for (int i = 0; i < CROWD; i++) {
        hq_thread_join(&threads[i]);
    }
}

/* ------------------------------------------------------------------ checks */

static int check_it(crowd *c, hq_arena *arena, int who)
{
    (void)who;
    return lives_post(c->l, arena, c->l->officer, c->number, "document-check",
                      "{\"result\":\"satisfactory\"}")
        .http;
}

static void test_two_checks_at_once(void **state)
{
    (void)state;
    lives l;
    lives_begin(&l);
    lives_rule(&l, "YELLOW");
    for (int round = 0; round < 10; round++) {
        char number[13];
        lives_file(&l, "register", number);
        crowd c = { .l = &l, .number = number, .deed = check_it };
        all_at_once(&c);
        assert_int_equal(c.done_200, 1);
        assert_int_equal(lives_status(&l, number), HQ_DECLARATION_AWAITING_TAX);
    }
    lives_end(&l);
}

/* ------------------------------------------------------------------ registration */

static int register_it(crowd *c, hq_arena *arena, int who)
{
    (void)who;
    return lives_post(c->l, arena, c->l->trader, c->number, "registration", "{}").http;
}

static void test_one_registration_of_many(void **state)
{
    (void)state;
    lives l;
    lives_begin(&l);
    for (int round = 0; round < 10; round++) {
        char number[13];
        lives_file(&l, "preregister", number);
        crowd c = { .l = &l, .number = number, .deed = register_it };
        all_at_once(&c);
        assert_int_equal(c.done_200, 1);
        assert_int_equal(lives_status(&l, number), HQ_DECLARATION_AWAITING_TAX);
    }
    lives_end(&l);
}

/* Half of the crowd registers, half replaces; who comes second finds another state or version. */
static int register_or_replace(crowd *c, hq_arena *arena, int who)
{
    char path[64];
    if (who % 2 == 0) {
        return register_it(c, arena, who);
    }
    snprintf(path, sizeof path, "/api/v1/declarations/%s", c->number);
    house_answer a = house_call(&c->l->h, arena, c->l->trader, HQ_PUT, path, c->l->document, NULL);
    assert_true(a.http == 200 || a.http == 409);
    return 0;
}

static void test_registration_and_replacement_at_once(void **state)
{
    (void)state;
    lives l;
    lives_begin(&l);
    for (int round = 0; round < 10; round++) {
        char number[13];
        lives_file(&l, "preregister", number);
        crowd c = { .l = &l, .number = number, .deed = register_or_replace };
        all_at_once(&c);
        assert_true(c.done_200 <= 1);
        hq_declaration_status status = lives_status(&l, number);
        assert_int_equal(status, c.done_200 == 1 ? HQ_DECLARATION_AWAITING_TAX
                                                 : HQ_DECLARATION_PREREGISTERED);
    }
    lives_end(&l);
}

/* ------------------------------------------------------------------ payment */

static int register_or_pay(crowd *c, hq_arena *arena, int who)
{
    if (who == 0) {
        return register_it(c, arena, who);
    }
    if (who == 1) {
        assert_int_equal(lives_pay(c->l, arena, c->number, 100).http, 201);
    }
    return 0;
}

static int64_t owed(lives *l, const char *number)
{
    hq_arena *arena = hq_arena_new((size_t)64 << 20);
    char path[96];
    int64_t left = 0;
    snprintf(path, sizeof path, "/api/v1/debts?declaration=%s", number);
    house_answer a = house_call(&l->h, arena, l->trader, HQ_GET, path, NULL, NULL);
    assert_int_equal(a.http, 200);
    const hq_json *items = hq_json_get(a.json, "items");
    assert_non_null(items);
    for (const hq_json *i = hq_json_first(items); i != NULL; i = hq_json_next(items, i)) {
        int64_t amount = 0;
        int64_t paid = 0;
        assert_true(hq_json_get_i64(&amount, i, "amount"));
        assert_true(hq_json_get_i64(&paid, i, "paid"));
        left += amount - paid;
    }
    hq_arena_free(arena);
    return left;
}

static void test_payment_and_registration_at_once(void **state)
{
    (void)state;
    lives l;
    lives_begin(&l);
    for (int round = 0; round < 20; round++) {
        char number[13];
        lives_file(&l, "preregister", number);
        crowd c = { .l = &l, .number = number, .deed = register_or_pay };
        all_at_once(&c);
        assert_int_equal(c.done_200, 1);
        hq_declaration_status status = lives_status(&l, number);
        assert_true(status == HQ_DECLARATION_AWAITING_TAX || status == HQ_DECLARATION_CLEARED);
        assert_int_equal(owed(&l, number) == 0, status == HQ_DECLARATION_CLEARED);
    }
    lives_end(&l);
}

static int pay_or_check(crowd *c, hq_arena *arena, int who)
{
    if (who == 0) {
        return check_it(c, arena, who);
    }
    if (who <= 4) {
        assert_int_equal(lives_pay(c->l, arena, c->number, 25).http, 201);
    }
    return 0;
}

/* Whatever comes last clears it, once. */
static void test_payment_and_check_at_once(void **state)
{
    (void)state;
    lives l;
    lives_begin(&l);
    lives_rule(&l, "YELLOW");
    for (int round = 0; round < 10; round++) {
        char number[13];
        hq_arena *arena = hq_arena_new((size_t)64 << 20);
        lives_file(&l, "register", number);
        crowd c = { .l = &l, .number = number, .deed = pay_or_check };
        all_at_once(&c);
        assert_int_equal(c.done_200, 1);
        lives_pay(&l, arena, number, 100); /* what quarters left over by rounding */
        assert_int_equal(lives_status(&l, number), HQ_DECLARATION_CLEARED);
        hq_arena_free(arena);
    }
    assert_int_equal(
        house_ask(&l.h, "SELECT count(*) FROM journal_event WHERE kind = 'declaration.cleared'"),
        10);
    lives_end(&l);
}

/* ------------------------------------------------------------------ what a head decides */

static int impose_it(crowd *c, hq_arena *arena, int who)
{
    (void)who;
    int http = lives_post(c->l, arena, c->l->head, c->number, "matters",
                          "{\"kind\":\"IMPOSED_TAX\",\"text\":\"x\",\"ground\":\"x\",\"amounts\":"
                          "[{\"line\":1,\"tax\":\"VAT\",\"amount\":1000}]}")
                   .http;
    assert_true(http == 200 || http == 409);
    return http;
}

static void test_tax_is_imposed_once(void **state)
{
    (void)state;
    lives l;
    lives_begin(&l);
    lives_rule(&l, "YELLOW");
    for (int round = 0; round < 10; round++) {
        char number[13];
        hq_arena *arena = hq_arena_new((size_t)64 << 20);
        lives_file(&l, "register", number);
        assert_int_equal(lives_post(&l, arena, l.officer, number, "document-check",
                                    "{\"result\":\"discrepancy\"}")
                             .http,
                         200);
        int64_t before = owed(&l, number);
        crowd c = { .l = &l, .number = number, .deed = impose_it };
        all_at_once(&c);
        assert_int_equal(c.done_200, 1);
        assert_int_equal(owed(&l, number), before + 1000);
        hq_arena_free(arena);
    }
    lives_end(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_checks_at_once),
        cmocka_unit_test(test_one_registration_of_many),
        cmocka_unit_test(test_registration_and_replacement_at_once),
        cmocka_unit_test(test_payment_and_registration_at_once),
        cmocka_unit_test(test_payment_and_check_at_once),
        cmocka_unit_test(test_tax_is_imposed_once),
    };
    return cmocka_run_group_tests_name("together", tests, NULL, NULL);
}
