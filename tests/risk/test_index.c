/* SPDX-License-Identifier: Apache-2.0 */
#include "policy.h"

#include <stdio.h>

/* The index finds exactly what a look at every rule finds: a thousand random rules, random
 * declarations, hits compared one by one. */

#define RULES        1000
#define DECLARATIONS 800

static const char *const kinds[] = { "A11", "A12", "E31", "G11", "B11" };
static const char *const origins[] = { "CN", "US", "JP", "KR", "DE", "TH" };
static const char *const offices[] = { "15BB", "15BC", "20BB" };

static uint32_t any_hs(uint64_t *seed)
{
    return (1 + below(seed, 12)) * 1000000 + below(seed, 4) * 10000 + below(seed, 3) * 100 +
           below(seed, 2);
}

static void write_list(hq_buf *csv, uint64_t *seed, const char *const *names, uint32_t count)
{
    uint32_t some = below(seed, 3);
    for (uint32_t i = 0; i < some; i++) {
        hq_buf_printf(csv, "%s%s", i > 0 ? ";" : "", names[below(seed, count)]);
    }
}

static void write_rule(hq_buf *csv, uint64_t *seed, int id)
{
    static const char *const flows[] = { "", "import", "export" };
    hq_buf_printf(csv, "%d,%s,%s,", id, below(seed, 3) == 0 ? "RED" : "YELLOW",
                  flows[below(seed, 3)]);
    write_list(csv, seed, kinds, 5);
    hq_buf_char(csv, ',');
    uint32_t prefixes = below(seed, 4);
    for (uint32_t i = 0; i < prefixes; i++) {
        char hs[16];
        snprintf(hs, sizeof hs, "%08u", any_hs(seed));
        hq_buf_printf(csv, "%s%.*s", i > 0 ? ";" : "", (int)(2 + below(seed, 7)), hs);
    }
    hq_buf_char(csv, ',');
    write_list(csv, seed, origins, 6);
    hq_buf_printf(csv, ",%u,", 1 + below(seed, 5));
    write_list(csv, seed, offices, 3);
    hq_buf_lit(csv, ",vi,en,,0,2026-01-01,\n");
}

static hq_risk_rules *random_rules(uint64_t *seed)
{
    hq_buf csv = HQ_BUF_HEAP((size_t)1 << 22);
    hq_risk__found found = { .arena = hq_arena_new(1 << 20) };
    hq_buf_lit(&csv, "rule,lane,flow,kinds,hs,origins,compliance,offices,reason_vi,reason_en,"
                     "legal_ground,disclosed,valid_from,valid_to\n");
    for (int id = 1; id <= RULES; id++) {
        write_rule(&csv, seed, id);
    }
    hq_risk_rules *rules = rules_of(hq_buf_view(&csv), HQ_SV(""), &found);
    assert_non_null(rules);
    hq_arena_free(found.arena);
    hq_buf_free(&csv);
    return rules;
}

/* ------------------------------------------------------------------ by looking at every rule */

static bool prefix_meets(uint64_t key, uint32_t hs)
{
    unsigned digits = (unsigned)(key >> 32 & 0xF);
    char all[16];
    char prefix[16];
    snprintf(all, sizeof all, "%08u", hs);
    snprintf(prefix, sizeof prefix, "%0*u", (int)digits, (unsigned)(key & UINT32_MAX));
    return strncmp(all, prefix, digits) == 0;
}

static bool line_meets(const hq_risk__rule *rule, const hq_risk_line *line)
{
    bool hs = rule->hs_count == 0;
    bool origin = rule->origin_count == 0;
    for (size_t i = 0; i < rule->hs_count; i++) {
        hs = hs || prefix_meets(rule->hs[i], line->hs);
    }
    for (size_t i = 0; i < rule->origin_count; i++) {
        origin = origin || rule->origins[i] == line->origin;
    }
    return hs && origin;
}

static bool rule_meets(const hq_risk__rule *rule, const hq_risk_facts *facts)
{
    bool kind = rule->kind_count == 0;
    bool office = rule->office_count == 0;
    bool line = false;
    for (size_t i = 0; i < rule->kind_count; i++) {
        kind = kind || rule->kinds[i] == hq_code4_of(facts->kind);
    }
    for (size_t i = 0; i < rule->office_count; i++) {
        office = office || hq_sv_eq(rule->offices[i], facts->office);
    }
    for (size_t i = 0; i < facts->line_count; i++) {
        line = line || line_meets(rule, &facts->lines[i]);
    }
    return kind && office && line && (rule->flows >> facts->flow & 1) != 0 &&
           (rule->grades == 0 || (rule->grades >> facts->compliance & 1) != 0);
}

static size_t all_hits(int64_t *ids, const hq_risk_rules *rules, const hq_risk_facts *facts)
{
    size_t count = 0;
    for (int lane = HQ_CHANNEL_RED; lane >= HQ_CHANNEL_YELLOW; lane--) {
        for (size_t i = 0; i < rules->count && count < HQ_RISK_HITS_MAX; i++) {
            if ((int)rules->rules[i].lane == lane && rule_meets(&rules->rules[i], facts)) {
                ids[count++] = rules->rules[i].id;
            }
        }
    }
    return count;
}

static void index_equals_looking_at_all(void **state)
{
    (void)state;
    uint64_t seed = UINT64_C(0x2545F4914F6CDD1D);
    hq_risk_rules *rules = random_rules(&seed);
    size_t hits = 0;
    for (int d = 0; d < DECLARATIONS; d++) {
        hq_risk_line lines[5];
        hq_risk_facts facts = { .flow = below(&seed, 2) == 0 ? HQ_FLOW_IMPORT : HQ_FLOW_EXPORT,
                                .kind = hq_sv_from_cstr(kinds[below(&seed, 5)]),
                                .office = hq_sv_from_cstr(offices[below(&seed, 3)]),
                                .compliance = (int)(1 + below(&seed, 5)),
                                .day = day_of("2026-11-20"),
                                .lines = lines,
                                .line_count = 1 + below(&seed, 5) };
        for (size_t i = 0; i < facts.line_count; i++) {
            lines[i] =
                (hq_risk_line){ .hs = any_hs(&seed),
                                .origin = hq_code4_of(hq_sv_from_cstr(origins[below(&seed, 6)])) };
        }
        int64_t want[HQ_RISK_HITS_MAX];
        hq_risk_score score;
        size_t count = all_hits(want, rules, &facts);
        hq_risk_score_of(&score, rules, &facts, 0);
        assert_int_equal(score.hit_count, count);
        assert_memory_equal(score.rule_ids, want, count * sizeof want[0]);
        hits += count;
    }
    assert_true(hits > DECLARATIONS); /* else this test would say little */
    hq_risk_rules_free(rules);
}

/* Shares come true: of 200,000 draws about that many are below. */
static void draws_keep_the_share(void **state)
{
    (void)state;
    hq_risk__found found = { .arena = hq_arena_new(1 << 20) };
    hq_risk_rules *rules = rules_of(HQ_SV("rule,lane,flow,kinds,hs,origins,compliance,offices,"
                                          "reason_vi,reason_en,legal_ground,disclosed,valid_from,"
                                          "valid_to\n"),
                                    HQ_SV("=50000"), &found);
    hq_risk_facts facts = { .kind = HQ_SV("A11"), .office = HQ_SV("15BB") };
    uint64_t seed = UINT64_C(88172645463325252);
    int red = 0;
    for (int i = 0; i < 200000; i++) {
        hq_risk_score score;
        hq_risk_lane lane;
        below(&seed, 2);
        hq_risk_score_of(&score, rules, &facts, seed);
        assert_true(hq_ok(hq_risk_lane_of(&lane, NULL, &score, facts.office)));
        red += lane.channel == HQ_CHANNEL_RED;
    }
    assert_in_range(red, 9600, 10400); /* 10,000 +- 4 standard deviations, fixed seed */
    hq_risk_rules_free(rules);
    hq_arena_free(found.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(index_equals_looking_at_all),
                                        cmocka_unit_test(draws_keep_the_share) };
    return cmocka_run_group_tests_name("risk index", tests, NULL, NULL);
}
