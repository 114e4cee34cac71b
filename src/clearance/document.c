/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/document.h"

/* ------------------------------------------------------------------ in and out */

hq_doc *hq_doc_read(const hq_json *json, hq_arena *arena)
{
    hq_doc *node = HQ_NEW(arena, hq_doc);
    if (node == NULL) {
        return NULL;
    }
    *node = (hq_doc){ .key = json->key, .text = json->text, .type = (hq_json_type)json->type };
    hq_doc **to = &node->first;
    bool has = json->type == HQ_JSON_OBJECT || json->type == HQ_JSON_ARRAY;
    for (const hq_json *c = has ? hq_json_first(json) : NULL; c != NULL;
         c = hq_json_next(json, c)) {
        *to = hq_doc_read(c, arena); /* the reader bounds the depth to 32 */
        if (*to == NULL) {
            return NULL;
        }
        to = &(*to)->next;
    }
    return node;
}

hq_status hq_doc_parse(hq_doc **out, hq_sv text, hq_arena *arena)
{
    const hq_json *json;
    HQ_TRY(hq_json_parse_copy(&json, text, arena, NULL));
    *out = hq_doc_read(json, arena);
    return *out == NULL ? HQ_FAIL(NOMEM) : HQ_DONE;
}

static void write_children(hq_json_w *w, const hq_doc *node)
{
    bool object = node->type == HQ_JSON_OBJECT;
    hq_json_open(w, object ? '{' : '[');
    for (const hq_doc *c = node->first; c != NULL; c = c->next) {
        if (object && c->type == HQ_JSON_NULL) {
            continue;
        }
        if (object) {
            hq_json_key_sv(w, c->key);
        }
        hq_doc_write(w, c);
    }
    hq_json_close(w, object ? '}' : ']');
}

void hq_doc_write(hq_json_w *w, const hq_doc *node)
{
    switch (node == NULL ? HQ_JSON_NULL : node->type) {
    case HQ_JSON_NULL:
        hq_json_null(w);
        return;
    case HQ_JSON_FALSE:
    case HQ_JSON_TRUE:
        hq_json_bool(w, node->type == HQ_JSON_TRUE);
        return;
    case HQ_JSON_NUMBER:
        hq_json_raw(w, node->text);
        return;
    case HQ_JSON_STRING:
        hq_json_text(w, node->text);
        return;
    case HQ_JSON_ARRAY:
    case HQ_JSON_OBJECT:
        write_children(w, node);
        return;
    }
}

/* ------------------------------------------------------------------ looking */

hq_doc *hq_doc_member(const hq_doc *object, hq_sv name)
{
    if (object == NULL || object->type != HQ_JSON_OBJECT) {
        return NULL;
    }
    for (hq_doc *c = object->first; c != NULL; c = c->next) {
        if (hq_sv_eq(c->key, name)) {
            return c;
        }
    }
    return NULL;
}

hq_doc *hq_doc_element(const hq_doc *array, size_t index)
{
    hq_doc *c = array == NULL || array->type != HQ_JSON_ARRAY ? NULL : array->first;
    for (; c != NULL && index > 0; index--) {
        c = c->next;
    }
    return c;
}

size_t hq_doc_count(const hq_doc *node)
{
    size_t count = 0;
    for (const hq_doc *c = node == NULL ? NULL : node->first; c != NULL; c = c->next) {
        count++;
    }
    return count;
}

bool hq_doc_is_empty(const hq_doc *node)
{
    if (node == NULL || node->type == HQ_JSON_NULL) {
        return true;
    }
    if (node->type == HQ_JSON_STRING) {
        return node->text.len == 0;
    }
    if (node->type != HQ_JSON_OBJECT && node->type != HQ_JSON_ARRAY) {
        return false;
    }
    for (const hq_doc *c = node->first; c != NULL; c = c->next) {
        if (node->type == HQ_JSON_ARRAY || !hq_doc_is_empty(c)) {
            return false;
        }
    }
    return true;
}

/* ------------------------------------------------------------------ comparing */

/* Texts that are amounts; all others are compared letter by letter, "007" is not "7". */
static bool is_amount(hq_sv key)
{
    static const char *const names[] = {
        "amount", "total", "unit_price", "invoice_value", "invoice_total_all", "invoice_prior"
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (hq_sv_eq(key, hq_sv_from_cstr(names[i]))) {
            return true;
        }
    }
    return false;
}

static bool same_text(const hq_doc *a, const hq_doc *b)
{
    hq_decimal x;
    hq_decimal y;
    if (hq_sv_eq(a->text, b->text)) {
        return true;
    }
    return is_amount(a->key) && hq_ok(hq_decimal_parse(&x, a->text)) &&
           hq_ok(hq_decimal_parse(&y, b->text)) && hq_decimal_cmp(x, y) == 0;
}

static bool same_members(const hq_doc *a, const hq_doc *b)
{
    for (const hq_doc *c = a->first; c != NULL; c = c->next) {
        if (!hq_doc_same(c, hq_doc_member(b, c->key))) {
            return false;
        }
    }
    for (const hq_doc *c = b->first; c != NULL; c = c->next) {
        if (hq_doc_member(a, c->key) == NULL && !hq_doc_is_empty(c)) {
            return false;
        }
    }
    return true;
}

static bool same_elements(const hq_doc *a, const hq_doc *b)
{
    const hq_doc *x = a->first;
    const hq_doc *y = b->first;
    while (x != NULL && y != NULL && hq_doc_same(x, y)) {
        x = x->next;
        y = y->next;
    }
    return x == NULL && y == NULL;
}

bool hq_doc_same(const hq_doc *a, const hq_doc *b)
{
    if (hq_doc_is_empty(a) || hq_doc_is_empty(b)) {
        return hq_doc_is_empty(a) && hq_doc_is_empty(b);
    }
    if (a->type != b->type) {
        return false;
    }
    switch (a->type) {
    case HQ_JSON_NULL:
    case HQ_JSON_FALSE:
    case HQ_JSON_TRUE:
        return true;
    case HQ_JSON_NUMBER:
    case HQ_JSON_STRING:
        return same_text(a, b);
    case HQ_JSON_ARRAY:
        return same_elements(a, b);
    case HQ_JSON_OBJECT:
        return same_members(a, b);
    }
    return false;
}

/* ------------------------------------------------------------------ changing */

hq_doc *hq_doc_copy(const hq_doc *node, hq_arena *arena)
{
    hq_doc *copy = HQ_NEW(arena, hq_doc);
    if (copy != NULL) {
        *copy = *node;
        copy->next = NULL;
    }
    return copy;
}

/* Where the pointer to the child stands in its parent's chain; *place NULL at the end. */
static hq_doc **place_of(hq_doc *parent, const hq_doc *child)
{
    hq_doc **place = &parent->first;
    while (*place != NULL && *place != child) {
        place = &(*place)->next;
    }
    return place;
}

static void unlink_child(hq_doc *parent, hq_doc *child)
{
    hq_doc **place = place_of(parent, child);
    *place = child->next;
}

bool hq_doc_set_member(hq_doc *object, hq_sv name, hq_doc *value, hq_arena *arena)
{
    hq_doc *old = hq_doc_member(object, name);
    if (value == NULL || value->type == HQ_JSON_NULL) {
        if (old != NULL) {
            unlink_child(object, old);
        }
        return true;
    }
    hq_doc *fresh = hq_doc_copy(value, arena);
    if (fresh == NULL) {
        return false;
    }
    hq_doc **place = place_of(object, old);
    fresh->key = old == NULL ? hq_arena_dup(arena, name) : old->key;
    fresh->next = old == NULL ? NULL : old->next;
    *place = fresh;
    return fresh->key.ptr != NULL;
}

void hq_doc_take_element(hq_doc *array, size_t index)
{
    hq_doc *old = hq_doc_element(array, index);
    if (old != NULL) {
        unlink_child(array, old);
    }
}

void hq_doc_add_element(hq_doc *array, size_t index, hq_doc *value)
{
    hq_doc **place = place_of(array, hq_doc_element(array, index));
    value->key = HQ_SV("");
    value->next = *place;
    *place = value;
}

/* ------------------------------------------------------------------ pointers */

/* One piece of a pointer, ~1 and ~0 decoded; ptr NULL: a broken escape or no memory. */
static hq_sv decode_piece(hq_sv piece, hq_arena *arena)
{
    char *to = hq_arena_alloc(arena, piece.len + 1);
    size_t len = 0;
    for (size_t i = 0; to != NULL && i < piece.len; i++) {
        if (piece.ptr[i] != '~') {
            to[len++] = piece.ptr[i];
            continue;
        }
        i++;
        if (i == piece.len || (piece.ptr[i] != '0' && piece.ptr[i] != '1')) {
            return HQ_SV_NULL;
        }
        to[len++] = piece.ptr[i] == '0' ? '~' : '/';
    }
    return hq_sv_make(to, len);
}

/* "12" into an index, "-" into `count`; false for other text. */
static bool index_of(size_t *out, hq_sv piece, size_t count)
{
    int64_t v;
    if (hq_sv_eq(piece, HQ_SV("-"))) {
        *out = count;
        return true;
    }
    bool plain = hq_sv_digits(piece) && (piece.len == 1 || piece.ptr[0] != '0');
    if (!plain || !hq_sv_i64(&v, piece)) {
        return false;
    }
    *out = (size_t)v;
    return true;
}

/* The child on the way to the last piece; where a member is absent one is made: a list when the
 * next piece adds to one, otherwise an object. */
static hq_doc *step_down(hq_doc *node, hq_sv piece, hq_sv rest, hq_arena *arena)
{
    size_t index;
    if (node->type == HQ_JSON_ARRAY) {
        return index_of(&index, piece, SIZE_MAX) ? hq_doc_element(node, index) : NULL;
    }
    if (node->type != HQ_JSON_OBJECT) {
        return NULL;
    }
    hq_doc *child = hq_doc_member(node, piece);
    if (child == NULL || child->type == HQ_JSON_NULL) {
        hq_doc *made = HQ_NEW(arena, hq_doc);
        if (made == NULL) {
            return NULL;
        }
        made->type = hq_sv_eq(rest, HQ_SV("-")) ? HQ_JSON_ARRAY : HQ_JSON_OBJECT;
        child = hq_doc_set_member(node, piece, made, arena) ? hq_doc_member(node, piece) : NULL;
    }
    return child;
}

static hq_doc_result put_element(hq_doc *array, hq_sv piece, hq_doc *value, hq_arena *arena)
{
    size_t count = hq_doc_count(array);
    size_t index;
    bool removes = value == NULL || value->type == HQ_JSON_NULL;
    if (!index_of(&index, piece, count) || index > count || (removes && index == count)) {
        return HQ_DOC_NOT_THERE;
    }
    if (index < count) {
        hq_doc_take_element(array, index);
    }
    if (removes) {
        return HQ_DOC_DONE;
    }
    hq_doc *fresh = hq_doc_copy(value, arena);
    if (fresh == NULL) {
        return HQ_DOC_NO_MEMORY;
    }
    hq_doc_add_element(array, index, fresh);
    return HQ_DOC_DONE;
}

hq_doc_result hq_doc_put(hq_doc *root, hq_sv pointer, hq_doc *value, hq_arena *arena)
{
    hq_doc *node = root;
    hq_sv rest = pointer;
    if (pointer.len < 2 || pointer.ptr[0] != '/') {
        return HQ_DOC_NO_POINTER;
    }
    hq_sv_cut(&rest, '/');
    for (;;) {
        hq_sv piece = decode_piece(hq_sv_cut(&rest, '/'), arena);
        if (piece.ptr == NULL) {
            return HQ_DOC_NO_POINTER;
        }
        if (rest.ptr != NULL) {
            node = step_down(node, piece, rest, arena);
            if (node == NULL) {
                return HQ_DOC_NOT_THERE;
            }
            continue;
        }
        if (node->type == HQ_JSON_ARRAY) {
            return put_element(node, piece, value, arena);
        }
        if (node->type != HQ_JSON_OBJECT) {
            return HQ_DOC_NOT_THERE;
        }
        return hq_doc_set_member(node, piece, value, arena) ? HQ_DOC_DONE : HQ_DOC_NO_MEMORY;
    }
}
