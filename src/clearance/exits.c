/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/exits.h"

#include "clearance/due.h"
#include "clearance/elements.h"
#include "clearance/facts.h"
#include "clearance/matters.h"
#include "clearance/proposals.h"
#include "clearance/verbs.h"

/* Out before clearance is over: RELEASED while value, classification or an analysis is open,
 * against tax paid or guaranteed (Circular 38/2015 art. 33); STORED while a specialised check is
 * (art. 32); or moved to paper. Asked for, decided by a head. results.c closes it. */

#define PLACE_CHARS  300
#define AGENCY_CHARS 200

static const char *const release_grounds[] = { "CLASSIFICATION", "VALUE", "ANALYSIS", "OTHER" };
static const char *const storage_grounds[] = { "QUARANTINE", "QUALITY", "FOOD_SAFETY", "PERMIT",
                                               "OTHER" };

typedef struct {
    hq_clr__grounds why;
    hq_sv place, agency;
    hq_sv content;
} exit_body;

/* ------------------------------------------------------------------ the element */

static bool is_exit(hq_sv verb)
{
    return hq_sv_eq(verb, HQ_SV("release")) || hq_sv_eq(verb, HQ_SV("storage")) ||
           hq_sv_eq(verb, HQ_SV("manual"));
}

const hq_json *hq_clr__exit_of(const hq_json *all)
{
    const hq_json *last = NULL;
    for (const hq_json *e = hq_json_first(all); e != NULL; e = hq_json_next(all, e)) {
        if (is_exit(hq_json_get_text(e, "verb"))) {
            last = e;
        }
    }
    return last;
}

hq_declaration_status hq_clr__stored_from(const hq_json *exit)
{
    hq_sv before = exit == NULL ? HQ_SV("") : hq_json_get_text(exit, "status_before");
    if (hq_sv_eq(before, HQ_SV("DOCUMENT_CHECK"))) {
        return HQ_DECLARATION_DOCUMENT_CHECK;
    }
    return hq_sv_eq(before, HQ_SV("GOODS_CHECK")) ? HQ_DECLARATION_GOODS_CHECK
                                                  : HQ_DECLARATION_AWAITING_TAX;
}

hq_time_us hq_clr__result_due(const hq_clr__life *life)
{
    const hq_json *all;
    hq_time_us due = 0;
    hq_arena *arena = hq_arena_new((size_t)8 << 20);
    if (arena != NULL && hq_ok(hq_clr__elements(&all, life->sections[HQ_CLR__DECISIONS], arena))) {
        const hq_json *exit = hq_clr__exit_of(all);
        due = exit == NULL ? 0 : hq_clr__json_time(exit, "due");
    }
    hq_arena_free(arena);
    return due;
}

/* ------------------------------------------------------------------ may it go? */

static hq_status explain(hq_clr__change *c, const char *vi, const char *en)
{
    c->explained = true;
    return hq_clr__refuse(c->request, HQ_FAIL(CONFLICT), HQ_SV(""), vi, en);
}

/* The row of the table exists, its condition does not hold: which one? */
static hq_status not_now(hq_clr__change *c, const hq_clr__facts *facts)
{
    if (facts->held) {
        return explain(c, "Tờ khai đang bị tạm dừng; phải dỡ bỏ lệnh tạm dừng trước",
                       "The declaration is held; the hold must be lifted first");
    }
    return explain(c,
                   "Chưa nộp thuế hoặc chưa có bảo lãnh cho số thuế đã khai; nộp hoặc bảo lãnh "
                   "trước khi giải phóng hàng",
                   "The tax declared is neither paid nor guaranteed; that comes before release");
}

static hq_status check_ban(hq_clr__change *c, hq_tx *tx, const hq_clr__row *row)
{
    hq_day until;
    hq_buf day = HQ_BUF_ARENA(c->request->arena, 32);
    if (c->verb != HQ_VERB_STORE) {
        return HQ_DONE;
    }
    HQ_TRY(hq_clr__storage_banned(&until, tx, row->trader, c->day));
    if (until == 0) {
        return HQ_DONE;
    }
    hq_day_write(&day, until);
    c->explained = true;
    c->request->answer.why = (hq_why){
        .vi = hq_arena_printf(c->request->arena,
                              "Doanh nghiệp không được đưa hàng về bảo quản đến hết ngày %.*s",
                              HQ_SV_FMT(hq_buf_view(&day))),
        .en = hq_arena_printf(c->request->arena,
                              "This trader may not take goods into storage until %.*s",
                              HQ_SV_FMT(hq_buf_view(&day))),
    };
    return HQ_FAIL(CONFLICT);
}

/* ------------------------------------------------------------------ going */

static hq_time_us due_of(const hq_clr__change *c, const hq_clr__row *row)
{
    hq_sv term = c->verb == HQ_VERB_RELEASE ? HQ_SV("RELEASE_RESULT") : HQ_SV("STORAGE_RESULT");
    const hq_ref *ref = hq_reference_acquire(c->clearance->reference);
    hq_time_us end = hq_ref_term_end(ref, term, row->office, c->at);
    hq_reference_release(c->clearance->reference, ref);
    return end;
}

/* Where nothing else is said, goods are kept at the trader's own address. */
static hq_sv place_of(const hq_clr__change *c, const hq_clr__row *row)
{
    const exit_body *b = c->body;
    const hq_json *document;
    if (b->place.len > 0 ||
        hq_failed(hq_json_parse(&document, row->body, c->request->arena, NULL))) {
        return b->place;
    }
    const hq_json *party =
        hq_json_get(document, row->flow == HQ_FLOW_IMPORT ? "importer" : "exporter");
    return party == NULL ? HQ_SV("") : hq_json_get_text(party, "address");
}

/* Members of the decision; those that say nothing of places go into the event too. */
static hq_sv decision_members(const hq_clr__change *c, const hq_clr__row *row, int64_t matter,
                              hq_time_us due)
{
    const exit_body *b = c->body;
    hq_buf text = HQ_BUF_ARENA(c->request->arena, 65536);
    hq_json_w w = hq_json_writer(&text);
    if (c->verb != HQ_VERB_MANUAL) {
        HQ_JSON_KEY(&w, "ground");
        hq_json_text(&w, b->why.ground);
        HQ_JSON_KEY(&w, "due");
        hq_json_time(&w, due);
        HQ_JSON_KEY(&w, "overdue_at");
        hq_json_null(&w);
    }
    if (matter != 0) {
        HQ_JSON_KEY(&w, "matter");
        hq_json_i64(&w, matter);
    }
    if (c->verb == HQ_VERB_STORE) {
        HQ_JSON_KEY(&w, "place");
        hq_clr__put_text(&w, place_of(c, row));
        HQ_JSON_KEY(&w, "agency");
        hq_clr__put_text(&w, b->agency);
    }
    HQ_JSON_KEY(&w, "results");
    hq_json_raw(&w, HQ_SV("[]"));
    HQ_JSON_KEY(&w, "closed_at");
    hq_json_null(&w);
    return hq_buf_view(&text);
}

static hq_sv event_members(const hq_clr__change *c, const hq_clr__ruling *ruling, hq_time_us due)
{
    const exit_body *b = c->body;
    hq_buf text = HQ_BUF_ARENA(c->request->arena, 256);
    hq_json_w w = hq_json_writer(&text);
    if (c->verb != HQ_VERB_MANUAL) {
        HQ_JSON_KEY(&w, "ground");
        hq_json_text(&w, b->why.ground);
        HQ_JSON_KEY(&w, "due");
        hq_json_time(&w, due);
    }
    return hq_clr__ruling_members(ruling, hq_buf_view(&text), c->request->arena);
}

static hq_status go(hq_clr__change *c, hq_tx *tx, hq_clr__row *row, hq_clr__life *life,
                    const hq_clr__ruling *ruling, const hq_clr__facts *facts)
{
    const exit_body *b = c->body;
    bool manual = c->verb == HQ_VERB_MANUAL;
    hq_time_us due = manual ? 0 : due_of(c, row);
    int64_t matter = 0;
    if (c->verb == HQ_VERB_RELEASE) {
        HQ_TRY(hq_clr__matter_pending(&matter, life, b->why.ground, c->request->arena));
    }
    HQ_TRY(hq_clr__decided(life, c, row, ruling, b->why.reason,
                           decision_members(c, row, matter, due)));
    HQ_TRY(hq_clr__life_pack(&row->life, life, c->request->arena));
    HQ_TRY(hq_clr__due_clear(tx, row, HQ_SV("presenting/1")));
    if (!manual) {
        HQ_TRY(hq_clr__due_set(tx, row, HQ_SV("result/1"), due));
    }
    hq_clr__step step = { .verb = c->verb,
                          .facts = *facts,
                          .actor = c->request->caller->id,
                          .at = c->at,
                          .more = event_members(c, ruling, due) };
    HQ_TRY(hq_clr__row_move(row, tx, &step, c->request->arena));
    /* Under a guarantee interest runs from the release on. */
    return c->verb == HQ_VERB_RELEASE
               ? hq_clr__tell_cleared(c->clearance, tx, row, step.actor, c->at)
               : HQ_DONE;
}

static hq_status leave(hq_clr__change *c, hq_tx *tx, hq_clr__row *row)
{
    const exit_body *b = c->body;
    hq_clr__life life;
    hq_clr__facts facts;
    hq_clr__ruling ruling;
    if (hq_clr__move_find(row->status, c->verb, NULL) == NULL) {
        return HQ_FAIL(CONFLICT);
    }
    HQ_TRY(check_ban(c, tx, row));
    HQ_TRY(hq_clr__life_unpack(&life, row->life));
    if (c->verb != HQ_VERB_MANUAL) {
        HQ_TRY(hq_clr__not_refused(c, &life));
    }
    HQ_TRY(hq_clr__facts_of(&facts, tx, row, &life));
    /* A hold stops it at once; tax may be paid between asking and deciding. */
    if (c->verb != HQ_VERB_MANUAL && facts.held) {
        return not_now(c, &facts);
    }
    HQ_TRY(hq_clr__weigh(&ruling, c, tx, row, &life, &(hq_clr__wish){ b->content, b->why.reason }));
    if (!ruling.decides) {
        return HQ_DONE;
    }
    if (hq_clr__move_find(row->status, c->verb, &facts) == NULL) {
        return not_now(c, &facts);
    }
    return go(c, tx, row, &life, &ruling, &facts);
}

/* ------------------------------------------------------------------ bodies */

static hq_sv content_of(const exit_body *b, hq_clr__verb verb, hq_arena *arena)
{
    hq_buf text = HQ_BUF_ARENA(arena, 65536);
    hq_json_w w = hq_json_writer(&text);
    hq_json_open(&w, '{');
    if (verb != HQ_VERB_MANUAL) {
        HQ_JSON_KEY(&w, "ground");
        hq_json_text(&w, b->why.ground);
    }
    if (verb == HQ_VERB_STORE) {
        HQ_JSON_KEY(&w, "place");
        hq_clr__put_text(&w, b->place);
        HQ_JSON_KEY(&w, "agency");
        hq_clr__put_text(&w, b->agency);
    }
    hq_json_close(&w, '}');
    return hq_buf_view(&text);
}

static void read_exit(exit_body *b, hq_clr__form *form, hq_clr__verb verb)
{
    if (verb == HQ_VERB_MANUAL) {
        b->why.reason = hq_clr__form_text(form, "reason", HQ_CLR__REASON_CHARS, HQ_CLR__NEEDED);
        return;
    }
    if (verb == HQ_VERB_RELEASE) {
        b->why = hq_clr__form_grounds(form, release_grounds,
                                      sizeof release_grounds / sizeof release_grounds[0]);
        return;
    }
    b->why = hq_clr__form_grounds(form, storage_grounds,
                                  sizeof storage_grounds / sizeof storage_grounds[0]);
    b->place = hq_clr__form_text(form, "place", PLACE_CHARS, 0);
    b->agency = hq_clr__form_text(form, "agency", AGENCY_CHARS, 0);
}

static hq_status post_exit(hq_request *request, void *room, hq_clr__verb verb)
{
    static const hq_clr__member members[] = { { "reason", HQ_JSON_STRING },
                                              { "ground", HQ_JSON_STRING },
                                              { "place", HQ_JSON_STRING },
                                              { "agency", HQ_JSON_STRING } };
    size_t count = verb == HQ_VERB_MANUAL ? 1 : verb == HQ_VERB_RELEASE ? 2 : 4;
    hq_clr__change *c;
    hq_clr__form form;
    exit_body *b = HQ_NEW(request->arena, exit_body);
    if (b == NULL) {
        return HQ_FAIL(NOMEM);
    }
    HQ_TRY(hq_clr__change_new(&c, request, room, verb));
    HQ_TRY(hq_clr__form_open(&form, request, members, count));
    read_exit(b, &form, verb);
    HQ_TRY(hq_clr__form_close(&form));
    b->content = content_of(b, verb, request->arena);
    c->body = b;
    return hq_clr__change_write(c, leave);
}

hq_status hq_clr__post_release(hq_request *request, void *room)
{
    return post_exit(request, room, HQ_VERB_RELEASE);
}

hq_status hq_clr__post_storage(hq_request *request, void *room)
{
    return post_exit(request, room, HQ_VERB_STORE);
}

hq_status hq_clr__post_manual(hq_request *request, void *room)
{
    return post_exit(request, room, HQ_VERB_MANUAL);
}

hq_clr__grounds hq_clr__form_grounds(hq_clr__form *form, const char *const *words, size_t count)
{
    hq_clr__grounds g = { .ground = HQ_SV("") };
    int word = hq_clr__form_word(form, "ground", words, count, 0);
    const hq_json *given = hq_json_get(form->body, "ground");
    bool absent = given == NULL || given->type == HQ_JSON_NULL;
    g.reason = hq_clr__form_text(form, "reason", HQ_CLR__REASON_CHARS, absent ? HQ_CLR__NEEDED : 0);
    if (word >= 0 || !absent) {
        g.ground = hq_sv_from_cstr(word < 0 ? "" : words[word]);
        return g;
    }
    g.ground = hq_sv_from_cstr(words[count - 1]);
    for (size_t i = 0; i < count; i++) {
        if (hq_sv_eq(g.reason, hq_sv_from_cstr(words[i]))) {
            g.ground = g.reason;
        }
    }
    return g;
}
