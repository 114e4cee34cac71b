/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The one result type. A status is a struct so that it cannot be mixed up with a number, and it
 * cannot be dropped unseen. What was wrong with a particular input travels beside it, as findings
 * or as an hq_why; the status only says which kind of answer it is. */

#include <stdbool.h>
#include <stdint.h>

typedef enum {
#define HQ_CODE(name, number, http, retry, en, vi) HQ_E_##name = (number),
#include "base/status.def"
#undef HQ_CODE
} hq_code;

/* gcc knows the attribute on functions only; clang, which builds the fuzzers, holds it on the type. */
#ifdef __clang__
#define HQ_CHECKED __attribute__((warn_unused_result))
#else
#define HQ_CHECKED
#endif

typedef struct HQ_CHECKED {
    hq_code code;
} hq_status;

#define HQ_DONE ((hq_status){ HQ_E_OK })
#define HQ_FAIL(name) ((hq_status){ HQ_E_##name })

static inline bool hq_ok(hq_status s)
{
    return s.code == HQ_E_OK;
}

static inline bool hq_failed(hq_status s)
{
    return s.code != HQ_E_OK;
}

/* Leaves the calling function with the status of `call` when it failed. */
#define HQ_TRY(call)                                                                               \
    do {                                                                                           \
        hq_status hq_try_ = (call);                                                                \
        if (hq_failed(hq_try_)) {                                                                  \
            return hq_try_;                                                                        \
        }                                                                                          \
    } while (0)

/* For the rare place where failing changes nothing, with the reason in a comment beside it. */
#define HQ_IGNORE(call)                                                                            \
    do {                                                                                           \
        hq_status hq_ignored_ = (call);                                                            \
        (void)hq_ignored_;                                                                         \
    } while (0)

const char *hq_status_name(hq_status s);    /* "NOT_FOUND" */
const char *hq_status_text_en(hq_status s); /* English sentence, static */
const char *hq_status_text_vi(hq_status s); /* the same in Vietnamese */
int hq_status_http(hq_status s);            /* HTTP status code */
bool hq_status_retryable(hq_status s);      /* may the same call succeed later? */
