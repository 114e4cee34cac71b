/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The machine's clock, and one for tests that stands still until it is moved, forwards only. Both
 * are an hq_clock, so whoever is given one cannot tell which it is. */

#include "base/base.h"

/* Wall-clock time of the machine. */
const hq_clock *hq_os_clock(void);
/* Microseconds that never jump, from an arbitrary start: for measuring, never for law. */
int64_t hq_os_monotonic_us(void);

typedef struct hq_test_clock hq_test_clock;

/* NULL when there is no memory. */
hq_test_clock *hq_test_clock_new(hq_time_us start);
/* No thread may still use it; NULL is fine. */
void hq_test_clock_free(hq_test_clock *clock);
/* Borrowed, as long as the test clock lives. */
const hq_clock *hq_test_clock_face(const hq_test_clock *clock);
/* Any thread. Returns after every watcher was told and came back, one move at a time. RANGE when it
 * would go backwards or past the end of time; the present instant is accepted. Never from a
 * watcher. */
hq_status hq_test_clock_set(hq_test_clock *clock, hq_time_us to);
hq_status hq_test_clock_advance(hq_test_clock *clock, int64_t by_us);

/* Has `moved(user)` called after each move of the clock, in the moving thread, in the order of
 * registration. On a clock that nobody can move it does nothing. NOMEM. */
hq_status hq_clock_watch(const hq_clock *clock, void (*moved)(void *user), void *user);
/* After it returns the watcher is not running and is never called again. Never from a watcher. */
void hq_clock_unwatch(const hq_clock *clock, void (*moved)(void *user), void *user);
/* Is it a clock that can be moved, so that watching it tells of every change? */
bool hq_clock_is_movable(const hq_clock *clock);
