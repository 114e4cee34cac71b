/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside clearance/: legal clocks of checks that stand still while customs waits for somebody else,
 * and the longer time of a goods check. An element of PAUSES keeps who stopped which clock, why,
 * from when to when, and what working time was left; the clock has no end while it is stopped. */

#include "clearance/form.h"

/* An instruction waits for its answer: the clock of the check that runs stops by itself; and when
 * no instruction waits any more it goes on. Change `life`; nothing happens where no clock runs. */
hq_status hq_clr__pause_for_instruction(hq_clr__change *change, const hq_clr__row *row,
                                        hq_clr__life *life, int64_t instruction);
hq_status hq_clr__resume_when_answered(hq_clr__change *change, const hq_clr__row *row,
                                       hq_clr__life *life);
/* The check was done: what was stopped is over. */
hq_status hq_clr__pauses_settled(hq_clr__change *change, hq_clr__life *life);

hq_status hq_clr__post_pause(hq_request *request, void *room);
hq_status hq_clr__post_pause_end(hq_request *request, void *room);
hq_status hq_clr__post_extension(hq_request *request, void *room);
