/* SPDX-License-Identifier: Apache-2.0 */
#include "notice/room.h"

/* The follower: each event that a declarant may hear becomes a delivery of every webhook that asked
 * for it, and of some kinds a notice for the enterprises named in it. Cursor and rows commit
 * together, so each event is taken exactly once. */

static hq_status put_notices(hq_tx *tx, const hq_notice_kind *kind, const hq_event *event,
                             const hq_json *payload)
{
    hq_arena *arena = hq_tx_arena(tx);
    hq_sv number = hq_json_get_text(payload, "number");
    hq_sv trader = hq_json_get_text(payload, "trader"), agent = hq_json_get_text(payload, "agent");
    hq_notice_new n = {
        .role = hq_sv_from_cstr(hq_role_name(HQ_ROLE_DECLARANT)),
        .kind = event->kind,
        .subject = event->subject,
        .vi = hq_notice__sentence(arena, kind->vi, number),
        .en = hq_notice__sentence(arena, kind->en, number),
    };
    n.tax_code = trader;
    if (trader.len > 0) {
        HQ_TRY(hq_notice__put_at(tx, &n, event->at));
    }
    n.tax_code = agent;
    return agent.len > 0 && !hq_sv_eq(agent, trader) ? hq_notice__put_at(tx, &n, event->at)
                                                     : HQ_DONE;
}

static hq_status take_one(hq_tx *tx, const hq_event_view *view, const hq_hook *hooks,
                          size_t hook_count)
{
    const hq_notice_kind *kind = hq_notice__kind_of(view->event.kind);
    const hq_json *payload;
    if (kind == NULL || (hook_count == 0 && !kind->notice)) {
        return HQ_DONE;
    }
    /* An event whose payload is no JSON object concerns nobody. */
    if (hq_failed(hq_json_parse_copy(&payload, view->event.payload, hq_tx_arena(tx), NULL))) {
        return HQ_DONE;
    }
    for (size_t i = 0; i < hook_count; i++) {
        if (hq_notice__wanted(&hooks[i], view->event.kind) &&
            hq_notice__concerns(payload, hooks[i].tax_code)) {
            HQ_TRY(hq_notice__queue(tx, &hooks[i].id, view->position));
        }
    }
    return kind->notice ? put_notices(tx, kind, &view->event, payload) : HQ_DONE;
}

hq_status hq_notice__take(hq_tx *tx, const hq_event_view *events, size_t count, void *user)
{
    hq_hook *hooks;
    size_t hook_count;
    (void)user; /* nothing but rows: the follower may outlive the room until the store closes */
    HQ_TRY(hq_notice__hooks_heard(&hooks, &hook_count, tx, hq_tx_arena(tx)));
    for (size_t i = 0; i < count; i++) {
        HQ_TRY(take_one(tx, &events[i], hooks, hook_count));
    }
    return HQ_DONE;
}
