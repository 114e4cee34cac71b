/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "cli/demo.h"
#include "cli/serve.h"

#define DECLARATIONS 24 /* times --scale */

/* ~/.local/share/haiquan-demo/demo.db, or what --db says. */
static hq_sv database(const hq_cli *cli)
{
    hq_sv given = hq_cli_text(cli, HQ_S_DB);
    const char *data = getenv("XDG_DATA_HOME");
    const char *home = getenv("HOME");
    if (given.len > 0) {
        return given;
    }
    if (data != NULL && data[0] == '/') {
        return hq_arena_printf(cli->arena, "sqlite:%s/haiquan-demo/demo.db", data);
    }
    return hq_arena_printf(cli->arena, "sqlite:%s/.local/share/haiquan-demo/demo.db",
                           home != NULL && home[0] == '/' ? home : "/var/tmp");
}

static hq_status prepare_files(const hq_cli *cli, hq_sv url, bool *fresh, hq_why *why)
{
    static const char *const suffixes[] = { "", "-wal", "-shm", ".key", ".pub" };
    hq_sv path = hq_sv_sub(url, hq_sv_find(url, ':', 0) + 1, url.len);
    size_t slash = path.len;
    while (slash > 0 && path.ptr[slash - 1] != '/') {
        slash--;
    }
    if (slash > 1) {
        char *dir = hq_arena_cstr(cli->arena, hq_sv_sub(path, 0, slash - 1));
        hq_status s = dir == NULL ? HQ_FAIL(NOMEM) : hq_os_make_dirs(dir, 0700);
        if (hq_failed(s)) {
            why->vi = hq_arena_printf(cli->arena, "không tạo được thư mục %s; dùng --db", dir);
            why->en = hq_arena_printf(cli->arena, "cannot make the folder %s; use --db", dir);
            return s;
        }
    }
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        char *file = hq_arena_cstr(
            cli->arena, hq_arena_printf(cli->arena, "%.*s%s", HQ_SV_FMT(path), suffixes[i]));
        if (file == NULL) {
            return HQ_FAIL(NOMEM);
        }
        if (hq_cli_flag(cli, HQ_S_RESET)) {
            HQ_TRY(hq_os_remove_file(file));
        }
        if (i == 0) {
            *fresh = !hq_os_exists(file);
        }
    }
    return HQ_DONE;
}

static hq_status fill(hq_house *house, const hq_cli *cli, hq_why *why)
{
    HQ_TRY(hq_reference_load_codes(house->reference, cli->arena, why));
    HQ_TRY(hq_reference_load_demo(house->reference, cli->arena, why));
    HQ_TRY(hq_risk_load_demo(house->risk, cli->arena, why));
    return hq_demo_people(house, cli->arena, why);
}

static void introduce(const hq_cli *cli)
{
    printf("%s\n", hq_cli_say(cli, "Bản trình diễn: người, doanh nghiệp và số liệu đều là bịa.",
                              "A demo: people, traders and figures are invented."));
    for (size_t i = 0; i < hq_persona_count; i++) {
        printf("  %-10s %-16s %s\n", hq_personas[i].id, hq_role_name(hq_personas[i].role),
               cli->vietnamese ? hq_personas[i].name_vi : hq_personas[i].name_en);
    }
    printf("%s: %s\n", hq_cli_say(cli, "Mật khẩu của tất cả", "Password of all"), HQ_DEMO_PASSWORD);
}

static hq_demo demo = { .chance = 20261120 };

/* The thread lives between the start and the stop of the server. */
static hq_status begin_life(hq_house *house, hq_server *server)
{
    demo.house = house;
    demo.server = server;
    return hq_demo_start(&demo);
}

static void end_life(void)
{
    hq_demo_stop(&demo);
}

static int run(hq_cli *cli)
{
    static hq_house house;
    hq_why why = { 0 };
    hq_house_options options = { .url = database(cli),
                                 .no_realtime = hq_cli_flag(cli, HQ_S_NO_REALTIME) };
    hq_status s = prepare_files(cli, options.url, &demo.fresh, &why);
    if (hq_ok(s)) {
        s = hq_house_open(&house, &options, cli->arena, &why);
    }
    if (hq_failed(s)) {
        return hq_cli_fail(cli, s, &why);
    }
    s = demo.fresh ? fill(&house, cli, &why) : HQ_DONE;
    if (hq_failed(s)) {
        hq_house_close(&house);
        return hq_cli_fail(cli, s, &why);
    }
    demo.wanted = DECLARATIONS * (int)hq_cli_number(cli, HQ_S_SCALE);
    demo.filed = (int)(hq_journal_head(house.store) % 100000);
    demo.chance += (uint64_t)demo.filed;
    introduce(cli);
    hq_serving serving = { .routes = hq_demo_routes(&house), .begin = begin_life, .end = end_life };
    return hq_cli_serve(cli, &house, &serving);
}

const hq_command hq_command_demo = {
    .name = "demo",
    .arguments = "",
    .en = "a throw-away office with invented people and declarations",
    .vi = "một đơn vị dùng thử với người và tờ khai bịa",
    .run = run,
    .settings = { HQ_S_DB, HQ_S_LISTEN, HQ_S_SCALE, HQ_S_RESET, HQ_S_WORKERS, HQ_S_NO_REALTIME,
                  HQ_S_COUNT },
};
