/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Decimal digits of a number, eight at a time without a loop. */

#include <stdint.h>
#include <string.h>

#define HQ_DIGITS_ROOM 32 /* bytes from `to` that may be written on */

/* Eight digits of v below 10^8 as bytes of one word, 0 to 9, the first digit lowest. */
static inline uint64_t hq_digits__eight(uint32_t v)
{
    uint64_t fours = v / 10000 | (uint64_t)(v % 10000) << 32;
    uint64_t hundreds = (fours * 5243 >> 19) & UINT64_C(0x0000007f0000007f);
    uint64_t twos = hundreds | (fours - hundreds * 100) << 16;
    uint64_t tens = (twos * 103 >> 10) & UINT64_C(0x000f000f000f000f);
    return tens | (twos - tens * 10) << 8;
}

static inline char *hq_digits__put(char *to, uint64_t digits, unsigned skipped)
{
    digits = (digits | UINT64_C(0x3030303030303030)) >> 8 * skipped;
    memcpy(to, &digits, sizeof digits);
    return to + 8 - skipped;
}

/* Without leading zeros; returns the end. Little-endian machines only, as all that we run on. */
static inline char *hq_digits_to(char *to, uint64_t v)
{
    const uint64_t whole = 100000000;
    uint64_t rest[2];
    int count = 0;
    for (; v >= whole; v /= whole) {
        rest[count++] = v % whole;
    }
    uint64_t first = hq_digits__eight((uint32_t)v);
    to = hq_digits__put(to, first, v == 0 ? 7 : (unsigned)__builtin_ctzll(first) / 8);
    while (count > 0) {
        to = hq_digits__put(to, hq_digits__eight((uint32_t)rest[--count]), 0);
    }
    return to;
}
