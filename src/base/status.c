/* SPDX-License-Identifier: Apache-2.0 */
#include "base/status.h"

#include <stddef.h>

typedef struct {
    const char *name;
    int http;
    bool retryable;
    const char *en, *vi;
} code_row;

static const code_row rows[] = {
#define HQ_CODE(name, number, http, retry, en, vi) [number] = { #name, http, retry, en, vi },
#include "base/status.def"
#undef HQ_CODE
};

/* A number that no row has can only come from memory gone wrong: it reads as an internal error. */
static const code_row *row_of(hq_status s)
{
    size_t at = (size_t)s.code;
    if (at >= sizeof rows / sizeof rows[0] || rows[at].name == NULL) {
        return &rows[HQ_E_INTERNAL];
    }
    return &rows[at];
}

const char *hq_status_name(hq_status s)
{
    return row_of(s)->name;
}

const char *hq_status_text_en(hq_status s)
{
    return row_of(s)->en;
}

const char *hq_status_text_vi(hq_status s)
{
    return row_of(s)->vi;
}

int hq_status_http(hq_status s)
{
    return row_of(s)->http;
}

bool hq_status_retryable(hq_status s)
{
    return row_of(s)->retryable;
}
