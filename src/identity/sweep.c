/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/acts.h"

#include <stdlib.h>

/* What is due by the clock: approvals that expired become events, times of sessions go to the
 * table, sessions long gone go away. */

#define SEEN_EVERY_US   (60 * HQ_US_PER_SECOND)
#define SESSION_KEEP_US (30 * HQ_US_PER_DAY)
#define MANY            ((size_t)256)

/* ------------------------------------------------------------------ approvals */

typedef struct {
    bool any;
} due;

static hq_status look_for_due(hq_tx *tx, void *user)
{
    due *d = user;
    hq_identity__approval_row row;
    size_t count;
    HQ_TRY(hq_identity__approvals(&row, &count, 1, tx, hq_tx_now(tx), hq_tx_arena(tx)));
    d->any = count > 0;
    return HQ_DONE;
}

static hq_status expire_due(hq_tx *tx, void *user)
{
    due *d = user;
    size_t count;
    hq_identity__approval_row *rows =
        HQ_NEW_ARRAY(hq_tx_arena(tx), hq_identity__approval_row, MANY);
    if (rows == NULL) {
        return HQ_FAIL(NOMEM);
    }
    HQ_TRY(hq_identity__approvals(rows, &count, MANY, tx, hq_tx_now(tx), hq_tx_arena(tx)));
    for (size_t i = 0; i < count; i++) {
        HQ_TRY(hq_identity__approval_expire(tx, &rows[i]));
    }
    d->any = count == MANY;
    return HQ_DONE;
}

static hq_status sweep_approvals(hq_identity *identity)
{
    due d = { false };
    HQ_TRY(hq_store_read(identity->store, look_for_due, &d));
    while (d.any) {
        HQ_TRY(hq_identity__write_low(identity, expire_due, &d));
    }
    return HQ_DONE;
}

/* ------------------------------------------------------------------ sessions */

typedef struct {
    hq_hash32 hash;
    int64_t seen_at;
} moment;
typedef struct {
    moment items[MANY];
    size_t count;
} moments;

static bool worth_writing(hq_identity__session *session, bool last)
{
    int64_t seen = atomic_load_explicit(&session->seen_at, memory_order_relaxed);
    int64_t stored = atomic_load_explicit(&session->seen_stored, memory_order_relaxed);
    return seen - stored > (last ? 0 : SEEN_EVERY_US);
}

static void gather_moments(moments *out, hq_identity *identity, bool last)
{
    hq_identity__directory *d = &identity->directory;
    size_t at = 0;
    hq_sv key;
    void *value;
    out->count = 0;
    pthread_rwlock_rdlock(&d->lock);
    while (out->count < MANY && hq_map_next(d->sessions, &at, &key, &value)) {
        hq_identity__session *session = value;
        if (worth_writing(session, last)) {
            int64_t seen = atomic_load_explicit(&session->seen_at, memory_order_relaxed);
            out->items[out->count++] = (moment){ session->hash, seen };
            atomic_store_explicit(&session->seen_stored, seen, memory_order_relaxed);
        }
    }
    pthread_rwlock_unlock(&d->lock);
}

static hq_status write_moments(hq_tx *tx, void *user)
{
    const moments *m = user;
    for (size_t i = 0; i < m->count; i++) {
        HQ_TRY(hq_identity__session_seen_put(tx, &m->items[i].hash, m->items[i].seen_at));
    }
    return HQ_DONE;
}

static hq_status sweep_moments(hq_identity *identity, bool last)
{
    moments *m = malloc(sizeof *m);
    hq_status s = m == NULL ? HQ_FAIL(NOMEM) : HQ_DONE;
    do {
        if (hq_ok(s)) {
            gather_moments(m, identity, last);
            s = m->count == 0 ? HQ_DONE : hq_identity__write_low(identity, write_moments, m);
        }
    } while (hq_ok(s) && m->count == MANY);
    free(m);
    return s;
}

/* A session past its absolute limit serves nobody any more. */
static void drop_expired(hq_identity *identity)
{
    hq_identity__directory *d = &identity->directory;
    hq_time_us now = hq_now(identity->clock);
    hq_identity__session *gone[MANY];
    size_t count;
    do {
        size_t at = 0;
        hq_sv key;
        void *value;
        count = 0;
        pthread_rwlock_wrlock(&d->lock);
        while (count < MANY && hq_map_next(d->sessions, &at, &key, &value)) {
            hq_identity__session *session = value;
            if (now >= session->expires_at) {
                gone[count++] = session;
            }
        }
        for (size_t i = 0; i < count; i++) {
            hq_map_remove(d->sessions, hq_sv_make(gone[i]->hash.bytes, sizeof gone[i]->hash.bytes));
            free(gone[i]);
        }
        pthread_rwlock_unlock(&d->lock);
    } while (count == MANY);
}

static hq_status forget_sessions(hq_tx *tx, void *user)
{
    (void)user;
    return hq_identity__sessions_forget(tx, hq_tx_now(tx) - SESSION_KEEP_US);
}

static hq_status sweep_sessions(hq_identity *identity, bool last)
{
    hq_identity__keeper *k = &identity->keeper;
    hq_time_us now = hq_now(identity->clock);
    HQ_TRY(sweep_moments(identity, last));
    drop_expired(identity);
    if (now - k->forgot_at < HQ_US_PER_DAY) {
        return HQ_DONE;
    }
    k->forgot_at = now;
    return hq_identity__write_low(identity, forget_sessions, NULL);
}

hq_status hq_identity__sweep(hq_identity *identity, bool last)
{
    hq_identity__keeper *k = &identity->keeper;
    pthread_mutex_lock(&k->sweeping);
    hq_status s = sweep_approvals(identity);
    if (hq_ok(s)) {
        s = sweep_sessions(identity, last);
    }
    pthread_mutex_unlock(&k->sweeping);
    return s;
}
