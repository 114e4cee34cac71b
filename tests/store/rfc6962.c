/* SPDX-License-Identifier: Apache-2.0 */
#include "rfc6962.h"

#include <sodium.h>

static void hash(rfc_hash *out, uint8_t prefix, const void *a, size_t a_len, const void *b,
                 size_t b_len)
{
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, &prefix, 1);
    crypto_hash_sha256_update(&state, a, a_len);
    crypto_hash_sha256_update(&state, b, b_len);
    crypto_hash_sha256_final(&state, out->b);
}

void rfc_leaf(rfc_hash *out, const void *bytes, size_t len)
{
    hash(out, 0, bytes, len, "", 0);
}

/* Largest power of two smaller than n. */
static size_t split(size_t n)
{
    size_t k = 1;
    while (k * 2 < n) {
        k *= 2;
    }
    return k;
}

void rfc_root(rfc_hash *out, const rfc_hash *leaves, size_t n)
{
    if (n == 1) {
        *out = leaves[0];
        return;
    }
    rfc_hash left, right;
    size_t k = split(n);
    rfc_root(&left, leaves, k);
    rfc_root(&right, leaves + k, n - k);
    hash(out, 1, left.b, 32, right.b, 32);
}

size_t rfc_path(rfc_hash *out, size_t m, const rfc_hash *leaves, size_t n)
{
    if (n == 1) {
        return 0;
    }
    size_t k = split(n), length;
    if (m < k) {
        length = rfc_path(out, m, leaves, k);
        rfc_root(&out[length], leaves + k, n - k);
    } else {
        length = rfc_path(out, m - k, leaves + k, n - k);
        rfc_root(&out[length], leaves, k);
    }
    return length + 1;
}
