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

/* What the walk needs seldom. */
typedef struct {
    const char *text;
    const uint32_t *first;
    hq_arena *arena;
    bool escapes; /* is there a backslash anywhere? */
    size_t fault_at;
    const level *full; /* where no level may be any more */
    level levels[HQ_JSON_DEPTH_MAX];
} around;

/* What it needs for every token. Its address never leaves the functions below, which are all
 * inlined into one, so that it lives in registers: that halves the instructions of a document. */
typedef struct {
    const char *text;
    const uint32_t *at,
        *end;             /* positions of the token next and behind the last; *end is the length */
    hq_json *node, *full; /* next free and where there is no more room */
    level *top;           /* the level inside which tokens are read, NULL outside */
} walk;

#define INLINE static inline __attribute__((always_inline))

static hq_json__fault wrong(around *a, hq_json__fault fault, size_t at)
{
    a->fault_at = at;
    return fault;
}

static __attribute__((noinline)) hq_json__fault unescaped(around *a, hq_sv *out, hq_sv raw)
{
    size_t at = 0;
    hq_json__fault fault = hq_json__unescape(out, &at, raw, a->arena);
    return fault == HQ_JSON__FINE ? fault : wrong(a, fault, (size_t)(raw.ptr - a->text) + at);
}

/* The string whose opening quote is the next token. Its closing quote is the last thing before the
 * token after it but for white space: anything else there would be a token of its own. */
INLINE hq_json__fault read_string(walk *w, around *a, hq_sv *out)
{
    const char *from = w->text + *w->at++ + 1;
    const char *end = w->text + *w->at - 1;
    while (*end != '"') {
        end--;
    }
    hq_sv raw = { from, (size_t)(end - from) };
    *out = raw;
    if (__builtin_expect(a->escapes, 0) && memchr(raw.ptr, '\\', raw.len) != NULL) {
        hq_sv plain = HQ_SV_NULL;
        hq_json__fault fault = unescaped(a, &plain, raw);
        *out = plain;
        return fault;
    }
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
INLINE hq_sv take_run(walk *w)
{
    const char *from = w->text + *w->at++;
    const char *end = w->text + *w->at;
    while (is_space(end[-1])) {
        end--;
    }
    return (hq_sv){ from, (size_t)(end - from) };
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

/* true, false, null; -1 for anything else. */
static int literal(hq_sv run)
{
    if (hq_sv_eq(run, HQ_SV("null"))) {
        return HQ_JSON_NULL;
    }
    if (hq_sv_eq(run, HQ_SV("true"))) {
        return HQ_JSON_TRUE;
    }
    return hq_sv_eq(run, HQ_SV("false")) ? (int)HQ_JSON_FALSE : -1;
}

/* A number or a literal. */
INLINE hq_json__fault read_run(walk *w, around *a, hq_json *node, char first)
{
    size_t at = *w->at;
    hq_sv run = take_run(w);
    if (is_digit(first) || first == '-' || first == '+' || first == '.') {
        node->type = HQ_JSON_NUMBER;
        node->text = run;
        return is_number(run) ? HQ_JSON__FINE : wrong(a, HQ_JSON__NUMBER, at);
    }
    if (first == ',' || first == ':' || first == ']' || first == '}') {
        return wrong(a, HQ_JSON__VALUE, at);
    }
    int type = literal(run);
    node->type = (uint8_t)type;
    return type >= 0 ? HQ_JSON__FINE : wrong(a, HQ_JSON__LITERAL, at);
}

INLINE hq_json__fault open_level(walk *w, around *a, hq_json *node, hq_json_type type, char closer)
{
    size_t at = *w->at++;
    level *inner = w->top == NULL ? a->levels : w->top + 1;
    if (inner == a->full) {
        return wrong(a, HQ_JSON__DEPTH, at);
    }
    node->type = (uint8_t)type;
    node->text.ptr = w->text + at;
    *inner = (level){ node, 0, closer };
    w->top = inner;
    return HQ_JSON__FINE;
}

/* One value, or the opening of one that holds others. */
INLINE hq_json__fault read_value(walk *w, around *a, hq_sv key)
{
    size_t at = *w->at;
    if (w->at == w->end) {
        return wrong(a, HQ_JSON__END, at);
    }
    if (w->node == w->full) {
        return wrong(a, HQ_JSON__NODES, at);
    }
    hq_json *node = w->node++;
    node->key = key;
    node->text = HQ_SV_NULL;
    node->count = 0;
    node->skip = 1;
    node->depth = w->top == NULL ? 0 : (uint8_t)(w->top - a->levels + 1);
    char c = w->text[at];
    if (c == '"') {
        node->type = HQ_JSON_STRING;
        return read_string(w, a, &node->text);
    }
    if (c == '{') {
        return open_level(w, a, node, HQ_JSON_OBJECT, '}');
    }
    if (c == '[') {
        return open_level(w, a, node, HQ_JSON_ARRAY, ']');
    }
    return read_run(w, a, node, c);
}

/* Name and colon of a member. */
INLINE hq_json__fault read_key(walk *w, around *a, hq_sv *key)
{
    size_t at = *w->at;
    if (w->at == w->end) {
        return wrong(a, HQ_JSON__END, at);
    }
    if (w->text[at] != '"') {
        return wrong(a, HQ_JSON__KEY, at);
    }
    hq_json__fault fault = read_string(w, a, key);
    if (fault != HQ_JSON__FINE) {
        return fault;
    }
    at = *w->at;
    if (w->at == w->end) {
        return wrong(a, HQ_JSON__END, at);
    }
    if (w->text[at] != ':') {
        return wrong(a, HQ_JSON__COLON, at);
    }
    w->at++;
    return HQ_JSON__FINE;
}

/* The second member of a name. A name with escapes has left the text: then the object has to do. */
static hq_json__fault twice(around *a, const hq_json *object, const hq_json *member)
{
    uintptr_t from = (uintptr_t)object->text.ptr;
    uintptr_t key = (uintptr_t)member->key.ptr;
    bool within = key > from && key < from + object->text.len;
    return wrong(a, HQ_JSON__DUPLICATE, (within ? key - 1 : from) - (uintptr_t)a->text);
}

static hq_json__fault unlike_names_by_table(around *a, const hq_json *object)
{
    hq_map *names = hq_map_new(a->arena, object->count, object->count);
    if (names == NULL) {
        return wrong(a, HQ_JSON__MEMORY, (size_t)(object->text.ptr - a->text));
    }
    for (const hq_json *m = hq_json_first(object); m != NULL; m = hq_json_next(object, m)) {
        if (hq_map_has(names, m->key)) {
            return twice(a, object, m);
        }
        if (hq_failed(hq_map_put(names, m->key, a))) {
            return wrong(a, HQ_JSON__MEMORY, (size_t)(object->text.ptr - a->text));
        }
    }
    return HQ_JSON__FINE;
}

/* Are the names of a finished object all different? Two names can only be equal when they fall on
 * the same bit of `seen`, so most are compared with nothing. */
static hq_json__fault unlike_names(around *a, const hq_json *object)
{
    if (object->count > NAMES_BY_EYE) {
        return unlike_names_by_table(a, object);
    }
    uint64_t seen = 0;
    const hq_json *end = object + object->skip;
    for (const hq_json *m = object + 1; m != end; m += m->skip) {
        hq_sv key = m->key;
        size_t mix = key.len * 11;
        if (key.len > 0) {
            mix += (unsigned char)key.ptr[0] * 7U + (unsigned char)key.ptr[key.len / 2] * 3U +
                   (unsigned char)key.ptr[key.len - 1];
        }
        uint64_t bit = UINT64_C(1) << (mix & 63);
        for (const hq_json *o = object + 1; (seen & bit) != 0 && o != m; o += o->skip) {
            if (hq_sv_eq(o->key, key)) {
                return twice(a, object, m);
            }
        }
        seen |= bit;
    }
    return HQ_JSON__FINE;
}

/* The closing bracket is the next token. */
INLINE hq_json__fault close_level(walk *w, around *a)
{
    level *l = w->top;
    hq_json *node = l->node;
    node->count = l->members;
    node->skip = (uint32_t)(w->node - node);
    node->text.len = (size_t)(w->text + *w->at + 1 - node->text.ptr);
    w->at++;
    w->top = l == a->levels ? NULL : l - 1;
    return l->closer == '}' && node->count > 1 ? unlike_names(a, node) : HQ_JSON__FINE;
}

/* Within the innermost level: the next member, or its end. */
INLINE hq_json__fault read_on(walk *w, around *a)
{
    level *l = w->top;
    size_t at = *w->at;
    if (w->at == w->end) {
        return wrong(a, HQ_JSON__END, at);
    }
    char c = w->text[at];
    char closer = l->closer;
    if (c == closer) {
        return close_level(w, a);
    }
    if (l->members > 0) {
        if (c != ',') {
            return wrong(a, closer == '}' ? HQ_JSON__OBJECT : HQ_JSON__ARRAY, at);
        }
        w->at++;
    }
    l->members++;
    hq_sv key = HQ_SV_NULL;
    if (closer == '}') {
        hq_json__fault fault = read_key(w, a, &key);
        if (fault != HQ_JSON__FINE) {
            return fault;
        }
    }
    return read_value(w, a, key);
}

/* Reads all tokens into nodes[room]; *used of them are filled. */
static hq_json__fault read_document(around *a, size_t count, hq_json *nodes, size_t room,
                                    size_t *used)
{
    walk w = { a->text, a->first, a->first + count, nodes, nodes + room, NULL };
    hq_json__fault fault = read_value(&w, a, HQ_SV_NULL);
    while (fault == HQ_JSON__FINE && w.top != NULL) {
        fault = read_on(&w, a);
    }
    if (fault == HQ_JSON__FINE && w.at != w.end) {
        return wrong(a, HQ_JSON__TRAILING, *w.at);
    }
    *used = (size_t)(w.node - nodes);
    return fault;
}

/* Values of the document, exactly when its grammar holds; a broken one runs into a fault before. */
static size_t count_values(const around *a, size_t count)
{
    size_t starts = 0, names = 0;
    for (size_t i = 0; i < count; i++) {
        char c = a->text[a->first[i]];
        starts += c != ',' && c != ':' && c != ']' && c != '}';
        names += c == ':';
    }
    return starts > names ? starts - names : 1;
}

/* A large document has its nodes in the arena from the start. */
static hq_json__fault read_large(const hq_json **out, around *a, size_t count)
{
    size_t values = count_values(a, count);
    if (values > HQ_JSON_NODES_MAX) {
        return wrong(a, HQ_JSON__NODES, 0);
    }
    hq_json *nodes = hq_arena_alloc(a->arena, values * sizeof *nodes);
    if (nodes == NULL) {
        return wrong(a, HQ_JSON__NODES, 0);
    }
    *out = nodes;
    size_t used = 0;
    return read_document(a, count, nodes, values, &used);
}

static _Thread_local hq_json scratch[SCRATCH];

static hq_json__fault keep_scratch(const hq_json **out, around *a, size_t used)
{
    hq_json *nodes = hq_arena_alloc(a->arena, used * sizeof *nodes);
    if (nodes == NULL) {
        return wrong(a, HQ_JSON__MEMORY, 0);
    }
    memcpy(nodes, scratch, used * sizeof *nodes);
    *out = nodes;
    return HQ_JSON__FINE;
}

/* A small one is read into nodes that the thread keeps, then copied at its true size: the arena of
 * a request holds it without asking the heap. */
static hq_json__fault read_small(const hq_json **out, around *a, size_t count)
{
    size_t used = 0;
    hq_json__fault fault = read_document(a, count, scratch, SCRATCH, &used);
    return fault == HQ_JSON__FINE ? keep_scratch(out, a, used) : fault;
}

hq_status hq_json_parse(const hq_json **out, hq_sv text, hq_arena *arena, hq_why *why)
{
    if (text.len > HQ_JSON_BYTES_MAX) {
        return hq_json__explain(HQ_JSON__SIZE, 0, arena, why);
    }
    if (text.len == 0) {
        return hq_json__explain(HQ_JSON__EMPTY, 0, arena, why);
    }
    around a;
    size_t count;
    int indexed = hq_json__index(&a.first, &count, text.ptr, text.len);
    if (indexed == HQ_JSON__INDEX_BROKEN) {
        size_t at = 0;
        hq_json__fault fault = hq_json__locate(&at, text);
        return hq_json__explain(fault, at, arena, why);
    }
    if (indexed != HQ_JSON__INDEXED) {
        return hq_json__explain(HQ_JSON__MEMORY, 0, arena, why);
    }
    a.text = text.ptr;
    a.arena = arena;
    a.full = a.levels + HQ_JSON_DEPTH_MAX;
    a.escapes = memchr(text.ptr, '\\', text.len) != NULL;
    a.fault_at = 0;
    /* A value takes at least every second token, but for those that are opened and never closed. */
    bool small = count / 2 + 1 + HQ_JSON_DEPTH_MAX < SCRATCH;
    hq_json__fault fault = small ? read_small(out, &a, count) : read_large(out, &a, count);
    if (fault == HQ_JSON__LITERAL && a.fault_at == 0 && hq_sv_starts(text, HQ_SV("\xef\xbb\xbf"))) {
        fault = HQ_JSON__MARK;
    }
    return fault == HQ_JSON__FINE ? HQ_DONE : hq_json__explain(fault, a.fault_at, arena, why);
}

hq_status hq_json_parse_copy(const hq_json **out, hq_sv text, hq_arena *arena, hq_why *why)
{
    hq_sv copy = hq_arena_dup(arena, text);
    if (copy.ptr == NULL) {
        return hq_json__explain(HQ_JSON__MEMORY, 0, arena, why);
    }
    return hq_json_parse(out, copy, arena, why);
}

/* ------------------------------------------------------------------ token by token */

bool hq_json_tokens_of(hq_json_tokens *out, hq_sv text)
{
    size_t count;
    if (text.len < 2 || text.len > HQ_JSON_TOKENS_BYTES || text.ptr[0] != '{' ||
        text.ptr[text.len - 1] != '}' || memchr(text.ptr, '\\', text.len) != NULL ||
        hq_json__index(&out->at, &count, text.ptr, text.len) != HQ_JSON__INDEXED) {
        return false;
    }
    out->text = text.ptr;
    out->end = out->at + count;
    /* Otherwise the last bracket belongs to a run. */
    return count >= 2 && out->at[count - 1] == text.len - 1;
}

bool hq_json_tokens_value(const hq_json **out, hq_json_tokens *tokens, hq_arena *arena)
{
    around a;
    a.text = tokens->text;
    a.arena = arena;
    a.escapes = false;
    /* Whoever asks stands in a few levels himself. */
    a.full = a.levels + HQ_JSON_DEPTH_MAX - HQ_JSON_TOKENS_DEPTH;
    walk w = { tokens->text, tokens->at, tokens->end, scratch, scratch + SCRATCH, NULL };
    hq_json__fault fault = read_value(&w, &a, HQ_SV_NULL);
    while (fault == HQ_JSON__FINE && w.top != NULL) {
        fault = read_on(&w, &a);
    }
    tokens->at = w.at;
    return fault == HQ_JSON__FINE &&
           keep_scratch(out, &a, (size_t)(w.node - scratch)) == HQ_JSON__FINE;
}

/* ------------------------------------------------------------------ members */

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
