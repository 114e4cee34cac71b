/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/identity.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* bench_identity [KEYS]: what it costs to know an API key among so many, to ask hq_may, and to add
 * a user (almost all of it argon2id). Works on a throw-away database. */

#define ROUNDS   200000
#define TOGETHER 64

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void must(const char *what, hq_status s)
{
    if (hq_failed(s)) {
        fprintf(stderr, "%s: %s\n", what, hq_status_name(s));
        exit(3);
    }
}

static void print_times(const char *what, int64_t *times, size_t count)
{
    qsort(times, count, sizeof *times, by_value);
    printf("%-28s p50 %7.3f  p99 %7.3f us\n", what, (double)times[count / 2] / 1000,
           (double)times[count * 99 / 100] / 1000);
}

static void measure_keys(hq_identity *identity, const hq_sv *headers, size_t count)
{
    static int64_t times[ROUNDS / TOGETHER];
    hq_arena *arena = hq_arena_new((size_t)1 << 20);
    for (size_t i = 0; i < ROUNDS / TOGETHER; i++) {
        const hq_sv *pick[TOGETHER];
        for (size_t k = 0; k < TOGETHER; k++) {
            pick[k] = &headers[hq_random_below((uint32_t)count)];
        }
        int64_t begin = now_ns();
        for (size_t k = 0; k < TOGETHER; k++) {
            const hq_caller *caller;
            must("authenticate", hq_authenticate(&caller, identity, *pick[k], HQ_SV_NULL,
                                                 HQ_SV_NULL, HQ_POST, arena, NULL));
        }
        times[i] = (now_ns() - begin) / TOGETHER;
        hq_arena_reset(arena);
    }
    hq_arena_free(arena);
    print_times("hq_authenticate, API key", times, ROUNDS / TOGETHER);
}

static void measure_may(hq_reference *reference)
{
    static int64_t times[ROUNDS / TOGETHER];
    const hq_ref *ref = hq_reference_acquire(reference);
    const hq_caller caller = { .role = HQ_ROLE_DECLARANT, .tax_code = HQ_SV("9900000011") };
    const hq_target target = { .office = HQ_SV("15BB"), .trader_tax_code = HQ_SV("9900000011") };
    for (size_t i = 0; i < ROUNDS / TOGETHER; i++) {
        int64_t begin = now_ns();
        for (size_t k = 0; k < TOGETHER; k++) {
            must("may", hq_may(&caller, HQ_MAY_FILE, &target, ref, 20000));
        }
        times[i] = (now_ns() - begin) / TOGETHER;
    }
    hq_reference_release(reference, ref);
    print_times("hq_may, declarant files", times, ROUNDS / TOGETHER);
}

static void measure_passwords(hq_identity *identity, hq_arena *arena)
{
    int64_t times[20];
    for (int i = 0; i < 20; i++) {
        hq_new_user user = { .username = hq_arena_printf(arena, "user%d", i),
                             .name = HQ_SV("x"),
                             .role = HQ_SV("officer"),
                             .office = HQ_SV("15BB"),
                             .password = HQ_SV("con voi con di chua") };
        int64_t begin = now_ns();
        must("user", hq_user_add(identity, &user, HQ_SV("system"), arena, NULL));
        times[i] = now_ns() - begin;
    }
    print_times("hq_user_add with its hash", times, 20);
}

int main(int argc, char **argv)
{
    char dir[] = "/tmp/hq-bench-XXXXXX";
    int64_t count = 1000;
    if (argc > 1 && (!hq_sv_i64(&count, hq_sv_from_cstr(argv[1])) || count < 1)) {
        return 2;
    }
    must("init", hq_base_init());
    hq_arena *arena = hq_arena_new((size_t)1 << 30);
    if (mkdtemp(dir) == NULL || arena == NULL) {
        return 3;
    }
    const hq_store_room rooms[] = { hq_reference_room, hq_identity_room };
    hq_store_options options = { .url = hq_arena_printf(arena, "sqlite:%s/b.db", dir),
                                 .clock = hq_os_clock(),
                                 .rooms = rooms,
                                 .room_count = 2,
                                 .no_sync = true };
    hq_store *store;
    hq_reference *reference;
    hq_identity *identity;
    must("store", hq_store_open(&store, &options, arena, NULL));
    must("reference", hq_reference_open(&reference, store, NULL, arena));
    must("identity", hq_identity_open(&identity, store, reference));
    hq_sv *headers = HQ_NEW_ARRAY(arena, hq_sv, (size_t)count);
    for (int64_t i = 0; i < count; i++) {
        hq_sv secret;
        hq_new_key key = { .role = HQ_SV("declarant"), .tax_code = HQ_SV("9900000011") };
        must("key", hq_key_add(&secret, identity, &key, HQ_SV("system"), arena, NULL));
        headers[i] = hq_arena_printf(arena, "Bearer %.*s", HQ_SV_FMT(secret));
    }
    printf("%lld keys\n", (long long)count);
    measure_keys(identity, headers, (size_t)count);
    measure_may(reference);
    measure_passwords(identity, arena);
    hq_identity_close(identity);
    hq_reference_close(reference);
    hq_store_close(store);
    const char *const left[] = { "/b.db", "/b.db-wal", "/b.db-shm", "/b.db.key", "/b.db.pub" };
    for (size_t i = 0; i < sizeof left / sizeof left[0]; i++) {
        unlink(hq_arena_printf(arena, "%s%s%c", dir, left[i], 0).ptr);
    }
    rmdir(dir);
    hq_arena_free(arena);
    return 0;
}
