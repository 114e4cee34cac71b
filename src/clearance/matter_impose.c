/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/amend.h"
#include "clearance/elements.h"
#include "clearance/matters.h"

/* A code or rate that the declarant was ordered to amend and did not: customs imposes it when the
 * time is over. What was ordered is checked, valued and taxed here as any amendment is, outside the
 * writer, and carried out in one closure with the end of the matter. */

#define ARENA_MAX ((size_t)256 << 20)

typedef struct {
    hq_clearance *clearance;
    hq_clr__amend *amend;
    hq_request request;
    hq_caller caller;
    int64_t id; /* of the matter */
    hq_time_us now;
} imposing;

/* Does it wait, and for a code or a rate? */
static bool is_due(const hq_clr__matter *m)
{
    hq_sv about = hq_json_get_text(m->element, "about");
    return m->kind == HQ_MATTER_ORDERED_AMENDMENT && m->state == HQ_MATTER_OPEN &&
           (hq_sv_eq(about, HQ_SV("CODE")) || hq_sv_eq(about, HQ_SV("RATE")));
}

static hq_status find_due(hq_clr__matter *m, const hq_clr__life *life, int64_t id, hq_arena *arena)
{
    bool asked;
    HQ_TRY(hq_clr__matter_find(m, life, id, arena));
    HQ_TRY(hq_clr__matter_asked(&asked, life, id, arena));
    return is_due(m) && !asked ? HQ_DONE : HQ_FAIL(CONFLICT);
}

/* Nobody's request: the program's own hand. */
static void become_program(imposing *i, hq_arena *arena)
{
    i->caller = (hq_caller){ .id = HQ_SV("system"),
                             .name = HQ_SV("system"),
                             .role = HQ_ROLE_HEADQUARTERS,
                             .office = HQ_SV(""),
                             .tax_code = HQ_SV(""),
                             .bank = HQ_SV(""),
                             .session = HQ_SV(""),
                             .person = HQ_SV("system") };
    i->request = (hq_request){ .arena = arena, .caller = &i->caller, .received_at = i->now };
}

static hq_status prepare(imposing *i, int64_t declaration, hq_arena *arena)
{
    hq_clr__row row;
    hq_clr__life life;
    hq_clr__matter m;
    HQ_TRY(hq_clr__row_read(&row, i->clearance, declaration, true, arena));
    HQ_TRY(hq_clr__life_unpack(&life, row.life));
    HQ_TRY(find_due(&m, &life, i->id, arena));
    bool rate = hq_sv_eq(hq_json_get_text(m.element, "about"), HQ_SV("RATE"));
    return hq_clr__amend_impose_prepare(
        &i->amend, i->clearance, &i->request, &row, hq_json_get(m.element, "changes"),
        rate ? HQ_SV("3") : HQ_SV("4"), hq_json_get_text(m.element, "text"),
        hq_arena_printf(arena, "%lld", (long long)i->id));
}

/* The end of the matter, in the closure that amends. */
static hq_status end_matter(void *user, hq_tx *tx, hq_clr__row *row, hq_clr__life *life)
{
    const imposing *i = user;
    hq_arena *arena = i->request.arena;
    hq_clr__matter m;
    HQ_TRY(find_due(&m, life, i->id, arena));
    hq_clr__ending ending = { .outcome = HQ_OUTCOME_IMPOSED,
                              .by = HQ_SV("system"),
                              .at = i->now,
                              .more = hq_arena_printf(arena, "\"amendment\":\"%.*s\"",
                                                      HQ_SV_FMT(i->amend->done.id)) };
    return hq_clr__matter_close(tx, row, life, &m, &ending, arena);
}

static hq_status impose(hq_tx *tx, void *user)
{
    imposing *i = user;
    HQ_TRY(hq_clr__amend_impose(i->amend, tx, end_matter, i));
    hq_clr__row *row = &i->amend->out;
    int64_t was = row->version;
    HQ_TRY(hq_clr__matters_resolve(i->clearance, tx, row, i->now));
    return row->version == was ? HQ_DONE : hq_clr__row_update(tx, row, was);
}

bool hq_clr__matter_impose(hq_clearance *clearance, int64_t declaration, hq_sv number,
                           hq_time_us now)
{
    hq_arena *arena = hq_arena_new(ARENA_MAX);
    imposing i = { .clearance = clearance, .now = now };
    bool done = false;
    if (arena != NULL && hq_sv_i64(&i.id, number)) {
        become_program(&i, arena);
        done = hq_ok(prepare(&i, declaration, arena)) &&
               hq_ok(hq_store_write(clearance->store, impose, &i));
    }
    hq_arena_free(arena);
    return done;
}
