/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Private to files/. */

#include "files/files.h"

struct hq_files {
    hq_store *store;
    hq_reference *reference;
};

/* Text of a refusal; always MEDIA. */
hq_status hq_files__refuse(hq_why *why, const char *vi, const char *en);

/* "attachment/<id>" */
hq_sv hq_files__subject(hq_arena *arena, const hq_id *id);

/* ---- office.c ---- */

/* Which kind of office document a ZIP archive is. MEDIA for any other archive and for one that is
 * broken, encrypted, holds a program or a macro; LIMIT when it unpacks to too much. */
hq_status hq_files__office(hq_file_type *out, hq_sv bytes, hq_why *why);

/* ---- rows.c ---- */

/* Keeps the bytes unless they are kept already, and the attachment. */
hq_status hq_files__store(hq_tx *tx, const hq_file *file, hq_sv bytes);
hq_status hq_files__row_hash(hq_hash32 *out, hq_tx *tx, hq_sv subject);
hq_status hq_files__hash_of(hq_hash32 *out, const hq_file *file, const hq_hash32 *content,
                            hq_arena *arena);
/* Adds the link; false in *added when it was there. *version: links of the attachment + 1. */
hq_status hq_files__tie(bool *added, int64_t *version, hq_tx *tx, const hq_id *id, hq_sv subject,
                        const hq_target *scope);
/* Calls `see` for the scope of each link until it says true. */
hq_status hq_files__any_link(bool *out, hq_tx *tx, const hq_id *id,
                             bool (*see)(const hq_target *scope, void *user), void *user);
/* Files of a subject; `see` (may be NULL) leaves out those whose link it does not like. */
hq_status hq_files__list(const hq_file **out, size_t *count, hq_tx *tx, hq_sv subject,
                         bool (*see)(const hq_target *scope, void *user), void *user,
                         hq_arena *arena);
