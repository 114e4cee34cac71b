/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside reference/: all of the room's SQL. Every function runs inside a transaction. */

#include "reference/tables.h"

typedef struct {
    hq_ref__row *items; /* on the heap, grown by doubling; texts in `arena` */
    size_t count, cap;
    hq_arena *arena;
} hq_ref__rows;
void hq_ref__rows_free(hq_ref__rows *rows);

typedef struct {
    int64_t version, next_id;
} hq_ref__state;
hq_status hq_ref__state_get(hq_ref__state *out, hq_tx *tx);
hq_status hq_ref__state_put(hq_tx *tx, const hq_ref__state *state);

/* Appends the rows known at a version: of one table, or of all when `table` is NULL. */
hq_status hq_ref__rows_load(hq_ref__rows *rows, hq_tx *tx, const hq_ref__table *table,
                            int64_t version);
/* Appends what rows of the tariff, exchange rates and exemptions were before a correction that was
 * known at the version; they have a known_to. */
hq_status hq_ref__revisions_load(hq_ref__rows *rows, hq_tx *tx, int64_t version);
hq_status hq_ref__row_insert(hq_tx *tx, const hq_ref__table *table, const hq_ref__row *row,
                             int64_t version);
hq_status hq_ref__row_end(hq_tx *tx, const hq_ref__row *row, int64_t version);

typedef struct {
    const hq_ref__table *table;
    int64_t version;
    hq_sv actor, file_hash;
    int64_t added, changed, closed, unchanged;
} hq_ref__import_record;
hq_status hq_ref__import_put(hq_tx *tx, const hq_ref__import_record *record);

/* Hash over all revisions of a table, in order of key: what the journal's events carry and what
 * `journal verify` computes again. */
hq_status hq_ref__table_hash(hq_hash32 *out, hq_tx *tx, hq_sv table);

hq_status hq_ref__listener_put(hq_tx *tx, hq_sv id, int64_t version);
hq_status hq_ref__listener_drop(hq_tx *tx, hq_sv id);
/* How many listeners but `self` have not loaded the version. */
hq_status hq_ref__listeners_behind(int64_t *out, hq_tx *tx, hq_sv self, int64_t version);
hq_status hq_ref__listeners_drop_behind(hq_tx *tx, hq_sv self, int64_t version);

/* A page of a table in order of key, valid on a day. */
typedef struct {
    const hq_ref__table *table;
    hq_day at;       /* 0: whatever the validity */
    hq_sv after_key; /* with after_from and after_id: where the last page ended; ptr NULL: start */
    hq_day after_from;
    int64_t after_id;
    size_t limit;
    hq_sv words; /* folded; rows must hold them, empty for all */
} hq_ref__page;
hq_status hq_ref__rows_page(hq_ref__rows *rows, bool *more, hq_tx *tx, const hq_ref__page *page);
