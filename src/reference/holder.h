/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside reference/: the holder of the current snapshot. */

#include <pthread.h>
#include <stdatomic.h>

#include "reference/snapshot.h"
#include "reference/store_rows.h"

#define HQ_REF__SLOTS 32
#define HQ_REF__NONE  0xFF /* slot before the first snapshot */

/* One snapshot and how many hold it, counted from both sides: whoever acquires counts in `current`,
 * whoever releases here, and the sum is settled when the snapshot is replaced. */
typedef struct {
    _Atomic(hq_ref *) ref;
    _Atomic int64_t balance; /* acquisitions (added when replaced) less releases */
} hq_ref__slot;

struct hq_reference {
    hq_store *store;
    /* Low 8 bits: slot of the current snapshot; above: acquisitions since it became current. One
     * addition both reads the slot and counts the reader, so no snapshot can go away in between. */
    _Atomic uint64_t current;
    hq_ref__slot slots[HQ_REF__SLOTS];
    pthread_mutex_t loading; /* one load or swap at a time; readers never take it */
    bool listening;          /* under loading */
    int64_t told;            /* version written as a listener */
    char id[40];             /* of the listener */
    hq_sv (*actor)(const struct hq_caller *caller);
    hq_sv (*office)(const struct hq_caller *caller);
};

/* Puts a snapshot in place of the current one; BUSY when too many old ones are still held. */
hq_status hq_ref__swap(hq_reference *reference, hq_ref *ref);
/* Loads what the store has now and swaps, unless it is loaded already. */
hq_status hq_ref__reload(hq_reference *reference);
/* Waits until other listeners have the version; those that do not answer are taken off the list. */
hq_status hq_ref__await_listeners(hq_reference *reference, int64_t version);

/* A day of the query, `otherwise` when it is not given. */
hq_status hq_ref__day_parameter(hq_day *out, hq_request *request, const char *name,
                                hq_day otherwise);
hq_status hq_ref__post_table(hq_request *request, void *room);
