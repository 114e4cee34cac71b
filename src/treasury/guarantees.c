/* SPDX-License-Identifier: Apache-2.0 */
#include "treasury/room.h"

/* What a bank does with its guarantees: register, extend, cancel. */

/* ------------------------------------------------------------------ register */

static hq_status differs(hq_arena *arena, hq_why *why, const char *field)
{
    hq_tre__why(
        why, hq_arena_printf(arena, "/%s", field),
        hq_arena_printf(arena, "Bảo lãnh số này đã đăng ký với nội dung khác ở %s", field),
        hq_arena_printf(arena, "A guarantee of this number is registered with another %s", field));
    return HQ_FAIL(CONFLICT);
}

static hq_status same_guarantee(const hq_tre__guarantee *have, const hq_guarantee_new *want,
                                hq_arena *arena, hq_why *why)
{
    if (have->general != want->general) {
        return differs(arena, why, "kind");
    }
    if (!hq_sv_eq(have->tax_code, want->tax_code)) {
        return differs(arena, why, "tax_code");
    }
    if ((have->named ? have->declaration : 0) != want->declaration) {
        return differs(arena, why, "declaration");
    }
    if (have->limit_vnd != want->limit_vnd) {
        return differs(arena, why, "limit_vnd");
    }
    if (have->valid_from != want->valid_from) {
        return differs(arena, why, "valid_from");
    }
    return have->first_valid_to == want->valid_to ? HQ_DONE : differs(arena, why, "valid_to");
}

static hq_status insert_new(hq_sv *id, hq_tx *tx, const hq_guarantee_new *want, hq_why *why)
{
    hq_arena *arena = hq_tx_arena(tx);
    hq_buf text = HQ_BUF_ARENA(arena, 64);
    hq_id made;
    bool inserted;
    hq_id_make(&made, hq_tx_now(tx));
    hq_id_write(&text, &made);
    HQ_TRY(hq_buf_status(&text));
    hq_tre__guarantee g = {
        .id = hq_buf_view(&text),
        .bank = want->bank,
        .number = want->number,
        .general = want->general,
        .tax_code = want->tax_code,
        .declaration = want->declaration,
        .named = want->declaration != 0,
        .limit_vnd = want->limit_vnd,
        .valid_from = want->valid_from,
        .valid_to = want->valid_to,
        .first_valid_to = want->valid_to,
        .version = 1,
        .registered_at = hq_tx_now(tx),
    };
    HQ_TRY(hq_tre__guarantee_insert(&inserted, tx, &g));
    if (!inserted) {
        hq_tre__why(why, HQ_SV("/number"),
                    HQ_SV("Doanh nghiệp này đã có bảo lãnh cùng số của ngân hàng khác"),
                    HQ_SV("This trader has a guarantee of the same number from another bank"));
        return HQ_FAIL(CONFLICT);
    }
    *id = g.id;
    hq_sv more = hq_arena_printf(arena, "\"kind\":\"%s\",\"limit_vnd\":%lld",
                                 g.general ? "general" : "individual", (long long)g.limit_vnd);
    return hq_tre__guarantee_event(tx, &g, "guarantee.registered", more, want->actor);
}

hq_status hq_guarantee_register(hq_sv *id, bool *repeated, hq_tx *tx, const hq_guarantee_new *want,
                                hq_why *why)
{
    hq_tre__guarantee have;
    *repeated = false;
    if (want->limit_vnd <= 0 || want->valid_to < want->valid_from ||
        (want->general && want->declaration != 0)) {
        hq_tre__why(why, HQ_SV(""),
                    HQ_SV("Hạn mức, thời hạn hoặc tờ khai của bảo lãnh không hợp lệ"),
                    HQ_SV("Limit, validity or declaration of the guarantee is not valid"));
        return HQ_FAIL(INVALID);
    }
    hq_status s = hq_tre__guarantee_by_bank(&have, tx, want->bank, want->number);
    if (s.code == HQ_E_NOT_FOUND) {
        return insert_new(id, tx, want, why);
    }
    HQ_TRY(s);
    *repeated = true;
    *id = have.id;
    return same_guarantee(&have, want, hq_tx_arena(tx), why);
}

/* ------------------------------------------------------------------ extend, cancel */

hq_status hq_tre__guarantee_extend(hq_tre__guarantee *g, hq_tx *tx, hq_day valid_to, hq_sv actor,
                                   hq_why *why)
{
    if (g->cancelled) {
        hq_tre__why(why, HQ_SV(""), HQ_SV("Bảo lãnh đã hủy, không gia hạn được: hãy đăng ký mới"),
                    HQ_SV("The guarantee is cancelled and cannot be extended: register a new one"));
        return HQ_FAIL(CONFLICT);
    }
    if (valid_to == g->valid_to) {
        return HQ_DONE;
    }
    if (valid_to < g->valid_to) {
        hq_tre__why(why, HQ_SV("/valid_to"), HQ_SV("Ngày hết hạn mới phải sau ngày hiện tại"),
                    HQ_SV("The new end must be after the present one"));
        return HQ_FAIL(INVALID);
    }
    hq_arena *arena = hq_tx_arena(tx);
    hq_buf more = HQ_BUF_ARENA(arena, 128);
    g->valid_to = valid_to;
    g->version++;
    hq_buf_lit(&more, "\"valid_to\":\"");
    hq_day_write(&more, valid_to);
    hq_buf_lit(&more, "\"");
    HQ_TRY(hq_buf_status(&more));
    HQ_TRY(hq_tre__guarantee_update(tx, g));
    return hq_tre__guarantee_event(tx, g, "guarantee.extended", hq_buf_view(&more), actor);
}

hq_status hq_tre__guarantee_cancel(hq_tre__guarantee *g, hq_tx *tx, hq_sv actor, hq_why *why)
{
    if (g->cancelled) {
        return HQ_DONE;
    }
    if (g->reserved_vnd > 0) {
        long long held = (long long)g->reserved_vnd;
        hq_arena *arena = hq_tx_arena(tx);
        hq_tre__why(why, HQ_SV("/reserved_vnd"),
                    hq_arena_printf(
                        arena, "Bảo lãnh đang giữ %lld đồng thuế chưa nộp, chưa hủy được", held),
                    hq_arena_printf(arena,
                                    "The guarantee holds %lld dong of unpaid tax and cannot be "
                                    "cancelled yet",
                                    held));
        return HQ_FAIL(CONFLICT);
    }
    g->cancelled = true;
    g->version++;
    HQ_TRY(hq_tre__guarantee_update(tx, g));
    return hq_tre__guarantee_event(tx, g, "guarantee.cancelled", HQ_SV(""), actor);
}
