/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cli/journal.h"

static int run(hq_cli *cli)
{
    hq_store *store;
    hq_checkpoint checkpoint;
    hq_why why = { 0 };
    hq_buf text = HQ_BUF_ARENA(cli->arena, 65536);
    hq_status s = hq_cli_open_reader(&store, cli, &why);
    if (hq_failed(s)) {
        return hq_cli_fail(cli, s, &why);
    }
    s = hq_journal_checkpoint(&checkpoint, store);
    hq_store_close(store);
    if (hq_failed(s)) {
        return hq_cli_fail(cli, s, NULL);
    }
    hq_checkpoint_write(&text, &checkpoint);
    printf("%.*s", HQ_SV_FMT(hq_buf_view(&text)));
    return HQ_EXIT_DONE;
}

const hq_command hq_command_journal_checkpoint = {
    .name = "journal checkpoint",
    .arguments = "",
    .en = "prints the newest signed checkpoint, to be kept elsewhere",
    .vi = "in dấu niêm phong mới nhất, để cất ở nơi khác",
    .run = run,
    .settings = { HQ_S_DB, HQ_S_COUNT },
};
