/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/filing.h"

#define WORDS_MAX ((size_t)256 << 10)
/* Of more lines than a branch holds: each word once, and no more than so many bytes of them, so
 * that one manifest takes no more of the index than it must. */
#define MANY_WORDS_MAX ((size_t)64 << 10)
#define SEEN_MAX       32768

void hq_clr__findings_json(hq_json_w *w, const hq_finding *items, size_t count)
{
    static const char *const severities[] = { "info", "warning", "error" };
    hq_json_open(w, '[');
    for (size_t i = 0; i < count; i++) {
        const hq_finding *f = &items[i];
        hq_json_open(w, '{');
        HQ_JSON_KEY(w, "rule");
        hq_json_text(w, f->rule);
        HQ_JSON_KEY(w, "severity");
        hq_json_text(w, hq_sv_from_cstr(severities[f->severity]));
        HQ_JSON_KEY(w, "path");
        hq_json_text(w, f->path);
        HQ_JSON_KEY(w, "value");
        if (f->value.len == 0) {
            hq_json_null(w);
        } else {
            hq_json_raw(w, f->value);
        }
        HQ_JSON_KEY(w, "text");
        hq_json_open(w, '{');
        HQ_JSON_KEY(w, "vi");
        hq_json_text(w, f->vi);
        HQ_JSON_KEY(w, "en");
        hq_json_text(w, f->en);
        hq_json_close(w, '}');
        hq_json_close(w, '}');
    }
    hq_json_close(w, ']');
}

/* Letters of ASCII folded, digits as they are, anything else 0: the usual text is folded here, byte
 * by byte; a word with other letters goes to hq_fold. */
#define EIGHT(from)                                                                                \
    (from), (from) + 1, (from) + 2, (from) + 3, (from) + 4, (from) + 5, (from) + 6, (from) + 7
#define LETTERS EIGHT('a'), EIGHT('a' + 8), EIGHT('a' + 16), 'y', 'z'
static const unsigned char plain[256] = {
    ['0'] = EIGHT('0'), '8', '9', ['A'] = LETTERS, ['a'] = LETTERS
};

static void add_folded(hq_buf *all, hq_sv text, hq_arena *arena)
{
    hq_sv folded;
    if (hq_failed(hq_fold(&folded, arena, text))) {
        all->failed = HQ_E_NOMEM;
    } else if (folded.len > 0) {
        hq_buf_char(all, ' ');
        hq_buf_sv(all, folded);
    }
}

static bool is_ascii(hq_sv text)
{
    unsigned char all = 0;
    for (size_t i = 0; i < text.len; i++) {
        all |= (unsigned char)text.ptr[i];
    }
    return all < 0x80;
}

static void add(hq_buf *all, hq_sv text, hq_arena *arena)
{
    if (!is_ascii(text)) {
        add_folded(all, text, arena);
        return;
    }
    char *from = text.len == 0 ? NULL : hq_buf_reserve(all, text.len + 2);
    if (from == NULL) {
        return;
    }
    /* A gap is written over by the next one: without branches, words are too short to foresee. */
    char *to = from;
    *to++ = ' ';
    for (size_t i = 0; i < text.len; i++) {
        unsigned char folded = plain[(unsigned char)text.ptr[i]];
        bool gap = folded == 0;
        *to = gap ? ' ' : (char)folded;
        to += !(gap && to[-1] == ' ');
    }
    to -= to[-1] == ' ';
    all->len += (size_t)(to - from);
}

/* Appends the words that are not there yet; false when there is no room for another one. Words in
 * `seen` lie in `all`, whose room was taken before and does not move. */
static bool add_new(hq_buf *all, hq_map *seen, hq_sv words)
{
    while (words.ptr != NULL) {
        hq_sv word = hq_sv_cut(&words, ' ');
        if (word.len == 0 || hq_map_has(seen, word)) {
            continue;
        }
        if (all->len + word.len + 1 > MANY_WORDS_MAX) {
            return false;
        }
        hq_buf_char(all, ' ');
        hq_sv kept = { all->ptr + all->len, word.len };
        hq_buf_sv(all, word);
        hq_status s = hq_map_put(seen, kept, all);
        if (hq_failed(s)) {
            all->failed = s.code == HQ_E_LIMIT ? all->failed : s.code;
            return false;
        }
    }
    return true;
}

static void add_many(hq_buf *all, const hq_declaration *d, hq_arena *arena)
{
    hq_buf line = HQ_BUF_ARENA(arena, WORDS_MAX);
    hq_map *seen = hq_map_new(arena, 1024, SEEN_MAX);
    if (seen == NULL || hq_buf_reserve(all, MANY_WORDS_MAX) == NULL) {
        all->failed = HQ_E_NOMEM;
        return;
    }
    bool room = true;
    for (size_t i = 0; room && i < d->line_count; i++) {
        line.len = 0;
        add(&line, d->lines[i].description, arena);
        all->failed = hq_ok(hq_buf_status(&line)) ? all->failed : line.failed;
        room = add_new(all, seen, hq_buf_view(&line));
    }
}

/* The trader's tax code is no word: it is found by its own term. */
hq_sv hq_clr__words_of(const hq_declaration *d, const hq_ref *ref, hq_arena *arena)
{
    const hq_party *trader = hq_clr__trader_of(d);
    hq_buf all = HQ_BUF_ARENA(arena, WORDS_MAX);
    hq_buf_reserve(&all,
                   128 + 64 * (d->line_count < HQ_BRANCH_LINES ? d->line_count : HQ_BRANCH_LINES));
    if (trader->name.len > 0) {
        add(&all, trader->name, arena);
    } else {
        const hq_enterprise_row *known = hq_ref_enterprise(ref, trader->tax_code);
        add(&all, known == NULL ? HQ_SV("") : known->name, arena);
    }
    add(&all, d->reference, arena);
    if (d->line_count > HQ_BRANCH_LINES) {
        add_many(&all, d, arena);
    }
    for (size_t i = 0; i < d->line_count && d->line_count <= HQ_BRANCH_LINES; i++) {
        add(&all, d->lines[i].description, arena);
    }
    return hq_failed(hq_buf_status(&all)) ? HQ_SV_NULL : hq_buf_view(&all);
}
