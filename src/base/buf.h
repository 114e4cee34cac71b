/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Growing bytes with a ceiling given at birth. Appending past the ceiling or out of memory makes
 * the buffer sticky-failed: append freely, test hq_buf_status once at the end. */

#include "base/arena.h"

typedef struct {
    char *ptr;
    size_t len;
    size_t cap;
    size_t ceiling;
    hq_arena *arena; /* NULL: the heap, then hq_buf_free is due */
    hq_code failed;
} hq_buf;

#define HQ_BUF_HEAP(ceiling_)          ((hq_buf){ .ceiling = (ceiling_) })
#define HQ_BUF_ARENA(arena_, ceiling_) ((hq_buf){ .ceiling = (ceiling_), .arena = (arena_) })

void hq_buf_free(hq_buf *buf);
static inline void hq_buf_clear(hq_buf *buf)
{
    buf->len = 0;
    buf->failed = HQ_E_OK;
}
/* Room for `more` bytes at the returned place, NULL when failed; then advance buf->len. */
char *hq_buf_reserve(hq_buf *buf, size_t more);
/* The same, without a call when there is room. */
static inline char *hq_buf_room(hq_buf *buf, size_t more)
{
    if (__builtin_expect(buf->ptr != NULL && more <= buf->cap - buf->len && buf->failed == HQ_E_OK,
                         1)) {
        return buf->ptr + buf->len;
    }
    return hq_buf_reserve(buf, more);
}
static inline void hq_buf_append(hq_buf *buf, const void *bytes, size_t len)
{
    char *to = hq_buf_room(buf, len);
    if (to != NULL && len > 0) {
        memcpy(to, bytes, len);
        buf->len += len;
    }
}
void hq_buf_fill(hq_buf *buf, char c, size_t count);
void hq_buf_printf(hq_buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
void hq_buf_i64(hq_buf *buf, int64_t v);
void hq_buf_u64(hq_buf *buf, uint64_t v);
void hq_buf_hex(hq_buf *buf, const void *bytes, size_t len);
/* Little-endian fixed width and length-prefixed (u32) bytes: what is hashed and stored. Inline, as
 * they are most of what a hash or a packed row is made of. */
#define HQ_BUF__LE(bits)                                                                           \
    static inline void hq_buf_le##bits(hq_buf *buf, uint##bits##_t v)                              \
    {                                                                                              \
        uint8_t bytes[sizeof v];                                                                   \
        for (size_t i = 0; i < sizeof v; i++) {                                                    \
            bytes[i] = (uint8_t)(v >> (8 * i));                                                    \
        }                                                                                          \
        hq_buf_append(buf, bytes, sizeof bytes);                                                   \
    }
HQ_BUF__LE(16)
HQ_BUF__LE(32)
HQ_BUF__LE(64)

static inline void hq_buf_sv(hq_buf *buf, hq_sv v)
{
    hq_buf_append(buf, v.ptr, v.len);
}
static inline void hq_buf_char(hq_buf *buf, char c)
{
    hq_buf_append(buf, &c, 1);
}
#define hq_buf_lit(buf, literal) hq_buf_append((buf), ("" literal), sizeof(literal) - 1)

static inline void hq_buf_bytes32(hq_buf *buf, hq_sv v)
{
    if (v.len > UINT32_MAX) {
        buf->failed = HQ_E_LIMIT;
        return;
    }
    hq_buf_le32(buf, (uint32_t)v.len);
    hq_buf_sv(buf, v);
}

static inline hq_sv hq_buf_view(const hq_buf *buf)
{
    return (hq_sv){ buf->ptr, buf->len };
}
static inline hq_status hq_buf_status(const hq_buf *buf)
{
    return (hq_status){ buf->failed };
}

/* Reading back what the le and bytes32 writers wrote. Sticky: past the end everything is 0 and
 * `failed` is set. */
typedef struct {
    hq_sv in;
    size_t at;
    bool failed;
} hq_cursor;

hq_sv hq_cursor__past_end(hq_cursor *cur);
/* Borrowed from cur->in. */
static inline hq_sv hq_cursor_take(hq_cursor *cur, size_t len)
{
    if (cur->failed || len > cur->in.len - cur->at) {
        return hq_cursor__past_end(cur);
    }
    hq_sv piece = { cur->in.ptr + cur->at, len };
    cur->at += len;
    return piece;
}
#define HQ_CURSOR__LE(name, type)                                                                  \
    static inline type name(hq_cursor *cur)                                                        \
    {                                                                                              \
        hq_sv piece = hq_cursor_take(cur, sizeof(type));                                           \
        type v = 0;                                                                                \
        if (piece.ptr == NULL) {                                                                   \
            return 0;                                                                              \
        }                                                                                          \
        for (size_t i = 0; i < sizeof(type); i++) {                                                \
            v = (type)(v | (type)((type)(uint8_t)piece.ptr[i] << (8 * i)));                        \
        }                                                                                          \
        return v;                                                                                  \
    }
HQ_CURSOR__LE(hq_cursor_u8, uint8_t)
HQ_CURSOR__LE(hq_cursor_le16, uint16_t)
HQ_CURSOR__LE(hq_cursor_le32, uint32_t)
HQ_CURSOR__LE(hq_cursor_le64, uint64_t)
static inline hq_sv hq_cursor_bytes32(hq_cursor *cur)
{
    return hq_cursor_take(cur, hq_cursor_le32(cur));
}
