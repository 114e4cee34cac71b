/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside clearance/: results that wait to be sent: in memory while they are few, in a file without
 * a name beyond that, which is gone with the process. One thread at a time. */

#include "os/os.h"

#define HQ_CLR__SPOOL_MEMORY ((size_t)128 << 10)

typedef struct {
    hq_buf memory;
    int file; /* -1: none yet */
    uint64_t len;
    hq_status failed; /* the first failure; nothing is taken after it */
} hq_clr__spool;

void hq_clr__spool_open(hq_clr__spool *spool);
void hq_clr__spool_close(hq_clr__spool *spool);
void hq_clr__spool_add(hq_clr__spool *spool, hq_sv bytes);
/* All of it becomes the answer's body; the spool must outlive the request. */
hq_status hq_clr__spool_answer(hq_clr__spool *spool, hq_request *request);
