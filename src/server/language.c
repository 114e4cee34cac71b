/* SPDX-License-Identifier: Apache-2.0 */
#include "server/language.h"

/* Weight in thousandths of "vi;q=0.8"; 1000 when not said. */
static int weight_of(hq_sv params)
{
    while (params.ptr != NULL) {
        hq_sv value = hq_sv_trim(hq_sv_cut(&params, ';'));
        if (value.len >= 3 && (value.ptr[0] == 'q' || value.ptr[0] == 'Q') && value.ptr[1] == '=') {
            int weight = value.ptr[2] == '1' ? 1000 : 0;
            int unit = 100;
            for (size_t i = 4; i < value.len && unit > 0; i++, unit /= 10) {
                weight +=
                    value.ptr[i] >= '0' && value.ptr[i] <= '9' ? (value.ptr[i] - '0') * unit : 0;
            }
            return weight;
        }
    }
    return 1000;
}

bool hq_prefers_vietnamese(hq_sv accept_language)
{
    int vi = 0;
    int en = 0;
    int any = 0;
    hq_sv rest = accept_language;
    while (rest.ptr != NULL && rest.len > 0) {
        hq_sv params = hq_sv_cut(&rest, ',');
        hq_sv tag = hq_sv_trim(hq_sv_cut(&params, ';'));
        hq_sv primary = hq_sv_sub(tag, 0, hq_sv_find(tag, '-', 0));
        int *of = hq_sv_eq_nocase(primary, HQ_SV("vi"))   ? &vi
                  : hq_sv_eq_nocase(primary, HQ_SV("en")) ? &en
                  : hq_sv_eq(primary, HQ_SV("*"))         ? &any
                                                          : NULL;
        int weight = of == NULL ? 0 : weight_of(params);
        if (of != NULL && weight > *of) {
            *of = weight;
        }
    }
    if (vi == 0 && any > 0) {
        vi = any;
    }
    return vi >= en;
}
