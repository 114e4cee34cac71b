/* SPDX-License-Identifier: Apache-2.0 */
#include "case_text.h"

void case_write_findings(hq_buf *out, const hq_findings *findings)
{
    static const char *const names[] = { "info", "warning", "error" };
    for (size_t i = 0; i < findings->count; i++) {
        const hq_finding *f = &findings->items[i];
        hq_buf_printf(out, "%s %.*s %.*s", names[f->severity], HQ_SV_FMT(f->rule),
                      HQ_SV_FMT(f->path));
        if (f->value.len > 0) {
            hq_buf_printf(out, " (saw %.*s)", HQ_SV_FMT(f->value));
        }
        hq_buf_printf(out, "\n    %.*s\n    %.*s\n", HQ_SV_FMT(f->en), HQ_SV_FMT(f->vi));
    }
}

static void write_code(hq_buf *out, hq_code4 code)
{
    char text[4];
    hq_buf_sv(out, hq_code4_text(text, code));
}

static void write_tax(hq_buf *out, const hq_tax_item *item)
{
    const hq_tariff_row *row = item->row;
    hq_buf_printf(out, "    %s ", hq_tax_name(item->tax));
    if (row->scheme.len > 0) {
        hq_buf_printf(out, "%.*s ", HQ_SV_FMT(row->scheme));
    }
    if (row->has_rate) {
        hq_decimal_write(out, hq_decimal_trim(row->rate_percent));
        hq_buf_printf(out, " %% of %lld ", (long long)item->base_vnd);
    }
    if (row->has_amount) {
        hq_buf_sv(out, row->has_rate ? HQ_SV("and ") : HQ_SV(""));
        hq_decimal_write(out, hq_decimal_trim(row->amount));
        hq_buf_char(out, ' ');
        write_code(out, row->amount_currency == 0 ? 0x564E44 : row->amount_currency);
        hq_buf_lit(out, " a ");
        write_code(out, row->amount_unit);
        hq_buf_char(out, ' ');
    }
    hq_buf_printf(out, "= %lld", (long long)item->computed_vnd);
    if (item->exemption != NULL) {
        hq_buf_printf(out, ", %.*s takes off %lld, payable %lld", HQ_SV_FMT(item->exemption->code),
                      (long long)item->reduction_vnd, (long long)item->amount_vnd);
    }
    hq_buf_char(out, '\n');
}

static void write_line(hq_buf *out, const hq_line_assessment *line)
{
    hq_buf_printf(out, ": value %lld = invoice %lld", (long long)line->customs_value_vnd,
                  (long long)line->invoice_vnd);
    hq_buf_printf(out, ", freight %lld, insurance %lld, adjustments", (long long)line->freight_vnd,
                  (long long)line->insurance_vnd);
    for (size_t i = 0; i < HQ_ADJUSTMENTS_MAX; i++) {
        if (i == 0 || line->adjustments_vnd[i] != 0) {
            hq_buf_printf(out, " %lld", (long long)line->adjustments_vnd[i]);
        }
    }
    hq_buf_printf(out, "%s\n", line->manual ? "; stated by hand" : "");
    for (size_t i = 0; i < line->tax_count; i++) {
        write_tax(out, &line->taxes[i]);
    }
}

static bool same_line(const hq_line_assessment *a, const hq_line_assessment *b)
{
    char bytes[2][2048];
    hq_buf texts[2] = { { .ptr = bytes[0], .cap = sizeof bytes[0], .ceiling = sizeof bytes[0] },
                        { .ptr = bytes[1], .cap = sizeof bytes[1], .ceiling = sizeof bytes[1] } };
    write_line(&texts[0], a);
    write_line(&texts[1], b);
    return hq_sv_eq(hq_buf_view(&texts[0]), hq_buf_view(&texts[1]));
}

/* Of more than one branch, lines in a row that came out alike are written once. */
static void write_lines(hq_buf *out, const hq_assessment *a)
{
    for (size_t i = 0; i < a->line_count; i++) {
        size_t first = i;
        while (a->line_count > HQ_BRANCH_LINES && i + 1 < a->line_count &&
               same_line(&a->lines[first], &a->lines[i + 1])) {
            i++;
        }
        if (i > first) {
            hq_buf_printf(out, "lines %zu to %zu", first + 1, i + 1);
        } else {
            hq_buf_printf(out, "line %zu", i + 1);
        }
        write_line(out, &a->lines[i]);
    }
}

void case_write_assessment(hq_buf *out, const hq_assessment *a)
{
    for (size_t i = 0; i < a->rate_count; i++) {
        hq_buf_lit(out, "rate ");
        write_code(out, a->rates[i].currency);
        hq_buf_char(out, ' ');
        hq_decimal_write(out, a->rates[i].row->rate);
        hq_buf_char(out, '\n');
    }
    write_lines(out, a);
    hq_buf_printf(out, "value %lld, payable %lld:", (long long)a->customs_value_vnd,
                  (long long)a->total_payable_vnd);
    for (int tax = 0; tax < HQ_TAX_COUNT; tax++) {
        if ((a->taxes_present >> tax & 1) != 0) {
            hq_buf_printf(out, " %s %lld", hq_tax_name((hq_tax)tax), (long long)a->tax_vnd[tax]);
        }
    }
    hq_buf_char(out, '\n');
}

void case_write_advice(hq_buf *out, const hq_scheme_advice *advice, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        hq_buf_printf(out, "advice %.*s: %lld, saves %lld%s%s%s\n", HQ_SV_FMT(advice[i].scheme),
                      (long long)advice[i].total_vnd, (long long)advice[i].saving_vnd,
                      advice[i].applied ? ", applied" : "",
                      advice[i].proof_missing ? ", proof missing" : "",
                      advice[i].direct_shipment_needed ? ", direct shipment" : "");
    }
}
