/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A ledger of its own for a test: a throw-away database with reference data and the treasury, on a
 * clock that the test moves, and short calls for what the tests do with it. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "treasury/room.h"

typedef struct {
    hq_store *store;
    hq_reference *reference;
    hq_treasury *treasury;
    hq_test_clock *clock;
    hq_arena *arena;
    char dir[96];
    int64_t settled[64]; /* told by the hook, in order */
    size_t settled_count;
} ledger;

ledger *ledger_open(void);
void ledger_close(ledger *l);
void ledger_set_day(ledger *l, const char *day); /* 08:00 of it */
void ledger_reference(ledger *l, const char *table, const char *csv);

hq_day day_of(const char *text);
int64_t number_of(const char *text);

/* Each runs in a transaction of its own. */
hq_status ledger_debts_open(ledger *l, const hq_debts_new *debts, int64_t *owed);
hq_status ledger_cancel(ledger *l, int64_t declaration);
hq_status ledger_amend(ledger *l, const hq_debts_amendment *amendment, hq_debts_amended *out);
hq_status ledger_cleared(ledger *l, int64_t declaration, hq_day day);
hq_status ledger_cover(ledger *l, const hq_cover_ask *ask, const char **rule);
hq_status ledger_restore(ledger *l, int64_t declaration);
hq_status ledger_guarantee(ledger *l, const hq_guarantee_new *guarantee, bool *repeated,
                           hq_why *why);
hq_status ledger_pay(ledger *l, const hq_payment *payment, bool *repeated, hq_sv *answer,
                     hq_why *why);
int64_t ledger_left(ledger *l, int64_t declaration);
int64_t ledger_credit(ledger *l, const char *tax_code);
/* false: no such guarantee. */
bool ledger_guarantee_of(ledger *l, const char *tax_code, const char *number,
                         hq_tre__guarantee *out);
bool ledger_debt_of(ledger *l, int64_t declaration, hq_tre__debt *out);
/* Fails the test with the difference when it does not come out. */
void ledger_assert_balanced(ledger *l);
