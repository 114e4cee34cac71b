/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside clearance/: a declaration's row, its hash, its events, and all SQL on it. */

#include "clearance/room.h"

#define HQ_CLR__NO_CHANNEL (-1)

typedef struct hq_clr__row {
    int64_t id, version;
    hq_declaration_status status;
    int channel; /* hq_channel or HQ_CLR__NO_CHANNEL */
    hq_flow flow;
    hq_sv kind, office, goods_office, trader, agent, officer;
    hq_time_us created_at, registered_at, changed_at, due_at; /* 0: none */
    int64_t customs_value_vnd, payable_vnd;
    int64_t content_version;   /* version of the record that brought this content */
    int64_t reference_version; /* by which it was assessed */
    hq_hash32 content_hash;
    hq_sv positions; /* of its events in the journal, le64 each; not part of the hash */
    hq_sv reference; /* the trader's own */
    hq_sv life;      /* packed hq_clr__life, empty: nothing happened yet */
    hq_sv decision;  /* packed by risk/, empty before registration */
    /* The content; empty when only the hot columns were read. */
    hq_sv assessment, findings, words, body;
    hq_sv packed;          /* words and body as they are written (content.h); empty: not yet made */
    const char *packed_of; /* the body that it was made of */
} hq_clr__row;

/* What happened between registration and clearing. */
typedef struct {
    hq_time_us at; /* declarant's word; 0 none */
    hq_sv by;
    hq_time_us confirmed_at;
    hq_sv confirmed_by;
    hq_time_us due; /* end of the legal clock that began at `at` */
} hq_clr__presented;
/* What is kept as a JSON array in the record, oldest first. The numbers are stored: new ones go to
 * the end, none is used again. Names and who sees them: life.c. */
typedef enum {
    HQ_CLR__ASSIGNMENTS,
    HQ_CLR__CHECKS,
    HQ_CLR__ATTACHMENTS,
    HQ_CLR__INSTRUCTIONS, /* with their answers */
    HQ_CLR__PROPOSALS,    /* what waits for a head's decision, and what was decided */
    HQ_CLR__HOLDS,
    HQ_CLR__AMENDMENTS,
    HQ_CLR__MATTERS, /* what a discrepancy led to: ordered amendment, analysis, consultation ... */
    HQ_CLR__PASSAGES,
    HQ_CLR__PAUSES, /* of legal clocks */
    HQ_CLR__BRANCHES,
    HQ_CLR__DRAWS,     /* what was taken from lists and stocks */
    HQ_CLR__DECISIONS, /* of heads, their delegates and the program: channel, release, end */
    HQ_CLR__SECTIONS
} hq_clr__section;
typedef struct {
    hq_clr__presented documents, goods;
    hq_sv sections[HQ_CLR__SECTIONS]; /* each a JSON array, empty text for none */
    bool covered;                     /* a guarantee stood for the tax at registration */
    bool low_value;                   /* a parcel of the low-value flow */
} hq_clr__life;

/* Packed in the arena; and back, views into `packed`. CORRUPT. */
hq_status hq_clr__life_pack(hq_sv *out, const hq_clr__life *life, hq_arena *arena);
hq_status hq_clr__life_unpack(hq_clr__life *out, hq_sv packed);
/* `array` with one more element, in the arena. */
hq_status hq_clr__array_add(hq_sv *array, hq_sv element, hq_arena *arena);
/* Does the section hold these very bytes? For what its writer writes in one way, like
 * "\"state\":\"OPEN\"": within a text the quotes are escaped. */
bool hq_clr__section_has(hq_sv section, hq_sv bytes);
/* The part of a section that its declarant is told. */
void hq_clr__section_told(hq_json_w *w, hq_clr__section section, hq_sv text);
/* The sections as members of the record: all of them for customs, what concerns them for the
 * others. */
void hq_clr__sections_json(hq_json_w *w, const hq_clr__life *life, bool customs);

/* The hot columns as bytes, for an idempotency key's answer, and back. */
hq_status hq_clr__row_remember(hq_sv *out, const hq_clr__row *row, hq_arena *arena);
hq_status hq_clr__row_recall(hq_clr__row *out, hq_sv remembered);
/* With the content of its version, which one read of the store brings. */
hq_status hq_clr__row_recall_full(hq_clr__row *out, hq_sv remembered, hq_clearance *clearance,
                                  hq_arena *arena);

/* `body` is the BLAKE2b of row->body where it is known, else NULL. */
void hq_clr__content_hash(hq_hash32 *out, const hq_clr__row *row, const hq_hash32 *body,
                          hq_buf *scratch);

/* Copies live in `arena`. NOT_FOUND. */
hq_status hq_clr__row_load(hq_clr__row *out, hq_tx *tx, int64_t id, hq_arena *arena);
/* With the content. */
hq_status hq_clr__row_load_full(hq_clr__row *out, hq_tx *tx, int64_t id, hq_arena *arena);
/* Content of an older version into `row`; NOT_FOUND. */
hq_status hq_clr__content_load(hq_clr__row *row, hq_tx *tx, int64_t content_version,
                               hq_arena *arena);
/* EXISTS when the number is taken. */
hq_status hq_clr__row_insert(hq_tx *tx, hq_clr__row *row);
/* Writes the hot columns over version `was`; RERUN when another change came between. */
hq_status hq_clr__row_update(hq_tx *tx, const hq_clr__row *row, int64_t was);
/* The same with new content; what was there goes to declaration_content. */
hq_status hq_clr__row_replace(hq_tx *tx, hq_clr__row *row, int64_t was);
/* All of one read of the store; the number of a branch finds the record it belongs to. */
hq_status hq_clr__row_read(hq_clr__row *out, hq_clearance *clearance, int64_t id, bool full,
                           hq_arena *arena);
hq_status hq_clr__row_hash(hq_hash32 *out, hq_tx *tx, hq_sv subject);
/* Of a row in memory, by its content_hash. */
hq_status hq_clr__row_hash_of(hq_hash32 *out, const hq_clr__row *row, hq_arena *arena);

/* One event: version + 1, payload from the row, its hash, its position remembered in the row.
 * `more` are further members of the payload, JSON without braces, may be empty. Arena: the
 * transaction's or longer. */
typedef struct {
    hq_sv kind, actor;
    hq_time_us at;
    hq_sv more;
} hq_clr__event;
hq_status hq_clr__row_event(hq_clr__row *row, hq_tx *tx, const hq_clr__event *event,
                            hq_arena *arena);

/* Finds the move and carries it out in memory: status, changed_at, the event, and
 * declaration.cleared when it leads there. CONFLICT: the table has no such move. */
typedef struct {
    hq_clr__verb verb;
    hq_clr__facts facts;
    hq_sv actor;
    hq_time_us at;
    hq_sv more; /* of the event */
} hq_clr__step;
hq_status hq_clr__row_move(hq_clr__row *row, hq_tx *tx, const hq_clr__step *step, hq_arena *arena);

/* "declaration/10000000001", of events and files. */
hq_sv hq_clr__subject_of(const hq_clr__row *row, hq_arena *arena);
/* For hq_may. */
hq_target hq_clr__target_of(const hq_clr__row *row);
