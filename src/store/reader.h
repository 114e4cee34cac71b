/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Private to store/: a connection that reads snapshots, one use at a time. */

#include "store/inside.h"

struct hq_store__reader {
    hq_store__reader *next;
    hq_tx tx;
};
