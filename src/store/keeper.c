/* SPDX-License-Identifier: Apache-2.0 */
#include "store/inside.h"

/* Moves the log into the database off the commit's way, a few megabytes at a time: the sync of a
 * large piece makes the commits beside it wait for the disk. While commits come in a steady stream
 * the keeper never meets the end of the log, and a log whose end nobody meets is never written from
 * its start again. So when the log is long it moves what there is, then what came meanwhile, and
 * leaves a small rest to the writer, which moves it between two groups; the next commit starts the
 * log over. */

enum {
    STEP_PAGES = 1024,
    LONG_LOG = 4096,
    SMALL_REST = 192, /* what the writer moves in a millisecond or two */
    PAUSE_US = 50000
};

enum { AT_REST, AT_WORK, REST_LEFT };

void hq_store__keeper_look(hq_store *store)
{
    hq_store__keeper *k = &store->keeper;
    int64_t pages = store->engine->log_pages(store->writer.conn), moved = 0;
    atomic_store_explicit(&k->pages, pages, memory_order_relaxed);
    if (pages < k->asked) {
        k->asked = 0; /* the log started over */
    }
    int state = atomic_load_explicit(&k->state, memory_order_relaxed);
    if (state == AT_REST && pages >= k->asked + STEP_PAGES) {
        k->asked = pages;
        pthread_mutex_lock(&k->lock);
        atomic_store_explicit(&k->state, AT_WORK, memory_order_relaxed);
        pthread_cond_signal(&k->work);
        pthread_mutex_unlock(&k->lock);
    } else if (state == REST_LEFT) {
        /* Failing leaves the log as it is; the next commit tells of a disk that fails. */
        HQ_IGNORE(store->engine->checkpoint(store->writer.conn, &moved));
        atomic_store_explicit(&k->state, AT_REST, memory_order_relaxed);
    }
}

static bool wait_for_work(hq_store__keeper *k)
{
    pthread_mutex_lock(&k->lock);
    while (!k->stopping && atomic_load_explicit(&k->state, memory_order_relaxed) != AT_WORK) {
        pthread_cond_wait(&k->work, &k->lock);
    }
    bool go_on = !k->stopping;
    pthread_mutex_unlock(&k->lock);
    return go_on;
}

/* Each pass has as much to move as came during the one before; when that does not halve, commits
 * come faster than this moves and further passes only lengthen the log. SQLite counts only what was
 * there when the pass began, so what is left is asked of the writer. What fails is tried again with
 * later commits. */
static void move_log(hq_store *store)
{
    hq_store__keeper *k = &store->keeper;
    int64_t moved = 0, before = INT64_MAX;
    for (;;) {
        if (hq_failed(store->engine->checkpoint(k->conn, &moved))) {
            return;
        }
        int64_t left = atomic_load_explicit(&k->pages, memory_order_relaxed) - moved;
        if (left <= SMALL_REST || left > before / 2) {
            return;
        }
        before = left;
    }
}

static void move_step(hq_store *store)
{
    hq_store__keeper *k = &store->keeper;
    int64_t moved;
    HQ_IGNORE(store->engine->checkpoint(k->conn, &moved));
    atomic_store_explicit(&k->state, AT_REST, memory_order_relaxed);
}

static void keeper_main(void *user)
{
    hq_store *store = user;
    hq_store__keeper *k = &store->keeper;
    while (wait_for_work(k)) {
        if (atomic_load_explicit(&k->pages, memory_order_relaxed) < LONG_LOG) {
            move_step(store);
            continue;
        }
        move_log(store);
        atomic_store_explicit(&k->state, REST_LEFT, memory_order_relaxed);
        /* A reader that keeps the log from starting over must not keep us busy. */
        pthread_mutex_lock(&k->lock);
        if (!k->stopping) {
            hq_cond_wait_us(&k->work, &k->lock, PAUSE_US);
        }
        pthread_mutex_unlock(&k->lock);
    }
}

hq_status hq_store__keeper_start(hq_store *store)
{
    hq_store__keeper *k = &store->keeper;
    HQ_TRY(store->engine->connect(&k->conn, &store->place, HQ_STORE__KEEPER));
    return hq_thread_start(&k->thread, "hq-keeper", keeper_main, store);
}

void hq_store__keeper_stop(hq_store *store)
{
    hq_store__keeper *k = &store->keeper;
    pthread_mutex_lock(&k->lock);
    k->stopping = true;
    pthread_cond_broadcast(&k->work);
    pthread_mutex_unlock(&k->lock);
    hq_thread_join(&k->thread);
    if (k->conn != NULL) {
        store->engine->disconnect(k->conn);
        k->conn = NULL;
    }
}
