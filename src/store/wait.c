/* SPDX-License-Identifier: Apache-2.0 */
#include <semaphore.h>

#include "store/inside.h"

/* A write that its caller waits for. A semaphore, because its owner may give the memory back the
 * moment the wait returns. */
typedef struct {
    hq_write write;
    sem_t done;
    hq_status status;
} waited;

static void tell(hq_write *write, hq_status status)
{
    waited *w = (waited *)write;
    w->status = status;
    sem_post(&w->done);
}

hq_status hq_store__write_as(hq_store *store, hq_write_class class_, hq_tx_fn fn, void *user)
{
    waited w = { .write = { .fn = fn, .user = user, .done = tell, .class_ = class_ } };
    sem_init(&w.done, 0, 0);
    hq_status s = hq_store_submit(store, &w.write);
    if (hq_ok(s)) {
        while (sem_wait(&w.done) != 0) {
            /* a signal came first */
        }
        s = w.status;
    }
    sem_destroy(&w.done);
    return s;
}

hq_status hq_store_write(hq_store *store, hq_tx_fn fn, void *user)
{
    return hq_store__write_as(store, HQ_WRITE_FORMAL, fn, user);
}
