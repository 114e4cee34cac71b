/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/changes.h"

#include "base/base.h"
#include "clearance/align.h"

#define TEXT_MAX ((size_t)32 << 20)

typedef struct {
    hq_clr__changes *out;
    hq_arena *arena;
    hq_clr__touched *touched;
    size_t cap;
    hq_status failed; /* sticky */
} differing;

/* ------------------------------------------------------------------ fields that were touched */

static void touch(differing *d, hq_sv path, const hq_doc *after)
{
    if (d->out->touched_count == d->cap) {
        size_t cap = d->cap == 0 ? 32 : d->cap * 2;
        hq_clr__touched *grown = HQ_NEW_ARRAY(d->arena, hq_clr__touched, cap);
        if (grown == NULL) {
            d->failed = HQ_FAIL(NOMEM);
            return;
        }
        if (d->cap > 0) {
            memcpy(grown, d->touched, d->cap * sizeof *grown);
        }
        d->touched = grown;
        d->cap = cap;
    }
    d->touched[d->out->touched_count++] = (hq_clr__touched){ path, after };
    d->out->touched = d->touched;
}

static hq_sv below(differing *d, hq_sv path, hq_sv name)
{
    hq_buf buf = HQ_BUF_ARENA(d->arena, path.len + 3 * name.len + 16);
    hq_buf_sv(&buf, path);
    hq_buf_char(&buf, '/');
    for (size_t i = 0; i < name.len; i++) {
        if (name.ptr[i] == '~') {
            hq_buf_lit(&buf, "~0");
        } else if (name.ptr[i] == '/') {
            hq_buf_lit(&buf, "~1");
        } else {
            hq_buf_char(&buf, name.ptr[i]);
        }
    }
    if (hq_failed(hq_buf_status(&buf))) {
        d->failed = hq_buf_status(&buf);
    }
    return hq_buf_view(&buf);
}

typedef void (*leaf_fn)(differing *d, hq_sv path, const hq_doc *before, const hq_doc *after,
                        void *user);

/* Every field that differs; a list is one field. Depth is that of the reader, at most 32. */
static void each_leaf(differing *d, hq_sv path, const hq_doc *before, const hq_doc *after,
                      leaf_fn fn, void *user)
{
    if (hq_doc_same(before, after)) {
        return;
    }
    bool was = before != NULL && before->type == HQ_JSON_OBJECT;
    bool is = after != NULL && after->type == HQ_JSON_OBJECT;
    if ((!was && !hq_doc_is_empty(before)) || (!is && !hq_doc_is_empty(after)) || (!was && !is)) {
        fn(d, path, before, after, user);
        return;
    }
    for (const hq_doc *c = was ? before->first : NULL; c != NULL; c = c->next) {
        each_leaf(d, below(d, path, c->key), c, hq_doc_member(after, c->key), fn, user);
    }
    for (const hq_doc *c = is ? after->first : NULL; c != NULL; c = c->next) {
        if (hq_doc_member(was ? before : NULL, c->key) == NULL) {
            each_leaf(d, below(d, path, c->key), NULL, c, fn, user);
        }
    }
}

static void touch_leaf(differing *d, hq_sv path, const hq_doc *before, const hq_doc *after,
                       void *user)
{
    (void)before;
    (void)user;
    touch(d, path, hq_doc_is_empty(after) ? NULL : after);
}

/* ------------------------------------------------------------------ header */

static void put_leaf(differing *d, hq_sv path, const hq_doc *before, const hq_doc *after,
                     void *user)
{
    hq_json_w *w = user;
    touch_leaf(d, path, before, after, NULL);
    hq_json_open(w, '{');
    HQ_JSON_KEY(w, "path");
    hq_json_text(w, path);
    HQ_JSON_KEY(w, "before");
    hq_doc_write(w, hq_doc_is_empty(before) ? NULL : before);
    HQ_JSON_KEY(w, "after");
    hq_doc_write(w, hq_doc_is_empty(after) ? NULL : after);
    hq_json_close(w, '}');
}

static void compare_header(differing *d, hq_json_w *w, const hq_doc *before, const hq_doc *after)
{
    hq_sv lines = HQ_SV("lines");
    for (const hq_doc *c = before->first; c != NULL; c = c->next) {
        if (!hq_sv_eq(c->key, lines)) {
            each_leaf(d, below(d, HQ_SV(""), c->key), c, hq_doc_member(after, c->key), put_leaf, w);
        }
    }
    for (const hq_doc *c = after->first; c != NULL; c = c->next) {
        if (!hq_sv_eq(c->key, lines) && hq_doc_member(before, c->key) == NULL) {
            each_leaf(d, below(d, HQ_SV(""), c->key), NULL, c, put_leaf, w);
        }
    }
}

/* ------------------------------------------------------------------ lines */

static void put_line_number(hq_json_w *w, size_t index)
{
    if (index == HQ_CLR__NO_LINE) {
        hq_json_null(w);
    } else {
        hq_json_i64(w, (int64_t)index + 1);
    }
}

/* Members of `line` that `other` has not or has otherwise; null for those that only `other` has. */
static void put_members(hq_json_w *w, const hq_doc *line, const hq_doc *other)
{
    hq_json_open(w, '{');
    for (const hq_doc *c = line->first; c != NULL; c = c->next) {
        if (!hq_doc_same(c, hq_doc_member(other, c->key))) {
            hq_json_key_sv(w, c->key);
            hq_doc_write(w, hq_doc_is_empty(c) ? NULL : c);
        }
    }
    for (const hq_doc *c = other->first; c != NULL; c = c->next) {
        if (hq_doc_member(line, c->key) == NULL && !hq_doc_is_empty(c)) {
            hq_json_key_sv(w, c->key);
            hq_json_null(w);
        }
    }
    hq_json_close(w, '}');
}

static void put_line(hq_json_w *w, size_t before_at, const hq_doc *before, size_t after_at,
                     const hq_doc *after)
{
    bool both = before != NULL && after != NULL;
    hq_json_open(w, '{');
    HQ_JSON_KEY(w, "line");
    put_line_number(w, before_at);
    HQ_JSON_KEY(w, "line_after");
    put_line_number(w, after_at);
    HQ_JSON_KEY(w, "change");
    hq_json_text(w, both ? HQ_SV("CHANGED") : before == NULL ? HQ_SV("ADDED") : HQ_SV("REMOVED"));
    HQ_JSON_KEY(w, "before");
    if (both) {
        put_members(w, before, after);
    } else {
        hq_doc_write(w, before);
    }
    HQ_JSON_KEY(w, "after");
    if (both) {
        put_members(w, after, before);
    } else {
        hq_doc_write(w, after);
    }
    hq_json_close(w, '}');
}

static hq_sv line_path(differing *d, size_t index)
{
    return hq_arena_printf(d->arena, "/lines/%zu", index);
}

static void compare_old_line(differing *d, hq_json_w *w, size_t i, const hq_doc *before,
                             const hq_doc *list)
{
    size_t at = d->out->after_of[i];
    const hq_doc *after = at == HQ_CLR__NO_LINE ? NULL : hq_doc_element(list, at);
    if (after != NULL && hq_doc_same(before, after)) {
        return;
    }
    put_line(w, i, before, at, after);
    if (after == NULL) {
        touch(d, line_path(d, i), NULL);
    } else {
        each_leaf(d, line_path(d, at), before, after, touch_leaf, NULL);
    }
}

static void compare_lines(differing *d, hq_json_w *w, const hq_doc *before, const hq_doc *after)
{
    size_t i = 0;
    for (const hq_doc *c = before == NULL ? NULL : before->first; c != NULL; c = c->next, i++) {
        compare_old_line(d, w, i, c, after);
    }
    i = 0;
    for (const hq_doc *c = after == NULL ? NULL : after->first; c != NULL; c = c->next, i++) {
        if (d->out->before_of[i] == HQ_CLR__NO_LINE) {
            put_line(w, HQ_CLR__NO_LINE, NULL, i, c);
            touch(d, line_path(d, i), c);
        }
    }
}

hq_status hq_clr__changes_between(hq_clr__changes *out, const hq_doc *before, const hq_doc *after,
                                  hq_arena *arena)
{
    differing d = { .out = out, .arena = arena };
    hq_buf header = HQ_BUF_ARENA(arena, TEXT_MAX);
    hq_buf lines = HQ_BUF_ARENA(arena, TEXT_MAX);
    hq_json_w w = hq_json_writer(&header);
    hq_json_w lw = hq_json_writer(&lines);
    const hq_doc *old_lines = hq_doc_member(before, HQ_SV("lines"));
    const hq_doc *new_lines = hq_doc_member(after, HQ_SV("lines"));
    *out = (hq_clr__changes){ .old_count = hq_doc_count(old_lines),
                              .new_count = hq_doc_count(new_lines) };
    out->after_of = HQ_NEW_ARRAY(arena, size_t, out->old_count + 1);
    out->before_of = HQ_NEW_ARRAY(arena, size_t, out->new_count + 1);
    if (out->after_of == NULL || out->before_of == NULL) {
        return HQ_FAIL(NOMEM);
    }
    HQ_TRY(hq_clr__align(out->after_of, out->old_count, out->before_of, out->new_count, old_lines,
                         new_lines, arena));
    hq_json_open(&w, '[');
    compare_header(&d, &w, before, after);
    hq_json_close(&w, ']');
    hq_json_open(&lw, '[');
    compare_lines(&d, &lw, old_lines, new_lines);
    hq_json_close(&lw, ']');
    out->header = hq_buf_view(&header);
    out->lines = hq_buf_view(&lines);
    HQ_TRY(d.failed);
    HQ_TRY(hq_buf_status(&header));
    return hq_buf_status(&lines);
}

/* ------------------------------------------------------------------ the way back */

static hq_status apply_header(hq_doc *document, hq_sv header, hq_arena *arena)
{
    const hq_json *list;
    HQ_TRY(hq_json_parse_copy(&list, header, arena, NULL));
    for (const hq_json *c = hq_json_first(list); c != NULL; c = hq_json_next(list, c)) {
        const hq_json *after = hq_json_get(c, "after");
        hq_doc *value = after == NULL ? NULL : hq_doc_read(after, arena);
        if (hq_doc_put(document, hq_json_get_text(c, "path"), value, arena) != HQ_DOC_DONE) {
            return HQ_FAIL(CORRUPT);
        }
    }
    return HQ_DONE;
}

static hq_status apply_members(hq_doc *line, const hq_json *after, hq_arena *arena)
{
    for (const hq_json *c = hq_json_first(after); c != NULL; c = hq_json_next(after, c)) {
        hq_doc *value = hq_doc_read(c, arena);
        if (value == NULL || !hq_doc_set_member(line, c->key, value, arena)) {
            return HQ_FAIL(NOMEM);
        }
    }
    return HQ_DONE;
}

/* Changed lines first, by their old numbers; then those that went, from the end; then those that
 * came, in order of their new numbers. */
static hq_status change_lines(hq_doc *lines, const hq_json *list, hq_arena *arena)
{
    for (const hq_json *c = hq_json_first(list); c != NULL; c = hq_json_next(list, c)) {
        int64_t at = 0;
        const hq_json *after = hq_json_get(c, "after");
        if (!hq_sv_eq(hq_json_get_text(c, "change"), HQ_SV("CHANGED"))) {
            continue;
        }
        hq_doc *line =
            hq_json_get_i64(&at, c, "line") ? hq_doc_element(lines, (size_t)at - 1) : NULL;
        if (line == NULL || after == NULL) {
            return HQ_FAIL(CORRUPT);
        }
        HQ_TRY(apply_members(line, after, arena));
    }
    return HQ_DONE;
}

static void take_lines(hq_doc *lines, const hq_json *list)
{
    size_t gone = 0;
    for (const hq_json *c = hq_json_first(list); c != NULL; c = hq_json_next(list, c)) {
        int64_t at = 0;
        if (hq_sv_eq(hq_json_get_text(c, "change"), HQ_SV("REMOVED")) &&
            hq_json_get_i64(&at, c, "line")) {
            hq_doc_take_element(lines, (size_t)at - 1 - gone++);
        }
    }
}

static hq_status add_lines(hq_doc *lines, const hq_json *list, hq_arena *arena)
{
    for (const hq_json *c = hq_json_first(list); c != NULL; c = hq_json_next(list, c)) {
        int64_t at = 0;
        const hq_json *after = hq_json_get(c, "after");
        if (!hq_sv_eq(hq_json_get_text(c, "change"), HQ_SV("ADDED"))) {
            continue;
        }
        hq_doc *line = after == NULL ? NULL : hq_doc_read(after, arena);
        if (line == NULL || !hq_json_get_i64(&at, c, "line_after")) {
            return HQ_FAIL(CORRUPT);
        }
        hq_doc_add_element(lines, (size_t)at - 1, line);
    }
    return HQ_DONE;
}

hq_status hq_clr__changes_apply(hq_doc *document, hq_sv lines, hq_sv header, hq_arena *arena)
{
    const hq_json *list;
    hq_doc *at = hq_doc_member(document, HQ_SV("lines"));
    HQ_TRY(apply_header(document, header, arena));
    HQ_TRY(hq_json_parse_copy(&list, lines, arena, NULL));
    if (list->count == 0) {
        return HQ_DONE;
    }
    if (at == NULL || at->type != HQ_JSON_ARRAY) {
        return HQ_FAIL(CORRUPT);
    }
    HQ_TRY(change_lines(at, list, arena));
    take_lines(at, list);
    return add_lines(at, list, arena);
}
