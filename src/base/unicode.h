/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Unicode by utf8proc. Texts that enter are checked and kept in NFC; searching works on folded
 * keys: lower case, no marks, đ as d, so that "dong dang" finds "Đồng Đăng". */

#include "base/buf.h"

bool hq_utf8_valid(hq_sv v);
/* Bytes of the well-formed text at the start: v.len when all is, else where the first fault lies.
 */
size_t hq_utf8_valid_prefix(hq_sv v);
/* Code points; the text must be valid. Length limits of the law count characters. */
size_t hq_utf8_length(hq_sv v);
/* NFC of valid text; returns `v` itself when it already is (the usual case, cheap for ASCII). */
hq_status hq_utf8_nfc(hq_sv *out, hq_arena *arena, hq_sv v);
/* Search key: NFD, marks dropped, case folded, đ→d, white space and punctuation collapsed to one
 * space. Invalid bytes become spaces. */
hq_status hq_fold(hq_sv *out, hq_arena *arena, hq_sv v);
/* Control characters other than tab and newline, or NUL? */
bool hq_utf8_has_control(hq_sv v);
/* Marks without width or ink that nobody types on purpose: zero-width space, word joiner, byte
 * order mark, and those that turn the direction of what follows. A text with them looks like
 * another one and is not found by searching. (What joins the parts of an emoji is not among them.)
 */
bool hq_utf8_has_unseen(hq_sv v);
