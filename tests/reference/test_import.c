/* SPDX-License-Identifier: Apache-2.0 */
#include "store.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define RATES "currency,valid_from,valid_to,rate,source\n"

static int64_t rate_on(stored *s, const char *on)
{
    const hq_ref *ref = hq_reference_acquire(s->reference);
    const hq_rate_row *row = hq_ref_rate(ref, hq_code4_of(HQ_SV("USD")), day(on));
    int64_t units = row == NULL ? 0 : row->rate.units;
    hq_reference_release(s->reference, ref);
    return units;
}

static int count_events(stored *s)
{
    hq_event_view *events;
    size_t count;
    MUST(hq_journal_read(&events, &count, s->store, 0, 1000, s->arena));
    return (int)count;
}

static void must_be_intact(stored *s)
{
    hq_journal_report report;
    MUST(hq_journal_verify(&report, s->store, NULL, NULL, s->arena));
    if (!report.intact) {
        print_error("%.*s\n", HQ_SV_FMT(report.first_bad));
    }
    assert_true(report.intact);
}

static void test_an_import_is_there_and_stays(void **state)
{
    stored *s = *state;
    imported i =
        import_csv(s, "exchange_rates", HQ_SV(RATES "USD,2026-11-20,,25400,invented\n"), NULL);
    MUST(i.status);
    assert_int_equal(i.report.added, 1);
    assert_int_equal(i.report.version, 1);
    assert_int_equal(rate_on(s, "2026-11-21"), 25400);
    i = import_csv(s, "exchange_rates", HQ_SV(RATES "USD,2026-11-27,,25500,invented\n"), NULL);
    MUST(i.status);
    assert_int_equal(i.report.closed, 1);
    stored_close(s);
    stored_open(s);
    assert_int_equal(rate_on(s, "2026-11-26"), 25400);
    assert_int_equal(rate_on(s, "2026-11-27"), 25500);
    assert_int_equal(count_events(s), 2);
    must_be_intact(s);
}

static void test_one_bad_row_imports_nothing(void **state)
{
    stored *s = *state;
    imported i = import_csv(s, "exchange_rates",
                            HQ_SV(RATES "USD,2026-11-20,,25400,invented\n"
                                        "EUR,2026-11-20,,minus,invented\n"),
                            NULL);
    MUST_BE(i.status, INVALID);
    assert_int_equal(i.finding_count, 1);
    assert_true(hq_sv_eq(i.findings[0].path, HQ_SV("/line/3/rate")));
    assert_int_equal(rate_on(s, "2026-11-21"), 0);
    assert_int_equal(count_events(s), 0);
    i = import_csv(s, "exchange_rate", HQ_SV(RATES), NULL);
    MUST_BE(i.status, NOT_FOUND);
}

static void test_the_same_file_twice_writes_nothing(void **state)
{
    stored *s = *state;
    hq_sv csv = HQ_SV(RATES "USD,2026-11-20,,25400,invented\n");
    MUST(import_csv(s, "exchange_rates", csv, NULL).status);
    imported i = import_csv(s, "exchange_rates", csv, NULL);
    MUST(i.status);
    assert_int_equal(i.report.unchanged, 1);
    assert_int_equal(i.report.version, 1);
    assert_int_equal(count_events(s), 1);
    hq_import_options dry = { .dry_run = true };
    i = import_csv(s, "exchange_rates", HQ_SV(RATES "USD,2026-11-27,,25500,invented\n"), &dry);
    MUST(i.status);
    assert_int_equal(i.report.added, 1);
    assert_int_equal(rate_on(s, "2026-11-27"), 25400);
}

static void test_an_older_version_answers_as_it_was(void **state)
{
    stored *s = *state;
    const hq_ref *old;
    MUST(import_csv(s, "exchange_rates", HQ_SV(RATES "USD,2026-11-20,,25400,invented\n"), NULL)
             .status);
    MUST(import_csv(s, "exchange_rates", HQ_SV(RATES "USD,2026-11-20,,25999,corrected\n"), NULL)
             .status);
    assert_int_equal(rate_on(s, "2026-11-21"), 25999);
    MUST(hq_reference_as_of(&old, s->reference, 1));
    assert_int_equal(hq_ref_rate(old, hq_code4_of(HQ_SV("USD")), day("2026-11-21"))->rate.units,
                     25400);
    hq_ref_free(old);
    MUST_BE(hq_reference_as_of(&old, s->reference, 3), NOT_FOUND);
}

static void test_codes_and_the_demo_set_load(void **state)
{
    stored *s = *state;
    hq_why why = { { NULL, 0 }, { NULL, 0 }, { NULL, 0 } };
    MUST(hq_reference_load_codes(s->reference, s->arena, &why));
    hq_status loaded = hq_reference_load_demo(s->reference, s->arena, &why);
    if (hq_failed(loaded)) {
        print_error("%.*s\n", HQ_SV_FMT(why.en));
    }
    MUST(loaded);
    const hq_ref *ref = hq_reference_acquire(s->reference);
    assert_true(hq_ref_country_known(ref, hq_code4_of(HQ_SV("VN"))));
    assert_true(hq_ref_currency_known(ref, hq_code4_of(HQ_SV("USD"))));
    assert_non_null(hq_ref_office(ref, HQ_SV("15BB"), day("2026-11-20")));
    assert_non_null(hq_ref_kind(ref, HQ_SV("A11"), day("2026-11-20")));
    int64_t version = hq_ref_version(ref);
    hq_reference_release(s->reference, ref);
    MUST(hq_reference_load_demo(s->reference, s->arena, &why)); /* again: nothing new */
    ref = hq_reference_acquire(s->reference);
    assert_int_equal(hq_ref_version(ref), version);
    hq_reference_release(s->reference, ref);
    must_be_intact(s);
}

/* ------------------------------------------------------------------ another process */

static int to_child[2];
static pid_t child;

/* A command in another process; started before any thread is. */
static void import_elsewhere(void)
{
    stored s = { .arena = hq_arena_new((size_t)1 << 28) };
    size_t have = 0;
    while (have < sizeof s.url) {
        ssize_t got = read(to_child[0], s.url + have, sizeof s.url - have);
        if (got <= 0) {
            _exit(3);
        }
        have += (size_t)got;
    }
    stored_open(&s);
    imported i =
        import_csv(&s, "exchange_rates", HQ_SV(RATES "USD,2026-11-20,,25400,invented\n"), NULL);
    bool good = hq_ok(i.status);
    stored_close(&s);
    hq_arena_free(s.arena);
    _exit(good ? 0 : 4);
}

static int fork_first(void **state)
{
    (void)state;
    if (pipe(to_child) != 0) {
        return -1;
    }
    child = fork();
    if (child == 0) {
        close(to_child[1]);
        if (hq_failed(hq_base_init())) {
            _exit(2);
        }
        import_elsewhere();
    }
    close(to_child[0]);
    return child < 0 ? -1 : 0;
}

static void test_a_server_has_the_rows_before_the_command_ends(void **state)
{
    stored *s = *state;
    const struct timespec moment = { .tv_nsec = 5000000 };
    int status;
    MUST(hq_reference_refresh(s->reference)); /* a listener from now on */
    assert_int_equal(write(to_child[1], s->url, sizeof s->url), sizeof s->url);
    int64_t seen = 0;
    while (waitpid(child, &status, WNOHANG) == 0) {
        MUST(hq_reference_refresh(s->reference));
        seen = rate_on(s, "2026-11-21");
        nanosleep(&moment, NULL);
    }
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    /* Nothing was refreshed after the command ended. */
    assert_int_equal(rate_on(s, "2026-11-21"), 25400);
    assert_int_equal(seen, 25400);
}

#define T(name) cmocka_unit_test_setup_teardown(name, stored_set_up, stored_tear_down)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_an_import_is_there_and_stays),
        T(test_one_bad_row_imports_nothing),
        T(test_the_same_file_twice_writes_nothing),
        T(test_an_older_version_answers_as_it_was),
        T(test_codes_and_the_demo_set_load),
        T(test_a_server_has_the_rows_before_the_command_ends),
    };
    return cmocka_run_group_tests(tests, fork_first, NULL);
}
