/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A store on a fresh file in a folder of its own, a small room "shelf" with one table, and helpers
 * that fail the test at once. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/base.h"
#include "os/os.h"
#include "store/store.h"

#define MUST(call)          assert_string_equal(hq_status_name(call), "OK")
#define MUST_BE(call, name) assert_string_equal(hq_status_name(call), #name)

typedef struct {
    char dir[96];
    char url[128];
    char path[112];
    hq_arena *arena;
    hq_test_clock *clock;
    hq_store *store;
} fixture;

#define START INT64_C(1795000000000000)

int fixture_set_up(void **state);
int fixture_tear_down(void **state);
hq_store_options fixture_options(const fixture *f);
void fixture_open(fixture *f);
void fixture_close(fixture *f);
/* Path of a file in the test's folder, in its arena. */
const char *fixture_file(fixture *f, const char *name);
/* Runs statements on the file behind the store's back. */
void fixture_sql(const char *path, const char *sql);
/* One value of the file. */
int64_t fixture_ask(const char *path, const char *sql);

/* INSERT INTO shelf VALUES (id, word), with an event "shelf.put" on "shelf/<id>". */
typedef struct {
    int64_t id;
    const char *word;
    hq_status then; /* what the closure returns after it */
    hq_event_ref ref;
} put;
hq_status put_one(hq_tx *tx, void *user);
void put_ok(fixture *f, int64_t id, const char *word);
int64_t count_shelf(fixture *f);
hq_status shelf_row_hash(hq_hash32 *out, hq_tx *tx, hq_sv subject);
