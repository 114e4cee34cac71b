/* SPDX-License-Identifier: Apache-2.0 */
#include "reference/holder.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "official.h"

/* bench_reference [FOLDER]: the cost of a tariff lookup and of a search over HS names. The tariff
 * is invented: every eight-digit code of the nomenclature in FOLDER (or 12,000 made-up codes
 * without it) with eight schemes, VAT on its chapter. Prints p50 and p99; a lookup is measured 64
 * at a time, because one costs about as much as reading the clock. */

#define LOOKUPS  200000
#define TOGETHER 64
#define SEARCHES 200

static int64_t clock_ns(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int64_t now_ns(void)
{
    return clock_ns(CLOCK_MONOTONIC);
}

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void print_times(const char *what, int64_t *times, size_t count, double unit,
                        const char *name)
{
    qsort(times, count, sizeof *times, by_value);
    printf("%-34s p50 %8.3f  p99 %8.3f  max %8.3f %s\n", what, (double)times[count / 2] / unit,
           (double)times[count * 99 / 100] / unit, (double)times[count - 1] / unit, name);
}

static void die(const char *what, hq_status s)
{
    fprintf(stderr, "%s: %s\n", what, hq_status_name(s));
    exit(3);
}

/* ------------------------------------------------------------------ rows */

typedef struct {
    hq_ref__row *rows;
    size_t count;
    uint32_t *codes;
    size_t code_count;
    hq_arena *arena;
} set;

static void read_table(set *all, const char *table, hq_sv csv)
{
    hq_ref__findings findings = { .arena = all->arena };
    hq_ref__row *rows;
    size_t count;
    hq_status s = hq_ref__read(&rows, &count, hq_ref__table_find(hq_sv_from_cstr(table)), csv,
                               &findings, all->arena);
    if (hq_failed(s) || findings.errors > 0) {
        die(table, hq_failed(s) ? s : HQ_FAIL(INVALID));
    }
    hq_ref__row *grown = realloc(all->rows, (all->count + count) * sizeof *grown);
    if (grown == NULL) {
        die(table, HQ_FAIL(NOMEM));
    }
    all->rows = grown;
    for (size_t i = 0; i < count; i++) {
        rows[i].id = (int64_t)(all->count + 1);
        rows[i].known_from = 1;
        all->rows[all->count++] = rows[i];
    }
}

static hq_sv made_up_names(hq_arena *arena)
{
    hq_buf out = HQ_BUF_ARENA(arena, (size_t)8 << 20);
    hq_buf_lit(&out, "hs,name_vi,name_en,unit,unit2,valid_from,valid_to\n");
    for (int i = 0; i < 12000; i++) {
        hq_buf_printf(&out, "%02d%06d,Hàng số %d loại khác,Goods number %d other,,,2022-12-01,\n",
                      1 + i % 97, i * 7, i, i);
    }
    return hq_buf_view(&out);
}

static void take_codes(set *all, hq_sv csv)
{
    all->codes = hq_arena_array(all->arena, 20000, sizeof *all->codes);
    while (csv.ptr != NULL && all->code_count < 20000) {
        int64_t code;
        hq_sv line = hq_sv_cut(&csv, '\n');
        hq_sv hs = hq_sv_sub(line, 0, hq_sv_find(line, ',', 0));
        if (hs.len == 8 && hq_sv_i64(&code, hs)) {
            all->codes[all->code_count++] = (uint32_t)code;
        }
    }
}

static const char *const schemes[] = { "B01", "B02", "B03", "B04", "B05", "B06", "B08", "B09" };

static void add_tariff(set *all)
{
    hq_buf out = HQ_BUF_ARENA(all->arena, (size_t)64 << 20);
    hq_buf_lit(&out, "hs,tax,scheme,valid_from,valid_to,rate_percent,amount,amount_unit,"
                     "amount_currency,countries,countries_excluded,producer,condition,source\n");
    for (size_t i = 0; i < all->code_count; i++) {
        for (size_t k = 0; k < sizeof schemes / sizeof schemes[0]; k++) {
            hq_buf_printf(&out, "%08u,IMPORT,%s,2022-12-30,,%zu,,,,,,,,invented\n", all->codes[i],
                          schemes[k], i % 40);
        }
    }
    for (int chapter = 1; chapter < 98; chapter++) {
        for (int heading = 1; heading < 40; heading++) {
            hq_buf_printf(&out, "%02d%02d,VAT,,2022-12-30,,10,,,,,,,,invented\n", chapter, heading);
        }
    }
    read_table(all, "tariff", hq_buf_view(&out));
}

/* ------------------------------------------------------------------ measuring */

static void measure_lookups(const hq_ref *ref, const set *all, hq_tax tax, const char *what)
{
    static int64_t times[LOOKUPS / TOGETHER];
    const hq_tariff_row *rows[4];
    hq_tariff_query queries[TOGETHER];
    size_t found = 0;
    hq_day day = hq_day_from_civil(2026, 11, 20);
    for (size_t i = 0; i < LOOKUPS / TOGETHER; i++) {
        for (size_t k = 0; k < TOGETHER; k++) {
            queries[k] = (hq_tariff_query){
                .tax = tax,
                .hs8 = all->codes[hq_random_below((uint32_t)all->code_count)],
                .origin = hq_code4_of(HQ_SV("CN")),
                .scheme =
                    tax == HQ_TAX_IMPORT ? hq_sv_from_cstr(schemes[hq_random_below(8)]) : HQ_SV(""),
                .day = day,
            };
        }
        int64_t begin = now_ns();
        for (size_t k = 0; k < TOGETHER; k++) {
            found += hq_ref_tariff(rows, 4, ref, &queries[k]);
        }
        times[i] = (now_ns() - begin) / TOGETHER;
    }
    print_times(what, times, LOOKUPS / TOGETHER, 1000.0, "us");
    printf("%-34s %zu of %d found\n", "", found, LOOKUPS / TOGETHER * TOGETHER);
}

static void measure_search(const hq_ref *ref, const char *words)
{
    int64_t times[SEARCHES];
    int64_t work[SEARCHES]; /* of this thread alone: a busy machine takes the processor away */
    hq_hs_hit hits[20];
    size_t count = 0;
    for (int i = 0; i < SEARCHES; i++) {
        hq_arena *arena = hq_arena_new((size_t)16 << 20);
        int64_t begin = now_ns();
        int64_t work_begin = clock_ns(CLOCK_THREAD_CPUTIME_ID);
        hq_status s = hq_ref_search_hs(hits, &count, 20, ref, hq_sv_from_cstr(words),
                                       hq_day_from_civil(2026, 11, 20), arena);
        work[i] = clock_ns(CLOCK_THREAD_CPUTIME_ID) - work_begin;
        times[i] = now_ns() - begin;
        hq_arena_free(arena);
        if (hq_failed(s)) {
            die("search", s);
        }
    }
    char label[64];
    snprintf(label, sizeof label, "search \"%.22s\" (%zu)", words, count);
    print_times(label, times, SEARCHES, 1000000.0, "ms");
    print_times("    of it processor time", work, SEARCHES, 1000000.0, "ms");
}

int main(int argc, char **argv)
{
    static const char *const searches[] = { "loại khác", "may giat", "horses", "máy bơm chất lỏng",
                                            "of other",  "8481",     "a",      "khongcotunay" };
    if (hq_failed(hq_base_init())) {
        return 3;
    }
    set all = { .arena = hq_arena_new((size_t)2 << 30) };
    official_names names = { .csv = HQ_SV_NULL };
    if (argc > 1) {
        names = official_read(argv[1], all.arena);
    }
    hq_sv csv = names.csv.ptr == NULL ? made_up_names(all.arena) : names.csv;
    printf("nomenclature: %s, %zu six-digit and %zu eight-digit names\n",
           names.csv.ptr == NULL ? "made up" : "as published", names.six, names.eight);
    take_codes(&all, csv);
    read_table(&all, "nomenclature", csv);
    add_tariff(&all);
    hq_ref *ref;
    int64_t begin = now_ns();
    hq_status s = hq_ref__build(&ref, all.rows, all.count, 1);
    if (hq_failed(s)) {
        die("build", s);
    }
    printf("%zu rows, snapshot built in %.0f ms\n", all.count, (double)(now_ns() - begin) / 1e6);
    measure_lookups(ref, &all, HQ_TAX_IMPORT, "hq_ref_tariff IMPORT, 8 digits");
    measure_lookups(ref, &all, HQ_TAX_VAT, "hq_ref_tariff VAT, by heading");
    measure_lookups(ref, &all, HQ_TAX_AD, "hq_ref_tariff AD, none");
    for (size_t i = 0; i < sizeof searches / sizeof searches[0]; i++) {
        measure_search(ref, searches[i]);
    }
    hq_ref_free(ref);
    free(all.rows);
    hq_arena_free(all.arena);
    return 0;
}
