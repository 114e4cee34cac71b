/* SPDX-License-Identifier: Apache-2.0 */
#include "treasury/room.h"

/* GET /api/v1/debts: what is open, by declaration (at once) or by tax code (waits up to 2 seconds
 * for the follower, says as_of). A TAX row shows all interest to date; an INTEREST row appears when
 * the tax is paid and its interest is not. */

#define WAIT_US  (2 * HQ_US_PER_SECOND)
#define BODY_MAX ((size_t)1 << 20)

typedef struct {
    hq_request *request;
    hq_treasury *treasury;
    const hq_ref *ref;
    hq_sv tax_code;
    int64_t declaration; /* 0: by tax code */
    int64_t from;        /* first declaration of the page */
    int64_t from_entry;  /* first entry of it */
    size_t limit, written;
    int64_t next, next_entry; /* where the next page begins, 0 none */
    hq_day today;
    hq_json_w json;
} query;

/* ------------------------------------------------------------------ rows */

/* Sub-items of the budget for taxes on imports and exports (Circular 324/2016/TT-BTC). Those that
 * no source at hand confirms are null. */
static hq_sv subitem_of(hq_tax tax)
{
    switch (tax) {
    case HQ_TAX_IMPORT:
        return HQ_SV("1901");
    case HQ_TAX_EXPORT:
        return HQ_SV("1851");
    case HQ_TAX_SCT:
        return HQ_SV("1751");
    case HQ_TAX_VAT:
        return HQ_SV("1702");
    case HQ_TAX_AD:
    case HQ_TAX_CVD:
    case HQ_TAX_SG:
    case HQ_TAX_EPT:
        break;
    }
    return HQ_SV_NULL;
}

static void write_day(hq_json_w *json, hq_day day)
{
    if (day == 0) {
        hq_json_null(json);
    } else {
        hq_json_day(json, day);
    }
}

/* The entry of a tax that shows the interest which stands in the ledger: the first still open. */
static const hq_tre__entry *first_open(hq_tre__debt *debt, hq_tax tax)
{
    const hq_tre__entry *opened = hq_tre__entry_of(debt, HQ_DEBT_TAX, tax, false);
    return opened != NULL && hq_tre__entry_left(opened) > 0 ? opened
                                                            : hq_tre__entry_added(debt, tax, 0);
}

/* Interest that stands in the ledger and what runs since; days since interest_from. */
static hq_status interest_to_date(int64_t *interest, int64_t *days, query *q, hq_tre__debt *debt,
                                  const hq_tre__entry *entry)
{
    *interest = 0;
    *days = 0;
    hq_day begins = hq_tre__interest_from(debt, entry);
    if (entry->kind != HQ_DEBT_TAX || begins == 0) {
        return HQ_DONE;
    }
    HQ_TRY(hq_tre__interest_running(interest, q->ref, debt, entry, q->today));
    if (first_open(debt, entry->tax) == entry) {
        *interest += hq_tre__tax_left(debt, HQ_DEBT_INTEREST, entry->tax);
    }
    if (q->today > begins) {
        *days = q->today - begins - 1;
    }
    return HQ_DONE;
}

static hq_status write_entry(query *q, hq_tre__debt *debt, const hq_tre__entry *entry)
{
    hq_json_w *json = &q->json;
    int64_t interest;
    int64_t days;
    HQ_TRY(interest_to_date(&interest, &days, q, debt, entry));
    hq_json_open(json, '{');
    HQ_JSON_KEY(json, "declaration");
    hq_json_text(json, hq_tre__declaration_text(q->request->arena, debt->declaration));
    HQ_JSON_KEY(json, "office");
    hq_json_text(json, debt->office);
    HQ_JSON_KEY(json, "tax_code");
    hq_json_text(json, debt->tax_code);
    HQ_JSON_KEY(json, "tax");
    hq_json_text(json, hq_sv_from_cstr(hq_tax_name(entry->tax)));
    HQ_JSON_KEY(json, "kind");
    hq_json_text(json, hq_sv_from_cstr(hq_debt_kind_name(entry->kind)));
    HQ_JSON_KEY(json, "chapter");
    hq_json_null(json);
    HQ_JSON_KEY(json, "subitem");
    hq_json_text_or_null(json, entry->kind == HQ_DEBT_TAX ? subitem_of(entry->tax) : HQ_SV_NULL);
    HQ_JSON_KEY(json, "treasury_account");
    hq_json_null(json);
    HQ_JSON_KEY(json, "amount");
    hq_json_i64(json, entry->owed_vnd - entry->cancelled_vnd);
    HQ_JSON_KEY(json, "paid");
    hq_json_i64(json, entry->paid_vnd);
    HQ_JSON_KEY(json, "due");
    write_day(json, entry->since != 0 ? entry->since : debt->due);
    HQ_JSON_KEY(json, "interest_from");
    write_day(json, hq_tre__interest_from(debt, entry));
    HQ_JSON_KEY(json, "interest");
    hq_json_i64(json, interest);
    HQ_JSON_KEY(json, "interest_days");
    hq_json_i64(json, days);
    hq_json_close(json, '}');
    return HQ_DONE;
}

/* Interest of a tax that is still open is shown with the tax. */
static bool shown(const hq_tre__debt *debt, const hq_tre__entry *entry)
{
    if (hq_tre__entry_left(entry) == 0) {
        return false;
    }
    if (entry->kind != HQ_DEBT_INTEREST) {
        return true;
    }
    return hq_tre__tax_left(debt, HQ_DEBT_TAX, entry->tax) == 0;
}

/* ------------------------------------------------------------------ scope */

/* Banks see what is to be paid to them, a trader and the agent who pays for him their own, customs
 * people what lies in their scope. */
static bool in_scope(const query *q, const hq_tre__debt *debt)
{
    const hq_caller *caller = q->request->caller;
    if (caller->role == HQ_ROLE_BANK || caller->role == HQ_ROLE_TREASURY) {
        return true;
    }
    hq_target target = { .office = debt->office,
                         .goods_office = debt->office,
                         .trader_tax_code = debt->tax_code,
                         .agent_tax_code = debt->payer_tax_code };
    return hq_ok(hq_may(caller, HQ_MAY_SEE, &target, q->ref, q->today));
}

static bool wanted(const query *q, const hq_tre__debt *debt)
{
    return q->tax_code.len == 0 || hq_sv_eq(debt->tax_code, q->tax_code) ||
           hq_sv_eq(debt->payer_tax_code, q->tax_code);
}

/* ------------------------------------------------------------------ pages */

/* A guarantee that ends before the 30 days makes the tax due with it. */
static hq_status due_by_guarantee(hq_tre__debt *debt, hq_tx *tx)
{
    hq_tre__reservation r;
    hq_tre__guarantee g;
    if (debt->term != 'A' && debt->term != 'B') {
        return HQ_DONE;
    }
    hq_status s = hq_tre__reservation_get(&r, tx, debt->declaration);
    if (s.code == HQ_E_NOT_FOUND) {
        return HQ_DONE;
    }
    HQ_TRY(s);
    HQ_TRY(hq_tre__guarantee_get(&g, tx, r.guarantee));
    if (r.held_vnd > 0 && g.valid_to < debt->due) {
        debt->due = g.valid_to;
    }
    return HQ_DONE;
}

static hq_status write_debt(query *q, hq_tx *tx, int64_t declaration)
{
    hq_tre__debt debt;
    hq_status s = hq_tre__debt_get(&debt, tx, declaration);
    if (s.code == HQ_E_NOT_FOUND) {
        return HQ_DONE;
    }
    HQ_TRY(s);
    if (!wanted(q, &debt) || !in_scope(q, &debt)) {
        return HQ_DONE;
    }
    HQ_TRY(due_by_guarantee(&debt, tx));
    size_t first = declaration == q->from ? (size_t)q->from_entry : 0;
    for (size_t i = first; i < debt.entry_count && q->next == 0; i++) {
        if (!shown(&debt, &debt.entries[i])) {
            continue;
        }
        if (q->written == q->limit) {
            q->next = declaration;
            q->next_entry = (int64_t)i;
            return HQ_DONE;
        }
        HQ_TRY(write_entry(q, &debt, &debt.entries[i]));
        q->written++;
    }
    return HQ_DONE;
}

static hq_status read_debts(hq_tx *tx, void *user)
{
    query *q = user;
    int64_t *declarations;
    size_t count;
    if (q->declaration != 0) {
        HQ_TRY(hq_tre__owner_of(&q->declaration, q->treasury, tx));
        return write_debt(q, tx, q->declaration);
    }
    int64_t from = q->from;
    do {
        HQ_TRY(hq_tre__debtor_list(&declarations, &count, tx, q->tax_code, from, q->limit + 1));
        for (size_t i = 0; i < count && q->next == 0; i++) {
            HQ_TRY(write_debt(q, tx, declarations[i]));
        }
        from = count > 0 ? declarations[count - 1] + 1 : from;
    } while (count == q->limit + 1 && q->next == 0);
    return HQ_DONE;
}

/* ------------------------------------------------------------------ request */

static hq_status bad(hq_request *request, const char *path, const char *vi, const char *en)
{
    hq_tre__why(&request->answer.why, hq_sv_from_cstr(path), hq_sv_from_cstr(vi),
                hq_sv_from_cstr(en));
    return HQ_FAIL(INVALID);
}

static hq_status read_query(query *q)
{
    hq_request *request = q->request;
    hq_sv declaration = hq_request_query(request, "declaration");
    hq_sv cursor = hq_request_query(request, "cursor");
    HQ_TRY(hq_tre__limit(&q->limit, request));
    q->tax_code = hq_request_query(request, "tax_code");
    if (declaration.len > 0 && !hq_tre__declaration_parse(&q->declaration, declaration)) {
        return bad(request, "/query/declaration", "Số tờ khai có 12 chữ số",
                   "A declaration number has 12 digits");
    }
    if (q->tax_code.len == 0 && q->declaration == 0) {
        q->tax_code = request->caller->tax_code;
    }
    if (q->tax_code.len == 0 && q->declaration == 0) {
        return bad(request, "/query/tax_code", "Cần tax_code hoặc declaration",
                   "Needs tax_code or declaration");
    }
    if (cursor.len > 0) {
        hq_sv rest = cursor;
        hq_sv first = hq_sv_cut(&rest, '.');
        if (rest.ptr == NULL || !hq_sv_i64(&q->from, first) || !hq_sv_i64(&q->from_entry, rest) ||
            q->from < 0 || q->from_entry < 0) {
            return bad(request, "/query/cursor", "cursor không phải do máy chủ này cấp",
                       "the cursor was not given by this server");
        }
    }
    return HQ_DONE;
}

static void write_end(query *q, hq_time_us as_of)
{
    hq_json_w *json = &q->json;
    hq_json_close(json, ']');
    HQ_JSON_KEY(json, "next");
    if (q->next == 0) {
        hq_json_null(json);
    } else {
        hq_json_text(json, hq_arena_printf(q->request->arena, "%lld.%lld", (long long)q->next,
                                           (long long)q->next_entry));
    }
    HQ_JSON_KEY(json, "as_of");
    if (as_of == 0) {
        hq_json_null(json);
    } else {
        hq_json_time(json, as_of);
    }
    hq_json_close(json, '}');
}

/* Up to when the list is complete: now, or the last event that the follower took within two
 * seconds. */
static hq_status await(hq_time_us *as_of, const query *q)
{
    hq_store *store = q->treasury->store;
    hq_event_view *last;
    size_t count = 0;
    int64_t reached = 0;
    *as_of = q->request->received_at;
    if (q->declaration != 0) {
        return HQ_DONE;
    }
    hq_status s = hq_store_await(store, HQ_TRE__DEBTORS, hq_journal_head(store), WAIT_US, &reached);
    if (s.code != HQ_E_TIMEOUT) {
        return s;
    }
    *as_of = 0;
    if (reached > 0) {
        HQ_TRY(hq_journal_read(&last, &count, store, reached - 1, 1, q->request->arena));
        *as_of = count == 1 ? last[0].event.at : 0;
    }
    return HQ_DONE;
}

hq_status hq_tre__get_debts(hq_request *request, void *room)
{
    query q = { .request = request, .treasury = room, .today = hq_day_of(request->received_at) };
    hq_time_us as_of;
    HQ_TRY(read_query(&q));
    HQ_TRY(await(&as_of, &q));
    request->answer.body = HQ_BUF_ARENA(request->arena, BODY_MAX);
    q.json = hq_json_writer(&request->answer.body);
    hq_json_open(&q.json, '{');
    HQ_JSON_KEY(&q.json, "items");
    hq_json_open(&q.json, '[');
    q.ref = hq_reference_acquire(q.treasury->reference);
    hq_status s = hq_store_read(q.treasury->store, read_debts, &q);
    hq_reference_release(q.treasury->reference, q.ref);
    HQ_TRY(s);
    write_end(&q, as_of);
    return hq_buf_status(&request->answer.body);
}
