/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* A child process writes numbered rows with their events and keys from several threads and tells
 * each number on a pipe once its write is acknowledged. It is killed at a random moment; then all
 * that was told must be there once, all that is there must be whole, and the journal must hold.
 * HQ_KILLS says how many times; 20 by default, 200 in the full check. */

enum { WRITERS = 6 };

typedef struct {
    hq_store *store;
    atomic_llong *next;
    int pipe;
} worker;

static hq_status put_with_key(hq_tx *tx, void *user)
{
    put *p = user;
    char text[32];
    hq_sv answer;
    int len = snprintf(text, sizeof text, "key %lld", (long long)p->id);
    hq_idempotency key = { HQ_SV("child"), hq_sv_make(text, (size_t)len), { { 0 } } };
    if (hq_tx_idempotent(&answer, tx, &key).code != HQ_E_NOT_FOUND) {
        return HQ_FAIL(EXISTS);
    }
    HQ_TRY(put_one(tx, p));
    return hq_tx_remember(tx, &key, hq_sv_make(text, (size_t)len));
}

static void work(void *user)
{
    worker *w = user;
    for (;;) {
        char word[32];
        int64_t id = atomic_fetch_add(w->next, 1);
        snprintf(word, sizeof word, "word %lld", (long long)id);
        put p = { .id = id, .word = word, .then = id % 7 == 3 ? HQ_FAIL(CONFLICT) : HQ_DONE };
        hq_status s = hq_store_write(w->store, put_with_key, &p);
        if (hq_ok(s) && write(w->pipe, &id, sizeof id) != sizeof id) {
            return;
        }
    }
}

/* Runs until it is killed. */
static int child_main(const char *path, int pipe, int64_t first)
{
    static fixture f;
    static atomic_llong next;
    static worker workers[WRITERS];
    hq_thread threads[WRITERS];
    if (hq_failed(hq_base_init())) {
        return 3;
    }
    f.arena = hq_arena_new((size_t)64 << 20);
    f.clock = hq_test_clock_new(START);
    snprintf(f.path, sizeof f.path, "%s", path);
    snprintf(f.url, sizeof f.url, "sqlite:%s", path);
    fixture_open(&f);
    atomic_store(&next, first);
    for (int i = 0; i < WRITERS; i++) {
        workers[i] = (worker){ f.store, &next, pipe };
        MUST(hq_thread_start(&threads[i], "test-worker", work, &workers[i]));
    }
    for (int i = 0; i < WRITERS; i++) {
        hq_thread_join(&threads[i]);
    }
    return 3;
}

static pid_t start_child(const char *path, int write_end, int64_t first)
{
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        char end[16], from[24];
        snprintf(end, sizeof end, "%d", write_end);
        snprintf(from, sizeof from, "%lld", (long long)first);
        execl("/proc/self/exe", "store_kill", "child", path, end, from, (char *)NULL);
        _exit(4);
    }
    return pid;
}

/* Kills the child after some of its acknowledgements; returns what it told, all of it. */
static size_t run_round(fixture *f, int64_t first, int64_t *told, size_t room)
{
    int ends[2];
    size_t count = 0, until = 1 + hq_random_below(400);
    assert_int_equal(pipe(ends), 0);
    pid_t pid = start_child(f->path, ends[1], first);
    close(ends[1]);
    bool killed = false;
    while (count < room && read(ends[0], &told[count], sizeof *told) == sizeof *told) {
        count++;
        if (count >= until && !killed) {
            usleep(hq_random_below(3000));
            assert_int_equal(kill(pid, SIGKILL), 0);
            killed = true;
        }
    }
    close(ends[0]);
    assert_true(killed);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    return count;
}

static hq_sql word_get = HQ_SQL_OF("SELECT word FROM shelf WHERE id = ?1");

typedef struct {
    const int64_t *told;
    size_t count;
} expected;

static hq_status all_there(hq_tx *tx, void *user)
{
    const expected *e = user;
    for (size_t i = 0; i < e->count; i++) {
        hq_rows rows;
        char word[32], text[32];
        int len = snprintf(word, sizeof word, "word %lld", (long long)e->told[i]);
        HQ_TRY(HQ_TX_QUERY(&rows, tx, &word_get, HQ_B_I64(e->told[i])));
        assert_true(hq_rows_next(&rows));
        assert_true(hq_sv_eq(hq_rows_text(&rows, 0), hq_sv_make(word, (size_t)len)));
        HQ_TRY(hq_rows_end(&rows));
        hq_sv answer;
        len = snprintf(text, sizeof text, "key %lld", (long long)e->told[i]);
        hq_idempotency key = { HQ_SV("child"), hq_sv_make(text, (size_t)len), { { 0 } } };
        HQ_TRY(hq_tx_idempotent(&answer, tx, &key));
    }
    return HQ_DONE;
}

static void nothing_acknowledged_is_lost(void **state)
{
    fixture *f = *state;
    enum { ROOM = 1 << 16 };
    static int64_t told[ROOM];
    const char *wanted = getenv("HQ_KILLS");
    long rounds = wanted != NULL ? strtol(wanted, NULL, 10) : getenv("HQ_FULL") != NULL ? 200 : 20;
    int64_t first = 1, rows_before = 0;
    size_t total = 0;
    fixture_close(f);
    for (long round = 0; round < rounds; round++) {
        hq_journal_report report;
        expected e = { told, run_round(f, first, told, ROOM) };
        fixture_open(f);
        MUST(hq_store_read(f->store, all_there, &e));
        MUST(hq_journal_verify(&report, f->store, NULL, NULL, f->arena));
        if (!report.intact) {
            print_error("round %ld: %.*s\n", round, HQ_SV_FMT(report.first_bad));
        }
        assert_true(report.intact);
        int64_t rows = count_shelf(f);
        assert_int_equal(report.rows, rows);
        assert_int_equal(report.events, rows);
        assert_true(rows >= rows_before + (int64_t)e.count);
        rows_before = rows;
        total += e.count;
        fixture_close(f);
        first = fixture_ask(f->path, "SELECT max(id) + 1000 FROM shelf");
        assert_int_equal(fixture_ask(f->path, "SELECT count(*) FROM store_idempotency"), rows);
        hq_arena_reset(f->arena);
    }
    print_message("%ld kills, %zu acknowledged, %lld stored\n", rounds, total,
                  (long long)rows_before);
    fixture_open(f);
}

int main(int argc, char **argv)
{
    if (argc == 5 && strcmp(argv[1], "child") == 0) {
        return child_main(argv[2], (int)strtol(argv[3], NULL, 10), strtoll(argv[4], NULL, 10));
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nothing_acknowledged_is_lost, fixture_set_up,
                                        fixture_tear_down),
    };
    return cmocka_run_group_tests_name("kill", tests, NULL, NULL);
}
