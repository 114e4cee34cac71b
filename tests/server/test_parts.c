/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "server/html.h"
#include "server/language.h"
#include "server/limits.h"
#include "server/router.h"
#include "server/slow.h"

#include <semaphore.h>

/* The parts of the server that need no connection: which route, which language, how fast. */

static hq_status nothing(hq_request *request, void *room)
{
    (void)request;
    (void)room;
    return HQ_DONE;
}

#define ROUTE(method, pattern)                                                                     \
    {                                                                                              \
        method, pattern, nothing, 0, HQ_ROUTE_PUBLIC, HQ_POOL_PUBLIC, 0                            \
    }
#define TEST_ROUTE(method, pattern)                                                                \
    {                                                                                              \
        method, pattern, nothing, 0, HQ_ROUTE_PUBLIC | HQ_ROUTE_TEST, HQ_POOL_PUBLIC, 0            \
    }

static const hq_route routes[] = {
    ROUTE(HQ_GET, "/"),
    ROUTE(HQ_GET, "/api/v1/declarations"),
    ROUTE(HQ_POST, "/api/v1/declarations"),
    ROUTE(HQ_POST, "/api/v1/declarations:batch"),
    ROUTE(HQ_GET, "/api/v1/declarations/{number}"),
    ROUTE(HQ_PUT, "/api/v1/declarations/{number}"),
    ROUTE(HQ_GET, "/api/v1/declarations/mine"),
    ROUTE(HQ_POST, "/api/v1/declarations/{number}/holds/{id}/lift"),
    ROUTE(HQ_GET, "/api/v1/days/{bank}/{day}"),
    ROUTE(HQ_POST, "/api/v1/days/{bank}/open"),
    TEST_ROUTE(HQ_POST, "/api/v1/test/clock"),
};
static const hq_route_table table = { "test", routes, sizeof routes / sizeof routes[0], NULL };

typedef struct {
    hq_arena *arena;
    hq_router *router;
} fixture;

static int set_up(void **state)
{
    static fixture f;
    hq_why why;
    f.arena = hq_arena_new((size_t)1 << 20);
    MUST(hq_router_new(&f.router, &table, 1, false, f.arena, &why));
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;
    hq_arena_free(f->arena);
    return 0;
}

static hq_route_match find(fixture *f, hq_method method, const char *path)
{
    hq_route_match match;
    assert_true(hq_router_find(&match, f->router, method, hq_sv_from_cstr(path), f->arena));
    return match;
}

static void finds(fixture *f, hq_method method, const char *path, const char *pattern)
{
    hq_route_match match = find(f, method, path);
    assert_non_null(match.found);
    assert_string_equal(match.found->route->pattern, pattern);
}

static void routes_are_found_by_method_and_path(void **state)
{
    fixture *f = *state;
    finds(f, HQ_GET, "/", "/");
    finds(f, HQ_GET, "/api/v1/declarations", "/api/v1/declarations");
    finds(f, HQ_POST, "/api/v1/declarations:batch", "/api/v1/declarations:batch");
    finds(f, HQ_GET, "/api/v1/declarations/100000000001", "/api/v1/declarations/{number}");
    hq_route_match match = find(f, HQ_POST, "/api/v1/declarations/12/holds/7/lift");
    assert_sv(match.params[0], "12");
    assert_sv(match.params[1], "7");
}

static void a_literal_wins_over_a_parameter(void **state)
{
    fixture *f = *state;
    finds(f, HQ_GET, "/api/v1/declarations/mine", "/api/v1/declarations/mine");
    /* The literal has no PUT: the parameter has. */
    finds(f, HQ_PUT, "/api/v1/declarations/mine", "/api/v1/declarations/{number}");
    finds(f, HQ_GET, "/api/v1/days/VCB/open", "/api/v1/days/{bank}/{day}");
}

static void what_is_not_there_says_what_is(void **state)
{
    fixture *f = *state;
    hq_route_match match = find(f, HQ_DELETE, "/api/v1/declarations");
    assert_null(match.found);
    assert_int_equal(match.allowed, 1 << HQ_GET | 1 << HQ_POST);
    assert_string_equal(hq_methods_text(match.allowed, f->arena), "GET, POST, HEAD, OPTIONS");
    assert_int_equal(find(f, HQ_GET, "/api/v1").allowed, 0);
    assert_int_equal(find(f, HQ_GET, "/api/v1/declarations/").allowed, 0);
    assert_int_equal(find(f, HQ_GET, "//api/v1/declarations").allowed, 0);
    assert_int_equal(find(f, HQ_GET, "/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/18").allowed, 0);
}

static void an_escaped_slash_stays_in_its_segment(void **state)
{
    fixture *f = *state;
    hq_route_match match = find(f, HQ_GET, "/api/v1/declarations/a%2Fb%20c");
    assert_non_null(match.found);
    assert_sv(match.params[0], "a/b c");
    assert_false(hq_router_find(&match, f->router, HQ_GET, HQ_SV("/api/%zz"), f->arena));
}

static void routes_for_tests_exist_on_a_test_server_only(void **state)
{
    fixture *f = *state;
    hq_router *with;
    hq_route_match match;
    hq_why why;
    assert_null(find(f, HQ_POST, "/api/v1/test/clock").found);
    MUST(hq_router_new(&with, &table, 1, true, f->arena, &why));
    assert_true(hq_router_find(&match, with, HQ_POST, HQ_SV("/api/v1/test/clock"), f->arena));
    assert_non_null(match.found);
}

static void the_same_route_twice_is_refused(void **state)
{
    fixture *f = *state;
    static const hq_route twice[] = { ROUTE(HQ_GET, "/a/{x}"), ROUTE(HQ_GET, "/a/{y}") };
    hq_route_table tables[] = { { "one", twice, 2, NULL } };
    hq_router *router;
    hq_why why;
    MUST_BE(hq_router_new(&router, tables, 1, false, f->arena, &why), EXISTS);
    assert_sv(why.en, "route GET /a/{y} of one is there already");
}

static void the_language_with_more_weight_is_spoken(void **state)
{
    (void)state;
    assert_true(hq_prefers_vietnamese(HQ_SV_NULL));
    assert_true(hq_prefers_vietnamese(HQ_SV("*")));
    assert_true(hq_prefers_vietnamese(HQ_SV("vi-VN,vi;q=0.9,en;q=0.8")));
    assert_true(hq_prefers_vietnamese(HQ_SV("en;q=0.5, vi")));
    assert_false(hq_prefers_vietnamese(HQ_SV("en-US,en;q=0.9,vi;q=0.8")));
    assert_false(hq_prefers_vietnamese(HQ_SV("en")));
    assert_true(hq_prefers_vietnamese(HQ_SV("fr,de;q=0.3")));
}

static void a_sender_has_his_rate_and_burst(void **state)
{
    (void)state;
    hq_server_limits limits = { .in_flight = { 1, 1, 1 } };
    int wait = 0;
    limits.rate[HQ_POOL_PUBLIC] = (hq_rate){ .per_second = 10, .burst = 5 };
    hq_limiter *limiter = hq_limiter_new(&limits);
    int admitted = 0;
    for (int i = 0; i < 20; i++) {
        admitted += hq_limiter_admit(limiter, HQ_POOL_PUBLIC, HQ_SV("10.0.0.1"), 1000000, &wait);
    }
    assert_int_equal(admitted, 6); /* one, and five ahead */
    assert_int_equal(wait, 1);
    assert_true(hq_limiter_admit(limiter, HQ_POOL_PUBLIC, HQ_SV("10.0.0.2"), 1000000, &wait));
    assert_true(hq_limiter_admit(limiter, HQ_POOL_FORMAL, HQ_SV("10.0.0.1"), 1000000, &wait));
    assert_true(hq_limiter_admit(limiter, HQ_POOL_PUBLIC, HQ_SV("10.0.0.1"), 1200000, &wait));
    hq_limiter_free(limiter);
}

static void a_full_pool_leaves_the_others_alone(void **state)
{
    (void)state;
    hq_server_limits limits = { .in_flight = { 1, 2, 1 } };
    hq_limiter *limiter = hq_limiter_new(&limits);
    assert_true(hq_limiter_enter(limiter, HQ_POOL_PUBLIC));
    assert_false(hq_limiter_enter(limiter, HQ_POOL_PUBLIC));
    assert_true(hq_limiter_enter(limiter, HQ_POOL_FORMAL));
    assert_int_equal(hq_limiter_inside(limiter), 2);
    hq_limiter_leave(limiter, HQ_POOL_PUBLIC);
    assert_true(hq_limiter_enter(limiter, HQ_POOL_PUBLIC));
    hq_limiter_free(limiter);
}

typedef struct {
    hq_slow_job job;
    sem_t *begun, *gate;
} waiting_job;

static void wait_at_gate(void *user)
{
    waiting_job *w = user;
    sem_post(w->begun);
    while (sem_wait(w->gate) != 0) {
        /* a signal came first */
    }
}

static void a_pool_that_blocks_leaves_a_thread_and_a_queue_to_the_others(void **state)
{
    enum { THREADS = 3, QUEUE = 4, TAKEN = THREADS - 1 + QUEUE };
    (void)state;
    hq_slow *slow;
    waiting_job jobs[TAKEN + 1], other = { .job = { .run = wait_at_gate } };
    sem_t begun, gate, other_begun, other_gate;
    sem_init(&begun, 0, 0);
    sem_init(&gate, 0, 0);
    sem_init(&other_begun, 0, 0);
    sem_init(&other_gate, 0, 1);
    MUST(hq_slow_start(&slow, THREADS, QUEUE));
    for (int i = 0; i <= TAKEN; i++) {
        jobs[i] = (waiting_job){ .job = { .run = wait_at_gate, .user = &jobs[i] },
                                 .begun = &begun,
                                 .gate = &gate };
        assert_int_equal(hq_slow_submit(slow, HQ_POOL_PUBLIC, &jobs[i].job), i < TAKEN);
        if (i < THREADS - 1) {
            sem_wait(&begun);
        }
    }
    other.job.user = &other;
    other.begun = &other_begun;
    other.gate = &other_gate;
    assert_true(hq_slow_submit(slow, HQ_POOL_FORMAL, &other.job));
    sem_wait(&other_begun); /* hangs for ever where one pool may hold all threads */
    for (int i = 0; i < TAKEN; i++) {
        sem_post(&gate);
    }
    hq_slow_stop(slow);
    int served = 0;
    sem_getvalue(&begun, &served);
    assert_int_equal(served, QUEUE);
}

static void pages_escape_what_they_are_given(void **state)
{
    fixture *f = *state;
    hq_buf to = HQ_BUF_ARENA(f->arena, 1024);
    hq_html_text(&to, HQ_SV("<b a=\"1\">Tờ khai & 'x'"));
    assert_sv(hq_buf_view(&to), "&lt;b a=&quot;1&quot;&gt;Tờ khai &amp; &#39;x&#39;");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(routes_are_found_by_method_and_path, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_literal_wins_over_a_parameter, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_not_there_says_what_is, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_escaped_slash_stays_in_its_segment, set_up, tear_down),
        cmocka_unit_test_setup_teardown(routes_for_tests_exist_on_a_test_server_only, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_same_route_twice_is_refused, set_up, tear_down),
        cmocka_unit_test(the_language_with_more_weight_is_spoken),
        cmocka_unit_test(a_sender_has_his_rate_and_burst),
        cmocka_unit_test(a_full_pool_leaves_the_others_alone),
        cmocka_unit_test(a_pool_that_blocks_leaves_a_thread_and_a_queue_to_the_others),
        cmocka_unit_test_setup_teardown(pages_escape_what_they_are_given, set_up, tear_down),
    };
    if (hq_failed(hq_base_init())) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
