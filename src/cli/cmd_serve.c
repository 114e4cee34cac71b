/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <stdio.h>

#include "cli/serve.h"

/* Until somebody asks to end. SIGHUP reads the settings again; what can change while serving is the
 * log level, and everybody looks at the stored data anew by itself. */
static void wait_for_end(hq_cli *cli)
{
    for (;;) {
        int got = hq_signal_wait(-1);
        if (got == SIGINT || got == SIGTERM) {
            return;
        }
        if (got == SIGHUP) {
            hq_cli_reread(cli);
        }
    }
}

static void announce(const hq_cli *cli, const hq_house *house, const hq_server *server)
{
    char port[16];
    char version[32];
    hq_sv listen = hq_cli_text(cli, HQ_S_LISTEN);
    size_t at = listen.len;
    while (at > 0 && listen.ptr[at - 1] != ':') {
        at--;
    }
    const hq_ref *ref = hq_reference_acquire(house->reference);
    snprintf(version, sizeof version, "%lld", (long long)hq_ref_version(ref));
    hq_reference_release(house->reference, ref);
    snprintf(port, sizeof port, "%d", hq_server_port(server));
    const char *scheme = hq_cli_text(cli, HQ_S_CERTIFICATE).len > 0 ? "https" : "http";
    bool realtime = hq_store_realtime(house->store);
    hq_sv address = hq_arena_printf(cli->arena, "%s://%.*s%s", scheme, (int)at, listen.ptr, port);
    hq_log(HQ_LOG_NOTE, "listening", "address", address.ptr, "writer",
           realtime ? "real-time" : "ordinary", "reference_version", version, "clock",
           house->test_clock != NULL ? "test" : "machine", "version", HQ_VERSION, NULL);
    printf("haiquan %s %s %.*s (%s; %s %s)\n", HQ_VERSION,
           hq_cli_say(cli, "phục vụ tại", "listening on"), HQ_SV_FMT(address),
           realtime ? hq_cli_say(cli, "luồng ghi thời gian thực", "writer: real-time")
                    : hq_cli_say(cli, "luồng ghi thường", "writer: ordinary"),
           hq_cli_say(cli, "dữ liệu tham chiếu phiên bản", "reference version"), version);
    fflush(stdout);
}

int hq_cli_serve(hq_cli *cli, hq_house *house, const hq_serving *further)
{
    hq_server *server = NULL;
    hq_why why = { 0 };
    hq_status s = hq_house_serve(&server, house, cli, further == NULL ? NULL : &further->routes,
                                 cli->arena, &why);
    if (hq_failed(s)) {
        hq_house_close(house);
        return hq_cli_fail(cli, s, &why);
    }
    announce(cli, house, server);
    if (further != NULL && hq_failed(further->begin(house, server))) {
        hq_log(HQ_LOG_WARNING, "nothing_happens_by_itself", NULL);
    }
    wait_for_end(cli);
    hq_log(HQ_LOG_NOTE, "stopping", NULL);
    if (further != NULL) {
        further->end();
    }
    hq_server_stop(server);
    hq_house_close(house);
    hq_server_free(server);
    hq_log(HQ_LOG_NOTE, "stopped", NULL);
    return HQ_EXIT_DONE;
}

static int run(hq_cli *cli)
{
    hq_house house;
    hq_why why = { 0 };
    hq_house_options options = {
        .url = hq_cli_text(cli, HQ_S_DB),
        .test_clock = hq_cli_flag(cli, HQ_S_TEST_CLOCK),
        .no_sync = hq_cli_flag(cli, HQ_S_NO_SYNC),
        .no_realtime = hq_cli_flag(cli, HQ_S_NO_REALTIME),
    };
    hq_status s = hq_cli_need_database(cli, &why);
    if (hq_ok(s)) {
        s = hq_house_open(&house, &options, cli->arena, &why);
    }
    if (hq_failed(s)) {
        return hq_cli_fail(cli, s, &why);
    }
    return hq_cli_serve(cli, &house, NULL);
}

const hq_command hq_command_serve = {
    .name = "serve",
    .arguments = "",
    .en = "the server",
    .vi = "máy chủ",
    .run = run,
    .settings = { HQ_S_DB,
                  HQ_S_LISTEN,
                  HQ_S_WORKERS,
                  HQ_S_SLOW_THREADS,
                  HQ_S_CONNECTIONS,
                  HQ_S_PER_ADDRESS,
                  HQ_S_IDLE_SECONDS,
                  HQ_S_BODY_SECONDS,
                  HQ_S_BODY_MEMORY,
                  HQ_S_RATE_FORMAL,
                  HQ_S_RATE_LOW_VALUE,
                  HQ_S_RATE_PUBLIC,
                  HQ_S_EVENT_CLIENTS,
                  HQ_S_CERTIFICATE,
                  HQ_S_CERTIFICATE_KEY,
                  HQ_S_TRUSTED_PROXY,
                  HQ_S_NO_SYNC,
                  HQ_S_NO_REALTIME,
                  HQ_S_TEST_CLOCK,
                  HQ_S_COUNT },
};
