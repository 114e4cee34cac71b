/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "cli/cli.h"
#include "os/os.h"

#define ARENA_CEILING ((size_t)1 << 30)

const hq_command *const hq_commands[] = {
#define COMMAND(id) &hq_command_##id,
    HQ_COMMANDS(COMMAND)
#undef COMMAND
};
const size_t hq_command_count = sizeof hq_commands / sizeof hq_commands[0];

/* Words of the command at the start of argv, 0 when it is another. */
static int match(const hq_command *command, int argc, char **argv)
{
    int words = 0;
    hq_sv rest = hq_sv_from_cstr(command->name);
    while (rest.ptr != NULL) {
        hq_sv word = hq_sv_cut(&rest, ' ');
        if (words >= argc || !hq_sv_eq(word, hq_sv_from_cstr(argv[words]))) {
            return 0;
        }
        words++;
    }
    return words;
}

static const hq_command *find_command(int *words, int argc, char **argv)
{
    for (size_t i = 0; i < hq_command_count; i++) {
        *words = match(hq_commands[i], argc, argv);
        if (*words > 0) {
            return hq_commands[i];
        }
    }
    return NULL;
}

/* "haiquan journal": what there is under that word. */
static bool list_group(const hq_cli *cli, const char *word)
{
    bool any = false;
    hq_sv first = hq_arena_printf(cli->arena, "%s ", word);
    for (size_t i = 0; first.ptr != NULL && i < hq_command_count; i++) {
        const hq_command *c = hq_commands[i];
        if (!hq_sv_starts(hq_sv_from_cstr(c->name), first)) {
            continue;
        }
        if (!any) {
            fprintf(stderr, "%s\n", hq_cli_say(cli, "một trong:", "one of:"));
        }
        fprintf(stderr, "  haiquan %s %s\n", c->name, c->arguments);
        any = true;
    }
    return any;
}

static int refuse_command(const hq_cli *cli, int argc, char **argv)
{
    hq_sv names[64];
    for (size_t i = 0; i < hq_command_count; i++) {
        names[i] = hq_sv_from_cstr(hq_commands[i]->name);
    }
    hq_sv given = hq_sv_from_cstr(argv[0]);
    if (argc > 1 && argv[1][0] != '-') {
        given = hq_arena_printf(cli->arena, "%s %s", argv[0], argv[1]);
    }
    if (list_group(cli, argv[0])) {
        return HQ_EXIT_USAGE;
    }
    hq_sv near = hq_sv_nearest(given, names, hq_command_count);
    if (near.ptr == NULL) {
        near = hq_sv_nearest(hq_sv_from_cstr(argv[0]), names, hq_command_count);
    }
    fprintf(stderr, "haiquan: %s \"%.*s\"", hq_cli_say(cli, "không có lệnh", "no such command"),
            HQ_SV_FMT(given));
    if (near.ptr != NULL) {
        fprintf(stderr, "; %s \"%.*s\"?", hq_cli_say(cli, "có phải ý bạn là", "did you mean"),
                HQ_SV_FMT(near));
    }
    fprintf(
        stderr, "\n%s\n",
        hq_cli_say(cli, "`haiquan help` liệt kê các lệnh", "`haiquan help` lists the commands"));
    return HQ_EXIT_USAGE;
}

static bool uses(const hq_command *command, hq_cli_setting s)
{
    if (s == HQ_S_CONFIG || s == HQ_S_LOG_LEVEL) {
        return true;
    }
    for (size_t i = 0; i < HQ_CLI_SETTINGS_MAX && command->settings[i] != HQ_S_COUNT; i++) {
        if (command->settings[i] == s) {
            return true;
        }
    }
    return false;
}

/* A flag of another command is a mistake; in the environment or the file it is for that command. */
static int refuse_strange_flags(const hq_cli *cli, const hq_command *command)
{
    for (size_t i = 0; i < HQ_S_COUNT; i++) {
        const char *origin = cli->values[i].origin;
        if (origin != NULL && origin[0] == 'f' && origin[1] == 'l' &&
            !uses(command, (hq_cli_setting)i)) {
            fprintf(stderr, "haiquan %s: %s --%s\n", command->name,
                    hq_cli_say(cli, "lệnh này không có cờ", "this command has no flag"),
                    hq_cli_settings[i].name);
            return HQ_EXIT_USAGE;
        }
    }
    return HQ_EXIT_DONE;
}

static int refuse_arguments(const hq_cli *cli, const hq_command *command)
{
    if (cli->rest_count > command->rest_max) {
        fprintf(stderr, "haiquan %s: %s \"%s\"\n", command->name,
                hq_cli_say(cli, "thừa tham số", "too much is"), cli->rest[command->rest_max]);
    }
    fprintf(stderr, "%s haiquan %s %s\n", hq_cli_say(cli, "cách dùng:", "usage:"), command->name,
            command->arguments);
    return HQ_EXIT_USAGE;
}

static int run_command(hq_cli *cli, const hq_command *command)
{
    hq_sv why;
    hq_status s = hq_cli_read(cli, &why);
    if (hq_failed(s)) {
        fprintf(stderr, "haiquan %s: %.*s\n", command->name, HQ_SV_FMT(why));
        return s.code == HQ_E_USAGE ? HQ_EXIT_USAGE : HQ_EXIT_FAILED;
    }
    int code = refuse_strange_flags(cli, command);
    if (code != HQ_EXIT_DONE) {
        return code;
    }
    if (!hq_cli_set_log_level(cli)) {
        return hq_cli_misuse(cli, "log-level phải là debug, note, warning hoặc error",
                             "log-level must be debug, note, warning or error");
    }
    if (cli->rest_count < command->rest_min || cli->rest_count > command->rest_max) {
        return refuse_arguments(cli, command);
    }
    return command->run(cli);
}

static bool wants_vietnamese(void)
{
    const char *names[] = { "LC_ALL", "LC_MESSAGES", "LANG" };
    for (int i = 0; i < 3; i++) {
        const char *value = getenv(names[i]);
        if (value != NULL && value[0] != '\0') {
            return hq_sv_starts(hq_sv_from_cstr(value), HQ_SV("vi"));
        }
    }
    return false;
}

static bool is_flag(const char *given, const char *name, const char *letter)
{
    hq_sv text = hq_sv_from_cstr(given);
    return hq_sv_eq(text, hq_sv_from_cstr(name)) || hq_sv_eq(text, hq_sv_from_cstr(letter));
}

int main(int argc, char **argv)
{
    char word[] = "help";
    char other[] = "version";
    char *help[] = { word, NULL };
    char *version[] = { other, NULL };
    int words = 0;
    hq_cli cli = { .vietnamese = wants_vietnamese() };
    if (hq_failed(hq_signals_block()) || hq_failed(hq_base_init())) {
        fprintf(stderr, "haiquan: cannot start\n");
        return HQ_EXIT_FAILED;
    }
    hq_log_set_clock(hq_os_clock());
    cli.arena = hq_arena_new(ARENA_CEILING);
    cli.argc = argc - 1;
    cli.argv = argv + 1;
    if (argc < 2 || is_flag(argv[1], "--help", "-h")) {
        cli.argc = 1;
        cli.argv = help;
    } else if (argc == 2 && is_flag(argv[1], "--version", "-V")) {
        cli.argv = version;
    } else if (argc > 2 && is_flag(argv[argc - 1], "--help", "-h")) {
        argv[argc - 1] = argv[0];
        cli.argv = argv; /* help COMMAND */
        argv[0] = word;
        cli.argc = argc - 1;
    }
    const hq_command *command = find_command(&words, cli.argc, cli.argv);
    int code = command == NULL ? refuse_command(&cli, cli.argc, cli.argv) : HQ_EXIT_DONE;
    if (command != NULL) {
        cli.argc -= words;
        cli.argv += words;
        cli.rest = calloc((size_t)argc + 1, sizeof *cli.rest);
        code = run_command(&cli, command);
        free(cli.rest);
    }
    hq_arena_free(cli.arena);
    return code;
}
