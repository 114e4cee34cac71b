/* SPDX-License-Identifier: Apache-2.0 */
#include "risk/room.h"

#include <stdlib.h>
#include "embedded_stamp.h"

/* The holder of the version in force. Readers take no lock: one addition reads the slot of the
 * current version and counts the reader; the version is freed by whoever is last, counted from both
 * sides. */

#define SLOT_BITS 8
#define SLOT_MASK UINT64_C(0xFF)
#define ARENA_MAX ((size_t)256 << 20)

HQ_EMBED(hq_risk_sql_001, "risk/schema/001_risk.sql");

static hq_status row_hash(hq_hash32 *out, hq_tx *tx, hq_sv subject)
{
    (void)subject; /* there is one: the policy */
    return hq_risk__policy_hash(out, tx);
}

/* The text of a migration is a linker symbol, whose length no constant expression knows. */
static hq_migration migrations[] = { { "risk", 1, "risk", { NULL, 0 } } };
const hq_store_room hq_risk_room = { "risk", migrations, 1, row_hash };

__attribute__((constructor)) static void fill_migrations(void)
{
    migrations[0].sql = HQ_EMBEDDED(hq_risk_sql_001);
}

const char *hq_channel_name(hq_channel channel)
{
    switch (channel) {
    case HQ_CHANNEL_GREEN:
        return "GREEN";
    case HQ_CHANNEL_YELLOW:
        return "YELLOW";
    case HQ_CHANNEL_RED:
        return "RED";
    }
    return "";
}

/* ------------------------------------------------------------------ loading */

typedef struct {
    int64_t version;
    int64_t have; /* loaded already */
    hq_risk_rules *rules;
    hq_sv shares;
} load;

static hq_status read_version(hq_tx *tx, void *user)
{
    load *l = user;
    hq_risk__version v;
    hq_sv csv;
    HQ_TRY(hq_risk__version_get(&v, tx, l->version));
    l->version = v.version;
    if (v.version == l->have) {
        return HQ_DONE;
    }
    HQ_TRY(hq_risk__csv_get(&csv, tx, v.rules_of));
    l->rules->csv = hq_arena_dup(l->rules->arena, csv);
    l->shares = hq_arena_dup(l->rules->arena, v.shares);
    return l->rules->csv.ptr == NULL || l->shares.ptr == NULL ? HQ_FAIL(NOMEM) : HQ_DONE;
}

static hq_status build(load *l)
{
    hq_risk_rules *rules = l->rules;
    hq_risk__found found = { .arena = rules->arena };
    rules->version = l->version;
    HQ_TRY(hq_risk__shares_read(&rules->shares, &rules->share_count, l->shares, rules->arena));
    if (rules->csv.len > 0) {
        HQ_TRY(hq_risk__read(&rules->rules, &rules->count, rules->csv, &found, rules->arena, NULL));
        if (found.count > 0) {
            return HQ_FAIL(CORRUPT);
        }
    }
    return hq_risk__index(rules);
}

void hq_risk_rules_free(const hq_risk_rules *rules)
{
    if (rules != NULL) {
        hq_arena_free(rules->arena); /* it holds the struct too */
    }
}

/* *out stays NULL when the version `have` is the one wanted. */
static hq_status load_version(hq_risk_rules **out, hq_risk *risk, int64_t version, int64_t have)
{
    hq_arena *arena = hq_arena_new(ARENA_MAX);
    load l = { .version = version, .have = have };
    *out = NULL;
    l.rules = arena == NULL ? NULL : HQ_NEW(arena, hq_risk_rules);
    if (l.rules == NULL) {
        hq_arena_free(arena);
        return HQ_FAIL(NOMEM);
    }
    l.rules->arena = arena;
    hq_status s = hq_store_read(risk->store, read_version, &l);
    if (hq_ok(s) && l.version != have) {
        s = build(&l);
        if (hq_ok(s)) {
            *out = l.rules;
            return s;
        }
    }
    hq_arena_free(arena);
    return s;
}

hq_status hq_risk__load(hq_risk_rules **out, hq_risk *risk, int64_t version)
{
    return load_version(out, risk, version, -1);
}

hq_status hq_risk_rules_at(const hq_risk_rules **out, hq_risk *risk, int64_t version)
{
    hq_risk_rules *rules;
    *out = NULL;
    if (version < 0) {
        return HQ_FAIL(NOT_FOUND);
    }
    HQ_TRY(hq_risk__load(&rules, risk, version));
    *out = rules;
    return HQ_DONE;
}

int64_t hq_risk_rules_version(const hq_risk_rules *rules)
{
    return rules->version;
}

/* ------------------------------------------------------------------ readers */

static void free_slot(hq_risk__slot *slot)
{
    hq_risk_rules *rules = atomic_load_explicit(&slot->rules, memory_order_relaxed);
    atomic_store_explicit(&slot->balance, 0, memory_order_relaxed);
    atomic_store_explicit(&slot->rules, NULL,
                          memory_order_release); /* the slot may be used again */
    hq_risk_rules_free(rules);
}

const hq_risk_rules *hq_risk_acquire(hq_risk *risk)
{
    uint64_t seen =
        atomic_fetch_add_explicit(&risk->current, UINT64_C(1) << SLOT_BITS, memory_order_acquire);
    return atomic_load_explicit(&risk->slots[seen & SLOT_MASK].rules, memory_order_relaxed);
}

void hq_risk_release(hq_risk *risk, const hq_risk_rules *rules)
{
    if (rules == NULL) {
        return;
    }
    hq_risk__slot *slot = &risk->slots[rules->slot];
    /* Below zero while the version is current; zero exactly once, for the last one after that. */
    if (atomic_fetch_sub_explicit(&slot->balance, 1, memory_order_acq_rel) == 1) {
        free_slot(slot);
    }
}

/* ------------------------------------------------------------------ swapping, under `loading` */

static void retire(hq_risk *risk, uint64_t last)
{
    hq_risk__slot *slot = &risk->slots[last & SLOT_MASK];
    int64_t acquired = (int64_t)(last >> SLOT_BITS);
    if (atomic_fetch_add_explicit(&slot->balance, acquired, memory_order_acq_rel) == -acquired) {
        free_slot(slot);
    }
}

static hq_status swap(hq_risk *risk, hq_risk_rules *rules)
{
    for (uint32_t i = 0; i < HQ_RISK__SLOTS; i++) {
        if (atomic_load_explicit(&risk->slots[i].rules, memory_order_acquire) != NULL) {
            continue;
        }
        rules->slot = i;
        atomic_store_explicit(&risk->slots[i].rules, rules, memory_order_relaxed);
        uint64_t last = atomic_exchange_explicit(&risk->current, i, memory_order_acq_rel);
        if ((last & SLOT_MASK) != HQ_RISK__NONE) {
            retire(risk, last);
        }
        return HQ_DONE;
    }
    return HQ_FAIL(BUSY);
}

static int64_t loaded_version(hq_risk *risk)
{
    if (atomic_load_explicit(&risk->current, memory_order_relaxed) == HQ_RISK__NONE) {
        return -1;
    }
    const hq_risk_rules *rules = hq_risk_acquire(risk);
    int64_t version = rules->version;
    hq_risk_release(risk, rules);
    return version;
}

static hq_status refresh_locked(hq_risk *risk)
{
    hq_risk_rules *rules;
    HQ_TRY(load_version(&rules, risk, -1, loaded_version(risk)));
    if (rules == NULL) {
        return HQ_DONE;
    }
    hq_status s = swap(risk, rules);
    if (hq_failed(s)) {
        hq_risk_rules_free(rules);
    }
    return s;
}

hq_status hq_risk_refresh(hq_risk *risk)
{
    pthread_mutex_lock(&risk->loading);
    hq_status s = refresh_locked(risk);
    pthread_mutex_unlock(&risk->loading);
    return s;
}

hq_status hq_risk__borrow(const hq_risk_rules **out, bool *loaded, hq_risk *risk, int64_t version)
{
    hq_risk_rules *old;
    *loaded = false;
    *out = hq_risk_acquire(risk);
    if ((*out)->version == version) {
        return HQ_DONE;
    }
    hq_risk_release(risk, *out);
    *out = NULL;
    HQ_TRY(hq_risk__load(&old, risk, version));
    *loaded = true;
    *out = old;
    return HQ_DONE;
}

void hq_risk__unborrow(hq_risk *risk, const hq_risk_rules *rules, bool loaded)
{
    if (loaded) {
        hq_risk_rules_free(rules);
    } else {
        hq_risk_release(risk, rules);
    }
}

/* ------------------------------------------------------------------ opening */

hq_status hq_risk_open(hq_risk **out, hq_store *store, hq_reference *reference)
{
    hq_risk *risk = calloc(1, sizeof *risk);
    if (risk == NULL) {
        return HQ_FAIL(NOMEM);
    }
    risk->store = store;
    risk->reference = reference;
    atomic_init(&risk->current, HQ_RISK__NONE);
    pthread_mutex_init(&risk->loading, NULL);
    hq_status s = hq_risk_refresh(risk);
    if (hq_failed(s)) {
        hq_risk_close(risk);
        return s;
    }
    *out = risk;
    return HQ_DONE;
}

void hq_risk_close(hq_risk *risk)
{
    if (risk == NULL) {
        return;
    }
    for (size_t i = 0; i < HQ_RISK__SLOTS; i++) {
        hq_risk_rules_free(atomic_load_explicit(&risk->slots[i].rules, memory_order_acquire));
    }
    pthread_mutex_destroy(&risk->loading);
    free(risk);
}
