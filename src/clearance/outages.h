/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside clearance/: times in which the engine could not be used. Legal clocks stand still in them:
 * while one lasts nothing expires, and when it is over every clock that ran is moved by what was
 * lost, with an event on its declaration. The program finds its own outages from its last beat;
 * people declare others (lines to the banks, the network of an office). */

#include "clearance/room.h"

typedef struct {
    int64_t id, version;
    hq_time_us from, to; /* to 0: it lasts */
    bool engine;         /* found by the program */
    hq_sv reason_vi, reason_en, declared_by, ended_by;
    bool moved;
} hq_clr__outage;

/* The first beat of a process that serves: records the outage that its start ended. */
hq_status hq_clr__outages_begin(hq_clearance *clearance);
/* Beats and moves clocks. *standing: an outage lasts or clocks
 * are still to be moved, so nothing may expire now. Before everything else a tick does. */
hq_status hq_clr__outages_tend(hq_clearance *clearance, bool *standing);

hq_status hq_clr__outage_hash(hq_hash32 *out, hq_tx *tx, hq_sv subject);

hq_status hq_clr__get_outages(hq_request *request, void *room);
hq_status hq_clr__post_outage(hq_request *request, void *room);
hq_status hq_clr__post_outage_end(hq_request *request, void *room);

/* outage_rows.c: SQL. */
hq_status hq_clr__outage_insert(hq_tx *tx, hq_clr__outage *outage); /* gives it its id */
hq_status hq_clr__outage_load(hq_clr__outage *out, hq_tx *tx, int64_t id, hq_arena *arena);
hq_status hq_clr__outage_update(hq_tx *tx, const hq_clr__outage *outage);
/* Newest first, below `before` (0: from the newest). */
hq_status hq_clr__outage_list(hq_clr__outage *out, size_t *count, size_t max, hq_tx *tx,
                              int64_t before, hq_arena *arena);
/* The oldest that lasts or whose clocks are to be moved; NOT_FOUND. */
hq_status hq_clr__outage_first_open(hq_clr__outage *out, hq_tx *tx, hq_arena *arena);
hq_status hq_clr__beat_read(hq_time_us *at, hq_tx *tx); /* 0: never */
hq_status hq_clr__beat_write(hq_tx *tx, hq_time_us at);

/* outage_move.c: moves the clocks of all declarations; done when it returns. */
hq_status hq_clr__outage_move_clocks(hq_clearance *clearance, const hq_clr__outage *outage);
