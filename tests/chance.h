/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Chance with a seed (SplitMix64), so that a test that failed fails again. */

#include <stdint.h>

typedef struct {
    uint64_t state;
} chance;

static inline uint64_t chance_u64(chance *c)
{
    uint64_t z = c->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static inline uint64_t chance_below(chance *c, uint64_t bound)
{
    return chance_u64(c) % bound;
}

/* A number whose length in bits is drawn first, so that small ones come up too; either sign. */
static inline int64_t chance_i64(chance *c)
{
    uint64_t v = chance_u64(c) >> chance_below(c, 64);
    return (int64_t)((chance_u64(c) & 1) != 0 ? 0 - v : v);
}
