/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/numbers.h"

#include <stdlib.h>

#define FINISHED_MAX HQ_CLR__BLOCKS

static hq_sql lease_next =
    HQ_SQL_OF("UPDATE declaration_number_next SET next_id = next_id + ?2 WHERE flow = ?1"
              " RETURNING next_id - ?2");
static hq_sql insert_block =
    HQ_SQL_OF("INSERT INTO declaration_number_block (first_id, last_id, holder, alive_until)"
              " VALUES (?1, ?2, ?3, ?4)");
static hq_sql delete_block = HQ_SQL_OF("DELETE FROM declaration_number_block WHERE first_id = ?1");
static hq_sql renew_block = HQ_SQL_OF("UPDATE declaration_number_block SET alive_until = ?3"
                                      " WHERE first_id = ?1 AND holder = ?2");
static hq_sql dead_blocks = HQ_SQL_OF("SELECT first_id, last_id FROM declaration_number_block"
                                      " WHERE alive_until < ?1 AND holder <> ?2 ORDER BY first_id");
static hq_sql own_blocks = HQ_SQL_OF("SELECT first_id, last_id FROM declaration_number_block"
                                     " WHERE holder = ?1 ORDER BY first_id");
static hq_sql used_numbers =
    HQ_SQL_OF("SELECT id FROM declaration WHERE id >= ?1 AND id <= ?2 ORDER BY id");
static hq_sql insert_void = HQ_SQL_OF(
    "INSERT INTO declaration_number_void (first_id, last_id, reason, at) VALUES (?1, ?2, ?3, ?4)");

struct hq_clr__lease {
    hq_write write;
    hq_clr__numbers *numbers;
    hq_flow flow;
    hq_clr__block got;
    int64_t finished[FINISHED_MAX];
    size_t finished_count;
};

/* ------------------------------------------------------------------ void numbers */

hq_status hq_clr__numbers_void(hq_tx *tx, int64_t first, int64_t last, hq_sv reason, hq_sv actor)
{
    char subject[32] = "numbers/";
    hq_buf payload = HQ_BUF_ARENA(hq_tx_arena(tx), 256);
    hq_declaration_number_write(subject + 8, first, 0);
    hq_buf_printf(&payload, "{\"first\":\"%lld\",\"last\":\"%lld\",\"reason\":\"%.*s\"}",
                  (long long)first, (long long)last, HQ_SV_FMT(reason));
    HQ_TRY(hq_buf_status(&payload));
    HQ_TRY(HQ_TX_RUN(tx, &insert_void, HQ_B_I64(first), HQ_B_I64(last), HQ_B_TEXT(reason),
                     HQ_B_I64(hq_tx_now(tx))));
    return hq_tx_event(tx,
                       &(hq_event){ .room = HQ_SV("clearance"),
                                    .kind = HQ_SV("numbers.voided"),
                                    .subject = hq_sv_make(subject, 8 + 11),
                                    .version = 1,
                                    .actor = actor,
                                    .payload = hq_buf_view(&payload) },
                       NULL);
}

/* Numbers of a block that no declaration has, as ranges. */
static hq_status unused_of(int64_t (*ranges)[2], size_t *count, hq_tx *tx, const int64_t block[2])
{
    hq_rows rows;
    int64_t from = block[0];
    *count = 0;
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &used_numbers, HQ_B_I64(block[0]), HQ_B_I64(block[1])));
    while (hq_rows_next(&rows)) {
        int64_t id = hq_rows_i64(&rows, 0);
        if (id > from) {
            ranges[*count][0] = from;
            ranges[(*count)++][1] = id - 1;
        }
        from = id + 1;
    }
    if (from <= block[1]) {
        ranges[*count][0] = from;
        ranges[(*count)++][1] = block[1];
    }
    return hq_rows_end(&rows);
}

static hq_status void_block(hq_tx *tx, const int64_t block[2], hq_sv reason)
{
    size_t count;
    int64_t(*ranges)[2] =
        hq_arena_alloc(hq_tx_arena(tx), (size_t)(block[1] - block[0] + 2) * sizeof *ranges);
    if (ranges == NULL) {
        return HQ_FAIL(NOMEM);
    }
    HQ_TRY(unused_of(ranges, &count, tx, block));
    for (size_t i = 0; i < count; i++) {
        HQ_TRY(hq_clr__numbers_void(tx, ranges[i][0], ranges[i][1], reason, HQ_SV("system")));
    }
    return HQ_TX_RUN(tx, &delete_block, HQ_B_I64(block[0]));
}

/* Voids every block that the statement names; they are few, so at most 64 a time. */
static hq_status void_blocks(hq_tx *tx, hq_sql *sql, const hq_bind *binds, size_t bind_count,
                             hq_sv reason)
{
    int64_t blocks[64][2];
    size_t count = 0;
    hq_rows rows;
    HQ_TRY(hq_tx_query(&rows, tx, sql, binds, bind_count));
    while (count < 64 && hq_rows_next(&rows)) {
        blocks[count][0] = hq_rows_i64(&rows, 0);
        blocks[count++][1] = hq_rows_i64(&rows, 1);
    }
    HQ_TRY(hq_rows_end(&rows));
    for (size_t i = 0; i < count; i++) {
        HQ_TRY(void_block(tx, blocks[i], reason));
    }
    return HQ_DONE;
}

static hq_status void_dead(hq_tx *tx, hq_sv holder)
{
    const hq_bind binds[] = { HQ_B_I64(hq_tx_now(tx) - HQ_CLR__MARGIN_US), HQ_B_TEXT(holder) };
    return void_blocks(tx, &dead_blocks, binds, 2, HQ_SV("abandoned"));
}

/* ------------------------------------------------------------------ leasing */

hq_status hq_clr__numbers_fresh(int64_t *first, hq_tx *tx, hq_flow flow, int64_t count)
{
    hq_rows rows;
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &lease_next, HQ_B_I64(flow), HQ_B_I64(count)));
    bool found = hq_rows_next(&rows);
    if (found) {
        *first = hq_rows_i64(&rows, 0);
    }
    HQ_TRY(hq_rows_end(&rows));
    return found ? HQ_DONE : HQ_FAIL(CORRUPT);
}

static hq_status lease_block(hq_tx *tx, void *user)
{
    hq_clr__lease *lease = user;
    hq_sv holder = hq_sv_from_cstr(lease->numbers->holder);
    hq_clr__block *got = &lease->got;
    *got = (hq_clr__block){ .flow = lease->flow, .alive_until = hq_tx_now(tx) + HQ_CLR__ALIVE_US };
    HQ_TRY(hq_clr__numbers_fresh(&got->first, tx, lease->flow, HQ_CLR__BLOCK));
    got->next = got->first;
    got->last = got->first + HQ_CLR__BLOCK - 1;
    HQ_TRY(HQ_TX_RUN(tx, &insert_block, HQ_B_I64(got->first), HQ_B_I64(got->last),
                     HQ_B_TEXT(holder), HQ_B_I64(got->alive_until)));
    for (size_t i = 0; i < lease->finished_count; i++) {
        HQ_TRY(HQ_TX_RUN(tx, &delete_block, HQ_B_I64(lease->finished[i])));
    }
    return void_dead(tx, holder);
}

static hq_clr__block *block_of(hq_clr__numbers *numbers, int64_t id)
{
    for (size_t i = 0; i < HQ_CLR__BLOCKS; i++) {
        hq_clr__block *block = &numbers->blocks[i];
        if (block->first != 0 && id >= block->first && id <= block->last) {
            return block;
        }
    }
    return NULL;
}

static void leased(hq_write *write, hq_status status)
{
    hq_clr__lease *lease = write->user;
    hq_clr__numbers *numbers = lease->numbers;
    pthread_mutex_lock(&numbers->lock);
    for (size_t i = 0; hq_ok(status) && i < lease->finished_count; i++) {
        hq_clr__block *block = block_of(numbers, lease->finished[i]);
        if (block != NULL) {
            *block = (hq_clr__block){ .first = 0 };
        }
    }
    for (size_t i = 0; hq_ok(status) && i < HQ_CLR__BLOCKS; i++) {
        if (numbers->blocks[i].first == 0) {
            numbers->blocks[i] = lease->got;
            break;
        }
    }
    numbers->leasing = false;
    pthread_cond_broadcast(&numbers->idle);
    pthread_mutex_unlock(&numbers->lock);
}

static bool has_returned(const hq_clr__numbers *numbers, const hq_clr__block *block)
{
    for (size_t i = 0; i < numbers->returned_count; i++) {
        if (numbers->returned[i] >= block->first && numbers->returned[i] <= block->last) {
            return true;
        }
    }
    return false;
}

/* Under the lock: which blocks have given all their numbers to declarations; is there room? */
static bool prepare_lease(hq_clr__numbers *numbers, hq_flow flow)
{
    hq_clr__lease *lease = numbers->lease;
    bool room = false;
    lease->flow = flow;
    lease->finished_count = 0;
    for (size_t i = 0; i < HQ_CLR__BLOCKS; i++) {
        const hq_clr__block *block = &numbers->blocks[i];
        if (block->first == 0) {
            room = true;
        } else if (block->next > block->last && block->open == 0 && !has_returned(numbers, block)) {
            lease->finished[lease->finished_count++] = block->first;
            room = true;
        }
    }
    return room;
}

/* Under the lock: are less than half a block's numbers left? Then a lease is to be asked for. */
static bool lease_due(hq_clr__numbers *numbers, hq_flow flow, hq_time_us now)
{
    int64_t left = 0;
    if (numbers->leasing || numbers->closed) {
        return false;
    }
    for (size_t i = 0; i < HQ_CLR__BLOCKS; i++) {
        const hq_clr__block *block = &numbers->blocks[i];
        if (block->first != 0 && block->flow == flow && block->alive_until > now) {
            left += block->last - block->next + 1;
        }
    }
    numbers->leasing = left < HQ_CLR__BLOCK / 2 && prepare_lease(numbers, flow);
    return numbers->leasing;
}

static void ask_lease(hq_clr__numbers *numbers)
{
    hq_clr__lease *lease = numbers->lease;
    lease->write =
        (hq_write){ .fn = lease_block, .user = lease, .done = leased, .class_ = HQ_WRITE_FORMAL };
    if (hq_failed(hq_store_submit(numbers->store, &lease->write))) {
        leased(&lease->write, HQ_FAIL(BUSY));
    }
}

/* ------------------------------------------------------------------ taking */

/* Under the lock. 0 when there is none. */
static int64_t take_returned(hq_clr__numbers *numbers, hq_flow flow, hq_time_us now)
{
    for (size_t i = numbers->returned_count; i > 0; i--) {
        int64_t id = numbers->returned[i - 1];
        hq_clr__block *block = block_of(numbers, id);
        if (block != NULL && block->flow == flow && block->alive_until > now) {
            numbers->returned[i - 1] = numbers->returned[--numbers->returned_count];
            block->open++;
            return id;
        }
    }
    return 0;
}

/* Under the lock. The oldest block first, so that numbers rise. */
static int64_t take_next(hq_clr__numbers *numbers, hq_flow flow, hq_time_us now)
{
    hq_clr__block *best = NULL;
    for (size_t i = 0; i < HQ_CLR__BLOCKS; i++) {
        hq_clr__block *block = &numbers->blocks[i];
        if (block->first != 0 && block->flow == flow && block->next <= block->last &&
            block->alive_until > now && (best == NULL || block->first < best->first)) {
            best = block;
        }
    }
    if (best == NULL) {
        return 0;
    }
    best->open++;
    return best->next++;
}

hq_status hq_clr__number_take(hq_clr__number *number, hq_clr__numbers *numbers, hq_tx *tx,
                              hq_flow flow)
{
    hq_time_us now = hq_tx_now(tx);
    if (number->held) {
        return HQ_DONE;
    }
    pthread_mutex_lock(&numbers->lock);
    number->id = take_returned(numbers, flow, now);
    if (number->id == 0) {
        number->id = take_next(numbers, flow, now);
    }
    number->held = number->id != 0;
    bool due = lease_due(numbers, flow, now);
    pthread_mutex_unlock(&numbers->lock);
    if (due) {
        ask_lease(numbers);
    }
    /* None in memory (the first of all, or faster than leases come): one number in this very
     * transaction, which is taken back with it. */
    return number->held ? HQ_DONE : hq_clr__numbers_fresh(&number->id, tx, flow, 1);
}

void hq_clr__number_used(hq_clr__numbers *numbers, const hq_clr__number *number)
{
    pthread_mutex_lock(&numbers->lock);
    hq_clr__block *block = number->held ? block_of(numbers, number->id) : NULL;
    if (block != NULL) {
        block->open--;
    }
    pthread_mutex_unlock(&numbers->lock);
}

void hq_clr__number_back(hq_clr__numbers *numbers, const hq_clr__number *number)
{
    pthread_mutex_lock(&numbers->lock);
    hq_clr__block *block = number->held ? block_of(numbers, number->id) : NULL;
    if (block != NULL && numbers->returned_count < HQ_CLR__RETURNED) {
        block->open--;
        numbers->returned[numbers->returned_count++] = number->id;
    }
    /* No place for it: the block stays open and the number becomes void when it is closed. */
    pthread_mutex_unlock(&numbers->lock);
}

/* ------------------------------------------------------------------ keeping */

static hq_status renew(hq_tx *tx, void *user)
{
    hq_clr__numbers *numbers = user;
    hq_sv holder = hq_sv_from_cstr(numbers->holder);
    hq_time_us until = hq_tx_now(tx) + HQ_CLR__ALIVE_US;
    for (size_t i = 0; i < HQ_CLR__BLOCKS; i++) {
        pthread_mutex_lock(&numbers->lock);
        hq_clr__block block = numbers->blocks[i];
        pthread_mutex_unlock(&numbers->lock);
        const hq_bind binds[] = { HQ_B_I64(block.first), HQ_B_TEXT(holder), HQ_B_I64(until) };
        if (block.first != 0) {
            HQ_TRY(hq_tx_run(tx, &renew_block, binds, 3, NULL));
        }
    }
    return void_dead(tx, holder);
}

typedef struct {
    hq_clr__numbers *numbers;
    int64_t held[HQ_CLR__BLOCKS]; /* first numbers of the blocks before the look, 0: none */
    bool kept[HQ_CLR__BLOCKS];
    hq_time_us until;
} own;

static hq_status read_own(hq_tx *tx, void *user)
{
    own *o = user;
    hq_rows rows;
    memset(o->kept, 0, sizeof o->kept);
    o->until = hq_tx_now(tx) + HQ_CLR__ALIVE_US;
    HQ_TRY(HQ_TX_QUERY(&rows, tx, &own_blocks, HQ_B_TEXT(hq_sv_from_cstr(o->numbers->holder))));
    while (hq_rows_next(&rows)) {
        for (size_t i = 0; i < HQ_CLR__BLOCKS; i++) {
            o->kept[i] = o->kept[i] || o->held[i] == hq_rows_i64(&rows, 0);
        }
    }
    return hq_rows_end(&rows);
}

static void note_held(own *o)
{
    pthread_mutex_lock(&o->numbers->lock);
    for (size_t i = 0; i < HQ_CLR__BLOCKS; i++) {
        o->held[i] = o->numbers->blocks[i].first;
    }
    pthread_mutex_unlock(&o->numbers->lock);
}

/* Only blocks that were there before the look; a lease may have come or gone meanwhile. */
static void apply_own(const own *o)
{
    pthread_mutex_lock(&o->numbers->lock);
    for (size_t i = 0; i < HQ_CLR__BLOCKS; i++) {
        hq_clr__block *block = &o->numbers->blocks[i];
        if (block->first == 0 || block->first != o->held[i]) {
            continue;
        }
        if (o->kept[i]) {
            block->alive_until = o->until;
        } else {
            *block = (hq_clr__block){ .first = 0 };
        }
    }
    pthread_mutex_unlock(&o->numbers->lock);
}

/* The lock is not held over the look at the disk: the writer takes it for every number. */
hq_status hq_clr__numbers_tend(hq_clr__numbers *numbers)
{
    own o = { .numbers = numbers };
    HQ_TRY(hq_store_write(numbers->store, renew, numbers));
    /* What the store says after the renewal is durable counts; a block that another process voided
     * meanwhile is ours no more. */
    note_held(&o);
    HQ_TRY(hq_store_read(numbers->store, read_own, &o));
    apply_own(&o);
    return HQ_DONE;
}

static hq_status void_own(hq_tx *tx, void *user)
{
    hq_clr__numbers *numbers = user;
    const hq_bind binds[] = { HQ_B_TEXT(hq_sv_from_cstr(numbers->holder)) };
    return void_blocks(tx, &own_blocks, binds, 1, HQ_SV("closed"));
}

hq_status hq_clr__numbers_open(hq_clr__numbers *numbers, hq_store *store)
{
    hq_id id;
    char text[64];
    hq_buf buf = { .ptr = text, .cap = sizeof text, .ceiling = sizeof text };
    numbers->store = store;
    numbers->lease = calloc(1, sizeof *numbers->lease);
    if (numbers->lease == NULL) {
        return HQ_FAIL(NOMEM);
    }
    numbers->lease->numbers = numbers;
    hq_id_make(&id, hq_now(hq_store_clock(store)));
    hq_id_write(&buf, &id);
    memcpy(numbers->holder, text, sizeof numbers->holder - 1);
    pthread_mutex_init(&numbers->lock, NULL);
    pthread_cond_init(&numbers->idle, NULL);
    return HQ_DONE;
}

void hq_clr__numbers_close(hq_clr__numbers *numbers, bool orderly)
{
    bool any = false;
    pthread_mutex_lock(&numbers->lock);
    numbers->closed = true;
    while (numbers->leasing) {
        pthread_cond_wait(&numbers->idle, &numbers->lock);
    }
    for (size_t i = 0; i < HQ_CLR__BLOCKS; i++) {
        any = any || numbers->blocks[i].first != 0;
    }
    pthread_mutex_unlock(&numbers->lock);
    if (any && orderly) {
        /* Failing leaves the leases to be found as abandoned by the next process. */
        HQ_IGNORE(hq_store_write(numbers->store, void_own, numbers));
    }
    pthread_cond_destroy(&numbers->idle);
    pthread_mutex_destroy(&numbers->lock);
    free(numbers->lease);
}
