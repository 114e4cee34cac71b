/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Private to server/: threads that may block, with a bounded queue for each pool before them. The
 * pools take turns, and none holds the last thread, so that a flood of one never blocks another. */

#include "server/server.h"

typedef struct hq_slow hq_slow;
typedef struct hq_slow_job hq_slow_job;
struct hq_slow_job {
    void (*run)(void *user);
    void *user;
    hq_slow_job *next; /* the pool's */
};

hq_status hq_slow_start(hq_slow **out, int threads, int queue_max);
/* False when the queue of the pool is full. The job must live until it runs. */
bool hq_slow_submit(hq_slow *slow, hq_pool pool, hq_slow_job *job);
/* Runs what is queued, then ends the threads. */
void hq_slow_stop(hq_slow *slow);
