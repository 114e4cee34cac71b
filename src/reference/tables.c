/* SPDX-License-Identifier: Apache-2.0 */
#include "reference/tables.h"

#define KEY      (HQ_COLUMN_KEY | HQ_COLUMN_REQUIRED)
#define OPT_KEY  HQ_COLUMN_KEY
#define REQUIRED HQ_COLUMN_REQUIRED

/* clang-format off */
#define VALIDITY                                                                                   \
    { "valid_from", HQ_CELL_FROM, REQUIRED, 0, 0, NULL, NULL },                                    \
    { "valid_to", HQ_CELL_TO, 0, 0, 0, NULL, NULL }
#define NAMES                                                                                      \
    { "name_vi", HQ_CELL_TEXT, REQUIRED, 0, 500, NULL, NULL },                                     \
    { "name_en", HQ_CELL_TEXT, 0, 0, 500, NULL, NULL }
/* Codes by which the tax office refuses a tax code (clearance.md 1.5). */
#define ENTERPRISE_GROUNDS                                                                         \
    "E8001;E8002;E8003;E8004;E8005;E8006;E8007;E8008;E8009;E8010;E8011;E8012;E8013;E8014;E8015;"   \
    "E8016;E8017;E8018;E8019;E8020;E8021;E8023;E8024;E8025"
#define TAXES "IMPORT;EXPORT;AD;CVD;SG;SCT;EPT;VAT"

/* A new column goes to the end: stored rows that lack it read as its fallback. */
static const hq_ref__column nomenclature[] = {
    { "hs", HQ_CELL_HS, KEY, 0, 8, NULL, NULL },
    { "name_vi", HQ_CELL_TEXT, 0, 0, 2000, NULL, NULL }, /* one of the two names */
    { "name_en", HQ_CELL_TEXT, 0, 0, 2000, NULL, NULL },
    { "unit", HQ_CELL_UNIT, 0, 0, 4, NULL, NULL },
    { "unit2", HQ_CELL_UNIT, 0, 0, 4, NULL, NULL },
    VALIDITY
};
static const hq_ref__column tariff[] = {
    { "hs", HQ_CELL_HS_PREFIX, KEY, 0, 8, NULL, NULL },
    { "tax", HQ_CELL_CHOICE, KEY, 0, 0, TAXES, NULL },
    { "scheme", HQ_CELL_CODE, OPT_KEY, 0, 4, NULL, NULL },
    VALIDITY,
    { "rate_percent", HQ_CELL_DECIMAL, 0, 0, 100000, NULL, NULL },
    { "amount", HQ_CELL_DECIMAL, 0, 0, 0, NULL, NULL },
    { "amount_unit", HQ_CELL_UNIT, 0, 0, 4, NULL, NULL },
    { "amount_currency", HQ_CELL_CURRENCY, 0, 0, 3, NULL, NULL },
    { "countries", HQ_CELL_COUNTRIES, 0, 0, 0, NULL, NULL },
    { "countries_excluded", HQ_CELL_COUNTRIES, 0, 0, 0, NULL, NULL },
    { "producer", HQ_CELL_TEXT, OPT_KEY, 0, 200, NULL, NULL },
    { "condition", HQ_CELL_TEXT, OPT_KEY, 0, 200, NULL, NULL },
    { "source", HQ_CELL_TEXT, 0, 0, 500, NULL, NULL }
};
static const hq_ref__column exchange_rates[] = {
    { "currency", HQ_CELL_CURRENCY, KEY, 0, 3, NULL, NULL },
    VALIDITY,
    { "rate", HQ_CELL_POSITIVE, REQUIRED, 0, 0, NULL, NULL },
    { "source", HQ_CELL_TEXT, 0, 0, 500, NULL, NULL }
};
static const hq_ref__column schemes[] = {
    { "scheme", HQ_CELL_CODE, KEY, 0, 4, NULL, NULL },
    NAMES,
    { "countries", HQ_CELL_COUNTRIES, 0, 0, 0, NULL, NULL },
    { "direct_shipment", HQ_CELL_FLAG, 0, 0, 0, NULL, "0" },
    VALIDITY,
    { "proof_required", HQ_CELL_FLAG, HQ_COLUMN_MAY_LACK, 0, 0, NULL, "0" }
};
static const hq_ref__column kinds[] = {
    { "kind", HQ_CELL_CODE, KEY, 0, 3, NULL, NULL },
    { "flow", HQ_CELL_CHOICE, REQUIRED, 0, 0, "import;export", NULL },
    NAMES,
    VALIDITY
};
static const hq_ref__column offices[] = {
    { "office", HQ_CELL_CODE, KEY, 0, 8, NULL, NULL },
    { "parent", HQ_CELL_CODE, 0, 0, 8, NULL, NULL },
    NAMES,
    { "level", HQ_CELL_CHOICE, REQUIRED, 0, 0, "HEADQUARTERS;DEPARTMENT;BRANCH;TEAM", NULL },
    VALIDITY
};
static const hq_ref__column enterprises[] = {
    { "tax_code", HQ_CELL_TAX_CODE, KEY, 0, 14, NULL, NULL },
    { "name", HQ_CELL_TEXT, REQUIRED, 0, 300, NULL, NULL },
    { "status", HQ_CELL_CHOICE, REQUIRED, 0, 0, "ACTIVE;SUSPENDED;CLOSED", NULL },
    { "founded", HQ_CELL_DAY, 0, 0, 0, NULL, NULL },
    { "compliance", HQ_CELL_WHOLE, 0, 1, 5, NULL, "3" },
    { "tax_debt_days", HQ_CELL_WHOLE, 0, 0, 100000, NULL, "0" },
    { "address", HQ_CELL_TEXT, 0, 0, 300, NULL, NULL },
    { "ground", HQ_CELL_CHOICE, HQ_COLUMN_MAY_LACK, 0, 0, ENTERPRISE_GROUNDS, NULL }
};
static const hq_ref__column holidays[] = {
    { "date", HQ_CELL_DAY, KEY, 0, 0, NULL, NULL },
    { "name", HQ_CELL_TEXT, 0, 0, 200, NULL, NULL },
    { "kind", HQ_CELL_CHOICE, HQ_COLUMN_MAY_LACK, 0, 0, "OFF;WORKING", "OFF" }
};
static const hq_ref__column office_hours[] = {
    { "office", HQ_CELL_CODE, KEY, 0, 8, NULL, NULL },
    { "weekday", HQ_CELL_WHOLE, KEY, 1, 7, NULL, NULL },
    { "from", HQ_CELL_TIME, KEY, 0, 0, NULL, NULL },
    { "to", HQ_CELL_TIME, REQUIRED, 0, 0, NULL, NULL },
    VALIDITY
};
static const hq_ref__column interest_rates[] = {
    { "kind", HQ_CELL_TEXT, KEY, 0, 32, NULL, NULL },
    { "percent_per_day", HQ_CELL_DECIMAL, REQUIRED, 0, 100, NULL, NULL },
    VALIDITY
};
static const hq_ref__column allocation_order[] = {
    { "regime", HQ_CELL_TEXT, KEY, 0, 64, NULL, NULL },
    VALIDITY,
    { "position", HQ_CELL_WHOLE, KEY, 1, 1000, NULL, NULL },
    { "class", HQ_CELL_TEXT, REQUIRED, 0, 64, NULL, NULL }
};
static const hq_ref__column authorities[] = {
    { "agent_tax_code", HQ_CELL_TAX_CODE, KEY, 0, 14, NULL, NULL },
    { "client_tax_code", HQ_CELL_TAX_CODE, KEY, 0, 14, NULL, NULL },
    VALIDITY
};
static const hq_ref__column exemptions[] = {
    { "code", HQ_CELL_CODE, KEY, 0, 16, NULL, NULL },
    { "tax", HQ_CELL_CHOICE, KEY, 0, 0, TAXES, NULL },
    { "effect", HQ_CELL_CHOICE, REQUIRED, 0, 0, "EXEMPT;REDUCE;NOT_SUBJECT", NULL },
    NAMES,
    { "legal_ground", HQ_CELL_TEXT, 0, 0, 500, NULL, NULL },
    VALIDITY,
    { "list_required", HQ_CELL_FLAG, HQ_COLUMN_MAY_LACK, 0, 0, NULL, "0" }
};
static const hq_ref__column terms[] = {
    { "term", HQ_CELL_CODE, KEY, 0, 32, NULL, NULL },
    { "amount", HQ_CELL_WHOLE, REQUIRED, 0, 1000000000, NULL, NULL },
    { "unit", HQ_CELL_CHOICE, REQUIRED, 0, 0, HQ_REF__TERM_UNITS, NULL },
    { "rolls", HQ_CELL_FLAG, HQ_COLUMN_MAY_LACK, 0, 0, NULL, "0" },
    NAMES,
    { "legal_ground", HQ_CELL_TEXT, 0, 0, 500, NULL, NULL },
    VALIDITY
};
static const hq_ref__column code_lists[] = {
    { "list", HQ_CELL_CHOICE, KEY, 0, 0, HQ_CODE_LISTS_TEXT, NULL },
    { "code", HQ_CELL_TEXT, KEY, 0, HQ_LIST_CODE_MAX, NULL, NULL },
    VALIDITY,
    { "property", HQ_CELL_CHOICE, 0, 0, 0, HQ_CODE_PROPERTIES_TEXT, "PLAIN" },
    NAMES
};
static const hq_ref__column balance_kinds[] = {
    { "kind", HQ_CELL_CODE, KEY, 0, 3, NULL, NULL },
    { "account", HQ_CELL_CHOICE, KEY, 0, 0, HQ_ACCOUNT_KINDS_TEXT, NULL },
    { "direction", HQ_CELL_CHOICE, REQUIRED, 0, 0, "OPEN;DRAW;ADD", NULL },
    { "required", HQ_CELL_FLAG, 0, 0, 0, NULL, "0" },
    VALIDITY,
    { "opened_by", HQ_CELL_TEXT, HQ_COLUMN_MAY_LACK, 0, 60, NULL, NULL },
    { "term", HQ_CELL_CODE, HQ_COLUMN_MAY_LACK, 0, 40, NULL, NULL }
};
static const hq_ref__column amendable[] = {
    { "flow", HQ_CELL_CHOICE, OPT_KEY, 0, 0, "import;export", NULL },
    { "path", HQ_CELL_TEXT, KEY, 0, 200, NULL, NULL },
    { "until", HQ_CELL_CHOICE, REQUIRED, 0, 0, HQ_REF__AMENDABLE_UNTIL, NULL },
    NAMES,
    { "legal_ground", HQ_CELL_TEXT, 0, 0, 500, NULL, NULL },
    VALIDITY
};
static const hq_ref__column countries[] = {
    { "country", HQ_CELL_COUNTRY, KEY, 0, 2, NULL, NULL },
    NAMES
};
static const hq_ref__column currencies[] = {
    { "currency", HQ_CELL_CURRENCY, KEY, 0, 3, NULL, NULL },
    NAMES
};

#define TABLE(name, dated, by_country)                                                             \
    { #name, name, sizeof name / sizeof name[0], dated, by_country }
const hq_ref__table hq_ref__tables[HQ_REF__TABLES] = {
    [HQ_REF_NOMENCLATURE] = TABLE(nomenclature, true, false),
    [HQ_REF_TARIFF] = TABLE(tariff, true, true),
    [HQ_REF_EXCHANGE_RATES] = TABLE(exchange_rates, true, false),
    [HQ_REF_SCHEMES] = TABLE(schemes, true, false),
    [HQ_REF_KINDS] = TABLE(kinds, true, false),
    [HQ_REF_OFFICES] = TABLE(offices, true, false),
    [HQ_REF_ENTERPRISES] = TABLE(enterprises, false, false),
    [HQ_REF_HOLIDAYS] = TABLE(holidays, false, false),
    [HQ_REF_OFFICE_HOURS] = TABLE(office_hours, true, false),
    [HQ_REF_INTEREST_RATES] = TABLE(interest_rates, true, false),
    [HQ_REF_ALLOCATION_ORDER] = TABLE(allocation_order, true, false),
    [HQ_REF_AUTHORITIES] = TABLE(authorities, true, false),
    [HQ_REF_EXEMPTIONS] = TABLE(exemptions, true, false),
    [HQ_REF_COUNTRIES] = TABLE(countries, false, false),
    [HQ_REF_CURRENCIES] = TABLE(currencies, false, false),
    [HQ_REF_TERMS] = TABLE(terms, true, false),
    [HQ_REF_CODE_LISTS] = TABLE(code_lists, true, false),
    [HQ_REF_BALANCE_KINDS] = TABLE(balance_kinds, true, false),
    [HQ_REF_AMENDABLE] = TABLE(amendable, true, false),
};
/* clang-format on */

const hq_ref__table *hq_ref__table_find(hq_sv name)
{
    for (size_t i = 0; i < HQ_REF__TABLES; i++) {
        if (hq_sv_eq(name, hq_sv_from_cstr(hq_ref__tables[i].name))) {
            return &hq_ref__tables[i];
        }
    }
    return NULL;
}

void hq_ref__cells(hq_sv out[HQ_REF__COLUMNS], hq_sv cells)
{
    hq_sv rest = cells;
    for (size_t i = 0; i < HQ_REF__COLUMNS; i++) {
        out[i] = rest.ptr == NULL ? HQ_SV("") : hq_sv_cut(&rest, '\t');
    }
}

static bool is_validity(const hq_ref__column *column)
{
    return column->kind == HQ_CELL_FROM || column->kind == HQ_CELL_TO;
}

size_t hq_ref__cell_index(const hq_ref__table *table, const char *column)
{
    size_t index = 0;
    for (size_t i = 0; i < table->column_count; i++) {
        if (strcmp(table->columns[i].name, column) == 0) {
            return index;
        }
        index += !is_validity(&table->columns[i]);
    }
    return HQ_REF__COLUMNS - 1; /* always empty: no table has that many */
}

hq_sv hq_ref__key(const hq_ref__table *table, const hq_sv *cells, hq_arena *arena)
{
    hq_sv parts[HQ_REF__COLUMNS];
    size_t count = 0;
    size_t len = 0;
    size_t cell = 0;
    for (size_t i = 0; i < table->column_count; i++) {
        if (is_validity(&table->columns[i])) {
            continue;
        }
        if ((table->columns[i].flags & HQ_COLUMN_KEY) != 0) {
            parts[count++] = cells[cell];
            len += cells[cell].len + 1;
        }
        cell++;
    }
    char *text = hq_arena_alloc(arena, len);
    if (text == NULL) {
        return HQ_SV_NULL;
    }
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        if (i > 0) {
            text[at++] = '\t';
        }
        memcpy(text + at, parts[i].ptr, parts[i].len);
        at += parts[i].len;
    }
    return hq_sv_make(text, at);
}
