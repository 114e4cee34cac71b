/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside identity/: giving decisions to somebody else for some days, and taking them back. */

#include "identity/acts.h"

/* Checks and fills a new row; texts are those of `delegation` and the arena. INVALID with *why. */
hq_status hq_identity__delegation_prepare(hq_identity__delegation_row *out, hq_identity *identity,
                                          const hq_caller *head, const hq_delegation *delegation,
                                          hq_arena *arena, hq_why *why);
/* Inside a transaction: the row and its event. */
hq_status hq_identity__delegation_put(hq_tx *tx, const hq_identity__delegation_row *row);
/* Ends it and blocks until that is durable; NOT_FOUND with *why when it has ended before. */
hq_status hq_identity__delegation_revoke(hq_identity *identity, const hq_caller *by,
                                         const hq_identity__delegation_row *row, hq_why *why);
