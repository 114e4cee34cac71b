/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cli/journal.h"

static int run(hq_cli *cli)
{
    hq_store *store;
    hq_why why = { 0 };
    int64_t position;
    hq_buf json = HQ_BUF_ARENA(cli->arena, (size_t)1 << 20);
    if (!hq_sv_i64(&position, hq_sv_from_cstr(cli->rest[0])) || position < 1) {
        return hq_cli_misuse(cli, "vị trí là số nguyên từ 1",
                             "a position is a whole number from 1 on");
    }
    hq_status s = hq_cli_open_reader(&store, cli, &why);
    if (hq_failed(s)) {
        return hq_cli_fail(cli, s, &why);
    }
    s = hq_journal_prove(&json, store, position);
    hq_store_close(store);
    if (s.code == HQ_E_NOT_FOUND) {
        why = (hq_why){ .vi = HQ_SV("vị trí này không có hoặc chưa được niêm phong"),
                        .en = HQ_SV("there is no such position, or it is not sealed yet") };
    }
    if (hq_failed(s)) {
        return hq_cli_fail(cli, s, &why);
    }
    printf("%.*s\n", HQ_SV_FMT(hq_buf_view(&json)));
    return HQ_EXIT_DONE;
}

const hq_command hq_command_journal_prove = {
    .name = "journal prove",
    .arguments = "POSITION",
    .en = "prints the proof that an event is part of the sealed journal",
    .vi = "in bằng chứng một sự kiện thuộc nhật ký đã niêm phong",
    .run = run,
    .rest_min = 1,
    .rest_max = 1,
    .settings = { HQ_S_DB, HQ_S_COUNT },
};
