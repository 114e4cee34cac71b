/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What every fuzz target includes. A target must hold whatever the bytes are: FUZZ_HOLDS says so.
 */

#include <stdio.h>
#include <stdlib.h>

#include "base/base.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

#define FUZZ_HOLDS(what)                                                                           \
    do {                                                                                           \
        if (!(what)) {                                                                             \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #what);              \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

/* A copy that ends where its memory ends, so that reading on is seen. Freed by the caller. */
static inline char *fuzz_copy(const uint8_t *bytes, size_t len)
{
    char *copy = malloc(len == 0 ? 1 : len);
    if (copy == NULL) {
        abort();
    }
    if (len > 0) {
        memcpy(copy, bytes, len);
    }
    return copy;
}
