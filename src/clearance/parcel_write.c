/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/parcels.h"
#include "clearance/steps.h"

/* The closure of a sheet: which of its parcels are there already, then the others, group by group.
 */

typedef struct {
    hq_tx *tx;
    hq_clr__sheet *sheet;
    hq_clr__parcels *work;
    hq_arena *arena; /* of the sheet: what lives until the answer */
    /* References of groups that are committed with this one or a moment before. */
    struct {
        uint64_t print;
        int64_t id;
    } * recent;
    size_t recent_count, recent_cap;
    bool failed;
} writing;

/* ------------------------------------------------------------------ repeats */

static void note_recent(void *user, uint64_t print, int64_t id)
{
    writing *w = user;
    if (w->recent_count == w->recent_cap) {
        size_t cap = w->recent_cap == 0 ? 512 : 2 * w->recent_cap;
        void *more = hq_arena_alloc(hq_tx_arena(w->tx), cap * sizeof *w->recent);
        if (more == NULL) {
            w->failed = true;
            return;
        }
        if (w->recent_count > 0) {
            memcpy(more, w->recent, w->recent_count * sizeof *w->recent);
        }
        w->recent = more;
        w->recent_cap = cap;
    }
    w->recent[w->recent_count].print = print;
    w->recent[w->recent_count++].id = id;
}

static hq_status read_recent(writing *w)
{
    hq_clr__refs *refs = w->sheet->clearance->refs;
    const int64_t known[2] = { hq_clr__refs_known(refs, HQ_FLOW_IMPORT),
                               hq_clr__refs_known(refs, HQ_FLOW_EXPORT) };
    HQ_TRY(hq_clr__group_prints(w->tx, known, note_recent, w));
    return w->failed ? HQ_FAIL(NOMEM) : HQ_DONE;
}

static int64_t find_id(const writing *w, uint64_t print)
{
    for (size_t i = 0; i < w->recent_count; i++) {
        if (w->recent[i].print == print) {
            return w->recent[i].id;
        }
    }
    return hq_clr__refs_find(w->sheet->clearance->refs, print);
}

static bool is_same(const hq_clr__parcel *parcel, const hq_clr__row *there)
{
    return hq_sv_eq(parcel->filing->declaration->json, there->body);
}

/* The declaration itself says whether it is the one: another may have the same print. */
static hq_status look_at(writing *w, hq_clr__parcel *parcel, int64_t id)
{
    hq_clr__row there;
    hq_sv own = w->sheet->caller->tax_code;
    hq_status s = hq_clr__row_load_full(&there, w->tx, id, w->arena);
    if (s.code == HQ_E_NOT_FOUND) {
        return HQ_DONE;
    }
    HQ_TRY(s);
    if (!hq_sv_eq(there.reference, parcel->reference) ||
        !(hq_sv_eq(there.agent, own) || hq_sv_eq(there.trader, own))) {
        return HQ_DONE;
    }
    parcel->fate = is_same(parcel, &there) ? HQ_CLR__PARCEL_REPEATED : HQ_CLR__PARCEL_CLASHES;
    parcel->filing->out = there;
    return HQ_DONE;
}

static hq_status find_repeats(writing *w)
{
    HQ_TRY(read_recent(w));
    for (size_t i = 0; i < w->sheet->count; i++) {
        hq_clr__parcel *parcel = &w->work->parcels[i];
        int64_t id = parcel->print == 0 ? 0 : find_id(w, parcel->print);
        parcel->grouped = false;
        parcel->fate = parcel->valid ? HQ_CLR__PARCEL_NEW : HQ_CLR__PARCEL_REFUSED;
        if (id != 0) {
            HQ_TRY(look_at(w, parcel, id));
        }
    }
    return HQ_DONE;
}

/* An earlier line of the sheet with the same reference that will be registered; NULL none. */
static const hq_clr__parcel *twin_of(const writing *w, size_t at)
{
    const hq_clr__parcel *parcel = &w->work->parcels[at];
    for (size_t i = 0; i < at; i++) {
        const hq_clr__parcel *other = &w->work->parcels[i];
        if (other->print == parcel->print && other->fate == HQ_CLR__PARCEL_NEW &&
            hq_sv_eq(other->reference, parcel->reference)) {
            return other;
        }
    }
    return NULL;
}

/* Once the earlier ones have their numbers. */
static void settle_twins(writing *w)
{
    for (size_t i = 0; i < w->sheet->count; i++) {
        hq_clr__parcel *parcel = &w->work->parcels[i];
        const hq_clr__parcel *twin = parcel->print == 0 || parcel->grouped ? NULL : twin_of(w, i);
        if (twin != NULL && parcel->fate == HQ_CLR__PARCEL_NEW) {
            parcel->filing->out = twin->filing->out;
            parcel->fate =
                hq_sv_eq(parcel->filing->declaration->json, twin->filing->declaration->json)
                    ? HQ_CLR__PARCEL_REPEATED
                    : HQ_CLR__PARCEL_CLASHES;
        }
    }
}

/* ------------------------------------------------------------------ a group */

typedef struct {
    hq_clr__parcel *members[HQ_CLR__SHEET_LINES];
    size_t count;
    hq_flow flow;
    hq_sv office;
    hq_buf prints, hashes, goods_offices;
    int64_t customs_value_vnd, payable_vnd;
    size_t cleared, awaiting, stopped;
} group;

/* The first parcel that is in no group yet, and all of its flow and office. */
static bool form_group(group *g, writing *w)
{
    *g = (group){ .count = 0 };
    for (size_t i = 0; i < w->sheet->count; i++) {
        hq_clr__parcel *parcel = &w->work->parcels[i];
        if (parcel->fate != HQ_CLR__PARCEL_NEW || parcel->grouped || twin_of(w, i) != NULL) {
            continue;
        }
        const hq_clr__row *row = &parcel->filing->row;
        if (g->count == 0) {
            g->flow = row->flow;
            g->office = row->office;
        } else if (row->flow != g->flow || !hq_sv_eq(row->office, g->office)) {
            continue;
        }
        parcel->grouped = true;
        g->members[g->count++] = parcel;
    }
    return g->count > 0;
}

static void count_member(group *g, const hq_clr__row *row)
{
    g->customs_value_vnd += row->customs_value_vnd;
    g->payable_vnd += row->payable_vnd;
    g->cleared += row->status == HQ_DECLARATION_CLEARED;
    g->awaiting += row->status == HQ_DECLARATION_AWAITING_TAX;
    g->stopped += row->status == HQ_DECLARATION_DOCUMENT_CHECK;
    /* Each office where goods lie, once. */
    hq_sv known = hq_buf_view(&g->goods_offices);
    if (row->goods_office.len == 0 ||
        (known.len > 0 &&
         memmem(known.ptr, known.len, row->goods_office.ptr, row->goods_office.len) != NULL)) {
        return;
    }
    hq_json_w w = { &g->goods_offices, g->goods_offices.len > 0 };
    hq_json_text(&w, row->goods_office);
}

/* Channel, cover, debts and the status, in memory but for the debts. INVALID: the guarantee does
 * not cover it, and its number goes to the next. */
static hq_status register_member(group *g, writing *w, hq_clr__parcel *parcel, int64_t id)
{
    hq_clr__filing *f = parcel->filing;
    hq_clr__row *row = &f->out;
    hq_hash32 hash;
    *row = f->row;
    row->id = id;
    row->content_version = 1;
    parcel->facts = (hq_clr__facts){ .channel = HQ_CHANNEL_GREEN };
    HQ_TRY(hq_clr__filing_channel(&parcel->facts, f, w->tx, row));
    const hq_clr__move *move =
        hq_clr__move_find(HQ_DECLARATION_NEW, HQ_VERB_REGISTER, &parcel->facts);
    if (move == NULL) {
        return HQ_FAIL(CONFLICT);
    }
    row->status = move->next;
    row->changed_at = f->at;
    row->due_at = hq_clr__due_of(row);
    row->version = 1;
    HQ_TRY(hq_clr__row_hash_of(&hash, row, hq_tx_arena(w->tx)));
    hq_buf_append(&g->hashes, hash.bytes, sizeof hash.bytes);
    hq_buf_le64(&g->prints, parcel->print);
    count_member(g, row);
    return HQ_DONE;
}

static hq_status register_members(group *g, writing *w, int64_t first)
{
    size_t taken = 0;
    for (size_t i = 0; i < g->count; i++) {
        hq_clr__parcel *parcel = g->members[i];
        hq_status s = register_member(g, w, parcel, first + (int64_t)taken);
        if (s.code == HQ_E_INVALID && parcel->filing->refused) {
            parcel->fate = HQ_CLR__PARCEL_REFUSED;
            continue;
        }
        HQ_TRY(s);
        g->members[taken++] = parcel;
    }
    size_t unused = g->count - taken;
    g->count = taken;
    return unused == 0 ? HQ_DONE : hq_clr__ids_back(w->tx, g->flow, first + (int64_t)taken, unused);
}

static hq_sv payload_of(const group *g, const writing *w, int64_t first)
{
    char number[12];
    hq_buf text = HQ_BUF_ARENA(hq_tx_arena(w->tx), 8192);
    hq_json_w json = hq_json_writer(&text);
    hq_json_open(&json, '{');
    HQ_JSON_KEY(&json, "first");
    hq_json_text(&json, hq_declaration_number_write(number, first, 0));
    HQ_JSON_KEY(&json, "last");
    hq_json_text(&json, hq_declaration_number_write(number, first + (int64_t)g->count - 1, 0));
    HQ_JSON_KEY(&json, "count");
    hq_json_i64(&json, (int64_t)g->count);
    HQ_JSON_KEY(&json, "flow");
    hq_json_text(&json, g->flow == HQ_FLOW_IMPORT ? HQ_SV("import") : HQ_SV("export"));
    HQ_JSON_KEY(&json, "office");
    hq_json_text(&json, g->office);
    HQ_JSON_KEY(&json, "goods_offices");
    hq_json_open(&json, '[');
    hq_json_raw(&json, hq_buf_view(&g->goods_offices));
    hq_json_close(&json, ']');
    HQ_JSON_KEY(&json, "agent");
    hq_json_text(&json, w->sheet->caller->tax_code);
    HQ_JSON_KEY(&json, "cleared");
    hq_json_i64(&json, (int64_t)g->cleared);
    HQ_JSON_KEY(&json, "awaiting_tax");
    hq_json_i64(&json, (int64_t)g->awaiting);
    HQ_JSON_KEY(&json, "stopped");
    hq_json_i64(&json, (int64_t)g->stopped);
    HQ_JSON_KEY(&json, "customs_value");
    hq_json_i64(&json, g->customs_value_vnd);
    HQ_JSON_KEY(&json, "total_payable");
    hq_json_i64(&json, g->payable_vnd);
    hq_json_close(&json, '}');
    return hq_failed(hq_buf_status(&text)) ? HQ_SV_NULL : hq_buf_view(&text);
}

static hq_status write_event(int64_t *position, const group *g, writing *w, int64_t first)
{
    char subject[32] = "parcels/";
    char number[12];
    hq_hash32 hash;
    hq_event_ref ref;
    hq_status s = HQ_DONE;
    hq_sv payload = payload_of(g, w, first);
    hq_clr__group row = { .first_id = first,
                          .count = g->count,
                          .at = hq_tx_now(w->tx),
                          .filer = w->sheet->caller->id,
                          .prints = hq_buf_view(&g->prints),
                          .hashes = hq_buf_view(&g->hashes) };
    hq_clr__group_hash(&hash, &row, hq_tx_arena(w->tx), &s);
    HQ_TRY(s);
    if (payload.ptr == NULL) {
        return HQ_FAIL(NOMEM);
    }
    hq_declaration_number_write(number, first, 0);
    memcpy(subject + 8, number, 11);
    HQ_TRY(hq_tx_event(w->tx,
                       &(hq_event){ .office = g->office,
                                    .room = HQ_SV("clearance"),
                                    .kind = HQ_SV("parcels.registered"),
                                    .subject = hq_sv_make(subject, 8 + 11),
                                    .version = 1,
                                    .actor = w->sheet->caller->id,
                                    .at = row.at,
                                    .payload = payload,
                                    .row_hash = &hash },
                       &ref));
    *position = ref.position;
    return hq_clr__group_insert(w->tx, &row);
}

/* What begins at once: an officer for a stopped one, interest for one that a guarantee cleared. */
static hq_status begin_life(writing *w, hq_clr__parcel *parcel)
{
    hq_clr__row *row = &parcel->filing->out;
    bool stopped = row->status == HQ_DECLARATION_DOCUMENT_CHECK;
    bool owes = row->status == HQ_DECLARATION_CLEARED && row->payable_vnd > 0;
    return stopped || owes ? hq_clr__filing_follow_up(parcel->filing, w->tx, row) : HQ_DONE;
}

static hq_status write_members(const group *g, writing *w, int64_t position)
{
    for (size_t i = 0; i < g->count; i++) {
        hq_clr__row *row = &g->members[i]->filing->out;
        hq_buf positions = HQ_BUF_ARENA(w->arena, 64);
        hq_buf_le64(&positions, (uint64_t)position);
        HQ_TRY(hq_buf_status(&positions));
        row->positions = hq_buf_view(&positions);
        HQ_TRY(begin_life(w, g->members[i]));
        HQ_TRY(hq_clr__row_insert(w->tx, row));
    }
    return HQ_DONE;
}

static hq_status write_group(group *g, writing *w)
{
    int64_t first;
    int64_t position;
    hq_arena *arena = hq_tx_arena(w->tx);
    g->prints = HQ_BUF_ARENA(arena, HQ_CLR__SHEET_LINES * 8);
    g->hashes = HQ_BUF_ARENA(arena, HQ_CLR__SHEET_LINES * 32);
    g->goods_offices = HQ_BUF_ARENA(arena, 4096);
    hq_buf_reserve(&g->hashes, g->count * 32);
    HQ_TRY(hq_clr__ids_take(&first, w->tx, g->flow, g->count));
    HQ_TRY(register_members(g, w, first));
    HQ_TRY(hq_buf_status(&g->hashes));
    HQ_TRY(hq_buf_status(&g->prints));
    HQ_TRY(hq_buf_status(&g->goods_offices));
    if (g->count == 0) {
        return HQ_DONE;
    }
    HQ_TRY(write_event(&position, g, w, first));
    return write_members(g, w, position);
}

hq_status hq_clr__parcels_write(hq_tx *tx, void *user)
{
    hq_clr__sheet *sheet = user;
    writing w = { .tx = tx, .sheet = sheet, .work = sheet->work, .arena = sheet->arena };
    group g;
    HQ_TRY(find_repeats(&w));
    while (form_group(&g, &w)) {
        HQ_TRY(write_group(&g, &w));
    }
    settle_twins(&w);
    return HQ_DONE;
}
