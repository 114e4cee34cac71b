/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Private to store/: what a database engine must offer. Everything above works through this table,
 * so that another engine is one more file. A connection belongs to one thread at a time. */

#include "store/store.h"

typedef struct hq_store__engine hq_store__engine;

/* Engines put this first in their own connection. */
typedef struct {
    const hq_store__engine *engine;
    char problem[256]; /* what the engine said last, for whoever debugs */
} hq_store__conn;

typedef enum {
    HQ_STORE__WRITER, /* the one that writes; creates the database */
    HQ_STORE__READER, /* snapshots */
    HQ_STORE__KEEPER  /* checkpoints and copies */
} hq_store__role;

typedef struct {
    const char *path; /* what follows the scheme of the URL */
    bool read_only;
    bool no_sync;
} hq_store__place;

struct hq_store__engine {
    const char *scheme; /* "sqlite:" */
    hq_status (*connect)(hq_store__conn **out, const hq_store__place *place, hq_store__role role);
    void (*disconnect)(hq_store__conn *conn);

    /* Writer: takes the right to write, BUSY when another process keeps it. Reader: a snapshot. */
    hq_status (*begin)(hq_store__conn *conn);
    hq_status (*commit)(hq_store__conn *conn);
    void (*rollback)(hq_store__conn *conn);
    bool (*in_transaction)(hq_store__conn *conn);
    /* Savepoint around one closure. */
    hq_status (*mark)(hq_store__conn *conn);
    hq_status (*keep)(hq_store__conn *conn);
    hq_status (*revert)(hq_store__conn *conn);
    /* Grows when the open transaction changed something. */
    int64_t (*changes)(hq_store__conn *conn);
    /* Inside a write transaction: did another connection commit since the last time? */
    hq_status (*others_wrote)(hq_store__conn *conn, bool *out);

    hq_status (*script)(hq_store__conn *conn, hq_sv sql);
    /* A statement ready to be bound: the prepared one, or one of its own when that is in use. */
    hq_status (*find)(void **stmt, hq_store__conn *conn, hq_sql *sql);
    hq_status (*prepare)(void **stmt, hq_store__conn *conn, hq_sv text);
    hq_status (*bind)(void *stmt, const hq_bind *binds, size_t count);
    hq_status (*step)(void *stmt, bool *row);
    int64_t (*i64)(void *stmt, int column);
    hq_sv (*text)(void *stmt, int column);
    bool (*null)(void *stmt, int column);
    int64_t (*changed)(void *stmt); /* rows, after a step without rows */
    void (*finish)(void *stmt);
    /* Finishes what a closure left open. */
    void (*finish_all)(hq_store__conn *conn);

    /* Moves what is committed into its lasting place; *moved is how many pages of the log are there
     * now. Never waits for readers or the writer; BUSY when another connection is at it. */
    hq_status (*checkpoint)(hq_store__conn *conn, int64_t *moved);
    /* Pages of log that wait, as the writer's last commit left them. */
    int64_t (*log_pages)(hq_store__conn *conn);
    /* Once after opening for writing: makes room so that commits need not grow files. */
    hq_status (*make_room)(hq_store__conn *conn);

    hq_status (*backup)(hq_store__conn *conn, const char *to,
                        void (*progress)(int done, int total, void *user), void *user);
    /* Is `path` a whole database of this engine? CORRUPT, NOT_FOUND. */
    hq_status (*check)(const char *path);
    /* Puts the file in the place of a database that nobody has open: BUSY. */
    hq_status (*restore)(const char *path, const char *from);
};

extern const hq_store__engine hq_store__sqlite;

/* Number of the statement text in the process, counted from 1. */
int hq_store__slot(hq_sql *sql);
