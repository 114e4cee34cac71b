/* SPDX-License-Identifier: Apache-2.0 */
#include "server/admit.h"

#include "server/language.h"
#include "server/state.h"

#define BODY_DEFAULT ((size_t)64 << 10)
#define KEY_MAX      128

#define WHY(ex, vi_, en_)                                                                          \
    ((ex)->request.answer.why = (hq_why){ .vi = HQ_SV(vi_), .en = HQ_SV(en_) })

/* ------------------------------------------------------------------ framing */

static bool host_is_clean(hq_sv host)
{
    for (size_t i = 0; i < host.len; i++) {
        unsigned char c = (unsigned char)host.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && !(c >= '0' && c <= '9') && memchr("-._:[]", c, 6) == NULL) {
            return false;
        }
    }
    return host.len <= 255;
}

/* What two servers could read in two ways is refused: one of them would be tricked. */
static hq_status check_framing(hq_exchange *ex, const hq_http_head *head)
{
    int64_t length = 0;
    ex->drop = true;
    if (head->repeated) {
        WHY(ex, "một tiêu đề chỉ được ghi một lần lại ghi hai lần",
            "a header that must come once came twice");
        return HQ_FAIL(SYNTAX);
    }
    if (head->transfer_encoding.ptr != NULL && head->content_length.ptr != NULL) {
        WHY(ex, "không được có cả Transfer-Encoding và Content-Length",
            "Transfer-Encoding and Content-Length may not come together");
        return HQ_FAIL(SYNTAX);
    }
    if (head->content_length.ptr != NULL &&
        (!hq_sv_digits(head->content_length) || !hq_sv_i64(&length, head->content_length))) {
        WHY(ex, "Content-Length phải là số", "Content-Length must be a number");
        return HQ_FAIL(SYNTAX);
    }
    if (!host_is_clean(head->host)) {
        WHY(ex, "Host không phải tên máy", "Host is not the name of a machine");
        return HQ_FAIL(SYNTAX);
    }
    ex->drop = false;
    ex->chunked = head->transfer_encoding.ptr != NULL;
    ex->declared_length = (size_t)length;
    return HQ_DONE;
}

/* The last address that the proxy added is the one it saw itself. */
static hq_sv sender_address(const hq_server *server, const hq_http_head *head)
{
    hq_sv proxy = server->options.trusted_proxy;
    hq_sv all = head->forwarded_for;
    if (proxy.len == 0 || all.len == 0 || !hq_sv_eq(proxy, head->peer)) {
        return head->peer;
    }
    size_t at = all.len;
    while (at > 0 && all.ptr[at - 1] != ',') {
        at--;
    }
    return hq_sv_trim(hq_sv_sub(all, at, all.len));
}

static hq_status take_head(hq_exchange *ex, const hq_http_head *head)
{
    hq_request *r = &ex->request;
    r->idempotency_key = head->idempotency_key;
    r->if_match = head->if_match;
    r->content_type = head->content_type;
    r->last_event_id = head->last_event_id;
    r->user_agent = head->user_agent;
    r->peer = sender_address(ex->server, head);
    r->vietnamese = hq_prefers_vietnamese(head->accept_language);
    ex->if_none_match = head->if_none_match;
    ex->accept_encoding = head->accept_encoding;
    r->query = hq_http_query(ex->wire, r->arena);
    hq_sv decoded = r->query;
    HQ_TRY(check_framing(ex, head));
    bool readable = hq_percent_decode(&r->path, r->arena, head->path, false) &&
                    hq_percent_decode(&decoded, r->arena, r->query, true);
    if (!readable || !hq_utf8_valid(r->path) || hq_utf8_has_control(r->path) ||
        !hq_utf8_valid(decoded) ||
        (decoded.len > 0 && memchr(decoded.ptr, 0, decoded.len) != NULL)) {
        WHY(ex, "đường dẫn hoặc tham số không phải UTF-8 hợp lệ",
            "path or query is not valid UTF-8");
        return HQ_FAIL(SYNTAX);
    }
    return HQ_DONE;
}

/* ------------------------------------------------------------------ route */

static hq_status answer_at_once(hq_exchange *ex, int http)
{
    ex->stage = HQ_AT_REFUSED;
    ex->request.answer.http = http;
    return HQ_DONE;
}

static hq_status wrong_method(hq_exchange *ex)
{
    const char *methods = ex->allowed != 0 ? hq_methods_text(ex->allowed, ex->small) : "GET, HEAD";
    ex->request.answer.why = (hq_why){
        .vi = hq_arena_printf(ex->small, "Đường dẫn này chỉ nhận %s", methods),
        .en = hq_arena_printf(ex->small, "This path takes %s only", methods),
    };
    return HQ_FAIL(METHOD);
}

static hq_status find_other(hq_exchange *ex, bool options)
{
    bool api = hq_sv_starts(ex->request.path, HQ_SV("/api/"));
    if (options && ex->allowed != 0) {
        return answer_at_once(ex, 204);
    }
    if (ex->allowed != 0 || (options && !api)) {
        return wrong_method(ex);
    }
    if (!api) {
        ex->fixed = hq_pages_find(ex->server->pages, ex->request.path, ex->if_none_match,
                                  ex->accept_encoding);
    }
    if (ex->fixed == NULL) {
        WHY(ex, "Không có đường dẫn này", "There is nothing at this path");
        return HQ_FAIL(NOT_FOUND);
    }
    if (ex->request.method != HQ_GET) {
        ex->allowed = 1u << HQ_GET;
        ex->fixed = NULL;
        return wrong_method(ex);
    }
    return answer_at_once(ex, 200);
}

static hq_status find_route(hq_exchange *ex, const hq_http_head *head)
{
    hq_route_match match;
    bool options = hq_sv_eq(head->method, HQ_SV("OPTIONS"));
    bool known = hq_method_parse(&ex->request.method, &ex->head_only, head->method);
    if (!hq_router_find(&match, ex->server->router, ex->request.method, head->path,
                        ex->request.arena)) {
        return HQ_FAIL(SYNTAX);
    }
    ex->allowed = match.allowed;
    if (options && match.found != NULL) {
        match.found = NULL;
    }
    if (!known && !options) {
        return wrong_method(ex);
    }
    if (match.found == NULL) {
        return find_other(ex, options);
    }
    ex->compiled = match.found;
    ex->body_max = match.found->route->body_max > 0 ? match.found->route->body_max : BODY_DEFAULT;
    ex->request.low_value = match.found->route->pool == HQ_POOL_LOW_VALUE;
    memcpy(ex->request.params, match.params, sizeof match.params);
    return HQ_DONE;
}

/* ------------------------------------------------------------------ who */

static hq_status limit_rate(hq_exchange *ex, hq_sv sender)
{
    bool admitted = hq_limiter_admit(ex->server->limiter, ex->compiled->route->pool, sender,
                                     ex->started_us, &ex->retry_after_s);
    if (!admitted) {
        WHY(ex, "Gửi quá nhanh; đợi số giây ghi trong Retry-After rồi gửi lại",
            "Sent too fast; wait the seconds in Retry-After, then send again");
        return HQ_FAIL(RATE);
    }
    return HQ_DONE;
}

static hq_status authenticate(hq_exchange *ex, const hq_http_head *head)
{
    hq_request *r = &ex->request;
    const hq_route *route = ex->compiled->route;
    bool open = (route->flags & HQ_ROUTE_PUBLIC) != 0;
    hq_why why = { 0 };
    bool known = ex->server->options.identity != NULL;
    if (open && (!known || (head->authorization.ptr == NULL && head->cookie.ptr == NULL))) {
        return limit_rate(ex, r->peer);
    }
    hq_status s =
        !known ? HQ_FAIL(UNAUTHENTICATED)
               : hq_authenticate(&r->caller, ex->server->options.identity, head->authorization,
                                 head->cookie, head->csrf, r->method, r->arena, &why);
    if (hq_failed(s)) {
        r->caller = NULL;
        HQ_TRY(limit_rate(ex, r->peer));
        r->answer.why = open ? (hq_why){ 0 } : why;
        return open ? HQ_DONE : s;
    }
    if (route->roles != 0 && (route->roles & HQ_ROLE_BIT(r->caller->role)) == 0) {
        WHY(ex, "Vai trò của bạn không được làm việc này", "Your role may not do this");
        return HQ_FAIL(FORBIDDEN);
    }
    return limit_rate(ex, open ? r->peer : r->caller->id);
}

/* ------------------------------------------------------------------ query */

/* A parameter that the handler never asked for is a slip of the pen. What a handler has done by
 * itself before it returned is done: there it is let pass. */
hq_status hq_admit_query(hq_exchange *ex)
{
    hq_request *r = &ex->request;
    hq_sv near;
    bool done = r->method != HQ_GET && r->write == NULL;
    if (r->query.len == 0 || done || ex->stream != NULL ||
        (ex->compiled->route->flags & HQ_ROUTE_HTML) != 0) {
        return HQ_DONE;
    }
    hq_sv name = hq_request_strange(r, &near);
    if (name.ptr == NULL) {
        return HQ_DONE;
    }
    bool twice = hq_sv_eq(name, near);
    const char *vi = twice              ? "Tham số này được ghi hai lần"
                     : near.ptr != NULL ? "Không có tham số này ở đây; có phải ý bạn là "
                                        : "Không có tham số này ở đây; hãy bỏ đi";
    const char *en = twice              ? "This parameter is given twice"
                     : near.ptr != NULL ? "There is no such parameter here; did you mean "
                                        : "There is no such parameter here; leave it out";
    bool ask = near.ptr != NULL && !twice;
    r->answer.why = (hq_why){
        .path = hq_arena_printf(r->arena, "/query/%.*s", HQ_SV_FMT(name)),
        .vi = hq_arena_printf(r->arena, "%s%.*s%s", vi, ask ? (int)near.len : 0, near.ptr,
                              ask ? "?" : ""),
        .en = hq_arena_printf(r->arena, "%s%.*s%s", en, ask ? (int)near.len : 0, near.ptr,
                              ask ? "?" : ""),
    };
    return HQ_FAIL(INVALID);
}

/* ------------------------------------------------------------------ body */

static const struct {
    uint32_t flag; /* 0: no flag of another type on the route */
    const char *type;
} body_types[] = {
    { HQ_ROUTE_CSV, "text/csv" },
    { HQ_ROUTE_NDJSON, "application/x-ndjson" },
    { HQ_ROUTE_NDJSON, "application/ndjson" },
    { HQ_ROUTE_FORM, "application/x-www-form-urlencoded" },
    { 0, "application/json" },
    { 0, "application/problem+json" },
};
#define OTHER_TYPES (HQ_ROUTE_CSV | HQ_ROUTE_NDJSON | HQ_ROUTE_FORM)

static bool type_is_accepted(uint32_t flags, hq_sv type)
{
    type = hq_sv_trim(hq_sv_sub(type, 0, hq_sv_find(type, ';', 0)));
    for (size_t i = 0; i < sizeof body_types / sizeof body_types[0]; i++) {
        bool open = body_types[i].flag == 0 ? (flags & OTHER_TYPES) == 0
                                            : (flags & body_types[i].flag) != 0;
        if (open && hq_sv_eq_nocase(type, hq_sv_from_cstr(body_types[i].type))) {
            return true;
        }
    }
    return false;
}

hq_status hq_admit_too_long(hq_exchange *ex)
{
    unsigned long max = (unsigned long)ex->body_max;
    ex->request.answer.why = (hq_why){
        .vi = hq_arena_printf(ex->small, "Nội dung gửi quá dài; ở đây nhiều nhất %lu byte", max),
        .en = hq_arena_printf(ex->small, "The body is too long; at most %lu bytes here", max),
    };
    return HQ_FAIL(LIMIT);
}

static hq_status wrong_type(hq_exchange *ex, uint32_t flags)
{
    const char *wanted = "application/json";
    for (size_t i = 0; i < sizeof body_types / sizeof body_types[0]; i++) {
        if ((flags & body_types[i].flag) != 0) {
            wanted = body_types[i].type;
            break;
        }
    }
    ex->request.answer.why = (hq_why){
        .vi = hq_arena_printf(ex->small, "Ở đây chỉ nhận Content-Type %s", wanted),
        .en = hq_arena_printf(ex->small, "Only the Content-Type %s is taken here", wanted),
    };
    return HQ_FAIL(MEDIA);
}

static hq_status check_body(hq_exchange *ex, const hq_http_head *head)
{
    uint32_t flags = ex->compiled->route->flags;
    bool body = ex->declared_length > 0 || ex->chunked;
    if (head->content_encoding.len > 0 &&
        !hq_sv_eq_nocase(head->content_encoding, HQ_SV("identity"))) {
        WHY(ex, "Nội dung nén không được nhận; gửi không nén",
            "Compressed bodies are not taken; send it plain");
        return HQ_FAIL(MEDIA);
    }
    if (body && head->content_type.len > 0 && (flags & HQ_ROUTE_ANY_TYPE) == 0 &&
        !type_is_accepted(flags, head->content_type)) {
        return wrong_type(ex, flags);
    }
    bool endless = (flags & HQ_ROUTE_STREAM) != 0;
    return !endless && ex->declared_length > ex->body_max ? hq_admit_too_long(ex) : HQ_DONE;
}

static hq_status check_key(hq_exchange *ex)
{
    hq_sv key = ex->request.idempotency_key;
    uint32_t flags = ex->compiled->route->flags;
    if ((flags & HQ_ROUTE_KEY) == 0 ||
        (key.len == 0 && (flags & HQ_ROUTE_DRY_RUN) != 0 &&
         hq_sv_eq(hq_request_query(&ex->request, "mode"), HQ_SV("dry_run")))) {
        return HQ_DONE;
    }
    if (key.len == 0) {
        WHY(ex, "Ghi tiêu đề Idempotency-Key, khác nhau cho mỗi việc, giữ nguyên khi gửi lại",
            "Send the header Idempotency-Key, another one for each act, the same when you repeat");
        return HQ_FAIL(KEY_MISSING);
    }
    bool visible = key.len <= KEY_MAX;
    for (size_t i = 0; i < key.len && visible; i++) {
        visible = key.ptr[i] > ' ' && key.ptr[i] < 0x7f;
    }
    if (!visible) {
        WHY(ex, "Idempotency-Key phải có 1 đến 128 ký tự ASCII, không dấu cách",
            "Idempotency-Key must have 1 to 128 visible ASCII characters");
        return HQ_FAIL(SYNTAX);
    }
    return HQ_DONE;
}

hq_status hq_admit(hq_exchange *ex, const hq_http_head *head)
{
    HQ_TRY(take_head(ex, head));
    HQ_TRY(find_route(ex, head));
    if (ex->compiled == NULL) {
        return HQ_DONE;
    }
    HQ_TRY(authenticate(ex, head));
    HQ_TRY(check_body(ex, head));
    return check_key(ex);
}
