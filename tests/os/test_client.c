/* SPDX-License-Identifier: Apache-2.0 */
#include "../check.h"

#include "../sink.h"

static const char answer_ok[] = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
                                "Content-Length: 5\r\nConnection: close\r\n\r\nhello";
static const char answer_bad[] = "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n";

static hq_sv address_of(hq_arena *arena, const sink *s, const char *path)
{
    return hq_arena_printf(arena, "http://127.0.0.1:%u%s", s->port, path);
}

static void test_a_call_carries_its_headers_and_body(void **state)
{
    (void)state;
    const char *const answers[] = { answer_ok, answer_bad };
    sink s;
    sink_open(&s, answers, 2);
    hq_arena *arena = hq_arena_new(1 << 20);
    hq_http_reply reply;
    hq_why why = { 0 };
    hq_sv headers[] = { HQ_SV("Content-Type: application/json"), HQ_SV("X-Mark: 7") };
    hq_http_call call = { .method = "POST",
                          .url = address_of(arena, &s, "/hook?x=1"),
                          .headers = headers,
                          .header_count = 2,
                          .body = HQ_SV("{\"a\":1}") };
    check_status(hq_http_fetch(&reply, &why, arena, &call), OK);
    assert_int_equal(reply.http, 200);
    check_text(reply.content_type, "text/plain");
    check_text(reply.body, "hello");
    assert_non_null(strstr(s.kept[0], "POST /hook?x=1 HTTP/1.1\r\n"));
    assert_non_null(strstr(s.kept[0], "\r\nX-Mark: 7\r\n"));
    assert_non_null(strstr(s.kept[0], "\r\n\r\n{\"a\":1}"));
    assert_null(strstr(s.kept[0], "Expect:"));
    /* An answer that says no is an answer. */
    check_status(hq_http_fetch(&reply, &why, arena, &call), OK);
    assert_int_equal(reply.http, 503);
    assert_int_equal(reply.body.len, 0);
    hq_arena_free(arena);
    sink_close(&s);
}

static void check_call(hq_http_call call, hq_code code)
{
    hq_arena *arena = hq_arena_new(1 << 20);
    hq_http_reply reply;
    hq_why why = { 0 };
    call.method = call.method == NULL ? "GET" : call.method;
    hq_status s = hq_http_fetch(&reply, &why, arena, &call);
    if (s.code != code) {
        fail_msg("%.*s: %s", HQ_SV_FMT(call.url), hq_status_name(s));
    }
    if (hq_failed(s)) {
        assert_true(why.en.len > 0 && why.vi.len > 0);
    }
    hq_arena_free(arena);
}

static void test_limits_and_refusals(void **state)
{
    (void)state;
    const char *const answers[] = { answer_ok };
    sink s;
    sink_open(&s, answers, 1);
    hq_arena *arena = hq_arena_new(1 << 20);
    hq_sv url = address_of(arena, &s, "/");
    hq_sv sly[] = { HQ_SV("X-A: b\r\nX-C: d") };
    check_call((hq_http_call){ .url = url, .answer_max = 5 }, HQ_E_OK);
    check_call((hq_http_call){ .url = url, .answer_max = 4 }, HQ_E_LIMIT);
    check_call((hq_http_call){ .url = url, .public_only = true }, HQ_E_FORBIDDEN);
    check_call((hq_http_call){ .url = HQ_SV("http://localhost/"), .public_only = true },
               HQ_E_FORBIDDEN);
    check_call((hq_http_call){ .url = url, .headers = sly, .header_count = 1 }, HQ_E_SYNTAX);
    check_call((hq_http_call){ .url = HQ_SV("file:///etc/passwd") }, HQ_E_SYNTAX);
    check_call((hq_http_call){ .url = HQ_SV("gopher://127.0.0.1/") }, HQ_E_SYNTAX);
    check_call((hq_http_call){ .url = HQ_SV("http://a\nb/") }, HQ_E_SYNTAX);
    size_t before = s.count;
    hq_arena_free(arena);
    sink_close(&s);
    assert_int_equal(before, 2); /* the refused calls never came */
    check_call((hq_http_call){ .url = HQ_SV("http://127.0.0.1:1/") }, HQ_E_IO);
}

static void test_redirects_only_where_asked(void **state)
{
    (void)state;
    char away[256];
    const char *answers[] = { away, answer_ok };
    sink s;
    sink_open(&s, answers, 2);
    snprintf(away, sizeof away,
             "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:%u/other\r\n"
             "Content-Length: 0\r\nConnection: close\r\n\r\n",
             s.port);
    hq_arena *arena = hq_arena_new(1 << 20);
    hq_http_reply reply;
    hq_http_call call = { .method = "GET", .url = address_of(arena, &s, "/"), .redirects_max = 1 };
    check_status(hq_http_fetch(&reply, NULL, arena, &call), OK);
    assert_int_equal(reply.http, 200);
    assert_non_null(strstr(s.kept[1], "GET /other "));
    sink_close(&s);
    sink_open(&s, answers, 1);
    call.url = address_of(arena, &s, "/");
    call.redirects_max = 0;
    check_status(hq_http_fetch(&reply, NULL, arena, &call), OK);
    assert_int_equal(reply.http, 302);
    sink_close(&s);
    hq_arena_free(arena);
}

static void test_an_answer_that_does_not_come_times_out(void **state)
{
    (void)state;
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof at;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&at, &len), 0);
    hq_arena *arena = hq_arena_new(1 << 20);
    check_call(
        (hq_http_call){ .url = hq_arena_printf(arena, "http://127.0.0.1:%u/", ntohs(at.sin_port)),
                        .total_ms = 100 },
        HQ_E_TIMEOUT);
    hq_arena_free(arena);
    close(listener);
}

static bool is_public(const char *text)
{
    struct sockaddr_in in = { .sin_family = AF_INET };
    struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
    if (inet_pton(AF_INET, text, &in.sin_addr) == 1) {
        return hq_address_is_public((const struct sockaddr *)&in);
    }
    assert_int_equal(inet_pton(AF_INET6, text, &in6.sin6_addr), 1);
    return hq_address_is_public((const struct sockaddr *)&in6);
}

static void test_which_addresses_are_public(void **state)
{
    (void)state;
    static const char *const open[] = { "1.1.1.1",         "9.255.255.255",  "11.0.0.1",
                                        "172.15.0.1",      "172.32.0.1",     "192.167.1.1",
                                        "223.255.0.1",     "100.63.0.1",     "100.128.0.1",
                                        "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808" };
    static const char *const closed[] = {
        "0.0.0.0",       "10.1.2.3",        "127.0.0.1",       "169.254.169.254",
        "172.16.0.1",    "172.31.255.255",  "192.168.0.1",     "100.64.0.1",
        "198.18.0.1",    "224.0.0.1",       "255.255.255.255", "::",
        "::1",           "fe80::1",         "fd00::1",         "fec0::1",
        "ff02::1",       "::ffff:10.0.0.1", "::127.0.0.1",     "64:ff9b::7f00:1",
        "2002:7f00:1::", "2001:db8::1",     "2001::1"
    };
    for (size_t i = 0; i < sizeof open / sizeof *open; i++) {
        if (!is_public(open[i])) {
            fail_msg("%s is public", open[i]);
        }
    }
    for (size_t i = 0; i < sizeof closed / sizeof *closed; i++) {
        if (is_public(closed[i])) {
            fail_msg("%s is not public", closed[i]);
        }
    }
    assert_false(hq_address_is_public(&(const struct sockaddr){ .sa_family = AF_UNIX }));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_call_carries_its_headers_and_body),
        cmocka_unit_test(test_limits_and_refusals),
        cmocka_unit_test(test_redirects_only_where_asked),
        cmocka_unit_test(test_an_answer_that_does_not_come_times_out),
        cmocka_unit_test(test_which_addresses_are_public),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
