/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>

#include "store/inside.h"

/* The table of keys in memory against a plain list, with prints that crowd around a few homes. */

enum { COUNT = 4000 };

static bool found(hq_store__keys *keys, uint32_t print, int64_t seq, int64_t newest)
{
    uint32_t at = 0;
    for (;;) {
        int64_t got = hq_store__keys_find(keys, print, &at, newest);
        if (got == seq || got == 0) {
            return got == seq;
        }
    }
}

static void what_was_put_is_found_until_it_is_dropped(void **state)
{
    (void)state;
    /* The numbers pass the end of 32 bits on the way. */
    const int64_t base = (INT64_C(7) << 32) - COUNT / 2;
    static uint32_t prints[COUNT];
    static bool there[COUNT];
    hq_store__keys *keys = hq_store__keys_new();
    assert_non_null(keys);
    for (int i = 0; i < COUNT; i++) {
        prints[i] = hq_random_below(300) * 16777259u;
        there[i] = (uint32_t)(base + i) != 0; /* the one number that is never given out */
        if (there[i]) {
            MUST(hq_store__keys_put(keys, prints[i], base + i));
        }
    }
    for (int round = 0; round < 20; round++) {
        for (int i = 0; i < COUNT / 25; i++) {
            int victim = (int)hq_random_below(COUNT);
            hq_store__keys_drop(keys, prints[victim], base + victim);
            there[victim] = false;
        }
        for (int i = 0; i < COUNT; i++) {
            assert_int_equal(found(keys, prints[i], base + i, base + COUNT - 1), there[i]);
        }
    }
    hq_store__keys_free(keys);
}

/* ------------------------------------------------------------------ purge */

typedef struct {
    int from, to;
} span;

static hq_idempotency key_of(char text[24], int i)
{
    int len = snprintf(text, 24, "key %d", i);
    return (hq_idempotency){ HQ_SV("an"), hq_sv_make(text, (size_t)len), { { 0 } } };
}

static hq_status remember(hq_tx *tx, void *user)
{
    const span *s = user;
    for (int i = s->from; i < s->to; i++) {
        char text[24];
        hq_idempotency key = key_of(text, i);
        HQ_TRY(hq_tx_remember(tx, &key, key.key));
    }
    return HQ_DONE;
}

static hq_status all_answer(hq_tx *tx, void *user)
{
    const span *s = user;
    for (int i = s->from; i < s->to; i++) {
        char text[24];
        hq_sv answer;
        hq_idempotency key = key_of(text, i);
        HQ_TRY(hq_tx_idempotent(&answer, tx, &key));
        assert_true(hq_sv_eq(answer, key.key));
    }
    return HQ_DONE;
}

static hq_status purge(hq_tx *tx, void *user)
{
    return hq_store__keys_purge(tx, user);
}

static void old_keys_go_and_younger_ones_stay(void **state)
{
    fixture *f = *state;
    span old = { 0, 1200 }, young = { 1200, 2000 };
    bool more = true;
    int rounds = 0;
    MUST(hq_store_write(f->store, remember, &old));
    MUST(hq_test_clock_advance(f->clock, 2 * HQ_US_PER_DAY));
    MUST(hq_store_write(f->store, remember, &young));
    MUST(hq_test_clock_advance(f->clock, 2 * HQ_US_PER_DAY));
    for (; more; rounds++) {
        MUST(hq_store_write(f->store, purge, &more));
    }
    assert_int_equal(rounds, 3);
    MUST(hq_store_read(f->store, all_answer, &young));
    MUST_BE(hq_store_read(f->store, all_answer, &old), NOT_FOUND);
    assert_int_equal(fixture_ask(f->path, "SELECT count(*) FROM store_idempotency"), 800);
    fixture_close(f);
    fixture_open(f);
    MUST(hq_store_read(f->store, all_answer, &young));
    /* An old key is new again. */
    old.from = 1100;
    MUST(hq_store_write(f->store, remember, &old));
    MUST(hq_store_read(f->store, all_answer, &old));
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_set_up, fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_was_put_is_found_until_it_is_dropped),
        TEST(old_keys_go_and_younger_ones_stay),
    };
    return cmocka_run_group_tests_name("keys", tests, NULL, NULL);
}
