/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/codec.h"
#include "server/state.h"

/* From what a handler left to the head and body that go out. */

#define JSON_TYPE "application/json"
/* For answers that are data: nothing in them may run or load. */
#define POLICY_DATA "default-src 'none'; frame-ancestors 'none'"
#define POLICY_PAGE                                                                                \
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "             \
    "base-uri 'none'; frame-ancestors 'none'"

static void add(hq_wire_reply *reply, const char *name, const char *value)
{
    if (reply->header_count < HQ_HTTP_HEADERS && value != NULL) {
        reply->headers[reply->header_count].name = name;
        reply->headers[reply->header_count++].value = value;
    }
}

static void add_sv(hq_exchange *ex, const char *name, hq_sv value)
{
    if (value.len > 0) {
        add(&ex->reply, name, hq_arena_cstr(ex->request.arena, value));
    }
}

/* In the quotes that HTTP wants. */
static void add_etag(hq_exchange *ex, hq_sv etag)
{
    char *quoted = hq_arena_zalloc(ex->request.arena, etag.len + 3);
    if (quoted != NULL) {
        memcpy(quoted + 1, etag.ptr, etag.len);
        quoted[0] = '"';
        quoted[etag.len + 1] = '"';
    }
    add(&ex->reply, "ETag", quoted);
}

static bool is_page(const hq_exchange *ex)
{
    return ex->compiled != NULL && (ex->compiled->route->flags & HQ_ROUTE_HTML) != 0;
}

static void add_failure_headers(hq_exchange *ex, int http)
{
    if (http == 401) {
        add(&ex->reply, "WWW-Authenticate", "Bearer realm=\"haiquan\"");
    }
    if (http == 405) {
        add(&ex->reply, "Allow", hq_methods_text(ex->allowed, ex->request.arena));
    }
    if (http == 429 || http == 503) {
        int wait = ex->retry_after_s > 0 ? ex->retry_after_s : 1;
        add(&ex->reply, "Retry-After", hq_arena_printf(ex->request.arena, "%d", wait).ptr);
    }
}

static void add_headers(hq_exchange *ex, int http)
{
    const hq_answer *a = &ex->request.answer;
    hq_wire_reply *reply = &ex->reply;
    if (ex->reply.body.len > 0 || ex->reply.read != NULL || ex->reply.from_file) {
        if (a->content_type.len > 0) {
            add_sv(ex, "Content-Type", a->content_type);
        } else {
            add(reply, "Content-Type", JSON_TYPE);
        }
    }
    add(reply, "Cache-Control", a->etag.len > 0 && !a->no_store ? "private, no-cache" : "no-store");
    add(reply, "X-Content-Type-Options", "nosniff");
    add(reply, "Content-Security-Policy", is_page(ex) ? POLICY_PAGE : POLICY_DATA);
    add(reply, "Referrer-Policy", "no-referrer");
    if (a->etag.len > 0) {
        add_etag(ex, a->etag);
    }
    add_sv(ex, "Location", a->location);
    add_sv(ex, "Set-Cookie", a->set_cookie[0]);
    add_sv(ex, "Set-Cookie", a->set_cookie[1]);
    add_sv(ex, "Content-Disposition", a->disposition);
    if (http == 204) {
        add(reply, "Allow", hq_methods_text(ex->allowed, ex->request.arena));
    }
    if (http >= 400) {
        add_failure_headers(ex, http);
    }
    /* Who keeps his connection would keep a server that stops waiting. */
    if ((http >= 400 && ex->drop) || atomic_load(&ex->server->stopping)) {
        add(&ex->reply, "Connection", "close");
    }
}

static bool names_etag(hq_sv list, hq_sv etag)
{
    while (list.ptr != NULL && etag.len > 0) {
        hq_sv one = hq_sv_trim(hq_sv_cut(&list, ','));
        if (hq_sv_starts(one, HQ_SV("W/"))) {
            one = hq_sv_sub(one, 2, one.len);
        }
        bool quoted = one.len == etag.len + 2 && one.ptr[0] == '"';
        if (hq_sv_eq(one, HQ_SV("*")) || (quoted && hq_sv_eq(hq_sv_sub(one, 1, etag.len), etag))) {
            return true;
        }
    }
    return false;
}

/* A reading of personal data that cannot be recorded is not answered. */
static void record_reading(hq_exchange *ex)
{
    const hq_request *r = &ex->request;
    if (ex->compiled == NULL || (ex->compiled->route->flags & HQ_ROUTE_PERSONAL) == 0 ||
        r->caller == NULL || hq_failed(ex->status)) {
        return;
    }
    hq_status s =
        hq_identity_record_reading(ex->server->options.identity, r->caller, r->path, r->trace_id);
    if (hq_failed(s)) {
        ex->request.answer = (hq_answer){ 0 };
        ex->status = s;
    }
}

static int http_status(const hq_exchange *ex)
{
    if (ex->request.answer.http != 0) {
        return ex->request.answer.http;
    }
    return hq_ok(ex->status) ? 200 : hq_status_http(ex->status);
}

static void log_failure(const hq_exchange *ex, int http)
{
    if (http < 500 || http == 503) {
        return;
    }
    char trace[33] = { 0 };
    memcpy(trace, ex->trace_text, 32);
    hq_log(HQ_LOG_WARNING, "request_failed", "route",
           ex->compiled == NULL ? "" : ex->compiled->route->pattern, "status",
           hq_status_name(ex->status), "trace_id", trace, NULL);
}

static void observe(hq_exchange *ex, int http)
{
    hq_server *server = ex->server;
    hq_metric_add(server->metrics.answers[http / 100 % 6], 1);
    if (ex->compiled != NULL) {
        hq_metric_observe_us(ex->compiled->seconds, hq_os_monotonic_us() - ex->started_us);
    }
}

void hq_answer_body_of_members(hq_exchange *ex)
{
    hq_answer *a = &ex->request.answer;
    if (hq_failed(ex->status) && http_status(ex) < 400 && a->body.len == 0) {
        a->body = HQ_BUF_ARENA(ex->request.arena, a->members.len + 64);
        hq_buf_char(&a->body, '{');
        hq_buf_sv(&a->body, a->members);
        hq_buf_char(&a->body, '}');
    }
}

const hq_wire_reply *hq_answer_render(hq_exchange *ex)
{
    hq_answer *a = &ex->request.answer;
    if (ex->fixed != NULL) {
        ex->reply.fixed = ex->fixed;
        return &ex->reply;
    }
    record_reading(ex);
    int http = http_status(ex);
    hq_answer_body_of_members(ex);
    if (http >= 400 || hq_failed(hq_buf_status(&a->body))) {
        if (hq_ok(ex->status)) {
            ex->status = (hq_status){ a->body.failed };
            http = a->body.failed == HQ_E_OK ? http : hq_status_http(ex->status);
        }
        if (hq_failed(ex->status)) {
            hq_problem_render(ex, http);
        }
        log_failure(ex, http);
    }
    if (http == 200 && ex->request.method == HQ_GET && names_etag(ex->if_none_match, a->etag)) {
        http = 304;
        a->body.len = 0;
    }
    ex->reply.http = http;
    ex->reply.body = a->body.ptr == NULL ? HQ_SV("") : hq_buf_view(&a->body);
    ex->reply.from_file = a->from_file && http < 300;
    ex->reply.file = a->file;
    ex->reply.file_len = a->file_len;
    add_headers(ex, http);
    observe(ex, http);
    return &ex->reply;
}
