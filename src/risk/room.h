/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Private to risk/: one version of the rules in memory, how it is read, stored and swapped. */

#include <stdatomic.h>

#include "risk/risk.h"

/* ------------------------------------------------------------------ rules */

typedef struct {
    int64_t id;
    hq_channel lane; /* YELLOW or RED */
    uint8_t flows;   /* bits 1 << hq_flow */
    uint8_t grades;  /* bits 1 << compliance, 0 unknown to 5; 0: all */
    hq_day from, to;
    const uint64_t *hs; /* hq_risk__hs_key of each prefix; none: all goods */
    size_t hs_count;
    const hq_code4 *origins;
    size_t origin_count;
    const hq_code4 *kinds;
    size_t kind_count;
    const hq_sv *offices;
    size_t office_count;
    hq_sv reason_vi, reason_en, legal_ground;
    bool disclosed; /* the declarant may read the ground */
} hq_risk__rule;

/* Keys of the index: what a rule is found by, in order of how few declarations have it. */
typedef enum { HQ_RISK__BY_HS, HQ_RISK__BY_ORIGIN, HQ_RISK__BY_KIND } hq_risk__key_class;
static inline uint64_t hq_risk__key(hq_risk__key_class class_, uint64_t value)
{
    return ((uint64_t)class_ + 1) << 56 | value;
}
static inline uint64_t hq_risk__hs_key(unsigned digits, uint32_t prefix)
{
    return hq_risk__key(HQ_RISK__BY_HS, (uint64_t)digits << 32 | prefix);
}

typedef struct {
    uint64_t key;          /* 0: empty */
    uint32_t first, count; /* in members */
} hq_risk__bucket;

typedef struct {
    hq_sv office; /* empty: all that have none of their own */
    uint32_t ppm;
} hq_risk__share;

struct hq_risk_rules {
    hq_arena *arena; /* holds all of it */
    int64_t version;
    uint32_t slot;
    hq_sv csv; /* canonical */
    hq_risk__rule *rules;
    size_t count;
    hq_risk__bucket *buckets;
    uint64_t bucket_mask;
    uint32_t *members; /* rules of each bucket, then those of no key */
    uint32_t plain_first, plain_count;
    uint32_t hs_lengths; /* bit n: some rule has a prefix of n digits */
    hq_risk__share *shares;
    size_t share_count;
};

#define HQ_RISK__RULES_MAX 10000
#define HQ_RISK__CSV_MAX   ((size_t)4 << 20)

typedef struct {
    hq_finding *items;
    size_t count, cap;
    hq_arena *arena;
} hq_risk__found;

/* Rules of a CSV text into the arena; everything wrong is in `found` (at most 200). SYNTAX with
 * *why when it is no CSV. */
hq_status hq_risk__read(hq_risk__rule **out, size_t *count, hq_sv csv, hq_risk__found *found,
                        hq_arena *arena, hq_why *why);
/* The same rules always as the same bytes. */
hq_status hq_risk__canonical(hq_buf *buf, const hq_risk__rule *rules, size_t count);
/* Index over rules already in rules->arena. */
hq_status hq_risk__index(hq_risk_rules *rules);
const hq_risk__bucket *hq_risk__bucket_of(const hq_risk_rules *rules, uint64_t key);
const hq_risk__rule *hq_risk__rule_by_id(const hq_risk_rules *rules, int64_t id);
void hq_risk__rule_json(hq_json_w *w, const hq_risk__rule *rule);

/* "=10000;15BB=20000": offices in order. */
hq_status hq_risk__shares_read(hq_risk__share **out, size_t *count, hq_sv text, hq_arena *arena);
hq_status hq_risk__shares_write(hq_buf *buf, const hq_risk__share *shares, size_t count);
uint32_t hq_risk__share_of(const hq_risk_rules *rules, hq_sv office);

/* ------------------------------------------------------------------ versions */

typedef struct {
    int64_t version; /* 0: before the first */
    hq_time_us at;
    hq_sv actor, what;
    int64_t rules_of; /* 0: no rules */
    hq_sv shares;
} hq_risk__version;

/* `version` < 0: the newest, version 0 when there is none. NOT_FOUND for one that never was. */
hq_status hq_risk__version_get(hq_risk__version *out, hq_tx *tx, int64_t version);
/* CSV of a rule set, empty for 0. In the tx arena. */
hq_status hq_risk__csv_get(hq_sv *out, hq_tx *tx, int64_t rules_of);
hq_status hq_risk__policy_hash(hq_hash32 *out, hq_tx *tx);

/* Inside a write closure: the next version with other rules, or another share. *version is the one
 * in force after it, which is the old one when nothing changed. */
hq_status hq_risk__put_rules(int64_t *version, bool *changed, hq_tx *tx, hq_sv csv, size_t rules,
                             hq_sv actor);
hq_status hq_risk__put_share(int64_t *version, bool *changed, hq_tx *tx, hq_sv office, uint32_t ppm,
                             hq_sv actor);

/* ------------------------------------------------------------------ holder */

#define HQ_RISK__SLOTS 16
#define HQ_RISK__NONE  0xFF /* slot before the first */

typedef struct {
    _Atomic(hq_risk_rules *) rules; /* NULL: free */
    _Atomic int64_t balance;        /* acquired (added when retired) minus released */
} hq_risk__slot;

struct hq_risk {
    hq_store *store;
    hq_reference *reference;
    _Atomic uint64_t current; /* slot in the low 8 bits, readers so far above */
    hq_risk__slot slots[HQ_RISK__SLOTS];
    pthread_mutex_t loading;
};

/* A version as it was, in memory of its own. */
hq_status hq_risk__load(hq_risk_rules **out, hq_risk *risk, int64_t version);
/* The version that decided something: the current one when it is that, else loaded. Give back with
 * hq_risk__unborrow. */
hq_status hq_risk__borrow(const hq_risk_rules **out, bool *loaded, hq_risk *risk, int64_t version);
void hq_risk__unborrow(hq_risk *risk, const hq_risk_rules *rules, bool loaded);

/* ------------------------------------------------------------------ requests */

hq_status hq_risk__get_rules(hq_request *request, void *room);
hq_status hq_risk__put_rules_route(hq_request *request, void *room);
hq_status hq_risk__get_share(hq_request *request, void *room);
/* The policy's entity tag: every change of rules or shares gives another. */
hq_sv hq_risk__etag(int64_t version, hq_arena *arena);
/* The 412 of a change over a version that is not the newest any more. */
hq_status hq_risk__stale(hq_request *request);
hq_status hq_risk__put_share_route(hq_request *request, void *room);
/* Does the caller's scope hold the office and all below it (empty: the whole country)? */
bool hq_risk__reaches(const hq_caller *caller, hq_sv office, const hq_ref *ref, hq_day day);
/* The same for a change: FORBIDDEN with its reason when not. */
hq_status hq_risk__governs(hq_request *request, hq_risk *risk, hq_sv office);
