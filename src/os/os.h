/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Face of os/: the machine under the program. Clocks, files, threads, signals, an event loop, calls
 * to other servers, and the types of an HTTP request, answer and route. Knows no customs word. */

#include "os/client.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/http.h"
#include "os/loop.h"
#include "os/thread.h"
