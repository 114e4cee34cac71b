/* SPDX-License-Identifier: Apache-2.0 */
#include "os/clock.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

typedef struct {
    void (*moved)(void *user);
    void *user;
} watcher;

struct hq_test_clock {
    hq_clock face; /* first: a face of this kind is the clock itself */
    _Atomic hq_time_us now;
    pthread_mutex_t moving; /* held through a move with its watchers */
    watcher *watchers;
    size_t count, cap;
};

static int64_t read_us(clockid_t id)
{
    struct timespec ts = { 0 };
    clock_gettime(id, &ts);
    return (int64_t)ts.tv_sec * HQ_US_PER_SECOND + ts.tv_nsec / 1000;
}

static hq_time_us machine_now(const hq_clock *clock)
{
    (void)clock;
    return read_us(CLOCK_REALTIME);
}

const hq_clock *hq_os_clock(void)
{
    static const hq_clock machine = { machine_now };
    return &machine;
}

int64_t hq_os_monotonic_us(void)
{
    return read_us(CLOCK_MONOTONIC);
}

static hq_time_us test_now(const hq_clock *face)
{
    const hq_test_clock *clock = (const hq_test_clock *)(const void *)face;
    return atomic_load(&clock->now);
}

hq_test_clock *hq_test_clock_new(hq_time_us start)
{
    hq_test_clock *clock = calloc(1, sizeof *clock);
    if (clock == NULL || pthread_mutex_init(&clock->moving, NULL) != 0) {
        free(clock);
        return NULL;
    }
    clock->face.now = test_now;
    atomic_init(&clock->now, start);
    return clock;
}

void hq_test_clock_free(hq_test_clock *clock)
{
    if (clock != NULL) {
        pthread_mutex_destroy(&clock->moving);
        free(clock->watchers);
        free(clock);
    }
}

const hq_clock *hq_test_clock_face(const hq_test_clock *clock)
{
    return &clock->face;
}

/* With `moving` held. */
static hq_status move_to(hq_test_clock *clock, hq_time_us to)
{
    if (to < atomic_load(&clock->now)) {
        return HQ_FAIL(RANGE);
    }
    atomic_store(&clock->now, to);
    for (size_t i = 0; i < clock->count; i++) {
        clock->watchers[i].moved(clock->watchers[i].user);
    }
    return HQ_DONE;
}

hq_status hq_test_clock_set(hq_test_clock *clock, hq_time_us to)
{
    pthread_mutex_lock(&clock->moving);
    hq_status s = move_to(clock, to);
    pthread_mutex_unlock(&clock->moving);
    return s;
}

hq_status hq_test_clock_advance(hq_test_clock *clock, int64_t by_us)
{
    hq_time_us to;
    pthread_mutex_lock(&clock->moving);
    bool past_the_end = hq_add_overflows(&to, atomic_load(&clock->now), by_us);
    hq_status s = past_the_end ? HQ_FAIL(RANGE) : move_to(clock, to);
    pthread_mutex_unlock(&clock->moving);
    return s;
}

/* NULL for a clock that nobody moves. The face of a test clock is never really const: it is made by
 * hq_test_clock_new only. */
static hq_test_clock *movable(const hq_clock *face)
{
    union {
        const hq_clock *face;
        hq_test_clock *clock;
    } as = { .face = face };
    return face->now == test_now ? as.clock : NULL;
}

hq_status hq_clock_watch(const hq_clock *face, void (*moved)(void *user), void *user)
{
    hq_test_clock *clock = movable(face);
    if (clock == NULL) {
        return HQ_DONE;
    }
    hq_status s = HQ_DONE;
    pthread_mutex_lock(&clock->moving);
    if (clock->count == clock->cap) {
        size_t cap = clock->cap == 0 ? 8 : clock->cap * 2;
        watcher *more = realloc(clock->watchers, cap * sizeof *more);
        if (more == NULL) {
            s = HQ_FAIL(NOMEM);
        } else {
            clock->watchers = more;
            clock->cap = cap;
        }
    }
    if (hq_ok(s)) {
        clock->watchers[clock->count++] = (watcher){ moved, user };
    }
    pthread_mutex_unlock(&clock->moving);
    return s;
}

void hq_clock_unwatch(const hq_clock *face, void (*moved)(void *user), void *user)
{
    hq_test_clock *clock = movable(face);
    if (clock == NULL) {
        return;
    }
    pthread_mutex_lock(&clock->moving);
    size_t kept = 0;
    for (size_t i = 0; i < clock->count; i++) {
        watcher w = clock->watchers[i];
        if (w.moved != moved || w.user != user) {
            clock->watchers[kept++] = w;
        }
    }
    clock->count = kept;
    pthread_mutex_unlock(&clock->moving);
}

bool hq_clock_is_movable(const hq_clock *face)
{
    return face->now == test_now;
}
