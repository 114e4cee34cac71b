/* SPDX-License-Identifier: Apache-2.0 */
#include "../chance.h"
#include "../check.h"

enum { KEYS = 300 };

/* Random puts and removals beside a plain array that does the same. */
static void test_against_an_array(void **state)
{
    (void)state;
    chance c = { 7 };
    char names[KEYS][8];
    void *values[KEYS] = { 0 };
    size_t present = 0;
    hq_map *map = hq_map_new(NULL, 0, KEYS);
    for (size_t i = 0; i < KEYS; i++) {
        snprintf(names[i], sizeof names[i], "k%zu", i);
    }
    for (int step = 0; step < 100000; step++) {
        size_t at = chance_below(&c, KEYS);
        hq_sv key = hq_sv_from_cstr(names[at]);
        if (chance_below(&c, 2) == 0) {
            void *value = &names[chance_below(&c, KEYS)];
            present += values[at] == NULL;
            values[at] = value;
            check_status(hq_map_put(map, key, value), OK);
        } else {
            present -= values[at] != NULL;
            assert_ptr_equal(hq_map_remove(map, key), values[at]);
            values[at] = NULL;
        }
        size_t look = chance_below(&c, KEYS);
        assert_ptr_equal(hq_map_get(map, hq_sv_from_cstr(names[look])), values[look]);
        assert_int_equal(hq_map_has(map, hq_sv_from_cstr(names[look])), values[look] != NULL);
        assert_int_equal(hq_map_count(map), present);
    }
    size_t at = 0, seen = 0;
    hq_sv key;
    void *value;
    while (hq_map_next(map, &at, &key, &value)) {
        seen++;
        assert_ptr_equal(values[strtoul(key.ptr + 1, NULL, 10)], value);
    }
    assert_int_equal(seen, present);
    hq_map_free(map);
    hq_map_free(NULL);
}

static void test_ceiling_and_memory(void **state)
{
    (void)state;
    hq_map *map = hq_map_new(NULL, 10, 2);
    int v = 0;
    check_status(hq_map_put(map, HQ_SV("a"), &v), OK);
    check_status(hq_map_put(map, HQ_SV(""), &v), OK);
    check_status(hq_map_put(map, HQ_SV("c"), &v), LIMIT);
    check_status(hq_map_put(map, HQ_SV("a"), &map), OK);
    assert_ptr_equal(hq_map_get(map, HQ_SV("a")), &map);
    assert_ptr_equal(hq_map_get(map, HQ_SV("")), &v);
    hq_map_free(map);
    hq_arena *arena = hq_arena_new(600);
    hq_map *held = hq_map_new(arena, 1, 1000);
    hq_status s = HQ_DONE;
    char names[100][4];
    for (size_t i = 0; i < 100 && hq_ok(s); i++) {
        snprintf(names[i], sizeof names[i], "%zu", i);
        s = hq_map_put(held, hq_sv_from_cstr(names[i]), &v);
    }
    assert_int_equal(s.code, HQ_E_NOMEM);
    assert_ptr_equal(hq_map_get(held, HQ_SV("0")), &v);
    hq_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_an_array),
        cmocka_unit_test(test_ceiling_and_memory),
    };
    return hq_ok(hq_base_init()) ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
