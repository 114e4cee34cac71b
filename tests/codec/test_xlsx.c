/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "codec/codec.h"
#include "codec/xlsx_inside.h"

/* What a workbook's cells become. Hostile archives are made in tests/http/uploads.test.js. */

static void assert_text(hq_sv seen, const char *wanted)
{
    assert_int_equal(seen.len, strlen(wanted));
    assert_memory_equal(seen.ptr, wanted, seen.len);
}

/* ------------------------------------------------------------------ numbers */

typedef struct {
    const char *written, *text;
    hq_xlsx_kind kind;
} number_case;

static void numbers_are_what_was_typed(void **state)
{
    static const number_case cases[] = {
        { "61500", "61500", HQ_XLSX_NUMBER },
        { "61500.50", "61500.50", HQ_XLSX_NUMBER },
        { "-0.25", "-0.25", HQ_XLSX_NUMBER },
        { "1.1000000000000001", "1.1", HQ_XLSX_NUMBER },
        { "0.30000000000000004", "0.3", HQ_XLSX_NUMBER },
        { "1234567890123.4567", "1234567890123.4567", HQ_XLSX_INEXACT },
        { "1234567890123.45", "1234567890123.45", HQ_XLSX_NUMBER },
        { "1E-3", "0.001", HQ_XLSX_NUMBER },
        { "1.5e+3", "1500", HQ_XLSX_NUMBER },
        { "4.0000000000000001E-2", "0.04", HQ_XLSX_NUMBER },
        { "999.99999999999989", "1000", HQ_XLSX_NUMBER },
        { "12345678901234567", "12345678901234567", HQ_XLSX_INEXACT },
        { "1E+300", "1E+300", HQ_XLSX_INEXACT },
        { "1E999999999", "1E999999999", HQ_XLSX_INEXACT },
        { "12,5", "12,5", HQ_XLSX_INEXACT },
        { ".5", "0.5", HQ_XLSX_NUMBER },
        { "0", "0", HQ_XLSX_NUMBER },
        { "0.000", "0.000", HQ_XLSX_NUMBER },
    };
    hq_arena *arena = hq_arena_new(1 << 20);
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        hq_xlsx_cell cell = { .row = 1, .column = 1 };
        assert_true(hq_ok(hq_xlsx__number(&cell, hq_sv_from_cstr(cases[i].written),
                                          HQ_XLSX__AS_NUMBER, false, arena)));
        if (cases[i].kind != cell.kind) {
            fail_msg("%s became kind %d", cases[i].written, (int)cell.kind);
        }
        if (cell.kind == HQ_XLSX_NUMBER) {
            assert_text(cell.text, cases[i].text);
        }
    }
    hq_arena_free(arena);
}

static void days_are_days(void **state)
{
    static const struct {
        const char *written, *text;
        bool from_1904;
    } cases[] = {
        { "46346", "2026-11-20", false },
        { "44884", "2026-11-20", true },
        { "1", "1900-01-01", false },
        { "59", "1900-02-28", false },
        { "61", "1900-03-01", false },
        { "46346.375", "2026-11-20T09:00", false },
        { "0.375", "09:00", false },
        { "0.99999421296296", "23:59:59", false },
        { "46345.999999999", "2026-11-20", false },
        { "60", NULL, false }, /* 29 February 1900 */
        { "-1", NULL, false },
        { "99999999", NULL, false },
    };
    hq_arena *arena = hq_arena_new(1 << 20);
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        hq_xlsx_cell cell = { .row = 1, .column = 1 };
        assert_true(hq_ok(hq_xlsx__number(&cell, hq_sv_from_cstr(cases[i].written),
                                          HQ_XLSX__AS_DATE, cases[i].from_1904, arena)));
        if (cases[i].text == NULL) {
            assert_int_equal(cell.kind, HQ_XLSX_INEXACT);
        } else {
            assert_int_equal(cell.kind, HQ_XLSX_DATE);
            assert_text(cell.text, cases[i].text);
        }
    }
    hq_arena_free(arena);
}

static void texts_lose_their_escapes(void **state)
{
    hq_arena *arena = hq_arena_new(1 << 20);
    (void)state;
    assert_text(hq_xlsx__settle(HQ_SV("a_x000D_\nb"), arena), "a\nb");
    assert_text(hq_xlsx__settle(HQ_SV("a\r\nb\rc"), arena), "a\nb\nc");
    assert_text(hq_xlsx__settle(HQ_SV("_x005F_x0041_"), arena), "_x0041_");
    assert_text(hq_xlsx__settle(HQ_SV("_x0041_ _xD800_ _x00e9_"), arena), "A _xD800_ é");
    hq_arena_free(arena);
}

static void addresses_go_both_ways(void **state)
{
    static const struct {
        const char *text;
        uint32_t row, column;
    } cases[] = {
        { "A1", 1, 1 }, { "Z9", 9, 26 }, { "AA10", 10, 27 }, { "XFD1048576", 1048576, 16384 }
    };
    char text[12];
    uint32_t row;
    uint32_t column;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_text(hq_xlsx_address(text, cases[i].row, cases[i].column), cases[i].text);
        assert_true(hq_xlsx_address_parse(&row, &column, hq_sv_from_cstr(cases[i].text)));
        assert_int_equal(row, cases[i].row);
        assert_int_equal(column, cases[i].column);
    }
    assert_false(hq_xlsx_address_parse(&row, &column, HQ_SV("A0")));
    assert_false(hq_xlsx_address_parse(&row, &column, HQ_SV("1A")));
    assert_false(hq_xlsx_address_parse(&row, &column, HQ_SV("AAAA1")));
}

/* ------------------------------------------------------------------ round trip */

typedef struct {
    hq_buf seen;
} gathered;

static hq_status gather(void *user, const hq_xlsx_cell *cells, size_t count)
{
    gathered *g = user;
    for (size_t i = 0; i < count; i++) {
        char address[12];
        hq_buf_sv(&g->seen, hq_xlsx_address(address, cells[i].row, cells[i].column));
        hq_buf_char(&g->seen, '=');
        hq_buf_sv(&g->seen, cells[i].text);
        hq_buf_char(&g->seen, ' ');
    }
    return hq_buf_status(&g->seen);
}

static void write_book(hq_buf *out)
{
    hq_xlsx_book *book;
    assert_true(hq_ok(hq_xlsx_book_new(&book)));
    assert_true(hq_ok(hq_xlsx_book_sheet(book, "declarations", 2)));
    hq_xlsx_book_as_text(book, 1, 3);
    assert_true(hq_ok(hq_xlsx_book_put(book, 1, 1, HQ_XLSX_HEAD, HQ_SV("Mã số thuế"))));
    assert_true(hq_ok(hq_xlsx_book_put(book, 3, 2, HQ_XLSX_PLAIN, HQ_SV("0100233488"))));
    assert_true(hq_ok(hq_xlsx_book_put(book, 3, 3, HQ_XLSX_WRONG, HQ_SV("=1+1"))));
    assert_true(hq_ok(hq_xlsx_book_sheet(book, "Lists", 0)));
    assert_true(hq_ok(hq_xlsx_book_put(book, 1, 1, HQ_XLSX_PLAIN, HQ_SV("A11"))));
    assert_true(hq_ok(hq_xlsx_book_end(book, out)));
}

static void what_is_written_is_read(void **state)
{
    hq_arena *arena = hq_arena_new(64 << 20);
    hq_buf file = HQ_BUF_HEAP(1 << 20), again = HQ_BUF_HEAP(1 << 20);
    gathered g = { HQ_BUF_HEAP(1 << 16) };
    hq_xlsx_taker taker = { .row = gather, .user = &g };
    hq_xlsx *xlsx;
    hq_why why = { 0 };
    (void)state;
    write_book(&file);
    write_book(&again);
    assert_true(hq_sv_eq(hq_buf_view(&file), hq_buf_view(&again)));
    assert_true(hq_ok(hq_xlsx_open(&xlsx, hq_buf_view(&file), &HQ_XLSX_LIMITS, arena, &why)));
    assert_int_equal(hq_xlsx_sheet_count(xlsx), 2);
    assert_text(hq_xlsx_sheet_at(xlsx, 1)->name, "Lists");
    assert_true(hq_ok(hq_xlsx_read(xlsx, 0, &taker, &why)));
    assert_text(hq_buf_view(&g.seen), "A1=Mã số thuế B3=0100233488 C3==1+1 ");
    hq_xlsx_close(xlsx);
    hq_buf_free(&g.seen);
    hq_buf_free(&file);
    hq_buf_free(&again);
    hq_arena_free(arena);
}

/* Cut anywhere, it is refused with a sentence. */
static void a_cut_file_is_refused(void **state)
{
    hq_buf file = HQ_BUF_HEAP(1 << 20);
    (void)state;
    write_book(&file);
    for (size_t len = 0; len < file.len; len += 97) {
        hq_arena *arena = hq_arena_new(64 << 20);
        hq_xlsx *xlsx;
        hq_why why = { 0 };
        hq_status s = hq_xlsx_open(&xlsx, hq_sv_make(file.ptr, len), &HQ_XLSX_LIMITS, arena, &why);
        assert_true(s.code == HQ_E_SYNTAX || s.code == HQ_E_MEDIA);
        assert_true(why.vi.len > 0 && why.en.len > 0);
        hq_arena_free(arena);
    }
    hq_buf_free(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_what_was_typed), cmocka_unit_test(days_are_days),
        cmocka_unit_test(texts_lose_their_escapes),   cmocka_unit_test(addresses_go_both_ways),
        cmocka_unit_test(what_is_written_is_read),    cmocka_unit_test(a_cut_file_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
