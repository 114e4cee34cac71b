/* SPDX-License-Identifier: Apache-2.0 */
#include "base/decimal.h"

#include "base/wide.h"

enum { SCALE_MAX = 18 };

static const int64_t pow10_of[SCALE_MAX + 1] = {
    INT64_C(1),
    INT64_C(10),
    INT64_C(100),
    INT64_C(1000),
    INT64_C(10000),
    INT64_C(100000),
    INT64_C(1000000),
    INT64_C(10000000),
    INT64_C(100000000),
    INT64_C(1000000000),
    INT64_C(10000000000),
    INT64_C(100000000000),
    INT64_C(1000000000000),
    INT64_C(10000000000000),
    INT64_C(100000000000000),
    INT64_C(1000000000000000),
    INT64_C(10000000000000000),
    INT64_C(100000000000000000),
    INT64_C(1000000000000000000),
};

/* Digits from *at on, added to *units, which stops growing when it has 18 of them: *lost then
 * counts the digits dropped. Returns how many there were. */
static size_t read_digits(hq_sv text, size_t *at, uint64_t *units, size_t *lost)
{
    size_t from = *at;
    uint64_t sum = *units;
    for (; *at < text.len; (*at)++) {
        unsigned digit = (unsigned)(unsigned char)text.ptr[*at] - '0';
        if (digit > 9) {
            break;
        }
        if (sum >= (uint64_t)pow10_of[SCALE_MAX - 1]) {
            (*lost)++;
        } else {
            sum = sum * 10 + digit;
        }
    }
    *units = sum;
    return *at - from;
}

hq_status hq_decimal_parse(hq_decimal *out, hq_sv text)
{
    size_t at = text.len > 0 && text.ptr[0] == '-';
    bool negative = at == 1;
    bool zero_first = at < text.len && text.ptr[at] == '0';
    uint64_t units = 0;
    size_t lost = 0;
    size_t whole = read_digits(text, &at, &units, &lost);
    if (whole == 0 || (zero_first && whole > 1)) {
        return HQ_FAIL(SYNTAX);
    }
    size_t scale = 0;
    if (at < text.len && text.ptr[at] == '.') {
        at++;
        scale = read_digits(text, &at, &units, &lost);
        if (scale == 0) {
            return HQ_FAIL(SYNTAX);
        }
    }
    if (at != text.len) {
        return HQ_FAIL(SYNTAX);
    }
    if (lost > 0 || scale > SCALE_MAX) {
        return HQ_FAIL(RANGE);
    }
    *out = (hq_decimal){ negative ? -(int64_t)units : (int64_t)units, (uint8_t)scale };
    return HQ_DONE;
}

static uint64_t magnitude(int64_t v)
{
    return v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
}

void hq_decimal_write(hq_buf *buf, hq_decimal v)
{
    if (v.scale == 0) {
        hq_buf_i64(buf, v.units);
        return;
    }
    char text[SCALE_MAX + 1];
    uint64_t units = magnitude(v.units);
    uint64_t unit = (uint64_t)pow10_of[v.scale];
    uint64_t fraction = units % unit;
    for (size_t i = v.scale; i > 0; i--) {
        text[i] = (char)('0' + fraction % 10);
        fraction /= 10;
    }
    text[0] = '.';
    if (v.units < 0) {
        hq_buf_char(buf, '-');
    }
    hq_buf_u64(buf, units / unit);
    hq_buf_append(buf, text, (size_t)v.scale + 1);
}

int hq_decimal_cmp(hq_decimal a, hq_decimal b)
{
    if (a.scale == b.scale) {
        return (a.units > b.units) - (a.units < b.units);
    }
    hq_i128 x = a.units, y = b.units;
    if (a.scale < b.scale) {
        x *= pow10_of[b.scale - a.scale];
    } else {
        y *= pow10_of[a.scale - b.scale];
    }
    return (x > y) - (x < y);
}

hq_decimal hq_decimal_trim(hq_decimal v)
{
    while (v.scale > 0 && v.units % 10 == 0) {
        v.units /= 10;
        v.scale--;
    }
    return v;
}

/* How a quotient that has a remainder is mended: by adding `*one_more`. `half` tells on which side
 * of one half the remainder lies: <0 below, 0 on it, >0 above. */
static hq_status round_by(bool *one_more, hq_rounding rounding, int half)
{
    switch (rounding) {
    case HQ_ROUND_HALF_UP:
        *one_more = half >= 0;
        return HQ_DONE;
    case HQ_ROUND_DOWN:
        *one_more = false;
        return HQ_DONE;
    case HQ_ROUND_UP:
        *one_more = true;
        return HQ_DONE;
    case HQ_ROUND_NEVER:
        break;
    }
    return HQ_FAIL(RANGE);
}

static hq_status signed_result(int64_t *out, hq_u128 quotient, bool negative)
{
    if (quotient > (hq_u128)INT64_MAX + negative) {
        return HQ_FAIL(RANGE);
    }
    uint64_t bits = (uint64_t)quotient;
    *out = (int64_t)(negative ? 0 - bits : bits);
    return HQ_DONE;
}

/* n / d rounded once, with the sign put back. One 64-bit division when both fit, which they do for
 * nearly every amount; the 128-bit one is a library call some ten times dearer. */
static hq_status divide(int64_t *out, hq_u128 n, hq_u128 d, bool negative, hq_rounding rounding)
{
    hq_u128 quotient, remainder;
    if ((n >> 64) == 0 && (d >> 64) == 0) {
        quotient = (uint64_t)n / (uint64_t)d;
        remainder = (uint64_t)n % (uint64_t)d;
    } else {
        quotient = n / d;
        remainder = n - quotient * d;
    }
    if (remainder != 0) {
        hq_u128 rest = d - remainder;
        bool one_more = false;
        HQ_TRY(round_by(&one_more, rounding, (remainder > rest) - (remainder < rest)));
        quotient += one_more;
    }
    return signed_result(out, quotient, negative);
}

hq_status hq_muldiv(int64_t *out, int64_t value, int64_t numerator, int64_t denominator,
                    hq_rounding rounding)
{
    if (denominator <= 0) {
        return HQ_FAIL(RANGE);
    }
    hq_u128 n = (hq_u128)magnitude(value) * magnitude(numerator);
    return divide(out, n, (uint64_t)denominator, (value < 0) != (numerator < 0), rounding);
}

static hq_u128 wide_pow10(unsigned scale)
{
    if (scale <= SCALE_MAX) {
        return (hq_u128)pow10_of[scale];
    }
    return (hq_u128)pow10_of[SCALE_MAX] * (hq_u128)pow10_of[scale - SCALE_MAX];
}

hq_status hq_percent_of(int64_t *out, int64_t value, hq_decimal percent, hq_rounding rounding)
{
    hq_u128 n = (hq_u128)magnitude(value) * magnitude(percent.units);
    return divide(out, n, wide_pow10(percent.scale + 2U), (value < 0) != (percent.units < 0),
                  rounding);
}

hq_status hq_decimal_mul_to_int(int64_t *out, hq_decimal a, hq_decimal b, hq_rounding rounding)
{
    hq_u128 n = (hq_u128)magnitude(a.units) * magnitude(b.units);
    return divide(out, n, wide_pow10((unsigned)a.scale + b.scale), (a.units < 0) != (b.units < 0),
                  rounding);
}

hq_status hq_decimal_rescale(hq_decimal *out, hq_decimal v, uint8_t scale, hq_rounding rounding)
{
    if (scale > SCALE_MAX) {
        return HQ_FAIL(RANGE);
    }
    int64_t units;
    if (scale >= v.scale) {
        if (__builtin_mul_overflow(v.units, pow10_of[scale - v.scale], &units)) {
            return HQ_FAIL(RANGE);
        }
    } else {
        HQ_TRY(divide(&units, magnitude(v.units), (hq_u128)pow10_of[v.scale - scale], v.units < 0,
                      rounding));
    }
    *out = (hq_decimal){ units, scale };
    return HQ_DONE;
}

/* An exact value into 64 bits and 18 places, by dropping zeros at its end where it must. */
static hq_status settle(hq_decimal *out, hq_i128 units, unsigned scale)
{
    while (scale > 0 && (scale > SCALE_MAX || units > INT64_MAX || units < INT64_MIN) &&
           units % 10 == 0) {
        units /= 10;
        scale--;
    }
    if (scale > SCALE_MAX || units > INT64_MAX || units < INT64_MIN) {
        return HQ_FAIL(RANGE);
    }
    *out = (hq_decimal){ (int64_t)units, (uint8_t)scale };
    return HQ_DONE;
}

hq_status hq_decimal_add(hq_decimal *out, hq_decimal a, hq_decimal b)
{
    unsigned scale = a.scale > b.scale ? a.scale : b.scale;
    hq_i128 x = (hq_i128)a.units * pow10_of[scale - a.scale];
    hq_i128 y = (hq_i128)b.units * pow10_of[scale - b.scale];
    return settle(out, x + y, scale);
}

hq_status hq_decimal_mul(hq_decimal *out, hq_decimal a, hq_decimal b)
{
    return settle(out, (hq_i128)a.units * b.units, (unsigned)a.scale + b.scale);
}

bool hq_add_overflows(int64_t *out, int64_t a, int64_t b)
{
    return __builtin_add_overflow(a, b, out);
}
