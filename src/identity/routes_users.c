/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/body.h"

#include <sodium.h>

/* Users, by administrators within their scope. Nobody chooses another's password: the program
 * invents a one-time password, shown once, that the user must change with his first sign-in. */

#define ONE_TIME_US (7 * HQ_US_PER_DAY)
#define SCAN_PAGE   ((size_t)200)
#define SCAN_PAGES  20

/* ------------------------------------------------------------------ scope */

/* May the caller administer people of this office? NOT_FOUND or FORBIDDEN. */
static hq_status may_administer(hq_identity *identity, const hq_caller *caller, hq_sv office)
{
    const hq_target target = { .office = office };
    const hq_ref *ref = hq_reference_acquire(identity->reference);
    hq_status s =
        hq_may(caller, HQ_MAY_ADMINISTER, &target, ref, hq_day_of(hq_now(identity->clock)));
    hq_reference_release(identity->reference, ref);
    return s;
}

static hq_status outside(hq_request *request, hq_status status)
{
    request->answer.why.path = HQ_SV("/office");
    return hq_identity__explain(request, status, "Đơn vị này ngoài phạm vi quản trị của bạn",
                                "This office is outside the scope you administer");
}

static bool is_powerful(hq_sv role)
{
    hq_role parsed;
    return !hq_role_parse(&parsed, role) || (HQ_ROLES_POWERFUL & HQ_ROLE_BIT(parsed)) != 0;
}

/* ------------------------------------------------------------------ list */

typedef struct {
    hq_identity *identity;
    const hq_caller *caller;
    hq_arena *arena;
    hq_sv after;
    hq_sv office;
    size_t limit, count;
    hq_identity__user_row *page, *found;
    bool more;
} listing;

static bool wanted(const listing *l, const hq_identity__user_row *row)
{
    return (l->office.len == 0 || hq_sv_eq(l->office, row->office)) &&
           hq_ok(may_administer(l->identity, l->caller, row->office));
}

static hq_status scan(hq_tx *tx, void *user)
{
    listing *l = user;
    size_t got = SCAN_PAGE;
    l->count = 0;
    l->more = false;
    for (int i = 0; i < SCAN_PAGES && got == SCAN_PAGE; i++) {
        HQ_TRY(hq_identity__users_page(l->page, &got, SCAN_PAGE, tx, l->after, l->arena));
        for (size_t k = 0; k < got; k++) {
            if (wanted(l, &l->page[k]) && l->count == l->limit) {
                l->more = true;
                return HQ_DONE;
            }
            if (wanted(l, &l->page[k])) {
                l->found[l->count++] = l->page[k];
            }
            l->after = l->page[k].id;
        }
    }
    l->more = got == SCAN_PAGE;
    return HQ_DONE;
}

static void write_user(hq_json_w *json, const hq_identity__user_row *row)
{
    hq_json_open(json, '{');
    hq_identity__shown_members(json,
                               &(hq_identity__shown){ row->id, row->name, row->role, row->office,
                                                      row->tax_code, row->bank, row->on_roster });
    hq_identity__text_member(json, HQ_SV("username"), row->username);
    HQ_JSON_KEY(json, "totp");
    hq_json_bool(json, row->totp_on);
    HQ_JSON_KEY(json, "must_change_password");
    hq_json_bool(json, row->must_change != 0);
    HQ_JSON_KEY(json, "created_at");
    hq_json_time(json, row->created_at);
    HQ_JSON_KEY(json, "disabled_at");
    if (row->disabled_at == 0) {
        hq_json_null(json);
    } else {
        hq_json_time(json, row->disabled_at);
    }
    hq_json_close(json, '}');
}

hq_status hq_identity__get_users(hq_request *request, void *room)
{
    listing l = { .identity = room, .caller = request->caller, .arena = request->arena };
    HQ_TRY(hq_identity__page(&l.limit, &l.after, request, "user/"));
    l.office = hq_request_query(request, "office");
    l.page = HQ_NEW_ARRAY(request->arena, hq_identity__user_row, SCAN_PAGE);
    l.found = HQ_NEW_ARRAY(request->arena, hq_identity__user_row, l.limit);
    if (l.page == NULL || l.found == NULL) {
        return HQ_FAIL(NOMEM);
    }
    HQ_TRY(hq_store_read(l.identity->store, scan, &l));
    hq_json_w json = hq_identity__answer(request, 200);
    hq_json_open(&json, '{');
    HQ_JSON_KEY(&json, "items");
    hq_json_open(&json, '[');
    for (size_t i = 0; i < l.count; i++) {
        write_user(&json, &l.found[i]);
    }
    hq_json_close(&json, ']');
    hq_identity__text_member(&json, HQ_SV("next"),
                             l.more ? hq_sv_sub(l.after, 5, l.after.len) : HQ_SV(""));
    hq_json_close(&json, '}');
    return hq_buf_status(&request->answer.body);
}

/* ------------------------------------------------------------------ adding, new password */

typedef struct {
    hq_identity *identity;
    const hq_caller *caller;
    hq_request *request;
    hq_identity__user_row row;
    bool is_new;
    char secret[25];
    hq_approval_ask ask;
    bool powerful, pending;
    hq_id approval;
    char remember[64];
} granting;

static hq_status approve(granting *g, hq_tx *tx)
{
    hq_buf out = HQ_BUF_ARENA(hq_tx_arena(tx), sizeof g->remember);
    g->pending = false;
    if (!g->powerful) {
        return HQ_DONE;
    }
    hq_status s = hq_approve(&g->approval, tx, g->caller, &g->ask);
    if (s.code != HQ_E_APPROVAL) {
        return s;
    }
    g->pending = true;
    hq_buf_lit(&out, "approval/");
    hq_id_write(&out, &g->approval);
    HQ_TRY(hq_buf_status(&out));
    memcpy(g->remember, out.ptr, out.len);
    g->request->remember = hq_sv_make(g->remember, out.len);
    return HQ_DONE;
}

static hq_status write_grant(hq_tx *tx, void *user)
{
    granting *g = user;
    size_t ended;
    HQ_TRY(approve(g, tx));
    if (g->pending) {
        return HQ_DONE;
    }
    g->request->remember = g->row.id;
    if (g->is_new) {
        return hq_identity__user_put(tx, &g->row, &g->request->answer.why);
    }
    hq_identity__user_row now;
    HQ_TRY(hq_identity__user_get(&now, tx, g->row.id, hq_tx_arena(tx)));
    now.password = g->row.password;
    now.must_change = g->row.must_change;
    now.totp_sealed = HQ_SV(""); /* it was sealed by the password that is lost */
    now.totp_on = false;
    HQ_TRY(hq_identity__recovery_replace(tx, now.id, NULL, 0));
    HQ_TRY(hq_identity__user_change(tx, &now, "user.password_reset", g->caller->id));
    return hq_identity__sessions_end_all(&ended, tx, now.id, HQ_SV_NULL, "session.revoked",
                                         g->caller->id);
}

static hq_status answer_grant(hq_request *request, int http, hq_sv id, hq_sv username, hq_sv secret,
                              hq_time_us until)
{
    hq_json_w json = hq_identity__answer(request, http);
    if (http == 201) {
        request->answer.location = hq_arena_printf(request->arena, "/api/v1/users/%.*s",
                                                   HQ_SV_FMT(hq_sv_sub(id, 5, id.len)));
    }
    hq_json_open(&json, '{');
    hq_identity__text_member(&json, HQ_SV("id"), id);
    hq_identity__text_member(&json, HQ_SV("username"), username);
    /* Null when the same request comes again: the password is shown once. */
    hq_identity__text_member(&json, HQ_SV("one_time_password"), secret);
    HQ_JSON_KEY(&json, "one_time_password_until");
    if (secret.len == 0) {
        hq_json_null(&json);
    } else {
        hq_json_time(&json, until);
    }
    hq_json_close(&json, '}');
    return hq_buf_status(&request->answer.body);
}

static hq_status granted(hq_request *request, hq_status written, void *user)
{
    granting *g = user;
    HQ_TRY(written);
    if (g->pending) {
        return hq_approval_answer(request, &g->approval);
    }
    HQ_TRY(hq_identity_refresh(g->identity));
    hq_sv id = g->row.id;
    HQ_TRY(answer_grant(request, g->is_new ? 201 : 200, id, g->row.username,
                        hq_sv_from_cstr(g->secret), g->row.must_change));
    sodium_memzero(g->secret, sizeof g->secret);
    return HQ_DONE;
}

/* The same request once more: what it did is told, the password is not. */
static hq_status granted_again(hq_request *request, hq_sv remembered, void *user)
{
    const granting *g = user;
    hq_id approval;
    if (hq_sv_starts(remembered, HQ_SV("approval/"))) {
        HQ_TRY(hq_id_parse(&approval, hq_sv_sub(remembered, 9, remembered.len)));
        return hq_approval_answer(request, &approval);
    }
    return answer_grant(request, g->is_new ? 201 : 200, remembered, g->row.username, HQ_SV(""), 0);
}

static hq_status grant(hq_request *request, granting *g)
{
    hq_status s = hq_request_write(request, write_grant, granted, g);
    request->again = granted_again;
    return s;
}

/* What the second administrator confirms: everything but the password, which nobody chose. */
static hq_sv confirmed_body(const hq_new_user *user, hq_sv username, hq_arena *arena)
{
    hq_buf out = HQ_BUF_ARENA(arena, 8192);
    hq_json_w json = hq_json_writer(&out);
    hq_json_open(&json, '{');
    hq_identity__text_member(&json, HQ_SV("username"), username);
    hq_identity__shown_members(&json, &(hq_identity__shown){ HQ_SV(""), user->name, user->role,
                                                             user->office, user->tax_code,
                                                             user->bank, user->on_roster });
    hq_json_close(&json, '}');
    return hq_buf_view(&out);
}

static granting *new_granting(hq_request *request, hq_identity *identity)
{
    granting *g = HQ_NEW(request->arena, granting);
    if (g != NULL) {
        g->identity = identity;
        g->caller = request->caller;
        g->request = request;
        hq_identity__password_invent(g->secret);
    }
    return g;
}

hq_status hq_identity__post_user(hq_request *request, void *room)
{
    hq_identity *identity = room;
    hq_new_user user = { .office = HQ_SV("") };
    const hq_identity__field fields[] = {
        { "username", &user.username, NULL, true, 64 },
        { "name", &user.name, NULL, true, 480 },
        { "role", &user.role, NULL, true, 32 },
        { "office", &user.office, NULL, false, 12 },
        { "tax_code", &user.tax_code, NULL, false, 14 },
        { "bank", &user.bank, NULL, false, 12 },
        { "on_roster", NULL, &user.on_roster, false, 0 },
    };
    HQ_TRY(hq_identity__body(request, fields, sizeof fields / sizeof fields[0]));
    hq_status s = may_administer(identity, request->caller, user.office);
    if (hq_failed(s)) {
        return outside(request, s);
    }
    granting *g = new_granting(request, identity);
    if (g == NULL) {
        return HQ_FAIL(NOMEM);
    }
    user.password = hq_sv_from_cstr(g->secret);
    hq_time_us now = hq_now(identity->clock);
    HQ_TRY(hq_identity__user_prepare(&g->row, &user, now, request->caller->id, request->arena,
                                     &request->answer.why));
    g->row.must_change = now + ONE_TIME_US;
    g->is_new = true;
    g->powerful = is_powerful(user.role);
    g->ask = (hq_approval_ask){
        .deed = HQ_SV("identity.user_add"),
        .subject = hq_arena_printf(request->arena, "username/%.*s", HQ_SV_FMT(g->row.username)),
        .body = confirmed_body(&user, g->row.username, request->arena),
        .roles = HQ_ROLE_BIT(HQ_ROLE_ADMINISTRATOR),
    };
    return grant(request, g);
}

/* ------------------------------------------------------------------ changes of one user */

typedef enum { DISABLE, ENABLE, ROSTER, END_SESSIONS } change;
typedef struct {
    hq_identity *identity;
    const hq_caller *caller;
    hq_arena *arena;
    hq_sv id;
    hq_identity__user_row row;
    change what;
    bool on_roster;
    hq_why *why;
} changing;

static hq_status read_user(hq_tx *tx, void *user)
{
    changing *c = user;
    return hq_identity__user_get(&c->row, tx, c->id, c->arena);
}

/* The user of the path, when the caller administers him. */
static hq_status find_user(changing *c, hq_request *request, hq_identity *identity)
{
    *c = (changing){ .identity = identity,
                     .caller = request->caller,
                     .arena = request->arena,
                     .why = &request->answer.why };
    HQ_TRY(hq_identity__param_id(&c->id, request, "user/"));
    HQ_TRY(hq_store_read(identity->store, read_user, c));
    return may_administer(identity, request->caller, c->row.office);
}

static hq_status set_disabled(changing *c, hq_tx *tx, bool disabled)
{
    size_t ended;
    hq_identity__user_row row;
    HQ_TRY(hq_identity__user_get(&row, tx, c->id, hq_tx_arena(tx)));
    if ((row.disabled_at != 0) == disabled) {
        return HQ_DONE;
    }
    row.disabled_at = disabled ? hq_tx_now(tx) : 0;
    HQ_TRY(hq_identity__user_change(tx, &row, disabled ? "user.disabled" : "user.enabled",
                                    c->caller->id));
    return disabled ? hq_identity__sessions_end_all(&ended, tx, c->id, HQ_SV_NULL,
                                                    "session.revoked", c->caller->id)
                    : HQ_DONE;
}

static hq_status set_roster(changing *c, hq_tx *tx)
{
    hq_identity__user_row row;
    HQ_TRY(hq_identity__user_get(&row, tx, c->id, hq_tx_arena(tx)));
    if (row.on_roster == c->on_roster) {
        return HQ_DONE;
    }
    row.on_roster = c->on_roster;
    return hq_identity__user_change(tx, &row, "user.roster_changed", c->caller->id);
}

static hq_status write_change(hq_tx *tx, void *user)
{
    changing *c = user;
    size_t ended;
    switch (c->what) {
    case DISABLE:
        return set_disabled(c, tx, true);
    case ENABLE:
        return set_disabled(c, tx, false);
    case ROSTER:
        return set_roster(c, tx);
    case END_SESSIONS:
        return hq_identity__sessions_end_all(&ended, tx, c->id, HQ_SV_NULL, "session.revoked",
                                             c->caller->id);
    }
    return HQ_FAIL(INTERNAL);
}

static hq_status change_user(hq_request *request, changing *c, change what)
{
    c->what = what;
    HQ_TRY(hq_store_write(c->identity->store, write_change, c));
    HQ_TRY(hq_identity_refresh(c->identity));
    return hq_identity__no_content(request);
}

hq_status hq_identity__post_user_disabling(hq_request *request, void *room)
{
    changing c;
    HQ_TRY(find_user(&c, request, room));
    if (hq_sv_eq(c.id, request->caller->id)) {
        return hq_identity__explain(request, HQ_FAIL(CONFLICT),
                                    "Không thể tự khóa tài khoản của mình",
                                    "Nobody can disable his own account");
    }
    return change_user(request, &c, DISABLE);
}

hq_status hq_identity__post_user_enabling(hq_request *request, void *room)
{
    changing c;
    HQ_TRY(find_user(&c, request, room));
    return change_user(request, &c, ENABLE);
}

hq_status hq_identity__delete_user_sessions(hq_request *request, void *room)
{
    changing c;
    HQ_TRY(find_user(&c, request, room));
    return change_user(request, &c, END_SESSIONS);
}

hq_status hq_identity__put_user_roster(hq_request *request, void *room)
{
    changing c;
    bool on_roster = false;
    const hq_identity__field field = { "on_roster", NULL, &on_roster, true, 0 };
    HQ_TRY(find_user(&c, request, room));
    HQ_TRY(hq_identity__body(request, &field, 1));
    if (on_roster && !hq_sv_eq(c.row.role, HQ_SV("officer"))) {
        request->answer.why.path = HQ_SV("/on_roster");
        return hq_identity__explain(request, HQ_FAIL(INVALID),
                                    "Chỉ công chức (officer) có trong danh sách phân công",
                                    "Only officers are on the roster");
    }
    c.on_roster = on_roster;
    return change_user(request, &c, ROSTER);
}

hq_status hq_identity__post_user_password(hq_request *request, void *room)
{
    uint8_t seal[32];
    changing c;
    HQ_TRY(find_user(&c, request, room));
    granting *g = new_granting(request, room);
    if (g == NULL) {
        return HQ_FAIL(NOMEM);
    }
    g->row = c.row;
    g->row.must_change = hq_now(g->identity->clock) + ONE_TIME_US;
    HQ_TRY(hq_identity__password_make(&g->row.password, seal, hq_sv_from_cstr(g->secret)));
    sodium_memzero(seal, sizeof seal);
    g->powerful = is_powerful(c.row.role);
    g->ask = (hq_approval_ask){ .deed = HQ_SV("identity.password_reset"),
                                .subject = c.id,
                                .body = HQ_SV("{}"),
                                .roles = HQ_ROLE_BIT(HQ_ROLE_ADMINISTRATOR) };
    return grant(request, g);
}
