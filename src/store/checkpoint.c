/* SPDX-License-Identifier: Apache-2.0 */
#include "store/seal.h"

/* A checkpoint as text. What is signed, and what the next one names as its predecessor, are the
 * lines before the signature:
 *   haiquan journal checkpoint 1
 *   size 1234
 *   root <64 hex digits>
 *   time 2026-11-20T08:00:00.123456+07:00
 *   previous <64 hex digits>
 *   signature <128 hex digits> */

void hq_store__checkpoint_signed(hq_buf *buf, const hq_checkpoint *checkpoint)
{
    hq_buf_lit(buf, "haiquan journal checkpoint 1\nsize ");
    hq_buf_i64(buf, checkpoint->size);
    hq_buf_lit(buf, "\nroot ");
    hq_buf_hex(buf, checkpoint->root.bytes, sizeof checkpoint->root.bytes);
    hq_buf_lit(buf, "\ntime ");
    hq_time_write(buf, checkpoint->at);
    hq_buf_lit(buf, "\nprevious ");
    hq_buf_hex(buf, checkpoint->previous.bytes, sizeof checkpoint->previous.bytes);
    hq_buf_char(buf, '\n');
}

hq_status hq_store__checkpoint_hash(hq_hash32 *out, const hq_checkpoint *checkpoint)
{
    hq_buf text = HQ_BUF_HEAP(1024);
    hq_store__checkpoint_signed(&text, checkpoint);
    hq_status s = hq_buf_status(&text);
    if (hq_ok(s)) {
        hq_sha256(out, hq_buf_view(&text));
    }
    hq_buf_free(&text);
    return s;
}

void hq_checkpoint_write(hq_buf *buf, const hq_checkpoint *checkpoint)
{
    hq_store__checkpoint_signed(buf, checkpoint);
    hq_buf_lit(buf, "signature ");
    hq_buf_hex(buf, checkpoint->signature, sizeof checkpoint->signature);
    hq_buf_char(buf, '\n');
}

static int digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool hq_store__unhex(void *out, size_t len, hq_sv text)
{
    uint8_t *to = out;
    if (text.len != 2 * len) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        int high = digit(text.ptr[2 * i]), low = digit(text.ptr[2 * i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        to[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

/* The next line without its first word; false when it begins otherwise. */
static bool line(hq_sv *value, hq_sv *rest, hq_sv word)
{
    hq_sv whole = rest->ptr == NULL ? HQ_SV_NULL : hq_sv_cut(rest, '\n');
    if (!hq_sv_starts(whole, word)) {
        return false;
    }
    *value = hq_sv_sub(whole, word.len, whole.len);
    return true;
}

hq_status hq_checkpoint_parse(hq_checkpoint *out, hq_sv text)
{
    hq_sv rest = text, v;
    *out = (hq_checkpoint){ 0 };
    if (!line(&v, &rest, HQ_SV("haiquan journal checkpoint 1")) || v.len != 0 ||
        !line(&v, &rest, HQ_SV("size ")) || !hq_sv_i64(&out->size, v) || out->size <= 0 ||
        !line(&v, &rest, HQ_SV("root ")) || !hq_store__unhex(out->root.bytes, 32, v) ||
        !line(&v, &rest, HQ_SV("time ")) || hq_failed(hq_time_parse(&out->at, v)) ||
        !line(&v, &rest, HQ_SV("previous ")) || !hq_store__unhex(out->previous.bytes, 32, v) ||
        !line(&v, &rest, HQ_SV("signature ")) || !hq_store__unhex(out->signature, 64, v) ||
        hq_sv_trim(rest).len != 0) {
        return HQ_FAIL(SYNTAX);
    }
    return HQ_DONE;
}
