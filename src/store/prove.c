/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "store/seal.h"

/* ------------------------------------------------------------------ what is stored */

static hq_sql checkpoint_last =
    HQ_SQL_OF("SELECT number, size, root, at, previous, signature FROM journal_checkpoint "
              "ORDER BY number DESC LIMIT 1");
static hq_sql leaves_get = HQ_SQL_OF("SELECT position, bytes FROM journal_event "
                                     "WHERE position > ?1 AND position <= ?2 ORDER BY position");
static hq_sql roots_get =
    HQ_SQL_OF("SELECT place, root FROM journal_tile "
              "WHERE level = ?1 AND place >= ?2 AND place < ?3 ORDER BY place");
static hq_sql tile_get =
    HQ_SQL_OF("SELECT hashes FROM journal_tile WHERE level = ?1 AND place = ?2");

static bool take(void *to, size_t len, hq_sv from)
{
    if (from.len != len) {
        return false;
    }
    memcpy(to, from.ptr, len);
    return true;
}

hq_status hq_store__checkpoint_row(hq_store__numbered *out, const hq_rows *rows)
{
    hq_checkpoint *c = &out->checkpoint;
    *out = (hq_store__numbered){ .number = hq_rows_i64(rows, 0) };
    c->size = hq_rows_i64(rows, 1);
    c->at = hq_rows_i64(rows, 3);
    return take(c->root.bytes, sizeof c->root.bytes, hq_rows_text(rows, 2)) &&
                   take(c->previous.bytes, sizeof c->previous.bytes, hq_rows_text(rows, 4)) &&
                   take(c->signature, sizeof c->signature, hq_rows_text(rows, 5))
               ? HQ_DONE
               : HQ_FAIL(CORRUPT);
}

hq_status hq_store__checkpoint_newest(hq_store__numbered *out, hq_tx *tx)
{
    hq_rows rows;
    *out = (hq_store__numbered){ 0 };
    HQ_TRY(hq_tx_query(&rows, tx, &checkpoint_last, NULL, 0));
    hq_status s = hq_rows_next(&rows) ? hq_store__checkpoint_row(out, &rows) : HQ_DONE;
    hq_status ended = hq_rows_end(&rows);
    return hq_failed(s) ? s : ended;
}

/* Rows of (number, bytes) whose numbers follow on `next`. */
static hq_status collect(hq_hash32 *out, hq_rows *rows, int64_t next, size_t count, bool hash)
{
    for (size_t i = 0; i < count; i++) {
        if (!hq_rows_next(rows) || hq_rows_i64(rows, 0) != next + (int64_t)i) {
            return HQ_FAIL(CORRUPT);
        }
        hq_sv bytes = hq_rows_text(rows, 1);
        if (hash) {
            hq_sha256_prefixed(&out[i], 0, bytes, HQ_SV_NULL);
        } else if (!take(out[i].bytes, sizeof out[i].bytes, bytes)) {
            return HQ_FAIL(CORRUPT);
        }
    }
    return HQ_DONE;
}

hq_status hq_store__nodes(hq_hash32 *out, hq_tx *tx, int level, int64_t from, size_t count)
{
    hq_rows rows;
    if (count == 0) {
        return HQ_DONE;
    }
    int64_t to = from + (int64_t)count;
    HQ_TRY(level == 0 ? HQ_TX_QUERY(&rows, tx, &leaves_get, HQ_B_I64(from), HQ_B_I64(to))
                      : HQ_TX_QUERY(&rows, tx, &roots_get, HQ_B_I64(level - 1), HQ_B_I64(from),
                                    HQ_B_I64(to)));
    hq_status s = collect(out, &rows, level == 0 ? from + 1 : from, count, level == 0);
    hq_status ended = hq_rows_end(&rows);
    return hq_failed(ended) ? ended : s;
}

hq_status hq_store__tree_load(hq_store__tree *tree, hq_tx *tx, int64_t size)
{
    *tree = (hq_store__tree){ .size = size };
    for (int level = 0; level < HQ_STORE__LEVELS; level++) {
        int64_t nodes = size >> (HQ_STORE__TILE_BITS * level);
        hq_store__level *l = &tree->levels[level];
        l->count = (size_t)(nodes % HQ_STORE__TILE);
        HQ_TRY(hq_store__nodes(l->hashes, tx, level, nodes - (int64_t)l->count, l->count));
    }
    return HQ_DONE;
}

/* ------------------------------------------------------------------ proof */

enum { PATH_MAX_LENGTH = 64 };

typedef struct {
    int64_t position;
    hq_store__numbered sealed;
    hq_hash32 leaf, root;
    hq_hash32 path[PATH_MAX_LENGTH];
    size_t length;
} proof;

static hq_status full_tile(hq_hash32 out[HQ_STORE__TILE], hq_tx *tx, int level, int64_t place)
{
    hq_rows rows;
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &tile_get, HQ_B_I64(level), HQ_B_I64(place)));
    bool good =
        hq_rows_next(&rows) && take(out, HQ_STORE__TILE * sizeof *out, hq_rows_text(&rows, 0));
    HQ_TRY(hq_rows_end(&rows));
    return good ? HQ_DONE : HQ_FAIL(CORRUPT);
}

/* The nodes of the tile that holds the event's way at this level. The last tile ends in the root of
 * what lies behind the full tiles below, when there is such a rest. */
static hq_status tile_of(hq_hash32 nodes[HQ_STORE__TILE], size_t *count, hq_tx *tx, int level,
                         int64_t place, int64_t size, const hq_hash32 *rest)
{
    int64_t whole = size >> (HQ_STORE__TILE_BITS * level); /* nodes without the rest */
    if ((place + 1) * HQ_STORE__TILE <= whole) {
        *count = HQ_STORE__TILE;
        return full_tile(nodes, tx, level, place);
    }
    *count = (size_t)(whole - place * HQ_STORE__TILE);
    HQ_TRY(hq_store__nodes(nodes, tx, level, place * HQ_STORE__TILE, *count));
    if (rest != NULL) {
        nodes[(*count)++] = *rest;
    }
    return HQ_DONE;
}

/* Goes up level by level: the tile on the event's way gives hashes of the path, the last tile of
 * the level the rest for the level above. */
static hq_status climb(proof *p, hq_tx *tx)
{
    hq_hash32 nodes[HQ_STORE__TILE], last_nodes[HQ_STORE__TILE];
    hq_hash32 rest_below, *rest = NULL;
    int64_t size = p->sealed.checkpoint.size, at = p->position - 1;
    for (int level = 0; level < HQ_STORE__LEVELS; level++) {
        size_t count = 0, last_count = 0;
        int64_t whole = size >> (HQ_STORE__TILE_BITS * level);
        int64_t last = whole / HQ_STORE__TILE; /* the tile that is not full, maybe empty */
        HQ_TRY(tile_of(last_nodes, &last_count, tx, level, last, size, rest));
        HQ_TRY(tile_of(nodes, &count, tx, level, at / HQ_STORE__TILE, size, rest));
        if (level == 0) {
            p->leaf = nodes[at % HQ_STORE__TILE];
        }
        hq_store__fold_path(&p->root, nodes, count, (size_t)(at % HQ_STORE__TILE), p->path,
                            &p->length);
        if (whole + (rest != NULL ? 1 : 0) <= HQ_STORE__TILE) {
            return HQ_DONE;
        }
        if (last_count > 0) {
            hq_store__fold(&rest_below, last_nodes, last_count);
            rest = &rest_below;
        } else {
            rest = NULL;
        }
        at /= HQ_STORE__TILE;
    }
    return HQ_FAIL(LIMIT);
}

static hq_status make_proof(hq_tx *tx, void *user)
{
    proof *p = user;
    HQ_TRY(hq_store__checkpoint_newest(&p->sealed, tx));
    if (p->position < 1 || p->position > p->sealed.checkpoint.size) {
        return HQ_FAIL(NOT_FOUND);
    }
    HQ_TRY(climb(p, tx));
    return hq_hash_eq(&p->root, &p->sealed.checkpoint.root) ? HQ_DONE : HQ_FAIL(CORRUPT);
}

static void member_hex(hq_buf *json, const char *name, const void *bytes, size_t len)
{
    hq_buf_printf(json, "\"%s\":\"", name);
    hq_buf_hex(json, bytes, len);
    hq_buf_lit(json, "\"");
}

static void write_checkpoint(hq_buf *json, const hq_checkpoint *c)
{
    hq_buf_lit(json, "{\"size\":");
    hq_buf_i64(json, c->size);
    hq_buf_char(json, ',');
    member_hex(json, "root", c->root.bytes, sizeof c->root.bytes);
    hq_buf_lit(json, ",\"time\":\"");
    hq_time_write(json, c->at);
    hq_buf_lit(json, "\",");
    member_hex(json, "previous", c->previous.bytes, sizeof c->previous.bytes);
    hq_buf_char(json, ',');
    member_hex(json, "signature", c->signature, sizeof c->signature);
    hq_buf_char(json, '}');
}

hq_status hq_journal_prove(hq_buf *json, hq_store *store, int64_t position)
{
    proof p = { .position = position };
    HQ_TRY(hq_store_read(store, make_proof, &p));
    hq_buf_printf(json, "{\"position\":%lld,\"size\":%lld,", (long long)position,
                  (long long)p.sealed.checkpoint.size);
    member_hex(json, "root", p.root.bytes, sizeof p.root.bytes);
    hq_buf_char(json, ',');
    member_hex(json, "leaf", p.leaf.bytes, sizeof p.leaf.bytes);
    hq_buf_lit(json, ",\"path\":[");
    for (size_t i = 0; i < p.length; i++) {
        hq_buf_printf(json, "%s\"", i == 0 ? "" : ",");
        hq_buf_hex(json, p.path[i].bytes, sizeof p.path[i].bytes);
        hq_buf_char(json, '"');
    }
    hq_buf_lit(json, "],\"checkpoint\":");
    write_checkpoint(json, &p.sealed.checkpoint);
    hq_buf_char(json, '}');
    return hq_buf_status(json);
}

/* ------------------------------------------------------------------ checkpoint and key */

static hq_status read_newest(hq_tx *tx, void *user)
{
    return hq_store__checkpoint_newest(user, tx);
}

hq_status hq_journal_checkpoint(hq_checkpoint *out, hq_store *store)
{
    hq_store__numbered newest;
    HQ_TRY(hq_store_read(store, read_newest, &newest));
    *out = newest.checkpoint;
    return newest.number == 0 ? HQ_FAIL(NOT_FOUND) : HQ_DONE;
}

void hq_journal_public_key(uint8_t out[32], const hq_store *store)
{
    memcpy(out, store->sealer.public_key, 32);
}
