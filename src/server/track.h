/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Private to server/: the public page where anybody follows a declaration whose tracking code he
 * knows. No script, no sign-in, no names. */

#include "server/exchange.h"

hq_status hq_track_get(hq_request *request, void *server);
hq_status hq_track_post(hq_request *request, void *server);
