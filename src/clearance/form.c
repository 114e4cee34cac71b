/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/form.h"

#include "clearance/elements.h"

#define ITEMS_MAX HQ_LINES_MAX

hq_status hq_clr__form_open(hq_clr__form *form, hq_request *request, const hq_clr__member *members,
                            size_t count)
{
    *form = (hq_clr__form){ .request = request,
                            .under = HQ_SV(""),
                            .findings = { .arena = request->arena } };
    return hq_clr__body_look(&form->body, &form->findings, request, members, count);
}

hq_status hq_clr__form_close(hq_clr__form *form)
{
    return hq_clr__body_found(form->request, &form->findings);
}

hq_clr__place hq_clr__form_into(hq_clr__form *form, const hq_json *object, hq_sv under,
                                const hq_clr__member *members, size_t count)
{
    static const hq_json empty = { .type = HQ_JSON_OBJECT, .skip = 1 };
    hq_clr__place place = { form->body, form->under };
    if (object->type != HQ_JSON_OBJECT) {
        hq_findings_add(&form->findings, "HQ613", under,
                        hq_findings__json_of(form->request->arena, object), HQ_NO_ARGS);
        object = &empty;
    }
    form->body = object;
    form->under = under;
    hq_clr__members_look(&form->findings, under, object, members, count);
    return place;
}

void hq_clr__form_out(hq_clr__form *form, hq_clr__place place)
{
    form->body = place.body;
    form->under = place.under;
}

hq_sv hq_clr__form_item(const hq_clr__form *form, const char *name, size_t index)
{
    hq_buf path = HQ_BUF_ARENA(form->request->arena, 512);
    hq_buf_sv(&path, form->under);
    hq_buf_char(&path, '/');
    hq_buf_sv(&path, hq_sv_from_cstr(name));
    hq_buf_printf(&path, "/%zu", index);
    return hq_buf_view(&path);
}

void hq_clr__form_wrong(hq_clr__form *form, const char *rule, const char *name, const hq_json *seen,
                        const hq_sv *args, size_t arg_count)
{
    hq_arena *arena = form->request->arena;
    hq_buf path = HQ_BUF_ARENA(arena, 256);
    hq_buf_sv(&path, form->under);
    hq_buf_char(&path, '/');
    hq_buf_sv(&path, hq_sv_from_cstr(name));
    hq_findings_add(&form->findings, rule, hq_buf_view(&path),
                    seen == NULL ? HQ_SV_NULL : hq_findings__json_of(arena, seen), args, arg_count);
}

/* The member when it is there in its type; a wrong type was found by opening. */
static const hq_json *member_of(hq_clr__form *form, const char *name, hq_json_type type, int flags)
{
    const hq_json *m = hq_json_get(form->body, name);
    bool absent = m == NULL || m->type == HQ_JSON_NULL;
    if (absent && (flags & HQ_CLR__NEEDED) != 0) {
        hq_clr__form_wrong(form, "HQ003", name, NULL, HQ_ARGS(hq_sv_from_cstr(name)));
    }
    return absent || m->type != type ? NULL : m;
}

static bool is_odd(hq_sv text)
{
    return hq_utf8_has_control(text) || hq_utf8_has_unseen(text);
}

hq_sv hq_clr__form_text(hq_clr__form *form, const char *name, size_t max, int flags)
{
    const hq_json *m = member_of(form, name, HQ_JSON_STRING, flags);
    hq_arena *arena = form->request->arena;
    hq_sv label = hq_sv_from_cstr(name);
    hq_sv text = m == NULL ? HQ_SV("") : hq_sv_trim(m->text);
    if (m == NULL) {
        return text;
    }
    if (text.len == 0 && (flags & HQ_CLR__NEEDED) != 0) {
        hq_clr__form_wrong(form, "HQ003", name, m, HQ_ARGS(label));
    }
    if (hq_failed(hq_utf8_nfc(&text, arena, text))) {
        form->findings.failed = true;
        return HQ_SV("");
    }
    size_t length = hq_utf8_length(text);
    if (length > max) {
        hq_clr__form_wrong(form, "HQ010", name, m,
                           HQ_ARGS(label, hq_findings__i64(arena, (int64_t)length),
                                   hq_findings__i64(arena, (int64_t)max)));
    }
    if (is_odd(text)) {
        hq_clr__form_wrong(form, "HQ011", name, m, HQ_ARGS(label));
    }
    return text;
}

int hq_clr__form_word(hq_clr__form *form, const char *name, const char *const *words, size_t count,
                      int flags)
{
    const hq_json *m = member_of(form, name, HQ_JSON_STRING, flags);
    hq_buf all = HQ_BUF_ARENA(form->request->arena, 4096);
    for (size_t i = 0; m != NULL && i < count; i++) {
        if (hq_sv_eq(m->text, hq_sv_from_cstr(words[i]))) {
            return (int)i;
        }
        hq_buf_printf(&all, "%s%s", i == 0 ? "" : ", ", words[i]);
    }
    if (m != NULL) {
        hq_clr__form_wrong(form, "HQ014", name, m,
                           HQ_ARGS(hq_sv_from_cstr(name), hq_buf_view(&all)));
    }
    return -1;
}

static hq_sv codes_on(const hq_ref *ref, hq_code_list list, hq_day day, hq_arena *arena)
{
    size_t count;
    hq_buf all = HQ_BUF_ARENA(arena, 4096);
    const hq_code_row *rows = hq_ref_codes(&count, ref, list);
    for (size_t i = 0; i < count; i++) {
        if (rows[i].from <= day && day <= rows[i].to) {
            hq_buf_printf(&all, "%s%.*s", all.len == 0 ? "" : ", ", HQ_SV_FMT(rows[i].code));
        }
    }
    return hq_buf_view(&all);
}

hq_sv hq_clr__form_code(hq_clr__form *form, const char *name, hq_code_list list,
                        hq_clearance *clearance, hq_day day)
{
    const hq_json *m = member_of(form, name, HQ_JSON_STRING, HQ_CLR__NEEDED);
    if (m == NULL) {
        return HQ_SV("");
    }
    const hq_ref *ref = hq_reference_acquire(clearance->reference);
    if (hq_ref_code(ref, list, m->text, day) == NULL) {
        hq_clr__form_wrong(
            form, "HQ014", name, m,
            HQ_ARGS(hq_sv_from_cstr(name), codes_on(ref, list, day, form->request->arena)));
    }
    hq_reference_release(clearance->reference, ref);
    return m->text;
}

hq_time_us hq_clr__form_time(hq_clr__form *form, const char *name, hq_time_us now, int flags)
{
    const hq_json *m = member_of(form, name, HQ_JSON_STRING, flags);
    hq_time_us at = 0;
    hq_day day;
    if (m == NULL) {
        return 0;
    }
    if (hq_ok(hq_day_parse(&day, m->text))) {
        at = hq_day_start(day + 1) - HQ_US_PER_SECOND;
    } else if (hq_failed(hq_time_parse(&at, m->text))) {
        hq_clr__form_wrong(form, "HQ601", name, m, HQ_ARGS(hq_sv_from_cstr(name)));
        return 0;
    }
    bool past = (flags & HQ_CLR__PAST) != 0;
    if (past ? at > now : at <= now) {
        hq_clr__form_wrong(form, past ? "HQ609" : "HQ602", name, m, HQ_ARGS(hq_sv_from_cstr(name)));
    }
    return at;
}

static bool is_whole(int64_t *out, const hq_json *value, int64_t least, int64_t most)
{
    return value->type == HQ_JSON_NUMBER && hq_sv_i64(out, value->text) && *out >= least &&
           *out <= most;
}

int64_t hq_clr__form_number(hq_clr__form *form, const char *name, int64_t least, int64_t most,
                            int flags)
{
    const hq_json *m = member_of(form, name, HQ_JSON_NUMBER, flags);
    hq_arena *arena = form->request->arena;
    int64_t value = 0;
    if (m == NULL || is_whole(&value, m, least, most)) {
        return value;
    }
    hq_clr__form_wrong(form, "HQ016", name, m,
                       HQ_ARGS(hq_sv_from_cstr(name), hq_findings__i64(arena, least),
                               hq_findings__i64(arena, most)));
    return 0;
}

/* Was the element there before? */
static bool repeated(const hq_json *list, const hq_json *item)
{
    for (const hq_json *i = hq_json_first(list); i != item; i = hq_json_next(list, i)) {
        if (hq_sv_eq(i->text, item->text)) {
            return true;
        }
    }
    return false;
}

hq_sv hq_clr__form_lines(hq_clr__form *form, const char *name)
{
    const hq_json *list = member_of(form, name, HQ_JSON_ARRAY, 0);
    hq_arena *arena = form->request->arena;
    hq_buf text = HQ_BUF_ARENA(arena, 65536);
    hq_json_w w = hq_json_writer(&text);
    size_t index = 0;
    hq_json_open(&w, '[');
    for (const hq_json *i = list == NULL ? NULL : hq_json_first(list); i != NULL;
         i = hq_json_next(list, i), index++) {
        int64_t line = 0;
        if (!is_whole(&line, i, 1, ITEMS_MAX)) {
            hq_findings_add(
                &form->findings, "HQ016", hq_clr__form_item(form, name, index),
                hq_findings__json_of(arena, i),
                HQ_ARGS(hq_sv_from_cstr(name), HQ_SV("1"), hq_findings__i64(arena, ITEMS_MAX)));
        } else if (!repeated(list, i)) {
            hq_json_i64(&w, line);
        }
    }
    hq_json_close(&w, ']');
    form->findings.failed |= hq_failed(hq_buf_status(&text));
    return hq_buf_view(&text);
}

hq_sv hq_clr__form_ids(hq_clr__form *form, const char *name, size_t max)
{
    const hq_json *list = member_of(form, name, HQ_JSON_ARRAY, 0);
    hq_arena *arena = form->request->arena;
    hq_buf text = HQ_BUF_ARENA(arena, 65536);
    hq_json_w w = hq_json_writer(&text);
    size_t index = 0;
    hq_sv label = hq_sv_from_cstr(name);
    if (list != NULL && list->count > max) {
        hq_clr__form_wrong(form, "HQ015", name, NULL,
                           HQ_ARGS(label, hq_findings__i64(arena, list->count),
                                   hq_findings__i64(arena, (int64_t)max)));
        list = NULL;
    }
    hq_json_open(&w, '[');
    for (const hq_json *i = list == NULL ? NULL : hq_json_first(list); i != NULL;
         i = hq_json_next(list, i), index++) {
        hq_id id;
        if (i->type != HQ_JSON_STRING || hq_failed(hq_id_parse(&id, i->text))) {
            hq_findings_add(&form->findings, "HQ603", hq_clr__form_item(form, name, index),
                            hq_findings__json_of(arena, i), HQ_ARGS(label));
        } else if (!repeated(list, i)) {
            hq_json_text(&w, i->text);
        }
    }
    hq_json_close(&w, ']');
    form->findings.failed |= hq_failed(hq_buf_status(&text));
    return hq_buf_view(&text);
}

const hq_json *hq_clr__form_list(hq_clr__form *form, const char *name, size_t most, int flags)
{
    const hq_json *list = member_of(form, name, HQ_JSON_ARRAY, flags);
    hq_arena *arena = form->request->arena;
    hq_sv label = hq_sv_from_cstr(name);
    if (list == NULL || list->count == 0) {
        if (list != NULL && (flags & HQ_CLR__NEEDED) != 0) {
            hq_clr__form_wrong(form, "HQ003", name, list, HQ_ARGS(label));
        }
        return NULL;
    }
    if (list->count > most) {
        hq_clr__form_wrong(form, "HQ015", name, NULL,
                           HQ_ARGS(label, hq_findings__i64(arena, list->count),
                                   hq_findings__i64(arena, (int64_t)most)));
        return NULL;
    }
    return list;
}

bool hq_clr__form_flag(hq_clr__form *form, const char *name, bool otherwise)
{
    const hq_json *m = hq_json_get(form->body, name);
    if (m == NULL || m->type == HQ_JSON_NULL) {
        return otherwise;
    }
    return m->type == HQ_JSON_TRUE; /* another type was found by opening */
}

hq_sv hq_clr__form_hs(hq_clr__form *form, const char *name, int flags)
{
    const hq_json *m = member_of(form, name, HQ_JSON_STRING, flags);
    if (m != NULL && (m->text.len != 8 || !hq_sv_digits(m->text))) {
        hq_clr__form_wrong(form, "HQ018", name, m, HQ_NO_ARGS);
    }
    return m == NULL ? HQ_SV("") : m->text;
}

static bool is_unit(hq_sv text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (!((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))) {
            return false;
        }
    }
    return text.len > 0 && text.len <= 4;
}

hq_sv hq_clr__form_quantity(hq_clr__form *form, const char *name, int flags)
{
    const hq_json *m = member_of(form, name, HQ_JSON_OBJECT, flags);
    hq_decimal amount;
    if (m == NULL) {
        return HQ_SV("null");
    }
    hq_sv text = hq_json_get_text(m, "amount");
    hq_sv unit = hq_json_get_text(m, "unit");
    if (m->count != 2 || text.ptr == NULL || hq_failed(hq_decimal_parse(&amount, text)) ||
        amount.units <= 0 || unit.ptr == NULL || !is_unit(unit)) {
        hq_clr__form_wrong(form, "HQ614", name, m, HQ_ARGS(hq_sv_from_cstr(name)));
    }
    return m->text;
}

hq_status hq_clr__form_id(hq_id *out, hq_clr__form *form, const char *name, int flags)
{
    const hq_json *m = member_of(form, name, HQ_JSON_STRING, flags);
    if (m == NULL) {
        return HQ_FAIL(NOT_FOUND);
    }
    if (hq_failed(hq_id_parse(out, m->text))) {
        hq_clr__form_wrong(form, "HQ603", name, m, HQ_ARGS(hq_sv_from_cstr(name)));
        return HQ_FAIL(INVALID);
    }
    return HQ_DONE;
}

/* ------------------------------------------------------------------ in the closure */

hq_status hq_clr__found_one(hq_clr__change *c, const char *rule, hq_sv path, hq_sv value,
                            const hq_sv *args, size_t arg_count)
{
    hq_findings findings = { .arena = c->request->arena };
    hq_findings_add(&findings, rule, path, value, args, arg_count);
    return hq_clr__body_found(c->request, &findings);
}

hq_status hq_clr__line_count(size_t *out, const hq_clr__row *row, hq_arena *arena)
{
    const hq_json *body;
    HQ_TRY(hq_json_parse(&body, row->body, arena, NULL));
    const hq_json *lines = hq_json_get(body, "lines");
    *out = lines == NULL ? 0 : lines->count;
    return HQ_DONE;
}

hq_status hq_clr__lines_known(hq_clr__change *c, const hq_clr__row *row, hq_sv lines,
                              const char *path)
{
    hq_arena *arena = c->request->arena;
    hq_findings findings = { .arena = arena };
    const hq_json *list;
    size_t count;
    size_t index = 0;
    if (lines.len <= 2) {
        return HQ_DONE;
    }
    HQ_TRY(hq_clr__line_count(&count, row, arena));
    HQ_TRY(hq_json_parse(&list, lines, arena, NULL));
    for (const hq_json *i = hq_json_first(list); i != NULL; i = hq_json_next(list, i), index++) {
        int64_t line = 0;
        if (!hq_sv_i64(&line, i->text) || (size_t)line > count) {
            hq_findings_add(&findings, "HQ021", hq_arena_printf(arena, "%s/%zu", path, index),
                            i->text, HQ_ARGS(i->text, hq_findings__i64(arena, (int64_t)count)));
        }
    }
    return hq_clr__body_found(c->request, &findings);
}
