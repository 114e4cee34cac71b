/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/content.h"
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

/* ------------------------------------------------------------------ as they are stored */

/* Pieces: a 1, then of each piece a number of 7 bits a byte, low ones first: twice its length, and
 * one more when its text follows here, else its place in the document follows. Folded text begins
 * with a space, or is empty. */
enum { PIECES = 1 };

static void put_number(hq_buf *buf, uint64_t v)
{
    for (; v >= 0x80; v >>= 7) {
        hq_buf_char(buf, (char)(v | 0x80));
    }
    hq_buf_char(buf, (char)v);
}

static uint64_t get_number(hq_cursor *cur)
{
    uint64_t v = 0;
    for (unsigned shift = 0; shift < 63; shift += 7) {
        uint64_t byte = hq_cursor_u8(cur);
        v |= (byte & 0x7f) << shift;
        if (byte < 0x80) {
            return v;
        }
    }
    cur->failed = true;
    return 0;
}

/* A text of the document as it was sent lies in it; one that was unescaped or composed does not. */
static void put_piece(hq_buf *pieces, hq_sv text, hq_sv document)
{
    uintptr_t place = (uintptr_t)text.ptr - (uintptr_t)document.ptr;
    if (text.len == 0) {
        return;
    }
    if (place < document.len && text.len <= document.len - place) {
        put_number(pieces, 2 * text.len);
        put_number(pieces, place);
        return;
    }
    put_number(pieces, 2 * text.len + 1);
    hq_buf_sv(pieces, text);
}

static hq_sv take_piece(hq_cursor *cur, hq_sv document)
{
    uint64_t head = get_number(cur);
    if ((head & 1) != 0) {
        return hq_cursor_take(cur, head / 2);
    }
    uint64_t place = get_number(cur);
    if (place > document.len || head / 2 > document.len - place) {
        cur->failed = true;
        return HQ_SV_NULL;
    }
    return hq_sv_sub(document, place, head / 2);
}

bool hq_clr__words_need_body(hq_sv words)
{
    return words.len > 0 && words.ptr[0] == PIECES;
}

hq_status hq_clr__words_fold(hq_buf *out, hq_sv words, hq_sv body, hq_arena *arena)
{
    hq_cursor cur = { .in = words, .at = 1 };
    if (!hq_clr__words_need_body(words)) {
        hq_buf_sv(out, words);
        return hq_buf_status(out);
    }
    while (cur.at < words.len && !cur.failed) {
        hq_sv piece = take_piece(&cur, body);
        if (!cur.failed) {
            add(out, piece, arena);
        }
    }
    return cur.failed ? HQ_FAIL(CORRUPT) : hq_buf_status(out);
}

/* ------------------------------------------------------------------ of a declaration */

/* The trader's tax code is no word: it is found by its own term. */
static hq_sv name_of(const hq_declaration *d, const hq_ref *ref)
{
    const hq_party *trader = hq_clr__trader_of(d);
    if (trader->name.len > 0) {
        return trader->name;
    }
    const hq_enterprise_row *known = hq_ref_enterprise(ref, trader->tax_code);
    return known == NULL ? HQ_SV("") : known->name;
}

static hq_sv folded_words(const hq_declaration *d, hq_sv name, hq_arena *arena)
{
    hq_buf all = HQ_BUF_ARENA(arena, WORDS_MAX);
    add(&all, name, arena);
    add(&all, d->reference, arena);
    add_many(&all, d, arena);
    return hq_failed(hq_buf_status(&all)) ? HQ_SV_NULL : hq_buf_view(&all);
}

/* Whoever reads them folds them, which is one thread's work in its own time; of a long declaration
 * the distinct words are far less than its descriptions and are folded here. */
hq_sv hq_clr__words_of(const hq_declaration *d, const hq_ref *ref, hq_arena *arena)
{
    hq_sv name = name_of(d, ref);
    if (d->line_count > HQ_BRANCH_LINES) {
        return folded_words(d, name, arena);
    }
    hq_buf pieces = HQ_BUF_ARENA(arena, WORDS_MAX);
    hq_buf_reserve(&pieces, 64 + name.len + 6 * d->line_count);
    hq_buf_char(&pieces, PIECES);
    put_piece(&pieces, name, d->json);
    put_piece(&pieces, d->reference, d->json);
    for (size_t i = 0; d->low_value && i < d->bill_count; i++) {
        put_piece(&pieces, d->bills[i], d->json);
    }
    for (size_t i = 0; i < d->line_count; i++) {
        put_piece(&pieces, d->lines[i].description, d->json);
    }
    return hq_failed(hq_buf_status(&pieces)) ? HQ_SV_NULL : hq_buf_view(&pieces);
}
