/* SPDX-License-Identifier: Apache-2.0 */
#include "../chance.h"
#include "../check.h"

static int days_in_month(int year, int month)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (leap && month == 2);
}

static void test_every_day_from_1900_to_2400_in_turn(void **state)
{
    (void)state;
    hq_day day = hq_day_from_civil(1900, 1, 1);
    int weekday = 1; /* a Monday */
    for (int year = 1900; year <= 2400; year++) {
        for (int month = 1; month <= 12; month++) {
            for (int mday = 1; mday <= days_in_month(year, month); mday++, day++) {
                int y, m, d;
                assert_int_equal(hq_day_from_civil(year, month, mday), day);
                hq_day_to_civil(day, &y, &m, &d);
                assert_true(y == year && m == month && d == mday);
                assert_int_equal(hq_day_weekday(day), weekday);
                weekday = weekday % 7 + 1;
            }
        }
    }
    assert_int_equal(hq_day_from_civil(1970, 1, 1), 0);
}

static void check_day(const char *text, hq_code code)
{
    hq_day day = -1;
    hq_buf buf = HQ_BUF_HEAP(64);
    hq_status s = hq_day_parse(&day, hq_sv_from_cstr(text));
    if (s.code != code) {
        fail_msg("%s: %s", text, hq_status_name(s));
    }
    if (hq_ok(s)) {
        hq_day_write(&buf, day);
        check_text(hq_buf_view(&buf), text);
    }
    hq_buf_free(&buf);
}

static void test_days_as_text(void **state)
{
    (void)state;
    check_day("2026-11-20", HQ_E_OK);
    check_day("1900-01-01", HQ_E_OK);
    check_day("9999-12-31", HQ_E_OK);
    check_day("2024-02-29", HQ_E_OK);
    check_day("2026-02-29", HQ_E_RANGE);
    check_day("2100-02-29", HQ_E_RANGE);
    check_day("1899-12-31", HQ_E_RANGE);
    check_day("2026-13-01", HQ_E_RANGE);
    check_day("2026-00-01", HQ_E_RANGE);
    check_day("2026-04-31", HQ_E_RANGE);
    check_day("2026-01-00", HQ_E_RANGE);
    check_day("", HQ_E_SYNTAX);
    check_day("2026-1-20", HQ_E_SYNTAX);
    check_day("20261120", HQ_E_SYNTAX);
    check_day("20-11-2026", HQ_E_SYNTAX);
    check_day("2026-11-20 ", HQ_E_SYNTAX);
    check_day("2026/11/20", HQ_E_SYNTAX);
    check_day("-026-11-20", HQ_E_SYNTAX);
    hq_buf buf = HQ_BUF_HEAP(64);
    hq_day_write(&buf, HQ_DAY_OPEN);
    assert_int_equal(buf.len, 0);
    hq_buf_free(&buf);
}

static void check_time(const char *text, hq_code code, const char *again)
{
    hq_time_us t = 0;
    hq_buf buf = HQ_BUF_HEAP(64);
    hq_status s = hq_time_parse(&t, hq_sv_from_cstr(text));
    if (s.code != code) {
        fail_msg("%s: %s", text, hq_status_name(s));
    }
    if (hq_ok(s)) {
        hq_time_write(&buf, t);
        check_text(hq_buf_view(&buf), again);
    }
    hq_buf_free(&buf);
}

static void test_instants_as_text(void **state)
{
    (void)state;
    check_time("2026-11-20T08:00:00+07:00", HQ_E_OK, "2026-11-20T08:00:00+07:00");
    check_time("2026-11-20T01:00:00Z", HQ_E_OK, "2026-11-20T08:00:00+07:00");
    check_time("2026-11-20t01:00:00z", HQ_E_OK, "2026-11-20T08:00:00+07:00");
    check_time("2026-11-19T17:30:00-07:30", HQ_E_OK, "2026-11-20T08:00:00+07:00");
    check_time("2026-11-20T23:59:59.9+07:00", HQ_E_OK, "2026-11-20T23:59:59.900000+07:00");
    check_time("2026-11-20T08:00:00.1234569Z", HQ_E_OK, "2026-11-20T15:00:00.123456+07:00");
    check_time("1969-12-31T23:59:59.999999Z", HQ_E_OK, "1970-01-01T06:59:59.999999+07:00");
    check_time("1900-01-01T00:00:00+07:00", HQ_E_OK, "1900-01-01T00:00:00+07:00");
    check_time("2026-11-20T24:00:00Z", HQ_E_RANGE, NULL);
    check_time("2026-11-20T23:60:00Z", HQ_E_RANGE, NULL);
    check_time("2026-11-20T23:59:60Z", HQ_E_RANGE, NULL);
    check_time("2026-02-30T08:00:00Z", HQ_E_RANGE, NULL);
    check_time("2026-11-20T08:00:00", HQ_E_SYNTAX, NULL);
    check_time("2026-11-20 08:00:00Z", HQ_E_SYNTAX, NULL);
    check_time("2026-11-20T08:00Z", HQ_E_SYNTAX, NULL);
    check_time("2026-11-20T08:00:00.Z", HQ_E_SYNTAX, NULL);
    check_time("2026-11-20T08:00:00+24:00", HQ_E_SYNTAX, NULL);
    check_time("2026-11-20T08:00:00+7:00", HQ_E_SYNTAX, NULL);
    check_time("2026-11-20T08:00:00Zx", HQ_E_SYNTAX, NULL);
    check_time("2026-11-20", HQ_E_SYNTAX, NULL);
}

static void test_random_instants_read_back(void **state)
{
    (void)state;
    chance c = { 6 };
    for (int i = 0; i < 20000; i++) {
        hq_time_us first = hq_day_start(hq_day_from_civil(1900, 1, 1));
        hq_time_us t = first + (int64_t)(chance_u64(&c) % UINT64_C(255000000000000000)), back;
        hq_buf buf = HQ_BUF_HEAP(64);
        hq_time_write(&buf, t);
        check_status(hq_time_parse(&back, hq_buf_view(&buf)), OK);
        assert_true(back == t);
        hq_day day = hq_day_of(t);
        assert_true(hq_day_start(day) <= t && t < hq_day_start(day + 1));
        hq_buf_free(&buf);
    }
}

static void test_the_legal_day_turns_at_17_utc(void **state)
{
    (void)state;
    hq_time_us turn = 17 * 3600 * HQ_US_PER_SECOND;
    assert_int_equal(hq_day_of(turn - 1), 0);
    assert_int_equal(hq_day_of(turn), 1);
    assert_int_equal(hq_day_of(-7 * 3600 * HQ_US_PER_SECOND - 1), -1);
    assert_true(hq_day_start(1) == turn);
    assert_true(hq_day_start(HQ_DAY_OPEN) > hq_day_start(hq_day_from_civil(9999, 12, 31)));
}

static void check_duration(const char *text, hq_code code, int64_t seconds)
{
    int64_t us = 0;
    hq_status s = hq_duration_parse(&us, hq_sv_from_cstr(text));
    if (s.code != code || (hq_ok(s) && us != seconds * HQ_US_PER_SECOND)) {
        fail_msg("%s: %s %lld", text, hq_status_name(s), (long long)us);
    }
}

static void test_durations(void **state)
{
    (void)state;
    check_duration("P3DT2H30M5S", HQ_E_OK, 3 * 86400 + 2 * 3600 + 30 * 60 + 5);
    check_duration("P1D", HQ_E_OK, 86400);
    check_duration("PT90M", HQ_E_OK, 5400);
    check_duration("PT0S", HQ_E_OK, 0);
    check_duration("PT1H5S", HQ_E_OK, 3605);
    check_duration("P999999999999D", HQ_E_RANGE, 0);
    check_duration("PT99999999999999999999S", HQ_E_RANGE, 0);
    static const char *const broken[] = { "",     "P",    "PT",     "P1DT",   "3D",   "P1H",
                                          "PT1D", "PT5",  "P1Y",    "PT1.5S", "P-1D", "PT1S2M",
                                          "P1D ", "pT1S", "PT1H1H", "P1D1D" };
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        check_duration(broken[i], HQ_E_SYNTAX, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_day_from_1900_to_2400_in_turn),
        cmocka_unit_test(test_days_as_text),
        cmocka_unit_test(test_instants_as_text),
        cmocka_unit_test(test_random_instants_read_back),
        cmocka_unit_test(test_the_legal_day_turns_at_17_utc),
        cmocka_unit_test(test_durations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
