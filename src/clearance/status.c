/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/clearance.h"

#define ID_FIRST INT64_C(10000000000)

const char *hq_declaration_status_name(hq_declaration_status status)
{
    static const char *const names[HQ_DECLARATION_STATUS_COUNT] = {
#define NAME(name) #name,
        HQ_DECLARATION_STATUSES(NAME)
#undef NAME
    };
    return (unsigned)status < HQ_DECLARATION_STATUS_COUNT ? names[status] : "NEW";
}

bool hq_declaration_number_parse(int64_t *id, hq_sv number)
{
    if (number.len != 12 || !hq_sv_digits(number) || !hq_sv_i64(id, hq_sv_sub(number, 0, 11))) {
        return false;
    }
    return *id >= ID_FIRST;
}

hq_sv hq_declaration_number_write(char text[12], int64_t id, int amendment)
{
    text[11] = (char)('0' + amendment % 10);
    for (int i = 10; i >= 0; i--) {
        text[i] = (char)('0' + id % 10);
        id /= 10;
    }
    return hq_sv_make(text, 12);
}
