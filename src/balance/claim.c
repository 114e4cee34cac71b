/* SPDX-License-Identifier: Apache-2.0 */
#include "balance/room.h"

/* From what the lines of a declaration name to what is wanted of which line of which account. Which
 * references a kind may or must have are the rows of balance_kinds on the day. */

#define ROWS_MAX 8

typedef enum { SOURCE_LIST, SOURCE_TEMPORARY, SOURCE_CONTRACT, SOURCE_STOCK, SOURCES } source_kind;

typedef struct {
    hq_bal__plan *plan;
    const hq_balance_kind_row *rows[ROWS_MAX];
    size_t count;
} claiming;

/* One reference of one line on its way. */
typedef struct {
    source_kind source;
    const hq_balance_source *ref;
    const hq_balance_kind_row *row; /* that lets it through */
    size_t index;                   /* of the line in the declaration */
} naming;

static const char *const members[SOURCES] = { "list", "temporary", "contract", "stock" };

static source_kind source_of(hq_account_kind kind)
{
    switch (kind) {
    case HQ_ACCOUNT_EXEMPTION_LIST:
        return SOURCE_LIST;
    case HQ_ACCOUNT_TEMPORARY:
        return SOURCE_TEMPORARY;
    case HQ_ACCOUNT_PROCESSING:
    case HQ_ACCOUNT_EXPORT_PRODUCTION:
        return SOURCE_CONTRACT;
    case HQ_ACCOUNT_BONDED:
        return SOURCE_STOCK;
    case HQ_ACCOUNT_ON_THE_SPOT:
        break;
    }
    return SOURCES;
}

static const hq_balance_source *ref_of(const hq_balance_line *line, source_kind source)
{
    const hq_balance_source *const refs[SOURCES] = { &line->list, &line->temporary, &line->contract,
                                                     &line->stock };
    return refs[source]->line == 0 ? NULL : refs[source];
}

static hq_sv path_of(const claiming *c, const naming *n, const char *member)
{
    return hq_arena_printf(c->plan->arena, "/lines/%zu/%s%s%s", n->index, members[n->source],
                           member[0] == '\0' ? "" : "/", member);
}

static void fault(const claiming *c, const naming *n, hq_account_kind kind, hq_bal__fault what,
                  const char *member, hq_sv value, const hq_sv *args, size_t count)
{
    hq_bal__fault_add(c->plan->faults, kind, what, path_of(c, n, member), value, args, count);
}

static hq_sv number_json(const claiming *c, const naming *n)
{
    return hq_bal__json_text(c->plan->arena, n->ref->number);
}

/* ------------------------------------------------------------------ the account */

/* Declarations and entries are kept under their number with the amendment digit 0. */
static hq_sv stored_number(const claiming *c, const naming *n)
{
    int64_t declaration;
    bool numbered = n->source == SOURCE_TEMPORARY || n->source == SOURCE_STOCK;
    return numbered && hq_bal__declaration_parse(&declaration, n->ref->number)
               ? hq_bal__declaration_text(c->plan->arena, declaration)
               : n->ref->number;
}

/* The first account of that number among the kinds that this declaration may name, the trader's own
 * before others'. NOT_FOUND. */
static hq_status find_account(hq_bal__account *out, claiming *c, naming *n)
{
    hq_bal__account other = { .id = HQ_SV_NULL };
    const hq_balance_kind_row *other_row = NULL;
    hq_sv number = stored_number(c, n);
    for (size_t i = 0; i < c->count; i++) {
        if (source_of(c->rows[i]->account) != n->source ||
            c->rows[i]->direction == HQ_BALANCE_OPEN) {
            continue;
        }
        hq_status s = hq_bal__account_find(out, c->plan->tx, c->rows[i]->account, number,
                                           c->plan->claim->trader, c->plan->arena);
        if (s.code == HQ_E_NOT_FOUND) {
            continue;
        }
        HQ_TRY(s);
        n->row = c->rows[i];
        if (hq_sv_eq(out->holder, c->plan->claim->trader)) {
            return HQ_DONE;
        }
        other = *out;
        other_row = c->rows[i];
    }
    *out = other;
    n->row = other_row == NULL ? n->row : other_row;
    return other.id.ptr == NULL ? HQ_FAIL(NOT_FOUND) : HQ_DONE;
}

static bool opened_by_one_of(const hq_bal__account *account, hq_sv kinds)
{
    hq_sv rest = kinds;
    while (kinds.len > 0 && rest.ptr != NULL) {
        if (hq_sv_eq(hq_sv_trim(hq_sv_cut(&rest, ';')), account->opened_by)) {
            return true;
        }
    }
    return kinds.len == 0;
}

static hq_sv day_text(hq_arena *arena, hq_day day)
{
    hq_buf buf = HQ_BUF_ARENA(arena, 16);
    hq_day_write(&buf, day);
    return hq_buf_view(&buf);
}

/* May this declaration use the account at all? */
static bool usable(const claiming *c, const naming *n, const hq_bal__account *a)
{
    const hq_balance_claim *claim = c->plan->claim;
    hq_arena *arena = c->plan->arena;
    const char *number = n->source == SOURCE_TEMPORARY ? "declaration"
                         : n->source == SOURCE_STOCK   ? "entry"
                                                       : "number";
    if (!hq_sv_eq(a->holder, claim->trader)) {
        fault(c, n, a->kind, HQ_BAL__F_HOLDER, number, number_json(c, n),
              HQ_BAL__ARGS(n->ref->number));
        return false;
    }
    if (!opened_by_one_of(a, n->row->opened_by)) {
        fault(c, n, a->kind, HQ_BAL__F_OPENED_BY, number, number_json(c, n),
              HQ_BAL__ARGS(claim->kind, n->row->opened_by, a->opened_by));
        return false;
    }
    if (a->state != HQ_BAL__REGISTERED) {
        fault(c, n, a->kind, HQ_BAL__F_STATE, number, number_json(c, n),
              HQ_BAL__ARGS(n->ref->number, hq_sv_from_cstr(hq_bal__state_name(a->state))));
        return false;
    }
    if (claim->day < a->valid_from || claim->day > a->valid_to) {
        fault(c, n, a->kind, HQ_BAL__F_TERM, number, number_json(c, n),
              HQ_BAL__ARGS(n->ref->number, day_text(arena, a->valid_from),
                           day_text(arena, a->valid_to)));
        return false;
    }
    if (a->kind == HQ_ACCOUNT_BONDED && !hq_sv_eq(n->ref->warehouse, a->warehouse)) {
        fault(c, n, a->kind, HQ_BAL__F_PLACE, "warehouse",
              hq_bal__json_text(arena, n->ref->warehouse),
              HQ_BAL__ARGS(n->ref->number, a->warehouse));
        return false;
    }
    return true;
}

/* ------------------------------------------------------------------ the line */

/* The quantity of the declaration's line in the unit of the account's. */
static bool quantity_in(int64_t *out, const hq_balance_line *line, hq_sv unit)
{
    char text[4];
    if (hq_sv_eq(hq_code4_text(text, line->unit), unit)) {
        return hq_bal__scaled(out, line->quantity);
    }
    return line->unit2 != 0 && hq_sv_eq(hq_code4_text(text, line->unit2), unit) &&
           hq_bal__scaled(out, line->quantity2);
}

static bool fits(int64_t *quantity, const claiming *c, const naming *n, const hq_bal__account *a,
                 const hq_bal__line *line)
{
    const hq_balance_line *own = &c->plan->claim->lines[n->index];
    hq_arena *arena = c->plan->arena;
    hq_sv of = hq_arena_printf(arena, "%lld", (long long)line->line);
    char unit[4];
    if (line->hs.len > 0 && !hq_sv_starts(own->hs, line->hs)) {
        hq_bal__fault_add(c->plan->faults, a->kind, HQ_BAL__F_HS,
                          hq_arena_printf(arena, "/lines/%zu/hs", n->index),
                          hq_bal__json_text(arena, own->hs), HQ_BAL__ARGS(of, a->number, line->hs));
        return false;
    }
    if (!quantity_in(quantity, own, line->unit)) {
        hq_bal__fault_add(c->plan->faults, a->kind, HQ_BAL__F_UNIT,
                          hq_arena_printf(arena, "/lines/%zu/quantity/unit", n->index),
                          hq_bal__json_text(arena, hq_code4_text(unit, own->unit)),
                          HQ_BAL__ARGS(of, a->number, line->unit));
        return false;
    }
    return true;
}

static hq_status load_line(hq_bal__line **out, hq_bal__plan *plan, hq_bal__account *account,
                           int64_t number)
{
    hq_bal__line line;
    HQ_TRY(hq_bal__line_get(&line, plan->tx, account->id, number, plan->arena));
    *out = hq_bal__plan_line(plan, account, &line);
    return *out == NULL ? HQ_FAIL(NOMEM) : HQ_DONE;
}

static hq_status want(const claiming *c, const naming *n, hq_bal__account *account,
                      hq_bal__line *line, int64_t product, int64_t quantity)
{
    hq_bal__step *step = hq_bal__plan_step(c->plan, account, line, (int64_t)n->index + 1, product);
    if (step == NULL) {
        return HQ_FAIL(NOMEM);
    }
    hq_bal__cause cause = HQ_BAL__DRAWN;
    if (n->row->direction == HQ_BALANCE_ADD) {
        cause = c->plan->claim->cleared ? HQ_BAL__ADDED : HQ_BAL__EXPECTED;
    }
    return hq_add_overflows(&step->want[cause], step->want[cause], quantity) ? HQ_FAIL(RANGE)
                                                                             : HQ_DONE;
}

/* What a product takes of each material by its norms. */
static hq_status want_materials(const claiming *c, const naming *n, hq_bal__account *account,
                                const hq_bal__line *product, int64_t quantity)
{
    for (size_t i = 0; i < product->norm_count; i++) {
        hq_bal__line *material;
        int64_t needed;
        HQ_TRY(load_line(&material, c->plan, account, product->norms[i].material));
        HQ_TRY(hq_muldiv(&needed, quantity, product->norms[i].quantity, 1000000, HQ_ROUND_HALF_UP));
        HQ_TRY(want(c, n, account, material, product->line, needed));
    }
    return HQ_DONE;
}

static hq_status take_line(claiming *c, naming *n, hq_bal__account *account)
{
    hq_bal__line *line;
    int64_t quantity;
    hq_arena *arena = c->plan->arena;
    hq_sv of = hq_arena_printf(arena, "%lld", (long long)n->ref->line);
    hq_status s = load_line(&line, c->plan, account, n->ref->line);
    bool adds = n->row->direction == HQ_BALANCE_ADD;
    if (s.code == HQ_E_NOT_FOUND || (hq_ok(s) && adds && line->role == HQ_BAL__PRODUCT)) {
        fault(c, n, account->kind, HQ_BAL__F_LINE, "line", of, HQ_BAL__ARGS(account->number, of));
        return HQ_DONE;
    }
    HQ_TRY(s);
    if (!fits(&quantity, c, n, account, line)) {
        return HQ_DONE;
    }
    if (line->role != HQ_BAL__PRODUCT) {
        return want(c, n, account, line, 0, quantity);
    }
    if (line->norm_count == 0) {
        fault(c, n, account->kind, HQ_BAL__F_NORMS, "line", of, HQ_BAL__ARGS(account->number, of));
        return HQ_DONE;
    }
    HQ_TRY(want(c, n, account, line, 0, quantity));
    return want_materials(c, n, account, line, quantity);
}

/* ------------------------------------------------------------------ one reference */

static hq_status take_named(claiming *c, naming *n)
{
    hq_bal__account found;
    hq_status s = find_account(&found, c, n);
    if (s.code == HQ_E_NOT_FOUND) {
        fault(c, n, n->row->account, HQ_BAL__F_MISSING, "", number_json(c, n),
              HQ_BAL__ARGS(n->ref->number));
        return HQ_DONE;
    }
    HQ_TRY(s);
    hq_bal__account *account = hq_bal__plan_account(c->plan, &found);
    if (account == NULL) {
        return HQ_FAIL(NOMEM);
    }
    return usable(c, n, account) ? take_line(c, n, account) : HQ_DONE;
}

static hq_account_kind kind_of(source_kind source)
{
    static const hq_account_kind kinds[SOURCES] = { HQ_ACCOUNT_EXEMPTION_LIST, HQ_ACCOUNT_TEMPORARY,
                                                    HQ_ACCOUNT_PROCESSING, HQ_ACCOUNT_BONDED };
    return kinds[source];
}

/* Every reference of one kind over all lines: named where it may not be, missing where it must be,
 * or taken. */
static hq_status take_source(claiming *c, source_kind source)
{
    const hq_balance_kind_row *row = NULL;
    bool required = false;
    const hq_balance_claim *claim = c->plan->claim;
    for (size_t i = 0; i < c->count; i++) {
        bool uses =
            source_of(c->rows[i]->account) == source && c->rows[i]->direction != HQ_BALANCE_OPEN;
        row = uses ? c->rows[i] : row;
        required |= uses && c->rows[i]->required;
    }
    for (size_t i = 0; i < claim->line_count; i++) {
        naming n = { source, ref_of(&claim->lines[i], source), row, i };
        if (n.ref != NULL && row == NULL) {
            fault(c, &n, kind_of(source), HQ_BAL__F_DIRECTION, "", number_json(c, &n),
                  HQ_BAL__ARGS(claim->kind));
        } else if (n.ref == NULL && required) {
            fault(c, &n, row->account, HQ_BAL__F_REQUIRED, "", HQ_SV(""),
                  HQ_BAL__ARGS(claim->kind));
        } else if (n.ref != NULL) {
            HQ_TRY(take_named(c, &n));
        }
    }
    return HQ_DONE;
}

hq_status hq_bal__plan_claim(hq_bal__plan *plan)
{
    claiming c = { .plan = plan };
    c.count =
        hq_ref_balance_kinds(c.rows, ROWS_MAX, plan->ref, plan->claim->kind, plan->claim->day);
    for (source_kind source = SOURCE_LIST; source < SOURCES; source++) {
        HQ_TRY(take_source(&c, source));
    }
    for (size_t i = 0; i < c.count; i++) {
        if (c.rows[i]->direction == HQ_BALANCE_OPEN) {
            HQ_TRY(hq_bal__plan_opening(plan, c.rows[i]));
        }
    }
    return hq_bal__plan_pair(plan, c.rows, c.count);
}

/* ------------------------------------------------------------------ the face */

bool hq_balance_concerns(const hq_ref *ref, hq_sv kind, hq_day day)
{
    const hq_balance_kind_row *rows[ROWS_MAX];
    size_t count = hq_ref_balance_kinds(rows, ROWS_MAX, ref, kind, day);
    for (size_t i = 0; i < count; i++) {
        bool opens =
            rows[i]->direction == HQ_BALANCE_OPEN && rows[i]->account != HQ_ACCOUNT_ON_THE_SPOT;
        if (rows[i]->required || opens) {
            return true;
        }
    }
    return false;
}

hq_status hq_balance_check(hq_balance_faults *faults, hq_tx *tx, const hq_ref *ref,
                           const hq_balance_claim *claim)
{
    hq_bal__plan plan;
    HQ_TRY(hq_bal__plan_begin(&plan, tx, ref, claim, faults, faults->arena));
    HQ_TRY(hq_bal__plan_claim(&plan));
    if (claim->declaration != 0) {
        HQ_TRY(hq_bal__plan_have(&plan, claim->declaration));
    }
    return hq_bal__plan_weigh(&plan);
}

hq_status hq_balance_apply(hq_sv *draws, hq_balance_faults *faults, hq_tx *tx, const hq_ref *ref,
                           const hq_balance_claim *claim)
{
    hq_bal__plan plan;
    hq_why why = { .en = HQ_SV("") };
    hq_buf json = HQ_BUF_ARENA(faults->arena, (size_t)4 << 20);
    hq_json_w w = hq_json_writer(&json);
    HQ_TRY(hq_bal__plan_begin(&plan, tx, ref, claim, faults, faults->arena));
    HQ_TRY(hq_bal__plan_claim(&plan));
    HQ_TRY(hq_bal__plan_have(&plan, claim->declaration));
    HQ_TRY(hq_bal__plan_weigh(&plan));
    if (faults->count > 0) {
        return HQ_FAIL(INVALID);
    }
    hq_bal__plan_json(&w, &plan);
    *draws = hq_buf_view(&json);
    HQ_TRY(hq_buf_status(&json));
    hq_status s = hq_bal__plan_write(&plan, claim->declaration, claim->actor, &why);
    if (s.code == HQ_E_CONFLICT) {
        hq_bal__fault_add(faults, HQ_ACCOUNT_TEMPORARY, HQ_BAL__F_DRAWN, HQ_SV(""), HQ_SV(""),
                          HQ_BAL__ARGS(why.vi, why.en));
        return HQ_FAIL(INVALID);
    }
    return s;
}
