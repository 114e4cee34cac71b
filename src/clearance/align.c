/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/align.h"

/* Which line after an amendment is which line before: the cheapest way from one list to the other,
 * where a line that stays the same costs nothing, a changed one the number of its members that
 * differ, and one that came or went as much as four of them. */

#define STEP_COST 4
#define CELLS_MAX ((size_t)250000) /* of the table; longer lists are paired by position */

typedef struct {
    const hq_doc **before, **after; /* the parts that are not the same at both ends */
    size_t before_count, after_count, start;
    size_t *after_of, *before_of;
} aligning;

static const hq_doc **lines_of(const hq_doc *list, size_t count, hq_arena *arena)
{
    const hq_doc **lines = HQ_NEW_ARRAY(arena, const hq_doc *, count + 1);
    const hq_doc *c = list == NULL ? NULL : list->first;
    for (size_t i = 0; lines != NULL && i < count; i++, c = c->next) {
        lines[i] = c;
    }
    return lines;
}

static unsigned distance(const hq_doc *a, const hq_doc *b)
{
    unsigned differ = 0;
    for (const hq_doc *c = a->first; c != NULL; c = c->next) {
        differ += !hq_doc_same(c, hq_doc_member(b, c->key));
    }
    for (const hq_doc *c = b->first; c != NULL; c = c->next) {
        differ += hq_doc_member(a, c->key) == NULL && !hq_doc_is_empty(c);
    }
    return differ;
}

static void pair(aligning *a, size_t i, size_t j)
{
    a->after_of[a->start + i] = a->start + j;
    a->before_of[a->start + j] = a->start + i;
}

static void pair_by_position(aligning *a)
{
    for (size_t i = 0; i < a->before_count && i < a->after_count; i++) {
        pair(a, i, i);
    }
}

/* cost[i][j]: of the lists from line i and j on. */
static void fill(unsigned *cost, const aligning *a)
{
    size_t width = a->after_count + 1;
    for (size_t i = a->before_count + 1; i-- > 0;) {
        for (size_t j = width; j-- > 0;) {
            unsigned best = i == a->before_count && j == a->after_count ? 0 : UINT32_MAX;
            if (i < a->before_count) {
                best = cost[(i + 1) * width + j] + STEP_COST;
            }
            if (j < a->after_count && cost[i * width + j + 1] + STEP_COST < best) {
                best = cost[i * width + j + 1] + STEP_COST;
            }
            if (i < a->before_count && j < a->after_count) {
                unsigned both = cost[(i + 1) * width + j + 1] + distance(a->before[i], a->after[j]);
                best = both <= best ? both : best;
            }
            cost[i * width + j] = best;
        }
    }
}

static void walk(const unsigned *cost, aligning *a)
{
    size_t width = a->after_count + 1;
    size_t i = 0;
    size_t j = 0;
    while (i < a->before_count && j < a->after_count) {
        unsigned here = cost[i * width + j];
        if (here == cost[(i + 1) * width + j + 1] + distance(a->before[i], a->after[j])) {
            pair(a, i++, j++);
        } else if (here == cost[(i + 1) * width + j] + STEP_COST) {
            i++;
        } else {
            j++;
        }
    }
}

/* Lines that are the same at the beginning and at the end need no table. */
static void trim(aligning *a, size_t old_count, size_t new_count)
{
    size_t start = 0;
    while (start < old_count && start < new_count &&
           hq_doc_same(a->before[start], a->after[start])) {
        pair(a, start, start);
        start++;
    }
    while (old_count > start && new_count > start &&
           hq_doc_same(a->before[old_count - 1], a->after[new_count - 1])) {
        pair(a, --old_count, --new_count);
    }
    a->before += start;
    a->after += start;
    a->before_count = old_count - start;
    a->after_count = new_count - start;
    a->start = start;
}

hq_status hq_clr__align(size_t *after_of, size_t old_count, size_t *before_of, size_t new_count,
                        const hq_doc *before, const hq_doc *after, hq_arena *arena)
{
    aligning a = { .before = lines_of(before, old_count, arena),
                   .after = lines_of(after, new_count, arena),
                   .after_of = after_of,
                   .before_of = before_of };
    if (a.before == NULL || a.after == NULL) {
        return HQ_FAIL(NOMEM);
    }
    for (size_t i = 0; i < old_count; i++) {
        after_of[i] = HQ_CLR__NO_LINE;
    }
    for (size_t i = 0; i < new_count; i++) {
        before_of[i] = HQ_CLR__NO_LINE;
    }
    trim(&a, old_count, new_count);
    size_t cells = (a.before_count + 1) * (a.after_count + 1);
    if (cells > CELLS_MAX) {
        pair_by_position(&a);
        return HQ_DONE;
    }
    unsigned *cost = HQ_NEW_ARRAY(arena, unsigned, cells);
    if (cost == NULL) {
        return HQ_FAIL(NOMEM);
    }
    fill(cost, &a);
    walk(cost, &a);
    return HQ_DONE;
}
