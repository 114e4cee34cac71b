/* SPDX-License-Identifier: Apache-2.0 */
#include "treasury/room.h"

/* Covering a declaration's taxes by a guarantee: reserved at registration, lowered as the debt is
 * paid, restored on cancellation. Room is read inside the transaction, and the update repeats the
 * limit as its condition. */

typedef struct {
    const char *individual, *general; /* VNACCS codes, NULL where there is none */
    const char *vi, *en;
} refusal;

static const refusal missing = {
    "E7000", "E7021", "Không có bảo lãnh số này cho doanh nghiệp: kiểm tra số và loại bảo lãnh",
    "This trader has no guarantee of that number and kind: check number and payment term"
};
static const refusal other_declaration = { "E7001", NULL,
                                           "Bảo lãnh riêng này dành cho tờ khai khác",
                                           "This individual guarantee is for another declaration" };
static const refusal cancelled = { "E7006", "E7022", "Ngân hàng đã hủy bảo lãnh này",
                                   "The bank has cancelled this guarantee" };
static const refusal too_early = { "E7007", "E7023", "Bảo lãnh chưa có hiệu lực",
                                   "The guarantee is not yet valid" };
static const refusal expired = { "E7008", "E7024", "Bảo lãnh đã hết hạn: đề nghị ngân hàng gia hạn",
                                 "The guarantee has expired: ask the bank to extend it" };

static hq_status refuse(const refusal *r, const hq_cover_ask *ask, const char **rule, hq_why *why)
{
    *rule = ask->term == 'B' ? r->general : r->individual;
    hq_tre__why(why, HQ_SV("/payment/guarantee"), hq_sv_from_cstr(r->vi), hq_sv_from_cstr(r->en));
    return HQ_FAIL(INVALID);
}

static hq_status refuse_room(const hq_tre__guarantee *g, const hq_cover_ask *ask, hq_arena *arena,
                             const char **rule, hq_why *why)
{
    long long room = (long long)(g->limit_vnd - g->reserved_vnd);
    long long wanted = (long long)ask->amount_vnd;
    *rule = g->general ? "E7025" : "E7009";
    hq_tre__why(
        why, HQ_SV("/payment/guarantee"),
        hq_arena_printf(arena, "Số dư bảo lãnh còn %lld đồng, cần %lld đồng", room, wanted),
        hq_arena_printf(arena, "The guarantee has %lld dong left, %lld are needed", room, wanted));
    return HQ_FAIL(INVALID);
}

/* ------------------------------------------------------------------ term C */

static hq_status cover_deferred(hq_treasury *treasury, const hq_cover_ask *ask, const char **rule,
                                hq_why *why)
{
    const hq_ref *ref = hq_reference_acquire(treasury->reference);
    const hq_enterprise_row *row = hq_ref_enterprise(ref, ask->tax_code);
    bool priority = row != NULL && row->compliance == 1;
    hq_reference_release(treasury->reference, ref);
    if (priority) {
        return HQ_DONE;
    }
    *rule = "H7050";
    hq_tre__why(
        why, HQ_SV("/payment/term"),
        HQ_SV("Chỉ doanh nghiệp ưu tiên được nộp thuế sau không cần bảo lãnh (mã C): chọn A, "
              "B hoặc D"),
        HQ_SV("Only priority enterprises may pay later without a guarantee (term C): "
              "choose A, B or D"));
    return HQ_FAIL(INVALID);
}

/* ------------------------------------------------------------------ terms A and B */

static hq_status check_guarantee(const hq_tre__guarantee *g, const hq_cover_ask *ask,
                                 hq_arena *arena, const char **rule, hq_why *why)
{
    if (g->general != (ask->term == 'B')) {
        return refuse(&missing, ask, rule, why);
    }
    if (g->cancelled) {
        return refuse(&cancelled, ask, rule, why);
    }
    if (ask->day < g->valid_from) {
        return refuse(&too_early, ask, rule, why);
    }
    if (ask->day > g->valid_to) {
        return refuse(&expired, ask, rule, why);
    }
    if (!g->general && g->declaration != 0 && g->declaration != ask->declaration) {
        return refuse(&other_declaration, ask, rule, why);
    }
    if (g->limit_vnd - g->reserved_vnd < ask->amount_vnd) {
        return refuse_room(g, ask, arena, rule, why);
    }
    return HQ_DONE;
}

/* The reservation row to write over, holding nothing: asked again for the same declaration, the new
 * amount takes the place of the old. */
static hq_status free_row(hq_tre__reservation *r, hq_tx *tx, const hq_cover_ask *ask)
{
    hq_status s = hq_tre__reservation_get(r, tx, ask->declaration);
    if (s.code == HQ_E_NOT_FOUND) {
        *r = (hq_tre__reservation){ .declaration = ask->declaration };
        return HQ_DONE;
    }
    HQ_TRY(s);
    if (r->held_vnd == 0) {
        return HQ_DONE;
    }
    HQ_TRY(hq_tre__cover_lower(tx, ask->declaration, 0, true, "guarantee.restored", ask->actor));
    return hq_tre__reservation_get(r, tx, ask->declaration);
}

static hq_status hold(hq_tre__guarantee *g, hq_tre__reservation *r, hq_tx *tx,
                      const hq_cover_ask *ask)
{
    r->guarantee = g->id;
    r->held_vnd = ask->amount_vnd;
    r->version++;
    g->reserved_vnd += ask->amount_vnd;
    g->version++;
    if (!g->general) {
        g->declaration = ask->declaration;
    }
    HQ_TRY(hq_tre__guarantee_update(tx, g));
    HQ_TRY(hq_tre__reservation_put(tx, r));
    hq_sv more = hq_arena_printf(hq_tx_arena(tx), "\"declaration\":\"%lld\",\"held_vnd\":%lld",
                                 (long long)ask->declaration, (long long)ask->amount_vnd);
    return hq_tre__guarantee_event(tx, g, "guarantee.reserved", more, ask->actor);
}

hq_status hq_cover_reserve(hq_treasury *treasury, hq_tx *tx, const hq_cover_ask *ask,
                           const char **rule, hq_why *why)
{
    hq_tre__guarantee g;
    hq_tre__reservation held;
    *rule = "";
    if (ask->amount_vnd < 0 || (ask->term != 'A' && ask->term != 'B' && ask->term != 'C')) {
        return HQ_FAIL(USAGE);
    }
    if (ask->amount_vnd == 0) {
        return HQ_DONE;
    }
    if (ask->term == 'C') {
        return cover_deferred(treasury, ask, rule, why);
    }
    HQ_TRY(free_row(&held, tx, ask));
    hq_status s = hq_tre__guarantee_by_trader(&g, tx, ask->tax_code, ask->guarantee);
    if (s.code == HQ_E_NOT_FOUND) {
        return refuse(&missing, ask, rule, why);
    }
    HQ_TRY(s);
    HQ_TRY(check_guarantee(&g, ask, hq_tx_arena(tx), rule, why));
    return hold(&g, &held, tx, ask);
}

/* ------------------------------------------------------------------ lowering */

hq_status hq_tre__cover_lower(hq_tx *tx, int64_t declaration, int64_t keep_vnd, bool unbind,
                              const char *kind, hq_sv actor)
{
    hq_tre__reservation r;
    hq_tre__guarantee g;
    hq_status s = hq_tre__reservation_get(&r, tx, declaration);
    if (s.code == HQ_E_NOT_FOUND || (hq_ok(s) && r.held_vnd <= keep_vnd)) {
        return HQ_DONE;
    }
    HQ_TRY(s);
    HQ_TRY(hq_tre__guarantee_get(&g, tx, r.guarantee));
    int64_t freed = r.held_vnd - keep_vnd;
    g.reserved_vnd -= freed;
    g.version++;
    if (unbind && !g.general && !g.named) {
        g.declaration = 0;
    }
    r.held_vnd = keep_vnd;
    r.version++;
    HQ_TRY(hq_tre__guarantee_update(tx, &g));
    HQ_TRY(hq_tre__reservation_put(tx, &r));
    hq_sv more = hq_arena_printf(hq_tx_arena(tx), "\"declaration\":\"%lld\",\"freed_vnd\":%lld",
                                 (long long)declaration, (long long)freed);
    return hq_tre__guarantee_event(tx, &g, kind, more, actor);
}

hq_status hq_cover_restore(hq_treasury *treasury, hq_tx *tx, int64_t declaration, hq_sv actor)
{
    (void)treasury;
    return hq_tre__cover_lower(tx, declaration, 0, true, "guarantee.restored", actor);
}
