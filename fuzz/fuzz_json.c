/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include "codec/codec.h"

enum { CEILING = 64 << 20 };

static void write_value(hq_json_w *w, const hq_json *v)
{
    if (v->type == HQ_JSON_STRING) {
        hq_json_text(w, v->text);
        return;
    }
    if (v->type < HQ_JSON_ARRAY) {
        hq_json_raw(w, v->type == HQ_JSON_NUMBER  ? v->text
                       : v->type == HQ_JSON_NULL  ? HQ_SV("null")
                       : v->type == HQ_JSON_FALSE ? HQ_SV("false")
                                                  : HQ_SV("true"));
        return;
    }
    uint32_t count = 0;
    hq_json_open(w, v->type == HQ_JSON_OBJECT ? '{' : '[');
    for (const hq_json *c = hq_json_first(v); c != NULL; c = hq_json_next(v, c), count++) {
        if (v->type == HQ_JSON_OBJECT) {
            hq_json_key_sv(w, c->key);
        }
        FUZZ_HOLDS(c->depth == v->depth + 1 && c->depth <= HQ_JSON_DEPTH_MAX);
        FUZZ_HOLDS(hq_utf8_valid(c->key));
        write_value(w, c);
    }
    FUZZ_HOLDS(count == v->count);
    hq_json_close(w, v->type == HQ_JSON_OBJECT ? '}' : ']');
}

static hq_sv written(hq_arena *arena, const hq_json *root)
{
    hq_buf buf = HQ_BUF_ARENA(arena, CEILING);
    hq_json_w w = hq_json_writer(&buf);
    write_value(&w, root);
    FUZZ_HOLDS(hq_ok(hq_buf_status(&buf)));
    return hq_buf_view(&buf);
}

/* What is accepted, written and read again comes out the same. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static int ready;
    if (ready++ == 0) {
        FUZZ_HOLDS(hq_ok(hq_base_init()));
    }
    char *text = fuzz_copy(bytes, len);
    hq_arena *arena = hq_arena_new(CEILING);
    const hq_json *root = NULL, *again = NULL;
    hq_why why = { 0 };
    hq_status s = hq_json_parse(&root, hq_sv_make(text, len), arena, &why);
    FUZZ_HOLDS(hq_ok(s) || (why.en.len > 0 && why.vi.len > 0));
    if (hq_ok(s)) {
        FUZZ_HOLDS(hq_utf8_valid(hq_sv_make(text, len)));
        hq_sv once = written(arena, root);
        FUZZ_HOLDS(hq_ok(hq_json_parse(&again, once, arena, &why)));
        FUZZ_HOLDS(hq_sv_eq(once, written(arena, again)));
        FUZZ_HOLDS(root->skip == again->skip);
    }
    hq_arena_free(arena);
    free(text);
    return 0;
}
