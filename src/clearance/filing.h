/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside clearance/: one filing on its way through a worker: decoded, checked, valued, taxed,
 * scored, and everything built that does not depend on the number, so that the writer only writes.
 */

#include "clearance/findings.h"
#include "clearance/row.h"

typedef struct {
    hq_clearance *clearance;
    hq_request *request;
    bool registers; /* goes on to a channel, not only a pre-registration */
    bool amends;    /* one that is registered: `day` is the day of its registration */
    int64_t as_of;  /* version of the tables to go by, 0: today's; the route may block then */
    bool low_value; /* a parcel: its own fields, rules of filing and words */
    hq_sv carrier;  /* of a parcel: tax code of who files it for its owner */
    hq_time_us at;
    hq_day day;
    hq_declaration *declaration;
    hq_findings findings;
    hq_assessment *assessment; /* rows in it end with the snapshot: do not follow them later */
    hq_clr__row row;           /* all but number, version, status and what the channel decides */
    hq_sv assessment_json;
    hq_risk_score score;
    uint64_t officer_draw;
    bool draws; /* has to do with accounts of goods */
    /* What the write closure leaves; written whole by each of its runs. */
    hq_clr__number number;
    hq_clr__row out;
    bool refused;
    hq_finding refusal;   /* of the guarantee */
    hq_findings late;     /* of the accounts of goods, as they are in the closure */
    int64_t id, expected; /* the one to be replaced, and If-Match; expected 0: any version */
} hq_clr__filing;

/* A filing in the request's arena with the clock read once. NOMEM. */
hq_status hq_clr__filing_new(hq_clr__filing **out, hq_clearance *clearance, hq_request *request,
                             bool registers);
/* Decodes `body` (64 readable bytes after it), checks who files, assesses, builds the row. INVALID
 * with the answer's findings when there is an error among them. `before` may be NULL: called
 * between assessing and building, while the snapshot is held; a failure ends the filing. */
typedef hq_status (*hq_clr__before_fn)(hq_clr__filing *filing, const hq_ref *ref, void *user);
hq_status hq_clr__filing_build(hq_clr__filing *filing, hq_sv body, hq_clr__before_fn before,
                               void *user);

/* In the closure: channel, guarantee, debts; fills row->channel, decision, life and *facts. INVALID
 * with filing->refusal when the guarantee does not cover, with filing->late when the accounts of goods
 * do not hold it. Before the move. */
hq_status hq_clr__filing_channel(hq_clr__facts *facts, hq_clr__filing *filing, hq_tx *tx,
                                 hq_clr__row *row);
/* In the closure, after the move: draws the officer of a stopped one, tells treasury of clearing.
 */
hq_status hq_clr__filing_follow_up(hq_clr__filing *filing, hq_tx *tx, hq_clr__row *row);
/* In the closure: reserves the amount on what the declaration names for its payment; INVALID with
 * filing->refusal. Terms without cover and an amount of 0: *covered false. */
hq_status hq_clr__filing_cover(bool *covered, hq_clr__filing *filing, hq_tx *tx,
                               const hq_clr__row *row, int64_t amount_vnd);
/* Puts the content of a filing into the row that it replaces: with the next event it is its
 * version.
 */
void hq_clr__take_content(hq_clr__row *row, const hq_clr__row *from);
/* The answer when a closure of a filing failed. */
hq_status hq_clr__filing_refused(hq_clr__filing *filing, hq_status written);

/* A list of findings as JSON. */
void hq_clr__findings_json(hq_json_w *w, const hq_finding *items, size_t count);
/* Trader of a declaration: importer, or exporter on export. */
const hq_party *hq_clr__trader_of(const hq_declaration *declaration);
/* What risk/ is told of a declaration: from the filing, and again from the record to replay it. */
hq_status hq_clr__risk_facts(hq_risk_facts *out, const hq_declaration *declaration,
                             const hq_assessment *assessment, const hq_ref *ref, hq_arena *arena);
