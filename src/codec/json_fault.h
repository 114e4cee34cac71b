/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Private to codec/: what was wrong with a JSON text, and where. */

#include "base/base.h"

typedef enum {
    HQ_JSON__FINE,
#define HQ_JSON_FAULT(name, status, en, vi) HQ_JSON__##name,
#include "codec/json_fault.def"
#undef HQ_JSON_FAULT
} hq_json__fault;

/* Status of the fault; fills *why unless it is NULL. */
hq_status hq_json__explain(hq_json__fault fault, size_t at, hq_arena *arena, hq_why *why);
/* The first fault among those that the index finds without a place. */
hq_json__fault hq_json__locate(size_t *at, hq_sv text);
