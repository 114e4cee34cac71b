/* SPDX-License-Identifier: Apache-2.0 */
#include "notice/room.h"

#include <stdlib.h>

/* The thread that calls webhooks. Of each webhook it delivers in order and stops at the first that
 * fails; what fails is tried again after longer and longer pauses, then the webhook is parked, then
 * ended. It looks at the tables some times a second instead of being woken by the follower, so that
 * neither has to know of the other's life. */

enum {
    BATCH = 20, /* deliveries of one webhook in a row */
    ARENA = 16 * 1024 * 1024,
    ANSWER_MAX = 64 * 1024, /* what an answer says is not read, only that it comes */
    CALL_MS = 10000,
    TURN_US =
        2000000, /* of one webhook; then the others come, however slowly its receiver answers */
    ERROR_MAX = 200,
    IDLE_US = 1000000,
    BUSY_US = 200000 /* while there are webhooks */
};

struct hq_deliverer {
    hq_notice *notice;
    hq_thread thread;
    pthread_mutex_t lock;
    pthread_cond_t wake, looked;
    bool stopping, asked;
    uint64_t started, done; /* looks */
    bool worked;            /* did the last look find anything to do? */
};

/* One webhook and what came of its deliveries. */
typedef struct {
    hq_notice *notice;
    hq_hook hook;
    int64_t positions[BATCH];
    size_t count, answered;
    const char *event; /* what is to be told of it, or NULL */
} round_of;

typedef struct {
    hq_hook *hooks;
    size_t count;
    hq_arena *arena;
    round_of *round;
} reading;

static hq_status read_hooks(hq_tx *tx, void *user)
{
    reading *r = user;
    return hq_notice__hooks_heard(&r->hooks, &r->count, tx, r->arena);
}

static hq_status read_waiting(hq_tx *tx, void *user)
{
    round_of *r = user;
    return hq_notice__waiting(r->positions, &r->count, BATCH, tx, &r->hook.id);
}

/* Only what this thread knows better: the owner may have ended it or asked for a replay meanwhile.
 */
static hq_status keep_round(hq_tx *tx, void *user)
{
    round_of *r = user;
    hq_hook now;
    HQ_TRY(hq_notice__hook_get(&now, tx, &r->hook.id, HQ_SV(""), hq_tx_arena(tx)));
    for (size_t i = 0; i < r->answered; i++) {
        HQ_TRY(hq_notice__unqueue(tx, &r->hook.id, r->positions[i]));
    }
    if (now.state == HQ_HOOK_ENDED) {
        return HQ_DONE;
    }
    if (r->hook.state == HQ_HOOK_ENDED) {
        HQ_TRY(hq_notice__drop(tx, &r->hook.id));
    }
    HQ_TRY(hq_notice__hook_update(tx, &r->hook));
    if (r->event == NULL) {
        return HQ_DONE;
    }
    return hq_notice__hook_event(tx, &r->hook, r->event, HQ_SV("system"), HQ_SV("{}"));
}

/* ------------------------------------------------------------------ one call */

static int64_t pause_us(int64_t failures)
{
    static const int64_t seconds[] = { 5, 30, 120, 600, 1800, 3600, 3 * 3600, 6 * 3600, 12 * 3600 };
    int64_t last = (int64_t)(sizeof seconds / sizeof seconds[0]) - 1;
    int64_t at = failures - 1 < last ? failures - 1 : last;
    return seconds[at < 0 ? 0 : at] * HQ_US_PER_SECOND;
}

static hq_status post(hq_http_reply *reply, const round_of *r, const hq_event_view *view,
                      hq_arena *arena, hq_why *why)
{
    hq_buf body = HQ_BUF_ARENA(arena, 1024 * 1024), id = HQ_BUF_ARENA(arena, 64);
    HQ_TRY(hq_notice__body(&body, view, arena));
    hq_id_write(&id, &view->id);
    int64_t now_s = hq_now(hq_store_clock(r->notice->store)) / HQ_US_PER_SECOND;
    hq_sv name = hq_buf_view(&id);
    hq_sv signature = hq_notice__signature(arena, r->hook.secret, name, now_s, hq_buf_view(&body));
    hq_sv headers[] = {
        HQ_SV("Content-Type: application/cloudevents+json; charset=utf-8"),
        hq_arena_printf(arena, "webhook-id: %.*s", HQ_SV_FMT(name)),
        hq_arena_printf(arena, "webhook-timestamp: %lld", (long long)now_s),
        hq_arena_printf(arena, "webhook-signature: %.*s", HQ_SV_FMT(signature)),
    };
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        if (headers[i].ptr == NULL || signature.ptr == NULL) {
            return HQ_FAIL(NOMEM);
        }
    }
    hq_http_call call = {
        .method = "POST",
        .url = r->hook.url,
        .headers = headers,
        .header_count = sizeof headers / sizeof headers[0],
        .body = hq_buf_view(&body),
        .connect_ms = CALL_MS / 2,
        .total_ms = CALL_MS,
        .answer_max = ANSWER_MAX,
        .public_only = !r->notice->private_ok,
    };
    return hq_http_fetch(reply, why, arena, &call);
}

static void note_failure(round_of *r, hq_sv error)
{
    hq_time_us now = hq_now(hq_store_clock(r->notice->store));
    r->hook.failures++;
    r->hook.due = now + pause_us(r->hook.failures);
    r->hook.error = error;
    if (r->hook.failures >= HQ_NOTICE__ATTEMPTS) {
        r->hook.state = HQ_HOOK_PARKED;
        r->hook.parked_at = now;
        r->event = "webhook.parked";
    }
}

/* Cut to what the row may hold, at a whole character. */
static hq_sv short_error(hq_sv text)
{
    hq_sv cut = hq_sv_sub(text, 0, ERROR_MAX);
    return hq_sv_sub(cut, 0, hq_utf8_valid_prefix(cut));
}

/* True when the delivery at `at` is done with and the next may follow. */
static bool deliver_one(round_of *r, size_t at, hq_arena *arena)
{
    hq_event_view *views = NULL;
    size_t count = 0;
    hq_why why = { 0 };
    hq_http_reply reply = { 0 };
    hq_status s = hq_journal_read(&views, &count, r->notice->store, r->positions[at] - 1, 1, arena);
    if (hq_ok(s) && (count == 0 || views[0].position != r->positions[at])) {
        s = HQ_FAIL(CORRUPT);
    }
    if (hq_ok(s)) {
        s = post(&reply, r, &views[0], arena, &why);
    }
    if (hq_failed(s)) {
        note_failure(r,
                     short_error(why.en.len > 0 ? why.en : hq_sv_from_cstr(hq_status_text_en(s))));
        return false;
    }
    if (reply.http == 410) { /* Gone: the receiver wants no more (Standard Webhooks 1.0) */
        r->hook.state = HQ_HOOK_ENDED;
        r->hook.error = HQ_SV("the receiver answered 410 Gone");
        r->event = "webhook.ended";
        return false;
    }
    if (reply.http < 200 || reply.http > 299) {
        note_failure(r, hq_arena_printf(arena, "the receiver answered %d", reply.http));
        return false;
    }
    r->hook.delivered = r->positions[at];
    r->hook.failures = 0;
    r->hook.due = 0;
    r->hook.error = HQ_SV("");
    r->answered++;
    return true;
}

/* ------------------------------------------------------------------ one look */

static bool must_stop(hq_deliverer *d)
{
    pthread_mutex_lock(&d->lock);
    bool stopping = d->stopping;
    pthread_mutex_unlock(&d->lock);
    return stopping;
}

static bool owner_is_gone(const hq_notice *notice, const hq_hook *hook, hq_arena *arena)
{
    hq_person person;
    return notice->identity != NULL &&
           hq_identity_find(&person, notice->identity, hook->owner, arena).code == HQ_E_NOT_FOUND;
}

/* Ends a webhook that nobody owns or woke any more; true when it did. */
static bool end_if_due(round_of *r, hq_time_us now, hq_arena *arena)
{
    if (owner_is_gone(r->notice, &r->hook, arena)) {
        r->hook.error = HQ_SV("the user or key that made it is no longer valid");
    } else if (r->hook.state == HQ_HOOK_PARKED &&
               now - r->hook.parked_at > HQ_NOTICE__PARKED_LIFE) {
        r->hook.error = HQ_SV("it was parked for seven days");
    } else {
        return false;
    }
    r->hook.state = HQ_HOOK_ENDED;
    r->event = "webhook.ended";
    return true;
}

/* True when it did anything. */
static bool serve_hook(hq_deliverer *d, round_of *r, hq_arena *arena)
{
    hq_time_us now = hq_now(hq_store_clock(d->notice->store));
    bool ends = end_if_due(r, now, arena);
    if (!ends && (r->hook.state != HQ_HOOK_ACTIVE || r->hook.waiting == 0 || r->hook.due > now)) {
        return false;
    }
    if (!ends && hq_failed(hq_store_read(d->notice->store, read_waiting, r))) {
        return false;
    }
    int64_t until = hq_os_monotonic_us() + TURN_US;
    for (size_t i = 0; i < r->count && hq_os_monotonic_us() < until && !must_stop(d); i++) {
        if (!deliver_one(r, i, arena)) {
            break;
        }
    }
    /* What cannot be noted down is delivered once more: receivers know an event by its id. */
    return hq_ok(hq_store_write(d->notice->store, keep_round, r));
}

/* One turn over all webhooks; false when there are none. */
static bool look(hq_deliverer *d, bool *worked)
{
    hq_arena *arena = hq_arena_new(ARENA), *calls = hq_arena_new(ARENA);
    reading r = { .arena = arena };
    *worked = false;
    if (arena != NULL && calls != NULL && hq_ok(hq_store_read(d->notice->store, read_hooks, &r))) {
        for (size_t i = 0; i < r.count && !must_stop(d); i++) {
            round_of round = { .notice = d->notice, .hook = r.hooks[i] };
            *worked |= serve_hook(d, &round, calls);
            hq_arena_reset(calls);
        }
    }
    hq_arena_free(calls);
    hq_arena_free(arena);
    return r.count > 0;
}

static void run(void *user)
{
    hq_deliverer *d = user;
    pthread_mutex_lock(&d->lock);
    while (!d->stopping) {
        bool worked = false;
        d->asked = false;
        d->started++;
        pthread_mutex_unlock(&d->lock);
        bool any = look(d, &worked);
        pthread_mutex_lock(&d->lock);
        d->done = d->started;
        d->worked = worked;
        pthread_cond_broadcast(&d->looked);
        if (!worked && !d->asked && !d->stopping) {
            hq_cond_wait_us(&d->wake, &d->lock, any ? BUSY_US : IDLE_US);
        }
    }
    pthread_cond_broadcast(&d->looked);
    pthread_mutex_unlock(&d->lock);
}

hq_status hq_notice__deliverer_start(hq_deliverer **out, hq_notice *notice)
{
    hq_deliverer *d = calloc(1, sizeof *d);
    if (d == NULL) {
        return HQ_FAIL(NOMEM);
    }
    d->notice = notice;
    pthread_mutex_init(&d->lock, NULL); /* none of these can fail without attributes */
    pthread_cond_init(&d->wake, NULL);
    pthread_cond_init(&d->looked, NULL);
    hq_status s = hq_thread_start(&d->thread, "webhooks", run, d);
    if (hq_failed(s)) {
        hq_notice__deliverer_stop(d);
        return s;
    }
    *out = d;
    return HQ_DONE;
}

void hq_notice__deliverer_stop(hq_deliverer *d)
{
    if (d == NULL) {
        return;
    }
    pthread_mutex_lock(&d->lock);
    d->stopping = true;
    pthread_cond_broadcast(&d->wake);
    pthread_mutex_unlock(&d->lock);
    hq_thread_join(&d->thread);
    pthread_cond_destroy(&d->looked);
    pthread_cond_destroy(&d->wake);
    pthread_mutex_destroy(&d->lock);
    free(d);
}

void hq_notice__deliverer_settle(hq_deliverer *d)
{
    pthread_mutex_lock(&d->lock);
    do {
        uint64_t wanted = d->started + 1;
        d->asked = true;
        pthread_cond_broadcast(&d->wake);
        while (d->done < wanted && !d->stopping) {
            pthread_cond_wait(&d->looked, &d->lock);
        }
    } while (d->worked && !d->stopping);
    pthread_mutex_unlock(&d->lock);
}
