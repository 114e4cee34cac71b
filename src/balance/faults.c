/* SPDX-License-Identifier: Apache-2.0 */
#include "balance/room.h"

/* Codes of what may be wrong, by kind of account. E82 and E83 are those of VNACCS for lists and
 * temporary goods; the other kinds have rules of our own. */

static const char *const rules[][HQ_BAL__FAULTS] = {
    [HQ_ACCOUNT_EXEMPTION_LIST] = {
        [HQ_BAL__F_REQUIRED] = "E8249", [HQ_BAL__F_DIRECTION] = "E8201",
        [HQ_BAL__F_MISSING] = "E8200",  [HQ_BAL__F_STATE] = "E8207",
        [HQ_BAL__F_TERM] = "E8202",     [HQ_BAL__F_HOLDER] = "E8204",
        [HQ_BAL__F_LINE] = "E8205",     [HQ_BAL__F_UNIT] = "E8245",
        [HQ_BAL__F_HS] = "E8248",       [HQ_BAL__F_LEFT] = "E8206",
    },
    [HQ_ACCOUNT_TEMPORARY] = {
        [HQ_BAL__F_REQUIRED] = "E8349",   [HQ_BAL__F_DIRECTION] = "E8301",
        [HQ_BAL__F_MISSING] = "E8300",    [HQ_BAL__F_STATE] = "E8307",
        [HQ_BAL__F_TERM] = "E8303",       [HQ_BAL__F_HOLDER] = "E8304",
        [HQ_BAL__F_LINE] = "E8305",       [HQ_BAL__F_UNIT] = "E8345",
        [HQ_BAL__F_HS] = "E8348",         [HQ_BAL__F_LEFT] = "E8306",
        [HQ_BAL__F_OPENED_BY] = "E8347",  [HQ_BAL__F_LIMIT_LONG] = "E8310",
        [HQ_BAL__F_DRAWN] = "E8308",      [HQ_BAL__F_LIMIT_NEEDED] = "E8346",
    },
    [HQ_ACCOUNT_PROCESSING] = {
        [HQ_BAL__F_REQUIRED] = "HQ701", [HQ_BAL__F_DIRECTION] = "HQ702",
        [HQ_BAL__F_MISSING] = "HQ703",  [HQ_BAL__F_STATE] = "HQ704",
        [HQ_BAL__F_TERM] = "HQ705",     [HQ_BAL__F_HOLDER] = "HQ703",
        [HQ_BAL__F_LINE] = "HQ707",     [HQ_BAL__F_UNIT] = "HQ708",
        [HQ_BAL__F_HS] = "HQ709",       [HQ_BAL__F_LEFT] = "HQ710",
        [HQ_BAL__F_NORMS] = "HQ711",    [HQ_BAL__F_PLANNED] = "HQ712",
    },
    [HQ_ACCOUNT_BONDED] = {
        [HQ_BAL__F_REQUIRED] = "HQ721", [HQ_BAL__F_DIRECTION] = "HQ722",
        [HQ_BAL__F_MISSING] = "HQ723",  [HQ_BAL__F_STATE] = "HQ724",
        [HQ_BAL__F_TERM] = "HQ725",     [HQ_BAL__F_HOLDER] = "HQ726",
        [HQ_BAL__F_LINE] = "HQ727",     [HQ_BAL__F_UNIT] = "HQ728",
        [HQ_BAL__F_HS] = "HQ729",       [HQ_BAL__F_LEFT] = "HQ730",
        [HQ_BAL__F_PLACE] = "HQ731",    [HQ_BAL__F_PLACE_NEEDED] = "HQ732",
        [HQ_BAL__F_OPENED_BY] = "HQ733",
    },
    [HQ_ACCOUNT_ON_THE_SPOT] = {
        [HQ_BAL__F_DIRECTION] = "HQ742", [HQ_BAL__F_MISSING] = "HQ743",
        [HQ_BAL__F_STATE] = "HQ744",     [HQ_BAL__F_HOLDER] = "HQ746",
        [HQ_BAL__F_UNIT] = "HQ748",      [HQ_BAL__F_HS] = "HQ749",
        [HQ_BAL__F_QUANTITY] = "HQ750",  [HQ_BAL__F_LINES] = "HQ751",
        [HQ_BAL__F_VALUE] = "HQ752",     [HQ_BAL__F_TAKEN] = "HQ753",
        [HQ_BAL__F_DRAWN] = "HQ754",     [HQ_BAL__F_OPENED_BY] = "HQ755",
    },
};

static const char *rule_of(hq_account_kind kind, hq_bal__fault fault)
{
    /* Contracts for processing and for export production are refused in the same words. */
    hq_account_kind of = kind == HQ_ACCOUNT_EXPORT_PRODUCTION ? HQ_ACCOUNT_PROCESSING : kind;
    const char *rule = rules[of][fault];
    return rule == NULL ? "HQ000" : rule;
}

void hq_bal__fault_add(hq_balance_faults *faults, hq_account_kind kind, hq_bal__fault fault,
                       hq_sv path, hq_sv value, const hq_sv *args, size_t arg_count)
{
    if (faults->count == HQ_BALANCE_FAULTS_MAX) {
        return;
    }
    hq_balance_fault *f = &faults->items[faults->count++];
    *f = (hq_balance_fault){ .rule = rule_of(kind, fault),
                             .path = hq_arena_dup(faults->arena, path),
                             .value = hq_arena_dup(faults->arena, value),
                             .arg_count = arg_count < 4 ? arg_count : 4 };
    for (size_t i = 0; i < f->arg_count; i++) {
        f->args[i] = hq_arena_dup(faults->arena, args[i]);
    }
}
