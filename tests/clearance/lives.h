/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the C tests of the life share: a house with the tables of the cases, the usual people, the
 * usual declaration, and short words for calls. */

#include "../house.h"

typedef struct {
    house h;
    const hq_caller *trader, *officer, *leader, *head, *bank, *supervisor;
    const char *document; /* filed as it is */
} lives;

/* HQ_CASES is the folder of the cases. */
void lives_begin(lives *l);
void lives_end(lives *l);
/* All goods of heading 8481 go there from now on. */
void lives_rule(lives *l, const char *lane);
/* Number of a declaration filed in this mode; `to` has room for 13. */
void lives_file(lives *l, const char *mode, char *to);
house_answer lives_post(lives *l, hq_arena *arena, const hq_caller *caller, const char *number,
                        const char *verb, const char *body);
house_answer lives_read(lives *l, hq_arena *arena, const char *number);
hq_declaration_status lives_status(lives *l, const char *number);
/* Pays `percent` of each tax of the declaration. */
house_answer lives_pay(lives *l, hq_arena *arena, const char *number, int percent);
hq_declaration_status lives_status_named(hq_sv name);
