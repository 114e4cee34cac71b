/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include "files/files.h"

/* Any bytes with any claim: either a type that the claim agrees with, or a reason. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    char *copy = fuzz_copy(bytes, len);
    hq_arena *arena = hq_arena_new(1 << 20);
    hq_sv whole = hq_sv_make(copy, len), file = whole;
    hq_sv name = hq_sv_cut(&file, '\n');
    hq_file_type type;
    hq_why why = { 0 };
    hq_status s = hq_file_recognise(&type, whole, HQ_SV(""), HQ_SV(""), arena, &why);
    FUZZ_HOLDS(hq_ok(s) || (why.vi.len > 0 && why.en.len > 0));
    FUZZ_HOLDS(hq_failed(s) || hq_file_type_mime(type) != NULL);
    if (file.ptr != NULL) {
        char *exact = fuzz_copy((const uint8_t *)file.ptr, file.len);
        s = hq_file_recognise(&type, hq_sv_make(exact, file.len), HQ_SV("image/png"), name, arena,
                              &why);
        FUZZ_HOLDS(hq_failed(s) || type == HQ_FILE_PNG);
        free(exact);
    }
    hq_arena_free(arena);
    free(copy);
    return 0;
}
