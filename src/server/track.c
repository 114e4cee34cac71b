/* SPDX-License-Identifier: Apache-2.0 */
#include "server/track.h"

#include "server/html.h"
#include "server/state.h"

#define PAGE_MAX ((size_t)256 << 10)

typedef struct {
    hq_sv number, check;
    bool vietnamese;
} asked;

static void write_label(hq_buf *to, const asked *a, const char *vi, const char *en)
{
    hq_html_text(to, hq_sv_from_cstr(a->vietnamese ? vi : en));
    hq_buf_lit(to, "<small>");
    hq_html_text(to, hq_sv_from_cstr(a->vietnamese ? en : vi));
    hq_buf_lit(to, "</small>");
}

static void write_form(hq_buf *to, const asked *a)
{
    hq_buf_printf(to, "<form method=\"post\" action=\"/track?lang=%s\"><label>",
                  a->vietnamese ? "vi" : "en");
    write_label(to, a, "Số tờ khai", "Declaration number");
    hq_buf_lit(to, "<input name=\"number\" inputmode=\"numeric\" autocomplete=\"off\" required "
                   "maxlength=\"20\" value=\"");
    hq_html_text(to, a->number);
    hq_buf_lit(to, "\"></label><label>");
    write_label(to, a, "Mã tra cứu ghi trên tờ khai", "Tracking code shown on the declaration");
    hq_buf_lit(to, "<input name=\"code\" autocomplete=\"off\" required maxlength=\"40\"></label>"
                   "<button type=\"submit\">");
    hq_html_text(to, a->vietnamese ? HQ_SV("Tra cứu") : HQ_SV("Look up"));
    hq_buf_lit(to, "</button></form>");
}

/* "20/11/2026 08:05" */
static void write_when(hq_buf *to, hq_time_us at)
{
    int year, month, mday;
    hq_day_to_civil(hq_day_of(at), &year, &month, &mday);
    int64_t minute = (at - hq_day_start(hq_day_of(at))) / (60 * HQ_US_PER_SECOND);
    hq_buf_lit(to, "<time datetime=\"");
    hq_time_write(to, at);
    hq_buf_printf(to, "\">%02d/%02d/%d %02d:%02d</time>", mday, month, year, (int)(minute / 60),
                  (int)(minute % 60));
}

static void write_term(hq_buf *to, const asked *a, const char *vi, const char *en, hq_sv value_vi,
                       hq_sv value_en)
{
    hq_buf_lit(to, "<div><dt>");
    hq_html_text(to, hq_sv_from_cstr(a->vietnamese ? vi : en));
    hq_buf_lit(to, "</dt><dd>");
    hq_html_text(to, a->vietnamese ? value_vi : value_en);
    if (!hq_sv_eq(value_vi, value_en)) {
        hq_buf_lit(to, "<small>");
        hq_html_text(to, a->vietnamese ? value_en : value_vi);
        hq_buf_lit(to, "</small>");
    }
    hq_buf_lit(to, "</dd></div>");
}

static void write_found(hq_buf *to, const asked *a, const hq_tracked *t)
{
    hq_buf_lit(to, "<dl>");
    write_term(to, a, "Số tờ khai", "Declaration number", t->number, t->number);
    write_term(to, a, "Trạng thái", "Status", t->status_vi, t->status_en);
    write_term(to, a, "Cơ quan hải quan", "Customs office", t->office_vi, t->office_en);
    if (t->due > 0) {
        hq_buf_lit(to, "<div><dt>");
        hq_html_text(to, a->vietnamese ? HQ_SV("Hạn xử lý") : HQ_SV("Due"));
        hq_buf_lit(to, "</dt><dd>");
        write_when(to, t->due);
        hq_buf_lit(to, "</dd></div>");
    }
    hq_buf_lit(to, "</dl><ol>");
    for (size_t i = 0; i < t->step_count; i++) {
        hq_buf_lit(to, "<li>");
        write_when(to, t->steps[i].at);
        hq_html_text(to, a->vietnamese ? t->steps[i].vi : t->steps[i].en);
        hq_buf_lit(to, "<small>");
        hq_html_text(to, a->vietnamese ? t->steps[i].en : t->steps[i].vi);
        hq_buf_lit(to, "</small></li>");
    }
    hq_buf_lit(to, "</ol>");
}

static hq_status write_page(hq_request *request, const asked *a, const hq_tracked *found,
                            bool missing)
{
    request->answer.content_type = HQ_SV("text/html; charset=utf-8");
    request->answer.http = missing ? 404 : 200;
    request->answer.body = HQ_BUF_ARENA(request->arena, PAGE_MAX);
    hq_buf *to = &request->answer.body;
    hq_html_open(to, HQ_SV("Tra cứu tờ khai"), HQ_SV("Follow a declaration"), a->vietnamese);
    hq_html_heading(to, HQ_SV("Tra cứu tờ khai"), HQ_SV("Follow a declaration"), a->vietnamese);
    if (missing) {
        hq_html_line(
            to, HQ_SV("Không có tờ khai với số và mã tra cứu này. Xem lại cả hai trên tờ khai."),
            HQ_SV("There is no declaration with this number and code. Check both on the "
                  "declaration."),
            a->vietnamese);
    }
    if (found != NULL) {
        write_found(to, a, found);
    } else {
        write_form(to, a);
    }
    hq_html_close(to);
    return hq_buf_status(to);
}

static hq_status answer(hq_request *request, const hq_server *server, const asked *a)
{
    const hq_server_options *o = &server->options;
    hq_tracked found = { 0 };
    if (a->number.len == 0 || a->check.len == 0) {
        return write_page(request, a, NULL, false);
    }
    hq_status s = o->track == NULL ? HQ_FAIL(NOT_FOUND)
                                   : o->track(&found, a->number, a->check, request->arena, o->user);
    if (hq_failed(s) && s.code != HQ_E_NOT_FOUND) {
        return s;
    }
    return write_page(request, a, hq_ok(s) ? &found : NULL, hq_failed(s));
}

static bool wants_vietnamese(hq_request *request)
{
    hq_sv lang = hq_request_query(request, "lang");
    return lang.len == 0 ? request->vietnamese : !hq_sv_eq(lang, HQ_SV("en"));
}

hq_status hq_track_get(hq_request *request, void *server)
{
    asked a = { .number = request->params[0],
                .check = hq_sv_trim(hq_request_query(request, "code")),
                .vietnamese = wants_vietnamese(request) };
    if (a.number.len == 0) {
        a.number = hq_sv_trim(hq_request_query(request, "number"));
    }
    return answer(request, server, &a);
}

hq_status hq_track_post(hq_request *request, void *server)
{
    hq_request form = { .arena = request->arena, .query = request->body };
    asked a = { .number = hq_sv_trim(hq_request_query(&form, "number")),
                .check = hq_sv_trim(hq_request_query(&form, "code")),
                .vietnamese = wants_vietnamese(request) };
    if (!hq_utf8_valid(a.number) || !hq_utf8_valid(a.check)) {
        return HQ_FAIL(SYNTAX);
    }
    return answer(request, server, &a);
}
