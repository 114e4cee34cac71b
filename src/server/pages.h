/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Private to server/: the files of the UI, embedded in the binary by tools/embed_ui, as answers
 * made once. */

#include "server/http.h"

typedef struct {
    const char *path; /* "/assets/index-Bd3f.js" */
    const char *type;
    const char *etag; /* with its quotes */
    const char *bytes, *bytes_end;
    const char *gzip, *gzip_end; /* NULL: not worth it */
    bool immutable;              /* its name changes with its content */
} hq_ui_file;
extern const hq_ui_file hq_ui_files[];
extern const size_t hq_ui_file_count;

typedef struct hq_pages hq_pages;

hq_status hq_pages_new(hq_pages **out, hq_arena *arena);
void hq_pages_free(hq_pages *pages);
/* The file; index.html for a path of the pages' own router; NULL for a missing file. */
const hq_http_fixed *hq_pages_find(const hq_pages *pages, hq_sv path, hq_sv if_none_match,
                                   hq_sv accept_encoding);
