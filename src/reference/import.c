/* SPDX-License-Identifier: Apache-2.0 */
#include "reference/holder.h"

/* One import: read the file, merge it with what is stored, and if nothing is wrong write the
 * difference in one transaction with its event; then load it and wait until every server has. The
 * merge runs outside the writer, so that filing goes on meanwhile; should another import have
 * committed in between, it is done again. */

#define WORK_MAX  ((size_t)1 << 30)
#define TRIES_MAX 5

typedef struct {
    hq_reference *reference;
    const hq_ref__table *table;
    hq_sv csv;
    const hq_import_options *options;
    hq_ref__findings findings;
    hq_arena *arena; /* of one try */
    hq_ref__state state;
    hq_ref__rows stored;
    hq_ref__row *file;
    size_t file_count;
    hq_ref__difference difference;
} import_job;

/* ------------------------------------------------------------------ reading */

static hq_status read_stored(hq_tx *tx, void *user)
{
    import_job *i = user;
    HQ_TRY(hq_ref__state_get(&i->state, tx));
    return hq_ref__rows_load(&i->stored, tx, i->table, i->state.version);
}

static hq_status compare(import_job *i)
{
    HQ_TRY(hq_ref__read(&i->file, &i->file_count, i->table, i->csv, &i->findings, i->arena));
    if (i->findings.errors > 0) {
        return HQ_FAIL(INVALID);
    }
    HQ_TRY(hq_store_read(i->reference->store, read_stored, i));
    HQ_TRY(hq_ref__merge(&i->difference, i->table, i->stored.items, i->stored.count, i->file,
                         i->file_count, i->options->close_missing, &i->findings, i->arena));
    HQ_TRY(hq_ref__check_whole(i->table, i->stored.items, i->stored.count, i->file, i->file_count,
                               &i->findings, i->arena));
    return i->findings.errors > 0 ? HQ_FAIL(INVALID) : HQ_DONE;
}

/* ------------------------------------------------------------------ writing */

static hq_status write_rows(hq_tx *tx, import_job *i, hq_ref__state *state)
{
    const hq_ref__difference *d = &i->difference;
    for (size_t k = 0; k < d->end_count; k++) {
        HQ_TRY(hq_ref__row_end(tx, d->end[k], state->version));
    }
    for (size_t k = 0; k < d->write_count; k++) {
        hq_ref__row row = *d->write[k];
        if (row.id == 0) {
            row.id = state->next_id++;
        }
        HQ_TRY(hq_ref__row_insert(tx, i->table, &row, state->version));
    }
    return HQ_DONE;
}

static hq_sv file_hash(hq_sv csv, hq_arena *arena)
{
    hq_hash32 hash;
    hq_buf text = HQ_BUF_ARENA(arena, 128);
    hq_sha256(&hash, csv);
    hq_buf_hex(&text, hash.bytes, sizeof hash.bytes);
    return hq_buf_view(&text);
}

static void payload(hq_buf *out, const hq_ref__import_record *record)
{
    hq_json_w json = hq_json_writer(out);
    hq_json_open(&json, '{');
    HQ_JSON_KEY(&json, "table");
    hq_json_text(&json, hq_sv_from_cstr(record->table->name));
    HQ_JSON_KEY(&json, "version");
    hq_json_i64(&json, record->version);
    HQ_JSON_KEY(&json, "file_sha256");
    hq_json_text(&json, record->file_hash);
    HQ_JSON_KEY(&json, "added");
    hq_json_i64(&json, record->added);
    HQ_JSON_KEY(&json, "changed");
    hq_json_i64(&json, record->changed);
    HQ_JSON_KEY(&json, "closed");
    hq_json_i64(&json, record->closed);
    HQ_JSON_KEY(&json, "unchanged");
    hq_json_i64(&json, record->unchanged);
    hq_json_close(&json, '}');
}

static hq_status write_event(hq_tx *tx, const hq_ref__import_record *record)
{
    hq_arena *arena = hq_tx_arena(tx);
    hq_buf text = HQ_BUF_ARENA(arena, 4096);
    hq_hash32 hash;
    payload(&text, record);
    HQ_TRY(hq_buf_status(&text));
    HQ_TRY(hq_ref__table_hash(&hash, tx, hq_sv_from_cstr(record->table->name)));
    hq_event event = {
        .room = HQ_SV("reference"),
        .kind = HQ_SV("reference.imported"),
        .subject = hq_arena_printf(arena, "reference/%s", record->table->name),
        .version = record->version,
        .actor = record->actor,
        .payload = hq_buf_view(&text),
        .row_hash = &hash,
    };
    return hq_tx_event(tx, &event, NULL);
}

static hq_status write_import(hq_tx *tx, void *user)
{
    import_job *i = user;
    hq_ref__state state;
    HQ_TRY(hq_ref__state_get(&state, tx));
    if (state.version != i->state.version) {
        return HQ_FAIL(STALE); /* what was compared is no longer what is stored */
    }
    state.version++;
    HQ_TRY(write_rows(tx, i, &state));
    HQ_TRY(hq_ref__state_put(tx, &state));
    hq_ref__import_record record = {
        .table = i->table,
        .version = state.version,
        .actor = i->options->actor.len == 0 ? HQ_SV("system") : i->options->actor,
        .file_hash = file_hash(i->csv, hq_tx_arena(tx)),
        .added = i->difference.added,
        .changed = i->difference.changed,
        .closed = i->difference.closed,
        .unchanged = i->difference.unchanged,
    };
    HQ_TRY(hq_ref__import_put(tx, &record));
    return write_event(tx, &record);
}

static hq_status apply(import_job *i, hq_import_report *out, hq_arena *arena)
{
    const hq_ref__difference *d = &i->difference;
    *out = (hq_import_report){
        .added = d->added,
        .changed = d->changed,
        .closed = d->closed,
        .unchanged = d->unchanged,
        .version = i->state.version,
        .report = hq_ref__report(i->table, d, arena),
    };
    if (i->options->dry_run || d->write_count + d->end_count == 0) {
        return HQ_DONE;
    }
    HQ_TRY(hq_store_write(i->reference->store, write_import, i));
    out->version = i->state.version + 1;
    return HQ_DONE;
}

static hq_status try_once(import_job *i, hq_import_report *out, hq_arena *arena)
{
    i->arena = hq_arena_new(WORK_MAX);
    if (i->arena == NULL) {
        return HQ_FAIL(NOMEM);
    }
    i->stored.arena = i->arena;
    i->findings = (hq_ref__findings){ .arena = arena };
    hq_status s = compare(i);
    if (hq_ok(s)) {
        s = apply(i, out, arena);
    }
    hq_ref__rows_free(&i->stored);
    hq_arena_free(i->arena);
    return s;
}

/* ------------------------------------------------------------------ the face */

static hq_status unknown_table(hq_sv table, hq_arena *arena, hq_why *why)
{
    hq_sv names[HQ_REF__TABLES];
    for (size_t k = 0; k < HQ_REF__TABLES; k++) {
        names[k] = hq_sv_from_cstr(hq_ref__tables[k].name);
    }
    hq_sv nearest = hq_sv_nearest(table, names, HQ_REF__TABLES);
    hq_sv shown = hq_sv_sub(table, 0, 64);
    hq_sv vi = hq_arena_printf(arena, "Không có bảng tham chiếu \"%.*s\"", HQ_SV_FMT(shown));
    hq_sv en = hq_arena_printf(arena, "There is no reference table \"%.*s\"", HQ_SV_FMT(shown));
    if (nearest.len > 0) {
        vi = hq_arena_printf(arena, "%.*s; có phải là %.*s?", HQ_SV_FMT(vi), HQ_SV_FMT(nearest));
        en = hq_arena_printf(arena, "%.*s; did you mean %.*s?", HQ_SV_FMT(en), HQ_SV_FMT(nearest));
    }
    if (why != NULL) {
        *why = (hq_why){ .vi = vi, .en = en };
    }
    return HQ_FAIL(NOT_FOUND);
}

static hq_status check_options(const import_job *i, hq_why *why)
{
    if (i->options->close_missing == 0 || i->table->dated) {
        return HQ_DONE;
    }
    if (why != NULL) {
        *why = (hq_why){
            .vi = HQ_SV("Bảng này không có thời hạn hiệu lực, nên không dùng được --close-missing"),
            .en = HQ_SV("This table has no validity dates, so --close-missing cannot be used"),
        };
    }
    return HQ_FAIL(USAGE);
}

static void explain_findings(const import_job *i, hq_arena *arena, hq_why *why)
{
    const char *more = i->findings.more ? "+" : "";
    if (why != NULL) {
        *why = (hq_why){
            .vi = hq_arena_printf(arena, "Tệp có %zu%s lỗi; không dòng nào được nhập",
                                  i->findings.errors, more),
            .en = hq_arena_printf(arena, "The file has %zu%s errors; no row was imported",
                                  i->findings.errors, more),
        };
    }
}

static hq_status spread(hq_reference *reference, int64_t version)
{
    HQ_TRY(hq_ref__reload(reference));
    return hq_ref__await_listeners(reference, version);
}

hq_status hq_reference_import(hq_import_report *out, hq_reference *reference, hq_sv table,
                              hq_sv csv, const hq_import_options *options, hq_arena *arena,
                              const hq_finding **findings, size_t *finding_count, hq_why *why)
{
    static const hq_import_options none = { 0 };
    import_job i = {
        .reference = reference,
        .table = hq_ref__table_find(table),
        .csv = csv,
        .options = options == NULL ? &none : options,
    };
    *out = (hq_import_report){ .report = HQ_SV("") };
    *findings = NULL;
    *finding_count = 0;
    if (i.table == NULL) {
        return unknown_table(table, arena, why);
    }
    HQ_TRY(check_options(&i, why));
    hq_status s = HQ_FAIL(STALE);
    for (int tries = 0; s.code == HQ_E_STALE && tries < TRIES_MAX; tries++) {
        s = try_once(&i, out, arena);
    }
    *findings = i.findings.items;
    *finding_count = i.findings.count;
    if (s.code == HQ_E_INVALID) {
        explain_findings(&i, arena, why);
    }
    HQ_TRY(s);
    return i.options->dry_run ? HQ_DONE : spread(reference, out->version);
}
