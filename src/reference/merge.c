/* SPDX-License-Identifier: Apache-2.0 */
#include "reference/tables.h"

#include <stdlib.h>

/* The rules of "CSV." in the contract, one key at a time: which stored row a line replaces, which
 * open row a later one closes, what --close-missing closes, and what still overlaps after that. */

typedef struct {
    hq_ref__row *row;
    hq_country_set open_to; /* countries that the row is for, when the table has such */
} member;

typedef struct {
    const hq_ref__table *table;
    hq_ref__findings *findings;
    hq_arena *arena;
    hq_ref__difference *out;
    hq_day close_missing;
    size_t countries_at, excluded_at; /* cells of the two lists */
    member *members;                  /* rows of the key in hand, by valid_from */
    size_t count, cap;
} merger;

int hq_ref__row_order(const hq_ref__row *a, const hq_ref__row *b)
{
    int by_key = hq_sv_cmp(a->key, b->key);
    if (by_key != 0) {
        return by_key;
    }
    if (a->from != b->from) {
        return a->from < b->from ? -1 : 1;
    }
    if (a->line != b->line) {
        return a->line < b->line ? -1 : 1;
    }
    return (a->id > b->id) - (a->id < b->id);
}

static int order_rows(const void *a, const void *b)
{
    return hq_ref__row_order(a, b);
}

static int order_members(const void *a, const void *b)
{
    return hq_ref__row_order(((const member *)a)->row, ((const member *)b)->row);
}

/* ------------------------------------------------------------------ countries */

static void effective(hq_country_set *out, const merger *m, const hq_ref__row *row)
{
    *out = (hq_country_set){ .any = true };
    if (!m->table->by_country) {
        return;
    }
    hq_sv cells[HQ_REF__COLUMNS];
    hq_country_set excluded;
    hq_ref__cells(cells, row->cells);
    hq_ref__countries(out, cells[m->countries_at]);
    if (cells[m->excluded_at].len == 0) {
        return;
    }
    hq_ref__countries(&excluded, cells[m->excluded_at]);
    for (size_t i = 0; i < 11; i++) {
        out->bits[i] = (out->any ? UINT64_MAX : out->bits[i]) & ~excluded.bits[i];
    }
    out->any = false;
}

static bool share_country(const hq_country_set *a, const hq_country_set *b)
{
    if (a->any && b->any) {
        return true;
    }
    uint64_t common = 0;
    for (size_t i = 0; i < 11; i++) {
        common |= (a->any ? UINT64_MAX : a->bits[i]) & (b->any ? UINT64_MAX : b->bits[i]);
    }
    return common != 0;
}

static bool same_countries(const hq_country_set *a, const hq_country_set *b)
{
    return a->any == b->any && memcmp(a->bits, b->bits, sizeof a->bits) == 0;
}

/* ------------------------------------------------------------------ texts */

static hq_sv day_text(hq_arena *arena, hq_day day)
{
    hq_buf buf = HQ_BUF_ARENA(arena, 32);
    if (day == HQ_DAY_OPEN) {
        return HQ_SV("...");
    }
    hq_day_write(&buf, day);
    return hq_buf_view(&buf);
}

static hq_sv key_text(hq_arena *arena, hq_sv key)
{
    hq_sv copy = hq_arena_dup(arena, key);
    char *text = hq_arena_cstr(arena, copy);
    if (text == NULL) {
        return HQ_SV("");
    }
    for (char *c = text; *c != '\0'; c++) {
        *c = *c == '\t' ? ' ' : *c;
    }
    return hq_sv_trim(hq_sv_make(text, key.len));
}

/* Names both rows: by line when it is in the file, by id when it is stored. */
static void overlap(merger *m, const hq_ref__row *a, const hq_ref__row *b)
{
    const hq_ref__row *later = b->line >= a->line ? b : a;
    const hq_ref__row *other = later == a ? b : a;
    hq_arena *arena = m->arena;
    hq_sv key = key_text(arena, later->key);
    hq_sv from = day_text(arena, other->from);
    hq_sv to = day_text(arena, other->to);
    hq_sv vi;
    hq_sv en;
    if (!m->table->dated) {
        vi = hq_arena_printf(arena, "Dòng %u và dòng %u cùng một khóa (%.*s)", other->line,
                             later->line, HQ_SV_FMT(key));
        en = hq_arena_printf(arena, "Lines %u and %u have the same key (%.*s)", other->line,
                             later->line, HQ_SV_FMT(key));
    } else if (other->line > 0) {
        vi = hq_arena_printf(arena, "Dòng %u và dòng %u cùng khóa (%.*s) và trùng thời gian",
                             other->line, later->line, HQ_SV_FMT(key));
        en = hq_arena_printf(arena, "Lines %u and %u overlap: same key (%.*s), common days",
                             other->line, later->line, HQ_SV_FMT(key));
    } else {
        vi = hq_arena_printf(arena,
                             "Dòng %u trùng thời gian với dòng đã lưu số %lld (%.*s, từ %.*s đến "
                             "%.*s); hãy đóng dòng đó trước",
                             later->line, (long long)other->id, HQ_SV_FMT(key), HQ_SV_FMT(from),
                             HQ_SV_FMT(to));
        en = hq_arena_printf(arena,
                             "Line %u overlaps the stored row %lld (%.*s, from %.*s to %.*s); "
                             "close that row first",
                             later->line, (long long)other->id, HQ_SV_FMT(key), HQ_SV_FMT(from),
                             HQ_SV_FMT(to));
    }
    hq_ref__find(m->findings, HQ_SEVERITY_ERROR, "REF30", later->line,
                 m->table->dated ? "valid_from" : m->table->columns[0].name, key, vi, en);
}

/* ------------------------------------------------------------------ one key */

static hq_status add_member(merger *m, hq_ref__row *row)
{
    if (m->count == m->cap) {
        size_t cap = m->cap == 0 ? 64 : m->cap * 2;
        member *grown = HQ_NEW_ARRAY(m->arena, member, cap);
        if (grown == NULL) {
            return HQ_FAIL(NOMEM);
        }
        if (m->count > 0) {
            memcpy(grown, m->members, m->count * sizeof *grown);
        }
        m->members = grown;
        m->cap = cap;
    }
    m->members[m->count].row = row;
    effective(&m->members[m->count].open_to, m, row);
    m->count++;
    return HQ_DONE;
}

static bool is_file(const member *x)
{
    return x->row->line > 0;
}

static bool same_start(const member *a, const member *b)
{
    return a->row->from == b->row->from && share_country(&a->open_to, &b->open_to);
}

/* A line takes the place (and the id) of the stored row that begins on the same day for the same
 * countries, else of the first that has one in common; further ones are withdrawn. */
static void replace(merger *m, member *line)
{
    hq_ref__row *place = NULL;
    for (int exact = 1; exact >= 0; exact--) {
        for (size_t i = 0; i < m->count; i++) {
            member *x = &m->members[i];
            if (is_file(x) || !same_start(x, line) || x->row->fate == HQ_FATE_REPLACED ||
                (exact == 1 && !same_countries(&x->open_to, &line->open_to))) {
                continue;
            }
            if (place == NULL) {
                place = x->row;
                place->fate = HQ_FATE_REPLACED;
            } else if (exact == 0) {
                x->row->fate = HQ_FATE_WITHDRAWN;
            }
        }
    }
    if (place != NULL) {
        line->row->before = place;
        line->row->id = place->id;
    }
}

static bool gone(const member *x)
{
    return x->row->fate == HQ_FATE_REPLACED || x->row->fate == HQ_FATE_WITHDRAWN;
}

static void drop_gone(merger *m)
{
    size_t kept = 0;
    for (size_t i = 0; i < m->count; i++) {
        if (!gone(&m->members[i])) {
            m->members[kept++] = m->members[i];
        }
    }
    m->count = kept;
}

static void set_end(hq_ref__row *row, hq_day to)
{
    row->to = to;
    if (row->line == 0) {
        row->fate = HQ_FATE_CLOSED;
    }
}

/* "A later row closes an open predecessor the day before." */
static void close_predecessors(merger *m)
{
    for (size_t i = 0; i < m->count; i++) {
        hq_ref__row *row = m->members[i].row;
        for (size_t j = i + 1; j < m->count && row->to == HQ_DAY_OPEN; j++) {
            const hq_ref__row *later = m->members[j].row;
            if (later->from > row->from &&
                share_country(&m->members[i].open_to, &m->members[j].open_to)) {
                set_end(row, later->from - 1);
            }
        }
    }
}

static void close_missing(merger *m)
{
    if (m->close_missing == 0) {
        return;
    }
    for (size_t i = 0; i < m->count; i++) {
        hq_ref__row *row = m->members[i].row;
        if (row->line > 0 || row->to <= m->close_missing) {
            continue;
        }
        if (row->from > m->close_missing) {
            row->fate = HQ_FATE_WITHDRAWN;
        } else {
            set_end(row, m->close_missing);
        }
    }
    drop_gone(m);
}

static void find_overlaps(merger *m)
{
    for (size_t i = 0; i < m->count && !hq_ref__full(m->findings); i++) {
        const member *a = &m->members[i];
        for (size_t j = i + 1; j < m->count; j++) {
            const member *b = &m->members[j];
            if (b->row->from > a->row->to) {
                break; /* sorted by valid_from: none after it can overlap */
            }
            if ((is_file(a) || is_file(b)) && share_country(&a->open_to, &b->open_to)) {
                overlap(m, a->row, b->row);
                break;
            }
        }
    }
}

/* ------------------------------------------------------------------ difference */

static void count_line(merger *m, hq_ref__row *row)
{
    hq_ref__difference *out = m->out;
    const hq_ref__row *before = row->before;
    if (before == NULL) {
        out->added++;
        out->write[out->write_count++] = row;
        return;
    }
    bool same_cells = hq_sv_eq(before->cells, row->cells);
    if (same_cells && before->to == row->to) {
        out->unchanged++;
        return;
    }
    if (same_cells && row->to < before->to) {
        out->closed++;
    } else {
        out->changed++;
    }
    out->write[out->write_count++] = row;
    out->end[out->end_count++] = row->before;
}

static void count_stored(merger *m, hq_ref__row *row)
{
    hq_ref__difference *out = m->out;
    if (row->fate == HQ_FATE_CLOSED) {
        out->closed++;
        out->write[out->write_count++] = row;
        out->end[out->end_count++] = row;
    } else if (row->fate == HQ_FATE_WITHDRAWN) {
        out->closed++;
        out->end[out->end_count++] = row;
    }
}

static hq_status merge_key(merger *m, hq_ref__row *stored, size_t stored_count, hq_ref__row *file,
                           size_t file_count)
{
    m->count = 0;
    for (size_t i = 0; i < stored_count; i++) {
        HQ_TRY(add_member(m, &stored[i]));
    }
    for (size_t i = 0; i < file_count; i++) {
        HQ_TRY(add_member(m, &file[i]));
    }
    for (size_t i = stored_count; i < m->count; i++) {
        replace(m, &m->members[i]);
    }
    drop_gone(m);
    qsort(m->members, m->count, sizeof *m->members, order_members);
    close_predecessors(m);
    close_missing(m);
    find_overlaps(m);
    for (size_t i = 0; i < file_count; i++) {
        count_line(m, &file[i]);
    }
    for (size_t i = 0; i < stored_count; i++) {
        count_stored(m, &stored[i]);
    }
    return HQ_DONE;
}

/* Rows of one key at the head of a sorted array. */
static size_t run_of(const hq_ref__row *rows, size_t count, hq_sv key)
{
    size_t n = 0;
    while (n < count && hq_sv_eq(rows[n].key, key)) {
        n++;
    }
    return n;
}

static hq_status merge_all(merger *m, hq_ref__row *stored, size_t stored_count, hq_ref__row *file,
                           size_t file_count)
{
    size_t s = 0;
    size_t f = 0;
    while ((f < file_count || (s < stored_count && m->close_missing != 0)) &&
           !hq_ref__full(m->findings)) {
        bool from_file =
            s == stored_count || (f < file_count && hq_sv_cmp(file[f].key, stored[s].key) <= 0);
        hq_sv key = from_file ? file[f].key : stored[s].key;
        size_t stored_run = run_of(stored + s, stored_count - s, key);
        size_t file_run = run_of(file + f, file_count - f, key);
        if (file_run > 0 || m->close_missing != 0) {
            HQ_TRY(merge_key(m, stored + s, stored_run, file + f, file_run));
        }
        s += stored_run;
        f += file_run;
    }
    return HQ_DONE;
}

hq_status hq_ref__merge(hq_ref__difference *out, const hq_ref__table *table, hq_ref__row *stored,
                        size_t stored_count, hq_ref__row *file, size_t file_count,
                        hq_day close_missing, hq_ref__findings *findings, hq_arena *arena)
{
    merger m = {
        .table = table,
        .findings = findings,
        .arena = arena,
        .out = out,
        .close_missing = close_missing,
        .countries_at = hq_ref__cell_index(table, "countries"),
        .excluded_at = hq_ref__cell_index(table, "countries_excluded"),
    };
    *out = (hq_ref__difference){ 0 };
    out->write = HQ_NEW_ARRAY(arena, hq_ref__row *, stored_count + file_count + 1);
    out->end = HQ_NEW_ARRAY(arena, hq_ref__row *, stored_count + file_count + 1);
    if (out->write == NULL || out->end == NULL) {
        return HQ_FAIL(NOMEM);
    }
    if (stored_count > 0) {
        qsort(stored, stored_count, sizeof *stored, order_rows);
    }
    if (file_count > 0) {
        qsort(file, file_count, sizeof *file, order_rows);
    }
    HQ_TRY(merge_all(&m, stored, stored_count, file, file_count));
    return findings->failed ? HQ_FAIL(NOMEM) : HQ_DONE;
}
