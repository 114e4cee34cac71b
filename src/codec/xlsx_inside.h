/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Private to the XLSX reader: parts of the archive, read as XML in one pass. */

#include <zip.h>

#include "codec/xlsx.h"

/* How a number in a cell of a style is shown. */
typedef enum { HQ_XLSX__AS_NUMBER, HQ_XLSX__AS_DATE } hq_xlsx__shown;

struct hq_xlsx {
    hq_arena *arena;
    zip_t *zip;
    hq_xlsx_limits limits;
    hq_why *why; /* of the call under way */
    size_t unpacked;
    hq_xlsx_sheet *sheets;
    hq_sv *sheet_parts; /* beside them: names in the archive */
    size_t sheet_count;
    bool from_1904;
    hq_sv *strings;
    size_t string_count;
    uint8_t *shown; /* hq_xlsx__shown of each style */
    size_t shown_count;
};

/* Sets the call's why, as printf does, and returns `status`. */
hq_status hq_xlsx__refuse(hq_xlsx *x, hq_status status, const char *vi, const char *en, ...);

/* One pass over the XML of a part. Names come without their prefix. What a function finds wrong it
 * leaves in parse->status, which ends the pass. */
typedef struct hq_xlsx__parse hq_xlsx__parse;
struct hq_xlsx__parse {
    hq_xlsx *x;
    void *user;
    void (*open)(hq_xlsx__parse *parse, hq_sv name, const char **attributes);
    void (*close)(hq_xlsx__parse *parse, hq_sv name); /* may be NULL */
    void (*text)(hq_xlsx__parse *parse, hq_sv text);  /* may be NULL; in pieces */
    hq_status status;
    /* The reader's. */
    void *parser;
    hq_sv part;
    unsigned depth;
};
/* NOT_FOUND when there is no such part. */
hq_status hq_xlsx__parse_part(hq_xlsx__parse *parse, hq_xlsx *x, hq_sv part);
/* An attribute by its name without prefix; ptr NULL when there is none. */
hq_sv hq_xlsx__attribute(const char **attributes, const char *name);

/* styles.xml and sharedStrings.xml (either may be missing). */
hq_status hq_xlsx__read_styles(hq_xlsx *x, hq_sv part);
hq_status hq_xlsx__read_strings(hq_xlsx *x, hq_sv part);

/* A text cell's escapes (_x000D_) and line ends settled, in the arena. ptr NULL: no memory. */
hq_sv hq_xlsx__settle(hq_sv text, hq_arena *arena);
/* From the number as it stands in the file to kind and text. NOMEM. */
hq_status hq_xlsx__number(hq_xlsx_cell *cell, hq_sv written, hq_xlsx__shown shown, bool from_1904,
                          hq_arena *arena);
