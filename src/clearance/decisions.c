/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/elements.h"
#include "clearance/proposals.h"

/* What was decided about a declaration, by whom and for whom, oldest first: the section DECISIONS.
 */

hq_status hq_clr__decision_add(hq_sv *id, hq_clr__life *life, const hq_clr__decision *d,
                               hq_arena *arena)
{
    hq_id made;
    hq_buf name = HQ_BUF_ARENA(arena, 64);
    hq_buf text = HQ_BUF_ARENA(arena, 65536);
    hq_json_w w = hq_json_writer(&text);
    hq_id_make(&made, d->at);
    hq_id_write(&name, &made);
    hq_json_open(&w, '{');
    HQ_JSON_KEY(&w, "id");
    hq_json_text(&w, hq_buf_view(&name));
    HQ_JSON_KEY(&w, "verb");
    hq_json_text(&w, hq_sv_from_cstr(hq_clr__verbs[d->verb].path));
    HQ_JSON_KEY(&w, "at");
    hq_json_time(&w, d->at);
    HQ_JSON_KEY(&w, "by");
    hq_json_text(&w, d->by);
    HQ_JSON_KEY(&w, "role");
    hq_json_text(&w, d->role);
    HQ_JSON_KEY(&w, "for");
    hq_clr__put_text(&w, d->on_behalf);
    HQ_JSON_KEY(&w, "proposal");
    hq_clr__put_text(&w, d->proposal);
    HQ_JSON_KEY(&w, "proposed_by");
    hq_clr__put_text(&w, d->proposed_by);
    HQ_JSON_KEY(&w, "reason");
    hq_clr__put_text(&w, d->reason);
    HQ_JSON_KEY(&w, "status_before");
    hq_json_text(&w, hq_sv_from_cstr(hq_declaration_status_name(d->status_before)));
    if (d->more.len > 0) {
        hq_buf_char(&text, ',');
        hq_buf_sv(&text, d->more);
    }
    hq_buf_char(&text, '}');
    HQ_TRY(hq_buf_status(&text));
    *id = hq_buf_view(&name);
    return hq_clr__array_add(&life->sections[HQ_CLR__DECISIONS], hq_buf_view(&text), arena);
}

hq_status hq_clr__decided(hq_clr__life *life, const hq_clr__change *c, const hq_clr__row *row,
                          const hq_clr__ruling *ruling, hq_sv reason, hq_sv more)
{
    const hq_caller *caller = c->request->caller;
    hq_sv id;
    hq_clr__decision d = { .verb = c->verb,
                           .at = c->at,
                           .by = caller->id,
                           .role = hq_sv_from_cstr(hq_role_name(caller->role)),
                           .on_behalf = ruling->on_behalf,
                           .proposal = ruling->proposal,
                           .proposed_by = ruling->proposed_by,
                           .reason = reason,
                           .status_before = row->status,
                           .more = more };
    return hq_clr__decision_add(&id, life, &d, c->request->arena);
}

hq_sv hq_clr__ruling_members(const hq_clr__ruling *ruling, hq_sv more, hq_arena *arena)
{
    hq_buf text = HQ_BUF_ARENA(arena, 65536);
    hq_json_w w = hq_json_writer(&text);
    if (ruling->proposal.len > 0) {
        HQ_JSON_KEY(&w, "proposal");
        hq_json_text(&w, ruling->proposal);
    }
    if (ruling->on_behalf.len > 0) {
        HQ_JSON_KEY(&w, "for");
        hq_json_text(&w, ruling->on_behalf);
    }
    if (more.len > 0) {
        hq_buf_printf(&text, "%s%.*s", text.len > 0 ? "," : "", HQ_SV_FMT(more));
    }
    return hq_buf_view(&text);
}
