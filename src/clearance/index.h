/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside clearance/: what finds declarations by anything but their number. A follower keeps one
 * narrow entry a declaration, numbered in order of filing, and an inverted index over their words
 * in blocks of 1024 entries. A block is written once, when it is full; the newest entries, not yet
 * in a block, are searched one by one. */

#include "clearance/row.h"

#define HQ_CLR__FOLLOWER    "clearance.lists"
#define HQ_CLR__BLOCK_SIZE  1024
#define HQ_CLR__TERM_MAX    40
#define HQ_CLR__QUERY_TERMS 8

typedef struct hq_clr__index hq_clr__index;

/* Starts the follower. */
hq_status hq_clr__index_open(hq_clr__index **out, hq_clearance *clearance);
void hq_clr__index_close(hq_clr__index *index);

/* References that traders used, the newest filings only (some hundred thousand), in memory: a
 * lookup costs the hot path no statement. *id is the declaration that had it. */
bool hq_clr__index_reference(int64_t *id, hq_clr__index *index, hq_sv trader, hq_sv reference);
void hq_clr__index_note(hq_clr__index *index, hq_sv trader, hq_sv reference, int64_t id);

/* The follower. */
hq_status hq_clr__follow(hq_tx *tx, const hq_event_view *events, size_t count, void *user);
hq_status hq_clr__forget(hq_tx *tx, void *user);

/* Next word of folded text, at most HQ_CLR__TERM_MAX bytes of it; false at the end. */
bool hq_clr__next_word(hq_sv *word, hq_sv *rest);

/* A set of entries of one block. */
typedef struct {
    uint64_t bits[HQ_CLR__BLOCK_SIZE / 64];
} hq_clr__set;
/* Packed: up to 63 entries as le16 each, more as the bits themselves. */
void hq_clr__set_add_packed(hq_clr__set *set, hq_sv packed);
void hq_clr__set_pack(hq_buf *out, const hq_clr__set *set);

/* Terms by which all declarations of a trader or agent, or of an office, are found: "=" and the tax
 * code, "@" and the office. No word begins so. */
hq_sv hq_clr__trader_term(hq_sv tax_code, hq_arena *arena);
hq_sv hq_clr__office_term(hq_sv office, hq_arena *arena);
