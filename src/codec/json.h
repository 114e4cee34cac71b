/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* JSON in and out. Reading walks every value once (simdjson underneath) and leaves a flat array of
 * nodes in document order in the arena: strict UTF-8, no lone surrogates, no NUL characters, depth
 * at most 32, duplicate keys refused, numbers kept as their text and never turned into a double.
 * Writing appends to a buffer and takes care of commas and escapes. */

#include "base/base.h"

typedef enum {
    HQ_JSON_NULL,
    HQ_JSON_FALSE,
    HQ_JSON_TRUE,
    HQ_JSON_NUMBER, /* text as written */
    HQ_JSON_STRING, /* text unescaped */
    HQ_JSON_ARRAY,
    HQ_JSON_OBJECT
} hq_json_type;

typedef struct hq_json hq_json;
struct hq_json {
    hq_sv key;      /* of a member of an object, unescaped; otherwise empty */
    hq_sv text;     /* NUMBER, STRING: value. ARRAY, OBJECT: raw text from bracket to bracket */
    uint32_t count; /* ARRAY, OBJECT: members */
    uint32_t skip;  /* nodes of this value with all below it: node + skip is the next sibling */
    uint8_t type;   /* hq_json_type */
    uint8_t depth;
};

/* Largest document in nodes and in bytes; beyond them LIMIT. */
#define HQ_JSON_NODES_MAX (1u << 20)
#define HQ_JSON_BYTES_MAX (256u << 20)
#define HQ_JSON_DEPTH_MAX 32 /* arrays and objects within each other, the root included */

/* Reads one document. SYNTAX, LIMIT; *why (may be NULL) says in both languages what is wrong and at
 * which byte, counted from 0. The first node is the root. Nodes lie in the arena; texts point into
 * `text`, which must live as long as they are used, strings with escapes into the arena. Nothing
 * past text.len is read. hq_json_parse_copy takes a copy into the arena first, for text that goes
 * away. */
hq_status hq_json_parse(const hq_json **out, hq_sv text, hq_arena *arena, hq_why *why);
hq_status hq_json_parse_copy(const hq_json **out, hq_sv text, hq_arena *arena, hq_why *why);

/* Children: for (c = hq_json_first(v); c != NULL; c = hq_json_next(v, c)) */
static inline const hq_json *hq_json_first(const hq_json *parent)
{
    return parent->count == 0 ? NULL : parent + 1;
}
static inline const hq_json *hq_json_next(const hq_json *parent, const hq_json *child)
{
    const hq_json *next = child + child->skip;
    return next < parent + parent->skip ? next : NULL;
}
/* Member of an object by name, NULL when absent (or when `object` is not an object). */
const hq_json *hq_json_get(const hq_json *object, const char *name);
/* Text of a string member, ptr NULL when absent, null or of another type. */
hq_sv hq_json_get_text(const hq_json *object, const char *name);
/* Integer of a number member (no fraction, no exponent); false when absent or other. */
bool hq_json_get_i64(int64_t *out, const hq_json *object, const char *name);

/* A document token by token, without nodes, for who knows what comes: several times as fast. It
 * explains nothing and is for objects without a backslash; whoever meets what he does not expect
 * reads anew with hq_json_parse, which finds what is wrong. The reader answers for the grammar
 * between tokens, for names that appear twice, and for standing in at most HQ_JSON_TOKENS_DEPTH
 * levels. The index has proved UTF-8, quotes, and that the last token is the closing bracket, so
 * that a token which is none has one after it. */
#define HQ_JSON_TOKENS_BYTES (128u << 10)
#define HQ_JSON_TOKENS_DEPTH 8
typedef struct {
    const char *text;
    const uint32_t *at, *end; /* where the next token begins; behind the last */
} hq_json_tokens;

/* False when the text is nothing for this way. Belongs to the thread until it reads another JSON
 * text. */
bool hq_json_tokens_of(hq_json_tokens *out, hq_sv text);
/* Any value, as nodes; false when it is none or is too deep or too large. */
bool hq_json_tokens_value(const hq_json **out, hq_json_tokens *tokens, hq_arena *arena);
/* First character of the next token; not to be asked behind the last. */
static inline char hq_json_token(const hq_json_tokens *tokens)
{
    return tokens->text[*tokens->at];
}
/* The string that the next token opens. */
static inline hq_sv hq_json_token_text(hq_json_tokens *tokens)
{
    const char *from = tokens->text + *tokens->at++ + 1;
    const char *end = tokens->text + *tokens->at - 1;
    while (*end != '"') { /* white space behind it */
        end--;
    }
    return (hq_sv){ from, (size_t)(end - from) };
}

/* Writer: commas come by themselves. `hq_json_w w = hq_json_writer(buf);` */
typedef struct {
    hq_buf *buf;
    bool comma;
} hq_json_w;
static inline hq_json_w hq_json_writer(hq_buf *buf)
{
    return (hq_json_w){ buf, false };
}
void hq_json_open(hq_json_w *w, char bracket);  /* '{' or '[' */
void hq_json_close(hq_json_w *w, char bracket); /* '}' or ']' */
/* Key with its quotes and colon; `name` needs no escaping. HQ_JSON_KEY is faster for literals. */
void hq_json_key_n(hq_json_w *w, const char *name, size_t len);
static inline __attribute__((always_inline)) void hq_json__key(hq_json_w *w, const char *name,
                                                               size_t len)
{
    char *to = hq_buf_room(w->buf, len + 4);
    if (to != NULL) {
        *to = ',';
        to += w->comma;
        *to++ = '"';
        memcpy(to, name, len);
        to[len] = '"';
        to[len + 1] = ':';
        w->buf->len = (size_t)(to + len + 2 - w->buf->ptr);
    }
    w->comma = false;
}
#define HQ_JSON_KEY(w, literal) hq_json__key((w), ("" literal), sizeof(literal) - 1)
void hq_json_key_sv(hq_json_w *w, hq_sv name); /* escaped */
/* Is it written as it stands, between quotes? Only ASCII counts. */
bool hq_json_plain(hq_sv text);
void hq_json_text(hq_json_w *w, hq_sv text); /* quoted and escaped; invalid UTF-8 becomes U+FFFD */
void hq_json_text_or_null(hq_json_w *w, hq_sv text); /* null when ptr is NULL */
void hq_json_i64(hq_json_w *w, int64_t v);
void hq_json_bool(hq_json_w *w, bool v);
void hq_json_null(hq_json_w *w);
void hq_json_raw(hq_json_w *w, hq_sv json);       /* already JSON */
void hq_json_decimal(hq_json_w *w, hq_decimal v); /* as a string "1234.50" */
void hq_json_time(hq_json_w *w, hq_time_us t);    /* quoted RFC 3339 */
void hq_json_day(hq_json_w *w, hq_day day);       /* quoted date, null when HQ_DAY_OPEN */
