/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <unistd.h>

#include "cli/wire.h"

/* On a terminal only. */
static void progress(int done, int total, void *user)
{
    (void)user;
    if (total > 0 && isatty(STDERR_FILENO)) {
        fprintf(stderr, "\r%3d %%", (int)((int64_t)done * 100 / total));
        if (done == total) {
            fprintf(stderr, "\n");
        }
    }
}

static int run(hq_cli *cli)
{
    hq_house house;
    hq_why why = { 0 };
    hq_status s = hq_house_open_for(&house, cli, &why);
    if (hq_failed(s)) {
        return hq_cli_fail(cli, s, &why);
    }
    s = hq_store_backup(house.store, hq_sv_from_cstr(cli->rest[0]), progress, NULL);
    hq_house_close(&house);
    if (hq_failed(s)) {
        why = (hq_why){
            .vi = hq_arena_printf(cli->arena, "%s: %s", cli->rest[0], hq_status_text_vi(s)),
            .en = hq_arena_printf(cli->arena, "%s: %s", cli->rest[0], hq_status_text_en(s)),
        };
        return hq_cli_fail(cli, s, &why);
    }
    return HQ_EXIT_DONE;
}

const hq_command hq_command_backup = {
    .name = "backup",
    .arguments = "FILE",
    .en = "writes a consistent copy, also while a server runs",
    .vi = "ghi một bản sao nhất quán, kể cả khi máy chủ đang chạy",
    .run = run,
    .rest_min = 1,
    .rest_max = 1,
    .settings = { HQ_S_DB, HQ_S_COUNT },
};
