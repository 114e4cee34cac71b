/* SPDX-License-Identifier: Apache-2.0 */
#include "treasury/room.h"

/* Opening, clearing and taking back the debts of a declaration. */

/* ------------------------------------------------------------------ when it is due */

/* By Law 107/2016 art. 9: guarantees defer, priority enterprises pay in the next month. */
void hq_tre__set_due(hq_tre__debt *debt, hq_reference *reference)
{
    if (debt->term == 'D') {
        return;
    }
    hq_day day = hq_day_of(debt->opened_at);
    bool priority = debt->term == 'C';
    const hq_ref *ref = hq_reference_acquire(reference);
    debt->due = hq_ref_term_last_day(
        ref, priority ? HQ_SV("PRIORITY_PAYMENT") : HQ_SV("GUARANTEE_DEFERS"), day);
    hq_reference_release(reference, ref);
    debt->interest_from = priority ? debt->due : 0;
}

/* ------------------------------------------------------------------ events */

/* On the hot path: no more than the follower needs, since every 64 bytes cost the journal a block
 * of SHA-256. The amounts are in the row, whose hash goes with the event. */
static hq_status write_opened(hq_tx *tx, const hq_tre__debt *debt, const hq_debts_new *debts,
                              const hq_hash32 *hash)
{
    hq_arena *arena = hq_tx_arena(tx);
    hq_buf text = HQ_BUF_ARENA(arena, 1024);
    hq_json_w json = hq_json_writer(&text);
    hq_json_open(&json, '{');
    HQ_JSON_KEY(&json, "tax_code");
    hq_json_text(&json, debt->tax_code);
    if (debt->payer_tax_code.len > 0) {
        HQ_JSON_KEY(&json, "payer_tax_code");
        hq_json_text(&json, debt->payer_tax_code);
    }
    HQ_JSON_KEY(&json, "term");
    hq_json_text(&json, hq_sv_make(&debt->term, 1));
    HQ_JSON_KEY(&json, "left_vnd");
    hq_json_i64(&json, hq_tre__debt_left(debt));
    hq_json_close(&json, '}');
    HQ_TRY(hq_buf_status(&text));
    hq_tre__event event = {
        .office = debt->office,
        .subject = hq_tre__debt_subject(arena, debt->declaration),
        .actor = debts->actor,
        .payload = hq_buf_view(&text),
        .kind = "debt.opened",
        .version = debt->version,
        .hash = hash,
    };
    return hq_tre__event_write(tx, &event);
}

/* ------------------------------------------------------------------ opening again */

/* Money of this declaration that went back to `paid`'s credit pays the open entries in order. */
static hq_status offset_payer(hq_tre__debt *debt, hq_tx *tx, const hq_tre__paid *paid,
                              size_t *place, hq_sv actor)
{
    int64_t balance_vnd;
    HQ_TRY(hq_tre__credit_balance(&balance_vnd, tx, paid->payer_tax_code));
    int64_t money = paid->amount_vnd < balance_vnd ? paid->amount_vnd : balance_vnd;
    int64_t used = 0;
    for (size_t i = 0; i < debt->entry_count && used < money; i++) {
        hq_tre__entry *entry = &debt->entries[i];
        int64_t left = hq_tre__entry_left(entry);
        int64_t part = left < money - used ? left : money - used;
        if (part == 0) {
            continue;
        }
        entry->paid_vnd += part;
        used += part;
        hq_tre__posting posting = { .cause = HQ_TRE__OFFSET,
                                    .kind = entry->kind,
                                    .tax = entry->tax,
                                    .amount_vnd = part,
                                    .payer_tax_code = paid->payer_tax_code };
        HQ_TRY(hq_tre__post(tx, debt, (*place)++, &posting));
    }
    if (used == 0) {
        return HQ_DONE;
    }
    hq_tre__credit move = { .tax_code = paid->payer_tax_code,
                            .cause = HQ_TRE__OFFSET,
                            .amount_vnd = -used,
                            .declaration = debt->declaration,
                            .actor = actor };
    return hq_tre__credit_move(tx, &move);
}

hq_status hq_tre__offset_returned(hq_tre__debt *debt, hq_tx *tx, size_t *place, hq_sv actor)
{
    hq_tre__paid *returned;
    size_t count;
    HQ_TRY(hq_tre__returned_from(&returned, &count, tx, debt->declaration));
    for (size_t i = 0; i < count; i++) {
        HQ_TRY(offset_payer(debt, tx, &returned[i], place, actor));
    }
    return HQ_DONE;
}

static hq_status open_again(int64_t *owed_vnd, hq_tx *tx, const hq_debts_new *debts,
                            const hq_tre__debt *fresh)
{
    hq_tre__debt debt;
    size_t place = 0;
    hq_hash32 hash;
    HQ_TRY(hq_tre__debt_get(&debt, tx, debts->declaration));
    debt.version++;
    debt.office = fresh->office;
    debt.tax_code = fresh->tax_code;
    debt.payer_tax_code = fresh->payer_tax_code;
    debt.term = fresh->term;
    for (size_t i = 0; i < fresh->entry_count; i++) {
        hq_tre__entry *entry = hq_tre__entry_of(&debt, HQ_DEBT_TAX, fresh->entries[i].tax, true);
        if (entry == NULL) {
            return HQ_FAIL(CORRUPT);
        }
        entry->owed_vnd += fresh->entries[i].owed_vnd;
    }
    HQ_TRY(hq_tre__offset_returned(&debt, tx, &place, debts->actor));
    HQ_TRY(hq_tre__debt_update(&hash, tx, &debt));
    *owed_vnd = hq_tre__debt_left(&debt);
    /* Covered before it was opened: no more is held than is still owed. */
    HQ_TRY(hq_tre__cover_lower(tx, debt.declaration, *owed_vnd, false, "guarantee.released",
                               debts->actor));
    return write_opened(tx, &debt, debts, &hash);
}

/* ------------------------------------------------------------------ opening */

hq_status hq_debts_open(int64_t *owed_vnd, hq_treasury *treasury, hq_tx *tx,
                        const hq_debts_new *debts)
{
    (void)treasury; /* the full ledger will post by its rules */
    hq_tre__debt debt = {
        .declaration = debts->declaration,
        .office = debts->office,
        .tax_code = debts->tax_code,
        .payer_tax_code = debts->payer_tax_code,
        .opened_at = hq_tx_now(tx),
        .version = 1,
        .term = debts->term == 0 ? 'D' : debts->term,
    };
    bool inserted;
    hq_hash32 hash;
    *owed_vnd = 0;
    for (int tax = 0; tax < HQ_TAX_COUNT; tax++) {
        if (debts->tax_vnd[tax] < 0) {
            return HQ_FAIL(RANGE);
        }
        if (debts->tax_vnd[tax] > 0) {
            debt.entries[debt.entry_count++] = (hq_tre__entry){ .kind = HQ_DEBT_TAX,
                                                                .tax = (hq_tax)tax,
                                                                .owed_vnd = debts->tax_vnd[tax] };
        }
    }
    if (debt.entry_count == 0) {
        return HQ_DONE;
    }
    hq_tre__set_due(&debt, treasury->reference);
    HQ_TRY(hq_tre__debt_insert(&inserted, &hash, tx, &debt));
    if (!inserted) {
        return open_again(owed_vnd, tx, debts, &debt);
    }
    *owed_vnd = hq_tre__debt_left(&debt);
    return write_opened(tx, &debt, debts, &hash);
}

/* ------------------------------------------------------------------ clearing */

hq_status hq_debts_cleared(hq_treasury *treasury, hq_tx *tx, int64_t declaration, hq_day day,
                           hq_sv actor)
{
    (void)treasury;
    hq_arena *arena = hq_tx_arena(tx);
    hq_tre__debt debt;
    hq_hash32 hash;
    hq_status s = hq_tre__debt_get(&debt, tx, declaration);
    if (s.code == HQ_E_NOT_FOUND) {
        return HQ_DONE;
    }
    HQ_TRY(s);
    bool guaranteed = debt.term == 'A' || debt.term == 'B';
    if (!guaranteed || debt.interest_from != 0 || hq_tre__debt_left(&debt) == 0) {
        return HQ_DONE;
    }
    debt.interest_from = day;
    debt.version++;
    HQ_TRY(hq_tre__debt_update(&hash, tx, &debt));
    hq_buf text = HQ_BUF_ARENA(arena, 128);
    hq_buf_lit(&text, "{\"interest_from\":\"");
    hq_day_write(&text, day);
    hq_buf_lit(&text, "\"}");
    HQ_TRY(hq_buf_status(&text));
    hq_tre__event event = {
        .office = debt.office,
        .subject = hq_tre__debt_subject(arena, declaration),
        .actor = actor,
        .payload = hq_buf_view(&text),
        .kind = "debt.interest_began",
        .version = debt.version,
        .hash = &hash,
    };
    return hq_tre__event_write(tx, &event);
}

/* ------------------------------------------------------------------ taking back */

/* What each payer had paid goes to his credit, one posting a tax and one entry a payer. */
static hq_status give_back(hq_tx *tx, const hq_tre__debt *debt, hq_sv actor)
{
    hq_tre__paid *paid;
    size_t count;
    HQ_TRY(hq_tre__paid_for(&paid, &count, tx, debt->declaration));
    for (size_t i = 0; i < count;) {
        hq_tre__credit move = { .tax_code = paid[i].payer_tax_code,
                                .cause = HQ_TRE__RETURNED,
                                .declaration = debt->declaration,
                                .actor = actor };
        for (; i < count && hq_sv_eq(paid[i].payer_tax_code, move.tax_code); i++) {
            hq_tre__posting posting = { .cause = HQ_TRE__RETURNED,
                                        .kind = paid[i].kind,
                                        .tax = paid[i].tax,
                                        .amount_vnd = -paid[i].amount_vnd,
                                        .payer_tax_code = paid[i].payer_tax_code };
            HQ_TRY(hq_tre__post(tx, debt, i, &posting));
            move.amount_vnd += paid[i].amount_vnd;
        }
        HQ_TRY(hq_tre__credit_move(tx, &move));
    }
    return HQ_DONE;
}

static hq_status write_cancelled(hq_tx *tx, const hq_tre__debt *debt, const hq_tre__sums *before,
                                 hq_sv actor, const hq_hash32 *hash)
{
    hq_arena *arena = hq_tx_arena(tx);
    hq_buf text = HQ_BUF_ARENA(arena, 256);
    hq_json_w json = hq_json_writer(&text);
    hq_json_open(&json, '{');
    HQ_JSON_KEY(&json, "cancelled_vnd");
    hq_json_i64(&json, before->owed_vnd - before->cancelled_vnd);
    HQ_JSON_KEY(&json, "returned_vnd");
    hq_json_i64(&json, before->paid_vnd);
    HQ_JSON_KEY(&json, "left_vnd");
    hq_json_i64(&json, 0);
    hq_json_close(&json, '}');
    HQ_TRY(hq_buf_status(&text));
    hq_tre__event event = {
        .office = debt->office,
        .subject = hq_tre__debt_subject(arena, debt->declaration),
        .actor = actor,
        .payload = hq_buf_view(&text),
        .kind = "debt.cancelled",
        .version = debt->version,
        .hash = hash,
    };
    return hq_tre__event_write(tx, &event);
}

hq_status hq_debts_cancel(hq_treasury *treasury, hq_tx *tx, int64_t declaration, hq_sv actor)
{
    hq_tre__debt debt;
    hq_hash32 hash;
    HQ_TRY(hq_cover_restore(treasury, tx, declaration, actor));
    hq_status s = hq_tre__debt_get(&debt, tx, declaration);
    if (s.code == HQ_E_NOT_FOUND) {
        return HQ_DONE; /* nothing was owed */
    }
    HQ_TRY(s);
    hq_tre__sums before = hq_tre__debt_sums(&debt);
    if (before.owed_vnd == before.cancelled_vnd) {
        return HQ_DONE;
    }
    debt.version++;
    HQ_TRY(give_back(tx, &debt, actor));
    for (size_t i = 0; i < debt.entry_count; i++) {
        debt.entries[i].paid_vnd = 0;
        debt.entries[i].cancelled_vnd = debt.entries[i].owed_vnd;
    }
    HQ_TRY(hq_tre__debt_update(&hash, tx, &debt));
    return write_cancelled(tx, &debt, &before, actor, &hash);
}
