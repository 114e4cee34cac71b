/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include "clearance/assess.h"

/* A receipt from any bytes: verifying answers, and says why when it refuses. */

enum { CEILING = 64 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    hq_arena *arena = hq_arena_new(CEILING);
    hq_why why = { 0 };
    char *copy = fuzz_copy(bytes, len);
    hq_status s = hq_receipt_verify(hq_sv_make(copy, len), arena, &why);
    FUZZ_HOLDS(s.code != HQ_E_INVALID || (why.en.len > 0 && why.vi.len > 0));
    hq_arena_free(arena);
    free(copy);
    return 0;
}
