/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/xlsx_inside.h"

/* What a file is made of: is it a workbook at all, which sheets has it, where do they lie. */

enum { NAME_MAX_BYTES = 400 };

/* ------------------------------------------------------------------ what kind of file */

static hq_status no_xlsx(hq_xlsx *x)
{
    return hq_xlsx__refuse(
        x, HQ_FAIL(MEDIA),
        "Tệp không phải XLSX: hãy lưu bảng tính dưới dạng Excel Workbook (.xlsx)",
        "This is no XLSX file: save the spreadsheet as Excel Workbook (.xlsx)");
}

static hq_status look_at_start(hq_xlsx *x, hq_sv file)
{
    if (hq_sv_starts(file, HQ_SV("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"))) {
        return hq_xlsx__refuse(
            x, HQ_FAIL(MEDIA),
            "Tệp có mật khẩu hoặc là .xls đời cũ: hãy bỏ mật khẩu và lưu dưới dạng .xlsx",
            "The file has a password or is an old .xls: take the password off and save as .xlsx");
    }
    return hq_sv_starts(file, HQ_SV("PK\x03\x04")) ? HQ_DONE : no_xlsx(x);
}

static hq_status open_zip(hq_xlsx *x, hq_sv file)
{
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t *source = zip_source_buffer_create(file.ptr, file.len, 0, &error);
    x->zip = source == NULL ? NULL : zip_open_from_source(source, ZIP_RDONLY, &error);
    if (x->zip == NULL && source != NULL) {
        zip_source_free(source);
    }
    zip_error_fini(&error);
    if (x->zip == NULL) {
        return hq_xlsx__refuse(
            x, HQ_FAIL(SYNTAX),
            "Tệp XLSX hỏng hoặc bị cắt cụt: không có mục lục; hãy gửi lại cả tệp",
            "The XLSX file is damaged or cut off: its directory is missing; "
            "send the whole file");
    }
    zip_int64_t parts = zip_get_num_entries(x->zip, 0);
    if (parts > (zip_int64_t)x->limits.parts_max) {
        return hq_xlsx__refuse(x, HQ_FAIL(LIMIT), "Tệp có %lld phần; nhiều nhất %u",
                               "The file has %lld parts; at most %u are taken", (long long)parts,
                               x->limits.parts_max);
    }
    return HQ_DONE;
}

static hq_status has_macros(hq_xlsx *x)
{
    return hq_xlsx__refuse(x, HQ_FAIL(MEDIA),
                           "Tệp có macro (VBA): không nhận; hãy lưu dưới dạng .xlsx không macro",
                           "The file has macros (VBA), which are not taken; save it as .xlsx "
                           "without macros");
}

static bool ends_nocase(hq_sv text, hq_sv end)
{
    return text.len >= end.len &&
           hq_sv_eq_nocase(hq_sv_sub(text, text.len - end.len, end.len), end);
}

/* By the names in the archive; what a part says of itself comes after. */
static hq_status look_at_names(hq_xlsx *x)
{
    zip_int64_t parts = zip_get_num_entries(x->zip, 0);
    for (zip_int64_t i = 0; i < parts; i++) {
        hq_sv name = hq_sv_from_cstr(zip_get_name(x->zip, (zip_uint64_t)i, ZIP_FL_ENC_RAW));
        if (ends_nocase(name, HQ_SV("vbaProject.bin"))) {
            return has_macros(x);
        }
        if (hq_sv_eq(name, HQ_SV("mimetype")) || ends_nocase(name, HQ_SV("workbook.bin"))) {
            return no_xlsx(x); /* ODS, XLSB */
        }
    }
    return HQ_DONE;
}

/* ------------------------------------------------------------------ types of parts */

static void open_type(hq_xlsx__parse *p, hq_sv name, const char **attributes)
{
    hq_sv type = hq_xlsx__attribute(attributes, "ContentType");
    (void)name;
    for (size_t at = 0; at + 12 <= type.len; at++) {
        if (hq_sv_eq_nocase(hq_sv_sub(type, at, 12), HQ_SV("macroEnabled"))) {
            p->status = has_macros(p->x);
            return;
        }
    }
    if (ends_nocase(type, HQ_SV("vbaProject"))) {
        p->status = has_macros(p->x);
    }
}

static hq_status read_types(hq_xlsx *x)
{
    hq_xlsx__parse parse = { .open = open_type };
    hq_status s = hq_xlsx__parse_part(&parse, x, HQ_SV("[Content_Types].xml"));
    return s.code == HQ_E_NOT_FOUND ? no_xlsx(x) : s;
}

/* ------------------------------------------------------------------ relations */

typedef struct {
    hq_sv from; /* folder of the part whose relations these are, "xl/" or "" */
    hq_sv id;   /* the one wanted, ptr NULL: by type */
    const char *type;
    hq_sv found;
} relation;

/* "../xl/worksheets/sheet1.xml" seen from "xl/": without dots, without the leading slash. */
static hq_sv resolve(hq_sv from, hq_sv target, hq_arena *arena)
{
    hq_buf out = HQ_BUF_ARENA(arena, 2 * NAME_MAX_BYTES + 2);
    bool absolute = target.len > 0 && target.ptr[0] == '/';
    if (!absolute) {
        hq_buf_sv(&out, from);
    }
    for (hq_sv rest = target; rest.ptr != NULL && out.len < NAME_MAX_BYTES;) {
        hq_sv piece = hq_sv_cut(&rest, '/');
        if (hq_sv_eq(piece, HQ_SV(".."))) {
            out.len -= out.len > 0;
            while (out.len > 0 && out.ptr[out.len - 1] != '/') {
                out.len--;
            }
        } else if (piece.len > 0 && !hq_sv_eq(piece, HQ_SV("."))) {
            hq_buf_sv(&out, piece);
            if (rest.ptr != NULL) {
                hq_buf_char(&out, '/');
            }
        }
    }
    return hq_failed(hq_buf_status(&out)) || out.len == 0 ? HQ_SV_NULL : hq_buf_view(&out);
}

static void open_relation(hq_xlsx__parse *p, hq_sv name, const char **attributes)
{
    relation *r = p->user;
    hq_sv target = hq_xlsx__attribute(attributes, "Target");
    if (!hq_sv_eq(name, HQ_SV("Relationship")) || target.len > NAME_MAX_BYTES ||
        hq_sv_eq(hq_xlsx__attribute(attributes, "TargetMode"), HQ_SV("External"))) {
        return;
    }
    hq_sv type = hq_xlsx__attribute(attributes, "Type");
    bool wanted = r->id.ptr != NULL ? hq_sv_eq(hq_xlsx__attribute(attributes, "Id"), r->id)
                                    : hq_sv_ends(type, hq_sv_from_cstr(r->type));
    if (wanted && r->found.ptr == NULL) {
        r->found = resolve(r->from, target, p->x->arena);
    }
}

/* ptr NULL: there is none. */
static hq_status find_related(hq_sv *out, hq_xlsx *x, hq_sv part, hq_sv id, const char *type)
{
    size_t slash = part.len;
    while (slash > 0 && part.ptr[slash - 1] != '/') {
        slash--;
    }
    relation r = { .from = hq_sv_sub(part, 0, slash), .id = id, .type = type };
    hq_xlsx__parse parse = { .open = open_relation, .user = &r };
    hq_sv relations = hq_arena_printf(x->arena, "%.*s_rels/%.*s.rels", HQ_SV_FMT(r.from),
                                      HQ_SV_FMT(hq_sv_sub(part, slash, part.len)));
    hq_status s =
        relations.ptr == NULL ? HQ_FAIL(NOMEM) : hq_xlsx__parse_part(&parse, x, relations);
    *out = r.found;
    return s.code == HQ_E_NOT_FOUND ? HQ_DONE : s;
}

/* ------------------------------------------------------------------ the workbook */

typedef struct {
    hq_sv *ids; /* relations of the sheets */
    size_t cap;
} workbook;

static void open_in_workbook(hq_xlsx__parse *p, hq_sv name, const char **attributes)
{
    workbook *book = p->user;
    hq_xlsx *x = p->x;
    if (hq_sv_eq(name, HQ_SV("workbookPr"))) {
        hq_sv set = hq_xlsx__attribute(attributes, "date1904");
        x->from_1904 = hq_sv_eq(set, HQ_SV("1")) || hq_sv_eq(set, HQ_SV("true"));
        return;
    }
    if (!hq_sv_eq(name, HQ_SV("sheet"))) {
        return;
    }
    if (x->sheet_count == book->cap) {
        p->status = hq_xlsx__refuse(x, HQ_FAIL(LIMIT), "Tệp có hơn %zu trang tính",
                                    "The file has more than %zu sheets", book->cap);
        return;
    }
    hq_sv state = hq_xlsx__attribute(attributes, "state");
    hq_xlsx_sheet *sheet = &x->sheets[x->sheet_count];
    sheet->name = hq_arena_dup(x->arena, hq_xlsx__attribute(attributes, "name"));
    sheet->hidden = state.len > 0 && !hq_sv_eq(state, HQ_SV("visible"));
    book->ids[x->sheet_count] = hq_arena_dup(x->arena, hq_xlsx__attribute(attributes, "id"));
    x->sheet_count++;
}

static hq_status read_workbook(hq_xlsx *x, hq_sv part)
{
    size_t cap = x->limits.sheets_max;
    workbook book = { .ids = HQ_NEW_ARRAY(x->arena, hq_sv, cap), .cap = cap };
    hq_xlsx__parse parse = { .open = open_in_workbook, .user = &book };
    x->sheets = HQ_NEW_ARRAY(x->arena, hq_xlsx_sheet, cap);
    x->sheet_parts = HQ_NEW_ARRAY(x->arena, hq_sv, cap);
    if (book.ids == NULL || x->sheets == NULL || x->sheet_parts == NULL) {
        return HQ_FAIL(NOMEM);
    }
    hq_status s = hq_xlsx__parse_part(&parse, x, part);
    if (s.code == HQ_E_NOT_FOUND || (hq_ok(s) && x->sheet_count == 0)) {
        return no_xlsx(x);
    }
    HQ_TRY(s);
    for (size_t i = 0; i < x->sheet_count; i++) {
        HQ_TRY(find_related(&x->sheet_parts[i], x, part, book.ids[i], NULL));
    }
    return HQ_DONE;
}

static hq_status read_all(hq_xlsx *x, hq_sv file)
{
    hq_sv book;
    hq_sv part;
    HQ_TRY(look_at_start(x, file));
    HQ_TRY(open_zip(x, file));
    HQ_TRY(look_at_names(x));
    HQ_TRY(read_types(x));
    HQ_TRY(find_related(&book, x, HQ_SV(""), HQ_SV_NULL, "/officeDocument"));
    if (book.ptr == NULL) {
        return no_xlsx(x);
    }
    HQ_TRY(read_workbook(x, book));
    HQ_TRY(find_related(&part, x, book, HQ_SV_NULL, "/styles"));
    HQ_TRY(hq_xlsx__read_styles(x, part));
    HQ_TRY(find_related(&part, x, book, HQ_SV_NULL, "/sharedStrings"));
    return hq_xlsx__read_strings(x, part);
}

hq_status hq_xlsx_open(hq_xlsx **out, hq_sv file, const hq_xlsx_limits *limits, hq_arena *arena,
                       hq_why *why)
{
    hq_xlsx *x = HQ_NEW(arena, hq_xlsx);
    *out = NULL;
    if (x == NULL) {
        return HQ_FAIL(NOMEM);
    }
    x->arena = arena;
    x->limits = *limits;
    x->why = why;
    hq_status s = read_all(x, file);
    x->why = NULL;
    if (hq_failed(s)) {
        hq_xlsx_close(x);
        return s;
    }
    *out = x;
    return HQ_DONE;
}

void hq_xlsx_close(hq_xlsx *xlsx)
{
    if (xlsx != NULL && xlsx->zip != NULL) {
        zip_discard(xlsx->zip);
        xlsx->zip = NULL;
    }
}

size_t hq_xlsx_sheet_count(const hq_xlsx *xlsx)
{
    return xlsx->sheet_count;
}

const hq_xlsx_sheet *hq_xlsx_sheet_at(const hq_xlsx *xlsx, size_t index)
{
    return index < xlsx->sheet_count ? &xlsx->sheets[index] : NULL;
}
