/* SPDX-License-Identifier: Apache-2.0 */
#include "balance/room.h"

/* POST /api/v1/balances and PUT /{id} by the holder or his agent; approval, refusal, suspension,
 * resumption, extension and cancellation by the office that keeps the account. A change of a
 * registered account waits beside it until the officer approves or refuses it. */

#define JSON_MAX ((size_t)16 << 20)

typedef enum { APPROVE, REFUSE, SUSPEND, RESUME, EXTEND, CANCEL, VERBS } verb;
static const struct {
    const char *path, *event;
    uint32_t from; /* bits of states */
    bool reason;   /* must be given */
} verbs[VERBS] = {
#define IN(state) (UINT32_C(1) << HQ_BAL__##state)
    [APPROVE] = { "approval", "balance.registered", IN(DECLARED), false },
    [REFUSE] = { "refusal", "balance.refused", IN(DECLARED), true },
    [SUSPEND] = { "suspension", "balance.suspended", IN(REGISTERED), true },
    [RESUME] = { "resumption", "balance.resumed", IN(SUSPENDED), false },
    [EXTEND] = { "extension", "balance.extended", IN(REGISTERED) | IN(SUSPENDED), true },
    [CANCEL] = { "cancellation", "balance.cancelled",
                 IN(DECLARED) | IN(REGISTERED) | IN(REFUSED) | IN(SUSPENDED), true },
};
static const hq_bal__state next_of[VERBS] = {
    [APPROVE] = HQ_BAL__REGISTERED, [REFUSE] = HQ_BAL__REFUSED,    [SUSPEND] = HQ_BAL__SUSPENDED,
    [RESUME] = HQ_BAL__REGISTERED,  [EXTEND] = HQ_BAL__REGISTERED, [CANCEL] = HQ_BAL__CANCELLED,
};

typedef struct {
    hq_request *request;
    hq_balance *balance;
    hq_bal__draft draft;
    hq_sv id, reason, body;
    hq_day valid_to, today;
    verb verb;
    /* Left by the closure. */
    hq_sv json, etag, location;
    hq_why why;
    hq_sv members;
} job;

static hq_status job_new(job **out, hq_request *request, void *room)
{
    job *j = HQ_NEW(request->arena, job);
    if (j == NULL) {
        return HQ_FAIL(NOMEM);
    }
    j->request = request;
    j->balance = room;
    j->id = request->params[0];
    j->today = hq_day_of(hq_now(j->balance->clock));
    *out = j;
    return HQ_DONE;
}

/* ------------------------------------------------------------------ answering */

/* Rendered while the transaction holds it. */
static hq_status render(job *j, hq_tx *tx, const hq_bal__account *account)
{
    hq_bal__line *lines;
    size_t count;
    hq_arena *arena = j->request->arena;
    bool customs = (HQ_ROLES_CUSTOMS & HQ_ROLE_BIT(j->request->caller->role)) != 0;
    hq_buf text = HQ_BUF_ARENA(arena, JSON_MAX);
    hq_json_w w = hq_json_writer(&text);
    HQ_TRY(hq_bal__lines_of(&lines, &count, tx, account->id, hq_tx_arena(tx)));
    hq_json_open(&w, '{');
    hq_bal__account_json(&w, account, j->today, customs);
    hq_bal__lines_json(&w, lines, count);
    hq_json_close(&w, '}');
    j->json = hq_buf_view(&text);
    j->etag = hq_arena_printf(arena, "%lld", (long long)account->version);
    j->location = hq_arena_printf(arena, "/api/v1/balances/%.*s", HQ_SV_FMT(account->id));
    return hq_buf_status(&text);
}

static hq_status keep_why(job *j, hq_status s, const hq_why *why)
{
    hq_arena *arena = j->request->arena;
    j->why = (hq_why){ hq_arena_dup(arena, why->path), hq_arena_dup(arena, why->vi),
                       hq_arena_dup(arena, why->en) };
    return s;
}

static hq_status refuse(job *j, hq_status s, const char *path, const char *vi, const char *en)
{
    j->why = (hq_why){ hq_sv_from_cstr(path), hq_sv_from_cstr(vi), hq_sv_from_cstr(en) };
    return s;
}

static hq_status answer(hq_request *request, hq_status written, void *user)
{
    const job *j = user;
    if (hq_failed(written)) {
        if (j->why.en.ptr != NULL) {
            request->answer.why = j->why;
        }
        request->answer.members = j->members;
        return written;
    }
    request->answer.etag = j->etag;
    request->answer.body = HQ_BUF_ARENA(request->arena, JSON_MAX);
    hq_buf_sv(&request->answer.body, j->json);
    return hq_buf_status(&request->answer.body);
}

static hq_status answer_new(hq_request *request, hq_status written, void *user)
{
    const job *j = user;
    if (hq_ok(written)) {
        request->answer.http = 201;
        request->answer.location = j->location;
    }
    return answer(request, written, user);
}

/* ------------------------------------------------------------------ registering */

static hq_status may_file(job *j, const hq_ref *ref)
{
    hq_request *request = j->request;
    hq_target target = { .office = j->draft.office,
                         .trader_tax_code = j->draft.holder,
                         .agent_tax_code = request->caller->tax_code };
    hq_status s = hq_may(request->caller, HQ_MAY_FILE, &target, ref, j->today);
    if (hq_failed(s)) {
        hq_bal__why(&request->answer.why, HQ_SV("/holder"),
                    HQ_SV("Bạn chỉ đăng ký được cho mã số thuế của mình hoặc cho người đã ủy quyền "
                          "cho bạn"),
                    HQ_SV("You register for your own tax code or for somebody who has authorised "
                          "you only"));
        return HQ_FAIL(FORBIDDEN);
    }
    return HQ_DONE;
}

static hq_status read_new(job *j, const hq_ref *ref)
{
    const hq_json *body;
    hq_bal__found *found = HQ_NEW(j->request->arena, hq_bal__found);
    if (found == NULL) {
        return HQ_FAIL(NOMEM);
    }
    found->arena = j->request->arena;
    HQ_TRY(hq_bal__body(&body, j->request));
    HQ_TRY(hq_bal__draft_read(&j->draft, found, body, NULL, ref, j->today));
    HQ_TRY(hq_bal__found_status(j->request, found));
    if (j->draft.holder.len == 0) {
        j->draft.holder = j->request->caller->tax_code;
    }
    return may_file(j, ref);
}

static hq_status write_new(hq_tx *tx, void *user)
{
    job *j = user;
    hq_why why = { .en = HQ_SV_NULL };
    hq_bal__account account;
    hq_status s = hq_bal__draft_register(&account, tx, &j->draft, j->request->caller, &why);
    return hq_failed(s) ? keep_why(j, s.code == HQ_E_EXISTS ? HQ_FAIL(CONFLICT) : s, &why)
                        : render(j, tx, &account);
}

hq_status hq_bal__post(hq_request *request, void *room)
{
    job *j;
    HQ_TRY(job_new(&j, request, room));
    const hq_ref *ref = hq_reference_acquire(j->balance->reference);
    hq_status s = read_new(j, ref);
    hq_reference_release(j->balance->reference, ref);
    HQ_TRY(s);
    return hq_request_write(request, write_new, answer_new, j);
}

/* ------------------------------------------------------------------ the account of a change */

static hq_status may_change(job *j, const hq_bal__account *account, hq_deed deed)
{
    hq_target target = hq_bal__target_of(account);
    const hq_ref *ref = hq_reference_acquire(j->balance->reference);
    hq_status s = hq_may(j->request->caller, deed, &target, ref, j->today);
    hq_reference_release(j->balance->reference, ref);
    return s;
}

static hq_status load(hq_bal__account *out, job *j, hq_tx *tx, hq_deed deed)
{
    j->why = (hq_why){ .en = HQ_SV_NULL };
    j->members = HQ_SV_NULL;
    HQ_TRY(hq_bal__account_get(out, tx, j->id, hq_tx_arena(tx)));
    HQ_TRY(may_change(j, out, deed));
    hq_sv etag = hq_arena_printf(hq_tx_arena(tx), "%lld", (long long)out->version);
    if (!hq_if_match(j->request, etag)) {
        return refuse(j, HQ_FAIL(STALE), "",
                      "Đã thay đổi kể từ khi bạn đọc; hãy đọc lại rồi gửi lại",
                      "It changed since you read it; read it again, then send again");
    }
    return HQ_DONE;
}

static bool possible(const hq_bal__account *a, verb v, bool declarant)
{
    bool waits = a->amendment.len > 0 && (v == APPROVE || v == REFUSE);
    uint32_t from = verbs[v].from;
    if (declarant) {
        from = v == CANCEL ? IN(DECLARED) | IN(REFUSED) : 0;
    }
    bool by_declaration = a->declaration != 0 && (v == APPROVE || v == REFUSE || v == CANCEL);
    return (waits && !declarant) || (!by_declaration && (from >> a->state & 1) != 0);
}

static hq_status impossible(job *j, const hq_bal__account *a)
{
    hq_arena *arena = j->request->arena;
    bool declarant = j->request->caller->role == HQ_ROLE_DECLARANT;
    hq_buf members = HQ_BUF_ARENA(arena, 1024);
    hq_json_w w = hq_json_writer(&members);
    const char *state = hq_bal__state_name(a->state);
    HQ_JSON_KEY(&w, "balance_state");
    hq_json_text(&w, hq_sv_from_cstr(state));
    HQ_JSON_KEY(&w, "balance_possible");
    hq_json_open(&w, '[');
    for (verb v = APPROVE; v < VERBS; v++) {
        if (possible(a, v, declarant)) {
            hq_json_text(&w, hq_sv_from_cstr(verbs[v].path));
        }
    }
    hq_json_close(&w, ']');
    j->members = hq_buf_view(&members);
    j->why = (hq_why){
        .path = HQ_SV(""),
        .vi = hq_arena_printf(arena,
                              "Đang ở trạng thái %s, không thực hiện được; các bước có thể làm nằm "
                              "ở balance_possible",
                              state),
        .en = hq_arena_printf(
            arena, "It is %s and this cannot be done now; balance_possible has what can", state),
    };
    return HQ_FAIL(CONFLICT);
}

/* ------------------------------------------------------------------ amending */

/* The draft of an amendment from its text, which was read before. */
static hq_status read_amendment(hq_bal__draft *out, job *j, hq_sv text,
                                const hq_bal__account *account, hq_arena *arena)
{
    const hq_json *body;
    hq_bal__found *found = HQ_NEW(arena, hq_bal__found);
    if (found == NULL) {
        return HQ_FAIL(NOMEM);
    }
    found->arena = arena;
    HQ_TRY(hq_json_parse_copy(&body, text, arena, NULL));
    const hq_ref *ref = hq_reference_acquire(j->balance->reference);
    hq_status s = hq_bal__draft_read(out, found, body, account, ref, j->today);
    hq_reference_release(j->balance->reference, ref);
    HQ_TRY(s);
    return hq_bal__found_status(j->request, found);
}

/* Before it was registered a draft is simply replaced; afterwards the change waits. */
static hq_status write_amendment(hq_tx *tx, void *user)
{
    job *j = user;
    hq_bal__account account;
    hq_why why = { .en = HQ_SV_NULL };
    hq_bal__event event = { "balance.amendment_asked", HQ_SV(""), j->request->caller->id };
    HQ_TRY(load(&account, j, tx, HQ_MAY_FILE));
    if (account.declaration != 0 || account.state == HQ_BAL__CANCELLED) {
        return impossible(j, &account);
    }
    HQ_TRY(read_amendment(&j->draft, j, j->body, &account, j->request->arena));
    if (account.state == HQ_BAL__REGISTERED || account.state == HQ_BAL__SUSPENDED) {
        account.amendment = j->body;
    } else {
        hq_status s = hq_bal__draft_apply(&account, tx, &j->draft, j->request->caller->id, &why);
        if (hq_failed(s)) {
            return keep_why(j, s, &why);
        }
        account.state = HQ_BAL__DECLARED;
        account.first_valid_to = account.valid_to;
        event.kind = "balance.declared";
    }
    HQ_TRY(hq_bal__account_write(tx, &account, &event));
    return render(j, tx, &account);
}

/* What the record shows and the approval reads again: without white space around it. */
hq_status hq_bal__put(hq_request *request, void *room)
{
    job *j;
    const hq_json *body;
    HQ_TRY(job_new(&j, request, room));
    HQ_TRY(hq_bal__body(&body, request));
    j->body = hq_sv_trim(request->body);
    return hq_request_write(request, write_amendment, answer, j);
}

/* ------------------------------------------------------------------ verbs */

static hq_status decide_amendment(job *j, hq_tx *tx, hq_bal__account *account, hq_bal__event *event)
{
    hq_why why = { .en = HQ_SV_NULL };
    hq_bal__draft draft;
    event->kind = j->verb == APPROVE ? "balance.amended" : "balance.amendment_refused";
    hq_sv text = account->amendment;
    account->amendment = HQ_SV("");
    if (j->verb == REFUSE) {
        return HQ_DONE;
    }
    HQ_TRY(read_amendment(&draft, j, text, account, hq_tx_arena(tx)));
    hq_status s = hq_bal__draft_apply(account, tx, &draft, j->request->caller->id, &why);
    return hq_failed(s) ? keep_why(j, s, &why) : HQ_DONE;
}

/* "TEMPORARY_STAY" rules over TEMPORARY_EXTENSION and TEMPORARY_EXTENSIONS_MAX. */
static const hq_term_row *term_beside(const hq_ref *ref, const hq_bal__account *account,
                                      const char *what, hq_day day, hq_arena *arena)
{
    if (!hq_sv_ends(account->term, HQ_SV("_STAY"))) {
        return NULL;
    }
    hq_sv stem = hq_sv_sub(account->term, 0, account->term.len - 5);
    return hq_ref_term(ref, hq_arena_printf(arena, "%.*s_%s", HQ_SV_FMT(stem), what), day);
}

static hq_sv day_text(hq_arena *arena, hq_day day)
{
    hq_buf buf = HQ_BUF_ARENA(arena, 16);
    hq_day_write(&buf, day);
    return hq_buf_view(&buf);
}

static hq_status check_extension(job *j, const hq_ref *ref, const hq_bal__account *account)
{
    hq_arena *arena = j->request->arena;
    const hq_term_row *longest = term_beside(ref, account, "EXTENSION", j->today, arena);
    const hq_term_row *most = term_beside(ref, account, "EXTENSIONS_MAX", j->today, arena);
    if (j->valid_to <= account->valid_to) {
        hq_sv now = day_text(arena, account->valid_to);
        j->why = (hq_why){ HQ_SV("/valid_to"),
                           hq_arena_printf(arena, "Ngày mới phải sau thời hạn hiện tại %.*s",
                                           HQ_SV_FMT(now)),
                           hq_arena_printf(arena, "The new day must be after the present one, %.*s",
                                           HQ_SV_FMT(now)) };
        return HQ_FAIL(INVALID);
    }
    if (most != NULL && account->extensions >= most->amount) {
        j->why =
            (hq_why){ HQ_SV("/valid_to"),
                      hq_arena_printf(arena, "Đã gia hạn đủ %lld lần", (long long)most->amount),
                      hq_arena_printf(arena, "It was extended %lld times, as often as may be",
                                      (long long)most->amount) };
        return HQ_FAIL(CONFLICT);
    }
    hq_day latest =
        longest == NULL ? HQ_DAY_OPEN : hq_ref_term_last_day(ref, longest->term, account->valid_to);
    if (j->valid_to > latest) {
        hq_sv last = day_text(arena, latest);
        j->why =
            (hq_why){ HQ_SV("/valid_to"),
                      hq_arena_printf(arena, "Mỗi lần gia hạn chậm nhất đến %.*s", HQ_SV_FMT(last)),
                      hq_arena_printf(arena, "One extension goes to %.*s at the latest",
                                      HQ_SV_FMT(last)) };
        return HQ_FAIL(INVALID);
    }
    return HQ_DONE;
}

static hq_status extend(job *j, hq_bal__account *account, hq_bal__event *event)
{
    const hq_ref *ref = hq_reference_acquire(j->balance->reference);
    hq_status s = check_extension(j, ref, account);
    hq_reference_release(j->balance->reference, ref);
    HQ_TRY(s);
    account->valid_to = j->valid_to;
    account->extensions++;
    account->overdue = false;
    hq_sv until = day_text(j->request->arena, j->valid_to);
    event->more = hq_arena_printf(j->request->arena, "\"valid_to\":\"%.*s\"", HQ_SV_FMT(until));
    return HQ_DONE;
}

static hq_status write_verb(hq_tx *tx, void *user)
{
    job *j = user;
    hq_bal__account account;
    hq_sv actor = j->request->caller->id;
    hq_bal__event event = { verbs[j->verb].event, HQ_SV(""), actor };
    bool declarant = j->request->caller->role == HQ_ROLE_DECLARANT;
    HQ_TRY(load(&account, j, tx, declarant ? HQ_MAY_FILE : HQ_MAY_ACT));
    if (!possible(&account, j->verb, declarant)) {
        return impossible(j, &account);
    }
    if (account.amendment.len > 0 && (j->verb == APPROVE || j->verb == REFUSE)) {
        HQ_TRY(decide_amendment(j, tx, &account, &event));
    } else if (j->verb == EXTEND) {
        HQ_TRY(extend(j, &account, &event));
    } else {
        account.state = next_of[j->verb];
    }
    account.reason = j->reason;
    account.decided_by = actor;
    account.decided_at = hq_tx_now(tx);
    HQ_TRY(hq_bal__account_write(tx, &account, &event));
    return render(j, tx, &account);
}

static hq_status read_verb(job *j)
{
    static const hq_sv names[] = { { "reason", 6 }, { "valid_to", 8 } };
    const hq_json *body;
    hq_bal__found *found = HQ_NEW(j->request->arena, hq_bal__found);
    if (found == NULL) {
        return HQ_FAIL(NOMEM);
    }
    found->arena = j->request->arena;
    HQ_TRY(hq_bal__body(&body, j->request));
    hq_bal__at at = { found, body, HQ_SV("") };
    hq_bal__only(found, body, HQ_SV(""), names, j->verb == EXTEND ? 2 : 1);
    j->reason = hq_bal__text(&at, "reason", 1000, verbs[j->verb].reason);
    if (j->verb == EXTEND) {
        j->valid_to = hq_bal__day(&at, "valid_to", true);
    }
    return hq_bal__found_status(j->request, found);
}

static hq_status post_verb(hq_request *request, void *room, verb v)
{
    job *j;
    HQ_TRY(job_new(&j, request, room));
    j->verb = v;
    HQ_TRY(read_verb(j));
    return hq_request_write(request, write_verb, answer, j);
}

#define VERB_ROUTE(name, v)                                                                        \
    hq_status hq_bal__##name(hq_request *request, void *room)                                      \
    {                                                                                              \
        return post_verb(request, room, v);                                                        \
    }
VERB_ROUTE(approval, APPROVE)
VERB_ROUTE(refusal, REFUSE)
VERB_ROUTE(suspension, SUSPEND)
VERB_ROUTE(resumption, RESUME)
VERB_ROUTE(extension, EXTEND)
VERB_ROUTE(cancellation, CANCEL)
