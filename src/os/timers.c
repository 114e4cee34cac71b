/* SPDX-License-Identifier: Apache-2.0 */
#include "os/timers.h"

#include <stdlib.h>

static bool goes_before(const hq_timer *a, const hq_timer *b)
{
    return a->due != b->due ? a->due < b->due : a->turn < b->turn;
}

static void seat(hq_timers *timers, size_t place, hq_timer *timer)
{
    timers->heap[place] = timer;
    timer->place = place;
}

/* Seats the timer at `place` or above it. */
static void rise(hq_timers *timers, size_t place, hq_timer *timer)
{
    while (place > 1 && goes_before(timer, timers->heap[place / 2])) {
        seat(timers, place, timers->heap[place / 2]);
        place /= 2;
    }
    seat(timers, place, timer);
}

/* Seats the timer at `place` or below it. */
static void sink(hq_timers *timers, size_t place, hq_timer *timer)
{
    for (;;) {
        size_t child = 2 * place;
        if (child > timers->count) {
            break;
        }
        if (child < timers->count && goes_before(timers->heap[child + 1], timers->heap[child])) {
            child++;
        }
        if (!goes_before(timers->heap[child], timer)) {
            break;
        }
        seat(timers, place, timers->heap[child]);
        place = child;
    }
    seat(timers, place, timer);
}

hq_status hq_os__timers_put(hq_timers *timers, hq_timer *timer, hq_time_us due)
{
    hq_os__timers_take(timers, timer);
    if (timers->count + 1 >= timers->cap) {
        size_t cap = timers->cap == 0 ? 16 : 2 * timers->cap;
        hq_timer **more = realloc(timers->heap, cap * sizeof(hq_timer *));
        if (more == NULL) {
            return HQ_FAIL(NOMEM);
        }
        timers->heap = more;
        timers->cap = cap;
    }
    timer->due = due;
    timer->turn = timers->turns++;
    timers->count++;
    rise(timers, timers->count, timer);
    return HQ_DONE;
}

void hq_os__timers_take(hq_timers *timers, hq_timer *timer)
{
    size_t place = timer->place;
    if (place == 0) {
        return;
    }
    timer->place = 0;
    hq_timer *last = timers->heap[timers->count--];
    if (last == timer) {
        return;
    }
    if (place > 1 && goes_before(last, timers->heap[place / 2])) {
        rise(timers, place, last);
    } else {
        sink(timers, place, last);
    }
}

hq_timer *hq_os__timers_first(const hq_timers *timers)
{
    return timers->count == 0 ? NULL : timers->heap[1];
}

void hq_os__timers_free(hq_timers *timers)
{
    free(timers->heap);
    *timers = (hq_timers){ 0 };
}
