/* SPDX-License-Identifier: Apache-2.0 */
#include "case_text.h"
#include "overlay.h"

#include "clearance/decode.h"

#include <stdio.h>
#include <stdlib.h>

/* What holds for every declaration: parts sum to the whole, packing loses nothing, an altered
 * receipt is found out, and bad input or little memory never does harm. */

static hq_ref *ref;
static hq_arena *keep;
static hq_sv import_json;

static hq_sv changed(const char *pointer, const char *json, hq_arena *arena)
{
    overlay_change change = { hq_sv_from_cstr(pointer), hq_sv_from_cstr(json) };
    return overlay_apply(import_json, &change, 1, arena);
}

static desk_work assessed(hq_sv json)
{
    desk_work work = desk_assess(json, ref, day("2026-11-20"), HQ_CHECK_REGISTER);
    assert_true(hq_ok(work.status));
    for (size_t i = 0; i < work.findings.count && work.assessment == NULL; i++) {
        print_error("%.*s %.*s\n", HQ_SV_FMT(work.findings.items[i].path),
                    HQ_SV_FMT(work.findings.items[i].en));
    }
    return work;
}

/* A declaration with lines of random values, of freight, insurance and an adjustment on some. */
static hq_sv random_json(hq_arena *arena, unsigned lines)
{
    hq_buf text = HQ_BUF_ARENA(arena, 4 << 20);
    int64_t total = 0;
    hq_buf_lit(&text, "[");
    for (unsigned i = 0; i < lines; i++) {
        int64_t cents = 1 + hq_random_below(10000000);
        total += cents;
        hq_buf_printf(&text,
                      "%s{\"hs\": \"84818099\", \"description\": \"Van\", \"origin\": \"CN\", "
                      "\"scheme\": \"B01\", \"quantity\": {\"amount\": \"1\", \"unit\": \"PCE\"}, "
                      "\"invoice_value\": \"%lld.%02d\"}",
                      i == 0 ? "" : ", ", (long long)(cents / 100), (int)(cents % 100));
    }
    hq_buf_lit(&text, "]");
    const overlay_change changes[] = {
        { HQ_SV("/lines"), hq_buf_view(&text) },
        { HQ_SV("/invoice/total"),
          hq_arena_printf(arena, "\"%lld.%02d\"", (long long)(total / 100), (int)(total % 100)) },
        { HQ_SV("/valuation/freight/amount"),
          hq_arena_printf(arena, "\"%u.%02u\"", hq_random_below(100000), hq_random_below(100)) },
        { HQ_SV("/valuation/adjustments/0/lines"),
          hq_arena_printf(arena, "[%u, %u]", 1 + hq_random_below(lines),
                          1 + hq_random_below(lines)) },
    };
    return overlay_apply(import_json, changes, 4, arena);
}

static int64_t dong(hq_decimal amount, hq_decimal rate)
{
    int64_t out;
    assert_true(hq_ok(hq_decimal_mul_to_int(&out, amount, rate, HQ_ROUND_HALF_UP)));
    return out;
}

static void test_shares_sum_to_the_whole(void **state)
{
    (void)state;
    for (int round = 0; round < 300; round++) {
        hq_arena *arena = hq_arena_new((size_t)64 << 20);
        desk_work work = assessed(
            random_json(arena, 1 + hq_random_below(round < 280 ? HQ_BRANCH_LINES : HQ_LINES_MAX)));
        assert_non_null(work.assessment);
        const hq_declaration *d = work.declaration;
        hq_decimal rate = work.assessment->rates[0].row->rate;
        int64_t freight = 0;
        int64_t insurance = 0;
        int64_t adjustment = 0;
        int64_t value = 0;
        for (size_t i = 0; i < d->line_count; i++) {
            const hq_line_assessment *line = &work.assessment->lines[i];
            freight += line->freight_vnd;
            insurance += line->insurance_vnd;
            adjustment += line->adjustments_vnd[0];
            value += line->customs_value_vnd;
        }
        assert_int_equal(freight, dong(d->freight.amount, rate));
        assert_int_equal(insurance, dong(d->insurance.amount, rate));
        assert_int_equal(adjustment, dong(d->adjustments[0].amount, rate));
        assert_int_equal(value, work.assessment->customs_value_vnd);
        desk_end(&work);
        hq_arena_free(arena);
    }
}

/* One invoice of 1,000 in parts of random size: what falls on each sums to the whole freight. */
static void test_declarations_of_one_invoice_sum_to_the_whole(void **state)
{
    (void)state;
    for (int round = 0; round < 100; round++) {
        hq_arena *arena = hq_arena_new((size_t)16 << 20);
        int64_t prior = 0;
        int64_t sum = 0;
        while (prior < 100000) {
            int64_t own = 1 + hq_random_below(40000);
            own = prior + own > 100000 ? 100000 - prior : own;
            const overlay_change changes[] = {
                { HQ_SV("/invoice/total"), HQ_SV("\"1000\"") },
                { HQ_SV("/valuation/invoice_total_all"), HQ_SV("\"1000\"") },
                { HQ_SV("/valuation/invoice_prior"),
                  hq_arena_printf(arena, "\"%d.%02d\"", (int)(prior / 100), (int)(prior % 100)) },
                { HQ_SV("/valuation/freight/amount"), HQ_SV("\"77.77\"") },
                { HQ_SV("/lines/0/invoice_value"),
                  hq_arena_printf(arena, "\"%d.%02d\"", (int)(own / 100), (int)(own % 100)) },
                { HQ_SV("/lines/0/unit_price"), HQ_SV("null") },
            };
            desk_work work = assessed(overlay_apply(import_json, changes, 6, arena));
            assert_non_null(work.assessment);
            sum += work.assessment->lines[0].freight_vnd;
            desk_end(&work);
            prior += own;
        }
        assert_int_equal(sum, 1975358); /* 77.77 x 25400 */
        hq_arena_free(arena);
    }
}

enum { CHARGES = 3 };

/* Lines in JSON worth `own` cents in all. */
static void write_worth(hq_buf *text, unsigned lines, int64_t own)
{
    for (unsigned i = 0; i < lines; i++) {
        int64_t left = own - (lines - i - 1); /* a cent at least for each that follows */
        int64_t cents =
            i + 1 == lines ? own : 1 + hq_random_below((unsigned)(2 * left / (lines - i)));
        cents = cents > left ? left : cents;
        own -= cents;
        hq_buf_printf(text,
                      "%s{\"hs\": \"84818099\", \"description\": \"Van\", \"origin\": \"CN\", "
                      "\"scheme\": \"B01\", \"quantity\": {\"amount\": \"1\", \"unit\": \"PCE\"}, "
                      "\"invoice_value\": \"%lld.%02d\"}",
                      i == 0 ? "[" : ", ", (long long)(cents / 100), (int)(cents % 100));
    }
    hq_buf_char(text, ']');
}

static hq_sv cents_json(int64_t cents, hq_arena *arena)
{
    return hq_arena_printf(arena, "\"%lld.%02d\"", (long long)(cents / 100), (int)(cents % 100));
}

/* Each line's freight is less than a dong away from its exact part of what all lines bear. */
static void check_fair(const desk_work *work)
{
    int64_t own = 0;
    int64_t part = 0;
    for (size_t i = 0; i < work->declaration->line_count; i++) {
        own += work->declaration->lines[i].invoice_value.units / 100;
        part += work->assessment->lines[i].freight_vnd;
    }
    for (size_t i = 0; i < work->declaration->line_count; i++) {
        int64_t off = work->assessment->lines[i].freight_vnd * own -
                      part * (work->declaration->lines[i].invoice_value.units / 100);
        assert_true(off < own && -off < own);
    }
}

/* What one declaration of an invoice bears of freight, insurance and an adjustment that touches all
 * lines, summed branch by branch. */
static void add_shares(int64_t sums[CHARGES], unsigned lines, int64_t own, int64_t prior,
                       int64_t all, const int64_t charges[CHARGES])
{
    hq_arena *arena = hq_arena_new((size_t)64 << 20);
    hq_buf text = HQ_BUF_ARENA(arena, 4 << 20);
    write_worth(&text, lines, own);
    const overlay_change changes[] = {
        { HQ_SV("/lines"), hq_buf_view(&text) },
        { HQ_SV("/invoice/total"), cents_json(all, arena) },
        { HQ_SV("/valuation/invoice_total_all"), cents_json(all, arena) },
        { HQ_SV("/valuation/invoice_prior"), cents_json(prior, arena) },
        { HQ_SV("/valuation/freight/amount"), cents_json(charges[0], arena) },
        { HQ_SV("/valuation/insurance/amount"), cents_json(charges[1], arena) },
        { HQ_SV("/valuation/adjustments/0/amount"), cents_json(charges[2], arena) },
        { HQ_SV("/valuation/adjustments/0/lines"), HQ_SV_NULL },
    };
    desk_work work = assessed(overlay_apply(import_json, changes, 8, arena));
    assert_non_null(work.assessment);
    assert_int_equal(work.assessment->line_count, lines);
    check_fair(&work);
    for (size_t first = 0; first < lines; first += HQ_BRANCH_LINES) {
        for (size_t i = first; i < first + HQ_BRANCH_LINES && i < lines; i++) {
            const hq_line_assessment *line = &work.assessment->lines[i];
            assert_true(line->freight_vnd >= 0 && line->insurance_vnd >= 0);
            sums[0] += line->freight_vnd;
            sums[1] += line->insurance_vnd;
            sums[2] += line->adjustments_vnd[0];
        }
    }
    desk_end(&work);
    hq_arena_free(arena);
}

/* An invoice over several declarations of several branches each. */
static void test_shares_over_branches_and_invoices_sum_to_the_whole(void **state)
{
    (void)state;
    const hq_decimal rate = { 25400, 0 };
    for (int round = 0; round < 40; round++) {
        int64_t sums[CHARGES] = { 0, 0, 0 };
        const int64_t charges[CHARGES] = { 1 + hq_random_below(10000000),
                                           1 + hq_random_below(100000),
                                           1 + hq_random_below(1000000) };
        unsigned most = round < 3 ? HQ_LINES_MAX : 400;
        int64_t all = HQ_LINES_MAX + 1 + hq_random_below(100000000);
        for (int64_t prior = 0; prior < all;) {
            unsigned lines = round == 0 ? most : 1 + hq_random_below(most);
            int64_t own = lines + hq_random_below((unsigned)(all / 3) + 1);
            own = prior + own > all || all - prior - own < 2 * HQ_LINES_MAX ? all - prior : own;
            lines = lines > own ? (unsigned)own : lines;
            add_shares(sums, lines, own, prior, all, charges);
            prior += own;
        }
        for (int i = 0; i < CHARGES; i++) {
            assert_int_equal(sums[i], dong((hq_decimal){ charges[i], 2 }, rate));
        }
    }
}

/* ------------------------------------------------------------------ receipt */

static hq_sv receipt_of(const desk_work *work)
{
    hq_buf text = HQ_BUF_ARENA(work->arena, 1 << 20);
    hq_json_w w = hq_json_writer(&text);
    assert_non_null(work->assessment);
    assert_true(hq_ok(
        hq_receipt_json(&w, HQ_SV("100000000010"), work->declaration, work->assessment, ref)));
    return hq_buf_view(&text);
}

/* All there is: three currencies, compound duty, reduction, adjustments, parts of an invoice. */
static desk_work rich_declaration(hq_arena *arena)
{
    const overlay_change changes[] = {
        { HQ_SV("/invoice/total"), HQ_SV("\"100000\"") },
        { HQ_SV("/valuation/invoice_total_all"), HQ_SV("\"100000\"") },
        { HQ_SV("/valuation/invoice_prior"), HQ_SV("\"12345.67\"") },
        { HQ_SV("/valuation/insurance/currency"), HQ_SV("\"CNY\"") },
        { HQ_SV("/lines/0/hs"), HQ_SV("\"22042111\"") },
        { HQ_SV("/lines/0/scheme"), HQ_SV("\"B01\"") },
        { HQ_SV("/lines/0/quantity"), HQ_SV("{\"amount\": \"10.00\", \"unit\": \"LTR\"}") },
        { HQ_SV("/lines/0/exemption"), HQ_SV("{\"code\": \"XNK10\", \"reduction\": 4321}") },
    };
    return assessed(overlay_apply(import_json, changes, 8, arena));
}

static void test_every_altered_digit_of_a_receipt_is_found(void **state)
{
    (void)state;
    hq_arena *arena = hq_arena_new((size_t)16 << 20);
    desk_work work = rich_declaration(arena);
    hq_sv text = receipt_of(&work);
    hq_arena *scratch = hq_arena_new((size_t)16 << 20);
    hq_why why = { 0 };
    char *copy = hq_arena_cstr(arena, text);
    int altered = 0;
    int by_amount = 0;
    assert_true(hq_ok(hq_receipt_verify(text, scratch, NULL)));
    for (size_t i = 0; i < text.len; i++) {
        char was = copy[i];
        if (was < '0' || was > '9') {
            continue;
        }
        copy[i] = was == '9' ? '1' : (char)(was + 1);
        hq_arena_reset(scratch);
        if (hq_ok(hq_receipt_verify(hq_sv_make(copy, text.len), scratch, &why))) {
            fail_msg("altered and not found: %.*s", (int)(i + 1), copy);
        }
        altered++;
        by_amount += !hq_sv_eq(why.path, HQ_SV("/sha256"));
        copy[i] = was;
    }
    print_message("%d digits altered, %d found by the amounts\n", altered, by_amount);
    assert_true(altered > 500);
    assert_true(by_amount > 150);
    hq_arena_free(scratch);
    desk_end(&work);
    hq_arena_free(arena);
}

static hq_why verdict(hq_sv text, const char *from, const char *to, hq_arena *arena)
{
    hq_why why = { 0 };
    const char *at = memmem(text.ptr, text.len, from, strlen(from));
    assert_non_null(at);
    hq_sv head = hq_sv_sub(text, 0, (size_t)(at - text.ptr));
    hq_sv tail = hq_sv_sub(text, head.len + strlen(from), text.len);
    hq_sv altered = hq_arena_printf(arena, "%.*s%s%.*s", HQ_SV_FMT(head), to, HQ_SV_FMT(tail));
    assert_true(hq_receipt_verify(altered, arena, &why).code == HQ_E_INVALID);
    return why;
}

static void test_the_first_amount_that_does_not_follow_is_named(void **state)
{
    (void)state;
    hq_arena *arena = hq_arena_new((size_t)16 << 20);
    desk_work work = assessed(import_json);
    hq_sv text = receipt_of(&work);
    hq_why why = verdict(text, "\"computed\":742083987", "\"computed\":742083986", arena);
    assert_true(hq_sv_eq(why.path, HQ_SV("/lines/0/taxes/0/computed")));
    assert_true(hq_sv_eq(why.en, HQ_SV("It says 742083986, computed again it is 742083987")));
    why = verdict(text, "\"total_payable\":974182596", "\"total_payable\":974182595", arena);
    assert_true(hq_sv_eq(why.path, HQ_SV("/total_payable")));
    why = verdict(text, "\"rate\":\"47\"", "\"rate\":\"46\"", arena);
    assert_true(hq_sv_eq(why.path, HQ_SV("/lines/0/taxes/0/computed")));
    why = verdict(text, "\"shares\":[12700000", "\"shares\":[12700001", arena);
    assert_true(hq_sv_eq(why.path, HQ_SV("/lines/0/shares/0")));
    why = verdict(text, "Tỷ giá mẫu", "Tỷ giá khác", arena);
    assert_true(hq_sv_eq(why.path, HQ_SV("/sha256")));
    desk_end(&work);
    hq_arena_free(arena);
}

/* A Friday and the Monday after it: the rate of a week is that of the Thursday before the week. */
static void test_a_receipt_names_the_thursday_of_its_rates(void **state)
{
    (void)state;
    desk_work friday = desk_assess(import_json, ref, day("2026-11-20"), HQ_CHECK_REGISTER);
    assert_non_null(memmem(receipt_of(&friday).ptr, receipt_of(&friday).len,
                           "\"quoted_on\":\"2026-11-12\"", 24));
    desk_end(&friday);
    desk_work monday = desk_assess(import_json, ref, day("2026-11-23"), HQ_CHECK_REGISTER);
    assert_non_null(memmem(receipt_of(&monday).ptr, receipt_of(&monday).len,
                           "\"quoted_on\":\"2026-11-19\"", 24));
    desk_end(&monday);
}

/* People look at receipts with programs that break lines; the hash is over the content. */
static void test_a_receipt_may_be_laid_out_anew(void **state)
{
    (void)state;
    hq_arena *arena = hq_arena_new((size_t)16 << 20);
    desk_work work = assessed(import_json);
    hq_sv text = receipt_of(&work);
    hq_buf wide = HQ_BUF_ARENA(arena, 1 << 20);
    bool quoted = false;
    for (size_t i = 0; i < text.len; i++) {
        quoted ^= text.ptr[i] == '"' && text.ptr[i - 1] != '\\';
        hq_buf_char(&wide, text.ptr[i]);
        if (!quoted && (text.ptr[i] == ',' || text.ptr[i] == ':')) {
            hq_buf_lit(&wide, "\n    ");
        }
    }
    assert_true(hq_ok(hq_receipt_verify(hq_buf_view(&wide), arena, NULL)));
    desk_end(&work);
    hq_arena_free(arena);
}

/* ------------------------------------------------------------------ record */

static void test_a_cut_or_altered_record_is_no_assessment(void **state)
{
    (void)state;
    hq_arena *arena = hq_arena_new((size_t)16 << 20);
    desk_work work = rich_declaration(arena);
    hq_buf packed = HQ_BUF_ARENA(arena, 1 << 20);
    hq_assessment *back;
    assert_true(hq_ok(hq_assessment_pack(&packed, work.assessment)));
    hq_arena *scratch = hq_arena_new((size_t)16 << 20);
    for (size_t len = 0; len < packed.len; len++) {
        hq_arena_reset(scratch);
        hq_sv cut = hq_sv_make(packed.ptr, len);
        assert_true(hq_assessment_unpack(&back, cut, ref, scratch).code == HQ_E_CORRUPT);
    }
    for (size_t i = 0; i < packed.len * 8; i++) { /* whatever it answers, it does no harm */
        hq_arena_reset(scratch);
        packed.ptr[i / 8] ^= (char)(1 << (i % 8));
        HQ_IGNORE(hq_assessment_unpack(&back, hq_buf_view(&packed), ref, scratch));
        packed.ptr[i / 8] ^= (char)(1 << (i % 8));
    }
    hq_arena_free(scratch);
    desk_end(&work);
    hq_arena_free(arena);
}

/* ------------------------------------------------------------------ bad input, little memory */

static void test_a_body_that_stops_half_way_is_unreadable(void **state)
{
    (void)state;
    hq_sv whole = hq_sv_trim(import_json);
    for (size_t len = 0; len < whole.len; len++) {
        desk_work work =
            desk_assess(hq_sv_make(whole.ptr, len), ref, day("2026-11-20"), HQ_CHECK_REGISTER);
        assert_true(work.status.code == HQ_E_SYNTAX);
        desk_end(&work);
    }
}

static void test_findings_end_with_a_word_that_there_are_more(void **state)
{
    (void)state;
    hq_arena *arena = hq_arena_new((size_t)16 << 20);
    hq_buf text = HQ_BUF_ARENA(arena, 1 << 20);
    hq_buf_lit(&text, "{");
    for (int i = 0; i < 600; i++) {
        hq_buf_printf(&text, "%s\"field%d\": %d", i == 0 ? "" : ", ", i, i);
    }
    hq_buf_lit(&text, "}");
    desk_work work = desk_assess(hq_buf_view(&text), ref, day("2026-11-20"), HQ_CHECK_REGISTER);
    assert_true(hq_ok(work.status));
    assert_int_equal(work.findings.count, 501);
    assert_true(hq_sv_eq(work.findings.items[500].rule, HQ_SV("HQ099")));
    assert_true(work.findings.errors > 600);
    assert_null(work.assessment);
    desk_end(&work);
    hq_arena_free(arena);
}

static void test_a_rule_that_is_not_in_the_catalogue_stops_the_declaration(void **state)
{
    (void)state;
    hq_arena *arena = hq_arena_new(1 << 20);
    hq_findings findings = { .arena = arena };
    hq_findings_add(&findings, "NOSUCH", HQ_SV("/x"), HQ_SV_NULL, NULL, 0);
    assert_int_equal(findings.errors, 1);
    assert_true(hq_sv_eq(findings.items[0].rule, HQ_SV("HQ000")));
    hq_arena_free(arena);
}

static void test_little_memory_fails_the_request_and_no_more(void **state)
{
    (void)state;
    hq_arena *arena = hq_arena_new((size_t)16 << 20);
    hq_sv wrong = changed("/lines/0/scheme", "\"B99\"", arena);
    char *body = hq_arena_zalloc(arena, wrong.len + 64);
    memcpy(body, wrong.ptr, wrong.len);
    int done = 0;
    for (size_t ceiling = 0; ceiling < 64 * 1024; ceiling += 256) {
        hq_arena *small = hq_arena_new(ceiling);
        hq_findings findings = { .arena = small };
        hq_declaration *d;
        hq_assessment *a = NULL;
        hq_status s =
            hq_declaration_decode(&d, &findings, hq_sv_make(body, wrong.len), small, NULL);
        if (hq_ok(s)) {
            s = hq_assess(&a, &findings, d, ref, day("2026-11-20"), HQ_CHECK_REGISTER, small);
        }
        assert_true(hq_ok(s) || s.code == HQ_E_NOMEM);
        assert_null(a); /* never an assessment of what is wrong */
        done += hq_ok(s);
        hq_arena_free(small);
    }
    assert_true(done > 0);
    hq_arena_free(arena);
}

/* Fields beyond `needed` are never looked at when something is missing. */
static void check_needed(const hq_decode__object *object)
{
    assert_true(object->count <= HQ_DECODE__FIELDS);
    for (size_t i = 0; i < object->count; i++) {
        const hq_decode__field *field = &object->fields[i];
        const int required = HQ_FIELD_REQUIRED | HQ_FIELD_REQUIRED_ON_IMPORT |
                             HQ_FIELD_REQUIRED_ON_EXPORT | HQ_FIELD_REQUIRED_IF_PAID;
        assert_true(i < object->needed || (field->flags & required) == 0);
        if (field->object != NULL) {
            check_needed(field->object);
        }
        if (field->on_export != NULL) {
            check_needed(field->on_export);
        }
    }
}

static void test_what_few_declarations_have_is_never_required(void **state)
{
    (void)state;
    check_needed(&hq_decode__root);
}

static void test_sources_of_a_line_and_transport_under_bond_are_read(void **state)
{
    (void)state;
    hq_arena *arena = hq_arena_new(8 << 20);
    const overlay_change changes[] = {
        { HQ_SV("/temporary_declaration"), HQ_SV("\"100000000090\"") },
        { HQ_SV("/reexport_limit"), HQ_SV("\"2026-12-20\"") },
        { HQ_SV("/bonded_transport"),
          HQ_SV("{\"departure_date\": \"2026-11-21\", \"destination\": \"15BBC02\", "
                "\"arrival_date\": \"2026-11-22\", \"transits\": [{\"place\": \"15BBC03\"}]}") },
        { HQ_SV("/lines/0/list"), HQ_SV("{\"number\": \"DM1\", \"line\": 3}") },
        { HQ_SV("/lines/0/stock"),
          HQ_SV("{\"warehouse\": \"15BBK01\", \"entry\": \"100000000080\", \"line\": 2}") },
        { HQ_SV("/lines/0/management_code"), HQ_SV("\"NPL-01\"") },
    };
    hq_findings findings = { .arena = arena };
    hq_declaration *d;
    hq_sv json = overlay_apply(import_json, changes, sizeof changes / sizeof changes[0], arena);
    assert_true(hq_ok(hq_declaration_decode(&d, &findings, json, arena, NULL)));
    assert_int_equal(findings.count, 0);
    assert_true(hq_sv_eq(d->temporary_declaration, HQ_SV("100000000090")));
    assert_int_equal(d->return_limit, day("2026-12-20"));
    assert_non_null(d->bonded_transport);
    assert_true(hq_sv_eq(d->bonded_transport->destination, HQ_SV("15BBC02")));
    assert_int_equal(d->bonded_transport->transit_count, 1);
    assert_true(hq_sv_eq(d->bonded_transport->transits[0].place, HQ_SV("15BBC03")));
    assert_true(hq_sv_eq(d->lines[0].list->number, HQ_SV("DM1")));
    assert_int_equal(d->lines[0].list->line, 3);
    assert_true(hq_sv_eq(d->lines[0].stock->warehouse, HQ_SV("15BBK01")));
    assert_true(hq_sv_eq(d->lines[0].stock->number, HQ_SV("100000000080")));
    assert_true(hq_sv_eq(d->lines[0].management_code, HQ_SV("NPL-01")));
    assert_null(d->lines[0].temporary);
    assert_null(d->lines[0].contract);
    hq_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shares_sum_to_the_whole),
        cmocka_unit_test(test_declarations_of_one_invoice_sum_to_the_whole),
        cmocka_unit_test(test_shares_over_branches_and_invoices_sum_to_the_whole),
        cmocka_unit_test(test_every_altered_digit_of_a_receipt_is_found),
        cmocka_unit_test(test_the_first_amount_that_does_not_follow_is_named),
        cmocka_unit_test(test_a_receipt_names_the_thursday_of_its_rates),
        cmocka_unit_test(test_a_receipt_may_be_laid_out_anew),
        cmocka_unit_test(test_a_cut_or_altered_record_is_no_assessment),
        cmocka_unit_test(test_a_body_that_stops_half_way_is_unreadable),
        cmocka_unit_test(test_findings_end_with_a_word_that_there_are_more),
        cmocka_unit_test(test_a_rule_that_is_not_in_the_catalogue_stops_the_declaration),
        cmocka_unit_test(test_little_memory_fails_the_request_and_no_more),
        cmocka_unit_test(test_what_few_declarations_have_is_never_required),
        cmocka_unit_test(test_sources_of_a_line_and_transport_under_bond_are_read),
    };
    char path[4096];
    const char *folder = getenv("HQ_CASES");
    assert_non_null(folder);
    assert_true(hq_ok(hq_base_init()));
    keep = hq_arena_new((size_t)16 << 20);
    snprintf(path, sizeof path, "%s/import.json", folder);
    import_json = file_text(path, keep);
    snprintf(path, sizeof path, "%s/reference", folder);
    ref = desk_reference(path);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    hq_ref_free(ref);
    hq_arena_free(keep);
    return failed;
}
