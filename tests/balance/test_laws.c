/* SPDX-License-Identifier: Apache-2.0 */
#include "../chance.h"
#include "../check.h"
#include "../place.h"
#include "balance/room.h"

#include <stdatomic.h>

/* The laws of accounts under any interleaving of registrations, amendments, clearings and
 * cancellations, by one and by many threads at once: opened = drawn + left, nothing below zero, and
 * when all is cancelled everything is where it was. */

#define TRADER  HQ_SV("9900000016")
#define ACTOR   HQ_SV("key/test")
#define THREADS 8
#define ROUNDS  20 /* more than enough to cancel what depends on one another */

typedef struct {
    hq_store *store;
    hq_reference *reference;
    hq_test_clock *clock;
    hq_arena *arena;
    char dir[96];
    hq_sv list;
    _Atomic int64_t next;
} stall;

/* ------------------------------------------------------------------ setting up */

static void import_rows(stall *s, const char *table, const char *csv)
{
    hq_import_report report;
    const hq_finding *findings;
    size_t count = 0;
    hq_why why;
    hq_import_options options = { .actor = HQ_SV("system") };
    check_status(hq_reference_import(&report, s->reference, hq_sv_from_cstr(table),
                                     hq_sv_from_cstr(csv), &options, s->arena, &findings, &count,
                                     &why),
                 OK);
}

static hq_bal__line line(int64_t number, hq_bal__role role, int64_t planned, const char *unit)
{
    return (hq_bal__line){ .line = number,
                           .role = role,
                           .code = HQ_SV("M"),
                           .hs = HQ_SV(""),
                           .description = HQ_SV("x"),
                           .unit = hq_sv_from_cstr(unit),
                           .planned = planned,
                           .fresh = true };
}

static hq_status declare(hq_tx *tx, void *user)
{
    stall *s = user;
    hq_why why;
    hq_bal__norm norms[] = { { 1, 250000 }, { 2, 2000000 } };
    hq_bal__line goods[] = { line(1, HQ_BAL__GOODS, 40000000, "PCE"),
                             line(2, HQ_BAL__GOODS, 25500000, "PCE") };
    hq_bal__line parts[] = { line(1, HQ_BAL__MATERIAL, -1, "PCE"),
                             line(2, HQ_BAL__MATERIAL, 90000000, "PCE"),
                             line(3, HQ_BAL__PRODUCT, -1, "PCE") };
    parts[2].norms = norms;
    parts[2].norm_count = 2;
    hq_bal__draft drafts[] = {
        { .kind = HQ_ACCOUNT_EXEMPTION_LIST, .lines = goods, .line_count = 2 },
        { .kind = HQ_ACCOUNT_PROCESSING, .number = HQ_SV("HD"), .lines = parts, .line_count = 3 },
    };
    hq_caller caller = { .id = ACTOR, .role = HQ_ROLE_DECLARANT, .tax_code = TRADER };
    for (size_t i = 0; i < 2; i++) {
        hq_bal__account account;
        hq_bal__event event = { "balance.registered", HQ_SV(""), ACTOR };
        drafts[i].holder = TRADER;
        drafts[i].office = HQ_SV("15BB");
        drafts[i].title = HQ_SV("x");
        drafts[i].legal_ground = HQ_SV("");
        drafts[i].number = i == 0 ? HQ_SV("") : drafts[i].number;
        drafts[i].valid_to = 40000;
        HQ_TRY(hq_bal__draft_register(&account, tx, &drafts[i], &caller, &why));
        account.state = HQ_BAL__REGISTERED;
        HQ_TRY(hq_bal__account_write(tx, &account, &event));
        if (i == 0) {
            s->list = hq_arena_dup(s->arena, account.number);
        }
    }
    return HQ_DONE;
}

static stall *open_stall(void)
{
    static hq_store_room rooms[2];
    stall *s = calloc(1, sizeof *s);
    hq_why why = { .en = HQ_SV("") };
    hq_time_us at;
    assert_non_null(s);
    check_status(hq_base_init(), OK);
    s->arena = hq_arena_new((size_t)1 << 28);
    assert_true(place_make(s->dir, sizeof s->dir));
    check_status(hq_time_parse(&at, HQ_SV("2026-11-20T08:00:00+07:00")), OK);
    s->clock = hq_test_clock_new(at);
    rooms[0] = hq_reference_room;
    rooms[1] = hq_balance_room;
    hq_store_options options = { .url = hq_arena_printf(s->arena, "sqlite:%s/b.db", s->dir),
                                 .clock = hq_test_clock_face(s->clock),
                                 .rooms = rooms,
                                 .room_count = 2,
                                 .no_sync = true,
                                 .no_realtime = true };
    check_status(hq_store_open(&s->store, &options, s->arena, &why), OK);
    check_status(hq_reference_open(&s->reference, s->store, &why, s->arena), OK);
    import_rows(s, "balance_kinds",
                "kind,account,direction,required,valid_from,valid_to,opened_by,term\n"
                "A12,EXEMPTION_LIST,DRAW,0,2020-01-01,,,\n"
                "G12,TEMPORARY,OPEN,1,2020-01-01,,,\n"
                "G22,TEMPORARY,DRAW,1,2020-01-01,,G12,\n"
                "E21,PROCESSING,ADD,1,2020-01-01,,,\n"
                "E52,PROCESSING,DRAW,1,2020-01-01,,,\n");
    check_status(hq_store_write(s->store, declare, s), OK);
    s->next = 10000000001;
    return s;
}

static hq_status audit(hq_tx *tx, void *user)
{
    bool sound;
    hq_sv difference;
    (void)user;
    HQ_TRY(hq_balance_audit(&sound, &difference, tx, hq_tx_arena(tx)));
    if (!sound) {
        print_error("%.*s\n", HQ_SV_FMT(difference));
    }
    return sound ? HQ_DONE : HQ_FAIL(CORRUPT);
}

static void close_stall(stall *s)
{
    hq_journal_report report = { .intact = false };
    check_status(hq_store_read(s->store, audit, NULL), OK);
    check_status(hq_journal_verify(&report, s->store, NULL, NULL, s->arena), OK);
    assert_true(report.intact);
    hq_reference_close(s->reference);
    hq_store_close(s->store);
    hq_test_clock_free(s->clock);
    hq_arena_free(s->arena);
    place_remove(s->dir);
    free(s);
}

/* ------------------------------------------------------------------ declarations by chance */

typedef struct {
    int64_t number;
    int kind; /* of kinds[] */
    bool cleared, cancelled;
} declaration;

typedef struct {
    stall *s;
    chance c;
    declaration all[200];
    size_t count;
    int64_t opener; /* a temporary import of whoever, 0 none */
    hq_thread thread;
    int64_t done, refused;
} clerk;

static const char *const kinds[] = { "A12", "G12", "G22", "E21", "E52" };

typedef struct {
    clerk *k;
    declaration *d;
    hq_balance_claim claim;
    hq_balance_line lines[3];
    hq_balance_faults *faults;
    enum { APPLY, CLEAR, UNDO } deed;
} deed;

static hq_balance_source source(clerk *k, int kind, hq_arena *arena)
{
    hq_sv numbers[] = { k->s->list, HQ_SV(""),
                        hq_arena_printf(arena, "%lld0", (long long)k->opener), HQ_SV("HD"),
                        HQ_SV("HD") };
    int64_t lines[] = { 1 + (int64_t)chance_below(&k->c, 2), 0, 1,
                        1 + (int64_t)chance_below(&k->c, 2), 3 };
    return (hq_balance_source){ .number = numbers[kind], .line = lines[kind] };
}

/* One to three lines of small quantities, so that accounts run out and fill again. */
static void fill(deed *x)
{
    clerk *k = x->k;
    int kind = x->d->kind;
    x->claim = (hq_balance_claim){
        .declaration = x->d->number,
        .kind = hq_sv_from_cstr(kinds[kind]),
        .office = HQ_SV("15BB"),
        .trader = TRADER,
        .agent = HQ_SV(""),
        .actor = ACTOR,
        .flow = kind == 2 || kind == 4 ? HQ_FLOW_EXPORT : HQ_FLOW_IMPORT,
        .day = hq_day_from_civil(2026, 11, 20),
        .cleared = x->d->cleared,
        .return_limit = hq_day_from_civil(2027, 11, 20),
        .lines = x->lines,
        .line_count = kind == 1 ? 1 : 1 + chance_below(&k->c, 3),
    };
    for (size_t i = 0; i < 3; i++) {
        hq_balance_source from = source(k, kind, x->faults->arena);
        x->lines[i] = (hq_balance_line){
            .hs = HQ_SV("84818099"),
            .description = HQ_SV("x"),
            .quantity = { 1 + (int64_t)chance_below(&k->c, 1200), 2 },
            .unit = hq_code4_of(HQ_SV("PCE")),
        };
        *(kind == 0   ? &x->lines[i].list
          : kind == 2 ? &x->lines[i].temporary
                      : &x->lines[i].contract) = from;
    }
}

static hq_status run_deed(hq_tx *tx, void *user)
{
    deed *x = user;
    hq_sv draws;
    hq_why why;
    x->faults->count = 0;
    if (x->deed == CLEAR) {
        return hq_balance_cleared(tx, x->d->number, x->claim.day, ACTOR);
    }
    if (x->deed == UNDO) {
        return hq_balance_undo(tx, x->d->number, ACTOR, &why);
    }
    const hq_ref *ref = hq_reference_acquire(x->k->s->reference);
    hq_status s = hq_balance_apply(&draws, x->faults, tx, ref, &x->claim);
    hq_reference_release(x->k->s->reference, ref);
    return s;
}

static hq_status act(clerk *k, declaration *d, int what)
{
    hq_arena *arena = hq_arena_new((size_t)1 << 24);
    deed *x = HQ_NEW(arena, deed);
    hq_balance_faults *faults = HQ_NEW(arena, hq_balance_faults);
    assert_non_null(x);
    assert_non_null(faults);
    faults->arena = arena;
    *x = (deed){ .k = k, .d = d, .faults = faults, .deed = what };
    fill(x);
    hq_status s = hq_store_write(k->s->store, run_deed, x);
    if (what == APPLY && hq_ok(s) && d->kind == 1) {
        k->opener = d->number;
    }
    hq_arena_free(arena);
    k->done += hq_ok(s);
    k->refused += s.code == HQ_E_INVALID || s.code == HQ_E_CONFLICT;
    assert_true(hq_ok(s) || s.code == HQ_E_INVALID || s.code == HQ_E_CONFLICT);
    return s;
}

static void new_declaration(clerk *k)
{
    declaration *d = &k->all[k->count];
    if (k->count == sizeof k->all / sizeof k->all[0]) {
        return;
    }
    *d = (declaration){ .number = atomic_fetch_add(&k->s->next, 1),
                        .kind = (int)chance_below(&k->c, 5) };
    k->count += hq_ok(act(k, d, APPLY));
}

static void one_turn(clerk *k)
{
    if (k->count == 0 || chance_below(&k->c, 3) == 0) {
        new_declaration(k);
        return;
    }
    declaration *d = &k->all[chance_below(&k->c, k->count)];
    int what = (int)chance_below(&k->c, 3);
    if (d->cancelled || (what == CLEAR && d->cleared)) {
        return;
    }
    hq_status s = act(k, d, what);
    d->cleared |= hq_ok(s) && what == CLEAR;
    d->cancelled |= hq_ok(s) && what == UNDO;
}

/* Those that others drew from wait for the others. */
static size_t cancel_all(clerk *k)
{
    size_t left = 0;
    for (size_t i = k->count; i > 0; i--) {
        declaration *d = &k->all[i - 1];
        d->cancelled |= !d->cancelled && hq_ok(act(k, d, UNDO));
        left += !d->cancelled;
    }
    return left;
}

static int64_t ask(stall *s, const char *sql);

typedef struct {
    const char *sql;
    int64_t value;
} asking;

static hq_status ask_one(hq_tx *tx, void *user)
{
    asking *a = user;
    hq_rows rows;
    HQ_TRY(hq_tx_query_text(&rows, tx, hq_sv_from_cstr(a->sql), NULL, 0));
    a->value = hq_rows_next(&rows) ? hq_rows_i64(&rows, 0) : -1;
    return hq_rows_end(&rows);
}

static int64_t ask(stall *s, const char *sql)
{
    asking a = { .sql = sql };
    check_status(hq_store_read(s->store, ask_one, &a), OK);
    return a.value;
}

/* Nothing is drawn, nothing expected; lists hold what they held, materials and stays nothing. */
static void all_is_back(stall *s)
{
    assert_int_equal(ask(s, "SELECT COALESCE(SUM(drawn), 0) FROM balance_lines"), 0);
    assert_int_equal(ask(s, "SELECT COALESCE(SUM(expected), 0) FROM balance_lines"), 0);
    assert_int_equal(ask(s, "SELECT SUM(opened) FROM balance_lines"), 65500000);
    assert_int_equal(ask(s, "SELECT COUNT(*) FROM balance_accounts WHERE declaration <> 0 AND "
                            "state <> 4"),
                     0);
}

/* ------------------------------------------------------------------ the laws */

static void test_any_sequence(void **state)
{
    (void)state;
    int64_t done = 0;
    int64_t refused = 0;
    for (uint64_t seed = 1; seed <= 12; seed++) {
        stall *s = open_stall();
        clerk *k = calloc(1, sizeof *k);
        assert_non_null(k);
        k->s = s;
        k->c.state = seed;
        for (int i = 0; i < 250; i++) {
            one_turn(k);
            if (i % 25 == 0) {
                check_status(hq_store_read(s->store, audit, NULL), OK);
            }
        }
        for (int round = 0; round < ROUNDS && cancel_all(k) > 0; round++) {
        }
        all_is_back(s);
        done += k->done;
        refused += k->refused;
        free(k);
        close_stall(s);
    }
    assert_true(done > 500 && refused > 100); /* both were met, or chance tests nothing */
}

static void work(void *user)
{
    clerk *k = user;
    for (int i = 0; i < 120; i++) {
        one_turn(k);
    }
}

static void test_many_at_once(void **state)
{
    (void)state;
    stall *s = open_stall();
    clerk *all = calloc(THREADS, sizeof *all);
    assert_non_null(all);
    for (size_t i = 0; i < THREADS; i++) {
        all[i].s = s;
        all[i].c.state = 1000 + i;
        check_status(hq_thread_start(&all[i].thread, "clerk", work, &all[i]), OK);
    }
    for (size_t i = 0; i < THREADS; i++) {
        hq_thread_join(&all[i].thread);
    }
    check_status(hq_store_read(s->store, audit, NULL), OK);
    size_t left = 1;
    for (int round = 0; round < ROUNDS && left > 0; round++) {
        left = 0;
        for (size_t i = 0; i < THREADS; i++) {
            left += cancel_all(&all[i]);
        }
    }
    all_is_back(s);
    free(all);
    close_stall(s);
}

static hq_status spoil(hq_tx *tx, void *user)
{
    const char *const *sql = user;
    return hq_tx_run_text(tx, hq_sv_from_cstr(*sql), NULL, 0);
}

/* What was altered by hand shows, in the audit and in the journal. */
static void test_altered_figures_show(void **state)
{
    (void)state;
    const char *how[] = {
        "UPDATE balance_lines SET drawn = drawn + 1 WHERE line = 1 AND role = 0",
        "UPDATE balance_movements SET quantity = quantity + 1 WHERE number = 1",
        "UPDATE balance_accounts SET valid_to = valid_to + 1",
    };
    for (size_t i = 0; i < 3; i++) {
        stall *s = open_stall();
        hq_journal_report report = { .intact = true };
        check_status(hq_store_write(s->store, spoil, &how[i]), OK);
        check_status(hq_journal_verify(&report, s->store, NULL, NULL, s->arena), OK);
        assert_false(report.intact);
        hq_status sound = hq_store_read(s->store, audit, NULL);
        assert_int_equal(sound.code, i == 2 ? HQ_E_OK : HQ_E_CORRUPT); /* a day is no figure */
        hq_reference_close(s->reference);
        hq_store_close(s->store);
        hq_test_clock_free(s->clock);
        hq_arena_free(s->arena);
        place_remove(s->dir);
        free(s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_sequence),
        cmocka_unit_test(test_many_at_once),
        cmocka_unit_test(test_altered_figures_show),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
