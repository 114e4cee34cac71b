/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

static const char *uuid_path(fixture *f, const char *before, hq_sv id, const char *after)
{
    size_t cut = hq_sv_find(id, '/', 0) + 1;
    return hq_arena_printf(f->arena, "%s%.*s%s%c", before, HQ_SV_FMT(hq_sv_sub(id, cut, id.len)),
                           after, 0)
        .ptr;
}

/* ------------------------------------------------------------------ passwords */

static hq_status check(fixture *f, const char *password)
{
    hq_why why;
    return hq_identity__password_check(hq_sv_from_cstr(password), HQ_SV("nguyen.an"), f->arena,
                                       &why);
}

static void test_rules_of_passwords(void **state)
{
    fixture *f = *state;
    MUST(check(f, "con voi con di chua"));
    MUST(check(f, "Đường về quê xa"));
    MUST(check(f, "x7#mK2!pQ9"));
    MUST_BE(check(f, "x7#mK2!pQ"), INVALID);        /* nine */
    MUST_BE(check(f, "aaaaaaaaaaaaaaaa"), INVALID); /* one letter */
    MUST_BE(check(f, "abababababab"), INVALID);
    MUST_BE(check(f, "Mật khẩu 123"), INVALID); /* common, whatever its marks */
    MUST_BE(check(f, "Password-1234"), INVALID);
    MUST_BE(check(f, "0123456789"), INVALID);
    MUST_BE(check(f, "my nguyen.an 2026"), INVALID); /* holds the username */
    MUST_BE(check(f, "tab\x01inside the text"), INVALID);
    MUST_BE(check(f, "broken \xff utf-8 text"), INVALID);
    char longest[200];
    for (size_t i = 0; i < sizeof longest; i++) {
        longest[i] = (char)('a' + (char)(i % 20));
    }
    longest[128] = '\0';
    MUST(check(f, longest));
    longest[128] = 'x';
    longest[129] = '\0';
    MUST_BE(check(f, longest), INVALID);
}

static void test_one_text_is_one_password_however_typed(void **state)
{
    (void)state;
    hq_identity__password stored;
    uint8_t seal[32];
    uint8_t again[32];
    bool same;
    MUST(hq_identity__password_make(&stored, seal, HQ_SV("xin ch\xc3\xa0o c\xe1\xba\xa3ng")));
    MUST(
        hq_identity__password_match(&same, again, &stored, HQ_SV("xin cha\xcc\x80o ca\xcc\x89ng")));
    assert_true(same);
    assert_memory_equal(seal, again, 32);
    MUST(hq_identity__password_match(&same, again, &stored, HQ_SV("xin chao cang")));
    assert_false(same);
    assert_memory_not_equal(seal, again, 32);
    MUST(hq_identity__password_match(&same, again, NULL, HQ_SV("xin chao cang")));
    assert_false(same);
    MUST(hq_identity__password_match(&same, again, &stored, HQ_SV("\xff")));
    assert_false(same);
}

/* ------------------------------------------------------------------ adding */

static hq_status add(fixture *f, const char *username, const char *role, const char *office,
                     const char *tax_code, const char *bank, hq_sv *path)
{
    hq_why why = { { NULL, 0 }, { NULL, 0 }, { NULL, 0 } };
    hq_new_user user = { .username = hq_sv_from_cstr(username),
                         .name = HQ_SV("x"),
                         .role = hq_sv_from_cstr(role),
                         .office = hq_sv_from_cstr(office),
                         .tax_code = hq_sv_from_cstr(tax_code),
                         .bank = hq_sv_from_cstr(bank),
                         .password = HQ_SV(PASSWORD) };
    hq_status s = hq_user_add(f->identity, &user, HQ_SV("system"), f->arena, &why);
    assert_true(hq_ok(s) || (why.vi.len > 0 && why.en.len > 0));
    *path = why.path;
    return s;
}

static void test_who_can_be_added(void **state)
{
    fixture *f = *state;
    hq_sv path;
    MUST(add(f, "An.Binh", "officer", "15BB", "", "", &path));
    MUST_BE(add(f, "an.binh", "officer", "15BB", "", "", &path), EXISTS);
    MUST_BE(add(f, "a", "officer", "15BB", "", "", &path), INVALID);
    MUST_BE(add(f, "an binh", "officer", "15BB", "", "", &path), INVALID);
    assert_true(hq_sv_eq(path, HQ_SV("/username")));
    MUST_BE(add(f, "u1", "oficer", "15BB", "", "", &path), INVALID);
    assert_true(hq_sv_eq(path, HQ_SV("/role")));
    MUST_BE(add(f, "u2", "officer", "", "", "", &path), INVALID);
    assert_true(hq_sv_eq(path, HQ_SV("/office")));
    MUST_BE(add(f, "u3", "officer", "15bb", "", "", &path), INVALID);
    MUST_BE(add(f, "u4", "declarant", "", "", "", &path), INVALID);
    assert_true(hq_sv_eq(path, HQ_SV("/tax_code")));
    MUST_BE(add(f, "u5", "declarant", "15BB", "9900000011", "", &path), INVALID);
    MUST_BE(add(f, "u6", "officer", "15BB", "9900000011", "", &path), INVALID);
    MUST_BE(add(f, "u7", "bank", "", "", "", &path), INVALID);
    assert_true(hq_sv_eq(path, HQ_SV("/bank")));
    MUST(add(f, "u8", "declarant", "", "9900000011-001", "", &path));
    MUST(add(f, "u9", "bank", "", "", "VCB", &path));
    MUST(add(f, "u10", "headquarters", "", "", "", &path));
    assert_int_equal(count_events(f, "user.added"), 4);
}

static void test_a_key_says_who_it_is(void **state)
{
    fixture *f = *state;
    hq_sv key = add_key(f, "declarant", "", "9900000011", "");
    assert_int_equal(key.len, sizeof "Bearer " - 1 + HQ_IDENTITY__SECRET_LEN);
    const hq_caller *caller = caller_of_key(f, key);
    assert_int_equal(caller->role, HQ_ROLE_DECLARANT);
    assert_true(hq_sv_eq(caller->tax_code, HQ_SV("9900000011")));
    assert_true(hq_sv_starts(caller->id, HQ_SV("key/")));
    assert_true(caller->id.len <= 64);
    assert_false(caller->by_cookie);
    hq_sv bank = add_key(f, "bank", "", "", "VCB");
    assert_true(hq_sv_eq(caller_of_key(f, bank)->bank, HQ_SV("VCB")));
    /* The last letter changed. */
    char *other = hq_arena_cstr(f->arena, key);
    other[key.len - 1] = other[key.len - 1] == 'a' ? 'b' : 'a';
    hq_why why;
    MUST_BE(hq_authenticate(&caller, f->identity, hq_sv_make(other, key.len), HQ_SV_NULL,
                            HQ_SV_NULL, HQ_GET, f->arena, &why),
            UNAUTHENTICATED);
    assert_null(caller);
    MUST_BE(hq_authenticate(&caller, f->identity, HQ_SV("Basic YTpi"), HQ_SV_NULL, HQ_SV_NULL,
                            HQ_GET, f->arena, &why),
            UNAUTHENTICATED);
}

static void test_the_roster(void **state)
{
    fixture *f = *state;
    const hq_rostered *list;
    size_t count;
    hq_sv first = add_user(f, "an", "officer", "15BB");
    hq_sv second = add_user(f, "binh", "officer", "15BB");
    add_user(f, "leader", "team_leader", "15BB");
    add_user(f, "other", "officer", "15BC");
    add_key(f, "officer", "15BB", "", "");
    MUST(hq_identity_roster(&list, &count, f->identity, HQ_SV("15BB"), f->arena));
    assert_int_equal(count, 3);
    for (size_t i = 1; i < count; i++) {
        assert_true(hq_sv_cmp(list[i - 1].id, list[i].id) < 0);
    }
    MUST(hq_identity_roster(&list, &count, f->identity, HQ_SV("20BB"), f->arena));
    assert_int_equal(count, 0);

    hq_sv admin = add_key(f, "administrator", "15", "", "");
    reply r = call(f, HQ_PUT, uuid_path(f, "/api/v1/users/", first, "/roster"), admin,
                   "{\"on_roster\":false}");
    assert_int_equal(r.http, 204);
    r = call(f, HQ_POST, uuid_path(f, "/api/v1/users/", second, "/disabling"), admin, "{}");
    assert_int_equal(r.http, 204);
    MUST(hq_identity_roster(&list, &count, f->identity, HQ_SV("15BB"), f->arena));
    assert_int_equal(count, 1);
    assert_true(hq_sv_starts(list[0].id, HQ_SV("key/")));
    r = call(f, HQ_PUT, uuid_path(f, "/api/v1/keys/", list[0].id, "/roster"), admin,
             "{\"on_roster\":false}");
    assert_int_equal(r.http, 204);
    MUST(hq_identity_roster(&list, &count, f->identity, HQ_SV("15BB"), f->arena));
    assert_int_equal(count, 0);
    r = call(f, HQ_GET, "/api/v1/roster?office=15BC", admin, NULL);
    assert_int_equal(hq_json_get(r.json, "items")->count, 1);
    r = call(f, HQ_GET, "/api/v1/roster?office=20BB", admin, NULL);
    assert_int_equal(r.http, 404);
}

static void test_finding_people(void **state)
{
    fixture *f = *state;
    hq_person person;
    hq_sv id = add_user(f, "an", "officer", "15BB");
    MUST(hq_identity_find(&person, f->identity, id, f->arena));
    assert_true(hq_sv_eq(person.login, HQ_SV("an")));
    MUST(hq_identity_find(&person, f->identity, HQ_SV("an"), f->arena));
    assert_true(hq_sv_eq(person.id, id));
    assert_true(hq_sv_eq(person.office, HQ_SV("15BB")));
    add_key(f, "officer", "15BC", "", "");
    MUST(hq_identity_find(&person, f->identity, HQ_SV("key of a test"), f->arena));
    assert_true(hq_sv_starts(person.id, HQ_SV("key/")));
    MUST_BE(hq_identity_find(&person, f->identity, HQ_SV("nobody"), f->arena), NOT_FOUND);
    MUST_BE(hq_identity_find(&person, f->identity, HQ_SV(""), f->arena), NOT_FOUND);
}

/* ------------------------------------------------------------------ by administrators */

static const char officer_body[] =
    "{\"username\":\"moi\",\"name\":\"Người mới\",\"role\":\"officer\",\"office\":\"15BB\","
    "\"on_roster\":true}";

static void test_a_one_time_password_must_be_changed(void **state)
{
    fixture *f = *state;
    hq_sv code;
    hq_sv admin = add_key(f, "administrator", "15", "", "");
    reply r = call(f, HQ_POST, "/api/v1/users", admin, officer_body);
    assert_int_equal(r.http, 201);
    const char *secret = hq_arena_cstr(f->arena, hq_json_get_text(r.json, "one_time_password"));
    assert_null(sign_in_from(f, "moi", secret, "", "192.0.2.1", &code).ptr);
    assert_true(hq_sv_eq(code, HQ_SV("PASSWORD_CHANGE_REQUIRED")));
    const char *same = hq_arena_printf(f->arena, ",\"new_password\":\"%s\"%c", secret, 0).ptr;
    assert_null(sign_in_from(f, "moi", secret, same, "192.0.2.1", &code).ptr);
    advance(f, 60);
    hq_sv cookie =
        sign_in_from(f, "moi", secret, ",\"new_password\":\"" PASSWORD "\"", "192.0.2.1", &code);
    assert_non_null(cookie.ptr);
    assert_null(sign_in_from(f, "moi", secret, "", "192.0.2.1", &code).ptr);
    assert_non_null(sign_in(f, "moi").ptr);
}

static void test_a_one_time_password_ends_after_a_week(void **state)
{
    fixture *f = *state;
    hq_sv code;
    hq_sv admin = add_key(f, "administrator", "15", "", "");
    reply r = call(f, HQ_POST, "/api/v1/users", admin, officer_body);
    const char *secret = hq_arena_cstr(f->arena, hq_json_get_text(r.json, "one_time_password"));
    advance(f, 7 * 86400 + 1);
    sign_in_from(f, "moi", secret, ",\"new_password\":\"" PASSWORD "\"", "192.0.2.1", &code);
    assert_true(hq_sv_eq(code, HQ_SV("PASSWORD_EXPIRED")));
    hq_sv id = hq_json_get_text(r.json, "id");
    r = call(f, HQ_POST, uuid_path(f, "/api/v1/users/", id, "/password"), admin, "{}");
    assert_int_equal(r.http, 200);
    secret = hq_arena_cstr(f->arena, hq_json_get_text(r.json, "one_time_password"));
    assert_non_null(
        sign_in_from(f, "moi", secret, ",\"new_password\":\"" PASSWORD "\"", "192.0.2.1", &code)
            .ptr);
    assert_int_equal(count_events(f, "user.password_reset"), 1);
}

static void test_administrators_keep_to_their_scope(void **state)
{
    fixture *f = *state;
    hq_sv near = add_key(f, "administrator", "15", "", "");
    hq_sv far = add_key(f, "administrator", "20", "", "");
    hq_sv id = add_user(f, "an", "officer", "15BB");
    assert_int_equal(call(f, HQ_POST, "/api/v1/users", far, officer_body).http, 404);
    assert_int_equal(
        call(f, HQ_POST, uuid_path(f, "/api/v1/users/", id, "/disabling"), far, "{}").http, 404);
    /* Traders and banks belong to no office: only who administers the whole country adds them. */
    assert_int_equal(call(f, HQ_POST, "/api/v1/keys", near,
                          "{\"name\":\"x\",\"role\":\"declarant\",\"tax_code\":\"9900000011\"}")
                         .http,
                     404);
    reply r = call(f, HQ_GET, "/api/v1/users", near, NULL);
    assert_int_equal(hq_json_get(r.json, "items")->count, 1);
    r = call(f, HQ_GET, "/api/v1/users", far, NULL);
    assert_int_equal(hq_json_get(r.json, "items")->count, 0);
    r = call(f, HQ_GET, "/api/v1/keys", far, NULL);
    assert_int_equal(hq_json_get(r.json, "items")->count, 1);
    assert_int_equal(
        call(f, HQ_GET, "/api/v1/users", add_key(f, "officer", "15BB", "", ""), NULL).http, 403);
}

static void test_lists_go_on_with_a_cursor(void **state)
{
    fixture *f = *state;
    hq_sv admin = add_key(f, "administrator", "", "", "");
    add_user(f, "u1", "officer", "15BB");
    add_user(f, "u2", "officer", "20BB");
    add_user(f, "u3", "officer", "15BB");
    reply r = call(f, HQ_GET, "/api/v1/users?limit=2", admin, NULL);
    assert_int_equal(hq_json_get(r.json, "items")->count, 2);
    hq_sv next = hq_json_get_text(r.json, "next");
    assert_non_null(next.ptr);
    r = call(
        f, HQ_GET,
        hq_arena_printf(f->arena, "/api/v1/users?limit=2&cursor=%.*s%c", HQ_SV_FMT(next), 0).ptr,
        admin, NULL);
    assert_int_equal(hq_json_get(r.json, "items")->count, 1);
    assert_null(hq_json_get_text(r.json, "next").ptr);
    r = call(f, HQ_GET, "/api/v1/users?office=20BB", admin, NULL);
    assert_int_equal(hq_json_get(r.json, "items")->count, 1);
    assert_int_equal(call(f, HQ_GET, "/api/v1/users?limit=0", admin, NULL).http, 422);
    assert_int_equal(call(f, HQ_GET, "/api/v1/users?cursor=x", admin, NULL).http, 422);
}

static void test_disabling_ends_everything_at_once(void **state)
{
    fixture *f = *state;
    hq_sv admin = add_key(f, "administrator", "15", "", "");
    hq_sv id = add_user(f, "an", "officer", "15BB");
    hq_sv cookie = sign_in(f, "an");
    const char *off = uuid_path(f, "/api/v1/users/", id, "/disabling");
    assert_int_equal(call(f, HQ_POST, off, admin, "{}").http, 204);
    assert_int_equal(call(f, HQ_GET, "/api/v1/session", cookie, NULL).http, 401);
    assert_null(sign_in_from(f, "an", PASSWORD, "", "192.0.2.1", NULL).ptr);
    assert_int_equal(call(f, HQ_POST, off, admin, "{}").http, 204);
    assert_int_equal(count_events(f, "user.disabled"), 1); /* once */
    assert_int_equal(
        call(f, HQ_POST, uuid_path(f, "/api/v1/users/", id, "/enabling"), admin, "{}").http, 204);
    assert_non_null(sign_in(f, "an").ptr);
    assert_int_equal(call(f, HQ_GET, "/api/v1/session", cookie, NULL).http, 401); /* stays over */
}

static void test_a_revoked_key_is_nobody(void **state)
{
    fixture *f = *state;
    hq_sv admin = add_key(f, "administrator", "15", "", "");
    hq_sv key = add_key(f, "officer", "15BB", "", "");
    hq_sv id = caller_of_key(f, key)->id;
    assert_int_equal(call(f, HQ_DELETE, uuid_path(f, "/api/v1/keys/", id, ""), admin, NULL).http,
                     204);
    assert_int_equal(call(f, HQ_GET, "/api/v1/roles", key, NULL).http, 401);
    assert_int_equal(count_events(f, "key.revoked"), 1);
}

/* ------------------------------------------------------------------ four eyes over routes */

static const char head_key[] = "{\"name\":\"x\",\"role\":\"branch_head\",\"office\":\"15BB\"}";

static void test_a_powerful_key_needs_two_administrators(void **state)
{
    fixture *f = *state;
    hq_sv one = add_key(f, "administrator", "15", "", "");
    hq_sv two = add_key(f, "administrator", "", "", "");
    reply r = call(f, HQ_POST, "/api/v1/keys", one, head_key);
    assert_int_equal(r.http, 202);
    hq_sv approval = hq_json_get_text(r.json, "approval");
    r = call(f, HQ_POST, "/api/v1/keys", one, head_key);
    assert_int_equal(r.http, 202);
    assert_true(hq_sv_eq(hq_json_get_text(r.json, "approval"), approval));
    r = call(f, HQ_GET, "/api/v1/approvals", two, NULL);
    assert_int_equal(hq_json_get(r.json, "items")->count, 1);
    r = call(f, HQ_GET, "/api/v1/approvals", add_key(f, "officer", "15BB", "", ""), NULL);
    assert_int_equal(hq_json_get(r.json, "items")->count, 0);
    r = call(f, HQ_POST, "/api/v1/keys", two, head_key);
    assert_int_equal(r.http, 201);
    hq_sv key =
        hq_arena_printf(f->arena, "Bearer %.*s", HQ_SV_FMT(hq_json_get_text(r.json, "key")));
    assert_int_equal(caller_of_key(f, key)->role, HQ_ROLE_BRANCH_HEAD);
    r = call(f, HQ_GET, "/api/v1/approvals", two, NULL);
    assert_int_equal(hq_json_get(r.json, "items")->count, 0);
    /* An officer's key needs one. */
    r = call(f, HQ_POST, "/api/v1/keys", one,
             "{\"name\":\"x\",\"role\":\"officer\",\"office\":\"15BB\"}");
    assert_int_equal(r.http, 201);
}

static void test_an_own_key_is_no_second_person(void **state)
{
    fixture *f = *state;
    add_user(f, "root", "administrator", "");
    hq_sv one = sign_in(f, "root");
    hq_sv two = add_key(f, "administrator", "", "", "");
    const char body[] = "{\"name\":\"mine\",\"role\":\"administrator\"}";
    assert_int_equal(call(f, HQ_POST, "/api/v1/keys", two, body).http, 202);
    reply r = call(f, HQ_POST, "/api/v1/keys", one, body); /* root carries it out: root's key */
    assert_int_equal(r.http, 201);
    hq_sv own =
        hq_arena_printf(f->arena, "Bearer %.*s", HQ_SV_FMT(hq_json_get_text(r.json, "key")));
    assert_int_equal(call(f, HQ_POST, "/api/v1/keys", one, head_key).http, 202);
    assert_int_equal(call(f, HQ_POST, "/api/v1/keys", own, head_key).http, 202);
    assert_int_equal(call(f, HQ_POST, "/api/v1/keys", two, head_key).http, 201);
}

static void test_a_powerful_user_needs_two_administrators(void **state)
{
    fixture *f = *state;
    hq_sv one = add_key(f, "administrator", "15", "", "");
    hq_sv two = add_key(f, "administrator", "15", "", "");
    const char body[] = "{\"username\":\"sep\",\"name\":\"x\",\"role\":\"branch_head\","
                        "\"office\":\"15BB\"}";
    assert_int_equal(call(f, HQ_POST, "/api/v1/users", one, body).http, 202);
    reply r = call(f, HQ_POST, "/api/v1/users", two, body);
    assert_int_equal(r.http, 201);
    hq_sv id = hq_json_get_text(r.json, "id");
    const char *reset = uuid_path(f, "/api/v1/users/", id, "/password");
    assert_int_equal(call(f, HQ_POST, reset, one, "{}").http, 202);
    assert_int_equal(call(f, HQ_POST, reset, two, "{}").http, 200);
}

#define T(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_rules_of_passwords),
        T(test_one_text_is_one_password_however_typed),
        T(test_who_can_be_added),
        T(test_a_key_says_who_it_is),
        T(test_the_roster),
        T(test_finding_people),
        T(test_a_one_time_password_must_be_changed),
        T(test_a_one_time_password_ends_after_a_week),
        T(test_administrators_keep_to_their_scope),
        T(test_lists_go_on_with_a_cursor),
        T(test_disabling_ends_everything_at_once),
        T(test_a_revoked_key_is_nobody),
        T(test_a_powerful_key_needs_two_administrators),
        T(test_an_own_key_is_no_second_person),
        T(test_a_powerful_user_needs_two_administrators),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
