/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Workbooks of spreadsheets (XLSX, ECMA-376 as Excel and LibreOffice write it). Reading goes over
 * bytes held in memory and hands out a sheet row by row, each cell as text: what somebody typed,
 * not what a program would compute. Nothing of a number passes through a binary fraction, a day is
 * a day, and a formula is told as a formula: its cached value is somebody else's arithmetic and is
 * not handed out. Everything is bounded; DTDs, entities and anything outside the file are refused.
 *
 * Writing makes plain tables: texts only, so that no spreadsheet runs what stands in a cell. */

#include "base/base.h"

typedef struct hq_xlsx hq_xlsx;

typedef struct {
    size_t unpacked_max;            /* bytes, of all parts that are read together */
    uint32_t rows_max;              /* of a sheet, rows that hold anything */
    uint32_t columns_max;           /* the last column that may hold anything */
    uint32_t strings_max;           /* shared strings */
    size_t text_max;                /* bytes of all shared strings together */
    uint32_t sheets_max, parts_max; /* parts: files in the archive */
} hq_xlsx_limits;
#define HQ_XLSX_LIMITS                                                                             \
    ((hq_xlsx_limits){ .unpacked_max = (size_t)256 << 20,                                          \
                       .rows_max = 100000,                                                         \
                       .columns_max = 512,                                                         \
                       .strings_max = 1000000,                                                     \
                       .text_max = (size_t)64 << 20,                                               \
                       .sheets_max = 64,                                                           \
                       .parts_max = 2000 })

typedef enum {
    HQ_XLSX_TEXT,
    HQ_XLSX_NUMBER,  /* plain decimals: "1234.50" as written, "1E-3" as "0.001" */
    HQ_XLSX_DATE,    /* of a number shown as a date or time: YYYY-MM-DD, HH:MM, or both with a T */
    HQ_XLSX_BOOL,    /* TRUE, FALSE */
    HQ_XLSX_FORMULA, /* text: the formula, empty where it is shared with another cell */
    HQ_XLSX_FAULT,   /* an error of the spreadsheet, text: "#REF!" */
    HQ_XLSX_INEXACT  /* a number of more than 15 digits that no spreadsheet can hold, or a date that
                        there is not; text: as it stands in the file */
} hq_xlsx_kind;

typedef struct {
    uint32_t row, column; /* from 1 */
    hq_xlsx_kind kind;
    hq_sv text; /* UTF-8, line ends as \n; never empty but for HQ_XLSX_FORMULA */
} hq_xlsx_cell;

typedef struct {
    hq_sv name;
    bool hidden;
} hq_xlsx_sheet;

/* Takes what the file is made of; `file` stays the caller's until hq_xlsx_close. MEDIA: no XLSX, or
 * one with macros, a password, in an older form. SYNTAX: damaged. LIMIT. Each with *why. */
hq_status hq_xlsx_open(hq_xlsx **out, hq_sv file, const hq_xlsx_limits *limits, hq_arena *arena,
                       hq_why *why);
void hq_xlsx_close(hq_xlsx *xlsx); /* NULL is fine */

size_t hq_xlsx_sheet_count(const hq_xlsx *xlsx);
const hq_xlsx_sheet *hq_xlsx_sheet_at(const hq_xlsx *xlsx, size_t index);

/* Rows come in order, cells in order of their columns; cells and texts are valid until `row`
 * returns. What fails in a function ends the reading with that status. */
typedef struct {
    hq_status (*row)(void *user, const hq_xlsx_cell *cells, size_t count);
    hq_status (*merged)(void *user, hq_sv range); /* "B2:C3", after all rows; may be NULL */
    void *user;
} hq_xlsx_taker;
hq_status hq_xlsx_read(hq_xlsx *xlsx, size_t sheet, const hq_xlsx_taker *taker, hq_why *why);

/* "C7" into text[12]; and back, false when it is none. */
hq_sv hq_xlsx_address(char text[12], uint32_t row, uint32_t column);
bool hq_xlsx_address_parse(uint32_t *row, uint32_t *column, hq_sv address);

/* ------------------------------------------------------------------ writing */

typedef struct hq_xlsx_book hq_xlsx_book;
typedef enum {
    HQ_XLSX_PLAIN,
    HQ_XLSX_HEAD,   /* bold on grey */
    HQ_XLSX_SECOND, /* italic on grey: the same in another language */
    HQ_XLSX_KEY,    /* small and grey: what programs read */
    HQ_XLSX_GOOD,
    HQ_XLSX_WRONG,
    HQ_XLSX_LOOK /* number of looks follows */
} hq_xlsx_look;
#define HQ_XLSX_LOOKS HQ_XLSX_LOOK

/* NOMEM, IO. */
hq_status hq_xlsx_book_new(hq_xlsx_book **out);
/* Begins a sheet; cells go to the sheet begun last. `frozen`: rows that stay in sight. */
hq_status hq_xlsx_book_sheet(hq_xlsx_book *book, const char *name, uint32_t frozen);
void hq_xlsx_book_width(hq_xlsx_book *book, uint32_t column, double characters);
/* A text cell (cut at 32,767 characters); an empty text leaves the cell but for its look. Columns
 * get the text format beforehand with `as_text`, so that 0100233488 typed there stays as typed. */
hq_status hq_xlsx_book_put(hq_xlsx_book *book, uint32_t row, uint32_t column, hq_xlsx_look look,
                           hq_sv text);
void hq_xlsx_book_as_text(hq_xlsx_book *book, uint32_t first, uint32_t last);
/* A list to choose from for the rows of a column: cells of another sheet, "=Lists!$A$3:$A$20". */
hq_status hq_xlsx_book_choices(hq_xlsx_book *book, uint32_t column, uint32_t first_row,
                               uint32_t last_row, const char *cells);
/* Ends the book, which is freed in any case, and appends the file's bytes. The same cells give the
 * same bytes. */
hq_status hq_xlsx_book_end(hq_xlsx_book *book, hq_buf *out);
