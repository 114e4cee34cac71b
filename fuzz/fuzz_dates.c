/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

/* Days, instants, durations and identifiers that can be read are written and read as the same. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    char *copy = fuzz_copy(bytes, len);
    hq_sv text = hq_sv_make(copy, len);
    hq_buf buf = HQ_BUF_HEAP(128);
    hq_day day, day_again;
    if (hq_ok(hq_day_parse(&day, text))) {
        hq_day_write(&buf, day);
        FUZZ_HOLDS(hq_sv_eq(hq_buf_view(&buf), text));
        FUZZ_HOLDS(hq_ok(hq_day_parse(&day_again, hq_buf_view(&buf))) && day == day_again);
        FUZZ_HOLDS(hq_day_of(hq_day_start(day)) == day);
    }
    hq_time_us t, t_again;
    if (hq_ok(hq_time_parse(&t, text))) {
        hq_buf_clear(&buf);
        hq_time_write(&buf, t);
        hq_status s = hq_time_parse(&t_again, hq_buf_view(&buf));
        /* A written offset may lead out of the years that are read: then nothing else is wrong. */
        FUZZ_HOLDS(hq_failed(s) || t == t_again);
    }
    int64_t us;
    if (hq_ok(hq_duration_parse(&us, text))) {
        FUZZ_HOLDS(us >= 0);
    }
    hq_id id, id_again;
    if (hq_ok(hq_id_parse(&id, text))) {
        hq_buf_clear(&buf);
        hq_id_write(&buf, &id);
        FUZZ_HOLDS(hq_ok(hq_id_parse(&id_again, hq_buf_view(&buf))) &&
                   memcmp(&id, &id_again, sizeof id) == 0);
    }
    hq_buf_free(&buf);
    free(copy);
    return 0;
}
