/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/decode.h"

/* The fields of the contract in its order, then those that few declarations have; a declaration
 * written in that order is read without a search. Lengths are in characters, after the VNACCS items with room for real names. */

/* clang-format off */
#define FIELD(name_, kind_, type, member, ...)                                                     \
    { .name = name_, .name_len = sizeof name_ - 1, .kind = HQ_FIELD_##kind_,                       \
      .at = offsetof(type, member), __VA_ARGS__ }
/* An object whose fields lie in the struct around it. */
#define INSIDE(name_, kind_, ...)                                                                  \
    { .name = name_, .name_len = sizeof name_ - 1, .kind = HQ_FIELD_##kind_, __VA_ARGS__ }
#define GIVEN(type, member) .given = offsetof(type, member) + 1
#define LIST(type, counter, element)                                                               \
    .count = offsetof(type, counter), .size = sizeof(element), .zeroed = sizeof(element)
#define REQUIRED .flags = HQ_FIELD_REQUIRED
#define COUNT_OF(name) (sizeof name##_fields / sizeof name##_fields[0])
#define OBJECT(name) static const hq_decode__object name = { name##_fields, COUNT_OF(name), COUNT_OF(name) }
/* The last `rare` fields are never required. */
#define OBJECT_WITH_RARE(name, rare) static const hq_decode__object name = { name##_fields, COUNT_OF(name), COUNT_OF(name) - (rare) }
/* An object with memory of its own: most declarations have none. */
#define OWN(type) .size = sizeof(type), .flags = HQ_FIELD_ALLOCATED

/* The party in Vietnam, and the one abroad. */
static const hq_decode__field home_party_fields[] = {
    FIELD("tax_code", CODE, hq_party, tax_code, .max = 14, REQUIRED),
    FIELD("name", TEXT, hq_party, name, .max = 300),
    FIELD("address", TEXT, hq_party, address, .max = 300),
    FIELD("phone", TEXT, hq_party, phone, .max = 30),
};
OBJECT_WITH_RARE(home_party, 3);
static const hq_decode__field foreign_party_fields[] = {
    FIELD("code", TEXT, hq_party, code, .max = 20),
    FIELD("name", TEXT, hq_party, name, .max = 300),
    FIELD("address", TEXT, hq_party, address, .max = 300),
    FIELD("country", CODE4, hq_party, country, .max = 2),
};
OBJECT_WITH_RARE(foreign_party, 4);
static const hq_decode__field principal_fields[] = {
    FIELD("tax_code", CODE, hq_party, tax_code, .max = 14),
    FIELD("name", TEXT, hq_party, name, .max = 300),
};
OBJECT_WITH_RARE(principal, 2);
static const hq_decode__field agent_fields[] = {
    FIELD("tax_code", CODE, hq_declaration, agent_tax_code, .max = 14),
};
OBJECT_WITH_RARE(agent, 1);

static const hq_decode__field packages_fields[] = {
    FIELD("count", WHOLE, hq_declaration, packages, .least = 1, .max = 8, GIVEN(hq_declaration, packages_given)),
    FIELD("unit", CODE4, hq_declaration, package_unit, .max = 4),
};
OBJECT_WITH_RARE(packages, 2);
static const hq_decode__field weight_fields[] = {
    FIELD("amount", POSITIVE, hq_amount, amount, .scale = HQ_SCALE_WEIGHT, .max = 12, REQUIRED, GIVEN(hq_amount, given)),
    FIELD("unit", CODE4, hq_amount, unit_or_currency, .max = 4, REQUIRED),
};
OBJECT(weight);
static const hq_decode__field quantity_fields[] = {
    FIELD("amount", POSITIVE, hq_amount, amount, .scale = HQ_SCALE_QUANTITY, .max = 12, REQUIRED, GIVEN(hq_amount, given)),
    FIELD("unit", CODE4, hq_amount, unit_or_currency, .max = 4, REQUIRED),
};
OBJECT(quantity);
static const hq_decode__field permit_fields[] = {
    FIELD("kind", CODE, hq_permit, kind, .max = 4, REQUIRED),
    FIELD("number", TEXT, hq_permit, number, .max = 35, REQUIRED),
};
OBJECT(permit);

static const hq_decode__field invoice_fields[] = {
    FIELD("number", TEXT, hq_declaration, invoice_number, .max = 35),
    FIELD("date", DAY, hq_declaration, invoice_date),
    FIELD("payment_method", CODE, hq_declaration, payment_method, .max = 7),
    FIELD("price_kind", LETTER, hq_declaration, price_kind, .choices = "A B C D"),
    FIELD("incoterm", CODE, hq_declaration, incoterm, .max = 3, .flags = HQ_FIELD_REQUIRED_IF_PAID),
    FIELD("currency", CODE4, hq_declaration, currency, .max = 3, .flags = HQ_FIELD_REQUIRED_IF_PAID),
    FIELD("total", AMOUNT, hq_declaration, invoice_total, .scale = HQ_SCALE_VALUE, .max = 13, GIVEN(hq_declaration, invoice_total_given), .flags = HQ_FIELD_REQUIRED_IF_PAID),
    FIELD("kind", LETTER, hq_declaration, invoice_kind, .choices = "A B D"),
    FIELD("electronic_number", CODE, hq_declaration, electronic_invoice, .max = 12),
};
OBJECT_WITH_RARE(invoice, 2);

#define CHARGE(name, kinds)                                                                        \
    static const hq_decode__field name##_fields[] = {                                              \
        FIELD("kind", LETTER, hq_charge, kind, .choices = kinds, REQUIRED),                        \
        FIELD("currency", CODE4, hq_charge, currency, .max = 3),                                   \
        FIELD("amount", AMOUNT, hq_charge, amount, .scale = HQ_SCALE_VALUE, .max = 13,             \
              GIVEN(hq_charge, given)),                                                            \
    };                                                                                             \
    OBJECT_WITH_RARE(name, 2)
CHARGE(freight, "A B C D E F");
CHARGE(insurance, "A D");
static const hq_decode__field adjustment_fields[] = {
    FIELD("code", WORD, hq_adjustment, code, .choices = "A B C D E P Q K M U V H T G S L N", REQUIRED),
    FIELD("sign", WORD, hq_adjustment, sign, .choices = "AD SB IP DP", REQUIRED),
    FIELD("currency", CODE4, hq_adjustment, currency, .max = 3, REQUIRED),
    FIELD("amount", AMOUNT, hq_adjustment, amount, .scale = HQ_SCALE_VALUE, .max = 13, REQUIRED),
    FIELD("lines", LINES, hq_adjustment, lines),
    FIELD("base", AMOUNT, hq_adjustment, base.amount, .scale = HQ_SCALE_VALUE, .max = 13, GIVEN(hq_adjustment, base.given)),
    FIELD("prior", AMOUNT, hq_adjustment, prior.amount, .scale = HQ_SCALE_VALUE, .max = 13, GIVEN(hq_adjustment, prior.given)),
};
OBJECT_WITH_RARE(adjustment, 3);
static const hq_decode__field valuation_fields[] = {
    FIELD("method", LETTER, hq_declaration, method, .choices = "1 2 3 4 6 7 8 9 T", .flags = HQ_FIELD_REQUIRED_ON_IMPORT),
    FIELD("freight", OBJECT, hq_declaration, freight, .object = &freight),
    FIELD("insurance", OBJECT, hq_declaration, insurance, .object = &insurance),
    FIELD("adjustments", OBJECTS, hq_declaration, adjustments, .max = HQ_ADJUSTMENTS_MAX,
          LIST(hq_declaration, adjustment_count, hq_adjustment), .object = &adjustment),
    FIELD("invoice_total_all", AMOUNT, hq_declaration, invoice_total_all.amount, .scale = HQ_SCALE_VALUE, .max = 13, GIVEN(hq_declaration, invoice_total_all.given)),
    FIELD("invoice_prior", AMOUNT, hq_declaration, invoice_prior.amount, .scale = HQ_SCALE_VALUE, .max = 13, GIVEN(hq_declaration, invoice_prior.given)),
    FIELD("details", TEXT, hq_declaration, valuation_details, .max = 280),
};
OBJECT_WITH_RARE(valuation, 6);
static const hq_decode__field payment_fields[] = {
    FIELD("term", LETTER, hq_declaration, payment_term, .choices = "A B C D"),
    FIELD("guarantee", TEXT, hq_declaration, guarantee, .max = 35),
};
OBJECT_WITH_RARE(payment, 2);

static const hq_decode__field exemption_fields[] = {
    FIELD("code", CODE, hq_tax_claim, exemption, .max = 16),
    FIELD("reduction", WHOLE, hq_tax_claim, reduction_vnd, .least = 0, .max = 16, GIVEN(hq_tax_claim, reduction_given)),
};
OBJECT_WITH_RARE(exemption, 2);
static const hq_decode__field claim_fields[] = {
    FIELD("tax", TAX, hq_tax_claim, tax, REQUIRED),
    INSIDE("exemption", OBJECT, .object = &exemption),
    FIELD("condition", TEXT_OR_NONE, hq_tax_claim, condition, .max = 200),
};
OBJECT_WITH_RARE(claim, 2);
static const hq_decode__field proof_fields[] = {
    FIELD("form", TEXT, hq_line, proof_form, .max = 20),
    FIELD("number", TEXT, hq_line, proof_number, .max = 50, REQUIRED, GIVEN(hq_line, proof_given)),
    FIELD("date", DAY, hq_line, proof_date),
};
OBJECT_WITH_RARE(proof, 1);

#define SOURCE_LINE FIELD("line", WHOLE, hq_source_line, line, .least = 1, .max = 4, REQUIRED)
static const hq_decode__field list_fields[] = {
    FIELD("number", CODE, hq_source_line, number, .max = 12, REQUIRED),
    SOURCE_LINE,
};
OBJECT(list);
static const hq_decode__field temporary_fields[] = {
    FIELD("declaration", NUMBER, hq_source_line, number, REQUIRED),
    SOURCE_LINE,
};
OBJECT(temporary);
static const hq_decode__field contract_fields[] = {
    FIELD("number", CODE, hq_source_line, number, .max = 35, REQUIRED),
    SOURCE_LINE,
};
OBJECT(contract);
static const hq_decode__field stock_fields[] = {
    FIELD("warehouse", CODE, hq_source_line, warehouse, .max = 10, REQUIRED),
    FIELD("entry", CODE, hq_source_line, number, .max = 35, REQUIRED),
    SOURCE_LINE,
};
OBJECT(stock);

static const hq_decode__field line_fields[] = {
    FIELD("hs", HS, hq_line, hs, REQUIRED),
    FIELD("description", TEXT, hq_line, description, .max = 200, REQUIRED),
    FIELD("origin", CODE4, hq_line, origin, .max = 2, REQUIRED),
    FIELD("scheme", CODE, hq_line, scheme, .max = 4, .flags = HQ_FIELD_REQUIRED_ON_IMPORT),
    FIELD("quantity", OBJECT, hq_line, quantity, .object = &quantity, REQUIRED),
    FIELD("quantity2", OBJECT, hq_line, quantity2, .object = &quantity),
    FIELD("unit_price", AMOUNT, hq_line, unit_price, .scale = HQ_SCALE_PRICE, .max = 11, GIVEN(hq_line, unit_price_given)),
    FIELD("invoice_value", AMOUNT, hq_line, invoice_value, .scale = HQ_SCALE_VALUE, .max = 13),
    FIELD("customs_value", WHOLE, hq_line, customs_value_vnd, .least = 1, .max = 16, GIVEN(hq_line, customs_value_given)),
    FIELD("exemption", OBJECT, hq_line, duty, .object = &exemption),
    FIELD("taxes", OBJECTS, hq_line, taxes, .max = HQ_TAX_CLAIMS_MAX, LIST(hq_line, tax_count, hq_tax_claim), .object = &claim),
    INSIDE("origin_proof", OBJECT, .object = &proof),
    INSIDE("permit_lines", ANY, .max = HQ_PERMITS_MAX),
    FIELD("producer", TEXT, hq_line, producer, .max = 200),
    FIELD("management_code", CODE, hq_line, management_code, .max = 30),
    FIELD("list", OBJECT, hq_line, list, .object = &list, OWN(hq_source_line)),
    FIELD("temporary", OBJECT, hq_line, temporary, .object = &temporary, OWN(hq_source_line)),
    FIELD("contract", OBJECT, hq_line, contract, .object = &contract, OWN(hq_source_line)),
    FIELD("stock", OBJECT, hq_line, stock, .object = &stock, OWN(hq_source_line)),
};
OBJECT_WITH_RARE(line, 14);

static const hq_decode__field transit_fields[] = {
    FIELD("place", CODE, hq_transit_stop, place, .max = 10, REQUIRED),
    FIELD("arrival_date", DAY, hq_transit_stop, arrival_date),
    FIELD("departure_date", DAY, hq_transit_stop, departure_date),
};
OBJECT(transit);
static const hq_decode__field bonded_transport_fields[] = {
    FIELD("departure_date", DAY, hq_bonded_transport, departure_date, REQUIRED),
    FIELD("transits", OBJECTS, hq_bonded_transport, transits, .max = HQ_TRANSITS_MAX, LIST(hq_bonded_transport, transit_count, hq_transit_stop), .object = &transit),
    FIELD("destination", CODE, hq_bonded_transport, destination, .max = 10, REQUIRED),
    FIELD("arrival_date", DAY, hq_bonded_transport, arrival_date, REQUIRED),
};
OBJECT(bonded_transport);

static const hq_decode__field root_fields[] = {
    FIELD("flow", FLOW, hq_declaration, flow, REQUIRED),
    FIELD("kind", CODE, hq_declaration, kind, .max = 3, REQUIRED),
    FIELD("office", CODE, hq_declaration, office, .max = 8, REQUIRED),
    FIELD("transport_mode", LETTER, hq_declaration, transport_mode, .choices = "1 2 3 4 5 6 9", REQUIRED),
    FIELD("parties", LETTER, hq_declaration, parties, .choices = "1 2 3 4 5", REQUIRED),
    FIELD("cargo_class", LETTER, hq_declaration, cargo_class, .choices = "A B C D E F G H I J K"),
    FIELD("importer", OBJECT, hq_declaration, importer, .object = &home_party, .on_export = &foreign_party, .flags = HQ_FIELD_REQUIRED_ON_IMPORT),
    FIELD("exporter", OBJECT, hq_declaration, exporter, .object = &foreign_party, .on_export = &home_party, .flags = HQ_FIELD_REQUIRED_ON_EXPORT),
    FIELD("principal", OBJECT, hq_declaration, principal, .object = &principal),
    INSIDE("agent", OBJECT, .object = &agent),
    FIELD("bills", TEXTS, hq_declaration, bills, .max = HQ_BILLS_MAX, LIST(hq_declaration, bill_count, hq_sv), .least = 35),
    INSIDE("packages", OBJECT, .object = &packages),
    FIELD("gross_weight", OBJECT, hq_declaration, gross_weight, .object = &weight),
    FIELD("storage_place", CODE, hq_declaration, storage_place, .max = 10),
    FIELD("conveyance", TEXT, hq_declaration, conveyance, .max = 35),
    FIELD("arrival_date", DAY, hq_declaration, transport_date, .flags = HQ_FIELD_IMPORT_ONLY, .other_flow = "departure_date"),
    FIELD("departure_date", DAY, hq_declaration, transport_date, .flags = HQ_FIELD_EXPORT_ONLY, .other_flow = "arrival_date"),
    FIELD("loading_place", CODE, hq_declaration, loading_place, .max = 10),
    FIELD("unloading_place", CODE, hq_declaration, unloading_place, .max = 10),
    FIELD("containers", TEXTS, hq_declaration, containers, .max = HQ_CONTAINERS_MAX, LIST(hq_declaration, container_count, hq_sv), .least = 12, .flags = HQ_FIELD_ALLOCATED),
    FIELD("permits", OBJECTS, hq_declaration, permits, .max = HQ_PERMITS_MAX, LIST(hq_declaration, permit_count, hq_permit), .object = &permit),
    INSIDE("invoice", OBJECT, .object = &invoice, REQUIRED),
    INSIDE("valuation", OBJECT, .object = &valuation, .flags = HQ_FIELD_REQUIRED_ON_IMPORT),
    INSIDE("payment", OBJECT, .object = &payment),
    FIELD("reference", TEXT, hq_declaration, reference, .max = 50),
    FIELD("notes", TEXT, hq_declaration, notes, .max = 1000, .flags = HQ_FIELD_MULTILINE),
    FIELD("lines", OBJECTS, hq_declaration, lines, .max = HQ_LINES_MAX, .count = offsetof(hq_declaration, line_count), .size = sizeof(hq_line), .zeroed = offsetof(hq_line, taxes), .object = &line, .flags = HQ_FIELD_REQUIRED | HQ_FIELD_ALLOCATED),
    FIELD("temporary_declaration", NUMBER, hq_declaration, temporary_declaration),
    FIELD("linked_declaration", NUMBER, hq_declaration, linked_declaration),
    FIELD("reexport_limit", DAY, hq_declaration, return_limit, .flags = HQ_FIELD_IMPORT_ONLY, .other_flow = "reimport_limit"),
    FIELD("reimport_limit", DAY, hq_declaration, return_limit, .flags = HQ_FIELD_EXPORT_ONLY, .other_flow = "reexport_limit"),
    FIELD("departure_time", TIME, hq_declaration, departure_minute, .flags = HQ_FIELD_EXPORT_ONLY, .other_flow = "arrival_date", GIVEN(hq_declaration, departure_time_given)),
    FIELD("planned_date", DAY, hq_declaration, planned_date),
    FIELD("warehouse_first_day", DAY, hq_declaration, warehouse_first_day),
    FIELD("bonded_transport", OBJECT, hq_declaration, bonded_transport, .object = &bonded_transport, OWN(hq_bonded_transport)),
    FIELD("marks", TEXT, hq_declaration, marks, .max = 140),
    FIELD("call_sign", TEXT, hq_declaration, call_sign, .max = 9),
    FIELD("release_reason", LETTER, hq_declaration, release_reason, .choices = "A B C"),
    FIELD("payer", LETTER, hq_declaration, payer, .choices = "1 2"),
    FIELD("preview", LETTER, hq_declaration, preview, .choices = "A B C"),
    FIELD("other_laws", TEXTS, hq_declaration, other_laws, .max = HQ_OTHER_LAWS_MAX, LIST(hq_declaration, other_law_count, hq_sv), .least = 2),
};
enum { RARE_ROOT_FIELDS = 14 };
const hq_decode__object hq_decode__root = { root_fields, COUNT_OF(root), COUNT_OF(root) - RARE_ROOT_FIELDS };
/* clang-format on */
