/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/pdf.h"

#include <cairo-pdf.h>
#include <limits.h>
#include <qrencode.h>
#include <stdlib.h>

#include "codec/pdf_fonts.h"

enum { QUIET = 4 }; /* empty modules around a code, ISO/IEC 18004, 9.1 */

struct hq_pdf {
    hq_buf *bytes;
    cairo_surface_t *surface;
    cairo_t *cr;
    PangoContext *context;
    PangoLayout *layout;
    hq_status failed;
};

/* ------------------------------------------------------------------ whole */

static cairo_status_t take_bytes(void *closure, const unsigned char *data, unsigned int len)
{
    hq_pdf *pdf = closure;
    hq_buf_append(pdf->bytes, data, len);
    return hq_ok(hq_buf_status(pdf->bytes)) ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

static void put_metadata(hq_pdf *pdf, cairo_pdf_metadata_t what, hq_sv text)
{
    char *copy = g_strndup(text.ptr == NULL ? "" : text.ptr, text.len);
    cairo_pdf_surface_set_metadata(pdf->surface, what, copy);
    g_free(copy);
}

static void put_about(hq_pdf *pdf, const hq_pdf_about *about)
{
    hq_buf time = HQ_BUF_HEAP(64);
    hq_time_write(&time, about->created);
    put_metadata(pdf, CAIRO_PDF_METADATA_TITLE, about->title);
    put_metadata(pdf, CAIRO_PDF_METADATA_SUBJECT, about->subject);
    put_metadata(pdf, CAIRO_PDF_METADATA_CREATOR, HQ_SV("Haiquan"));
    put_metadata(pdf, CAIRO_PDF_METADATA_CREATE_DATE, hq_buf_view(&time));
    put_metadata(pdf, CAIRO_PDF_METADATA_MOD_DATE, hq_buf_view(&time));
    hq_buf_free(&time);
}

/* Letters keep their true widths: nothing is fitted to the dots of a screen. */
static void set_options(PangoContext *context, hq_sv language)
{
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    pango_cairo_context_set_font_options(context, options);
    cairo_font_options_destroy(options);
    pango_cairo_context_set_resolution(context, 72);
    pango_context_set_language(
        context, pango_language_from_string(hq_sv_eq(language, HQ_SV("en")) ? "en" : "vi"));
    pango_context_set_round_glyph_positions(context, FALSE);
}

hq_status hq_pdf_begin(hq_pdf **out, hq_buf *bytes, const hq_pdf_about *about)
{
    PangoFontMap *fonts = hq_pdf__fonts();
    if (fonts == NULL) {
        return HQ_FAIL(IO);
    }
    hq_pdf *pdf = calloc(1, sizeof *pdf);
    if (pdf == NULL) {
        return HQ_FAIL(NOMEM);
    }
    pdf->failed = HQ_DONE;
    pdf->bytes = bytes;
    pdf->surface =
        cairo_pdf_surface_create_for_stream(take_bytes, pdf, HQ_PDF_WIDTH, HQ_PDF_HEIGHT);
    pdf->cr = cairo_create(pdf->surface);
    pdf->context = pango_font_map_create_context(fonts);
    set_options(pdf->context, about->language);
    pdf->layout = pango_layout_new(pdf->context);
    pango_layout_set_wrap(pdf->layout, PANGO_WRAP_WORD_CHAR);
    put_about(pdf, about);
    *out = pdf;
    return HQ_DONE;
}

void hq_pdf_drop(hq_pdf *pdf)
{
    if (pdf == NULL) {
        return;
    }
    g_object_unref(pdf->layout);
    g_object_unref(pdf->context);
    cairo_destroy(pdf->cr);
    cairo_surface_finish(pdf->surface);
    cairo_surface_destroy(pdf->surface);
    free(pdf);
}

hq_status hq_pdf_end(hq_pdf *pdf)
{
    cairo_show_page(pdf->cr);
    cairo_surface_finish(pdf->surface);
    hq_status s = pdf->failed;
    if (hq_ok(s) && hq_failed(hq_buf_status(pdf->bytes))) {
        s = hq_buf_status(pdf->bytes);
    } else if (hq_ok(s) && cairo_surface_status(pdf->surface) != CAIRO_STATUS_SUCCESS) {
        s = HQ_FAIL(NOMEM);
    }
    hq_pdf_drop(pdf);
    return s;
}

void hq_pdf_next_page(hq_pdf *pdf)
{
    cairo_show_page(pdf->cr);
}

/* ------------------------------------------------------------------ text */

static void set_text(hq_pdf *pdf, double width, const hq_pdf_style *style, hq_sv text)
{
    static const PangoAlignment aligns[] = { PANGO_ALIGN_LEFT, PANGO_ALIGN_CENTER,
                                             PANGO_ALIGN_RIGHT };
    PangoFontDescription *font = pango_font_description_new();
    pango_font_description_set_family_static(font, HQ_PDF__FAMILY);
    pango_font_description_set_absolute_size(font, style->size * PANGO_SCALE);
    pango_font_description_set_weight(font, style->bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
    pango_font_description_set_style(font, style->italic ? PANGO_STYLE_ITALIC : PANGO_STYLE_NORMAL);
    pango_layout_set_font_description(pdf->layout, font);
    pango_font_description_free(font);
    pango_layout_set_width(pdf->layout, (int)(width * PANGO_SCALE));
    pango_layout_set_alignment(pdf->layout, aligns[style->align]);
    if (text.len > INT_MAX) {
        pdf->failed = HQ_FAIL(LIMIT);
        text.len = 0;
    }
    char *valid = g_utf8_make_valid(text.len == 0 ? "" : text.ptr, (gssize)text.len);
    pango_layout_set_text(pdf->layout, valid, -1);
    g_free(valid);
}

static double layout_height(const hq_pdf *pdf)
{
    int width;
    int height;
    pango_layout_get_size(pdf->layout, &width, &height);
    return (double)height / PANGO_SCALE;
}

double hq_pdf_text(hq_pdf *pdf, double x, double y, double width, const hq_pdf_style *style,
                   hq_sv text)
{
    set_text(pdf, width, style, text);
    cairo_set_source_rgb(pdf->cr, style->grey, style->grey, style->grey);
    cairo_move_to(pdf->cr, x, y);
    pango_cairo_show_layout(pdf->cr, pdf->layout);
    return layout_height(pdf);
}

double hq_pdf_height(hq_pdf *pdf, double width, const hq_pdf_style *style, hq_sv text)
{
    set_text(pdf, width, style, text);
    return layout_height(pdf);
}

/* ------------------------------------------------------------------ shapes */

void hq_pdf_line(hq_pdf *pdf, double x1, double y1, double x2, double y2, double thickness)
{
    cairo_set_source_rgb(pdf->cr, 0, 0, 0);
    cairo_set_line_width(pdf->cr, thickness);
    cairo_move_to(pdf->cr, x1, y1);
    cairo_line_to(pdf->cr, x2, y2);
    cairo_stroke(pdf->cr);
}

void hq_pdf_box(hq_pdf *pdf, double x, double y, double width, double height, double grey)
{
    cairo_set_source_rgb(pdf->cr, grey, grey, grey);
    cairo_rectangle(pdf->cr, x, y, width, height);
    cairo_fill(pdf->cr);
}

/* A bar for each run of dark modules in a row, all in one path. */
static void put_modules(hq_pdf *pdf, const QRcode *code, double x, double y, double module)
{
    int width = code->width;
    for (int row = 0; row < width; row++) {
        const unsigned char *data = code->data + (size_t)row * (size_t)width;
        for (int from = 0; from < width;) {
            int to = from;
            while (to < width && (data[to] & 1) != 0) {
                to++;
            }
            if (to > from) {
                cairo_rectangle(pdf->cr, x + (from + QUIET) * module, y + (row + QUIET) * module,
                                (to - from) * module, module);
            }
            from = to > from ? to : from + 1;
        }
    }
}

hq_status hq_pdf_qr(hq_pdf *pdf, double x, double y, double side, hq_sv text)
{
    if (text.len == 0 || text.len > INT_MAX) {
        return text.len == 0 ? HQ_FAIL(RANGE) : HQ_FAIL(LIMIT);
    }
    QRcode *code =
        QRcode_encodeData((int)text.len, (const unsigned char *)text.ptr, 0, QR_ECLEVEL_M);
    if (code == NULL) {
        return HQ_FAIL(LIMIT);
    }
    cairo_set_source_rgb(pdf->cr, 0, 0, 0);
    cairo_set_antialias(pdf->cr, CAIRO_ANTIALIAS_NONE);
    put_modules(pdf, code, x, y, side / (code->width + 2 * QUIET));
    cairo_fill(pdf->cr);
    cairo_set_antialias(pdf->cr, CAIRO_ANTIALIAS_DEFAULT);
    QRcode_free(code);
    return HQ_DONE;
}
