/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside clearance/: one amendment as it is kept in the record's `amendments`, and that list. */

#include "clearance/row.h"

#define HQ_CLR__AMENDMENTS_MAX 9 /* inside clearance: the last digit of the number counts them */

typedef enum {
    HQ_AMENDMENT_REQUESTED,
    HQ_AMENDMENT_ACCEPTED,
    HQ_AMENDMENT_REFUSED,
    HQ_AMENDMENT_WITHDRAWN,
    HQ_AMENDMENT_IMPOSED /* by customs, nobody asked */
} hq_clr__amendment_state;

typedef struct {
    hq_sv id;
    hq_clr__amendment_state state;
    bool after_clearance;
    int64_t number; /* of those carried out at its stage, from 1; 0: not carried out */
    hq_sv reason_code, reason, by, decided_by, note;
    hq_sv decided_for; /* the head for whom a delegate imposed it, empty: himself */
    hq_sv matter;                   /* of the record's matters that ordered it, empty for none */
    hq_time_us at, due, decided_at; /* due: end of the legal clock of the answer */
    int64_t before_version, after_version; /* contents; after 0: not carried out */
    /* JSON, as the contract of the API shapes them: arrays, arrays, objects. */
    hq_sv lines, header, taxes, customs_value, difference;
} hq_clr__amendment;

void hq_clr__amendment_json(hq_json_w *w, const hq_clr__amendment *amendment);
/* Texts borrowed from the element. CORRUPT. */
hq_status hq_clr__amendment_read(hq_clr__amendment *out, const hq_json *element);

/* The list of a life, oldest first, in the arena. */
hq_status hq_clr__amendments_read(hq_clr__amendment **out, size_t *count, const hq_clr__life *life,
                                  hq_arena *arena);
hq_status hq_clr__amendments_write(hq_clr__life *life, const hq_clr__amendment *list, size_t count,
                                   hq_arena *arena);

/* Carried out: accepted or imposed. */
static inline bool hq_clr__amendment_holds(const hq_clr__amendment *amendment)
{
    return amendment->state == HQ_AMENDMENT_ACCEPTED || amendment->state == HQ_AMENDMENT_IMPOSED;
}
/* How many were carried out inside clearance (the last digit of the number) or after it. */
int64_t hq_clr__amendment_count(const hq_clr__amendment *list, size_t count, bool after_clearance);
/* The same from a packed life; 0 also when it cannot be read. */
int hq_clr__amendment_digit(const hq_clr__life *life, hq_arena *arena);
/* Version of the content that was registered: the one before the first amendment. */
hq_status hq_clr__registered_version(int64_t *out, const hq_clr__row *row, hq_arena *arena);
