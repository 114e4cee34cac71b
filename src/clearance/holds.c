/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/holds.h"

#include "clearance/elements.h"

bool hq_clr__is_held(const hq_clr__life *life)
{
    return hq_clr__section_has(life->sections[HQ_CLR__HOLDS], HQ_SV("\"state\":\"OPEN\""));
}

hq_status hq_clr__inspection_ordered(bool *ordered, const hq_clr__life *life, hq_arena *arena)
{
    const hq_json *all;
    *ordered = false;
    HQ_TRY(hq_clr__elements(&all, life->sections[HQ_CLR__HOLDS], arena));
    for (const hq_json *e = hq_json_first(all); e != NULL; e = hq_json_next(all, e)) {
        bool open = hq_sv_eq(hq_json_get_text(e, "state"), HQ_SV("OPEN"));
        *ordered |= open && !hq_sv_eq(hq_json_get_text(e, "order"), HQ_SV("HOLD"));
    }
    return HQ_DONE;
}
