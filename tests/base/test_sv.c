/* SPDX-License-Identifier: Apache-2.0 */
#include "../check.h"

static void test_looking_and_cutting(void **state)
{
    (void)state;
    assert_true(hq_sv_cmp(HQ_SV("a"), HQ_SV("ab")) < 0);
    assert_true(hq_sv_cmp(HQ_SV("b"), HQ_SV("ab")) > 0);
    assert_true(hq_sv_cmp(HQ_SV("\xff"), HQ_SV("a")) > 0);
    assert_int_equal(hq_sv_cmp(HQ_SV_NULL, HQ_SV("")), 0);
    assert_true(hq_sv_starts(HQ_SV("abc"), HQ_SV("ab")) && hq_sv_starts(HQ_SV(""), HQ_SV_NULL));
    assert_false(hq_sv_starts(HQ_SV("a"), HQ_SV("ab")));
    assert_true(hq_sv_ends(HQ_SV("abc"), HQ_SV("bc")) && !hq_sv_ends(HQ_SV("abc"), HQ_SV("b")));
    assert_int_equal(hq_sv_find(HQ_SV("a,b,c"), ',', 2), 3);
    assert_int_equal(hq_sv_find(HQ_SV("abc"), ',', 9), 3);
    check_text(hq_sv_sub(HQ_SV("abc"), 1, 100), "bc");
    check_text(hq_sv_sub(HQ_SV("abc"), 5, 1), "");
    check_text(hq_sv_trim(HQ_SV(" \t\r\nab c\v\f ")), "ab c");
    check_text(hq_sv_trim(HQ_SV("   ")), "");
    hq_sv rest = HQ_SV("a,,b,");
    check_text(hq_sv_cut(&rest, ','), "a");
    check_text(hq_sv_cut(&rest, ','), "");
    check_text(hq_sv_cut(&rest, ','), "b");
    assert_non_null(rest.ptr);
    check_text(hq_sv_cut(&rest, ','), "");
    assert_null(rest.ptr);
    assert_true(hq_sv_eq_nocase(HQ_SV("Content-Type"), HQ_SV("content-TYPE")));
    assert_false(hq_sv_eq_nocase(HQ_SV("a"), HQ_SV("ab")));
}

static void test_whole_numbers(void **state)
{
    (void)state;
    int64_t v = 0;
    assert_true(hq_sv_i64(&v, HQ_SV("9223372036854775807")) && v == INT64_MAX);
    assert_true(hq_sv_i64(&v, HQ_SV("-9223372036854775808")) && v == INT64_MIN);
    assert_true(hq_sv_i64(&v, HQ_SV("-0")) && v == 0);
    assert_true(hq_sv_i64(&v, HQ_SV("0007")) && v == 7);
    static const char *const broken[] = { "",
                                          "-",
                                          "+1",
                                          " 1",
                                          "1 ",
                                          "1.0",
                                          "9223372036854775808",
                                          "-9223372036854775809",
                                          "99999999999999999999",
                                          "0x1" };
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        assert_false(hq_sv_i64(&v, hq_sv_from_cstr(broken[i])));
    }
    assert_true(hq_sv_digits(HQ_SV("0123456789")));
    assert_false(hq_sv_digits(HQ_SV("")) || hq_sv_digits(HQ_SV("1a")));
}

static void test_the_nearest_name(void **state)
{
    (void)state;
    const hq_sv names[] = { HQ_SV("invoice_value"), HQ_SV("office"), HQ_SV("hs"), HQ_SV("origin") };
    check_text(hq_sv_nearest(HQ_SV("offise"), names, 4), "office");
    check_text(hq_sv_nearest(HQ_SV("invoicevalue"), names, 4), "invoice_value");
    check_text(hq_sv_nearest(HQ_SV("HS"), names, 4), "hs");
    check_text(hq_sv_nearest(HQ_SV("orgin"), names, 4), "origin");
    assert_null(hq_sv_nearest(HQ_SV("something"), names, 4).ptr);
    assert_null(hq_sv_nearest(HQ_SV("x"), names, 0).ptr);
    char wide[200];
    memset(wide, 'o', sizeof wide);
    assert_null(hq_sv_nearest(hq_sv_make(wide, sizeof wide), names, 4).ptr);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_looking_and_cutting),
        cmocka_unit_test(test_whole_numbers),
        cmocka_unit_test(test_the_nearest_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
