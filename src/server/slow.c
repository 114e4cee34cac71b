/* SPDX-License-Identifier: Apache-2.0 */
#include "server/slow.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "os/os.h"

enum { THREADS_MAX = 64 };

struct hq_slow {
    pthread_mutex_t lock;
    pthread_cond_t work;
    hq_slow_job *first, **last;
    int waiting, queue_max;
    bool ending;
    hq_thread threads[THREADS_MAX];
    int thread_count;
};

static void serve(void *user)
{
    hq_slow *slow = user;
    /* Password hashing must not take the cores from those who file declarations. */
    (void)setpriority(PRIO_PROCESS, 0, 5);
    pthread_mutex_lock(&slow->lock);
    for (;;) {
        hq_slow_job *job = slow->first;
        if (job == NULL && slow->ending) {
            break;
        }
        if (job == NULL) {
            pthread_cond_wait(&slow->work, &slow->lock);
            continue;
        }
        slow->first = job->next;
        if (slow->first == NULL) {
            slow->last = &slow->first;
        }
        slow->waiting--;
        pthread_mutex_unlock(&slow->lock);
        job->run(job->user);
        pthread_mutex_lock(&slow->lock);
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
    slow->last = &slow->first;
    slow->queue_max = queue_max;
    slow->thread_count = threads < THREADS_MAX ? threads : THREADS_MAX;
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

bool hq_slow_submit(hq_slow *slow, hq_slow_job *job)
{
    pthread_mutex_lock(&slow->lock);
    bool room = slow->waiting < slow->queue_max && !slow->ending;
    if (room) {
        job->next = NULL;
        *slow->last = job;
        slow->last = &job->next;
        slow->waiting++;
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
