/* SPDX-License-Identifier: Apache-2.0 */
#include "server/exchange.h"

#include <stdlib.h>

#include "server/admit.h"
#include "server/state.h"

#define BIG_BODY   ((size_t)1 << 20)
#define BIG_FACTOR 24 /* what reading a large table may take, times its size */
/* A body above this size takes so long that its worker would keep others waiting. */
#define SLOW_BODY ((size_t)512 << 10)
#define SPARES    256
#define PADDING   64
/* A refused body of this size is read and thrown away, so that the sender sees the answer. */
#define DRAINED_MAX ((size_t)256 << 10)
#define INNER_BODY  ((size_t)8 << 20) /* of a request from inside */
/* Bodies up to this size are held by the number of connections alone; of larger ones all together
 * may take so much (body_memory). */
#define HELD_FREE ((size_t)16 << 10)

/* ------------------------------------------------------------------ begin */

/* Unique, not secret: a random start per exchange, then splitmix64. */
static void name_trace(hq_exchange *ex)
{
    static const char digits[] = "0123456789abcdef";
    ex->trace[1] += 0x9e3779b97f4a7c15;
    uint64_t z = ex->trace[1];
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    uint64_t words[2] = { ex->trace[0], z ^ (z >> 31) };
    for (int i = 0; i < 32; i++) {
        ex->trace_text[i] = digits[words[i / 16] >> (60 - 4 * (i % 16)) & 15];
    }
    ex->request.trace_id = hq_sv_make(ex->trace_text, sizeof ex->trace_text);
}

void hq_exchange_refuse(hq_exchange *ex, hq_status s)
{
    ex->stage = HQ_AT_REFUSED;
    ex->status = s;
}

/* Room for `bytes` of a body among all that are coming in. */
static bool hold(hq_exchange *ex, size_t bytes)
{
    hq_server *server = ex->server;
    int64_t more = bytes > HELD_FREE + ex->held ? (int64_t)(bytes - HELD_FREE - ex->held) : 0;
    if (more == 0) {
        return true;
    }
    int64_t held = atomic_fetch_add_explicit(&server->held, more, memory_order_relaxed) + more;
    ex->held += (size_t)more;
    return held <= (int64_t)server->options.limits.body_memory_mb << 20;
}

static hq_status crowded(hq_exchange *ex)
{
    ex->request.answer.why = (hq_why){
        .vi = HQ_SV("Nhiều tệp lớn đang được gửi cùng lúc; đợi một lát rồi gửi lại"),
        .en = HQ_SV("Many large bodies are coming in at once; wait a moment, then send again"),
    };
    return HQ_FAIL(BUSY);
}

/* The body comes behind what else the key of the request is made of, so that all is one piece to
 * hash and nothing is copied twice. */
static bool make_room(hq_exchange *ex)
{
    /* By what comes, not by what might: where large bodies are seldom, small ones stay cheap. */
    if (ex->body_max > BIG_BODY && (ex->chunked || ex->declared_length > BIG_BODY)) {
        ex->big = hq_arena_new(ex->body_max * BIG_FACTOR);
        ex->request.arena = ex->big;
    }
    hq_request *r = &ex->request;
    size_t head = r->path.len + r->query.len + 16;
    ex->bytes = HQ_BUF_ARENA(r->arena, head + ex->body_max + PADDING);
    if (r->arena == NULL ||
        hq_buf_reserve(&ex->bytes, head + ex->declared_length + PADDING) == NULL) {
        return false;
    }
    hq_buf_sv(&ex->bytes, hq_sv_from_cstr(hq_method_name(r->method)));
    hq_buf_char(&ex->bytes, ' ');
    hq_buf_sv(&ex->bytes, r->path);
    hq_buf_char(&ex->bytes, '?');
    hq_buf_sv(&ex->bytes, r->query);
    hq_buf_char(&ex->bytes, '\n');
    ex->prefix = ex->bytes.len;
    return true;
}

hq_exchange *hq_exchange_begin(hq_server *server, void *wire, const hq_http_head *head)
{
    hq_exchange *ex = hq_exchange_spare(server);
    if (ex == NULL) {
        return NULL;
    }
    atomic_fetch_add(&server->open, 1);
    ex->wire = wire;
    ex->started_us = hq_os_monotonic_us();
    ex->request.arena = ex->small;
    ex->request.received_at = hq_now(server->options.clock);
    name_trace(ex);
    hq_status s = hq_admit(ex, head);
    if (hq_failed(s)) {
        hq_exchange_refuse(ex, s);
    } else if (ex->stage == HQ_AT_BODY && hq_exchange_streams(ex)) {
        hq_stream_open(ex);
    } else if (ex->stage == HQ_AT_BODY && !hold(ex, ex->declared_length)) {
        hq_exchange_refuse(ex, crowded(ex));
    } else if (ex->stage == HQ_AT_BODY && ex->declared_length + ex->chunked > 0 && !make_room(ex)) {
        hq_exchange_refuse(ex, HQ_FAIL(NOMEM));
    }
    return ex;
}

bool hq_exchange_refuses_at_once(const hq_exchange *ex)
{
    bool endless = hq_exchange_streams(ex) && ex->chunked;
    return ex->stage == HQ_AT_REFUSED && (ex->drop || endless || ex->declared_length > DRAINED_MAX);
}

bool hq_exchange_body(hq_exchange *ex, const char *bytes, size_t *left)
{
    size_t len = *left;
    if (ex->stage == HQ_AT_STREAM) {
        return hq_stream_take(ex, bytes, left);
    }
    *left = 0;
    ex->received += len;
    if (ex->stage == HQ_AT_REFUSED) {
        return ex->received <= DRAINED_MAX;
    }
    if (ex->received > ex->body_max) {
        hq_exchange_refuse(ex, hq_admit_too_long(ex));
        return true;
    }
    if (!hold(ex, ex->received)) { /* came in chunks, without a length */
        hq_exchange_refuse(ex, crowded(ex));
        return true;
    }
    hq_buf_append(&ex->bytes, bytes, len);
    if (hq_failed(hq_buf_status(&ex->bytes))) {
        hq_exchange_refuse(ex, HQ_FAIL(NOMEM));
    }
    return true;
}

/* ------------------------------------------------------------------ run */

void hq_exchange_wake(hq_exchange *ex)
{
    hq_http_resume(ex->server->http, ex->wire);
}

/* False: the server stops and begins nothing that takes time. */
static bool suspend(hq_exchange *ex)
{
    if (hq_http_suspend(ex->server->http, ex->wire)) {
        return true;
    }
    ex->stage = HQ_AT_ANSWER;
    ex->status = HQ_FAIL(BUSY);
    return false;
}

static void on_written(hq_write *write, hq_status status)
{
    hq_exchange *ex = (hq_exchange *)(void *)((char *)write - offsetof(hq_exchange, write));
    ex->status = status;
    hq_exchange_wake(ex);
}

static void set_write(hq_exchange *ex)
{
    bool keyed = (ex->compiled->route->flags & HQ_ROUTE_KEY) != 0;
    ex->write = (hq_write){
        .fn = keyed ? hq_keyed_write : ex->request.write,
        .user = keyed ? ex : ex->request.write_user,
        .done = on_written,
        .class_ = ex->request.low_value ? HQ_WRITE_LOW_VALUE : HQ_WRITE_FORMAL,
    };
}

static hq_status after_write(hq_exchange *ex, hq_status written)
{
    if ((ex->compiled->route->flags & HQ_ROUTE_KEY) != 0) {
        return hq_keyed_finish(ex, written);
    }
    return ex->request.then == NULL
               ? written
               : ex->request.then(&ex->request, written, ex->request.write_user);
}

/* Once suspended, the request is in other hands until the worker is called again: whoever suspends
 * looks at it no more. */
static bool submit_write(hq_exchange *ex)
{
    set_write(ex);
    ex->stage = HQ_AT_WRITE;
    if (!suspend(ex)) {
        return false;
    }
    hq_status s = hq_store_submit(ex->server->options.store, &ex->write);
    if (hq_failed(s)) {
        ex->stage = HQ_AT_ANSWER;
        ex->status = s;
        hq_exchange_wake(ex);
    }
    return true;
}

static void handle(hq_exchange *ex)
{
    const hq_route *route = ex->compiled->route;
    ex->status = route->handle(&ex->request, ex->compiled->self);
    if (ex->request.deferred) {
        return;
    }
    if (hq_ok(ex->status)) {
        ex->status = hq_admit_query(ex);
    }
    if (hq_failed(ex->status) && (route->flags & HQ_ROUTE_KEY) != 0) {
        hq_keyed_recall(ex);
    }
}

static void run_blocking(hq_exchange *ex)
{
    ex->request.may_block = true;
    ex->request.deferred = false;
    handle(ex);
    if (hq_ok(ex->status) && ex->request.write != NULL) {
        set_write(ex);
        hq_status written = hq_store_write(ex->server->options.store, ex->write.fn, ex->write.user);
        ex->status = after_write(ex, written);
    }
}

static void run_slow(void *user)
{
    hq_exchange *ex = user;
    run_blocking(ex);
    hq_exchange_wake(ex);
}

static bool submit_slow(hq_exchange *ex)
{
    ex->stage = HQ_AT_SLOW;
    ex->slow = (hq_slow_job){ .run = run_slow, .user = ex };
    if (!suspend(ex)) {
        return false;
    }
    if (!hq_slow_submit(ex->server->slow, ex->compiled->route->pool, &ex->slow)) {
        ex->status = HQ_FAIL(BUSY);
        hq_exchange_wake(ex);
    }
    return true;
}

static hq_status close_body(hq_exchange *ex)
{
    static const char nothing[PADDING];
    bool keyed = (ex->compiled->route->flags & HQ_ROUTE_KEY) != 0;
    if (ex->bytes.ptr == NULL && !keyed) {
        ex->request.body = hq_sv_make(nothing, 0);
        return HQ_DONE;
    }
    if (ex->bytes.ptr == NULL && !make_room(ex)) {
        return HQ_FAIL(NOMEM);
    }
    char *padding = hq_buf_reserve(&ex->bytes, PADDING);
    if (padding == NULL) {
        return HQ_FAIL(NOMEM);
    }
    memset(padding, 0, PADDING);
    ex->request.body = hq_sv_sub(hq_buf_view(&ex->bytes), ex->prefix, ex->bytes.len);
    if (keyed) {
        hq_keyed_prepare(ex);
    }
    return HQ_DONE;
}

/* True when the connection was suspended. */
static bool start(hq_exchange *ex)
{
    ex->stage = HQ_AT_ANSWER;
    ex->status = close_body(ex);
    if (hq_failed(ex->status)) {
        return false;
    }
    if (!hq_limiter_enter(ex->server->limiter, ex->compiled->route->pool)) {
        ex->status = HQ_FAIL(BUSY);
        return false;
    }
    ex->counted = true;
    if ((ex->compiled->route->flags & HQ_ROUTE_SLOW) != 0 || ex->received > SLOW_BODY) {
        return submit_slow(ex);
    }
    handle(ex);
    if (ex->request.deferred) {
        return submit_slow(ex);
    }
    if (hq_ok(ex->status) && ex->request.write != NULL) {
        return submit_write(ex);
    }
    return false;
}

const hq_wire_reply *hq_exchange_run(hq_exchange *ex)
{
    switch (ex->stage) {
    case HQ_AT_BODY:
        if (start(ex)) {
            return NULL;
        }
        break;
    case HQ_AT_STREAM:
        if (hq_stream_end(ex)) {
            return NULL;
        }
        break;
    case HQ_AT_WRITE:
        ex->status = after_write(ex, ex->status);
        break;
    case HQ_AT_REFUSED:
    case HQ_AT_SLOW:
    case HQ_AT_ANSWER:
        break;
    }
    ex->stage = HQ_AT_ANSWER;
    return hq_answer_render(ex);
}

/* ------------------------------------------------------------------ from inside */

static hq_status find_inner(hq_exchange *ex, hq_sv path)
{
    hq_route_match match;
    hq_request *r = &ex->request;
    if (!hq_router_find(&match, ex->server->router, r->method, path, r->arena) ||
        !hq_percent_decode(&r->path, r->arena, path, false)) {
        return HQ_FAIL(SYNTAX);
    }
    ex->compiled = match.found;
    ex->allowed = match.allowed;
    if (match.found == NULL) {
        return match.allowed != 0 ? HQ_FAIL(METHOD) : HQ_FAIL(NOT_FOUND);
    }
    if ((match.found->route->flags & HQ_ROUTE_STREAM) != 0) {
        return HQ_FAIL(NOT_OFFERED); /* there is no connection to stream on */
    }
    uint32_t roles = match.found->route->roles;
    if (roles != 0 && (roles & HQ_ROLE_BIT(r->caller->role)) == 0) {
        return HQ_FAIL(FORBIDDEN);
    }
    memcpy(r->params, match.params, sizeof match.params);
    r->low_value = match.found->route->pool == HQ_POOL_LOW_VALUE;
    ex->body_max = INNER_BODY;
    return HQ_DONE;
}

static void perform(hq_exchange *ex, const hq_inner_request *request)
{
    hq_sv query = request->target;
    hq_sv path = hq_sv_cut(&query, '?');
    ex->request.query = query;
    ex->status = find_inner(ex, path);
    if (hq_ok(ex->status) && !make_room(ex)) {
        ex->status = HQ_FAIL(NOMEM);
    }
    if (hq_ok(ex->status)) {
        hq_buf_sv(&ex->bytes, request->body);
        ex->status = close_body(ex);
    }
    if (hq_ok(ex->status)) {
        run_blocking(ex);
    }
}

hq_status hq_server_perform(hq_inner_answer *out, hq_server *server, const hq_caller *caller,
                            const hq_inner_request *request, hq_arena *arena)
{
    hq_exchange *ex = hq_exchange_make(server);
    if (ex == NULL) {
        return HQ_FAIL(NOMEM);
    }
    name_trace(ex);
    ex->started_us = hq_os_monotonic_us();
    ex->request.arena = ex->small;
    ex->request.method = request->method;
    ex->request.idempotency_key = request->key;
    ex->request.received_at = hq_now(server->options.clock);
    ex->request.vietnamese = true;
    ex->request.caller = caller;
    perform(ex, request);
    const hq_wire_reply *reply = hq_answer_render(ex);
    *out = (hq_inner_answer){ reply->http, hq_arena_dup(arena, reply->body) };
    hq_arena_free(ex->big);
    hq_arena_free(ex->small);
    free(ex);
    return out->body.ptr == NULL ? HQ_FAIL(NOMEM) : HQ_DONE;
}

void hq_exchange_end(hq_exchange *ex)
{
    hq_server *server = ex->server;
    if (ex->counted) {
        hq_limiter_leave(server->limiter, ex->compiled->route->pool);
    }
    if (ex->request.intake != NULL) {
        ex->request.intake->leave(ex->request.intake);
    }
    if (ex->stream != NULL) {
        hq_events_leave(server->events, ex->stream);
    }
    hq_exchange_release(ex);
    atomic_fetch_sub(&server->open, 1);
}
