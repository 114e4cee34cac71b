/* SPDX-License-Identifier: Apache-2.0 */
#include "house.h"

#include <sodium.h>

#include "../sink.h"

static const char said_yes[] = "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";
static const char said_no[] =
    "HTTP/1.1 500 Broken\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
static const char said_gone[] =
    "HTTP/1.1 410 Gone\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
static const char *const yes[] = { said_yes };
static const char *const no[] = { said_no };

static reply subscribe(house *h, const hq_caller *caller, const sink *s, const char *kinds)
{
    char body[300];
    snprintf(body, sizeof body, "{\"url\":\"http://127.0.0.1:%u/hook\",\"kinds\":%s}", s->port,
             kinds);
    reply r = house_call(h, HQ_POST, "/api/v1/webhooks", "", caller, body);
    check_status(r.status, OK);
    assert_int_equal(r.http, 201);
    return r;
}

static reply show(house *h, const hq_caller *caller, hq_sv id, const char *more, hq_method method,
                  const char *body)
{
    char path[128];
    snprintf(path, sizeof path, "/api/v1/webhooks/%.*s%s", HQ_SV_FMT(id), more);
    return house_call(h, method, path, "", caller, body);
}

/* Text of a header of a request that came. */
static hq_sv header(house *h, const char *request, const char *name)
{
    char start[64];
    snprintf(start, sizeof start, "\r\n%s: ", name);
    const char *at = strstr(request, start);
    assert_non_null(at);
    at += strlen(start);
    return hq_sv_from_cstr(
        hq_arena_cstr(h->arena, hq_sv_make(at, (size_t)(strstr(at, "\r\n") - at))));
}

static const char *body_of(const char *request)
{
    return strstr(request, "\r\n\r\n") + 4;
}

/* Recomputes the signature as a receiver would, from the secret that was shown. */
static void check_signature(house *h, const char *request, hq_sv secret_text)
{
    uint8_t secret[64], mac[crypto_auth_hmacsha256_BYTES];
    size_t len = 0;
    assert_true(hq_sv_starts(secret_text, HQ_SV("whsec_")));
    assert_int_equal(sodium_base642bin(secret, sizeof secret, secret_text.ptr + 6,
                                       secret_text.len - 6, NULL, &len, NULL,
                                       sodium_base64_VARIANT_ORIGINAL),
                     0);
    assert_int_equal(len, crypto_auth_hmacsha256_KEYBYTES);
    hq_sv signed_text =
        hq_arena_printf(h->arena, "%.*s.%.*s.%s", HQ_SV_FMT(header(h, request, "webhook-id")),
                        HQ_SV_FMT(header(h, request, "webhook-timestamp")), body_of(request));
    crypto_auth_hmacsha256(mac, (const uint8_t *)signed_text.ptr, signed_text.len, secret);
    char base64[64] = "v1,";
    sodium_bin2base64(base64 + 3, sizeof base64 - 3, mac, sizeof mac,
                      sodium_base64_VARIANT_ORIGINAL);
    check_text(header(h, request, "webhook-signature"), base64);
}

static void test_an_event_comes_signed_and_says_only_what_may_leave(void **state)
{
    house *h = *state;
    sink s;
    sink_open(&s, yes, 1);
    const hq_caller *trader = house_caller(h, TRADER);
    reply made = subscribe(h, trader, &s, "[]");
    int64_t position = house_event(h, "declaration.registered", TRADER, "",
                                   ",\"channel\":\"RED\",\"score\":0.93,\"reasons\":[\"rule 7\"]");
    house_settle(h);
    assert_int_equal(s.count, 1);
    check_signature(h, s.kept[0], hq_json_get_text(made.json, "secret"));
    const hq_json *event;
    check_status(hq_json_parse(&event, hq_sv_from_cstr(body_of(s.kept[0])), h->arena, NULL), OK);
    check_text(hq_json_get_text(event, "specversion"), "1.0");
    check_text(hq_json_get_text(event, "type"), "declaration.registered");
    check_text(hq_json_get_text(event, "subject"), "declaration/10000000001");
    check_text(hq_json_get_text(event, "id"), header(h, s.kept[0], "webhook-id").ptr);
    const hq_json *told = hq_json_get(event, "data");
    check_text(hq_json_get_text(told, "channel"), "RED");
    check_text(hq_json_get_text(told, "number"), "100000000010");
    int64_t at = 0;
    assert_true(hq_json_get_i64(&at, told, "position") && at == position);
    assert_null(strstr(s.kept[0], "score"));
    assert_null(strstr(s.kept[0], "reasons"));
    assert_null(strstr(s.kept[0], "an-officer"));
    /* The secret is shown once. */
    reply r = show(h, trader, hq_json_get_text(made.json, "id"), "", HQ_GET, "");
    check_text(member(&r, "secret"), "absent");
    check_text(member(&r, "state"), "active");
    check_text(member(&r, "waiting"), "0");
    sink_close(&s);
}

static void test_a_declarant_hears_of_his_own_only(void **state)
{
    house *h = *state;
    sink trader_sink, agent_sink;
    sink_open(&trader_sink, yes, 1);
    sink_open(&agent_sink, yes, 1);
    const hq_caller *trader = house_caller(h, TRADER), *agent = house_caller(h, AGENT);
    subscribe(h, trader, &trader_sink, "[]");
    subscribe(h, agent, &agent_sink, "[\"declaration.cleared\"]");
    house_event(h, "declaration.registered", TRADER, "", "");
    house_event(h, "declaration.registered", TRADER, AGENT, "");
    house_event(h, "declaration.cleared", TRADER, AGENT, "");
    house_event(h, "declaration.cleared", "9900000077", "", "");
    house_event(h, "declaration.held", TRADER, AGENT, "");
    house_event(h, "declaration.assigned", TRADER, AGENT, "");
    house_settle(h);
    assert_int_equal(trader_sink.count, 3);
    assert_int_equal(agent_sink.count, 1);
    assert_non_null(strstr(agent_sink.kept[0], "\"type\":\"declaration.cleared\""));
    sink_close(&trader_sink);
    sink_close(&agent_sink);
}

/* Events of debts name the enterprise and who pays for it in their own words. */
static void test_a_declarant_hears_of_his_debts(void **state)
{
    house *h = *state;
    sink trader_sink, agent_sink;
    sink_open(&trader_sink, yes, 1);
    sink_open(&agent_sink, yes, 1);
    subscribe(h, house_caller(h, TRADER), &trader_sink, "[\"debt.opened\",\"debt.paid\"]");
    subscribe(h, house_caller(h, AGENT), &agent_sink, "[\"debt.paid\"]");
    const char *owed = ",\"tax_code\":\"" TRADER "\",\"left_vnd\":5";
    house_event(h, "debt.opened", "9900000077", "", owed);
    house_event(h, "debt.paid", "9900000077", "",
                ",\"tax_code\":\"" TRADER "\",\"payer_tax_code\":\"" AGENT
                "\",\"bank\":\"VDB\",\"amount_vnd\":5,\"left_vnd\":0");
    house_settle(h);
    assert_int_equal(trader_sink.count, 2);
    assert_int_equal(agent_sink.count, 1);
    assert_non_null(strstr(agent_sink.kept[0], "\"left_vnd\":0"));
    assert_null(strstr(agent_sink.kept[0], "VDB"));
    sink_close(&trader_sink);
    sink_close(&agent_sink);
}

static void test_failures_are_tried_again_in_order_and_later_and_later(void **state)
{
    house *h = *state;
    static const char *const answers[] = { said_no, said_no, said_yes };
    sink s;
    sink_open(&s, answers, 3);
    const hq_caller *trader = house_caller(h, TRADER);
    reply made = subscribe(h, trader, &s, "[]");
    hq_sv id = hq_json_get_text(made.json, "id");
    house_event(h, "declaration.registered", TRADER, "", "");
    house_event(h, "declaration.cleared", TRADER, "", "");
    house_settle(h);
    assert_int_equal(s.count, 1); /* the second waits behind the first */
    reply r = show(h, trader, id, "", HQ_GET, "");
    check_text(member(&r, "waiting"), "2");
    check_text(member(&r, "failures"), "1");
    check_text(member(&r, "error"), "the receiver answered 500");
    check_status(hq_test_clock_advance(h->clock, 4 * HQ_US_PER_SECOND), OK);
    house_settle(h);
    assert_int_equal(s.count, 1); /* not yet: 5 seconds */
    check_status(hq_test_clock_advance(h->clock, HQ_US_PER_SECOND), OK);
    house_settle(h);
    assert_int_equal(s.count, 2);
    check_status(hq_test_clock_advance(h->clock, 30 * HQ_US_PER_SECOND), OK);
    house_settle(h);
    assert_int_equal(s.count, 4);
    for (size_t i = 0; i < 3; i++) {
        assert_non_null(strstr(s.kept[i], "declaration.registered"));
    }
    check_text(header(h, s.kept[0], "webhook-id"), header(h, s.kept[2], "webhook-id").ptr);
    assert_non_null(strstr(s.kept[3], "declaration.cleared"));
    r = show(h, trader, id, "", HQ_GET, "");
    check_text(member(&r, "waiting"), "0");
    check_text(member(&r, "failures"), "0");
    check_text(member(&r, "error"), "null");
    sink_close(&s);
}

static void fail_until_parked(house *h)
{
    for (int i = 0; i < 10; i++) {
        house_settle(h);
        check_status(hq_test_clock_advance(h->clock, 13 * 3600 * HQ_US_PER_SECOND), OK);
    }
    house_settle(h);
}

static void test_it_is_parked_after_ten_failures_and_woken_by_a_replay(void **state)
{
    house *h = *state;
    sink s;
    sink_open(&s, no, 1);
    const hq_caller *trader = house_caller(h, TRADER);
    hq_sv id = hq_json_get_text(subscribe(h, trader, &s, "[]").json, "id");
    int64_t first = house_event(h, "declaration.registered", TRADER, "", "");
    fail_until_parked(h);
    assert_int_equal(s.count, 10);
    reply r = show(h, trader, id, "", HQ_GET, "");
    check_text(member(&r, "state"), "parked");
    house_event(h, "declaration.cleared", TRADER, "", ""); /* recorded all the same */
    house_settle(h);
    assert_int_equal(s.count, 10);
    pthread_mutex_lock(&s.lock);
    s.answers = yes;
    pthread_mutex_unlock(&s.lock);
    char body[64];
    snprintf(body, sizeof body, "{\"from\":%lld}", (long long)first);
    r = show(h, trader, id, "/replay", HQ_POST, body);
    check_status(r.status, OK);
    check_text(member(&r, "queued"), "2");
    check_text(member(&r, "next"), "null");
    house_settle(h);
    assert_int_equal(s.count, 12);
    r = show(h, trader, id, "", HQ_GET, "");
    check_text(member(&r, "state"), "active");
    /* Once more from the start, also what was delivered. */
    check_status(show(h, trader, id, "/replay", HQ_POST, body).status, OK);
    house_settle(h);
    assert_int_equal(s.count, 14);
    check_status(show(h, trader, id, "/replay", HQ_POST, "{\"from\":0}").status, INVALID);
    check_status(show(h, trader, id, "/replay", HQ_POST, "{\"form\":1}").status, INVALID);
    sink_close(&s);
}

static void test_it_ends_when_parked_too_long_or_told_to_go(void **state)
{
    house *h = *state;
    static const char *const gone[] = { said_gone };
    sink failing, leaving;
    sink_open(&failing, no, 1);
    sink_open(&leaving, gone, 1);
    const hq_caller *trader = house_caller(h, TRADER), *agent = house_caller(h, AGENT);
    hq_sv parked = hq_json_get_text(subscribe(h, trader, &failing, "[]").json, "id");
    hq_sv left = hq_json_get_text(subscribe(h, agent, &leaving, "[]").json, "id");
    house_event(h, "declaration.registered", TRADER, AGENT, "");
    house_settle(h);
    reply r = show(h, agent, left, "", HQ_GET, "");
    check_text(member(&r, "state"), "ended");
    check_text(member(&r, "waiting"), "0");
    fail_until_parked(h);
    check_status(hq_test_clock_advance(h->clock, 8 * HQ_US_PER_DAY), OK);
    house_settle(h);
    r = show(h, trader, parked, "", HQ_GET, "");
    check_text(member(&r, "state"), "ended");
    check_text(member(&r, "error"), "it was parked for seven days");
    check_status(show(h, trader, parked, "/replay", HQ_POST, "{\"from\":1}").status, CONFLICT);
    sink_close(&failing);
    sink_close(&leaving);
}

static void test_it_ends_with_the_key_that_made_it(void **state)
{
    house *h = *state;
    sink s;
    sink_open(&s, yes, 1);
    hq_caller nobody = *house_caller(h, TRADER);
    nobody.id = HQ_SV("key/0190163d-8694-739b-aea5-966c26f8ad91"); /* revoked: not known any more */
    hq_sv id = hq_json_get_text(subscribe(h, &nobody, &s, "[]").json, "id");
    house_event(h, "declaration.registered", TRADER, "", "");
    house_settle(h);
    assert_int_equal(s.count, 0);
    reply r = show(h, &nobody, id, "", HQ_GET, "");
    check_text(member(&r, "state"), "ended");
    sink_close(&s);
}

static void test_only_the_owner_sees_and_ends_it(void **state)
{
    house *h = *state;
    sink s;
    sink_open(&s, yes, 1);
    const hq_caller *trader = house_caller(h, TRADER), *other = house_caller(h, AGENT);
    hq_sv id = hq_json_get_text(subscribe(h, trader, &s, "[]").json, "id");
    check_status(show(h, other, id, "", HQ_GET, "").status, NOT_FOUND);
    check_status(show(h, other, id, "", HQ_DELETE, "").status, NOT_FOUND);
    check_status(show(h, other, id, "/replay", HQ_POST, "{\"from\":1}").status, NOT_FOUND);
    reply r = house_call(h, HQ_GET, "/api/v1/webhooks", "", other, "");
    assert_int_equal(hq_json_get(r.json, "items")->count, 0);
    r = house_call(h, HQ_GET, "/api/v1/webhooks", "", trader, "");
    assert_int_equal(hq_json_get(r.json, "items")->count, 1);
    check_status(show(h, trader, id, "", HQ_DELETE, "").status, OK);
    check_status(show(h, trader, id, "", HQ_DELETE, "").status, OK);
    house_event(h, "declaration.registered", TRADER, "", "");
    house_settle(h);
    assert_int_equal(s.count, 0);
    sink_close(&s);
}

static void check_refused(house *h, const hq_caller *caller, const char *body, hq_code code,
                          const char *path)
{
    reply r = house_call(h, HQ_POST, "/api/v1/webhooks", "", caller, body);
    if (r.status.code != code) {
        fail_msg("%s: %s", body, hq_status_name(r.status));
    }
    check_text(r.why.path, path);
    assert_true(r.why.vi.len > 0 && r.why.en.len > 0);
}

static void test_what_cannot_be_subscribed(void **state)
{
    house *h = *state;
    const hq_caller *trader = house_caller(h, TRADER);
    check_refused(h, trader, "{\"url\":\"ftp://a/\"}", HQ_E_INVALID, "/url");
    check_refused(h, trader, "{}", HQ_E_INVALID, "/url");
    check_refused(h, trader, "{\"url\":\"https://a:b@c/\"}", HQ_E_INVALID, "/url");
    check_refused(h, trader, "{\"url\":\"https:///x\"}", HQ_E_INVALID, "/url");
    check_refused(h, trader, "{\"url\":\"https://a/ b\"}", HQ_E_INVALID, "/url");
    check_refused(h, trader, "{\"url\":\"https://a/\",\"kinds\":[\"declaration.held\"]}",
                  HQ_E_INVALID, "/kinds/0");
    check_refused(h, trader, "{\"url\":\"https://a/\",\"kinds\":1}", HQ_E_INVALID, "/kinds");
    check_refused(h, trader, "{\"uri\":\"https://a/\"}", HQ_E_INVALID, "/uri");
    check_refused(h, trader, "[]", HQ_E_INVALID, "");
    check_refused(h, trader, "{", HQ_E_SYNTAX, "");
    for (int i = 0; i < 20; i++) {
        check_status(
            house_call(h, HQ_POST, "/api/v1/webhooks", "", trader, "{\"url\":\"https://a/\"}")
                .status,
            OK);
    }
    check_refused(h, trader, "{\"url\":\"https://a/\"}", HQ_E_CONFLICT, "");
}

static void test_what_waits_survives_a_restart(void **state)
{
    house *h = *state;
    static const char *const answers[] = { said_no, said_yes };
    sink s;
    sink_open(&s, answers, 2);
    const hq_caller *trader = house_caller(h, TRADER);
    subscribe(h, trader, &s, "[]");
    house_event(h, "declaration.registered", TRADER, "", "");
    house_settle(h);
    house_reopen(h);
    house_event(h, "declaration.cleared", TRADER, "", "");
    check_status(hq_test_clock_advance(h->clock, 60 * HQ_US_PER_SECOND), OK);
    house_settle(h);
    assert_int_equal(s.count, 3);
    assert_non_null(strstr(s.kept[1], "declaration.registered"));
    assert_non_null(strstr(s.kept[2], "declaration.cleared"));
    sink_close(&s);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, house_set_up, house_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_an_event_comes_signed_and_says_only_what_may_leave),
        TEST(test_a_declarant_hears_of_his_own_only),
        TEST(test_a_declarant_hears_of_his_debts),
        TEST(test_failures_are_tried_again_in_order_and_later_and_later),
        TEST(test_it_is_parked_after_ten_failures_and_woken_by_a_replay),
        TEST(test_it_ends_when_parked_too_long_or_told_to_go),
        TEST(test_it_ends_with_the_key_that_made_it),
        TEST(test_only_the_owner_sees_and_ends_it),
        TEST(test_what_cannot_be_subscribed),
        TEST(test_what_waits_survives_a_restart),
    };
    return hq_ok(hq_base_init()) ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
