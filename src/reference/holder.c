/* SPDX-License-Identifier: Apache-2.0 */
#include "reference/holder.h"

#include <stdlib.h>
#include <time.h>
#include "embedded_stamp.h"

#define SLOT_BITS    8
#define SLOT_MASK    UINT64_C(0xFF)
#define ROW_TEXT_MAX ((size_t)2 << 30)

HQ_EMBED(hq_reference_sql_001, "reference/schema/001_reference.sql");

static hq_status row_hash(hq_hash32 *out, hq_tx *tx, hq_sv subject)
{
    hq_sv rest = subject;
    hq_sv_cut(&rest, '/');
    return hq_ref__table_hash(out, tx, rest);
}

/* The text of a migration is a linker symbol, whose length no constant expression knows. */
static hq_migration migrations[] = { { "reference", 1, "reference", { NULL, 0 } } };
const hq_store_room hq_reference_room = { "reference", migrations, 1, row_hash };

__attribute__((constructor)) static void fill_migrations(void)
{
    migrations[0].sql = HQ_EMBEDDED(hq_reference_sql_001);
}

/* ------------------------------------------------------------------ readers */

static void free_slot(hq_ref__slot *slot)
{
    hq_ref *ref = atomic_load_explicit(&slot->ref, memory_order_relaxed);
    atomic_store_explicit(&slot->balance, 0, memory_order_relaxed);
    atomic_store_explicit(&slot->ref, NULL, memory_order_release); /* the slot may be used again */
    hq_ref_free(ref);
}

const hq_ref *hq_reference_acquire(hq_reference *reference)
{
    uint64_t seen =
        atomic_fetch_add_explicit(&reference->current, 1u << SLOT_BITS, memory_order_acquire);
    return atomic_load_explicit(&reference->slots[seen & SLOT_MASK].ref, memory_order_relaxed);
}

void hq_reference_release(hq_reference *reference, const hq_ref *ref)
{
    if (ref == NULL) {
        return;
    }
    hq_ref__slot *slot = &reference->slots[ref->slot];
    /* Below zero while the snapshot is current; zero exactly once, for the last one after that. */
    if (atomic_fetch_sub_explicit(&slot->balance, 1, memory_order_acq_rel) == 1) {
        free_slot(slot);
    }
}

/* ------------------------------------------------------------------ swapping */

static void retire(hq_reference *reference, uint64_t last)
{
    hq_ref__slot *slot = &reference->slots[last & SLOT_MASK];
    int64_t acquired = (int64_t)(last >> SLOT_BITS);
    if (atomic_fetch_add_explicit(&slot->balance, acquired, memory_order_acq_rel) == -acquired) {
        free_slot(slot);
    }
}

hq_status hq_ref__swap(hq_reference *reference, hq_ref *ref)
{
    for (uint32_t i = 0; i < HQ_REF__SLOTS; i++) {
        if (atomic_load_explicit(&reference->slots[i].ref, memory_order_acquire) != NULL) {
            continue;
        }
        ref->slot = i;
        atomic_store_explicit(&reference->slots[i].ref, ref, memory_order_relaxed);
        uint64_t last = atomic_exchange_explicit(&reference->current, i, memory_order_acq_rel);
        if ((last & SLOT_MASK) != HQ_REF__NONE) {
            retire(reference, last);
        }
        return HQ_DONE;
    }
    return HQ_FAIL(BUSY);
}

/* ------------------------------------------------------------------ loading */

typedef struct {
    hq_ref__rows rows;
    hq_ref__state state;
    int64_t version; /* wanted, -1: the newest */
    int64_t have;    /* loaded already: no rows are needed for it */
} load;

static hq_status load_rows(hq_tx *tx, void *user)
{
    load *l = user;
    HQ_TRY(hq_ref__state_get(&l->state, tx));
    if (l->version > l->state.version) {
        return HQ_FAIL(NOT_FOUND);
    }
    if (l->version >= 0) {
        l->state.version = l->version;
    }
    if (l->state.version == l->have) {
        return HQ_DONE;
    }
    HQ_TRY(hq_ref__rows_load(&l->rows, tx, NULL, l->state.version));
    return hq_ref__revisions_load(&l->rows, tx, l->state.version);
}

/* *out stays NULL when the version `have` is the one wanted. */
static hq_status load_snapshot(hq_ref **out, hq_reference *reference, int64_t version, int64_t have)
{
    load l = { .version = version, .have = have };
    *out = NULL;
    l.rows.arena = hq_arena_new(ROW_TEXT_MAX);
    if (l.rows.arena == NULL) {
        return HQ_FAIL(NOMEM);
    }
    hq_status s = hq_store_read(reference->store, load_rows, &l);
    if (hq_ok(s) && l.state.version != have) {
        s = hq_ref__build(out, l.rows.items, l.rows.count, l.state.version);
    }
    hq_ref__rows_free(&l.rows);
    hq_arena_free(l.rows.arena);
    return s;
}

/* Version in memory, -1 before the first snapshot. */
static int64_t loaded_version(hq_reference *reference)
{
    if (atomic_load_explicit(&reference->current, memory_order_relaxed) == HQ_REF__NONE) {
        return -1;
    }
    const hq_ref *ref = hq_reference_acquire(reference);
    int64_t version = ref->version;
    hq_reference_release(reference, ref);
    return version;
}

static hq_status reload_locked(hq_reference *reference)
{
    hq_ref *ref;
    HQ_TRY(load_snapshot(&ref, reference, -1, loaded_version(reference)));
    if (ref == NULL) {
        return HQ_DONE;
    }
    hq_status s = hq_ref__swap(reference, ref);
    if (hq_failed(s)) {
        hq_ref_free(ref);
    }
    return s;
}

hq_status hq_ref__reload(hq_reference *reference)
{
    pthread_mutex_lock(&reference->loading);
    hq_status s = reload_locked(reference);
    pthread_mutex_unlock(&reference->loading);
    return s;
}

hq_status hq_reference_as_of(const hq_ref **out, hq_reference *reference, int64_t version)
{
    hq_ref *ref = NULL;
    HQ_TRY(load_snapshot(&ref, reference, version, -1));
    *out = ref;
    return HQ_DONE;
}

/* ------------------------------------------------------------------ listeners */

typedef struct {
    hq_sv self;
    int64_t version;
    int64_t behind;
} listener;

static hq_status tell(hq_tx *tx, void *user)
{
    const listener *l = user;
    return hq_ref__listener_put(tx, l->self, l->version);
}

static hq_status leave(hq_tx *tx, void *user)
{
    const listener *l = user;
    return hq_ref__listener_drop(tx, l->self);
}

static hq_status count_behind(hq_tx *tx, void *user)
{
    listener *l = user;
    return hq_ref__listeners_behind(&l->behind, tx, l->self, l->version);
}

static hq_status drop_behind(hq_tx *tx, void *user)
{
    const listener *l = user;
    return hq_ref__listeners_drop_behind(tx, l->self, l->version);
}

/* Under `loading`. */
static hq_status tell_version(hq_reference *reference)
{
    listener l = { .self = hq_sv_from_cstr(reference->id), .version = loaded_version(reference) };
    if (reference->listening && reference->told == l.version) {
        return HQ_DONE;
    }
    HQ_TRY(hq_store_write(reference->store, tell, &l));
    reference->listening = true;
    reference->told = l.version;
    return HQ_DONE;
}

hq_status hq_reference_refresh(hq_reference *reference)
{
    pthread_mutex_lock(&reference->loading);
    hq_status s = reload_locked(reference);
    if (hq_ok(s)) {
        s = tell_version(reference);
    }
    pthread_mutex_unlock(&reference->loading);
    return s;
}

/* A listener polls every 200 ms or so and loads in well under a second; one that says nothing for
 * three was killed without leaving. Should it live after all, it enlists again with its next load.
 */
#define WAIT_STEP_MS 20
#define WAIT_STEPS   150

hq_status hq_ref__await_listeners(hq_reference *reference, int64_t version)
{
    listener l = { .self = hq_sv_from_cstr(reference->id), .version = version };
    const struct timespec step = { .tv_nsec = WAIT_STEP_MS * 1000000L };
    for (int i = 0; i < WAIT_STEPS; i++) {
        HQ_TRY(hq_store_read(reference->store, count_behind, &l));
        if (l.behind == 0) {
            return HQ_DONE;
        }
        nanosleep(&step, NULL);
    }
    return hq_store_write(reference->store, drop_behind, &l);
}

/* ------------------------------------------------------------------ life */

static void name_listener(hq_reference *reference)
{
    hq_id id;
    hq_buf text = HQ_BUF_HEAP(64);
    hq_id_make(&id, hq_now(hq_store_clock(reference->store)));
    hq_id_write(&text, &id);
    size_t len = text.len < sizeof reference->id ? text.len : sizeof reference->id - 1;
    if (len > 0) {
        memcpy(reference->id, text.ptr, len);
    }
    hq_buf_free(&text);
}

static void explain(hq_why *why)
{
    if (why != NULL) {
        *why = (hq_why){
            .vi = HQ_SV("Không nạp được dữ liệu tham chiếu từ cơ sở dữ liệu; chạy `haiquan journal "
                        "verify` để kiểm tra"),
            .en = HQ_SV("The reference data in the database could not be loaded; run `haiquan "
                        "journal verify` to check it"),
        };
    }
}

hq_status hq_reference_open(hq_reference **out, hq_store *store, hq_why *why, hq_arena *arena)
{
    (void)arena;
    hq_reference *reference = calloc(1, sizeof *reference);
    if (reference == NULL) {
        return HQ_FAIL(NOMEM);
    }
    reference->store = store;
    atomic_init(&reference->current, HQ_REF__NONE);
    pthread_mutex_init(&reference->loading, NULL);
    name_listener(reference);
    hq_status s = hq_ref__reload(reference);
    if (hq_failed(s)) {
        explain(why);
        hq_reference_close(reference);
        return s;
    }
    *out = reference;
    return HQ_DONE;
}

void hq_reference_close(hq_reference *reference)
{
    if (reference == NULL) {
        return;
    }
    if (reference->listening) {
        listener l = { .self = hq_sv_from_cstr(reference->id) };
        /* A row left behind costs the next import three seconds, nothing else. */
        HQ_IGNORE(hq_store_write(reference->store, leave, &l));
    }
    for (uint32_t i = 0; i < HQ_REF__SLOTS; i++) {
        hq_ref_free(atomic_load_explicit(&reference->slots[i].ref, memory_order_acquire));
    }
    pthread_mutex_destroy(&reference->loading);
    free(reference);
}

void hq_reference_on_actor(hq_reference *reference, hq_sv (*actor)(const struct hq_caller *caller))
{
    reference->actor = actor;
}

void hq_reference_on_office(hq_reference *reference,
                            hq_sv (*office)(const struct hq_caller *caller))
{
    reference->office = office;
}
