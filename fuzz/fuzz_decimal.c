/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

/* What reads as a decimal is written back as it stood (but for "-0"), and arithmetic that succeeds
 * is exact: (a + b) - b == a. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    char *text = fuzz_copy(bytes, len);
    hq_sv rest = hq_sv_make(text, len);
    hq_sv first = hq_sv_cut(&rest, ' ');
    hq_decimal a = { 0 }, b = { 0 }, sum, back;
    if (hq_ok(hq_decimal_parse(&a, first))) {
        hq_buf buf = HQ_BUF_HEAP(64);
        hq_decimal_write(&buf, a);
        FUZZ_HOLDS(hq_sv_eq(hq_buf_view(&buf), first) || a.units == 0);
        hq_buf_free(&buf);
        FUZZ_HOLDS(hq_decimal_cmp(hq_decimal_trim(a), a) == 0);
    }
    if (hq_ok(hq_decimal_parse(&b, rest)) && hq_ok(hq_decimal_add(&sum, a, b))) {
        hq_decimal minus = { -b.units, b.scale };
        FUZZ_HOLDS(hq_failed(hq_decimal_add(&back, sum, minus)) || hq_decimal_cmp(back, a) == 0);
        int64_t down, up, half;
        if (hq_ok(hq_decimal_mul_to_int(&down, a, b, HQ_ROUND_DOWN)) &&
            hq_ok(hq_decimal_mul_to_int(&up, a, b, HQ_ROUND_UP)) &&
            hq_ok(hq_decimal_mul_to_int(&half, a, b, HQ_ROUND_HALF_UP))) {
            FUZZ_HOLDS(half == down || half == up);
            FUZZ_HOLDS(up - down <= 1 && down - up <= 1);
        }
    }
    int64_t whole;
    HQ_IGNORE(hq_percent_of(&whole, a.units, b, HQ_ROUND_HALF_UP)); /* only must not misbehave */
    free(text);
    return 0;
}
