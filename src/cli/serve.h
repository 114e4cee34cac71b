/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Private to cli/: serving an open house until a signal ends it. */

#include "cli/wire.h"

/* Closes the house. `further`: routes of the demo, or NULL. Returns the exit code. */
int hq_cli_serve(hq_cli *cli, hq_house *house, const hq_route_table *further);
