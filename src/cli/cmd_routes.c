/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cli/demo.h"
#include "cli/wire.h"

static int run(hq_cli *cli)
{
    static hq_house house;
    hq_buf text = HQ_BUF_ARENA(cli->arena, (size_t)4 << 20);
    hq_house_route_tables(&house);
    house.tables[house.table_count++] = hq_demo_routes(&house);
    hq_server_routes_json(&text, house.tables, house.table_count);
    if (hq_failed(hq_buf_status(&text))) {
        return hq_cli_fail(cli, hq_buf_status(&text), NULL);
    }
    printf("%.*s\n", HQ_SV_FMT(hq_buf_view(&text)));
    return HQ_EXIT_DONE;
}

const hq_command hq_command_routes = {
    .name = "routes",
    .arguments = "",
    .en = "prints every route with its roles, as JSON",
    .vi = "in mọi đường dẫn cùng vai trò, dạng JSON",
    .run = run,
    .settings = { HQ_S_JSON, HQ_S_COUNT },
};
