/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>

#include "os/os.h"

#define FILE_MAX    ((size_t)512 << 20)
#define CONFIG_MAX  ((size_t)1 << 20)
#define CONFIG_PATH "/etc/haiquan/haiquan.conf"

const hq_setting hq_cli_settings[HQ_S_COUNT] = {
#define SETTING(id, name, type, fallback, least, most, en, vi)                                     \
    { name, HQ_SETTING_##type, fallback, least, most, en },
#include "cli/settings.def"
#undef SETTING
};

static const char *const vietnamese_help[HQ_S_COUNT] = {
#define SETTING(id, name, type, fallback, least, most, en, vi) vi,
#include "cli/settings.def"
#undef SETTING
};

const char *hq_cli_help_of(hq_cli_setting setting, bool vietnamese)
{
    return vietnamese ? vietnamese_help[setting] : hq_cli_settings[setting].help;
}

/* Where the file of settings is must be known before it is read. */
static hq_sv config_path(const hq_cli *cli)
{
    const char *from_environment = getenv("HAIQUAN_CONFIG");
    for (int i = 0; i < cli->argc; i++) {
        hq_sv arg = hq_sv_from_cstr(cli->argv[i]);
        if (hq_sv_eq(arg, HQ_SV("--config")) && i + 1 < cli->argc) {
            return hq_sv_from_cstr(cli->argv[i + 1]);
        }
        if (hq_sv_starts(arg, HQ_SV("--config="))) {
            return hq_sv_sub(arg, 9, arg.len);
        }
    }
    return hq_sv_from_cstr(from_environment);
}

hq_status hq_cli_read(hq_cli *cli, hq_sv *why)
{
    hq_sv file = HQ_SV_NULL;
    hq_sv path = config_path(cli);
    hq_sv named = path.len > 0 ? path : HQ_SV(CONFIG_PATH);
    char *cpath = hq_arena_cstr(cli->arena, named);
    hq_status s =
        cpath == NULL ? HQ_FAIL(NOMEM) : hq_os_read_file(&file, cli->arena, cpath, CONFIG_MAX);
    if (hq_failed(s) && (path.len > 0 || s.code != HQ_E_NOT_FOUND)) {
        *why = hq_arena_printf(cli->arena, "%.*s: %s", HQ_SV_FMT(named),
                               cli->vietnamese ? hq_status_text_vi(s) : hq_status_text_en(s));
        return HQ_FAIL(USAGE);
    }
    return hq_config_read(cli->values, hq_cli_settings, HQ_S_COUNT, cli->argc, cli->argv, cli->rest,
                          &cli->rest_count, file, why, cli->arena);
}

const char *hq_cli_say(const hq_cli *cli, const char *vi, const char *en)
{
    return cli->vietnamese ? vi : en;
}

int hq_cli_fail(const hq_cli *cli, hq_status s, const hq_why *why)
{
    hq_sv text = HQ_SV_NULL;
    if (why != NULL) {
        text = cli->vietnamese ? why->vi : why->en;
    }
    if (text.len == 0) {
        text = hq_sv_from_cstr(cli->vietnamese ? hq_status_text_vi(s) : hq_status_text_en(s));
    }
    fprintf(stderr, "haiquan: %.*s\n", HQ_SV_FMT(text));
    if (s.code == HQ_E_USAGE) {
        return HQ_EXIT_USAGE;
    }
    bool is_no = s.code == HQ_E_INVALID || s.code == HQ_E_NOT_FOUND || s.code == HQ_E_EXISTS ||
                 s.code == HQ_E_CONFLICT;
    return is_no ? HQ_EXIT_NO : HQ_EXIT_FAILED;
}

int hq_cli_misuse(const hq_cli *cli, const char *vi, const char *en)
{
    fprintf(stderr, "haiquan: %s\n", hq_cli_say(cli, vi, en));
    return HQ_EXIT_USAGE;
}

hq_status hq_cli_file(hq_sv *out, const hq_cli *cli, hq_sv path, hq_why *why)
{
    char *cpath = hq_arena_cstr(cli->arena, path);
    if (cpath == NULL) {
        return HQ_FAIL(NOMEM);
    }
    hq_status s = hq_os_read_file(out, cli->arena, cpath, FILE_MAX);
    if (hq_failed(s)) {
        *why = (hq_why){
            .vi = hq_arena_printf(cli->arena, "%s: %s", cpath, hq_status_text_vi(s)),
            .en = hq_arena_printf(cli->arena, "%s: %s", cpath, hq_status_text_en(s)),
        };
        return HQ_FAIL(USAGE);
    }
    return s;
}

bool hq_cli_set_log_level(const hq_cli *cli)
{
    static const char *const names[] = { "debug", "note", "warning", "error" };
    for (int i = 0; i < 4; i++) {
        if (hq_sv_eq(hq_cli_text(cli, HQ_S_LOG_LEVEL), hq_sv_from_cstr(names[i]))) {
            hq_log_set_level((hq_log_level)i);
            return true;
        }
    }
    return false;
}

void hq_cli_reread(hq_cli *cli)
{
    hq_sv why = HQ_SV_NULL;
    if (hq_failed(hq_cli_read(cli, &why)) || !hq_cli_set_log_level(cli)) {
        hq_log(HQ_LOG_WARNING, "settings_not_read", "why", why.ptr == NULL ? "log-level" : why.ptr,
               NULL);
        return;
    }
    hq_log(HQ_LOG_NOTE, "settings_read", NULL);
}
