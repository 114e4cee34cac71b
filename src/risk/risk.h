/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Face of risk/: which channel a declaration goes. In two steps: hq_risk_score_of is a pure
 * function run in the worker; hq_risk_lane_of decides inside the write closure from the score, the
 * random number drawn beforehand and the office's state. Works on hq_risk_facts, which clearance
 * (or a CSV) fills, and knows no declaration. Everything used is recorded, so that a decision
 * replays byte for byte. */

#include "base/base.h"
#include "codec/codec.h"
#include "identity/identity.h"
#include "os/os.h"
#include "reference/reference.h"
#include "store/store.h"

typedef enum { HQ_CHANNEL_GREEN, HQ_CHANNEL_YELLOW, HQ_CHANNEL_RED } hq_channel;
const char *hq_channel_name(hq_channel channel); /* "GREEN" */

typedef struct {
    uint32_t hs;
    hq_code4 origin;
    hq_sv scheme;
    int64_t customs_value_vnd;
    int64_t tax_vnd;
    hq_decimal quantity, unit_price;
} hq_risk_line;

typedef struct {
    hq_flow flow;
    hq_sv kind, office, trader_tax_code, agent_tax_code;
    char transport_mode;
    int compliance; /* grade 1 to 5, 0 unknown */
    hq_day trader_founded;
    hq_decimal gross_weight;
    int64_t customs_value_vnd, total_tax_vnd;
    hq_day day;
    const hq_risk_line *lines;
    size_t line_count;
} hq_risk_facts;

typedef struct hq_risk hq_risk;
typedef struct hq_risk_rules hq_risk_rules; /* one immutable version of the rule table */
extern const hq_store_room hq_risk_room;

hq_status hq_risk_open(hq_risk **out, hq_store *store, hq_reference *reference);
void hq_risk_close(hq_risk *risk);
const hq_risk_rules *hq_risk_acquire(hq_risk *risk);
void hq_risk_release(hq_risk *risk, const hq_risk_rules *rules);
/* Has another process put a new version? Cheap; a server calls it every 200 ms or so. */
hq_status hq_risk_refresh(hq_risk *risk);
/* An older version, for replaying a decision; hq_risk_rules_free when done. NOT_FOUND. */
hq_status hq_risk_rules_at(const hq_risk_rules **out, hq_risk *risk, int64_t version);
void hq_risk_rules_free(const hq_risk_rules *rules);
int64_t hq_risk_rules_version(const hq_risk_rules *rules);

#define HQ_RISK_HITS_MAX 16
typedef struct {
    int64_t rule_ids[HQ_RISK_HITS_MAX];
    size_t hit_count; /* all hits up to the maximum, highest lane first */
    hq_channel by_rules;
    int64_t legal_rule_id; /* first hit of that lane whose ground the declarant may read, 0 none */
    int64_t rules_version; /* counts rule sets and random shares together */
    uint64_t draw;         /* random number drawn beforehand */
    uint32_t random_ppm;   /* share of random inspection in force, parts per million */
} hq_risk_score;

/* Pure but for the draw, which is made by the caller (hq_random_u64). */
void hq_risk_score_of(hq_risk_score *out, const hq_risk_rules *rules, const hq_risk_facts *facts,
                      uint64_t draw);

typedef struct {
    hq_channel channel;
    bool random;           /* red by chance, not by a rule */
    uint32_t red_ppm;      /* probability with which it could have become RED, parts per million */
    int64_t legal_rule_id; /* the rule whose legal ground the declarant may read, 0 none */
} hq_risk_lane;
/* Inside the write closure. Without rules and with the random share at its default of 0: GREEN. */
hq_status hq_risk_lane_of(hq_risk_lane *out, hq_tx *tx, const hq_risk_score *score, hq_sv office);

/* Packed decision for the record (little-endian, versioned), and back. CORRUPT for other bytes. */
hq_status hq_risk_pack(hq_buf *buf, const hq_risk_score *score, const hq_risk_lane *lane);
hq_status hq_risk_unpack(hq_risk_score *score, hq_risk_lane *lane, hq_sv packed);
/* Its reasons as JSON for officers, by the rules of the version that decided. */
hq_status hq_risk_reasons_json(hq_json_w *w, hq_sv packed, hq_risk *risk);
/* The legal ground that the declarant may read, in the arena; NOT_FOUND when there is none. */
hq_status hq_risk_legal_ground(hq_sv *ground, hq_sv packed, hq_risk *risk, hq_arena *arena);

/* A whole new rule set from CSV (columns: README), in force before it returns; for the command
 * line, which asks no second person. INVALID with findings (path "/line/3/hs"). The same rules
 * again change nothing. Never in a write closure. */
typedef struct {
    int64_t version;
    size_t rules;
    bool changed;
} hq_risk_imported;
hq_status hq_risk_import(hq_risk_imported *out, hq_risk *risk, hq_sv csv, hq_sv actor,
                         hq_arena *arena, const hq_finding **findings, size_t *finding_count,
                         hq_why *why);
/* The shipped demo rules: invented, and they say so. */
hq_status hq_risk_load_demo(hq_risk *risk, hq_arena *arena, hq_why *why);
/* Share of random inspection of an office (empty: all that have none of their own). RANGE over
 * 1,000,000. */
hq_status hq_risk_set_share(hq_risk *risk, hq_sv office, uint32_t ppm, hq_sv actor);

/* `self` of the table is the hq_risk. */
extern const hq_route hq_risk_routes[];
extern const size_t hq_risk_route_count;
