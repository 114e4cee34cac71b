/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/body.h"
#include "identity/delegations.h"

/* Delegations of decisions: who gave which to whom until when, giving one, taking one back. */

#define PREFIX      "delegation/"
#define ACT         "declaration."
#define SCAN_PAGE   ((size_t)200)
#define SCAN_PAGES  20
#define DAYS_MAX    366
#define LAST_OF_ALL PREFIX "g" /* after every id */

/* Decisions that can be given away one by one. Their names are those of the routes. */
static const char *const verbs[] = {
    "amendments", "cancellation", "channel", "extension", "holds",
    "lift",       "manual",       "matters", "release",   "storage"
};
#define VERBS (sizeof verbs / sizeof verbs[0])

static hq_status may(hq_identity *identity, const hq_caller *caller, hq_deed deed, hq_sv office)
{
    const hq_target target = { .office = office };
    const hq_ref *ref = hq_reference_acquire(identity->reference);
    hq_status s = hq_may_himself(caller, deed, &target, ref, hq_day_of(hq_now(identity->clock)));
    hq_reference_release(identity->reference, ref);
    return s;
}

/* ------------------------------------------------------------------ writing one */

static void put_name(hq_json_w *json, hq_identity *identity, const char *member, hq_sv id,
                     hq_arena *arena)
{
    hq_person person = { .name = HQ_SV("") };
    if (hq_failed(hq_identity_find(&person, identity, id, arena))) {
        person.name = HQ_SV(""); /* disabled since */
    }
    hq_identity__text_member(json, hq_sv_from_cstr(member), person.name);
}

static void put_verbs(hq_json_w *json, hq_sv acts)
{
    HQ_JSON_KEY(json, "verbs");
    if (acts.len == 0) {
        hq_json_null(json);
        return;
    }
    hq_json_open(json, '[');
    while (acts.ptr != NULL) {
        hq_sv act = hq_sv_cut(&acts, ' ');
        hq_json_text(json,
                     hq_sv_starts(act, HQ_SV(ACT)) ? hq_sv_sub(act, sizeof ACT - 1, act.len) : act);
    }
    hq_json_close(json, ']');
}

static void put_delegation(hq_json_w *json, hq_identity *identity,
                           const hq_identity__delegation_row *row, hq_arena *arena)
{
    hq_day today = hq_day_of(hq_now(identity->clock));
    hq_json_open(json, '{');
    hq_identity__text_member(json, HQ_SV("id"), hq_sv_sub(row->id, sizeof PREFIX - 1, row->id.len));
    hq_identity__text_member(json, HQ_SV("head"), row->head_id);
    put_name(json, identity, "head_name", row->head_id, arena);
    hq_identity__text_member(json, HQ_SV("to"), row->to_id);
    put_name(json, identity, "to_name", row->to_id, arena);
    put_verbs(json, row->act);
    hq_identity__text_member(json, HQ_SV("office"), row->office);
    HQ_JSON_KEY(json, "from");
    hq_json_day(json, row->from);
    HQ_JSON_KEY(json, "until");
    hq_json_day(json, row->to);
    HQ_JSON_KEY(json, "created_at");
    hq_json_time(json, row->created_at);
    HQ_JSON_KEY(json, "revoked_at");
    if (row->ended_at == 0) {
        hq_json_null(json);
    } else {
        hq_json_time(json, row->ended_at);
    }
    HQ_JSON_KEY(json, "active");
    hq_json_bool(json, row->ended_at == 0 && row->from <= today && today <= row->to);
    hq_json_close(json, '}');
}

/* ------------------------------------------------------------------ list */

typedef struct {
    hq_identity *identity;
    const hq_caller *caller;
    hq_arena *arena;
    hq_sv before;
    hq_day today;
    bool all;
    size_t limit, count;
    hq_identity__delegation_row *page, *found;
    bool more;
} listing;

/* His own, and those of offices within his scope. */
static bool concerns(const listing *l, const hq_identity__delegation_row *row)
{
    return hq_sv_eq(row->head_id, l->caller->id) || hq_sv_eq(row->to_id, l->caller->id) ||
           (row->office.len > 0 && hq_ok(may(l->identity, l->caller, HQ_MAY_SEE, row->office)));
}

static bool wanted(const listing *l, const hq_identity__delegation_row *row)
{
    bool over = row->ended_at != 0 || row->to < l->today;
    return (l->all || !over) && concerns(l, row);
}

static hq_status scan(hq_tx *tx, void *user)
{
    listing *l = user;
    size_t got = SCAN_PAGE;
    l->count = 0;
    l->more = false;
    for (int i = 0; i < SCAN_PAGES && got == SCAN_PAGE; i++) {
        HQ_TRY(hq_identity__delegations_page(l->page, &got, SCAN_PAGE, tx, l->before, l->arena));
        for (size_t k = 0; k < got; k++) {
            if (wanted(l, &l->page[k]) && l->count == l->limit) {
                l->more = true;
                return HQ_DONE;
            }
            if (wanted(l, &l->page[k])) {
                l->found[l->count++] = l->page[k];
            }
            l->before = l->page[k].id;
        }
    }
    l->more = got == SCAN_PAGE;
    return HQ_DONE;
}

static hq_status read_state(listing *l, hq_request *request)
{
    hq_sv state = hq_request_query(request, "state");
    l->all = hq_sv_eq(state, HQ_SV("all"));
    if (state.len == 0 || l->all || hq_sv_eq(state, HQ_SV("active"))) {
        return HQ_DONE;
    }
    request->answer.why.path = HQ_SV("/query/state");
    return hq_identity__explain(request, HQ_FAIL(INVALID), "state phải là active hoặc all",
                                "state must be active or all");
}

hq_status hq_identity__get_delegations(hq_request *request, void *room)
{
    listing l = { .identity = room, .caller = request->caller, .arena = request->arena };
    HQ_TRY(hq_identity__page(&l.limit, &l.before, request, PREFIX));
    HQ_TRY(read_state(&l, request));
    l.before = l.before.len == 0 ? HQ_SV(LAST_OF_ALL) : l.before;
    l.today = hq_day_of(hq_now(l.identity->clock));
    l.page = HQ_NEW_ARRAY(request->arena, hq_identity__delegation_row, SCAN_PAGE);
    l.found = HQ_NEW_ARRAY(request->arena, hq_identity__delegation_row, l.limit);
    if (l.page == NULL || l.found == NULL) {
        return HQ_FAIL(NOMEM);
    }
    HQ_TRY(hq_store_read(l.identity->store, scan, &l));
    hq_json_w json = hq_identity__answer(request, 200);
    hq_json_open(&json, '{');
    HQ_JSON_KEY(&json, "items");
    hq_json_open(&json, '[');
    for (size_t i = 0; i < l.count; i++) {
        put_delegation(&json, l.identity, &l.found[i], request->arena);
    }
    hq_json_close(&json, ']');
    hq_sv next = l.more ? hq_sv_sub(l.before, sizeof PREFIX - 1, l.before.len) : HQ_SV("");
    hq_identity__text_member(&json, HQ_SV("next"), next);
    hq_json_close(&json, '}');
    return hq_buf_status(&request->answer.body);
}

/* ------------------------------------------------------------------ giving */

static hq_status bad(hq_request *request, const char *path, const char *vi, const char *en)
{
    request->answer.why.path = hq_sv_from_cstr(path);
    return hq_identity__explain(request, HQ_FAIL(INVALID), vi, en);
}

static hq_status read_verb(hq_buf *acts, hq_request *request, const hq_json *item)
{
    for (size_t i = 0; i < VERBS; i++) {
        if (item->type == HQ_JSON_STRING && hq_sv_eq(item->text, hq_sv_from_cstr(verbs[i]))) {
            hq_buf_printf(acts, "%s" ACT "%s", acts->len == 0 ? "" : " ", verbs[i]);
            return HQ_DONE;
        }
    }
    return bad(
        request, "/verbs",
        "verbs gồm: amendments, cancellation, channel, extension, holds, lift, manual, matters, "
        "release, storage, "
        "matters",
        "verbs are of: amendments, cancellation, channel, extension, holds, lift, manual, "
        "matters, release, storage, "
        "matters");
}

/* Names of decisions; null or absent: every one. */
static hq_status read_verbs(hq_sv *out, hq_request *request)
{
    const hq_json *root;
    hq_buf acts = HQ_BUF_ARENA(request->arena, 4096);
    HQ_TRY(hq_json_parse(&root, request->body, request->arena, &request->answer.why));
    const hq_json *list = hq_json_get(root, "verbs");
    *out = HQ_SV("");
    if (list == NULL || list->type == HQ_JSON_NULL) {
        return HQ_DONE;
    }
    if (list->type != HQ_JSON_ARRAY || list->count == 0 || list->count > VERBS) {
        return bad(request, "/verbs", "verbs phải là danh sách quyết định được ủy quyền",
                   "verbs must be a list of the decisions that are delegated");
    }
    for (const hq_json *i = hq_json_first(list); i != NULL; i = hq_json_next(list, i)) {
        HQ_TRY(read_verb(&acts, request, i));
    }
    *out = hq_buf_view(&acts);
    return hq_buf_status(&acts);
}

static hq_status read_days(hq_delegation *d, hq_request *request, hq_sv from, hq_sv until)
{
    if (hq_failed(hq_day_parse(&d->from, from))) {
        return bad(request, "/from", "from phải là ngày dạng NĂM-THÁNG-NGÀY",
                   "from must be a day YYYY-MM-DD");
    }
    if (hq_failed(hq_day_parse(&d->until, until))) {
        return bad(request, "/until", "until phải là ngày dạng NĂM-THÁNG-NGÀY",
                   "until must be a day YYYY-MM-DD");
    }
    if (d->until - d->from > DAYS_MAX) {
        return bad(request, "/until", "Ủy quyền tối đa 366 ngày",
                   "A delegation lasts at most 366 days");
    }
    return HQ_DONE;
}

static hq_status read_body(hq_delegation *d, hq_request *request)
{
    hq_sv from = HQ_SV("");
    hq_sv until = HQ_SV("");
    const hq_identity__field fields[] = {
        { "to", &d->to, NULL, true, 128 }, { "office", &d->office, NULL, false, 12 },
        { "from", &from, NULL, true, 10 }, { "until", &until, NULL, true, 10 },
        { "verbs", NULL, NULL, false, 0 },
    };
    HQ_TRY(hq_identity__body(request, fields, sizeof fields / sizeof fields[0]));
    HQ_TRY(read_verbs(&d->act, request));
    return read_days(d, request, from, until);
}

typedef struct {
    hq_identity *identity;
    hq_request *request;
    hq_identity__delegation_row row;
} giving;

static hq_status write_given(hq_tx *tx, void *user)
{
    giving *g = user;
    g->request->remember = g->row.id;
    return hq_identity__delegation_put(tx, &g->row);
}

static hq_status answer_given(hq_request *request, giving *g)
{
    hq_json_w json = hq_identity__answer(request, 201);
    put_delegation(&json, g->identity, &g->row, request->arena);
    return hq_buf_status(&request->answer.body);
}

static hq_status given(hq_request *request, hq_status written, void *user)
{
    giving *g = user;
    HQ_TRY(written);
    HQ_TRY(hq_identity_refresh(g->identity));
    return answer_given(request, g);
}

typedef struct {
    hq_identity__delegation_row *row;
    hq_sv id;
    hq_arena *arena;
} reading;

static hq_status read_one(hq_tx *tx, void *user)
{
    const reading *r = user;
    return hq_identity__delegation_get(r->row, tx, r->id, r->arena);
}

static hq_status given_again(hq_request *request, hq_sv remembered, void *user)
{
    giving *g = user;
    reading r = { &g->row, remembered, request->arena };
    HQ_TRY(hq_store_read(g->identity->store, read_one, &r));
    g->row.ended_at = 0; /* as it was answered first */
    return answer_given(request, g);
}

hq_status hq_identity__post_delegation(hq_request *request, void *room)
{
    hq_delegation d = { .office = HQ_SV("") };
    giving *g = HQ_NEW(request->arena, giving);
    if (g == NULL) {
        return HQ_FAIL(NOMEM);
    }
    g->identity = room;
    g->request = request;
    request->again = given_again;
    request->write_user = g;
    HQ_TRY(read_body(&d, request));
    HQ_TRY(hq_identity__delegation_prepare(&g->row, room, request->caller, &d, request->arena,
                                           &request->answer.why));
    return hq_request_write(request, write_given, given, g);
}

/* ------------------------------------------------------------------ taking back */

/* Who gave it, or a head above him. */
static hq_status may_revoke(hq_identity *identity, const hq_caller *caller,
                            const hq_identity__delegation_row *row)
{
    if (hq_sv_eq(row->head_id, caller->id)) {
        return HQ_DONE;
    }
    return row->office.len == 0 ? HQ_FAIL(NOT_FOUND)
                                : may(identity, caller, HQ_MAY_DECIDE, row->office);
}

hq_status hq_identity__post_delegation_revocation(hq_request *request, void *room)
{
    hq_identity *identity = room;
    hq_identity__delegation_row row;
    reading r = { .row = &row, .arena = request->arena };
    HQ_TRY(hq_identity__param_id(&r.id, request, PREFIX));
    HQ_TRY(hq_store_read(identity->store, read_one, &r));
    HQ_TRY(may_revoke(identity, request->caller, &row));
    hq_status s =
        hq_identity__delegation_revoke(identity, request->caller, &row, &request->answer.why);
    if (s.code == HQ_E_NOT_FOUND) {
        return HQ_FAIL(CONFLICT); /* there it is, ended */
    }
    HQ_TRY(s);
    HQ_TRY(hq_store_read(identity->store, read_one, &r));
    hq_json_w json = hq_identity__answer(request, 200);
    put_delegation(&json, identity, &row, request->arena);
    return hq_buf_status(&request->answer.body);
}
