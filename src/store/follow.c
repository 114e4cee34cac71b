/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "store/inside.h"

/* One thread a follower: a slow one holds up nobody. Its cursor moves in the same transaction as
 * its writes and only from where the database has it, so that each event counts once, also when two
 * processes run the same follower. */

enum {
    BATCH = 1000,
    PARK_AFTER = 8,         /* failures in a row */
    FIRST_PAUSE_US = 10000, /* doubled with each failure */
    LONGEST_PAUSE_US = 5000000,
    POLL_US = 1000000,
    ARENA_MAX = 1 << 30
};

struct hq_store__following {
    hq_store__following *next;
    hq_store *store;
    hq_follower def;
    hq_thread thread;
    hq_arena *arena;
    /* under store->followers.lock */
    int64_t position;
    unsigned failures, hurry;
    bool known; /* the cursor is loaded */
    bool parked, rebuild;
    hq_status rebuilt;
    char error[160];
};

static hq_sql cursor_get = HQ_SQL_OF("SELECT position FROM store_follower WHERE name = ?1");
static hq_sql cursor_new =
    HQ_SQL_OF("INSERT INTO store_follower (name, position, failures, parked, "
              "error) VALUES (?1, 0, 0, 0, '') ON CONFLICT (name) DO NOTHING");
static hq_sql cursor_move =
    HQ_SQL_OF("UPDATE store_follower SET position = ?3, failures = 0, parked = 0, error = '' "
              "WHERE name = ?1 AND position = ?2");
static hq_sql cursor_zero =
    HQ_SQL_OF("UPDATE store_follower SET position = 0, failures = 0, parked = 0, error = '' "
              "WHERE name = ?1");
static hq_sql cursor_park =
    HQ_SQL_OF("UPDATE store_follower SET failures = ?2, parked = 1, error = ?3 WHERE name = ?1");

static hq_sv name_of(const hq_store__following *f)
{
    return hq_sv_from_cstr(f->def.name);
}

static void lock(hq_store__following *f)
{
    pthread_mutex_lock(&f->store->followers.lock);
}

static void unlock(hq_store__following *f)
{
    pthread_mutex_unlock(&f->store->followers.lock);
}

/* ------------------------------------------------------------------ cursor */

typedef struct {
    hq_store__following *f;
    const hq_event_view *events;
    size_t count;
    int64_t from, to;
} step;

static hq_status load_cursor(hq_tx *tx, void *user)
{
    step *s = user;
    hq_rows rows;
    HQ_TRY(HQ_TX_RUN(tx, &cursor_new, HQ_B_TEXT(name_of(s->f))));
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &cursor_get, HQ_B_TEXT(name_of(s->f))));
    s->from = hq_rows_next(&rows) ? hq_rows_i64(&rows, 0) : 0;
    return hq_rows_end(&rows);
}

static hq_status take_step(hq_tx *tx, void *user)
{
    step *s = user;
    const hq_bind binds[] = { HQ_B_TEXT(name_of(s->f)), HQ_B_I64(s->from), HQ_B_I64(s->to) };
    int64_t changed = 0;
    HQ_TRY(hq_tx_run(tx, &cursor_move, binds, 3, &changed));
    if (changed == 0) {
        return HQ_FAIL(RERUN); /* another process took these events */
    }
    return s->f->def.take(tx, s->events, s->count, s->f->def.user);
}

static hq_status park(hq_tx *tx, void *user)
{
    hq_store__following *f = user;
    return HQ_TX_RUN(tx, &cursor_park, HQ_B_TEXT(name_of(f)), HQ_B_I64(f->failures),
                     HQ_B_TEXT(hq_sv_from_cstr(f->error)));
}

static hq_status start_over(hq_tx *tx, void *user)
{
    hq_store__following *f = user;
    if (f->def.forget != NULL) {
        HQ_TRY(f->def.forget(tx, f->def.user));
    }
    return HQ_TX_RUN(tx, &cursor_zero, HQ_B_TEXT(name_of(f)));
}

static hq_status load(hq_store__following *f)
{
    step s = { .f = f, .from = hq_store__tail_head(f->store->tail) };
    if (!f->def.in_memory) {
        HQ_TRY(hq_store__write_as(f->store, HQ_WRITE_FOLLOWER, load_cursor, &s));
    }
    lock(f);
    f->position = s.from;
    f->known = true;
    pthread_cond_broadcast(&f->store->followers.moved);
    unlock(f);
    return HQ_DONE;
}

/* ------------------------------------------------------------------ steps */

static hq_status take_batch(hq_store__following *f)
{
    step s = { .f = f, .from = f->position };
    hq_event_view *events;
    hq_arena_reset(f->arena);
    HQ_TRY(hq_journal_read(&events, &s.count, f->store, s.from, f->def.batch, f->arena));
    if (s.count == 0) {
        return HQ_DONE;
    }
    s.events = events;
    s.to = events[s.count - 1].position;
    hq_status taken = f->def.in_memory
                          ? f->def.take(NULL, events, s.count, f->def.user)
                          : hq_store__write_as(f->store, HQ_WRITE_FOLLOWER, take_step, &s);
    if (hq_ok(taken)) {
        lock(f);
        f->position = s.to;
        f->failures = 0;
        f->parked = false;
        f->error[0] = '\0';
        pthread_cond_broadcast(&f->store->followers.moved);
        unlock(f);
    }
    return taken;
}

static hq_status rebuild(hq_store__following *f)
{
    hq_status s = !f->def.in_memory ? hq_store__write_as(f->store, HQ_WRITE_FOLLOWER, start_over, f)
                  : f->def.forget != NULL ? f->def.forget(NULL, f->def.user)
                                          : HQ_DONE;
    lock(f);
    if (hq_ok(s)) {
        f->position = 0;
        f->parked = false;
        f->failures = 0;
        f->error[0] = '\0';
    }
    f->rebuilt = s;
    f->rebuild = false;
    pthread_cond_broadcast(&f->store->followers.moved);
    unlock(f);
    return s;
}

/* What may pass by itself (a full disk, a busy database) is tried for ever; what fails by its own
 * fault is parked. */
static void fail(hq_store__following *f, hq_status s)
{
    lock(f);
    f->failures++;
    snprintf(f->error, sizeof f->error, "%s: %s", hq_status_name(s), hq_status_text_en(s));
    f->parked = f->failures >= PARK_AFTER && !hq_status_retryable(s);
    bool parked = f->parked;
    pthread_cond_broadcast(&f->store->followers.moved);
    unlock(f);
    if (parked && !f->def.in_memory) {
        HQ_IGNORE(hq_store__write_as(f->store, HQ_WRITE_FOLLOWER, park, f)); /* memory has it too */
    }
}

/* ------------------------------------------------------------------ thread */

static bool stopping(hq_store__following *f)
{
    lock(f);
    bool yes = f->store->followers.stopping;
    unlock(f);
    return yes;
}

/* Pauses, but not past a stop or a rebuild, nor while somebody waits if that counts. */
static void pause_us(hq_store__following *f, int64_t us, bool may_hurry)
{
    int64_t until = us < 0 ? INT64_MAX : hq_os_monotonic_us() + us;
    lock(f);
    while (!f->store->followers.stopping && !f->rebuild && !(may_hurry && f->hurry > 0)) {
        int64_t left = until - hq_os_monotonic_us();
        if (left <= 0) {
            break;
        }
        hq_cond_wait_us(&f->store->followers.moved, &f->store->followers.lock, left);
    }
    unlock(f);
}

static int64_t pause_after(unsigned failures)
{
    int64_t us = FIRST_PAUSE_US;
    for (unsigned i = 1; i < failures && us < LONGEST_PAUSE_US; i++) {
        us *= 2;
    }
    return us;
}

static void wait_for_events(hq_store__following *f)
{
    int64_t position = f->position;
    int64_t head = hq_store__tail_wait(f->store->tail, position, POLL_US);
    if (head > position && f->def.gather_us > 0 && head - position < (int64_t)f->def.batch) {
        pause_us(f, f->def.gather_us, true);
    }
}

static void go_on(hq_store__following *f)
{
    lock(f);
    bool wanted = f->rebuild, parked = f->parked, known = f->known;
    unlock(f);
    hq_status s = HQ_DONE;
    if (!known) {
        s = load(f);
    } else if (wanted) {
        s = rebuild(f);
    } else if (parked) {
        pause_us(f, -1, false);
    } else {
        wait_for_events(f);
        s = stopping(f) ? HQ_DONE : take_batch(f);
    }
    if (s.code == HQ_E_RERUN) {
        s = load(f);
    }
    if (hq_failed(s) && !wanted) {
        fail(f, s);
        pause_us(f, pause_after(f->failures), false);
    }
}

static void follow_main(void *user)
{
    hq_store__following *f = user;
    while (!stopping(f)) {
        go_on(f);
    }
}

/* ------------------------------------------------------------------ face */

static hq_store__following *find(hq_store *store, const char *name)
{
    hq_store__following *f = store->followers.first;
    while (f != NULL && !hq_sv_eq(name_of(f), hq_sv_from_cstr(name))) {
        f = f->next;
    }
    return f;
}

hq_status hq_store_follow(hq_store *store, const hq_follower *follower)
{
    if (store->place.read_only || follower->name == NULL || follower->take == NULL) {
        return HQ_FAIL(USAGE);
    }
    hq_store__following *f = calloc(1, sizeof *f);
    hq_arena *arena = hq_arena_new(ARENA_MAX);
    if (f == NULL || arena == NULL) {
        free(f);
        hq_arena_free(arena);
        return HQ_FAIL(NOMEM);
    }
    f->store = store;
    f->arena = arena;
    f->def = *follower;
    f->def.batch = follower->batch == 0 ? BATCH : follower->batch;
    hq_status s = f->def.in_memory ? load(f) : HQ_DONE; /* from now on, not from a moment later */
    lock(f);
    bool there = find(store, follower->name) != NULL;
    if (hq_ok(s) && !there) {
        s = hq_thread_start(&f->thread, "hq-follower", follow_main, f);
    }
    if (hq_ok(s) && !there) {
        f->next = store->followers.first;
        store->followers.first = f;
    }
    unlock(f);
    if (there || hq_failed(s)) {
        hq_arena_free(arena);
        free(f);
    }
    return there ? HQ_FAIL(EXISTS) : s;
}

hq_status hq_store_await(hq_store *store, const char *follower, int64_t position,
                         int64_t timeout_us, int64_t *reached)
{
    hq_store__followers *all = &store->followers;
    int64_t until = hq_os_monotonic_us() + timeout_us;
    pthread_mutex_lock(&all->lock);
    hq_store__following *f = find(store, follower);
    if (f == NULL) {
        pthread_mutex_unlock(&all->lock);
        return HQ_FAIL(NOT_FOUND);
    }
    f->hurry++;
    pthread_cond_broadcast(&all->moved);
    /* A parked follower does not come: there is nothing to wait for. */
    while ((!f->known || f->position < position) && !f->parked && !all->stopping) {
        int64_t left = until - hq_os_monotonic_us();
        if (left <= 0) {
            break;
        }
        hq_cond_wait_us(&all->moved, &all->lock, left);
    }
    f->hurry--;
    int64_t at = f->known ? f->position : 0;
    bool there = f->known && at >= position;
    pthread_mutex_unlock(&all->lock);
    if (reached != NULL) {
        *reached = at;
    }
    return there ? HQ_DONE : HQ_FAIL(TIMEOUT);
}

hq_status hq_store_rebuild(hq_store *store, const char *follower)
{
    hq_store__followers *all = &store->followers;
    hq_status s = HQ_FAIL(NOT_FOUND);
    pthread_mutex_lock(&all->lock);
    hq_store__following *f = find(store, follower);
    if (f != NULL) {
        f->rebuild = true;
        pthread_cond_broadcast(&all->moved);
        pthread_mutex_unlock(&all->lock);
        hq_store__tail_poke(store->tail);
        pthread_mutex_lock(&all->lock);
        while (f->rebuild && !all->stopping) {
            pthread_cond_wait(&all->moved, &all->lock);
        }
        s = f->rebuild ? HQ_FAIL(BUSY) : f->rebuilt;
    }
    pthread_mutex_unlock(&all->lock);
    return s;
}

hq_status hq_store_followers(hq_follower_state **out, size_t *count, hq_store *store,
                             hq_arena *arena)
{
    size_t n = 0;
    hq_status s = HQ_DONE;
    pthread_mutex_lock(&store->followers.lock);
    for (hq_store__following *f = store->followers.first; f != NULL; f = f->next) {
        n++;
    }
    hq_follower_state *states = HQ_NEW_ARRAY(arena, hq_follower_state, n);
    if (states == NULL) {
        s = HQ_FAIL(NOMEM);
    }
    size_t at = n; /* the list has the newest first */
    for (hq_store__following *f = store->followers.first; hq_ok(s) && f != NULL; f = f->next) {
        states[--at] =
            (hq_follower_state){ .name = f->def.name,
                                 .position = f->position,
                                 .parked = f->parked,
                                 .error = hq_arena_dup(arena, hq_sv_from_cstr(f->error)) };
    }
    pthread_mutex_unlock(&store->followers.lock);
    *out = states;
    *count = n;
    return s;
}

void hq_store__followers_stop(hq_store *store)
{
    hq_store__followers *all = &store->followers;
    pthread_mutex_lock(&all->lock);
    all->stopping = true;
    pthread_cond_broadcast(&all->moved);
    pthread_mutex_unlock(&all->lock);
    while (all->first != NULL) {
        hq_store__following *f = all->first;
        hq_thread_join(&f->thread);
        all->first = f->next;
        hq_arena_free(f->arena);
        free(f);
    }
}
