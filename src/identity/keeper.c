/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/acts.h"

#include <stdlib.h>

/* One thread that writes what may wait a moment, in the lowest class of writes, so that it never
 * holds up a declaration. What waits is bounded: when it is too much, reading is refused, not
 * forgotten. */

#define WAITING_MAX    ((size_t)65536)
#define BATCH_MAX      ((size_t)512)
#define GATHER_US      50000
#define RETRY_US       200000
#define LAST_TRIES     25
#define SWEEP_EVERY_US (30 * HQ_US_PER_SECOND)

struct hq_identity__note {
    hq_event event;
    hq_identity__note *next;
    char texts[];
};

/* ------------------------------------------------------------------ notes */

static hq_identity__note *copy_event(const hq_event *event)
{
    const hq_sv in[] = { event->office,  event->room,  event->kind,
                         event->subject, event->actor, event->payload };
    hq_sv out[sizeof in / sizeof in[0]];
    size_t total = 0;
    for (size_t i = 0; i < sizeof in / sizeof in[0]; i++) {
        total += in[i].len;
    }
    hq_identity__note *note = malloc(sizeof *note + total);
    if (note == NULL) {
        return NULL;
    }
    char *at = note->texts;
    for (size_t i = 0; i < sizeof in / sizeof in[0]; i++) {
        out[i] = hq_sv_make(at, in[i].len);
        if (in[i].len > 0) {
            memcpy(at, in[i].ptr, in[i].len);
        }
        at += in[i].len;
    }
    note->next = NULL;
    note->event = (hq_event){
        .office = out[0],
        .room = out[1],
        .kind = out[2],
        .subject = out[3],
        .version = event->version,
        .actor = out[4],
        .at = event->at,
        .payload = out[5],
    };
    return note;
}

hq_status hq_identity__note_later(hq_identity *identity, const hq_event *event)
{
    hq_identity__keeper *k = &identity->keeper;
    hq_identity__note *note = copy_event(event);
    if (note == NULL) {
        return HQ_FAIL(NOMEM);
    }
    pthread_mutex_lock(&k->lock);
    bool room = k->waiting < WAITING_MAX && !k->stop;
    if (room) {
        *k->last = note;
        k->last = &note->next;
        k->waiting++;
        pthread_cond_signal(&k->wake);
    }
    pthread_mutex_unlock(&k->lock);
    if (!room) {
        free(note);
    }
    return room ? HQ_DONE : HQ_FAIL(BUSY);
}

/* ------------------------------------------------------------------ writing in the lowest class */

typedef struct {
    hq_write write; /* first: the store gives its address back */
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool over;
    hq_status status;
} waited;

static void write_done(hq_write *write, hq_status status)
{
    waited *w = (waited *)(void *)write;
    pthread_mutex_lock(&w->lock);
    w->over = true;
    w->status = status;
    pthread_cond_signal(&w->wake);
    pthread_mutex_unlock(&w->lock);
}

hq_status hq_identity__write_low(hq_identity *identity, hq_tx_fn fn, void *user)
{
    waited w = {
        .write = { .fn = fn, .user = user, .done = write_done, .class_ = HQ_WRITE_FOLLOWER },
    };
    pthread_mutex_init(&w.lock, NULL);
    pthread_cond_init(&w.wake, NULL);
    hq_status s = hq_store_submit(identity->store, &w.write);
    if (hq_ok(s)) {
        pthread_mutex_lock(&w.lock);
        while (!w.over) {
            pthread_cond_wait(&w.wake, &w.lock);
        }
        s = w.status;
        pthread_mutex_unlock(&w.lock);
    }
    pthread_cond_destroy(&w.wake);
    pthread_mutex_destroy(&w.lock);
    return s;
}

static hq_status write_notes(hq_tx *tx, void *user)
{
    for (hq_identity__note *n = user; n != NULL; n = n->next) {
        HQ_TRY(hq_tx_event(tx, &n->event, NULL));
    }
    return HQ_DONE;
}

static void free_notes(hq_identity__note *note)
{
    while (note != NULL) {
        hq_identity__note *next = note->next;
        free(note);
        note = next;
    }
}

/* Moves what waits, at most a batch, into the keeper's own hands. */
static void take_batch(hq_identity__keeper *k)
{
    pthread_mutex_lock(&k->lock);
    hq_identity__note **end = &k->first;
    size_t count = 0;
    while (*end != NULL && count < BATCH_MAX) {
        end = &(*end)->next;
        count++;
    }
    k->held = k->first;
    k->first = *end;
    *end = NULL;
    if (k->first == NULL) {
        k->last = &k->first;
    }
    k->waiting -= count;
    pthread_mutex_unlock(&k->lock);
}

/* A batch that fails stays in hand for the next turn. */
static hq_status flush(hq_identity *identity)
{
    hq_identity__keeper *k = &identity->keeper;
    for (;;) {
        if (k->held == NULL) {
            take_batch(k);
        }
        if (k->held == NULL) {
            return HQ_DONE;
        }
        HQ_TRY(hq_identity__write_low(identity, write_notes, k->held));
        free_notes(k->held);
        k->held = NULL;
    }
}

/* ------------------------------------------------------------------ the thread */

static void wait_us(hq_identity__keeper *k, int64_t us)
{
    pthread_mutex_lock(&k->lock);
    if (!k->stop) {
        hq_cond_wait_us(&k->wake, &k->lock, us);
    }
    pthread_mutex_unlock(&k->lock);
}

/* Sleeps until there is work; false when it is time to end. */
static bool wait_for_work(hq_identity__keeper *k, int64_t sweep_at)
{
    pthread_mutex_lock(&k->lock);
    while (!k->stop && k->first == NULL && k->held == NULL) {
        int64_t left = sweep_at - hq_os_monotonic_us();
        if (left <= 0 || !hq_cond_wait_us(&k->wake, &k->lock, left)) {
            break;
        }
    }
    bool goes_on = !k->stop;
    bool gather = k->first != NULL && k->waiting < BATCH_MAX;
    pthread_mutex_unlock(&k->lock);
    if (goes_on && gather) {
        const struct timespec moment = { .tv_nsec = GATHER_US * 1000L };
        nanosleep(&moment, NULL);
    }
    return goes_on;
}

static void run(void *user)
{
    hq_identity *identity = user;
    hq_identity__keeper *k = &identity->keeper;
    int64_t sweep_at = hq_os_monotonic_us() + SWEEP_EVERY_US;
    while (wait_for_work(k, sweep_at)) {
        if (hq_failed(flush(identity))) {
            wait_us(k, RETRY_US);
        }
        if (hq_os_monotonic_us() >= sweep_at) {
            /* What fails is due again next time. */
            HQ_IGNORE(hq_identity__sweep(identity, false));
            sweep_at = hq_os_monotonic_us() + SWEEP_EVERY_US;
        }
    }
    for (int i = 0; i < LAST_TRIES && hq_failed(flush(identity)); i++) {
        const struct timespec pause = { .tv_nsec = RETRY_US * 1000L };
        nanosleep(&pause, NULL);
    }
    HQ_IGNORE(hq_identity__sweep(identity, true));
}

static void clock_moved(void *user)
{
    HQ_IGNORE(hq_identity__sweep(user, false));
}

hq_status hq_identity__keeper_open(hq_identity *identity)
{
    hq_identity__keeper *k = &identity->keeper;
    k->last = &k->first;
    pthread_mutex_init(&k->lock, NULL);
    pthread_mutex_init(&k->sweeping, NULL);
    pthread_cond_init(&k->wake, NULL);
    k->open = true;
    HQ_TRY(hq_clock_watch(identity->clock, clock_moved, identity));
    k->watching = true;
    return hq_thread_start(&k->thread, "identity", run, identity);
}

void hq_identity__keeper_close(hq_identity *identity)
{
    hq_identity__keeper *k = &identity->keeper;
    if (!k->open) {
        return;
    }
    if (k->watching) {
        hq_clock_unwatch(identity->clock, clock_moved, identity);
    }
    pthread_mutex_lock(&k->lock);
    k->stop = true;
    pthread_cond_broadcast(&k->wake);
    pthread_mutex_unlock(&k->lock);
    hq_thread_join(&k->thread);
    free_notes(k->held); /* the disk refused them to the end */
    free_notes(k->first);
    pthread_cond_destroy(&k->wake);
    pthread_mutex_destroy(&k->sweeping);
    pthread_mutex_destroy(&k->lock);
}

/* ------------------------------------------------------------------ readings */

hq_status hq_identity_record_reading(hq_identity *identity, const hq_caller *caller, hq_sv what,
                                     hq_sv trace_id)
{
    hq_status s;
    hq_buf payload = HQ_BUF_HEAP(4096);
    hq_buf subject = HQ_BUF_HEAP(256);
    hq_json_w json = hq_json_writer(&payload);
    hq_json_open(&json, '{');
    HQ_JSON_KEY(&json, "what");
    hq_json_text(&json, hq_sv_sub(what, 0, 512));
    hq_json_close(&json, '}');
    hq_buf_lit(&subject, "reading/");
    hq_buf_sv(&subject, trace_id);
    s = hq_buf_status(&payload);
    s = hq_ok(s) ? hq_buf_status(&subject) : s;
    if (hq_ok(s)) {
        hq_event event = {
            .office = caller->office,
            .room = HQ_SV("identity"),
            .kind = HQ_SV("personal_data.read"),
            .subject = hq_buf_view(&subject),
            .version = 1,
            .actor = caller->id,
            .at = hq_now(identity->clock),
            .payload = hq_buf_view(&payload),
        };
        s = hq_identity__note_later(identity, &event);
    }
    hq_buf_free(&payload);
    hq_buf_free(&subject);
    return s;
}
