/* SPDX-License-Identifier: Apache-2.0 */
#include "risk/room.h"

/* GET and PUT /api/v1/risk/random-share. The share is confidential: no event, log or list for
 * others carries it. Changing it takes two persons, in either direction: a share of 0 would take
 * away the one measure that no rule can be tuned around. */

#define ROLES_WRITE  (HQ_ROLE_BIT(HQ_ROLE_RISK_ANALYST) | HQ_ROLE_BIT(HQ_ROLE_ADMINISTRATOR))
#define PPM_MAX      1000000
#define FINDINGS_MAX ((size_t)32)

typedef struct {
    hq_request *request;
    hq_risk *risk;
    hq_sv office;
    uint32_t ppm;
    int64_t version;
    bool changed, asked;
    hq_id approval;
} job;

static void write_office(hq_json_w *w, hq_sv office)
{
    HQ_JSON_KEY(w, "office");
    hq_json_text_or_null(w, office.len == 0 ? HQ_SV_NULL : office);
}

hq_status hq_risk__get_share(hq_request *request, void *room)
{
    hq_risk *risk = room;
    const hq_risk_rules *rules = hq_risk_acquire(risk);
    const hq_ref *ref = hq_reference_acquire(risk->reference);
    hq_day today = hq_day_of(request->received_at);
    request->answer.no_store = true;
    request->answer.etag = hq_risk__etag(rules->version, request->arena);
    request->answer.body = HQ_BUF_ARENA(request->arena, 65536);
    hq_json_w w = hq_json_writer(&request->answer.body);
    hq_json_open(&w, '{');
    HQ_JSON_KEY(&w, "version");
    hq_json_i64(&w, rules->version);
    HQ_JSON_KEY(&w, "default_ppm");
    hq_json_i64(&w, hq_risk__share_of(rules, HQ_SV("")));
    HQ_JSON_KEY(&w, "items");
    hq_json_open(&w, '[');
    for (size_t i = 0; i < rules->share_count; i++) {
        if (!hq_risk__reaches(request->caller, rules->shares[i].office, ref, today)) {
            continue;
        }
        hq_json_open(&w, '{');
        write_office(&w, rules->shares[i].office);
        HQ_JSON_KEY(&w, "ppm");
        hq_json_i64(&w, rules->shares[i].ppm);
        hq_json_close(&w, '}');
    }
    hq_json_close(&w, ']');
    HQ_JSON_KEY(&w, "next");
    hq_json_null(&w);
    hq_json_close(&w, '}');
    hq_reference_release(risk->reference, ref);
    hq_risk_release(risk, rules);
    return hq_buf_status(&request->answer.body);
}

/* ------------------------------------------------------------------ changing */

static hq_status change(hq_tx *tx, void *user)
{
    job *j = user;
    hq_arena *arena = hq_tx_arena(tx);
    hq_risk__version now;
    j->asked = false;
    HQ_TRY(hq_risk__version_get(&now, tx, -1));
    if (!hq_if_match(j->request, hq_risk__etag(now.version, arena))) {
        return hq_risk__stale(j->request);
    }
    hq_approval_ask ask = {
        .deed = HQ_SV("risk.random_share_set"),
        .subject = hq_arena_printf(arena, "risk/share/%.*s", HQ_SV_FMT(j->office)),
        .body = hq_arena_printf(arena, "{\"over_version\":%lld,\"ppm\":%u}", (long long)now.version,
                                j->ppm),
        .roles = ROLES_WRITE,
    };
    hq_status s = hq_approve(&j->approval, tx, j->request->caller, &ask);
    if (s.code == HQ_E_APPROVAL) {
        j->asked = true; /* the wish is what this transaction commits */
        return HQ_DONE;
    }
    HQ_TRY(s);
    return hq_risk__put_share(&j->version, &j->changed, tx, j->office, j->ppm,
                              j->request->caller->id);
}

static hq_status changed(hq_request *request, hq_status written, void *user)
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
    write_office(&w, j->office);
    HQ_JSON_KEY(&w, "ppm");
    hq_json_i64(&w, j->ppm);
    hq_json_close(&w, '}');
    return hq_buf_status(&request->answer.body);
}

static hq_status bad(hq_request *request, const char *path, const char *vi, const char *en)
{
    request->answer.why =
        (hq_why){ hq_sv_from_cstr(path), hq_sv_from_cstr(vi), hq_sv_from_cstr(en) };
    return HQ_FAIL(INVALID);
}

static void find(hq_request *request, hq_finding *items, const char *rule, hq_sv path,
                 const char *vi, const char *en)
{
    if (request->answer.finding_count < FINDINGS_MAX) {
        items[request->answer.finding_count++] = (hq_finding){ .rule = hq_sv_from_cstr(rule),
                                                               .severity = HQ_SEVERITY_ERROR,
                                                               .path = path,
                                                               .vi = hq_sv_from_cstr(vi),
                                                               .en = hq_sv_from_cstr(en) };
    }
}

static void take_member(job *j, hq_request *request, hq_finding *items, const hq_json *m)
{
    if (hq_sv_eq(m->key, HQ_SV("ppm"))) {
        return;
    }
    if (!hq_sv_eq(m->key, HQ_SV("office"))) {
        hq_sv path = hq_arena_printf(request->arena, "/%.*s", HQ_SV_FMT(m->key));
        find(request, items, "HQ002", path, "Không có trường này; chỉ có office và ppm",
             "There is no such field; there are office and ppm only");
    } else if (m->type == HQ_JSON_STRING) {
        j->office = m->text;
    } else if (m->type != HQ_JSON_NULL) {
        find(request, items, "HQ004", HQ_SV("/office"),
             "office là mã đơn vị hoặc null cho mọi đơn vị",
             "office is an office code, or null for all");
    }
}

static hq_status read_body(job *j, hq_request *request)
{
    const hq_json *body;
    int64_t ppm = 0;
    HQ_TRY(hq_json_parse(&body, request->body, request->arena, &request->answer.why));
    if (body->type != HQ_JSON_OBJECT) {
        return bad(request, "", "Nội dung phải là một đối tượng JSON",
                   "The body must be a JSON object");
    }
    hq_finding *items = HQ_NEW_ARRAY(request->arena, hq_finding, FINDINGS_MAX);
    if (items == NULL) {
        return HQ_FAIL(NOMEM);
    }
    request->answer.findings = items;
    for (const hq_json *m = hq_json_first(body); m != NULL; m = hq_json_next(body, m)) {
        take_member(j, request, items, m);
    }
    if (!hq_json_get_i64(&ppm, body, "ppm") || ppm < 0 || ppm > PPM_MAX) {
        find(request, items, "HQ016", HQ_SV("/ppm"),
             "ppm là số nguyên từ 0 đến 1000000 (phần triệu)",
             "ppm is a whole number from 0 to 1000000 (parts per million)");
    }
    j->ppm = (uint32_t)ppm;
    return request->answer.finding_count == 0 ? HQ_DONE : HQ_FAIL(INVALID);
}

static hq_status known_office(job *j, hq_request *request)
{
    const hq_ref *ref = hq_reference_acquire(j->risk->reference);
    bool known = j->office.len == 0 ||
                 hq_ref_office(ref, j->office, hq_day_of(request->received_at)) != NULL;
    hq_reference_release(j->risk->reference, ref);
    return known ? HQ_DONE
                 : bad(request, "/office", "Không có đơn vị hải quan này",
                       "There is no such customs office");
}

hq_status hq_risk__put_share_route(hq_request *request, void *room)
{
    job *j = HQ_NEW(request->arena, job);
    if (j == NULL) {
        return HQ_FAIL(NOMEM);
    }
    j->office = HQ_SV("");
    j->request = request;
    j->risk = room;
    HQ_TRY(read_body(j, request));
    HQ_TRY(known_office(j, request));
    HQ_TRY(hq_risk__governs(request, j->risk, j->office));
    return hq_request_write(request, change, changed, j);
}
