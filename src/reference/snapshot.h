/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside reference/: the snapshot in memory and how it is built from canonical rows. */

#include "reference/tables.h"

typedef struct {
    uint32_t first, count; /* rows of one key; count 0: empty */
} hq_ref__span;

/* Rows of one table sorted by (key, valid_from), found by a hash of the key text. */
typedef struct {
    void *rows;
    uint32_t count;
    uint32_t stride, key_at, from_at, to_at; /* offsets in a row */
    hq_ref__span *slots;
    uint32_t mask;
} hq_ref__set;

/* Tariff rows of one tax and scheme under one HS prefix. */
typedef struct {
    hq_code4 scheme;
    uint32_t first;
    uint32_t tax : 8, count : 24;
} hq_ref__group;

/* All that is known of an HS prefix: its groups lie together, so what a line of a declaration asks
 * of the tariff is in two or three places of memory, not in a dozen. */
typedef struct {
    uint32_t prefix;             /* packed by hq_ref__prefix; 0: empty */
    uint32_t taxes;              /* bits 1 << hq_tax */
    uint32_t first, count;       /* groups */
    uint32_t hs_first, hs_count; /* rows of the nomenclature, by date; eight digits only */
} hq_ref__place;

typedef struct {
    hq_tariff_row *rows;
    uint32_t count;
    hq_ref__group *groups;
    hq_ref__place *places;
    uint32_t mask;
    unsigned shift;
    uint32_t *by_id; /* row numbers in order of id */
} hq_ref__tariff;

typedef struct {
    hq_sv key; /* currency */
    hq_rate_row row;
} hq_ref__rate;

typedef struct {
    hq_sv key; /* agent, tab, client */
    hq_day from, to;
} hq_ref__authority;

typedef struct {
    hq_sv office;
    hq_day from, to;
    int16_t weekday, begin, end; /* minutes of the day */
} hq_ref__hours;

typedef struct {
    hq_day day;
    bool working; /* a day off that is worked */
} hq_ref__holiday;

/* Words of HS names, folded, one line a row: "\n 84818099 words of vi words of en ". */
typedef struct {
    char *text;
    size_t len;
    uint32_t *start;  /* of each row's line, count + 1 */
    uint32_t *parent; /* row number of the next shorter code, own number when none */
    uint32_t count;
} hq_ref__search;

/* Lists of codes: rows by list, code and day, and where each code's rows begin. */
typedef struct {
    hq_code_row *rows;
    uint32_t count;
    uint32_t first[HQ_CODE_LISTS + 1]; /* of each list */
    uint32_t *slots;                   /* row number + 1, 0: empty */
    uint32_t mask;
} hq_ref__codes;

/* A row as it was until it was corrected. */
typedef struct {
    int64_t id, known_from, known_to;
    const void *row; /* hq_tariff_row, hq_rate_row or hq_exemption_row, by `table` */
    uint8_t table;
} hq_ref__revision;

struct hq_ref {
    hq_arena *arena;
    int64_t version;
    uint32_t slot; /* of the holder */
    hq_ref__tariff tariff;
    hq_ref__set hs, rates, schemes, kinds, offices, enterprises, exemptions, interest, allocation,
        authorities, agents, hours, terms, balance_kinds, amendable;
    hq_ref__holiday *holidays; /* by day */
    uint32_t holiday_count;
    hq_country_set countries;
    hq_code4 *currencies; /* sorted */
    uint32_t currency_count;
    hq_code4 *scheme_codes; /* distinct schemes of the tariff */
    uint32_t scheme_count;
    hq_ref__search search;
    hq_ref__codes codes;
    hq_ref__revision *revisions; /* by id, then known_to */
    size_t revision_count;
};

/* Builds a snapshot of all rows (sorted here). The rows may be freed after. */
hq_status hq_ref__build(hq_ref **out, hq_ref__row *rows, size_t count, int64_t version);

/* Typed rows of one table in the snapshot's arena, while it is built. */
struct hq_ref__builder;
hq_status hq_ref__take_rows(struct hq_ref__builder *b, void **out, hq_ref__table_id table,
                            const hq_ref__row *rows, size_t count);
/* code_lists.c */
hq_status hq_ref__take_code_lists(hq_ref *ref, const hq_ref__row *rows, size_t count);
/* revisions.c: rows with a known_to, by table. */
hq_status hq_ref__take_revisions(hq_ref *ref, struct hq_ref__builder *b, const hq_ref__row *rows,
                                 size_t count);

/* The row of the key that is valid on the day (tables whose rows of one key never overlap), and all
 * rows of a key. */
const void *hq_ref__find_row(const hq_ref__set *set, hq_sv key, hq_day day);
const void *hq_ref__run(uint32_t *count, const hq_ref__set *set, hq_sv key);
hq_status hq_ref__index(hq_ref__set *set, hq_arena *arena);

/* The row among `count` from `first` that is valid on the day; NULL for none. */
const void *hq_ref__row_on(const hq_ref__set *set, uint32_t first, uint32_t count, hq_day day);

/* places.c: a code of 8, 6 or 4 digits as one number that is never 0; and its place, an empty one
 * when nothing is known of it. */
static inline uint32_t hq_ref__prefix(uint32_t hs, unsigned digits)
{
    return hs << 3 | digits / 2;
}
static inline uint32_t hq_ref__home(const hq_ref__tariff *tariff, uint32_t prefix)
{
    return (prefix * UINT32_C(0x9E3779B1)) >> tariff->shift;
}
static inline hq_ref__place *hq_ref__place_of(const hq_ref__tariff *tariff, uint32_t prefix)
{
    uint32_t at = hq_ref__home(tariff, prefix);
    while (tariff->places[at].prefix != 0 && tariff->places[at].prefix != prefix) {
        at = (at + 1) & tariff->mask;
    }
    return &tariff->places[at];
}
hq_status hq_ref__index_tariff(hq_ref *ref);
hq_status hq_ref__index_search(hq_ref *ref);
