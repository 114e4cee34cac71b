/* SPDX-License-Identifier: Apache-2.0 */
#include "reference/snapshot.h"

/* Lookups in the small tables: a hash of the key text, then the few rows of the key by date. */

static uint64_t hash_text(hq_sv text)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < text.len; i++) {
        h = (h ^ (unsigned char)text.ptr[i]) * UINT64_C(0x100000001b3);
    }
    return h ^ h >> 29;
}

static const char *row_at(const hq_ref__set *set, uint32_t i)
{
    return (const char *)set->rows + (size_t)i * set->stride;
}

static hq_sv key_at(const hq_ref__set *set, uint32_t i)
{
    hq_sv key;
    memcpy(&key, row_at(set, i) + set->key_at, sizeof key);
    return key;
}

/* Where the key is or would be. */
static hq_ref__span *slot_of(const hq_ref__set *set, hq_sv key)
{
    uint32_t slot = (uint32_t)hash_text(key) & set->mask;
    while (set->slots[slot].count != 0 && !hq_sv_eq(key_at(set, set->slots[slot].first), key)) {
        slot = (slot + 1) & set->mask;
    }
    return &set->slots[slot];
}

hq_status hq_ref__index(hq_ref__set *set, hq_arena *arena)
{
    uint32_t size = 8;
    while (size < set->count * 2) {
        size *= 2;
    }
    set->slots = HQ_NEW_ARRAY(arena, hq_ref__span, size);
    if (set->slots == NULL) {
        return HQ_FAIL(NOMEM);
    }
    set->mask = size - 1;
    for (uint32_t i = 0; i < set->count;) {
        hq_sv key = key_at(set, i);
        hq_ref__span *slot = slot_of(set, key);
        slot->first = i;
        for (; i < set->count && hq_sv_eq(key, key_at(set, i)); i++) {
            slot->count++;
        }
    }
    return HQ_DONE;
}

const void *hq_ref__run(uint32_t *count, const hq_ref__set *set, hq_sv key)
{
    const hq_ref__span *span = slot_of(set, key);
    *count = span->count;
    return span->count == 0 ? NULL : row_at(set, span->first);
}

static hq_day day_at(const hq_ref__set *set, uint32_t i, uint32_t offset)
{
    hq_day day;
    memcpy(&day, row_at(set, i) + offset, sizeof day);
    return day;
}

const void *hq_ref__row_on(const hq_ref__set *set, uint32_t first, uint32_t count, hq_day day)
{
    uint32_t low = first;
    uint32_t high = first + count;
    while (low < high) { /* low: the first row that begins after the day */
        uint32_t middle = (low + high) / 2;
        if (day_at(set, middle, set->from_at) <= day) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == first || day_at(set, low - 1, set->to_at) < day) {
        return NULL;
    }
    return row_at(set, low - 1);
}

const void *hq_ref__find_row(const hq_ref__set *set, hq_sv key, hq_day day)
{
    const hq_ref__span *span = slot_of(set, key);
    return hq_ref__row_on(set, span->first, span->count, day);
}

/* ------------------------------------------------------------------ the face */

int64_t hq_ref_version(const hq_ref *ref)
{
    return ref->version;
}

hq_sv hq_code4_text(char text[4], hq_code4 code)
{
    size_t len = 0;
    for (int shift = 24; shift >= 0; shift -= 8) {
        char c = (char)(code >> shift & 0xFF);
        if (c != '\0') {
            text[len++] = c;
        }
    }
    return hq_sv_make(text, len);
}

bool hq_country_named(const hq_country_set *set, hq_code4 country)
{
    unsigned a = (country >> 8) - 'A';
    unsigned b = (country & 0xFF) - 'A';
    if (a > 25 || b > 25) {
        return false;
    }
    unsigned bit = a * 26 + b;
    return (set->bits[bit / 64] >> (bit % 64) & 1) != 0;
}

bool hq_country_in(const hq_country_set *set, hq_code4 country)
{
    return set->any || hq_country_named(set, country);
}

static const char *const account_names[HQ_ACCOUNT_KINDS] = { "EXEMPTION_LIST", "TEMPORARY",
                                                             "PROCESSING",     "EXPORT_PRODUCTION",
                                                             "BONDED",         "ON_THE_SPOT" };

const char *hq_account_kind_name(hq_account_kind kind)
{
    return account_names[kind];
}

bool hq_account_kind_parse(hq_account_kind *out, hq_sv name)
{
    for (int i = 0; i < HQ_ACCOUNT_KINDS; i++) {
        if (hq_sv_eq(name, hq_sv_from_cstr(account_names[i]))) {
            *out = (hq_account_kind)i;
            return true;
        }
    }
    return false;
}

static const char *const tax_names[HQ_TAX_COUNT] = { "IMPORT", "EXPORT", "AD",  "CVD",
                                                     "SG",     "SCT",    "EPT", "VAT" };

const char *hq_tax_name(hq_tax tax)
{
    return tax_names[tax];
}

bool hq_tax_parse(hq_tax *out, hq_sv name)
{
    for (int i = 0; i < HQ_TAX_COUNT; i++) {
        if (hq_sv_eq(name, hq_sv_from_cstr(tax_names[i]))) {
            *out = (hq_tax)i;
            return true;
        }
    }
    return false;
}

const hq_hs_row *hq_ref_hs(const hq_ref *ref, uint32_t hs8, hq_day day)
{
    if (hs8 > 99999999) {
        return NULL;
    }
    const hq_ref__place *place = hq_ref__place_of(&ref->tariff, hq_ref__prefix(hs8, 8));
    return hq_ref__row_on(&ref->hs, place->hs_first, place->hs_count, day);
}

const hq_rate_row *hq_ref_rate(const hq_ref *ref, hq_code4 currency, hq_day day)
{
    static const hq_rate_row dong = {
        .currency = 0x564E44, /* VND */
        .to = HQ_DAY_OPEN,
        .rate = { 1, 0 },
        .source = { "", 0 },
    };
    if (currency == dong.currency) {
        return &dong;
    }
    char text[4];
    const hq_ref__rate *rate = hq_ref__find_row(&ref->rates, hq_code4_text(text, currency), day);
    return rate == NULL ? NULL : &rate->row;
}

const hq_rate_row *hq_ref_rate_by_id(const hq_ref *ref, int64_t id)
{
    const hq_ref__rate *rates = ref->rates.rows;
    for (uint32_t i = 0; i < ref->rates.count; i++) {
        if (rates[i].row.id == id) {
            return &rates[i].row;
        }
    }
    return NULL;
}

const hq_scheme_row *hq_ref_scheme(const hq_ref *ref, hq_sv scheme, hq_day day)
{
    return hq_ref__find_row(&ref->schemes, scheme, day);
}

const hq_kind_row *hq_ref_kind(const hq_ref *ref, hq_sv kind, hq_day day)
{
    return hq_ref__find_row(&ref->kinds, kind, day);
}

const hq_office_row *hq_ref_office(const hq_ref *ref, hq_sv office, hq_day day)
{
    return hq_ref__find_row(&ref->offices, office, day);
}

bool hq_ref_office_below(const hq_ref *ref, hq_sv office, hq_sv above, hq_day day)
{
    hq_sv at = office;
    for (int depth = 0; depth < 16 && at.len > 0; depth++) {
        if (hq_sv_eq(at, above)) {
            return true;
        }
        const hq_office_row *row = hq_ref_office(ref, at, day);
        if (row == NULL) {
            return false;
        }
        at = row->parent;
    }
    return false;
}

const hq_enterprise_row *hq_ref_enterprise(const hq_ref *ref, hq_sv tax_code)
{
    uint32_t count;
    return hq_ref__run(&count, &ref->enterprises, tax_code);
}

const hq_exemption_row *hq_ref_exemption(const hq_ref *ref, hq_sv code, hq_tax tax, hq_day day)
{
    uint32_t count;
    const hq_exemption_row *rows = hq_ref__run(&count, &ref->exemptions, code);
    for (uint32_t i = 0; i < count; i++) {
        if (rows[i].tax == tax && rows[i].from <= day && day <= rows[i].to) {
            return &rows[i];
        }
    }
    return NULL;
}

const hq_interest_row *hq_ref_interest(const hq_ref *ref, hq_sv kind, hq_day day)
{
    return hq_ref__find_row(&ref->interest, kind, day);
}

size_t hq_ref_allocation(const hq_allocation_row **out, size_t max, const hq_ref *ref, hq_sv regime,
                         hq_day day)
{
    uint32_t count;
    size_t found = 0;
    const hq_allocation_row *rows = hq_ref__run(&count, &ref->allocation, regime);
    for (uint32_t i = 0; i < count && found < max; i++) {
        if (rows[i].from > day || day > rows[i].to) {
            continue;
        }
        size_t at = found++;
        while (at > 0 && out[at - 1]->position > rows[i].position) {
            out[at] = out[at - 1];
            at--;
        }
        out[at] = &rows[i];
    }
    return found;
}

size_t hq_ref_balance_kinds(const hq_balance_kind_row **out, size_t max, const hq_ref *ref,
                            hq_sv kind, hq_day day)
{
    uint32_t count;
    size_t found = 0;
    const hq_balance_kind_row *rows = hq_ref__run(&count, &ref->balance_kinds, kind);
    for (uint32_t i = 0; i < count && found < max; i++) {
        if (rows[i].from <= day && day <= rows[i].to) {
            out[found++] = &rows[i];
        }
    }
    return found;
}

bool hq_ref_country_known(const hq_ref *ref, hq_code4 country)
{
    return hq_country_named(&ref->countries, country);
}

bool hq_ref_currency_known(const hq_ref *ref, hq_code4 currency)
{
    uint32_t low = 0;
    uint32_t high = ref->currency_count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (ref->currencies[middle] < currency) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < ref->currency_count && ref->currencies[low] == currency;
}

bool hq_ref_authorised(const hq_ref *ref, hq_sv agent_tax_code, hq_sv client_tax_code, hq_day day)
{
    char key[32];
    uint32_t count;
    if (hq_ref__run(&count, &ref->agents, agent_tax_code) == NULL) {
        return true;
    }
    if (client_tax_code.len == 0 || agent_tax_code.len + client_tax_code.len >= sizeof key) {
        return false;
    }
    memcpy(key, agent_tax_code.ptr, agent_tax_code.len);
    key[agent_tax_code.len] = '\t';
    memcpy(key + agent_tax_code.len + 1, client_tax_code.ptr, client_tax_code.len);
    hq_sv whole = hq_sv_make(key, agent_tax_code.len + 1 + client_tax_code.len);
    return hq_ref__find_row(&ref->authorities, whole, day) != NULL;
}
