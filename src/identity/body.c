/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/body.h"

#define FINDINGS_MAX  32
#define LIMIT_DEFAULT 50
#define LIMIT_MAX     200

/* ------------------------------------------------------------------ bodies */

typedef struct {
    hq_request *request;
    hq_finding *items;
    size_t count;
} found;

static void find(found *f, const char *rule, hq_sv name, hq_sv value, const char *vi,
                 const char *en)
{
    hq_arena *arena = f->request->arena;
    if (f->count == FINDINGS_MAX) {
        return;
    }
    f->items[f->count++] = (hq_finding){
        .rule = hq_sv_from_cstr(rule),
        .severity = HQ_SEVERITY_ERROR,
        .path = hq_arena_printf(arena, "/%.*s", HQ_SV_FMT(name)),
        .value = value,
        .vi = hq_sv_from_cstr(vi),
        .en = hq_sv_from_cstr(en),
    };
}

static void find_unknown(found *f, hq_sv name, const hq_identity__field *fields, size_t count)
{
    hq_sv names[16];
    hq_arena *arena = f->request->arena;
    size_t n = count < 16 ? count : 16;
    for (size_t i = 0; i < n; i++) {
        names[i] = hq_sv_from_cstr(fields[i].name);
    }
    hq_sv shown = hq_sv_sub(name, 0, 64);
    hq_sv nearest = hq_sv_nearest(shown, names, n);
    bool near = nearest.len > 0;
    hq_sv vi = hq_arena_printf(arena, "Không có trường này%s%.*s", near ? "; có phải là " : "",
                               HQ_SV_FMT(nearest));
    hq_sv en = hq_arena_printf(arena, "There is no such field%s%.*s", near ? "; did you mean " : "",
                               HQ_SV_FMT(nearest));
    find(f, near ? "HQ001" : "HQ002", shown, HQ_SV(""), "", "");
    f->items[f->count - 1].vi = vi;
    f->items[f->count - 1].en = en;
}

static void take(found *f, const hq_identity__field *field, const hq_json *value)
{
    hq_sv name = hq_sv_from_cstr(field->name);
    if (value->type == HQ_JSON_NULL || (field->text == NULL && field->flag == NULL)) {
        return;
    }
    if (field->flag != NULL) {
        if (value->type != HQ_JSON_TRUE && value->type != HQ_JSON_FALSE) {
            find(f, "HQ004", name, HQ_SV(""), "Cần true hoặc false", "Needs true or false");
        }
        *field->flag = value->type == HQ_JSON_TRUE;
        return;
    }
    if (value->type != HQ_JSON_STRING) {
        find(f, "HQ004", name, HQ_SV(""), "Cần một chuỗi ký tự", "Needs a text");
    } else if (value->text.len > field->max) {
        find(f, "HQ010", name, HQ_SV(""), "Dài quá giới hạn của trường này",
             "Longer than this field may be");
    } else {
        *field->text = value->text;
    }
}

static void take_members(found *f, const hq_json *root, const hq_identity__field *fields,
                         size_t count)
{
    for (const hq_json *c = hq_json_first(root); c != NULL && f->count < FINDINGS_MAX;
         c = hq_json_next(root, c)) {
        size_t i = 0;
        while (i < count && !hq_sv_eq(c->key, hq_sv_from_cstr(fields[i].name))) {
            i++;
        }
        if (i == count) {
            find_unknown(f, c->key, fields, count);
        } else {
            take(f, &fields[i], c);
        }
    }
    for (size_t i = 0; i < count; i++) {
        const hq_json *member = hq_json_get(root, fields[i].name);
        bool absent =
            member == NULL || member->type == HQ_JSON_NULL ||
            (fields[i].text != NULL && member->type == HQ_JSON_STRING && member->text.len == 0);
        if (fields[i].required && absent) {
            find(f, "HQ003", hq_sv_from_cstr(fields[i].name), HQ_SV(""),
                 "Thiếu trường bắt buộc này", "This required field is missing");
        }
    }
}

hq_status hq_identity__body(hq_request *request, const hq_identity__field *fields, size_t count)
{
    const hq_json *root;
    found f = { .request = request };
    HQ_TRY(hq_json_parse(&root, request->body, request->arena, &request->answer.why));
    if (root->type != HQ_JSON_OBJECT) {
        return hq_identity__explain(request, HQ_FAIL(INVALID), "Cần một đối tượng JSON",
                                    "Needs a JSON object");
    }
    f.items = HQ_NEW_ARRAY(request->arena, hq_finding, FINDINGS_MAX);
    if (f.items == NULL) {
        return HQ_FAIL(NOMEM);
    }
    take_members(&f, root, fields, count);
    request->answer.findings = f.items;
    request->answer.finding_count = f.count;
    return f.count > 0 ? HQ_FAIL(INVALID) : HQ_DONE;
}

/* ------------------------------------------------------------------ parameters */

hq_status hq_identity__param_id(hq_sv *out, hq_request *request, const char *prefix)
{
    hq_id id;
    if (hq_failed(hq_id_parse(&id, request->params[0]))) {
        return HQ_FAIL(NOT_FOUND);
    }
    *out = hq_identity__id_text(prefix, &id, request->arena);
    return out->ptr == NULL ? HQ_FAIL(NOMEM) : HQ_DONE;
}

hq_status hq_identity__page(size_t *limit, hq_sv *after, hq_request *request, const char *prefix)
{
    hq_sv text = hq_request_query(request, "limit");
    hq_sv cursor = hq_request_query(request, "cursor");
    int64_t number = LIMIT_DEFAULT;
    hq_id id;
    if (text.len > 0 && (!hq_sv_i64(&number, text) || number < 1 || number > LIMIT_MAX)) {
        request->answer.why.path = HQ_SV("/query/limit");
        return hq_identity__explain(request, HQ_FAIL(INVALID), "limit phải từ 1 đến 200",
                                    "limit must be from 1 to 200");
    }
    *limit = (size_t)number;
    *after = HQ_SV("");
    if (cursor.len == 0) {
        return HQ_DONE;
    }
    if (hq_failed(hq_id_parse(&id, cursor))) {
        request->answer.why.path = HQ_SV("/query/cursor");
        return hq_identity__explain(request, HQ_FAIL(INVALID),
                                    "cursor không phải do máy chủ này cấp",
                                    "the cursor was not given by this server");
    }
    *after = hq_identity__id_text(prefix, &id, request->arena);
    return after->ptr == NULL ? HQ_FAIL(NOMEM) : HQ_DONE;
}

/* ------------------------------------------------------------------ answers */

hq_status hq_identity__explain(hq_request *request, hq_status status, const char *vi,
                               const char *en)
{
    request->answer.why.vi = hq_sv_from_cstr(vi);
    request->answer.why.en = hq_sv_from_cstr(en);
    return status;
}

hq_json_w hq_identity__answer(hq_request *request, int http)
{
    request->answer.http = http;
    request->answer.no_store = true;
    request->answer.body = HQ_BUF_ARENA(request->arena, (size_t)4 << 20);
    return hq_json_writer(&request->answer.body);
}

hq_status hq_identity__no_content(hq_request *request)
{
    request->answer.http = 204;
    return HQ_DONE;
}

void hq_identity__text_member(hq_json_w *json, hq_sv name, hq_sv text)
{
    hq_json_key_sv(json, name);
    hq_json_text_or_null(json, text.len == 0 ? HQ_SV_NULL : text);
}

void hq_identity__shown_members(hq_json_w *json, const hq_identity__shown *who)
{
    hq_identity__text_member(json, HQ_SV("id"), who->id);
    hq_identity__text_member(json, HQ_SV("name"), who->name);
    hq_identity__text_member(json, HQ_SV("role"), who->role);
    hq_identity__text_member(json, HQ_SV("office"), who->office);
    hq_identity__text_member(json, HQ_SV("tax_code"), who->tax_code);
    hq_identity__text_member(json, HQ_SV("bank"), who->bank);
    HQ_JSON_KEY(json, "on_roster");
    hq_json_bool(json, who->on_roster);
}
