/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/xlsx_inside.h"

/* One sheet, row by row. */

enum { CELL_BYTES = 32767 * 4, ROW_BYTES = 8 << 20, ROW_LAST = 1048576, COLUMN_LAST = 16384 };

typedef enum { IN_NOTHING, IN_VALUE, IN_FORMULA, IN_TEXT } place;

typedef struct {
    const hq_xlsx_taker *taker;
    hq_arena *row_arena;
    hq_xlsx_cell *cells;
    size_t count;
    uint32_t rows; /* that held anything */
    uint32_t row, column;
    bool in_row, in_cell, phonetic;
    place in;
    /* Of the cell in hand. */
    char type; /* n s i(nlineStr) t(str) b e d */
    uint32_t style;
    bool has_formula;
    hq_buf value, formula;
} sheet_reading;

/* ------------------------------------------------------------------ places */

static void out_of_order(hq_xlsx__parse *p, uint32_t row, uint32_t column)
{
    char address[12];
    p->status =
        hq_xlsx__refuse(p->x, HQ_FAIL(SYNTAX), "Ô %.*s có hai lần hoặc sai thứ tự trong tệp",
                        "Cell %.*s stands twice or out of order in the file",
                        HQ_SV_FMT(hq_xlsx_address(address, row, column == 0 ? 1 : column)));
}

static void open_row(hq_xlsx__parse *p, const char **attributes)
{
    sheet_reading *r = p->user;
    hq_sv number = hq_xlsx__attribute(attributes, "r");
    int64_t row = (int64_t)r->row + 1;
    if (number.ptr != NULL && (!hq_sv_i64(&row, number) || row > ROW_LAST || row < 1)) {
        p->status =
            hq_xlsx__refuse(p->x, HQ_FAIL(SYNTAX), "Số dòng %.*s không có trong bảng tính",
                            "No spreadsheet has a row %.*s", HQ_SV_FMT(hq_sv_sub(number, 0, 20)));
        return;
    }
    if (row <= (int64_t)r->row) {
        out_of_order(p, (uint32_t)row, 1);
        return;
    }
    r->row = (uint32_t)row;
    r->column = 0;
    r->count = 0;
    r->in_row = true;
    hq_arena_reset(r->row_arena);
    r->cells = NULL;
}

static char type_of(hq_sv type)
{
    static const struct {
        hq_sv name;
        char type;
    } types[] = { { { "s", 1 }, 's' }, { { "inlineStr", 9 }, 'i' }, { { "str", 3 }, 't' },
                  { { "b", 1 }, 'b' }, { { "e", 1 }, 'e' },         { { "d", 1 }, 'd' } };
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (hq_sv_eq(type, types[i].name)) {
            return types[i].type;
        }
    }
    return 'n';
}

static void open_cell(hq_xlsx__parse *p, const char **attributes)
{
    sheet_reading *r = p->user;
    hq_sv address = hq_xlsx__attribute(attributes, "r");
    hq_sv style = hq_xlsx__attribute(attributes, "s");
    uint32_t row = r->row;
    uint32_t column = r->column + 1;
    int64_t number = 0;
    if (address.ptr != NULL &&
        (!hq_xlsx_address_parse(&row, &column, address) || row != r->row || column > COLUMN_LAST)) {
        p->status = hq_xlsx__refuse(p->x, HQ_FAIL(SYNTAX), "Địa chỉ ô %.*s không đúng chỗ",
                                    "The address %.*s of a cell is not where it stands",
                                    HQ_SV_FMT(hq_sv_sub(address, 0, 20)));
        return;
    }
    if (column <= r->column) {
        out_of_order(p, row, column);
        return;
    }
    r->column = column;
    r->type = type_of(hq_xlsx__attribute(attributes, "t"));
    r->style =
        hq_sv_i64(&number, style) && number >= 0 && number <= INT32_MAX ? (uint32_t)number : 0;
    r->in_cell = true;
    r->has_formula = false;
    hq_buf_clear(&r->value);
    hq_buf_clear(&r->formula);
}

static void open_in_sheet(hq_xlsx__parse *p, hq_sv name, const char **attributes)
{
    sheet_reading *r = p->user;
    if (hq_sv_eq(name, HQ_SV("row"))) {
        open_row(p, attributes);
    } else if (r->in_row && hq_sv_eq(name, HQ_SV("c"))) {
        open_cell(p, attributes);
    } else if (r->in_cell && hq_sv_eq(name, HQ_SV("v"))) {
        r->in = IN_VALUE;
    } else if (r->in_cell && hq_sv_eq(name, HQ_SV("f"))) {
        r->in = IN_FORMULA;
        r->has_formula = true;
    } else if (r->in_cell && hq_sv_eq(name, HQ_SV("rPh"))) {
        r->phonetic = true;
    } else if (r->in_cell && hq_sv_eq(name, HQ_SV("t"))) {
        r->in = r->phonetic ? IN_NOTHING : IN_TEXT;
    } else if (hq_sv_eq(name, HQ_SV("mergeCell")) && r->taker->merged != NULL) {
        p->status = r->taker->merged(r->taker->user, hq_xlsx__attribute(attributes, "ref"));
    }
}

static void text_in_sheet(hq_xlsx__parse *p, hq_sv text)
{
    sheet_reading *r = p->user;
    if (r->in == IN_NOTHING) {
        return;
    }
    hq_buf *to = r->in == IN_FORMULA ? &r->formula : &r->value;
    hq_buf_sv(to, text);
    if (hq_failed(hq_buf_status(to))) {
        char address[12];
        p->status = hq_xlsx__refuse(p->x, HQ_FAIL(LIMIT), "Ô %.*s dài hơn 32767 ký tự",
                                    "Cell %.*s has more than 32767 characters",
                                    HQ_SV_FMT(hq_xlsx_address(address, r->row, r->column)));
    }
}

/* ------------------------------------------------------------------ values */

static hq_status shared_text(hq_sv *out, hq_xlsx *x, const sheet_reading *r)
{
    int64_t index;
    hq_sv value = hq_sv_trim(hq_buf_view(&r->value));
    if (value.len == 0) {
        *out = HQ_SV("");
        return HQ_DONE;
    }
    if (!hq_sv_i64(&index, value) || index < 0 || (uint64_t)index >= x->string_count) {
        char address[12];
        return hq_xlsx__refuse(x, HQ_FAIL(SYNTAX), "Ô %.*s trỏ tới chuỗi không có trong tệp",
                               "Cell %.*s points to a string that the file does not have",
                               HQ_SV_FMT(hq_xlsx_address(address, r->row, r->column)));
    }
    *out = x->strings[index];
    return HQ_DONE;
}

static hq_status own_text(hq_sv *out, sheet_reading *r)
{
    *out = hq_xlsx__settle(hq_buf_view(&r->value), r->row_arena);
    return out->ptr == NULL ? HQ_FAIL(NOMEM) : HQ_DONE;
}

static hq_status value_of(hq_xlsx_cell *cell, hq_xlsx *x, sheet_reading *r)
{
    hq_sv raw = hq_sv_trim(hq_buf_view(&r->value));
    if (r->has_formula) {
        cell->kind = HQ_XLSX_FORMULA;
        cell->text = hq_arena_dup(r->row_arena, hq_buf_view(&r->formula));
        return cell->text.ptr == NULL ? HQ_FAIL(NOMEM) : HQ_DONE;
    }
    cell->kind = HQ_XLSX_TEXT;
    switch (r->type) {
    case 's':
        return shared_text(&cell->text, x, r);
    case 'b':
        cell->kind = HQ_XLSX_BOOL;
        cell->text = raw.len == 0                    ? raw
                     : hq_sv_eq(raw, HQ_SV("0"))     ? HQ_SV("FALSE")
                     : hq_sv_eq(raw, HQ_SV("false")) ? HQ_SV("FALSE")
                                                     : HQ_SV("TRUE");
        return HQ_DONE;
    case 'n': {
        hq_sv kept = hq_arena_dup(r->row_arena, raw);
        uint8_t shown = r->style < x->shown_count ? x->shown[r->style] : HQ_XLSX__AS_NUMBER;
        cell->text = kept;
        return kept.ptr == NULL ? HQ_FAIL(NOMEM)
               : kept.len == 0
                   ? HQ_DONE
                   : hq_xlsx__number(cell, kept, (hq_xlsx__shown)shown, x->from_1904, r->row_arena);
    }
    case 'e':
        cell->kind = HQ_XLSX_FAULT;
        break;
    case 'd': /* ISO 8601, a day at midnight is a day */
        cell->kind = HQ_XLSX_DATE;
        if (hq_sv_ends(raw, HQ_SV("T00:00:00")) || hq_sv_ends(raw, HQ_SV("T00:00:00.000"))) {
            r->value.len = 10;
        }
        break;
    default:
        break;
    }
    return own_text(&cell->text, r);
}

static hq_status too_wide(hq_xlsx *x, const sheet_reading *r)
{
    char address[12];
    return hq_xlsx__refuse(
        x, HQ_FAIL(LIMIT), "Ô %.*s nằm ngoài %u cột được nhận; hãy xóa các cột thừa",
        "Cell %.*s lies beyond the %u columns that are taken; delete what is "
        "not needed",
        HQ_SV_FMT(hq_xlsx_address(address, r->row, r->column)), x->limits.columns_max);
}

/* A row takes what it takes up to a ceiling: who reaches it has more in a row than goods have
 * words.
 */
static hq_status too_long(hq_xlsx *x, const sheet_reading *r)
{
    if (hq_arena_used(r->row_arena) < ROW_BYTES / 2) {
        return HQ_FAIL(NOMEM);
    }
    return hq_xlsx__refuse(x, HQ_FAIL(LIMIT), "Dòng %u dài hơn %d MiB",
                           "Row %u has more than %d MiB", r->row, ROW_BYTES >> 21);
}

static void close_cell(hq_xlsx__parse *p)
{
    sheet_reading *r = p->user;
    hq_xlsx *x = p->x;
    hq_xlsx_cell cell = { .row = r->row, .column = r->column };
    r->in_cell = r->phonetic = false;
    r->in = IN_NOTHING;
    p->status = value_of(&cell, x, r);
    if (p->status.code == HQ_E_NOMEM) {
        p->status = too_long(x, r);
    }
    if (hq_failed(p->status) || (cell.text.len == 0 && cell.kind != HQ_XLSX_FORMULA)) {
        return;
    }
    if (r->column > x->limits.columns_max) {
        p->status = too_wide(x, r);
        return;
    }
    if (r->cells == NULL) {
        r->cells = HQ_NEW_ARRAY(r->row_arena, hq_xlsx_cell, x->limits.columns_max);
    }
    if (r->cells == NULL) {
        p->status = too_long(x, r);
        return;
    }
    r->cells[r->count++] = cell;
}

static void close_row(hq_xlsx__parse *p)
{
    sheet_reading *r = p->user;
    r->in_row = false;
    if (r->count == 0) {
        return;
    }
    if (++r->rows > p->x->limits.rows_max) {
        p->status = hq_xlsx__refuse(
            p->x, HQ_FAIL(LIMIT), "Trang tính có hơn %u dòng; hãy chia thành nhiều tệp",
            "The sheet has more than %u rows; divide it into several files", p->x->limits.rows_max);
        return;
    }
    p->status = r->taker->row(r->taker->user, r->cells, r->count);
}

static void close_in_sheet(hq_xlsx__parse *p, hq_sv name)
{
    sheet_reading *r = p->user;
    if (r->in_cell && hq_sv_eq(name, HQ_SV("c"))) {
        close_cell(p);
    } else if (hq_sv_eq(name, HQ_SV("row"))) {
        close_row(p);
    } else if (hq_sv_eq(name, HQ_SV("rPh"))) {
        r->phonetic = false;
    } else if (hq_sv_eq(name, HQ_SV("v")) || hq_sv_eq(name, HQ_SV("f")) ||
               hq_sv_eq(name, HQ_SV("t"))) {
        r->in = IN_NOTHING;
    }
}

hq_status hq_xlsx_read(hq_xlsx *x, size_t sheet, const hq_xlsx_taker *taker, hq_why *why)
{
    sheet_reading r = { .taker = taker,
                        .row_arena = hq_arena_new(ROW_BYTES),
                        .value = HQ_BUF_HEAP(CELL_BYTES),
                        .formula = HQ_BUF_HEAP(CELL_BYTES) };
    hq_xlsx__parse parse = {
        .open = open_in_sheet, .close = close_in_sheet, .text = text_in_sheet, .user = &r
    };
    x->why = why;
    hq_status s = r.row_arena == NULL ? HQ_FAIL(NOMEM) : HQ_FAIL(NOT_FOUND);
    if (r.row_arena != NULL && sheet < x->sheet_count && x->sheet_parts[sheet].ptr != NULL) {
        s = hq_xlsx__parse_part(&parse, x, x->sheet_parts[sheet]);
    }
    if (s.code == HQ_E_NOT_FOUND) {
        s = hq_xlsx__refuse(x, HQ_FAIL(SYNTAX), "Tệp không có nội dung của trang tính này",
                            "The file lacks what stands in this sheet");
    }
    x->why = NULL;
    hq_buf_free(&r.value);
    hq_buf_free(&r.formula);
    hq_arena_free(r.row_arena);
    return s;
}
