/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/content.h"
#include "clearance/index.h"

#include <stdlib.h>

/* Fills blocks of the inverted index. A thread of its own reads the words of 1,024 entries, sorts
 * and packs them, and hands the writer a dozen pages to insert: in the writer all of it would hold
 * up every declaration for some ten milliseconds. */

#define LOOK_US   250000
#define ARENA_MAX ((size_t)64 << 20)
#define PAGES_MAX 1024

static hq_sql next_block = HQ_SQL_OF("SELECT coalesce(max(block) + 1, 0) FROM declaration_term");
static hq_sql last_seq = HQ_SQL_OF("SELECT coalesce(max(seq), -1) FROM declaration_entry");
static hq_sql block_words =
    HQ_SQL_OF("SELECT e.seq, d.trader, d.agent, d.office, d.goods_office, d.words,"
              " d.packed"
              " FROM declaration_entry e"
              " JOIN declaration d ON d.id = e.id WHERE e.seq >= ?1 AND e.seq < ?2 ORDER BY e.seq");
static hq_sql insert_page = HQ_SQL_OF("INSERT INTO declaration_term (block, first_term, page)"
                                      " VALUES (?1, ?2, ?3)");

typedef struct {
    hq_sv first_term, bytes;
} page;

typedef struct {
    int64_t block; /* -1: none is due */
    hq_map *terms; /* term -> hq_clr__set */
    hq_arena *arena;
    size_t entry; /* whose terms are coming */
    page pages[PAGES_MAX];
    size_t page_count;
} filling;

/* ------------------------------------------------------------------ gathering */

hq_status hq_clr__each_term(const hq_clr__row *row, hq_arena *arena, hq_clr__term_fn fn, void *user)
{
    const hq_sv keys[4] = { hq_clr__trader_term(row->trader, arena),
                            hq_clr__trader_term(row->agent, arena),
                            hq_clr__office_term(row->office, arena),
                            hq_clr__office_term(row->goods_office, arena) };
    hq_sv words = row->words;
    hq_sv word;
    for (int i = 0; i < 4; i++) {
        if (keys[i].len > 1) { /* more than its mark */
            HQ_TRY(fn(user, keys[i]));
        }
    }
    while (hq_clr__next_word(&word, &words)) {
        HQ_TRY(fn(user, word));
    }
    return HQ_DONE;
}

static hq_status gather_term(void *user, hq_sv term)
{
    filling *f = user;
    hq_clr__set *set = hq_map_get(f->terms, term);
    if (set == NULL) {
        set = HQ_NEW(f->arena, hq_clr__set);
        hq_sv key = hq_arena_dup(f->arena, term);
        if (set == NULL || key.ptr == NULL) {
            return HQ_FAIL(NOMEM);
        }
        HQ_TRY(hq_map_put(f->terms, key, set));
    }
    hq_clr__set_add(set, f->entry);
    return HQ_DONE;
}

static hq_status read_one(int64_t *out, hq_tx *tx, hq_sql *sql)
{
    hq_rows rows;
    HQ_TRY(hq_tx_query(&rows, tx, sql, NULL, 0));
    *out = hq_rows_next(&rows) ? hq_rows_i64(&rows, 0) : 0;
    return hq_rows_end(&rows);
}

/* The first block that all entries are there of and that is not written. */
static hq_status due_block(int64_t *out, hq_tx *tx)
{
    int64_t last;
    HQ_TRY(read_one(out, tx, &next_block));
    HQ_TRY(read_one(&last, tx, &last_seq));
    if (last + 1 < (*out + 1) * HQ_CLR__BLOCK_SIZE) {
        *out = -1;
    }
    return HQ_DONE;
}

static hq_status gather(hq_tx *tx, void *user)
{
    filling *f = user;
    hq_rows rows;
    HQ_TRY(due_block(&f->block, tx));
    if (f->block < 0) {
        return HQ_DONE;
    }
    int64_t first = f->block * HQ_CLR__BLOCK_SIZE;
    f->terms = hq_map_new(f->arena, 8192, 1 << 20);
    if (f->terms == NULL) {
        return HQ_FAIL(NOMEM);
    }
    hq_status s = HQ_DONE;
    hq_clr__words_room room = HQ_CLR__WORDS_ROOM(f->arena);
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &block_words, HQ_B_I64(first),
                       HQ_B_I64(first + HQ_CLR__BLOCK_SIZE)));
    while (hq_ok(s) && hq_rows_next(&rows)) {
        hq_clr__row row = { .trader = hq_rows_text(&rows, 1),
                            .agent = hq_rows_text(&rows, 2),
                            .office = hq_rows_text(&rows, 3),
                            .goods_office = hq_rows_text(&rows, 4) };
        f->entry = (size_t)(hq_rows_i64(&rows, 0) - first);
        s = hq_clr__words_read(&row.words, hq_rows_text(&rows, 5), hq_rows_text(&rows, 6), &room);
        s = hq_ok(s) ? hq_clr__each_term(&row, f->arena, gather_term, f) : s;
    }
    hq_status end = hq_rows_end(&rows);
    return hq_failed(s) ? s : end;
}

/* ------------------------------------------------------------------ packing */

/* A term with its first eight bytes as a number that sorts like them: most terms differ there. */
typedef struct {
    uint64_t start;
    hq_sv key;
    const hq_clr__set *set;
} sorted_term;

static uint64_t start_of(hq_sv key)
{
    char first[8] = { 0 };
    uint64_t v;
    if (key.len >= sizeof first) {
        memcpy(&v, key.ptr, sizeof v);
    } else {
        memcpy(first, key.ptr, key.len);
        memcpy(&v, first, sizeof v);
    }
    return __builtin_bswap64(v);
}

static int by_text(const void *a, const void *b)
{
    const sorted_term *x = a;
    const sorted_term *y = b;
    if (x->start != y->start) {
        return x->start < y->start ? -1 : 1;
    }
    return hq_sv_cmp(x->key, y->key);
}

static hq_status pack_page(filling *f, const sorted_term *terms, size_t *at, size_t count)
{
    hq_buf bytes = HQ_BUF_ARENA(f->arena, 2 * HQ_CLR__PAGE);
    page *p = &f->pages[f->page_count++];
    p->first_term = terms[*at].key;
    while (*at < count && bytes.len < HQ_CLR__PAGE) {
        hq_clr__page_add(&bytes, terms[*at].key, terms[*at].set);
        (*at)++;
    }
    p->bytes = hq_buf_view(&bytes);
    return hq_buf_status(&bytes);
}

static hq_status pack(filling *f)
{
    size_t count = hq_map_count(f->terms);
    sorted_term *terms = hq_arena_alloc(f->arena, (count + 1) * sizeof *terms);
    size_t place = 0;
    size_t n = 0;
    hq_sv key;
    void *value;
    if (terms == NULL) {
        return HQ_FAIL(NOMEM);
    }
    while (hq_map_next(f->terms, &place, &key, &value)) {
        terms[n++] = (sorted_term){ start_of(key), key, value };
    }
    qsort(terms, n, sizeof *terms, by_text);
    for (size_t at = 0; at < n;) {
        if (f->page_count == PAGES_MAX) {
            return HQ_FAIL(LIMIT);
        }
        HQ_TRY(pack_page(f, terms, &at, n));
    }
    return HQ_DONE;
}

/* Another process, or a rebuild, may have been here meanwhile. */
static hq_status write_pages(hq_tx *tx, void *user)
{
    const filling *f = user;
    int64_t due;
    HQ_TRY(due_block(&due, tx));
    for (size_t i = 0; due == f->block && i < f->page_count; i++) {
        HQ_TRY(HQ_TX_RUN(tx, &insert_page, HQ_B_I64(f->block), HQ_B_TEXT(f->pages[i].first_term),
                         HQ_B_BLOB(f->pages[i].bytes)));
    }
    return HQ_DONE;
}

/* ------------------------------------------------------------------ the thread */

static hq_status fill_one(hq_store *store, filling *f)
{
    f->page_count = 0;
    hq_arena_reset(f->arena);
    HQ_TRY(hq_store_read(store, gather, f));
    if (f->block < 0) {
        return HQ_FAIL(NOT_FOUND);
    }
    HQ_TRY(pack(f));
    return hq_store_write(store, write_pages, f);
}

static bool wait_a_little(hq_clr__blocks *blocks, int64_t us)
{
    pthread_mutex_lock(&blocks->lock);
    if (!blocks->stopping && us > 0) {
        hq_cond_wait_us(&blocks->wake, &blocks->lock, us);
    }
    bool stopping = blocks->stopping;
    pthread_mutex_unlock(&blocks->lock);
    return !stopping;
}

static void fill_main(void *user)
{
    hq_clr__blocks *blocks = user;
    filling *f = calloc(1, sizeof *f);
    int64_t pause = 0;
    if (f != NULL) {
        f->arena = hq_arena_new(ARENA_MAX);
    }
    /* Without memory, or while writing fails, entries are searched one by one. */
    while (f != NULL && f->arena != NULL && wait_a_little(blocks, pause)) {
        pause = hq_ok(fill_one(blocks->store, f)) ? 0 : LOOK_US;
    }
    hq_arena_free(f == NULL ? NULL : f->arena);
    free(f);
}

hq_status hq_clr__blocks_open(hq_clr__blocks *blocks, hq_store *store)
{
    blocks->store = store;
    pthread_mutex_init(&blocks->lock, NULL);
    pthread_cond_init(&blocks->wake, NULL);
    return hq_thread_start(&blocks->thread, "hq-index", fill_main, blocks);
}

void hq_clr__blocks_close(hq_clr__blocks *blocks)
{
    pthread_mutex_lock(&blocks->lock);
    blocks->stopping = true;
    pthread_cond_broadcast(&blocks->wake);
    pthread_mutex_unlock(&blocks->lock);
    hq_thread_join(&blocks->thread);
    pthread_cond_destroy(&blocks->wake);
    pthread_mutex_destroy(&blocks->lock);
}
