/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const deed_names[HQ_DEED_COUNT] = { "see",  "act",        "file",   "decide",
                                                       "pass", "administer", "analyse" };

static hq_sv file_text(const char *path, hq_arena *arena)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    char *text = hq_arena_alloc(arena, 65536);
    size_t len = fread(text, 1, 65536, file);
    fclose(file);
    return hq_sv_make(text, len);
}

static hq_sv word(hq_sv *line)
{
    *line = hq_sv_trim(*line);
    size_t end = hq_sv_find(*line, ' ', 0);
    hq_sv out = hq_sv_sub(*line, 0, end);
    *line = hq_sv_sub(*line, end, line->len);
    return out;
}

static const char *answer_of(hq_status s)
{
    return hq_ok(s) ? "yes" : s.code == HQ_E_FORBIDDEN ? "403" : "404";
}

typedef struct {
    fixture *f;
    hq_target target;
    hq_day day;
    int lines, wrong;
    bool seen[HQ_ROLE_COUNT];
} table;

static void set_reach(hq_caller *caller, hq_sv at)
{
    if (hq_sv_eq(at, HQ_SV("-"))) {
        return;
    }
    switch (hq_identity__reach_of(caller->role)) {
    case HQ_IDENTITY__REACH_TRADER:
        caller->tax_code = at;
        break;
    case HQ_IDENTITY__REACH_BANK:
        caller->bank = at;
        break;
    case HQ_IDENTITY__REACH_OFFICE:
    case HQ_IDENTITY__REACH_COUNTRY:
    case HQ_IDENTITY__REACH_NONE:
        caller->office = at;
        break;
    }
}

static void check_line(table *t, hq_sv line)
{
    hq_sv rest = line;
    hq_sv at = word(&rest);
    hq_sv role = word(&rest);
    hq_caller caller = { .id = HQ_SV("user/x") };
    assert_true(hq_role_parse(&caller.role, role));
    t->seen[caller.role] = true;
    set_reach(&caller, at);
    const hq_ref *ref = hq_reference_acquire(t->f->reference);
    for (int deed = 0; deed < HQ_DEED_COUNT; deed++) {
        hq_sv want = word(&rest);
        const char *got = answer_of(hq_may(&caller, (hq_deed)deed, &t->target, ref, t->day));
        if (!hq_sv_eq(want, hq_sv_from_cstr(got))) {
            print_error("%.*s\n    %s: the table says %.*s, hq_may says %s\n", HQ_SV_FMT(line),
                        deed_names[deed], HQ_SV_FMT(want), got);
            t->wrong++;
        }
    }
    hq_reference_release(t->f->reference, ref);
    t->lines++;
}

static void take_line(table *t, hq_sv line)
{
    hq_sv rest = line;
    hq_sv first = word(&rest);
    if (first.len == 0 || first.ptr[0] == '#') {
        return;
    }
    if (hq_sv_eq(first, HQ_SV("goods"))) {
        t->target.goods_office = word(&rest);
    } else if (hq_sv_eq(first, HQ_SV("day"))) {
        MUST(hq_day_parse(&t->day, word(&rest)));
    } else {
        check_line(t, line);
    }
}

static void test_every_cell_of_the_table(void **state)
{
    table t = { .f = *state,
                .target = { .office = HQ_SV("15BB"),
                            .goods_office = HQ_SV("15BB"),
                            .trader_tax_code = HQ_SV("9900000011"),
                            .agent_tax_code = HQ_SV("9900000055"),
                            .bank = HQ_SV("VCB") } };
    const char *path = getenv("HQ_MAY");
    assert_non_null(path);
    t.day = hq_day_of(START);
    hq_sv rest = file_text(path, t.f->arena);
    while (rest.ptr != NULL) {
        take_line(&t, hq_sv_cut(&rest, '\n'));
    }
    assert_int_equal(t.wrong, 0);
    assert_true(t.lines >= 30);
    for (int role = 0; role < HQ_ROLE_COUNT; role++) {
        assert_true(t.seen[role]);
    }
}

static hq_status decide(fixture *f, const hq_caller *caller, const char *office, const char *act,
                        hq_day day)
{
    const hq_target target = { .office = hq_sv_from_cstr(office), .act = hq_sv_from_cstr(act) };
    const hq_ref *ref = hq_reference_acquire(f->reference);
    hq_status s = hq_may(caller, HQ_MAY_DECIDE, &target, ref, day);
    hq_reference_release(f->reference, ref);
    return s;
}

static void test_a_delegate_decides_until_his_last_day(void **state)
{
    fixture *f = *state;
    hq_why why;
    hq_id id;
    hq_day today = hq_day_of(START);
    add_user(f, "deputy", "team_leader", "15BB");
    const hq_caller *head = caller_of_key(f, add_key(f, "branch_head", "15BB", "", ""));
    hq_delegation d = { .to = HQ_SV("deputy"),
                        .act = HQ_SV("declaration.release"),
                        .from = today,
                        .until = today + 2 };
    MUST(hq_delegate(&id, f->identity, head, &d, f->arena, &why));
    assert_int_equal(count_events(f, "delegation.given"), 1);

    const hq_caller *deputy;
    MUST(hq_authenticate(&deputy, f->identity, HQ_SV_NULL, sign_in(f, "deputy"), HQ_SV_NULL, HQ_GET,
                         f->arena, &why));
    assert_int_equal(deputy->delegated_count, 1);
    MUST(decide(f, deputy, "15BB", "declaration.release", today));
    MUST(decide(f, deputy, "15BB01", "declaration.release", today + 2));
    MUST_BE(decide(f, deputy, "15BB", "declaration.release", today + 3), FORBIDDEN);
    MUST_BE(decide(f, deputy, "15BB", "declaration.channel", today), FORBIDDEN);
    MUST_BE(decide(f, deputy, "15BC", "declaration.release", today), NOT_FOUND);

    MUST(hq_delegation_end(f->identity, head, &id, &why));
    MUST_BE(hq_delegation_end(f->identity, head, &id, &why), NOT_FOUND);
    MUST(hq_authenticate(&deputy, f->identity, HQ_SV_NULL, sign_in(f, "deputy"), HQ_SV_NULL, HQ_GET,
                         f->arena, &why));
    assert_int_equal(deputy->delegated_count, 0);
}

static void test_what_cannot_be_delegated(void **state)
{
    fixture *f = *state;
    hq_why why;
    hq_id id;
    hq_day today = hq_day_of(START);
    add_user(f, "near", "officer", "15BB");
    add_user(f, "far", "officer", "20BB");
    const hq_caller *head = caller_of_key(f, add_key(f, "branch_head", "15BB", "", ""));
    const hq_caller *officer = caller_of_key(f, add_key(f, "officer", "15BB", "", ""));
    hq_delegation d = { .to = HQ_SV("near"), .from = today, .until = today };
    MUST_BE(hq_delegate(&id, f->identity, officer, &d, f->arena, &why), FORBIDDEN);
    d.office = HQ_SV("15BC");
    MUST_BE(hq_delegate(&id, f->identity, head, &d, f->arena, &why), INVALID);
    assert_true(hq_sv_eq(why.path, HQ_SV("/office")));
    d.office = HQ_SV("");
    d.to = HQ_SV("far");
    MUST_BE(hq_delegate(&id, f->identity, head, &d, f->arena, &why), INVALID);
    d.to = HQ_SV("nobody");
    MUST_BE(hq_delegate(&id, f->identity, head, &d, f->arena, &why), INVALID);
    d.to = HQ_SV("near");
    d.until = today - 1;
    d.from = today - 1;
    MUST_BE(hq_delegate(&id, f->identity, head, &d, f->arena, &why), INVALID);
    /* What he was given he cannot give on. */
    d = (hq_delegation){ .to = HQ_SV("near"), .from = today, .until = today };
    MUST(hq_delegate(&id, f->identity, head, &d, f->arena, &why));
    const hq_caller *near;
    MUST(hq_authenticate(&near, f->identity, HQ_SV_NULL, sign_in(f, "near"), HQ_SV_NULL, HQ_GET,
                         f->arena, &why));
    add_user(f, "third", "officer", "15BB");
    d.to = HQ_SV("third");
    MUST_BE(hq_delegate(&id, f->identity, near, &d, f->arena, &why), FORBIDDEN);
}

static void test_names_of_roles_and_their_order(void **state)
{
    (void)state;
    /* reference/ holds bits in this order; stored approvals hold them too. */
    static const char *const order[HQ_ROLE_COUNT] = {
        "declarant",       "officer",      "team_leader",   "branch_head",
        "department_head", "headquarters", "supervisor",    "risk_analyst",
        "laboratory",      "inspectorate", "bank",          "treasury",
        "operator",        "carrier",      "administrator", "auditor"
    };
    for (int i = 0; i < HQ_ROLE_COUNT; i++) {
        hq_role role;
        assert_string_equal(hq_role_name((hq_role)i), order[i]);
        assert_true(hq_role_parse(&role, hq_sv_from_cstr(order[i])));
        assert_int_equal(role, i);
    }
    hq_role role;
    assert_false(hq_role_parse(&role, HQ_SV("Officer")));
}

#define T(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_every_cell_of_the_table),
        T(test_a_delegate_decides_until_his_last_day),
        T(test_what_cannot_be_delegated),
        T(test_names_of_roles_and_their_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
