/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

enum { YEAR_FIRST = 1900, YEAR_LAST = 9999 };

/* A small reader over text: fixed digits, single characters. Sticky. */
typedef struct {
    hq_sv in;
    size_t at;
    bool failed;
} reader;

static int read_fixed(reader *r, size_t digits)
{
    int v = 0;
    for (size_t i = 0; i < digits; i++, r->at++) {
        if (r->at >= r->in.len || r->in.ptr[r->at] < '0' || r->in.ptr[r->at] > '9') {
            r->failed = true;
            return 0;
        }
        v = v * 10 + (r->in.ptr[r->at] - '0');
    }
    return v;
}

static bool read_char(reader *r, char c)
{
    if (r->at >= r->in.len || r->in.ptr[r->at] != c) {
        return false;
    }
    r->at++;
    return true;
}

static void expect(reader *r, char c)
{
    r->failed = !read_char(r, c) || r->failed;
}

hq_day hq_day_of(hq_time_us t)
{
    int64_t day = t / HQ_US_PER_DAY;
    int64_t within = t % HQ_US_PER_DAY;
    if (within < 0) {
        day--;
        within += HQ_US_PER_DAY;
    }
    return (hq_day)(day + (within >= HQ_US_PER_DAY - HQ_LEGAL_OFFSET_US));
}

hq_time_us hq_day_start(hq_day day)
{
    hq_time_us t;
    if (__builtin_mul_overflow((int64_t)day, HQ_US_PER_DAY, &t) ||
        __builtin_sub_overflow(t, HQ_LEGAL_OFFSET_US, &t)) {
        return day < 0 ? INT64_MIN : INT64_MAX; /* the open end starts after all time */
    }
    return t;
}

/* Both ways count in eras of 400 years (146097 days) that start on 1 March, so that the leap day is
 * the last of its year. */
hq_day hq_day_from_civil(int year, int month, int mday)
{
    int64_t y = (int64_t)year - (month <= 2);
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t of_era = y - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + mday - 1;
    return (hq_day)(era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468);
}

void hq_day_to_civil(hq_day day, int *year, int *month, int *mday)
{
    int64_t z = (int64_t)day + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t of_era = z - era * 146097;
    int64_t y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * y + y / 4 - y / 100);
    int64_t m = (5 * of_year + 2) / 153;
    *mday = (int)(of_year - (153 * m + 2) / 5 + 1);
    *month = (int)(m < 10 ? m + 3 : m - 9);
    *year = (int)(y + era * 400 + (m >= 10));
}

int hq_day_weekday(hq_day day)
{
    int64_t since_monday = ((int64_t)day + 3) % 7; /* 1970-01-01 was a Thursday */
    return (int)(since_monday < 0 ? since_monday + 7 : since_monday) + 1;
}

static int days_in_month(int year, int month)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

/* YYYY-MM-DD at the reader; SYNTAX is left to its sticky flag, RANGE is returned. */
static hq_status read_day(hq_day *out, reader *r)
{
    int year = read_fixed(r, 4);
    expect(r, '-');
    int month = read_fixed(r, 2);
    expect(r, '-');
    int mday = read_fixed(r, 2);
    if (r->failed) {
        return HQ_FAIL(SYNTAX);
    }
    if (year < YEAR_FIRST || year > YEAR_LAST || month < 1 || month > 12 || mday < 1 ||
        mday > days_in_month(year, month)) {
        return HQ_FAIL(RANGE);
    }
    *out = hq_day_from_civil(year, month, mday);
    return HQ_DONE;
}

hq_status hq_day_parse(hq_day *out, hq_sv text)
{
    reader r = { .in = text };
    if (text.len != 10) {
        return HQ_FAIL(SYNTAX);
    }
    return read_day(out, &r);
}

static char *put2(char *to, int v)
{
    to[0] = (char)('0' + v / 10);
    to[1] = (char)('0' + v % 10);
    return to + 2;
}

static void write_civil(hq_buf *buf, hq_day day)
{
    int year, month, mday;
    hq_day_to_civil(day, &year, &month, &mday);
    char text[10], *to = text;
    if (year < 0 || year > YEAR_LAST) {
        hq_buf_i64(buf, year); /* never parsed back, but a wrong row must still be shown */
    } else {
        to = put2(put2(to, year / 100), year % 100);
    }
    *to++ = '-';
    to = put2(to, month);
    *to++ = '-';
    to = put2(to, mday);
    hq_buf_append(buf, text, (size_t)(to - text));
}

void hq_day_write(hq_buf *buf, hq_day day)
{
    if (day != HQ_DAY_OPEN) {
        write_civil(buf, day);
    }
}

/* Digits after the point as microseconds; what is finer is cut off. */
static int64_t read_fraction(reader *r)
{
    int64_t us = 0, unit = HQ_US_PER_SECOND / 10;
    size_t from = r->at;
    while (r->at < r->in.len && r->in.ptr[r->at] >= '0' && r->in.ptr[r->at] <= '9') {
        us += (r->in.ptr[r->at++] - '0') * unit;
        unit /= 10;
    }
    if (r->at == from) {
        r->failed = true;
    }
    return us;
}

/* "Z" or +HH:MM, in minutes east. */
static int read_offset(reader *r)
{
    if (read_char(r, 'Z') || read_char(r, 'z')) {
        return 0;
    }
    bool west = read_char(r, '-');
    if (!west) {
        expect(r, '+');
    }
    int hours = read_fixed(r, 2);
    expect(r, ':');
    int minutes = read_fixed(r, 2);
    if (hours > 23 || minutes > 59) {
        r->failed = true;
    }
    return (west ? -1 : 1) * (hours * 60 + minutes);
}

hq_status hq_time_parse(hq_time_us *out, hq_sv text)
{
    reader r = { .in = text };
    hq_day day = 0;
    HQ_TRY(read_day(&day, &r));
    if (!read_char(&r, 'T')) {
        expect(&r, 't');
    }
    int hour = read_fixed(&r, 2);
    expect(&r, ':');
    int minute = read_fixed(&r, 2);
    expect(&r, ':');
    int second = read_fixed(&r, 2);
    int64_t us = read_char(&r, '.') ? read_fraction(&r) : 0;
    int east = read_offset(&r);
    if (r.failed || r.at != text.len) {
        return HQ_FAIL(SYNTAX);
    }
    if (hour > 23 || minute > 59 || second > 59) {
        return HQ_FAIL(RANGE); /* leap seconds too: no legal clock here counts them */
    }
    int64_t seconds = (int64_t)day * 86400 + hour * 3600 + (minute - east) * 60 + second;
    *out = seconds * HQ_US_PER_SECOND + us;
    return HQ_DONE;
}

void hq_time_write(hq_buf *buf, hq_time_us t)
{
    hq_day day = hq_day_of(t);
    int64_t within = t % HQ_US_PER_DAY + HQ_LEGAL_OFFSET_US;
    within = (within + HQ_US_PER_DAY) % HQ_US_PER_DAY;
    int seconds = (int)(within / HQ_US_PER_SECOND);
    int us = (int)(within % HQ_US_PER_SECOND);
    char text[22], *to = text;
    write_civil(buf, day);
    *to++ = 'T';
    to = put2(to, seconds / 3600);
    *to++ = ':';
    to = put2(to, seconds / 60 % 60);
    *to++ = ':';
    to = put2(to, seconds % 60);
    if (us != 0) {
        *to++ = '.';
        to = put2(put2(put2(to, us / 10000), us / 100 % 100), us % 100);
    }
    memcpy(to, "+07:00", 6);
    hq_buf_append(buf, text, (size_t)(to + 6 - text));
}

/* The next "number unit" whose unit comes in `units` at or after *next; adds it to *seconds. */
static hq_status read_part(reader *r, const char *units, const int64_t *lengths, size_t *next,
                           int64_t *seconds)
{
    size_t from = r->at;
    while (r->at < r->in.len && r->in.ptr[r->at] >= '0' && r->in.ptr[r->at] <= '9') {
        r->at++;
    }
    hq_sv digits = hq_sv_sub(r->in, from, r->at - from);
    while (units[*next] != '\0' && !read_char(r, units[*next])) {
        (*next)++;
    }
    if (digits.len == 0 || units[*next] == '\0') {
        return HQ_FAIL(SYNTAX);
    }
    int64_t number, length = lengths[(*next)++];
    if (!hq_sv_i64(&number, digits) || __builtin_mul_overflow(number, length, &length) ||
        __builtin_add_overflow(*seconds, length, seconds)) {
        return HQ_FAIL(RANGE);
    }
    return HQ_DONE;
}

hq_status hq_duration_parse(int64_t *out_us, hq_sv text)
{
    static const int64_t day_length[] = { 86400 };
    static const int64_t time_lengths[] = { 3600, 60, 1 };
    reader r = { .in = text };
    int64_t seconds = 0;
    size_t next = 0;
    if (!read_char(&r, 'P') || r.at == text.len) {
        return HQ_FAIL(SYNTAX);
    }
    if (text.ptr[r.at] != 'T') {
        HQ_TRY(read_part(&r, "D", day_length, &next, &seconds));
    }
    if (r.at < text.len) {
        expect(&r, 'T');
        next = 0;
        do {
            HQ_TRY(read_part(&r, "HMS", time_lengths, &next, &seconds));
        } while (r.at < text.len);
    }
    if (r.failed) {
        return HQ_FAIL(SYNTAX);
    }
    if (__builtin_mul_overflow(seconds, HQ_US_PER_SECOND, out_us)) {
        return HQ_FAIL(RANGE);
    }
    return HQ_DONE;
}
