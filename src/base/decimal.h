/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Exact numbers. A decimal is units / 10^scale in an int64; money in dong is a plain int64_t with
 * _vnd in its name. Nothing here ever passes through a double. Products go through 128 bits. */

#include "base/buf.h"

typedef struct {
    int64_t units;
    uint8_t scale; /* digits after the point, 0 to 18 */
} hq_decimal;

typedef enum {
    HQ_ROUND_HALF_UP, /* away from zero at one half */
    HQ_ROUND_DOWN,    /* toward zero */
    HQ_ROUND_UP,      /* away from zero */
    HQ_ROUND_NEVER    /* RANGE when it does not come out even */
} hq_rounding;

/* Plain decimal text: optional '-', digits, optional '.' and digits. No exponent, no '+', no leading
 * or trailing point, no superfluous leading zeros. SYNTAX for other text, RANGE when it does not fit
 * in 18 digits. Trailing zeros are kept in the scale ("1.50" has scale 2). */
hq_status hq_decimal_parse(hq_decimal *out, hq_sv text);
void hq_decimal_write(hq_buf *buf, hq_decimal v);
/* -1, 0, 1, whatever the scales. */
int hq_decimal_cmp(hq_decimal a, hq_decimal b);
/* Without trailing zeros after the point. */
hq_decimal hq_decimal_trim(hq_decimal v);
/* The same value with exactly `scale` digits, rounded when it has more; RANGE on overflow. */
hq_status hq_decimal_rescale(hq_decimal *out, hq_decimal v, uint8_t scale, hq_rounding rounding);
/* Whole units of a * b, rounded once; RANGE on overflow. (dong = amount * rate) */
hq_status hq_decimal_mul_to_int(int64_t *out, hq_decimal a, hq_decimal b, hq_rounding rounding);
hq_status hq_decimal_add(hq_decimal *out, hq_decimal a, hq_decimal b);
hq_status hq_decimal_mul(hq_decimal *out, hq_decimal a, hq_decimal b);

/* value * numerator / denominator in 128 bits, rounded once. denominator > 0. */
hq_status hq_muldiv(int64_t *out, int64_t value, int64_t numerator, int64_t denominator,
                    hq_rounding rounding);
/* value * percent / 100, whole, rounded once: tax of a base. */
hq_status hq_percent_of(int64_t *out, int64_t value, hq_decimal percent, hq_rounding rounding);
bool hq_add_overflows(int64_t *out, int64_t a, int64_t b);

/* Parts of `whole` in proportion to weights[count] (all >= 0, sum > 0) that sum to the whole exactly:
 * each rounded down, what is left goes one by one to the largest fractions, ties to the lower index.
 * A negative whole is shared as its absolute value with the sign put back. RANGE when the sum of
 * weights is 0 while the whole is not. */
hq_status hq_distribute(int64_t *parts, int64_t whole, const int64_t *weights, size_t count,
                        hq_arena *scratch);
