/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/qr.h"

#include <errno.h>
#include <limits.h>
#include <qrencode.h>

enum { QUIET = 4 }; /* empty modules around a code, ISO/IEC 18004, 9.1 */

/* One path: a bar for each run of dark modules in a row. */
static void write_bars(hq_buf *buf, const QRcode *code)
{
    size_t width = (size_t)code->width;
    for (size_t y = 0; y < width; y++) {
        const unsigned char *row = code->data + y * width;
        for (size_t x = 0; x < width;) {
            size_t end = x;
            while (end < width && (row[end] & 1) != 0) {
                end++;
            }
            if (end > x) {
                hq_buf_printf(buf, "M%zu %zuh%zuv1H%zuz", x + QUIET, y + QUIET, end - x, x + QUIET);
            }
            x = end > x ? end : x + 1;
        }
    }
}

hq_status hq_qr_svg(hq_buf *buf, hq_sv text, int size_px)
{
    if (text.len == 0) {
        return HQ_FAIL(RANGE);
    }
    if (text.len > INT_MAX) {
        return HQ_FAIL(LIMIT);
    }
    QRcode *code =
        QRcode_encodeData((int)text.len, (const unsigned char *)text.ptr, 0, QR_ECLEVEL_M);
    if (code == NULL) {
        return errno == ERANGE ? HQ_FAIL(LIMIT) : HQ_FAIL(NOMEM);
    }
    int side = code->width + 2 * QUIET;
    hq_buf_printf(buf,
                  "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"%d\" "
                  "height=\"%d\" viewBox=\"0 0 %d %d\" shape-rendering=\"crispEdges\">"
                  "<path fill=\"#fff\" d=\"M0 0h%dv%dH0z\"/><path fill=\"#000\" d=\"",
                  size_px, size_px, side, side, side, side);
    write_bars(buf, code);
    hq_buf_lit(buf, "\"/></svg>");
    QRcode_free(code);
    return hq_buf_status(buf);
}
