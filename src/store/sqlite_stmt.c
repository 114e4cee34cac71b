/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "store/sqlite.h"

static hq_status compile(sqlite3_stmt **out, hq_sqlite__conn *conn, hq_sv text, unsigned flags)
{
    const char *rest = NULL;
    int rc = sqlite3_prepare_v3(conn->db, text.ptr, (int)text.len, flags, out, &rest);
    if (rc != SQLITE_OK) {
        return hq_sqlite__status(conn, rc);
    }
    return *out == NULL ? HQ_FAIL(USAGE) : HQ_DONE;
}

static hq_status hand_out(void **out, hq_sqlite__conn *conn, hq_sqlite__stmt *stmt)
{
    stmt->busy = true;
    conn->open[conn->open_count++] = stmt;
    *out = stmt;
    return HQ_DONE;
}

static hq_status room_for_open(const hq_sqlite__conn *conn)
{
    return conn->open_count < sizeof conn->open / sizeof conn->open[0] ? HQ_DONE : HQ_FAIL(LIMIT);
}

static hq_status make(hq_sqlite__stmt **out, hq_sqlite__conn *conn, hq_sv text, bool owned)
{
    hq_sqlite__stmt *stmt = calloc(1, sizeof *stmt);
    if (stmt == NULL) {
        return HQ_FAIL(NOMEM);
    }
    stmt->conn = conn;
    stmt->owned = owned;
    hq_status s = compile(&stmt->raw, conn, text, owned ? 0 : SQLITE_PREPARE_PERSISTENT);
    if (hq_failed(s)) {
        free(stmt);
        return s;
    }
    *out = stmt;
    return HQ_DONE;
}

hq_status hq_sqlite__prepare(void **out, hq_store__conn *face, hq_sv text)
{
    hq_sqlite__conn *conn = hq_sqlite__of(face);
    hq_sqlite__stmt *stmt;
    HQ_TRY(room_for_open(conn));
    HQ_TRY(make(&stmt, conn, text, true));
    return hand_out(out, conn, stmt);
}

static hq_status grow_slots(hq_sqlite__conn *conn, size_t need)
{
    size_t count = conn->slot_count < 64 ? 64 : conn->slot_count;
    while (count < need) {
        count *= 2;
    }
    hq_sqlite__stmt **slots = realloc(conn->slots, count * sizeof *slots);
    if (slots == NULL) {
        return HQ_FAIL(NOMEM);
    }
    for (size_t i = conn->slot_count; i < count; i++) {
        slots[i] = NULL;
    }
    conn->slots = slots;
    conn->slot_count = count;
    return HQ_DONE;
}

hq_status hq_sqlite__find(void **out, hq_store__conn *face, hq_sql *sql)
{
    hq_sqlite__conn *conn = hq_sqlite__of(face);
    size_t slot = (size_t)hq_store__slot(sql);
    HQ_TRY(room_for_open(conn));
    if (slot >= conn->slot_count) {
        HQ_TRY(grow_slots(conn, slot + 1));
    }
    hq_sqlite__stmt *stmt = conn->slots[slot];
    if (stmt == NULL) {
        HQ_TRY(make(&conn->slots[slot], conn, hq_sv_from_cstr(sql->text), false));
        stmt = conn->slots[slot];
    }
    if (stmt->busy) {
        return hq_sqlite__prepare(out, face, hq_sv_from_cstr(sql->text));
    }
    return hand_out(out, conn, stmt);
}

static int bind_one(sqlite3_stmt *raw, int at, const hq_bind *bind)
{
    switch (bind->type) {
    case HQ_BIND_NULL:
        return sqlite3_bind_null(raw, at);
    case HQ_BIND_I64:
        return sqlite3_bind_int64(raw, at, bind->i64);
    case HQ_BIND_TEXT:
        return sqlite3_bind_text64(raw, at, bind->bytes.len == 0 ? "" : bind->bytes.ptr,
                                   bind->bytes.len, SQLITE_STATIC, SQLITE_UTF8);
    case HQ_BIND_BLOB:
        return sqlite3_bind_blob64(raw, at, bind->bytes.len == 0 ? "" : bind->bytes.ptr,
                                   bind->bytes.len, SQLITE_STATIC);
    }
    return SQLITE_MISUSE;
}

/* Every parameter of the text must be given, so that none keeps the value of an earlier use. */
hq_status hq_sqlite__bind(void *stmt, const hq_bind *binds, size_t count)
{
    hq_sqlite__stmt *st = stmt;
    if ((size_t)sqlite3_bind_parameter_count(st->raw) != count) {
        return HQ_FAIL(USAGE);
    }
    for (size_t i = 0; i < count; i++) {
        int rc = bind_one(st->raw, (int)i + 1, &binds[i]);
        if (rc != SQLITE_OK) {
            return hq_sqlite__status(st->conn, rc);
        }
    }
    return HQ_DONE;
}

hq_status hq_sqlite__step(void *stmt, bool *row)
{
    hq_sqlite__stmt *st = stmt;
    int rc = sqlite3_step(st->raw);
    *row = rc == SQLITE_ROW;
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? HQ_DONE : hq_sqlite__status(st->conn, rc);
}

int64_t hq_sqlite__i64(void *stmt, int column)
{
    return sqlite3_column_int64(((hq_sqlite__stmt *)stmt)->raw, column);
}

hq_sv hq_sqlite__text(void *stmt, int column)
{
    sqlite3_stmt *raw = ((hq_sqlite__stmt *)stmt)->raw;
    int type = sqlite3_column_type(raw, column);
    if (type == SQLITE_NULL) {
        return HQ_SV_NULL;
    }
    const void *at = type == SQLITE_BLOB ? sqlite3_column_blob(raw, column)
                                         : (const void *)sqlite3_column_text(raw, column);
    int len = sqlite3_column_bytes(raw, column);
    return hq_sv_make(at == NULL ? "" : at, at == NULL ? 0 : (size_t)len);
}

bool hq_sqlite__null(void *stmt, int column)
{
    return sqlite3_column_type(((hq_sqlite__stmt *)stmt)->raw, column) == SQLITE_NULL;
}

int64_t hq_sqlite__changed(void *stmt)
{
    return sqlite3_changes64(((hq_sqlite__stmt *)stmt)->conn->db);
}

static void take_off(hq_sqlite__conn *conn, const hq_sqlite__stmt *stmt)
{
    for (size_t i = conn->open_count; i-- > 0;) {
        if (conn->open[i] == stmt) {
            conn->open[i] = conn->open[--conn->open_count];
            return;
        }
    }
}

void hq_sqlite__finish(void *stmt)
{
    hq_sqlite__stmt *st = stmt;
    take_off(st->conn, st);
    st->busy = false;
    if (st->owned) {
        sqlite3_finalize(st->raw);
        free(st);
        return;
    }
    /* Bound text is borrowed but never read again before the next binding. */
    sqlite3_reset(st->raw);
}

void hq_sqlite__finish_all(hq_store__conn *face)
{
    hq_sqlite__conn *conn = hq_sqlite__of(face);
    while (conn->open_count > 0) {
        hq_sqlite__finish(conn->open[conn->open_count - 1]);
    }
}

void hq_sqlite__forget_statements(hq_sqlite__conn *conn)
{
    hq_sqlite__finish_all(&conn->face);
    for (size_t i = 0; i < conn->slot_count; i++) {
        if (conn->slots[i] != NULL) {
            sqlite3_finalize(conn->slots[i]->raw);
            free(conn->slots[i]);
        }
    }
    free(conn->slots);
    conn->slots = NULL;
    conn->slot_count = 0;
}
