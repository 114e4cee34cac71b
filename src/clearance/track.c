/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/list.h"

/* Who else may look: the live stream's listeners, and a stranger with the check code. */

bool hq_clearance_event_visible(hq_clearance *clearance, const hq_caller *caller,
                                const hq_event_view *event)
{
    const hq_json *payload;
    if (caller == NULL || !hq_sv_eq(event->event.room, HQ_SV("clearance")) ||
        !(hq_sv_starts(event->event.subject, HQ_SV("declaration/")) ||
          hq_sv_starts(event->event.subject, HQ_SV("parcels/")))) {
        return false;
    }
    if (hq_clr__event_within_customs(event->event.kind) && !hq_clr__is_customs(caller)) {
        return false;
    }
    hq_arena *arena = hq_arena_new((size_t)256 << 10);
    bool may = false;
    if (arena != NULL && hq_ok(hq_json_parse_copy(&payload, event->event.payload, arena, NULL))) {
        hq_target target = { .office = event->event.office,
                             .goods_office = hq_json_get_text(payload, "goods_office"),
                             .trader_tax_code = hq_json_get_text(payload, "trader"),
                             .agent_tax_code = hq_json_get_text(payload, "agent") };
        const hq_ref *ref = hq_reference_acquire(clearance->reference);
        may = hq_ok(hq_may(caller, HQ_MAY_SEE, &target, ref, hq_day_of(hq_now(clearance->clock))));
        hq_reference_release(clearance->reference, ref);
    }
    hq_arena_free(arena);
    return may;
}

/* As it may be typed: any case, the hyphen or not. Compares all of it whatever differs. */
bool hq_clr__same_code(hq_sv expected, hq_sv given)
{
    char plain[16];
    size_t len = 0;
    for (size_t i = 0; i < given.len && len < sizeof plain; i++) {
        char c = given.ptr[i];
        if (c != '-' && c != ' ') {
            plain[len++] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
        }
    }
    unsigned differs = len != expected.len - 1;
    for (size_t i = 0, at = 0; i < expected.len; i++) {
        if (expected.ptr[i] != '-') {
            differs |= at < len ? (unsigned)(expected.ptr[i] ^ plain[at]) : 1u;
            at++;
        }
    }
    return differs == 0;
}

static hq_status fill_steps(hq_track *out, hq_clearance *clearance, const hq_clr__row *row,
                            hq_arena *arena)
{
    hq_event_view *events;
    size_t count;
    HQ_TRY(hq_clr__events_of(&events, &count, clearance, row, arena));
    hq_track_step *steps = HQ_NEW_ARRAY(arena, hq_track_step, count + 1);
    if (steps == NULL) {
        return HQ_FAIL(NOMEM);
    }
    for (size_t i = 0; i < count; i++) {
        const hq_clr__event_name *name = hq_clr__event_name_of(events[i].event.kind);
        if (name->step) {
            steps[out->step_count++] = (hq_track_step){ .kind = events[i].event.kind,
                                                        .vi = hq_sv_from_cstr(name->vi),
                                                        .en = hq_sv_from_cstr(name->en),
                                                        .at = events[i].event.at };
        }
    }
    out->steps = steps;
    return HQ_DONE;
}

static void fill_office(hq_track *out, hq_clearance *clearance, hq_arena *arena)
{
    const hq_ref *ref = hq_reference_acquire(clearance->reference);
    const hq_office_row *office =
        hq_ref_office(ref, out->office, hq_day_of(hq_now(clearance->clock)));
    if (office != NULL) {
        out->office_vi = hq_arena_dup(arena, office->name_vi);
        out->office_en = hq_arena_dup(arena, office->name_en);
    }
    hq_reference_release(clearance->reference, ref);
}

hq_status hq_clearance_track(hq_track *out, hq_clearance *clearance, hq_sv number, hq_sv check,
                             hq_arena *arena)
{
    hq_clr__row row;
    int64_t id;
    char code[10];
    if (!hq_declaration_number_parse(&id, number)) {
        return HQ_FAIL(NOT_FOUND);
    }
    bool own = hq_clr__same_code(hq_clr__tracking_code(code, clearance, id), check);
    /* The code of a branch is that of the whole. */
    HQ_TRY(hq_clr__row_read(&row, clearance, id, false, arena));
    if (!own && !hq_clr__same_code(hq_clr__tracking_code(code, clearance, row.id), check)) {
        return HQ_FAIL(NOT_FOUND);
    }
    char *text = hq_arena_alloc(arena, 12);
    if (text == NULL) {
        return HQ_FAIL(NOMEM);
    }
    *out = (hq_track){ .number = hq_declaration_number_write(text, row.id, 0),
                       .status = row.status,
                       .flow = row.flow,
                       .office = row.office,
                       .due = row.due_at };
    hq_clr__status_name_of(&out->status_vi, &out->status_en, row.status);
    fill_office(out, clearance, arena);
    return fill_steps(out, clearance, &row, arena);
}
