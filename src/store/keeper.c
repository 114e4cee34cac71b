/* SPDX-License-Identifier: Apache-2.0 */
#include "store/inside.h"

/* Moves the log into the database off the commit's way. A log that many readers or a steady stream
 * of commits keep from ending would grow for ever: past a second mark the writer itself moves the
 * small rest between two groups, after which the next commit starts the log over. */

enum { START_PAGES = 3072, REST_PAGES = 8192 };

void hq_store__keeper_look(hq_store *store)
{
    hq_store__keeper *k = &store->keeper;
    int64_t pages = store->engine->log_pages(store->writer.conn);
    if (pages >= REST_PAGES && atomic_load_explicit(&k->moved, memory_order_relaxed)) {
        int64_t left = 0;
        atomic_store_explicit(&k->moved, false, memory_order_relaxed);
        /* Failing leaves the log as it is; the next commit tells of a disk that fails. */
        HQ_IGNORE(store->engine->checkpoint(store->writer.conn, &left));
    }
    if (pages >= START_PAGES && !atomic_exchange_explicit(&k->due, true, memory_order_relaxed)) {
        pthread_mutex_lock(&k->lock);
        pthread_cond_signal(&k->work);
        pthread_mutex_unlock(&k->lock);
    }
}

static bool wait_for_work(hq_store__keeper *k)
{
    pthread_mutex_lock(&k->lock);
    while (!k->stopping && !atomic_load_explicit(&k->due, memory_order_relaxed)) {
        pthread_cond_wait(&k->work, &k->lock);
    }
    bool go_on = !k->stopping;
    pthread_mutex_unlock(&k->lock);
    return go_on;
}

static void keeper_main(void *user)
{
    hq_store *store = user;
    hq_store__keeper *k = &store->keeper;
    while (wait_for_work(k)) {
        int64_t left = 0;
        HQ_IGNORE(store->engine->checkpoint(k->conn, &left)); /* tried again with later commits */
        atomic_store_explicit(&k->moved, true, memory_order_relaxed);
        /* What came meanwhile is for the next turn; a pause lets pages gather. */
        pthread_mutex_lock(&k->lock);
        if (!k->stopping) {
            hq_cond_wait_us(&k->work, &k->lock, 200000);
        }
        pthread_mutex_unlock(&k->lock);
        atomic_store_explicit(&k->due, false, memory_order_relaxed);
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
