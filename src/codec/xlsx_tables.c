/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/xlsx_inside.h"

/* What the cells of all sheets share: texts, and which styles show a number as a day. */

enum { CELL_BYTES = 32767 * 4 };

/* ------------------------------------------------------------------ styles */

#define STYLES_MAX  65536
#define FORMATS_MAX 4096

typedef struct {
    uint32_t id;
    bool date;
} format;

typedef struct {
    format *formats;
    size_t format_count;
    bool in_cells; /* cellXfs, not the styles that cells are named after */
} styles;

/* Formats that every spreadsheet has without writing them down (ECMA-376 18.8.30). */
static bool is_built_in_date(uint32_t id)
{
    return (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47) ||
           (id >= 50 && id <= 58);
}

/* Does the code show parts of a day? Outside quotes, brackets and escapes a letter of d m y h s. */
static bool shows_date(hq_sv code)
{
    bool quoted = false;
    bool bracketed = false;
    for (size_t i = 0; i < code.len; i++) {
        char c = code.ptr[i];
        if (quoted) {
            quoted = c != '"';
        } else if (bracketed) {
            bracketed = c != ']';
        } else if (c == '"') {
            quoted = true;
        } else if (c == '[') {
            /* [h] counts hours; [Red], [$-42A] do not. */
            hq_sv unit = hq_sv_sub(code, i + 1, 1);
            bool ends =
                i + 2 < code.len && (code.ptr[i + 2] == ']' || code.ptr[i + 2] == unit.ptr[0]);
            if (ends && memchr("hmsHMS", unit.ptr[0], 6) != NULL) {
                return true;
            }
            bracketed = true;
        } else if (c == '\\' || c == '_' || c == '*') {
            i++;
        } else if (memchr("dmyhsDMYHS", c, 10) != NULL) {
            return true;
        }
    }
    return false;
}

static uint32_t number_of(hq_sv text)
{
    int64_t value;
    return hq_sv_i64(&value, text) && value >= 0 && value <= UINT32_MAX ? (uint32_t)value : 0;
}

static void add_format(hq_xlsx__parse *p, const char **attributes)
{
    styles *st = p->user;
    if (st->format_count < FORMATS_MAX) {
        hq_sv code = hq_xlsx__attribute(attributes, "formatCode");
        st->formats[st->format_count++] =
            (format){ number_of(hq_xlsx__attribute(attributes, "numFmtId")),
                      !hq_sv_eq_nocase(code, HQ_SV("General")) && shows_date(code) };
    }
}

static bool is_date(const styles *st, uint32_t id)
{
    for (size_t i = 0; i < st->format_count; i++) {
        if (st->formats[i].id == id) {
            return st->formats[i].date;
        }
    }
    return is_built_in_date(id);
}

static void open_in_styles(hq_xlsx__parse *p, hq_sv name, const char **attributes)
{
    styles *st = p->user;
    hq_xlsx *x = p->x;
    if (hq_sv_eq(name, HQ_SV("numFmt"))) {
        add_format(p, attributes);
    } else if (hq_sv_eq(name, HQ_SV("cellXfs"))) {
        st->in_cells = true;
    } else if (st->in_cells && hq_sv_eq(name, HQ_SV("xf"))) {
        if (x->shown_count == STYLES_MAX) {
            p->status = hq_xlsx__refuse(x, HQ_FAIL(LIMIT), "Tệp có hơn %d kiểu ô",
                                        "The file has more than %d styles of cells", STYLES_MAX);
            return;
        }
        uint32_t id = number_of(hq_xlsx__attribute(attributes, "numFmtId"));
        x->shown[x->shown_count++] = is_date(st, id) ? HQ_XLSX__AS_DATE : HQ_XLSX__AS_NUMBER;
    }
}

static void close_in_styles(hq_xlsx__parse *p, hq_sv name)
{
    styles *st = p->user;
    st->in_cells = st->in_cells && !hq_sv_eq(name, HQ_SV("cellXfs"));
}

hq_status hq_xlsx__read_styles(hq_xlsx *x, hq_sv part)
{
    styles st = { .formats = HQ_NEW_ARRAY(x->arena, format, FORMATS_MAX) };
    hq_xlsx__parse parse = { .open = open_in_styles, .close = close_in_styles, .user = &st };
    x->shown = hq_arena_zalloc(x->arena, STYLES_MAX);
    if (st.formats == NULL || x->shown == NULL) {
        return HQ_FAIL(NOMEM);
    }
    hq_status s = part.ptr == NULL ? HQ_DONE : hq_xlsx__parse_part(&parse, x, part);
    return s.code == HQ_E_NOT_FOUND ? HQ_DONE : s;
}

/* ------------------------------------------------------------------ shared strings */

typedef struct {
    hq_buf text; /* of the string in hand */
    size_t bytes, cap;
    bool in_text, phonetic;
} strings;

static void open_in_strings(hq_xlsx__parse *p, hq_sv name, const char **attributes)
{
    strings *st = p->user;
    (void)attributes;
    if (hq_sv_eq(name, HQ_SV("si"))) {
        hq_buf_clear(&st->text);
    } else if (hq_sv_eq(name, HQ_SV("rPh"))) {
        st->phonetic = true;
    } else if (hq_sv_eq(name, HQ_SV("t"))) {
        st->in_text = !st->phonetic;
    }
}

static void text_in_strings(hq_xlsx__parse *p, hq_sv text)
{
    strings *st = p->user;
    if (st->in_text) {
        hq_buf_sv(&st->text, text);
        if (hq_failed(hq_buf_status(&st->text))) {
            p->status = hq_xlsx__refuse(p->x, HQ_FAIL(LIMIT), "Có ô dài hơn 32767 ký tự",
                                        "A cell has more than 32767 characters");
        }
    }
}

static bool make_room(hq_xlsx *x, strings *st)
{
    if (x->string_count < st->cap) {
        return true;
    }
    size_t cap = st->cap == 0 ? 1024 : 2 * st->cap;
    hq_sv *more = HQ_NEW_ARRAY(x->arena, hq_sv, cap);
    if (more == NULL) {
        return false;
    }
    if (x->string_count > 0) {
        memcpy(more, x->strings, x->string_count * sizeof *more);
    }
    x->strings = more;
    st->cap = cap;
    return true;
}

static void keep_string(hq_xlsx__parse *p, strings *st)
{
    hq_xlsx *x = p->x;
    st->bytes += st->text.len;
    if (x->string_count == x->limits.strings_max || st->bytes > x->limits.text_max) {
        p->status = hq_xlsx__refuse(x, HQ_FAIL(LIMIT),
                                    "Bảng chuỗi của tệp quá lớn: nhiều nhất %u chuỗi, %zu MiB",
                                    "The strings of the file are too many: at most %u and %zu MiB",
                                    x->limits.strings_max, x->limits.text_max >> 20);
        return;
    }
    hq_sv kept = hq_xlsx__settle(hq_buf_view(&st->text), x->arena);
    if (kept.ptr == NULL || !make_room(x, st)) {
        p->status = HQ_FAIL(NOMEM);
        return;
    }
    x->strings[x->string_count++] = kept;
}

static void close_in_strings(hq_xlsx__parse *p, hq_sv name)
{
    strings *st = p->user;
    if (hq_sv_eq(name, HQ_SV("si"))) {
        keep_string(p, st);
    } else if (hq_sv_eq(name, HQ_SV("rPh"))) {
        st->phonetic = false;
    } else if (hq_sv_eq(name, HQ_SV("t"))) {
        st->in_text = false;
    }
}

hq_status hq_xlsx__read_strings(hq_xlsx *x, hq_sv part)
{
    strings st = { .text = HQ_BUF_HEAP(CELL_BYTES) };
    hq_xlsx__parse parse = {
        .open = open_in_strings, .close = close_in_strings, .text = text_in_strings, .user = &st
    };
    hq_status s = part.ptr == NULL ? HQ_DONE : hq_xlsx__parse_part(&parse, x, part);
    hq_buf_free(&st.text);
    return s.code == HQ_E_NOT_FOUND ? HQ_DONE : s;
}
