/* SPDX-License-Identifier: Apache-2.0 */
#include "desk.h"

#include <stdio.h>
#include <stdlib.h>

#include "reference/codes.h"

typedef struct {
    hq_ref__row *rows;
    size_t count;
    hq_arena *arena;
} gathering;

static void gather(gathering *all, const char *table, const char *csv)
{
    size_t count;
    const hq_ref__row *rows = rows_of(table, csv, (int64_t)all->count + 1, &count, all->arena);
    all->rows = realloc(all->rows, (all->count + count + 1) * sizeof *all->rows);
    assert_non_null(all->rows);
    if (count > 0) {
        memcpy(all->rows + all->count, rows, count * sizeof *rows);
    }
    all->count += count;
}

static void gather_lines(gathering *all, const char *table, const char *const *lines)
{
    hq_buf csv = HQ_BUF_ARENA(all->arena, 1 << 20);
    for (; *lines != NULL; lines++) {
        hq_buf_sv(&csv, hq_sv_from_cstr(*lines));
        hq_buf_char(&csv, '\n');
    }
    gather(all, table, hq_arena_cstr(all->arena, hq_buf_view(&csv)));
}

hq_ref *desk_reference(const char *folder)
{
    gathering all = { .arena = hq_arena_new((size_t)1 << 30) };
    gather_lines(&all, "countries", hq_ref__countries_csv);
    gather_lines(&all, "currencies", hq_ref__currencies_csv);
    for (size_t t = 0; t < HQ_REF__TABLES; t++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s.csv", folder, hq_ref__tables[t].name);
        hq_sv csv = file_text(path, all.arena);
        if (csv.ptr != NULL) {
            gather(&all, hq_ref__tables[t].name, csv.ptr);
        }
    }
    hq_ref *ref = NULL;
    assert_true(hq_ok(hq_ref__build(&ref, all.rows, all.count, 1)));
    free(all.rows);
    hq_arena_free(all.arena);
    return ref;
}

typedef hq_status (*decoder)(hq_declaration **out, hq_findings *findings, hq_sv body,
                             hq_arena *arena, hq_why *why);

static desk_work assess(decoder decode, hq_sv json, const hq_ref *ref, hq_day day,
                        hq_check_stage stage)
{
    desk_work work = { .arena = hq_arena_new((size_t)64 << 20) };
    work.findings.arena = work.arena;
    char *body = hq_arena_zalloc(work.arena, json.len + 64);
    assert_non_null(body);
    memcpy(body, json.ptr, json.len);
    work.status =
        decode(&work.declaration, &work.findings, hq_sv_make(body, json.len), work.arena, NULL);
    if (hq_ok(work.status)) {
        work.status = hq_assess(&work.assessment, &work.findings, work.declaration, ref, day, stage,
                                work.arena);
    }
    return work;
}

desk_work desk_assess(hq_sv json, const hq_ref *ref, hq_day day, hq_check_stage stage)
{
    return assess(hq_declaration_decode, json, ref, day, stage);
}

desk_work desk_assess_parcel(hq_sv json, const hq_ref *ref, hq_day day)
{
    return assess(hq_parcel_decode, json, ref, day, HQ_CHECK_REGISTER);
}

void desk_end(desk_work *work)
{
    hq_arena_free(work->arena);
}
