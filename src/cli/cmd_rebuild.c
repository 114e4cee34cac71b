/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cli/wire.h"

#define WAIT_US (INT64_C(24) * 3600 * HQ_US_PER_SECOND)

static hq_status rebuild(hq_house *house, const hq_cli *cli, const char *only, hq_why *why)
{
    hq_follower_state *states;
    size_t count;
    bool found = only == NULL;
    HQ_TRY(hq_store_followers(&states, &count, house->store, cli->arena));
    int64_t head = hq_journal_head(house->store);
    for (size_t i = 0; i < count; i++) {
        if (only != NULL && !hq_sv_eq(hq_sv_from_cstr(only), hq_sv_from_cstr(states[i].name))) {
            continue;
        }
        found = true;
        HQ_TRY(hq_store_rebuild(house->store, states[i].name));
        HQ_TRY(hq_store_await(house->store, states[i].name, head, WAIT_US, NULL));
        printf("%s: %lld\n", states[i].name, (long long)head);
    }
    if (!found) {
        *why = (hq_why){ .vi = HQ_SV("không có bộ theo dõi tên này"),
                         .en = HQ_SV("there is no follower of this name") };
        return HQ_FAIL(NOT_FOUND);
    }
    return HQ_DONE;
}

static int run(hq_cli *cli)
{
    hq_house house;
    hq_why why = { 0 };
    hq_status s = hq_house_open_for(&house, cli, &why);
    if (hq_failed(s)) {
        return hq_cli_fail(cli, s, &why);
    }
    s = rebuild(&house, cli, cli->rest_count > 0 ? cli->rest[0] : NULL, &why);
    hq_house_close(&house);
    return hq_ok(s) ? HQ_EXIT_DONE : hq_cli_fail(cli, s, &why);
}

const hq_command hq_command_rebuild = {
    .name = "rebuild",
    .arguments = "[FOLLOWER]",
    .en = "empties what followers keep and fills it again from the journal",
    .vi = "xóa dữ liệu dẫn xuất và dựng lại từ nhật ký",
    .run = run,
    .rest_max = 1,
    .settings = { HQ_S_DB, HQ_S_COUNT },
};
