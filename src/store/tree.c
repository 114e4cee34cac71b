/* SPDX-License-Identifier: Apache-2.0 */
#include "store/tree.h"

static void node(hq_hash32 *out, const hq_hash32 *left, const hq_hash32 *right)
{
    hq_sha256_prefixed(out, 1, hq_sv_make(left->bytes, sizeof left->bytes),
                       hq_sv_make(right->bytes, sizeof right->bytes));
}

/* One layer up, in place; an odd last node is promoted. */
static size_t layer(hq_hash32 *nodes, size_t count)
{
    for (size_t i = 0; i + 1 < count; i += 2) {
        node(&nodes[i / 2], &nodes[i], &nodes[i + 1]);
    }
    if (count % 2 == 1) {
        nodes[count / 2] = nodes[count - 1];
    }
    return (count + 1) / 2;
}

void hq_store__fold(hq_hash32 *out, hq_hash32 *nodes, size_t count)
{
    while (count > 1) {
        count = layer(nodes, count);
    }
    *out = nodes[0];
}

void hq_store__fold_path(hq_hash32 *out, hq_hash32 *nodes, size_t count, size_t at, hq_hash32 *path,
                         size_t *length)
{
    for (; count > 1; at /= 2) {
        if ((at ^ 1) < count) {
            path[(*length)++] = nodes[at ^ 1];
        }
        count = layer(nodes, count);
    }
    *out = nodes[0];
}

hq_status hq_store__tree_append(hq_store__tree *tree, const hq_hash32 *leaf, hq_store__tile_fn full,
                                void *user)
{
    hq_hash32 up = *leaf;
    tree->size++;
    for (int level = 0; level < HQ_STORE__LEVELS; level++) {
        hq_store__level *l = &tree->levels[level];
        l->hashes[l->count++] = up;
        if (l->count < HQ_STORE__TILE) {
            return HQ_DONE;
        }
        hq_hash32 copy[HQ_STORE__TILE];
        memcpy(copy, l->hashes, sizeof copy);
        hq_store__fold(&up, copy, HQ_STORE__TILE);
        int64_t place = (tree->size >> (HQ_STORE__TILE_BITS * (level + 1))) - 1;
        HQ_TRY(full(level, place, &up, l->hashes, user));
        l->count = 0;
    }
    return HQ_FAIL(LIMIT);
}

/* What stands behind the full tiles of a level has, at the level above, its own root as last node.
 */
void hq_store__tree_root(hq_hash32 *out, const hq_store__tree *tree)
{
    hq_hash32 nodes[HQ_STORE__TILE];
    bool rest = false;
    if (tree->size == 0) {
        hq_sha256(out, HQ_SV_NULL);
        return;
    }
    for (int level = 0; level < HQ_STORE__LEVELS; level++) {
        const hq_store__level *l = &tree->levels[level];
        memcpy(nodes, l->hashes, l->count * sizeof nodes[0]);
        size_t count = l->count;
        if (rest) {
            nodes[count++] = *out;
        }
        if (count > 0) {
            hq_store__fold(out, nodes, count);
            rest = true;
        }
    }
}

bool hq_store__path_holds(const hq_hash32 *root, int64_t size, int64_t index, const hq_hash32 *leaf,
                          const hq_hash32 *path, size_t length)
{
    hq_hash32 up = *leaf;
    int64_t last = size - 1;
    size_t used = 0;
    if (index < 0 || index > last) {
        return false;
    }
    for (; last > 0; index >>= 1, last >>= 1) {
        if (index == last && index % 2 == 0) {
            continue; /* promoted */
        }
        if (used == length) {
            return false;
        }
        if (index % 2 == 1) {
            node(&up, &path[used++], &up);
        } else {
            node(&up, &up, &path[used++]);
        }
    }
    return used == length && hq_hash_eq(&up, root);
}
