/* SPDX-License-Identifier: Apache-2.0 */
#include "base/sha256.h"

#include <string.h>

static const uint32_t K[64] __attribute__((aligned(16))) = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

/* ------------------------------------------------------------------ portable */

static inline uint32_t turn(uint32_t x, unsigned by)
{
    return (x >> by) | (x << (32 - by));
}

static inline uint32_t load_be(const uint8_t *p)
{
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return __builtin_bswap32(v); /* of a little-endian machine, as everywhere in this program */
}

/* One round; the caller turns the names instead of moving the words. */
#define ROUND(a, b, c, d, e, f, g, h, kw)                                                          \
    do {                                                                                           \
        (h) +=                                                                                     \
            (turn((e), 6) ^ turn((e), 11) ^ turn((e), 25)) + ((((f) ^ (g)) & (e)) ^ (g)) + (kw);   \
        (d) += (h);                                                                                \
        (h) +=                                                                                     \
            (turn((a), 2) ^ turn((a), 13) ^ turn((a), 22)) + (((a) & (b)) | (((a) | (b)) & (c)));  \
    } while (0)

/* Word i of the schedule from the sixteen before it, kept in a ring. */
static inline uint32_t extend(uint32_t w[16], unsigned i)
{
    uint32_t early = w[(i + 1) & 15], late = w[(i + 14) & 15];
    w[i & 15] += (turn(early, 7) ^ turn(early, 18) ^ (early >> 3)) + w[(i + 9) & 15] +
                 (turn(late, 17) ^ turn(late, 19) ^ (late >> 10));
    return w[i & 15];
}

static inline uint32_t word(uint32_t w[16], unsigned i)
{
    return K[i] + (i < 16 ? w[i] : extend(w, i));
}

static void block_portable(uint32_t state[8], const uint8_t *bytes)
{
    uint32_t w[16];
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
    uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
#pragma GCC unroll 16
    for (unsigned i = 0; i < 16; i++) {
        w[i] = load_be(bytes + 4 * i);
    }
#pragma GCC unroll 8
    for (unsigned i = 0; i < 64; i += 8) {
        ROUND(a, b, c, d, e, f, g, h, word(w, i));
        ROUND(h, a, b, c, d, e, f, g, word(w, i + 1));
        ROUND(g, h, a, b, c, d, e, f, word(w, i + 2));
        ROUND(f, g, h, a, b, c, d, e, word(w, i + 3));
        ROUND(e, f, g, h, a, b, c, d, word(w, i + 4));
        ROUND(d, e, f, g, h, a, b, c, word(w, i + 5));
        ROUND(c, d, e, f, g, h, a, b, word(w, i + 6));
        ROUND(b, c, d, e, f, g, h, a, word(w, i + 7));
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
    state[5] += f;
    state[6] += g;
    state[7] += h;
}

void hq_sha256__blocks_portable(uint32_t state[8], const uint8_t *bytes, size_t blocks)
{
    for (size_t i = 0; i < blocks; i++) {
        block_portable(state, bytes + 64 * i);
    }
}

static void (*chosen)(uint32_t state[8], const uint8_t *bytes,
                      size_t blocks) = hq_sha256__blocks_portable;

void hq_sha256__blocks(uint32_t state[8], const uint8_t *bytes, size_t blocks)
{
    chosen(state, bytes, blocks);
}

/* ------------------------------------------------------------------ x86-64 with SHA extensions */

#ifdef __x86_64__
#include <cpuid.h>
#include <immintrin.h>

/* The instructions want the state as (ABEF, CDGH). */
__attribute__((target("sha,sse4.1,ssse3"))) static void
blocks_native(uint32_t state[8], const uint8_t *bytes, size_t blocks)
{
    const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    __m128i low = _mm_shuffle_epi32(_mm_loadu_si128((const void *)state), 0xB1);
    __m128i high = _mm_shuffle_epi32(_mm_loadu_si128((const void *)(state + 4)), 0x1B);
    __m128i abef = _mm_alignr_epi8(low, high, 8), cdgh = _mm_blend_epi16(high, low, 0xF0);
    for (; blocks > 0; blocks--, bytes += 64) {
        const __m128i abef_before = abef, cdgh_before = cdgh;
        __m128i w[4];
#pragma GCC unroll 16
        for (int i = 0; i < 16; i++) {
            if (i < 4) {
                w[i] = _mm_shuffle_epi8(_mm_loadu_si128((const void *)(bytes + 16 * i)), swap);
            } else {
                __m128i next = _mm_sha256msg1_epu32(w[i & 3], w[(i + 1) & 3]);
                next = _mm_add_epi32(next, _mm_alignr_epi8(w[(i + 3) & 3], w[(i + 2) & 3], 4));
                w[i & 3] = _mm_sha256msg2_epu32(next, w[(i + 3) & 3]);
            }
            __m128i kw = _mm_add_epi32(w[i & 3], _mm_load_si128((const void *)(K + 4 * i)));
            cdgh = _mm_sha256rnds2_epu32(cdgh, abef, kw);
            abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(kw, 0x0E));
        }
        abef = _mm_add_epi32(abef, abef_before);
        cdgh = _mm_add_epi32(cdgh, cdgh_before);
    }
    low = _mm_shuffle_epi32(abef, 0x1B);
    high = _mm_shuffle_epi32(cdgh, 0xB1);
    _mm_storeu_si128((void *)state, _mm_blend_epi16(low, high, 0xF0));
    _mm_storeu_si128((void *)(state + 4), _mm_alignr_epi8(high, low, 8));
}

void hq_sha256__choose(void)
{
    unsigned a, b, c, d;
    const unsigned ssse3 = 1u << 9, sse41 = 1u << 19, sha = 1u << 29;
    if (__get_cpuid(1, &a, &b, &c, &d) == 0 || (c & (ssse3 | sse41)) != (ssse3 | sse41)) {
        return;
    }
    if (__get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (b & sha) != 0) {
        chosen = blocks_native;
    }
}
#else
void hq_sha256__choose(void)
{
}
#endif
