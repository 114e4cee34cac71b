/* SPDX-License-Identifier: Apache-2.0 */
#include "house.h"

static const hq_json *items_of(house *h, const hq_caller *caller, const char *query, size_t count)
{
    reply r = house_call(h, HQ_GET, "/api/v1/notices", query, caller, "");
    check_status(r.status, OK);
    const hq_json *items = hq_json_get(r.json, "items");
    assert_int_equal(items->count, count);
    return items;
}

static int64_t unread_of(house *h, const hq_caller *caller)
{
    reply r = house_call(h, HQ_GET, "/api/v1/notices", "limit=1", caller, "");
    int64_t unread = -1;
    assert_true(hq_json_get_i64(&unread, r.json, "unread"));
    return unread;
}

static void test_trader_and_agent_are_told_what_to_act_on(void **state)
{
    house *h = *state;
    const hq_caller *trader = house_caller(h, TRADER), *agent = house_caller(h, AGENT);
    const hq_caller *other = house_caller(h, "9900000077");
    house_event(h, "declaration.registered", TRADER, AGENT, ""); /* nothing to act on */
    house_event(h, "declaration.instructed", TRADER, AGENT, "");
    house_event(h, "declaration.held", TRADER, AGENT, ""); /* not theirs to hear */
    check_status(hq_test_clock_advance(h->clock, HQ_US_PER_SECOND), OK);
    house_event(h, "declaration.expired", TRADER, "", "");
    house_settle(h);
    const hq_json *items = items_of(h, trader, "", 2);
    const hq_json *text = hq_json_get(hq_json_first(items), "text");
    check_text(hq_json_get_text(text, "en"),
               "Declaration 100000000010 has expired before it was registered");
    check_text(hq_json_get_text(text, "vi"), "Tờ khai 100000000010 đã hết hạn đăng ký trước");
    check_text(hq_json_get_text(hq_json_first(items), "subject"), "declaration/10000000001");
    items = items_of(h, agent, "", 1);
    check_text(hq_json_get_text(hq_json_first(items), "kind"), "declaration.instructed");
    items_of(h, other, "", 0);
}

static void test_reading_is_each_readers_own(void **state)
{
    house *h = *state;
    const hq_caller *one = house_caller(h, TRADER), *two = house_caller(h, TRADER);
    const hq_caller *other = house_caller(h, AGENT);
    for (int i = 0; i < 3; i++) {
        house_event(h, "declaration.amended", TRADER, "", "");
        check_status(hq_test_clock_advance(h->clock, HQ_US_PER_SECOND), OK);
        house_settle(h);
    }
    assert_int_equal(unread_of(h, one), 3);
    const hq_json *newest = hq_json_first(items_of(h, one, "", 3));
    char path[128];
    snprintf(path, sizeof path, "/api/v1/notices/%.*s/read",
             HQ_SV_FMT(hq_json_get_text(newest, "id")));
    check_status(house_call(h, HQ_POST, path, "", other, "").status, NOT_FOUND);
    reply r = house_call(h, HQ_POST, path, "", one, "");
    check_text(member(&r, "unread"), "2");
    r = house_call(h, HQ_POST, path, "", one, ""); /* again: the same */
    check_text(member(&r, "unread"), "2");
    items_of(h, one, "unread=true", 2);
    assert_int_equal(unread_of(h, two), 3);
    char until[128];
    snprintf(until, sizeof until, "until=%.*s", HQ_SV_FMT(hq_json_get_text(newest, "id")));
    r = house_call(h, HQ_POST, "/api/v1/notices:read", until, two, "");
    check_text(member(&r, "unread"), "0");
    assert_int_equal(unread_of(h, one), 2);
    check_status(house_call(h, HQ_POST, "/api/v1/notices/x/read", "", one, "").status, NOT_FOUND);
}

static void test_pages_follow_each_other(void **state)
{
    house *h = *state;
    const hq_caller *trader = house_caller(h, TRADER);
    for (int i = 0; i < 7; i++) {
        house_event(h, "declaration.cancelled", TRADER, "", "");
        check_status(hq_test_clock_advance(h->clock, HQ_US_PER_SECOND), OK);
        house_settle(h);
    }
    char query[128] = "limit=3";
    size_t seen = 0, pages = 0;
    for (bool more = true; more; pages++) {
        reply r = house_call(h, HQ_GET, "/api/v1/notices", query, trader, "");
        check_status(r.status, OK);
        seen += hq_json_get(r.json, "items")->count;
        hq_sv next = hq_json_get_text(r.json, "next");
        more = next.ptr != NULL;
        snprintf(query, sizeof query, "limit=3&cursor=%.*s", (int)next.len, more ? next.ptr : "");
    }
    assert_int_equal(seen, 7);
    assert_int_equal(pages, 3);
    check_status(house_call(h, HQ_GET, "/api/v1/notices", "limit=0", trader, "").status, INVALID);
    check_status(house_call(h, HQ_GET, "/api/v1/notices", "cursor=x", trader, "").status, INVALID);
}

typedef struct {
    hq_notice_new notice;
} putting;
static hq_status put(hq_tx *tx, void *user)
{
    return hq_notice_put(tx, &((putting *)user)->notice);
}

static void test_a_notice_to_one_user(void **state)
{
    house *h = *state;
    const hq_caller *one = house_caller(h, TRADER), *two = house_caller(h, TRADER);
    putting p = { { .user = one->id,
                    .kind = HQ_SV("declaration.assigned"),
                    .subject = HQ_SV("declaration/10000000001"),
                    .vi = HQ_SV("Bạn được phân công"),
                    .en = HQ_SV("You were assigned") } };
    check_status(hq_store_write(h->store, put, &p), OK);
    items_of(h, one, "", 1);
    items_of(h, two, "", 0);
    p.notice.user = HQ_SV("");
    check_status(hq_store_write(h->store, put, &p), INVALID);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, house_set_up, house_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_trader_and_agent_are_told_what_to_act_on),
        TEST(test_reading_is_each_readers_own),
        TEST(test_pages_follow_each_other),
        TEST(test_a_notice_to_one_user),
    };
    return hq_ok(hq_base_init()) ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
