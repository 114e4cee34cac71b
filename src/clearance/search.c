/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/search.h"

#include "clearance/branches.h"
#include "clearance/content.h"

#define CHUNK      256
#define LOOKED_MAX 20000 /* declarations looked at for one page */
#define SLACK_US                                                                                   \
    (600 * HQ_US_PER_SECOND) /* filings are numbered in order of commit, not of clock */
#define SQL_MAX ((size_t)256 << 10)

static hq_sql find_seq = HQ_SQL_OF("SELECT seq FROM declaration_entry WHERE id = ?1");
static hq_sql last_seq = HQ_SQL_OF("SELECT seq FROM declaration_entry ORDER BY seq DESC LIMIT 1");
static hq_sql written_blocks =
    HQ_SQL_OF("SELECT coalesce(max(block) + 1, 0) FROM declaration_term");
static hq_sql at_of = HQ_SQL_OF("SELECT at FROM declaration_entry WHERE seq = ?1");
static hq_sql id_of = HQ_SQL_OF("SELECT id FROM declaration_entry WHERE seq = ?1");
static hq_sql offices_seen =
    HQ_SQL_OF("SELECT office FROM declaration_entry_office_seen ORDER BY office");
static hq_sql words_of = HQ_SQL_OF("SELECT words, packed FROM declaration WHERE id = ?1");
/* Pages that may have terms from ?2 to before ?3: the one that begins at or before ?2 and those
 * that begin within. */
static hq_sql pages_of = HQ_SQL_OF(
    "SELECT page FROM declaration_term WHERE block = ?1 AND first_term < ?3 AND first_term >="
    " coalesce((SELECT max(first_term) FROM declaration_term WHERE block = ?1"
    " AND first_term <= ?2), ?2)");
static hq_sql late_of = HQ_SQL_OF("SELECT entry FROM declaration_term_late WHERE block = ?1"
                                  " AND term >= ?2 AND term < ?3");

typedef struct {
    hq_clr__search *s;
    hq_tx *tx;
    hq_sv offices[HQ_CLR__OFFICES_MAX]; /* that count, of those that have declarations */
    size_t office_count;
    bool everywhere;   /* offices do not narrow */
    int64_t low, high; /* seq, low included, high not */
    size_t looked;
    bool full;
    hq_clr__words_room room;
} searching;

static hq_status find_one(int64_t *out, hq_tx *tx, hq_sql *sql, const hq_bind *binds, size_t count)
{
    hq_rows rows;
    HQ_TRY(hq_tx_query(&rows, tx, sql, binds, count));
    bool found = hq_rows_next(&rows);
    if (found) {
        *out = hq_rows_i64(&rows, 0);
    }
    HQ_TRY(hq_rows_end(&rows));
    return found ? HQ_DONE : HQ_FAIL(NOT_FOUND);
}

/* ------------------------------------------------------------------ deciding */

static bool begins_word(hq_sv text, hq_sv beginning)
{
    hq_sv word;
    while (hq_clr__next_word(&word, &text)) {
        if (hq_sv_starts(word, beginning)) {
            return true;
        }
    }
    return false;
}

/* A word of the text, or the beginning of the trader's tax code. */
static hq_status has_words(bool *out, searching *g, const hq_clr__row *row)
{
    hq_rows rows;
    *out = true;
    if (g->s->word_count == 0) {
        return HQ_DONE;
    }
    HQ_TRY(HQ_TX_QUERY(&rows, g->tx, &words_of, HQ_B_I64(row->id)));
    hq_sv text = HQ_SV_NULL;
    hq_status s = HQ_DONE;
    if (hq_rows_next(&rows)) {
        s = hq_clr__words_read(&text, hq_rows_text(&rows, 0), hq_rows_text(&rows, 1), &g->room);
    }
    for (size_t i = 0; *out && i < g->s->word_count; i++) {
        *out = begins_word(text, g->s->words[i]) || hq_sv_starts(row->trader, g->s->words[i]) ||
               hq_sv_starts(row->agent, g->s->words[i]);
    }
    hq_status end = hq_rows_end(&rows);
    return hq_failed(s) ? s : end;
}

static bool fits(const hq_clr__search *s, const hq_clr__row *row)
{
    hq_day day = hq_day_of(row->created_at);
    hq_target target = hq_clr__target_of(row);
    if ((s->statuses != 0 && (s->statuses >> row->status & 1) == 0) ||
        (s->channels != 0 &&
         (row->channel == HQ_CLR__NO_CHANNEL || (s->channels >> row->channel & 1) == 0)) ||
        (s->kind.len > 0 && !hq_sv_eq(s->kind, row->kind)) ||
        (s->assignee.len > 0 && !hq_sv_eq(s->assignee, row->officer)) ||
        (s->from != 0 && day < s->from) || (s->to != 0 && day > s->to)) {
        return false;
    }
    bool there = s->office.len == 0 || hq_sv_eq(row->office, s->office) ||
                 hq_sv_eq(row->goods_office, s->office) ||
                 hq_ref_office_below(s->ref, row->office, s->office, s->today);
    return there && hq_ok(hq_may(s->caller, HQ_MAY_SEE, &target, s->ref, s->today));
}

/* Looks at the declaration itself. The page is full with one more than asked: there is a next one.
 */
static hq_status look_at(searching *g, int64_t seq, int64_t id)
{
    hq_clr__search *s = g->s;
    hq_clr__row *row = &s->rows[s->count];
    bool words;
    HQ_TRY(hq_clr__row_load(row, g->tx, id, s->arena));
    g->looked++;
    if (!fits(s, row)) {
        s->next = seq;
    } else {
        HQ_TRY(has_words(&words, g, row));
        if (words && s->count == s->limit) {
            g->full = true; /* s->next stays at the last one taken */
            return HQ_DONE;
        }
        s->count += words;
        s->next = seq;
    }
    g->full = g->looked >= LOOKED_MAX;
    return HQ_DONE;
}

/* ------------------------------------------------------------------ range */

/* First entry that was filed at `at` or later, nearly: entries are nearly in order of time. */
static hq_status seq_at(int64_t *out, hq_tx *tx, int64_t count, hq_time_us at)
{
    int64_t low = 0;
    int64_t high = count;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        int64_t then;
        HQ_TRY(find_one(&then, tx, &at_of, &HQ_B_I64(middle), 1));
        if (then < at) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    *out = low;
    return HQ_DONE;
}

static hq_status find_range(searching *g)
{
    int64_t last;
    hq_status s = find_one(&last, g->tx, &last_seq, NULL, 0);
    if (s.code == HQ_E_NOT_FOUND) {
        return HQ_DONE;
    }
    HQ_TRY(s);
    g->high = last + 1;
    if (g->s->from != 0) {
        HQ_TRY(seq_at(&g->low, g->tx, last + 1, hq_day_start(g->s->from) - SLACK_US));
    }
    if (g->s->to != 0) {
        HQ_TRY(seq_at(&g->high, g->tx, last + 1, hq_day_start(g->s->to + 1) + SLACK_US));
    }
    g->high = g->s->below < g->high ? g->s->below : g->high;
    return HQ_DONE;
}

/* ------------------------------------------------------------------ offices */

static bool office_counts(const hq_clr__search *s, hq_sv office)
{
    hq_target target = { .office = office };
    bool asked = s->office.len == 0 || hq_sv_eq(office, s->office) ||
                 hq_ref_office_below(s->ref, office, s->office, s->today);
    return asked && hq_ok(hq_may(s->caller, HQ_MAY_SEE, &target, s->ref, s->today));
}

/* Declarants and banks have no office; people of the whole country who name none see all. */
static hq_status find_offices(searching *g)
{
    const hq_clr__search *s = g->s;
    hq_rows rows;
    if (s->caller->role == HQ_ROLE_DECLARANT ||
        (s->caller->office.len == 0 && s->office.len == 0)) {
        g->everywhere = true;
        return HQ_DONE;
    }
    HQ_TRY(hq_tx_query(&rows, g->tx, &offices_seen, NULL, 0));
    while (hq_rows_next(&rows)) {
        hq_sv office = hq_rows_text(&rows, 0);
        if (!office_counts(s, office)) {
            continue;
        }
        if (g->office_count == HQ_CLR__OFFICES_MAX) {
            g->everywhere = true;
            break;
        }
        g->offices[g->office_count++] = hq_arena_dup(s->arena, office);
    }
    return hq_rows_end(&rows);
}

/* ------------------------------------------------------------------ by block */

static hq_status add_late(hq_clr__set *set, searching *g, const hq_bind binds[3])
{
    hq_rows rows;
    HQ_TRY(hq_tx_query(&rows, g->tx, &late_of, binds, 3));
    while (hq_rows_next(&rows)) {
        hq_clr__set_add(set, (size_t)hq_rows_i64(&rows, 0) % HQ_CLR__BLOCK_SIZE);
    }
    return hq_rows_end(&rows);
}

/* Terms that begin so; exact: that are it. */
static hq_status add_terms(hq_clr__set *set, searching *g, int64_t block, hq_sv term, bool exact)
{
    hq_sv beyond = hq_arena_printf(hq_tx_arena(g->tx), exact ? "%.*s\x01" : "%.*s\xf4\x8f\xbf\xbf",
                                   HQ_SV_FMT(term));
    const hq_bind binds[3] = { HQ_B_I64(block), HQ_B_TEXT(term), HQ_B_TEXT(beyond) };
    hq_rows rows;
    HQ_TRY(hq_tx_query(&rows, g->tx, &pages_of, binds, 3));
    while (hq_rows_next(&rows)) {
        hq_clr__page_find(set, hq_rows_text(&rows, 0), term, exact);
    }
    HQ_TRY(hq_rows_end(&rows));
    return add_late(set, g, binds);
}

static hq_status word_set(hq_clr__set *set, searching *g, int64_t block, hq_sv word)
{
    HQ_TRY(add_terms(set, g, block, word, false));
    return hq_sv_digits(word)
               ? add_terms(set, g, block, hq_clr__trader_term(word, hq_tx_arena(g->tx)), false)
               : HQ_DONE;
}

static hq_status scope_set(hq_clr__set *set, searching *g, int64_t block)
{
    const hq_clr__search *s = g->s;
    if (s->caller->role == HQ_ROLE_DECLARANT) {
        return add_terms(set, g, block, hq_clr__trader_term(s->caller->tax_code, s->arena), true);
    }
    for (size_t i = 0; !g->everywhere && i < g->office_count; i++) {
        HQ_TRY(add_terms(set, g, block, hq_clr__office_term(g->offices[i], s->arena), true));
    }
    if (g->everywhere) {
        memset(set, 0xff, sizeof *set);
    }
    return HQ_DONE;
}

static bool keep_common(hq_clr__set *all, const hq_clr__set *one)
{
    uint64_t any = 0;
    for (size_t i = 0; i < HQ_CLR__BLOCK_SIZE / 64; i++) {
        all->bits[i] &= one->bits[i];
        any |= all->bits[i];
    }
    return any != 0;
}

static hq_status block_set(hq_clr__set *out, bool *any, searching *g, int64_t block)
{
    memset(out, 0xff, sizeof *out);
    *any = true;
    for (size_t i = 0; *any && i <= g->s->word_count; i++) {
        hq_clr__set one = { .bits = { 0 } };
        if (i < g->s->word_count) {
            HQ_TRY(word_set(&one, g, block, g->s->words[i]));
        } else {
            HQ_TRY(scope_set(&one, g, block));
        }
        *any = keep_common(out, &one);
    }
    return HQ_DONE;
}

static hq_status look_at_seq(searching *g, int64_t seq)
{
    int64_t id;
    HQ_TRY(find_one(&id, g->tx, &id_of, &HQ_B_I64(seq), 1));
    return look_at(g, seq, id);
}

static hq_status walk_block(searching *g, int64_t block)
{
    hq_clr__set set;
    bool any;
    HQ_TRY(block_set(&set, &any, g, block));
    for (int64_t entry = HQ_CLR__BLOCK_SIZE - 1; any && !g->full && entry >= 0; entry--) {
        int64_t seq = block * HQ_CLR__BLOCK_SIZE + entry;
        if (seq >= g->low && seq < g->high && (set.bits[entry / 64] >> (entry % 64) & 1) != 0) {
            HQ_TRY(look_at_seq(g, seq));
        }
    }
    return HQ_DONE;
}

/* The newest first: entries that are in no block yet one by one, then the blocks. */
static hq_status by_terms(searching *g)
{
    int64_t blocks;
    HQ_TRY(find_one(&blocks, g->tx, &written_blocks, NULL, 0));
    int64_t loose = blocks * HQ_CLR__BLOCK_SIZE;
    for (int64_t seq = g->high - 1; !g->full && seq >= loose && seq >= g->low; seq--) {
        HQ_TRY(look_at_seq(g, seq));
    }
    int64_t top = (g->high - 1) / HQ_CLR__BLOCK_SIZE;
    int64_t bottom = g->low / HQ_CLR__BLOCK_SIZE;
    for (int64_t block = top < blocks ? top : blocks - 1; !g->full && block >= bottom; block--) {
        HQ_TRY(walk_block(g, block));
    }
    return HQ_DONE;
}

/* ------------------------------------------------------------------ by entry */

static void put_bits(hq_buf *sql, const char *column, uint32_t bits)
{
    bool first = true;
    if (bits == 0) {
        return;
    }
    hq_buf_printf(sql, " AND %s IN (", column);
    for (int i = 0; i < 32; i++) {
        if ((bits >> i & 1) != 0) {
            hq_buf_printf(sql, first ? "%d" : ", %d", i);
            first = false;
        }
    }
    hq_buf_char(sql, ')');
}

/* One arm of the union: an office by one of its two columns, or everywhere (column NULL). */
static void put_arm(hq_buf *sql, const searching *g, const char *column, size_t parameter)
{
    const uint32_t work = 1u << HQ_DECLARATION_DOCUMENT_CHECK | 1u << HQ_DECLARATION_GOODS_CHECK;
    const hq_clr__search *s = g->s;
    hq_buf_printf(sql, "SELECT * FROM (SELECT seq, id FROM declaration_entry WHERE seq >= ?1 AND"
                       " seq < ?2");
    if (column != NULL) {
        hq_buf_printf(sql, " AND %s = ?%zu", column, parameter);
    }
    if (s->statuses != 0 && (s->statuses & ~work) == 0) {
        hq_buf_printf(sql, " AND status IN (3, 4)"); /* word for word the partial index */
    }
    put_bits(sql, "status", s->statuses);
    put_bits(sql, "channel", s->channels);
    if (s->kind.len > 0) {
        hq_buf_printf(sql, " AND kind = ?3");
    }
    if (s->assignee.len > 0) {
        hq_buf_printf(sql, " AND officer <> '' AND officer = ?%d", s->kind.len > 0 ? 4 : 3);
    }
    hq_buf_printf(sql, " ORDER BY seq DESC LIMIT %d) AS arm", CHUNK);
}

/* Parameters: 1 and 2 the range, then kind and assignee when asked for, then the offices. */
static hq_sv entry_sql(const searching *g)
{
    hq_buf sql = HQ_BUF_ARENA(g->s->arena, SQL_MAX);
    size_t office = 3u + (g->s->kind.len > 0) + (g->s->assignee.len > 0);
    hq_buf_printf(&sql, "SELECT seq, id FROM (");
    if (g->everywhere) {
        put_arm(&sql, g, NULL, 0);
    }
    for (size_t i = 0; !g->everywhere && i < g->office_count; i++) {
        hq_buf_printf(&sql, i == 0 ? "" : " UNION ");
        put_arm(&sql, g, "office", office + i);
        hq_buf_printf(&sql, " UNION ");
        put_arm(&sql, g, "goods_office <> '' AND goods_office", office + i);
    }
    hq_buf_printf(&sql, ") AS found ORDER BY seq DESC LIMIT %d", CHUNK);
    return hq_failed(hq_buf_status(&sql)) ? HQ_SV_NULL : hq_buf_view(&sql);
}

typedef struct {
    int64_t seq, id;
} candidate;

static hq_status read_chunk(candidate *out, size_t *count, searching *g, hq_sv sql)
{
    hq_bind binds[4 + HQ_CLR__OFFICES_MAX] = { HQ_B_I64(g->low), HQ_B_I64(g->high) };
    size_t bound = 2;
    hq_rows rows;
    if (g->s->kind.len > 0) {
        binds[bound++] = HQ_B_TEXT(g->s->kind);
    }
    if (g->s->assignee.len > 0) {
        binds[bound++] = HQ_B_TEXT(g->s->assignee);
    }
    for (size_t i = 0; !g->everywhere && i < g->office_count; i++) {
        binds[bound++] = HQ_B_TEXT(g->offices[i]);
    }
    *count = 0;
    HQ_TRY(hq_tx_query_text(&rows, g->tx, sql, binds, bound));
    while (*count < CHUNK && hq_rows_next(&rows)) {
        out[(*count)++] = (candidate){ hq_rows_i64(&rows, 0), hq_rows_i64(&rows, 1) };
    }
    return hq_rows_end(&rows);
}

static hq_status by_entries(searching *g)
{
    candidate chunk[CHUNK];
    size_t count = CHUNK;
    if (!g->everywhere && g->office_count == 0) {
        return HQ_DONE;
    }
    hq_sv sql = entry_sql(g);
    if (sql.ptr == NULL) {
        return HQ_FAIL(NOMEM);
    }
    while (!g->full && count == CHUNK && g->low < g->high) {
        HQ_TRY(read_chunk(chunk, &count, g, sql));
        for (size_t i = 0; !g->full && i < count; i++) {
            HQ_TRY(look_at(g, chunk[i].seq, chunk[i].id));
            g->high = chunk[i].seq;
        }
    }
    return HQ_DONE;
}

/* ------------------------------------------------------------------ a question */

static hq_status by_number(searching *g)
{
    int64_t seq;
    int64_t id = g->s->id;
    hq_status s = find_one(&seq, g->tx, &find_seq, &HQ_B_I64(id), 1);
    if (s.code == HQ_E_NOT_FOUND && hq_ok(hq_clr__branch_first(&id, g->tx, g->s->id))) {
        s = find_one(&seq, g->tx, &find_seq, &HQ_B_I64(id), 1);
    }
    if (s.code == HQ_E_NOT_FOUND) {
        return HQ_DONE;
    }
    HQ_TRY(s);
    return seq < g->s->below ? look_at(g, seq, id) : HQ_DONE;
}

hq_status hq_clr__search_run(hq_clr__search *search, hq_tx *tx)
{
    searching g = { .s = search, .tx = tx, .room = HQ_CLR__WORDS_ROOM(search->arena) };
    search->rows = HQ_NEW_ARRAY(search->arena, hq_clr__row, search->limit + 1);
    search->count = 0;
    search->next = -1;
    if (search->rows == NULL) {
        return HQ_FAIL(NOMEM);
    }
    HQ_TRY(find_range(&g));
    HQ_TRY(find_offices(&g));
    if (search->id != 0) {
        HQ_TRY(by_number(&g));
    } else if (search->word_count > 0 || search->caller->role == HQ_ROLE_DECLARANT) {
        HQ_TRY(by_terms(&g));
    } else {
        HQ_TRY(by_entries(&g));
    }
    if (!g.full) {
        search->next = -1;
    }
    return HQ_DONE;
}
