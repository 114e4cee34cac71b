/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>

#include "rfc6962.h"
#include "store/tree.h"

static void make_leaf(rfc_hash *out, size_t i)
{
    rfc_leaf(out, &i, sizeof i);
}

static hq_status count_tile(int level, int64_t place, const hq_hash32 *root,
                            const hq_hash32 hashes[HQ_STORE__TILE], void *user)
{
    int64_t *counts = user;
    rfc_hash want;
    assert_int_equal(place, counts[level]);
    counts[level]++;
    rfc_root(&want, (const rfc_hash *)hashes, HQ_STORE__TILE);
    assert_memory_equal(&want, root, 32);
    return HQ_DONE;
}

static void the_root_is_that_of_the_rfc(void **state)
{
    (void)state;
    enum { COUNT = 70000 };
    rfc_hash *leaves = calloc(COUNT, sizeof *leaves);
    hq_store__tree *tree = calloc(1, sizeof *tree);
    int64_t tiles[HQ_STORE__LEVELS] = { 0 };
    assert_non_null(leaves);
    assert_non_null(tree);
    for (size_t n = 1; n <= COUNT; n++) {
        hq_hash32 leaf, root;
        rfc_hash want;
        make_leaf(&leaves[n - 1], n);
        memcpy(&leaf, &leaves[n - 1], 32);
        MUST(hq_store__tree_append(tree, &leaf, count_tile, tiles));
        if (n <= 1030 || (n > 65530 && n < 65545) || n % 4999 == 0 || n == COUNT) {
            hq_store__tree_root(&root, tree);
            rfc_root(&want, leaves, n);
            assert_memory_equal(&root, &want, 32);
        }
    }
    assert_int_equal(tiles[0], COUNT / 256);
    assert_int_equal(tiles[1], COUNT / 65536);
    free(leaves);
    free(tree);
}

static void the_empty_tree_has_the_hash_of_nothing(void **state)
{
    (void)state;
    hq_store__tree tree = { 0 };
    hq_hash32 root, want;
    hq_store__tree_root(&root, &tree);
    hq_sha256(&want, HQ_SV_NULL);
    assert_memory_equal(&root, &want, 32);
}

static void paths_are_those_of_the_rfc_and_hold(void **state)
{
    (void)state;
    enum { MOST = 256 };
    rfc_hash leaves[MOST], path[16], root;
    for (size_t i = 0; i < MOST; i++) {
        make_leaf(&leaves[i], i);
    }
    for (size_t n = 1; n <= MOST; n += n < 20 ? 1 : 13) {
        rfc_root(&root, leaves, n);
        for (size_t m = 0; m < n; m++) {
            hq_hash32 nodes[MOST], mine[16], top;
            size_t length = 0, want = rfc_path(path, m, leaves, n);
            memcpy(nodes, leaves, sizeof nodes);
            hq_store__fold_path(&top, nodes, n, m, mine, &length);
            assert_int_equal(length, want);
            assert_memory_equal(mine, path, 32 * length);
            assert_memory_equal(&top, &root, 32);
            hq_hash32 leaf;
            memcpy(&leaf, &leaves[m], 32);
            assert_true(hq_store__path_holds(&top, (int64_t)n, (int64_t)m, &leaf, mine, length));
            leaf.bytes[m % 32] ^= 1;
            assert_false(hq_store__path_holds(&top, (int64_t)n, (int64_t)m, &leaf, mine, length));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_root_is_that_of_the_rfc),
        cmocka_unit_test(the_empty_tree_has_the_hash_of_nothing),
        cmocka_unit_test(paths_are_those_of_the_rfc_and_hold),
    };
    if (hq_failed(hq_base_init())) {
        return 1;
    }
    return cmocka_run_group_tests_name("tree", tests, NULL, NULL);
}
