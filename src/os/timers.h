/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Private to os/: timers ordered by their instant, a binary heap counted from 1. */

#include "os/loop.h"

typedef struct {
    hq_timer **heap;
    size_t count, cap;
    uint64_t turns;
} hq_timers;

hq_status hq_os__timers_put(hq_timers *timers, hq_timer *timer, hq_time_us due);
void hq_os__timers_take(hq_timers *timers, hq_timer *timer);
/* The earliest, NULL when there is none. */
hq_timer *hq_os__timers_first(const hq_timers *timers);
void hq_os__timers_free(hq_timers *timers);
