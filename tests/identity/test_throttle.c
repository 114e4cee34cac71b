/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>

/* A throttle of its own and a clock in hand. */
static hq_identity__throttle *throttle;
static hq_time_us now;

static int set_up(void **state)
{
    (void)state;
    throttle = calloc(1, sizeof *throttle);
    pthread_mutex_init(&throttle->lock, NULL);
    now = START;
    return hq_ok(hq_base_init()) && throttle != NULL ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    pthread_mutex_destroy(&throttle->lock);
    free(throttle);
    return 0;
}

static int64_t fail_from(const char *user, const char *peer, bool known)
{
    return hq_identity__throttle_enter(throttle, hq_sv_from_cstr(user), hq_sv_from_cstr(peer),
                                       known, now);
}

static void test_delays_grow_to_a_minute(void **state)
{
    (void)state;
    static const int waits[] = { 1, 2, 4, 8, 16, 32, 60, 60, 60 };
    for (int i = 0; i < 3; i++) {
        assert_int_equal(fail_from("an", "192.0.2.1", true), 0);
    }
    for (size_t i = 0; i < sizeof waits / sizeof waits[0]; i++) {
        int64_t wait = fail_from("an", "192.0.2.1", true);
        assert_int_equal(wait, waits[i] * HQ_US_PER_SECOND);
        now += wait;
        assert_int_equal(fail_from("an", "192.0.2.1", true), 0); /* tried, and wrong again */
    }
}

static void test_coming_too_early_costs_nothing(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        fail_from("an", "192.0.2.1", true);
    }
    for (int i = 0; i < 100; i++) {
        assert_int_equal(fail_from("an", "192.0.2.1", true), HQ_US_PER_SECOND);
    }
    now += HQ_US_PER_SECOND;
    assert_int_equal(fail_from("an", "192.0.2.1", true), 0);
}

static void test_success_clears_the_count(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        fail_from("an", "192.0.2.1", true);
    }
    now += HQ_US_PER_SECOND;
    assert_int_equal(fail_from("an", "192.0.2.1", true), 0);
    hq_identity__throttle_passed(throttle, HQ_SV("an"), HQ_SV("192.0.2.1"), true, now);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(fail_from("an", "192.0.2.1", true), 0);
    }
}

static void test_a_botnet_is_slowed_by_username(void **state)
{
    (void)state;
    char peer[32];
    int tried = 0;
    for (int i = 0; i < 200; i++) {
        snprintf(peer, sizeof peer, "198.51.100.%d", i);
        tried += fail_from("an", peer, false) == 0;
    }
    assert_int_equal(tried, 10);
}

static void test_a_spray_is_slowed_by_peer(void **state)
{
    (void)state;
    char user[32];
    int tried = 0;
    for (int i = 0; i < 200; i++) {
        snprintf(user, sizeof user, "user%d", i);
        tried += fail_from(user, "198.51.100.1", false) == 0;
        /* An own good account in between takes back itself only. */
        if (fail_from("own", "198.51.100.1", false) == 0) {
            hq_identity__throttle_passed(throttle, HQ_SV("own"), HQ_SV("198.51.100.1"), false, now);
        }
    }
    assert_true(tried <= 11);
}

static void test_one_ipv6_network_is_one_peer(void **state)
{
    (void)state;
    char user[32];
    char peer[64];
    int tried = 0;
    for (int i = 0; i < 100; i++) {
        snprintf(user, sizeof user, "user%d", i);
        snprintf(peer, sizeof peer, "2001:db8:1:2::%x", i);
        tried += fail_from(user, peer, false) == 0;
    }
    assert_int_equal(tried, 10);
    assert_int_equal(fail_from("userx", "2001:db8:1:3::1", false), 0);
}

static void test_a_stranger_cannot_keep_the_user_out(void **state)
{
    (void)state;
    char peer[32];
    for (int hour = 0; hour < 100; hour++) {
        for (int i = 0; i < 50; i++) {
            snprintf(peer, sizeof peer, "198.51.100.%d", i);
            fail_from("an", peer, false);
        }
        now += 36 * HQ_US_PER_SECOND;
        /* From where he always signs in he is not delayed at all. */
        assert_int_equal(fail_from("an", "192.0.2.1", true), 0);
        hq_identity__throttle_passed(throttle, HQ_SV("an"), HQ_SV("192.0.2.1"), true, now);
    }
    /* And from somewhere new he waits a minute at most once the stranger pauses. */
    assert_true(fail_from("an", "203.0.113.9", false) <= 60 * HQ_US_PER_SECOND);
}

static void test_counts_are_forgotten(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++) {
        now += fail_from("an", "192.0.2.1", true);
    }
    now += 1801 * HQ_US_PER_SECOND;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(fail_from("an", "192.0.2.1", true), 0);
    }
}

/* ------------------------------------------------------------------ through the route */

static void test_the_route_says_how_long(void **state)
{
    fixture *f = *state;
    hq_sv code;
    add_user(f, "an", "officer", "15BB");
    sign_in(f, "an");
    for (int i = 0; i < 3; i++) {
        assert_null(sign_in_from(f, "an", "not this one", "", "192.0.2.1", &code).ptr);
        assert_true(hq_sv_eq(code, HQ_SV("SIGN_IN_WRONG")));
    }
    assert_null(sign_in_from(f, "an", PASSWORD, "", "192.0.2.1", &code).ptr);
    assert_true(hq_sv_eq(code, HQ_SV("SIGN_IN_WAIT")));
    advance(f, 1);
    assert_non_null(sign_in_from(f, "an", PASSWORD, "", "192.0.2.1", &code).ptr);
}

static void test_unknown_users_answer_like_wrong_passwords(void **state)
{
    fixture *f = *state;
    hq_sv code;
    add_user(f, "an", "officer", "15BB");
    const char *const who[] = { "an", "nobody", "!!", "" };
    for (size_t i = 0; i < 3; i++) {
        for (int k = 0; k < 3; k++) {
            assert_null(sign_in_from(f, who[i], "not this one", "",
                                     i == 0   ? "192.0.2.1"
                                     : i == 1 ? "192.0.2.2"
                                              : "192.0.2.3",
                                     &code)
                            .ptr);
            assert_true(hq_sv_eq(code, HQ_SV("SIGN_IN_WRONG")));
        }
        assert_null(sign_in_from(f, who[i], "not this one", "",
                                 i == 0   ? "192.0.2.1"
                                 : i == 1 ? "192.0.2.2"
                                          : "192.0.2.3",
                                 &code)
                        .ptr);
        assert_true(hq_sv_eq(code, HQ_SV("SIGN_IN_WAIT")));
    }
}

static void test_refusals_are_events_of_known_users_only(void **state)
{
    fixture *f = *state;
    add_user(f, "an", "officer", "15BB");
    sign_in_from(f, "an", "not this one", "", "192.0.2.1", NULL);
    sign_in_from(f, "nobody", "not this one", "", "192.0.2.1", NULL);
    fixture_reopen(f);
    assert_int_equal(count_events(f, "session.refused"), 1);
}

#define U(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define T(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)
int main(void)
{
    const struct CMUnitTest tests[] = {
        U(test_delays_grow_to_a_minute),
        U(test_coming_too_early_costs_nothing),
        U(test_success_clears_the_count),
        U(test_a_botnet_is_slowed_by_username),
        U(test_a_spray_is_slowed_by_peer),
        U(test_one_ipv6_network_is_one_peer),
        U(test_a_stranger_cannot_keep_the_user_out),
        U(test_counts_are_forgotten),
        T(test_the_route_says_how_long),
        T(test_unknown_users_answer_like_wrong_passwords),
        T(test_refusals_are_events_of_known_users_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
