/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Hashes, identifiers and randomness by libsodium, SHA-256 by the processor where it can.
 * hq_base_init must have run. */

#include "base/buf.h"
#include "base/clock.h"

typedef struct {
    uint8_t bytes[32];
} hq_hash32;
typedef struct {
    uint8_t bytes[16];
} hq_id; /* UUIDv7 */

/* Once per process, before any other thread. */
hq_status hq_base_init(void);

void hq_sha256(hq_hash32 *out, hq_sv in);
/* SHA-256(prefix byte || a || b): Merkle leaves and nodes (RFC 6962, b may be empty). */
void hq_sha256_prefixed(hq_hash32 *out, uint8_t prefix, hq_sv a, hq_sv b);
/* BLAKE2b-256, faster; for row hashes, body hashes, keys. */
void hq_blake2b(hq_hash32 *out, hq_sv in);
bool hq_hash_eq(const hq_hash32 *a, const hq_hash32 *b); /* constant time */
/* Is it an Ed25519 signature (RFC 8032) of the message by the holder of the key? */
bool hq_ed25519_holds(const uint8_t signature[64], hq_sv message, const uint8_t public_key[32]);
/* Keyed by the process, fast: hash tables in memory only. Never stored, sent or shown: who sees
 * many of them could find texts that collide. */
uint64_t hq_hash64(hq_sv in);

void hq_random_bytes(void *out, size_t len);
uint32_t hq_random_below(uint32_t bound); /* uniform, bound > 0 */
uint64_t hq_random_u64(void);

/* UUID version 7: sorts by time; unique also within one microsecond. */
void hq_id_make(hq_id *out, hq_time_us now);
void hq_id_write(hq_buf *buf, const hq_id *id); /* 8-4-4-4-12 lower case */
hq_status hq_id_parse(hq_id *out, hq_sv text);
