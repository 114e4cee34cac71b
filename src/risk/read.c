/* SPDX-License-Identifier: Apache-2.0 */
#include "risk/room.h"

#include <stdlib.h>

/* A rule set as CSV: columns in any order, lists separated by ';', everything wrong found at once
 * with its line and column; and back as canonical bytes. */

#define FOUND_MAX  200
#define LIST_MAX   500
#define TEXT_MAX   500
#define HS_DIGITS  8
#define RULE_FLOWS ((1u << HQ_FLOW_IMPORT) | (1u << HQ_FLOW_EXPORT))

typedef enum {
    COL_RULE,
    COL_LANE,
    COL_FLOW,
    COL_KINDS,
    COL_HS,
    COL_ORIGINS,
    COL_COMPLIANCE,
    COL_OFFICES,
    COL_REASON_VI,
    COL_REASON_EN,
    COL_LEGAL_GROUND,
    COL_DISCLOSED,
    COL_VALID_FROM,
    COL_VALID_TO,
    COL_COUNT
} column;

static const hq_sv names[COL_COUNT] = {
    { "rule", 4 },        { "lane", 4 },      { "flow", 4 },          { "kinds", 5 },
    { "hs", 2 },          { "origins", 7 },   { "compliance", 10 },   { "offices", 7 },
    { "reason_vi", 9 },   { "reason_en", 9 }, { "legal_ground", 12 }, { "disclosed", 9 },
    { "valid_from", 10 }, { "valid_to", 8 },
};

typedef struct {
    hq_risk__found *found;
    hq_arena *arena;
    hq_sv *cells;      /* of the record, by file column */
    int at[COL_COUNT]; /* file column, -1 absent */
    size_t line;
    hq_risk__rule *rule;
} reader;

/* ------------------------------------------------------------------ findings */

static void find_at(hq_risk__found *found, hq_sv path, hq_sv value, const char *vi, const char *en)
{
    if (found->count == FOUND_MAX) {
        return;
    }
    if (found->items == NULL) {
        found->items = HQ_NEW_ARRAY(found->arena, hq_finding, FOUND_MAX);
        if (found->items == NULL) {
            return;
        }
    }
    hq_buf quoted = HQ_BUF_ARENA(found->arena, 8192);
    hq_json_w json = hq_json_writer(&quoted);
    hq_json_text(&json, hq_sv_sub(value, 0, 200));
    found->items[found->count++] = (hq_finding){
        .rule = HQ_SV("K1001"),
        .severity = HQ_SEVERITY_ERROR,
        .path = path,
        .value = hq_buf_view(&quoted),
        .vi = hq_sv_from_cstr(vi),
        .en = hq_sv_from_cstr(en),
    };
}

static hq_sv cell(const reader *r, column which)
{
    return r->at[which] < 0 ? HQ_SV("") : hq_sv_trim(r->cells[r->at[which]]);
}

static void find(reader *r, column which, const char *vi, const char *en)
{
    hq_sv path =
        hq_arena_printf(r->found->arena, "/line/%zu/%.*s", r->line, HQ_SV_FMT(names[which]));
    find_at(r->found, path, cell(r, which), vi, en);
}

/* ------------------------------------------------------------------ cells */

static void read_rule(reader *r)
{
    if (!hq_sv_digits(cell(r, COL_RULE)) || !hq_sv_i64(&r->rule->id, cell(r, COL_RULE)) ||
        r->rule->id <= 0) {
        find(r, COL_RULE, "Số quy tắc phải là số nguyên dương", "The rule needs a number above 0");
    }
}

static void read_lane(reader *r)
{
    hq_sv text = cell(r, COL_LANE);
    r->rule->lane = HQ_CHANNEL_RED;
    if (hq_sv_eq(text, HQ_SV("YELLOW"))) {
        r->rule->lane = HQ_CHANNEL_YELLOW;
    } else if (!hq_sv_eq(text, HQ_SV("RED"))) {
        find(r, COL_LANE, "Luồng phải là YELLOW hoặc RED", "The lane is YELLOW or RED");
    }
}

static void read_flow(reader *r)
{
    hq_sv text = cell(r, COL_FLOW);
    r->rule->flows = RULE_FLOWS;
    if (hq_sv_eq(text, HQ_SV("import"))) {
        r->rule->flows = 1u << HQ_FLOW_IMPORT;
    } else if (hq_sv_eq(text, HQ_SV("export"))) {
        r->rule->flows = 1u << HQ_FLOW_EXPORT;
    } else if (text.len > 0) {
        find(r, COL_FLOW, "Chiều phải là import, export hoặc để trống",
             "The flow is import, export or empty");
    }
}

/* Parts of a list, without the empty ones. */
static size_t parts_of(hq_sv **out, reader *r, column which)
{
    hq_sv rest = cell(r, which);
    size_t count = 0;
    *out = HQ_NEW_ARRAY(r->arena, hq_sv, rest.len / 2 + 1);
    while (*out != NULL && rest.ptr != NULL) {
        hq_sv part = hq_sv_trim(hq_sv_cut(&rest, ';'));
        if (part.len > 0) {
            (*out)[count++] = part;
        }
    }
    if (count > LIST_MAX) {
        find(r, which, "Danh sách quá 500 mục: hãy tách quy tắc",
             "More than 500 items: split the rule");
        return 0;
    }
    return count;
}

static bool capitals(hq_sv text, size_t len, bool digits)
{
    bool right = text.len == len;
    for (size_t i = 0; right && i < len; i++) {
        char c = text.ptr[i];
        right = (c >= 'A' && c <= 'Z') || (digits && c >= '0' && c <= '9');
    }
    return right;
}

static size_t read_codes(const hq_code4 **out, reader *r, column which, size_t len, bool digits,
                         const char *vi, const char *en)
{
    hq_sv *parts;
    size_t count = parts_of(&parts, r, which);
    hq_code4 *codes = HQ_NEW_ARRAY(r->arena, hq_code4, count + 1);
    for (size_t i = 0; codes != NULL && i < count; i++) {
        if (!capitals(parts[i], len, digits)) {
            find(r, which, vi, en);
            break;
        }
        codes[i] = hq_code4_of(parts[i]);
    }
    *out = codes;
    return codes == NULL ? 0 : count;
}

static void read_hs(reader *r)
{
    hq_sv *parts;
    size_t count = parts_of(&parts, r, COL_HS);
    uint64_t *keys = HQ_NEW_ARRAY(r->arena, uint64_t, count + 1);
    for (size_t i = 0; keys != NULL && i < count; i++) {
        int64_t prefix;
        if (parts[i].len < 2 || parts[i].len > HS_DIGITS || !hq_sv_digits(parts[i]) ||
            !hq_sv_i64(&prefix, parts[i])) {
            find(r, COL_HS, "Đầu mã HS có từ 2 đến 8 chữ số", "An HS prefix has 2 to 8 digits");
            break;
        }
        keys[i] = hq_risk__hs_key((unsigned)parts[i].len, (uint32_t)prefix);
    }
    r->rule->hs = keys;
    r->rule->hs_count = keys == NULL ? 0 : count;
}

static void read_compliance(reader *r)
{
    hq_sv *parts;
    size_t count = parts_of(&parts, r, COL_COMPLIANCE);
    for (size_t i = 0; i < count; i++) {
        if (parts[i].len != 1 || parts[i].ptr[0] < '0' || parts[i].ptr[0] > '5') {
            find(r, COL_COMPLIANCE, "Mức tuân thủ từ 1 đến 5, 0 là chưa biết",
                 "A compliance grade is 1 to 5, 0 when unknown");
            break;
        }
        r->rule->grades |= (uint8_t)(1u << (parts[i].ptr[0] - '0'));
    }
}

static void read_offices(reader *r)
{
    hq_sv *parts;
    size_t count = parts_of(&parts, r, COL_OFFICES);
    for (size_t i = 0; i < count; i++) {
        if (parts[i].len > 6 || !capitals(parts[i], parts[i].len, true)) {
            find(r, COL_OFFICES, "Mã đơn vị hải quan gồm tối đa 6 chữ hoa và số",
                 "An office code has up to 6 capitals and digits");
            break;
        }
    }
    r->rule->offices = parts;
    r->rule->office_count = parts == NULL ? 0 : count;
}

static hq_sv read_text(reader *r, column which, bool required)
{
    hq_sv text = cell(r, which);
    if (required && text.len == 0) {
        find(r, which, "Cần ghi lý do bằng cả tiếng Việt và tiếng Anh",
             "The reason is needed in Vietnamese and in English");
    } else if (hq_utf8_length(text) > TEXT_MAX || hq_utf8_has_control(text)) {
        find(r, which, "Quá 500 ký tự hoặc có ký tự điều khiển",
             "Over 500 characters or with control characters");
    }
    return text;
}

static void read_disclosed(reader *r)
{
    hq_sv text = cell(r, COL_DISCLOSED);
    r->rule->disclosed = hq_sv_eq(text, HQ_SV("1"));
    if (text.len > 0 && !r->rule->disclosed && !hq_sv_eq(text, HQ_SV("0"))) {
        find(r, COL_DISCLOSED, "Chỉ 0 hoặc 1", "Either 0 or 1");
    }
    if (r->rule->disclosed && r->rule->legal_ground.len == 0) {
        find(r, COL_LEGAL_GROUND, "Quy tắc được công khai phải có căn cứ pháp lý",
             "A rule that is disclosed needs its legal ground");
    }
}

static void read_days(reader *r)
{
    hq_sv to = cell(r, COL_VALID_TO);
    r->rule->to = HQ_DAY_OPEN;
    if (hq_failed(hq_day_parse(&r->rule->from, cell(r, COL_VALID_FROM)))) {
        find(r, COL_VALID_FROM, "Cần ngày dạng NĂM-THÁNG-NGÀY", "Needs a day YYYY-MM-DD");
    }
    if (to.len > 0 && hq_failed(hq_day_parse(&r->rule->to, to))) {
        find(r, COL_VALID_TO, "Cần ngày dạng NĂM-THÁNG-NGÀY hoặc để trống",
             "Needs a day YYYY-MM-DD or nothing");
    } else if (r->rule->to < r->rule->from) {
        find(r, COL_VALID_TO, "Ngày hết hiệu lực trước ngày hiệu lực",
             "The end lies before the beginning");
    }
}

/* A rule without a condition would stop everything: the random share is for that. */
static void check_conditions(reader *r)
{
    const hq_risk__rule *rule = r->rule;
    if (rule->hs_count + rule->origin_count + rule->kind_count + rule->office_count == 0 &&
        rule->grades == 0 && rule->flows == RULE_FLOWS) {
        find(r, COL_RULE, "Quy tắc không có điều kiện nào: sẽ chặn mọi tờ khai",
             "The rule has no condition and would stop every declaration");
    }
}

static void read_record(reader *r)
{
    read_rule(r);
    read_lane(r);
    read_flow(r);
    r->rule->kind_count =
        read_codes(&r->rule->kinds, r, COL_KINDS, 3, true, "Mã loại hình có 3 ký tự, ví dụ A11",
                   "A kind has 3 characters, for example A11");
    read_hs(r);
    r->rule->origin_count =
        read_codes(&r->rule->origins, r, COL_ORIGINS, 2, false, "Mã nước có 2 chữ hoa, ví dụ CN",
                   "A country has 2 capitals, for example CN");
    read_compliance(r);
    read_offices(r);
    r->rule->reason_vi = read_text(r, COL_REASON_VI, true);
    r->rule->reason_en = read_text(r, COL_REASON_EN, true);
    r->rule->legal_ground = read_text(r, COL_LEGAL_GROUND, false);
    read_disclosed(r);
    read_days(r);
    check_conditions(r);
}

/* ------------------------------------------------------------------ file */

static void read_header(reader *r, size_t count)
{
    for (size_t c = 0; c < COL_COUNT; c++) {
        r->at[c] = -1;
    }
    for (size_t i = 0; i < count; i++) {
        hq_sv name = hq_sv_trim(r->cells[i]);
        size_t c = 0;
        while (c < COL_COUNT && !hq_sv_eq(name, names[c])) {
            c++;
        }
        if (c == COL_COUNT || r->at[c] >= 0) {
            find_at(r->found, HQ_SV("/line/1"), name, "Cột này không có hoặc lặp lại",
                    "There is no such column, or it comes twice");
        } else {
            r->at[c] = (int)i;
        }
    }
    for (size_t c = 0; c < COL_COUNT; c++) {
        if (r->at[c] < 0) {
            find_at(r->found, HQ_SV("/line/1"), names[c], "Thiếu cột này",
                    "This column is missing");
        }
    }
}

static int by_id(const void *a, const void *b)
{
    const hq_risk__rule *x = a;
    const hq_risk__rule *y = b;
    return x->id < y->id ? -1 : x->id > y->id;
}

static void check_twice(hq_risk__found *found, const hq_risk__rule *rules, size_t count,
                        hq_arena *arena)
{
    for (size_t i = 1; i < count; i++) {
        if (rules[i].id == rules[i - 1].id && rules[i].id > 0) {
            hq_sv number = hq_arena_printf(arena, "%lld", (long long)rules[i].id);
            find_at(found, HQ_SV("/rule"), number, "Số quy tắc này xuất hiện hai lần",
                    "This rule number comes twice");
        }
    }
}

static hq_status read_records(hq_risk__rule *rules, size_t *count, reader *r, hq_csv *csv,
                              hq_why *why)
{
    *count = 0;
    for (;;) {
        size_t fields;
        hq_status s = hq_csv_next(r->cells, &fields, csv, r->arena, why);
        if (s.code == HQ_E_NOT_FOUND) {
            return HQ_DONE;
        }
        HQ_TRY(s);
        if (*count == HQ_RISK__RULES_MAX) {
            return HQ_FAIL(LIMIT);
        }
        r->line = csv->line;
        r->rule = &rules[(*count)++];
        read_record(r);
    }
}

hq_status hq_risk__read(hq_risk__rule **out, size_t *count, hq_sv csv, hq_risk__found *found,
                        hq_arena *arena, hq_why *why)
{
    size_t most = 1;
    for (size_t i = 0; i < csv.len; i++) {
        most += csv.ptr[i] == '\n';
    }
    most = most > HQ_RISK__RULES_MAX ? HQ_RISK__RULES_MAX : most;
    hq_csv file = hq_csv_open(csv);
    size_t fields = 0;
    reader r = { .found = found, .arena = arena };
    r.cells = HQ_NEW_ARRAY(arena, hq_sv, HQ_CSV_COLUMNS_MAX);
    *out = HQ_NEW_ARRAY(arena, hq_risk__rule, most);
    *count = 0;
    if (r.cells == NULL || *out == NULL) {
        return HQ_FAIL(NOMEM);
    }
    hq_status s = hq_csv_next(r.cells, &fields, &file, arena, why);
    if (hq_failed(s) && s.code != HQ_E_NOT_FOUND) {
        return s;
    }
    size_t before = found->count;
    read_header(&r, fields);
    if (found->count > before) {
        return HQ_DONE;
    }
    HQ_TRY(read_records(*out, count, &r, &file, why));
    qsort(*out, *count, sizeof **out, by_id);
    check_twice(found, *out, *count, arena);
    return HQ_DONE;
}

/* ------------------------------------------------------------------ canonical */

static void quote(hq_buf *buf, hq_sv text)
{
    hq_buf_char(buf, '"');
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"') {
            hq_buf_char(buf, '"');
        }
        hq_buf_char(buf, text.ptr[i]);
    }
    hq_buf_char(buf, '"');
}

static void write_codes(hq_buf *buf, const hq_code4 *codes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char text[4];
        if (i > 0) {
            hq_buf_char(buf, ';');
        }
        hq_buf_sv(buf, hq_code4_text(text, codes[i]));
    }
}

static void write_hs(hq_buf *buf, const hq_risk__rule *rule)
{
    for (size_t i = 0; i < rule->hs_count; i++) {
        hq_buf_printf(buf, "%s%0*u", i > 0 ? ";" : "", (int)((rule->hs[i] >> 32) & 0xF),
                      (unsigned)(rule->hs[i] & UINT32_MAX));
    }
}

static void write_grades(hq_buf *buf, uint8_t grades)
{
    bool first = true;
    for (int grade = 0; grade <= 5; grade++) {
        if ((grades & (1u << grade)) != 0) {
            hq_buf_printf(buf, "%s%d", first ? "" : ";", grade);
            first = false;
        }
    }
}

static void write_offices(hq_buf *buf, const hq_risk__rule *rule)
{
    for (size_t i = 0; i < rule->office_count; i++) {
        if (i > 0) {
            hq_buf_char(buf, ';');
        }
        hq_buf_sv(buf, rule->offices[i]);
    }
}

static void write_rule(hq_buf *buf, const hq_risk__rule *rule)
{
    hq_buf_i64(buf, rule->id);
    hq_buf_printf(buf, ",%s,", hq_channel_name(rule->lane));
    if (rule->flows != RULE_FLOWS) {
        hq_buf_sv(buf, rule->flows == 1u << HQ_FLOW_IMPORT ? HQ_SV("import") : HQ_SV("export"));
    }
    hq_buf_char(buf, ',');
    write_codes(buf, rule->kinds, rule->kind_count);
    hq_buf_char(buf, ',');
    write_hs(buf, rule);
    hq_buf_char(buf, ',');
    write_codes(buf, rule->origins, rule->origin_count);
    hq_buf_char(buf, ',');
    write_grades(buf, rule->grades);
    hq_buf_char(buf, ',');
    write_offices(buf, rule);
    hq_buf_char(buf, ',');
    quote(buf, rule->reason_vi);
    hq_buf_char(buf, ',');
    quote(buf, rule->reason_en);
    hq_buf_char(buf, ',');
    quote(buf, rule->legal_ground);
    hq_buf_printf(buf, ",%d,", rule->disclosed ? 1 : 0);
    hq_day_write(buf, rule->from);
    hq_buf_char(buf, ',');
    hq_day_write(buf, rule->to);
    hq_buf_char(buf, '\n');
}

hq_status hq_risk__canonical(hq_buf *buf, const hq_risk__rule *rules, size_t count)
{
    for (size_t c = 0; c < COL_COUNT; c++) {
        if (c > 0) {
            hq_buf_char(buf, ',');
        }
        hq_buf_sv(buf, names[c]);
    }
    hq_buf_char(buf, '\n');
    for (size_t i = 0; i < count; i++) {
        write_rule(buf, &rules[i]);
    }
    return hq_buf_status(buf);
}
