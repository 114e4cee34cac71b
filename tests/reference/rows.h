/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Rows and snapshots for tests, from CSV text, without a store. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "reference/holder.h"

/* Reads a CSV text of the table, fails the test when it has findings, and gives the rows ids from
 * `first_id` in order of lines. */
hq_ref__row *rows_of(const char *table, const char *csv, int64_t first_id, size_t *count,
                     hq_arena *arena);
/* A snapshot of several tables: pairs of table and CSV, ended by NULL. hq_ref_free it. */
hq_ref *snapshot_of(const char *table, ...) __attribute__((sentinel));
hq_day day(const char *text);
hq_time_us at(const char *text);
/* Whole file in the arena; ptr NULL when there is none. */
hq_sv file_text(const char *path, hq_arena *arena);
