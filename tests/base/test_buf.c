/* SPDX-License-Identifier: Apache-2.0 */
#include "../chance.h"
#include "../check.h"

static void test_numbers(void **state)
{
    (void)state;
    chance c = { 2 };
    hq_buf buf = HQ_BUF_HEAP(1 << 20);
    for (int i = 0; i < 20000; i++) {
        int64_t v = i == 0 ? INT64_MIN : i == 1 ? INT64_MAX : i == 2 ? 0 : chance_i64(&c);
        v = i % 2 == 0 ? v : v >> i % 63; /* numbers of every length */
        char expected[32];
        hq_buf_clear(&buf);
        hq_buf_i64(&buf, v);
        snprintf(expected, sizeof expected, "%lld", (long long)v);
        check_text(hq_buf_view(&buf), expected);
        hq_buf_clear(&buf);
        hq_buf_u64(&buf, (uint64_t)v);
        snprintf(expected, sizeof expected, "%llu", (unsigned long long)v);
        check_text(hq_buf_view(&buf), expected);
    }
    hq_buf_free(&buf);
}

static void fill(hq_buf *buf)
{
    for (int i = 0; i < 2000; i++) {
        hq_buf_lit(buf, "abc");
        hq_buf_fill(buf, 'x', (size_t)(i % 5));
        hq_buf_printf(buf, "%d", i);
        if (i % 500 == 0) {
            hq_buf_printf(buf, "%900d", i);
        }
        hq_buf_char(buf, '.');
    }
}

static void test_heap_and_arena_buffers_grow_alike(void **state)
{
    (void)state;
    hq_arena *arena = hq_arena_new(1 << 20);
    hq_buf heap = HQ_BUF_HEAP(1 << 20), held = HQ_BUF_ARENA(arena, 1 << 20);
    fill(&heap);
    /* Something else from the arena in between, so that it cannot always grow in place. */
    hq_buf_lit(&held, "");
    hq_arena_alloc(arena, 100);
    fill(&held);
    assert_true(hq_sv_eq(hq_buf_view(&heap), hq_buf_view(&held)));
    check_status(hq_buf_status(&held), OK);
    hq_buf_free(&heap);
    hq_arena_free(arena);
}

static void test_past_the_ceiling_it_stays_failed(void **state)
{
    (void)state;
    hq_buf buf = HQ_BUF_HEAP(10);
    hq_buf_lit(&buf, "12345");
    hq_buf_lit(&buf, "67890");
    check_status(hq_buf_status(&buf), OK);
    hq_buf_char(&buf, 'x');
    check_status(hq_buf_status(&buf), LIMIT);
    hq_buf_lit(&buf, "");
    check_text(hq_buf_view(&buf), "1234567890");
    check_status(hq_buf_status(&buf), LIMIT);
    hq_buf_clear(&buf);
    hq_buf_i64(&buf, 5);
    check_text(hq_buf_view(&buf), "5");
    hq_buf_printf(&buf, "%600d", 1);
    check_status(hq_buf_status(&buf), LIMIT);
    hq_buf_free(&buf);
    hq_arena *arena = hq_arena_new(100);
    hq_buf none = HQ_BUF_ARENA(arena, 1000);
    hq_buf_fill(&none, 'x', 500);
    check_status(hq_buf_status(&none), NOMEM);
    hq_arena_free(arena);
}

static void test_hex_and_what_a_cursor_reads_back(void **state)
{
    (void)state;
    hq_buf buf = HQ_BUF_HEAP(1 << 10);
    hq_buf_hex(&buf, "\x00\x9f\xff", 3);
    check_text(hq_buf_view(&buf), "009fff");
    hq_buf_clear(&buf);
    hq_buf_le16(&buf, 0x1234);
    hq_buf_le32(&buf, 0x89abcdef);
    hq_buf_le64(&buf, UINT64_C(0xfedcba9876543210));
    hq_buf_bytes32(&buf, HQ_SV("text"));
    hq_buf_bytes32(&buf, HQ_SV(""));
    assert_int_equal((unsigned char)buf.ptr[0], 0x34);
    hq_cursor cur = { .in = hq_buf_view(&buf) };
    assert_int_equal(hq_cursor_le16(&cur), 0x1234);
    assert_int_equal(hq_cursor_le32(&cur), 0x89abcdef);
    assert_true(hq_cursor_le64(&cur) == UINT64_C(0xfedcba9876543210));
    check_text(hq_cursor_bytes32(&cur), "text");
    assert_int_equal(hq_cursor_bytes32(&cur).len, 0);
    assert_false(cur.failed);
    assert_int_equal(hq_cursor_u8(&cur), 0);
    assert_true(cur.failed);
    hq_cursor cut = { .in = hq_sv_sub(hq_buf_view(&buf), 14, 7) }; /* says 4, has 3 */
    assert_null(hq_cursor_bytes32(&cut).ptr);
    assert_true(cut.failed);
    assert_int_equal(hq_cursor_le32(&cut), 0);
    hq_buf_free(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_heap_and_arena_buffers_grow_alike),
        cmocka_unit_test(test_past_the_ceiling_it_stays_failed),
        cmocka_unit_test(test_hex_and_what_a_cursor_reads_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
