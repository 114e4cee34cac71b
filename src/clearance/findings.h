/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside clearance/: making findings. Texts and paths are built only when something is wrong. */

#include "clearance/model.h"

/* Like hq_findings_add with a severity of its own, for rules that weigh differently by stage. */
void hq_findings__add_as(hq_findings *findings, const char *rule, hq_severity severity, hq_sv path,
                         hq_sv value, const hq_sv *args, size_t arg_count);

/* Is an export with a known time of departure filed too late at `at`? A warning. */
void hq_check__filing_window(hq_findings *findings, const hq_declaration *declaration,
                             const hq_ref *ref, hq_time_us at);

/* The common case: no arguments beyond a few. */
#define HQ_ARGS(...)                                                                               \
    (const hq_sv[]){ __VA_ARGS__ }, sizeof((hq_sv[]){ __VA_ARGS__ }) / sizeof(hq_sv)
#define HQ_NO_ARGS NULL, 0

/* JSON text of a value as it was seen: strings quoted and cut at 100 characters, long objects and
 * arrays left out. */
hq_sv hq_findings__json_of(hq_arena *arena, const hq_json *value);
hq_sv hq_findings__json_text(hq_arena *arena, hq_sv text); /* a string */
hq_sv hq_findings__json_code(hq_arena *arena, hq_code4 code);
hq_sv hq_findings__json_decimal(hq_arena *arena, hq_decimal v);

/* Arguments. */
hq_sv hq_findings__i64(hq_arena *arena, int64_t v);
hq_sv hq_findings__decimal(hq_arena *arena, hq_decimal v); /* without trailing zeros */
hq_sv hq_findings__code(hq_arena *arena, hq_code4 code);
hq_sv hq_findings__day(hq_arena *arena, hq_day day);
/* "/lines/3" + member, line counted from 0; member may be empty. */
hq_sv hq_findings__line_path(hq_arena *arena, size_t line, const char *member);
hq_sv hq_findings__item_path(hq_arena *arena, const char *list, size_t item, const char *member);
