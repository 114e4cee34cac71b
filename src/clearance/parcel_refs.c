/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "clearance/parcels.h"

/* Two generations of references: the one that is filled, and the one before it. After a
 * generation's time the older one is let go, so that memory follows the traffic of 15 to 30 days. A
 * declaration serves for 15 days (Customs Law art. 25), so a repeat that comes later is no repeat.
 */

#define GENERATION_US (15 * HQ_US_PER_DAY)
#define SLOTS_FIRST   ((size_t)1 << 10)
#define SLOTS_MAX     ((size_t)1 << 27)

typedef struct {
    uint64_t print; /* 0: empty */
    int64_t id;
} slot;

typedef struct {
    slot *slots;
    size_t count, used;
} table;

struct hq_clr__refs {
    hq_clearance *clearance;
    pthread_mutex_t lock;
    table now, before;
    hq_time_us began; /* of the generation that is filled */
    int64_t known[2]; /* newest number of each flow */
    bool full;
};

uint64_t hq_clr__ref_print(hq_sv tax_code, hq_sv reference)
{
    char bytes[512];
    size_t len = 0;
    hq_hash32 hash;
    uint64_t print;
    const hq_sv parts[2] = { tax_code, reference };
    for (int i = 0; i < 2; i++) {
        size_t take = parts[i].len < sizeof bytes - 1 - len ? parts[i].len : sizeof bytes - 1 - len;
        memcpy(bytes + len, parts[i].ptr, take);
        len += take;
        bytes[len++] = '\n';
    }
    hq_blake2b(&hash, hq_sv_make(bytes, len));
    memcpy(&print, hash.bytes, sizeof print);
    return print == 0 ? 1 : print;
}

/* ------------------------------------------------------------------ tables */

static slot *place_of(const table *t, uint64_t print)
{
    size_t at = (size_t)print & (t->count - 1);
    while (t->slots[at].print != 0 && t->slots[at].print != print) {
        at = (at + 1) & (t->count - 1);
    }
    return &t->slots[at];
}

static bool grow(table *t)
{
    table larger = { .count = t->count == 0 ? SLOTS_FIRST : 2 * t->count };
    larger.slots = larger.count > SLOTS_MAX ? NULL : calloc(larger.count, sizeof *larger.slots);
    if (larger.slots == NULL) {
        return false;
    }
    for (size_t i = 0; i < t->count; i++) {
        if (t->slots[i].print != 0) {
            *place_of(&larger, t->slots[i].print) = t->slots[i];
            larger.used++;
        }
    }
    free(t->slots);
    *t = larger;
    return true;
}

static bool put(table *t, uint64_t print, int64_t id)
{
    if (2 * (t->used + 1) > t->count && !grow(t)) {
        return false;
    }
    slot *s = place_of(t, print);
    t->used += s->print == 0;
    *s = (slot){ print, id };
    return true;
}

static int64_t get(const table *t, uint64_t print)
{
    if (t->count == 0) {
        return 0;
    }
    const slot *s = place_of(t, print);
    return s->print == 0 ? 0 : s->id;
}

int64_t hq_clr__refs_find(hq_clr__refs *refs, uint64_t print)
{
    pthread_mutex_lock(&refs->lock);
    int64_t id = get(&refs->now, print);
    id = id != 0 ? id : get(&refs->before, print);
    pthread_mutex_unlock(&refs->lock);
    return id;
}

int64_t hq_clr__refs_known(hq_clr__refs *refs, hq_flow flow)
{
    pthread_mutex_lock(&refs->lock);
    int64_t known = refs->known[flow];
    pthread_mutex_unlock(&refs->lock);
    return known;
}

/* ------------------------------------------------------------------ taking in */

static hq_flow flow_of(int64_t id)
{
    return id < INT64_C(30000000000) ? HQ_FLOW_IMPORT : HQ_FLOW_EXPORT;
}

/* Under the lock. A parcel that cannot be noted for want of memory is not known as taken in either.
 */
static void take_in(void *user, uint64_t print, int64_t id)
{
    hq_clr__refs *refs = user;
    refs->full = refs->full || !put(&refs->now, print, id);
    if (!refs->full && id > refs->known[flow_of(id)]) {
        refs->known[flow_of(id)] = id;
    }
}

/* Under the lock. */
static void turn_generation(hq_clr__refs *refs)
{
    hq_time_us now = hq_now(refs->clearance->clock);
    if (now < refs->began + GENERATION_US) {
        return;
    }
    free(refs->before.slots);
    refs->before = refs->now;
    refs->now = (table){ .slots = NULL };
    refs->began = now;
}

static hq_status read_new(hq_tx *tx, void *user)
{
    hq_clr__refs *refs = user;
    pthread_mutex_lock(&refs->lock);
    const int64_t known[2] = { refs->known[0], refs->known[1] };
    turn_generation(refs);
    hq_status s = hq_clr__group_prints(tx, known, take_in, refs);
    pthread_mutex_unlock(&refs->lock);
    return s;
}

hq_status hq_clr__refs_catch_up(hq_clr__refs *refs)
{
    return hq_store_read(refs->clearance->store, read_new, refs);
}

static hq_status read_all(hq_tx *tx, void *user)
{
    hq_clr__refs *refs = user;
    return hq_clr__group_prints_since(tx, refs->began - GENERATION_US, take_in, refs);
}

hq_status hq_clr__refs_open(hq_clr__refs **out, hq_clearance *clearance)
{
    hq_clr__refs *refs = calloc(1, sizeof *refs);
    if (refs == NULL) {
        return HQ_FAIL(NOMEM);
    }
    *out = refs;
    refs->clearance = clearance;
    refs->began = hq_now(clearance->clock);
    pthread_mutex_init(&refs->lock, NULL);
    HQ_TRY(hq_store_read(clearance->store, read_all, refs));
    return refs->full ? HQ_FAIL(NOMEM) : HQ_DONE;
}

void hq_clr__refs_close(hq_clr__refs *refs)
{
    if (refs != NULL) {
        pthread_mutex_destroy(&refs->lock);
        free(refs->now.slots);
        free(refs->before.slots);
        free(refs);
    }
}
