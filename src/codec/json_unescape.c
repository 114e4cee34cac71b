/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/json_unescape.h"

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The four digits after "\u" at raw.ptr[at], -1 when they are not four. */
static int32_t hex4(hq_sv raw, size_t at)
{
    if (raw.len - at < 6) {
        return -1;
    }
    int32_t v = 0;
    for (size_t i = at + 2; i < at + 6; i++) {
        int digit = hex_digit(raw.ptr[i]);
        if (digit < 0) {
            return -1;
        }
        v = v << 4 | digit;
    }
    return v;
}

static char *put_utf8(char *to, int32_t cp)
{
    if (cp < 0x80) {
        *to++ = (char)cp;
        return to;
    }
    if (cp < 0x800) {
        *to++ = (char)(0xc0 | cp >> 6);
    } else {
        if (cp < 0x10000) {
            *to++ = (char)(0xe0 | cp >> 12);
        } else {
            *to++ = (char)(0xf0 | cp >> 18);
            *to++ = (char)(0x80 | (cp >> 12 & 0x3f));
        }
        *to++ = (char)(0x80 | (cp >> 6 & 0x3f));
    }
    *to++ = (char)(0x80 | (cp & 0x3f));
    return to;
}

/* Reads the "\u" escape at raw.ptr[*at], both when they are a pair, and steps past it. */
static hq_json__fault unicode_escape(int32_t *cp, hq_sv raw, size_t *at)
{
    int32_t high = hex4(raw, *at);
    if (high < 0) {
        return HQ_JSON__HEX;
    }
    if (high == 0) {
        return HQ_JSON__NUL;
    }
    if ((high & 0xf800) != 0xd800) {
        *at += 6;
        *cp = high;
        return HQ_JSON__FINE;
    }
    bool pair =
        high < 0xdc00 && raw.len - *at >= 12 && raw.ptr[*at + 6] == '\\' && raw.ptr[*at + 7] == 'u';
    int32_t low = pair ? hex4(raw, *at + 6) : -1;
    if ((low & ~0x3ff) != 0xdc00) {
        return HQ_JSON__SURROGATE;
    }
    *at += 12;
    *cp = 0x10000 + ((high & 0x3ff) << 10 | (low & 0x3ff));
    return HQ_JSON__FINE;
}

static char simple_escape(char c)
{
    switch (c) {
    case '"':
    case '\\':
    case '/':
        return c;
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return '\0';
    }
}

hq_json__fault hq_json__unescape(hq_sv *out, size_t *at, hq_sv raw, hq_arena *arena)
{
    char *copy = hq_arena_alloc(arena, raw.len);
    if (copy == NULL) {
        return HQ_JSON__MEMORY;
    }
    char *to = copy;
    for (;;) {
        size_t plain = hq_sv_find(raw, '\\', *at) - *at;
        memcpy(to, raw.ptr + *at, plain);
        to += plain;
        *at += plain;
        if (*at == raw.len) {
            break;
        }
        if (raw.ptr[*at + 1] == 'u') {
            int32_t cp = 0;
            hq_json__fault fault = unicode_escape(&cp, raw, at);
            if (fault != HQ_JSON__FINE) {
                return fault;
            }
            to = put_utf8(to, cp);
            continue;
        }
        *to = simple_escape(raw.ptr[*at + 1]);
        if (*to++ == '\0') {
            return HQ_JSON__ESCAPE;
        }
        *at += 2;
    }
    *out = (hq_sv){ copy, (size_t)(to - copy) };
    return HQ_JSON__FINE;
}
