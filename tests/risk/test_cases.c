/* SPDX-License-Identifier: Apache-2.0 */
#include "policy.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

/* Runs cases/: rules as an analyst writes them, declarations in a line, and the channel with its
 * reasons. See cases/README.md. */

#define LINES_MAX 16

typedef struct {
    const char *file;
    size_t line;
    hq_arena *arena;
    hq_buf csv, shares;
    bool in_rules;
    hq_risk_rules *rules;
    hq_risk__found found;
    hq_buf outcome;
} script;

static void refuse(const script *s, const char *what, hq_sv detail)
{
    fail_msg("%s line %zu: %s %.*s", s->file, s->line, what, HQ_SV_FMT(detail));
}

static hq_sv word(hq_sv *rest)
{
    *rest = hq_sv_trim(*rest);
    hq_sv out = hq_sv_cut(rest, ' ');
    if (rest->ptr == NULL) {
        *rest = HQ_SV("");
    }
    return out;
}

static int64_t number(const script *s, hq_sv text)
{
    int64_t out = 0;
    if (!hq_sv_i64(&out, text)) {
        refuse(s, "no number:", text);
    }
    return out;
}

/* ------------------------------------------------------------------ rules */

static void build_rules(script *s)
{
    if (s->rules == NULL) {
        s->found = (hq_risk__found){ .arena = s->arena };
        s->rules = rules_of(hq_buf_view(&s->csv), hq_buf_view(&s->shares), &s->found);
    }
}

static void forget_rules(script *s)
{
    hq_risk_rules_free(s->rules);
    s->rules = NULL;
}

/* share 10000 [for 15BB]: those without an office come first */
static void add_share(script *s, hq_sv rest)
{
    hq_sv ppm = word(&rest);
    hq_sv office = HQ_SV("");
    forget_rules(s);
    if (rest.len > 0) {
        word(&rest);
        office = word(&rest);
    }
    if (s->shares.len > 0) {
        hq_buf_char(&s->shares, ';');
    }
    hq_buf_printf(&s->shares, "%.*s=%.*s", HQ_SV_FMT(office), HQ_SV_FMT(ppm));
}

/* ------------------------------------------------------------------ declarations */

static void read_goods(script *s, hq_risk_line *line, hq_sv text)
{
    hq_sv rest = text;
    hq_sv hs = hq_sv_cut(&rest, '/');
    line->hs = (uint32_t)number(s, hs);
    line->origin = hq_code4_of(rest);
}

/* declaration import A11 15BB grade 2 on 2026-11-20 draw 500000 goods 84818099/CN ... */
static void decide(script *s, hq_sv rest)
{
    hq_risk_line lines[LINES_MAX] = { 0 };
    hq_risk_facts facts = { .lines = lines };
    hq_risk_score score;
    hq_risk_lane lane;
    build_rules(s);
    if (s->rules == NULL) {
        refuse(s, "rules refused:", s->found.items[0].en);
    }
    facts.flow = hq_sv_eq(word(&rest), HQ_SV("export")) ? HQ_FLOW_EXPORT : HQ_FLOW_IMPORT;
    facts.kind = word(&rest);
    facts.office = word(&rest);
    word(&rest);
    facts.compliance = (int)number(s, word(&rest));
    word(&rest);
    hq_sv day = word(&rest);
    assert_true(hq_ok(hq_day_parse(&facts.day, day)));
    word(&rest);
    uint64_t millionths = (uint64_t)number(s, word(&rest));
    word(&rest);
    while (rest.len > 0 && facts.line_count < LINES_MAX) {
        read_goods(s, &lines[facts.line_count++], word(&rest));
    }
    /* the middle of that millionth */
    uint64_t draw = ((millionths << 32) + (UINT64_C(1) << 31)) / 1000000 << 32;
    hq_risk_score_of(&score, s->rules, &facts, draw);
    assert_true(hq_ok(hq_risk_lane_of(&lane, NULL, &score, facts.office)));
    hq_buf_clear(&s->outcome);
    hq_buf_printf(&s->outcome, "%s%s red-ppm %u legal %lld hits", hq_channel_name(lane.channel),
                  lane.random ? " random" : "", lane.red_ppm, (long long)lane.legal_rule_id);
    for (size_t i = 0; i < score.hit_count; i++) {
        hq_buf_printf(&s->outcome, " %lld", (long long)score.rule_ids[i]);
    }
}

/* ------------------------------------------------------------------ expectations */

/* refused /line/2/hs [next finding ...]: in order, all of them */
static void expect_refused(script *s, hq_sv rest)
{
    build_rules(s);
    size_t count = 0;
    for (; rest.len > 0; count++) {
        hq_sv want = word(&rest);
        if (count >= s->found.count) {
            refuse(s, "not found:", want);
        }
        if (!hq_sv_eq(s->found.items[count].path, want)) {
            refuse(s, "found instead:", s->found.items[count].path);
        }
        assert_true(s->found.items[count].vi.len > 0 && s->found.items[count].en.len > 0);
    }
    if (s->found.count > count) {
        refuse(s, "found besides:", s->found.items[count].path);
    }
}

static void expect(script *s, hq_sv rest)
{
    if (hq_sv_starts(rest, HQ_SV("refused "))) {
        word(&rest);
        expect_refused(s, rest);
        return;
    }
    if (!hq_sv_eq(hq_buf_view(&s->outcome), hq_sv_trim(rest))) {
        refuse(s, "it came to", hq_buf_view(&s->outcome));
    }
}

static void run_line(script *s, hq_sv line)
{
    if (s->in_rules) {
        s->in_rules = !hq_sv_eq(line, HQ_SV("end"));
        if (s->in_rules) {
            hq_buf_sv(&s->csv, line);
            hq_buf_char(&s->csv, '\n');
        }
        return;
    }
    if (line.len == 0 || line.ptr[0] == '#') {
        return;
    }
    hq_sv rest = line;
    hq_sv verb = word(&rest);
    if (hq_sv_eq(verb, HQ_SV("rules"))) {
        forget_rules(s);
        hq_buf_clear(&s->csv);
        s->in_rules = true;
    } else if (hq_sv_eq(verb, HQ_SV("share"))) {
        add_share(s, rest);
    } else if (hq_sv_eq(verb, HQ_SV("declaration"))) {
        decide(s, rest);
    } else if (hq_sv_eq(verb, HQ_SV("expect"))) {
        expect(s, rest);
    } else {
        refuse(s, "no such verb:", verb);
    }
}

static void run_file(const char *name)
{
    script s = { .file = name, .arena = hq_arena_new((size_t)64 << 20) };
    char path[1024];
    hq_sv text;
    s.csv = HQ_BUF_ARENA(s.arena, 1 << 20);
    s.shares = HQ_BUF_ARENA(s.arena, 1 << 16);
    s.outcome = HQ_BUF_ARENA(s.arena, 1 << 16);
    snprintf(path, sizeof path, "%s/%s", HQ_CASES, name);
    assert_true(hq_ok(hq_os_read_file(&text, s.arena, path, 1 << 20)));
    for (hq_sv rest = text; rest.ptr != NULL;) {
        hq_sv line = hq_sv_trim(hq_sv_cut(&rest, '\n'));
        s.line++;
        run_line(&s, line);
    }
    forget_rules(&s);
    hq_arena_free(s.arena);
}

static int is_case(const struct dirent *entry)
{
    return hq_sv_ends(hq_sv_from_cstr(entry->d_name), HQ_SV(".txt"));
}

static void all_cases(void **state)
{
    (void)state;
    struct dirent **found;
    assert_true(hq_ok(hq_base_init()));
    int count = scandir(HQ_CASES, &found, is_case, alphasort);
    assert_true(count > 0);
    for (int i = 0; i < count; i++) {
        print_message("         %s\n", found[i]->d_name);
        run_file(found[i]->d_name);
        free(found[i]);
    }
    free(found);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(all_cases) };
    return cmocka_run_group_tests_name("risk cases", tests, NULL, NULL);
}
