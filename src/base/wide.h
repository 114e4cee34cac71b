/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Private to base/: the 128-bit integers of exact arithmetic, named once so that -Wpedantic holds
 * everywhere else. */

__extension__ typedef __int128 hq_i128;
__extension__ typedef unsigned __int128 hq_u128;
