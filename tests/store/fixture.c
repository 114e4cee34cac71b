/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../place.h"

static const char shelf_sql[] =
    "CREATE TABLE shelf (id BIGINT PRIMARY KEY, word TEXT NOT NULL UNIQUE);";
static const hq_migration shelf_migrations[] = {
    { "shelf", 1, "shelf", { shelf_sql, sizeof shelf_sql - 1 } }
};
static const hq_store_room rooms[] = { { "shelf", shelf_migrations, 1, shelf_row_hash } };

hq_store_options fixture_options(const fixture *f)
{
    return (hq_store_options){ .url = hq_sv_from_cstr(f->url),
                               .clock = hq_test_clock_face(f->clock),
                               .rooms = rooms,
                               .room_count = 1 };
}

void fixture_open(fixture *f)
{
    hq_why why;
    hq_store_options options = fixture_options(f);
    hq_status s = hq_store_open(&f->store, &options, f->arena, &why);
    if (hq_failed(s)) {
        print_error("%.*s\n", HQ_SV_FMT(why.en));
    }
    MUST(s);
}

void fixture_close(fixture *f)
{
    hq_store_close(f->store);
    f->store = NULL;
}

const char *fixture_file(fixture *f, const char *name)
{
    return hq_arena_printf(f->arena, "%s/%s%c", f->dir, name, 0).ptr;
}

int fixture_set_up(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    MUST(hq_base_init());
    assert_true(place_make(f->dir, sizeof f->dir));
    snprintf(f->path, sizeof f->path, "%s/t.db", f->dir);
    snprintf(f->url, sizeof f->url, "sqlite:%s", f->path);
    f->arena = hq_arena_new((size_t)256 << 20);
    f->clock = hq_test_clock_new(START);
    fixture_open(f);
    *state = f;
    return 0;
}

int fixture_tear_down(void **state)
{
    fixture *f = *state;
    fixture_close(f);
    place_remove(f->dir);
    hq_arena_free(f->arena);
    hq_test_clock_free(f->clock);
    free(f);
    return 0;
}

static sqlite3 *open_raw(const char *path)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    sqlite3_busy_timeout(db, 300000);
    return db;
}

void fixture_sql(const char *path, const char *sql)
{
    sqlite3 *db = open_raw(path);
    char *said = NULL;
    int rc = sqlite3_exec(db, sql, NULL, NULL, &said);
    if (rc != SQLITE_OK) {
        print_error("%s: %s\n", sql, said);
    }
    assert_int_equal(rc, SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

int64_t fixture_ask(const char *path, const char *sql)
{
    sqlite3 *db = open_raw(path);
    sqlite3_stmt *stmt;
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    int64_t v = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    return v;
}

/* ------------------------------------------------------------------ the shelf */

static hq_sql shelf_put = HQ_SQL_OF("INSERT INTO shelf (id, word) VALUES (?1, ?2)");
static hq_sql shelf_count = HQ_SQL_OF("SELECT count(*) FROM shelf");
static hq_sql shelf_get = HQ_SQL_OF("SELECT word FROM shelf WHERE id = ?1");

hq_status shelf_row_hash(hq_hash32 *out, hq_tx *tx, hq_sv subject)
{
    hq_rows rows;
    hq_sv rest = subject;
    int64_t id;
    hq_sv_cut(&rest, '/');
    if (!hq_sv_i64(&id, rest)) {
        return HQ_FAIL(NOT_FOUND);
    }
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &shelf_get, HQ_B_I64(id)));
    bool found = hq_rows_next(&rows);
    if (found) {
        hq_blake2b(out, hq_rows_text(&rows, 0));
    }
    HQ_TRY(hq_rows_end(&rows));
    return found ? HQ_DONE : HQ_FAIL(NOT_FOUND);
}

hq_status put_one(hq_tx *tx, void *user)
{
    put *p = user;
    hq_hash32 hash;
    HQ_TRY(HQ_TX_RUN(tx, &shelf_put, HQ_B_I64(p->id), HQ_B_TEXT(hq_sv_from_cstr(p->word))));
    hq_blake2b(&hash, hq_sv_from_cstr(p->word));
    hq_event e = { .office = HQ_SV("15BB"),
                   .room = HQ_SV("shelf"),
                   .kind = HQ_SV("shelf.put"),
                   .subject = hq_arena_printf(hq_tx_arena(tx), "shelf/%lld", (long long)p->id),
                   .version = 1,
                   .actor = HQ_SV("system"),
                   .payload = HQ_SV("{}"),
                   .row_hash = &hash };
    HQ_TRY(hq_tx_event(tx, &e, &p->ref));
    return p->then;
}

void put_ok(fixture *f, int64_t id, const char *word)
{
    put p = { .id = id, .word = word };
    MUST(hq_store_write(f->store, put_one, &p));
}

static hq_status count_rows(hq_tx *tx, void *user)
{
    hq_rows rows;
    HQ_TRY(hq_tx_query(&rows, tx, &shelf_count, NULL, 0));
    *(int64_t *)user = hq_rows_next(&rows) ? hq_rows_i64(&rows, 0) : -1;
    return hq_rows_end(&rows);
}

int64_t count_shelf(fixture *f)
{
    int64_t count = -1;
    MUST(hq_store_read(f->store, count_rows, &count));
    return count;
}
