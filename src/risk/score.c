/* SPDX-License-Identifier: Apache-2.0 */
#include "risk/room.h"

/* The score: which rules a declaration meets. Pure, no allocation. Rules are found by an index (HS
 * prefix, else origin, else kind), so what is looked at are rules that share a key with the
 * declaration, not all of them. */

#define PPM UINT64_C(1000000)

typedef struct {
    hq_risk_score *score;
    const hq_risk_rules *rules;
    const hq_risk_facts *facts;
    hq_code4 kind;
    const hq_risk__rule *hits[HQ_RISK_HITS_MAX];
    size_t count;
} scan;

/* ------------------------------------------------------------------ conditions */

static bool code_among(const hq_code4 *codes, size_t count, hq_code4 code)
{
    for (size_t i = 0; i < count; i++) {
        if (codes[i] == code) {
            return true;
        }
    }
    return count == 0;
}

static bool office_among(const hq_sv *offices, size_t count, hq_sv office)
{
    for (size_t i = 0; i < count; i++) {
        if (hq_sv_eq(offices[i], office)) {
            return true;
        }
    }
    return count == 0;
}

/* What does not depend on a line. */
static bool meets(const scan *s, const hq_risk__rule *rule)
{
    const hq_risk_facts *f = s->facts;
    unsigned grade = f->compliance >= 1 && f->compliance <= 5 ? (unsigned)f->compliance : 0;
    return (rule->flows & (1u << f->flow)) != 0 && f->day >= rule->from && f->day <= rule->to &&
           (rule->grades == 0 || (rule->grades & (1u << grade)) != 0) &&
           code_among(rule->kinds, rule->kind_count, s->kind) &&
           office_among(rule->offices, rule->office_count, f->office);
}

/* ------------------------------------------------------------------ hits */

static bool before(const hq_risk__rule *a, const hq_risk__rule *b)
{
    return a->lane != b->lane ? a->lane > b->lane : a->id < b->id;
}

/* Keeps the first HITS_MAX in order of lane and id, each once. The order does not depend on the
 * order of finding, so that a replay finds the same. */
static void add_hit(scan *s, const hq_risk__rule *rule)
{
    size_t at = s->count;
    while (at > 0 && !before(s->hits[at - 1], rule)) {
        at--;
        if (s->hits[at] == rule) {
            return;
        }
    }
    if (at == HQ_RISK_HITS_MAX) {
        return;
    }
    size_t last = s->count < HQ_RISK_HITS_MAX ? s->count++ : HQ_RISK_HITS_MAX - 1;
    for (size_t i = last; i > at; i--) {
        s->hits[i] = s->hits[i - 1];
    }
    s->hits[at] = rule;
}

static void try_members(scan *s, uint32_t first, uint32_t count, const hq_risk_line *line)
{
    for (uint32_t i = first; i < first + count; i++) {
        const hq_risk__rule *rule = &s->rules->rules[s->rules->members[i]];
        bool origin = line == NULL || code_among(rule->origins, rule->origin_count, line->origin);
        if (origin && meets(s, rule)) {
            add_hit(s, rule);
        }
    }
}

static void try_key(scan *s, uint64_t key, const hq_risk_line *line)
{
    const hq_risk__bucket *bucket = hq_risk__bucket_of(s->rules, key);
    if (bucket != NULL) {
        try_members(s, bucket->first, bucket->count, line);
    }
}

static void try_line(scan *s, const hq_risk_line *line)
{
    uint32_t prefix = line->hs;
    for (unsigned digits = 8; digits > 0; digits--, prefix /= 10) {
        if ((s->rules->hs_lengths & (1u << digits)) != 0) {
            try_key(s, hq_risk__hs_key(digits, prefix), line);
        }
    }
}

/* ------------------------------------------------------------------ score */

static void finish(scan *s)
{
    hq_risk_score *score = s->score;
    score->hit_count = s->count;
    score->by_rules = s->count > 0 ? s->hits[0]->lane : HQ_CHANNEL_GREEN;
    for (size_t i = 0; i < s->count; i++) {
        score->rule_ids[i] = s->hits[i]->id;
        if (score->legal_rule_id == 0 && s->hits[i]->lane == score->by_rules &&
            s->hits[i]->disclosed) {
            score->legal_rule_id = s->hits[i]->id;
        }
    }
}

void hq_risk_score_of(hq_risk_score *out, const hq_risk_rules *rules, const hq_risk_facts *facts,
                      uint64_t draw)
{
    scan s = { .score = out, .rules = rules, .facts = facts, .kind = hq_code4_of(facts->kind) };
    *out = (hq_risk_score){ .rules_version = rules->version,
                            .draw = draw,
                            .random_ppm = hq_risk__share_of(rules, facts->office) };
    if (rules->count == 0) {
        return;
    }
    try_members(&s, rules->plain_first, rules->plain_count, NULL);
    try_key(&s, hq_risk__key(HQ_RISK__BY_KIND, s.kind), NULL);
    hq_code4 last_origin = 0;
    for (size_t i = 0; i < facts->line_count; i++) {
        const hq_risk_line *line = &facts->lines[i];
        try_line(&s, line);
        if (line->origin != last_origin) {
            try_key(&s, hq_risk__key(HQ_RISK__BY_ORIGIN, line->origin), line);
            last_origin = line->origin;
        }
    }
    finish(&s);
}

/* ------------------------------------------------------------------ lane */

/* The upper 32 bits of the draw as a share of one: exact to 2^-32. */
static bool drawn(uint64_t draw, uint32_t ppm)
{
    return ((draw >> 32) * PPM) >> 32 < ppm;
}

hq_status hq_risk_lane_of(hq_risk_lane *out, hq_tx *tx, const hq_risk_score *score, hq_sv office)
{
    (void)tx; /* the cap of the office is read here once there is one */
    (void)office;
    *out = (hq_risk_lane){ .channel = score->by_rules, .red_ppm = score->random_ppm };
    if (score->by_rules == HQ_CHANNEL_RED) {
        out->red_ppm = PPM;
        out->legal_rule_id = score->legal_rule_id;
        return HQ_DONE;
    }
    if (drawn(score->draw, score->random_ppm)) {
        out->channel = HQ_CHANNEL_RED;
        out->random = true;
        return HQ_DONE;
    }
    out->legal_rule_id = score->legal_rule_id;
    return HQ_DONE;
}
