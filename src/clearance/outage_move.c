/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/outages.h"

#include <stdlib.h>

#include "clearance/due.h"
#include "clearance/elements.h"
#include "clearance/list.h"

/* Moves what an outage held up: the clock of a check by the working time that was left when it
 * began, a deadline of days by the time that it lost. One closure a few declarations; each
 * remembers the outage in its pauses, so that beginning again after a crash moves nothing twice. */

#define BATCH  50
#define AWAITS 15 /* of 2 seconds */

static hq_sql ids_waiting =
    HQ_SQL_OF("SELECT id FROM declaration WHERE status = 0 AND due_at > ?1"
              " UNION SELECT id FROM declaration_entry WHERE status IN (3, 4)"
              " UNION SELECT id FROM declaration_due WHERE due_at > ?1 ORDER BY 1");
static hq_sql items_of = HQ_SQL_OF("SELECT item, due_at FROM declaration_due WHERE id = ?1"
                                   " ORDER BY item");

typedef struct {
    hq_clearance *clearance;
    const hq_clr__outage *outage;
    int64_t *ids; /* on the heap */
    size_t count, cap, at;
} moving;

static hq_status read_ids(hq_tx *tx, void *user)
{
    moving *m = user;
    hq_rows rows;
    m->count = 0;
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &ids_waiting, HQ_B_I64(m->outage->from)));
    while (hq_rows_next(&rows)) {
        if (m->count == m->cap) {
            size_t cap = m->cap == 0 ? 1024 : 2 * m->cap;
            int64_t *more = realloc(m->ids, cap * sizeof *more);
            if (more == NULL) {
                HQ_IGNORE(hq_rows_end(&rows));
                return HQ_FAIL(NOMEM);
            }
            m->ids = more;
            m->cap = cap;
        }
        m->ids[m->count++] = hq_rows_i64(&rows, 0);
    }
    return hq_rows_end(&rows);
}

/* ------------------------------------------------------------------ one clock */

static hq_time_us later(hq_time_us a, hq_time_us b)
{
    return a > b ? a : b;
}

/* A deadline that began at `begin` had time left when the outage came. */
static bool ran(const hq_clr__outage *o, hq_time_us begin, hq_time_us due)
{
    return due > later(o->from, begin) && begin < o->to;
}

static hq_time_us by_calendar(const hq_clr__outage *o, hq_time_us begin, hq_time_us due)
{
    return ran(o, begin, due) ? due + (o->to - later(o->from, begin)) : due;
}

static hq_time_us by_work(const moving *m, hq_sv office, hq_time_us begin, hq_time_us due)
{
    const hq_clr__outage *o = m->outage;
    if (!ran(o, begin, due)) {
        return due;
    }
    const hq_ref *ref = hq_reference_acquire(m->clearance->reference);
    int64_t left = hq_ref_working_time_between(ref, office, later(o->from, begin), due);
    hq_time_us end = hq_ref_working_time_add(ref, office, o->to, left);
    hq_reference_release(m->clearance->reference, ref);
    return later(end, due);
}

static bool move_presented(const moving *m, hq_clr__presented *p, hq_sv office)
{
    if (p->at == 0 || p->due == 0) {
        return false;
    }
    hq_time_us due = by_work(m, office, p->at, p->due);
    bool moved = due != p->due;
    p->due = due;
    return moved;
}

/* ------------------------------------------------------------------ deadlines of elements */

static const hq_clr__section dated[] = { HQ_CLR__INSTRUCTIONS, HQ_CLR__PROPOSALS, HQ_CLR__MATTERS,
                                         HQ_CLR__AMENDMENTS, HQ_CLR__DECISIONS };

/* The element of this deadline shows it as `due`; it began when the element did. */
static hq_status find_begin(hq_time_us *begin, const hq_clr__life *life, hq_time_us due,
                            hq_arena *arena)
{
    *begin = 0;
    for (size_t s = 0; s < sizeof dated / sizeof dated[0]; s++) {
        const hq_json *all;
        HQ_TRY(hq_clr__elements(&all, life->sections[dated[s]], arena));
        for (const hq_json *e = hq_json_first(all); e != NULL; e = hq_json_next(all, e)) {
            if (hq_clr__json_time(e, "due") == due) {
                *begin = hq_clr__json_time(e, "at");
                return HQ_DONE;
            }
        }
    }
    return HQ_DONE;
}

static hq_status show_due(hq_clr__life *life, hq_time_us was, hq_time_us due, hq_arena *arena)
{
    hq_buf patch = HQ_BUF_ARENA(arena, 128);
    hq_json_w w = hq_json_writer(&patch);
    HQ_JSON_KEY(&w, "due");
    hq_json_time(&w, due);
    for (size_t s = 0; s < sizeof dated / sizeof dated[0]; s++) {
        const hq_json *all;
        HQ_TRY(hq_clr__elements(&all, life->sections[dated[s]], arena));
        for (const hq_json *e = hq_json_first(all); e != NULL; e = hq_json_next(all, e)) {
            if (hq_clr__json_time(e, "due") == was) {
                return hq_clr__element_change(&life->sections[dated[s]], e, hq_buf_view(&patch),
                                              arena);
            }
        }
    }
    return HQ_DONE;
}

typedef struct {
    hq_sv item;
    hq_time_us due;
} waiting;

static hq_status read_items(waiting **out, size_t *count, hq_tx *tx, int64_t id, hq_arena *arena)
{
    hq_rows rows;
    size_t cap = 16;
    *count = 0;
    *out = HQ_NEW_ARRAY(arena, waiting, cap);
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &items_of, HQ_B_I64(id)));
    while (*out != NULL && hq_rows_next(&rows)) {
        if (*count == cap) {
            waiting *more = HQ_NEW_ARRAY(arena, waiting, 2 * cap);
            if (more != NULL) {
                memcpy(more, *out, cap * sizeof *more);
            }
            *out = more;
            cap *= 2;
        }
        if (*out != NULL) {
            (*out)[(*count)++] =
                (waiting){ hq_arena_dup(arena, hq_rows_text(&rows, 0)), hq_rows_i64(&rows, 1) };
        }
    }
    HQ_TRY(hq_rows_end(&rows));
    return *out == NULL ? HQ_FAIL(NOMEM) : HQ_DONE;
}

static hq_status move_items(bool *moved, const moving *m, hq_tx *tx, const hq_clr__row *row,
                            hq_clr__life *life)
{
    hq_arena *arena = hq_tx_arena(tx);
    waiting *items;
    size_t count;
    HQ_TRY(read_items(&items, &count, tx, row->id, arena));
    for (size_t i = 0; i < count; i++) {
        hq_time_us begin;
        HQ_TRY(find_begin(&begin, life, items[i].due, arena));
        hq_time_us due = by_calendar(m->outage, begin, items[i].due);
        if (due != items[i].due) {
            HQ_TRY(show_due(life, items[i].due, due, arena));
            HQ_TRY(hq_clr__due_set(tx, row, items[i].item, due));
            *moved = true;
        }
    }
    return HQ_DONE;
}

/* ------------------------------------------------------------------ one declaration */

static hq_status remember(hq_clr__life *life, const moving *m, hq_arena *arena)
{
    const hq_clr__outage *o = m->outage;
    hq_buf text = HQ_BUF_ARENA(arena, 4096);
    hq_json_w w = hq_json_writer(&text);
    hq_json_open(&w, '{');
    HQ_JSON_KEY(&w, "kind");
    hq_json_text(&w, HQ_SV("OUTAGE"));
    HQ_JSON_KEY(&w, "outage");
    hq_json_i64(&w, o->id);
    HQ_JSON_KEY(&w, "clock");
    hq_json_null(&w);
    HQ_JSON_KEY(&w, "from");
    hq_json_time(&w, o->from);
    HQ_JSON_KEY(&w, "to");
    hq_json_time(&w, o->to);
    HQ_JSON_KEY(&w, "by");
    hq_json_text(&w, o->declared_by);
    HQ_JSON_KEY(&w, "reason");
    hq_json_text(&w, o->reason_vi);
    hq_json_close(&w, '}');
    HQ_TRY(hq_buf_status(&text));
    return hq_clr__array_add(&life->sections[HQ_CLR__PAUSES], hq_buf_view(&text), arena);
}

static bool is_known(const hq_json *pauses, int64_t outage)
{
    return hq_clr__element_numbered(pauses, "outage", outage) != NULL;
}

static hq_status move_one(const moving *m, hq_tx *tx, int64_t id)
{
    hq_clr__row row;
    hq_clr__life life;
    const hq_json *pauses;
    bool moved = false;
    hq_arena *arena = hq_tx_arena(tx);
    HQ_TRY(hq_clr__row_load(&row, tx, id, arena));
    HQ_TRY(hq_clr__life_unpack(&life, row.life));
    HQ_TRY(hq_clr__elements(&pauses, life.sections[HQ_CLR__PAUSES], arena));
    if (is_known(pauses, m->outage->id)) {
        return HQ_DONE;
    }
    if (row.status == HQ_DECLARATION_PREREGISTERED) {
        hq_time_us due = by_calendar(m->outage, row.created_at, row.due_at);
        moved = due != row.due_at;
        row.due_at = due;
    } else {
        hq_sv place = row.goods_office.len > 0 ? row.goods_office : row.office;
        moved |= move_presented(m, &life.documents, row.office);
        moved |= move_presented(m, &life.goods, place);
    }
    HQ_TRY(move_items(&moved, m, tx, &row, &life));
    hq_clr__step step = { .verb = HQ_VERB_OUTAGE, .actor = HQ_SV("system"), .at = hq_tx_now(tx) };
    step.more = hq_arena_printf(arena, "\"outage\":%lld", (long long)m->outage->id);
    if (!moved || hq_clr__move_find(row.status, HQ_VERB_OUTAGE, NULL) == NULL) {
        return HQ_DONE;
    }
    int64_t was = row.version;
    HQ_TRY(remember(&life, m, arena));
    HQ_TRY(hq_clr__life_pack(&row.life, &life, arena));
    HQ_TRY(hq_clr__row_move(&row, tx, &step, arena));
    return hq_clr__row_update(tx, &row, was);
}

static hq_status move_batch(hq_tx *tx, void *user)
{
    const moving *m = user;
    for (size_t i = m->at; i < m->count && i < m->at + BATCH; i++) {
        HQ_TRY(move_one(m, tx, m->ids[i]));
    }
    return HQ_DONE;
}

hq_status hq_clr__outage_move_clocks(hq_clearance *clearance, const hq_clr__outage *outage)
{
    moving m = { .clearance = clearance, .outage = outage };
    /* The list of declarations under check is a follower's: it must have seen all that there is. One
     * that is not there in time is waited for with the next tick. */
    hq_status s = hq_clr__lists_await(clearance);
    for (int i = 0; i < AWAITS && s.code == HQ_E_TIMEOUT; i++) {
        s = hq_clr__lists_await(clearance);
    }
    HQ_TRY(s);
    s = hq_store_read(clearance->store, read_ids, &m);
    for (m.at = 0; hq_ok(s) && m.at < m.count; m.at += BATCH) {
        s = hq_store_write(clearance->store, move_batch, &m);
    }
    free(m.ids);
    return s;
}
