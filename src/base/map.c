/* SPDX-License-Identifier: Apache-2.0 */
#include "base/map.h"

#include <stdlib.h>

#include "base/hash.h"

enum { CAP_MIN = 8 };

typedef struct {
    uint64_t hash; /* 0: free */
    hq_sv key;
    void *value;
} slot;

struct hq_map {
    slot *slots;
    size_t cap; /* a power of two */
    size_t count, ceiling;
    hq_arena *arena;
};

static slot *new_slots(hq_arena *arena, size_t cap)
{
    return arena == NULL ? calloc(cap, sizeof(slot)) : hq_arena_array(arena, cap, sizeof(slot));
}

/* At most three quarters full: linear probing stays short. */
static size_t cap_for(size_t count)
{
    size_t cap = CAP_MIN;
    while (cap / 4 * 3 < count && cap <= SIZE_MAX / 4) {
        cap *= 2;
    }
    return cap;
}

hq_map *hq_map_new(hq_arena *arena, size_t expected, size_t ceiling)
{
    hq_map *map = arena == NULL ? malloc(sizeof *map) : hq_arena_alloc(arena, sizeof *map);
    if (map == NULL) {
        return NULL;
    }
    size_t cap = cap_for(expected < ceiling ? expected : ceiling);
    *map = (hq_map){ new_slots(arena, cap), cap, 0, ceiling, arena };
    if (map->slots == NULL) {
        if (arena == NULL) {
            free(map);
        }
        return NULL;
    }
    return map;
}

void hq_map_free(hq_map *map)
{
    if (map != NULL && map->arena == NULL) {
        free(map->slots);
        free(map);
    }
}

size_t hq_map_count(const hq_map *map)
{
    return map->count;
}

static uint64_t hash_of(hq_sv key)
{
    uint64_t hash = hq_hash64(key);
    return hash == 0 ? 1 : hash;
}

/* The slot that holds the key, or the free one where it belongs. */
static slot *seek(slot *slots, size_t cap, uint64_t hash, hq_sv key)
{
    size_t at = hash & (cap - 1);
    while (slots[at].hash != 0 && !(slots[at].hash == hash && hq_sv_eq(slots[at].key, key))) {
        at = (at + 1) & (cap - 1);
    }
    return &slots[at];
}

static hq_status grow(hq_map *map)
{
    size_t cap = map->cap * 2;
    slot *slots = new_slots(map->arena, cap);
    if (slots == NULL) {
        return HQ_FAIL(NOMEM);
    }
    for (size_t i = 0; i < map->cap; i++) {
        if (map->slots[i].hash != 0) {
            *seek(slots, cap, map->slots[i].hash, map->slots[i].key) = map->slots[i];
        }
    }
    if (map->arena == NULL) {
        free(map->slots);
    }
    map->slots = slots;
    map->cap = cap;
    return HQ_DONE;
}

hq_status hq_map_put(hq_map *map, hq_sv key, void *value)
{
    uint64_t hash = hash_of(key);
    slot *s = seek(map->slots, map->cap, hash, key);
    if (s->hash != 0) {
        s->key = key;
        s->value = value;
        return HQ_DONE;
    }
    if (map->count >= map->ceiling) {
        return HQ_FAIL(LIMIT);
    }
    if (map->count + 1 > map->cap / 4 * 3) {
        HQ_TRY(grow(map));
        s = seek(map->slots, map->cap, hash, key);
    }
    *s = (slot){ hash, key, value };
    map->count++;
    return HQ_DONE;
}

void *hq_map_get(const hq_map *map, hq_sv key)
{
    return seek(map->slots, map->cap, hash_of(key), key)->value;
}

bool hq_map_has(const hq_map *map, hq_sv key)
{
    return seek(map->slots, map->cap, hash_of(key), key)->hash != 0;
}

void *hq_map_remove(hq_map *map, hq_sv key)
{
    slot *s = seek(map->slots, map->cap, hash_of(key), key);
    if (s->hash == 0) {
        return NULL;
    }
    void *value = s->value;
    size_t mask = map->cap - 1;
    size_t hole = (size_t)(s - map->slots);
    /* Pull back what was pushed past the hole, so that no tombstones pile up. */
    for (size_t at = (hole + 1) & mask; map->slots[at].hash != 0; at = (at + 1) & mask) {
        size_t home = map->slots[at].hash & mask;
        if (((at - home) & mask) >= ((at - hole) & mask)) {
            map->slots[hole] = map->slots[at];
            hole = at;
        }
    }
    map->slots[hole] = (slot){ 0 };
    map->count--;
    return value;
}

bool hq_map_next(const hq_map *map, size_t *at, hq_sv *key, void **value)
{
    while (*at < map->cap) {
        const slot *s = &map->slots[(*at)++];
        if (s->hash != 0) {
            *key = s->key;
            *value = s->value;
            return true;
        }
    }
    return false;
}
