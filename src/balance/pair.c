/* SPDX-License-Identifier: Apache-2.0 */
#include "balance/room.h"

/* On-the-spot export and import: goods that never leave the country. The import names the export,
 * opens the account of both and draws it whole, so that each export is taken once. */

static void pair_fault(const hq_bal__plan *plan, hq_bal__fault fault, const hq_sv *args,
                       size_t count)
{
    hq_bal__fault_add(plan->faults, HQ_ACCOUNT_ON_THE_SPOT, fault, HQ_SV("/linked_declaration"),
                      hq_bal__json_text(plan->arena, plan->claim->linked), args, count);
}

static bool kind_among(hq_sv kind, hq_sv kinds)
{
    hq_sv rest = kinds;
    while (kinds.len > 0 && rest.ptr != NULL) {
        if (hq_sv_eq(hq_sv_trim(hq_sv_cut(&rest, ';')), kind)) {
            return true;
        }
    }
    return kinds.len == 0;
}

/* May the export be the other half at all? */
static bool may_pair(const hq_bal__plan *plan, const hq_balance_kind_row *row)
{
    const hq_balance_claim *claim = plan->claim;
    const hq_balance_claim *partner = claim->partner;
    if (partner == NULL || partner->flow == claim->flow) {
        pair_fault(plan, HQ_BAL__F_MISSING, HQ_BAL__ARGS(claim->linked));
        return false;
    }
    if (!kind_among(partner->kind, row->opened_by)) {
        pair_fault(plan, HQ_BAL__F_OPENED_BY,
                   HQ_BAL__ARGS(claim->kind, row->opened_by, partner->kind));
        return false;
    }
    if (!partner->cleared) {
        pair_fault(plan, HQ_BAL__F_STATE, HQ_BAL__ARGS(claim->linked));
        return false;
    }
    if (partner->counterpart.len > 0 && !hq_sv_eq(partner->counterpart, claim->trader)) {
        pair_fault(plan, HQ_BAL__F_HOLDER, HQ_BAL__ARGS(claim->linked));
        return false;
    }
    if (partner->line_count != claim->line_count) {
        pair_fault(plan, HQ_BAL__F_LINES,
                   HQ_BAL__ARGS(claim->linked,
                                hq_arena_printf(plan->arena, "%zu", partner->line_count),
                                hq_arena_printf(plan->arena, "%zu", claim->line_count)));
        return false;
    }
    return true;
}

static void line_fault(const hq_bal__plan *plan, size_t i, const char *member, hq_bal__fault fault,
                       hq_sv seen, hq_sv theirs)
{
    hq_bal__fault_add(
        plan->faults, HQ_ACCOUNT_ON_THE_SPOT, fault,
        hq_arena_printf(plan->arena, "/lines/%zu/%s", i, member),
        hq_bal__json_text(plan->arena, seen),
        HQ_BAL__ARGS(hq_arena_printf(plan->arena, "%zu", i + 1), plan->claim->linked, theirs));
}

static hq_sv decimal_text(hq_arena *arena, hq_decimal v)
{
    hq_buf buf = HQ_BUF_ARENA(arena, 64);
    hq_decimal_write(&buf, hq_decimal_trim(v));
    return hq_buf_view(&buf);
}

/* Values of one currency agree within one unit of it, like price times quantity (R1088). */
static bool same_value(const hq_decimal *a, const hq_decimal *b)
{
    hq_decimal low;
    hq_decimal one = { 1, 0 };
    hq_decimal most = hq_decimal_cmp(*a, *b) > 0 ? *a : *b;
    hq_decimal least = hq_decimal_cmp(*a, *b) > 0 ? *b : *a;
    return hq_ok(hq_decimal_add(&low, least, one)) && hq_decimal_cmp(most, low) <= 0;
}

static void compare_lines(const hq_bal__plan *plan, size_t i)
{
    const hq_balance_line *own = &plan->claim->lines[i];
    const hq_balance_line *theirs = &plan->claim->partner->lines[i];
    hq_arena *arena = plan->arena;
    char one[4];
    char two[4];
    if (!hq_sv_eq(own->hs, theirs->hs)) {
        line_fault(plan, i, "hs", HQ_BAL__F_HS, own->hs, theirs->hs);
    }
    if (own->unit != theirs->unit) {
        line_fault(plan, i, "quantity/unit", HQ_BAL__F_UNIT, hq_code4_text(one, own->unit),
                   hq_code4_text(two, theirs->unit));
    } else if (hq_decimal_cmp(own->quantity, theirs->quantity) != 0) {
        line_fault(plan, i, "quantity/amount", HQ_BAL__F_QUANTITY,
                   decimal_text(arena, own->quantity), decimal_text(arena, theirs->quantity));
    }
    bool same = plan->claim->currency == plan->claim->partner->currency &&
                same_value(&own->value, &theirs->value);
    if (!same) {
        char currency[4];
        hq_sv value = decimal_text(arena, theirs->value);
        hq_sv of = hq_code4_text(currency, plan->claim->partner->currency);
        line_fault(plan, i, "invoice_value", HQ_BAL__F_VALUE, decimal_text(arena, own->value),
                   hq_arena_printf(arena, "%.*s %.*s", HQ_SV_FMT(value), HQ_SV_FMT(of)));
    }
}

static hq_status pair_account(hq_bal__account **out, hq_bal__plan *plan)
{
    hq_bal__account account;
    const hq_balance_claim *partner = plan->claim->partner;
    hq_sv number = hq_bal__declaration_text(plan->arena, partner->declaration);
    hq_sv own = hq_bal__declaration_text(plan->arena, plan->claim->declaration);
    hq_status s = hq_bal__account_find(&account, plan->tx, HQ_ACCOUNT_ON_THE_SPOT, number,
                                       partner->trader, plan->arena);
    if (s.code == HQ_E_NOT_FOUND) {
        s = hq_bal__make_opened(&account, plan, partner, HQ_ACCOUNT_ON_THE_SPOT);
        account.state = HQ_BAL__REGISTERED;
    }
    HQ_TRY(s);
    if (account.partner.len > 0 && !hq_sv_eq(account.partner, own)) {
        pair_fault(plan, HQ_BAL__F_TAKEN, HQ_BAL__ARGS(plan->claim->linked, account.partner));
    }
    *out = hq_bal__plan_account(plan, &account);
    return *out == NULL ? HQ_FAIL(NOMEM) : HQ_DONE;
}

/* The import opens the account with the lines of both and draws them whole. */
static hq_status take_pair(hq_bal__plan *plan)
{
    hq_bal__account *account;
    HQ_TRY(pair_account(&account, plan));
    HQ_TRY(hq_bal__open_lines(plan, account));
    for (size_t i = 0; i < plan->step_count; i++) {
        hq_bal__step *step = plan->step_list[i];
        if (step->account == account) {
            step->want[HQ_BAL__DRAWN] = step->want[HQ_BAL__OPENED];
        }
    }
    return HQ_DONE;
}

/* An export that was taken stays as it was: what the import agreed with may not change. */
static hq_status check_taken(hq_bal__plan *plan)
{
    hq_bal__account account;
    hq_bal__line *lines;
    size_t count;
    hq_status s = hq_bal__opened_before(&account, plan, HQ_ACCOUNT_ON_THE_SPOT);
    if (s.code == HQ_E_NOT_FOUND || (hq_ok(s) && account.partner.len == 0)) {
        return HQ_DONE;
    }
    HQ_TRY(s);
    HQ_TRY(hq_bal__lines_of(&lines, &count, plan->tx, account.id, plan->arena));
    bool same = count == plan->claim->line_count;
    for (size_t i = 0; same && i < count; i++) {
        hq_bal__line now = hq_bal__line_of(plan->arena, &plan->claim->lines[i], i);
        int64_t quantity = 0;
        same = hq_bal__scaled(&quantity, plan->claim->lines[i].quantity) &&
               quantity == lines[i].drawn && hq_sv_eq(now.hs, lines[i].hs) &&
               hq_sv_eq(now.unit, lines[i].unit);
    }
    if (!same) {
        hq_bal__fault_add(plan->faults, HQ_ACCOUNT_ON_THE_SPOT, HQ_BAL__F_DRAWN, HQ_SV("/lines"),
                          HQ_SV(""), HQ_BAL__ARGS(account.partner));
    }
    return HQ_DONE;
}

hq_status hq_bal__plan_pair(hq_bal__plan *plan, const hq_balance_kind_row *rows[], size_t count)
{
    const hq_balance_kind_row *draw = NULL;
    bool opens = false;
    for (size_t i = 0; i < count; i++) {
        bool pairs = rows[i]->account == HQ_ACCOUNT_ON_THE_SPOT;
        draw = pairs && rows[i]->direction == HQ_BALANCE_DRAW ? rows[i] : draw;
        opens |= pairs && rows[i]->direction == HQ_BALANCE_OPEN;
    }
    if (opens) {
        HQ_TRY(check_taken(plan));
    }
    if (plan->claim->linked.len == 0) {
        return HQ_DONE;
    }
    if (draw == NULL) {
        pair_fault(plan, HQ_BAL__F_DIRECTION, HQ_BAL__ARGS(plan->claim->kind));
        return HQ_DONE;
    }
    if (!may_pair(plan, draw)) {
        return HQ_DONE;
    }
    size_t before = plan->faults->count;
    for (size_t i = 0; i < plan->claim->line_count; i++) {
        compare_lines(plan, i);
    }
    return plan->faults->count > before ? HQ_DONE : take_pair(plan);
}
