/* SPDX-License-Identifier: Apache-2.0 */
#include "policy.h"

#include <stdatomic.h>
#include <stdio.h>

/* Versions in the store: import, shares, other processes, replay byte for byte, swapping under
 * load. */

#define HEAD                                                                                       \
    "rule,lane,flow,kinds,hs,origins,compliance,offices,reason_vi,reason_en,legal_ground,"         \
    "disclosed,valid_from,valid_to\n"

static const hq_risk_line valves = { .hs = 84818099, .origin = 0x434E /* CN */ };
static hq_risk_facts facts_of_valves(void)
{
    return (hq_risk_facts){ .flow = HQ_FLOW_IMPORT,
                            .kind = HQ_SV("A11"),
                            .office = HQ_SV("15BB"),
                            .compliance = 2,
                            .day = day_of("2026-11-20"),
                            .lines = &valves,
                            .line_count = 1 };
}

static hq_risk_imported import(policy *p, const char *csv)
{
    hq_risk_imported report;
    const hq_finding *findings;
    size_t count;
    hq_why why = { 0 };
    hq_status s = hq_risk_import(&report, p->risk, hq_sv_from_cstr(csv), HQ_SV("user/test"),
                                 p->arena, &findings, &count, &why);
    assert_int_equal(s.code, HQ_E_OK);
    return report;
}

static hq_sv decide(policy *p, hq_risk *risk, uint64_t draw, hq_risk_lane *lane)
{
    hq_risk_score score;
    hq_risk_facts facts = facts_of_valves();
    hq_buf packed = HQ_BUF_ARENA(p->arena, 4096);
    const hq_risk_rules *rules = hq_risk_acquire(risk);
    hq_risk_score_of(&score, rules, &facts, draw);
    hq_risk_release(risk, rules);
    assert_true(hq_ok(hq_risk_lane_of(lane, NULL, &score, facts.office)));
    assert_true(hq_ok(hq_risk_pack(&packed, &score, lane)));
    return hq_buf_view(&packed);
}

static void versions_count_changes(void **state)
{
    (void)state;
    policy *p = policy_open();
    hq_risk_lane lane;
    decide(p, p->risk, 0, &lane);
    assert_int_equal(lane.channel, HQ_CHANNEL_GREEN);
    hq_risk_imported first = import(p, HEAD "1,YELLOW,,,8481,,,,Lý do,Reason,,0,2026-01-01,\n");
    assert_true(first.changed && first.version == 1 && first.rules == 1);
    decide(p, p->risk, 0, &lane);
    assert_int_equal(lane.channel, HQ_CHANNEL_YELLOW);
    /* the same rules, written otherwise */
    hq_risk_imported again =
        import(p, HEAD "1, YELLOW ,,, 8481 ,,,,\"Lý do\",Reason,,,2026-01-01,\r\n");
    assert_true(!again.changed && again.version == 1);
    assert_true(hq_ok(hq_risk_set_share(p->risk, HQ_SV(""), 1000000, HQ_SV("user/test"))));
    decide(p, p->risk, 0, &lane);
    assert_true(lane.random && lane.channel == HQ_CHANNEL_RED);
    assert_true(hq_ok(hq_risk_set_share(p->risk, HQ_SV("15BB"), 0, HQ_SV("user/test"))));
    decide(p, p->risk, 0, &lane);
    assert_false(lane.random);
    assert_int_equal(hq_risk_set_share(p->risk, HQ_SV(""), 1000001, HQ_SV("user/test")).code,
                     HQ_E_RANGE);
    /* two changes of rules and shares, one event each */
    assert_int_equal(hq_journal_head(p->store), 3);
    policy_close(p);
}

static void another_process_sees_it(void **state)
{
    (void)state;
    policy *p = policy_open();
    hq_risk *other;
    hq_risk_lane lane;
    assert_true(hq_ok(hq_risk_open(&other, p->store, p->reference)));
    import(p, HEAD "1,RED,,,8481,,,,Lý do,Reason,,0,2026-01-01,\n");
    decide(p, other, 0, &lane);
    assert_int_equal(lane.channel, HQ_CHANNEL_GREEN);
    assert_true(hq_ok(hq_risk_refresh(other)));
    decide(p, other, 0, &lane);
    assert_int_equal(lane.channel, HQ_CHANNEL_RED);
    hq_risk_close(other);
    policy_close(p);
}

/* Whatever changed since: rules and shares of the version, the facts and the draw give the same
 * bytes. */
static void a_decision_replays(void **state)
{
    (void)state;
    policy *p = policy_open();
    hq_risk_lane lane;
    import(p, HEAD "1,YELLOW,,,8481,,,,Lý do,Reason,Căn cứ,1,2026-01-01,\n"
                   "2,YELLOW,,,84,CN,,,Lý do hai,Reason two,,0,2026-01-01,\n");
    assert_true(hq_ok(hq_risk_set_share(p->risk, HQ_SV("15BB"), 250000, HQ_SV("user/test"))));
    for (uint64_t i = 0; i < 64; i++) {
        uint64_t draw = i << 58;
        hq_sv packed = decide(p, p->risk, draw, &lane);
        import(p, i % 2 == 0 ? HEAD "7,RED,,,8481,,,,Khác,Other,,0,2026-01-01,\n"
                             : HEAD "8,RED,,,9999,,,,Khác,Other,,0,2026-01-01,\n");
        hq_risk_score kept;
        hq_risk_lane kept_lane;
        assert_true(hq_ok(hq_risk_unpack(&kept, &kept_lane, packed)));
        const hq_risk_rules *then;
        assert_true(hq_ok(hq_risk_rules_at(&then, p->risk, kept.rules_version)));
        hq_risk_score score;
        hq_risk_facts facts = facts_of_valves();
        hq_buf again = HQ_BUF_ARENA(p->arena, 4096);
        hq_risk_score_of(&score, then, &facts, kept.draw);
        assert_true(hq_ok(hq_risk_lane_of(&kept_lane, NULL, &score, facts.office)));
        assert_true(hq_ok(hq_risk_pack(&again, &score, &kept_lane)));
        assert_true(hq_sv_eq(packed, hq_buf_view(&again)));
        hq_risk_rules_free(then);
    }
    policy_close(p);
}

static void reasons_come_from_the_version_that_decided(void **state)
{
    (void)state;
    policy *p = policy_open();
    hq_risk_lane lane;
    hq_sv ground;
    import(p, HEAD "1,YELLOW,,,8481,,,,Lý do cũ,Old reason,Căn cứ cũ,1,2026-01-01,\n");
    hq_sv packed = decide(p, p->risk, 0, &lane);
    import(p, HEAD "1,YELLOW,,,8481,,,,Lý do mới,New reason,Căn cứ mới,1,2026-01-01,\n");
    hq_buf text = HQ_BUF_ARENA(p->arena, 1 << 16);
    hq_json_w w = hq_json_writer(&text);
    assert_true(hq_ok(hq_risk_reasons_json(&w, packed, p->risk)));
    const hq_json *json;
    assert_true(hq_ok(hq_json_parse_copy(&json, hq_buf_view(&text), p->arena, NULL)));
    assert_true(hq_sv_eq(hq_json_get_text(json, "channel"), HQ_SV("YELLOW")));
    const hq_json *hit = hq_json_first(hq_json_get(json, "hits"));
    assert_true(hq_sv_eq(hq_json_get_text(hq_json_get(hit, "reason"), "vi"), HQ_SV("Lý do cũ")));
    assert_true(hq_sv_eq(hq_json_get_text(json, "propensity"), HQ_SV("0.000000")));
    assert_true(hq_ok(hq_risk_legal_ground(&ground, packed, p->risk, p->arena)));
    assert_true(hq_sv_eq(ground, HQ_SV("Căn cứ cũ")));
    policy_close(p);
}

static void broken_bytes_are_refused(void **state)
{
    (void)state;
    policy *p = policy_open();
    hq_risk_lane lane;
    hq_risk_score score;
    import(p, HEAD "1,YELLOW,,,8481,,,,Lý do,Reason,,0,2026-01-01,\n");
    hq_sv packed = decide(p, p->risk, UINT64_MAX, &lane);
    for (size_t len = 0; len < packed.len; len++) {
        hq_status s = hq_risk_unpack(&score, &lane, hq_sv_sub(packed, 0, len));
        assert_int_equal(s.code, HQ_E_CORRUPT);
    }
    char longer[256];
    memcpy(longer, packed.ptr, packed.len);
    longer[packed.len] = 0;
    assert_int_equal(hq_risk_unpack(&score, &lane, hq_sv_make(longer, packed.len + 1)).code,
                     HQ_E_CORRUPT);
    assert_int_equal(hq_risk_rules_at(&(const hq_risk_rules *){ NULL }, p->risk, 99).code,
                     HQ_E_NOT_FOUND);
    policy_close(p);
}

static void demo_rules_load(void **state)
{
    (void)state;
    policy *p = policy_open();
    hq_why why = { 0 };
    if (hq_failed(hq_risk_load_demo(p->risk, p->arena, &why))) {
        fail_msg("%.*s: %.*s", HQ_SV_FMT(why.path), HQ_SV_FMT(why.en));
    }
    const hq_risk_rules *rules = hq_risk_acquire(p->risk);
    assert_true(rules->count >= 10);
    hq_risk_release(p->risk, rules);
    policy_close(p);
}

/* ------------------------------------------------------------------ swapping */

typedef struct {
    policy *p;
    atomic_bool stop;
    atomic_int wrong;
} swapping;

static void read_all_the_time(void *user)
{
    swapping *s = user;
    hq_risk_facts facts = facts_of_valves();
    while (!atomic_load(&s->stop)) {
        const hq_risk_rules *rules = hq_risk_acquire(s->p->risk);
        hq_risk_score score;
        hq_risk_score_of(&score, rules, &facts, 0);
        /* the rule's number is the version's */
        if (score.hit_count > 0 && score.rule_ids[0] != score.rules_version) {
            atomic_fetch_add(&s->wrong, 1);
        }
        hq_risk_release(s->p->risk, rules);
    }
}

static void versions_swap_under_readers(void **state)
{
    (void)state;
    swapping s = { .p = policy_open() };
    hq_thread readers[4];
    for (int i = 0; i < 4; i++) {
        assert_true(hq_ok(hq_thread_start(&readers[i], "reader", read_all_the_time, &s)));
    }
    for (int version = 1; version <= 60; version++) {
        char csv[512];
        snprintf(csv, sizeof csv, HEAD "%d,YELLOW,,,8481,,,,Lý do,Reason,,0,2026-01-01,\n",
                 version);
        assert_int_equal(import(s.p, csv).version, version);
    }
    atomic_store(&s.stop, true);
    for (int i = 0; i < 4; i++) {
        hq_thread_join(&readers[i]);
    }
    assert_int_equal(atomic_load(&s.wrong), 0);
    policy_close(s.p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(versions_count_changes),
        cmocka_unit_test(another_process_sees_it),
        cmocka_unit_test(a_decision_replays),
        cmocka_unit_test(reasons_come_from_the_version_that_decided),
        cmocka_unit_test(broken_bytes_are_refused),
        cmocka_unit_test(demo_rules_load),
        cmocka_unit_test(versions_swap_under_readers),
    };
    return cmocka_run_group_tests_name("risk policy", tests, NULL, NULL);
}
