/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include <stdatomic.h>
#include <stdio.h>

#define SECONDS INT64_C(1000000)

/* A follower that writes each event's position into a table of its own: taking one twice would meet
 * the primary key, leaving one out shows in the count. */
static hq_sql seen_make =
    HQ_SQL_OF("CREATE TABLE IF NOT EXISTS seen (position BIGINT PRIMARY KEY, subject TEXT)");
static hq_sql seen_put = HQ_SQL_OF("INSERT INTO seen (position, subject) VALUES (?1, ?2)");
static hq_sql seen_clear = HQ_SQL_OF("DELETE FROM seen");

typedef struct {
    atomic_int calls, failures_left;
    atomic_llong last;
    hq_status failure;
} watcher;

static hq_status take_seen(hq_tx *tx, const hq_event_view *events, size_t count, void *user)
{
    watcher *w = user;
    atomic_fetch_add(&w->calls, 1);
    for (size_t i = 0; i < count; i++) {
        HQ_TRY(HQ_TX_RUN(tx, &seen_put, HQ_B_I64(events[i].position),
                         HQ_B_TEXT(events[i].event.subject)));
    }
    if (atomic_load(&w->failures_left) != 0) {
        atomic_fetch_sub(&w->failures_left, 1);
        return w->failure;
    }
    return HQ_DONE;
}

static hq_status forget_seen(hq_tx *tx, void *user)
{
    (void)user;
    return hq_tx_run(tx, &seen_clear, NULL, 0, NULL);
}

static hq_status make_table(hq_tx *tx, void *user)
{
    (void)user;
    return hq_tx_run(tx, &seen_make, NULL, 0, NULL);
}

static hq_follower follower(watcher *w)
{
    return (hq_follower){ .name = "seen", .take = take_seen, .forget = forget_seen, .user = w };
}

static void put_many(fixture *f, int from, int to)
{
    for (int i = from; i < to; i++) {
        char word[24];
        snprintf(word, sizeof word, "word %d", i);
        put_ok(f, i, word);
    }
}

static int64_t seen(fixture *f)
{
    return fixture_ask(f->path, "SELECT count(*) FROM seen");
}

static void each_event_once_also_after_a_restart(void **state)
{
    fixture *f = *state;
    watcher w = { 0 };
    hq_follower def = follower(&w);
    MUST(hq_store_write(f->store, make_table, NULL));
    put_many(f, 0, 50);
    MUST(hq_store_follow(f->store, &def));
    MUST_BE(hq_store_follow(f->store, &def), EXISTS);
    put_many(f, 50, 100);
    int64_t reached = 0;
    MUST(hq_store_await(f->store, "seen", 100, 300 * SECONDS, &reached));
    assert_int_equal(reached, 100);
    assert_int_equal(seen(f), 100);
    for (int round = 0; round < 5; round++) {
        fixture_close(f);
        fixture_open(f);
        MUST(hq_store_follow(f->store, &def));
        put_many(f, 100 + 10 * round, 110 + 10 * round);
    }
    MUST(hq_store_await(f->store, "seen", 150, 300 * SECONDS, NULL));
    assert_int_equal(seen(f), 150);
}

static void one_that_fails_for_a_while_comes_through(void **state)
{
    fixture *f = *state;
    watcher w = { .failures_left = 3, .failure = HQ_FAIL(CONFLICT) };
    hq_follower def = follower(&w);
    MUST(hq_store_write(f->store, make_table, NULL));
    put_many(f, 0, 5);
    MUST(hq_store_follow(f->store, &def));
    MUST(hq_store_await(f->store, "seen", 5, 300 * SECONDS, NULL));
    assert_int_equal(seen(f), 5);
}

static hq_status fail_or_not(hq_tx *tx, const hq_event_view *events, size_t count, void *user)
{
    (void)tx, (void)events, (void)count;
    watcher *w = user;
    return atomic_load(&w->failures_left) != 0 ? w->failure : HQ_DONE;
}

static void one_that_always_fails_is_parked_alone(void **state)
{
    fixture *f = *state;
    watcher bad = { .failures_left = -1, .failure = HQ_FAIL(CONFLICT) }, good = { 0 };
    hq_follower def = follower(&bad), other = follower(&good);
    hq_follower_state *states;
    size_t count;
    int64_t reached = -1;
    def = (hq_follower){ .name = "bad", .take = fail_or_not, .user = &bad };
    MUST(hq_store_write(f->store, make_table, NULL));
    MUST(hq_store_follow(f->store, &def));
    MUST(hq_store_follow(f->store, &other));
    put_many(f, 0, 5);
    MUST(hq_store_await(f->store, "seen", 5, 300 * SECONDS, NULL));
    MUST_BE(hq_store_await(f->store, "bad", 5, 300 * SECONDS, &reached), TIMEOUT);
    assert_int_equal(reached, 0);
    MUST(hq_store_followers(&states, &count, f->store, f->arena));
    assert_int_equal(count, 2);
    assert_string_equal(states[0].name, "bad");
    assert_true(states[0].parked);
    assert_true(hq_sv_starts(states[0].error, HQ_SV("CONFLICT: ")));
    assert_false(states[1].parked);
    assert_int_equal(states[1].position, 5);
    /* Mended, it is started over from zero. */
    atomic_store(&bad.failures_left, 0);
    MUST(hq_store_rebuild(f->store, "bad"));
    MUST(hq_store_await(f->store, "bad", 5, 300 * SECONDS, NULL));
}

static void a_rebuild_starts_from_zero(void **state)
{
    fixture *f = *state;
    watcher w = { 0 };
    hq_follower def = follower(&w);
    MUST(hq_store_write(f->store, make_table, NULL));
    put_many(f, 0, 30);
    MUST(hq_store_follow(f->store, &def));
    MUST(hq_store_await(f->store, "seen", 30, 300 * SECONDS, NULL));
    fixture_sql(f->path, "DELETE FROM seen WHERE position < 20");
    MUST(hq_store_rebuild(f->store, "seen"));
    MUST(hq_store_await(f->store, "seen", 30, 300 * SECONDS, NULL));
    assert_int_equal(seen(f), 30);
    MUST_BE(hq_store_rebuild(f->store, "nobody"), NOT_FOUND);
    MUST_BE(hq_store_await(f->store, "nobody", 1, 0, NULL), NOT_FOUND);
}

static hq_status take_memory(hq_tx *tx, const hq_event_view *events, size_t count, void *user)
{
    watcher *w = user;
    assert_null(tx);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(events[i].position, atomic_load(&w->last) + 1);
        atomic_store(&w->last, events[i].position);
    }
    atomic_fetch_add(&w->calls, 1);
    return HQ_DONE;
}

static void one_in_memory_starts_at_the_head(void **state)
{
    fixture *f = *state;
    watcher w = { 0 };
    put_many(f, 0, 10);
    atomic_store(&w.last, 10);
    MUST(hq_store_follow(
        f->store,
        &(hq_follower){ .name = "live", .take = take_memory, .user = &w, .in_memory = true }));
    put_many(f, 10, 40);
    MUST(hq_store_await(f->store, "live", 40, 300 * SECONDS, NULL));
    assert_int_equal(atomic_load(&w.last), 40);
}

static void one_that_gathers_takes_more_at_once(void **state)
{
    fixture *f = *state;
    watcher w = { 0 };
    hq_follower def = follower(&w);
    def.gather_us = 3600 * SECONDS;
    MUST(hq_store_write(f->store, make_table, NULL));
    MUST(hq_store_follow(f->store, &def));
    put_many(f, 0, 100);
    assert_int_equal(atomic_load(&w.calls), 0);
    /* Who waits for it ends the gathering. */
    MUST(hq_store_await(f->store, "seen", 100, 300 * SECONDS, NULL));
    assert_in_range(atomic_load(&w.calls), 1, 3);
    assert_int_equal(seen(f), 100);
}

static void long_histories_come_in_batches(void **state)
{
    fixture *f = *state;
    watcher w = { 0 };
    hq_follower def = follower(&w);
    def.batch = 7;
    MUST(hq_store_write(f->store, make_table, NULL));
    put_many(f, 0, 100);
    fixture_close(f); /* so that they come from the database, not from memory */
    fixture_open(f);
    MUST(hq_store_follow(f->store, &def));
    MUST(hq_store_await(f->store, "seen", 100, 300 * SECONDS, NULL));
    assert_int_equal(atomic_load(&w.calls), 15);
    assert_int_equal(seen(f), 100);
}

static void events_of_another_process_are_followed(void **state)
{
    fixture *f = *state;
    watcher w = { 0 };
    hq_follower def = follower(&w);
    MUST(hq_store_write(f->store, make_table, NULL));
    MUST(hq_store_follow(f->store, &def));
    fixture other = *f;
    fixture_open(&other);
    put_many(&other, 0, 3);
    fixture_close(&other);
    MUST(hq_store_await(f->store, "seen", 3, 300 * SECONDS, NULL));
    assert_int_equal(seen(f), 3);
}

static void one_follower_in_two_processes_takes_each_event_once(void **state)
{
    fixture *f = *state;
    watcher w = { 0 }, w2 = { 0 };
    hq_follower def = follower(&w), def2 = follower(&w2);
    hq_follower_state *states;
    size_t count;
    def.batch = def2.batch = 3;
    MUST(hq_store_write(f->store, make_table, NULL));
    fixture other = *f;
    fixture_open(&other);
    MUST(hq_store_follow(f->store, &def));
    MUST(hq_store_follow(other.store, &def2));
    for (int i = 0; i < 200; i += 10) {
        put_many(i % 20 == 0 ? f : &other, i, i + 10);
    }
    MUST(hq_store_await(f->store, "seen", 200, 300 * SECONDS, NULL));
    MUST(hq_store_await(other.store, "seen", 200, 300 * SECONDS, NULL));
    assert_int_equal(seen(f), 200);
    MUST(hq_store_followers(&states, &count, f->store, f->arena));
    assert_false(states[0].parked);
    MUST(hq_store_followers(&states, &count, other.store, f->arena));
    assert_false(states[0].parked);
    fixture_close(&other);
}

/* What stands in memory is not taken for what another process wrote in between. */
static void events_of_two_processes_are_read_in_order(void **state)
{
    fixture *f = *state;
    hq_event_view *views;
    size_t count, done = 0;
    fixture other = *f;
    fixture_open(&other);
    put_many(f, 0, 3);
    put_many(&other, 3, 6);
    put_many(f, 6, 8);
    while (done < 8) {
        MUST(hq_journal_read(&views, &count, f->store, (int64_t)done, 100, f->arena));
        assert_true(count > 0);
        for (size_t i = 0; i < count; i++, done++) {
            hq_sv want = hq_arena_printf(f->arena, "shelf/%zu", done);
            assert_true(hq_sv_eq(views[i].event.subject, want));
        }
    }
    fixture_close(&other);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_set_up, fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_event_once_also_after_a_restart),
        TEST(one_that_fails_for_a_while_comes_through),
        TEST(one_that_always_fails_is_parked_alone),
        TEST(a_rebuild_starts_from_zero),
        TEST(one_in_memory_starts_at_the_head),
        TEST(one_that_gathers_takes_more_at_once),
        TEST(long_histories_come_in_batches),
        TEST(events_of_another_process_are_followed),
        TEST(one_follower_in_two_processes_takes_each_event_once),
        TEST(events_of_two_processes_are_read_in_order),
    };
    return cmocka_run_group_tests_name("followers", tests, NULL, NULL);
}
