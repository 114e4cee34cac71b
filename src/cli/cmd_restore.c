/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cli/wire.h"
#include "os/os.h"

/* A backup does not hold the key that signs the journal. */
static void warn_of_key(const hq_cli *cli)
{
    hq_sv url = hq_cli_text(cli, HQ_S_DB);
    hq_sv file = hq_sv_sub(url, hq_sv_find(url, ':', 0) + 1, url.len);
    hq_sv key = hq_arena_printf(cli->arena, "%.*s.key", HQ_SV_FMT(file));
    if (key.ptr != NULL && !hq_os_exists(hq_arena_cstr(cli->arena, key))) {
        fprintf(stderr, "haiquan: %.*s: %s\n", HQ_SV_FMT(key),
                hq_cli_say(cli,
                           "chưa có khóa ký nhật ký; đặt lại khóa đã cất, hoặc `haiquan journal "
                           "new-key` tạo khóa mới",
                           "the key that signs the journal is not there; put back the one you "
                           "keep, or begin a new one with `haiquan journal new-key`"));
    }
}

static int run(hq_cli *cli)
{
    hq_why why = { 0 };
    hq_sv url = hq_cli_text(cli, HQ_S_DB);
    if (url.len == 0) {
        return hq_cli_misuse(cli, "cần --db sqlite:TỆP", "needs --db sqlite:FILE");
    }
    hq_status s = hq_store_restore(url, hq_sv_from_cstr(cli->rest[0]), cli->arena, &why);
    if (hq_failed(s)) {
        return hq_cli_fail(cli, s, &why);
    }
    warn_of_key(cli);
    return HQ_EXIT_DONE;
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
