/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* An HTTP request, its answer and a route, as plain values, so that every room can declare routes
 * without knowing the server. A handler runs in a worker: it decodes, checks and computes; it never
 * waits for the disk. To write it hands a closure to hq_request_write and returns: the server
 * suspends the connection, runs the closure in the store's writer, and calls `then` back in a worker
 * when the commit is durable, to render the answer. Routes flagged HQ_ROUTE_SLOW run on a pool of
 * threads that may block (password hashing, waiting for a follower, long reads), and so does any
 * request with a body of more than 512 KiB. */

#include "base/base.h"

struct hq_tx;
struct hq_caller; /* identity/: who is calling, already authenticated and checked for the role */

typedef enum { HQ_GET, HQ_POST, HQ_PUT, HQ_DELETE } hq_method;

typedef enum { HQ_SEVERITY_INFO, HQ_SEVERITY_WARNING, HQ_SEVERITY_ERROR } hq_severity;
/* One thing found in what somebody sent. Not an error of the program. */
typedef struct {
    hq_sv rule; /* stable code, "R1088" */
    hq_severity severity;
    hq_sv path;  /* JSON pointer */
    hq_sv value; /* what was seen, JSON text (a string keeps its quotes), empty for nothing */
    hq_sv vi, en;
} hq_finding;

typedef struct {
    int http;           /* 0: 200 */
    hq_sv content_type; /* empty: application/json */
    hq_buf body;        /* in the request's arena */
    hq_sv etag;         /* without quotes, empty for none */
    hq_sv location;
    hq_sv set_cookie[2];
    hq_sv disposition; /* Content-Disposition */
    bool no_store;
    /* For a failing status: rendered by the server as application/problem+json. */
    hq_why why;
    hq_sv code; /* stable machine code when finer than the status, "E1103" */
    const hq_finding *findings;
    size_t finding_count;
    /* Instead of `body`, an answer that is too long for memory: an open file, sent from its start,
     * which the server closes. */
    bool from_file;
    int file;
    uint64_t file_len;
    hq_sv members; /* further members of the problem, JSON text "\"token\":\"..\"", no braces */
} hq_answer;

/* A body of any length, taken as it comes: what the handler of a route with HQ_ROUTE_STREAM, called
 * when the head is there, leaves in request->intake. All but `ready` and `leave` are called by the
 * connection's worker, which never waits: who cannot take more says so, and the sender is held up
 * until hq_intake_wake. */
struct hq_request;
typedef struct hq_intake hq_intake;
struct hq_intake {
    /* How many of the bytes were taken; fewer than `len`: no room now. */
    size_t (*take)(hq_intake *intake, const char *bytes, size_t len);
    void (*end)(hq_intake *intake); /* all has come */
    /* Once suspended: false when there is room, or the answer, already; true: wake follows, once. */
    bool (*wait)(hq_intake *intake);
    bool (*ready)(const hq_intake *intake); /* after `end`: is the answer there? */
    hq_status (*answer)(hq_intake *intake, struct hq_request *request);
    /* The last call: the answer was sent, or the connection broke. */
    void (*leave)(hq_intake *intake);
    /* The server's. */
    void (*wake)(void *exchange);
    void *exchange;
};
/* From any thread, once for each `wait` that was true. */
static inline void hq_intake_wake(hq_intake *intake)
{
    intake->wake(intake->exchange);
}

/* Which parameters of the query somebody has asked for, so that one that nobody knows can be refused:
 * a slip in a filter would show too much, one in a mode do too much. Kept by hq_request_query. */
#define HQ_QUERY_NAMES 24
typedef struct {
    uint64_t met; /* a bit for each of the first 64 parameters as they stand in the query */
    const char *names[HQ_QUERY_NAMES];
    size_t count;
} hq_query_asked;

typedef struct hq_request hq_request;
typedef hq_status (*hq_handler)(hq_request *request, void *room);

struct hq_request {
    hq_arena *arena; /* the request's, ends after the answer is sent */
    hq_method method;
    hq_sv path;    /* decoded, without the query */
    hq_sv query;   /* raw */
    hq_query_asked asked;
    hq_sv body;    /* at least 64 readable bytes follow it */
    /* BLAKE2b of the body where the server needed it (HQ_ROUTE_KEY), else NULL. */
    const hq_hash32 *body_hash;
    hq_sv params[4]; /* the {..} of the pattern, in order */
    hq_sv idempotency_key, if_match, content_type, last_event_id, user_agent;
    hq_sv peer;     /* address of the sender */
    hq_sv trace_id; /* 32 hex digits */
    bool vietnamese; /* Accept-Language prefers it (the default) */
    const struct hq_caller *caller; /* NULL on public routes without a session */
    hq_time_us received_at;
    hq_answer answer;
    /* Set by hq_request_write. */
    hq_status (*write)(struct hq_tx *tx, void *user);
    void *write_user;
    hq_status (*then)(hq_request *request, hq_status written, void *user);
    bool low_value; /* class of the write */
    bool may_block, deferred; /* hq_request_defer */
    /* Only where a whole answer is too much to store with an Idempotency-Key: the closure leaves a
     * few bytes in `remember` (valid until it returned), and `again` renders the answer from them
     * when the same request comes once more. A handler that may refuse what it took before (tables
     * change) sets `again` and `write_user` before it looks. */
    hq_sv remember;
    hq_status (*again)(hq_request *request, hq_sv remembered, void *user);
    hq_intake *intake; /* HQ_ROUTE_STREAM */
};

/* Asks for `fn(tx, user)` to be run in the writer after the handler returned HQ_OK; `then` renders
 * and returns the final status. then NULL: the status of the write is the answer.
 *
 * On routes with HQ_ROUTE_KEY the server looks the key up in the same transaction before `fn` and
 * stores the answer with it after `fn` returned HQ_OK. Without request->again that answer is what
 * `then` renders, called inside the transaction: such a `then` works on what the closure left in
 * memory and never asks the store. A write that fails is not remembered. */
static inline hq_status hq_request_write(hq_request *request,
                                         hq_status (*fn)(struct hq_tx *tx, void *user),
                                         hq_status (*then)(hq_request *, hq_status, void *),
                                         void *user)
{
    request->write = fn;
    request->write_user = user;
    request->then = then;
    return HQ_DONE;
}

/* In a handler that finds that this request takes long, before it did anything: true when it runs
 * in a worker; then it returns HQ_DONE at once and is called again on a thread that may block. */
static inline bool hq_request_defer(hq_request *request)
{
    request->deferred = !request->may_block;
    return request->deferred;
}

/* Value of a query parameter, percent-decoded into the arena; ptr NULL when absent. The server has
 * refused queries that cannot be decoded to UTF-8. */
hq_sv hq_request_query(hq_request *request, const char *name);
/* The first parameter that nobody has asked for, decoded; ptr NULL when there is none. *near: the
 * name that it resembles, the same name when it stands there a second time, or ptr NULL. */
hq_sv hq_request_strange(hq_request *request, hq_sv *near);
/* %XX, and '+' as a space where asked. `raw` itself when there is nothing to decode. False: a broken
 * escape or no memory. */
bool hq_percent_decode(hq_sv *out, hq_arena *arena, hq_sv raw, bool plus_is_space);

/* Does the request's If-Match allow a change of what now has this entity tag (without quotes)? True
 * when there is none. */
bool hq_if_match(const hq_request *request, hq_sv etag);

enum {
    HQ_ROUTE_PUBLIC = 1 << 0,     /* no sign-in; a session is looked at when there is one */
    HQ_ROUTE_KEY = 1 << 1,        /* Idempotency-Key required */
    HQ_ROUTE_SLOW = 1 << 2,       /* may block */
    HQ_ROUTE_TEST = 1 << 3,       /* only on a server with the test clock */
    HQ_ROUTE_PERSONAL = 1 << 4,   /* reads personal data: the server records the reading */
    HQ_ROUTE_HTML = 1 << 5,       /* errors are pages, not problem+json */
    /* What the body may be; without any of these: JSON. */
    HQ_ROUTE_CSV = 1 << 6,        /* text/csv */
    HQ_ROUTE_NDJSON = 1 << 7,     /* application/x-ndjson */
    HQ_ROUTE_FORM = 1 << 8,       /* application/x-www-form-urlencoded */
    HQ_ROUTE_ANY_TYPE = 1 << 9,   /* files: the handler looks at the type */
    /* With ?mode=dry_run the handler writes nothing, and HQ_ROUTE_KEY asks for no key. */
    HQ_ROUTE_DRY_RUN = 1 << 10,
    /* A body of any length: see hq_intake. `body_max` is of no meaning. */
    HQ_ROUTE_STREAM = 1 << 11
};

/* Bulkheads: each has its own limits, so that a flood of one never blocks another. */
typedef enum { HQ_POOL_FORMAL, HQ_POOL_LOW_VALUE, HQ_POOL_PUBLIC } hq_pool;

typedef struct {
    hq_method method;
    const char *pattern; /* "/api/v1/declarations/{number}" */
    hq_handler handle;
    uint32_t roles; /* bits 1 << hq_role (identity/); 0 with PUBLIC, or every signed-in role */
    uint32_t flags;
    hq_pool pool;
    size_t body_max; /* bytes, 0: 64 KiB */
} hq_route;

typedef struct {
    const char *room; /* "clearance" */
    const hq_route *routes;
    size_t count;
    void *self; /* handed to each handler as `room` */
} hq_route_table;
