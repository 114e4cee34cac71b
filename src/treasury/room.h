/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Private to treasury/: the rows of the ledger and what the files of the room share. Functions of
 * rows read or write one table and know no rule; commands decide. */

#include "treasury/treasury.h"

struct hq_treasury {
    hq_store *store;
    hq_reference *reference;
    hq_settled_fn settled;
    void *settled_user;
    hq_owner_fn owner;
    void *owner_user;
};

/* The number under which it owes, by the hook of hq_treasury_on_unknown. */
hq_status hq_tre__owner_of(int64_t *declaration, hq_treasury *treasury, hq_tx *tx);

/* ------------------------------------------------------------------ debts */

/* One tax of a declaration, or the late interest of one. */
typedef struct {
    hq_debt_kind kind;
    hq_tax tax;
    hq_day counted_to; /* TAX: last day whose interest stands in the INTEREST entry, 0 none */
    hq_day since;      /* TAX added by an amendment: interest from this day; 0: the debt's own */
    int64_t owed_vnd, paid_vnd, cancelled_vnd;
} hq_tre__entry;

/* Of each tax: as it was opened, what amendments added to it, and interest. */
#define HQ_TRE__ENTRIES_MAX (HQ_TAX_COUNT * 3)

typedef struct {
    int64_t declaration;
    hq_sv office, tax_code, payer_tax_code;
    hq_time_us opened_at;
    int64_t version;
    char term;
    hq_day due, interest_from; /* 0: none */
    hq_tre__entry entries[HQ_TRE__ENTRIES_MAX];
    size_t entry_count;
} hq_tre__debt;

typedef struct {
    int64_t owed_vnd, paid_vnd, cancelled_vnd;
} hq_tre__sums;

static inline int64_t hq_tre__entry_left(const hq_tre__entry *entry)
{
    return entry->owed_vnd - entry->paid_vnd - entry->cancelled_vnd;
}
hq_tre__sums hq_tre__debt_sums(const hq_tre__debt *debt);
int64_t hq_tre__debt_left(const hq_tre__debt *debt);
/* The entry of that kind and tax that bears the debt's own interest; made when `make`, NULL when
 * absent. */
hq_tre__entry *hq_tre__entry_of(hq_tre__debt *debt, hq_debt_kind kind, hq_tax tax, bool make);
/* What amendments added to a tax; `since` is of a new one, 0: NULL when absent. */
hq_tre__entry *hq_tre__entry_added(hq_tre__debt *debt, hq_tax tax, hq_day since);
/* What is left of a kind and tax in all its entries. */
int64_t hq_tre__tax_left(const hq_tre__debt *debt, hq_debt_kind kind, hq_tax tax);
/* Pays that much of it, the oldest entry first; at most what is left. */
void hq_tre__tax_pay(hq_tre__debt *debt, hq_debt_kind kind, hq_tax tax, int64_t amount_vnd);
/* The day from which the entry bears interest, 0 none. */
static inline hq_day hq_tre__interest_from(const hq_tre__debt *debt, const hq_tre__entry *entry)
{
    return entry->since != 0 ? entry->since : debt->interest_from;
}
hq_status hq_tre__entries_pack(hq_buf *buf, const hq_tre__debt *debt);
hq_status hq_tre__entries_unpack(hq_tre__debt *debt, hq_sv packed);

/* NOT_FOUND. Texts live in the tx arena. */
hq_status hq_tre__debt_get(hq_tre__debt *out, hq_tx *tx, int64_t declaration);
/* *inserted false when the declaration has a row already. Fills *hash with the row's hash. */
hq_status hq_tre__debt_insert(bool *inserted, hq_hash32 *hash, hq_tx *tx, const hq_tre__debt *debt);
/* Writes debt->version over debt->version - 1; RERUN when another was quicker. */
hq_status hq_tre__debt_update(hq_hash32 *hash, hq_tx *tx, const hq_tre__debt *debt);
hq_status hq_tre__debt_hash(hq_hash32 *out, hq_tx *tx, int64_t declaration);

/* ------------------------------------------------------------------ movements */

typedef enum { HQ_TRE__PAID, HQ_TRE__RETURNED, HQ_TRE__OFFSET } hq_tre__cause;
hq_sv hq_tre__cause_name(hq_tre__cause cause);

typedef struct {
    hq_tre__cause cause;
    hq_debt_kind kind;
    hq_tax tax;
    int64_t amount_vnd; /* signed */
    hq_sv payer_tax_code, bank, reference;
} hq_tre__posting;
/* `place` below 1024, distinct within one version of the debt. */
hq_status hq_tre__post(hq_tx *tx, const hq_tre__debt *debt, size_t place,
                       const hq_tre__posting *posting);

/* Moves a payer's credit and writes its entry and event. CONFLICT below zero. */
typedef struct {
    hq_sv tax_code;
    hq_tre__cause cause; /* PAID: money of a payment that found no debt */
    int64_t amount_vnd;  /* signed */
    int64_t declaration; /* 0 for PAID */
    hq_sv bank, reference, actor;
} hq_tre__credit;
hq_status hq_tre__credit_move(hq_tx *tx, const hq_tre__credit *move);
hq_status hq_tre__credit_hash(hq_hash32 *out, hq_tx *tx, hq_sv tax_code);
hq_status hq_tre__credit_balance(int64_t *out, hq_tx *tx, hq_sv tax_code);

/* Money of this declaration that lies as credit with its payers pays what is open; places of the
 * postings begin at *place. */
hq_status hq_tre__offset_returned(hq_tre__debt *debt, hq_tx *tx, size_t *place, hq_sv actor);
/* When a debt of its term that was opened at opened_at is due. */
void hq_tre__set_due(hq_tre__debt *debt, hq_reference *reference);

/* What was paid for a declaration, by payer: its postings summed. */
typedef struct {
    hq_sv payer_tax_code;
    hq_debt_kind kind;
    hq_tax tax;
    int64_t amount_vnd;
} hq_tre__paid;
hq_status hq_tre__paid_for(hq_tre__paid **out, size_t *count, hq_tx *tx, int64_t declaration);
/* Credit that came back from this declaration and was not used for it again, by payer. */
hq_status hq_tre__returned_from(hq_tre__paid **out, size_t *count, hq_tx *tx, int64_t declaration);

/* ------------------------------------------------------------------ guarantees */

typedef struct {
    hq_sv id, bank, number;
    bool general;
    hq_sv tax_code;
    int64_t declaration;
    bool named;
    int64_t limit_vnd, reserved_vnd;
    hq_day valid_from, valid_to, first_valid_to;
    bool cancelled;
    int64_t version;
    hq_time_us registered_at;
} hq_tre__guarantee;

hq_status hq_tre__guarantee_get(hq_tre__guarantee *out, hq_tx *tx, hq_sv id);
hq_status hq_tre__guarantee_by_bank(hq_tre__guarantee *out, hq_tx *tx, hq_sv bank, hq_sv number);
hq_status hq_tre__guarantee_by_trader(hq_tre__guarantee *out, hq_tx *tx, hq_sv tax_code,
                                      hq_sv number);
/* *inserted false when bank or trader has one of that number already. */
hq_status hq_tre__guarantee_insert(bool *inserted, hq_tx *tx, const hq_tre__guarantee *guarantee);
/* Writes guarantee->version over the one before, never past its limit; RERUN when it moved. */
hq_status hq_tre__guarantee_update(hq_tx *tx, const hq_tre__guarantee *guarantee);
hq_status hq_tre__guarantee_hash(hq_hash32 *out, hq_tx *tx, hq_sv id);
/* After `after_id`, at most max; empty filters let all through. */
typedef struct {
    hq_sv bank, tax_code, after_id;
    size_t max;
} hq_tre__guarantee_page;
hq_status hq_tre__guarantee_list(hq_tre__guarantee **out, size_t *count, hq_tx *tx,
                                 const hq_tre__guarantee_page *page);
/* Row written: its event, with payload members `more` ("\"held\":5") beside number and reserved. */
hq_status hq_tre__guarantee_event(hq_tx *tx, const hq_tre__guarantee *guarantee, const char *kind,
                                  hq_sv more, hq_sv actor);

typedef struct {
    int64_t declaration;
    hq_sv guarantee;
    int64_t held_vnd, version;
} hq_tre__reservation;
/* NOT_FOUND. */
hq_status hq_tre__reservation_get(hq_tre__reservation *out, hq_tx *tx, int64_t declaration);
/* version 1 inserts, others write over the one before. */
hq_status hq_tre__reservation_put(hq_tx *tx, const hq_tre__reservation *reservation);
/* Lets the declaration hold at most `keep_vnd`; `unbind`: a guarantee that the bank bound to no
 * declaration is free again. `kind` is the event's. */
hq_status hq_tre__cover_lower(hq_tx *tx, int64_t declaration, int64_t keep_vnd, bool unbind,
                              const char *kind, hq_sv actor);

hq_status hq_tre__guarantee_extend(hq_tre__guarantee *guarantee, hq_tx *tx, hq_day valid_to,
                                   hq_sv actor, hq_why *why);
hq_status hq_tre__guarantee_cancel(hq_tre__guarantee *guarantee, hq_tx *tx, hq_sv actor,
                                   hq_why *why);

/* ------------------------------------------------------------------ interest */

/* Simple interest on left_vnd for the days after `from` and before `until`, at the dated rates,
 * half up once. A day without a rate bears none. *days (may be NULL) is how many days there were.
 */
hq_status hq_tre__interest(int64_t *out_vnd, int64_t *days, const hq_ref *ref, int64_t left_vnd,
                           hq_day from, hq_day until);
/* Interest of a TAX entry not yet in the INTEREST entry, were it paid on `day`. */
hq_status hq_tre__interest_running(int64_t *out_vnd, const hq_ref *ref, const hq_tre__debt *debt,
                                   const hq_tre__entry *entry, hq_day day);
/* Interest of a tax in the ledger beyond what it would be had the tax always been what it is now. */
hq_status hq_tre__interest_excess(int64_t *out_vnd, hq_tx *tx, hq_tre__debt *debt, hq_tax tax,
                                  const hq_ref *ref);
/* Moves that interest into the INTEREST entry, before money of `day` lowers the tax. */
hq_status hq_tre__accrue(hq_tre__debt *debt, hq_tax tax, const hq_ref *ref, hq_day day);

/* ------------------------------------------------------------------ payments kept */

typedef struct {
    hq_time_us debited_at;
    hq_sv payer_tax_code, lines, answer;
} hq_tre__payment_row;
hq_status hq_tre__payment_get(hq_tre__payment_row *out, hq_tx *tx, hq_sv bank, hq_sv reference);
hq_status hq_tre__payment_insert(hq_hash32 *hash, hq_tx *tx, const hq_payment *payment,
                                 int64_t applied_vnd, int64_t credited_vnd, hq_sv answer);
hq_status hq_tre__payment_hash(hq_hash32 *out, hq_tx *tx, hq_sv bank, hq_sv reference);
/* CONFLICT with *why naming the first field in which what came differs from what was posted. */
hq_status hq_tre__payment_same(const hq_tre__payment_row *row, const hq_payment *payment,
                               hq_arena *arena, hq_why *why);

/* ------------------------------------------------------------------ shared by all */

typedef struct {
    hq_sv office, subject, actor, payload;
    const char *kind;
    int64_t version;
    const hq_hash32 *hash;
} hq_tre__event;
hq_status hq_tre__event_write(hq_tx *tx, const hq_tre__event *event);
hq_sv hq_tre__debt_subject(hq_arena *arena, int64_t declaration);
/* "10000000001" and one digit of amendment, as it is shown. */
hq_sv hq_tre__declaration_text(hq_arena *arena, int64_t declaration);
/* 11 leading digits of 12; false for other text. */
bool hq_tre__declaration_parse(int64_t *out, hq_sv text);
void hq_tre__why(hq_why *why, hq_sv path, hq_sv vi, hq_sv en);

/* Follower that keeps treasury_debtors. */
#define HQ_TRE__DEBTORS "treasury.debtors"
hq_status hq_tre__follow(hq_treasury *treasury);
/* Declarations with open debts of a tax code, from `from` on, at most max. */
hq_status hq_tre__debtor_list(int64_t **out, size_t *count, hq_tx *tx, hq_sv tax_code, int64_t from,
                              size_t max);

/* ------------------------------------------------------------------ requests */

/* Findings of one body, at most 50. */
typedef struct {
    hq_finding items[50];
    size_t count;
    hq_arena *arena;
} hq_tre__found;
void hq_tre__find(hq_tre__found *found, const char *rule, hq_sv path, const hq_json *value,
                  hq_sv vi, hq_sv en);
/* The members must be among names[count]; each other is a finding with the nearest name. */
void hq_tre__only(hq_tre__found *found, const hq_json *object, hq_sv path, const hq_sv *names,
                  size_t count);
/* Required members; a missing or wrong one is a finding and leaves *out empty. */
void hq_tre__member_text(hq_sv *out, hq_tre__found *found, const hq_json *object, hq_sv path,
                         const char *name, size_t max);
void hq_tre__member_vnd(int64_t *out, hq_tre__found *found, const hq_json *object, hq_sv path,
                        const char *name);
void hq_tre__member_day(hq_day *out, hq_tre__found *found, const hq_json *object, hq_sv path,
                        const char *name);
void hq_tre__member_tax_code(hq_sv *out, hq_tre__found *found, const hq_json *object, hq_sv path,
                             const char *name);
/* Body of a request as an object. */
hq_status hq_tre__body(const hq_json **out, hq_request *request);
/* INVALID with the findings in the answer when there are any. */
hq_status hq_tre__found_status(hq_request *request, const hq_tre__found *found);
hq_status hq_tre__limit(size_t *out, hq_request *request);

hq_status hq_tre__get_debts(hq_request *request, void *room);
hq_status hq_tre__post_payment(hq_request *request, void *room);
hq_status hq_tre__post_guarantee(hq_request *request, void *room);
hq_status hq_tre__post_extend(hq_request *request, void *room);
hq_status hq_tre__post_cancel(hq_request *request, void *room);
hq_status hq_tre__list_guarantees(hq_request *request, void *room);
hq_status hq_tre__get_guarantee(hq_request *request, void *room);
