/* SPDX-License-Identifier: Apache-2.0 */
#include "rows.h"

#include <stdio.h>
#include <stdlib.h>

hq_ref__row *rows_of(const char *table, const char *csv, int64_t first_id, size_t *count,
                     hq_arena *arena)
{
    hq_ref__findings findings = { .arena = arena };
    hq_ref__row *rows = NULL;
    const hq_ref__table *spec = hq_ref__table_find(hq_sv_from_cstr(table));
    assert_non_null(spec);
    assert_true(hq_ok(hq_ref__read(&rows, count, spec, hq_sv_from_cstr(csv), &findings, arena)));
    for (size_t i = 0; i < findings.count; i++) {
        if (findings.items[i].severity == HQ_SEVERITY_ERROR) {
            fail_msg("%s: %.*s %.*s", table, HQ_SV_FMT(findings.items[i].path),
                     HQ_SV_FMT(findings.items[i].en));
        }
    }
    for (size_t i = 0; i < *count; i++) {
        rows[i].id = first_id + (int64_t)i;
        rows[i].known_from = 1;
        rows[i].line = 0;
    }
    return rows;
}

hq_ref *snapshot_of(const char *table, ...)
{
    hq_arena *arena = hq_arena_new((size_t)1 << 30);
    hq_ref__row *all = NULL;
    size_t total = 0;
    va_list args;
    va_start(args, table);
    while (table != NULL) {
        size_t count;
        const char *csv = va_arg(args, const char *);
        const hq_ref__row *rows = rows_of(table, csv, (int64_t)total + 1, &count, arena);
        all = realloc(all, (total + count + 1) * sizeof *all);
        assert_non_null(all);
        if (count > 0) {
            memcpy(all + total, rows, count * sizeof *all);
        }
        total += count;
        table = va_arg(args, const char *);
    }
    va_end(args);
    hq_ref *ref = NULL;
    assert_true(hq_ok(hq_ref__build(&ref, all, total, 1)));
    free(all);
    hq_arena_free(arena);
    return ref;
}

hq_day day(const char *text)
{
    hq_day out;
    assert_true(hq_ok(hq_day_parse(&out, hq_sv_from_cstr(text))));
    return out;
}

hq_time_us at(const char *text)
{
    hq_time_us out;
    assert_true(hq_ok(hq_time_parse(&out, hq_sv_from_cstr(text))));
    return out;
}

hq_sv file_text(const char *path, hq_arena *arena)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return HQ_SV_NULL;
    }
    fseek(file, 0, SEEK_END);
    size_t size = (size_t)ftell(file);
    rewind(file);
    char *text = hq_arena_alloc(arena, size + 1);
    assert_non_null(text);
    assert_int_equal(fread(text, 1, size, file), size);
    text[size] = '\0';
    fclose(file);
    return hq_sv_make(text, size);
}
