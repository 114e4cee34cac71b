/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/delegations.h"

/* A head gives named decisions of his to somebody of his scope, from a day until a day. What is
 * recorded is who gave what to whom; every decision made by it names the head. */

typedef struct {
    const hq_identity__delegation_row *row;
    const hq_caller *by;
} delegating;

static hq_status refuse(hq_why *why, const char *path, const char *vi, const char *en)
{
    if (why != NULL) {
        *why = (hq_why){ hq_sv_from_cstr(path), hq_sv_from_cstr(vi), hq_sv_from_cstr(en) };
    }
    return HQ_FAIL(INVALID);
}

hq_status hq_identity__delegation_put(hq_tx *tx, const hq_identity__delegation_row *row)
{
    int64_t changed;
    hq_buf out = HQ_BUF_ARENA(hq_tx_arena(tx), 1024);
    hq_json_w json = hq_json_writer(&out);
    hq_json_open(&json, '{');
    HQ_JSON_KEY(&json, "to");
    hq_json_text(&json, row->to_id);
    HQ_JSON_KEY(&json, "act");
    hq_json_text_or_null(&json, row->act.len == 0 ? HQ_SV_NULL : row->act);
    HQ_JSON_KEY(&json, "from");
    hq_json_day(&json, row->from);
    HQ_JSON_KEY(&json, "until");
    hq_json_day(&json, row->to);
    hq_json_close(&json, '}');
    HQ_TRY(hq_buf_status(&out));
    HQ_TRY(hq_identity__change_next(&changed, tx));
    HQ_TRY(hq_identity__delegation_insert(tx, row, changed));
    return hq_identity__event(tx, &(hq_identity__act){
                                      .kind = "delegation.given",
                                      .subject = row->id,
                                      .version = 1,
                                      .office = row->office,
                                      .actor = row->head_id,
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
    /* What was delegated to him he cannot hand on. */
    bool whole = row->office.len == 0 && head->office.len == 0;
    hq_status s = whole ? HQ_DONE : hq_may_himself(head, HQ_MAY_DECIDE, &office, ref, today);
    hq_status theirs = hq_may_himself(head, HQ_MAY_SEE, &person, ref, today);
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

hq_status hq_identity__delegation_prepare(hq_identity__delegation_row *out, hq_identity *identity,
                                          const hq_caller *head, const hq_delegation *delegation,
                                          hq_arena *arena, hq_why *why)
{
    hq_person to;
    hq_id id;
    hq_time_us now = hq_now(identity->clock);
    hq_status found = hq_identity_find(&to, identity, delegation->to, arena);
    if (found.code == HQ_E_NOT_FOUND) { /* added by another process a moment ago? */
        HQ_TRY(hq_identity_refresh(identity));
        found = hq_identity_find(&to, identity, delegation->to, arena);
    }
    if (found.code == HQ_E_NOT_FOUND) {
        return refuse(why, "/to", "Không có người dùng này", "There is no such user");
    }
    HQ_TRY(found);
    hq_id_make(&id, now);
    *out = (hq_identity__delegation_row){
        .id = hq_identity__id_text("delegation/", &id, arena),
        .head_id = head->id,
        .to_id = to.id,
        .act = delegation->act,
        .office = delegation->office.len > 0 ? delegation->office : head->office,
        .from = delegation->from,
        .to = delegation->until,
        .created_at = now,
    };
    return out->id.ptr == NULL ? HQ_FAIL(NOMEM) : check_delegation(identity, head, out, &to, why);
}

static hq_status put(hq_tx *tx, void *user)
{
    return hq_identity__delegation_put(tx, user);
}

hq_status hq_delegate(hq_id *id, hq_identity *identity, const hq_caller *head,
                      const hq_delegation *delegation, hq_arena *arena, hq_why *why)
{
    hq_identity__delegation_row row;
    HQ_TRY(hq_identity__delegation_prepare(&row, identity, head, delegation, arena, why));
    HQ_TRY(hq_id_parse(id, hq_sv_sub(row.id, sizeof "delegation/" - 1, row.id.len)));
    HQ_TRY(hq_store_write(identity->store, put, &row));
    return hq_identity_refresh(identity);
}

/* ------------------------------------------------------------------ the end */

static hq_status end_delegation(hq_tx *tx, void *user)
{
    const delegating *d = user;
    int64_t changed;
    HQ_TRY(hq_identity__change_next(&changed, tx));
    HQ_TRY(hq_identity__delegation_end(tx, d->row->id, d->row->head_id, changed));
    return hq_identity__event(tx, &(hq_identity__act){
                                      .kind = "delegation.ended",
                                      .subject = d->row->id,
                                      .version = 2,
                                      .office = d->row->office,
                                      .actor = d->by->id,
                                      .hashed = true,
                                  });
}

hq_status hq_identity__delegation_revoke(hq_identity *identity, const hq_caller *by,
                                         const hq_identity__delegation_row *row, hq_why *why)
{
    delegating d = { row, by };
    hq_status s = hq_store_write(identity->store, end_delegation, &d);
    if (s.code == HQ_E_NOT_FOUND && why != NULL) {
        *why = (hq_why){ .vi = HQ_SV("Không có ủy quyền này, hoặc đã kết thúc"),
                         .en = HQ_SV("There is no such delegation, or it has ended") };
    }
    HQ_TRY(s);
    return hq_identity_refresh(identity);
}

hq_status hq_delegation_end(hq_identity *identity, const hq_caller *head, const hq_id *id,
                            hq_why *why)
{
    hq_arena *arena = hq_arena_new(4096);
    if (arena == NULL) {
        return HQ_FAIL(NOMEM);
    }
    hq_identity__delegation_row row = { .id = hq_identity__id_text("delegation/", id, arena),
                                        .head_id = head->id,
                                        .office = head->office };
    hq_status s = row.id.ptr == NULL ? HQ_FAIL(NOMEM)
                                     : hq_identity__delegation_revoke(identity, head, &row, why);
    hq_arena_free(arena);
    return s;
}
