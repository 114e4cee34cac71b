/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "clearance/declare.h"
#include "clearance/upload.h"

/* Files the declarations of an upload: some are read and checked, then their closures wait together
 * for one commit, then their results are told, then the next ones come. */

enum { TOGETHER = 24, LINES_TOGETHER = 2000, TOLD_MAX = 20 };
#define ITEM_ARENA ((size_t)192 << 20)

typedef struct part part;
typedef struct {
    part *part;
    hq_upl__item *item;
    int64_t before; /* filed by an earlier try, 0 none */
    hq_arena *arena;
    hq_request request;
    hq_clr__filing *filing; /* NULL: it did not come to that */
    hq_write write;
    hq_status status;
    hq_clr__row there; /* of `before` */
} slot;

struct part {
    const hq_upl__work *work;
    slot slots[TOGETHER];
    size_t count;
    pthread_mutex_t lock;
    pthread_cond_t written;
    size_t waiting;
};

/* ------------------------------------------------------------------ one declaration */

/* Findings of the cells come before those of the declaration they make. */
static void take_found(slot *s)
{
    hq_findings *to = &s->filing->findings;
    const hq_findings *from = &s->item->found;
    for (size_t i = 0; i < from->count; i++) {
        hq_finding *items = HQ_NEW_ARRAY(s->arena, hq_finding, to->count + 1);
        if (items == NULL) {
            to->failed = true;
            return;
        }
        if (to->count > 0) {
            memcpy(items, to->items, to->count * sizeof *items);
        }
        items[to->count] = from->items[i];
        to->items = items;
        to->cap = ++to->count;
    }
    to->errors += from->errors;
}

static void find_why(slot *s, hq_status failed)
{
    const hq_why *why = &s->request.answer.why;
    hq_sv args[2] = { why->vi, why->en };
    hq_findings *findings = &s->filing->findings;
    if (failed.code == HQ_E_SYNTAX || (failed.code == HQ_E_LIMIT && why->vi.len > 0)) {
        hq_findings_add(findings, "HQ323", HQ_SV(""), HQ_SV_NULL, args, 2);
    } else if (failed.code == HQ_E_FORBIDDEN || failed.code == HQ_E_NOT_FOUND) {
        hq_findings_add(findings, "HQ387", why->path, HQ_SV_NULL, args, 2);
    } else if (findings->errors == 0) {
        args[0] = hq_sv_from_cstr(hq_status_text_vi(failed));
        args[1] = hq_sv_from_cstr(hq_status_text_en(failed));
        hq_findings_add(findings, "HQ324", HQ_SV(""), HQ_SV_NULL, args, 2);
    }
}

static hq_status text_of(hq_sv *out, slot *s)
{
    const hq_upl__file *file = s->part->work->file;
    if (!file->is_sheet) {
        *out = s->item->text;
        return HQ_DONE;
    }
    return hq_upl__json(out, file, s->item, s->arena);
}

/* Where cells could not be taken, what they leave out would make rules fail that are kept: only the
 * other fields are looked at. */
static hq_status read_only(slot *s, hq_sv text)
{
    HQ_TRY(hq_declaration_decode(&s->filing->declaration, &s->filing->findings, text, s->arena,
                                 &s->request.answer.why));
    return HQ_FAIL(INVALID);
}

static hq_status build(slot *s)
{
    const hq_upl__work *work = s->part->work;
    hq_sv text = HQ_SV("");
    s->request = (hq_request){ .arena = s->arena, .caller = work->caller, .low_value = true };
    HQ_TRY(hq_clr__filing_new(&s->filing, work->clearance, &s->request,
                              work->upload->mode == HQ_UPL__REGISTER));
    take_found(s);
    hq_status built = text_of(&text, s);
    s->request.body = text;
    if (hq_ok(built) && s->item->found.errors > 0) {
        built = read_only(s, text);
    } else if (hq_ok(built)) {
        built = hq_clr__filing_build(s->filing, text, hq_clr__warn_of_repeats, NULL);
    }
    if (hq_failed(built)) {
        find_why(s, built);
    }
    return built;
}

static hq_status write_slot(hq_tx *tx, void *user)
{
    slot *s = user;
    HQ_TRY(hq_clr__write_new(tx, s->filing));
    return hq_upl__note_row(tx, &s->part->work->upload->id, s->item->row, s->filing->out.id);
}

static void on_written(hq_write *write, hq_status status)
{
    slot *s = write->user;
    part *p = s->part;
    pthread_mutex_lock(&p->lock);
    s->status = status;
    p->waiting--;
    pthread_cond_signal(&p->written);
    pthread_mutex_unlock(&p->lock);
}

static void submit(slot *s)
{
    part *p = s->part;
    s->write =
        (hq_write){ .fn = write_slot, .user = s, .done = on_written, .class_ = HQ_WRITE_LOW_VALUE };
    pthread_mutex_lock(&p->lock);
    p->waiting++;
    pthread_mutex_unlock(&p->lock);
    hq_status submitted = hq_store_submit(p->work->clearance->store, &s->write);
    if (hq_failed(submitted)) {
        on_written(&s->write, submitted);
    }
}

static hq_status load_before(hq_tx *tx, void *user)
{
    slot *s = user;
    return hq_clr__row_load(&s->there, tx, s->before, s->arena);
}

/* ------------------------------------------------------------------ telling */

/* Findings of what a faulty cell left out say nothing new. */
static bool is_of_faulty(const hq_upl__item *item, const hq_finding *finding)
{
    for (size_t i = 0; i < item->found.count; i++) {
        hq_sv path = item->found.items[i].path;
        bool same = hq_sv_eq(path, finding->path);
        bool below = finding->path.len > 0 && path.len > finding->path.len &&
                     hq_sv_starts(path, finding->path) && path.ptr[finding->path.len] == '/';
        if ((same || below) && path.len > 0 && hq_sv_starts(finding->rule, HQ_SV("HQ00"))) {
            return true;
        }
    }
    return false;
}

static void put_finding(hq_json_w *w, const hq_finding *f, const hq_upl__file *file,
                        const hq_upl__item *item)
{
    static const char *const severities[] = { "info", "warning", "error" };
    char text[12];
    hq_json_open(w, '{');
    HQ_JSON_KEY(w, "rule");
    hq_json_text(w, f->rule);
    HQ_JSON_KEY(w, "severity");
    hq_json_text(w, hq_sv_from_cstr(severities[f->severity]));
    HQ_JSON_KEY(w, "path");
    hq_json_text(w, f->path.ptr == NULL ? HQ_SV("") : f->path);
    HQ_JSON_KEY(w, "cell");
    hq_json_text_or_null(w, hq_upl__cell_of(text, file, item, f->path));
    HQ_JSON_KEY(w, "value");
    if (f->value.len > 0) {
        hq_json_raw(w, f->value);
    } else {
        hq_json_null(w);
    }
    HQ_JSON_KEY(w, "text");
    hq_json_open(w, '{');
    HQ_JSON_KEY(w, "vi");
    hq_json_text(w, f->vi);
    HQ_JSON_KEY(w, "en");
    hq_json_text(w, f->en);
    hq_json_close(w, '}');
    hq_json_close(w, '}');
}

/* At most TOLD_MAX, then how to see the rest. */
static void put_findings(hq_json_w *w, const slot *s, const hq_finding *items, size_t count)
{
    const hq_upl__file *file = s->part->work->file;
    hq_findings more = { .arena = s->arena };
    size_t told = 0;
    hq_json_open(w, '[');
    for (size_t i = 0; i < count; i++) {
        if (is_of_faulty(s->item, &items[i])) {
            continue;
        }
        if (told == TOLD_MAX) {
            hq_findings_add(&more, "HQ099", HQ_SV(""), HQ_SV_NULL, HQ_NO_ARGS);
            if (more.count > 0) {
                put_finding(w, &more.items[0], file, s->item);
            }
            break;
        }
        put_finding(w, &items[i], file, s->item);
        told++;
    }
    hq_json_close(w, ']');
}

static void put_row(hq_json_w *w, const hq_clr__row *row)
{
    char number[12];
    HQ_JSON_KEY(w, "number");
    if (row != NULL && row->id > 0) {
        hq_json_text(w, hq_declaration_number_write(number, row->id, 0));
    } else {
        hq_json_null(w);
    }
    HQ_JSON_KEY(w, "status");
    hq_json_text_or_null(w, row == NULL || row->id == 0
                                ? HQ_SV_NULL
                                : hq_sv_from_cstr(hq_declaration_status_name(row->status)));
    HQ_JSON_KEY(w, "channel");
    hq_json_text_or_null(w, row == NULL || row->channel == HQ_CLR__NO_CHANNEL
                                ? HQ_SV_NULL
                                : hq_sv_from_cstr(hq_channel_name((hq_channel)row->channel)));
    HQ_JSON_KEY(w, "total_payable");
    if (row != NULL) {
        hq_json_i64(w, row->payable_vnd);
    } else {
        hq_json_null(w);
    }
}

/* The declaration that came of it; NULL: none did. */
static const hq_clr__row *outcome_of(const slot *s)
{
    if (hq_failed(s->status)) {
        return NULL;
    }
    return s->before != 0                                   ? &s->there
           : s->part->work->upload->mode == HQ_UPL__DRY_RUN ? &s->filing->row
                                                            : &s->filing->out;
}

static void tell(hq_json_w *w, slot *s)
{
    const hq_clr__row *row = outcome_of(s);
    hq_clr__filing *f = s->filing;
    hq_json_open(w, '{');
    HQ_JSON_KEY(w, "row");
    hq_json_i64(w, s->item->row);
    HQ_JSON_KEY(w, "reference");
    hq_json_text_or_null(w, s->item->reference.len == 0 ? HQ_SV_NULL : s->item->reference);
    put_row(w, row);
    HQ_JSON_KEY(w, "errors");
    if (row != NULL || f == NULL) {
        hq_json_raw(w, HQ_SV("[]"));
    } else if (f->refused) {
        put_findings(w, s, &f->refusal, 1);
    } else if (f->late.count > 0 && f->findings.errors == 0) {
        put_findings(w, s, f->late.items, f->late.count);
    } else {
        put_findings(w, s, f->findings.items, f->findings.count);
    }
    HQ_JSON_KEY(w, "findings");
    put_findings(w, s, f == NULL ? NULL : f->findings.items,
                 row == NULL || f == NULL ? 0 : f->findings.count);
    hq_json_close(w, '}');
}

static void settle(slot *s)
{
    hq_clr__filing *f = s->filing;
    if (s->before != 0 || f == NULL || s->part->work->upload->mode == HQ_UPL__DRY_RUN) {
        return;
    }
    hq_clr__new_written(f, s->status);
    if (hq_failed(s->status) && f->findings.errors == 0 && !f->refused && f->late.count == 0) {
        s->request.answer.why = (hq_why){ .vi = HQ_SV("") };
        find_why(s, s->status);
    }
}

/* ------------------------------------------------------------------ a part */

static bool is_slow(const slot *s)
{
    return s->filing != NULL && s->filing->declaration != NULL;
}

/* Reads as many as go together; all are read before the first is handed to the writer, whose
 * closures share nothing with what is read next. */
static size_t read_part(part *p, size_t from)
{
    const hq_upl__work *work = p->work;
    size_t lines = 0;
    p->count = 0;
    for (size_t i = from; i < work->file->count && p->count < TOGETHER && lines < LINES_TOGETHER;
         i++) {
        slot *s = &p->slots[p->count++];
        hq_arena *arena = s->arena;
        *s = (slot){ .part = p, .item = &work->file->items[i], .arena = arena };
        hq_arena_reset(arena);
        s->before = work->filed == NULL ? 0 : work->filed[i];
        s->status =
            s->before != 0 ? hq_store_read(work->clearance->store, load_before, s) : build(s);
        lines += is_slow(s) ? s->filing->declaration->line_count : 0;
    }
    return p->count;
}

static void write_part(part *p)
{
    if (p->work->upload->mode == HQ_UPL__DRY_RUN) {
        return;
    }
    for (size_t i = 0; i < p->count; i++) {
        if (p->slots[i].before == 0 && hq_ok(p->slots[i].status)) {
            submit(&p->slots[i]);
        }
    }
    pthread_mutex_lock(&p->lock);
    while (p->waiting > 0) {
        hq_cond_wait_us(&p->written, &p->lock, HQ_US_PER_SECOND);
    }
    pthread_mutex_unlock(&p->lock);
}

static void tell_part(hq_json_w *w, part *p)
{
    hq_upl__upload *u = p->work->upload;
    for (size_t i = 0; i < p->count; i++) {
        slot *s = &p->slots[i];
        settle(s);
        tell(w, s);
        u->filed += outcome_of(s) != NULL;
        u->refused += outcome_of(s) == NULL;
    }
}

static hq_status file_parts(hq_buf *rows, part *p)
{
    const hq_upl__work *work = p->work;
    hq_json_w w = hq_json_writer(rows);
    hq_json_open(&w, '[');
    for (size_t from = 0; from < work->file->count;) {
        from += read_part(p, from);
        write_part(p);
        tell_part(&w, p);
        if (!work->progress(work->user, from)) {
            return HQ_FAIL(BUSY);
        }
    }
    hq_json_close(&w, ']');
    return hq_buf_status(rows);
}

hq_status hq_upl__file_all(hq_buf *rows, const hq_upl__work *work)
{
    part *p = calloc(1, sizeof *p);
    if (p == NULL) {
        return HQ_FAIL(NOMEM);
    }
    p->work = work;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->written, NULL);
    hq_status s = HQ_DONE;
    for (size_t i = 0; i < TOGETHER; i++) {
        p->slots[i].arena = hq_arena_new(ITEM_ARENA);
        s = p->slots[i].arena == NULL ? HQ_FAIL(NOMEM) : s;
    }
    work->upload->filed = work->upload->refused = 0;
    s = hq_ok(s) ? file_parts(rows, p) : s;
    work->upload->rows = hq_buf_view(rows);
    for (size_t i = 0; i < TOGETHER; i++) {
        hq_arena_free(p->slots[i].arena);
    }
    pthread_cond_destroy(&p->written);
    pthread_mutex_destroy(&p->lock);
    free(p);
    return s;
}
