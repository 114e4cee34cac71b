/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Face of balance/: accounts of goods that declarations draw from, add to or open, all by one
 * mechanism: exemption lists, temporary imports and exports, contracts for processing and export
 * production with their norms, bonded stock, pairs of on-the-spot export and import. Which kinds of
 * declaration need what is the dated table balance_kinds. Nothing is ever drawn below zero: what
 * counts is read inside the writer's transaction. All functions taking hq_tx for a change run
 * inside a write closure. Sources: Circular 38/2015 (lists, temporary, processing, on the spot),
 * VNACCS items TDN TDL TXN TXR GZC RED. */

#include "base/base.h"
#include "codec/codec.h"
#include "identity/identity.h"
#include "os/os.h"
#include "reference/reference.h"
#include "store/store.h"

typedef struct hq_balance hq_balance;
extern const hq_store_room hq_balance_room;

typedef struct {
    hq_store *store;
    hq_reference *reference;
    const hq_clock *clock; /* NULL: the store's */
} hq_balance_options;
/* What `options` names must outlive the room. */
hq_status hq_balance_open(hq_balance **out, const hq_balance_options *options);
void hq_balance_close(hq_balance *balance);

/* Tells by an event which accounts have something left after their last day; *next (may be NULL) is
 * when to call again at the latest. Blocks on the store. The same on a loop, by itself. */
hq_status hq_balance_tick(hq_balance *balance, hq_time_us *next);
hq_status hq_balance_tick_on(hq_balance *balance, hq_loop *loop);
void hq_balance_stop_ticking(hq_balance *balance);

/* ------------------------------------------------------------------ what a declaration asks */

/* A line of an account as a declaration names it; line 0: it names none. */
typedef struct {
    hq_sv number;    /* of the list, the declaration (12 digits), the contract or the entry */
    hq_sv warehouse; /* of stock only */
    int64_t line;
} hq_balance_source;

typedef struct {
    hq_sv hs, description; /* 8 digits */
    hq_decimal quantity, quantity2, value;
    hq_code4 unit, unit2; /* unit2 0: no second quantity */
    hq_balance_source list, temporary, contract, stock;
} hq_balance_line;

/* Everything of a declaration that matters to accounts. Declarations are named by their 11 leading
 * digits as a number. */
typedef struct hq_balance_claim hq_balance_claim;
struct hq_balance_claim {
    int64_t declaration; /* 0: it has no number yet */
    hq_sv kind, office, trader, agent, actor;
    hq_flow flow;
    hq_day day;
    bool cleared;        /* the goods are through: a partner, an amendment after clearing */
    hq_day return_limit; /* of temporary goods, 0: none stated */
    hq_sv warehouse;     /* where bonded goods go in */
    hq_code4 currency;
    hq_sv counterpart; /* tax code of the other party as stated, of an export; may be empty */
    const hq_balance_line *lines;
    size_t line_count;
    hq_sv linked;                    /* the export that an import on the spot names, as written */
    const hq_balance_claim *partner; /* that export; NULL: there is none, or it is no such one */
};

/* Why an account does not let the declaration through: the code of a rule and the arguments of its
 * text. */
#define HQ_BALANCE_FAULTS_MAX 100
typedef struct {
    const char *rule;
    hq_sv path, value; /* JSON pointer into the declaration; JSON text of what was seen */
    hq_sv args[4];
    size_t arg_count;
} hq_balance_fault;
typedef struct {
    hq_balance_fault items[HQ_BALANCE_FAULTS_MAX];
    size_t count;
    hq_arena *arena; /* of all texts */
} hq_balance_faults;

/* Does the kind need an account on that day, or open one? Otherwise a declaration that names none
 * has no claim. */
bool hq_balance_concerns(const hq_ref *ref, hq_sv kind, hq_day day);
/* As of now and without changing anything; on a snapshot or in a transaction. HQ_OK also with
 * faults. `claim->declaration` 0 counts nothing as drawn before. */
hq_status hq_balance_check(hq_balance_faults *faults, hq_tx *tx, const hq_ref *ref,
                           const hq_balance_claim *claim);
/* Brings the accounts to what the declaration asks: draws, announces and opens at registration; at
 * an amendment, with the same number, only the difference moves. INVALID with faults; nothing is
 * written then. *draws (faults->arena) is a JSON array for the record, "[]" when nothing was asked.
 */
hq_status hq_balance_apply(hq_sv *draws, hq_balance_faults *faults, hq_tx *tx, const hq_ref *ref,
                           const hq_balance_claim *claim);
/* Gives everything back that the declaration holds, whatever its state. CONFLICT with *why (tx
 * arena) when others have already drawn from what it brought in. */
hq_status hq_balance_undo(hq_tx *tx, int64_t declaration, hq_sv actor, hq_why *why);
/* Its goods are through: what it opened may be drawn from on, what it announced counts. */
hq_status hq_balance_cleared(hq_tx *tx, int64_t declaration, hq_day day, hq_sv actor);

/* ------------------------------------------------------------------ for others */

/* Every line's figures are the sums of its movements, nothing is below zero or above what was
 * opened, counters and hashes agree. *difference (English, arena) names the first that does not
 * come out. */
hq_status hq_balance_audit(bool *sound, hq_sv *difference, hq_tx *tx, hq_arena *arena);

/* `self` of the table is the hq_balance. */
extern const hq_route hq_balance_routes[];
extern const size_t hq_balance_route_count;
