/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/low_value.h"

/* The assessment as it lies in the record: numbers of 7 bits a byte, low ones first, signs folded
 * in the lowest bit. What follows from other numbers (bases, amounts, sums) is not stored. Reader
 * and writer stand beside each other, in order. */

enum { VERSION = 1, EXEMPTION_MAX = 16 };

static void put(hq_buf *buf, int64_t v)
{
    uint64_t rest = (uint64_t)v << 1 ^ (uint64_t)(v >> 63);
    char *to = hq_buf_room(buf, 10); /* what 64 bits take at most */
    if (to == NULL) {
        return;
    }
    for (; rest >= 0x80; rest >>= 7) {
        *to++ = (char)(rest | 0x80);
    }
    *to++ = (char)rest;
    buf->len = (size_t)(to - buf->ptr);
}

static int64_t get(hq_cursor *cur)
{
    uint64_t folded = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        uint64_t byte = hq_cursor_u8(cur);
        folded |= (byte & 0x7f) << shift;
        if (byte < 0x80) {
            return (int64_t)(folded >> 1 ^ (0 - (folded & 1)));
        }
    }
    cur->failed = true;
    return 0;
}

static size_t get_count(hq_cursor *cur, size_t max)
{
    int64_t v = get(cur);
    if (v < 0 || (uint64_t)v > max) {
        cur->failed = true;
        return 0;
    }
    return (size_t)v;
}

/* ------------------------------------------------------------------ a tax */

static void put_item(hq_buf *buf, const hq_tax_item *item)
{
    hq_sv code = item->exemption == NULL ? HQ_SV("") : item->exemption->code;
    put(buf, item->tax);
    put(buf, item->row_id);
    put(buf, item->rate_row_id);
    put(buf, item->computed_vnd);
    put(buf, (int64_t)code.len);
    hq_buf_sv(buf, code);
    if (item->exemption != NULL) {
        put(buf, item->reduction_vnd);
    }
}

static void get_item(hq_cursor *cur, hq_tax_item *item, const hq_ref *ref, const hq_assessment *a,
                     hq_arena *arena)
{
    item->tax = (hq_tax)get_count(cur, HQ_TAX_COUNT - 1);
    item->row_id = get(cur);
    item->rate_row_id = get(cur);
    item->computed_vnd = get(cur);
    item->row = hq_ref_tariff_at(ref, item->row_id, a->reference_version);
    hq_sv code = hq_cursor_take(cur, get_count(cur, EXEMPTION_MAX));
    if (code.len > 0) {
        item->reduction_vnd = get(cur);
        item->exemption = hq_ref_exemption_at(ref, code, item->tax, a->day, a->reference_version);
        if (item->exemption == NULL) {
            item->exemption = hq_low_value__exemption(ref, code, item->tax, a->day, arena);
        }
    }
    cur->failed |=
        item->row == NULL || item->reduction_vnd < 0 || item->reduction_vnd > item->computed_vnd;
    if (!cur->failed) {
        item->amount_vnd = item->computed_vnd - item->reduction_vnd;
    }
}

/* ------------------------------------------------------------------ a line */

static size_t adjustments_of(const hq_line_assessment *line)
{
    size_t count = HQ_ADJUSTMENTS_MAX;
    while (count > 0 && line->adjustments_vnd[count - 1] == 0) {
        count--;
    }
    return count;
}

static void put_line(hq_buf *buf, const hq_line_assessment *line)
{
    size_t adjustments = adjustments_of(line);
    put(buf, line->manual);
    put(buf, line->customs_value_vnd);
    put(buf, line->invoice_vnd);
    put(buf, line->freight_vnd);
    put(buf, line->insurance_vnd);
    put(buf, (int64_t)adjustments);
    for (size_t i = 0; i < adjustments; i++) {
        put(buf, line->adjustments_vnd[i]);
    }
    put(buf, (int64_t)line->tax_count);
    for (size_t i = 0; i < line->tax_count; i++) {
        put_item(buf, &line->taxes[i]);
    }
}

static void get_line(hq_cursor *cur, hq_line_assessment *line, const hq_ref *ref,
                     const hq_assessment *a, hq_arena *arena)
{
    line->manual = get_count(cur, 1) != 0;
    line->customs_value_vnd = get(cur);
    line->invoice_vnd = get(cur);
    line->freight_vnd = get(cur);
    line->insurance_vnd = get(cur);
    size_t adjustments = get_count(cur, HQ_ADJUSTMENTS_MAX);
    for (size_t i = 0; i < adjustments; i++) {
        line->adjustments_vnd[i] = get(cur);
    }
    line->tax_count = get_count(cur, HQ_TAX_COUNT);
    int64_t sum = line->customs_value_vnd;
    for (size_t i = 0; i < line->tax_count && !cur->failed; i++) {
        hq_tax_item *item = &line->taxes[i];
        get_item(cur, item, ref, a, arena);
        item->base_vnd = hq_tax__on_sum(item->tax) ? sum : line->customs_value_vnd;
        cur->failed |= hq_add_overflows(&sum, sum, item->amount_vnd);
    }
    if (!cur->failed && line->tax_count > 0) {
        line->scheme = line->taxes[0].row->scheme;
    }
}

/* ------------------------------------------------------------------ whole */

hq_status hq_assessment_pack(hq_buf *buf, const hq_assessment *a)
{
    hq_buf_char(buf, VERSION);
    put(buf, a->reference_version);
    put(buf, a->day);
    put(buf, a->rounding);
    put(buf, (int64_t)a->rate_count);
    for (size_t i = 0; i < a->rate_count; i++) {
        hq_buf_le32(buf, a->rates[i].currency);
        put(buf, a->rates[i].row->id);
    }
    put(buf, (int64_t)a->line_count);
    for (size_t i = 0; i < a->line_count; i++) {
        put_line(buf, &a->lines[i]);
    }
    return hq_buf_status(buf);
}

static void get_rates(hq_cursor *cur, hq_assessment *a, const hq_ref *ref)
{
    a->rate_count = get_count(cur, HQ_RATES_MAX);
    for (size_t i = 0; i < a->rate_count && !cur->failed; i++) {
        hq_used_rate *rate = &a->rates[i];
        rate->currency = hq_cursor_le32(cur);
        rate->row = hq_ref_rate_at(ref, rate->currency, a->day, get(cur), a->reference_version);
        cur->failed |= rate->row == NULL;
    }
}

hq_status hq_assessment_unpack(hq_assessment **out, hq_sv packed, const hq_ref *ref,
                               hq_arena *arena)
{
    hq_cursor cur = { .in = packed };
    hq_assessment *a = HQ_NEW(arena, hq_assessment);
    if (a == NULL) {
        return HQ_FAIL(NOMEM);
    }
    cur.failed |= hq_cursor_u8(&cur) != VERSION;
    a->reference_version = get(&cur);
    a->day = (hq_day)get(&cur);
    a->rounding = (hq_rounding)get_count(&cur, HQ_ROUND_NEVER);
    get_rates(&cur, a, ref);
    a->line_count = get_count(&cur, HQ_LINES_MAX);
    a->lines = HQ_NEW_ARRAY(arena, hq_line_assessment, a->line_count + 1);
    if (a->lines == NULL) {
        return HQ_FAIL(NOMEM);
    }
    for (size_t i = 0; i < a->line_count && !cur.failed; i++) {
        get_line(&cur, &a->lines[i], ref, a, arena);
        cur.failed |= !hq_assess__add_line(a, &a->lines[i]);
    }
    *out = a;
    return cur.failed || cur.at != packed.len ? HQ_FAIL(CORRUPT) : HQ_DONE;
}
