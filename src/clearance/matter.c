/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/due.h"
#include "clearance/elements.h"
#include "clearance/matters.h"

/* A matter as such: names, table, its element in the life. */

#define MATTERS_MAX 100 /* of a declaration */

static const struct {
    const char *name;
    hq_clr__matter_state begins;
    bool decided;
    const char *term;
} kinds[HQ_CLR__MATTER_KINDS] = {
#define HQ_MATTER(kind, state, decided, term)                                                      \
    [HQ_MATTER_##kind] = { #kind, HQ_MATTER_##state, decided, term },
#include "clearance/matters.def"
};

static const struct {
    hq_clr__matter_kind kind;
    hq_clr__matter_state state;
    hq_clr__verb verb;
    hq_clr__matter_state next;
} steps[] = {
#define HQ_MATTER_STEP(kind, state, verb, next)                                                    \
    { HQ_MATTER_##kind, HQ_MATTER_##state, HQ_VERB_##verb, HQ_MATTER_##next },
#include "clearance/matters.def"
};

static const struct {
    hq_clr__matter_kind kind;
    hq_clr__matter_state state;
    hq_clr__outcome outcome;
    uint32_t roles;
} ends[] = {
#define HQ_MATTER_END(kind, state, outcome, roles)                                                 \
    { HQ_MATTER_##kind, HQ_MATTER_##state, HQ_OUTCOME_##outcome, roles },
#include "clearance/matters.def"
};

static const char *const states[HQ_CLR__MATTER_STATES] = {
    "OPEN", "INVITED", "SAMPLED", "RECEIVED", "RESULTED", "ORDERED", "RECORDED", "CLOSED",
};
static const char *const outcomes[HQ_CLR__OUTCOMES] = {
    "AMENDED",      "IMPOSED",     "CLEARED_AS_DECLARED", "AGREED",   "ACCEPTED",  "AS_DECLARED",
    "RECLASSIFIED", "RE_EXPORTED", "DESTROYED",           "DISPOSED", "WITHDRAWN",
};

const char *hq_clr__matter_kind_name(hq_clr__matter_kind kind)
{
    return kinds[kind].name;
}

const char *hq_clr__matter_state_name(hq_clr__matter_state state)
{
    return states[state];
}

const char *hq_clr__outcome_name(hq_clr__outcome outcome)
{
    return outcomes[outcome];
}

int hq_clr__matter_kind_of(hq_sv name)
{
    for (int i = 0; i < HQ_CLR__MATTER_KINDS; i++) {
        if (hq_sv_eq(name, hq_sv_from_cstr(kinds[i].name))) {
            return i;
        }
    }
    return -1;
}

int hq_clr__matter_state_of(hq_sv name)
{
    for (int i = 0; i < HQ_CLR__MATTER_STATES; i++) {
        if (hq_sv_eq(name, hq_sv_from_cstr(states[i]))) {
            return i;
        }
    }
    return -1;
}

hq_clr__matter_state hq_clr__matter_begins(hq_clr__matter_kind kind)
{
    return kinds[kind].begins;
}

bool hq_clr__matter_decided(hq_clr__matter_kind kind)
{
    return kinds[kind].decided;
}

hq_sv hq_clr__matter_term(hq_clr__matter_kind kind)
{
    return hq_sv_from_cstr(kinds[kind].term);
}

bool hq_clr__matter_step(hq_clr__matter_state *next, hq_clr__matter_kind kind,
                         hq_clr__matter_state state, hq_clr__verb verb)
{
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        if (steps[i].kind == kind && steps[i].state == state && steps[i].verb == verb) {
            *next = steps[i].next;
            return true;
        }
    }
    return false;
}

bool hq_clr__matter_ends(hq_clr__matter_kind kind, hq_clr__matter_state state,
                         hq_clr__outcome outcome, uint32_t roles)
{
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        if (ends[i].kind == kind && ends[i].state == state && ends[i].outcome == outcome) {
            return (ends[i].roles & roles) != 0;
        }
    }
    return false;
}

/* ------------------------------------------------------------------ finding */

static hq_status read_matter(hq_clr__matter *out, const hq_json *element)
{
    int kind = hq_clr__matter_kind_of(hq_json_get_text(element, "kind"));
    int state = hq_clr__matter_state_of(hq_json_get_text(element, "state"));
    if (kind < 0 || state < 0 || !hq_json_get_i64(&out->id, element, "id")) {
        return HQ_FAIL(CORRUPT);
    }
    out->element = element;
    out->kind = (hq_clr__matter_kind)kind;
    out->state = (hq_clr__matter_state)state;
    return HQ_DONE;
}

hq_status hq_clr__matter_find(hq_clr__matter *out, const hq_clr__life *life, int64_t id,
                              hq_arena *arena)
{
    const hq_json *all;
    HQ_TRY(hq_clr__elements(&all, life->sections[HQ_CLR__MATTERS], arena));
    const hq_json *element = hq_clr__element_numbered(all, "id", id);
    return element == NULL ? HQ_FAIL(NOT_FOUND) : read_matter(out, element);
}

hq_status hq_clr__matters_waiting(size_t *count, int64_t *first, const hq_clr__life *life,
                                  hq_arena *arena)
{
    const hq_json *all;
    *count = 0;
    *first = 0;
    HQ_TRY(hq_clr__elements(&all, life->sections[HQ_CLR__MATTERS], arena));
    for (const hq_json *e = hq_json_first(all); e != NULL; e = hq_json_next(all, e)) {
        hq_clr__matter matter;
        HQ_TRY(read_matter(&matter, e));
        if (hq_clr__matter_waits(matter.state)) {
            *first = *count == 0 ? matter.id : *first;
            (*count)++;
        }
    }
    return HQ_DONE;
}

hq_status hq_clr__matters_ended(hq_clr__change *c, const hq_clr__life *life)
{
    size_t waiting;
    int64_t first;
    HQ_TRY(hq_clr__matters_waiting(&waiting, &first, life, c->request->arena));
    if (waiting == 0) {
        return HQ_DONE;
    }
    c->explained = true;
    c->request->answer.why = (hq_why){
        .vi = hq_arena_printf(c->request->arena,
                              "Còn %zu vụ việc chưa kết thúc (trước hết là vụ việc %lld): hãy kết "
                              "thúc các vụ việc trước",
                              waiting, (long long)first),
        .en = hq_arena_printf(c->request->arena,
                              "%zu matters are not at their end (first of all matter %lld): bring "
                              "them to their end first",
                              waiting, (long long)first),
    };
    return HQ_FAIL(CONFLICT);
}

/* Is it what goods are released pending, with this ground? */
static bool hangs_on(const hq_clr__matter *m, hq_sv ground)
{
    hq_sv about = hq_json_get_text(m->element, "about");
    bool ordered = m->kind == HQ_MATTER_ORDERED_AMENDMENT;
    if (hq_sv_eq(ground, HQ_SV("ANALYSIS"))) {
        return m->kind == HQ_MATTER_ANALYSIS;
    }
    if (hq_sv_eq(ground, HQ_SV("VALUE"))) {
        return m->kind == HQ_MATTER_CONSULTATION || (ordered && hq_sv_eq(about, HQ_SV("VALUE")));
    }
    return hq_sv_eq(ground, HQ_SV("CLASSIFICATION")) &&
           (m->kind == HQ_MATTER_ANALYSIS || (ordered && hq_sv_eq(about, HQ_SV("CODE"))));
}

static bool is_refusal(const hq_clr__matter *m, hq_sv ground)
{
    (void)ground;
    return m->kind == HQ_MATTER_REFUSAL;
}

static hq_status first_waiting(int64_t *id, const hq_clr__life *life, hq_sv ground,
                               bool (*fits)(const hq_clr__matter *m, hq_sv ground), hq_arena *arena)
{
    const hq_json *all;
    *id = 0;
    HQ_TRY(hq_clr__elements(&all, life->sections[HQ_CLR__MATTERS], arena));
    for (const hq_json *e = hq_json_first(all); e != NULL && *id == 0; e = hq_json_next(all, e)) {
        hq_clr__matter m;
        HQ_TRY(read_matter(&m, e));
        *id = hq_clr__matter_waits(m.state) && fits(&m, ground) ? m.id : 0;
    }
    return HQ_DONE;
}

hq_status hq_clr__matter_pending(int64_t *id, const hq_clr__life *life, hq_sv ground,
                                 hq_arena *arena)
{
    return first_waiting(id, life, ground, hangs_on, arena);
}

hq_status hq_clr__not_refused(hq_clr__change *c, const hq_clr__life *life)
{
    int64_t id;
    HQ_TRY(first_waiting(&id, life, HQ_SV(""), is_refusal, c->request->arena));
    if (id == 0) {
        return HQ_DONE;
    }
    c->explained = true;
    return HQ_CLR__REFUSE(c->request, CONFLICT, "",
                          "Hàng hóa đã bị từ chối thông quan, phải tái xuất hoặc tiêu hủy",
                          "The goods were refused: they are to be re-exported or destroyed");
}

/* ------------------------------------------------------------------ opening */

static void put_end(hq_json_w *w, const hq_clr__opening *o)
{
    bool closed = o->outcome.len > 0;
    HQ_JSON_KEY(w, "outcome");
    hq_clr__put_text(w, o->outcome);
    HQ_JSON_KEY(w, "closed_by");
    hq_clr__put_text(w, closed ? o->by : HQ_SV(""));
    HQ_JSON_KEY(w, "closed_at");
    hq_clr__put_time(w, closed ? o->at : 0);
    HQ_JSON_KEY(w, "closure");
    hq_json_null(w);
}

static hq_status element_of(hq_sv *out, int64_t id, const hq_clr__opening *o, hq_arena *arena)
{
    hq_buf text = HQ_BUF_ARENA(arena, HQ_CLR__RECORD_MAX);
    hq_json_w w = hq_json_writer(&text);
    hq_json_open(&w, '{');
    HQ_JSON_KEY(&w, "id");
    hq_json_i64(&w, id);
    HQ_JSON_KEY(&w, "kind");
    hq_json_text(&w, hq_sv_from_cstr(kinds[o->kind].name));
    HQ_JSON_KEY(&w, "state");
    hq_json_text(&w, hq_sv_from_cstr(states[kinds[o->kind].begins]));
    HQ_JSON_KEY(&w, "check");
    if (o->check == 0) {
        hq_json_null(&w);
    } else {
        hq_json_i64(&w, o->check);
    }
    HQ_JSON_KEY(&w, "lines");
    hq_json_raw(&w, o->lines);
    HQ_JSON_KEY(&w, "text");
    hq_json_text(&w, o->text);
    HQ_JSON_KEY(&w, "opened_by");
    hq_json_text(&w, o->by);
    HQ_JSON_KEY(&w, "opened_at");
    hq_json_time(&w, o->at);
    HQ_JSON_KEY(&w, "due");
    hq_clr__put_time(&w, o->due);
    HQ_JSON_KEY(&w, "overdue_at");
    hq_json_null(&w);
    put_end(&w, o);
    if (o->more.len > 0) {
        hq_buf_char(&text, ',');
        hq_buf_sv(&text, o->more);
    }
    hq_buf_char(&text, '}');
    *out = hq_buf_view(&text);
    return hq_buf_status(&text);
}

hq_status hq_clr__matter_open(int64_t *id, hq_tx *tx, const hq_clr__row *row, hq_clr__life *life,
                              const hq_clr__opening *o, hq_arena *arena)
{
    hq_sv *section = &life->sections[HQ_CLR__MATTERS];
    const hq_json *all;
    hq_sv element;
    HQ_TRY(hq_clr__elements(&all, *section, arena));
    if (all->count >= MATTERS_MAX) {
        return HQ_FAIL(LIMIT);
    }
    *id = (int64_t)all->count + 1;
    HQ_TRY(element_of(&element, *id, o, arena));
    HQ_TRY(hq_clr__array_add(section, element, arena));
    HQ_TRY(hq_clr__matter_row_add(tx, row, *id, o));
    return o->due == 0 ? HQ_DONE
                       : hq_clr__due_set(tx, row, hq_clr__due_item(arena, "matter", *id), o->due);
}

/* ------------------------------------------------------------------ changing */

hq_status hq_clr__matter_change(hq_tx *tx, const hq_clr__row *row, hq_clr__life *life,
                                const hq_clr__matter *matter, hq_clr__matter_state next,
                                hq_sv patch, hq_arena *arena)
{
    hq_buf text = HQ_BUF_ARENA(arena, HQ_CLR__RECORD_MAX);
    hq_json_w w = hq_json_writer(&text);
    HQ_JSON_KEY(&w, "state");
    hq_json_text(&w, hq_sv_from_cstr(states[next]));
    if (patch.len > 0) {
        hq_buf_char(&text, ',');
        hq_buf_sv(&text, patch);
    }
    HQ_TRY(hq_buf_status(&text));
    HQ_TRY(hq_clr__element_change(&life->sections[HQ_CLR__MATTERS], matter->element,
                                  hq_buf_view(&text), arena));
    HQ_TRY(hq_clr__matter_row_set(tx, row, matter->id, next, 0));
    return hq_clr__matter_waits(next)
               ? HQ_DONE
               : hq_clr__due_clear(tx, row, hq_clr__due_item(arena, "matter", matter->id));
}

hq_status hq_clr__matter_close(hq_tx *tx, const hq_clr__row *row, hq_clr__life *life,
                               const hq_clr__matter *matter, const hq_clr__ending *ending,
                               hq_arena *arena)
{
    hq_buf text = HQ_BUF_ARENA(arena, HQ_CLR__RECORD_MAX);
    hq_json_w w = hq_json_writer(&text);
    HQ_JSON_KEY(&w, "outcome");
    hq_json_text(&w, hq_sv_from_cstr(outcomes[ending->outcome]));
    HQ_JSON_KEY(&w, "closed_by");
    hq_json_text(&w, ending->by);
    HQ_JSON_KEY(&w, "closed_at");
    hq_json_time(&w, ending->at);
    HQ_JSON_KEY(&w, "closure");
    hq_clr__put_text(&w, ending->note);
    if (ending->more.len > 0) {
        hq_buf_char(&text, ',');
        hq_buf_sv(&text, ending->more);
    }
    HQ_TRY(hq_buf_status(&text));
    return hq_clr__matter_change(tx, row, life, matter, HQ_MATTER_CLOSED, hq_buf_view(&text),
                                 arena);
}

hq_status hq_clr__matters_drop(hq_tx *tx, const hq_clr__row *row, hq_clr__life *life, hq_sv by,
                               hq_time_us at, hq_arena *arena)
{
    hq_clr__ending ending = { .outcome = HQ_OUTCOME_WITHDRAWN, .by = by, .at = at };
    size_t waiting;
    int64_t first;
    HQ_TRY(hq_clr__matters_waiting(&waiting, &first, life, arena));
    while (waiting > 0) {
        hq_clr__matter m;
        HQ_TRY(hq_clr__matter_find(&m, life, first, arena));
        HQ_TRY(hq_clr__matter_close(tx, row, life, &m, &ending, arena));
        HQ_TRY(hq_clr__matters_waiting(&waiting, &first, life, arena));
    }
    return HQ_DONE;
}

hq_sv hq_clr__matter_members(const hq_clr__matter *matter, hq_sv more, hq_arena *arena)
{
    return hq_arena_printf(arena, "\"matter\":%lld,\"matter_kind\":\"%s\"%s%.*s",
                           (long long)matter->id, kinds[matter->kind].name,
                           more.len == 0 ? "" : ",", HQ_SV_FMT(more));
}

hq_status hq_clr__pass_to_audit(hq_clr__row *row, hq_tx *tx, const hq_clr__matter *matter,
                                hq_sv actor, hq_time_us at, hq_arena *arena)
{
    const hq_json *lines = hq_json_get(matter->element, "lines");
    hq_sv about = HQ_SV("\"about\":\"VALUE\"");
    hq_sv more = lines == NULL ? about
                               : hq_arena_printf(arena, "%.*s,\"lines\":%.*s", HQ_SV_FMT(about),
                                                 HQ_SV_FMT(lines->text));
    return hq_clr__row_event(row, tx,
                             &(hq_clr__event){ HQ_SV("declaration.passed_to_audit"), actor, at,
                                               hq_clr__matter_members(matter, more, arena) },
                             arena);
}

hq_status hq_clr__matter_amended(hq_tx *tx, const hq_clr__row *row, hq_clr__life *life,
                                 hq_sv matter, hq_sv amendment, hq_sv by, hq_time_us at,
                                 hq_arena *arena)
{
    hq_clr__matter m;
    int64_t id;
    if (!hq_sv_i64(&id, matter)) {
        return HQ_DONE;
    }
    hq_status s = hq_clr__matter_find(&m, life, id, arena);
    if (s.code == HQ_E_NOT_FOUND ||
        (hq_ok(s) && (m.kind != HQ_MATTER_ORDERED_AMENDMENT || m.state != HQ_MATTER_OPEN))) {
        return HQ_DONE;
    }
    HQ_TRY(s);
    hq_buf more = HQ_BUF_ARENA(arena, 256);
    hq_json_w w = hq_json_writer(&more);
    HQ_JSON_KEY(&w, "amendment");
    hq_json_text(&w, amendment);
    hq_clr__ending ending = {
        .outcome = HQ_OUTCOME_AMENDED, .by = by, .at = at, .more = hq_buf_view(&more)
    };
    return hq_clr__matter_close(tx, row, life, &m, &ending, arena);
}
