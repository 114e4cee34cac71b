/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "desk.h"

/* What came of a declaration, as the text cases show it. */
void case_write_findings(hq_buf *out, const hq_findings *findings);
void case_write_assessment(hq_buf *out, const hq_assessment *assessment);
void case_write_advice(hq_buf *out, const hq_scheme_advice *advice, size_t count);
