/* SPDX-License-Identifier: Apache-2.0 */
#include "base/unicode.h"

#include <utf8proc.h>

enum {
    SPREAD_MAX = 32, /* code points one code point may decompose into; Unicode's longest is 18 */
    D_WITH_STROKE = 0x111
};

static const uint64_t high_bits = UINT64_C(0x8080808080808080);

/* Bytes of ASCII at the start, eight at a time. */
static size_t ascii_prefix(hq_sv v)
{
    size_t at = 0;
    for (; v.len - at >= 8; at += 8) {
        uint64_t eight;
        memcpy(&eight, v.ptr + at, 8);
        if ((eight & high_bits) != 0) {
            break;
        }
    }
    while (at < v.len && (unsigned char)v.ptr[at] < 0x80) {
        at++;
    }
    return at;
}

/* Length of the well-formed sequence at v.ptr[at], 0 when it is none (Unicode, table 3-7). */
static size_t sequence(hq_sv v, size_t at)
{
    unsigned char lead = (unsigned char)v.ptr[at];
    if (lead < 0x80) {
        return 1;
    }
    size_t len = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || v.len - at < len) {
        return 0;
    }
    unsigned char second = (unsigned char)v.ptr[at + 1];
    unsigned char least = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    unsigned char most = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    if (second < least || second > most) {
        return 0;
    }
    for (size_t i = 2; i < len; i++) {
        if (((unsigned char)v.ptr[at + i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    return len;
}

/* The code point of a sequence known to be well-formed. */
static int32_t decode(hq_sv v, size_t at, size_t len)
{
    static const unsigned char lead_mask[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
    int32_t cp = (unsigned char)v.ptr[at] & lead_mask[len];
    for (size_t i = 1; i < len; i++) {
        cp = cp << 6 | ((unsigned char)v.ptr[at + i] & 0x3f);
    }
    return cp;
}

size_t hq_utf8_valid_prefix(hq_sv v)
{
    size_t at = v.len == 0 ? 0 : ascii_prefix(v);
    while (at < v.len) {
        size_t len = sequence(v, at);
        if (len == 0) {
            break;
        }
        at += len;
    }
    return at;
}

bool hq_utf8_valid(hq_sv v)
{
    return hq_utf8_valid_prefix(v) == v.len;
}

size_t hq_utf8_length(hq_sv v)
{
    size_t count = 0;
    for (size_t i = 0; i < v.len; i++) {
        count += ((unsigned char)v.ptr[i] & 0xc0) != 0x80;
    }
    return count;
}

bool hq_utf8_has_control(hq_sv v)
{
    for (size_t i = 0; i < v.len; i++) {
        unsigned char c = (unsigned char)v.ptr[i];
        if ((c < 0x20 && c != '\t' && c != '\n') || c == 0x7f) {
            return true;
        }
        /* U+0080 to U+009F */
        if (c == 0xc2 && i + 1 < v.len && (unsigned char)v.ptr[i + 1] < 0xa0) {
            return true;
        }
    }
    return false;
}

static bool is_unseen(int32_t cp)
{
    return cp == 0x200b || (cp >= 0x202a && cp <= 0x202e) || cp == 0x2060 ||
           (cp >= 0x2066 && cp <= 0x2069) || cp == 0xfeff;
}

bool hq_utf8_has_unseen(hq_sv v)
{
    for (size_t i = 0; i + 2 < v.len; i++) {
        unsigned char c = (unsigned char)v.ptr[i];
        if ((c == 0xe2 || c == 0xef) && is_unseen(decode(v, i, 3))) {
            return true;
        }
    }
    return false;
}

/* Code points that stand in NFC whatever their neighbours: all before the combining marks, the
 * Vietnamese letters, general punctuation that texts use, Han and Hangul. */
static bool stays_in_nfc(int32_t cp)
{
    return cp < 0x300 || (cp >= 0x1ea0 && cp <= 0x1ef9) || (cp >= 0x2010 && cp <= 0x2027) ||
           (cp >= 0x4e00 && cp <= 0x9fff) || (cp >= 0xac00 && cp <= 0xd7a3);
}

static bool plainly_nfc(hq_sv v)
{
    size_t at = ascii_prefix(v);
    while (at < v.len) {
        size_t len = sequence(v, at);
        if (len == 0 || !stays_in_nfc(decode(v, at, len))) {
            return false;
        }
        at += len;
    }
    return true;
}

static hq_status status_of(utf8proc_ssize_t error)
{
    return error == UTF8PROC_ERROR_NOMEM ? HQ_FAIL(NOMEM) : HQ_FAIL(SYNTAX);
}

hq_status hq_utf8_nfc(hq_sv *out, hq_arena *arena, hq_sv v)
{
    if (v.len == 0 || plainly_nfc(v)) {
        *out = v;
        return HQ_DONE;
    }
    const utf8proc_option_t how = UTF8PROC_STABLE | UTF8PROC_COMPOSE;
    const uint8_t *bytes = (const uint8_t *)v.ptr;
    utf8proc_ssize_t count = utf8proc_decompose(bytes, (utf8proc_ssize_t)v.len, NULL, 0, how);
    if (count < 0) {
        return status_of(count);
    }
    /* One more, since the library ends what it writes with a NUL. */
    int32_t *points = hq_arena_array(arena, (size_t)count + 1, sizeof *points);
    if (points == NULL) {
        return HQ_FAIL(NOMEM);
    }
    count = utf8proc_decompose(bytes, (utf8proc_ssize_t)v.len, points, count, how);
    utf8proc_ssize_t len = count < 0 ? count : utf8proc_reencode(points, count, how);
    if (len < 0) {
        return status_of(len);
    }
    hq_sv composed = { (const char *)points, (size_t)len };
    *out = hq_sv_eq(composed, v) ? v : composed;
    return HQ_DONE;
}

/* A key under construction: a gap is written as one space, and only between two words. */
typedef struct {
    hq_buf buf;
    bool gap;
} folded;

static void put_word_bytes(folded *f, const void *bytes, size_t len)
{
    if (f->gap && f->buf.len > 0) {
        hq_buf_char(&f->buf, ' ');
    }
    f->gap = false;
    hq_buf_append(&f->buf, bytes, len);
}

static void put_ascii(folded *f, char c)
{
    if (c >= 'A' && c <= 'Z') {
        c = (char)(c + ('a' - 'A'));
    }
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
        put_word_bytes(f, &c, 1);
    } else {
        f->gap = true;
    }
}

static void put_point(folded *f, int32_t cp)
{
    if (cp < 0x80) {
        put_ascii(f, (char)cp);
        return;
    }
    if (cp == D_WITH_STROKE) {
        put_ascii(f, 'd');
        return;
    }
    utf8proc_category_t kind = utf8proc_category(cp);
    if (kind == UTF8PROC_CATEGORY_CF ||
        (kind >= UTF8PROC_CATEGORY_MN && kind <= UTF8PROC_CATEGORY_ME)) {
        return; /* soft hyphens, joiners and marks are nothing to a searcher */
    }
    if ((kind >= UTF8PROC_CATEGORY_LU && kind <= UTF8PROC_CATEGORY_LO) ||
        (kind >= UTF8PROC_CATEGORY_ND && kind <= UTF8PROC_CATEGORY_NO)) {
        uint8_t bytes[4];
        put_word_bytes(f, bytes, (size_t)utf8proc_encode_char(cp, bytes));
        return;
    }
    f->gap = true;
}

/* NFD with case folded, code point by code point: order among marks does not matter where all marks
 * are dropped. */
static void put_folded(folded *f, int32_t cp)
{
    int32_t points[SPREAD_MAX];
    int last_class = 0;
    utf8proc_ssize_t count = utf8proc_decompose_char(
        cp, points, SPREAD_MAX, UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD, &last_class);
    for (utf8proc_ssize_t i = 0; i < count && i < SPREAD_MAX; i++) {
        put_point(f, points[i]);
    }
}

hq_status hq_fold(hq_sv *out, hq_arena *arena, hq_sv v)
{
    /* A letter may fold into some more bytes (ß, ligatures): three times is more than any does. */
    folded f = { .buf = HQ_BUF_ARENA(arena, v.len > SIZE_MAX / 4 ? v.len : 3 * v.len + 16) };
    hq_buf_reserve(&f.buf, v.len);
    for (size_t at = 0; at < v.len;) {
        size_t len = sequence(v, at);
        if (len == 1) {
            put_ascii(&f, v.ptr[at]);
        } else if (len == 0) {
            f.gap = true;
            len = 1;
        } else {
            put_folded(&f, decode(v, at, len));
        }
        at += len;
    }
    *out = hq_buf_view(&f.buf);
    return hq_buf_status(&f.buf);
}
