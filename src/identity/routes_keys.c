/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/body.h"

#include <sodium.h>

/* API keys by administrators; the roster, open approvals and the roles for everybody's screens. */

#define SCAN_PAGE     ((size_t)200)
#define SCAN_PAGES    20
#define APPROVALS_MAX ((size_t)200)

static hq_status may(hq_identity *identity, const hq_caller *caller, hq_deed deed, hq_sv office)
{
    const hq_target target = { .office = office };
    const hq_ref *ref = hq_reference_acquire(identity->reference);
    hq_status s = hq_may(caller, deed, &target, ref, hq_day_of(hq_now(identity->clock)));
    hq_reference_release(identity->reference, ref);
    return s;
}

/* ------------------------------------------------------------------ list of keys */

typedef struct {
    hq_identity *identity;
    const hq_caller *caller;
    hq_arena *arena;
    hq_sv after;
    size_t limit, count;
    hq_identity__key_row *page, *found;
    bool more;
} listing;

static hq_status scan(hq_tx *tx, void *user)
{
    listing *l = user;
    size_t got = SCAN_PAGE;
    l->count = 0;
    l->more = false;
    for (int i = 0; i < SCAN_PAGES && got == SCAN_PAGE; i++) {
        HQ_TRY(hq_identity__keys_page(l->page, &got, SCAN_PAGE, tx, l->after, l->arena));
        for (size_t k = 0; k < got; k++) {
            bool want = hq_ok(may(l->identity, l->caller, HQ_MAY_ADMINISTER, l->page[k].office));
            if (want && l->count == l->limit) {
                l->more = true;
                return HQ_DONE;
            }
            if (want) {
                l->found[l->count++] = l->page[k];
            }
            l->after = l->page[k].id;
        }
    }
    l->more = got == SCAN_PAGE;
    return HQ_DONE;
}

static void write_key(hq_json_w *json, const hq_identity__key_row *row)
{
    hq_json_open(json, '{');
    hq_identity__shown_members(json,
                               &(hq_identity__shown){ row->id, row->name, row->role, row->office,
                                                      row->tax_code, row->bank, row->on_roster });
    HQ_JSON_KEY(json, "created_at");
    hq_json_time(json, row->created_at);
    hq_identity__text_member(json, HQ_SV("created_by"), row->created_by);
    HQ_JSON_KEY(json, "revoked_at");
    if (row->revoked_at == 0) {
        hq_json_null(json);
    } else {
        hq_json_time(json, row->revoked_at);
    }
    hq_json_close(json, '}');
}

hq_status hq_identity__get_keys(hq_request *request, void *room)
{
    listing l = { .identity = room, .caller = request->caller, .arena = request->arena };
    HQ_TRY(hq_identity__page(&l.limit, &l.after, request, "key/"));
    l.page = HQ_NEW_ARRAY(request->arena, hq_identity__key_row, SCAN_PAGE);
    l.found = HQ_NEW_ARRAY(request->arena, hq_identity__key_row, l.limit);
    if (l.page == NULL || l.found == NULL) {
        return HQ_FAIL(NOMEM);
    }
    HQ_TRY(hq_store_read(l.identity->store, scan, &l));
    hq_json_w json = hq_identity__answer(request, 200);
    hq_json_open(&json, '{');
    HQ_JSON_KEY(&json, "items");
    hq_json_open(&json, '[');
    for (size_t i = 0; i < l.count; i++) {
        write_key(&json, &l.found[i]);
    }
    hq_json_close(&json, ']');
    hq_identity__text_member(&json, HQ_SV("next"),
                             l.more ? hq_sv_sub(l.after, 4, l.after.len) : HQ_SV(""));
    hq_json_close(&json, '}');
    return hq_buf_status(&request->answer.body);
}

/* ------------------------------------------------------------------ adding a key */

typedef struct {
    hq_identity *identity;
    const hq_caller *caller;
    hq_request *request;
    hq_identity__key_row row;
    char secret[HQ_IDENTITY__SECRET_LEN + 1];
    hq_approval_ask ask;
    bool powerful, pending;
    hq_id approval;
    char remember[64];
} adding;

static hq_status write_added(hq_tx *tx, void *user)
{
    adding *a = user;
    a->pending = false;
    a->request->remember = a->row.id;
    if (a->powerful) {
        hq_status s = hq_approve(&a->approval, tx, a->caller, &a->ask);
        if (s.code == HQ_E_APPROVAL) {
            hq_buf out = HQ_BUF_ARENA(hq_tx_arena(tx), sizeof a->remember);
            a->pending = true;
            hq_buf_lit(&out, "approval/");
            hq_id_write(&out, &a->approval);
            HQ_TRY(hq_buf_status(&out));
            memcpy(a->remember, out.ptr, out.len);
            a->request->remember = hq_sv_make(a->remember, out.len);
            return HQ_DONE;
        }
        HQ_TRY(s);
    }
    return hq_identity__key_put(tx, &a->row);
}

static hq_status answer_key(hq_request *request, hq_sv id, hq_sv secret)
{
    hq_json_w json = hq_identity__answer(request, 201);
    hq_json_open(&json, '{');
    hq_identity__text_member(&json, HQ_SV("id"), id);
    /* Null when the same request comes again: the key is shown once. */
    hq_identity__text_member(&json, HQ_SV("key"), secret);
    hq_json_close(&json, '}');
    return hq_buf_status(&request->answer.body);
}

static hq_status added(hq_request *request, hq_status written, void *user)
{
    adding *a = user;
    HQ_TRY(written);
    if (a->pending) {
        return hq_approval_answer(request, &a->approval);
    }
    HQ_TRY(answer_key(request, a->row.id, hq_sv_from_cstr(a->secret)));
    sodium_memzero(a->secret, sizeof a->secret);
    return HQ_DONE;
}

static hq_status added_again(hq_request *request, hq_sv remembered, void *user)
{
    hq_id approval;
    (void)user;
    if (hq_sv_starts(remembered, HQ_SV("approval/"))) {
        HQ_TRY(hq_id_parse(&approval, hq_sv_sub(remembered, 9, remembered.len)));
        return hq_approval_answer(request, &approval);
    }
    return answer_key(request, remembered, HQ_SV(""));
}

static hq_sv confirmed_body(const hq_new_key *key, hq_arena *arena)
{
    hq_buf out = HQ_BUF_ARENA(arena, 8192);
    hq_json_w json = hq_json_writer(&out);
    hq_json_open(&json, '{');
    hq_identity__shown_members(&json,
                               &(hq_identity__shown){ HQ_SV(""), key->name, key->role, key->office,
                                                      key->tax_code, key->bank, false });
    hq_json_close(&json, '}');
    return hq_buf_view(&out);
}

static hq_status add(hq_request *request, hq_identity *identity, const hq_new_key *key)
{
    const hq_caller *caller = request->caller;
    hq_role role;
    adding *a = HQ_NEW(request->arena, adding);
    if (a == NULL) {
        return HQ_FAIL(NOMEM);
    }
    a->identity = identity;
    a->caller = caller;
    a->request = request;
    hq_sv person = caller->person.len > 0 ? caller->person : caller->id;
    HQ_TRY(hq_identity__key_prepare(&a->row, a->secret, key, hq_now(identity->clock), caller->id,
                                    person, request->arena, &request->answer.why));
    a->powerful = !hq_role_parse(&role, key->role) || (HQ_ROLES_POWERFUL & HQ_ROLE_BIT(role)) != 0;
    a->ask = (hq_approval_ask){
        .deed = HQ_SV("identity.key_add"),
        .subject = hq_arena_printf(request->arena, "role/%.*s", HQ_SV_FMT(key->role)),
        .body = confirmed_body(key, request->arena),
        .roles = HQ_ROLE_BIT(HQ_ROLE_ADMINISTRATOR),
    };
    hq_status s = hq_request_write(request, write_added, added, a);
    request->again = added_again;
    return s;
}

hq_status hq_identity__post_key(hq_request *request, void *room)
{
    hq_new_key key = { .office = HQ_SV("") };
    const hq_identity__field fields[] = {
        { "name", &key.name, NULL, true, 480 },     { "role", &key.role, NULL, true, 32 },
        { "office", &key.office, NULL, false, 12 }, { "tax_code", &key.tax_code, NULL, false, 14 },
        { "bank", &key.bank, NULL, false, 12 },
    };
    HQ_TRY(hq_identity__body(request, fields, sizeof fields / sizeof fields[0]));
    hq_status s = may(room, request->caller, HQ_MAY_ADMINISTER, key.office);
    if (hq_failed(s)) {
        request->answer.why.path = HQ_SV("/office");
        return hq_identity__explain(request, s, "Đơn vị này ngoài phạm vi quản trị của bạn",
                                    "This office is outside the scope you administer");
    }
    return add(request, room, &key);
}

/* ------------------------------------------------------------------ changes of one key */

typedef struct {
    const hq_caller *caller;
    hq_arena *arena;
    hq_sv id;
    hq_identity__key_row row;
    bool revoke, on_roster;
} changing;

static hq_status read_key(hq_tx *tx, void *user)
{
    changing *c = user;
    return hq_identity__key_get(&c->row, tx, c->id, c->arena);
}

static hq_status write_change(hq_tx *tx, void *user)
{
    changing *c = user;
    int64_t changed;
    hq_identity__key_row row;
    HQ_TRY(hq_identity__key_get(&row, tx, c->id, hq_tx_arena(tx)));
    if (c->revoke ? row.revoked_at != 0 : row.on_roster == c->on_roster) {
        return HQ_DONE;
    }
    row.revoked_at = c->revoke ? hq_tx_now(tx) : row.revoked_at;
    row.on_roster = c->revoke ? false : c->on_roster;
    HQ_TRY(hq_identity__change_next(&changed, tx));
    HQ_TRY(hq_identity__key_update(tx, &row, changed));
    return hq_identity__event(tx, &(hq_identity__act){
                                      .kind = c->revoke ? "key.revoked" : "key.roster_changed",
                                      .subject = row.id,
                                      .version = row.version,
                                      .office = row.office,
                                      .actor = c->caller->id,
                                      .hashed = true,
                                  });
}

static hq_status find_key(changing *c, hq_request *request, hq_identity *identity)
{
    *c = (changing){ .caller = request->caller, .arena = request->arena };
    HQ_TRY(hq_identity__param_id(&c->id, request, "key/"));
    HQ_TRY(hq_store_read(identity->store, read_key, c));
    return may(identity, request->caller, HQ_MAY_ADMINISTER, c->row.office);
}

static hq_status change_key(hq_request *request, hq_identity *identity, changing *c)
{
    HQ_TRY(hq_store_write(identity->store, write_change, c));
    HQ_TRY(hq_identity_refresh(identity));
    return hq_identity__no_content(request);
}

hq_status hq_identity__delete_key(hq_request *request, void *room)
{
    changing c;
    HQ_TRY(find_key(&c, request, room));
    c.revoke = true;
    return change_key(request, room, &c);
}

hq_status hq_identity__put_key_roster(hq_request *request, void *room)
{
    changing c;
    bool on_roster = false;
    const hq_identity__field field = { "on_roster", NULL, &on_roster, true, 0 };
    HQ_TRY(find_key(&c, request, room));
    HQ_TRY(hq_identity__body(request, &field, 1));
    if (on_roster && (!hq_sv_eq(c.row.role, HQ_SV("officer")) || c.row.revoked_at != 0)) {
        request->answer.why.path = HQ_SV("/on_roster");
        return hq_identity__explain(request, HQ_FAIL(INVALID),
                                    "Chỉ công chức (officer) có trong danh sách phân công",
                                    "Only officers are on the roster");
    }
    c.on_roster = on_roster;
    return change_key(request, room, &c);
}

/* ------------------------------------------------------------------ roster, approvals, roles */

hq_status hq_identity__get_roster(hq_request *request, void *room)
{
    hq_identity *identity = room;
    const hq_rostered *list;
    size_t count;
    hq_sv office = hq_request_query(request, "office");
    office = office.len == 0 ? request->caller->office : office;
    hq_deed deed = request->caller->role == HQ_ROLE_ADMINISTRATOR ? HQ_MAY_ADMINISTER : HQ_MAY_SEE;
    HQ_TRY(may(identity, request->caller, deed, office));
    HQ_TRY(hq_identity_roster(&list, &count, identity, office, request->arena));
    hq_json_w json = hq_identity__answer(request, 200);
    hq_json_open(&json, '{');
    HQ_JSON_KEY(&json, "items");
    hq_json_open(&json, '[');
    for (size_t i = 0; i < count; i++) {
        hq_json_open(&json, '{');
        hq_identity__text_member(&json, HQ_SV("id"), list[i].id);
        hq_identity__text_member(&json, HQ_SV("name"), list[i].name);
        hq_json_close(&json, '}');
    }
    hq_json_close(&json, ']');
    HQ_JSON_KEY(&json, "next");
    hq_json_null(&json);
    hq_json_close(&json, '}');
    return hq_buf_status(&request->answer.body);
}

typedef struct {
    hq_arena *arena;
    hq_identity__approval_row *rows;
    size_t count;
} approvals;

static hq_status read_approvals(hq_tx *tx, void *user)
{
    approvals *a = user;
    return hq_identity__approvals(a->rows, &a->count, APPROVALS_MAX, tx, 0, a->arena);
}

/* Those he asked for, and those he could confirm. Whether an act lies in his scope is for the room
 * that does it; here the office of who asked must be in reach. */
static bool concerns(hq_identity *identity, const hq_caller *caller,
                     const hq_identity__approval_row *row)
{
    if (hq_sv_eq(row->asked_by, caller->id)) {
        return true;
    }
    hq_deed deed = caller->role == HQ_ROLE_ADMINISTRATOR ? HQ_MAY_ADMINISTER : HQ_MAY_SEE;
    return (row->roles & HQ_ROLE_BIT(caller->role)) != 0 &&
           (hq_sv_eq(row->office, caller->office) ||
            hq_ok(may(identity, caller, deed, row->office)));
}

static void write_approval(hq_json_w *json, const hq_identity__approval_row *row, bool mine)
{
    hq_json_open(json, '{');
    hq_identity__text_member(json, HQ_SV("id"), hq_sv_sub(row->id, 9, row->id.len));
    hq_identity__text_member(json, HQ_SV("deed"), row->deed);
    hq_identity__text_member(json, HQ_SV("subject"), row->subject);
    hq_identity__text_member(json, HQ_SV("body"), row->body);
    hq_identity__text_member(json, HQ_SV("office"), row->office);
    hq_identity__text_member(json, HQ_SV("asked_by"), row->asked_by);
    HQ_JSON_KEY(json, "mine");
    hq_json_bool(json, mine);
    HQ_JSON_KEY(json, "asked_at");
    hq_json_time(json, row->asked_at);
    HQ_JSON_KEY(json, "expires_at");
    hq_json_time(json, row->expires_at);
    hq_json_close(json, '}');
}

hq_status hq_identity__get_approvals(hq_request *request, void *room)
{
    hq_identity *identity = room;
    approvals a = { .arena = request->arena };
    a.rows = HQ_NEW_ARRAY(request->arena, hq_identity__approval_row, APPROVALS_MAX);
    if (a.rows == NULL) {
        return HQ_FAIL(NOMEM);
    }
    HQ_TRY(hq_store_read(identity->store, read_approvals, &a));
    hq_json_w json = hq_identity__answer(request, 200);
    hq_json_open(&json, '{');
    HQ_JSON_KEY(&json, "items");
    hq_json_open(&json, '[');
    for (size_t i = 0; i < a.count; i++) {
        if (concerns(identity, request->caller, &a.rows[i])) {
            write_approval(&json, &a.rows[i], hq_sv_eq(a.rows[i].asked_by, request->caller->id));
        }
    }
    hq_json_close(&json, ']');
    HQ_JSON_KEY(&json, "next");
    hq_json_null(&json);
    hq_json_close(&json, '}');
    return hq_buf_status(&request->answer.body);
}

static void write_role(hq_json_w *json, hq_role role)
{
    static const char *const needs[] = {
        [HQ_IDENTITY__REACH_OFFICE] = "office",   [HQ_IDENTITY__REACH_COUNTRY] = "",
        [HQ_IDENTITY__REACH_TRADER] = "tax_code", [HQ_IDENTITY__REACH_BANK] = "bank",
        [HQ_IDENTITY__REACH_NONE] = "",
    };
    const hq_identity__role_text *text = hq_identity__role_text_of(role);
    hq_json_open(json, '{');
    hq_identity__text_member(json, HQ_SV("role"), hq_sv_from_cstr(hq_role_name(role)));
    HQ_JSON_KEY(json, "name");
    hq_json_open(json, '{');
    hq_identity__text_member(json, HQ_SV("vi"), hq_sv_from_cstr(text->vi));
    hq_identity__text_member(json, HQ_SV("en"), hq_sv_from_cstr(text->en));
    hq_json_close(json, '}');
    hq_identity__text_member(json, HQ_SV("needs"),
                             hq_sv_from_cstr(needs[hq_identity__reach_of(role)]));
    HQ_JSON_KEY(json, "four_eyes");
    hq_json_bool(json, (HQ_ROLES_POWERFUL & HQ_ROLE_BIT(role)) != 0);
    HQ_JSON_KEY(json, "deeds");
    hq_json_open(json, '[');
    for (int deed = 0; deed < HQ_DEED_COUNT; deed++) {
        if (hq_identity__deed_allowed((hq_deed)deed, role)) {
            hq_json_text(json, hq_sv_from_cstr(hq_identity__deed_name((hq_deed)deed)));
        }
    }
    hq_json_close(json, ']');
    hq_json_close(json, '}');
}

hq_status hq_identity__get_roles(hq_request *request, void *room)
{
    (void)room;
    hq_json_w json = hq_identity__answer(request, 200);
    request->answer.no_store = false;
    hq_json_open(&json, '{');
    HQ_JSON_KEY(&json, "items");
    hq_json_open(&json, '[');
    for (int role = 0; role < HQ_ROLE_COUNT; role++) {
        write_role(&json, (hq_role)role);
    }
    hq_json_close(&json, ']');
    HQ_JSON_KEY(&json, "next");
    hq_json_null(&json);
    hq_json_close(&json, '}');
    return hq_buf_status(&request->answer.body);
}
