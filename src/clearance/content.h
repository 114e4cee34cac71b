/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* How a declaration's document lies in its row: packed with the words that declarations are made
 * of, so that several rows share a page of the database; and beside it what it is found by. Rows
 * from before that have both as text, and stay readable. */

#include "clearance/row.h"

/* What a declaration is found by, as it is stored: the pieces of the document to be folded, or the
 * folded text itself. HQ_SV_NULL without memory. */
hq_sv hq_clr__words_of(const hq_declaration *declaration, const hq_ref *ref, hq_arena *arena);

/* From row->body and row->words to row->packed. */
hq_status hq_clr__content_pack(hq_clr__row *row, hq_arena *arena);
/* Is row->packed made of row->body? */
static inline bool hq_clr__content_packed(const hq_clr__row *row)
{
    return row->packed.len > 0 && row->packed_of == row->body.ptr;
}
/* Back into row->body and row->words; with `packed` empty they stay as they are. CORRUPT. */
hq_status hq_clr__content_unpack(hq_clr__row *row, hq_sv packed, hq_arena *arena);

/* Folded words of a stored row, by its columns `words` and `packed`. The room is used again for the
 * next row. CORRUPT. */
typedef struct {
    hq_arena *arena; /* of both */
    hq_buf body, text;
} hq_clr__words_room;
#define HQ_CLR__WORDS_ROOM(arena_)                                                                 \
    {                                                                                              \
        (arena_), HQ_BUF_ARENA(arena_, HQ_CLR__RECORD_MAX),                                        \
            HQ_BUF_ARENA(arena_, HQ_CLR__RECORD_MAX)                                               \
    }
hq_status hq_clr__words_read(hq_sv *out, hq_sv words, hq_sv packed, hq_clr__words_room *room);
/* words.c: the folded text of what hq_clr__words_of gave, appended. CORRUPT. */
hq_status hq_clr__words_fold(hq_buf *out, hq_sv words, hq_sv body, hq_arena *arena);
/* Does folding it need the document? */
bool hq_clr__words_need_body(hq_sv words);
