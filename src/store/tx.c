/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "store/inside.h"

/* ------------------------------------------------------------------ closures */

int hq_store__slot(hq_sql *sql)
{
    static atomic_int given;
    int slot = atomic_load_explicit(&sql->slot, memory_order_relaxed);
    if (slot != 0) {
        return slot;
    }
    int fresh = atomic_fetch_add(&given, 1) + 1;
    return atomic_compare_exchange_strong(&sql->slot, &slot, fresh) ? fresh : slot;
}

void hq_store__note_problem(hq_store *store, const hq_store__conn *conn)
{
    pthread_mutex_lock(&store->problem_lock);
    memcpy(store->problem, conn->problem, sizeof store->problem);
    pthread_mutex_unlock(&store->problem_lock);
}

hq_sv hq_store_problem(hq_store *store, hq_arena *arena)
{
    pthread_mutex_lock(&store->problem_lock);
    hq_sv copy = hq_arena_dup(arena, hq_sv_from_cstr(store->problem));
    pthread_mutex_unlock(&store->problem_lock);
    return copy;
}

/* Failures after which the transaction cannot be trusted, whatever the closure makes of them. */
static bool breaks(hq_status s)
{
    return s.code == HQ_E_IO || s.code == HQ_E_FULL || s.code == HQ_E_NOMEM ||
           s.code == HQ_E_CORRUPT || s.code == HQ_E_BUSY;
}

static hq_status seen(hq_tx *tx, hq_status s)
{
    if (hq_failed(s) && hq_ok(tx->broken) && breaks(s)) {
        tx->broken = s;
    }
    if (breaks(s) || s.code == HQ_E_INTERNAL || s.code == HQ_E_USAGE) {
        hq_store__note_problem(tx->store, tx->conn);
    }
    return s;
}

void hq_store__tx_begin(hq_tx *tx)
{
    hq_arena_reset(tx->arena);
    tx->now = hq_now(tx->store->clock);
    tx->broken = HQ_DONE;
    tx->changed_schema = false;
}

hq_status hq_store__tx_run(hq_tx *tx, hq_tx_fn fn, void *user)
{
    hq_status s = fn(tx, user);
    tx->conn->engine->finish_all(tx->conn);
    return hq_failed(tx->broken) ? tx->broken : s;
}

hq_store *hq_tx_store(hq_tx *tx)
{
    return tx->store;
}

hq_time_us hq_tx_now(hq_tx *tx)
{
    return tx->now;
}

hq_arena *hq_tx_arena(hq_tx *tx)
{
    return tx->arena;
}

/* ------------------------------------------------------------------ statements */

static hq_status run_to_end(hq_tx *tx, void *stmt, const hq_bind *binds, size_t count,
                            int64_t *changed)
{
    const hq_store__engine *engine = tx->conn->engine;
    bool row = true;
    hq_status s = engine->bind(stmt, binds, count);
    while (hq_ok(s) && row) {
        s = engine->step(stmt, &row);
    }
    if (hq_ok(s) && changed != NULL) {
        *changed = engine->changed(stmt);
    }
    engine->finish(stmt);
    return seen(tx, s);
}

hq_status hq_tx_run(hq_tx *tx, hq_sql *sql, const hq_bind *binds, size_t count, int64_t *changed)
{
    void *stmt;
    hq_status s = tx->conn->engine->find(&stmt, tx->conn, sql);
    return hq_ok(s) ? run_to_end(tx, stmt, binds, count, changed) : seen(tx, s);
}

hq_status hq_tx_run_text(hq_tx *tx, hq_sv sql, const hq_bind *binds, size_t count)
{
    void *stmt;
    hq_status s = tx->conn->engine->prepare(&stmt, tx->conn, sql);
    tx->changed_schema = true;
    return hq_ok(s) ? run_to_end(tx, stmt, binds, count, NULL) : seen(tx, s);
}

static hq_status start(hq_rows *rows, void *stmt, const hq_bind *binds, size_t count)
{
    rows->stmt = stmt;
    rows->status = seen(rows->tx, rows->tx->conn->engine->bind(stmt, binds, count));
    hq_status s = rows->status;
    return hq_ok(s) ? s : hq_rows_end(rows);
}

hq_status hq_tx_query(hq_rows *rows, hq_tx *tx, hq_sql *sql, const hq_bind *binds, size_t count)
{
    void *stmt;
    *rows = (hq_rows){ .tx = tx };
    rows->status = seen(tx, tx->conn->engine->find(&stmt, tx->conn, sql));
    return hq_ok(rows->status) ? start(rows, stmt, binds, count) : rows->status;
}

hq_status hq_tx_query_text(hq_rows *rows, hq_tx *tx, hq_sv sql, const hq_bind *binds, size_t count)
{
    void *stmt;
    *rows = (hq_rows){ .tx = tx };
    rows->status = seen(tx, tx->conn->engine->prepare(&stmt, tx->conn, sql));
    return hq_ok(rows->status) ? start(rows, stmt, binds, count) : rows->status;
}

bool hq_rows_next(hq_rows *rows)
{
    bool row = false;
    if (rows->stmt == NULL || hq_failed(rows->status)) {
        return false;
    }
    rows->status = seen(rows->tx, rows->tx->conn->engine->step(rows->stmt, &row));
    if (!row) {
        /* Ended at once, so that it holds nothing and is ready for its next use. */
        rows->tx->conn->engine->finish(rows->stmt);
        rows->stmt = NULL;
    }
    return row;
}

int64_t hq_rows_i64(const hq_rows *rows, int column)
{
    return rows->tx->conn->engine->i64(rows->stmt, column);
}

hq_sv hq_rows_text(const hq_rows *rows, int column)
{
    return rows->tx->conn->engine->text(rows->stmt, column);
}

bool hq_rows_null(const hq_rows *rows, int column)
{
    return rows->tx->conn->engine->null(rows->stmt, column);
}

hq_status hq_rows_end(hq_rows *rows)
{
    if (rows->stmt != NULL) {
        rows->tx->conn->engine->finish(rows->stmt);
        rows->stmt = NULL;
    }
    return rows->status;
}

/* ------------------------------------------------------------------ settings */

static hq_sql setting_get = HQ_SQL_OF("SELECT value FROM store_setting WHERE name = ?1");
static hq_sql setting_put = HQ_SQL_OF("INSERT INTO store_setting (name, value) VALUES (?1, ?2) "
                                      "ON CONFLICT (name) DO UPDATE SET value = excluded.value");

hq_status hq_tx_setting_get(hq_sv *out, hq_tx *tx, hq_sv name)
{
    hq_rows rows;
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &setting_get, HQ_B_TEXT(name)));
    bool found = hq_rows_next(&rows);
    hq_sv value = found ? hq_arena_dup(tx->arena, hq_rows_text(&rows, 0)) : HQ_SV_NULL;
    HQ_TRY(hq_rows_end(&rows));
    if (!found) {
        return HQ_FAIL(NOT_FOUND);
    }
    *out = value;
    return value.ptr == NULL ? HQ_FAIL(NOMEM) : HQ_DONE;
}

hq_status hq_tx_setting_put(hq_tx *tx, hq_sv name, hq_sv value)
{
    return HQ_TX_RUN(tx, &setting_put, HQ_B_TEXT(name), HQ_B_TEXT(value));
}
