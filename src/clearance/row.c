/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/row.h"

#include "clearance/branches.h"
#include "clearance/content.h"
#include "clearance/draws.h"

#define FORMAT 1

/* Order of the hot columns in every statement here. */
#define HOT                                                                                        \
    "id, version, status, channel, flow, kind, office, goods_office, trader, agent, officer, "     \
    "created_at, registered_at, changed_at, due_at, customs_value, payable, content_version, "     \
    "reference_version, content_hash, positions, reference, life, decision"
#define HOT_COUNT 24

static hq_sql select_hot = HQ_SQL_OF("SELECT " HOT " FROM declaration WHERE id = ?1");
static hq_sql select_full = HQ_SQL_OF("SELECT " HOT ", assessment, findings, words, body, packed"
                                      " FROM declaration WHERE id = ?1");
static hq_sql select_content =
    HQ_SQL_OF("SELECT assessment, findings, body, packed FROM declaration_content"
              " WHERE id = ?1 AND content_version = ?2");
static hq_sql insert_row = HQ_SQL_OF(
    "INSERT INTO declaration (" HOT
    ", assessment, findings, words, body, packed) VALUES (?1, ?2, ?3, ?4,"
    " ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23,"
    " ?24, ?25, ?26, '', '', ?27)");
static hq_sql update_hot = HQ_SQL_OF(
    "UPDATE declaration SET version = ?2, status = ?3, channel = ?4, officer = ?5,"
    " registered_at = ?6, changed_at = ?7, due_at = ?8, positions = ?9, life = ?10, decision = ?11"
    " WHERE id = ?1 AND version = ?12");
static hq_sql keep_content =
    HQ_SQL_OF("INSERT INTO declaration_content (id, content_version, assessment, findings, body,"
              " packed)"
              " SELECT id, content_version, assessment, findings, body, packed FROM declaration"
              " WHERE id = ?1 AND version = ?2");
static hq_sql update_content = HQ_SQL_OF(
    "UPDATE declaration SET version = ?2, kind = ?3, office = ?4, goods_office = ?5, trader = ?6,"
    " agent = ?7, customs_value = ?8, payable = ?9, content_version = ?10, reference_version = ?11,"
    " content_hash = ?12, reference = ?13, assessment = ?14, findings = ?15, words = '',"
    " body = '', packed = ?16 WHERE id = ?1 AND version = ?17");

/* ------------------------------------------------------------------ reading */

static hq_status copy_text(hq_sv *out, const hq_rows *rows, int column, hq_arena *arena)
{
    *out = hq_arena_dup(arena, hq_rows_text(rows, column));
    return out->ptr == NULL ? HQ_FAIL(NOMEM) : HQ_DONE;
}

static hq_status take_texts(hq_clr__row *out, const hq_rows *rows, hq_arena *arena)
{
    hq_sv *const texts[] = { &out->kind,   &out->office, &out->goods_office,
                             &out->trader, &out->agent,  &out->officer };
    for (int i = 0; i < 6; i++) {
        HQ_TRY(copy_text(texts[i], rows, 5 + i, arena));
    }
    HQ_TRY(copy_text(&out->positions, rows, 20, arena));
    HQ_TRY(copy_text(&out->reference, rows, 21, arena));
    HQ_TRY(copy_text(&out->life, rows, 22, arena));
    return copy_text(&out->decision, rows, 23, arena);
}

static hq_status take_hot(hq_clr__row *out, const hq_rows *rows, hq_arena *arena)
{
    int64_t *const numbers[] = { &out->created_at,      &out->registered_at,     &out->changed_at,
                                 &out->due_at,          &out->customs_value_vnd, &out->payable_vnd,
                                 &out->content_version, &out->reference_version };
    *out = (hq_clr__row){
        .id = hq_rows_i64(rows, 0),
        .version = hq_rows_i64(rows, 1),
        .status = (hq_declaration_status)hq_rows_i64(rows, 2),
        .channel = (int)hq_rows_i64(rows, 3),
        .flow = hq_rows_i64(rows, 4) == 0 ? HQ_FLOW_IMPORT : HQ_FLOW_EXPORT,
    };
    for (int i = 0; i < 8; i++) {
        *numbers[i] = hq_rows_i64(rows, 11 + i);
    }
    hq_sv hash = hq_rows_text(rows, 19);
    if (hash.len != sizeof out->content_hash.bytes || (unsigned)out->status >= HQ_CLR__STATES) {
        return HQ_FAIL(CORRUPT);
    }
    memcpy(out->content_hash.bytes, hash.ptr, hash.len);
    return take_texts(out, rows, arena);
}

static hq_status take_content(hq_clr__row *out, const hq_rows *rows, hq_arena *arena)
{
    HQ_TRY(copy_text(&out->assessment, rows, HOT_COUNT, arena));
    HQ_TRY(copy_text(&out->findings, rows, HOT_COUNT + 1, arena));
    HQ_TRY(copy_text(&out->words, rows, HOT_COUNT + 2, arena));
    HQ_TRY(copy_text(&out->body, rows, HOT_COUNT + 3, arena));
    return hq_clr__content_unpack(out, hq_rows_text(rows, HOT_COUNT + 4), arena);
}

static hq_status load(hq_clr__row *out, hq_tx *tx, int64_t id, bool full, hq_arena *arena)
{
    hq_rows rows;
    HQ_TRY(HQ_TX_QUERY(&rows, tx, full ? &select_full : &select_hot, HQ_B_I64(id)));
    hq_status s = HQ_FAIL(NOT_FOUND);
    if (hq_rows_next(&rows)) {
        s = take_hot(out, &rows, arena);
        if (hq_ok(s) && full) {
            s = take_content(out, &rows, arena);
        }
    }
    hq_status end = hq_rows_end(&rows);
    return hq_failed(end) ? end : s;
}

hq_status hq_clr__row_load(hq_clr__row *out, hq_tx *tx, int64_t id, hq_arena *arena)
{
    return load(out, tx, id, false, arena);
}

hq_status hq_clr__row_load_full(hq_clr__row *out, hq_tx *tx, int64_t id, hq_arena *arena)
{
    return load(out, tx, id, true, arena);
}

hq_status hq_clr__content_load(hq_clr__row *row, hq_tx *tx, int64_t content_version,
                               hq_arena *arena)
{
    hq_rows rows;
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &select_content, HQ_B_I64(row->id), HQ_B_I64(content_version)));
    hq_status s = HQ_FAIL(NOT_FOUND);
    if (hq_rows_next(&rows)) {
        row->assessment = hq_arena_dup(arena, hq_rows_text(&rows, 0));
        row->findings = hq_arena_dup(arena, hq_rows_text(&rows, 1));
        row->body = hq_arena_dup(arena, hq_rows_text(&rows, 2));
        row->words = HQ_SV(""); /* nobody asks what an older version is found by */
        s = row->body.ptr == NULL ? HQ_FAIL(NOMEM)
                                  : hq_clr__content_unpack(row, hq_rows_text(&rows, 3), arena);
    }
    hq_status end = hq_rows_end(&rows);
    return hq_failed(end) ? end : s;
}

typedef struct {
    hq_clr__row *out;
    int64_t id;
    bool full;
    hq_arena *arena;
} reading;

static hq_status read_one(hq_tx *tx, void *user)
{
    reading *r = user;
    int64_t first;
    hq_status s = load(r->out, tx, r->id, r->full, r->arena);
    if (s.code != HQ_E_NOT_FOUND || hq_failed(hq_clr__branch_first(&first, tx, r->id))) {
        return s;
    }
    HQ_TRY(load(r->out, tx, first, r->full, r->arena));
    return hq_clr__branch_of(r->out, r->id) ? HQ_DONE : HQ_FAIL(NOT_FOUND);
}

hq_status hq_clr__row_read(hq_clr__row *out, hq_clearance *clearance, int64_t id, bool full,
                           hq_arena *arena)
{
    reading r = { out, id, full, arena };
    return hq_store_read(clearance->store, read_one, &r);
}

/* ------------------------------------------------------------------ hash */

void hq_clr__content_hash(hq_hash32 *out, const hq_clr__row *row, const hq_hash32 *body,
                          hq_buf *scratch)
{
    size_t start = scratch->len;
    hq_hash32 own;
    if (body == NULL) {
        hq_blake2b(&own, row->body);
        body = &own;
    }
    hq_buf_bytes32(scratch, row->assessment);
    hq_buf_bytes32(scratch, row->findings);
    hq_buf_bytes32(scratch, row->words);
    hq_buf_append(scratch, body->bytes, sizeof body->bytes);
    hq_blake2b(out, hq_sv_make(scratch->ptr + start, scratch->len - start));
}

static void put_hot(hq_buf *buf, const hq_clr__row *row)
{
    const int64_t numbers[] = { row->id,
                                row->version,
                                row->status,
                                row->channel,
                                row->flow,
                                row->created_at,
                                row->registered_at,
                                row->changed_at,
                                row->due_at,
                                row->customs_value_vnd,
                                row->payable_vnd,
                                row->content_version,
                                row->reference_version };
    const hq_sv texts[] = { row->kind,      row->office, row->goods_office,
                            row->trader,    row->agent,  row->officer,
                            row->reference, row->life,   row->decision };
    hq_buf_le32(buf, FORMAT);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        hq_buf_le64(buf, (uint64_t)numbers[i]);
    }
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        hq_buf_bytes32(buf, texts[i]);
    }
    hq_buf_append(buf, row->content_hash.bytes, sizeof row->content_hash.bytes);
}

hq_status hq_clr__row_hash_of(hq_hash32 *out, const hq_clr__row *row, hq_arena *arena)
{
    hq_buf buf = HQ_BUF_ARENA(arena, HQ_CLR__RECORD_MAX);
    hq_buf_reserve(&buf, 512);
    put_hot(&buf, row);
    hq_blake2b(out, hq_buf_view(&buf));
    return hq_buf_status(&buf);
}

hq_status hq_clr__row_hash(hq_hash32 *out, hq_tx *tx, hq_sv subject)
{
    hq_arena *arena = hq_tx_arena(tx);
    hq_sv number = subject;
    int64_t id;
    hq_clr__row row;
    hq_sv_cut(&number, '/');
    if (number.ptr == NULL || !hq_sv_i64(&id, number)) {
        return HQ_FAIL(NOT_FOUND);
    }
    HQ_TRY(load(&row, tx, id, true, arena));
    hq_buf scratch = HQ_BUF_ARENA(arena, 2 * HQ_CLR__RECORD_MAX);
    /* From what is stored, so that an altered content shows as well. */
    hq_clr__content_hash(&row.content_hash, &row, NULL, &scratch);
    HQ_TRY(hq_buf_status(&scratch));
    return hq_clr__row_hash_of(out, &row, arena);
}

hq_status hq_clr__row_remember(hq_sv *out, const hq_clr__row *row, hq_arena *arena)
{
    hq_buf buf = HQ_BUF_ARENA(arena, HQ_CLR__RECORD_MAX);
    hq_buf_reserve(&buf, 512);
    put_hot(&buf, row);
    *out = hq_buf_view(&buf);
    return hq_buf_status(&buf);
}

hq_status hq_clr__row_recall(hq_clr__row *out, hq_sv remembered)
{
    hq_cursor cur = { .in = remembered };
    if (hq_cursor_le32(&cur) != FORMAT) {
        return HQ_FAIL(CORRUPT);
    }
    *out = (hq_clr__row){ .id = (int64_t)hq_cursor_le64(&cur) };
    out->version = (int64_t)hq_cursor_le64(&cur);
    out->status = (hq_declaration_status)hq_cursor_le64(&cur);
    out->channel = (int)(int64_t)hq_cursor_le64(&cur);
    out->flow = hq_cursor_le64(&cur) == 0 ? HQ_FLOW_IMPORT : HQ_FLOW_EXPORT;
    int64_t *const numbers[] = { &out->created_at,      &out->registered_at,     &out->changed_at,
                                 &out->due_at,          &out->customs_value_vnd, &out->payable_vnd,
                                 &out->content_version, &out->reference_version };
    hq_sv *const texts[] = { &out->kind,      &out->office, &out->goods_office,
                             &out->trader,    &out->agent,  &out->officer,
                             &out->reference, &out->life,   &out->decision };
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        *numbers[i] = (int64_t)hq_cursor_le64(&cur);
    }
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        *texts[i] = hq_cursor_bytes32(&cur);
    }
    hq_sv hash = hq_cursor_take(&cur, sizeof out->content_hash.bytes);
    if (cur.failed || cur.at != remembered.len) {
        return HQ_FAIL(CORRUPT);
    }
    memcpy(out->content_hash.bytes, hash.ptr, hash.len);
    return HQ_DONE;
}

typedef struct {
    hq_clr__row *row;
    hq_arena *arena;
} recalling;

/* The content as it was in that version. */
static hq_status recall_content(hq_tx *tx, void *user)
{
    recalling *r = user;
    hq_clr__row now;
    HQ_TRY(hq_clr__row_load_full(&now, tx, r->row->id, r->arena));
    if (now.content_version != r->row->content_version) {
        return hq_clr__content_load(r->row, tx, r->row->content_version, r->arena);
    }
    r->row->assessment = now.assessment;
    r->row->findings = now.findings;
    r->row->body = now.body;
    return HQ_DONE;
}

hq_status hq_clr__row_recall_full(hq_clr__row *out, hq_sv remembered, hq_clearance *clearance,
                                  hq_arena *arena)
{
    recalling r = { out, arena };
    HQ_TRY(hq_clr__row_recall(out, remembered));
    return hq_store_read(clearance->store, recall_content, &r);
}

/* ------------------------------------------------------------------ writing */

/* Who builds a row packs it where time is cheap; what comes from elsewhere is packed here. */
static hq_status pack(hq_clr__row *row, hq_tx *tx)
{
    return hq_clr__content_packed(row) ? HQ_DONE : hq_clr__content_pack(row, hq_tx_arena(tx));
}

hq_status hq_clr__row_insert(hq_tx *tx, hq_clr__row *r)
{
    HQ_TRY(pack(r, tx));
    return HQ_TX_RUN(tx, &insert_row, HQ_B_I64(r->id), HQ_B_I64(r->version), HQ_B_I64(r->status),
                     HQ_B_I64(r->channel), HQ_B_I64(r->flow), HQ_B_TEXT(r->kind),
                     HQ_B_TEXT(r->office), HQ_B_TEXT(r->goods_office), HQ_B_TEXT(r->trader),
                     HQ_B_TEXT(r->agent), HQ_B_TEXT(r->officer), HQ_B_I64(r->created_at),
                     HQ_B_I64(r->registered_at), HQ_B_I64(r->changed_at), HQ_B_I64(r->due_at),
                     HQ_B_I64(r->customs_value_vnd), HQ_B_I64(r->payable_vnd),
                     HQ_B_I64(r->content_version), HQ_B_I64(r->reference_version),
                     HQ_B_HASH(&r->content_hash), HQ_B_BLOB(r->positions), HQ_B_TEXT(r->reference),
                     HQ_B_BLOB(r->life), HQ_B_BLOB(r->decision), HQ_B_BLOB(r->assessment),
                     HQ_B_TEXT(r->findings), HQ_B_BLOB(r->packed));
}

/* Zero rows: another change came between reading and writing; the closure runs again. */
static hq_status run_guarded(hq_tx *tx, hq_sql *sql, const hq_bind *binds, size_t count)
{
    int64_t changed;
    HQ_TRY(hq_tx_run(tx, sql, binds, count, &changed));
    return changed == 1 ? HQ_DONE : HQ_FAIL(RERUN);
}

hq_status hq_clr__row_update(hq_tx *tx, const hq_clr__row *r, int64_t was)
{
    const hq_bind binds[] = {
        HQ_B_I64(r->id),         HQ_B_I64(r->version),   HQ_B_I64(r->status),
        HQ_B_I64(r->channel),    HQ_B_TEXT(r->officer),  HQ_B_I64(r->registered_at),
        HQ_B_I64(r->changed_at), HQ_B_I64(r->due_at),    HQ_B_BLOB(r->positions),
        HQ_B_BLOB(r->life),      HQ_B_BLOB(r->decision), HQ_B_I64(was),
    };
    return run_guarded(tx, &update_hot, binds, sizeof binds / sizeof binds[0]);
}

hq_status hq_clr__row_replace(hq_tx *tx, hq_clr__row *r, int64_t was)
{
    HQ_TRY(pack(r, tx));
    const hq_bind kept[] = { HQ_B_I64(r->id), HQ_B_I64(was) };
    const hq_bind binds[] = {
        HQ_B_I64(r->id),
        HQ_B_I64(was),
        HQ_B_TEXT(r->kind),
        HQ_B_TEXT(r->office),
        HQ_B_TEXT(r->goods_office),
        HQ_B_TEXT(r->trader),
        HQ_B_TEXT(r->agent),
        HQ_B_I64(r->customs_value_vnd),
        HQ_B_I64(r->payable_vnd),
        HQ_B_I64(r->content_version),
        HQ_B_I64(r->reference_version),
        HQ_B_HASH(&r->content_hash),
        HQ_B_TEXT(r->reference),
        HQ_B_BLOB(r->assessment),
        HQ_B_TEXT(r->findings),
        HQ_B_BLOB(r->packed),
        HQ_B_I64(was),
    };
    HQ_TRY(run_guarded(tx, &keep_content, kept, 2));
    HQ_TRY(run_guarded(tx, &update_content, binds, sizeof binds / sizeof binds[0]));
    return hq_clr__row_update(tx, r, was);
}

/* ------------------------------------------------------------------ events */

static void put_payload(hq_buf *buf, const hq_clr__row *row, hq_sv more)
{
    char number[12];
    hq_json_w w = hq_json_writer(buf);
    hq_json_open(&w, '{');
    HQ_JSON_KEY(&w, "number");
    hq_json_text(&w, hq_declaration_number_write(number, row->id, 0));
    HQ_JSON_KEY(&w, "status");
    hq_json_text(&w, hq_sv_from_cstr(hq_declaration_status_name(row->status)));
    HQ_JSON_KEY(&w, "channel");
    hq_json_text_or_null(&w, row->channel == HQ_CLR__NO_CHANNEL
                                 ? HQ_SV_NULL
                                 : hq_sv_from_cstr(hq_channel_name((hq_channel)row->channel)));
    HQ_JSON_KEY(&w, "flow");
    hq_json_text(&w, row->flow == HQ_FLOW_IMPORT ? HQ_SV("import") : HQ_SV("export"));
    HQ_JSON_KEY(&w, "kind");
    hq_json_text(&w, row->kind);
    HQ_JSON_KEY(&w, "office");
    hq_json_text(&w, row->office);
    HQ_JSON_KEY(&w, "goods_office");
    hq_json_text_or_null(&w, row->goods_office.len == 0 ? HQ_SV_NULL : row->goods_office);
    HQ_JSON_KEY(&w, "trader");
    hq_json_text(&w, row->trader);
    HQ_JSON_KEY(&w, "agent");
    hq_json_text_or_null(&w, row->agent.len == 0 ? HQ_SV_NULL : row->agent);
    HQ_JSON_KEY(&w, "customs_value");
    hq_json_i64(&w, row->customs_value_vnd);
    HQ_JSON_KEY(&w, "total_payable");
    hq_json_i64(&w, row->payable_vnd);
    if (more.len > 0) {
        hq_buf_char(buf, ',');
        hq_buf_sv(buf, more);
    }
    hq_json_close(&w, '}');
}

static hq_status add_position(hq_clr__row *row, int64_t position, hq_arena *arena)
{
    hq_buf buf = HQ_BUF_ARENA(arena, row->positions.len + 16);
    hq_buf_reserve(&buf, row->positions.len + 8);
    hq_buf_sv(&buf, row->positions);
    hq_buf_le64(&buf, (uint64_t)position);
    row->positions = hq_buf_view(&buf);
    return hq_buf_status(&buf);
}

hq_status hq_clr__row_event(hq_clr__row *row, hq_tx *tx, const hq_clr__event *event,
                            hq_arena *arena)
{
    char subject[32] = "declaration/";
    char number[12];
    hq_hash32 hash;
    hq_event_ref ref;
    row->version++;
    hq_declaration_number_write(number, row->id, 0);
    memcpy(subject + 12, number, 11);
    HQ_TRY(hq_clr__row_hash_of(&hash, row, arena));
    hq_buf payload = HQ_BUF_ARENA(arena, 65536);
    hq_buf_reserve(&payload, 512);
    put_payload(&payload, row, event->more);
    HQ_TRY(hq_buf_status(&payload));
    HQ_TRY(hq_tx_event(tx,
                       &(hq_event){ .office = row->office,
                                    .room = HQ_SV("clearance"),
                                    .kind = event->kind,
                                    .subject = hq_sv_make(subject, 23),
                                    .version = row->version,
                                    .actor = event->actor,
                                    .at = event->at,
                                    .payload = hq_buf_view(&payload),
                                    .row_hash = &hash },
                       &ref));
    return add_position(row, ref.position, arena);
}

hq_status hq_clr__row_move(hq_clr__row *row, hq_tx *tx, const hq_clr__step *step, hq_arena *arena)
{
    const hq_clr__move *move = hq_clr__move_find(row->status, step->verb, &step->facts);
    if (move == NULL) {
        return HQ_FAIL(CONFLICT);
    }
    bool clears = move->next == HQ_DECLARATION_CLEARED && row->status != HQ_DECLARATION_CLEARED;
    bool lets_go = clears || (move->next == HQ_DECLARATION_RELEASED && row->status != move->next);
    row->status = move->next;
    row->changed_at = step->at;
    row->due_at = hq_clr__due_of(row);
    HQ_TRY(hq_clr__row_event(
        row, tx, &(hq_clr__event){ move->event, step->actor, step->at, step->more }, arena));
    if (lets_go && row->life.len > 0) {
        HQ_TRY(hq_clr__draws_cleared(tx, row, step->actor, step->at));
    }
    if (!clears) {
        return HQ_DONE;
    }
    hq_clr__event cleared = { HQ_SV("declaration.cleared"), HQ_SV("system"), step->at, HQ_SV("") };
    return hq_clr__row_event(row, tx, &cleared, arena);
}

hq_target hq_clr__target_of(const hq_clr__row *row)
{
    return (hq_target){ .office = row->office,
                        .goods_office = row->goods_office,
                        .trader_tax_code = row->trader,
                        .agent_tax_code = row->agent };
}

hq_sv hq_clr__subject_of(const hq_clr__row *row, hq_arena *arena)
{
    return hq_arena_printf(arena, "declaration/%011lld", (long long)row->id);
}
