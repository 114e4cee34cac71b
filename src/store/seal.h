/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Private to store/: what sealing, proving and verifying share. */

#include "store/inside.h"
#include "store/tree.h"

typedef struct hq_store__numbered {
    int64_t number; /* 0: none */
    hq_checkpoint checkpoint;
} hq_store__numbered;

void hq_store__checkpoint_signed(hq_buf *buf, const hq_checkpoint *checkpoint);
hq_status hq_store__checkpoint_hash(hq_hash32 *out, const hq_checkpoint *checkpoint);
bool hq_store__unhex(void *out, size_t len, hq_sv text);

/* Newest stored checkpoint, number 0 when there is none. CORRUPT. */
hq_status hq_store__checkpoint_newest(hq_store__numbered *out, hq_tx *tx);
/* One row of "SELECT number, size, root, at, previous, signature"; CORRUPT. */
hq_status hq_store__checkpoint_row(hq_store__numbered *out, const hq_rows *rows);

/* Stored nodes of one level, places [from, from + count): roots of the tiles below, or leaves
 * hashed from the events for level 0. CORRUPT when some are missing. */
hq_status hq_store__nodes(hq_hash32 *out, hq_tx *tx, int level, int64_t from, size_t count);
/* The tree as it stood at `size`, from what is stored. */
hq_status hq_store__tree_load(hq_store__tree *tree, hq_tx *tx, int64_t size);

/* key.c: the pair of the newest key; `first` is the number of the first checkpoint it signs. Makes
 * one when the database has none. */
hq_status hq_store__key_open(hq_store *store, hq_store__conn *conn, bool fresh, hq_arena *arena,
                             hq_why *why);
hq_status hq_store__key_public(uint8_t out[32], hq_tx *tx);
void hq_store__sign(hq_checkpoint *checkpoint, const uint8_t secret[64], const char *text,
                    size_t len);
bool hq_store__signed_by(const hq_checkpoint *checkpoint, const uint8_t public_key[32]);
