/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "clearance/upload.h"

/* Columns of a file, the JSON they make, and the way back to the cell. */

static void every_column_has_its_names(void **state)
{
    size_t count;
    const hq_upl__column *columns = hq_upl__columns(&count);
    (void)state;
    assert_non_null(columns);
    assert_true(count > 100);
    for (size_t i = 0; i < count; i++) {
        if (hq_sv_eq(columns[i].vi, columns[i].en) || columns[i].vi.len == 0) {
            fail_msg("no label for %.*s in upload_labels.def", HQ_SV_FMT(columns[i].key));
        }
        assert_ptr_equal(hq_upl__column_of(columns[i].key), &columns[i]);
    }
}

/* ------------------------------------------------------------------ a file in memory */

typedef struct {
    hq_arena *arena;
    hq_upl__file file;
    hq_upl__item item;
} fixture;

static int by_field(const void *a, const void *b)
{
    const hq_upl__used *x = a;
    const hq_upl__used *y = b;
    return (x->column > y->column) - (x->column < y->column);
}

/* Columns A, B, C ... by their keys. */
static void set_columns(fixture *f, const char *const *keys, size_t count)
{
    f->file.used = HQ_NEW_ARRAY(f->arena, hq_upl__used, count);
    for (size_t i = 0; i < count; i++) {
        const hq_upl__column *column = hq_upl__column_of(hq_sv_from_cstr(keys[i]));
        assert_non_null(column);
        f->file.used[i] = (hq_upl__used){ column, (uint32_t)i + 1 };
    }
    f->file.used_count = count;
    qsort(f->file.used, count, sizeof *f->file.used, by_field);
}

static uint16_t at(const fixture *f, const char *key)
{
    for (size_t i = 0; i < f->file.used_count; i++) {
        if (hq_sv_eq(f->file.used[i].column->key, hq_sv_from_cstr(key))) {
            return (uint16_t)i;
        }
    }
    fail_msg("no column %s", key);
    return 0;
}

static void assert_cell(const fixture *f, const char *pointer, const char *wanted)
{
    char text[12];
    hq_sv cell = hq_upl__cell_of(text, &f->file, &f->item, hq_sv_from_cstr(pointer));
    if (wanted == NULL) {
        assert_null(cell.ptr);
        return;
    }
    assert_int_equal(cell.len, strlen(wanted));
    assert_memory_equal(cell.ptr, wanted, cell.len);
}

static void cells_become_json_and_back(void **state)
{
    static const char *const keys[] = { "reference",
                                        "lines.hs",
                                        "lines.taxes.1.tax",
                                        "lines.taxes.3.tax",
                                        "lines.taxes.3.exemption.code",
                                        "importer.tax_code",
                                        "permits.2.kind",
                                        "permits.3.number",
                                        "bills",
                                        "packages.count",
                                        "valuation.adjustments.1.lines",
                                        "notes" };
    static const char wanted[] =
        "{\"importer\":{\"tax_code\":\"0100233488\"},\"bills\":[\"X1\",\"X2\"],"
        "\"packages\":{\"count\":12},\"permits\":[{\"kind\":\"AA\"},{\"number\":\"7\"}],"
        "\"valuation\":{\"adjustments\":[{\"lines\":[1,3]}]},\"reference\":\"R\","
        "\"notes\":\"n\","
        "\"lines\":[{\"hs\":\"84818099\",\"taxes\":[{\"tax\":\"VAT\"},"
        "{\"tax\":\"SCT\",\"exemption\":{\"code\":\"E\"}}]},{\"hs\":\"1\"}]}";
    fixture f = { .arena = hq_arena_new(16 << 20) };
    hq_sv json;
    (void)state;
    f.file.is_sheet = true;
    set_columns(&f, keys, sizeof keys / sizeof keys[0]);
    hq_upl__cell header[] = {
        { at(&f, "notes"), 5, HQ_SV("n") },
        { at(&f, "reference"), 4, HQ_SV("R") },
        { at(&f, "importer.tax_code"), 4, HQ_SV("0100233488") },
        { at(&f, "permits.2.kind"), 4, HQ_SV("AA") },
        { at(&f, "permits.3.number"), 6, HQ_SV("7") },
        { at(&f, "bills"), 4, HQ_SV("X1; X2;") },
        { at(&f, "packages.count"), 4, HQ_SV("12") },
        { at(&f, "valuation.adjustments.1.lines"), 4, HQ_SV("1;3") },
    };
    hq_upl__cell cells[] = {
        { at(&f, "lines.hs"), 4, HQ_SV("84818099") },
        { at(&f, "lines.taxes.1.tax"), 4, HQ_SV("VAT") },
        { at(&f, "lines.taxes.3.tax"), 4, HQ_SV("SCT") },
        { at(&f, "lines.taxes.3.exemption.code"), 4, HQ_SV("E") },
        { at(&f, "lines.hs"), 6, HQ_SV("1") },
    };
    hq_upl__row rows[] = { { 4, 0, 4 }, { 6, 4, 1 } };
    f.item = (hq_upl__item){ .row = 4,
                             .header = header,
                             .header_count = sizeof header / sizeof header[0],
                             .rows = rows,
                             .row_count = 2,
                             .cells = cells,
                             .cell_count = 5 };
    assert_true(hq_ok(hq_upl__json(&json, &f.file, &f.item, f.arena)));
    assert_int_equal(json.len, sizeof wanted - 1);
    assert_memory_equal(json.ptr, wanted, json.len);
    assert_cell(&f, "/importer/tax_code", "F4");
    assert_cell(&f, "/bills/1", "I4");
    assert_cell(&f, "/permits/1/number", "H6");
    assert_cell(&f, "/permits/0/number", NULL); /* the sheet has no permits.2.number */
    assert_cell(&f, "/lines/0/hs", "B4");
    assert_cell(&f, "/lines/1/hs", "B6");
    assert_cell(&f, "/lines/0/taxes/1/tax", "D4");
    assert_cell(&f, "/lines/0/taxes/1/exemption", "E4");
    assert_cell(&f, "/lines/1", "B6");
    assert_cell(&f, "/lines/7/hs", NULL);
    assert_cell(&f, "/office", NULL);
    assert_cell(&f, "/notes", "L5");
    assert_cell(&f, "", "A4");
    hq_arena_free(f.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_column_has_its_names),
        cmocka_unit_test(cells_become_json_and_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
