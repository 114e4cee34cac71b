/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Makes ZIP archives of stored entries for tests. */

#include "base/base.h"

typedef struct {
    hq_sv name, bytes;
    uint16_t flags;    /* 1: encrypted */
    uint32_t unpacked; /* claimed size, 0: the true one */
} zip_entry;

void zip_write(hq_buf *buf, const zip_entry *entries, size_t count);
