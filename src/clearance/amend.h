/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside clearance/: amending a registered declaration. The worker prepares: the new content is
 * made, checked by the tables for what may be amended, validated, valued and taxed by the rules of
 * the day of registration, and compared with the one it takes the place of. The closure carries it
 * out: money, balances, record and events together. */

#include "clearance/amendment.h"
#include "clearance/changes.h"
#include "clearance/filing.h"

#define HQ_CLR__TAX_CALCULATION "1" /* reason code: valued and taxed by the tables of today */

/* Where the declaration stands in its life, for what may still be amended. */
typedef enum {
    HQ_CLR__HELD,    /* registered, goods not checked yet */
    HQ_CLR__CHECKED, /* goods checked, or in the trader's hands, not cleared yet */
    HQ_CLR__GONE     /* cleared */
} hq_clr__moment;

typedef struct {
    hq_clearance *clearance;
    hq_request *request;
    bool ordered;       /* by customs: the time limits of the declarant do not bind it */
    hq_clr__row before; /* full, as the worker read it */
    hq_clr__moment moment;
    hq_day gone; /* day of clearing or release, 0: neither yet */
    hq_doc *old_doc, *new_doc;
    hq_clr__changes changes;
    hq_declaration *old;
    hq_clr__filing *filing;      /* the new content */
    hq_clr__amendment amendment; /* all but id, number, state and who decided */
    /* Left by the closure, written whole by each of its runs. */
    hq_clr__row out;
    hq_clr__amendment done;
} hq_clr__amend;

/* An amendment of `before` (full row) in the request's arena, its document ready to be changed.
 * Refuses what can be refused before the content is known: state, the tenth, the time after
 * clearance. `by` is read from request->caller. CONFLICT with the answer's why. */
hq_status hq_clr__amend_new(hq_clr__amend **out, hq_clearance *clearance, hq_request *request,
                            const hq_clr__row *before, bool ordered);
/* The new content: a whole declaration, a list of {"path", "value"}, or the changes of an amendment
 * that was asked for. INVALID with findings. */
hq_status hq_clr__amend_by_document(hq_clr__amend *amend, const hq_json *declaration);
hq_status hq_clr__amend_by_pointers(hq_clr__amend *amend, const hq_json *changes);
hq_status hq_clr__amend_by_amendment(hq_clr__amend *amend, const hq_clr__amendment *asked);
/* Checks, values, taxes and compares: all findings at once, INVALID. */
hq_status hq_clr__amend_prepare(hq_clr__amend *amend, hq_sv reason_code, hq_sv reason);

/* Parts of preparing: findings of what may not be amended; taxes before and after, called while the
 * snapshot is held. */
hq_status hq_clr__amend_find(hq_clr__amend *amend, const hq_ref *ref);
hq_status hq_clr__amend_compare(hq_clr__filing *filing, const hq_ref *ref, void *user);
hq_clr__moment hq_clr__moment_of(const hq_clr__row *row, const hq_clr__life *life, hq_arena *arena);

/* In a closure: the declaration as it is now must still stand where the worker saw it; CONFLICT
 * with the answer's why otherwise. *row is read afresh. */
hq_status hq_clr__amend_load(hq_clr__amend *amend, hq_tx *tx);
/* In the same closure, after load: carries it out as `done` (state ACCEPTED or IMPOSED, id,
 * decided_by set by the caller; numbers and versions are set here), changes amend->out and writes
 * it. INVALID with findings when a guarantee or a balance does not hold it. */
hq_status hq_clr__amend_carry_out(hq_clr__amend *amend, hq_tx *tx, hq_clr__life *life);

/* Customs amends without being asked, for matters whose time ran out: prepares in the worker what
 * the given changes come to ... */
hq_status hq_clr__amend_impose_prepare(hq_clr__amend **out, hq_clearance *clearance,
                                       hq_request *request, const hq_clr__row *before,
                                       const hq_json *changes, hq_sv reason_code, hq_sv reason,
                                       hq_sv matter);
/* ... and carries it out in the caller's closure. amend->out is the row written, amend->done the
 * element. The caller's own changes of `life` (sections other than AMENDMENTS) are written with it.
 */
hq_status hq_clr__amend_impose(hq_clr__amend *amend, hq_tx *tx,
                               hq_status (*also)(void *user, hq_tx *tx, hq_clr__row *row,
                                                 hq_clr__life *life),
                               void *user);

hq_status hq_clr__post_amendments(hq_request *request, void *room);
hq_status hq_clr__post_amendment_acceptance(hq_request *request, void *room);
hq_status hq_clr__post_amendment_refusal(hq_request *request, void *room);
hq_status hq_clr__post_amendment_withdrawal(hq_request *request, void *room);
