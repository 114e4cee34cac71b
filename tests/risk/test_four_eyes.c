/* SPDX-License-Identifier: Apache-2.0 */
#include "../house.h"

/* Rules and shares over HTTP: two persons, who may, and that a stopped declaration tells no more
 * than it may. */

#define HEAD                                                                                       \
    "rule,lane,flow,kinds,hs,origins,compliance,offices,reason_vi,reason_en,legal_ground,"         \
    "disclosed,valid_from,valid_to\n"
#define RULES HEAD "1,RED,,,8481,,,,Lý do,Reason,,0,2020-01-01,\n"
#define WRONG HEAD "1,RED,,,8481,,,,,Reason,,0,2020-01-01,\n"

static void set_up(house *h)
{
    house_set_up(h, "2026-11-20T08:00:00+07:00", NULL);
    house_import(h, "offices",
                 "office,parent,name_vi,name_en,level,valid_from,valid_to\n"
                 "00,,Cục,Top,HEADQUARTERS,2020-01-01,\n"
                 "15,00,Khu vực 15,Region 15,DEPARTMENT,2020-01-01,\n"
                 "15BB,15,Cửa khẩu,Gate,BRANCH,2020-01-01,\n"
                 "20BC,00,Cửa khẩu khác,Other gate,BRANCH,2020-01-01,\n");
}

static void two_persons_replace_the_rules(void **state)
{
    (void)state;
    house h;
    set_up(&h);
    const hq_caller *first = house_caller(&h, HQ_ROLE_RISK_ANALYST, "00", NULL);
    const hq_caller *second = house_caller(&h, HQ_ROLE_ADMINISTRATOR, "00", NULL);
    house_answer a = house_call(&h, h.arena, first, HQ_PUT, "/api/v1/risk/rules", RULES, NULL);
    assert_int_equal(a.http, 202);
    assert_non_null(house_at(&a, "/approval").ptr);
    a = house_call(&h, h.arena, first, HQ_GET, "/api/v1/risk/rules", NULL, NULL);
    assert_true(hq_sv_eq(house_at(&a, "/version"), HQ_SV("0")));
    /* the same person again waits still */
    a = house_call(&h, h.arena, first, HQ_PUT, "/api/v1/risk/rules", RULES, NULL);
    assert_int_equal(a.http, 202);
    a = house_call(&h, h.arena, second, HQ_PUT, "/api/v1/risk/rules", RULES, NULL);
    assert_int_equal(a.http, 200);
    a = house_call(&h, h.arena, first, HQ_GET, "/api/v1/risk/rules", NULL, NULL);
    assert_true(hq_sv_eq(house_at(&a, "/items/0/lane"), HQ_SV("RED")));
    a = house_call(&h, h.arena, first, HQ_PUT, "/api/v1/risk/rules", WRONG, NULL);
    assert_int_equal(a.http, 422);
    assert_int_equal(a.answer.finding_count, 1);
    house_tear_down(&h);
}

static void two_persons_set_the_share(void **state)
{
    (void)state;
    house h;
    set_up(&h);
    const char *path = "/api/v1/risk/random-share";
    const hq_caller *first = house_caller(&h, HQ_ROLE_RISK_ANALYST, "00", NULL);
    const hq_caller *second = house_caller(&h, HQ_ROLE_RISK_ANALYST, "00", NULL);
    house_answer a = house_call(&h, h.arena, first, HQ_PUT, path, "{\"ppm\":10000}", NULL);
    assert_int_equal(a.http, 202);
    /* another figure is another wish */
    a = house_call(&h, h.arena, second, HQ_PUT, path, "{\"ppm\":20000}", NULL);
    assert_int_equal(a.http, 202);
    a = house_call(&h, h.arena, second, HQ_PUT, path, "{\"ppm\":10000}", NULL);
    assert_int_equal(a.http, 200);
    a = house_call(&h, h.arena, first, HQ_GET, path, NULL, NULL);
    assert_true(hq_sv_eq(house_at(&a, "/default_ppm"), HQ_SV("10000")));
    a = house_call(&h, h.arena, first, HQ_PUT, path, "{\"ppm\":1000001}", NULL);
    assert_int_equal(a.http, 422);
    a = house_call(&h, h.arena, first, HQ_PUT, path, "{\"ppm\":1,\"office\":\"ZZ\"}", NULL);
    assert_int_equal(a.http, 422);
    /* the figure is in no event */
    assert_int_equal(house_ask(&h, "SELECT COUNT(*) FROM journal_event WHERE "
                                   "CAST(bytes AS TEXT) LIKE '%10000%'"),
                     0);
    house_tear_down(&h);
}

static void an_office_governs_itself_alone(void **state)
{
    (void)state;
    house h;
    set_up(&h);
    const char *path = "/api/v1/risk/random-share";
    const char *elsewhere = "{\"ppm\":1,\"office\":\"20BC\"}",
               *own = "{\"ppm\":1,\"office\":\"15BB\"}";
    const hq_caller *top = house_caller(&h, HQ_ROLE_RISK_ANALYST, "00", NULL);
    const hq_caller *one = house_caller(&h, HQ_ROLE_RISK_ANALYST, "15", NULL);
    const hq_caller *two = house_caller(&h, HQ_ROLE_ADMINISTRATOR, "15", NULL);
    assert_int_equal(house_call(&h, h.arena, one, HQ_PUT, "/api/v1/risk/rules", RULES, NULL).http,
                     403);
    assert_int_equal(house_call(&h, h.arena, two, HQ_PUT, path, "{\"ppm\":0}", NULL).http, 403);
    assert_int_equal(house_call(&h, h.arena, one, HQ_PUT, path, elsewhere, NULL).http, 403);
    assert_int_equal(house_call(&h, h.arena, one, HQ_PUT, path, own, NULL).http, 202);
    assert_int_equal(house_call(&h, h.arena, two, HQ_PUT, path, own, NULL).http, 200);
    assert_int_equal(house_call(&h, h.arena, top, HQ_PUT, path, elsewhere, NULL).http, 202);
    assert_int_equal(house_call(&h, h.arena, house_caller(&h, HQ_ROLE_ADMINISTRATOR, NULL, NULL),
                                HQ_PUT, path, elsewhere, NULL)
                         .http,
                     200);
    house_answer a = house_call(&h, h.arena, one, HQ_GET, path, NULL, NULL);
    assert_true(hq_sv_eq(house_at(&a, "/items/0/office"), HQ_SV("15BB")));
    assert_null(house_at(&a, "/items/1/office").ptr);
    house_tear_down(&h);
}

static void traders_have_no_way_to_it(void **state)
{
    (void)state;
    house h;
    set_up(&h);
    const hq_role outside[] = { HQ_ROLE_DECLARANT, HQ_ROLE_BANK, HQ_ROLE_OPERATOR,
                                HQ_ROLE_OFFICER };
    for (size_t i = 0; i < sizeof outside / sizeof outside[0]; i++) {
        const hq_caller *caller = outside[i] == HQ_ROLE_BANK ? house_bank(&h, "VCB")
                                  : outside[i] == HQ_ROLE_DECLARANT
                                      ? house_caller(&h, outside[i], NULL, "9900000016")
                                      : house_caller(&h, outside[i], "15BB", NULL);
        house_answer a = house_call(&h, h.arena, caller, HQ_GET, "/api/v1/risk/rules", NULL, NULL);
        assert_int_equal(a.http, 403);
        a = house_call(&h, h.arena, caller, HQ_GET, "/api/v1/risk/random-share", NULL, NULL);
        assert_int_equal(a.http, 403);
    }
    house_tear_down(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(two_persons_replace_the_rules),
                                        cmocka_unit_test(two_persons_set_the_share),
                                        cmocka_unit_test(an_office_governs_itself_alone),
                                        cmocka_unit_test(traders_have_no_way_to_it) };
    return cmocka_run_group_tests_name("risk four eyes", tests, NULL, NULL);
}
