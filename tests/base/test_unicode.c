/* SPDX-License-Identifier: Apache-2.0 */
#include "../check.h"

static void test_which_bytes_are_utf8(void **state)
{
    (void)state;
    const hq_sv good[] = { HQ_SV(""),
                           HQ_SV("abc"),
                           HQ_SV("\0"),
                           HQ_SV("Đồng Đăng"),
                           HQ_SV("\xc2\x80"),
                           HQ_SV("\xed\x9f\xbf"),
                           HQ_SV("\xee\x80\x80"),
                           HQ_SV("\xf0\x90\x80\x80"),
                           HQ_SV("\xf4\x8f\xbf\xbf") };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_true(hq_utf8_valid(good[i]));
    }
    const struct {
        hq_sv text;
        size_t valid;
    } bad[] = {
        { HQ_SV("\x80"), 0 },
        { HQ_SV("abcdefghij\xff"), 10 },
        { HQ_SV("a\xc1\xbf"), 1 },
        { HQ_SV("\xe0\x9f\xbf"), 0 },
        { HQ_SV("\xed\xa0\x80"), 0 },
        { HQ_SV("\xf0\x8f\xbf\xbf"), 0 },
        { HQ_SV("\xf4\x90\x80\x80"), 0 },
        { HQ_SV("\xf5\x80\x80\x80"), 0 },
        { HQ_SV("ạ\xe1\xba"), 3 },
        { HQ_SV("\xc3("), 0 },
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(hq_utf8_valid(bad[i].text));
        assert_int_equal(hq_utf8_valid_prefix(bad[i].text), bad[i].valid);
    }
    assert_int_equal(hq_utf8_length(HQ_SV("Đồng Đăng")), 9);
}

static void check_fold(const char *text, const char *expected)
{
    hq_arena *arena = hq_arena_new(1 << 16);
    hq_sv out;
    check_status(hq_fold(&out, arena, hq_sv_from_cstr(text)), OK);
    check_text(out, expected);
    hq_arena_free(arena);
}

static void test_search_keys(void **state)
{
    (void)state;
    check_fold("Đồng Đăng", "dong dang");
    check_fold("ĐỒNG  ĐĂNG!", "dong dang");
    check_fold("Van công nghiệp (bằng thép)", "van cong nghiep bang thep");
    check_fold("  --  ", "");
    check_fold("", "");
    check_fold("Straße", "strasse");
    check_fold("soft\u00adhyphen", "softhyphen");
    check_fold("a\xff"
               "b",
               "a b");
    check_fold("8481.80-99", "8481 80 99");
    check_fold("Ünïcödé", "unicode");
    /* The same word with its marks apart. */
    check_fold("Đo\u0302\u0300ng", "dong");
    check_fold("中文「广西」", "中文 广西");
}

static void test_texts_are_kept_composed(void **state)
{
    (void)state;
    hq_arena *arena = hq_arena_new(1 << 16);
    hq_sv out;
    hq_sv composed = HQ_SV("Đồng Đăng");
    check_status(hq_utf8_nfc(&out, arena, composed), OK);
    assert_ptr_equal(out.ptr, composed.ptr);
    check_status(hq_utf8_nfc(&out, arena, HQ_SV("Đo\u0302\u0300ng Đa\u0306ng")), OK);
    check_text(out, "Đồng Đăng");
    check_status(hq_utf8_nfc(&out, arena, HQ_SV("e\u0323\u0302")), OK); /* marks in either order */
    check_text(out, "ệ");
    check_status(hq_utf8_nfc(&out, arena, HQ_SV("e\u0302\u0323")), OK);
    check_text(out, "ệ");
    check_status(hq_utf8_nfc(&out, arena, HQ_SV("\u1100\u1161")), OK);
    check_text(out, "가");
    check_status(hq_utf8_nfc(&out, arena, HQ_SV("\u0340\xff")), SYNTAX);
    hq_arena_free(arena);
}

static void test_control_characters(void **state)
{
    (void)state;
    assert_false(hq_utf8_has_control(HQ_SV("a\tb\nĐ")));
    assert_true(hq_utf8_has_control(HQ_SV("a\r")));
    assert_true(hq_utf8_has_control(HQ_SV("\0")));
    assert_true(hq_utf8_has_control(HQ_SV("\x7f")));
    assert_true(hq_utf8_has_control(HQ_SV("\xc2\x85")));
    assert_false(hq_utf8_has_control(HQ_SV("\xc2\xa0")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_which_bytes_are_utf8),
        cmocka_unit_test(test_search_keys),
        cmocka_unit_test(test_texts_are_kept_composed),
        cmocka_unit_test(test_control_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
