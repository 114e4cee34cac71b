/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "clearance/upload.h"

/* The template to fill in, and the result of an upload, as workbooks. */

enum { LABEL_ROWS = 2, KEY_ROW = 3, LISTS_MAX = 60, FILL_ROWS = 5000 };
#define BOOK_ARENA ((size_t)64 << 20)

/* ------------------------------------------------------------------ lists to choose from */

typedef struct {
    hq_sv title;
    const void *of; /* what the list is made of: columns of one kind share it */
    hq_sv *codes, *names;
    size_t count, cap;
    char cells[48]; /* where its codes stand */
} choice_list;

typedef struct {
    hq_arena *arena;
    const hq_ref *ref;
    hq_day day;
    bool vi, failed;
    choice_list lists[LISTS_MAX];
    size_t count;
} book_lists;

static void add_choice(book_lists *l, choice_list *list, hq_sv code, hq_sv name)
{
    if (list->count == list->cap) {
        size_t cap = list->cap == 0 ? 32 : 2 * list->cap;
        hq_sv *codes = HQ_NEW_ARRAY(l->arena, hq_sv, cap);
        hq_sv *names = HQ_NEW_ARRAY(l->arena, hq_sv, cap);
        if (codes == NULL || names == NULL) {
            l->failed = true;
            return;
        }
        if (list->count > 0) {
            memcpy(codes, list->codes, list->count * sizeof *codes);
            memcpy(names, list->names, list->count * sizeof *names);
        }
        list->codes = codes;
        list->names = names;
        list->cap = cap;
    }
    list->codes[list->count] = code;
    list->names[list->count++] = name;
}

static void fill_words(book_lists *l, choice_list *list, const char *words)
{
    for (hq_sv rest = hq_sv_from_cstr(words); rest.ptr != NULL;) {
        add_choice(l, list, hq_sv_cut(&rest, ' '), HQ_SV(""));
    }
}

static void fill_kinds(book_lists *l, choice_list *list)
{
    size_t count;
    const hq_kind_row *rows = hq_ref_kinds(&count, l->ref);
    for (size_t i = 0; i < count; i++) {
        if (rows[i].from <= l->day && l->day <= rows[i].to) {
            add_choice(l, list, rows[i].kind, l->vi ? rows[i].name_vi : rows[i].name_en);
        }
    }
}

static void fill_offices(book_lists *l, choice_list *list)
{
    size_t count;
    const hq_office_row *rows = hq_ref_offices(&count, l->ref);
    for (size_t i = 0; i < count; i++) {
        if (rows[i].from <= l->day && l->day <= rows[i].to) {
            add_choice(l, list, rows[i].office, l->vi ? rows[i].name_vi : rows[i].name_en);
        }
    }
}

static void fill_codes(book_lists *l, choice_list *list, hq_code_list of)
{
    size_t count;
    const hq_code_row *rows = hq_ref_codes(&count, l->ref, of);
    for (size_t i = 0; i < count; i++) {
        if (rows[i].from <= l->day && l->day <= rows[i].to) {
            add_choice(l, list, rows[i].code, l->vi ? rows[i].name_vi : rows[i].name_en);
        }
    }
}

static void fill_schemes(book_lists *l, choice_list *list)
{
    size_t count;
    const hq_scheme_row *rows = hq_ref_schemes(&count, l->ref);
    fill_codes(l, list, HQ_LIST_SCHEME);
    for (size_t i = 0; i < count; i++) {
        if (rows[i].from <= l->day && l->day <= rows[i].to) {
            add_choice(l, list, rows[i].scheme, l->vi ? rows[i].name_vi : rows[i].name_en);
        }
    }
}

/* Every code of two or three letters that is known. */
static void fill_letters(book_lists *l, choice_list *list, size_t letters)
{
    char text[3];
    int most = letters == 2 ? 26 * 26 : 26 * 26 * 26;
    for (int i = 0; i < most; i++) {
        int rest = i;
        for (size_t k = letters; k-- > 0; rest /= 26) {
            text[k] = (char)('A' + rest % 26);
        }
        hq_sv code = hq_sv_make(text, letters);
        bool known = letters == 2 ? hq_ref_country_known(l->ref, hq_code4_of(code))
                                  : hq_ref_currency_known(l->ref, hq_code4_of(code));
        if (known) {
            hq_sv kept = hq_arena_dup(l->arena, code);
            l->failed |= kept.ptr == NULL;
            add_choice(l, list, kept, HQ_SV(""));
        }
    }
}

typedef enum {
    NO_LIST,
    WORDS,
    KINDS,
    OFFICES,
    SCHEMES,
    COUNTRIES,
    CURRENCIES,
    UNITS,
    INCOTERMS,
    METHODS,
    PERMITS
} list_kind;

static list_kind kind_of(const hq_upl__column *column)
{
    static const struct {
        const char *end;
        list_kind kind;
    } ends[] = { { ".country", COUNTRIES },
                 { "lines.origin", COUNTRIES },
                 { "currency", CURRENCIES },
                 { "quantity.unit", UNITS },
                 { "quantity2.unit", UNITS },
                 { "gross_weight.unit", UNITS },
                 { "lines.scheme", SCHEMES },
                 { "invoice.incoterm", INCOTERMS },
                 { "invoice.payment_method", METHODS } };
    if (column->field->choices != NULL) {
        return WORDS;
    }
    if (hq_sv_eq(column->key, HQ_SV("kind"))) {
        return KINDS;
    }
    if (hq_sv_eq(column->key, HQ_SV("office"))) {
        return OFFICES;
    }
    if (column->depth > 0 && hq_sv_eq(column->steps[0].name, HQ_SV("permits")) &&
        hq_sv_ends(column->key, HQ_SV(".kind"))) {
        return PERMITS;
    }
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        if (hq_sv_ends(column->key, hq_sv_from_cstr(ends[i].end))) {
            return ends[i].kind;
        }
    }
    return column->field->kind == HQ_FIELD_FLOW || column->field->kind == HQ_FIELD_TAX ? WORDS
                                                                                       : NO_LIST;
}

static void fill(book_lists *l, choice_list *list, list_kind kind, const hq_decode__field *field)
{
    switch (kind) {
    case NO_LIST:
        return;
    case WORDS:
        fill_words(l, list,
                   field->choices != NULL         ? field->choices
                   : field->kind == HQ_FIELD_FLOW ? "import export"
                                                  : "EXPORT AD CVD SG SCT EPT VAT");
        return;
    case KINDS:
        fill_kinds(l, list);
        return;
    case OFFICES:
        fill_offices(l, list);
        return;
    case SCHEMES:
        fill_schemes(l, list);
        return;
    case COUNTRIES:
    case CURRENCIES:
        fill_letters(l, list, kind == COUNTRIES ? 2 : 3);
        return;
    case UNITS:
        fill_codes(l, list, HQ_LIST_UNIT);
        return;
    case INCOTERMS:
        fill_codes(l, list, HQ_LIST_INCOTERM);
        return;
    case METHODS:
        fill_codes(l, list, HQ_LIST_PAYMENT_METHOD);
        return;
    case PERMITS:
        fill_codes(l, list, HQ_LIST_PERMIT);
        return;
    }
}

/* Columns of one field share a list, and so do those of one table. NULL: any value. */
static choice_list *list_for(book_lists *l, const hq_upl__column *column)
{
    static const char tables[PERMITS + 1];
    list_kind kind = kind_of(column);
    const void *of = kind == WORDS ? (const void *)column->field->choices : &tables[kind];
    of = of == NULL ? column->field : of;
    if (kind == NO_LIST) {
        return NULL;
    }
    for (size_t i = 0; i < l->count; i++) {
        if (l->lists[i].of == of) {
            return &l->lists[i];
        }
    }
    if (l->count == LISTS_MAX) {
        return NULL;
    }
    choice_list *list = &l->lists[l->count++];
    *list = (choice_list){ .of = of, .title = l->vi ? column->vi : column->en };
    fill(l, list, kind, column->field);
    char first[12];
    char last[12];
    uint32_t at = (uint32_t)(2 * l->count - 1);
    hq_sv from = hq_xlsx_address(first, 2, at);
    hq_sv to = hq_xlsx_address(last, (uint32_t)list->count + 1, at);
    uint32_t letters = 0;
    while (letters < from.len && from.ptr[letters] >= 'A') {
        letters++;
    }
    (void)snprintf(list->cells, sizeof list->cells, "=Lists!$%.*s$2:$%.*s$%zu", (int)letters,
                   from.ptr, (int)letters, to.ptr, list->count + 1);
    return list;
}

static hq_status put_lists(hq_xlsx_book *book, const book_lists *l)
{
    HQ_TRY(hq_xlsx_book_sheet(book, "Lists", 1));
    for (size_t i = 0; i < l->count; i++) {
        const choice_list *list = &l->lists[i];
        uint32_t at = (uint32_t)(2 * i + 1);
        hq_xlsx_book_width(book, at, 12);
        hq_xlsx_book_width(book, at + 1, 40);
        HQ_TRY(hq_xlsx_book_put(book, 1, at, HQ_XLSX_HEAD, list->title));
        HQ_TRY(hq_xlsx_book_put(book, 1, at + 1, HQ_XLSX_HEAD, HQ_SV("")));
        for (size_t k = 0; k < list->count; k++) {
            uint32_t row = (uint32_t)k + 2;
            HQ_TRY(hq_xlsx_book_put(book, row, at, HQ_XLSX_PLAIN, list->codes[k]));
            HQ_TRY(list->names[k].len == 0
                       ? HQ_DONE
                       : hq_xlsx_book_put(book, row, at + 1, HQ_XLSX_PLAIN, list->names[k]));
        }
    }
    return HQ_DONE;
}

/* ------------------------------------------------------------------ the template */

static const struct {
    const char *vi, *en;
} guide[] = {
    { "Mỗi dòng hàng là một dòng; các dòng có cùng số tham chiếu (reference) là một tờ khai.",
      "Each line of goods is a row; rows with the same reference are one declaration." },
    { "Thông tin chung của tờ khai ghi một lần ở một dòng, hoặc ghi giống nhau ở các dòng.",
      "What is common to a declaration is written once, or the same in each of its rows." },
    { "Dòng 3 của trang declarations là tên cột cho máy đọc: đừng sửa; cột không dùng có thể xóa, "
      "thứ tự cột tùy ý.",
      "Row 3 of the sheet declarations holds the names that the program reads: leave it; columns "
      "not needed may be deleted, their order is free." },
    { "Danh sách trong một ô cách nhau bằng dấu chấm phẩy: MSKU1234565;TGHU7654321.",
      "Lists within a cell are parted by semicolons: MSKU1234565;TGHU7654321." },
    { "Số thập phân dùng dấu chấm, không có dấu phân nghìn: 1234.50. Ngày ghi YYYY-MM-DD hoặc định "
      "dạng ngày.",
      "Decimals with a point and no thousands separator: 1234.50. Days as YYYY-MM-DD or formatted "
      "as a date." },
    { "Không nhận công thức, ô gộp, macro, mật khẩu. Nhiều nhất 2000 tờ khai, 100000 dòng, 32 MiB.",
      "Formulas, merged cells, macros and passwords are not taken. At most 2000 declarations, "
      "100000 rows, 32 MiB." },
};

static hq_status put_columns(hq_xlsx_book *book, book_lists *l)
{
    size_t count;
    const hq_upl__column *columns = hq_upl__columns(&count);
    const hq_upl__column *reference = hq_upl__column_of(HQ_SV("reference"));
    if (columns == NULL || reference == NULL) {
        return HQ_FAIL(NOMEM);
    }
    HQ_TRY(hq_xlsx_book_sheet(book, "declarations", KEY_ROW));
    hq_xlsx_book_as_text(book, 1, (uint32_t)count);
    uint32_t at = 1;
    for (size_t i = 0; i <= count; i++) {
        const hq_upl__column *column = i == 0 ? reference : &columns[i - 1];
        if (i > 0 && column == reference) {
            continue; /* stands first */
        }
        HQ_TRY(hq_xlsx_book_put(book, 1, at, HQ_XLSX_HEAD, l->vi ? column->vi : column->en));
        HQ_TRY(hq_xlsx_book_put(book, LABEL_ROWS, at, HQ_XLSX_SECOND,
                                l->vi ? column->en : column->vi));
        HQ_TRY(hq_xlsx_book_put(book, KEY_ROW, at, HQ_XLSX_KEY, column->key));
        const choice_list *list = list_for(l, column);
        if (list != NULL && list->count > 0) {
            HQ_TRY(hq_xlsx_book_choices(book, at, KEY_ROW + 1, FILL_ROWS, list->cells));
        }
        at++;
    }
    return l->failed ? HQ_FAIL(NOMEM) : HQ_DONE;
}

static hq_status put_guide(hq_xlsx_book *book, bool vi)
{
    HQ_TRY(hq_xlsx_book_sheet(book, vi ? "Hướng dẫn" : "Guide", 0));
    hq_xlsx_book_width(book, 1, 120);
    for (size_t i = 0; i < sizeof guide / sizeof guide[0]; i++) {
        HQ_TRY(hq_xlsx_book_put(book, (uint32_t)i + 1, 1, HQ_XLSX_PLAIN,
                                hq_sv_from_cstr(vi ? guide[i].vi : guide[i].en)));
    }
    return HQ_DONE;
}

static hq_status put_template(hq_xlsx_book *book, book_lists *l)
{
    HQ_TRY(put_columns(book, l));
    HQ_TRY(put_lists(book, l));
    return put_guide(book, l->vi);
}

hq_status hq_upl__template(hq_buf *out, const hq_ref *ref, hq_day day, bool vi)
{
    hq_xlsx_book *book;
    hq_arena *arena = hq_arena_new(BOOK_ARENA);
    book_lists *l = arena == NULL ? NULL : HQ_NEW(arena, book_lists);
    hq_status s = l == NULL ? HQ_FAIL(NOMEM) : hq_xlsx_book_new(&book);
    if (hq_ok(s)) {
        l->arena = arena;
        l->ref = ref;
        l->day = day;
        l->vi = vi;
        s = put_template(book, l);
        hq_status ended = hq_xlsx_book_end(book, out);
        s = hq_ok(s) ? ended : s;
    }
    hq_arena_free(arena);
    return s;
}

/* ------------------------------------------------------------------ the result */

static const struct {
    const char *vi, *en;
    double width;
} result_columns[] = { { "Dòng", "Row", 8 },
                       { "Số tham chiếu", "Reference", 24 },
                       { "Số tờ khai", "Number", 16 },
                       { "Trạng thái", "Status", 18 },
                       { "Luồng", "Channel", 10 },
                       { "Số thuế phải nộp", "Total payable", 18 },
                       { "Ô", "Cell", 8 },
                       { "Mức", "Severity", 10 },
                       { "Mã", "Rule", 10 },
                       { "Nội dung", "Text", 100 } };
enum { RESULT_COLUMNS = 10 };

static hq_status put_result_head(hq_xlsx_book *book, bool vi)
{
    HQ_TRY(hq_xlsx_book_sheet(book, vi ? "Kết quả" : "Result", 1));
    for (uint32_t i = 0; i < RESULT_COLUMNS; i++) {
        hq_xlsx_book_width(book, i + 1, result_columns[i].width);
        HQ_TRY(hq_xlsx_book_put(book, 1, i + 1, HQ_XLSX_HEAD,
                                hq_sv_from_cstr(vi ? result_columns[i].vi : result_columns[i].en)));
    }
    return HQ_DONE;
}

static hq_sv member_of(const hq_json *row, const char *name)
{
    const hq_json *member = hq_json_get(row, name);
    bool shown =
        member != NULL && (member->type == HQ_JSON_STRING || member->type == HQ_JSON_NUMBER);
    return shown ? member->text : HQ_SV("");
}

/* What is said of the declaration stands in each row that tells of it, for whoever sorts them. */
static hq_status put_result_row(hq_xlsx_book *book, uint32_t at, const hq_json *row,
                                const hq_json *finding, bool vi)
{
    static const char *const own[] = { "row",    "reference", "number",
                                       "status", "channel",   "total_payable" };
    static const char *const found[] = { "cell", "severity", "rule" };
    const hq_json *errors = hq_json_get(row, "errors");
    bool refused = errors != NULL && hq_json_first(errors) != NULL;
    hq_xlsx_look look = refused ? HQ_XLSX_WRONG : HQ_XLSX_GOOD;
    for (uint32_t i = 0; i < 6; i++) {
        HQ_TRY(hq_xlsx_book_put(book, at, i + 1, i == 1 ? look : HQ_XLSX_PLAIN,
                                member_of(row, own[i])));
    }
    if (finding == NULL) {
        return HQ_DONE;
    }
    for (uint32_t i = 0; i < 3; i++) {
        HQ_TRY(hq_xlsx_book_put(book, at, i + 7, HQ_XLSX_PLAIN, member_of(finding, found[i])));
    }
    const hq_json *text = hq_json_get(finding, "text");
    return hq_xlsx_book_put(book, at, RESULT_COLUMNS, HQ_XLSX_PLAIN,
                            text == NULL ? HQ_SV("") : member_of(text, vi ? "vi" : "en"));
}

static hq_status put_declaration(hq_xlsx_book *book, uint32_t *at, const hq_json *row, bool vi)
{
    static const char *const lists[] = { "errors", "findings" };
    bool any = false;
    for (size_t i = 0; i < 2; i++) {
        const hq_json *list = hq_json_get(row, lists[i]);
        for (const hq_json *f = list == NULL ? NULL : hq_json_first(list); f != NULL;
             f = hq_json_next(list, f)) {
            HQ_TRY(put_result_row(book, (*at)++, row, f, vi));
            any = true;
        }
    }
    return any ? HQ_DONE : put_result_row(book, (*at)++, row, NULL, vi);
}

static hq_status put_results(hq_xlsx_book *book, const hq_json *rows, bool vi)
{
    uint32_t at = 2;
    HQ_TRY(put_result_head(book, vi));
    for (const hq_json *row = hq_json_first(rows); row != NULL; row = hq_json_next(rows, row)) {
        HQ_TRY(put_declaration(book, &at, row, vi));
    }
    return HQ_DONE;
}

hq_status hq_upl__result_book(hq_buf *out, const hq_upl__upload *upload, bool vi, hq_arena *arena)
{
    const hq_json *rows;
    hq_xlsx_book *book;
    HQ_TRY(hq_json_parse_copy(&rows, upload->rows, arena, NULL));
    HQ_TRY(hq_xlsx_book_new(&book));
    hq_status s = put_results(book, rows, vi);
    hq_status ended = hq_xlsx_book_end(book, out);
    return hq_ok(s) ? ended : s;
}
