/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/draws.h"

#include "clearance/branches.h"
#include "clearance/declare.h"
#include "clearance/elements.h"
#include "clearance/redraw.h"

#define DRAWS(life) ((life)->sections[HQ_CLR__DRAWS])

/* ------------------------------------------------------------------ what is asked */

static bool names_anything(const hq_declaration *d)
{
    if (d->linked_declaration.len > 0) {
        return true;
    }
    for (size_t i = 0; i < d->line_count; i++) {
        const hq_line *l = &d->lines[i];
        if (l->list != NULL || l->temporary != NULL || l->contract != NULL || l->stock != NULL) {
            return true;
        }
    }
    return false;
}

static hq_balance_source source_of(const hq_source_line *line)
{
    return line == NULL ? (hq_balance_source){ .line = 0 }
                        : (hq_balance_source){ line->number, line->warehouse, line->line };
}

static hq_balance_line line_of(const hq_line *l)
{
    return (hq_balance_line){
        .hs = l->hs_text,
        .description = l->description,
        .quantity = l->quantity.amount,
        .quantity2 = l->quantity2.amount,
        .value = l->invoice_value,
        .unit = l->quantity.unit_or_currency,
        .unit2 = l->quantity2.given ? l->quantity2.unit_or_currency : 0,
        .list = source_of(l->list),
        .temporary = source_of(l->temporary),
        .contract = source_of(l->contract),
        .stock = source_of(l->stock),
    };
}

static hq_status claim_of(hq_balance_claim *out, const hq_declaration *d, hq_arena *arena)
{
    const hq_party *abroad = d->flow == HQ_FLOW_IMPORT ? &d->exporter : &d->importer;
    hq_balance_line *lines = HQ_NEW_ARRAY(arena, hq_balance_line, d->line_count + 1);
    if (lines == NULL) {
        return HQ_FAIL(NOMEM);
    }
    for (size_t i = 0; i < d->line_count; i++) {
        lines[i] = line_of(&d->lines[i]);
    }
    *out = (hq_balance_claim){
        .kind = d->kind,
        .office = d->office,
        .trader = hq_clr__trader_of(d)->tax_code,
        .agent = d->agent_tax_code,
        .flow = d->flow,
        .return_limit = d->return_limit,
        .warehouse = d->storage_place,
        .currency = d->currency,
        .counterpart = hq_tax_code_valid(abroad->code) ? abroad->code : HQ_SV(""),
        .lines = lines,
        .line_count = d->line_count,
        .linked = d->linked_declaration,
    };
    return HQ_DONE;
}

/* ------------------------------------------------------------------ the other half of a pair */

/* NOT_FOUND also when the number is none. */
static hq_status load_linked(hq_clr__row *out, hq_tx *tx, hq_sv number, bool full, hq_arena *arena)
{
    int64_t id;
    int64_t first;
    if (!hq_declaration_number_parse(&id, number)) {
        return HQ_FAIL(NOT_FOUND);
    }
    hq_status s =
        full ? hq_clr__row_load_full(out, tx, id, arena) : hq_clr__row_load(out, tx, id, arena);
    if (s.code != HQ_E_NOT_FOUND) {
        return s;
    }
    HQ_TRY(hq_clr__branch_first(&first, tx, id));
    return full ? hq_clr__row_load_full(out, tx, first, arena)
                : hq_clr__row_load(out, tx, first, arena);
}

static hq_status decode_partner(hq_balance_claim *out, const hq_clr__row *row, hq_arena *arena)
{
    hq_declaration *d;
    hq_why why;
    hq_findings findings = { .arena = arena };
    hq_sv body = hq_clr__padded(row->body, arena);
    if (body.ptr == NULL) {
        return HQ_FAIL(NOMEM);
    }
    HQ_TRY(hq_declaration_decode(&d, &findings, body, arena, &why));
    HQ_TRY(claim_of(out, d, arena));
    out->declaration = row->id;
    out->cleared = row->status == HQ_DECLARATION_CLEARED || row->status == HQ_DECLARATION_PASSED;
    return HQ_DONE;
}

/* claim->partner, when the linked declaration is there. */
static hq_status find_partner(hq_balance_claim *claim, hq_tx *tx, hq_arena *arena)
{
    hq_clr__row row;
    if (claim->linked.len == 0) {
        return HQ_DONE;
    }
    hq_status s = load_linked(&row, tx, claim->linked, true, arena);
    if (s.code == HQ_E_NOT_FOUND) {
        return HQ_DONE;
    }
    HQ_TRY(s);
    hq_balance_claim *partner = HQ_NEW(arena, hq_balance_claim);
    if (partner == NULL) {
        return HQ_FAIL(NOMEM);
    }
    HQ_TRY(decode_partner(partner, &row, arena));
    claim->partner = partner;
    return HQ_DONE;
}

/* ------------------------------------------------------------------ checking */

typedef struct {
    const hq_ref *ref;
    hq_arena *arena;
    hq_balance_claim claim;
    hq_balance_faults *faults;
} asking;

static hq_status asking_new(asking **out, hq_request *request, const hq_declaration *d,
                            const hq_ref *ref, hq_day day)
{
    hq_arena *arena = request->arena;
    asking *a = HQ_NEW(arena, asking);
    hq_balance_faults *faults = HQ_NEW(arena, hq_balance_faults);
    if (a == NULL || faults == NULL) {
        return HQ_FAIL(NOMEM);
    }
    faults->arena = arena;
    a->arena = arena;
    a->ref = ref;
    a->faults = faults;
    HQ_TRY(claim_of(&a->claim, d, arena));
    a->claim.day = day;
    a->claim.actor = request->caller->id;
    *out = a;
    return HQ_DONE;
}

static void find_faults(hq_findings *findings, const hq_balance_faults *faults)
{
    for (size_t i = 0; i < faults->count; i++) {
        const hq_balance_fault *f = &faults->items[i];
        hq_findings_add(findings, f->rule, f->path, f->value, f->args, f->arg_count);
    }
}

static hq_status look(hq_tx *tx, void *user)
{
    asking *a = user;
    HQ_TRY(find_partner(&a->claim, tx, a->arena));
    return hq_balance_check(a->faults, tx, a->ref, &a->claim);
}

bool hq_clr__draws_asks(const hq_declaration *d, const hq_ref *ref, hq_day day)
{
    return names_anything(d) || hq_balance_concerns(ref, d->kind, day);
}

hq_status hq_clr__draws_check(hq_clr__filing *f, const hq_ref *ref)
{
    asking *a;
    f->draws = hq_clr__draws_asks(f->declaration, ref, f->day);
    if (!f->draws || f->findings.errors > 0) {
        return HQ_DONE; /* what is wrong with the lines themselves comes first */
    }
    if (f->low_value) {
        hq_findings_add(&f->findings, "HQ760", HQ_SV("/kind"),
                        hq_findings__json_text(f->request->arena, f->declaration->kind),
                        HQ_ARGS(f->declaration->kind));
        return HQ_DONE;
    }
    HQ_TRY(asking_new(&a, f->request, f->declaration, ref, f->day));
    a->claim.declaration = f->id;
    HQ_TRY(hq_store_read(f->clearance->store, look, a));
    find_faults(&f->findings, a->faults);
    return HQ_DONE;
}

/* ------------------------------------------------------------------ the export's side */

static hq_status held_partner(int64_t *out, hq_sv draws, hq_arena *arena)
{
    const hq_json *all;
    *out = 0;
    HQ_TRY(hq_clr__elements(&all, draws, arena));
    for (const hq_json *e = hq_json_first(all); e != NULL; e = hq_json_next(all, e)) {
        if (hq_sv_eq(hq_json_get_text(e, "kind"), HQ_SV("ON_THE_SPOT")) &&
            hq_sv_eq(hq_json_get_text(e, "direction"), HQ_SV("DRAW")) &&
            hq_sv_eq(hq_json_get_text(e, "state"), HQ_SV("HELD")) &&
            !hq_declaration_number_parse(out, hq_json_get_text(e, "partner"))) {
            return HQ_FAIL(CORRUPT);
        }
    }
    return HQ_DONE;
}

static hq_status partner_element(hq_sv *draws, int64_t import, bool held, hq_arena *arena)
{
    const hq_json *all;
    char text[12];
    hq_sv number = hq_declaration_number_write(text, import, 0);
    HQ_TRY(hq_clr__elements(&all, *draws, arena));
    const hq_json *known = hq_clr__element_named(all, "partner", number);
    hq_sv state = held ? HQ_SV("\"state\":\"HELD\"") : HQ_SV("\"state\":\"RESTORED\"");
    if (known != NULL) {
        return hq_clr__element_change(draws, known, state, arena);
    }
    hq_sv element = hq_arena_printf(
        arena,
        "{\"id\":null,\"kind\":\"ON_THE_SPOT\",\"number\":null,\"direction\":\"OPEN\",%.*s,"
        "\"partner\":\"%.*s\",\"lines\":[]}",
        HQ_SV_FMT(state), HQ_SV_FMT(number));
    return element.ptr == NULL ? HQ_FAIL(NOMEM) : hq_clr__array_add(draws, element, arena);
}

/* The export shows which import took it, and that it was given back. */
static hq_status tell_export(hq_tx *tx, int64_t export, int64_t import, bool held,
                             const hq_clr__draws_by *by)
{
    hq_clr__row row;
    hq_clr__life life;
    char text[12];
    HQ_TRY(hq_clr__row_load(&row, tx, export, by->arena));
    int64_t was = row.version;
    HQ_TRY(hq_clr__life_unpack(&life, row.life));
    HQ_TRY(partner_element(&DRAWS(&life), import, held, by->arena));
    HQ_TRY(hq_clr__life_pack(&row.life, &life, by->arena));
    hq_sv number = hq_declaration_number_write(text, import, 0);
    hq_clr__event event = {
        .kind = held ? HQ_SV("declaration.paired") : HQ_SV("declaration.unpaired"),
        .actor = by->actor,
        .at = by->at,
        .more = hq_arena_printf(by->arena, "\"partner\":\"%.*s\"", HQ_SV_FMT(number)),
    };
    HQ_TRY(hq_clr__row_event(&row, tx, &event, by->arena));
    return hq_clr__row_update(tx, &row, was);
}

static hq_status follow_pair(hq_tx *tx, int64_t import, hq_sv before, hq_sv after,
                             const hq_clr__draws_by *by)
{
    int64_t old;
    int64_t new;
    HQ_TRY(held_partner(&old, before, by->arena));
    HQ_TRY(held_partner(&new, after, by->arena));
    if (old == new) {
        return HQ_DONE;
    }
    if (old != 0) {
        HQ_TRY(tell_export(tx, old, import, false, by));
    }
    return new == 0 ? HQ_DONE : tell_export(tx, new, import, true, by);
}

/* ------------------------------------------------------------------ in the closure */

/* An export keeps what it was told about its pairs: that is not its own asking. */
static hq_status keep_told(hq_sv *draws, hq_sv before, hq_arena *arena)
{
    const hq_json *all;
    HQ_TRY(hq_clr__elements(&all, before, arena));
    for (const hq_json *e = hq_json_first(all); e != NULL; e = hq_json_next(all, e)) {
        const hq_json *id = hq_json_get(e, "id");
        if (id != NULL && id->type == HQ_JSON_NULL) {
            HQ_TRY(hq_clr__array_add(draws, e->text, arena));
        }
    }
    return HQ_DONE;
}

static hq_status apply(hq_sv *draws, hq_findings *late, const hq_clr__drawing *drawing, hq_tx *tx,
                       const hq_clr__row *row, const hq_ref *ref)
{
    asking *a;
    HQ_TRY(asking_new(&a, drawing->request, drawing->declaration, ref, drawing->day));
    a->claim.declaration = row->id;
    a->claim.cleared = drawing->cleared;
    HQ_TRY(find_partner(&a->claim, tx, a->arena));
    hq_status s = hq_balance_apply(draws, a->faults, tx, ref, &a->claim);
    if (s.code == HQ_E_INVALID) {
        find_faults(late, a->faults);
    }
    return s;
}

hq_status hq_clr__draws_take(hq_findings *late, const hq_clr__drawing *drawing, hq_tx *tx,
                             const hq_clr__row *row, hq_clr__life *life)
{
    hq_arena *arena = drawing->request->arena;
    hq_sv before = DRAWS(life);
    hq_sv draws = HQ_SV("");
    hq_clr__draws_by by = { drawing->request->caller->id, drawing->at, arena };
    *late = (hq_findings){ .arena = arena };
    if (!drawing->asks && before.len <= 2) {
        return HQ_DONE;
    }
    const hq_ref *ref = hq_reference_acquire(drawing->clearance->reference);
    hq_status s = apply(&draws, late, drawing, tx, row, ref);
    hq_reference_release(drawing->clearance->reference, ref);
    HQ_TRY(s);
    HQ_TRY(follow_pair(tx, row->id, before, draws, &by));
    HQ_TRY(keep_told(&draws, before, arena));
    DRAWS(life) = draws.len <= 2 ? HQ_SV("") : draws;
    return HQ_DONE;
}

/* ------------------------------------------------------------------ amending */

static bool is_through(hq_declaration_status status)
{
    return status == HQ_DECLARATION_CLEARED || status == HQ_DECLARATION_PASSED ||
           status == HQ_DECLARATION_RELEASED;
}

hq_status hq_clr__redraw(const hq_clr__redrawing *r, hq_tx *tx)
{
    hq_clr__life life;
    hq_findings late;
    const hq_ref *ref = hq_reference_acquire(r->clearance->reference);
    hq_clr__drawing drawing = { .clearance = r->clearance,
                                .request = r->request,
                                .declaration = r->after,
                                .at = r->at,
                                .day = r->day,
                                .asks = hq_clr__draws_asks(r->after, ref, r->day),
                                .cleared = is_through(r->row->status) };
    hq_reference_release(r->clearance->reference, ref);
    HQ_TRY(hq_clr__life_unpack(&life, r->row->life));
    hq_status s = hq_clr__draws_take(&late, &drawing, tx, r->row, &life);
    if (s.code == HQ_E_INVALID) {
        r->request->answer.findings = late.items;
        r->request->answer.finding_count = late.count;
    }
    HQ_TRY(s);
    return hq_clr__life_pack(&r->row->life, &life, r->request->arena);
}

/* ------------------------------------------------------------------ cancelling, clearing */

static hq_status restored(hq_sv *out, hq_sv draws, hq_arena *arena)
{
    const hq_json *all;
    hq_sv array = HQ_SV("");
    HQ_TRY(hq_clr__elements(&all, draws, arena));
    for (const hq_json *e = hq_json_first(all); e != NULL; e = hq_json_next(all, e)) {
        hq_sv element;
        HQ_TRY(hq_clr__element_patch(&element, e, HQ_SV("\"state\":\"RESTORED\""), arena));
        HQ_TRY(hq_clr__array_add(&array, element, arena));
    }
    *out = array;
    return HQ_DONE;
}

hq_status hq_clr__draws_undo(hq_tx *tx, const hq_clr__row *row, hq_clr__life *life,
                             const hq_clr__draws_by *by, hq_why *why)
{
    hq_sv before = DRAWS(life);
    hq_why refused = { .en = HQ_SV_NULL };
    if (before.len <= 2) {
        return HQ_DONE;
    }
    hq_status s = hq_balance_undo(tx, row->id, by->actor, &refused);
    if (s.code == HQ_E_CONFLICT && why != NULL) {
        *why = (hq_why){ hq_arena_dup(by->arena, refused.path), hq_arena_dup(by->arena, refused.vi),
                         hq_arena_dup(by->arena, refused.en) };
    }
    HQ_TRY(s);
    HQ_TRY(follow_pair(tx, row->id, before, HQ_SV(""), by));
    return restored(&DRAWS(life), before, by->arena);
}

hq_status hq_clr__draws_cleared(hq_tx *tx, const hq_clr__row *row, hq_sv actor, hq_time_us at)
{
    hq_clr__life life;
    if (row->life.len == 0) {
        return HQ_DONE;
    }
    HQ_TRY(hq_clr__life_unpack(&life, row->life));
    return DRAWS(&life).len <= 2 ? HQ_DONE : hq_balance_cleared(tx, row->id, hq_day_of(at), actor);
}
