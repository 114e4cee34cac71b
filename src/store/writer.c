/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "store/inside.h"

/* The writer takes whatever is queued as one group and commits it once. A group first runs without
 * savepoints: a closure that fails before it changed anything (the usual way to fail) leaves
 * nothing to take back. One that fails after a change makes the group start again with a savepoint
 * around each closure, and so do the next groups for a while, so that nobody can make every group
 * run twice. When the engine fails, the closures run again one by one, each in its own commit. */

enum { GROUP_LEAST = 8, CAREFUL_GROUPS = 32, GATHER_FROM = 4, GATHER_US = 300 };

/* ------------------------------------------------------------------ queue */

static hq_write *pop(hq_store__queue *queue)
{
    hq_write *write = queue->first;
    queue->first = write->next;
    if (queue->first == NULL) {
        queue->last = NULL;
    }
    queue->count--;
    return write;
}

static void push(hq_store__queue *queue, hq_write *write)
{
    write->next = NULL;
    if (queue->last == NULL) {
        queue->first = write;
    } else {
        queue->last->next = write;
    }
    queue->last = write;
    queue->count++;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Formal work first, but a quarter of a group is kept for parcels and four places for followers,
 * which hold many events each, when they wait. */
static size_t form_group(hq_store__writer *w)
{
    hq_store__queue *q = w->queues;
    size_t follow = least(q[HQ_WRITE_FOLLOWER].count, 4);
    size_t low = least(q[HQ_WRITE_LOW_VALUE].count, w->group_max / 4);
    size_t formal = least(q[HQ_WRITE_FORMAL].count, w->group_max - low - follow);
    low = least(q[HQ_WRITE_LOW_VALUE].count, w->group_max - formal - follow);
    const size_t share[HQ_STORE__CLASSES] = { formal, low, follow };
    size_t count = 0;
    for (size_t c = 0; c < HQ_STORE__CLASSES; c++) {
        for (size_t i = 0; i < share[c]; i++) {
            w->group[count++] = pop(&q[c]);
        }
    }
    w->waiting -= count;
    return count;
}

/* Under load the first of a group would be alone: the writer has priority and starts when the
 * first one comes. So when the last groups were larger, the next one is given a moment to gather,
 * less than a sync takes, and ends it as soon as most of those are here who were there lately. One
 * who files alone never waits. */
static void gather(hq_store__writer *w)
{
    size_t want = w->lately - w->lately / 4;
    if (w->lately < GATHER_FROM || w->waiting >= want || w->stopping) {
        return;
    }
    w->wanted = want;
    hq_cond_wait_us(&w->work, &w->lock, GATHER_US);
    w->wanted = 0;
}

/* 0: stopping, and nothing is left. */
static size_t take_group(hq_store__writer *w)
{
    pthread_mutex_lock(&w->lock);
    size_t seen = w->taken + w->waiting; /* in flight at the same time */
    w->lately = seen > w->lately ? seen : w->lately - (w->lately - seen + 15) / 16;
    while (w->waiting == 0 && !w->stopping) {
        w->asleep = true;
        pthread_cond_wait(&w->work, &w->lock);
    }
    w->asleep = false;
    gather(w);
    size_t count = form_group(w);
    w->taken = count;
    pthread_mutex_unlock(&w->lock);
    return count;
}

hq_status hq_store_submit(hq_store *store, hq_write *write)
{
    hq_store__writer *w = &store->writer;
    if (store->place.read_only) {
        return HQ_FAIL(USAGE);
    }
    pthread_mutex_lock(&w->lock);
    bool full = w->waiting >= HQ_STORE__QUEUE_MAX || w->stopping;
    bool wake = !full && w->asleep;
    if (!full) {
        push(&w->queues[write->class_], write);
        w->waiting++;
        wake = wake || w->waiting == w->wanted;
        w->asleep = false; /* one signal is enough */
    }
    pthread_mutex_unlock(&w->lock);
    if (wake) {
        pthread_cond_signal(&w->work);
    }
    return full ? HQ_FAIL(BUSY) : HQ_DONE;
}

/* ------------------------------------------------------------------ groups */

/* RERUN: the closure failed after it changed something and no savepoint can take that back. */
static hq_status run_one(hq_store *store, hq_write *write, bool careful)
{
    hq_store__writer *w = &store->writer;
    const hq_store__engine *engine = store->engine;
    hq_store__point point = hq_store__point_of(&w->pending);
    if (careful) {
        HQ_TRY(engine->mark(w->conn));
    }
    hq_store__tx_begin(&w->tx);
    int64_t before = engine->changes(w->conn);
    write->status = hq_store__tx_run(&w->tx, write->fn, write->user);
    if (!engine->in_transaction(w->conn)) {
        return hq_failed(write->status) ? write->status : HQ_FAIL(IO);
    }
    if (hq_ok(write->status)) {
        return careful ? engine->keep(w->conn) : HQ_DONE;
    }
    bool dirty = w->tx.changed_schema || engine->changes(w->conn) != before;
    hq_store__back_to(store, &w->pending, point);
    if (careful) {
        return engine->revert(w->conn);
    }
    return dirty ? HQ_FAIL(RERUN) : HQ_DONE;
}

static hq_status begin_group(hq_store *store)
{
    hq_store__writer *w = &store->writer;
    bool others = false;
    HQ_TRY(store->engine->begin(w->conn));
    HQ_TRY(store->engine->others_wrote(w->conn, &others));
    hq_store__tx_begin(&w->tx);
    /* The engine tells of a change once; a reading that failed is due again. */
    w->behind = w->behind || others;
    if (w->behind) {
        HQ_TRY(hq_store__pending_refresh(&w->tx));
        w->behind = false;
    }
    return HQ_DONE;
}

static void forget_pending(hq_store__pending *pending)
{
    pending->bytes.len = 0;
    pending->entries.len = 0;
    pending->keys.len = 0;
}

/* Leaves no transaction open. OK: durable as a whole, each closure's own status in it. */
static hq_status try_group(hq_store *store, hq_write **group, size_t count, bool careful)
{
    hq_store__writer *w = &store->writer;
    hq_status s = begin_group(store);
    hq_store__point start = hq_store__point_of(&w->pending);
    for (size_t i = 0; hq_ok(s) && i < count; i++) {
        s = run_one(store, group[i], careful);
    }
    if (hq_ok(s)) {
        s = store->engine->commit(w->conn);
    }
    if (hq_failed(s)) {
        if (s.code != HQ_E_RERUN) {
            hq_store__note_problem(store, w->conn);
        }
        store->engine->rollback(w->conn);
        hq_store__back_to(store, &w->pending, start);
        return s;
    }
    hq_store__tail_append(store->tail, &w->pending);
    forget_pending(&w->pending);
    return HQ_DONE;
}

static void run_apart(hq_store *store, hq_write **group, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        hq_status s = try_group(store, &group[i], 1, true);
        if (hq_failed(s)) {
            group[i]->status = s;
        }
    }
}

static void run_group(hq_store *store, size_t count)
{
    hq_store__writer *w = &store->writer;
    bool careful = w->careful > 0;
    w->careful -= careful ? 1 : 0;
    hq_status s = try_group(store, w->group, count, careful);
    if (s.code == HQ_E_RERUN && count > 1) {
        w->careful = CAREFUL_GROUPS;
        s = try_group(store, w->group, count, true);
    }
    if (s.code == HQ_E_BUSY) {
        /* Another process keeps the database: trying one by one would wait as long again for each.
         */
        for (size_t i = 0; i < count; i++) {
            w->group[i]->status = s;
        }
    } else if (hq_failed(s) && !(s.code == HQ_E_RERUN && count == 1)) {
        run_apart(store, w->group, count);
    }
}

static void finish_group(hq_store__writer *w, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        hq_write *write = w->group[i]; /* the caller's again as soon as done is called */
        write->done(write, write->status);
    }
}

static void writer_main(void *user)
{
    hq_store *store = user;
    hq_store__writer *w = &store->writer;
    bool realtime = !store->no_realtime && hq_thread_make_realtime();
    pthread_mutex_lock(&w->lock);
    w->realtime = realtime;
    w->started = true;
    pthread_cond_broadcast(&w->work);
    pthread_mutex_unlock(&w->lock);
    for (size_t count; (count = take_group(w)) > 0;) {
        run_group(store, count);
        finish_group(w, count);
        hq_store__keeper_look(store);
    }
}

/* ------------------------------------------------------------------ life */

static hq_status load_heads(hq_store *store)
{
    hq_store__writer *w = &store->writer;
    bool others;
    HQ_TRY(store->engine->begin(w->conn));
    hq_status s = store->engine->others_wrote(w->conn, &others);
    hq_store__tx_begin(&w->tx);
    if (hq_ok(s)) {
        s = hq_store__pending_refresh(&w->tx);
    }
    if (hq_ok(s)) {
        s = store->engine->make_room(w->conn);
    }
    store->engine->rollback(w->conn);
    return s;
}

hq_status hq_store__writer_start(hq_store *store, size_t group_max)
{
    hq_store__writer *w = &store->writer;
    w->group_max = group_max == 0            ? HQ_STORE__GROUP_MAX
                   : group_max < GROUP_LEAST ? GROUP_LEAST
                                             : group_max;
    w->group = calloc(w->group_max, sizeof *w->group);
    w->pending.bytes = w->pending.entries = w->pending.keys = HQ_BUF_HEAP((size_t)512 << 20);
    w->tx = (hq_tx){ .store = store, .conn = w->conn, .writes = true, .pending = &w->pending };
    w->tx.arena = hq_arena_new(HQ_STORE__TX_ARENA_MAX);
    if (w->group == NULL || w->tx.arena == NULL) {
        return HQ_FAIL(NOMEM);
    }
    HQ_TRY(load_heads(store));
    store->tail = hq_store__tail_new(w->pending.head);
    if (store->tail == NULL) {
        return HQ_FAIL(NOMEM);
    }
    HQ_TRY(hq_thread_start(&w->thread, "hq-writer", writer_main, store));
    pthread_mutex_lock(&w->lock);
    while (!w->started) {
        pthread_cond_wait(&w->work, &w->lock);
    }
    pthread_mutex_unlock(&w->lock);
    return HQ_DONE;
}

void hq_store__writer_stop(hq_store *store)
{
    hq_store__writer *w = &store->writer;
    pthread_mutex_lock(&w->lock);
    w->stopping = true;
    pthread_cond_broadcast(&w->work);
    pthread_mutex_unlock(&w->lock);
    hq_thread_join(&w->thread);
    hq_arena_free(w->tx.arena);
    hq_buf_free(&w->pending.bytes);
    hq_buf_free(&w->pending.entries);
    hq_buf_free(&w->pending.keys);
    free(w->group);
}
