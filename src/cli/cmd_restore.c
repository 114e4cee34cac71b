/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/wire.h"

static int run(hq_cli *cli)
{
    hq_why why = { 0 };
    hq_sv url = hq_cli_text(cli, HQ_S_DB);
    if (url.len == 0) {
        return hq_cli_misuse(cli, "cần --db sqlite:TỆP", "needs --db sqlite:FILE");
    }
    hq_status s = hq_store_restore(url, hq_sv_from_cstr(cli->rest[0]), cli->arena, &why);
    return hq_ok(s) ? HQ_EXIT_DONE : hq_cli_fail(cli, s, &why);
}

const hq_command hq_command_restore = {
    .name = "restore",
    .arguments = "FILE",
    .en = "puts a backup in the place of a database that nobody has open",
    .vi = "đặt bản sao lưu vào chỗ cơ sở dữ liệu không ai đang mở",
    .run = run,
    .rest_min = 1,
    .rest_max = 1,
    .settings = { HQ_S_DB, HQ_S_COUNT },
};
