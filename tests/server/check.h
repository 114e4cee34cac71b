/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/base.h"

#define MUST(call)          assert_string_equal(hq_status_name(call), "OK")
#define MUST_BE(call, name) assert_string_equal(hq_status_name(call), #name)
#define assert_sv(v, text)                                                                         \
    do {                                                                                           \
        hq_sv seen_ = (v);                                                                         \
        assert_int_equal(seen_.len, strlen(text));                                                 \
        assert_memory_equal(seen_.ptr == NULL ? "" : seen_.ptr, (text), seen_.len);                \
    } while (0)
