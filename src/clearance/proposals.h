/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside clearance/: proposals and decisions. Who may only ask proposes: his call is recorded in
 * the life and answered 202 {"approval": id}. A head, or the delegate of one, decides: the same
 * verb with the same content carries it out. The proposer never decides his own proposal. What was
 * decided is kept apart, in the section DECISIONS, whether somebody had proposed it or not. */

#include "clearance/form.h"

/* What is asked of a verb. */
typedef struct {
    /* JSON object with the members in one order, without the reason: equal bytes are the same wish,
     * and the body with which a head's program sends it again. */
    hq_sv content;
    hq_sv reason; /* in words, of who asks or who decides; may be empty */
} hq_clr__wish;

/* What became of it in this closure. */
typedef struct {
    bool decides; /* carry it out; else it waits for a head, and the change is complete */
    hq_sv proposal, proposed_by; /* of the proposal accepted by it, empty: there was none */
    hq_sv on_behalf;             /* the head for whom a delegate decides, else empty */
} hq_clr__ruling;

/* In the closure of a verb whose move exists, before anything else is changed. Decides: the
 * proposal that asks for the same is ACCEPTED in `life`, others of this verb lapse; the caller of
 * this function goes on, packs `life` and moves. Not: the proposal is recorded or was there
 * already, row and answer are complete, return HQ_DONE. FORBIDDEN: the proposer himself. CONFLICT:
 * too many. */
hq_status hq_clr__weigh(hq_clr__ruling *out, hq_clr__change *change, hq_tx *tx, hq_clr__row *row,
                        hq_clr__life *life, const hq_clr__wish *wish);

/* May the caller decide this verb about the row now? *on_behalf is the head of a delegate, else
 * empty. Holds are decided where the goods lie too, and by supervisors. */
bool hq_clr__may_decide(hq_sv *on_behalf, hq_clearance *clearance, const hq_caller *caller,
                        const hq_clr__row *row, hq_clr__verb verb);

/* Open proposals that the status does not allow any more are EXPIRED, each with an event. For who
 * changed the status; costs nothing where there are none. */
hq_status hq_clr__proposals_lapse(hq_tx *tx, hq_clr__row *row, hq_time_us at, hq_arena *arena);
/* The time of a proposal is over (due.h). */
hq_status hq_clr__proposal_expired(hq_clearance *clearance, hq_tx *tx, hq_clr__row *row, hq_sv id,
                                   hq_time_us now);

hq_status hq_clr__post_refusal(hq_request *request, void *room);
hq_status hq_clr__post_withdrawal(hq_request *request, void *room);
hq_status hq_clr__get_proposals(hq_request *request, void *room);

/* ------------------------------------------------------------------ decisions */

/* An element of DECISIONS: {"id", "verb", "at", "by", "role", "for", "proposal", "proposed_by",
 * "reason", "status_before", and what the verb adds}. */
typedef struct {
    hq_clr__verb verb;
    hq_time_us at;
    hq_sv by, role; /* "system": the program */
    hq_sv on_behalf, proposal, proposed_by, reason;
    hq_declaration_status status_before;
    hq_sv more; /* further members, JSON without braces, may be empty */
} hq_clr__decision;
hq_status hq_clr__decision_add(hq_sv *id, hq_clr__life *life, const hq_clr__decision *decision,
                               hq_arena *arena);
/* Of a change that was ruled: the same with who, when, for whom filled in. */
hq_status hq_clr__decided(hq_clr__life *life, const hq_clr__change *change, const hq_clr__row *row,
                          const hq_clr__ruling *ruling, hq_sv reason, hq_sv more);
/* Members of the event of a decision: "proposal", "for" where there are any, then `more`. */
hq_sv hq_clr__ruling_members(const hq_clr__ruling *ruling, hq_sv more, hq_arena *arena);

/* ------------------------------------------------------------------ the list of them */

/* One row a proposal, in the transaction of what it says (proposal_rows.c). */
typedef struct {
    hq_sv id;
    int64_t declaration;
    hq_sv verb, state, office, goods_office;
} hq_clr__proposal_row;
hq_status hq_clr__proposal_insert(hq_tx *tx, const hq_clr__proposal_row *row);
hq_status hq_clr__proposal_state(hq_tx *tx, hq_sv id, hq_sv state);
typedef struct {
    hq_sv state, verb, office; /* empty: any */
    hq_sv after;               /* id, empty: from the first */
    bool newest_first;
    size_t limit;
} hq_clr__proposal_page;
hq_status hq_clr__proposal_list(hq_clr__proposal_row *out, size_t *count, hq_tx *tx,
                                const hq_clr__proposal_page *page, hq_arena *arena);
