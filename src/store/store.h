/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Face of store/: durable transactions, the journal with its seal, idempotency keys, followers and
 * backup, over SQLite today and PostgreSQL later. No type of an engine appears here. What a closure
 * does must be repeatable: it may run more than once before it counts (group re-run, serialization
 * failure, fail-over), so it has no effect outside its transaction but on memory it rewrites whole.
 *
 * A write closure that fails rolls back alone; the others of its group are not touched. An answer
 * is due only after hq_store_write returned, or `done` was called, with HQ_OK: then it is on disk. */

#include "base/base.h"

typedef struct hq_store hq_store;
typedef struct hq_tx hq_tx; /* a transaction, valid inside the closure only, one thread */

/* ------------------------------------------------------------------ opening */

typedef struct {
    const char *room; /* "clearance" */
    int number;       /* 1, 2, 3 ... per room, never changed once released (checksums are kept) */
    const char *name; /* "declarations" */
    hq_sv sql;        /* statements for both engines, ended by ';' */
} hq_migration;
/* In that text write BIGINT, TEXT and BLOB. A table that is read by its whole key and has short rows
 * may end in the marker comment WITHOUT ROWID (see schema/001_store.sql): it is its own index where
 * the engine can. `x BIGINT PRIMARY KEY` is free of any index. Foreign keys are not enforced. */

/* Hash of the stored row of a subject as it is now, the same function that filled hq_event.row_hash.
 * NOT_FOUND when the row is gone. `hq_journal_verify` holds rows against the last event with it. */
typedef hq_status (*hq_row_hash_fn)(hq_hash32 *out, hq_tx *tx, hq_sv subject);

typedef struct {
    const char *room;
    const hq_migration *migrations;
    size_t migration_count;
    hq_row_hash_fn row_hash; /* NULL: the room's events carry no row hash */
} hq_store_room;

typedef struct {
    hq_sv url; /* "sqlite:FILE" */
    const hq_clock *clock;
    const hq_store_room *rooms; /* borrowed for life, in floor order */
    size_t room_count;
    bool read_only;         /* for verify and receipts; no writer thread, no migration */
    bool no_sync;           /* benchmark only: answers before the disk has them */
    bool no_realtime;       /* do not try the real-time scheduling class */
    bool no_migrate;        /* fail with CONFLICT when migrations are due */
    bool new_key;           /* begin a new key for the journal: the old one is lost */
    size_t group_max;       /* closures a commit, at least 8; 0: 256 */
} hq_store_options;

/* FILE.key beside the database signs the journal's checkpoints (mode 0600, made with the database;
 * keep a copy elsewhere), FILE.pub is its public half in hex, to hand out.
 *
 * Opens or creates, migrates, starts writer, sealer and checkpointer. `why` (may be NULL; texts in
 * `arena`) says what to do when it fails. */
hq_status hq_store_open(hq_store **out, const hq_store_options *options, hq_arena *arena,
                        hq_why *why);
/* Finishes what is queued, seals, closes. NULL is fine. */
void hq_store_close(hq_store *store);
/* Does the writer run under the real-time class? For the start-up line and the benchmark. */
bool hq_store_realtime(const hq_store *store);
const hq_clock *hq_store_clock(const hq_store *store);

/* ------------------------------------------------------------------ transactions */

typedef hq_status (*hq_tx_fn)(hq_tx *tx, void *user);

/* Runs `fn` in the writer and returns when it is durable, or failed and left nothing. */
hq_status hq_store_write(hq_store *store, hq_tx_fn fn, void *user);
/* Runs `fn` on a consistent snapshot in the calling thread; writes fail. */
hq_status hq_store_read(hq_store *store, hq_tx_fn fn, void *user);

/* Formal work goes first, then low-value parcels, then followers; none starves (a share of each
 * group is kept for the lower classes when they wait). */
typedef enum { HQ_WRITE_FORMAL, HQ_WRITE_LOW_VALUE, HQ_WRITE_FOLLOWER } hq_write_class;

typedef struct hq_write hq_write;
struct hq_write {
    hq_tx_fn fn;
    void *user;
    /* Called once, from the store's thread, after the commit is durable or has failed. Must be quick
     * and not call the store. */
    void (*done)(hq_write *write, hq_status status);
    hq_write_class class_;
    hq_write *next; /* the store's */
    hq_status status; /* the store's */
};
/* Queues without waiting; `write` stays the caller's and must live until `done`. BUSY (done is not
 * called) when the queue is full. */
hq_status hq_store_submit(hq_store *store, hq_write *write);

/* ------------------------------------------------------------------ statements */

/* One statement, prepared once per connection: `static hq_sql find = HQ_SQL_OF("SELECT ...");` at
 * file scope. Parameters are ?1 ?2 ... */
typedef struct {
    const char *text;
    _Atomic int slot; /* 0: not yet numbered */
} hq_sql;
#define HQ_SQL_OF(text_) { .text = (text_) }

typedef enum { HQ_BIND_NULL, HQ_BIND_I64, HQ_BIND_TEXT, HQ_BIND_BLOB } hq_bind_type;
typedef struct {
    hq_bind_type type;
    int64_t i64;
    hq_sv bytes; /* borrowed until the statement has run */
} hq_bind;
#define HQ_B_NULL ((hq_bind){ .type = HQ_BIND_NULL })
#define HQ_B_I64(v) ((hq_bind){ .type = HQ_BIND_I64, .i64 = (v) })
#define HQ_B_TEXT(v) ((hq_bind){ .type = HQ_BIND_TEXT, .bytes = (v) })
#define HQ_B_BLOB(v) ((hq_bind){ .type = HQ_BIND_BLOB, .bytes = (v) })
#define HQ_B_HASH(h) HQ_B_BLOB(hq_sv_make((h)->bytes, sizeof (h)->bytes))

/* Runs a statement without result rows. *changed (may be NULL) is the number of rows. EXISTS when a
 * unique key was there already, CONFLICT for other constraints. */
hq_status hq_tx_run(hq_tx *tx, hq_sql *sql, const hq_bind *binds, size_t count, int64_t *changed);
#define HQ_TX_RUN(tx, sql, ...)                                                                    \
    hq_tx_run((tx), (sql), (const hq_bind[]){ __VA_ARGS__ },                                       \
              sizeof((const hq_bind[]){ __VA_ARGS__ }) / sizeof(hq_bind), NULL)

/* Result rows one by one. Text and blobs are borrowed until the next row. Always hq_rows_end. */
typedef struct {
    hq_tx *tx;
    void *stmt;
    hq_status status;
} hq_rows;
hq_status hq_tx_query(hq_rows *rows, hq_tx *tx, hq_sql *sql, const hq_bind *binds, size_t count);
#define HQ_TX_QUERY(rows, tx, sql, ...)                                                            \
    hq_tx_query((rows), (tx), (sql), (const hq_bind[]){ __VA_ARGS__ },                             \
                sizeof((const hq_bind[]){ __VA_ARGS__ }) / sizeof(hq_bind))
bool hq_rows_next(hq_rows *rows); /* false at the end or on failure: hq_rows_end tells which */
int64_t hq_rows_i64(const hq_rows *rows, int column);
hq_sv hq_rows_text(const hq_rows *rows, int column); /* also blobs; ptr NULL for SQL NULL */
bool hq_rows_null(const hq_rows *rows, int column);
hq_status hq_rows_end(hq_rows *rows);
/* Text built at run time (filters of lists). Parameters bound as ever, never pasted into the text. */
hq_status hq_tx_query_text(hq_rows *rows, hq_tx *tx, hq_sv sql, const hq_bind *binds, size_t count);
hq_status hq_tx_run_text(hq_tx *tx, hq_sv sql, const hq_bind *binds, size_t count);

/* What the engine said about the statement that failed last ("no such column: x (1)"): for tests and
 * for whoever looks for a fault, never for users. */
hq_sv hq_store_problem(hq_store *store, hq_arena *arena);

hq_store *hq_tx_store(hq_tx *tx);
hq_time_us hq_tx_now(hq_tx *tx); /* one instant for the whole closure */
/* Scratch for the closure, reset before each run. */
hq_arena *hq_tx_arena(hq_tx *tx);

/* ------------------------------------------------------------------ journal */

typedef struct {
    hq_sv office;     /* code, empty for none */
    hq_sv room;       /* "clearance" */
    hq_sv kind;       /* "declaration.registered" */
    hq_sv subject;    /* "declaration/10000000001" */
    int64_t version;  /* version of the subject after this event */
    hq_sv actor;      /* id of the caller, "system" for the program itself */
    hq_time_us at;    /* filled from hq_tx_now when 0 */
    hq_sv payload;    /* JSON object; no personal data in the clear */
    const hq_hash32 *row_hash; /* hash of the subject's row as left by this change, or NULL */
} hq_event;

typedef struct {
    int64_t position; /* 1 is the first event ever */
    hq_hash32 leaf;
} hq_event_ref;

/* Appends; `out` may be NULL. */
hq_status hq_tx_event(hq_tx *tx, const hq_event *event, hq_event_ref *out);

/* An event as read back. */
typedef struct {
    int64_t position;
    hq_id id;
    hq_event event; /* row_hash points into the batch or is NULL */
    hq_hash32 leaf;
} hq_event_view;

typedef struct {
    int64_t size;          /* events covered */
    hq_hash32 root;
    hq_time_us at;
    hq_hash32 previous;    /* hash of the previous checkpoint's signed bytes, zero for the first */
    uint8_t signature[64]; /* Ed25519 */
} hq_checkpoint;

int64_t hq_journal_head(const hq_store *store);          /* last committed position */
/* Newest checkpoint; NOT_FOUND before the first. */
hq_status hq_journal_checkpoint(hq_checkpoint *out, hq_store *store);
/* JSON: {"position", "size", "root", "leaf", "path": [hex], "checkpoint": {...}}. NOT_FOUND while the
 * event is not sealed yet. */
hq_status hq_journal_prove(hq_buf *json, hq_store *store, int64_t position);
/* Waits until the event is covered by a checkpoint, at most `timeout_us`; TIMEOUT. */
hq_status hq_journal_wait_sealed(hq_store *store, int64_t position, int64_t timeout_us);
void hq_journal_public_key(uint8_t out[32], const hq_store *store);

typedef struct {
    bool intact;
    int64_t events, sealed, checkpoints, rows;
    hq_sv first_bad; /* in words, English; empty when intact */
    int64_t bad_position; /* 0: not about one event */
} hq_journal_report;
/* Re-reads and re-hashes everything: events, columns, tree, checkpoints, subjects' rows. `public_key`
 * NULL: the stored one. `since` NULL or an old checkpoint that must still be part of history. */
hq_status hq_journal_verify(hq_journal_report *out, hq_store *store, const uint8_t *public_key,
                            const hq_checkpoint *since, hq_arena *arena);
/* The signed text form of a checkpoint (a few lines), and back. */
void hq_checkpoint_write(hq_buf *buf, const hq_checkpoint *checkpoint);
hq_status hq_checkpoint_parse(hq_checkpoint *out, hq_sv text);

/* Events from `after` on, in order, at most `limit`; views live in `arena`. */
hq_status hq_journal_read(hq_event_view **out, size_t *count, hq_store *store, int64_t after,
                          size_t limit, hq_arena *arena);

/* The events of one subject after position `after`, in order, at most `limit`: also what the same
 * transaction appended. For timelines. */
hq_status hq_tx_events_of(hq_event_view **out, size_t *count, hq_tx *tx, hq_sv subject,
                          int64_t after, size_t limit, hq_arena *arena);

/* ------------------------------------------------------------------ followers */

/* Takes events in order, each exactly once as far as its transaction goes: cursor and writes commit
 * together. A follower that fails is retried with back-off, then parked with its error; it stops
 * nobody else. `tx` is NULL for a follower without rows (`in_memory`), whose cursor starts at the
 * head and is not stored. */
typedef hq_status (*hq_follow_fn)(hq_tx *tx, const hq_event_view *events, size_t count, void *user);
typedef struct {
    const char *name; /* stable: the cursor's key */
    hq_follow_fn take;
    /* Empties what the follower keeps, before a rebuild from zero. May be NULL. */
    hq_status (*forget)(hq_tx *tx, void *user);
    void *user;
    size_t batch;      /* most events a call, 0: 1000 */
    int64_t gather_us; /* how long it may gather before taking less than a batch, 0: at once */
    bool in_memory;
} hq_follower;
/* Before serving begins, or later. */
hq_status hq_store_follow(hq_store *store, const hq_follower *follower);
/* Waits until the follower has taken `position`, at most `timeout_us`: TIMEOUT. *reached (may be
 * NULL) is how far it is. Blocks: call from a slow route only. */
hq_status hq_store_await(hq_store *store, const char *follower, int64_t position,
                         int64_t timeout_us, int64_t *reached);
hq_status hq_store_rebuild(hq_store *store, const char *follower);
typedef struct {
    const char *name;
    int64_t position;
    bool parked;
    hq_sv error;
} hq_follower_state;
hq_status hq_store_followers(hq_follower_state **out, size_t *count, hq_store *store,
                             hq_arena *arena);

/* ------------------------------------------------------------------ idempotency */

typedef struct {
    hq_sv caller; /* id of the caller, at most 64 bytes */
    hq_sv key;    /* 1 to 128 bytes */
    hq_hash32 body; /* BLAKE2b of method, path and body */
} hq_idempotency;
/* HQ_OK with *answer (tx arena) when the key has answered the same body, NOT_FOUND when it is new,
 * KEY_REUSED when it came with another body. The answer is whatever the room stored. */
hq_status hq_tx_idempotent(hq_sv *answer, hq_tx *tx, const hq_idempotency *key);
/* Stores the answer beside the writes. EXISTS is impossible after NOT_FOUND in the same closure. */
hq_status hq_tx_remember(hq_tx *tx, const hq_idempotency *key, hq_sv answer);

/* ------------------------------------------------------------------ keeping */

/* Consistent copy while serving. */
hq_status hq_store_backup(hq_store *store, hq_sv path, void (*progress)(int done, int total, void *),
                          void *user);
/* Puts a backup in the place of a database that nobody has open; checks it first. */
hq_status hq_store_restore(hq_sv url, hq_sv backup, hq_arena *arena, hq_why *why);
/* Small settings of the database itself ("test" = "1" by `init --test`). */
hq_status hq_tx_setting_get(hq_sv *out, hq_tx *tx, hq_sv name); /* NOT_FOUND */
hq_status hq_tx_setting_put(hq_tx *tx, hq_sv name, hq_sv value);
