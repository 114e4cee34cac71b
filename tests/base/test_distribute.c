/* SPDX-License-Identifier: Apache-2.0 */
#include "../chance.h"
#include "../check.h"

#define CHECK_SHARES(whole_, weights_, expected_)                                                  \
    do {                                                                                           \
        const int64_t weights[] = weights_, expected[] = expected_;                                \
        int64_t parts[sizeof weights / sizeof *weights];                                           \
        check_status(                                                                              \
            hq_distribute(parts, (whole_), weights, sizeof weights / sizeof *weights, NULL), OK);  \
        for (size_t i = 0; i < sizeof weights / sizeof *weights; i++) {                            \
            assert_true(parts[i] == expected[i]);                                                  \
        }                                                                                          \
    } while (0)
#define LIST(...)                                                                                  \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }

static void test_remainders_go_to_the_largest_fractions(void **state)
{
    (void)state;
    CHECK_SHARES(100, LIST(1, 1, 1), LIST(34, 33, 33)); /* a tie: the lower line */
    CHECK_SHARES(100, LIST(1, 2, 4), LIST(14, 29, 57)); /* .29 .57 .14 */
    CHECK_SHARES(-100, LIST(1, 2, 4), LIST(-14, -29, -57));
    CHECK_SHARES(2, LIST(1, 1, 1, 1), LIST(1, 1, 0, 0));
    CHECK_SHARES(5, LIST(0, 7, 0), LIST(0, 5, 0));
    CHECK_SHARES(0, LIST(0, 0), LIST(0, 0));
    CHECK_SHARES(INT64_MAX, LIST(INT64_MAX, INT64_MAX), LIST(INT64_MAX / 2 + 1, INT64_MAX / 2));
    CHECK_SHARES(7, LIST(3), LIST(7));
}

static void test_what_cannot_be_shared(void **state)
{
    (void)state;
    int64_t parts[2];
    check_status(hq_distribute(parts, 1, (const int64_t[]){ 0, 0 }, 2, NULL), RANGE);
    check_status(hq_distribute(parts, 1, (const int64_t[]){ 1, -1 }, 2, NULL), RANGE);
    check_status(hq_distribute(parts, 1, (const int64_t[]){ 1 }, 0, NULL), RANGE);
    check_status(hq_distribute(parts, 0, (const int64_t[]){ 1 }, 0, NULL), OK);
    check_status(hq_distribute(parts, INT64_MIN, (const int64_t[]){ 1, 1 }, 2, NULL), RANGE);
}

/* On random wholes and weights: the parts sum to the whole, none is a unit or more away from its
 * exact share, none of weight 0 gets anything, and a part rounded up has no smaller a fraction than
 * one rounded down (a tie goes to the lower line). Small numbers, so that 64 bits hold products. */
static void test_random_shares(void **state)
{
    (void)state;
    chance c = { 5 };
    for (int round = 0; round < 20000; round++) {
        hq_arena *arena = hq_arena_new(1 << 20);
        int64_t weights[40], parts[40], sum = 0;
        size_t count = 1 + chance_below(&c, 40);
        for (size_t i = 0; i < count; i++) {
            weights[i] = (int64_t)(chance_below(&c, 4) == 0 ? 0 : chance_below(&c, 1000000));
            sum += weights[i];
        }
        int64_t whole = (int64_t)chance_below(&c, 2000000000) - 1000000000;
        hq_status s = hq_distribute(parts, whole, weights, count, arena);
        assert_int_equal(hq_ok(s), sum > 0 || whole == 0);
        int64_t total = 0, least_up = INT64_MAX, most_down = -1;
        size_t last_up = 0, first_down = SIZE_MAX;
        int64_t size = whole < 0 ? -whole : whole;
        for (size_t i = 0; i < count && hq_ok(s) && sum > 0; i++) {
            int64_t part = whole < 0 ? -parts[i] : parts[i];
            int64_t floor = size * weights[i] / sum, fraction = size * weights[i] % sum;
            total += part;
            assert_true(part == floor || (part == floor + 1 && fraction > 0));
            if (part > floor && (fraction < least_up || (fraction == least_up && i > last_up))) {
                least_up = fraction;
                last_up = i;
            }
            if (part == floor && fraction > most_down) {
                most_down = fraction;
                first_down = i;
            }
        }
        if (hq_ok(s) && sum > 0) {
            assert_true(total == size);
            assert_true(least_up > most_down || (least_up == most_down && last_up < first_down));
        }
        hq_arena_free(arena);
    }
}

static void test_many_lines_need_scratch(void **state)
{
    (void)state;
    int64_t weights[17], parts[17];
    for (size_t i = 0; i < 17; i++) {
        weights[i] = 1;
    }
    hq_arena *arena = hq_arena_new(16);
    check_status(hq_distribute(parts, 20, weights, 17, arena), NOMEM);
    check_status(hq_distribute(parts, 20, weights, 16, NULL), OK);
    hq_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_remainders_go_to_the_largest_fractions),
        cmocka_unit_test(test_what_cannot_be_shared),
        cmocka_unit_test(test_random_shares),
        cmocka_unit_test(test_many_lines_need_scratch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
