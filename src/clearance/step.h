/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside clearance/: one change of a declaration by one request: find it, may the caller, read the
 * body, then in one closure load it afresh, apply, write, and answer with the record. */

#include "clearance/record.h"

typedef struct hq_clr__change hq_clr__change;
/* Changes the row in memory and writes what else there is; CONFLICT: no such move from this status.
 */
typedef hq_status (*hq_clr__apply_fn)(hq_clr__change *change, hq_tx *tx, hq_clr__row *row);

struct hq_clr__change {
    hq_clearance *clearance;
    hq_request *request;
    hq_clr__verb verb;
    int64_t id;
    hq_time_us at;
    hq_day day;
    const void *body; /* as the verb read it */
    hq_clr__apply_fn apply;
    uint64_t draw;
    hq_status (*answer)(hq_clr__change *change); /* NULL: the record */
    /* Left by the closure. */
    hq_clr__row out; /* full */
    bool unchanged, explained;
    bool pending; /* it waits for a head: the answer is 202 with `approval` */
    hq_id approval;
};

/* Finds the declaration of the path and checks scope and role for the verb: NOT_FOUND, FORBIDDEN.
 */
hq_status hq_clr__change_new(hq_clr__change **out, hq_request *request, void *room,
                             hq_clr__verb verb);
/* For routes with HQ_ROUTE_KEY, before anything is looked at: the same key again gives the record
 * as this change left it. */
void hq_clr__change_keyed(hq_clr__change *change);
/* Asks for the write; the answer is the record. */
hq_status hq_clr__change_write(hq_clr__change *change, hq_clr__apply_fn apply);

/* A body that is one object with these members, all optional here, null as absent; an empty body is
 * an empty object. Unknown members and wrong types are findings. */
typedef struct {
    const char *name;
    hq_json_type type;
} hq_clr__member;
#define HQ_CLR__MEMBERS_MAX 16 /* of these the nearest name is told */
hq_status hq_clr__body_read(const hq_json **out, hq_request *request, const hq_clr__member *members,
                            size_t count);
/* The same in two halves, for who finds more: looking adds to `findings`, and what was found is the
 * answer, all of it at once. */
hq_status hq_clr__body_look(const hq_json **out, hq_findings *findings, hq_request *request,
                            const hq_clr__member *members, size_t count);
/* Of an object within the body, at `under`. */
void hq_clr__members_look(hq_findings *findings, hq_sv under, const hq_json *object,
                          const hq_clr__member *members, size_t count);
hq_status hq_clr__body_found(hq_request *request, const hq_findings *findings);

/* The 409 of a move that the table does not have: what is the status, what is possible now. */
hq_status hq_clr__impossible(hq_request *request, hq_declaration_status status, hq_clr__verb verb);

/* In a check of a declaration nobody is assigned to: CONFLICT when the office has a roster,
 * otherwise the caller becomes its officer. */
hq_status hq_clr__take_unassigned(hq_clr__change *change, hq_tx *tx, hq_clr__row *row);
