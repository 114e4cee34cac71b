/* SPDX-License-Identifier: Apache-2.0 */
#include "rows.h"

#define HOUR (3600 * HQ_US_PER_SECOND)

static hq_ref *tet(void)
{
    return snapshot_of("holidays",
                       "date,name,kind\n"
                       "2026-01-01,a,OFF\n2026-01-02,a,OFF\n2026-01-10,a,WORKING\n"
                       "2026-02-16,a,OFF\n2026-02-17,a,OFF\n2026-02-18,a,OFF\n2026-02-19,a,OFF\n"
                       "2026-02-20,a,OFF\n2026-11-19,a,OFF\n",
                       "office_hours",
                       "office,weekday,from,to,valid_from,valid_to\n"
                       "15BB,1,07:00,19:00,2026-01-01,\n"
                       "15BB,6,07:00,12:00,2026-01-01,\n"
                       "15BB,6,10:00,14:00,2026-01-01,\n"
                       "15BC,1,08:00,24:00,2026-01-01,2026-06-30\n",
                       NULL);
}

static void check(const hq_ref *ref, const char *office, const char *from, int64_t hours,
                  const char *to)
{
    hq_sv code = hq_sv_from_cstr(office);
    assert_int_equal(hq_ref_working_time_add(ref, code, at(from), hours * HOUR), at(to));
    assert_int_equal(hq_ref_working_time_between(ref, code, at(from), at(to)), hours * HOUR);
}

static void test_eight_hours_over_tet(void **state)
{
    (void)state;
    hq_ref *ref = tet();
    /* Friday before Tet, 15:00: two hours that day, the other six on the Monday after. */
    check(ref, "20BB", "2026-02-13T15:00:00+07:00", 8, "2026-02-23T15:00:00+07:00");
    hq_ref_free(ref);
}

static void test_noon_and_nights_do_not_count(void **state)
{
    (void)state;
    hq_ref *ref = tet();
    check(ref, "20BB", "2026-11-23T11:00:00+07:00", 2, "2026-11-23T14:00:00+07:00");
    check(ref, "20BB", "2026-11-23T12:30:00+07:00", 1, "2026-11-23T14:00:00+07:00");
    check(ref, "20BB", "2026-11-23T20:00:00+07:00", 1, "2026-11-24T09:00:00+07:00");
    check(ref, "20BB", "2026-11-23T08:00:00+07:00", 8, "2026-11-23T17:00:00+07:00");
    hq_ref_free(ref);
}

static void test_a_day_worked_in_exchange(void **state)
{
    (void)state;
    hq_ref *ref = tet();
    /* Saturday 10 January 2026 is worked for Friday the 2nd. */
    check(ref, "20BB", "2025-12-31T16:00:00+07:00", 2, "2026-01-05T09:00:00+07:00");
    check(ref, "20BB", "2026-01-09T16:00:00+07:00", 2, "2026-01-10T09:00:00+07:00");
    assert_true(hq_ref_is_working_day(ref, HQ_SV("20BB"), day("2026-01-10")));
    assert_false(hq_ref_is_working_day(ref, HQ_SV("20BB"), day("2026-01-17")));
    assert_false(hq_ref_is_working_day(ref, HQ_SV("20BB"), day("2026-02-17")));
    hq_ref_free(ref);
}

static void test_hours_of_an_office(void **state)
{
    (void)state;
    hq_ref *ref = tet();
    /* Mondays 07 to 19, Saturdays 07 to 14 in two spans that overlap, otherwise closed. */
    check(ref, "15BB", "2026-11-23T06:00:00+07:00", 12, "2026-11-23T19:00:00+07:00");
    check(ref, "15BB", "2026-11-24T06:00:00+07:00", 8, "2026-11-30T08:00:00+07:00");
    /* Hours that have ended leave the ones every office has. */
    check(ref, "15BC", "2026-06-29T23:00:00+07:00", 1, "2026-06-30T00:00:00+07:00");
    check(ref, "15BC", "2026-07-01T07:00:00+07:00", 1, "2026-07-01T09:00:00+07:00");
    hq_ref_free(ref);
}

static void test_nothing_to_add_and_nothing_between(void **state)
{
    (void)state;
    hq_ref *ref = tet();
    hq_time_us t = at("2026-11-23T22:00:00+07:00");
    assert_int_equal(hq_ref_working_time_add(ref, HQ_SV("20BB"), t, 0), t);
    assert_int_equal(hq_ref_working_time_between(ref, HQ_SV("20BB"), t, t), 0);
    assert_int_equal(hq_ref_working_time_between(ref, HQ_SV("20BB"), t, t - HOUR), 0);
    hq_ref_free(ref);
}

static void test_an_office_that_never_works_gives_a_far_day(void **state)
{
    (void)state;
    hq_ref *ref = snapshot_of("office_hours",
                              "office,weekday,from,to,valid_from,valid_to\n"
                              "15BB,1,07:00,07:01,2026-01-01,\n",
                              NULL);
    hq_time_us t = at("2026-11-23T22:00:00+07:00");
    assert_true(hq_ref_working_time_add(ref, HQ_SV("15BB"), t, 100 * HOUR) > t + 3000 * 24 * HOUR);
    hq_ref_free(ref);
}

static void test_the_thursday_of_a_rate(void **state)
{
    (void)state;
    hq_ref *ref = tet();
    assert_int_equal(hq_ref_rate_quoted_on(ref, day("2026-11-16")), day("2026-11-12"));
    assert_int_equal(hq_ref_rate_quoted_on(ref, day("2026-11-22")), day("2026-11-12"));
    /* Thursday 19 November is a holiday here: the day before counts. */
    assert_int_equal(hq_ref_rate_quoted_on(ref, day("2026-11-23")), day("2026-11-18"));
    /* All of Tet week: the Friday before. */
    assert_int_equal(hq_ref_rate_quoted_on(ref, day("2026-02-24")), day("2026-02-13"));
    hq_ref_free(ref);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_eight_hours_over_tet),
        cmocka_unit_test(test_noon_and_nights_do_not_count),
        cmocka_unit_test(test_a_day_worked_in_exchange),
        cmocka_unit_test(test_hours_of_an_office),
        cmocka_unit_test(test_nothing_to_add_and_nothing_between),
        cmocka_unit_test(test_an_office_that_never_works_gives_a_far_day),
        cmocka_unit_test(test_the_thursday_of_a_rate),
    };
    assert_true(hq_ok(hq_base_init()));
    return cmocka_run_group_tests(tests, NULL, NULL);
}
