/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "clearance/upload.h"

/* The columns a file may have: every field of a declaration, from the tables that decode it. */

enum { COLUMNS_MAX = 400, KEYS_BYTES = 32 * 1024 };

static struct {
    hq_upl__column columns[COLUMNS_MAX];
    size_t count;
    char keys[KEYS_BYTES];
    size_t keys_len;
    hq_map *by_key;
    bool sound;
} all;

typedef struct {
    hq_upl__step steps[HQ_UPL__DEPTH];
    uint8_t depth;
    bool of_line;
} walk;

static const struct {
    hq_sv key, vi, en;
} labels[] = {
#define HQ_LABEL(key, vi, en)                                                                      \
    { { key, sizeof key - 1 }, { vi, sizeof vi - 1 }, { en, sizeof en - 1 } },
#include "clearance/upload_labels.def"
#undef HQ_LABEL
};

static void add_key(const char *bytes, size_t len)
{
    if (all.keys_len + len <= KEYS_BYTES) {
        memcpy(all.keys + all.keys_len, bytes, len);
        all.keys_len += len;
    } else {
        all.sound = false;
    }
}

/* "permits.2.number", or without the numbers of elements, by which it has its label. */
static hq_sv key_of(const walk *at, hq_sv name, bool numbered)
{
    size_t from = all.keys_len;
    if (at->of_line) {
        add_key("lines.", 6);
    }
    for (int i = 0; i < at->depth; i++) {
        add_key(at->steps[i].name.ptr, at->steps[i].name.len);
        add_key(".", 1);
        if (numbered && at->steps[i].element >= 0) {
            char digit = (char)('1' + at->steps[i].element); /* lists here have at most 7 */
            add_key(&digit, 1);
            add_key(".", 1);
        }
    }
    add_key(name.ptr, name.len);
    return hq_sv_make(all.keys + from, all.keys_len - from);
}

static void label(hq_upl__column *column, hq_sv plain)
{
    column->vi = column->en = plain;
    for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++) {
        if (hq_sv_eq(labels[i].key, plain)) {
            column->vi = labels[i].vi;
            column->en = labels[i].en;
        }
    }
}

static void add_column(const walk *at, const hq_decode__field *field)
{
    hq_sv name = hq_sv_make(field->name, field->name_len);
    hq_sv key = key_of(at, name, true);
    if (hq_map_has(all.by_key, key)) {
        return; /* import and export both have it */
    }
    if (all.count == COLUMNS_MAX) {
        all.sound = false;
        return;
    }
    hq_upl__column *column = &all.columns[all.count++];
    *column =
        (hq_upl__column){ .key = key, .field = field, .depth = at->depth, .of_line = at->of_line };
    memcpy(column->steps, at->steps, sizeof at->steps);
    label(column, key_of(at, name, false));
    all.sound = all.sound && hq_ok(hq_map_put(all.by_key, key, column));
}

static void walk_object(const walk *at, const hq_decode__object *object);

static void walk_into(const walk *at, const hq_decode__field *field,
                      const hq_decode__object *object, int element)
{
    walk below = *at;
    if (below.depth == HQ_UPL__DEPTH) {
        all.sound = false;
        return;
    }
    below.steps[below.depth++] =
        (hq_upl__step){ hq_sv_make(field->name, field->name_len), element };
    walk_object(&below, object);
}

static void walk_field(const walk *at, const hq_decode__field *field)
{
    switch ((hq_field_kind)field->kind) {
    case HQ_FIELD_OBJECT:
        walk_into(at, field, field->object, -1);
        if (field->on_export != NULL) {
            walk_into(at, field, field->on_export, -1);
        }
        return;
    case HQ_FIELD_OBJECTS:
        if (field->max == HQ_LINES_MAX) {
            walk line = { .of_line = true };
            walk_object(&line, field->object);
            return;
        }
        for (int i = 0; i < field->max; i++) {
            walk_into(at, field, field->object, i);
        }
        return;
    case HQ_FIELD_ANY: /* kept as written, and nothing is made of it */
        return;
    case HQ_FIELD_TEXT:
    case HQ_FIELD_TEXT_OR_NONE:
    case HQ_FIELD_CODE:
    case HQ_FIELD_CODE4:
    case HQ_FIELD_LETTER:
    case HQ_FIELD_WORD:
    case HQ_FIELD_HS:
    case HQ_FIELD_TAX:
    case HQ_FIELD_FLOW:
    case HQ_FIELD_DAY:
    case HQ_FIELD_AMOUNT:
    case HQ_FIELD_POSITIVE:
    case HQ_FIELD_WHOLE:
    case HQ_FIELD_LINES:
    case HQ_FIELD_TEXTS:
    case HQ_FIELD_NUMBER:
    case HQ_FIELD_TIME:
        add_column(at, field);
        return;
    }
}

static void walk_object(const walk *at, const hq_decode__object *object)
{
    for (size_t i = 0; i < object->count; i++) {
        walk_field(at, &object->fields[i]);
    }
}

static void make_columns(void)
{
    walk root = { .depth = 0 };
    all.by_key = hq_map_new(NULL, COLUMNS_MAX, COLUMNS_MAX);
    all.sound = all.by_key != NULL;
    if (all.sound) {
        walk_object(&root, &hq_decode__root);
    }
}

const hq_upl__column *hq_upl__columns(size_t *count)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, make_columns);
    *count = all.count;
    return all.sound ? all.columns : NULL;
}

const hq_upl__column *hq_upl__column_of(hq_sv key)
{
    size_t count;
    return hq_upl__columns(&count) == NULL ? NULL : hq_map_get(all.by_key, key);
}

hq_sv hq_upl__nearest_key(hq_sv key, hq_arena *arena)
{
    size_t count;
    const hq_upl__column *columns = hq_upl__columns(&count);
    hq_sv *names = HQ_NEW_ARRAY(arena, hq_sv, count);
    for (size_t i = 0; names != NULL && columns != NULL && i < count; i++) {
        names[i] = columns[i].key;
    }
    return names == NULL ? HQ_SV_NULL : hq_sv_nearest(hq_sv_sub(key, 0, 60), names, count);
}
