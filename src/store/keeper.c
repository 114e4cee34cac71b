/* SPDX-License-Identifier: Apache-2.0 */
#include "store/inside.h"

/* Moves the log into the database off the commit's way. While commits come in a steady stream the
 * keeper never meets the end of the log, and a log whose end nobody meets is never written from its
 * start again. So it moves what there is, then what came meanwhile, and leaves a small rest to the
 * writer, which moves it between two groups; the next commit starts the log over. */

enum {
    START_PAGES = 3072,
    SMALL_REST = 192, /* what the writer moves in a millisecond or two */
    PASSES = 5,
    PAUSE_US = 50000
};

enum { AT_REST, AT_WORK, REST_LEFT };

void hq_store__keeper_look(hq_store *store)
{
    hq_store__keeper *k = &store->keeper;
    if (store->engine->log_pages(store->writer.conn) < START_PAGES) {
        return;
    }
    int state = atomic_load_explicit(&k->state, memory_order_relaxed);
    if (state == AT_REST) {
        pthread_mutex_lock(&k->lock);
        atomic_store_explicit(&k->state, AT_WORK, memory_order_relaxed);
        pthread_cond_signal(&k->work);
        pthread_mutex_unlock(&k->lock);
    } else if (state == REST_LEFT) {
        int64_t left = 0;
        /* Failing leaves the log as it is; the next commit tells of a disk that fails. */
        HQ_IGNORE(store->engine->checkpoint(store->writer.conn, &left));
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

/* Each pass has as much to move as came during the one before. What fails is tried again with later
 * commits. */
static void move_log(hq_store *store)
{
    int64_t left = INT64_MAX;
    hq_status s = HQ_DONE;
    for (int pass = 0; hq_ok(s) && left > SMALL_REST && pass < PASSES; pass++) {
        s = store->engine->checkpoint(store->keeper.conn, &left);
    }
}

static void keeper_main(void *user)
{
    hq_store *store = user;
    hq_store__keeper *k = &store->keeper;
    while (wait_for_work(k)) {
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
