/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "clearance/upload.h"

/* From the cells of a declaration to its JSON, and from a place in that JSON back to the cell. */

/* ------------------------------------------------------------------ JSON of an item */

typedef struct {
    hq_json_w w;
    hq_arena *arena;
    hq_upl__step open[HQ_UPL__DEPTH];
    uint8_t depth;
} writing;

static bool is_same_list(const hq_upl__step *a, const hq_upl__step *b)
{
    return a->element >= 0 && b->element >= 0 && hq_sv_eq(a->name, b->name);
}

static void close_to(writing *to, uint8_t depth, bool keep_list)
{
    while (to->depth > depth) {
        to->depth--;
        hq_json_close(&to->w, '}');
        bool keeps = keep_list && to->depth == depth;
        if (to->open[to->depth].element >= 0 && !keeps) {
            hq_json_close(&to->w, ']');
        }
    }
}

/* Opens what is around the column, closing what is not. */
static void enter(writing *to, const hq_upl__column *column)
{
    uint8_t same = 0;
    while (same < to->depth && same < column->depth &&
           hq_sv_eq(to->open[same].name, column->steps[same].name) &&
           to->open[same].element == column->steps[same].element) {
        same++;
    }
    bool next_element = same < to->depth && same < column->depth &&
                        is_same_list(&to->open[same], &column->steps[same]);
    close_to(to, same, next_element);
    for (uint8_t i = same; i < column->depth; i++) {
        const hq_upl__step *step = &column->steps[i];
        if (!(next_element && i == same)) {
            hq_json_key_sv(&to->w, step->name);
            if (step->element >= 0) {
                hq_json_open(&to->w, '[');
            }
        }
        hq_json_open(&to->w, '{');
        to->open[to->depth++] = *step;
    }
}

/* Whole numbers as numbers; what is none as a text, which the decoder complains of. */
static void put_whole(hq_json_w *w, hq_sv text)
{
    int64_t value;
    if (hq_sv_digits(text) && hq_sv_i64(&value, text)) {
        hq_json_i64(w, value);
    } else {
        hq_json_text(w, text);
    }
}

static void put_list(hq_json_w *w, hq_sv text, bool numbers)
{
    hq_json_open(w, '[');
    for (hq_sv rest = text; rest.ptr != NULL;) {
        hq_sv piece = hq_sv_trim(hq_sv_cut(&rest, ';'));
        if (piece.len > 0 && numbers) {
            put_whole(w, piece);
        } else if (piece.len > 0) {
            hq_json_text(w, piece);
        }
    }
    hq_json_close(w, ']');
}

static void put_cell(writing *to, const hq_upl__column *column, hq_sv text)
{
    const hq_decode__field *field = column->field;
    enter(to, column);
    hq_json_key_n(&to->w, field->name, field->name_len);
    switch ((hq_field_kind)field->kind) {
    case HQ_FIELD_WHOLE:
        put_whole(&to->w, text);
        return;
    case HQ_FIELD_LINES:
        put_list(&to->w, text, true);
        return;
    case HQ_FIELD_TEXTS:
        put_list(&to->w, text, false);
        return;
    case HQ_FIELD_TEXT:
    case HQ_FIELD_TEXT_OR_NONE:
    case HQ_FIELD_CODE:
    case HQ_FIELD_CODE4:
    case HQ_FIELD_LETTER:
    case HQ_FIELD_WORD:
    case HQ_FIELD_HS:
    case HQ_FIELD_TAX:
    case HQ_FIELD_FLOW:
    case HQ_FIELD_DAY:
    case HQ_FIELD_AMOUNT:
    case HQ_FIELD_POSITIVE:
    case HQ_FIELD_OBJECT:
    case HQ_FIELD_OBJECTS:
    case HQ_FIELD_ANY:
    case HQ_FIELD_NUMBER:
    case HQ_FIELD_TIME:
        hq_json_text(&to->w, text);
        return;
    }
}

static int by_column(const void *a, const void *b)
{
    const hq_upl__cell *x = a;
    const hq_upl__cell *y = b;
    return (x->at > y->at) - (x->at < y->at);
}

static void sort(hq_upl__cell *cells, size_t count)
{
    if (count > 1) {
        qsort(cells, count, sizeof *cells, by_column);
    }
}

static void put_lines(writing *to, const hq_upl__file *file, const hq_upl__item *item)
{
    close_to(to, 0, false);
    HQ_JSON_KEY(&to->w, "lines");
    hq_json_open(&to->w, '[');
    for (uint32_t r = 0; r < item->row_count; r++) {
        hq_upl__cell *cells = item->cells + item->rows[r].first;
        sort(cells, item->rows[r].count);
        hq_json_open(&to->w, '{');
        for (uint32_t i = 0; i < item->rows[r].count; i++) {
            put_cell(to, file->used[cells[i].at].column, cells[i].text);
        }
        close_to(to, 0, false);
        hq_json_close(&to->w, '}');
    }
    hq_json_close(&to->w, ']');
}

hq_status hq_upl__json(hq_sv *out, const hq_upl__file *file, const hq_upl__item *item,
                       hq_arena *arena)
{
    hq_buf buf = HQ_BUF_ARENA(arena, HQ_CLR__RECORD_MAX);
    writing to = { .w = hq_json_writer(&buf), .arena = arena };
    bool lines = false;
    sort(item->header, item->header_count);
    hq_json_open(&to.w, '{');
    uint32_t next = 0;
    for (size_t at = 0; at < file->used_count; at++) {
        const hq_upl__column *column = file->used[at].column;
        if (column->of_line && !lines) {
            lines = true;
            put_lines(&to, file, item);
        } else if (next < item->header_count && item->header[next].at == at) {
            put_cell(&to, column, item->header[next++].text);
        }
    }
    close_to(&to, 0, false);
    hq_json_close(&to.w, '}');
    *out = hq_buf_view(&buf);
    hq_buf_fill(&buf, '\0', 64);
    out->ptr = buf.ptr;
    return hq_buf_status(&buf);
}

/* ------------------------------------------------------------------ places */

hq_sv hq_upl__pointer_of(const hq_upl__column *column, size_t line, hq_arena *arena)
{
    hq_buf out = HQ_BUF_ARENA(arena, 512);
    if (column->of_line) {
        hq_buf_lit(&out, "/lines/");
        hq_buf_u64(&out, line);
    }
    for (int i = 0; i < column->depth; i++) {
        hq_buf_char(&out, '/');
        hq_buf_sv(&out, column->steps[i].name);
        if (column->steps[i].element >= 0) {
            hq_buf_char(&out, '/');
            hq_buf_i64(&out, column->steps[i].element);
        }
    }
    hq_buf_char(&out, '/');
    hq_buf_append(&out, column->field->name, column->field->name_len);
    return hq_ok(hq_buf_status(&out)) ? hq_buf_view(&out) : HQ_SV("");
}

static bool element_has_values(const hq_upl__file *file, const hq_upl__cell *cells, size_t count,
                               hq_sv prefix)
{
    for (size_t i = 0; i < count; i++) {
        if (hq_sv_starts(file->used[cells[i].at].column->key, prefix)) {
            return true;
        }
    }
    return false;
}

/* In the JSON elements follow each other, in the file some may be empty: "permits." and 0 is
 * permits.2 where permits.1 has nothing. */
static void put_element(hq_buf *key, const hq_upl__file *file, const hq_upl__cell *cells,
                        size_t count, int64_t wanted)
{
    size_t start = key->len;
    for (int64_t number = 1; number <= 9; number++) {
        key->len = start;
        hq_buf_i64(key, number);
        hq_buf_char(key, '.');
        bool there = element_has_values(file, cells, count, hq_buf_view(key));
        wanted -= there;
        if (wanted < 0) {
            break;
        }
    }
    key->len = key->len > start ? key->len - 1 : start;
}

/* "permits.2.number" of "permits/1/number". */
static void key_of(hq_buf *key, const hq_upl__file *file, const hq_upl__cell *cells, size_t count,
                   hq_sv pointer)
{
    for (hq_sv rest = pointer; rest.ptr != NULL;) {
        int64_t element;
        hq_sv piece = hq_sv_cut(&rest, '/');
        if (piece.len == 0) {
            continue;
        }
        bool is_element = hq_sv_digits(piece) && hq_sv_i64(&element, piece);
        /* The elements of a list of texts share a cell. */
        if (is_element && rest.ptr == NULL) {
            continue;
        }
        if (key->len > 0 && key->ptr[key->len - 1] != '.') {
            hq_buf_char(key, '.');
        }
        if (is_element) {
            put_element(key, file, cells, count, element);
        } else {
            hq_buf_sv(key, piece);
        }
    }
}

/* The column of that key, or the first below it; NULL. */
static const hq_upl__used *used_of(const hq_upl__file *file, hq_sv key)
{
    for (size_t i = 0; i < file->used_count; i++) {
        hq_sv own = file->used[i].column->key;
        bool below = own.len > key.len && own.ptr[key.len] == '.';
        if (hq_sv_starts(own, key) && (own.len == key.len || below)) {
            return &file->used[i];
        }
    }
    return NULL;
}

/* Where the header has its value, else the first row. */
static uint32_t row_of(const hq_upl__file *file, const hq_upl__item *item, const hq_upl__used *used)
{
    for (uint32_t i = 0; i < item->header_count; i++) {
        if (&file->used[item->header[i].at] == used) {
            return item->header[i].row;
        }
    }
    return item->row;
}

hq_sv hq_upl__cell_of(char text[12], const hq_upl__file *file, const hq_upl__item *item,
                      hq_sv pointer)
{
    char bytes[256];
    hq_buf key = { .ptr = bytes, .cap = sizeof bytes, .ceiling = sizeof bytes };
    const hq_upl__cell *cells = item->header;
    size_t count = item->header_count;
    uint32_t row = 0;
    int64_t line;
    if (!file->is_sheet) {
        return HQ_SV_NULL;
    }
    if (hq_sv_starts(pointer, HQ_SV("/lines/"))) {
        hq_sv rest = hq_sv_sub(pointer, 7, pointer.len);
        hq_sv number = hq_sv_cut(&rest, '/');
        if (!hq_sv_digits(number) || !hq_sv_i64(&line, number) || line >= item->row_count) {
            return HQ_SV_NULL;
        }
        const hq_upl__row *of = &item->rows[line];
        row = of->row;
        cells = item->cells + of->first;
        count = of->count;
        pointer = rest.ptr == NULL ? HQ_SV("") : rest;
        hq_buf_lit(&key, "lines");
        if (pointer.len > 0) {
            hq_buf_char(&key, '.');
        }
    }
    key_of(&key, file, cells, count, pointer);
    hq_sv name = key.len == 0 ? HQ_SV("reference") : hq_buf_view(&key);
    const hq_upl__used *used = hq_ok(hq_buf_status(&key)) ? used_of(file, name) : NULL;
    if (used == NULL) {
        return HQ_SV_NULL;
    }
    return hq_xlsx_address(text, row > 0 ? row : row_of(file, item, used), used->column_no);
}
