/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside clearance/: reading the body of a verb member by member. What is wrong becomes a finding
 * with its path; all of them are the answer, none of them half-way. */

#include "clearance/findings.h"
#include "clearance/step.h"

typedef struct {
    hq_request *request;
    const hq_json *body; /* the object that is read now */
    hq_sv under;         /* its path, "" for the whole */
    hq_findings findings;
} hq_clr__form;

/* Unknown members and wrong types are findings; SYNTAX, INVALID when it is no object at all. */
hq_status hq_clr__form_open(hq_clr__form *form, hq_request *request, const hq_clr__member *members,
                            size_t count);
/* INVALID when anything was found. */
hq_status hq_clr__form_close(hq_clr__form *form);
/* Reads within an object of the body until hq_clr__form_out: what it returns is where reading goes
 * on then. Something that is no object is a finding and read as an empty one. */
typedef struct {
    const hq_json *body;
    hq_sv under;
} hq_clr__place;
hq_clr__place hq_clr__form_into(hq_clr__form *form, const hq_json *object, hq_sv under,
                                const hq_clr__member *members, size_t count);
void hq_clr__form_out(hq_clr__form *form, hq_clr__place place);
/* A list of 1 to `most` elements, NULL when there is none or too many; with the path of an element.
 */
const hq_json *hq_clr__form_list(hq_clr__form *form, const char *name, size_t most, int flags);
hq_sv hq_clr__form_item(const hq_clr__form *form, const char *name, size_t index);

/* Each reads one member; what was found leaves it empty, 0 or NULL. */
enum { HQ_CLR__NEEDED = 1, HQ_CLR__PAST = 2 /* a time that is not after now */ };
/* Trimmed, composed, without control characters but line feeds and tabs, at most `max` characters.
 */
hq_sv hq_clr__form_text(hq_clr__form *form, const char *name, size_t max, int flags);
/* One of the words; its place among them, -1 for none. */
int hq_clr__form_word(hq_clr__form *form, const char *name, const char *const *words, size_t count,
                      int flags);
/* A code of a reference list that is valid on the day; needed. */
hq_sv hq_clr__form_code(hq_clr__form *form, const char *name, hq_code_list list,
                        hq_clearance *clearance, hq_day day);
/* A whole number from `least` to `most`; 0 when there is none. */
int64_t hq_clr__form_number(hq_clr__form *form, const char *name, int64_t least, int64_t most,
                            int flags);
/* RFC 3339, or a day for the end of it; after `now`, or with PAST not after it. 0 none. */
hq_time_us hq_clr__form_time(hq_clr__form *form, const char *name, hq_time_us now, int flags);
/* Distinct line numbers from 1 up as JSON text, "[]" for none. Whether the declaration has them:
 * hq_clr__lines_known. */
hq_sv hq_clr__form_lines(hq_clr__form *form, const char *name);
/* Ids of attachments as JSON text of distinct texts. */
hq_sv hq_clr__form_ids(hq_clr__form *form, const char *name, size_t max);
hq_status hq_clr__form_id(hq_id *out, hq_clr__form *form, const char *name, int flags);

/* A JSON boolean; `otherwise` when absent. */
bool hq_clr__form_flag(hq_clr__form *form, const char *name, bool otherwise);
/* 8 digits. */
hq_sv hq_clr__form_hs(hq_clr__form *form, const char *name, int flags);
/* {"amount": "1.50", "unit": "KGM"} as JSON text, "null" for none. */
hq_sv hq_clr__form_quantity(hq_clr__form *form, const char *name, int flags);

/* Adds a finding at a member, for what only the caller can know. */
void hq_clr__form_wrong(hq_clr__form *form, const char *rule, const char *name, const hq_json *seen,
                        const hq_sv *args, size_t arg_count);

/* In a closure: are these lines (JSON text of form_lines) of the declaration? INVALID with the
 * finding at `path`. */
hq_status hq_clr__lines_known(hq_clr__change *change, const hq_clr__row *row, hq_sv lines,
                              const char *path);
/* How many lines the declaration has. */
hq_status hq_clr__line_count(size_t *out, const hq_clr__row *row, hq_arena *arena);
/* Answers a closure with one finding. */
hq_status hq_clr__found_one(hq_clr__change *change, const char *rule, hq_sv path, hq_sv value,
                            const hq_sv *args, size_t arg_count);
