/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Private to server/: how much of the server one sender and one pool may take. */

#include "server/server.h"

typedef struct hq_limiter hq_limiter;

hq_limiter *hq_limiter_new(const hq_server_limits *limits);
void hq_limiter_free(hq_limiter *limiter);
/* One more request of `sender` in the pool. False with the seconds to wait. */
bool hq_limiter_admit(hq_limiter *limiter, hq_pool pool, hq_sv sender, int64_t now_us,
                      int *retry_after_s);
/* A place among those that a pool handles at once; give back with leave. */
bool hq_limiter_enter(hq_limiter *limiter, hq_pool pool);
void hq_limiter_leave(hq_limiter *limiter, hq_pool pool);
int hq_limiter_inside(const hq_limiter *limiter);
