/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Private to the SQLite engine: its connection and statements. */

#include <sqlite3.h>

#include "store/engine.h"

typedef struct hq_sqlite__conn hq_sqlite__conn;

typedef struct {
    sqlite3_stmt *raw;
    hq_sqlite__conn *conn;
    bool busy;  /* handed out */
    bool owned; /* one of its own, ended with its use */
} hq_sqlite__stmt;

struct hq_sqlite__conn {
    hq_store__conn face;
    sqlite3 *db;
    hq_sqlite__stmt **slots; /* by the number of the text */
    size_t slot_count;
    hq_sqlite__stmt *open[64]; /* handed out now; more are refused */
    size_t open_count;
    sqlite3_stmt *begin, *commit, *rollback, *mark, *keep, *revert, *version;
    int64_t seen_version;
    int log_pages;
};

/* Our status for what SQLite returned; keeps its words in the connection. */
hq_status hq_sqlite__status(hq_sqlite__conn *conn, int rc);
static inline hq_sqlite__conn *hq_sqlite__of(hq_store__conn *conn)
{
    return (hq_sqlite__conn *)conn;
}

/* sqlite_stmt.c */
hq_status hq_sqlite__find(void **out, hq_store__conn *face, hq_sql *sql);
hq_status hq_sqlite__prepare(void **out, hq_store__conn *face, hq_sv text);
hq_status hq_sqlite__bind(void *stmt, const hq_bind *binds, size_t count);
hq_status hq_sqlite__step(void *stmt, bool *row);
int64_t hq_sqlite__i64(void *stmt, int column);
hq_sv hq_sqlite__text(void *stmt, int column);
bool hq_sqlite__null(void *stmt, int column);
int64_t hq_sqlite__changed(void *stmt);
void hq_sqlite__finish(void *stmt);
void hq_sqlite__finish_all(hq_store__conn *face);
void hq_sqlite__forget_statements(hq_sqlite__conn *conn);

/* sqlite_keep.c */
hq_status hq_sqlite__checkpoint(hq_store__conn *face, int64_t *moved);
int64_t hq_sqlite__log_pages(hq_store__conn *face);
hq_status hq_sqlite__make_room(hq_store__conn *face);
hq_status hq_sqlite__backup(hq_store__conn *face, const char *to,
                            void (*progress)(int done, int total, void *user), void *user);
hq_status hq_sqlite__check(const char *path);
hq_status hq_sqlite__restore(const char *path, const char *from);

/* sqlite_log.c: name of the layer that gathers the writer's log. */
const char *hq_sqlite__log_layer(void);
