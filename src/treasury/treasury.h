/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Face of treasury/: what is owed, by whom, and what was paid; guarantees and what they hold. First
 * form: debts per declaration and tax, payments posted exactly once, guarantees reserved and restored.
 * Sums that must be true at once are read inside the transaction. Tells whoever asked, through one hook
 * inside the same transaction, that a declaration's debts are settled. All functions taking hq_tx run
 * inside a write closure. */

#include "base/base.h"
#include "codec/codec.h"
#include "identity/identity.h"
#include "os/os.h"
#include "reference/reference.h"
#include "store/store.h"

typedef struct hq_treasury hq_treasury;
extern const hq_store_room hq_treasury_room;

/* Called when nothing is owed any more for a declaration that asked; same transaction. */
typedef hq_status (*hq_settled_fn)(hq_tx *tx, int64_t declaration, hq_sv actor, void *user);

hq_status hq_treasury_open(hq_treasury **out, hq_store *store, hq_reference *reference);
void hq_treasury_close(hq_treasury *treasury);
void hq_treasury_on_settled(hq_treasury *treasury, hq_settled_fn fn, void *user);

/* Declarations are named by their 11 leading digits as a number (the twelfth is the amendment). */
typedef struct {
    int64_t declaration;
    hq_sv office, tax_code; /* who owes */
    hq_sv payer_tax_code;   /* agent that pays for him, empty: himself */
    const int64_t *tax_vnd; /* [HQ_TAX_COUNT], zeros open no debt */
    hq_sv actor;
} hq_debts_new;
/* Opens the debts, one row a declaration and tax, one event for all. Nothing owed: no row, *owed 0. */
hq_status hq_debts_open(int64_t *owed_vnd, hq_treasury *treasury, hq_tx *tx, const hq_debts_new *debts);
/* Still open for the declaration. */
hq_status hq_debts_left(int64_t *left_vnd, hq_tx *tx, int64_t declaration);
/* Takes the debts back (cancellation, an assessment replaced); what was paid becomes the payer's
 * credit; reservations are restored. */
hq_status hq_debts_cancel(hq_treasury *treasury, hq_tx *tx, int64_t declaration, hq_sv actor);

typedef struct {
    char term;       /* A individual, B general guarantee, C deferred, D now */
    hq_sv guarantee; /* number */
    int64_t declaration, amount_vnd;
    hq_sv tax_code, kind, office;
    hq_day day;
    hq_sv actor;
} hq_cover_ask;
/* Reserves the amount on the guarantee; HQ_OK covered. INVALID with *rule (E7000.. family) and *why when
 * it cannot be: missing, not this trader, not yet valid, expired, used up. Never over-drawn. */
hq_status hq_cover_reserve(hq_treasury *treasury, hq_tx *tx, const hq_cover_ask *ask, const char **rule,
                           hq_why *why);
hq_status hq_cover_restore(hq_treasury *treasury, hq_tx *tx, int64_t declaration, hq_sv actor);

/* debits = credits over debts, payments, credits and reservations; for kill tests and doctor. */
hq_status hq_treasury_balanced(bool *balanced, hq_sv *difference, hq_tx *tx, hq_arena *arena);

extern const hq_route hq_treasury_routes[];
extern const size_t hq_treasury_route_count;
