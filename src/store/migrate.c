/* SPDX-License-Identifier: Apache-2.0 */
#include "embedded_stamp.h"
#include "store/inside.h"

HQ_EMBED(hq_store_sql_001, "store/schema/001_store.sql");

static hq_migration own[] = { { "store", 1, "store", { NULL, 0 } } };
const hq_store_room hq_store__own_room = { "store", own, 1, NULL };

/* The text of a migration is a linker symbol, whose length no constant expression knows. */
__attribute__((constructor)) static void fill_migrations(void)
{
    own[0].sql = HQ_EMBEDDED(hq_store_sql_001);
}

static hq_sql applied_all = HQ_SQL_OF("SELECT room, number, checksum FROM store_migration");
static hq_sql applied_one =
    HQ_SQL_OF("SELECT checksum FROM store_migration WHERE room = ?1 AND number = ?2");
static hq_sql applied_put = HQ_SQL_OF(
    "INSERT INTO store_migration (room, number, name, checksum, at) VALUES (?1, ?2, ?3, ?4, ?5)");

typedef struct {
    hq_store *store;
    hq_tx tx;
    bool may;
    size_t due;
    hq_why *why;
} migration;

static hq_status refuse(migration *m, hq_sv en, hq_sv vi)
{
    if (m->why != NULL) {
        *m->why = (hq_why){ .en = en, .vi = vi };
    }
    return HQ_FAIL(CONFLICT);
}

static hq_status checksum_of(hq_sv *out, hq_arena *arena, hq_sv sql)
{
    hq_hash32 hash;
    hq_buf hex = HQ_BUF_ARENA(arena, 64);
    hq_blake2b(&hash, sql);
    hq_buf_hex(&hex, hash.bytes, sizeof hash.bytes);
    *out = hq_buf_view(&hex);
    return hq_buf_status(&hex);
}

/* *found false when it is still due. */
static hq_status applied(bool *found, migration *m, const hq_migration *one, hq_sv checksum)
{
    hq_rows rows;
    HQ_TRY(HQ_TX_QUERY(&rows, &m->tx, &applied_one, HQ_B_TEXT(hq_sv_from_cstr(one->room)),
                       HQ_B_I64(one->number)));
    *found = hq_rows_next(&rows);
    bool same = *found && hq_sv_eq(hq_rows_text(&rows, 0), checksum);
    HQ_TRY(hq_rows_end(&rows));
    if (!*found || same) {
        return HQ_DONE;
    }
    hq_arena *arena = m->tx.arena;
    return refuse(
        m,
        hq_arena_printf(arena,
                        "the database was made by another migration %s/%d than this program has; "
                        "use the program that made it",
                        one->room, one->number),
        hq_arena_printf(arena,
                        "cơ sở dữ liệu được tạo bởi bước nâng cấp %s/%d khác với chương trình này; "
                        "hãy dùng đúng chương trình đã tạo ra nó",
                        one->room, one->number));
}

static hq_status apply(migration *m, const hq_migration *one, hq_sv checksum)
{
    m->due++;
    if (!m->may) {
        return refuse(
            m,
            HQ_SV("the database is older than this program: migrations are due; start the "
                  "server once, which brings it up"),
            HQ_SV("cơ sở dữ liệu cũ hơn chương trình: cần nâng cấp; hãy khởi động máy chủ một "
                  "lần để nâng cấp"));
    }
    hq_status s = m->tx.conn->engine->script(m->tx.conn, one->sql);
    if (hq_failed(s)) {
        if (m->why != NULL) {
            m->why->en = hq_arena_printf(m->tx.arena, "migration %s/%d: %s", one->room, one->number,
                                         m->tx.conn->problem);
            m->why->vi = hq_arena_printf(m->tx.arena, "bước nâng cấp %s/%d: %s", one->room,
                                         one->number, m->tx.conn->problem);
        }
        return s;
    }
    return HQ_TX_RUN(&m->tx, &applied_put, HQ_B_TEXT(hq_sv_from_cstr(one->room)),
                     HQ_B_I64(one->number), HQ_B_TEXT(hq_sv_from_cstr(one->name)),
                     HQ_B_TEXT(checksum), HQ_B_I64(m->tx.now));
}

static hq_status bring_up(migration *m, const hq_store_room *room)
{
    for (size_t i = 0; i < room->migration_count; i++) {
        const hq_migration *one = &room->migrations[i];
        hq_sv checksum;
        bool found;
        HQ_TRY(checksum_of(&checksum, m->tx.arena, one->sql));
        HQ_TRY(applied(&found, m, one, checksum));
        if (!found) {
            HQ_TRY(apply(m, one, checksum));
        }
    }
    return HQ_DONE;
}

static bool knows(const hq_store_room *room, hq_sv name, int64_t number, bool *mine)
{
    if (!hq_sv_eq(hq_sv_from_cstr(room->room), name)) {
        return false;
    }
    *mine = true;
    for (size_t i = 0; i < room->migration_count; i++) {
        if (room->migrations[i].number == number) {
            return true;
        }
    }
    return false;
}

static bool from_the_future(const hq_store *store, hq_sv name, int64_t number)
{
    bool mine = false;
    bool known = knows(&hq_store__own_room, name, number, &mine);
    for (size_t i = 0; i < store->room_count && !known; i++) {
        known = knows(&store->rooms[i], name, number, &mine);
    }
    /* A room that this program was not given may have tables of its own. */
    return mine && !known;
}

static hq_status refuse_newer(migration *m)
{
    hq_rows rows;
    bool newer = false;
    HQ_TRY(hq_tx_query(&rows, &m->tx, &applied_all, NULL, 0));
    while (!newer && hq_rows_next(&rows)) {
        newer = from_the_future(m->store, hq_rows_text(&rows, 0), hq_rows_i64(&rows, 1));
    }
    HQ_TRY(hq_rows_end(&rows));
    return newer
               ? refuse(m, HQ_SV("the database is newer than this program; use the newer program"),
                        HQ_SV("cơ sở dữ liệu mới hơn chương trình; hãy dùng chương trình mới hơn"))
               : HQ_DONE;
}

static hq_status migrate_all(migration *m)
{
    HQ_TRY(m->tx.conn->engine->script(
        m->tx.conn, HQ_SV("CREATE TABLE IF NOT EXISTS store_migration (room TEXT NOT NULL, "
                          "number BIGINT NOT NULL, name TEXT NOT NULL, checksum TEXT NOT NULL, "
                          "at BIGINT NOT NULL, PRIMARY KEY (room, number))")));
    HQ_TRY(refuse_newer(m));
    HQ_TRY(bring_up(m, &hq_store__own_room));
    for (size_t i = 0; i < m->store->room_count; i++) {
        HQ_TRY(bring_up(m, &m->store->rooms[i]));
    }
    return HQ_DONE;
}

hq_status hq_store__migrations_done(hq_tx *tx, hq_why *why)
{
    hq_store *store = tx->store;
    migration m = { .store = store, .tx = *tx, .why = why };
    HQ_TRY(bring_up(&m, &hq_store__own_room));
    for (size_t i = 0; i < store->room_count; i++) {
        HQ_TRY(bring_up(&m, &store->rooms[i]));
    }
    return HQ_DONE;
}

hq_status hq_store__migrate(hq_store *store, hq_store__conn *conn, bool may, hq_arena *arena,
                            hq_why *why)
{
    migration m = { .store = store, .may = may, .why = why };
    m.tx = (hq_tx){ .store = store, .conn = conn, .arena = arena, .writes = true };
    m.tx.now = hq_now(store->clock);
    HQ_TRY(conn->engine->begin(conn));
    hq_status s = migrate_all(&m);
    if (hq_ok(s)) {
        s = conn->engine->commit(conn);
    }
    if (hq_failed(s)) {
        conn->engine->rollback(conn);
        if (why != NULL && why->en.ptr == NULL) {
            why->en = hq_arena_dup(arena, hq_sv_from_cstr(conn->problem));
            why->vi = why->en;
        }
    }
    return s;
}
