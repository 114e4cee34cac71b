/* SPDX-License-Identifier: Apache-2.0 */
#include "../check.h"

#include "codec/codec.h"

static void test_commas_and_kinds_of_values(void **state)
{
    (void)state;
    hq_buf buf = HQ_BUF_HEAP(4096);
    hq_json_w w = hq_json_writer(&buf);
    hq_json_open(&w, '{');
    HQ_JSON_KEY(&w, "a");
    hq_json_i64(&w, INT64_MIN);
    HQ_JSON_KEY(&w, "b");
    hq_json_open(&w, '[');
    hq_json_bool(&w, true);
    hq_json_bool(&w, false);
    hq_json_null(&w);
    hq_json_open(&w, '[');
    hq_json_close(&w, ']');
    hq_json_open(&w, '{');
    hq_json_close(&w, '}');
    hq_json_text(&w, HQ_SV(""));
    hq_json_text(&w, HQ_SV("x"));
    hq_json_close(&w, ']');
    hq_json_key_sv(&w, HQ_SV("c\"d"));
    hq_json_decimal(&w, (hq_decimal){ 123450, 2 });
    HQ_JSON_KEY(&w, "raw");
    hq_json_raw(&w, HQ_SV("{\"x\":[]}"));
    HQ_JSON_KEY(&w, "t");
    hq_json_time(&w, 0);
    HQ_JSON_KEY(&w, "d");
    hq_json_day(&w, 0);
    HQ_JSON_KEY(&w, "open");
    hq_json_day(&w, HQ_DAY_OPEN);
    HQ_JSON_KEY(&w, "none");
    hq_json_text_or_null(&w, HQ_SV_NULL);
    HQ_JSON_KEY(&w, "some");
    hq_json_text_or_null(&w, HQ_SV(""));
    hq_json_close(&w, '}');
    check_text(hq_buf_view(&buf),
               "{\"a\":-9223372036854775808,\"b\":[true,false,null,[],{},\"\",\"x\"],"
               "\"c\\\"d\":\"1234.50\",\"raw\":{\"x\":[]},\"t\":\"1970-01-01T07:00:00+07:00\","
               "\"d\":\"1970-01-01\",\"open\":null,\"none\":null,\"some\":\"\"}");
    hq_buf_free(&buf);
}

static void check_written(hq_sv text, const char *expected)
{
    hq_buf buf = HQ_BUF_HEAP(1 << 20);
    hq_json_w w = hq_json_writer(&buf);
    hq_json_text(&w, text);
    check_text(hq_buf_view(&buf), expected);
    hq_buf_free(&buf);
}

static void test_escapes(void **state)
{
    (void)state;
    check_written(HQ_SV("a\"b\\c/d"), "\"a\\\"b\\\\c/d\"");
    check_written(HQ_SV("\b\f\n\r\t"), "\"\\b\\f\\n\\r\\t\"");
    check_written(HQ_SV("\0\x01\x1f\x7f"), "\"\\u0000\\u0001\\u001f\x7f\"");
    check_written(HQ_SV("Đồng Đăng \"Cửa khẩu\""), "\"Đồng Đăng \\\"Cửa khẩu\\\"\"");
    check_written(HQ_SV("Lạng Sơn"), "\"Lạng Sơn\"");
}

static void test_invalid_utf8_becomes_a_replacement(void **state)
{
    (void)state;
    check_written(HQ_SV("a\xff"
                        "b"),
                  "\"a\xef\xbf\xbd"
                  "b\"");
    check_written(HQ_SV("\xc3"), "\"\xef\xbf\xbd\"");
    check_written(HQ_SV("\xed\xa0\x80"), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
    check_written(HQ_SV("ạ\x80\"ạ"), "\"ạ\xef\xbf\xbd\\\"ạ\"");
}

static void check_byte_at(char c, size_t at, size_t len)
{
    char text[41] = "abcdefghijklmnopqrstabcdefghijklmnopqrst";
    text[at] = c;
    text[len] = '\0';
    hq_arena *arena = hq_arena_new(1 << 16);
    hq_buf buf = HQ_BUF_ARENA(arena, 1 << 12);
    hq_json_w w = hq_json_writer(&buf);
    hq_json_text(&w, hq_sv_from_cstr(text));
    size_t more = c == '"' || c == '\\' || strchr("\b\f\n\r\t", c) != NULL ? 3 : c < 0x20 ? 7 : 2;
    assert_int_equal(buf.len, len + more);
    const hq_json *back;
    check_status(hq_json_parse(&back, hq_buf_view(&buf), arena, NULL), OK);
    check_text(back->text, text);
    hq_arena_free(arena);
}

/* Each byte at each place, in texts that are read by four, eight and sixteen: escaped exactly when
 * it must be. */
static void test_every_byte_at_every_place(void **state)
{
    static const size_t lens[] = { 1, 3, 6, 12, 16, 20, 40 };
    (void)state;
    for (size_t n = 0; n < sizeof lens / sizeof *lens; n++) {
        for (size_t at = 0; at < lens[n]; at++) {
            for (int c = 1; c < 0x80; c++) {
                check_byte_at((char)c, at, lens[n]);
            }
        }
    }
}

static hq_sv random_text(char *to, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        uint32_t kind = hq_random_below(8);
        to[i] = (char)(kind == 0   ? hq_random_below(32) + 1
                       : kind == 1 ? '"'
                       : kind == 2 ? '\\'
                                   : 32 + hq_random_below(95));
    }
    return hq_sv_make(to, len);
}

static void test_what_is_written_reads_back(void **state)
{
    (void)state;
    for (int round = 0; round < 2000; round++) {
        hq_arena *arena = hq_arena_new(1 << 20);
        hq_buf buf = HQ_BUF_ARENA(arena, 1 << 16);
        char name[64], value[300];
        hq_sv key = random_text(name, hq_random_below(sizeof name));
        hq_sv text = random_text(value, hq_random_below(sizeof value));
        hq_json_w w = hq_json_writer(&buf);
        hq_json_open(&w, '{');
        hq_json_key_sv(&w, key);
        hq_json_text(&w, text);
        hq_json_close(&w, '}');
        const hq_json *back;
        hq_why why;
        check_status(hq_json_parse(&back, hq_buf_view(&buf), arena, &why), OK);
        assert_true(hq_sv_eq(hq_json_first(back)->key, key));
        assert_true(hq_sv_eq(hq_json_first(back)->text, text));
        hq_arena_free(arena);
    }
}

static void test_a_full_buffer_stays_failed(void **state)
{
    (void)state;
    for (size_t ceiling = 0; ceiling < 40; ceiling++) {
        hq_buf buf = HQ_BUF_HEAP(ceiling);
        hq_json_w w = hq_json_writer(&buf);
        hq_json_open(&w, '{');
        HQ_JSON_KEY(&w, "name");
        hq_json_text(&w, HQ_SV("0123456789"));
        HQ_JSON_KEY(&w, "other");
        hq_json_text(&w, HQ_SV("một \"hai\""));
        hq_json_close(&w, '}');
        assert_int_equal(hq_buf_status(&buf).code, HQ_E_LIMIT);
        assert_true(buf.len <= ceiling);
        hq_buf_free(&buf);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_commas_and_kinds_of_values),
        cmocka_unit_test(test_escapes),
        cmocka_unit_test(test_invalid_utf8_becomes_a_replacement),
        cmocka_unit_test(test_every_byte_at_every_place),
        cmocka_unit_test(test_what_is_written_reads_back),
        cmocka_unit_test(test_a_full_buffer_stays_failed),
    };
    return hq_ok(hq_base_init()) ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
