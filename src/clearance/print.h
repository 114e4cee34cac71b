/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside clearance/: papers of a declaration as PDF. One file a family of papers; the template is
 * files/. A paper shows one version of the record and has the same bytes whenever it is printed. */

#include "clearance/record.h"
#include "files/files.h"

typedef struct {
    hq_clearance *clearance;
    hq_request *request;
    hq_arena *arena;
    bool vi;
    hq_clr__row row;
    hq_clr__life life;
    hq_declaration *declaration;
    hq_assessment *assessment;
    const hq_ref *ref;
    hq_day day;       /* of its registration, or of its last change before */
    int64_t left_vnd; /* still owed */
} hq_clr__print;

hq_status hq_clr__print_declaration(hq_paper *paper, void *print);
hq_status hq_clr__print_tax(hq_paper *paper, void *print);
hq_status hq_clr__print_inspection(hq_paper *paper, void *print);
hq_status hq_clr__print_instructions(hq_paper *paper, void *print);
hq_status hq_clr__print_pass(hq_paper *paper, void *print);

/* Texts for papers, in the arena. Numbers are grouped as the language does it. */
hq_sv hq_clr__say(const hq_clr__print *p, const char *vi, const char *en);
hq_sv hq_clr__say_vnd(const hq_clr__print *p, int64_t vnd);
hq_sv hq_clr__say_decimal(const hq_clr__print *p, hq_decimal value);
hq_sv hq_clr__say_amount(const hq_clr__print *p,
                         const hq_amount *amount);            /* with unit or currency */
hq_sv hq_clr__say_day(const hq_clr__print *p, hq_day day);    /* 25/11/2026 */
hq_sv hq_clr__say_time(const hq_clr__print *p, hq_time_us t); /* 25/11/2026 08:30 */
hq_sv hq_clr__say_time_text(const hq_clr__print *p, hq_sv rfc3339);
hq_sv hq_clr__say_code(const hq_clr__print *p, hq_code4 code);
hq_sv hq_clr__say_office(const hq_clr__print *p, hq_sv office); /* "15BB - Hữu Nghị" */
hq_sv hq_clr__say_name(const hq_clr__print *p, hq_sv id);       /* of a person */
hq_sv hq_clr__say_tax(const hq_clr__print *p, hq_tax tax);
/* a, with b after " - " where there is one. */
hq_sv hq_clr__say_both(const hq_clr__print *p, hq_sv a, hq_sv b);

hq_status hq_clr__get_paper(hq_request *request, void *room);
