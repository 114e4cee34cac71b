/* SPDX-License-Identifier: Apache-2.0 */
#include "lives.h"

/* 12-digit numbers: never given twice, none lost unrecorded, across restarts, deaths and threads.
 */

#define BLOCK 1000

/* Every number ever leased is a declaration's, void, or in a lease that is still held. */
static void check_every_number_is_accounted_for(house *h)
{
    int64_t leased = house_ask(h, "SELECT next_id - 10000000001 FROM declaration_number_next"
                                  " WHERE flow = 0");
    int64_t used = house_ask(h, "SELECT count(*) FROM declaration WHERE flow = 0");
    int64_t voided = house_ask(h, "SELECT coalesce(sum(last_id - first_id + 1), 0)"
                                  " FROM declaration_number_void WHERE first_id < 30000000000");
    int64_t held = house_ask(
        h, "SELECT coalesce(sum(last_id - first_id + 1), 0) - (SELECT count(*) FROM declaration d,"
           " declaration_number_block b WHERE d.id BETWEEN b.first_id AND b.last_id)"
           " FROM declaration_number_block WHERE first_id < 30000000000");
    assert_int_equal(leased, used + voided + held);
    assert_int_equal(house_ask(h, "SELECT count(*) FROM declaration d, declaration_number_void v"
                                  " WHERE d.id BETWEEN v.first_id AND v.last_id"),
                     0);
}

static int64_t file_one(lives *l)
{
    char number[13];
    int64_t id;
    lives_file(l, "register", number);
    assert_true(hq_declaration_number_parse(&id, hq_sv_from_cstr(number)));
    return id;
}

static void test_text_of_numbers(void **state)
{
    (void)state;
    char text[12];
    int64_t id;
    check_text(hq_declaration_number_write(text, 10000000001, 0), "100000000010");
    check_text(hq_declaration_number_write(text, 30000000001, 9), "300000000019");
    assert_true(hq_declaration_number_parse(&id, HQ_SV("100000000017")));
    assert_int_equal(id, 10000000001);
    static const char *const bad[] = {
        "", "1", "10000000001", "1000000000100", "10000000001x", "000000000010", " 10000000001"
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(hq_declaration_number_parse(&id, hq_sv_from_cstr(bad[i])));
    }
}

static void test_any_amendment_digit_is_the_same_record(void **state)
{
    (void)state;
    lives l;
    lives_begin(&l);
    char number[13];
    hq_arena *arena = hq_arena_new((size_t)64 << 20);
    lives_file(&l, "register", number);
    number[11] = '7';
    house_answer a = lives_read(&l, arena, number);
    assert_int_equal(a.http, 200);
    check_text(house_at(&a, "/number"), "100000000010");
    hq_arena_free(arena);
    lives_end(&l);
}

static void test_blocks_follow_one_another_without_a_gap(void **state)
{
    (void)state;
    lives l;
    lives_begin(&l);
    int64_t first = file_one(&l);
    for (int i = 1; i < BLOCK + 60; i++) {
        file_one(&l);
    }
    assert_int_equal(first, 10000000001);
    assert_int_equal(house_ask(&l.h, "SELECT count(DISTINCT id) FROM declaration"), BLOCK + 60);
    check_every_number_is_accounted_for(&l.h);
    lives_end(&l);
}

static void test_orderly_close_records_what_was_not_given(void **state)
{
    (void)state;
    lives l;
    lives_begin(&l);
    file_one(&l);
    house_settle(&l.h);
    int64_t last = file_one(&l);
    house_close(&l.h);
    house_open(&l.h);
    assert_int_equal(house_ask(&l.h, "SELECT count(*) FROM declaration_number_block"), 0);
    assert_true(house_ask(&l.h, "SELECT count(*) FROM declaration_number_void"
                                " WHERE reason = 'closed'") >= 1);
    check_every_number_is_accounted_for(&l.h);
    assert_true(file_one(&l) > last);
    lives_end(&l);
}

static void test_numbers_of_a_dead_process_become_void(void **state)
{
    (void)state;
    lives l;
    lives_begin(&l);
    file_one(&l);
    house_settle(&l.h);
    int64_t last = file_one(&l);
    house_crash(&l.h);
    int64_t next = file_one(&l);
    assert_true(next > last); /* the dead one's lease is still respected */
    assert_int_equal(house_ask(&l.h, "SELECT count(*) FROM declaration_number_void"), 0);
    check_every_number_is_accounted_for(&l.h);
    house_advance(&l.h, "PT12M");
    assert_int_equal(house_ask(&l.h, "SELECT sum(last_id - first_id + 1) FROM"
                                     " declaration_number_void WHERE reason = 'abandoned'"),
                     BLOCK - 1);
    assert_int_equal(house_ask(&l.h, "SELECT min(first_id) FROM declaration_number_void"),
                     last + 1);
    check_every_number_is_accounted_for(&l.h);
    assert_true(file_one(&l) > next);
    lives_end(&l);
}

static void test_a_lease_that_ran_out_is_not_used(void **state)
{
    (void)state;
    lives l;
    lives_begin(&l);
    file_one(&l);
    house_settle(&l.h);
    /* As if this process had stood still so long that another one took its numbers for void. */
    house_run(&l.h, "DELETE FROM declaration_number_block");
    house_run(&l.h, "INSERT INTO declaration_number_void (first_id, last_id, reason, at)"
                    " VALUES (10000000002, 10000001001, 'abandoned', 0)");
    HOUSE_MUST(hq_clearance_tick(l.h.clearance, NULL));
    assert_true(file_one(&l) > 10000001001);
    lives_end(&l);
}

/* ------------------------------------------------------------------ many at once */

typedef struct {
    lives *l;
    hq_thread thread;
} filer;

static void file_many(void *user)
{
    filer *f = user;
    for (int i = 0; i < 60; i++) {
        file_one(f->l);
    }
}

static void test_many_at_once_get_different_numbers(void **state)
{
    (void)state;
    lives l;
    filer filers[8];
    lives_begin(&l);
    for (int i = 0; i < 8; i++) {
        filers[i].l = &l;
        HOUSE_MUST(hq_thread_start(&filers[i].thread, "filer", file_many, &filers[i]));
    }
    for (int i = 0; i < 8; i++) {
        hq_thread_join(&filers[i].thread);
    }
    assert_int_equal(house_ask(&l.h, "SELECT count(*) FROM declaration"), 480);
    check_every_number_is_accounted_for(&l.h);
    lives_end(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_of_numbers),
        cmocka_unit_test(test_any_amendment_digit_is_the_same_record),
        cmocka_unit_test(test_blocks_follow_one_another_without_a_gap),
        cmocka_unit_test(test_orderly_close_records_what_was_not_given),
        cmocka_unit_test(test_numbers_of_a_dead_process_become_void),
        cmocka_unit_test(test_a_lease_that_ran_out_is_not_used),
        cmocka_unit_test(test_many_at_once_get_different_numbers),
    };
    return cmocka_run_group_tests_name("numbers", tests, NULL, NULL);
}
