/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Private to server/: whether a request may come in, judged by its head alone. */

#include "server/exchange.h"

/* Fills the request from its head. OK: its body may come, or (stage ANSWER) there is nothing to
 * handle, a page of the UI or OPTIONS. Otherwise why not. */
hq_status hq_admit(hq_exchange *ex, const hq_http_head *head);
/* LIMIT, with the limit in words. */
hq_status hq_admit_too_long(hq_exchange *ex);
/* A parameter of the query that nobody asked for: INVALID with the answer's why. */
hq_status hq_admit_query(hq_exchange *ex);
