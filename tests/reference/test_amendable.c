/* SPDX-License-Identifier: Apache-2.0 */
#include "rows.h"

/* Until when a field may be amended: the longest path that covers it, the rows of the day. */

static hq_ref *tables(void)
{
    return snapshot_of("amendable",
                       "flow,path,valid_from,valid_to,until,name_vi,name_en,legal_ground\n"
                       ",/lines/*/hs,2026-01-01,2026-06-30,NEVER,a,b,c\n"
                       ",/lines/*/hs,2026-07-01,,CLEARANCE,a,b,c\n"
                       ",/lines/*,2026-01-01,,AFTER,a,b,c\n"
                       "import,/exporter,2026-01-01,,GOODS_CHECK,a,b,c\n"
                       ",/exporter,2026-01-01,,NEVER,a,b,c\n"
                       ",/kind,2026-01-01,,CLEARANCE,a,b,c\n",
                       NULL);
}

static int until(const hq_ref *ref, hq_flow flow, const char *path, const char *on)
{
    const hq_amendable_row *row = hq_ref_amendable(ref, flow, hq_sv_from_cstr(path), day(on));
    return row == NULL ? -1 : (int)row->until;
}

static void test_the_longest_path_of_the_day_decides(void **state)
{
    (void)state;
    hq_ref *ref = tables();
    const char *june = "2026-06-30";
    const char *july = "2026-07-01";
    assert_int_equal(until(ref, HQ_FLOW_IMPORT, "/lines/3/hs", june), HQ_AMENDABLE_NEVER);
    assert_int_equal(until(ref, HQ_FLOW_IMPORT, "/lines/3/hs", july), HQ_AMENDABLE_CLEARANCE);
    assert_int_equal(until(ref, HQ_FLOW_IMPORT, "/lines/3/hs/x", july), HQ_AMENDABLE_CLEARANCE);
    assert_int_equal(until(ref, HQ_FLOW_IMPORT, "/lines/3/origin", july), HQ_AMENDABLE_AFTER);
    assert_int_equal(until(ref, HQ_FLOW_IMPORT, "/lines/3", july), HQ_AMENDABLE_AFTER);
    assert_int_equal(until(ref, HQ_FLOW_IMPORT, "/lines", july), -1);
    assert_int_equal(until(ref, HQ_FLOW_IMPORT, "/notes", july), -1);
    assert_int_equal(until(ref, HQ_FLOW_IMPORT, "", july), -1);
    hq_ref_free(ref);
}

static void test_the_row_of_the_flow_goes_before(void **state)
{
    (void)state;
    hq_ref *ref = tables();
    const char *july = "2026-07-01";
    assert_int_equal(until(ref, HQ_FLOW_IMPORT, "/exporter/name", july), HQ_AMENDABLE_GOODS_CHECK);
    assert_int_equal(until(ref, HQ_FLOW_EXPORT, "/exporter/name", july), HQ_AMENDABLE_NEVER);
    hq_ref_free(ref);
}

static void test_what_the_database_lacks_comes_with_the_program(void **state)
{
    (void)state;
    hq_ref *ref = tables();
    const char *july = "2026-07-01";
    assert_int_equal(until(ref, HQ_FLOW_IMPORT, "/office", july), HQ_AMENDABLE_NEVER);
    assert_int_equal(until(ref, HQ_FLOW_IMPORT, "/importer/tax_code", july), HQ_AMENDABLE_NEVER);
    assert_int_equal(until(ref, HQ_FLOW_EXPORT, "/importer/name", july), -1);
    assert_int_equal(until(ref, HQ_FLOW_IMPORT, "/kind", july), HQ_AMENDABLE_CLEARANCE);
    assert_int_equal(until(ref, HQ_FLOW_IMPORT, "/office", "2014-12-31"), -1);
    hq_ref_free(ref);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_longest_path_of_the_day_decides),
        cmocka_unit_test(test_the_row_of_the_flow_goes_before),
        cmocka_unit_test(test_what_the_database_lacks_comes_with_the_program),
    };
    return cmocka_run_group_tests_name("reference amendable", tests, NULL, NULL);
}
