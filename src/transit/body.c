/* SPDX-License-Identifier: Apache-2.0 */
#include "transit/room.h"

/* Reading what is declared and told: everything wrong is found at once, each with its place, what
 * was seen and what to do. */

#define TEXT_MAX   2000
#define LIST_MAX   100
#define PLACE_MAX  10
#define NUMBER_MAX 35

void hq_tra__find(hq_tra__found *found, const char *rule, hq_sv path, hq_sv value, hq_sv vi,
                  hq_sv en)
{
    if (found->count < sizeof found->items / sizeof found->items[0]) {
        found->items[found->count++] = (hq_finding){ .rule = hq_sv_from_cstr(rule),
                                                     .severity = HQ_SEVERITY_ERROR,
                                                     .path = path,
                                                     .value = value,
                                                     .vi = vi,
                                                     .en = en };
    }
}

hq_status hq_tra__found_status(hq_request *request, const hq_tra__found *found)
{
    if (found->count == 0) {
        return HQ_DONE;
    }
    request->answer.findings = found->items;
    request->answer.finding_count = found->count;
    request->answer.why = (hq_why){ .vi = HQ_SV("Nội dung có lỗi; tất cả được nêu ở errors"),
                                    .en = HQ_SV("The body has errors; all of them are in errors") };
    return HQ_FAIL(INVALID);
}

hq_status hq_tra__body(const hq_json **out, hq_request *request)
{
    static const hq_json empty = { .type = HQ_JSON_OBJECT, .skip = 1 };
    *out = &empty;
    if (hq_sv_trim(request->body).len > 0) {
        HQ_TRY(hq_json_parse(out, request->body, request->arena, &request->answer.why));
    }
    if ((*out)->type != HQ_JSON_OBJECT) {
        request->answer.why = (hq_why){ .vi = HQ_SV("Nội dung phải là một đối tượng JSON {...}"),
                                        .en = HQ_SV("The body must be one JSON object {...}") };
        return HQ_FAIL(INVALID);
    }
    return HQ_DONE;
}

/* ------------------------------------------------------------------ members */

static hq_sv path_of(hq_tra__found *found, const char *name)
{
    return hq_arena_printf(found->arena, "/%s", name);
}

static hq_sv quoted(hq_tra__found *found, hq_sv text)
{
    hq_buf buf = HQ_BUF_ARENA(found->arena, 4096);
    hq_json_w w = hq_json_writer(&buf);
    hq_json_text(&w, hq_sv_sub(text, 0, 200));
    return hq_buf_view(&buf);
}

static const hq_json *member(hq_tra__found *found, const hq_json *body, const char *name,
                             hq_json_type type, bool needed)
{
    const hq_json *value = hq_json_get(body, name);
    if (value == NULL || value->type == HQ_JSON_NULL) {
        if (needed) {
            hq_tra__find(found, "T8001", path_of(found, name), HQ_SV(""),
                         HQ_SV("Thiếu trường bắt buộc này"), HQ_SV("This field is required"));
        }
        return NULL;
    }
    if (value->type != type) {
        hq_tra__find(found, "T8002", path_of(found, name), HQ_SV(""),
                     HQ_SV("Trường này sai kiểu JSON"),
                     HQ_SV("This field has the wrong JSON type"));
        return NULL;
    }
    return value;
}

static hq_sv text_of(hq_tra__found *found, const hq_json *body, const char *name, size_t max,
                     bool needed)
{
    const hq_json *value = member(found, body, name, HQ_JSON_STRING, needed);
    if (value == NULL) {
        return HQ_SV("");
    }
    hq_sv text = hq_sv_trim(value->text);
    if (text.len == 0 && needed) {
        hq_tra__find(found, "T8001", path_of(found, name), HQ_SV("\"\""),
                     HQ_SV("Thiếu trường bắt buộc này"), HQ_SV("This field is required"));
    }
    if (hq_utf8_length(text) <= max && !hq_utf8_has_control(text)) {
        return text;
    }
    hq_tra__find(
        found, "T8003", path_of(found, name), quoted(found, text),
        hq_arena_printf(found->arena, "Tối đa %zu ký tự, không có ký tự điều khiển", max),
        hq_arena_printf(found->arena, "At most %zu characters, none of them control", max));
    return HQ_SV("");
}

static hq_day day_of(hq_tra__found *found, const hq_json *body, const char *name, bool needed)
{
    hq_day day = 0;
    const hq_json *value = member(found, body, name, HQ_JSON_STRING, needed);
    if (value != NULL && hq_failed(hq_day_parse(&day, value->text))) {
        hq_tra__find(found, "T8004", path_of(found, name), quoted(found, value->text),
                     HQ_SV("Phải là ngày có thật, viết NĂM-THÁNG-NGÀY"),
                     HQ_SV("Must be a day that exists, written YYYY-MM-DD"));
        day = 0;
    }
    return day;
}

static void only(hq_tra__found *found, const hq_json *body, const hq_sv *names, size_t count)
{
    for (const hq_json *m = hq_json_first(body); m != NULL; m = hq_json_next(body, m)) {
        bool known = false;
        for (size_t i = 0; i < count && !known; i++) {
            known = hq_sv_eq(m->key, names[i]);
        }
        hq_sv near = known ? HQ_SV_NULL : hq_sv_nearest(m->key, names, count);
        if (!known) {
            hq_tra__find(
                found, "T8005", hq_arena_printf(found->arena, "/%.*s", HQ_SV_FMT(m->key)),
                HQ_SV(""),
                near.ptr == NULL
                    ? HQ_SV("Trường này không có")
                    : hq_arena_printf(found->arena, "Trường này không có, có phải là %.*s?",
                                      HQ_SV_FMT(near)),
                near.ptr == NULL
                    ? HQ_SV("There is no such field")
                    : hq_arena_printf(found->arena, "There is no such field, did you mean %.*s?",
                                      HQ_SV_FMT(near)));
        }
    }
}

/* Texts of a list, each at most `max` characters; how many. */
static size_t list_of(hq_tra__found *found, const hq_json *body, const char *name, size_t max)
{
    const hq_json *list = member(found, body, name, HQ_JSON_ARRAY, false);
    size_t i = 0;
    for (const hq_json *e = list == NULL ? NULL : hq_json_first(list); e != NULL;
         e = hq_json_next(list, e), i++) {
        if (e->type != HQ_JSON_STRING || e->text.len == 0 || hq_utf8_length(e->text) > max ||
            hq_utf8_has_control(e->text) || i >= LIST_MAX) {
            hq_tra__find(
                found, "T8006", hq_arena_printf(found->arena, "/%s/%zu", name, i), HQ_SV(""),
                hq_arena_printf(found->arena,
                                "Danh sách gồm tối đa 100 chuỗi, mỗi chuỗi 1 đến %zu ký tự", max),
                hq_arena_printf(found->arena, "At most 100 texts of 1 to %zu characters each",
                                max));
            return i;
        }
    }
    return i;
}

/* ------------------------------------------------------------------ what is declared */

static void check_office(hq_tra__found *found, const char *name, hq_sv office, const hq_ref *ref,
                         hq_day day)
{
    const hq_office_row *row = office.len == 0 ? NULL : hq_ref_office(ref, office, day);
    if (office.len > 0 && (row == NULL || row->level < HQ_LEVEL_BRANCH)) {
        hq_tra__find(found, "T8010", path_of(found, name), quoted(found, office),
                     HQ_SV("Không có hải quan cửa khẩu, ngoài cửa khẩu hoặc đội mang mã này"),
                     HQ_SV("There is no branch or team of customs with this code"));
    }
}

static void check_days(hq_tra__found *found, const hq_json *body, hq_day today)
{
    hq_day departs = day_of(found, body, "planned_departure", true);
    hq_day arrives = day_of(found, body, "planned_arrival", true);
    if (departs != 0 && departs < today) {
        hq_tra__find(found, "T8011", HQ_SV("/planned_departure"), HQ_SV(""),
                     HQ_SV("Ngày khởi hành dự kiến đã qua"),
                     HQ_SV("The planned day of departure is over"));
    }
    if (departs != 0 && arrives != 0 && arrives < departs) {
        hq_tra__find(found, "T8012", HQ_SV("/planned_arrival"), HQ_SV(""),
                     HQ_SV("Ngày đến phải từ ngày khởi hành trở đi"),
                     HQ_SV("The day of arrival must not be before that of departure"));
    }
}

static void check_containers(hq_tra__found *found, const hq_json *body)
{
    const hq_json *list = hq_json_get(body, "containers");
    size_t i = 0;
    if (list == NULL || list->type != HQ_JSON_ARRAY) {
        return;
    }
    for (const hq_json *e = hq_json_first(list); e != NULL; e = hq_json_next(list, e), i++) {
        if (e->type == HQ_JSON_STRING && !hq_container_valid(e->text)) {
            hq_tra__find(found, "T8013", hq_arena_printf(found->arena, "/containers/%zu", i),
                         quoted(found, e->text),
                         HQ_SV("Số container sai chữ số kiểm tra (ISO 6346)"),
                         HQ_SV("The container number has a wrong check digit (ISO 6346)"));
        }
    }
}

static int64_t packages_of(hq_tra__found *found, const hq_json *body, bool needed)
{
    int64_t count = 0;
    const hq_json *packages = member(found, body, "packages", HQ_JSON_OBJECT, needed);
    if (packages == NULL) {
        return -1;
    }
    if (!hq_json_get_i64(&count, packages, "count") || count < 1 || count > 99999999) {
        hq_tra__find(found, "T8014", HQ_SV("/packages/count"), HQ_SV(""),
                     HQ_SV("Số kiện là số nguyên từ 1 đến 99999999"),
                     HQ_SV("The number of packages is a whole number from 1 to 99999999"));
        return -1;
    }
    return count;
}

hq_status hq_tra__read_declared(hq_tra__row *row, hq_tra__found *found, const hq_json *body,
                                const hq_ref *ref, hq_day day, const hq_caller *caller)
{
    static const hq_sv names[] = {
        { "office_from", 11 },     { "place_from", 10 },   { "office_to", 9 },
        { "place_to", 8 },         { "trader", 6 },        { "carrier", 7 },
        { "conveyance", 10 },      { "route", 5 },         { "planned_departure", 17 },
        { "planned_arrival", 15 }, { "declarations", 12 }, { "bills", 5 },
        { "containers", 10 },      { "packages", 8 },      { "goods", 5 },
        { "guarantee", 9 },        { "reference", 9 },     { "notes", 5 },
    };
    only(found, body, names, sizeof names / sizeof names[0]);
    row->office_from = text_of(found, body, "office_from", 8, true);
    row->office_to = text_of(found, body, "office_to", 8, true);
    hq_sv trader = text_of(found, body, "trader", 14, false);
    row->trader = trader.len > 0 ? trader : caller->tax_code;
    row->agent = hq_sv_eq(row->trader, caller->tax_code) ? HQ_SV("") : caller->tax_code;
    check_office(found, "office_from", row->office_from, ref, day);
    check_office(found, "office_to", row->office_to, ref, day);
    if (row->office_from.len > 0 && hq_sv_eq(row->office_from, row->office_to)) {
        hq_tra__find(found, "T8015", HQ_SV("/office_to"), quoted(found, row->office_to),
                     HQ_SV("Nơi đến phải khác nơi đi"),
                     HQ_SV("The office of arrival must be another than that of departure"));
    }
    text_of(found, body, "place_from", PLACE_MAX, true);
    text_of(found, body, "place_to", PLACE_MAX, true);
    text_of(found, body, "carrier", 14, false);
    text_of(found, body, "conveyance", NUMBER_MAX, true);
    text_of(found, body, "route", TEXT_MAX, false);
    text_of(found, body, "goods", TEXT_MAX, true);
    text_of(found, body, "guarantee", NUMBER_MAX, false);
    text_of(found, body, "reference", NUMBER_MAX, false);
    text_of(found, body, "notes", TEXT_MAX, false);
    list_of(found, body, "declarations", 12);
    list_of(found, body, "bills", NUMBER_MAX);
    list_of(found, body, "containers", 12);
    packages_of(found, body, true);
    check_days(found, body, day);
    check_containers(found, body);
    row->body = body->text;
    return HQ_DONE;
}

hq_status hq_tra__check_declarations(hq_tra__found *found, hq_tx *tx, const hq_tra__row *row)
{
    const hq_json *body;
    size_t i = 0;
    HQ_TRY(hq_json_parse_copy(&body, row->body, found->arena, NULL));
    const hq_json *list = hq_json_get(body, "declarations");
    for (const hq_json *e = list == NULL || list->type != HQ_JSON_ARRAY ? NULL
                                                                        : hq_json_first(list);
         e != NULL; e = hq_json_next(list, e), i++) {
        hq_declaration_seen seen;
        hq_status s = hq_clearance_look(&seen, tx, e->text, found->arena);
        if (hq_failed(s) && s.code != HQ_E_NOT_FOUND) {
            return s;
        }
        if (hq_failed(s) || !hq_sv_eq(seen.trader, row->trader)) {
            hq_tra__find(found, "T8016", hq_arena_printf(found->arena, "/declarations/%zu", i),
                         quoted(found, e->text), HQ_SV("Doanh nghiệp không có tờ khai số này"),
                         HQ_SV("The trader has no declaration of this number"));
        }
    }
    return HQ_DONE;
}

/* ------------------------------------------------------------------ what a verb is told */

static hq_sv seals_of(hq_tra__found *found, const hq_json *body)
{
    if (list_of(found, body, "seals", NUMBER_MAX) == 0) {
        hq_tra__find(found, "T8017", HQ_SV("/seals"), HQ_SV(""),
                     HQ_SV("Nêu ít nhất một số niêm phong"), HQ_SV("Name at least one seal"));
        return HQ_SV("[]");
    }
    return hq_json_get(body, "seals")->text;
}

static hq_time_us due_of(hq_tra__found *found, const hq_json *body, hq_time_us now)
{
    hq_time_us due = 0;
    const hq_json *value = member(found, body, "due", HQ_JSON_STRING, true);
    if (value != NULL && (hq_failed(hq_time_parse(&due, value->text)) || due <= now)) {
        hq_tra__find(found, "T8018", HQ_SV("/due"), quoted(found, value->text),
                     HQ_SV("Hạn mới là thời điểm RFC 3339 sau hiện tại"),
                     HQ_SV("The new end is a time as in RFC 3339 after now"));
    }
    return due;
}

static hq_sv seal_state_of(hq_tra__found *found, const hq_json *body)
{
    hq_sv state = text_of(found, body, "seals", 10, true);
    if (state.len > 0 && !hq_sv_eq(state, HQ_SV("INTACT")) && !hq_sv_eq(state, HQ_SV("BROKEN"))) {
        hq_tra__find(found, "T8019", HQ_SV("/seals"), quoted(found, state),
                     HQ_SV("seals là INTACT (còn nguyên) hoặc BROKEN (bị phá)"),
                     HQ_SV("seals is INTACT or BROKEN"));
    }
    return state;
}

void hq_tra__read_told(hq_tra__told *out, hq_tra__found *found, const hq_json *body,
                       hq_tra__verb verb, hq_time_us now)
{
    static const hq_sv reasons[] = { { "reason", 6 } };
    static const hq_sv notes[] = { { "note", 4 } };
    static const hq_sv departs[] = { { "seals", 5 }, { "note", 4 } };
    static const hq_sv extends[] = { { "due", 3 }, { "reason", 6 } };
    static const hq_sv arrives[] = { { "seals", 5 }, { "packages", 8 }, { "note", 4 } };
    *out = (hq_tra__told){ .package_count = -1, .seals = HQ_SV("null") };
    if (verb == HQ_TRA__APPROVE) {
        only(found, body, notes, 1);
    } else if (verb == HQ_TRA__DEPART) {
        only(found, body, departs, 2);
        out->seals = seals_of(found, body);
    } else if (verb == HQ_TRA__ARRIVE) {
        only(found, body, arrives, 3);
        out->seal_state = seal_state_of(found, body);
        out->package_count = packages_of(found, body, true);
    } else {
        only(found, body, verb == HQ_TRA__EXTEND ? extends : reasons,
             verb == HQ_TRA__EXTEND ? 2 : 1);
        out->reason = text_of(found, body, "reason", TEXT_MAX, true);
    }
    if (verb == HQ_TRA__EXTEND) {
        out->due = due_of(found, body, now);
    }
    if (verb == HQ_TRA__APPROVE || verb == HQ_TRA__DEPART || verb == HQ_TRA__ARRIVE) {
        out->note = text_of(found, body, "note", TEXT_MAX, false);
    }
}
