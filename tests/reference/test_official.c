/* SPDX-License-Identifier: Apache-2.0 */
#include "official.h"
#include "store.h"

#include <stdio.h>
#include <stdlib.h>

/* The whole published nomenclature in one import. The files do not belong to the project;
 * HQ_OFFICIAL names the folder that has them. */

static size_t find(const hq_ref *ref, const char *words, hq_hs_hit *hits, size_t max,
                   hq_arena *arena)
{
    size_t count;
    MUST(
        hq_ref_search_hs(hits, &count, max, ref, hq_sv_from_cstr(words), day("2026-11-20"), arena));
    return count;
}

static void check_search(const hq_ref *ref, hq_arena *arena)
{
    hq_hs_hit hits[20];
    hq_hs_hit plain[20];
    size_t with = find(ref, "loại thuần chủng", hits, 20, arena);
    size_t without = find(ref, "loai thuan chung", plain, 20, arena);
    assert_true(with > 0);
    assert_int_equal(with, without);
    for (size_t i = 0; i < with; i++) {
        assert_ptr_equal(hits[i].row, plain[i].row);
    }
    assert_true(find(ref, "horses pure-bred", hits, 20, arena) > 0);
    assert_true(hq_sv_eq(hits[0].row->hs, HQ_SV("010121")));
    /* A line answers to the words of its heading too. */
    assert_true(find(ref, "horses thuan chung", hits, 20, arena) > 0);
    assert_true(hq_sv_eq(hits[0].row->hs, HQ_SV("01012100")));
    assert_true(find(ref, "8481.80", hits, 20, arena) > 0);
    assert_true(hq_sv_starts(hits[0].row->hs, HQ_SV("848180")));
    assert_int_equal(find(ref, "khongcotunay", hits, 20, arena), 0);
}

static void test_all_names_in_one_import(void **state)
{
    stored *s = *state;
    const char *folder = getenv("HQ_OFFICIAL");
    official_names names = { .csv = HQ_SV_NULL };
    if (folder != NULL) {
        names = official_read(folder, s->arena);
    }
    if (names.csv.ptr == NULL) {
        print_message("skipped: the published nomenclature is not at %s\n",
                      folder == NULL ? "HQ_OFFICIAL" : folder);
        skip();
    }
    assert_int_equal(names.six, 5613);
    assert_int_equal(names.eight, 11871);
    imported i = import_csv(s, "nomenclature", names.csv, NULL);
    for (size_t k = 0; k < i.finding_count && k < 5; k++) {
        print_error("%.*s %.*s\n", HQ_SV_FMT(i.findings[k].path), HQ_SV_FMT(i.findings[k].en));
    }
    MUST(i.status);
    assert_int_equal(i.report.added, 5613 + 11871);
    const hq_ref *ref = hq_reference_acquire(s->reference);
    check_search(ref, s->arena);
    hq_reference_release(s->reference, ref);
    stored_close(s);
    stored_open(s);
    ref = hq_reference_acquire(s->reference);
    assert_non_null(hq_ref_hs(ref, 1012100, day("2026-11-20")));
    hq_reference_release(s->reference, ref);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_all_names_in_one_import, stored_set_up,
                                        stored_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
