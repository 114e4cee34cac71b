/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#define MINUTE 60
#define HOUR   3600

static hq_status authenticate(fixture *f, hq_sv cookie, hq_sv csrf, hq_method method)
{
    const hq_caller *caller;
    hq_why why;
    return hq_authenticate(&caller, f->identity, HQ_SV_NULL, cookie, csrf, method, f->arena, &why);
}

static void test_the_cookie_is_of_this_host_only(void **state)
{
    fixture *f = *state;
    add_user(f, "an", "officer", "15BB");
    reply r = call(f, HQ_POST, "/api/v1/session", HQ_SV_NULL,
                   "{\"username\":\"AN\",\"password\":\"" PASSWORD "\"}");
    assert_int_equal(r.http, 201);
    assert_true(hq_sv_starts(r.set_cookie, HQ_SV("__Host-haiquan=hq_")));
    assert_true(hq_sv_ends(r.set_cookie, HQ_SV("; Path=/; Secure; HttpOnly; SameSite=Lax")));
    assert_true(hq_sv_eq(hq_json_get_text(r.json, "username"), HQ_SV("an")));
    assert_true(hq_sv_eq(hq_json_get_text(r.json, "role"), HQ_SV("officer")));
    assert_true(hq_sv_eq(hq_json_get_text(r.json, "office"), HQ_SV("15BB")));
    assert_true(hq_sv_eq(hq_json_get_text(r.json, "csrf"), csrf_of(f, r.cookie)));
    r = call(f, HQ_GET, "/api/v1/session", r.cookie, NULL);
    assert_int_equal(r.http, 200);
    assert_int_equal(count_events(f, "session.opened"), 1);
}

static void test_a_change_needs_the_csrf_header(void **state)
{
    fixture *f = *state;
    add_user(f, "an", "officer", "15BB");
    hq_sv one = sign_in(f, "an");
    hq_sv two = sign_in(f, "an");
    MUST(authenticate(f, one, HQ_SV_NULL, HQ_GET));
    MUST_BE(authenticate(f, one, HQ_SV_NULL, HQ_POST), FORBIDDEN);
    MUST_BE(authenticate(f, one, HQ_SV("x"), HQ_DELETE), FORBIDDEN);
    MUST_BE(authenticate(f, one, csrf_of(f, two), HQ_PUT), FORBIDDEN);
    MUST(authenticate(f, one, csrf_of(f, one), HQ_PUT));
}

static void test_what_is_no_session(void **state)
{
    fixture *f = *state;
    add_user(f, "an", "officer", "15BB");
    hq_sv good = sign_in(f, "an");
    MUST_BE(authenticate(f, HQ_SV_NULL, HQ_SV_NULL, HQ_GET), UNAUTHENTICATED);
    MUST_BE(authenticate(f, HQ_SV("__Host-haiquan="), HQ_SV_NULL, HQ_GET), UNAUTHENTICATED);
    MUST_BE(authenticate(f, HQ_SV("__Host-haiquan=hq_0123456789012345678901234567890123456789012"),
                         HQ_SV_NULL, HQ_GET),
            UNAUTHENTICATED);
    MUST_BE(authenticate(f, HQ_SV("other=1"), HQ_SV_NULL, HQ_GET), UNAUTHENTICATED);
    hq_sv among = hq_arena_printf(f->arena, "a=b; %.*s; c=d", HQ_SV_FMT(good));
    MUST(authenticate(f, among, HQ_SV_NULL, HQ_GET));
    /* A session token is no API key and an API key no session. */
    const hq_caller *caller;
    hq_why why;
    hq_sv token = hq_sv_sub(good, sizeof HQ_IDENTITY__COOKIE, good.len);
    MUST_BE(hq_authenticate(&caller, f->identity,
                            hq_arena_printf(f->arena, "Bearer %.*s", HQ_SV_FMT(token)), HQ_SV_NULL,
                            HQ_SV_NULL, HQ_GET, f->arena, &why),
            UNAUTHENTICATED);
}

static void test_idle_officers_after_15_minutes(void **state)
{
    fixture *f = *state;
    add_user(f, "an", "officer", "15BB");
    hq_sv cookie = sign_in(f, "an");
    for (int i = 0; i < 5; i++) {
        advance(f, 14 * MINUTE);
        MUST(authenticate(f, cookie, HQ_SV_NULL, HQ_GET));
    }
    advance(f, 15 * MINUTE + 1);
    MUST_BE(authenticate(f, cookie, HQ_SV_NULL, HQ_GET), UNAUTHENTICATED);
    MUST_BE(authenticate(f, cookie, HQ_SV_NULL, HQ_GET), UNAUTHENTICATED);
}

static void test_idle_declarants_after_30_minutes(void **state)
{
    fixture *f = *state;
    hq_why why;
    hq_new_user user = { .username = HQ_SV("trader"),
                         .name = HQ_SV("x"),
                         .role = HQ_SV("declarant"),
                         .tax_code = HQ_SV("9900000011"),
                         .password = HQ_SV(PASSWORD) };
    MUST(hq_user_add(f->identity, &user, HQ_SV("system"), f->arena, &why));
    hq_sv cookie = sign_in(f, "trader");
    advance(f, 29 * MINUTE);
    MUST(authenticate(f, cookie, HQ_SV_NULL, HQ_GET));
    advance(f, 31 * MINUTE);
    MUST_BE(authenticate(f, cookie, HQ_SV_NULL, HQ_GET), UNAUTHENTICATED);
}

static void test_twelve_hours_whatever_is_done(void **state)
{
    fixture *f = *state;
    add_user(f, "an", "officer", "15BB");
    hq_sv cookie = sign_in(f, "an");
    for (int i = 0; i < 6 * 12 - 1; i++) {
        advance(f, 10 * MINUTE);
        MUST(authenticate(f, cookie, HQ_SV_NULL, HQ_GET));
    }
    advance(f, 10 * MINUTE);
    MUST_BE(authenticate(f, cookie, HQ_SV_NULL, HQ_GET), UNAUTHENTICATED);
}

static void test_use_survives_a_restart(void **state)
{
    fixture *f = *state;
    add_user(f, "an", "officer", "15BB");
    hq_sv cookie = sign_in(f, "an");
    advance(f, 14 * MINUTE);
    MUST(authenticate(f, cookie, HQ_SV_NULL, HQ_GET));
    fixture_reopen(f);
    advance(f, 14 * MINUTE);
    MUST(authenticate(f, cookie, HQ_SV_NULL, HQ_GET));
    fixture_reopen(f);
    advance(f, 16 * MINUTE);
    MUST_BE(authenticate(f, cookie, HQ_SV_NULL, HQ_GET), UNAUTHENTICATED);
}

static void test_signing_out(void **state)
{
    fixture *f = *state;
    add_user(f, "an", "officer", "15BB");
    hq_sv one = sign_in(f, "an");
    hq_sv two = sign_in(f, "an");
    reply r = call(f, HQ_DELETE, "/api/v1/session", one, NULL);
    assert_int_equal(r.http, 204);
    assert_true(hq_sv_ends(r.set_cookie, HQ_SV("Max-Age=0")));
    MUST_BE(authenticate(f, one, HQ_SV_NULL, HQ_GET), UNAUTHENTICATED);
    MUST(authenticate(f, two, HQ_SV_NULL, HQ_GET));
    assert_int_equal(count_events(f, "session.closed"), 1);
}

static void test_list_and_revoke_one_or_all_others(void **state)
{
    fixture *f = *state;
    add_user(f, "an", "officer", "15BB");
    add_user(f, "binh", "officer", "15BB");
    hq_sv mine = sign_in(f, "an");
    hq_sv other = sign_in(f, "an");
    hq_sv third = sign_in(f, "an");
    hq_sv strange = sign_in(f, "binh");
    reply r = call(f, HQ_GET, "/api/v1/sessions", mine, NULL);
    const hq_json *items = hq_json_get(r.json, "items");
    assert_int_equal(items->count, 3);
    int current = 0;
    for (const hq_json *c = hq_json_first(items); c != NULL; c = hq_json_next(items, c)) {
        current += hq_json_get(c, "current")->type == HQ_JSON_TRUE;
    }
    assert_int_equal(current, 1);
    /* Nobody ends a session of somebody else. */
    r = call(f, HQ_GET, "/api/v1/sessions", strange, NULL);
    hq_sv id = hq_json_get_text(hq_json_first(hq_json_get(r.json, "items")), "id");
    const char *path =
        hq_arena_printf(f->arena, "/api/v1/sessions/%.*s%c", HQ_SV_FMT(hq_sv_sub(id, 8, id.len)), 0)
            .ptr;
    assert_int_equal(call(f, HQ_DELETE, path, mine, NULL).http, 404);
    assert_int_equal(call(f, HQ_DELETE, "/api/v1/sessions/not-an-id", mine, NULL).http, 404);

    r = call(f, HQ_GET, "/api/v1/sessions", other, NULL);
    items = hq_json_get(r.json, "items");
    for (const hq_json *c = hq_json_first(items); c != NULL; c = hq_json_next(items, c)) {
        if (hq_json_get(c, "current")->type == HQ_JSON_TRUE) {
            id = hq_json_get_text(c, "id");
        }
    }
    path =
        hq_arena_printf(f->arena, "/api/v1/sessions/%.*s%c", HQ_SV_FMT(hq_sv_sub(id, 8, id.len)), 0)
            .ptr;
    assert_int_equal(call(f, HQ_DELETE, path, mine, NULL).http, 204);
    MUST_BE(authenticate(f, other, HQ_SV_NULL, HQ_GET), UNAUTHENTICATED);
    MUST(authenticate(f, third, HQ_SV_NULL, HQ_GET));
    assert_int_equal(call(f, HQ_DELETE, "/api/v1/sessions", mine, NULL).http, 204);
    MUST_BE(authenticate(f, third, HQ_SV_NULL, HQ_GET), UNAUTHENTICATED);
    MUST(authenticate(f, mine, HQ_SV_NULL, HQ_GET));
    MUST(authenticate(f, strange, HQ_SV_NULL, HQ_GET));
    assert_int_equal(count_events(f, "session.revoked"), 2);
}

static void test_a_new_password_ends_the_other_sessions(void **state)
{
    fixture *f = *state;
    add_user(f, "an", "officer", "15BB");
    hq_sv mine = sign_in(f, "an");
    hq_sv other = sign_in(f, "an");
    reply r = call(f, HQ_POST, "/api/v1/session/password", mine,
                   "{\"password\":\"wrong one here\",\"new_password\":\"mot cau khac han\"}");
    assert_int_equal(r.http, 403);
    r = call(f, HQ_POST, "/api/v1/session/password", mine,
             "{\"password\":\"" PASSWORD "\",\"new_password\":\"short\"}");
    assert_int_equal(r.http, 422);
    MUST(authenticate(f, other, HQ_SV_NULL, HQ_GET));
    r = call(f, HQ_POST, "/api/v1/session/password", mine,
             "{\"password\":\"" PASSWORD "\",\"new_password\":\"mot cau khac han\"}");
    assert_int_equal(r.http, 204);
    MUST(authenticate(f, mine, HQ_SV_NULL, HQ_GET));
    MUST_BE(authenticate(f, other, HQ_SV_NULL, HQ_GET), UNAUTHENTICATED);
    assert_null(sign_in_from(f, "an", PASSWORD, "", "192.0.2.1", NULL).ptr);
    assert_non_null(sign_in_from(f, "an", "mot cau khac han", "", "192.0.2.1", NULL).ptr);
}

static void test_bodies_and_their_faults(void **state)
{
    fixture *f = *state;
    reply r = call(f, HQ_POST, "/api/v1/session", HQ_SV_NULL, "{\"user\":\"an\",\"password\":5}");
    assert_int_equal(r.http, 422);
    assert_int_equal(r.finding_count, 3); /* no such field, a text is needed, one is missing */
    assert_true(hq_sv_eq(r.findings[0].path, HQ_SV("/user")));
    assert_true(hq_sv_eq(r.findings[1].path, HQ_SV("/password")));
    assert_true(hq_sv_eq(r.findings[2].path, HQ_SV("/username")));
    assert_int_equal(call(f, HQ_POST, "/api/v1/session", HQ_SV_NULL, "{\"user").http, 400);
    assert_int_equal(call(f, HQ_POST, "/api/v1/session", HQ_SV_NULL, "[]").http, 422);
}

#define T(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_the_cookie_is_of_this_host_only),
        T(test_a_change_needs_the_csrf_header),
        T(test_what_is_no_session),
        T(test_idle_officers_after_15_minutes),
        T(test_idle_declarants_after_30_minutes),
        T(test_twelve_hours_whatever_is_done),
        T(test_use_survives_a_restart),
        T(test_signing_out),
        T(test_list_and_revoke_one_or_all_others),
        T(test_a_new_password_ends_the_other_sessions),
        T(test_bodies_and_their_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
