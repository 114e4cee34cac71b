/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Private to codec/: the escapes within a JSON string. */

#include "codec/json_fault.h"

/* `raw` is what lies between the quotes and has a backslash; the index proved that the closing quote
 * is not escaped, so a backslash is never the last byte. The result lies in the arena, is never longer
 * and is UTF-8 without U+0000. On a fault *at is where in `raw`. */
hq_json__fault hq_json__unescape(hq_sv *out, size_t *at, hq_sv raw, hq_arena *arena);
