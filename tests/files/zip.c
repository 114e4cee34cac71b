/* SPDX-License-Identifier: Apache-2.0 */
#include "zip.h"

static void sizes(hq_buf *buf, const zip_entry *e)
{
    hq_buf_le32(buf, 0); /* checksum: nobody here unpacks */
    hq_buf_le32(buf, (uint32_t)e->bytes.len);
    hq_buf_le32(buf, e->unpacked != 0 ? e->unpacked : (uint32_t)e->bytes.len);
    hq_buf_le16(buf, (uint16_t)e->name.len);
    hq_buf_le16(buf, 0);
}

void zip_write(hq_buf *buf, const zip_entry *entries, size_t count)
{
    uint32_t offsets[16];
    for (size_t i = 0; i < count; i++) {
        const zip_entry *e = &entries[i];
        offsets[i] = (uint32_t)buf->len;
        hq_buf_lit(buf, "PK\x03\x04\x14\0");
        hq_buf_le16(buf, e->flags);
        hq_buf_lit(buf, "\0\0\0\0\0\0");
        sizes(buf, e);
        hq_buf_sv(buf, e->name);
        hq_buf_sv(buf, e->bytes);
    }
    uint32_t start = (uint32_t)buf->len;
    for (size_t i = 0; i < count; i++) {
        const zip_entry *e = &entries[i];
        hq_buf_lit(buf, "PK\x01\x02\x14\0\x14\0");
        hq_buf_le16(buf, e->flags);
        hq_buf_lit(buf, "\0\0\0\0\0\0");
        sizes(buf, e);
        hq_buf_lit(buf, "\0\0\0\0\0\0\0\0\0\0");
        hq_buf_le32(buf, offsets[i]);
        hq_buf_sv(buf, e->name);
    }
    uint32_t end = (uint32_t)buf->len;
    hq_buf_lit(buf, "PK\x05\x06\0\0\0\0");
    hq_buf_le16(buf, (uint16_t)count);
    hq_buf_le16(buf, (uint16_t)count);
    hq_buf_le32(buf, end - start);
    hq_buf_le32(buf, start);
    hq_buf_le16(buf, 0);
}
