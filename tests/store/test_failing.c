/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include <semaphore.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

/* A disk that fails when told to: a layer under SQLite that passes everything on to the real one,
 * but for writes and syncs of the log. */

static atomic_int pass_reads, fail_reads, fail_syncs, fail_writes, full_after = -1;
static sqlite3_vfs *real;

typedef struct {
    sqlite3_file base;
    bool log;
    sqlite3_file *below;
} shim_file;

#define BELOW(f) (((shim_file *)(f))->below)

static bool strikes(atomic_int *count)
{
    int left = atomic_load(count);
    while (left != 0) {
        if (atomic_compare_exchange_weak(count, &left, left < 0 ? left : left - 1)) {
            return true;
        }
    }
    return false;
}

static int shim_close(sqlite3_file *f)
{
    int rc = BELOW(f)->pMethods->xClose(BELOW(f));
    sqlite3_free(BELOW(f));
    return rc;
}

static int shim_read(sqlite3_file *f, void *to, int len, sqlite3_int64 at)
{
    if (((shim_file *)f)->log && !strikes(&pass_reads) && strikes(&fail_reads)) {
        return SQLITE_IOERR_READ;
    }
    return BELOW(f)->pMethods->xRead(BELOW(f), to, len, at);
}

static int shim_write(sqlite3_file *f, const void *from, int len, sqlite3_int64 at)
{
    if (((shim_file *)f)->log) {
        if (strikes(&fail_writes)) {
            return SQLITE_IOERR_WRITE;
        }
        int left = atomic_load(&full_after);
        if (left >= 0) {
            if (left < len) {
                return SQLITE_FULL;
            }
            atomic_store(&full_after, left - len);
        }
    }
    return BELOW(f)->pMethods->xWrite(BELOW(f), from, len, at);
}

static int shim_truncate(sqlite3_file *f, sqlite3_int64 size)
{
    return BELOW(f)->pMethods->xTruncate(BELOW(f), size);
}

static int shim_sync(sqlite3_file *f, int flags)
{
    if (((shim_file *)f)->log && strikes(&fail_syncs)) {
        return SQLITE_IOERR_FSYNC;
    }
    return BELOW(f)->pMethods->xSync(BELOW(f), flags);
}

static int shim_size(sqlite3_file *f, sqlite3_int64 *size)
{
    return BELOW(f)->pMethods->xFileSize(BELOW(f), size);
}

static int shim_lock(sqlite3_file *f, int level)
{
    return BELOW(f)->pMethods->xLock(BELOW(f), level);
}

static int shim_unlock(sqlite3_file *f, int level)
{
    return BELOW(f)->pMethods->xUnlock(BELOW(f), level);
}

static int shim_reserved(sqlite3_file *f, int *out)
{
    return BELOW(f)->pMethods->xCheckReservedLock(BELOW(f), out);
}

static int shim_control(sqlite3_file *f, int op, void *arg)
{
    return BELOW(f)->pMethods->xFileControl(BELOW(f), op, arg);
}

static int shim_sector(sqlite3_file *f)
{
    return BELOW(f)->pMethods->xSectorSize(BELOW(f));
}

static int shim_device(sqlite3_file *f)
{
    return BELOW(f)->pMethods->xDeviceCharacteristics(BELOW(f));
}

static int shim_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **out)
{
    return BELOW(f)->pMethods->xShmMap(BELOW(f), page, size, extend, out);
}

static int shim_shm_lock(sqlite3_file *f, int at, int n, int flags)
{
    return BELOW(f)->pMethods->xShmLock(BELOW(f), at, n, flags);
}

static void shim_shm_barrier(sqlite3_file *f)
{
    BELOW(f)->pMethods->xShmBarrier(BELOW(f));
}

static int shim_shm_unmap(sqlite3_file *f, int remove)
{
    return BELOW(f)->pMethods->xShmUnmap(BELOW(f), remove);
}

static const sqlite3_io_methods shim_methods = {
    .iVersion = 2,
    .xClose = shim_close,
    .xRead = shim_read,
    .xWrite = shim_write,
    .xTruncate = shim_truncate,
    .xSync = shim_sync,
    .xFileSize = shim_size,
    .xLock = shim_lock,
    .xUnlock = shim_unlock,
    .xCheckReservedLock = shim_reserved,
    .xFileControl = shim_control,
    .xSectorSize = shim_sector,
    .xDeviceCharacteristics = shim_device,
    .xShmMap = shim_shm_map,
    .xShmLock = shim_shm_lock,
    .xShmBarrier = shim_shm_barrier,
    .xShmUnmap = shim_shm_unmap,
};

static int shim_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *f, int flags, int *out)
{
    (void)vfs;
    shim_file *file = (shim_file *)f;
    file->below = sqlite3_malloc(real->szOsFile);
    file->log = (flags & SQLITE_OPEN_WAL) != 0;
    if (file->below == NULL) {
        return SQLITE_NOMEM;
    }
    int rc = real->xOpen(real, name, file->below, flags, out);
    file->base.pMethods = rc == SQLITE_OK ? &shim_methods : NULL;
    if (rc != SQLITE_OK) {
        sqlite3_free(file->below);
    }
    return rc;
}

static sqlite3_vfs shim;

static int install(void **state)
{
    (void)state;
    real = sqlite3_vfs_find(NULL);
    shim = *real;
    shim.zName = "failing";
    shim.szOsFile = sizeof(shim_file);
    shim.xOpen = shim_open;
    return sqlite3_vfs_register(&shim, 1) == SQLITE_OK ? 0 : -1;
}

static void heal(void)
{
    atomic_store(&pass_reads, 0);
    atomic_store(&fail_reads, 0);
    atomic_store(&fail_syncs, 0);
    atomic_store(&fail_writes, 0);
    atomic_store(&full_after, -1);
}

static int mend(void **state)
{
    heal();
    return fixture_tear_down(state);
}

/* ------------------------------------------------------------------ groups */

enum { COUNT = 20 };

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

/* The disk begins to fail while the group is open; the closure may run again, the failure not. */
typedef struct {
    void (*fn)(void);
} strike_once;

static hq_status strike(hq_tx *tx, void *user)
{
    (void)tx;
    strike_once *s = user;
    void (*fn)(void) = s->fn;
    s->fn = NULL;
    if (fn != NULL) {
        fn();
    }
    return HQ_DONE;
}

/* COUNT writes and the strike as one group. */
static void send_group(fixture *f, sent writes[COUNT], int base, void (*how)(void))
{
    gate held;
    sem_t done;
    char words[COUNT][24];
    strike_once once = { how };
    sem_init(&done, 0, 0);
    sent first = { .write = { .fn = hold, .user = &held, .done = note }, .done = &done };
    sent last = { .write = { .fn = strike, .user = &once, .done = note }, .done = &done };
    close_gate(f, &held, &first.write);
    for (int i = 0; i < COUNT; i++) {
        snprintf(words[i], sizeof words[i], "word %d", base + i);
        writes[i] = (sent){ .put = { .id = base + i, .word = words[i] }, .done = &done };
        writes[i].write = (hq_write){ .fn = put_one, .user = &writes[i].put, .done = note };
        MUST(hq_store_submit(f->store, &writes[i].write));
    }
    MUST(hq_store_submit(f->store, &last.write));
    sem_post(&held.open);
    for (int i = 0; i < COUNT + 2; i++) {
        sem_wait(&done);
    }
    sem_destroy(&held.entered);
    sem_destroy(&held.open);
    sem_destroy(&done);
}

/* What was acknowledged is there, what was refused is not, and the journal agrees. */
static void check_all(fixture *f, const sent *writes, int64_t others)
{
    hq_journal_report report;
    int64_t good = others;
    for (int i = 0; i < COUNT; i++) {
        good += hq_ok(writes[i].status) ? 1 : 0;
    }
    heal();
    assert_int_equal(count_shelf(f), good);
    assert_int_equal(hq_journal_head(f->store), good);
    MUST(hq_journal_verify(&report, f->store, NULL, NULL, f->arena));
    assert_true(report.intact);
    assert_int_equal(report.rows, good);
    fixture_close(f);
    fixture_open(f);
    assert_int_equal(count_shelf(f), good);
    put_ok(f, 5000, "after it all");
}

static void nothing(void)
{
}

static void fail_one_sync(void)
{
    atomic_store(&fail_syncs, 1);
}

static void fail_one_write(void)
{
    atomic_store(&fail_writes, 1);
}

static void fail_two_syncs(void)
{
    atomic_store(&fail_syncs, 2);
}

static int64_t refused(const sent writes[COUNT])
{
    int64_t count = 0;
    for (int i = 0; i < COUNT; i++) {
        assert_true(hq_ok(writes[i].status) || writes[i].status.code == HQ_E_IO);
        count += hq_ok(writes[i].status) ? 0 : 1;
    }
    return count;
}

static void a_group_that_meets_a_failure_runs_again_one_by_one(void **state)
{
    fixture *f = *state;
    sent writes[COUNT];
    send_group(f, writes, 0, fail_one_sync);
    assert_int_equal(refused(writes), 0);
    send_group(f, writes, 100, fail_one_write);
    assert_int_equal(refused(writes), 0);
    /* The second failure meets the first closure when it is alone: only that one is refused. */
    send_group(f, writes, 200, fail_two_syncs);
    assert_int_equal(refused(writes), 1);
    assert_int_equal(writes[0].status.code, HQ_E_IO);
    check_all(f, writes, 2 * COUNT);
}

static void a_disk_that_keeps_failing_refuses_and_recovers(void **state)
{
    fixture *f = *state;
    put p = { .id = 1, .word = "refused" };
    put_ok(f, 0, "before");
    atomic_store(&fail_syncs, -1);
    MUST_BE(hq_store_write(f->store, put_one, &p), IO);
    atomic_store(&fail_syncs, 0);
    atomic_store(&fail_writes, -1);
    MUST_BE(hq_store_write(f->store, put_one, &p), IO);
    heal();
    assert_int_equal(count_shelf(f), 1);
    put_ok(f, 1, "now");
    assert_int_equal(hq_journal_head(f->store), 2);
    sent none[COUNT];
    for (int i = 0; i < COUNT; i++) {
        none[i] = (sent){ .status = HQ_FAIL(IO) };
    }
    check_all(f, none, 2);
}

static void a_full_disk_refuses_with_full_and_leaves_nothing_half_done(void **state)
{
    fixture *f = *state;
    sent writes[COUNT];
    int64_t done = 0, full = 0;
    for (int room = 0; room < 200000; room += 9973) {
        atomic_store(&full_after, room);
        send_group(f, writes, room, nothing);
        heal();
        for (int i = 0; i < COUNT; i++) {
            done += hq_ok(writes[i].status) ? 1 : 0;
            full += writes[i].status.code == HQ_E_FULL ? 1 : 0;
            assert_true(hq_ok(writes[i].status) || writes[i].status.code == HQ_E_FULL);
        }
        assert_int_equal(count_shelf(f), done);
    }
    assert_true(done > 0);
    assert_true(full > 0);
    check_all(f, writes, done - COUNT); /* the last group had room enough */
}

/* The engine tells once that another process wrote. When the look at what it wrote fails, positions
 * must not be counted on from what was known before. */
static void a_look_at_what_others_wrote_is_taken_again_when_it_failed(void **state)
{
    fixture *f = *state;
    fixture other = *f;
    fixture_open(&other);
    put_ok(f, 1, "mine");
    for (int i = 2; i < 20; i += 2) {
        char word[24];
        snprintf(word, sizeof word, "word %d", i);
        put_ok(&other, i, word);
        put p = { .id = i + 1 };
        snprintf(word, sizeof word, "word %d", i + 1);
        p.word = word;
        atomic_store(&pass_reads, i / 2 - 1); /* each of the readings that a write begins with */
        atomic_store(&fail_reads, 1);
        hq_status s = hq_store_write(f->store, put_one, &p);
        heal();
        assert_true(hq_ok(s) || s.code == HQ_E_IO);
        if (hq_failed(s)) {
            MUST(hq_store_write(f->store, put_one, &p));
        }
        assert_int_equal(p.ref.position, i + 1);
    }
    fixture_close(&other);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_set_up, mend)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_group_that_meets_a_failure_runs_again_one_by_one),
        TEST(a_disk_that_keeps_failing_refuses_and_recovers),
        TEST(a_full_disk_refuses_with_full_and_leaves_nothing_half_done),
        TEST(a_look_at_what_others_wrote_is_taken_again_when_it_failed),
    };
    return cmocka_run_group_tests_name("failing", tests, install, NULL);
}
