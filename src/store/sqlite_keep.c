/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/os.h"
#include "store/sqlite.h"

enum { ROOM = 16 << 20, COPY_PAGES = 512 };

/* ------------------------------------------------------------------ log */

hq_status hq_sqlite__checkpoint(hq_store__conn *face, int64_t *moved)
{
    hq_sqlite__conn *conn = hq_sqlite__of(face);
    int log = 0, done = 0;
    int rc = sqlite3_wal_checkpoint_v2(conn->db, NULL, SQLITE_CHECKPOINT_PASSIVE, &log, &done);
    *moved = done < 0 ? 0 : done;
    return rc == SQLITE_OK ? HQ_DONE : hq_sqlite__status(conn, rc);
}

int64_t hq_sqlite__log_pages(hq_store__conn *face)
{
    return hq_sqlite__of(face)->log_pages;
}

/* Appends zeros to the log, inside a write transaction so that nobody else does. A reader of the
 * log stops where checksums do. The log is used again from its start after each checkpoint, so a
 * commit then writes into blocks that the file has already, which costs half of what growing it
 * does. */
hq_status hq_sqlite__make_room(hq_store__conn *face)
{
    static const char zeros[65536];
    hq_sqlite__conn *conn = hq_sqlite__of(face);
    sqlite3_file *log = NULL;
    sqlite3_int64 size = 0;
    if (sqlite3_file_control(conn->db, "main", SQLITE_FCNTL_JOURNAL_POINTER, (void *)&log) !=
            SQLITE_OK ||
        log == NULL || log->pMethods == NULL) {
        return HQ_DONE;
    }
    int rc = log->pMethods->xFileSize(log, &size);
    for (; rc == SQLITE_OK && size < ROOM; size += (sqlite3_int64)sizeof zeros) {
        rc = log->pMethods->xWrite(log, zeros, sizeof zeros, size);
    }
    log->pMethods->xSync(log, SQLITE_SYNC_NORMAL);
    /* Room is a comfort: a full disk is told by the first commit that meets it. */
    return HQ_DONE;
}

/* ------------------------------------------------------------------ backup */

static hq_status copy_pages(hq_sqlite__conn *from, sqlite3 *to,
                            void (*progress)(int done, int total, void *user), void *user)
{
    sqlite3_backup *copy = sqlite3_backup_init(to, "main", from->db, "main");
    int rc = copy == NULL ? sqlite3_errcode(to) : SQLITE_OK;
    while (rc == SQLITE_OK) {
        rc = sqlite3_backup_step(copy, COPY_PAGES);
        if (progress != NULL) {
            int total = sqlite3_backup_pagecount(copy);
            progress(total - sqlite3_backup_remaining(copy), total, user);
        }
    }
    sqlite3_backup_finish(copy);
    return rc == SQLITE_DONE ? HQ_DONE : hq_sqlite__status(from, rc);
}

static hq_status copy_to(hq_sqlite__conn *from, const char *path,
                         void (*progress)(int done, int total, void *user), void *user)
{
    sqlite3 *to = NULL;
    int rc = sqlite3_open_v2(
        path, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
    hq_status s =
        rc == SQLITE_OK ? copy_pages(from, to, progress, user) : hq_sqlite__status(from, rc);
    /* Without a log of its own the copy is one file that any medium can hold. */
    if (hq_ok(s) && sqlite3_exec(to, "PRAGMA journal_mode=DELETE", NULL, NULL, NULL) != SQLITE_OK) {
        s = hq_sqlite__status(from, sqlite3_errcode(to));
    }
    if (sqlite3_close(to) != SQLITE_OK && hq_ok(s)) {
        s = HQ_FAIL(IO);
    }
    return s;
}

static hq_status rename_into_place(const char *from, const char *to)
{
    return rename(from, to) == 0 ? hq_os_sync_dir_of(to) : HQ_FAIL(IO);
}

hq_status hq_sqlite__backup(hq_store__conn *face, const char *to,
                            void (*progress)(int done, int total, void *user), void *user)
{
    char part[PATH_MAX];
    hq_sqlite__conn *conn = hq_sqlite__of(face);
    if (hq_os_exists(to)) {
        return HQ_FAIL(EXISTS);
    }
    int len = snprintf(part, sizeof part, "%s.part", to);
    if (len < 0 || (size_t)len >= sizeof part) {
        return HQ_FAIL(LIMIT);
    }
    HQ_TRY(hq_os_remove_file(part));
    /* An open read transaction holds the snapshot still: the copy never has to start again. */
    HQ_TRY(face->engine->begin(face));
    int rc = sqlite3_exec(conn->db, "SELECT 1 FROM sqlite_schema LIMIT 1", NULL, NULL, NULL);
    hq_status s =
        rc == SQLITE_OK ? copy_to(conn, part, progress, user) : hq_sqlite__status(conn, rc);
    face->engine->rollback(face);
    if (hq_ok(s)) {
        s = rename_into_place(part, to);
    }
    if (hq_failed(s)) {
        HQ_IGNORE(hq_os_remove_file(part)); /* the failure above is what is told */
    }
    return s;
}

/* ------------------------------------------------------------------ restore */

static int take_word(void *user, int columns, char **values, char **names)
{
    (void)names;
    if (columns == 1 && values[0] != NULL) {
        *(bool *)user = strcmp(values[0], "ok") == 0 || strcmp(values[0], "delete") == 0;
    }
    return 0;
}

static hq_status ask(sqlite3 *db, const char *sql, bool *yes)
{
    *yes = false;
    int rc = sqlite3_exec(db, sql, take_word, yes, NULL) & 0xff;
    if (rc == SQLITE_OK) {
        return HQ_DONE;
    }
    return rc == SQLITE_BUSY || rc == SQLITE_LOCKED      ? HQ_FAIL(BUSY)
           : rc == SQLITE_CORRUPT || rc == SQLITE_NOTADB ? HQ_FAIL(CORRUPT)
                                                         : HQ_FAIL(IO);
}

hq_status hq_sqlite__check(const char *path)
{
    sqlite3 *db = NULL;
    bool whole = false, ours = false;
    if (!hq_os_exists(path)) {
        return HQ_FAIL(NOT_FOUND);
    }
    hq_status s = sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK
                      ? ask(db, "PRAGMA integrity_check(1)", &whole)
                      : HQ_FAIL(IO);
    if (hq_ok(s)) {
        s = ask(db, "SELECT 'ok' FROM sqlite_schema WHERE name = 'journal_event'", &ours);
    }
    sqlite3_close(db);
    return hq_failed(s) ? s : whole && ours ? HQ_DONE : HQ_FAIL(CORRUPT);
}

/* Leaves the log mode, which SQLite allows only to the last connection. A file that is no database
 * any more cannot be in use either. */
static hq_status nobody_has_open(const char *path)
{
    sqlite3 *db = NULL;
    bool alone = true;
    if (!hq_os_exists(path)) {
        return HQ_DONE;
    }
    hq_status s = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK
                      ? ask(db, "PRAGMA journal_mode=DELETE", &alone)
                      : HQ_FAIL(IO);
    sqlite3_close(db);
    if (s.code == HQ_E_CORRUPT) {
        return HQ_DONE;
    }
    return hq_failed(s) ? s : alone ? HQ_DONE : HQ_FAIL(BUSY);
}

static hq_status write_all(int to, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t wrote = write(to, bytes, len);
        if (wrote < 0 && errno == EINTR) {
            continue;
        }
        if (wrote < 0) {
            return hq_os_status(errno);
        }
        bytes += wrote;
        len -= (size_t)wrote;
    }
    return HQ_DONE;
}

static hq_status copy_bytes(int from, int to)
{
    char bytes[65536];
    for (;;) {
        ssize_t got = read(from, bytes, sizeof bytes);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return hq_os_status(errno);
        }
        if (got == 0) {
            return fsync(to) == 0 ? HQ_DONE : hq_os_status(errno);
        }
        HQ_TRY(write_all(to, bytes, (size_t)got));
    }
}

static hq_status copy_file(const char *from, const char *to)
{
    int in = open(from, O_RDONLY | O_CLOEXEC);
    int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    hq_status s = in < 0 ? HQ_FAIL(NOT_FOUND) : out < 0 ? HQ_FAIL(IO) : copy_bytes(in, out);
    if (in >= 0) {
        close(in);
    }
    if (out >= 0 && close(out) != 0 && hq_ok(s)) {
        s = HQ_FAIL(IO);
    }
    return s;
}

static hq_status remove_beside(const char *path, const char *end)
{
    char name[PATH_MAX];
    int len = snprintf(name, sizeof name, "%s%s", path, end);
    return len > 0 && (size_t)len < sizeof name ? hq_os_remove_file(name) : HQ_FAIL(LIMIT);
}

hq_status hq_sqlite__restore(const char *path, const char *from)
{
    char part[PATH_MAX];
    int len = snprintf(part, sizeof part, "%s.part", path);
    if (len < 0 || (size_t)len >= sizeof part) {
        return HQ_FAIL(LIMIT);
    }
    HQ_TRY(nobody_has_open(path));
    hq_status s = copy_file(from, part);
    /* The log of what was there must not be read into what comes. */
    if (hq_ok(s)) {
        s = remove_beside(path, "-wal");
    }
    if (hq_ok(s)) {
        s = remove_beside(path, "-shm");
    }
    if (hq_ok(s)) {
        s = rename_into_place(part, path);
    }
    if (hq_failed(s)) {
        HQ_IGNORE(hq_os_remove_file(part)); /* the failure above is what is told */
    }
    return s;
}
