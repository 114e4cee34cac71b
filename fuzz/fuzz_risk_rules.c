/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include "risk/room.h"

enum { CEILING = 64 << 20 };

static void score_some(hq_risk_rules *rules, const char *bytes, size_t len)
{
    hq_risk_line lines[4];
    hq_risk_facts facts = {
        .kind = HQ_SV("A11"), .office = HQ_SV("15BB"), .lines = lines, .day = 20000, .line_count = 4
    };
    hq_risk_score score;
    hq_risk_lane lane;
    for (size_t i = 0; i < 4; i++) {
        uint32_t hs = 0;
        memcpy(&hs, bytes + (len > 4 ? (i * 7) % (len - 3) : 0), len > 4 ? 4 : 0);
        lines[i] = (hq_risk_line){ .hs = hs % 100000000, .origin = 0x434E };
    }
    hq_risk_score_of(&score, rules, &facts, 0);
    FUZZ_HOLDS(score.hit_count <= HQ_RISK_HITS_MAX && score.hit_count <= rules->count);
    for (size_t i = 0; i < score.hit_count; i++) {
        FUZZ_HOLDS(hq_risk__rule_by_id(rules, score.rule_ids[i]) != NULL);
    }
    FUZZ_HOLDS(hq_ok(hq_risk_lane_of(&lane, NULL, &score, facts.office)));
}

/* A rule set that is accepted, written canonically and read again is the same, and can be indexed
 * and scored; one that is refused says why in both languages. */
static void rule_set(char *text, size_t len)
{
    hq_arena *arena = hq_arena_new(CEILING);
    hq_risk__found found = { .arena = arena };
    hq_risk_rules rules = { .arena = arena };
    hq_why why = { 0 };
    hq_status s =
        hq_risk__read(&rules.rules, &rules.count, hq_sv_make(text, len), &found, arena, &why);
    if (hq_ok(s) && found.count == 0) {
        hq_risk__rule *again;
        size_t count;
        hq_buf once = HQ_BUF_ARENA(arena, CEILING);
        hq_buf twice = HQ_BUF_ARENA(arena, CEILING);
        FUZZ_HOLDS(hq_ok(hq_risk__canonical(&once, rules.rules, rules.count)));
        FUZZ_HOLDS(hq_ok(hq_risk__read(&again, &count, hq_buf_view(&once), &found, arena, &why)));
        FUZZ_HOLDS(found.count == 0 && count == rules.count);
        FUZZ_HOLDS(hq_ok(hq_risk__canonical(&twice, again, count)));
        FUZZ_HOLDS(hq_sv_eq(hq_buf_view(&once), hq_buf_view(&twice)));
        FUZZ_HOLDS(hq_ok(hq_risk__index(&rules)));
        score_some(&rules, text, len);
    }
    for (size_t i = 0; i < found.count; i++) {
        FUZZ_HOLDS(found.items[i].vi.len > 0 && found.items[i].en.len > 0);
    }
    hq_arena_free(arena);
}

/* Bytes that unpack pack to themselves. */
static void decision(const char *bytes, size_t len)
{
    char out[512];
    hq_buf buf = { .ptr = out, .cap = sizeof out, .ceiling = sizeof out };
    hq_risk_score score;
    hq_risk_lane lane;
    if (hq_ok(hq_risk_unpack(&score, &lane, hq_sv_make(bytes, len)))) {
        FUZZ_HOLDS(hq_ok(hq_risk_pack(&buf, &score, &lane)));
        FUZZ_HOLDS(hq_sv_eq(hq_buf_view(&buf), hq_sv_make(bytes, len)));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    char *text = fuzz_copy(bytes, len);
    rule_set(text, len);
    decision(text, len);
    free(text);
    return 0;
}
