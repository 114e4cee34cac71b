/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include <stdio.h>
#include <time.h>

/* Four eyes as another room uses them: in a closure that notes APPROVAL and commits. */

typedef struct {
    const hq_caller *caller;
    hq_approval_ask ask;
    hq_id id;
    hq_status answer;
} wish;

static hq_status run(hq_tx *tx, void *user)
{
    wish *w = user;
    w->answer = hq_approve(&w->id, tx, w->caller, &w->ask);
    return w->answer.code == HQ_E_APPROVAL ? HQ_DONE : w->answer;
}

static wish ask(fixture *f, const hq_caller *caller, const char *body)
{
    wish w = { .caller = caller,
               .ask = { .deed = HQ_SV("test.deed"),
                        .subject = HQ_SV("thing/1"),
                        .body = hq_sv_from_cstr(body),
                        .roles =
                            HQ_ROLE_BIT(HQ_ROLE_BRANCH_HEAD) | HQ_ROLE_BIT(HQ_ROLE_SUPERVISOR) } };
    MUST(hq_store_write(f->store, run, &w));
    return w;
}

static bool same_id(const hq_id *a, const hq_id *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

static void test_another_entitled_person_carries_it_out(void **state)
{
    fixture *f = *state;
    const hq_caller *leader = caller_of_key(f, add_key(f, "team_leader", "15BB", "", ""));
    const hq_caller *officer = caller_of_key(f, add_key(f, "officer", "15BB", "", ""));
    const hq_caller *head = caller_of_key(f, add_key(f, "branch_head", "15BB", "", ""));
    wish first = ask(f, leader, "{}");
    MUST_BE(first.answer, APPROVAL);
    wish again = ask(f, leader, "{}");
    MUST_BE(again.answer, APPROVAL);
    assert_true(same_id(&first.id, &again.id));
    wish third = ask(f, officer, "{}"); /* another person, but not one who may confirm */
    MUST_BE(third.answer, APPROVAL);
    assert_true(same_id(&first.id, &third.id));
    wish other = ask(f, head, "{\"x\":1}"); /* other bytes are another wish */
    MUST_BE(other.answer, APPROVAL);
    assert_false(same_id(&first.id, &other.id));
    wish second = ask(f, head, "{}");
    MUST(second.answer);
    assert_true(same_id(&first.id, &second.id));
    assert_int_equal(count_events(f, "approval.asked"), 2);
    assert_int_equal(count_events(f, "approval.given"), 1);
    /* What was carried out is over: the next call is a new wish. */
    wish anew = ask(f, head, "{}");
    MUST_BE(anew.answer, APPROVAL);
    assert_false(same_id(&first.id, &anew.id));
}

static void test_an_expired_wish_starts_anew(void **state)
{
    fixture *f = *state;
    const hq_caller *one = caller_of_key(f, add_key(f, "branch_head", "15BB", "", ""));
    const hq_caller *two = caller_of_key(f, add_key(f, "supervisor", "15", "", ""));
    wish first = ask(f, one, "{}");
    advance(f, 86399);
    assert_int_equal(count_events(f, "approval.expired"), 0);
    advance(f, 1);
    /* The move of the clock itself made it an event. */
    assert_int_equal(count_events(f, "approval.expired"), 1);
    wish second = ask(f, two, "{}");
    MUST_BE(second.answer, APPROVAL);
    assert_false(same_id(&first.id, &second.id));
    MUST(ask(f, one, "{}").answer);
}

typedef struct {
    hq_sv id;
    hq_hash32 hash;
} hashed;

static hq_status hash_row(hq_tx *tx, void *user)
{
    hashed *h = user;
    return hq_identity__row_hash(&h->hash, tx, h->id);
}

/* The journal's hash of a row is the row's: an altered one shows. */
static void test_the_journal_holds_rows_against_events(void **state)
{
    fixture *f = *state;
    hq_journal_report report;
    const hq_caller *one = caller_of_key(f, add_key(f, "branch_head", "15BB", "", ""));
    hq_sv id = add_user(f, "an", "officer", "15BB");
    sign_in(f, "an");
    ask(f, one, "{}");
    hashed h = { .id = id };
    MUST(hq_store_read(f->store, hash_row, &h));
    h.id = one->id;
    MUST(hq_store_read(f->store, hash_row, &h));
    h.id = HQ_SV("user/none");
    MUST_BE(hq_store_read(f->store, hash_row, &h), NOT_FOUND);
    MUST(hq_journal_verify(&report, f->store, NULL, NULL, f->arena));
    if (!report.intact) {
        print_error("%.*s\n", HQ_SV_FMT(report.first_bad));
    }
    assert_true(report.intact);
}

static hq_status promote(hq_tx *tx, void *user)
{
    (void)user;
    return hq_tx_run_text(tx, HQ_SV("UPDATE identity_user SET role = 'administrator', office = ''"),
                          NULL, 0);
}

static void test_a_promotion_behind_its_back_shows(void **state)
{
    fixture *f = *state;
    hq_journal_report report;
    add_user(f, "an", "officer", "15BB");
    MUST(hq_store_write(f->store, promote, NULL));
    MUST(hq_journal_verify(&report, f->store, NULL, NULL, f->arena));
    assert_false(report.intact);
}

/* ------------------------------------------------------------------ readings */

static void test_readings_are_written_by_the_close(void **state)
{
    fixture *f = *state;
    char trace[16];
    const hq_caller *officer = caller_of_key(f, add_key(f, "officer", "15BB", "", ""));
    for (int i = 0; i < 2000; i++) {
        snprintf(trace, sizeof trace, "%08x", (unsigned)i);
        MUST(hq_identity_record_reading(f->identity, officer, HQ_SV("/api/v1/declarations/1"),
                                        hq_sv_from_cstr(trace)));
    }
    fixture_reopen(f);
    assert_int_equal(count_events(f, "personal_data.read"), 2000);
    fixture_reopen(f);
    assert_int_equal(count_events(f, "personal_data.read"), 2000);
}

/* One reading and the close at once: the thread is told to end before it looked. */
static void test_no_close_is_too_quick_for_a_reading(void **state)
{
    fixture *f = *state;
    hq_sv key = add_key(f, "officer", "15BB", "", "");
    for (int i = 1; i <= 25; i++) {
        MUST(hq_identity_record_reading(f->identity, caller_of_key(f, key), HQ_SV("/api/v1/users"),
                                        HQ_SV("ab")));
        fixture_reopen(f);
        assert_int_equal(count_events(f, "personal_data.read"), i);
    }
}

static void test_readings_are_written_soon(void **state)
{
    fixture *f = *state;
    const hq_caller *officer = caller_of_key(f, add_key(f, "officer", "15BB", "", ""));
    MUST(hq_identity_record_reading(f->identity, officer, HQ_SV("/api/v1/users"), HQ_SV("ab")));
    while (count_events(f, "personal_data.read") == 0) { /* ends, or the runner ends it */
        const struct timespec moment = { .tv_nsec = 5000000 };
        nanosleep(&moment, NULL);
    }
}

#define T(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_another_entitled_person_carries_it_out),
        T(test_an_expired_wish_starts_anew),
        T(test_the_journal_holds_rows_against_events),
        T(test_a_promotion_behind_its_back_shows),
        T(test_readings_are_written_by_the_close),
        T(test_no_close_is_too_quick_for_a_reading),
        T(test_readings_are_written_soon),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
