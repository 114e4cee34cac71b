/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/content.h"
#include "clearance/index.h"

/* The follower: from the journal's events to entries. */

static hq_sql find_seq = HQ_SQL_OF("SELECT seq FROM declaration_entry WHERE id = ?1");
static hq_sql last_seq = HQ_SQL_OF("SELECT seq FROM declaration_entry ORDER BY seq DESC LIMIT 1");
static hq_sql insert_entry =
    HQ_SQL_OF("INSERT INTO declaration_entry (seq, id, at, status, channel, kind, office,"
              " goods_office, trader, officer, reference)"
              " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)");
static hq_sql update_entry =
    HQ_SQL_OF("UPDATE declaration_entry SET status = ?2, channel = ?3, kind = ?4, office = ?5,"
              " goods_office = ?6, trader = ?7, officer = ?8, reference = ?9 WHERE seq = ?1");
/* What an entry is made of; the words are at the end of the row and read only when they changed. */
static hq_sql select_entry =
    HQ_SQL_OF("SELECT created_at, status, channel, kind, office, goods_office, trader, officer,"
              " reference FROM declaration WHERE id = ?1");
static hq_sql select_terms =
    HQ_SQL_OF("SELECT trader, agent, office, goods_office, words, packed FROM declaration"
              " WHERE id = ?1");
/* Their references are found by the words; in the entry they would put out those of others that a
 * restart reads to warn of repeats. */
static hq_sql insert_parcels =
    HQ_SQL_OF("INSERT INTO declaration_entry (seq, id, at, status, channel, kind, office,"
              " goods_office, trader, officer, reference)"
              " SELECT id + ?1, id, created_at, status, channel, kind, office, goods_office,"
              " trader, officer, '' FROM declaration WHERE id BETWEEN ?2 AND ?3 ORDER BY id");
static hq_sql see_office = HQ_SQL_OF("INSERT INTO declaration_entry_office_seen (office)"
                                     " VALUES (?1) ON CONFLICT (office) DO NOTHING");
static hq_sql insert_late = HQ_SQL_OF("INSERT INTO declaration_term_late (block, term, entry)"
                                      " VALUES (?1, ?2, ?3)"
                                      " ON CONFLICT (block, term, entry) DO NOTHING");

typedef struct {
    hq_tx *tx;
    hq_arena *arena;
    int64_t next;   /* seq of the next new entry */
    hq_sv seen[64]; /* offices noted in this batch */
    size_t seen_count;
} following;

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

/* ------------------------------------------------------------------ one declaration changed */

static hq_status note_office(following *f, hq_sv office)
{
    for (size_t i = 0; i < f->seen_count; i++) {
        if (hq_sv_eq(f->seen[i], office)) {
            return HQ_DONE;
        }
    }
    if (office.len == 0) {
        return HQ_DONE;
    }
    if (f->seen_count < sizeof f->seen / sizeof f->seen[0]) {
        f->seen[f->seen_count] = hq_arena_dup(f->arena, office);
        f->seen_count += f->seen[f->seen_count].ptr != NULL;
    }
    return HQ_TX_RUN(f->tx, &see_office, HQ_B_TEXT(office));
}

/* Binds of an entry, borrowed from the row of the declaration that is being read. */
typedef struct {
    hq_bind at, status, channel, kind, office, goods_office, trader, officer, reference;
} entry_binds;

static entry_binds binds_of(const hq_rows *rows)
{
    return (entry_binds){ .at = HQ_B_I64(hq_rows_i64(rows, 0)),
                          .status = HQ_B_I64(hq_rows_i64(rows, 1)),
                          .channel = HQ_B_I64(hq_rows_i64(rows, 2)),
                          .kind = HQ_B_TEXT(hq_rows_text(rows, 3)),
                          .office = HQ_B_TEXT(hq_rows_text(rows, 4)),
                          .goods_office = HQ_B_TEXT(hq_rows_text(rows, 5)),
                          .trader = HQ_B_TEXT(hq_rows_text(rows, 6)),
                          .officer = HQ_B_TEXT(hq_rows_text(rows, 7)),
                          .reference = HQ_B_TEXT(hq_rows_text(rows, 8)) };
}

static hq_status add_entry(following *f, int64_t id, const entry_binds *e)
{
    return HQ_TX_RUN(f->tx, &insert_entry, HQ_B_I64(f->next), HQ_B_I64(id), e->at, e->status,
                     e->channel, e->kind, e->office, e->goods_office, e->trader, e->officer,
                     e->reference);
}

static hq_status change_entry(following *f, int64_t seq, const entry_binds *e)
{
    return HQ_TX_RUN(f->tx, &update_entry, HQ_B_I64(seq), e->status, e->channel, e->kind, e->office,
                     e->goods_office, e->trader, e->officer, e->reference);
}

/* seq < 0: a new entry. */
static hq_status put_entry(following *f, int64_t id, int64_t seq)
{
    hq_rows rows;
    HQ_TRY(HQ_TX_QUERY(&rows, f->tx, &select_entry, HQ_B_I64(id)));
    hq_status s = HQ_FAIL(CORRUPT);
    if (hq_rows_next(&rows)) {
        entry_binds e = binds_of(&rows);
        s = note_office(f, e.office.bytes);
        s = hq_ok(s) ? note_office(f, e.goods_office.bytes) : s;
        if (hq_ok(s)) {
            s = seq < 0 ? add_entry(f, id, &e) : change_entry(f, seq, &e);
        }
    }
    hq_status end = hq_rows_end(&rows);
    return hq_failed(end) ? end : s;
}

typedef struct {
    following *f;
    int64_t seq;
} late_entry;

static hq_status add_late(void *user, hq_sv term)
{
    const late_entry *late = user;
    return HQ_TX_RUN(late->f->tx, &insert_late, HQ_B_I64(late->seq / HQ_CLR__BLOCK_SIZE),
                     HQ_B_TEXT(term), HQ_B_I64(late->seq % HQ_CLR__BLOCK_SIZE));
}

/* Replaced while it was pre-registered: terms that came in. Those that went stay in the index and
 * are seen through when the declaration is looked at. */
static hq_status add_words(following *f, int64_t id, int64_t seq)
{
    late_entry late = { f, seq };
    hq_rows rows;
    if (seq / HQ_CLR__BLOCK_SIZE >= f->next / HQ_CLR__BLOCK_SIZE) {
        return HQ_DONE; /* whoever fills its block will read them */
    }
    HQ_TRY(HQ_TX_QUERY(&rows, f->tx, &select_terms, HQ_B_I64(id)));
    hq_status s = HQ_DONE;
    if (hq_rows_next(&rows)) {
        hq_clr__words_room room = HQ_CLR__WORDS_ROOM(f->arena);
        hq_clr__row row = { .trader = hq_rows_text(&rows, 0),
                            .agent = hq_rows_text(&rows, 1),
                            .office = hq_rows_text(&rows, 2),
                            .goods_office = hq_rows_text(&rows, 3) };
        s = hq_clr__words_read(&row.words, hq_rows_text(&rows, 4), hq_rows_text(&rows, 5), &room);
        s = hq_ok(s) ? hq_clr__each_term(&row, f->arena, add_late, &late) : s;
    }
    hq_status end = hq_rows_end(&rows);
    return hq_failed(end) ? end : s;
}

/* Parcels that were registered together: one statement for all of them. */
static hq_status take_parcels(following *f, const hq_event *event)
{
    const hq_json *payload;
    int64_t first;
    int64_t count;
    hq_sv number = event->subject;
    hq_sv_cut(&number, '/');
    HQ_TRY(hq_json_parse_copy(&payload, event->payload, f->arena, NULL));
    if (number.ptr == NULL || !hq_sv_i64(&first, number) ||
        !hq_json_get_i64(&count, payload, "count")) {
        return HQ_FAIL(CORRUPT);
    }
    HQ_TRY(note_office(f, event->office));
    const hq_json *offices = hq_json_get(payload, "goods_offices");
    for (const hq_json *c = offices == NULL ? NULL : hq_json_first(offices); c != NULL;
         c = hq_json_next(offices, c)) {
        HQ_TRY(note_office(f, c->text));
    }
    HQ_TRY(HQ_TX_RUN(f->tx, &insert_parcels, HQ_B_I64(f->next - first), HQ_B_I64(first),
                     HQ_B_I64(first + count - 1)));
    f->next += count;
    return HQ_DONE;
}

static hq_status take_one(following *f, const hq_event *event)
{
    hq_sv number = event->subject;
    int64_t id;
    int64_t seq;
    hq_sv_cut(&number, '/');
    if (number.ptr == NULL || !hq_sv_i64(&id, number)) {
        return HQ_FAIL(CORRUPT);
    }
    if (event->version == 1) {
        HQ_TRY(put_entry(f, id, -1));
        f->next++;
        return HQ_DONE;
    }
    HQ_TRY(find_one(&seq, f->tx, &find_seq, &HQ_B_I64(id), 1));
    HQ_TRY(put_entry(f, id, seq));
    bool reworded = hq_sv_eq(event->kind, HQ_SV("declaration.replaced")) ||
                    hq_sv_eq(event->kind, HQ_SV("declaration.amended"));
    return reworded ? add_words(f, id, seq) : HQ_DONE;
}

hq_status hq_clr__follow(hq_tx *tx, const hq_event_view *events, size_t count, void *user)
{
    following f = { .tx = tx, .arena = hq_tx_arena(tx), .next = 0 };
    int64_t last;
    (void)user;
    hq_status s = find_one(&last, tx, &last_seq, NULL, 0);
    if (hq_failed(s) && s.code != HQ_E_NOT_FOUND) {
        return s;
    }
    f.next = hq_ok(s) ? last + 1 : 0;
    for (size_t i = 0; i < count; i++) {
        bool ours = hq_sv_eq(events[i].event.room, HQ_SV("clearance"));
        if (ours && hq_sv_starts(events[i].event.subject, HQ_SV("declaration/"))) {
            HQ_TRY(take_one(&f, &events[i].event));
        } else if (ours && hq_sv_starts(events[i].event.subject, HQ_SV("parcels/"))) {
            HQ_TRY(take_parcels(&f, &events[i].event));
        }
    }
    return HQ_DONE;
}

hq_status hq_clr__forget(hq_tx *tx, void *user)
{
    static hq_sql entries = HQ_SQL_OF("DELETE FROM declaration_entry");
    static hq_sql offices = HQ_SQL_OF("DELETE FROM declaration_entry_office_seen");
    static hq_sql terms = HQ_SQL_OF("DELETE FROM declaration_term");
    static hq_sql late = HQ_SQL_OF("DELETE FROM declaration_term_late");
    (void)user;
    HQ_TRY(hq_tx_run(tx, &entries, NULL, 0, NULL));
    HQ_TRY(hq_tx_run(tx, &offices, NULL, 0, NULL));
    HQ_TRY(hq_tx_run(tx, &late, NULL, 0, NULL));
    return hq_tx_run(tx, &terms, NULL, 0, NULL);
}
