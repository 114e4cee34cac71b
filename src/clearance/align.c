/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/align.h"

#include <stdlib.h>

/* Which line after an amendment is which line before: the cheapest way from one list to the other,
 * where a line that stays the same costs nothing, a changed one the number of its members that
 * differ, and one that came or went as much as four of them. Of lists too long for the table, lines
 * that are the same and like no other are matched first, and what lies between them by the table.
 */

#define STEP_COST 4
#define CELLS_MAX ((size_t)250000) /* of a table; what is longer is paired by position */
#define LINE_MAX  ((size_t)1 << 20)

typedef struct {
    const hq_doc **before, **after;
    size_t *after_of, *before_of;
    hq_arena *arena;
} aligning;

/* A stretch of both lists. */
typedef struct {
    size_t before, before_end, after, after_end;
} stretch;

static const hq_doc **lines_of(const hq_doc *list, size_t count, hq_arena *arena)
{
    const hq_doc **lines = HQ_NEW_ARRAY(arena, const hq_doc *, count + 1);
    const hq_doc *c = list == NULL ? NULL : list->first;
    for (size_t i = 0; lines != NULL && i < count; i++, c = c->next) {
        lines[i] = c;
    }
    return lines;
}

static void pair(aligning *a, size_t i, size_t j)
{
    a->after_of[i] = j;
    a->before_of[j] = i;
}

/* ------------------------------------------------------------------ the table */

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

/* cost[i][j]: of the stretch from line i and j on. */
static void fill(unsigned *cost, const aligning *a, const stretch *s)
{
    size_t height = s->before_end - s->before;
    size_t width = s->after_end - s->after + 1;
    for (size_t i = height + 1; i-- > 0;) {
        for (size_t j = width; j-- > 0;) {
            unsigned best = i == height && j == width - 1 ? 0 : UINT32_MAX;
            if (i < height) {
                best = cost[(i + 1) * width + j] + STEP_COST;
            }
            if (j < width - 1 && cost[i * width + j + 1] + STEP_COST < best) {
                best = cost[i * width + j + 1] + STEP_COST;
            }
            if (i < height && j < width - 1) {
                unsigned both = cost[(i + 1) * width + j + 1] +
                                distance(a->before[s->before + i], a->after[s->after + j]);
                best = both <= best ? both : best;
            }
            cost[i * width + j] = best;
        }
    }
}

static void walk(const unsigned *cost, aligning *a, const stretch *s)
{
    size_t width = s->after_end - s->after + 1;
    size_t i = s->before;
    size_t j = s->after;
    while (i < s->before_end && j < s->after_end) {
        size_t at = (i - s->before) * width + (j - s->after);
        if (cost[at] == cost[at + width + 1] + distance(a->before[i], a->after[j])) {
            pair(a, i++, j++);
        } else if (cost[at] == cost[at + width] + STEP_COST) {
            i++;
        } else {
            j++;
        }
    }
}

static bool fits(const stretch *s)
{
    return (s->before_end - s->before + 1) * (s->after_end - s->after + 1) <= CELLS_MAX;
}

/* Lines that are the same at the beginning and at the end need no table. */
static void trim(aligning *a, stretch *s)
{
    while (s->before < s->before_end && s->after < s->after_end &&
           hq_doc_same(a->before[s->before], a->after[s->after])) {
        pair(a, s->before++, s->after++);
    }
    while (s->before < s->before_end && s->after < s->after_end &&
           hq_doc_same(a->before[s->before_end - 1], a->after[s->after_end - 1])) {
        s->before_end--;
        s->after_end--;
        pair(a, s->before_end, s->after_end);
    }
}

static hq_status align_stretch(aligning *a, stretch *s)
{
    trim(a, s);
    if (!fits(s)) {
        for (size_t i = s->before, j = s->after; i < s->before_end && j < s->after_end; i++, j++) {
            pair(a, i, j);
        }
        return HQ_DONE;
    }
    unsigned *cost = HQ_NEW_ARRAY(a->arena, unsigned,
                                  (s->before_end - s->before + 1) * (s->after_end - s->after + 1));
    if (cost == NULL) {
        return HQ_FAIL(NOMEM);
    }
    fill(cost, a, s);
    walk(cost, a, s);
    return HQ_DONE;
}

/* ------------------------------------------------------------------ lines like no other */

typedef struct {
    hq_hash32 hash;
    size_t line;
    bool after;
} mark;

static int mark_order(const void *x, const void *y)
{
    const mark *a = x;
    const mark *b = y;
    int by_hash = memcmp(a->hash.bytes, b->hash.bytes, sizeof a->hash.bytes);
    if (by_hash != 0) {
        return by_hash;
    }
    return a->after != b->after ? (a->after ? 1 : -1) : (a->line > b->line) - (a->line < b->line);
}

static hq_status put_marks(mark *marks, const hq_doc **lines, size_t from, size_t to, bool after,
                           hq_arena *arena)
{
    hq_buf text = HQ_BUF_ARENA(arena, LINE_MAX);
    for (size_t i = from; i < to; i++) {
        hq_json_w w = hq_json_writer(&text);
        text.len = 0;
        hq_doc_write(&w, lines[i]);
        HQ_TRY(hq_buf_status(&text));
        hq_blake2b(&marks[i - from].hash, hq_buf_view(&text));
        marks[i - from].line = i;
        marks[i - from].after = after;
    }
    return HQ_DONE;
}

static bool same_mark(const mark *a, const mark *b)
{
    return memcmp(a->hash.bytes, b->hash.bytes, sizeof a->hash.bytes) == 0;
}

/* twin[i]: the only line after that is the only line before i. */
static void find_twins(size_t *twin, const mark *marks, size_t count)
{
    for (size_t i = 0; i < count;) {
        size_t end = i + 1;
        while (end < count && same_mark(&marks[i], &marks[end])) {
            end++;
        }
        if (end == i + 2 && !marks[i].after && marks[i + 1].after) {
            twin[marks[i].line] = marks[i + 1].line;
        }
        i = end;
    }
}

/* Of the twins the longest run that keeps its order in both lists; the others lose theirs. */
static hq_status keep_order(size_t *twin, const stretch *s, hq_arena *arena)
{
    size_t count = s->before_end - s->before;
    size_t *tail = HQ_NEW_ARRAY(arena, size_t, count + 1); /* line that ends a run of each length */
    size_t *prior = HQ_NEW_ARRAY(arena, size_t, count + 1);
    size_t length = 0;
    if (tail == NULL || prior == NULL) {
        return HQ_FAIL(NOMEM);
    }
    for (size_t i = s->before; i < s->before_end; i++) {
        size_t low = 0;
        size_t high = length;
        if (twin[i] == HQ_CLR__NO_LINE) {
            continue;
        }
        while (low < high) {
            size_t middle = (low + high) / 2;
            if (twin[tail[middle]] < twin[i]) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        prior[i - s->before] = low == 0 ? HQ_CLR__NO_LINE : tail[low - 1];
        tail[low] = i;
        length = low == length ? length + 1 : length;
    }
    size_t kept = length == 0 ? HQ_CLR__NO_LINE : tail[length - 1];
    for (size_t i = s->before_end; i-- > s->before;) {
        if (i == kept) {
            kept = prior[i - s->before];
        } else {
            twin[i] = HQ_CLR__NO_LINE;
        }
    }
    return HQ_DONE;
}

static hq_status align_long(aligning *a, const stretch *s)
{
    size_t before = s->before_end - s->before;
    size_t count = before + s->after_end - s->after;
    mark *marks = HQ_NEW_ARRAY(a->arena, mark, count + 1);
    size_t *twin = HQ_NEW_ARRAY(a->arena, size_t, s->before_end + 1);
    if (marks == NULL || twin == NULL) {
        return HQ_FAIL(NOMEM);
    }
    for (size_t i = 0; i < s->before_end; i++) {
        twin[i] = HQ_CLR__NO_LINE;
    }
    HQ_TRY(put_marks(marks, a->before, s->before, s->before_end, false, a->arena));
    HQ_TRY(put_marks(marks + before, a->after, s->after, s->after_end, true, a->arena));
    qsort(marks, count, sizeof *marks, mark_order);
    find_twins(twin, marks, count);
    HQ_TRY(keep_order(twin, s, a->arena));
    stretch between = *s;
    for (size_t i = s->before; i < s->before_end; i++) {
        if (twin[i] == HQ_CLR__NO_LINE) {
            continue;
        }
        between.before_end = i;
        between.after_end = twin[i];
        HQ_TRY(align_stretch(a, &between));
        pair(a, i, twin[i]);
        between = (stretch){ .before = i + 1, .after = twin[i] + 1 };
    }
    between.before_end = s->before_end;
    between.after_end = s->after_end;
    return align_stretch(a, &between);
}

/* ------------------------------------------------------------------ the whole */

hq_status hq_clr__align(size_t *after_of, size_t old_count, size_t *before_of, size_t new_count,
                        const hq_doc *before, const hq_doc *after, hq_arena *arena)
{
    aligning a = { .before = lines_of(before, old_count, arena),
                   .after = lines_of(after, new_count, arena),
                   .after_of = after_of,
                   .before_of = before_of,
                   .arena = arena };
    if (a.before == NULL || a.after == NULL) {
        return HQ_FAIL(NOMEM);
    }
    for (size_t i = 0; i < old_count; i++) {
        after_of[i] = HQ_CLR__NO_LINE;
    }
    for (size_t i = 0; i < new_count; i++) {
        before_of[i] = HQ_CLR__NO_LINE;
    }
    stretch middle = { 0, old_count, 0, new_count };
    trim(&a, &middle);
    return fits(&middle) ? align_stretch(&a, &middle) : align_long(&a, &middle);
}
