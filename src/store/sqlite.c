/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sqlite.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "os/os.h"

/* ------------------------------------------------------------------ statuses */

static hq_status io_status(hq_sqlite__conn *conn, int rc)
{
    if (rc == SQLITE_IOERR_NOMEM) {
        return HQ_FAIL(NOMEM);
    }
    int error = conn->db == NULL ? 0 : sqlite3_system_errno(conn->db);
    return error == ENOSPC || error == EDQUOT ? HQ_FAIL(FULL) : HQ_FAIL(IO);
}

static hq_status constraint_status(int rc)
{
    return rc == SQLITE_CONSTRAINT_UNIQUE || rc == SQLITE_CONSTRAINT_PRIMARYKEY ||
                   rc == SQLITE_CONSTRAINT_ROWID
               ? HQ_FAIL(EXISTS)
               : HQ_FAIL(CONFLICT);
}

hq_status hq_sqlite__status(hq_sqlite__conn *conn, int rc)
{
    snprintf(conn->face.problem, sizeof conn->face.problem, "%s (%d)",
             conn->db == NULL ? sqlite3_errstr(rc) : sqlite3_errmsg(conn->db), rc);
    switch (rc & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return HQ_DONE;
    case SQLITE_CONSTRAINT:
        return constraint_status(rc);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
        return HQ_FAIL(BUSY);
    case SQLITE_FULL:
        return HQ_FAIL(FULL);
    case SQLITE_NOMEM:
        return HQ_FAIL(NOMEM);
    case SQLITE_TOOBIG:
        return HQ_FAIL(LIMIT);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return HQ_FAIL(CORRUPT);
    case SQLITE_READONLY:
    case SQLITE_MISUSE:
    case SQLITE_RANGE:
        return HQ_FAIL(USAGE);
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return io_status(conn, rc);
    default:
        return HQ_FAIL(INTERNAL);
    }
}

/* ------------------------------------------------------------------ connecting */

/* No counting of memory (a lock at every allocation) and statement journals in memory: the closures
 * of a group are small. Before anybody else uses the library. */
static void configure(void)
{
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    sqlite3_config(SQLITE_CONFIG_STMTJRNL_SPILL, -1);
    sqlite3_initialize();
}

static hq_status run(hq_sqlite__conn *conn, const char *sql)
{
    int rc = sqlite3_exec(conn->db, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? HQ_DONE : hq_sqlite__status(conn, rc);
}

static int note_log(void *user, sqlite3 *db, const char *name, int pages)
{
    (void)db, (void)name;
    ((hq_sqlite__conn *)user)->log_pages = pages;
    return SQLITE_OK;
}

/* What a statement takes while it runs comes from a pool of the connection; a packed declaration is
 * the largest of it that comes often. Nothing of the pool may be in use yet. */
enum { POOL_PIECE = 2048, POOL_PIECES = 200 };

static hq_status set_up_writer(hq_sqlite__conn *conn, const hq_store__place *place)
{
    sqlite3_db_config(conn->db, SQLITE_DBCONFIG_LOOKASIDE, NULL, POOL_PIECE, POOL_PIECES);
    /* The page size holds only while the database is empty. */
    HQ_TRY(run(conn, "PRAGMA page_size=4096; PRAGMA journal_mode=WAL; PRAGMA secure_delete=FAST;"
                     "PRAGMA cache_size=-32768"));
    return run(conn, place->no_sync ? "PRAGMA synchronous=OFF" : "PRAGMA synchronous=FULL");
}

static hq_status set_up(hq_sqlite__conn *conn, const hq_store__place *place, hq_store__role role)
{
    sqlite3_extended_result_codes(conn->db, 1);
    sqlite3_busy_timeout(conn->db, role == HQ_STORE__KEEPER ? 0 : 10000);
    HQ_TRY(run(conn, "PRAGMA temp_store=MEMORY; PRAGMA trusted_schema=OFF"));
    if (role == HQ_STORE__WRITER && !place->read_only) {
        HQ_TRY(set_up_writer(conn, place));
    }
    if (role == HQ_STORE__KEEPER) {
        /* A connection that has read nothing does not know of the log and moves nothing. */
        HQ_TRY(run(conn, place->no_sync ? "PRAGMA synchronous=OFF" : "PRAGMA synchronous=FULL"));
        HQ_TRY(run(conn, "SELECT 1 FROM sqlite_schema LIMIT 1"));
    }
    HQ_TRY(run(conn, "PRAGMA wal_autocheckpoint=0"));
    if (role == HQ_STORE__WRITER) {
        /* Only now: switching automatic checkpoints off takes away whatever hook there is. */
        sqlite3_wal_hook(conn->db, note_log, conn);
    }
    return HQ_DONE;
}

static int open_db(sqlite3 **db, const hq_store__place *place, hq_store__role role)
{
    bool write = role != HQ_STORE__READER && !place->read_only;
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                (!write                     ? SQLITE_OPEN_READONLY
                 : role == HQ_STORE__WRITER ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
                                            : SQLITE_OPEN_READWRITE);
    bool gather = write && role == HQ_STORE__WRITER && !place->no_sync;
    return sqlite3_open_v2(place->path, db, flags, gather ? hq_sqlite__log_layer() : NULL);
}

static void disconnect(hq_store__conn *face)
{
    hq_sqlite__conn *conn = hq_sqlite__of(face);
    sqlite3_stmt *own[] = { conn->begin, conn->commit, conn->rollback, conn->mark,
                            conn->keep,  conn->revert, conn->version };
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        sqlite3_finalize(own[i]);
    }
    hq_sqlite__forget_statements(conn);
    sqlite3_close(conn->db);
    free(conn);
}

static hq_status prepare_own(hq_sqlite__conn *conn, hq_store__role role)
{
    const struct {
        sqlite3_stmt **to;
        const char *text;
    } own[] = {
        { &conn->begin, role == HQ_STORE__WRITER ? "BEGIN IMMEDIATE" : "BEGIN" },
        { &conn->commit, "COMMIT" },
        { &conn->rollback, "ROLLBACK" },
        { &conn->mark, "SAVEPOINT closure" },
        { &conn->keep, "RELEASE closure" },
        { &conn->revert, "ROLLBACK TO closure" },
        { &conn->version, "PRAGMA data_version" },
    };
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        int rc = sqlite3_prepare_v3(conn->db, own[i].text, -1, SQLITE_PREPARE_PERSISTENT, own[i].to,
                                    NULL);
        if (rc != SQLITE_OK) {
            return hq_sqlite__status(conn, rc);
        }
    }
    return HQ_DONE;
}

static hq_status connect(hq_store__conn **out, const hq_store__place *place, hq_store__role role)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, configure);
    hq_sqlite__conn *conn = calloc(1, sizeof *conn);
    if (conn == NULL) {
        return HQ_FAIL(NOMEM);
    }
    conn->face.engine = &hq_store__sqlite;
    conn->seen_version = -1;
    *out = &conn->face;
    int rc = open_db(&conn->db, place, role);
    hq_status s = rc == SQLITE_OK ? set_up(conn, place, role) : hq_sqlite__status(conn, rc);
    return hq_ok(s) ? prepare_own(conn, role) : s;
}

/* ------------------------------------------------------------------ transactions */

static hq_status once(hq_sqlite__conn *conn, sqlite3_stmt *stmt)
{
    int rc = sqlite3_step(stmt);
    hq_status s = rc == SQLITE_DONE ? HQ_DONE : hq_sqlite__status(conn, rc);
    sqlite3_reset(stmt);
    return s;
}

static hq_status begin(hq_store__conn *face)
{
    return once(hq_sqlite__of(face), hq_sqlite__of(face)->begin);
}

static hq_status commit(hq_store__conn *face)
{
    return once(hq_sqlite__of(face), hq_sqlite__of(face)->commit);
}

static bool in_transaction(hq_store__conn *face)
{
    return sqlite3_get_autocommit(hq_sqlite__of(face)->db) == 0;
}

static void rollback(hq_store__conn *face)
{
    hq_sqlite__finish_all(face);
    if (in_transaction(face)) {
        /* Fails only when the engine rolled back by itself. */
        HQ_IGNORE(once(hq_sqlite__of(face), hq_sqlite__of(face)->rollback));
    }
}

static hq_status mark(hq_store__conn *face)
{
    return once(hq_sqlite__of(face), hq_sqlite__of(face)->mark);
}

static hq_status keep(hq_store__conn *face)
{
    return once(hq_sqlite__of(face), hq_sqlite__of(face)->keep);
}

static hq_status revert(hq_store__conn *face)
{
    HQ_TRY(once(hq_sqlite__of(face), hq_sqlite__of(face)->revert));
    return keep(face);
}

static int64_t changes(hq_store__conn *face)
{
    return sqlite3_total_changes64(hq_sqlite__of(face)->db);
}

static hq_status others_wrote(hq_store__conn *face, bool *out)
{
    hq_sqlite__conn *conn = hq_sqlite__of(face);
    int rc = sqlite3_step(conn->version);
    if (rc != SQLITE_ROW) {
        sqlite3_reset(conn->version);
        return hq_sqlite__status(conn, rc);
    }
    int64_t version = sqlite3_column_int64(conn->version, 0);
    sqlite3_reset(conn->version);
    *out = version != conn->seen_version;
    conn->seen_version = version;
    return HQ_DONE;
}

/* ------------------------------------------------------------------ scripts */

/* Migrations are written once for all engines: BIGINT is INTEGER here (only so is a primary key the
 * row's own number), and the marker asks for a table that is its own index. */
static hq_status translate(hq_buf *out, hq_sv sql)
{
    const hq_sv from[] = { HQ_SV("BIGINT"), HQ_SV("/* WITHOUT ROWID */") };
    const hq_sv to[] = { HQ_SV("INTEGER"), HQ_SV("WITHOUT ROWID") };
    for (size_t at = 0; at < sql.len;) {
        hq_sv rest = hq_sv_sub(sql, at, sql.len);
        size_t i = 0;
        while (i < 2 && !hq_sv_starts(rest, from[i])) {
            i++;
        }
        if (i < 2) {
            hq_buf_sv(out, to[i]);
            at += from[i].len;
        } else {
            hq_buf_char(out, rest.ptr[0]);
            at++;
        }
    }
    hq_buf_char(out, '\0');
    return hq_buf_status(out);
}

static hq_status script(hq_store__conn *face, hq_sv sql)
{
    hq_buf text = HQ_BUF_HEAP((size_t)16 << 20);
    hq_status s = translate(&text, sql);
    if (hq_ok(s)) {
        s = run(hq_sqlite__of(face), text.ptr);
    }
    hq_buf_free(&text);
    return s;
}

const hq_store__engine hq_store__sqlite = {
    .scheme = "sqlite:",
    .connect = connect,
    .disconnect = disconnect,
    .begin = begin,
    .commit = commit,
    .rollback = rollback,
    .in_transaction = in_transaction,
    .mark = mark,
    .keep = keep,
    .revert = revert,
    .changes = changes,
    .others_wrote = others_wrote,
    .script = script,
    .find = hq_sqlite__find,
    .prepare = hq_sqlite__prepare,
    .bind = hq_sqlite__bind,
    .step = hq_sqlite__step,
    .i64 = hq_sqlite__i64,
    .text = hq_sqlite__text,
    .null = hq_sqlite__null,
    .changed = hq_sqlite__changed,
    .finish = hq_sqlite__finish,
    .finish_all = hq_sqlite__finish_all,
    .checkpoint = hq_sqlite__checkpoint,
    .log_pages = hq_sqlite__log_pages,
    .make_room = hq_sqlite__make_room,
    .backup = hq_sqlite__backup,
    .check = hq_sqlite__check,
    .restore = hq_sqlite__restore,
};
