/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cli/wire.h"

typedef struct {
    bool test, already;
} wish;

/* The mark that a first administrator exists. */
static hq_status mark(hq_tx *tx, void *user)
{
    wish *w = user;
    hq_sv value;
    hq_status s = hq_tx_setting_get(&value, tx, HQ_SV("initialised"));
    w->already = hq_ok(s);
    if (w->already || s.code != HQ_E_NOT_FOUND) {
        return s;
    }
    HQ_TRY(hq_tx_setting_put(tx, HQ_SV("initialised"), HQ_SV("1")));
    return w->test ? hq_tx_setting_put(tx, HQ_SV("test"), HQ_SV("1")) : HQ_DONE;
}

static hq_status fill(hq_sv *secret, hq_house *house, const hq_cli *cli, hq_why *why)
{
    wish w = { .test = hq_cli_flag(cli, HQ_S_TEST) };
    hq_new_key key = { .role = HQ_SV("administrator"), .name = HQ_SV("administrator") };
    HQ_TRY(hq_reference_load_codes(house->reference, cli->arena, why));
    HQ_TRY(hq_store_write(house->store, mark, &w));
    if (w.already) {
        *why = (hq_why){
            .vi = HQ_SV("cơ sở dữ liệu này đã được tạo; thêm khóa bằng `haiquan key add`"),
            .en = HQ_SV("this database is set up already; add keys with `haiquan key add`"),
        };
        return HQ_FAIL(EXISTS);
    }
    return hq_key_add(secret, house->identity, &key, HQ_SV("system"), cli->arena, why);
}

static int run(hq_cli *cli)
{
    hq_house house;
    hq_sv secret;
    hq_why why = { 0 };
    hq_status s = hq_house_open_new(&house, cli, &why);
    if (hq_failed(s)) {
        return hq_cli_fail(cli, s, &why);
    }
    s = fill(&secret, &house, cli, &why);
    hq_house_close(&house);
    if (hq_failed(s)) {
        return hq_cli_fail(cli, s, &why);
    }
    printf("%.*s\n", HQ_SV_FMT(secret));
    return HQ_EXIT_DONE;
}

const hq_command hq_command_init = {
    .name = "init",
    .arguments = "",
    .en = "makes the database; prints one API key of the first administrator",
    .vi = "tạo cơ sở dữ liệu; in một khóa API của quản trị viên đầu tiên",
    .run = run,
    .settings = { HQ_S_DB, HQ_S_TEST, HQ_S_COUNT },
};
