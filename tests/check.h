/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What every C test includes, in the order cmocka wants. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"

/* Fails at the caller's line with both texts when they differ. */
#define check_text(actual, expected)                                                               \
    check_text_at((actual), hq_sv_from_cstr(expected), __FILE__, __LINE__)
#define check_status(call, name) check_status_at((call), HQ_E_##name, #call, __FILE__, __LINE__)

static inline void check_text_at(hq_sv actual, hq_sv expected, const char *file, int line)
{
    if (!hq_sv_eq(actual, expected)) {
        print_error("got:      %.*s\nexpected: %.*s\n", HQ_SV_FMT(actual), HQ_SV_FMT(expected));
        _fail(file, line);
    }
}

static inline void check_status_at(hq_status got, hq_code expected, const char *call,
                                   const char *file, int line)
{
    if (got.code != expected) {
        print_error("%s gave %s, expected %s\n", call, hq_status_name(got),
                    hq_status_name((hq_status){ expected }));
        _fail(file, line);
    }
}
