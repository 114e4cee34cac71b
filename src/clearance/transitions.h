/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside clearance/: the transition table (transitions.def) as C. A move is asked for with the
 * facts that decide between the rows of one state and verb; what the table does not have cannot be
 * done. */

#include "clearance/clearance.h"

#define HQ_CLR__DECLARANT  HQ_ROLE_BIT(HQ_ROLE_DECLARANT)
#define HQ_CLR__OPERATOR   HQ_ROLE_BIT(HQ_ROLE_OPERATOR)
#define HQ_CLR__SUPERVISOR HQ_ROLE_BIT(HQ_ROLE_SUPERVISOR)
#define HQ_CLR__LABORATORY HQ_ROLE_BIT(HQ_ROLE_LABORATORY)
#define HQ_CLR__CHECKERS   (HQ_ROLE_BIT(HQ_ROLE_OFFICER) | HQ_ROLE_BIT(HQ_ROLE_TEAM_LEADER))
#define HQ_CLR__HEADS                                                                              \
    (HQ_ROLE_BIT(HQ_ROLE_BRANCH_HEAD) | HQ_ROLE_BIT(HQ_ROLE_DEPARTMENT_HEAD) |                     \
     HQ_ROLE_BIT(HQ_ROLE_HEADQUARTERS))
#define HQ_CLR__LEADERS (HQ_ROLE_BIT(HQ_ROLE_TEAM_LEADER) | HQ_CLR__HEADS)

typedef enum {
#define HQ_VERB(name, path, roles) HQ_VERB_##name,
#include "clearance/transitions.def"
    HQ_CLR__VERBS
} hq_clr__verb;

/* A declaration that does not exist yet, beside the statuses of the face. */
#define HQ_DECLARATION_NEW ((hq_declaration_status)HQ_DECLARATION_STATUS_COUNT)
#define HQ_CLR__STATES     (HQ_DECLARATION_STATUS_COUNT + 1)

typedef enum {
    HQ_WHEN_ANY,
    HQ_WHEN_GREEN_OWED,    /* green, tax still owed and not covered */
    HQ_WHEN_GREEN_SETTLED, /* green, no tax or all of it covered */
    HQ_WHEN_STOPPED,       /* yellow or red */
    HQ_WHEN_RED,
    HQ_WHEN_DISCREPANCY,  /* the check found something */
    HQ_WHEN_OWED,         /* tax still owed and not covered; or held, which stops clearing too */
    HQ_WHEN_SETTLED,      /* neither */
    HQ_WHEN_HELD,         /* an open hold */
    HQ_WHEN_FREE,         /* none */
    HQ_WHEN_WAS_GREEN,    /* before the channel was changed */
    HQ_WHEN_ORDERED,      /* an open hold orders an inspection of the goods */
    HQ_WHEN_UNMOVED,      /* nothing has passed yet */
    HQ_WHEN_GONE,         /* all goods have passed, and no hold */
    HQ_WHEN_TO_DOCUMENTS, /* taken out of the document check, which goes on */
    HQ_WHEN_TO_GOODS      /* likewise of the goods check */
} hq_clr__when;
#define HQ_CLR__WHENS 16

typedef struct {
    hq_declaration_status state;
    hq_clr__verb verb;
    hq_clr__when when;
    hq_declaration_status next;
    hq_sv event;
} hq_clr__move;

typedef struct {
    const char *name, *path;
    uint32_t roles; /* 0: the program */
} hq_clr__verb_row;

extern const hq_clr__verb_row hq_clr__verbs[HQ_CLR__VERBS];
extern const hq_clr__move hq_clr__moves[];
extern const size_t hq_clr__move_count;

typedef struct {
    hq_channel channel;
    bool owed;        /* tax that is neither paid nor covered */
    bool discrepancy; /* result of a check */
    bool held;        /* by an open hold */
    bool ordered;     /* which wants the goods inspected */
    bool was_green;
    bool moved, gone;             /* some, all of the goods have passed */
    hq_declaration_status before; /* storage: whence they were taken */
} hq_clr__facts;

/* NULL: there is no such move. `facts` NULL: of several conditional moves the first. */
const hq_clr__move *hq_clr__move_find(hq_declaration_status state, hq_clr__verb verb,
                                      const hq_clr__facts *facts);
/* Offered verbs that people of these roles may use in this state, as a JSON array of their paths.
 * `seen` may be NULL: holds, passages and what else the life alone says, so that what they make
 * impossible is left out. */
void hq_clr__possible_json(hq_json_w *w, hq_declaration_status state, uint32_t roles,
                           const hq_clr__facts *seen);
const char *hq_clr__when_text(hq_clr__when when); /* for the README's table */
