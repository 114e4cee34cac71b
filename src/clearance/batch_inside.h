/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What batch.c (sheets, threads, order) and batch_intake.c (the connection's side) share. */

#include "clearance/batch.h"
#include "clearance/spool.h"

#define HQ_CLR__BATCH_SHEETS  3 /* of one batch: one is filled, one is read, one is written */
#define HQ_CLR__BATCH_THREADS 16

struct hq_clr__batch {
    hq_intake intake; /* first: what the server knows */
    hq_clr__batches *engine;
    hq_clr__batch *next;
    const hq_clr__trade *trade;
    hq_arena *arena;
    hq_caller *caller;
    /* The connection's worker. */
    hq_clr__sheet *filling;
    int64_t line;  /* of the line in hand */
    bool skipping; /* the rest of a line that was too long */
    /* Under the lock. */
    pthread_mutex_t lock;
    hq_clr__sheet *first, **last; /* sheets in order, until their results are spooled */
    int sheets;
    bool ended, waiting, left;
    hq_clr__spool spool;
    hq_status failed;
};

struct hq_clr__batches {
    hq_clearance *clearance;
    hq_clearance_batch_limits limits;
    pthread_mutex_t lock;
    pthread_cond_t work;
    hq_clr__sheet *tasks, **last_task;
    hq_clr__sheet *spare;
    int spares;
    hq_clr__batch *batches;
    int count;
    int submitted; /* sheets that the writer has */
    bool closing;
    hq_thread threads[HQ_CLR__BATCH_THREADS];
    int thread_count;
};

/* An empty sheet of the batch; NULL without memory. */
hq_clr__sheet *hq_clr__sheet_new(hq_clr__batch *batch);
void hq_clr__sheet_give(hq_clr__batches *engine, hq_clr__sheet *sheet);
/* Its lines are whole: a thread will read them. */
void hq_clr__sheet_ship(hq_clr__sheet *sheet);
/* Under the batch's lock: is there what its connection waits for? */
bool hq_clr__batch_has_room(const hq_clr__batch *batch);
/* Nothing of it is under way any more. */
void hq_clr__batch_forget(hq_clr__batch *batch);
/* The connection's side. */
extern const hq_intake hq_clr__batch_intake;
