/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Threads and signals. Locks are plain pthreads; what is here is what pthreads make awkward. */

#include <pthread.h>

#include "base/base.h"

typedef struct {
    pthread_t handle;
    bool started;
} hq_thread;

/* `name` (at most 15 bytes) is what tools show. NOMEM or BUSY when the system has no more threads.
 */
hq_status hq_thread_start(hq_thread *out, const char *name, void (*fn)(void *user), void *user);
/* Waits for its end. On a thread that never started, or was joined, it does nothing. */
void hq_thread_join(hq_thread *thread);
/* Asks for real-time scheduling (SCHED_FIFO, lowest priority) of the calling thread; says whether
 * the system allowed it. What it starts later runs normally. */
bool hq_thread_make_realtime(void);

/* Waits at most `us` (steady time, not the wall clock's); false when that has passed. May wake
 * early like every condition: test in a loop. */
bool hq_cond_wait_us(pthread_cond_t *cond, pthread_mutex_t *mutex, int64_t us);

/* Blocks INT, TERM and HUP in the calling thread and all it starts, and ignores PIPE. Call first in
 * main, then receive them with hq_signal_wait. */
hq_status hq_signals_block(void);
/* The next of these signals, or 0 after `us` (< 0: no limit). */
int hq_signal_wait(int64_t us);
