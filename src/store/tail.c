/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "store/inside.h"

/* The newest events in memory, so that the sealer, the followers and the live pages do not read
 * back what was written a moment ago. A ring of entries over a ring of bytes; what is overwritten
 * is read from the database. Memory is touched only as far as it is used. */

enum { ENTRIES = 1 << 14, BYTES = 1 << 23 };

typedef struct {
    uint64_t at; /* counted over the whole life; the place in the ring is at % BYTES */
    size_t len;
    hq_hash32 leaf;
} kept;

struct hq_store__tail {
    pthread_mutex_t lock;
    pthread_cond_t moved;
    _Atomic int64_t head;
    uint64_t pokes;
    unsigned waiting;
    bool closing;
    int64_t first; /* oldest position kept; first > head: none */
    uint64_t end;  /* of the bytes */
    kept *entries; /* by position % ENTRIES */
    char *bytes;
};

hq_store__tail *hq_store__tail_new(int64_t head)
{
    hq_store__tail *tail = calloc(1, sizeof *tail);
    if (tail == NULL) {
        return NULL;
    }
    pthread_mutex_init(&tail->lock, NULL);
    pthread_cond_init(&tail->moved, NULL);
    atomic_init(&tail->head, head);
    tail->first = head + 1;
    tail->entries = calloc(ENTRIES, sizeof *tail->entries);
    tail->bytes = calloc(1, BYTES);
    if (tail->entries == NULL || tail->bytes == NULL) {
        hq_store__tail_free(tail);
        return NULL;
    }
    return tail;
}

void hq_store__tail_free(hq_store__tail *tail)
{
    if (tail == NULL) {
        return;
    }
    pthread_mutex_destroy(&tail->lock);
    pthread_cond_destroy(&tail->moved);
    free(tail->entries);
    free(tail->bytes);
    free(tail);
}

/* The piece never wraps: what does not fit before the end of the ring starts over. */
static void keep(hq_store__tail *tail, int64_t position, const hq_store__entry *entry, hq_sv bytes)
{
    if (tail->end % BYTES + bytes.len > BYTES) {
        tail->end += BYTES - tail->end % BYTES;
    }
    memcpy(tail->bytes + tail->end % BYTES, bytes.ptr, bytes.len);
    tail->entries[position % ENTRIES] =
        (kept){ .at = tail->end, .len = bytes.len, .leaf = entry->leaf };
    tail->end += bytes.len;
    while (tail->first <= position &&
           (position - tail->first >= ENTRIES ||
            tail->end - tail->entries[tail->first % ENTRIES].at > BYTES)) {
        tail->first++;
    }
}

void hq_store__tail_append(hq_store__tail *tail, const hq_store__pending *pending)
{
    size_t count = pending->entries.len / sizeof(hq_store__entry);
    int64_t before = pending->head - (int64_t)count;
    if (pending->head == hq_store__tail_head(tail)) {
        return;
    }
    pthread_mutex_lock(&tail->lock);
    if (before != atomic_load_explicit(&tail->head, memory_order_relaxed)) {
        tail->first = before + 1; /* another process wrote in between */
    }
    for (size_t i = 0; i < count; i++) {
        hq_store__entry entry;
        memcpy(&entry, pending->entries.ptr + i * sizeof entry, sizeof entry);
        keep(tail, before + 1 + (int64_t)i, &entry,
             hq_sv_make(pending->bytes.ptr + entry.at, entry.len));
    }
    atomic_store_explicit(&tail->head, pending->head, memory_order_release);
    bool wake = tail->waiting > 0;
    pthread_mutex_unlock(&tail->lock);
    if (wake) {
        pthread_cond_broadcast(&tail->moved);
    }
}

int64_t hq_store__tail_head(const hq_store__tail *tail)
{
    return atomic_load_explicit(&tail->head, memory_order_acquire);
}

void hq_store__tail_poke(hq_store__tail *tail)
{
    pthread_mutex_lock(&tail->lock);
    tail->pokes++;
    pthread_cond_broadcast(&tail->moved);
    pthread_mutex_unlock(&tail->lock);
}

void hq_store__tail_close(hq_store__tail *tail)
{
    pthread_mutex_lock(&tail->lock);
    tail->closing = true;
    pthread_cond_broadcast(&tail->moved);
    pthread_mutex_unlock(&tail->lock);
}

int64_t hq_store__tail_wait(hq_store__tail *tail, int64_t position, int64_t us)
{
    int64_t until = us < 0 ? INT64_MAX : hq_os_monotonic_us() + us;
    pthread_mutex_lock(&tail->lock);
    uint64_t pokes = tail->pokes;
    tail->waiting++;
    while (hq_store__tail_head(tail) <= position && tail->pokes == pokes && !tail->closing) {
        int64_t left = us < 0 ? INT64_MAX : until - hq_os_monotonic_us();
        if (left <= 0) {
            break;
        }
        if (us < 0) {
            pthread_cond_wait(&tail->moved, &tail->lock);
        } else {
            hq_cond_wait_us(&tail->moved, &tail->lock, left);
        }
    }
    tail->waiting--;
    pthread_mutex_unlock(&tail->lock);
    return hq_store__tail_head(tail);
}

static size_t available(const hq_store__tail *tail, int64_t after, size_t limit)
{
    int64_t head = hq_store__tail_head(tail);
    if (after + 1 < tail->first || after >= head) {
        return 0;
    }
    size_t count = (size_t)(head - after);
    return count < limit ? count : limit;
}

static hq_status copy_out(hq_store__tail *tail, int64_t after, size_t count, hq_arena *arena,
                          hq_event_view *views, hq_sv *raw)
{
    for (size_t i = 0; i < count; i++) {
        int64_t position = after + 1 + (int64_t)i;
        const kept *one = &tail->entries[position % ENTRIES];
        raw[i] = hq_arena_dup(arena, hq_sv_make(tail->bytes + one->at % BYTES, one->len));
        if (raw[i].ptr == NULL) {
            return HQ_FAIL(NOMEM);
        }
        views[i].position = position;
        views[i].leaf = one->leaf;
    }
    return HQ_DONE;
}

bool hq_store__tail_read(hq_store__tail *tail, int64_t after, size_t limit, hq_arena *arena,
                         hq_event_view **out, size_t *count, hq_status *status)
{
    pthread_mutex_lock(&tail->lock);
    size_t have = available(tail, after, limit);
    hq_event_view *views = HQ_NEW_ARRAY(arena, hq_event_view, have);
    hq_hash32 *hashes = HQ_NEW_ARRAY(arena, hq_hash32, have);
    hq_sv *raw = HQ_NEW_ARRAY(arena, hq_sv, have);
    hq_status s = views == NULL || hashes == NULL || raw == NULL
                      ? HQ_FAIL(NOMEM)
                      : copy_out(tail, after, have, arena, views, raw);
    pthread_mutex_unlock(&tail->lock);
    for (size_t i = 0; hq_ok(s) && i < have; i++) {
        s = hq_store__event_decode(&views[i], &hashes[i], raw[i]);
    }
    *out = views;
    *count = have;
    *status = s;
    return have > 0;
}

void hq_store__tail_leaves(hq_store__tail *tail, int64_t after, hq_hash32 *out, size_t limit,
                           size_t *count)
{
    pthread_mutex_lock(&tail->lock);
    *count = available(tail, after, limit);
    for (size_t i = 0; i < *count; i++) {
        out[i] = tail->entries[(after + 1 + (int64_t)i) % ENTRIES].leaf;
    }
    pthread_mutex_unlock(&tail->lock);
}
