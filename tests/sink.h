/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A small HTTP server on 127.0.0.1 for tests: takes one request a connection, keeps it, and answers
 * with the next of the given texts (the last one again and again). */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "os/os.h"

enum { SINK_KEPT = 32, SINK_BYTES = 16 * 1024 };

typedef struct {
    int listener, stop[2];
    uint16_t port;
    hq_thread thread;
    const char *const *answers;
    size_t answer_count;
    pthread_mutex_t lock;
    pthread_cond_t came;
    char *kept[SINK_KEPT]; /* whole requests, NUL-terminated */
    size_t count;
} sink;

/* Has the whole request come, its body as long as Content-Length says? */
static inline bool sink_whole(const char *text, size_t len)
{
    const char *end = strstr(text, "\r\n\r\n");
    const char *length = strstr(text, "Content-Length: ");
    if (end == NULL) {
        return false;
    }
    size_t body = length == NULL || length > end ? 0 : strtoul(length + 16, NULL, 10);
    return len >= (size_t)(end + 4 - text) + body;
}

static inline void sink_take(sink *s, int fd)
{
    char *text = calloc(1, SINK_BYTES);
    size_t len = 0;
    ssize_t got = 1;
    while (got > 0 && len < SINK_BYTES - 1 && !sink_whole(text, len)) {
        got = read(fd, text + len, SINK_BYTES - 1 - len);
        len += got > 0 ? (size_t)got : 0;
    }
    pthread_mutex_lock(&s->lock);
    size_t at = s->count < s->answer_count ? s->count : s->answer_count - 1;
    const char *answer = s->answers[at];
    if (s->count < SINK_KEPT) {
        s->kept[s->count] = text;
    } else {
        free(text);
    }
    s->count++;
    pthread_cond_broadcast(&s->came);
    pthread_mutex_unlock(&s->lock);
    ssize_t sent = send(fd, answer, strlen(answer), MSG_NOSIGNAL);
    (void)sent;
}

static inline void sink_run(void *user)
{
    sink *s = user;
    for (;;) {
        struct pollfd fds[2] = { { s->listener, POLLIN, 0 }, { s->stop[0], POLLIN, 0 } };
        if (poll(fds, 2, -1) < 0 || fds[1].revents != 0) {
            return;
        }
        int fd = accept(s->listener, NULL, NULL);
        if (fd >= 0) {
            sink_take(s, fd);
            close(fd);
        }
    }
}

static inline void sink_open(sink *s, const char *const *answers, size_t count)
{
    *s = (sink){ .answers = answers, .answer_count = count };
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->came, NULL);
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof at;
    s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(s->listener, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(s->listener, 16), 0);
    assert_int_equal(getsockname(s->listener, (struct sockaddr *)&at, &len), 0);
    assert_int_equal(pipe(s->stop), 0);
    s->port = ntohs(at.sin_port);
    check_status(hq_thread_start(&s->thread, "sink", sink_run, s), OK);
}

/* Waits until `count` requests have come (five minutes at most); false when they did not. */
static inline bool sink_wait(sink *s, size_t count)
{
    int64_t until = hq_os_monotonic_us() + 300 * HQ_US_PER_SECOND;
    pthread_mutex_lock(&s->lock);
    while (s->count < count && hq_os_monotonic_us() < until) {
        hq_cond_wait_us(&s->came, &s->lock, 100000);
    }
    bool came = s->count >= count;
    pthread_mutex_unlock(&s->lock);
    return came;
}

static inline void sink_close(sink *s)
{
    close(s->stop[1]);
    hq_thread_join(&s->thread);
    close(s->stop[0]);
    close(s->listener);
    for (size_t i = 0; i < SINK_KEPT; i++) {
        free(s->kept[i]);
    }
    pthread_cond_destroy(&s->came);
    pthread_mutex_destroy(&s->lock);
}
