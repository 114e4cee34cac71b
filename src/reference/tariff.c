/* SPDX-License-Identifier: Apache-2.0 */
#include "reference/snapshot.h"

#include <stdlib.h>

/* The tariff index. Code (27 bits), digits (2), tax (3) and scheme (4 characters) make one 64-bit
 * key without loss, so a lookup is at most three probes of one table: 8, 6, then 4 digits. Rows of
 * one key lie together; the builder sorted them so. */

#define TAXES_SCHEME UINT32_MAX /* pseudo scheme: the taxes of a prefix */

static uint64_t key_of(uint32_t hs, unsigned digits, unsigned tax, hq_code4 scheme)
{
    return (uint64_t)hs << 37 | (uint64_t)(digits / 2 - 1) << 35 | (uint64_t)tax << 32 | scheme;
}

static uint64_t key_of_row(const hq_tariff_row *row)
{
    return key_of(row->hs, row->hs_digits, row->tax, hq_code4_of(row->scheme));
}

static uint64_t home_of(const hq_ref__tariff *tariff, uint64_t key)
{
    return key * UINT64_C(0x9E3779B97F4A7C15) >> tariff->shift;
}

static hq_ref__group *slot_of(const hq_ref__tariff *tariff, uint64_t key)
{
    uint64_t slot = home_of(tariff, key);
    while (tariff->groups[slot].key != 0 && tariff->groups[slot].key != key) {
        slot = (slot + 1) & tariff->mask;
    }
    return &tariff->groups[slot];
}

/* ------------------------------------------------------------------ building */

static int order_by_id(const void *a, const void *b, void *rows)
{
    const hq_tariff_row *row = rows;
    int64_t x = row[*(const uint32_t *)a].id;
    int64_t y = row[*(const uint32_t *)b].id;
    return (x > y) - (x < y);
}

static hq_status index_ids(hq_ref *ref)
{
    hq_ref__tariff *tariff = &ref->tariff;
    tariff->by_id = HQ_NEW_ARRAY(ref->arena, uint32_t, tariff->count + 1);
    if (tariff->by_id == NULL) {
        return HQ_FAIL(NOMEM);
    }
    for (uint32_t i = 0; i < tariff->count; i++) {
        tariff->by_id[i] = i;
    }
    qsort_r(tariff->by_id, tariff->count, sizeof *tariff->by_id, order_by_id, tariff->rows);
    return HQ_DONE;
}

/* Distinct keys and prefixes, an upper bound for the size of the table. */
static uint32_t count_keys(const hq_ref__tariff *tariff)
{
    uint32_t keys = 0;
    for (uint32_t i = 0; i < tariff->count; i++) {
        const hq_tariff_row *row = &tariff->rows[i];
        const hq_tariff_row *last = i == 0 ? NULL : row - 1;
        keys += last == NULL || key_of_row(last) != key_of_row(row);
        keys += last == NULL || last->hs != row->hs || last->hs_digits != row->hs_digits;
    }
    return keys;
}

static void put_row(hq_ref__tariff *tariff, uint32_t i)
{
    const hq_tariff_row *row = &tariff->rows[i];
    hq_ref__group *group = slot_of(tariff, key_of_row(row));
    if (group->key == 0) {
        *group = (hq_ref__group){ .key = key_of_row(row), .first = i };
    }
    group->count++;
    uint64_t prefix = key_of(row->hs, row->hs_digits, 0, TAXES_SCHEME);
    hq_ref__group *taxes = slot_of(tariff, prefix);
    taxes->key = prefix;
    taxes->first |= 1u << row->tax;
}

static hq_status index_schemes(hq_ref *ref)
{
    hq_code4 seen[256];
    uint32_t count = 0;
    for (uint32_t i = 0; i < ref->tariff.count; i++) {
        hq_code4 scheme = hq_code4_of(ref->tariff.rows[i].scheme);
        uint32_t at = 0;
        while (at < count && seen[at] != scheme) {
            at++;
        }
        if (at == count && count < 256 && scheme != 0) {
            seen[count++] = scheme;
        }
    }
    ref->scheme_codes = HQ_NEW_ARRAY(ref->arena, hq_code4, count + 1);
    if (ref->scheme_codes == NULL) {
        return HQ_FAIL(NOMEM);
    }
    memcpy(ref->scheme_codes, seen, count * sizeof *seen);
    ref->scheme_count = count;
    return HQ_DONE;
}

hq_status hq_ref__index_tariff(hq_ref *ref)
{
    hq_ref__tariff *tariff = &ref->tariff;
    uint64_t size = 16;
    unsigned bits = 4;
    uint32_t keys = count_keys(tariff);
    while (size < (uint64_t)keys * 3 / 2) {
        size *= 2;
        bits++;
    }
    tariff->groups = HQ_NEW_ARRAY(ref->arena, hq_ref__group, size);
    if (tariff->groups == NULL) {
        return HQ_FAIL(NOMEM);
    }
    tariff->mask = size - 1;
    tariff->shift = 64 - bits;
    for (uint32_t i = 0; i < tariff->count; i++) {
        put_row(tariff, i);
    }
    HQ_TRY(index_schemes(ref));
    return index_ids(ref);
}

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

static size_t at_prefix(const hq_tariff_row **out, size_t max, const hq_ref__tariff *tariff,
                        const hq_tariff_query *query, hq_code4 scheme, uint32_t hs, unsigned digits)
{
    const hq_ref__group *group = slot_of(tariff, key_of(hs, digits, query->tax, scheme));
    size_t found = 0;
    if (group->key == 0) {
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
    if (query->hs8 > 99999999) {
        return 0;
    }
    size_t found = at_prefix(out, max, tariff, query, scheme, query->hs8, 8);
    if (found == 0) {
        found = at_prefix(out, max, tariff, query, scheme, query->hs8 / 100, 6);
    }
    if (found == 0) {
        found = at_prefix(out, max, tariff, query, scheme, query->hs8 / 10000, 4);
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
    return slot_of(tariff, key_of(hs8, 8, 0, TAXES_SCHEME))->first |
           slot_of(tariff, key_of(hs8 / 100, 6, 0, TAXES_SCHEME))->first |
           slot_of(tariff, key_of(hs8 / 10000, 4, 0, TAXES_SCHEME))->first;
}

/* ------------------------------------------------------------------ asking ahead */

enum { KEYS_OF_LINE = 11 };

/* What a line looks up as a rule: which taxes there are, both rates of duty, the tax on nearly all
 * goods. */
static void keys_of(uint64_t keys[KEYS_OF_LINE], const hq_ref_wanted *wanted, hq_code4 mfn)
{
    const uint32_t hs[3] = { wanted->hs8, wanted->hs8 / 100, wanted->hs8 / 10000 };
    size_t n = 0;
    for (unsigned i = 0; i < 3; i++) {
        keys[n++] = key_of(hs[i], 8 - 2 * i, 0, TAXES_SCHEME);
        keys[n++] = key_of(hs[i], 8 - 2 * i, HQ_TAX_VAT, 0);
    }
    for (unsigned i = 0; i < 2; i++) {
        keys[n++] = key_of(hs[i], 8 - 2 * i, HQ_TAX_IMPORT, wanted->scheme);
        keys[n++] = key_of(hs[i], 8 - 2 * i, HQ_TAX_IMPORT, mfn);
    }
    keys[n++] = key_of(hs[0], 8, HQ_TAX_EXPORT, 0);
}

static void prefetch_rows(const hq_ref__tariff *tariff, const hq_ref__group *group)
{
    if ((uint32_t)group->key == TAXES_SCHEME) {
        return; /* has no rows */
    }
    const char *row = (const char *)&tariff->rows[group->first];
    for (size_t at = 0; at < sizeof(hq_tariff_row); at += 64) {
        __builtin_prefetch(row + at);
    }
}

/* The group stands where its key leads first, nearly always. */
static void prefetch_line(const hq_ref *ref, const hq_ref_wanted *wanted, bool rows)
{
    const hq_ref__tariff *tariff = &ref->tariff;
    uint64_t keys[KEYS_OF_LINE];
    keys_of(keys, wanted, hq_code4_of(HQ_SV("B01")));
    for (size_t k = 0; k < KEYS_OF_LINE; k++) {
        const hq_ref__group *group = &tariff->groups[home_of(tariff, keys[k])];
        if (!rows) {
            __builtin_prefetch(group);
        } else if (group->key == keys[k]) {
            prefetch_rows(tariff, group);
        }
    }
}

void hq_ref_prefetch(const hq_ref *ref, const hq_ref_wanted *wanted, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        prefetch_line(ref, &wanted[i], false);
        hq_ref__prefetch_hs(ref, wanted[i].hs8);
    }
    for (size_t i = 0; i < count; i++) {
        prefetch_line(ref, &wanted[i], true);
        hq_ref__prefetch_hs_row(ref, wanted[i].hs8);
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
