/* SPDX-License-Identifier: Apache-2.0 */
#include "risk/room.h"

/* GET and PUT /api/v1/risk/rules: the rule set, read by those who answer for risk, replaced as a
 * whole by two persons. Declarants, agents and banks have no way to it. */

#define ROLES_READ                                                                                 \
    (HQ_ROLE_BIT(HQ_ROLE_RISK_ANALYST) | HQ_ROLE_BIT(HQ_ROLE_HEADQUARTERS) |                       \
     HQ_ROLE_BIT(HQ_ROLE_ADMINISTRATOR) | HQ_ROLE_BIT(HQ_ROLE_AUDITOR))
#define ROLES_WRITE (HQ_ROLE_BIT(HQ_ROLE_RISK_ANALYST) | HQ_ROLE_BIT(HQ_ROLE_ADMINISTRATOR))

/* ------------------------------------------------------------------ reading */

static hq_status version_parameter(int64_t *out, hq_request *request)
{
    hq_sv text = hq_request_query(request, "version");
    *out = -1;
    if (text.len == 0 || (hq_sv_digits(text) && hq_sv_i64(out, text))) {
        return HQ_DONE;
    }
    request->answer.why = (hq_why){ HQ_SV("/query/version"), HQ_SV("Phiên bản là số nguyên"),
                                    HQ_SV("The version is a whole number") };
    return HQ_FAIL(INVALID);
}

hq_sv hq_risk__etag(int64_t version, hq_arena *arena)
{
    return hq_arena_printf(arena, "risk-%lld", (long long)version);
}

hq_status hq_risk__stale(hq_request *request)
{
    request->answer.why = (hq_why){
        .vi = HQ_SV("Bộ tiêu chí đã thay đổi kể từ khi bạn đọc; hãy đọc lại rồi gửi lại"),
        .en = HQ_SV("The policy changed since you read it; read it again, then send again"),
    };
    return HQ_FAIL(STALE);
}

static hq_status answer_json(hq_request *request, const hq_risk_rules *rules)
{
    request->answer.body = HQ_BUF_ARENA(request->arena, (size_t)16 << 20);
    hq_json_w w = hq_json_writer(&request->answer.body);
    hq_json_open(&w, '{');
    HQ_JSON_KEY(&w, "version");
    hq_json_i64(&w, rules->version);
    HQ_JSON_KEY(&w, "items");
    hq_json_open(&w, '[');
    for (size_t i = 0; i < rules->count; i++) {
        hq_risk__rule_json(&w, &rules->rules[i]);
    }
    hq_json_close(&w, ']');
    HQ_JSON_KEY(&w, "next");
    hq_json_null(&w);
    hq_json_close(&w, '}');
    return hq_buf_status(&request->answer.body);
}

static hq_status answer_csv(hq_request *request, const hq_risk_rules *rules)
{
    request->answer.content_type = HQ_SV("text/csv; charset=utf-8");
    request->answer.body = HQ_BUF_ARENA(request->arena, HQ_RISK__CSV_MAX + 1024);
    return hq_risk__canonical(&request->answer.body, rules->rules, rules->count);
}

hq_status hq_risk__get_rules(hq_request *request, void *room)
{
    hq_risk *risk = room;
    const hq_risk_rules *rules;
    bool loaded = false;
    int64_t version;
    HQ_TRY(version_parameter(&version, request));
    if (version < 0) {
        rules = hq_risk_acquire(risk);
    } else {
        HQ_TRY(hq_risk__borrow(&rules, &loaded, risk, version));
    }
    request->answer.no_store = true;
    request->answer.etag = hq_risk__etag(rules->version, request->arena);
    hq_status s = hq_sv_eq(hq_request_query(request, "format"), HQ_SV("csv"))
                      ? answer_csv(request, rules)
                      : answer_json(request, rules);
    hq_risk__unborrow(risk, rules, loaded);
    return s;
}

/* ------------------------------------------------------------------ replacing */

typedef struct {
    hq_request *request;
    hq_risk *risk;
    hq_sv csv, digest;
    size_t rules;
    int64_t version;
    bool changed, asked;
    hq_id approval;
} job;

/* What the second person confirms: these rules over this version. */
static hq_sv body_of(const job *j, int64_t base, hq_arena *arena)
{
    return hq_arena_printf(arena, "{\"over_version\":%lld,\"rules\":%zu,\"sha256\":\"%.*s\"}",
                           (long long)base, j->rules, HQ_SV_FMT(j->digest));
}

static hq_status replace(hq_tx *tx, void *user)
{
    job *j = user;
    hq_risk__version now;
    hq_sv before;
    j->asked = false;
    HQ_TRY(hq_risk__version_get(&now, tx, -1));
    if (!hq_if_match(j->request, hq_risk__etag(now.version, hq_tx_arena(tx)))) {
        return hq_risk__stale(j->request);
    }
    HQ_TRY(hq_risk__csv_get(&before, tx, now.rules_of));
    if (!hq_sv_eq(before, j->csv)) {
        hq_approval_ask ask = { .deed = HQ_SV("risk.rules_replace"),
                                .subject = HQ_SV("risk/policy"),
                                .body = body_of(j, now.version, hq_tx_arena(tx)),
                                .roles = ROLES_WRITE };
        hq_status s = hq_approve(&j->approval, tx, j->request->caller, &ask);
        if (s.code == HQ_E_APPROVAL) {
            j->asked = true; /* the wish is what this transaction commits */
            return HQ_DONE;
        }
        HQ_TRY(s);
    }
    return hq_risk__put_rules(&j->version, &j->changed, tx, j->csv, j->rules,
                              j->request->caller->id);
}

static hq_status replaced(hq_request *request, hq_status written, void *user)
{
    job *j = user;
    HQ_TRY(written);
    if (j->asked) {
        return hq_approval_answer(request, &j->approval);
    }
    HQ_TRY(hq_risk_refresh(j->risk));
    request->answer.body = HQ_BUF_ARENA(request->arena, 1024);
    hq_json_w w = hq_json_writer(&request->answer.body);
    hq_json_open(&w, '{');
    HQ_JSON_KEY(&w, "version");
    hq_json_i64(&w, j->version);
    HQ_JSON_KEY(&w, "rules");
    hq_json_i64(&w, (int64_t)j->rules);
    HQ_JSON_KEY(&w, "changed");
    hq_json_bool(&w, j->changed);
    hq_json_close(&w, '}');
    return hq_buf_status(&request->answer.body);
}

static hq_status digest_of(hq_sv *out, hq_sv csv, hq_arena *arena)
{
    hq_hash32 hash;
    hq_buf hex = HQ_BUF_ARENA(arena, 128);
    hq_sha256(&hash, csv);
    hq_buf_hex(&hex, hash.bytes, sizeof hash.bytes);
    *out = hq_buf_view(&hex);
    return hq_buf_status(&hex);
}

hq_status hq_risk__put_rules_route(hq_request *request, void *room)
{
    job *j = HQ_NEW(request->arena, job);
    hq_risk__found found = { .arena = request->arena };
    hq_buf canonical = HQ_BUF_ARENA(request->arena, HQ_RISK__CSV_MAX);
    hq_risk__rule *rules;
    if (j == NULL) {
        return HQ_FAIL(NOMEM);
    }
    j->request = request;
    j->risk = room;
    HQ_TRY(hq_risk__governs(request, j->risk, HQ_SV("")));
    HQ_TRY(hq_risk__read(&rules, &j->rules, request->body, &found, request->arena,
                         &request->answer.why));
    request->answer.findings = found.items;
    request->answer.finding_count = found.count;
    if (found.count > 0) {
        return HQ_FAIL(INVALID);
    }
    HQ_TRY(hq_risk__canonical(&canonical, rules, j->rules));
    j->csv = hq_buf_view(&canonical);
    HQ_TRY(digest_of(&j->digest, j->csv, request->arena));
    return hq_request_write(request, replace, replaced, j);
}

const hq_route hq_risk_routes[] = {
    { HQ_GET, "/api/v1/risk/rules", hq_risk__get_rules, ROLES_READ, HQ_ROUTE_SLOW, HQ_POOL_FORMAL,
      0 },
    { HQ_PUT, "/api/v1/risk/rules", hq_risk__put_rules_route, ROLES_WRITE, HQ_ROUTE_CSV,
      HQ_POOL_FORMAL, HQ_RISK__CSV_MAX },
    { HQ_GET, "/api/v1/risk/random-share", hq_risk__get_share, ROLES_READ, 0, HQ_POOL_FORMAL, 0 },
    { HQ_PUT, "/api/v1/risk/random-share", hq_risk__put_share_route, ROLES_WRITE, 0, HQ_POOL_FORMAL,
      0 },
};
const size_t hq_risk_route_count = sizeof hq_risk_routes / sizeof hq_risk_routes[0];
