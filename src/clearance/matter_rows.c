/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/matters.h"

/* All SQL on matters and on results that may be used again. */

/* The deadline as it stands now: an outage may have moved it. */
#define COLUMNS                                                                                    \
    "m.seq, m.id, m.matter, m.kind, m.state, m.office, m.goods_office, m.trader, m.agent,"         \
    " m.opened_at, coalesce(d.due_at, m.due_at), m.overdue_at FROM declaration_matter m LEFT JOIN" \
    " declaration_due d ON d.id = m.id AND d.item = 'matter/' || m.matter"

static hq_sql last_matter = HQ_SQL_OF("SELECT coalesce(max(seq), 0) FROM declaration_matter");
static hq_sql add_matter =
    HQ_SQL_OF("INSERT INTO declaration_matter (seq, id, matter, kind, state, closed, office,"
              " goods_office, trader, agent, opened_at, due_at, overdue_at)"
              " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, 0)");
static hq_sql set_matter = HQ_SQL_OF("UPDATE declaration_matter SET state = ?3, closed = ?4,"
                                     " overdue_at = CASE WHEN ?5 = 0 THEN overdue_at ELSE ?5 END"
                                     " WHERE id = ?1 AND matter = ?2");
static hq_sql last_analysis = HQ_SQL_OF("SELECT coalesce(max(seq), 0) FROM declaration_analysis");
static hq_sql add_analysis =
    HQ_SQL_OF("INSERT INTO declaration_analysis (seq, trader, hs, description, id, matter, line,"
              " result_hs, result_description, document, at, valid_to)"
              " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)");
static hq_sql find_analyses =
    HQ_SQL_OF("SELECT id, matter, line, result_hs, result_description, document, at, valid_to"
              " FROM declaration_analysis WHERE trader = ?1 AND hs = ?2 AND description = ?3"
              " AND valid_to >= ?4 ORDER BY seq DESC LIMIT ?5");

static hq_status one_number(int64_t *out, hq_tx *tx, hq_sql *sql)
{
    hq_rows rows;
    HQ_TRY(hq_tx_query(&rows, tx, sql, NULL, 0));
    *out = hq_rows_next(&rows) ? hq_rows_i64(&rows, 0) : 0;
    return hq_rows_end(&rows);
}

/* ------------------------------------------------------------------ matters */

hq_status hq_clr__matter_row_add(hq_tx *tx, const hq_clr__row *row, int64_t id,
                                 const hq_clr__opening *o)
{
    int64_t last;
    hq_clr__matter_state state = hq_clr__matter_begins(o->kind);
    HQ_TRY(one_number(&last, tx, &last_matter));
    return HQ_TX_RUN(tx, &add_matter, HQ_B_I64(last + 1), HQ_B_I64(row->id), HQ_B_I64(id),
                     HQ_B_TEXT(hq_sv_from_cstr(hq_clr__matter_kind_name(o->kind))),
                     HQ_B_TEXT(hq_sv_from_cstr(hq_clr__matter_state_name(state))),
                     HQ_B_I64(!hq_clr__matter_waits(state)), HQ_B_TEXT(row->office),
                     HQ_B_TEXT(row->goods_office), HQ_B_TEXT(row->trader), HQ_B_TEXT(row->agent),
                     HQ_B_I64(o->at), HQ_B_I64(o->due));
}

hq_status hq_clr__matter_row_set(hq_tx *tx, const hq_clr__row *row, int64_t id,
                                 hq_clr__matter_state state, hq_time_us overdue_at)
{
    return HQ_TX_RUN(tx, &set_matter, HQ_B_I64(row->id), HQ_B_I64(id),
                     HQ_B_TEXT(hq_sv_from_cstr(hq_clr__matter_state_name(state))),
                     HQ_B_I64(!hq_clr__matter_waits(state)), HQ_B_I64(overdue_at));
}

static hq_status take_row(hq_clr__matter_row *out, const hq_rows *rows, hq_arena *arena)
{
    hq_sv *const texts[] = { &out->kind,         &out->state,  &out->office,
                             &out->goods_office, &out->trader, &out->agent };
    *out = (hq_clr__matter_row){ .seq = hq_rows_i64(rows, 0),
                                 .id = hq_rows_i64(rows, 1),
                                 .matter = hq_rows_i64(rows, 2),
                                 .opened_at = hq_rows_i64(rows, 9),
                                 .due_at = hq_rows_i64(rows, 10),
                                 .overdue_at = hq_rows_i64(rows, 11) };
    for (int i = 0; i < 6; i++) {
        *texts[i] = hq_arena_dup(arena, hq_rows_text(rows, 3 + i));
        if (texts[i]->ptr == NULL) {
            return HQ_FAIL(NOMEM);
        }
    }
    return HQ_DONE;
}

/* The filters that are given, each with its own parameter. */
static hq_sv page_sql(hq_bind *binds, size_t *count, const hq_clr__matter_page *page,
                      hq_arena *arena)
{
    const struct {
        const char *column;
        hq_sv value;
    } filters[] = { { "kind", page->kind }, { "state", page->state } };
    hq_buf sql = HQ_BUF_ARENA(arena, 1024);
    *count = 0;
    binds[(*count)++] = HQ_B_I64(page->below);
    hq_buf_lit(&sql, "SELECT " COLUMNS " WHERE m.seq < ?1");
    if (page->waiting) {
        hq_buf_lit(&sql, " AND m.closed = 0");
    }
    for (size_t i = 0; i < sizeof filters / sizeof filters[0]; i++) {
        if (filters[i].value.len > 0) {
            binds[(*count)++] = HQ_B_TEXT(filters[i].value);
            hq_buf_printf(&sql, " AND m.%s = ?%zu", filters[i].column, *count);
        }
    }
    binds[(*count)++] = HQ_B_I64((int64_t)page->limit);
    hq_buf_printf(&sql, " ORDER BY m.seq DESC LIMIT ?%zu", *count);
    return hq_buf_view(&sql);
}

hq_status hq_clr__matter_rows(hq_clr__matter_row *out, size_t *count, hq_tx *tx,
                              const hq_clr__matter_page *page, hq_arena *arena)
{
    hq_bind binds[5];
    size_t bind_count;
    hq_rows rows;
    hq_status s = HQ_DONE;
    hq_sv sql = page_sql(binds, &bind_count, page, arena);
    *count = 0;
    HQ_TRY(hq_tx_query_text(&rows, tx, sql, binds, bind_count));
    while (hq_ok(s) && *count < page->limit && hq_rows_next(&rows)) {
        s = take_row(&out[(*count)++], &rows, arena);
    }
    hq_status end = hq_rows_end(&rows);
    return hq_failed(end) ? end : s;
}

/* ------------------------------------------------------------------ analyses */

hq_status hq_clr__analysis_add(hq_tx *tx, const hq_clr__analysis *a)
{
    int64_t last;
    HQ_TRY(one_number(&last, tx, &last_analysis));
    return HQ_TX_RUN(tx, &add_analysis, HQ_B_I64(last + 1), HQ_B_TEXT(a->trader), HQ_B_TEXT(a->hs),
                     HQ_B_TEXT(a->description), HQ_B_I64(a->id), HQ_B_I64(a->matter),
                     HQ_B_I64(a->line), HQ_B_TEXT(a->result_hs), HQ_B_TEXT(a->result_description),
                     HQ_B_TEXT(a->document), HQ_B_I64(a->at), HQ_B_I64(a->valid_to));
}

static hq_status take_analysis(hq_clr__analysis *out, const hq_rows *rows, hq_arena *arena)
{
    *out = (hq_clr__analysis){ .id = hq_rows_i64(rows, 0),
                               .matter = hq_rows_i64(rows, 1),
                               .line = hq_rows_i64(rows, 2),
                               .result_hs = hq_arena_dup(arena, hq_rows_text(rows, 3)),
                               .result_description = hq_arena_dup(arena, hq_rows_text(rows, 4)),
                               .document = hq_arena_dup(arena, hq_rows_text(rows, 5)),
                               .at = hq_rows_i64(rows, 6),
                               .valid_to = (hq_day)hq_rows_i64(rows, 7) };
    bool whole = out->result_hs.ptr != NULL && out->result_description.ptr != NULL &&
                 out->document.ptr != NULL;
    return whole ? HQ_DONE : HQ_FAIL(NOMEM);
}

hq_status hq_clr__analyses_of(hq_clr__analysis *out, size_t *count, size_t max, hq_tx *tx,
                              hq_sv trader, hq_sv hs, hq_sv description, hq_day day,
                              hq_arena *arena)
{
    hq_rows rows;
    hq_status s = HQ_DONE;
    *count = 0;
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &find_analyses, HQ_B_TEXT(trader), HQ_B_TEXT(hs),
                       HQ_B_TEXT(description), HQ_B_I64(day), HQ_B_I64((int64_t)max)));
    while (hq_ok(s) && *count < max && hq_rows_next(&rows)) {
        s = take_analysis(&out[(*count)++], &rows, arena);
    }
    hq_status end = hq_rows_end(&rows);
    return hq_failed(end) ? end : s;
}
