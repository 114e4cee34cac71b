/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/acts.h"

/* Ending sessions. Their events carry no hash of a row: rows of sessions are deleted a month after
 * their end, the events stay. */

#define MANY ((size_t)256)

static hq_status end_one(hq_tx *tx, hq_sv id, hq_sv user_id, int64_t changed, const char *kind,
                         hq_sv actor)
{
    HQ_TRY(hq_identity__session_end(tx, id, user_id, changed));
    return hq_identity__event(tx, &(hq_identity__act){
                                      .kind = kind,
                                      .subject = id,
                                      .version = 2,
                                      .actor = actor,
                                  });
}

hq_status hq_identity__sessions_end_all(size_t *ended, hq_tx *tx, hq_sv user_id, hq_sv keep,
                                        const char *kind, hq_sv actor)
{
    size_t count;
    int64_t changed = 0;
    hq_identity__session_row *rows = HQ_NEW_ARRAY(hq_tx_arena(tx), hq_identity__session_row, MANY);
    *ended = 0;
    if (rows == NULL) {
        return HQ_FAIL(NOMEM);
    }
    do {
        size_t before = *ended;
        HQ_TRY(hq_identity__sessions_of(rows, &count, MANY, tx, user_id, hq_tx_arena(tx)));
        for (size_t i = 0; i < count; i++) {
            if (keep.len > 0 && hq_sv_eq(rows[i].id, keep)) {
                continue;
            }
            if (changed == 0) {
                HQ_TRY(hq_identity__change_next(&changed, tx));
            }
            HQ_TRY(end_one(tx, rows[i].id, user_id, changed, kind, actor));
            (*ended)++;
        }
        if (*ended == before) {
            break;
        }
    } while (count == MANY);
    return HQ_DONE;
}

typedef struct {
    hq_sv id, user_id, actor;
    const char *kind;
} ending;

static hq_status end_session(hq_tx *tx, void *user)
{
    const ending *e = user;
    int64_t changed;
    HQ_TRY(hq_identity__change_next(&changed, tx));
    return end_one(tx, e->id, e->user_id, changed, e->kind, e->actor);
}

hq_status hq_identity__session_close(hq_identity *identity, hq_sv id, hq_sv user_id,
                                     const char *kind, hq_sv actor)
{
    ending e = { .id = id, .user_id = user_id, .actor = actor, .kind = kind };
    HQ_TRY(hq_store_write(identity->store, end_session, &e));
    return hq_identity_refresh(identity);
}

static hq_status end_others(hq_tx *tx, void *user)
{
    const ending *e = user;
    size_t ended;
    return hq_identity__sessions_end_all(&ended, tx, e->user_id, e->id, e->kind, e->actor);
}

hq_status hq_identity__sessions_close(hq_identity *identity, hq_sv user_id, hq_sv keep,
                                      const char *kind, hq_sv actor)
{
    ending e = { .id = keep, .user_id = user_id, .actor = actor, .kind = kind };
    HQ_TRY(hq_store_write(identity->store, end_others, &e));
    return hq_identity_refresh(identity);
}
