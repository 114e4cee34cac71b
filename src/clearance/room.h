/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside clearance/: the room itself and what its files share. */

#include <pthread.h>

#include "clearance/clearance.h"
#include "clearance/numbers.h"
#include "clearance/transitions.h"

#define HQ_CLR__AWAIT_US   (2 * HQ_US_PER_SECOND)
#define HQ_CLR__RECORD_MAX ((size_t)32 << 20) /* 4,950 lines under long sources */

#define HQ_CLR__LONG_BODY    ((size_t)256 << 10) /* from here on no work for a worker */

struct hq_clearance {
    hq_store *store;
    hq_reference *reference;
    hq_identity *identity;
    hq_risk *risk;
    hq_treasury *treasury;
    const hq_clock *clock;
    hq_clr__numbers numbers;
    uint8_t tracking_key[32];
    hq_loop *loop; /* that ticks, or NULL */
    hq_timer timer;
    struct hq_clr__index *index; /* search: index.h */
    struct hq_clr__refs *refs;       /* references of parcels: parcels.h */
    struct hq_clr__batches *batches; /* batch.h */
    struct hq_upl__engine *uploads;  /* upload.h */
    bool beats;                  /* this process has said that it serves (outages.h) */
    hq_time_us last_beat;
};

/* Frees the room without writing anything, as if its process had died: for tests. */
void hq_clr__drop(hq_clearance *clearance);

/* Expires the pre-registrations that are due; *next is when the next one is. */
hq_status hq_clr__expire_due(hq_clearance *clearance, hq_time_us *next);
/* Treasury's hook: nothing is owed any more. */
hq_status hq_clr__settled(hq_tx *tx, int64_t declaration, hq_sv actor, void *user);

/* The legal clock a declaration is under; 0 when none runs. */
struct hq_clr__row;
hq_time_us hq_clr__due_of(const struct hq_clr__row *row);

/* Code that lets a stranger look at the steps of one declaration. */
hq_sv hq_clr__tracking_code(char text[10], const hq_clearance *clearance, int64_t id);
/* Code on the pass list, scanned or typed when the goods pass. */
/* Is that the code, as it may be typed: any case, the hyphen or not? */
bool hq_clr__same_code(hq_sv expected, hq_sv given);
hq_sv hq_clr__pass_code(char text[10], const hq_clearance *clearance, int64_t id);

/* Sets the answer's why and returns `status`. */
hq_status hq_clr__refuse(hq_request *request, hq_status status, hq_sv path, const char *vi,
                         const char *en);
#define HQ_CLR__REFUSE(request, code, path, vi, en)                                                \
    hq_clr__refuse((request), HQ_FAIL(code), HQ_SV(path), (vi), (en))
