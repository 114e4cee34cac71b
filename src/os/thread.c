/* SPDX-License-Identifier: Apache-2.0 */
#include "os/thread.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "os/clock.h"
#include "os/file.h"

typedef struct {
    char name[16];
    void (*fn)(void *user);
    void *user;
} start;

static void *run(void *arg)
{
    start s = *(start *)arg;
    free(arg);
    pthread_setname_np(pthread_self(), s.name);
    s.fn(s.user);
    return NULL;
}

hq_status hq_thread_start(hq_thread *out, const char *name, void (*fn)(void *user), void *user)
{
    *out = (hq_thread){ 0 };
    start *s = calloc(1, sizeof *s);
    if (s == NULL) {
        return HQ_FAIL(NOMEM);
    }
    hq_sv shown = hq_sv_sub(hq_sv_from_cstr(name), 0, sizeof s->name - 1);
    memcpy(s->name, shown.ptr, shown.len);
    s->fn = fn;
    s->user = user;
    int error = pthread_create(&out->handle, NULL, run, s);
    if (error != 0) {
        free(s);
        return hq_os_status(error);
    }
    out->started = true;
    return HQ_DONE;
}

void hq_thread_join(hq_thread *thread)
{
    if (thread->started) {
        pthread_join(thread->handle, NULL);
        thread->started = false;
    }
}

bool hq_thread_make_realtime(void)
{
    struct sched_param lowest = { .sched_priority = sched_get_priority_min(SCHED_FIFO) };
    return pthread_setschedparam(pthread_self(), SCHED_FIFO | SCHED_RESET_ON_FORK, &lowest) == 0;
}

static struct timespec timespec_of(int64_t us)
{
    return (struct timespec){ .tv_sec = us / HQ_US_PER_SECOND,
                              .tv_nsec = us % HQ_US_PER_SECOND * 1000 };
}

bool hq_cond_wait_us(pthread_cond_t *cond, pthread_mutex_t *mutex, int64_t us)
{
    int64_t until_us;
    if (hq_add_overflows(&until_us, hq_os_monotonic_us(), us < 0 ? 0 : us)) {
        until_us = INT64_MAX;
    }
    struct timespec until = timespec_of(until_us);
    return pthread_cond_clockwait(cond, mutex, CLOCK_MONOTONIC, &until) != ETIMEDOUT;
}

static void received(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGINT);
    sigaddset(set, SIGTERM);
    sigaddset(set, SIGHUP);
}

hq_status hq_signals_block(void)
{
    sigset_t set;
    received(&set);
    struct sigaction ignore = { .sa_handler = SIG_IGN };
    if (sigaction(SIGPIPE, &ignore, NULL) != 0) {
        return hq_os_status(errno);
    }
    return hq_os_status(pthread_sigmask(SIG_BLOCK, &set, NULL));
}

int hq_signal_wait(int64_t us)
{
    sigset_t set;
    received(&set);
    struct timespec limit = timespec_of(us);
    for (;;) {
        int number = us < 0 ? sigwaitinfo(&set, NULL) : sigtimedwait(&set, NULL, &limit);
        if (number > 0) {
            return number;
        }
        if (errno != EINTR) {
            return 0;
        }
    }
}
