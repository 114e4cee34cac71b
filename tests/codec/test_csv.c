/* SPDX-License-Identifier: Apache-2.0 */
#include "../check.h"

#include "codec/codec.h"

/* All records, fields joined by '|', records by '/'; or "!" and the English sentence. */
static hq_sv read_all(hq_arena *arena, hq_sv text)
{
    hq_sv fields[HQ_CSV_COLUMNS_MAX];
    size_t count;
    hq_why why = { 0 };
    hq_buf out = HQ_BUF_ARENA(arena, 1 << 20);
    hq_csv csv = hq_csv_open(text);
    hq_status s;
    while (hq_ok(s = hq_csv_next(fields, &count, &csv, arena, &why))) {
        hq_buf_lit(&out, "/");
        for (size_t i = 0; i < count; i++) {
            if (i > 0) {
                hq_buf_char(&out, '|');
            }
            hq_buf_sv(&out, fields[i]);
        }
    }
    if (s.code != HQ_E_NOT_FOUND) {
        assert_int_equal(s.code, HQ_E_SYNTAX);
        assert_true(why.vi.len > 0);
        hq_buf_lit(&out, "!");
        hq_buf_sv(&out, why.en);
    }
    return out.len == 0 ? HQ_SV("") : hq_buf_view(&out);
}

#define CASE(text, expected)                                                                       \
    {                                                                                              \
        HQ_SV(text), expected                                                                      \
    }

static void test_records(void **state)
{
    (void)state;
    const struct {
        hq_sv text;
        const char *expected;
    } cases[] = {
        CASE("", ""),
        CASE("\n\r\n", ""),
        CASE("a,b\n1,2\n", "/a|b/1|2"),
        CASE("a,b\r\n1,2", "/a|b/1|2"),
        CASE("\xef\xbb\xbf"
             "a\n1",
             "/a/1"),
        CASE("a,b\n\n1,2\n\r\n3,4\n\n", "/a|b/1|2/3|4"),
        CASE("a,b\n,\n", "/a|b/|"),
        CASE("a,b\n1,", "/a|b/1|"),
        CASE("a\n\"\"\n", "/a/"),
        CASE("a\n\"1,2\"\n", "/a/1,2"),
        CASE("a\n\"say \"\"yes\"\"\"\n", "/a/say \"yes\""),
        CASE("a\n\"\"\"\"\n", "/a/\""),
        CASE("a,b\n\"1\n2\",3\n4,5\n", "/a|b/1\n2|3/4|5"),
        CASE("a\n Lạng Sơn \n", "/a/ Lạng Sơn "),
        CASE("a\n\"1\"", "/a/1"),
        CASE("a,b\n1\n", "/a|b!line 2, column 1: this record has fewer fields than the first one"),
        CASE("a,b\n1,2,3\n",
             "/a|b!line 2, column 3: this record has more fields than the first one"),
        CASE("a\nb\"c\n",
             "/a!line 2, column 1: a quote stands within a field that does not start with one"),
        CASE("a,b\n1,\"2\n3\n",
             "/a|b!line 2, column 2: the quoted field that starts here has no closing quote"),
        CASE("a\n\"",
             "/a!line 2, column 1: the quoted field that starts here has no closing quote"),
        CASE("a\n\"\"\"",
             "/a!line 2, column 1: the quoted field that starts here has no closing quote"),
        CASE("a\n\"1\"2\n", "/a!line 2, column 1: something follows the closing quote"),
        CASE("a\n\"1\" \n", "/a!line 2, column 1: something follows the closing quote"),
        CASE("a\r1\r", "!line 1, column 1: a carriage return without a line feed"),
        CASE("a\n\xff\n", "/a!line 2, column 1: not valid UTF-8"),
        CASE("a\n1\0002\n", "/a!line 2, column 1: the character U+0000 is not accepted"),
        CASE("a,b\n\"x\n\ny\",1\n2\n",
             "/a|b/x\n\ny|1!line 5, column 1: this record has fewer fields than the first one"),
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hq_arena *arena = hq_arena_new(1 << 22);
        check_text(read_all(arena, cases[i].text), cases[i].expected);
        hq_arena_free(arena);
    }
}

static void test_at_most_256_columns(void **state)
{
    (void)state;
    hq_arena *arena = hq_arena_new(1 << 22);
    char commas[257];
    memset(commas, ',', sizeof commas);
    hq_sv fields[HQ_CSV_COLUMNS_MAX];
    size_t count;
    hq_why why;
    hq_csv csv = hq_csv_open(hq_sv_make(commas, 255));
    check_status(hq_csv_next(fields, &count, &csv, arena, &why), OK);
    assert_int_equal(count, 256);
    csv = hq_csv_open(hq_sv_make(commas, 256));
    check_status(hq_csv_next(fields, &count, &csv, arena, &why), SYNTAX);
    check_text(why.vi, "dòng 1, cột 257: một bản ghi có nhiều nhất 256 ô");
    hq_arena_free(arena);
}

static void test_the_line_of_a_record_is_known(void **state)
{
    (void)state;
    hq_arena *arena = hq_arena_new(1 << 20);
    hq_sv fields[HQ_CSV_COLUMNS_MAX];
    size_t count;
    hq_csv csv = hq_csv_open(HQ_SV("a\n\n\"1\n2\"\n3\n"));
    check_status(hq_csv_next(fields, &count, &csv, arena, NULL), OK);
    assert_int_equal(csv.line, 1);
    check_status(hq_csv_next(fields, &count, &csv, arena, NULL), OK);
    assert_int_equal(csv.line, 3);
    check_status(hq_csv_next(fields, &count, &csv, arena, NULL), OK);
    assert_int_equal(csv.line, 5);
    check_status(hq_csv_next(fields, &count, &csv, arena, NULL), NOT_FOUND);
    hq_arena_free(arena);
}

static void check_cell(hq_sv cell, const char *written)
{
    hq_buf buf = HQ_BUF_HEAP(1 << 16);
    const hq_sv fields[] = { HQ_SV("x"), cell };
    hq_csv_write(&buf, fields, 2);
    hq_sv got = hq_buf_view(&buf);
    check_text(hq_sv_sub(got, 2, got.len - 3), written);
    assert_int_equal(got.ptr[got.len - 1], '\n');
    hq_buf_free(&buf);
}

static void test_cells_are_quoted_and_formulas_guarded(void **state)
{
    (void)state;
    check_cell(HQ_SV("plain"), "plain");
    check_cell(HQ_SV(""), "");
    check_cell(HQ_SV("a,b"), "\"a,b\"");
    check_cell(HQ_SV("a\"b"), "\"a\"\"b\"");
    check_cell(HQ_SV("a\nb"), "\"a\nb\"");
    check_cell(HQ_SV(" a"), "\" a\"");
    check_cell(HQ_SV("-5"), "-5");
    check_cell(HQ_SV("-5.25"), "-5.25");
    check_cell(HQ_SV("-123456789012345678901"), "-123456789012345678901");
    check_cell(HQ_SV("=1+1"), "'=1+1");
    check_cell(HQ_SV("+1"), "'+1");
    check_cell(HQ_SV("-1+1"), "'-1+1");
    check_cell(HQ_SV("@SUM(A1)"), "'@SUM(A1)");
    check_cell(HQ_SV("\t=1"), "'\t=1");
    check_cell(HQ_SV("=\"a\",1"), "\"'=\"\"a\"\",1\"");
}

static hq_sv random_cell(char *to, size_t len)
{
    static const char kinds[] = "ab,\"\n\r 0;\t|";
    for (size_t i = 0; i < len; i++) {
        to[i] = kinds[hq_random_below(sizeof kinds - 1)];
    }
    if (len > 0 && (to[0] == '\t' || to[0] == '\r')) {
        to[0] = 'a'; /* would be guarded */
    }
    return hq_sv_make(to, len);
}

static void test_what_is_written_reads_back(void **state)
{
    (void)state;
    for (int round = 0; round < 3000; round++) {
        hq_arena *arena = hq_arena_new(1 << 20);
        size_t width = 1 + hq_random_below(4);
        char text[8][20];
        hq_sv cells[8], fields[HQ_CSV_COLUMNS_MAX];
        hq_buf buf = HQ_BUF_ARENA(arena, 1 << 16);
        for (size_t i = 0; i < 2 * width; i++) {
            cells[i] = random_cell(text[i], hq_random_below(sizeof text[i]));
        }
        hq_csv_write(&buf, cells, width);
        hq_csv_write(&buf, cells + width, width);
        hq_csv csv = hq_csv_open(hq_buf_view(&buf));
        for (size_t row = 0; row < 2; row++) {
            size_t count;
            check_status(hq_csv_next(fields, &count, &csv, arena, NULL), OK);
            assert_int_equal(count, width);
            for (size_t i = 0; i < width; i++) {
                assert_true(hq_sv_eq(fields[i], cells[row * width + i]));
            }
        }
        hq_arena_free(arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_records),
        cmocka_unit_test(test_at_most_256_columns),
        cmocka_unit_test(test_the_line_of_a_record_is_known),
        cmocka_unit_test(test_cells_are_quoted_and_formulas_guarded),
        cmocka_unit_test(test_what_is_written_reads_back),
    };
    return hq_ok(hq_base_init()) ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
