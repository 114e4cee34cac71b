/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include "treasury/room.h"

enum { CEILING = 64 << 20 };

/* Bodies of payments and guarantees: either a write is asked for, or it is said in both languages
 * what is wrong. Nothing is posted here. */
static void body(hq_handler handle, hq_sv text)
{
    static const hq_caller bank = { .id = { "key/bank", 8 },
                                    .role = HQ_ROLE_BANK,
                                    .bank = { "VCB", 3 } };
    hq_arena *arena = hq_arena_new(CEILING);
    hq_request request = { .arena = arena,
                           .method = HQ_POST,
                           .body = text,
                           .caller = &bank,
                           .received_at = INT64_C(1795000000000000) };
    hq_status s = handle(&request, NULL);
    FUZZ_HOLDS(hq_ok(s) == (request.write != NULL));
    if (hq_failed(s)) {
        FUZZ_HOLDS(request.answer.finding_count > 0 || request.answer.why.vi.len > 0 ||
                   s.code == HQ_E_NOMEM || s.code == HQ_E_LIMIT);
    }
    for (size_t i = 0; i < request.answer.finding_count; i++) {
        const hq_finding *f = &request.answer.findings[i];
        FUZZ_HOLDS(f->path.len > 0 && f->vi.len > 0 && f->en.len > 0);
    }
    hq_arena_free(arena);
}

/* Packed debts: what unpacks packs to itself. */
static void entries(hq_sv bytes)
{
    char out[1024];
    hq_buf buf = { .ptr = out, .cap = sizeof out, .ceiling = sizeof out };
    hq_tre__debt debt = { 0 };
    if (hq_ok(hq_tre__entries_unpack(&debt, bytes))) {
        FUZZ_HOLDS(hq_ok(hq_tre__entries_pack(&buf, &debt)));
        FUZZ_HOLDS(hq_sv_eq(hq_buf_view(&buf), bytes));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    char *text = fuzz_copy(bytes, len);
    char *padded = calloc(1, len + 64); /* as a request's body is */
    FUZZ_HOLDS(padded != NULL);
    memcpy(padded, text, len);
    hq_sv view = hq_sv_make(padded, len);
    body(hq_tre__post_payment, view);
    body(hq_tre__post_guarantee, view);
    body(hq_tre__post_extend, view);
    entries(hq_sv_make(text, len));
    free(padded);
    free(text);
    return 0;
}
