/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cli/cli.h"

static void print_setting(const hq_cli *cli, hq_cli_setting s)
{
    const hq_setting *row = &hq_cli_settings[s];
    printf("      --%s%s  %s", row->name, row->type == HQ_SETTING_BOOL ? "" : " …",
           hq_cli_help_of(s, cli->vietnamese));
    if (row->fallback != NULL && row->type != HQ_SETTING_BOOL) {
        printf(" [%s]", row->fallback);
    }
    printf("\n");
}

/* "help journal" means all that begins so, "help" everything. */
static bool asked(const hq_cli *cli, const hq_command *command)
{
    hq_sv name = hq_sv_from_cstr(command->name);
    for (int i = 0; i < cli->rest_count; i++) {
        if (!hq_sv_eq(hq_sv_cut(&name, ' '), hq_sv_from_cstr(cli->rest[i]))) {
            return false;
        }
    }
    return true;
}

static int refuse(const hq_cli *cli)
{
    fprintf(stderr, "haiquan help: %s \"%s\"\n",
            hq_cli_say(cli, "không có lệnh", "no such command"), cli->rest[0]);
    return HQ_EXIT_USAGE;
}

static int run(hq_cli *cli)
{
    bool any = false;
    for (size_t i = 0; i < hq_command_count; i++) {
        any |= asked(cli, hq_commands[i]);
    }
    if (!any) {
        return refuse(cli);
    }
    printf("%s\n\n",
           hq_cli_say(cli, "haiquan LỆNH [cờ] [tham số]", "haiquan COMMAND [flags] [arguments]"));
    for (size_t i = 0; i < hq_command_count; i++) {
        const hq_command *c = hq_commands[i];
        if (!asked(cli, c)) {
            continue;
        }
        printf("  %s%s%s\n      %s\n", c->name, c->arguments[0] == '\0' ? "" : " ", c->arguments,
               hq_cli_say(cli, c->vi, c->en));
        for (size_t k = 0; k < HQ_CLI_SETTINGS_MAX && c->settings[k] != HQ_S_COUNT; k++) {
            print_setting(cli, c->settings[k]);
        }
    }
    printf(
        "\n%s\n",
        hq_cli_say(
            cli,
            "Mỗi cờ --tên cũng có thể đặt bằng biến môi trường HAIQUAN_TÊN, hoặc bằng dòng "
            "\"tên = giá trị\" trong tệp của --config (/etc/haiquan/haiquan.conf).\nMã thoát: 0 "
            "xong, 1 câu trả lời là \"không\", 2 sai cách dùng, 3 thất bại.",
            "Every flag --name may also be the environment variable HAIQUAN_NAME, or a line "
            "\"name = value\" in the file of --config (/etc/haiquan/haiquan.conf).\nExit codes: 0 "
            "done, 1 the answer is \"no\", 2 wrong use, 3 failed."));
    return HQ_EXIT_DONE;
}

const hq_command hq_command_help = {
    .name = "help",
    .arguments = "[COMMAND]",
    .en = "prints this, or one command of it",
    .vi = "in trang này, hoặc một lệnh trong đó",
    .run = run,
    .rest_max = 2,
    .settings = { HQ_S_COUNT },
};
