/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cli/journal.h"

static hq_status read_since(hq_checkpoint *out, const hq_cli *cli, hq_why *why)
{
    hq_sv text;
    HQ_TRY(hq_cli_file(&text, cli, hq_cli_text(cli, HQ_S_SINCE), why));
    if (hq_failed(hq_checkpoint_parse(out, text))) {
        *why = (hq_why){ .vi = HQ_SV("tệp của --since không phải dấu niêm phong"),
                         .en = HQ_SV("the file of --since is not a checkpoint") };
        return HQ_FAIL(USAGE);
    }
    return HQ_DONE;
}

static int print_report(const hq_cli *cli, const hq_journal_report *r)
{
    if (r->intact) {
        printf("%s: %lld %s, %lld %s, %lld %s, %lld %s\n", hq_cli_say(cli, "nguyên vẹn", "intact"),
               (long long)r->events, hq_cli_say(cli, "sự kiện", "events"), (long long)r->sealed,
               hq_cli_say(cli, "đã niêm phong", "sealed"), (long long)r->checkpoints,
               hq_cli_say(cli, "dấu niêm phong", "checkpoints"), (long long)r->rows,
               hq_cli_say(cli, "bản ghi", "rows"));
        return HQ_EXIT_DONE;
    }
    printf("%s: %.*s", hq_cli_say(cli, "KHÔNG nguyên vẹn", "NOT intact"), HQ_SV_FMT(r->first_bad));
    if (r->bad_position > 0) {
        printf(" (%s %lld)", hq_cli_say(cli, "vị trí", "position"), (long long)r->bad_position);
    }
    printf("\n");
    return HQ_EXIT_NO;
}

static int run(hq_cli *cli)
{
    hq_store *store;
    hq_checkpoint since;
    hq_journal_report report;
    uint8_t key[32];
    hq_why why = { 0 };
    hq_sv key_path = hq_cli_text(cli, HQ_S_PUBLIC_KEY);
    bool has_since = hq_cli_text(cli, HQ_S_SINCE).len > 0;
    hq_status s = key_path.len == 0 ? HQ_DONE : hq_cli_read_key(key, cli, key_path, &why);
    if (hq_ok(s) && has_since) {
        s = read_since(&since, cli, &why);
    }
    if (hq_ok(s)) {
        s = hq_cli_open_reader(&store, cli, &why);
    }
    if (hq_failed(s)) {
        return hq_cli_fail(cli, s, &why);
    }
    s = hq_journal_verify(&report, store, key_path.len == 0 ? NULL : key, has_since ? &since : NULL,
                          cli->arena);
    hq_store_close(store);
    return hq_ok(s) ? print_report(cli, &report) : hq_cli_fail(cli, s, NULL);
}

const hq_command hq_command_journal_verify = {
    .name = "journal verify",
    .arguments = "",
    .en = "re-reads the whole journal; exit 0 intact, 1 and the first bad record otherwise",
    .vi = "đọc lại toàn bộ nhật ký; thoát 0 nếu nguyên vẹn, 1 và bản ghi hỏng đầu tiên nếu không",
    .run = run,
    .settings = { HQ_S_DB, HQ_S_PUBLIC_KEY, HQ_S_SINCE, HQ_S_COUNT },
};
