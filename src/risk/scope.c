/* SPDX-License-Identifier: Apache-2.0 */
#include "risk/room.h"

/* Analysts and administrators may be bound to an office: then the rules, which are one set for the
 * whole country, and the shares of other offices are not theirs to change. */

bool hq_risk__reaches(const hq_caller *caller, hq_sv office, const hq_ref *ref, hq_day day)
{
    if (caller->office.len == 0) {
        return true;
    }
    if (office.len == 0) { /* everywhere: what has nothing above it */
        const hq_office_row *own = hq_ref_office(ref, caller->office, day);
        return own != NULL && own->parent.len == 0;
    }
    return hq_ref_office_below(ref, office, caller->office, day);
}

hq_status hq_risk__governs(hq_request *request, hq_risk *risk, hq_sv office)
{
    const hq_ref *ref = hq_reference_acquire(risk->reference);
    bool reaches = hq_risk__reaches(request->caller, office, ref, hq_day_of(request->received_at));
    hq_reference_release(risk->reference, ref);
    if (reaches) {
        return HQ_DONE;
    }
    request->answer.why = (hq_why){
        .path = office.len == 0 ? HQ_SV("") : HQ_SV("/office"),
        .vi = HQ_SV("Việc này vượt ra ngoài đơn vị của bạn; đề nghị cấp trên thực hiện"),
        .en = HQ_SV("This reaches beyond your office; ask the office above to do it"),
    };
    return HQ_FAIL(FORBIDDEN);
}
