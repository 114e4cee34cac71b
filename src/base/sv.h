/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Text and bytes as pointer and length, passed by value, borrowed. Never NUL-terminated by
 * contract; hq_arena_cstr makes a terminated copy at the edge of a C library. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct {
    const char *ptr;
    size_t len;
} hq_sv;

#define HQ_SV(literal) ((hq_sv){ ("" literal), sizeof(literal) - 1 })
#define HQ_SV_NULL ((hq_sv){ NULL, 0 })
/* For printf: printf("%.*s", HQ_SV_FMT(v)) */
#define HQ_SV_FMT(v) (int)(v).len, (v).ptr

static inline hq_sv hq_sv_make(const void *ptr, size_t len)
{
    return (hq_sv){ ptr, len };
}

static inline hq_sv hq_sv_from_cstr(const char *s)
{
    return s == NULL ? HQ_SV_NULL : (hq_sv){ s, strlen(s) };
}

static inline bool hq_sv_eq(hq_sv a, hq_sv b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static inline bool hq_sv_is_empty(hq_sv v)
{
    return v.len == 0;
}

static inline hq_sv hq_sv_sub(hq_sv v, size_t from, size_t len)
{
    if (from > v.len) {
        from = v.len;
    }
    if (len > v.len - from) {
        len = v.len - from;
    }
    return (hq_sv){ v.ptr == NULL ? NULL : v.ptr + from, len };
}

/* Bytewise order, a prefix before what it is a prefix of: <0, 0, >0. */
int hq_sv_cmp(hq_sv a, hq_sv b);
bool hq_sv_starts(hq_sv v, hq_sv prefix);
bool hq_sv_ends(hq_sv v, hq_sv suffix);
/* Offset of the first `c` at or after `from`, or v.len. */
size_t hq_sv_find(hq_sv v, char c, size_t from);
/* Without ASCII white space at both ends. */
hq_sv hq_sv_trim(hq_sv v);
/* Cuts *rest at the first `sep`: returns what was before, *rest is what comes after. The last piece
 * leaves rest->ptr NULL. Call while rest->ptr != NULL. */
hq_sv hq_sv_cut(hq_sv *rest, char sep);
/* ASCII digits only, at least one. */
bool hq_sv_digits(hq_sv v);
/* Whole text as an integer, optional '-'; false when it is anything else or does not fit. */
bool hq_sv_i64(int64_t *out, hq_sv v);
/* Equal but for ASCII case. */
bool hq_sv_eq_nocase(hq_sv a, hq_sv b);
/* The name of `names` nearest to `v` by edit distance (at most a third of its length apart), or
 * HQ_SV_NULL. For "unknown field x, did you mean y". */
hq_sv hq_sv_nearest(hq_sv v, const hq_sv *names, size_t count);
