/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/filing.h"

#include "clearance/content.h"
#include "clearance/draws.h"
#include "clearance/verbs.h"

#define JSON_MAX   HQ_CLR__RECORD_MAX
#define PACKED_MAX ((size_t)8 << 20)

const hq_party *hq_clr__trader_of(const hq_declaration *declaration)
{
    return declaration->flow == HQ_FLOW_IMPORT ? &declaration->importer : &declaration->exporter;
}

/* The office where the goods lie, by the storage place, whose code begins with the office's. */
static hq_sv goods_office_of(const hq_declaration *declaration, const hq_ref *ref, hq_day day)
{
    hq_sv code = hq_sv_sub(declaration->storage_place, 0, 4);
    bool known = code.len == 4 && hq_ref_office(ref, code, day) != NULL;
    return known && !hq_sv_eq(code, declaration->office) ? code : HQ_SV("");
}

/* ------------------------------------------------------------------ who files */

static hq_status not_yours(hq_clr__filing *f, hq_status refused)
{
    bool import = f->declaration->flow == HQ_FLOW_IMPORT;
    f->request->answer.why = (hq_why){
        .path = import ? HQ_SV("/importer/tax_code") : HQ_SV("/exporter/tax_code"),
        .vi = HQ_SV("Bạn chỉ khai được cho mã số thuế của mình, hoặc với tư cách đại lý (nêu mã số "
                    "thuế của bạn ở agent.tax_code) cho người đã ủy quyền cho bạn"),
        .en = HQ_SV("You file for your own tax code only, or as the agent (name your tax code in "
                    "agent.tax_code) of somebody who has authorised you"),
    };
    return refused;
}

/* A parcel whose sender or consignee has no tax code is filed by whoever carries it. */
static void check_carrier(hq_clr__filing *f, const hq_ref *ref)
{
    const hq_declaration *d = f->declaration;
    hq_arena *arena = f->request->arena;
    hq_sv own = f->request->caller->tax_code;
    hq_sv trader = hq_clr__trader_of(d)->tax_code;
    if (!hq_sv_eq(d->agent_tax_code, own) && !hq_sv_eq(trader, own)) {
        hq_findings_add(&f->findings, "HQ320", HQ_SV("/agent/tax_code"),
                        hq_findings__json_text(arena, d->agent_tax_code), HQ_NO_ARGS);
    } else if (trader.len > 0 && !hq_sv_eq(trader, own) &&
               !hq_ref_authorised(ref, own, trader, f->day)) {
        hq_findings_add(&f->findings, "HQ325",
                        d->flow == HQ_FLOW_IMPORT ? HQ_SV("/importer/tax_code")
                                                  : HQ_SV("/exporter/tax_code"),
                        hq_findings__json_text(arena, trader),
                        HQ_ARGS(trader, hq_findings__day(arena, f->day)));
    }
}

static hq_status check_filer(hq_clr__filing *f, const hq_ref *ref)
{
    const hq_declaration *d = f->declaration;
    if (f->low_value) {
        size_t before = f->findings.errors;
        check_carrier(f, ref);
        return f->findings.errors > before ? HQ_FAIL(INVALID) : HQ_DONE;
    }
    hq_target target = {
        .office = d->office,
        .trader_tax_code = hq_clr__trader_of(d)->tax_code,
        .agent_tax_code = d->agent_tax_code,
    };
    hq_status s = hq_may(f->request->caller, HQ_MAY_FILE, &target, ref, f->day);
    return hq_ok(s) ? s : not_yours(f, s);
}

/* ------------------------------------------------------------------ the row */

static hq_status render(hq_clr__filing *f)
{
    hq_arena *arena = f->request->arena;
    if (!f->low_value) {
        hq_buf json = HQ_BUF_ARENA(arena, JSON_MAX);
        hq_buf_reserve(&json, 512 + 640 * f->assessment->line_count);
        hq_json_w w = hq_json_writer(&json);
        hq_assessment_json(&w, f->assessment);
        f->assessment_json = hq_buf_view(&json);
        HQ_TRY(hq_buf_status(&json));
    }
    hq_buf findings = HQ_BUF_ARENA(arena, JSON_MAX);
    hq_json_w fw = hq_json_writer(&findings);
    hq_clr__findings_json(&fw, f->findings.items, f->findings.count);
    f->row.findings = hq_buf_view(&findings);
    HQ_TRY(hq_buf_status(&findings));
    hq_buf packed = HQ_BUF_ARENA(arena, PACKED_MAX);
    HQ_TRY(hq_assessment_pack(&packed, f->assessment));
    f->row.assessment = hq_buf_view(&packed);
    return hq_buf_status(&packed);
}

static hq_status fill_row(hq_clr__filing *f, const hq_ref *ref)
{
    const hq_declaration *d = f->declaration;
    hq_clr__row *row = &f->row;
    hq_buf scratch = HQ_BUF_ARENA(f->request->arena, 2 * HQ_CLR__RECORD_MAX);
    row->channel = HQ_CLR__NO_CHANNEL;
    row->status = HQ_DECLARATION_NEW;
    row->flow = d->flow;
    row->kind = d->kind;
    row->office = d->office;
    row->goods_office = goods_office_of(d, ref, f->day);
    row->trader = hq_clr__trader_of(d)->tax_code;
    row->agent = d->agent_tax_code;
    row->created_at = f->at;
    row->changed_at = f->at;
    row->due_at =
        f->registers ? 0 : hq_ref_term_end(ref, HQ_SV("PREREGISTRATION_KEPT"), d->office, f->at);
    row->customs_value_vnd = f->assessment->customs_value_vnd;
    row->payable_vnd = f->assessment->total_payable_vnd;
    row->reference_version = f->assessment->reference_version;
    row->reference = d->reference;
    row->body = d->json;
    if (f->low_value) {
        hq_clr__life life = { .low_value = true };
        HQ_TRY(hq_clr__life_pack(&row->life, &life, f->request->arena));
    }
    row->words = hq_clr__words_of(d, ref, f->request->arena);
    HQ_TRY(render(f));
    hq_buf_reserve(&scratch, 128 + row->words.len + row->assessment.len);
    /* The document is the body but for white space around it. */
    bool whole = row->body.ptr == f->request->body.ptr && row->body.len == f->request->body.len;
    hq_clr__content_hash(&row->content_hash, row, whole ? f->request->body_hash : NULL, &scratch);
    HQ_TRY(row->words.ptr == NULL ? HQ_FAIL(NOMEM) : hq_buf_status(&scratch));
    return hq_clr__content_pack(row, f->request->arena);
}

/* ------------------------------------------------------------------ risk */

static hq_risk_line *risk_lines(const hq_declaration *d, const hq_assessment *assessment,
                                hq_arena *arena)
{
    hq_risk_line *lines = HQ_NEW_ARRAY(arena, hq_risk_line, d->line_count);
    for (size_t i = 0; lines != NULL && i < d->line_count; i++) {
        const hq_line_assessment *assessed = &assessment->lines[i];
        int64_t tax = 0;
        for (size_t t = 0; t < assessed->tax_count; t++) {
            tax += assessed->taxes[t].amount_vnd;
        }
        lines[i] = (hq_risk_line){ .hs = d->lines[i].hs,
                                   .origin = d->lines[i].origin,
                                   .scheme = assessed->scheme,
                                   .customs_value_vnd = assessed->customs_value_vnd,
                                   .tax_vnd = tax,
                                   .quantity = d->lines[i].quantity.amount,
                                   .unit_price = d->lines[i].unit_price };
    }
    return lines;
}

hq_status hq_clr__risk_facts(hq_risk_facts *out, const hq_declaration *d,
                             const hq_assessment *assessment, const hq_ref *ref, hq_arena *arena)
{
    hq_sv trader_code = hq_clr__trader_of(d)->tax_code;
    const hq_enterprise_row *trader = hq_ref_enterprise(ref, trader_code);
    *out = (hq_risk_facts){
        .flow = d->flow,
        .kind = d->kind,
        .office = d->office,
        .trader_tax_code = trader_code,
        .agent_tax_code = d->agent_tax_code,
        .transport_mode = d->transport_mode,
        .compliance = trader == NULL ? 0 : trader->compliance,
        .trader_founded = trader == NULL ? 0 : trader->founded,
        .gross_weight = d->gross_weight.amount,
        .customs_value_vnd = assessment->customs_value_vnd,
        .total_tax_vnd = assessment->total_payable_vnd,
        .day = assessment->day,
        .lines = risk_lines(d, assessment, arena),
        .line_count = d->line_count,
    };
    return out->lines == NULL ? HQ_FAIL(NOMEM) : HQ_DONE;
}

static hq_status score(hq_clr__filing *f, const hq_ref *ref)
{
    hq_risk_facts facts;
    HQ_TRY(hq_clr__risk_facts(&facts, f->declaration, f->assessment, ref, f->request->arena));
    const hq_risk_rules *rules = hq_risk_acquire(f->clearance->risk);
    hq_risk_score_of(&f->score, rules, &facts, hq_random_u64());
    hq_risk_release(f->clearance->risk, rules);
    f->officer_draw = hq_random_u64();
    return HQ_DONE;
}

/* ------------------------------------------------------------------ building */

static hq_status answer_findings(hq_clr__filing *f)
{
    f->request->answer.findings = f->findings.items;
    f->request->answer.finding_count = f->findings.count;
    f->request->answer.why = (hq_why){
        .vi = HQ_SV("Tờ khai có lỗi; tất cả các lỗi được nêu ở errors"),
        .en = HQ_SV("The declaration has errors; all of them are in errors"),
    };
    return HQ_FAIL(INVALID);
}

static hq_status build(hq_clr__filing *f, const hq_ref *ref, hq_clr__before_fn before, void *user)
{
    hq_check_stage stage = f->amends      ? HQ_CHECK_AMEND
                           : f->registers ? HQ_CHECK_REGISTER
                                          : HQ_CHECK_PREREGISTER;
    if (f->low_value && f->declaration->agent_tax_code.len == 0 &&
        !hq_sv_eq(hq_clr__trader_of(f->declaration)->tax_code, f->carrier)) {
        f->declaration->agent_tax_code = f->carrier;
    }
    /* Customs decide about what the declarant, who was asked then, wants amended; and what may not
     * be amended is found beside all else. */
    bool known =
        f->amends && (f->request->caller->role != HQ_ROLE_DECLARANT || f->findings.errors > 0);
    hq_status filer = known ? HQ_DONE : check_filer(f, ref);
    if (hq_failed(filer)) {
        /* What the tables say of a trader is for those who act for him; faults of form are not. */
        return f->findings.errors > 0 ? answer_findings(f) : filer;
    }
    HQ_TRY(hq_assess(&f->assessment, &f->findings, f->declaration, ref, f->day, stage,
                     f->request->arena));
    hq_check__filing_window(&f->findings, f->declaration, ref, f->at);
    HQ_TRY(hq_clr__draws_check(f, ref));
    if (f->findings.failed) {
        return HQ_FAIL(NOMEM);
    }
    if (f->findings.errors > 0) {
        return answer_findings(f);
    }
    if (before != NULL) {
        HQ_TRY(before(f, ref, user));
    }
    HQ_TRY(fill_row(f, ref));
    return f->registers ? score(f, ref) : HQ_DONE;
}

static hq_status build_as_of(hq_clr__filing *f, hq_clr__before_fn before, void *user)
{
    const hq_ref *ref;
    HQ_TRY(hq_reference_as_of(&ref, f->clearance->reference, f->as_of));
    hq_status s = build(f, ref, before, user);
    hq_ref_free(ref);
    return s;
}

hq_status hq_clr__filing_new(hq_clr__filing **out, hq_clearance *clearance, hq_request *request,
                             bool registers)
{
    hq_clr__filing *f = HQ_NEW(request->arena, hq_clr__filing);
    if (f == NULL) {
        return HQ_FAIL(NOMEM);
    }
    f->clearance = clearance;
    f->request = request;
    f->registers = registers;
    f->at = hq_now(clearance->clock);
    f->day = hq_day_of(f->at);
    f->findings.arena = request->arena;
    *out = f;
    return HQ_DONE;
}

hq_status hq_clr__filing_build(hq_clr__filing *f, hq_sv body, hq_clr__before_fn before, void *user)
{
    HQ_TRY((f->low_value ? hq_parcel_decode : hq_declaration_decode)(
        &f->declaration, &f->findings, body, f->request->arena, &f->request->answer.why));
    const hq_ref *ref = hq_reference_acquire(f->clearance->reference);
    if (f->as_of != 0 && f->as_of != hq_ref_version(ref)) {
        hq_reference_release(f->clearance->reference, ref);
        return build_as_of(f, before, user);
    }
    hq_status s = build(f, ref, before, user);
    hq_reference_release(f->clearance->reference, ref);
    return s;
}

/* ------------------------------------------------------------------ in the closure */

void hq_clr__take_content(hq_clr__row *row, const hq_clr__row *from)
{
    row->kind = from->kind;
    row->office = from->office;
    row->goods_office = from->goods_office;
    row->trader = from->trader;
    row->agent = from->agent;
    row->customs_value_vnd = from->customs_value_vnd;
    row->payable_vnd = from->payable_vnd;
    row->reference_version = from->reference_version;
    row->content_hash = from->content_hash;
    row->reference = from->reference;
    row->assessment = from->assessment;
    row->findings = from->findings;
    row->words = from->words;
    row->body = from->body;
    row->packed = from->packed;
    row->packed_of = from->packed_of;
    row->content_version = row->version + 1;
}

hq_status hq_clr__filing_cover(bool *covered, hq_clr__filing *f, hq_tx *tx, const hq_clr__row *row,
                               int64_t amount_vnd)
{
    const hq_declaration *d = f->declaration;
    const char *rule = NULL;
    hq_why why = { .path = HQ_SV("/payment/guarantee") };
    *covered = false;
    if (amount_vnd == 0 || d->payment_term == 'D' || d->payment_term == 0) {
        return HQ_DONE;
    }
    hq_sv payer = f->low_value && row->agent.len > 0 ? row->agent : row->trader;
    hq_cover_ask ask = { .term = d->payment_term,
                         .guarantee = d->guarantee,
                         .declaration = row->id,
                         .amount_vnd = amount_vnd,
                         .tax_code = payer,
                         .kind = row->kind,
                         .office = row->office,
                         .day = hq_day_of(f->at),
                         .actor = f->request->caller->id };
    hq_status s = hq_cover_reserve(f->clearance->treasury, tx, &ask, &rule, &why);
    *covered = hq_ok(s);
    if (s.code == HQ_E_INVALID) {
        hq_arena *arena = f->request->arena;
        f->refused = true;
        f->refusal = (hq_finding){ .rule = hq_sv_from_cstr(rule),
                                   .severity = HQ_SEVERITY_ERROR,
                                   .path = hq_arena_dup(arena, why.path),
                                   .value = hq_findings__json_text(arena, d->guarantee),
                                   .vi = hq_arena_dup(arena, why.vi),
                                   .en = hq_arena_dup(arena, why.en) };
    }
    return s;
}

static hq_status take_draws(hq_clr__filing *f, hq_tx *tx, hq_clr__row *row)
{
    hq_clr__life life;
    HQ_TRY(hq_clr__life_unpack(&life, row->life));
    hq_clr__drawing drawing = { .clearance = f->clearance,
                                .request = f->request,
                                .declaration = f->declaration,
                                .at = f->at,
                                .day = f->day,
                                .asks = true };
    HQ_TRY(hq_clr__draws_take(&f->late, &drawing, tx, row, &life));
    return hq_clr__life_pack(&row->life, &life, f->request->arena);
}

hq_status hq_clr__filing_channel(hq_clr__facts *facts, hq_clr__filing *f, hq_tx *tx,
                                 hq_clr__row *row)
{
    hq_risk_lane lane;
    int64_t owed = 0;
    bool covered;
    hq_buf decision = HQ_BUF_ARENA(f->request->arena, 65536);
    f->refused = false;
    if (f->draws) {
        HQ_TRY(take_draws(f, tx, row));
    }
    HQ_TRY(hq_risk_lane_of(&lane, tx, &f->score, row->office));
    HQ_TRY(hq_risk_pack(&decision, &f->score, &lane));
    HQ_TRY(hq_clr__filing_cover(&covered, f, tx, row, row->payable_vnd));
    /* Who carries a parcel pays for it, and owes where its owner has no tax code. */
    bool carried = f->low_value && row->agent.len > 0;
    hq_debts_new debts = { .declaration = row->id,
                           .office = row->office,
                           .tax_code = row->trader.len > 0 ? row->trader : row->agent,
                           .payer_tax_code = carried ? row->agent : HQ_SV(""),
                           .tax_vnd = f->assessment->tax_vnd,
                           .term = f->declaration->payment_term,
                           .actor = f->request->caller->id };
    HQ_TRY(hq_debts_open(&owed, f->clearance->treasury, tx, &debts));
    row->channel = (int)lane.channel;
    row->decision = hq_buf_view(&decision);
    row->registered_at = f->at;
    *facts = (hq_clr__facts){ .channel = lane.channel, .owed = owed > 0 && !covered };
    if (covered) {
        hq_clr__life life;
        HQ_TRY(hq_clr__life_unpack(&life, row->life));
        life.covered = true;
        HQ_TRY(hq_clr__life_pack(&row->life, &life, f->request->arena));
    }
    return hq_buf_status(&decision);
}

hq_status hq_clr__filing_follow_up(hq_clr__filing *f, hq_tx *tx, hq_clr__row *row)
{
    hq_sv actor = f->request->caller->id;
    if (row->status == HQ_DECLARATION_CLEARED) {
        return hq_clr__tell_cleared(f->clearance, tx, row, actor, f->at);
    }
    if (row->status == HQ_DECLARATION_DOCUMENT_CHECK) {
        HQ_TRY(hq_clr__presenting_due(f->clearance, tx, row, f->at));
        return hq_clr__draw_officer(f->clearance, tx, row, f->officer_draw, f->at,
                                    f->request->arena);
    }
    return HQ_DONE;
}

hq_status hq_clr__filing_refused(hq_clr__filing *f, hq_status written)
{
    if (f->refused && written.code == HQ_E_INVALID) {
        f->request->answer.findings = &f->refusal;
        f->request->answer.finding_count = 1;
        f->request->answer.why = (hq_why){ f->refusal.path, f->refusal.vi, f->refusal.en };
        f->request->answer.code = f->refusal.rule;
    } else if (f->late.count > 0 && written.code == HQ_E_INVALID) {
        f->request->answer.findings = f->late.items;
        f->request->answer.finding_count = f->late.count;
        f->request->answer.why =
            (hq_why){ f->late.items[0].path, f->late.items[0].vi, f->late.items[0].en };
    }
    return written;
}
