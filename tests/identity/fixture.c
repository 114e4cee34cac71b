/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../place.h"

static const char offices[] = "office,parent,name_vi,name_en,level,valid_from,valid_to\n"
                              "00,,Toàn quốc,Country,HEADQUARTERS,2020-01-01,\n"
                              "15,00,Vùng mười lăm,Region fifteen,DEPARTMENT,2020-01-01,\n"
                              "15BB,15,Cửa khẩu A,Gate A,BRANCH,2020-01-01,\n"
                              "15BB01,15BB,Đội một,Team one,TEAM,2020-01-01,\n"
                              "15BC,15,Cửa khẩu B,Gate B,BRANCH,2020-01-01,\n"
                              "20,00,Vùng hai mươi,Region twenty,DEPARTMENT,2020-01-01,\n"
                              "20BB,20,Cửa khẩu C,Gate C,BRANCH,2020-01-01,\n";
static const char authorities[] = "agent_tax_code,client_tax_code,valid_from,valid_to\n"
                                  "9900000055,9900000011,2026-01-01,2026-11-30\n";

static void import(fixture *f, const char *table, const char *csv)
{
    hq_import_report report;
    const hq_finding *findings;
    size_t count;
    hq_why why;
    MUST(hq_reference_import(&report, f->reference, hq_sv_from_cstr(table), hq_sv_from_cstr(csv),
                             NULL, f->arena, &findings, &count, &why));
}

static void open_all(fixture *f)
{
    hq_why why = { { NULL, 0 }, { NULL, 0 }, { NULL, 0 } };
    static hq_store_room rooms[2];
    rooms[0] = hq_reference_room;
    rooms[1] = hq_identity_room;
    hq_store_options options = { .url = hq_sv_from_cstr(f->url),
                                 .clock = hq_test_clock_face(f->clock),
                                 .rooms = rooms,
                                 .room_count = 2,
                                 .no_realtime = true };
    hq_status s = hq_store_open(&f->store, &options, f->arena, &why);
    if (hq_failed(s)) {
        print_error("%.*s\n", HQ_SV_FMT(why.en));
    }
    MUST(s);
    MUST(hq_reference_open(&f->reference, f->store, &why, f->arena));
    MUST(hq_identity_open(&f->identity, f->store, f->reference));
}

void fixture_close(fixture *f)
{
    hq_identity_close(f->identity);
    hq_reference_close(f->reference);
    hq_store_close(f->store);
    f->identity = NULL;
    f->reference = NULL;
    f->store = NULL;
}

void fixture_reopen(fixture *f)
{
    fixture_close(f);
    open_all(f);
}

void fixture_second(fixture *other, const fixture *f)
{
    *other = *f;
    other->store = NULL;
    open_all(other);
}

int fixture_set_up(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    MUST(hq_base_init());
    assert_true(place_make(f->dir, sizeof f->dir));
    snprintf(f->url, sizeof f->url, "sqlite:%s/t.db", f->dir);
    f->arena = hq_arena_new((size_t)512 << 20);
    f->clock = hq_test_clock_new(START);
    open_all(f);
    import(f, "offices", offices);
    import(f, "authorities", authorities);
    *state = f;
    return 0;
}

int fixture_tear_down(void **state)
{
    fixture *f = *state;
    fixture_close(f);
    hq_test_clock_free(f->clock);
    place_remove(f->dir);
    hq_arena_free(f->arena);
    free(f);
    return 0;
}

void advance(fixture *f, int64_t seconds)
{
    MUST(hq_test_clock_advance(f->clock, seconds * HQ_US_PER_SECOND));
}

/* ------------------------------------------------------------------ people */

hq_sv add_user(fixture *f, const char *username, const char *role, const char *office)
{
    hq_person person;
    hq_why why = { { NULL, 0 }, { NULL, 0 }, { NULL, 0 } };
    hq_new_user user = {
        .username = hq_sv_from_cstr(username),
        .name = HQ_SV("Người thử"),
        .role = hq_sv_from_cstr(role),
        .office = hq_sv_from_cstr(office),
        .password = HQ_SV(PASSWORD),
        .on_roster = hq_sv_eq(hq_sv_from_cstr(role), HQ_SV("officer")),
    };
    hq_status s = hq_user_add(f->identity, &user, HQ_SV("system"), f->arena, &why);
    if (hq_failed(s)) {
        print_error("%s: %.*s\n", username, HQ_SV_FMT(why.en));
    }
    MUST(s);
    MUST(hq_identity_find(&person, f->identity, hq_sv_from_cstr(username), f->arena));
    return person.id;
}

hq_sv add_key(fixture *f, const char *role, const char *office, const char *tax_code,
              const char *bank)
{
    hq_sv secret;
    hq_why why = { { NULL, 0 }, { NULL, 0 }, { NULL, 0 } };
    hq_new_key key = { .role = hq_sv_from_cstr(role),
                       .office = hq_sv_from_cstr(office),
                       .tax_code = hq_sv_from_cstr(tax_code),
                       .bank = hq_sv_from_cstr(bank),
                       .name = HQ_SV("key of a test") };
    hq_status s = hq_key_add(&secret, f->identity, &key, HQ_SV("system"), f->arena, &why);
    if (hq_failed(s)) {
        print_error("%s: %.*s\n", role, HQ_SV_FMT(why.en));
    }
    MUST(s);
    return hq_arena_printf(f->arena, "Bearer %.*s", HQ_SV_FMT(secret));
}

const hq_caller *caller_of_key(fixture *f, hq_sv key)
{
    const hq_caller *caller;
    hq_why why;
    MUST(
        hq_authenticate(&caller, f->identity, key, HQ_SV_NULL, HQ_SV_NULL, HQ_GET, f->arena, &why));
    return caller;
}

/* ------------------------------------------------------------------ calling routes */

static bool pattern_takes(const char *pattern, hq_sv path, hq_sv params[4])
{
    hq_sv want = hq_sv_from_cstr(pattern);
    hq_sv have = path;
    int count = 0;
    while (want.ptr != NULL && have.ptr != NULL) {
        hq_sv w = hq_sv_cut(&want, '/');
        hq_sv h = hq_sv_cut(&have, '/');
        if (hq_sv_starts(w, HQ_SV("{"))) {
            params[count++] = h;
        } else if (!hq_sv_eq(w, h)) {
            return false;
        }
    }
    return want.ptr == NULL && have.ptr == NULL;
}

static const hq_route *route_of(hq_method method, hq_sv path, hq_sv params[4])
{
    for (size_t i = 0; i < hq_identity_route_count; i++) {
        const hq_route *route = &hq_identity_routes[i];
        if (route->method == method && pattern_takes(route->pattern, path, params)) {
            return route;
        }
    }
    fail_msg("no route %.*s", HQ_SV_FMT(path));
    return NULL;
}

static hq_sv padded(fixture *f, const char *body)
{
    hq_sv text = hq_sv_from_cstr(body == NULL ? "" : body);
    char *copy = hq_arena_zalloc(f->arena, text.len + 64);
    assert_non_null(copy);
    if (text.len > 0) {
        memcpy(copy, text.ptr, text.len);
    }
    return hq_sv_make(copy, text.len);
}

static reply reply_of(fixture *f, const hq_request *r, hq_status status)
{
    reply out = { .status = status,
                  .http = hq_failed(status) ? hq_status_http(status) : r->answer.http,
                  .body = hq_buf_view(&r->answer.body),
                  .code = r->answer.code,
                  .findings = r->answer.findings,
                  .finding_count = r->answer.finding_count,
                  .set_cookie = r->answer.set_cookie[0] };
    hq_sv rest = out.set_cookie;
    out.cookie = rest.ptr == NULL ? HQ_SV_NULL : hq_sv_cut(&rest, ';');
    if (hq_ok(status) && out.body.len > 0) {
        MUST(hq_json_parse_copy(&out.json, out.body, f->arena, NULL));
    }
    return out;
}

reply call_from(fixture *f, hq_method method, const char *path, hq_sv who, const char *body,
                const char *peer)
{
    hq_request r = { .arena = f->arena, .method = method, .peer = hq_sv_from_cstr(peer) };
    hq_sv rest = hq_sv_from_cstr(path);
    hq_why why = { { NULL, 0 }, { NULL, 0 }, { NULL, 0 } };
    bool key = hq_sv_starts(who, HQ_SV("Bearer "));
    r.path = hq_sv_cut(&rest, '?');
    r.query = rest.ptr == NULL ? HQ_SV("") : rest;
    r.body = padded(f, body);
    r.user_agent = HQ_SV("test");
    const hq_route *route = route_of(method, r.path, r.params);
    if (who.len > 0) {
        hq_status s = hq_authenticate(
            &r.caller, f->identity, key ? who : HQ_SV_NULL, key ? HQ_SV_NULL : who,
            key || method == HQ_GET ? HQ_SV_NULL : csrf_of(f, who), method, f->arena, &why);
        if (hq_failed(s)) {
            return (reply){ .status = s, .http = hq_status_http(s) };
        }
    } else if ((route->flags & HQ_ROUTE_PUBLIC) == 0) {
        return (reply){ .status = HQ_FAIL(UNAUTHENTICATED), .http = 401 };
    }
    if (route->roles != 0 && (route->roles & HQ_ROLE_BIT(r.caller->role)) == 0) {
        return (reply){ .status = HQ_FAIL(FORBIDDEN), .http = 403 };
    }
    hq_status s = route->handle(&r, f->identity);
    if (hq_ok(s) && r.write != NULL) {
        s = hq_store_write(f->store, r.write, r.write_user);
        s = r.then == NULL ? s : r.then(&r, s, r.write_user);
    }
    return reply_of(f, &r, s);
}

reply call(fixture *f, hq_method method, const char *path, hq_sv who, const char *body)
{
    return call_from(f, method, path, who, body, "192.0.2.1");
}

hq_sv sign_in_from(fixture *f, const char *username, const char *password, const char *more,
                   const char *peer, hq_sv *code)
{
    hq_sv body = hq_arena_printf(f->arena, "{\"username\":\"%s\",\"password\":\"%s\"%s}%c",
                                 username, password, more, 0);
    reply r = call_from(f, HQ_POST, "/api/v1/session", HQ_SV_NULL, body.ptr, peer);
    if (code != NULL) {
        *code = r.code;
    }
    return r.cookie;
}

hq_sv sign_in(fixture *f, const char *username)
{
    hq_sv cookie = sign_in_from(f, username, PASSWORD, "", "192.0.2.1", NULL);
    assert_non_null(cookie.ptr);
    return cookie;
}

hq_sv csrf_of(fixture *f, hq_sv cookie)
{
    char text[65];
    hq_hash32 hash;
    hq_sv token = hq_sv_sub(cookie, sizeof HQ_IDENTITY__COOKIE, cookie.len);
    hq_blake2b(&hash, token);
    hq_identity__csrf(text, &hash);
    return hq_arena_dup(f->arena, hq_sv_from_cstr(text));
}

int count_events(fixture *f, const char *kind)
{
    hq_event_view *events;
    size_t count;
    int64_t after = 0;
    int found = 0;
    do {
        MUST(hq_journal_read(&events, &count, f->store, after, 1000, f->arena));
        for (size_t i = 0; i < count; i++) {
            found += hq_sv_eq(events[i].event.kind, hq_sv_from_cstr(kind));
            after = events[i].position;
        }
    } while (count > 0);
    return found;
}
