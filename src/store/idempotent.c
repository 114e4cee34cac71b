/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "store/inside.h"

/* Answers lie in the database in the order they came; what finds one is this table in memory, eight
 * bytes a key: 32 bits of the key's hash and the low 32 bits of its number. Random keys in an index
 * on disk would cost a page of log each (docs: cost growth); the order of arrival costs the row
 * alone. A hit in memory is proved by the stored row, so a chance meeting of 32 bits costs one
 * read. */

#define KEPT_US (4 * HQ_US_PER_DAY)
enum {
    KEY_HASH = 16,
    FIRST_SLOTS = 1024,
    SLOTS_MAX = 1 << 28,
    PURGE_ROWS = 500,
    KEY_MAX = 128,
    CALLER_MAX = 64
};

typedef struct {
    uint32_t print, seq; /* seq 0: free */
} slot;

struct hq_store__keys {
    pthread_mutex_t lock;
    slot *slots;
    uint32_t mask;
    uint32_t count;
};

hq_store__keys *hq_store__keys_new(void)
{
    hq_store__keys *keys = calloc(1, sizeof *keys);
    if (keys == NULL) {
        return NULL;
    }
    pthread_mutex_init(&keys->lock, NULL);
    keys->slots = calloc(FIRST_SLOTS, sizeof *keys->slots);
    keys->mask = FIRST_SLOTS - 1;
    if (keys->slots == NULL) {
        hq_store__keys_free(keys);
        return NULL;
    }
    return keys;
}

void hq_store__keys_free(hq_store__keys *keys)
{
    if (keys == NULL) {
        return;
    }
    pthread_mutex_destroy(&keys->lock);
    free(keys->slots);
    free(keys);
}

static void place(slot *slots, uint32_t mask, slot s)
{
    uint32_t at = s.print & mask;
    while (slots[at].seq != 0) {
        at = (at + 1) & mask;
    }
    slots[at] = s;
}

static hq_status grow(hq_store__keys *keys)
{
    uint64_t count = ((uint64_t)keys->mask + 1) * 2;
    if (count > SLOTS_MAX) {
        return HQ_FAIL(LIMIT);
    }
    slot *slots = calloc(count, sizeof *slots);
    if (slots == NULL) {
        return HQ_FAIL(NOMEM);
    }
    for (uint32_t i = 0; i <= keys->mask; i++) {
        if (keys->slots[i].seq != 0) {
            place(slots, (uint32_t)(count - 1), keys->slots[i]);
        }
    }
    free(keys->slots);
    keys->slots = slots;
    keys->mask = (uint32_t)(count - 1);
    return HQ_DONE;
}

hq_status hq_store__keys_put(hq_store__keys *keys, uint32_t print, int64_t seq)
{
    hq_status s = HQ_DONE;
    pthread_mutex_lock(&keys->lock);
    if (keys->count >= keys->mask / 4 * 3) {
        s = grow(keys);
    }
    if (hq_ok(s)) {
        place(keys->slots, keys->mask, (slot){ print, (uint32_t)seq });
        keys->count++;
    }
    pthread_mutex_unlock(&keys->lock);
    return s;
}

/* Closes the gap at `at`: whoever stands further than its home may move into it. */
static void close_gap(hq_store__keys *keys, uint32_t at)
{
    uint32_t mask = keys->mask;
    for (uint32_t next = (at + 1) & mask; keys->slots[next].seq != 0; next = (next + 1) & mask) {
        uint32_t home = keys->slots[next].print & mask;
        if (((next - home) & mask) >= ((next - at) & mask)) {
            keys->slots[at] = keys->slots[next];
            at = next;
        }
    }
    keys->slots[at] = (slot){ 0, 0 };
}

void hq_store__keys_drop(hq_store__keys *keys, uint32_t print, int64_t seq)
{
    pthread_mutex_lock(&keys->lock);
    uint32_t at = print & keys->mask;
    while (keys->slots[at].seq != 0) {
        if (keys->slots[at].print == print && keys->slots[at].seq == (uint32_t)seq) {
            close_gap(keys, at);
            keys->count--;
            break;
        }
        at = (at + 1) & keys->mask;
    }
    pthread_mutex_unlock(&keys->lock);
}

int64_t hq_store__keys_find(hq_store__keys *keys, uint32_t print, uint32_t *at, int64_t newest)
{
    int64_t found = 0;
    pthread_mutex_lock(&keys->lock);
    for (; found == 0 && *at <= keys->mask; ++*at) {
        const slot *s = &keys->slots[(print + *at) & keys->mask];
        if (s->seq == 0) {
            break;
        }
        if (s->print == print) {
            /* The low half of a number not above the newest, less than 2^32 below it. */
            found = newest - (int64_t)(uint32_t)((uint32_t)newest - s->seq);
        }
    }
    pthread_mutex_unlock(&keys->lock);
    return found;
}

/* ------------------------------------------------------------------ rows */

static hq_sql load_rows =
    HQ_SQL_OF("SELECT seq, key_hash FROM store_idempotency WHERE seq > ?1 ORDER BY seq");
static hq_sql newest_get = HQ_SQL_OF("SELECT coalesce(max(seq), 0) FROM store_idempotency");
static hq_sql one_get =
    HQ_SQL_OF("SELECT key_hash, body, answer, at FROM store_idempotency WHERE seq = ?1");
static hq_sql one_put = HQ_SQL_OF(
    "INSERT INTO store_idempotency (seq, at, key_hash, body, answer) VALUES (?1, ?2, ?3, ?4, ?5)");
static hq_sql oldest = HQ_SQL_OF("SELECT seq, key_hash, at FROM store_idempotency ORDER BY seq "
                                 "LIMIT ?1");
static hq_sql delete_to = HQ_SQL_OF("DELETE FROM store_idempotency WHERE seq <= ?1");

static uint32_t print_of(const char *key_hash)
{
    uint32_t print;
    memcpy(&print, key_hash, sizeof print);
    return print;
}

hq_status hq_store__keys_load(hq_store__keys *keys, hq_tx *tx, int64_t seq, int64_t *newest)
{
    hq_rows rows;
    hq_status s = HQ_DONE;
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &load_rows, HQ_B_I64(seq)));
    while (hq_ok(s) && hq_rows_next(&rows)) {
        hq_sv hash = hq_rows_text(&rows, 1);
        *newest = hq_rows_i64(&rows, 0);
        s = hash.len == KEY_HASH ? hq_store__keys_put(keys, print_of(hash.ptr), *newest)
                                 : HQ_FAIL(CORRUPT);
    }
    hq_status ended = hq_rows_end(&rows);
    return hq_failed(s) ? s : ended;
}

static hq_status key_hash_of(uint8_t out[KEY_HASH], const hq_idempotency *key)
{
    char text[CALLER_MAX + KEY_MAX + 1];
    hq_hash32 hash;
    if (key->caller.len > CALLER_MAX || key->key.len == 0 || key->key.len > KEY_MAX) {
        return HQ_FAIL(LIMIT);
    }
    text[0] = (char)key->caller.len;
    if (key->caller.len > 0) {
        memcpy(text + 1, key->caller.ptr, key->caller.len);
    }
    memcpy(text + 1 + key->caller.len, key->key.ptr, key->key.len);
    hq_blake2b(&hash, hq_sv_make(text, 1 + key->caller.len + key->key.len));
    memcpy(out, hash.bytes, KEY_HASH);
    return HQ_DONE;
}

/* NOT_FOUND when the row is of another key, or past its time. */
static hq_status look(hq_sv *answer, hq_tx *tx, int64_t seq, const uint8_t hash[KEY_HASH],
                      const hq_hash32 *body)
{
    hq_rows rows;
    hq_status s = HQ_FAIL(NOT_FOUND);
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &one_get, HQ_B_I64(seq)));
    if (hq_rows_next(&rows) && hq_rows_i64(&rows, 3) > tx->now - KEPT_US &&
        hq_sv_eq(hq_rows_text(&rows, 0), hq_sv_make(hash, KEY_HASH))) {
        bool same = hq_sv_eq(hq_rows_text(&rows, 1), hq_sv_make(body->bytes, sizeof body->bytes));
        *answer = hq_arena_dup(tx->arena, hq_rows_text(&rows, 2));
        s = !same ? HQ_FAIL(KEY_REUSED) : answer->ptr == NULL ? HQ_FAIL(NOMEM) : HQ_DONE;
    }
    HQ_TRY(hq_rows_end(&rows));
    return s;
}

static hq_status newest_seq(int64_t *out, hq_tx *tx)
{
    hq_rows rows;
    if (tx->pending != NULL) {
        *out = tx->pending->seq;
        return HQ_DONE;
    }
    HQ_TRY(hq_tx_query(&rows, tx, &newest_get, NULL, 0));
    *out = hq_rows_next(&rows) ? hq_rows_i64(&rows, 0) : 0;
    return hq_rows_end(&rows);
}

hq_status hq_tx_idempotent(hq_sv *answer, hq_tx *tx, const hq_idempotency *key)
{
    uint8_t hash[KEY_HASH];
    uint32_t at = 0;
    int64_t newest = 0;
    HQ_TRY(key_hash_of(hash, key));
    uint32_t print = print_of((const char *)hash);
    HQ_TRY(newest_seq(&newest, tx));
    for (;;) {
        int64_t seq = hq_store__keys_find(tx->store->keys, print, &at, newest);
        if (seq <= 0) {
            return HQ_FAIL(NOT_FOUND);
        }
        hq_status s = look(answer, tx, seq, hash, &key->body);
        if (s.code != HQ_E_NOT_FOUND) {
            return s;
        }
    }
}

hq_status hq_tx_remember(hq_tx *tx, const hq_idempotency *key, hq_sv answer)
{
    uint8_t hash[KEY_HASH];
    hq_store__pending *pending = tx->pending;
    if (pending == NULL) {
        return HQ_FAIL(USAGE);
    }
    HQ_TRY(key_hash_of(hash, key));
    /* A number whose low half is 0 would look like a free slot. */
    int64_t seq = pending->seq + ((uint32_t)(pending->seq + 1) == 0 ? 2 : 1);
    HQ_TRY(HQ_TX_RUN(tx, &one_put, HQ_B_I64(seq), HQ_B_I64(tx->now),
                     HQ_B_BLOB(hq_sv_make(hash, KEY_HASH)), HQ_B_HASH(&key->body),
                     HQ_B_BLOB(answer)));
    uint32_t print = print_of((const char *)hash);
    HQ_TRY(hq_store__keys_put(tx->store->keys, print, seq));
    pending->seq = seq;
    hq_buf_append(&pending->keys, &print, sizeof print);
    hq_buf_append(&pending->keys, &seq, sizeof seq);
    return hq_buf_status(&pending->keys);
}

/* Dropping from memory first is safe: were the deletion undone, a key past its time would merely be
 * new again, which it is. */
hq_status hq_store__keys_purge(hq_tx *tx, bool *more)
{
    hq_rows rows;
    int64_t last = 0, count = 0;
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &oldest, HQ_B_I64(PURGE_ROWS)));
    while (hq_rows_next(&rows) && hq_rows_i64(&rows, 2) <= tx->now - KEPT_US) {
        last = hq_rows_i64(&rows, 0);
        hq_store__keys_drop(tx->store->keys, print_of(hq_rows_text(&rows, 1).ptr), last);
        count++;
    }
    HQ_TRY(hq_rows_end(&rows));
    *more = count == PURGE_ROWS;
    return last == 0 ? HQ_DONE : HQ_TX_RUN(tx, &delete_to, HQ_B_I64(last));
}
