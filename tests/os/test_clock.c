/* SPDX-License-Identifier: Apache-2.0 */
#include "../check.h"

#include "os/os.h"

static char told[16];
static void first(void *user)
{
    (void)user;
    strncat(told, "1", sizeof told - strlen(told) - 1);
}
static void second(void *user)
{
    (void)user;
    strncat(told, "2", sizeof told - strlen(told) - 1);
}

static void test_it_stands_until_moved_and_tells_its_watchers(void **state)
{
    (void)state;
    hq_test_clock *clock = hq_test_clock_new(1000);
    const hq_clock *face = hq_test_clock_face(clock);
    assert_int_equal(hq_now(face), 1000);
    check_status(hq_clock_watch(face, first, clock), OK);
    check_status(hq_clock_watch(face, second, clock), OK);
    check_status(hq_test_clock_advance(clock, 5), OK);
    assert_int_equal(hq_now(face), 1005);
    assert_string_equal(told, "12");
    check_status(hq_test_clock_set(clock, 1005), OK);
    check_status(hq_test_clock_set(clock, 1004), RANGE);
    check_status(hq_test_clock_advance(clock, -1), RANGE);
    check_status(hq_test_clock_advance(clock, INT64_MAX), RANGE);
    assert_int_equal(hq_now(face), 1005);
    hq_clock_unwatch(face, first, clock);
    told[0] = '\0';
    check_status(hq_test_clock_advance(clock, 1), OK);
    assert_string_equal(told, "2");
    hq_clock_unwatch(face, second, clock);
    hq_test_clock_free(clock);
    hq_test_clock_free(NULL);
}

static void test_the_machines_clock_cannot_be_moved(void **state)
{
    (void)state;
    assert_true(hq_now(hq_os_clock()) > hq_day_start(hq_day_from_civil(2020, 1, 1)));
    assert_false(hq_clock_is_movable(hq_os_clock()));
    check_status(hq_clock_watch(hq_os_clock(), first, NULL), OK);
    hq_clock_unwatch(hq_os_clock(), first, NULL);
    int64_t before = hq_os_monotonic_us();
    assert_true(hq_os_monotonic_us() >= before);
}

static void set_flag(void *user)
{
    *(int *)user = 1;
}

static void test_threads_run_and_are_joined_once(void **state)
{
    (void)state;
    hq_thread thread;
    int ran = 0;
    check_status(hq_thread_start(&thread, "a name longer than fifteen", set_flag, &ran), OK);
    hq_thread_join(&thread);
    assert_int_equal(ran, 1);
    hq_thread_join(&thread);
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
    pthread_mutex_lock(&mutex);
    while (hq_cond_wait_us(&cond, &mutex, 1000)) { /* false once the time has passed */
    }
    pthread_mutex_unlock(&mutex);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_stands_until_moved_and_tells_its_watchers),
        cmocka_unit_test(test_the_machines_clock_cannot_be_moved),
        cmocka_unit_test(test_threads_run_and_are_joined_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
