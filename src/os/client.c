/* SPDX-License-Identifier: Apache-2.0 */
#include "os/client.h"

#include <curl/curl.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECT_MS = 5000, TOTAL_MS = 15000, ANSWER_MAX = 1024 * 1024 };

typedef struct {
    const hq_http_call *call;
    CURL *curl;
    struct curl_slist *headers;
    hq_buf body;
    bool address_refused;
    char message[CURL_ERROR_SIZE];
} job;

static pthread_once_t library_once = PTHREAD_ONCE_INIT;
static CURLcode library_state;

static void start_library(void)
{
    library_state = curl_global_init(CURL_GLOBAL_DEFAULT);
}

static size_t take_body(char *bytes, size_t size, size_t count, void *user)
{
    job *j = user;
    hq_buf_append(&j->body, bytes, size * count);
    return hq_ok(hq_buf_status(&j->body)) ? size * count : 0;
}

/* Asked for each address about to be connected to, after names are resolved, so that no name server
 * can lead us inside. */
static curl_socket_t open_socket(void *user, curlsocktype purpose, struct curl_sockaddr *address)
{
    job *j = user;
    (void)purpose;
    if (j->call->public_only && !hq_address_is_public(&address->addr)) {
        j->address_refused = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static hq_status add_headers(job *j, hq_arena *arena)
{
    for (size_t i = 0; i < j->call->header_count; i++) {
        hq_sv header = j->call->headers[i];
        if (hq_utf8_has_control(header) || hq_sv_find(header, '\n', 0) < header.len) {
            return HQ_FAIL(SYNTAX);
        }
        const char *line = hq_arena_cstr(arena, header);
        struct curl_slist *more = line == NULL ? NULL : curl_slist_append(j->headers, line);
        if (more == NULL) {
            return HQ_FAIL(NOMEM);
        }
        j->headers = more;
    }
    /* Without the pause that asks whether a long body is welcome. */
    struct curl_slist *more = curl_slist_append(j->headers, "Expect:");
    if (more == NULL) {
        return HQ_FAIL(NOMEM);
    }
    j->headers = more;
    curl_easy_setopt(j->curl, CURLOPT_HTTPHEADER, j->headers);
    curl_easy_setopt(j->curl, CURLOPT_USERAGENT, "haiquan/" HQ_VERSION);
    return HQ_DONE;
}

static void set_limits(job *j)
{
    const hq_http_call *call = j->call;
    size_t most = call->answer_max == 0 ? ANSWER_MAX : call->answer_max;
    j->body.ceiling = most;
    curl_easy_setopt(j->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(j->curl, CURLOPT_CONNECTTIMEOUT_MS,
                     call->connect_ms > 0 ? (long)call->connect_ms : (long)CONNECT_MS);
    curl_easy_setopt(j->curl, CURLOPT_TIMEOUT_MS,
                     call->total_ms > 0 ? (long)call->total_ms : (long)TOTAL_MS);
    curl_easy_setopt(j->curl, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)most);
    curl_easy_setopt(j->curl, CURLOPT_FOLLOWLOCATION, call->redirects_max > 0 ? 1L : 0L);
    curl_easy_setopt(j->curl, CURLOPT_MAXREDIRS, (long)call->redirects_max);
}

static hq_status set_address(job *j, hq_arena *arena)
{
    const char *url = hq_arena_cstr(arena, j->call->url);
    if (url == NULL) {
        return HQ_FAIL(NOMEM);
    }
    bool secure = hq_sv_starts(j->call->url, HQ_SV("https://"));
    if (hq_utf8_has_control(j->call->url) ||
        (!secure && !hq_sv_starts(j->call->url, HQ_SV("http://")))) {
        return HQ_FAIL(SYNTAX);
    }
    const char *scheme = secure ? "https" : "http";
    curl_easy_setopt(j->curl, CURLOPT_PROTOCOLS_STR, scheme);
    curl_easy_setopt(j->curl, CURLOPT_REDIR_PROTOCOLS_STR, scheme);
    curl_easy_setopt(j->curl, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(j->curl, CURLOPT_OPENSOCKETDATA, j);
    if (j->call->public_only) {
        /* Behind a proxy we would see the proxy's address only. */
        curl_easy_setopt(j->curl, CURLOPT_PROXY, "");
    }
    if (j->call->authorities != NULL) {
        curl_easy_setopt(j->curl, CURLOPT_CAINFO, j->call->authorities);
    }
    curl_easy_setopt(j->curl, CURLOPT_URL, url);
    return HQ_DONE;
}

static void set_body(job *j)
{
    hq_sv method = hq_sv_from_cstr(j->call->method);
    if (hq_sv_eq(method, HQ_SV("HEAD"))) {
        curl_easy_setopt(j->curl, CURLOPT_NOBODY, 1L);
    } else if (j->call->body.len > 0 || hq_sv_eq(method, HQ_SV("POST")) ||
               hq_sv_eq(method, HQ_SV("PUT"))) {
        curl_easy_setopt(j->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)j->call->body.len);
        curl_easy_setopt(j->curl, CURLOPT_POSTFIELDS,
                         j->call->body.len > 0 ? j->call->body.ptr : "");
    }
    curl_easy_setopt(j->curl, CURLOPT_CUSTOMREQUEST, j->call->method);
    curl_easy_setopt(j->curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(j->curl, CURLOPT_WRITEDATA, j);
}

static hq_status status_of(const job *j, CURLcode code)
{
    if (code == CURLE_OK) {
        return HQ_DONE;
    }
    if (j->address_refused) {
        return HQ_FAIL(FORBIDDEN);
    }
    if (hq_failed(hq_buf_status(&j->body))) {
        return hq_buf_status(&j->body);
    }
    if (code == CURLE_OPERATION_TIMEDOUT) {
        return HQ_FAIL(TIMEOUT);
    }
    if (code == CURLE_FILESIZE_EXCEEDED) {
        return HQ_FAIL(LIMIT);
    }
    if (code == CURLE_OUT_OF_MEMORY) {
        return HQ_FAIL(NOMEM);
    }
    if (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL ||
        code == CURLE_TOO_MANY_REDIRECTS) {
        return HQ_FAIL(SYNTAX);
    }
    return HQ_FAIL(IO);
}

static void explain(hq_why *why, hq_arena *arena, const job *j, hq_status s)
{
    if (why == NULL) {
        return;
    }
    const char *detail = j->message[0] != '\0' ? j->message : "-";
    int shown = j->call->url.len < 200 ? (int)j->call->url.len : 200;
    /* Forbidden here is not about a person's role, as the status text would have it. */
    bool refused = s.code == HQ_E_FORBIDDEN;
    why->en = hq_arena_printf(arena, "Calling %.*s failed: %s (%s).", shown, j->call->url.ptr,
                              refused ? "its address is private or reserved; give a public one"
                                      : hq_status_text_en(s),
                              detail);
    why->vi = hq_arena_printf(arena, "Gọi %.*s không thành công: %s (%s).", shown, j->call->url.ptr,
                              refused ? "địa chỉ nội bộ hoặc dành riêng; hãy dùng địa chỉ công khai"
                                      : hq_status_text_vi(s),
                              detail);
}

static hq_status perform(hq_http_reply *out, job *j, hq_arena *arena)
{
    HQ_TRY(set_address(j, arena));
    set_limits(j);
    set_body(j);
    HQ_TRY(add_headers(j, arena));
    curl_easy_setopt(j->curl, CURLOPT_ERRORBUFFER, j->message);
    HQ_TRY(status_of(j, curl_easy_perform(j->curl)));
    long http = 0;
    const char *type = NULL;
    curl_easy_getinfo(j->curl, CURLINFO_RESPONSE_CODE, &http);
    curl_easy_getinfo(j->curl, CURLINFO_CONTENT_TYPE, &type);
    hq_sv content_type = hq_arena_dup(arena, hq_sv_from_cstr(type));
    if (content_type.ptr == NULL) {
        return HQ_FAIL(NOMEM);
    }
    *out = (hq_http_reply){ (int)http, content_type, hq_buf_view(&j->body) };
    return HQ_DONE;
}

hq_status hq_http_fetch(hq_http_reply *out, hq_why *why, hq_arena *arena, const hq_http_call *call)
{
    pthread_once(&library_once, start_library);
    job j = { .call = call, .body = HQ_BUF_ARENA(arena, 0) };
    j.curl = library_state == CURLE_OK ? curl_easy_init() : NULL;
    if (j.curl == NULL) {
        return HQ_FAIL(NOMEM);
    }
    hq_status s = perform(out, &j, arena);
    curl_slist_free_all(j.headers);
    curl_easy_cleanup(j.curl);
    if (hq_failed(s)) {
        explain(why, arena, &j, s);
    }
    return s;
}
