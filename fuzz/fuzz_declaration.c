/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include "clearance/assess.h"
#include "reference/snapshot.h"

/* A declaration from any bytes: decoded, checked, valued and taxed. What comes out without an error
 * must pack and unpack, and its receipt must verify. */

enum { CEILING = 64 << 20 };

static const struct {
    const char *table, *csv;
} rows[] = {
    { "countries", "country,name_vi,name_en\nCN,a,a\nTH,b,b\nVN,c,c\n" },
    { "currencies", "currency,name_vi,name_en\nUSD,a,a\nEUR,b,b\nVND,c,c\n" },
    { "nomenclature", "hs,name_vi,name_en,unit,unit2,valid_from,valid_to\n"
                      "84818099,a,a,PCE,,2020-01-01,\n22042111,b,b,LTR,,2020-01-01,\n" },
    { "tariff", "hs,tax,scheme,valid_from,valid_to,rate_percent,amount,amount_unit,"
                "amount_currency,countries,countries_excluded,producer,condition,source\n"
                "8481,IMPORT,B01,2020-01-01,,50,,,,,,,,s\n"
                "8481,IMPORT,B05,2020-01-01,,47,,,,,,,,s\n"
                "8481,VAT,,2020-01-01,,10,,,,,,,,s\n"
                "8481,EXPORT,,2020-01-01,,5,,,,,,,,s\n"
                "8481,AD,,2020-01-01,,20,,,,CN,,,,s\n"
                "2204,IMPORT,B01,2020-01-01,,50.5,1.25,LTR,EUR,,,,,s\n"
                "2204,SCT,,2020-01-01,,35,,,,,,,,s\n"
                "2204,VAT,,2020-01-01,,5,,,,,,,x,s\n"
                "2204,VAT,,2020-01-01,,10,,,,,,,y,s\n" },
    { "exchange_rates", "currency,valid_from,valid_to,rate,source\n"
                        "USD,2020-01-01,,25400,s\nEUR,2020-01-01,,29512.37,s\n" },
    { "schemes", "scheme,name_vi,name_en,countries,direct_shipment,valid_from,valid_to\n"
                 "B01,a,a,,0,2020-01-01,\nB05,b,b,CN;TH,1,2020-01-01,\n" },
    { "kinds", "kind,flow,name_vi,name_en,valid_from,valid_to\n"
               "A11,import,a,a,2020-01-01,\nB11,export,b,b,2020-01-01,\n" },
    { "offices", "office,parent,name_vi,name_en,level,valid_from,valid_to\n"
                 "15BB,,a,a,BRANCH,2020-01-01,\n" },
    { "exemptions", "code,tax,effect,name_vi,name_en,legal_ground,valid_from,valid_to\n"
                    "XNK01,IMPORT,EXEMPT,a,a,g,2020-01-01,\n"
                    "XNK10,IMPORT,REDUCE,b,b,g,2020-01-01,\n" },
};

static const hq_ref *reference(void)
{
    static hq_ref *ref;
    static hq_ref__row all[64];
    size_t total = 0;
    if (ref != NULL) {
        return ref;
    }
    FUZZ_HOLDS(hq_ok(hq_base_init()));
    hq_arena *arena = hq_arena_new(CEILING);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        hq_ref__row *some;
        size_t count;
        hq_ref__findings findings = { .arena = arena };
        FUZZ_HOLDS(
            hq_ok(hq_ref__read(&some, &count, hq_ref__table_find(hq_sv_from_cstr(rows[i].table)),
                               hq_sv_from_cstr(rows[i].csv), &findings, arena)));
        FUZZ_HOLDS(findings.errors == 0);
        for (size_t k = 0; k < count; k++) {
            some[k].id = (int64_t)total + 1;
            some[k].known_from = 1;
            all[total++] = some[k];
        }
    }
    FUZZ_HOLDS(hq_ok(hq_ref__build(&ref, all, total, 1)));
    hq_arena_free(arena);
    return ref;
}

static void check_kept(const hq_declaration *d, const hq_assessment *a, hq_arena *arena)
{
    hq_assessment *back;
    hq_buf packed = HQ_BUF_ARENA(arena, CEILING);
    hq_buf receipt = HQ_BUF_ARENA(arena, CEILING);
    hq_json_w w = hq_json_writer(&receipt);
    FUZZ_HOLDS(hq_ok(hq_assessment_pack(&packed, a)));
    FUZZ_HOLDS(hq_ok(hq_assessment_unpack(&back, hq_buf_view(&packed), reference(), arena)));
    FUZZ_HOLDS(back->total_payable_vnd == a->total_payable_vnd);
    FUZZ_HOLDS(hq_ok(hq_receipt_json(&w, HQ_SV("100000000010"), d, a, reference())));
    FUZZ_HOLDS(hq_ok(hq_receipt_verify(hq_buf_view(&receipt), arena, NULL)));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    const hq_ref *ref = reference();
    hq_arena *arena = hq_arena_new(CEILING);
    hq_findings findings = { .arena = arena };
    hq_declaration *d;
    hq_assessment *a = NULL;
    char *body = calloc(1, len + 64);
    FUZZ_HOLDS(body != NULL);
    if (len > 0) {
        memcpy(body, bytes, len);
    }
    hq_status s = hq_declaration_decode(&d, &findings, hq_sv_make(body, len), arena, NULL);
    if (hq_ok(s)) {
        s = hq_assess(&a, &findings, d, ref, 20777, HQ_CHECK_REGISTER, arena);
        FUZZ_HOLDS(hq_ok(s) || s.code == HQ_E_NOMEM);
        FUZZ_HOLDS(a == NULL || findings.errors == 0);
    }
    if (a != NULL) {
        check_kept(d, a, arena);
    }
    hq_arena_free(arena);
    free(body);
    return 0;
}
