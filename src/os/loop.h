/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* An event loop: file descriptors, timers on an injected clock, and closures posted from other
 * threads. One thread runs it; everything but posting and stopping belongs to that thread (or to
 * whoever builds the loop before it runs). On a test clock, moving the clock returns only when the
 * timers that fell due have run. */

#include "base/base.h"

typedef struct hq_loop hq_loop;

/* Both live in the caller's own structures and are borrowed while armed or watched. Zero at birth.
 */
typedef struct {
    void (*fn)(void *user);
    void *user;
    hq_time_us due;
    uint64_t turn; /* timers of one instant run in the order they were armed */
    size_t place;  /* 0: not armed */
} hq_timer;

enum { HQ_LOOP_READ = 1, HQ_LOOP_WRITE = 2, HQ_LOOP_CLOSED = 4 };
typedef struct {
    void (*fn)(void *user, int ready); /* HQ_LOOP_* bits */
    void *user;
    int fd;
    bool watched;
} hq_watch;

/* The clock must outlive the loop. NOMEM, IO. */
hq_status hq_loop_new(hq_loop **out, const hq_clock *clock);
/* After it has stopped. Closures still waiting are dropped. NULL is fine. */
void hq_loop_free(hq_loop *loop);
/* Runs until stopped; closures posted before the stop have all run. IO when the system fails. */
hq_status hq_loop_run(hq_loop *loop);
/* From any thread. A loop that is stopped before it runs ends at once. */
void hq_loop_stop(hq_loop *loop);

/* Has `fn(user)` run by the loop's thread, in order of posting. From any thread. LIMIT when 65536
 * wait, NOMEM. */
hq_status hq_loop_post(hq_loop *loop, void (*fn)(void *user), void *user);

/* Runs timer->fn once when the clock reaches `due`; an armed timer is moved. A timer may arm itself
 * again, later than its due time: each of its turns up to the present is then run. NOMEM. */
hq_status hq_loop_arm(hq_loop *loop, hq_timer *timer, hq_time_us due);
void hq_loop_disarm(hq_loop *loop, hq_timer *timer);

/* Calls watch->fn whenever watch->fd is ready for `wanted`; again with other bits changes them.
 * CLOSED comes unasked, again and again until the watch is ended. The descriptor stays the
 * caller's: unwatch before closing it. */
hq_status hq_loop_watch(hq_loop *loop, hq_watch *watch, int wanted);
void hq_loop_unwatch(hq_loop *loop, hq_watch *watch);
