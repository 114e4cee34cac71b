/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Private to server/: one request from its head to the end of its answer.
 *
 *   begin   head is there: framing, route, limits, sign-in, role, types; a refusal is kept
 *   body    bytes of it
 *   run     the body is there, or the connection was resumed: handler, write, `then`
 *   end     the answer was sent or the connection broke
 *
 * All four are called by the connection's worker, one at a time. Between a suspension and its
 * resume the request belongs to the writer or to a slow thread. */

#include "server/http.h"
#include "server/server.h"
#include "server/slow.h"

typedef struct hq_route_node hq_route_node;
typedef struct hq_stream hq_stream;

/* A route with what the server keeps about it. */
typedef struct {
    const hq_route *route;
    const char *room;
    void *self;
    hq_metric *seconds;
} hq_compiled;

typedef enum {
    HQ_AT_BODY,    /* takes the body */
    HQ_AT_STREAM,  /* hands the body on as it comes */
    HQ_AT_REFUSED, /* answer known; the rest of the body is thrown away */
    HQ_AT_WRITE,   /* the writer has it */
    HQ_AT_SLOW,    /* a slow thread has it */
    HQ_AT_ANSWER   /* nothing left but to render */
} hq_stage;

typedef struct hq_exchange hq_exchange;
struct hq_exchange {
    hq_request request; /* first: what handlers see */
    hq_server *server;
    void *wire;
    hq_exchange *next; /* of the list it is in */
    hq_arena *big;     /* own arena of a route with large bodies */
    hq_arena *small;   /* kept from request to request */
    const hq_compiled *compiled;
    hq_stage stage;
    hq_status status; /* the final one */
    uint32_t allowed; /* methods, for 405 and OPTIONS */
    bool head_only;   /* HEAD */
    bool counted;     /* holds a place of its pool */
    bool drop;        /* nothing more is read from this connection */
    bool chunked;
    bool body_ended; /* of a stream */
    int64_t started_us;
    size_t body_max, declared_length, received;
    size_t held; /* of the server's memory for bodies */
    int retry_after_s;
    hq_sv if_none_match, accept_encoding;
    /* What the key of an idempotent request is made of stands before the body, in one piece. */
    hq_buf bytes;
    size_t prefix;
    hq_slow_job slow;
    hq_write write;
    hq_idempotency key;
    hq_hash32 body_hash;
    hq_sv replayed; /* stored answer */
    bool rendered;  /* `then` has run in the transaction, with this outcome: */
    hq_status rendered_as;
    const hq_http_fixed *fixed;
    hq_stream *stream;
    hq_wire_reply reply;
    uint64_t trace[2];
    char trace_text[32];
};

/* NULL: no memory, the connection is closed. */
hq_exchange *hq_exchange_begin(hq_server *server, void *wire, const hq_http_head *head);
/* Is the answer known so early that the body need not come? */
bool hq_exchange_refuses_at_once(const hq_exchange *ex);
/* Takes `*len` bytes of the body and leaves in it how many were not taken: then the connection was
 * suspended. False: close the connection. */
bool hq_exchange_body(hq_exchange *ex, const char *bytes, size_t *len);
/* The answer, or NULL when the connection was suspended. */
const hq_wire_reply *hq_exchange_run(hq_exchange *ex);
void hq_exchange_end(hq_exchange *ex);

/* spare.c: NULL without memory. */
hq_exchange *hq_exchange_spare(hq_server *server);
hq_exchange *hq_exchange_make(hq_server *server);
void hq_exchange_release(hq_exchange *ex);
void hq_exchange_free_spares(hq_server *server);

/* The answer is known; what comes of the body is thrown away. */
void hq_exchange_refuse(hq_exchange *ex, hq_status status);
/* Gives the connection back to its worker; from here on `ex` may be gone. */
void hq_exchange_wake(hq_exchange *ex);

/* stream.c: a route with HQ_ROUTE_STREAM. The handler sees the head and says who takes the body;
 * the request holds its place of the pool from here on. */
bool hq_exchange_streams(const hq_exchange *ex);
void hq_stream_open(hq_exchange *ex);
bool hq_stream_take(hq_exchange *ex, const char *bytes, size_t *left); /* like hq_exchange_body */
bool hq_stream_end(hq_exchange *ex); /* true: the connection was suspended */

static inline hq_exchange *hq_exchange_of(hq_request *request)
{
    return (hq_exchange *)(void *)request;
}
