/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/parcels.h"

#include "clearance/findings.h"

/* Reads the lines of a sheet into filings, and says what became of each. */

/* ------------------------------------------------------------------ reading */

static void find_unread(hq_clr__filing *f, const hq_clr__batch_line *line, hq_status read)
{
    hq_findings *findings = &f->findings;
    if (line->too_long) {
        hq_findings_add(findings, "HQ322", HQ_SV(""), HQ_SV_NULL,
                        HQ_ARGS(hq_findings__i64(findings->arena, HQ_CLR__LINE_MAX)));
    } else if (read.code == HQ_E_SYNTAX || read.code == HQ_E_LIMIT) {
        hq_findings_add(findings, "HQ323", HQ_SV(""), HQ_SV_NULL,
                        HQ_ARGS(f->request->answer.why.vi, f->request->answer.why.en));
    } else if (findings->errors == 0) {
        hq_sv why = hq_sv_from_cstr(hq_status_name(read));
        hq_findings_add(findings, "HQ324", HQ_SV(""), HQ_SV_NULL, &why, 1);
    }
}

static void read_line(hq_clr__parcel *parcel, const hq_clr__batch_line *line,
                      hq_clearance *clearance, hq_request *request)
{
    hq_clr__filing *f;
    if (hq_failed(hq_clr__filing_new(&f, clearance, request, true))) {
        return;
    }
    parcel->filing = f;
    f->low_value = true;
    f->carrier = request->caller->tax_code;
    request->answer.why = (hq_why){ .vi = HQ_SV("") };
    hq_status s = line->too_long ? HQ_FAIL(LIMIT) : hq_clr__filing_build(f, line->text, NULL, NULL);
    parcel->valid = hq_ok(s);
    if (hq_failed(s)) {
        find_unread(f, line, s);
    }
    if (f->declaration != NULL && f->declaration->reference.len > 0) {
        parcel->reference = f->declaration->reference;
        parcel->print = hq_clr__ref_print(request->caller->tax_code, parcel->reference);
    }
}

static bool read_sheet(hq_clr__sheet *sheet)
{
    hq_clr__parcels *work = HQ_NEW(sheet->arena, hq_clr__parcels);
    bool any = false;
    sheet->work = work;
    if (work == NULL) {
        return false;
    }
    work->request.arena = sheet->arena;
    work->request.caller = sheet->caller;
    work->request.low_value = true;
    for (size_t i = 0; i < sheet->count; i++) {
        read_line(&work->parcels[i], &sheet->lines[i], sheet->clearance, &work->request);
        /* What was refused may have been taken before, by the tables of that day. */
        any = any || work->parcels[i].valid || work->parcels[i].print != 0;
    }
    return any;
}

/* ------------------------------------------------------------------ answering */

static void put_reference(hq_json_w *w, int64_t line, hq_sv reference)
{
    hq_json_open(w, '{');
    HQ_JSON_KEY(w, "line");
    hq_json_i64(w, line);
    HQ_JSON_KEY(w, "reference");
    hq_json_text_or_null(w, reference.len == 0 ? HQ_SV_NULL : reference);
}

static void put_result(hq_json_w *w, const hq_clr__row *row)
{
    char number[12];
    HQ_JSON_KEY(w, "number");
    hq_json_text(w, hq_declaration_number_write(number, row->id, 0));
    HQ_JSON_KEY(w, "status");
    hq_json_text(w, hq_sv_from_cstr(hq_declaration_status_name(row->status)));
    HQ_JSON_KEY(w, "channel");
    hq_json_text_or_null(w, row->channel == HQ_CLR__NO_CHANNEL
                                ? HQ_SV_NULL
                                : hq_sv_from_cstr(hq_channel_name((hq_channel)row->channel)));
    HQ_JSON_KEY(w, "total_payable");
    hq_json_i64(w, row->payable_vnd);
}

static void put_errors(hq_json_w *w, const hq_findings *findings)
{
    HQ_JSON_KEY(w, "errors");
    hq_clr__findings_json(w, findings->items, findings->count);
}

/* Why nothing of the line is there now. */
static void find_unwritten(hq_clr__parcel *parcel, hq_status written)
{
    hq_clr__filing *f = parcel->filing;
    if (hq_failed(written) && (parcel->valid || f->findings.errors == 0)) {
        hq_sv args[2] = { hq_sv_from_cstr(hq_status_text_vi(written)),
                          hq_sv_from_cstr(hq_status_text_en(written)) };
        hq_findings_add(&f->findings, "HQ324", HQ_SV(""), HQ_SV_NULL, args, 2);
    } else if (parcel->fate == HQ_CLR__PARCEL_CLASHES) {
        char number[12];
        hq_sv taken = hq_declaration_number_write(number, f->out.id, 0);
        hq_findings_add(&f->findings, "HQ321", HQ_SV("/reference"),
                        hq_findings__json_text(f->findings.arena, parcel->reference), &taken, 1);
    } else if (f->refused) {
        f->findings = (hq_findings){ .arena = f->findings.arena };
        f->findings.items = &f->refusal;
        f->findings.count = 1;
    }
}

static void answer_line(hq_clr__sheet *sheet, size_t i, hq_status written)
{
    hq_clr__parcels *work = sheet->work;
    hq_clr__parcel *parcel = work == NULL ? NULL : &work->parcels[i];
    hq_json_w w = hq_json_writer(&sheet->out);
    put_reference(&w, sheet->lines[i].number, parcel == NULL ? HQ_SV("") : parcel->reference);
    bool there = hq_ok(written) && parcel != NULL && parcel->filing != NULL &&
                 (parcel->fate == HQ_CLR__PARCEL_NEW || parcel->fate == HQ_CLR__PARCEL_REPEATED);
    if (there) {
        put_result(&w, &parcel->filing->out);
        if (parcel->fate == HQ_CLR__PARCEL_REPEATED) {
            HQ_JSON_KEY(&w, "repeated");
            hq_json_bool(&w, true);
        } else if (parcel->filing->findings.count > 0) {
            HQ_JSON_KEY(&w, "findings");
            hq_clr__findings_json(&w, parcel->filing->findings.items,
                                  parcel->filing->findings.count);
        }
    } else if (parcel != NULL && parcel->filing != NULL) {
        find_unwritten(parcel, written);
        put_errors(&w, &parcel->filing->findings);
    } else {
        hq_findings findings = { .arena = sheet->arena };
        hq_sv why[2] = { hq_sv_from_cstr(hq_status_text_vi(HQ_FAIL(NOMEM))),
                         hq_sv_from_cstr(hq_status_text_en(HQ_FAIL(NOMEM))) };
        hq_findings_add(&findings, "HQ324", HQ_SV(""), HQ_SV_NULL, why, 2);
        put_errors(&w, &findings);
    }
    hq_json_close(&w, '}');
    hq_buf_char(&sheet->out, '\n');
}

static void answer_sheet(hq_clr__sheet *sheet, hq_status written)
{
    if (hq_ok(written)) {
        /* Fails when the store cannot be read: the groups stay among those that are looked through
         * in the transaction, and the next sheet tries again. */
        HQ_IGNORE(hq_clr__refs_catch_up(sheet->clearance->refs));
    }
    hq_buf_reserve(&sheet->out, 160 * sheet->count);
    for (size_t i = 0; i < sheet->count; i++) {
        answer_line(sheet, i, written);
    }
}

const hq_clr__trade hq_clr__parcel_trade = { read_sheet, hq_clr__parcels_write, answer_sheet };

hq_status hq_clr__post_batch(hq_request *request, void *room)
{
    hq_clearance *clearance = room;
    return hq_clr__batch_begin(clearance->batches, request, &hq_clr__parcel_trade);
}
