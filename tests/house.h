/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A whole house without a server: every room open on a fresh database in a folder of its own, on a
 * clock that the test moves. house_call does what the server does with a request: finds the route,
 * checks the role, runs the handler, runs its closure in the store's writer (with the
 * Idempotency-Key in the same transaction), renders. Everything fails the test at once. */

#include "check.h"

#include "balance/balance.h"
#include "clearance/clearance.h"
#include "files/files.h"
#include "identity/identity.h"
#include "os/os.h"
#include "reference/reference.h"
#include "risk/risk.h"
#include "store/store.h"
#include "transit/transit.h"
#include "treasury/treasury.h"

#define HOUSE_MUST(call) check_status((call), OK)

typedef struct {
    char dir[96];
    char url[128];
    hq_arena *arena; /* of the test */
    hq_test_clock *clock;
    hq_store *store;
    hq_reference *reference;
    hq_identity *identity;
    hq_files *files;
    hq_risk *risk;
    hq_treasury *treasury;
    hq_balance *balance;
    hq_transit *transit;
    hq_clearance *clearance;
    hq_loop *loop; /* ticks clearance on the test clock */
    hq_thread loop_thread;
    const char *if_match; /* of the calls that follow, NULL none */
    bool tampered;        /* the test altered rows by hand: then the journal must say so */
} house;

/* `start` is RFC 3339; `tables` a folder of CSV files TABLE.csv. */
void house_set_up(house *h, const char *start, const char *tables);
/* Closes, and verifies the journal on the way: every test ends with an intact one. */
void house_tear_down(house *h);
void house_open(house *h);
void house_close(house *h);
/* As if the process had died: nothing is closed in order, then opened again. */
void house_crash(house *h);
/* Moves the clock; returns when what fell due is done. */
void house_advance(house *h, const char *duration);
void house_import(house *h, const char *table, const char *csv);

/* Somebody who calls with an API key. */
const hq_caller *house_caller(house *h, hq_role role, const char *office, const char *tax_code);
const hq_caller *house_bank(house *h, const char *bank);
/* A user, for rosters and assignments: signed in, without the password's cost where possible. */
const hq_caller *house_officer(house *h, const char *username, const char *office, bool on_roster);

typedef struct {
    hq_status status;
    int http;
    hq_answer answer;
    hq_sv body;          /* of a success; with 64 readable bytes after it */
    const hq_json *json; /* of the body, NULL when it is none */
} house_answer;
/* `path` with its query; body NULL: none; key NULL: one of its own for each call. */
house_answer house_call(house *h, hq_arena *arena, const hq_caller *caller, hq_method method,
                        const char *path, const char *body, const char *key);
/* Value at a JSON pointer of the answer ("/assessment/taxes/0/tax"), text or raw; ptr NULL: none.
 */
hq_sv house_at(const house_answer *answer, const char *pointer);
/* One value of the database. */
int64_t house_ask(house *h, const char *sql);
/* Statements on the database through the store. */
void house_run(house *h, const char *sql);
/* Returns when all is done that calls before this one left to be done: by the writer, like the
 * lease of numbers that the first filing asks for, and by the followers, like the entries of lists.
 */
void house_settle(house *h);
