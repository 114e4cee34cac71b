/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/record.h"

#include "clearance/amendment.h"
#include "clearance/facts.h"

bool hq_clr__is_customs(const hq_caller *caller)
{
    return caller != NULL && (HQ_ROLES_CUSTOMS & HQ_ROLE_BIT(caller->role)) != 0;
}

/* ------------------------------------------------------------------ pieces */

void hq_clr__put_text(hq_json_w *w, hq_sv text)
{
    hq_json_text_or_null(w, text.len == 0 ? HQ_SV_NULL : text);
}

void hq_clr__put_time(hq_json_w *w, hq_time_us t)
{
    if (t == 0) {
        hq_json_null(w);
    } else {
        hq_json_time(w, t);
    }
}

static void put_head(hq_json_w *w, const hq_clearance *clearance, const hq_clr__record *record)
{
    const hq_clr__row *row = record->row;
    char number[12];
    char code[10];
    HQ_JSON_KEY(w, "number");
    hq_json_text(w, hq_declaration_number_write(number, row->id, 0));
    if (record->amendment > 0) {
        /* The number that was given stays the name; the last digit counts the amendments. */
        HQ_JSON_KEY(w, "amendment");
        hq_json_i64(w, record->amendment);
        HQ_JSON_KEY(w, "amended_number");
        hq_json_text(w, hq_declaration_number_write(number, row->id, record->amendment));
    }
    HQ_JSON_KEY(w, "version");
    hq_json_i64(w, row->version);
    HQ_JSON_KEY(w, "status");
    hq_json_text(w, hq_sv_from_cstr(hq_declaration_status_name(row->status)));
    HQ_JSON_KEY(w, "channel");
    hq_json_text_or_null(w, row->channel == HQ_CLR__NO_CHANNEL
                                ? HQ_SV_NULL
                                : hq_sv_from_cstr(hq_channel_name((hq_channel)row->channel)));
    HQ_JSON_KEY(w, "flow");
    hq_json_text(w, row->flow == HQ_FLOW_IMPORT ? HQ_SV("import") : HQ_SV("export"));
    HQ_JSON_KEY(w, "kind");
    hq_json_text(w, row->kind);
    HQ_JSON_KEY(w, "office");
    hq_json_text(w, row->office);
    HQ_JSON_KEY(w, "goods_office");
    hq_clr__put_text(w, row->goods_office);
    HQ_JSON_KEY(w, "created_at");
    hq_json_time(w, row->created_at);
    HQ_JSON_KEY(w, "registered_at");
    hq_clr__put_time(w, row->registered_at);
    HQ_JSON_KEY(w, "changed_at");
    hq_json_time(w, row->changed_at);
    HQ_JSON_KEY(w, "tracking_code");
    hq_json_text(w, hq_clr__tracking_code(code, clearance, row->id));
}

/* Ends of the legal clocks: {"registration": ...}, {"document_check": ...}, {"goods_check": ...}.
 */
static void put_due(hq_json_w *w, const hq_clr__row *row, const hq_clr__life *life)
{
    HQ_JSON_KEY(w, "due");
    hq_json_open(w, '{');
    if (row->status == HQ_DECLARATION_PREREGISTERED) {
        HQ_JSON_KEY(w, "registration");
        hq_json_time(w, row->due_at);
    }
    if (row->status == HQ_DECLARATION_DOCUMENT_CHECK && life->documents.due != 0) {
        HQ_JSON_KEY(w, "document_check");
        hq_json_time(w, life->documents.due);
    }
    if ((row->status == HQ_DECLARATION_DOCUMENT_CHECK ||
         row->status == HQ_DECLARATION_GOODS_CHECK) &&
        life->goods.due != 0) {
        HQ_JSON_KEY(w, "goods_check");
        hq_json_time(w, life->goods.due);
    }
    if (row->due_at != 0 && row->status == HQ_DECLARATION_RELEASED) {
        HQ_JSON_KEY(w, "release");
        hq_json_time(w, row->due_at);
    }
    if (row->due_at != 0 && row->status == HQ_DECLARATION_STORED) {
        HQ_JSON_KEY(w, "storage");
        hq_json_time(w, row->due_at);
    }
    hq_json_close(w, '}');
}

static void put_presented(hq_json_w *w, const hq_clr__presented *p)
{
    if (p->at == 0) {
        hq_json_null(w);
        return;
    }
    hq_json_open(w, '{');
    HQ_JSON_KEY(w, "at");
    hq_json_time(w, p->at);
    HQ_JSON_KEY(w, "by");
    hq_json_text(w, p->by);
    HQ_JSON_KEY(w, "confirmed_at");
    hq_clr__put_time(w, p->confirmed_at);
    HQ_JSON_KEY(w, "confirmed_by");
    hq_clr__put_text(w, p->confirmed_by);
    HQ_JSON_KEY(w, "due");
    hq_clr__put_time(w, p->due);
    hq_json_close(w, '}');
}

static void put_life(hq_json_w *w, const hq_clr__record *record, const hq_clr__life *life,
                     bool customs)
{
    const hq_clr__row *row = record->row;
    if (life->low_value) {
        HQ_JSON_KEY(w, "low_value");
        hq_json_bool(w, true);
    }
    HQ_JSON_KEY(w, "covered");
    hq_json_bool(w, life->covered);
    HQ_JSON_KEY(w, "documents");
    put_presented(w, &life->documents);
    HQ_JSON_KEY(w, "goods");
    put_presented(w, &life->goods);
    HQ_JSON_KEY(w, "officer");
    hq_clr__put_text(w, row->officer);
    HQ_JSON_KEY(w, "officer_name");
    hq_clr__put_text(w, record->officer_name);
    hq_clr__sections_json(w, life, customs);
}

static void put_possible(hq_json_w *w, const hq_clr__row *row, const hq_clr__life *life,
                         const hq_caller *caller)
{
    HQ_JSON_KEY(w, "possible");
    hq_clr__facts seen = hq_clr__facts_seen(row, life);
    hq_clr__possible_json(w, row->status, caller == NULL ? 0 : HQ_ROLE_BIT(caller->role), &seen);
}

/* Both arrays as one. */
static void put_findings(hq_json_w *w, hq_sv stored, hq_sv wanted)
{
    if (wanted.len <= 2 || stored.len <= 2) {
        hq_json_raw(w, wanted.len <= 2 ? stored : wanted);
        return;
    }
    hq_json_raw(w, hq_sv_sub(stored, 0, stored.len - 1));
    hq_buf_char(w->buf, ',');
    hq_buf_sv(w->buf, hq_sv_sub(wanted, 1, wanted.len));
}

void hq_clr__record_json(hq_json_w *w, const hq_clearance *clearance, const hq_clr__record *record,
                         const hq_caller *caller)
{
    const hq_clr__row *row = record->row;
    hq_clr__life life;
    if (hq_failed(hq_clr__life_unpack(&life, row->life))) {
        life = (hq_clr__life){ .covered = false };
    }
    hq_json_open(w, '{');
    put_head(w, clearance, record);
    put_due(w, row, &life);
    put_life(w, record, &life, hq_clr__is_customs(caller));
    if (record->legal_ground.len > 0) {
        HQ_JSON_KEY(w, "legal_ground");
        hq_json_text(w, record->legal_ground);
    }
    put_possible(w, row, &life, caller);
    HQ_JSON_KEY(w, "declaration");
    hq_json_raw(w, row->body);
    HQ_JSON_KEY(w, "assessment");
    hq_json_raw(w, record->assessment);
    HQ_JSON_KEY(w, "findings");
    put_findings(w, row->findings, record->wanted);
    hq_json_close(w, '}');
}

/* ------------------------------------------------------------------ names */

hq_sv hq_clr__name_of(hq_clearance *clearance, hq_sv id, hq_arena *arena)
{
    hq_person person;
    if (id.len == 0 || hq_failed(hq_identity_find(&person, clearance->identity, id, arena))) {
        return HQ_SV("");
    }
    return person.name;
}

/* ------------------------------------------------------------------ answers */

/* Of a stopped one; most rules have none that may be told. */
static hq_sv legal_ground_of(const hq_clr__row *row, const hq_clearance *clearance, hq_arena *arena)
{
    hq_sv ground = HQ_SV_NULL;
    bool stopped = row->channel != HQ_CLR__NO_CHANNEL && row->channel != HQ_CHANNEL_GREEN;
    if (stopped &&
        hq_failed(hq_risk_legal_ground(&ground, row->decision, clearance->risk, arena))) {
        return HQ_SV_NULL;
    }
    return ground;
}

static hq_sv version_text(int64_t version, hq_arena *arena)
{
    char *text = hq_arena_alloc(arena, HQ_DIGITS_ROOM);
    return text == NULL ? HQ_SV_NULL
                        : hq_sv_make(text, (size_t)(hq_digits_to(text, (uint64_t)version) - text));
}

hq_status hq_clr__record_answer(hq_request *request, hq_clearance *clearance,
                                const hq_clr__record *record)
{
    const hq_clr__row *row = record->row;
    hq_clr__record whole = *record;
    whole.officer_name = hq_clr__name_of(clearance, row->officer, request->arena);
    if (row->life.len > 0) {
        hq_clr__life life;
        HQ_TRY(hq_clr__life_unpack(&life, row->life));
        whole.amendment = hq_clr__amendment_digit(&life, request->arena);
        HQ_TRY(hq_clr__papers_wanted(&whole.wanted, row, &life, request->arena));
    }
    whole.legal_ground = legal_ground_of(row, clearance, request->arena);
    request->answer.body = HQ_BUF_ARENA(request->arena, 2 * HQ_CLR__RECORD_MAX);
    hq_buf_reserve(&request->answer.body, 1024 + row->body.len + record->assessment.len +
                                              row->findings.len + row->life.len);
    hq_json_w w = hq_json_writer(&request->answer.body);
    hq_clr__record_json(&w, clearance, &whole, request->caller);
    request->answer.etag = version_text(row->version, request->arena);
    return request->answer.etag.ptr == NULL ? HQ_FAIL(NOMEM) : hq_buf_status(&request->answer.body);
}

hq_status hq_clr__assessment_text(hq_sv *out, hq_clearance *clearance, hq_sv packed,
                                  hq_arena *arena)
{
    hq_assessment *assessment;
    hq_buf text = HQ_BUF_ARENA(arena, HQ_CLR__RECORD_MAX);
    const hq_ref *ref = hq_reference_acquire(clearance->reference);
    hq_status s = hq_assessment_unpack(&assessment, packed, ref, arena);
    if (hq_ok(s)) {
        hq_json_w w = hq_json_writer(&text);
        hq_assessment_json(&w, assessment);
        *out = hq_buf_view(&text);
        s = hq_buf_status(&text);
    }
    hq_reference_release(clearance->reference, ref);
    return s;
}

hq_status hq_clr__row_answer(hq_request *request, hq_clearance *clearance, const hq_clr__row *row)
{
    hq_clr__record record = { .row = row };
    HQ_TRY(hq_clr__assessment_text(&record.assessment, clearance, row->assessment, request->arena));
    return hq_clr__record_answer(request, clearance, &record);
}

/* ------------------------------------------------------------------ finding */

static hq_status not_found(hq_request *request)
{
    return HQ_CLR__REFUSE(
        request, NOT_FOUND, "/number",
        "Không có tờ khai mang số này trong phạm vi của bạn; số tờ khai có 12 chữ "
        "số",
        "There is no declaration of this number within your scope; a number has 12 "
        "digits");
}

hq_status hq_clr__find(hq_clr__row *out, hq_request *request, hq_clearance *clearance, bool full,
                       hq_deed deed)
{
    int64_t id;
    if (!hq_declaration_number_parse(&id, request->params[0])) {
        return not_found(request);
    }
    hq_status s = hq_clr__row_read(out, clearance, id, full, request->arena);
    if (s.code == HQ_E_NOT_FOUND) {
        return not_found(request);
    }
    HQ_TRY(s);
    hq_target target = hq_clr__target_of(out);
    const hq_ref *ref = hq_reference_acquire(clearance->reference);
    s = hq_may(request->caller, deed, &target, ref, hq_day_of(hq_now(clearance->clock)));
    hq_reference_release(clearance->reference, ref);
    return s.code == HQ_E_NOT_FOUND ? not_found(request) : s;
}

hq_status hq_clr__get_record(hq_request *request, void *room)
{
    hq_clr__row row;
    HQ_TRY(hq_clr__find(&row, request, room, true, HQ_MAY_SEE));
    return hq_clr__defers(request, &row) ? HQ_DONE : hq_clr__row_answer(request, room, &row);
}
