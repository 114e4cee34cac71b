/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Private to server/: the journal as a live stream (server-sent events).
 *
 * One follower keeps the newest events in a ring; a stream is a position in the journal and nothing
 * else, so that no queue grows for a slow reader: what left the ring before he took it ends his
 * stream, and he may come back with Last-Event-ID, which is then read from the journal. */

#include "server/exchange.h"

typedef struct hq_events hq_events;

/* NULL without memory. */
hq_events *hq_events_new(hq_server *server);
/* Registers the follower with the store: from here on `events` must outlive it. */
hq_status hq_events_follow(hq_events *events);
/* Ends all streams; none can start any more. */
void hq_events_end(hq_events *events);
/* After the store is closed, if it follows. NULL is fine. */
void hq_events_free(hq_events *events);
/* Five times a second: heartbeats, streams that have lived long enough. */
void hq_events_tick(hq_events *events);
int hq_events_count(const hq_events *events);
/* GET /api/v1/events */
hq_status hq_events_get(hq_request *request, void *server);
/* The connection of a stream is gone. */
void hq_events_leave(hq_events *events, hq_stream *stream);
