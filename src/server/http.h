/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Private to server/: the connection side. http_mhd.c is the one file that knows libmicrohttpd; it
 * calls the functions of exchange.h for each request and offers the ones below. */

#include "base/base.h"

typedef struct hq_http hq_http;

/* The head of a request, borrowed until the request ends. What was absent has ptr NULL. */
typedef struct {
    hq_sv method, path; /* as sent, percent-encoded */
    hq_sv query;        /* in the arena given to hq_http_query */
    hq_sv accept_encoding, accept_language, authorization, content_encoding, content_length,
        content_type, cookie, csrf, forwarded_for, host, idempotency_key, if_match, if_none_match,
        last_event_id, transfer_encoding, user_agent;
    hq_sv peer;    /* address, without port */
    bool repeated; /* a header came twice that must come once */
} hq_http_head;

#define HQ_HTTP_HEADERS 16

/* Ready-made answer that is sent many times. */
typedef struct hq_http_fixed hq_http_fixed;

/* Bytes of a stream: up to `max` into `to`; 0: none now, and the stream has suspended itself;
 * -1: the end. */
typedef int64_t (*hq_http_read)(void *user, char *to, size_t max);

typedef struct {
    int http;
    hq_sv body; /* lives until the request ends */
    struct {
        const char *name, *value;
    } headers[HQ_HTTP_HEADERS];
    size_t header_count;
    const hq_http_fixed *fixed; /* instead of all the above */
    hq_http_read read;          /* instead of body */
    void *read_user;
    bool from_file; /* instead of body: `file`, which is closed when it was sent */
    int file;
    uint64_t file_len;
} hq_wire_reply;

typedef struct {
    hq_sv listen;
    hq_sv certificate, key;
    int workers, connections, per_address, idle_s, body_s;
    void *server; /* handed to hq_exchange_begin */
} hq_http_options;

hq_status hq_http_start(hq_http **out, const hq_http_options *options, hq_arena *arena,
                        hq_why *why);
int hq_http_port(const hq_http *http);
/* Accepts nobody any more; connections live on. */
void hq_http_quiesce(hq_http *http);
/* Nothing is suspended any more from now on; waits until all that is has been resumed, closes all.
 */
void hq_http_stop(hq_http *http);
/* Closes connections that have taken too long over a head or a body; call every few seconds. */
void hq_http_reap(hq_http *http, int64_t now_us);
int64_t hq_http_connections(const hq_http *http);

/* The query as sent, without '?', rebuilt into the arena; ptr NULL when there is none. */
hq_sv hq_http_query(void *wire, hq_arena *arena);
/* Stops looking at the connection, from its own worker; any thread resumes it, once. False: the
 * listener is about to stop and the connection was not suspended. */
bool hq_http_suspend(hq_http *http, void *wire);
void hq_http_resume(hq_http *http, void *wire);

/* `body` must live until hq_http_fixed_free. NULL without memory. */
hq_http_fixed *hq_http_fixed_new(const hq_wire_reply *reply);
void hq_http_fixed_free(hq_http_fixed *fixed);
