/* SPDX-License-Identifier: Apache-2.0 */
#include "balance/room.h"

/* Reading bodies and parameters: everything wrong with a body is found at once, each with its
 * place, what was seen, and what to do in both languages. */

/* ------------------------------------------------------------------ findings */

static hq_sv seen(const hq_json *value, hq_arena *arena)
{
    if (value == NULL) {
        return HQ_SV("");
    }
    switch ((hq_json_type)value->type) {
    case HQ_JSON_NULL:
        return HQ_SV("null");
    case HQ_JSON_FALSE:
        return HQ_SV("false");
    case HQ_JSON_TRUE:
        return HQ_SV("true");
    case HQ_JSON_NUMBER:
        return value->text;
    case HQ_JSON_ARRAY:
        return HQ_SV("[]");
    case HQ_JSON_OBJECT:
        return HQ_SV("{}");
    case HQ_JSON_STRING:
        break;
    }
    return hq_bal__json_text(arena, hq_sv_sub(value->text, 0, 200));
}

void hq_bal__find(hq_bal__found *found, const char *rule, hq_sv path, const hq_json *value,
                  hq_sv vi, hq_sv en)
{
    if (found->count == sizeof found->items / sizeof found->items[0]) {
        return;
    }
    found->items[found->count++] = (hq_finding){
        .rule = hq_sv_from_cstr(rule),
        .severity = HQ_SEVERITY_ERROR,
        .path = path,
        .value = seen(value, found->arena),
        .vi = vi,
        .en = en,
    };
}

hq_sv hq_bal__below(hq_bal__found *found, hq_sv path, const char *name)
{
    return hq_arena_printf(found->arena, "%.*s/%s", HQ_SV_FMT(path), name);
}

static void unknown(hq_bal__found *found, const hq_json *member, hq_sv path, const hq_sv *names,
                    size_t count)
{
    hq_sv near = hq_sv_nearest(member->key, names, count);
    hq_sv vi = HQ_SV("Trường này không có");
    hq_sv en = HQ_SV("There is no such field");
    if (near.ptr != NULL) {
        vi =
            hq_arena_printf(found->arena, "Trường này không có, có phải là %.*s?", HQ_SV_FMT(near));
        en = hq_arena_printf(found->arena, "There is no such field, did you mean %.*s?",
                             HQ_SV_FMT(near));
    }
    hq_bal__find(
        found, "H8003",
        hq_arena_printf(found->arena, "%.*s/%.*s", HQ_SV_FMT(path), HQ_SV_FMT(member->key)), member,
        vi, en);
}

void hq_bal__only(hq_bal__found *found, const hq_json *object, hq_sv path, const hq_sv *names,
                  size_t count)
{
    for (const hq_json *m = hq_json_first(object); m != NULL; m = hq_json_next(object, m)) {
        bool known = false;
        for (size_t i = 0; i < count && !known; i++) {
            known = hq_sv_eq(m->key, names[i]);
        }
        if (!known) {
            unknown(found, m, path, names, count);
        }
    }
}

/* ------------------------------------------------------------------ members */

static const hq_json *member(const hq_bal__at *at, const char *name, bool required)
{
    const hq_json *value = hq_json_get(at->object, name);
    bool absent = value == NULL || value->type == HQ_JSON_NULL ||
                  (value->type == HQ_JSON_STRING && value->text.len == 0);
    if (!absent) {
        return value;
    }
    if (required) {
        hq_bal__find(at->found, "H8001", hq_bal__below(at->found, at->path, name), NULL,
                     HQ_SV("Thiếu trường bắt buộc này"), HQ_SV("This field is required"));
    }
    return NULL;
}

hq_sv hq_bal__text(const hq_bal__at *at, const char *name, size_t max, bool required)
{
    const hq_json *value = member(at, name, required);
    if (value == NULL) {
        return HQ_SV("");
    }
    if (value->type == HQ_JSON_STRING && hq_utf8_length(value->text) <= max &&
        !hq_utf8_has_control(value->text)) {
        return value->text;
    }
    hq_bal__find(at->found, "H8002", hq_bal__below(at->found, at->path, name), value,
                 hq_arena_printf(at->found->arena, "Cần chuỗi từ 1 đến %zu ký tự", max),
                 hq_arena_printf(at->found->arena, "Needs a text of 1 to %zu characters", max));
    return HQ_SV("");
}

hq_day hq_bal__day(const hq_bal__at *at, const char *name, bool required)
{
    hq_day day;
    const hq_json *value = member(at, name, required);
    if (value == NULL) {
        return 0;
    }
    if (value->type == HQ_JSON_STRING && hq_ok(hq_day_parse(&day, value->text))) {
        return day;
    }
    hq_bal__find(at->found, "H8005", hq_bal__below(at->found, at->path, name), value,
                 HQ_SV("Cần ngày dạng NĂM-THÁNG-NGÀY, ví dụ 2026-11-20"),
                 HQ_SV("Needs a day YYYY-MM-DD, for example 2026-11-20"));
    return 0;
}

int64_t hq_bal__whole(const hq_bal__at *at, const char *name, int64_t most, bool required)
{
    int64_t number;
    const hq_json *value = member(at, name, required);
    if (value == NULL) {
        return 0;
    }
    if (hq_json_get_i64(&number, at->object, name) && number >= 1 && number <= most) {
        return number;
    }
    hq_bal__find(
        at->found, "H8002", hq_bal__below(at->found, at->path, name), value,
        hq_arena_printf(at->found->arena, "Cần số nguyên từ 1 đến %lld", (long long)most),
        hq_arena_printf(at->found->arena, "Needs a whole number from 1 to %lld", (long long)most));
    return 0;
}

int64_t hq_bal__quantity(const hq_bal__at *at, const char *name, uint8_t decimals, bool required)
{
    hq_decimal amount;
    int64_t scaled;
    const hq_json *value = member(at, name, required);
    if (value == NULL) {
        return -1;
    }
    if (value->type == HQ_JSON_STRING && hq_ok(hq_decimal_parse(&amount, value->text)) &&
        amount.units > 0 && hq_decimal_trim(amount).scale <= decimals &&
        hq_bal__scaled(&scaled, amount) && scaled <= INT64_C(10000000000000000)) {
        return scaled;
    }
    hq_bal__find(
        at->found, "H8004", hq_bal__below(at->found, at->path, name), value,
        hq_arena_printf(at->found->arena,
                        "Cần số thập phân dương viết trong chuỗi, tối đa %d chữ số lẻ, ví dụ "
                        "\"1234.50\"",
                        decimals),
        hq_arena_printf(at->found->arena,
                        "Needs a decimal above zero in a string with at most %d decimals, for "
                        "example \"1234.50\"",
                        decimals));
    return -1;
}

/* ------------------------------------------------------------------ requests */

hq_status hq_bal__body(const hq_json **out, hq_request *request)
{
    static const hq_json empty = { .type = HQ_JSON_OBJECT, .skip = 1 };
    *out = &empty;
    if (hq_sv_trim(request->body).len > 0) {
        HQ_TRY(hq_json_parse(out, request->body, request->arena, &request->answer.why));
    }
    if ((*out)->type == HQ_JSON_OBJECT) {
        return HQ_DONE;
    }
    hq_bal__why(&request->answer.why, HQ_SV(""), HQ_SV("Nội dung phải là một đối tượng JSON"),
                HQ_SV("The body must be a JSON object"));
    return HQ_FAIL(INVALID);
}

hq_status hq_bal__found_status(hq_request *request, const hq_bal__found *found)
{
    if (found->count == 0) {
        return HQ_DONE;
    }
    hq_finding *items = HQ_NEW_ARRAY(request->arena, hq_finding, found->count);
    if (items == NULL) {
        return HQ_FAIL(NOMEM);
    }
    memcpy(items, found->items, found->count * sizeof *items);
    request->answer.findings = items;
    request->answer.finding_count = found->count;
    hq_bal__why(&request->answer.why, HQ_SV(""), HQ_SV("Nội dung có lỗi; tất cả được nêu ở errors"),
                HQ_SV("The body has errors; all of them are in errors"));
    return HQ_FAIL(INVALID);
}

hq_status hq_bal__limit(size_t *out, hq_request *request, size_t most)
{
    hq_sv text = hq_request_query(request, "limit");
    int64_t limit = 50;
    if (text.len > 0 &&
        (!hq_sv_digits(text) || !hq_sv_i64(&limit, text) || limit < 1 || limit > (int64_t)most)) {
        hq_bal__why(&request->answer.why, HQ_SV("/query/limit"),
                    hq_arena_printf(request->arena, "limit phải từ 1 đến %zu", most),
                    hq_arena_printf(request->arena, "limit must be from 1 to %zu", most));
        return HQ_FAIL(INVALID);
    }
    *out = (size_t)limit;
    return HQ_DONE;
}
