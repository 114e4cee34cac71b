/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/wire.h"

static int run(hq_cli *cli)
{
    hq_house house;
    hq_why why = { 0 };
    hq_status s = hq_house_open_for(&house, cli, &why);
    if (hq_failed(s)) {
        return hq_cli_fail(cli, s, &why);
    }
    s = hq_reference_load_demo(house.reference, cli->arena, &why);
    hq_house_close(&house);
    return hq_ok(s) ? HQ_EXIT_DONE : hq_cli_fail(cli, s, &why);
}

const hq_command hq_command_reference_load_demo = {
    .name = "reference load-demo",
    .arguments = "",
    .en = "takes in the shipped tables, whose rates are invented",
    .vi = "nhập các bảng kèm theo, với thuế suất giả định",
    .run = run,
    .settings = { HQ_S_DB, HQ_S_COUNT },
};
