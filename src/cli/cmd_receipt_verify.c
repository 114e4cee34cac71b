/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cli/wire.h"

static int run(hq_cli *cli)
{
    hq_sv text;
    hq_why why = { 0 };
    hq_status s = hq_cli_file(&text, cli, hq_sv_from_cstr(cli->rest[0]), &why);
    if (hq_ok(s)) {
        s = hq_receipt_verify(text, cli->arena, &why);
    }
    if (hq_failed(s)) {
        if (why.path.len > 0) {
            fprintf(stderr, "%.*s ", HQ_SV_FMT(why.path));
        }
        return hq_cli_fail(cli, s, &why);
    }
    printf("%s\n", hq_cli_say(cli, "đúng: mọi số tiền đều suy ra được từ các phần của nó",
                              "right: every amount follows from its parts"));
    return HQ_EXIT_DONE;
}

const hq_command hq_command_receipt_verify = {
    .name = "receipt verify",
    .arguments = "FILE",
    .en = "computes a receipt again from its own text alone",
    .vi = "tính lại một biên nhận chỉ từ nội dung của nó",
    .run = run,
    .rest_min = 1,
    .rest_max = 1,
    .settings = { HQ_S_COUNT },
};
