/* SPDX-License-Identifier: Apache-2.0 */
#include "reference/holder.h"

/* GET lists of every table, search over HS names, the tariff of one code; POST a CSV file. Lists
 * are read from the store, where rows are in order of their key; the rest comes from the snapshot.
 */

#define LIMIT_DEFAULT 50
#define LIMIT_MAX     500
#define BODY_MAX      ((size_t)64 << 20)
#define TARIFF_ROWS   64

/* identity/ is a floor above: bits in the order of its roles, held against it by cli/. */
enum {
    ROLE_OFFICER = 1 << 1,
    ROLE_TEAM_LEADER = 1 << 2,
    ROLE_BRANCH_HEAD = 1 << 3,
    ROLE_DEPARTMENT_HEAD = 1 << 4,
    ROLE_HEADQUARTERS = 1 << 5,
    ROLE_SUPERVISOR = 1 << 6,
    ROLE_RISK_ANALYST = 1 << 7,
    ROLE_INSPECTORATE = 1 << 9,
    ROLE_ADMINISTRATOR = 1 << 14,
    ROLE_AUDITOR = 1 << 15,
    ROLES_CUSTOMS = ROLE_OFFICER | ROLE_TEAM_LEADER | ROLE_BRANCH_HEAD | ROLE_DEPARTMENT_HEAD |
                    ROLE_HEADQUARTERS | ROLE_SUPERVISOR | ROLE_RISK_ANALYST | ROLE_INSPECTORATE |
                    ROLE_AUDITOR,
    ROLES_IMPORT = ROLE_HEADQUARTERS | ROLE_ADMINISTRATOR
};

/* ------------------------------------------------------------------ parameters */

static hq_status bad_parameter(hq_request *request, const char *name, const char *vi,
                               const char *en)
{
    request->answer.why = (hq_why){
        .path = hq_arena_printf(request->arena, "/query/%s", name),
        .vi = hq_sv_from_cstr(vi),
        .en = hq_sv_from_cstr(en),
    };
    return HQ_FAIL(INVALID);
}

hq_status hq_ref__day_parameter(hq_day *out, hq_request *request, const char *name,
                                hq_day otherwise)
{
    hq_sv text = hq_request_query(request, name);
    *out = otherwise;
    if (text.len == 0 || hq_ok(hq_day_parse(out, text))) {
        return HQ_DONE;
    }
    return bad_parameter(request, name, "Cần ngày dạng NĂM-THÁNG-NGÀY, ví dụ 2026-11-20",
                         "Needs a day YYYY-MM-DD, for example 2026-11-20");
}

static hq_status limit_parameter(size_t *out, hq_request *request)
{
    hq_sv text = hq_request_query(request, "limit");
    int64_t limit = LIMIT_DEFAULT;
    if (text.len > 0 &&
        (!hq_sv_digits(text) || !hq_sv_i64(&limit, text) || limit < 1 || limit > LIMIT_MAX)) {
        return bad_parameter(request, "limit", "limit phải từ 1 đến 500",
                             "limit must be from 1 to 500");
    }
    *out = (size_t)limit;
    return HQ_DONE;
}

/* ------------------------------------------------------------------ lists */

typedef struct {
    hq_ref__page page;
    hq_ref__rows rows;
    bool more;
} listing;

/* Where a page ended: valid_from.id.key in hexadecimal. Opaque to the caller. */
static void write_cursor(hq_buf *out, const hq_ref__row *last)
{
    hq_buf_i64(out, last->from);
    hq_buf_char(out, '.');
    hq_buf_i64(out, last->id);
    hq_buf_char(out, '.');
    hq_buf_hex(out, last->key.ptr, last->key.len);
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_hex(hq_sv *out, hq_sv text, hq_arena *arena)
{
    char *bytes = hq_arena_alloc(arena, text.len / 2 + 1);
    if (bytes == NULL || text.len % 2 != 0) {
        return false;
    }
    for (size_t i = 0; i < text.len; i += 2) {
        int high = hex_digit(text.ptr[i]);
        int low = hex_digit(text.ptr[i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        bytes[i / 2] = (char)(high << 4 | low);
    }
    *out = hq_sv_make(bytes, text.len / 2);
    return hq_utf8_valid(*out);
}

static hq_status cursor_parameter(hq_ref__page *page, hq_request *request)
{
    hq_sv text = hq_request_query(request, "cursor");
    if (text.len == 0) {
        return HQ_DONE;
    }
    int64_t from;
    hq_sv rest = text;
    hq_sv first = hq_sv_cut(&rest, '.');
    hq_sv second = rest.ptr == NULL ? HQ_SV("") : hq_sv_cut(&rest, '.');
    if (rest.ptr == NULL || !hq_sv_i64(&from, first) || from < INT32_MIN || from > INT32_MAX ||
        !hq_sv_i64(&page->after_id, second) || !read_hex(&page->after_key, rest, request->arena)) {
        return bad_parameter(request, "cursor", "cursor không phải do máy chủ này cấp",
                             "the cursor was not given by this server");
    }
    page->after_from = (hq_day)from;
    return HQ_DONE;
}

static hq_status read_page(hq_tx *tx, void *user)
{
    listing *l = user;
    return hq_ref__rows_page(&l->rows, &l->more, tx, &l->page);
}

static void write_cell(hq_json_w *json, const hq_ref__column *column, hq_sv cell)
{
    hq_json_key_sv(json, hq_sv_from_cstr(column->name));
    if (cell.len == 0) {
        hq_json_null(json);
    } else if (column->kind == HQ_CELL_WHOLE) {
        hq_json_raw(json, cell);
    } else if (column->kind == HQ_CELL_FLAG) {
        hq_json_bool(json, cell.ptr[0] == '1');
    } else {
        hq_json_text(json, cell);
    }
}

static void write_row(hq_json_w *json, const hq_ref__table *table, const hq_ref__row *row)
{
    hq_sv cells[HQ_REF__COLUMNS];
    size_t cell = 0;
    hq_ref__cells(cells, row->cells);
    hq_json_open(json, '{');
    HQ_JSON_KEY(json, "id");
    hq_json_i64(json, row->id);
    for (size_t i = 0; i < table->column_count; i++) {
        const hq_ref__column *column = &table->columns[i];
        if (column->kind == HQ_CELL_FROM || column->kind == HQ_CELL_TO) {
            hq_json_key_sv(json, hq_sv_from_cstr(column->name));
            hq_json_day(json, column->kind == HQ_CELL_FROM ? row->from : row->to);
        } else {
            write_cell(json, column, cells[cell++]);
        }
    }
    HQ_JSON_KEY(json, "known_from");
    hq_json_i64(json, row->known_from);
    hq_json_close(json, '}');
}

static hq_status write_page(hq_request *request, const listing *l)
{
    request->answer.body = HQ_BUF_ARENA(request->arena, (size_t)8 << 20);
    hq_json_w json = hq_json_writer(&request->answer.body);
    hq_json_open(&json, '{');
    HQ_JSON_KEY(&json, "items");
    hq_json_open(&json, '[');
    for (size_t i = 0; i < l->rows.count; i++) {
        write_row(&json, l->page.table, &l->rows.items[i]);
    }
    hq_json_close(&json, ']');
    HQ_JSON_KEY(&json, "next");
    if (l->more) {
        hq_buf cursor = HQ_BUF_ARENA(request->arena, 65536);
        write_cursor(&cursor, &l->rows.items[l->rows.count - 1]);
        hq_json_text(&json, hq_buf_view(&cursor));
    } else {
        hq_json_null(&json);
    }
    hq_json_close(&json, '}');
    return hq_buf_status(&request->answer.body);
}

static hq_status list_table(hq_request *request, hq_reference *reference,
                            const hq_ref__table *table)
{
    listing l = { .page = { .table = table }, .rows = { .arena = request->arena } };
    HQ_TRY(limit_parameter(&l.page.limit, request));
    HQ_TRY(hq_ref__day_parameter(&l.page.at, request, "at", 0));
    HQ_TRY(cursor_parameter(&l.page, request));
    hq_sv words = hq_request_query(request, "q");
    if (words.len > 0) {
        HQ_TRY(hq_fold(&l.page.words, request->arena, words));
        l.page.words = hq_sv_trim(l.page.words);
    }
    hq_status s = hq_store_read(reference->store, read_page, &l);
    if (hq_ok(s)) {
        s = write_page(request, &l);
    }
    hq_ref__rows_free(&l.rows);
    return s;
}

/* Tables about traders are for customs people; the others are for everyone who signed in. */
static bool about_traders(const hq_ref__table *table)
{
    hq_ref__table_id id = hq_ref__table_id_of(table);
    return id == HQ_REF_ENTERPRISES || id == HQ_REF_AUTHORITIES;
}

static hq_status get_table(hq_request *request, void *room)
{
    const hq_ref__table *table = hq_ref__table_find(request->params[0]);
    if (table == NULL || about_traders(table)) {
        request->answer.why = (hq_why){ .vi = HQ_SV("Không có bảng tham chiếu này"),
                                        .en = HQ_SV("There is no such reference table") };
        return HQ_FAIL(NOT_FOUND);
    }
    return list_table(request, room, table);
}

static hq_status get_enterprises(hq_request *request, void *room)
{
    return list_table(request, room, &hq_ref__tables[HQ_REF_ENTERPRISES]);
}

static hq_status get_authorities(hq_request *request, void *room)
{
    return list_table(request, room, &hq_ref__tables[HQ_REF_AUTHORITIES]);
}

/* ------------------------------------------------------------------ search */

static void write_code4(hq_json_w *json, hq_code4 code)
{
    char text[4];
    if (code == 0) {
        hq_json_null(json);
    } else {
        hq_json_text(json, hq_code4_text(text, code));
    }
}

static void write_hs(hq_json_w *json, const hq_hs_row *row)
{
    HQ_JSON_KEY(json, "hs");
    hq_json_text(json, row->hs);
    HQ_JSON_KEY(json, "name_vi");
    hq_json_text(json, row->name_vi);
    HQ_JSON_KEY(json, "name_en");
    hq_json_text(json, row->name_en);
    HQ_JSON_KEY(json, "unit");
    write_code4(json, row->unit);
    HQ_JSON_KEY(json, "unit2");
    write_code4(json, row->unit2);
    HQ_JSON_KEY(json, "valid_from");
    hq_json_day(json, row->from);
    HQ_JSON_KEY(json, "valid_to");
    hq_json_day(json, row->to);
}

static hq_status write_hits(hq_request *request, const hq_hs_hit *hits, size_t count)
{
    request->answer.body = HQ_BUF_ARENA(request->arena, (size_t)4 << 20);
    hq_json_w json = hq_json_writer(&request->answer.body);
    hq_json_open(&json, '{');
    HQ_JSON_KEY(&json, "items");
    hq_json_open(&json, '[');
    for (size_t i = 0; i < count; i++) {
        hq_json_open(&json, '{');
        write_hs(&json, hits[i].row);
        HQ_JSON_KEY(&json, "score");
        hq_json_i64(&json, hits[i].score);
        hq_json_close(&json, '}');
    }
    hq_json_close(&json, ']');
    HQ_JSON_KEY(&json, "next");
    hq_json_null(&json);
    hq_json_close(&json, '}');
    return hq_buf_status(&request->answer.body);
}

static hq_status get_hs(hq_request *request, void *room)
{
    hq_reference *reference = room;
    size_t limit;
    size_t count;
    hq_day day;
    HQ_TRY(limit_parameter(&limit, request));
    HQ_TRY(hq_ref__day_parameter(&day, request, "at", hq_day_of(request->received_at)));
    hq_hs_hit *hits = HQ_NEW_ARRAY(request->arena, hq_hs_hit, limit);
    if (hits == NULL) {
        return HQ_FAIL(NOMEM);
    }
    const hq_ref *ref = hq_reference_acquire(reference);
    hq_status s = hq_ref_search_hs(hits, &count, limit, ref, hq_request_query(request, "q"), day,
                                   request->arena);
    if (hq_ok(s)) {
        s = write_hits(request, hits, count);
    }
    hq_reference_release(reference, ref);
    return s;
}

/* ------------------------------------------------------------------ tariff of a code */

static void write_tariff_row(hq_json_w *json, const hq_tariff_row *row)
{
    hq_json_open(json, '{');
    HQ_JSON_KEY(json, "id");
    hq_json_i64(json, row->id);
    HQ_JSON_KEY(json, "tax");
    hq_json_text(json, hq_sv_from_cstr(hq_tax_name((hq_tax)row->tax)));
    HQ_JSON_KEY(json, "scheme");
    hq_json_text_or_null(json, row->scheme.len == 0 ? HQ_SV_NULL : row->scheme);
    HQ_JSON_KEY(json, "hs_digits");
    hq_json_i64(json, row->hs_digits);
    HQ_JSON_KEY(json, "rate_percent");
    if (row->has_rate) {
        hq_json_decimal(json, row->rate_percent);
    } else {
        hq_json_null(json);
    }
    HQ_JSON_KEY(json, "amount");
    if (row->has_amount) {
        hq_json_decimal(json, row->amount);
    } else {
        hq_json_null(json);
    }
    HQ_JSON_KEY(json, "amount_unit");
    write_code4(json, row->amount_unit);
    HQ_JSON_KEY(json, "amount_currency");
    write_code4(json, row->amount_currency);
    HQ_JSON_KEY(json, "producer");
    hq_json_text_or_null(json, row->producer.len == 0 ? HQ_SV_NULL : row->producer);
    HQ_JSON_KEY(json, "condition");
    hq_json_text_or_null(json, row->condition.len == 0 ? HQ_SV_NULL : row->condition);
    HQ_JSON_KEY(json, "source");
    hq_json_text(json, row->source);
    HQ_JSON_KEY(json, "valid_from");
    hq_json_day(json, row->from);
    HQ_JSON_KEY(json, "valid_to");
    hq_json_day(json, row->to);
    hq_json_close(json, '}');
}

static void write_rows(hq_json_w *json, const hq_tariff_row *const *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        write_tariff_row(json, rows[i]);
    }
}

static void write_taxes(hq_json_w *json, const hq_ref *ref, uint32_t hs8, hq_code4 origin,
                        hq_day day)
{
    const hq_tariff_row *rows[TARIFF_ROWS];
    write_rows(json, rows, hq_ref_schemes_for(rows, TARIFF_ROWS, ref, hs8, origin, day));
    for (int tax = HQ_TAX_EXPORT; tax < HQ_TAX_COUNT; tax++) {
        hq_tariff_query query = { .tax = (hq_tax)tax, .hs8 = hs8, .origin = origin, .day = day };
        write_rows(json, rows, hq_ref_tariff(rows, TARIFF_ROWS, ref, &query));
    }
}

static hq_status write_tariff(hq_request *request, const hq_ref *ref, uint32_t hs8, hq_code4 origin,
                              hq_day day)
{
    const hq_hs_row *name = hq_ref_hs(ref, hs8, day);
    if (name == NULL) {
        request->answer.why = (hq_why){
            .path = HQ_SV("/hs"),
            .vi = HQ_SV("Mã HS này không có trong danh mục vào ngày đó"),
            .en = HQ_SV("This HS code is not in the nomenclature on that day"),
        };
        return HQ_FAIL(NOT_FOUND);
    }
    request->answer.body = HQ_BUF_ARENA(request->arena, (size_t)1 << 20);
    hq_json_w json = hq_json_writer(&request->answer.body);
    hq_json_open(&json, '{');
    write_hs(&json, name);
    HQ_JSON_KEY(&json, "origin");
    write_code4(&json, origin);
    HQ_JSON_KEY(&json, "date");
    hq_json_day(&json, day);
    HQ_JSON_KEY(&json, "version");
    hq_json_i64(&json, hq_ref_version(ref));
    HQ_JSON_KEY(&json, "items");
    hq_json_open(&json, '[');
    write_taxes(&json, ref, hs8, origin, day);
    hq_json_close(&json, ']');
    HQ_JSON_KEY(&json, "next");
    hq_json_null(&json);
    hq_json_close(&json, '}');
    return hq_buf_status(&request->answer.body);
}

static hq_status get_tariff(hq_request *request, void *room)
{
    hq_reference *reference = room;
    hq_sv hs = request->params[0];
    hq_sv origin = hq_request_query(request, "origin");
    int64_t hs8;
    hq_day day;
    if (hs.len != 8 || !hq_sv_digits(hs) || !hq_sv_i64(&hs8, hs)) {
        return bad_parameter(request, "hs", "Mã HS phải có 8 chữ số", "An HS code has 8 digits");
    }
    HQ_TRY(hq_ref__day_parameter(&day, request, "date", hq_day_of(request->received_at)));
    const hq_ref *ref = hq_reference_acquire(reference);
    hq_status s = HQ_DONE;
    if (origin.len > 0 && !hq_ref_country_known(ref, hq_code4_of(origin))) {
        s = bad_parameter(request, "origin", "Không có nước này, cần mã 2 chữ in hoa, ví dụ CN",
                          "No such country; needs a code of 2 capitals, for example CN");
    }
    if (hq_ok(s)) {
        s = write_tariff(request, ref, (uint32_t)hs8, hq_code4_of(origin), day);
    }
    hq_reference_release(reference, ref);
    return s;
}

/* ------------------------------------------------------------------ table */

const hq_route hq_reference_routes[] = {
    { HQ_GET, "/api/v1/reference/hs", get_hs, 0, 0, HQ_POOL_FORMAL, 0 },
    { HQ_GET, "/api/v1/reference/tariff/{hs}", get_tariff, 0, 0, HQ_POOL_FORMAL, 0 },
    { HQ_GET, "/api/v1/reference/enterprises", get_enterprises, ROLES_CUSTOMS | ROLE_ADMINISTRATOR,
      HQ_ROUTE_SLOW, HQ_POOL_FORMAL, 0 },
    { HQ_GET, "/api/v1/reference/authorities", get_authorities, ROLES_CUSTOMS | ROLE_ADMINISTRATOR,
      HQ_ROUTE_SLOW, HQ_POOL_FORMAL, 0 },
    { HQ_GET, "/api/v1/reference/{table}", get_table, 0, HQ_ROUTE_SLOW, HQ_POOL_FORMAL, 0 },
    { HQ_POST, "/api/v1/reference/{table}", hq_ref__post_table, ROLES_IMPORT,
      HQ_ROUTE_SLOW | HQ_ROUTE_CSV, HQ_POOL_FORMAL, BODY_MAX },
};
const size_t hq_reference_route_count = sizeof hq_reference_routes / sizeof hq_reference_routes[0];
