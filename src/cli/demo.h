/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Private to cli/: the demo. People, traders and goods are invented; everything they do goes
 * through the same routes, checks and writes as a request from outside. */

#include <stdatomic.h>

#include "cli/wire.h"

/* The password of every persona; it is printed at start. */
#define HQ_DEMO_PASSWORD "hai-quan-thu-nghiem"

typedef struct {
    const char *id; /* also the name to sign in with */
    const char *name_vi, *name_en;
    hq_role role;
    const char *office, *tax_code, *bank; /* NULL: none */
    bool on_roster;
} hq_persona;
extern const hq_persona hq_personas[];
extern const size_t hq_persona_count;

/* Makes the people of a new demo database. */
hq_status hq_demo_people(hq_house *house, hq_arena *arena, hq_why *why);
/* GET /api/v1/demo/personas, POST /api/v1/demo/sign-in. */
hq_route_table hq_demo_routes(hq_house *house);

/* What happens by itself. */
typedef struct {
    hq_house *house;
    hq_server *server;
    hq_thread thread;
    _Atomic bool ending;
    uint64_t chance; /* state of the fixed-seed generator */
    int filed;       /* declarations so far, part of their references */
    int wanted;      /* at start */
    bool fresh;      /* a new database: make `wanted` before living on */
} hq_demo;

hq_status hq_demo_start(hq_demo *demo);
void hq_demo_stop(hq_demo *demo);

/* A person of the demo as the caller of a request; false when he is not there. */
bool hq_demo_caller(hq_caller *out, const hq_house *house, const hq_persona *persona,
                    hq_arena *arena);
const hq_persona *hq_demo_persona(const char *id);
/* 0 <= n < bound. */
uint32_t hq_demo_draw(hq_demo *demo, uint32_t bound);

/* A request by a person of the demo; true when it was granted, then *answer is what came. */
bool hq_demo_act(const hq_json **answer, hq_demo *demo, const char *persona, hq_method method,
                 hq_sv target, hq_sv body, hq_arena *arena);
/* The bank pays all that is open for a declaration. */
void hq_demo_pay(hq_demo *demo, hq_sv number, hq_arena *arena);
/* Accounts of goods to look at, once. */
void hq_demo_balances(hq_demo *demo, hq_arena *arena);

/* JSON of an invented declaration of a trader: import or export of one to four lines. */
typedef struct {
    const char *tax_code, *name, *address;
} hq_demo_trader;
extern const hq_demo_trader hq_demo_traders[];
extern const size_t hq_demo_trader_count;
void hq_demo_declaration(hq_buf *out, hq_demo *demo, const hq_demo_trader *trader,
                         const char *agent_tax_code, hq_day today);
