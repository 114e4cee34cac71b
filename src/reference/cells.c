/* SPDX-License-Identifier: Apache-2.0 */
#include "reference/tables.h"

/* One check a kind of cell: canonical text out, false when the cell is something else. */
typedef bool (*check_fn)(hq_sv *out, hq_sv in, const hq_ref__column *column, hq_arena *arena);

static bool check_text(hq_sv *out, hq_sv in, const hq_ref__column *column, hq_arena *arena)
{
    hq_sv nfc;
    if (!hq_utf8_valid(in) || hq_utf8_has_control(in) || memchr(in.ptr, '\t', in.len) != NULL ||
        memchr(in.ptr, '\n', in.len) != NULL || hq_failed(hq_utf8_nfc(&nfc, arena, in))) {
        return false;
    }
    *out = nfc;
    return hq_utf8_length(nfc) <= (size_t)column->max;
}

static bool check_hs(hq_sv *out, hq_sv in, const hq_ref__column *column, hq_arena *arena)
{
    (void)arena;
    *out = in;
    size_t least = column->kind == HQ_CELL_HS ? 2 : 4;
    return hq_sv_digits(in) && in.len >= least && in.len <= 8 && in.len % 2 == 0;
}

static bool is_code_char(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

static bool check_code(hq_sv *out, hq_sv in, const hq_ref__column *column, hq_arena *arena)
{
    (void)arena;
    *out = in;
    for (size_t i = 0; i < in.len; i++) {
        if (!is_code_char(in.ptr[i])) {
            return false;
        }
    }
    return in.len <= (size_t)column->max;
}

static bool capitals(hq_sv in, size_t len)
{
    for (size_t i = 0; i < in.len; i++) {
        if (in.ptr[i] < 'A' || in.ptr[i] > 'Z') {
            return false;
        }
    }
    return in.len == len;
}

static bool check_capitals(hq_sv *out, hq_sv in, const hq_ref__column *column, hq_arena *arena)
{
    (void)arena;
    *out = in;
    return capitals(in, (size_t)column->max);
}

bool hq_ref__countries(hq_country_set *out, hq_sv text)
{
    *out = (hq_country_set){ .any = text.len == 0 };
    hq_sv rest = text;
    while (text.len > 0 && rest.ptr != NULL) {
        hq_sv code = hq_sv_trim(hq_sv_cut(&rest, ';'));
        if (!capitals(code, 2)) {
            return false;
        }
        unsigned bit = (unsigned)(code.ptr[0] - 'A') * 26 + (unsigned)(code.ptr[1] - 'A');
        out->bits[bit / 64] |= UINT64_C(1) << (bit % 64);
    }
    return true;
}

/* Sorted and each once, so that the order of a list never counts as a change. */
static bool check_countries(hq_sv *out, hq_sv in, const hq_ref__column *column, hq_arena *arena)
{
    (void)column;
    hq_country_set set;
    if (!hq_ref__countries(&set, in)) {
        return false;
    }
    hq_buf text = HQ_BUF_ARENA(arena, 26 * 26 * 3);
    for (unsigned bit = 0; bit < 26 * 26; bit++) {
        if ((set.bits[bit / 64] >> (bit % 64) & 1) == 0) {
            continue;
        }
        char code[3] = { ';', (char)('A' + bit / 26), (char)('A' + bit % 26) };
        hq_buf_append(&text, text.len == 0 ? code + 1 : code, text.len == 0 ? 2 : 3);
    }
    *out = hq_buf_view(&text);
    return hq_ok(hq_buf_status(&text));
}

/* Any case in, the case of the list out. */
static bool check_choice(hq_sv *out, hq_sv in, const hq_ref__column *column, hq_arena *arena)
{
    (void)arena;
    hq_sv rest = hq_sv_from_cstr(column->choices);
    while (rest.ptr != NULL) {
        hq_sv choice = hq_sv_cut(&rest, ';');
        if (hq_sv_eq_nocase(choice, in)) {
            *out = choice;
            return true;
        }
    }
    return false;
}

static bool check_flag(hq_sv *out, hq_sv in, const hq_ref__column *column, hq_arena *arena)
{
    (void)column;
    (void)arena;
    *out = in;
    return in.len == 1 && (in.ptr[0] == '0' || in.ptr[0] == '1');
}

static bool check_decimal(hq_sv *out, hq_sv in, const hq_ref__column *column, hq_arena *arena)
{
    hq_decimal v;
    if (hq_failed(hq_decimal_parse(&v, in)) || v.units < 0 || v.scale > 8) {
        return false;
    }
    hq_decimal trimmed = hq_decimal_trim(v);
    hq_decimal most = { column->max, 0 };
    if ((column->max > 0 && hq_decimal_cmp(v, most) > 0) ||
        (column->kind == HQ_CELL_POSITIVE && v.units == 0)) {
        return false;
    }
    *out = in;
    if (trimmed.scale == v.scale) {
        return true;
    }
    hq_buf text = HQ_BUF_ARENA(arena, 32);
    hq_decimal_write(&text, trimmed);
    *out = hq_buf_view(&text);
    return hq_ok(hq_buf_status(&text));
}

static bool check_whole(hq_sv *out, hq_sv in, const hq_ref__column *column, hq_arena *arena)
{
    int64_t v;
    if (!hq_sv_digits(in) || !hq_sv_i64(&v, in) || v < column->least || v > column->max) {
        return false;
    }
    *out = hq_arena_printf(arena, "%d", (int)v);
    return out->ptr != NULL;
}

static bool check_day(hq_sv *out, hq_sv in, const hq_ref__column *column, hq_arena *arena)
{
    (void)column;
    (void)arena;
    hq_day day;
    *out = in;
    return hq_ok(hq_day_parse(&day, in));
}

bool hq_ref__minutes(int *out, hq_sv text)
{
    int64_t hour;
    int64_t minute;
    if (text.len != 5 || text.ptr[2] != ':' || !hq_sv_digits(hq_sv_sub(text, 0, 2)) ||
        !hq_sv_digits(hq_sv_sub(text, 3, 2)) || !hq_sv_i64(&hour, hq_sv_sub(text, 0, 2)) ||
        !hq_sv_i64(&minute, hq_sv_sub(text, 3, 2))) {
        return false;
    }
    *out = (int)(hour * 60 + minute);
    return minute < 60 && *out <= 24 * 60;
}

static bool check_time(hq_sv *out, hq_sv in, const hq_ref__column *column, hq_arena *arena)
{
    (void)column;
    (void)arena;
    int minutes;
    *out = in;
    return hq_ref__minutes(&minutes, in);
}

/* The shape only: ten digits and a branch, or the twelve of a person. A wrong check digit is a
 * warning of its own, since registers hold codes from before it was computed. */
static bool check_tax_code(hq_sv *out, hq_sv in, const hq_ref__column *column, hq_arena *arena)
{
    (void)column;
    (void)arena;
    *out = in;
    if (in.len == 14) {
        return hq_sv_digits(hq_sv_sub(in, 0, 10)) && in.ptr[10] == '-' &&
               hq_sv_digits(hq_sv_sub(in, 11, 3));
    }
    return hq_sv_digits(in) && (in.len == 10 || in.len == 12 || in.len == 13);
}

static const struct {
    check_fn check;
    const char *vi, *en; /* NULL: depends on the column */
} kinds[] = {
    [HQ_CELL_TEXT] = { check_text, NULL, NULL },
    [HQ_CELL_HS] = { check_hs, "mã HS gồm 2, 4, 6 hoặc 8 chữ số",
                     "an HS code of 2, 4, 6 or 8 digits" },
    [HQ_CELL_HS_PREFIX] = { check_hs, "mã HS gồm 4, 6 hoặc 8 chữ số",
                            "an HS code of 4, 6 or 8 digits" },
    [HQ_CELL_CODE] = { check_code, NULL, NULL },
    [HQ_CELL_COUNTRY] = { check_capitals, "mã nước ISO 3166 gồm 2 chữ in hoa, ví dụ VN",
                          "an ISO 3166 country code of 2 capitals, for example VN" },
    [HQ_CELL_COUNTRIES] = { check_countries,
                            "danh sách mã nước 2 chữ in hoa, cách nhau bằng dấu ;, ví dụ CN;KR",
                            "a list of country codes of 2 capitals parted by ;, for example "
                            "CN;KR" },
    [HQ_CELL_CURRENCY] = { check_capitals, "mã tiền tệ ISO 4217 gồm 3 chữ in hoa, ví dụ USD",
                           "an ISO 4217 currency code of 3 capitals, for example USD" },
    [HQ_CELL_UNIT] = { check_code, "mã đơn vị tính không quá 4 chữ in hoa hoặc chữ số, ví dụ KGM",
                       "a unit code of at most 4 capitals or digits, for example KGM" },
    [HQ_CELL_CHOICE] = { check_choice, NULL, NULL },
    [HQ_CELL_FLAG] = { check_flag, "0 hoặc 1", "0 or 1" },
    [HQ_CELL_DECIMAL] = { check_decimal, "số thập phân không âm, tối đa 8 chữ số lẻ, ví dụ 12.5",
                          "a decimal number of 0 or more with at most 8 decimals, for example "
                          "12.5" },
    [HQ_CELL_POSITIVE] = { check_decimal, "số thập phân lớn hơn 0, tối đa 8 chữ số lẻ, ví dụ 25400",
                           "a decimal number above 0 with at most 8 decimals, for example 25400" },
    [HQ_CELL_WHOLE] = { check_whole, NULL, NULL },
    [HQ_CELL_DAY] = { check_day, "ngày có thật dạng NĂM-THÁNG-NGÀY, ví dụ 2026-11-20",
                      "a day that exists, written YYYY-MM-DD, for example 2026-11-20" },
    [HQ_CELL_TIME] = { check_time, "giờ dạng HH:MM từ 00:00 đến 24:00",
                       "a time HH:MM from 00:00 to 24:00" },
    [HQ_CELL_TAX_CODE] = { check_tax_code, "mã số thuế 10 chữ số, có thể thêm -NNN, hoặc 12 chữ số",
                           "a tax code of 10 digits, -NNN may follow, or of 12 digits" },
    [HQ_CELL_FROM] = { check_day, "ngày có thật dạng NĂM-THÁNG-NGÀY, ví dụ 2026-11-20",
                       "a day that exists, written YYYY-MM-DD, for example 2026-11-20" },
    [HQ_CELL_TO] = { check_day, "ngày có thật dạng NĂM-THÁNG-NGÀY, hoặc để trống",
                     "a day that exists, written YYYY-MM-DD, or empty" },
};

bool hq_ref__cell(hq_sv *out, hq_sv in, const hq_ref__column *column, hq_arena *arena)
{
    return kinds[column->kind].check(out, in, column, arena);
}

void hq_ref__expected(hq_sv *vi, hq_sv *en, const hq_ref__column *column, hq_arena *arena)
{
    *vi = hq_sv_from_cstr(kinds[column->kind].vi);
    *en = hq_sv_from_cstr(kinds[column->kind].en);
    if (column->kind == HQ_CELL_CHOICE) {
        *vi = hq_arena_printf(arena, "một trong %s", column->choices);
        *en = hq_arena_printf(arena, "one of %s", column->choices);
    } else if (column->kind == HQ_CELL_WHOLE) {
        *vi = hq_arena_printf(arena, "số nguyên từ %d đến %d", column->least, column->max);
        *en = hq_arena_printf(arena, "a whole number from %d to %d", column->least, column->max);
    } else if (column->kind == HQ_CELL_TEXT) {
        *vi = hq_arena_printf(arena, "văn bản không quá %d ký tự, không có ký tự điều khiển",
                              column->max);
        *en = hq_arena_printf(arena, "text of at most %d characters without control characters",
                              column->max);
    } else if (column->kind == HQ_CELL_CODE) {
        *vi = hq_arena_printf(arena, "mã không quá %d ký tự gồm chữ in hoa, chữ số, - và _",
                              column->max);
        *en = hq_arena_printf(arena, "a code of at most %d capitals, digits, - and _", column->max);
    }
}
