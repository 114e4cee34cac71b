/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside reference/: tables that come with the program, as CSV lines ended by NULL. The source file
 * is made at build time by tools/gen_codes. */

extern const char *const hq_ref__countries_csv[];
extern const char *const hq_ref__currencies_csv[];
