/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/elements.h"
#include "clearance/filing.h"
#include "clearance/record.h"

/* The declarant said that his documents are complete: which papers that the declaration itself
 * names are not attached? Warnings, since a paper may have been handed over, and the officer sees
 * what he has. Made when the record is read, so that they go as the papers come. */

/* Does the declaration name something of this kind, and what is it called? */
typedef struct {
    const char *kind; /* of the list ATTACHMENT */
    const char *path;
    hq_sv (*named)(const hq_json *body);
} paper;

static hq_sv first_text(const hq_json *list, const char *member)
{
    for (const hq_json *i = list == NULL ? NULL : hq_json_first(list); i != NULL;
         i = hq_json_next(list, i)) {
        hq_sv text = member == NULL ? i->text : hq_json_get_text(i, member);
        if (text.len > 0) {
            return text;
        }
    }
    return HQ_SV("");
}

static hq_sv invoice_of(const hq_json *body)
{
    const hq_json *invoice = hq_json_get(body, "invoice");
    hq_sv number = invoice == NULL ? HQ_SV("") : hq_json_get_text(invoice, "number");
    return number.ptr == NULL ? HQ_SV("") : number;
}

static hq_sv bill_of(const hq_json *body)
{
    return first_text(hq_json_get(body, "bills"), NULL);
}

static hq_sv permit_of(const hq_json *body)
{
    return first_text(hq_json_get(body, "permits"), "number");
}

static hq_sv origin_of(const hq_json *body)
{
    const hq_json *lines = hq_json_get(body, "lines");
    for (const hq_json *l = lines == NULL ? NULL : hq_json_first(lines); l != NULL;
         l = hq_json_next(lines, l)) {
        const hq_json *proof = hq_json_get(l, "origin_proof");
        hq_sv number = proof == NULL ? HQ_SV("") : hq_json_get_text(proof, "number");
        if (number.len > 0) {
            return number;
        }
    }
    return HQ_SV("");
}

static const paper papers[] = {
    { "INVOICE", "/declaration/invoice", invoice_of },
    { "BILL", "/declaration/bills", bill_of },
    { "PERMIT", "/declaration/permits", permit_of },
    { "ORIGIN", "/declaration/lines", origin_of },
};

/* Said to be complete, and still being looked at. */
static bool are_looked_at(const hq_clr__row *row, const hq_clr__life *life)
{
    return life->documents.at != 0 && (row->status == HQ_DECLARATION_DOCUMENT_CHECK ||
                                       row->status == HQ_DECLARATION_GOODS_CHECK);
}

hq_status hq_clr__papers_wanted(hq_sv *out, const hq_clr__row *row, const hq_clr__life *life,
                                hq_arena *arena)
{
    hq_findings findings = { .arena = arena };
    hq_buf text = HQ_BUF_ARENA(arena, 65536);
    hq_json_w w = hq_json_writer(&text);
    const hq_json *body;
    const hq_json *attached;
    *out = HQ_SV("");
    if (!are_looked_at(row, life)) {
        return HQ_DONE;
    }
    HQ_TRY(hq_json_parse(&body, row->body, arena, NULL));
    HQ_TRY(hq_clr__elements(&attached, life->sections[HQ_CLR__ATTACHMENTS], arena));
    for (size_t i = 0; i < sizeof papers / sizeof papers[0]; i++) {
        hq_sv kind = hq_sv_from_cstr(papers[i].kind);
        hq_sv named = papers[i].named(body);
        if (named.len > 0 && hq_clr__element_named(attached, "kind", kind) == NULL) {
            hq_findings_add(&findings, "HQ620", hq_sv_from_cstr(papers[i].path),
                            hq_findings__json_text(arena, named), HQ_ARGS(named, kind));
        }
    }
    hq_clr__findings_json(&w, findings.items, findings.count);
    HQ_TRY(hq_buf_status(&text));
    *out = findings.failed || findings.count == 0 ? HQ_SV("") : hq_buf_view(&text);
    return HQ_DONE;
}
