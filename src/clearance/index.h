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
/* Orderly: waits a moment until the follower has taken the last filings. */
void hq_clr__index_close(hq_clr__index *index, bool orderly);

/* References that traders used, the newest filings only (some hundred thousand), in memory: a
 * lookup costs the hot path no statement. *id is the declaration that had it. */
bool hq_clr__index_reference(int64_t *id, hq_clr__index *index, hq_sv trader, hq_sv reference);
void hq_clr__index_note(hq_clr__index *index, hq_sv trader, hq_sv reference, int64_t id);

/* The follower. */
hq_status hq_clr__follow(hq_tx *tx, const hq_event_view *events, size_t count, void *user);
hq_status hq_clr__forget(hq_tx *tx, void *user);

/* Terms by which a declaration is found: its trader, agent, offices, words. */
typedef hq_status (*hq_clr__term_fn)(void *user, hq_sv term);
hq_status hq_clr__each_term(const hq_clr__row *row, hq_arena *arena, hq_clr__term_fn fn,
                            void *user);

/* The thread that fills blocks. */
typedef struct {
    hq_store *store;
    hq_thread thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stopping;
} hq_clr__blocks;
hq_status hq_clr__blocks_open(hq_clr__blocks *blocks, hq_store *store);
void hq_clr__blocks_close(hq_clr__blocks *blocks);

/* Next word of folded text, at most HQ_CLR__TERM_MAX bytes of it; false at the end. */
bool hq_clr__next_word(hq_sv *word, hq_sv *rest);

/* A set of entries of one block. */
typedef struct {
    uint64_t bits[HQ_CLR__BLOCK_SIZE / 64];
} hq_clr__set;
static inline void hq_clr__set_add(hq_clr__set *set, size_t entry)
{
    set->bits[entry / 64] |= UINT64_C(1) << (entry % 64);
}

/* A page: terms in order, each as u8 length, bytes, u8 count, then that many entries as le16, or,
 * with count 255, all bits of the set. */
#define HQ_CLR__PAGE 3000
void hq_clr__page_add(hq_buf *page, hq_sv term, const hq_clr__set *set);
/* Entries of the terms that begin with `beginning` (exact: are it). */
void hq_clr__page_find(hq_clr__set *set, hq_sv page, hq_sv beginning, bool exact);

/* Terms by which all declarations of a trader or agent, or of an office, are found: "=" and the tax
 * code, "@" and the office. No word begins so. */
hq_sv hq_clr__trader_term(hq_sv tax_code, hq_arena *arena);
hq_sv hq_clr__office_term(hq_sv office, hq_arena *arena);
