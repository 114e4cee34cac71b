/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside clearance/: what writer (receipt.c) and verifier (receipt_verify.c) of a receipt agree on.
 */

#include "clearance/assess_run.h"

#define HQ_RECEIPT__FORM "haiquan receipt 1"

hq_sv hq_receipt__rounding_name(hq_rounding rounding);
bool hq_receipt__rounding_parse(hq_rounding *out, hq_sv name);
/* SHA-256 in hex of the receipt's text without spaces and without its member sha256. */
void hq_receipt__hash(char hex[64], hq_sv text);
