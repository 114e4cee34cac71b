/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "clearance/findings.h"
#include "clearance/upload.h"

/* From a workbook to declarations: finds the sheet and its row of keys, puts the rows that follow
 * under their references. What is wrong with a cell is the affair of its declaration; what is wrong
 * with the table itself lets nothing of it be filed. */

enum { KEYS_WITHIN = 20, KEYS_LEAST = 3, MERGED_MAX = 100000, COLUMNS = 512 };

typedef struct {
    uint32_t row;
    uint32_t item;
} place;

typedef struct {
    uint32_t first, last;
    hq_sv text;
} merged_rows;

typedef struct {
    hq_upl__file *file;
    hq_arena *arena;
    uint32_t keys_row; /* 0: not found yet */
    uint32_t rows_seen;
    uint16_t used_of[COLUMNS + 1]; /* by column from 1: 1 + place in file->used */
    bool unnamed_told[COLUMNS + 1];
    uint16_t reference; /* column */
    hq_map *by_reference;
    place *places; /* of all rows, in order */
    size_t place_count, place_cap;
    merged_rows *merged;
    size_t merged_count, merged_cap;
} sheet;

/* Room for one more element; NULL: no memory. */
static void *grown(void *items, size_t count, size_t *cap, size_t size, hq_arena *arena)
{
    if (count < *cap) {
        return items;
    }
    size_t more = *cap == 0 ? 8 : 2 * *cap;
    void *larger = hq_arena_alloc(arena, more * size);
    if (larger != NULL && count > 0) {
        memcpy(larger, items, count * size);
    }
    *cap = larger == NULL ? *cap : more;
    return larger;
}

static hq_sv address(const sheet *s, uint32_t row, uint32_t column)
{
    char text[12];
    return hq_arena_dup(s->arena, hq_xlsx_address(text, row, column));
}

/* ------------------------------------------------------------------ keys */

static bool is_keys_row(const hq_xlsx_cell *cells, size_t count)
{
    size_t known = 0;
    for (size_t i = 0; i < count; i++) {
        known += hq_upl__column_of(hq_sv_trim(cells[i].text)) != NULL;
    }
    return known >= KEYS_LEAST;
}

static void find_unknown_key(sheet *s, const hq_xlsx_cell *cell)
{
    hq_sv key = hq_sv_trim(cell->text);
    hq_sv near = hq_upl__nearest_key(key, s->arena);
    hq_sv args[3] = { address(s, cell->row, cell->column), hq_findings__json_text(s->arena, key),
                      near.ptr == NULL ? HQ_SV("/api/v1/uploads/template.xlsx") : near };
    hq_findings_add(&s->file->found, "HQ389", HQ_SV(""), args[1], args, 3);
}

static void find_second(sheet *s, const hq_upl__used *first, const hq_xlsx_cell *cell)
{
    hq_sv args[3] = { first->column->key, address(s, s->keys_row, first->column_no),
                      address(s, cell->row, cell->column) };
    hq_findings_add(&s->file->found, "HQ390", HQ_SV(""), HQ_SV_NULL, args, 3);
}

static void take_key(sheet *s, const hq_xlsx_cell *cell)
{
    hq_upl__file *file = s->file;
    const hq_upl__column *column = hq_upl__column_of(hq_sv_trim(cell->text));
    if (column == NULL) {
        find_unknown_key(s, cell);
        s->unnamed_told[cell->column] = true;
        return;
    }
    for (size_t i = 0; i < file->used_count; i++) {
        if (file->used[i].column == column) {
            find_second(s, &file->used[i], cell);
            return;
        }
    }
    file->used[file->used_count++] = (hq_upl__used){ column, cell->column };
    if (hq_sv_eq(column->key, HQ_SV("reference"))) {
        s->reference = (uint16_t)cell->column;
    }
}

/* The columns stand in one array in the order of the declaration's fields. */
static int by_field(const void *a, const void *b)
{
    const hq_upl__used *x = a;
    const hq_upl__used *y = b;
    return (x->column > y->column) - (x->column < y->column);
}

static hq_status take_keys(sheet *s, const hq_xlsx_cell *cells, size_t count)
{
    hq_upl__file *file = s->file;
    file->used = HQ_NEW_ARRAY(s->arena, hq_upl__used, count);
    if (file->used == NULL) {
        return HQ_FAIL(NOMEM);
    }
    s->keys_row = cells[0].row;
    for (size_t i = 0; i < count; i++) {
        take_key(s, &cells[i]);
    }
    qsort(file->used, file->used_count, sizeof *file->used, by_field);
    for (size_t i = 0; i < file->used_count; i++) {
        s->used_of[file->used[i].column_no] = (uint16_t)(i + 1);
    }
    if (s->reference == 0) {
        hq_findings_add(&file->found, "HQ395", HQ_SV(""), HQ_SV_NULL, HQ_NO_ARGS);
    }
    return HQ_DONE;
}

/* ------------------------------------------------------------------ items */

/* INVALID: the file has too many. */
static hq_status new_item(hq_upl__item **out, hq_upl__file *file, uint32_t row, hq_sv reference)
{
    if (file->count == HQ_UPL__ITEMS_MAX) {
        hq_findings_add(&file->found, "HQ392", HQ_SV(""), HQ_SV_NULL,
                        HQ_ARGS(hq_findings__i64(file->arena, HQ_UPL__ITEMS_MAX)));
        return HQ_FAIL(INVALID);
    }
    hq_upl__item *item = &file->items[file->count++];
    *item = (hq_upl__item){ .row = row, .reference = reference, .found = { .arena = file->arena } };
    *out = item;
    return HQ_DONE;
}

/* The declaration of a row. */
static hq_status item_of(hq_upl__item **out, sheet *s, const hq_xlsx_cell *cells, size_t count)
{
    hq_sv reference = HQ_SV("");
    for (size_t i = 0; i < count; i++) {
        bool told = cells[i].kind != HQ_XLSX_FORMULA && cells[i].kind != HQ_XLSX_FAULT &&
                    cells[i].kind != HQ_XLSX_INEXACT;
        if (cells[i].column == s->reference && told) {
            reference = hq_sv_trim(cells[i].text);
        }
    }
    *out = reference.len == 0 ? NULL : hq_map_get(s->by_reference, reference);
    if (*out != NULL) {
        return HQ_DONE;
    }
    hq_sv kept = hq_arena_dup(s->arena, reference);
    if (kept.ptr == NULL) {
        return HQ_FAIL(NOMEM);
    }
    HQ_TRY(new_item(out, s->file, cells[0].row, kept));
    if (kept.len > 0) {
        return hq_map_put(s->by_reference, kept, *out);
    }
    hq_findings_add(&(*out)->found, "HQ385", HQ_SV("/reference"), HQ_SV_NULL,
                    HQ_ARGS(hq_findings__i64(s->arena, cells[0].row)));
    return HQ_DONE;
}

/* What of a cell cannot be taken becomes a finding of its declaration; true then. */
static bool is_faulty(sheet *s, hq_upl__item *item, const hq_xlsx_cell *cell, hq_sv pointer)
{
    const char *rule = cell->kind == HQ_XLSX_FORMULA   ? "HQ380"
                       : cell->kind == HQ_XLSX_FAULT   ? "HQ381"
                       : cell->kind == HQ_XLSX_INEXACT ? "HQ382"
                                                       : NULL;
    if (rule == NULL) {
        return false;
    }
    hq_sv text = hq_arena_dup(s->arena, hq_sv_sub(cell->text, 0, 100));
    text.len = hq_utf8_valid_prefix(text);
    hq_sv args[2] = { address(s, cell->row, cell->column), text };
    hq_findings_add(&item->found, rule, pointer, hq_findings__json_text(s->arena, text), args, 2);
    return true;
}

static hq_status add_header(sheet *s, hq_upl__item *item, uint16_t at, const hq_xlsx_cell *cell)
{
    const hq_upl__column *column = s->file->used[at].column;
    hq_sv text = hq_sv_trim(cell->text);
    hq_sv pointer = hq_upl__pointer_of(column, 0, s->arena);
    size_t cap = item->header_cap;
    if (is_faulty(s, item, cell, pointer) || text.len == 0) {
        return HQ_DONE;
    }
    for (uint32_t i = 0; i < item->header_count; i++) {
        const hq_upl__cell *there = &item->header[i];
        if (there->at != at) {
            continue;
        }
        if (!hq_sv_eq(there->text, text)) {
            hq_sv args[2] = { address(s, cell->row, cell->column),
                              address(s, there->row, cell->column) };
            hq_findings_add(&item->found, "HQ384", pointer, hq_findings__json_text(s->arena, text),
                            args, 2);
        }
        return HQ_DONE;
    }
    item->header = grown(item->header, item->header_count, &cap, sizeof *item->header, s->arena);
    hq_sv kept = hq_arena_dup(s->arena, text);
    if (item->header == NULL || kept.ptr == NULL) {
        return HQ_FAIL(NOMEM);
    }
    item->header_cap = (uint32_t)cap;
    item->header[item->header_count++] = (hq_upl__cell){ at, cell->row, kept };
    return HQ_DONE;
}

static hq_status add_of_line(sheet *s, hq_upl__item *item, uint16_t at, const hq_xlsx_cell *cell)
{
    hq_upl__row *row = &item->rows[item->row_count - 1];
    hq_sv text = hq_sv_trim(cell->text);
    size_t cap = item->cell_cap;
    bool faulty = cell->kind == HQ_XLSX_FORMULA || cell->kind == HQ_XLSX_FAULT ||
                  cell->kind == HQ_XLSX_INEXACT;
    if (faulty) {
        (void)is_faulty(
            s, item, cell,
            hq_upl__pointer_of(s->file->used[at].column, item->row_count - 1, s->arena));
        return HQ_DONE;
    }
    item->cells = grown(item->cells, item->cell_count, &cap, sizeof *item->cells, s->arena);
    hq_sv kept = hq_arena_dup(s->arena, text);
    if (item->cells == NULL || kept.ptr == NULL) {
        return HQ_FAIL(NOMEM);
    }
    item->cell_cap = (uint32_t)cap;
    if (text.len > 0) {
        item->cells[item->cell_count++] = (hq_upl__cell){ at, cell->row, kept };
        row->count++;
    }
    return HQ_DONE;
}

static hq_status begin_line(sheet *s, hq_upl__item *item, uint32_t number)
{
    size_t cap = item->row_cap;
    if (item->row_count > 0 && item->rows[item->row_count - 1].row == number) {
        return HQ_DONE;
    }
    item->rows = grown(item->rows, item->row_count, &cap, sizeof *item->rows, s->arena);
    if (item->rows == NULL) {
        return HQ_FAIL(NOMEM);
    }
    item->row_cap = (uint32_t)cap;
    item->rows[item->row_count++] = (hq_upl__row){ .row = number, .first = item->cell_count };
    return HQ_DONE;
}

static void find_unnamed(sheet *s, const hq_xlsx_cell *cell)
{
    if (!s->unnamed_told[cell->column]) {
        s->unnamed_told[cell->column] = true;
        hq_findings_add(&s->file->found, "HQ391", HQ_SV(""), HQ_SV_NULL,
                        HQ_ARGS(address(s, cell->row, cell->column)));
    }
}

static hq_status take_cell(sheet *s, hq_upl__item *item, const hq_xlsx_cell *cell)
{
    uint16_t used = s->used_of[cell->column];
    if (used == 0) {
        find_unnamed(s, cell);
        return HQ_DONE;
    }
    uint16_t at = (uint16_t)(used - 1);
    if (!s->file->used[at].column->of_line) {
        return add_header(s, item, at, cell);
    }
    HQ_TRY(begin_line(s, item, cell->row));
    return add_of_line(s, item, at, cell);
}

static bool is_blank(const hq_xlsx_cell *cells, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (cells[i].kind == HQ_XLSX_FORMULA || hq_sv_trim(cells[i].text).len > 0) {
            return false;
        }
    }
    return true;
}

static hq_status take_row(void *user, const hq_xlsx_cell *cells, size_t count)
{
    sheet *s = user;
    hq_upl__item *item;
    s->rows_seen++;
    if (s->keys_row == 0) {
        bool keys = is_keys_row(cells, count);
        return keys                          ? take_keys(s, cells, count)
               : s->rows_seen == KEYS_WITHIN ? HQ_FAIL(INVALID)
                                             : HQ_DONE;
    }
    if (s->reference == 0) {
        return HQ_FAIL(INVALID);
    }
    if (is_blank(cells, count)) {
        return HQ_DONE;
    }
    HQ_TRY(item_of(&item, s, cells, count));
    for (size_t i = 0; i < count; i++) {
        HQ_TRY(take_cell(s, item, &cells[i]));
    }
    s->places = grown(s->places, s->place_count, &s->place_cap, sizeof *s->places, s->arena);
    if (s->places == NULL) {
        return HQ_FAIL(NOMEM);
    }
    s->places[s->place_count++] = (place){ cells[0].row, (uint32_t)(item - s->file->items) };
    return HQ_DONE;
}

/* ------------------------------------------------------------------ merged cells */

static hq_status take_merged(void *user, hq_sv range)
{
    sheet *s = user;
    hq_sv rest = range;
    uint32_t row[2];
    uint32_t column[2];
    hq_sv from = hq_sv_cut(&rest, ':');
    bool sound = hq_xlsx_address_parse(&row[0], &column[0], from) &&
                 hq_xlsx_address_parse(&row[1], &column[1], rest.ptr == NULL ? from : rest);
    if (!sound || s->merged_count == MERGED_MAX) {
        return HQ_FAIL(INVALID);
    }
    s->merged = grown(s->merged, s->merged_count, &s->merged_cap, sizeof *s->merged, s->arena);
    hq_sv kept = hq_arena_dup(s->arena, range);
    if (s->merged == NULL || kept.ptr == NULL) {
        return HQ_FAIL(NOMEM);
    }
    s->merged[s->merged_count++] = (merged_rows){ row[0], row[1], kept };
    return HQ_DONE;
}

static int by_first(const void *a, const void *b)
{
    const merged_rows *x = a;
    const merged_rows *y = b;
    return (x->first > y->first) - (x->first < y->first);
}

static void tell_merged(const sheet *s, hq_upl__item *item, hq_sv range)
{
    for (size_t i = 0; i < item->found.count; i++) {
        if (hq_sv_eq(item->found.items[i].path, HQ_SV("")) &&
            hq_sv_eq(item->found.items[i].rule, HQ_SV("HQ383"))) {
            return; /* one is enough to know what to do */
        }
    }
    hq_findings_add(&item->found, "HQ383", HQ_SV(""), hq_findings__json_text(s->arena, range),
                    &range, 1);
}

/* Rows and ranges in order, side by side; of ranges that overlap the one that reaches farthest. */
static void find_merged(sheet *s)
{
    size_t next = 0;
    const merged_rows *over = NULL;
    if (s->merged_count > 1) {
        qsort(s->merged, s->merged_count, sizeof *s->merged, by_first);
    }
    for (size_t i = 0; i < s->merged_count; i++) {
        if (s->merged[i].first <= s->keys_row && s->merged[i].last >= s->keys_row) {
            hq_findings_add(&s->file->found, "HQ383", HQ_SV(""), HQ_SV_NULL, &s->merged[i].text, 1);
        }
    }
    for (size_t i = 0; i < s->place_count; i++) {
        uint32_t row = s->places[i].row;
        for (; next < s->merged_count && s->merged[next].first <= row; next++) {
            if (over == NULL || s->merged[next].last > over->last) {
                over = &s->merged[next];
            }
        }
        if (over != NULL && over->last >= row) {
            tell_merged(s, &s->file->items[s->places[i].item], over->text);
        }
    }
}

/* ------------------------------------------------------------------ the file */

static hq_sv names_of(const hq_xlsx *xlsx, hq_arena *arena)
{
    hq_buf out = HQ_BUF_ARENA(arena, 4096);
    for (size_t i = 0; i < hq_xlsx_sheet_count(xlsx) && i < 10; i++) {
        const hq_xlsx_sheet *one = hq_xlsx_sheet_at(xlsx, i);
        if (i > 0) {
            hq_buf_lit(&out, ", ");
        }
        hq_buf_sv(&out, hq_sv_sub(one->name, 0, 124));
        if (one->hidden) {
            hq_buf_lit(&out, " [hidden]");
        }
    }
    return hq_ok(hq_buf_status(&out)) ? hq_buf_view(&out) : HQ_SV("");
}

/* The one named declarations, or the only one that is visible. INVALID. */
static hq_status choose(size_t *out, const hq_xlsx *xlsx, hq_upl__file *file)
{
    size_t visible = 0;
    for (size_t i = 0; i < hq_xlsx_sheet_count(xlsx); i++) {
        const hq_xlsx_sheet *one = hq_xlsx_sheet_at(xlsx, i);
        if (!one->hidden && hq_sv_eq_nocase(one->name, HQ_SV("declarations"))) {
            *out = i;
            return HQ_DONE;
        }
        if (!one->hidden) {
            *out = i;
            visible++;
        }
    }
    if (visible == 1) {
        return HQ_DONE;
    }
    hq_findings_add(&file->found, "HQ394", HQ_SV(""), HQ_SV_NULL,
                    HQ_ARGS(names_of(xlsx, file->arena)));
    return HQ_FAIL(INVALID);
}

static hq_status new_items(hq_upl__file *file)
{
    file->found.arena = file->arena;
    file->items = HQ_NEW_ARRAY(file->arena, hq_upl__item, HQ_UPL__ITEMS_MAX);
    return file->items == NULL ? HQ_FAIL(NOMEM) : HQ_DONE;
}

static hq_status settle(hq_upl__file *file, hq_status read)
{
    if (hq_ok(read) && file->count == 0 && file->found.count == 0) {
        hq_findings_add(&file->found, "HQ393", HQ_SV(""), HQ_SV_NULL, HQ_NO_ARGS);
    }
    if (file->found.failed) {
        return HQ_FAIL(NOMEM);
    }
    return hq_ok(read) && file->found.errors > 0 ? HQ_FAIL(INVALID) : read;
}

static hq_status read_chosen(sheet *s, hq_xlsx *xlsx, hq_why *why)
{
    size_t chosen = 0;
    hq_xlsx_taker taker = { .row = take_row, .merged = take_merged, .user = s };
    HQ_TRY(choose(&chosen, xlsx, s->file));
    hq_status read = hq_xlsx_read(xlsx, chosen, &taker, why);
    if (s->keys_row == 0 && (hq_ok(read) || read.code == HQ_E_INVALID)) {
        hq_findings_add(&s->file->found, "HQ388", HQ_SV(""), HQ_SV_NULL,
                        HQ_ARGS(hq_findings__i64(s->arena, KEYS_WITHIN)));
        return HQ_FAIL(INVALID);
    }
    if (hq_ok(read)) {
        find_merged(s);
    }
    return read;
}

hq_status hq_upl__read_sheet(hq_upl__file *file, hq_sv body, hq_why *why)
{
    hq_xlsx *xlsx;
    sheet *s = HQ_NEW(file->arena, sheet);
    file->is_sheet = true;
    HQ_TRY(s == NULL ? HQ_FAIL(NOMEM) : new_items(file));
    s->file = file;
    s->arena = file->arena;
    s->by_reference = hq_map_new(file->arena, HQ_UPL__ITEMS_MAX, HQ_UPL__ITEMS_MAX + 1);
    HQ_TRY(s->by_reference == NULL ? HQ_FAIL(NOMEM) : HQ_DONE);
    HQ_TRY(hq_xlsx_open(&xlsx, body, &HQ_XLSX_LIMITS, file->arena, why));
    hq_status read = read_chosen(s, xlsx, why);
    hq_xlsx_close(xlsx);
    return settle(file, read);
}

/* ------------------------------------------------------------------ NDJSON */

/* The same reference twice in a file is a slip that would file the goods twice. What the reference
 * is, is only a look here: the decoder reads the line later. */
static void find_twin(hq_upl__file *file, hq_upl__item *item, hq_map *by_reference)
{
    const hq_json *root;
    hq_arena *arena = hq_arena_new((size_t)64 << 20);
    if (arena != NULL && hq_ok(hq_json_parse(&root, item->text, arena, NULL))) {
        hq_sv reference = hq_json_get_text(root, "reference");
        const hq_upl__item *first = reference.len == 0 ? NULL : hq_map_get(by_reference, reference);
        item->reference = hq_arena_dup(file->arena, hq_sv_sub(reference, 0, 200));
        item->reference.len = hq_utf8_valid_prefix(item->reference);
        if (first != NULL) {
            hq_findings_add(&item->found, "HQ386", HQ_SV("/reference"),
                            hq_findings__json_text(file->arena, reference),
                            HQ_ARGS(hq_findings__i64(file->arena, first->row)));
        } else if (item->reference.len == reference.len && reference.len > 0) {
            file->found.failed |= hq_failed(hq_map_put(by_reference, item->reference, item));
        }
    }
    hq_arena_free(arena);
}

hq_status hq_upl__read_ndjson(hq_upl__file *file, hq_sv body, hq_why *why)
{
    uint32_t line = 0;
    (void)why;
    HQ_TRY(new_items(file));
    hq_map *by_reference = hq_map_new(file->arena, HQ_UPL__ITEMS_MAX, HQ_UPL__ITEMS_MAX + 1);
    HQ_TRY(by_reference == NULL ? HQ_FAIL(NOMEM) : HQ_DONE);
    for (hq_sv rest = body; rest.ptr != NULL;) {
        hq_upl__item *item;
        hq_sv text = hq_sv_trim(hq_sv_cut(&rest, '\n'));
        line++;
        if (text.len == 0) {
            continue;
        }
        HQ_TRY(new_item(&item, file, line, HQ_SV("")));
        item->text = text;
        find_twin(file, item, by_reference);
    }
    return settle(file, HQ_DONE);
}
