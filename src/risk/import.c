/* SPDX-License-Identifier: Apache-2.0 */
#include "risk/room.h"
#include "embedded_stamp.h"

/* A whole new rule set, or a share, from the command line and the demo: no second person is asked,
 * because whoever runs it holds the database itself. In force before it returns. */

HQ_EMBED(hq_demo_risk_rules, "../data/demo/risk_rules.csv");

typedef struct {
    hq_sv csv, actor, office;
    size_t rules;
    uint32_t ppm;
    int64_t version;
    bool changed;
} change;

static hq_status write_rules(hq_tx *tx, void *user)
{
    change *c = user;
    return hq_risk__put_rules(&c->version, &c->changed, tx, c->csv, c->rules, c->actor);
}

static hq_status write_share(hq_tx *tx, void *user)
{
    change *c = user;
    return hq_risk__put_share(&c->version, &c->changed, tx, c->office, c->ppm, c->actor);
}

hq_status hq_risk_import(hq_risk_imported *out, hq_risk *risk, hq_sv csv, hq_sv actor,
                         hq_arena *arena, const hq_finding **findings, size_t *finding_count,
                         hq_why *why)
{
    hq_risk__found found = { .arena = arena };
    hq_risk__rule *rules;
    change c = { .actor = actor };
    hq_buf canonical = HQ_BUF_ARENA(arena, HQ_RISK__CSV_MAX);
    *out = (hq_risk_imported){ 0 };
    HQ_TRY(hq_risk__read(&rules, &c.rules, csv, &found, arena, why));
    *findings = found.items;
    *finding_count = found.count;
    if (found.count > 0) {
        return HQ_FAIL(INVALID);
    }
    HQ_TRY(hq_risk__canonical(&canonical, rules, c.rules));
    c.csv = hq_buf_view(&canonical);
    HQ_TRY(hq_store_write(risk->store, write_rules, &c));
    *out = (hq_risk_imported){ c.version, c.rules, c.changed };
    return hq_risk_refresh(risk);
}

hq_status hq_risk_load_demo(hq_risk *risk, hq_arena *arena, hq_why *why)
{
    hq_risk_imported report;
    const hq_finding *findings = NULL;
    size_t count = 0;
    hq_status s = hq_risk_import(&report, risk, HQ_EMBEDDED(hq_demo_risk_rules), HQ_SV("system"),
                                 arena, &findings, &count, why);
    if (s.code == HQ_E_INVALID && count > 0 && why != NULL) {
        *why = (hq_why){ findings[0].path, findings[0].vi, findings[0].en };
    }
    return s;
}

hq_status hq_risk_set_share(hq_risk *risk, hq_sv office, uint32_t ppm, hq_sv actor)
{
    change c = { .office = office, .ppm = ppm, .actor = actor };
    if (ppm > 1000000) {
        return HQ_FAIL(RANGE);
    }
    HQ_TRY(hq_store_write(risk->store, write_share, &c));
    return hq_risk_refresh(risk);
}
