/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside clearance/: which line of a changed declaration is which line of the one before. */

#include "clearance/changes.h"

/* Fills after_of[old_count] and before_of[new_count] for two arrays of lines. */
hq_status hq_clr__align(size_t *after_of, size_t old_count, size_t *before_of, size_t new_count,
                        const hq_doc *before, const hq_doc *after, hq_arena *arena);
