/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside clearance/: the record of a declaration as JSON, by the contract's names. */

#include "clearance/row.h"

/* Parts of a record that cost something to make. */
typedef struct {
    const hq_clr__row *row; /* full */
    hq_sv assessment;       /* JSON text */
    /* Put in by hq_clr__record_answer, may be empty. */
    hq_sv legal_ground, officer_name;
    hq_sv wanted;  /* further findings, JSON array: papers that are missing */
    int amendment; /* how often it was amended inside clearance: last digit of the number */
} hq_clr__record;
void hq_clr__record_json(hq_json_w *w, const hq_clearance *clearance, const hq_clr__record *record,
                         const hq_caller *caller);
/* Name of a user or key for people to read, in the arena; empty when nobody stands behind the id
 * (any more). For those who may see the declaration: its parties and customs people. */
hq_sv hq_clr__name_of(hq_clearance *clearance, hq_sv id, hq_arena *arena);
/* Answers the request with it: body, ETag. */
hq_status hq_clr__record_answer(hq_request *request, hq_clearance *clearance,
                                const hq_clr__record *record);
/* The same from a full row alone: unpacks its assessment. */
hq_status hq_clr__row_answer(hq_request *request, hq_clearance *clearance, const hq_clr__row *row);
/* Papers that the declaration names and that are not attached though the documents are said to be
 * complete: JSON array of findings, empty for none. */
hq_status hq_clr__papers_wanted(hq_sv *out, const hq_clr__row *row, const hq_clr__life *life,
                                hq_arena *arena);
/* JSON of a packed assessment. */
hq_status hq_clr__assessment_text(hq_sv *out, hq_clearance *clearance, hq_sv packed,
                                  hq_arena *arena);

/* The declaration that the path names, when the caller may do the deed with it. */
hq_status hq_clr__find(hq_clr__row *out, hq_request *request, hq_clearance *clearance, bool full,
                       hq_deed deed);
/* Is the document so long that what is done with it would keep others waiting here? Then the
 * handler returns HQ_DONE: it is called again where that does no harm. */
static inline bool hq_clr__defers(hq_request *request, const hq_clr__row *row)
{
    return row->body.len > HQ_CLR__LONG_BODY && hq_request_defer(request);
}
bool hq_clr__is_customs(const hq_caller *caller);

/* A text or a time, null for none. */
void hq_clr__put_text(hq_json_w *w, hq_sv text);
void hq_clr__put_time(hq_json_w *w, hq_time_us t);

hq_status hq_clr__get_record(hq_request *request, void *room);
