/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/index.h"

#include <stdlib.h>

#define SLOTS_FIRST ((size_t)1 << 12)
#define SLOTS_MAX   ((size_t)1 << 19)

static hq_sql newest_references =
    HQ_SQL_OF("SELECT trader, reference, id FROM declaration_entry WHERE reference <> ''"
              " ORDER BY seq DESC LIMIT 100000");

typedef struct {
    uint64_t print; /* of trader and reference; 0: empty */
    int64_t id;
} slot;

/* Each print has one place, where the newest wins: bounded, and what is lost are warnings about
 * references that were used long ago. */
struct hq_clr__index {
    hq_clearance *clearance;
    pthread_mutex_t lock;
    slot *slots;
    size_t count, used;
    hq_clr__blocks blocks;
};

static uint64_t print_of(hq_sv trader, hq_sv reference)
{
    char bytes[128];
    size_t len = 0;
    const hq_sv parts[2] = { trader, reference };
    for (int i = 0; i < 2; i++) {
        size_t take = parts[i].len < sizeof bytes - 1 - len ? parts[i].len : sizeof bytes - 1 - len;
        if (take > 0) {
            memcpy(bytes + len, parts[i].ptr, take);
        }
        len += take;
        bytes[len++] = '\n';
        if (len == sizeof bytes) {
            break;
        }
    }
    uint64_t print = hq_hash64(hq_sv_make(bytes, len));
    return print == 0 ? 1 : print;
}

/* Under the lock. Without memory it stays as large as it is. */
static void grow(hq_clr__index *index)
{
    size_t count = index->count * 2;
    slot *slots = count > SLOTS_MAX ? NULL : calloc(count, sizeof *slots);
    if (slots == NULL) {
        return;
    }
    index->used = 0;
    for (size_t i = 0; i < index->count; i++) {
        slot *to = &slots[index->slots[i].print & (count - 1)];
        if (index->slots[i].print != 0) {
            index->used += to->print == 0;
            *to = index->slots[i];
        }
    }
    free(index->slots);
    index->slots = slots;
    index->count = count;
}

void hq_clr__index_note(hq_clr__index *index, hq_sv trader, hq_sv reference, int64_t id)
{
    if (reference.len == 0) {
        return;
    }
    uint64_t print = print_of(trader, reference);
    pthread_mutex_lock(&index->lock);
    if (index->used > index->count / 2 && index->count < SLOTS_MAX) {
        grow(index);
    }
    slot *s = &index->slots[print & (index->count - 1)];
    index->used += s->print == 0;
    *s = (slot){ print, id };
    pthread_mutex_unlock(&index->lock);
}

bool hq_clr__index_reference(int64_t *id, hq_clr__index *index, hq_sv trader, hq_sv reference)
{
    uint64_t print = print_of(trader, reference);
    pthread_mutex_lock(&index->lock);
    const slot *s = &index->slots[print & (index->count - 1)];
    bool found = s->print == print;
    *id = s->id;
    pthread_mutex_unlock(&index->lock);
    return found;
}

/* Newest first: what is there already is newer. */
static hq_status load_references(hq_tx *tx, void *user)
{
    hq_clr__index *index = user;
    hq_rows rows;
    int64_t id;
    HQ_TRY(hq_tx_query(&rows, tx, &newest_references, NULL, 0));
    while (hq_rows_next(&rows)) {
        hq_sv trader = hq_rows_text(&rows, 0);
        hq_sv reference = hq_rows_text(&rows, 1);
        if (!hq_clr__index_reference(&id, index, trader, reference)) {
            hq_clr__index_note(index, trader, reference, hq_rows_i64(&rows, 2));
        }
    }
    return hq_rows_end(&rows);
}

hq_status hq_clr__index_open(hq_clr__index **out, hq_clearance *clearance)
{
    hq_clr__index *index = calloc(1, sizeof *index);
    if (index == NULL) {
        return HQ_FAIL(NOMEM);
    }
    index->slots = calloc(SLOTS_FIRST, sizeof *index->slots);
    if (index->slots == NULL) {
        free(index);
        return HQ_FAIL(NOMEM);
    }
    index->count = SLOTS_FIRST;
    index->clearance = clearance;
    pthread_mutex_init(&index->lock, NULL);
    *out = index;
    HQ_TRY(hq_clr__blocks_open(&index->blocks, clearance->store));
    HQ_TRY(hq_store_read(clearance->store, load_references, index));
    const hq_follower follower = {
        .name = HQ_CLR__FOLLOWER,
        .take = hq_clr__follow,
        .forget = hq_clr__forget,
        /* A batch touches a page for each office in it, whatever its size (of 39 pages a commit 11
         * were these with batches of 128), but a commit of declarations waits for it. */
        .batch = 512,
        .gather_us = 50000,
    };
    return hq_store_follow(clearance->store, &follower);
}

void hq_clr__index_close(hq_clr__index *index, bool orderly)
{
    if (index == NULL) {
        return;
    }
    if (orderly) {
        /* The next process reads the references from the entries, so the last ones should be there.
         */
        hq_store *store = index->clearance->store;
        HQ_IGNORE(hq_store_await(store, HQ_CLR__FOLLOWER, hq_journal_head(store), HQ_CLR__AWAIT_US,
                                 NULL));
    }
    hq_clr__blocks_close(&index->blocks);
    pthread_mutex_destroy(&index->lock);
    free(index->slots);
    free(index);
}

/* ------------------------------------------------------------------ sets and words */

#define WHOLE_SET 255

static size_t entries_of(uint16_t *out, size_t max, const hq_clr__set *set)
{
    size_t count = 0;
    for (size_t i = 0; i < HQ_CLR__BLOCK_SIZE / 64; i++) {
        for (uint64_t bits = set->bits[i]; bits != 0; bits &= bits - 1) {
            if (count == max) {
                return max + 1;
            }
            out[count++] = (uint16_t)(i * 64 + (size_t)__builtin_ctzll(bits));
        }
    }
    return count;
}

void hq_clr__page_add(hq_buf *page, hq_sv term, const hq_clr__set *set)
{
    uint16_t few[63];
    size_t count = entries_of(few, 63, set);
    hq_buf_char(page, (char)term.len);
    hq_buf_sv(page, term);
    hq_buf_char(page, count > 63 ? (char)WHOLE_SET : (char)count);
    for (size_t i = 0; count <= 63 && i < count; i++) {
        hq_buf_le16(page, few[i]);
    }
    for (size_t i = 0; count > 63 && i < HQ_CLR__BLOCK_SIZE / 64; i++) {
        hq_buf_le64(page, set->bits[i]);
    }
}

static void take_entries(hq_clr__set *set, hq_cursor *cur, uint8_t count, bool wanted)
{
    if (!wanted) {
        hq_cursor_take(cur, count == WHOLE_SET ? sizeof set->bits : 2u * count);
        return;
    }
    for (size_t i = 0; count == WHOLE_SET && i < HQ_CLR__BLOCK_SIZE / 64; i++) {
        set->bits[i] |= hq_cursor_le64(cur);
    }
    for (size_t i = 0; count != WHOLE_SET && i < count; i++) {
        hq_clr__set_add(set, hq_cursor_le16(cur) % HQ_CLR__BLOCK_SIZE);
    }
}

void hq_clr__page_find(hq_clr__set *set, hq_sv page, hq_sv beginning, bool exact)
{
    hq_cursor cur = { .in = page };
    while (cur.at < page.len && !cur.failed) {
        hq_sv term = hq_cursor_take(&cur, hq_cursor_u8(&cur));
        bool wanted = exact ? hq_sv_eq(term, beginning) : hq_sv_starts(term, beginning);
        if (!wanted && hq_sv_cmp(term, beginning) > 0) {
            return;
        }
        uint8_t count = hq_cursor_u8(&cur);
        take_entries(set, &cur, count, wanted);
    }
}

bool hq_clr__next_word(hq_sv *word, hq_sv *rest)
{
    while (rest->len > 0) {
        const char *end = memchr(rest->ptr, ' ', rest->len);
        size_t len = end == NULL ? rest->len : (size_t)(end - rest->ptr);
        size_t taken = len + (end != NULL);
        *word = (hq_sv){ rest->ptr, len };
        *rest = (hq_sv){ rest->ptr + taken, rest->len - taken };
        if (word->len > HQ_CLR__TERM_MAX) {
            word->len = HQ_CLR__TERM_MAX;
            while (word->len > 0 && ((unsigned char)word->ptr[word->len] & 0xc0) == 0x80) {
                word->len--; /* not within a letter */
            }
        }
        if (word->len > 0) {
            return true;
        }
    }
    return false;
}

static hq_sv marked(char mark, hq_sv text, hq_arena *arena)
{
    return hq_arena_printf(arena, "%c%.*s", mark,
                           HQ_SV_FMT(hq_sv_sub(text, 0, HQ_CLR__TERM_MAX - 1)));
}

hq_sv hq_clr__trader_term(hq_sv tax_code, hq_arena *arena)
{
    return marked('=', tax_code, arena);
}

hq_sv hq_clr__office_term(hq_sv office, hq_arena *arena)
{
    return marked('@', office, arena);
}
