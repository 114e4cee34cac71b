/* SPDX-License-Identifier: Apache-2.0 */
#include "rows.h"

#include <stdio.h>
#include <stdlib.h>

#define TARIFF                                                                                     \
    "hs,tax,scheme,valid_from,valid_to,rate_percent,amount,amount_unit,amount_currency,countries," \
    "countries_excluded,producer,condition,source\n"

static hq_code4 code(const char *text)
{
    return hq_code4_of(hq_sv_from_cstr(text));
}

/* The one row found, as its id; 0 for none. */
static int64_t row_for(const hq_ref *ref, hq_tax tax, uint32_t hs8, const char *scheme,
                       const char *origin, const char *producer, const char *on)
{
    const hq_tariff_row *rows[8];
    hq_tariff_query query = {
        .tax = tax,
        .hs8 = hs8,
        .origin = code(origin),
        .scheme = hq_sv_from_cstr(scheme),
        .producer = hq_sv_from_cstr(producer),
        .day = day(on),
    };
    size_t count = hq_ref_tariff(rows, 8, ref, &query);
    assert_true(count <= 1);
    return count == 0 ? 0 : rows[0]->id;
}

static void test_longest_prefix_valid_on_the_day_wins(void **state)
{
    (void)state;
    hq_ref *ref = snapshot_of("tariff",
                              TARIFF "8481,IMPORT,B01,2020-01-01,,3,,,,,,,,\n"
                                     "848180,IMPORT,B01,2022-01-01,2023-12-31,4,,,,,,,,\n"
                                     "84818099,IMPORT,B01,2023-01-01,2023-06-30,5,,,,,,,,\n"
                                     "84818099,IMPORT,B01,2024-01-01,2024-12-31,6,,,,,,,,\n",
                              NULL);
    assert_int_equal(row_for(ref, HQ_TAX_IMPORT, 84818099, "B01", "CN", "", "2019-12-31"), 0);
    assert_int_equal(row_for(ref, HQ_TAX_IMPORT, 84818099, "B01", "CN", "", "2020-01-01"), 1);
    assert_int_equal(row_for(ref, HQ_TAX_IMPORT, 84818099, "B01", "CN", "", "2022-12-31"), 2);
    assert_int_equal(row_for(ref, HQ_TAX_IMPORT, 84818099, "B01", "CN", "", "2023-01-01"), 3);
    assert_int_equal(row_for(ref, HQ_TAX_IMPORT, 84818099, "B01", "CN", "", "2023-06-30"), 3);
    assert_int_equal(row_for(ref, HQ_TAX_IMPORT, 84818099, "B01", "CN", "", "2023-07-01"), 2);
    assert_int_equal(row_for(ref, HQ_TAX_IMPORT, 84818099, "B01", "CN", "", "2024-06-01"), 4);
    assert_int_equal(row_for(ref, HQ_TAX_IMPORT, 84818099, "B01", "CN", "", "2025-01-01"), 1);
    assert_int_equal(row_for(ref, HQ_TAX_IMPORT, 84811000, "B01", "CN", "", "2024-06-01"), 1);
    assert_int_equal(row_for(ref, HQ_TAX_IMPORT, 84818099, "B05", "CN", "", "2024-06-01"), 0);
    assert_int_equal(row_for(ref, HQ_TAX_EXPORT, 84818099, "", "CN", "", "2024-06-01"), 0);
    hq_ref_free(ref);
}

static void test_codes_that_begin_with_zero(void **state)
{
    (void)state;
    hq_ref *ref = snapshot_of("tariff",
                              TARIFF "0101,VAT,,2020-01-01,,5,,,,,,,,\n"
                                     "01012100,VAT,,2020-01-01,,0,,,,,,,,\n",
                              "nomenclature",
                              "hs,name_vi,name_en,unit,unit2,valid_from,valid_to\n"
                              "01012100,Ngựa,Horses,PCE,,2020-01-01,2021-12-31\n"
                              "01012100,Ngựa thuần chủng,Pure-bred horses,PCE,KGM,2022-01-01,\n",
                              NULL);
    assert_int_equal(row_for(ref, HQ_TAX_VAT, 1012100, "", "CN", "", "2020-01-01"), 2);
    assert_int_equal(row_for(ref, HQ_TAX_VAT, 1012900, "", "CN", "", "2020-01-01"), 1);
    assert_null(hq_ref_hs(ref, 1012100, day("2019-12-31")));
    assert_int_equal(hq_ref_hs(ref, 1012100, day("2021-12-31"))->id, 3);
    assert_int_equal(hq_ref_hs(ref, 1012100, day("2026-01-01"))->unit2, code("KGM"));
    assert_null(hq_ref_hs(ref, 1012101, day("2026-01-01")));
    assert_int_equal(hq_ref_taxes_of(ref, 1012100), 1u << HQ_TAX_VAT);
    assert_int_equal(hq_ref_taxes_of(ref, 99999999), 0);
    assert_int_equal(hq_ref_taxes_of(ref, UINT32_MAX), 0);
    hq_ref_free(ref);
}

static void test_origin_and_producer(void **state)
{
    (void)state;
    hq_ref *ref = snapshot_of("tariff",
                              TARIFF "7210,AD,,2020-01-01,,37,,,,CN,,,,\n"
                                     "7210,AD,,2020-01-01,,3,,,,CN,,Example Steel,,\n"
                                     "7210,AD,,2020-01-01,,19,,,,KR;JP,,,,\n"
                                     "72104911,AD,,2020-01-01,,20,,,,KR,,,,\n"
                                     "0102,IMPORT,B06,2020-01-01,,0,,,,,KR,,,\n",
                              NULL);
    assert_int_equal(row_for(ref, HQ_TAX_AD, 72104911, "", "CN", "", "2024-01-01"), 1);
    assert_int_equal(row_for(ref, HQ_TAX_AD, 72104911, "", "CN", "Example Steel", "2024-01-01"), 2);
    assert_int_equal(row_for(ref, HQ_TAX_AD, 72104911, "", "CN", "Another", "2024-01-01"), 1);
    assert_int_equal(row_for(ref, HQ_TAX_AD, 72104911, "", "JP", "", "2024-01-01"), 3);
    assert_int_equal(row_for(ref, HQ_TAX_AD, 72104911, "", "KR", "", "2024-01-01"), 4);
    assert_int_equal(row_for(ref, HQ_TAX_AD, 72104911, "", "VN", "", "2024-01-01"), 0);
    assert_int_equal(row_for(ref, HQ_TAX_IMPORT, 1022919, "B06", "TH", "", "2024-01-01"), 5);
    assert_int_equal(row_for(ref, HQ_TAX_IMPORT, 1022919, "B06", "KR", "", "2024-01-01"), 0);
    hq_ref_free(ref);
}

static void test_rows_that_differ_by_condition_come_together(void **state)
{
    (void)state;
    const hq_tariff_row *rows[4];
    hq_ref *ref = snapshot_of("tariff",
                              TARIFF "9018,VAT,,2020-01-01,,5,,,,,,,MEDICAL,\n"
                                     "9018,VAT,,2020-01-01,,10,,,,,,,OTHER,\n"
                                     "87032363,IMPORT,B16,2020-01-01,,150,10000,PCE,USD,,,,,\n",
                              NULL);
    hq_tariff_query query = { .tax = HQ_TAX_VAT, .hs8 = 90181200, .day = day("2024-01-01") };
    assert_int_equal(hq_ref_tariff(rows, 4, ref, &query), 2);
    assert_int_equal(hq_ref_tariff(rows, 1, ref, &query), 1);
    const hq_tariff_row *compound = hq_ref_tariff_by_id(ref, 3);
    assert_true(compound->has_rate && compound->has_amount);
    assert_int_equal(compound->amount.units, 10000);
    assert_int_equal(compound->amount_unit, code("PCE"));
    assert_int_equal(compound->amount_currency, code("USD"));
    assert_null(hq_ref_tariff_by_id(ref, 4));
    assert_int_equal(hq_ref_schemes_for(rows, 4, ref, 87032363, code("JP"), day("2024-01-01")), 1);
    hq_ref_free(ref);
}

/* ------------------------------------------------------------------ against a plain scan */

#define RANDOM_ROWS 600

static const char *const origins[] = { "CN", "KR", "JP", "TH" };
static const char *const producers[] = { "", "P", "Q" };

static void random_tariff(hq_buf *csv)
{
    hq_buf_lit(csv, TARIFF);
    for (int i = 0; i < RANDOM_ROWS; i++) {
        static const char *const prefixes[] = { "8481", "848180", "84818099", "84818091", "8482" };
        bool import = hq_random_below(2) == 0;
        int year = 2020 + (int)hq_random_below(6);
        hq_buf_printf(csv, "%s,%s,%s,%d-0%d-01,%d-12-31,%d,,,,%s,%s,%s,,\n",
                      prefixes[hq_random_below(5)], import ? "IMPORT" : "AD",
                      import ? (hq_random_below(2) == 0 ? "B01" : "B05") : "", year,
                      1 + (int)hq_random_below(9), year + (int)hq_random_below(3), i,
                      hq_random_below(2) == 0 ? "" : origins[hq_random_below(4)],
                      hq_random_below(4) == 0 ? origins[hq_random_below(4)] : "",
                      import ? "" : producers[hq_random_below(3)]);
    }
}

static bool covers(const hq_tariff_row *row, const hq_tariff_query *q, unsigned digits)
{
    uint32_t hs = q->hs8;
    for (unsigned d = 8; d > digits; d--) {
        hs /= 10;
    }
    return row->hs_digits == digits && row->hs == hs && row->tax == q->tax &&
           hq_sv_eq(row->scheme, q->scheme) && row->from <= q->day && q->day <= row->to &&
           (row->countries->any || hq_country_named(row->countries, q->origin)) &&
           !hq_country_named(row->countries_excluded, q->origin);
}

/* How many rows there must be, and the sum of their ids. */
static size_t naive(int64_t *sum, const hq_ref *ref, const hq_tariff_query *q)
{
    for (unsigned digits = 8; digits >= 4; digits -= 2) {
        for (int own = q->producer.len > 0; own >= 0; own--) {
            size_t count = 0;
            *sum = 0;
            for (uint32_t i = 0; i < ref->tariff.count; i++) {
                const hq_tariff_row *row = &ref->tariff.rows[i];
                if (covers(row, q, digits) &&
                    hq_sv_eq(row->producer, own != 0 ? q->producer : HQ_SV(""))) {
                    count++;
                    *sum += row->id;
                }
            }
            if (count > 0) {
                return count;
            }
        }
    }
    return 0;
}

static void check_random_query(const hq_ref *ref)
{
    static const uint32_t codes[] = { 84818099, 84818091, 84811000, 84820000, 84818000 };
    const hq_tariff_row *rows[RANDOM_ROWS];
    bool import = hq_random_below(2) == 0;
    hq_tariff_query q = {
        .tax = import ? HQ_TAX_IMPORT : HQ_TAX_AD,
        .hs8 = codes[hq_random_below(5)],
        .origin = code(origins[hq_random_below(4)]),
        .scheme = import ? (hq_random_below(2) == 0 ? HQ_SV("B01") : HQ_SV("B05")) : HQ_SV(""),
        .producer = hq_sv_from_cstr(import ? "" : producers[hq_random_below(3)]),
        .day = day("2020-01-01") + (hq_day)hq_random_below(3000),
    };
    int64_t expected_sum = 0;
    int64_t sum = 0;
    size_t expected = naive(&expected_sum, ref, &q);
    size_t count = hq_ref_tariff(rows, RANDOM_ROWS, ref, &q);
    for (size_t i = 0; i < count; i++) {
        sum += rows[i]->id;
    }
    assert_int_equal(count, expected);
    assert_true(count == 0 || sum == expected_sum);
}

static void test_index_agrees_with_a_plain_scan(void **state)
{
    (void)state;
    for (int round = 0; round < 20; round++) {
        hq_buf csv = HQ_BUF_HEAP(1 << 20);
        random_tariff(&csv);
        hq_buf_char(&csv, '\0');
        hq_ref *ref = snapshot_of("tariff", csv.ptr, NULL);
        for (int i = 0; i < 300; i++) {
            check_random_query(ref);
        }
        hq_ref_free(ref);
        hq_buf_free(&csv);
    }
}

/* ------------------------------------------------------------------ small tables */

static void test_rates_by_day(void **state)
{
    (void)state;
    hq_ref *ref = snapshot_of("exchange_rates",
                              "currency,valid_from,valid_to,rate,source\n"
                              "USD,2026-11-16,2026-11-22,25400,a\n"
                              "USD,2026-11-23,2026-11-29,25420.5,a\n"
                              "EUR,2020-01-01,,27500,a\n",
                              "currencies", "currency,name_vi,name_en\nUSD,a,b\nEUR,a,b\nCNY,a,b\n",
                              "countries", "country,name_vi,name_en\nVN,a,b\nCN,a,b\n", NULL);
    assert_null(hq_ref_rate(ref, code("USD"), day("2026-11-15")));
    assert_int_equal(hq_ref_rate(ref, code("USD"), day("2026-11-22"))->id, 1);
    assert_int_equal(hq_ref_rate(ref, code("USD"), day("2026-11-23"))->rate.units, 254205);
    assert_null(hq_ref_rate(ref, code("USD"), day("2026-11-30")));
    assert_int_equal(hq_ref_rate(ref, code("VND"), day("2026-11-30"))->rate.units, 1);
    assert_null(hq_ref_rate(ref, code("XXX"), day("2026-11-22")));
    assert_int_equal(hq_ref_rate_by_id(ref, 3)->currency, code("EUR"));
    assert_true(hq_ref_currency_known(ref, code("CNY")));
    assert_false(hq_ref_currency_known(ref, code("CNX")));
    assert_true(hq_ref_country_known(ref, code("VN")));
    assert_false(hq_ref_country_known(ref, code("XX")));
    assert_false(hq_ref_country_known(ref, code("VNM")));
    assert_false(hq_ref_country_known(ref, 0));
    hq_ref_free(ref);
}

static void test_offices_below_each_other_on_a_day(void **state)
{
    (void)state;
    hq_ref *ref = snapshot_of("offices",
                              "office,parent,name_vi,name_en,level,valid_from,valid_to\n"
                              "00,,a,b,HEADQUARTERS,2014-04-01,\n"
                              "15,00,a,b,DEPARTMENT,2014-04-01,\n"
                              "15BB,15,Chi cục,b,BRANCH,2014-04-01,2025-02-28\n"
                              "15BB,15,Hải quan,b,BRANCH,2025-03-01,2026-12-31\n"
                              "20,00,a,b,DEPARTMENT,2014-04-01,\n",
                              NULL);
    hq_day on = day("2026-01-01");
    assert_true(hq_ref_office_below(ref, HQ_SV("15BB"), HQ_SV("15BB"), on));
    assert_true(hq_ref_office_below(ref, HQ_SV("15BB"), HQ_SV("15"), on));
    assert_true(hq_ref_office_below(ref, HQ_SV("15BB"), HQ_SV("00"), on));
    assert_false(hq_ref_office_below(ref, HQ_SV("15BB"), HQ_SV("20"), on));
    assert_false(hq_ref_office_below(ref, HQ_SV("15"), HQ_SV("15BB"), on));
    assert_false(hq_ref_office_below(ref, HQ_SV("15BB"), HQ_SV("15"), day("2027-01-01")));
    assert_int_equal(hq_ref_office(ref, HQ_SV("15BB"), day("2025-02-28"))->id, 3);
    assert_int_equal(hq_ref_office(ref, HQ_SV("15BB"), day("2025-03-01"))->id, 4);
    assert_null(hq_ref_office(ref, HQ_SV(""), on));
    hq_ref_free(ref);
}

static void test_agents_and_exemptions_and_orders(void **state)
{
    (void)state;
    const hq_allocation_row *order[4];
    hq_ref *ref = snapshot_of(
        "authorities",
        "agent_tax_code,client_tax_code,valid_from,valid_to\n"
        "9900000011,9900000028,2025-01-01,2026-12-31\n"
        "9900000011,0100233488,2025-01-01,\n",
        "exemptions",
        "code,tax,effect,name_vi,name_en,legal_ground,valid_from,valid_to\n"
        "X1,IMPORT,EXEMPT,a,b,c,2020-01-01,2024-12-31\n"
        "X1,VAT,NOT_SUBJECT,a,b,c,2020-01-01,\n",
        "interest_rates", "kind,percent_per_day,valid_from,valid_to\nTAX,0.03,2016-07-01,\n",
        "allocation_order",
        "regime,valid_from,valid_to,position,class\n"
        "law-2019,2020-07-01,,10,TEN\nlaw-2019,2020-07-01,,2,TWO\nother,2020-07-01,,1,ONE\n",
        NULL);
    hq_day on = day("2026-06-01");
    assert_true(hq_ref_authorised(ref, HQ_SV("9900000011"), HQ_SV("9900000028"), on));
    assert_false(
        hq_ref_authorised(ref, HQ_SV("9900000011"), HQ_SV("9900000028"), day("2027-01-01")));
    assert_false(hq_ref_authorised(ref, HQ_SV("9900000011"), HQ_SV("0314409058"), on));
    assert_true(hq_ref_authorised(ref, HQ_SV("0314409058"), HQ_SV("9900000028"), on));
    assert_null(hq_ref_exemption(ref, HQ_SV("X1"), HQ_TAX_IMPORT, on));
    assert_int_equal(hq_ref_exemption(ref, HQ_SV("X1"), HQ_TAX_VAT, on)->effect, HQ_NOT_SUBJECT);
    assert_int_equal(hq_ref_interest(ref, HQ_SV("TAX"), on)->percent_per_day.units, 3);
    assert_int_equal(hq_ref_allocation(order, 4, ref, HQ_SV("law-2019"), on), 2);
    assert_int_equal(order[0]->position, 2);
    assert_int_equal(order[1]->position, 10);
    hq_ref_free(ref);
}

/* ------------------------------------------------------------------ identifiers */

static void test_check_digits(void **state)
{
    (void)state;
    assert_true(hq_tax_code_valid(HQ_SV("0100233488")));
    assert_true(hq_tax_code_valid(HQ_SV("0314409058-002")));
    assert_false(hq_tax_code_valid(HQ_SV("0100233480")));
    assert_false(hq_tax_code_valid(HQ_SV("0314409058-02")));
    assert_false(hq_tax_code_valid(HQ_SV("0314409058002")));
    assert_false(hq_tax_code_valid(HQ_SV("01002334")));
    assert_false(hq_tax_code_valid(HQ_SV("")));
    assert_true(hq_container_valid(HQ_SV("CSQU3054383")));
    assert_true(hq_container_valid(HQ_SV("TRCU3382910"))); /* remainder 10 is written 0 */
    assert_false(hq_container_valid(HQ_SV("CSQU3054384")));
    assert_false(hq_container_valid(HQ_SV("CSQU305438")));
    assert_false(hq_container_valid(HQ_SV("csqu3054383")));
}

static void check_vectors(const char *name, bool (*valid)(hq_sv))
{
    char path[4096];
    hq_arena *arena = hq_arena_new(1 << 20);
    snprintf(path, sizeof path, "%s/data/messages/idents/%s", getenv("HQ_SHARED"), name);
    hq_sv text = file_text(path, arena);
    if (text.ptr == NULL) {
        print_message("%s is absent: passed over\n", name);
        hq_arena_free(arena);
        return;
    }
    hq_sv rest = text;
    hq_sv_cut(&rest, '\n');
    while (rest.ptr != NULL) {
        hq_sv line = hq_sv_trim(hq_sv_cut(&rest, '\n'));
        hq_sv ident = hq_sv_sub(line, 0, hq_sv_find(line, ',', 0));
        if (line.len > 0) {
            assert_int_equal(valid(ident), hq_sv_ends(line, HQ_SV(",1")));
        }
    }
    hq_arena_free(arena);
}

static void test_check_digits_of_the_shared_vectors(void **state)
{
    (void)state;
    check_vectors("mst_vectors.csv", hq_tax_code_valid);
    check_vectors("iso6346_vectors.csv", hq_container_valid);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_longest_prefix_valid_on_the_day_wins),
        cmocka_unit_test(test_codes_that_begin_with_zero),
        cmocka_unit_test(test_origin_and_producer),
        cmocka_unit_test(test_rows_that_differ_by_condition_come_together),
        cmocka_unit_test(test_index_agrees_with_a_plain_scan),
        cmocka_unit_test(test_rates_by_day),
        cmocka_unit_test(test_offices_below_each_other_on_a_day),
        cmocka_unit_test(test_agents_and_exemptions_and_orders),
        cmocka_unit_test(test_check_digits),
        cmocka_unit_test(test_check_digits_of_the_shared_vectors),
    };
    assert_true(hq_ok(hq_base_init()));
    return cmocka_run_group_tests(tests, NULL, NULL);
}
