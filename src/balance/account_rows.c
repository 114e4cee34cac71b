/* SPDX-License-Identifier: Apache-2.0 */
#include "balance/room.h"

/* Rows of balance_accounts and balance_numbers. */

#define COLUMNS                                                                                    \
    "id, kind, number, holder, agent, office, state, declaration, opened_by, warehouse, partner, " \
    "title, legal_ground, valid_from, valid_to, first_valid_to, stay, overdue, line_count, "       \
    "open_lines, movements, chain, amendment, reason, decided_by, decided_at, words, version, "    \
    "created_at, changed_at, created_by, term, stay_unit, extensions"

static hq_sql find = HQ_SQL_OF("SELECT " COLUMNS " FROM balance_accounts WHERE id = ?1");
/* The holder's own first: contracts of two traders may have the same number. */
static hq_sql find_number =
    HQ_SQL_OF("SELECT " COLUMNS " FROM balance_accounts WHERE kind = ?1 AND number = ?2 "
              "ORDER BY CASE WHEN holder = ?3 THEN 0 ELSE 1 END, holder LIMIT 1");
static hq_sql of_declaration =
    HQ_SQL_OF("SELECT " COLUMNS " FROM balance_accounts WHERE declaration = ?1 ORDER BY id");
static hq_sql insert =
    HQ_SQL_OF("INSERT INTO balance_accounts (" COLUMNS ", watch) VALUES (?1, ?2, ?3, ?4, ?5, ?6, "
              "?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, "
              "?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33, ?34, ?35)");
static hq_sql update = HQ_SQL_OF(
    "UPDATE balance_accounts SET state = ?2, partner = ?3, title = ?4, legal_ground = ?5, "
    "valid_from = ?6, valid_to = ?7, overdue = ?8, line_count = ?9, open_lines = ?10, "
    "movements = ?11, chain = ?12, amendment = ?13, reason = ?14, decided_by = ?15, "
    "decided_at = ?16, words = ?17, version = ?18, changed_at = ?19, watch = ?20, "
    "first_valid_to = ?21, extensions = ?22 WHERE id = ?1 AND version = ?18 - 1");
static hq_sql due =
    HQ_SQL_OF("SELECT id FROM balance_accounts WHERE watch < ?1 ORDER BY watch, id LIMIT ?2");
static hq_sql next_watch = HQ_SQL_OF("SELECT watch FROM balance_accounts ORDER BY watch LIMIT 1");
static hq_sql take = HQ_SQL_OF(
    "INSERT INTO balance_numbers (name, next) VALUES (?1, 2) ON CONFLICT (name) DO UPDATE SET "
    "next = balance_numbers.next + 1 RETURNING next - 1");

/* ------------------------------------------------------------------ reading */

static hq_status read_row(hq_bal__account *out, const hq_rows *rows, hq_arena *arena)
{
    static const uint8_t columns[] = { 0, 2, 3, 4, 5, 8, 9, 10, 11, 12, 22, 23, 24, 26, 30, 31 };
    hq_sv texts[sizeof columns];
    for (size_t i = 0; i < sizeof columns; i++) {
        texts[i] = hq_arena_dup(arena, hq_rows_text(rows, columns[i]));
        if (texts[i].ptr == NULL) {
            return HQ_FAIL(NOMEM);
        }
    }
    *out = (hq_bal__account){
        .id = texts[0],
        .kind = (hq_account_kind)hq_rows_i64(rows, 1),
        .number = texts[1],
        .holder = texts[2],
        .agent = texts[3],
        .office = texts[4],
        .state = (hq_bal__state)hq_rows_i64(rows, 6),
        .declaration = hq_rows_i64(rows, 7),
        .opened_by = texts[5],
        .warehouse = texts[6],
        .partner = texts[7],
        .title = texts[8],
        .legal_ground = texts[9],
        .valid_from = (hq_day)hq_rows_i64(rows, 13),
        .valid_to = (hq_day)hq_rows_i64(rows, 14),
        .first_valid_to = (hq_day)hq_rows_i64(rows, 15),
        .stay = hq_rows_i64(rows, 16),
        .overdue = hq_rows_i64(rows, 17) != 0,
        .line_count = hq_rows_i64(rows, 18),
        .open_lines = hq_rows_i64(rows, 19),
        .movements = hq_rows_i64(rows, 20),
        .amendment = texts[10],
        .reason = texts[11],
        .decided_by = texts[12],
        .decided_at = hq_rows_i64(rows, 25),
        .words = texts[13],
        .version = hq_rows_i64(rows, 27),
        .created_at = hq_rows_i64(rows, 28),
        .changed_at = hq_rows_i64(rows, 29),
        .created_by = texts[14],
        .term = texts[15],
        .stay_unit = (hq_term_unit)hq_rows_i64(rows, 32),
        .extensions = hq_rows_i64(rows, 33),
    };
    hq_sv chain = hq_rows_text(rows, 21);
    bool known = out->kind < HQ_ACCOUNT_KINDS && out->state < HQ_BAL__STATES;
    if (chain.len != sizeof out->chain.bytes || !known) {
        return HQ_FAIL(CORRUPT);
    }
    memcpy(out->chain.bytes, chain.ptr, chain.len);
    return HQ_DONE;
}

static hq_status one(hq_bal__account *out, hq_rows *rows, hq_arena *arena)
{
    hq_status read = HQ_FAIL(NOT_FOUND);
    if (hq_rows_next(rows)) {
        read = read_row(out, rows, arena);
    }
    HQ_TRY(hq_rows_end(rows));
    return read;
}

hq_status hq_bal__account_get(hq_bal__account *out, hq_tx *tx, hq_sv id, hq_arena *arena)
{
    hq_rows rows;
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &find, HQ_B_TEXT(id)));
    return one(out, &rows, arena);
}

hq_status hq_bal__account_find(hq_bal__account *out, hq_tx *tx, hq_account_kind kind, hq_sv number,
                               hq_sv holder, hq_arena *arena)
{
    hq_rows rows;
    HQ_TRY(
        HQ_TX_QUERY(&rows, tx, &find_number, HQ_B_I64(kind), HQ_B_TEXT(number), HQ_B_TEXT(holder)));
    return one(out, &rows, arena);
}

/* All of a result, which grows with the rows. */
static hq_status many(hq_bal__account **out, size_t *count, hq_rows *rows, hq_arena *arena)
{
    size_t cap = 0;
    hq_status read = HQ_DONE;
    *out = NULL;
    *count = 0;
    while (hq_ok(read) && hq_rows_next(rows)) {
        if (*count == cap) {
            cap = cap == 0 ? 16 : cap * 2;
            hq_bal__account *grown = HQ_NEW_ARRAY(arena, hq_bal__account, cap);
            if (grown == NULL) {
                read = HQ_FAIL(NOMEM);
                break;
            }
            if (*count > 0) {
                memcpy(grown, *out, *count * sizeof *grown);
            }
            *out = grown;
        }
        read = read_row(&(*out)[(*count)++], rows, arena);
    }
    HQ_TRY(hq_rows_end(rows));
    return read;
}

hq_status hq_bal__accounts_of(hq_bal__account **out, size_t *count, hq_tx *tx, int64_t declaration,
                              hq_arena *arena)
{
    hq_rows rows;
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &of_declaration, HQ_B_I64(declaration)));
    return many(out, count, &rows, arena);
}

/* ------------------------------------------------------------------ pages */

typedef struct {
    hq_buf sql;
    hq_bind binds[12];
    size_t count;
} query;

/* " AND kind = " and the next parameter. */
static void bind(query *q, const char *text, hq_bind value)
{
    q->binds[q->count++] = value;
    hq_buf_sv(&q->sql, hq_sv_from_cstr(text));
    hq_buf_printf(&q->sql, "?%d", (int)q->count);
}

/* What LIKE would read as more than a letter. */
static hq_sv like(hq_sv words, hq_arena *arena)
{
    hq_buf text = HQ_BUF_ARENA(arena, 2 * words.len + 8);
    hq_buf_char(&text, '%');
    for (size_t i = 0; i < words.len; i++) {
        if (words.ptr[i] == '%' || words.ptr[i] == '_' || words.ptr[i] == '\\') {
            hq_buf_char(&text, '\\');
        }
        hq_buf_char(&text, words.ptr[i]);
    }
    hq_buf_char(&text, '%');
    return hq_buf_view(&text);
}

static void write_query(query *q, const hq_bal__page *page, hq_arena *arena)
{
    hq_buf_lit(&q->sql, "SELECT " COLUMNS " FROM balance_accounts WHERE 1 = 1");
    if (page->kind >= 0) {
        bind(q, " AND kind = ", HQ_B_I64(page->kind));
    }
    if (page->state >= 0) {
        bind(q, " AND state = ", HQ_B_I64(page->state));
    }
    if (page->holder.len > 0) {
        bind(q, " AND holder = ", HQ_B_TEXT(page->holder));
    }
    if (page->either.len > 0) {
        bind(q, " AND (holder = ", HQ_B_TEXT(page->either));
        bind(q, " OR agent = ", HQ_B_TEXT(page->either));
        hq_buf_char(&q->sql, ')');
    }
    if (page->words.len > 0) {
        bind(q, " AND words LIKE ", HQ_B_TEXT(like(page->words, arena)));
        hq_buf_lit(&q->sql, " ESCAPE '\\'");
    }
    if (page->overdue) {
        bind(q, " AND state = 1 AND open_lines > 0 AND valid_to < ", HQ_B_I64(page->today));
    }
    if (page->before.len > 0) {
        bind(q, " AND id < ", HQ_B_TEXT(page->before));
    }
    bind(q, " ORDER BY id DESC LIMIT ", HQ_B_I64((int64_t)page->max));
}

hq_status hq_bal__account_page(hq_bal__account **out, size_t *count, hq_tx *tx,
                               const hq_bal__page *page, hq_arena *arena)
{
    hq_rows rows;
    query q = { .sql = HQ_BUF_ARENA(arena, 4096) };
    write_query(&q, page, arena);
    HQ_TRY(hq_buf_status(&q.sql));
    HQ_TRY(hq_tx_query_text(&rows, tx, hq_buf_view(&q.sql), q.binds, q.count));
    return many(out, count, &rows, arena);
}

/* ------------------------------------------------------------------ writing */

hq_status hq_bal__account_insert(hq_tx *tx, const hq_bal__account *a)
{
    const hq_bind binds[] = {
        HQ_B_TEXT(a->id),
        HQ_B_I64(a->kind),
        HQ_B_TEXT(a->number),
        HQ_B_TEXT(a->holder),
        HQ_B_TEXT(a->agent),
        HQ_B_TEXT(a->office),
        HQ_B_I64(a->state),
        HQ_B_I64(a->declaration),
        HQ_B_TEXT(a->opened_by),
        HQ_B_TEXT(a->warehouse),
        HQ_B_TEXT(a->partner),
        HQ_B_TEXT(a->title),
        HQ_B_TEXT(a->legal_ground),
        HQ_B_I64(a->valid_from),
        HQ_B_I64(a->valid_to),
        HQ_B_I64(a->first_valid_to),
        HQ_B_I64(a->stay),
        HQ_B_I64(a->overdue),
        HQ_B_I64(a->line_count),
        HQ_B_I64(a->open_lines),
        HQ_B_I64(a->movements),
        HQ_B_HASH(&a->chain),
        HQ_B_TEXT(a->amendment),
        HQ_B_TEXT(a->reason),
        HQ_B_TEXT(a->decided_by),
        HQ_B_I64(a->decided_at),
        HQ_B_TEXT(a->words),
        HQ_B_I64(a->version),
        HQ_B_I64(a->created_at),
        HQ_B_I64(a->changed_at),
        HQ_B_TEXT(a->created_by),
        HQ_B_TEXT(a->term),
        HQ_B_I64(a->stay_unit),
        HQ_B_I64(a->extensions),
        HQ_B_I64(hq_bal__watch_of(a)),
    };
    return hq_tx_run(tx, &insert, binds, sizeof binds / sizeof binds[0], NULL);
}

hq_status hq_bal__account_update(hq_tx *tx, const hq_bal__account *a)
{
    int64_t changed;
    const hq_bind binds[] = {
        HQ_B_TEXT(a->id),
        HQ_B_I64(a->state),
        HQ_B_TEXT(a->partner),
        HQ_B_TEXT(a->title),
        HQ_B_TEXT(a->legal_ground),
        HQ_B_I64(a->valid_from),
        HQ_B_I64(a->valid_to),
        HQ_B_I64(a->overdue),
        HQ_B_I64(a->line_count),
        HQ_B_I64(a->open_lines),
        HQ_B_I64(a->movements),
        HQ_B_HASH(&a->chain),
        HQ_B_TEXT(a->amendment),
        HQ_B_TEXT(a->reason),
        HQ_B_TEXT(a->decided_by),
        HQ_B_I64(a->decided_at),
        HQ_B_TEXT(a->words),
        HQ_B_I64(a->version),
        HQ_B_I64(a->changed_at),
        HQ_B_I64(hq_bal__watch_of(a)),
        HQ_B_I64(a->first_valid_to),
        HQ_B_I64(a->extensions),
    };
    HQ_TRY(hq_tx_run(tx, &update, binds, sizeof binds / sizeof binds[0], &changed));
    return changed == 1 ? HQ_DONE : HQ_FAIL(RERUN);
}

hq_status hq_bal__accounts_due(hq_sv *out, size_t *count, size_t max, hq_tx *tx, hq_day today)
{
    hq_rows rows;
    bool whole = true;
    *count = 0;
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &due, HQ_B_I64(today), HQ_B_I64((int64_t)max)));
    while (*count < max && hq_rows_next(&rows)) {
        out[*count] = hq_arena_dup(hq_tx_arena(tx), hq_rows_text(&rows, 0));
        whole &= out[(*count)++].ptr != NULL;
    }
    HQ_TRY(hq_rows_end(&rows));
    return whole ? HQ_DONE : HQ_FAIL(NOMEM);
}

hq_status hq_bal__next_watch(hq_day *out, hq_tx *tx)
{
    hq_rows rows;
    HQ_TRY(hq_tx_query(&rows, tx, &next_watch, NULL, 0));
    *out = hq_rows_next(&rows) ? (hq_day)hq_rows_i64(&rows, 0) : HQ_DAY_OPEN;
    return hq_rows_end(&rows);
}

hq_status hq_bal__number_take(hq_sv *out, hq_tx *tx, int year, hq_arena *arena)
{
    hq_rows rows;
    int64_t number = 0;
    hq_sv name = hq_arena_printf(arena, "list/%d", year);
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &take, HQ_B_TEXT(name)));
    if (hq_rows_next(&rows)) {
        number = hq_rows_i64(&rows, 0);
    }
    HQ_TRY(hq_rows_end(&rows));
    *out = hq_arena_printf(arena, "%02d%010lld", year % 100, (long long)number);
    return number == 0 ? HQ_FAIL(CORRUPT) : out->ptr == NULL ? HQ_FAIL(NOMEM) : HQ_DONE;
}
