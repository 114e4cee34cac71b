/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Private to server/: which route a method and path mean. Patterns are compiled once into a tree of
 * segments; a literal segment wins over a {parameter}. */

#include "server/exchange.h"

#define HQ_ROUTE_PARAMS 4

typedef struct hq_router hq_router;

typedef struct {
    const hq_compiled *found; /* NULL: see `allowed` */
    hq_sv params[HQ_ROUTE_PARAMS];
    uint32_t allowed; /* bits 1 << hq_method of the path; 0: nothing is there */
} hq_route_match;

/* Routes with HQ_ROUTE_TEST only when `with_test`. EXISTS with *why when two are the same. Lives in
 * the arena. */
hq_status hq_router_new(hq_router **out, const hq_route_table *tables, size_t count, bool with_test,
                        hq_arena *arena, hq_why *why);
/* `path` as sent; each segment is decoded by itself, so that %2F does not part segments. False when
 * it cannot be decoded. */
bool hq_router_find(hq_route_match *out, const hq_router *router, hq_method method, hq_sv path,
                    hq_arena *arena);
const char *hq_method_name(hq_method method);
/* False for any other method; HEAD reads as GET with *head. */
bool hq_method_parse(hq_method *out, bool *head, hq_sv name);
/* "GET, HEAD, POST, OPTIONS" */
const char *hq_methods_text(uint32_t allowed, hq_arena *arena);
