/* SPDX-License-Identifier: Apache-2.0 */
#include "base/decimal.h"
#include "base/wide.h"

enum { FEW = 16 }; /* shares that need no scratch memory: most declarations have fewer lines */

typedef struct {
    hq_u128 remainder;
    size_t index;
} fraction;

static bool goes_before(const fraction *a, const fraction *b)
{
    return a->remainder != b->remainder ? a->remainder > b->remainder : a->index < b->index;
}

static void sink(fraction *heap, size_t count, size_t at)
{
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= count) {
            return;
        }
        if (child + 1 < count && goes_before(&heap[child + 1], &heap[child])) {
            child++;
        }
        if (!goes_before(&heap[child], &heap[at])) {
            return;
        }
        fraction moved = heap[at];
        heap[at] = heap[child];
        heap[child] = moved;
        at = child;
    }
}

/* One more to the `left` largest fractions. A heap, so that a manifest of thousands of lines costs
 * no more than it must. */
static void hand_out(int64_t *parts, fraction *heap, size_t count, uint64_t left)
{
    for (size_t i = count / 2; i-- > 0 && left > 0;) {
        sink(heap, count, i);
    }
    for (; left > 0; left--) {
        parts[heap[0].index]++;
        heap[0] = heap[--count];
        sink(heap, count, 0);
    }
}

static hq_status sum_of(hq_u128 *out, const int64_t *weights, size_t count)
{
    hq_u128 sum = 0;
    for (size_t i = 0; i < count; i++) {
        if (weights[i] < 0) {
            return HQ_FAIL(RANGE);
        }
        sum += (uint64_t)weights[i];
    }
    *out = sum;
    return HQ_DONE;
}

/* whole * weight / sum with its remainder, in 64 bits where that is enough. */
static uint64_t share(uint64_t whole, uint64_t weight, hq_u128 sum, hq_u128 *remainder)
{
    hq_u128 product = (hq_u128)whole * weight;
    if ((product >> 64) == 0 && (sum >> 64) == 0) {
        *remainder = (uint64_t)product % (uint64_t)sum;
        return (uint64_t)product / (uint64_t)sum;
    }
    *remainder = product % sum;
    return (uint64_t)(product / sum);
}

hq_status hq_distribute(int64_t *parts, int64_t whole, const int64_t *weights, size_t count,
                        hq_arena *scratch)
{
    hq_u128 sum;
    HQ_TRY(sum_of(&sum, weights, count));
    if (whole == 0) {
        if (count > 0) {
            memset(parts, 0, count * sizeof *parts);
        }
        return HQ_DONE;
    }
    if (sum == 0 || whole == INT64_MIN) {
        return HQ_FAIL(RANGE);
    }
    fraction few[FEW];
    fraction *heap = count <= FEW ? few : hq_arena_array(scratch, count, sizeof *heap);
    if (heap == NULL) {
        return HQ_FAIL(NOMEM);
    }
    uint64_t size = (uint64_t)(whole < 0 ? -whole : whole);
    uint64_t left = size;
    for (size_t i = 0; i < count; i++) {
        uint64_t part = share(size, (uint64_t)weights[i], sum, &heap[i].remainder);
        heap[i].index = i;
        parts[i] = (int64_t)part;
        left -= part;
    }
    hand_out(parts, heap, count, left);
    for (size_t i = 0; whole < 0 && i < count; i++) {
        parts[i] = -parts[i];
    }
    return HQ_DONE;
}
