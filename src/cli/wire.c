/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/wire.h"

#define TEST_SETTING  HQ_SV("test")
#define CLOCK_SETTING HQ_SV("test_clock")

/* reference/ lies below identity/ and spells its roles out. */
_Static_assert(HQ_ROLE_OFFICER == 1 && HQ_ROLE_HEADQUARTERS == 5 && HQ_ROLE_ADMINISTRATOR == 14 &&
                   HQ_ROLE_AUDITOR == 15,
               "reference/routes.c counts on these numbers");

const hq_store_room *hq_house_rooms(size_t *count)
{
    static hq_store_room rooms[9];
    rooms[0] = hq_reference_room;
    rooms[1] = hq_identity_room;
    rooms[2] = hq_files_room;
    rooms[3] = hq_notice_room;
    rooms[4] = hq_risk_room;
    rooms[5] = hq_treasury_room;
    rooms[6] = hq_balance_room;
    rooms[7] = hq_clearance_room;
    rooms[8] = hq_transit_room;
    *count = sizeof rooms / sizeof rooms[0];
    return rooms;
}

/* ------------------------------------------------------------------ the clock of tests */

typedef struct {
    hq_sv name, value; /* value in `text` */
    char text[64];
} kept_setting;

static hq_status get_setting(hq_tx *tx, void *user)
{
    kept_setting *s = user;
    hq_sv value;
    HQ_TRY(hq_tx_setting_get(&value, tx, s->name));
    hq_sv kept = hq_sv_sub(value, 0, sizeof s->text);
    memcpy(s->text, kept.ptr, kept.len);
    s->value = hq_sv_make(s->text, kept.len);
    return HQ_DONE;
}

static hq_status put_setting(hq_tx *tx, void *user)
{
    const kept_setting *s = user;
    return hq_tx_setting_put(tx, s->name, s->value);
}

/* A server that starts again goes on from where its clock stood. */
static void keep_clock(void *user)
{
    hq_house *house = user;
    kept_setting s = { .name = CLOCK_SETTING };
    hq_buf text = HQ_BUF_HEAP(64);
    hq_time_write(&text, hq_now(house->clock));
    s.value = hq_buf_view(&text);
    /* Lost: the next start reads an older time, which is a time all the same. */
    HQ_IGNORE(hq_store_write(house->store, put_setting, &s));
    hq_buf_free(&text);
}

static hq_status start_test_clock(hq_house *house, hq_why *why)
{
    kept_setting test = { .name = TEST_SETTING };
    kept_setting clock = { .name = CLOCK_SETTING };
    hq_time_us at;
    hq_status s = hq_store_read(house->store, get_setting, &test);
    if (hq_failed(s) || !hq_sv_eq(test.value, HQ_SV("1"))) {
        *why = (hq_why){
            .vi = HQ_SV("--test-clock chỉ dùng với cơ sở dữ liệu tạo bằng `haiquan init --test`"),
            .en = HQ_SV("--test-clock is for databases made by `haiquan init --test` only"),
        };
        return HQ_FAIL(USAGE);
    }
    s = hq_store_read(house->store, get_setting, &clock);
    if (hq_ok(s) && hq_ok(hq_time_parse(&at, clock.value)) && at > hq_now(house->clock)) {
        HQ_TRY(hq_test_clock_set(house->test_clock, at));
    }
    return hq_clock_watch(house->clock, keep_clock, house);
}

/* ------------------------------------------------------------------ opening */

static hq_sv actor_of(const hq_caller *caller)
{
    return caller->id;
}

static hq_sv office_of(const hq_caller *caller)
{
    return caller->office;
}

static hq_status open_store(hq_house *house, const hq_house_options *o, hq_arena *arena,
                            hq_why *why)
{
    house->clock = hq_os_clock();
    if (o->test_clock) {
        house->test_clock = hq_test_clock_new(hq_now(hq_os_clock()));
        if (house->test_clock == NULL) {
            return HQ_FAIL(NOMEM);
        }
        house->clock = hq_test_clock_face(house->test_clock);
    }
    hq_store_options store = {
        .url = o->url,
        .clock = house->clock,
        .no_sync = o->no_sync,
        .no_realtime = o->no_realtime,
        .no_migrate = o->no_migrate,
        .new_key = o->new_key,
    };
    store.rooms = hq_house_rooms(&store.room_count);
    HQ_TRY(hq_store_open(&house->store, &store, arena, why));
    return o->test_clock ? start_test_clock(house, why) : HQ_DONE;
}

static hq_status open_rooms(hq_house *house, const hq_house_options *o, hq_arena *arena,
                            hq_why *why)
{
    HQ_TRY(hq_reference_open(&house->reference, house->store, why, arena));
    hq_reference_on_actor(house->reference, actor_of);
    hq_reference_on_office(house->reference, office_of);
    HQ_TRY(hq_identity_open(&house->identity, house->store, house->reference));
    HQ_TRY(hq_files_open(&house->files, house->store, house->reference));
    hq_notice_options notice = {
        .store = house->store,
        .identity = house->identity,
        .no_delivery = o->no_clocks,
    };
    HQ_TRY(hq_notice_open(&house->notice, &notice));
    HQ_TRY(hq_risk_open(&house->risk, house->store, house->reference));
    HQ_TRY(hq_treasury_open(&house->treasury, house->store, house->reference));
    hq_balance_options balance = {
        .store = house->store,
        .reference = house->reference,
        .clock = house->clock,
    };
    HQ_TRY(hq_balance_open(&house->balance, &balance));
    hq_clearance_options clearance = {
        .store = house->store,
        .reference = house->reference,
        .identity = house->identity,
        .risk = house->risk,
        .treasury = house->treasury,
        .clock = house->clock,
    };
    HQ_TRY(hq_clearance_open(&house->clearance, &clearance));
    hq_transit_options transit = {
        .store = house->store,
        .reference = house->reference,
        .clock = house->clock,
    };
    return hq_transit_open(&house->transit, &transit);
}

static void run_loop(void *user)
{
    hq_house *house = user;
    if (hq_failed(hq_loop_run(house->loop))) {
        hq_log(HQ_LOG_ERROR, "clocks_stopped", "what", "nothing falls due by itself any more",
               NULL);
    }
}

static hq_status start_clocks(hq_house *house)
{
    HQ_TRY(hq_loop_new(&house->loop, house->clock));
    HQ_TRY(hq_balance_tick_on(house->balance, house->loop));
    HQ_TRY(hq_clearance_tick_on(house->clearance, house->loop));
    HQ_TRY(hq_transit_tick_on(house->transit, house->loop));
    return hq_thread_start(&house->loop_thread, "clocks", run_loop, house);
}

hq_status hq_house_open(hq_house *out, const hq_house_options *options, hq_arena *arena,
                        hq_why *why)
{
    *out = (hq_house){ 0 };
    *why = (hq_why){ 0 };
    hq_status s = open_store(out, options, arena, why);
    if (hq_ok(s)) {
        s = open_rooms(out, options, arena, why);
    }
    if (hq_ok(s) && !options->no_clocks) {
        s = start_clocks(out);
    }
    if (hq_failed(s)) {
        hq_house_close(out);
        return s;
    }
    hq_house_route_tables(out);
    return HQ_DONE;
}

void hq_house_close(hq_house *house)
{
    if (house->test_clock != NULL) {
        hq_clock_unwatch(house->clock, keep_clock, house);
    }
    if (house->loop != NULL) {
        hq_loop_stop(house->loop);
        hq_thread_join(&house->loop_thread);
    }
    hq_transit_close(house->transit);
    hq_clearance_close(house->clearance);
    hq_balance_close(house->balance);
    hq_loop_free(house->loop);
    hq_treasury_close(house->treasury);
    hq_risk_close(house->risk);
    hq_notice_close(house->notice);
    hq_files_close(house->files);
    hq_identity_close(house->identity);
    hq_reference_close(house->reference);
    hq_store_close(house->store);
    hq_test_clock_free(house->test_clock);
    *house = (hq_house){ 0 };
}

static hq_sv database_file(const hq_cli *cli)
{
    hq_sv url = hq_cli_text(cli, HQ_S_DB);
    return hq_sv_starts(url, HQ_SV("sqlite:")) ? hq_sv_sub(url, 7, url.len) : HQ_SV_NULL;
}

hq_status hq_cli_need_database(const hq_cli *cli, hq_why *why)
{
    if (hq_cli_text(cli, HQ_S_DB).len == 0) {
        *why =
            (hq_why){ .vi = HQ_SV("cần --db sqlite:TỆP"), .en = HQ_SV("needs --db sqlite:FILE") };
        return HQ_FAIL(USAGE);
    }
    hq_sv file = database_file(cli);
    if (file.len == 0) {
        return HQ_DONE; /* the store says what is wrong with it */
    }
    const char *path = hq_arena_cstr(cli->arena, file);
    if (path == NULL) {
        return HQ_FAIL(NOMEM);
    }
    if (hq_os_exists(path)) {
        return HQ_DONE;
    }
    *why = (hq_why){
        .vi = hq_arena_printf(cli->arena,
                              "không có cơ sở dữ liệu %s; `haiquan init --db sqlite:%s` tạo mới",
                              path, path),
        .en = hq_arena_printf(cli->arena,
                              "there is no database %s; `haiquan init --db sqlite:%s` makes one",
                              path, path),
    };
    return HQ_FAIL(USAGE);
}

hq_status hq_house_open_for(hq_house *out, const hq_cli *cli, hq_why *why)
{
    HQ_TRY(hq_cli_need_database(cli, why));
    return hq_house_open_new(out, cli, why);
}

hq_status hq_house_open_new(hq_house *out, const hq_cli *cli, hq_why *why)
{
    hq_house_options options = {
        .url = hq_cli_text(cli, HQ_S_DB),
        .no_clocks = true,
        .no_realtime = true,
    };
    if (options.url.len == 0) {
        *why =
            (hq_why){ .vi = HQ_SV("cần --db sqlite:TỆP"), .en = HQ_SV("needs --db sqlite:FILE") };
        return HQ_FAIL(USAGE);
    }
    return hq_house_open(out, &options, cli->arena, why);
}

/* ------------------------------------------------------------------ routes and hooks */

static void add_table(hq_house *house, const char *room, const hq_route *routes, size_t count,
                      void *self)
{
    house->tables[house->table_count++] = (hq_route_table){ room, routes, count, self };
}

void hq_house_route_tables(hq_house *house)
{
    house->table_count = 0;
    add_table(house, "reference", hq_reference_routes, hq_reference_route_count, house->reference);
    add_table(house, "identity", hq_identity_routes, hq_identity_route_count, house->identity);
    add_table(house, "files", hq_files_routes, hq_files_route_count, house->files);
    add_table(house, "notice", hq_notice_routes, hq_notice_route_count, house->notice);
    add_table(house, "risk", hq_risk_routes, hq_risk_route_count, house->risk);
    add_table(house, "treasury", hq_treasury_routes, hq_treasury_route_count, house->treasury);
    add_table(house, "balance", hq_balance_routes, hq_balance_route_count, house->balance);
    add_table(house, "transit", hq_transit_routes, hq_transit_route_count, house->transit);
    add_table(house, "clearance", hq_clearance_routes, hq_clearance_route_count, house->clearance);
}

/* Who may see an event of the live stream: clearance knows whose its declarations are; events of
 * other rooms are for customs people of the office or above. Only they see who did it and how. */
static hq_sight sight(const hq_caller *caller, const hq_event_view *view, void *user)
{
    hq_house *house = user;
    bool customs = (HQ_ROLES_CUSTOMS & HQ_ROLE_BIT(caller->role)) != 0;
    if (hq_clearance_event_visible(house->clearance, caller, view)) {
        return customs ? HQ_SIGHT_WHOLE : HQ_SIGHT_OUTLINE;
    }
    if (!customs || hq_sv_eq(view->event.room, HQ_SV("clearance"))) {
        return HQ_SIGHT_NONE;
    }
    hq_target target = { .office = view->event.office };
    const hq_ref *ref = hq_reference_acquire(house->reference);
    hq_status s = hq_may(caller, HQ_MAY_SEE, &target, ref, hq_day_of(hq_now(house->clock)));
    hq_reference_release(house->reference, ref);
    return hq_ok(s) ? HQ_SIGHT_WHOLE : HQ_SIGHT_NONE;
}

static hq_status track(hq_tracked *out, hq_sv number, hq_sv check, hq_arena *arena, void *user)
{
    hq_house *house = user;
    hq_track found;
    HQ_TRY(hq_clearance_track(&found, house->clearance, number, check, arena));
    struct hq_tracked_step *steps = HQ_NEW_ARRAY(arena, struct hq_tracked_step, found.step_count);
    if (steps == NULL) {
        return HQ_FAIL(NOMEM);
    }
    for (size_t i = 0; i < found.step_count; i++) {
        steps[i] =
            (struct hq_tracked_step){ found.steps[i].vi, found.steps[i].en, found.steps[i].at };
    }
    *out = (hq_tracked){
        .number = found.number,
        .status_vi = found.status_vi,
        .status_en = found.status_en,
        .office_vi = found.office_vi,
        .office_en = found.office_en,
        .due = found.due,
        .steps = steps,
        .step_count = found.step_count,
    };
    return HQ_DONE;
}

/* What other processes changed. A failure is met again at the next turn. */
static void refresh(void *user)
{
    hq_house *house = user;
    HQ_IGNORE(hq_reference_refresh(house->reference));
    HQ_IGNORE(hq_identity_refresh(house->identity));
    HQ_IGNORE(hq_risk_refresh(house->risk));
}

static hq_server_limits limits_of(const hq_cli *cli)
{
    hq_server_limits limits = {
        .connections = (int)hq_cli_number(cli, HQ_S_CONNECTIONS),
        .per_address = (int)hq_cli_number(cli, HQ_S_PER_ADDRESS),
        .idle_s = (int)hq_cli_number(cli, HQ_S_IDLE_SECONDS),
        .body_s = (int)hq_cli_number(cli, HQ_S_BODY_SECONDS),
        .body_memory_mb = (int)hq_cli_number(cli, HQ_S_BODY_MEMORY),
        .workers = (int)hq_cli_number(cli, HQ_S_WORKERS),
        .slow_threads = (int)hq_cli_number(cli, HQ_S_SLOW_THREADS),
        .event_clients = (int)hq_cli_number(cli, HQ_S_EVENT_CLIENTS),
    };
    const hq_cli_setting rates[HQ_POOL_COUNT] = { HQ_S_RATE_FORMAL, HQ_S_RATE_LOW_VALUE,
                                                  HQ_S_RATE_PUBLIC };
    for (int i = 0; i < HQ_POOL_COUNT; i++) {
        int64_t rate = hq_cli_number(cli, rates[i]);
        limits.rate[i] = (hq_rate){ .per_second = rate, .burst = 2 * rate };
    }
    return limits;
}

static hq_status read_pem(hq_sv *out, const hq_cli *cli, hq_cli_setting setting, hq_why *why)
{
    hq_sv path = hq_cli_text(cli, setting);
    *out = HQ_SV_NULL;
    return path.len == 0 ? HQ_DONE : hq_cli_file(out, cli, path, why);
}

hq_status hq_house_serve(hq_server **out, hq_house *house, const hq_cli *cli,
                         const hq_route_table *further, hq_arena *arena, hq_why *why)
{
    hq_server_options options = {
        .clock = house->clock,
        .test_clock = house->test_clock,
        .store = house->store,
        .identity = house->identity,
        .listen = hq_cli_text(cli, HQ_S_LISTEN),
        .limits = limits_of(cli),
        .trusted_proxy = hq_cli_text(cli, HQ_S_TRUSTED_PROXY),
        .sight = sight,
        .track = track,
        .tick = refresh,
        .user = house,
    };
    if (further != NULL) {
        house->tables[house->table_count++] = *further;
    }
    options.tables = house->tables;
    options.table_count = house->table_count;
    HQ_TRY(read_pem(&options.certificate, cli, HQ_S_CERTIFICATE, why));
    HQ_TRY(read_pem(&options.key, cli, HQ_S_CERTIFICATE_KEY, why));
    /* Enlists: a command that changes tables waits for this server from its first request on. */
    refresh(house);
    return hq_server_start(out, &options, arena, why);
}
