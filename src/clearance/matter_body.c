/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/matter_body.h"

/* Each kind of matter has members of its own: read here, every fault a finding. */

#define TEXT_CHARS   2000
#define GROUND_CHARS 500
#define PLACE_CHARS  300
#define NUMBER_CHARS 35
#define CHANGES_MAX  200
#define AMOUNTS_MAX  400
#define AMOUNT_MAX   INT64_C(99999999999) /* 11 digits: clearance.md 1.7 */
#define CHECKS_MAX   10000
#define LINES_MAX    HQ_LINES_MAX

#define OF(kind) (UINT32_C(1) << HQ_MATTER_##kind)
#define ALL      ((UINT32_C(1) << HQ_CLR__MATTER_KINDS) - 1)

static const char *const abouts[] = { "CODE", "RATE", "VALUE", "OTHER" };
static const char *const acts[] = {
    "WRONG_DECLARATION",
    "MISSING_DECLARATION",
    "PROHIBITED_GOODS",
    "NO_PERMIT",
    "COUNTERFEIT",
    "LATE",
    "OTHER",
};
static const char *const disposals[] = { "RE_EXPORT", "DESTRUCTION", "OTHER" };

/* Which members belong to which kinds, and which of them they need. */
static const struct {
    hq_clr__member member;
    uint32_t kinds;
} members[] = {
    { { "kind", HQ_JSON_STRING }, ALL },
    { { "text", HQ_JSON_STRING }, ALL },
    { { "lines", HQ_JSON_ARRAY }, ALL },
    { { "check", HQ_JSON_NUMBER }, ALL },
    { { "due", HQ_JSON_STRING }, OF(ANALYSIS) | OF(REFUSAL) },
    { { "about", HQ_JSON_STRING }, OF(ORDERED_AMENDMENT) },
    { { "changes", HQ_JSON_ARRAY }, OF(ORDERED_AMENDMENT) },
    { { "invitation", HQ_JSON_OBJECT }, OF(CONSULTATION) },
    { { "act", HQ_JSON_STRING }, OF(VIOLATION) },
    { { "record_number", HQ_JSON_STRING }, OF(VIOLATION) },
    { { "amounts", HQ_JSON_ARRAY }, OF(IMPOSED_TAX) },
    { { "ground", HQ_JSON_STRING }, OF(IMPOSED_TAX) | OF(REFUSAL) },
    { { "disposal", HQ_JSON_STRING }, OF(REFUSAL) },
};
#define MEMBERS (sizeof members / sizeof members[0])

/* ------------------------------------------------------------------ reading */

static void refuse_foreign(hq_clr__form *form, int kind)
{
    for (size_t i = 0; i < MEMBERS; i++) {
        const hq_json *m = hq_json_get(form->body, members[i].member.name);
        if (m != NULL && m->type != HQ_JSON_NULL && (members[i].kinds & UINT32_C(1) << kind) == 0) {
            hq_clr__form_wrong(
                form, "HQ610", members[i].member.name, m,
                HQ_ARGS(hq_sv_from_cstr(members[i].member.name),
                        hq_sv_from_cstr(hq_clr__matter_kind_name((hq_clr__matter_kind)kind))));
        }
    }
}

static hq_sv word(hq_clr__form *form, const char *name, const char *const *words, size_t count)
{
    int i = hq_clr__form_word(form, name, words, count, HQ_CLR__NEEDED);
    return i < 0 ? HQ_SV("") : hq_sv_from_cstr(words[i]);
}

/* A change names a place in the declaration and what is to stand there, as an amendment does. */
static bool is_change(const hq_json *change)
{
    hq_sv path = hq_json_get_text(change, "path");
    return change->type == HQ_JSON_OBJECT && change->count == 2 && path.len > 1 &&
           path.ptr[0] == '/' && hq_json_get(change, "value") != NULL;
}

hq_sv hq_clr__form_changes(hq_clr__form *form, const char *name, int flags)
{
    const hq_json *list = hq_clr__form_list(form, name, CHANGES_MAX, flags);
    size_t index = 0;
    if (list == NULL) {
        return HQ_SV("[]");
    }
    for (const hq_json *c = hq_json_first(list); c != NULL; c = hq_json_next(list, c), index++) {
        if (!is_change(c)) {
            hq_findings_add(&form->findings, "HQ611", hq_clr__form_item(form, name, index),
                            hq_findings__json_of(form->request->arena, c), HQ_NO_ARGS);
        }
    }
    return list->text;
}

static void read_invitation(hq_clr__matter_body *b, hq_clr__form *form, hq_time_us now)
{
    static const hq_clr__member inner[] = { { "at", HQ_JSON_STRING }, { "place", HQ_JSON_STRING } };
    const hq_json *invitation = hq_json_get(form->body, "invitation");
    if (invitation == NULL || invitation->type != HQ_JSON_OBJECT) {
        hq_clr__form_wrong(form, "HQ003", "invitation", NULL, HQ_ARGS(HQ_SV("invitation")));
        return;
    }
    hq_clr__place place = hq_clr__form_into(form, invitation, HQ_SV("/invitation"), inner, 2);
    b->invited_to = hq_clr__form_time(form, "at", now, HQ_CLR__NEEDED);
    b->place = hq_clr__form_text(form, "place", PLACE_CHARS, HQ_CLR__NEEDED);
    hq_clr__form_out(form, place);
}

static void read_amount(hq_json_w *w, hq_clr__form *form, const hq_json *amount, size_t index)
{
    static const hq_clr__member inner[] = { { "line", HQ_JSON_NUMBER },
                                            { "tax", HQ_JSON_STRING },
                                            { "amount", HQ_JSON_NUMBER } };
    hq_clr__place place =
        hq_clr__form_into(form, amount, hq_clr__form_item(form, "amounts", index), inner, 3);
    const hq_json *tax = hq_json_get(form->body, "tax");
    hq_tax known = HQ_TAX_IMPORT;
    hq_json_open(w, '{');
    HQ_JSON_KEY(w, "line");
    hq_json_i64(w, hq_clr__form_number(form, "line", 1, LINES_MAX, HQ_CLR__NEEDED));
    if (tax == NULL || tax->type == HQ_JSON_NULL) {
        hq_clr__form_wrong(form, "HQ003", "tax", NULL, HQ_ARGS(HQ_SV("tax")));
    } else if (tax->type == HQ_JSON_STRING && !hq_tax_parse(&known, tax->text)) {
        hq_clr__form_wrong(form, "HQ612", "tax", tax, HQ_ARGS(tax->text));
    }
    HQ_JSON_KEY(w, "tax");
    hq_json_text(w, hq_sv_from_cstr(hq_tax_name(known)));
    HQ_JSON_KEY(w, "amount");
    hq_json_i64(w, hq_clr__form_number(form, "amount", 1, AMOUNT_MAX, HQ_CLR__NEEDED));
    hq_json_close(w, '}');
    hq_clr__form_out(form, place);
}

/* In one form of writing, so that the same sums are the same bytes. */
static void read_amounts(hq_clr__matter_body *b, hq_clr__form *form)
{
    const hq_json *list = hq_clr__form_list(form, "amounts", AMOUNTS_MAX, HQ_CLR__NEEDED);
    hq_buf text = HQ_BUF_ARENA(form->request->arena, 65536);
    hq_json_w w = hq_json_writer(&text);
    size_t index = 0;
    hq_json_open(&w, '[');
    for (const hq_json *a = list == NULL ? NULL : hq_json_first(list); a != NULL;
         a = hq_json_next(list, a)) {
        read_amount(&w, form, a, index++);
    }
    hq_json_close(&w, ']');
    b->amounts = hq_buf_view(&text);
    form->findings.failed |= hq_failed(hq_buf_status(&text));
}

static void read_own(hq_clr__matter_body *b, hq_clr__form *form, hq_clr__matter_kind kind,
                     hq_time_us now)
{
    switch (kind) {
    case HQ_MATTER_ORDERED_AMENDMENT:
        b->about = word(form, "about", abouts, sizeof abouts / sizeof abouts[0]);
        b->changes = hq_clr__form_changes(
            form, "changes",
            hq_sv_eq(b->about, HQ_SV("CODE")) || hq_sv_eq(b->about, HQ_SV("RATE")) ? HQ_CLR__NEEDED
                                                                                   : 0);
        return;
    case HQ_MATTER_IMPOSED_TAX:
        b->opening.outcome = HQ_SV("IMPOSED");
        read_amounts(b, form);
        b->ground = hq_clr__form_text(form, "ground", GROUND_CHARS, HQ_CLR__NEEDED);
        return;
    case HQ_MATTER_ANALYSIS:
        b->opening.due = hq_clr__form_time(form, "due", now, 0);
        return;
    case HQ_MATTER_CONSULTATION:
        read_invitation(b, form, now);
        b->opening.due = b->invited_to;
        return;
    case HQ_MATTER_VIOLATION:
        b->act = word(form, "act", acts, sizeof acts / sizeof acts[0]);
        b->record_number = hq_clr__form_text(form, "record_number", NUMBER_CHARS, 0);
        return;
    case HQ_MATTER_REFUSAL:
        b->ground = hq_clr__form_text(form, "ground", GROUND_CHARS, HQ_CLR__NEEDED);
        b->disposal = word(form, "disposal", disposals, sizeof disposals / sizeof disposals[0]);
        b->opening.due = hq_clr__form_time(form, "due", now, 0);
        return;
    case HQ_CLR__MATTER_KINDS:
        break;
    }
}

hq_status hq_clr__matter_body_read(hq_clr__matter_body *b, hq_clr__change *c)
{
    hq_clr__member all[MEMBERS];
    const char *names[HQ_CLR__MATTER_KINDS];
    hq_clr__form form;
    for (size_t i = 0; i < MEMBERS; i++) {
        all[i] = members[i].member;
    }
    for (int i = 0; i < HQ_CLR__MATTER_KINDS; i++) {
        names[i] = hq_clr__matter_kind_name((hq_clr__matter_kind)i);
    }
    HQ_TRY(hq_clr__form_open(&form, c->request, all, MEMBERS));
    int kind = hq_clr__form_word(&form, "kind", names, HQ_CLR__MATTER_KINDS, HQ_CLR__NEEDED);
    b->opening.text = hq_clr__form_text(&form, "text", TEXT_CHARS, HQ_CLR__NEEDED);
    b->opening.lines = hq_clr__form_lines(&form, "lines");
    b->check = hq_clr__form_number(&form, "check", 1, CHECKS_MAX, 0);
    b->opening.by = c->request->caller->id;
    b->opening.at = c->at;
    if (kind >= 0) {
        b->opening.kind = (hq_clr__matter_kind)kind;
        refuse_foreign(&form, kind);
        read_own(b, &form, b->opening.kind, c->at);
    }
    return hq_clr__form_close(&form);
}
