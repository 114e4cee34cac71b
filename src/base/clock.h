/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Instants and days. An instant is microseconds since 1970-01-01 UTC; a day is days since
 * 1970-01-01 in the civil calendar at +07:00, which all legal rules use. The clock itself is an
 * injected object so that tests can move it; only os/ asks the machine. */

#include "base/buf.h"

typedef int64_t hq_time_us; /* microseconds UTC */
typedef int32_t hq_day;     /* days since 1970-01-01 */

#define HQ_US_PER_SECOND INT64_C(1000000)
#define HQ_US_PER_DAY (INT64_C(86400) * HQ_US_PER_SECOND)
#define HQ_LEGAL_OFFSET_US (INT64_C(7) * 3600 * HQ_US_PER_SECOND)
#define HQ_DAY_OPEN INT32_MAX /* valid_to of a row that has no end */

typedef struct hq_clock hq_clock;
struct hq_clock {
    hq_time_us (*now)(const hq_clock *clock);
};
static inline hq_time_us hq_now(const hq_clock *clock)
{
    return clock->now(clock);
}

hq_day hq_day_of(hq_time_us t);                       /* at +07:00 */
hq_time_us hq_day_start(hq_day day);                  /* 00:00 at +07:00 */
hq_day hq_day_from_civil(int year, int month, int mday);
void hq_day_to_civil(hq_day day, int *year, int *month, int *mday);
int hq_day_weekday(hq_day day);                       /* 1 Monday .. 7 Sunday */
/* YYYY-MM-DD, a day that exists, years 1900 to 9999. */
hq_status hq_day_parse(hq_day *out, hq_sv text);
void hq_day_write(hq_buf *buf, hq_day day);           /* open end writes nothing */
/* RFC 3339 with offset, "2026-11-20T08:00:00.123456+07:00", 'Z' accepted. */
hq_status hq_time_parse(hq_time_us *out, hq_sv text);
/* RFC 3339 at +07:00, with six fraction digits when not whole seconds. */
void hq_time_write(hq_buf *buf, hq_time_us t);
/* ISO 8601 duration "P3DT2H30M5S", days down to seconds. */
hq_status hq_duration_parse(int64_t *out_us, hq_sv text);
