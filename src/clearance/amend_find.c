/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/amend.h"

/* What may not be amended, and what an amendment comes to. */

/* ------------------------------------------------------------------ fields */

/* The rule that the row breaks at this moment, NULL: none. */
static const char *broken_rule(const hq_amendable_row *row, hq_clr__moment moment)
{
    switch (row->until) {
    case HQ_AMENDABLE_NEVER:
        return "HQ361";
    case HQ_AMENDABLE_GOODS_CHECK:
        return moment == HQ_CLR__HELD ? NULL : "HQ362";
    case HQ_AMENDABLE_CLEARANCE:
        return moment == HQ_CLR__GONE ? "HQ363" : NULL;
    case HQ_AMENDABLE_AFTER:
        break;
    }
    return NULL;
}

static hq_sv seen_of(const hq_doc *after, hq_arena *arena)
{
    hq_buf text = HQ_BUF_ARENA(arena, 1024);
    hq_json_w w = hq_json_writer(&text);
    hq_doc_write(&w, after);
    bool fits = hq_ok(hq_buf_status(&text)) && text.len <= 200;
    return after == NULL || !fits ? HQ_SV_NULL : hq_buf_view(&text);
}

static void find_field(hq_clr__amend *a, const hq_ref *ref, const hq_clr__touched *touched)
{
    hq_arena *arena = a->request->arena;
    hq_day today = hq_day_of(hq_now(a->clearance->clock));
    const hq_amendable_row *row = hq_ref_amendable(ref, a->before.flow, touched->path, today);
    const char *rule = row == NULL ? NULL : broken_rule(row, a->moment);
    if (rule == NULL) {
        return;
    }
    hq_findings_add(
        &a->filing->findings, rule, touched->path, seen_of(touched->after, arena),
        HQ_ARGS(row->name_vi, row->legal_ground, row->name_en.len > 0 ? row->name_en : row->path));
}

/* ------------------------------------------------------------------ adjustments name lines */

static void find_adjustment(hq_clr__amend *a, const hq_doc *adjustment, size_t index)
{
    hq_arena *arena = a->request->arena;
    const hq_doc *lines = hq_doc_member(adjustment, HQ_SV("lines"));
    for (const hq_doc *c = lines == NULL ? NULL : lines->first; c != NULL; c = c->next) {
        int64_t line;
        bool known =
            hq_sv_i64(&line, c->text) && line >= 1 && (uint64_t)line <= a->changes.old_count;
        if (known && a->changes.after_of[line - 1] != (size_t)line - 1) {
            hq_findings_add(
                &a->filing->findings, "HQ366",
                hq_findings__item_path(arena, "/valuation/adjustments", index, "/lines"), c->text,
                HQ_ARGS(hq_findings__i64(arena, line)));
            return;
        }
    }
}

/* A line that goes moves the numbers of those behind it: an adjustment that was left as it was
 * would come to lie on another line without anybody having said so. */
static void find_adjustments(hq_clr__amend *a)
{
    const hq_doc *was =
        hq_doc_member(hq_doc_member(a->old_doc, HQ_SV("valuation")), HQ_SV("adjustments"));
    const hq_doc *is =
        hq_doc_member(hq_doc_member(a->new_doc, HQ_SV("valuation")), HQ_SV("adjustments"));
    size_t index = 0;
    for (const hq_doc *c = is == NULL ? NULL : is->first; c != NULL; c = c->next, index++) {
        const hq_doc *old = hq_doc_element(was, index);
        if (hq_doc_same(hq_doc_member(old, HQ_SV("lines")), hq_doc_member(c, HQ_SV("lines")))) {
            find_adjustment(a, c, index);
        }
    }
}

hq_status hq_clr__amend_find(hq_clr__amend *a, const hq_ref *ref)
{
    hq_findings *findings = &a->filing->findings;
    for (size_t i = 0; i < a->changes.touched_count; i++) {
        find_field(a, ref, &a->changes.touched[i]);
    }
    find_adjustments(a);
    bool recomputes = hq_sv_eq(a->amendment.reason_code, HQ_SV(HQ_CLR__TAX_CALCULATION));
    if (a->changes.touched_count == 0 && findings->errors == 0 && !recomputes) {
        hq_findings_add(findings, "HQ364", HQ_SV(""), HQ_SV_NULL, HQ_NO_ARGS);
    }
    return findings->failed ? HQ_FAIL(NOMEM) : HQ_DONE;
}

/* ------------------------------------------------------------------ taxes */

static const hq_tax_item *item_of(const hq_line_assessment *line, hq_tax tax)
{
    for (size_t i = 0; line != NULL && i < line->tax_count; i++) {
        if (line->taxes[i].tax == tax) {
            return &line->taxes[i];
        }
    }
    return NULL;
}

static void put_line(hq_json_w *w, const char *name, size_t index)
{
    hq_json_key_sv(w, hq_sv_from_cstr(name));
    if (index == HQ_CLR__NO_LINE) {
        hq_json_null(w);
    } else {
        hq_json_i64(w, (int64_t)index + 1);
    }
}

static void put_amount(hq_json_w *w, const char *name, const hq_tax_item *item)
{
    hq_json_key_sv(w, hq_sv_from_cstr(name));
    if (item == NULL) {
        hq_json_null(w);
    } else {
        hq_json_i64(w, item->amount_vnd);
    }
}

static void compare_line(hq_json_w *w, const hq_assessment *was, size_t before,
                         const hq_assessment *is, size_t after)
{
    const hq_line_assessment *old = before < was->line_count ? &was->lines[before] : NULL;
    const hq_line_assessment *new = after < is->line_count ? &is->lines[after] : NULL;
    for (int tax = 0; tax < HQ_TAX_COUNT; tax++) {
        const hq_tax_item *a = item_of(old, (hq_tax)tax);
        const hq_tax_item *b = item_of(new, (hq_tax)tax);
        if ((a == NULL && b == NULL) ||
            (a != NULL && b != NULL && a->amount_vnd == b->amount_vnd)) {
            continue;
        }
        hq_json_open(w, '{');
        put_line(w, "line", before);
        put_line(w, "line_after", after);
        HQ_JSON_KEY(w, "tax");
        hq_json_text(w, hq_sv_from_cstr(hq_tax_name((hq_tax)tax)));
        put_amount(w, "before", a);
        put_amount(w, "after", b);
        hq_json_close(w, '}');
    }
}

static hq_status put_taxes(hq_clr__amend *a, const hq_assessment *was)
{
    const hq_assessment *is = a->filing->assessment;
    hq_buf text = HQ_BUF_ARENA(a->request->arena, HQ_CLR__RECORD_MAX);
    hq_json_w w = hq_json_writer(&text);
    hq_json_open(&w, '[');
    for (size_t i = 0; i < a->changes.old_count; i++) {
        compare_line(&w, was, i, is, a->changes.after_of[i]);
    }
    for (size_t i = 0; i < a->changes.new_count; i++) {
        if (a->changes.before_of[i] == HQ_CLR__NO_LINE) {
            compare_line(&w, was, HQ_CLR__NO_LINE, is, i);
        }
    }
    hq_json_close(&w, ']');
    a->amendment.taxes = hq_buf_view(&text);
    return hq_buf_status(&text);
}

static hq_status put_difference(hq_clr__amend *a, const hq_assessment *was)
{
    const hq_assessment *is = a->filing->assessment;
    hq_buf text = HQ_BUF_ARENA(a->request->arena, 1024);
    hq_json_w w = hq_json_writer(&text);
    hq_json_open(&w, '{');
    for (int tax = 0; tax < HQ_TAX_COUNT; tax++) {
        if (is->tax_vnd[tax] != was->tax_vnd[tax]) {
            hq_json_key_sv(&w, hq_sv_from_cstr(hq_tax_name((hq_tax)tax)));
            hq_json_i64(&w, is->tax_vnd[tax] - was->tax_vnd[tax]);
        }
    }
    hq_json_close(&w, '}');
    a->amendment.difference = hq_buf_view(&text);
    a->amendment.customs_value =
        hq_arena_printf(a->request->arena, "{\"before\":%lld,\"after\":%lld}",
                        (long long)was->customs_value_vnd, (long long)is->customs_value_vnd);
    return hq_buf_status(&text);
}

/* Computed anew by the tables of today, and it came out the same. */
static hq_status changes_nothing(hq_clr__filing *filing)
{
    hq_findings_add(&filing->findings, "HQ364", HQ_SV(""), HQ_SV_NULL, HQ_NO_ARGS);
    filing->request->answer.findings = filing->findings.items;
    filing->request->answer.finding_count = filing->findings.count;
    return HQ_CLR__REFUSE(filing->request, INVALID, "", "Khai bổ sung không thay đổi gì",
                          "The amendment changes nothing");
}

hq_status hq_clr__amend_compare(hq_clr__filing *filing, const hq_ref *ref, void *user)
{
    hq_clr__amend *a = user;
    hq_assessment *was;
    HQ_TRY(hq_assessment_unpack(&was, a->before.assessment, ref, filing->request->arena));
    HQ_TRY(put_taxes(a, was));
    HQ_TRY(put_difference(a, was));
    return a->changes.touched_count == 0 && a->amendment.taxes.len <= 2 ? changes_nothing(filing)
                                                                        : HQ_DONE;
}
