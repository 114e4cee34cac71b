/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include <stdatomic.h>
#include <stdio.h>
#include <sys/stat.h>

/* ------------------------------------------------------------------ migrations */

#define SQL(text)                                                                                  \
    {                                                                                              \
        (text), sizeof(text) - 1                                                                   \
    }

static hq_status open_with(fixture *f, const hq_migration *migrations, size_t count,
                           bool no_migrate, hq_why *why)
{
    hq_store_room room = { "shelf", migrations, count, NULL };
    hq_store_options options = fixture_options(f);
    options.rooms = &room;
    options.no_migrate = no_migrate;
    hq_status s = hq_store_open(&f->store, &options, f->arena, why);
    if (hq_ok(s)) {
        fixture_close(f);
    }
    return s;
}

static const char shelf_sql[] =
    "CREATE TABLE shelf (id BIGINT PRIMARY KEY, word TEXT NOT NULL UNIQUE);";

static void a_migration_runs_once(void **state)
{
    fixture *f = *state;
    hq_why why;
    hq_migration two[] = { { "shelf", 1, "shelf", SQL(shelf_sql) },
                           { "shelf", 2, "more",
                             SQL("CREATE TABLE more (id BIGINT PRIMARY KEY);"
                                 "INSERT INTO more VALUES (7);") } };
    put_ok(f, 1, "a");
    fixture_close(f);
    MUST_BE(open_with(f, two, 2, true, &why), CONFLICT);
    assert_true(why.en.len > 0 && why.vi.len > 0);
    MUST(open_with(f, two, 2, false, &why));
    MUST(open_with(f, two, 2, true, &why));
    assert_int_equal(fixture_ask(f->path, "SELECT count(*) FROM more"), 1);
    assert_int_equal(fixture_ask(f->path, "SELECT count(*) FROM shelf"), 1);
}

static hq_status read_with(fixture *f, const hq_migration *migrations, size_t count, hq_why *why)
{
    hq_store_room room = { "shelf", migrations, count, NULL };
    hq_store_options options = fixture_options(f);
    options.rooms = &room;
    options.read_only = true;
    hq_status s = hq_store_open(&f->store, &options, f->arena, why);
    if (hq_ok(s)) {
        fixture_close(f);
    }
    return s;
}

/* Its statements would ask for tables and columns that are not there yet. */
static void who_only_reads_is_told_of_due_migrations(void **state)
{
    fixture *f = *state;
    hq_why why;
    hq_migration two[] = { { "shelf", 1, "shelf", SQL(shelf_sql) },
                           { "shelf", 2, "more",
                             SQL("CREATE TABLE more (id BIGINT PRIMARY KEY);") } };
    fixture_close(f);
    MUST(read_with(f, two, 1, &why));
    MUST_BE(read_with(f, two, 2, &why), CONFLICT);
    assert_non_null(memmem(why.en.ptr, why.en.len, "older", 5));
    assert_true(why.vi.len > 0);
    MUST(open_with(f, two, 2, false, &why));
    MUST(read_with(f, two, 2, &why));
}

static void a_changed_migration_is_refused(void **state)
{
    fixture *f = *state;
    hq_why why;
    hq_migration changed = { "shelf", 1, "shelf",
                             SQL("CREATE TABLE shelf (id BIGINT PRIMARY KEY);") };
    fixture_close(f);
    MUST_BE(open_with(f, &changed, 1, false, &why), CONFLICT);
    assert_non_null(memmem(why.en.ptr, why.en.len, "shelf/1", 7));
    assert_non_null(memmem(why.vi.ptr, why.vi.len, "shelf/1", 7));
}

static void a_newer_database_is_refused(void **state)
{
    fixture *f = *state;
    hq_why why;
    hq_migration one = { "shelf", 1, "shelf", SQL(shelf_sql) };
    fixture_close(f);
    fixture_sql(f->path, "INSERT INTO store_migration VALUES ('shelf', 2, 'later', 'x', 0)");
    MUST_BE(open_with(f, &one, 1, false, &why), CONFLICT);
    fixture_sql(f->path, "DELETE FROM store_migration WHERE number = 2");
    /* A room that this program does not have may be there. */
    fixture_sql(f->path, "INSERT INTO store_migration VALUES ('attic', 1, 'later', 'x', 0)");
    MUST(open_with(f, &one, 1, false, &why));
}

static void a_migration_that_fails_leaves_nothing(void **state)
{
    fixture *f = *state;
    hq_why why;
    hq_migration three[] = { { "shelf", 1, "shelf", SQL(shelf_sql) },
                             { "shelf", 2, "good", SQL("CREATE TABLE good (id BIGINT);") },
                             { "shelf", 3, "bad",
                               SQL("CREATE TABLE bad (id BIGINT); NONSENSE;") } };
    fixture_close(f);
    MUST_BE(open_with(f, three, 3, false, &why), INTERNAL);
    assert_true(hq_sv_starts(why.en, HQ_SV("migration shelf/3: near \"NONSENSE\"")));
    assert_int_equal(
        fixture_ask(f->path, "SELECT count(*) FROM sqlite_schema WHERE name IN ('good', 'bad')"),
        0);
}

static void what_cannot_be_opened_is_explained(void **state)
{
    fixture *f = *state;
    static const char *const urls[] = { "postgresql://x/y", "sqlite:", "t.db",
                                        "sqlite:/no/such/folder/t.db" };
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        hq_why why;
        hq_store *store;
        hq_store_options options = { .url = hq_sv_from_cstr(urls[i]) };
        hq_status s = hq_store_open(&store, &options, f->arena, &why);
        assert_true(hq_failed(s));
        assert_null(store);
        assert_true(why.en.len > 0 && why.vi.len > 0);
        options.read_only = true;
        assert_true(hq_failed(hq_store_open(&store, &options, f->arena, NULL)));
    }
    hq_store_close(NULL);
}

static void integer_keys_need_no_index(void **state)
{
    fixture *f = *state;
    assert_int_equal(fixture_ask(f->path, "SELECT count(*) FROM sqlite_schema WHERE tbl_name = "
                                          "'journal_event' AND type = 'index'"),
                     1);
    assert_int_equal(fixture_ask(f->path, "SELECT count(*) FROM sqlite_schema WHERE name = "
                                          "'store_setting' AND sql LIKE '%WITHOUT ROWID'"),
                     1);
}

/* ------------------------------------------------------------------ backup */

typedef struct {
    fixture *f;
    atomic_bool stop;
    int64_t written;
} busy;

static void keep_writing(void *user)
{
    busy *b = user;
    while (!atomic_load(&b->stop)) {
        char word[24];
        snprintf(word, sizeof word, "word %lld", (long long)b->written);
        put_ok(b->f, b->written, word);
        b->written++;
    }
}

static void note_progress(int done, int total, void *user)
{
    assert_in_range(done, 0, total);
    *(int *)user = done == total;
}

static void a_backup_is_whole_while_others_write(void **state)
{
    fixture *f = *state;
    busy b = { .f = f };
    hq_thread thread;
    hq_store *copy;
    hq_journal_report report;
    MUST(hq_thread_start(&thread, "test-busy", keep_writing, &b));
    for (int round = 0; round < 5; round++) {
        char name[24];
        int finished = 0;
        snprintf(name, sizeof name, "copy%d.db", round);
        const char *path = fixture_file(f, name);
        while (hq_journal_head(f->store) < 50 * (round + 1)) {
        }
        int64_t before = hq_journal_head(f->store);
        MUST(hq_store_backup(f->store, hq_sv_from_cstr(path), note_progress, &finished));
        assert_true(finished);
        MUST_BE(hq_store_backup(f->store, hq_sv_from_cstr(path), NULL, NULL), EXISTS);
        hq_store_options options = fixture_options(f);
        options.url = hq_arena_printf(f->arena, "sqlite:%s", path);
        options.read_only = true;
        MUST(hq_store_open(&copy, &options, f->arena, NULL));
        MUST(hq_journal_verify(&report, copy, NULL, NULL, f->arena));
        assert_true(report.intact);
        assert_true(report.events >= before);
        assert_true(report.rows == report.events);
        hq_store_close(copy);
    }
    atomic_store(&b.stop, true);
    hq_thread_join(&thread);
}

static void a_backup_takes_the_place_of_a_database(void **state)
{
    fixture *f = *state;
    hq_why why;
    hq_sv url = hq_sv_from_cstr(f->url);
    hq_sv copy = hq_sv_from_cstr(fixture_file(f, "copy.db"));
    put_ok(f, 1, "a");
    MUST(hq_store_backup(f->store, copy, NULL, NULL));
    put_ok(f, 2, "b");
    MUST_BE(hq_store_restore(url, copy, f->arena, &why), BUSY);
    assert_true(why.en.len > 0 && why.vi.len > 0);
    put_ok(f, 3, "c");
    fixture_close(f);
    MUST(hq_store_restore(url, copy, f->arena, &why));
    fixture_open(f);
    assert_int_equal(count_shelf(f), 1);
    put_ok(f, 4, "d");
}

static void what_is_no_whole_backup_is_refused(void **state)
{
    fixture *f = *state;
    hq_why why;
    hq_sv url = hq_sv_from_cstr(f->url);
    const char *copy = fixture_file(f, "copy.db"), *other = fixture_file(f, "other.db");
    put_ok(f, 1, "a");
    MUST(hq_journal_wait_sealed(f->store, 1, 300 * HQ_US_PER_SECOND));
    MUST(hq_store_backup(f->store, hq_sv_from_cstr(copy), NULL, NULL));
    fixture_close(f);
    MUST_BE(hq_store_restore(url, hq_sv_from_cstr(fixture_file(f, "no.db")), f->arena, &why),
            NOT_FOUND);
    MUST(hq_os_write_file(other, HQ_SV("not a database at all, only some text in a file"), 0600));
    MUST_BE(hq_store_restore(url, hq_sv_from_cstr(other), f->arena, &why), CORRUPT);
    MUST(hq_os_remove_file(other));
    fixture_sql(other, "CREATE TABLE somebody_elses (x)");
    MUST_BE(hq_store_restore(url, hq_sv_from_cstr(other), f->arena, &why), CORRUPT);
    fixture_sql(copy, "UPDATE journal_event SET actor = 'nobody'");
    MUST_BE(hq_store_restore(url, hq_sv_from_cstr(copy), f->arena, &why), CORRUPT);
    assert_non_null(memmem(why.en.ptr, why.en.len, "event 1 was altered", 19));
    fixture_open(f);
    assert_int_equal(count_shelf(f), 1);
}

static void a_broken_database_can_be_replaced(void **state)
{
    fixture *f = *state;
    hq_why why;
    hq_sv copy = hq_sv_from_cstr(fixture_file(f, "copy.db"));
    put_ok(f, 1, "a");
    MUST(hq_store_backup(f->store, copy, NULL, NULL));
    fixture_close(f);
    MUST(
        hq_os_write_file(f->path, HQ_SV("a disk that forgot what it held ................"), 0600));
    MUST(hq_store_restore(hq_sv_from_cstr(f->url), copy, f->arena, &why));
    fixture_open(f);
    assert_int_equal(count_shelf(f), 1);
}

/* ------------------------------------------------------------------ the log */

static hq_sql heap_make = HQ_SQL_OF("CREATE TABLE IF NOT EXISTS heap (id BIGINT, body BLOB)");
static hq_sql heap_put = HQ_SQL_OF("INSERT INTO heap (id, body) VALUES (?1, ?2)");

enum { CHUNK = 1 << 18, LEAST = 64 << 20, MOST_CHUNKS = 4000 };

static hq_status put_chunk(hq_tx *tx, void *user)
{
    (void)user;
    hq_sv body = { hq_arena_zalloc(hq_tx_arena(tx), CHUNK), CHUNK };
    HQ_TRY(hq_tx_run(tx, &heap_make, NULL, 0, NULL));
    return HQ_TX_RUN(tx, &heap_put, HQ_B_I64(1), HQ_B_BLOB(body));
}

/* Commits go on without a pause until what they wrote is four times what the log holds, however
 * slow the disk is; a log that is only added to never comes there. */
static void the_log_is_moved_and_used_again(void **state)
{
    fixture *f = *state;
    const char *log = fixture_file(f, "t.db-wal");
    struct stat st = { 0 };
    int64_t written = 0;
    for (int i = 0; i < MOST_CHUNKS && (written < 4 * st.st_size || written < LEAST); i++) {
        MUST(hq_store_write(f->store, put_chunk, NULL));
        written += CHUNK;
        assert_int_equal(stat(log, &st), 0);
    }
    assert_true(written >= 4 * st.st_size);
    fixture_close(f);
    /* Closed, all of it is in the one file. */
    assert_false(hq_os_exists(log));
    assert_int_equal(fixture_ask(f->path, "SELECT sum(length(body)) FROM heap"), written);
    fixture_open(f);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_set_up, fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_migration_runs_once),
        TEST(who_only_reads_is_told_of_due_migrations),
        TEST(a_changed_migration_is_refused),
        TEST(a_newer_database_is_refused),
        TEST(a_migration_that_fails_leaves_nothing),
        TEST(what_cannot_be_opened_is_explained),
        TEST(integer_keys_need_no_index),
        TEST(a_backup_is_whole_while_others_write),
        TEST(a_backup_takes_the_place_of_a_database),
        TEST(what_is_no_whole_backup_is_refused),
        TEST(a_broken_database_can_be_replaced),
        TEST(the_log_is_moved_and_used_again),
    };
    return cmocka_run_group_tests_name("keeping", tests, NULL, NULL);
}
