/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Private to cli/: a command, its settings, and how it speaks. Exit codes: 0 done, 1 the answer is
 * "no", 2 wrong use, 3 failed. */

#include "base/base.h"

enum { HQ_EXIT_DONE = 0, HQ_EXIT_NO = 1, HQ_EXIT_USAGE = 2, HQ_EXIT_FAILED = 3 };

typedef enum {
#define SETTING(id, name, type, fallback, least, most, en, vi) HQ_S_##id,
#include "cli/settings.def"
#undef SETTING
    HQ_S_COUNT
} hq_cli_setting;

typedef struct {
    hq_arena *arena;
    hq_setting_value values[HQ_S_COUNT];
    char **rest; /* what is no flag */
    int rest_count;
    int argc; /* as given, to read again on SIGHUP */
    char **argv;
    bool vietnamese; /* language of the user's terminal */
} hq_cli;

#define HQ_CLI_SETTINGS_MAX 24
typedef struct {
    const char *name;      /* "journal verify" */
    const char *arguments; /* "TABLE FILE.csv" */
    const char *en, *vi;
    int (*run)(hq_cli *cli);
    int rest_min, rest_max;
    hq_cli_setting settings[HQ_CLI_SETTINGS_MAX]; /* besides config and log-level; ended by COUNT */
} hq_command;

/* Every command, one file each: cmd_<name>.c */
#define HQ_COMMANDS(X)                                                                             \
    X(serve)                                                                                       \
    X(demo)                                                                                        \
    X(init)                                                                                        \
    X(key_add)                                                                                     \
    X(user_add)                                                                                    \
    X(reference_import)                                                                            \
    X(reference_load_demo)                                                                         \
    X(journal_verify)                                                                              \
    X(journal_prove)                                                                               \
    X(journal_checkpoint)                                                                          \
    X(journal_new_key)                                                                             \
    X(receipt_verify)                                                                              \
    X(backup)                                                                                      \
    X(restore)                                                                                     \
    X(rebuild)                                                                                     \
    X(doctor)                                                                                      \
    X(config)                                                                                      \
    X(routes)                                                                                      \
    X(version)                                                                                     \
    X(help)
#define HQ_COMMAND_DECLARE(id) extern const hq_command hq_command_##id;
HQ_COMMANDS(HQ_COMMAND_DECLARE)
#undef HQ_COMMAND_DECLARE
extern const hq_command *const hq_commands[];
extern const size_t hq_command_count;

extern const hq_setting hq_cli_settings[HQ_S_COUNT];
const char *hq_cli_help_of(hq_cli_setting setting, bool vietnamese);
/* Reads flags, environment and file into cli->values. */
hq_status hq_cli_read(hq_cli *cli, hq_sv *why);

static inline hq_sv hq_cli_text(const hq_cli *cli, hq_cli_setting s)
{
    return cli->values[s].value;
}
static inline int64_t hq_cli_number(const hq_cli *cli, hq_cli_setting s)
{
    return cli->values[s].number;
}
static inline bool hq_cli_flag(const hq_cli *cli, hq_cli_setting s)
{
    return cli->values[s].number != 0;
}

/* "haiquan: ..." on stderr in the user's language; the status' own text when *why is empty. Returns
 * the exit code: USAGE for a status of that name, NO for `no`, else FAILED. */
int hq_cli_fail(const hq_cli *cli, hq_status s, const hq_why *why);
/* Wrong use in words. */
int hq_cli_misuse(const hq_cli *cli, const char *vi, const char *en);
/* The text in the user's language. */
const char *hq_cli_say(const hq_cli *cli, const char *vi, const char *en);
/* A file named by a setting or argument, whole. */
hq_status hq_cli_file(hq_sv *out, const hq_cli *cli, hq_sv path, hq_why *why);
/* Reads the settings again, for SIGHUP; a file that became wrong is logged and changes nothing. */
void hq_cli_reread(hq_cli *cli);
/* False: no such level. */
bool hq_cli_set_log_level(const hq_cli *cli);
