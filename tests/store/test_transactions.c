/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include <semaphore.h>
#include <stdio.h>

static hq_sql insert = HQ_SQL_OF("INSERT INTO shelf (id, word) VALUES (?1, ?2)");
static hq_sql all = HQ_SQL_OF("SELECT id, word FROM shelf ORDER BY id");
static hq_sql wrong = HQ_SQL_OF("SELECT word FROM nowhere");

/* ------------------------------------------------------------------ statements */

static hq_status every_kind_of_value(hq_tx *tx, void *user)
{
    (void)user;
    hq_rows rows;
    HQ_TRY(HQ_TX_RUN(tx, &insert, HQ_B_I64(INT64_MIN), HQ_B_TEXT(HQ_SV("hải quan"))));
    HQ_TRY(HQ_TX_RUN(tx, &insert, HQ_B_I64(2), HQ_B_TEXT(HQ_SV_NULL)));
    HQ_TRY(hq_tx_query(&rows, tx, &all, NULL, 0));
    assert_true(hq_rows_next(&rows));
    assert_int_equal(hq_rows_i64(&rows, 0), INT64_MIN);
    assert_true(hq_sv_eq(hq_rows_text(&rows, 1), HQ_SV("hải quan")));
    assert_true(hq_rows_next(&rows));
    assert_false(hq_rows_null(&rows, 1));
    assert_int_equal(hq_rows_text(&rows, 1).len, 0);
    assert_false(hq_rows_next(&rows));
    HQ_TRY(hq_rows_end(&rows));
    HQ_TRY(hq_tx_query_text(&rows, tx, HQ_SV("SELECT NULL, ?1"), &HQ_B_NULL, 1));
    assert_true(hq_rows_next(&rows));
    assert_true(hq_rows_null(&rows, 0));
    assert_true(hq_rows_null(&rows, 1));
    assert_null(hq_rows_text(&rows, 0).ptr);
    return hq_rows_end(&rows);
}

static void values_come_back_as_they_went(void **state)
{
    fixture *f = *state;
    MUST(hq_store_write(f->store, every_kind_of_value, NULL));
}

static hq_status one_statement_twice_at_once(hq_tx *tx, void *user)
{
    (void)user;
    hq_rows outer, inner;
    int pairs = 0;
    HQ_TRY(hq_tx_query(&outer, tx, &all, NULL, 0));
    while (hq_rows_next(&outer)) {
        HQ_TRY(hq_tx_query(&inner, tx, &all, NULL, 0));
        while (hq_rows_next(&inner)) {
            pairs++;
        }
        HQ_TRY(hq_rows_end(&inner));
    }
    assert_int_equal(pairs, 9);
    return hq_rows_end(&outer);
}

static void a_statement_may_run_inside_itself(void **state)
{
    fixture *f = *state;
    put_ok(f, 1, "a");
    put_ok(f, 2, "b");
    put_ok(f, 3, "c");
    MUST(hq_store_read(f->store, one_statement_twice_at_once, NULL));
}

static hq_status leave_rows_open(hq_tx *tx, void *user)
{
    (void)user;
    hq_rows rows;
    HQ_TRY(hq_tx_query(&rows, tx, &all, NULL, 0));
    assert_true(hq_rows_next(&rows));
    return HQ_DONE;
}

static void rows_left_open_hold_nothing(void **state)
{
    fixture *f = *state;
    put_ok(f, 1, "a");
    for (int i = 0; i < 200; i++) {
        MUST(hq_store_read(f->store, leave_rows_open, NULL));
        MUST(hq_store_write(f->store, leave_rows_open, NULL));
    }
    put_ok(f, 2, "b");
}

static hq_status run_wrong(hq_tx *tx, void *user)
{
    (void)user;
    hq_rows rows;
    hq_status s = hq_tx_query(&rows, tx, &wrong, NULL, 0);
    assert_false(hq_rows_next(&rows));
    assert_int_equal(hq_rows_end(&rows).code, s.code);
    return s;
}

static hq_status too_few_values(hq_tx *tx, void *user)
{
    (void)user;
    return HQ_TX_RUN(tx, &insert, HQ_B_I64(1));
}

static hq_status write_in_read(hq_tx *tx, void *user)
{
    (void)user;
    hq_event e = { .room = HQ_SV("shelf"),
                   .kind = HQ_SV("a.b"),
                   .subject = HQ_SV("x/1"),
                   .actor = HQ_SV("system") };
    MUST_BE(hq_tx_event(tx, &e, NULL), USAGE);
    return HQ_TX_RUN(tx, &insert, HQ_B_I64(1), HQ_B_TEXT(HQ_SV("a")));
}

static void wrong_use_is_refused_and_explained(void **state)
{
    fixture *f = *state;
    MUST_BE(hq_store_read(f->store, run_wrong, NULL), INTERNAL);
    hq_sv said = hq_store_problem(f->store, f->arena);
    assert_non_null(memmem(said.ptr, said.len, "no such table: nowhere", 22));
    MUST_BE(hq_store_write(f->store, too_few_values, NULL), USAGE);
    MUST_BE(hq_store_read(f->store, write_in_read, NULL), USAGE);
    assert_int_equal(count_shelf(f), 0);
}

/* ------------------------------------------------------------------ groups */

typedef struct {
    hq_write write;
    put put;
    sem_t *done;
    hq_status status;
} sent;

static void note(hq_write *write, hq_status status)
{
    sent *s = (sent *)write;
    s->status = status;
    sem_post(s->done);
}

/* Holds the writer until the test has queued what shall be one group. */
typedef struct {
    sem_t entered, open;
} gate;

static hq_status hold(hq_tx *tx, void *user)
{
    (void)tx;
    gate *g = user;
    sem_post(&g->entered);
    /* Open stays open: the closure may run again. */
    return sem_wait(&g->open) == 0 && sem_post(&g->open) == 0 ? HQ_DONE : HQ_FAIL(INTERNAL);
}

/* The writer is inside when it returns: what is queued now is one group. */
static void close_gate(fixture *f, gate *g, hq_write *first)
{
    sem_init(&g->entered, 0, 0);
    sem_init(&g->open, 0, 0);
    MUST(hq_store_submit(f->store, first));
    sem_wait(&g->entered);
}

static void one_fails_and_the_others_of_its_group_commit(void **state)
{
    fixture *f = *state;
    enum { COUNT = 50 };
    static sent writes[COUNT];
    char words[COUNT][16];
    gate held;
    sem_t done;
    sem_init(&done, 0, 0);
    sent first = { .write = { .fn = hold, .user = &held, .done = note }, .done = &done };
    close_gate(f, &held, &first.write);
    for (int i = 0; i < COUNT; i++) {
        snprintf(words[i], sizeof words[i], "word %d", i);
        /* Every third fails after it wrote; every fifth meets a word that is there already. */
        writes[i] =
            (sent){ .put = { .id = i, .word = i % 5 == 4 ? words[0] : words[i] }, .done = &done };
        writes[i].put.then = i % 3 == 1 ? HQ_FAIL(CONFLICT) : HQ_DONE;
        writes[i].write = (hq_write){ .fn = put_one, .user = &writes[i].put, .done = note };
        MUST(hq_store_submit(f->store, &writes[i].write));
    }
    sem_post(&held.open);
    for (int i = 0; i < COUNT + 1; i++) {
        sem_wait(&done);
    }
    int64_t good = 0;
    for (int i = 0; i < COUNT; i++) {
        const char *want = i % 5 == 4 ? "EXISTS" : i % 3 == 1 ? "CONFLICT" : "OK";
        assert_string_equal(hq_status_name(writes[i].status), want);
        if (hq_ok(writes[i].status)) {
            good++;
            assert_int_equal(writes[i].put.ref.position, good);
        }
    }
    assert_int_equal(count_shelf(f), good);
    assert_int_equal(hq_journal_head(f->store), good);
    sem_destroy(&held.entered);
    sem_destroy(&held.open);
    sem_destroy(&done);
}

static hq_status swallow(hq_tx *tx, void *user)
{
    put *p = user;
    HQ_TRY(HQ_TX_RUN(tx, &insert, HQ_B_I64(p->id), HQ_B_TEXT(HQ_SV("kept"))));
    MUST_BE(HQ_TX_RUN(tx, &insert, HQ_B_I64(p->id), HQ_B_TEXT(HQ_SV("twice"))), EXISTS);
    return HQ_DONE;
}

static void a_closure_may_go_on_after_a_key_was_there(void **state)
{
    fixture *f = *state;
    put p = { .id = 7 };
    MUST(hq_store_write(f->store, swallow, &p));
    assert_int_equal(count_shelf(f), 1);
}

static void what_was_written_is_there_after_reopening(void **state)
{
    fixture *f = *state;
    put_ok(f, 1, "a");
    put_ok(f, 2, "b");
    fixture_close(f);
    fixture_open(f);
    assert_int_equal(count_shelf(f), 2);
    assert_int_equal(hq_journal_head(f->store), 2);
    put p = { .id = 3, .word = "c" };
    MUST(hq_store_write(f->store, put_one, &p));
    assert_int_equal(p.ref.position, 3);
}

static void two_processes_on_one_file_share_the_positions(void **state)
{
    fixture *f = *state;
    fixture other = *f;
    fixture_open(&other);
    for (int i = 0; i < 20; i++) {
        char word[16];
        snprintf(word, sizeof word, "w%d", i);
        put p = { .id = i, .word = word };
        MUST(hq_store_write(i % 3 == 0 ? other.store : f->store, put_one, &p));
        assert_int_equal(p.ref.position, i + 1);
    }
    fixture_close(&other);
}

/* ------------------------------------------------------------------ settings, keys */

static hq_status settings(hq_tx *tx, void *user)
{
    (void)user;
    hq_sv value;
    MUST_BE(hq_tx_setting_get(&value, tx, HQ_SV("test")), NOT_FOUND);
    HQ_TRY(hq_tx_setting_put(tx, HQ_SV("test"), HQ_SV("0")));
    HQ_TRY(hq_tx_setting_put(tx, HQ_SV("test"), HQ_SV("1")));
    HQ_TRY(hq_tx_setting_get(&value, tx, HQ_SV("test")));
    assert_true(hq_sv_eq(value, HQ_SV("1")));
    return HQ_DONE;
}

static void settings_are_kept(void **state)
{
    fixture *f = *state;
    MUST(hq_store_write(f->store, settings, NULL));
}

typedef struct {
    const char *caller, *key, *body;
    const char *answer; /* stored when the key is new and this is given */
    char got[32];
    hq_status then;
} keyed;

static hq_status ask(hq_tx *tx, void *user)
{
    keyed *k = user;
    hq_sv answer;
    hq_idempotency key = { hq_sv_from_cstr(k->caller), hq_sv_from_cstr(k->key), { { 0 } } };
    hq_blake2b(&key.body, hq_sv_from_cstr(k->body));
    k->got[0] = '\0';
    hq_status s = hq_tx_idempotent(&answer, tx, &key);
    if (hq_ok(s)) {
        snprintf(k->got, sizeof k->got, "%.*s", HQ_SV_FMT(answer));
    }
    if (s.code == HQ_E_NOT_FOUND && k->answer != NULL) {
        HQ_TRY(hq_tx_remember(tx, &key, hq_sv_from_cstr(k->answer)));
        return k->then;
    }
    return s;
}

static void a_key_answers_again(void **state)
{
    fixture *f = *state;
    keyed first = { "an", "k1", "body", "answer 1", "", HQ_DONE };
    MUST(hq_store_write(f->store, ask, &first));
    keyed again = { "an", "k1", "body", "answer 2", "", HQ_DONE };
    MUST(hq_store_write(f->store, ask, &again));
    assert_string_equal(again.got, "answer 1");
    keyed other_body = { "an", "k1", "other", NULL, "", HQ_DONE };
    MUST_BE(hq_store_write(f->store, ask, &other_body), KEY_REUSED);
    keyed other_caller = { "binh", "k1", "other", NULL, "", HQ_DONE };
    MUST_BE(hq_store_write(f->store, ask, &other_caller), NOT_FOUND);
    MUST_BE(hq_store_read(f->store, ask, &other_caller), NOT_FOUND);
    fixture_close(f);
    fixture_open(f);
    MUST(hq_store_read(f->store, ask, &again));
    assert_string_equal(again.got, "answer 1");
}

static void a_key_of_a_failed_write_is_new_again(void **state)
{
    fixture *f = *state;
    keyed k = { "an", "k1", "body", "never", "", HQ_FAIL(CONFLICT) };
    MUST_BE(hq_store_write(f->store, ask, &k), CONFLICT);
    k.answer = "now";
    k.then = HQ_DONE;
    MUST(hq_store_write(f->store, ask, &k));
    MUST(hq_store_write(f->store, ask, &k));
    assert_string_equal(k.got, "now");
}

static void keys_are_kept_three_days_and_end_on_the_fifth(void **state)
{
    fixture *f = *state;
    keyed k = { "an", "k1", "body", "old", "", HQ_DONE };
    MUST(hq_store_write(f->store, ask, &k));
    MUST(hq_test_clock_advance(f->clock, 3 * HQ_US_PER_DAY));
    MUST(hq_store_write(f->store, ask, &k));
    assert_string_equal(k.got, "old");
    MUST(hq_test_clock_advance(f->clock, HQ_US_PER_DAY + 1));
    k.answer = "new";
    MUST(hq_store_write(f->store, ask, &k));
    assert_string_equal(k.got, "");
    MUST(hq_store_write(f->store, ask, &k));
    assert_string_equal(k.got, "new");
}

static void many_keys_are_all_found(void **state)
{
    fixture *f = *state;
    for (int i = 0; i < 3000; i++) {
        char key[16];
        snprintf(key, sizeof key, "k%d", i);
        keyed k = { "an", key, "body", key, "", HQ_DONE };
        MUST(hq_store_write(f->store, ask, &k));
    }
    for (int i = 0; i < 3000; i++) {
        char key[16];
        snprintf(key, sizeof key, "k%d", i);
        keyed k = { "an", key, "body", NULL, "", HQ_DONE };
        MUST(hq_store_read(f->store, ask, &k));
        assert_string_equal(k.got, key);
    }
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_set_up, fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(values_come_back_as_they_went),
        TEST(a_statement_may_run_inside_itself),
        TEST(rows_left_open_hold_nothing),
        TEST(wrong_use_is_refused_and_explained),
        TEST(one_fails_and_the_others_of_its_group_commit),
        TEST(a_closure_may_go_on_after_a_key_was_there),
        TEST(what_was_written_is_there_after_reopening),
        TEST(two_processes_on_one_file_share_the_positions),
        TEST(settings_are_kept),
        TEST(a_key_answers_again),
        TEST(a_key_of_a_failed_write_is_new_again),
        TEST(keys_are_kept_three_days_and_end_on_the_fifth),
        TEST(many_keys_are_all_found),
    };
    return cmocka_run_group_tests_name("transactions", tests, NULL, NULL);
}
