/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/elements.h"

hq_status hq_clr__elements(const hq_json **out, hq_sv section, hq_arena *arena)
{
    static const hq_json none = { .type = HQ_JSON_ARRAY, .skip = 1 };
    *out = &none;
    if (section.len == 0) {
        return HQ_DONE;
    }
    HQ_TRY(hq_json_parse(out, section, arena, NULL));
    return (*out)->type == HQ_JSON_ARRAY ? HQ_DONE : HQ_FAIL(CORRUPT);
}

const hq_json *hq_clr__element_numbered(const hq_json *array, const char *member, int64_t number)
{
    for (const hq_json *e = hq_json_first(array); e != NULL; e = hq_json_next(array, e)) {
        int64_t seen;
        if (hq_json_get_i64(&seen, e, member) && seen == number) {
            return e;
        }
    }
    return NULL;
}

const hq_json *hq_clr__element_named(const hq_json *array, const char *member, hq_sv text)
{
    for (const hq_json *e = hq_json_first(array); e != NULL; e = hq_json_next(array, e)) {
        hq_sv seen = hq_json_get_text(e, member);
        if (seen.ptr != NULL && hq_sv_eq(seen, text)) {
            return e;
        }
    }
    return NULL;
}

void hq_clr__json_value(hq_json_w *w, const hq_json *value)
{
    switch ((hq_json_type)value->type) {
    case HQ_JSON_NULL:
        hq_json_null(w);
        return;
    case HQ_JSON_FALSE:
    case HQ_JSON_TRUE:
        hq_json_bool(w, value->type == HQ_JSON_TRUE);
        return;
    case HQ_JSON_STRING:
        hq_json_text(w, value->text);
        return;
    case HQ_JSON_NUMBER:
    case HQ_JSON_ARRAY:
    case HQ_JSON_OBJECT:
        hq_json_raw(w, value->text);
        return;
    }
}

hq_time_us hq_clr__json_time(const hq_json *object, const char *member)
{
    hq_time_us t;
    hq_sv text = hq_json_get_text(object, member);
    return text.ptr != NULL && hq_ok(hq_time_parse(&t, text)) ? t : 0;
}

static const hq_json *member_named(const hq_json *object, hq_sv name)
{
    for (const hq_json *m = hq_json_first(object); m != NULL; m = hq_json_next(object, m)) {
        if (hq_sv_eq(m->key, name)) {
            return m;
        }
    }
    return NULL;
}

hq_status hq_clr__element_patch(hq_sv *out, const hq_json *element, hq_sv patch, hq_arena *arena)
{
    const hq_json *put;
    hq_buf text = HQ_BUF_ARENA(arena, HQ_CLR__RECORD_MAX);
    hq_json_w w = hq_json_writer(&text);
    HQ_TRY(hq_json_parse(&put, hq_arena_printf(arena, "{%.*s}", HQ_SV_FMT(patch)), arena, NULL));
    hq_json_open(&w, '{');
    for (const hq_json *m = hq_json_first(element); m != NULL; m = hq_json_next(element, m)) {
        const hq_json *other = member_named(put, m->key);
        hq_json_key_sv(&w, m->key);
        hq_clr__json_value(&w, other == NULL ? m : other);
    }
    for (const hq_json *m = hq_json_first(put); m != NULL; m = hq_json_next(put, m)) {
        if (member_named(element, m->key) == NULL) {
            hq_json_key_sv(&w, m->key);
            hq_clr__json_value(&w, m);
        }
    }
    hq_json_close(&w, '}');
    *out = hq_buf_view(&text);
    return hq_buf_status(&text);
}

hq_status hq_clr__element_replace(hq_sv *section, const hq_json *element, hq_sv with,
                                  hq_arena *arena)
{
    size_t from = (size_t)(element->text.ptr - section->ptr);
    size_t to = from + element->text.len;
    hq_buf text = HQ_BUF_ARENA(arena, HQ_CLR__RECORD_MAX);
    hq_buf_append(&text, section->ptr, from);
    hq_buf_sv(&text, with);
    hq_buf_append(&text, section->ptr + to, section->len - to);
    *section = hq_buf_view(&text);
    return hq_buf_status(&text);
}

hq_status hq_clr__element_change(hq_sv *section, const hq_json *element, hq_sv patch,
                                 hq_arena *arena)
{
    hq_sv with;
    HQ_TRY(hq_clr__element_patch(&with, element, patch, arena));
    return hq_clr__element_replace(section, element, with, arena);
}
