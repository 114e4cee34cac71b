/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "os/os.h"
#include "server/exchange.h"
#include "server/listen.h"

/* libmicrohttpd: an epoll thread pool where handlers never block. Its memory per connection is one
 * pool that holds head, read buffer and head of the answer, and that is zeroed after every request:
 * small is fast. Some 700 bytes more are its own: together under 8 kB (issue 2). */
#define CONNECTION_MEMORY    ((size_t)6400)
#define CONNECTION_INCREMENT ((size_t)1024)

enum { WAITS_HEAD, WAITS_BODY, WORKS };

/* What is kept of a connection. */
typedef struct peer peer;
struct peer {
    peer *before, *after;
    int fd;
    _Atomic int state;
    _Atomic int64_t since_us;
    uint8_t len;
    char text[INET6_ADDRSTRLEN];
};

struct hq_http {
    struct MHD_Daemon *daemon;
    void *server;
    int port, quiesced_fd;
    int64_t idle_us, body_us;
    pthread_mutex_t lock; /* of the list */
    peer *peers;
    _Atomic int64_t count;
    _Atomic int suspended;
    _Atomic bool stopping;
};

struct hq_http_fixed {
    struct MHD_Response *response;
    unsigned http;
};

/* ------------------------------------------------------------------ connections */

static void set_state(peer *p, int state)
{
    if (p != NULL) {
        atomic_store_explicit(&p->since_us, hq_os_monotonic_us(), memory_order_relaxed);
        atomic_store_explicit(&p->state, state, memory_order_relaxed);
    }
}

static void name_peer(peer *p, struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *at = info == NULL ? NULL : info->client_addr;
    if (at != NULL && at->sa_family == AF_INET) {
        inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)at)->sin_addr, p->text,
                  sizeof p->text);
    } else if (at != NULL && at->sa_family == AF_INET6) {
        inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)(const void *)at)->sin6_addr, p->text,
                  sizeof p->text);
    }
    p->len = (uint8_t)strlen(p->text);
}

static void *open_peer(hq_http *http, struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    peer *p = calloc(1, sizeof *p);
    if (p == NULL || info == NULL) {
        free(p);
        return NULL;
    }
    p->fd = info->connect_fd;
    name_peer(p, connection);
    set_state(p, WAITS_HEAD);
    pthread_mutex_lock(&http->lock);
    p->after = http->peers;
    if (p->after != NULL) {
        p->after->before = p;
    }
    http->peers = p;
    pthread_mutex_unlock(&http->lock);
    return p;
}

/* The descriptor is still open here, so that the reaper, under the lock, never closes another's. */
static void close_peer(hq_http *http, peer *p)
{
    if (p == NULL) {
        return;
    }
    pthread_mutex_lock(&http->lock);
    if (p->before != NULL) {
        p->before->after = p->after;
    } else {
        http->peers = p->after;
    }
    if (p->after != NULL) {
        p->after->before = p->before;
    }
    pthread_mutex_unlock(&http->lock);
    free(p);
}

static void on_connection(void *cls, struct MHD_Connection *connection, void **context,
                          enum MHD_ConnectionNotificationCode code)
{
    hq_http *http = cls;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        *context = open_peer(http, connection);
        atomic_fetch_add(&http->count, 1);
    } else {
        close_peer(http, *context);
        atomic_fetch_sub(&http->count, 1);
    }
}

void hq_http_reap(hq_http *http, int64_t now_us)
{
    pthread_mutex_lock(&http->lock);
    for (peer *p = http->peers; p != NULL; p = p->after) {
        int state = atomic_load_explicit(&p->state, memory_order_relaxed);
        int64_t waited = now_us - atomic_load_explicit(&p->since_us, memory_order_relaxed);
        if ((state == WAITS_HEAD && waited > http->idle_us) ||
            (state == WAITS_BODY && waited > http->body_us)) {
            shutdown(p->fd, SHUT_RDWR);
        }
    }
    pthread_mutex_unlock(&http->lock);
}

int64_t hq_http_connections(const hq_http *http)
{
    return atomic_load(&http->count);
}

static peer *peer_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info == NULL ? NULL : info->socket_context;
}

/* ------------------------------------------------------------------ heads */

static const struct {
    const char *name;
    uint8_t len;
    bool single;
    size_t offset;
} known_headers[] = {
#define HEADER(text, field, single)                                                                \
    {                                                                                              \
        text, sizeof(text) - 1, single, offsetof(hq_http_head, field)                              \
    }
    HEADER("Accept-Encoding", accept_encoding, false),
    HEADER("Accept-Language", accept_language, false),
    HEADER("Authorization", authorization, true),
    HEADER("Content-Encoding", content_encoding, true),
    HEADER("Content-Length", content_length, true),
    HEADER("Content-Type", content_type, true),
    HEADER("Cookie", cookie, false),
    HEADER("X-CSRF-Token", csrf, true),
    HEADER("X-Forwarded-For", forwarded_for, false),
    HEADER("Host", host, true),
    HEADER("Idempotency-Key", idempotency_key, true),
    HEADER("If-Match", if_match, true),
    HEADER("If-None-Match", if_none_match, false),
    HEADER("Last-Event-ID", last_event_id, true),
    HEADER("Transfer-Encoding", transfer_encoding, true),
    HEADER("User-Agent", user_agent, false),
#undef HEADER
};

static enum MHD_Result take_header(void *cls, enum MHD_ValueKind kind, const char *name,
                                   size_t name_len, const char *value, size_t value_len)
{
    (void)kind;
    hq_http_head *head = cls;
    for (size_t i = 0; i < sizeof known_headers / sizeof known_headers[0]; i++) {
        if (known_headers[i].len == name_len &&
            strncasecmp(known_headers[i].name, name, name_len) == 0) {
            hq_sv *to = (hq_sv *)(void *)((char *)head + known_headers[i].offset);
            head->repeated = head->repeated || (known_headers[i].single && to->ptr != NULL);
            *to = value == NULL ? HQ_SV("") : hq_sv_make(value, value_len);
            break;
        }
    }
    return MHD_YES;
}

static enum MHD_Result add_argument(void *cls, enum MHD_ValueKind kind, const char *name,
                                    size_t name_len, const char *value, size_t value_len)
{
    (void)kind;
    hq_buf *to = cls;
    if (to->len > 0) {
        hq_buf_char(to, '&');
    }
    hq_buf_append(to, name, name_len);
    if (value != NULL) {
        hq_buf_char(to, '=');
        hq_buf_append(to, value, value_len);
    }
    return MHD_YES;
}

hq_sv hq_http_query(void *wire, hq_arena *arena)
{
    hq_buf query = HQ_BUF_ARENA(arena, CONNECTION_MEMORY);
    if (MHD_get_connection_values_n(wire, MHD_GET_ARGUMENT_KIND, NULL, NULL) <= 0) {
        return HQ_SV_NULL;
    }
    MHD_get_connection_values_n(wire, MHD_GET_ARGUMENT_KIND, add_argument, &query);
    return query.ptr == NULL ? HQ_SV("") : hq_buf_view(&query);
}

/* Paths and queries are decoded by the server, segment by segment. */
static size_t leave_escaped(void *cls, struct MHD_Connection *connection, char *text)
{
    (void)cls;
    (void)connection;
    return strlen(text);
}

/* ------------------------------------------------------------------ answers */

static struct MHD_Response *with_headers(struct MHD_Response *response, const hq_wire_reply *reply)
{
    for (size_t i = 0; response != NULL && i < reply->header_count; i++) {
        if (MHD_add_response_header(response, reply->headers[i].name, reply->headers[i].value) !=
            MHD_YES) {
            MHD_destroy_response(response);
            return NULL;
        }
    }
    return response;
}

static struct MHD_Response *make_response(const hq_wire_reply *reply)
{
    /* The library takes a pointer that it does not write to. */
    union {
        const char *from;
        void *to;
    } body = { .from = reply->body.ptr };
    return with_headers(
        MHD_create_response_from_buffer(reply->body.len, body.to, MHD_RESPMEM_PERSISTENT), reply);
}

static ssize_t read_stream(void *cls, uint64_t at, char *to, size_t max)
{
    (void)at;
    const hq_wire_reply *reply = cls;
    int64_t got = reply->read(reply->read_user, to, max);
    return got < 0 ? MHD_CONTENT_READER_END_OF_STREAM : (ssize_t)got;
}

static struct MHD_Response *make_stream(const hq_wire_reply *reply)
{
    union {
        const hq_wire_reply *from;
        void *to;
    } self = { .from = reply };
    return with_headers(MHD_create_response_from_callback(
                            MHD_SIZE_UNKNOWN, CONNECTION_INCREMENT * 2, read_stream, self.to, NULL),
                        reply);
}

/* The library takes the file over. */
static struct MHD_Response *make_file(const hq_wire_reply *reply)
{
    struct MHD_Response *response = MHD_create_response_from_fd64(reply->file_len, reply->file);
    if (response == NULL) {
        close(reply->file);
    }
    return with_headers(response, reply);
}

static enum MHD_Result send_reply(struct MHD_Connection *connection, const hq_wire_reply *reply)
{
    if (reply->fixed != NULL) {
        return MHD_queue_response(connection, reply->fixed->http, reply->fixed->response);
    }
    struct MHD_Response *response = reply->from_file      ? make_file(reply)
                                    : reply->read != NULL ? make_stream(reply)
                                                          : make_response(reply);
    if (response == NULL) {
        return MHD_NO;
    }
    enum MHD_Result sent = MHD_queue_response(connection, (unsigned)reply->http, response);
    MHD_destroy_response(response);
    return sent;
}

hq_http_fixed *hq_http_fixed_new(const hq_wire_reply *reply)
{
    hq_http_fixed *fixed = calloc(1, sizeof *fixed);
    if (fixed != NULL) {
        fixed->http = (unsigned)reply->http;
        fixed->response = make_response(reply);
    }
    if (fixed != NULL && fixed->response == NULL) {
        free(fixed);
        return NULL;
    }
    return fixed;
}

void hq_http_fixed_free(hq_http_fixed *fixed)
{
    if (fixed != NULL) {
        MHD_destroy_response(fixed->response);
        free(fixed);
    }
}

/* Counted first, so that either the one who stops sees it or this sees that all is stopping. */
bool hq_http_suspend(hq_http *http, void *wire)
{
    atomic_fetch_add(&http->suspended, 1);
    if (atomic_load(&http->stopping)) {
        atomic_fetch_sub(&http->suspended, 1);
        return false;
    }
    MHD_suspend_connection(wire);
    return true;
}

/* The last look at `http`: after it the listener may be gone. */
void hq_http_resume(hq_http *http, void *wire)
{
    MHD_resume_connection(wire);
    atomic_fetch_sub(&http->suspended, 1);
}

/* ------------------------------------------------------------------ requests */

static enum MHD_Result first_call(hq_http *http, struct MHD_Connection *connection, const char *url,
                                  const char *method, void **request)
{
    peer *p = peer_of(connection);
    hq_http_head head = { .method = hq_sv_from_cstr(method), .path = hq_sv_from_cstr(url) };
    head.peer = p == NULL ? HQ_SV("") : hq_sv_make(p->text, p->len);
    MHD_get_connection_values_n(connection, MHD_HEADER_KIND, take_header, &head);
    set_state(p, WAITS_BODY);
    hq_exchange *ex = hq_exchange_begin(http->server, connection, &head);
    *request = ex;
    if (ex == NULL) {
        return MHD_NO;
    }
    if (hq_exchange_refuses_at_once(ex)) {
        return send_reply(connection, hq_exchange_run(ex));
    }
    return MHD_YES;
}

/* A stream has its time for each piece and not for the whole, and none while it is held up here;
 * then it is in other hands. */
static enum MHD_Result take_body(struct MHD_Connection *connection, hq_exchange *ex,
                                 const char *upload, size_t *upload_len)
{
    peer *p = ex->stage == HQ_AT_STREAM ? peer_of(connection) : NULL;
    set_state(p, WORKS);
    if (!hq_exchange_body(ex, upload, upload_len)) {
        return MHD_NO;
    }
    if (*upload_len == 0) {
        set_state(p, WAITS_BODY);
    }
    return MHD_YES;
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_len, void **request)
{
    (void)version;
    if (*request == NULL) {
        return first_call(cls, connection, url, method, request);
    }
    hq_exchange *ex = *request;
    if (*upload_len > 0) {
        return take_body(connection, ex, upload, upload_len);
    }
    if (ex->stage <= HQ_AT_REFUSED) {
        set_state(peer_of(connection), WORKS);
    }
    const hq_wire_reply *reply = hq_exchange_run(ex);
    return reply == NULL ? MHD_YES : send_reply(connection, reply);
}

static void on_completed(void *cls, struct MHD_Connection *connection, void **request,
                         enum MHD_RequestTerminationCode code)
{
    (void)cls;
    (void)code;
    if (*request != NULL) {
        hq_exchange_end(*request);
        *request = NULL;
    }
    set_state(peer_of(connection), WAITS_HEAD);
}

/* ------------------------------------------------------------------ start and stop */

static void start_daemon(hq_http *http, const hq_http_options *o, int fd, hq_arena *arena)
{
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_TURBO;
    struct MHD_OptionItem tls[3] = { { MHD_OPTION_END, 0, NULL } };
    if (o->certificate.len > 0) {
        flags |= MHD_USE_TLS;
        tls[0] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_CERT, 0,
                                          hq_arena_cstr(arena, o->certificate) };
        tls[1] =
            (struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_KEY, 0, hq_arena_cstr(arena, o->key) };
        tls[2] = (struct MHD_OptionItem){ MHD_OPTION_END, 0, NULL };
    }
    http->daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, on_request, http, MHD_OPTION_LISTEN_SOCKET, fd,
        MHD_OPTION_THREAD_POOL_SIZE, (unsigned)o->workers, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)o->connections, MHD_OPTION_PER_IP_CONNECTION_LIMIT, (unsigned)o->per_address,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)o->idle_s, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        CONNECTION_MEMORY, MHD_OPTION_CONNECTION_MEMORY_INCREMENT, CONNECTION_INCREMENT,
        MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL, MHD_OPTION_NOTIFY_CONNECTION,
        on_connection, http, MHD_OPTION_UNESCAPE_CALLBACK, leave_escaped, NULL,
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1, MHD_OPTION_ARRAY,
        tls, MHD_OPTION_END);
}

hq_status hq_http_start(hq_http **out, const hq_http_options *o, hq_arena *arena, hq_why *why)
{
    int fd;
    hq_http *http = calloc(1, sizeof *http);
    if (http == NULL || pthread_mutex_init(&http->lock, NULL) != 0) {
        free(http);
        return HQ_FAIL(NOMEM);
    }
    http->server = o->server;
    http->idle_us = o->idle_s * HQ_US_PER_SECOND;
    http->body_us = o->body_s * HQ_US_PER_SECOND;
    http->quiesced_fd = -1;
    /* Before the first request can come, which may ask for it. */
    *out = http;
    hq_status s = hq_listen(&fd, &http->port, o->listen, arena, why);
    if (hq_ok(s)) {
        start_daemon(http, o, fd, arena);
        if (http->daemon == NULL) {
            close(fd);
            *why = (hq_why){ .vi = HQ_SV("không khởi động được máy chủ HTTP; kiểm tra chứng thư và "
                                         "khóa TLS, số luồng và số tệp được mở"),
                             .en = HQ_SV("the HTTP server does not start; check TLS certificate "
                                         "and key, limits of threads and open files") };
            s = HQ_FAIL(IO);
        }
    }
    if (hq_failed(s)) {
        *out = NULL;
        pthread_mutex_destroy(&http->lock);
        free(http);
    }
    return s;
}

int hq_http_port(const hq_http *http)
{
    return http->port;
}

void hq_http_quiesce(hq_http *http)
{
    http->quiesced_fd = MHD_quiesce_daemon(http->daemon);
}

/* The library ends the process when it is stopped over a suspended connection. */
void hq_http_stop(hq_http *http)
{
    const struct timespec pause = { 0, 1000000 };
    atomic_store(&http->stopping, true);
    while (atomic_load(&http->suspended) > 0) {
        nanosleep(&pause, NULL);
    }
    MHD_stop_daemon(http->daemon);
    if (http->quiesced_fd >= 0) {
        close(http->quiesced_fd);
    }
    pthread_mutex_destroy(&http->lock);
    free(http);
}
