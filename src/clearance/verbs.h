/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside clearance/: the verbs that heads decide, and what follows from them. */

#include "clearance/form.h"
#include "clearance/steps.h"

/* A body with "ground" (one of the words) and "reason" (text). The contract knows a reason only:
 * one that is a word is the ground, any other stands for the last word, OTHER. Finds what is
 * missing. */
typedef struct {
    hq_sv ground, reason;
} hq_clr__grounds;
hq_clr__grounds hq_clr__form_grounds(hq_clr__form *form, const char *const *words, size_t count);
#define HQ_CLR__REASON_CHARS 2000

/* After a move that cleared: treasury is told, and what had passed before is PASSED. */
hq_status hq_clr__after_clearing(hq_clearance *clearance, hq_tx *tx, hq_clr__row *row, hq_sv actor,
                                 hq_time_us at, hq_arena *arena);
/* A stopped declaration must be presented in time (term NOT_PRESENTED), or the program cancels it
 * (due.h). */
hq_status hq_clr__presenting_due(hq_clearance *clearance, hq_tx *tx, const hq_clr__row *row,
                                 hq_time_us from);
hq_status hq_clr__not_presented(hq_clearance *clearance, hq_tx *tx, hq_clr__row *row, hq_sv which,
                                hq_time_us now);

/* The day by which the result of a release or storage is due, of the one that is under way; 0 none.
 */
hq_time_us hq_clr__result_due(const hq_clr__life *life);
hq_status hq_clr__result_overdue(hq_clearance *clearance, hq_tx *tx, hq_clr__row *row, hq_sv which,
                                 hq_time_us now);
hq_status hq_clr__hold_ended(hq_clearance *clearance, hq_tx *tx, hq_clr__row *row, hq_sv id,
                             hq_time_us now);

hq_status hq_clr__post_channel(hq_request *request, void *room);
hq_status hq_clr__post_cancellation(hq_request *request, void *room);
hq_status hq_clr__post_release(hq_request *request, void *room);
hq_status hq_clr__post_storage(hq_request *request, void *room);
hq_status hq_clr__post_exit_result(hq_request *request, void *room);
hq_status hq_clr__post_manual(hq_request *request, void *room);
hq_status hq_clr__post_hold(hq_request *request, void *room);
hq_status hq_clr__post_lift(hq_request *request, void *room);
hq_status hq_clr__post_passage(hq_request *request, void *room);
hq_status hq_clr__get_passage(hq_request *request, void *room);
