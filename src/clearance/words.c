/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/filing.h"

#define WORDS_MAX ((size_t)64 << 10)

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

static void add(hq_buf *all, hq_sv text)
{
    if (text.len > 0) {
        hq_buf_char(all, ' ');
        hq_buf_sv(all, text);
    }
}

hq_sv hq_clr__words_of(const hq_declaration *d, const hq_ref *ref, hq_arena *arena)
{
    const hq_party *trader = hq_clr__trader_of(d);
    const hq_enterprise_row *known = hq_ref_enterprise(ref, trader->tax_code);
    hq_buf all = HQ_BUF_ARENA(arena, WORDS_MAX);
    hq_sv folded;
    hq_buf_reserve(&all, 256 + 64 * d->line_count);
    add(&all, trader->tax_code);
    add(&all, trader->name.len > 0 || known == NULL ? trader->name : known->name);
    add(&all, d->reference);
    for (size_t i = 0; i < d->line_count; i++) {
        add(&all, d->lines[i].description);
    }
    if (hq_failed(hq_buf_status(&all)) || hq_failed(hq_fold(&folded, arena, hq_buf_view(&all)))) {
        return HQ_SV_NULL;
    }
    return folded.ptr == NULL ? HQ_SV("") : folded;
}
