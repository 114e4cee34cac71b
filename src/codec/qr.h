/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* QR codes as SVG, error correction M, for pages and papers. */

#include "base/base.h"

/* Appends an <svg> element `size_px` wide and high, with its quiet zone. LIMIT when the text is too long
 * for a code, RANGE when it is empty. */
hq_status hq_qr_svg(hq_buf *buf, hq_sv text, int size_px);
