/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Official papers: head with office and motto, title, QR code, parts that flow over pages, foot
 * with page numbers. What stands in them is the business of the room that prints. The same calls
 * give the same bytes. Include "files/files.h", which has this. */

#include "base/base.h"
#include "codec/codec.h"

typedef struct {
    hq_sv language; /* "vi" or "en" */
    hq_sv above;    /* the office above the one that prints, may be empty */
    hq_sv office;
    hq_sv title, number; /* number: under the title, may be empty */
    hq_sv qr;            /* text of the code in the first page's corner, may be empty */
    hq_sv foot;          /* what the paper was printed from */
    hq_time_us created;  /* of what is printed, never the hour of printing */
} hq_paper_head;

typedef struct hq_paper hq_paper;
/* Writes the parts; called twice, first to count the pages, so it must say the same both times. */
typedef hq_status (*hq_paper_fn)(hq_paper *paper, void *user);
/* Appends the PDF to `out`. */
hq_status hq_paper_make(hq_buf *out, const hq_paper_head *head, hq_paper_fn parts, void *user);

void hq_paper_heading(hq_paper *paper, hq_sv text);
void hq_paper_paragraph(hq_paper *paper, hq_sv text);
void hq_paper_note(hq_paper *paper, hq_sv text); /* small, grey */
void hq_paper_space(hq_paper *paper, double points);
void hq_paper_new_page(hq_paper *paper);

/* Labels with their values, in `columns` beside each other; empty values show as a dash. */
typedef struct {
    hq_sv label, value;
} hq_paper_pair;
void hq_paper_pairs(hq_paper *paper, const hq_paper_pair *pairs, size_t count, size_t columns);

/* A table whose head comes again on every page. `weight` shares the width. */
#define HQ_PAPER_COLUMNS_MAX 12
typedef struct {
    hq_sv name;
    double weight;
    hq_pdf_align align;
} hq_paper_column;
void hq_paper_table(hq_paper *paper, const hq_paper_column *columns, size_t count);
void hq_paper_row(hq_paper *paper, const hq_sv *cells);     /* as many as columns */
void hq_paper_sum_row(hq_paper *paper, const hq_sv *cells); /* bold */
void hq_paper_table_end(hq_paper *paper);

/* Places to sign beside each other: who, and a hint under it. */
typedef struct {
    hq_sv who, hint, name;
} hq_paper_signature;
void hq_paper_signatures(hq_paper *paper, const hq_paper_signature *signatures, size_t count);

/* A large QR code in the middle with a caption under it. LIMIT. */
hq_status hq_paper_code(hq_paper *paper, hq_sv qr, hq_sv caption);
