/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "store/seal.h"

/* Reads everything once, in order, on one snapshot: each event against its columns, its place in
 * the sequence and its leaf in the stored tiles; each tile against what it was made of; each
 * checkpoint against its number, its predecessor, its key and the tree as it stood; each subject's
 * row against its last event. Stops at the first record that does not hold and names it. A row that
 * does not agree is named only when the journal itself holds to its end: where an event is missing
 * the row of its subject differs from the event before, and it is the event that was taken away. */

static hq_sql events_all =
    HQ_SQL_OF("SELECT position, bytes, id, at, office, room, kind, subject, version, actor "
              "FROM journal_event ORDER BY position");
static hq_sql checkpoints_all =
    HQ_SQL_OF("SELECT number, size, root, at, previous, signature FROM journal_checkpoint "
              "ORDER BY number");
static hq_sql keys_all = HQ_SQL_OF("SELECT first, public_key FROM journal_key ORDER BY first");
static hq_sql tile_get =
    HQ_SQL_OF("SELECT root, hashes FROM journal_tile WHERE level = ?1 AND place = ?2");
static hq_sql tile_count = HQ_SQL_OF("SELECT count(*), coalesce(max(level), 0) FROM journal_tile");
static hq_sql later_get = HQ_SQL_OF("SELECT position FROM journal_event WHERE subject = ?1 AND "
                                    "position > ?2 ORDER BY position LIMIT 1");

enum { KEYS_MAX = 64 };

typedef struct {
    int64_t first;
    uint8_t public_key[32];
} era;

typedef struct {
    hq_journal_report *report;
    hq_store *store;
    const uint8_t *public_key;
    const hq_checkpoint *since;
    hq_arena *arena;
    hq_tx *tx;
    hq_store__tree *tree;
    era keys[KEYS_MAX];
    size_t key_count;
    hq_rows checkpoints;
    hq_store__numbered next, last;    /* number 0: none */
    int64_t tiles;                    /* met */
    hq_hash32 leaves[HQ_STORE__TILE]; /* stored tile of level 0 that is being filled */
    size_t leaf_count;
    bool since_met;
    hq_sv row_bad; /* first row that does not agree */
    int64_t row_position;
} verification;

/* CORRUPT unwinds to the top, which answers OK with a report. */
#define BAD(v, position, ...)                                                                      \
    ((v)->report->first_bad = hq_arena_printf((v)->arena, __VA_ARGS__),                            \
     (v)->report->bad_position = (position), HQ_FAIL(CORRUPT))

static bool same_hash(hq_sv stored, const hq_hash32 *hash)
{
    return stored.len == sizeof hash->bytes && memcmp(stored.ptr, hash->bytes, stored.len) == 0;
}

/* As text, so that a number followed by anything is not taken for the number. */
static bool same_number(hq_sv stored, int64_t number)
{
    char text[24];
    hq_buf buf = { .ptr = text, .cap = sizeof text, .ceiling = sizeof text };
    hq_buf_i64(&buf, number);
    return hq_sv_eq(stored, hq_buf_view(&buf));
}

/* ------------------------------------------------------------------ keys and checkpoints */

static hq_status read_keys(verification *v)
{
    hq_rows rows;
    HQ_TRY(hq_tx_query(&rows, v->tx, &keys_all, NULL, 0));
    while (v->key_count < KEYS_MAX && hq_rows_next(&rows)) {
        era *e = &v->keys[v->key_count++];
        hq_sv key = hq_rows_text(&rows, 1);
        e->first = hq_rows_i64(&rows, 0);
        if (key.len != sizeof e->public_key) {
            return BAD(v, 0, "the key of the checkpoints from %lld on was altered",
                       (long long)e->first);
        }
        memcpy(e->public_key, key.ptr, sizeof e->public_key);
    }
    HQ_TRY(hq_rows_end(&rows));
    if (v->key_count > 0 && v->keys[0].first != 1) {
        return BAD(v, 0, "the key of the first checkpoint is missing");
    }
    if (v->key_count == 0) {
        return BAD(v, 0, "the key that signs the checkpoints is missing");
    }
    /* Who brings a key trusts that one alone: the newest checkpoint covers all before it. */
    if (v->public_key != NULL) {
        memcpy(v->keys[v->key_count - 1].public_key, v->public_key, 32);
    }
    return HQ_DONE;
}

static const era *era_of(const verification *v, int64_t number)
{
    const era *found = &v->keys[0];
    for (size_t i = 1; i < v->key_count && v->keys[i].first <= number; i++) {
        found = &v->keys[i];
    }
    return found;
}

static hq_status next_checkpoint(verification *v)
{
    v->last = v->next;
    v->next = (hq_store__numbered){ 0 };
    if (!hq_rows_next(&v->checkpoints)) {
        return v->checkpoints.status;
    }
    hq_status s = hq_store__checkpoint_row(&v->next, &v->checkpoints);
    int64_t number = v->last.number + 1;
    if (v->next.number != number) {
        return BAD(v, 0, "checkpoint %lld is missing", (long long)number);
    }
    if (hq_failed(s) || v->next.checkpoint.size <= v->last.checkpoint.size) {
        return BAD(v, 0, "checkpoint %lld was altered", (long long)number);
    }
    if (!hq_store__signed_by(&v->next.checkpoint, era_of(v, number)->public_key)) {
        return BAD(v, 0, "checkpoint %lld was altered or is signed by another key",
                   (long long)number);
    }
    return HQ_DONE;
}

static hq_status check_previous(verification *v)
{
    hq_hash32 previous = { { 0 } };
    if (v->last.number > 0) {
        HQ_TRY(hq_store__checkpoint_hash(&previous, &v->last.checkpoint));
    }
    return hq_hash_eq(&previous, &v->next.checkpoint.previous)
               ? HQ_DONE
               : BAD(v, 0, "checkpoint %lld does not follow on checkpoint %lld",
                     (long long)v->next.number, (long long)v->last.number);
}

/* The leaf of each event agreed with the stored tile; that the root does not means that events and
 * tile were altered together since the last checkpoint that holds. */
static hq_status check_root(verification *v)
{
    hq_hash32 root;
    hq_store__tree_root(&root, v->tree);
    if (v->since != NULL && v->since->size == v->tree->size) {
        v->since_met = true;
        if (!hq_hash_eq(&root, &v->since->root)) {
            return BAD(v, 0, "history up to event %lld is not the one of the checkpoint given",
                       (long long)v->since->size);
        }
    }
    if (v->next.number == 0 || v->next.checkpoint.size != v->tree->size) {
        return HQ_DONE;
    }
    if (!hq_hash_eq(&root, &v->next.checkpoint.root)) {
        int64_t from = v->last.checkpoint.size + 1;
        return BAD(v, from,
                   "among the events %lld to %lld one was altered, added or removed: they "
                   "are not what checkpoint %lld signed",
                   (long long)from, (long long)v->tree->size, (long long)v->next.number);
    }
    HQ_TRY(check_previous(v));
    v->report->checkpoints++;
    v->report->sealed = v->tree->size;
    return next_checkpoint(v);
}

static hq_status check_since(verification *v)
{
    if (v->since == NULL) {
        return HQ_DONE;
    }
    bool known = false;
    for (size_t i = 0; i < v->key_count; i++) {
        known = known || hq_store__signed_by(v->since, v->keys[i].public_key);
    }
    return known ? HQ_DONE : BAD(v, 0, "the checkpoint given is not signed by this journal's key");
}

/* ------------------------------------------------------------------ tiles */

static hq_status load_leaves(verification *v, int64_t place)
{
    hq_rows rows;
    v->leaf_count = 0;
    HQ_TRY(HQ_TX_QUERY(&rows, v->tx, &tile_get, HQ_B_I64(0), HQ_B_I64(place)));
    hq_status s = HQ_DONE;
    if (hq_rows_next(&rows)) {
        hq_sv hashes = hq_rows_text(&rows, 1);
        v->leaf_count = hashes.len / sizeof v->leaves[0];
        if (hashes.len == 0 || hashes.len > sizeof v->leaves ||
            hashes.len % sizeof v->leaves[0] != 0) {
            s = BAD(v, 0, "tile %lld of level 0 was altered", (long long)place);
        } else {
            memcpy(v->leaves, hashes.ptr, hashes.len);
        }
    }
    hq_status ended = hq_rows_end(&rows);
    return hq_failed(s) ? s : ended;
}

static hq_status check_tile(int level, int64_t place, const hq_hash32 *root,
                            const hq_hash32 *hashes, size_t count, verification *v)
{
    hq_rows rows;
    HQ_TRY(HQ_TX_QUERY(&rows, v->tx, &tile_get, HQ_B_I64(level), HQ_B_I64(place)));
    bool found = hq_rows_next(&rows);
    bool same = found && same_hash(hq_rows_text(&rows, 0), root) &&
                hq_sv_eq(hq_rows_text(&rows, 1), hq_sv_make(hashes, count * sizeof *hashes));
    HQ_TRY(hq_rows_end(&rows));
    v->tiles++;
    return same ? HQ_DONE
                : BAD(v, 0, "tile %lld of level %d %s", (long long)place, level,
                      found ? "was altered" : "is missing");
}

/* Full tiles past the newest checkpoint are not stored yet. */
static hq_status full_tile(int level, int64_t place, const hq_hash32 *root,
                           const hq_hash32 hashes[HQ_STORE__TILE], void *user)
{
    verification *v = user;
    int64_t end = (place + 1) << (HQ_STORE__TILE_BITS * (level + 1));
    bool sealed = v->next.number > 0 && end <= v->next.checkpoint.size;
    return sealed ? check_tile(level, place, root, hashes, HQ_STORE__TILE, v) : HQ_DONE;
}

/* Tiles that no events stand behind. */
static hq_status check_no_more_tiles(verification *v)
{
    hq_rows rows;
    HQ_TRY(hq_tx_query(&rows, v->tx, &tile_count, NULL, 0));
    int64_t stored = hq_rows_next(&rows) ? hq_rows_i64(&rows, 0) : 0;
    HQ_TRY(hq_rows_end(&rows));
    return stored == v->tiles
               ? HQ_DONE
               : BAD(v, 0,
                     "a tile was added or a checkpoint removed: %lld tiles are stored, %lld "
                     "belong to the sealed events",
                     (long long)stored, (long long)v->tiles);
}

/* ------------------------------------------------------------------ events */

static const char *wrong_column(const hq_rows *rows, const hq_event_view *view)
{
    const hq_event *e = &view->event;
    if (!hq_sv_eq(hq_rows_text(rows, 2), hq_sv_make(view->id.bytes, sizeof view->id.bytes))) {
        return "id";
    }
    if (!same_number(hq_rows_text(rows, 3), e->at)) {
        return "at";
    }
    if (!same_number(hq_rows_text(rows, 8), e->version)) {
        return "version";
    }
    static const char *const names[] = { "office", "room", "kind", "subject", "actor" };
    const hq_sv texts[] = { e->office, e->room, e->kind, e->subject, e->actor };
    static const int columns[] = { 4, 5, 6, 7, 9 };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (!hq_sv_eq(hq_rows_text(rows, columns[i]), texts[i])) {
            return names[i];
        }
    }
    return NULL;
}

static hq_status check_event(verification *v, const hq_rows *rows, hq_event_view *view,
                             hq_hash32 *row_hash)
{
    int64_t expected = v->tree->size + 1, position = hq_rows_i64(rows, 0);
    hq_sv bytes = hq_rows_text(rows, 1);
    if (position != expected) {
        return position < expected ? BAD(v, position, "event %lld was added", (long long)position)
                                   : BAD(v, expected, "event %lld is missing", (long long)expected);
    }
    if ((position - 1) % HQ_STORE__TILE == 0) {
        HQ_TRY(load_leaves(v, (position - 1) / HQ_STORE__TILE));
    }
    hq_sha256_prefixed(&view->leaf, 0, bytes, HQ_SV_NULL);
    size_t at = (size_t)((position - 1) % HQ_STORE__TILE);
    if (at < v->leaf_count && !hq_hash_eq(&view->leaf, &v->leaves[at])) {
        return BAD(v, position, "event %lld was altered", (long long)position);
    }
    if (hq_failed(hq_store__event_decode(view, row_hash, bytes))) {
        return BAD(v, position, "event %lld was altered: its bytes cannot be read",
                   (long long)position);
    }
    const char *column = wrong_column(rows, view);
    return column == NULL ? HQ_DONE
                          : BAD(v, position,
                                "event %lld was altered: column %s is not what its "
                                "bytes say",
                                (long long)position, column);
}

static hq_row_hash_fn hash_of_room(const hq_store *store, hq_sv room)
{
    for (size_t i = 0; i < store->room_count; i++) {
        if (hq_sv_eq(room, hq_sv_from_cstr(store->rooms[i].room))) {
            return store->rooms[i].row_hash;
        }
    }
    return NULL;
}

static hq_status is_last(bool *last, verification *v, hq_sv subject, int64_t position)
{
    hq_rows rows;
    HQ_TRY(HQ_TX_QUERY(&rows, v->tx, &later_get, HQ_B_TEXT(subject), HQ_B_I64(position)));
    *last = !hq_rows_next(&rows);
    return hq_rows_end(&rows);
}

static hq_status check_row(verification *v, const hq_event_view *view)
{
    hq_row_hash_fn hash_row = hash_of_room(v->store, view->event.room);
    bool last;
    hq_hash32 hash;
    if (view->event.row_hash == NULL || hash_row == NULL) {
        return HQ_DONE;
    }
    HQ_TRY(is_last(&last, v, view->event.subject, view->position));
    if (!last) {
        return HQ_DONE;
    }
    hq_arena_reset(hq_tx_arena(v->tx)); /* the room's scratch, not to pile up over all rows */
    hq_status s = hash_row(&hash, v->tx, view->event.subject);
    if (hq_failed(s) && s.code != HQ_E_NOT_FOUND) {
        return s;
    }
    if (hq_ok(s) && hq_hash_eq(&hash, view->event.row_hash)) {
        v->report->rows++;
        return HQ_DONE;
    }
    if (v->row_bad.ptr == NULL) {
        v->row_position = view->position;
        v->row_bad = hq_arena_printf(
            v->arena, "the row of %.*s %s since event %lld", HQ_SV_FMT(view->event.subject),
            s.code == HQ_E_NOT_FOUND ? "was removed" : "was altered", (long long)view->position);
    }
    return HQ_DONE;
}

static hq_status verify_events(verification *v)
{
    hq_rows rows;
    hq_hash32 row_hash;
    hq_status s = hq_tx_query(&rows, v->tx, &events_all, NULL, 0);
    while (hq_ok(s) && hq_rows_next(&rows)) {
        hq_event_view view = { .position = v->tree->size + 1 };
        s = check_event(v, &rows, &view, &row_hash);
        if (hq_ok(s)) {
            s = hq_store__tree_append(v->tree, &view.leaf, full_tile, v);
        }
        if (hq_ok(s)) {
            s = check_root(v);
        }
        if (hq_ok(s)) {
            s = check_row(v, &view);
        }
        v->report->events += hq_ok(s) ? 1 : 0;
    }
    hq_status ended = hq_rows_end(&rows);
    return hq_failed(s) ? s : ended;
}

/* ------------------------------------------------------------------ whole */

static hq_status check_end(verification *v)
{
    int64_t size = v->tree->size, sealed = v->report->sealed;
    if (v->next.number > 0) {
        return BAD(v, size + 1, "event %lld is missing: checkpoint %lld covers %lld",
                   (long long)size + 1, (long long)v->next.number,
                   (long long)v->next.checkpoint.size);
    }
    if (v->since != NULL && !v->since_met) {
        return BAD(v, size + 1, "event %lld is missing: the checkpoint given covers %lld",
                   (long long)size + 1, (long long)v->since->size);
    }
    if (v->since != NULL && sealed < v->since->size) {
        return BAD(v, 0, "checkpoint %lld is missing: the one given covers %lld events",
                   (long long)v->report->checkpoints + 1, (long long)v->since->size);
    }
    if (v->keys[v->key_count - 1].first > v->last.number + 1) {
        return BAD(v, 0, "a key was added, or checkpoint %lld is missing",
                   (long long)v->last.number + 1);
    }
    return HQ_DONE;
}

/* The last tile of level 0 as far as the newest checkpoint reaches. */
static hq_status check_rest(verification *v)
{
    int64_t sealed = v->report->sealed;
    size_t count = (size_t)(sealed % HQ_STORE__TILE);
    hq_hash32 nodes[HQ_STORE__TILE], copy[HQ_STORE__TILE], root;
    if (count == 0) {
        return check_no_more_tiles(v);
    }
    HQ_TRY(hq_store__nodes(nodes, v->tx, 0, sealed - (int64_t)count, count));
    memcpy(copy, nodes, count * sizeof copy[0]);
    hq_store__fold(&root, copy, count);
    HQ_TRY(check_tile(0, sealed / HQ_STORE__TILE, &root, nodes, count, v));
    return check_no_more_tiles(v);
}

static hq_status verify_all(hq_tx *tx, void *user)
{
    verification *v = user;
    v->tx = tx;
    HQ_TRY(read_keys(v));
    HQ_TRY(check_since(v));
    HQ_TRY(hq_tx_query(&v->checkpoints, tx, &checkpoints_all, NULL, 0));
    HQ_TRY(next_checkpoint(v));
    HQ_TRY(verify_events(v));
    HQ_TRY(check_end(v));
    HQ_TRY(check_rest(v));
    if (v->row_bad.ptr != NULL) {
        return BAD(v, v->row_position, "%.*s", HQ_SV_FMT(v->row_bad));
    }
    return hq_rows_end(&v->checkpoints);
}

hq_status hq_journal_verify(hq_journal_report *out, hq_store *store, const uint8_t *public_key,
                            const hq_checkpoint *since, hq_arena *arena)
{
    *out = (hq_journal_report){ 0 };
    verification *v = calloc(1, sizeof *v);
    hq_store__tree *tree = calloc(1, sizeof *tree);
    hq_status s = HQ_FAIL(NOMEM);
    if (v != NULL && tree != NULL) {
        *v = (verification){ .report = out,
                             .store = store,
                             .public_key = public_key,
                             .since = since,
                             .arena = arena,
                             .tree = tree };
        s = hq_store_read(store, verify_all, v);
    }
    free(v);
    free(tree);
    out->intact = hq_ok(s);
    if (s.code != HQ_E_CORRUPT) {
        return s;
    }
    if (out->first_bad.ptr == NULL) {
        out->first_bad = hq_arena_printf(arena, "the database file is damaged: %.*s",
                                         HQ_SV_FMT(hq_store_problem(store, arena)));
    }
    return HQ_DONE;
}
