/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Face of reference/: the dated tables everything is decided by: tariff, nomenclature, exchange
 * rates, schemes, kinds, offices, enterprises, exemptions, calendars, authorities. Rows live in the
 * store with their validity; in memory they are an immutable snapshot that is swapped by pointer
 * when an import commits, so a decision sees one state from start to end. Rows are never deleted or
 * changed, only added and closed; each has an id that stays, and a decision records ids and the
 * version.
 *
 * Source of the tables' columns: contract.md, "Reference tables"; of the rules:
 * clearance.md 1.9-1.12. */

#include "base/base.h"
#include "codec/codec.h"
#include "os/os.h"
#include "store/store.h"

typedef struct hq_reference hq_reference; /* holder of the current snapshot */
typedef struct hq_ref hq_ref;             /* one immutable snapshot */

extern const hq_store_room hq_reference_room; /* migrations */

/* Loads the newest state from the store. */
hq_status hq_reference_open(hq_reference **out, hq_store *store, hq_why *why, hq_arena *arena);
void hq_reference_close(hq_reference *reference);
/* The current snapshot, held until released; any thread, no lock. */
const hq_ref *hq_reference_acquire(hq_reference *reference);
void hq_reference_release(hq_reference *reference, const hq_ref *ref);
/* Has another process imported since? Looks at the stored version and swaps; cheap. A server calls
 * it every 200 ms or so: its first call enlists this holder as a listener, and from then on an
 * import in any process waits (at most 3 s) until the listener has the new rows. */
hq_status hq_reference_refresh(hq_reference *reference);
/* The state as it was known at an older version, for replaying a decision; hq_ref_free when done.
 */
hq_status hq_reference_as_of(const hq_ref **out, hq_reference *reference, int64_t version);
void hq_ref_free(const hq_ref *ref);
/* Version counter of the snapshot: +1 with every import that changed something. */
int64_t hq_ref_version(const hq_ref *ref);

/* ------------------------------------------------------------------ codes */

/* Two-letter country, three-letter currency, unit of up to 4: packed big-endian in an integer,
 * 0 is none. hq_code_of("CN") == 0x434E. */
typedef uint32_t hq_code4;
static inline hq_code4 hq_code4_of(hq_sv v)
{
    hq_code4 packed = 0;
    if (v.len > 4) {
        return 0;
    }
    for (size_t i = 0; i < v.len; i++) {
        packed = packed << 8 | (unsigned char)v.ptr[i];
    }
    return packed;
}
/* Bytes of a packed code into text[4]; returns the view. */
hq_sv hq_code4_text(char text[4], hq_code4 code);

/* A set of countries by two-letter code, 26*26 bits; empty means all where the contract says so. */
typedef struct {
    uint64_t bits[11];
    bool any; /* no country named: all */
} hq_country_set;
/* Named, or the set is for all. A code that is not two capitals is in sets for all only. */
bool hq_country_in(const hq_country_set *set, hq_code4 country);
/* Named in so many words. */
bool hq_country_named(const hq_country_set *set, hq_code4 country);

typedef enum { /* order of computation: clearance.md 1.12 */
               HQ_TAX_IMPORT,
               HQ_TAX_EXPORT,
               HQ_TAX_AD,
               HQ_TAX_CVD,
               HQ_TAX_SG,
               HQ_TAX_SCT,
               HQ_TAX_EPT,
               HQ_TAX_VAT
} hq_tax;
#define HQ_TAX_COUNT 8
const char *hq_tax_name(hq_tax tax); /* "IMPORT" */
bool hq_tax_parse(hq_tax *out, hq_sv name);

/* ------------------------------------------------------------------ rows */

typedef struct {
    int64_t id;
    uint32_t hs;       /* digits as a number */
    uint8_t hs_digits; /* 4, 6 or 8 */
    uint8_t tax;       /* hq_tax */
    hq_sv scheme;      /* "B01", empty but for IMPORT */
    hq_day from, to;   /* both included; to may be HQ_DAY_OPEN */
    bool has_rate, has_amount;
    hq_decimal rate_percent;
    hq_decimal amount; /* per amount_unit, in amount_currency (VND when empty) */
    hq_code4 amount_unit, amount_currency;
    const hq_country_set *countries, *countries_excluded; /* shared, never NULL */
    hq_sv producer, condition, source;
} hq_tariff_row;
/* Is the row for goods of this origin? */
bool hq_tariff_open_to(const hq_tariff_row *row, hq_code4 origin);

typedef struct {
    int64_t id;
    hq_sv hs, name_vi, name_en;
    hq_code4 unit, unit2;
    hq_day from, to;
} hq_hs_row;

typedef struct {
    int64_t id;
    hq_code4 currency;
    hq_day from, to;
    hq_decimal rate; /* dong for one unit */
    hq_sv source;
} hq_rate_row;

typedef struct {
    int64_t id;
    hq_sv scheme, name_vi, name_en;
    const hq_country_set *countries; /* shared, never NULL */
    bool direct_shipment, proof_required;
    hq_day from, to;
} hq_scheme_row;

typedef enum { HQ_FLOW_IMPORT, HQ_FLOW_EXPORT } hq_flow;
typedef struct {
    int64_t id;
    hq_sv kind, name_vi, name_en;
    hq_flow flow;
    hq_day from, to;
} hq_kind_row;

typedef enum {
    HQ_LEVEL_HEADQUARTERS,
    HQ_LEVEL_DEPARTMENT,
    HQ_LEVEL_BRANCH,
    HQ_LEVEL_TEAM
} hq_level;
typedef struct {
    int64_t id;
    hq_sv office, parent, name_vi, name_en;
    hq_level level;
    hq_day from, to;
} hq_office_row;

typedef enum {
    HQ_ENTERPRISE_ACTIVE,
    HQ_ENTERPRISE_SUSPENDED,
    HQ_ENTERPRISE_CLOSED
} hq_enterprise_status;
typedef struct {
    int64_t id;
    hq_sv tax_code, name, address;
    hq_enterprise_status status;
    hq_day founded;
    int compliance;    /* 1 (best) to 5 */
    int tax_debt_days; /* oldest overdue tax, days */
    hq_sv ground; /* what else the tax office says against it: E8001 to E8025, empty: nothing */
} hq_enterprise_row;

typedef enum { HQ_EXEMPT, HQ_REDUCE, HQ_NOT_SUBJECT } hq_exemption_effect;
typedef struct {
    int64_t id;
    hq_sv code, name_vi, name_en, legal_ground;
    hq_tax tax;
    hq_exemption_effect effect;
    bool list_required; /* for goods on an exemption list only */
    hq_day from, to;
} hq_exemption_row;

typedef struct {
    int64_t id;
    hq_sv kind;
    hq_decimal percent_per_day;
    hq_day from, to;
} hq_interest_row;

typedef struct {
    int64_t id;
    hq_sv regime, class_;
    int position; /* 1 is paid first */
    hq_day from, to;
} hq_allocation_row;

typedef enum { /* tables.h has the same order */
               HQ_TERM_HOURS,
               HQ_TERM_WORKING_HOURS,
               HQ_TERM_DAYS,
               HQ_TERM_WORKING_DAYS,
               HQ_TERM_MONTHS,
               HQ_TERM_DAY_OF_NEXT_MONTH,
               HQ_TERM_COUNT,
               HQ_TERM_VND
} hq_term_unit;
/* A length, limit or threshold that law sets: dated, never a constant of the program. */
typedef struct {
    int64_t id;
    hq_sv term, name_vi, name_en, legal_ground;
    int64_t amount;
    hq_term_unit unit;
    bool rolls; /* one of days that ends on a day off ends with the next working day */
    hq_day from, to;
} hq_term_row;

/* Lists of codes that law or practice sets, dated rows of one table. A code that no row of the
 * database speaks of is taken from those that come with the program (data/law/code_lists.csv). */
typedef enum {
    HQ_LIST_INCOTERM,       /* what the price includes */
    HQ_LIST_PAYMENT_METHOD, /* [IVP] */
    HQ_LIST_SCHEME,         /* tariff schemes that rest on no agreement; others do */
    HQ_LIST_UNIT,           /* of quantity and weight */
    HQ_LIST_PERMIT,         /* kinds of permit [SS]; no row: the list is not in use */
    HQ_LIST_OTHER_LAW,      /* [OL]; no row: the list is not in use */
    HQ_LIST_ATTACHMENT      /* kinds of papers attached */
} hq_code_list;
#define HQ_CODE_LISTS      7
#define HQ_CODE_LISTS_TEXT "INCOTERM;PAYMENT_METHOD;SCHEME;UNIT;PERMIT;OTHER_LAW;ATTACHMENT"
#define HQ_LIST_CODE_MAX   8 /* bytes of a code */
typedef enum {
    HQ_CODE_PLAIN,
    HQ_CODE_FREIGHT,   /* the price includes international freight, */
    HQ_CODE_INSURANCE, /* insurance, */
    HQ_CODE_CHARGES,   /* or both */
    HQ_CODE_MFN,       /* applies where no agreement is lower */
    HQ_CODE_ORDINARY,  /* open to every origin */
    HQ_CODE_UNILATERAL,
    HQ_CODE_WEIGHT /* a unit of weight */
} hq_code_property;
#define HQ_CODE_PROPERTIES_TEXT "PLAIN;FREIGHT;INSURANCE;CHARGES;MFN;ORDINARY;UNILATERAL;WEIGHT"
typedef struct {
    int64_t id;
    hq_code_list list;
    hq_code_property property;
    hq_sv code, name_vi, name_en;
    hq_day from, to;
} hq_code_row;

/* Accounts that declarations of some kinds draw from, add to or open: balance/. The numbers are
 * stored. */
typedef enum {
    HQ_ACCOUNT_EXEMPTION_LIST,
    HQ_ACCOUNT_TEMPORARY,
    HQ_ACCOUNT_PROCESSING,
    HQ_ACCOUNT_EXPORT_PRODUCTION,
    HQ_ACCOUNT_BONDED,
    HQ_ACCOUNT_ON_THE_SPOT
} hq_account_kind;
#define HQ_ACCOUNT_KINDS 6
#define HQ_ACCOUNT_KINDS_TEXT                                                                      \
    "EXEMPTION_LIST;TEMPORARY;PROCESSING;EXPORT_PRODUCTION;BONDED;ON_THE_SPOT"
typedef enum { HQ_BALANCE_OPEN, HQ_BALANCE_DRAW, HQ_BALANCE_ADD } hq_balance_direction;
const char *hq_account_kind_name(hq_account_kind kind); /* "TEMPORARY" */
bool hq_account_kind_parse(hq_account_kind *out, hq_sv name);
typedef struct {
    int64_t id;
    hq_sv kind; /* of declaration */
    hq_account_kind account;
    hq_balance_direction direction;
    bool required;   /* every line must name such an account */
    hq_sv opened_by; /* kinds that may have opened it, "G11;G12"; empty: any */
    hq_sv term;      /* how long what it opens may stay, "WAREHOUSE_STAY"; empty: as declared */
    hq_day from, to;
} hq_balance_kind_row;
typedef enum { /* tables.h has the same order */
               HQ_AMENDABLE_NEVER,       /* not once it is registered */
               HQ_AMENDABLE_GOODS_CHECK, /* before the goods are checked */
               HQ_AMENDABLE_CLEARANCE,   /* before they are cleared */
               HQ_AMENDABLE_AFTER        /* also after, within the terms */
} hq_amendable_until;
/* How long a field of a declaration may be amended. */
typedef struct {
    int64_t id;
    hq_sv flow; /* "import", "export", empty: both */
    hq_sv path; /* JSON pointer; "*" is any element of a list */
    hq_amendable_until until;
    hq_sv name_vi, name_en, legal_ground;
    hq_day from, to;
} hq_amendable_row;

/* ------------------------------------------------------------------ lookups, all on the day given
 */

typedef struct {
    hq_tax tax;
    uint32_t hs8; /* 8 digits as a number */
    hq_code4 origin;
    hq_sv scheme;   /* for IMPORT: exact; empty otherwise */
    hq_sv producer; /* trade remedies: rows of this producer win over rows of none */
    hq_day day;
} hq_tariff_query;

/* Rows of the longest matching prefix that are valid on the day and open to the origin, at most
 * `max` of them into out[]; they differ by condition only. Returns how many (0: the tariff has
 * none). p99 under a microsecond. */
size_t hq_ref_tariff(const hq_tariff_row **out, size_t max, const hq_ref *ref,
                     const hq_tariff_query *query);
/* Which taxes (bits 1 << hq_tax) can apply to an HS code at all, whatever origin and day. */
uint32_t hq_ref_taxes_of(const hq_ref *ref, uint32_t hs8);
/* Every IMPORT scheme with a row for this HS, origin and day; for the cheapest lawful scheme. */
size_t hq_ref_schemes_for(const hq_tariff_row **out, size_t max, const hq_ref *ref, uint32_t hs8,
                          hq_code4 origin, hq_day day);
const hq_tariff_row *hq_ref_tariff_by_id(const hq_ref *ref, int64_t id);
/* The row as it was at a version that is not newer: what a decision of then stood on, though the
 * row was corrected since. NULL: there was no such row. */
const hq_tariff_row *hq_ref_tariff_at(const hq_ref *ref, int64_t id, int64_t version);

/* Asks memory for what a declaration's lookups will touch, all of it at the same time: of a large
 * tariff each place is one wait of 100 ns, and there are a hundred of them. Changes nothing else.
 */
typedef struct {
    uint32_t hs8;
    hq_code4 scheme;
} hq_ref_wanted;
void hq_ref_prefetch(const hq_ref *ref, const hq_ref_wanted *wanted, size_t count);

const hq_hs_row *hq_ref_hs(const hq_ref *ref, uint32_t hs8, hq_day day);
/* VND answers a fixed row with rate 1. */
const hq_rate_row *hq_ref_rate(const hq_ref *ref, hq_code4 currency, hq_day day);
const hq_rate_row *hq_ref_rate_by_id(const hq_ref *ref, int64_t id);
/* Of the currency and day for which it was taken, likewise. */
const hq_rate_row *hq_ref_rate_at(const hq_ref *ref, hq_code4 currency, hq_day day, int64_t id,
                                  int64_t version);
const hq_scheme_row *hq_ref_scheme(const hq_ref *ref, hq_sv scheme, hq_day day);
const hq_kind_row *hq_ref_kind(const hq_ref *ref, hq_sv kind, hq_day day);
const hq_office_row *hq_ref_office(const hq_ref *ref, hq_sv office, hq_day day);
/* Is `office` the same as `above` or below it on that day? */
bool hq_ref_office_below(const hq_ref *ref, hq_sv office, hq_sv above, hq_day day);
const hq_enterprise_row *hq_ref_enterprise(const hq_ref *ref, hq_sv tax_code);
const hq_exemption_row *hq_ref_exemption(const hq_ref *ref, hq_sv code, hq_tax tax, hq_day day);
const hq_exemption_row *hq_ref_exemption_at(const hq_ref *ref, hq_sv code, hq_tax tax, hq_day day,
                                            int64_t version);
const hq_interest_row *hq_ref_interest(const hq_ref *ref, hq_sv kind, hq_day day);
/* Rows of a regime on the day, by position, at most `max`; returns how many. */
size_t hq_ref_allocation(const hq_allocation_row **out, size_t max, const hq_ref *ref, hq_sv regime,
                         hq_day day);
/* The row of a code on the day, NULL for none; of a property, the first on the day. */
const hq_code_row *hq_ref_code(const hq_ref *ref, hq_code_list list, hq_sv code, hq_day day);
const hq_code_row *hq_ref_code_with(const hq_ref *ref, hq_code_list list, hq_code_property property,
                                    hq_day day);
/* All rows of a list, in order of code and day; *count 0: the list is not in use. */
const hq_code_row *hq_ref_codes(size_t *count, const hq_ref *ref, hq_code_list list);
/* All rows of a table, of every day, in order of their keys. */
const hq_kind_row *hq_ref_kinds(size_t *count, const hq_ref *ref);
const hq_office_row *hq_ref_offices(size_t *count, const hq_ref *ref);
const hq_scheme_row *hq_ref_schemes(size_t *count, const hq_ref *ref);
/* What declarations of a kind do with accounts, at most `max` rows; returns how many, 0 for most
 * kinds. */
size_t hq_ref_balance_kinds(const hq_balance_kind_row **out, size_t max, const hq_ref *ref,
                            hq_sv kind, hq_day day);
bool hq_ref_country_known(const hq_ref *ref, hq_code4 country);
bool hq_ref_currency_known(const hq_ref *ref, hq_code4 currency);
/* May the agent file for the client on the day? An agent without any row may for anyone. */
bool hq_ref_authorised(const hq_ref *ref, hq_sv agent_tax_code, hq_sv client_tax_code, hq_day day);
/* Adds `working_us` of an office's working time to `from` (office_hours, holidays). */
hq_time_us hq_ref_working_time_add(const hq_ref *ref, hq_sv office, hq_time_us from,
                                   int64_t working_us);
/* Working time of the office between two instants; 0 when `to` is not after `from`. */
int64_t hq_ref_working_time_between(const hq_ref *ref, hq_sv office, hq_time_us from,
                                    hq_time_us to);
/* The row of a term on the day. A term that no row of the database speaks of is taken from those
 * that come with the program (data/law/terms.csv); NULL only for a name that is in neither. */
const hq_term_row *hq_ref_term(const hq_ref *ref, hq_sv term, hq_day day);
/* Its amount alone; 0 without a row. */
int64_t hq_ref_term_amount(const hq_ref *ref, hq_sv term, hq_day day);
/* The instant at which a term that begins at `from` is over, by the hours and holidays of the
 * office: hours and days to the microsecond (at most), a rolled end is the end of that office's
 * working day. `from` for a COUNT, a VND or no such term. */
hq_time_us hq_ref_term_end(const hq_ref *ref, hq_sv term, hq_sv office, hq_time_us from);
/* The last day of a term of days or months that begins on `day`; `day` for other units. */
hq_day hq_ref_term_last_day(const hq_ref *ref, hq_sv term, hq_day day);
/* Of the rows valid on the day whose path covers the field at `path` (a JSON pointer) the one with
 * the longest; among equals the one for the flow alone. NULL: it may be amended at any time that law
 * leaves open. Fields that no row of the database speaks of are taken from the rows that come with
 * the program (data/law/amendable.csv). */
const hq_amendable_row *hq_ref_amendable(const hq_ref *ref, hq_flow flow, hq_sv path, hq_day day);
/* Has the office any working time on that day? */
bool hq_ref_is_working_day(const hq_ref *ref, hq_sv office, hq_day day);
/* The day whose closing rate counts in the week (Monday to Sunday) of `day`: Thursday of the week
 * before, or the nearest working day before it when that is a holiday (clearance.md 1.12). */
hq_day hq_ref_rate_quoted_on(const hq_ref *ref, hq_day day);
/* Vietnamese tax code: nine digits and a check digit, optionally -NNN; weights 31 29 23 19 17 13 7
 * 5 3. */
bool hq_tax_code_valid(hq_sv tax_code);
/* ISO 6346 container number with its check digit. */
bool hq_container_valid(hq_sv number);

/* ------------------------------------------------------------------ search */

typedef struct {
    const hq_hs_row *row;
    int score; /* higher is nearer */
} hq_hs_hit;
/* Accent-insensitive search by code prefix or words, best first; under 5 ms over 20,000 names. */
hq_status hq_ref_search_hs(hq_hs_hit *out, size_t *count, size_t max, const hq_ref *ref,
                           hq_sv words, hq_day day, hq_arena *arena);

/* ------------------------------------------------------------------ import */

typedef struct {
    int64_t added, changed, closed, unchanged;
    int64_t version; /* of the reference data after it; +1 only when something changed */
    hq_sv report;    /* one line a row that changed, text; long ones end with how many more */
} hq_import_report;
typedef struct {
    hq_day close_missing; /* 0: rows not in the file stay */
    hq_sv actor;
    bool dry_run;
} hq_import_options;
/* Blocks until durable, loaded and seen by every listener; never call it in a write closure.
 * All rows or none. INVALID with findings (path "/line/12/rate_percent") naming line, column,
 * value; overlapping rows name both lines. The holder's snapshot is the new one before this
 * returns. */
hq_status hq_reference_import(hq_import_report *out, hq_reference *reference, hq_sv table,
                              hq_sv csv, const hq_import_options *options, hq_arena *arena,
                              const hq_finding **findings, size_t *finding_count, hq_why *why);
/* Countries, currencies, the terms of law and lists of codes; what `init` fills. Typed tables of
 * the project, after ISO 3166 and 4217. */
hq_status hq_reference_load_codes(hq_reference *reference, hq_arena *arena, hq_why *why);
/* The shipped demo set: every row says that its rates are invented. */
hq_status hq_reference_load_demo(hq_reference *reference, hq_arena *arena, hq_why *why);

/* GET /api/v1/reference/... lists and search, POST imports. `self` of the table is the
 * hq_reference. This floor cannot look into a caller: cli/ sets, before serving, who it is for the
 * journal. */
void hq_reference_on_actor(hq_reference *reference, hq_sv (*actor)(const struct hq_caller *caller));
/* And to which office he is bound, empty for none: the tables are those of the whole country, so
 * who is bound to one that has another above it may not import. */
void hq_reference_on_office(hq_reference *reference,
                            hq_sv (*office)(const struct hq_caller *caller));
extern const hq_route hq_reference_routes[];
extern const size_t hq_reference_route_count;
