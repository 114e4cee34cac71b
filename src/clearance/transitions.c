/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/transitions.h"

const hq_clr__verb_row hq_clr__verbs[HQ_CLR__VERBS] = {
#define HQ_VERB(name, path, roles) { #name, path, roles },
#include "clearance/transitions.def"
};

const hq_clr__move hq_clr__moves[] = {
#define HQ_MOVE(state, verb, when, next, event)                                                    \
    { HQ_DECLARATION_##state,                                                                      \
      HQ_VERB_##verb,                                                                              \
      HQ_WHEN_##when,                                                                              \
      HQ_DECLARATION_##next,                                                                       \
      { event, sizeof(event) - 1 } },
#include "clearance/transitions.def"
};
const size_t hq_clr__move_count = sizeof hq_clr__moves / sizeof hq_clr__moves[0];

static bool holds(hq_clr__when when, const hq_clr__facts *facts)
{
    bool green = facts->channel == HQ_CHANNEL_GREEN;
    switch (when) {
    case HQ_WHEN_ANY:
        return true;
    case HQ_WHEN_GREEN_OWED:
        return green && (facts->owed || facts->held);
    case HQ_WHEN_GREEN_SETTLED:
        return green && !facts->owed && !facts->held;
    case HQ_WHEN_STOPPED:
        return !green;
    case HQ_WHEN_RED:
        return facts->channel == HQ_CHANNEL_RED;
    case HQ_WHEN_DISCREPANCY:
        return facts->discrepancy;
    case HQ_WHEN_OWED:
        return facts->owed || facts->held;
    case HQ_WHEN_SETTLED:
        return !facts->owed && !facts->held;
    case HQ_WHEN_HELD:
        return facts->held;
    case HQ_WHEN_FREE:
        return !facts->held;
    case HQ_WHEN_WAS_GREEN:
        return facts->was_green;
    case HQ_WHEN_ORDERED:
        return facts->ordered;
    case HQ_WHEN_UNMOVED:
        return !facts->moved;
    case HQ_WHEN_GONE:
        return facts->gone && !facts->held;
    case HQ_WHEN_TO_DOCUMENTS:
        return facts->before == HQ_DECLARATION_DOCUMENT_CHECK;
    case HQ_WHEN_TO_GOODS:
        return facts->before == HQ_DECLARATION_GOODS_CHECK;
    }
    return false;
}

/* Where the rows of a state and verb begin, 1-based, so that the hot path does not search. */
static uint16_t firsts[HQ_CLR__STATES][HQ_CLR__VERBS];

__attribute__((constructor)) static void find_firsts(void)
{
    for (size_t i = hq_clr__move_count; i > 0; i--) {
        firsts[hq_clr__moves[i - 1].state][hq_clr__moves[i - 1].verb] = (uint16_t)i;
    }
}

const hq_clr__move *hq_clr__move_find(hq_declaration_status state, hq_clr__verb verb,
                                      const hq_clr__facts *facts)
{
    if (firsts[state][verb] == 0) {
        return NULL;
    }
    for (size_t i = firsts[state][verb] - 1u; i < hq_clr__move_count; i++) {
        const hq_clr__move *move = &hq_clr__moves[i];
        if (move->state == state && move->verb == verb &&
            (facts == NULL || holds(move->when, facts))) {
            return move;
        }
    }
    return NULL;
}

/* Conditions that the life alone decides; all others may come to hold. */
static bool may_hold(hq_clr__when when, const hq_clr__facts *seen)
{
    bool known = when == HQ_WHEN_FREE || when == HQ_WHEN_ORDERED || when == HQ_WHEN_UNMOVED;
    return !known || holds(when, seen);
}

static bool is_possible(hq_declaration_status state, hq_clr__verb verb, const hq_clr__facts *seen)
{
    const hq_clr__move *move = hq_clr__move_find(state, verb, NULL);
    if (move == NULL || seen == NULL) {
        return move != NULL;
    }
    bool blocked = verb == HQ_VERB_LIFT      ? !seen->held
                   : verb == HQ_VERB_PASSAGE ? seen->held || seen->gone
                   : verb == HQ_VERB_RELEASE ? seen->held
                                             : false;
    for (; !blocked && move < hq_clr__moves + hq_clr__move_count; move++) {
        if (move->state == state && move->verb == verb && may_hold(move->when, seen)) {
            return true;
        }
    }
    return false;
}

void hq_clr__possible_json(hq_json_w *w, hq_declaration_status state, uint32_t roles,
                           const hq_clr__facts *seen)
{
    hq_json_open(w, '[');
    for (int verb = 0; verb < HQ_CLR__VERBS; verb++) {
        const hq_clr__verb_row *row = &hq_clr__verbs[verb];
        if ((row->roles & roles) != 0 && is_possible(state, (hq_clr__verb)verb, seen)) {
            hq_json_text(w, hq_sv_from_cstr(row->path));
        }
    }
    hq_json_close(w, ']');
}

const char *hq_clr__when_text(hq_clr__when when)
{
    static const char *const texts[HQ_CLR__WHENS] = {
        "always",
        "green, tax owed",
        "green, no tax or covered",
        "yellow or red",
        "red",
        "discrepancy",
        "tax owed, or held",
        "no tax, paid or covered, not held",
        "held",
        "not held",
        "was green",
        "an inspection is ordered",
        "nothing has passed",
        "all has passed, not held",
        "the document check goes on",
        "the goods check goes on",
    };
    return texts[when];
}
