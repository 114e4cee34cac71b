/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include "codec/codec.h"

enum { CEILING = 64 << 20 };

/* Does writing change the cell on purpose (an apostrophe before a formula)? */
static bool guarded(hq_sv cell)
{
    return cell.len > 0 && memchr("=+-@\t\r", cell.ptr[0], 6) != NULL;
}

/* Every record that is read, written and read again has the same cells. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    char *text = fuzz_copy(bytes, len);
    hq_arena *arena = hq_arena_new(CEILING);
    hq_csv csv = hq_csv_open(hq_sv_make(text, len));
    hq_sv fields[HQ_CSV_COLUMNS_MAX], again[HQ_CSV_COLUMNS_MAX];
    size_t count = 0, count_again = 0, at = csv.at;
    hq_why why = { 0 };
    hq_status s;
    while (hq_ok(s = hq_csv_next(fields, &count, &csv, arena, &why))) {
        FUZZ_HOLDS(csv.at > at && count > 0 && count <= HQ_CSV_COLUMNS_MAX);
        at = csv.at;
        hq_buf buf = HQ_BUF_ARENA(arena, CEILING);
        hq_csv_write(&buf, fields, count);
        hq_csv back = hq_csv_open(hq_buf_view(&buf));
        /* A first cell that starts with a byte order mark would lose it. */
        back.at = 0;
        FUZZ_HOLDS(hq_ok(hq_csv_next(again, &count_again, &back, arena, &why)));
        FUZZ_HOLDS(count == count_again && back.at == buf.len);
        for (size_t i = 0; i < count; i++) {
            FUZZ_HOLDS(guarded(fields[i]) || hq_sv_eq(fields[i], again[i]));
        }
    }
    FUZZ_HOLDS(s.code == HQ_E_NOT_FOUND || s.code == HQ_E_NOMEM || why.vi.len > 0);
    hq_arena_free(arena);
    free(text);
    return 0;
}
