/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside clearance/: what people do to a declaration that exists: presenting, assigning, checking.
 */

#include "clearance/row.h"

/* Draws an officer from the office's roster by `draw` and makes it an event; without a roster
 * nothing happens. The one who has it now is left out when there is another. */
hq_status hq_clr__draw_officer(hq_clearance *clearance, hq_tx *tx, hq_clr__row *row, uint64_t draw,
                               hq_time_us at, hq_arena *arena);
/* Treasury: interest under a guarantee runs from now on. */
hq_status hq_clr__tell_cleared(hq_clearance *clearance, hq_tx *tx, const hq_clr__row *row,
                               hq_sv actor, hq_time_us at);

hq_status hq_clr__post_documents_complete(hq_request *request, void *room);
hq_status hq_clr__post_goods_presented(hq_request *request, void *room);
hq_status hq_clr__post_assignment(hq_request *request, void *room);
hq_status hq_clr__post_document_check(hq_request *request, void *room);
hq_status hq_clr__post_goods_check(hq_request *request, void *room);
