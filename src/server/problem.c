/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/codec.h"
#include "server/html.h"
#include "server/state.h"

/* application/problem+json (RFC 9457): type, title, status, code, trace_id; `detail` says more in
 * the reader's language and `text` in both; `errors` are the findings. */
#define PROBLEM_MAX ((size_t)4 << 20)

static const char *const severity_names[] = { "info", "warning", "error" };

static void write_texts(hq_json_w *json, hq_sv vi, hq_sv en)
{
    hq_json_open(json, '{');
    HQ_JSON_KEY(json, "vi");
    hq_json_text(json, vi);
    HQ_JSON_KEY(json, "en");
    hq_json_text(json, en);
    hq_json_close(json, '}');
}

static void write_finding(hq_json_w *json, const hq_finding *f)
{
    hq_json_open(json, '{');
    HQ_JSON_KEY(json, "rule");
    hq_json_text(json, f->rule);
    HQ_JSON_KEY(json, "severity");
    hq_json_text(json, hq_sv_from_cstr(severity_names[f->severity]));
    HQ_JSON_KEY(json, "path");
    hq_json_text(json, f->path);
    HQ_JSON_KEY(json, "value");
    if (f->value.len > 0) {
        hq_json_raw(json, f->value);
    } else {
        hq_json_null(json);
    }
    HQ_JSON_KEY(json, "text");
    write_texts(json, f->vi, f->en);
    hq_json_close(json, '}');
}

static void write_findings(hq_json_w *json, const hq_exchange *ex, hq_sv code)
{
    const hq_answer *a = &ex->request.answer;
    hq_finding alone = { .rule = code,
                         .severity = HQ_SEVERITY_ERROR,
                         .path = a->why.path,
                         .vi = a->why.vi,
                         .en = a->why.en };
    if (a->finding_count == 0 && a->why.path.len == 0) {
        return;
    }
    HQ_JSON_KEY(json, "errors");
    hq_json_open(json, '[');
    if (a->finding_count == 0) {
        write_finding(json, &alone);
    }
    for (size_t i = 0; i < a->finding_count; i++) {
        write_finding(json, &a->findings[i]);
    }
    hq_json_close(json, ']');
}

static void write_problem(hq_json_w *json, const hq_exchange *ex, int http)
{
    const hq_request *r = &ex->request;
    hq_status s = ex->status;
    hq_sv name = hq_sv_from_cstr(hq_status_name(s));
    hq_sv code = r->answer.code.len > 0 ? r->answer.code : name;
    hq_json_open(json, '{');
    HQ_JSON_KEY(json, "type");
    hq_sv type = hq_arena_printf(r->arena, "urn:haiquan:problem:%.*s", HQ_SV_FMT(name));
    hq_json_text(json, type);
    HQ_JSON_KEY(json, "title");
    hq_json_text(json,
                 hq_sv_from_cstr(r->vietnamese ? hq_status_text_vi(s) : hq_status_text_en(s)));
    HQ_JSON_KEY(json, "status");
    hq_json_i64(json, http);
    HQ_JSON_KEY(json, "code");
    hq_json_text(json, code);
    HQ_JSON_KEY(json, "trace_id");
    hq_json_text(json, r->trace_id);
    if (r->answer.why.en.len > 0) {
        HQ_JSON_KEY(json, "detail");
        hq_json_text(json, r->vietnamese ? r->answer.why.vi : r->answer.why.en);
        HQ_JSON_KEY(json, "text");
        write_texts(json, r->answer.why.vi, r->answer.why.en);
    }
    write_findings(json, ex, code);
    if (r->answer.members.len > 0) {
        hq_buf_char(json->buf, ',');
        hq_buf_sv(json->buf, r->answer.members);
    }
    hq_json_close(json, '}');
}

static void write_page(hq_buf *body, const hq_exchange *ex, int http)
{
    const hq_request *r = &ex->request;
    hq_html_open(body, HQ_SV("Hải quan"), HQ_SV("Customs"), r->vietnamese);
    hq_html_heading(body, hq_sv_from_cstr(hq_status_text_vi(ex->status)),
                    hq_sv_from_cstr(hq_status_text_en(ex->status)), r->vietnamese);
    hq_html_line(body, r->answer.why.vi, r->answer.why.en, r->vietnamese);
    hq_buf_printf(body, "<p class=\"small\">%d · %.*s</p>", http, HQ_SV_FMT(r->trace_id));
    hq_html_close(body);
}

void hq_problem_render(hq_exchange *ex, int http)
{
    hq_answer *a = &ex->request.answer;
    bool page = ex->compiled != NULL && (ex->compiled->route->flags & HQ_ROUTE_HTML) != 0;
    a->body = HQ_BUF_ARENA(ex->request.arena, PROBLEM_MAX);
    if (page) {
        a->content_type = HQ_SV("text/html; charset=utf-8");
        write_page(&a->body, ex, http);
        return;
    }
    hq_json_w json = hq_json_writer(&a->body);
    a->content_type = HQ_SV("application/problem+json");
    write_problem(&json, ex, http);
}
