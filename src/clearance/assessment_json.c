/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/assess_run.h"

/* The assessment as the contract shows it. */

static void write_code(hq_json_w *w, hq_code4 code)
{
    char text[4];
    hq_json_text(w, hq_code4_text(text, code));
}

static void write_rates(hq_json_w *w, const hq_assessment *a)
{
    hq_json_open(w, '[');
    for (size_t i = 0; i < a->rate_count; i++) {
        const hq_rate_row *row = a->rates[i].row;
        hq_json_open(w, '{');
        HQ_JSON_KEY(w, "currency");
        write_code(w, a->rates[i].currency);
        HQ_JSON_KEY(w, "rate");
        hq_json_decimal(w, hq_decimal_trim(row->rate));
        HQ_JSON_KEY(w, "valid_from");
        hq_json_day(w, row->from);
        HQ_JSON_KEY(w, "source");
        hq_json_text(w, row->source);
        hq_json_close(w, '}');
    }
    hq_json_close(w, ']');
}

static void write_totals(hq_json_w *w, const hq_assessment *a)
{
    hq_json_open(w, '[');
    for (int tax = 0; tax < HQ_TAX_COUNT; tax++) {
        if ((a->taxes_present >> tax & 1) == 0) {
            continue;
        }
        hq_json_open(w, '{');
        HQ_JSON_KEY(w, "tax");
        hq_json_text(w, hq_sv_from_cstr(hq_tax_name((hq_tax)tax)));
        HQ_JSON_KEY(w, "amount");
        hq_json_i64(w, a->tax_vnd[tax]);
        hq_json_close(w, '}');
    }
    hq_json_close(w, ']');
}

/* Literal text with the commas it needs; the value after it needs none. */
#define PUT(w, literal) (hq_buf_lit((w)->buf, literal), (w)->comma = false)

/* Lines and taxes are the bulk of an answer. Their parts of known length are written into room that
 * is asked for once: AT appends a literal there, at_number a number. */
enum { ROOM = 192 };
#define AT(to, literal)                                                                            \
    (memcpy((to), ("" literal), sizeof(literal) - 1), (to) + sizeof(literal) - 1)

static inline char *at_number(char *to, int64_t v)
{
    *to = '-';
    to += v < 0;
    return hq_digits_to(to, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

static inline char *at_text(char *to, hq_sv text)
{
    if (text.len > 0) {
        memcpy(to, text.ptr, text.len);
    }
    return to + text.len;
}

static inline void written(hq_json_w *w, const char *end)
{
    w->buf->len = (size_t)(end - w->buf->ptr);
    w->comma = false;
}

/* The day last written: nearly all rows of a tariff begin on a few days. */
typedef struct {
    hq_day day;
    hq_sv text;
    char bytes[16];
} day_text;

static hq_sv text_of(day_text *last, hq_day day)
{
    if (last->text.ptr == NULL || last->day != day) {
        hq_buf buf = { .ptr = last->bytes,
                       .cap = sizeof last->bytes,
                       .ceiling = sizeof last->bytes };
        hq_day_write(&buf, day);
        last->day = day;
        last->text = hq_buf_view(&buf);
    }
    return last->text;
}

/* "row 1207, Decree 26/2023, 2023-07-15" */
static void write_source(hq_json_w *w, const hq_tariff_row *row, day_text *last)
{
    hq_sv day = text_of(last, row->from);
    char *to = hq_buf_room(w->buf, row->source.len + ROOM);
    if (to == NULL) {
        return;
    }
    to = AT(to, ",\"source\":");
    if (hq_json_plain(row->source)) {
        to = at_number(AT(to, "\"row "), row->id);
        to = at_text(AT(to, ", "), row->source);
        to = at_text(AT(to, ", "), day);
        *to++ = '"';
        written(w, to);
        return;
    }
    char bytes[2200]; /* a source has at most 500 characters */
    hq_buf text = { .ptr = bytes, .cap = sizeof bytes, .ceiling = sizeof bytes };
    written(w, to);
    hq_buf_lit(&text, "row ");
    hq_buf_i64(&text, row->id);
    hq_buf_lit(&text, ", ");
    hq_buf_sv(&text, row->source);
    hq_buf_lit(&text, ", ");
    hq_buf_sv(&text, day);
    hq_json_text(w, hq_buf_view(&text));
}

static void write_row(hq_json_w *w, const hq_tariff_row *row)
{
    if (row->has_rate) {
        PUT(w, ",\"rate\":");
        hq_json_decimal(w, hq_decimal_trim(row->rate_percent));
    }
    if (row->has_amount) {
        PUT(w, ",\"unit_amount\":");
        hq_json_decimal(w, hq_decimal_trim(row->amount));
        PUT(w, ",\"unit\":");
        write_code(w, row->amount_unit);
        PUT(w, ",\"currency\":");
        write_code(w, row->amount_currency == 0 ? HQ_DONG : row->amount_currency);
    }
    if (row->tax == HQ_TAX_IMPORT) {
        PUT(w, ",\"scheme\":");
        hq_json_text(w, row->scheme);
    }
    if (row->condition.len > 0) {
        PUT(w, ",\"condition\":");
        hq_json_text(w, row->condition);
    }
}

static void write_item(hq_json_w *w, const hq_tax_item *item, day_text *last)
{
    char *to = hq_buf_room(w->buf, ROOM);
    if (to == NULL) {
        return;
    }
    to = AT(to, "{\"tax\":\"");
    for (const char *name = hq_tax_name(item->tax); *name != '\0'; name++) {
        *to++ = *name;
    }
    written(w, at_number(AT(to, "\",\"base\":"), item->base_vnd));
    write_row(w, item->row);
    to = hq_buf_room(w->buf, ROOM);
    if (to == NULL) {
        return;
    }
    to = at_number(AT(to, ",\"amount\":"), item->amount_vnd);
    written(w, at_number(AT(to, ",\"reduction\":"), item->reduction_vnd));
    if (item->exemption != NULL) {
        PUT(w, ",\"exemption\":");
        hq_json_text(w, item->exemption->code);
    }
    write_source(w, item->row, last);
    hq_buf_char(w->buf, '}');
}

static void write_line(hq_json_w *w, const hq_line_assessment *line, size_t number, day_text *last)
{
    char *to = hq_buf_room(w->buf, ROOM);
    if (to == NULL) {
        return;
    }
    to = at_number(AT(to, "{\"line\":"), (int64_t)number);
    to = at_number(AT(to, ",\"customs_value\":"), line->customs_value_vnd);
    written(w, AT(to, ",\"taxes\":["));
    for (size_t i = 0; i < line->tax_count; i++) {
        if (i > 0) {
            hq_buf_char(w->buf, ',');
        }
        write_item(w, &line->taxes[i], last);
    }
    hq_buf_lit(w->buf, "]}");
}

static void write_lines(hq_json_w *w, const hq_assessment *a)
{
    day_text last = { .text = HQ_SV_NULL };
    hq_json_open(w, '[');
    for (size_t i = 0; i < a->line_count; i++) {
        if (i > 0) {
            hq_buf_char(w->buf, ',');
        }
        write_line(w, &a->lines[i], i + 1, &last);
    }
    hq_json_close(w, ']');
}

void hq_assessment_json(hq_json_w *w, const hq_assessment *a)
{
    hq_json_open(w, '{');
    HQ_JSON_KEY(w, "day");
    hq_json_day(w, a->day);
    HQ_JSON_KEY(w, "reference_version");
    hq_json_i64(w, a->reference_version);
    HQ_JSON_KEY(w, "exchange_rates");
    write_rates(w, a);
    HQ_JSON_KEY(w, "customs_value");
    hq_json_i64(w, a->customs_value_vnd);
    HQ_JSON_KEY(w, "total_payable");
    hq_json_i64(w, a->total_payable_vnd);
    HQ_JSON_KEY(w, "taxes");
    write_totals(w, a);
    HQ_JSON_KEY(w, "lines");
    write_lines(w, a);
    hq_json_close(w, '}');
}
