/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside clearance/: filing, replacing and registering a declaration. */

#include "clearance/filing.h"
#include "clearance/record.h"

hq_status hq_clr__post_declaration(hq_request *request, void *room);
hq_status hq_clr__put_declaration(hq_request *request, void *room);
hq_status hq_clr__post_registration(hq_request *request, void *room);

/* What filing a new one is made of, for who files many. Warns of a reference that was used before;
 * in the closure, number to row; and after it, what became of the number. */
hq_status hq_clr__warn_of_repeats(hq_clr__filing *filing, const hq_ref *ref, void *user);
hq_status hq_clr__write_new(hq_tx *tx, hq_clr__filing *filing);
void hq_clr__new_written(hq_clr__filing *filing, hq_status written);

/* The row as a write with a key left it (hq_clr__row_remember), with its content of then, and the
 * JSON of its assessment. */
hq_status hq_clr__recall(hq_clr__row *row, hq_sv *assessment, hq_request *request,
                         hq_sv remembered, hq_clearance *clearance);
/* A copy with the 64 readable bytes after it that the decoder needs; HQ_SV_NULL without memory. */
hq_sv hq_clr__padded(hq_sv body, hq_arena *arena);

/* What the law's day changed between two assessments of one declaration: JSON array of differences,
 * empty text when there is none. *code is the stable code of the answer. */
hq_status hq_clr__difference(hq_sv *json, hq_sv *code, const hq_assessment *before,
                             const hq_assessment *after, hq_arena *arena);
