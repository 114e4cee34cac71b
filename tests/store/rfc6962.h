/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* RFC 6962, 2.1, written down as the RFC has it (recursion over the largest power of two) straight
 * on libsodium, to hold the store's tiles against. */

#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint8_t b[32];
} rfc_hash;

void rfc_leaf(rfc_hash *out, const void *bytes, size_t len);
void rfc_root(rfc_hash *out, const rfc_hash *leaves, size_t n);
/* PATH(m, D[n]); returns its length. */
size_t rfc_path(rfc_hash *out, size_t m, const rfc_hash *leaves, size_t n);
