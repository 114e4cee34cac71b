/* SPDX-License-Identifier: Apache-2.0 */
#include "rows.h"

static const char names[] =
    "hs,name_vi,name_en,unit,unit2,valid_from,valid_to\n"
    "0101,Ngựa và lừa sống,Live horses and asses,,,2020-01-01,\n"
    "010121,Ngựa thuần chủng,Pure-bred horses,,,2020-01-01,\n"
    "01012100,- - Loại thuần chủng để nhân giống,Pure-bred breeding animals,PCE,,2020-01-01,\n"
    "01012900,- - Loại khác,Other,PCE,,2020-01-01,\n"
    "01051190,Gà sống,Live fowls,PCE,,2020-01-01,\n"
    "84818099,Van khác,Other valves,PCE,,2020-01-01,2024-12-31\n"
    "84818099,Van và vòi khác,\"Other taps, cocks and valves\",PCE,,2025-01-01,\n"
    "84818050,Van điều khiển bằng điện,Electric control valves,PCE,,2020-01-01,\n";

static void expect(const hq_ref *ref, const char *words, const char *codes)
{
    hq_hs_hit hits[10];
    size_t count;
    hq_arena *arena = hq_arena_new(1 << 20);
    hq_buf came = HQ_BUF_ARENA(arena, 4096);
    assert_true(hq_ok(
        hq_ref_search_hs(hits, &count, 10, ref, hq_sv_from_cstr(words), day("2026-01-01"), arena)));
    for (size_t i = 0; i < count; i++) {
        hq_buf_append(&came, " ", i > 0);
        hq_buf_sv(&came, hits[i].row->hs);
        assert_true(i == 0 || hits[i - 1].score >= hits[i].score);
    }
    hq_buf_char(&came, '\0');
    assert_string_equal(came.ptr, codes);
    hq_arena_free(arena);
}

static void test_codes_by_prefix(void **state)
{
    (void)state;
    hq_ref *ref = snapshot_of("nomenclature", names, NULL);
    expect(ref, "848180", "84818050 84818099");
    expect(ref, "8481.80.99", "84818099");
    expect(ref, "84 81", "84818050 84818099");
    expect(ref, "0101", "0101 010121 01012100 01012900");
    expect(ref, "9999", "");
    expect(ref, "848180991", "");
    hq_ref_free(ref);
}

static void test_words_without_marks_in_any_order(void **state)
{
    (void)state;
    hq_ref *ref = snapshot_of("nomenclature", names, NULL);
    expect(ref, "dien dieu khien", "84818050");
    expect(ref, "ĐIỀU KHIỂN van", "84818050");
    expect(ref, "valv", "84818099 84818050");
    expect(ref, "valv other", "");
    expect(ref, "other valv", "84818099");
    expect(ref, "gà", "01051190");
    expect(ref, "xyz", "");
    expect(ref, "", "");
    expect(ref, "  - ", "");
    hq_ref_free(ref);
}

static void test_rows_answer_to_the_words_of_their_headings(void **state)
{
    (void)state;
    hq_ref *ref = snapshot_of("nomenclature", names, NULL);
    expect(ref, "ngua khac", "01012900");
    expect(ref, "lua", "0101 01012900 010121 01012100");
    hq_ref_free(ref);
}

static void test_only_rows_of_the_day(void **state)
{
    (void)state;
    hq_hs_hit hits[10];
    size_t count;
    hq_arena *arena = hq_arena_new(1 << 20);
    hq_ref *ref = snapshot_of("nomenclature", names, NULL);
    assert_true(hq_ok(
        hq_ref_search_hs(hits, &count, 10, ref, HQ_SV("khac van"), day("2024-01-01"), arena)));
    assert_int_equal(count, 1);
    assert_int_equal(hits[0].row->id, 6);
    hq_ref_free(ref);
    hq_arena_free(arena);
}

static void test_the_best_of_many_and_an_empty_nomenclature(void **state)
{
    (void)state;
    hq_hs_hit hits[1];
    size_t count;
    hq_arena *arena = hq_arena_new(1 << 20);
    hq_ref *ref = snapshot_of("nomenclature", names, NULL);
    assert_true(
        hq_ok(hq_ref_search_hs(hits, &count, 1, ref, HQ_SV("ngua"), day("2026-01-01"), arena)));
    assert_int_equal(count, 1);
    assert_true(hq_sv_eq(hits[0].row->hs, HQ_SV("010121")));
    hq_ref_free(ref);
    ref = snapshot_of("kinds", "kind,flow,name_vi,name_en,valid_from,valid_to\n", NULL);
    assert_true(
        hq_ok(hq_ref_search_hs(hits, &count, 1, ref, HQ_SV("ngua"), day("2026-01-01"), arena)));
    assert_int_equal(count, 0);
    assert_true(
        hq_ok(hq_ref_search_hs(hits, &count, 1, ref, HQ_SV("01"), day("2026-01-01"), arena)));
    assert_int_equal(count, 0);
    hq_ref_free(ref);
    hq_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_codes_by_prefix),
        cmocka_unit_test(test_words_without_marks_in_any_order),
        cmocka_unit_test(test_rows_answer_to_the_words_of_their_headings),
        cmocka_unit_test(test_only_rows_of_the_day),
        cmocka_unit_test(test_the_best_of_many_and_an_empty_nomenclature),
    };
    assert_true(hq_ok(hq_base_init()));
    return cmocka_run_group_tests(tests, NULL, NULL);
}
