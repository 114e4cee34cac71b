/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/rows.h"

#include <stdlib.h>

/* People, keys, sessions and delegations in memory, so that to know a caller costs a hash and a
 * look. What changed in the tables, in this process or another, comes in by one way: the changes
 * since the version that is loaded. Readers hold the lock while they copy, never longer. */

#define PEOPLE_MAX   ((size_t)1 << 22)
#define SESSIONS_MAX ((size_t)1 << 22)

static hq_sv hash_view(const hq_hash32 *hash)
{
    return hq_sv_make(hash->bytes, sizeof hash->bytes);
}

hq_status hq_identity__directory_open(hq_identity__directory *directory)
{
    *directory = (hq_identity__directory){
        .by_id = hq_map_new(NULL, 64, PEOPLE_MAX),
        .by_login = hq_map_new(NULL, 64, PEOPLE_MAX),
        .by_hash = hq_map_new(NULL, 64, PEOPLE_MAX),
        .sessions = hq_map_new(NULL, 64, SESSIONS_MAX),
        .delegations = hq_map_new(NULL, 16, PEOPLE_MAX),
    };
    pthread_rwlock_init(&directory->lock, NULL);
    pthread_mutex_init(&directory->loading, NULL);
    bool all = directory->by_id != NULL && directory->by_login != NULL &&
               directory->by_hash != NULL && directory->sessions != NULL &&
               directory->delegations != NULL;
    return all ? HQ_DONE : HQ_FAIL(NOMEM);
}

static void free_map(hq_map *map)
{
    size_t at = 0;
    hq_sv key;
    void *value;
    while (map != NULL && hq_map_next(map, &at, &key, &value)) {
        free(value);
    }
    hq_map_free(map);
}

void hq_identity__directory_close(hq_identity__directory *directory)
{
    hq_map_free(directory->by_login);
    hq_map_free(directory->by_hash);
    free_map(directory->by_id);
    free_map(directory->sessions);
    free_map(directory->delegations);
    free(directory->roster);
    pthread_rwlock_destroy(&directory->lock);
    pthread_mutex_destroy(&directory->loading);
}

/* ------------------------------------------------------------------ taking changes in */

/* All under the write lock. What is taken in belongs to the directory, even when a map fails: then
 * the version stays and the next refresh takes it again. */

static hq_status put_who(hq_identity__directory *d, hq_identity__who *who)
{
    hq_identity__who *old = hq_map_remove(d->by_id, who->id);
    if (old != NULL) {
        if (!old->is_key) {
            hq_map_remove(d->by_login, old->login);
        } else {
            hq_map_remove(d->by_hash, hash_view(&old->hash));
        }
        free(old);
    }
    hq_status s = HQ_DONE;
    if (!who->out) {
        s = hq_map_put(d->by_id, who->id, who);
    }
    if (who->out || hq_failed(s)) {
        free(who);
        return s;
    }
    return who->is_key ? hq_map_put(d->by_hash, hash_view(&who->hash), who)
                       : hq_map_put(d->by_login, who->login, who);
}

static hq_status put_session(hq_identity__directory *d, hq_identity__session *session)
{
    hq_identity__session *old = hq_map_remove(d->sessions, hash_view(&session->hash));
    if (old != NULL) {
        int64_t seen = atomic_load_explicit(&old->seen_at, memory_order_relaxed);
        if (seen > atomic_load_explicit(&session->seen_at, memory_order_relaxed)) {
            atomic_store_explicit(&session->seen_at, seen, memory_order_relaxed);
        }
        free(old);
    }
    hq_status s = HQ_DONE;
    if (!session->ended) {
        s = hq_map_put(d->sessions, hash_view(&session->hash), session);
    }
    if (session->ended || hq_failed(s)) {
        free(session);
    }
    return s;
}

static hq_status put_given(hq_identity__directory *d, hq_identity__given *given)
{
    free(hq_map_remove(d->delegations, given->id));
    hq_status s = HQ_DONE;
    if (!given->ended) {
        s = hq_map_put(d->delegations, given->id, given);
    }
    if (given->ended || hq_failed(s)) {
        free(given);
    }
    return s;
}

static void count_delegated(hq_identity__directory *d)
{
    size_t at = 0;
    hq_sv key;
    void *value;
    while (hq_map_next(d->by_id, &at, &key, &value)) {
        ((hq_identity__who *)value)->delegated = 0;
    }
    at = 0;
    while (hq_map_next(d->delegations, &at, &key, &value)) {
        hq_identity__who *to = hq_map_get(d->by_id, ((hq_identity__given *)value)->to_id);
        if (to != NULL) {
            to->delegated++;
        }
    }
}

static int by_office_then_id(const void *a, const void *b)
{
    const hq_identity__who *const *x = a;
    const hq_identity__who *const *y = b;
    int order = hq_sv_cmp((*x)->office, (*y)->office);
    return order != 0 ? order : hq_sv_cmp((*x)->id, (*y)->id);
}

static hq_status list_roster(hq_identity__directory *d)
{
    size_t at = 0;
    size_t count = 0;
    hq_sv key;
    void *value;
    const hq_identity__who **roster =
        malloc((hq_map_count(d->by_id) + 1) * sizeof(const hq_identity__who *));
    if (roster == NULL) {
        return HQ_FAIL(NOMEM);
    }
    while (hq_map_next(d->by_id, &at, &key, &value)) {
        const hq_identity__who *who = value;
        if (who->on_roster && who->role == HQ_ROLE_OFFICER) {
            roster[count++] = who;
        }
    }
    qsort(roster, count, sizeof *roster, by_office_then_id);
    free(d->roster);
    d->roster = roster;
    d->roster_count = count;
    return HQ_DONE;
}

static hq_status take_in(hq_identity__directory *d, hq_identity__changes *changes)
{
    hq_status s = HQ_DONE;
    bool people = changes->who != NULL || changes->given != NULL;
    while (hq_ok(s) && changes->who != NULL) {
        hq_identity__who *who = changes->who;
        changes->who = who->next;
        s = put_who(d, who);
    }
    while (hq_ok(s) && changes->sessions != NULL) {
        hq_identity__session *session = changes->sessions;
        changes->sessions = session->next;
        s = put_session(d, session);
    }
    while (hq_ok(s) && changes->given != NULL) {
        hq_identity__given *given = changes->given;
        changes->given = given->next;
        s = put_given(d, given);
    }
    if (people) { /* also after a failure: the old roster points to what is gone */
        count_delegated(d);
        hq_status listed = list_roster(d);
        if (hq_failed(listed)) {
            d->roster_count = 0;
            return listed;
        }
    }
    return s;
}

static hq_status load(hq_tx *tx, void *user)
{
    return hq_identity__changes_load(user, tx);
}

hq_status hq_identity_refresh(hq_identity *identity)
{
    hq_identity__directory *d = &identity->directory;
    pthread_mutex_lock(&d->loading);
    hq_identity__changes changes = { .since = d->version, .now = hq_now(identity->clock) };
    hq_status s = hq_store_read(identity->store, load, &changes);
    if (hq_ok(s) && changes.version != changes.since) {
        pthread_rwlock_wrlock(&d->lock);
        s = take_in(d, &changes);
        pthread_rwlock_unlock(&d->lock);
        d->version = hq_ok(s) ? changes.version : d->version;
    }
    hq_identity__changes_free(&changes);
    pthread_mutex_unlock(&d->loading);
    return s;
}

/* ------------------------------------------------------------------ finding a caller */

static char *put(hq_sv *to, char *at, hq_sv from)
{
    if (from.len > 0) {
        memcpy(at, from.ptr, from.len);
    }
    *to = hq_sv_make(at, from.len);
    return at + from.len;
}

static bool copy_delegations(hq_caller *caller, const hq_identity__directory *d,
                             const hq_identity__who *who, hq_arena *arena)
{
    size_t at = 0;
    hq_sv key;
    void *value;
    hq_delegated *copies = HQ_NEW_ARRAY(arena, hq_delegated, who->delegated);
    if (copies == NULL) {
        return false;
    }
    while (caller->delegated_count < who->delegated &&
           hq_map_next(d->delegations, &at, &key, &value)) {
        const hq_identity__given *given = value;
        if (hq_sv_eq(given->to_id, who->id)) {
            hq_delegated *copy = &copies[caller->delegated_count++];
            *copy = given->what;
            hq_sv *const texts[] = { &copy->act, &copy->office, &copy->id, &copy->head };
            for (size_t i = 0; i < 4; i++) {
                *texts[i] = hq_arena_dup(arena, *texts[i]);
                if (texts[i]->ptr == NULL) {
                    return false;
                }
            }
        }
    }
    caller->delegated = copies;
    return true;
}

/* Under the read lock; one piece of the arena but for delegations. */
static hq_caller *copy_caller(const hq_identity__directory *d, const hq_identity__who *who,
                              hq_sv session, hq_arena *arena)
{
    size_t texts = who->id.len + who->name.len + who->office.len + who->tax_code.len +
                   who->bank.len + who->person.len + session.len;
    char *block = hq_arena_alloc(arena, sizeof(hq_caller) + texts);
    if (block == NULL) {
        return NULL;
    }
    hq_caller *caller = (hq_caller *)(void *)block;
    *caller = (hq_caller){ .role = who->role, .by_cookie = session.len > 0 };
    char *at = block + sizeof(hq_caller);
    at = put(&caller->id, at, who->id);
    at = put(&caller->name, at, who->name);
    at = put(&caller->office, at, who->office);
    at = put(&caller->tax_code, at, who->tax_code);
    at = put(&caller->bank, at, who->bank);
    at = put(&caller->person, at, who->person);
    put(&caller->session, at, session);
    if (who->delegated > 0 && !copy_delegations(caller, d, who, arena)) {
        return NULL;
    }
    return caller;
}

hq_identity__found hq_identity__find_key(hq_caller **out, hq_identity *identity,
                                         const hq_hash32 *hash, hq_arena *arena)
{
    hq_identity__directory *d = &identity->directory;
    hq_identity__found found = HQ_IDENTITY__UNKNOWN;
    pthread_rwlock_rdlock(&d->lock);
    const hq_identity__who *who = hq_map_get(d->by_hash, hash_view(hash));
    if (who != NULL) {
        *out = copy_caller(d, who, HQ_SV_NULL, arena);
        found = *out == NULL ? HQ_IDENTITY__NOMEM : HQ_IDENTITY__KNOWN;
    }
    pthread_rwlock_unlock(&d->lock);
    return found;
}

static hq_identity__found look_at_session(hq_caller **out, const hq_identity__directory *d,
                                          hq_identity__session *session, hq_time_us now,
                                          hq_arena *arena)
{
    const hq_identity__who *who = hq_map_get(d->by_id, session->user_id);
    if (who == NULL || now >= session->expires_at) {
        return HQ_IDENTITY__OUT;
    }
    int64_t seen = atomic_load_explicit(&session->seen_at, memory_order_relaxed);
    if (now - seen > hq_identity__idle_limit_us(who->role)) {
        return HQ_IDENTITY__IDLE;
    }
    *out = copy_caller(d, who, session->id, arena);
    if (*out == NULL) {
        return HQ_IDENTITY__NOMEM;
    }
    if (now > seen) {
        atomic_store_explicit(&session->seen_at, now, memory_order_relaxed);
    }
    return HQ_IDENTITY__KNOWN;
}

hq_identity__found hq_identity__find_session(hq_caller **out, hq_identity *identity,
                                             const hq_hash32 *hash, hq_arena *arena)
{
    hq_identity__directory *d = &identity->directory;
    hq_time_us now = hq_now(identity->clock);
    pthread_rwlock_rdlock(&d->lock);
    hq_identity__session *session = hq_map_get(d->sessions, hash_view(hash));
    hq_identity__found found =
        session == NULL ? HQ_IDENTITY__UNKNOWN : look_at_session(out, d, session, now, arena);
    pthread_rwlock_unlock(&d->lock);
    return found;
}

void hq_identity__session_seen(hq_identity *identity, const hq_hash32 *hash, hq_time_us seen_at)
{
    hq_identity__directory *d = &identity->directory;
    pthread_rwlock_rdlock(&d->lock);
    hq_identity__session *session = hq_map_get(d->sessions, hash_view(hash));
    if (session != NULL &&
        seen_at > atomic_load_explicit(&session->seen_at, memory_order_relaxed)) {
        atomic_store_explicit(&session->seen_at, seen_at, memory_order_relaxed);
    }
    pthread_rwlock_unlock(&d->lock);
}
