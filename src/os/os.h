/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Face of os/: what rooms need of the machine, and the types of an HTTP request, answer and route. */

#include "os/http.h"
