/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Hash map from bytes to a pointer-sized value, open addressing, grown by doubling. Keys are
 * borrowed: they must live as long as the map. Not for untrusted growth without a ceiling: give one.
 * After building it may be read by any number of threads. */

#include "base/arena.h"

typedef struct hq_map hq_map;

/* Arena NULL: heap, then hq_map_free is due. `ceiling` in entries. */
hq_map *hq_map_new(hq_arena *arena, size_t expected, size_t ceiling);
void hq_map_free(hq_map *map);
size_t hq_map_count(const hq_map *map);
/* Inserts or replaces. LIMIT at the ceiling, NOMEM. */
hq_status hq_map_put(hq_map *map, hq_sv key, void *value);
/* NULL when absent. */
void *hq_map_get(const hq_map *map, hq_sv key);
bool hq_map_has(const hq_map *map, hq_sv key);
/* Returns the value removed, or NULL. */
void *hq_map_remove(hq_map *map, hq_sv key);
/* Iterates in unspecified order: *at starts at 0; false at the end. */
bool hq_map_next(const hq_map *map, size_t *at, hq_sv *key, void **value);
