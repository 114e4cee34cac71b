/* SPDX-License-Identifier: Apache-2.0 */
#include "overlay.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

typedef struct {
    const overlay_change *changes;
    size_t count;
    bool *made;
    hq_arena *arena;
    hq_json_w w;
} overlay;

static const overlay_change *change_at(overlay *o, hq_sv pointer)
{
    for (size_t i = 0; i < o->count; i++) {
        if (hq_sv_eq(o->changes[i].pointer, pointer)) {
            o->made[i] = true;
            return &o->changes[i];
        }
    }
    return NULL;
}

static void write_value(overlay *o, const hq_json *value, hq_sv pointer);

static void write_scalar(overlay *o, const hq_json *value)
{
    static const char *const words[] = { "null", "false", "true" };
    if (value->type == HQ_JSON_STRING) {
        hq_json_text(&o->w, value->text);
    } else if (value->type == HQ_JSON_NUMBER) {
        hq_json_raw(&o->w, value->text);
    } else {
        hq_json_raw(&o->w, hq_sv_from_cstr(words[value->type]));
    }
}

/* Changes that add a member or element to this container. */
static void write_added(overlay *o, hq_sv pointer, bool object)
{
    for (size_t i = 0; i < o->count; i++) {
        hq_sv p = o->changes[i].pointer;
        if (o->made[i] || !hq_sv_starts(p, pointer) || p.len <= pointer.len + 1 ||
            p.ptr[pointer.len] != '/' || hq_sv_find(p, '/', pointer.len + 1) != p.len) {
            continue;
        }
        o->made[i] = true;
        if (object) {
            hq_json_key_sv(&o->w, hq_sv_sub(p, pointer.len + 1, p.len));
        }
        hq_json_raw(&o->w, o->changes[i].json);
    }
}

static void write_container(overlay *o, const hq_json *value, hq_sv pointer)
{
    bool object = value->type == HQ_JSON_OBJECT;
    size_t index = 0;
    hq_json_open(&o->w, object ? '{' : '[');
    for (const hq_json *c = hq_json_first(value); c != NULL; c = hq_json_next(value, c)) {
        hq_sv at =
            object ? hq_arena_printf(o->arena, "%.*s/%.*s", HQ_SV_FMT(pointer), HQ_SV_FMT(c->key))
                   : hq_arena_printf(o->arena, "%.*s/%zu", HQ_SV_FMT(pointer), index++);
        const overlay_change *change = change_at(o, at);
        if (change != NULL && change->json.ptr == NULL) {
            continue;
        }
        if (object) {
            hq_json_key_sv(&o->w, c->key);
        }
        if (change != NULL) {
            hq_json_raw(&o->w, change->json);
        } else {
            write_value(o, c, at);
        }
    }
    write_added(o, pointer, object);
    hq_json_close(&o->w, object ? '}' : ']');
}

static void write_value(overlay *o, const hq_json *value, hq_sv pointer)
{
    if (value->type == HQ_JSON_ARRAY || value->type == HQ_JSON_OBJECT) {
        write_container(o, value, pointer);
    } else {
        write_scalar(o, value);
    }
}

hq_sv overlay_apply(hq_sv document, const overlay_change *changes, size_t count, hq_arena *arena)
{
    const hq_json *root;
    hq_buf out = HQ_BUF_ARENA(arena, 1 << 24);
    overlay o = { changes, count, HQ_NEW_ARRAY(arena, bool, count + 1), arena,
                  hq_json_writer(&out) };
    assert_true(hq_ok(hq_json_parse_copy(&root, document, arena, NULL)));
    const overlay_change *whole = change_at(&o, HQ_SV(""));
    if (whole != NULL) {
        return whole->json;
    }
    write_value(&o, root, HQ_SV(""));
    for (size_t i = 0; i < count; i++) {
        if (!o.made[i]) {
            fail_msg("nothing lies at %.*s", HQ_SV_FMT(changes[i].pointer));
        }
    }
    return hq_buf_view(&out);
}
