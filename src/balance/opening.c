/* SPDX-License-Identifier: Apache-2.0 */
#include "balance/room.h"

/* Accounts that declarations open: temporary goods and bonded stock, which may be drawn from once
 * the declaration is cleared. And the way back. */

/* ------------------------------------------------------------------ how long */

static hq_day days_in_month(int year, int month)
{
    return month == 12 ? 31
                       : hq_day_from_civil(year, month + 1, 1) - hq_day_from_civil(year, month, 1);
}

static hq_day last_day(hq_day from, int64_t stay, hq_term_unit unit)
{
    int year;
    int month;
    int day;
    if (unit != HQ_TERM_MONTHS) {
        return from + (hq_day)stay;
    }
    hq_day_to_civil(from, &year, &month, &day);
    int months = year * 12 + month - 1 + (int)stay;
    year = months / 12;
    month = months % 12 + 1;
    hq_day most = days_in_month(year, month);
    return hq_day_from_civil(year, month, day < most ? day : (int)most);
}

static hq_sv day_text(hq_arena *arena, hq_day day)
{
    hq_buf buf = HQ_BUF_ARENA(arena, 16);
    hq_day_write(&buf, day);
    return hq_buf_view(&buf);
}

static hq_sv limit_path(const hq_balance_claim *claim)
{
    return claim->flow == HQ_FLOW_IMPORT ? HQ_SV("/reexport_limit") : HQ_SV("/reimport_limit");
}

/* The limit that temporary goods state: needed where no term of law stands for it, and not
 * beyond that term. (One that is past is E1111 among the checks of days.) */
static void check_limit(const hq_bal__plan *plan, const hq_balance_kind_row *row)
{
    const hq_balance_claim *claim = plan->claim;
    hq_sv seen = hq_bal__json_text(plan->arena, day_text(plan->arena, claim->return_limit));
    if (row->account != HQ_ACCOUNT_TEMPORARY) {
        return;
    }
    if (claim->return_limit == 0) {
        if (row->term.len == 0) {
            hq_bal__fault_add(plan->faults, row->account, HQ_BAL__F_LIMIT_NEEDED, limit_path(claim),
                              HQ_SV(""), HQ_BAL__ARGS(claim->kind));
        }
        return;
    }
    hq_day latest = hq_ref_term_last_day(plan->ref, row->term, claim->day);
    if (row->term.len > 0 && claim->return_limit > latest) {
        hq_bal__fault_add(plan->faults, row->account, HQ_BAL__F_LIMIT_LONG, limit_path(claim), seen,
                          HQ_BAL__ARGS(day_text(plan->arena, latest)));
    }
}

/* ------------------------------------------------------------------ a new one */

static hq_status new_id(hq_sv *out, hq_tx *tx, hq_arena *arena)
{
    hq_id id;
    hq_buf text = HQ_BUF_ARENA(arena, 64);
    hq_id_make(&id, hq_tx_now(tx));
    hq_id_write(&text, &id);
    *out = hq_buf_view(&text);
    return hq_buf_status(&text);
}

static hq_sv words_of(hq_arena *arena, hq_sv number, hq_sv opened_by)
{
    hq_sv folded;
    hq_sv text = hq_arena_printf(arena, "%.*s %.*s", HQ_SV_FMT(number), HQ_SV_FMT(opened_by));
    return hq_ok(hq_fold(&folded, arena, text)) ? folded : HQ_SV("");
}

hq_status hq_bal__make_opened(hq_bal__account *out, const hq_bal__plan *plan,
                              const hq_balance_claim *of, hq_account_kind kind)
{
    *out = (hq_bal__account){
        .kind = kind,
        .number = hq_bal__declaration_text(plan->arena, of->declaration),
        .holder = of->trader,
        .agent = of->agent,
        .office = of->office,
        .declaration = of->declaration,
        .opened_by = of->kind,
        .warehouse = HQ_SV(""),
        .partner = HQ_SV(""),
        .title = HQ_SV(""),
        .legal_ground = HQ_SV(""),
        .valid_from = of->day,
        .valid_to = HQ_DAY_OPEN,
        .first_valid_to = HQ_DAY_OPEN,
        .term = HQ_SV(""),
        .amendment = HQ_SV(""),
        .reason = HQ_SV(""),
        .decided_by = HQ_SV(""),
        .created_by = plan->claim->actor,
        .fresh = true,
    };
    out->words = words_of(plan->arena, out->number, of->kind);
    return new_id(&out->id, plan->tx, plan->arena);
}

static hq_status make_opened(hq_bal__account *out, const hq_bal__plan *plan,
                             const hq_balance_kind_row *row)
{
    const hq_balance_claim *claim = plan->claim;
    const hq_term_row *term =
        row->term.len == 0 ? NULL : hq_ref_term(plan->ref, row->term, claim->day);
    HQ_TRY(hq_bal__make_opened(out, plan, claim, row->account));
    if (row->account == HQ_ACCOUNT_BONDED) {
        out->warehouse = claim->warehouse;
    }
    if (claim->return_limit != 0) {
        out->valid_to = claim->return_limit;
        out->first_valid_to = claim->return_limit;
    }
    if (term != NULL) {
        out->term = row->term;
        out->stay = term->amount;
        out->stay_unit = term->unit;
    }
    return HQ_DONE;
}

/* The one that this declaration opened before; NOT_FOUND. */
hq_status hq_bal__opened_before(hq_bal__account *out, const hq_bal__plan *plan,
                                hq_account_kind kind)
{
    hq_bal__account *accounts;
    size_t count;
    if (plan->claim->declaration == 0) {
        return HQ_FAIL(NOT_FOUND);
    }
    HQ_TRY(hq_bal__accounts_of(&accounts, &count, plan->tx, plan->claim->declaration, plan->arena));
    for (size_t i = 0; i < count; i++) {
        if (accounts[i].kind == kind && accounts[i].state != HQ_BAL__CANCELLED) {
            *out = accounts[i];
            return HQ_DONE;
        }
    }
    return HQ_FAIL(NOT_FOUND);
}

/* ------------------------------------------------------------------ lines */

hq_bal__line hq_bal__line_of(hq_arena *arena, const hq_balance_line *from, size_t index)
{
    char unit[4];
    return (hq_bal__line){
        .line = (int64_t)index + 1,
        .role = HQ_BAL__GOODS,
        .code = HQ_SV(""),
        .hs = from->hs,
        .description = from->description,
        .unit = hq_arena_dup(arena, hq_code4_text(unit, from->unit)),
        .planned = -1,
        .fresh = true,
    };
}

/* The line as it is stored, made to what the declaration says now; drawn from, it must stay what it
 * was. */
static hq_status open_line(hq_bal__line **out, hq_bal__plan *plan, hq_bal__account *account,
                           size_t index)
{
    hq_bal__line stored;
    hq_bal__line line = hq_bal__line_of(plan->arena, &plan->claim->lines[index], index);
    hq_status s = account->fresh
                      ? HQ_FAIL(NOT_FOUND)
                      : hq_bal__line_get(&stored, plan->tx, account->id, line.line, plan->arena);
    if (s.code != HQ_E_NOT_FOUND) {
        HQ_TRY(s);
        bool same = hq_sv_eq(stored.hs, line.hs) && hq_sv_eq(stored.unit, line.unit);
        if (stored.drawn > 0 && !same) {
            hq_sv text = hq_arena_printf(plan->arena, "%zu", index + 1);
            hq_bal__fault_add(plan->faults, account->kind, HQ_BAL__F_HS,
                              hq_arena_printf(plan->arena, "/lines/%zu/hs", index),
                              hq_bal__json_text(plan->arena, line.hs),
                              HQ_BAL__ARGS(text, account->number, stored.hs));
        }
        line.fresh = false;
        line.opened = stored.opened;
        line.expected = stored.expected;
        line.drawn = stored.drawn;
        line.restored = stored.restored;
    } else {
        account->line_count++;
    }
    *out = hq_bal__plan_line(plan, account, &line);
    return *out == NULL ? HQ_FAIL(NOMEM) : HQ_DONE;
}

hq_status hq_bal__open_lines(hq_bal__plan *plan, hq_bal__account *account)
{
    for (size_t i = 0; i < plan->claim->line_count; i++) {
        hq_bal__line *line;
        HQ_TRY(open_line(&line, plan, account, i));
        hq_bal__step *step = hq_bal__plan_step(plan, account, line, (int64_t)i + 1, 0);
        if (step == NULL || line->unit.ptr == NULL) {
            return HQ_FAIL(NOMEM);
        }
        if (!hq_bal__scaled(&step->want[HQ_BAL__OPENED], plan->claim->lines[i].quantity)) {
            return HQ_FAIL(RANGE);
        }
    }
    return HQ_DONE;
}

hq_status hq_bal__plan_opening(hq_bal__plan *plan, const hq_balance_kind_row *row)
{
    hq_bal__account account;
    if (row->account == HQ_ACCOUNT_ON_THE_SPOT) {
        return HQ_DONE; /* the import opens it */
    }
    check_limit(plan, row);
    if (row->account == HQ_ACCOUNT_BONDED && plan->claim->warehouse.len == 0) {
        hq_bal__fault_add(plan->faults, row->account, HQ_BAL__F_PLACE_NEEDED,
                          HQ_SV("/storage_place"), HQ_SV(""), HQ_BAL__ARGS(plan->claim->kind));
    }
    hq_status s = hq_bal__opened_before(&account, plan, row->account);
    if (s.code == HQ_E_NOT_FOUND) {
        s = make_opened(&account, plan, row);
    }
    HQ_TRY(s);
    hq_bal__account *kept = hq_bal__plan_account(plan, &account);
    return kept == NULL ? HQ_FAIL(NOMEM) : hq_bal__open_lines(plan, kept);
}

/* ------------------------------------------------------------------ clearing */

static hq_status register_opened(hq_tx *tx, hq_bal__account *account, hq_day day, hq_sv actor)
{
    hq_buf more = HQ_BUF_ARENA(hq_tx_arena(tx), 128);
    account->state = HQ_BAL__REGISTERED;
    account->valid_from = day;
    if (account->valid_to == HQ_DAY_OPEN && account->stay > 0) {
        account->valid_to = last_day(day, account->stay, account->stay_unit);
        account->first_valid_to = account->valid_to;
    }
    hq_buf_lit(&more, "\"valid_to\":");
    hq_json_w w = hq_json_writer(&more);
    hq_json_day(&w, account->valid_to);
    HQ_TRY(hq_buf_status(&more));
    hq_bal__event event = { "balance.registered", hq_buf_view(&more), actor };
    return hq_bal__account_write(tx, account, &event);
}

/* What was announced is there now. */
static hq_status let_in(hq_tx *tx, int64_t declaration, hq_sv actor)
{
    hq_bal__plan plan;
    hq_why why;
    HQ_TRY(hq_bal__plan_begin(&plan, tx, NULL, NULL, NULL, hq_tx_arena(tx)));
    HQ_TRY(hq_bal__plan_have(&plan, declaration));
    for (size_t i = 0; i < plan.step_count; i++) {
        hq_bal__step *step = plan.step_list[i];
        memcpy(step->want, step->have, sizeof step->want);
        step->want[HQ_BAL__ADDED] += step->have[HQ_BAL__EXPECTED];
        step->want[HQ_BAL__EXPECTED] = 0;
    }
    return hq_bal__plan_write(&plan, declaration, actor, &why);
}

hq_status hq_balance_cleared(hq_tx *tx, int64_t declaration, hq_day day, hq_sv actor)
{
    hq_bal__account *accounts;
    size_t count;
    HQ_TRY(hq_bal__accounts_of(&accounts, &count, tx, declaration, hq_tx_arena(tx)));
    for (size_t i = 0; i < count; i++) {
        if (accounts[i].state == HQ_BAL__DECLARED) {
            HQ_TRY(register_opened(tx, &accounts[i], day, actor));
        }
    }
    return let_in(tx, declaration, actor);
}

/* ------------------------------------------------------------------ cancelling */

static hq_status taken_on_the_spot(hq_tx *tx, const hq_bal__account *account, hq_why *why)
{
    hq_arena *arena = hq_tx_arena(tx);
    hq_bal__why(why, HQ_SV(""),
                hq_arena_printf(arena,
                                "Tờ khai nhập khẩu tại chỗ %.*s đã dùng tờ khai xuất khẩu này; "
                                "hãy hủy tờ khai nhập khẩu trước",
                                HQ_SV_FMT(account->partner)),
                hq_arena_printf(arena,
                                "The import on the spot %.*s has taken this export; cancel the "
                                "import first",
                                HQ_SV_FMT(account->partner)));
    return HQ_FAIL(CONFLICT);
}

static hq_status close_opened(hq_bal__plan *plan, int64_t declaration, hq_why *why)
{
    hq_bal__account *accounts;
    size_t count;
    HQ_TRY(hq_bal__accounts_of(&accounts, &count, plan->tx, declaration, plan->arena));
    for (size_t i = 0; i < count; i++) {
        if (accounts[i].kind == HQ_ACCOUNT_ON_THE_SPOT) {
            if (accounts[i].partner.len > 0) {
                return taken_on_the_spot(plan->tx, &accounts[i], why);
            }
            continue;
        }
        hq_bal__account *kept = hq_bal__plan_account(plan, &accounts[i]);
        if (kept == NULL) {
            return HQ_FAIL(NOMEM);
        }
        kept->touched |= kept->state != HQ_BAL__CANCELLED;
        kept->state = HQ_BAL__CANCELLED;
    }
    return HQ_DONE;
}

hq_status hq_balance_undo(hq_tx *tx, int64_t declaration, hq_sv actor, hq_why *why)
{
    hq_bal__plan plan;
    HQ_TRY(hq_bal__plan_begin(&plan, tx, NULL, NULL, NULL, hq_tx_arena(tx)));
    HQ_TRY(hq_bal__plan_have(&plan, declaration));
    HQ_TRY(close_opened(&plan, declaration, why));
    return hq_bal__plan_write(&plan, declaration, actor, why);
}
