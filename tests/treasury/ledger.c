/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../place.h"

#define ARENA_MAX ((size_t)1 << 30)

hq_day day_of(const char *text)
{
    hq_day out;
    assert_true(hq_ok(hq_day_parse(&out, hq_sv_from_cstr(text))));
    return out;
}

int64_t number_of(const char *text)
{
    int64_t out;
    assert_true(hq_sv_i64(&out, hq_sv_from_cstr(text)));
    return out;
}

static hq_status note_settled(hq_tx *tx, int64_t declaration, hq_sv actor, void *user)
{
    ledger *l = user;
    (void)tx;
    (void)actor;
    if (l->settled_count < sizeof l->settled / sizeof l->settled[0]) {
        l->settled[l->settled_count++] = declaration;
    }
    return HQ_DONE;
}

ledger *ledger_open(void)
{
    ledger *l = calloc(1, sizeof *l);
    assert_non_null(l);
    assert_true(hq_ok(hq_base_init()));
    l->arena = hq_arena_new(ARENA_MAX);
    l->clock = hq_test_clock_new(hq_day_start(day_of("2026-11-20")) + 8 * 3600 * HQ_US_PER_SECOND);
    assert_true(place_make(l->dir, sizeof l->dir));
    const hq_store_room rooms[] = { hq_reference_room, hq_treasury_room };
    static hq_store_room kept[2];
    memcpy(kept, rooms, sizeof kept);
    hq_store_options options = {
        .url = hq_arena_printf(l->arena, "sqlite:%s/ledger.db", l->dir),
        .clock = hq_test_clock_face(l->clock),
        .rooms = kept,
        .room_count = 2,
        .no_sync = true,
        .no_realtime = true,
    };
    hq_why why = { 0 };
    if (hq_failed(hq_store_open(&l->store, &options, l->arena, &why))) {
        fail_msg("store: %.*s", HQ_SV_FMT(why.en));
    }
    assert_true(hq_ok(hq_reference_open(&l->reference, l->store, &why, l->arena)));
    assert_true(hq_ok(hq_treasury_open(&l->treasury, l->store, l->reference)));
    hq_treasury_on_settled(l->treasury, note_settled, l);
    return l;
}

void ledger_close(ledger *l)
{
    hq_treasury_close(l->treasury);
    hq_reference_close(l->reference);
    hq_store_close(l->store);
    hq_test_clock_free(l->clock);
    hq_arena_free(l->arena);
    place_remove(l->dir);
    free(l);
}

void ledger_set_day(ledger *l, const char *day)
{
    hq_time_us at = hq_day_start(day_of(day)) + 8 * 3600 * HQ_US_PER_SECOND;
    if (at > hq_now(hq_test_clock_face(l->clock))) {
        assert_true(hq_ok(hq_test_clock_set(l->clock, at)));
    }
}

void ledger_reference(ledger *l, const char *table, const char *csv)
{
    hq_import_report report;
    hq_import_options options = { .actor = HQ_SV("test") };
    const hq_finding *findings = NULL;
    size_t count = 0;
    hq_why why = { 0 };
    hq_status s =
        hq_reference_import(&report, l->reference, hq_sv_from_cstr(table), hq_sv_from_cstr(csv),
                            &options, l->arena, &findings, &count, &why);
    if (hq_failed(s)) {
        hq_sv said = count > 0 ? findings[0].en : why.en;
        fail_msg("%s: %s %.*s", table, hq_status_name(s), HQ_SV_FMT(said));
    }
}

/* ------------------------------------------------------------------ one call, one transaction */

typedef struct {
    ledger *l;
    const void *in;
    int64_t number, out;
    hq_day day;
    bool repeated;
    const char *rule;
    hq_sv text, other;
    hq_why why;
    hq_tre__guarantee guarantee;
    hq_tre__debt debt;
    hq_debts_amended amended;
    char rule_text[16];
} call;

static hq_status run(hq_tx_fn fn, call *c)
{
    hq_status s = hq_store_write(c->l->store, fn, c);
    if (s.code == HQ_E_INTERNAL || s.code == HQ_E_CORRUPT) {
        fail_msg("%s: %.*s", hq_status_name(s),
                 HQ_SV_FMT(hq_store_problem(c->l->store, c->l->arena)));
    }
    return s;
}

static void keep_why(call *c, const hq_why *why)
{
    c->why = (hq_why){ hq_arena_dup(c->l->arena, why->path), hq_arena_dup(c->l->arena, why->vi),
                       hq_arena_dup(c->l->arena, why->en) };
}

static hq_status tx_open(hq_tx *tx, void *user)
{
    call *c = user;
    return hq_debts_open(&c->out, c->l->treasury, tx, c->in);
}

hq_status ledger_debts_open(ledger *l, const hq_debts_new *debts, int64_t *owed)
{
    call c = { .l = l, .in = debts };
    hq_status s = run(tx_open, &c);
    *owed = c.out;
    return s;
}

static hq_status tx_cancel(hq_tx *tx, void *user)
{
    call *c = user;
    return hq_debts_cancel(c->l->treasury, tx, c->number, HQ_SV("user/test"));
}

hq_status ledger_cancel(ledger *l, int64_t declaration)
{
    call c = { .l = l, .number = declaration };
    return run(tx_cancel, &c);
}

static hq_status tx_cleared(hq_tx *tx, void *user)
{
    call *c = user;
    return hq_debts_cleared(c->l->treasury, tx, c->number, c->day, HQ_SV("system"));
}

hq_status ledger_cleared(ledger *l, int64_t declaration, hq_day day)
{
    call c = { .l = l, .number = declaration, .day = day };
    return run(tx_cleared, &c);
}

static hq_status tx_amend(hq_tx *tx, void *user)
{
    call *c = user;
    return hq_debts_amend(&c->amended, c->l->treasury, tx, c->in);
}

hq_status ledger_amend(ledger *l, const hq_debts_amendment *amendment, hq_debts_amended *out)
{
    call c = { .l = l, .in = amendment };
    hq_status s = run(tx_amend, &c);
    *out = c.amended;
    return s;
}

static hq_status tx_cover(hq_tx *tx, void *user)
{
    call *c = user;
    hq_why why = { 0 };
    return hq_cover_reserve(c->l->treasury, tx, c->in, &c->rule, &why);
}

hq_status ledger_cover(ledger *l, const hq_cover_ask *ask, const char **rule)
{
    call c = { .l = l, .in = ask };
    hq_status s = run(tx_cover, &c);
    *rule = c.rule;
    return s;
}

static hq_status tx_restore(hq_tx *tx, void *user)
{
    call *c = user;
    return hq_cover_restore(c->l->treasury, tx, c->number, HQ_SV("user/test"));
}

hq_status ledger_restore(ledger *l, int64_t declaration)
{
    call c = { .l = l, .number = declaration };
    return run(tx_restore, &c);
}

static hq_status tx_guarantee(hq_tx *tx, void *user)
{
    call *c = user;
    hq_why why = { 0 };
    hq_sv id;
    hq_status s = hq_guarantee_register(&id, &c->repeated, tx, c->in, &why);
    keep_why(c, &why);
    return s;
}

hq_status ledger_guarantee(ledger *l, const hq_guarantee_new *guarantee, bool *repeated,
                           hq_why *why)
{
    call c = { .l = l, .in = guarantee };
    hq_status s = run(tx_guarantee, &c);
    *repeated = c.repeated;
    *why = c.why;
    return s;
}

static hq_status tx_pay(hq_tx *tx, void *user)
{
    call *c = user;
    hq_why why = { 0 };
    hq_sv answer;
    hq_status s = hq_payment_post(&answer, &c->repeated, c->l->treasury, tx, c->in, &why);
    keep_why(c, &why);
    if (hq_ok(s)) {
        c->text = hq_arena_dup(c->l->arena, answer);
    }
    return s;
}

hq_status ledger_pay(ledger *l, const hq_payment *payment, bool *repeated, hq_sv *answer,
                     hq_why *why)
{
    call c = { .l = l, .in = payment };
    hq_status s = run(tx_pay, &c);
    *repeated = c.repeated;
    *answer = c.text;
    *why = c.why;
    return s;
}

/* ------------------------------------------------------------------ reading */

static hq_status tx_left(hq_tx *tx, void *user)
{
    call *c = user;
    return hq_debts_left(&c->out, tx, c->number);
}

int64_t ledger_left(ledger *l, int64_t declaration)
{
    call c = { .l = l, .number = declaration };
    assert_true(hq_ok(hq_store_read(l->store, tx_left, &c)));
    return c.out;
}

static hq_status tx_credit(hq_tx *tx, void *user)
{
    call *c = user;
    return hq_tre__credit_balance(&c->out, tx, c->text);
}

int64_t ledger_credit(ledger *l, const char *tax_code)
{
    call c = { .l = l, .text = hq_sv_from_cstr(tax_code) };
    assert_true(hq_ok(hq_store_read(l->store, tx_credit, &c)));
    return c.out;
}

static hq_status tx_guarantee_of(hq_tx *tx, void *user)
{
    call *c = user;
    return hq_tre__guarantee_by_trader(&c->guarantee, tx, c->text, c->other);
}

bool ledger_guarantee_of(ledger *l, const char *tax_code, const char *number,
                         hq_tre__guarantee *out)
{
    call c = { .l = l, .text = hq_sv_from_cstr(tax_code), .other = hq_sv_from_cstr(number) };
    hq_status s = hq_store_read(l->store, tx_guarantee_of, &c);
    assert_true(hq_ok(s) || s.code == HQ_E_NOT_FOUND);
    *out = c.guarantee;
    return hq_ok(s);
}

static hq_status tx_debt_of(hq_tx *tx, void *user)
{
    call *c = user;
    return hq_tre__debt_get(&c->debt, tx, c->number);
}

bool ledger_debt_of(ledger *l, int64_t declaration, hq_tre__debt *out)
{
    call c = { .l = l, .number = declaration };
    hq_status s = hq_store_read(l->store, tx_debt_of, &c);
    assert_true(hq_ok(s) || s.code == HQ_E_NOT_FOUND);
    *out = c.debt;
    return hq_ok(s);
}

static hq_status tx_balanced(hq_tx *tx, void *user)
{
    call *c = user;
    return hq_treasury_balanced(&c->repeated, &c->text, tx, c->l->arena);
}

void ledger_assert_balanced(ledger *l)
{
    call c = { .l = l };
    hq_status s = hq_store_read(l->store, tx_balanced, &c);
    if (hq_failed(s)) {
        fail_msg("balance: %s %.*s", hq_status_name(s),
                 HQ_SV_FMT(hq_store_problem(l->store, l->arena)));
    }
    if (!c.repeated) {
        fail_msg("not balanced: %.*s", HQ_SV_FMT(c.text));
    }
}
