/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside clearance/: bodies of many lines (NDJSON) taken as they come, of any length, in memory
 * that does not grow. The connection's worker cuts the stream into sheets of whole lines; threads
 * of the low-value pool read the lines of a sheet and hand the writer one closure for it; when that
 * is durable they write the results, one line each, in the order of the lines, to a file that is
 * sent when the whole body has come. A sender who is faster than the writer is held up: a batch has
 * a few sheets and no more.
 *
 * What a line means is the trade's: parcels (parcels.c) or history (history.c). */

#include "clearance/room.h"

#define HQ_CLR__SHEET_LINES 48
#define HQ_CLR__LINE_MAX    ((size_t)64 << 10) /* of one line, its end not counted */

typedef struct hq_clr__batch hq_clr__batch;
typedef struct hq_clr__sheet hq_clr__sheet;

typedef struct {
    int64_t number; /* of the line in the body, from 1 */
    hq_sv text;     /* trimmed; 64 readable bytes follow it */
    bool too_long;  /* only its beginning was kept */
} hq_clr__batch_line;

/* What is done with the lines. All three run in a thread of the pool but `write`, which is the
 * closure; the sheet's arena is theirs. */
typedef struct {
    /* False: there is nothing to write. */
    bool (*read)(hq_clr__sheet *sheet);
    hq_tx_fn write; /* user is the sheet */
    /* One result a line into sheet->out; `written` is HQ_OK too when nothing was to be written. */
    void (*answer)(hq_clr__sheet *sheet, hq_status written);
} hq_clr__trade;

struct hq_clr__sheet {
    hq_clr__batch *batch;
    hq_clearance *clearance;
    const hq_caller *caller; /* the batch's copy */
    hq_arena *arena;
    hq_clr__batch_line lines[HQ_CLR__SHEET_LINES];
    size_t count;
    hq_buf out;
    void *work; /* the trade's, in the arena */
    /* The engine's. */
    hq_write write;
    hq_status written;
    hq_clr__sheet *next_task, *next_in_order;
    bool submitted, answered;
    size_t len, line_at; /* bytes of text taken; where the line in hand begins */
    char text[HQ_CLR__LINE_MAX + 128];
};

typedef struct hq_clr__batches hq_clr__batches;
hq_status hq_clr__batches_open(hq_clr__batches **out, hq_clearance *clearance,
                               const hq_clearance_batch_limits *limits);
/* No batch may be open any more. NULL is fine. */
void hq_clr__batches_close(hq_clr__batches *batches);

/* Takes the request's body from here on: request->intake. RATE when the sender has as many batches
 * under way as one may, BUSY when all together have; the answer's why says it. */
hq_status hq_clr__batch_begin(hq_clr__batches *batches, hq_request *request,
                              const hq_clr__trade *trade);

hq_status hq_clr__post_batch(hq_request *request, void *room);
hq_status hq_clr__post_import(hq_request *request, void *room);
