/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside clearance/: what differs between two contents of a declaration, line by line with before
 * and after, and the way back: a content with such changes made to it. */

#include "clearance/document.h"

#define HQ_CLR__NO_LINE SIZE_MAX

typedef struct {
    hq_sv path;          /* JSON pointer of one field, or of a whole line that came or went */
    const hq_doc *after; /* NULL: it went */
} hq_clr__touched;

typedef struct {
    /* [{"line", "line_after", "change", "before", "after"}]: of a changed line the members that
     * differ, of an added or removed one all of it. [{"path", "before", "after"}] */
    hq_sv lines, header;
    size_t old_count, new_count;
    size_t *after_of;  /* [old_count] index after, HQ_CLR__NO_LINE: removed */
    size_t *before_of; /* [new_count] index before, HQ_CLR__NO_LINE: added */
    const hq_clr__touched *touched;
    size_t touched_count;
} hq_clr__changes;

/* `before` and `after` are roots of declarations. */
hq_status hq_clr__changes_between(hq_clr__changes *out, const hq_doc *before, const hq_doc *after,
                                  hq_arena *arena);
/* `document` with the changes of an amendment made, in place. CORRUPT: they are not of this one. */
hq_status hq_clr__changes_apply(hq_doc *document, hq_sv lines, hq_sv header, hq_arena *arena);
