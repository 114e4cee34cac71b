/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/declare.h"

#include "clearance/branches.h"
#include "clearance/index.h"
#include "clearance/list.h"
#include "clearance/step.h"

/* POST /api/v1/declarations: dry run, pre-registration, registration in one. Everything that does
 * not depend on the number is built in the worker; the closure takes a number, decides the lane,
 * opens the debts, and writes one row and its events. */

typedef enum { MODE_DRY_RUN, MODE_PREREGISTER, MODE_REGISTER } filing_mode;

static hq_status read_mode(filing_mode *out, hq_request *request)
{
    static const char *const names[] = { "dry_run", "preregister", "register" };
    hq_sv mode = hq_request_query(request, "mode");
    if (mode.ptr == NULL) {
        *out = MODE_PREREGISTER;
        return HQ_DONE;
    }
    for (int i = 0; i < 3; i++) {
        if (hq_sv_eq(mode, hq_sv_from_cstr(names[i]))) {
            *out = (filing_mode)i;
            return HQ_DONE;
        }
    }
    return HQ_CLR__REFUSE(request, INVALID, "/query/mode",
                          "mode phải là dry_run, preregister hoặc register",
                          "mode must be dry_run, preregister or register");
}

/* A reference that the trader used before is his affair, but often a slip. */
hq_status hq_clr__warn_of_repeats(hq_clr__filing *f, const hq_ref *ref, void *user)
{
    const hq_declaration *d = f->declaration;
    int64_t id;
    char number[12];
    (void)ref;
    (void)user;
    if (d->reference.len == 0 ||
        !hq_clr__index_reference(&id, f->clearance->index, hq_clr__trader_of(d)->tax_code,
                                 d->reference)) {
        return HQ_DONE;
    }
    hq_declaration_number_write(number, id, 0);
    hq_findings_add(&f->findings, "HQ301", HQ_SV("/reference"),
                    hq_findings__json_text(f->request->arena, d->reference),
                    HQ_ARGS(hq_arena_dup(f->request->arena, hq_sv_make(number, 12))));
    return HQ_DONE;
}

/* ------------------------------------------------------------------ dry run */

/* While the snapshot is held: warns of repeats, and says of each line what its schemes would cost.
 */
static hq_status advise_lines(hq_clr__filing *f, const hq_ref *ref, void *user)
{
    hq_buf *advice = user;
    *advice = HQ_BUF_ARENA(f->request->arena, HQ_CLR__RECORD_MAX);
    hq_json_w w = hq_json_writer(advice);
    HQ_TRY(hq_clr__warn_of_repeats(f, ref, NULL));
    hq_json_open(&w, '[');
    for (size_t i = 0; f->declaration->flow == HQ_FLOW_IMPORT && i < f->declaration->line_count;
         i++) {
        HQ_TRY(hq_clr__advice_json(&w, f->declaration, f->assessment, i, ref, f->request->arena));
    }
    hq_json_close(&w, ']');
    return hq_buf_status(advice);
}

static hq_status answer_dry_run(hq_clr__filing *f, hq_sv advice)
{
    hq_request *request = f->request;
    request->answer.body = HQ_BUF_ARENA(request->arena, HQ_CLR__RECORD_MAX);
    request->answer.no_store = true;
    hq_json_w w = hq_json_writer(&request->answer.body);
    hq_json_open(&w, '{');
    HQ_JSON_KEY(&w, "mode");
    hq_json_text(&w, HQ_SV("dry_run"));
    HQ_JSON_KEY(&w, "flow");
    hq_json_text(&w, f->row.flow == HQ_FLOW_IMPORT ? HQ_SV("import") : HQ_SV("export"));
    HQ_JSON_KEY(&w, "kind");
    hq_json_text(&w, f->row.kind);
    HQ_JSON_KEY(&w, "office");
    hq_json_text(&w, f->row.office);
    HQ_JSON_KEY(&w, "assessment");
    hq_json_raw(&w, f->assessment_json);
    HQ_JSON_KEY(&w, "findings");
    hq_json_raw(&w, f->row.findings);
    HQ_JSON_KEY(&w, "advice");
    hq_json_raw(&w, advice);
    hq_json_close(&w, '}');
    return hq_buf_status(&request->answer.body);
}

/* ------------------------------------------------------------------ a new one */

hq_status hq_clr__write_new(hq_tx *tx, hq_clr__filing *f)
{
    hq_arena *arena = f->request->arena;
    hq_clr__row *row = &f->out;
    hq_clr__facts facts = { .channel = HQ_CHANNEL_GREEN };
    *row = f->row;
    size_t lines = f->declaration->line_count;
    if (lines > HQ_BRANCH_LINES) {
        HQ_TRY(hq_clr__branches_new(row, tx, lines, arena));
    } else {
        HQ_TRY(hq_clr__number_take(&f->number, &f->clearance->numbers, tx, row->flow));
        row->id = f->number.id;
    }
    row->content_version = 1;
    if (f->registers) {
        HQ_TRY(hq_clr__filing_channel(&facts, f, tx, row));
    }
    hq_clr__step step = { .verb = f->registers ? HQ_VERB_REGISTER : HQ_VERB_PREREGISTER,
                          .facts = facts,
                          .actor = f->request->caller->id,
                          .at = f->at };
    HQ_TRY(hq_clr__row_move(row, tx, &step, arena));
    HQ_TRY(hq_clr__filing_follow_up(f, tx, row));
    return hq_clr__row_insert(tx, row);
}

void hq_clr__new_written(hq_clr__filing *f, hq_status written)
{
    if (hq_failed(written)) {
        hq_clr__number_back(&f->clearance->numbers, &f->number);
        return;
    }
    hq_clr__number_used(&f->clearance->numbers, &f->number);
    hq_clr__index_note(f->clearance->index, f->out.trader, f->out.reference, f->out.id);
}

static hq_status write_new(hq_tx *tx, void *user)
{
    hq_clr__filing *f = user;
    HQ_TRY(hq_clr__write_new(tx, f));
    return hq_clr__row_remember(&f->request->remember, &f->out, f->request->arena);
}

static hq_status answer_new(hq_request *request, hq_clearance *clearance,
                            const hq_clr__record *record)
{
    static const char place[] = "/api/v1/declarations/";
    char text[sizeof place - 1 + 12];
    memcpy(text, place, sizeof place - 1);
    hq_declaration_number_write(text + sizeof place - 1, record->row->id, 0);
    request->answer.http = 201;
    request->answer.location = hq_arena_dup(request->arena, hq_sv_make(text, sizeof text));
    return hq_clr__record_answer(request, clearance, record);
}

static hq_status after_new(hq_request *request, hq_status written, void *user)
{
    hq_clr__filing *f = user;
    hq_clr__new_written(f, written);
    if (hq_failed(written)) {
        return hq_clr__filing_refused(f, written);
    }
    hq_clr__record record = { .row = &f->out, .assessment = f->assessment_json };
    return answer_new(request, f->clearance, &record);
}

hq_status hq_clr__recall(hq_clr__row *row, hq_sv *assessment, hq_request *request, hq_sv remembered,
                         hq_clearance *clearance)
{
    HQ_TRY(hq_clr__row_recall_full(row, remembered, clearance, request->arena));
    return hq_clr__assessment_text(assessment, clearance, row->assessment, request->arena);
}

static hq_status again_new(hq_request *request, hq_sv remembered, void *user)
{
    hq_clr__filing *f = user;
    hq_clr__row row;
    hq_clr__record record = { .row = &row };
    HQ_TRY(hq_clr__recall(&row, &record.assessment, request, remembered, f->clearance));
    return answer_new(request, f->clearance, &record);
}

hq_status hq_clr__post_declaration(hq_request *request, void *room)
{
    filing_mode mode = MODE_PREREGISTER;
    hq_clr__filing *f;
    HQ_TRY(read_mode(&mode, request));
    HQ_TRY(hq_clr__filing_new(&f, room, request, mode == MODE_REGISTER));
    if (mode == MODE_DRY_RUN) {
        hq_buf advice;
        HQ_TRY(hq_clr__filing_build(f, request->body, advise_lines, &advice));
        return answer_dry_run(f, hq_buf_view(&advice));
    }
    request->again = again_new; /* before the checks, which tables of today may fail */
    request->write_user = f;
    HQ_TRY(hq_clr__filing_build(f, request->body, hq_clr__warn_of_repeats, NULL));
    return hq_request_write(request, write_new, after_new, f);
}

/* ------------------------------------------------------------------ replacing */

static hq_status read_if_match(int64_t *out, hq_request *request)
{
    hq_sv tag = hq_sv_trim(request->if_match);
    *out = 0;
    if (tag.len == 0 || hq_sv_eq(tag, HQ_SV("*"))) {
        return HQ_DONE;
    }
    if (tag.len >= 2 && tag.ptr[0] == '"' && tag.ptr[tag.len - 1] == '"') {
        tag = hq_sv_sub(tag, 1, tag.len - 2);
    }
    /* A tag that this server never gave cannot match. */
    if (!hq_sv_digits(tag) || !hq_sv_i64(out, tag) || *out == 0) {
        *out = -1;
    }
    return HQ_DONE;
}

static hq_status stale(hq_request *request)
{
    return HQ_CLR__REFUSE(
        request, STALE, "", "Tờ khai đã thay đổi kể từ khi bạn đọc; hãy đọc lại rồi gửi lại",
        "The declaration changed since you read it; read it again, then send again");
}

/* What the law does not let a replacement change: the number stands for its flow. */
static hq_status same_flow(hq_clr__filing *f, const hq_clr__row *now)
{
    if (now->flow == f->row.flow) {
        return HQ_DONE;
    }
    return HQ_CLR__REFUSE(
        f->request, INVALID, "/flow",
        "Không đổi được luồng xuất khẩu, nhập khẩu của một số tờ khai; hãy khai tờ "
        "khai mới",
        "A number stays import or export; file a new declaration");
}

static hq_status write_replacement(hq_tx *tx, void *user)
{
    hq_clr__filing *f = user;
    hq_arena *arena = f->request->arena;
    hq_clr__row *row = &f->out;
    HQ_TRY(hq_clr__row_load(row, tx, f->id, arena));
    int64_t was = row->version;
    if (f->expected != 0 && f->expected != was) {
        return stale(f->request);
    }
    if (hq_clr__move_find(row->status, HQ_VERB_REPLACE, NULL) == NULL) {
        return HQ_FAIL(CONFLICT);
    }
    HQ_TRY(same_flow(f, row));
    hq_clr__take_content(row, &f->row);
    row->due_at = f->row.due_at; /* kept anew */
    HQ_TRY(hq_clr__branches_change(row, tx, f->declaration->line_count, f->request->caller->id,
                                   arena));
    hq_clr__step step = { .verb = HQ_VERB_REPLACE, .actor = f->request->caller->id, .at = f->at };
    HQ_TRY(hq_clr__row_move(row, tx, &step, arena));
    return hq_clr__row_replace(tx, row, was);
}

static hq_status after_replacement(hq_request *request, hq_status written, void *user)
{
    hq_clr__filing *f = user;
    if (written.code == HQ_E_CONFLICT) {
        return hq_clr__impossible(request, f->out.status, HQ_VERB_REPLACE);
    }
    HQ_TRY(written);
    hq_clr__index_note(f->clearance->index, f->out.trader, f->out.reference, f->out.id);
    hq_clr__record record = { .row = &f->out, .assessment = f->assessment_json };
    return hq_clr__record_answer(request, f->clearance, &record);
}

hq_status hq_clr__put_declaration(hq_request *request, void *room)
{
    hq_clr__row row;
    hq_clr__filing *f;
    HQ_TRY(hq_clr__find(&row, request, room, false, HQ_MAY_FILE));
    HQ_TRY(hq_clr__filing_new(&f, room, request, false));
    HQ_TRY(read_if_match(&f->expected, request));
    if (f->expected != 0 && f->expected != row.version) {
        return stale(request);
    }
    if (hq_clr__move_find(row.status, HQ_VERB_REPLACE, NULL) == NULL) {
        return hq_clr__impossible(request, row.status, HQ_VERB_REPLACE);
    }
    HQ_TRY(hq_clr__filing_build(f, request->body, NULL, NULL));
    f->id = row.id;
    return hq_request_write(request, write_replacement, after_replacement, f);
}

/* ------------------------------------------------------------------ registering */

typedef struct {
    hq_clr__row before;
    hq_sv accept; /* token, ptr NULL: none given */
    hq_clr__filing *filing;
} registration;

/* Stands for exactly this result: the same declaration, version and new assessment. */
static hq_sv token_of(const hq_clr__row *before, hq_sv packed, hq_arena *arena)
{
    hq_hash32 hash;
    hq_buf bytes = HQ_BUF_ARENA(arena, HQ_CLR__RECORD_MAX);
    hq_buf hex = HQ_BUF_ARENA(arena, 64);
    hq_buf_le64(&bytes, (uint64_t)before->id);
    hq_buf_le64(&bytes, (uint64_t)before->version);
    hq_buf_bytes32(&bytes, packed);
    hq_blake2b(&hash, hq_buf_view(&bytes));
    hq_buf_hex(&hex, hash.bytes, 16);
    return hq_buf_view(&hex);
}

static hq_status answer_difference(registration *r, hq_sv json, hq_sv code, hq_sv token)
{
    hq_request *request = r->filing->request;
    request->answer.code = code;
    request->answer.members =
        hq_arena_printf(request->arena, "\"difference\":%.*s,\"token\":\"%.*s\"", HQ_SV_FMT(json),
                        HQ_SV_FMT(token));
    return HQ_CLR__REFUSE(
        request, CONFLICT, "",
        "Tỷ giá hoặc biểu thuế đã thay đổi kể từ khi khai trước; xem difference, nếu "
        "đồng ý hãy gửi lại với {\"accept\": token}",
        "An exchange rate or the tariff changed since pre-registration; see "
        "difference and, if you agree, send again with {\"accept\": token}");
}

/* Compares with what was told at pre-registration, while both can be read. */
static hq_status compare(hq_clr__filing *f, const hq_ref *ref, void *user)
{
    registration *r = user;
    hq_arena *arena = f->request->arena;
    hq_assessment *told;
    hq_sv json;
    hq_sv code;
    hq_buf packed = HQ_BUF_ARENA(arena, HQ_CLR__RECORD_MAX);
    HQ_TRY(hq_assessment_unpack(&told, r->before.assessment, ref, arena));
    HQ_TRY(hq_clr__difference(&json, &code, told, f->assessment, arena));
    if (json.len == 0) {
        return HQ_DONE;
    }
    HQ_TRY(hq_assessment_pack(&packed, f->assessment));
    hq_sv token = token_of(&r->before, hq_buf_view(&packed), arena);
    return r->accept.ptr != NULL && hq_sv_eq(r->accept, token)
               ? HQ_DONE
               : answer_difference(r, json, code, token);
}

static hq_status write_registration(hq_tx *tx, void *user)
{
    registration *r = user;
    hq_clr__filing *f = r->filing;
    hq_arena *arena = f->request->arena;
    hq_clr__row *row = &f->out;
    hq_clr__facts facts;
    HQ_TRY(hq_clr__row_load(row, tx, r->before.id, arena));
    int64_t was = row->version;
    if (was != r->before.version ||
        hq_clr__move_find(row->status, HQ_VERB_REGISTER, NULL) == NULL) {
        return HQ_FAIL(CONFLICT);
    }
    hq_clr__take_content(row, &f->row);
    HQ_TRY(hq_clr__branches_change(row, tx, f->declaration->line_count, f->request->caller->id,
                                   arena));
    HQ_TRY(hq_clr__filing_channel(&facts, f, tx, row));
    hq_clr__step step = {
        .verb = HQ_VERB_REGISTER, .facts = facts, .actor = f->request->caller->id, .at = f->at
    };
    HQ_TRY(hq_clr__row_move(row, tx, &step, arena));
    HQ_TRY(hq_clr__filing_follow_up(f, tx, row));
    return hq_clr__row_replace(tx, row, was);
}

static hq_status after_registration(hq_request *request, hq_status written, void *user)
{
    registration *r = user;
    hq_clr__filing *f = r->filing;
    if (written.code == HQ_E_CONFLICT) {
        return f->out.version != r->before.version && f->out.status == r->before.status
                   ? stale(request)
                   : hq_clr__impossible(request, f->out.status, HQ_VERB_REGISTER);
    }
    HQ_TRY(hq_clr__filing_refused(f, written));
    hq_clr__record record = { .row = &f->out, .assessment = f->assessment_json };
    return hq_clr__record_answer(request, f->clearance, &record);
}

hq_sv hq_clr__padded(hq_sv body, hq_arena *arena)
{
    char *copy = hq_arena_zalloc(arena, body.len + 64);
    if (copy == NULL) {
        return HQ_SV_NULL;
    }
    memcpy(copy, body.ptr, body.len);
    return hq_sv_make(copy, body.len);
}

hq_status hq_clr__post_registration(hq_request *request, void *room)
{
    static const hq_clr__member members[] = { { "accept", HQ_JSON_STRING } };
    const hq_json *body;
    registration *r = HQ_NEW(request->arena, registration);
    if (r == NULL) {
        return HQ_FAIL(NOMEM);
    }
    HQ_TRY(hq_clr__find(&r->before, request, room, true, HQ_MAY_FILE));
    if (hq_clr__defers(request, &r->before)) {
        return HQ_DONE;
    }
    HQ_TRY(hq_clr__body_read(&body, request, members, 1));
    r->accept = hq_json_get_text(body, "accept");
    if (hq_clr__move_find(r->before.status, HQ_VERB_REGISTER, NULL) == NULL) {
        return hq_clr__impossible(request, r->before.status, HQ_VERB_REGISTER);
    }
    hq_sv document = hq_clr__padded(r->before.body, request->arena);
    if (document.ptr == NULL) {
        return HQ_FAIL(NOMEM);
    }
    HQ_TRY(hq_clr__filing_new(&r->filing, room, request, true));
    HQ_TRY(hq_clr__filing_build(r->filing, document, compare, r));
    return hq_request_write(request, write_registration, after_registration, r);
}
