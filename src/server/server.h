/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Face of server/: the HTTP adapter. It gathers the route tables of the rooms, lets a request in
 * (limits, sign-in, role), runs its handler, suspends the connection while the writer works, and
 * renders the answer or the problem. Besides: live events, pages of the embedded UI, the public
 * tracking page, health, metrics and the proofs of the journal. Knows no customs rule; what it must
 * know of one comes through the hooks below, set by cli/. */

#include "base/base.h"
#include "identity/identity.h"
#include "os/os.h"
#include "reference/reference.h"
#include "store/store.h"

typedef struct hq_server hq_server;

#define HQ_POOL_COUNT 3 /* hq_pool of os/http.h */

typedef struct {
    int64_t per_second; /* 0: no limit */
    int64_t burst;
} hq_rate;

/* Zero takes the default, which is in brackets. */
typedef struct {
    hq_rate rate[HQ_POOL_COUNT];  /* for one caller, or one address without sign-in [none; set] */
    int in_flight[HQ_POOL_COUNT]; /* requests that a pool handles at once [2048, 256, 256] */
    int connections;              /* [what the file descriptors allow, at most 60000] */
    int per_address;              /* connections of one address [no limit] */
    int idle_s;                   /* between requests, and for the head of one [75] */
    int body_s;                   /* for the body of a request [60] */
    int body_memory_mb;           /* for bodies over 16 KiB, of all requests together [256] */
    int workers;                  /* threads that never block [one a core] */
    int slow_threads;             /* [4] */
    int slow_queue;               /* before them, for each pool [256] */
    int event_clients;            /* live streams at once [2000] */
} hq_server_limits;

/* What a caller may see of an event in the live stream. */
typedef enum {
    HQ_SIGHT_NONE,
    HQ_SIGHT_OUTLINE, /* that it happened: no payload, no actor */
    HQ_SIGHT_WHOLE
} hq_sight;

/* A step as the public tracking page shows it. */
typedef struct {
    hq_sv number;
    hq_sv status_vi, status_en;
    hq_sv office_vi, office_en;
    hq_time_us due; /* end of the legal clock that runs, 0 none */
    const struct hq_tracked_step {
        hq_sv vi, en;
        hq_time_us at;
    } * steps;
    size_t step_count;
} hq_tracked;

typedef struct {
    const hq_clock *clock;
    hq_test_clock *test_clock; /* NULL: routes with HQ_ROUTE_TEST do not exist */
    hq_store *store;
    hq_identity *identity;        /* NULL: only public routes answer */
    hq_sv listen;                 /* "127.0.0.1:8080", "[::1]:8080"; port 0: any free one */
    const hq_route_table *tables; /* borrowed for life */
    size_t table_count;
    hq_server_limits limits;
    hq_sv certificate, key; /* PEM texts; both empty: no TLS */
    hq_sv trusted_proxy;    /* address whose X-Forwarded-For counts, empty: none */
    /* Hooks; each may be NULL. */
    hq_sight (*sight)(const hq_caller *caller, const hq_event_view *event, void *user);
    hq_status (*track)(hq_tracked *out, hq_sv number, hq_sv check, hq_arena *arena, void *user);
    bool (*ready)(void *user); /* beyond the server's own being ready */
    void (*tick)(void *user);  /* five times a second, on a thread of its own; may block */
    void *user;
} hq_server_options;

/* Listens and serves on its own threads. EXISTS: the same route twice; USAGE: bad address; BUSY:
 * the address is taken; IO. *why (arena) says which and what to do. */
hq_status hq_server_start(hq_server **out, const hq_server_options *options, hq_arena *arena,
                          hq_why *why);
int hq_server_port(const hq_server *server);
/* No new connections; what is under way is finished (at most 30 s), live streams end. Everything it
 * was given must still be open. NULL is fine. */
void hq_server_stop(hq_server *server);
/* After hq_server_stop and after the store is closed, whose follower it is. NULL is fine. */
void hq_server_free(hq_server *server);

/* A request from inside the program, by a caller who need not sign in, through the same route, role
 * check, handler and write; blocks. `target` is path and query, `key` the Idempotency-Key or empty.
 * OK when there is an answer, whatever its status; it lives in the arena. */
typedef struct {
    hq_method method;
    hq_sv target, body, key;
} hq_inner_request;
typedef struct {
    int http;
    hq_sv body;
} hq_inner_answer;
hq_status hq_server_perform(hq_inner_answer *out, hq_server *server, const hq_caller *caller,
                            const hq_inner_request *request, hq_arena *arena);

/* Every route of the tables and the server's own: {"method", "pattern", "room", "roles": [..],
 * "public", "key", ...}, for tests and for `haiquan routes`. */
void hq_server_routes_json(hq_buf *buf, const hq_route_table *tables, size_t count);
