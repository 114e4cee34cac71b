/* SPDX-License-Identifier: Apache-2.0 */

/* What a durable closure costs: a document of 2 kB, two events and an idempotency key each, from a
 * number of submitters that wait for their answers. Prints closures and commits a second, CPU and
 * bytes written a closure. `bench_store FILE [seconds] [submitters] [sync|nosync] [bare]`. With
 * submitters 0 one thread runs `seconds` closures in groups of 32: for counting instructions. */

#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "os/os.h"
#include "store/store.h"

enum { DOCUMENT = 2000, SUBMITTERS_MAX = 1024 };

static const char schema[] = "CREATE TABLE document (number BIGINT PRIMARY KEY, status BIGINT NOT "
                             "NULL, office TEXT NOT NULL,"
                             "at BIGINT NOT NULL, body BLOB NOT NULL);";
static const hq_migration migrations[] = { { "bench", 1, "bench", { schema, sizeof schema - 1 } } };
static const hq_store_room room = { "bench", migrations, 1, NULL };

static hq_sql put_document = HQ_SQL_OF(
    "INSERT INTO document (number, status, office, at, body) VALUES (?1, ?2, ?3, ?4, ?5)");
static hq_sql last_number = HQ_SQL_OF("SELECT coalesce(max(number), 0) FROM document");

typedef struct {
    hq_write write;
    int64_t number;
    sem_t *done;
    int64_t sent_us;
    uint32_t *latency;
} job;

static char text[DOCUMENT + 4096];
static atomic_llong next_number, answered, failed;
static atomic_bool stop;
static bool bare;

static hq_status append(hq_tx *tx, hq_sv kind, hq_sv subject, const hq_hash32 *hash)
{
    hq_event e = { .office = HQ_SV("15BB"),
                   .room = HQ_SV("bench"),
                   .kind = kind,
                   .subject = subject,
                   .version = 1,
                   .actor = HQ_SV("0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"),
                   .payload =
                       HQ_SV("{\"channel\":\"GREEN\",\"office\":\"15BB\",\"total\":974182596}"),
                   .row_hash = hash };
    return hq_tx_event(tx, &e, NULL);
}

static hq_status write_document(hq_tx *tx, void *user)
{
    const job *j = user;
    char subject[40], key[40];
    hq_sv answer;
    hq_hash32 hash = { { 1 } };
    int len = snprintf(subject, sizeof subject, "declaration/%012lld", (long long)j->number);
    int key_len =
        snprintf(key, sizeof key, "%llx-%lld", (unsigned long long)j->number * 0x9e3779b97f4a7c15u,
                 (long long)j->number);
    hq_idempotency idempotency = { HQ_SV("0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"),
                                   hq_sv_make(key, (size_t)key_len),
                                   { { 2 } } };
    if (!bare) {
        hq_status s = hq_tx_idempotent(&answer, tx, &idempotency);
        if (s.code != HQ_E_NOT_FOUND) {
            return HQ_FAIL(EXISTS);
        }
    }
    HQ_TRY(HQ_TX_RUN(tx, &put_document, HQ_B_I64(j->number), HQ_B_I64(3), HQ_B_TEXT(HQ_SV("15BB")),
                     HQ_B_I64(hq_tx_now(tx)),
                     HQ_B_BLOB(hq_sv_make(text + j->number % 4096, DOCUMENT))));
    if (bare) {
        return HQ_DONE;
    }
    HQ_TRY(append(tx, HQ_SV("declaration.registered"), hq_sv_make(subject, (size_t)len), &hash));
    HQ_TRY(append(tx, HQ_SV("debt.opened"), hq_sv_make(subject, (size_t)len), NULL));
    return hq_tx_remember(tx, &idempotency, hq_sv_make(subject, (size_t)len));
}

/* Sends itself again from the store's thread's answer, as a server's connections do: the next
 * request comes when the answer is out. */
static void answer_one(hq_write *write, hq_status status)
{
    job *j = (job *)write;
    atomic_fetch_add(hq_ok(status) ? &answered : &failed, 1);
    sem_post(j->done);
}

static hq_status find_last(hq_tx *tx, void *user)
{
    hq_rows rows;
    HQ_TRY(hq_tx_query(&rows, tx, &last_number, NULL, 0));
    *(int64_t *)user = hq_rows_next(&rows) ? hq_rows_i64(&rows, 0) : 0;
    return hq_rows_end(&rows);
}

typedef struct {
    hq_store *store;
    hq_thread thread;
    job job;
    sem_t done;
    uint32_t *latencies;
    size_t count, room;
} submitter;

static void submit_one(submitter *s)
{
    s->job.number = atomic_fetch_add(&next_number, 1);
    s->job.write = (hq_write){ .fn = write_document, .user = &s->job, .done = answer_one };
    s->job.done = &s->done;
    int64_t start = hq_os_monotonic_us();
    if (hq_failed(hq_store_submit(s->store, &s->job.write))) {
        atomic_fetch_add(&failed, 1);
        return;
    }
    while (sem_wait(&s->done) != 0) {
        /* a signal came first */
    }
    if (s->count < s->room) {
        s->latencies[s->count++] = (uint32_t)(hq_os_monotonic_us() - start);
    }
}

static void submit_all(void *user)
{
    submitter *s = user;
    while (!atomic_load(&stop)) {
        submit_one(s);
    }
}

static int64_t cpu_us(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * HQ_US_PER_SECOND + u.ru_utime.tv_usec +
           u.ru_stime.tv_usec;
}

static int64_t bytes_written(void)
{
    char line[128];
    int64_t bytes = 0;
    FILE *io = fopen("/proc/self/io", "r");
    while (io != NULL && fgets(line, sizeof line, io) != NULL) {
        if (strncmp(line, "write_bytes: ", 13) == 0) {
            bytes = strtoll(line + 13, NULL, 10);
        }
    }
    if (io != NULL) {
        fclose(io);
    }
    return bytes;
}

static int by_value(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static void print_latencies(const submitter *submitters, size_t count)
{
    size_t total = 0;
    for (size_t i = 0; i < count; i++) {
        total += submitters[i].count;
    }
    uint32_t *all = calloc(total + 1, sizeof *all);
    if (all == NULL || total == 0) {
        free(all);
        return;
    }
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        memcpy(all + at, submitters[i].latencies, submitters[i].count * sizeof *all);
        at += submitters[i].count;
    }
    qsort(all, total, sizeof *all, by_value);
    printf("p50 %u us, p99 %u us, most %u us\n", all[total / 2], all[total * 99 / 100],
           all[total - 1]);
    free(all);
}

static void run_threads(hq_store *store, int64_t seconds, size_t count)
{
    static submitter submitters[SUBMITTERS_MAX];
    int64_t cpu = cpu_us(), bytes = bytes_written(), start = hq_os_monotonic_us();
    int64_t already = atomic_load(&answered);
    for (size_t i = 0; i < count; i++) {
        submitter *s = &submitters[i];
        s->store = store;
        s->room = 1 << 20;
        s->latencies = malloc(s->room * sizeof *s->latencies);
        sem_init(&s->done, 0, 0);
        HQ_IGNORE(hq_thread_start(&s->thread, "submitter", submit_all, s)); /* fewer then */
    }
    usleep((unsigned)(seconds * 1000000));
    atomic_store(&stop, true);
    for (size_t i = 0; i < count; i++) {
        hq_thread_join(&submitters[i].thread);
    }
    double took = (double)(hq_os_monotonic_us() - start) / 1e6;
    double done = (double)(atomic_load(&answered) - already);
    printf("%.0f closures/s, %.1f us CPU and %.0f bytes written a closure, %lld failed\n",
           done / took, (double)(cpu_us() - cpu) / done, (double)(bytes_written() - bytes) / done,
           (long long)atomic_load(&failed));
    print_latencies(submitters, count);
}

static void run_counted(hq_store *store, int64_t closures)
{
    enum { GROUP = 32 };
    static job jobs[GROUP];
    sem_t done;
    sem_init(&done, 0, 0);
    for (int64_t sent = 0; sent < closures; sent += GROUP) {
        for (int i = 0; i < GROUP; i++) {
            jobs[i] = (job){ .number = atomic_fetch_add(&next_number, 1), .done = &done };
            jobs[i].write =
                (hq_write){ .fn = write_document, .user = &jobs[i], .done = answer_one };
            HQ_IGNORE(hq_store_submit(store, &jobs[i].write)); /* never full with so few */
        }
        for (int i = 0; i < GROUP; i++) {
            sem_wait(&done);
        }
    }
    printf("%lld closures\n", (long long)atomic_load(&answered));
}

int main(int argc, char **argv)
{
    if (argc < 2 || hq_failed(hq_base_init())) {
        fprintf(stderr, "bench_store FILE [seconds] [submitters] [sync|nosync] [bare]\n");
        return 2;
    }
    hq_arena *arena = hq_arena_new(1 << 20);
    hq_store *store;
    hq_why why;
    int64_t last = 0;
    for (size_t i = 0; i < sizeof text; i++) {
        text[i] = (char)('0' + hq_random_below(64));
    }
    bare = argc > 5 && strcmp(argv[5], "bare") == 0;
    hq_store_options options = { .url = hq_arena_printf(arena, "sqlite:%s", argv[1]),
                                 .clock = hq_os_clock(),
                                 .rooms = &room,
                                 .room_count = 1,
                                 .no_realtime = getenv("NO_REALTIME") != NULL,
                                 .no_sync = argc > 4 && strcmp(argv[4], "nosync") == 0 };
    hq_status s = hq_store_open(&store, &options, arena, &why);
    if (hq_failed(s)) {
        fprintf(stderr, "%.*s\n", HQ_SV_FMT(why.en));
        return 3;
    }
    s = hq_store_read(store, find_last, &last);
    atomic_store(&next_number, last + 1);
    int64_t seconds = argc > 2 ? strtoll(argv[2], NULL, 10) : 5;
    long submitters = argc > 3 ? strtol(argv[3], NULL, 10) : 32;
    printf("%s, %s, %lld stored before\n", options.no_sync ? "no sync" : "durable",
           hq_store_realtime(store) ? "real-time" : "ordinary scheduling", (long long)last);
    if (submitters > 0 && submitters <= SUBMITTERS_MAX) {
        run_threads(store, seconds, (size_t)submitters);
    } else {
        run_counted(store, seconds);
    }
    hq_store_close(store);
    hq_arena_free(arena);
    return hq_ok(s) ? 0 : 3;
}
