/* SPDX-License-Identifier: Apache-2.0 */
#include "reference/codes.h"

#include "embedded_stamp.h"
#include "reference/tables.h"

/* What comes with the program: codes of countries and currencies and the terms of law for every
 * database, and the demo set for those that ask for it. Both go through the import like any other
 * file. */

HQ_EMBED(hq_demo_nomenclature, "../data/demo/nomenclature.csv");
HQ_EMBED(hq_demo_tariff, "../data/demo/tariff.csv");
HQ_EMBED(hq_demo_exchange_rates, "../data/demo/exchange_rates.csv");
HQ_EMBED(hq_demo_schemes, "../data/demo/schemes.csv");
HQ_EMBED(hq_demo_kinds, "../data/demo/kinds.csv");
HQ_EMBED(hq_demo_offices, "../data/demo/offices.csv");
HQ_EMBED(hq_demo_enterprises, "../data/demo/enterprises.csv");
HQ_EMBED(hq_demo_holidays, "../data/demo/holidays.csv");
HQ_EMBED(hq_demo_office_hours, "../data/demo/office_hours.csv");
HQ_EMBED(hq_demo_interest_rates, "../data/demo/interest_rates.csv");
HQ_EMBED(hq_demo_allocation_order, "../data/demo/allocation_order.csv");
HQ_EMBED(hq_demo_authorities, "../data/demo/authorities.csv");
HQ_EMBED(hq_demo_balance_kinds, "../data/demo/balance_kinds.csv");
HQ_EMBED(hq_demo_exemptions, "../data/demo/exemptions.csv");
HQ_EMBED(hq_law_terms, "../data/law/terms.csv");
HQ_EMBED(hq_law_code_lists, "../data/law/code_lists.csv");
HQ_EMBED(hq_law_amendable, "../data/law/amendable.csv");

/* A fault in a file that is part of the program: the first finding says where. */
static hq_status load(hq_reference *reference, const char *table, hq_sv csv, hq_arena *arena,
                      hq_why *why)
{
    const hq_finding *findings;
    size_t count;
    hq_import_report report;
    hq_import_options options = { .actor = HQ_SV("system") };
    hq_status s = hq_reference_import(&report, reference, hq_sv_from_cstr(table), csv, &options,
                                      arena, &findings, &count, why);
    if (s.code != HQ_E_INVALID) {
        return s;
    }
    if (why != NULL && count > 0) {
        why->path = hq_arena_printf(arena, "/%s%.*s", table, HQ_SV_FMT(findings[0].path));
        why->vi = findings[0].vi;
        why->en = findings[0].en;
    }
    return HQ_FAIL(INTERNAL);
}

static hq_status load_lines(hq_reference *reference, const char *table, const char *const *lines,
                            hq_arena *arena, hq_why *why)
{
    hq_buf csv = HQ_BUF_HEAP((size_t)1 << 20);
    for (; *lines != NULL; lines++) {
        hq_buf_sv(&csv, hq_sv_from_cstr(*lines));
        hq_buf_char(&csv, '\n');
    }
    hq_status s = hq_buf_status(&csv);
    if (hq_ok(s)) {
        s = load(reference, table, hq_buf_view(&csv), arena, why);
    }
    hq_buf_free(&csv);
    return s;
}

hq_status hq_reference_load_codes(hq_reference *reference, hq_arena *arena, hq_why *why)
{
    HQ_TRY(load_lines(reference, "countries", hq_ref__countries_csv, arena, why));
    HQ_TRY(load_lines(reference, "currencies", hq_ref__currencies_csv, arena, why));
    HQ_TRY(load(reference, "terms", HQ_EMBEDDED(hq_law_terms), arena, why));
    HQ_TRY(load(reference, "code_lists", HQ_EMBEDDED(hq_law_code_lists), arena, why));
    return load(reference, "amendable", HQ_EMBEDDED(hq_law_amendable), arena, why);
}

hq_status hq_reference_load_demo(hq_reference *reference, hq_arena *arena, hq_why *why)
{
    const struct {
        const char *table;
        hq_sv csv;
    } files[] = {
        { "schemes", HQ_EMBEDDED(hq_demo_schemes) },
        { "kinds", HQ_EMBEDDED(hq_demo_kinds) },
        { "offices", HQ_EMBEDDED(hq_demo_offices) },
        { "office_hours", HQ_EMBEDDED(hq_demo_office_hours) },
        { "holidays", HQ_EMBEDDED(hq_demo_holidays) },
        { "exchange_rates", HQ_EMBEDDED(hq_demo_exchange_rates) },
        { "interest_rates", HQ_EMBEDDED(hq_demo_interest_rates) },
        { "allocation_order", HQ_EMBEDDED(hq_demo_allocation_order) },
        { "balance_kinds", HQ_EMBEDDED(hq_demo_balance_kinds) },
        { "exemptions", HQ_EMBEDDED(hq_demo_exemptions) },
        { "enterprises", HQ_EMBEDDED(hq_demo_enterprises) },
        { "authorities", HQ_EMBEDDED(hq_demo_authorities) },
        { "nomenclature", HQ_EMBEDDED(hq_demo_nomenclature) },
        { "tariff", HQ_EMBEDDED(hq_demo_tariff) },
    };
    HQ_TRY(hq_reference_load_codes(reference, arena, why));
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        HQ_TRY(load(reference, files[i].table, files[i].csv, arena, why));
    }
    return HQ_DONE;
}

/* ------------------------------------------------------------------ law that a database lacks */

/* The rows of one table that count, gathered first: of the tariff there may be a hundred thousand
 * beside them. */
static size_t keys_of(hq_sv **out, const hq_ref__row *rows, size_t count, hq_ref__table_id table,
                      hq_arena *arena)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        found += rows[i].table == table && rows[i].known_to == 0;
    }
    *out = HQ_NEW_ARRAY(arena, hq_sv, found + 1);
    found = 0;
    for (size_t i = 0; *out != NULL && i < count; i++) {
        if (rows[i].table == table && rows[i].known_to == 0) {
            (*out)[found++] = rows[i].key;
        }
    }
    return found;
}

static bool has_key(const hq_sv *keys, size_t count, hq_sv key)
{
    for (size_t i = 0; i < count; i++) {
        if (hq_sv_eq(keys[i], key)) {
            return true;
        }
    }
    return false;
}

static hq_status add_table(hq_ref__row **rows, size_t *count, hq_ref__table_id table, hq_sv csv,
                           hq_arena *arena)
{
    hq_ref__findings findings = { .arena = arena };
    hq_ref__row *law = NULL;
    hq_sv *keys = NULL;
    size_t law_count = 0;
    size_t kept = *count;
    HQ_TRY(hq_ref__read(&law, &law_count, &hq_ref__tables[table], csv, &findings, arena));
    size_t key_count = keys_of(&keys, *rows, *count, table, arena);
    hq_ref__row *all = hq_arena_array(arena, kept + law_count + 1, sizeof *all);
    if (all == NULL || keys == NULL) {
        return HQ_FAIL(NOMEM);
    }
    if (kept > 0) {
        memcpy(all, *rows, kept * sizeof *all);
    }
    for (size_t i = 0; i < law_count; i++) {
        if (!has_key(keys, key_count, law[i].key)) {
            all[kept] = law[i];
            all[kept++].line = 0;
        }
    }
    *rows = all;
    *count = kept;
    return findings.errors > 0 ? HQ_FAIL(INTERNAL) : HQ_DONE;
}

hq_status hq_ref__add_law(hq_ref__row **rows, size_t *count, hq_arena *arena)
{
    HQ_TRY(add_table(rows, count, HQ_REF_TERMS, HQ_EMBEDDED(hq_law_terms), arena));
    HQ_TRY(add_table(rows, count, HQ_REF_CODE_LISTS, HQ_EMBEDDED(hq_law_code_lists), arena));
    return add_table(rows, count, HQ_REF_AMENDABLE, HQ_EMBEDDED(hq_law_amendable), arena);
}
