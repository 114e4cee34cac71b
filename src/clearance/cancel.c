/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/due.h"
#include "clearance/facts.h"
#include "clearance/proposals.h"
#include "clearance/undo.h"
#include "clearance/verbs.h"

/* Cancellation (Circular 38/2015 art. 22). Pre-registered: by the declarant alone. Registered:
 * asked for, decided by a head, and only while no goods have passed. What was not presented in time
 * is cancelled by the program; that green goods never came is for a person to see. Whatever comes
 * first, a payment or the cancellation, the other finds what it left: money for a cancelled
 * declaration is its payer's credit. */

#define AGAIN_US HQ_US_PER_DAY /* a held one that nobody presents is looked at again */

/* The first two are the program's; clearance.md 1.6 no. 9. */
static const char *const grounds[] = {
    "DOCUMENTS_NOT_PRESENTED",
    "GOODS_NOT_PRESENTED",
    "GOODS_NOT_ARRIVED",
    "SYSTEM_ERROR",
    "DUPLICATE",
    "NOT_EXPORTED",
    "NOT_IMPORTED",
    "FIELD_NOT_AMENDABLE",
    "OTHER",
};
#define GROUNDS (sizeof grounds / sizeof grounds[0])

typedef struct {
    hq_clr__grounds why;
    hq_sv content;
} cancel_body;

/* ------------------------------------------------------------------ doing it */

typedef struct {
    hq_clearance *clearance;
    hq_tx *tx;
    hq_clr__row *row;
    hq_clr__life *life;
    hq_clr__facts facts;
    hq_sv actor, more;
    hq_time_us at;
    hq_arena *arena;
    hq_why why; /* of a CONFLICT */
} cancelling;

static hq_status do_cancel(cancelling *x)
{
    hq_clr__undoing undoing = { .clearance = x->clearance,
                                .tx = x->tx,
                                .row = x->row,
                                .life = x->life,
                                .actor = x->actor,
                                .at = x->at,
                                .arena = x->arena,
                                .why = &x->why };
    HQ_TRY(hq_clr__undo(&undoing));
    HQ_TRY(hq_clr__life_pack(&x->row->life, x->life, x->arena));
    HQ_TRY(hq_clr__due_clear(x->tx, x->row, HQ_SV("presenting/1")));
    HQ_TRY(hq_clr__due_clear(x->tx, x->row, HQ_SV("result/1")));
    hq_clr__step step = {
        .verb = HQ_VERB_CANCEL, .facts = x->facts, .actor = x->actor, .at = x->at, .more = x->more
    };
    return hq_clr__row_move(x->row, x->tx, &step, x->arena);
}

static hq_sv ground_member(hq_sv ground, hq_arena *arena)
{
    return hq_arena_printf(arena, "\"ground\":\"%.*s\"", HQ_SV_FMT(ground));
}

/* ------------------------------------------------------------------ by request */

static hq_status too_late(hq_clr__change *c)
{
    c->explained = true;
    return HQ_CLR__REFUSE(c->request, CONFLICT, "",
                          "Hàng hóa đã qua khu vực giám sát một phần, không hủy được tờ khai",
                          "Some of the goods have passed: the declaration cannot be cancelled");
}

/* What is only pre-registered is nobody's but the declarant's. */
static hq_status weigh(hq_clr__ruling *ruling, hq_clr__change *c, hq_tx *tx, hq_clr__row *row,
                       hq_clr__life *life)
{
    const cancel_body *b = c->body;
    if (row->status != HQ_DECLARATION_PREREGISTERED) {
        return hq_clr__weigh(ruling, c, tx, row, life,
                             &(hq_clr__wish){ b->content, b->why.reason });
    }
    *ruling = (hq_clr__ruling){ .decides = true };
    return c->request->caller->role == HQ_ROLE_DECLARANT
               ? HQ_DONE
               : HQ_CLR__REFUSE(c->request, FORBIDDEN, "", "Bản khai trước chỉ do người khai hủy",
                                "What is only pre-registered is cancelled by the declarant alone");
}

/* Not exported is said of an export, not imported of an import. */
static bool fits_flow(const hq_clr__row *row, hq_sv ground)
{
    bool of_export = hq_sv_eq(ground, HQ_SV("NOT_EXPORTED"));
    bool of_import = hq_sv_eq(ground, HQ_SV("NOT_IMPORTED"));
    return row->flow == HQ_FLOW_IMPORT ? !of_export : !of_import;
}

static hq_status cancel(hq_clr__change *c, hq_tx *tx, hq_clr__row *row)
{
    const cancel_body *b = c->body;
    hq_arena *arena = c->request->arena;
    hq_clr__life life;
    hq_clr__ruling ruling;
    cancelling x = { .clearance = c->clearance,
                     .tx = tx,
                     .row = row,
                     .life = &life,
                     .actor = c->request->caller->id,
                     .at = c->at,
                     .arena = arena };
    if (hq_clr__move_find(row->status, HQ_VERB_CANCEL, NULL) == NULL) {
        return HQ_FAIL(CONFLICT);
    }
    if (!fits_flow(row, b->why.ground)) {
        return HQ_CLR__REFUSE(c->request, INVALID, "/ground",
                              "Lý do này không dùng cho loại hình xuất/nhập của tờ khai",
                              "This ground is one of the other flow");
    }
    HQ_TRY(hq_clr__life_unpack(&life, row->life));
    HQ_TRY(hq_clr__facts_of(&x.facts, tx, row, &life));
    if (hq_clr__move_find(row->status, HQ_VERB_CANCEL, &x.facts) == NULL) {
        return too_late(c);
    }
    HQ_TRY(weigh(&ruling, c, tx, row, &life));
    if (!ruling.decides) {
        return HQ_DONE;
    }
    hq_sv ground = ground_member(b->why.ground, arena);
    HQ_TRY(hq_clr__decided(&life, c, row, &ruling, b->why.reason, ground));
    x.more = hq_clr__ruling_members(&ruling, ground, arena);
    hq_status done = do_cancel(&x);
    if (done.code == HQ_E_CONFLICT && x.why.en.len > 0) {
        c->explained = true;
        c->request->answer.why = x.why;
    }
    return done;
}

hq_status hq_clr__post_cancellation(hq_request *request, void *room)
{
    static const hq_clr__member members[] = { { "ground", HQ_JSON_STRING },
                                              { "reason", HQ_JSON_STRING } };
    hq_clr__change *c;
    hq_clr__form form;
    cancel_body *b = HQ_NEW(request->arena, cancel_body);
    if (b == NULL) {
        return HQ_FAIL(NOMEM);
    }
    HQ_TRY(hq_clr__change_new(&c, request, room, HQ_VERB_CANCEL));
    HQ_TRY(hq_clr__form_open(&form, request, members, 2));
    b->why = hq_clr__form_grounds(&form, grounds, GROUNDS);
    HQ_TRY(hq_clr__form_close(&form));
    b->content = hq_arena_printf(request->arena, "{\"ground\":\"%.*s\"}", HQ_SV_FMT(b->why.ground));
    c->body = b;
    return hq_clr__change_write(c, cancel);
}

/* ------------------------------------------------------------------ by the program */

hq_status hq_clr__presenting_due(hq_clearance *clearance, hq_tx *tx, const hq_clr__row *row,
                                 hq_time_us from)
{
    const hq_ref *ref = hq_reference_acquire(clearance->reference);
    hq_time_us end = hq_ref_term_end(ref, HQ_SV("NOT_PRESENTED"), row->office, from);
    hq_reference_release(clearance->reference, ref);
    return hq_clr__due_set(tx, row, HQ_SV("presenting/1"), end);
}

/* Presented by word, or checked, which is more. Empty: all of it was. */
static hq_sv missing(const hq_clr__row *row, const hq_clr__life *life)
{
    hq_sv checks = life->sections[HQ_CLR__CHECKS];
    bool documents = life->documents.at != 0 || checks.len > 0;
    bool goods = life->goods.at != 0 || hq_clr__section_has(checks, HQ_SV("\"check\":\"goods\""));
    if (row->status == HQ_DECLARATION_DOCUMENT_CHECK && !documents) {
        return HQ_SV("DOCUMENTS_NOT_PRESENTED");
    }
    return row->channel == HQ_CHANNEL_RED && !goods ? HQ_SV("GOODS_NOT_PRESENTED") : HQ_SV("");
}

hq_status hq_clr__not_presented(hq_clearance *clearance, hq_tx *tx, hq_clr__row *row, hq_sv which,
                                hq_time_us now)
{
    hq_arena *arena = hq_tx_arena(tx);
    hq_clr__life life;
    hq_sv id;
    cancelling x = { .clearance = clearance,
                     .tx = tx,
                     .row = row,
                     .life = &life,
                     .actor = HQ_SV("system"),
                     .at = now,
                     .arena = arena };
    (void)which;
    if (row->status != HQ_DECLARATION_DOCUMENT_CHECK && row->status != HQ_DECLARATION_GOODS_CHECK) {
        return HQ_DONE;
    }
    HQ_TRY(hq_clr__life_unpack(&life, row->life));
    hq_sv ground = missing(row, &life);
    if (ground.len == 0) {
        return HQ_DONE;
    }
    HQ_TRY(hq_clr__facts_of(&x.facts, tx, row, &life));
    if (x.facts.held) {
        return hq_clr__due_set(tx, row, HQ_SV("presenting/1"), now + AGAIN_US);
    }
    x.more = ground_member(ground, arena);
    hq_clr__decision decision = { .verb = HQ_VERB_CANCEL,
                                  .at = now,
                                  .by = HQ_SV("system"),
                                  .role = HQ_SV("system"),
                                  .status_before = row->status,
                                  .more = x.more };
    HQ_TRY(hq_clr__decision_add(&id, &life, &decision, arena));
    return do_cancel(&x);
}
