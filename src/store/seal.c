/* SPDX-License-Identifier: Apache-2.0 */
#include <sodium.h>
#include <stdlib.h>

#include "store/seal.h"

/* The sealer hashes committed events into the tree and signs a checkpoint, a second after the last
 * one at the latest while events arrive. It never holds up a commit: leaves come from memory, the
 * signature is made in its own thread, and its rows go through the writer's queue behind all else.
 */

enum {
    STEP = 1 << 16,    /* events a checkpoint at most */
    PACE_US = 1000000, /* between two checkpoints */
    HURRY_US = 50000,  /* the same when somebody waits */
    GATHER_US = 20000, /* after the first event that comes alone */
    TICK_US = 1000000, /* looks for other processes' commits */
    PURGE_TICKS = 60
};

typedef struct {
    int64_t level, place;
    hq_hash32 root;
    hq_hash32 hashes[HQ_STORE__TILE];
} tile;

typedef struct {
    hq_store *store;
    hq_store__tree *tree; /* the next state */
    hq_buf tiles;         /* tile each */
    hq_store__numbered next;
} sealing;

/* ------------------------------------------------------------------ storing */

static hq_sql tile_put = HQ_SQL_OF(
    "INSERT INTO journal_tile (level, place, root, hashes) VALUES (?1, ?2, ?3, ?4) "
    "ON CONFLICT (level, place) DO UPDATE SET root = excluded.root, hashes = excluded.hashes");
static hq_sql checkpoint_put =
    HQ_SQL_OF("INSERT INTO journal_checkpoint (number, size, root, at, previous, signature) "
              "VALUES (?1, ?2, ?3, ?4, ?5, ?6)");

static hq_status put_tile(hq_tx *tx, const tile *t, size_t count)
{
    return HQ_TX_RUN(tx, &tile_put, HQ_B_I64(t->level), HQ_B_I64(t->place), HQ_B_HASH(&t->root),
                     HQ_B_BLOB(hq_sv_make(t->hashes, count * sizeof t->hashes[0])));
}

/* The leaves behind the last full tile, so that verify can name any sealed event by itself. */
static hq_status put_rest(hq_tx *tx, const hq_store__tree *tree)
{
    const hq_store__level *l = &tree->levels[0];
    tile t = { .place = tree->size / HQ_STORE__TILE };
    hq_hash32 copy[HQ_STORE__TILE];
    if (l->count == 0) {
        return HQ_DONE;
    }
    memcpy(t.hashes, l->hashes, l->count * sizeof t.hashes[0]);
    memcpy(copy, l->hashes, l->count * sizeof copy[0]);
    hq_store__fold(&t.root, copy, l->count);
    return put_tile(tx, &t, l->count);
}

static hq_status store_seal(hq_tx *tx, void *user)
{
    sealing *seal = user;
    const hq_checkpoint *c = &seal->next.checkpoint;
    hq_store__numbered newest;
    HQ_TRY(hq_store__checkpoint_newest(&newest, tx));
    if (newest.number != seal->next.number - 1) {
        return HQ_FAIL(CONFLICT); /* another process sealed meanwhile */
    }
    for (size_t at = 0; at < seal->tiles.len; at += sizeof(tile)) {
        HQ_TRY(put_tile(tx, (const tile *)(const void *)(seal->tiles.ptr + at), HQ_STORE__TILE));
    }
    HQ_TRY(put_rest(tx, seal->tree));
    return HQ_TX_RUN(tx, &checkpoint_put, HQ_B_I64(seal->next.number), HQ_B_I64(c->size),
                     HQ_B_HASH(&c->root), HQ_B_I64(c->at), HQ_B_HASH(&c->previous),
                     HQ_B_BLOB(hq_sv_make(c->signature, sizeof c->signature)));
}

/* ------------------------------------------------------------------ computing */

static hq_status keep_tile(int level, int64_t place, const hq_hash32 *root,
                           const hq_hash32 hashes[HQ_STORE__TILE], void *user)
{
    tile t = { .level = level, .place = place, .root = *root };
    memcpy(t.hashes, hashes, sizeof t.hashes);
    hq_buf_append(user, &t, sizeof t);
    return hq_buf_status(user);
}

typedef struct {
    hq_hash32 *out;
    int64_t from;
    size_t count;
} leaf_read;

static hq_status read_leaves(hq_tx *tx, void *user)
{
    leaf_read *r = user;
    return hq_store__nodes(r->out, tx, 0, r->from, r->count);
}

static hq_status fetch_leaves(hq_hash32 *out, size_t *count, hq_store *store, int64_t after)
{
    int64_t due = hq_store__tail_head(store->tail) - after;
    hq_store__tail_leaves(store->tail, after, out, STEP, count);
    if (*count > 0 || due <= 0) {
        return HQ_DONE;
    }
    leaf_read r = { out, after, due < STEP ? (size_t)due : STEP };
    *count = r.count;
    return hq_store_read(store, read_leaves, &r);
}

static hq_status grow_tree(sealing *seal)
{
    size_t count = 0;
    hq_hash32 *leaves = malloc(STEP * sizeof *leaves);
    hq_status s = leaves == NULL ? HQ_FAIL(NOMEM)
                                 : fetch_leaves(leaves, &count, seal->store, seal->tree->size);
    for (size_t i = 0; hq_ok(s) && i < count; i++) {
        s = hq_store__tree_append(seal->tree, &leaves[i], keep_tile, &seal->tiles);
    }
    free(leaves);
    return hq_ok(s) && count == 0 ? HQ_FAIL(NOT_FOUND) : s;
}

static hq_status sign_next(sealing *seal)
{
    const hq_store__sealer *sealer = &seal->store->sealer;
    hq_checkpoint *c = &seal->next.checkpoint;
    hq_buf text = HQ_BUF_HEAP(1024);
    *c = (hq_checkpoint){ .size = seal->tree->size, .at = hq_now(seal->store->clock) };
    hq_store__tree_root(&c->root, seal->tree);
    if (sealer->newest->number > 0) {
        HQ_TRY(hq_store__checkpoint_hash(&c->previous, &sealer->newest->checkpoint));
    }
    seal->next.number = sealer->newest->number + 1;
    hq_store__checkpoint_signed(&text, c);
    hq_status s = hq_buf_status(&text);
    if (hq_ok(s)) {
        hq_store__sign(c, sealer->secret, text.ptr, text.len);
    }
    hq_buf_free(&text);
    return s;
}

static void publish(sealing *seal)
{
    hq_store__sealer *sealer = &seal->store->sealer;
    pthread_mutex_lock(&sealer->lock);
    *sealer->tree = *seal->tree;
    *sealer->newest = seal->next;
    pthread_cond_broadcast(&sealer->sealed);
    pthread_mutex_unlock(&sealer->lock);
}

static hq_status seal_into(sealing *seal)
{
    HQ_TRY(grow_tree(seal));
    HQ_TRY(sign_next(seal));
    HQ_TRY(hq_store__write_as(seal->store, HQ_WRITE_FOLLOWER, store_seal, seal));
    publish(seal);
    return HQ_DONE;
}

/* ------------------------------------------------------------------ where it stands */

static hq_status load(hq_tx *tx, void *user)
{
    sealing *seal = user;
    hq_hash32 root;
    HQ_TRY(hq_store__checkpoint_newest(&seal->next, tx));
    HQ_TRY(hq_store__tree_load(seal->tree, tx, seal->next.checkpoint.size));
    hq_store__tree_root(&root, seal->tree);
    return seal->next.number == 0 || hq_hash_eq(&root, &seal->next.checkpoint.root)
               ? HQ_DONE
               : HQ_FAIL(CORRUPT);
}

static hq_status reload(hq_store *store)
{
    sealing seal = { .store = store, .tree = malloc(sizeof(hq_store__tree)) };
    if (seal.tree == NULL) {
        return HQ_FAIL(NOMEM);
    }
    hq_status s = hq_store_read(store, load, &seal);
    if (hq_ok(s)) {
        publish(&seal);
    }
    free(seal.tree);
    return s;
}

static hq_status seal_once(hq_store *store)
{
    sealing seal = { .store = store, .tiles = HQ_BUF_HEAP((size_t)64 << 20) };
    seal.tree = malloc(sizeof *seal.tree);
    if (seal.tree == NULL) {
        return HQ_FAIL(NOMEM);
    }
    *seal.tree = *store->sealer.tree;
    hq_status s = seal_into(&seal);
    free(seal.tree);
    hq_buf_free(&seal.tiles);
    return s.code == HQ_E_CONFLICT ? reload(store) : s;
}

/* ------------------------------------------------------------------ thread */

/* Sleeps, but not past a stop or, where that counts, somebody who waits for the seal. */
static void rest(hq_store__sealer *sealer, int64_t us, bool may_hurry)
{
    int64_t until = hq_os_monotonic_us() + us;
    pthread_mutex_lock(&sealer->lock);
    while (!sealer->stopping && !(may_hurry && sealer->waiting > 0)) {
        int64_t left = until - hq_os_monotonic_us();
        if (left <= 0) {
            break;
        }
        hq_cond_wait_us(&sealer->work, &sealer->lock, left);
    }
    pthread_mutex_unlock(&sealer->lock);
}

static bool stopping(hq_store__sealer *sealer)
{
    pthread_mutex_lock(&sealer->lock);
    bool yes = sealer->stopping;
    pthread_mutex_unlock(&sealer->lock);
    return yes;
}

static hq_status nothing(hq_tx *tx, void *user)
{
    (void)tx, (void)user;
    return HQ_DONE;
}

static hq_status purge(hq_tx *tx, void *user)
{
    return hq_store__keys_purge(tx, user);
}

static hq_sql head_get = HQ_SQL_OF("SELECT coalesce(max(position), 0) FROM journal_event");

static hq_status read_head(hq_tx *tx, void *user)
{
    hq_rows rows;
    HQ_TRY(hq_tx_query(&rows, tx, &head_get, NULL, 0));
    *(int64_t *)user = hq_rows_next(&rows) ? hq_rows_i64(&rows, 0) : 0;
    return hq_rows_end(&rows);
}

/* Once a tick: an empty write lets the writer see what other processes committed. */
static void look_around(hq_store *store, unsigned tick)
{
    int64_t head = 0;
    if (hq_ok(hq_store_read(store, read_head, &head)) && head > hq_store__tail_head(store->tail)) {
        HQ_IGNORE(
            hq_store__write_as(store, HQ_WRITE_FOLLOWER, nothing, NULL)); /* next tick again */
    }
    bool more = tick % PURGE_TICKS == 0;
    while (more && !stopping(&store->sealer)) {
        if (hq_failed(hq_store__write_as(store, HQ_WRITE_FOLLOWER, purge, &more))) {
            return;
        }
    }
}

static void wait_turn(hq_store__sealer *sealer, int64_t last_us)
{
    int64_t since = hq_os_monotonic_us() - last_us;
    rest(sealer, since < HURRY_US ? HURRY_US - since : 0, false);
    since = hq_os_monotonic_us() - last_us;
    rest(sealer, since < PACE_US ? PACE_US - since : GATHER_US, true);
}

static void sealer_main(void *user)
{
    hq_store *store = user;
    hq_store__sealer *sealer = &store->sealer;
    int64_t last = hq_os_monotonic_us() - PACE_US;
    for (unsigned tick = 1; !stopping(sealer); tick++) {
        int64_t size = sealer->tree->size;
        if (hq_store__tail_wait(store->tail, size, TICK_US) > size) {
            wait_turn(sealer, last);
            if (hq_failed(seal_once(store))) {
                rest(sealer, PACE_US,
                     false); /* a disk that fails is told by the writes themselves */
            }
            /* A backlog is worked off without a pause. */
            bool behind = hq_store__tail_head(store->tail) - sealer->tree->size >= STEP;
            last = hq_os_monotonic_us() - (behind ? PACE_US : 0);
        } else {
            rest(sealer, HURRY_US, true); /* a closing store lets no wait last */
        }
        look_around(store, tick);
    }
    while (hq_store__tail_head(store->tail) > sealer->tree->size && hq_ok(seal_once(store))) {
        /* what is left before closing */
    }
}

hq_status hq_store__sealer_start(hq_store *store)
{
    hq_store__sealer *sealer = &store->sealer;
    sealer->tree = calloc(1, sizeof *sealer->tree);
    sealer->newest = calloc(1, sizeof *sealer->newest);
    if (sealer->tree == NULL || sealer->newest == NULL) {
        return HQ_FAIL(NOMEM);
    }
    HQ_TRY(reload(store));
    return hq_thread_start(&sealer->thread, "hq-sealer", sealer_main, store);
}

void hq_store__sealer_stop(hq_store *store)
{
    hq_store__sealer *sealer = &store->sealer;
    pthread_mutex_lock(&sealer->lock);
    sealer->stopping = true;
    pthread_cond_broadcast(&sealer->work);
    pthread_mutex_unlock(&sealer->lock);
    hq_thread_join(&sealer->thread);
    free(sealer->tree);
    free(sealer->newest);
    sodium_memzero(sealer->secret, sizeof sealer->secret);
}

hq_status hq_journal_wait_sealed(hq_store *store, int64_t position, int64_t timeout_us)
{
    hq_store__sealer *sealer = &store->sealer;
    int64_t until = hq_os_monotonic_us() + timeout_us;
    bool covered = false;
    if (store->place.read_only) {
        return HQ_FAIL(USAGE);
    }
    pthread_mutex_lock(&sealer->lock);
    sealer->waiting++;
    pthread_cond_broadcast(&sealer->work);
    while (!(covered = sealer->newest->checkpoint.size >= position) && !sealer->stopping) {
        int64_t left = until - hq_os_monotonic_us();
        if (left <= 0) {
            break;
        }
        hq_cond_wait_us(&sealer->sealed, &sealer->lock, left);
    }
    sealer->waiting--;
    pthread_mutex_unlock(&sealer->lock);
    return covered ? HQ_DONE : HQ_FAIL(TIMEOUT);
}
