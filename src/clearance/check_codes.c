/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/assess_run.h"

/* Codes of places, units, permits and other laws, and what may not be named twice. */

static hq_sv json_of(hq_assess__run *run, hq_sv text)
{
    return hq_findings__json_text(run->arena, text);
}

/* UN/LOCODE: a country and three letters or digits, xxZZZ where there is none; a place in Vietnam
 * may have six characters, as ports and border gates do in VNACCS. */
static bool is_place(const hq_ref *ref, hq_sv place)
{
    hq_code4 country = hq_code4_of(hq_sv_sub(place, 0, 2));
    bool long_enough = place.len == 5 || (place.len == 6 && hq_sv_starts(place, HQ_SV("VN")));
    for (size_t i = 2; i < place.len; i++) {
        char c = place.ptr[i];
        long_enough &= (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    }
    return long_enough && hq_ref_country_known(ref, country);
}

static void check_place(hq_assess__run *run, hq_sv place, hq_sv path)
{
    if (place.len > 0 && !is_place(run->ref, place)) {
        hq_findings_add(run->findings, "HQ116", path, json_of(run, place), HQ_ARGS(place));
    }
}

static void check_weight_unit(hq_assess__run *run)
{
    const hq_amount *weight = &run->declaration->gross_weight;
    char text[4];
    if (!weight->given || weight->unit_or_currency == 0) {
        return;
    }
    hq_sv unit = hq_code4_text(text, weight->unit_or_currency);
    const hq_code_row *row = hq_ref_code(run->ref, HQ_LIST_UNIT, unit, run->day);
    if (row == NULL || row->property != HQ_CODE_WEIGHT) {
        hq_findings_add(run->findings, "HQ117", HQ_SV("/gross_weight/unit"), json_of(run, unit),
                        HQ_ARGS(hq_arena_dup(run->arena, unit)));
    }
}

/* ------------------------------------------------------------------ permits and other laws */

static bool in_use(const hq_ref *ref, hq_code_list list)
{
    size_t count;
    hq_ref_codes(&count, ref, list);
    return count > 0;
}

static void check_permit(hq_assess__run *run, size_t i)
{
    const hq_permit *permit = &run->declaration->permits[i];
    for (size_t k = 0; k < i && permit->number.len > 0; k++) {
        const hq_permit *other = &run->declaration->permits[k];
        if (hq_sv_eq(other->kind, permit->kind) && hq_sv_eq(other->number, permit->number)) {
            hq_findings_add(run->findings, "HQ119",
                            hq_findings__item_path(run->arena, "/permits", i, "/number"),
                            json_of(run, permit->number), HQ_ARGS(permit->kind, permit->number));
            break;
        }
    }
    if (permit->kind.len > 0 && in_use(run->ref, HQ_LIST_PERMIT) &&
        hq_ref_code(run->ref, HQ_LIST_PERMIT, permit->kind, run->day) == NULL) {
        hq_findings_add(run->findings, "E8600",
                        hq_findings__item_path(run->arena, "/permits", i, "/kind"),
                        json_of(run, permit->kind),
                        HQ_ARGS(permit->kind, hq_findings__day(run->arena, run->day)));
    }
}

static void check_other_law(hq_assess__run *run, size_t i)
{
    const hq_declaration *d = run->declaration;
    hq_sv law = d->other_laws[i];
    if (law.len == 0) {
        return;
    }
    hq_sv path = hq_findings__item_path(run->arena, "/other_laws", i, "");
    for (size_t k = 0; k < i; k++) {
        if (hq_sv_eq(d->other_laws[k], law)) {
            hq_findings_add(run->findings, "HQ133", path, json_of(run, law), HQ_ARGS(law));
            break;
        }
    }
    if (in_use(run->ref, HQ_LIST_OTHER_LAW) &&
        hq_ref_code(run->ref, HQ_LIST_OTHER_LAW, law, run->day) == NULL) {
        hq_findings_add(run->findings, "HQ131", path, json_of(run, law),
                        HQ_ARGS(law, hq_findings__day(run->arena, run->day)));
    }
}

/* ------------------------------------------------------------------ bills, containers */

enum { AIR_WAYBILL_MAX = 20 }; /* characters; bills of lading have 35 */

static void check_bills(hq_assess__run *run)
{
    const hq_declaration *d = run->declaration;
    for (size_t i = 0; i < d->bill_count && d->transport_mode == '1'; i++) {
        if (d->bills[i].len > AIR_WAYBILL_MAX) {
            hq_findings_add(run->findings, "HQ223",
                            hq_findings__item_path(run->arena, "/bills", i, ""),
                            json_of(run, d->bills[i]),
                            HQ_ARGS(d->bills[i], hq_findings__i64(run->arena, AIR_WAYBILL_MAX)));
        }
    }
}

static void check_containers_twice(hq_assess__run *run)
{
    const hq_declaration *d = run->declaration;
    for (size_t i = 1; i < d->container_count; i++) {
        for (size_t k = 0; k < i && d->containers[i].len > 0; k++) {
            if (hq_sv_eq(d->containers[i], d->containers[k])) {
                hq_findings_add(run->findings, "HQ139",
                                hq_findings__item_path(run->arena, "/containers", i, ""),
                                json_of(run, d->containers[i]), HQ_ARGS(d->containers[i]));
                break;
            }
        }
    }
}

void hq_check__codes_of(hq_assess__run *run)
{
    const hq_declaration *d = run->declaration;
    check_place(run, d->loading_place, HQ_SV("/loading_place"));
    check_place(run, d->unloading_place, HQ_SV("/unloading_place"));
    check_weight_unit(run);
    check_bills(run);
    check_containers_twice(run);
    for (size_t i = 0; i < d->permit_count; i++) {
        check_permit(run, i);
    }
    for (size_t i = 0; i < d->other_law_count; i++) {
        check_other_law(run, i);
    }
}
