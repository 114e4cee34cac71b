/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/receipt.h"

/* The receipt: a tree in which every amount stands beside what it follows from, so that a trader
 * can compute it again with nothing but the text. receipt_verify.c reads what is written here. */

static const hq_sv rounding_names[] = {
    [HQ_ROUND_HALF_UP] = { "HALF_UP", 7 },
    [HQ_ROUND_DOWN] = { "DOWN", 4 },
    [HQ_ROUND_UP] = { "UP", 2 },
    [HQ_ROUND_NEVER] = { "NEVER", 5 },
};

hq_sv hq_receipt__rounding_name(hq_rounding rounding)
{
    return rounding_names[rounding];
}

bool hq_receipt__rounding_parse(hq_rounding *out, hq_sv name)
{
    for (size_t i = 0; i < sizeof rounding_names / sizeof rounding_names[0]; i++) {
        if (hq_sv_eq(rounding_names[i], name)) {
            *out = (hq_rounding)i;
            return true;
        }
    }
    return false;
}

void hq_receipt__hash(char hex[64], hq_sv text)
{
    hq_hash32 hash;
    hq_buf out = { .ptr = hex, .cap = 64, .ceiling = 64 };
    hq_sha256(&hash, text);
    hq_buf_hex(&out, hash.bytes, sizeof hash.bytes);
}

/* ------------------------------------------------------------------ members */

static void put_code(hq_json_w *w, hq_code4 code)
{
    char text[4];
    hq_json_text(w, hq_code4_text(text, code));
}

static void put_units(hq_json_w *w, int64_t units)
{
    hq_json_decimal(w, (hq_decimal){ units, HQ_SCALE_VALUE });
}

static void put_hash(hq_json_w *w, hq_sv text)
{
    char hex[64];
    hq_receipt__hash(hex, text);
    hq_json_text(w, hq_sv_make(hex, sizeof hex));
}

/* Circular 38/2015 Art 35(2): the rate of a week is the one quoted on the Thursday before it. */
static void put_rates(hq_json_w *w, const hq_assessment *a, const hq_ref *ref)
{
    hq_day quoted_on = hq_ref_rate_quoted_on(ref, a->day);
    HQ_JSON_KEY(w, "exchange_rates");
    hq_json_open(w, '[');
    for (size_t i = 0; i < a->rate_count; i++) {
        const hq_rate_row *row = a->rates[i].row;
        hq_json_open(w, '{');
        HQ_JSON_KEY(w, "currency");
        put_code(w, a->rates[i].currency);
        HQ_JSON_KEY(w, "rate");
        hq_json_decimal(w, row->rate);
        HQ_JSON_KEY(w, "row");
        hq_json_i64(w, row->id);
        HQ_JSON_KEY(w, "valid_from");
        hq_json_day(w, row->from);
        HQ_JSON_KEY(w, "quoted_on");
        hq_json_day(w, quoted_on);
        HQ_JSON_KEY(w, "source");
        hq_json_text(w, row->source);
        hq_json_close(w, '}');
    }
    hq_json_close(w, ']');
}

/* ------------------------------------------------------------------ charges */

typedef struct {
    const hq_declaration *d;
    const hq_assessment *a;
    hq_value__charge charges[HQ_VALUE__CHARGES];
    size_t charge_count;
} receipt;

static hq_decimal rate_of(const hq_assessment *a, hq_code4 currency)
{
    for (size_t i = 0; i < a->rate_count; i++) {
        if (a->rates[i].currency == currency) {
            return a->rates[i].row->rate;
        }
    }
    return (hq_decimal){ 1, 0 };
}

static void put_charge_lines(hq_json_w *w, const receipt *r, const hq_line_set *lines)
{
    HQ_JSON_KEY(w, "lines");
    hq_json_open(w, '[');
    for (size_t i = 0; i < r->d->line_count; i++) {
        if (hq_line_set_has(lines, i)) {
            hq_json_i64(w, (int64_t)i + 1);
        }
    }
    hq_json_close(w, ']');
}

static hq_status put_charge(hq_json_w *w, const receipt *r, const hq_value__charge *charge)
{
    int64_t whole;
    int64_t part = 0;
    HQ_TRY(hq_decimal_mul_to_int(&whole, charge->amount, rate_of(r->a, charge->currency),
                                 r->a->rounding));
    if (!charge->by_hand && charge->own > 0) {
        HQ_TRY(hq_value__part(&part, whole, charge, r->a->rounding));
    }
    hq_json_open(w, '{');
    HQ_JSON_KEY(w, "charge");
    hq_json_text(w, hq_sv_from_cstr(charge->what));
    if (charge->what[0] == 'a') {
        HQ_JSON_KEY(w, "code");
        hq_json_text(w, r->d->adjustments[charge->index].code);
    }
    HQ_JSON_KEY(w, "sign");
    hq_json_text(w, charge->sign < 0 ? HQ_SV("-") : HQ_SV("+"));
    HQ_JSON_KEY(w, "by_hand");
    hq_json_bool(w, charge->by_hand);
    HQ_JSON_KEY(w, "currency");
    put_code(w, charge->currency);
    HQ_JSON_KEY(w, "amount");
    hq_json_decimal(w, charge->amount);
    HQ_JSON_KEY(w, "vnd");
    hq_json_i64(w, whole);
    put_charge_lines(w, r, &charge->lines);
    HQ_JSON_KEY(w, "own");
    put_units(w, charge->own);
    HQ_JSON_KEY(w, "base");
    put_units(w, charge->base);
    HQ_JSON_KEY(w, "prior");
    put_units(w, charge->prior);
    HQ_JSON_KEY(w, "part");
    hq_json_i64(w, part);
    hq_json_close(w, '}');
    return HQ_DONE;
}

static int64_t share_of(const hq_line_assessment *line, const hq_value__charge *charge)
{
    if (charge->what[0] == 'f') {
        return line->freight_vnd;
    }
    return charge->what[0] == 'i' ? line->insurance_vnd : line->adjustments_vnd[charge->index];
}

/* ------------------------------------------------------------------ taxes */

static void put_row(hq_json_w *w, const receipt *r, const hq_line *line, const hq_tariff_row *row)
{
    if (row->has_rate) {
        HQ_JSON_KEY(w, "rate");
        hq_json_decimal(w, row->rate_percent);
    }
    if (row->has_amount) {
        hq_code4 currency = row->amount_currency == 0 ? HQ_DONG : row->amount_currency;
        const hq_decimal *quantity = hq_tax__quantity(line, row->amount_unit);
        HQ_JSON_KEY(w, "quantity");
        hq_json_decimal(w, quantity == NULL ? (hq_decimal){ 0, 0 } : *quantity);
        HQ_JSON_KEY(w, "unit");
        put_code(w, row->amount_unit);
        HQ_JSON_KEY(w, "unit_amount");
        hq_json_decimal(w, row->amount);
        HQ_JSON_KEY(w, "currency");
        put_code(w, currency);
        HQ_JSON_KEY(w, "exchange_rate");
        hq_json_decimal(w, rate_of(r->a, currency));
    }
}

static void put_exemption(hq_json_w *w, const hq_exemption_row *row)
{
    static const hq_sv effects[] = {
        [HQ_EXEMPT] = { "EXEMPT", 6 },
        [HQ_REDUCE] = { "REDUCE", 6 },
        [HQ_NOT_SUBJECT] = { "NOT_SUBJECT", 11 },
    };
    HQ_JSON_KEY(w, "exemption");
    hq_json_open(w, '{');
    HQ_JSON_KEY(w, "code");
    hq_json_text(w, row->code);
    HQ_JSON_KEY(w, "effect");
    hq_json_text(w, effects[row->effect]);
    HQ_JSON_KEY(w, "legal_ground");
    hq_json_text(w, row->legal_ground);
    hq_json_close(w, '}');
}

static void put_source(hq_json_w *w, const hq_tariff_row *row)
{
    HQ_JSON_KEY(w, "source");
    hq_json_open(w, '{');
    HQ_JSON_KEY(w, "row");
    hq_json_i64(w, row->id);
    if (row->tax == HQ_TAX_IMPORT) {
        HQ_JSON_KEY(w, "scheme");
        hq_json_text(w, row->scheme);
    }
    if (row->condition.len > 0) {
        HQ_JSON_KEY(w, "condition");
        hq_json_text(w, row->condition);
    }
    if (row->producer.len > 0) {
        HQ_JSON_KEY(w, "producer");
        hq_json_text(w, row->producer);
    }
    HQ_JSON_KEY(w, "valid_from");
    hq_json_day(w, row->from);
    HQ_JSON_KEY(w, "text");
    hq_json_text(w, row->source);
    hq_json_close(w, '}');
}

static void put_tax(hq_json_w *w, const receipt *r, const hq_line *line, const hq_tax_item *item)
{
    hq_json_open(w, '{');
    HQ_JSON_KEY(w, "tax");
    hq_json_text(w, hq_sv_from_cstr(hq_tax_name(item->tax)));
    HQ_JSON_KEY(w, "base");
    hq_json_i64(w, item->base_vnd);
    put_row(w, r, line, item->row);
    HQ_JSON_KEY(w, "computed");
    hq_json_i64(w, item->computed_vnd);
    if (item->exemption != NULL) {
        put_exemption(w, item->exemption);
    }
    HQ_JSON_KEY(w, "reduction");
    hq_json_i64(w, item->reduction_vnd);
    HQ_JSON_KEY(w, "amount");
    hq_json_i64(w, item->amount_vnd);
    put_source(w, item->row);
    hq_json_close(w, '}');
}

/* ------------------------------------------------------------------ lines */

static void put_value(hq_json_w *w, const receipt *r, const hq_line *line,
                      const hq_line_assessment *la)
{
    int64_t computed = la->invoice_vnd;
    HQ_JSON_KEY(w, "invoice_value");
    hq_json_decimal(w, line->invoice_value);
    HQ_JSON_KEY(w, "invoice_vnd");
    hq_json_i64(w, la->invoice_vnd);
    HQ_JSON_KEY(w, "shares");
    hq_json_open(w, '[');
    for (size_t i = 0; i < r->charge_count; i++) {
        int64_t share = share_of(la, &r->charges[i]);
        computed += share;
        hq_json_i64(w, share);
    }
    hq_json_close(w, ']');
    HQ_JSON_KEY(w, "computed_value");
    hq_json_i64(w, computed);
    if (la->manual) {
        HQ_JSON_KEY(w, "manual_value");
        hq_json_i64(w, line->customs_value_vnd);
    }
    HQ_JSON_KEY(w, "customs_value");
    hq_json_i64(w, la->customs_value_vnd);
}

static void put_line(hq_json_w *w, const receipt *r, size_t i)
{
    const hq_line *line = &r->d->lines[i];
    const hq_line_assessment *la = &r->a->lines[i];
    hq_json_open(w, '{');
    HQ_JSON_KEY(w, "line");
    hq_json_i64(w, (int64_t)i + 1);
    HQ_JSON_KEY(w, "hs");
    hq_json_text(w, line->hs_text);
    HQ_JSON_KEY(w, "origin");
    put_code(w, line->origin);
    HQ_JSON_KEY(w, "scheme_claimed");
    hq_json_text(w, line->scheme);
    put_value(w, r, line, la);
    HQ_JSON_KEY(w, "taxes");
    hq_json_open(w, '[');
    for (size_t k = 0; k < la->tax_count; k++) {
        put_tax(w, r, line, &la->taxes[k]);
    }
    hq_json_close(w, ']');
    hq_json_close(w, '}');
}

/* ------------------------------------------------------------------ whole */

static void put_head(hq_json_w *w, hq_sv number, const receipt *r, const hq_ref *ref)
{
    HQ_JSON_KEY(w, "receipt");
    hq_json_text(w, HQ_SV(HQ_RECEIPT__FORM));
    HQ_JSON_KEY(w, "number");
    hq_json_text(w, number);
    HQ_JSON_KEY(w, "flow");
    hq_json_text(w, r->d->flow == HQ_FLOW_EXPORT ? HQ_SV("export") : HQ_SV("import"));
    HQ_JSON_KEY(w, "declaration_sha256");
    put_hash(w, r->d->json);
    HQ_JSON_KEY(w, "day");
    hq_json_day(w, r->a->day);
    HQ_JSON_KEY(w, "reference_version");
    hq_json_i64(w, r->a->reference_version);
    HQ_JSON_KEY(w, "rounding");
    hq_json_text(w, hq_receipt__rounding_name(r->a->rounding));
    HQ_JSON_KEY(w, "invoice_currency");
    put_code(w, r->d->currency);
    put_rates(w, r->a, ref);
}

static void put_totals(hq_json_w *w, const hq_assessment *a)
{
    HQ_JSON_KEY(w, "taxes");
    hq_json_open(w, '[');
    for (int tax = 0; tax < HQ_TAX_COUNT; tax++) {
        if ((a->taxes_present >> tax & 1) != 0) {
            hq_json_open(w, '{');
            HQ_JSON_KEY(w, "tax");
            hq_json_text(w, hq_sv_from_cstr(hq_tax_name((hq_tax)tax)));
            HQ_JSON_KEY(w, "amount");
            hq_json_i64(w, a->tax_vnd[tax]);
            hq_json_close(w, '}');
        }
    }
    hq_json_close(w, ']');
    HQ_JSON_KEY(w, "customs_value");
    hq_json_i64(w, a->customs_value_vnd);
    HQ_JSON_KEY(w, "total_payable");
    hq_json_i64(w, a->total_payable_vnd);
}

hq_status hq_receipt_json(hq_json_w *w, hq_sv number, const hq_declaration *declaration,
                          const hq_assessment *assessment, const hq_ref *ref)
{
    receipt r = { .d = declaration, .a = assessment };
    size_t start;
    if (declaration->line_count != assessment->line_count) {
        return HQ_FAIL(CORRUPT);
    }
    r.charge_count = hq_value__charges(r.charges, declaration);
    hq_json_open(w, '{');
    start = w->buf->len - 1;
    put_head(w, number, &r, ref);
    HQ_JSON_KEY(w, "charges");
    hq_json_open(w, '[');
    for (size_t i = 0; i < r.charge_count; i++) {
        HQ_TRY(put_charge(w, &r, &r.charges[i]));
    }
    hq_json_close(w, ']');
    HQ_JSON_KEY(w, "lines");
    hq_json_open(w, '[');
    for (size_t i = 0; i < assessment->line_count; i++) {
        put_line(w, &r, i);
    }
    hq_json_close(w, ']');
    put_totals(w, assessment);
    hq_buf_char(w->buf, '}'); /* for the hash; the seal is put in its place */
    HQ_TRY(hq_buf_status(w->buf));
    char hex[64];
    hq_receipt__hash(hex, hq_sv_sub(hq_buf_view(w->buf), start, w->buf->len));
    w->buf->len--;
    HQ_JSON_KEY(w, "sha256");
    hq_json_text(w, hq_sv_make(hex, sizeof hex));
    hq_json_close(w, '}');
    return hq_buf_status(w->buf);
}
