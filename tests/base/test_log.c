/* SPDX-License-Identifier: Apache-2.0 */
#include "../check.h"

#include <fcntl.h>
#include <unistd.h>

static hq_time_us noon(const hq_clock *clock)
{
    (void)clock;
    return INT64_C(1795150800000000);
}

/* What one call writes to stderr. */
static hq_sv logged(char *to, size_t room, void (*call)(void))
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    int kept = dup(STDERR_FILENO);
    dup2(ends[1], STDERR_FILENO);
    call();
    dup2(kept, STDERR_FILENO);
    close(kept);
    close(ends[1]);
    ssize_t len = read(ends[0], to, room);
    close(ends[0]);
    return hq_sv_make(to, len < 0 ? 0 : (size_t)len);
}

static void plain(void)
{
    hq_log(HQ_LOG_NOTE, "listening", "address", "127.0.0.1:\"8\"\n\xff", "none", NULL, NULL);
}
static void quiet(void)
{
    hq_log(HQ_LOG_DEBUG, "detail", NULL);
}
static void overlong(void)
{
    static char wide[9000];
    memset(wide, 'x', sizeof wide - 1);
    hq_log(HQ_LOG_ERROR, "event", "first", "1", "wide", wide, "after", "2", NULL);
}

static void test_lines_are_json(void **state)
{
    (void)state;
    static const hq_clock clock = { noon };
    char to[8192];
    check_text(logged(to, sizeof to, plain),
               "{\"level\":\"note\",\"event\":\"listening\","
               "\"address\":\"127.0.0.1:\\\"8\\\"\\u000a\\u00ff\",\"none\":null}\n");
    check_text(logged(to, sizeof to, quiet), "");
    hq_log_set_clock(&clock);
    hq_log_set_level(HQ_LOG_DEBUG);
    check_text(logged(to, sizeof to, quiet), "{\"at\":\"2026-11-20T12:00:00+07:00\","
                                             "\"level\":\"debug\",\"event\":\"detail\"}\n");
    hq_log_set_clock(NULL);
    check_text(logged(to, sizeof to, overlong),
               "{\"level\":\"error\",\"event\":\"event\",\"first\":\"1\",\"cut\":true}\n");
}

static void test_metrics_are_prometheus_text(void **state)
{
    (void)state;
    hq_metric *ok = hq_metric_register(HQ_METRIC_COUNTER, "hq_requests_total", "code=\"200\"",
                                       "Requests answered.");
    hq_metric *open = hq_metric_register(HQ_METRIC_GAUGE, "hq_open", NULL, "Open connections.");
    hq_metric *bad = hq_metric_register(HQ_METRIC_COUNTER, "hq_requests_total", "code=\"400\"",
                                        "Requests answered.");
    assert_ptr_equal(ok, hq_metric_register(HQ_METRIC_COUNTER, "hq_requests_total", "code=\"200\"",
                                            "Requests answered."));
    hq_metric *took =
        hq_metric_register(HQ_METRIC_HISTOGRAM, "hq_took_seconds", NULL, "Time to answer.");
    hq_metric_add(ok, 2);
    hq_metric_add(bad, 1);
    hq_metric_set(open, -3);
    hq_metric_observe_us(took, 100);
    hq_metric_observe_us(took, 101);
    hq_metric_observe_us(took, 99000000);
    hq_metric_add(NULL, 1);
    assert_int_equal(hq_metric_value(took), 3);
    assert_int_equal(hq_metric_value(NULL), 0);
    hq_buf buf = HQ_BUF_HEAP(1 << 20);
    hq_metrics_write(&buf);
    hq_buf_char(&buf, '\0');
    assert_non_null(strstr(buf.ptr, "# HELP hq_requests_total Requests answered.\n"
                                    "# TYPE hq_requests_total counter\n"
                                    "hq_requests_total{code=\"200\"} 2\n"
                                    "hq_requests_total{code=\"400\"} 1\n"));
    assert_non_null(strstr(buf.ptr, "# TYPE hq_open gauge\nhq_open -3\n"));
    assert_non_null(strstr(buf.ptr, "hq_took_seconds_bucket{le=\"0.0001\"} 1\n"
                                    "hq_took_seconds_bucket{le=\"0.0002\"} 2\n"));
    assert_non_null(strstr(buf.ptr, "hq_took_seconds_bucket{le=\"10\"} 2\n"
                                    "hq_took_seconds_bucket{le=\"+Inf\"} 3\n"
                                    "hq_took_seconds_sum 99.000201\n"
                                    "hq_took_seconds_count 3\n"));
    hq_buf_free(&buf);
}

static void test_statuses_have_texts_in_both_languages(void **state)
{
    (void)state;
    assert_string_equal(hq_status_name(HQ_FAIL(NOT_FOUND)), "NOT_FOUND");
    assert_int_equal(hq_status_http(HQ_FAIL(KEY_REUSED)), 422);
    assert_true(hq_status_retryable(HQ_FAIL(BUSY)) && !hq_status_retryable(HQ_FAIL(INVALID)));
    assert_string_equal(hq_status_text_vi(HQ_FAIL(LIMIT)), "vượt quá giới hạn");
    assert_string_equal(hq_status_name((hq_status){ (hq_code)999 }), "INTERNAL");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines_are_json),
        cmocka_unit_test(test_metrics_are_prometheus_text),
        cmocka_unit_test(test_statuses_have_texts_in_both_languages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
