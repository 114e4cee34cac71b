/* SPDX-License-Identifier: Apache-2.0 */
#include "server/limits.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

/* A sender's rate is kept as one instant: when all it has asked for would have been served at its
 * rate (generic cell rate algorithm). It may run ahead of the clock by its burst. Senders live in a
 * table of fixed size; in a full set the one that has been quiet longest makes room, which forgets
 * nothing but that it was quiet. */
enum { SETS = 4096, WAYS = 4, LOCKS = 64 };

typedef struct {
    uint64_t sender;
    int64_t served_at_us;
} cell;

struct hq_limiter {
    hq_rate rate[HQ_POOL_COUNT];
    int in_flight_max[HQ_POOL_COUNT];
    _Alignas(64) _Atomic int in_flight[HQ_POOL_COUNT];
    _Alignas(64) pthread_mutex_t locks[LOCKS];
    cell cells[SETS][WAYS];
};

hq_limiter *hq_limiter_new(const hq_server_limits *limits)
{
    hq_limiter *limiter = aligned_alloc(64, sizeof *limiter);
    if (limiter == NULL) {
        return NULL;
    }
    memset(limiter, 0, sizeof *limiter);
    for (int i = 0; i < HQ_POOL_COUNT; i++) {
        limiter->rate[i] = limits->rate[i];
        limiter->in_flight_max[i] = limits->in_flight[i];
        atomic_init(&limiter->in_flight[i], 0);
    }
    for (int i = 0; i < LOCKS; i++) {
        pthread_mutex_init(&limiter->locks[i], NULL);
    }
    return limiter;
}

void hq_limiter_free(hq_limiter *limiter)
{
    for (int i = 0; limiter != NULL && i < LOCKS; i++) {
        pthread_mutex_destroy(&limiter->locks[i]);
    }
    free(limiter);
}

static cell *cell_of(cell *set, uint64_t sender)
{
    cell *oldest = &set[0];
    for (int i = 0; i < WAYS; i++) {
        if (set[i].sender == sender) {
            return &set[i];
        }
        if (set[i].served_at_us < oldest->served_at_us) {
            oldest = &set[i];
        }
    }
    *oldest = (cell){ .sender = sender };
    return oldest;
}

bool hq_limiter_admit(hq_limiter *limiter, hq_pool pool, hq_sv sender, int64_t now_us,
                      int *retry_after_s)
{
    hq_rate rate = limiter->rate[pool];
    if (rate.per_second <= 0) {
        return true;
    }
    /* +1: 0 is an empty cell. */
    uint64_t hash = hq_hash64(sender) + (uint64_t)pool + 1;
    size_t set = (size_t)(hash % SETS);
    int64_t each_us = HQ_US_PER_SECOND / rate.per_second + 1;
    pthread_mutex_lock(&limiter->locks[set % LOCKS]);
    cell *c = cell_of(limiter->cells[set], hash);
    int64_t from = c->served_at_us > now_us ? c->served_at_us : now_us;
    int64_t ahead = from - now_us;
    bool admitted = ahead <= each_us * (rate.burst > 0 ? rate.burst : rate.per_second);
    if (admitted) {
        c->served_at_us = from + each_us;
    }
    pthread_mutex_unlock(&limiter->locks[set % LOCKS]);
    *retry_after_s = 1;
    return admitted;
}

bool hq_limiter_enter(hq_limiter *limiter, hq_pool pool)
{
    int inside = atomic_fetch_add_explicit(&limiter->in_flight[pool], 1, memory_order_relaxed);
    if (inside < limiter->in_flight_max[pool]) {
        return true;
    }
    hq_limiter_leave(limiter, pool);
    return false;
}

void hq_limiter_leave(hq_limiter *limiter, hq_pool pool)
{
    atomic_fetch_sub_explicit(&limiter->in_flight[pool], 1, memory_order_relaxed);
}

int hq_limiter_inside(const hq_limiter *limiter)
{
    int inside = 0;
    for (int i = 0; i < HQ_POOL_COUNT; i++) {
        inside += atomic_load(&limiter->in_flight[i]);
    }
    return inside;
}
