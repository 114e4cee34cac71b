/* SPDX-License-Identifier: Apache-2.0 */
#include "reference/tables.h"

/* A CSV file into canonical rows: header, cells, and the rules that one row must keep by itself. */

typedef struct {
    const hq_ref__table *table;
    hq_ref__findings *findings;
    hq_arena *arena;         /* the import's */
    int at[HQ_REF__COLUMNS]; /* place in the file of each column of the spec, -1: absent */
    hq_ref__row *rows;
    size_t count, cap;
    hq_buf joined; /* scratch for the cells of a row */
} reader;

void hq_ref__find(hq_ref__findings *findings, hq_severity severity, const char *rule, uint32_t line,
                  const char *column, hq_sv value, hq_sv vi, hq_sv en)
{
    findings->errors += severity == HQ_SEVERITY_ERROR;
    if (findings->count == HQ_REF__FINDINGS_MAX) {
        findings->more = true;
        return;
    }
    if (findings->items == NULL) {
        findings->items = HQ_NEW_ARRAY(findings->arena, hq_finding, HQ_REF__FINDINGS_MAX);
    }
    hq_buf text = HQ_BUF_ARENA(findings->arena, 16384);
    hq_json_w json = hq_json_writer(&text);
    hq_json_text(&json, hq_sv_sub(value, 0, 200));
    hq_sv path = line == 0 ? hq_arena_printf(findings->arena, "/%s", column)
                           : hq_arena_printf(findings->arena, "/line/%u/%s", line, column);
    hq_sv vi_kept = hq_arena_dup(findings->arena, vi);
    hq_sv en_kept = hq_arena_dup(findings->arena, en);
    if (findings->items == NULL || hq_failed(hq_buf_status(&text)) || path.ptr == NULL ||
        vi_kept.ptr == NULL || en_kept.ptr == NULL) {
        findings->failed = true;
        return;
    }
    findings->items[findings->count++] = (hq_finding){
        .rule = hq_sv_from_cstr(rule),
        .severity = severity,
        .path = path,
        .value = value.ptr == NULL ? HQ_SV("") : hq_buf_view(&text),
        .vi = vi_kept,
        .en = en_kept,
    };
}

/* ------------------------------------------------------------------ header */

static void unknown_column(reader *r, hq_sv name)
{
    hq_sv known[HQ_REF__COLUMNS];
    for (size_t i = 0; i < r->table->column_count; i++) {
        known[i] = hq_sv_from_cstr(r->table->columns[i].name);
    }
    hq_sv nearest = hq_sv_nearest(name, known, r->table->column_count);
    hq_sv vi =
        hq_arena_printf(r->arena, "Bảng %s không có cột \"%.*s\"", r->table->name, HQ_SV_FMT(name));
    hq_sv en = hq_arena_printf(r->arena, "Table %s has no column \"%.*s\"", r->table->name,
                               HQ_SV_FMT(name));
    if (nearest.ptr != NULL) {
        vi = hq_arena_printf(r->arena, "%.*s; có phải là \"%.*s\"?", HQ_SV_FMT(vi),
                             HQ_SV_FMT(nearest));
        en = hq_arena_printf(r->arena, "%.*s; did you mean \"%.*s\"?", HQ_SV_FMT(en),
                             HQ_SV_FMT(nearest));
    }
    hq_ref__find(r->findings, HQ_SEVERITY_ERROR, "REF01", 1, "header", name, vi, en);
}

static void place_column(reader *r, hq_sv name, int place)
{
    for (size_t i = 0; i < r->table->column_count; i++) {
        if (!hq_sv_eq(name, hq_sv_from_cstr(r->table->columns[i].name))) {
            continue;
        }
        if (r->at[i] >= 0) {
            hq_ref__find(
                r->findings, HQ_SEVERITY_ERROR, "REF03", 1, "header", name,
                hq_arena_printf(r->arena, "Cột \"%.*s\" có hai lần", HQ_SV_FMT(name)),
                hq_arena_printf(r->arena, "Column \"%.*s\" stands twice", HQ_SV_FMT(name)));
        }
        r->at[i] = place;
        return;
    }
    unknown_column(r, name);
}

static void read_header(reader *r, const hq_sv *fields, size_t count)
{
    for (size_t i = 0; i < HQ_REF__COLUMNS; i++) {
        r->at[i] = -1;
    }
    for (size_t i = 0; i < count; i++) {
        place_column(r, hq_sv_trim(fields[i]), (int)i);
    }
    for (size_t i = 0; i < r->table->column_count; i++) {
        const hq_ref__column *column = &r->table->columns[i];
        if (r->at[i] >= 0 || (column->flags & HQ_COLUMN_MAY_LACK) != 0) {
            continue;
        }
        hq_ref__find(
            r->findings, HQ_SEVERITY_ERROR, "REF02", 1, "header", HQ_SV_NULL,
            hq_arena_printf(r->arena, "Thiếu cột \"%s\" của bảng %s", column->name, r->table->name),
            hq_arena_printf(r->arena, "Column \"%s\" of table %s is missing", column->name,
                            r->table->name));
    }
}

/* ------------------------------------------------------------------ cells */

static void wrong_cell(reader *r, uint32_t line, const hq_ref__column *column, hq_sv seen)
{
    hq_sv vi;
    hq_sv en;
    hq_ref__expected(&vi, &en, column, r->arena);
    const char *rule = seen.len == 0 ? "REF11" : "REF10";
    hq_sv shown = hq_sv_sub(seen, 0, 80);
    if (seen.len == 0) {
        vi = hq_arena_printf(r->arena, "Cột %s không được để trống: cần %.*s", column->name,
                             HQ_SV_FMT(vi));
        en = hq_arena_printf(r->arena, "Column %s may not be empty: needs %.*s", column->name,
                             HQ_SV_FMT(en));
    } else {
        vi = hq_arena_printf(r->arena, "Cột %s: \"%.*s\" không phải là %.*s", column->name,
                             HQ_SV_FMT(shown), HQ_SV_FMT(vi));
        en = hq_arena_printf(r->arena, "Column %s: \"%.*s\" is not %.*s", column->name,
                             HQ_SV_FMT(shown), HQ_SV_FMT(en));
    }
    hq_ref__find(r->findings, HQ_SEVERITY_ERROR, rule, line, column->name, seen, vi, en);
}

/* Canonical text of one cell; wrong ones become findings and an empty cell. */
static hq_sv read_cell(reader *r, uint32_t line, size_t index, const hq_sv *fields)
{
    const hq_ref__column *column = &r->table->columns[index];
    hq_sv seen = r->at[index] < 0 ? HQ_SV("") : hq_sv_trim(fields[r->at[index]]);
    hq_sv canonical;
    if (seen.len == 0 && column->fallback != NULL) {
        return hq_sv_from_cstr(column->fallback);
    }
    if (seen.len == 0) {
        if ((column->flags & HQ_COLUMN_REQUIRED) != 0) {
            wrong_cell(r, line, column, seen);
        }
        return HQ_SV("");
    }
    if (hq_ref__cell(&canonical, seen, column, r->arena)) {
        return canonical;
    }
    wrong_cell(r, line, column, seen);
    return HQ_SV("");
}

/* ------------------------------------------------------------------ rules of one row */

static void row_rule(reader *r, const hq_ref__row *row, const char *rule, const char *column,
                     hq_sv value, const char *vi, const char *en)
{
    hq_ref__find(r->findings, HQ_SEVERITY_ERROR, rule, row->line, column, value,
                 hq_sv_from_cstr(vi), hq_sv_from_cstr(en));
}

static hq_sv cell_of(const reader *r, const hq_sv *cells, const char *column)
{
    return cells[hq_ref__cell_index(r->table, column)];
}

static void check_tariff(reader *r, const hq_ref__row *row, const hq_sv *cells)
{
    hq_sv tax = cell_of(r, cells, "tax");
    hq_sv scheme = cell_of(r, cells, "scheme");
    hq_sv amount = cell_of(r, cells, "amount");
    bool import = hq_sv_eq(tax, HQ_SV("IMPORT"));
    if (import && scheme.len == 0) {
        row_rule(r, row, "REF20", "scheme", scheme,
                 "Thuế nhập khẩu phải nêu biểu thuế, ví dụ B01 (ưu đãi) hoặc B03 (thông thường)",
                 "An import duty must name its scheme, for example B01 (most favoured nation) or "
                 "B03 (ordinary)");
    }
    if (!import && tax.len > 0 && scheme.len > 0) {
        row_rule(r, row, "REF21", "scheme", scheme, "Chỉ thuế nhập khẩu (IMPORT) có biểu thuế",
                 "Only import duty (IMPORT) has a scheme");
    }
    if (amount.len == 0 && cell_of(r, cells, "rate_percent").len == 0) {
        row_rule(r, row, "REF22", "rate_percent", HQ_SV_NULL,
                 "Cần rate_percent (theo tỷ lệ), amount (tuyệt đối) hoặc cả hai (hỗn hợp)",
                 "Needs rate_percent (ad valorem), amount (specific) or both (compound)");
    }
    if (amount.len > 0 && cell_of(r, cells, "amount_unit").len == 0) {
        row_rule(r, row, "REF23", "amount_unit", HQ_SV_NULL,
                 "Mức thuế tuyệt đối (amount) phải có đơn vị tính amount_unit",
                 "A specific amount needs its amount_unit");
    }
    if (amount.len == 0 && (cell_of(r, cells, "amount_unit").len > 0 ||
                            cell_of(r, cells, "amount_currency").len > 0)) {
        row_rule(r, row, "REF24", "amount", HQ_SV_NULL,
                 "Có amount_unit hoặc amount_currency nhưng thiếu amount",
                 "amount_unit or amount_currency stands without an amount");
    }
}

static void check_check_digit(reader *r, const hq_ref__row *row, hq_sv tax_code)
{
    if (tax_code.len != 10 && tax_code.len != 14) {
        return;
    }
    if (!hq_tax_code_valid(tax_code)) {
        hq_ref__find(r->findings, HQ_SEVERITY_WARNING, "REF25", row->line, "tax_code", tax_code,
                     HQ_SV("Chữ số kiểm tra của mã số thuế không đúng; xin kiểm tra lại"),
                     HQ_SV("The check digit of the tax code is wrong; please check it"));
    }
}

static void check_hours(reader *r, const hq_ref__row *row, const hq_sv *cells)
{
    int from;
    int to;
    if (hq_ref__minutes(&from, cell_of(r, cells, "from")) &&
        hq_ref__minutes(&to, cell_of(r, cells, "to")) && to <= from) {
        row_rule(r, row, "REF26", "to", cell_of(r, cells, "to"),
                 "Giờ kết thúc phải sau giờ bắt đầu", "The end must be after the beginning");
    }
}

static void check_row(reader *r, const hq_ref__row *row, const hq_sv *cells)
{
    if (r->table->dated && row->to < row->from) {
        row_rule(r, row, "REF12", "valid_to", HQ_SV_NULL, "valid_to đứng trước valid_from",
                 "valid_to is before valid_from");
    }
    hq_ref__table_id id = hq_ref__table_id_of(r->table);
    if (id == HQ_REF_TARIFF) {
        check_tariff(r, row, cells);
    } else if (id == HQ_REF_ENTERPRISES) {
        check_check_digit(r, row, cells[0]);
    } else if (id == HQ_REF_OFFICE_HOURS) {
        check_hours(r, row, cells);
    } else if (id == HQ_REF_NOMENCLATURE && cell_of(r, cells, "name_vi").len == 0 &&
               cell_of(r, cells, "name_en").len == 0) {
        row_rule(r, row, "REF28", "name_vi", HQ_SV_NULL,
                 "Cần tên hàng bằng tiếng Việt hoặc tiếng Anh",
                 "Needs a name in Vietnamese or in English");
    } else if (id == HQ_REF_EXCHANGE_RATES && hq_sv_eq(cells[0], HQ_SV("VND"))) {
        row_rule(r, row, "REF27", "currency", cells[0], "VND không cần tỷ giá",
                 "VND needs no exchange rate");
    }
}

/* ------------------------------------------------------------------ rows */

static hq_ref__row *new_row(reader *r)
{
    if (r->count == r->cap) {
        size_t cap = r->cap == 0 ? 1024 : r->cap * 2;
        hq_ref__row *grown = HQ_NEW_ARRAY(r->arena, hq_ref__row, cap);
        if (grown == NULL) {
            return NULL;
        }
        if (r->count > 0) {
            memcpy(grown, r->rows, r->count * sizeof *grown);
        }
        r->rows = grown;
        r->cap = cap;
    }
    return &r->rows[r->count++];
}

static hq_day day_or(hq_sv text, hq_day otherwise)
{
    hq_day day;
    return text.len > 0 && hq_ok(hq_day_parse(&day, text)) ? day : otherwise;
}

static hq_status read_row(reader *r, const hq_sv *fields, uint32_t line)
{
    hq_sv cells[HQ_REF__COLUMNS] = { 0 };
    size_t count = 0;
    hq_ref__row *row = new_row(r);
    if (row == NULL) {
        return HQ_FAIL(NOMEM);
    }
    size_t errors = r->findings->errors;
    *row = (hq_ref__row){ .line = line, .to = HQ_DAY_OPEN };
    row->table = (uint8_t)hq_ref__table_id_of(r->table);
    for (size_t i = 0; i < r->table->column_count; i++) {
        hq_sv cell = read_cell(r, line, i, fields);
        if (r->table->columns[i].kind == HQ_CELL_FROM) {
            row->from = day_or(cell, 0);
        } else if (r->table->columns[i].kind == HQ_CELL_TO) {
            row->to = day_or(cell, HQ_DAY_OPEN);
        } else {
            cells[count++] = cell;
        }
    }
    if (errors == r->findings->errors) {
        check_row(r, row, cells);
    }
    hq_buf_clear(&r->joined);
    for (size_t i = 0; i < count; i++) {
        hq_buf_append(&r->joined, "\t", i > 0);
        hq_buf_sv(&r->joined, cells[i]);
    }
    HQ_TRY(hq_buf_status(&r->joined));
    row->cells = hq_arena_dup(r->arena, hq_buf_view(&r->joined));
    row->key = hq_ref__key(r->table, cells, r->arena);
    return row->cells.ptr == NULL || row->key.ptr == NULL ? HQ_FAIL(NOMEM) : HQ_DONE;
}

static void broken_csv(reader *r, const hq_csv *csv, const hq_why *why)
{
    hq_ref__find(r->findings, HQ_SEVERITY_ERROR, "REF00", (uint32_t)csv->next_line, "csv",
                 HQ_SV_NULL, why->vi, why->en);
}

static hq_status read_all(reader *r, hq_sv text)
{
    hq_csv csv = hq_csv_open(text);
    hq_sv fields[HQ_CSV_COLUMNS_MAX];
    size_t count;
    hq_why why = { 0 };
    hq_status s = hq_csv_next(fields, &count, &csv, r->arena, &why);
    if (s.code == HQ_E_NOT_FOUND) {
        hq_ref__find(r->findings, HQ_SEVERITY_ERROR, "REF00", 1, "header", HQ_SV_NULL,
                     HQ_SV("Tệp trống: cần một dòng tên cột"),
                     HQ_SV("The file is empty: it needs a line of column names"));
        return HQ_DONE;
    }
    if (hq_ok(s)) {
        read_header(r, fields, count);
    }
    if (hq_ok(s) && r->findings->errors > 0) {
        return HQ_DONE; /* every row would only repeat it */
    }
    while (hq_ok(s) && r->findings->errors < HQ_REF__FINDINGS_MAX && !r->findings->failed) {
        s = hq_csv_next(fields, &count, &csv, r->arena, &why);
        if (hq_ok(s)) {
            HQ_TRY(read_row(r, fields, (uint32_t)csv.line));
        }
    }
    if (s.code == HQ_E_SYNTAX) {
        broken_csv(r, &csv, &why);
        return HQ_DONE;
    }
    return s.code == HQ_E_NOT_FOUND ? HQ_DONE : s;
}

hq_status hq_ref__read(hq_ref__row **out, size_t *count, const hq_ref__table *table, hq_sv csv,
                       hq_ref__findings *findings, hq_arena *arena)
{
    reader *r = HQ_NEW(arena, reader);
    if (r == NULL) {
        return HQ_FAIL(NOMEM);
    }
    r->table = table;
    r->findings = findings;
    r->arena = arena;
    r->joined = HQ_BUF_HEAP(1 << 20);
    hq_status s = read_all(r, csv);
    hq_buf_free(&r->joined);
    *out = r->rows;
    *count = r->count;
    return s;
}
