/* SPDX-License-Identifier: Apache-2.0 */
#include "../check.h"

#include "codec/codec.h"

/* Area of all bars of the path: h runs are the only lower-case horizontal moves. */
static size_t dark_modules(const char *svg)
{
    size_t sum = 0;
    for (const char *at = strstr(svg, "#000"); at != NULL && (at = strchr(at, 'h')) != NULL; at++) {
        sum += strtoul(at + 1, NULL, 10);
    }
    return sum;
}

static void test_a_code_has_its_quiet_zone_and_finders(void **state)
{
    (void)state;
    hq_buf buf = HQ_BUF_HEAP(1 << 20);
    check_status(hq_qr_svg(&buf, HQ_SV("HAIQUAN"), 120), OK);
    hq_buf_char(&buf, '\0');
    assert_non_null(strstr(buf.ptr, "width=\"120\" height=\"120\" viewBox=\"0 0 29 29\""));
    /* The first row of a finder pattern: seven dark modules behind a quiet zone of four. */
    assert_non_null(strstr(buf.ptr, "d=\"M4 4h7v1H4z"));
    size_t dark = dark_modules(buf.ptr);
    assert_true(dark > 21 * 21 / 4 && dark < 21 * 21 * 3 / 4);
    hq_buf_free(&buf);
}

static void test_too_long_and_empty_texts(void **state)
{
    (void)state;
    hq_buf buf = HQ_BUF_HEAP(1 << 20);
    char text[2332];
    memset(text, 'a', sizeof text);
    check_status(hq_qr_svg(&buf, hq_sv_make(text, 2331), 100), OK); /* version 40-M, bytes */
    check_status(hq_qr_svg(&buf, hq_sv_make(text, 2332), 100), LIMIT);
    check_status(hq_qr_svg(&buf, HQ_SV(""), 100), RANGE);
    hq_buf_free(&buf);
    hq_buf small = HQ_BUF_HEAP(50);
    check_status(hq_qr_svg(&small, HQ_SV("a"), 100), LIMIT);
    hq_buf_free(&small);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_code_has_its_quiet_zone_and_finders),
        cmocka_unit_test(test_too_long_and_empty_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
