/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside clearance/: goods that leave before clearance is over, and the result that closes it. */

#include "clearance/form.h"

/* The decision by which a declaration was released, stored or moved to paper last: an element of
 * DECISIONS, NULL when there is none. `all` is the section as an array. */
const hq_json *hq_clr__exit_of(const hq_json *all);
/* Status before goods were stored, for the condition of their result. */
hq_declaration_status hq_clr__stored_from(const hq_json *exit);

/* Bans of storage (exit_bans.c). *until is the last day of one that holds on the day, 0: none. */
hq_status hq_clr__storage_banned(hq_day *until, hq_tx *tx, hq_sv trader, hq_day day);
/* `term` is that of the ban: STORAGE_BAN_LATE, STORAGE_BAN_SALE. */
hq_status hq_clr__storage_ban(hq_clearance *clearance, hq_tx *tx, const hq_clr__row *row,
                              hq_sv term, hq_day from);
