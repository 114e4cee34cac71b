/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Private to store/: what its files share. README.md has the threads and the order of locks. */

#include <stdatomic.h>

#include "os/os.h"
#include "store/engine.h"

enum {
    HQ_STORE__GROUP_MAX = 256,
    HQ_STORE__QUEUE_MAX = 65536,
    HQ_STORE__CLASSES = 3,
    HQ_STORE__TX_ARENA_MAX = 256 << 20
};

/* ------------------------------------------------------------------ transaction */

typedef struct hq_store__pending hq_store__pending;
typedef struct hq_store__keys hq_store__keys;

struct hq_tx {
    hq_store *store;
    hq_store__conn *conn;
    hq_arena *arena;
    hq_time_us now;
    hq_status broken; /* of the engine, not of the closure: the closure counts as failed with it */
    bool writes;
    bool changed_schema;        /* something that the engine does not count as a change */
    hq_store__pending *pending; /* writer: events of the group; NULL in a reader */
};

/* Prepares for the next closure. */
void hq_store__tx_begin(hq_tx *tx);
/* Runs the closure, ends what it left open, and says how it went. */
hq_status hq_store__tx_run(hq_tx *tx, hq_tx_fn fn, void *user);
/* Keeps the engine's words for hq_store_problem. */
void hq_store__note_problem(hq_store *store, const hq_store__conn *conn);

/* ------------------------------------------------------------------ events */

typedef struct {
    size_t at, len; /* in pending.bytes */
    hq_hash32 leaf;
} hq_store__entry;

/* What the open group appended: thrown away when it fails, handed to the tail when it is durable.
 */
struct hq_store__pending {
    int64_t head; /* last position given out */
    hq_buf bytes;
    hq_buf entries; /* hq_store__entry each */
    /* Idempotency keys likewise. */
    int64_t seq;
    hq_buf keys;
};

typedef struct {
    int64_t head;
    size_t bytes, entries, keys;
    int64_t seq;
} hq_store__point;

hq_store__point hq_store__point_of(const hq_store__pending *pending);
void hq_store__back_to(hq_store *store, hq_store__pending *pending, hq_store__point point);
/* Reads heads again after another process wrote. */
hq_status hq_store__pending_refresh(hq_tx *tx);

/* Canonical bytes of an event, and back. */
void hq_store__event_encode(hq_buf *buf, const hq_id *id, const hq_event *event);
/* Views into `bytes`; SYNTAX. row_hash is NULL or points to *row_hash. */
hq_status hq_store__event_decode(hq_event_view *out, hq_hash32 *row_hash, hq_sv bytes);

/* ------------------------------------------------------------------ tail of the journal in memory
 */

typedef struct hq_store__tail hq_store__tail;
hq_store__tail *hq_store__tail_new(int64_t head);
void hq_store__tail_free(hq_store__tail *tail);
/* What became durable; wakes who waits for it. `head` may be further than the entries reach. */
void hq_store__tail_append(hq_store__tail *tail, const hq_store__pending *pending);
int64_t hq_store__tail_head(const hq_store__tail *tail);
/* Wakes everybody who waits for the head. */
void hq_store__tail_poke(hq_store__tail *tail);
/* From now on no wait lasts. */
void hq_store__tail_close(hq_store__tail *tail);
/* Waits until the head is past `position` or somebody poked, at most us (< 0: no limit). Returns
 * the head. */
int64_t hq_store__tail_wait(hq_store__tail *tail, int64_t position, int64_t us);
/* Copies of the bytes of positions after `after`; false when the tail does not reach back so far.
 */
bool hq_store__tail_read(hq_store__tail *tail, int64_t after, size_t limit, hq_arena *arena,
                         hq_event_view **out, size_t *count, hq_status *status);
/* Leaves after `after`; *count 0 when the tail does not reach back so far. */
void hq_store__tail_leaves(hq_store__tail *tail, int64_t after, hq_hash32 *out, size_t limit,
                           size_t *count);

/* ------------------------------------------------------------------ idempotency keys in memory */

hq_store__keys *hq_store__keys_new(void);
void hq_store__keys_free(hq_store__keys *keys);
hq_status hq_store__keys_put(hq_store__keys *keys, uint32_t print, int64_t seq);
void hq_store__keys_drop(hq_store__keys *keys, uint32_t print, int64_t seq);
/* Next stored number whose key may be the one; 0 when there is none. *at starts at 0. */
int64_t hq_store__keys_find(hq_store__keys *keys, uint32_t print, uint32_t *at, int64_t newest);
/* Loads what is stored after `seq`; *newest is the last. */
hq_status hq_store__keys_load(hq_store__keys *keys, hq_tx *tx, int64_t seq, int64_t *newest);
/* Deletes some keys that are past their time; *more says whether others are left. */
hq_status hq_store__keys_purge(hq_tx *tx, bool *more);

/* ------------------------------------------------------------------ store */

typedef struct {
    hq_write *first, *last;
    size_t count;
} hq_store__queue;

typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t work;
    hq_store__queue queues[HQ_STORE__CLASSES];
    size_t waiting;
    size_t taken, lately, wanted; /* writer.c: gathering of a group */
    bool asleep, stopping, started;
    bool behind; /* another process wrote and its events and keys are not read yet */
    hq_thread thread;
    hq_store__conn *conn;
    hq_tx tx;
    hq_store__pending pending;
    hq_write **group;
    size_t group_max;
    unsigned careful; /* groups that still run under savepoints, after a closure failed late */
    bool realtime;
} hq_store__writer;

typedef struct hq_store__reader hq_store__reader;
typedef struct {
    pthread_mutex_t lock;
    hq_store__reader *idle;
} hq_store__readers;

typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t work;
    atomic_int state;      /* keeper.c */
    _Atomic int64_t pages; /* of the log, after the last group */
    int64_t asked;         /* pages when it was woken last; the writer's */
    bool stopping;
    hq_thread thread;
    hq_store__conn *conn;
} hq_store__keeper;

typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t work, sealed;
    bool stopping;
    unsigned waiting;
    hq_thread thread;
    struct hq_store__tree *tree;       /* written by the sealer, under the lock */
    struct hq_store__numbered *newest; /* likewise */
    uint8_t secret[64], public_key[32];
} hq_store__sealer;

typedef struct hq_store__following hq_store__following;
typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t moved;
    hq_store__following *first;
    bool stopping;
} hq_store__followers;

struct hq_store {
    const hq_store__engine *engine;
    hq_store__place place;
    char *path;
    const hq_clock *clock;
    const hq_store_room *rooms;
    size_t room_count;
    bool no_realtime;
    hq_store__writer writer;
    hq_store__readers readers;
    hq_store__keeper keeper;
    hq_store__sealer sealer;
    hq_store__followers followers;
    hq_store__tail *tail;
    hq_store__keys *keys;
    pthread_mutex_t problem_lock;
    char problem[256];
};

extern const hq_store_room hq_store__own_room;
/* NULL when no engine has the scheme. */
const hq_store__engine *hq_store__engine_of(hq_sv url);

hq_status hq_store__migrate(hq_store *store, hq_store__conn *conn, bool may, hq_arena *arena,
                            hq_why *why);
/* For who only reads: CONFLICT when some are due, since nobody reads tables that are not there. */
hq_status hq_store__migrations_done(hq_tx *tx, hq_why *why);

hq_status hq_store__writer_start(hq_store *store, size_t group_max);
void hq_store__writer_stop(hq_store *store);
/* hq_store_write with a class. */
hq_status hq_store__write_as(hq_store *store, hq_write_class class_, hq_tx_fn fn, void *user);

hq_status hq_store__reader_take(hq_store__reader **out, hq_store *store);
void hq_store__reader_give(hq_store *store, hq_store__reader *reader);
void hq_store__readers_close(hq_store *store);

hq_status hq_store__keeper_start(hq_store *store);
void hq_store__keeper_stop(hq_store *store);
/* Writer, between two groups. */
void hq_store__keeper_look(hq_store *store);

hq_status hq_store__sealer_start(hq_store *store);
void hq_store__sealer_stop(hq_store *store);
void hq_store__followers_stop(hq_store *store);
