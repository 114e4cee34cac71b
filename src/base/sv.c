/* SPDX-License-Identifier: Apache-2.0 */
#include "base/sv.h"

enum { NEAREST_MAX = 64 };

int hq_sv_cmp(hq_sv a, hq_sv b)
{
    size_t common = a.len < b.len ? a.len : b.len;
    int order = common == 0 ? 0 : memcmp(a.ptr, b.ptr, common);
    if (order != 0) {
        return order;
    }
    return (a.len > b.len) - (a.len < b.len);
}

bool hq_sv_starts(hq_sv v, hq_sv prefix)
{
    return v.len >= prefix.len && hq_sv_eq(hq_sv_sub(v, 0, prefix.len), prefix);
}

bool hq_sv_ends(hq_sv v, hq_sv suffix)
{
    return v.len >= suffix.len && hq_sv_eq(hq_sv_sub(v, v.len - suffix.len, suffix.len), suffix);
}

size_t hq_sv_find(hq_sv v, char c, size_t from)
{
    if (from >= v.len) {
        return v.len;
    }
    const char *hit = memchr(v.ptr + from, c, v.len - from);
    return hit == NULL ? v.len : (size_t)(hit - v.ptr);
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

hq_sv hq_sv_trim(hq_sv v)
{
    while (v.len > 0 && is_space(v.ptr[0])) {
        v.ptr++;
        v.len--;
    }
    while (v.len > 0 && is_space(v.ptr[v.len - 1])) {
        v.len--;
    }
    return v;
}

hq_sv hq_sv_cut(hq_sv *rest, char sep)
{
    size_t at = hq_sv_find(*rest, sep, 0);
    hq_sv piece = { rest->ptr, at };
    *rest = at == rest->len ? HQ_SV_NULL : (hq_sv){ rest->ptr + at + 1, rest->len - at - 1 };
    return piece;
}

bool hq_sv_digits(hq_sv v)
{
    for (size_t i = 0; i < v.len; i++) {
        if (v.ptr[i] < '0' || v.ptr[i] > '9') {
            return false;
        }
    }
    return v.len > 0;
}

bool hq_sv_i64(int64_t *out, hq_sv v)
{
    bool negative = v.len > 0 && v.ptr[0] == '-';
    hq_sv digits = hq_sv_sub(v, negative, v.len);
    if (!hq_sv_digits(digits)) {
        return false;
    }
    /* Summed downwards, since the most negative number has no positive twin. */
    int64_t sum = 0;
    for (size_t i = 0; i < digits.len; i++) {
        if (__builtin_mul_overflow(sum, 10, &sum) ||
            __builtin_sub_overflow(sum, digits.ptr[i] - '0', &sum)) {
            return false;
        }
    }
    if (!negative && sum == INT64_MIN) {
        return false;
    }
    *out = negative ? sum : -sum;
    return true;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

bool hq_sv_eq_nocase(hq_sv a, hq_sv b)
{
    if (a.len != b.len) {
        return false;
    }
    for (size_t i = 0; i < a.len; i++) {
        if (lower(a.ptr[i]) != lower(b.ptr[i])) {
            return false;
        }
    }
    return true;
}

/* Levenshtein distance, ASCII case ignored; both at most NEAREST_MAX long. */
static size_t distance(hq_sv a, hq_sv b)
{
    size_t row[NEAREST_MAX + 1];
    for (size_t j = 0; j <= b.len; j++) {
        row[j] = j;
    }
    for (size_t i = 1; i <= a.len; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t change = diagonal + (lower(a.ptr[i - 1]) != lower(b.ptr[j - 1]));
            size_t best = row[j] < row[j - 1] ? row[j] + 1 : row[j - 1] + 1;
            diagonal = row[j];
            row[j] = change < best ? change : best;
        }
    }
    return row[b.len];
}

hq_sv hq_sv_nearest(hq_sv v, const hq_sv *names, size_t count)
{
    hq_sv best = HQ_SV_NULL;
    if (v.len > NEAREST_MAX) {
        return best;
    }
    /* At least one slip is forgiven, so that short names are helped too. */
    size_t least = v.len < 3 ? 2 : v.len / 3 + 1;
    for (size_t i = 0; i < count; i++) {
        if (names[i].len > NEAREST_MAX) {
            continue;
        }
        size_t apart = distance(v, names[i]);
        if (apart < least) {
            least = apart;
            best = names[i];
        }
    }
    return best;
}
