/* SPDX-License-Identifier: Apache-2.0 */
#include "rows.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

/* Text cases that an officer can read: a table, the rows stored, the file imported, and exactly
 * what comes out: the difference and its report, or the findings. See cases/README.md. */

typedef struct {
    hq_sv table, stored, file, expect;
    hq_day close_missing;
} text_case;

static hq_sv section(hq_sv text, const char *name)
{
    char needle[64];
    size_t len = (size_t)snprintf(needle, sizeof needle, "\n%s:\n", name);
    const char *at = memmem(text.ptr, text.len, needle, len);
    if (at == NULL) {
        return HQ_SV_NULL;
    }
    const char *begin = at + len;
    hq_sv rest = hq_sv_make(begin, (size_t)(text.ptr + text.len - begin));
    const char *end = memmem(rest.ptr, rest.len, "\n\n", 2);
    return end == NULL ? rest : hq_sv_make(begin, (size_t)(end - begin) + 1);
}

static hq_sv line_after(hq_sv text, const char *name)
{
    char needle[64];
    size_t len = (size_t)snprintf(needle, sizeof needle, "\n%s ", name);
    const char *at = memmem(text.ptr, text.len, needle, len);
    if (at == NULL) {
        return HQ_SV_NULL;
    }
    hq_sv rest = hq_sv_sub(text, (size_t)(at - text.ptr) + len, text.len);
    return hq_sv_sub(rest, 0, hq_sv_find(rest, '\n', 0));
}

static text_case read_case(hq_sv text)
{
    text_case c = {
        .table = line_after(text, "table"),
        .stored = section(text, "stored"),
        .file = section(text, "file"),
        .expect = section(text, "expect"),
    };
    hq_sv close = line_after(text, "close-missing");
    if (close.ptr != NULL) {
        assert_true(hq_ok(hq_day_parse(&c.close_missing, close)));
    }
    assert_non_null(c.table.ptr);
    assert_non_null(c.file.ptr);
    assert_non_null(c.expect.ptr);
    return c;
}

static void write_findings(hq_buf *out, const hq_ref__findings *findings)
{
    for (size_t i = 0; i < findings->count; i++) {
        const hq_finding *f = &findings->items[i];
        hq_buf_printf(out, "%s %.*s %.*s: %.*s\n",
                      f->severity == HQ_SEVERITY_ERROR ? "error" : "warning", HQ_SV_FMT(f->rule),
                      HQ_SV_FMT(f->path), HQ_SV_FMT(f->en));
        hq_buf_printf(out, "    %.*s\n", HQ_SV_FMT(f->vi));
    }
}

static void run_case(hq_buf *out, const text_case *c, hq_arena *arena)
{
    const hq_ref__table *table = hq_ref__table_find(c->table);
    hq_ref__findings findings = { .arena = arena };
    hq_ref__difference difference = { 0 };
    hq_ref__row *stored = NULL;
    hq_ref__row *file = NULL;
    size_t stored_count = 0;
    size_t file_count = 0;
    assert_non_null(table);
    if (c->stored.ptr != NULL) {
        stored = rows_of(table->name, hq_arena_cstr(arena, c->stored), 101, &stored_count, arena);
    }
    assert_true(hq_ok(hq_ref__read(&file, &file_count, table, c->file, &findings, arena)));
    if (findings.errors == 0) {
        assert_true(hq_ok(hq_ref__merge(&difference, table, stored, stored_count, file, file_count,
                                        c->close_missing, &findings, arena)));
        assert_true(hq_ok(
            hq_ref__check_whole(table, stored, stored_count, file, file_count, &findings, arena)));
    }
    write_findings(out, &findings);
    if (findings.errors == 0) {
        hq_buf_printf(out, "added %d, changed %d, closed %d, unchanged %d\n", (int)difference.added,
                      (int)difference.changed, (int)difference.closed, (int)difference.unchanged);
        hq_buf_sv(out, hq_ref__report(table, &difference, arena));
    }
}

static int check_case(const char *path)
{
    hq_arena *arena = hq_arena_new((size_t)64 << 20);
    hq_sv text = file_text(path, arena);
    assert_non_null(text.ptr);
    text_case c = read_case(text);
    hq_buf out = HQ_BUF_ARENA(arena, 1 << 20);
    run_case(&out, &c, arena);
    hq_sv came = hq_sv_trim(hq_buf_view(&out));
    hq_sv expected = hq_sv_trim(c.expect);
    bool same = hq_sv_eq(came, expected);
    if (!same) {
        print_error("%s\n--- expected\n%.*s\n--- came\n%.*s\n", path, HQ_SV_FMT(expected),
                    HQ_SV_FMT(came));
    }
    hq_arena_free(arena);
    return !same;
}

static void test_every_text_case_comes_out_as_written(void **state)
{
    (void)state;
    const char *folder = getenv("HQ_CASES");
    assert_non_null(folder);
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    int failed = 0;
    int count = 0;
    for (const struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        char path[4096];
        if (!hq_sv_ends(hq_sv_from_cstr(entry->d_name), HQ_SV(".txt"))) {
            continue;
        }
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        failed += check_case(path);
        count++;
    }
    closedir(dir);
    assert_int_equal(failed, 0);
    assert_true(count >= 15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_text_case_comes_out_as_written),
    };
    assert_true(hq_ok(hq_base_init()));
    return cmocka_run_group_tests(tests, NULL, NULL);
}
