/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger.h"

#include <stdio.h>

/* The handlers as the server calls them: body in, write, answer out. */

#define TRADER "9900000016"
#define OTHER  "9900000023"

typedef struct {
    ledger *l;
    hq_arena *arena;
    hq_request request;
    hq_status status;
    const hq_json *json;
} call;

static const hq_caller vcb = { .id = { "key/vcb", 7 }, .role = HQ_ROLE_BANK, .bank = { "VCB", 3 } };
static const hq_caller bidv = { .id = { "key/bidv", 8 },
                                .role = HQ_ROLE_BANK,
                                .bank = { "BIDV", 4 } };
static const hq_caller trader = { .id = { "key/trader", 10 },
                                  .role = HQ_ROLE_DECLARANT,
                                  .tax_code = { TRADER, 10 } };
static const hq_caller other = { .id = { "key/other", 9 },
                                 .role = HQ_ROLE_DECLARANT,
                                 .tax_code = { OTHER, 10 } };

static call begin(ledger *l, const hq_caller *caller, const char *body)
{
    call c = { .l = l, .arena = hq_arena_new((size_t)64 << 20) };
    size_t len = strlen(body);
    char *padded = hq_arena_zalloc(c.arena, len + 64);
    memcpy(padded, body, len);
    c.request = (hq_request){ .arena = c.arena,
                              .body = hq_sv_make(padded, len),
                              .caller = caller,
                              .received_at = hq_now(hq_test_clock_face(l->clock)) };
    return c;
}

static void finish(call *c, hq_handler handle)
{
    hq_request *r = &c->request;
    c->status = handle(r, c->l->treasury);
    if (hq_ok(c->status) && r->write != NULL) {
        hq_status written = hq_store_write(c->l->store, (hq_tx_fn)r->write, r->write_user);
        c->status = r->then(r, written, r->write_user);
    }
    c->json = NULL;
    if (hq_ok(c->status)) {
        assert_true(
            hq_ok(hq_json_parse_copy(&c->json, hq_buf_view(&r->answer.body), c->arena, NULL)));
    }
}

static void end(call *c)
{
    hq_arena_free(c->arena);
}

static bool found(const call *c, const char *path)
{
    for (size_t i = 0; i < c->request.answer.finding_count; i++) {
        const hq_finding *f = &c->request.answer.findings[i];
        if (hq_sv_eq(f->path, hq_sv_from_cstr(path))) {
            return f->vi.len > 0 && f->en.len > 0;
        }
    }
    return false;
}

static int64_t number_at(const hq_json *object, const char *name)
{
    int64_t out = -1;
    assert_true(hq_json_get_i64(&out, object, name));
    return out;
}

static void open_debt(ledger *l, int64_t declaration, const char *tax_code, const char *payer,
                      int64_t import, int64_t vat)
{
    int64_t taxes[HQ_TAX_COUNT] = { [HQ_TAX_IMPORT] = import, [HQ_TAX_VAT] = vat };
    int64_t owed;
    hq_debts_new debts = { .declaration = declaration,
                           .office = HQ_SV("15BB"),
                           .tax_code = hq_sv_from_cstr(tax_code),
                           .payer_tax_code = hq_sv_from_cstr(payer),
                           .tax_vnd = taxes,
                           .actor = HQ_SV("key/test") };
    assert_true(hq_ok(ledger_debts_open(l, &debts, &owed)));
}

/* ------------------------------------------------------------------ payments */

#define PAYMENT(bank, reference, amount)                                                           \
    "{\"bank\":\"" bank "\",\"reference\":\"" reference                                            \
    "\",\"debited_at\":\"2026-11-20T08:00:00+07:00\",\"payer_tax_code\":\"" TRADER                 \
    "\",\"lines\":[{\"declaration\":\"100000000010\",\"tax\":\"VAT\",\"amount\":" amount "}]}"

static void a_payment_answers(void **state)
{
    (void)state;
    ledger *l = ledger_open();
    open_debt(l, 10000000001, TRADER, "", 0, 500);
    call first = begin(l, &vcb, PAYMENT("VCB", "R/1", "700"));
    finish(&first, hq_tre__post_payment);
    assert_int_equal(first.request.answer.http, 201);
    assert_int_equal(number_at(first.json, "applied"), 500);
    assert_int_equal(number_at(first.json, "credited"), 200);
    const hq_json *line = hq_json_first(hq_json_get(first.json, "lines"));
    assert_true(hq_sv_eq(hq_json_get_text(line, "result"), HQ_SV("PARTLY_APPLIED")));
    call again = begin(l, &vcb, PAYMENT("VCB", "R/1", "700"));
    finish(&again, hq_tre__post_payment);
    assert_int_equal(again.request.answer.http, 200);
    assert_true(
        hq_sv_eq(hq_buf_view(&first.request.answer.body), hq_buf_view(&again.request.answer.body)));
    call changed = begin(l, &vcb, PAYMENT("VCB", "R/1", "701"));
    finish(&changed, hq_tre__post_payment);
    assert_int_equal(changed.status.code, HQ_E_CONFLICT);
    assert_true(hq_sv_eq(changed.request.answer.why.path, HQ_SV("/lines/0/amount")));
    call foreign = begin(l, &bidv, PAYMENT("VCB", "R/2", "1"));
    finish(&foreign, hq_tre__post_payment);
    assert_int_equal(foreign.status.code, HQ_E_FORBIDDEN);
    ledger_assert_balanced(l);
    end(&first);
    end(&again);
    end(&changed);
    end(&foreign);
    ledger_close(l);
}

static void everything_wrong_is_found(void **state)
{
    (void)state;
    ledger *l = ledger_open();
    call c = begin(l, &vcb,
                   "{\"bank\":\"VCB\",\"referense\":\"R1\",\"debited_at\":\"yesterday\","
                   "\"payer_tax_code\":\"0100233480\",\"lines\":[{\"declaration\":\"12\","
                   "\"tax\":\"TVA\",\"amount\":\"5\"},{\"declaration\":\"100000000010\","
                   "\"tax\":\"VAT\",\"amount\":-5,\"kind\":\"LOAN\"},7]}");
    finish(&c, hq_tre__post_payment);
    assert_int_equal(c.status.code, HQ_E_INVALID);
    const char *const paths[] = { "/referense",      "/reference",           "/debited_at",
                                  "/payer_tax_code", "/lines/0/declaration", "/lines/0/tax",
                                  "/lines/0/amount", "/lines/1/amount",      "/lines/1/kind",
                                  "/lines/2" };
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        if (!found(&c, paths[i])) {
            fail_msg("not found: %s", paths[i]);
        }
    }
    assert_int_equal(c.request.answer.finding_count, sizeof paths / sizeof paths[0]);
    end(&c);
    const char *const broken[] = { "",           "[]",
                                   "{\"bank\":", "{\"lines\":1e400}",
                                   "\"x\"",      "{\"lines\":[]}" };
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        call b = begin(l, &vcb, broken[i]);
        finish(&b, hq_tre__post_payment);
        assert_true(b.status.code == HQ_E_SYNTAX || b.status.code == HQ_E_INVALID);
        end(&b);
    }
    assert_int_equal(hq_journal_head(l->store), 0);
    ledger_close(l);
}

/* ------------------------------------------------------------------ guarantees */

#define GUARANTEE(bank, more)                                                                      \
    "{\"bank\":\"" bank "\",\"number\":\"BL-1\",\"kind\":\"general\",\"tax_code\":\"" TRADER       \
    "\",\"declaration\":null,\"limit_vnd\":1000,\"valid_from\":\"2026-01-01\","                    \
    "\"valid_to\":\"2026-12-31\"" more "}"

static void a_guarantee_lives(void **state)
{
    (void)state;
    ledger *l = ledger_open();
    call c = begin(l, &vcb, GUARANTEE("VCB", ""));
    finish(&c, hq_tre__post_guarantee);
    assert_int_equal(c.request.answer.http, 201);
    hq_sv id = hq_arena_dup(l->arena, hq_json_get_text(c.json, "id"));
    assert_int_equal(number_at(c.json, "available_vnd"), 1000);
    end(&c);
    c = begin(l, &vcb, GUARANTEE("VCB", ""));
    finish(&c, hq_tre__post_guarantee);
    assert_int_equal(c.request.answer.http, 200);
    end(&c);
    c = begin(l, &bidv, GUARANTEE("VCB", ""));
    finish(&c, hq_tre__post_guarantee);
    assert_int_equal(c.status.code, HQ_E_FORBIDDEN);
    end(&c);
    /* another bank does not even see it */
    c = begin(l, &bidv, "{\"valid_to\":\"2027-06-30\"}");
    c.request.params[0] = id;
    finish(&c, hq_tre__post_extend);
    assert_int_equal(c.status.code, HQ_E_NOT_FOUND);
    end(&c);
    c = begin(l, &vcb, "{\"valid_to\":\"2027-06-30\"}");
    c.request.params[0] = id;
    finish(&c, hq_tre__post_extend);
    assert_true(hq_sv_eq(hq_json_get_text(c.json, "valid_to"), HQ_SV("2027-06-30")));
    end(&c);
    const hq_caller *const readers[] = { &vcb, &trader, &bidv, &other };
    for (size_t i = 0; i < 4; i++) {
        c = begin(l, readers[i], "");
        finish(&c, hq_tre__list_guarantees);
        assert_int_equal(hq_json_get(c.json, "items")->count, i < 2 ? 1 : 0);
        end(&c);
        c = begin(l, readers[i], "");
        c.request.params[0] = id;
        finish(&c, hq_tre__get_guarantee);
        assert_int_equal(c.status.code, i < 2 ? HQ_E_OK : HQ_E_NOT_FOUND);
        end(&c);
    }
    c = begin(l, &vcb, "");
    c.request.params[0] = id;
    finish(&c, hq_tre__post_cancel);
    assert_true(hq_sv_eq(hq_json_get_text(c.json, "state"), HQ_SV("CANCELLED")));
    end(&c);
    ledger_close(l);
}

/* ------------------------------------------------------------------ debts */

static call list_debts(ledger *l, const hq_caller *caller, const char *query)
{
    call c = begin(l, caller, "");
    c.request.query = hq_sv_from_cstr(query);
    finish(&c, hq_tre__get_debts);
    return c;
}

static void debts_are_listed(void **state)
{
    (void)state;
    ledger *l = ledger_open();
    for (int64_t d = 10000000001; d < 10000000021; d++) {
        open_debt(l, d, d % 2 == 1 ? TRADER : OTHER, "", 100, 20);
    }
    open_debt(l, 30000000001, OTHER, TRADER, 7, 0); /* the agent pays for another */
    /* his own, by pages of 4: ten declarations of two taxes, and the one he pays for */
    char query[128] = "tax_code=" TRADER "&limit=4";
    size_t total = 0;
    for (int pages = 0; pages < 10; pages++) {
        call c = list_debts(l, &vcb, query);
        assert_int_equal(c.status.code, HQ_E_OK);
        total += hq_json_get(c.json, "items")->count;
        hq_sv next = hq_json_get_text(c.json, "next");
        snprintf(query, sizeof query, "tax_code=" TRADER "&limit=4&cursor=%.*s", HQ_SV_FMT(next));
        bool last = next.ptr == NULL;
        end(&c);
        if (last) {
            break;
        }
    }
    assert_int_equal(total, 21);
    call one = list_debts(l, &vcb, "declaration=100000000012");
    const hq_json *first = hq_json_first(hq_json_get(one.json, "items"));
    assert_true(hq_sv_eq(hq_json_get_text(first, "declaration"), HQ_SV("100000000010")));
    assert_true(hq_sv_eq(hq_json_get_text(first, "tax"), HQ_SV("IMPORT")));
    assert_int_equal(number_at(first, "amount"), 100);
    end(&one);
    call bad = list_debts(l, &vcb, "");
    assert_int_equal(bad.status.code, HQ_E_INVALID);
    end(&bad);
    ledger_close(l);
}

/* Paid or taken back: gone from the list by tax code as well. */
static void what_is_paid_is_not_listed(void **state)
{
    (void)state;
    ledger *l = ledger_open();
    open_debt(l, 10000000001, TRADER, "", 0, 500);
    open_debt(l, 10000000002, TRADER, "", 0, 500);
    open_debt(l, 10000000003, TRADER, "", 0, 500);
    call paid = begin(l, &vcb, PAYMENT("VCB", "R1", "500"));
    finish(&paid, hq_tre__post_payment);
    end(&paid);
    assert_true(hq_ok(ledger_cancel(l, 10000000002)));
    call c = list_debts(l, &vcb, "tax_code=" TRADER);
    const hq_json *items = hq_json_get(c.json, "items");
    assert_int_equal(items->count, 1);
    assert_true(
        hq_sv_eq(hq_json_get_text(hq_json_first(items), "declaration"), HQ_SV("100000000030")));
    hq_time_us as_of;
    assert_true(hq_ok(hq_time_parse(&as_of, hq_json_get_text(c.json, "as_of"))));
    end(&c);
    ledger_close(l);
}

static void scope_holds(void **state)
{
    (void)state;
    ledger *l = ledger_open();
    open_debt(l, 10000000001, TRADER, "", 0, 500);
    call mine = list_debts(l, &trader, "declaration=100000000010");
    assert_int_equal(hq_json_get(mine.json, "items")->count, 1);
    end(&mine);
    call own = list_debts(l, &trader, "");
    assert_int_equal(hq_json_get(own.json, "items")->count, 1);
    end(&own);
    call not_his = list_debts(l, &other, "declaration=100000000010");
    assert_int_equal(hq_json_get(not_his.json, "items")->count, 0);
    end(&not_his);
    call not_his_either = list_debts(l, &other, "tax_code=" TRADER);
    assert_int_equal(hq_json_get(not_his_either.json, "items")->count, 0);
    end(&not_his_either);
    ledger_close(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_payment_answers),          cmocka_unit_test(everything_wrong_is_found),
        cmocka_unit_test(a_guarantee_lives),          cmocka_unit_test(debts_are_listed),
        cmocka_unit_test(what_is_paid_is_not_listed), cmocka_unit_test(scope_holds),
    };
    return cmocka_run_group_tests_name("treasury routes", tests, NULL, NULL);
}
