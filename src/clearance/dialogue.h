/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside clearance/: what both sides add to a declaration: attachments, instructions of customs,
 * answers of the declarant. */

#include "clearance/form.h"

hq_status hq_clr__post_attachment(hq_request *request, void *room);
hq_status hq_clr__get_attachment(hq_request *request, void *room);
hq_status hq_clr__post_instruction(hq_request *request, void *room);
hq_status hq_clr__post_answer(hq_request *request, void *room);
hq_status hq_clr__post_instruction_closure(hq_request *request, void *room);

/* In a closure: are these ids (JSON text of form_ids) attachments of the declaration? INVALID with
 * the finding at `path`. */
hq_status hq_clr__attachments_known(hq_clr__change *change, const hq_clr__life *life, hq_sv ids,
                                    const char *path);
/* Ties a file of the caller to the declaration and adds it to the attachments; EXISTS when it is
 * there already. `path` is where the body names it. */
typedef struct {
    hq_id file;
    hq_sv kind; /* code of the list */
    hq_sv name, note;
    hq_sv signature; /* JSON object or empty */
    const char *path;
} hq_clr__attaching;
hq_status hq_clr__attach(hq_sv *members, hq_clr__change *change, hq_tx *tx, const hq_clr__row *row,
                         hq_clr__life *life, const hq_clr__attaching *what);

/* A satisfactory check settles what was asked: instructions still open are closed by it. */
hq_status hq_clr__instructions_settled(hq_clr__change *change, hq_tx *tx, const hq_clr__row *row,
                                       hq_clr__life *life);
/* The deadline of instruction `number` passed. */
hq_status hq_clr__instruction_late(hq_clearance *clearance, hq_tx *tx, hq_clr__row *row,
                                   hq_sv number, hq_time_us now);
