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

/* ------------------------------------------------------------------ delegations */

typedef struct {
    hq_identity__delegation_row row;
    const hq_caller *head;
    const hq_id *id;
} delegating;

static hq_status refuse(hq_why *why, const char *path, const char *vi, const char *en)
{
    if (why != NULL) {
        *why = (hq_why){ hq_sv_from_cstr(path), hq_sv_from_cstr(vi), hq_sv_from_cstr(en) };
    }
    return HQ_FAIL(INVALID);
}

static hq_status put_delegation(hq_tx *tx, void *user)
{
    delegating *d = user;
    int64_t changed;
    hq_buf out = HQ_BUF_ARENA(hq_tx_arena(tx), 1024);
    hq_json_w json = hq_json_writer(&out);
    hq_json_open(&json, '{');
    HQ_JSON_KEY(&json, "to");
    hq_json_text(&json, d->row.to_id);
    HQ_JSON_KEY(&json, "act");
    hq_json_text_or_null(&json, d->row.act.len == 0 ? HQ_SV_NULL : d->row.act);
    HQ_JSON_KEY(&json, "from");
    hq_json_day(&json, d->row.from);
    HQ_JSON_KEY(&json, "until");
    hq_json_day(&json, d->row.to);
    hq_json_close(&json, '}');
    HQ_TRY(hq_buf_status(&out));
    HQ_TRY(hq_identity__change_next(&changed, tx));
    HQ_TRY(hq_identity__delegation_insert(tx, &d->row, changed));
    return hq_identity__event(tx, &(hq_identity__act){
                                      .kind = "delegation.given",
                                      .subject = d->row.id,
                                      .version = 1,
                                      .office = d->row.office,
                                      .actor = d->head->id,
                                      .payload = hq_buf_view(&out),
                                      .hashed = true,
                                  });
}

/* The office must lie within the head's own scope, and the one who gets it too. */
static hq_status check_delegation(hq_identity *identity, const hq_caller *head,
                                  const hq_identity__delegation_row *row, const hq_person *to,
                                  hq_why *why)
{
    const hq_ref *ref = hq_reference_acquire(identity->reference);
    hq_day today = hq_day_of(hq_now(identity->clock));
    hq_target office = { .office = row->office };
    hq_target person = { .office = to->office };
    hq_caller alone = *head; /* what was delegated to him he cannot hand on */
    alone.delegated_count = 0;
    bool whole = row->office.len == 0 && head->office.len == 0;
    hq_status s = whole ? HQ_DONE : hq_may(&alone, HQ_MAY_DECIDE, &office, ref, today);
    hq_status theirs = hq_may(&alone, HQ_MAY_SEE, &person, ref, today);
    hq_reference_release(identity->reference, ref);
    if (!hq_identity__deed_allowed(HQ_MAY_DECIDE, head->role)) {
        return HQ_FAIL(FORBIDDEN);
    }
    if (hq_failed(s)) {
        return refuse(why, "/office", "Đơn vị này không thuộc quyền của người ủy quyền",
                      "This office is not within the scope of the head");
    }
    if (hq_failed(theirs) || hq_sv_eq(to->id, head->id) ||
        (HQ_ROLES_CUSTOMS & HQ_ROLE_BIT(to->role)) == 0) {
        return refuse(why, "/to", "Chỉ ủy quyền cho công chức khác thuộc phạm vi của mình",
                      "Only another customs officer of the head's own scope can be given it");
    }
    if (row->from > row->to || row->to < today) {
        return refuse(why, "/until", "Thời hạn ủy quyền đã qua, hoặc kết thúc trước khi bắt đầu",
                      "The days of the delegation are over, or end before they begin");
    }
    return HQ_DONE;
}

hq_status hq_delegate(hq_id *id, hq_identity *identity, const hq_caller *head,
                      const hq_delegation *delegation, hq_arena *arena, hq_why *why)
{
    hq_person to;
    hq_time_us now = hq_now(identity->clock);
    hq_status found = hq_identity_find(&to, identity, delegation->to, arena);
    if (found.code == HQ_E_NOT_FOUND) {
        return refuse(why, "/to", "Không có người dùng này", "There is no such user");
    }
    HQ_TRY(found);
    hq_id_make(id, now);
    delegating d = {
        .row = { .id = hq_identity__id_text("delegation/", id, arena),
                 .head_id = head->id,
                 .to_id = to.id,
                 .act = delegation->act,
                 .office = delegation->office.len > 0 ? delegation->office : head->office,
                 .from = delegation->from,
                 .to = delegation->until,
                 .created_at = now },
        .head = head,
    };
    if (d.row.id.ptr == NULL) {
        return HQ_FAIL(NOMEM);
    }
    HQ_TRY(check_delegation(identity, head, &d.row, &to, why));
    HQ_TRY(hq_store_write(identity->store, put_delegation, &d));
    return hq_identity_refresh(identity);
}

static hq_status end_delegation(hq_tx *tx, void *user)
{
    delegating *d = user;
    int64_t changed;
    HQ_TRY(hq_identity__change_next(&changed, tx));
    HQ_TRY(hq_identity__delegation_end(tx, d->row.id, d->head->id, changed));
    return hq_identity__event(tx, &(hq_identity__act){
                                      .kind = "delegation.ended",
                                      .subject = d->row.id,
                                      .version = 2,
                                      .office = d->head->office,
                                      .actor = d->head->id,
                                      .hashed = true,
                                  });
}

hq_status hq_delegation_end(hq_identity *identity, const hq_caller *head, const hq_id *id,
                            hq_why *why)
{
    hq_arena *arena = hq_arena_new(4096);
    if (arena == NULL) {
        return HQ_FAIL(NOMEM);
    }
    delegating d = { .row = { .id = hq_identity__id_text("delegation/", id, arena) },
                     .head = head };
    hq_status s =
        d.row.id.ptr == NULL ? HQ_FAIL(NOMEM) : hq_store_write(identity->store, end_delegation, &d);
    hq_arena_free(arena);
    if (s.code == HQ_E_NOT_FOUND && why != NULL) {
        *why = (hq_why){ .vi = HQ_SV("Không có ủy quyền này, hoặc đã kết thúc"),
                         .en = HQ_SV("There is no such delegation, or it has ended") };
    }
    HQ_TRY(s);
    return hq_identity_refresh(identity);
}
