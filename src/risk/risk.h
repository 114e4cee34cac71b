/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Face of risk/: which channel a declaration goes. In two steps: hq_risk_score is a pure function run
 * in the worker; hq_risk_lane decides inside the write closure from the score, the random number drawn
 * beforehand and the office's state. Works on hq_risk_facts, which clearance (or a CSV) fills, and
 * knows no declaration. Everything used is recorded, so that a decision replays byte for byte. */

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
hq_status hq_risk_refresh(hq_risk *risk);

#define HQ_RISK_HITS_MAX 16
typedef struct {
    int64_t rule_ids[HQ_RISK_HITS_MAX];
    size_t hit_count; /* all hits up to the maximum, highest lane first */
    hq_channel by_rules;
    int64_t rules_version;
    uint64_t draw;       /* random number drawn beforehand */
    uint32_t random_ppm; /* share of random inspection in force, parts per million */
} hq_risk_score;

/* Pure but for the draw, which is made by the caller (hq_random_u64). */
void hq_risk_score_of(hq_risk_score *out, const hq_risk_rules *rules, const hq_risk_facts *facts,
                      uint64_t draw);

typedef struct {
    hq_channel channel;
    bool random;    /* picked by chance, not by a rule */
    int64_t legal_rule_id; /* the rule whose legal ground the declarant may read, 0 none */
} hq_risk_lane;
/* Inside the write closure. Without rules and with the random share at its default of 0: GREEN. */
hq_status hq_risk_lane_of(hq_risk_lane *out, hq_tx *tx, const hq_risk_score *score, hq_sv office);

/* Packed score for the record, and its reasons as JSON for officers. */
hq_status hq_risk_pack(hq_buf *buf, const hq_risk_score *score, const hq_risk_lane *lane);
hq_status hq_risk_reasons_json(hq_json_w *w, hq_sv packed, hq_risk *risk);

extern const hq_route hq_risk_routes[];
extern const size_t hq_risk_route_count;
