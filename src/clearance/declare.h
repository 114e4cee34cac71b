/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside clearance/: filing, replacing and registering a declaration. */

#include "clearance/filing.h"
#include "clearance/record.h"

hq_status hq_clr__post_declaration(hq_request *request, void *room);
hq_status hq_clr__put_declaration(hq_request *request, void *room);
hq_status hq_clr__post_registration(hq_request *request, void *room);

/* What the law's day changed between two assessments of one declaration: JSON array of differences,
 * empty text when there is none. *code is the stable code of the answer. */
hq_status hq_clr__difference(hq_sv *json, hq_sv *code, const hq_assessment *before,
                             const hq_assessment *after, hq_arena *arena);
