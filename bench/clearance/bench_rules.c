/* SPDX-License-Identifier: Apache-2.0 */
#include "desk.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "clearance/assess_run.h"

/* bench_rules FOLDER [COUNT] [PART]: what the rule book costs for one declaration of five lines in
 * order, by the tables in FOLDER (tests/clearance/cases/reference). The parts: `read` JSON into the
 * model with all rules of form, `rules` of content alone (header, lines), `assess` rules, value and
 * taxes together. Without PART all are measured and printed; bench/clearance/rules.sh counts
 * instructions with it. */

static const hq_ref *ref;
static hq_sv body;
static hq_day today;

static hq_sv make_body(hq_arena *arena)
{
    static const char *const lines[] = {
        "\"hs\": \"84818099\", \"description\": \"Van bằng đồng\", \"origin\": \"CN\", \"scheme\": "
        "\"B05\", \"origin_proof\": {\"form\": \"E\", \"number\": \"E-1\", \"date\": "
        "\"2026-11-10\"}, ",
        "\"hs\": \"84818099\", \"description\": \"Van khác\", \"origin\": \"CN\", \"scheme\": "
        "\"B01\", ",
        "\"hs\": \"87032363\", \"description\": \"Ô tô con\", \"origin\": \"DE\", \"scheme\": "
        "\"B01\", ",
        "\"hs\": \"84818099\", \"description\": \"Van điều khiển\", \"origin\": \"JP\", "
        "\"scheme\": \"B01\", ",
        "\"hs\": \"84818099\", \"description\": \"Van một chiều\", \"origin\": \"TH\", "
        "\"scheme\": \"B01\", ",
    };
    hq_buf out = HQ_BUF_ARENA(arena, 1 << 16);
    hq_buf_lit(
        &out,
        "{\"flow\": \"import\", \"kind\": \"A11\", \"office\": \"15BB\", \"transport_mode\": "
        "\"2\", \"parties\": \"4\", \"importer\": {\"tax_code\": \"9900000016\", \"name\": \"Công "
        "ty Ví dụ Một\", \"address\": \"Địa chỉ mẫu\"}, \"exporter\": {\"name\": \"EXAMPLE\", "
        "\"country\": \"CN\"}, \"bills\": [\"EXAMPLE0001\"], \"packages\": {\"count\": 120, "
        "\"unit\": \"CT\"}, \"gross_weight\": {\"amount\": \"12340.500\", \"unit\": \"KGM\"}, "
        "\"storage_place\": \"15BBC01\", \"conveyance\": \"VESSEL 1\", \"arrival_date\": "
        "\"2026-11-20\", \"loading_place\": \"CNSHA\", \"unloading_place\": \"VNHPH\", "
        "\"containers\": [\"MSKU1234565\"], \"permits\": [{\"kind\": \"AA01\", \"number\": "
        "\"GP-1\"}], \"invoice\": {\"number\": \"INV-1\", \"date\": \"2026-11-15\", "
        "\"payment_method\": \"TTR\", \"price_kind\": \"A\", \"incoterm\": \"FOB\", \"currency\": "
        "\"USD\", \"total\": \"50000.00\"}, \"valuation\": {\"method\": \"6\", \"freight\": "
        "{\"kind\": \"A\", \"currency\": \"USD\", \"amount\": \"500\"}, \"insurance\": {\"kind\": "
        "\"A\", \"currency\": \"USD\", \"amount\": \"61.5\"}}, \"payment\": {\"term\": \"D\"}, "
        "\"reference\": \"REF-1\", \"lines\": [");
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        hq_buf_printf(&out,
                      "%s{%s\"quantity\": {\"amount\": \"10.00\", \"unit\": \"PCE\"}, "
                      "\"unit_price\": \"1000.000000\", \"invoice_value\": \"10000.00\"}",
                      i == 0 ? "" : ", ", lines[i]);
    }
    hq_buf_lit(&out, "]}");
    hq_sv text = hq_buf_view(&out);
    char *room = hq_arena_zalloc(arena, text.len + 64); /* as many readable bytes as a request */
    memcpy(room, text.ptr, text.len);
    return hq_sv_make(room, text.len);
}

typedef struct {
    hq_arena *arena;   /* of the declaration */
    hq_arena *scratch; /* of what is made of it */
    hq_findings findings;
    hq_declaration *declaration;
    hq_assessment *assessment;
} work;

static void begin(work *w)
{
    hq_arena_reset(w->arena);
    w->findings = (hq_findings){ .arena = w->arena };
}

static void read_one(work *w)
{
    begin(w);
    assert_true(hq_ok(hq_declaration_decode(&w->declaration, &w->findings, body, w->arena, NULL)));
}

static void anew(work *w)
{
    hq_arena_reset(w->scratch);
    w->findings = (hq_findings){ .arena = w->scratch };
}

static void rules_one(work *w)
{
    anew(w);
    hq_assess__run run = { .declaration = w->declaration,
                           .ref = ref,
                           .day = today,
                           .stage = HQ_CHECK_REGISTER,
                           .arena = w->scratch,
                           .findings = &w->findings };
    hq_check__header(&run);
    hq_check__lines(&run);
}

static void assess_one(work *w)
{
    anew(w);
    assert_true(hq_ok(hq_assess(&w->assessment, &w->findings, w->declaration, ref, today,
                                HQ_CHECK_REGISTER, w->scratch)));
}

static void measure(const char *name, void (*part)(work *), work *w, long count)
{
    struct timespec a;
    struct timespec b;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
    for (long i = 0; i < count; i++) {
        part(w);
    }
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
    double us = ((double)(b.tv_sec - a.tv_sec) * 1e9 + (double)(b.tv_nsec - a.tv_nsec)) / 1e3;
    printf("%-7s %6.2f µs a declaration\n", name, us / (double)count);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*part)(work *);
    } parts[] = { { "read", read_one }, { "rules", rules_one }, { "assess", assess_one } };
    if (argc < 2) {
        fputs("bench_rules FOLDER [COUNT] [read|rules|assess]\n", stderr);
        return 2;
    }
    long count = argc > 2 ? strtol(argv[2], NULL, 10) : 20000;
    assert_true(hq_ok(hq_base_init()));
    hq_arena *keep = hq_arena_new((size_t)1 << 20);
    work w = { .arena = hq_arena_new((size_t)64 << 20), .scratch = hq_arena_new((size_t)64 << 20) };
    ref = desk_reference(argv[1]);
    today = day("2026-11-20");
    body = make_body(keep);
    read_one(&w);
    assess_one(&w);
    for (size_t i = 0; i < w.findings.count; i++) {
        printf("%.*s\n", HQ_SV_FMT(w.findings.items[i].en));
    }
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (argc < 4 || strcmp(argv[3], parts[i].name) == 0) {
            read_one(&w);
            measure(parts[i].name, parts[i].part, &w, count);
        }
    }
    return 0;
}
