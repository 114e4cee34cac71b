/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/due.h"
#include "clearance/elements.h"
#include "clearance/facts.h"
#include "clearance/matters.h"
#include "clearance/verbs.h"

/* What time does to matters. An ordered amendment of a value that was not made: the goods are
 * cleared as declared and the value goes to the audit after clearance. Anything else that is late
 * is an event, and people go on. */

#define SYSTEM HQ_SV("system")

static bool is_about(const hq_clr__matter *m, const char *about)
{
    return hq_sv_eq(hq_json_get_text(m->element, "about"), hq_sv_from_cstr(about));
}

/* The declarant asked in time and customs has not answered yet: his time does not run meanwhile. */
hq_status hq_clr__matter_asked(bool *out, const hq_clr__life *life, int64_t id, hq_arena *arena)
{
    const hq_json *all;
    *out = false;
    HQ_TRY(hq_clr__elements(&all, life->sections[HQ_CLR__AMENDMENTS], arena));
    for (const hq_json *a = hq_json_first(all); a != NULL; a = hq_json_next(all, a)) {
        int64_t matter;
        *out |= hq_sv_eq(hq_json_get_text(a, "state"), HQ_SV("REQUESTED")) &&
                hq_sv_i64(&matter, hq_json_get_text(a, "matter")) && matter == id;
    }
    return HQ_DONE;
}

static hq_status lapse(hq_tx *tx, hq_clr__row *row, const hq_clr__life *life,
                       const hq_clr__matter *m, hq_sv more, hq_time_us now)
{
    hq_arena *arena = hq_tx_arena(tx);
    HQ_TRY(hq_clr__life_pack(&row->life, life, arena));
    hq_clr__step step = { .verb = HQ_VERB_LAPSE,
                          .facts = { .channel = (hq_channel)row->channel },
                          .actor = SYSTEM,
                          .at = now,
                          .more = hq_clr__matter_members(m, more, arena) };
    return hq_clr__row_move(row, tx, &step, arena);
}

/* A disputed value: cleared as declared. */
static hq_status clear_as_declared(hq_clearance *clearance, hq_tx *tx, hq_clr__row *row,
                                   hq_clr__life *life, const hq_clr__matter *m, hq_time_us now)
{
    hq_clr__ending ending = { .outcome = HQ_OUTCOME_CLEARED_AS_DECLARED, .by = SYSTEM, .at = now };
    hq_arena *arena = hq_tx_arena(tx);
    HQ_TRY(hq_clr__matter_close(tx, row, life, m, &ending, arena));
    HQ_TRY(lapse(tx, row, life, m, HQ_SV("\"outcome\":\"CLEARED_AS_DECLARED\""), now));
    HQ_TRY(hq_clr__pass_to_audit(row, tx, m, SYSTEM, now, arena));
    return hq_clr__matters_resolve(clearance, tx, row, now);
}

static hq_status mark_late(hq_tx *tx, hq_clr__row *row, hq_clr__life *life, const hq_clr__matter *m,
                           hq_time_us now)
{
    hq_arena *arena = hq_tx_arena(tx);
    hq_buf patch = HQ_BUF_ARENA(arena, 128);
    hq_json_w w = hq_json_writer(&patch);
    HQ_JSON_KEY(&w, "overdue_at");
    hq_json_time(&w, now);
    HQ_TRY(hq_buf_status(&patch));
    HQ_TRY(hq_clr__element_change(&life->sections[HQ_CLR__MATTERS], m->element, hq_buf_view(&patch),
                                  arena));
    HQ_TRY(hq_clr__matter_row_set(tx, row, m->id, m->state, now));
    return lapse(tx, row, life, m, HQ_SV(""), now);
}

hq_status hq_clr__matter_late(hq_clearance *clearance, hq_tx *tx, hq_clr__row *row, hq_sv number,
                              hq_time_us now)
{
    hq_arena *arena = hq_tx_arena(tx);
    hq_clr__life life;
    hq_clr__matter m;
    int64_t id;
    bool asked = false;
    if (!hq_sv_i64(&id, number) || hq_clr__move_find(row->status, HQ_VERB_LAPSE, NULL) == NULL) {
        return HQ_DONE;
    }
    HQ_TRY(hq_clr__life_unpack(&life, row->life));
    HQ_TRY(hq_clr__matter_find(&m, &life, id, arena));
    if (!hq_clr__matter_waits(m.state)) {
        return HQ_DONE;
    }
    if (m.kind != HQ_MATTER_ORDERED_AMENDMENT) {
        return mark_late(tx, row, &life, &m, now);
    }
    HQ_TRY(hq_clr__matter_asked(&asked, &life, id, arena));
    if (asked) {
        return hq_clr__due_set(tx, row, hq_clr__due_item(arena, "matter", id), now + HQ_US_PER_DAY);
    }
    return is_about(&m, "VALUE") ? clear_as_declared(clearance, tx, row, &life, &m, now)
                                 : mark_late(tx, row, &life, &m, now);
}

/* ------------------------------------------------------------------ going on */

/* Nothing waits: no matter, no instruction, and the last check was the one that found something. */
static hq_status all_settled(bool *out, const hq_clr__row *row, const hq_clr__life *life,
                             hq_arena *arena)
{
    const hq_json *checks;
    const hq_json *asked;
    size_t waiting;
    int64_t first;
    bool documents = row->status == HQ_DECLARATION_DOCUMENT_CHECK;
    bool found = false;
    HQ_TRY(hq_clr__matters_waiting(&waiting, &first, life, arena));
    HQ_TRY(hq_clr__elements(&checks, life->sections[HQ_CLR__CHECKS], arena));
    HQ_TRY(hq_clr__elements(&asked, life->sections[HQ_CLR__INSTRUCTIONS], arena));
    for (const hq_json *c = hq_json_first(checks); c != NULL; c = hq_json_next(checks, c)) {
        found =
            hq_sv_eq(hq_json_get_text(c, "result"), HQ_SV("discrepancy")) &&
            hq_sv_eq(hq_json_get_text(c, "check"), documents ? HQ_SV("document") : HQ_SV("goods"));
    }
    for (const hq_json *i = hq_json_first(asked); i != NULL; i = hq_json_next(asked, i)) {
        found = found && hq_sv_eq(hq_json_get_text(i, "state"), HQ_SV("CLOSED"));
    }
    *out = waiting == 0 && found;
    return HQ_DONE;
}

hq_status hq_clr__matters_resolve(hq_clearance *clearance, hq_tx *tx, hq_clr__row *row,
                                  hq_time_us at)
{
    hq_arena *arena = hq_tx_arena(tx);
    hq_clr__life life;
    bool settled;
    hq_clr__step step = { .verb = HQ_VERB_RESOLVE, .actor = SYSTEM, .at = at };
    HQ_TRY(hq_clr__life_unpack(&life, row->life));
    HQ_TRY(all_settled(&settled, row, &life, arena));
    HQ_TRY(hq_clr__facts_of(&step.facts, tx, row, &life));
    if (!settled || hq_clr__move_find(row->status, HQ_VERB_RESOLVE, &step.facts) == NULL) {
        return HQ_DONE;
    }
    HQ_TRY(hq_clr__row_move(row, tx, &step, arena));
    return row->status == HQ_DECLARATION_CLEARED
               ? hq_clr__after_clearing(clearance, tx, row, SYSTEM, at, arena)
               : HQ_DONE;
}
