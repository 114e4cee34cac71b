/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* CSV (RFC 4180, UTF-8, optional BOM, CRLF or LF). Reading yields records one by one over bytes held
 * in memory; writing guards formulas. */

#include "base/base.h"

typedef struct {
    hq_sv in;
    size_t at;
    size_t line;      /* line of the record last read, from 1 */
    size_t next_line; /* the reader's */
    size_t columns;   /* of the first record; every other must have as many */
} hq_csv;

#define HQ_CSV_COLUMNS_MAX 256

/* Next record into fields[*count] (quoted fields unescaped into the arena). NOT_FOUND at the end;
 * SYNTAX with *why naming line and column of the fault (bare quote, unclosed quote, other number of
 * fields, invalid UTF-8, NUL). Blank lines are passed over. */
hq_status hq_csv_next(hq_sv fields[HQ_CSV_COLUMNS_MAX], size_t *count, hq_csv *csv, hq_arena *arena,
                      hq_why *why);
hq_csv hq_csv_open(hq_sv in); /* skips a BOM */

/* One record and a line feed: quotes where needed, cells that a spreadsheet would run (= + - @ at the start, unless a
 * plain number) get a leading apostrophe. */
void hq_csv_write(hq_buf *buf, const hq_sv *fields, size_t count);
