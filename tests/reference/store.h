/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Reference data over a real store on a fresh file. */

#include "rows.h"

#define MUST(call)          assert_string_equal(hq_status_name(call), "OK")
#define MUST_BE(call, name) assert_string_equal(hq_status_name(call), #name)

typedef struct {
    char dir[96];
    char url[128];
    hq_arena *arena;
    hq_store *store;
    hq_reference *reference;
} stored;

int stored_set_up(void **state);
int stored_tear_down(void **state);
void stored_open(stored *s);
void stored_close(stored *s);
/* Imports and says the status; the report and the findings are in what is given. */
typedef struct {
    hq_status status;
    hq_import_report report;
    const hq_finding *findings;
    size_t finding_count;
} imported;
imported import_csv(stored *s, const char *table, hq_sv csv, const hq_import_options *options);
