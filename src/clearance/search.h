/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside clearance/: one question to the lists. What may be the case is found by entries and
 * blocks; what is the case is decided on the declaration's row itself. */

#include "clearance/index.h"

#define HQ_CLR__OFFICES_MAX 120

typedef struct {
    /* Asked. */
    hq_sv office, kind, assignee;     /* empty: any */
    uint32_t statuses;                /* bits, 0: any */
    uint32_t channels;                /* bits, 0: any */
    hq_day from, to;                  /* of filing, both included; 0: open */
    hq_sv words[HQ_CLR__QUERY_TERMS]; /* folded beginnings of words */
    size_t word_count;
    int64_t id; /* a number was asked for; 0 none */
    size_t limit;
    int64_t below; /* entries under this seq only: the cursor */
    /* Who asks. */
    const hq_caller *caller;
    const hq_ref *ref;
    hq_day today;
    hq_arena *arena;
    /* Found. */
    hq_clr__row *rows;
    size_t count;
    int64_t next; /* cursor of the next page, -1: there is none */
} hq_clr__search;

/* Inside a read. */
hq_status hq_clr__search_run(hq_clr__search *search, hq_tx *tx);
