/* SPDX-License-Identifier: Apache-2.0 */
#include "treasury/room.h"

/* POST /api/v1/payments: a bank says that it debited a payer. */

#define AHEAD_US HQ_US_PER_DAY /* how far a bank's clock may be ahead of ours */

typedef struct {
    hq_request *request;
    hq_treasury *treasury;
    hq_payment payment;
    hq_sv answer;
    bool repeated;
    hq_why why;
} job;

/* ------------------------------------------------------------------ decoding */

static void read_kind(hq_payment_line *line, hq_tre__found *found, const hq_json *object,
                      hq_sv path)
{
    const hq_json *kind = hq_json_get(object, "kind");
    line->kind = HQ_DEBT_TAX;
    if (kind == NULL || kind->type == HQ_JSON_NULL) {
        return;
    }
    for (int k = HQ_DEBT_TAX; kind->type == HQ_JSON_STRING && k <= HQ_DEBT_FEE; k++) {
        if (hq_sv_eq(kind->text, hq_sv_from_cstr(hq_debt_kind_name((hq_debt_kind)k)))) {
            line->kind = (hq_debt_kind)k;
            return;
        }
    }
    hq_tre__find(found, "H7007", hq_arena_printf(found->arena, "%.*s/kind", HQ_SV_FMT(path)), kind,
                 HQ_SV("Loại khoản nợ phải là TAX, INTEREST, FINE hoặc FEE"),
                 HQ_SV("The kind of debt is TAX, INTEREST, FINE or FEE"));
}

static void read_line(hq_payment_line *line, hq_tre__found *found, const hq_json *object, size_t i)
{
    static const hq_sv names[] = {
        { "declaration", 11 }, { "tax", 3 }, { "amount", 6 }, { "kind", 4 }
    };
    hq_sv path = hq_arena_printf(found->arena, "/lines/%zu", i);
    int64_t number;
    hq_sv tax;
    if (object->type != HQ_JSON_OBJECT) {
        hq_tre__find(found, "H7002", path, object, HQ_SV("Mỗi dòng là một đối tượng JSON"),
                     HQ_SV("Each line is a JSON object"));
        return;
    }
    hq_tre__only(found, object, path, names, sizeof names / sizeof names[0]);
    hq_tre__member_text(&line->declaration, found, object, path, "declaration", 12);
    if (line->declaration.len > 0 && !hq_tre__declaration_parse(&number, line->declaration)) {
        hq_tre__find(found, "H7008",
                     hq_arena_printf(found->arena, "%.*s/declaration", HQ_SV_FMT(path)),
                     hq_json_get(object, "declaration"), HQ_SV("Số tờ khai có 12 chữ số"),
                     HQ_SV("A declaration number has 12 digits"));
    }
    hq_tre__member_text(&tax, found, object, path, "tax", 8);
    if (tax.len > 0 && !hq_tax_parse(&line->tax, tax)) {
        hq_tre__find(found, "H7009", hq_arena_printf(found->arena, "%.*s/tax", HQ_SV_FMT(path)),
                     hq_json_get(object, "tax"),
                     HQ_SV("Sắc thuế phải là IMPORT, EXPORT, AD, CVD, SG, SCT, EPT hoặc VAT"),
                     HQ_SV("The tax is one of IMPORT EXPORT AD CVD SG SCT EPT VAT"));
    }
    hq_tre__member_vnd(&line->amount_vnd, found, object, path, "amount");
    read_kind(line, found, object, path);
}

static hq_status read_lines(hq_payment *payment, hq_tre__found *found, const hq_json *body)
{
    const hq_json *lines = hq_json_get(body, "lines");
    if (lines == NULL || lines->type != HQ_JSON_ARRAY || lines->count == 0 ||
        lines->count > HQ_PAYMENT_LINES_MAX) {
        hq_tre__find(found, "H7010", HQ_SV("/lines"), lines,
                     HQ_SV("Cần danh sách từ 1 đến 200 dòng tiền"),
                     HQ_SV("Needs a list of 1 to 200 lines"));
        return HQ_DONE;
    }
    hq_payment_line *items = HQ_NEW_ARRAY(found->arena, hq_payment_line, lines->count);
    if (items == NULL) {
        return HQ_FAIL(NOMEM);
    }
    const hq_json *line = hq_json_first(lines);
    for (size_t i = 0; line != NULL; i++, line = hq_json_next(lines, line)) {
        read_line(&items[i], found, line, i);
    }
    payment->lines = items;
    payment->line_count = lines->count;
    return HQ_DONE;
}

static void read_debited_at(hq_payment *payment, hq_tre__found *found, const hq_json *body,
                            hq_time_us now)
{
    hq_sv text;
    hq_tre__member_text(&text, found, body, HQ_SV(""), "debited_at", 40);
    if (text.len == 0) {
        return;
    }
    if (hq_failed(hq_time_parse(&payment->debited_at, text))) {
        hq_tre__find(found, "H7011", HQ_SV("/debited_at"), hq_json_get(body, "debited_at"),
                     HQ_SV("Cần thời điểm RFC 3339, ví dụ 2026-11-20T08:00:00+07:00"),
                     HQ_SV("Needs an RFC 3339 time, for example 2026-11-20T08:00:00+07:00"));
        return;
    }
    if (payment->debited_at > now + AHEAD_US) {
        hq_tre__find(found, "H7012", HQ_SV("/debited_at"), hq_json_get(body, "debited_at"),
                     HQ_SV("Thời điểm trích nợ ở tương lai"),
                     HQ_SV("The debit lies in the future"));
    }
}

static hq_status decode(hq_payment *payment, hq_request *request)
{
    static const hq_sv names[] = { { "bank", 4 },
                                   { "reference", 9 },
                                   { "debited_at", 10 },
                                   { "payer_tax_code", 14 },
                                   { "lines", 5 } };
    const hq_json *body;
    HQ_TRY(hq_tre__body(&body, request));
    hq_tre__found found = { .arena = request->arena };
    hq_tre__only(&found, body, HQ_SV(""), names, sizeof names / sizeof names[0]);
    hq_tre__member_text(&payment->bank, &found, body, HQ_SV(""), "bank", 20);
    hq_tre__member_text(&payment->reference, &found, body, HQ_SV(""), "reference", 64);
    read_debited_at(payment, &found, body, request->received_at);
    hq_tre__member_tax_code(&payment->payer_tax_code, &found, body, HQ_SV(""), "payer_tax_code");
    HQ_TRY(read_lines(payment, &found, body));
    return hq_tre__found_status(request, &found);
}

/* ------------------------------------------------------------------ posting */

static hq_status post(hq_tx *tx, void *user)
{
    job *j = user;
    hq_arena *arena = j->request->arena;
    hq_sv answer;
    hq_why why = { 0 };
    hq_status s = hq_payment_post(&answer, &j->repeated, j->treasury, tx, &j->payment, &why);
    if (hq_failed(s)) {
        j->why = (hq_why){ hq_arena_dup(arena, why.path), hq_arena_dup(arena, why.vi),
                           hq_arena_dup(arena, why.en) };
        return s;
    }
    j->answer = hq_arena_dup(arena, answer);
    return j->answer.ptr == NULL ? HQ_FAIL(NOMEM) : HQ_DONE;
}

static hq_status posted(hq_request *request, hq_status written, void *user)
{
    const job *j = user;
    if (hq_failed(written)) {
        request->answer.why = j->why;
        return written;
    }
    request->answer.http = j->repeated ? 200 : 201;
    request->answer.body = HQ_BUF_ARENA(request->arena, j->answer.len + 1);
    hq_buf_sv(&request->answer.body, j->answer);
    return hq_buf_status(&request->answer.body);
}

hq_status hq_tre__post_payment(hq_request *request, void *room)
{
    job *j = HQ_NEW(request->arena, job);
    if (j == NULL) {
        return HQ_FAIL(NOMEM);
    }
    j->request = request;
    j->treasury = room;
    j->payment.actor = request->caller->id;
    HQ_TRY(decode(&j->payment, request));
    if (!hq_sv_eq(j->payment.bank, request->caller->bank)) {
        hq_tre__why(&request->answer.why, HQ_SV("/bank"),
                    HQ_SV("Ngân hàng chỉ gửi được giao dịch của chính mình"),
                    HQ_SV("A bank sends its own payments only"));
        return HQ_FAIL(FORBIDDEN);
    }
    return hq_request_write(request, post, posted, j);
}
