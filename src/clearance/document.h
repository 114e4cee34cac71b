/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside clearance/: a JSON document that can be changed, for amendments: read from a declaration's
 * text, altered by JSON pointers (RFC 6901), compared, written. Members keep their order. Null and
 * absent are the same and so is empty text, as everywhere in a declaration; an object or array with
 * nothing in it is as absent. */

#include "codec/codec.h"

typedef struct hq_doc hq_doc;
struct hq_doc {
    hq_sv key;  /* of a member of an object */
    hq_sv text; /* NUMBER as written, STRING unescaped */
    hq_json_type type;
    hq_doc *first, *next; /* children of OBJECT and ARRAY; the next sibling */
};

/* A tree in the arena; texts borrowed from what the nodes borrow. NULL without memory. */
hq_doc *hq_doc_read(const hq_json *json, hq_arena *arena);
hq_status hq_doc_parse(hq_doc **out, hq_sv text, hq_arena *arena);
/* Nulls are left out. `node` NULL: null. */
void hq_doc_write(hq_json_w *w, const hq_doc *node);

/* NULL when there is none. */
hq_doc *hq_doc_member(const hq_doc *object, hq_sv name);
hq_doc *hq_doc_element(const hq_doc *array, size_t index);
size_t hq_doc_count(const hq_doc *node);
bool hq_doc_is_empty(const hq_doc *node); /* absent, null, empty text, nothing but such within */
/* Decimals of the fields that are amounts compare by value: "10.0" is "10.00". */
bool hq_doc_same(const hq_doc *a, const hq_doc *b);

/* What became of one change by a pointer. */
typedef enum {
    HQ_DOC_DONE,
    HQ_DOC_NO_POINTER, /* the text is no pointer, or the whole document */
    HQ_DOC_NOT_THERE,  /* no such element of an array, or a member of something that has none */
    HQ_DOC_NO_MEMORY
} hq_doc_result;
/* Puts `value` (a tree of its own) where the pointer says; NULL or null takes away what is there.
 * "-" and the index after the last add an element. Objects on the way that are absent are made. */
hq_doc_result hq_doc_put(hq_doc *root, hq_sv pointer, hq_doc *value, hq_arena *arena);
/* `array` without its element / with one more before `index`. */
void hq_doc_take_element(hq_doc *array, size_t index);
void hq_doc_add_element(hq_doc *array, size_t index, hq_doc *value);
/* Sets a member; NULL takes it away. False without memory. */
bool hq_doc_set_member(hq_doc *object, hq_sv name, hq_doc *value, hq_arena *arena);
/* A copy of the node itself; its children are shared. NULL without memory. */
hq_doc *hq_doc_copy(const hq_doc *node, hq_arena *arena);
