/* SPDX-License-Identifier: Apache-2.0 */
#include "official.h"

#include <stdio.h>

#include "codec/codec.h"

#define FROM "2022-12-01"

static hq_sv whole_file(const char *folder, const char *name, hq_arena *arena)
{
    const char *path = hq_arena_printf(arena, "%s/%s%c", folder, name, 0).ptr;
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return HQ_SV_NULL;
    }
    fseek(file, 0, SEEK_END);
    size_t size = (size_t)ftell(file);
    rewind(file);
    char *text = hq_arena_alloc(arena, size + 1);
    size_t got = text == NULL ? 0 : fread(text, 1, size, file);
    fclose(file);
    return got == size ? hq_sv_make(text, size) : HQ_SV_NULL;
}

static void put(hq_buf *out, hq_sv hs, hq_sv vi, hq_sv en)
{
    const hq_sv fields[] = { hs, vi, en, HQ_SV(""), HQ_SV(""), HQ_SV(FROM), HQ_SV("") };
    hq_csv_write(out, fields, sizeof fields / sizeof fields[0]);
}

static hq_sv last_code(const hq_buf *out, size_t digits)
{
    hq_sv all = hq_buf_view(out);
    size_t line = all.len > 0 ? all.len - 1 : 0;
    while (line > 0 && all.ptr[line - 1] != '\n') {
        line--;
    }
    return hq_sv_sub(all, line, digits);
}

/* "- - Pure-bred": dashes show the level in the paper; the table's names do not carry them. */
static hq_sv without_dashes(hq_sv name)
{
    while (name.len > 0 && (name.ptr[0] == '-' || name.ptr[0] == ' ')) {
        name = hq_sv_sub(name, 1, name.len);
    }
    return name;
}

static size_t add(hq_buf *out, hq_sv text, int code, int name, size_t digits, hq_arena *arena)
{
    hq_sv fields[HQ_CSV_COLUMNS_MAX];
    size_t count;
    size_t rows = 0;
    hq_csv csv = hq_csv_open(text);
    hq_why why;
    while (hq_ok(hq_csv_next(fields, &count, &csv, arena, &why))) {
        hq_sv hs = fields[code];
        /* Some lines of chapter 98 stand there several times, word for word. */
        if (hs.len != digits || !hq_sv_digits(hs) || hq_sv_eq(hs, last_code(out, digits))) {
            continue;
        }
        hq_sv shown = without_dashes(fields[name]);
        if (digits == 8) {
            put(out, hs, shown, HQ_SV(""));
        } else {
            put(out, hs, HQ_SV(""), shown);
        }
        rows++;
    }
    return rows;
}

official_names official_read(const char *folder, hq_arena *arena)
{
    official_names names = { .csv = HQ_SV_NULL };
    hq_sv six = whole_file(folder, "hs_wco_2022_6digit.csv", arena);
    hq_sv eight = whole_file(folder, "nolicence/vn_hs8_names_2026.csv", arena);
    hq_buf out = HQ_BUF_ARENA(arena, (size_t)64 << 20);
    if (six.ptr == NULL || eight.ptr == NULL) {
        return names;
    }
    hq_buf_lit(&out, "hs,name_vi,name_en,unit,unit2,valid_from,valid_to\n");
    names.six = add(&out, six, 1, 2, 6, arena);
    names.eight = add(&out, eight, 0, 1, 8, arena);
    names.csv = hq_ok(hq_buf_status(&out)) ? hq_buf_view(&out) : HQ_SV_NULL;
    return names;
}
