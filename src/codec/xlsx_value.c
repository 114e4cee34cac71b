/* SPDX-License-Identifier: Apache-2.0 */
#include <float.h>
#include <stdlib.h>

#include "codec/xlsx_inside.h"

/* What stands in a cell, as text.
 *
 * A spreadsheet shows 15 digits and writes what it computed with up to 17 (1.1 as
 * 1.1000000000000001, 0.1 + 0.2 as 0.30000000000000004), the tail being noise of the machine's
 * binary fraction. The 15 digits are taken by rounding the decimal text; that they are the same
 * number but for noise (four units in the last binary place) is all that binary fractions are
 * asked. Where they are not, some other program wrote more digits than a cell can hold, and
 * dropping them would change an amount: such a cell is INEXACT. */

enum {
    DIGITS = 15,       /* that a cell holds */
    WRITTEN_MAX = 400, /* bytes of a number */
    PLACES_MAX = 30    /* zeros that an exponent may stand for */
};

/* ------------------------------------------------------------------ decimals */

typedef struct {
    bool negative;
    char digits[WRITTEN_MAX]; /* without leading and trailing zeros */
    int count;
    int point; /* places before the point; may be < 0 or beyond count */
} number;

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static size_t take_digits(number *n, hq_sv text, size_t at, bool fraction)
{
    for (; at < text.len && is_digit(text.ptr[at]); at++) {
        bool leading = n->count == 0 && text.ptr[at] == '0';
        if (!leading) {
            n->digits[n->count++] = text.ptr[at];
        }
        if (fraction) {
            n->point -= leading;
        } else {
            n->point += !leading;
        }
    }
    return at;
}

static bool take_exponent(number *n, hq_sv text)
{
    int64_t exponent;
    if (text.len > 0 && text.ptr[0] == '+') {
        text = hq_sv_sub(text, 1, text.len);
        if (!hq_sv_digits(text)) {
            return false;
        }
    }
    if (!hq_sv_i64(&exponent, text) || exponent > 400 || exponent < -400) {
        return false;
    }
    n->point += (int)exponent;
    return true;
}

static bool read_number(number *n, hq_sv text)
{
    *n = (number){ .negative = text.len > 0 && text.ptr[0] == '-' };
    size_t start = n->negative || (text.len > 0 && text.ptr[0] == '+');
    if (text.len > WRITTEN_MAX) {
        return false;
    }
    size_t at = take_digits(n, text, start, false);
    bool any = at > start;
    if (at < text.len && text.ptr[at] == '.') {
        size_t from = at + 1;
        at = take_digits(n, text, from, true);
        any = any || at > from;
    }
    if (!any) {
        return false;
    }
    if (at < text.len && (text.ptr[at] == 'e' || text.ptr[at] == 'E')) {
        if (!take_exponent(n, hq_sv_sub(text, at + 1, text.len))) {
            return false;
        }
        at = text.len;
    }
    while (n->count > 0 && n->digits[n->count - 1] == '0') {
        n->count--;
    }
    return at == text.len;
}

/* Half up in the last of the digits that stay. */
static void round_to(number *n, int digits)
{
    bool up = n->digits[digits] >= '5';
    n->count = digits;
    for (int i = digits - 1; up && i >= 0; i--) {
        up = n->digits[i] == '9';
        n->digits[i] = up ? '0' : (char)(n->digits[i] + 1);
    }
    if (up) { /* 999... */
        n->digits[0] = '1';
        n->count = 1;
        n->point++;
    }
    while (n->count > 0 && n->digits[n->count - 1] == '0') {
        n->count--;
    }
}

static void write_plain(hq_buf *out, const number *n)
{
    if (n->count == 0) {
        hq_buf_char(out, '0');
        return;
    }
    if (n->negative) {
        hq_buf_char(out, '-');
    }
    if (n->point <= 0) {
        hq_buf_lit(out, "0.");
        hq_buf_fill(out, '0', (size_t)-n->point);
        hq_buf_append(out, n->digits, (size_t)n->count);
        return;
    }
    int before = n->count < n->point ? n->count : n->point;
    hq_buf_append(out, n->digits, (size_t)before);
    hq_buf_fill(out, '0', (size_t)(n->point - before));
    if (n->count > n->point) {
        hq_buf_char(out, '.');
        hq_buf_append(out, n->digits + n->point, (size_t)(n->count - n->point));
    }
}

static bool is_same_to_a_spreadsheet(hq_sv a, hq_sv b, hq_arena *arena)
{
    const char *x = hq_arena_cstr(arena, a);
    const char *y = hq_arena_cstr(arena, b);
    if (x == NULL || y == NULL) {
        return false;
    }
    double v = strtod(x, NULL);
    double w = strtod(y, NULL);
    double apart = v < w ? w - v : v - w;
    return apart <= 4 * DBL_EPSILON * (v < 0 ? -v : v);
}

/* ------------------------------------------------------------------ days */

static void write_time(hq_buf *out, int64_t seconds)
{
    hq_buf_printf(out, "%02d:%02d", (int)(seconds / 3600), (int)(seconds / 60 % 60));
    if (seconds % 60 != 0) {
        hq_buf_printf(out, ":%02d", (int)(seconds % 60));
    }
}

/* Seconds of the day, from the digits behind the point. */
static int64_t seconds_of(const number *n)
{
    int64_t fraction = 0; /* in 1e-12 of a day */
    for (int i = 0; i < 12; i++) {
        int at = n->point + i;
        fraction = fraction * 10 + (at >= 0 && at < n->count ? n->digits[at] - '0' : 0);
    }
    return (fraction * 864 / 10000000 + 500) / 1000;
}

/* Day 1 is 1 January 1900, and there is a 29 February 1900 that never was (ECMA-376 18.17.4.1); or
 * day 0 is 1 January 1904. */
static bool write_date(hq_buf *out, const number *n, bool from_1904)
{
    int64_t days = 0;
    if (n->negative || n->point > 7) {
        return false;
    }
    for (int i = 0; i < n->point; i++) {
        days = days * 10 + (i < n->count ? n->digits[i] - '0' : 0);
    }
    int64_t seconds = seconds_of(n);
    days += seconds / 86400;
    seconds %= 86400;
    bool timed = n->count > n->point && seconds > 0;
    if (days == 0 && !from_1904) {
        write_time(out, seconds);
        return true;
    }
    hq_day base = from_1904   ? hq_day_from_civil(1904, 1, 1)
                  : days < 60 ? hq_day_from_civil(1899, 12, 31)
                              : hq_day_from_civil(1899, 12, 30);
    if ((days == 60 && !from_1904) || base + days > hq_day_from_civil(9999, 12, 31)) {
        return false;
    }
    hq_day_write(out, (hq_day)(base + days));
    if (timed) {
        hq_buf_char(out, 'T');
        write_time(out, seconds);
    }
    return true;
}

/* ------------------------------------------------------------------ cells */

static bool write_exact(hq_buf *out, number *n, hq_sv written, hq_arena *arena)
{
    if (n->count > 0 && (n->point > PLACES_MAX || n->point < -PLACES_MAX)) {
        return false;
    }
    if (n->count <= DIGITS) {
        write_plain(out, n);
        return true;
    }
    if (n->count - n->point <= 0) { /* a whole number: no noise, digits that matter */
        return false;
    }
    round_to(n, DIGITS);
    write_plain(out, n);
    return is_same_to_a_spreadsheet(hq_buf_view(out), written, arena);
}

/* Is it written the way it is handed out? */
static bool is_plain(hq_sv text)
{
    size_t digits = 0;
    size_t points = 0;
    for (size_t i = 0; i < text.len; i++) {
        bool sign = i == 0 && text.ptr[i] == '-';
        points += text.ptr[i] == '.';
        digits += is_digit(text.ptr[i]);
        if (!sign && text.ptr[i] != '.' && !is_digit(text.ptr[i])) {
            return false;
        }
    }
    return digits > 0 && digits <= DIGITS && points <= 1 && is_digit(text.ptr[text.len - 1]) &&
           text.ptr[0] != '.' && !hq_sv_starts(text, HQ_SV("-."));
}

hq_status hq_xlsx__number(hq_xlsx_cell *cell, hq_sv written, hq_xlsx__shown shown, bool from_1904,
                          hq_arena *arena)
{
    number n;
    hq_buf out = HQ_BUF_ARENA(arena, 512);
    written = hq_sv_trim(written);
    cell->kind = shown == HQ_XLSX__AS_DATE ? HQ_XLSX_DATE : HQ_XLSX_NUMBER;
    cell->text = written;
    if (shown == HQ_XLSX__AS_NUMBER && is_plain(written)) {
        return HQ_DONE;
    }
    bool exact = read_number(&n, written);
    if (exact && shown == HQ_XLSX__AS_DATE) {
        exact = write_date(&out, &n, from_1904);
    } else if (exact) {
        exact = write_exact(&out, &n, written, arena);
    }
    if (!exact) {
        cell->kind = HQ_XLSX_INEXACT;
        return HQ_DONE;
    }
    cell->text = hq_buf_view(&out);
    return hq_buf_status(&out);
}

/* ------------------------------------------------------------------ texts */

/* _x000D_ stands for a character that XML does not hold well (ECMA-376 22.4.2.4); 0: it is none. */
static unsigned escape_at(hq_sv text, size_t at)
{
    unsigned value = 0;
    if (text.len - at < 7 || text.ptr[at] != '_' || text.ptr[at + 1] != 'x' ||
        text.ptr[at + 6] != '_') {
        return 0;
    }
    for (size_t i = at + 2; i < at + 6; i++) {
        char c = text.ptr[i];
        unsigned digit = is_digit(c)            ? (unsigned)(c - '0')
                         : c >= 'A' && c <= 'F' ? (unsigned)(c - 'A') + 10
                         : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10
                                                : 16;
        if (digit == 16) {
            return 0;
        }
        value = value * 16 + digit;
    }
    return value >= 0xd800 && value <= 0xdfff ? 0 : value;
}

static size_t put_character(char *to, unsigned c)
{
    if (c < 0x80) {
        to[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        to[0] = (char)(0xc0 | c >> 6);
        to[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    to[0] = (char)(0xe0 | c >> 12);
    to[1] = (char)(0x80 | (c >> 6 & 0x3f));
    to[2] = (char)(0x80 | (c & 0x3f));
    return 3;
}

hq_sv hq_xlsx__settle(hq_sv text, hq_arena *arena)
{
    char *to = hq_arena_alloc(arena, text.len + 1);
    size_t len = 0;
    for (size_t at = 0; to != NULL && at < text.len;) {
        unsigned escaped = text.ptr[at] == '_' ? escape_at(text, at) : 0;
        unsigned c = escaped > 0 ? escaped : (unsigned char)text.ptr[at];
        at += escaped > 0 ? 7 : 1;
        if (escaped > 0 && c != '\r') {
            len += put_character(to + len, c);
        } else if (c != '\r') {
            to[len++] = (char)c;
        } else if (at >= text.len || text.ptr[at] != '\n') {
            to[len++] = '\n';
        }
    }
    return to == NULL ? HQ_SV_NULL : hq_sv_make(to, len);
}

/* ------------------------------------------------------------------ addresses */

hq_sv hq_xlsx_address(char text[12], uint32_t row, uint32_t column)
{
    char letters[8];
    size_t count = 0;
    size_t len = 0;
    char digits[10];
    for (; column > 0 && count < sizeof letters; column = (column - 1) / 26) {
        letters[count++] = (char)('A' + (column - 1) % 26);
    }
    while (count > 0 && len < 3) {
        text[len++] = letters[--count];
    }
    do {
        digits[count++] = (char)('0' + row % 10);
        row /= 10;
    } while (row > 0 && count < sizeof digits);
    while (count > 0 && len < 12) {
        text[len++] = digits[--count];
    }
    return hq_sv_make(text, len);
}

bool hq_xlsx_address_parse(uint32_t *row, uint32_t *column, hq_sv address)
{
    size_t at = 0;
    int64_t value = 0;
    *column = 0;
    for (; at < address.len && at < 3 && address.ptr[at] >= 'A' && address.ptr[at] <= 'Z'; at++) {
        *column = *column * 26 + (uint32_t)(address.ptr[at] - 'A') + 1;
    }
    hq_sv digits = hq_sv_sub(address, at, address.len);
    bool sound = at > 0 && digits.len <= 7 && hq_sv_digits(digits) && hq_sv_i64(&value, digits);
    *row = (uint32_t)value;
    return sound && value > 0;
}
