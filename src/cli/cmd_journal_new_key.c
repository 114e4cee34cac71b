/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cli/wire.h"

/* Whoever restores a backup on another machine, or lost the disk with the key on it, goes on under
 * a new key. A key that is in its place stays: losing it by a slip would be for good. */
static hq_status begin(const hq_cli *cli, hq_why *why)
{
    hq_house house;
    hq_house_options options = {
        .url = hq_cli_text(cli, HQ_S_DB),
        .no_clocks = true,
        .no_realtime = true,
    };
    hq_status s = hq_house_open(&house, &options, cli->arena, why);
    if (hq_ok(s)) {
        hq_house_close(&house);
        *why = (hq_why){
            .vi = HQ_SV("khóa của nhật ký đang ở đúng chỗ; không cần khóa mới"),
            .en = HQ_SV("the key of the journal is in its place; no new one is needed"),
        };
        return HQ_FAIL(EXISTS);
    }
    options.new_key = true;
    *why = (hq_why){ 0 };
    HQ_TRY(hq_house_open(&house, &options, cli->arena, why));
    hq_house_close(&house);
    return HQ_DONE;
}

static int run(hq_cli *cli)
{
    hq_why why = { 0 };
    hq_status s = hq_cli_need_database(cli, &why);
    if (hq_ok(s)) {
        s = begin(cli, &why);
    }
    if (hq_failed(s)) {
        return hq_cli_fail(cli, s, &why);
    }
    printf("%s\n", hq_cli_say(cli,
                              "khóa mới đã được tạo bên cạnh cơ sở dữ liệu; hãy cất một bản sao ở "
                              "nơi khác",
                              "a new key lies beside the database; keep a copy of it elsewhere"));
    return HQ_EXIT_DONE;
}

const hq_command hq_command_journal_new_key = {
    .name = "journal new-key",
    .arguments = "",
    .en = "begins a new key for the journal where the old one is lost",
    .vi = "bắt đầu khóa mới cho nhật ký khi khóa cũ đã mất",
    .run = run,
    .settings = { HQ_S_DB, HQ_S_COUNT },
};
