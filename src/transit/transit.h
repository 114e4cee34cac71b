/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Face of transit/: goods moved under customs control from one office to another (VNACCS OLA to
 * BIA). Declared, approved where they leave, departed with seals, arrived where they go within a
 * term, or overdue. Sources: Circular 38/2015/TT-BTC art. 50 and 51, clearance.md 1.2 and 1.3. */

#include "base/base.h"
#include "clearance/clearance.h"
#include "codec/codec.h"
#include "identity/identity.h"
#include "os/os.h"
#include "reference/reference.h"
#include "store/store.h"

typedef struct hq_transit hq_transit;
extern const hq_store_room hq_transit_room;

typedef struct {
    hq_store *store;
    hq_reference *reference;
    const hq_clock *clock; /* NULL: the store's */
} hq_transit_options;
/* What `options` names must outlive the room. */
hq_status hq_transit_open(hq_transit **out, const hq_transit_options *options);
void hq_transit_close(hq_transit *transit);

/* Notes by an event which transports are overdue, once each; *next (may be NULL) is when to call
 * again at the latest. Blocks on the store. The same on a loop, by itself. */
hq_status hq_transit_tick(hq_transit *transit, hq_time_us *next);
hq_status hq_transit_tick_on(hq_transit *transit, hq_loop *loop);
void hq_transit_stop_ticking(hq_transit *transit);

/* `self` of the table is the room. */
extern const hq_route hq_transit_routes[];
extern const size_t hq_transit_route_count;
