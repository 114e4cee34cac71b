/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/amendment.h"

#include "clearance/record.h"

static const char *const state_names[] = { "REQUESTED", "ACCEPTED", "REFUSED", "WITHDRAWN",
                                           "IMPOSED" };
#define STATES (sizeof state_names / sizeof state_names[0])

/* ------------------------------------------------------------------ one, in the order of the JSON
 */

static void put_number(hq_json_w *w, int64_t number)
{
    if (number == 0) {
        hq_json_null(w);
    } else {
        hq_json_i64(w, number);
    }
}

static void put_who(hq_json_w *w, const hq_clr__amendment *a)
{
    HQ_JSON_KEY(w, "reason_code");
    hq_json_text(w, a->reason_code);
    HQ_JSON_KEY(w, "reason");
    hq_json_text(w, a->reason);
    HQ_JSON_KEY(w, "matter");
    hq_clr__put_text(w, a->matter);
    HQ_JSON_KEY(w, "by");
    hq_json_text(w, a->by);
    HQ_JSON_KEY(w, "at");
    hq_json_time(w, a->at);
    HQ_JSON_KEY(w, "due");
    hq_clr__put_time(w, a->due);
    HQ_JSON_KEY(w, "decided_by");
    hq_clr__put_text(w, a->decided_by);
    HQ_JSON_KEY(w, "decided_for");
    hq_clr__put_text(w, a->decided_for);
    HQ_JSON_KEY(w, "decided_at");
    hq_clr__put_time(w, a->decided_at);
    HQ_JSON_KEY(w, "note");
    hq_clr__put_text(w, a->note);
}

void hq_clr__amendment_json(hq_json_w *w, const hq_clr__amendment *a)
{
    hq_json_open(w, '{');
    HQ_JSON_KEY(w, "id");
    hq_json_text(w, a->id);
    HQ_JSON_KEY(w, "number");
    put_number(w, a->number);
    HQ_JSON_KEY(w, "stage");
    hq_json_text(w, a->after_clearance ? HQ_SV("AFTER_CLEARANCE") : HQ_SV("IN_CLEARANCE"));
    HQ_JSON_KEY(w, "state");
    hq_json_text(w, hq_sv_from_cstr(state_names[a->state]));
    put_who(w, a);
    HQ_JSON_KEY(w, "before_version");
    hq_json_i64(w, a->before_version);
    HQ_JSON_KEY(w, "after_version");
    put_number(w, a->after_version);
    HQ_JSON_KEY(w, "header");
    hq_json_raw(w, a->header);
    HQ_JSON_KEY(w, "lines");
    hq_json_raw(w, a->lines);
    HQ_JSON_KEY(w, "customs_value");
    hq_json_raw(w, a->customs_value);
    HQ_JSON_KEY(w, "taxes");
    hq_json_raw(w, a->taxes);
    HQ_JSON_KEY(w, "difference");
    hq_json_raw(w, a->difference);
    hq_json_close(w, '}');
}

static bool take_state(hq_clr__amendment_state *out, hq_sv name)
{
    for (size_t i = 0; i < STATES; i++) {
        if (hq_sv_eq(name, hq_sv_from_cstr(state_names[i]))) {
            *out = (hq_clr__amendment_state)i;
            return true;
        }
    }
    return false;
}

/* Absent or null: 0. */
static bool take_time(hq_time_us *out, const hq_json *element, const char *name)
{
    hq_sv text = hq_json_get_text(element, name);
    *out = 0;
    return text.ptr == NULL || hq_ok(hq_time_parse(out, text));
}

static bool take_json(hq_sv *out, const hq_json *element, const char *name)
{
    const hq_json *member = hq_json_get(element, name);
    bool ok = member != NULL && (member->type == HQ_JSON_ARRAY || member->type == HQ_JSON_OBJECT);
    *out = ok ? member->text : HQ_SV("");
    return ok;
}

static void take_number(int64_t *out, const hq_json *element, const char *name)
{
    if (!hq_json_get_i64(out, element, name)) {
        *out = 0;
    }
}

hq_status hq_clr__amendment_read(hq_clr__amendment *out, const hq_json *element)
{
    *out = (hq_clr__amendment){
        .id = hq_json_get_text(element, "id"),
        .after_clearance = hq_sv_eq(hq_json_get_text(element, "stage"), HQ_SV("AFTER_CLEARANCE")),
        .reason_code = hq_json_get_text(element, "reason_code"),
        .reason = hq_json_get_text(element, "reason"),
        .matter = hq_json_get_text(element, "matter"),
        .by = hq_json_get_text(element, "by"),
        .decided_by = hq_json_get_text(element, "decided_by"),
        .decided_for = hq_json_get_text(element, "decided_for"),
        .note = hq_json_get_text(element, "note"),
    };
    take_number(&out->number, element, "number");
    take_number(&out->before_version, element, "before_version");
    take_number(&out->after_version, element, "after_version");
    bool ok = take_state(&out->state, hq_json_get_text(element, "state")) && out->id.len > 0 &&
              take_time(&out->at, element, "at") && take_time(&out->due, element, "due") &&
              take_time(&out->decided_at, element, "decided_at") &&
              take_json(&out->header, element, "header") &&
              take_json(&out->lines, element, "lines") &&
              take_json(&out->taxes, element, "taxes") &&
              take_json(&out->customs_value, element, "customs_value") &&
              take_json(&out->difference, element, "difference");
    return ok ? HQ_DONE : HQ_FAIL(CORRUPT);
}

/* ------------------------------------------------------------------ the list */

hq_status hq_clr__amendments_read(hq_clr__amendment **out, size_t *count, const hq_clr__life *life,
                                  hq_arena *arena)
{
    const hq_json *list;
    hq_sv text = life->sections[HQ_CLR__AMENDMENTS];
    *count = 0;
    *out = NULL;
    if (text.len == 0) {
        return HQ_DONE;
    }
    HQ_TRY(hq_json_parse_copy(&list, text, arena, NULL));
    *out = HQ_NEW_ARRAY(arena, hq_clr__amendment, list->count + 1);
    if (*out == NULL) {
        return HQ_FAIL(NOMEM);
    }
    for (const hq_json *c = hq_json_first(list); c != NULL; c = hq_json_next(list, c)) {
        HQ_TRY(hq_clr__amendment_read(&(*out)[(*count)++], c));
    }
    return HQ_DONE;
}

hq_status hq_clr__amendments_write(hq_clr__life *life, const hq_clr__amendment *list, size_t count,
                                   hq_arena *arena)
{
    hq_buf text = HQ_BUF_ARENA(arena, HQ_CLR__RECORD_MAX);
    hq_json_w w = hq_json_writer(&text);
    hq_json_open(&w, '[');
    for (size_t i = 0; i < count; i++) {
        hq_clr__amendment_json(&w, &list[i]);
    }
    hq_json_close(&w, ']');
    life->sections[HQ_CLR__AMENDMENTS] = hq_buf_view(&text);
    return hq_buf_status(&text);
}

int64_t hq_clr__amendment_count(const hq_clr__amendment *list, size_t count, bool after_clearance)
{
    int64_t held = 0;
    for (size_t i = 0; i < count; i++) {
        held += hq_clr__amendment_holds(&list[i]) && list[i].after_clearance == after_clearance;
    }
    return held;
}

int hq_clr__amendment_digit(const hq_clr__life *life, hq_arena *arena)
{
    hq_clr__amendment *list;
    size_t count;
    if (hq_failed(hq_clr__amendments_read(&list, &count, life, arena))) {
        return 0;
    }
    int64_t digit = hq_clr__amendment_count(list, count, false);
    return digit > HQ_CLR__AMENDMENTS_MAX ? HQ_CLR__AMENDMENTS_MAX : (int)digit;
}

hq_status hq_clr__registered_version(int64_t *out, const hq_clr__row *row, hq_arena *arena)
{
    hq_clr__life life;
    hq_clr__amendment *list;
    size_t count;
    *out = row->content_version;
    HQ_TRY(hq_clr__life_unpack(&life, row->life));
    HQ_TRY(hq_clr__amendments_read(&list, &count, &life, arena));
    for (size_t i = 0; i < count; i++) {
        if (hq_clr__amendment_holds(&list[i])) {
            *out = list[i].before_version;
            return HQ_DONE;
        }
    }
    return HQ_DONE;
}
