/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cli/wire.h"

static hq_status read_password(hq_sv *out, const hq_cli *cli, hq_why *why)
{
    hq_sv text;
    HQ_TRY(hq_cli_file(&text, cli, hq_cli_text(cli, HQ_S_PASSWORD_FILE), why));
    hq_sv line = hq_sv_cut(&text, '\n');
    *out = hq_sv_ends(line, HQ_SV("\r")) ? hq_sv_sub(line, 0, line.len - 1) : line;
    return HQ_DONE;
}

static int run(hq_cli *cli)
{
    hq_house house;
    hq_why why = { 0 };
    hq_new_user user = {
        .username = hq_cli_text(cli, HQ_S_USERNAME),
        .name = hq_cli_text(cli, HQ_S_NAME),
        .role = hq_cli_text(cli, HQ_S_ROLE),
        .office = hq_cli_text(cli, HQ_S_OFFICE),
        .tax_code = hq_cli_text(cli, HQ_S_TAX_CODE),
        .bank = hq_cli_text(cli, HQ_S_BANK),
        .on_roster = hq_cli_flag(cli, HQ_S_ON_ROSTER),
    };
    if (user.username.len == 0 || user.role.len == 0 ||
        hq_cli_text(cli, HQ_S_PASSWORD_FILE).len == 0) {
        return hq_cli_misuse(cli, "cần --username, --role và --password-file",
                             "needs --username, --role and --password-file");
    }
    hq_status s = read_password(&user.password, cli, &why);
    if (hq_ok(s)) {
        s = hq_house_open_for(&house, cli, &why);
    }
    if (hq_failed(s)) {
        return hq_cli_fail(cli, s, &why);
    }
    s = hq_user_add(house.identity, &user, HQ_SV("system"), cli->arena, &why);
    hq_house_close(&house);
    if (hq_failed(s)) {
        return hq_cli_fail(cli, s, &why);
    }
    fprintf(stderr, "%s %.*s\n", hq_cli_say(cli, "đã thêm", "added"), HQ_SV_FMT(user.username));
    return HQ_EXIT_DONE;
}

const hq_command hq_command_user_add = {
    .name = "user add",
    .arguments = "",
    .en = "adds a person who signs in with a password",
    .vi = "thêm người đăng nhập bằng mật khẩu",
    .run = run,
    .settings = { HQ_S_DB, HQ_S_USERNAME, HQ_S_ROLE, HQ_S_OFFICE, HQ_S_TAX_CODE, HQ_S_BANK,
                  HQ_S_NAME, HQ_S_PASSWORD_FILE, HQ_S_ON_ROSTER, HQ_S_COUNT },
};
