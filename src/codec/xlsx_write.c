/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/xlsx.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xlsxwriter.h>

/* libxlsxwriter packs into a file that it opens by name: a file in memory is given one. */

enum { CELL_CHARACTERS = 32767 };

struct hq_xlsx_book {
    int file;
    char path[48];
    lxw_workbook *workbook;
    lxw_worksheet *sheet;
    lxw_format *looks[HQ_XLSX_LOOKS];
    lxw_format *text; /* of columns in which nothing is turned into a number */
    char *cell;       /* what is put, ended by a zero */
};

static void close_book(hq_xlsx_book *book)
{
    if (book->file >= 0) {
        close(book->file);
    }
    free(book->cell);
    free(book);
}

static lxw_format *fill(lxw_workbook *workbook, lxw_color_t color)
{
    lxw_format *format = workbook_add_format(workbook);
    if (format != NULL) {
        format_set_num_format_index(format, 49); /* text */
        format_set_pattern(format, LXW_PATTERN_SOLID);
        format_set_bg_color(format, color);
    }
    return format;
}

static bool make_looks(hq_xlsx_book *book)
{
    lxw_workbook *workbook = book->workbook;
    lxw_format **looks = book->looks;
    looks[HQ_XLSX_PLAIN] = book->text = workbook_add_format(workbook);
    looks[HQ_XLSX_HEAD] = fill(workbook, 0xE7E9ED);
    looks[HQ_XLSX_SECOND] = fill(workbook, 0xE7E9ED);
    looks[HQ_XLSX_KEY] = fill(workbook, 0xF4F5F7);
    looks[HQ_XLSX_GOOD] = fill(workbook, 0xDDF1E3);
    looks[HQ_XLSX_WRONG] = fill(workbook, 0xFBE0DD);
    for (size_t i = 0; i < HQ_XLSX_LOOKS; i++) {
        if (looks[i] == NULL) {
            return false;
        }
        format_set_align(looks[i], LXW_ALIGN_VERTICAL_TOP);
    }
    format_set_num_format_index(book->text, 49);
    format_set_bold(looks[HQ_XLSX_HEAD]);
    format_set_italic(looks[HQ_XLSX_SECOND]);
    format_set_font_color(looks[HQ_XLSX_KEY], 0x6B7280);
    format_set_font_size(looks[HQ_XLSX_KEY], 8);
    return true;
}

/* The same book has the same bytes, whenever it is made. */
static void fix_properties(lxw_workbook *workbook)
{
    lxw_doc_properties properties = { .created = (time_t)946684800 };
    (void)workbook_set_properties(workbook, &properties);
}

hq_status hq_xlsx_book_new(hq_xlsx_book **out)
{
    hq_xlsx_book *book = calloc(1, sizeof *book);
    if (book == NULL) {
        return HQ_FAIL(NOMEM);
    }
    book->cell = malloc(CELL_CHARACTERS + 1);
    book->file = memfd_create("xlsx", MFD_CLOEXEC);
    if (book->cell == NULL || book->file < 0) {
        close_book(book);
        return HQ_FAIL(NOMEM);
    }
    (void)snprintf(book->path, sizeof book->path, "/proc/self/fd/%d", book->file);
    book->workbook = workbook_new(book->path);
    if (book->workbook == NULL || !make_looks(book)) {
        close_book(book);
        return HQ_FAIL(NOMEM);
    }
    fix_properties(book->workbook);
    *out = book;
    return HQ_DONE;
}

hq_status hq_xlsx_book_sheet(hq_xlsx_book *book, const char *name, uint32_t frozen)
{
    book->sheet = workbook_add_worksheet(book->workbook, name);
    if (book->sheet == NULL) {
        return HQ_FAIL(NOMEM);
    }
    if (frozen > 0) {
        worksheet_freeze_panes(book->sheet, frozen, 1);
    }
    return HQ_DONE;
}

void hq_xlsx_book_width(hq_xlsx_book *book, uint32_t column, double characters)
{
    lxw_col_t at = (lxw_col_t)(column - 1);
    (void)worksheet_set_column(book->sheet, at, at, characters, book->text);
}

void hq_xlsx_book_as_text(hq_xlsx_book *book, uint32_t first, uint32_t last)
{
    (void)worksheet_set_column(book->sheet, (lxw_col_t)(first - 1), (lxw_col_t)(last - 1), 16,
                               book->text);
}

hq_status hq_xlsx_book_put(hq_xlsx_book *book, uint32_t row, uint32_t column, hq_xlsx_look look,
                           hq_sv text)
{
    hq_sv kept = hq_sv_sub(text, 0, CELL_CHARACTERS);
    kept.len = hq_utf8_valid_prefix(kept);
    lxw_row_t r = row - 1;
    lxw_col_t c = (lxw_col_t)(column - 1);
    if (kept.len == 0) {
        return worksheet_write_blank(book->sheet, r, c, book->looks[look]) == LXW_NO_ERROR
                   ? HQ_DONE
                   : HQ_FAIL(NOMEM);
    }
    memcpy(book->cell, kept.ptr, kept.len);
    book->cell[kept.len] = '\0';
    return worksheet_write_string(book->sheet, r, c, book->cell, book->looks[look]) == LXW_NO_ERROR
               ? HQ_DONE
               : HQ_FAIL(NOMEM);
}

hq_status hq_xlsx_book_choices(hq_xlsx_book *book, uint32_t column, uint32_t first_row,
                               uint32_t last_row, const char *cells)
{
    /* The library copies the text it is given. */
    union {
        const char *in;
        char *out;
    } formula = { .in = cells };
    lxw_data_validation choices = { .validate = LXW_VALIDATION_TYPE_LIST_FORMULA,
                                    .ignore_blank = LXW_VALIDATION_ON,
                                    .show_error = LXW_VALIDATION_OFF,
                                    .value_formula = formula.out };
    lxw_col_t c = (lxw_col_t)(column - 1);
    return worksheet_data_validation_range(book->sheet, first_row - 1, c, last_row - 1, c,
                                           &choices) == LXW_NO_ERROR
               ? HQ_DONE
               : HQ_FAIL(NOMEM);
}

static hq_status read_back(hq_buf *out, int file)
{
    struct stat stat;
    if (fstat(file, &stat) != 0 || stat.st_size <= 0) {
        return HQ_FAIL(IO);
    }
    size_t left = (size_t)stat.st_size;
    char *to = hq_buf_reserve(out, left);
    for (off_t at = 0; to != NULL && left > 0;) {
        ssize_t got = pread(file, to, left, at);
        if (got <= 0) {
            return HQ_FAIL(IO);
        }
        to += got;
        at += got;
        left -= (size_t)got;
        out->len += (size_t)got;
    }
    return hq_buf_status(out);
}

hq_status hq_xlsx_book_end(hq_xlsx_book *book, hq_buf *out)
{
    lxw_error packed = workbook_close(book->workbook);
    hq_status s = packed == LXW_NO_ERROR ? read_back(out, book->file) : HQ_FAIL(IO);
    close_book(book);
    return s;
}
