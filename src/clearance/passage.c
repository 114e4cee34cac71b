/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/passage.h"

#include "clearance/elements.h"
#include "clearance/facts.h"
#include "clearance/verbs.h"

/* Passage, confirmed where the goods lie by an officer or the operator of the place: the whole, or
 * part after part, never more than was declared. PASSED when all has gone; what was released or
 * stored stays so until its result. */

#define VEHICLE_CHARS  50
#define CODE_CHARS     40
#define CONTAINERS_MAX 200
#define PACKAGES_MAX   99999999

typedef struct {
    hq_sv vehicle, code;
    const hq_json *containers; /* array of texts, NULL none */
    int64_t packages;          /* -1: not said */
    bool partial;
} passage_body;

static hq_status explain(hq_clr__change *c, const char *vi, const char *en)
{
    c->explained = true;
    return hq_clr__refuse(c->request, HQ_FAIL(CONFLICT), HQ_SV(""), vi, en);
}

/* ------------------------------------------------------------------ what may pass */

static const hq_clr__pass_container *find_container(const hq_clr__pass *pass, hq_sv number)
{
    for (size_t i = 0; i < pass->container_count; i++) {
        if (hq_sv_eq(pass->containers[i].number, number)) {
            return &pass->containers[i];
        }
    }
    return NULL;
}

static void check_containers(hq_findings *findings, const passage_body *b, const hq_clr__pass *pass)
{
    size_t index = 0;
    for (const hq_json *c = b->containers == NULL ? NULL : hq_json_first(b->containers); c != NULL;
         c = hq_json_next(b->containers, c), index++) {
        const hq_clr__pass_container *known = find_container(pass, c->text);
        if (known == NULL || known->passed) {
            hq_findings_add(findings, known == NULL ? "HQ653" : "HQ654",
                            hq_arena_printf(findings->arena, "/containers/%zu", index),
                            hq_findings__json_of(findings->arena, c), HQ_ARGS(c->text));
        }
    }
}

static hq_status check(hq_clr__change *c, const hq_clr__row *row, const hq_clr__pass *pass)
{
    const passage_body *b = c->body;
    hq_arena *arena = c->request->arena;
    hq_findings findings = { .arena = arena };
    int64_t left = pass->declared - pass->passed;
    if (pass->declared > 0 && b->packages > left) {
        hq_sv asked = hq_findings__i64(arena, b->packages);
        hq_findings_add(&findings, "HQ652", HQ_SV("/packages"), asked,
                        HQ_ARGS(asked, hq_findings__i64(arena, left)));
    }
    check_containers(&findings, b, pass);
    if (b->code.len > 0 && !hq_clr__pass_code_fits(c->clearance, row->id, b->code)) {
        hq_findings_add(&findings, "HQ655", HQ_SV("/code"), hq_findings__json_text(arena, b->code),
                        HQ_NO_ARGS);
    }
    return hq_clr__body_found(c->request, &findings);
}

/* ------------------------------------------------------------------ the element */

typedef struct {
    int64_t packages;
    bool gone;
} counted;

/* Containers that are left after this passage. */
static size_t containers_left(const passage_body *b, const hq_clr__pass *pass)
{
    size_t left = 0;
    for (size_t i = 0; i < pass->container_count; i++) {
        left += !pass->containers[i].passed;
    }
    return b->containers == NULL || b->containers->count > left ? left
                                                                : left - b->containers->count;
}

/* The last part has all that is left; a part that leaves nothing is the last. Packages count; where
 * the declaration has none, containers do. */
static counted count(const passage_body *b, const hq_clr__pass *pass)
{
    int64_t left = pass->declared > pass->passed ? pass->declared - pass->passed : 0;
    counted n = { .packages = b->packages < 0 ? 0 : b->packages, .gone = !b->partial };
    if (b->packages < 0 && !b->partial) {
        n.packages = left;
    }
    bool counts = pass->declared > 0;
    bool none_left =
        counts ? n.packages == left : pass->container_count > 0 && containers_left(b, pass) == 0;
    n.gone = n.gone || none_left;
    return n;
}

static hq_status passage_json(hq_sv *out, const hq_clr__change *c, const counted *n)
{
    const passage_body *b = c->body;
    hq_buf text = HQ_BUF_ARENA(c->request->arena, 65536);
    hq_json_w w = hq_json_writer(&text);
    hq_json_open(&w, '{');
    HQ_JSON_KEY(&w, "at");
    hq_json_time(&w, c->at);
    HQ_JSON_KEY(&w, "by");
    hq_json_text(&w, c->request->caller->id);
    HQ_JSON_KEY(&w, "role");
    hq_json_text(&w, hq_sv_from_cstr(hq_role_name(c->request->caller->role)));
    HQ_JSON_KEY(&w, "vehicle");
    hq_json_text(&w, b->vehicle);
    HQ_JSON_KEY(&w, "containers");
    hq_json_raw(&w, b->containers == NULL ? HQ_SV("[]") : b->containers->text);
    HQ_JSON_KEY(&w, "packages");
    hq_json_i64(&w, n->packages);
    HQ_JSON_KEY(&w, "partial");
    hq_json_bool(&w, b->partial);
    HQ_JSON_KEY(&w, "code");
    hq_json_bool(&w, b->code.len > 0);
    HQ_JSON_KEY(&w, "gone");
    hq_json_bool(&w, n->gone);
    hq_json_close(&w, '}');
    *out = hq_buf_view(&text);
    return hq_buf_status(&text);
}

/* ------------------------------------------------------------------ passing */

static hq_status add_passage(hq_clr__change *c, hq_tx *tx, hq_clr__row *row, hq_clr__life *life,
                             const hq_clr__pass *pass)
{
    hq_arena *arena = c->request->arena;
    counted n = count(c->body, pass);
    hq_sv element;
    HQ_TRY(passage_json(&element, c, &n));
    HQ_TRY(hq_clr__array_add(&life->sections[HQ_CLR__PASSAGES], element, arena));
    HQ_TRY(hq_clr__life_pack(&row->life, life, arena));
    hq_clr__step step = { .verb = HQ_VERB_PASSAGE,
                          .facts = hq_clr__facts_seen(row, life),
                          .actor = c->request->caller->id,
                          .at = c->at,
                          .more =
                              hq_arena_printf(arena, "\"packages\":%lld,\"gone\":%s",
                                              (long long)n.packages, n.gone ? "true" : "false") };
    return hq_clr__row_move(row, tx, &step, arena);
}

static hq_status pass(hq_clr__change *c, hq_tx *tx, hq_clr__row *row)
{
    hq_clr__life life;
    hq_clr__pass state;
    if (hq_clr__move_find(row->status, HQ_VERB_PASSAGE, NULL) == NULL) {
        return HQ_FAIL(CONFLICT);
    }
    HQ_TRY(hq_clr__life_unpack(&life, row->life));
    HQ_TRY(hq_clr__pass_of(&state, row, &life, c->request->arena));
    if (state.held) {
        return explain(c, "Hàng đang bị tạm dừng, không được qua khu vực giám sát",
                       "The goods are held: nothing may pass");
    }
    if (state.gone) {
        return explain(c, "Toàn bộ hàng của tờ khai đã qua khu vực giám sát",
                       "All goods of the declaration have passed");
    }
    HQ_TRY(check(c, row, &state));
    return add_passage(c, tx, row, &life, &state);
}

/* ------------------------------------------------------------------ the body */

static bool texts_only(const hq_json *list)
{
    for (const hq_json *c = hq_json_first(list); c != NULL; c = hq_json_next(list, c)) {
        if (c->type != HQ_JSON_STRING) {
            return false;
        }
        for (const hq_json *d = hq_json_first(list); d != c; d = hq_json_next(list, d)) {
            if (hq_sv_eq(d->text, c->text)) {
                return false;
            }
        }
    }
    return list->count <= CONTAINERS_MAX;
}

static void read_passage(passage_body *b, hq_clr__form *form)
{
    const hq_json *containers = hq_json_get(form->body, "containers");
    const hq_json *packages = hq_json_get(form->body, "packages");
    const hq_json *partial = hq_json_get(form->body, "partial");
    b->vehicle = hq_clr__form_text(form, "vehicle", VEHICLE_CHARS, HQ_CLR__NEEDED);
    b->code = hq_clr__form_text(form, "code", CODE_CHARS, 0);
    b->partial = partial != NULL && partial->type == HQ_JSON_TRUE;
    b->packages = -1;
    if (packages != NULL && packages->type == HQ_JSON_NUMBER) {
        b->packages = hq_clr__form_number(form, "packages", 0, PACKAGES_MAX, 0);
    }
    if (containers != NULL && containers->type == HQ_JSON_ARRAY) {
        b->containers = containers;
        if (!texts_only(containers)) {
            hq_clr__form_wrong(form, "HQ656", "containers", containers, HQ_NO_ARGS);
        }
    }
}

hq_status hq_clr__post_passage(hq_request *request, void *room)
{
    static const hq_clr__member members[] = { { "vehicle", HQ_JSON_STRING },
                                              { "containers", HQ_JSON_ARRAY },
                                              { "packages", HQ_JSON_NUMBER },
                                              { "partial", HQ_JSON_TRUE },
                                              { "code", HQ_JSON_STRING } };
    hq_clr__change *c;
    hq_clr__form form;
    passage_body *b = HQ_NEW(request->arena, passage_body);
    if (b == NULL) {
        return HQ_FAIL(NOMEM);
    }
    HQ_TRY(hq_clr__change_new(&c, request, room, HQ_VERB_PASSAGE));
    hq_clr__change_keyed(c);
    HQ_TRY(hq_clr__form_open(&form, request, members, 5));
    read_passage(b, &form);
    HQ_TRY(hq_clr__form_close(&form));
    c->body = b;
    return hq_clr__change_write(c, pass);
}
