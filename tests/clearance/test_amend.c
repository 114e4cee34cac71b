/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/changes.h"
#include "desk.h"
#include "lives.h"

#include <stdatomic.h>

/* Laws of amendments: what is told of a change is the change; whatever sequence is accepted, money
 * and receipt agree with the last content; of many at once one wins. */

static uint64_t seed = 20261120;

static uint32_t draw(uint32_t bound)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(seed >> 33) % bound;
}

/* ------------------------------------------------------------------ the difference and the way
 * back */

static hq_doc *text_of(hq_arena *arena, const char *text)
{
    hq_doc *doc = NULL;
    HOUSE_MUST(hq_doc_parse(&doc, hq_sv_from_cstr(text), arena));
    return doc;
}

static hq_doc *line_of(hq_arena *arena)
{
    char text[256];
    snprintf(text, sizeof text,
             "{\"hs\":\"8481%04u\",\"description\":\"d%u\",\"quantity\":{\"amount\":\"%u.00\","
             "\"unit\":\"PCE\"},\"invoice_value\":\"%u.00\",\"taxes\":[{\"tax\":\"VAT\"}]}",
             draw(3), draw(3), draw(3), draw(3));
    return text_of(arena, text);
}

static hq_doc *declaration_of(hq_arena *arena, uint32_t lines)
{
    hq_doc *doc =
        text_of(arena, "{\"kind\":\"A11\",\"importer\":{\"tax_code\":\"1\",\"name\":\"n\"},"
                       "\"bills\":[\"a\",\"b\"],\"invoice\":{\"total\":\"10.00\"},"
                       "\"notes\":\"\",\"lines\":[]}");
    hq_doc *list = hq_doc_member(doc, HQ_SV("lines"));
    for (uint32_t i = 0; i < lines; i++) {
        hq_doc_add_element(list, i, line_of(arena));
    }
    return doc;
}

static void edit(hq_doc *doc, hq_arena *arena)
{
    static const char *const header[][2] = {
        { "/notes", "\"x\"" },
        { "/notes", "null" },
        { "/bills/-", "\"c\"" },
        { "/bills/0", "null" },
        { "/importer/name", "\"m\"" },
        { "/importer/address", "\"a~/b\"" },
        { "/invoice", "null" },
        { "/valuation/freight/amount", "\"5.0\"" },
        { "/bills", "[]" },
        { "/a~1b/c~0d", "\"odd\"" },
    };
    hq_doc *list = hq_doc_member(doc, HQ_SV("lines"));
    uint32_t count = (uint32_t)hq_doc_count(list);
    uint32_t at = count == 0 ? 0 : draw(count);
    const char *const *h = header[draw(10)];
    switch (draw(5)) {
    case 0:
        hq_doc_put(doc, hq_sv_from_cstr(h[0]), text_of(arena, h[1]), arena);
        break;
    case 1:
        hq_doc_take_element(list, at);
        break;
    case 2:
        hq_doc_add_element(list, at, line_of(arena));
        break;
    case 3:
        hq_doc_put(doc, hq_arena_printf(arena, "/lines/%u/description", at),
                   text_of(arena, "\"other\""), arena);
        break;
    default:
        hq_doc_put(doc, hq_arena_printf(arena, "/lines/%u/quantity", at),
                   draw(2) == 0 ? NULL : text_of(arena, "{\"amount\":\"9.00\"}"), arena);
        break;
    }
}

static hq_sv written(const hq_doc *doc, hq_arena *arena)
{
    hq_buf text = HQ_BUF_ARENA(arena, (size_t)1 << 20);
    hq_json_w w = hq_json_writer(&text);
    hq_doc_write(&w, doc);
    return hq_buf_view(&text);
}

static void test_changes_lead_from_one_to_the_other(void **state)
{
    (void)state;
    for (int round = 0; round < 3000; round++) {
        hq_arena *arena = hq_arena_new((size_t)64 << 20);
        hq_clr__changes changes;
        hq_clr__changes none;
        hq_doc *before = declaration_of(arena, draw(7));
        hq_sv text = written(before, arena);
        hq_doc *after = text_of(arena, hq_arena_cstr(arena, text));
        for (uint32_t i = draw(6); i > 0; i--) {
            edit(after, arena);
        }
        HOUSE_MUST(hq_clr__changes_between(&changes, before, after, arena));
        assert_int_equal(changes.touched_count == 0, hq_doc_same(before, after));
        hq_doc *back = text_of(arena, hq_arena_cstr(arena, text));
        HOUSE_MUST(hq_clr__changes_apply(back, changes.lines, changes.header, arena));
        HOUSE_MUST(hq_clr__changes_between(&none, back, after, arena));
        if (none.touched_count != 0 || !hq_doc_same(back, after)) {
            fail_msg("%.*s\nbecame\n%.*s\ninstead of\n%.*s\nby\n%.*s %.*s", HQ_SV_FMT(text),
                     HQ_SV_FMT(written(back, arena)), HQ_SV_FMT(written(after, arena)),
                     HQ_SV_FMT(changes.header), HQ_SV_FMT(changes.lines));
        }
        hq_arena_free(arena);
    }
}

/* A line that goes from among many is told as one that went, not as all that follow changed. */
static void test_a_line_that_goes_is_one_line(void **state)
{
    (void)state;
    hq_arena *arena = hq_arena_new((size_t)64 << 20);
    hq_clr__changes changes;
    hq_doc *before = declaration_of(arena, 0);
    hq_doc *list = hq_doc_member(before, HQ_SV("lines"));
    for (size_t i = 0; i < 50; i++) {
        char text[128];
        snprintf(text, sizeof text, "{\"hs\":\"84818099\",\"description\":\"goods %zu\"}", i);
        hq_doc_add_element(list, i, text_of(arena, text));
    }
    hq_doc *after = text_of(arena, hq_arena_cstr(arena, written(before, arena)));
    hq_doc_take_element(hq_doc_member(after, HQ_SV("lines")), 20);
    HOUSE_MUST(hq_clr__changes_between(&changes, before, after, arena));
    assert_int_equal(changes.touched_count, 1);
    assert_true(hq_sv_eq(changes.touched[0].path, HQ_SV("/lines/20")));
    assert_int_equal(changes.after_of[19], 19);
    assert_int_equal(changes.after_of[20], HQ_CLR__NO_LINE);
    assert_int_equal(changes.after_of[49], 48);
    hq_arena_free(arena);
}

/* The same of a declaration of thousands, where one went, one changed and one came. */
static void test_of_thousands_only_what_differs_is_told(void **state)
{
    (void)state;
    hq_arena *arena = hq_arena_new((size_t)512 << 20);
    hq_clr__changes changes;
    hq_doc *before = declaration_of(arena, 0);
    hq_buf text = HQ_BUF_ARENA(arena, (size_t)16 << 20);
    hq_buf_lit(&text, "{\"lines\":[");
    for (int i = 0; i < 4900; i++) {
        hq_buf_printf(&text,
                      "%s{\"hs\":\"84818099\",\"description\":\"goods %d\",\"origin\":\"CN\"}",
                      i == 0 ? "" : ",", i / 2 * 2 + (i > 4000 ? i % 2 : 0));
    }
    hq_buf_lit(&text, "]}");
    HOUSE_MUST(hq_doc_parse(&before, hq_buf_view(&text), arena));
    hq_doc *after = NULL;
    HOUSE_MUST(hq_doc_parse(&after, hq_buf_view(&text), arena));
    hq_doc *list = hq_doc_member(after, HQ_SV("lines"));
    hq_doc_take_element(list, 10);
    hq_doc_put(after, HQ_SV("/lines/4300/origin"), text_of(arena, "\"KR\""), arena);
    hq_doc_add_element(list, 4600, text_of(arena, "{\"hs\":\"1\"}"));
    HOUSE_MUST(hq_clr__changes_between(&changes, before, after, arena));
    assert_int_equal(changes.touched_count, 3);
    hq_doc *back = NULL;
    HOUSE_MUST(hq_doc_parse(&back, hq_buf_view(&text), arena));
    HOUSE_MUST(hq_clr__changes_apply(back, changes.lines, changes.header, arena));
    assert_true(hq_doc_same(back, after));
    hq_arena_free(arena);
}

/* ------------------------------------------------------------------ money agrees with the content
 */

static hq_sv random_changes(hq_arena *arena, uint32_t quantity)
{
    static const char *const schemes[] = {
        "{\"path\":\"/lines/0/scheme\",\"value\":\"B01\"}",
        "{\"path\":\"/lines/0/scheme\",\"value\":\"B05\"},{\"path\":\"/lines/0/origin_proof\","
        "\"value\":{\"form\":\"E\",\"number\":\"E-1\",\"date\":\"2026-11-10\"}}",
    };
    return hq_arena_printf(arena,
                           "[{\"path\":\"/lines/0/quantity/amount\",\"value\":\"%u.00\"},"
                           "{\"path\":\"/lines/0/invoice_value\",\"value\":\"%u.00\"},"
                           "{\"path\":\"/invoice/total\",\"value\":\"%u.00\"},%s]",
                           quantity, quantity * 6150, quantity * 6150, schemes[draw(2)]);
}

static const char *amendment_of(hq_arena *arena, uint32_t least)
{
    hq_sv changes = random_changes(arena, least + draw(20));
    return hq_arena_cstr(
        arena, hq_arena_printf(arena, "{\"reason_code\":\"5\",\"reason\":\"x\",\"changes\":%.*s}",
                               HQ_SV_FMT(changes)));
}

static hq_status look_at_ledger(hq_tx *tx, void *user)
{
    bool balanced;
    hq_sv difference;
    (void)user;
    HOUSE_MUST(hq_treasury_balanced(&balanced, &difference, tx, hq_tx_arena(tx)));
    if (!balanced) {
        fail_msg("%.*s", HQ_SV_FMT(difference));
    }
    return HQ_DONE;
}

static int64_t debts(lives *l, const char *number, const char *what)
{
    char sql[256];
    snprintf(sql, sizeof sql,
             "SELECT COALESCE(SUM(%s), 0) FROM treasury_debts WHERE declaration = %.11s", what,
             number);
    return house_ask(&l->h, sql);
}

/* Still owed and paid are together what the last content comes to, all money that came in is on the
 * debt or the payer's credit, and the receipt follows from itself. */
static void agrees(lives *l, hq_arena *arena, const char *number)
{
    char path[96];
    int64_t payable;
    hq_why why = { .en = HQ_SV("") };
    house_answer record = lives_read(l, arena, number);
    assert_true(hq_json_get_i64(&payable, hq_json_get(record.json, "assessment"), "total_payable"));
    assert_int_equal(debts(l, number, "owed_vnd - cancelled_vnd"), payable);
    HOUSE_MUST(hq_store_read(l->h.store, look_at_ledger, NULL));
    snprintf(path, sizeof path, "/api/v1/declarations/%s/receipt", number);
    house_answer receipt = house_call(&l->h, arena, l->trader, HQ_GET, path, NULL, NULL);
    const hq_json *text = hq_json_get(receipt.json, "receipt");
    assert_non_null(text);
    if (hq_failed(hq_receipt_verify(text->text, arena, &why))) {
        fail_msg("receipt: %.*s", HQ_SV_FMT(why.en));
    }
}

static void decide(lives *l, hq_arena *arena, const char *number, const house_answer *asked)
{
    char verb[64];
    snprintf(verb, sizeof verb, "amendments/%.*s/%s",
             HQ_SV_FMT(hq_json_get_text(asked->json, "approval")),
             draw(4) == 0 ? "refusal" : "acceptance");
    bool refuses = strstr(verb, "refusal") != NULL;
    house_answer a =
        lives_post(l, arena, l->officer, number, verb, refuses ? "{\"reason\":\"x\"}" : "{}");
    assert_true(a.http == 200 || a.http == 422); /* 422: the guarantee does not cover it */
    if (a.http == 422) {
        snprintf(verb, sizeof verb, "amendments/%.*s/withdrawal",
                 HQ_SV_FMT(hq_json_get_text(asked->json, "approval")));
        assert_int_equal(lives_post(l, arena, l->trader, number, verb, "{}").http, 200);
    }
}

static void random_step(lives *l, const char *number)
{
    hq_arena *arena = hq_arena_new((size_t)128 << 20);
    switch (draw(6)) {
    case 0:
        lives_pay(l, arena, number, 30);
        break;
    case 1:
        lives_pay(l, arena, number, 100);
        break;
    case 2:
        lives_post(l, arena, l->officer, number, "document-check", "{\"result\":\"satisfactory\"}");
        break;
    default: {
        house_answer asked =
            lives_post(l, arena, l->trader, number, "amendments", amendment_of(arena, 1));
        if (asked.http == 202) {
            decide(l, arena, number, &asked);
        } else { /* the tenth, or the same as it is */
            assert_true(asked.http == 409 || asked.http == 422);
        }
        break;
    }
    }
    agrees(l, arena, number);
    hq_arena_free(arena);
}

static void guarantee(lives *l)
{
    hq_arena *arena = hq_arena_new((size_t)16 << 20);
    house_answer a = house_call(
        &l->h, arena, l->bank, HQ_POST, "/api/v1/guarantees",
        "{\"bank\":\"EXB\",\"number\":\"BL-1\",\"kind\":\"general\",\"tax_code\":\"9900000016\","
        "\"declaration\":null,\"limit_vnd\":10000000000,\"valid_from\":\"2026-11-01\","
        "\"valid_to\":\"2027-12-31\"}",
        NULL);
    assert_int_equal(a.http, 201);
    hq_arena_free(arena);
}

static const char *covered_document(lives *l)
{
    char *text = hq_arena_cstr(l->h.arena, hq_sv_from_cstr(l->document));
    char *at = strstr(text, "{\"term\": \"D\", \"guarantee\": null}");
    assert_non_null(at);
    return hq_arena_cstr(
        l->h.arena, hq_arena_printf(l->h.arena, "%.*s{\"term\": \"B\", \"guarantee\": \"BL-1\"}%s",
                                    (int)(at - text), text, at + 32));
}

static void test_money_agrees_after_any_sequence(void **state)
{
    static const char *const lanes[] = { "GREEN", "YELLOW", "RED" };
    (void)state;
    lives l;
    lives_begin(&l);
    guarantee(&l);
    const char *plain = l.document;
    const char *covered = covered_document(&l);
    for (int life = 0; life < 18; life++) {
        char number[13];
        l.document = life % 3 == 0 ? covered : plain; /* six of them have room for what they file */
        lives_rule(&l, lanes[draw(3)]);
        lives_file(&l, "register", number);
        for (int step = 0; step < 14; step++) {
            random_step(&l, number);
        }
        if (life % 2 == 1) {
            house_advance(&l.h, "P1D"); /* within the weeks that have exchange rates */
        }
    }
    lives_end(&l);
}

/* ------------------------------------------------------------------ at once, again */

#define CROWD 6
typedef struct {
    lives *l;
    const char *number;
    const hq_caller *caller;
    const char *verb, *body;
    _Atomic int ready, done[600];
} crowd;

static void one_of_them(void *user)
{
    crowd *c = user;
    hq_arena *arena = hq_arena_new((size_t)64 << 20);
    atomic_fetch_add(&c->ready, 1);
    while (atomic_load(&c->ready) < CROWD) {
    }
    house_answer a = lives_post(c->l, arena, c->caller, c->number, c->verb, c->body);
    atomic_fetch_add(&c->done[a.http], 1);
    hq_arena_free(arena);
}

static void all_at_once(crowd *c)
{
    hq_thread threads[CROWD];
    for (int i = 0; i < CROWD; i++) {
        HOUSE_MUST(hq_thread_start(&threads[i], "crowd", one_of_them, c));
    }
    for (int i = 0; i < CROWD; i++) {
        hq_thread_join(&threads[i]);
    }
}

static void test_of_many_at_once_one_wins(void **state)
{
    static const char body[] = "{\"reason_code\":\"6\",\"reason\":\"x\",\"changes\":[{\"path\":"
                               "\"/notes\",\"value\":\"y\"}]}";
    (void)state;
    lives l;
    lives_begin(&l);
    lives_rule(&l, "YELLOW");
    for (int round = 0; round < 8; round++) {
        char number[13];
        lives_file(&l, "register", number);
        crowd asking = {
            .l = &l, .number = number, .caller = l.trader, .verb = "amendments", .body = body
        };
        all_at_once(&asking);
        assert_int_equal(asking.done[202], 1);
        assert_int_equal(asking.done[409], CROWD - 1);
        crowd accepting = { .l = &l,
                            .number = number,
                            .caller = l.officer,
                            .verb = "amendments/A1/acceptance",
                            .body = "{}" };
        all_at_once(&accepting);
        assert_int_equal(accepting.done[200], 1);
        assert_int_equal(accepting.done[409], CROWD - 1);
    }
    lives_end(&l);
}

static void test_the_same_key_is_the_same_answer(void **state)
{
    static const char body[] = "{\"reason_code\":\"6\",\"reason\":\"x\",\"changes\":[{\"path\":"
                               "\"/notes\",\"value\":\"y\"}]}";
    (void)state;
    lives l;
    char number[13];
    char path[96];
    lives_begin(&l);
    lives_rule(&l, "YELLOW");
    lives_file(&l, "register", number);
    snprintf(path, sizeof path, "/api/v1/declarations/%s/amendments", number);
    hq_arena *arena = l.h.arena;
    house_answer a = house_call(&l.h, arena, l.trader, HQ_POST, path, body, "key-1");
    house_answer b = house_call(&l.h, arena, l.trader, HQ_POST, path, body, "key-1");
    assert_int_equal(a.http, 202);
    assert_int_equal(b.http, 202);
    assert_true(hq_sv_eq(a.body, b.body));
    house_answer c = house_call(&l.h, arena, l.officer, HQ_POST, path, body, "key-2");
    assert_int_equal(c.http, 200);
    house_answer d = house_call(&l.h, arena, l.head, HQ_POST, path,
                                "{\"reason_code\":\"6\",\"reason\":\"x\",\"changes\":[{\"path\":"
                                "\"/notes\",\"value\":\"z\"}]}",
                                "key-3");
    assert_int_equal(d.http, 200);
    house_answer e = house_call(&l.h, arena, l.officer, HQ_POST, path, body, "key-2");
    assert_int_equal(e.http, 200);
    assert_true(hq_sv_eq(house_at(&e, "/declaration/notes"), HQ_SV("y")));
    assert_true(hq_sv_eq(c.body, e.body));
    lives_end(&l);
}

/* What people wrote and whom it names stays in the record; its event tells the amounts. */
static void test_events_hold_nothing_private(void **state)
{
    (void)state;
    lives l;
    char number[13];
    lives_begin(&l);
    hq_arena *arena = l.h.arena;
    lives_rule(&l, "YELLOW");
    lives_file(&l, "register", number);
    house_answer asked = lives_post(
        &l, arena, l.trader, number, "amendments",
        "{\"reason_code\":\"5\",\"reason\":\"PRIVATE\",\"changes\":[{\"path\":\"/exporter/name\","
        "\"value\":\"PRIVATE\"},{\"path\":\"/lines/0/scheme\",\"value\":\"B01\"}]}");
    assert_int_equal(asked.http, 202);
    assert_int_equal(lives_post(&l, arena, l.officer, number, "amendments/A1/acceptance",
                                "{\"note\":\"PRIVATE\"}")
                         .http,
                     200);
    assert_int_equal(
        house_ask(&l.h, "SELECT count(*) FROM journal_event WHERE instr(bytes, 'PRIVATE') > 0"), 0);
    assert_int_equal(house_ask(&l.h, "SELECT count(*) FROM journal_event WHERE kind ="
                                     " 'declaration.amended' AND instr(bytes, '47367063') > 0"),
                     1);
    assert_int_equal(
        house_ask(&l.h, "SELECT count(*) FROM declaration WHERE instr(life, 'PRIVATE') > 0"), 1);
    lives_end(&l);
}

/* A payment that arrives while an amendment is accepted: the order does not matter, the sums do. */
static void pay_while_accepted(void *user)
{
    crowd *c = user;
    hq_arena *arena = hq_arena_new((size_t)64 << 20);
    atomic_fetch_add(&c->ready, 1);
    while (atomic_load(&c->ready) < 2) {
    }
    assert_int_equal(lives_pay(c->l, arena, c->number, 100).http, 201);
    hq_arena_free(arena);
}

static void accept_while_paid(void *user)
{
    crowd *c = user;
    hq_arena *arena = hq_arena_new((size_t)64 << 20);
    atomic_fetch_add(&c->ready, 1);
    while (atomic_load(&c->ready) < 2) {
    }
    house_answer a = lives_post(c->l, arena, c->l->officer, c->number, c->verb, "{}");
    assert_true(a.http == 200 || a.http == 409);
    hq_arena_free(arena);
}

static void test_a_payment_while_it_is_accepted(void **state)
{
    (void)state;
    lives l;
    lives_begin(&l);
    for (int round = 0; round < 12; round++) {
        char number[13];
        hq_thread payer;
        hq_thread officer;
        hq_arena *arena = hq_arena_new((size_t)64 << 20);
        lives_file(&l, "register", number);
        assert_int_equal(
            lives_post(&l, arena, l.trader, number, "amendments", amendment_of(arena, 11)).http,
            202);
        crowd c = { .l = &l, .number = number, .verb = "amendments/A1/acceptance" };
        HOUSE_MUST(hq_thread_start(&payer, "payer", pay_while_accepted, &c));
        HOUSE_MUST(hq_thread_start(&officer, "officer", accept_while_paid, &c));
        hq_thread_join(&payer);
        hq_thread_join(&officer);
        agrees(&l, arena, number);
        hq_declaration_status status = lives_status(&l, number);
        int64_t left = debts(&l, number, "owed_vnd - paid_vnd - cancelled_vnd");
        assert_true(status == HQ_DECLARATION_CLEARED || left > 0);
        hq_arena_free(arena);
    }
    lives_end(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_changes_lead_from_one_to_the_other),
        cmocka_unit_test(test_a_line_that_goes_is_one_line),
        cmocka_unit_test(test_of_thousands_only_what_differs_is_told),
        cmocka_unit_test(test_money_agrees_after_any_sequence),
        cmocka_unit_test(test_of_many_at_once_one_wins),
        cmocka_unit_test(test_the_same_key_is_the_same_answer),
        cmocka_unit_test(test_events_hold_nothing_private),
        cmocka_unit_test(test_a_payment_while_it_is_accepted),
    };
    return cmocka_run_group_tests_name("clearance amend", tests, NULL, NULL);
}
