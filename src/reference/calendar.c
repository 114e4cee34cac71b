/* SPDX-License-Identifier: Apache-2.0 */
#include "reference/snapshot.h"

/* Working time of offices. An office has the hours of its rows in office_hours; without any it
 * works Monday to Friday, 08:00 to 12:00 and 13:00 to 17:00. A holiday has none; a WORKING day (a
 * Saturday worked for a day off) has those of the weekday or, when the office rests on it, of a
 * Monday. */

#define SPANS_MAX     32
#define LOOK_DAYS_MAX 3660 /* ten years without an hour of work: no such office */
#define US_PER_MINUTE (60 * HQ_US_PER_SECOND)

typedef struct {
    int begin, end; /* minutes of the day */
} span;

static const hq_ref__holiday *holiday_on(const hq_ref *ref, hq_day day)
{
    uint32_t low = 0;
    uint32_t high = ref->holiday_count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (ref->holidays[middle].day < day) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < ref->holiday_count && ref->holidays[low].day == day ? &ref->holidays[low] : NULL;
}

/* Adds a span in order, joined with those it touches. */
static size_t add_span(span *spans, size_t count, span new)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (spans[i].end >= new.begin && spans[i].begin <= new.end) {
            new.begin = spans[i].begin < new.begin ? spans[i].begin : new.begin;
            new.end = spans[i].end > new.end ? spans[i].end : new.end;
        } else {
            spans[kept++] = spans[i];
        }
    }
    size_t at = kept;
    while (at > 0 && spans[at - 1].begin > new.begin) {
        spans[at] = spans[at - 1];
        at--;
    }
    spans[at] = new;
    return kept + 1;
}

static size_t hours_of(span spans[SPANS_MAX], const hq_ref *ref, hq_sv office, hq_day day,
                       int weekday)
{
    uint32_t rows;
    size_t count = 0;
    bool any = false;
    const hq_ref__hours *row = hq_ref__run(&rows, &ref->hours, office);
    for (uint32_t i = 0; i < rows; i++) {
        if (row[i].from > day || day > row[i].to) {
            continue;
        }
        any = true;
        if (row[i].weekday == weekday && count < SPANS_MAX) {
            count = add_span(spans, count, (span){ row[i].begin, row[i].end });
        }
    }
    if (!any && weekday <= 5) {
        spans[0] = (span){ 8 * 60, 12 * 60 };
        spans[1] = (span){ 13 * 60, 17 * 60 };
        return 2;
    }
    return count;
}

static size_t spans_on(span spans[SPANS_MAX], const hq_ref *ref, hq_sv office, hq_day day)
{
    const hq_ref__holiday *holiday = holiday_on(ref, day);
    if (holiday != NULL && !holiday->working) {
        return 0;
    }
    size_t count = hours_of(spans, ref, office, day, hq_day_weekday(day));
    return count > 0 || holiday == NULL ? count : hours_of(spans, ref, office, day, 1);
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

hq_time_us hq_ref_working_time_add(const hq_ref *ref, hq_sv office, hq_time_us from,
                                   int64_t working_us)
{
    hq_day first = hq_day_of(from);
    int64_t left = working_us;
    if (left <= 0) {
        return from;
    }
    for (hq_day day = first; day - first < LOOK_DAYS_MAX; day++) {
        span spans[SPANS_MAX];
        size_t count = spans_on(spans, ref, office, day);
        for (size_t i = 0; i < count; i++) {
            hq_time_us begin = later(from, hq_day_start(day) + spans[i].begin * US_PER_MINUTE);
            hq_time_us end = hq_day_start(day) + spans[i].end * US_PER_MINUTE;
            if (begin + left <= end) {
                return begin + left;
            }
            left -= later(0, end - begin);
        }
    }
    return from + LOOK_DAYS_MAX * HQ_US_PER_DAY;
}

int64_t hq_ref_working_time_between(const hq_ref *ref, hq_sv office, hq_time_us from, hq_time_us to)
{
    int64_t sum = 0;
    for (hq_day day = hq_day_of(from); to > from && day <= hq_day_of(to); day++) {
        span spans[SPANS_MAX];
        size_t count = spans_on(spans, ref, office, day);
        for (size_t i = 0; i < count; i++) {
            hq_time_us begin = hq_day_start(day) + spans[i].begin * US_PER_MINUTE;
            hq_time_us end = hq_day_start(day) + spans[i].end * US_PER_MINUTE;
            sum += later(0, (end < to ? end : to) - later(begin, from));
        }
    }
    return sum;
}

bool hq_ref_is_working_day(const hq_ref *ref, hq_sv office, hq_day day)
{
    span spans[SPANS_MAX];
    return spans_on(spans, ref, office, day) > 0;
}

hq_day hq_ref_rate_quoted_on(const hq_ref *ref, hq_day day)
{
    hq_day monday = day - (hq_day_weekday(day) - 1);
    hq_day quoted = monday - 4;
    for (int back = 0; back < 30 && !hq_ref_is_working_day(ref, HQ_SV(""), quoted); back++) {
        quoted--;
    }
    return quoted;
}
