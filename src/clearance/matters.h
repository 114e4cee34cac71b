/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside clearance/: what a discrepancy leads to. A matter is an element of the section MATTERS
 * with a number of its own within the declaration; kinds, states and steps are matters.def. */

#include "clearance/form.h"

typedef enum {
#define HQ_MATTER(kind, state, decided, term) HQ_MATTER_##kind,
#include "clearance/matters.def"
    HQ_CLR__MATTER_KINDS
} hq_clr__matter_kind;
typedef enum {
    HQ_MATTER_OPEN,
    HQ_MATTER_INVITED,
    HQ_MATTER_SAMPLED,
    HQ_MATTER_RECEIVED,
    HQ_MATTER_RESULTED,
    HQ_MATTER_ORDERED,
    HQ_MATTER_RECORDED, /* nothing is to be done any more: these two */
    HQ_MATTER_CLOSED
} hq_clr__matter_state;
#define HQ_CLR__MATTER_STATES 8
typedef enum {
    HQ_OUTCOME_AMENDED,             /* by the declarant */
    HQ_OUTCOME_IMPOSED,             /* by customs */
    HQ_OUTCOME_CLEARED_AS_DECLARED, /* and passed to audit */
    HQ_OUTCOME_AGREED,
    HQ_OUTCOME_ACCEPTED,
    HQ_OUTCOME_AS_DECLARED,
    HQ_OUTCOME_RECLASSIFIED,
    HQ_OUTCOME_RE_EXPORTED,
    HQ_OUTCOME_DESTROYED,
    HQ_OUTCOME_DISPOSED,
    HQ_OUTCOME_WITHDRAWN
} hq_clr__outcome;
#define HQ_CLR__OUTCOMES 11

const char *hq_clr__matter_kind_name(hq_clr__matter_kind kind);
const char *hq_clr__matter_state_name(hq_clr__matter_state state);
const char *hq_clr__outcome_name(hq_clr__outcome outcome);
/* -1: no such name. */
int hq_clr__matter_kind_of(hq_sv name);
int hq_clr__matter_state_of(hq_sv name);
hq_clr__matter_state hq_clr__matter_begins(hq_clr__matter_kind kind);
bool hq_clr__matter_decided(hq_clr__matter_kind kind);
hq_sv hq_clr__matter_term(hq_clr__matter_kind kind);
/* The state after a step; false when the matter has no such step now. */
bool hq_clr__matter_step(hq_clr__matter_state *next, hq_clr__matter_kind kind,
                         hq_clr__matter_state state, hq_clr__verb verb);
/* May one of these roles close it with this outcome? */
bool hq_clr__matter_ends(hq_clr__matter_kind kind, hq_clr__matter_state state,
                         hq_clr__outcome outcome, uint32_t roles);
static inline bool hq_clr__matter_waits(hq_clr__matter_state state)
{
    return state != HQ_MATTER_RECORDED && state != HQ_MATTER_CLOSED;
}

/* ------------------------------------------------------------------ one of a life */

typedef struct {
    const hq_json *element; /* of the section's text as it was when it was read */
    int64_t id;
    hq_clr__matter_kind kind;
    hq_clr__matter_state state;
} hq_clr__matter;
/* NOT_FOUND; CORRUPT. */
hq_status hq_clr__matter_find(hq_clr__matter *out, const hq_clr__life *life, int64_t id,
                              hq_arena *arena);
/* How many still are to be done; the first of them in *first (0 none). */
hq_status hq_clr__matters_waiting(size_t *count, int64_t *first, const hq_clr__life *life,
                                  hq_arena *arena);

/* CONFLICT with the answer's why while one still is to be done: nothing leads to clearing then. */
hq_status hq_clr__matters_ended(hq_clr__change *change, const hq_clr__life *life);

/* The first that waits and on which a release of this ground ("ANALYSIS", "VALUE", "CLASSIFICATION")
 * hangs; 0 none. */
hq_status hq_clr__matter_pending(int64_t *id, const hq_clr__life *life, hq_sv ground,
                                 hq_arena *arena);
/* CONFLICT with the answer's why when the goods were refused: they do not leave to their trader. */
hq_status hq_clr__not_refused(hq_clr__change *change, const hq_clr__life *life);

/* Opens one: adds it to `life`, to the worklist and, with `due`, to the deadlines. `more` are the
 * members of its kind, JSON without braces. */
typedef struct {
    hq_clr__matter_kind kind;
    hq_sv text, lines; /* lines: JSON text */
    int64_t check;     /* number of the check it came of, 0 none */
    hq_time_us due;    /* 0 none */
    hq_sv by;
    hq_time_us at;
    hq_sv outcome; /* of one that opens closed */
    hq_sv more;
} hq_clr__opening;
hq_status hq_clr__matter_open(int64_t *id, hq_tx *tx, const hq_clr__row *row, hq_clr__life *life,
                              const hq_clr__opening *opening, hq_arena *arena);
/* Puts members into one and moves it to `next`; closing clears its deadline. */
hq_status hq_clr__matter_change(hq_tx *tx, const hq_clr__row *row, hq_clr__life *life,
                                const hq_clr__matter *matter, hq_clr__matter_state next,
                                hq_sv patch, hq_arena *arena);
/* The same to its end. */
typedef struct {
    hq_clr__outcome outcome;
    hq_sv by;
    hq_time_us at;
    hq_sv note;
    hq_sv more; /* further members */
} hq_clr__ending;
hq_status hq_clr__matter_close(hq_tx *tx, const hq_clr__row *row, hq_clr__life *life,
                               const hq_clr__matter *matter, const hq_clr__ending *ending,
                               hq_arena *arena);
/* The declaration ends: what waits is WITHDRAWN. */
hq_status hq_clr__matters_drop(hq_tx *tx, const hq_clr__row *row, hq_clr__life *life, hq_sv by,
                               hq_time_us at, hq_arena *arena);
/* Event declaration.passed_to_audit: cleared as declared, for the audit after clearance. */
hq_status hq_clr__pass_to_audit(hq_clr__row *row, hq_tx *tx, const hq_clr__matter *matter,
                                hq_sv actor, hq_time_us at, hq_arena *arena);
/* Members of an event: "matter", "matter_kind", then `more`. */
hq_sv hq_clr__matter_members(const hq_clr__matter *matter, hq_sv more, hq_arena *arena);

/* `amendment` was carried out and says that it answers this matter (text of its number): when it is
 * an ordered amendment that waits, it is closed. Anything else changes nothing. */
hq_status hq_clr__matter_amended(hq_tx *tx, const hq_clr__row *row, hq_clr__life *life,
                                 hq_sv matter, hq_sv amendment, hq_sv by, hq_time_us at,
                                 hq_arena *arena);
/* Did the declarant ask in time for the amendment that this matter orders, and customs has not
 * answered yet? */
hq_status hq_clr__matter_asked(bool *out, const hq_clr__life *life, int64_t id, hq_arena *arena);
/* What was imposed is added to the sums of an assessment. */
hq_status hq_clr__matters_imposed(int64_t tax_vnd[HQ_TAX_COUNT], const hq_clr__life *life,
                                  hq_arena *arena);
/* In a closure, with the matter in `life`: its debts, and what covers them. */
hq_status hq_clr__impose_tax(hq_clr__change *change, hq_tx *tx, const hq_clr__row *row,
                             hq_clr__life *life);
/* Its deadline passed and it is about a code or a rate: imposes what was ordered, in a write of its
 * own. False: it is about something else, or what was ordered cannot be (the tables changed);
 * nothing was done (due.h). */
bool hq_clr__matter_impose(hq_clearance *clearance, int64_t declaration, hq_sv number,
                           hq_time_us now);
/* Its deadline passed (due.h). */
hq_status hq_clr__matter_late(hq_clearance *clearance, hq_tx *tx, hq_clr__row *row, hq_sv number,
                              hq_time_us now);
/* After the program closed a matter: when nothing is left to be done the declaration goes on as
 * after a satisfactory check. */
hq_status hq_clr__matters_resolve(hq_clearance *clearance, hq_tx *tx, hq_clr__row *row,
                                  hq_time_us at);

/* ------------------------------------------------------------------ a step of one */

/* The closure of a step begins: the matter of the path, the move and the step exist. NOT_FOUND,
 * CONFLICT with the answer's why. */
typedef struct {
    hq_clr__life life;
    hq_clr__matter matter;
    hq_clr__matter_state next;
} hq_clr__at_matter;
hq_status hq_clr__matter_at(hq_clr__at_matter *out, hq_clr__change *change, const hq_clr__row *row);
/* And ends: packs the life, moves the declaration by change->verb; `more` beside the matter. */
hq_status hq_clr__matter_moved(hq_clr__at_matter *at, hq_clr__change *change, hq_tx *tx,
                               hq_clr__row *row, hq_sv more);

/* ------------------------------------------------------------------ reading bodies */

/* What is to be changed, as an amendment takes it: [{"path", "value"}]; JSON text, "[]" for none.
 */
hq_sv hq_clr__form_changes(hq_clr__form *form, const char *name, int flags);

/* ------------------------------------------------------------------ rows (matter_rows.c) */

hq_status hq_clr__matter_row_add(hq_tx *tx, const hq_clr__row *row, int64_t id,
                                 const hq_clr__opening *opening);
hq_status hq_clr__matter_row_set(hq_tx *tx, const hq_clr__row *row, int64_t id,
                                 hq_clr__matter_state state, hq_time_us overdue_at);
typedef struct {
    int64_t seq, id, matter;
    hq_sv kind, state, office, goods_office, trader, agent;
    hq_time_us opened_at, due_at, overdue_at;
} hq_clr__matter_row;
typedef struct {
    int64_t below;     /* seq */
    hq_sv kind, state; /* empty: any */
    bool waiting;      /* only what still is to be done */
    size_t limit;
} hq_clr__matter_page;
/* Newest first, at most page->limit, into rows[]. */
hq_status hq_clr__matter_rows(hq_clr__matter_row *rows, size_t *count, hq_tx *tx,
                              const hq_clr__matter_page *page, hq_arena *arena);

/* A result that may be used again for the same goods of the same trader. */
typedef struct {
    hq_sv trader, hs, description; /* as declared; description folded */
    int64_t id, matter, line;
    hq_sv result_hs, result_description, document;
    hq_time_us at;
    hq_day valid_to;
} hq_clr__analysis;
hq_status hq_clr__analysis_add(hq_tx *tx, const hq_clr__analysis *analysis);
/* Those valid on the day, newest first, at most `max`. */
hq_status hq_clr__analyses_of(hq_clr__analysis *out, size_t *count, size_t max, hq_tx *tx,
                              hq_sv trader, hq_sv hs, hq_sv description, hq_day day,
                              hq_arena *arena);
/* Of all lines (JSON text, "[]": all) of the declaration, as a JSON array. */
hq_status hq_clr__earlier_json(hq_json_w *w, hq_tx *tx, const hq_clr__row *row, hq_sv lines,
                               hq_day day, hq_arena *arena);

/* ------------------------------------------------------------------ routes */

hq_status hq_clr__post_matter(hq_request *request, void *room);
hq_status hq_clr__post_samples(hq_request *request, void *room);
hq_status hq_clr__post_receive(hq_request *request, void *room);
hq_status hq_clr__post_result(hq_request *request, void *room);
hq_status hq_clr__post_minutes(hq_request *request, void *room);
hq_status hq_clr__post_disposal(hq_request *request, void *room);
hq_status hq_clr__post_matter_closure(hq_request *request, void *room);
hq_status hq_clr__get_matters(hq_request *request, void *room);
hq_status hq_clr__get_samples(hq_request *request, void *room);
hq_status hq_clr__get_earlier_analyses(hq_request *request, void *room);

/* What the laboratory sees of an analysis: samples and their lines, nobody's names. */
hq_status hq_clr__blind_json(hq_json_w *w, const hq_clr__row *row, const hq_clr__matter *matter,
                             hq_arena *arena);
