/* SPDX-License-Identifier: Apache-2.0 */
#include "balance/room.h"

/* Rows of balance_lines. */

#define COLUMNS                                                                                    \
    "line, role, code, hs, description, unit, planned, opened, expected, drawn, restored, norms"

static hq_sql find =
    HQ_SQL_OF("SELECT " COLUMNS " FROM balance_lines WHERE account = ?1 AND line = ?2");
static hq_sql all =
    HQ_SQL_OF("SELECT " COLUMNS " FROM balance_lines WHERE account = ?1 ORDER BY line");
static hq_sql insert =
    HQ_SQL_OF("INSERT INTO balance_lines (account, " COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, "
              "?7, ?8, ?9, ?10, ?11, ?12, ?13)");
/* Whatever was read before, nothing is drawn below zero: the figures stand in the condition too. */
static hq_sql update = HQ_SQL_OF(
    "UPDATE balance_lines SET role = ?3, code = ?4, hs = ?5, description = ?6, unit = ?7, "
    "planned = ?8, opened = ?9, expected = ?10, drawn = ?11, restored = ?12, norms = ?13 "
    "WHERE account = ?1 AND line = ?2 AND ?11 >= 0 AND ?10 >= 0 AND ?9 >= 0 "
    "AND (?11 <= ?9 OR (?3 = 2 AND ?8 < 0))");
static hq_sql delete_ = HQ_SQL_OF("DELETE FROM balance_lines WHERE account = ?1 AND line = ?2");

static hq_status read_norms(hq_bal__line *line, hq_sv packed, hq_arena *arena)
{
    hq_cursor cur = { .in = packed };
    line->norm_count = packed.len / 12;
    if (line->norm_count == 0) {
        return HQ_DONE;
    }
    line->norms = HQ_NEW_ARRAY(arena, hq_bal__norm, line->norm_count);
    if (line->norms == NULL) {
        return HQ_FAIL(NOMEM);
    }
    for (size_t i = 0; i < line->norm_count; i++) {
        line->norms[i].material = hq_cursor_le32(&cur);
        line->norms[i].quantity = (int64_t)hq_cursor_le64(&cur);
    }
    return HQ_DONE;
}

static hq_sv write_norms(const hq_bal__line *line, hq_arena *arena)
{
    hq_buf packed = HQ_BUF_ARENA(arena, 12 * line->norm_count + 16);
    hq_buf_reserve(&packed, 12 * line->norm_count + 1);
    for (size_t i = 0; i < line->norm_count; i++) {
        hq_buf_le32(&packed, line->norms[i].material);
        hq_buf_le64(&packed, (uint64_t)line->norms[i].quantity);
    }
    return hq_buf_view(&packed);
}

static hq_status read_row(hq_bal__line *out, const hq_rows *rows, hq_arena *arena)
{
    *out = (hq_bal__line){
        .line = hq_rows_i64(rows, 0),
        .role = (hq_bal__role)hq_rows_i64(rows, 1),
        .code = hq_arena_dup(arena, hq_rows_text(rows, 2)),
        .hs = hq_arena_dup(arena, hq_rows_text(rows, 3)),
        .description = hq_arena_dup(arena, hq_rows_text(rows, 4)),
        .unit = hq_arena_dup(arena, hq_rows_text(rows, 5)),
        .planned = hq_rows_i64(rows, 6),
        .opened = hq_rows_i64(rows, 7),
        .expected = hq_rows_i64(rows, 8),
        .drawn = hq_rows_i64(rows, 9),
        .restored = hq_rows_i64(rows, 10),
    };
    bool whole = out->code.ptr != NULL && out->hs.ptr != NULL && out->description.ptr != NULL &&
                 out->unit.ptr != NULL;
    return whole ? read_norms(out, hq_rows_text(rows, 11), arena) : HQ_FAIL(NOMEM);
}

hq_status hq_bal__line_get(hq_bal__line *out, hq_tx *tx, hq_sv account, int64_t line,
                           hq_arena *arena)
{
    hq_rows rows;
    hq_status read = HQ_FAIL(NOT_FOUND);
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &find, HQ_B_TEXT(account), HQ_B_I64(line)));
    if (hq_rows_next(&rows)) {
        read = read_row(out, &rows, arena);
    }
    HQ_TRY(hq_rows_end(&rows));
    return read;
}

hq_status hq_bal__lines_of(hq_bal__line **out, size_t *count, hq_tx *tx, hq_sv account,
                           hq_arena *arena)
{
    hq_rows rows;
    size_t cap = 0;
    hq_status read = HQ_DONE;
    *out = NULL;
    *count = 0;
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &all, HQ_B_TEXT(account)));
    while (hq_ok(read) && hq_rows_next(&rows)) {
        if (*count == cap) {
            cap = cap == 0 ? 32 : cap * 2;
            hq_bal__line *grown = HQ_NEW_ARRAY(arena, hq_bal__line, cap);
            if (grown == NULL) {
                read = HQ_FAIL(NOMEM);
                break;
            }
            if (*count > 0) {
                memcpy(grown, *out, *count * sizeof *grown);
            }
            *out = grown;
        }
        read = read_row(&(*out)[(*count)++], &rows, arena);
    }
    HQ_TRY(hq_rows_end(&rows));
    return read;
}

hq_status hq_bal__line_put(hq_tx *tx, hq_sv account, const hq_bal__line *line)
{
    int64_t changed;
    hq_sv norms = write_norms(line, hq_tx_arena(tx));
    const hq_bind binds[] = {
        HQ_B_TEXT(account),       HQ_B_I64(line->line),    HQ_B_I64(line->role),
        HQ_B_TEXT(line->code),    HQ_B_TEXT(line->hs),     HQ_B_TEXT(line->description),
        HQ_B_TEXT(line->unit),    HQ_B_I64(line->planned), HQ_B_I64(line->opened),
        HQ_B_I64(line->expected), HQ_B_I64(line->drawn),   HQ_B_I64(line->restored),
        HQ_B_BLOB(norms),
    };
    if (norms.ptr == NULL) {
        return HQ_FAIL(NOMEM);
    }
    HQ_TRY(hq_tx_run(tx, line->fresh ? &insert : &update, binds, sizeof binds / sizeof binds[0],
                     &changed));
    return changed == 1 ? HQ_DONE : HQ_FAIL(RERUN);
}

hq_status hq_bal__line_delete(hq_tx *tx, hq_sv account, int64_t line)
{
    return HQ_TX_RUN(tx, &delete_, HQ_B_TEXT(account), HQ_B_I64(line));
}
