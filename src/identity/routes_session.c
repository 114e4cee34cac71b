/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/body.h"

#include <sodium.h>

/* Signing in and out, one's own sessions, password and second factor. */

#define TEXT_MAX     ((size_t)1024)
#define SESSIONS_MAX ((size_t)100)

/* ------------------------------------------------------------------ the session as JSON */

typedef struct {
    hq_hash32 hash;
    hq_time_us created_at, seen_at, expires_at;
    bool totp_on;
    hq_sv login;
    bool found;
} open_session;

static void copy_session(open_session *out, hq_identity *identity, const hq_caller *caller,
                         hq_arena *arena)
{
    hq_identity__directory *d = &identity->directory;
    size_t at = 0;
    hq_sv key;
    void *value;
    *out = (open_session){ .found = false };
    pthread_rwlock_rdlock(&d->lock);
    while (!out->found && caller->session.len > 0 && hq_map_next(d->sessions, &at, &key, &value)) {
        hq_identity__session *s = value;
        if (hq_sv_eq(s->id, caller->session)) {
            *out = (open_session){
                .hash = s->hash,
                .created_at = s->created_at,
                .seen_at = atomic_load_explicit(&s->seen_at, memory_order_relaxed),
                .expires_at = s->expires_at,
                .found = true,
            };
        }
    }
    const hq_identity__who *who = hq_map_get(d->by_id, caller->id);
    if (who != NULL) {
        out->totp_on = who->totp_on;
        out->login = hq_arena_dup(arena, who->login);
    }
    pthread_rwlock_unlock(&d->lock);
}

static void write_deeds(hq_json_w *json, hq_role role)
{
    HQ_JSON_KEY(json, "deeds");
    hq_json_open(json, '[');
    for (int deed = 0; deed < HQ_DEED_COUNT; deed++) {
        if (hq_identity__deed_allowed((hq_deed)deed, role)) {
            hq_json_text(json, hq_sv_from_cstr(hq_identity__deed_name((hq_deed)deed)));
        }
    }
    hq_json_close(json, ']');
}

static void write_limits(hq_json_w *json, const hq_caller *caller, const open_session *session)
{
    char csrf[65];
    hq_time_us idle = session->seen_at + hq_identity__idle_limit_us(caller->role);
    hq_identity__csrf(csrf, &session->hash);
    HQ_JSON_KEY(json, "csrf");
    hq_json_text(json, hq_sv_from_cstr(csrf));
    HQ_JSON_KEY(json, "session");
    hq_json_text(json, caller->session);
    HQ_JSON_KEY(json, "created_at");
    hq_json_time(json, session->created_at);
    HQ_JSON_KEY(json, "idle_expires_at");
    hq_json_time(json, idle < session->expires_at ? idle : session->expires_at);
    HQ_JSON_KEY(json, "expires_at");
    hq_json_time(json, session->expires_at);
}

static void write_delegated(hq_json_w *json, const hq_caller *caller)
{
    HQ_JSON_KEY(json, "delegated");
    hq_json_open(json, '[');
    for (size_t i = 0; i < caller->delegated_count; i++) {
        const hq_delegated *d = &caller->delegated[i];
        hq_json_open(json, '{');
        HQ_JSON_KEY(json, "deed");
        hq_json_text(json, hq_sv_from_cstr(hq_identity__deed_name(d->deed)));
        hq_identity__text_member(json, HQ_SV("act"), d->act);
        hq_identity__text_member(json, HQ_SV("office"), d->office);
        HQ_JSON_KEY(json, "from");
        hq_json_day(json, d->from);
        HQ_JSON_KEY(json, "until");
        hq_json_day(json, d->to);
        hq_json_close(json, '}');
    }
    hq_json_close(json, ']');
}

static hq_status write_caller(hq_request *request, hq_identity *identity, const hq_caller *caller,
                              int http)
{
    open_session session;
    const hq_identity__role_text *text = hq_identity__role_text_of(caller->role);
    copy_session(&session, identity, caller, request->arena);
    hq_json_w json = hq_identity__answer(request, http);
    hq_json_open(&json, '{');
    hq_identity__text_member(&json, HQ_SV("id"), caller->id);
    hq_identity__text_member(&json, HQ_SV("username"), session.login);
    hq_identity__text_member(&json, HQ_SV("name"), caller->name);
    hq_identity__text_member(&json, HQ_SV("role"), hq_sv_from_cstr(hq_role_name(caller->role)));
    HQ_JSON_KEY(&json, "role_name");
    hq_json_open(&json, '{');
    hq_identity__text_member(&json, HQ_SV("vi"), hq_sv_from_cstr(text->vi));
    hq_identity__text_member(&json, HQ_SV("en"), hq_sv_from_cstr(text->en));
    hq_json_close(&json, '}');
    hq_identity__text_member(&json, HQ_SV("office"), caller->office);
    hq_identity__text_member(&json, HQ_SV("tax_code"), caller->tax_code);
    hq_identity__text_member(&json, HQ_SV("bank"), caller->bank);
    write_deeds(&json, caller->role);
    write_delegated(&json, caller);
    HQ_JSON_KEY(&json, "totp");
    hq_json_bool(&json, session.totp_on);
    if (session.found) {
        write_limits(&json, caller, &session);
    }
    hq_json_close(&json, '}');
    return hq_buf_status(&request->answer.body);
}

/* ------------------------------------------------------------------ in and out */

static hq_status refused(hq_request *request, const hq_identity__session_new *made)
{
    static const struct {
        const char *code, *vi, *en;
    } texts[] = {
        [HQ_IDENTITY__WRONG] = { "SIGN_IN_WRONG", "Tên đăng nhập hoặc mật khẩu không đúng",
                                 "The username or password is wrong" },
        [HQ_IDENTITY__WAIT] = { "SIGN_IN_WAIT", "Sai nhiều lần; xin đợi rồi thử lại",
                                "Wrong several times; wait, then try again" },
        [HQ_IDENTITY__NEEDS_CODE] = { "TOTP_REQUIRED",
                                      "Nhập mã 6 số trên điện thoại, hoặc mã dự phòng",
                                      "Enter the 6 digits from the phone, or a recovery code" },
        [HQ_IDENTITY__WRONG_CODE] = { "TOTP_WRONG", "Mã không đúng, đã hết hạn hoặc đã dùng",
                                      "The code is wrong, too old or was used" },
        [HQ_IDENTITY__NEEDS_CHANGE] = { "PASSWORD_CHANGE_REQUIRED",
                                        "Mật khẩu dùng một lần: hãy đặt mật khẩu mới",
                                        "This is a one-time password: choose a new one" },
        [HQ_IDENTITY__STALE] = { "PASSWORD_EXPIRED",
                                 "Mật khẩu dùng một lần đã hết hạn; xin quản trị cấp lại",
                                 "The one-time password is too old; ask an administrator" },
    };
    request->answer.no_store = true;
    request->answer.code = hq_sv_from_cstr(texts[made->result].code);
    if (made->result == HQ_IDENTITY__WAIT) {
        int64_t seconds = (made->wait_us + HQ_US_PER_SECOND - 1) / HQ_US_PER_SECOND;
        request->answer.members =
            hq_arena_printf(request->arena, "\"retry_after_seconds\":%lld", (long long)seconds);
    }
    return hq_identity__explain(
        request, made->result == HQ_IDENTITY__WAIT ? HQ_FAIL(RATE) : HQ_FAIL(UNAUTHENTICATED),
        texts[made->result].vi, texts[made->result].en);
}

hq_status hq_identity__post_session(hq_request *request, void *room)
{
    hq_identity *identity = room;
    hq_identity__session_new made;
    hq_caller *caller;
    hq_identity__sign_in in = { .peer = request->peer, .agent = request->user_agent };
    const hq_identity__field fields[] = {
        { "username", &in.username, NULL, true, TEXT_MAX },
        { "password", &in.password, NULL, true, TEXT_MAX },
        { "code", &in.code, NULL, false, 64 },
        { "new_password", &in.new_password, NULL, false, TEXT_MAX },
    };
    HQ_TRY(hq_identity__body(request, fields, sizeof fields / sizeof fields[0]));
    HQ_TRY(hq_identity__sign_in_do(&made, identity, &in, request->arena, &request->answer.why));
    if (made.result != HQ_IDENTITY__IN) {
        return refused(request, &made);
    }
    if (hq_identity__find_session(&caller, identity, &made.hash, request->arena) !=
        HQ_IDENTITY__KNOWN) {
        return HQ_FAIL(BUSY);
    }
    request->answer.set_cookie[0] = hq_arena_printf(
        request->arena, HQ_IDENTITY__COOKIE "=%s; Path=/; Secure; HttpOnly; SameSite=Lax",
        made.token);
    sodium_memzero(made.token, sizeof made.token);
    return write_caller(request, identity, caller, 201);
}

hq_status hq_identity__get_session(hq_request *request, void *room)
{
    return write_caller(request, room, request->caller, 200);
}

static hq_status only_sessions(hq_request *request)
{
    if (request->caller->session.len > 0) {
        return HQ_DONE;
    }
    return hq_identity__explain(request, HQ_FAIL(FORBIDDEN),
                                "Khóa API không có phiên làm việc; hãy thu hồi khóa",
                                "An API key has no session; revoke the key instead");
}

hq_status hq_identity__delete_session(hq_request *request, void *room)
{
    const hq_caller *caller = request->caller;
    HQ_TRY(only_sessions(request));
    hq_status s =
        hq_identity__session_close(room, caller->session, caller->id, "session.closed", caller->id);
    if (hq_failed(s) && s.code != HQ_E_NOT_FOUND) {
        return s;
    }
    request->answer.set_cookie[0] =
        HQ_SV(HQ_IDENTITY__COOKIE "=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0");
    return hq_identity__no_content(request);
}

/* ------------------------------------------------------------------ one's sessions */

typedef struct {
    const hq_caller *caller;
    hq_arena *arena;
    hq_identity__session_row *rows;
    size_t count;
} listing;

static hq_status list_sessions(hq_tx *tx, void *user)
{
    listing *l = user;
    return hq_identity__sessions_of(l->rows, &l->count, SESSIONS_MAX, tx, l->caller->id, l->arena);
}

static void write_session(hq_json_w *json, const hq_identity__session_row *row, bool current)
{
    hq_json_open(json, '{');
    hq_identity__text_member(json, HQ_SV("id"), row->id);
    HQ_JSON_KEY(json, "current");
    hq_json_bool(json, current);
    hq_identity__text_member(json, HQ_SV("peer"), row->peer);
    hq_identity__text_member(json, HQ_SV("agent"), row->agent);
    HQ_JSON_KEY(json, "created_at");
    hq_json_time(json, row->created_at);
    HQ_JSON_KEY(json, "seen_at"); /* as of a minute or so ago */
    hq_json_time(json, row->seen_at);
    HQ_JSON_KEY(json, "expires_at");
    hq_json_time(json, row->expires_at);
    hq_json_close(json, '}');
}

hq_status hq_identity__get_sessions(hq_request *request, void *room)
{
    hq_identity *identity = room;
    listing l = { .caller = request->caller, .arena = request->arena };
    l.rows = HQ_NEW_ARRAY(request->arena, hq_identity__session_row, SESSIONS_MAX);
    if (l.rows == NULL) {
        return HQ_FAIL(NOMEM);
    }
    HQ_TRY(hq_store_read(identity->store, list_sessions, &l));
    hq_json_w json = hq_identity__answer(request, 200);
    hq_json_open(&json, '{');
    HQ_JSON_KEY(&json, "items");
    hq_json_open(&json, '[');
    for (size_t i = 0; i < l.count; i++) {
        write_session(&json, &l.rows[i], hq_sv_eq(l.rows[i].id, request->caller->session));
    }
    hq_json_close(&json, ']');
    HQ_JSON_KEY(&json, "next");
    hq_json_null(&json);
    hq_json_close(&json, '}');
    return hq_buf_status(&request->answer.body);
}

hq_status hq_identity__delete_sessions(hq_request *request, void *room)
{
    const hq_caller *caller = request->caller;
    HQ_TRY(only_sessions(request));
    HQ_TRY(hq_identity__sessions_close(room, caller->id, caller->session, "session.revoked",
                                       caller->id));
    return hq_identity__no_content(request);
}

hq_status hq_identity__delete_one_session(hq_request *request, void *room)
{
    hq_sv id;
    HQ_TRY(only_sessions(request));
    HQ_TRY(hq_identity__param_id(&id, request, "session/"));
    HQ_TRY(hq_identity__session_close(room, id, request->caller->id, "session.revoked",
                                      request->caller->id));
    return hq_identity__no_content(request);
}

/* ------------------------------------------------------------------ password and second factor */

hq_status hq_identity__post_password(hq_request *request, void *room)
{
    hq_sv password = HQ_SV_NULL;
    hq_sv new_password = HQ_SV_NULL;
    const hq_identity__field fields[] = {
        { "password", &password, NULL, true, TEXT_MAX },
        { "new_password", &new_password, NULL, true, TEXT_MAX },
    };
    HQ_TRY(hq_identity__body(request, fields, 2));
    HQ_TRY(hq_identity__password_change(room, request->caller, password, new_password,
                                        request->arena, &request->answer.why));
    return hq_identity__no_content(request);
}

hq_status hq_identity__post_totp(hq_request *request, void *room)
{
    hq_identity__totp_offer offer;
    hq_sv password = HQ_SV_NULL;
    hq_buf svg = HQ_BUF_ARENA(request->arena, (size_t)1 << 18);
    hq_buf secret = HQ_BUF_ARENA(request->arena, 128);
    const hq_identity__field field = { "password", &password, NULL, true, TEXT_MAX };
    HQ_TRY(hq_identity__body(request, &field, 1));
    HQ_TRY(hq_identity__totp_enrol(&offer, room, request->caller, password, request->arena,
                                   &request->answer.why));
    HQ_TRY(hq_qr_svg(&svg, offer.uri, 240));
    hq_identity__base32(&secret, offer.secret, sizeof offer.secret);
    sodium_memzero(offer.secret, sizeof offer.secret);
    hq_json_w json = hq_identity__answer(request, 201);
    hq_json_open(&json, '{');
    hq_identity__text_member(&json, HQ_SV("secret"), hq_buf_view(&secret));
    hq_identity__text_member(&json, HQ_SV("uri"), offer.uri);
    hq_identity__text_member(&json, HQ_SV("qr_svg"), hq_buf_view(&svg));
    hq_json_close(&json, '}');
    return hq_buf_status(&request->answer.body);
}

hq_status hq_identity__post_totp_confirmation(hq_request *request, void *room)
{
    hq_identity__recovery_codes codes;
    hq_sv password = HQ_SV_NULL;
    hq_sv code = HQ_SV_NULL;
    const hq_identity__field fields[] = {
        { "password", &password, NULL, true, TEXT_MAX },
        { "code", &code, NULL, true, 64 },
    };
    HQ_TRY(hq_identity__body(request, fields, 2));
    HQ_TRY(hq_identity__totp_confirm(&codes, room, request->caller, password, code, request->arena,
                                     &request->answer.why));
    hq_json_w json = hq_identity__answer(request, 200);
    hq_json_open(&json, '{');
    HQ_JSON_KEY(&json, "recovery_codes");
    hq_json_open(&json, '[');
    for (int i = 0; i < HQ_IDENTITY__RECOVERY; i++) {
        hq_json_text(&json, hq_sv_from_cstr(codes[i]));
    }
    hq_json_close(&json, ']');
    hq_json_close(&json, '}');
    sodium_memzero(codes, sizeof codes);
    return hq_buf_status(&request->answer.body);
}

hq_status hq_identity__post_totp_removal(hq_request *request, void *room)
{
    hq_sv password = HQ_SV_NULL;
    hq_sv code = HQ_SV_NULL;
    const hq_identity__field fields[] = {
        { "password", &password, NULL, true, TEXT_MAX },
        { "code", &code, NULL, true, 64 },
    };
    HQ_TRY(hq_identity__body(request, fields, 2));
    HQ_TRY(hq_identity__totp_remove(room, request->caller, password, code, request->arena,
                                    &request->answer.why));
    return hq_identity__no_content(request);
}
