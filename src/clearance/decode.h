/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside clearance/: what the JSON of a declaration looks like, as const tables: the objects, their
 * fields, where each goes in the model and what it may hold. decode_tables.c has the tables,
 * decode_fields.c a reader per kind of field, decode.c walks. */

#include "clearance/findings.h"

typedef enum {
    HQ_FIELD_TEXT,         /* hq_sv, NFC, at most `max` characters */
    HQ_FIELD_TEXT_OR_NONE, /* the same, but an empty text is kept apart from an absent one */
    HQ_FIELD_CODE,         /* hq_sv of capitals, digits and - & / */
    HQ_FIELD_CODE4,        /* the same packed into hq_code4 */
    HQ_FIELD_LETTER,       /* char, one of `choices` ("A B C") */
    HQ_FIELD_WORD,         /* hq_sv, one of `choices` */
    HQ_FIELD_HS,           /* hs_text and hs of a line */
    HQ_FIELD_TAX,          /* hq_tax by its name */
    HQ_FIELD_FLOW,         /* checked here, read before all others */
    HQ_FIELD_DAY,
    HQ_FIELD_AMOUNT,   /* hq_decimal of fixed `scale`, 0 and above */
    HQ_FIELD_POSITIVE, /* the same, above 0 */
    HQ_FIELD_WHOLE,    /* int64_t, JSON integer, `least` to 10^`max` - 1 */
    HQ_FIELD_LINES,    /* array of line numbers into hq_line_set */
    HQ_FIELD_OBJECT,
    HQ_FIELD_TEXTS,   /* array of texts of at most `least` characters */
    HQ_FIELD_OBJECTS, /* array of objects */
    HQ_FIELD_ANY,     /* array of anything, kept as written only */
    HQ_FIELD_NUMBER,  /* hq_sv of 12 digits, the number of a declaration */
    HQ_FIELD_TIME     /* int64_t, minutes of the day, "HH:MM" */
} hq_field_kind;
#define HQ_FIELD_KINDS 20

enum {
    HQ_FIELD_REQUIRED = 1,
    HQ_FIELD_IMPORT_ONLY = 2,
    HQ_FIELD_EXPORT_ONLY = 4,
    HQ_FIELD_MULTILINE = 8,  /* a text that may hold newlines and tabs */
    HQ_FIELD_ALLOCATED = 16, /* a list or object whose place in the model is a pointer */
    HQ_FIELD_REQUIRED_ON_IMPORT = 32,
    HQ_FIELD_REQUIRED_ON_EXPORT = 64,
    HQ_FIELD_REQUIRED_IF_PAID = 128 /* where a line has an invoice value */
};

typedef struct hq_decode__object hq_decode__object;
typedef struct {
    const char *name;
    uint8_t name_len;
    uint8_t kind; /* hq_field_kind */
    uint8_t flags;
    uint8_t scale;
    uint16_t at;     /* offset in the struct that the object fills */
    uint16_t given;  /* 1 + offset of a bool that says that the field was there, 0: none */
    uint16_t count;  /* offset of the size_t count of a list */
    uint16_t size;   /* of an element, of an allocated object */
    uint16_t zeroed; /* how much of a new element must be zero, from its start */
    int64_t least, max;
    const char *choices;
    const hq_decode__object *object,
        *on_export;         /* of OBJECT and OBJECTS; on_export NULL: the same */
    const char *other_flow; /* name of the field that the other flow has in its place */
} hq_decode__field;

struct hq_decode__object {
    const hq_decode__field *fields;
    size_t count;
    size_t
        needed; /* beyond so many no field can be missing: what few declarations have comes last */
};

#define HQ_DECODE__FIELDS 64 /* at most, of an object: one bit each while reading */
extern const hq_decode__object hq_decode__root, hq_decode__parcel;

#define HQ_DECODE__DEPTH 6
typedef struct {
    const hq_decode__field *field;
    size_t index; /* SIZE_MAX: the field itself, otherwise an element */
} hq_decode__step;

typedef struct {
    hq_arena *arena;
    hq_findings *findings;
    hq_flow flow;
    bool flow_known;
    unsigned required, not_here; /* flags of fields that this flow must have, must not have */
    hq_declaration *declaration;
    hq_decode__step steps[HQ_DECODE__DEPTH];
    size_t depth;
    size_t element; /* of the list in hand that a finding is about, SIZE_MAX: the field itself */
    struct {
        hq_decode__step in;
        const hq_decode__field *field;
    } missing_if_paid[4]; /* fields of a member of the root */
    size_t missing_count;
    bool failed; /* out of memory */
    /* Read from tokens (decode_plain.c): there are no findings; what would be one makes it odd. */
    bool plain, odd;
} hq_decode__run;

/* Reads `value` into the struct at `to`. False when nothing usable was there; what is wrong has
 * become a finding. */
typedef bool hq_decode__reader(hq_decode__run *run, const hq_decode__field *field,
                               const hq_json *value, char *to);
extern hq_decode__reader *const hq_decode__readers[HQ_FIELD_KINDS];

bool hq_decode__object_into(hq_decode__run *run, const hq_decode__object *object,
                            const hq_json *value, char *to);
hq_decode__reader hq_decode__object_field, hq_decode__texts, hq_decode__objects, hq_decode__lines,
    hq_decode__any, hq_decode__text;

/* Reads the declaration from its tokens when there is nothing to be found in it and nothing unusual
 * about it, which is nearly always. False: nothing was read that counts. */
bool hq_decode__plain(hq_decode__run *run, const hq_decode__object *object, hq_sv text);
/* What decode.c and decode_plain.c share. */
bool hq_decode__wrong_flow(hq_decode__run *run, const hq_decode__field *field,
                           const hq_json *value);
void hq_decode__find_missing(hq_decode__run *run, const hq_decode__object *object, uint64_t seen);
void hq_decode__set_flow(hq_decode__run *run, hq_sv flow);

/* Names have 2 to 21 characters, most of them 4 to 16; two overlapping words compare nearly all of
 * them without a call. */
static inline bool hq_decode__is_named(const hq_decode__field *field, hq_sv key)
{
    size_t len = field->name_len;
    if (len != key.len) {
        return false;
    }
    if (len >= 8 && len <= 16) {
        uint64_t a[2];
        uint64_t b[2];
        memcpy(&a[0], field->name, 8);
        memcpy(&a[1], field->name + len - 8, 8);
        memcpy(&b[0], key.ptr, 8);
        memcpy(&b[1], key.ptr + len - 8, 8);
        return a[0] == b[0] && a[1] == b[1];
    }
    if (len >= 4 && len < 8) {
        uint32_t a[2];
        uint32_t b[2];
        memcpy(&a[0], field->name, 4);
        memcpy(&a[1], field->name + len - 4, 4);
        memcpy(&b[0], key.ptr, 4);
        memcpy(&b[1], key.ptr + len - 4, 4);
        return a[0] == b[0] && a[1] == b[1];
    }
    return memcmp(field->name, key.ptr, len) == 0;
}

/* The field of that name, searched for from `hint` round; count when there is none. */
static inline size_t hq_decode__field_of(const hq_decode__object *object, hq_sv key, size_t hint)
{
    for (size_t n = 0; n < object->count; n++) {
        size_t i = hint + n < object->count ? hint + n : hint + n - object->count;
        if (hq_decode__is_named(&object->fields[i], key)) {
            return i;
        }
    }
    return object->count;
}

/* Makes a finding at the field in hand. {0} is its name; args follow as {1}, {2}. */
void hq_decode__find(hq_decode__run *run, const char *rule, const hq_decode__field *field,
                     const hq_json *value, const hq_sv *args, size_t arg_count);
bool hq_decode__wrong_type(hq_decode__run *run, const hq_decode__field *field, const hq_json *value,
                           const char *expected);
