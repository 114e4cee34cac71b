/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/list.h"

#include "clearance/search.h"

#define LIMIT_DEFAULT 50
#define LIMIT_MAX     200
#define Q_MAX         200

typedef struct {
    hq_clr__search search;
    hq_request *request;
    hq_clearance *clearance;
    hq_time_us as_of;
} listing;

/* ------------------------------------------------------------------ parameters */

static hq_status bad(hq_request *request, const char *name, const char *vi, const char *en)
{
    return hq_clr__refuse(request, HQ_FAIL(INVALID),
                          hq_arena_printf(request->arena, "/query/%s", name), vi, en);
}

static hq_status read_limit(listing *l)
{
    hq_sv text = hq_request_query(l->request, "limit");
    int64_t limit = LIMIT_DEFAULT;
    if (text.len > 0 &&
        (!hq_sv_digits(text) || !hq_sv_i64(&limit, text) || limit < 1 || limit > LIMIT_MAX)) {
        return bad(l->request, "limit", "limit phải từ 1 đến 200", "limit must be from 1 to 200");
    }
    l->search.limit = (size_t)limit;
    text = hq_request_query(l->request, "cursor");
    l->search.below = INT64_MAX;
    if (text.len > 0 && (!hq_sv_digits(text) || !hq_sv_i64(&l->search.below, text))) {
        return bad(l->request, "cursor", "cursor không phải do máy chủ này cấp",
                   "the cursor was not given by this server");
    }
    return HQ_DONE;
}

static hq_status read_day(hq_day *out, listing *l, const char *name)
{
    hq_sv text = hq_request_query(l->request, name);
    *out = 0;
    if (text.len == 0 || hq_ok(hq_day_parse(out, text))) {
        return HQ_DONE;
    }
    return bad(l->request, name, "Cần ngày dạng NĂM-THÁNG-NGÀY, ví dụ 2026-11-20",
               "Needs a day YYYY-MM-DD, for example 2026-11-20");
}

static int status_of(hq_sv name)
{
    for (int i = 0; i < HQ_DECLARATION_STATUS_COUNT; i++) {
        if (hq_sv_eq(name, hq_sv_from_cstr(hq_declaration_status_name((hq_declaration_status)i)))) {
            return i;
        }
    }
    return -1;
}

static int channel_of(hq_sv name)
{
    for (int i = HQ_CHANNEL_GREEN; i <= HQ_CHANNEL_RED; i++) {
        if (hq_sv_eq(name, hq_sv_from_cstr(hq_channel_name((hq_channel)i)))) {
            return i;
        }
    }
    return -1;
}

/* One name, or several with commas between. */
static bool read_bits(uint32_t *out, hq_sv text, int (*of)(hq_sv name))
{
    hq_sv rest = text;
    *out = 0;
    while (text.len > 0 && rest.ptr != NULL) {
        int bit = of(hq_sv_trim(hq_sv_cut(&rest, ',')));
        if (bit < 0) {
            return false;
        }
        *out |= UINT32_C(1) << bit;
    }
    return true;
}

static hq_status read_codes(listing *l)
{
    hq_clr__search *s = &l->search;
    if (!read_bits(&s->statuses, hq_request_query(l->request, "status"), status_of)) {
        return bad(l->request, "status",
                   "status phải là các trạng thái của tờ khai, ví dụ AWAITING_TAX,CLEARED",
                   "status must be statuses of a declaration, for example AWAITING_TAX,CLEARED");
    }
    if (!read_bits(&s->channels, hq_request_query(l->request, "channel"), channel_of)) {
        return bad(l->request, "channel", "channel phải là GREEN, YELLOW hoặc RED",
                   "channel must be GREEN, YELLOW or RED");
    }
    s->office = hq_request_query(l->request, "office");
    s->kind = hq_request_query(l->request, "kind");
    s->assignee = hq_request_query(l->request, "assignee");
    if (hq_sv_eq(s->assignee, HQ_SV("me"))) {
        s->assignee = l->request->caller->id;
    } else if (s->assignee.len > 0) {
        hq_person person;
        hq_status found =
            hq_identity_find(&person, l->clearance->identity, s->assignee, l->request->arena);
        s->assignee = hq_ok(found) ? person.id : s->assignee; /* or somebody who left */
    }
    return HQ_DONE;
}

static hq_status read_words(listing *l)
{
    hq_clr__search *s = &l->search;
    hq_sv q = hq_sv_trim(hq_request_query(l->request, "q"));
    hq_sv folded;
    hq_sv word;
    if (q.len == 0 || hq_declaration_number_parse(&s->id, q)) {
        return HQ_DONE;
    }
    s->id = 0;
    if (hq_utf8_length(q) > Q_MAX) {
        return bad(l->request, "q", "q dài tối đa 200 ký tự", "q has at most 200 characters");
    }
    HQ_TRY(hq_fold(&folded, l->request->arena, q));
    while (s->word_count < HQ_CLR__QUERY_TERMS && hq_clr__next_word(&word, &folded)) {
        s->words[s->word_count++] = word;
    }
    return HQ_DONE;
}

static hq_status read_query(listing *l)
{
    HQ_TRY(read_limit(l));
    HQ_TRY(read_day(&l->search.from, l, "from"));
    HQ_TRY(read_day(&l->search.to, l, "to"));
    HQ_TRY(read_codes(l));
    return read_words(l);
}

/* ------------------------------------------------------------------ answering */

static void put_trader(hq_json_w *w, const hq_clr__row *row, const hq_ref *ref)
{
    const hq_enterprise_row *known = hq_ref_enterprise(ref, row->trader);
    HQ_JSON_KEY(w, "trader");
    hq_json_open(w, '{');
    HQ_JSON_KEY(w, "tax_code");
    hq_json_text(w, row->trader);
    HQ_JSON_KEY(w, "name");
    hq_json_text_or_null(w, known == NULL ? HQ_SV_NULL : known->name);
    hq_json_close(w, '}');
}

static void put_item(hq_json_w *w, const listing *l, const hq_clr__row *row)
{
    const hq_ref *ref = l->search.ref;
    char number[12];
    hq_json_open(w, '{');
    HQ_JSON_KEY(w, "number");
    hq_json_text(w, hq_declaration_number_write(number, row->id, 0));
    HQ_JSON_KEY(w, "version");
    hq_json_i64(w, row->version);
    HQ_JSON_KEY(w, "status");
    hq_json_text(w, hq_sv_from_cstr(hq_declaration_status_name(row->status)));
    HQ_JSON_KEY(w, "channel");
    hq_json_text_or_null(w, row->channel == HQ_CLR__NO_CHANNEL
                                ? HQ_SV_NULL
                                : hq_sv_from_cstr(hq_channel_name((hq_channel)row->channel)));
    HQ_JSON_KEY(w, "flow");
    hq_json_text(w, row->flow == HQ_FLOW_IMPORT ? HQ_SV("import") : HQ_SV("export"));
    HQ_JSON_KEY(w, "kind");
    hq_json_text(w, row->kind);
    HQ_JSON_KEY(w, "office");
    hq_json_text(w, row->office);
    HQ_JSON_KEY(w, "goods_office");
    hq_clr__put_text(w, row->goods_office);
    put_trader(w, row, ref);
    HQ_JSON_KEY(w, "agent");
    hq_clr__put_text(w, row->agent);
    HQ_JSON_KEY(w, "officer");
    hq_clr__put_text(w, row->officer);
    HQ_JSON_KEY(w, "officer_name");
    hq_clr__put_text(w, hq_clr__name_of(l->clearance, row->officer, l->request->arena));
    HQ_JSON_KEY(w, "reference");
    hq_clr__put_text(w, row->reference);
    HQ_JSON_KEY(w, "created_at");
    hq_json_time(w, row->created_at);
    HQ_JSON_KEY(w, "registered_at");
    hq_clr__put_time(w, row->registered_at);
    HQ_JSON_KEY(w, "due_at");
    hq_clr__put_time(w, row->due_at);
    HQ_JSON_KEY(w, "customs_value");
    hq_json_i64(w, row->customs_value_vnd);
    HQ_JSON_KEY(w, "total_payable");
    hq_json_i64(w, row->payable_vnd);
    hq_json_close(w, '}');
}

static hq_status answer(listing *l)
{
    hq_request *request = l->request;
    hq_clr__search *s = &l->search;
    request->answer.body = HQ_BUF_ARENA(request->arena, HQ_CLR__RECORD_MAX);
    hq_json_w w = hq_json_writer(&request->answer.body);
    hq_json_open(&w, '{');
    HQ_JSON_KEY(&w, "items");
    hq_json_open(&w, '[');
    for (size_t i = 0; i < s->count; i++) {
        put_item(&w, l, &s->rows[i]);
    }
    hq_json_close(&w, ']');
    HQ_JSON_KEY(&w, "next");
    if (s->next < 0) {
        hq_json_null(&w);
    } else {
        hq_json_text(&w, hq_arena_printf(request->arena, "%lld", (long long)s->next));
    }
    HQ_JSON_KEY(&w, "as_of");
    hq_clr__put_time(&w, l->as_of);
    hq_json_close(&w, '}');
    return hq_buf_status(&request->answer.body);
}

/* ------------------------------------------------------------------ reading */

hq_status hq_clr__lists_await(hq_clearance *clearance)
{
    int64_t reached;
    return hq_store_await(clearance->store, HQ_CLR__FOLLOWER, hq_journal_head(clearance->store),
                          HQ_CLR__AWAIT_US, &reached);
}

/* Up to when the lists are known to be complete: now, or the last event that the follower took. */
static hq_status await_lists(listing *l)
{
    hq_store *store = l->clearance->store;
    int64_t reached = 0;
    hq_event_view *last;
    size_t count = 0;
    l->as_of = hq_now(l->clearance->clock);
    hq_status s =
        hq_store_await(store, HQ_CLR__FOLLOWER, hq_journal_head(store), HQ_CLR__AWAIT_US, &reached);
    if (s.code != HQ_E_TIMEOUT) {
        return s;
    }
    l->as_of = 0;
    if (reached > 0) {
        HQ_TRY(hq_journal_read(&last, &count, store, reached - 1, 1, l->request->arena));
        l->as_of = count == 1 ? last[0].event.at : 0;
    }
    return HQ_DONE;
}

static hq_status run(hq_tx *tx, void *user)
{
    listing *l = user;
    return hq_clr__search_run(&l->search, tx);
}

/* The list is open to everybody and empty for those in whose scope no declaration ever lies; for
 * them nothing is searched. */
static bool sees_any(const hq_caller *caller)
{
    uint32_t roles = HQ_ROLES_CUSTOMS | HQ_CLR__DECLARANT | HQ_CLR__OPERATOR;
    return (roles & HQ_ROLE_BIT(caller->role)) != 0;
}

hq_status hq_clr__get_list(hq_request *request, void *room)
{
    hq_clearance *clearance = room;
    listing l = { .request = request, .clearance = clearance };
    l.search.caller = request->caller;
    l.search.arena = request->arena;
    l.search.today = hq_day_of(hq_now(clearance->clock));
    HQ_TRY(read_query(&l));
    HQ_TRY(await_lists(&l));
    l.search.ref = hq_reference_acquire(clearance->reference);
    l.search.next = -1;
    hq_status s = sees_any(request->caller) ? hq_store_read(clearance->store, run, &l) : HQ_DONE;
    if (hq_ok(s)) {
        s = answer(&l);
    }
    hq_reference_release(clearance->reference, l.search.ref);
    return s;
}
