/* SPDX-License-Identifier: Apache-2.0 */
#include "../chance.h"
#include "../check.h"

/* Each result is held against long division digit by digit on paper: see below. */

static void check_parse(const char *text, hq_code code, int64_t units, unsigned scale)
{
    hq_decimal d = { 0 };
    hq_status s = hq_decimal_parse(&d, hq_sv_from_cstr(text));
    if (s.code != code || (hq_ok(s) && (d.units != units || d.scale != scale))) {
        fail_msg("\"%s\": %s %lld/%u", text, hq_status_name(s), (long long)d.units, d.scale);
    }
}

static void test_texts(void **state)
{
    (void)state;
    check_parse("0", HQ_E_OK, 0, 0);
    check_parse("-0", HQ_E_OK, 0, 0);
    check_parse("1234.50", HQ_E_OK, 123450, 2);
    check_parse("-0.5", HQ_E_OK, -5, 1);
    check_parse("0.000000000000000001", HQ_E_OK, 1, 18);
    check_parse("999999999999999999", HQ_E_OK, INT64_C(999999999999999999), 0);
    check_parse("1000000000000000000", HQ_E_RANGE, 0, 0);
    check_parse("0.0000000000000000001", HQ_E_RANGE, 0, 0);
    check_parse("1.000000000000000000", HQ_E_RANGE, 0, 0);
    check_parse("99999999999999999999999999", HQ_E_RANGE, 0, 0);
    static const char *const broken[] = { "",     "-",   "+1", ".5", "5.",  "01",  "-01",
                                          "1e5",  "1,5", " 1", "1 ", "0x1", "--1", "1.2.3",
                                          "1.-2", "NaN", "00", "１", "1_0", "1.",  "-.5" };
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        check_parse(broken[i], HQ_E_SYNTAX, 0, 0);
    }
}

static void test_what_is_written_reads_back(void **state)
{
    (void)state;
    chance c = { 3 };
    for (int i = 0; i < 20000; i++) {
        hq_decimal d = { chance_i64(&c) / 10, (uint8_t)chance_below(&c, 19) }, back;
        hq_buf buf = HQ_BUF_HEAP(64);
        hq_decimal_write(&buf, d);
        check_status(hq_decimal_parse(&back, hq_buf_view(&buf)), OK);
        assert_true(back.units == d.units && back.scale == d.scale);
        hq_buf_free(&buf);
    }
}

static void test_comparing_and_trimming(void **state)
{
    (void)state;
    assert_int_equal(hq_decimal_cmp((hq_decimal){ 150, 2 }, (hq_decimal){ 15, 1 }), 0);
    assert_int_equal(hq_decimal_cmp((hq_decimal){ 151, 2 }, (hq_decimal){ 15, 1 }), 1);
    assert_int_equal(hq_decimal_cmp((hq_decimal){ -1, 18 }, (hq_decimal){ 0, 0 }), -1);
    assert_int_equal(hq_decimal_cmp((hq_decimal){ INT64_MAX, 0 }, (hq_decimal){ INT64_MAX, 18 }),
                     1);
    assert_int_equal(hq_decimal_cmp((hq_decimal){ INT64_MIN, 0 }, (hq_decimal){ INT64_MIN, 18 }),
                     -1);
    hq_decimal t = hq_decimal_trim((hq_decimal){ -12000, 2 });
    assert_true(t.units == -120 && t.scale == 0);
    t = hq_decimal_trim((hq_decimal){ 0, 18 });
    assert_true(t.units == 0 && t.scale == 0);
}

static void check_rounded(int64_t units, uint8_t scale, hq_rounding how, hq_code code,
                          int64_t expected)
{
    hq_decimal out = { 0 };
    hq_status s = hq_decimal_rescale(&out, (hq_decimal){ units, scale }, 0, how);
    assert_int_equal(s.code, code);
    if (hq_ok(s)) {
        assert_true(out.units == expected);
    }
}

static void test_rounding(void **state)
{
    (void)state;
    check_rounded(25, 1, HQ_ROUND_HALF_UP, HQ_E_OK, 3);
    check_rounded(-25, 1, HQ_ROUND_HALF_UP, HQ_E_OK, -3);
    check_rounded(249, 2, HQ_ROUND_HALF_UP, HQ_E_OK, 2);
    check_rounded(29, 1, HQ_ROUND_DOWN, HQ_E_OK, 2);
    check_rounded(-29, 1, HQ_ROUND_DOWN, HQ_E_OK, -2);
    check_rounded(21, 1, HQ_ROUND_UP, HQ_E_OK, 3);
    check_rounded(-21, 1, HQ_ROUND_UP, HQ_E_OK, -3);
    check_rounded(20, 1, HQ_ROUND_NEVER, HQ_E_OK, 2);
    check_rounded(21, 1, HQ_ROUND_NEVER, HQ_E_RANGE, 0);
    check_rounded(INT64_MIN, 0, HQ_ROUND_NEVER, HQ_E_OK, INT64_MIN);
    hq_decimal out;
    check_status(hq_decimal_rescale(&out, (hq_decimal){ INT64_MAX, 0 }, 1, HQ_ROUND_DOWN), RANGE);
    check_status(hq_decimal_rescale(&out, (hq_decimal){ 1, 0 }, 19, HQ_ROUND_DOWN), RANGE);
    check_status(hq_decimal_rescale(&out, (hq_decimal){ 12, 1 }, 18, HQ_ROUND_NEVER), OK);
    assert_true(out.units == INT64_C(1200000000000000000) && out.scale == 18);
}

/* value * numerator / denominator by schoolbook multiplication and division in base 2: shares no
 * line with what it checks. */
static bool slow_muldiv(uint64_t *quotient, uint64_t *remainder, uint64_t a, uint64_t b, uint64_t d)
{
    uint64_t high = 0, low = 0;
    for (int bit = 63; bit >= 0; bit--) { /* high:low = a * b */
        high = high << 1 | low >> 63;
        low <<= 1;
        if ((a >> bit & 1) != 0) {
            low += b;
            high += low < b;
        }
    }
    uint64_t q = 0, r = 0;
    for (int bit = 127; bit >= 0; bit--) {
        bool carry = r >> 63 != 0;
        r = r << 1 | ((bit >= 64 ? high >> (bit - 64) : low >> bit) & 1);
        if (q >> 63 != 0) {
            return false;
        }
        q <<= 1;
        if (carry || r >= d) {
            r -= d;
            q |= 1;
        }
    }
    *quotient = q;
    *remainder = r;
    return true;
}

static uint64_t magnitude(int64_t v)
{
    return v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
}

static void test_products_and_quotients_in_128_bits(void **state)
{
    (void)state;
    chance c = { 4 };
    for (int i = 0; i < 50000; i++) {
        int64_t a = chance_i64(&c), b = chance_i64(&c),
                d = (int64_t)(magnitude(chance_i64(&c)) >> 1) + 1;
        hq_rounding how = (hq_rounding)chance_below(&c, 4);
        uint64_t q = 0, r = 0;
        bool fits = slow_muldiv(&q, &r, magnitude(a), magnitude(b), (uint64_t)d);
        bool even = r == 0;
        uint64_t most = (uint64_t)INT64_MAX + ((a < 0) != (b < 0));
        if (fits && !even) {
            uint64_t rest = (uint64_t)d - r;
            q += how == HQ_ROUND_UP || (how == HQ_ROUND_HALF_UP && r >= rest);
        }
        int64_t out = 0;
        hq_status s = hq_muldiv(&out, a, b, d, how);
        bool expected = fits && q <= most && (even || how != HQ_ROUND_NEVER);
        assert_int_equal(hq_ok(s), expected);
        if (expected) {
            assert_true(out == (int64_t)((a < 0) != (b < 0) ? 0 - q : q));
        } else {
            assert_int_equal(s.code, HQ_E_RANGE);
        }
    }
    int64_t out;
    check_status(hq_muldiv(&out, 1, 1, 0, HQ_ROUND_DOWN), RANGE);
    check_status(hq_muldiv(&out, 1, 1, -1, HQ_ROUND_DOWN), RANGE);
    check_status(hq_muldiv(&out, INT64_MIN, INT64_MIN, INT64_MAX, HQ_ROUND_DOWN), RANGE);
}

static void test_money(void **state)
{
    (void)state;
    int64_t vnd;
    /* 62161.5 USD at 25400. */
    check_status(hq_decimal_mul_to_int(&vnd, (hq_decimal){ 621615, 1 }, (hq_decimal){ 25400, 0 },
                                       HQ_ROUND_HALF_UP),
                 OK);
    assert_true(vnd == 1578902100);
    check_status(hq_percent_of(&vnd, 1578902100, (hq_decimal){ 47, 0 }, HQ_ROUND_HALF_UP), OK);
    assert_true(vnd == 742083987);
    check_status(hq_percent_of(&vnd, 1, (hq_decimal){ 50, 0 }, HQ_ROUND_HALF_UP), OK);
    assert_true(vnd == 1);
    check_status(hq_percent_of(&vnd, 1, (hq_decimal){ 4999, 2 }, HQ_ROUND_HALF_UP), OK);
    assert_true(vnd == 0);
    check_status(hq_percent_of(&vnd, INT64_MAX, (hq_decimal){ 100, 0 }, HQ_ROUND_NEVER), OK);
    assert_true(vnd == INT64_MAX);
    check_status(hq_percent_of(&vnd, INT64_MAX, (hq_decimal){ 101, 0 }, HQ_ROUND_DOWN), RANGE);
    hq_decimal sum;
    check_status(hq_decimal_add(&sum, (hq_decimal){ 15, 1 }, (hq_decimal){ -150, 2 }), OK);
    assert_true(sum.units == 0);
    check_status(hq_decimal_add(&sum, (hq_decimal){ INT64_MAX, 0 }, (hq_decimal){ 1, 0 }), RANGE);
    check_status(hq_decimal_mul(&sum, (hq_decimal){ 15, 1 }, (hq_decimal){ 4, 18 }), OK);
    assert_true(sum.units == 6 && sum.scale == 18);
    check_status(hq_decimal_mul(&sum, (hq_decimal){ 1, 18 }, (hq_decimal){ 1, 1 }), RANGE);
    int64_t out;
    assert_true(hq_add_overflows(&out, INT64_MAX, 1));
    assert_false(hq_add_overflows(&out, INT64_MAX, -1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_what_is_written_reads_back),
        cmocka_unit_test(test_comparing_and_trimming),
        cmocka_unit_test(test_rounding),
        cmocka_unit_test(test_products_and_quotients_in_128_bits),
        cmocka_unit_test(test_money),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
