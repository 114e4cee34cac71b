/* SPDX-License-Identifier: Apache-2.0 */
#include "script.h"

#include <dirent.h>
#include <stdlib.h>

/* Runs cases/, a small language that an officer can read: see cases/README.md. After every line
 * that changes something the whole ledger must come out. */

/* ------------------------------------------------------------------ acts */

static void done(script *s, hq_status status, const char *text)
{
    snprintf(s->outcome, sizeof s->outcome, "%s", hq_ok(status) ? text : hq_status_name(status));
}

/* open 100000000010 owed-by 0100233488 [paid-by C] [term B] IMPORT 100 VAT 20 */
static void do_open(script *s, sentence *z)
{
    int64_t taxes[HQ_TAX_COUNT] = { 0 };
    hq_debts_new debts = { .tax_vnd = taxes, .office = HQ_SV("15BB"), .actor = HQ_SV("key/test") };
    int64_t owed;
    debts.declaration = script_declaration(z);
    script_expect_word(z, "owed-by");
    debts.tax_code = hq_sv_from_cstr(script_next(z));
    debts.payer_tax_code = script_take(z, "paid-by") ? hq_sv_from_cstr(script_next(z)) : HQ_SV("");
    debts.term = script_take(z, "term") ? script_next(z)[0] : 'D';
    while (script_more(z)) {
        hq_tax which = script_tax(z);
        taxes[which] = script_number(z);
    }
    hq_status status = ledger_debts_open(s->l, &debts, &owed);
    char text[64];
    snprintf(text, sizeof text, "owed %lld", (long long)owed);
    done(s, status, text);
}

/* "amend N [term B] [gone DAY] IMPORT 90 VAT 18": the whole of what it comes to now. */
static void do_amend(script *s, sentence *z)
{
    int64_t taxes[HQ_TAX_COUNT] = { 0 };
    hq_tre__debt debt = { .term = 'D' };
    hq_debts_amended amended;
    hq_debts_amendment ask = { .tax_vnd = taxes,
                               .office = HQ_SV("15BB"),
                               .tax_code = HQ_SV("0100233488"),
                               .actor = HQ_SV("key/test") };
    ask.declaration = script_declaration(z);
    bool known = ledger_debt_of(s->l, ask.declaration, &debt);
    ask.term = script_take(z, "term") ? script_next(z)[0] : debt.term;
    ask.registered_at = known ? debt.opened_at : hq_now(hq_test_clock_face(s->l->clock));
    ask.gone = script_take(z, "gone") ? day_of(script_next(z)) : 0;
    while (script_more(z)) {
        hq_tax which = script_tax(z);
        taxes[which] = script_number(z);
    }
    hq_status status = ledger_amend(s->l, &ask, &amended);
    char text[96];
    snprintf(text, sizeof text, "owed %lld returned %lld", (long long)amended.left_vnd,
             (long long)amended.returned_vnd);
    done(s, status, text);
}

typedef struct {
    ledger *l;
    const hq_debts_new *debts;
    const hq_cover_ask *ask;
    const char *rule;
    int64_t owed;
} registration;

static hq_status tx_register(hq_tx *tx, void *user)
{
    registration *r = user;
    HQ_TRY(hq_cover_reserve(r->l->treasury, tx, r->ask, &r->rule, NULL));
    return hq_debts_open(&r->owed, r->l->treasury, tx, r->debts);
}

/* register 100000000010 owed-by C by G1 IMPORT 100: cover and open in one transaction, term B */
static void do_register(script *s, sentence *z)
{
    int64_t taxes[HQ_TAX_COUNT] = { 0 };
    hq_cover_ask ask = { .term = 'B',
                         .office = HQ_SV("15BB"),
                         .actor = HQ_SV("key/test"),
                         .day = hq_day_of(hq_now(hq_test_clock_face(s->l->clock))) };
    hq_debts_new debts = {
        .tax_vnd = taxes, .term = 'B', .office = HQ_SV("15BB"), .actor = HQ_SV("key/test")
    };
    registration r = { .l = s->l, .debts = &debts, .ask = &ask, .rule = "" };
    ask.declaration = debts.declaration = script_declaration(z);
    script_expect_word(z, "owed-by");
    ask.tax_code = debts.tax_code = hq_sv_from_cstr(script_next(z));
    script_expect_word(z, "by");
    ask.guarantee = hq_sv_from_cstr(script_next(z));
    while (script_more(z)) {
        hq_tax which = script_tax(z);
        taxes[which] = script_number(z);
        ask.amount_vnd += taxes[which];
    }
    hq_status status = hq_store_write(s->l->store, tx_register, &r);
    snprintf(s->outcome, sizeof s->outcome, "%s", hq_ok(status) ? "covered" : "refused ");
    if (hq_failed(status)) {
        snprintf(s->outcome + 8, sizeof s->outcome - 8, "%s", r.rule);
    }
}

/* guarantee VCB G1 general|individual for 0100233488 limit 5 from D to D [only 100000000010] */
static void do_guarantee(script *s, sentence *z)
{
    hq_guarantee_new g = { .actor = HQ_SV("key/bank") };
    bool repeated;
    hq_why why;
    g.bank = hq_sv_from_cstr(script_next(z));
    g.number = hq_sv_from_cstr(script_next(z));
    g.general = script_take(z, "general");
    if (!g.general) {
        script_expect_word(z, "individual");
    }
    script_expect_word(z, "for");
    g.tax_code = hq_sv_from_cstr(script_next(z));
    script_expect_word(z, "limit");
    g.limit_vnd = script_number(z);
    script_expect_word(z, "from");
    g.valid_from = day_of(script_next(z));
    script_expect_word(z, "to");
    g.valid_to = day_of(script_next(z));
    if (script_take(z, "only")) {
        g.declaration = script_declaration(z);
    }
    hq_status status = ledger_guarantee(s->l, &g, &repeated, &why);
    if (status.code == HQ_E_CONFLICT) {
        snprintf(s->outcome, sizeof s->outcome, "conflict %.*s", HQ_SV_FMT(why.path));
        return;
    }
    done(s, status, repeated ? "repeated" : "registered");
}

/* cover 100000000010 by G1 for 0100233488 term B amount 5 */
static void do_cover(script *s, sentence *z)
{
    hq_cover_ask ask = { .office = HQ_SV("15BB"),
                         .kind = HQ_SV("A11"),
                         .actor = HQ_SV("key/test"),
                         .day = hq_day_of(hq_now(hq_test_clock_face(s->l->clock))) };
    const char *rule;
    ask.declaration = script_declaration(z);
    script_expect_word(z, "by");
    ask.guarantee = hq_sv_from_cstr(script_next(z));
    script_expect_word(z, "for");
    ask.tax_code = hq_sv_from_cstr(script_next(z));
    script_expect_word(z, "term");
    ask.term = script_next(z)[0];
    script_expect_word(z, "amount");
    ask.amount_vnd = script_number(z);
    hq_status status = ledger_cover(s->l, &ask, &rule);
    if (status.code == HQ_E_INVALID) {
        snprintf(s->outcome, sizeof s->outcome, "refused %s", rule);
        return;
    }
    done(s, status, "covered");
}

/* pay VCB R1 on 2026-11-20 from 0100233488 100000000010 VAT 5 [INTEREST] , ... */
static void do_pay(script *s, sentence *z)
{
    hq_payment_line lines[16];
    hq_payment payment = { .lines = lines, .actor = HQ_SV("key/bank") };
    bool repeated;
    hq_sv answer;
    hq_why why;
    payment.bank = hq_sv_from_cstr(script_next(z));
    payment.reference = hq_sv_from_cstr(script_next(z));
    script_expect_word(z, "on");
    payment.debited_at = hq_day_start(day_of(script_next(z))) + 3600 * HQ_US_PER_SECOND;
    script_expect_word(z, "from");
    payment.payer_tax_code = hq_sv_from_cstr(script_next(z));
    do {
        hq_payment_line *line = &lines[payment.line_count++];
        *line = (hq_payment_line){ .declaration = hq_sv_from_cstr(script_next(z)) };
        line->tax = script_tax(z);
        line->amount_vnd = script_number(z);
        line->kind = script_take(z, "INTEREST") ? HQ_DEBT_INTEREST : HQ_DEBT_TAX;
    } while (script_take(z, ",") && payment.line_count < 16);
    hq_status status = ledger_pay(s->l, &payment, &repeated, &answer, &why);
    if (status.code == HQ_E_CONFLICT) {
        snprintf(s->outcome, sizeof s->outcome, "conflict %.*s", HQ_SV_FMT(why.path));
        return;
    }
    done(s, status, repeated ? "repeated" : "posted");
}

/* ------------------------------------------------------------------ extend, cancel of guarantees
 */

typedef struct {
    hq_sv tax_code, number;
    hq_day valid_to;
    bool cancel;
} change;

static hq_status tx_change(hq_tx *tx, void *user)
{
    const change *c = user;
    hq_tre__guarantee g;
    HQ_TRY(hq_tre__guarantee_by_trader(&g, tx, c->tax_code, c->number));
    return c->cancel ? hq_tre__guarantee_cancel(&g, tx, HQ_SV("key/bank"), NULL)
                     : hq_tre__guarantee_extend(&g, tx, c->valid_to, HQ_SV("key/bank"), NULL);
}

/* extend G1 of 0100233488 to 2027-01-01 · cancel-guarantee G1 of 0100233488 */
static void do_change_guarantee(script *s, sentence *z, bool cancel)
{
    change c = { .cancel = cancel };
    c.number = hq_sv_from_cstr(script_next(z));
    script_expect_word(z, "of");
    c.tax_code = hq_sv_from_cstr(script_next(z));
    if (!cancel) {
        script_expect_word(z, "to");
        c.valid_to = day_of(script_next(z));
    }
    done(s, hq_store_write(s->l->store, tx_change, &c), "done");
}

/* ------------------------------------------------------------------ expectations */

static void equal(script *s, const char *what, int64_t have, int64_t want)
{
    if (have != want) {
        FAIL(s, "%s is %lld, expected %lld", what, (long long)have, (long long)want);
    }
}

static void check_settled(script *s, sentence *z)
{
    size_t told = s->l->settled_count;
    size_t i = 0;
    if (script_take(z, "nothing")) {
        equal(s, "declarations told as settled", (int64_t)told, 0);
        return;
    }
    for (; script_more(z); i++) {
        int64_t want = script_declaration(z);
        equal(s, "settled declaration", i < told ? s->l->settled[i] : 0, want);
    }
    equal(s, "declarations told as settled", (int64_t)told, (int64_t)i);
    s->l->settled_count = 0;
}

/* due 100000000010 2026-12-10 interest-from 2026-12-10 (none: none) */
static void check_due(script *s, sentence *z)
{
    hq_tre__debt debt;
    assert_true(ledger_debt_of(s->l, script_declaration(z), &debt));
    hq_day due = script_take(z, "none") ? 0 : day_of(script_next(z));
    equal(s, "due day", debt.due, due);
    script_expect_word(z, "interest-from");
    hq_day from = script_take(z, "none") ? 0 : day_of(script_next(z));
    equal(s, "day interest runs from", debt.interest_from, from);
}

/* interest 100000000010 IMPORT on 2026-03-11 270.000: in the ledger and running, were it that day
 */
static void check_interest(script *s, sentence *z)
{
    hq_tre__debt debt;
    int64_t interest;
    assert_true(ledger_debt_of(s->l, script_declaration(z), &debt));
    hq_tax which = script_tax(z);
    script_expect_word(z, "on");
    hq_day day = day_of(script_next(z));
    const hq_ref *ref = hq_reference_acquire(s->l->reference);
    interest = hq_tre__tax_left(&debt, HQ_DEBT_INTEREST, which);
    for (size_t i = 0; i < debt.entry_count; i++) {
        int64_t running;
        if (debt.entries[i].kind == HQ_DEBT_TAX && debt.entries[i].tax == which) {
            assert_true(
                hq_ok(hq_tre__interest_running(&running, ref, &debt, &debt.entries[i], day)));
            interest += running;
        }
    }
    hq_reference_release(s->l->reference, ref);
    equal(s, "interest", interest, script_number(z));
}

/* room G1 of 0100233488 300 */
static void check_room(script *s, sentence *z)
{
    hq_tre__guarantee g;
    const char *which = script_next(z);
    script_expect_word(z, "of");
    if (!ledger_guarantee_of(s->l, script_next(z), which, &g)) {
        FAIL(s, "no guarantee %s", which);
    }
    equal(s, "room", g.limit_vnd - g.reserved_vnd, script_number(z));
}

static void expect(script *s, sentence *z)
{
    if (script_take(z, "left")) {
        int64_t which = script_declaration(z);
        equal(s, "left", ledger_left(s->l, which), script_number(z));
    } else if (script_take(z, "credit")) {
        const char *who = script_next(z);
        equal(s, "credit", ledger_credit(s->l, who), script_number(z));
    } else if (script_take(z, "room")) {
        check_room(s, z);
    } else if (script_take(z, "settled")) {
        check_settled(s, z);
    } else if (script_take(z, "due")) {
        check_due(s, z);
    } else if (script_take(z, "interest")) {
        check_interest(s, z);
    } else {
        char want[512] = "";
        size_t len = 0;
        while (script_more(z)) {
            len += (size_t)snprintf(want + len, sizeof want - len, "%s%s", len > 0 ? " " : "",
                                    script_next(z));
        }
        if (strcmp(want, s->outcome) != 0) {
            FAIL(s, "it came to \"%s\", expected \"%s\"", s->outcome, want);
        }
    }
}

/* ------------------------------------------------------------------ running */

static void act(script *s, sentence *z)
{
    if (script_take(z, "open")) {
        do_open(s, z);
    } else if (script_take(z, "amend")) {
        do_amend(s, z);
    } else if (script_take(z, "guarantee")) {
        do_guarantee(s, z);
    } else if (script_take(z, "cover")) {
        do_cover(s, z);
    } else if (script_take(z, "pay")) {
        do_pay(s, z);
    } else if (script_take(z, "register")) {
        do_register(s, z);
    } else if (script_take(z, "cancel")) {
        done(s, ledger_cancel(s->l, script_declaration(z)), "done");
    } else if (script_take(z, "restore")) {
        done(s, ledger_restore(s->l, script_declaration(z)), "done");
    } else if (script_take(z, "cleared")) {
        int64_t which = script_declaration(z);
        script_expect_word(z, "on");
        done(s, ledger_cleared(s->l, which, day_of(script_next(z))), "done");
    } else if (script_take(z, "extend")) {
        do_change_guarantee(s, z, false);
    } else if (script_take(z, "cancel-guarantee")) {
        do_change_guarantee(s, z, true);
    } else {
        FAIL(s, "no such verb: %s", script_next(z));
    }
    ledger_assert_balanced(s->l);
}

static void run_line(script *s, hq_sv line)
{
    sentence z = { .s = s };
    script_split(&z, line);
    if (script_take(&z, "day")) {
        ledger_set_day(s->l, script_next(&z));
    } else if (script_take(&z, "rate")) {
        char csv[256];
        const char *percent = script_next(&z);
        script_expect_word(&z, "from");
        snprintf(csv, sizeof csv, "kind,percent_per_day,valid_from,valid_to\nTAX,%s,%s,\n", percent,
                 script_next(&z));
        ledger_reference(s->l, "interest_rates", csv);
    } else if (script_take(&z, "enterprise")) {
        char csv[256];
        const char *code = script_next(&z);
        script_expect_word(&z, "grade");
        snprintf(csv, sizeof csv,
                 "tax_code,name,status,founded,compliance,tax_debt_days,address\n"
                 "%s,Ví dụ,ACTIVE,2010-01-01,%s,0,Ví dụ\n",
                 code, script_next(&z));
        ledger_reference(s->l, "enterprises", csv);
    } else if (script_take(&z, "expect")) {
        expect(s, &z);
    } else {
        act(s, &z);
    }
    if (script_more(&z)) {
        FAIL(s, "words too many, from %s on", z.words[z.at]);
    }
}

static void run_file(const char *dir, const char *name)
{
    script s = { .l = ledger_open(), .file = name };
    char path[1024];
    hq_sv text;
    snprintf(path, sizeof path, "%s/%s", dir, name);
    assert_true(hq_ok(hq_os_read_file(&text, s.l->arena, path, 1 << 20)));
    for (hq_sv rest = text; rest.ptr != NULL;) {
        hq_sv line = hq_sv_trim(hq_sv_cut(&rest, '\n'));
        s.line++;
        if (line.len > 0 && line.ptr[0] != '#') {
            run_line(&s, line);
        }
    }
    ledger_close(s.l);
}

static int is_case(const struct dirent *entry)
{
    return hq_sv_ends(hq_sv_from_cstr(entry->d_name), HQ_SV(".txt"));
}

static void all_cases(void **state)
{
    (void)state;
    struct dirent **names;
    int count = scandir(HQ_CASES, &names, is_case, alphasort);
    assert_true(count > 0);
    for (int i = 0; i < count; i++) {
        print_message("         %s\n", names[i]->d_name);
        run_file(HQ_CASES, names[i]->d_name);
        free(names[i]);
    }
    free(names);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(all_cases) };
    return cmocka_run_group_tests_name("treasury cases", tests, NULL, NULL);
}
