/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/codec.h"
#include "server/html.h"
#include "server/state.h"
#include "server/track.h"

/* Routes of the server itself: health, metrics, its own description, proofs of the journal, the
 * clock of tests. */

/* docs/api/openapi.yaml, put in by tools/embed_file. */
extern const char hq_openapi[], hq_openapi_end[];

#define METRICS_MAX ((size_t)4 << 20)
#define WAIT_MAX_S  10

static void answer_text(hq_request *request, hq_sv type, hq_sv text)
{
    request->answer.content_type = type;
    request->answer.body = HQ_BUF_ARENA(request->arena, METRICS_MAX);
    hq_buf_sv(&request->answer.body, text);
}

static hq_status get_livez(hq_request *request, void *room)
{
    (void)room;
    answer_text(request, HQ_SV("text/plain; charset=utf-8"), HQ_SV("ok\n"));
    return HQ_DONE;
}

static hq_status get_readyz(hq_request *request, void *room)
{
    hq_server *server = room;
    const hq_server_options *o = &server->options;
    if (atomic_load(&server->stopping) || (o->ready != NULL && !o->ready(o->user))) {
        request->answer.why = (hq_why){ .vi = HQ_SV("chưa sẵn sàng"), .en = HQ_SV("not ready") };
        return HQ_FAIL(BUSY);
    }
    answer_text(request, HQ_SV("text/plain; charset=utf-8"), HQ_SV("ready\n"));
    return HQ_DONE;
}

static hq_status get_metrics(hq_request *request, void *room)
{
    hq_server *server = room;
    hq_metric_set(server->metrics.connections, hq_http_connections(server->http));
    hq_metric_set(server->metrics.inside, hq_limiter_inside(server->limiter));
    hq_metric_set(server->metrics.streams, hq_events_count(server->events));
    request->answer.content_type = HQ_SV("text/plain; version=0.0.4; charset=utf-8");
    request->answer.body = HQ_BUF_ARENA(request->arena, METRICS_MAX);
    hq_metrics_write(&request->answer.body);
    return HQ_DONE;
}

static hq_status get_openapi(hq_request *request, void *room)
{
    (void)room;
    answer_text(request, HQ_SV("application/yaml; charset=utf-8"), HQ_EMBEDDED(hq_openapi));
    return HQ_DONE;
}

static hq_status get_style(hq_request *request, void *room)
{
    (void)room;
    answer_text(request, HQ_SV("text/css; charset=utf-8"), hq_html_style());
    request->answer.etag = HQ_SV(HQ_VERSION);
    return HQ_DONE;
}

/* ------------------------------------------------------------------ journal */

static void write_hex(hq_json_w *json, hq_arena *arena, const void *bytes, size_t len)
{
    hq_buf text = HQ_BUF_ARENA(arena, 2 * len);
    hq_buf_hex(&text, bytes, len);
    hq_json_text(json, hq_buf_view(&text));
}

static hq_status get_checkpoint(hq_request *request, void *room)
{
    hq_server *server = room;
    hq_checkpoint c;
    hq_status s = hq_journal_checkpoint(&c, server->options.store);
    if (s.code == HQ_E_NOT_FOUND) {
        request->answer.why = (hq_why){ .vi = HQ_SV("Nhật ký chưa có dấu niêm phong nào"),
                                        .en = HQ_SV("The journal has no checkpoint yet") };
    }
    HQ_TRY(s);
    hq_buf text = HQ_BUF_ARENA(request->arena, 4096);
    hq_checkpoint_write(&text, &c);
    request->answer.body = HQ_BUF_ARENA(request->arena, 8192);
    hq_json_w json = hq_json_writer(&request->answer.body);
    hq_json_open(&json, '{');
    HQ_JSON_KEY(&json, "size");
    hq_json_i64(&json, c.size);
    HQ_JSON_KEY(&json, "root");
    write_hex(&json, request->arena, c.root.bytes, sizeof c.root.bytes);
    HQ_JSON_KEY(&json, "at");
    hq_json_time(&json, c.at);
    HQ_JSON_KEY(&json, "previous");
    write_hex(&json, request->arena, c.previous.bytes, sizeof c.previous.bytes);
    HQ_JSON_KEY(&json, "signature");
    write_hex(&json, request->arena, c.signature, sizeof c.signature);
    HQ_JSON_KEY(&json, "text");
    hq_json_text(&json, hq_buf_view(&text));
    hq_json_close(&json, '}');
    return hq_buf_status(&request->answer.body);
}

static hq_status get_public_key(hq_request *request, void *room)
{
    hq_server *server = room;
    uint8_t key[32];
    hq_journal_public_key(key, server->options.store);
    request->answer.body = HQ_BUF_ARENA(request->arena, 1024);
    hq_json_w json = hq_json_writer(&request->answer.body);
    hq_json_open(&json, '{');
    HQ_JSON_KEY(&json, "algorithm");
    hq_json_text(&json, HQ_SV("Ed25519"));
    HQ_JSON_KEY(&json, "public_key");
    write_hex(&json, request->arena, key, sizeof key);
    hq_json_close(&json, '}');
    return hq_buf_status(&request->answer.body);
}

static int64_t wait_parameter(hq_request *request)
{
    int64_t seconds = 0;
    hq_sv text = hq_request_query(request, "wait");
    if (!hq_sv_i64(&seconds, text) || seconds < 0) {
        return 0;
    }
    return (seconds < WAIT_MAX_S ? seconds : WAIT_MAX_S) * HQ_US_PER_SECOND;
}

static hq_status get_proof(hq_request *request, void *room)
{
    hq_server *server = room;
    hq_store *store = server->options.store;
    int64_t position;
    int64_t wait_us = wait_parameter(request);
    if (!hq_sv_i64(&position, request->params[0]) || position < 1 ||
        position > hq_journal_head(store)) {
        request->answer.why = (hq_why){ .vi = HQ_SV("Nhật ký không có vị trí này"),
                                        .en = HQ_SV("The journal has no such position") };
        return HQ_FAIL(NOT_FOUND);
    }
    if (wait_us > 0) {
        /* Not sealed in time is an answer too: proof null. */
        HQ_IGNORE(hq_journal_wait_sealed(store, position, wait_us));
    }
    request->answer.body = HQ_BUF_ARENA(request->arena, 65536);
    hq_status s = hq_journal_prove(&request->answer.body, store, position);
    if (s.code == HQ_E_NOT_FOUND) {
        hq_buf_clear(&request->answer.body);
        hq_buf_printf(&request->answer.body, "{\"position\":%lld,\"proof\":null}",
                      (long long)position);
        return HQ_DONE;
    }
    return s;
}

/* ------------------------------------------------------------------ the clock of tests */

static hq_status move_clock(hq_test_clock *clock, hq_request *request, const hq_json *body)
{
    hq_sv advance = hq_json_get_text(body, "advance");
    hq_sv set = hq_json_get_text(body, "set");
    hq_time_us to;
    int64_t by;
    if (advance.ptr != NULL && set.ptr == NULL && hq_ok(hq_duration_parse(&by, advance)) &&
        by >= 0) {
        return hq_test_clock_advance(clock, by);
    }
    if (set.ptr != NULL && advance.ptr == NULL && hq_ok(hq_time_parse(&to, set))) {
        return hq_test_clock_set(clock, to);
    }
    request->answer.why = (hq_why){
        .vi = HQ_SV("Cần {\"advance\": \"P3DT2H\"} hoặc {\"set\": \"2026-11-26T17:00:00+07:00\"}"),
        .en = HQ_SV("Needs {\"advance\": \"P3DT2H\"} or {\"set\": \"2026-11-26T17:00:00+07:00\"}"),
    };
    return HQ_FAIL(INVALID);
}

static hq_status post_clock(hq_request *request, void *room)
{
    hq_server *server = room;
    const hq_json *body;
    HQ_TRY(hq_json_parse(&body, request->body, request->arena, &request->answer.why));
    hq_status s = move_clock(server->options.test_clock, request, body);
    if (s.code == HQ_E_RANGE) {
        request->answer.why = (hq_why){ .vi = HQ_SV("Đồng hồ chỉ tiến, không lùi"),
                                        .en = HQ_SV("The clock moves forwards only") };
    }
    HQ_TRY(s);
    request->answer.body = HQ_BUF_ARENA(request->arena, 1024);
    hq_json_w json = hq_json_writer(&request->answer.body);
    hq_json_open(&json, '{');
    HQ_JSON_KEY(&json, "now");
    hq_json_time(&json, hq_now(server->options.clock));
    hq_json_close(&json, '}');
    return HQ_DONE;
}

#define ADMINISTRATOR HQ_ROLE_BIT(HQ_ROLE_ADMINISTRATOR)
const hq_route hq_server__routes[] = {
    { HQ_GET, "/livez", get_livez, 0, HQ_ROUTE_PUBLIC, HQ_POOL_PUBLIC, 0 },
    { HQ_GET, "/readyz", get_readyz, 0, HQ_ROUTE_PUBLIC, HQ_POOL_PUBLIC, 0 },
    { HQ_GET, "/metrics", get_metrics, 0, HQ_ROUTE_PUBLIC, HQ_POOL_PUBLIC, 0 },
    { HQ_GET, "/api/openapi.yaml", get_openapi, 0, HQ_ROUTE_PUBLIC, HQ_POOL_PUBLIC, 0 },
    { HQ_GET, HQ_HTML_STYLE_PATH, get_style, 0, HQ_ROUTE_PUBLIC, HQ_POOL_PUBLIC, 0 },
    { HQ_GET, "/track", hq_track_get, 0, HQ_ROUTE_PUBLIC | HQ_ROUTE_HTML | HQ_ROUTE_SLOW,
      HQ_POOL_PUBLIC, 0 },
    { HQ_POST, "/track", hq_track_post, 0,
      HQ_ROUTE_PUBLIC | HQ_ROUTE_HTML | HQ_ROUTE_SLOW | HQ_ROUTE_FORM, HQ_POOL_PUBLIC, 4096 },
    { HQ_GET, "/track/{number}", hq_track_get, 0, HQ_ROUTE_PUBLIC | HQ_ROUTE_HTML | HQ_ROUTE_SLOW,
      HQ_POOL_PUBLIC, 0 },
    { HQ_GET, "/api/v1/events", hq_events_get, 0, 0, HQ_POOL_FORMAL, 0 },
    { HQ_GET, "/api/v1/journal/checkpoint", get_checkpoint, 0, HQ_ROUTE_PUBLIC | HQ_ROUTE_SLOW,
      HQ_POOL_PUBLIC, 0 },
    { HQ_GET, "/api/v1/journal/public-key", get_public_key, 0, HQ_ROUTE_PUBLIC, HQ_POOL_PUBLIC, 0 },
    { HQ_GET, "/api/v1/journal/proofs/{position}", get_proof, 0, HQ_ROUTE_SLOW, HQ_POOL_FORMAL, 0 },
    { HQ_POST, "/api/v1/test/clock", post_clock, ADMINISTRATOR, HQ_ROUTE_TEST | HQ_ROUTE_SLOW,
      HQ_POOL_FORMAL, 1024 },
};
const size_t hq_server__route_count = sizeof hq_server__routes / sizeof hq_server__routes[0];
