/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "reference/snapshot.h"

/* Builds the index of HS prefixes: a table of places found by code and number of digits, and for
 * each place its groups side by side. A lookup is at most three probes: 8, 6, then 4 digits. */

static uint32_t prefix_of(const hq_tariff_row *row)
{
    return hq_ref__prefix(row->hs, row->hs_digits);
}

static bool same_group(const hq_tariff_row *a, const hq_tariff_row *b)
{
    return a->hs == b->hs && a->hs_digits == b->hs_digits && a->tax == b->tax &&
           hq_sv_eq(a->scheme, b->scheme);
}

/* ------------------------------------------------------------------ size */

/* Of an eight-digit code of the nomenclature; false: a shorter one. */
static bool code_of(uint32_t *out, const hq_hs_row *row)
{
    int64_t hs;
    if (row->hs.len != 8 || !hq_sv_i64(&hs, row->hs)) {
        return false;
    }
    *out = (uint32_t)hs;
    return true;
}

/* The rows are sorted by code, so each change of it is a new place: an upper bound. */
static uint32_t count_places(const hq_ref *ref)
{
    const hq_tariff_row *rows = ref->tariff.rows;
    uint32_t places = ref->hs.count;
    for (uint32_t i = 0; i < ref->tariff.count; i++) {
        places += i == 0 || prefix_of(&rows[i]) != prefix_of(&rows[i - 1]);
    }
    return places;
}

static uint32_t count_groups(const hq_ref__tariff *tariff)
{
    uint32_t groups = 0;
    for (uint32_t i = 0; i < tariff->count; i++) {
        groups += i == 0 || !same_group(&tariff->rows[i], &tariff->rows[i - 1]);
    }
    return groups;
}

static hq_status make_room(hq_ref *ref)
{
    hq_ref__tariff *tariff = &ref->tariff;
    uint64_t size = 16;
    unsigned bits = 4;
    while (size < (uint64_t)count_places(ref) * 3 / 2) {
        size *= 2;
        bits++;
    }
    tariff->places = HQ_NEW_ARRAY(ref->arena, hq_ref__place, size);
    tariff->groups = HQ_NEW_ARRAY(ref->arena, hq_ref__group, count_groups(tariff) + 1);
    if (tariff->places == NULL || tariff->groups == NULL) {
        return HQ_FAIL(NOMEM);
    }
    tariff->mask = (uint32_t)(size - 1);
    tariff->shift = 32 - bits;
    return HQ_DONE;
}

/* ------------------------------------------------------------------ filling */

/* Rows of a prefix lie together and within them those of one tax and scheme: the builder sorted
 * them by their key. */
static void fill_groups(hq_ref__tariff *tariff)
{
    uint32_t groups = 0;
    for (uint32_t i = 0; i < tariff->count; i++) {
        const hq_tariff_row *row = &tariff->rows[i];
        hq_ref__place *place = hq_ref__place_of(tariff, prefix_of(row));
        if (i > 0 && same_group(row, row - 1)) {
            tariff->groups[groups - 1].count++;
            continue;
        }
        if (place->count == 0) {
            place->prefix = prefix_of(row);
            place->first = groups;
        }
        place->count++;
        place->taxes |= 1U << row->tax;
        tariff->groups[groups++] = (hq_ref__group){
            .scheme = hq_code4_of(row->scheme), .tax = row->tax, .first = i, .count = 1
        };
    }
}

static void fill_names(hq_ref *ref)
{
    const hq_hs_row *rows = ref->hs.rows;
    uint32_t hs;
    for (uint32_t i = 0; i < ref->hs.count; i++) {
        if (!code_of(&hs, &rows[i])) {
            continue;
        }
        hq_ref__place *place = hq_ref__place_of(&ref->tariff, hq_ref__prefix(hs, 8));
        if (place->hs_count == 0) {
            place->prefix = hq_ref__prefix(hs, 8);
            place->hs_first = i;
        }
        place->hs_count++;
    }
}

/* ------------------------------------------------------------------ other orders */

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
    HQ_TRY(make_room(ref));
    fill_groups(&ref->tariff);
    fill_names(ref);
    HQ_TRY(index_schemes(ref));
    return index_ids(ref);
}
