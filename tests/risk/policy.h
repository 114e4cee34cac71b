/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Rules in memory for tests that need no store, and a store with a policy for those that do. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "risk/room.h"

/* Rules and shares of texts, version 1; free with hq_risk_rules_free. NULL with the findings in
 * `found` when they are refused. */
hq_risk_rules *rules_of(hq_sv csv, hq_sv shares, hq_risk__found *found);

typedef struct {
    hq_store *store;
    hq_reference *reference;
    hq_risk *risk;
    hq_test_clock *clock;
    hq_arena *arena;
    char dir[96];
} policy;

policy *policy_open(void);
void policy_close(policy *p);

hq_day day_of(const char *text);
/* A generator that is the same everywhere. */
uint32_t below(uint64_t *seed, uint32_t bound);
