/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/facts.h"
#include "clearance/matters.h"
#include "clearance/proposals.h"
#include "clearance/verbs.h"

/* Another channel than the machine's, both ways, until the declaration is cleared. The machine's
 * decision stays as it was and goes on to replay; the change is a decision of a person, outside the
 * cap of inspections, and is kept in DECISIONS with what it was before. */

#define REASON_CHARS 2000

typedef struct {
    int to;
    hq_sv content, reason;
} channel_body;

static hq_sv name_of(int channel)
{
    return hq_sv_from_cstr(hq_channel_name((hq_channel)channel));
}

static hq_status already(hq_clr__change *c, int channel)
{
    hq_sv name = name_of(channel);
    c->explained = true;
    c->request->answer.why = (hq_why){
        .path = HQ_SV("/to"),
        .vi = hq_arena_printf(c->request->arena, "Tờ khai đang ở luồng %.*s", HQ_SV_FMT(name)),
        .en = hq_arena_printf(c->request->arena, "The channel of the declaration is %.*s already",
                              HQ_SV_FMT(name)),
    };
    return HQ_FAIL(CONFLICT);
}

static hq_sv members_of(int from, int to, hq_arena *arena)
{
    return hq_arena_printf(arena, "\"from\":\"%.*s\",\"to\":\"%.*s\",\"raised\":%s",
                           HQ_SV_FMT(name_of(from)), HQ_SV_FMT(name_of(to)),
                           to > from ? "true" : "false");
}

/* A stopped one needs its officer and the day by which papers and goods must be presented. */
static hq_status follow_up(hq_clr__change *c, hq_tx *tx, hq_clr__row *row, bool was_green)
{
    if (row->status == HQ_DECLARATION_CLEARED) {
        return hq_clr__after_clearing(c->clearance, tx, row, c->request->caller->id, c->at,
                                      c->request->arena);
    }
    if (was_green && row->status == HQ_DECLARATION_DOCUMENT_CHECK) {
        HQ_TRY(hq_clr__presenting_due(c->clearance, tx, row, c->at));
        return hq_clr__draw_officer(c->clearance, tx, row, c->draw, c->at, c->request->arena);
    }
    return HQ_DONE;
}

static hq_status change_channel(hq_clr__change *c, hq_tx *tx, hq_clr__row *row)
{
    const channel_body *b = c->body;
    hq_arena *arena = c->request->arena;
    int from = row->channel;
    hq_clr__life life;
    hq_clr__facts facts;
    hq_clr__ruling ruling;
    if (hq_clr__move_find(row->status, HQ_VERB_CHANNEL, NULL) == NULL) {
        return HQ_FAIL(CONFLICT);
    }
    if (from == b->to) {
        return already(c, from);
    }
    HQ_TRY(hq_clr__life_unpack(&life, row->life));
    if (b->to < from) {
        HQ_TRY(hq_clr__matters_ended(c, &life));
    }
    HQ_TRY(hq_clr__weigh(&ruling, c, tx, row, &life, &(hq_clr__wish){ b->content, b->reason }));
    if (!ruling.decides) {
        return HQ_DONE;
    }
    HQ_TRY(hq_clr__facts_of(&facts, tx, row, &life));
    facts.channel = (hq_channel)b->to;
    hq_sv more = members_of(from, b->to, arena);
    HQ_TRY(hq_clr__decided(&life, c, row, &ruling, b->reason, more));
    HQ_TRY(hq_clr__life_pack(&row->life, &life, arena));
    row->channel = b->to;
    hq_clr__step step = { .verb = HQ_VERB_CHANNEL,
                          .facts = facts,
                          .actor = c->request->caller->id,
                          .at = c->at,
                          .more = hq_clr__ruling_members(&ruling, more, arena) };
    HQ_TRY(hq_clr__row_move(row, tx, &step, arena));
    return follow_up(c, tx, row, from == HQ_CHANNEL_GREEN);
}

hq_status hq_clr__post_channel(hq_request *request, void *room)
{
    static const hq_clr__member members[] = { { "to", HQ_JSON_STRING },
                                              { "reason", HQ_JSON_STRING } };
    static const char *const channels[] = { "GREEN", "YELLOW", "RED" };
    hq_clr__change *c;
    hq_clr__form form;
    channel_body *b = HQ_NEW(request->arena, channel_body);
    if (b == NULL) {
        return HQ_FAIL(NOMEM);
    }
    HQ_TRY(hq_clr__change_new(&c, request, room, HQ_VERB_CHANNEL));
    HQ_TRY(hq_clr__form_open(&form, request, members, 2));
    int to = hq_clr__form_word(&form, "to", channels, 3, HQ_CLR__NEEDED);
    b->reason = hq_clr__form_text(&form, "reason", REASON_CHARS, HQ_CLR__NEEDED);
    HQ_TRY(hq_clr__form_close(&form));
    b->to = HQ_CHANNEL_GREEN + to;
    b->content = hq_arena_printf(request->arena, "{\"to\":\"%s\"}", channels[to]);
    c->body = b;
    return hq_clr__change_write(c, change_channel);
}
