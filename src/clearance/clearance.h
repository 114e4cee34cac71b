/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Face of clearance/: the life of a declaration from pre-registration to clearing. The pure part
 * (decoding, checks, value, tax, receipt) is behind model.h and assess.h; here is what has state:
 * numbers, statuses, legal clocks, officers, the routes. Every step is one transaction that writes
 * the declaration's row and its events; which steps there are is one const table (transitions.def).
 */

#include "balance/balance.h"
#include "base/base.h"
#include "clearance/assess.h"
#include "clearance/model.h"
#include "codec/codec.h"
#include "identity/identity.h"
#include "os/os.h"
#include "reference/reference.h"
#include "risk/risk.h"
#include "store/store.h"
#include "treasury/treasury.h"

typedef struct hq_clearance hq_clearance;
extern const hq_store_room hq_clearance_room; /* migrations, hash of a declaration's row */

/* Bodies of many lines (declarations:batch, :import). Zero takes the default, in brackets. */
typedef struct {
    int threads;    /* that read lines [half of the cores] */
    int per_sender; /* batches of one sender at once [2] */
    int together;   /* batches of all senders at once [16] */
} hq_clearance_batch_limits;

typedef struct {
    hq_store *store;
    hq_reference *reference;
    hq_identity *identity;
    hq_risk *risk;
    hq_treasury *treasury;
    const hq_clock *clock; /* NULL: the store's */
    hq_clearance_batch_limits batches;
} hq_clearance_options;

/* All of `options` is borrowed and must outlive the room. Sets treasury's settled hook and starts
 * the follower that keeps lists and search. */
hq_status hq_clearance_open(hq_clearance **out, const hq_clearance_options *options);
/* Records the numbers that were leased and not given as void. No request may run any more, the
 * store must still be open. NULL is fine. */
void hq_clearance_close(hq_clearance *clearance);

/* Does what fell due: pre-registrations expire after 7 days, leases of numbers are renewed or, when
 * their process died, their unused numbers become void. *next (may be NULL) is when to call again
 * at the latest. Blocks on the store. */
hq_status hq_clearance_tick(hq_clearance *clearance, hq_time_us *next);
/* The same on a loop, by itself, until hq_clearance_close or hq_clearance_stop_ticking; on a test
 * clock, moving the clock returns when what fell due is done. Call before the loop runs, or in it.
 */
hq_status hq_clearance_tick_on(hq_clearance *clearance, hq_loop *loop);
void hq_clearance_stop_ticking(hq_clearance *clearance);

/* ------------------------------------------------------------------ statuses */

#define HQ_DECLARATION_STATUSES(X)                                                                 \
    X(PREREGISTERED)                                                                               \
    X(EXPIRED)                                                                                     \
    X(REGISTERED)                                                                                  \
    X(DOCUMENT_CHECK)                                                                              \
    X(GOODS_CHECK)                                                                                 \
    X(AWAITING_TAX)                                                                                \
    X(RELEASED)                                                                                    \
    X(STORED)                                                                                      \
    X(CLEARED)                                                                                     \
    X(PASSED)                                                                                      \
    X(CANCELLED)                                                                                   \
    X(MANUAL)

/* The numbers are stored: add at the end only. */
typedef enum {
#define HQ_STATUS_ENUM(name) HQ_DECLARATION_##name,
    HQ_DECLARATION_STATUSES(HQ_STATUS_ENUM)
#undef HQ_STATUS_ENUM
} hq_declaration_status;
#define HQ_DECLARATION_STATUS_COUNT 12
const char *hq_declaration_status_name(hq_declaration_status status); /* "AWAITING_TAX" */

/* ------------------------------------------------------------------ numbers */

/* 12 digits; the first 11 identify, the last counts amendments, and any last digit is the same
 * declaration. *id are the 11 digits. False when it is no such number. */
bool hq_declaration_number_parse(int64_t *id, hq_sv number);
/* 12 digits into text[12]; returns the view. */
hq_sv hq_declaration_number_write(char text[12], int64_t id, int amendment);

/* Every number that was leased belongs to a declaration, is recorded as void, or lies in a block
 * that a process still holds. *gap is the first id that is none of these, 0 when all are accounted
 * for. */
hq_status hq_clearance_number_gap(int64_t *gap, hq_tx *tx);

/* What another room may know of a declaration that somebody names: 12 digits, any last one; a
 * branch stands for the whole. NOT_FOUND. Texts live in `arena`. */
typedef struct {
    hq_sv trader, agent, office, goods_office;
    hq_declaration_status status;
} hq_declaration_seen;
hq_status hq_clearance_look(hq_declaration_seen *out, hq_tx *tx, hq_sv number, hq_arena *arena);

/* ------------------------------------------------------------------ for others */

/* May this caller see this event of the journal in the live stream? Events of clearance are for
 * those who may see their declaration; of another room: false, the caller decides. */
bool hq_clearance_event_visible(hq_clearance *clearance, const hq_caller *caller,
                                const hq_event_view *event);

/* One step of the life of a declaration, as anybody who knows its check code may see it: no names,
 * no tax codes, no officers. */
typedef struct {
    hq_sv kind; /* "declaration.registered" */
    hq_sv vi, en;
    hq_time_us at;
} hq_track_step;
typedef struct {
    hq_sv number;
    hq_declaration_status status;
    hq_sv status_vi, status_en;
    hq_flow flow;
    hq_sv office, office_vi, office_en;
    hq_time_us due; /* end of the legal clock that runs, 0 none */
    const hq_track_step *steps;
    size_t step_count;
} hq_track;
/* For the public page. `check` is the code that the record shows to its declarant
 * ("tracking_code"). NOT_FOUND when there is no such declaration or the code is another, without
 * telling which. Reads the store: call from a slow route. Everything lives in `arena`. */
hq_status hq_clearance_track(hq_track *out, hq_clearance *clearance, hq_sv number, hq_sv check,
                             hq_arena *arena);

/* `self` of the table is the hq_clearance. */
extern const hq_route hq_clearance_routes[];
extern const size_t hq_clearance_route_count;
