/* SPDX-License-Identifier: Apache-2.0 */
#include "rows.h"

/* Lists of codes: those that come with the program, those of the database, and their days. */

#define HEADER "list,code,valid_from,valid_to,property,name_vi,name_en\n"

static hq_ref *lists(void)
{
    return snapshot_of("code_lists",
                       HEADER "INCOTERM,DAT,2011-01-01,2019-12-31,CHARGES,a,b\n"
                              "INCOTERM,NEW,2030-01-01,,FREIGHT,a,b\n"
                              "PERMIT,AA01,2020-01-01,2024-12-31,,a,b\n"
                              "PERMIT,AA01,2026-01-01,,,a2,b\n"
                              "SCHEME,B02,2020-01-01,,MFN,a,b\n",
                       NULL);
}

static hq_code_property of(const hq_ref *ref, hq_code_list list, const char *code, const char *on)
{
    const hq_code_row *row = hq_ref_code(ref, list, hq_sv_from_cstr(code), day(on));
    assert_non_null(row);
    assert_true(hq_sv_eq(row->code, hq_sv_from_cstr(code)));
    assert_int_equal(row->list, list);
    return row->property;
}

static bool is_known(const hq_ref *ref, hq_code_list list, const char *code, const char *on)
{
    return hq_ref_code(ref, list, hq_sv_from_cstr(code), day(on)) != NULL;
}

static void test_what_the_database_lacks_comes_with_the_program(void **state)
{
    (void)state;
    hq_ref *ref = lists();
    size_t count;
    assert_int_equal(of(ref, HQ_LIST_INCOTERM, "CIF", "2026-11-20"), HQ_CODE_CHARGES);
    assert_int_equal(of(ref, HQ_LIST_INCOTERM, "C&F", "2026-11-20"), HQ_CODE_FREIGHT);
    assert_int_equal(of(ref, HQ_LIST_INCOTERM, "C&I", "2026-11-20"), HQ_CODE_INSURANCE);
    assert_int_equal(of(ref, HQ_LIST_INCOTERM, "FOB", "2026-11-20"), HQ_CODE_PLAIN);
    assert_int_equal(of(ref, HQ_LIST_UNIT, "KGM", "2026-11-20"), HQ_CODE_WEIGHT);
    assert_true(is_known(ref, HQ_LIST_PAYMENT_METHOD, "KHONGTT", "2026-11-20"));
    assert_false(is_known(ref, HQ_LIST_PAYMENT_METHOD, "CIF", "2026-11-20")); /* of another list */
    assert_false(is_known(ref, HQ_LIST_INCOTERM, "CI", "2026-11-20"));
    assert_false(is_known(ref, HQ_LIST_INCOTERM, "", "2026-11-20"));
    assert_false(is_known(ref, HQ_LIST_INCOTERM, "TOO-LONG-A-CODE", "2026-11-20"));
    hq_ref_codes(&count, ref, HQ_LIST_OTHER_LAW);
    assert_int_equal(count, 0); /* not in use */
    hq_ref_codes(&count, ref, HQ_LIST_PERMIT);
    assert_int_equal(count, 2);
    hq_ref_free(ref);
}

static void test_rows_of_the_database_win_by_code_and_have_their_days(void **state)
{
    (void)state;
    hq_ref *ref = lists();
    assert_false(is_known(ref, HQ_LIST_INCOTERM, "DAT", "2026-11-20")); /* closed */
    assert_true(is_known(ref, HQ_LIST_INCOTERM, "DAT", "2019-12-31"));
    assert_false(is_known(ref, HQ_LIST_INCOTERM, "NEW", "2029-12-31"));
    assert_int_equal(of(ref, HQ_LIST_INCOTERM, "NEW", "2030-01-01"), HQ_CODE_FREIGHT);
    assert_true(is_known(ref, HQ_LIST_PERMIT, "AA01", "2024-12-31"));
    assert_false(is_known(ref, HQ_LIST_PERMIT, "AA01", "2025-06-30"));
    assert_true(is_known(ref, HQ_LIST_PERMIT, "AA01", "2026-01-01"));
    hq_ref_free(ref);
}

static void test_a_code_is_found_by_what_it_is(void **state)
{
    (void)state;
    hq_ref *ref = lists();
    const hq_code_row *mfn = hq_ref_code_with(ref, HQ_LIST_SCHEME, HQ_CODE_MFN, day("2026-11-20"));
    assert_non_null(mfn);
    assert_true(hq_sv_eq(mfn->code, HQ_SV("B01")));
    /* The database says otherwise than the program of this one. */
    assert_int_equal(of(ref, HQ_LIST_SCHEME, "B02", "2026-11-20"), HQ_CODE_MFN);
    assert_null(hq_ref_code_with(ref, HQ_LIST_UNIT, HQ_CODE_MFN, day("2026-11-20")));
    hq_ref_free(ref);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_the_database_lacks_comes_with_the_program),
        cmocka_unit_test(test_rows_of_the_database_win_by_code_and_have_their_days),
        cmocka_unit_test(test_a_code_is_found_by_what_it_is),
    };
    assert_true(hq_ok(hq_base_init()));
    return cmocka_run_group_tests(tests, NULL, NULL);
}
