/* SPDX-License-Identifier: Apache-2.0 */
#include "reference/tables.h"

/* After the merge: what must hold for a table as a whole, and the report a person reads. */

/* ------------------------------------------------------------------ offices */

#define OFFICE_DEPTH_MAX 8

static hq_status put_office(hq_map *parents, const hq_ref__row *row, size_t parent_at,
                            hq_arena *arena)
{
    hq_sv cells[HQ_REF__COLUMNS];
    hq_ref__cells(cells, row->cells);
    hq_sv *parent = HQ_NEW(arena, hq_sv);
    if (parent == NULL) {
        return HQ_FAIL(NOMEM);
    }
    *parent = cells[parent_at];
    return hq_map_put(parents, cells[0], parent);
}

static void check_office(const hq_map *parents, const hq_ref__row *row, hq_sv office,
                         hq_ref__findings *findings, hq_arena *arena)
{
    hq_sv at = office;
    for (int depth = 0; depth < OFFICE_DEPTH_MAX; depth++) {
        const hq_sv *parent = hq_map_get(parents, at);
        if (parent == NULL) {
            hq_ref__find(findings, HQ_SEVERITY_ERROR, "REF31", row->line, "parent", at,
                         hq_arena_printf(arena,
                                         "Không có đơn vị \"%.*s\" trong tệp lẫn dữ liệu đã lưu",
                                         HQ_SV_FMT(at)),
                         hq_arena_printf(arena, "Office \"%.*s\" is neither in the file nor stored",
                                         HQ_SV_FMT(at)));
            return;
        }
        if (parent->len == 0) {
            return;
        }
        at = *parent;
    }
    hq_ref__find(findings, HQ_SEVERITY_ERROR, "REF32", row->line, "parent", office,
                 HQ_SV("Chuỗi đơn vị cấp trên quay vòng hoặc quá 8 cấp"),
                 HQ_SV("The chain of parents runs in a circle or is deeper than 8"));
}

static hq_status check_offices(const hq_ref__table *table, const hq_ref__row *stored,
                               size_t stored_count, const hq_ref__row *file, size_t file_count,
                               hq_ref__findings *findings, hq_arena *arena)
{
    size_t parent_at = hq_ref__cell_index(table, "parent");
    size_t all = stored_count + file_count;
    hq_map *parents = hq_map_new(arena, all, all + 1);
    if (parents == NULL) {
        return HQ_FAIL(NOMEM);
    }
    for (size_t i = 0; i < stored_count; i++) {
        if (stored[i].fate == HQ_FATE_STAYS || stored[i].fate == HQ_FATE_CLOSED) {
            HQ_TRY(put_office(parents, &stored[i], parent_at, arena));
        }
    }
    for (size_t i = 0; i < file_count; i++) {
        HQ_TRY(put_office(parents, &file[i], parent_at, arena));
    }
    for (size_t i = 0; i < file_count && !hq_ref__full(findings); i++) {
        hq_sv cells[HQ_REF__COLUMNS];
        hq_ref__cells(cells, file[i].cells);
        check_office(parents, &file[i], cells[0], findings, arena);
    }
    return HQ_DONE;
}

hq_status hq_ref__check_whole(const hq_ref__table *table, const hq_ref__row *stored,
                              size_t stored_count, const hq_ref__row *file, size_t file_count,
                              hq_ref__findings *findings, hq_arena *arena)
{
    if (hq_ref__table_id_of(table) == HQ_REF_OFFICES) {
        return check_offices(table, stored, stored_count, file, file_count, findings, arena);
    }
    return HQ_DONE;
}

/* ------------------------------------------------------------------ report */

#define REPORT_LINES_MAX 2000

static void write_name(hq_buf *text, const hq_ref__table *table, const hq_ref__row *row)
{
    hq_sv rest = row->key;
    while (rest.ptr != NULL) {
        hq_sv part = hq_sv_cut(&rest, '\t');
        if (part.len > 0) {
            hq_buf_char(text, ' ');
            hq_buf_sv(text, part);
        }
    }
    if (table->dated) {
        hq_buf_lit(text, " from ");
        hq_day_write(text, row->from);
    }
}

static void write_change(hq_buf *text, const char *column, hq_sv before, hq_sv after, bool *first)
{
    hq_buf_printf(text, "%s %s \"%.*s\" -> \"%.*s\"", *first ? ":" : ",", column, HQ_SV_FMT(before),
                  HQ_SV_FMT(after));
    *first = false;
}

static void write_changes(hq_buf *text, const hq_ref__table *table, const hq_ref__row *row)
{
    hq_sv old[HQ_REF__COLUMNS];
    hq_sv new[HQ_REF__COLUMNS];
    bool first = true;
    size_t cell = 0;
    hq_ref__cells(old, row->before->cells);
    hq_ref__cells(new, row->cells);
    for (size_t i = 0; i < table->column_count; i++) {
        const hq_ref__column *column = &table->columns[i];
        if (column->kind == HQ_CELL_FROM || column->kind == HQ_CELL_TO) {
            continue;
        }
        if (!hq_sv_eq(old[cell], new[cell])) {
            write_change(text, column->name, old[cell], new[cell], &first);
        }
        cell++;
    }
    if (row->to != row->before->to) {
        hq_buf_char(text, first ? ':' : ',');
        hq_buf_lit(text, " valid_to \"");
        hq_day_write(text, row->before->to);
        hq_buf_lit(text, "\" -> \"");
        hq_day_write(text, row->to);
        hq_buf_char(text, '"');
    }
}

static void write_line(hq_buf *text, const hq_ref__table *table, const hq_ref__row *row)
{
    bool stored = row->line == 0;
    bool added = !stored && row->before == NULL;
    hq_buf_append(text, stored ? "closed " : added ? "added  " : "changed", 7);
    if (!stored) {
        hq_buf_printf(text, " line %u:", row->line);
    }
    write_name(text, table, row);
    if (stored && row->fate == HQ_FATE_WITHDRAWN) {
        hq_buf_lit(text, ": withdrawn");
    } else if (stored) {
        hq_buf_lit(text, ": last day ");
        hq_day_write(text, row->to);
    } else if (!added) {
        write_changes(text, table, row);
    }
    hq_buf_char(text, '\n');
}

static int64_t withdrawn(const hq_ref__difference *difference, hq_buf *text,
                         const hq_ref__table *table)
{
    int64_t written = 0;
    for (size_t i = 0; i < difference->end_count; i++) {
        if (difference->end[i]->fate == HQ_FATE_WITHDRAWN && written < REPORT_LINES_MAX) {
            write_line(text, table, difference->end[i]);
            written++;
        }
    }
    return written;
}

hq_sv hq_ref__report(const hq_ref__table *table, const hq_ref__difference *difference,
                     hq_arena *arena)
{
    hq_buf text = HQ_BUF_HEAP(64u << 20);
    int64_t written = withdrawn(difference, &text, table);
    for (size_t i = 0; i < difference->write_count && written < REPORT_LINES_MAX; i++) {
        write_line(&text, table, difference->write[i]);
        written++;
    }
    int64_t all = difference->added + difference->changed + difference->closed;
    if (all > written) {
        hq_buf_printf(&text, "... and %lld more\n", (long long)(all - written));
    }
    hq_sv report =
        hq_ok(hq_buf_status(&text)) ? hq_arena_dup(arena, hq_buf_view(&text)) : HQ_SV("");
    hq_buf_free(&text);
    return report;
}
