/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside reference/: tables that come with the program, as CSV lines ended by NULL. The source file
 * is made at build time by tools/gen_codes. */

#include "reference/tables.h"

extern const char *const hq_ref__countries_csv[];
extern const char *const hq_ref__currencies_csv[];

/* `rows` with the shipped rows of law added whose keys none of them has; all in `arena`. */
hq_status hq_ref__add_law(hq_ref__row **rows, size_t *count, hq_arena *arena);
