/* SPDX-License-Identifier: Apache-2.0 */
#include "reference/snapshot.h"

#include <stdlib.h>

/* Search over HS names: one folded text for all rows, scanned with memmem (a few gigabytes a
 * second, so under a millisecond for 20,000 names and no index to keep in memory). A row also
 * answers to the words of its headings: "- - Other" under horses is found by "horse". */

#define BLOB_MAX  ((size_t)256 << 20)
#define WORDS_MAX 12

/* ------------------------------------------------------------------ building */

static hq_status add_name(hq_buf *blob, hq_arena *scratch, hq_sv name)
{
    hq_sv folded;
    HQ_TRY(hq_fold(&folded, scratch, name));
    folded = hq_sv_trim(folded);
    if (folded.len > 0) {
        hq_buf_sv(blob, folded);
        hq_buf_char(blob, ' ');
    }
    return HQ_DONE;
}

/* Number of the row with the longest shorter code that this one's begins with, its own when there
 * is none. Rows are in order of code, so it is the row before or one of that row's headings. */
static uint32_t parent_of(const hq_ref *ref, uint32_t i)
{
    const hq_hs_row *rows = ref->hs.rows;
    for (uint32_t at = i; at > 0;) {
        at = at == i ? i - 1 : ref->search.parent[at];
        if (rows[at].hs.len < rows[i].hs.len && hq_sv_starts(rows[i].hs, rows[at].hs)) {
            return at;
        }
        if (ref->search.parent[at] == at) {
            break;
        }
    }
    return i;
}

static hq_status fill(hq_ref *ref, hq_buf *blob, hq_arena *scratch)
{
    const hq_hs_row *rows = ref->hs.rows;
    hq_ref__search *search = &ref->search;
    for (uint32_t i = 0; i < search->count; i++) {
        search->start[i] = (uint32_t)blob->len;
        hq_buf_lit(blob, "\n ");
        hq_buf_sv(blob, rows[i].hs);
        hq_buf_char(blob, ' ');
        HQ_TRY(add_name(blob, scratch, rows[i].name_vi));
        HQ_TRY(add_name(blob, scratch, rows[i].name_en));
        search->parent[i] = parent_of(ref, i);
        hq_arena_reset(scratch);
    }
    search->start[search->count] = (uint32_t)blob->len;
    return hq_buf_status(blob);
}

hq_status hq_ref__index_search(hq_ref *ref)
{
    hq_ref__search *search = &ref->search;
    search->count = ref->hs.count;
    search->start = HQ_NEW_ARRAY(ref->arena, uint32_t, search->count + 1);
    search->parent = HQ_NEW_ARRAY(ref->arena, uint32_t, search->count + 1);
    hq_arena *scratch = hq_arena_new((size_t)1 << 20);
    hq_buf blob = HQ_BUF_HEAP(BLOB_MAX);
    hq_status s = search->start == NULL || search->parent == NULL || scratch == NULL
                      ? HQ_FAIL(NOMEM)
                      : fill(ref, &blob, scratch);
    hq_arena_free(scratch);
    if (hq_ok(s)) {
        search->text = hq_arena_alloc(ref->arena, blob.len + 1);
        search->len = blob.len;
        s = search->text == NULL ? HQ_FAIL(NOMEM) : HQ_DONE;
    }
    if (hq_ok(s) && blob.len > 0) {
        memcpy(search->text, blob.ptr, blob.len);
    }
    hq_buf_free(&blob);
    return s;
}

/* ------------------------------------------------------------------ searching */

enum { OWN_WORD = 8, OWN_PREFIX = 5, HEADING = 2, AT_START = 3, FULL_CODE = 1 };

typedef struct {
    const hq_ref *ref;
    uint16_t *sum; /* score of each row, 0: out */
    uint8_t *now;  /* score of the word in hand */
} scan;

static uint32_t row_of(const hq_ref__search *search, size_t offset)
{
    uint32_t low = 0;
    uint32_t high = search->count;
    while (low + 1 < high) {
        uint32_t middle = (low + high) / 2;
        if (search->start[middle] <= offset) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

/* Where the word (or a word that begins so) stands: marks rows in now[]. */
static void mark(scan *s, hq_sv word, bool prefix)
{
    const hq_ref__search *search = &s->ref->search;
    char needle[64];
    size_t len = word.len < sizeof needle - 1 ? word.len : sizeof needle - 2;
    needle[0] = ' ';
    memcpy(needle + 1, word.ptr, len);
    const char *at = search->text;
    const char *end = search->text + search->len;
    while ((at = memmem(at, (size_t)(end - at), needle, len + 1)) != NULL) {
        const char *after = at + len + 1;
        bool whole = after < end && *after == ' ';
        uint32_t row = row_of(search, (size_t)(at - search->text));
        if (whole || prefix) {
            uint8_t score = (uint8_t)(whole ? OWN_WORD : OWN_PREFIX);
            s->now[row] = s->now[row] > score ? s->now[row] : score;
        }
        at = after;
        if (s->now[row] == OWN_WORD) { /* nothing better in this row */
            at = search->text + search->start[row + 1];
        }
    }
}

static void take_word(scan *s, hq_sv word, bool prefix, bool first)
{
    const hq_ref__search *search = &s->ref->search;
    memset(s->now, 0, search->count);
    mark(s, word, prefix);
    for (uint32_t i = 0; i < search->count; i++) {
        uint32_t parent = search->parent[i];
        if (s->now[i] == 0 && parent != i && s->now[parent] != 0) {
            s->now[i] = HEADING;
        }
        bool stays = s->now[i] != 0 && (first || s->sum[i] != 0);
        s->sum[i] = (uint16_t)(stays ? s->sum[i] + s->now[i] : 0);
    }
}

static bool before(const hq_hs_hit *a, const hq_hs_hit *b)
{
    if (a->score != b->score) {
        return a->score > b->score;
    }
    return hq_sv_cmp(a->row->hs, b->row->hs) < 0;
}

static void insert_hit(hq_hs_hit *out, size_t *count, size_t max, hq_hs_hit hit)
{
    size_t at = *count;
    if (at == max) {
        if (!before(&hit, &out[max - 1])) {
            return;
        }
        at--;
    } else {
        (*count)++;
    }
    while (at > 0 && before(&hit, &out[at - 1])) {
        out[at] = out[at - 1];
        at--;
    }
    out[at] = hit;
}

/* How well a row that has all words fits: words at the start and short names before long ones. */
static int score_of(const scan *s, uint32_t i, hq_sv folded)
{
    const hq_ref__search *search = &s->ref->search;
    const hq_hs_row *row = (const hq_hs_row *)s->ref->hs.rows + i;
    hq_sv line =
        hq_sv_make(search->text + search->start[i], search->start[i + 1] - search->start[i]);
    hq_sv names = hq_sv_sub(line, row->hs.len + 3, line.len);
    int brevity = names.len < 160 ? (int)(160 - names.len) / 4 : 0;
    int start = hq_sv_starts(names, folded) ? AT_START : 0;
    return s->sum[i] * 16 + brevity + start * 8 + (row->hs.len == 8 ? FULL_CODE : 0);
}

static void collect(hq_hs_hit *out, size_t *count, size_t max, const scan *s, hq_sv folded,
                    hq_day day)
{
    const hq_hs_row *rows = s->ref->hs.rows;
    for (uint32_t i = 0; i < s->ref->search.count; i++) {
        if (s->sum[i] != 0 && rows[i].from <= day && day <= rows[i].to) {
            insert_hit(out, count, max, (hq_hs_hit){ &rows[i], score_of(s, i, folded) });
        }
    }
}

/* Codes that begin with the digits, in order of code, the code itself first. */
static void by_code(hq_hs_hit *out, size_t *count, size_t max, const hq_ref *ref, hq_sv digits,
                    hq_day day)
{
    const hq_hs_row *rows = ref->hs.rows;
    uint32_t low = 0;
    uint32_t high = ref->hs.count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (hq_sv_cmp(rows[middle].hs, digits) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    for (; low < ref->hs.count && *count < max && hq_sv_starts(rows[low].hs, digits); low++) {
        if (rows[low].from <= day && day <= rows[low].to) {
            int score = 1000 - 10 * (int)(rows[low].hs.len - digits.len);
            out[(*count)++] = (hq_hs_hit){ &rows[low], score };
        }
    }
}

/* "8481.80.99" and "8481 80" are codes too. */
static bool as_code(char digits[16], hq_sv *out, hq_sv words)
{
    size_t len = 0;
    for (size_t i = 0; i < words.len; i++) {
        char c = words.ptr[i];
        if (c == '.' || c == ' ') {
            continue;
        }
        if (c < '0' || c > '9' || len == 8) {
            return false;
        }
        digits[len++] = c;
    }
    *out = hq_sv_make(digits, len);
    return len > 0;
}

hq_status hq_ref_search_hs(hq_hs_hit *out, size_t *count, size_t max, const hq_ref *ref,
                           hq_sv words, hq_day day, hq_arena *arena)
{
    char digits[16];
    hq_sv code;
    hq_sv folded;
    *count = 0;
    if (as_code(digits, &code, words)) {
        by_code(out, count, max, ref, code, day);
        return HQ_DONE;
    }
    HQ_TRY(hq_fold(&folded, arena, words));
    folded = hq_sv_trim(folded);
    scan s = { .ref = ref };
    s.sum = HQ_NEW_ARRAY(arena, uint16_t, ref->search.count + 1);
    s.now = HQ_NEW_ARRAY(arena, uint8_t, ref->search.count + 1);
    if (s.sum == NULL || s.now == NULL) {
        return HQ_FAIL(NOMEM);
    }
    if (folded.len == 0 || max == 0 || ref->search.count == 0) {
        return HQ_DONE;
    }
    hq_sv rest = folded;
    for (int i = 0; i < WORDS_MAX && rest.ptr != NULL; i++) {
        hq_sv word = hq_sv_cut(&rest, ' ');
        take_word(&s, word, rest.ptr == NULL, i == 0);
    }
    collect(out, count, max, &s, folded, day);
    return HQ_DONE;
}
