/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "store/inside.h"
#include "store/reader.h"

static void close_reader(hq_store__reader *reader)
{
    if (reader->tx.conn != NULL) {
        reader->tx.conn->engine->disconnect(reader->tx.conn);
    }
    hq_arena_free(reader->tx.arena);
    free(reader);
}

static hq_status open_reader(hq_store__reader **out, hq_store *store)
{
    hq_store__reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL) {
        return HQ_FAIL(NOMEM);
    }
    reader->tx.store = store;
    reader->tx.arena = hq_arena_new(HQ_STORE__TX_ARENA_MAX);
    hq_status s = reader->tx.arena == NULL
                      ? HQ_FAIL(NOMEM)
                      : store->engine->connect(&reader->tx.conn, &store->place, HQ_STORE__READER);
    if (hq_failed(s)) {
        if (reader->tx.conn != NULL) {
            hq_store__note_problem(store, reader->tx.conn);
        }
        close_reader(reader);
        return s;
    }
    *out = reader;
    return HQ_DONE;
}

/* The one given back last comes first: its pages and statements are warm. */
hq_status hq_store__reader_take(hq_store__reader **out, hq_store *store)
{
    pthread_mutex_lock(&store->readers.lock);
    hq_store__reader *reader = store->readers.idle;
    if (reader != NULL) {
        store->readers.idle = reader->next;
    }
    pthread_mutex_unlock(&store->readers.lock);
    *out = reader;
    return reader != NULL ? HQ_DONE : open_reader(out, store);
}

void hq_store__reader_give(hq_store *store, hq_store__reader *reader)
{
    pthread_mutex_lock(&store->readers.lock);
    reader->next = store->readers.idle;
    store->readers.idle = reader;
    pthread_mutex_unlock(&store->readers.lock);
}

void hq_store__readers_close(hq_store *store)
{
    while (store->readers.idle != NULL) {
        hq_store__reader *reader = store->readers.idle;
        store->readers.idle = reader->next;
        close_reader(reader);
    }
}

hq_status hq_store_read(hq_store *store, hq_tx_fn fn, void *user)
{
    hq_store__reader *reader;
    HQ_TRY(hq_store__reader_take(&reader, store));
    hq_store__tx_begin(&reader->tx);
    hq_status s = store->engine->begin(reader->tx.conn);
    if (hq_ok(s)) {
        s = hq_store__tx_run(&reader->tx, fn, user);
    }
    store->engine->rollback(reader->tx.conn);
    hq_store__reader_give(store, reader);
    return s;
}
