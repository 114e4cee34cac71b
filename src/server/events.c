/* SPDX-License-Identifier: Apache-2.0 */
#include "server/events.h"

#include <stdlib.h>

#include "codec/codec.h"
#include "server/state.h"

enum { RING = 4096, PAGE = 500, PAGES_A_TURN = 20 };
#define PENDING_MAX  ((size_t)64 << 10) /* bytes rendered for a stream at once */
#define HEARTBEAT_US (15 * HQ_US_PER_SECOND)
/* A stream ends after this time and its reader comes back: then his rights are looked at again. */
#define LIFE_US    (600 * HQ_US_PER_SECOND)
#define PAGE_BYTES ((size_t)64 << 20)

struct hq_stream {
    hq_stream *before, *after;
    hq_exchange *ex;
    const hq_caller *caller;
    hq_sv kind, subject; /* filters, empty for all */
    int64_t at;          /* last position looked at */
    hq_buf pending;      /* heap */
    size_t sent;         /* of pending */
    int64_t born_us, wrote_us;
    bool live;      /* has once reached the ring */
    bool waiting;   /* suspended until something comes */
    bool replaying; /* suspended, a slow thread reads the journal for it */
    bool ended;
    hq_slow_job job;
};

/* An event with its texts behind it, one piece of the heap. */
typedef struct {
    hq_event_view view;
    char texts[];
} kept;

struct hq_events {
    hq_server *server;
    pthread_mutex_t lock;
    hq_stream *streams;
    _Atomic int count;
    bool ending;
    kept *ring[RING];
    int64_t first, next; /* running numbers of slots: [first, next) are filled */
    int64_t floor;       /* events after this position are in the ring; -1: none has come yet */
    hq_store *store;
};

/* ------------------------------------------------------------------ the ring */

static kept *copy_event(const hq_event_view *from)
{
    hq_event e = from->event;
    hq_sv *texts[] = { &e.office, &e.room, &e.kind, &e.subject, &e.actor, &e.payload };
    size_t size = 0;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        size += texts[i]->len;
    }
    kept *copy = malloc(sizeof *copy + size);
    if (copy == NULL) {
        return NULL;
    }
    char *to = copy->texts;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (texts[i]->len > 0) {
            memcpy(to, texts[i]->ptr, texts[i]->len);
        }
        texts[i]->ptr = to;
        to += texts[i]->len;
    }
    e.row_hash = NULL;
    copy->view = *from;
    copy->view.event = e;
    return copy;
}

/* With the lock. */
static bool keep_event(hq_events *events, const hq_event_view *view)
{
    int64_t newest =
        events->next == events->first ? 0 : events->ring[(events->next - 1) % RING]->view.position;
    if (view->position <= newest) {
        return true; /* a batch that failed half-way, or a rebuild, comes once more */
    }
    kept *copy = copy_event(view);
    if (copy == NULL) {
        return false;
    }
    if (events->floor < 0) {
        events->floor = view->position - 1;
    }
    if (events->next - events->first == RING) {
        kept *oldest = events->ring[events->first++ % RING];
        events->floor = oldest->view.position;
        free(oldest);
    }
    events->ring[events->next++ % RING] = copy;
    return true;
}

/* With the lock. */
static void wake_all(hq_events *events)
{
    for (hq_stream *s = events->streams; s != NULL; s = s->after) {
        if (s->waiting) {
            s->waiting = false;
            hq_http_resume(s->ex->server->http, s->ex->wire);
        }
    }
}

static hq_status take_events(hq_tx *tx, const hq_event_view *views, size_t count, void *user)
{
    (void)tx;
    hq_events *events = user;
    hq_status status = HQ_DONE;
    pthread_mutex_lock(&events->lock);
    for (size_t i = 0; i < count && hq_ok(status); i++) {
        status = keep_event(events, &views[i]) ? HQ_DONE : HQ_FAIL(NOMEM);
    }
    wake_all(events);
    pthread_mutex_unlock(&events->lock);
    return status;
}

/* First filled slot after the position. */
static int64_t slot_after(const hq_events *events, int64_t position)
{
    int64_t low = events->first;
    int64_t high = events->next;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (events->ring[middle % RING]->view.position <= position) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* ------------------------------------------------------------------ rendering */

static void write_event(hq_buf *to, const hq_event_view *view, hq_sight sight)
{
    const hq_event *e = &view->event;
    hq_buf_printf(to, "id: %lld\ndata: ", (long long)view->position);
    hq_json_w json = hq_json_writer(to);
    hq_json_open(&json, '{');
    HQ_JSON_KEY(&json, "position");
    hq_json_i64(&json, view->position);
    HQ_JSON_KEY(&json, "kind");
    hq_json_text(&json, e->kind);
    HQ_JSON_KEY(&json, "room");
    hq_json_text(&json, e->room);
    HQ_JSON_KEY(&json, "subject");
    hq_json_text(&json, e->subject);
    HQ_JSON_KEY(&json, "version");
    hq_json_i64(&json, e->version);
    HQ_JSON_KEY(&json, "office");
    hq_json_text_or_null(&json, e->office.len > 0 ? e->office : HQ_SV_NULL);
    HQ_JSON_KEY(&json, "at");
    hq_json_time(&json, e->at);
    if (sight == HQ_SIGHT_WHOLE) {
        HQ_JSON_KEY(&json, "actor");
        hq_json_text(&json, e->actor);
        HQ_JSON_KEY(&json, "payload");
        if (e->payload.len > 0) {
            hq_json_raw(&json, e->payload);
        } else {
            hq_json_null(&json);
        }
    }
    hq_json_close(&json, '}');
    hq_buf_lit(to, "\n\n");
}

static void offer(hq_stream *s, const hq_event_view *view)
{
    const hq_server_options *o = &s->ex->server->options;
    s->at = view->position;
    if ((s->kind.len > 0 && !hq_sv_starts(view->event.kind, s->kind)) ||
        (s->subject.len > 0 && !hq_sv_eq(view->event.subject, s->subject))) {
        return;
    }
    hq_sight sight = o->sight == NULL ? HQ_SIGHT_NONE : o->sight(s->caller, view, o->user);
    if (sight != HQ_SIGHT_NONE) {
        write_event(&s->pending, view, sight);
    }
}

static bool is_full(const hq_stream *s)
{
    return s->pending.len >= PENDING_MAX / 2;
}

/* With the lock. */
static void fill_from_ring(hq_events *events, hq_stream *s)
{
    for (int64_t i = slot_after(events, s->at); i < events->next && !is_full(s); i++) {
        offer(s, &events->ring[i % RING]->view);
    }
}

/* ------------------------------------------------------------------ replay */

static hq_status read_page(hq_stream *s, bool *more)
{
    hq_event_view *views;
    size_t count;
    hq_arena *arena = hq_arena_new(PAGE_BYTES);
    if (arena == NULL) {
        return HQ_FAIL(NOMEM);
    }
    hq_status status =
        hq_journal_read(&views, &count, s->ex->server->options.store, s->at, PAGE, arena);
    for (size_t i = 0; hq_ok(status) && i < count && !is_full(s); i++) {
        offer(s, &views[i]);
    }
    *more = hq_ok(status) && count == PAGE && !is_full(s);
    hq_arena_free(arena);
    return status;
}

/* In a slow thread. The stream is suspended and belongs to it. */
static void replay(void *user)
{
    hq_stream *s = user;
    hq_events *events = s->ex->server->events;
    bool more = true;
    hq_status status = HQ_DONE;
    for (int i = 0; i < PAGES_A_TURN && more && hq_ok(status); i++) {
        status = read_page(s, &more);
    }
    pthread_mutex_lock(&events->lock);
    s->ended = s->ended || hq_failed(status);
    s->replaying = false;
    hq_http_resume(s->ex->server->http, s->ex->wire);
    pthread_mutex_unlock(&events->lock);
}

typedef enum { READY, SUSPENDED, ENDED } outcome;

/* With the lock. */
static bool needs_journal(const hq_events *events, const hq_stream *s)
{
    return events->floor < 0 ? s->at < hq_journal_head(events->store) : s->at < events->floor;
}

static outcome start_replay(hq_stream *s)
{
    if (!hq_http_suspend(s->ex->server->http, s->ex->wire)) {
        return ENDED;
    }
    s->replaying = true;
    s->job = (hq_slow_job){ .run = replay, .user = s };
    if (!hq_slow_submit(s->ex->server->slow, s->ex->compiled->route->pool, &s->job)) {
        s->replaying = false;
        s->ended = true;
        hq_http_resume(s->ex->server->http, s->ex->wire);
    }
    return SUSPENDED;
}

/* ------------------------------------------------------------------ the stream */

static int64_t send_pending(hq_stream *s, char *to, size_t max)
{
    size_t left = s->pending.len - s->sent;
    size_t len = left < max ? left : max;
    memcpy(to, s->pending.ptr + s->sent, len);
    s->sent += len;
    if (s->sent == s->pending.len) {
        hq_buf_clear(&s->pending);
        s->sent = 0;
    }
    s->wrote_us = hq_os_monotonic_us();
    return (int64_t)len;
}

/* With the lock. After SUSPENDED the stream may already be in other hands. */
static outcome next_bytes(hq_events *events, hq_stream *s)
{
    int64_t now = hq_os_monotonic_us();
    if (s->ended || events->ending || now - s->born_us > LIFE_US) {
        return ENDED;
    }
    if (needs_journal(events, s)) {
        if (s->live) {
            return ENDED;
        }
        return start_replay(s);
    }
    s->live = true;
    fill_from_ring(events, s);
    if (s->pending.len == 0 && now - s->wrote_us >= HEARTBEAT_US) {
        hq_buf_lit(&s->pending, ": \n\n");
    }
    if (hq_failed(hq_buf_status(&s->pending))) {
        return ENDED;
    }
    if (s->pending.len > 0) {
        return READY;
    }
    s->waiting = hq_http_suspend(s->ex->server->http, s->ex->wire);
    return s->waiting ? SUSPENDED : ENDED;
}

static int64_t read_stream(void *user, char *to, size_t max)
{
    hq_stream *s = user;
    hq_events *events = s->ex->server->events;
    if (s->pending.len > 0) {
        return send_pending(s, to, max);
    }
    pthread_mutex_lock(&events->lock);
    outcome result = next_bytes(events, s);
    pthread_mutex_unlock(&events->lock);
    switch (result) {
    case READY:
        return send_pending(s, to, max);
    case SUSPENDED:
        return 0;
    case ENDED:
        break;
    }
    return -1;
}

static bool join(hq_events *events, hq_stream *s)
{
    pthread_mutex_lock(&events->lock);
    bool room = !events->ending && events->count < s->ex->server->options.limits.event_clients;
    if (room) {
        s->after = events->streams;
        if (s->after != NULL) {
            s->after->before = s;
        }
        events->streams = s;
        events->count++;
    }
    pthread_mutex_unlock(&events->lock);
    return room;
}

void hq_events_leave(hq_events *events, hq_stream *s)
{
    pthread_mutex_lock(&events->lock);
    if (s->before != NULL) {
        s->before->after = s->after;
    } else {
        events->streams = s->after;
    }
    if (s->after != NULL) {
        s->after->before = s->before;
    }
    events->count--;
    pthread_mutex_unlock(&events->lock);
    hq_buf_free(&s->pending);
}

static hq_status start_position(int64_t *out, hq_request *request, hq_store *store)
{
    hq_sv text = request->last_event_id;
    if (text.len == 0) {
        text = hq_request_query(request, "after");
    }
    *out = hq_journal_head(store);
    if (text.len == 0) {
        return HQ_DONE;
    }
    int64_t head = *out;
    if (!hq_sv_i64(out, text) || *out < 0) {
        request->answer.why = (hq_why){ .path = HQ_SV("/query/after"),
                                        .vi = HQ_SV("Vị trí phải là số nguyên không âm"),
                                        .en = HQ_SV("A position is a whole number, not negative") };
        return HQ_FAIL(INVALID);
    }
    /* From another database or the future: nothing is missing, so what comes is all there is. */
    *out = *out > head ? head : *out;
    return HQ_DONE;
}

hq_status hq_events_get(hq_request *request, void *room)
{
    hq_server *server = room;
    hq_exchange *ex = hq_exchange_of(request);
    hq_stream *s = HQ_NEW(request->arena, hq_stream);
    if (s == NULL) {
        return HQ_FAIL(NOMEM);
    }
    HQ_TRY(start_position(&s->at, request, server->options.store));
    s->ex = ex;
    s->caller = request->caller;
    s->kind = hq_request_query(request, "kind");
    s->subject = hq_request_query(request, "subject");
    s->born_us = s->wrote_us = hq_os_monotonic_us();
    s->pending = HQ_BUF_HEAP((size_t)16 << 20);
    hq_buf_printf(&s->pending, "retry: 2000\n: from %lld\n\n", (long long)s->at);
    if (!join(server->events, s)) {
        hq_buf_free(&s->pending);
        return HQ_FAIL(BUSY);
    }
    /* A stream is counted among streams, not among what is handled now. */
    hq_limiter_leave(server->limiter, ex->compiled->route->pool);
    ex->counted = false;
    ex->stream = s;
    ex->reply.read = read_stream;
    ex->reply.read_user = s;
    request->answer.content_type = HQ_SV("text/event-stream; charset=utf-8");
    return HQ_DONE;
}

/* ------------------------------------------------------------------ life */

hq_events *hq_events_new(hq_server *server)
{
    hq_events *events = calloc(1, sizeof *events);
    if (events != NULL) {
        pthread_mutex_init(&events->lock, NULL);
        events->server = server;
        events->store = server->options.store;
        events->floor = -1;
    }
    return events;
}

hq_status hq_events_follow(hq_events *events)
{
    hq_follower follower = {
        .name = "server.events",
        .take = take_events,
        .user = events,
        .gather_us = 20000,
        .in_memory = true,
    };
    return hq_store_follow(events->store, &follower);
}

void hq_events_end(hq_events *events)
{
    pthread_mutex_lock(&events->lock);
    events->ending = true;
    wake_all(events);
    pthread_mutex_unlock(&events->lock);
}

void hq_events_free(hq_events *events)
{
    if (events == NULL) {
        return;
    }
    for (int64_t i = events->first; i < events->next; i++) {
        free(events->ring[i % RING]);
    }
    pthread_mutex_destroy(&events->lock);
    free(events);
}

void hq_events_tick(hq_events *events)
{
    int64_t now = hq_os_monotonic_us();
    pthread_mutex_lock(&events->lock);
    for (hq_stream *s = events->streams; s != NULL; s = s->after) {
        if (s->waiting && (now - s->wrote_us >= HEARTBEAT_US || now - s->born_us > LIFE_US)) {
            s->waiting = false;
            hq_http_resume(s->ex->server->http, s->ex->wire);
        }
    }
    pthread_mutex_unlock(&events->lock);
}

int hq_events_count(const hq_events *events)
{
    return events->count;
}
