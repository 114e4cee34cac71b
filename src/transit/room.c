/* SPDX-License-Identifier: Apache-2.0 */
#include "transit/room.h"

#include "embedded_stamp.h"
#include <stdlib.h>

HQ_EMBED(hq_transit_sql_001, "transit/schema/001_transports.sql");

#define TICK_US  (INT64_C(60) * HQ_US_PER_SECOND)
#define BODY_MAX ((size_t)256 << 10)

/* ------------------------------------------------------------------ opening */

static hq_status row_hash(hq_hash32 *out, hq_tx *tx, hq_sv subject)
{
    hq_sv rest = subject;
    int64_t id;
    return hq_sv_eq(hq_sv_cut(&rest, '/'), HQ_SV("transport")) && rest.ptr != NULL &&
                   hq_sv_i64(&id, rest)
               ? hq_tra__row_hash(out, tx, id)
               : HQ_FAIL(NOT_FOUND);
}

/* The text of a migration is a linker symbol, whose length no constant expression knows. */
static hq_migration migrations[] = { { "transit", 1, "transports", { NULL, 0 } } };
const hq_store_room hq_transit_room = { "transit", migrations, 1, row_hash };

__attribute__((constructor)) static void fill_migrations(void)
{
    migrations[0].sql = HQ_EMBEDDED(hq_transit_sql_001);
}

hq_status hq_transit_open(hq_transit **out, const hq_transit_options *options)
{
    hq_transit *transit = calloc(1, sizeof *transit);
    if (transit == NULL) {
        return HQ_FAIL(NOMEM);
    }
    transit->store = options->store;
    transit->reference = options->reference;
    transit->clock = options->clock != NULL ? options->clock : hq_store_clock(options->store);
    *out = transit;
    return HQ_DONE;
}

void hq_transit_close(hq_transit *transit)
{
    if (transit != NULL) {
        hq_transit_stop_ticking(transit);
        free(transit);
    }
}

/* ------------------------------------------------------------------ the table of moves */

const hq_tra__verb_row hq_tra__verbs[HQ_TRA__VERBS] = {
#define HQ_TRA_VERB(name, path, roles, deed) { path, roles, deed },
#include "transit/moves.def"
};

static const hq_tra__move moves[] = {
#define HQ_TRA_MOVE(state, verb, next, event)                                                      \
    { HQ_TRA__##state, HQ_TRA__##verb, HQ_TRA__##next, event },
#include "transit/moves.def"
};

const hq_tra__move *hq_tra__move_find(hq_tra__state state, hq_tra__verb verb)
{
    for (size_t i = 0; i < sizeof moves / sizeof moves[0]; i++) {
        if (moves[i].state == state && moves[i].verb == verb) {
            return &moves[i];
        }
    }
    return NULL;
}

static const char *const names[HQ_TRA__STATES] = { "DECLARED", "RETURNED", "APPROVED", "DEPARTED",
                                                   "ARRIVED",  "REFUSED",  "CANCELLED" };

const char *hq_tra__state_name(hq_tra__state state)
{
    return names[state];
}

bool hq_tra__state_parse(hq_tra__state *out, hq_sv name)
{
    for (int i = 0; i < HQ_TRA__STATES; i++) {
        if (hq_sv_eq(name, hq_sv_from_cstr(names[i]))) {
            *out = (hq_tra__state)i;
            return true;
        }
    }
    return false;
}

/* ------------------------------------------------------------------ what falls due */

typedef struct {
    hq_time_us now, at; /* at 0: nothing waits */
    int64_t id;
} turn;

static hq_status look(hq_tx *tx, void *user)
{
    turn *t = user;
    hq_status s = hq_tra__row_due(&t->id, &t->at, tx);
    if (s.code == HQ_E_NOT_FOUND) {
        t->at = 0;
        return HQ_DONE;
    }
    return s;
}

/* Read again inside: it may have arrived or been given more time. */
static hq_status tell(hq_tx *tx, void *user)
{
    const turn *t = user;
    hq_tra__row row;
    HQ_TRY(hq_tra__row_get(&row, tx, t->id, hq_tx_arena(tx)));
    const hq_tra__move *move = hq_tra__move_find(row.status, HQ_TRA__LATE);
    if (move == NULL || row.overdue || row.due_at > t->now) {
        return HQ_DONE;
    }
    row.overdue = true;
    row.version++;
    row.changed_at = t->now;
    HQ_TRY(hq_tra__row_update(tx, &row));
    return hq_tra__event(tx, &row, move->event, HQ_SV("system"));
}

hq_status hq_transit_tick(hq_transit *transit, hq_time_us *next)
{
    turn t = { .now = hq_now(transit->clock) };
    HQ_TRY(hq_store_read(transit->store, look, &t));
    while (t.at != 0 && t.at <= t.now) {
        HQ_TRY(hq_store_write(transit->store, tell, &t));
        HQ_TRY(hq_store_read(transit->store, look, &t));
    }
    if (next != NULL) {
        *next = t.at != 0 && t.at < t.now + TICK_US ? t.at : t.now + TICK_US;
    }
    return HQ_DONE;
}

/* A tick that fails (the disk is full) is tried again with the next. */
static void ticked(void *user)
{
    hq_transit *transit = user;
    hq_time_us next = hq_now(transit->clock) + TICK_US;
    HQ_IGNORE(hq_transit_tick(transit, &next));
    HQ_IGNORE(hq_loop_arm(transit->loop, &transit->timer, next));
}

hq_status hq_transit_tick_on(hq_transit *transit, hq_loop *loop)
{
    transit->loop = loop;
    transit->timer = (hq_timer){ .fn = ticked, .user = transit };
    return hq_loop_arm(loop, &transit->timer, hq_now(transit->clock));
}

void hq_transit_stop_ticking(hq_transit *transit)
{
    if (transit->loop != NULL) {
        hq_loop_disarm(transit->loop, &transit->timer);
        transit->loop = NULL;
    }
}

/* ------------------------------------------------------------------ routes */

#define SEES (HQ_ROLES_CUSTOMS | HQ_TRA__DECLARANT)
#define VERB(path, handler, roles)                                                                 \
    {                                                                                              \
        HQ_POST, "/api/v1/transports/{number}/" path, handler, roles, 0, HQ_POOL_FORMAL, 0         \
    }

const hq_route hq_transit_routes[] = {
    { HQ_POST, "/api/v1/transports", hq_tra__post, HQ_TRA__DECLARANT, HQ_ROUTE_KEY, HQ_POOL_FORMAL,
      BODY_MAX },
    { HQ_GET, "/api/v1/transports", hq_tra__list, SEES, HQ_ROUTE_SLOW, HQ_POOL_FORMAL, 0 },
    { HQ_GET, "/api/v1/transports/{number}", hq_tra__get, SEES | HQ_ROLE_BIT(HQ_ROLE_OPERATOR),
      HQ_ROUTE_SLOW, HQ_POOL_FORMAL, 0 },
    { HQ_PUT, "/api/v1/transports/{number}", hq_tra__put, HQ_TRA__DECLARANT, 0, HQ_POOL_FORMAL,
      BODY_MAX },
    VERB("approval", hq_tra__approval, HQ_TRA__OFFICERS),
    VERB("correction", hq_tra__correction, HQ_TRA__OFFICERS),
    VERB("refusal", hq_tra__refusal, HQ_TRA__OFFICERS),
    VERB("cancellation", hq_tra__cancellation, HQ_TRA__DECLARANT | HQ_TRA__OFFICERS),
    VERB("departure", hq_tra__departure, HQ_TRA__OFFICERS),
    VERB("extension", hq_tra__extension, HQ_TRA__OFFICERS),
    VERB("arrival", hq_tra__arrival, HQ_TRA__OFFICERS | HQ_ROLE_BIT(HQ_ROLE_OPERATOR)),
};
const size_t hq_transit_route_count = sizeof hq_transit_routes / sizeof hq_transit_routes[0];
