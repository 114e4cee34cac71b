/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/filing.h"

#define WORDS_MAX ((size_t)256 << 10)

void hq_clr__findings_json(hq_json_w *w, const hq_finding *items, size_t count)
{
    static const char *const severities[] = { "info", "warning", "error" };
    hq_json_open(w, '[');
    for (size_t i = 0; i < count; i++) {
        const hq_finding *f = &items[i];
        hq_json_open(w, '{');
        HQ_JSON_KEY(w, "rule");
        hq_json_text(w, f->rule);
        HQ_JSON_KEY(w, "severity");
        hq_json_text(w, hq_sv_from_cstr(severities[f->severity]));
        HQ_JSON_KEY(w, "path");
        hq_json_text(w, f->path);
        HQ_JSON_KEY(w, "value");
        if (f->value.len == 0) {
            hq_json_null(w);
        } else {
            hq_json_raw(w, f->value);
        }
        HQ_JSON_KEY(w, "text");
        hq_json_open(w, '{');
        HQ_JSON_KEY(w, "vi");
        hq_json_text(w, f->vi);
        HQ_JSON_KEY(w, "en");
        hq_json_text(w, f->en);
        hq_json_close(w, '}');
        hq_json_close(w, '}');
    }
    hq_json_close(w, ']');
}

/* Letters of ASCII folded, digits as they are, anything else 0: the usual text is folded here, byte
 * by byte; a word with other letters goes to hq_fold. */
static unsigned char plain(unsigned char c)
{
    if (c >= 'A' && c <= 'Z') {
        return (unsigned char)(c + ('a' - 'A'));
    }
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : 0;
}

static void add_folded(hq_buf *all, hq_sv text, hq_arena *arena)
{
    hq_sv folded;
    if (hq_failed(hq_fold(&folded, arena, text))) {
        all->failed = HQ_E_NOMEM;
    } else if (folded.len > 0) {
        hq_buf_char(all, ' ');
        hq_buf_sv(all, folded);
    }
}

static void add(hq_buf *all, hq_sv text, hq_arena *arena)
{
    char *to = text.len == 0 ? NULL : hq_buf_reserve(all, text.len + 1);
    size_t len = 0;
    bool gap = true;
    for (size_t i = 0; to != NULL && i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        unsigned char folded = plain(c);
        if (c >= 0x80) {
            add_folded(all, text, arena);
            return;
        }
        if (folded == 0) {
            gap = true;
            continue;
        }
        if (gap) {
            to[len++] = ' ';
            gap = false;
        }
        to[len++] = (char)folded;
    }
    all->len += len;
}

/* The trader's tax code is no word: it is found by its own term. */
hq_sv hq_clr__words_of(const hq_declaration *d, const hq_ref *ref, hq_arena *arena)
{
    const hq_party *trader = hq_clr__trader_of(d);
    hq_buf all = HQ_BUF_ARENA(arena, WORDS_MAX);
    hq_buf_reserve(&all, 128 + 64 * d->line_count);
    if (trader->name.len > 0) {
        add(&all, trader->name, arena);
    } else {
        const hq_enterprise_row *known = hq_ref_enterprise(ref, trader->tax_code);
        add(&all, known == NULL ? HQ_SV("") : known->name, arena);
    }
    add(&all, d->reference, arena);
    for (size_t i = 0; i < d->line_count; i++) {
        add(&all, d->lines[i].description, arena);
    }
    return hq_failed(hq_buf_status(&all)) ? HQ_SV_NULL : hq_buf_view(&all);
}
