/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A store with identity and notice on a test database, events as clearance writes them, and a way
 * to call the room's routes as the server does. */

#include "../check.h"

#include "notice/notice.h"

#define TRADER "9900000011"
#define AGENT  "9900000055"

typedef struct {
    char dir[96], url[128];
    hq_arena *arena;
    hq_test_clock *clock;
    hq_store *store;
    hq_reference *reference;
    hq_identity *identity;
    hq_notice *notice;
} house;

int house_set_up(void **state);
int house_tear_down(void **state);
void house_reopen(house *h);

/* A declarant's key, as the server knows its caller. *id (may be NULL) is to end it by. */
const hq_caller *house_caller(house *h, const char *tax_code);
/* One event about declaration/10000000001, number 100000000010; agent may be "". Returns its
 * position. */
int64_t house_event(house *h, const char *kind, const char *trader, const char *agent,
                    const char *more);
/* Waits until the follower has taken all and the webhooks have been called as far as they are due.
 */
void house_settle(house *h);

typedef struct {
    hq_status status;
    int http;
    const hq_json *json; /* NULL without a body */
    hq_why why;
} reply;
reply house_call(house *h, hq_method method, const char *path, const char *query,
                 const hq_caller *caller, const char *body);
/* Member of the answer as text, also of a number. */
hq_sv member(const reply *r, const char *name);
