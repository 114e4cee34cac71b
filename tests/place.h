/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A folder of a test's own, hq-test-PROCESS-XXXXXX under $TMPDIR. A test that is killed cannot
 * remove its folder; the next test that makes one removes those whose process is gone. */

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PLACE_PREFIX "hq-test-"

static inline int place__remove_one(const char *path, const struct stat *st, int type,
                                    struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(path);
}

static inline void place_remove(const char *dir)
{
    nftw(dir, place__remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static inline void place__sweep(const char *tmp)
{
    DIR *dir = opendir(tmp);
    struct dirent *entry;
    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        char path[512], *end;
        if (strncmp(entry->d_name, PLACE_PREFIX, sizeof PLACE_PREFIX - 1) != 0) {
            continue;
        }
        long process = strtol(entry->d_name + sizeof PLACE_PREFIX - 1, &end, 10);
        if (process > 0 && *end == '-' && kill((pid_t)process, 0) != 0 && errno == ESRCH) {
            snprintf(path, sizeof path, "%s/%s", tmp, entry->d_name);
            place_remove(path);
        }
    }
    if (dir != NULL) {
        closedir(dir);
    }
}

/* False when there is no room for its name or it cannot be made. */
static inline int place_make(char *out, size_t room)
{
    static int swept;
    const char *tmp = getenv("TMPDIR");
    tmp = tmp == NULL || tmp[0] == '\0' ? "/tmp" : tmp;
    if (!swept) {
        swept = 1;
        place__sweep(tmp);
    }
    int len = snprintf(out, room, "%s/" PLACE_PREFIX "%ld-XXXXXX", tmp, (long)getpid());
    return len > 0 && (size_t)len < room && mkdtemp(out) != NULL;
}
