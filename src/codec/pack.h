/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Small texts of one kind, packed with the words that such texts are made of (LZ4 blocks with a
 * dictionary). A dictionary is part of what is stored: once texts are packed with it, it may never
 * change by a byte. Dictionaries are read-only and shared by all threads. */

#include "base/base.h"

typedef struct hq_dictionary hq_dictionary;

/* `words`: at most 64 kB, borrowed for the dictionary's life; what is most likely goes to the end.
 * NULL without memory. */
hq_dictionary *hq_dictionary_new(hq_sv words);
void hq_dictionary_free(hq_dictionary *dictionary);

/* Appends the packed text. LIMIT: the text is longer than 1 GB; NOMEM. */
hq_status hq_pack(hq_buf *out, hq_sv text, const hq_dictionary *dictionary);
/* Appends the text, which must have exactly `len` bytes. CORRUPT, NOMEM; what is packed may be
 * anything. */
hq_status hq_unpack(hq_buf *out, size_t len, hq_sv packed, const hq_dictionary *dictionary);
