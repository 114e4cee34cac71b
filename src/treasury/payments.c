/* SPDX-License-Identifier: Apache-2.0 */
#include "treasury/room.h"

/* Posting a payment: once per (bank, reference). Each line pays the debt that it names, as far as
 * it goes; what is left of its money becomes the payer's credit, also when the declaration is not
 * known: the bank has debited the payer, so the money is booked whatever the line says. */

#define ANSWER_MAX ((size_t)256 << 10)

typedef enum { LINE_APPLIED, LINE_PARTLY, LINE_NOT_OWED, LINE_UNKNOWN } line_result;

static const char *const result_names[] = { "APPLIED", "PARTLY_APPLIED", "NOT_OWED",
                                            "UNKNOWN_DECLARATION" };
static const char *const result_vi[] = {
    "Đã trừ nợ", "Một phần trừ nợ, phần thừa ghi có cho người nộp",
    "Tờ khai không còn nợ khoản này, tiền ghi có cho người nộp",
    "Không có tờ khai này trong sổ nợ, tiền ghi có cho người nộp"
};
static const char *const result_en[] = {
    "Paid on the debt", "Paid on the debt, the surplus is the payer's credit",
    "Nothing of this kind is owed for the declaration, the money is the payer's credit",
    "The ledger knows no debt of this declaration, the money is the payer's credit"
};

typedef struct {
    hq_tre__debt debt;
    bool known, settled;
    size_t postings;
    int64_t paid_vnd, before_vnd;
} touched;

typedef struct {
    int64_t applied_vnd, left_vnd; /* left of that tax after the line */
    line_result result;
} line_outcome;

typedef struct {
    hq_treasury *treasury;
    hq_tx *tx;
    const hq_payment *payment;
    const hq_ref *ref;
    hq_day day; /* of the debit */
    touched *debts;
    size_t debt_count;
    line_outcome *lines;
    int64_t applied_vnd, credited_vnd;
} posting;

/* ------------------------------------------------------------------ lines */

static touched *touched_of(posting *p, int64_t declaration)
{
    for (size_t i = 0; i < p->debt_count; i++) {
        if (p->debts[i].debt.declaration == declaration) {
            return &p->debts[i];
        }
    }
    return NULL;
}

/* The debt of a declaration, once for all lines that name it; not known where there is none. */
static hq_status open_debt(touched **out, posting *p, int64_t declaration)
{
    touched *t = touched_of(p, declaration);
    if (t != NULL) {
        *out = t;
        return HQ_DONE;
    }
    t = &p->debts[p->debt_count];
    hq_status s = hq_tre__debt_get(&t->debt, p->tx, declaration);
    if (hq_failed(s) && s.code != HQ_E_NOT_FOUND) {
        return s;
    }
    t->debt.declaration = declaration;
    t->known = hq_ok(s);
    p->debt_count++;
    if (t->known) {
        t->before_vnd = hq_tre__debt_left(&t->debt);
        t->debt.version++;
    }
    *out = t;
    return HQ_DONE;
}

static hq_status touch(touched **out, posting *p, hq_sv text)
{
    int64_t declaration = 0;
    *out = NULL;
    if (!hq_tre__declaration_parse(&declaration, text)) {
        return HQ_DONE;
    }
    touched *t;
    HQ_TRY(open_debt(&t, p, declaration));
    if (!t->known) {
        int64_t owner = declaration;
        HQ_TRY(hq_tre__owner_of(&owner, p->treasury, p->tx));
        HQ_TRY(open_debt(&t, p, owner));
    }
    *out = t->known ? t : NULL;
    return HQ_DONE;
}

static hq_status apply(posting *p, touched *t, const hq_payment_line *line, line_outcome *outcome)
{
    HQ_TRY(hq_tre__accrue(&t->debt, line->tax, p->ref, p->day));
    int64_t left = hq_tre__tax_left(&t->debt, line->kind, line->tax);
    int64_t part = left < line->amount_vnd ? left : line->amount_vnd;
    outcome->applied_vnd = part;
    outcome->left_vnd = left - part;
    outcome->result = part == 0                  ? LINE_NOT_OWED
                      : part == line->amount_vnd ? LINE_APPLIED
                                                 : LINE_PARTLY;
    if (part == 0) {
        return HQ_DONE;
    }
    hq_tre__tax_pay(&t->debt, line->kind, line->tax, part);
    t->paid_vnd += part;
    hq_tre__posting posted = { .cause = HQ_TRE__PAID,
                               .kind = line->kind,
                               .tax = line->tax,
                               .amount_vnd = part,
                               .payer_tax_code = p->payment->payer_tax_code,
                               .bank = p->payment->bank,
                               .reference = p->payment->reference };
    return hq_tre__post(p->tx, &t->debt, t->postings++, &posted);
}

static hq_status post_lines(posting *p)
{
    for (size_t i = 0; i < p->payment->line_count; i++) {
        const hq_payment_line *line = &p->payment->lines[i];
        line_outcome *outcome = &p->lines[i];
        touched *t;
        HQ_TRY(touch(&t, p, line->declaration));
        if (t == NULL) {
            *outcome = (line_outcome){ .result = LINE_UNKNOWN };
        } else {
            HQ_TRY(apply(p, t, line, outcome));
        }
        p->applied_vnd += outcome->applied_vnd;
        p->credited_vnd += line->amount_vnd - outcome->applied_vnd;
    }
    return HQ_DONE;
}

/* ------------------------------------------------------------------ debts */

static hq_status write_paid(posting *p, touched *t)
{
    hq_arena *arena = hq_tx_arena(p->tx);
    hq_buf text = HQ_BUF_ARENA(arena, 1024);
    hq_json_w json = hq_json_writer(&text);
    hq_hash32 hash;
    HQ_TRY(hq_tre__debt_update(&hash, p->tx, &t->debt));
    hq_json_open(&json, '{');
    HQ_JSON_KEY(&json, "tax_code");
    hq_json_text(&json, t->debt.tax_code);
    if (t->debt.payer_tax_code.len > 0) {
        HQ_JSON_KEY(&json, "payer_tax_code");
        hq_json_text(&json, t->debt.payer_tax_code);
    }
    HQ_JSON_KEY(&json, "bank");
    hq_json_text(&json, p->payment->bank);
    HQ_JSON_KEY(&json, "reference");
    hq_json_text(&json, p->payment->reference);
    HQ_JSON_KEY(&json, "amount_vnd");
    hq_json_i64(&json, t->paid_vnd);
    HQ_JSON_KEY(&json, "left_vnd");
    hq_json_i64(&json, hq_tre__debt_left(&t->debt));
    hq_json_close(&json, '}');
    HQ_TRY(hq_buf_status(&text));
    hq_tre__event event = {
        .office = t->debt.office,
        .subject = hq_tre__debt_subject(arena, t->debt.declaration),
        .actor = p->payment->actor,
        .payload = hq_buf_view(&text),
        .kind = "debt.paid",
        .version = t->debt.version,
        .hash = &hash,
    };
    return hq_tre__event_write(p->tx, &event);
}

static hq_status post_debts(posting *p)
{
    for (size_t i = 0; i < p->debt_count; i++) {
        touched *t = &p->debts[i];
        if (!t->known || t->paid_vnd == 0) {
            continue;
        }
        int64_t left = hq_tre__debt_left(&t->debt);
        HQ_TRY(write_paid(p, t));
        HQ_TRY(hq_tre__cover_lower(p->tx, t->debt.declaration, left, false, "guarantee.released",
                                   p->payment->actor));
        t->settled = left == 0;
    }
    return HQ_DONE;
}

static hq_status tell_settled(posting *p)
{
    hq_treasury *treasury = p->treasury;
    for (size_t i = 0; i < p->debt_count && treasury->settled != NULL; i++) {
        if (p->debts[i].settled) {
            HQ_TRY(treasury->settled(p->tx, p->debts[i].debt.declaration, p->payment->actor,
                                     treasury->settled_user));
        }
    }
    return HQ_DONE;
}

/* ------------------------------------------------------------------ the answer */

static void write_line(hq_json_w *json, const hq_payment_line *line, const line_outcome *outcome)
{
    hq_json_open(json, '{');
    HQ_JSON_KEY(json, "declaration");
    hq_json_text(json, line->declaration);
    HQ_JSON_KEY(json, "tax");
    hq_json_text(json, hq_sv_from_cstr(hq_tax_name(line->tax)));
    HQ_JSON_KEY(json, "kind");
    hq_json_text(json, hq_sv_from_cstr(hq_debt_kind_name(line->kind)));
    HQ_JSON_KEY(json, "amount");
    hq_json_i64(json, line->amount_vnd);
    HQ_JSON_KEY(json, "applied");
    hq_json_i64(json, outcome->applied_vnd);
    HQ_JSON_KEY(json, "credited");
    hq_json_i64(json, line->amount_vnd - outcome->applied_vnd);
    HQ_JSON_KEY(json, "left");
    hq_json_i64(json, outcome->left_vnd);
    HQ_JSON_KEY(json, "result");
    hq_json_text(json, hq_sv_from_cstr(result_names[outcome->result]));
    HQ_JSON_KEY(json, "text");
    hq_json_open(json, '{');
    HQ_JSON_KEY(json, "vi");
    hq_json_text(json, hq_sv_from_cstr(result_vi[outcome->result]));
    HQ_JSON_KEY(json, "en");
    hq_json_text(json, hq_sv_from_cstr(result_en[outcome->result]));
    hq_json_close(json, '}');
    hq_json_close(json, '}');
}

static void write_settled(hq_json_w *json, const posting *p)
{
    HQ_JSON_KEY(json, "settled");
    hq_json_open(json, '[');
    for (size_t i = 0; i < p->debt_count; i++) {
        if (p->debts[i].settled) {
            hq_json_text(
                json, hq_tre__declaration_text(hq_tx_arena(p->tx), p->debts[i].debt.declaration));
        }
    }
    hq_json_close(json, ']');
}

static hq_status write_answer(hq_buf *buf, const posting *p)
{
    const hq_payment *payment = p->payment;
    hq_json_w json = hq_json_writer(buf);
    hq_json_open(&json, '{');
    HQ_JSON_KEY(&json, "bank");
    hq_json_text(&json, payment->bank);
    HQ_JSON_KEY(&json, "reference");
    hq_json_text(&json, payment->reference);
    HQ_JSON_KEY(&json, "debited_at");
    hq_json_time(&json, payment->debited_at);
    HQ_JSON_KEY(&json, "posted_at");
    hq_json_time(&json, hq_tx_now(p->tx));
    HQ_JSON_KEY(&json, "payer_tax_code");
    hq_json_text(&json, payment->payer_tax_code);
    HQ_JSON_KEY(&json, "amount");
    hq_json_i64(&json, p->applied_vnd + p->credited_vnd);
    HQ_JSON_KEY(&json, "applied");
    hq_json_i64(&json, p->applied_vnd);
    HQ_JSON_KEY(&json, "credited");
    hq_json_i64(&json, p->credited_vnd);
    HQ_JSON_KEY(&json, "lines");
    hq_json_open(&json, '[');
    for (size_t i = 0; i < payment->line_count; i++) {
        write_line(&json, &payment->lines[i], &p->lines[i]);
    }
    hq_json_close(&json, ']');
    write_settled(&json, p);
    hq_json_close(&json, '}');
    return hq_buf_status(buf);
}

/* ------------------------------------------------------------------ posting */

static hq_status write_posted(posting *p, hq_sv answer)
{
    const hq_payment *payment = p->payment;
    hq_arena *arena = hq_tx_arena(p->tx);
    hq_buf text = HQ_BUF_ARENA(arena, 512);
    hq_json_w json = hq_json_writer(&text);
    hq_hash32 hash;
    HQ_TRY(hq_tre__payment_insert(&hash, p->tx, payment, p->applied_vnd, p->credited_vnd, answer));
    hq_json_open(&json, '{');
    HQ_JSON_KEY(&json, "payer_tax_code");
    hq_json_text(&json, payment->payer_tax_code);
    HQ_JSON_KEY(&json, "applied_vnd");
    hq_json_i64(&json, p->applied_vnd);
    HQ_JSON_KEY(&json, "credited_vnd");
    hq_json_i64(&json, p->credited_vnd);
    hq_json_close(&json, '}');
    HQ_TRY(hq_buf_status(&text));
    hq_tre__event event = {
        .subject = hq_arena_printf(arena, "payment/%.*s/%.*s", HQ_SV_FMT(payment->bank),
                                   HQ_SV_FMT(payment->reference)),
        .actor = payment->actor,
        .payload = hq_buf_view(&text),
        .kind = "payment.posted",
        .version = 1,
        .hash = &hash,
    };
    return hq_tre__event_write(p->tx, &event);
}

static hq_status credit_surplus(posting *p)
{
    if (p->credited_vnd == 0) {
        return HQ_DONE;
    }
    hq_tre__credit move = { .tax_code = p->payment->payer_tax_code,
                            .cause = HQ_TRE__PAID,
                            .amount_vnd = p->credited_vnd,
                            .bank = p->payment->bank,
                            .reference = p->payment->reference,
                            .actor = p->payment->actor };
    return hq_tre__credit_move(p->tx, &move);
}

static hq_status post_new(hq_sv *answer, posting *p)
{
    hq_arena *arena = hq_tx_arena(p->tx);
    hq_buf text = HQ_BUF_ARENA(arena, ANSWER_MAX);
    /* A line may name a number and lead to another one. */
    p->debts = HQ_NEW_ARRAY(arena, touched, 2 * p->payment->line_count);
    p->lines = HQ_NEW_ARRAY(arena, line_outcome, p->payment->line_count);
    if (p->debts == NULL || p->lines == NULL) {
        return HQ_FAIL(NOMEM);
    }
    HQ_TRY(post_lines(p));
    HQ_TRY(post_debts(p));
    HQ_TRY(credit_surplus(p));
    HQ_TRY(write_answer(&text, p));
    *answer = hq_buf_view(&text);
    HQ_TRY(write_posted(p, *answer));
    return tell_settled(p);
}

hq_status hq_payment_post(hq_sv *answer, bool *repeated, hq_treasury *treasury, hq_tx *tx,
                          const hq_payment *payment, hq_why *why)
{
    hq_tre__payment_row before;
    *repeated = false;
    if (payment->line_count == 0 || payment->line_count > HQ_PAYMENT_LINES_MAX) {
        return HQ_FAIL(LIMIT);
    }
    hq_status s = hq_tre__payment_get(&before, tx, payment->bank, payment->reference);
    if (hq_ok(s)) {
        *repeated = true;
        *answer = before.answer;
        return hq_tre__payment_same(&before, payment, hq_tx_arena(tx), why);
    }
    if (s.code != HQ_E_NOT_FOUND) {
        return s;
    }
    posting p = {
        .treasury = treasury, .tx = tx, .payment = payment, .day = hq_day_of(payment->debited_at)
    };
    p.ref = hq_reference_acquire(treasury->reference);
    s = post_new(answer, &p);
    hq_reference_release(treasury->reference, p.ref);
    return s;
}
