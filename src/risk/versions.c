/* SPDX-License-Identifier: Apache-2.0 */
#include "risk/room.h"

/* Rows of risk_versions and risk_rule_sets: each change is a further version with one event. The
 * event's payload says what changed and never the share itself, which is confidential; its hash
 * covers both. */

static hq_sql newest = HQ_SQL_OF("SELECT version, at, actor, what, rules_of, shares "
                                 "FROM risk_versions ORDER BY version DESC LIMIT 1");
static hq_sql one = HQ_SQL_OF("SELECT version, at, actor, what, rules_of, shares "
                              "FROM risk_versions WHERE version = ?1");
static hq_sql find_csv = HQ_SQL_OF("SELECT csv FROM risk_rule_sets WHERE version = ?1");
static hq_sql insert_version =
    HQ_SQL_OF("INSERT INTO risk_versions (version, at, actor, what, rules_of, shares) "
              "VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING");
static hq_sql insert_set =
    HQ_SQL_OF("INSERT INTO risk_rule_sets (version, rules, csv) VALUES (?1, ?2, ?3)");

/* ------------------------------------------------------------------ reading */

hq_status hq_risk__version_get(hq_risk__version *out, hq_tx *tx, int64_t version)
{
    hq_rows rows;
    hq_arena *arena = hq_tx_arena(tx);
    const hq_bind bind = HQ_B_I64(version);
    bool found = false;
    *out = (hq_risk__version){ .actor = HQ_SV(""), .what = HQ_SV(""), .shares = HQ_SV("") };
    if (version == 0) {
        return HQ_DONE;
    }
    HQ_TRY(version < 0 ? hq_tx_query(&rows, tx, &newest, NULL, 0)
                       : hq_tx_query(&rows, tx, &one, &bind, 1));
    if (hq_rows_next(&rows)) {
        found = true;
        *out = (hq_risk__version){
            .version = hq_rows_i64(&rows, 0),
            .at = hq_rows_i64(&rows, 1),
            .actor = hq_arena_dup(arena, hq_rows_text(&rows, 2)),
            .what = hq_arena_dup(arena, hq_rows_text(&rows, 3)),
            .rules_of = hq_rows_i64(&rows, 4),
            .shares = hq_arena_dup(arena, hq_rows_text(&rows, 5)),
        };
    }
    HQ_TRY(hq_rows_end(&rows));
    if (out->actor.ptr == NULL || out->what.ptr == NULL || out->shares.ptr == NULL) {
        return HQ_FAIL(NOMEM);
    }
    return found || version < 0 ? HQ_DONE : HQ_FAIL(NOT_FOUND);
}

hq_status hq_risk__csv_get(hq_sv *out, hq_tx *tx, int64_t rules_of)
{
    hq_rows rows;
    hq_status read = HQ_FAIL(CORRUPT);
    *out = HQ_SV("");
    if (rules_of == 0) {
        return HQ_DONE;
    }
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &find_csv, HQ_B_I64(rules_of)));
    if (hq_rows_next(&rows)) {
        *out = hq_arena_dup(hq_tx_arena(tx), hq_rows_text(&rows, 0));
        read = out->ptr == NULL ? HQ_FAIL(NOMEM) : HQ_DONE;
    }
    HQ_TRY(hq_rows_end(&rows));
    return read;
}

/* ------------------------------------------------------------------ hash */

static hq_status hash_version(hq_hash32 *out, const hq_risk__version *v, hq_sv csv, hq_arena *arena)
{
    hq_buf buf = HQ_BUF_ARENA(arena, HQ_RISK__CSV_MAX + 65536);
    hq_buf_le64(&buf, (uint64_t)v->version);
    hq_buf_le64(&buf, (uint64_t)v->at);
    hq_buf_bytes32(&buf, v->actor);
    hq_buf_bytes32(&buf, v->what);
    hq_buf_le64(&buf, (uint64_t)v->rules_of);
    hq_buf_bytes32(&buf, v->shares);
    hq_buf_bytes32(&buf, csv);
    HQ_TRY(hq_buf_status(&buf));
    hq_blake2b(out, hq_buf_view(&buf));
    return HQ_DONE;
}

hq_status hq_risk__policy_hash(hq_hash32 *out, hq_tx *tx)
{
    hq_risk__version v;
    hq_sv csv;
    HQ_TRY(hq_risk__version_get(&v, tx, -1));
    if (v.version == 0) {
        return HQ_FAIL(NOT_FOUND);
    }
    HQ_TRY(hq_risk__csv_get(&csv, tx, v.rules_of));
    return hash_version(out, &v, csv, hq_tx_arena(tx));
}

/* ------------------------------------------------------------------ writing */

static hq_status write_event(hq_tx *tx, const hq_risk__version *v, hq_sv csv, const char *kind,
                             hq_sv payload)
{
    hq_hash32 hash;
    HQ_TRY(hash_version(&hash, v, csv, hq_tx_arena(tx)));
    hq_event event = {
        .room = HQ_SV("risk"),
        .kind = hq_sv_from_cstr(kind),
        .subject = HQ_SV("risk/policy"),
        .version = v->version,
        .actor = v->actor,
        .payload = payload,
        .row_hash = &hash,
    };
    return hq_tx_event(tx, &event, NULL);
}

static hq_status write_version(hq_tx *tx, hq_risk__version *v, const char *what, hq_sv actor)
{
    int64_t changed;
    v->version++;
    v->at = hq_tx_now(tx);
    v->actor = actor;
    v->what = hq_sv_from_cstr(what);
    const hq_bind binds[] = { HQ_B_I64(v->version), HQ_B_I64(v->at),       HQ_B_TEXT(v->actor),
                              HQ_B_TEXT(v->what),   HQ_B_I64(v->rules_of), HQ_B_TEXT(v->shares) };
    HQ_TRY(hq_tx_run(tx, &insert_version, binds, sizeof binds / sizeof binds[0], &changed));
    return changed == 1 ? HQ_DONE : HQ_FAIL(RERUN);
}

hq_status hq_risk__put_rules(int64_t *version, bool *changed, hq_tx *tx, hq_sv csv, size_t rules,
                             hq_sv actor)
{
    hq_arena *arena = hq_tx_arena(tx);
    hq_risk__version v;
    hq_sv before;
    hq_hash32 hash;
    hq_buf payload = HQ_BUF_ARENA(arena, 512);
    HQ_TRY(hq_risk__version_get(&v, tx, -1));
    HQ_TRY(hq_risk__csv_get(&before, tx, v.rules_of));
    *version = v.version;
    *changed = !hq_sv_eq(before, csv);
    if (!*changed) {
        return HQ_DONE;
    }
    v.rules_of = v.version + 1;
    HQ_TRY(write_version(tx, &v, "rules", actor));
    HQ_TRY(
        HQ_TX_RUN(tx, &insert_set, HQ_B_I64(v.version), HQ_B_I64((int64_t)rules), HQ_B_TEXT(csv)));
    hq_sha256(&hash, csv);
    hq_buf_printf(&payload, "{\"version\":%lld,\"rules\":%zu,\"sha256\":\"", (long long)v.version,
                  rules);
    hq_buf_hex(&payload, hash.bytes, sizeof hash.bytes);
    hq_buf_lit(&payload, "\"}");
    HQ_TRY(hq_buf_status(&payload));
    *version = v.version;
    return write_event(tx, &v, csv, "risk_rules.replaced", hq_buf_view(&payload));
}

/* Inserts or replaces in order; 0 for an office of its own stays, it is not "as for all". */
static hq_status shares_with(hq_sv *out, hq_sv text, hq_sv office, uint32_t ppm, hq_arena *arena)
{
    hq_risk__share *shares;
    size_t count;
    HQ_TRY(hq_risk__shares_read(&shares, &count, text, arena));
    hq_risk__share *more = HQ_NEW_ARRAY(arena, hq_risk__share, count + 1);
    hq_buf buf = HQ_BUF_ARENA(arena, 65536);
    size_t total = 0;
    bool put = false;
    if (more == NULL) {
        return HQ_FAIL(NOMEM);
    }
    for (size_t i = 0; i < count; i++) {
        int order = hq_sv_cmp(shares[i].office, office);
        if (order >= 0 && !put) {
            more[total++] = (hq_risk__share){ office, ppm };
            put = true;
        }
        if (order != 0) {
            more[total++] = shares[i];
        }
    }
    if (!put) {
        more[total++] = (hq_risk__share){ office, ppm };
    }
    HQ_TRY(hq_risk__shares_write(&buf, more, total));
    *out = hq_buf_view(&buf);
    return HQ_DONE;
}

hq_status hq_risk__put_share(int64_t *version, bool *changed, hq_tx *tx, hq_sv office, uint32_t ppm,
                             hq_sv actor)
{
    hq_arena *arena = hq_tx_arena(tx);
    hq_risk__version v;
    hq_sv shares;
    hq_sv csv;
    hq_buf payload = HQ_BUF_ARENA(arena, 512);
    HQ_TRY(hq_risk__version_get(&v, tx, -1));
    HQ_TRY(shares_with(&shares, v.shares, office, ppm, arena));
    *version = v.version;
    *changed = !hq_sv_eq(shares, v.shares);
    if (!*changed) {
        return HQ_DONE;
    }
    v.shares = shares;
    HQ_TRY(write_version(tx, &v, "share", actor));
    HQ_TRY(hq_risk__csv_get(&csv, tx, v.rules_of));
    hq_json_w json = hq_json_writer(&payload);
    hq_json_open(&json, '{');
    HQ_JSON_KEY(&json, "version");
    hq_json_i64(&json, v.version);
    HQ_JSON_KEY(&json, "office");
    hq_json_text_or_null(&json, office.len == 0 ? HQ_SV_NULL : office);
    hq_json_close(&json, '}');
    HQ_TRY(hq_buf_status(&payload));
    *version = v.version;
    return write_event(tx, &v, csv, "random_share.set", hq_buf_view(&payload));
}
