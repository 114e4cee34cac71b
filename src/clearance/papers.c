/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/amendment.h"
#include "clearance/filing.h"
#include "clearance/list.h"

/* Papers of a declaration: the receipt with its proof in the journal, the reasons of its channel,
 * the cheapest lawful scheme of a line. */

typedef struct {
    hq_clr__row row;
    hq_declaration *declaration;
    hq_assessment *assessment;
    const hq_ref *ref;
} paper;

/* Decoded again from what was stored: it passed once, so findings are of no interest. */
static hq_status open_paper(paper *p, hq_request *request, hq_clearance *clearance)
{
    hq_arena *arena = request->arena;
    hq_findings findings = { .arena = arena };
    char *body = hq_arena_zalloc(arena, p->row.body.len + 64);
    if (body == NULL) {
        return HQ_FAIL(NOMEM);
    }
    memcpy(body, p->row.body.ptr, p->row.body.len);
    hq_clr__life life;
    HQ_TRY(hq_clr__life_unpack(&life, p->row.life));
    HQ_TRY((life.low_value ? hq_parcel_decode : hq_declaration_decode)(
        &p->declaration, &findings, hq_sv_make(body, p->row.body.len), arena, NULL));
    if (life.low_value) {
        p->declaration->agent_tax_code = p->row.agent; /* who filed, where it names nobody */
    }
    p->ref = hq_reference_acquire(clearance->reference);
    return hq_assessment_unpack(&p->assessment, p->row.assessment, p->ref, arena);
}

static void close_paper(paper *p, hq_clearance *clearance)
{
    hq_reference_release(clearance->reference, p->ref);
}

/* ------------------------------------------------------------------ receipt */

/* The event that brought the content which the receipt is about. */
static const hq_event_view *event_of(const hq_event_view *events, size_t count, int64_t version)
{
    for (size_t i = 0; i < count; i++) {
        if (events[i].event.version == version) {
            return &events[i];
        }
    }
    return count == 0 ? NULL : &events[0];
}

static int64_t wait_us_of(hq_request *request)
{
    hq_sv text = hq_request_query(request, "wait");
    int64_t seconds = 0;
    if (text.len == 0 || !hq_sv_i64(&seconds, text) || seconds < 0) {
        return 0;
    }
    return (seconds > 2 ? 2 : seconds) * HQ_US_PER_SECOND;
}

static hq_status put_journal(hq_json_w *w, hq_request *request, hq_clearance *clearance,
                             const hq_clr__row *row)
{
    hq_event_view *events;
    size_t count;
    hq_buf proof = HQ_BUF_ARENA(request->arena, (size_t)1 << 20);
    HQ_TRY(hq_clr__events_of(&events, &count, clearance, row, request->arena));
    const hq_event_view *event = event_of(events, count, row->content_version);
    if (event == NULL) {
        return HQ_FAIL(CORRUPT);
    }
    int64_t wait = wait_us_of(request);
    if (wait > 0) {
        /* Not sealed in time: the answer says so with "proof": null. */
        HQ_IGNORE(hq_journal_wait_sealed(clearance->store, event->position, wait));
    }
    hq_status proved = hq_journal_prove(&proof, clearance->store, event->position);
    if (hq_failed(proved) && proved.code != HQ_E_NOT_FOUND) {
        return proved;
    }
    hq_buf leaf = HQ_BUF_ARENA(request->arena, 128);
    hq_buf_hex(&leaf, event->leaf.bytes, sizeof event->leaf.bytes);
    HQ_JSON_KEY(w, "event");
    hq_json_open(w, '{');
    HQ_JSON_KEY(w, "kind");
    hq_json_text(w, event->event.kind);
    HQ_JSON_KEY(w, "position");
    hq_json_i64(w, event->position);
    HQ_JSON_KEY(w, "leaf");
    hq_json_text(w, hq_buf_view(&leaf));
    HQ_JSON_KEY(w, "at");
    hq_json_time(w, event->event.at);
    hq_json_close(w, '}');
    HQ_JSON_KEY(w, "proof");
    if (hq_ok(proved)) {
        hq_json_raw(w, hq_buf_view(&proof));
    } else {
        hq_json_null(w);
    }
    return HQ_DONE;
}

static hq_status put_receipt(hq_request *request, hq_clearance *clearance, const paper *p)
{
    char number[12];
    request->answer.body = HQ_BUF_ARENA(request->arena, 2 * HQ_CLR__RECORD_MAX);
    hq_json_w w = hq_json_writer(&request->answer.body);
    hq_json_open(&w, '{');
    HQ_JSON_KEY(&w, "number");
    hq_json_text(&w, hq_declaration_number_write(number, p->row.id, 0));
    HQ_JSON_KEY(&w, "status");
    hq_json_text(&w, hq_sv_from_cstr(hq_declaration_status_name(p->row.status)));
    HQ_TRY(put_journal(&w, request, clearance, &p->row));
    HQ_JSON_KEY(&w, "receipt");
    HQ_TRY(hq_receipt_json(&w, hq_sv_make(number, 12), p->declaration, p->assessment, p->ref));
    hq_json_close(&w, '}');
    return hq_buf_status(&request->answer.body);
}

hq_status hq_clr__get_receipt(hq_request *request, void *room)
{
    paper p = { .ref = NULL };
    HQ_TRY(hq_clr__find(&p.row, request, room, true, HQ_MAY_SEE));
    hq_status s = open_paper(&p, request, room);
    if (hq_ok(s)) {
        s = put_receipt(request, room, &p);
    }
    close_paper(&p, room);
    return s;
}

/* ------------------------------------------------------------------ reasons of the channel */

/* The score computed again from the record by the tables and rules of that day: the same bytes? */
static hq_status score_again(bool *same, hq_clearance *clearance, const paper *p, const hq_ref *ref,
                             hq_arena *arena)
{
    hq_risk_score was;
    hq_risk_score now;
    hq_risk_lane lane;
    hq_risk_facts facts;
    const hq_risk_rules *rules;
    hq_buf packed = HQ_BUF_ARENA(arena, 65536);
    HQ_TRY(hq_risk_unpack(&was, &lane, p->row.decision));
    HQ_TRY(hq_clr__risk_facts(&facts, p->declaration, p->assessment, ref, arena));
    HQ_TRY(hq_risk_rules_at(&rules, clearance->risk, was.rules_version));
    hq_risk_score_of(&now, rules, &facts, was.draw);
    hq_risk_rules_free(rules);
    HQ_TRY(hq_risk_pack(&packed, &now, &lane));
    *same = hq_sv_eq(hq_buf_view(&packed), p->row.decision);
    return hq_buf_status(&packed);
}

typedef struct {
    hq_clr__row *row;
    int64_t version;
    hq_arena *arena;
} content_reading;

static hq_status read_content(hq_tx *tx, void *user)
{
    content_reading *r = user;
    return hq_clr__content_load(r->row, tx, r->version, r->arena);
}

/* What was decided on: the content that was registered, whatever it was amended to since. */
static hq_status as_registered(hq_clr__row *row, hq_clearance *clearance, hq_arena *arena)
{
    content_reading r = { .row = row, .arena = arena };
    HQ_TRY(hq_clr__registered_version(&r.version, row, arena));
    return r.version == row->content_version ? HQ_DONE
                                             : hq_store_read(clearance->store, read_content, &r);
}

static hq_status replay(bool *same, hq_clearance *clearance, const paper *p, hq_arena *arena)
{
    const hq_ref *ref = p->ref;
    int64_t version = p->assessment->reference_version;
    if (hq_ref_version(ref) == version) {
        return score_again(same, clearance, p, ref, arena);
    }
    HQ_TRY(hq_reference_as_of(&ref, clearance->reference, version));
    hq_status s = score_again(same, clearance, p, ref, arena);
    hq_ref_free(ref);
    return s;
}

static hq_status put_decision(hq_request *request, hq_clearance *clearance, const paper *p)
{
    char number[12];
    bool same;
    HQ_TRY(replay(&same, clearance, p, request->arena));
    request->answer.body = HQ_BUF_ARENA(request->arena, HQ_CLR__RECORD_MAX);
    request->answer.no_store = true;
    hq_json_w w = hq_json_writer(&request->answer.body);
    hq_json_open(&w, '{');
    HQ_JSON_KEY(&w, "number");
    hq_json_text(&w, hq_declaration_number_write(number, p->row.id, 0));
    HQ_JSON_KEY(&w, "channel");
    hq_json_text(&w, hq_sv_from_cstr(hq_channel_name((hq_channel)p->row.channel)));
    HQ_JSON_KEY(&w, "registered_at");
    hq_json_time(&w, p->row.registered_at);
    HQ_JSON_KEY(&w, "reference_version");
    hq_json_i64(&w, p->assessment->reference_version);
    HQ_JSON_KEY(&w, "replays");
    hq_json_bool(&w, same);
    HQ_JSON_KEY(&w, "reasons");
    HQ_TRY(hq_risk_reasons_json(&w, p->row.decision, clearance->risk));
    hq_json_close(&w, '}');
    return hq_buf_status(&request->answer.body);
}

hq_status hq_clr__get_decision(hq_request *request, void *room)
{
    paper p = { .ref = NULL };
    HQ_TRY(hq_clr__find(&p.row, request, room, true, HQ_MAY_SEE));
    if (p.row.decision.len == 0) {
        return HQ_CLR__REFUSE(request, NOT_FOUND, "",
                              "Tờ khai chưa đăng ký nên chưa có quyết định phân luồng",
                              "Not registered yet: there is no decision on its channel");
    }
    HQ_TRY(as_registered(&p.row, room, request->arena));
    hq_status s = open_paper(&p, request, room);
    if (hq_ok(s)) {
        s = put_decision(request, room, &p);
    }
    close_paper(&p, room);
    return s;
}

/* ------------------------------------------------------------------ advice */

static void put_scheme(hq_json_w *w, const hq_scheme_advice *a)
{
    hq_json_open(w, '{');
    HQ_JSON_KEY(w, "scheme");
    hq_json_text(w, a->scheme);
    HQ_JSON_KEY(w, "total");
    hq_json_i64(w, a->total_vnd);
    HQ_JSON_KEY(w, "saving");
    hq_json_i64(w, a->saving_vnd);
    HQ_JSON_KEY(w, "applied");
    hq_json_bool(w, a->applied);
    HQ_JSON_KEY(w, "proof_missing");
    hq_json_bool(w, a->proof_missing);
    HQ_JSON_KEY(w, "direct_shipment_needed");
    hq_json_bool(w, a->direct_shipment_needed);
    HQ_JSON_KEY(w, "rate");
    if (a->row != NULL && a->row->has_rate) {
        hq_json_decimal(w, a->row->rate_percent);
    } else {
        hq_json_null(w);
    }
    HQ_JSON_KEY(w, "source");
    hq_json_text_or_null(w, a->row == NULL ? HQ_SV_NULL : a->row->source);
    hq_json_close(w, '}');
}

hq_status hq_clr__advice_json(hq_json_w *w, const hq_declaration *declaration,
                              const hq_assessment *assessment, size_t line, const hq_ref *ref,
                              hq_arena *arena)
{
    hq_scheme_advice *schemes;
    size_t count;
    HQ_TRY(hq_advise_schemes(&schemes, &count, declaration, assessment, line, ref, arena));
    hq_json_open(w, '{');
    HQ_JSON_KEY(w, "line");
    hq_json_i64(w, (int64_t)line + 1);
    HQ_JSON_KEY(w, "items");
    hq_json_open(w, '[');
    for (size_t i = 0; i < count; i++) {
        put_scheme(w, &schemes[i]);
    }
    hq_json_close(w, ']');
    HQ_JSON_KEY(w, "next");
    hq_json_null(w);
    hq_json_close(w, '}');
    return HQ_DONE;
}

static hq_status line_of(size_t *out, hq_request *request, const paper *p)
{
    hq_sv text = hq_request_query(request, "line");
    int64_t line = 1;
    if (text.len > 0 && (!hq_sv_digits(text) || !hq_sv_i64(&line, text))) {
        line = 0;
    }
    if (line < 1 || (uint64_t)line > p->declaration->line_count) {
        return HQ_CLR__REFUSE(request, INVALID, "/query/line",
                              "line phải là số thứ tự của một dòng hàng trên tờ khai",
                              "line must be the number of a line of the declaration");
    }
    *out = (size_t)line - 1;
    return HQ_DONE;
}

static hq_status advise(hq_request *request, const paper *p)
{
    size_t line = 0;
    HQ_TRY(line_of(&line, request, p));
    request->answer.body = HQ_BUF_ARENA(request->arena, HQ_CLR__RECORD_MAX);
    hq_json_w w = hq_json_writer(&request->answer.body);
    HQ_TRY(hq_clr__advice_json(&w, p->declaration, p->assessment, line, p->ref, request->arena));
    return hq_buf_status(&request->answer.body);
}

hq_status hq_clr__get_advice(hq_request *request, void *room)
{
    paper p = { .ref = NULL };
    HQ_TRY(hq_clr__find(&p.row, request, room, true, HQ_MAY_SEE));
    if (hq_clr__defers(request, &p.row)) {
        return HQ_DONE;
    }
    hq_status s = open_paper(&p, request, room);
    if (hq_ok(s)) {
        s = advise(request, &p);
    }
    close_paper(&p, room);
    return s;
}
