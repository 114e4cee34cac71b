/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside clearance/: 12-digit numbers. Blocks are leased in a transaction of their own and held in
 * memory; the writer takes from them without a statement. A number whose declaration failed goes
 * back and is given again. What nobody got when the process ends, or after it died, is recorded as
 * void. */

#include <pthread.h>

#include "clearance/clearance.h"

#define HQ_CLR__BLOCK     1000
#define HQ_CLR__BLOCKS    16 /* most held at once, of both flows */
#define HQ_CLR__RETURNED  64
#define HQ_CLR__ALIVE_US  (10 * INT64_C(60) * HQ_US_PER_SECOND)
#define HQ_CLR__MARGIN_US (INT64_C(60) * HQ_US_PER_SECOND) /* clocks of two processes apart */

typedef struct {
    int64_t first, last, next; /* next > last: all handed out; first 0: free slot */
    int64_t open;              /* handed out, fate not known yet */
    hq_time_us alive_until;
    hq_flow flow;
} hq_clr__block;

typedef struct hq_clr__lease hq_clr__lease;

typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t idle; /* no lease under way */
    hq_store *store;
    hq_clr__block blocks[HQ_CLR__BLOCKS];
    int64_t returned[HQ_CLR__RETURNED];
    size_t returned_count;
    bool leasing, closed;
    hq_clr__lease *lease; /* the one that may be under way */
    char holder[37];      /* this process, in the store */
} hq_clr__numbers;

hq_status hq_clr__numbers_open(hq_clr__numbers *numbers, hq_store *store);
/* Waits for a lease under way and, when orderly, voids what is left. */
void hq_clr__numbers_close(hq_clr__numbers *numbers, bool orderly);
/* Inside a write closure; zero before its first run. Keeps the number that an earlier run of the
 * same closure got, when it is held. Asks for a further block in time. */
typedef struct {
    int64_t id;
    bool held; /* out of a block in memory, not of this very transaction */
} hq_clr__number;
hq_status hq_clr__number_take(hq_clr__number *number, hq_clr__numbers *numbers, hq_tx *tx,
                              hq_flow flow);
/* After the transaction: the number belongs to a declaration now, or it may be given again. */
void hq_clr__number_used(hq_clr__numbers *numbers, const hq_clr__number *number);
void hq_clr__number_back(hq_clr__numbers *numbers, const hq_clr__number *number);
/* `count` numbers in a row, of this very transaction: they go back with it. */
hq_status hq_clr__numbers_fresh(int64_t *first, hq_tx *tx, hq_flow flow, int64_t count);
/* Records that nobody has these numbers, with an event. */
hq_status hq_clr__numbers_void(hq_tx *tx, int64_t first, int64_t last, hq_sv reason, hq_sv actor);
/* Renews the leases held, voids the numbers of those whose process died. Blocks. */
hq_status hq_clr__numbers_tend(hq_clr__numbers *numbers);
