/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/acts.h"

/* Four eyes: a wish, and the same call by another entitled person. Who had a key made counts as the
 * person behind it, so that nobody lends himself a second pair of eyes. */

#define VALID_US HQ_US_PER_DAY

static hq_sv person_of(const hq_caller *caller)
{
    return caller->person.len > 0 ? caller->person : caller->id;
}

static hq_status write_event(hq_tx *tx, const hq_identity__approval_row *row, const char *kind,
                             int64_t version, hq_sv actor)
{
    hq_arena *arena = hq_tx_arena(tx);
    hq_buf out = HQ_BUF_ARENA(arena, 4096);
    hq_json_w json = hq_json_writer(&out);
    hq_json_open(&json, '{');
    HQ_JSON_KEY(&json, "deed");
    hq_json_text(&json, row->deed);
    HQ_JSON_KEY(&json, "subject");
    hq_json_text(&json, row->subject);
    hq_json_close(&json, '}');
    HQ_TRY(hq_buf_status(&out));
    return hq_identity__event(tx, &(hq_identity__act){
                                      .kind = kind,
                                      .subject = row->id,
                                      .version = version,
                                      .office = row->office,
                                      .actor = actor,
                                      .payload = hq_buf_view(&out),
                                      .hashed = true,
                                  });
}

hq_status hq_identity__approval_expire(hq_tx *tx, const hq_identity__approval_row *row)
{
    HQ_TRY(hq_identity__approval_close(tx, row->id, HQ_SV("EXPIRED"), HQ_SV("system")));
    return write_event(tx, row, "approval.expired", 2, HQ_SV("system"));
}

static hq_status ask_for(hq_id *id, hq_tx *tx, const hq_caller *caller, const hq_approval_ask *ask,
                         const hq_hash32 *body)
{
    hq_time_us now = hq_tx_now(tx);
    hq_id_make(id, now);
    hq_identity__approval_row row = {
        .id = hq_identity__id_text("approval/", id, hq_tx_arena(tx)),
        .deed = ask->deed,
        .subject = ask->subject,
        .body = ask->body,
        .body_hash = *body,
        .roles = ask->roles,
        .office = caller->office,
        .asked_by = caller->id,
        .asked_person = person_of(caller),
        .asked_at = now,
        .expires_at = now + (ask->valid_us > 0 ? ask->valid_us : VALID_US),
        .state = HQ_SV("OPEN"),
        .decided_by = HQ_SV(""),
    };
    if (row.id.ptr == NULL) {
        return HQ_FAIL(NOMEM);
    }
    HQ_TRY(hq_identity__approval_insert(tx, &row));
    HQ_TRY(write_event(tx, &row, "approval.asked", 1, caller->id));
    return HQ_FAIL(APPROVAL);
}

static hq_status id_of(hq_id *id, const hq_identity__approval_row *row)
{
    return hq_id_parse(id, hq_sv_sub(row->id, sizeof "approval/" - 1, row->id.len));
}

hq_status hq_approve(hq_id *id, hq_tx *tx, const hq_caller *caller, const hq_approval_ask *ask)
{
    hq_identity__approval_row row;
    hq_hash32 body;
    hq_blake2b(&body, ask->body);
    hq_status s =
        hq_identity__approval_open(&row, tx, ask->deed, ask->subject, &body, hq_tx_arena(tx));
    if (hq_ok(s) && row.expires_at <= hq_tx_now(tx)) {
        HQ_TRY(hq_identity__approval_expire(tx, &row));
        s = HQ_FAIL(NOT_FOUND);
    }
    if (s.code == HQ_E_NOT_FOUND) {
        return ask_for(id, tx, caller, ask, &body);
    }
    HQ_TRY(s);
    HQ_TRY(id_of(id, &row));
    bool second = !hq_sv_eq(row.asked_by, caller->id) &&
                  !hq_sv_eq(row.asked_person, person_of(caller)) &&
                  (row.roles & ask->roles & HQ_ROLE_BIT(caller->role)) != 0;
    if (!second) {
        return HQ_FAIL(APPROVAL);
    }
    HQ_TRY(hq_identity__approval_close(tx, row.id, HQ_SV("GIVEN"), caller->id));
    return write_event(tx, &row, "approval.given", 2, caller->id);
}

hq_status hq_approval_answer(hq_request *request, const hq_id *id)
{
    request->answer.http = 202;
    request->answer.body = HQ_BUF_ARENA(request->arena, 256);
    hq_buf_lit(&request->answer.body, "{\"approval\":\"");
    hq_id_write(&request->answer.body, id);
    hq_buf_lit(&request->answer.body, "\"}");
    return hq_buf_status(&request->answer.body);
}
