/* SPDX-License-Identifier: Apache-2.0 */
#include "reference/snapshot.h"

/* Lengths and limits that law sets, and when what began under them is over. */

#define HOUR_US     (3600 * HQ_US_PER_SECOND)
#define ROLL_MAX    60 /* days off in a row: none has more */
#define MONTHS_YEAR 12

const hq_term_row *hq_ref_term(const hq_ref *ref, hq_sv term, hq_day day)
{
    return hq_ref__find_row(&ref->terms, term, day);
}

int64_t hq_ref_term_amount(const hq_ref *ref, hq_sv term, hq_day day)
{
    const hq_term_row *row = hq_ref_term(ref, term, day);
    return row == NULL ? 0 : row->amount;
}

static int days_in(int year, int month)
{
    return month == MONTHS_YEAR
               ? 31
               : (int)(hq_day_from_civil(year, month + 1, 1) - hq_day_from_civil(year, month, 1));
}

/* The same day of a later month, or its last when it has none. */
static hq_day add_months(hq_day day, int64_t months)
{
    int year;
    int month;
    int mday;
    hq_day_to_civil(day, &year, &month, &mday);
    int64_t since = (int64_t)year * MONTHS_YEAR + month - 1 + months;
    year = (int)(since / MONTHS_YEAR);
    month = (int)(since % MONTHS_YEAR) + 1;
    int last = days_in(year, month);
    return hq_day_from_civil(year, month, mday < last ? mday : last);
}

static hq_day day_of_next_month(hq_day day, int64_t mday)
{
    int year;
    int month;
    int unused;
    hq_day_to_civil(day, &year, &month, &unused);
    hq_day first = add_months(hq_day_from_civil(year, month, 1), 1);
    hq_day_to_civil(first, &year, &month, &unused);
    return first + (hq_day)(mday < days_in(year, month) ? mday : days_in(year, month)) - 1;
}

static hq_day working_days(const hq_ref *ref, hq_sv office, hq_day day, int64_t count)
{
    int off = 0;
    while (count > 0 && off < ROLL_MAX) {
        day++;
        bool works = hq_ref_is_working_day(ref, office, day);
        off = works ? 0 : off + 1;
        count -= works;
    }
    return day;
}

static hq_day last_day(const hq_ref *ref, const hq_term_row *row, hq_sv office, hq_day day)
{
    switch (row->unit) {
    case HQ_TERM_DAYS:
        return day + (hq_day)row->amount;
    case HQ_TERM_WORKING_DAYS:
        return working_days(ref, office, day, row->amount);
    case HQ_TERM_MONTHS:
        return add_months(day, row->amount);
    case HQ_TERM_DAY_OF_NEXT_MONTH:
        return day_of_next_month(day, row->amount);
    case HQ_TERM_HOURS:
    case HQ_TERM_WORKING_HOURS:
    case HQ_TERM_COUNT:
    case HQ_TERM_VND:
        break;
    }
    return day;
}

hq_day hq_ref_term_last_day(const hq_ref *ref, hq_sv term, hq_day day)
{
    const hq_term_row *row = hq_ref_term(ref, term, day);
    return row == NULL ? day : last_day(ref, row, HQ_SV(""), day);
}

/* Where the last day is one off: the end of the next working day, on which there is still time to
 * come (Civil Code art. 148). */
static hq_time_us rolled(const hq_ref *ref, hq_sv office, hq_time_us end)
{
    hq_day day = hq_day_of(end);
    if (hq_ref_is_working_day(ref, office, day)) {
        return end;
    }
    hq_day next = working_days(ref, office, day, 1);
    int64_t work =
        hq_ref_working_time_between(ref, office, hq_day_start(next), hq_day_start(next + 1));
    return hq_ref_working_time_add(ref, office, hq_day_start(next), work);
}

hq_time_us hq_ref_term_end(const hq_ref *ref, hq_sv term, hq_sv office, hq_time_us from)
{
    hq_day day = hq_day_of(from);
    const hq_term_row *row = hq_ref_term(ref, term, day);
    if (row == NULL || row->unit == HQ_TERM_COUNT || row->unit == HQ_TERM_VND) {
        return from;
    }
    if (row->unit == HQ_TERM_HOURS) {
        return from + row->amount * HOUR_US;
    }
    if (row->unit == HQ_TERM_WORKING_HOURS) {
        return hq_ref_working_time_add(ref, office, from, row->amount * HOUR_US);
    }
    hq_day last = last_day(ref, row, office, day);
    hq_time_us end = hq_day_start(last) + (from - hq_day_start(day));
    return row->rolls ? rolled(ref, office, end) : end;
}
