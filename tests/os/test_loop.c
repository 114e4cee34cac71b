/* SPDX-License-Identifier: Apache-2.0 */
#include "../chance.h"
#include "../check.h"

#include <semaphore.h>
#include <sys/socket.h>
#include <unistd.h>

#include "os/os.h"

typedef struct {
    hq_loop *loop;
    hq_test_clock *clock;
    hq_thread thread;
    hq_timer timer, other;
    char told[64];
    int count;
} room;

static void run(void *user)
{
    HQ_IGNORE(hq_loop_run(((room *)user)->loop)); /* seen by what does not happen */
}

static void start(room *r, hq_time_us at)
{
    *r = (room){ .clock = hq_test_clock_new(at) };
    check_status(hq_loop_new(&r->loop, hq_test_clock_face(r->clock)), OK);
}

static void let_go(void *user)
{
    sem_post(user);
}

/* Returns when the loop runs: before, moving the clock would wait for nothing. */
static void go(room *r)
{
    sem_t running;
    sem_init(&running, 0, 0);
    check_status(hq_loop_post(r->loop, let_go, &running), OK);
    check_status(hq_thread_start(&r->thread, "loop", run, r), OK);
    sem_wait(&running);
    sem_destroy(&running);
}

static void end(room *r)
{
    hq_loop_stop(r->loop);
    hq_thread_join(&r->thread);
    hq_loop_free(r->loop);
    hq_test_clock_free(r->clock);
}

static void tell(room *r, const char *what)
{
    strncat(r->told, what, sizeof r->told - strlen(r->told) - 1);
}
static void tell_a(void *user)
{
    tell(user, "a");
}
static void tell_b(void *user)
{
    tell(user, "b");
}

static void test_moving_the_clock_returns_when_due_timers_have_run(void **state)
{
    (void)state;
    room r;
    start(&r, 1000);
    r.timer = (hq_timer){ .fn = tell_a, .user = &r };
    r.other = (hq_timer){ .fn = tell_b, .user = &r };
    check_status(hq_loop_arm(r.loop, &r.timer, 1010), OK);
    check_status(hq_loop_arm(r.loop, &r.other, 1005), OK);
    go(&r);
    check_status(hq_test_clock_advance(r.clock, 4), OK);
    assert_string_equal(r.told, "");
    check_status(hq_test_clock_advance(r.clock, 1), OK);
    assert_string_equal(r.told, "b");
    check_status(hq_test_clock_advance(r.clock, 100), OK);
    assert_string_equal(r.told, "ba");
    end(&r);
}

static void every_ten(void *user)
{
    room *r = user;
    r->count++;
    HQ_IGNORE(hq_loop_arm(r->loop, &r->timer, r->timer.due + 10)); /* seen in the count */
}

static void test_a_timer_that_arms_itself_runs_each_of_its_turns(void **state)
{
    (void)state;
    room r;
    start(&r, 0);
    r.timer = (hq_timer){ .fn = every_ten, .user = &r };
    check_status(hq_loop_arm(r.loop, &r.timer, 10), OK);
    go(&r);
    check_status(hq_test_clock_advance(r.clock, 105), OK);
    assert_int_equal(r.count, 10);
    end(&r);
}

static void arm_now(void *user)
{
    room *r = user;
    HQ_IGNORE(hq_loop_arm(r->loop, &r->timer, 500)); /* seen by what does not happen */
}

static void stop(void *user)
{
    room *r = user;
    tell(r, "s");
    hq_loop_stop(r->loop);
}

/* A closure runs after the timers of its pass: what it arms for the present must not wait until
 * something else wakes the loop. */
static void test_a_timer_armed_in_the_past_by_a_closure_runs_at_once(void **state)
{
    (void)state;
    room r;
    start(&r, 1000);
    r.timer = (hq_timer){ .fn = stop, .user = &r };
    go(&r);
    check_status(hq_loop_post(r.loop, arm_now, &r), OK);
    hq_thread_join(&r.thread); /* would wait for ever */
    assert_string_equal(r.told, "s");
    end(&r);
}

static void test_closures_run_in_order_and_before_the_end(void **state)
{
    (void)state;
    room r;
    start(&r, 0);
    for (int i = 0; i < 5; i++) {
        check_status(hq_loop_post(r.loop, i % 2 == 0 ? tell_a : tell_b, &r), OK);
    }
    hq_loop_stop(r.loop);
    check_status(hq_thread_start(&r.thread, "loop", run, &r), OK);
    hq_thread_join(&r.thread);
    assert_string_equal(r.told, "ababa");
    end(&r);
}

static void count_up(void *user)
{
    ((room *)user)->count++;
}

static void post_many(void *user)
{
    room *r = user;
    for (int i = 0; i < 1000; i++) {
        HQ_IGNORE(hq_loop_post(r->loop, count_up, r)); /* seen in the count */
    }
}

static void test_many_threads_post_and_nothing_is_lost(void **state)
{
    (void)state;
    room r;
    start(&r, 0);
    go(&r);
    hq_thread threads[4];
    for (size_t i = 0; i < 4; i++) {
        check_status(hq_thread_start(&threads[i], "poster", post_many, &r), OK);
    }
    for (size_t i = 0; i < 4; i++) {
        hq_thread_join(&threads[i]);
    }
    hq_loop_stop(r.loop);
    hq_thread_join(&r.thread);
    assert_int_equal(r.count, 4000);
    end(&r);
}

static void test_no_more_than_65536_closures_wait(void **state)
{
    (void)state;
    room r;
    start(&r, 0);
    for (int i = 0; i < 65536; i++) {
        check_status(hq_loop_post(r.loop, count_up, &r), OK);
    }
    check_status(hq_loop_post(r.loop, count_up, &r), LIMIT);
    hq_loop_stop(r.loop);
    check_status(hq_thread_start(&r.thread, "loop", run, &r), OK);
    hq_thread_join(&r.thread);
    assert_int_equal(r.count, 65536);
    end(&r);
}

typedef struct {
    room *r;
    hq_watch watch;
    int seen;
} end_of_pair;

static void ready(void *user, int bits)
{
    end_of_pair *e = user;
    char c;
    e->seen |= bits;
    if ((bits & HQ_LOOP_READ) != 0 && read(e->watch.fd, &c, 1) == 1) {
        tell(e->r, (char[]){ c, '\0' });
    }
    if ((bits & HQ_LOOP_CLOSED) != 0) {
        hq_loop_unwatch(e->r->loop, &e->watch);
        hq_loop_stop(e->r->loop);
    }
}

static void test_a_descriptor_is_read_and_its_end_seen(void **state)
{
    (void)state;
    room r;
    int ends[2];
    start(&r, 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    end_of_pair e = { .r = &r, .watch = { .fn = ready, .user = &e, .fd = ends[0] } };
    check_status(hq_loop_watch(r.loop, &e.watch, HQ_LOOP_READ), OK);
    go(&r);
    assert_int_equal(write(ends[1], "xyz", 3), 3);
    close(ends[1]);
    hq_thread_join(&r.thread);
    assert_int_equal(e.seen, HQ_LOOP_READ | HQ_LOOP_CLOSED);
    assert_int_equal(r.told[0], 'x');
    close(ends[0]);
    end(&r);
}

/* On the machine's clock: the timer wakes the loop by itself. */
static void test_the_machines_clock_wakes_it(void **state)
{
    (void)state;
    room r = { 0 };
    check_status(hq_loop_new(&r.loop, hq_os_clock()), OK);
    r.timer = (hq_timer){ .fn = stop, .user = &r };
    check_status(hq_loop_arm(r.loop, &r.timer, hq_now(hq_os_clock()) + 1000), OK);
    check_status(hq_loop_run(r.loop), OK);
    assert_string_equal(r.told, "s");
    hq_loop_free(r.loop);
    hq_loop_free(NULL);
}

enum { MANY = 200 };
typedef struct {
    hq_timer timer;
    int *order, *count;
} numbered;

static void take_number(void *user)
{
    numbered *n = user;
    n->order[(*n->count)++] = (int)n->timer.due;
}

static void test_random_timers_run_in_the_order_of_their_instants(void **state)
{
    (void)state;
    chance c = { 8 };
    for (int round = 0; round < 50; round++) {
        room r;
        numbered timers[MANY];
        int order[MANY], count = 0, armed = 0;
        start(&r, 0);
        memset(timers, 0, sizeof timers);
        for (size_t i = 0; i < MANY; i++) {
            timers[i] = (numbered){ { .fn = take_number, .user = &timers[i] }, order, &count };
        }
        for (int step = 0; step < 3 * MANY; step++) {
            hq_timer *t = &timers[chance_below(&c, MANY)].timer;
            if (chance_below(&c, 3) == 0) {
                hq_loop_disarm(r.loop, t);
            } else {
                check_status(hq_loop_arm(r.loop, t, 1 + (hq_time_us)chance_below(&c, 100)), OK);
            }
        }
        for (size_t i = 0; i < MANY; i++) {
            armed += timers[i].timer.place != 0;
        }
        go(&r);
        check_status(hq_test_clock_advance(r.clock, 100), OK);
        assert_int_equal(count, armed);
        for (int i = 1; i < count; i++) {
            assert_true(order[i - 1] <= order[i]);
        }
        end(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_moving_the_clock_returns_when_due_timers_have_run),
        cmocka_unit_test(test_a_timer_that_arms_itself_runs_each_of_its_turns),
        cmocka_unit_test(test_a_timer_armed_in_the_past_by_a_closure_runs_at_once),
        cmocka_unit_test(test_closures_run_in_order_and_before_the_end),
        cmocka_unit_test(test_many_threads_post_and_nothing_is_lost),
        cmocka_unit_test(test_no_more_than_65536_closures_wait),
        cmocka_unit_test(test_a_descriptor_is_read_and_its_end_seen),
        cmocka_unit_test(test_the_machines_clock_wakes_it),
        cmocka_unit_test(test_random_timers_run_in_the_order_of_their_instants),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
