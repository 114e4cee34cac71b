/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Private to transit/. */

#include "transit/transit.h"

#define HQ_TRA__DECLARANT HQ_ROLE_BIT(HQ_ROLE_DECLARANT)
#define HQ_TRA__OFFICERS                                                                           \
    (HQ_ROLE_BIT(HQ_ROLE_OFFICER) | HQ_ROLE_BIT(HQ_ROLE_TEAM_LEADER) |                             \
     HQ_ROLE_BIT(HQ_ROLE_BRANCH_HEAD) | HQ_ROLE_BIT(HQ_ROLE_DEPARTMENT_HEAD) |                     \
     HQ_ROLE_BIT(HQ_ROLE_HEADQUARTERS))

struct hq_transit {
    hq_store *store;
    hq_reference *reference;
    const hq_clock *clock;
    hq_loop *loop;
    hq_timer timer;
};

/* Stored: add at the end only. The index of the schema knows DEPARTED. */
typedef enum {
    HQ_TRA__DECLARED,
    HQ_TRA__RETURNED, /* to be corrected */
    HQ_TRA__APPROVED,
    HQ_TRA__DEPARTED,
    HQ_TRA__ARRIVED,
    HQ_TRA__REFUSED,
    HQ_TRA__CANCELLED
} hq_tra__state;
#define HQ_TRA__STATES 7
const char *hq_tra__state_name(hq_tra__state state);
bool hq_tra__state_parse(hq_tra__state *out, hq_sv name);

typedef enum {
#define HQ_TRA_VERB(name, path, roles, deed) HQ_TRA__##name,
#include "transit/moves.def"
    HQ_TRA__VERBS
} hq_tra__verb;
typedef struct {
    const char *path;
    uint32_t roles;
    hq_deed deed;
} hq_tra__verb_row;
extern const hq_tra__verb_row hq_tra__verbs[HQ_TRA__VERBS];
typedef struct {
    hq_tra__state state;
    hq_tra__verb verb;
    hq_tra__state next;
    const char *event;
} hq_tra__move;
/* NULL: there is no such move. */
const hq_tra__move *hq_tra__move_find(hq_tra__state state, hq_tra__verb verb);

typedef struct {
    int64_t id, version;
    hq_tra__state status;
    hq_sv office_from, office_to, trader, agent;
    hq_time_us created_at, changed_at, due_at; /* due_at 0: it has not departed */
    bool overdue;                              /* the event was written */
    hq_sv body, steps;                         /* JSON object, JSON array */
} hq_tra__row;

/* Texts live in `arena`. NOT_FOUND. */
hq_status hq_tra__row_get(hq_tra__row *out, hq_tx *tx, int64_t id, hq_arena *arena);
/* Gives it its number. */
hq_status hq_tra__row_insert(hq_tx *tx, hq_tra__row *row);
/* Writes row->version over row->version - 1; RERUN when another was quicker. */
hq_status hq_tra__row_update(hq_tx *tx, const hq_tra__row *row);
hq_status hq_tra__row_hash(hq_hash32 *out, hq_tx *tx, int64_t id);
hq_status hq_tra__event(hq_tx *tx, const hq_tra__row *row, const char *kind, hq_sv actor);

typedef struct {
    int status;   /* -1 any */
    hq_sv office; /* from or to; empty any */
    hq_sv trader; /* trader or agent; empty any */
    bool overdue;
    int64_t before; /* id of the last of the page before, 0 from the newest */
    size_t max;
} hq_tra__page;
hq_status hq_tra__row_page(hq_tra__row **out, size_t *count, hq_tx *tx, const hq_tra__page *page,
                           hq_arena *arena);
/* The first that is due and not told; NOT_FOUND. *at is its time. */
hq_status hq_tra__row_due(int64_t *id, hq_time_us *at, hq_tx *tx);

hq_sv hq_tra__number(hq_arena *arena, int64_t id);
bool hq_tra__number_parse(int64_t *out, hq_sv number);
hq_target hq_tra__target_of(const hq_tra__row *row);
void hq_tra__row_json(hq_json_w *w, const hq_tra__row *row, uint32_t roles);

/* ------------------------------------------------------------------ bodies */

typedef struct {
    hq_finding items[100];
    size_t count;
    hq_arena *arena;
} hq_tra__found;
void hq_tra__find(hq_tra__found *found, const char *rule, hq_sv path, hq_sv value, hq_sv vi,
                  hq_sv en);
/* INVALID with all of them, or DONE. */
hq_status hq_tra__found_status(hq_request *request, const hq_tra__found *found);
/* The body as one object; an empty one is an empty object. */
hq_status hq_tra__body(const hq_json **out, hq_request *request);

/* What is declared, checked: offices, days, goods; fills row->office_from, office_to, trader, body.
 */
hq_status hq_tra__read_declared(hq_tra__row *row, hq_tra__found *found, const hq_json *body,
                                const hq_ref *ref, hq_day day, const hq_caller *caller);
/* In the transaction: the declarations that it names exist and are the trader's. */
hq_status hq_tra__check_declarations(hq_tra__found *found, hq_tx *tx, const hq_tra__row *row);
/* The members that a verb takes; adds them to the step. */
typedef struct {
    hq_sv reason, note, seal_state;
    hq_sv seals, packages; /* JSON */
    int64_t package_count; /* -1: none */
    hq_time_us due;
} hq_tra__told;
void hq_tra__read_told(hq_tra__told *out, hq_tra__found *found, const hq_json *body,
                       hq_tra__verb verb, hq_time_us now);

hq_status hq_tra__post(hq_request *request, void *room);
hq_status hq_tra__put(hq_request *request, void *room);
hq_status hq_tra__get(hq_request *request, void *room);
hq_status hq_tra__list(hq_request *request, void *room);
hq_status hq_tra__approval(hq_request *request, void *room);
hq_status hq_tra__correction(hq_request *request, void *room);
hq_status hq_tra__refusal(hq_request *request, void *room);
hq_status hq_tra__cancellation(hq_request *request, void *room);
hq_status hq_tra__departure(hq_request *request, void *room);
hq_status hq_tra__extension(hq_request *request, void *room);
hq_status hq_tra__arrival(hq_request *request, void *room);
