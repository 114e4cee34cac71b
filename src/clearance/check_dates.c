/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/assess_run.h"

/* Days that must not be past or too far off (clearance.md 1.7 "Filing", section 2). How far is a
 * term of law, dated like all of them. */

static void find_day(hq_assess__run *run, const char *rule, hq_sv path, hq_day date, int64_t limit)
{
    hq_sv text = hq_findings__day(run->arena, date);
    hq_findings_add(
        run->findings, rule, path, hq_findings__json_text(run->arena, text),
        HQ_ARGS(text, hq_findings__day(run->arena, run->day), hq_findings__i64(run->arena, limit)));
}

static void check_arrival(hq_assess__run *run, hq_day date)
{
    int64_t since = (int64_t)run->day - date;
    if (since > 0) {
        int64_t late = hq_ref_term_amount(run->ref, HQ_SV("IMPORT_FILING_AFTER"), run->day);
        if (since > late) {
            find_day(run, "HQ260", HQ_SV("/arrival_date"), date, late);
        }
        return;
    }
    int64_t ahead = since == 0 ? 0 : hq_ref_term_amount(run->ref, HQ_SV("ARRIVAL_AHEAD"), run->day);
    if (-since > ahead) {
        find_day(run, "HQ261", HQ_SV("/arrival_date"), date, ahead);
    }
}

static void check_departure(hq_assess__run *run, hq_day date)
{
    if (date < run->day) {
        find_day(run, "HQ262", HQ_SV("/departure_date"), date, 0);
        return;
    }
    int64_t valid =
        date == run->day ? 0 : hq_ref_term_amount(run->ref, HQ_SV("DECLARATION_VALID"), run->day);
    if (date - run->day > valid) {
        find_day(run, "HQ263", HQ_SV("/departure_date"), date, valid);
    }
}

static void check_bonded_transport(hq_assess__run *run, const hq_bonded_transport *t)
{
    hq_day last = t->departure_date;
    if (t->departure_date != 0 && t->departure_date < run->day) {
        find_day(run, "E1112", HQ_SV("/bonded_transport/departure_date"), t->departure_date, 0);
    }
    for (size_t i = 0; i < t->transit_count; i++) {
        const hq_transit_stop *transit = &t->transits[i];
        const struct {
            hq_day date;
            const char *member;
        } days[] = { { transit->arrival_date, "/arrival_date" },
                     { transit->departure_date, "/departure_date" } };
        for (size_t k = 0; k < 2; k++) {
            if (days[k].date != 0 && days[k].date < last) {
                find_day(run, "HQ236",
                         hq_findings__item_path(run->arena, "/bonded_transport/transits", i,
                                                days[k].member),
                         days[k].date, 0);
            }
            last = days[k].date > last ? days[k].date : last;
        }
    }
    if (t->arrival_date != 0 && t->arrival_date < last) {
        find_day(run, "HQ236", HQ_SV("/bonded_transport/arrival_date"), t->arrival_date, 0);
    }
}

void hq_check__dates(hq_assess__run *run)
{
    const hq_declaration *d = run->declaration;
    bool import = d->flow == HQ_FLOW_IMPORT;
    if (d->transport_date != 0) {
        (import ? check_arrival : check_departure)(run, d->transport_date);
    }
    if (d->return_limit != 0 && d->return_limit < run->day) {
        find_day(run, "E1111", import ? HQ_SV("/reexport_limit") : HQ_SV("/reimport_limit"),
                 d->return_limit, 0);
    }
    if (d->planned_date != 0 && d->planned_date < run->day) {
        find_day(run, "HQ233", HQ_SV("/planned_date"), d->planned_date, 0);
    }
    if (d->warehouse_first_day > run->day) {
        find_day(run, "HQ235", HQ_SV("/warehouse_first_day"), d->warehouse_first_day, 0);
    }
    if (d->bonded_transport != NULL) {
        check_bonded_transport(run, d->bonded_transport);
    }
}

void hq_check__filing_window(hq_findings *findings, const hq_declaration *d, const hq_ref *ref,
                             hq_time_us at)
{
    const int64_t minute = 60 * HQ_US_PER_SECOND;
    if (!d->departure_time_given || d->transport_date == 0) {
        return;
    }
    bool express = d->cargo_class == 'F';
    hq_sv term = express ? HQ_SV("EXPRESS_FILING_BEFORE") : HQ_SV("EXPORT_FILING_BEFORE");
    int64_t hours = hq_ref_term_amount(ref, term, hq_day_of(at));
    hq_time_us departs = hq_day_start(d->transport_date) + d->departure_minute * minute;
    if (departs - at < hours * 60 * minute) {
        hq_findings_add(findings, "HQ302", HQ_SV("/departure_time"), HQ_SV_NULL,
                        HQ_ARGS(hq_findings__i64(findings->arena, hours)));
    }
}
