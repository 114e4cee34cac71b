/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/dialogue.h"
#include "clearance/due.h"
#include "clearance/elements.h"
#include "clearance/matters.h"

/* The laboratory's side of an analysis: it receives the samples and enters what they are. It is
 * blind: it sees samples and their lines, not whose they are. A result serves later declarations of
 * the same goods by the same trader for as long as the law says. */

#define DESCRIPTION_CHARS 2000
#define NUMBER_CHARS      50
#define RESULTS_MAX       50
#define EARLIER_LINES     50 /* of a long declaration, for which earlier results are looked up */
#define EARLIER_EACH      3

/* ------------------------------------------------------------------ what it sees */

static void put_copied(hq_json_w *w, const hq_json *from, const char *name)
{
    const hq_json *m = hq_json_get(from, name);
    hq_json_key_sv(w, hq_sv_from_cstr(name));
    if (m == NULL) {
        hq_json_null(w);
    } else {
        hq_clr__json_value(w, m);
    }
}

static const hq_json *line_of(const hq_json *lines, int64_t number)
{
    for (const hq_json *l = lines == NULL ? NULL : hq_json_first(lines); l != NULL;
         l = hq_json_next(lines, l)) {
        if (--number == 0) {
            return l;
        }
    }
    return NULL;
}

static void put_sample(hq_json_w *w, const hq_json *sample, const hq_json *lines)
{
    static const char *const own[] = { "number", "line",     "quantity",
                                       "seal",   "taken_at", "kept_until" };
    static const char *const of_line[] = { "hs", "description", "origin" };
    int64_t number = 0;
    hq_json_open(w, '{');
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        put_copied(w, sample, own[i]);
    }
    const hq_json *line = hq_json_get_i64(&number, sample, "line") ? line_of(lines, number) : NULL;
    HQ_JSON_KEY(w, "declared");
    hq_json_open(w, '{');
    for (size_t i = 0; i < sizeof of_line / sizeof of_line[0]; i++) {
        put_copied(w, line, of_line[i]);
    }
    hq_json_close(w, '}');
    hq_json_close(w, '}');
}

hq_status hq_clr__blind_json(hq_json_w *w, const hq_clr__row *row, const hq_clr__matter *matter,
                             hq_arena *arena)
{
    static const char *const own[] = { "opened_at", "due",         "overdue_at",
                                       "lines",     "received_at", "result" };
    const hq_json *body;
    const hq_json *samples = hq_json_get(matter->element, "samples");
    char number[12];
    HQ_TRY(hq_json_parse(&body, row->body, arena, NULL));
    const hq_json *lines = hq_json_get(body, "lines");
    hq_json_open(w, '{');
    HQ_JSON_KEY(w, "declaration");
    hq_json_text(w, hq_declaration_number_write(number, row->id, 0));
    HQ_JSON_KEY(w, "matter");
    hq_json_i64(w, matter->id);
    HQ_JSON_KEY(w, "state");
    hq_json_text(w, hq_sv_from_cstr(hq_clr__matter_state_name(matter->state)));
    HQ_JSON_KEY(w, "office");
    hq_json_text(w, row->office);
    HQ_JSON_KEY(w, "question");
    hq_json_text(w, hq_json_get_text(matter->element, "text"));
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        put_copied(w, matter->element, own[i]);
    }
    HQ_JSON_KEY(w, "samples");
    hq_json_open(w, '[');
    for (const hq_json *s = samples == NULL ? NULL : hq_json_first(samples); s != NULL;
         s = hq_json_next(samples, s)) {
        put_sample(w, s, lines);
    }
    hq_json_close(w, ']');
    hq_json_close(w, '}');
    return HQ_DONE;
}

/* Instead of the record, which is none of the laboratory's business. */
static hq_status answer_blind(hq_clr__change *c)
{
    hq_request *request = c->request;
    hq_clr__life life;
    hq_clr__matter matter;
    int64_t id;
    if (!hq_sv_i64(&id, request->params[1])) {
        return HQ_FAIL(CORRUPT); /* it was done to one */
    }
    HQ_TRY(hq_clr__life_unpack(&life, c->out.life));
    HQ_TRY(hq_clr__matter_find(&matter, &life, id, request->arena));
    request->answer.body = HQ_BUF_ARENA(request->arena, HQ_CLR__RECORD_MAX);
    hq_json_w w = hq_json_writer(&request->answer.body);
    HQ_TRY(hq_clr__blind_json(&w, &c->out, &matter, request->arena));
    return hq_buf_status(&request->answer.body);
}

/* ------------------------------------------------------------------ receiving */

static hq_status receive(hq_clr__change *c, hq_tx *tx, hq_clr__row *row)
{
    hq_arena *arena = c->request->arena;
    hq_clr__at_matter at;
    hq_buf patch = HQ_BUF_ARENA(arena, 512);
    hq_json_w w = hq_json_writer(&patch);
    HQ_TRY(hq_clr__matter_at(&at, c, row));
    HQ_JSON_KEY(&w, "received_by");
    hq_json_text(&w, c->request->caller->id);
    HQ_JSON_KEY(&w, "received_at");
    hq_json_time(&w, c->at);
    HQ_TRY(hq_buf_status(&patch));
    HQ_TRY(
        hq_clr__matter_change(tx, row, &at.life, &at.matter, at.next, hq_buf_view(&patch), arena));
    return hq_clr__matter_moved(&at, c, tx, row, HQ_SV(""));
}

hq_status hq_clr__post_receive(hq_request *request, void *room)
{
    hq_clr__change *c;
    HQ_TRY(hq_clr__change_new(&c, request, room, HQ_VERB_MATTER_RECEIVE));
    HQ_TRY(hq_clr__body_read(NULL, request, NULL, 0));
    c->answer = answer_blind;
    return hq_clr__change_write(c, receive);
}

/* ------------------------------------------------------------------ the result */

typedef struct {
    size_t count;
    struct {
        int64_t sample;
        hq_sv hs, description;
    } results[RESULTS_MAX];
    hq_sv number;
    bool has_document;
    hq_id document;
} result_body;

static hq_status read_result(result_body *b, hq_request *request)
{
    static const hq_clr__member members[] = { { "results", HQ_JSON_ARRAY },
                                              { "number", HQ_JSON_STRING },
                                              { "document", HQ_JSON_STRING } };
    static const hq_clr__member inner[] = { { "sample", HQ_JSON_NUMBER },
                                            { "hs", HQ_JSON_STRING },
                                            { "description", HQ_JSON_STRING } };
    hq_clr__form form;
    HQ_TRY(hq_clr__form_open(&form, request, members, 3));
    const hq_json *list = hq_clr__form_list(&form, "results", RESULTS_MAX, HQ_CLR__NEEDED);
    for (const hq_json *i = list == NULL ? NULL : hq_json_first(list); i != NULL;
         i = hq_json_next(list, i), b->count++) {
        hq_clr__place place =
            hq_clr__form_into(&form, i, hq_clr__form_item(&form, "results", b->count), inner, 3);
        b->results[b->count].sample =
            hq_clr__form_number(&form, "sample", 1, RESULTS_MAX, HQ_CLR__NEEDED);
        b->results[b->count].hs = hq_clr__form_hs(&form, "hs", 0);
        b->results[b->count].description =
            hq_clr__form_text(&form, "description", DESCRIPTION_CHARS, HQ_CLR__NEEDED);
        hq_clr__form_out(&form, place);
    }
    b->number = hq_clr__form_text(&form, "number", NUMBER_CHARS, 0);
    b->has_document = hq_ok(hq_clr__form_id(&b->document, &form, "document", 0));
    return hq_clr__form_close(&form);
}

/* Each sample has one result, and nothing else has. */
static hq_status match_samples(hq_clr__change *c, const result_body *b, const hq_json *samples)
{
    hq_arena *arena = c->request->arena;
    hq_findings findings = { .arena = arena };
    uint64_t seen = 0;
    for (size_t i = 0; i < b->count; i++) {
        int64_t n = b->results[i].sample;
        bool again = (seen & UINT64_C(1) << n) != 0;
        seen |= UINT64_C(1) << n;
        if (again || hq_clr__element_numbered(samples, "number", n) == NULL) {
            hq_findings_add(&findings, again ? "HQ617" : "HQ615",
                            hq_arena_printf(arena, "/results/%zu/sample", i),
                            hq_findings__i64(arena, n), HQ_ARGS(hq_findings__i64(arena, n)));
        }
    }
    for (int64_t n = 1; n <= (int64_t)samples->count; n++) {
        if ((seen & UINT64_C(1) << n) == 0) {
            hq_findings_add(&findings, "HQ616", HQ_SV("/results"), HQ_SV_NULL,
                            HQ_ARGS(hq_findings__i64(arena, n)));
        }
    }
    return hq_clr__body_found(c->request, &findings);
}

static hq_status result_json(hq_sv *out, const hq_clr__change *c, const result_body *b,
                             hq_sv document, hq_day valid_to)
{
    hq_buf text = HQ_BUF_ARENA(c->request->arena, HQ_CLR__RECORD_MAX);
    hq_json_w w = hq_json_writer(&text);
    HQ_JSON_KEY(&w, "result");
    hq_json_open(&w, '{');
    HQ_JSON_KEY(&w, "number");
    hq_clr__put_text(&w, b->number);
    HQ_JSON_KEY(&w, "by");
    hq_json_text(&w, c->request->caller->id);
    HQ_JSON_KEY(&w, "at");
    hq_json_time(&w, c->at);
    HQ_JSON_KEY(&w, "document");
    hq_clr__put_text(&w, document);
    HQ_JSON_KEY(&w, "valid_to");
    hq_json_day(&w, valid_to);
    HQ_JSON_KEY(&w, "results");
    hq_json_open(&w, '[');
    for (size_t i = 0; i < b->count; i++) {
        hq_json_open(&w, '{');
        HQ_JSON_KEY(&w, "sample");
        hq_json_i64(&w, b->results[i].sample);
        HQ_JSON_KEY(&w, "hs");
        hq_clr__put_text(&w, b->results[i].hs);
        HQ_JSON_KEY(&w, "description");
        hq_json_text(&w, b->results[i].description);
        hq_json_close(&w, '}');
    }
    hq_json_close(&w, ']');
    hq_json_close(&w, '}');
    *out = hq_buf_view(&text);
    return hq_buf_status(&text);
}

/* Kept for later declarations of these goods, by what was declared of them. */
static hq_status keep_results(hq_clr__change *c, hq_tx *tx, const hq_clr__row *row,
                              const hq_clr__matter *matter, const result_body *b, hq_sv document,
                              hq_day valid_to)
{
    hq_arena *arena = c->request->arena;
    const hq_json *samples = hq_json_get(matter->element, "samples");
    const hq_json *body;
    HQ_TRY(hq_json_parse(&body, row->body, arena, NULL));
    for (size_t i = 0; i < b->count; i++) {
        const hq_json *sample = hq_clr__element_numbered(samples, "number", b->results[i].sample);
        hq_clr__analysis a = { .trader = row->trader,
                               .id = row->id,
                               .matter = matter->id,
                               .result_hs = b->results[i].hs,
                               .result_description = b->results[i].description,
                               .document = document,
                               .at = c->at,
                               .valid_to = valid_to };
        const hq_json *line = hq_json_get_i64(&a.line, sample, "line")
                                  ? line_of(hq_json_get(body, "lines"), a.line)
                                  : NULL;
        if (line == NULL) {
            continue; /* amended away since the sample was taken */
        }
        a.hs = hq_json_get_text(line, "hs");
        HQ_TRY(hq_fold(&a.description, arena, hq_json_get_text(line, "description")));
        HQ_TRY(hq_clr__analysis_add(tx, &a));
    }
    return HQ_DONE;
}

static hq_status attach_document(hq_sv *id, hq_clr__change *c, hq_tx *tx, const hq_clr__row *row,
                                 hq_clr__life *life, const result_body *b)
{
    hq_sv members;
    hq_buf text = HQ_BUF_ARENA(c->request->arena, 64);
    hq_clr__attaching what = { .file = b->document,
                               .kind = HQ_SV("ANALYSIS"),
                               .name = HQ_SV(""),
                               .note = HQ_SV(""),
                               .path = "/document" };
    *id = HQ_SV("");
    if (!b->has_document) {
        return HQ_DONE;
    }
    hq_id_write(&text, &b->document);
    *id = hq_buf_view(&text);
    hq_status s = hq_clr__attach(&members, c, tx, row, life, &what);
    return s.code == HQ_E_EXISTS ? HQ_DONE : s;
}

static hq_status enter_result(hq_clr__change *c, hq_tx *tx, hq_clr__row *row)
{
    const result_body *b = c->body;
    hq_arena *arena = c->request->arena;
    hq_clr__at_matter at;
    hq_sv document;
    hq_sv patch;
    HQ_TRY(hq_clr__matter_at(&at, c, row));
    HQ_TRY(match_samples(c, b, hq_json_get(at.matter.element, "samples")));
    HQ_TRY(attach_document(&document, c, tx, row, &at.life, b));
    const hq_ref *ref = hq_reference_acquire(c->clearance->reference);
    hq_day valid_to = hq_ref_term_last_day(ref, HQ_SV("ANALYSIS_REUSED"), c->day);
    hq_reference_release(c->clearance->reference, ref);
    HQ_TRY(result_json(&patch, c, b, document, valid_to));
    HQ_TRY(keep_results(c, tx, row, &at.matter, b, document, valid_to));
    HQ_TRY(hq_clr__matter_change(tx, row, &at.life, &at.matter, at.next, patch, arena));
    /* The deadline was the laboratory's. */
    HQ_TRY(hq_clr__due_clear(tx, row, hq_clr__due_item(arena, "matter", at.matter.id)));
    return hq_clr__matter_moved(&at, c, tx, row, HQ_SV(""));
}

hq_status hq_clr__post_result(hq_request *request, void *room)
{
    hq_clr__change *c;
    result_body *b = HQ_NEW(request->arena, result_body);
    if (b == NULL) {
        return HQ_FAIL(NOMEM);
    }
    HQ_TRY(hq_clr__change_new(&c, request, room, HQ_VERB_MATTER_RESULT));
    HQ_TRY(read_result(b, request));
    c->body = b;
    c->answer = answer_blind;
    return hq_clr__change_write(c, enter_result);
}

/* ------------------------------------------------------------------ earlier results */

static void put_earlier(hq_json_w *w, int64_t line, const hq_clr__analysis *a)
{
    char number[12];
    hq_json_open(w, '{');
    HQ_JSON_KEY(w, "line");
    hq_json_i64(w, line);
    HQ_JSON_KEY(w, "declaration");
    hq_json_text(w, hq_declaration_number_write(number, a->id, 0));
    HQ_JSON_KEY(w, "matter");
    hq_json_i64(w, a->matter);
    HQ_JSON_KEY(w, "hs");
    hq_clr__put_text(w, a->result_hs);
    HQ_JSON_KEY(w, "description");
    hq_json_text(w, a->result_description);
    HQ_JSON_KEY(w, "document");
    hq_clr__put_text(w, a->document);
    HQ_JSON_KEY(w, "at");
    hq_json_time(w, a->at);
    HQ_JSON_KEY(w, "valid_to");
    hq_json_day(w, a->valid_to);
    hq_json_close(w, '}');
}

static bool wanted(const hq_json *numbers, int64_t line)
{
    for (const hq_json *n = hq_json_first(numbers); n != NULL; n = hq_json_next(numbers, n)) {
        int64_t seen;
        if (hq_sv_i64(&seen, n->text) && seen == line) {
            return true;
        }
    }
    return numbers->count == 0;
}

hq_status hq_clr__earlier_json(hq_json_w *w, hq_tx *tx, const hq_clr__row *row, hq_sv lines,
                               hq_day day, hq_arena *arena)
{
    const hq_json *body;
    const hq_json *numbers;
    int64_t number = 0;
    size_t looked = 0;
    HQ_TRY(hq_json_parse(&body, row->body, arena, NULL));
    HQ_TRY(hq_clr__elements(&numbers, lines, arena));
    const hq_json *all = hq_json_get(body, "lines");
    hq_json_open(w, '[');
    for (const hq_json *l = all == NULL ? NULL : hq_json_first(all);
         l != NULL && looked < EARLIER_LINES; l = hq_json_next(all, l)) {
        hq_clr__analysis found[EARLIER_EACH];
        hq_sv folded;
        size_t count;
        if (!wanted(numbers, ++number)) {
            continue;
        }
        looked++;
        HQ_TRY(hq_fold(&folded, arena, hq_json_get_text(l, "description")));
        HQ_TRY(hq_clr__analyses_of(found, &count, EARLIER_EACH, tx, row->trader,
                                   hq_json_get_text(l, "hs"), folded, day, arena));
        for (size_t i = 0; i < count; i++) {
            put_earlier(w, number, &found[i]);
        }
    }
    hq_json_close(w, ']');
    return HQ_DONE;
}
