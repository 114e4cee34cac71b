/* SPDX-License-Identifier: Apache-2.0 */
#include <sched.h>
#include <stdlib.h>
#include <time.h>

#include "server/listen.h"
#include "server/state.h"

#define ARENA_CEILING  ((size_t)16 << 20)
#define TICK_US        (HQ_US_PER_SECOND / 5)
#define REAP_EVERY     10 /* ticks */
#define STOP_WAIT_US   (30 * HQ_US_PER_SECOND)
#define KEPT_FILES     200 /* for the database, logs and what else is not a connection */
#define CONNECTION_MAX 60000

/* ------------------------------------------------------------------ options */

static int processors(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0) {
        return 1;
    }
    return CPU_COUNT(&set);
}

static void set_default(int *value, int fallback)
{
    if (*value <= 0) {
        *value = fallback;
    }
}

static void set_defaults(hq_server_limits *l)
{
    int files = hq_raise_files();
    int room = files > 2 * KEPT_FILES ? files - KEPT_FILES : files / 2;
    int cores = processors();
    set_default(&l->in_flight[HQ_POOL_FORMAL], 2048);
    set_default(&l->in_flight[HQ_POOL_LOW_VALUE], 256);
    set_default(&l->in_flight[HQ_POOL_PUBLIC], 256);
    set_default(&l->connections, CONNECTION_MAX);
    l->connections = l->connections < room ? l->connections : room;
    set_default(&l->idle_s, 75);
    set_default(&l->body_s, 60);
    set_default(&l->body_memory_mb, 256);
    set_default(&l->workers, cores < 64 ? cores : 64);
    set_default(&l->slow_threads, 4);
    set_default(&l->slow_queue, 256);
    set_default(&l->event_clients, 2000);
}

/* ------------------------------------------------------------------ ticking */

static void tick(void *user)
{
    hq_server *server = user;
    const hq_server_options *o = &server->options;
    const struct timespec pause = { 0, TICK_US * 1000 };
    for (int turn = 0; !atomic_load(&server->stopping); turn++) {
        nanosleep(&pause, NULL);
        if (o->tick != NULL) {
            o->tick(o->user);
        }
        hq_events_tick(server->events);
        if (turn % REAP_EVERY == 0) {
            hq_http_reap(server->http, hq_os_monotonic_us());
        }
    }
}

/* ------------------------------------------------------------------ start */

static hq_status gather_tables(hq_server *server)
{
    const hq_server_options *o = &server->options;
    server->table_count = o->table_count + 1;
    server->tables = HQ_NEW_ARRAY(server->arena, hq_route_table, server->table_count);
    if (server->tables == NULL) {
        return HQ_FAIL(NOMEM);
    }
    if (o->table_count > 0) {
        memcpy(server->tables, o->tables, o->table_count * sizeof *o->tables);
    }
    server->tables[o->table_count] =
        (hq_route_table){ "server", hq_server__routes, hq_server__route_count, server };
    return HQ_DONE;
}

static void register_metrics(hq_server *server)
{
    static const char *const classes[6] = {
        NULL, "class=\"1xx\"", "class=\"2xx\"", "class=\"3xx\"", "class=\"4xx\"", "class=\"5xx\""
    };
    for (int i = 1; i < 6; i++) {
        server->metrics.answers[i] =
            hq_metric_register(HQ_METRIC_COUNTER, "haiquan_http_answers_total", classes[i],
                               "Answers by hundred of their status");
    }
    server->metrics.connections =
        hq_metric_register(HQ_METRIC_GAUGE, "haiquan_http_connections", NULL, "Open connections");
    server->metrics.inside = hq_metric_register(HQ_METRIC_GAUGE, "haiquan_http_in_flight", NULL,
                                                "Requests that are handled now");
    server->metrics.streams = hq_metric_register(HQ_METRIC_GAUGE, "haiquan_event_streams", NULL,
                                                 "Live streams of events");
}

static hq_status make_parts(hq_server *server, hq_why *why, hq_arena *why_arena)
{
    const hq_server_options *o = &server->options;
    HQ_TRY(gather_tables(server));
    HQ_TRY(hq_router_new(&server->router, server->tables, server->table_count,
                         o->test_clock != NULL, server->arena, why));
    server->limiter = hq_limiter_new(&o->limits);
    if (server->limiter == NULL) {
        return HQ_FAIL(NOMEM);
    }
    HQ_TRY(hq_pages_new(&server->pages, server->arena));
    HQ_TRY(hq_slow_start(&server->slow, o->limits.slow_threads, o->limits.slow_queue));
    server->events = hq_events_new(server);
    if (server->events == NULL) {
        return HQ_FAIL(NOMEM);
    }
    hq_http_options http = {
        .listen = o->listen,
        .certificate = o->certificate,
        .key = o->key,
        .workers = o->limits.workers,
        .connections = o->limits.connections,
        .per_address = o->limits.per_address,
        .idle_s = o->limits.idle_s,
        .body_s = o->limits.body_s,
        .server = server,
    };
    return hq_http_start(&server->http, &http, why_arena, why);
}

hq_status hq_server_start(hq_server **out, const hq_server_options *options, hq_arena *arena,
                          hq_why *why)
{
    hq_server *server = calloc(1, sizeof *server);
    *why = (hq_why){ 0 };
    if (server == NULL) {
        return HQ_FAIL(NOMEM);
    }
    server->options = *options;
    server->arena = hq_arena_new(ARENA_CEILING);
    pthread_mutex_init(&server->spare_lock, NULL);
    set_defaults(&server->options.limits);
    register_metrics(server);
    hq_status s = server->arena == NULL ? HQ_FAIL(NOMEM) : make_parts(server, why, arena);
    if (hq_ok(s)) {
        s = hq_thread_start(&server->ticker, "tick", tick, server);
    }
    if (hq_ok(s)) {
        /* Last: what follows the store cannot be taken back. */
        s = hq_events_follow(server->events);
    }
    if (why->en.len > 0 && hq_failed(s)) {
        /* Texts of the server's own arena end with it. */
        why->en = hq_arena_dup(arena, why->en);
        why->vi = hq_arena_dup(arena, why->vi);
    }
    if (hq_failed(s)) {
        hq_server_stop(server);
        hq_server_free(server);
        return s;
    }
    *out = server;
    return HQ_DONE;
}

int hq_server_port(const hq_server *server)
{
    return hq_http_port(server->http);
}

/* ------------------------------------------------------------------ stop */

static void wait_for_open(hq_server *server)
{
    const struct timespec pause = { 0, 5000000 };
    int64_t until = hq_os_monotonic_us() + STOP_WAIT_US;
    while ((hq_limiter_inside(server->limiter) > 0 || hq_events_count(server->events) > 0) &&
           hq_os_monotonic_us() < until) {
        nanosleep(&pause, NULL);
    }
}

void hq_server_stop(hq_server *server)
{
    if (server == NULL) {
        return;
    }
    atomic_store(&server->stopping, true);
    hq_thread_join(&server->ticker);
    if (server->http != NULL) {
        hq_http_quiesce(server->http);
        hq_events_end(server->events);
        wait_for_open(server);
    }
    /* The listener goes first: until then its workers may hand something to the slow threads. */
    if (server->http != NULL) {
        hq_http_stop(server->http);
        server->http = NULL;
    }
    hq_slow_stop(server->slow);
    server->slow = NULL;
}

void hq_server_free(hq_server *server)
{
    if (server == NULL) {
        return;
    }
    hq_pages_free(server->pages);
    hq_limiter_free(server->limiter);
    hq_events_free(server->events);
    hq_exchange_free_spares(server);
    pthread_mutex_destroy(&server->spare_lock);
    hq_arena_free(server->arena);
    free(server);
}
