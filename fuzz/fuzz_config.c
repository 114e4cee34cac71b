/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

static const hq_setting table[] = {
    { "listen", HQ_SETTING_TEXT, "127.0.0.1:8080", 0, 0, "address" },
    { "threads", HQ_SETTING_INT, "2", 1, 64, "threads" },
    { "test-clock", HQ_SETTING_BOOL, "false", 0, 0, "clock" },
};
enum { COUNT = sizeof table / sizeof *table };

/* The bytes as a file, and their lines as flags. Texts are folded and composed on the way, which
 * covers base/'s Unicode. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    char *copy = fuzz_copy(bytes, len);
    hq_sv text = hq_sv_make(copy, len), why, out;
    hq_arena *arena = hq_arena_new(16 << 20);
    hq_setting_value values[COUNT];
    char *argv[32], *rest[32];
    int argc = 0, rest_count = 0;
    hq_status s =
        hq_config_read(values, table, COUNT, 0, NULL, rest, &rest_count, text, &why, arena);
    FUZZ_HOLDS(hq_ok(s) || why.len > 0);
    FUZZ_HOLDS(hq_failed(s) || (values[1].number >= 1 && values[1].number <= 64));
    for (hq_sv lines = text; lines.ptr != NULL && argc < 32;) {
        argv[argc++] = hq_arena_cstr(arena, hq_sv_cut(&lines, '\n'));
    }
    s = hq_config_read(values, table, COUNT, argc, argv, rest, &rest_count, HQ_SV_NULL, &why,
                       arena);
    FUZZ_HOLDS(hq_ok(s) || why.len > 0);
    FUZZ_HOLDS(rest_count <= argc);
    FUZZ_HOLDS(hq_ok(hq_fold(&out, arena, text)) && hq_utf8_valid(out));
    bool valid = hq_utf8_valid(text);
    s = hq_utf8_nfc(&out, arena, text);
    FUZZ_HOLDS(!valid || (hq_ok(s) && hq_utf8_valid(out)));
    hq_arena_free(arena);
    free(copy);
    return 0;
}
