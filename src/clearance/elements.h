/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside clearance/: the elements of a section of the life (row.h), each a JSON object in the
 * section's array. An element is never changed in place: it is written again with some members put
 * in, and the array with it. */

#include "clearance/row.h"

/* The section as an array node, which may be empty; its nodes point into the section's text. */
hq_status hq_clr__elements(const hq_json **out, hq_sv section, hq_arena *arena);
/* The element whose member is this number or this text; NULL when there is none. */
const hq_json *hq_clr__element_numbered(const hq_json *array, const char *member, int64_t number);
const hq_json *hq_clr__element_named(const hq_json *array, const char *member, hq_sv text);

/* The element with the members of `patch` (JSON without braces) in the places of those of the same
 * name; members that it did not have come last. */
hq_status hq_clr__element_patch(hq_sv *out, const hq_json *element, hq_sv patch, hq_arena *arena);
/* The section with `with` in the place of the element, which is one of `array`, made of it. */
hq_status hq_clr__element_replace(hq_sv *section, const hq_json *element, hq_sv with,
                                  hq_arena *arena);
/* Both at once. */
hq_status hq_clr__element_change(hq_sv *section, const hq_json *element, hq_sv patch,
                                 hq_arena *arena);

/* JSON text of a value, as it was or as it may be written again. */
void hq_clr__json_value(hq_json_w *w, const hq_json *value);
/* A time member; 0 when absent or null. */
hq_time_us hq_clr__json_time(const hq_json *object, const char *member);
