/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Face of treasury/: what is owed, by whom, and what was paid; guarantees and what they hold. First
 * form: debts per declaration and tax, payments posted exactly once, guarantees reserved and
 * restored. Sums that must be true at once are read inside the transaction. Tells whoever asked,
 * through one hook inside the same transaction, that a declaration's debts are settled. All
 * functions taking hq_tx run inside a write closure. */

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
/* A declaration may have several numbers and owes under one of them. Called for a number that owes
 * nothing: changes it to the one that does, or leaves it. */
typedef hq_status (*hq_owner_fn)(int64_t *declaration, hq_tx *tx, void *user);
void hq_treasury_on_unknown(hq_treasury *treasury, hq_owner_fn fn, void *user);

/* Declarations are named by their 11 leading digits as a number (the twelfth is the amendment). */
typedef struct {
    int64_t declaration;
    hq_sv office, tax_code; /* who owes */
    hq_sv payer_tax_code;   /* agent that pays for him, empty: himself */
    const int64_t *tax_vnd; /* [HQ_TAX_COUNT], zeros open no debt */
    char term; /* of payment, A B C D; 0 is D. Says when it is due and from when interest runs */
    hq_sv actor;
} hq_debts_new;
/* Opens the debts: one debt for each tax, all of a declaration packed in one row (one insert on the
 * hot path), one event for all. Nothing owed: no row, *owed 0. Opened again after hq_debts_cancel
 * (an assessment replaced): what had been paid for this declaration and lies with its payers as
 * credit pays the new debts at once; *owed is what is left to pay then. The hook is not called. */
hq_status hq_debts_open(int64_t *owed_vnd, hq_treasury *treasury, hq_tx *tx,
                        const hq_debts_new *debts);
/* The goods were cleared or released on `day`: from then on interest runs on what a guarantee
 * covers (terms A and B). Nothing to do for other terms or when nothing is owed. */
hq_status hq_debts_cleared(hq_treasury *treasury, hq_tx *tx, int64_t declaration, hq_day day,
                           hq_sv actor);
/* Still open for the declaration, 0 when it owes nothing or is not known. */
hq_status hq_debts_left(int64_t *left_vnd, hq_tx *tx, int64_t declaration);
/* Takes the debts back (cancellation, an assessment replaced); what was paid becomes the payer's
 * credit; reservations are restored. */
hq_status hq_debts_cancel(hq_treasury *treasury, hq_tx *tx, int64_t declaration, hq_sv actor);

typedef struct {
    int64_t declaration;
    hq_sv office, tax_code;
    const int64_t *tax_vnd;   /* [HQ_TAX_COUNT] of the whole declaration as amended */
    char term;                /* of payment as amended, 0 is D */
    hq_time_us registered_at; /* the original's: when its tax fell due is counted from here */
    hq_day gone; /* the goods were cleared or released on that day; 0: they are still held */
    hq_sv actor;
} hq_debts_amendment;
typedef struct {
    int64_t left_vnd;     /* to pay now, interest included */
    int64_t before_vnd;   /* to pay before */
    int64_t returned_vnd; /* of tax paid too much, now its payers' credit */
} hq_debts_amended;
/* The assessment was amended: of each tax that fell the unpaid part is struck off and what was paid
 * too much becomes its payer's credit; of each that rose the difference is owed. What rises while
 * the goods are held is like the rest of the tax; after they are gone it bears interest of its own
 * from the due day of the original declaration (contract, "Debts"). Credit that came from this
 * declaration pays what it owes at once. A guarantee holds no more than is left; it never grows
 * here. Nothing changed: no event. The hook is not called. */
hq_status hq_debts_amend(hq_debts_amended *out, hq_treasury *treasury, hq_tx *tx,
                         const hq_debts_amendment *amendment);

typedef struct {
    char term;       /* A individual, B general guarantee, C deferred, D now */
    hq_sv guarantee; /* number */
    int64_t declaration, amount_vnd;
    hq_sv tax_code, kind, office;
    hq_day day;
    hq_sv actor;
} hq_cover_ask;
/* Reserves the amount on the guarantee; HQ_OK covered. INVALID with *rule and *why (path
 * "/payment/...") when it cannot be: individual E7000 missing or not this trader's, E7001 for
 * another declaration, E7006 cancelled, E7007 not yet valid, E7008 expired, E7009 room too small;
 * general E7021, E7022 (cancelled), E7023, E7024, E7025; term C is for priority enterprises (grade
 * 1), H7050 (a rule of ours). Never over-drawn. Term D is no cover: USAGE. Nothing to cover (amount
 * 0): OK. */
hq_status hq_cover_reserve(hq_treasury *treasury, hq_tx *tx, const hq_cover_ask *ask,
                           const char **rule, hq_why *why);
/* Gives back what the declaration holds. hq_debts_cancel does it by itself; payments release it by
 * themselves as the debt goes down. */
hq_status hq_cover_restore(hq_treasury *treasury, hq_tx *tx, int64_t declaration, hq_sv actor);

typedef enum { HQ_DEBT_TAX, HQ_DEBT_INTEREST, HQ_DEBT_FINE, HQ_DEBT_FEE } hq_debt_kind;
const char *hq_debt_kind_name(hq_debt_kind kind); /* "TAX" */

typedef struct {
    hq_sv declaration; /* 12 digits as the bank wrote them; any amendment digit */
    hq_tax tax;
    hq_debt_kind kind;
    int64_t amount_vnd; /* > 0 */
} hq_payment_line;
#define HQ_PAYMENT_LINES_MAX 200
typedef struct {
    hq_sv bank, reference;
    hq_time_us debited_at;
    hq_sv payer_tax_code;
    const hq_payment_line *lines;
    size_t line_count;
    hq_sv actor;
} hq_payment;
/* Posts once per (bank, reference). *answer (tx arena) is the JSON for the bank; word for word the
 * same again: *repeated and the first answer; other content: CONFLICT with *why naming the field.
 * Money that finds no debt becomes the payer's credit. Calls the hook for each declaration paid in
 * full. */
hq_status hq_payment_post(hq_sv *answer, bool *repeated, hq_treasury *treasury, hq_tx *tx,
                          const hq_payment *payment, hq_why *why);

typedef struct {
    hq_sv bank, number;
    bool general;
    hq_sv tax_code;
    int64_t declaration; /* individual: the one it is for, 0: the first that uses it */
    int64_t limit_vnd;
    hq_day valid_from, valid_to;
    hq_sv actor;
} hq_guarantee_new;
/* Registers once per (bank, number): the same again answers with *repeated, other content CONFLICT
 * with *why. *id (tx arena) names it from then on. */
hq_status hq_guarantee_register(hq_sv *id, bool *repeated, hq_tx *tx,
                                const hq_guarantee_new *guarantee, hq_why *why);

/* debits = credits over debts, payments, credits and reservations; for kill tests and doctor. Each
 * figure is held against the movements it is made of; *difference (English, arena) names the first
 * that does not come out. */
hq_status hq_treasury_balanced(bool *balanced, hq_sv *difference, hq_tx *tx, hq_arena *arena);

/* `self` of the table is the hq_treasury. */
extern const hq_route hq_treasury_routes[];
extern const size_t hq_treasury_route_count;
