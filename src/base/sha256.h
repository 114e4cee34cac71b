/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Private to base/: the compression function of SHA-256 (FIPS 180-4, 6.2.2). The journal hashes
 * some twenty blocks a declaration, and libsodium's portable code takes ten times as long as the
 * processor's own instructions where it has them. */

#include <stddef.h>
#include <stdint.h>

/* Looks what the processor can do; without it the portable code runs. */
void hq_sha256__choose(void);
void hq_sha256__blocks(uint32_t state[8], const uint8_t *bytes, size_t blocks);
/* The portable code alone, for tests. */
void hq_sha256__blocks_portable(uint32_t state[8], const uint8_t *bytes, size_t blocks);
