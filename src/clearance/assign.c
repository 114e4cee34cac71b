/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/step.h"
#include "clearance/steps.h"

/* Who checks a declaration: drawn at random from the officers on the roster of its office, or named
 * with a reason. Roster, set, draw and officer of every assignment are kept in the record and in
 * its event, so that anybody entitled can hold the draw against them later. */

typedef struct {
    const hq_rostered *roster;
    size_t roster_count;
    const hq_rostered **eligible;
    size_t eligible_count;
    uint64_t draw;
    hq_sv how; /* "drawn", "named", "taken" */
    hq_sv officer, by, reason;
    hq_time_us at;
} assignment;

static void put_ids(hq_json_w *w, const hq_rostered *const *items, size_t count)
{
    hq_json_open(w, '[');
    for (size_t i = 0; i < count; i++) {
        hq_json_text(w, items[i]->id);
    }
    hq_json_close(w, ']');
}

static void put_roster(hq_json_w *w, const assignment *a)
{
    HQ_JSON_KEY(w, "roster");
    hq_json_open(w, '[');
    for (size_t i = 0; i < a->roster_count; i++) {
        hq_json_text(w, a->roster[i].id);
    }
    hq_json_close(w, ']');
    HQ_JSON_KEY(w, "eligible");
    put_ids(w, a->eligible, a->eligible_count);
    HQ_JSON_KEY(w, "draw");
    if (hq_sv_eq(a->how, HQ_SV("drawn"))) {
        char text[24];
        hq_buf digits = { .ptr = text, .cap = sizeof text, .ceiling = sizeof text };
        hq_buf_u64(&digits, a->draw);
        hq_json_text(w, hq_buf_view(&digits)); /* text: it does not fit in a double */
    } else {
        hq_json_null(w);
    }
}

/* Members of the event; with `at` and `by` the element of the record. */
static void put_members(hq_json_w *w, const assignment *a, bool whole)
{
    HQ_JSON_KEY(w, "officer");
    hq_json_text(w, a->officer);
    HQ_JSON_KEY(w, "how");
    hq_json_text(w, a->how);
    put_roster(w, a);
    if (whole) {
        HQ_JSON_KEY(w, "reason");
        hq_json_text_or_null(w, a->reason);
        HQ_JSON_KEY(w, "by");
        hq_json_text(w, a->by);
        HQ_JSON_KEY(w, "at");
        hq_json_time(w, a->at);
    }
}

static hq_status record(const assignment *a, hq_tx *tx, hq_clr__row *row, hq_arena *arena)
{
    hq_clr__life life;
    hq_buf element = HQ_BUF_ARENA(arena, 256 << 10);
    hq_buf members = HQ_BUF_ARENA(arena, 256 << 10);
    hq_json_w ew = hq_json_writer(&element);
    hq_json_w mw = hq_json_writer(&members);
    hq_json_open(&ew, '{');
    put_members(&ew, a, true);
    hq_json_close(&ew, '}');
    put_members(&mw, a, false);
    HQ_TRY(hq_buf_status(&element));
    HQ_TRY(hq_buf_status(&members));
    HQ_TRY(hq_clr__life_unpack(&life, row->life));
    HQ_TRY(hq_clr__array_add(&life.sections[HQ_CLR__ASSIGNMENTS], hq_buf_view(&element), arena));
    HQ_TRY(hq_clr__life_pack(&row->life, &life, arena));
    row->officer = a->officer;
    hq_clr__step step = { .verb = HQ_VERB_ASSIGN,
                          .facts = { .channel = (hq_channel)row->channel },
                          .actor = a->by,
                          .at = a->at,
                          .more = hq_buf_view(&members) };
    return hq_clr__row_move(row, tx, &step, arena);
}

/* Everybody on the roster but the one who has it, unless he is the only one. */
static hq_status eligible_of(assignment *a, const hq_clr__row *row, hq_arena *arena)
{
    a->eligible = hq_arena_array(arena, a->roster_count + 1, sizeof *a->eligible);
    a->eligible_count = 0;
    if (a->eligible == NULL) {
        return HQ_FAIL(NOMEM);
    }
    for (size_t i = 0; i < a->roster_count; i++) {
        if (a->roster_count == 1 || !hq_sv_eq(a->roster[i].id, row->officer)) {
            a->eligible[a->eligible_count++] = &a->roster[i];
        }
    }
    return HQ_DONE;
}

static hq_status prepare(assignment *a, hq_clearance *clearance, const hq_clr__row *row,
                         hq_arena *arena)
{
    HQ_TRY(
        hq_identity_roster(&a->roster, &a->roster_count, clearance->identity, row->office, arena));
    return eligible_of(a, row, arena);
}

hq_status hq_clr__draw_officer(hq_clearance *clearance, hq_tx *tx, hq_clr__row *row, uint64_t draw,
                               hq_time_us at, hq_arena *arena)
{
    assignment a = { .draw = draw, .how = HQ_SV("drawn"), .by = HQ_SV("system"), .at = at };
    HQ_TRY(prepare(&a, clearance, row, arena));
    if (a.eligible_count == 0) {
        return HQ_DONE;
    }
    a.officer = a.eligible[draw % a.eligible_count]->id;
    return record(&a, tx, row, arena);
}

hq_status hq_clr__take_unassigned(hq_clr__change *c, hq_tx *tx, hq_clr__row *row)
{
    hq_sv me = c->request->caller->id;
    assignment a = { .how = HQ_SV("taken"), .officer = me, .by = me, .at = c->at };
    HQ_TRY(prepare(&a, c->clearance, row, c->request->arena));
    return a.roster_count > 0 ? HQ_FAIL(CONFLICT) : record(&a, tx, row, c->request->arena);
}

/* ------------------------------------------------------------------ the route */

typedef struct {
    hq_sv officer, reason; /* ptr NULL: draw */
} assign_body;

/* An officer or team leader of the office itself or below it. */
static hq_status find_named(assignment *a, hq_clr__change *c, const hq_clr__row *row, hq_sv who)
{
    hq_person person = { .office = HQ_SV("") };
    hq_status s = hq_identity_find(&person, c->clearance->identity, who, c->request->arena);
    const hq_ref *ref = hq_reference_acquire(c->clearance->reference);
    bool fits = hq_ok(s) && (HQ_CLR__CHECKERS & HQ_ROLE_BIT(person.role)) != 0 &&
                (hq_sv_eq(person.office, row->office) ||
                 hq_ref_office_below(ref, person.office, row->office, c->day));
    hq_reference_release(c->clearance->reference, ref);
    if (!fits) {
        return HQ_CLR__REFUSE(
            c->request, INVALID, "/officer",
            "officer phải là công chức hoặc đội trưởng của đơn vị nơi đăng ký tờ "
            "khai: mã (user/...), tên đăng nhập hoặc tên khóa",
            "officer must be an officer or team leader of the office where the "
            "declaration is registered: id (user/...), username or name of a key");
    }
    a->officer = person.id;
    a->how = HQ_SV("named");
    return HQ_DONE;
}

static hq_status assign(hq_clr__change *c, hq_tx *tx, hq_clr__row *row)
{
    const assign_body *b = c->body;
    assignment a = { .draw = c->draw,
                     .how = HQ_SV("drawn"),
                     .by = c->request->caller->id,
                     .reason = b->reason,
                     .at = c->at };
    if (hq_clr__move_find(row->status, HQ_VERB_ASSIGN, NULL) == NULL) {
        return HQ_FAIL(CONFLICT);
    }
    HQ_TRY(prepare(&a, c->clearance, row, c->request->arena));
    if (b->officer.ptr != NULL) {
        HQ_TRY(find_named(&a, c, row, b->officer));
    } else if (a.eligible_count == 0) {
        c->explained = true;
        return HQ_CLR__REFUSE(
            c->request, CONFLICT, "/officer",
            "Đơn vị chưa có công chức trong danh sách trực; hãy nêu tên công chức "
            "và lý do",
            "Nobody of the office is on its roster; name an officer and the "
            "reason");
    } else {
        a.officer = a.eligible[a.draw % a.eligible_count]->id;
    }
    return record(&a, tx, row, c->request->arena);
}

hq_status hq_clr__post_assignment(hq_request *request, void *room)
{
    static const hq_clr__member members[] = { { "officer", HQ_JSON_STRING },
                                              { "reason", HQ_JSON_STRING } };
    hq_clr__change *c;
    const hq_json *body;
    assign_body *b = HQ_NEW(request->arena, assign_body);
    HQ_TRY(hq_clr__change_new(&c, request, room, HQ_VERB_ASSIGN));
    HQ_TRY(hq_clr__body_read(&body, request, members, 2));
    if (b == NULL) {
        return HQ_FAIL(NOMEM);
    }
    b->officer = hq_json_get_text(body, "officer");
    b->reason = hq_json_get_text(body, "reason");
    if (b->officer.ptr != NULL && hq_sv_trim(b->reason).len == 0) {
        return HQ_CLR__REFUSE(request, INVALID, "/reason",
                              "Chỉ định đích danh công chức thì phải nêu lý do (reason)",
                              "Naming an officer needs a reason");
    }
    if (hq_utf8_length(b->reason) > 500) {
        return HQ_CLR__REFUSE(request, INVALID, "/reason", "reason dài tối đa 500 ký tự",
                              "reason has at most 500 characters");
    }
    c->body = b;
    return hq_clr__change_write(c, assign);
}
