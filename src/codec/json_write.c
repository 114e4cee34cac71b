/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/json.h"

static inline void done(hq_buf *buf, const char *end)
{
    buf->len = (size_t)(end - buf->ptr);
}

/* A comma when one is due; from here on one is. */
static inline void before_value(hq_json_w *w)
{
    if (w->comma) {
        hq_buf_char(w->buf, ',');
    }
    w->comma = true;
}

void hq_json_open(hq_json_w *w, char bracket)
{
    char *to = hq_buf_room(w->buf, 2);
    if (to != NULL) {
        *to = ',';
        to += w->comma;
        *to++ = bracket;
        done(w->buf, to);
    }
    w->comma = false;
}

void hq_json_close(hq_json_w *w, char bracket)
{
    hq_buf_char(w->buf, bracket);
    w->comma = true;
}

void hq_json_key_n(hq_json_w *w, const char *name, size_t len)
{
    hq_json__key(w, name, len);
}

static inline uint64_t repeated(unsigned char c)
{
    return UINT64_C(0x0101010101010101) * c;
}

/* Not zero when one of eight bytes is below 0x20, a quote or a backslash. Bytes from 0x80 on count
 * as neither. (Each term borrows out of a byte exactly when it is too small; high bits are masked
 * off.) */
static inline uint64_t needs_escape(uint64_t eight)
{
    uint64_t quote = eight ^ repeated('"');
    uint64_t backslash = eight ^ repeated('\\');
    return ((eight - repeated(0x20)) | (quote - repeated(1)) | (backslash - repeated(1))) & ~eight &
           repeated(0x80);
}

static inline bool byte_needs_escape(unsigned char c)
{
    return c < 0x20 || c == '"' || c == '\\';
}

/* Bytes from the start that need no escape. */
static size_t plain_prefix(const char *ptr, size_t len)
{
    size_t at = 0;
    for (; len - at >= 8; at += 8) {
        uint64_t eight;
        memcpy(&eight, ptr + at, 8);
        if (needs_escape(eight) != 0) {
            break;
        }
    }
    while (at < len && !byte_needs_escape((unsigned char)ptr[at])) {
        at++;
    }
    return at;
}

static void escape(hq_buf *buf, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";
    static const char short_form[0x20] = {
        ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'
    };
    char text[6] = { '\\', (char)c, '0', '0', '0', '0' };
    size_t len = 2;
    if (c < 0x20 && short_form[c] != '\0') {
        text[1] = short_form[c];
    } else if (c < 0x20) {
        text[1] = 'u';
        text[4] = hex[c >> 4];
        text[5] = hex[c & 15];
        len = 6;
    }
    hq_buf_append(buf, text, len);
}

static void write_valid(hq_buf *buf, hq_sv text)
{
    while (text.len > 0) {
        size_t plain = plain_prefix(text.ptr, text.len);
        hq_buf_append(buf, text.ptr, plain);
        if (plain < text.len) {
            escape(buf, (unsigned char)text.ptr[plain++]);
        }
        text.ptr += plain;
        text.len -= plain;
    }
}

static void write_quoted(hq_buf *buf, hq_sv text)
{
    hq_buf_char(buf, '"');
    while (text.len > 0) {
        size_t valid = hq_utf8_valid_prefix(text);
        write_valid(buf, (hq_sv){ text.ptr, valid });
        if (valid < text.len) {
            hq_buf_lit(buf, "\xef\xbf\xbd");
            valid++;
        }
        text.ptr += valid;
        text.len -= valid;
    }
    hq_buf_char(buf, '"');
}

void hq_json_key_sv(hq_json_w *w, hq_sv name)
{
    before_value(w);
    write_quoted(w->buf, name);
    hq_buf_char(w->buf, ':');
    w->comma = false;
}

/* Sixteen bytes side by side. Signed, so that one comparison finds control characters and all from
 * 0x80 on. */
typedef signed char sixteen __attribute__((vector_size(16)));

static inline sixteen odd_ones(const char *ptr)
{
    sixteen x;
    memcpy(&x, ptr, sizeof x);
    return (sixteen)(x < 0x20) | (sixteen)(x == '"') | (sixteen)(x == '\\');
}

/* A text of 16 bytes and more; the last piece overlaps. */
static inline uint64_t find_odd_long(const char *ptr, size_t len)
{
    sixteen odd = odd_ones(ptr + len - sizeof odd);
    for (size_t at = 0; len - at > sizeof odd; at += sizeof odd) {
        odd |= odd_ones(ptr + at);
    }
    uint64_t halves[2];
    memcpy(halves, &odd, sizeof odd);
    return halves[0] | halves[1];
}

/* Not zero when there is a byte that JSON escapes or that is not ASCII. Pieces overlap, so that no
 * byte is looked at alone. */
static inline uint64_t find_odd(const char *ptr, size_t len)
{
    uint64_t odd = 0;
    uint64_t eight = repeated(' ');
    if (len >= 16) {
        return find_odd_long(ptr, len);
    }
    if (len >= 8) {
        memcpy(&eight, ptr, 8);
        odd = needs_escape(eight) | eight;
        memcpy(&eight, ptr + len - 8, 8);
    } else if (len >= 4) {
        uint32_t four[2];
        memcpy(&four[0], ptr, 4);
        memcpy(&four[1], ptr + len - 4, 4);
        eight = (uint64_t)four[1] << 32 | four[0];
    } else if (len > 0) {
        eight = UINT64_C(0x2020202020000000) | (uint64_t)(unsigned char)ptr[0] |
                (uint64_t)(unsigned char)ptr[len / 2] << 8 |
                (uint64_t)(unsigned char)ptr[len - 1] << 16;
    }
    return (odd | needs_escape(eight) | eight) & repeated(0x80);
}

bool hq_json_plain(hq_sv text)
{
    return find_odd(text.ptr, text.len) == 0;
}

/* Most texts are short ASCII that needs nothing: one look at each byte, one copy. */
static bool write_simple(hq_json_w *w, hq_sv text)
{
    uint64_t odd = find_odd(text.ptr, text.len);
    char *to = odd != 0 ? NULL : hq_buf_room(w->buf, text.len + 3);
    if (to == NULL) {
        return odd == 0;
    }
    *to = ',';
    to += w->comma;
    *to++ = '"';
    if (text.len > 0) {
        memcpy(to, text.ptr, text.len);
    }
    to += text.len;
    *to++ = '"';
    done(w->buf, to);
    w->comma = true;
    return true;
}

void hq_json_text(hq_json_w *w, hq_sv text)
{
    if (!write_simple(w, text)) {
        before_value(w);
        write_quoted(w->buf, text);
    }
}

void hq_json_text_or_null(hq_json_w *w, hq_sv text)
{
    if (text.ptr == NULL) {
        hq_json_null(w);
        return;
    }
    hq_json_text(w, text);
}

void hq_json_i64(hq_json_w *w, int64_t v)
{
    before_value(w);
    hq_buf_i64(w->buf, v);
}

void hq_json_bool(hq_json_w *w, bool v)
{
    hq_json_raw(w, v ? HQ_SV("true") : HQ_SV("false"));
}

void hq_json_null(hq_json_w *w)
{
    hq_json_raw(w, HQ_SV("null"));
}

void hq_json_raw(hq_json_w *w, hq_sv json)
{
    before_value(w);
    hq_buf_sv(w->buf, json);
}

void hq_json_decimal(hq_json_w *w, hq_decimal v)
{
    before_value(w);
    hq_buf_char(w->buf, '"');
    hq_decimal_write(w->buf, v);
    hq_buf_char(w->buf, '"');
}

void hq_json_time(hq_json_w *w, hq_time_us t)
{
    before_value(w);
    hq_buf_char(w->buf, '"');
    hq_time_write(w->buf, t);
    hq_buf_char(w->buf, '"');
}

void hq_json_day(hq_json_w *w, hq_day day)
{
    if (day == HQ_DAY_OPEN) {
        hq_json_null(w);
        return;
    }
    before_value(w);
    hq_buf_char(w->buf, '"');
    hq_day_write(w->buf, day);
    hq_buf_char(w->buf, '"');
}
