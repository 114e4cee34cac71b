/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Private to server/: the server as its files see it. */

#include <pthread.h>
#include <stdatomic.h>

#include "server/events.h"
#include "server/exchange.h"
#include "server/limits.h"
#include "server/pages.h"
#include "server/router.h"
#include "server/slow.h"

struct hq_server {
    hq_server_options options; /* with all defaults put in */
    hq_arena *arena;
    hq_route_table *tables; /* the rooms' and the server's own */
    size_t table_count;
    hq_router *router;
    hq_limiter *limiter;
    hq_slow *slow;
    hq_events *events;
    hq_pages *pages;
    hq_http *http;
    /* Exchanges to use again, newest first, so that their memory is warm. */
    pthread_mutex_t spare_lock;
    hq_exchange *spare;
    int spare_count;
    _Atomic int open;     /* exchanges in use */
    _Atomic int64_t held; /* bytes of large bodies in them */
    _Atomic bool stopping;
    hq_thread ticker;
    struct {
        hq_metric *answers[6]; /* by hundreds */
        hq_metric *connections, *inside, *streams;
    } metrics;
};

/* Routes of the server itself (own.c, track.c). */
extern const hq_route hq_server__routes[];
extern const size_t hq_server__route_count;

/* Renders the final answer of an exchange into ex->reply. */
const hq_wire_reply *hq_answer_render(hq_exchange *ex);
/* A status that is not OK but no failure either (APPROVAL) without a body: its members are one. */
void hq_answer_body_of_members(hq_exchange *ex);
/* Writes the problem of a failed request into its body. */
void hq_problem_render(hq_exchange *ex, int http);

/* The write of a route with an Idempotency-Key (keyed.c). */
void hq_keyed_prepare(hq_exchange *ex);
hq_status hq_keyed_write(hq_tx *tx, void *exchange);
/* After the commit, in a worker: the final status. */
hq_status hq_keyed_finish(hq_exchange *ex, hq_status written);
/* The handler refused: but when the same request was answered before, because tables, people or
 * clocks have changed since, the first answer takes the place of the refusal. */
void hq_keyed_recall(hq_exchange *ex);
