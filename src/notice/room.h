/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Private to notice/. */

#include "notice/notice.h"

#define HQ_NOTICE__FOLLOWER    "notice"
#define HQ_NOTICE__URL_MAX     500
#define HQ_NOTICE__HOOKS_MAX   20 /* webhooks of one owner that are not ended */
#define HQ_NOTICE__SECRET_LEN  32
#define HQ_NOTICE__REPLAY_MAX  10000 /* deliveries that one call may queue */
#define HQ_NOTICE__RECIPIENTS  2
#define HQ_NOTICE__ATTEMPTS    10
#define HQ_NOTICE__PARKED_LIFE (7 * HQ_US_PER_DAY)

typedef enum { HQ_HOOK_ACTIVE, HQ_HOOK_PARKED, HQ_HOOK_ENDED } hq_hook_state;

typedef struct {
    hq_id id;
    hq_sv owner, tax_code, url, kinds; /* kinds: names with spaces between, empty: all */
    uint8_t secret[HQ_NOTICE__SECRET_LEN];
    hq_hook_state state;
    int64_t failures;
    hq_time_us due;
    hq_sv error;
    int64_t delivered; /* last position that was answered with success, 0: none */
    hq_time_us parked_at;
    hq_time_us at;
    int64_t waiting;
} hq_hook;

struct hq_notice {
    hq_store *store;
    hq_identity *identity;
    bool private_ok;                /* a database for tests or the demo */
    struct hq_deliverer *deliverer; /* NULL: nothing is delivered */
};

/* ---- kinds.c ---- */

typedef struct {
    hq_sv kind;
    bool notice;
    const char *vi, *en; /* with the number for %s */
} hq_notice_kind;
extern const hq_notice_kind hq_notice__kinds[];
extern const size_t hq_notice__kind_count;
const hq_notice_kind *hq_notice__kind_of(hq_sv kind);
/* The sentence with the number put in. */
hq_sv hq_notice__sentence(hq_arena *arena, const char *pattern, hq_sv number);
/* May the enterprise hear the event? Its payload names it as trader or agent. */
bool hq_notice__concerns(const hq_json *payload, hq_sv tax_code);
/* Is the kind among those that the webhook asked for? */
bool hq_notice__wanted(const hq_hook *hook, hq_sv kind);

/* ---- sign.c ---- */

/* "whsec_" and Base64. */
hq_sv hq_notice__secret_text(hq_arena *arena, const uint8_t secret[HQ_NOTICE__SECRET_LEN]);
/* "v1," and the Base64 of HMAC-SHA-256 over "id.timestamp.body" (Standard Webhooks 1.0). */
hq_sv hq_notice__signature(hq_arena *arena, const uint8_t secret[HQ_NOTICE__SECRET_LEN], hq_sv id,
                           int64_t timestamp_s, hq_sv body);
/* What a declarant gets of an event: CloudEvents 1.0, and of the payload only what is his to hear.
 */
hq_status hq_notice__body(hq_buf *out, const hq_event_view *view, hq_arena *arena);

/* ---- rows_hooks.c ---- */

hq_status hq_notice__hook_add(hq_tx *tx, const hq_hook *hook);
/* NOT_FOUND also when it is another owner's (owner empty: anybody's). */
hq_status hq_notice__hook_get(hq_hook *out, hq_tx *tx, const hq_id *id, hq_sv owner,
                              hq_arena *arena);
hq_status hq_notice__hooks_of(hq_hook **out, size_t *count, hq_tx *tx, hq_sv owner,
                              hq_arena *arena);
/* All that are not ended. */
hq_status hq_notice__hooks_heard(hq_hook **out, size_t *count, hq_tx *tx, hq_arena *arena);
/* State, failures, due, error, delivered and parked_at as in `hook`. */
hq_status hq_notice__hook_update(hq_tx *tx, const hq_hook *hook);
hq_status hq_notice__queue(hq_tx *tx, const hq_id *hook, int64_t position);
hq_status hq_notice__unqueue(hq_tx *tx, const hq_id *hook, int64_t position);
/* All that waits for it. */
hq_status hq_notice__drop(hq_tx *tx, const hq_id *hook);
/* The first positions that wait, at most `max`. */
hq_status hq_notice__waiting(int64_t *out, size_t *count, size_t max, hq_tx *tx, const hq_id *hook);

/* ---- rows_items.c ---- */

typedef struct {
    hq_id id;
    hq_sv kind, subject, vi, en;
    hq_time_us at;
    bool read;
} hq_item;
typedef struct {
    hq_sv recipients[HQ_NOTICE__RECIPIENTS]; /* whose notices the caller sees */
    hq_sv reader;                            /* his id */
} hq_reader;
/* The same at another instant: notices are listed by it. */
hq_status hq_notice__put_at(hq_tx *tx, const hq_notice_new *notice, hq_time_us at);
hq_reader hq_notice__reader_of(hq_arena *arena, const hq_caller *caller);
/* Newest first, before `before` (NULL: from the newest). */
hq_status hq_notice__items(hq_item **out, size_t *count, hq_tx *tx, const hq_reader *reader,
                           bool unread, const hq_id *before, size_t limit, hq_arena *arena);
/* At most 1000 are counted. */
hq_status hq_notice__unread(int64_t *out, hq_tx *tx, const hq_reader *reader);
/* NOT_FOUND when it is nobody's of his. */
hq_status hq_notice__mark(hq_tx *tx, const hq_reader *reader, const hq_id *id);
hq_status hq_notice__mark_until(hq_tx *tx, const hq_reader *reader, const hq_id *id);

/* ---- follow.c ---- */

hq_status hq_notice__take(hq_tx *tx, const hq_event_view *events, size_t count, void *user);

/* ---- deliver.c ---- */

typedef struct hq_deliverer hq_deliverer;
hq_status hq_notice__deliverer_start(hq_deliverer **out, hq_notice *notice);
void hq_notice__deliverer_stop(hq_deliverer *deliverer);
/* See hq_notice_settle. */
void hq_notice__deliverer_settle(hq_deliverer *deliverer);

/* ---- routes_hooks.c ---- */

hq_status hq_notice__post_hook(hq_request *request, void *room);
hq_status hq_notice__get_hooks(hq_request *request, void *room);
hq_status hq_notice__get_hook(hq_request *request, void *room);
hq_status hq_notice__delete_hook(hq_request *request, void *room);
hq_status hq_notice__post_replay(hq_request *request, void *room);
hq_status hq_notice__hook_event(hq_tx *tx, const hq_hook *hook, const char *kind, hq_sv actor,
                                hq_sv payload);
