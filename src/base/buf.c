/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/arena_extend.h"
#include "base/digits.h"

enum { FIRST_CAP = 256 };

void hq_buf_free(hq_buf *buf)
{
    if (buf->arena == NULL) {
        free(buf->ptr);
    }
    buf->ptr = NULL;
    buf->len = 0;
    buf->cap = 0;
}

static char *grown(hq_buf *buf, size_t cap)
{
    if (buf->arena == NULL) {
        return realloc(buf->ptr, cap);
    }
    if (buf->ptr != NULL && hq_arena__extend(buf->arena, buf->ptr, buf->cap, cap)) {
        return buf->ptr;
    }
    char *to = hq_arena_alloc(buf->arena, cap);
    if (to != NULL && buf->len > 0) {
        memcpy(to, buf->ptr, buf->len);
    }
    return to;
}

char *hq_buf_reserve(hq_buf *buf, size_t more)
{
    if (buf->failed != HQ_E_OK) {
        return NULL;
    }
    if (buf->ptr != NULL && more <= buf->cap - buf->len) {
        return buf->ptr + buf->len;
    }
    if (buf->len > buf->ceiling || more > buf->ceiling - buf->len) {
        buf->failed = HQ_E_LIMIT;
        return NULL;
    }
    size_t need = buf->len + more;
    size_t cap = buf->cap < FIRST_CAP ? FIRST_CAP : buf->cap;
    while (cap < need && cap <= buf->ceiling / 2) {
        cap *= 2;
    }
    cap = cap < need || cap > buf->ceiling ? buf->ceiling : cap;
    char *to = grown(buf, cap > 0 ? cap : 1);
    if (to == NULL) {
        buf->failed = HQ_E_NOMEM;
        return NULL;
    }
    buf->ptr = to;
    buf->cap = cap;
    return to + buf->len;
}

void hq_buf_fill(hq_buf *buf, char c, size_t count)
{
    char *to = hq_buf_reserve(buf, count);
    if (to != NULL) {
        memset(to, c, count);
        buf->len += count;
    }
}

void hq_buf_printf(hq_buf *buf, const char *format, ...)
{
    char small[512];
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(small, sizeof small, format, args);
    va_end(args);
    if (len < 0) {
        buf->failed = HQ_E_INTERNAL;
    } else if ((size_t)len < sizeof small) {
        hq_buf_append(buf, small, (size_t)len);
    } else {
        /* One more for the NUL that vsnprintf insists on. */
        char *to = hq_buf_reserve(buf, (size_t)len + 1);
        if (to != NULL) {
            vsnprintf(to, (size_t)len + 1, format, again);
            buf->len += (size_t)len;
        }
    }
    va_end(again);
}

static const char pairs[] = "0001020304050607080910111213141516171819"
                            "2021222324252627282930313233343536373839"
                            "4041424344454647484950515253545556575859"
                            "6061626364656667686970717273747576777879"
                            "8081828384858687888990919293949596979899";

/* The digits of `v` end just before `end`. */
static void digits_before(char *end, uint64_t v)
{
    while (v >= 100) {
        end -= 2;
        memcpy(end, pairs + 2 * (v % 100), 2);
        v /= 100;
    }
    if (v >= 10) {
        memcpy(end - 2, pairs + 2 * v, 2);
    } else {
        end[-1] = (char)('0' + v);
    }
}

/* 1233 / 4096 is nearly the logarithm of 2: right but for numbers just below a power of ten. */
static unsigned digits_of(uint64_t v)
{
    static const uint64_t powers[20] = { 0,
                                         10,
                                         100,
                                         1000,
                                         10000,
                                         100000,
                                         1000000,
                                         10000000,
                                         100000000,
                                         1000000000,
                                         10000000000,
                                         100000000000,
                                         1000000000000,
                                         10000000000000,
                                         100000000000000,
                                         1000000000000000,
                                         10000000000000000,
                                         100000000000000000,
                                         1000000000000000000,
                                         UINT64_C(10000000000000000000) };
    unsigned bits = 64 - (unsigned)__builtin_clzll(v | 1);
    unsigned count = bits * 1233 >> 12;
    return count + (v >= powers[count]);
}

/* Straight into its place. */
static void put_number(hq_buf *buf, uint64_t v, unsigned minus)
{
    if (buf->ptr != NULL && buf->failed == HQ_E_OK && buf->cap - buf->len >= HQ_DIGITS_ROOM) {
        char *at = buf->ptr + buf->len;
        *at = '-';
        buf->len = (size_t)(hq_digits_to(at + minus, v) - buf->ptr);
        return;
    }
    size_t len = digits_of(v) + minus;
    char *to = hq_buf_room(buf, len);
    if (to != NULL) {
        *to = '-';
        digits_before(to + len, v);
        buf->len += len;
    }
}

void hq_buf_u64(hq_buf *buf, uint64_t v)
{
    put_number(buf, v, 0);
}

void hq_buf_i64(hq_buf *buf, int64_t v)
{
    put_number(buf, v < 0 ? 0 - (uint64_t)v : (uint64_t)v, v < 0);
}

void hq_buf_hex(hq_buf *buf, const void *bytes, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    if (len > SIZE_MAX / 2) {
        buf->failed = HQ_E_LIMIT;
        return;
    }
    char *to = hq_buf_reserve(buf, 2 * len);
    if (to == NULL) {
        return;
    }
    const uint8_t *from = bytes;
    for (size_t i = 0; i < len; i++) {
        to[2 * i] = digits[from[i] >> 4];
        to[2 * i + 1] = digits[from[i] & 15];
    }
    buf->len += 2 * len;
}

hq_sv hq_cursor__past_end(hq_cursor *cur)
{
    cur->failed = true;
    return HQ_SV_NULL;
}
