/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cli/cli.h"

/* Settings with their origin, in the form of the file, so that the output is one. */
static int run(hq_cli *cli)
{
    for (size_t i = 0; i < HQ_S_COUNT; i++) {
        const hq_setting_value *v = &cli->values[i];
        if (v->origin == NULL) {
            printf("# %s =", hq_cli_settings[i].name);
        } else {
            printf("%s = %.*s", hq_cli_settings[i].name, HQ_SV_FMT(v->value));
        }
        printf("\n#   %s; %s: %s\n", hq_cli_help_of((hq_cli_setting)i, cli->vietnamese),
               hq_cli_say(cli, "từ", "from"),
               v->origin == NULL ? hq_cli_say(cli, "không đặt", "not set") : v->origin);
    }
    return HQ_EXIT_DONE;
}

const hq_command hq_command_config = {
    .name = "config",
    .arguments = "",
    .en = "prints every setting and where it came from",
    .vi = "in mọi thiết lập và nguồn của nó",
    .run = run,
    .settings = { HQ_S_DB, HQ_S_LISTEN, HQ_S_WORKERS, HQ_S_SLOW_THREADS, HQ_S_CONNECTIONS,
                  HQ_S_PER_ADDRESS, HQ_S_IDLE_SECONDS, HQ_S_BODY_SECONDS, HQ_S_BODY_MEMORY,
                  HQ_S_RATE_FORMAL, HQ_S_RATE_LOW_VALUE, HQ_S_RATE_PUBLIC, HQ_S_EVENT_CLIENTS,
                  HQ_S_CERTIFICATE, HQ_S_CERTIFICATE_KEY, HQ_S_TRUSTED_PROXY, HQ_S_NO_REALTIME,
                  HQ_S_COUNT },
};
