/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/dialogue.h"
#include "clearance/elements.h"
#include "clearance/matters.h"
#include "clearance/undo.h"

/* Steps of matters that officers take: samples, minutes of a consultation, the end of refused
 * goods, closing by hand. */

#define TEXT_CHARS  2000
#define SEAL_CHARS  50
#define SAMPLES_MAX 50
#define FILES_MAX   50

/* ------------------------------------------------------------------ beginning and ending */

static int64_t id_of(const hq_clr__change *c)
{
    int64_t id;
    hq_sv text = c->request->params[1];
    return hq_sv_digits(text) && hq_sv_i64(&id, text) ? id : 0;
}

static hq_status not_there(hq_clr__change *c)
{
    return HQ_CLR__REFUSE(c->request, NOT_FOUND, "/id", "Tờ khai này không có vụ việc mang số này",
                          "The declaration has no matter of this number");
}

static hq_status not_now(hq_clr__change *c, const hq_clr__matter *m)
{
    const char *kind = hq_clr__matter_kind_name(m->kind);
    const char *state = hq_clr__matter_state_name(m->state);
    c->explained = true;
    c->request->answer.why = (hq_why){
        .vi =
            hq_arena_printf(c->request->arena,
                            "Vụ việc %lld (%s) đang ở trạng thái %s, không thực hiện được bước này",
                            (long long)m->id, kind, state),
        .en = hq_arena_printf(c->request->arena,
                              "Matter %lld (%s) is %s, this step cannot be done now",
                              (long long)m->id, kind, state),
    };
    return HQ_FAIL(CONFLICT);
}

static hq_status find_matter(hq_clr__at_matter *out, hq_clr__change *c, const hq_clr__row *row)
{
    if (hq_clr__move_find(row->status, c->verb, NULL) == NULL) {
        return HQ_FAIL(CONFLICT);
    }
    HQ_TRY(hq_clr__life_unpack(&out->life, row->life));
    hq_status s = hq_clr__matter_find(&out->matter, &out->life, id_of(c), c->request->arena);
    return s.code == HQ_E_NOT_FOUND ? not_there(c) : s;
}

hq_status hq_clr__matter_at(hq_clr__at_matter *out, hq_clr__change *c, const hq_clr__row *row)
{
    HQ_TRY(find_matter(out, c, row));
    const hq_clr__matter *m = &out->matter;
    return hq_clr__matter_step(&out->next, m->kind, m->state, c->verb) ? HQ_DONE : not_now(c, m);
}

hq_status hq_clr__matter_moved(hq_clr__at_matter *at, hq_clr__change *c, hq_tx *tx,
                               hq_clr__row *row, hq_sv more)
{
    hq_arena *arena = c->request->arena;
    HQ_TRY(hq_clr__life_pack(&row->life, &at->life, arena));
    hq_clr__step step = { .verb = c->verb,
                          .facts = { .channel = (hq_channel)row->channel },
                          .actor = c->request->caller->id,
                          .at = c->at,
                          .more = hq_clr__matter_members(&at->matter, more, arena) };
    return hq_clr__row_move(row, tx, &step, arena);
}

/* ------------------------------------------------------------------ samples */

static const hq_clr__member sample_members[] = {
    { "line", HQ_JSON_NUMBER },
    { "quantity", HQ_JSON_OBJECT },
    { "seal", HQ_JSON_STRING },
    { "declarant_present", HQ_JSON_TRUE },
};

typedef struct {
    size_t count;
    struct {
        int64_t line;
        hq_sv quantity, seal;
        bool present;
    } samples[SAMPLES_MAX];
    hq_sv lines; /* of all of them, JSON text */
} samples_body;

static hq_status read_samples(samples_body *b, hq_request *request)
{
    static const hq_clr__member members[] = { { "samples", HQ_JSON_ARRAY } };
    hq_clr__form form;
    hq_buf lines = HQ_BUF_ARENA(request->arena, 4096);
    hq_json_w w = hq_json_writer(&lines);
    HQ_TRY(hq_clr__form_open(&form, request, members, 1));
    const hq_json *list = hq_clr__form_list(&form, "samples", SAMPLES_MAX, HQ_CLR__NEEDED);
    hq_json_open(&w, '[');
    for (const hq_json *i = list == NULL ? NULL : hq_json_first(list); i != NULL;
         i = hq_json_next(list, i), b->count++) {
        hq_clr__place place = hq_clr__form_into(
            &form, i, hq_clr__form_item(&form, "samples", b->count), sample_members, 4);
        b->samples[b->count].line =
            hq_clr__form_number(&form, "line", 1, HQ_LINES_MAX, HQ_CLR__NEEDED);
        b->samples[b->count].quantity = hq_clr__form_quantity(&form, "quantity", HQ_CLR__NEEDED);
        b->samples[b->count].seal = hq_clr__form_text(&form, "seal", SEAL_CHARS, HQ_CLR__NEEDED);
        b->samples[b->count].present = hq_clr__form_flag(&form, "declarant_present", false);
        hq_json_i64(&w, b->samples[b->count].line);
        hq_clr__form_out(&form, place);
    }
    hq_json_close(&w, ']');
    b->lines = hq_buf_view(&lines);
    HQ_TRY(hq_buf_status(&lines));
    return hq_clr__form_close(&form);
}

static hq_status samples_json(hq_sv *out, const hq_clr__change *c, const samples_body *b,
                              hq_day kept_until)
{
    hq_buf text = HQ_BUF_ARENA(c->request->arena, 65536);
    hq_json_w w = hq_json_writer(&text);
    HQ_JSON_KEY(&w, "samples");
    hq_json_open(&w, '[');
    for (size_t i = 0; i < b->count; i++) {
        hq_json_open(&w, '{');
        HQ_JSON_KEY(&w, "number");
        hq_json_i64(&w, (int64_t)i + 1);
        HQ_JSON_KEY(&w, "line");
        hq_json_i64(&w, b->samples[i].line);
        HQ_JSON_KEY(&w, "quantity");
        hq_json_raw(&w, b->samples[i].quantity);
        HQ_JSON_KEY(&w, "seal");
        hq_json_text(&w, b->samples[i].seal);
        HQ_JSON_KEY(&w, "taken_by");
        hq_json_text(&w, c->request->caller->id);
        HQ_JSON_KEY(&w, "taken_at");
        hq_json_time(&w, c->at);
        HQ_JSON_KEY(&w, "declarant_present");
        hq_json_bool(&w, b->samples[i].present);
        HQ_JSON_KEY(&w, "kept_until");
        hq_json_day(&w, kept_until);
        hq_json_close(&w, '}');
    }
    hq_json_close(&w, ']');
    *out = hq_buf_view(&text);
    return hq_buf_status(&text);
}

static hq_status take_samples(hq_clr__change *c, hq_tx *tx, hq_clr__row *row)
{
    const samples_body *b = c->body;
    hq_arena *arena = c->request->arena;
    hq_clr__at_matter at;
    hq_sv patch;
    HQ_TRY(hq_clr__matter_at(&at, c, row));
    HQ_TRY(hq_clr__lines_known(c, row, b->lines, "/samples"));
    const hq_ref *ref = hq_reference_acquire(c->clearance->reference);
    hq_day kept = hq_ref_term_last_day(ref, HQ_SV("SAMPLES_KEPT"), c->day);
    hq_reference_release(c->clearance->reference, ref);
    HQ_TRY(samples_json(&patch, c, b, kept));
    HQ_TRY(hq_clr__matter_change(tx, row, &at.life, &at.matter, at.next, patch, arena));
    return hq_clr__matter_moved(&at, c, tx, row,
                                hq_arena_printf(arena, "\"samples\":%zu", b->count));
}

hq_status hq_clr__post_samples(hq_request *request, void *room)
{
    hq_clr__change *c;
    samples_body *b = HQ_NEW(request->arena, samples_body);
    if (b == NULL) {
        return HQ_FAIL(NOMEM);
    }
    HQ_TRY(hq_clr__change_new(&c, request, room, HQ_VERB_MATTER_SAMPLES));
    HQ_TRY(read_samples(b, request));
    c->body = b;
    return hq_clr__change_write(c, take_samples);
}

/* ------------------------------------------------------------------ consultation */

static const char *const consulted[] = { "ACCEPTED", "REJECTED", "AGREED", "ABSENT" };
enum { CONSULTED_ACCEPTED, CONSULTED_REJECTED, CONSULTED_AGREED, CONSULTED_ABSENT };

typedef struct {
    int outcome;
    hq_sv text, changes;
    hq_time_us held_at;
} minutes_body;

static hq_status minutes_json(hq_sv *out, const hq_clr__change *c, const minutes_body *b)
{
    hq_buf text = HQ_BUF_ARENA(c->request->arena, 65536);
    hq_json_w w = hq_json_writer(&text);
    HQ_JSON_KEY(&w, "minutes");
    hq_json_open(&w, '{');
    HQ_JSON_KEY(&w, "held_at");
    hq_json_time(&w, b->held_at);
    HQ_JSON_KEY(&w, "text");
    hq_json_text(&w, b->text);
    HQ_JSON_KEY(&w, "outcome");
    hq_json_text(&w, hq_sv_from_cstr(consulted[b->outcome]));
    HQ_JSON_KEY(&w, "by");
    hq_json_text(&w, c->request->caller->id);
    HQ_JSON_KEY(&w, "at");
    hq_json_time(&w, c->at);
    hq_json_close(&w, '}');
    *out = hq_buf_view(&text);
    return hq_buf_status(&text);
}

/* The declarant accepts that the value is another: he is ordered to declare it. */
static hq_status order_value(hq_clr__matter *ordered, hq_clr__at_matter *at, hq_clr__change *c,
                             hq_tx *tx, const hq_clr__row *row, const minutes_body *b)
{
    hq_arena *arena = c->request->arena;
    const hq_json *lines = hq_json_get(at->matter.element, "lines");
    hq_clr__opening o = { .kind = HQ_MATTER_ORDERED_AMENDMENT,
                          .text = b->text,
                          .lines = lines == NULL ? HQ_SV("[]") : lines->text,
                          .by = c->request->caller->id,
                          .at = c->at };
    if (!hq_json_get_i64(&o.check, at->matter.element, "check")) {
        o.check = 0;
    }
    o.more = hq_arena_printf(arena, "\"about\":\"VALUE\",\"changes\":%.*s,\"after\":%lld",
                             HQ_SV_FMT(b->changes), (long long)at->matter.id);
    const hq_ref *ref = hq_reference_acquire(c->clearance->reference);
    o.due = hq_ref_term_end(ref, hq_clr__matter_term(o.kind), row->office, c->at);
    hq_reference_release(c->clearance->reference, ref);
    ordered->kind = o.kind;
    return hq_clr__matter_open(&ordered->id, tx, row, &at->life, &o, arena);
}

static hq_status record_minutes(hq_clr__change *c, hq_tx *tx, hq_clr__row *row)
{
    static const hq_clr__outcome outcomes[] = {
        [CONSULTED_ACCEPTED] = HQ_OUTCOME_ACCEPTED,
        [CONSULTED_REJECTED] = HQ_OUTCOME_CLEARED_AS_DECLARED,
        [CONSULTED_AGREED] = HQ_OUTCOME_AGREED,
        [CONSULTED_ABSENT] = HQ_OUTCOME_CLEARED_AS_DECLARED,
    };
    const minutes_body *b = c->body;
    hq_arena *arena = c->request->arena;
    hq_clr__at_matter at;
    hq_clr__matter ordered = { .id = 0 };
    hq_clr__ending ending = { .outcome = outcomes[b->outcome],
                              .by = c->request->caller->id,
                              .at = c->at };
    HQ_TRY(hq_clr__matter_at(&at, c, row));
    HQ_TRY(minutes_json(&ending.more, c, b));
    HQ_TRY(hq_clr__matter_close(tx, row, &at.life, &at.matter, &ending, arena));
    if (b->outcome == CONSULTED_ACCEPTED) {
        HQ_TRY(order_value(&ordered, &at, c, tx, row, b));
    }
    HQ_TRY(hq_clr__matter_moved(
        &at, c, tx, row,
        hq_arena_printf(arena, "\"outcome\":\"%s\"", hq_clr__outcome_name(ending.outcome))));
    if (ending.outcome == HQ_OUTCOME_CLEARED_AS_DECLARED) {
        return hq_clr__pass_to_audit(row, tx, &at.matter, ending.by, c->at, arena);
    }
    if (ordered.id == 0) {
        return HQ_DONE;
    }
    return hq_clr__row_event(
        row, tx,
        &(hq_clr__event){ HQ_SV("declaration.matter_opened"), ending.by, c->at,
                          hq_clr__matter_members(&ordered, HQ_SV("\"about\":\"VALUE\""), arena) },
        arena);
}

hq_status hq_clr__post_minutes(hq_request *request, void *room)
{
    static const hq_clr__member members[] = {
        { "held_at", HQ_JSON_STRING },
        { "text", HQ_JSON_STRING },
        { "outcome", HQ_JSON_STRING },
        { "changes", HQ_JSON_ARRAY },
    };
    hq_clr__change *c;
    hq_clr__form form;
    minutes_body *b = HQ_NEW(request->arena, minutes_body);
    if (b == NULL) {
        return HQ_FAIL(NOMEM);
    }
    HQ_TRY(hq_clr__change_new(&c, request, room, HQ_VERB_MATTER_MINUTES));
    HQ_TRY(hq_clr__form_open(&form, request, members, sizeof members / sizeof members[0]));
    b->held_at = hq_clr__form_time(&form, "held_at", c->at, HQ_CLR__NEEDED | HQ_CLR__PAST);
    b->text = hq_clr__form_text(&form, "text", TEXT_CHARS, HQ_CLR__NEEDED);
    b->outcome = hq_clr__form_word(&form, "outcome", consulted,
                                   sizeof consulted / sizeof consulted[0], HQ_CLR__NEEDED);
    b->changes = hq_clr__form_changes(&form, "changes", 0);
    HQ_TRY(hq_clr__form_close(&form));
    c->body = b;
    return hq_clr__change_write(c, record_minutes);
}

/* ------------------------------------------------------------------ refused goods are gone */

typedef struct {
    hq_sv text, evidence;
} disposal_body;

static hq_clr__outcome disposed(const hq_clr__matter *m)
{
    hq_sv how = hq_json_get_text(m->element, "disposal");
    if (hq_sv_eq(how, HQ_SV("RE_EXPORT"))) {
        return HQ_OUTCOME_RE_EXPORTED;
    }
    return hq_sv_eq(how, HQ_SV("DESTRUCTION")) ? HQ_OUTCOME_DESTROYED : HQ_OUTCOME_DISPOSED;
}

static hq_status give_back(hq_clr__change *c, hq_tx *tx, const hq_clr__row *row, hq_clr__life *life)
{
    hq_why why = { .en = HQ_SV_NULL };
    hq_clr__undoing undoing = { .clearance = c->clearance,
                                .tx = tx,
                                .row = row,
                                .life = life,
                                .actor = c->request->caller->id,
                                .at = c->at,
                                .arena = c->request->arena,
                                .why = &why };
    hq_status s = hq_clr__undo(&undoing);
    if (s.code == HQ_E_CONFLICT && why.en.len > 0) {
        c->explained = true;
        c->request->answer.why = why;
    }
    return s;
}

/* The goods did not enter: what the declaration holds of others is given back, and it ends. */
static hq_status dispose(hq_clr__change *c, hq_tx *tx, hq_clr__row *row)
{
    const disposal_body *b = c->body;
    hq_arena *arena = c->request->arena;
    hq_clr__at_matter at;
    HQ_TRY(hq_clr__matter_at(&at, c, row));
    HQ_TRY(hq_clr__attachments_known(c, &at.life, b->evidence, "/evidence"));
    hq_clr__ending ending = { .outcome = disposed(&at.matter),
                              .by = c->request->caller->id,
                              .at = c->at,
                              .note = b->text,
                              .more = hq_arena_printf(arena, "\"evidence\":%.*s",
                                                      HQ_SV_FMT(b->evidence)) };
    HQ_TRY(hq_clr__matter_close(tx, row, &at.life, &at.matter, &ending, arena));
    HQ_TRY(give_back(c, tx, row, &at.life));
    return hq_clr__matter_moved(&at, c, tx, row,
                                hq_arena_printf(arena, "\"outcome\":\"%s\",\"ground\":\"REFUSED\"",
                                                hq_clr__outcome_name(ending.outcome)));
}

hq_status hq_clr__post_disposal(hq_request *request, void *room)
{
    static const hq_clr__member members[] = { { "text", HQ_JSON_STRING },
                                              { "evidence", HQ_JSON_ARRAY } };
    hq_clr__change *c;
    hq_clr__form form;
    disposal_body *b = HQ_NEW(request->arena, disposal_body);
    if (b == NULL) {
        return HQ_FAIL(NOMEM);
    }
    HQ_TRY(hq_clr__change_new(&c, request, room, HQ_VERB_MATTER_DISPOSAL));
    HQ_TRY(hq_clr__form_open(&form, request, members, 2));
    b->text = hq_clr__form_text(&form, "text", TEXT_CHARS, HQ_CLR__NEEDED);
    b->evidence = hq_clr__form_ids(&form, "evidence", FILES_MAX);
    HQ_TRY(hq_clr__form_close(&form));
    c->body = b;
    return hq_clr__change_write(c, dispose);
}

/* ------------------------------------------------------------------ closing by hand */

typedef struct {
    int outcome;
    hq_sv note;
} close_body;

/* Goods are cleared as declared only where it is the value that is disputed. */
static bool ends(const hq_clr__matter *m, hq_clr__outcome outcome, uint32_t roles)
{
    bool fits = outcome != HQ_OUTCOME_CLEARED_AS_DECLARED ||
                hq_sv_eq(hq_json_get_text(m->element, "about"), HQ_SV("VALUE"));
    return fits && hq_clr__matter_ends(m->kind, m->state, outcome, roles);
}

static hq_status cannot_end(hq_clr__change *c, const hq_clr__matter *m, hq_clr__outcome wanted)
{
    hq_buf names = HQ_BUF_ARENA(c->request->arena, 1024);
    for (int i = 0; i < HQ_CLR__OUTCOMES; i++) {
        if (ends(m, (hq_clr__outcome)i, HQ_ROLE_BIT(c->request->caller->role))) {
            hq_buf_printf(&names, "%s%s", names.len == 0 ? "" : ", ",
                          hq_clr__outcome_name((hq_clr__outcome)i));
        }
    }
    if (ends(m, wanted, HQ_CLR__HEADS)) {
        return HQ_CLR__REFUSE(c->request, FORBIDDEN, "/outcome",
                              "Chỉ lãnh đạo đơn vị được kết thúc vụ việc này như vậy",
                              "Only a head of the office may end this matter so");
    }
    if (names.len == 0) {
        return not_now(c, m);
    }
    c->explained = true;
    c->request->answer.why = (hq_why){
        .path = HQ_SV("/outcome"),
        .vi = hq_arena_printf(c->request->arena, "Vụ việc này bây giờ chỉ kết thúc với: %.*s",
                              HQ_SV_FMT(hq_buf_view(&names))),
        .en = hq_arena_printf(c->request->arena, "This matter can end now with: %.*s",
                              HQ_SV_FMT(hq_buf_view(&names))),
    };
    return HQ_FAIL(CONFLICT);
}

static hq_status close_matter(hq_clr__change *c, hq_tx *tx, hq_clr__row *row)
{
    const close_body *b = c->body;
    hq_arena *arena = c->request->arena;
    hq_clr__at_matter at;
    hq_clr__ending ending = { .outcome = (hq_clr__outcome)b->outcome,
                              .by = c->request->caller->id,
                              .at = c->at,
                              .note = b->note };
    HQ_TRY(find_matter(&at, c, row));
    const hq_clr__matter *m = &at.matter;
    if (!ends(m, ending.outcome, HQ_ROLE_BIT(c->request->caller->role))) {
        return cannot_end(c, m, ending.outcome);
    }
    HQ_TRY(hq_clr__matter_close(tx, row, &at.life, m, &ending, arena));
    HQ_TRY(hq_clr__matter_moved(
        &at, c, tx, row,
        hq_arena_printf(arena, "\"outcome\":\"%s\"", hq_clr__outcome_name(ending.outcome))));
    return ending.outcome == HQ_OUTCOME_CLEARED_AS_DECLARED
               ? hq_clr__pass_to_audit(row, tx, m, ending.by, c->at, arena)
               : HQ_DONE;
}

hq_status hq_clr__post_matter_closure(hq_request *request, void *room)
{
    static const hq_clr__member members[] = { { "outcome", HQ_JSON_STRING },
                                              { "note", HQ_JSON_STRING } };
    const char *names[HQ_CLR__OUTCOMES];
    hq_clr__change *c;
    hq_clr__form form;
    close_body *b = HQ_NEW(request->arena, close_body);
    if (b == NULL) {
        return HQ_FAIL(NOMEM);
    }
    for (int i = 0; i < HQ_CLR__OUTCOMES; i++) {
        names[i] = hq_clr__outcome_name((hq_clr__outcome)i);
    }
    HQ_TRY(hq_clr__change_new(&c, request, room, HQ_VERB_MATTER_CLOSE));
    HQ_TRY(hq_clr__form_open(&form, request, members, 2));
    b->outcome = hq_clr__form_word(&form, "outcome", names, HQ_CLR__OUTCOMES, HQ_CLR__NEEDED);
    b->note = hq_clr__form_text(&form, "note", TEXT_CHARS, 0);
    HQ_TRY(hq_clr__form_close(&form));
    c->body = b;
    return hq_clr__change_write(c, close_matter);
}
