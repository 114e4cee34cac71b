/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside reference/: what each table looks like (columns, types, keys) and a row of any table in
 * its canonical text form. Everything that reads, stores, merges, lists or reports rows works on
 * this one form and on the const tables here; only the snapshot knows the typed structs of the
 * face. */

#include "reference/reference.h"

typedef enum {
    HQ_REF_NOMENCLATURE,
    HQ_REF_TARIFF,
    HQ_REF_EXCHANGE_RATES,
    HQ_REF_SCHEMES,
    HQ_REF_KINDS,
    HQ_REF_OFFICES,
    HQ_REF_ENTERPRISES,
    HQ_REF_HOLIDAYS,
    HQ_REF_OFFICE_HOURS,
    HQ_REF_INTEREST_RATES,
    HQ_REF_ALLOCATION_ORDER,
    HQ_REF_AUTHORITIES,
    HQ_REF_EXEMPTIONS,
    HQ_REF_COUNTRIES,
    HQ_REF_CURRENCIES,
    HQ_REF_TERMS,
    HQ_REF_CODE_LISTS,
    HQ_REF_BALANCE_KINDS,
    HQ_REF_AMENDABLE
} hq_ref__table_id;
#define HQ_REF__TABLES  19
#define HQ_REF__COLUMNS 16 /* most columns of a table */

typedef enum {
    HQ_CELL_TEXT,      /* NFC, trimmed, no control characters */
    HQ_CELL_HS,        /* 2, 4, 6 or 8 digits */
    HQ_CELL_HS_PREFIX, /* 4, 6 or 8 digits */
    HQ_CELL_CODE,      /* capitals, digits, - and _ */
    HQ_CELL_COUNTRY,
    HQ_CELL_COUNTRIES, /* list by ';' */
    HQ_CELL_CURRENCY,
    HQ_CELL_UNIT,
    HQ_CELL_CHOICE,   /* one of `choices` */
    HQ_CELL_FLAG,     /* 0 or 1 */
    HQ_CELL_DECIMAL,  /* 0 and above, at most 8 decimals */
    HQ_CELL_POSITIVE, /* above 0 */
    HQ_CELL_WHOLE,    /* whole number within least and max */
    HQ_CELL_DAY,
    HQ_CELL_TIME, /* HH:MM, 24:00 allowed */
    HQ_CELL_TAX_CODE,
    HQ_CELL_FROM, /* valid_from */
    HQ_CELL_TO    /* valid_to, empty is open */
} hq_ref__cell_kind;

/* In the order of hq_term_unit. */
#define HQ_REF__TERM_UNITS                                                                         \
    "HOURS;WORKING_HOURS;DAYS;WORKING_DAYS;MONTHS;DAY_OF_NEXT_MONTH;COUNT;VND"

/* In the order of hq_amendable_until. */
#define HQ_REF__AMENDABLE_UNTIL "NEVER;GOODS_CHECK;CLEARANCE;AFTER"

enum {
    HQ_COLUMN_KEY = 1,      /* part of the key */
    HQ_COLUMN_REQUIRED = 2, /* may not be empty */
    HQ_COLUMN_MAY_LACK = 4  /* the column may be absent from the file */
};

typedef struct {
    const char *name;
    hq_ref__cell_kind kind;
    unsigned flags;
    int least, max;       /* length in characters, or bounds of a whole number */
    const char *choices;  /* "A;B", for CHOICE */
    const char *fallback; /* value of an empty cell or absent column, NULL: empty */
} hq_ref__column;

typedef struct {
    const char *name;
    const hq_ref__column *columns;
    size_t column_count;
    bool dated;      /* has valid_from and valid_to */
    bool by_country; /* rows of one key may stand side by side for different countries */
} hq_ref__table;

extern const hq_ref__table hq_ref__tables[HQ_REF__TABLES];
/* NULL when there is no such table. */
const hq_ref__table *hq_ref__table_find(hq_sv name);
static inline hq_ref__table_id hq_ref__table_id_of(const hq_ref__table *table)
{
    return (hq_ref__table_id)(table - hq_ref__tables);
}

/* A row of any table. `cells` are all columns but valid_from and valid_to, canonical, in the order
 * of the spec, parted by tabs (no cell can hold one); `key` are the key columns likewise. */
typedef struct hq_ref__row hq_ref__row;
struct hq_ref__row {
    int64_t id;         /* 0: not stored yet */
    int64_t known_from; /* version that wrote it */
    int64_t known_to;   /* version that corrected it, 0: none that counts */
    hq_sv key, cells;
    hq_day from, to;
    uint32_t line;       /* of the file, 0: stored */
    uint8_t table;       /* hq_ref__table_id */
    uint8_t fate;        /* hq_ref__fate, of a stored row in an import */
    hq_ref__row *before; /* the stored row that a row of the file replaces */
};

/* The cells of a row; those that the row is too old to have are empty. */
void hq_ref__cells(hq_sv out[HQ_REF__COLUMNS], hq_sv cells);
/* Index of a column among the cells of its table (validity not counted). */
size_t hq_ref__cell_index(const hq_ref__table *table, const char *column);
/* Cells needed for the key, joined by tabs. */
hq_sv hq_ref__key(const hq_ref__table *table, const hq_sv *cells, hq_arena *arena);

/* Canonical form of one cell; false when it is not of its kind. An empty `in` is not asked here. */
bool hq_ref__cell(hq_sv *out, hq_sv in, const hq_ref__column *column, hq_arena *arena);
/* What a cell of this column must look like, in words. */
void hq_ref__expected(hq_sv *vi, hq_sv *en, const hq_ref__column *column, hq_arena *arena);
/* "CN;KR" into a set; false when one is not two capitals. Empty text: for all. */
bool hq_ref__countries(hq_country_set *out, hq_sv text);
/* "08:30" into minutes of the day. */
bool hq_ref__minutes(int *out, hq_sv text);

/* Findings of one import, at most 200. */
#define HQ_REF__FINDINGS_MAX 200
typedef struct {
    hq_finding *items;
    size_t count, errors;
    hq_arena *arena; /* the caller's: findings outlive the import */
    bool more;       /* there were more than fit */
    bool failed;     /* out of memory */
} hq_ref__findings;
/* `value` as seen; texts are formatted by the caller. */
void hq_ref__find(hq_ref__findings *findings, hq_severity severity, const char *rule, uint32_t line,
                  const char *column, hq_sv value, hq_sv vi, hq_sv en);
static inline bool hq_ref__full(const hq_ref__findings *findings)
{
    return findings->more || findings->failed;
}

/* The rows of a CSV file, canonical; what is wrong goes to findings. */
hq_status hq_ref__read(hq_ref__row **out, size_t *count, const hq_ref__table *table, hq_sv csv,
                       hq_ref__findings *findings, hq_arena *arena);

typedef enum {
    HQ_FATE_STAYS,
    HQ_FATE_REPLACED,
    HQ_FATE_CLOSED,   /* valid_to set */
    HQ_FATE_WITHDRAWN /* never comes to be valid: it began after the day it was closed */
} hq_ref__fate;

/* What an import comes to. `write` are revisions to store: new rows (id 0), changed and closed ones
 * (id kept); `end` are ids whose old revision ends. */
typedef struct {
    hq_ref__row **write;
    size_t write_count;
    hq_ref__row **end;
    size_t end_count;
    int64_t added, changed, closed, unchanged;
} hq_ref__difference;

/* Merges the file's rows with the stored ones (both sorted here) by the rules of the contract: same
 * key and valid_from replaces, a later row closes its open predecessor, close_missing, overlaps are
 * findings. Pure. */
hq_status hq_ref__merge(hq_ref__difference *out, const hq_ref__table *table, hq_ref__row *stored,
                        size_t stored_count, hq_ref__row *file, size_t file_count,
                        hq_day close_missing, hq_ref__findings *findings, hq_arena *arena);
/* Order of (key, valid_from, line, id). */
int hq_ref__row_order(const hq_ref__row *a, const hq_ref__row *b);
/* Rules about the whole of a table as it would be after the merge: parents of offices. */
hq_status hq_ref__check_whole(const hq_ref__table *table, const hq_ref__row *stored,
                              size_t stored_count, const hq_ref__row *file, size_t file_count,
                              hq_ref__findings *findings, hq_arena *arena);
/* One line a row that was added, changed or closed. */
hq_sv hq_ref__report(const hq_ref__table *table, const hq_ref__difference *difference,
                     hq_arena *arena);
