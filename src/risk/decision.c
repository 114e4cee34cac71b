/* SPDX-License-Identifier: Apache-2.0 */
#include "risk/room.h"

/* A decision as it is kept: packed, unpacked, and told to officers and to the declarant by the
 * rules of the version that made it. */

#define PACKED_VERSION 1

hq_status hq_risk_pack(hq_buf *buf, const hq_risk_score *score, const hq_risk_lane *lane)
{
    hq_buf_char(buf, PACKED_VERSION);
    hq_buf_le64(buf, (uint64_t)score->rules_version);
    hq_buf_le64(buf, score->draw);
    hq_buf_le32(buf, score->random_ppm);
    hq_buf_char(buf, (char)score->by_rules);
    hq_buf_le64(buf, (uint64_t)score->legal_rule_id);
    hq_buf_char(buf, (char)lane->channel);
    hq_buf_char(buf, lane->random ? 1 : 0);
    hq_buf_le32(buf, lane->red_ppm);
    hq_buf_le64(buf, (uint64_t)lane->legal_rule_id);
    hq_buf_char(buf, (char)score->hit_count);
    for (size_t i = 0; i < score->hit_count; i++) {
        hq_buf_le64(buf, (uint64_t)score->rule_ids[i]);
    }
    return hq_buf_status(buf);
}

hq_status hq_risk_unpack(hq_risk_score *score, hq_risk_lane *lane, hq_sv packed)
{
    hq_cursor cur = { .in = packed };
    *score = (hq_risk_score){ 0 };
    if (hq_cursor_u8(&cur) != PACKED_VERSION) {
        return HQ_FAIL(CORRUPT);
    }
    score->rules_version = (int64_t)hq_cursor_le64(&cur);
    score->draw = hq_cursor_le64(&cur);
    score->random_ppm = hq_cursor_le32(&cur);
    uint8_t by_rules = hq_cursor_u8(&cur);
    score->legal_rule_id = (int64_t)hq_cursor_le64(&cur);
    uint8_t channel = hq_cursor_u8(&cur);
    uint8_t random = hq_cursor_u8(&cur);
    *lane = (hq_risk_lane){ .random = random == 1, .red_ppm = hq_cursor_le32(&cur) };
    lane->legal_rule_id = (int64_t)hq_cursor_le64(&cur);
    score->hit_count = hq_cursor_u8(&cur);
    if (by_rules > HQ_CHANNEL_RED || channel > HQ_CHANNEL_RED || random > 1 ||
        score->hit_count > HQ_RISK_HITS_MAX) {
        return HQ_FAIL(CORRUPT);
    }
    score->by_rules = (hq_channel)by_rules;
    lane->channel = (hq_channel)channel;
    for (size_t i = 0; i < score->hit_count; i++) {
        score->rule_ids[i] = (int64_t)hq_cursor_le64(&cur);
    }
    return cur.failed || cur.at != packed.len ? HQ_FAIL(CORRUPT) : HQ_DONE;
}

/* ------------------------------------------------------------------ reasons */

static void write_ppm(hq_json_w *w, uint32_t ppm)
{
    hq_json_decimal(w, (hq_decimal){ ppm, 6 });
}

static void write_hit(hq_json_w *w, const hq_risk_rules *rules, int64_t id)
{
    const hq_risk__rule *rule = hq_risk__rule_by_id(rules, id);
    if (rule != NULL) {
        hq_risk__rule_json(w, rule);
        return;
    }
    hq_json_open(w, '{');
    HQ_JSON_KEY(w, "rule");
    hq_json_i64(w, id);
    hq_json_close(w, '}');
}

static void write_reasons(hq_json_w *w, const hq_risk_score *score, const hq_risk_lane *lane,
                          const hq_risk_rules *rules)
{
    hq_json_open(w, '{');
    HQ_JSON_KEY(w, "channel");
    hq_json_text(w, hq_sv_from_cstr(hq_channel_name(lane->channel)));
    HQ_JSON_KEY(w, "by_rules");
    hq_json_text(w, hq_sv_from_cstr(hq_channel_name(score->by_rules)));
    HQ_JSON_KEY(w, "random");
    hq_json_bool(w, lane->random);
    HQ_JSON_KEY(w, "propensity");
    write_ppm(w, lane->red_ppm);
    HQ_JSON_KEY(w, "random_share");
    write_ppm(w, score->random_ppm);
    HQ_JSON_KEY(w, "rules_version");
    hq_json_i64(w, score->rules_version);
    HQ_JSON_KEY(w, "hits");
    hq_json_open(w, '[');
    for (size_t i = 0; i < score->hit_count; i++) {
        write_hit(w, rules, score->rule_ids[i]);
    }
    hq_json_close(w, ']');
    hq_json_close(w, '}');
}

hq_status hq_risk_reasons_json(hq_json_w *w, hq_sv packed, hq_risk *risk)
{
    hq_risk_score score;
    hq_risk_lane lane;
    const hq_risk_rules *rules;
    bool loaded;
    HQ_TRY(hq_risk_unpack(&score, &lane, packed));
    HQ_TRY(hq_risk__borrow(&rules, &loaded, risk, score.rules_version));
    write_reasons(w, &score, &lane, rules);
    hq_risk__unborrow(risk, rules, loaded);
    return hq_buf_status(w->buf);
}

hq_status hq_risk_legal_ground(hq_sv *ground, hq_sv packed, hq_risk *risk, hq_arena *arena)
{
    hq_risk_score score;
    hq_risk_lane lane;
    const hq_risk_rules *rules;
    bool loaded;
    HQ_TRY(hq_risk_unpack(&score, &lane, packed));
    if (lane.legal_rule_id == 0) {
        return HQ_FAIL(NOT_FOUND);
    }
    HQ_TRY(hq_risk__borrow(&rules, &loaded, risk, score.rules_version));
    const hq_risk__rule *rule = hq_risk__rule_by_id(rules, lane.legal_rule_id);
    hq_status s = rule == NULL ? HQ_FAIL(NOT_FOUND) : HQ_DONE;
    if (rule != NULL) {
        *ground = hq_arena_dup(arena, rule->legal_ground);
        s = ground->ptr == NULL ? HQ_FAIL(NOMEM) : HQ_DONE;
    }
    hq_risk__unborrow(risk, rules, loaded);
    return s;
}

/* ------------------------------------------------------------------ a rule */

static void write_codes(hq_json_w *w, const hq_code4 *codes, size_t count)
{
    hq_json_open(w, '[');
    for (size_t i = 0; i < count; i++) {
        char text[4];
        hq_json_text(w, hq_code4_text(text, codes[i]));
    }
    hq_json_close(w, ']');
}

static void write_hs(hq_json_w *w, const hq_risk__rule *rule)
{
    hq_json_open(w, '[');
    for (size_t i = 0; i < rule->hs_count; i++) {
        char text[16];
        hq_buf buf = { .ptr = text, .cap = sizeof text, .ceiling = sizeof text };
        hq_buf_printf(&buf, "%0*u", (int)((rule->hs[i] >> 32) & 0xF),
                      (unsigned)(rule->hs[i] & UINT32_MAX));
        hq_json_text(w, hq_buf_view(&buf));
    }
    hq_json_close(w, ']');
}

static void write_conditions(hq_json_w *w, const hq_risk__rule *rule)
{
    HQ_JSON_KEY(w, "flows");
    hq_json_open(w, '[');
    if ((rule->flows & (1u << HQ_FLOW_IMPORT)) != 0) {
        hq_json_text(w, HQ_SV("import"));
    }
    if ((rule->flows & (1u << HQ_FLOW_EXPORT)) != 0) {
        hq_json_text(w, HQ_SV("export"));
    }
    hq_json_close(w, ']');
    HQ_JSON_KEY(w, "kinds");
    write_codes(w, rule->kinds, rule->kind_count);
    HQ_JSON_KEY(w, "hs");
    write_hs(w, rule);
    HQ_JSON_KEY(w, "origins");
    write_codes(w, rule->origins, rule->origin_count);
    HQ_JSON_KEY(w, "compliance");
    hq_json_open(w, '[');
    for (int grade = 0; grade <= 5; grade++) {
        if ((rule->grades & (1u << grade)) != 0) {
            hq_json_i64(w, grade);
        }
    }
    hq_json_close(w, ']');
    HQ_JSON_KEY(w, "offices");
    hq_json_open(w, '[');
    for (size_t i = 0; i < rule->office_count; i++) {
        hq_json_text(w, rule->offices[i]);
    }
    hq_json_close(w, ']');
}

void hq_risk__rule_json(hq_json_w *w, const hq_risk__rule *rule)
{
    hq_json_open(w, '{');
    HQ_JSON_KEY(w, "rule");
    hq_json_i64(w, rule->id);
    HQ_JSON_KEY(w, "lane");
    hq_json_text(w, hq_sv_from_cstr(hq_channel_name(rule->lane)));
    write_conditions(w, rule);
    HQ_JSON_KEY(w, "reason");
    hq_json_open(w, '{');
    HQ_JSON_KEY(w, "vi");
    hq_json_text(w, rule->reason_vi);
    HQ_JSON_KEY(w, "en");
    hq_json_text(w, rule->reason_en);
    hq_json_close(w, '}');
    HQ_JSON_KEY(w, "legal_ground");
    hq_json_text_or_null(w, rule->legal_ground.len == 0 ? HQ_SV_NULL : rule->legal_ground);
    HQ_JSON_KEY(w, "disclosed");
    hq_json_bool(w, rule->disclosed);
    HQ_JSON_KEY(w, "valid_from");
    hq_json_day(w, rule->from);
    HQ_JSON_KEY(w, "valid_to");
    hq_json_day(w, rule->to);
    hq_json_close(w, '}');
}
