/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <errno.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/unicode.h"

enum { LINE_MAX_BYTES = 4096, TAIL = 32 };

static atomic_int least_level = HQ_LOG_NOTE;
static _Atomic(const hq_clock *) line_clock;

void hq_log_set_level(hq_log_level least)
{
    atomic_store(&least_level, (int)least);
}

void hq_log_set_clock(const hq_clock *clock)
{
    atomic_store(&line_clock, clock);
}

static const char *level_name(hq_log_level level)
{
    switch (level) {
    case HQ_LOG_DEBUG:
        return "debug";
    case HQ_LOG_NOTE:
        return "note";
    case HQ_LOG_WARNING:
        return "warning";
    case HQ_LOG_ERROR:
        break;
    }
    return "error";
}

/* JSON string. What is not UTF-8 is written byte by byte as Latin-1, so that the line stays JSON
 * and the byte can still be told. */
static void write_string(hq_buf *buf, hq_sv v)
{
    bool text = hq_utf8_valid(v);
    hq_buf_char(buf, '"');
    for (size_t i = 0; i < v.len; i++) {
        unsigned char c = (unsigned char)v.ptr[i];
        if (c < 0x20 || c == 0x7f || (c >= 0x80 && !text)) {
            hq_buf_lit(buf, "\\u00");
            hq_buf_hex(buf, &c, 1);
            continue;
        }
        if (c == '"' || c == '\\') {
            hq_buf_char(buf, '\\');
        }
        hq_buf_char(buf, (char)c);
    }
    hq_buf_char(buf, '"');
}

static void write_pair(hq_buf *buf, const char *key, const char *value)
{
    hq_buf_char(buf, buf->len == 0 ? '{' : ',');
    write_string(buf, hq_sv_from_cstr(key));
    hq_buf_char(buf, ':');
    if (value == NULL) {
        hq_buf_lit(buf, "null");
    } else {
        write_string(buf, hq_sv_from_cstr(value));
    }
}

static void write_time(hq_buf *buf)
{
    const hq_clock *clock = atomic_load(&line_clock);
    if (clock != NULL) {
        hq_buf_lit(buf, "{\"at\":\"");
        hq_time_write(buf, hq_now(clock));
        hq_buf_char(buf, '"');
    }
}

static void write_whole(const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t wrote = write(STDERR_FILENO, bytes, len);
        if (wrote < 0 && errno == EINTR) {
            continue;
        }
        if (wrote <= 0) {
            return; /* nowhere is left to say so */
        }
        bytes += wrote;
        len -= (size_t)wrote;
    }
}

void hq_log(hq_log_level level, const char *event, ...)
{
    if ((int)level < atomic_load_explicit(&least_level, memory_order_relaxed)) {
        return;
    }
    /* A buffer that already has all its ceiling never goes to the heap. */
    char line[LINE_MAX_BYTES];
    hq_buf buf = { .ptr = line, .cap = sizeof line - TAIL, .ceiling = sizeof line - TAIL };
    write_time(&buf);
    write_pair(&buf, "level", level_name(level));
    write_pair(&buf, "event", event);
    size_t good = hq_ok(hq_buf_status(&buf)) ? buf.len : 0;
    va_list pairs;
    va_start(pairs, event);
    for (const char *key = va_arg(pairs, const char *); key != NULL;
         key = va_arg(pairs, const char *)) {
        write_pair(&buf, key, va_arg(pairs, const char *));
        if (hq_failed(hq_buf_status(&buf))) {
            break;
        }
        good = buf.len;
    }
    va_end(pairs);
    /* The pair that did not fit is left out whole, and the line says so. */
    bool cut = hq_failed(hq_buf_status(&buf));
    buf.failed = HQ_E_OK;
    buf.len = good;
    buf.cap = sizeof line;
    if (cut) {
        hq_buf_char(&buf, good == 0 ? '{' : ',');
        hq_buf_lit(&buf, "\"cut\":true");
    }
    hq_buf_lit(&buf, "}\n");
    write_whole(line, buf.len);
}
