/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside clearance/: parcels of the low-value flow. A parcel is a declaration like any other, with
 * a row, a number, a channel, debts and a life; what it does not have is an event of its own for
 * being registered. All parcels that one closure registers for one office and flow are a group:
 * their numbers follow each other, one event (subject parcels/ and the first number) tells of them,
 * and the group's row keeps the hash of each parcel as it was then, so that an altered one shows.
 * Every later step of a parcel is an event of its own. */

#include "clearance/batch.h"
#include "clearance/filing.h"

/* ------------------------------------------------------------------ references (parcel_refs.c) */

/* Which references senders have used, in memory: eight bytes of a hash and the number. The newest
 * 15 to 30 days; every hit is proved on the declaration itself. */
typedef struct hq_clr__refs hq_clr__refs;
hq_status hq_clr__refs_open(hq_clr__refs **out, hq_clearance *clearance);
void hq_clr__refs_close(hq_clr__refs *refs);
uint64_t hq_clr__ref_print(hq_sv tax_code, hq_sv reference);
/* The declaration that had it, 0 none. */
int64_t hq_clr__refs_find(hq_clr__refs *refs, uint64_t print);
/* Takes in the groups that became durable, also those of other processes. */
hq_status hq_clr__refs_catch_up(hq_clr__refs *refs);
/* Newest number of a flow that has been taken in. */
int64_t hq_clr__refs_known(hq_clr__refs *refs, hq_flow flow);

/* ------------------------------------------------------------------ groups (parcel_rows.c) */

typedef struct {
    int64_t first_id;
    size_t count;
    hq_time_us at;
    hq_sv filer;  /* id of the caller */
    hq_sv prints; /* of the references, le64 each */
    hq_sv hashes; /* of the rows as registered, 32 bytes each */
} hq_clr__group;

void hq_clr__group_hash(hq_hash32 *out, const hq_clr__group *group, hq_arena *arena,
                        hq_status *status);
hq_status hq_clr__group_insert(hq_tx *tx, const hq_clr__group *group);
hq_status hq_clr__group_row_hash(hq_hash32 *out, hq_tx *tx, hq_sv subject);
/* References of groups that are newer than `known` of each flow; `fn` for each. */
typedef void (*hq_clr__print_fn)(void *user, uint64_t print, int64_t id);
hq_status hq_clr__group_prints(hq_tx *tx, const int64_t known[2], hq_clr__print_fn fn, void *user);
hq_status hq_clr__group_prints_since(hq_tx *tx, hq_time_us from, hq_clr__print_fn fn, void *user);
/* `count` numbers that follow each other, out of this very transaction; what is not used of the end
 * goes back. */
hq_status hq_clr__ids_take(int64_t *first, hq_tx *tx, hq_flow flow, size_t count);
hq_status hq_clr__ids_back(hq_tx *tx, hq_flow flow, int64_t first_unused, size_t count);

/* ------------------------------------------------------------------ one sheet */

typedef enum {
    HQ_CLR__PARCEL_REFUSED, /* has findings */
    HQ_CLR__PARCEL_NEW,
    HQ_CLR__PARCEL_REPEATED, /* the same was registered before: `out` is that one now */
    HQ_CLR__PARCEL_CLASHES   /* its reference has another content; out.id has it */
} hq_clr__parcel_fate;

typedef struct {
    hq_clr__filing *filing; /* NULL: no memory for it */
    hq_sv reference;
    uint64_t print; /* 0: no reference that can be read */
    bool valid;     /* as read: no findings of severity error */
    /* Left by the closure, rewritten by each run. */
    hq_clr__parcel_fate fate;
    bool grouped;
    hq_clr__facts facts;
} hq_clr__parcel;

typedef struct {
    hq_request request; /* for the filings: arena and caller */
    hq_clr__parcel parcels[HQ_CLR__SHEET_LINES];
    hq_status failed; /* of the whole sheet, before the writer */
} hq_clr__parcels;

extern const hq_clr__trade hq_clr__parcel_trade;
hq_status hq_clr__parcels_write(hq_tx *tx, void *sheet); /* parcel_write.c */
