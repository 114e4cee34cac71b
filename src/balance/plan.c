/* SPDX-License-Identifier: Apache-2.0 */
#include "balance/room.h"

/* What a declaration wants of accounts beside what it has of them: every change, at registration,
 * amendment or cancellation, is the difference between the two, so that nothing is counted twice
 * and everything finds its way back. */

/* ------------------------------------------------------------------ places */

hq_status hq_bal__plan_begin(hq_bal__plan *plan, hq_tx *tx, const hq_ref *ref,
                             const hq_balance_claim *claim, hq_balance_faults *faults,
                             hq_arena *arena)
{
    *plan =
        (hq_bal__plan){ .tx = tx, .ref = ref, .claim = claim, .faults = faults, .arena = arena };
    plan->accounts = hq_map_new(arena, 16, 100000);
    plan->lines = hq_map_new(arena, 64, 1000000);
    plan->steps = hq_map_new(arena, 64, 1000000);
    bool whole = plan->accounts != NULL && plan->lines != NULL && plan->steps != NULL;
    return whole ? HQ_DONE : HQ_FAIL(NOMEM);
}

/* Appends a pointer to a list that grows. */
static bool append(hq_arena *arena, void ***list, size_t *count, size_t *cap, void *item)
{
    if (*count == *cap) {
        size_t more = *cap == 0 ? 32 : *cap * 2;
        void **grown = HQ_NEW_ARRAY(arena, void *, more);
        if (grown == NULL) {
            return false;
        }
        if (*count > 0) {
            memcpy(grown, *list, *count * sizeof *grown);
        }
        *list = grown;
        *cap = more;
    }
    (*list)[(*count)++] = item;
    return true;
}

hq_bal__account *hq_bal__plan_account(hq_bal__plan *plan, const hq_bal__account *account)
{
    hq_bal__account *known = hq_map_get(plan->accounts, account->id);
    if (known != NULL) {
        return known;
    }
    hq_bal__account *kept = HQ_NEW(plan->arena, hq_bal__account);
    if (kept == NULL) {
        return NULL;
    }
    *kept = *account;
    void **list = (void **)plan->account_list;
    bool done = append(plan->arena, &list, &plan->account_count, &plan->account_cap, kept) &&
                hq_ok(hq_map_put(plan->accounts, kept->id, kept));
    plan->account_list = (hq_bal__account **)list;
    return done ? kept : NULL;
}

static hq_sv line_key(hq_arena *arena, const hq_bal__account *account, int64_t line)
{
    return hq_arena_printf(arena, "%.*s/%lld", HQ_SV_FMT(account->id), (long long)line);
}

hq_bal__line *hq_bal__plan_line(hq_bal__plan *plan, hq_bal__account *account,
                                const hq_bal__line *line)
{
    hq_sv key = line_key(plan->arena, account, line->line);
    hq_bal__line *known = key.ptr == NULL ? NULL : hq_map_get(plan->lines, key);
    if (known != NULL || key.ptr == NULL) {
        return known;
    }
    hq_bal__line *kept = HQ_NEW(plan->arena, hq_bal__line);
    if (kept == NULL) {
        return NULL;
    }
    *kept = *line;
    void **list = (void **)plan->line_list;
    void **owners = (void **)plan->line_accounts;
    size_t count = plan->line_count;
    size_t cap = plan->line_cap;
    bool done = append(plan->arena, &list, &plan->line_count, &plan->line_cap, kept) &&
                append(plan->arena, &owners, &count, &cap, account) &&
                hq_ok(hq_map_put(plan->lines, key, kept));
    plan->line_list = (hq_bal__line **)list;
    plan->line_accounts = (hq_bal__account **)owners;
    return done ? kept : NULL;
}

hq_bal__step *hq_bal__plan_step(hq_bal__plan *plan, hq_bal__account *account, hq_bal__line *line,
                                int64_t claim_line, int64_t product)
{
    hq_sv key = hq_arena_printf(plan->arena, "%.*s/%lld/%lld/%lld", HQ_SV_FMT(account->id),
                                (long long)line->line, (long long)claim_line, (long long)product);
    hq_bal__step *known = key.ptr == NULL ? NULL : hq_map_get(plan->steps, key);
    if (known != NULL || key.ptr == NULL) {
        return known;
    }
    hq_bal__step *step = HQ_NEW(plan->arena, hq_bal__step);
    if (step == NULL) {
        return NULL;
    }
    *step = (hq_bal__step){ .account = account, .line = line, .claim_line = claim_line };
    step->product = product;
    void **list = (void **)plan->step_list;
    bool done = append(plan->arena, &list, &plan->step_count, &plan->step_cap, step) &&
                hq_ok(hq_map_put(plan->steps, key, step));
    plan->step_list = (hq_bal__step **)list;
    return done ? step : NULL;
}

/* ------------------------------------------------------------------ what is had */

static hq_status have_one(hq_bal__plan *plan, const hq_bal__moved *moved)
{
    hq_bal__account stored;
    hq_bal__line line;
    hq_bal__account *account = hq_map_get(plan->accounts, moved->account);
    if (account == NULL) {
        HQ_TRY(hq_bal__account_get(&stored, plan->tx, moved->account, plan->arena));
        account = hq_bal__plan_account(plan, &stored);
    }
    hq_sv key = account == NULL ? HQ_SV("") : line_key(plan->arena, account, moved->line);
    hq_bal__line *kept = account == NULL ? NULL : hq_map_get(plan->lines, key);
    if (kept == NULL && account != NULL) {
        HQ_TRY(hq_bal__line_get(&line, plan->tx, account->id, moved->line, plan->arena));
        kept = hq_bal__plan_line(plan, account, &line);
    }
    if (kept == NULL) {
        return HQ_FAIL(NOMEM);
    }
    hq_bal__step *step =
        hq_bal__plan_step(plan, account, kept, moved->declaration_line, moved->product);
    if (step == NULL) {
        return HQ_FAIL(NOMEM);
    }
    memcpy(step->have, moved->sum, sizeof step->have);
    return HQ_DONE;
}

hq_status hq_bal__plan_have(hq_bal__plan *plan, int64_t declaration)
{
    hq_bal__moved *moved;
    size_t count;
    HQ_TRY(hq_bal__moved_by(&moved, &count, plan->tx, declaration, plan->arena));
    for (size_t i = 0; i < count; i++) {
        HQ_TRY(have_one(plan, &moved[i]));
    }
    return HQ_DONE;
}

static int64_t difference(const hq_bal__step *step, hq_bal__cause cause)
{
    return step->want[cause] - step->have[cause];
}

/* ------------------------------------------------------------------ weighing */

/* Left of a line once everything else of the plan is done but its draws. */
typedef struct {
    const hq_bal__line *line;
    int64_t left, room; /* room: what the contract still lets in */
} scale;

static hq_status put_on_scales(hq_map **out, const hq_bal__plan *plan)
{
    hq_map *scales = hq_map_new(plan->arena, plan->line_count + 1, 1000000);
    if (scales == NULL) {
        return HQ_FAIL(NOMEM);
    }
    for (size_t i = 0; i < plan->line_count; i++) {
        hq_bal__line *line = plan->line_list[i];
        scale *s = HQ_NEW(plan->arena, scale);
        if (s == NULL) {
            return HQ_FAIL(NOMEM);
        }
        *s = (scale){ line, line->opened - line->drawn, line->planned };
        s->room -= line->opened + line->expected;
        hq_sv key = line_key(plan->arena, plan->line_accounts[i], line->line);
        HQ_TRY(hq_map_put(scales, key, s));
    }
    for (size_t i = 0; i < plan->step_count; i++) {
        const hq_bal__step *step = plan->step_list[i];
        scale *s = hq_map_get(scales, line_key(plan->arena, step->account, step->line->line));
        int64_t drawn = difference(step, HQ_BAL__DRAWN);
        int64_t in = difference(step, HQ_BAL__OPENED) + difference(step, HQ_BAL__ADDED);
        s->left += in - (drawn < 0 ? drawn : 0);
        s->room -= in + difference(step, HQ_BAL__EXPECTED);
    }
    *out = scales;
    return HQ_DONE;
}

static hq_sv step_path(const hq_bal__plan *plan, const hq_bal__step *step)
{
    static const char *const members[HQ_ACCOUNT_KINDS] = { "list",     "temporary", "contract",
                                                           "contract", "stock",     "quantity" };
    return step->claim_line == 0
               ? HQ_SV("")
               : hq_arena_printf(plan->arena, "/lines/%lld/%s", (long long)step->claim_line - 1,
                                 members[step->account->kind]);
}

static void too_much(const hq_bal__plan *plan, const hq_bal__step *step, int64_t left)
{
    hq_arena *arena = plan->arena;
    hq_sv line = step->line->code.len > 0
                     ? hq_arena_printf(arena, "%lld (%.*s)", (long long)step->line->line,
                                       HQ_SV_FMT(step->line->code))
                     : hq_arena_printf(arena, "%lld", (long long)step->line->line);
    hq_sv wanted = hq_bal__amount_text(arena, difference(step, HQ_BAL__DRAWN), step->line->unit);
    hq_bal__fault_add(
        plan->faults, step->account->kind, HQ_BAL__F_LEFT, step_path(plan, step),
        hq_bal__json_text(arena, hq_bal__quantity_text(arena, difference(step, HQ_BAL__DRAWN))),
        HQ_BAL__ARGS(line, step->account->number,
                     hq_bal__amount_text(arena, left < 0 ? 0 : left, step->line->unit), wanted));
}

static void weigh_draw(const hq_bal__plan *plan, const hq_bal__step *step, scale *s)
{
    int64_t drawn = difference(step, HQ_BAL__DRAWN);
    if (drawn <= 0 || hq_bal__unlimited(step->line)) {
        return;
    }
    if (drawn > s->left) {
        too_much(plan, step, s->left);
    }
    s->left -= drawn;
}

static void weigh_add(const hq_bal__plan *plan, const hq_bal__step *step, scale *s)
{
    int64_t more = difference(step, HQ_BAL__ADDED) + difference(step, HQ_BAL__EXPECTED);
    if (more <= 0 || step->line->planned < 0 || s->room >= 0) {
        return;
    }
    hq_arena *arena = plan->arena;
    int64_t before = s->room + more;
    hq_bal__fault_add(
        plan->faults, step->account->kind, HQ_BAL__F_PLANNED, step_path(plan, step),
        hq_bal__json_text(arena, hq_bal__quantity_text(arena, more)),
        HQ_BAL__ARGS(hq_arena_printf(arena, "%lld", (long long)step->line->line),
                     step->account->number,
                     hq_bal__amount_text(arena, before < 0 ? 0 : before, step->line->unit)));
}

hq_status hq_bal__plan_weigh(hq_bal__plan *plan)
{
    hq_map *scales;
    HQ_TRY(put_on_scales(&scales, plan));
    for (size_t i = 0; i < plan->step_count; i++) {
        const hq_bal__step *step = plan->step_list[i];
        scale *s = hq_map_get(scales, line_key(plan->arena, step->account, step->line->line));
        weigh_draw(plan, step, s);
        weigh_add(plan, step, s);
    }
    return HQ_DONE;
}

/* ------------------------------------------------------------------ writing */

static hq_status move(hq_bal__plan *plan, const hq_bal__step *step, hq_bal__cause cause,
                      int64_t quantity, int64_t declaration, hq_sv actor)
{
    hq_bal__movement m = {
        .cause = cause,
        .quantity = quantity,
        .declaration = declaration,
        .declaration_line = step->claim_line,
        .product = step->product,
        .actor = actor,
    };
    return quantity == 0 ? HQ_DONE : hq_bal__move(plan->tx, step->account, step->line, &m);
}

static hq_status move_step(hq_bal__plan *plan, const hq_bal__step *step, int64_t declaration,
                           hq_sv actor)
{
    static const hq_bal__cause in[] = { HQ_BAL__OPENED, HQ_BAL__EXPECTED, HQ_BAL__ADDED };
    int64_t drawn = difference(step, HQ_BAL__DRAWN);
    for (size_t i = 0; i < 3; i++) {
        HQ_TRY(move(plan, step, in[i], difference(step, in[i]), declaration, actor));
    }
    return drawn < 0 ? move(plan, step, HQ_BAL__RESTORED, -drawn, declaration, actor)
                     : move(plan, step, HQ_BAL__DRAWN, drawn, declaration, actor);
}

/* Somebody has used what this change would take away. */
static hq_status used_up(const hq_bal__plan *plan, const hq_bal__account *account,
                         const hq_bal__line *line, hq_why *why)
{
    hq_arena *arena = hq_tx_arena(plan->tx);
    hq_sv drawn = hq_bal__amount_text(arena, line->drawn, line->unit);
    hq_sv opened = hq_bal__amount_text(arena, line->opened, line->unit);
    hq_bal__why(
        why, HQ_SV(""),
        hq_arena_printf(arena,
                        "Không rút lại được: dòng %lld của %.*s đã trừ lùi %.*s, sẽ chỉ còn %.*s. "
                        "Hãy hủy hoặc sửa các tờ khai đã trừ lùi trước",
                        (long long)line->line, HQ_SV_FMT(account->number), HQ_SV_FMT(drawn),
                        HQ_SV_FMT(opened)),
        hq_arena_printf(arena,
                        "This cannot be taken back: %.*s were drawn from line %lld of %.*s, which "
                        "would hold %.*s. Cancel or amend the declarations that drew first",
                        HQ_SV_FMT(drawn), (long long)line->line, HQ_SV_FMT(account->number),
                        HQ_SV_FMT(opened)));
    return HQ_FAIL(CONFLICT);
}

static hq_status put_line(hq_bal__plan *plan, size_t i, hq_why *why)
{
    hq_bal__account *account = plan->line_accounts[i];
    hq_bal__line *line = plan->line_list[i];
    if (!account->touched) {
        return HQ_DONE;
    }
    bool within = line->drawn >= 0 && line->opened >= 0 && line->expected >= 0 &&
                  (hq_bal__unlimited(line) || line->drawn <= line->opened);
    return within ? hq_bal__line_put(plan->tx, account->id, line)
                  : used_up(plan, account, line, why);
}

/* An export that an import on the spot has taken names it; given back, it is free again. */
static hq_sv partner_of(const hq_bal__plan *plan, const hq_bal__account *account,
                        int64_t declaration)
{
    int64_t drawn = 0;
    for (size_t i = 0; i < plan->line_count; i++) {
        drawn += plan->line_accounts[i] == account ? plan->line_list[i]->drawn : 0;
    }
    return drawn > 0 ? hq_bal__declaration_text(hq_tx_arena(plan->tx), declaration) : HQ_SV("");
}

static hq_status put_account(hq_bal__plan *plan, hq_bal__account *account, int64_t declaration,
                             hq_sv actor)
{
    hq_arena *arena = hq_tx_arena(plan->tx);
    if (!account->touched) {
        return HQ_DONE;
    }
    if (account->kind == HQ_ACCOUNT_ON_THE_SPOT) {
        account->partner = partner_of(plan, account, declaration);
    }
    hq_bal__event event = {
        .kind = account->fresh ? "balance.opened" : "balance.moved",
        .more = hq_arena_printf(arena, "\"declaration\":\"%lld0\",\"movements\":%lld",
                                (long long)declaration, (long long)account->movements),
        .actor = actor,
    };
    return hq_bal__account_write(plan->tx, account, &event);
}

hq_status hq_bal__plan_write(hq_bal__plan *plan, int64_t declaration, hq_sv actor, hq_why *why)
{
    for (size_t i = 0; i < plan->step_count; i++) {
        HQ_TRY(move_step(plan, plan->step_list[i], declaration, actor));
    }
    for (size_t i = 0; i < plan->line_count; i++) {
        HQ_TRY(put_line(plan, i, why));
    }
    for (size_t i = 0; i < plan->account_count; i++) {
        HQ_TRY(put_account(plan, plan->account_list[i], declaration, actor));
    }
    return HQ_DONE;
}

/* ------------------------------------------------------------------ the record */

static const char *direction_of(const hq_bal__plan *plan, const hq_bal__account *account)
{
    const char *direction = "DRAW";
    for (size_t i = 0; i < plan->step_count; i++) {
        const hq_bal__step *step = plan->step_list[i];
        if (step->account == account && step->want[HQ_BAL__DRAWN] == 0) {
            direction = step->want[HQ_BAL__OPENED] > 0 ? "OPEN" : "ADD";
        }
    }
    return direction;
}

static void step_json(hq_json_w *w, const hq_bal__step *step)
{
    int64_t in =
        step->want[HQ_BAL__OPENED] + step->want[HQ_BAL__ADDED] + step->want[HQ_BAL__EXPECTED];
    int64_t quantity = step->want[HQ_BAL__DRAWN] != 0 ? step->want[HQ_BAL__DRAWN] : in;
    if (quantity == 0) {
        return;
    }
    hq_json_open(w, '{');
    HQ_JSON_KEY(w, "line");
    hq_json_i64(w, step->claim_line);
    HQ_JSON_KEY(w, "account_line");
    hq_json_i64(w, step->line->line);
    HQ_JSON_KEY(w, "product");
    if (step->product == 0) {
        hq_json_null(w);
    } else {
        hq_json_i64(w, step->product);
    }
    HQ_JSON_KEY(w, "quantity");
    hq_bal__quantity_json(w, quantity);
    HQ_JSON_KEY(w, "unit");
    hq_json_text(w, step->line->unit);
    hq_json_close(w, '}');
}

static bool wanted(const hq_bal__plan *plan, const hq_bal__account *account)
{
    for (size_t i = 0; i < plan->step_count; i++) {
        const hq_bal__step *step = plan->step_list[i];
        for (size_t c = 0; step->account == account && c < HQ_BAL__CAUSES; c++) {
            if (step->want[c] != 0) {
                return true;
            }
        }
    }
    return false;
}

static void account_json(hq_json_w *w, const hq_bal__plan *plan, const hq_bal__account *account)
{
    hq_json_open(w, '{');
    HQ_JSON_KEY(w, "id");
    hq_json_text(w, account->id);
    HQ_JSON_KEY(w, "kind");
    hq_json_text(w, hq_sv_from_cstr(hq_account_kind_name(account->kind)));
    HQ_JSON_KEY(w, "number");
    hq_json_text(w, account->number);
    HQ_JSON_KEY(w, "direction");
    hq_json_text(w, hq_sv_from_cstr(direction_of(plan, account)));
    HQ_JSON_KEY(w, "state");
    hq_json_text(w, HQ_SV("HELD"));
    HQ_JSON_KEY(w, "partner");
    if (account->kind == HQ_ACCOUNT_ON_THE_SPOT) {
        hq_bal__declaration_json(w, account->declaration);
    } else {
        hq_json_null(w);
    }
    HQ_JSON_KEY(w, "lines");
    hq_json_open(w, '[');
    for (size_t i = 0; i < plan->step_count; i++) {
        if (plan->step_list[i]->account == account) {
            step_json(w, plan->step_list[i]);
        }
    }
    hq_json_close(w, ']');
    hq_json_close(w, '}');
}

void hq_bal__plan_json(hq_json_w *w, const hq_bal__plan *plan)
{
    hq_json_open(w, '[');
    for (size_t i = 0; i < plan->account_count; i++) {
        if (wanted(plan, plan->account_list[i])) {
            account_json(w, plan, plan->account_list[i]);
        }
    }
    hq_json_close(w, ']');
}
