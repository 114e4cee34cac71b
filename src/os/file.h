/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Files as wholes. What is written is either there entirely, also after power is lost, or not at
 * all. */

#include "base/base.h"

/* The status of a failed system call: NOT_FOUND, EXISTS, FULL, NOMEM, LIMIT, BUSY, else IO. */
hq_status hq_os_status(int error);
/* Whole file into the arena; a NUL follows it. LIMIT when it is longer than `ceiling`, also when it
 * grows while being read; NOT_FOUND, NOMEM, IO. */
hq_status hq_os_read_file(hq_sv *out, hq_arena *arena, const char *path, size_t ceiling);
/* Replaces or creates the file: a temporary file beside it is written and synced, renamed over it,
 * and its directory synced. `mode` like 0600; FULL, IO. On failure the old file stands. */
hq_status hq_os_write_file(const char *path, hq_sv bytes, unsigned mode);
/* Like mkdir -p; a directory that exists is fine, anything else in the way is EXISTS. */
hq_status hq_os_make_dirs(const char *path, unsigned mode);
bool hq_os_exists(const char *path);
/* A file that is not there is fine. Durable when it returns. */
hq_status hq_os_remove_file(const char *path);
/* Syncs the directory that holds `path`. */
hq_status hq_os_sync_dir_of(const char *path);
