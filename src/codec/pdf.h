/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Pages of text, lines and QR codes as PDF 1.5. The same calls give the same bytes: the letters
 * come with the program (Roboto), and no time is written but the one that is given. Letters that
 * Roboto lacks (a Chinese name) are taken from the fonts of the machine, where there are any. All
 * lengths are points, 1/72 inch, from the upper left corner of a portrait A4 page. Threads may each
 * make papers at once. */

#include "base/base.h"

#define HQ_PDF_WIDTH  595.0
#define HQ_PDF_HEIGHT 842.0

typedef struct {
    hq_sv title, subject, language; /* language: "vi" or "en" */
    hq_time_us created;
} hq_pdf_about;

typedef enum { HQ_PDF_LEFT, HQ_PDF_CENTRE, HQ_PDF_RIGHT } hq_pdf_align;
typedef struct {
    double size; /* of the letters */
    bool bold, italic;
    hq_pdf_align align;
    double grey; /* 0 black, 1 white */
} hq_pdf_style;

typedef struct hq_pdf hq_pdf;

/* Begins a document and its first page; bytes go to `out` as they are made. IO when the letters
 * cannot be loaded. hq_pdf_end or hq_pdf_drop it. */
hq_status hq_pdf_begin(hq_pdf **out, hq_buf *bytes, const hq_pdf_about *about);
void hq_pdf_next_page(hq_pdf *pdf);
/* Writes the text in lines of at most `width` and returns the height that it takes; invalid UTF-8
 * and control characters show as a mark. */
double hq_pdf_text(hq_pdf *pdf, double x, double y, double width, const hq_pdf_style *style,
                   hq_sv text);
/* The height alone. */
double hq_pdf_height(hq_pdf *pdf, double width, const hq_pdf_style *style, hq_sv text);
void hq_pdf_line(hq_pdf *pdf, double x1, double y1, double x2, double y2, double thickness);
void hq_pdf_box(hq_pdf *pdf, double x, double y, double width, double height, double grey);
/* A QR code with its quiet zone, error correction M. LIMIT: too long for one. */
hq_status hq_pdf_qr(hq_pdf *pdf, double x, double y, double side, hq_sv text);
/* Writes the rest and frees; the first failure of all calls. */
hq_status hq_pdf_end(hq_pdf *pdf);
void hq_pdf_drop(hq_pdf *pdf);
