/* SPDX-License-Identifier: Apache-2.0 */
#include "lives.h"

#include <stdatomic.h>

#include "desk.h"

void lives_begin(lives *l)
{
    char path[4096];
    const char *folder = getenv("HQ_CASES");
    assert_non_null(folder);
    snprintf(path, sizeof path, "%s/reference", folder);
    house_set_up(&l->h, "2026-11-20T08:00:00+07:00", path);
    snprintf(path, sizeof path, "%s/import.json", folder);
    l->document = file_text(path, l->h.arena).ptr;
    assert_non_null(l->document);
    l->trader = house_caller(&l->h, HQ_ROLE_DECLARANT, NULL, "9900000016");
    l->officer = house_caller(&l->h, HQ_ROLE_OFFICER, "15BB", NULL);
    l->leader = house_caller(&l->h, HQ_ROLE_TEAM_LEADER, "15BB", NULL);
    l->head = house_caller(&l->h, HQ_ROLE_BRANCH_HEAD, "15BB", NULL);
    l->supervisor = house_caller(&l->h, HQ_ROLE_SUPERVISOR, NULL, NULL);
    l->bank = house_bank(&l->h, "EXB");
}

void lives_end(lives *l)
{
    house_tear_down(&l->h);
}

void lives_rule(lives *l, const char *lane)
{
    hq_risk_imported imported;
    const hq_finding *findings = NULL;
    size_t count = 0;
    hq_why why = { .en = HQ_SV("") };
    bool green = strcmp(lane, "GREEN") == 0; /* no rule sends anything there: other goods stop */
    hq_sv csv = hq_arena_printf(
        l->h.arena,
        "rule,lane,flow,kinds,hs,origins,compliance,offices,reason_vi,reason_en,legal_ground,"
        "disclosed,valid_from,valid_to\n1,%s,import,,%s,,,,Quy tắc mẫu,Example rule,,0,"
        "2020-01-01,\n",
        green ? "RED" : lane, green ? "0101" : "8481");
    HOUSE_MUST(hq_risk_import(&imported, l->h.risk, csv, HQ_SV("system"), l->h.arena, &findings,
                              &count, &why));
}

void lives_file(lives *l, const char *mode, char *to)
{
    char path[128];
    hq_arena *arena = hq_arena_new((size_t)64 << 20);
    snprintf(path, sizeof path, "/api/v1/declarations?mode=%s", mode);
    house_answer a = house_call(&l->h, arena, l->trader, HQ_POST, path, l->document, NULL);
    if (a.http != 201) {
        fail_msg("filing answered %d: %.*s", a.http,
                 HQ_SV_FMT(a.answer.finding_count > 0 ? a.answer.findings[0].en : a.answer.why.en));
    }
    hq_sv number = house_at(&a, "/number");
    assert_int_equal(number.len, 12);
    memcpy(to, number.ptr, 12);
    to[12] = '\0';
    hq_arena_free(arena);
}

house_answer lives_post(lives *l, hq_arena *arena, const hq_caller *caller, const char *number,
                        const char *verb, const char *body)
{
    char path[128];
    snprintf(path, sizeof path, "/api/v1/declarations/%s/%s", number, verb);
    return house_call(&l->h, arena, caller, HQ_POST, path, body, NULL);
}

house_answer lives_read(lives *l, hq_arena *arena, const char *number)
{
    char path[128];
    snprintf(path, sizeof path, "/api/v1/declarations/%s", number);
    return house_call(&l->h, arena, l->trader, HQ_GET, path, NULL, NULL);
}

hq_declaration_status lives_status_named(hq_sv name)
{
    for (int i = 0; i < HQ_DECLARATION_STATUS_COUNT; i++) {
        hq_declaration_status status = (hq_declaration_status)i;
        if (hq_sv_eq(name, hq_sv_from_cstr(hq_declaration_status_name(status)))) {
            return status;
        }
    }
    fail_msg("no status %.*s", HQ_SV_FMT(name));
    return HQ_DECLARATION_MANUAL;
}

hq_declaration_status lives_status(lives *l, const char *number)
{
    hq_arena *arena = hq_arena_new((size_t)64 << 20);
    house_answer a = lives_read(l, arena, number);
    assert_int_equal(a.http, 200);
    hq_declaration_status status = lives_status_named(house_at(&a, "/status"));
    hq_arena_free(arena);
    return status;
}

house_answer lives_pay(lives *l, hq_arena *arena, const char *number, int percent)
{
    static _Atomic int count;
    house_answer record = lives_read(l, arena, number);
    const hq_json *taxes = hq_json_get(hq_json_get(record.json, "assessment"), "taxes");
    hq_buf body = HQ_BUF_ARENA(arena, 65536);
    bool first = true;
    assert_non_null(taxes);
    hq_buf_printf(&body,
                  "{\"bank\":\"EXB\",\"reference\":\"L%d\",\"debited_at\":"
                  "\"2026-11-20T08:00:00+07:00\",\"payer_tax_code\":\"9900000016\",\"lines\":[",
                  atomic_fetch_add(&count, 1));
    for (const hq_json *t = hq_json_first(taxes); t != NULL; t = hq_json_next(taxes, t)) {
        int64_t due = 0;
        assert_true(hq_json_get_i64(&due, t, "amount"));
        if (due * percent / 100 == 0) {
            continue;
        }
        hq_buf_printf(&body, "%s{\"declaration\":\"%s\",\"tax\":\"%.*s\",\"amount\":%lld}",
                      first ? "" : ",", number, HQ_SV_FMT(hq_json_get_text(t, "tax")),
                      (long long)(due * percent / 100));
        first = false;
    }
    hq_buf_printf(&body, "]}");
    return house_call(&l->h, arena, l->bank, HQ_POST, "/api/v1/payments",
                      hq_arena_cstr(arena, hq_buf_view(&body)), NULL);
}
