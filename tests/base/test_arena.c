/* SPDX-License-Identifier: Apache-2.0 */
#include "../chance.h"
#include "../check.h"

static void test_pieces_are_aligned_apart_and_counted(void **state)
{
    (void)state;
    chance c = { 1 };
    hq_arena *arena = hq_arena_new(16 << 20);
    size_t used = 0;
    uint8_t *pieces[500];
    size_t sizes[500];
    for (size_t i = 0; i < 500; i++) {
        sizes[i] = chance_below(&c, i % 10 == 0 ? 20000 : 300);
        pieces[i] = hq_arena_alloc(arena, sizes[i]);
        assert_non_null(pieces[i]);
        assert_int_equal((uintptr_t)pieces[i] % 16, 0);
        memset(pieces[i], (int)(i & 0xff), sizes[i]);
        used += (sizes[i] + 15) / 16 * 16;
        assert_int_equal(hq_arena_used(arena), used);
    }
    for (size_t i = 0; i < 500; i++) {
        for (size_t at = 0; at < sizes[i]; at++) {
            assert_int_equal(pieces[i][at], i & 0xff);
        }
    }
    hq_arena_free(arena);
}

static void test_the_ceiling_holds_and_smaller_pieces_still_fit(void **state)
{
    (void)state;
    hq_arena *arena = hq_arena_new(1000); /* rounded up to 1008 */
    assert_null(hq_arena_alloc(arena, 1009));
    assert_non_null(hq_arena_alloc(arena, 900));
    assert_null(hq_arena_alloc(arena, 100));
    assert_non_null(hq_arena_alloc(arena, 96));
    assert_null(hq_arena_alloc(arena, 1));
    assert_non_null(hq_arena_alloc(arena, 0));
    hq_arena_reset(arena);
    assert_int_equal(hq_arena_used(arena), 0);
    assert_non_null(hq_arena_alloc(arena, 1000));
    assert_null(hq_arena_array(arena, SIZE_MAX / 2, 3));
    volatile size_t far_too_much = SIZE_MAX; /* volatile: the compiler would refuse it by itself */
    assert_null(hq_arena_alloc(arena, far_too_much));
    hq_arena_free(arena);
    hq_arena *none = hq_arena_new(0);
    assert_null(hq_arena_alloc(none, 1));
    hq_arena_free(none);
    hq_arena_free(NULL);
}

static void test_zeroed_memory_is_zero_also_after_reset(void **state)
{
    (void)state;
    hq_arena *arena = hq_arena_new(1 << 20);
    memset(hq_arena_alloc(arena, 1000), 0xff, 1000);
    hq_arena_reset(arena);
    const uint8_t *bytes = hq_arena_array(arena, 10, 100);
    for (size_t i = 0; i < 1000; i++) {
        assert_int_equal(bytes[i], 0);
    }
    hq_arena_free(arena);
}

static char order[8];
static void note_a(void *user)
{
    (void)user;
    strncat(order, "a", sizeof order - strlen(order) - 1);
}
static void note_b(void *user)
{
    (void)user;
    strncat(order, "b", sizeof order - strlen(order) - 1);
}

static void test_cleanups_run_in_reverse_once(void **state)
{
    (void)state;
    order[0] = '\0';
    hq_arena *arena = hq_arena_new(1 << 20);
    check_status(hq_arena_cleanup(arena, note_a, NULL), OK);
    check_status(hq_arena_cleanup(arena, note_b, NULL), OK);
    hq_arena_reset(arena);
    assert_string_equal(order, "ba");
    check_status(hq_arena_cleanup(arena, note_a, NULL), OK);
    hq_arena_free(arena);
    assert_string_equal(order, "baa");
}

static void test_copies_and_printing(void **state)
{
    (void)state;
    hq_arena *arena = hq_arena_new(1 << 20);
    assert_non_null(hq_arena_dup(arena, HQ_SV("")).ptr);
    assert_non_null(hq_arena_dup(arena, HQ_SV_NULL).ptr);
    check_text(hq_arena_dup(arena, HQ_SV("Lạng Sơn")), "Lạng Sơn");
    assert_string_equal(hq_arena_cstr(arena, HQ_SV("a\0b")), "a");
    check_text(hq_arena_printf(arena, "%d-%s", 7, "x"), "7-x");
    hq_sv wide = hq_arena_printf(arena, "%2000d", 5);
    assert_int_equal(wide.len, 2000);
    assert_int_equal(wide.ptr[1999], '5');
    hq_arena *small = hq_arena_new(16);
    assert_null(hq_arena_printf(small, "%100d", 5).ptr);
    assert_null(hq_arena_dup(small, wide).ptr);
    assert_null(hq_arena_cstr(small, wide));
    hq_arena_free(small);
    hq_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pieces_are_aligned_apart_and_counted),
        cmocka_unit_test(test_the_ceiling_holds_and_smaller_pieces_still_fit),
        cmocka_unit_test(test_zeroed_memory_is_zero_also_after_reset),
        cmocka_unit_test(test_cleanups_run_in_reverse_once),
        cmocka_unit_test(test_copies_and_printing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
