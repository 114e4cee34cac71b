/* SPDX-License-Identifier: Apache-2.0 */
#include "os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

hq_status hq_os_status(int error)
{
    switch (error) {
    case 0:
        return HQ_DONE;
    case ENOENT:
    case ENOTDIR:
        return HQ_FAIL(NOT_FOUND);
    case EEXIST:
        return HQ_FAIL(EXISTS);
    case ENOSPC:
    case EDQUOT:
        return HQ_FAIL(FULL);
    case ENOMEM:
        return HQ_FAIL(NOMEM);
    case EFBIG:
    case ENAMETOOLONG:
        return HQ_FAIL(LIMIT);
    case EAGAIN:
    case EBUSY:
        return HQ_FAIL(BUSY);
    default:
        return HQ_FAIL(IO);
    }
}

static hq_status last_error(void)
{
    return hq_os_status(errno == 0 ? EIO : errno);
}

/* Reads until the end or until the room is used up. */
static hq_status read_all(size_t *out, int fd, char *to, size_t room)
{
    size_t have = 0;
    while (have < room) {
        ssize_t got = read(fd, to + have, room - have);
        if (got == 0) {
            break;
        }
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return last_error();
        }
        have += (size_t)got;
    }
    *out = have;
    return HQ_DONE;
}

/* A stated size is only a hint: files of /proc say 0, others grow while they are read. */
static hq_status read_open_file(hq_sv *out, hq_arena *arena, int fd, size_t ceiling)
{
    struct stat st;
    if (fstat(fd, &st) != 0) {
        return last_error();
    }
    if (!S_ISREG(st.st_mode)) {
        return HQ_FAIL(IO);
    }
    if (st.st_size > 0 && (uint64_t)st.st_size > ceiling) {
        return HQ_FAIL(LIMIT);
    }
    size_t room = st.st_size > 0 ? (size_t)st.st_size : ceiling < 65536 ? ceiling : 65536;
    char *bytes = hq_arena_alloc(arena, room + 1);
    if (bytes == NULL) {
        return HQ_FAIL(NOMEM);
    }
    size_t len = 0;
    HQ_TRY(read_all(&len, fd, bytes, room + 1));
    if (len > room) {
        return HQ_FAIL(LIMIT);
    }
    bytes[len] = '\0';
    *out = (hq_sv){ bytes, len };
    return HQ_DONE;
}

hq_status hq_os_read_file(hq_sv *out, hq_arena *arena, const char *path, size_t ceiling)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) {
        return last_error();
    }
    hq_status s = read_open_file(out, arena, fd, ceiling);
    close(fd);
    return s;
}

static hq_status write_all(int fd, hq_sv bytes)
{
    while (bytes.len > 0) {
        ssize_t wrote = write(fd, bytes.ptr, bytes.len);
        if (wrote < 0 && errno == EINTR) {
            continue;
        }
        if (wrote < 0) {
            return last_error();
        }
        bytes = hq_sv_sub(bytes, (size_t)wrote, bytes.len);
    }
    return HQ_DONE;
}

hq_status hq_os_sync_dir_of(const char *path)
{
    char dir[PATH_MAX];
    hq_sv whole = hq_sv_from_cstr(path);
    size_t len = whole.len;
    while (len > 0 && path[len - 1] != '/') {
        len--;
    }
    if (len + 2 > sizeof dir) {
        return HQ_FAIL(LIMIT);
    }
    memcpy(dir, path, len);
    memcpy(dir + len, len == 0 ? "." : "", len == 0 ? 2 : 1);
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return last_error();
    }
    hq_status s = fsync(fd) == 0 ? HQ_DONE : last_error();
    close(fd);
    return s;
}

static hq_status write_temporary(int fd, hq_sv bytes, unsigned mode)
{
    HQ_TRY(write_all(fd, bytes));
    if (fchmod(fd, (mode_t)mode) != 0 || fsync(fd) != 0) {
        return last_error();
    }
    return HQ_DONE;
}

hq_status hq_os_write_file(const char *path, hq_sv bytes, unsigned mode)
{
    char temporary[PATH_MAX];
    int len = snprintf(temporary, sizeof temporary, "%s.XXXXXX", path);
    if (len < 0 || (size_t)len >= sizeof temporary) {
        return HQ_FAIL(LIMIT);
    }
    int fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0) {
        return last_error();
    }
    hq_status s = write_temporary(fd, bytes, mode);
    if (close(fd) != 0 && hq_ok(s)) {
        s = last_error();
    }
    if (hq_ok(s) && rename(temporary, path) != 0) {
        s = last_error();
    }
    if (hq_failed(s)) {
        unlink(temporary);
        return s;
    }
    return hq_os_sync_dir_of(path);
}

static hq_status make_dir(const char *path, unsigned mode)
{
    struct stat st;
    if (mkdir(path, (mode_t)mode) == 0) {
        return hq_os_sync_dir_of(path);
    }
    if (errno != EEXIST) {
        return last_error();
    }
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode) ? HQ_DONE : HQ_FAIL(EXISTS);
}

hq_status hq_os_make_dirs(const char *path, unsigned mode)
{
    char part[PATH_MAX];
    size_t len = strlen(path);
    while (len > 1 && path[len - 1] == '/') {
        len--;
    }
    if (len == 0 || len >= sizeof part) {
        return len == 0 ? HQ_FAIL(NOT_FOUND) : HQ_FAIL(LIMIT);
    }
    memcpy(part, path, len);
    part[len] = '\0';
    for (size_t i = 1; i < len; i++) {
        if (part[i] == '/' && part[i - 1] != '/') {
            part[i] = '\0';
            HQ_TRY(make_dir(part, mode));
            part[i] = '/';
        }
    }
    return make_dir(part, mode);
}

bool hq_os_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

hq_status hq_os_remove_file(const char *path)
{
    if (unlink(path) != 0) {
        return errno == ENOENT ? HQ_DONE : last_error();
    }
    return hq_os_sync_dir_of(path);
}
