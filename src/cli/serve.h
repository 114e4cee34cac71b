/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Private to cli/: serving an open house until a signal ends it. */

#include "cli/wire.h"

/* What the demo adds. */
typedef struct {
    hq_route_table routes;
    hq_status (*begin)(hq_house *house, hq_server *server);
    void (*end)(void); /* before the server stops */
} hq_serving;

/* Closes the house. `further` may be NULL. Returns the exit code. */
int hq_cli_serve(hq_cli *cli, hq_house *house, const hq_serving *further);
