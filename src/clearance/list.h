/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside clearance/: what is only read of declarations, beside the record itself. */

#include "clearance/record.h"

/* Lets the lists take all that is committed by now, 2 seconds at most: TIMEOUT. */
hq_status hq_clr__lists_await(hq_clearance *clearance);
hq_status hq_clr__get_list(hq_request *request, void *room);
hq_status hq_clr__get_timeline(hq_request *request, void *room);
hq_status hq_clr__get_receipt(hq_request *request, void *room);
hq_status hq_clr__get_decision(hq_request *request, void *room);
hq_status hq_clr__get_advice(hq_request *request, void *room);
hq_status hq_clr__get_versions(hq_request *request, void *room);
hq_status hq_clr__get_version(hq_request *request, void *room);

/* {"line", "items"}: what each scheme open to the line (from 0) would cost, cheapest first. */
hq_status hq_clr__advice_json(hq_json_w *w, const hq_declaration *declaration,
                              const hq_assessment *assessment, size_t line, const hq_ref *ref,
                              hq_arena *arena);

/* The events of a declaration, in order; views live in the arena. */
hq_status hq_clr__events_of(hq_event_view **out, size_t *count, hq_clearance *clearance,
                            const hq_clr__row *row, hq_arena *arena);
/* What an event is called. */
typedef struct {
    const char *kind, *vi, *en;
    bool step; /* of the life that a stranger with the check code may see */
} hq_clr__event_name;
const hq_clr__event_name *hq_clr__event_name_of(hq_sv kind); /* never NULL */
/* What customs does among itself is not for the declarant, nor for a stranger. */
bool hq_clr__event_within_customs(hq_sv kind);
void hq_clr__status_name_of(hq_sv *vi, hq_sv *en, hq_declaration_status status);
