/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/csv.h"

typedef struct {
    hq_csv *csv;
    hq_arena *arena;
    hq_why *why;
    size_t line;  /* where the field being read starts */
    size_t field; /* its number, from 1 */
} record;

hq_csv hq_csv_open(hq_sv in)
{
    hq_csv csv = { .in = in, .next_line = 1 };
    if (hq_sv_starts(in, HQ_SV("\xef\xbb\xbf"))) {
        csv.at = 3;
    }
    return csv;
}

static hq_status refuse(const record *r, const char *en, const char *vi)
{
    if (r->why != NULL) {
        hq_sv text_en =
            hq_arena_printf(r->arena, "line %zu, column %zu: %s", r->line, r->field, en);
        hq_sv text_vi = hq_arena_printf(r->arena, "dòng %zu, cột %zu: %s", r->line, r->field, vi);
        /* A full arena must not swallow the sentence. */
        *r->why = (hq_why){
            .path = HQ_SV(""),
            .en = text_en.ptr != NULL ? text_en : hq_sv_from_cstr(en),
            .vi = text_vi.ptr != NULL ? text_vi : hq_sv_from_cstr(vi),
        };
    }
    return HQ_FAIL(SYNTAX);
}

/* Length of the line end at csv->at: 1 or 2, 0 when there is none. */
static size_t line_end(const hq_csv *csv)
{
    hq_sv rest = hq_sv_sub(csv->in, csv->at, 2);
    if (hq_sv_starts(rest, HQ_SV("\n"))) {
        return 1;
    }
    return hq_sv_eq(rest, HQ_SV("\r\n")) ? 2 : 0;
}

static void pass_blank_lines(hq_csv *csv)
{
    for (size_t len = line_end(csv); len > 0; len = line_end(csv)) {
        csv->at += len;
        csv->next_line++;
    }
}

static hq_status read_plain(record *r, hq_sv *out)
{
    hq_csv *csv = r->csv;
    size_t from = csv->at;
    for (; csv->at < csv->in.len; csv->at++) {
        char c = csv->in.ptr[csv->at];
        if (c == ',' || c == '\n' || c == '\r') {
            break;
        }
        if (c == '"') {
            return refuse(r, "a quote stands within a field that does not start with one",
                          "có dấu ngoặc kép trong ô không bắt đầu bằng dấu ngoặc kép");
        }
    }
    *out = hq_sv_sub(csv->in, from, csv->at - from);
    return HQ_DONE;
}

static size_t count_lines(hq_sv text)
{
    size_t lines = 0;
    for (size_t at = hq_sv_find(text, '\n', 0); at < text.len;
         at = hq_sv_find(text, '\n', at + 1)) {
        lines++;
    }
    return lines;
}

static hq_status undouble(hq_sv *field, hq_arena *arena)
{
    char *copy = hq_arena_alloc(arena, field->len);
    if (copy == NULL) {
        return HQ_FAIL(NOMEM);
    }
    size_t len = 0;
    for (size_t at = 0; at < field->len; at++) {
        copy[len++] = field->ptr[at];
        at += field->ptr[at] == '"';
    }
    *field = (hq_sv){ copy, len };
    return HQ_DONE;
}

static hq_status read_quoted(record *r, hq_sv *out)
{
    hq_csv *csv = r->csv;
    size_t from = csv->at + 1;
    size_t end = hq_sv_find(csv->in, '"', from);
    bool doubled = false;
    while (end + 1 < csv->in.len && csv->in.ptr[end + 1] == '"') {
        doubled = true;
        end = hq_sv_find(csv->in, '"', end + 2);
    }
    if (end >= csv->in.len) {
        return refuse(r, "the quoted field that starts here has no closing quote",
                      "ô bắt đầu tại đây thiếu dấu ngoặc kép đóng");
    }
    *out = hq_sv_sub(csv->in, from, end - from);
    csv->at = end + 1;
    csv->next_line += count_lines(*out);
    return doubled ? undouble(out, r->arena) : HQ_DONE;
}

static hq_status read_field(record *r, hq_sv *out)
{
    hq_csv *csv = r->csv;
    r->line = csv->next_line;
    bool quoted = csv->at < csv->in.len && csv->in.ptr[csv->at] == '"';
    HQ_TRY(quoted ? read_quoted(r, out) : read_plain(r, out));
    if (!hq_utf8_valid(*out)) {
        return refuse(r, "not valid UTF-8", "không phải UTF-8 hợp lệ");
    }
    if (out->len > 0 && memchr(out->ptr, '\0', out->len) != NULL) {
        return refuse(r, "the character U+0000 is not accepted", "không chấp nhận ký tự U+0000");
    }
    bool ended = csv->at == csv->in.len || csv->in.ptr[csv->at] == ',' || line_end(csv) > 0;
    if (!ended && quoted) {
        return refuse(r, "something follows the closing quote",
                      "còn nội dung sau dấu ngoặc kép đóng");
    }
    if (!ended) {
        return refuse(r, "a carriage return without a line feed", "có ký tự CR không kèm theo LF");
    }
    return HQ_DONE;
}

static hq_status check_columns(record *r, size_t count)
{
    if (r->csv->columns == 0) {
        r->csv->columns = count;
    }
    if (r->csv->columns == count) {
        return HQ_DONE;
    }
    r->line = r->csv->line;
    r->field = count < r->csv->columns ? count : r->csv->columns + 1;
    return refuse(r,
                  count < r->csv->columns ? "this record has fewer fields than the first one"
                                          : "this record has more fields than the first one",
                  count < r->csv->columns ? "bản ghi này có ít ô hơn bản ghi đầu tiên"
                                          : "bản ghi này có nhiều ô hơn bản ghi đầu tiên");
}

hq_status hq_csv_next(hq_sv fields[HQ_CSV_COLUMNS_MAX], size_t *count, hq_csv *csv, hq_arena *arena,
                      hq_why *why)
{
    *count = 0;
    pass_blank_lines(csv);
    if (csv->at >= csv->in.len) {
        return HQ_FAIL(NOT_FOUND);
    }
    csv->line = csv->next_line;
    record r = { .csv = csv, .arena = arena, .why = why };
    for (;;) {
        r.field = *count + 1;
        if (*count == HQ_CSV_COLUMNS_MAX) {
            r.line = csv->line;
            return refuse(&r, "a record may have 256 fields at most",
                          "một bản ghi có nhiều nhất 256 ô");
        }
        HQ_TRY(read_field(&r, &fields[*count]));
        (*count)++;
        if (csv->at == csv->in.len || csv->in.ptr[csv->at] != ',') {
            break;
        }
        csv->at++;
    }
    if (csv->at < csv->in.len) {
        csv->at += line_end(csv);
        csv->next_line++;
    }
    return check_columns(&r, *count);
}

/* A cell that a spreadsheet would run as a formula (tab and carriage return lead into one too). */
static bool runs(hq_sv cell)
{
    hq_decimal number;
    if (cell.len == 0 || memchr("=+-@\t\r", cell.ptr[0], 6) == NULL) {
        return false;
    }
    hq_code parsed = hq_decimal_parse(&number, cell).code;
    return parsed != HQ_E_OK && parsed != HQ_E_RANGE; /* RANGE: a number, only a long one */
}

static void write_cell(hq_buf *buf, hq_sv cell)
{
    bool quoted = cell.len > 0 && (cell.ptr[0] == ' ' || cell.ptr[cell.len - 1] == ' ');
    for (size_t i = 0; i < cell.len && !quoted; i++) {
        quoted = memchr(",\"\r\n", cell.ptr[i], 4) != NULL;
    }
    if (quoted) {
        hq_buf_char(buf, '"');
    }
    if (runs(cell)) {
        hq_buf_char(buf, '\'');
    }
    for (size_t at = 0; at < cell.len;) {
        size_t quote = quoted ? hq_sv_find(cell, '"', at) : cell.len;
        hq_buf_append(buf, cell.ptr + at, quote - at);
        if (quote < cell.len) {
            hq_buf_lit(buf, "\"\"");
            quote++;
        }
        at = quote;
    }
    if (quoted) {
        hq_buf_char(buf, '"');
    }
}

void hq_csv_write(hq_buf *buf, const hq_sv *fields, size_t count)
{
    /* A record of one empty field would read back as a blank line. */
    if (count == 1 && fields[0].len == 0) {
        hq_buf_lit(buf, "\"\"\n");
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (i > 0) {
            hq_buf_char(buf, ',');
        }
        write_cell(buf, fields[i]);
    }
    hq_buf_char(buf, '\n');
}
