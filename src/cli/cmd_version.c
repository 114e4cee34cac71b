/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cli/cli.h"

static int run(hq_cli *cli)
{
    (void)cli;
    printf("haiquan %s\n", HQ_VERSION);
    return HQ_EXIT_DONE;
}

const hq_command hq_command_version = {
    .name = "version",
    .arguments = "",
    .en = "prints the version",
    .vi = "in phiên bản",
    .run = run,
    .settings = { HQ_S_COUNT },
};
