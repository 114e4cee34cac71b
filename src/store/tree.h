/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Private to store/: the Merkle tree of RFC 6962 cut into tiles of 256 hashes. Level 0 holds
 * leaves, level n + 1 the roots of the full tiles of level n. Only full tiles are stored; this
 * keeps what stands behind the last full tile of each level, which is all that appending and the
 * root need. */

#include "base/base.h"

enum { HQ_STORE__TILE = 256, HQ_STORE__TILE_BITS = 8, HQ_STORE__LEVELS = 7 };

typedef struct {
    hq_hash32 hashes[HQ_STORE__TILE];
    size_t count; /* below HQ_STORE__TILE */
} hq_store__level;

typedef struct hq_store__tree {
    int64_t size; /* leaves */
    hq_store__level levels[HQ_STORE__LEVELS];
} hq_store__tree;

/* Called for each tile that becomes full. */
typedef hq_status (*hq_store__tile_fn)(int level, int64_t place, const hq_hash32 *root,
                                       const hq_hash32 hashes[HQ_STORE__TILE], void *user);

/* LIMIT past 2^56 leaves. */
hq_status hq_store__tree_append(hq_store__tree *tree, const hq_hash32 *leaf, hq_store__tile_fn full,
                                void *user);
/* Of no leaves: SHA-256 of nothing. */
void hq_store__tree_root(hq_hash32 *out, const hq_store__tree *tree);
/* Root of a list of nodes of one level (`count` > 0); the list is overwritten. */
void hq_store__fold(hq_hash32 *out, hq_hash32 *nodes, size_t count);
/* The same, and the hashes beside the way from `at` up, appended to path[*length]. */
void hq_store__fold_path(hq_hash32 *out, hq_hash32 *nodes, size_t count, size_t at, hq_hash32 *path,
                         size_t *length);
/* Leaf and path against a root: the check of RFC 6962 that any holder of a receipt makes. */
bool hq_store__path_holds(const hq_hash32 *root, int64_t size, int64_t index, const hq_hash32 *leaf,
                          const hq_hash32 *path, size_t length);
