/* SPDX-License-Identifier: Apache-2.0 */
#include "reference/snapshot.h"
#include "reference/codes.h"

#include <stdlib.h>

/* Canonical rows into the typed arrays of a snapshot. Texts that repeat (sources, schemes, country
 * lists) are kept once. */

#define SNAPSHOT_MAX ((size_t)2 << 30)

typedef struct hq_ref__builder {
    hq_ref *ref;
    hq_arena *arena;   /* the snapshot's */
    hq_arena *scratch; /* ends with the build */
    hq_map *texts;     /* text -> its bytes in the snapshot */
    hq_map *sets;      /* canonical list -> hq_country_set */
    const hq_ref__row *row;
    hq_sv cells[HQ_REF__COLUMNS];
    bool failed;
} builder;

/* ------------------------------------------------------------------ values */

static hq_sv intern(builder *b, hq_sv text)
{
    if (text.len == 0) {
        return HQ_SV("");
    }
    const char *kept = hq_map_get(b->texts, text);
    if (kept != NULL) {
        return hq_sv_make(kept, text.len);
    }
    char *copy = hq_arena_alloc(b->arena, text.len);
    if (copy == NULL) {
        b->failed = true;
        return HQ_SV("");
    }
    memcpy(copy, text.ptr, text.len);
    if (hq_failed(hq_map_put(b->texts, hq_sv_make(copy, text.len), copy))) {
        b->failed = true;
    }
    return hq_sv_make(copy, text.len);
}

static const hq_country_set *intern_set(builder *b, hq_sv list)
{
    hq_country_set *set = hq_map_get(b->sets, list);
    if (set != NULL) {
        return set;
    }
    set = HQ_NEW(b->arena, hq_country_set);
    hq_sv key = hq_arena_dup(b->scratch, list);
    if (set == NULL || key.ptr == NULL || hq_failed(hq_map_put(b->sets, key, set))) {
        b->failed = true;
        return NULL;
    }
    hq_ref__countries(set, list);
    return set;
}

/* Stored cells went through the import's checks; one that fails here was altered in the store. */
static hq_decimal decimal(builder *b, hq_sv text)
{
    hq_decimal v = { 0 };
    if (text.len > 0 && hq_failed(hq_decimal_parse(&v, text))) {
        b->failed = true;
    }
    return v;
}

static int number(builder *b, hq_sv text)
{
    int64_t v = 0;
    if (text.len > 0 && (!hq_sv_i64(&v, text) || v < INT32_MIN || v > INT32_MAX)) {
        b->failed = true;
    }
    return (int)v;
}

static int choice(builder *b, hq_sv text, const char *choices)
{
    hq_sv rest = hq_sv_from_cstr(choices);
    for (int i = 0; rest.ptr != NULL; i++) {
        if (hq_sv_eq(hq_sv_cut(&rest, ';'), text)) {
            return i;
        }
    }
    b->failed = true;
    return 0;
}

static hq_tax tax_of(builder *b, hq_sv text)
{
    hq_tax tax = HQ_TAX_IMPORT;
    if (!hq_tax_parse(&tax, text)) {
        b->failed = true;
    }
    return tax;
}

static hq_day day_of(hq_sv text)
{
    hq_day day;
    return text.len > 0 && hq_ok(hq_day_parse(&day, text)) ? day : 0;
}

static bool flag(hq_sv text)
{
    return hq_sv_eq(text, HQ_SV("1"));
}

/* ------------------------------------------------------------------ one function a table */

static void take_nomenclature(builder *b, void *to)
{
    *(hq_hs_row *)to = (hq_hs_row){
        .id = b->row->id,
        .hs = intern(b, b->cells[0]),
        .name_vi = intern(b, b->cells[1]),
        .name_en = intern(b, b->cells[2]),
        .unit = hq_code4_of(b->cells[3]),
        .unit2 = hq_code4_of(b->cells[4]),
        .from = b->row->from,
        .to = b->row->to,
    };
}

static void take_tariff(builder *b, void *to)
{
    int64_t hs = 0;
    b->failed |= !hq_sv_i64(&hs, b->cells[0]);
    *(hq_tariff_row *)to = (hq_tariff_row){
        .id = b->row->id,
        .hs = (uint32_t)hs,
        .hs_digits = (uint8_t)b->cells[0].len,
        .tax = (uint8_t)tax_of(b, b->cells[1]),
        .scheme = intern(b, b->cells[2]),
        .from = b->row->from,
        .to = b->row->to,
        .has_rate = b->cells[3].len > 0,
        .has_amount = b->cells[4].len > 0,
        .rate_percent = decimal(b, b->cells[3]),
        .amount = decimal(b, b->cells[4]),
        .amount_unit = hq_code4_of(b->cells[5]),
        .amount_currency = hq_code4_of(b->cells[6]),
        .countries = intern_set(b, b->cells[7]),
        .countries_excluded = intern_set(b, b->cells[8]),
        .producer = intern(b, b->cells[9]),
        .condition = intern(b, b->cells[10]),
        .source = intern(b, b->cells[11]),
    };
}

static void take_rate(builder *b, void *to)
{
    *(hq_ref__rate *)to = (hq_ref__rate){
        .key = intern(b, b->cells[0]),
        .row = {
            .id = b->row->id,
            .currency = hq_code4_of(b->cells[0]),
            .from = b->row->from,
            .to = b->row->to,
            .rate = decimal(b, b->cells[1]),
            .source = intern(b, b->cells[2]),
        },
    };
}

static void take_scheme(builder *b, void *to)
{
    *(hq_scheme_row *)to = (hq_scheme_row){
        .id = b->row->id,
        .scheme = intern(b, b->cells[0]),
        .name_vi = intern(b, b->cells[1]),
        .name_en = intern(b, b->cells[2]),
        .countries = intern_set(b, b->cells[3]),
        .direct_shipment = flag(b->cells[4]),
        .proof_required = flag(b->cells[5]),
        .from = b->row->from,
        .to = b->row->to,
    };
}

static void take_kind(builder *b, void *to)
{
    *(hq_kind_row *)to = (hq_kind_row){
        .id = b->row->id,
        .kind = intern(b, b->cells[0]),
        .flow = (hq_flow)choice(b, b->cells[1], "import;export"),
        .name_vi = intern(b, b->cells[2]),
        .name_en = intern(b, b->cells[3]),
        .from = b->row->from,
        .to = b->row->to,
    };
}

static void take_office(builder *b, void *to)
{
    *(hq_office_row *)to = (hq_office_row){
        .id = b->row->id,
        .office = intern(b, b->cells[0]),
        .parent = intern(b, b->cells[1]),
        .name_vi = intern(b, b->cells[2]),
        .name_en = intern(b, b->cells[3]),
        .level = (hq_level)choice(b, b->cells[4], "HEADQUARTERS;DEPARTMENT;BRANCH;TEAM"),
        .from = b->row->from,
        .to = b->row->to,
    };
}

static void take_enterprise(builder *b, void *to)
{
    *(hq_enterprise_row *)to = (hq_enterprise_row){
        .id = b->row->id,
        .tax_code = intern(b, b->cells[0]),
        .name = intern(b, b->cells[1]),
        .status = (hq_enterprise_status)choice(b, b->cells[2], "ACTIVE;SUSPENDED;CLOSED"),
        .founded = day_of(b->cells[3]),
        .compliance = number(b, b->cells[4]),
        .tax_debt_days = number(b, b->cells[5]),
        .address = intern(b, b->cells[6]),
        .ground = intern(b, b->cells[7]),
    };
}

static void take_holiday(builder *b, void *to)
{
    *(hq_ref__holiday *)to = (hq_ref__holiday){
        .day = day_of(b->cells[0]),
        .working = hq_sv_eq(b->cells[2], HQ_SV("WORKING")),
    };
}

static void take_hours(builder *b, void *to)
{
    int begin = 0;
    int end = 0;
    b->failed |= !hq_ref__minutes(&begin, b->cells[2]) || !hq_ref__minutes(&end, b->cells[3]);
    *(hq_ref__hours *)to = (hq_ref__hours){
        .office = intern(b, b->cells[0]),
        .weekday = (int16_t)number(b, b->cells[1]),
        .begin = (int16_t)begin,
        .end = (int16_t)end,
        .from = b->row->from,
        .to = b->row->to,
    };
}

static void take_interest(builder *b, void *to)
{
    *(hq_interest_row *)to = (hq_interest_row){
        .id = b->row->id,
        .kind = intern(b, b->cells[0]),
        .percent_per_day = decimal(b, b->cells[1]),
        .from = b->row->from,
        .to = b->row->to,
    };
}

static void take_allocation(builder *b, void *to)
{
    *(hq_allocation_row *)to = (hq_allocation_row){
        .id = b->row->id,
        .regime = intern(b, b->cells[0]),
        .position = number(b, b->cells[1]),
        .class_ = intern(b, b->cells[2]),
        .from = b->row->from,
        .to = b->row->to,
    };
}

static void take_authority(builder *b, void *to)
{
    *(hq_ref__authority *)to = (hq_ref__authority){
        .key = intern(b, b->row->key),
        .from = b->row->from,
        .to = b->row->to,
    };
}

static void take_exemption(builder *b, void *to)
{
    *(hq_exemption_row *)to = (hq_exemption_row){
        .id = b->row->id,
        .code = intern(b, b->cells[0]),
        .tax = tax_of(b, b->cells[1]),
        .effect = (hq_exemption_effect)choice(b, b->cells[2], "EXEMPT;REDUCE;NOT_SUBJECT"),
        .name_vi = intern(b, b->cells[3]),
        .name_en = intern(b, b->cells[4]),
        .legal_ground = intern(b, b->cells[5]),
        .list_required = flag(b->cells[6]),
        .from = b->row->from,
        .to = b->row->to,
    };
}

static void take_term(builder *b, void *to)
{
    *(hq_term_row *)to = (hq_term_row){
        .id = b->row->id,
        .term = intern(b, b->cells[0]),
        .amount = number(b, b->cells[1]),
        .unit = (hq_term_unit)choice(b, b->cells[2], HQ_REF__TERM_UNITS),
        .rolls = hq_sv_eq(b->cells[3], HQ_SV("1")),
        .name_vi = intern(b, b->cells[4]),
        .name_en = intern(b, b->cells[5]),
        .legal_ground = intern(b, b->cells[6]),
        .from = b->row->from,
        .to = b->row->to,
    };
}

static void take_balance_kind(builder *b, void *to)
{
    *(hq_balance_kind_row *)to = (hq_balance_kind_row){
        .id = b->row->id,
        .kind = intern(b, b->cells[0]),
        .account = (hq_account_kind)choice(b, b->cells[1], HQ_ACCOUNT_KINDS_TEXT),
        .direction = (hq_balance_direction)choice(b, b->cells[2], "OPEN;DRAW;ADD"),
        .required = flag(b->cells[3]),
        .opened_by = intern(b, b->cells[4]),
        .term = intern(b, b->cells[5]),
        .from = b->row->from,
        .to = b->row->to,
    };
}

static void take_amendable(builder *b, void *to)
{
    *(hq_amendable_row *)to = (hq_amendable_row){
        .id = b->row->id,
        .flow = intern(b, b->cells[0]),
        .path = intern(b, b->cells[1]),
        .until = (hq_amendable_until)choice(b, b->cells[2], HQ_REF__AMENDABLE_UNTIL),
        .name_vi = intern(b, b->cells[3]),
        .name_en = intern(b, b->cells[4]),
        .legal_ground = intern(b, b->cells[5]),
        .from = b->row->from,
        .to = b->row->to,
    };
}

static void take_currency(builder *b, void *to)
{
    *(hq_code4 *)to = hq_code4_of(b->cells[0]);
}

/* ------------------------------------------------------------------ tables */

#define SET_OF(type, key_) offsetof(type, key_), offsetof(type, from), offsetof(type, to)

static const struct {
    void (*take)(builder *b, void *to);
    size_t size;
    size_t set; /* offset of the hq_ref__set in hq_ref, 0: none */
    size_t key_at, from_at, to_at;
} makers[HQ_REF__TABLES] = {
    [HQ_REF_NOMENCLATURE] = { take_nomenclature, sizeof(hq_hs_row), offsetof(hq_ref, hs),
                              SET_OF(hq_hs_row, hs) },
    [HQ_REF_TARIFF] = { take_tariff, sizeof(hq_tariff_row), 0, 0, 0, 0 },
    [HQ_REF_EXCHANGE_RATES] = { take_rate, sizeof(hq_ref__rate), offsetof(hq_ref, rates),
                                offsetof(hq_ref__rate, key), offsetof(hq_ref__rate, row.from),
                                offsetof(hq_ref__rate, row.to) },
    [HQ_REF_SCHEMES] = { take_scheme, sizeof(hq_scheme_row), offsetof(hq_ref, schemes),
                         SET_OF(hq_scheme_row, scheme) },
    [HQ_REF_KINDS] = { take_kind, sizeof(hq_kind_row), offsetof(hq_ref, kinds),
                       SET_OF(hq_kind_row, kind) },
    [HQ_REF_OFFICES] = { take_office, sizeof(hq_office_row), offsetof(hq_ref, offices),
                         SET_OF(hq_office_row, office) },
    [HQ_REF_ENTERPRISES] = { take_enterprise, sizeof(hq_enterprise_row),
                             offsetof(hq_ref, enterprises), offsetof(hq_enterprise_row, tax_code),
                             0, 0 },
    [HQ_REF_HOLIDAYS] = { take_holiday, sizeof(hq_ref__holiday), 0, 0, 0, 0 },
    [HQ_REF_OFFICE_HOURS] = { take_hours, sizeof(hq_ref__hours), offsetof(hq_ref, hours),
                              SET_OF(hq_ref__hours, office) },
    [HQ_REF_INTEREST_RATES] = { take_interest, sizeof(hq_interest_row), offsetof(hq_ref, interest),
                                SET_OF(hq_interest_row, kind) },
    [HQ_REF_ALLOCATION_ORDER] = { take_allocation, sizeof(hq_allocation_row),
                                  offsetof(hq_ref, allocation), SET_OF(hq_allocation_row, regime) },
    [HQ_REF_AUTHORITIES] = { take_authority, sizeof(hq_ref__authority),
                             offsetof(hq_ref, authorities), SET_OF(hq_ref__authority, key) },
    [HQ_REF_EXEMPTIONS] = { take_exemption, sizeof(hq_exemption_row), offsetof(hq_ref, exemptions),
                            SET_OF(hq_exemption_row, code) },
    [HQ_REF_COUNTRIES] = { NULL, 0, 0, 0, 0, 0 },
    [HQ_REF_CURRENCIES] = { take_currency, sizeof(hq_code4), 0, 0, 0, 0 },
    [HQ_REF_CODE_LISTS] = { NULL, 0, 0, 0, 0, 0 },
    [HQ_REF_TERMS] = { take_term, sizeof(hq_term_row), offsetof(hq_ref, terms),
                       SET_OF(hq_term_row, term) },
    [HQ_REF_BALANCE_KINDS] = { take_balance_kind, sizeof(hq_balance_kind_row),
                               offsetof(hq_ref, balance_kinds), SET_OF(hq_balance_kind_row, kind) },
    [HQ_REF_AMENDABLE] = { take_amendable, sizeof(hq_amendable_row), offsetof(hq_ref, amendable),
                           SET_OF(hq_amendable_row, flow) },
};

static void take_countries(builder *b, const hq_ref__row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        hq_country_set one;
        if (!hq_ref__countries(&one, rows[i].key)) {
            b->failed = true;
        }
        for (size_t k = 0; k < 11; k++) {
            b->ref->countries.bits[k] |= one.bits[k];
        }
    }
}

hq_status hq_ref__take_rows(builder *b, void **out, hq_ref__table_id table, const hq_ref__row *rows,
                            size_t count)
{
    size_t size = makers[table].size;
    char *to = hq_arena_array(b->arena, count == 0 ? 1 : count, size);
    if (to == NULL) {
        return HQ_FAIL(NOMEM);
    }
    for (size_t i = 0; i < count; i++) {
        b->row = &rows[i];
        hq_ref__cells(b->cells, rows[i].cells);
        makers[table].take(b, to + i * size);
    }
    *out = to;
    return b->failed ? HQ_FAIL(CORRUPT) : HQ_DONE;
}

static hq_status take_set(builder *b, hq_ref__table_id table, void *rows, size_t count)
{
    hq_ref__set *set = (hq_ref__set *)(void *)((char *)b->ref + makers[table].set);
    *set = (hq_ref__set){
        .rows = rows,
        .count = (uint32_t)count,
        .stride = (uint32_t)makers[table].size,
        .key_at = (uint32_t)makers[table].key_at,
        .from_at = (uint32_t)makers[table].from_at,
        .to_at = (uint32_t)makers[table].to_at,
    };
    return hq_ref__index(set, b->arena);
}

static hq_status take_table(builder *b, hq_ref__table_id table, const hq_ref__row *rows,
                            size_t count)
{
    void *typed = NULL;
    if (table == HQ_REF_COUNTRIES) {
        take_countries(b, rows, count);
        return b->failed ? HQ_FAIL(CORRUPT) : HQ_DONE;
    }
    if (table == HQ_REF_CODE_LISTS) {
        return hq_ref__take_code_lists(b->ref, rows, count);
    }
    HQ_TRY(hq_ref__take_rows(b, &typed, table, rows, count));
    if (makers[table].set != 0) {
        return take_set(b, table, typed, count);
    }
    if (table == HQ_REF_TARIFF) {
        b->ref->tariff.rows = typed;
        b->ref->tariff.count = (uint32_t)count;
    } else if (table == HQ_REF_HOLIDAYS) {
        b->ref->holidays = typed;
        b->ref->holiday_count = (uint32_t)count;
    } else {
        b->ref->currencies = typed;
        b->ref->currency_count = (uint32_t)count;
    }
    return HQ_DONE;
}

/* Agents that have any row: whoever is not among them may act for anyone. */
static hq_status take_agents(builder *b)
{
    const hq_ref__set *authorities = &b->ref->authorities;
    const hq_ref__authority *from = authorities->rows;
    hq_ref__authority *agents = HQ_NEW_ARRAY(b->arena, hq_ref__authority, authorities->count + 1);
    if (agents == NULL) {
        return HQ_FAIL(NOMEM);
    }
    for (uint32_t i = 0; i < authorities->count; i++) {
        agents[i].key = hq_sv_sub(from[i].key, 0, hq_sv_find(from[i].key, '\t', 0));
    }
    b->ref->agents = *authorities;
    b->ref->agents.rows = agents;
    return hq_ref__index(&b->ref->agents, b->arena);
}

static int order(const void *a, const void *b)
{
    const hq_ref__row *x = a;
    const hq_ref__row *y = b;
    if ((x->known_to == 0) != (y->known_to == 0)) {
        return x->known_to == 0 ? -1 : 1; /* what is known now, then what was */
    }
    if (x->table != y->table) {
        return x->table < y->table ? -1 : 1;
    }
    return hq_ref__row_order(x, y);
}

static hq_status build(builder *b, hq_ref__row *rows, size_t count)
{
    size_t at = 0;
    HQ_TRY(hq_ref__add_law(&rows, &count, b->scratch));
    if (count > 0) {
        qsort(rows, count, sizeof *rows, order);
    }
    for (int table = 0; table < HQ_REF__TABLES; table++) {
        size_t run = 0;
        while (at + run < count && rows[at + run].table == table && rows[at + run].known_to == 0) {
            run++;
        }
        HQ_TRY(take_table(b, (hq_ref__table_id)table, rows + at, run));
        at += run;
    }
    HQ_TRY(take_agents(b));
    HQ_TRY(hq_ref__take_revisions(b->ref, b, rows + at, count - at));
    HQ_TRY(hq_ref__index_tariff(b->ref));
    return hq_ref__index_search(b->ref);
}

static hq_status begin(builder *b, int64_t version)
{
    b->arena = hq_arena_new(SNAPSHOT_MAX);
    b->scratch = hq_arena_new(SNAPSHOT_MAX);
    if (b->arena == NULL || b->scratch == NULL) {
        return HQ_FAIL(NOMEM);
    }
    b->ref = HQ_NEW(b->arena, hq_ref);
    b->texts = hq_map_new(b->scratch, 1024, SIZE_MAX / 64);
    b->sets = hq_map_new(b->scratch, 64, SIZE_MAX / 64);
    if (b->ref == NULL || b->texts == NULL || b->sets == NULL) {
        return HQ_FAIL(NOMEM);
    }
    b->ref->arena = b->arena;
    b->ref->version = version;
    return HQ_DONE;
}

hq_status hq_ref__build(hq_ref **out, hq_ref__row *rows, size_t count, int64_t version)
{
    builder b = { 0 };
    hq_status s = begin(&b, version);
    if (hq_ok(s)) {
        s = build(&b, rows, count);
    }
    hq_arena_free(b.scratch);
    if (hq_failed(s)) {
        hq_arena_free(b.arena);
        return s;
    }
    *out = b.ref;
    return HQ_DONE;
}

void hq_ref_free(const hq_ref *ref)
{
    if (ref != NULL) {
        hq_arena_free(ref->arena);
    }
}
