/* SPDX-License-Identifier: Apache-2.0 */
#include "house.h"

#include "clearance/room.h"
#include "place.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

/* ------------------------------------------------------------------ opening */

static const hq_store_room *rooms(size_t *count)
{
    static hq_store_room all[8];
    all[0] = hq_reference_room;
    all[1] = hq_identity_room;
    all[2] = hq_files_room;
    all[3] = hq_risk_room;
    all[4] = hq_treasury_room;
    all[5] = hq_balance_room;
    all[6] = hq_clearance_room;
    all[7] = hq_transit_room;
    *count = sizeof all / sizeof all[0];
    return all;
}

static void run_loop(void *user)
{
    HQ_IGNORE(hq_loop_run(user));
}

static hq_sv actor_of(const struct hq_caller *caller)
{
    return caller->id;
}

void house_open(house *h)
{
    hq_why why = { .en = HQ_SV("") };
    hq_store_options options = {
        .url = hq_sv_from_cstr(h->url),
        .clock = hq_test_clock_face(h->clock),
        .no_realtime = true,
        .no_sync = true, /* what is tested here is order and content, not the disk */
    };
    options.rooms = rooms(&options.room_count);
    hq_status opened = hq_store_open(&h->store, &options, h->arena, &why);
    if (hq_failed(opened)) {
        print_error("%.*s\n", HQ_SV_FMT(why.en));
    }
    HOUSE_MUST(opened);
    HOUSE_MUST(hq_reference_open(&h->reference, h->store, &why, h->arena));
    hq_reference_on_actor(h->reference, actor_of);
    HOUSE_MUST(hq_identity_open(&h->identity, h->store, h->reference));
    HOUSE_MUST(hq_files_open(&h->files, h->store, h->reference));
    HOUSE_MUST(hq_risk_open(&h->risk, h->store, h->reference));
    HOUSE_MUST(hq_treasury_open(&h->treasury, h->store, h->reference));
    hq_balance_options balance = { .store = h->store, .reference = h->reference };
    HOUSE_MUST(hq_balance_open(&h->balance, &balance));
    hq_clearance_options clearance = { .store = h->store,
                                       .reference = h->reference,
                                       .identity = h->identity,
                                       .risk = h->risk,
                                       .treasury = h->treasury };
    HOUSE_MUST(hq_clearance_open(&h->clearance, &clearance));
    hq_transit_options transit = { .store = h->store, .reference = h->reference };
    HOUSE_MUST(hq_transit_open(&h->transit, &transit));
    HOUSE_MUST(hq_loop_new(&h->loop, hq_test_clock_face(h->clock)));
    HOUSE_MUST(hq_balance_tick_on(h->balance, h->loop));
    HOUSE_MUST(hq_clearance_tick_on(h->clearance, h->loop));
    HOUSE_MUST(hq_transit_tick_on(h->transit, h->loop));
    HOUSE_MUST(hq_thread_start(&h->loop_thread, "house", run_loop, h->loop));
}

static void stop_loop(house *h)
{
    hq_loop_stop(h->loop);
    hq_thread_join(&h->loop_thread);
    hq_transit_stop_ticking(h->transit);
    hq_clearance_stop_ticking(h->clearance);
    hq_balance_stop_ticking(h->balance);
    hq_loop_free(h->loop);
}

static void close_rooms(house *h, bool orderly)
{
    stop_loop(h);
    hq_transit_close(h->transit);
    if (orderly) {
        hq_clearance_close(h->clearance);
    } else {
        hq_clr__drop(h->clearance);
    }
    hq_balance_close(h->balance);
    hq_treasury_close(h->treasury);
    hq_risk_close(h->risk);
    hq_files_close(h->files);
    hq_identity_close(h->identity);
    hq_reference_close(h->reference);
    hq_store_close(h->store);
}

void house_close(house *h)
{
    close_rooms(h, true);
}

void house_crash(house *h)
{
    close_rooms(h, false);
    house_open(h);
}

static hq_sv read_file(house *h, const char *path)
{
    FILE *file = fopen(path, "rb");
    char *text = hq_arena_alloc(h->arena, (size_t)4 << 20);
    assert_non_null(file);
    assert_non_null(text);
    size_t len = fread(text, 1, ((size_t)4 << 20) - 1, file);
    fclose(file);
    return hq_sv_make(text, len);
}

void house_import(house *h, const char *table, const char *csv)
{
    hq_import_report report;
    hq_import_options options = { .actor = HQ_SV("system") };
    const hq_finding *findings = NULL;
    size_t count = 0;
    hq_why why = { .en = HQ_SV("") };
    hq_status s =
        hq_reference_import(&report, h->reference, hq_sv_from_cstr(table), hq_sv_from_cstr(csv),
                            &options, h->arena, &findings, &count, &why);
    for (size_t i = 0; i < count; i++) {
        print_error("%s %.*s: %.*s\n", table, HQ_SV_FMT(findings[i].path),
                    HQ_SV_FMT(findings[i].en));
    }
    HOUSE_MUST(s);
}

static void import_folder(house *h, const char *folder)
{
    static const char *const order[] = { "nomenclature", "kinds",        "schemes",
                                         "offices",      "exemptions",   "holidays",
                                         "enterprises",  "office_hours", "exchange_rates",
                                         "tariff",       "authorities",  "balance_kinds" };
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s.csv", folder, order[i]);
        if (access(path, R_OK) == 0) {
            house_import(h, order[i], hq_arena_cstr(h->arena, read_file(h, path)));
        }
    }
}

void house_set_up(house *h, const char *start, const char *tables)
{
    hq_time_us at;
    hq_why why = { .en = HQ_SV("") };
    memset(h, 0, sizeof *h);
    HOUSE_MUST(hq_base_init());
    h->arena = hq_arena_new((size_t)1 << 30);
    assert_true(place_make(h->dir, sizeof h->dir));
    snprintf(h->url, sizeof h->url, "sqlite:%s/house.db", h->dir);
    HOUSE_MUST(hq_time_parse(&at, hq_sv_from_cstr(start)));
    h->clock = hq_test_clock_new(at);
    house_open(h);
    HOUSE_MUST(hq_reference_load_codes(h->reference, h->arena, &why));
    if (tables != NULL) {
        import_folder(h, tables);
    }
}

/* Checked last, so that a journal that does not hold leaves no folder behind. */
void house_tear_down(house *h)
{
    hq_journal_report report = { .intact = false };
    char first_bad[256];
    hq_status s = hq_journal_verify(&report, h->store, NULL, NULL, h->arena);
    snprintf(first_bad, sizeof first_bad, "%.*s", HQ_SV_FMT(report.first_bad));
    house_close(h);
    hq_test_clock_free(h->clock);
    hq_arena_free(h->arena);
    place_remove(h->dir);
    HOUSE_MUST(s);
    if (h->tampered) {
        assert_false(report.intact);
    } else if (!report.intact) {
        fail_msg("the journal does not hold: %s", first_bad);
    }
}

void house_advance(house *h, const char *duration)
{
    int64_t us;
    HOUSE_MUST(hq_duration_parse(&us, hq_sv_from_cstr(duration)));
    HOUSE_MUST(hq_test_clock_advance(h->clock, us));
}

/* ------------------------------------------------------------------ who calls */

static hq_caller *new_caller(house *h, hq_sv id)
{
    hq_caller *caller = HQ_NEW(h->arena, hq_caller);
    assert_non_null(caller);
    caller->id = id;
    caller->name = id;
    caller->person = id;
    caller->office = HQ_SV("");
    caller->tax_code = HQ_SV("");
    caller->bank = HQ_SV("");
    caller->session = HQ_SV("");
    return caller;
}

static hq_sv text_of(const char *text)
{
    return text == NULL ? HQ_SV("") : hq_sv_from_cstr(text);
}

const hq_caller *house_caller(house *h, hq_role role, const char *office, const char *tax_code)
{
    static _Atomic int count;
    hq_caller *caller = new_caller(
        h, hq_arena_printf(h->arena, "key/%s-%d", hq_role_name(role), atomic_fetch_add(&count, 1)));
    caller->role = role;
    caller->office = text_of(office);
    caller->tax_code = text_of(tax_code);
    return caller;
}

const hq_caller *house_bank(house *h, const char *bank)
{
    hq_caller *caller = new_caller(h, hq_arena_printf(h->arena, "key/bank-%s", bank));
    caller->role = HQ_ROLE_BANK;
    caller->bank = text_of(bank);
    return caller;
}

const hq_caller *house_officer(house *h, const char *username, const char *office, bool on_roster)
{
    hq_person person;
    hq_why why = { .en = HQ_SV("") };
    hq_new_user user = { .username = hq_sv_from_cstr(username),
                         .name = hq_sv_from_cstr(username),
                         .role = HQ_SV("officer"),
                         .office = text_of(office),
                         .password = HQ_SV("Mot-mat-khau-rat-dai-42"),
                         .on_roster = on_roster };
    HOUSE_MUST(hq_user_add(h->identity, &user, HQ_SV("system"), h->arena, &why));
    HOUSE_MUST(hq_identity_find(&person, h->identity, user.username, h->arena));
    hq_caller *caller = new_caller(h, person.id);
    caller->name = person.name;
    caller->role = person.role;
    caller->office = user.office;
    return caller;
}

/* ------------------------------------------------------------------ routes */

typedef struct {
    const hq_route *route;
    void *self;
    hq_sv params[4];
} found_route;

static bool matches(found_route *out, const hq_route *route, hq_sv path)
{
    hq_sv pattern = hq_sv_from_cstr(route->pattern);
    size_t params = 0;
    while (pattern.ptr != NULL && path.ptr != NULL) {
        hq_sv want = hq_sv_cut(&pattern, '/');
        hq_sv have = hq_sv_cut(&path, '/');
        if (want.len > 0 && want.ptr[0] == '{') {
            out->params[params++] = have;
        } else if (!hq_sv_eq(want, have)) {
            return false;
        }
    }
    out->route = route;
    return pattern.ptr == NULL && path.ptr == NULL;
}

static found_route find_route(house *h, hq_method method, hq_sv path)
{
    const hq_route_table tables[] = {
        { "clearance", hq_clearance_routes, hq_clearance_route_count, h->clearance },
        { "transit", hq_transit_routes, hq_transit_route_count, h->transit },
        { "balance", hq_balance_routes, hq_balance_route_count, h->balance },
        { "treasury", hq_treasury_routes, hq_treasury_route_count, h->treasury },
        { "risk", hq_risk_routes, hq_risk_route_count, h->risk },
        { "identity", hq_identity_routes, hq_identity_route_count, h->identity },
        { "files", hq_files_routes, hq_files_route_count, h->files },
        { "reference", hq_reference_routes, hq_reference_route_count, h->reference },
    };
    for (size_t t = 0; t < sizeof tables / sizeof tables[0]; t++) {
        for (size_t r = 0; r < tables[t].count; r++) {
            found_route found = { .self = tables[t].self };
            if (tables[t].routes[r].method == method &&
                matches(&found, &tables[t].routes[r], path)) {
                return found;
            }
        }
    }
    fail_msg("there is no route %.*s", HQ_SV_FMT(path));
    return (found_route){ .route = NULL };
}

/* ------------------------------------------------------------------ a call */

typedef struct {
    hq_request request;
    hq_idempotency key;
    hq_sv replayed; /* ptr NULL: the room wrote */
} keyed;

static hq_status keyed_write(hq_tx *tx, void *user)
{
    keyed *k = user;
    hq_sv stored;
    k->replayed = HQ_SV_NULL;
    hq_status s = hq_tx_idempotent(&stored, tx, &k->key);
    if (hq_ok(s)) {
        k->replayed = hq_arena_dup(k->request.arena, stored);
        return HQ_DONE;
    }
    if (s.code != HQ_E_NOT_FOUND) {
        return s;
    }
    HQ_TRY(k->request.write(tx, k->request.write_user));
    return k->request.again == NULL ? HQ_DONE : hq_tx_remember(tx, &k->key, k->request.remember);
}

static hq_status finish(house *h, keyed *k, bool with_key)
{
    hq_request *r = &k->request;
    hq_status written = hq_store_write(h->store, with_key ? keyed_write : r->write,
                                       with_key ? (void *)k : r->write_user);
    if (hq_ok(written) && k->replayed.ptr != NULL) {
        return r->again(r, k->replayed, r->write_user);
    }
    return r->then == NULL || written.code == HQ_E_KEY_REUSED ? written
                                                              : r->then(r, written, r->write_user);
}

static hq_status find_answer(hq_tx *tx, void *user)
{
    keyed *k = user;
    hq_sv stored;
    HQ_TRY(hq_tx_idempotent(&stored, tx, &k->key));
    k->replayed = hq_arena_dup(k->request.arena, stored);
    return HQ_DONE;
}

/* A handler that refuses today what it took before: the first answer all the same. */
static hq_status recalled(house *h, keyed *k, hq_status refused)
{
    hq_request *r = &k->request;
    k->replayed = HQ_SV_NULL;
    if (r->again == NULL || hq_failed(hq_store_read(h->store, find_answer, k))) {
        return refused;
    }
    r->answer = (hq_answer){ .http = 0 };
    return r->again(r, k->replayed, r->write_user);
}

static hq_sv padded(hq_arena *arena, hq_sv text)
{
    char *copy = hq_arena_zalloc(arena, text.len + 64);
    assert_non_null(copy);
    memcpy(copy, text.ptr, text.len);
    return hq_sv_make(copy, text.len);
}

static void prepare(keyed *k, house *h, hq_arena *arena, const hq_caller *caller, const char *body,
                    const char *key)
{
    static _Atomic int count;
    hq_request *r = &k->request;
    r->arena = arena;
    r->caller = caller;
    r->body = padded(arena, body == NULL ? HQ_SV("") : hq_sv_from_cstr(body));
    r->received_at = hq_now(hq_test_clock_face(h->clock));
    r->trace_id = HQ_SV("00000000000000000000000000000000");
    r->idempotency_key = key != NULL
                             ? hq_sv_from_cstr(key)
                             : hq_arena_printf(arena, "own-%d", atomic_fetch_add(&count, 1));
    r->if_match = hq_sv_from_cstr(h->if_match);
    k->key.caller = caller == NULL ? HQ_SV("public") : caller->id;
    k->key.key = r->idempotency_key;
    hq_blake2b(&k->key.body, r->body);
}

static house_answer answered(hq_arena *arena, hq_request *r, hq_status s)
{
    house_answer a = { .status = s, .answer = r->answer };
    a.http = r->answer.http != 0 ? r->answer.http : hq_status_http(s);
    a.body = padded(arena, r->answer.body.ptr == NULL ? HQ_SV("") : hq_buf_view(&r->answer.body));
    if (a.body.len > 0 && a.body.ptr[0] == '{') {
        hq_why why;
        check_status(hq_json_parse(&a.json, a.body, arena, &why), OK);
    }
    return a;
}

house_answer house_call(house *h, hq_arena *arena, const hq_caller *caller, hq_method method,
                        const char *path, const char *body, const char *key)
{
    keyed *k = HQ_NEW(arena, keyed);
    hq_sv rest = hq_sv_from_cstr(path);
    assert_non_null(k);
    prepare(k, h, arena, caller, body, key);
    hq_request *r = &k->request;
    r->method = method;
    r->path = hq_sv_cut(&rest, '?');
    r->query = rest.ptr == NULL ? HQ_SV("") : rest;
    found_route found = find_route(h, method, r->path);
    memcpy(r->params, found.params, sizeof r->params);
    if (caller == NULL && (found.route->flags & HQ_ROUTE_PUBLIC) == 0) {
        return answered(arena, r, HQ_FAIL(UNAUTHENTICATED));
    }
    if (found.route->roles != 0 && (found.route->roles & HQ_ROLE_BIT(caller->role)) == 0) {
        return answered(arena, r, HQ_FAIL(FORBIDDEN));
    }
    hq_status s = found.route->handle(r, found.self);
    bool with_key = (found.route->flags & HQ_ROUTE_KEY) != 0;
    if (hq_ok(s) && r->write != NULL) {
        s = finish(h, k, with_key);
    } else if (hq_failed(s) && with_key) {
        s = recalled(h, k, s);
    }
    return answered(arena, r, s);
}

hq_sv house_at(const house_answer *answer, const char *pointer)
{
    const hq_json *at = answer->json;
    hq_sv rest = hq_sv_from_cstr(pointer);
    hq_sv_cut(&rest, '/');
    while (at != NULL && rest.ptr != NULL) {
        hq_sv name = hq_sv_cut(&rest, '/');
        int64_t index = -1;
        const hq_json *child = hq_json_first(at);
        if (at->type == HQ_JSON_ARRAY) {
            assert_true(hq_sv_i64(&index, name));
        }
        while (child != NULL &&
               (at->type == HQ_JSON_ARRAY ? index-- > 0 : !hq_sv_eq(child->key, name))) {
            child = hq_json_next(at, child);
        }
        at = child;
    }
    if (at == NULL) {
        return HQ_SV_NULL;
    }
    static const char *const words[] = { "null", "false", "true" };
    return at->type <= HQ_JSON_TRUE ? hq_sv_from_cstr(words[at->type]) : at->text;
}

/* ------------------------------------------------------------------ the database */

typedef struct {
    const char *sql;
    int64_t value;
} asking;

static hq_status ask(hq_tx *tx, void *user)
{
    asking *a = user;
    hq_rows rows;
    HQ_TRY(hq_tx_query_text(&rows, tx, hq_sv_from_cstr(a->sql), NULL, 0));
    a->value = hq_rows_next(&rows) ? hq_rows_i64(&rows, 0) : -1;
    return hq_rows_end(&rows);
}

int64_t house_ask(house *h, const char *sql)
{
    asking a = { .sql = sql };
    HOUSE_MUST(hq_store_read(h->store, ask, &a));
    return a.value;
}

static hq_status run(hq_tx *tx, void *user)
{
    return hq_tx_run_text(tx, hq_sv_from_cstr(user), NULL, 0);
}

void house_run(house *h, const char *sql)
{
    char copy[1024];
    snprintf(copy, sizeof copy, "%s", sql);
    HOUSE_MUST(hq_store_write(h->store, run, copy));
}

static hq_status nothing(hq_tx *tx, void *user)
{
    (void)tx, (void)user;
    return HQ_DONE;
}

/* Writes are done in the order in which they were queued, and followers know how far they are. */
void house_settle(house *h)
{
    hq_follower_state *states;
    size_t count;
    hq_arena *arena = hq_arena_new(1 << 20);
    HOUSE_MUST(hq_store_write(h->store, nothing, NULL));
    HOUSE_MUST(hq_store_followers(&states, &count, h->store, arena));
    for (size_t i = 0; i < count; i++) {
        HOUSE_MUST(hq_store_await(h->store, states[i].name, hq_journal_head(h->store),
                                  300 * HQ_US_PER_SECOND, NULL));
    }
    hq_arena_free(arena);
}
