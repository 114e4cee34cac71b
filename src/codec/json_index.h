/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Private to codec/: the one door to simdjson. */

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { HQ_JSON__INDEXED, HQ_JSON__INDEX_NO_MEMORY, HQ_JSON__INDEX_BROKEN };

/* Finds where each token of a JSON text starts: brackets, commas, colons, opening quotes and the
 * first byte of every other run. Proves on the way that the whole text is UTF-8, that every string
 * is closed and that no string has a bare control character; BROKEN otherwise (or when there is no
 * token), without a place. (*positions)[*count] is `len`. The positions belong to the thread and hold
 * until its next call. Reads nothing past `len`. */
int hq_json__index(const uint32_t **positions, size_t *count, const char *text, size_t len);

#ifdef __cplusplus
}
#endif
