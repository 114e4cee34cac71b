/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include "codec/codec.h"

enum { CEILING = 64 << 20 };

typedef struct {
    const hq_xlsx_limits *limits;
    uint32_t row, rows;
} reader;

static hq_status take_row(void *user, const hq_xlsx_cell *cells, size_t count)
{
    reader *r = user;
    uint32_t column = 0;
    FUZZ_HOLDS(count > 0 && count <= r->limits->columns_max && cells[0].row > r->row);
    r->row = cells[0].row;
    r->rows++;
    FUZZ_HOLDS(r->rows <= r->limits->rows_max);
    for (size_t i = 0; i < count; i++) {
        char text[12];
        uint32_t row_back;
        uint32_t column_back;
        FUZZ_HOLDS(cells[i].row == r->row && cells[i].column > column);
        column = cells[i].column;
        FUZZ_HOLDS(cells[i].text.len > 0 || cells[i].kind == HQ_XLSX_FORMULA);
        FUZZ_HOLDS(
            hq_xlsx_address_parse(&row_back, &column_back, hq_xlsx_address(text, r->row, column)));
        FUZZ_HOLDS(row_back == r->row && column_back == column);
        if (cells[i].kind == HQ_XLSX_NUMBER) {
            hq_sv digits = cells[i].text;
            for (size_t k = 0; k < digits.len; k++) {
                FUZZ_HOLDS(memchr("-.0123456789", digits.ptr[k], 12) != NULL);
            }
        }
    }
    return HQ_DONE;
}

/* Whatever the archive is, it is read within its bounds or refused with a sentence. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    char *file = fuzz_copy(bytes, len);
    hq_arena *arena = hq_arena_new(CEILING);
    hq_xlsx_limits limits = HQ_XLSX_LIMITS;
    limits.unpacked_max = (size_t)4 << 20;
    limits.rows_max = 1000;
    hq_xlsx *xlsx;
    hq_why why = { 0 };
    hq_status s = hq_xlsx_open(&xlsx, hq_sv_make(file, len), &limits, arena, &why);
    for (size_t i = 0; hq_ok(s) && i < hq_xlsx_sheet_count(xlsx); i++) {
        reader r = { .limits = &limits };
        hq_xlsx_taker taker = { .row = take_row, .user = &r };
        s = hq_xlsx_read(xlsx, i, &taker, &why);
    }
    FUZZ_HOLDS(hq_ok(s) || s.code == HQ_E_NOMEM || why.vi.len > 0);
    hq_xlsx_close(xlsx);
    hq_arena_free(arena);
    free(file);
    return 0;
}
