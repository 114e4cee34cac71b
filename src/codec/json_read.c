/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/json.h"
#include "codec/json_fault.h"
#include "codec/json_index.h"
#include "codec/json_unescape.h"

/* The index says where tokens start and has proved UTF-8 and quotes. What is left is the grammar,
 * the numbers, the escapes, the depth and the names that appear twice: the walk below. simdjson's
 * own parsers are not used for it because they read numbers as double, let a name appear twice and
 * accept half a surrogate pair. */

enum {
    SCRATCH =
        1024, /* nodes a thread keeps ready; three times what a declaration of five lines has */
    NAMES_BY_EYE = 64 /* members up to which names are compared without a table */
};

typedef struct {
    hq_json *node;
    uint32_t members;
    char closer;
} level;

typedef struct {
    const char *text;
    const uint32_t *at; /* at[count] is the end of the text */
    size_t count, next;
    hq_json *nodes;
    uint32_t used, room;
    bool escapes; /* is there a backslash anywhere? */
    hq_arena *arena;
    uint32_t depth;
    size_t fault_at;
    level levels[HQ_JSON_DEPTH_MAX];
} walk;

static hq_json__fault wrong(walk *w, hq_json__fault fault, size_t at)
{
    w->fault_at = at;
    return fault;
}

/* The string whose opening quote is the next token. Its closing quote is the last thing before the
 * token after it but for white space: anything else there would be a token of its own. */
static inline hq_json__fault read_string(walk *w, hq_sv *out)
{
    size_t from = w->at[w->next++] + 1;
    size_t end = w->at[w->next] - 1;
    while (w->text[end] != '"') {
        end--;
    }
    hq_sv raw = { w->text + from, end - from };
    if (w->escapes && memchr(raw.ptr, '\\', raw.len) != NULL) {
        size_t at = 0;
        hq_json__fault fault = hq_json__unescape(out, &at, raw, w->arena);
        return fault == HQ_JSON__FINE ? fault : wrong(w, fault, from + at);
    }
    *out = raw;
    return HQ_JSON__FINE;
}

static inline bool is_digit(char c)
{
    return (unsigned)(unsigned char)c - '0' <= 9;
}

static inline bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* From the start of a run up to the next token, without the white space between. */
static inline hq_sv run_at(const walk *w, size_t token)
{
    size_t from = w->at[token];
    size_t end = w->at[token + 1];
    while (is_space(w->text[end - 1])) {
        end--;
    }
    return (hq_sv){ w->text + from, end - from };
}

static size_t digits(hq_sv v, size_t at)
{
    while (at < v.len && is_digit(v.ptr[at])) {
        at++;
    }
    return at;
}

/* RFC 8259, section 6. */
static bool is_number(hq_sv v)
{
    size_t from = v.ptr[0] == '-';
    size_t at = digits(v, from);
    if (at == from || (v.ptr[from] == '0' && at - from > 1)) {
        return false;
    }
    if (at < v.len && v.ptr[at] == '.') {
        from = at + 1;
        at = digits(v, from);
        if (at == from) {
            return false;
        }
    }
    if (at < v.len && (v.ptr[at] == 'e' || v.ptr[at] == 'E')) {
        from = at + 1;
        from += from < v.len && (v.ptr[from] == '+' || v.ptr[from] == '-');
        at = digits(v, from);
        if (at == from) {
            return false;
        }
    }
    return at == v.len;
}

static hq_json__fault read_number(walk *w, hq_json *node)
{
    node->type = HQ_JSON_NUMBER;
    node->text = run_at(w, w->next);
    if (!is_number(node->text)) {
        return wrong(w, HQ_JSON__NUMBER, w->at[w->next]);
    }
    w->next++;
    return HQ_JSON__FINE;
}

static hq_json__fault read_literal(walk *w, hq_json *node)
{
    hq_sv run = run_at(w, w->next);
    if (hq_sv_eq(run, HQ_SV("null"))) {
        node->type = HQ_JSON_NULL;
    } else if (hq_sv_eq(run, HQ_SV("true"))) {
        node->type = HQ_JSON_TRUE;
    } else if (hq_sv_eq(run, HQ_SV("false"))) {
        node->type = HQ_JSON_FALSE;
    } else {
        return wrong(w, HQ_JSON__LITERAL, w->at[w->next]);
    }
    w->next++;
    return HQ_JSON__FINE;
}

static hq_json__fault open_level(walk *w, hq_json *node, hq_json_type type, char closer)
{
    if (w->depth == HQ_JSON_DEPTH_MAX) {
        return wrong(w, HQ_JSON__DEPTH, w->at[w->next]);
    }
    node->type = (uint8_t)type;
    node->text.ptr = w->text + w->at[w->next];
    w->levels[w->depth++] = (level){ node, 0, closer };
    w->next++;
    return HQ_JSON__FINE;
}

/* One value, or the opening of one that holds others. */
static hq_json__fault read_value(walk *w, hq_sv key)
{
    size_t at = w->at[w->next];
    if (w->next == w->count) {
        return wrong(w, HQ_JSON__END, at);
    }
    if (w->used == w->room) {
        return wrong(w, HQ_JSON__NODES, at);
    }
    hq_json *node = &w->nodes[w->used];
    *node = (hq_json){ .key = key, .skip = 1, .depth = (uint8_t)w->depth };
    w->used++;
    char c = w->text[at];
    if (c == '"') {
        node->type = HQ_JSON_STRING;
        return read_string(w, &node->text);
    }
    if (c == '{') {
        return open_level(w, node, HQ_JSON_OBJECT, '}');
    }
    if (c == '[') {
        return open_level(w, node, HQ_JSON_ARRAY, ']');
    }
    if (is_digit(c) || c == '-' || c == '+' || c == '.') {
        return read_number(w, node);
    }
    if (c == ',' || c == ':' || c == ']' || c == '}') {
        return wrong(w, HQ_JSON__VALUE, at);
    }
    return read_literal(w, node);
}

/* Name and colon of a member. */
static inline hq_json__fault read_key(walk *w, hq_sv *key)
{
    size_t at = w->at[w->next];
    if (w->next == w->count) {
        return wrong(w, HQ_JSON__END, at);
    }
    if (w->text[at] != '"') {
        return wrong(w, HQ_JSON__KEY, at);
    }
    hq_json__fault fault = read_string(w, key);
    if (fault != HQ_JSON__FINE) {
        return fault;
    }
    at = w->at[w->next];
    if (w->next == w->count) {
        return wrong(w, HQ_JSON__END, at);
    }
    if (w->text[at] != ':') {
        return wrong(w, HQ_JSON__COLON, at);
    }
    w->next++;
    return HQ_JSON__FINE;
}

static hq_json__fault twice(walk *w, const hq_json *member)
{
    /* An escaped name has left the text; then the object's start has to do. */
    const hq_json *object = w->levels[w->depth].node;
    uintptr_t from = (uintptr_t)object->text.ptr;
    uintptr_t key = (uintptr_t)member->key.ptr;
    bool within = key > from && key < (uintptr_t)(w->text + w->at[w->next]);
    return wrong(w, HQ_JSON__DUPLICATE, (within ? key - 1 : from) - (uintptr_t)w->text);
}

static hq_json__fault unlike_names_by_table(walk *w, const hq_json *object)
{
    hq_map *names = hq_map_new(w->arena, object->count, object->count);
    if (names == NULL) {
        return wrong(w, HQ_JSON__MEMORY, w->at[w->next]);
    }
    for (const hq_json *m = hq_json_first(object); m != NULL; m = hq_json_next(object, m)) {
        if (hq_map_has(names, m->key)) {
            return twice(w, m);
        }
        if (hq_failed(hq_map_put(names, m->key, w))) {
            return wrong(w, HQ_JSON__MEMORY, w->at[w->next]);
        }
    }
    return HQ_JSON__FINE;
}

/* Are the names of a finished object all different? Two names can only be equal when they fall on
 * the same bit of `seen`, so most are compared with nothing. */
static hq_json__fault unlike_names(walk *w, const hq_json *object)
{
    if (object->count > NAMES_BY_EYE) {
        return unlike_names_by_table(w, object);
    }
    uint64_t seen = 0;
    for (const hq_json *m = hq_json_first(object); m != NULL; m = hq_json_next(object, m)) {
        hq_sv key = m->key;
        size_t mix = key.len * 11;
        if (key.len > 0) {
            mix += (unsigned char)key.ptr[0] * 7U + (unsigned char)key.ptr[key.len / 2] * 3U +
                   (unsigned char)key.ptr[key.len - 1];
        }
        uint64_t bit = UINT64_C(1) << (mix & 63);
        for (const hq_json *o = object + 1; (seen & bit) != 0 && o != m; o += o->skip) {
            if (hq_sv_eq(o->key, key)) {
                return twice(w, m);
            }
        }
        seen |= bit;
    }
    return HQ_JSON__FINE;
}

/* The closing bracket is the next token. */
static hq_json__fault close_level(walk *w)
{
    level *l = &w->levels[--w->depth];
    hq_json *node = l->node;
    node->count = l->members;
    node->skip = (uint32_t)(&w->nodes[w->used] - node);
    node->text.len = (size_t)(w->text + w->at[w->next] + 1 - node->text.ptr);
    hq_json__fault fault = HQ_JSON__FINE;
    if (l->closer == '}' && node->count > 1) {
        fault = unlike_names(w, node);
    }
    w->next++;
    return fault;
}

/* Within the innermost level: the next member, or its end. */
static inline hq_json__fault read_on(walk *w)
{
    level *l = &w->levels[w->depth - 1];
    size_t at = w->at[w->next];
    if (w->next == w->count) {
        return wrong(w, HQ_JSON__END, at);
    }
    char c = w->text[at];
    if (c == l->closer) {
        return close_level(w);
    }
    if (l->members > 0) {
        if (c != ',') {
            return wrong(w, l->closer == '}' ? HQ_JSON__OBJECT : HQ_JSON__ARRAY, at);
        }
        w->next++;
    }
    l->members++;
    hq_sv key = HQ_SV_NULL;
    if (l->closer == '}') {
        hq_json__fault fault = read_key(w, &key);
        if (fault != HQ_JSON__FINE) {
            return fault;
        }
    }
    return read_value(w, key);
}

static hq_json__fault read_document(walk *w)
{
    hq_json__fault fault = read_value(w, HQ_SV_NULL);
    while (fault == HQ_JSON__FINE && w->depth > 0) {
        fault = read_on(w);
    }
    if (fault == HQ_JSON__FINE && w->next != w->count) {
        return wrong(w, HQ_JSON__TRAILING, w->at[w->next]);
    }
    return fault;
}

/* Values of the document, exactly when its grammar holds; a broken one runs into a fault before. */
static size_t count_values(const walk *w)
{
    size_t starts = 0, names = 0;
    for (size_t i = 0; i < w->count; i++) {
        char c = w->text[w->at[i]];
        starts += c != ',' && c != ':' && c != ']' && c != '}';
        names += c == ':';
    }
    return starts > names ? starts - names : 1;
}

/* A large document has its nodes in the arena from the start. */
static hq_json__fault read_large(const hq_json **out, walk *w)
{
    size_t values = count_values(w);
    if (values > HQ_JSON_NODES_MAX) {
        return wrong(w, HQ_JSON__NODES, 0);
    }
    w->room = (uint32_t)values;
    w->nodes = hq_arena_alloc(w->arena, values * sizeof *w->nodes);
    if (w->nodes == NULL) {
        return wrong(w, HQ_JSON__NODES, 0);
    }
    *out = w->nodes;
    return read_document(w);
}

/* A small one is read into nodes that the thread keeps, then copied at its true size: the arena of
 * a request holds it without asking the heap. */
static hq_json__fault read_small(const hq_json **out, walk *w)
{
    static _Thread_local hq_json scratch[SCRATCH];
    w->room = SCRATCH;
    w->nodes = scratch;
    hq_json__fault fault = read_document(w);
    if (fault != HQ_JSON__FINE) {
        return fault;
    }
    hq_json *nodes = hq_arena_alloc(w->arena, w->used * sizeof *nodes);
    if (nodes == NULL) {
        return wrong(w, HQ_JSON__MEMORY, 0);
    }
    memcpy(nodes, scratch, w->used * sizeof *nodes);
    *out = nodes;
    return HQ_JSON__FINE;
}

hq_status hq_json_parse(const hq_json **out, hq_sv text, hq_arena *arena, hq_why *why)
{
    if (text.len > HQ_JSON_BYTES_MAX) {
        return hq_json__explain(HQ_JSON__SIZE, 0, arena, why);
    }
    if (text.len == 0) {
        return hq_json__explain(HQ_JSON__EMPTY, 0, arena, why);
    }
    walk w;
    w.text = text.ptr;
    w.arena = arena;
    w.next = 0;
    w.used = 0;
    w.depth = 0;
    w.fault_at = 0;
    int indexed = hq_json__index(&w.at, &w.count, text.ptr, text.len);
    if (indexed == HQ_JSON__INDEX_BROKEN) {
        size_t at = 0;
        hq_json__fault fault = hq_json__locate(&at, text);
        return hq_json__explain(fault, at, arena, why);
    }
    if (indexed != HQ_JSON__INDEXED) {
        return hq_json__explain(HQ_JSON__MEMORY, 0, arena, why);
    }
    w.escapes = memchr(text.ptr, '\\', text.len) != NULL;
    /* A value takes at least every second token, but for those that are opened and never closed. */
    bool small = w.count / 2 + 1 + HQ_JSON_DEPTH_MAX < SCRATCH;
    hq_json__fault fault = small ? read_small(out, &w) : read_large(out, &w);
    return fault == HQ_JSON__FINE ? HQ_DONE : hq_json__explain(fault, w.fault_at, arena, why);
}

hq_status hq_json_parse_copy(const hq_json **out, hq_sv text, hq_arena *arena, hq_why *why)
{
    hq_sv copy = hq_arena_dup(arena, text);
    if (copy.ptr == NULL) {
        return hq_json__explain(HQ_JSON__MEMORY, 0, arena, why);
    }
    return hq_json_parse(out, copy, arena, why);
}

const hq_json *hq_json_get(const hq_json *object, const char *name)
{
    if (object == NULL || object->type != HQ_JSON_OBJECT) {
        return NULL;
    }
    hq_sv wanted = hq_sv_from_cstr(name);
    for (const hq_json *m = hq_json_first(object); m != NULL; m = hq_json_next(object, m)) {
        if (hq_sv_eq(m->key, wanted)) {
            return m;
        }
    }
    return NULL;
}

hq_sv hq_json_get_text(const hq_json *object, const char *name)
{
    const hq_json *member = hq_json_get(object, name);
    return member != NULL && member->type == HQ_JSON_STRING ? member->text : HQ_SV_NULL;
}

bool hq_json_get_i64(int64_t *out, const hq_json *object, const char *name)
{
    const hq_json *member = hq_json_get(object, name);
    return member != NULL && member->type == HQ_JSON_NUMBER && hq_sv_i64(out, member->text);
}
