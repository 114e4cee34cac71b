/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "server/state.h"

/* The memory of requests: kept from one to the next, newest first, so that it is warm. */

#define SMALL_CEILING ((size_t)192 << 20) /* what a declaration of 4,950 long lines may take */
#define SPARES        256

hq_exchange *hq_exchange_spare(hq_server *server)
{
    pthread_mutex_lock(&server->spare_lock);
    hq_exchange *ex = server->spare;
    if (ex != NULL) {
        server->spare = ex->next;
        server->spare_count--;
    }
    pthread_mutex_unlock(&server->spare_lock);
    return ex == NULL ? hq_exchange_make(server) : ex;
}

hq_exchange *hq_exchange_make(hq_server *server)
{
    hq_exchange *ex = calloc(1, sizeof *ex);
    if (ex == NULL) {
        return NULL;
    }
    ex->server = server;
    ex->small = hq_arena_new(SMALL_CEILING);
    hq_random_bytes(ex->trace, sizeof ex->trace);
    if (ex->small == NULL) {
        free(ex);
        return NULL;
    }
    return ex;
}

void hq_exchange_free_spares(hq_server *server)
{
    for (hq_exchange *ex = server->spare; ex != NULL;) {
        hq_exchange *next = ex->next;
        hq_arena_free(ex->small);
        free(ex);
        ex = next;
    }
    server->spare = NULL;
}

void hq_exchange_release(hq_exchange *ex)
{
    hq_server *server = ex->server;
    hq_arena *small = ex->small;
    uint64_t trace[2] = { ex->trace[0], ex->trace[1] };
    if (ex->held > 0) {
        atomic_fetch_sub_explicit(&server->held, (int64_t)ex->held, memory_order_relaxed);
    }
    hq_arena_free(ex->big);
    hq_arena_reset(small);
    memset(ex, 0, sizeof *ex);
    ex->server = server;
    ex->small = small;
    ex->trace[0] = trace[0];
    ex->trace[1] = trace[1];
    pthread_mutex_lock(&server->spare_lock);
    bool keep = server->spare_count < SPARES;
    if (keep) {
        ex->next = server->spare;
        server->spare = ex;
        server->spare_count++;
    }
    pthread_mutex_unlock(&server->spare_lock);
    if (!keep) {
        hq_arena_free(small);
        free(ex);
    }
}
