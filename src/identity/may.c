/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/room.h"

/* The one function of scope. First whether the thing lies within the caller's reach (else 404, so
 * that nobody learns that it exists), then whether his role may do the deed (else 403). */

static bool covers(const hq_caller *caller, hq_sv office, const hq_ref *ref, hq_day day)
{
    if (caller->office.len == 0) {
        return hq_identity__reach_of(caller->role) == HQ_IDENTITY__REACH_COUNTRY;
    }
    return office.len > 0 && (hq_sv_eq(office, caller->office) ||
                              hq_ref_office_below(ref, office, caller->office, day));
}

/* The offices that count for a deed: acting and deciding is for where it is registered, passage for
 * where the goods lie. */
static bool office_covers(const hq_caller *caller, hq_deed deed, const hq_target *target,
                          const hq_ref *ref, hq_day day)
{
    switch (deed) {
    case HQ_MAY_SEE:
    case HQ_MAY_FILE:
        return covers(caller, target->office, ref, day) ||
               (target->goods_office.len > 0 && covers(caller, target->goods_office, ref, day));
    case HQ_MAY_PASS:
        return covers(caller, target->goods_office.len > 0 ? target->goods_office : target->office,
                      ref, day);
    case HQ_MAY_ACT:
    case HQ_MAY_DECIDE:
    case HQ_MAY_ADMINISTER:
    case HQ_MAY_ANALYSE:
        return covers(caller, target->office, ref, day);
    }
    return false;
}

static bool same_code(hq_sv mine, hq_sv theirs)
{
    return mine.len > 0 && hq_sv_eq(mine, theirs);
}

static bool in_reach(const hq_caller *caller, const hq_target *target, const hq_ref *ref,
                     hq_day day)
{
    switch (hq_identity__reach_of(caller->role)) {
    case HQ_IDENTITY__REACH_OFFICE:
    case HQ_IDENTITY__REACH_COUNTRY:
        return office_covers(caller, HQ_MAY_SEE, target, ref, day);
    case HQ_IDENTITY__REACH_TRADER:
        return same_code(caller->tax_code, target->trader_tax_code) ||
               same_code(caller->tax_code, target->agent_tax_code);
    case HQ_IDENTITY__REACH_BANK:
        return same_code(caller->bank, target->bank);
    case HQ_IDENTITY__REACH_NONE:
        return false;
    }
    return false;
}

static bool names_act(hq_sv acts, hq_sv act)
{
    while (acts.ptr != NULL) {
        if (hq_sv_eq(hq_sv_cut(&acts, ' '), act)) {
            return true;
        }
    }
    return false;
}

/* Does the delegation hold there on the day, whatever the act? */
static bool reaches(const hq_delegated *d, const hq_target *target, const hq_ref *ref, hq_day day)
{
    return d->from <= day && day <= d->to && target->office.len > 0 &&
           (d->office.len == 0 || hq_sv_eq(target->office, d->office) ||
            hq_ref_office_below(ref, target->office, d->office, day));
}

const hq_delegated *hq_may_by_delegation(const hq_caller *caller, const hq_target *target,
                                         const hq_ref *ref, hq_day day)
{
    for (size_t i = 0; i < caller->delegated_count; i++) {
        const hq_delegated *d = &caller->delegated[i];
        if (d->deed == HQ_MAY_DECIDE && (d->act.len == 0 || names_act(d->act, target->act)) &&
            reaches(d, target, ref, day)) {
            return d;
        }
    }
    return NULL;
}

/* Who is to decide for a head must see what he decides on. */
static bool delegated(const hq_caller *caller, hq_deed deed, const hq_target *target,
                      const hq_ref *ref, hq_day day)
{
    if (deed == HQ_MAY_DECIDE) {
        return hq_may_by_delegation(caller, target, ref, day) != NULL;
    }
    for (size_t i = 0; deed == HQ_MAY_SEE && i < caller->delegated_count; i++) {
        if (reaches(&caller->delegated[i], target, ref, day)) {
            return true;
        }
    }
    return false;
}

/* An operator is at the place of goods; elsewhere he is nobody. */
static bool operator_away(const hq_caller *caller, const hq_target *target, const hq_ref *ref,
                          hq_day day)
{
    return caller->role == HQ_ROLE_OPERATOR &&
           !office_covers(caller, HQ_MAY_PASS, target, ref, day);
}

/* Filing for somebody else needs his authority on the day; who has no tax code has nobody but the
 * agent who carries his parcel. */
static bool may_file(const hq_caller *caller, const hq_target *target, const hq_ref *ref,
                     hq_day day)
{
    return target->trader_tax_code.len == 0 ||
           same_code(caller->tax_code, target->trader_tax_code) ||
           hq_ref_authorised(ref, caller->tax_code, target->trader_tax_code, day);
}

hq_status hq_may_himself(const hq_caller *caller, hq_deed deed, const hq_target *target,
                         const hq_ref *ref, hq_day day)
{
    if (!in_reach(caller, target, ref, day) || operator_away(caller, target, ref, day)) {
        return HQ_FAIL(NOT_FOUND);
    }
    if (!hq_identity__deed_allowed(deed, caller->role)) {
        return HQ_FAIL(FORBIDDEN);
    }
    hq_identity__reach reach = hq_identity__reach_of(caller->role);
    bool by_office = reach == HQ_IDENTITY__REACH_OFFICE || reach == HQ_IDENTITY__REACH_COUNTRY;
    if (by_office && !office_covers(caller, deed, target, ref, day)) {
        return HQ_FAIL(FORBIDDEN);
    }
    if (deed == HQ_MAY_FILE && !may_file(caller, target, ref, day)) {
        return HQ_FAIL(FORBIDDEN);
    }
    return HQ_DONE;
}

hq_status hq_may(const hq_caller *caller, hq_deed deed, const hq_target *target, const hq_ref *ref,
                 hq_day day)
{
    return delegated(caller, deed, target, ref, day)
               ? HQ_DONE
               : hq_may_himself(caller, deed, target, ref, day);
}
