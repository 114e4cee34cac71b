/* SPDX-License-Identifier: Apache-2.0 */
#include "notice/room.h"

/* Webhooks: made by a declarant for his own declarations, shown, replayed and ended by him alone.
 */

#define ANSWER_MAX ((size_t)1 << 20)

enum { FINDINGS_MAX = 32 };

/* Everything wrong with a body, told at once. */
typedef struct {
    hq_request *request;
    hq_finding items[FINDINGS_MAX];
    size_t count;
} found;

static void find(found *f, hq_sv path, hq_sv vi, hq_sv en)
{
    if (f->count < FINDINGS_MAX) {
        f->items[f->count++] = (hq_finding){ .rule = HQ_SV("INVALID"),
                                             .severity = HQ_SEVERITY_ERROR,
                                             .path = path,
                                             .vi = vi,
                                             .en = en };
    }
}

/* Something that is not known, and the known name nearest to it (ptr NULL: none is near). */
static void find_unknown(found *f, hq_sv path, const char *vi, const char *en, hq_sv near)
{
    hq_arena *arena = f->request->arena;
    if (near.ptr == NULL) {
        find(f, path, hq_sv_from_cstr(vi), hq_sv_from_cstr(en));
        return;
    }
    find(f, path, hq_arena_printf(arena, "%s; có phải ý bạn là %.*s", vi, HQ_SV_FMT(near)),
         hq_arena_printf(arena, "%s; did you mean %.*s", en, HQ_SV_FMT(near)));
}

static hq_status found_status(const found *f)
{
    if (f->count == 0) {
        return HQ_DONE;
    }
    hq_finding *items = HQ_NEW_ARRAY(f->request->arena, hq_finding, f->count);
    if (items == NULL) {
        return HQ_FAIL(NOMEM);
    }
    memcpy(items, f->items, f->count * sizeof *items);
    f->request->answer.findings = items;
    f->request->answer.finding_count = f->count;
    f->request->answer.why = (hq_why){ items[0].path, items[0].vi, items[0].en };
    return HQ_FAIL(INVALID);
}

static void write_id(hq_json_w *w, const hq_id *id)
{
    char text[36];
    hq_buf buf = { .ptr = text, .cap = sizeof text, .ceiling = sizeof text };
    hq_id_write(&buf, id);
    hq_json_text(w, hq_buf_view(&buf));
}

static void write_hook(hq_json_w *w, const hq_hook *h, hq_sv secret)
{
    static const char *const states[] = { "active", "parked", "ended" };
    hq_json_open(w, '{');
    HQ_JSON_KEY(w, "id");
    write_id(w, &h->id);
    HQ_JSON_KEY(w, "url");
    hq_json_text(w, h->url);
    HQ_JSON_KEY(w, "kinds");
    hq_json_open(w, '[');
    for (hq_sv rest = h->kinds; rest.len > 0;) {
        hq_json_text(w, hq_sv_cut(&rest, ' '));
    }
    hq_json_close(w, ']');
    if (secret.ptr != NULL) {
        HQ_JSON_KEY(w, "secret");
        hq_json_text(w, secret);
    }
    HQ_JSON_KEY(w, "state");
    hq_json_text(w, hq_sv_from_cstr(states[h->state]));
    HQ_JSON_KEY(w, "waiting");
    hq_json_i64(w, h->waiting);
    HQ_JSON_KEY(w, "delivered");
    hq_json_i64(w, h->delivered);
    HQ_JSON_KEY(w, "failures");
    hq_json_i64(w, h->failures);
    HQ_JSON_KEY(w, "next_attempt");
    if (h->due > 0 && h->state == HQ_HOOK_ACTIVE) {
        hq_json_time(w, h->due);
    } else {
        hq_json_null(w);
    }
    HQ_JSON_KEY(w, "error");
    hq_json_text_or_null(w, h->error.len == 0 ? HQ_SV_NULL : h->error);
    HQ_JSON_KEY(w, "created_at");
    hq_json_time(w, h->at);
    hq_json_close(w, '}');
}

hq_status hq_notice__hook_event(hq_tx *tx, const hq_hook *hook, const char *kind, hq_sv actor,
                                hq_sv payload)
{
    hq_buf subject = HQ_BUF_ARENA(hq_tx_arena(tx), 64);
    hq_buf_lit(&subject, "webhook/");
    hq_id_write(&subject, &hook->id);
    HQ_TRY(hq_buf_status(&subject));
    return hq_tx_event(tx,
                       &(hq_event){ .room = HQ_SV("notice"),
                                    .kind = hq_sv_from_cstr(kind),
                                    .subject = hq_buf_view(&subject),
                                    .actor = actor,
                                    .payload = payload },
                       NULL);
}

/* ------------------------------------------------------------------ making one */

typedef struct {
    hq_notice *notice;
    hq_hook hook;
    const hq_caller *caller;
    bool too_many;
} making;

static void read_url(hq_sv *out, found *f, const hq_notice *notice, const hq_json *body)
{
    hq_sv url = hq_json_get_text(body, "url");
    bool secure = hq_sv_starts(url, HQ_SV("https://"));
    if (!secure && !(notice->private_ok && hq_sv_starts(url, HQ_SV("http://")))) {
        find(f, HQ_SV("/url"), HQ_SV("Cần địa chỉ bắt đầu bằng https://"),
             HQ_SV("Needs an address that starts with https://"));
        return;
    }
    hq_sv host = hq_sv_sub(url, secure ? 8 : 7, url.len);
    size_t end = hq_sv_find(host, '/', 0);
    bool odd = hq_utf8_has_control(url) || hq_sv_find(url, ' ', 0) < url.len ||
               hq_sv_find(url, '\n', 0) < url.len || hq_sv_find(url, '\t', 0) < url.len;
    if (odd || url.len > HQ_NOTICE__URL_MAX || end == 0 || hq_sv_find(host, '@', 0) < end) {
        find(f, HQ_SV("/url"),
             HQ_SV("Địa chỉ không hợp lệ: không quá 500 ký tự, không chứa tên người dùng hay "
                   "khoảng trắng"),
             HQ_SV("Not an address that can be called: at most 500 characters, no user name, no "
                   "space"));
        return;
    }
    *out = url;
}

static void unknown_kind(found *f, size_t index, hq_sv kind)
{
    hq_sv names[64];
    size_t count = hq_notice__kind_count < 64 ? hq_notice__kind_count : 64;
    for (size_t i = 0; i < count; i++) {
        names[i] = hq_notice__kinds[i].kind;
    }
    find_unknown(f, hq_arena_printf(f->request->arena, "/kinds/%zu", index),
                 "Không có loại sự kiện này", "There is no such kind of event",
                 hq_sv_nearest(kind, names, count));
}

static hq_status read_kinds(hq_sv *out, found *f, const hq_json *body)
{
    const hq_json *kinds = hq_json_get(body, "kinds");
    hq_buf buf = HQ_BUF_ARENA(f->request->arena, 4096);
    size_t index = 0;
    *out = HQ_SV("");
    if (kinds == NULL || kinds->type == HQ_JSON_NULL) {
        return HQ_DONE;
    }
    if (kinds->type != HQ_JSON_ARRAY) {
        find(f, HQ_SV("/kinds"), HQ_SV("Cần danh sách loại sự kiện"),
             HQ_SV("Needs a list of kinds of events"));
        return HQ_DONE;
    }
    for (const hq_json *k = hq_json_first(kinds); k != NULL; k = hq_json_next(kinds, k), index++) {
        if (k->type != HQ_JSON_STRING || hq_notice__kind_of(k->text) == NULL) {
            unknown_kind(f, index, k->type == HQ_JSON_STRING ? k->text : HQ_SV(""));
            continue;
        }
        if (buf.len > 0) {
            hq_buf_char(&buf, ' ');
        }
        hq_buf_sv(&buf, k->text);
    }
    *out = buf.len == 0 ? HQ_SV("") : hq_buf_view(&buf);
    return hq_buf_status(&buf);
}

static void find_unknown_members(found *f, const hq_json *body, const hq_sv *names, size_t count)
{
    for (const hq_json *m = hq_json_first(body); m != NULL; m = hq_json_next(body, m)) {
        bool known = false;
        for (size_t i = 0; i < count; i++) {
            known |= hq_sv_eq(m->key, names[i]);
        }
        if (!known) {
            find_unknown(f, hq_arena_printf(f->request->arena, "/%.*s", HQ_SV_FMT(m->key)),
                         "Không có trường này", "There is no such member",
                         hq_sv_nearest(m->key, names, count));
        }
    }
}

static hq_status read_body(const hq_json **out, found *f, const hq_sv *names, size_t count)
{
    hq_request *request = f->request;
    HQ_TRY(hq_json_parse(out, request->body, request->arena, &request->answer.why));
    if ((*out)->type != HQ_JSON_OBJECT) {
        find(f, HQ_SV(""), HQ_SV("Cần một đối tượng JSON"), HQ_SV("Needs a JSON object"));
        return found_status(f);
    }
    find_unknown_members(f, *out, names, count);
    return HQ_DONE;
}

static hq_status add_hook(hq_tx *tx, void *user)
{
    making *m = user;
    hq_hook *mine;
    size_t count;
    HQ_TRY(hq_notice__hooks_of(&mine, &count, tx, m->hook.owner, hq_tx_arena(tx)));
    m->too_many = count >= HQ_NOTICE__HOOKS_MAX;
    if (m->too_many) {
        return HQ_FAIL(CONFLICT);
    }
    m->hook.at = hq_tx_now(tx);
    hq_id_make(&m->hook.id, m->hook.at);
    HQ_TRY(hq_notice__hook_add(tx, &m->hook));
    return hq_notice__hook_event(tx, &m->hook, "webhook.added", m->hook.owner, HQ_SV("{}"));
}

static hq_status added(hq_request *request, hq_status written, void *user)
{
    making *m = user;
    if (m->too_many) {
        request->answer.why = (hq_why){
            HQ_SV(""),
            HQ_SV("Mỗi người dùng có nhiều nhất 20 webhook; hãy kết thúc một webhook cũ"),
            HQ_SV("One caller may have 20 webhooks at most; end an old one first"),
        };
    }
    HQ_TRY(written);
    request->answer.body = HQ_BUF_ARENA(request->arena, ANSWER_MAX);
    hq_json_w w = hq_json_writer(&request->answer.body);
    write_hook(&w, &m->hook, hq_notice__secret_text(request->arena, m->hook.secret));
    request->answer.http = 201;
    request->answer.no_store = true;
    return hq_buf_status(&request->answer.body);
}

hq_status hq_notice__post_hook(hq_request *request, void *room)
{
    static const hq_sv names[] = { { "url", 3 }, { "kinds", 5 } };
    making *m = HQ_NEW(request->arena, making);
    const hq_json *body;
    if (m == NULL) {
        return HQ_FAIL(NOMEM);
    }
    m->notice = room;
    m->hook = (hq_hook){ .owner = request->caller->id, .tax_code = request->caller->tax_code };
    found f = { .request = request };
    HQ_TRY(read_body(&body, &f, names, 2));
    read_url(&m->hook.url, &f, m->notice, body);
    HQ_TRY(read_kinds(&m->hook.kinds, &f, body));
    HQ_TRY(found_status(&f));
    m->hook.error = HQ_SV("");
    hq_random_bytes(m->hook.secret, sizeof m->hook.secret);
    return hq_request_write(request, add_hook, added, m);
}

/* ------------------------------------------------------------------ showing */

typedef struct {
    hq_request *request;
    hq_id id;
    hq_hook *hooks;
    size_t count;
} showing;

static hq_status read_hooks(hq_tx *tx, void *user)
{
    showing *s = user;
    return hq_notice__hooks_of(&s->hooks, &s->count, tx, s->request->caller->id, s->request->arena);
}

static hq_status read_hook(hq_tx *tx, void *user)
{
    showing *s = user;
    return hq_notice__hook_get(s->hooks, tx, &s->id, s->request->caller->id, s->request->arena);
}

hq_status hq_notice__get_hooks(hq_request *request, void *room)
{
    hq_notice *notice = room;
    showing s = { .request = request };
    HQ_TRY(hq_store_read(notice->store, read_hooks, &s));
    request->answer.body = HQ_BUF_ARENA(request->arena, ANSWER_MAX);
    hq_json_w w = hq_json_writer(&request->answer.body);
    hq_json_open(&w, '{');
    HQ_JSON_KEY(&w, "items");
    hq_json_open(&w, '[');
    for (size_t i = 0; i < s.count; i++) {
        write_hook(&w, &s.hooks[i], HQ_SV_NULL);
    }
    hq_json_close(&w, ']');
    HQ_JSON_KEY(&w, "next");
    hq_json_null(&w);
    hq_json_close(&w, '}');
    return hq_buf_status(&request->answer.body);
}

hq_status hq_notice__get_hook(hq_request *request, void *room)
{
    hq_notice *notice = room;
    hq_hook hook;
    showing s = { .request = request, .hooks = &hook };
    if (hq_failed(hq_id_parse(&s.id, request->params[0]))) {
        return HQ_FAIL(NOT_FOUND);
    }
    HQ_TRY(hq_store_read(notice->store, read_hook, &s));
    request->answer.body = HQ_BUF_ARENA(request->arena, ANSWER_MAX);
    hq_json_w w = hq_json_writer(&request->answer.body);
    write_hook(&w, &hook, HQ_SV_NULL);
    return hq_buf_status(&request->answer.body);
}

/* ------------------------------------------------------------------ ending */

typedef struct {
    const hq_caller *caller;
    hq_hook hook;
    hq_id id;
    int64_t *positions; /* of a replay */
    size_t count;
    int64_t next;
} changing;

static hq_status end_hook(hq_tx *tx, void *user)
{
    changing *c = user;
    HQ_TRY(hq_notice__hook_get(&c->hook, tx, &c->id, c->caller->id, hq_tx_arena(tx)));
    if (c->hook.state == HQ_HOOK_ENDED) {
        return HQ_DONE;
    }
    c->hook.state = HQ_HOOK_ENDED;
    c->hook.error = HQ_SV("");
    HQ_TRY(hq_notice__drop(tx, &c->id));
    HQ_TRY(hq_notice__hook_update(tx, &c->hook));
    return hq_notice__hook_event(tx, &c->hook, "webhook.ended", c->caller->id, HQ_SV("{}"));
}

static hq_status ended(hq_request *request, hq_status written, void *user)
{
    const changing *c = user;
    HQ_TRY(written);
    request->answer.body = HQ_BUF_ARENA(request->arena, ANSWER_MAX);
    hq_json_w w = hq_json_writer(&request->answer.body);
    hq_json_open(&w, '{');
    HQ_JSON_KEY(&w, "id");
    write_id(&w, &c->id);
    HQ_JSON_KEY(&w, "state");
    hq_json_text(&w, HQ_SV("ended"));
    hq_json_close(&w, '}');
    return hq_buf_status(&request->answer.body);
}

static hq_status new_change(changing **out, hq_request *request)
{
    changing *c = HQ_NEW(request->arena, changing);
    if (c == NULL) {
        return HQ_FAIL(NOMEM);
    }
    c->caller = request->caller;
    *out = c;
    return hq_ok(hq_id_parse(&c->id, request->params[0])) ? HQ_DONE : HQ_FAIL(NOT_FOUND);
}

hq_status hq_notice__delete_hook(hq_request *request, void *room)
{
    changing *c;
    (void)room;
    HQ_TRY(new_change(&c, request));
    return hq_request_write(request, end_hook, ended, c);
}

/* ------------------------------------------------------------------ replaying */

/* Collects what of the journal from `from` on the webhook may hear, at most REPLAY_MAX positions;
 * c->next is where the next replay would begin, 0 at the head. */
static hq_status collect(changing *c, hq_store *store, int64_t from, int64_t head, hq_arena *keep)
{
    enum { PAGE = 500 };
    c->positions = HQ_NEW_ARRAY(keep, int64_t, HQ_NOTICE__REPLAY_MAX);
    hq_arena *page = hq_arena_new((size_t)64 << 20);
    hq_status s = c->positions == NULL || page == NULL ? HQ_FAIL(NOMEM) : HQ_DONE;
    int64_t after = from - 1;
    while (hq_ok(s) && after < head && c->count < HQ_NOTICE__REPLAY_MAX) {
        hq_event_view *views;
        size_t count = 0;
        hq_arena_reset(page);
        s = hq_journal_read(&views, &count, store, after, PAGE, page);
        if (hq_failed(s) || count == 0) {
            break;
        }
        for (size_t i = 0; i < count && c->count < HQ_NOTICE__REPLAY_MAX; i++) {
            const hq_json *payload;
            after = views[i].position;
            if (hq_notice__kind_of(views[i].event.kind) != NULL &&
                hq_notice__wanted(&c->hook, views[i].event.kind) &&
                hq_ok(hq_json_parse_copy(&payload, views[i].event.payload, page, NULL)) &&
                hq_notice__concerns(payload, c->hook.tax_code)) {
                c->positions[c->count++] = after;
            }
        }
    }
    hq_arena_free(page);
    c->next = after < head ? after + 1 : 0;
    return s;
}

static hq_status queue_all(hq_tx *tx, void *user)
{
    changing *c = user;
    HQ_TRY(hq_notice__hook_get(&c->hook, tx, &c->id, c->caller->id, hq_tx_arena(tx)));
    if (c->hook.state == HQ_HOOK_ENDED) {
        return HQ_FAIL(CONFLICT);
    }
    for (size_t i = 0; i < c->count; i++) {
        HQ_TRY(hq_notice__queue(tx, &c->id, c->positions[i]));
    }
    c->hook.state = HQ_HOOK_ACTIVE;
    c->hook.failures = 0;
    c->hook.due = 0;
    c->hook.error = HQ_SV("");
    HQ_TRY(hq_notice__hook_update(tx, &c->hook));
    return hq_notice__hook_event(tx, &c->hook, "webhook.replayed", c->caller->id, HQ_SV("{}"));
}

static hq_status queued(hq_request *request, hq_status written, void *user)
{
    const changing *c = user;
    if (written.code == HQ_E_CONFLICT) {
        request->answer.why =
            (hq_why){ HQ_SV(""), HQ_SV("Webhook này đã kết thúc; hãy tạo webhook mới"),
                      HQ_SV("This webhook has ended; make a new one") };
    }
    HQ_TRY(written);
    request->answer.body = HQ_BUF_ARENA(request->arena, ANSWER_MAX);
    hq_json_w w = hq_json_writer(&request->answer.body);
    hq_json_open(&w, '{');
    HQ_JSON_KEY(&w, "queued");
    hq_json_i64(&w, (int64_t)c->count);
    HQ_JSON_KEY(&w, "next");
    if (c->next > 0) {
        hq_json_i64(&w, c->next);
    } else {
        hq_json_null(&w);
    }
    hq_json_close(&w, '}');
    return hq_buf_status(&request->answer.body);
}

hq_status hq_notice__post_replay(hq_request *request, void *room)
{
    static const hq_sv names[] = { { "from", 4 } };
    hq_notice *notice = room;
    changing *c;
    const hq_json *body;
    int64_t from;
    found f = { .request = request };
    HQ_TRY(new_change(&c, request));
    HQ_TRY(read_body(&body, &f, names, 1));
    if (!hq_json_get_i64(&from, body, "from") || from < 1) {
        find(&f, HQ_SV("/from"), HQ_SV("Cần vị trí sự kiện, số nguyên từ 1"),
             HQ_SV("Needs the position of an event, a whole number from 1"));
    }
    HQ_TRY(found_status(&f));
    showing s = { .request = request, .hooks = &c->hook, .id = c->id };
    HQ_TRY(hq_store_read(notice->store, read_hook, &s));
    HQ_TRY(collect(c, notice->store, from, hq_journal_head(notice->store), request->arena));
    return hq_request_write(request, queue_all, queued, c);
}
