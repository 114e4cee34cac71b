/* SPDX-License-Identifier: Apache-2.0 */
#include "risk/room.h"

/* Random shares of a version as text, "=10000;15BB=20000", offices in order. */

#define PPM_MAX 1000000

hq_status hq_risk__shares_read(hq_risk__share **out, size_t *count, hq_sv text, hq_arena *arena)
{
    *count = 0;
    *out = HQ_NEW_ARRAY(arena, hq_risk__share, text.len / 2 + 1);
    if (*out == NULL) {
        return HQ_FAIL(NOMEM);
    }
    for (hq_sv rest = text; text.len > 0 && rest.ptr != NULL;) {
        hq_sv ppm = hq_sv_cut(&rest, ';');
        hq_sv office = hq_sv_cut(&ppm, '=');
        int64_t value;
        if (ppm.ptr == NULL || !hq_sv_i64(&value, ppm) || value < 0 || value > PPM_MAX) {
            return HQ_FAIL(CORRUPT);
        }
        (*out)[(*count)++] = (hq_risk__share){ office, (uint32_t)value };
    }
    return HQ_DONE;
}

hq_status hq_risk__shares_write(hq_buf *buf, const hq_risk__share *shares, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (i > 0) {
            hq_buf_char(buf, ';');
        }
        hq_buf_sv(buf, shares[i].office);
        hq_buf_char(buf, '=');
        hq_buf_u64(buf, shares[i].ppm);
    }
    return hq_buf_status(buf);
}

uint32_t hq_risk__share_of(const hq_risk_rules *rules, hq_sv office)
{
    uint32_t all = 0;
    for (size_t i = 0; i < rules->share_count; i++) {
        if (rules->shares[i].office.len == 0) {
            all = rules->shares[i].ppm;
        } else if (hq_sv_eq(rules->shares[i].office, office)) {
            return rules->shares[i].ppm;
        }
    }
    return all;
}
