/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/acts.h"

/* Kinds of events of this room; payloads hold no secret and no name.
 *
 *   user.added user.disabled user.enabled user.roster_changed user.password_changed
 *   user.password_reset user.totp_offered user.totp_confirmed user.totp_removed
 *   key.added key.revoked key.roster_changed
 *   session.opened session.closed session.revoked session.refused
 *   approval.asked approval.given approval.expired
 *   delegation.given delegation.ended
 *   personal_data.read */

hq_status hq_identity__event(hq_tx *tx, const hq_identity__act *act)
{
    hq_hash32 hash;
    hq_event event = {
        .office = act->office,
        .room = HQ_SV("identity"),
        .kind = hq_sv_from_cstr(act->kind),
        .subject = act->subject,
        .version = act->version,
        .actor = act->actor.len == 0 ? HQ_SV("system") : act->actor,
        .payload = act->payload.len == 0 ? HQ_SV("{}") : act->payload,
    };
    if (act->hashed) {
        HQ_TRY(hq_identity__row_hash(&hash, tx, act->subject));
        event.row_hash = &hash;
    }
    return hq_tx_event(tx, &event, NULL);
}

static void member(hq_json_w *json, hq_sv name, hq_sv value)
{
    if (value.len > 0) {
        hq_json_key_sv(json, name);
        hq_json_text(json, value);
    }
}

hq_sv hq_identity__scope_payload(hq_sv role, hq_sv office, hq_sv tax_code, hq_sv bank,
                                 hq_arena *arena)
{
    hq_buf out = HQ_BUF_ARENA(arena, 1024);
    hq_json_w json = hq_json_writer(&out);
    hq_json_open(&json, '{');
    member(&json, HQ_SV("role"), role);
    member(&json, HQ_SV("office"), office);
    member(&json, HQ_SV("tax_code"), tax_code);
    member(&json, HQ_SV("bank"), bank);
    hq_json_close(&json, '}');
    return hq_ok(hq_buf_status(&out)) ? hq_buf_view(&out) : HQ_SV("{}");
}
