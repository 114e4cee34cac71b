/* SPDX-License-Identifier: Apache-2.0 */
#include "server/slow.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "os/os.h"

enum { THREADS_MAX = 64, LOOK_US = 1000000 };

typedef struct {
    hq_slow_job *first, **last;
    int waiting, running;
} lane;

struct hq_slow {
    pthread_mutex_t lock;
    pthread_cond_t work;
    lane lanes[HQ_POOL_COUNT];
    int next;            /* lane whose turn it is */
    int queue_max, most; /* most: threads that one lane may hold */
    bool ending;
    hq_thread threads[THREADS_MAX];
    int thread_count;
};

/* With the lock. The lane that may have a thread now, NULL for none. */
static lane *choose(hq_slow *slow)
{
    for (int i = 0; i < HQ_POOL_COUNT; i++) {
        int at = (slow->next + i) % HQ_POOL_COUNT;
        lane *l = &slow->lanes[at];
        if (l->first != NULL && (l->running < slow->most || slow->ending)) {
            slow->next = (at + 1) % HQ_POOL_COUNT;
            return l;
        }
    }
    return NULL;
}

/* With the lock, which is given up while the job runs. */
static void run_next(hq_slow *slow, lane *l)
{
    hq_slow_job *job = l->first;
    l->first = job->next;
    if (l->first == NULL) {
        l->last = &l->first;
    }
    l->waiting--;
    l->running++;
    pthread_mutex_unlock(&slow->lock);
    job->run(job->user);
    pthread_mutex_lock(&slow->lock);
    l->running--;
}

static void serve(void *user)
{
    hq_slow *slow = user;
    /* Password hashing must not take the cores from those who file declarations. */
    (void)setpriority(PRIO_PROCESS, 0, 5);
    pthread_mutex_lock(&slow->lock);
    for (;;) {
        lane *l = choose(slow);
        if (l != NULL) {
            run_next(slow, l);
        } else if (slow->ending) {
            break;
        } else {
            /* In glibc before 2.41 a signal can be lost where several wait (its bug 25847): then
             * the job waits for this time and not for the next job. */
            hq_cond_wait_us(&slow->work, &slow->lock, LOOK_US);
        }
    }
    pthread_mutex_unlock(&slow->lock);
}

hq_status hq_slow_start(hq_slow **out, int threads, int queue_max)
{
    hq_slow *slow = calloc(1, sizeof *slow);
    if (slow == NULL) {
        return HQ_FAIL(NOMEM);
    }
    pthread_mutex_init(&slow->lock, NULL);
    pthread_cond_init(&slow->work, NULL);
    for (int i = 0; i < HQ_POOL_COUNT; i++) {
        slow->lanes[i].last = &slow->lanes[i].first;
    }
    slow->queue_max = queue_max;
    slow->thread_count = threads < THREADS_MAX ? threads : THREADS_MAX;
    slow->most = slow->thread_count > 1 ? slow->thread_count - 1 : 1;
    for (int i = 0; i < slow->thread_count; i++) {
        hq_status s = hq_thread_start(&slow->threads[i], "slow", serve, slow);
        if (hq_failed(s)) {
            hq_slow_stop(slow);
            return s;
        }
    }
    *out = slow;
    return HQ_DONE;
}

bool hq_slow_submit(hq_slow *slow, hq_pool pool, hq_slow_job *job)
{
    lane *l = &slow->lanes[pool];
    pthread_mutex_lock(&slow->lock);
    bool room = l->waiting < slow->queue_max && !slow->ending;
    if (room) {
        job->next = NULL;
        *l->last = job;
        l->last = &job->next;
        l->waiting++;
        pthread_cond_signal(&slow->work);
    }
    pthread_mutex_unlock(&slow->lock);
    return room;
}

void hq_slow_stop(hq_slow *slow)
{
    if (slow == NULL) {
        return;
    }
    pthread_mutex_lock(&slow->lock);
    slow->ending = true;
    pthread_cond_broadcast(&slow->work);
    pthread_mutex_unlock(&slow->lock);
    for (int i = 0; i < slow->thread_count; i++) {
        hq_thread_join(&slow->threads[i]);
    }
    pthread_cond_destroy(&slow->work);
    pthread_mutex_destroy(&slow->lock);
    free(slow);
}
