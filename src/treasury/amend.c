/* SPDX-License-Identifier: Apache-2.0 */
#include "treasury/room.h"

/* The debts of a declaration after its assessment was amended: each tax is brought to what it is
 * now, and every dong that moves leaves a movement behind. */

typedef struct {
    hq_treasury *treasury;
    hq_tx *tx;
    const hq_debts_amendment *ask;
    const hq_ref *ref;
    hq_tre__debt debt;
    bool exists, changed;
    hq_day since; /* of what is added, 0: it is like the rest */
    size_t postings;
    int64_t more_vnd, less_vnd, returned_vnd;
} amending;

/* ------------------------------------------------------------------ a tax that fell */

static int64_t strike_entry(hq_tre__entry *entry, int64_t less)
{
    int64_t left = entry == NULL ? 0 : hq_tre__entry_left(entry);
    int64_t part = left < less ? left : less;
    if (part > 0) {
        entry->cancelled_vnd += part;
    }
    return part;
}

/* Takes `less` of what was paid off the entries, the youngest first; the debt is that much smaller.
 */
static void unpay(hq_tre__entry *entry, int64_t *less)
{
    int64_t part = entry == NULL ? 0 : entry->paid_vnd;
    part = part < *less ? part : *less;
    if (part > 0) {
        entry->paid_vnd -= part;
        entry->cancelled_vnd += part;
        *less -= part;
    }
}

/* What a payer had paid of this tax goes to his credit. */
static hq_status give_back(amending *a, const hq_tre__paid *paid, int64_t amount)
{
    hq_tre__posting posting = { .cause = HQ_TRE__RETURNED,
                                .kind = paid->kind,
                                .tax = paid->tax,
                                .amount_vnd = -amount,
                                .payer_tax_code = paid->payer_tax_code };
    hq_tre__credit move = { .tax_code = paid->payer_tax_code,
                            .cause = HQ_TRE__RETURNED,
                            .amount_vnd = amount,
                            .declaration = a->debt.declaration,
                            .actor = a->ask->actor };
    HQ_TRY(hq_tre__post(a->tx, &a->debt, a->postings++, &posting));
    a->returned_vnd += amount;
    return hq_tre__credit_move(a->tx, &move);
}

static hq_status give_back_all(amending *a, hq_debt_kind kind, hq_tax tax, int64_t amount)
{
    hq_tre__paid *paid;
    size_t count;
    HQ_TRY(hq_tre__paid_for(&paid, &count, a->tx, a->debt.declaration));
    for (size_t i = 0; i < count && amount > 0; i++) {
        if (paid[i].kind != kind || paid[i].tax != tax || paid[i].amount_vnd <= 0) {
            continue;
        }
        int64_t part = paid[i].amount_vnd < amount ? paid[i].amount_vnd : amount;
        HQ_TRY(give_back(a, &paid[i], part));
        amount -= part;
    }
    return amount == 0 ? HQ_DONE : HQ_FAIL(CORRUPT);
}

/* Late interest that was counted on tax which was never owed. */
static hq_status lower_interest(amending *a, hq_tax tax)
{
    int64_t excess;
    HQ_TRY(hq_tre__interest_excess(&excess, a->tx, &a->debt, tax, a->ref));
    hq_tre__entry *entry = hq_tre__entry_of(&a->debt, HQ_DEBT_INTEREST, tax, false);
    if (excess == 0 || entry == NULL) {
        return HQ_DONE;
    }
    a->less_vnd += excess;
    excess -= strike_entry(entry, excess);
    int64_t paid = excess;
    unpay(entry, &excess);
    return excess == 0 ? give_back_all(a, HQ_DEBT_INTEREST, tax, paid) : HQ_FAIL(CORRUPT);
}

/* The unpaid part goes first, what was added before what was there from the beginning. */
static hq_status lower(amending *a, hq_tax tax, int64_t less)
{
    hq_tre__entry *opened = hq_tre__entry_of(&a->debt, HQ_DEBT_TAX, tax, false);
    hq_tre__entry *added = hq_tre__entry_added(&a->debt, tax, 0);
    a->less_vnd += less;
    less -= strike_entry(added, less);
    less -= strike_entry(opened, less);
    int64_t paid = less;
    unpay(added, &less);
    unpay(opened, &less);
    if (less > 0) {
        return HQ_FAIL(CORRUPT);
    }
    HQ_TRY(give_back_all(a, HQ_DEBT_TAX, tax, paid));
    return lower_interest(a, tax);
}

/* ------------------------------------------------------------------ a tax that rose */

/* Interest of `more` for the days that the entry has counted already. */
static hq_status catch_up(amending *a, const hq_tre__entry *entry, int64_t more)
{
    int64_t interest;
    if (entry->counted_to <= entry->since) {
        return HQ_DONE;
    }
    HQ_TRY(hq_tre__interest(&interest, NULL, a->ref, more, entry->since, entry->counted_to + 1));
    if (interest == 0) {
        return HQ_DONE;
    }
    hq_tre__entry *owed = hq_tre__entry_of(&a->debt, HQ_DEBT_INTEREST, entry->tax, true);
    if (owed == NULL) {
        return HQ_FAIL(CORRUPT);
    }
    owed->owed_vnd += interest;
    return HQ_DONE;
}

static hq_status raise_tax(amending *a, hq_tax tax, int64_t more)
{
    hq_tre__entry *entry = a->since == 0 ? hq_tre__entry_of(&a->debt, HQ_DEBT_TAX, tax, true)
                                         : hq_tre__entry_added(&a->debt, tax, a->since);
    if (entry == NULL) {
        return HQ_FAIL(CORRUPT);
    }
    if (hq_add_overflows(&entry->owed_vnd, entry->owed_vnd, more)) {
        return HQ_FAIL(RANGE);
    }
    a->more_vnd += more;
    return a->since == 0 ? HQ_DONE : catch_up(a, entry, more);
}

/* ------------------------------------------------------------------ the whole */

static int64_t owed_of(const hq_tre__debt *debt, hq_tax tax)
{
    int64_t owed = 0;
    for (size_t i = 0; i < debt->entry_count; i++) {
        const hq_tre__entry *e = &debt->entries[i];
        bool same = e->kind == HQ_DEBT_TAX && e->tax == tax;
        owed += same ? e->owed_vnd - e->cancelled_vnd : 0;
    }
    return owed;
}

static hq_status load(amending *a)
{
    const hq_debts_amendment *ask = a->ask;
    char term = ask->term == 0 ? 'D' : ask->term;
    hq_status s = hq_tre__debt_get(&a->debt, a->tx, ask->declaration);
    a->exists = hq_ok(s);
    if (s.code == HQ_E_NOT_FOUND) {
        a->debt = (hq_tre__debt){ .declaration = ask->declaration,
                                  .office = ask->office,
                                  .tax_code = ask->tax_code,
                                  .opened_at = ask->registered_at,
                                  .term = term };
        hq_tre__set_due(&a->debt, a->treasury->reference);
        s = HQ_DONE;
    }
    HQ_TRY(s);
    a->debt.version++;
    if (a->debt.term != term) { /* only while the goods are held: clearance sees to it */
        a->debt.term = term;
        a->debt.due = 0;
        a->debt.interest_from = 0;
        hq_tre__set_due(&a->debt, a->treasury->reference);
        a->changed = true;
    }
    if (ask->gone != 0) {
        a->since = a->debt.due != 0 ? a->debt.due : ask->gone;
    }
    return HQ_DONE;
}

static hq_status change_taxes(amending *a)
{
    for (int tax = 0; tax < HQ_TAX_COUNT; tax++) {
        int64_t was = owed_of(&a->debt, (hq_tax)tax);
        int64_t is = a->ask->tax_vnd[tax];
        if (is < 0) {
            return HQ_FAIL(RANGE);
        }
        if (is < was) {
            HQ_TRY(lower(a, (hq_tax)tax, was - is));
        } else if (is > was) {
            HQ_TRY(raise_tax(a, (hq_tax)tax, is - was));
        }
        a->changed |= is != was;
    }
    return HQ_DONE;
}

static hq_status write_amended(amending *a, const hq_hash32 *hash)
{
    hq_arena *arena = hq_tx_arena(a->tx);
    hq_buf text = HQ_BUF_ARENA(arena, 1024);
    hq_json_w json = hq_json_writer(&text);
    hq_json_open(&json, '{');
    HQ_JSON_KEY(&json, "tax_code");
    hq_json_text(&json, a->debt.tax_code);
    if (a->debt.payer_tax_code.len > 0) {
        HQ_JSON_KEY(&json, "payer_tax_code");
        hq_json_text(&json, a->debt.payer_tax_code);
    }
    HQ_JSON_KEY(&json, "more_vnd");
    hq_json_i64(&json, a->more_vnd);
    HQ_JSON_KEY(&json, "less_vnd");
    hq_json_i64(&json, a->less_vnd);
    HQ_JSON_KEY(&json, "returned_vnd");
    hq_json_i64(&json, a->returned_vnd);
    HQ_JSON_KEY(&json, "left_vnd");
    hq_json_i64(&json, hq_tre__debt_left(&a->debt));
    hq_json_close(&json, '}');
    HQ_TRY(hq_buf_status(&text));
    hq_tre__event event = {
        .office = a->debt.office,
        .subject = hq_tre__debt_subject(arena, a->debt.declaration),
        .actor = a->ask->actor,
        .payload = hq_buf_view(&text),
        .kind = "debt.amended",
        .version = a->debt.version,
        .hash = hash,
    };
    return hq_tre__event_write(a->tx, &event);
}

static hq_status store(amending *a)
{
    hq_hash32 hash;
    bool inserted = true;
    HQ_TRY(a->exists ? hq_tre__debt_update(&hash, a->tx, &a->debt)
                     : hq_tre__debt_insert(&inserted, &hash, a->tx, &a->debt));
    if (!inserted) {
        return HQ_FAIL(RERUN);
    }
    HQ_TRY(hq_tre__cover_lower(a->tx, a->debt.declaration, hq_tre__debt_left(&a->debt), false,
                               "guarantee.released", a->ask->actor));
    return write_amended(a, &hash);
}

static hq_status amend(amending *a, hq_debts_amended *out)
{
    HQ_TRY(load(a));
    out->before_vnd = a->exists ? hq_tre__debt_left(&a->debt) : 0;
    HQ_TRY(change_taxes(a));
    if (a->changed) {
        HQ_TRY(hq_tre__offset_returned(&a->debt, a->tx, &a->postings, a->ask->actor));
    }
    out->left_vnd = hq_tre__debt_left(&a->debt);
    out->returned_vnd = a->returned_vnd;
    bool nothing = !a->changed || (!a->exists && a->debt.entry_count == 0);
    return nothing ? HQ_DONE : store(a);
}

hq_status hq_debts_amend(hq_debts_amended *out, hq_treasury *treasury, hq_tx *tx,
                         const hq_debts_amendment *amendment)
{
    amending a = { .treasury = treasury,
                   .tx = tx,
                   .ask = amendment,
                   .ref = hq_reference_acquire(treasury->reference) };
    *out = (hq_debts_amended){ .left_vnd = 0 };
    hq_status s = amend(&a, out);
    hq_reference_release(treasury->reference, a.ref);
    return s;
}
