/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Memory by lifetime. An arena is created for a request, a connection, a reference snapshot or the
 * process, passed explicitly, and given back as one. It has a ceiling from birth: past it every
 * allocation returns NULL, which fails the request and never the process. One thread at a time.
 * Under sanitizers each allocation is its own malloc, so that every overrun is seen. */

#include <stdarg.h>
#include <stddef.h>

#include "base/status.h"
#include "base/sv.h"

typedef struct hq_arena hq_arena;

/* NULL when there is no memory. `ceiling` in bytes counts what is handed out, each piece
 * rounded up to 16. */
hq_arena *hq_arena_new(size_t ceiling);
/* Runs the cleanups in reverse order, then frees all. NULL is fine. */
void hq_arena_free(hq_arena *arena);
/* The same but keeps the arena and its first chunk for the next use. */
void hq_arena_reset(hq_arena *arena);
/* Bytes handed out since birth or reset. */
size_t hq_arena_used(const hq_arena *arena);

/* 16-byte aligned, not zeroed; NULL at the ceiling or out of memory. A size of 0 is valid. */
void *hq_arena_alloc(hq_arena *arena, size_t size) __attribute__((malloc, alloc_size(2)));
void *hq_arena_zalloc(hq_arena *arena, size_t size) __attribute__((malloc, alloc_size(2)));
/* count * size, zeroed, overflow checked. */
void *hq_arena_array(hq_arena *arena, size_t count, size_t size) __attribute__((malloc));
/* Copies; on failure .ptr is NULL. The copy of an empty text has a valid pointer. */
hq_sv hq_arena_dup(hq_arena *arena, hq_sv v);
/* NUL-terminated copy; an inner NUL ends it. */
char *hq_arena_cstr(hq_arena *arena, hq_sv v);
hq_sv hq_arena_printf(hq_arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Registers `fn(user)` to run at free or reset, last registered first. */
hq_status hq_arena_cleanup(hq_arena *arena, void (*fn)(void *user), void *user);

#define HQ_NEW(arena, type) ((type *)hq_arena_zalloc((arena), sizeof(type)))
#define HQ_NEW_ARRAY(arena, type, count) ((type *)hq_arena_array((arena), (count), sizeof(type)))
