/* SPDX-License-Identifier: Apache-2.0 */
#include "reference/snapshot.h"

/* Lookups in the tariff (places.c has how it lies in memory). */

/* ------------------------------------------------------------------ looking */

bool hq_tariff_open_to(const hq_tariff_row *row, hq_code4 origin)
{
    return hq_country_in(row->countries, origin) &&
           !hq_country_named(row->countries_excluded, origin);
}

/* Rows of one key for the producer, else those for none. */
static size_t collect(const hq_tariff_row **out, size_t max, const hq_ref__tariff *tariff,
                      const hq_ref__group *group, const hq_tariff_query *query, hq_sv producer)
{
    size_t found = 0;
    const hq_tariff_row *row = &tariff->rows[group->first];
    for (uint32_t i = 0; i < group->count && found < max; i++, row++) {
        if (row->from <= query->day && query->day <= row->to && hq_sv_eq(row->producer, producer) &&
            hq_tariff_open_to(row, query->origin)) {
            out[found++] = row;
        }
    }
    return found;
}

/* NULL: the prefix has no rows of this tax and scheme. */
static const hq_ref__group *group_of(const hq_ref__tariff *tariff, const hq_ref__place *place,
                                     unsigned tax, hq_code4 scheme)
{
    const hq_ref__group *group = &tariff->groups[place->first];
    const hq_ref__group *end = group + place->count;
    while (group < end && (group->scheme != scheme || group->tax != tax)) {
        group++;
    }
    return group < end ? group : NULL;
}

static size_t at_prefix(const hq_tariff_row **out, size_t max, const hq_ref__tariff *tariff,
                        const hq_tariff_query *query, hq_code4 scheme, uint32_t prefix)
{
    const hq_ref__place *place = hq_ref__place_of(tariff, prefix);
    const hq_ref__group *group = group_of(tariff, place, query->tax, scheme);
    size_t found = 0;
    if (group == NULL) {
        return 0;
    }
    if (query->producer.len > 0) {
        found = collect(out, max, tariff, group, query, query->producer);
    }
    return found > 0 ? found : collect(out, max, tariff, group, query, HQ_SV(""));
}

static size_t longest(const hq_tariff_row **out, size_t max, const hq_ref *ref,
                      const hq_tariff_query *query, hq_code4 scheme)
{
    const hq_ref__tariff *tariff = &ref->tariff;
    uint32_t hs = query->hs8;
    if (hs > 99999999) {
        return 0;
    }
    size_t found = at_prefix(out, max, tariff, query, scheme, hq_ref__prefix(hs, 8));
    if (found == 0) {
        found = at_prefix(out, max, tariff, query, scheme, hq_ref__prefix(hs / 100, 6));
    }
    if (found == 0) {
        found = at_prefix(out, max, tariff, query, scheme, hq_ref__prefix(hs / 10000, 4));
    }
    return found;
}

size_t hq_ref_tariff(const hq_tariff_row **out, size_t max, const hq_ref *ref,
                     const hq_tariff_query *query)
{
    if (query->scheme.len > 4) {
        return 0;
    }
    return longest(out, max, ref, query, hq_code4_of(query->scheme));
}

uint32_t hq_ref_taxes_of(const hq_ref *ref, uint32_t hs8)
{
    const hq_ref__tariff *tariff = &ref->tariff;
    if (hs8 > 99999999) {
        return 0;
    }
    return hq_ref__place_of(tariff, hq_ref__prefix(hs8, 8))->taxes |
           hq_ref__place_of(tariff, hq_ref__prefix(hs8 / 100, 6))->taxes |
           hq_ref__place_of(tariff, hq_ref__prefix(hs8 / 10000, 4))->taxes;
}

/* ------------------------------------------------------------------ asking ahead */

static void prefetch_places(const hq_ref__tariff *tariff, uint32_t hs8)
{
    __builtin_prefetch(&tariff->places[hq_ref__home(tariff, hq_ref__prefix(hs8, 8))]);
    __builtin_prefetch(&tariff->places[hq_ref__home(tariff, hq_ref__prefix(hs8 / 100, 6))]);
    __builtin_prefetch(&tariff->places[hq_ref__home(tariff, hq_ref__prefix(hs8 / 10000, 4))]);
}

static void prefetch_bytes(const void *start, size_t len)
{
    for (size_t at = 0; at < len; at += 64) {
        __builtin_prefetch((const char *)start + at);
    }
}

static void prefetch_groups(const hq_ref *ref, uint32_t hs8)
{
    enum { FEW = 10 };
    const hq_ref__tariff *tariff = &ref->tariff;
    const hq_ref__place *place = hq_ref__place_of(tariff, hq_ref__prefix(hs8, 8));
    uint32_t count = place->count < FEW ? place->count : FEW;
    prefetch_bytes(&tariff->groups[place->first], count * sizeof(hq_ref__group));
    if (place->hs_count > 0) {
        prefetch_bytes((const hq_hs_row *)ref->hs.rows + place->hs_first, sizeof(hq_hs_row));
    }
}

/* Rows of what a line asks as a rule: the duty of its scheme and of the most favoured nations, and
 * the taxes that know no scheme. */
static void prefetch_rows(const hq_ref__tariff *tariff, const hq_ref_wanted *wanted, hq_code4 mfn)
{
    const hq_ref__place *place = hq_ref__place_of(tariff, hq_ref__prefix(wanted->hs8, 8));
    for (uint32_t i = 0; i < place->count; i++) {
        const hq_ref__group *group = &tariff->groups[place->first + i];
        if (group->scheme == 0 || group->scheme == wanted->scheme || group->scheme == mfn) {
            prefetch_bytes(&tariff->rows[group->first], sizeof(hq_tariff_row));
        }
    }
}

void hq_ref_prefetch(const hq_ref *ref, const hq_ref_wanted *wanted, size_t count)
{
    const hq_code4 mfn = hq_code4_of(HQ_SV("B01"));
    for (size_t i = 0; i < count; i++) {
        prefetch_places(&ref->tariff, wanted[i].hs8);
    }
    for (size_t i = 0; i < count; i++) {
        prefetch_groups(ref, wanted[i].hs8);
    }
    for (size_t i = 0; i < count; i++) {
        prefetch_rows(&ref->tariff, &wanted[i], mfn);
    }
}

size_t hq_ref_schemes_for(const hq_tariff_row **out, size_t max, const hq_ref *ref, uint32_t hs8,
                          hq_code4 origin, hq_day day)
{
    hq_tariff_query query = { .tax = HQ_TAX_IMPORT, .hs8 = hs8, .origin = origin, .day = day };
    size_t found = 0;
    for (uint32_t i = 0; i < ref->scheme_count && found < max; i++) {
        found += longest(out + found, max - found, ref, &query, ref->scheme_codes[i]);
    }
    return found;
}

const hq_tariff_row *hq_ref_tariff_by_id(const hq_ref *ref, int64_t id)
{
    const hq_ref__tariff *tariff = &ref->tariff;
    uint32_t low = 0;
    uint32_t high = tariff->count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (tariff->rows[tariff->by_id[middle]].id < id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    const hq_tariff_row *row = low < tariff->count ? &tariff->rows[tariff->by_id[low]] : NULL;
    return row != NULL && row->id == id ? row : NULL;
}
