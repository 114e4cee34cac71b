/* SPDX-License-Identifier: Apache-2.0 */
#include "risk/room.h"

#include <stdlib.h>

/* The index over one version: a hash table from key to the rules that carry it. A rule goes under
 * all its HS prefixes; without any under its origins; without any under its kinds; else it is plain
 * and looked at for every declaration. */

typedef struct {
    uint64_t key; /* 0: plain */
    uint32_t rule;
} pair;

typedef struct {
    pair *items;
    size_t count;
} pairs;

static size_t keys_of(const hq_risk__rule *rule)
{
    size_t keys = rule->hs_count > 0       ? rule->hs_count
                  : rule->origin_count > 0 ? rule->origin_count
                                           : rule->kind_count;
    return keys > 0 ? keys : 1;
}

static void push(pairs *p, uint64_t key, uint32_t rule)
{
    p->items[p->count++] = (pair){ key, rule };
}

static void push_rule(pairs *p, const hq_risk__rule *rule, uint32_t index)
{
    for (size_t i = 0; i < rule->hs_count; i++) {
        push(p, rule->hs[i], index);
    }
    if (rule->hs_count > 0) {
        return;
    }
    for (size_t i = 0; i < rule->origin_count; i++) {
        push(p, hq_risk__key(HQ_RISK__BY_ORIGIN, rule->origins[i]), index);
    }
    if (rule->origin_count > 0) {
        return;
    }
    for (size_t i = 0; i < rule->kind_count; i++) {
        push(p, hq_risk__key(HQ_RISK__BY_KIND, rule->kinds[i]), index);
    }
    if (rule->kind_count == 0) {
        push(p, 0, index);
    }
}

static int by_key(const void *a, const void *b)
{
    const pair *x = a;
    const pair *y = b;
    if (x->key != y->key) {
        return x->key < y->key ? -1 : 1;
    }
    return x->rule < y->rule ? -1 : x->rule > y->rule;
}

/* ------------------------------------------------------------------ table */

static uint64_t place_of(uint64_t key, uint64_t mask)
{
    uint64_t h = key * UINT64_C(0x9E3779B97F4A7C15);
    return (h ^ h >> 29) & mask;
}

const hq_risk__bucket *hq_risk__bucket_of(const hq_risk_rules *rules, uint64_t key)
{
    for (uint64_t at = place_of(key, rules->bucket_mask);; at = (at + 1) & rules->bucket_mask) {
        const hq_risk__bucket *bucket = &rules->buckets[at];
        if (bucket->key == key) {
            return bucket;
        }
        if (bucket->key == 0) {
            return NULL;
        }
    }
}

static void put_bucket(hq_risk_rules *rules, uint64_t key, uint32_t first, uint32_t count)
{
    uint64_t at = place_of(key, rules->bucket_mask);
    while (rules->buckets[at].key != 0) {
        at = (at + 1) & rules->bucket_mask;
    }
    rules->buckets[at] = (hq_risk__bucket){ key, first, count };
    if (key >> 56 == HQ_RISK__BY_HS + 1) {
        rules->hs_lengths |= 1u << ((key >> 32) & 0xF);
    }
}

static void fill(hq_risk_rules *rules, const pairs *p)
{
    for (size_t i = 0; i < p->count;) {
        size_t end = i;
        for (; end < p->count && p->items[end].key == p->items[i].key; end++) {
            rules->members[end] = p->items[end].rule;
        }
        if (p->items[i].key == 0) {
            rules->plain_first = (uint32_t)i;
            rules->plain_count = (uint32_t)(end - i);
        } else {
            put_bucket(rules, p->items[i].key, (uint32_t)i, (uint32_t)(end - i));
        }
        i = end;
    }
}

hq_status hq_risk__index(hq_risk_rules *rules)
{
    size_t total = 0;
    for (size_t i = 0; i < rules->count; i++) {
        total += keys_of(&rules->rules[i]);
    }
    size_t size = 16;
    while (size < total * 2) {
        size *= 2;
    }
    pairs p = { .items = HQ_NEW_ARRAY(rules->arena, pair, total + 1) };
    rules->buckets = HQ_NEW_ARRAY(rules->arena, hq_risk__bucket, size);
    rules->members = HQ_NEW_ARRAY(rules->arena, uint32_t, total + 1);
    if (p.items == NULL || rules->buckets == NULL || rules->members == NULL) {
        return HQ_FAIL(NOMEM);
    }
    rules->bucket_mask = size - 1;
    for (size_t i = 0; i < rules->count; i++) {
        push_rule(&p, &rules->rules[i], (uint32_t)i);
    }
    qsort(p.items, p.count, sizeof *p.items, by_key);
    fill(rules, &p);
    return HQ_DONE;
}

/* Rules are in order of their id. */
const hq_risk__rule *hq_risk__rule_by_id(const hq_risk_rules *rules, int64_t id)
{
    size_t low = 0;
    size_t high = rules->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (rules->rules[middle].id == id) {
            return &rules->rules[middle];
        }
        if (rules->rules[middle].id < id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}
