/* SPDX-License-Identifier: Apache-2.0 */
#include "os/loop.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "os/clock.h"
#include "os/file.h"
#include "os/timers.h"

enum { BATCH = 64, POSTS_MAX = 65536 };

typedef struct {
    void (*fn)(void *user);
    void *user;
} post;

struct hq_loop {
    const hq_clock *clock;
    int epoll, wake, timer;
    hq_timers timers;
    struct epoll_event batch[BATCH];
    int batch_len;
    pthread_mutex_t lock; /* what follows is shared */
    pthread_cond_t passed;
    post *posts;
    size_t post_count, post_cap;
    uint64_t passes_started, passes_done; /* looks at the clock and the posts */
    pthread_t thread;
    bool running, stopping;
};

static void wake_up(hq_loop *loop)
{
    uint64_t one = 1;
    /* The only failure is a counter that is full, and then the loop wakes anyhow. */
    ssize_t wrote = write(loop->wake, &one, sizeof one);
    (void)wrote;
}

static void drain(int fd)
{
    uint64_t count;
    ssize_t got = read(fd, &count, sizeof count); /* both are non-blocking: nothing there is fine */
    (void)got;
}

/* A test clock has moved: wait until the loop has looked at it once more, from its start. */
static void clock_moved(void *user)
{
    hq_loop *loop = user;
    pthread_mutex_lock(&loop->lock);
    bool inside = loop->running && pthread_equal(loop->thread, pthread_self());
    uint64_t wanted = loop->passes_started + 1;
    wake_up(loop);
    while (loop->running && !inside && loop->passes_done < wanted) {
        pthread_cond_wait(&loop->passed, &loop->lock);
    }
    pthread_mutex_unlock(&loop->lock);
}

static hq_status open_descriptors(hq_loop *loop)
{
    loop->epoll = epoll_create1(EPOLL_CLOEXEC);
    loop->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    loop->timer = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
    if (loop->epoll < 0 || loop->wake < 0 || loop->timer < 0) {
        return HQ_FAIL(IO);
    }
    struct epoll_event wake = { .events = EPOLLIN, .data.ptr = &loop->wake };
    struct epoll_event timer = { .events = EPOLLIN, .data.ptr = &loop->timer };
    if (epoll_ctl(loop->epoll, EPOLL_CTL_ADD, loop->wake, &wake) != 0 ||
        epoll_ctl(loop->epoll, EPOLL_CTL_ADD, loop->timer, &timer) != 0) {
        return HQ_FAIL(IO);
    }
    return hq_clock_watch(loop->clock, clock_moved, loop);
}

hq_status hq_loop_new(hq_loop **out, const hq_clock *clock)
{
    hq_loop *loop = calloc(1, sizeof *loop);
    if (loop == NULL) {
        return HQ_FAIL(NOMEM);
    }
    loop->clock = clock;
    pthread_mutex_init(&loop->lock, NULL); /* neither can fail without attributes */
    pthread_cond_init(&loop->passed, NULL);
    hq_status s = open_descriptors(loop);
    if (hq_failed(s)) {
        hq_loop_free(loop);
        return s;
    }
    *out = loop;
    return HQ_DONE;
}

static void close_open(int fd)
{
    if (fd > 0) {
        close(fd);
    }
}

void hq_loop_free(hq_loop *loop)
{
    if (loop == NULL) {
        return;
    }
    hq_clock_unwatch(loop->clock, clock_moved, loop);
    close_open(loop->epoll);
    close_open(loop->wake);
    close_open(loop->timer);
    hq_os__timers_free(&loop->timers);
    free(loop->posts);
    pthread_cond_destroy(&loop->passed);
    pthread_mutex_destroy(&loop->lock);
    free(loop);
}

void hq_loop_stop(hq_loop *loop)
{
    pthread_mutex_lock(&loop->lock);
    loop->stopping = true;
    wake_up(loop);
    pthread_mutex_unlock(&loop->lock);
}

static hq_status push(hq_loop *loop, post p)
{
    if (loop->post_count == POSTS_MAX) {
        return HQ_FAIL(LIMIT);
    }
    if (loop->post_count == loop->post_cap) {
        size_t cap = loop->post_cap == 0 ? 64 : 2 * loop->post_cap;
        post *more = realloc(loop->posts, cap * sizeof *more);
        if (more == NULL) {
            return HQ_FAIL(NOMEM);
        }
        loop->posts = more;
        loop->post_cap = cap;
    }
    loop->posts[loop->post_count++] = p;
    return HQ_DONE;
}

hq_status hq_loop_post(hq_loop *loop, void (*fn)(void *user), void *user)
{
    pthread_mutex_lock(&loop->lock);
    hq_status s = push(loop, (post){ fn, user });
    if (hq_ok(s) && loop->post_count == 1) {
        wake_up(loop);
    }
    pthread_mutex_unlock(&loop->lock);
    return s;
}

hq_status hq_loop_arm(hq_loop *loop, hq_timer *timer, hq_time_us due)
{
    return hq_os__timers_put(&loop->timers, timer, due);
}

void hq_loop_disarm(hq_loop *loop, hq_timer *timer)
{
    hq_os__timers_take(&loop->timers, timer);
}

hq_status hq_loop_watch(hq_loop *loop, hq_watch *watch, int wanted)
{
    struct epoll_event e = { .data.ptr = watch };
    e.events = ((wanted & HQ_LOOP_READ) != 0 ? (uint32_t)EPOLLIN : 0U) |
               ((wanted & HQ_LOOP_WRITE) != 0 ? (uint32_t)EPOLLOUT : 0U) | (uint32_t)EPOLLRDHUP;
    int what = watch->watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    if (epoll_ctl(loop->epoll, what, watch->fd, &e) != 0) {
        return hq_os_status(errno);
    }
    watch->watched = true;
    return HQ_DONE;
}

void hq_loop_unwatch(hq_loop *loop, hq_watch *watch)
{
    if (!watch->watched) {
        return;
    }
    epoll_ctl(loop->epoll, EPOLL_CTL_DEL, watch->fd, NULL);
    watch->watched = false;
    /* Its event may stand in the batch at hand, and the caller may free it now. */
    for (int i = 0; i < loop->batch_len; i++) {
        if (loop->batch[i].data.ptr == watch) {
            loop->batch[i].data.ptr = NULL;
        }
    }
}

/* Due timers one by one, each of which may arm or disarm any other. */
static void run_timers(hq_loop *loop)
{
    for (;;) {
        hq_timer *timer = hq_os__timers_first(&loop->timers);
        if (timer == NULL || timer->due > hq_now(loop->clock)) {
            return;
        }
        hq_os__timers_take(&loop->timers, timer);
        timer->fn(timer->user);
    }
}

/* All that is posted, in a list of its own, so that posting goes on meanwhile. */
static void run_posts(hq_loop *loop)
{
    pthread_mutex_lock(&loop->lock);
    post *posts = loop->posts;
    size_t count = loop->post_count;
    loop->posts = NULL;
    loop->post_count = 0;
    loop->post_cap = 0;
    pthread_mutex_unlock(&loop->lock);
    for (size_t i = 0; i < count; i++) {
        posts[i].fn(posts[i].user);
    }
    free(posts);
}

static void run_ready(hq_loop *loop)
{
    for (int i = 0; i < loop->batch_len; i++) {
        void *what = loop->batch[i].data.ptr;
        uint32_t events = loop->batch[i].events;
        if (what == &loop->timer) {
            drain(loop->timer);
        } else if (what != NULL && what != &loop->wake) {
            hq_watch *watch = what;
            watch->fn(
                watch->user,
                ((events & EPOLLIN) != 0 ? HQ_LOOP_READ : 0) |
                    ((events & EPOLLOUT) != 0 ? HQ_LOOP_WRITE : 0) |
                    ((events & (EPOLLHUP | EPOLLERR | EPOLLRDHUP)) != 0 ? HQ_LOOP_CLOSED : 0));
        }
    }
    loop->batch_len = 0;
}

/* The machine's clock wakes us by itself, also when it is set. A test clock wakes us when it is
 * moved; any other is asked ten times a second. */
static hq_status sleep_until_something(hq_loop *loop)
{
    int timeout_ms = -1;
    const hq_timer *first = hq_os__timers_first(&loop->timers);
    if (loop->clock == hq_os_clock()) {
        struct itimerspec at = { 0 };
        if (first != NULL) {
            int64_t due = first->due < 1 ? 1 : first->due; /* all zero would mean never */
            at.it_value.tv_sec = due / HQ_US_PER_SECOND;
            at.it_value.tv_nsec = due % HQ_US_PER_SECOND * 1000;
        }
        if (timerfd_settime(loop->timer, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &at, NULL) !=
                0 &&
            errno != ECANCELED) {
            return HQ_FAIL(IO);
        }
    } else if (first != NULL && first->due <= hq_now(loop->clock)) {
        timeout_ms = 0; /* armed by a closure after this pass had looked at the timers */
    } else if (first != NULL && !hq_clock_is_movable(loop->clock)) {
        timeout_ms = 100;
    }
    int len = epoll_wait(loop->epoll, loop->batch, BATCH, timeout_ms);
    if (len < 0 && errno != EINTR) {
        return HQ_FAIL(IO);
    }
    loop->batch_len = len < 0 ? 0 : len;
    return HQ_DONE;
}

/* One look at everything; false when it is time to end. */
static bool pass(hq_loop *loop)
{
    pthread_mutex_lock(&loop->lock);
    /* Emptied before the pass counts as started: a wake-up that comes later leads to another pass.
     */
    drain(loop->wake);
    loop->passes_started++;
    bool stopping = loop->stopping;
    pthread_mutex_unlock(&loop->lock);
    run_ready(loop);
    run_timers(loop);
    run_posts(loop);
    pthread_mutex_lock(&loop->lock);
    loop->passes_done = loop->passes_started;
    pthread_cond_broadcast(&loop->passed);
    pthread_mutex_unlock(&loop->lock);
    return !stopping;
}

hq_status hq_loop_run(hq_loop *loop)
{
    pthread_mutex_lock(&loop->lock);
    loop->thread = pthread_self();
    loop->running = true;
    pthread_mutex_unlock(&loop->lock);
    hq_status s = HQ_DONE;
    while (pass(loop) && hq_ok(s)) {
        s = sleep_until_something(loop);
    }
    pthread_mutex_lock(&loop->lock);
    loop->running = false;
    pthread_cond_broadcast(&loop->passed);
    pthread_mutex_unlock(&loop->lock);
    return s;
}
