/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Private to server/: the listening socket. */

#include "base/base.h"

/* Binds and listens on "ADDRESS:PORT" ("localhost", "[::1]" too). USAGE, BUSY, FORBIDDEN, IO with
 * *why. */
hq_status hq_listen(int *fd, int *port, hq_sv address, hq_arena *arena, hq_why *why);
/* Raises the limit of open files as far as allowed; returns what it is then. */
int hq_raise_files(void);
