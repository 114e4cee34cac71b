/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/due.h"

#include "clearance/dialogue.h"
#include "clearance/matters.h"
#include "clearance/proposals.h"
#include "clearance/verbs.h"

#define AGAIN_US                                                                                   \
    (INT64_C(600) * HQ_US_PER_SECOND) /* after a deadline that could not be dealt with */
#define ITEM_MAX 64

static hq_sql set_due =
    HQ_SQL_OF("INSERT INTO declaration_due (id, item, due_at) VALUES (?1, ?2, ?3)"
              " ON CONFLICT (id, item) DO UPDATE SET due_at = excluded.due_at");
static hq_sql clear_due = HQ_SQL_OF("DELETE FROM declaration_due WHERE id = ?1 AND item = ?2");
static hq_sql first_due = HQ_SQL_OF("SELECT due_at, id, item FROM declaration_due"
                                    " ORDER BY due_at, id, item LIMIT 1");

/* Kinds of items. */
static const struct {
    const char *kind;
    hq_clr__due_fn passed;
    hq_clr__due_first first; /* NULL: none */
} kinds[] = {
    { "instruction", hq_clr__instruction_late, NULL },
    { "proposal", hq_clr__proposal_expired, NULL },
    { "matter", hq_clr__matter_late, hq_clr__matter_impose },
    { "presenting", hq_clr__not_presented, NULL },
    { "result", hq_clr__result_overdue, NULL },
    { "hold", hq_clr__hold_ended, NULL },
};

#define KINDS (sizeof kinds / sizeof kinds[0])

hq_status hq_clr__due_set(hq_tx *tx, const hq_clr__row *row, hq_sv item, hq_time_us at)
{
    return HQ_TX_RUN(tx, &set_due, HQ_B_I64(row->id), HQ_B_TEXT(item), HQ_B_I64(at));
}

hq_status hq_clr__due_clear(hq_tx *tx, const hq_clr__row *row, hq_sv item)
{
    return HQ_TX_RUN(tx, &clear_due, HQ_B_I64(row->id), HQ_B_TEXT(item));
}

hq_sv hq_clr__due_item(hq_arena *arena, const char *kind, int64_t number)
{
    return hq_arena_printf(arena, "%s/%lld", kind, (long long)number);
}

/* ------------------------------------------------------------------ passing */

typedef struct {
    hq_clearance *clearance;
    hq_time_us now;
    hq_time_us at; /* of the first, 0 none */
    int64_t id;
    char item[ITEM_MAX];
    size_t item_len;
} passing;

static hq_sv item_of(const passing *p)
{
    return hq_sv_make(p->item, p->item_len);
}

static hq_status read_first(hq_tx *tx, void *user)
{
    passing *p = user;
    hq_rows rows;
    p->at = 0;
    HQ_TRY(hq_tx_query(&rows, tx, &first_due, NULL, 0));
    if (hq_rows_next(&rows)) {
        hq_sv item = hq_sv_sub(hq_rows_text(&rows, 2), 0, ITEM_MAX);
        p->at = hq_rows_i64(&rows, 0);
        p->id = hq_rows_i64(&rows, 1);
        memcpy(p->item, item.ptr, item.len);
        p->item_len = item.len;
    }
    return hq_rows_end(&rows);
}

static size_t kind_of(hq_sv kind)
{
    size_t i = 0;
    while (i < KINDS && !hq_sv_eq(kind, hq_sv_from_cstr(kinds[i].kind))) {
        i++;
    }
    return i;
}

/* Read again inside: it may have been met in the meantime. */
static hq_status pass_first(hq_tx *tx, void *user)
{
    passing *p = user;
    hq_clr__row row;
    HQ_TRY(read_first(tx, p));
    if (p->at == 0 || p->at > p->now) {
        return HQ_DONE;
    }
    hq_sv number = item_of(p);
    hq_sv kind = hq_sv_cut(&number, '/');
    size_t i = kind_of(kind);
    HQ_TRY(hq_clr__row_load_full(&row, tx, p->id, hq_tx_arena(tx)));
    HQ_TRY(hq_clr__due_clear(tx, &row, item_of(p)));
    if (i == KINDS || number.ptr == NULL) {
        return HQ_FAIL(CORRUPT);
    }
    int64_t was = row.version;
    hq_declaration_status status = row.status;
    HQ_TRY(kinds[i].passed(p->clearance, tx, &row, number, p->now));
    if (row.status != status) {
        HQ_TRY(hq_clr__proposals_lapse(tx, &row, p->now, hq_tx_arena(tx)));
    }
    return row.version == was ? HQ_DONE : hq_clr__row_update(tx, &row, was);
}

/* So that one that fails (a corrupt row) does not hold up all others. */
static hq_status put_off(hq_tx *tx, void *user)
{
    const passing *p = user;
    const hq_clr__row row = { .id = p->id };
    return hq_clr__due_set(tx, &row, item_of(p), p->now + AGAIN_US);
}

static bool done_before(const passing *p)
{
    hq_sv number = item_of(p);
    size_t i = kind_of(hq_sv_cut(&number, '/'));
    return i < KINDS && kinds[i].first != NULL &&
           kinds[i].first(p->clearance, p->id, number, p->now);
}

hq_status hq_clr__due_pass(hq_clearance *clearance, hq_time_us *next)
{
    passing p = { .clearance = clearance, .now = hq_now(clearance->clock) };
    HQ_TRY(hq_store_read(clearance->store, read_first, &p));
    while (p.at != 0 && p.at <= p.now) {
        if (!done_before(&p) && hq_failed(hq_store_write(clearance->store, pass_first, &p))) {
            HQ_TRY(hq_store_write(clearance->store, put_off, &p));
        }
        HQ_TRY(hq_store_read(clearance->store, read_first, &p));
    }
    *next = p.at;
    return HQ_DONE;
}
