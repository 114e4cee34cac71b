/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <stdlib.h>

#include "store/sqlite.h"

/* A layer under SQLite for the writer's log alone. SQLite writes a commit's pages one by one, a
 * head of 24 bytes and a page each: a hundred system calls for a group. They follow each other in
 * the file, so they are gathered here and written as one when the commit asks for its sync, which
 * comes before anybody else is told of them. Without syncs (the benchmark) the layer is not used.
 */

enum { ROOM = 1 << 20, PIECE = 1 << 16 };

typedef struct {
    sqlite3_file face;
    sqlite3_file *below; /* behind this struct */
    char *bytes;
    sqlite3_int64 at;
    int len;
} log_file;

static log_file *of(sqlite3_file *file)
{
    return (log_file *)file;
}

/* A failed write drops what was gathered: SQLite takes the commit back and writes there again. In
 * pieces, since SQLite's own layer for Unix takes only the low 17 bits of a length. */
static int flush(log_file *log)
{
    int len = log->len;
    int rc = SQLITE_OK;
    log->len = 0;
    for (int done = 0; rc == SQLITE_OK && done < len; done += PIECE) {
        int piece = len - done < PIECE ? len - done : PIECE;
        rc = log->below->pMethods->xWrite(log->below, log->bytes + done, piece, log->at + done);
    }
    return rc;
}

static int log_write(sqlite3_file *file, const void *bytes, int len, sqlite3_int64 at)
{
    log_file *log = of(file);
    if (log->len > 0 && (at != log->at + log->len || len > ROOM - log->len)) {
        int rc = flush(log);
        if (rc != SQLITE_OK) {
            return rc;
        }
    }
    if (len > ROOM) {
        return log->below->pMethods->xWrite(log->below, bytes, len, at);
    }
    if (log->len == 0) {
        log->at = at;
    }
    memcpy(log->bytes + log->len, bytes, (size_t)len);
    log->len += len;
    return SQLITE_OK;
}

static int log_sync(sqlite3_file *file, int flags)
{
    int rc = flush(of(file));
    return rc == SQLITE_OK ? of(file)->below->pMethods->xSync(of(file)->below, flags) : rc;
}

static int log_read(sqlite3_file *file, void *to, int len, sqlite3_int64 at)
{
    int rc = flush(of(file));
    return rc == SQLITE_OK ? of(file)->below->pMethods->xRead(of(file)->below, to, len, at) : rc;
}

static int log_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    int rc = flush(of(file));
    return rc == SQLITE_OK ? of(file)->below->pMethods->xTruncate(of(file)->below, size) : rc;
}

static int log_size(sqlite3_file *file, sqlite3_int64 *size)
{
    int rc = flush(of(file));
    return rc == SQLITE_OK ? of(file)->below->pMethods->xFileSize(of(file)->below, size) : rc;
}

static int log_close(sqlite3_file *file)
{
    int rc = flush(of(file));
    int closed = of(file)->below->pMethods->xClose(of(file)->below);
    free(of(file)->bytes);
    return rc == SQLITE_OK ? closed : rc;
}

static int log_lock(sqlite3_file *file, int level)
{
    return of(file)->below->pMethods->xLock(of(file)->below, level);
}

static int log_unlock(sqlite3_file *file, int level)
{
    return of(file)->below->pMethods->xUnlock(of(file)->below, level);
}

static int log_reserved(sqlite3_file *file, int *out)
{
    return of(file)->below->pMethods->xCheckReservedLock(of(file)->below, out);
}

static int log_control(sqlite3_file *file, int op, void *arg)
{
    return of(file)->below->pMethods->xFileControl(of(file)->below, op, arg);
}

static int log_sector(sqlite3_file *file)
{
    return of(file)->below->pMethods->xSectorSize(of(file)->below);
}

static int log_device(sqlite3_file *file)
{
    return of(file)->below->pMethods->xDeviceCharacteristics(of(file)->below);
}

static const sqlite3_io_methods log_methods = {
    .iVersion = 1, /* a log has no shared memory of its own */
    .xClose = log_close,
    .xRead = log_read,
    .xWrite = log_write,
    .xTruncate = log_truncate,
    .xSync = log_sync,
    .xFileSize = log_size,
    .xLock = log_lock,
    .xUnlock = log_unlock,
    .xCheckReservedLock = log_reserved,
    .xFileControl = log_control,
    .xSectorSize = log_sector,
    .xDeviceCharacteristics = log_device,
};

static sqlite3_vfs layer;

static int layer_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out)
{
    sqlite3_vfs *real = vfs->pAppData;
    if ((flags & SQLITE_OPEN_WAL) == 0) {
        return real->xOpen(real, name, file, flags, out);
    }
    log_file *log = of(file);
    *log = (log_file){ .below = (sqlite3_file *)(log + 1), .bytes = malloc(ROOM) };
    if (log->bytes == NULL) {
        return SQLITE_NOMEM;
    }
    int rc = real->xOpen(real, name, log->below, flags, out);
    if (rc != SQLITE_OK) {
        free(log->bytes);
        return rc;
    }
    log->face.pMethods = &log_methods;
    return SQLITE_OK;
}

static void install(void)
{
    sqlite3_vfs *real = sqlite3_vfs_find(NULL);
    layer = *real;
    layer.pNext = NULL;
    layer.zName = "haiquan-log";
    layer.pAppData = real;
    layer.szOsFile = (int)sizeof(log_file) + real->szOsFile;
    layer.xOpen = layer_open;
    sqlite3_vfs_register(&layer, 0);
}

const char *hq_sqlite__log_layer(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, install);
    return layer.zName;
}
