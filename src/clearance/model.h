/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A declaration as everything in clearance works on it: decoded once from JSON (later XML, EDI),
 * normalised, every text borrowed from the request's arena or body. Field names and shapes are
 * those of the contract ("A declaration"); the letters in brackets are the VNACCS items.
 *
 * Decimals have a fixed scale by field: invoice values, charges, adjustments 4; quantities 2; unit
 * price 6; weight 3. So amounts of one kind compare and add by their units. */

#define HQ_SCALE_VALUE    4
#define HQ_SCALE_QUANTITY 2
#define HQ_SCALE_PRICE    6
#define HQ_SCALE_WEIGHT   3

#include "base/base.h"
#include "codec/codec.h"
#include "os/os.h"
#include "reference/reference.h"

#define HQ_BRANCH_LINES     50 /* of the legal form, Circular 38/2015 Art 18(2) */
#define HQ_BRANCHES_MAX     99 /* two digits of the form */
#define HQ_LINES_MAX        (HQ_BRANCHES_MAX * HQ_BRANCH_LINES)
#define HQ_PARCEL_LINES_MAX 10
#define HQ_BILLS_MAX        5
#define HQ_ADJUSTMENTS_MAX  5
#define HQ_TAX_CLAIMS_MAX   7 /* the duty and every tax beside it */
#define HQ_CONTAINERS_MAX   100
#define HQ_PERMITS_MAX      5
#define HQ_OTHER_LAWS_MAX   5
#define HQ_TRANSITS_MAX     3

typedef struct {
    hq_sv tax_code, code, name, address, phone; /* which are allowed depends on the flow */
    hq_sv id_number;                            /* of a person without a tax code; parcels only */
    hq_code4 country;
} hq_party;

typedef struct {
    bool given;
    hq_decimal amount;
    hq_code4 unit_or_currency;
} hq_amount;

typedef struct {
    bool given;
    char kind; /* freight: A B C D E F [FR1]; insurance: A D [IN1] */
    hq_code4 currency;
    hq_decimal amount;
} hq_charge;

/* Some of the lines: bit n stands for line n+1. `words` NULL: all of them. */
typedef struct {
    uint64_t *words;
    size_t count;
} hq_line_set;
static inline bool hq_line_set_has(const hq_line_set *set, size_t index)
{
    return set->words == NULL ||
           (index / 64 < set->count && (set->words[index / 64] >> (index % 64) & 1) != 0);
}

typedef struct {
    hq_sv code; /* [VR] A B C D E P Q K M add; U V H T G S L subtract; N other */
    hq_sv sign; /* [VI] AD SB IP DP */
    hq_code4 currency;
    hq_decimal amount;
    hq_line_set lines;
    hq_amount base, prior;
} hq_adjustment;

typedef struct {
    hq_tax tax;
    hq_sv exemption; /* code, empty for none */
    int64_t reduction_vnd;
    bool reduction_given;
    hq_sv condition;     /* chooses between rows that differ by condition; ptr NULL: none chosen */
    uint32_t json_index; /* of the element, for paths */
} hq_tax_claim;

/* What a line draws from or answers for: a line of an exemption list [TXN TXR], of a temporary
 * declaration [TDN TDL], of a contract for processing or export production, or of an entry into a
 * bonded warehouse. */
typedef struct {
    hq_sv number;    /* of the list, declaration, contract or entry */
    hq_sv warehouse; /* of stock only */
    int64_t line;    /* counted from 1; 0 none */
} hq_source_line;

typedef struct {
    hq_sv hs_text;
    uint32_t hs;
    hq_sv description;
    hq_code4 origin;
    hq_sv scheme; /* as claimed */
    hq_amount quantity, quantity2;
    hq_decimal unit_price;
    bool unit_price_given;
    hq_decimal invoice_value;
    bool customs_value_given;
    int64_t customs_value_vnd; /* manual, wins */
    hq_tax_claim duty; /* [RE REG] exemption of import or export duty; .exemption empty: none */
    size_t tax_count;
    hq_sv proof_form, proof_number;
    hq_day proof_date;
    bool proof_given;
    hq_sv producer;
    hq_sv management_code; /* [GZC] of material or product, in processing and export production */
    const hq_source_line *list, *temporary, *contract, *stock; /* NULL: none */
    bool broken; /* a field of it could not be read: what is missing may only be unreadable */
    hq_tax_claim taxes[HQ_TAX_CLAIMS_MAX]; /* last: those beyond tax_count are not even zeroed */
} hq_line;

typedef struct {
    hq_sv kind, number;
} hq_permit;

typedef struct {
    hq_sv place;
    hq_day arrival_date, departure_date;
} hq_transit_stop;

/* Transport under bond declared together with the goods [DPD ST AD SD ARP ADT]. */
typedef struct {
    hq_day departure_date, arrival_date;
    hq_transit_stop transits[HQ_TRANSITS_MAX];
    size_t transit_count;
    hq_sv destination;
} hq_bonded_transport;

typedef struct {
    hq_flow flow;
    bool low_value; /* a parcel: checked and taxed by the rules of the low-value flow */
    hq_sv kind, office;
    char transport_mode, parties;
    char cargo_class; /* [CCC] A to K, 0 none: B defence and C relief pass the check of tax debt */
    hq_party importer, exporter, principal;
    hq_sv agent_tax_code;
    hq_sv bills[HQ_BILLS_MAX];
    size_t bill_count;
    int64_t packages;
    bool packages_given;
    hq_code4 package_unit;
    hq_amount gross_weight;
    hq_sv storage_place, conveyance;
    hq_day transport_date; /* arrival on import, departure on export; 0 none */
    hq_sv loading_place, unloading_place;
    hq_sv *containers;
    size_t container_count;
    hq_permit permits[HQ_PERMITS_MAX];
    size_t permit_count;
    hq_sv invoice_number, payment_method, incoterm;
    hq_day invoice_date;
    char price_kind;
    hq_code4 currency;
    hq_decimal invoice_total;
    bool invoice_total_given;
    char method; /* valuation method [VD1] */
    hq_charge freight, insurance;
    hq_adjustment adjustments[HQ_ADJUSTMENTS_MAX];
    size_t adjustment_count;
    hq_amount invoice_total_all, invoice_prior;
    char payment_term; /* A B C D */
    hq_sv guarantee;
    hq_sv reference, notes;
    hq_sv temporary_declaration; /* [TDN] that this one ends, 12 digits */
    hq_sv linked_declaration;    /* the other half of an on-the-spot export and import, 12 digits */
    hq_day return_limit;         /* [RED] re-export of an import, [RID] re-import of an export */
    bool departure_time_given;
    int64_t departure_minute;   /* of the day of departure, where the time is known */
    hq_day planned_date;        /* [ICD] on which registration is planned */
    hq_day warehouse_first_day; /* [ISD] on which the goods first came into a bonded warehouse */
    const hq_bonded_transport *bonded_transport; /* NULL: none */
    hq_sv marks, call_sign;                      /* [MRK] [VSC] */
    char release_reason; /* [BP] A classification, B value, C other; 0: release is not asked for */
    char payer;          /* [TPM] 1 importer, 2 agent */
    char preview;        /* [N4] A normal, B abnormal, C asks for examination */
    char invoice_kind;   /* [IV1] A invoice, B in place of one, D electronic */
    hq_sv electronic_invoice;            /* [IV2] its number of receipt */
    hq_sv valuation_details;             /* [VLD] */
    hq_sv other_laws[HQ_OTHER_LAWS_MAX]; /* [OL1-5] */
    size_t other_law_count;
    hq_line *lines;
    size_t line_count;
    hq_sv json; /* the bytes it was decoded from, trimmed: what is stored and echoed */
} hq_declaration;

/* The party in Vietnam: the importer of an import, the exporter of an export. */
static inline const hq_party *hq_declaration_party(const hq_declaration *declaration)
{
    return declaration->flow == HQ_FLOW_IMPORT ? &declaration->importer : &declaration->exporter;
}

/* Findings gathered in an arena; never fails a decision by itself. Bounded: beyond 500, of
 * which at most 400 are no errors, a last finding says that there are more. */
typedef struct {
    hq_finding *items;
    size_t count, cap;
    size_t errors; /* of severity error */
    hq_arena *arena;
    bool failed; /* out of memory: some are missing */
    bool more;   /* the last one says that there are more */
} hq_findings;
/* Adds by rule code: severity and the bilingual text come from the catalogue (rules.def); `value`
 * is JSON text of what was seen; args replace {0} {1} {2} of the text. */
void hq_findings_add(hq_findings *findings, const char *rule, hq_sv path, hq_sv value,
                     const hq_sv *args, size_t arg_count);

/* JSON to model. `body` has 64 readable bytes after its end, as a request's has. Types, unknown
 * fields (with the nearest known name), formats, limits of length and decimals, all found at once.
 * HQ_OK also with findings; SYNTAX only when the JSON cannot be read. */
hq_status hq_declaration_decode(hq_declaration **out, hq_findings *findings, hq_sv body,
                                hq_arena *arena, hq_why *why);
/* The same for a parcel of the low-value flow, whose fields are a part of these. */
hq_status hq_parcel_decode(hq_declaration **out, hq_findings *findings, hq_sv body, hq_arena *arena,
                           hq_why *why);
