/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cli/wire.h"

static void print_findings(const hq_cli *cli, const hq_finding *findings, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const hq_finding *f = &findings[i];
        fprintf(stderr, "%.*s %.*s: %.*s\n", HQ_SV_FMT(f->path), HQ_SV_FMT(f->value),
                HQ_SV_FMT(cli->vietnamese ? f->vi : f->en));
    }
}

static int import(hq_cli *cli, hq_house *house, hq_sv csv, const hq_import_options *options)
{
    hq_import_report report;
    const hq_finding *findings = NULL;
    size_t count = 0;
    hq_why why = { 0 };
    hq_status s = hq_reference_import(&report, house->reference, hq_sv_from_cstr(cli->rest[0]), csv,
                                      options, cli->arena, &findings, &count, &why);
    if (hq_failed(s)) {
        print_findings(cli, findings, count);
        return hq_cli_fail(cli, s, &why);
    }
    printf("%.*s", HQ_SV_FMT(report.report));
    if (report.report.len > 0 && !hq_sv_ends(report.report, HQ_SV("\n"))) {
        printf("\n");
    }
    printf("%s %lld, %s %lld, %s %lld, %s %lld; %s %lld\n", hq_cli_say(cli, "thêm", "added"),
           (long long)report.added, hq_cli_say(cli, "thay đổi", "changed"),
           (long long)report.changed, hq_cli_say(cli, "đóng", "closed"), (long long)report.closed,
           hq_cli_say(cli, "giữ nguyên", "unchanged"), (long long)report.unchanged,
           hq_cli_say(cli, "phiên bản", "version"), (long long)report.version);
    return HQ_EXIT_DONE;
}

static int run(hq_cli *cli)
{
    hq_house house;
    hq_sv csv;
    hq_why why = { 0 };
    hq_import_options options = { .actor = HQ_SV("system"),
                                  .dry_run = hq_cli_flag(cli, HQ_S_DRY_RUN) };
    hq_sv day = hq_cli_text(cli, HQ_S_CLOSE_MISSING);
    if (day.len > 0 && hq_failed(hq_day_parse(&options.close_missing, day))) {
        return hq_cli_misuse(cli, "--close-missing cần ngày dạng NĂM-THÁNG-NGÀY",
                             "--close-missing needs a day YYYY-MM-DD");
    }
    hq_status s = hq_cli_file(&csv, cli, hq_sv_from_cstr(cli->rest[1]), &why);
    if (hq_ok(s)) {
        s = hq_house_open_for(&house, cli, &why);
    }
    if (hq_failed(s)) {
        return hq_cli_fail(cli, s, &why);
    }
    int code = import(cli, &house, csv, &options);
    hq_house_close(&house);
    return code;
}

const hq_command hq_command_reference_import = {
    .name = "reference import",
    .arguments = "TABLE FILE.csv",
    .en = "takes in a reference table: all rows or none",
    .vi = "nhập một bảng tham chiếu: tất cả các dòng hoặc không dòng nào",
    .run = run,
    .rest_min = 2,
    .rest_max = 2,
    .settings = { HQ_S_DB, HQ_S_CLOSE_MISSING, HQ_S_DRY_RUN, HQ_S_COUNT },
};
