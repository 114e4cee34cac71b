/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside clearance/: the verbs that heads decide, and what follows from them. */

#include "clearance/steps.h"

hq_status hq_clr__post_channel(hq_request *request, void *room);
