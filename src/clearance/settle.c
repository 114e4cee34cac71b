/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/steps.h"

#include "clearance/facts.h"
#include "clearance/holds.h"
#include "clearance/proposals.h"
#include "clearance/verbs.h"

/* What the program does by itself: clearing when treasury says that nothing is owed, expiry of
 * pre-registrations. */

#define EXPIRE_BATCH 100

static hq_sql due_rows = HQ_SQL_OF("SELECT id FROM declaration WHERE status = 0 AND due_at <= ?1"
                                   " ORDER BY due_at, id LIMIT 100");
static hq_sql next_due = HQ_SQL_OF("SELECT due_at FROM declaration WHERE status = 0"
                                   " ORDER BY due_at, id LIMIT 1");

hq_status hq_clr__tell_cleared(hq_clearance *clearance, hq_tx *tx, const hq_clr__row *row,
                               hq_sv actor, hq_time_us at)
{
    hq_clr__life life;
    HQ_TRY(hq_clr__life_unpack(&life, row->life));
    return life.covered ? hq_debts_cleared(clearance->treasury, tx, row->id, hq_day_of(at), actor)
                        : HQ_DONE;
}

hq_status hq_clr__settled(hq_tx *tx, int64_t declaration, hq_sv actor, void *user)
{
    hq_clr__row row;
    hq_arena *arena = hq_tx_arena(tx);
    hq_status s = hq_clr__row_load(&row, tx, declaration, arena);
    if (s.code == HQ_E_NOT_FOUND) {
        return HQ_DONE; /* debts of something that is no declaration of ours */
    }
    HQ_TRY(s);
    int64_t was = row.version;
    hq_clr__life life;
    HQ_TRY(hq_clr__life_unpack(&life, row.life));
    hq_clr__step step = { .verb = HQ_VERB_SETTLE,
                          .facts = hq_clr__facts_seen(&row, &life),
                          .actor = actor,
                          .at = hq_tx_now(tx) };
    if (hq_clr__move_find(row.status, HQ_VERB_SETTLE, &step.facts) == NULL) {
        return HQ_DONE; /* cleared before, under a guarantee */
    }
    HQ_TRY(hq_clr__row_move(&row, tx, &step, arena));
    if (row.status == HQ_DECLARATION_CLEARED && row.life.len > 0) {
        HQ_TRY(hq_clr__after_clearing(user, tx, &row, actor, step.at, arena));
    }
    HQ_TRY(hq_clr__proposals_lapse(tx, &row, step.at, arena));
    return hq_clr__row_update(tx, &row, was);
}

/* ------------------------------------------------------------------ expiry */

typedef struct {
    hq_time_us now;
    size_t expired;
    hq_time_us next; /* 0: nothing waits */
} expiry;

static hq_status expire_one(hq_tx *tx, int64_t id, hq_time_us now)
{
    hq_clr__row row;
    hq_arena *arena = hq_tx_arena(tx);
    HQ_TRY(hq_clr__row_load(&row, tx, id, arena));
    int64_t was = row.version;
    hq_clr__step step = { .verb = HQ_VERB_EXPIRE, .actor = HQ_SV("system"), .at = now };
    HQ_TRY(hq_clr__row_move(&row, tx, &step, arena));
    return hq_clr__row_update(tx, &row, was);
}

static hq_status read_next(hq_tx *tx, expiry *e)
{
    hq_rows rows;
    HQ_TRY(hq_tx_query(&rows, tx, &next_due, NULL, 0));
    e->next = hq_rows_next(&rows) ? hq_rows_i64(&rows, 0) : 0;
    return hq_rows_end(&rows);
}

static hq_status look(hq_tx *tx, void *user)
{
    return read_next(tx, user);
}

static hq_status expire_batch(hq_tx *tx, void *user)
{
    expiry *e = user;
    int64_t ids[EXPIRE_BATCH];
    hq_rows rows;
    e->expired = 0;
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &due_rows, HQ_B_I64(e->now)));
    while (e->expired < EXPIRE_BATCH && hq_rows_next(&rows)) {
        ids[e->expired++] = hq_rows_i64(&rows, 0);
    }
    HQ_TRY(hq_rows_end(&rows));
    for (size_t i = 0; i < e->expired; i++) {
        HQ_TRY(expire_one(tx, ids[i], e->now));
    }
    return read_next(tx, e);
}

hq_status hq_clr__expire_due(hq_clearance *clearance, hq_time_us *next)
{
    expiry e = { .now = hq_now(clearance->clock) };
    HQ_TRY(hq_store_read(clearance->store, look, &e));
    while (e.next != 0 && e.next <= e.now) {
        HQ_TRY(hq_store_write(clearance->store, expire_batch, &e));
    }
    *next = e.next;
    return HQ_DONE;
}
