/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/json_fault.h"

typedef struct {
    hq_code status;
    const char *en, *vi;
} fault_text;

static const fault_text texts[] = {
    [HQ_JSON__FINE] = { HQ_E_OK, "", "" },
#define HQ_JSON_FAULT(name, status, en, vi) [HQ_JSON__##name] = { HQ_E_##status, en, vi },
#include "codec/json_fault.def"
#undef HQ_JSON_FAULT
};

hq_status hq_json__explain(hq_json__fault fault, size_t at, hq_arena *arena, hq_why *why)
{
    const fault_text *text = &texts[fault];
    if (why != NULL) {
        hq_sv en = hq_arena_printf(arena, "JSON, byte %zu: %s", at, text->en);
        hq_sv vi = hq_arena_printf(arena, "JSON, byte thứ %zu: %s", at, text->vi);
        /* A full arena must not swallow the sentence. */
        *why = (hq_why){
            .path = HQ_SV(""),
            .en = en.ptr != NULL ? en : hq_sv_from_cstr(text->en),
            .vi = vi.ptr != NULL ? vi : hq_sv_from_cstr(text->vi),
        };
    }
    return (hq_status){ text->status };
}

hq_json__fault hq_json__locate(size_t *at, hq_sv text)
{
    size_t valid = hq_utf8_valid_prefix(text);
    size_t quote = 0;
    bool inside = false;
    for (size_t i = 0; i < valid; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c == '"') {
            inside = !inside;
            quote = i;
        } else if (inside && c < 0x20) {
            *at = i;
            return c == 0 ? HQ_JSON__NUL : HQ_JSON__CONTROL;
        } else if (c == '\\') {
            i++; /* what it escapes, inside or outside */
        }
    }
    *at = valid;
    if (valid < text.len) {
        return HQ_JSON__UTF8;
    }
    if (inside) {
        *at = quote;
        return HQ_JSON__UNCLOSED;
    }
    return HQ_JSON__EMPTY;
}
