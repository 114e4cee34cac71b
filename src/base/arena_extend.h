/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Private to base/: lets a buffer grow where it stands. */

#include "base/arena.h"

/* Makes the piece at `piece` (`size` bytes) `wanted` bytes long without moving it; false when it is
 * not the newest of its chunk, when there is no room, and always under sanitizers. */
bool hq_arena__extend(hq_arena *arena, const void *piece, size_t size, size_t wanted);
