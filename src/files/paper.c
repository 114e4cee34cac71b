/* SPDX-License-Identifier: Apache-2.0 */
#include "files/paper.h"

#define MARGIN  42.0
#define WIDTH   (HQ_PDF_WIDTH - 2 * MARGIN)
#define BOTTOM  (HQ_PDF_HEIGHT - 54.0)
#define QR_SIDE 76.0
#define PAD     3.0

struct hq_paper {
    hq_pdf *pdf;
    const hq_paper_head *head;
    double y;
    int page, pages; /* pages 0: being counted */
    hq_paper_column columns[HQ_PAPER_COLUMNS_MAX];
    size_t column_count; /* 0: no table is open */
    double widths[HQ_PAPER_COLUMNS_MAX];
};

/* clang-format off */
static const hq_pdf_style small_style = { .size = 7.5, .grey = 0.35 };
static const hq_pdf_style label_style = { .size = 7.5, .grey = 0.3 };
static const hq_pdf_style value_style = { .size = 9 };
static const hq_pdf_style body_style = { .size = 9.5 };
static const hq_pdf_style heading_style = { .size = 10.5, .bold = true };
static const hq_pdf_style centre_style = { .size = 9, .align = HQ_PDF_CENTRE };
static const hq_pdf_style centre_bold_style = { .size = 9, .bold = true, .align = HQ_PDF_CENTRE };
static const hq_pdf_style title_style = { .size = 15, .bold = true, .align = HQ_PDF_CENTRE };
static const hq_pdf_style number_style = { .size = 11, .align = HQ_PDF_CENTRE };
/* clang-format on */

static bool english(const hq_paper *p)
{
    return hq_sv_eq(p->head->language, HQ_SV("en"));
}

/* ------------------------------------------------------------------ pages */

static void put_foot(hq_paper *p)
{
    hq_buf text = HQ_BUF_HEAP(128);
    hq_pdf_style right = small_style;
    right.align = HQ_PDF_RIGHT;
    double y = BOTTOM + 10;
    hq_buf_printf(&text, english(p) ? "Page %d/%d" : "Trang %d/%d", p->page, p->pages);
    hq_pdf_line(p->pdf, MARGIN, y - 3, MARGIN + WIDTH, y - 3, 0.4);
    hq_pdf_text(p->pdf, MARGIN, y, WIDTH - 70, &small_style, p->head->foot);
    hq_pdf_text(p->pdf, MARGIN + WIDTH - 66, y, 66, &right, hq_buf_view(&text));
    hq_buf_free(&text);
}

/* On pages after the first, so that a loose one says what it belongs to. */
static void put_running_head(hq_paper *p)
{
    hq_buf text = HQ_BUF_HEAP(1024);
    hq_buf_sv(&text, p->head->title);
    if (p->head->number.len > 0) {
        hq_buf_lit(&text, " - ");
        hq_buf_sv(&text, p->head->number);
    }
    p->y = MARGIN - 10;
    p->y += hq_pdf_text(p->pdf, MARGIN, p->y, WIDTH, &small_style, hq_buf_view(&text)) + 8;
    hq_buf_free(&text);
}

static void put_table_head(hq_paper *p);

static void turn_page(hq_paper *p)
{
    put_foot(p);
    hq_pdf_next_page(p->pdf);
    p->page++;
    put_running_head(p);
    if (p->column_count > 0) {
        put_table_head(p);
    }
}

/* What is to come has that height and stays in one piece. */
static void make_room(hq_paper *p, double height)
{
    if (p->y + height > BOTTOM) {
        turn_page(p);
    }
}

static hq_status put_head(hq_paper *p)
{
    const hq_paper_head *h = p->head;
    double half = WIDTH / 2;
    double left = MARGIN;
    double right = MARGIN + half;
    double y = MARGIN;
    double yl = y + hq_pdf_text(p->pdf, left, y, half - 10, &centre_style, h->above);
    yl += hq_pdf_text(p->pdf, left, yl, half - 10, &centre_bold_style, h->office);
    double yr = y + hq_pdf_text(p->pdf, right, y, half, &centre_bold_style,
                                english(p) ? HQ_SV("SOCIALIST REPUBLIC OF VIET NAM")
                                           : HQ_SV("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"));
    yr += hq_pdf_text(p->pdf, right, yr, half, &centre_bold_style,
                      english(p) ? HQ_SV("Independence - Freedom - Happiness")
                                 : HQ_SV("Độc lập - Tự do - Hạnh phúc"));
    hq_pdf_line(p->pdf, right + half / 2 - 60, yr + 2, right + half / 2 + 60, yr + 2, 0.6);
    p->y = (yl > yr ? yl : yr) + 14;
    double side = h->qr.len > 0 ? QR_SIDE : 0;
    double top = p->y;
    if (h->qr.len > 0) {
        HQ_TRY(hq_pdf_qr(p->pdf, MARGIN + WIDTH - side, top - 6, side, h->qr));
    }
    p->y += hq_pdf_text(p->pdf, MARGIN + side, p->y, WIDTH - 2 * side, &title_style, h->title);
    if (h->number.len > 0) {
        p->y += 2 + hq_pdf_text(p->pdf, MARGIN + side, p->y + 2, WIDTH - 2 * side, &number_style,
                                h->number);
    }
    p->y = (p->y > top + side - 6 ? p->y : top + side - 6) + 8;
    return HQ_DONE;
}

static hq_status print(hq_buf *out, hq_paper *p, hq_paper_fn parts, void *user)
{
    hq_pdf_about about = { .title = p->head->title,
                           .subject = p->head->number,
                           .language = p->head->language,
                           .created = p->head->created };
    HQ_TRY(hq_pdf_begin(&p->pdf, out, &about));
    p->page = 1;
    hq_status s = put_head(p);
    if (hq_ok(s)) {
        s = parts(p, user);
    }
    if (hq_failed(s)) {
        hq_pdf_drop(p->pdf);
        return s;
    }
    put_foot(p);
    return hq_pdf_end(p->pdf);
}

hq_status hq_paper_make(hq_buf *out, const hq_paper_head *head, hq_paper_fn parts, void *user)
{
    hq_buf counted = HQ_BUF_HEAP(out->ceiling);
    hq_paper first = { .head = head };
    hq_status s = print(&counted, &first, parts, user);
    hq_buf_free(&counted);
    HQ_TRY(s);
    hq_paper p = { .head = head, .pages = first.page };
    return print(out, &p, parts, user);
}

/* ------------------------------------------------------------------ parts */

static void put_text(hq_paper *p, const hq_pdf_style *style, hq_sv text, double after)
{
    make_room(p, hq_pdf_height(p->pdf, WIDTH, style, text));
    p->y += hq_pdf_text(p->pdf, MARGIN, p->y, WIDTH, style, text) + after;
}

void hq_paper_heading(hq_paper *p, hq_sv text)
{
    make_room(p, 60); /* never alone at the end of a page */
    p->y += 4;
    put_text(p, &heading_style, text, 4);
}

void hq_paper_paragraph(hq_paper *p, hq_sv text)
{
    put_text(p, &body_style, text, 4);
}

void hq_paper_note(hq_paper *p, hq_sv text)
{
    put_text(p, &small_style, text, 3);
}

void hq_paper_space(hq_paper *p, double points)
{
    p->y += points;
}

void hq_paper_new_page(hq_paper *p)
{
    turn_page(p);
}

static double pair_height(hq_paper *p, const hq_paper_pair *pair, double width)
{
    return hq_pdf_height(p->pdf, width, &label_style, pair->label) +
           hq_pdf_height(p->pdf, width, &value_style,
                         pair->value.len > 0 ? pair->value : HQ_SV("-"));
}

void hq_paper_pairs(hq_paper *p, const hq_paper_pair *pairs, size_t count, size_t columns)
{
    double width = WIDTH / (double)columns;
    for (size_t at = 0; at < count; at += columns) {
        double height = 0;
        size_t end = at + columns < count ? at + columns : count;
        for (size_t i = at; i < end; i++) {
            double h = pair_height(p, &pairs[i], width - 8);
            height = h > height ? h : height;
        }
        make_room(p, height + PAD);
        for (size_t i = at; i < end; i++) {
            double x = MARGIN + width * (double)(i - at);
            double y = p->y;
            y += hq_pdf_text(p->pdf, x, y, width - 8, &label_style, pairs[i].label);
            hq_pdf_text(p->pdf, x, y, width - 8, &value_style,
                        pairs[i].value.len > 0 ? pairs[i].value : HQ_SV("-"));
        }
        p->y += height + PAD;
    }
}

/* ------------------------------------------------------------------ tables */

static hq_pdf_style cell_style(const hq_paper_column *column, bool head, bool bold)
{
    return (hq_pdf_style){ .size = head ? 7.5 : 8.5,
                           .bold = head || bold,
                           .align = head && column->align != HQ_PDF_RIGHT ? HQ_PDF_LEFT
                                                                          : column->align };
}

static double row_height(hq_paper *p, const hq_sv *cells, bool head, bool bold)
{
    double height = 0;
    for (size_t i = 0; i < p->column_count; i++) {
        hq_pdf_style style = cell_style(&p->columns[i], head, bold);
        double h = hq_pdf_height(p->pdf, p->widths[i] - 2 * PAD, &style, cells[i]);
        height = h > height ? h : height;
    }
    return height + 2 * PAD;
}

static void put_row(hq_paper *p, const hq_sv *cells, bool head, bool bold)
{
    double height = row_height(p, cells, head, bold);
    double x = MARGIN;
    if (!head) {
        make_room(p, height);
    }
    if (head) {
        hq_pdf_box(p->pdf, MARGIN, p->y, WIDTH, height, 0.93);
    }
    for (size_t i = 0; i < p->column_count; i++) {
        hq_pdf_style style = cell_style(&p->columns[i], head, bold);
        hq_pdf_text(p->pdf, x + PAD, p->y + PAD, p->widths[i] - 2 * PAD, &style, cells[i]);
        x += p->widths[i];
    }
    p->y += height;
    hq_pdf_line(p->pdf, MARGIN, p->y, MARGIN + WIDTH, p->y, head || bold ? 0.6 : 0.25);
}

static void put_table_head(hq_paper *p)
{
    hq_sv names[HQ_PAPER_COLUMNS_MAX];
    for (size_t i = 0; i < p->column_count; i++) {
        names[i] = p->columns[i].name;
    }
    put_row(p, names, true, false);
}

void hq_paper_table(hq_paper *p, const hq_paper_column *columns, size_t count)
{
    double sum = 0;
    p->column_count = 0;
    make_room(p, 60);
    p->column_count = count < HQ_PAPER_COLUMNS_MAX ? count : HQ_PAPER_COLUMNS_MAX;
    for (size_t i = 0; i < p->column_count; i++) {
        sum += columns[i].weight;
    }
    for (size_t i = 0; i < p->column_count; i++) {
        p->columns[i] = columns[i];
        p->widths[i] = WIDTH * columns[i].weight / sum;
    }
    hq_pdf_line(p->pdf, MARGIN, p->y, MARGIN + WIDTH, p->y, 0.6);
    put_table_head(p);
}

void hq_paper_row(hq_paper *p, const hq_sv *cells)
{
    put_row(p, cells, false, false);
}

void hq_paper_sum_row(hq_paper *p, const hq_sv *cells)
{
    put_row(p, cells, false, true);
}

void hq_paper_table_end(hq_paper *p)
{
    p->column_count = 0;
    p->y += 6;
}

/* ------------------------------------------------------------------ signatures, codes */

void hq_paper_signatures(hq_paper *p, const hq_paper_signature *signatures, size_t count)
{
    double width = WIDTH / (double)(count == 0 ? 1 : count);
    hq_pdf_style hint = small_style;
    hint.align = HQ_PDF_CENTRE;
    hint.italic = true;
    p->y += 12;
    make_room(p, 100);
    for (size_t i = 0; i < count; i++) {
        double x = MARGIN + width * (double)i;
        double y = p->y;
        y += hq_pdf_text(p->pdf, x, y, width, &centre_bold_style, signatures[i].who);
        hq_pdf_text(p->pdf, x, y, width, &hint, signatures[i].hint);
        hq_pdf_text(p->pdf, x, p->y + 78, width, &centre_style, signatures[i].name);
    }
    p->y += 100;
}

hq_status hq_paper_code(hq_paper *p, hq_sv qr, hq_sv caption)
{
    double side = 150;
    double height = hq_pdf_height(p->pdf, WIDTH, &number_style, caption);
    make_room(p, side + height + 12);
    HQ_TRY(hq_pdf_qr(p->pdf, MARGIN + (WIDTH - side) / 2, p->y, side, qr));
    p->y += side + 2;
    p->y += hq_pdf_text(p->pdf, MARGIN, p->y, WIDTH, &number_style, caption) + 10;
    return HQ_DONE;
}
