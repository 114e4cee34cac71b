/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cli/wire.h"

static int run(hq_cli *cli)
{
    hq_house house;
    hq_sv secret;
    hq_why why = { 0 };
    hq_new_key key = {
        .role = hq_cli_text(cli, HQ_S_ROLE),
        .office = hq_cli_text(cli, HQ_S_OFFICE),
        .tax_code = hq_cli_text(cli, HQ_S_TAX_CODE),
        .bank = hq_cli_text(cli, HQ_S_BANK),
        .name = hq_cli_text(cli, HQ_S_NAME),
    };
    if (key.role.len == 0) {
        return hq_cli_misuse(cli, "cần --role VAI_TRÒ", "needs --role ROLE");
    }
    hq_status s = hq_house_open_for(&house, cli, &why);
    if (hq_failed(s)) {
        return hq_cli_fail(cli, s, &why);
    }
    s = hq_key_add(&secret, house.identity, &key, HQ_SV("system"), cli->arena, &why);
    hq_house_close(&house);
    if (hq_failed(s)) {
        return hq_cli_fail(cli, s, &why);
    }
    printf("%.*s\n", HQ_SV_FMT(secret));
    return HQ_EXIT_DONE;
}

const hq_command hq_command_key_add = {
    .name = "key add",
    .arguments = "",
    .en = "makes an API key and prints it alone",
    .vi = "tạo một khóa API và chỉ in khóa đó",
    .run = run,
    .settings = { HQ_S_DB, HQ_S_ROLE, HQ_S_OFFICE, HQ_S_TAX_CODE, HQ_S_BANK, HQ_S_NAME,
                  HQ_S_COUNT },
};
