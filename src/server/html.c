/* SPDX-License-Identifier: Apache-2.0 */
#include "server/html.h"

static const char style[] =
    ":root{color-scheme:light dark;--ink:#14212b;--faint:#51606c;--paper:#fff;--line:#cfd8df;"
    "--accent:#0b5cad;--soft:#eef4fa}\n"
    "@media(prefers-color-scheme:dark){:root{--ink:#e8eef3;--faint:#a3b1bc;--paper:#10181f;"
    "--line:#33414d;--accent:#7fbcff;--soft:#18242e}}\n"
    "*{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);"
    "font:17px/1.5 \"Be Vietnam Pro\",system-ui,-apple-system,\"Segoe UI\",Roboto,sans-serif}\n"
    "main{max-width:42rem;margin:0 auto;padding:1.5rem 1rem 3rem}\n"
    "header{border-bottom:1px solid var(--line)}header div{max-width:42rem;margin:0 auto;"
    "padding:.75rem 1rem;font-weight:600;display:flex;justify-content:space-between;gap:1rem}\n"
    "a{color:var(--accent)}h1{font-size:1.5rem;line-height:1.25;margin:0 0 1rem}\n"
    "h1 small,p small,li small,dd small,label small{display:block;font-weight:400;"
    "font-size:.85rem;color:var(--faint)}.small{font-size:.85rem;color:var(--faint)}\n"
    "form{display:grid;gap:1rem}label{display:grid;gap:.3rem;font-weight:600}\n"
    "input{font:inherit;padding:.65rem .75rem;border:1px solid var(--faint);border-radius:.4rem;"
    "background:var(--paper);color:var(--ink);width:100%;letter-spacing:.03em}\n"
    "button{font:inherit;font-weight:600;padding:.75rem 1rem;border:0;border-radius:.4rem;"
    "background:var(--accent);color:var(--paper);cursor:pointer}\n"
    ":focus-visible{outline:3px solid var(--accent);outline-offset:2px}\n"
    "dl{display:grid;gap:.75rem;margin:0 0 1.5rem;padding:1rem;background:var(--soft);"
    "border-radius:.5rem}dt{font-size:.85rem;color:var(--faint)}dd{margin:0;font-weight:600;"
    "overflow-wrap:anywhere}\n"
    "ol{list-style:none;margin:0;padding:0;border-left:2px solid var(--line)}\n"
    "ol li{padding:.4rem 0 .6rem 1rem}time{font-size:.85rem;color:var(--faint);display:block}\n"
    "@media print{header a,form{display:none}}\n";

hq_sv hq_html_style(void)
{
    return (hq_sv){ style, sizeof style - 1 };
}

void hq_html_text(hq_buf *to, hq_sv text)
{
    for (size_t i = 0; i < text.len; i++) {
        switch (text.ptr[i]) {
        case '&':
            hq_buf_lit(to, "&amp;");
            break;
        case '<':
            hq_buf_lit(to, "&lt;");
            break;
        case '>':
            hq_buf_lit(to, "&gt;");
            break;
        case '"':
            hq_buf_lit(to, "&quot;");
            break;
        case '\'':
            hq_buf_lit(to, "&#39;");
            break;
        default:
            hq_buf_char(to, text.ptr[i]);
        }
    }
}

void hq_html_open(hq_buf *to, hq_sv title_vi, hq_sv title_en, bool vietnamese)
{
    hq_buf_printf(to, "<!doctype html><html lang=\"%s\"><head><meta charset=\"utf-8\">",
                  vietnamese ? "vi" : "en");
    hq_buf_lit(to,
               "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>");
    hq_html_text(to, vietnamese ? title_vi : title_en);
    hq_buf_lit(to, "</title><link rel=\"stylesheet\" href=\"" HQ_HTML_STYLE_PATH "\"></head><body>"
                   "<header><div><a href=\"/\">Haiquan</a><span>");
    hq_buf_printf(to, "<a href=\"?lang=%s\" hreflang=\"%s\" lang=\"%s\">%s</a>",
                  vietnamese ? "en" : "vi", vietnamese ? "en" : "vi", vietnamese ? "en" : "vi",
                  vietnamese ? "English" : "Tiếng Việt");
    hq_buf_lit(to, "</span></div></header><main>");
}

void hq_html_close(hq_buf *to)
{
    hq_buf_lit(to, "</main></body></html>");
}

static void write_both(hq_buf *to, hq_sv vi, hq_sv en, bool vietnamese)
{
    hq_html_text(to, vietnamese ? vi : en);
    hq_buf_printf(to, "<small lang=\"%s\">", vietnamese ? "en" : "vi");
    hq_html_text(to, vietnamese ? en : vi);
    hq_buf_lit(to, "</small>");
}

void hq_html_heading(hq_buf *to, hq_sv vi, hq_sv en, bool vietnamese)
{
    hq_buf_lit(to, "<h1>");
    write_both(to, vi, en, vietnamese);
    hq_buf_lit(to, "</h1>");
}

void hq_html_line(hq_buf *to, hq_sv vi, hq_sv en, bool vietnamese)
{
    if (vi.len + en.len > 0) {
        hq_buf_lit(to, "<p>");
        write_both(to, vi, en, vietnamese);
        hq_buf_lit(to, "</p>");
    }
}
