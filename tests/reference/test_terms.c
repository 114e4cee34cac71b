/* SPDX-License-Identifier: Apache-2.0 */
#include "rows.h"

/* Terms of law: those that come with the program, those of the database, and where they end. */

static hq_ref *tet(void)
{
    return snapshot_of("holidays",
                       "date,name,kind\n"
                       "2026-02-16,a,OFF\n2026-02-17,a,OFF\n2026-02-18,a,OFF\n2026-02-19,a,OFF\n"
                       "2026-02-20,a,OFF\n",
                       "terms",
                       "term,valid_from,valid_to,amount,unit,rolls,name_vi,name_en,legal_ground\n"
                       "GOODS_CHECK,2026-01-01,2026-06-30,4,WORKING_HOURS,0,a,b,c\n"
                       "GOODS_CHECK,2026-07-01,,8,WORKING_HOURS,0,a,b,c\n"
                       "T_DAYS,2026-01-01,,5,DAYS,0,a,b,c\n"
                       "T_ROLLS,2026-01-01,,5,DAYS,1,a,b,c\n"
                       "T_WORK,2026-01-01,,5,WORKING_DAYS,0,a,b,c\n"
                       "T_HOURS,2026-01-01,,4,HOURS,0,a,b,c\n"
                       "T_MONTHS,2024-01-01,,1,MONTHS,0,a,b,c\n"
                       "T_TENTH,2024-01-01,,10,DAY_OF_NEXT_MONTH,0,a,b,c\n"
                       "T_LAST,2024-01-01,,31,DAY_OF_NEXT_MONTH,0,a,b,c\n"
                       "T_MONEY,2026-01-01,,1000000,VND,0,a,b,c\n",
                       NULL);
}

static void ends(const hq_ref *ref, const char *term, const char *from, const char *to)
{
    assert_int_equal(hq_ref_term_end(ref, hq_sv_from_cstr(term), HQ_SV("20BB"), at(from)), at(to));
}

static void last(const hq_ref *ref, const char *term, const char *from, const char *to)
{
    assert_int_equal(hq_ref_term_last_day(ref, hq_sv_from_cstr(term), day(from)), day(to));
}

static void test_what_the_database_lacks_comes_with_the_program(void **state)
{
    (void)state;
    hq_ref *ref = tet();
    const hq_term_row *row = hq_ref_term(ref, HQ_SV("DOCUMENT_CHECK"), day("2026-11-25"));
    assert_non_null(row);
    assert_int_equal(row->amount, 2);
    assert_int_equal(row->unit, HQ_TERM_WORKING_HOURS);
    assert_int_equal(hq_ref_term_amount(ref, HQ_SV("PARCEL_VAT_FREE"), day("2025-02-17")), 1000000);
    assert_int_equal(hq_ref_term_amount(ref, HQ_SV("PARCEL_VAT_FREE"), day("2025-02-18")), 0);
    assert_null(hq_ref_term(ref, HQ_SV("NO_SUCH_TERM"), day("2026-11-25")));
    hq_ref_free(ref);
}

static void test_the_database_wins_with_all_rows_of_the_term(void **state)
{
    (void)state;
    hq_ref *ref = tet();
    assert_int_equal(hq_ref_term_amount(ref, HQ_SV("GOODS_CHECK"), day("2026-06-30")), 4);
    assert_int_equal(hq_ref_term_amount(ref, HQ_SV("GOODS_CHECK"), day("2026-07-01")), 8);
    assert_null(hq_ref_term(ref, HQ_SV("GOODS_CHECK"), day("2020-01-01")));
    hq_ref_free(ref);
}

static void test_hours(void **state)
{
    (void)state;
    hq_ref *ref = tet();
    ends(ref, "GOODS_CHECK", "2026-02-13T15:00:00+07:00", "2026-02-23T10:00:00+07:00");
    ends(ref, "T_HOURS", "2026-02-13T22:00:00+07:00", "2026-02-14T02:00:00+07:00");
    ends(ref, "T_MONEY", "2026-02-13T22:00:00+07:00", "2026-02-13T22:00:00+07:00");
    hq_ref_free(ref);
}

static void test_days_over_tet(void **state)
{
    (void)state;
    hq_ref *ref = tet();
    /* Five days from Thursday the 12th end on Tuesday the 17th, within Tet. */
    ends(ref, "T_DAYS", "2026-02-12T15:00:00+07:00", "2026-02-17T15:00:00+07:00");
    ends(ref, "T_ROLLS", "2026-02-12T15:00:00+07:00", "2026-02-23T17:00:00+07:00");
    ends(ref, "T_WORK", "2026-02-12T15:00:00+07:00", "2026-02-26T15:00:00+07:00");
    /* A last day that is worked stays as it is. */
    ends(ref, "T_ROLLS", "2026-03-04T15:00:00+07:00", "2026-03-09T15:00:00+07:00");
    hq_ref_free(ref);
}

static void test_months(void **state)
{
    (void)state;
    hq_ref *ref = tet();
    last(ref, "T_MONTHS", "2026-01-31", "2026-02-28");
    last(ref, "T_MONTHS", "2024-01-31", "2024-02-29");
    last(ref, "T_MONTHS", "2026-12-15", "2027-01-15");
    last(ref, "T_TENTH", "2026-12-31", "2027-01-10");
    last(ref, "T_TENTH", "2026-01-31", "2026-02-10");
    last(ref, "T_LAST", "2026-01-31", "2026-02-28");
    last(ref, "NO_SUCH_TERM", "2026-01-31", "2026-01-31");
    hq_ref_free(ref);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_the_database_lacks_comes_with_the_program),
        cmocka_unit_test(test_the_database_wins_with_all_rows_of_the_term),
        cmocka_unit_test(test_hours),
        cmocka_unit_test(test_days_over_tet),
        cmocka_unit_test(test_months),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
