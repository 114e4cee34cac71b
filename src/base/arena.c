/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/arena_extend.h"

enum {
    CHUNK = 16 * 1024,
    BIG =
        4 * 1024, /* from here on a piece has its own malloc, so that chunks do not end in holes */
    ALIGN = 16
};

typedef struct piece piece;
struct piece {
    piece *next;
    _Alignas(ALIGN) char bytes[];
};

typedef struct cleanup cleanup;
struct cleanup {
    cleanup *next;
    void (*fn)(void *user);
    void *user;
};

struct hq_arena {
    char *at, *end; /* free room of the chunk in use */
    size_t used, ceiling;
    piece *pieces; /* all but the first chunk */
    cleanup *cleanups;
    char *first, *first_end;
};

#ifdef HQ_SANITIZED
enum { PIECEWISE = 1 };
#else
enum { PIECEWISE = 0 };
#endif

static size_t round_up(size_t size)
{
    return (size + (ALIGN - 1)) & ~(size_t)(ALIGN - 1);
}

hq_arena *hq_arena_new(size_t ceiling)
{
    size_t head = round_up(sizeof(hq_arena));
    hq_arena *arena = malloc(PIECEWISE ? head : (size_t)CHUNK);
    if (arena == NULL) {
        return NULL;
    }
    if (ceiling > SIZE_MAX / 2) {
        ceiling = SIZE_MAX / 2; /* leaves room for rounding up */
    }
    char *first = (char *)arena + head;
    char *end = PIECEWISE ? first : (char *)arena + CHUNK;
    *arena = (hq_arena){
        .at = first, .end = end, .ceiling = round_up(ceiling), .first = first, .first_end = end
    };
    return arena;
}

void hq_arena_reset(hq_arena *arena)
{
    while (arena->cleanups != NULL) {
        cleanup *c = arena->cleanups;
        arena->cleanups = c->next;
        c->fn(c->user);
    }
    while (arena->pieces != NULL) {
        piece *p = arena->pieces;
        arena->pieces = p->next;
        free(p);
    }
    arena->at = arena->first;
    arena->end = arena->first_end;
    arena->used = 0;
}

void hq_arena_free(hq_arena *arena)
{
    if (arena == NULL) {
        return;
    }
    hq_arena_reset(arena);
    free(arena);
}

size_t hq_arena_used(const hq_arena *arena)
{
    return arena->used;
}

static piece *add_piece(hq_arena *arena, size_t size)
{
    piece *p = malloc(sizeof(piece) + size);
    if (p != NULL) {
        p->next = arena->pieces;
        arena->pieces = p;
    }
    return p;
}

/* The way when the chunk in use has no room. */
static __attribute__((noinline)) void *alloc_slow(hq_arena *arena, size_t size)
{
    size_t rounded = round_up(size);
    bool apart = PIECEWISE || rounded >= BIG;
    /* Apart it gets its exact size, so that a sanitizer sees the first byte past its end. */
    piece *p = add_piece(arena, apart ? size : CHUNK - sizeof(piece));
    if (p == NULL) {
        return NULL;
    }
    if (!apart) {
        arena->at = p->bytes + rounded;
        arena->end = (char *)p + CHUNK;
    }
    arena->used += rounded;
    return p->bytes;
}

void *hq_arena_alloc(hq_arena *arena, size_t size)
{
    /* Ceiling and used are both multiples of ALIGN: what fits still fits when rounded. */
    if (__builtin_expect(size > arena->ceiling - arena->used, 0)) {
        return NULL;
    }
    size_t rounded = round_up(size);
    if (PIECEWISE || __builtin_expect(rounded > (size_t)(arena->end - arena->at), 0)) {
        return alloc_slow(arena, size);
    }
    void *out = arena->at;
    arena->at += rounded;
    arena->used += rounded;
    return out;
}

bool hq_arena__extend(hq_arena *arena, const void *newest, size_t size, size_t wanted)
{
    size_t old = round_up(size);
    size_t grown = round_up(wanted);
    if (PIECEWISE || (const char *)newest + old != arena->at || grown < old ||
        grown - old > arena->ceiling - arena->used ||
        grown - old > (size_t)(arena->end - arena->at)) {
        return false;
    }
    arena->at += grown - old;
    arena->used += grown - old;
    return true;
}

void *hq_arena_zalloc(hq_arena *arena, size_t size)
{
    void *out = hq_arena_alloc(arena, size);
    if (out != NULL) {
        memset(out, 0, size);
    }
    return out;
}

void *hq_arena_array(hq_arena *arena, size_t count, size_t size)
{
    size_t total;
    if (__builtin_mul_overflow(count, size, &total)) {
        return NULL;
    }
    return hq_arena_zalloc(arena, total);
}

hq_sv hq_arena_dup(hq_arena *arena, hq_sv v)
{
    char *copy = hq_arena_alloc(arena, v.len);
    if (copy == NULL) {
        return HQ_SV_NULL;
    }
    if (v.len > 0) {
        memcpy(copy, v.ptr, v.len);
    }
    return (hq_sv){ copy, v.len };
}

char *hq_arena_cstr(hq_arena *arena, hq_sv v)
{
    if (v.len == SIZE_MAX) {
        return NULL;
    }
    char *copy = hq_arena_alloc(arena, v.len + 1);
    if (copy == NULL) {
        return NULL;
    }
    if (v.len > 0) {
        memcpy(copy, v.ptr, v.len);
    }
    copy[v.len] = '\0';
    return copy;
}

hq_sv hq_arena_printf(hq_arena *arena, const char *format, ...)
{
    char small[512];
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(small, sizeof small, format, args);
    va_end(args);
    char *out = len < 0 ? NULL : hq_arena_alloc(arena, (size_t)len + 1);
    if (out != NULL && (size_t)len < sizeof small) {
        memcpy(out, small, (size_t)len + 1);
    } else if (out != NULL) {
        vsnprintf(out, (size_t)len + 1, format, again);
    }
    va_end(again);
    return out == NULL ? HQ_SV_NULL : (hq_sv){ out, (size_t)len };
}

hq_status hq_arena_cleanup(hq_arena *arena, void (*fn)(void *user), void *user)
{
    cleanup *c = hq_arena_alloc(arena, sizeof *c);
    if (c == NULL) {
        return HQ_FAIL(NOMEM);
    }
    *c = (cleanup){ arena->cleanups, fn, user };
    arena->cleanups = c;
    return HQ_DONE;
}
