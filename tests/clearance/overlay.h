/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "codec/codec.h"

/* Changes to a JSON document by pointer: "set /lines/0/origin "TH"" puts or adds a member or an
 * element, "remove /payment" takes one away. */
typedef struct {
    hq_sv pointer;
    hq_sv json; /* ptr NULL: removed */
} overlay_change;

/* The document with the changes made, in the arena. Every change must find its place. */
hq_sv overlay_apply(hq_sv document, const overlay_change *changes, size_t count, hq_arena *arena);
