/* SPDX-License-Identifier: Apache-2.0 */
#include "treasury/room.h"

/* Reading bodies and parameters: everything wrong with a body is found at once, each with its
 * place, what was seen, and what to do in both languages. */

#define VND_MAX INT64_C(1000000000000000)

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
    hq_buf buf = HQ_BUF_ARENA(arena, 4096);
    hq_json_w json = hq_json_writer(&buf);
    hq_json_text(&json, hq_sv_sub(value->text, 0, 200));
    return hq_buf_view(&buf);
}

void hq_tre__find(hq_tre__found *found, const char *rule, hq_sv path, const hq_json *value,
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

static hq_sv below(hq_tre__found *found, hq_sv path, hq_sv name)
{
    return hq_arena_printf(found->arena, "%.*s/%.*s", HQ_SV_FMT(path), HQ_SV_FMT(name));
}

void hq_tre__only(hq_tre__found *found, const hq_json *object, hq_sv path, const hq_sv *names,
                  size_t count)
{
    for (const hq_json *m = hq_json_first(object); m != NULL; m = hq_json_next(object, m)) {
        bool known = false;
        for (size_t i = 0; i < count && !known; i++) {
            known = hq_sv_eq(m->key, names[i]);
        }
        if (known) {
            continue;
        }
        hq_sv near = hq_sv_nearest(m->key, names, count);
        hq_sv vi = HQ_SV("Trường này không có");
        hq_sv en = HQ_SV("There is no such field");
        if (near.ptr != NULL) {
            vi = hq_arena_printf(found->arena, "Trường này không có, có phải là %.*s?",
                                 HQ_SV_FMT(near));
            en = hq_arena_printf(found->arena, "There is no such field, did you mean %.*s?",
                                 HQ_SV_FMT(near));
        }
        hq_tre__find(found, "H7003", below(found, path, m->key), m, vi, en);
    }
}

/* ------------------------------------------------------------------ members */

static const hq_json *required(hq_tre__found *found, const hq_json *object, hq_sv path,
                               const char *name)
{
    const hq_json *value = hq_json_get(object, name);
    if (value != NULL && value->type != HQ_JSON_NULL) {
        return value;
    }
    hq_tre__find(found, "H7001", below(found, path, hq_sv_from_cstr(name)), NULL,
                 HQ_SV("Thiếu trường bắt buộc này"), HQ_SV("This field is required"));
    return NULL;
}

void hq_tre__member_text(hq_sv *out, hq_tre__found *found, const hq_json *object, hq_sv path,
                         const char *name, size_t max)
{
    const hq_json *value = required(found, object, path, name);
    *out = HQ_SV("");
    if (value == NULL) {
        return;
    }
    bool fits = value->type == HQ_JSON_STRING && value->text.len > 0 && value->text.len <= max &&
                !hq_utf8_has_control(value->text);
    if (!fits) {
        hq_tre__find(found, "H7002", below(found, path, hq_sv_from_cstr(name)), value,
                     hq_arena_printf(found->arena, "Cần chuỗi từ 1 đến %zu ký tự", max),
                     hq_arena_printf(found->arena, "Needs a text of 1 to %zu bytes", max));
        return;
    }
    *out = value->text;
}

void hq_tre__member_vnd(int64_t *out, hq_tre__found *found, const hq_json *object, hq_sv path,
                        const char *name)
{
    const hq_json *value = required(found, object, path, name);
    *out = 0;
    if (value == NULL) {
        return;
    }
    if (!hq_json_get_i64(out, object, name) || *out <= 0 || *out > VND_MAX) {
        *out = 0;
        hq_tre__find(found, "H7004", below(found, path, hq_sv_from_cstr(name)), value,
                     HQ_SV("Cần số tiền đồng nguyên dương, không dấu phẩy, tối đa 10^15"),
                     HQ_SV("Needs a whole amount in dong above zero, at most 10^15"));
    }
}

void hq_tre__member_day(hq_day *out, hq_tre__found *found, const hq_json *object, hq_sv path,
                        const char *name)
{
    const hq_json *value = required(found, object, path, name);
    *out = 0;
    if (value == NULL) {
        return;
    }
    if (value->type != HQ_JSON_STRING || hq_failed(hq_day_parse(out, value->text))) {
        *out = 0;
        hq_tre__find(found, "H7005", below(found, path, hq_sv_from_cstr(name)), value,
                     HQ_SV("Cần ngày dạng NĂM-THÁNG-NGÀY, ví dụ 2026-11-20"),
                     HQ_SV("Needs a day YYYY-MM-DD, for example 2026-11-20"));
    }
}

/* A firm's code with its check digit, or the 12 digits of a person's citizen id (since 1 July
 * 2025). */
void hq_tre__member_tax_code(hq_sv *out, hq_tre__found *found, const hq_json *object, hq_sv path,
                             const char *name)
{
    size_t before = found->count;
    hq_tre__member_text(out, found, object, path, name, 14);
    bool person = out->len == 12 && hq_sv_digits(*out);
    if (found->count == before && !person && !hq_tax_code_valid(*out)) {
        hq_tre__find(found, "H7006", below(found, path, hq_sv_from_cstr(name)),
                     hq_json_get(object, name), HQ_SV("Mã số thuế không hợp lệ"),
                     HQ_SV("Not a valid tax code"));
    }
}

/* ------------------------------------------------------------------ requests */

hq_status hq_tre__body(const hq_json **out, hq_request *request)
{
    HQ_TRY(hq_json_parse(out, request->body, request->arena, &request->answer.why));
    if ((*out)->type == HQ_JSON_OBJECT) {
        return HQ_DONE;
    }
    hq_tre__why(&request->answer.why, HQ_SV(""), HQ_SV("Nội dung phải là một đối tượng JSON"),
                HQ_SV("The body must be a JSON object"));
    return HQ_FAIL(INVALID);
}

hq_status hq_tre__found_status(hq_request *request, const hq_tre__found *found)
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
    return HQ_FAIL(INVALID);
}

hq_status hq_tre__limit(size_t *out, hq_request *request)
{
    hq_sv text = hq_request_query(request, "limit");
    int64_t limit = 50;
    if (text.len > 0 &&
        (!hq_sv_digits(text) || !hq_sv_i64(&limit, text) || limit < 1 || limit > 500)) {
        hq_tre__why(&request->answer.why, HQ_SV("/query/limit"), HQ_SV("limit phải từ 1 đến 500"),
                    HQ_SV("limit must be from 1 to 500"));
        return HQ_FAIL(INVALID);
    }
    *out = (size_t)limit;
    return HQ_DONE;
}
