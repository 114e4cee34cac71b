/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/decode.h"

/* What a parcel of the low-value flow states: the items of MIC (42) and MEC (29) under the names of
 * the contract, with the HS code, scheme and quantity by which it is taxed, which MIC lacks since
 * its parcels were free. The goods may be for a person without a tax code; who files is the agent.
 */

/* clang-format off */
#define FIELD(name_, kind_, type, member, ...)                                                     \
    { .name = name_, .name_len = sizeof name_ - 1, .kind = HQ_FIELD_##kind_,                       \
      .at = offsetof(type, member), __VA_ARGS__ }
#define INSIDE(name_, kind_, ...)                                                                  \
    { .name = name_, .name_len = sizeof name_ - 1, .kind = HQ_FIELD_##kind_, __VA_ARGS__ }
#define GIVEN(type, member) .given = offsetof(type, member) + 1
#define LIST(type, counter, element)                                                               \
    .count = offsetof(type, counter), .size = sizeof(element), .zeroed = sizeof(element)
#define REQUIRED .flags = HQ_FIELD_REQUIRED
#define COUNT_OF(name) (sizeof name##_fields / sizeof name##_fields[0])
#define OBJECT(name) static const hq_decode__object name = { name##_fields, COUNT_OF(name), COUNT_OF(name) }

static const hq_decode__field home_fields[] = {
    FIELD("tax_code", CODE, hq_party, tax_code, .max = 14),
    FIELD("id_number", CODE, hq_party, id_number, .max = 20),
    FIELD("name", TEXT, hq_party, name, .max = 300),
    FIELD("address", TEXT, hq_party, address, .max = 300),
    FIELD("phone", TEXT, hq_party, phone, .max = 30),
};
OBJECT(home);
static const hq_decode__field abroad_fields[] = {
    FIELD("code", TEXT, hq_party, code, .max = 20),
    FIELD("name", TEXT, hq_party, name, .max = 300),
    FIELD("address", TEXT, hq_party, address, .max = 300),
    FIELD("country", CODE4, hq_party, country, .max = 2),
};
OBJECT(abroad);
static const hq_decode__field agent_fields[] = {
    FIELD("tax_code", CODE, hq_declaration, agent_tax_code, .max = 14, REQUIRED),
};
OBJECT(agent);
static const hq_decode__field packages_fields[] = {
    FIELD("count", WHOLE, hq_declaration, packages, .least = 1, .max = 6, GIVEN(hq_declaration, packages_given), REQUIRED),
    FIELD("unit", CODE4, hq_declaration, package_unit, .max = 4),
};
OBJECT(packages);
static const hq_decode__field weight_fields[] = {
    FIELD("amount", POSITIVE, hq_amount, amount, .scale = HQ_SCALE_WEIGHT, .max = 8, REQUIRED, GIVEN(hq_amount, given)),
    FIELD("unit", CODE4, hq_amount, unit_or_currency, .max = 4, REQUIRED),
};
OBJECT(weight);
static const hq_decode__field quantity_fields[] = {
    FIELD("amount", POSITIVE, hq_amount, amount, .scale = HQ_SCALE_QUANTITY, .max = 12, REQUIRED, GIVEN(hq_amount, given)),
    FIELD("unit", CODE4, hq_amount, unit_or_currency, .max = 4, REQUIRED),
};
OBJECT(quantity);
static const hq_decode__field invoice_fields[] = {
    FIELD("number", TEXT, hq_declaration, invoice_number, .max = 35),
    FIELD("date", DAY, hq_declaration, invoice_date),
    FIELD("price_kind", LETTER, hq_declaration, price_kind, .choices = "A B C D"),
    FIELD("incoterm", CODE, hq_declaration, incoterm, .max = 3, .flags = HQ_FIELD_REQUIRED_IF_PAID),
    FIELD("currency", CODE4, hq_declaration, currency, .max = 3, .flags = HQ_FIELD_REQUIRED_IF_PAID),
    FIELD("total", AMOUNT, hq_declaration, invoice_total, .scale = HQ_SCALE_VALUE, .max = 13, GIVEN(hq_declaration, invoice_total_given), .flags = HQ_FIELD_REQUIRED_IF_PAID),
};
OBJECT(invoice);
static const hq_decode__field freight_fields[] = {
    FIELD("kind", LETTER, hq_charge, kind, .choices = "A B C E", REQUIRED),
    FIELD("currency", CODE4, hq_charge, currency, .max = 3),
    FIELD("amount", AMOUNT, hq_charge, amount, .scale = HQ_SCALE_VALUE, .max = 13, GIVEN(hq_charge, given)),
};
OBJECT(freight);
static const hq_decode__field insurance_fields[] = {
    FIELD("kind", LETTER, hq_charge, kind, .choices = "A D", REQUIRED),
    FIELD("currency", CODE4, hq_charge, currency, .max = 3),
    FIELD("amount", AMOUNT, hq_charge, amount, .scale = HQ_SCALE_VALUE, .max = 13, GIVEN(hq_charge, given)),
};
OBJECT(insurance);
static const hq_decode__field valuation_fields[] = {
    FIELD("method", LETTER, hq_declaration, method, .choices = "6 9"),
    FIELD("freight", OBJECT, hq_declaration, freight, .object = &freight),
    FIELD("insurance", OBJECT, hq_declaration, insurance, .object = &insurance),
};
OBJECT(valuation);
static const hq_decode__field payment_fields[] = {
    FIELD("term", LETTER, hq_declaration, payment_term, .choices = "B C D"),
    FIELD("guarantee", TEXT, hq_declaration, guarantee, .max = 35),
};
OBJECT(payment);
static const hq_decode__field claim_fields[] = {
    FIELD("tax", TAX, hq_tax_claim, tax, REQUIRED),
    FIELD("condition", TEXT_OR_NONE, hq_tax_claim, condition, .max = 200),
};
OBJECT(claim);
static const hq_decode__field line_fields[] = {
    FIELD("hs", HS, hq_line, hs, REQUIRED),
    FIELD("description", TEXT, hq_line, description, .max = 200, REQUIRED),
    FIELD("origin", CODE4, hq_line, origin, .max = 2, REQUIRED),
    FIELD("scheme", CODE, hq_line, scheme, .max = 4, .flags = HQ_FIELD_REQUIRED_ON_IMPORT),
    FIELD("quantity", OBJECT, hq_line, quantity, .object = &quantity, REQUIRED),
    FIELD("unit_price", AMOUNT, hq_line, unit_price, .scale = HQ_SCALE_PRICE, .max = 11, GIVEN(hq_line, unit_price_given)),
    FIELD("invoice_value", AMOUNT, hq_line, invoice_value, .scale = HQ_SCALE_VALUE, .max = 13),
    FIELD("customs_value", WHOLE, hq_line, customs_value_vnd, .least = 1, .max = 8, GIVEN(hq_line, customs_value_given)),
    FIELD("taxes", OBJECTS, hq_line, taxes, .max = HQ_TAX_CLAIMS_MAX, LIST(hq_line, tax_count, hq_tax_claim), .object = &claim),
};
OBJECT(line);
static const hq_decode__field root_fields[] = {
    FIELD("flow", FLOW, hq_declaration, flow, REQUIRED),
    FIELD("kind", CODE, hq_declaration, kind, .max = 3, REQUIRED),
    FIELD("office", CODE, hq_declaration, office, .max = 8, REQUIRED),
    FIELD("transport_mode", LETTER, hq_declaration, transport_mode, .choices = "1 2 3 4 5 6 9"),
    FIELD("parties", LETTER, hq_declaration, parties, .choices = "1 2 3 4 5", REQUIRED),
    FIELD("importer", OBJECT, hq_declaration, importer, .object = &home, .on_export = &abroad, .flags = HQ_FIELD_REQUIRED_ON_IMPORT),
    FIELD("exporter", OBJECT, hq_declaration, exporter, .object = &abroad, .on_export = &home, .flags = HQ_FIELD_REQUIRED_ON_EXPORT),
    INSIDE("agent", OBJECT, .object = &agent),
    FIELD("bills", TEXTS, hq_declaration, bills, .max = 2, LIST(hq_declaration, bill_count, hq_sv), .least = 35, REQUIRED),
    INSIDE("packages", OBJECT, .object = &packages, REQUIRED),
    FIELD("gross_weight", OBJECT, hq_declaration, gross_weight, .object = &weight, REQUIRED),
    FIELD("storage_place", CODE, hq_declaration, storage_place, .max = 10),
    FIELD("conveyance", TEXT, hq_declaration, conveyance, .max = 35),
    FIELD("arrival_date", DAY, hq_declaration, transport_date, .flags = HQ_FIELD_IMPORT_ONLY, .other_flow = "departure_date"),
    FIELD("departure_date", DAY, hq_declaration, transport_date, .flags = HQ_FIELD_EXPORT_ONLY, .other_flow = "arrival_date"),
    FIELD("loading_place", CODE, hq_declaration, loading_place, .max = 10),
    FIELD("unloading_place", CODE, hq_declaration, unloading_place, .max = 10),
    INSIDE("invoice", OBJECT, .object = &invoice, REQUIRED),
    INSIDE("valuation", OBJECT, .object = &valuation),
    INSIDE("payment", OBJECT, .object = &payment),
    FIELD("reference", TEXT, hq_declaration, reference, .max = 50, REQUIRED),
    FIELD("notes", TEXT, hq_declaration, notes, .max = 300, .flags = HQ_FIELD_MULTILINE),
    FIELD("lines", OBJECTS, hq_declaration, lines, .max = HQ_PARCEL_LINES_MAX, .count = offsetof(hq_declaration, line_count), .size = sizeof(hq_line), .zeroed = offsetof(hq_line, taxes), .object = &line, .flags = HQ_FIELD_REQUIRED | HQ_FIELD_ALLOCATED),
};
const hq_decode__object hq_decode__parcel = { root_fields, COUNT_OF(root), COUNT_OF(root) };
/* clang-format on */
