/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Face of notice/: what the program tells people and machines by itself. People find notices in the
 * application; machines of declarants get signed webhooks (Standard Webhooks signature over a
 * CloudEvents 1.0 body) about their own declarations. Both are made by a follower of the journal,
 * off the commit path, and nothing is lost when the program stops in between. */

#include "base/base.h"
#include "codec/codec.h"
#include "identity/identity.h"
#include "os/os.h"
#include "store/store.h"

typedef struct hq_notice hq_notice;
extern const hq_store_room hq_notice_room;

typedef struct {
    hq_store *store;
    hq_identity *identity;
    /* Nothing is delivered: for commands that come and go. */
    bool no_delivery;
} hq_notice_options;

/* Starts the follower and the thread that delivers. On a database made for tests or the demo
 * (settings "test", "demo") webhooks may go to private addresses and by plain HTTP. */
hq_status hq_notice_open(hq_notice **out, const hq_notice_options *options);
/* Waits for a delivery that is under way (10 seconds at most). Before the store is closed; NULL is
 * fine. */
void hq_notice_close(hq_notice *notice);
/* Asks the thread that delivers to look now, and waits until it has looked once from its start and
 * found nothing more to do at this moment. For tests and a clock that was moved. */
void hq_notice_settle(hq_notice *notice);

/* ---- notices in the application ---- */

/* To one user, or to everybody of an enterprise in a role. */
typedef struct {
    hq_sv user;           /* "user/...", or empty with the next two */
    hq_sv tax_code, role; /* "0100233488", "declarant" */
    hq_sv kind, subject;  /* "declaration.instructed", "declaration/10000000001" */
    hq_sv vi, en;         /* one sentence */
} hq_notice_new;
/* Inside a write closure. INVALID: to nobody. */
hq_status hq_notice_put(hq_tx *tx, const hq_notice_new *notice);

/* `self` of the table is the hq_notice.
 * GET    /api/v1/notices?unread=&limit=&cursor=   {items, next, unread}
 * POST   /api/v1/notices/{id}/read                {id, unread}
 * POST   /api/v1/notices:read?until={id}          all up to that one
 * POST   /api/v1/webhooks  {"url", "kinds": []}   201 with the secret, shown once
 * GET    /api/v1/webhooks · /{id}
 * DELETE /api/v1/webhooks/{id}
 * POST   /api/v1/webhooks/{id}/replay {"from": position}   also wakes a parked one */
extern const hq_route hq_notice_routes[];
extern const size_t hq_notice_route_count;
