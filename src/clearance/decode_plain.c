/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/decode.h"

/* The short way for a declaration that nothing is wrong with: from the tokens of the JSON straight
 * into the fields, by the same tables and the same readers of single fields. It knows no findings
 * and no faults: at the first thing that is not as it should be it gives up, and decode.c reads
 * anew and says what is wrong. So nothing is decided here but whether there is anything to say. */

/* Elements that a list gets room for before they are counted. */
enum { FIRST_ROOM = 8 };

static bool plain_object(hq_decode__run *run, const hq_decode__object *object, hq_json_tokens *t,
                         char *to);

/* ------------------------------------------------------------------ members that hold others */

static bool plain_object_field(hq_decode__run *run, const hq_decode__field *field,
                               hq_json_tokens *t, char *to)
{
    const hq_decode__object *object =
        run->flow == HQ_FLOW_EXPORT && field->on_export != NULL ? field->on_export : field->object;
    if ((field->flags & HQ_FIELD_ALLOCATED) != 0) {
        char *own = hq_arena_zalloc(run->arena, field->size);
        if (own == NULL) {
            return false;
        }
        memcpy(to, &own, sizeof own);
        to = own;
    }
    run->steps[run->depth++] = (hq_decode__step){ field, SIZE_MAX };
    bool read = plain_object(run, object, t, to);
    run->depth--;
    return read;
}

/* Elements from here to the end of the list; the next token opens one. */
static size_t count_rest(const hq_json_tokens *t)
{
    size_t count = 1;
    size_t depth = 0;
    for (const uint32_t *at = t->at; at != t->end; at++) {
        char c = t->text[*at];
        if (c == '{' || c == '[') {
            depth++;
        } else if (c == '}' || c == ']') {
            if (depth == 0) {
                break;
            }
            depth--;
        } else if (c == ',' && depth == 0) {
            count++;
        }
    }
    return count;
}

typedef struct {
    char *items;
    size_t count, room;
} list;

/* Room for one more. A list of its own memory is counted when it turns out to be long. */
static bool make_room(list *l, hq_decode__run *run, const hq_decode__field *field,
                      const hq_json_tokens *t)
{
    if (l->count < l->room) {
        return true;
    }
    size_t most = (size_t)field->max;
    size_t room = FIRST_ROOM < most ? FIRST_ROOM : most;
    if (l->count > 0) {
        room = l->count + count_rest(t);
    }
    if ((field->flags & HQ_FIELD_ALLOCATED) == 0 || room > most) {
        return false;
    }
    char *items = hq_arena_alloc(run->arena, room * field->size);
    if (items == NULL) {
        return false;
    }
    if (l->count > 0) {
        memcpy(items, l->items, l->count * field->size);
    }
    l->items = items;
    l->room = room;
    return true;
}

static bool plain_element(hq_decode__run *run, const hq_decode__field *field, hq_json_tokens *t,
                          list *l)
{
    if (hq_json_token(t) != '{' || !make_room(l, run, field, t)) {
        return false;
    }
    char *item = l->items + l->count * field->size;
    memset(item, 0, field->zeroed);
    if (field->size == sizeof(hq_line)) {
        ((hq_line *)(void *)item)->broken = false;
    }
    run->steps[run->depth++] = (hq_decode__step){ field, l->count++ };
    bool read = plain_object(run, field->object, t, item);
    run->depth--;
    return read;
}

/* The next token opens the list. *seen: are there any? */
static bool plain_objects(hq_decode__run *run, const hq_decode__field *field, hq_json_tokens *t,
                          char *to, bool *seen)
{
    bool own = (field->flags & HQ_FIELD_ALLOCATED) != 0;
    list l = { own ? NULL : to, 0, own ? 0 : (size_t)field->max };
    t->at++;
    *seen = hq_json_token(t) != ']';
    if (!*seen) {
        t->at++;
        return (field->flags & HQ_FIELD_REQUIRED) == 0;
    }
    for (char c = ','; c == ',';) {
        if (!plain_element(run, field, t, &l) || t->at == t->end) {
            return false;
        }
        c = hq_json_token(t);
        t->at++;
        if (c == ']') {
            break;
        }
        if (c != ',' || t->at == t->end) {
            return false;
        }
    }
    if (own) {
        memcpy(to, &l.items, sizeof l.items);
    }
    memcpy(to - field->at + field->count, &l.count, sizeof l.count);
    return true;
}

/* ------------------------------------------------------------------ members */

/* A value by the reader of its field; *seen: was anything usable there? */
static inline bool plain_value(hq_decode__run *run, const hq_decode__field *field,
                               const hq_json *value, char *to, bool *seen)
{
    *seen = value->type != HQ_JSON_NULL && hq_decode__readers[field->kind](run, field, value, to);
    return !run->odd;
}

/* A list of other things, a number or a word. */
static bool plain_other(hq_decode__run *run, const hq_decode__field *field, hq_json_tokens *t,
                        char *to, bool *seen)
{
    const hq_json *value;
    return hq_json_tokens_value(&value, t, run->arena) && plain_value(run, field, value, to, seen);
}

static inline bool plain_member(hq_decode__run *run, const hq_decode__field *field,
                                hq_json_tokens *t, char *to, bool *seen)
{
    char c = hq_json_token(t);
    if (c == '"') {
        hq_json value = { .text = hq_json_token_text(t), .type = HQ_JSON_STRING };
        return plain_value(run, field, &value, to, seen);
    }
    if (c == '{' && field->kind == HQ_FIELD_OBJECT) {
        *seen = true;
        return plain_object_field(run, field, t, to);
    }
    if (c == '[' && field->kind == HQ_FIELD_OBJECTS) {
        return plain_objects(run, field, t, to, seen);
    }
    return plain_other(run, field, t, to, seen);
}

/* The name of the next member, its colon taken too; ptr NULL when there is something else. */
static inline hq_sv plain_key(hq_json_tokens *t)
{
    if (t->at == t->end || hq_json_token(t) != '"') {
        return HQ_SV_NULL;
    }
    hq_sv key = hq_json_token_text(t);
    if (hq_json_token(t) != ':') {
        return HQ_SV_NULL;
    }
    t->at++;
    return key;
}

static bool plain_members(hq_decode__run *run, const hq_decode__object *object, hq_json_tokens *t,
                          char *to)
{
    uint64_t present = 0;
    uint64_t used = 0;
    size_t next = 0;
    char c;
    do {
        hq_sv key = plain_key(t);
        size_t at = key.ptr == NULL ? object->count : hq_decode__field_of(object, key, next);
        if (at == object->count || (present >> at & 1) != 0) {
            return false;
        }
        const hq_decode__field *field = &object->fields[at];
        bool seen = false;
        if ((field->flags & run->not_here) != 0 ||
            !plain_member(run, field, t, to + field->at, &seen) || t->at == t->end) {
            return false;
        }
        if (seen && field->given > 0) {
            to[field->given - 1] = 1;
        }
        present |= UINT64_C(1) << at;
        used |= (uint64_t)seen << at;
        next = at + 1;
        c = hq_json_token(t);
        t->at++;
    } while (c == ',');
    hq_decode__find_missing(run, object, used);
    return c == '}' && !run->odd;
}

static bool plain_object(hq_decode__run *run, const hq_decode__object *object, hq_json_tokens *t,
                         char *to)
{
    t->at++;
    if (hq_json_token(t) != '}') {
        return plain_members(run, object, t, to);
    }
    t->at++;
    hq_decode__find_missing(run, object, 0);
    return !run->odd;
}

/* ------------------------------------------------------------------ whole */

/* The flow decides which fields there are, so it is read before all others; mostly it comes first.
 */
static hq_sv find_flow(hq_json_tokens t)
{
    size_t depth = 0;
    while (t.at != t.end) {
        char c = hq_json_token(&t);
        depth += c == '{' || c == '[';
        depth -= depth > 0 && (c == '}' || c == ']');
        if (c != '"' || depth != 1) {
            t.at++;
            continue;
        }
        hq_sv key = hq_json_token_text(&t);
        if (hq_sv_eq(key, HQ_SV("flow")) && hq_json_token(&t) == ':') {
            t.at++;
            return hq_json_token(&t) == '"' ? hq_json_token_text(&t) : HQ_SV_NULL;
        }
    }
    return HQ_SV_NULL;
}

bool hq_decode__plain(hq_decode__run *run, const hq_decode__object *object, hq_sv text)
{
    hq_json_tokens tokens;
    if (!hq_json_tokens_of(&tokens, text)) {
        return false;
    }
    hq_decode__set_flow(run, find_flow(tokens));
    return run->flow_known && plain_object(run, object, &tokens, (char *)run->declaration) &&
           tokens.at == tokens.end && !run->failed;
}
