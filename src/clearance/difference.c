/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/declare.h"

/* What changed between the assessment that was told at pre-registration and the one of today:
 * exchange rates, rates of tax, and what they come to. */

enum { LINES_TOLD = 200 }; /* one by one; a new rate changes all 4,950 lines of a long one */

typedef struct {
    hq_buf buf;
    hq_json_w w;
    bool rates, taxes;
    int64_t further[2]; /* taxes of the lines that are not told, before and after */
} differences;

/* ------------------------------------------------------------------ exchange rates */

static const hq_rate_row *rate_of(const hq_assessment *assessment, hq_code4 currency)
{
    for (size_t i = 0; i < assessment->rate_count; i++) {
        if (assessment->rates[i].currency == currency) {
            return assessment->rates[i].row;
        }
    }
    return NULL;
}

static void put_rate(hq_json_w *w, const hq_rate_row *row)
{
    if (row == NULL) {
        hq_json_null(w);
    } else {
        hq_json_decimal(w, row->rate);
    }
}

static void compare_rate(differences *d, const hq_rate_row *before, const hq_used_rate *used)
{
    char text[4];
    if (before != NULL && used->row != NULL && hq_decimal_cmp(before->rate, used->row->rate) == 0) {
        return;
    }
    d->rates = true;
    hq_json_open(&d->w, '{');
    HQ_JSON_KEY(&d->w, "kind");
    hq_json_text(&d->w, HQ_SV("exchange_rate"));
    HQ_JSON_KEY(&d->w, "currency");
    hq_json_text(&d->w, hq_code4_text(text, used->currency));
    HQ_JSON_KEY(&d->w, "before");
    put_rate(&d->w, before);
    HQ_JSON_KEY(&d->w, "after");
    put_rate(&d->w, used->row);
    hq_json_close(&d->w, '}');
}

/* ------------------------------------------------------------------ taxes */

static const hq_tax_item *tax_of(const hq_line_assessment *line, hq_tax tax)
{
    for (size_t i = 0; line != NULL && i < line->tax_count; i++) {
        if (line->taxes[i].tax == tax) {
            return &line->taxes[i];
        }
    }
    return NULL;
}

static bool same_rate(const hq_tariff_row *a, const hq_tariff_row *b)
{
    if (a == b) {
        return true;
    }
    if (a == NULL || b == NULL || a->has_rate != b->has_rate || a->has_amount != b->has_amount) {
        return false;
    }
    bool rate = !a->has_rate || hq_decimal_cmp(a->rate_percent, b->rate_percent) == 0;
    bool amount = !a->has_amount ||
                  (hq_decimal_cmp(a->amount, b->amount) == 0 && a->amount_unit == b->amount_unit &&
                   a->amount_currency == b->amount_currency);
    return rate && amount;
}

static bool same_item(const hq_tax_item *a, const hq_tax_item *b)
{
    if (a == NULL || b == NULL) {
        return a == b;
    }
    return a->amount_vnd == b->amount_vnd && a->reduction_vnd == b->reduction_vnd &&
           same_rate(a->row, b->row);
}

static void put_item(hq_json_w *w, const hq_tax_item *item, hq_sv scheme)
{
    if (item == NULL) {
        hq_json_null(w);
        return;
    }
    hq_json_open(w, '{');
    HQ_JSON_KEY(w, "rate");
    if (item->row != NULL && item->row->has_rate) {
        hq_json_decimal(w, item->row->rate_percent);
    } else {
        hq_json_null(w);
    }
    HQ_JSON_KEY(w, "specific");
    if (item->row != NULL && item->row->has_amount) {
        hq_json_decimal(w, item->row->amount);
    } else {
        hq_json_null(w);
    }
    HQ_JSON_KEY(w, "scheme");
    hq_json_text_or_null(w, scheme.len == 0 ? HQ_SV_NULL : scheme);
    HQ_JSON_KEY(w, "base");
    hq_json_i64(w, item->base_vnd);
    HQ_JSON_KEY(w, "amount");
    hq_json_i64(w, item->amount_vnd);
    HQ_JSON_KEY(w, "source");
    hq_json_text_or_null(w, item->row == NULL ? HQ_SV_NULL : item->row->source);
    hq_json_close(w, '}');
}

static void compare_tax(differences *d, size_t line, hq_tax tax, const hq_line_assessment *before,
                        const hq_line_assessment *after)
{
    const hq_tax_item *was = tax_of(before, tax);
    const hq_tax_item *is = tax_of(after, tax);
    if (same_item(was, is)) {
        return;
    }
    bool duty = tax == HQ_TAX_IMPORT;
    hq_json_open(&d->w, '{');
    HQ_JSON_KEY(&d->w, "kind");
    hq_json_text(&d->w, HQ_SV("tax"));
    HQ_JSON_KEY(&d->w, "line");
    hq_json_i64(&d->w, (int64_t)line + 1);
    HQ_JSON_KEY(&d->w, "tax");
    hq_json_text(&d->w, hq_sv_from_cstr(hq_tax_name(tax)));
    HQ_JSON_KEY(&d->w, "before");
    put_item(&d->w, was, duty && before != NULL ? before->scheme : HQ_SV_NULL);
    HQ_JSON_KEY(&d->w, "after");
    put_item(&d->w, is, duty && after != NULL ? after->scheme : HQ_SV_NULL);
    hq_json_close(&d->w, '}');
}

static int64_t taxes_of(const hq_line_assessment *line)
{
    int64_t sum = 0;
    for (size_t i = 0; line != NULL && i < line->tax_count; i++) {
        sum += line->taxes[i].amount_vnd;
    }
    return sum;
}

static bool same_taxes(const hq_line_assessment *before, const hq_line_assessment *after)
{
    bool same = true;
    for (int tax = 0; same && tax < HQ_TAX_COUNT; tax++) {
        same = same_item(tax_of(before, (hq_tax)tax), tax_of(after, (hq_tax)tax));
    }
    return same;
}

/* Lines that differ beyond the first ones become one sum. */
static void compare_lines(differences *d, const hq_assessment *before, const hq_assessment *after)
{
    size_t lines = before->line_count > after->line_count ? before->line_count : after->line_count;
    size_t told = 0;
    for (size_t i = 0; i < lines; i++) {
        const hq_line_assessment *was = i < before->line_count ? &before->lines[i] : NULL;
        const hq_line_assessment *is = i < after->line_count ? &after->lines[i] : NULL;
        if (same_taxes(was, is)) {
            continue;
        }
        d->taxes = true;
        if (told++ >= LINES_TOLD) {
            d->further[0] += taxes_of(was);
            d->further[1] += taxes_of(is);
            continue;
        }
        for (int tax = 0; tax < HQ_TAX_COUNT; tax++) {
            compare_tax(d, i, (hq_tax)tax, was, is);
        }
    }
}

static void compare_total(differences *d, const char *kind, int64_t before, int64_t after)
{
    if (before == after) {
        return;
    }
    hq_json_open(&d->w, '{');
    HQ_JSON_KEY(&d->w, "kind");
    hq_json_text(&d->w, hq_sv_from_cstr(kind));
    HQ_JSON_KEY(&d->w, "before");
    hq_json_i64(&d->w, before);
    HQ_JSON_KEY(&d->w, "after");
    hq_json_i64(&d->w, after);
    hq_json_close(&d->w, '}');
}

hq_status hq_clr__difference(hq_sv *json, hq_sv *code, const hq_assessment *before,
                             const hq_assessment *after, hq_arena *arena)
{
    differences d = { .buf = HQ_BUF_ARENA(arena, HQ_CLR__RECORD_MAX) };
    d.w = hq_json_writer(&d.buf);
    hq_json_open(&d.w, '[');
    for (size_t i = 0; i < after->rate_count; i++) {
        compare_rate(&d, rate_of(before, after->rates[i].currency), &after->rates[i]);
    }
    compare_lines(&d, before, after);
    bool any = d.rates || d.taxes || before->customs_value_vnd != after->customs_value_vnd;
    compare_total(&d, "further_lines", d.further[0], d.further[1]);
    compare_total(&d, "customs_value", before->customs_value_vnd, after->customs_value_vnd);
    compare_total(&d, "total_payable", before->total_payable_vnd, after->total_payable_vnd);
    hq_json_close(&d.w, ']');
    *json = any ? hq_buf_view(&d.buf) : HQ_SV("");
    *code = d.rates ? HQ_SV("E1103") : HQ_SV("E1951");
    return hq_buf_status(&d.buf);
}
